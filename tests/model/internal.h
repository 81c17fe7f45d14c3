/* tests/model/internal.h - what the model's files share. Nobody else includes this. */
#ifndef ORDERTAPE_TESTS_MODEL_INTERNAL_H
#define ORDERTAPE_TESTS_MODEL_INTERNAL_H

#include "tests/model/arithmetic.h"
#include "tests/model/model.h"

/* ---- model.c: the frame of a command, events, refusals, lookups ---- */

/* Index 0 of the ids that the command being applied may give. */
uint64_t model_own_id(const struct model *m, unsigned index);
/* Adds one event, zeroed but for its head. */
struct event *model_say(struct model *m, enum event_kind kind);
void model_say_rejected(struct model *m, const struct command *c);

/* Writes the refusal into m->refusal and returns its reason. A scale of DECIMAL_ABSENT with 0: there is no such number. */
int model_refuse(struct model *m, enum reject reason, int field, i128 value, unsigned value_scale, i128 limit,
                 unsigned limit_scale);
/* With neither value nor limit. */
int model_refuse_plain(struct model *m, enum reject reason, int field);

bool model_work_left(const struct model *m);
/* Work is pending: a sweep, the follow list, or a live instrument's range. */
bool model_pending(const struct model *m);
bool model_is_live(const struct model *m, const struct instrument_state *i);
/* After a change of state or trading: an instrument that is not live has no range. */
void model_empty_range_unless_live(struct model *m, struct instrument_state *i);

/* The command turns to this instrument: the base of its collar, and whose all-or-none orders are looked at at the end. */
void model_turn_to(struct model *m, uint64_t instrument_id);

struct order_state *model_find_order(struct model *m, uint64_t order_id);
struct instrument_state *model_find_instrument(struct model *m, const struct name *symbol);
struct instrument_state *model_instrument_by_id(struct model *m, uint64_t id);
struct account_state *model_find_account(struct model *m, const struct name *account);
struct account_state *model_account_by_id(struct model *m, uint64_t id);
struct currency_state *model_find_currency(struct model *m, const struct name *currency);
struct position_state *model_find_position(struct model *m, uint64_t account_id, uint64_t instrument_id);
struct balance_state *model_find_balance(struct model *m, uint64_t account_id, uint64_t currency_id);
struct account_state *model_fees_account(struct model *m);
struct account_state *model_external_account(struct model *m);
struct account_state *model_quote_account(struct model *m);

/* Finds it or makes an empty one; there must be room. */
struct position_state *model_open_position(struct model *m, uint64_t account_id, uint64_t instrument_id);
struct balance_state *model_open_balance(struct model *m, uint64_t account_id, uint64_t currency_id);
struct currency_state *model_make_currency(struct model *m, const struct name *currency, unsigned scale);

i128 model_free_of(const struct balance_state *b);
uint32_t model_effective_leverage(const struct account_state *a, const struct instrument_state *i);

/* A new zeroed order at the end of the array; there must be room. */
struct order_state *model_new_order(struct model *m);
/* Takes it out of the array and nothing else; no sums. A pending sweep goes on to the order after it. */
void model_drop_order(struct model *m, uint64_t order_id);

/* ---- judging numbers (place.c) ---- */

/* price(d), quantity(d), bounds(q) of docs/ENGINE.md. required: what is said when it is absent or not positive. */
int model_judge_price(struct model *m, const struct instrument_spec *spec, struct decimal d, enum reject required, int field,
                      int64_t *out);
int model_judge_quantity(struct model *m, const struct instrument_spec *spec, struct decimal d, int field, int64_t *out);
int model_judge_bounds(struct model *m, const struct instrument_spec *spec, int64_t quantity);
/* ORDERS_FULL, TIMERS_FULL, LEVELS_FULL for so many. */
int model_judge_tables(struct model *m, uint32_t orders, uint32_t timers, uint32_t levels);
int model_judge_open_orders(struct model *m, const struct account_state *a, uint32_t more);

/* ---- orders: sums, holds, ends, fills (orders.c, match.c, links.c, triggers.c) ---- */

/* raise(x): where the hold of a BUY without a limit price is worth x. */
int64_t model_raise(const struct instrument_state *i, int64_t x);
/* What the order's hold is now (rule "hold" with its limit or hold price), and giving it that: reserved follows. */
i128 model_hold_of_order(struct model *m, const struct order_state *o);
void model_set_hold(struct model *m, struct order_state *o, i128 hold);

/* The order is over, with its event and what follows for its group. Not for GTT legs. */
void model_order_cancel(struct model *m, uint64_t order_id, enum cancel_reason reason);
void model_order_cancel_refused(struct model *m, uint64_t order_id, enum reject reject);
void model_order_expire(struct model *m, uint64_t order_id);

