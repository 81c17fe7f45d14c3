/* core/engine_parts.h - what the files of the engine call of each other. Internal to core.
 * A turn is one engine_apply: where the events go and what it has done so far. */
#ifndef ORDERTAPE_CORE_ENGINE_PARTS_H
#define ORDERTAPE_CORE_ENGINE_PARTS_H

#include "core/arena.h"
#include "core/error.h"
#include "core/money.h"
#include "core/rejects.h"

/* What the orders of an atomic batch that were judged before would add, beside the sums that already have them. */
struct planned {
    uint32_t orders, timers, routes;
    int64_t bid; /* the highest price that one of them would bid in the instrument; 0: none */
};
/* Where an order goes: what was looked at, and the choice. */
struct decision {
    uint8_t candidates[ROUTE_CANDIDATES_MAX]; /* venue numbers */
    uint8_t count;
    uint8_t venue; /* the chosen one: 0 BOOK, its number, or VENUE_NONE */
    uint16_t rule; /* of the table, from 1; 0: the default, or asked for */
    bool asked;
    bool taken;    /* one of them takes such an order */
    bool eligible; /* and has not rejected it */
};

struct turn {
    struct engine *engine;
    struct event *events;
    uint32_t count;
    uint32_t used;          /* work done, of limits.work_max */
    bool refused;           /* the command was: nothing follows it */
    uint32_t instrument;    /* the one at hand; 0: none yet. For all-or-none orders and the collar's base: turn_at */
    int64_t base;           /* its last_price when the command turned to it */
    uint32_t looks;         /* all-or-none orders looked at by the aftermath, of ALL_OR_NONE_CHECKS_MAX */
    uint64_t looked;        /* orders of the book that those looks counted */
    uint32_t liquidations;  /* orders the engine made in this command */
    struct planned planned; /* zero but while an atomic batch is judged */
    struct refusal refusal; /* what a judge filled in beside the reason it returns */
};
static inline bool turn_has_work(const struct turn *t)
{
    return t->used < t->engine->limits.work_max;
}
static inline uint32_t turn_work_left(const struct turn *t)
{
    return turn_has_work(t) ? t->engine->limits.work_max - t->used : 0;
}

static inline bool type_is_stop(uint8_t type)
{
    return type == ORDER_TYPE_STOP || type == ORDER_TYPE_STOP_LIMIT;
}
static inline bool type_has_limit(uint8_t type)
{
    return type == ORDER_TYPE_LIMIT || type == ORDER_TYPE_STOP_LIMIT;
}

/* The command turns to an instrument: an accepted PLACE, PLACE_LINKED, MODIFY that is no pure decrease, SET_QUOTE of a live one, a
 * change of session, a trigger, an activation, a liquidation. */
static inline void turn_at(struct turn *t, uint32_t instrument)
{
    if (t->instrument == instrument) return;
    t->instrument = instrument;
    t->base = instrument_at(t->engine, instrument)->last_price;
}

/* How a judge says no: the reason, with what ENGINE.md's table wants beside it. Usage: return refuse(t, REJECT_X, REFUSAL_F);
 * Out of line, so that a judge who has nothing to say stays short (core/engine.c). */
#define RARE __attribute__((cold, noinline))
RARE enum reject refuse_numbers(struct turn *t, enum reject reason, enum refusal_field field, i128 value, uint8_t value_scale,
                                i128 limit, uint8_t limit_scale);
RARE enum reject refuse(struct turn *t, enum reject reason, enum refusal_field field);
/* As written: the command's decimal beside a limit. An absent one has mantissa 0. */
RARE enum reject refuse_decimal(struct turn *t, enum reject reason, enum refusal_field field, struct decimal d, i128 limit,
                                uint8_t limit_scale);

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

/* core/engine.c: the REJECTED event, with t->refusal as the last refuse() left it. No aftermath follows it. Commands that end with
 * SWEPT run the aftermath themselves, before it; engine_apply runs it after all others but TICK. */
void turn_reject(struct turn *t, const struct command *c, uint64_t order_id);
/* The same for a PLACE, a PLACE_LINKED or an order of a BATCH, with the terms of its (entry) order and the id that it would have had. */
void place_reject(struct turn *t, const struct command *c, const struct command_place *asked, uint64_t order_id);
/* True while an earlier command's work waits for CONTINUE: then every command that docs/ENGINE.md does not except is refused. */
bool engine_pending(const struct engine *e);
static inline enum reject pending_judge(struct turn *t)
{
    return UNLIKELY(engine_pending(t->engine)) ? refuse(t, REJECT_SWEEP_PENDING, 0) : 0;
}

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

