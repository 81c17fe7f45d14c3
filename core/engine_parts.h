/* core/engine_parts.h - what the files of the engine call of each other. Internal to core.
 * A turn is one engine_apply: where the events go and what it has done so far. */
#ifndef ORDERTAPE_CORE_ENGINE_PARTS_H
#define ORDERTAPE_CORE_ENGINE_PARTS_H

#include "core/arena.h"
#include "core/error.h"
#include "core/rejects.h"

struct turn {
    struct engine *engine;
    struct event *events;
    uint32_t count;
};

/* The next event of the turn, its head filled in. The caller fills the body. */
static inline struct event *turn_event(struct turn *t, enum event_kind kind)
{
    struct event *ev = &t->events[t->count];
    ev->seq = t->engine->seq;
    ev->ts_ns = t->engine->now_ns;
    ev->index = t->count++;
    ev->kind = (uint8_t)kind;
    return ev;
}

/* core/engine.c: the REJECTED event of anything but PLACE. */
void turn_reject(struct turn *t, const struct command *c, enum reject reason, uint64_t order_id);
/* The same for a PLACE, with its terms. */
void place_reject(struct turn *t, const struct command *c, enum reject reason);

/* A decimal at another scale. SCALE_INEXACT is said before SCALE_TOO_LARGE. */
enum scaling { SCALE_GOOD = 0, SCALE_INEXACT = 1, SCALE_TOO_LARGE = 2, SCALE_INVALID = 3 };
enum scaling scale_decimal_other(struct decimal d, unsigned scale, int64_t largest, int64_t *out);
static inline enum scaling scale_decimal(struct decimal d, unsigned scale, int64_t largest, int64_t *out)
{
    if (UNLIKELY(d.scale != scale)) return scale_decimal_other(d, scale, largest, out);
    *out = d.mantissa;
    return d.mantissa > largest || d.mantissa < -largest ? SCALE_TOO_LARGE : SCALE_GOOD;
}
enum scaling scale_amount(struct amount a, unsigned scale, i128 largest, i128 *out);
static inline bool decimal_given(struct decimal d)
{
    return d.scale != DECIMAL_ABSENT;
}

/* core/registry.c */
void apply_set_limits(struct turn *t, const struct command *c);
void apply_set_currency(struct turn *t, const struct command *c);
void apply_set_instrument(struct turn *t, const struct command *c);
void apply_set_account(struct turn *t, const struct command *c);
void apply_move_cash(struct turn *t, const struct command *c);
void apply_set_quote(struct turn *t, const struct command *c);
void instrument_set_spec(struct instrument *i, const struct instrument_spec *s);

/* core/orders.c */
void apply_place(struct turn *t, const struct command *c);
void apply_modify(struct turn *t, const struct command *c);
void apply_cancel(struct turn *t, const struct command *c);
/* Stores an order whose fields are all set but links, level and client id, in pool, index, book, account list and timers. */
uint32_t order_rest(struct engine *e, const struct order *o, const char *client_order_id);
/* Adds an order's leaves, closing part and hold to its position's and balance's sums. */
void order_occupy(struct engine *e, const struct order *o);
/* Ends an open order with its CANCELLED (reason) or EXPIRED event. */
void order_cancel(struct turn *t, uint32_t o, enum event_kind kind, enum cancel_reason reason);

/* core/match.c */
/* Trades `taker` (not in the book) against the other side down to the bound (inclusive). Returns true when it stopped at work_max. */
bool match(struct turn *t, struct instrument *i, struct order *taker, int64_t bound);
/* What an open LIMIT order must hold by its present numbers. */
i128 order_hold(const struct account *a, const struct instrument *i, const struct order *o);
/* Takes an order that has no more leaves, or whose leaves were released, out of book, index, lists and timers, and frees it. */
void order_remove(struct engine *e, uint32_t o);
/* Drops a position that has nothing but zeros. */
void position_release(struct engine *e, uint32_t p);
/* Positions of a HOUSE account count in full, whatever leverage it was given. */
static inline uint32_t account_leverage(const struct account *a)
{
    return a->type == ACCOUNT_TYPE_HOUSE ? LEVERAGE_ONE : a->leverage;
}
static inline i128 balance_free(const struct balance *b)
{
    return b->cash + b->cost_net - b->margin_used - b->reserved;
}

/* core/timers.c: a heap by (due, order id). */
void timer_add(struct engine *e, uint32_t o, int64_t due_ns);
void timer_remove(struct engine *e, uint32_t o);
void timers_fire(struct turn *t);
bool timers_exceed(const struct engine *e, int64_t ts_ns, uint32_t count);

/* core/sweep.c */
void apply_mass_cancel(struct turn *t, const struct command *c);
void apply_end_of_day(struct turn *t, const struct command *c);
void apply_continue(struct turn *t);
/* Called before order o leaves while a sweep is pending: keeps the sweep's next order an open one. */
void sweep_order_leaves(struct engine *e, uint32_t o);

#endif