/* "One fill" and all that follows of it: groups, reduce-only, orders with nothing left leave. */
void model_fill(struct model *m, uint64_t buy_order_id, uint64_t sell_order_id, int64_t price, int64_t quantity,
                int aggressor_side);
/* PREVENTED and what the mode does to the two; look for both by id afterwards. price as the event says it. */
void model_prevent(struct model *m, uint64_t newest_id, uint64_t oldest_id, int stp, int64_t price);

/* Step 4 of a command, also between two liquidation orders: goes on while there is something to do and work is left. */
void model_aftermath(struct model *m);
/* The follow list is not empty or a live instrument has a range. */
bool model_aftermath_pending(const struct model *m);

/* PLACE from rule 7 on for an order that a GTT sends: 0, or the reason it is refused for; and doing it. */
int model_judge_sent(struct model *m, const struct command_place *p);
void model_send(struct model *m, const struct command_place *p, uint64_t order_id, uint64_t gtt_id);
/* A liquidation order against the whole position. False when it is passed over. */
bool model_send_liquidation(struct model *m, uint64_t account_id, uint64_t instrument_id);

/* AT_QUOTE orders meet a new quote (quote.c). */
void model_quote_meets_orders(struct model *m, uint64_t instrument_id);

/* ---- sweeps.c ---- */

/* The queues in the order a sweep visits them. */
enum queue { QUEUE_BOOK, QUEUE_TRIGGER, QUEUE_QUOTE, QUEUE_ALL_OR_NONE, QUEUE_CLOSE, QUEUE_NONE };
enum queue model_queue_of(const struct order_state *o);
/* Its side there: of a trigger queue SIDE_BUY is DOWN and SIDE_SELL is UP; and its price there. */
int model_queue_side(const struct order_state *o);
int64_t model_queue_price(const struct order_state *o);
/* a stands before b in one queue and side. */
bool model_queue_before(const struct order_state *a, const struct order_state *b);

/* An order of the instrument waits for a trigger. */
bool model_anybody_waits(const struct model *m, uint64_t instrument_id);

void model_expire_due(struct model *m);
/* MASS_CANCEL with these filters (0: all); SWEPT comes at the end of the command. */
void model_mass_cancel(struct model *m, uint64_t account_id, uint64_t instrument_id, int side);
/* The pending sweep, if it waits at this order, goes on to the one after it. Called while the order is still there. */
void model_sweep_pass_over(struct model *m, uint64_t order_id);

/* ---- session.c ---- */

/* From the instrument's state to another, as far as work goes; CONTINUE goes on with model_session_on. */
void model_session_begin(struct model *m, struct instrument_state *i, int state);
void model_session_on(struct model *m);
/* The BUY order of the book that stands after this one (which is still there); 0: none. */
uint64_t model_session_buy_after(struct model *m, uint64_t order_id);
/* Price P; false: none, or nothing executable. */
struct model_price {
    int64_t price;
    i128 quantity, imbalance;
};
bool model_auction_price(const struct model *m, const struct instrument_state *i, struct model_price *out);

/* ---- gtt.c ---- */

/* Both legs go, with the event. */
void model_gtt_end(struct model *m, uint64_t gtt_id, enum gtt_status status);
/* Aftermath b: this leg was elected. */
void model_gtt_triggered(struct model *m, uint64_t leg_order_id);
/* The id of the GTT that a leg belongs to. */
uint64_t model_gtt_of(const struct order_state *leg);

/* ---- margin.c ---- */
void model_margin_on(struct model *m);

/* One function a command: 0, or the reason that m->refusal tells of, with nothing changed. */
int model_apply_set_limits(struct model *m, const struct command *c);
int model_apply_set_currency(struct model *m, const struct command *c);
int model_apply_set_instrument(struct model *m, const struct command *c);
int model_apply_set_account(struct model *m, const struct command *c);
int model_apply_set_trading(struct model *m, const struct command *c);
int model_apply_move_cash(struct model *m, const struct command *c);
int model_apply_set_quote(struct model *m, const struct command *c);
int model_apply_place(struct model *m, const struct command *c);
int model_apply_place_linked(struct model *m, const struct command *c);
int model_apply_modify(struct model *m, const struct command *c);
int model_apply_cancel(struct model *m, const struct command *c);
int model_apply_mass_cancel(struct model *m, const struct command *c);
int model_apply_end_of_day(struct model *m, const struct command *c);
int model_apply_check_margin(struct model *m, const struct command *c);
int model_apply_gtt_place(struct model *m, const struct command *c);
int model_apply_gtt_modify(struct model *m, const struct command *c);
int model_apply_gtt_delete(struct model *m, const struct command *c);
int model_apply_continue(struct model *m, const struct command *c);

#endif