/* core/registry.c: what is set rather than traded. */
void apply_set_limits(struct turn *t, const struct command *c);
uint32_t house_make(struct turn *t, unsigned id_index, const struct name *name); /* with its ACCOUNT_SET */
void apply_set_currency(struct turn *t, const struct command *c);
void apply_set_instrument(struct turn *t, const struct command *c);
void apply_set_account(struct turn *t, const struct command *c);
void apply_set_trading(struct turn *t, const struct command *c);
void apply_move_cash(struct turn *t, const struct command *c);
void apply_set_quote(struct turn *t, const struct command *c); /* ends with quote_arrived */
/* All of a spec but its state and trading; an account's limits and rate. */
void instrument_set_spec(struct instrument *i, const struct instrument_spec *s);
void account_set_rules(struct engine *e, struct account *a, const struct account_limits *l, int64_t rate_tat_ns);

bool instrument_steps_good(const struct instrument_state *s); /* tick_gcd and lot_gcd: see struct instrument_state */

/* core/values.c: the index of an object; 0: none. */
uint32_t currency_by_id(const struct engine *e, uint64_t id);
uint32_t instrument_by_id(const struct engine *e, uint64_t id);
uint32_t account_by_id(const struct engine *e, uint64_t id);

/* core/import.c: what values must be, by themselves and beside the others; also asked of a state that was not imported. place: 1 for
 * the first account of all. */
bool instrument_good(const struct engine *e, const struct instrument_state *s);
bool account_good(const struct engine *e, const struct account_state *s, uint32_t place);
bool order_good(const struct engine *e, const struct order_state *s);
bool position_good(const struct engine *e, const struct position *p);
bool group_good(const struct engine *e, const struct order *o); /* beside the others of its group */
bool sweep_good(const struct engine *e);                        /* and what it points to */
bool pending_prices_good(const struct engine *e);               /* ranges, and the price of an auction */

/* core/check.c. conserves: cash adds to nothing in every currency, quantities in every instrument. turn: after every command, in builds
 * with assertions: the same, and everything else where the state is small. */
bool state_conserves(const struct engine *e);
/* Whoever changes cash or the quantity of a position says so: what a command moved must add to nothing. Nothing at all in release builds. */
#ifndef NDEBUG
void conserve_cash(struct engine *e, uint32_t currency, i128 by);
void conserve_quantity(struct engine *e, uint32_t instrument, int64_t by);
#else
static inline void conserve_cash(struct engine *e, uint32_t currency, i128 by)
{
    (void)e, (void)currency, (void)by;
}
static inline void conserve_quantity(struct engine *e, uint32_t instrument, int64_t by)
{
    (void)e, (void)instrument, (void)by;
}
#endif
static inline void cash_move(struct engine *e, struct balance *b, i128 by)
{
    b->cash += by;
    conserve_cash(e, b->currency, by);
}
void engine_check_turn(const struct engine *e);

/* core/margin.c */
void apply_check_margin(struct turn *t, const struct command *c);
/* Goes on with the sweep MARGIN in e->sweep while work is left; clears it when done. Returns accounts looked at. */
uint32_t margin_continue(struct turn *t);

/* core/rates.c: facts of an account in an instrument. Positions of a HOUSE account count in full; it pays no fee. */
uint32_t leverage_of_margin(const struct account *a, const struct instrument *i);
static inline uint32_t leverage_of(const struct account *a, const struct instrument *i) /* "effective" */
{
    return LIKELY(a->leverage == LEVERAGE_ONE) ? LEVERAGE_ONE : leverage_of_margin(a, i);
}
int64_t fee_rate_own(const struct engine *e, const struct account *a, const struct instrument *i, bool maker);
static inline int64_t fee_rate_maker(const struct engine *e, const struct account *a, const struct instrument *i)
{
    return LIKELY(!a->special) ? i->maker_fee_rate : fee_rate_own(e, a, i, true);
}
static inline int64_t fee_rate_taker(const struct engine *e, const struct account *a, const struct instrument *i)
{
    return LIKELY(!a->special) ? i->taker_fee_rate : fee_rate_own(e, a, i, false);
}
int64_t fee_rate_worst_own(const struct engine *e, const struct account *a, const struct instrument *i);
static inline int64_t fee_rate_worst(const struct engine *e, const struct account *a, const struct instrument *i)
{
    return LIKELY(!a->special) ? i->fee_rate_worst : fee_rate_worst_own(e, a, i);
}
static inline i128 notional_of(const struct instrument *i, int64_t price, int64_t quantity)
{
    return money_notional(price, quantity, i->price_scale, i->quantity_scale, i->currency_scale);
}

/* core/judge.c: every check of a new order, in ENGINE.md's order. Each returns 0 or the reason with t->refusal filled. */
struct ticket {
    const struct command_place *asked;
    struct account *account;
    struct instrument *instrument;
    uint32_t account_index, instrument_index, position, balance; /* position, balance: 0 when still to be made */
    unsigned orders;                 /* how many orders the command makes: 1, or a group's number. Set by the caller */
    int64_t price, quantity;         /* price: MARKET_PRICE_* for a MARKET order */
    int64_t stop_price, trail, display_quantity, min_quantity;
    int64_t hold_price;              /* 0: the price, or none */
    int64_t bound;                   /* the worst price it may trade at now */
    int64_t closing;                 /* the part that only closes */
    int64_t other_hold_price;        /* OCO: the second's price or hold price; 0: no second. Set by the caller before risk */
    i128 hold;
    uint32_t leverage;               /* of the hold, as given; 0: the account's and instrument's */
    struct decision route;           /* where it goes; rule 0 where nobody decided */
    uint32_t client_id;              /* of its client_order_id, once it is used; 0: none */
    uint8_t asked_venue;             /* the number of the one it names; 0: none */
    uint8_t venue;                   /* 0: BOOK; VENUE_NONE: it waits for one */
    uint8_t phase;                   /* where it will wait */
    uint8_t stp;                     /* in force; 0: NONE */
};
enum reject judge_place(struct turn *t, struct ticket *k);      /* all of them */
enum reject judge_from_gates(struct turn *t, struct ticket *k); /* rules 7 to 20: account, instrument and indexes are set */
enum reject judge_shape(struct turn *t, struct ticket *k);    /* rules 1 to 3 */
enum reject judge_names(struct turn *t, struct ticket *k);    /* rules 4 to 6 */
enum reject judge_gates(struct turn *t, struct ticket *k);    /* rules 7 and 8 */
enum reject judge_prices(struct turn *t, struct ticket *k);   /* rules 9 and 10 */
enum reject judge_quantity(struct turn *t, struct ticket *k); /* rules 11 to 17 */
enum reject judge_room(struct turn *t, struct ticket *k);     /* rules 18 and 19 */
enum reject judge_risk(struct turn *t, struct ticket *k);     /* rule 20 */
enum reject judge_price(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                        enum reject required, int64_t *price); /* "price(d)" */
enum reject judge_lots(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                       int64_t *quantity); /* "quantity(d)" */
enum reject judge_bounds(struct turn *t, const struct instrument *i, struct decimal d, int64_t quantity); /* "bounds(q)" of d */
/* Rule 15's two maxima for a price and a quantity; rule 17 for a price (0: inside); the rate of rule 16. */
enum reject judge_notional(struct turn *t, const struct account *a, const struct instrument *i, int64_t price, int64_t quantity);
enum reject judge_collar(struct turn *t, const struct instrument *i, int64_t price);
enum reject judge_stop_met(struct turn *t, const struct instrument *i, int side, int64_t stop_price); /* STOP_WOULD_TRIGGER */
/* The highest price at which an order may trade (rule 15); its price, or hold price. */
int64_t price_highest(const struct engine *e, const struct instrument *i, int side, uint8_t venue, int64_t price);
/* Refused when trading is HALTED for any of the three (rule 7); or REDUCING, for a part that opens (of rule 20). */
enum reject judge_halted(struct turn *t, const struct account *a, const struct instrument *i);
enum reject judge_reducing(struct turn *t, const struct account *a, const struct instrument *i, int64_t opening);
enum reject judge_session(struct turn *t, const struct instrument *i, uint8_t type, uint8_t tif, uint8_t flags); /* rule 8 */
enum reject judge_order_quantity(struct turn *t, const struct account *a, const struct instrument *i, int64_t quantity);
enum reject judge_open_orders(struct turn *t, const struct account *a, unsigned orders); /* of rule 16 */
enum reject judge_orders_room(struct turn *t, unsigned orders, unsigned timers, unsigned levels); /* of rule 18 */
enum reject judge_post_only(struct turn *t, struct instrument *i, int side, int64_t price);
/* display_quantity and min_quantity: a whole number of lots, at most the quantity. */
enum reject judge_part(struct turn *t, const struct instrument *i, struct decimal d, enum refusal_field field,
                       int64_t quantity, enum reject too_large, int64_t *part);
/* Rule 20 without the money: what the position and its open orders allow. x: of the order's side, without the order itself. */
struct exposure {
    int64_t position, open, closing;
};
struct exposure exposure_of(const struct engine *e, uint32_t position, int side);
struct wish {
    uint8_t side;
    bool reduce_only;
    int64_t quantity;
};
enum reject judge_exposure(struct turn *t, const struct account *a, const struct instrument *i, const struct exposure *x,
                           const struct wish *w, int64_t *closing);
enum reject judge_cash(struct turn *t, const struct instrument *i, i128 need, i128 free);
void rate_take(struct engine *e, const struct account *a); /* an order was accepted */
bool breaches_collar(const struct instrument *i, int64_t price, int64_t base);

/* The reference price of triggers for a side; 0: none. raise(x) and follow(x) of ENGINE.md. */
int64_t reference_price(const struct instrument *i, int side);
int64_t price_raise(const struct instrument *i, int64_t x);
int64_t price_follow(const struct instrument *i, int side, int64_t trail, bool percent, int64_t x);

/* How matching ended. MOST: it had as much as it may, and there are leaves. */
enum match_end { MATCH_DONE = 0, MATCH_WORK = 1, MATCH_PREVENTED = 2, MATCH_HALTED = 3, MATCH_MOST = 4 };

/* core/place.c */
/* Why a FOK order ends before it trades; 0: all of its leaves can be had from at most that many orders. */
enum cancel_reason fok_unfillable(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound,
                                  uint64_t most);
void apply_place(struct turn *t, const struct command *c);
/* Makes what a judged ticket still lacks: position, balance, @fees' balance (and @QUOTE's); and takes it into the account's rate. */
void ticket_make_room(struct engine *e, struct ticket *k);
/* An accepted order's client_order_id is used from here on. */
void ticket_use_client_id(struct engine *e, struct ticket *k, uint64_t order_id);
/* An order with the ticket's numbers and the next priority, not stored. */
struct order ticket_order(struct engine *e, const struct ticket *k, uint64_t id);
/* A judged order goes on its way, from "here on it cannot fail": PLACED, trading, resting or its end. */
void place_execute(struct turn *t, struct ticket *k, uint64_t id, uint64_t gtt_id, uint8_t flags);
/* The PLACED event of an order (its extra in the pool when it has one); asked has its account, symbol and client id. */
void placed_event(struct turn *t, const struct ticket *k, const struct order *o, uint64_t gtt_id);

/* core/store.c: orders in the arena. */
/* Stores an order whose fields are all set but links and level (client_order_id: what ticket_use_client_id made): pool, index, account
 * list, timer. In no queue yet.
 * extra: copied when not NULL. Joins the lists of trailing stops, reduce-only and session orders, not the follow list. Counts it in
 * its instrument, account (stp) and, when order_is_held, position (held): whoever changes that later counts it anew. */
uint32_t order_store(struct engine *e, const struct order *from, const struct order_extra *extra);
/* Takes an order whose sums are released or zero out of queue, index, lists, timers, and frees it. No event, no group. */
void order_remove(struct engine *e, uint32_t o);
/* Drops a position that has nothing but zeros and that no open order needs. */
void position_release(struct engine *e, uint32_t p);
/* Adds an order's leaves, closing part and hold to its position's and balance's sums; takes them out. Not for an order that is
 * in no sum (WAITING, an OCO pair's second, a GTT's leg). None of these sums is in the digest. */
static inline void order_occupy(struct engine *e, const struct order *o)
{
    struct position *p = position_at(e, o->position);
    p->open[o->side - 1] += o->leaves;
    p->closing[o->side - 1] += o->closing_leaves;
    balance_at(e, p->balance)->reserved += o->hold;
}
static inline void order_release(struct engine *e, const struct order *o)
{
    struct position *p = position_at(e, o->position);
    p->open[o->side - 1] -= o->leaves;
    p->closing[o->side - 1] -= o->closing_leaves;
    balance_at(e, p->balance)->reserved -= o->hold;
}
/* In no sum: see above. */
static inline bool order_is_held(const struct engine *e, const struct order *o)
{
    if (LIKELY(o->extra == 0) || o->position == 0) return false;
    if (o->phase == ORDER_PHASE_WAITING) return true;
    const struct order_extra *x = order_extra_at(e, o->extra);
    return (x->link == LINK_OCO && x->member == 1) || (x->link == LINK_BRACKET && x->member == 2);
}
/* What it must hold by its present numbers (an OCO pair's first: the larger of both). */
i128 order_hold(const struct engine *e, const struct order *o);
/* The same with another price (or hold price) of this member and another opening part. */
struct order_as {
    int64_t unit, opening;
};
i128 order_hold_as(const struct engine *e, const struct order *o, const struct order_as *as);
/* Its hold by its present numbers, and the balance's. */
void order_hold_anew(struct engine *e, struct order *o);
/* A taker outside the pool is in no digest. */
static inline void order_touch_if_stored(struct engine *e, struct order *o)
{
    if ((uintptr_t)o - (uintptr_t)e < e->bytes) order_touch(e, o);
}
/* Joins the queue of its phase (RESTING: the book) without trading; leaves the queue it is in. Level sums follow. */
void order_join(struct engine *e, uint32_t o);
void order_leave(struct engine *e, uint32_t o);
/* A new priority: to the end of its account's list (and of its instrument's lists of session orders and trailing stops). Not in a queue. */
void order_reprioritize(struct engine *e, uint32_t o);
/* Out of its instrument's list of trailing stops, if it is in it. */
void order_untrail(struct engine *e, struct order *o);

/* core/orders.c: an open order at work. */
void apply_cancel(struct turn *t, const struct command *c);
/* Puts an order that is stored and in no queue to work, as ENGINE.md says after "From here on it cannot fail": trigger queue, close
 * queue, venue QUOTE, all-or-none queue, or matching and the book. It may be gone afterwards. most: the most it may match (an
 * affordable part), else its leaves. */
void order_work(struct turn *t, uint32_t o, int64_t most);
/* The part of it that trades at the book at once: matches down to the bound; the rest waits in the queue of its phase, or ends. */
void order_aggress(struct turn *t, uint32_t o, int64_t bound, int64_t most);
/* What the leaves of an order that has just traded become: a resting order (0), or nothing with a reason. */
enum cancel_reason leaves_judge(const struct order *o, enum match_end end);
/* Ends an open order: CANCELLED (reason; reject with REFUSED) or EXPIRED, or GTT_SET for a GTT's leg; frees it; then what its end does
 * to its group. */
void order_end(struct turn *t, uint32_t o, enum event_kind kind, enum cancel_reason reason, enum reject reject);
/* Its quantity and leaves go down by `by` <= leaves, sums, level, hold and what it shows with it: REDUCED, or its end (with the
 * leaves it had) when nothing is left. Uses one of work unless it is SELF_TRADE. */
void order_reduce(struct turn *t, uint32_t o, int64_t by, enum cancel_reason reason);
/* The same for leaves that do not end, without event and group; also for an order outside the pool. */
void order_shrink(struct engine *e, struct order *o, int64_t by);
/* With event and group; leaves are left. */
void order_reduced(struct turn *t, struct order *o, int64_t by, enum cancel_reason reason);
/* CANCELLED or EXPIRED, of an order that may be outside the pool. */
void cancelled_event(struct turn *t, const struct order *o, enum event_kind kind, enum cancel_reason reason, enum reject reject);
/* An iceberg that shows nothing any more shows its next part, at the back. */
void order_refill(struct turn *t, uint32_t o);
/* After an auction's fill: a resting iceberg shows min(display_quantity, leaves); DISPLAYED if that changed. */
void order_show(struct turn *t, uint32_t o);

/* core/modify.c */
void apply_modify(struct turn *t, const struct command *c);

/* core/match.c */
/* Trades `taker` (in no queue; in the pool or not) against the other side of the book down to the bound, at most `most`. */
enum match_end match(struct turn *t, struct instrument *i, struct order *taker, int64_t bound, int64_t most);
/* One fill at the book, as ENGINE.md numbers it (1 to 8; what rests and has leaves 0 is removed by the caller, 9); uses one of work.
 * aggressor_side 0: an auction; an iceberg's part in it is shown anew by order_show. */
void fill(struct turn *t, struct instrument *i, struct order *buy, struct order *sell, int64_t quantity, int64_t price,
          int aggressor_side);
/* The same with @QUOTE on the other side; o may have leaves 0 after it. */
void fill_at_quote(struct turn *t, struct instrument *i, struct order *o, int64_t quantity);
/* A fill with a venue's house account on the other side, whose position is there; o is in the pool, in a queue or not, and may have
 * leaves 0 after it. _late: of an order that has left. outside_undo takes one back, without an event; outside_follow: step 8. */
struct outside_fill {
    int64_t price, quantity;
    int64_t excess; /* of the quantity: what does not come out of the order's leaves */
    uint32_t house;
    uint8_t venue; /* as in FILLED */
    bool simulated;
};
void fill_outside(struct turn *t, struct instrument *i, struct order *o, const struct outside_fill *x);
void fill_outside_late(struct turn *t, struct instrument *i, uint64_t order_id, uint32_t account, int side,
                       const struct outside_fill *x, i128 fee);
void outside_undo(struct turn *t, struct instrument *i, uint32_t account, int side, uint32_t house, int64_t quantity,
                  i128 notional, i128 fee);
void outside_follow(struct turn *t, uint32_t instrument, uint32_t buyer, uint32_t seller);
/* A house account's position and balance in an instrument, made when missing; house 0: nothing. */
void house_make_room(struct engine *e, uint32_t house, uint32_t instrument);
/* PREVENTED and what the mode does to the two: newest may be a taker outside the pool. Returns true when newest is to end: a taker is
 * ended by its caller, another order was. */
bool prevent(struct turn *t, struct instrument *i, struct order *newest, struct order *oldest, int64_t price, uint8_t stp);
/* The reason for which the rest of a taker is cancelled when its match ended so (not MATCH_DONE). */
enum cancel_reason match_end_reason(enum match_end end);
/* The worst price a MARKET order may trade at now: the touch and the collar. */
int64_t market_bound(const struct engine *e, struct instrument *i, int side);
/* The FOK walk: whether the book can fill all of o inside bound; *orders: how many orders that touches (whole levels). It ends, not
 * filled, with the level that brings them above most. */
bool match_reaches(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound, uint64_t most,
                   uint64_t *orders);
static inline i128 balance_free(const struct balance *b)
{
    return b->cash + b->cost_net - b->margin_used - b->reserved;
}

/* core/triggers.c: the aftermath of a command, while work is left. */
void aftermath_run(struct turn *t);
static inline void aftermath(struct turn *t)
{
    struct engine *e = t->engine;
    bool waits = t->instrument != 0 && (instrument_at(e, t->instrument)->waits & WAITS_ALL_OR_NONE);
    if (LIKELY(e->ranged == 0 && e->follow_first == 0 && !waits) || e->sweep.kind == SWEEP_AUCTION) return;
    aftermath_run(t);
}
/* The part of `quantity` at one price that a MARKET order's account can pay for now ("affordable"). */
int64_t order_affordable(const struct engine *e, struct order *o, int64_t price, int64_t quantity);
/* An all-or-none order that is stored and in no queue: trades whole, or joins its queue. */
void all_or_none_work(struct turn *t, uint32_t o);
bool instrument_live(const struct engine *e, const struct instrument *i);
/* Puts a stored LIMIT or MARKET order in no queue to work, judged as a stop that was just triggered is: refused, it is CANCELLED
 * REFUSED; a MARKET order gives its hold back and trades what it can pay for. */
void order_work_judged(struct turn *t, uint32_t o);
/* The hold price of a STOP with that stop price. */
static inline int64_t stop_hold_price(const struct instrument *i, int side, int64_t stop_price)
{
    return side == SIDE_BUY ? price_raise(i, stop_price) : stop_price;
}
/* A price was seen: keeps the range, if an order waits for a trigger. range_clear: see "not live". */
void range_take(struct engine *e, struct instrument *i, int64_t low, int64_t high);
void range_clear(struct engine *e, struct instrument *i);
void range_set(struct engine *e, struct instrument *i, int64_t low, int64_t high); /* as it was exported */

/* core/quote_venue.c */
void quote_work(struct turn *t, uint32_t o);  /* a stored order in no queue, just placed, modified or triggered */
void quote_arrived(struct turn *t, struct instrument *i);     /* after SET_QUOTE: queues AT_QUOTE, range */

/* core/links.c: groups of orders. */
void apply_place_linked(struct turn *t, const struct command *c);
/* After a fill of `quantity` (ENGINE.md, "One fill", 7); o may be a taker outside the pool, and may have leaves 0. */
void links_filled(struct turn *t, struct order *o, int64_t quantity);
/* Before o is removed: remembers what its end does to its group; after: does it. o had `leaves` when it ended (0: filled). */
struct links_end {
    uint64_t id;
    int64_t leaves;
    bool filled_ever;
    uint8_t link, member, activation, reason;
};
struct links_end links_ending(const struct engine *e, const struct order *o, enum cancel_reason reason);
void links_ended(struct turn *t, const struct links_end *end);
/* The pair's first, which carries the sums of both; o itself when it is no OCO pair's second. The pair's other; 0: none. */
struct order *links_carrier(const struct engine *e, struct order *o);
uint32_t links_other(const struct engine *e, const struct order *o);
/* Step a of the aftermath: the first of the follow list. */
void follow_step(struct turn *t);
void follow_add(struct engine *e, uint32_t o);
void follow_remove(struct engine *e, uint32_t o);

/* core/gtt.c */
void apply_gtt_place(struct turn *t, const struct command *c);
void apply_gtt_modify(struct turn *t, const struct command *c);
void apply_gtt_delete(struct turn *t, const struct command *c);
/* A leg is elected: both legs go, the order is sent. */
void gtt_trigger(struct turn *t, uint32_t leg);
/* Both legs go, with a GTT_SET of that status. */
void gtt_end(struct turn *t, uint32_t leg, enum gtt_status status);

/* core/auction.c: sessions. */
/* Begins a change of session, and goes on with it while work is left (e->sweep AUCTION when not done). */
void session_change(struct turn *t, uint32_t instrument, uint8_t state);
void session_continue(struct turn *t);
void state_set(struct turn *t, struct instrument *i, uint8_t state, enum state_cause cause); /* event, and the range */
/* ACTIVATED, for an order that has its new numbers: one that was parked, or a child. */
void activated_event(struct turn *t, const struct instrument *i, const struct order *o);
/* The order that a pending change of session would go on with leaves: it goes on with the one after it. */
void session_order_leaves(struct engine *e, uint32_t o);

/* core/timers.c: a heap by (due, order id), an order's before its route's. */
void timer_add_route(struct engine *e, uint32_t route, int64_t due_ns);
void timer_remove_route(struct engine *e, uint32_t route);
bool timers_decide(const struct engine *e, int64_t ts_ns); /* one that is due decides where a waiting order goes */
void timer_add(struct engine *e, uint32_t o, int64_t due_ns);
void timer_remove(struct engine *e, uint32_t o);
void timers_fire(struct turn *t);
bool timers_exceed(const struct engine *e, int64_t ts_ns, uint32_t count);

/* core/sweep.c */
void apply_mass_cancel(struct turn *t, const struct command *c);
void apply_end_of_day(struct turn *t, const struct command *c);
void apply_continue(struct turn *t);
/* What MASS_CANCEL does after its checks; account and instrument are pool indexes, 0: all. Ends with SWEPT. */
void mass_cancel(struct turn *t, uint32_t account, uint32_t instrument, uint8_t side);
void swept_event(struct turn *t, enum sweep_kind kind, uint32_t orders);
/* Called before order o leaves while a sweep is pending: keeps the sweep's next order an open one. */
void sweep_order_leaves(struct engine *e, uint32_t o);

/* The price of a MARKET order that waits in a queue: before every limit price. */
#define MARKET_PRICE_BUY  (PRICE_MAX + 1)
#define MARKET_PRICE_SELL ((int64_t)-1)

#endif
