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

/* Writes the refusal into m->refusal and returns its reason. A scale of DECIMAL_ABSENT with 0: there is no such number. */
int model_refuse(struct model *m, enum reject reason, int field, i128 value, unsigned value_scale, i128 limit,
                 unsigned limit_scale);
/* With neither value nor limit. */
int model_refuse_plain(struct model *m, enum reject reason, int field);

bool model_work_left(const struct model *m);
uint32_t model_work_room(const struct model *m); /* how much of it */
/* Work is pending: a sweep, the follow list, or a live instrument's range. */
bool model_pending(const struct model *m);
bool model_is_live(const struct model *m, const struct instrument_state *i);
/* After a change of state or trading: an instrument that is not live has no range. */
void model_empty_range_unless_live(struct model *m, struct instrument_state *i);

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

/* The queues in the order a sweep visits them. */
enum queue { QUEUE_BOOK, QUEUE_TRIGGER, QUEUE_QUOTE, QUEUE_ALL_OR_NONE, QUEUE_CLOSE, QUEUE_DESK, QUEUE_NONE };

/* The command trades in or adds to this instrument from here on: the collar's base is its last price now, unless it was
 * the instrument at hand already; its all-or-none orders are looked at in the aftermath. */
void model_turn_to(struct model *m, uint64_t instrument_id);

bool model_is_buy(int side);
int model_other_side(int side);
uint64_t model_currency_id(struct model *m, const struct instrument_state *i);
int64_t model_maker_rate(const struct account_state *a, const struct instrument_state *i);
int64_t model_taker_rate(const struct account_state *a, const struct instrument_state *i);
int64_t model_worst_rate(const struct account_state *a, const struct instrument_state *i); /* not below 0 */

/* ---- terms.c: judging numbers ---- */

bool model_given(struct decimal d);
/* With the value as the command wrote it. */
int model_refuse_decimal(struct model *m, enum reject reason, int field, struct decimal d, i128 limit, unsigned limit_scale);
/* price(d), quantity(d), bounds(q) of docs/ENGINE.md. required: what is said when it is absent or not positive. */
int model_judge_price(struct model *m, const struct instrument_spec *spec, struct decimal d, enum reject required, int field,
                      int64_t *out);
int model_judge_quantity(struct model *m, const struct instrument_spec *spec, struct decimal d, int field, int64_t *out);
int model_judge_bounds(struct model *m, const struct instrument_spec *spec, struct decimal asked, int64_t quantity);
int model_judge_display(struct model *m, const struct instrument_spec *spec, struct decimal d, int64_t quantity,
                        int64_t *out);
int model_judge_min_quantity(struct model *m, const struct instrument_spec *spec, struct decimal d, int64_t quantity,
                             int64_t *out);
/* ORDERS_FULL, TIMERS_FULL, LEVELS_FULL for so many. */
int model_judge_tables(struct model *m, uint32_t orders, uint32_t timers, uint32_t levels);
int model_judge_open_orders(struct model *m, const struct account_state *a, uint32_t more);
/* raise(x): where the hold of a BUY without a limit price is worth x; follow(x): the stop of a trailing order at x. */
int64_t model_raise(const struct instrument_state *i, int64_t x);
int64_t model_follow(const struct instrument_state *i, int side, int64_t trail, bool percent, int64_t x);
/* The price that meets stops of that side; 0: none. */
int64_t model_reference(const struct instrument_state *i, int side);
bool model_stop_is_met(const struct instrument_state *i, int side, int64_t stop_price);

/* ---- walk.c: what stands in the queues, and how far an aggressor would come ---- */

/* The first of a queue, leaving out one id (0: nobody). NULL when it is empty. The order that matches is in no queue. */
struct order_state *model_first(struct model *m, uint64_t instrument_id, enum queue queue, int side, uint64_t except_id);
struct order_state *model_next(struct model *m, const struct order_state *after);
bool model_alone_at_its_level(const struct model *m, const struct order_state *o);
/* How far an aggressor takes: prices up to (BUY) or down to (SELL) a bound, or any. */
struct reach {
    bool any;
    i128 price;
};
bool model_reaches(struct reach reach, int side, int64_t price);
struct reach model_reach(struct model *m, const struct order_state *o);
/* "The walk" of a MARKET order for `wanted`. None of these meets more orders than there is work left. */
struct walk {
    i128 quantity, notional;
    int64_t highest_price; /* 0: nothing to trade with */
};
struct walk model_walk(struct model *m, const struct order_state *taker, int64_t wanted);
/* What an amount of cash buys (or sells) in whole lots. */
int64_t model_walk_amount(struct model *m, const struct order_state *taker, i128 amount);
/* What a budget pays for of the taker's leaves; *short_of_cash: it ended before the book or the leaves did. */
int64_t model_walk_affordable(struct model *m, const struct order_state *taker, i128 budget, bool *short_of_cash);
/* What a taker needs for a notional; and how much of a part its budget pays for: all of it, or whole lots. */
i128 model_taker_need(struct model *m, const struct order_state *o, i128 notional);
int64_t model_affordable_part(struct model *m, const struct order_state *o, i128 notional_so_far, int64_t price, int64_t part,
                              i128 budget);
/* The walk of FOK: can all of it be had at once? *orders: how many stand in the levels it came to, the last of which it did not enter
 * when they were more than `most`. The walk of min_quantity: can so much be had from at most work_max orders? */
bool model_walk_whole(struct model *m, const struct order_state *taker, uint64_t most, uint64_t *orders);
bool model_walk_part(struct model *m, const struct order_state *taker, int64_t wanted);

/* ---- ends.c: sums, holds and the end of an order ---- */

bool model_is_child(const struct order_state *o); /* of an OTO or a bracket */
struct order_state *model_pair_partner(struct model *m, const struct order_state *o); /* the other of an OCO pair, or NULL */
/* The one that carries the sums of a pair: its first; without a pair the order itself. */
struct order_state *model_carrier(struct model *m, struct order_state *o);
i128 model_hold_at(const struct account_state *a, const struct instrument_state *i, const struct order_state *o,
                   int64_t opening);
/* What the order's hold is now by its numbers (an OCO pair's first: the larger of both). */
i128 model_hold_of_order(struct model *m, const struct order_state *o);
void model_set_hold(struct model *m, struct order_state *o, i128 hold);
/* Adds (sign 1) or takes (-1) the order's leaves, closing part and hold to the sums of its account, if it is in them. */
void model_count_in_sums(struct model *m, const struct order_state *o, int sign);
/* New numbers, the hold that they ask for, and what an iceberg shows at most its leaves. */
void model_renumber(struct model *m, struct order_state *o, int64_t quantity, int64_t leaves, int64_t closing_leaves);
/* The newest priority. In its queue and its account's list it goes where that says; a sweep that waits at it passes over. */
void model_take_priority(struct model *m, struct order_state *o);
/* Goes down by less; the opening part goes first. Sums and hold follow. */
void model_shrink(struct model *m, struct order_state *o, int64_t less);

/* The order is over, with its event and what follows for its group. Not for GTT legs. */
void model_order_cancel(struct model *m, uint64_t order_id, enum cancel_reason reason);
void model_order_cancel_refused(struct model *m, uint64_t order_id, enum reject reject);
void model_order_expire(struct model *m, uint64_t order_id);
/* With its event, but nothing follows for its group. */
void model_order_cancel_alone(struct model *m, uint64_t order_id, enum cancel_reason reason, int reject);
/* Filled, or about to be made again: out of all sums and of the state without an event. */
void model_order_leaves_state(struct model *m, uint64_t order_id);
void model_say_reduced(struct model *m, const struct order_state *o, enum cancel_reason reason);

/* ---- keys.c ---- */

struct request;
struct decision;
void model_forget_old(struct model *m); /* client ids and keys whose time is over */
void model_keep_key(struct model *m, const struct command *c);
int model_judge_client_id(struct model *m, const struct request *r); /* rule 5a */
void model_use_client_id(struct model *m, const struct order_state *o);
void model_order_left_client_id(struct model *m, uint64_t order_id);

/* ---- routing.c ---- */

/* Numbers: BOOK 1. 0: no such venue. In orders BOOK is 0. */
uint8_t model_venue_number(const struct model *m, const struct name *venue);
struct name model_venue_name(const struct model *m, uint8_t number_in_order); /* of VENUE_NONE: empty */
struct account_state *model_house_of(struct model *m, uint8_t number_in_order);
bool model_is_house_of_a_venue(const struct model *m, uint64_t account_id);
bool model_is_at_desk(const struct order_state *o); /* at a broker, or waiting for a venue */
/* What a decision looked at and chose. */
struct decision {
    uint8_t candidates[ROUTE_CANDIDATES_MAX]; /* numbers */
    uint32_t count;
    uint16_t rule;
    uint8_t asked;  /* the number that was named; 0: none */
    bool chose;
    uint8_t venue;  /* as in orders: 0 BOOK; VENUE_NONE */
    bool eligible;  /* some candidate takes it and did not reject it */
};
/* What the decision has to know of an order. */
struct wish {
    const struct name *account, *symbol;
    struct decimal quantity;
    uint64_t instrument_id;
    uint8_t side, type, tif, flags;
    bool display, min_quantity, quote_quantity, trail;
};
int model_judge_venue(struct model *m, const struct command_place *p);       /* rule 3h, and 2 */
int model_judge_decision(struct model *m, struct request *r);                /* rule 6a */
struct decision model_decide_again(struct model *m, const struct order_state *o, const struct route_state *r,
                                   uint32_t refused);
bool model_is_open_for(struct model *m, uint8_t number, const struct order_state *o);
bool model_may_wait_for_venue(const struct order_state *o);
void model_say_routed(struct model *m, const struct order_state *o, const struct decision *d, int cause, bool asked);
void model_say_venue(struct model *m, uint8_t number, uint8_t before, uint8_t cause);
void model_make_house_account(struct model *m, const char *account, unsigned index); /* settings.c */
int model_apply_set_venue(struct model *m, const struct command *c);
int model_apply_set_routing(struct model *m, const struct command *c);

/* ---- desk.c ---- */

struct route_state *model_find_route(struct model *m, uint64_t order_id);
void model_drop_route(struct model *m, uint64_t order_id); /* and its executions */
/* PLACE: the route of an order that is at a broker, or waits for a venue. */
void model_make_route(struct model *m, const struct order_state *o, const struct decision *d);
void model_route_order_left(struct model *m, const struct order_state *o); /* it is about to leave the state */
/* What ends an order at once elsewhere: at a broker it is asked for. False: it is passed over. */
bool model_end_or_ask(struct model *m, uint64_t order_id, int reason);
bool model_can_be_asked(struct model *m, const struct order_state *o);
void model_say_broker_state(struct model *m, const struct route_state *r, int before, const struct command_report *said);
void model_route_timer(struct model *m, struct route_state *r);
void model_sweep_routes(struct model *m, struct sweep_state sweep);
uint64_t model_waits_after(struct model *m, uint64_t order_id); /* 0: none */
uint32_t model_executions_of(const struct model *m, uint64_t order_id);
int64_t model_stop_hold_price(const struct instrument_state *i, int side, int64_t stop_price);
void model_say_modified(struct model *m, struct order_state *o, bool kept_priority); /* modify.c */
int model_apply_report(struct model *m, const struct command *c);
int model_apply_route(struct model *m, const struct command *c);
int model_apply_settle(struct model *m, const struct command *c);

/* ---- fills.c, batch.c, statement.c ---- */

int model_apply_fill(struct model *m, const struct command *c);
int model_apply_batch(struct model *m, const struct command *c);
int model_apply_cancel_batch(struct model *m, const struct command *c);
void model_sweep_batch(struct model *m, struct sweep_state sweep);
int model_apply_clear_key(struct model *m, const struct command *c);
int model_apply_statement(struct model *m, const struct command *c);
/* REJECTED of one order of a batch, with its terms. */
void model_say_rejected_order(struct model *m, const struct command_place *p, uint64_t order_id);

/* ---- rules.c ---- */


/* Orders that were judged good: complete but for their priorities. */
struct plan {
    struct order_state order;
    struct order_state legs[2];
    uint32_t legs_count;
    int64_t min_quantity;
};
/* What is being judged, and what is found out about it. */
struct request {
    const struct command_place *asked;
    const struct command_place_linked *linked; /* NULL: one order */
    struct account_state *account;
    struct instrument_state *instrument;
    struct plan plan;
    struct decision decision;
    uint8_t batch_flag;    /* PLACE_BATCH for an order of a batch */
    bool is_taken_already; /* an atomic batch took its client id, its rate, its objects */
};
bool model_is_stop(int type);
bool model_takes_now(const struct order_state *o); /* MARKET in the book, at once */
void model_count_rate(struct model *m, struct account_state *a); /* an order was accepted */
int model_judge_shape(struct model *m, const struct command_place *p);   /* rules 1 to 3 */
int model_judge_names(struct model *m, struct request *r);               /* rules 4 and 5 */
int model_judge_from_7(struct model *m, struct request *r, uint64_t id); /* rules 7 to 20 */
int model_judge_halted(struct model *m, const struct account_state *a, const struct instrument_state *i);
int model_judge_reducing(struct model *m, const struct account_state *a, const struct instrument_state *i, int64_t opening);
int model_judge_session(struct model *m, const struct instrument_state *i, const struct order_state *o);
int model_judge_collar(struct model *m, const struct instrument_state *i, int64_t price);
/* Rule 15's two maxima of what a quantity costs at a price; and the highest price at which an order may trade. */
int model_judge_notional(struct model *m, const struct account_state *a, const struct instrument_state *i, int64_t price,
                         int64_t quantity);
int64_t model_highest_price(struct model *m, const struct order_state *o);
int model_judge_order_quantity(struct model *m, const struct account_state *a, const struct instrument_state *i,
                               int64_t quantity);
int model_judge_post_only(struct model *m, const struct order_state *o);
/* Rule 20 without the walk: position and balance as if the order were not there. Says how much of it closes. need: asked
 * for once the opening part is known. */
struct exposure {
    struct position_state position;
    struct balance_state balance;
};
struct exposure model_exposure(struct model *m, const struct order_state *o);
int64_t model_cover(const struct position_state *p, int side);
int model_judge_position(struct model *m, const struct exposure *x, const struct order_state *o, int64_t quantity,
                         int64_t *closing);
int model_judge_cash(struct model *m, const struct exposure *x, const struct instrument_state *i, i128 need);

/* ---- place.c ---- */

/* "From here on it cannot fail": the events PLACED, and what the orders do at once. */
/* Positions and balances that an order needs. */
void model_open_objects(struct model *m, const struct order_state *o);
void model_carry_out(struct model *m, const struct request *r, uint64_t gtt_id);
/* Where an order that is put to work now waits. */
int model_phase_at_work(const struct order_state *o, const struct instrument_state *i);
/* Puts an order to work as a PLACE does; it may be gone afterwards. */
void model_work(struct model *m, uint64_t order_id, int64_t min_quantity);
/* Matches an order of the book, at most `most` of it, and settles what is left. short_of_cash: a rest beyond most is
 * CANCELLED CASH_SHORT. */
void model_work_in_book(struct model *m, uint64_t order_id, int64_t most, bool short_of_cash);
/* The book can fill the all-or-none order whole now, within the work left. */
bool model_all_or_none_can(struct model *m, uint64_t order_id, uint64_t most, uint64_t *orders);

/* PLACE from rule 7 on for an order that a GTT sends: 0, or the reason it is refused for; and doing it. */
int model_judge_sent(struct model *m, const struct command_place *p);
void model_send(struct model *m, const struct command_place *p, uint64_t order_id, uint64_t gtt_id);
/* A liquidation order against the whole position. False when it is passed over. */
bool model_send_liquidation(struct model *m, uint64_t account_id, uint64_t instrument_id);

/* ---- match.c ---- */

/* "One fill" and all that follows of it: groups, reduce-only; orders with nothing left leave. What an
 * iceberg shows is the caller's. An id of 0 is the account @QUOTE. */
void model_fill(struct model *m, uint64_t buy_order_id, uint64_t sell_order_id, int64_t price, int64_t quantity,
                int aggressor_side);
/* An execution at a venue: the other side is its house account. More than the order has left is excess. */
struct at_house {
    uint64_t order_id;
    uint64_t house_id;
    int64_t price, quantity, excess;
    uint8_t venue; /* as in orders */
    bool simulated;
};
void model_fill_at_house(struct model *m, const struct at_house *f);
/* One that came after the order's end; and what BUST does: the positions and cash of both, with fee_accrues of the order. */
i128 model_fill_late(struct model *m, const struct at_house *f, struct route_state *r);
struct undo {
    uint64_t account_id, house_id, instrument_id;
    int64_t quantity;
    i128 notional, fee;
    int side; /* the order's */
};
void model_undo_fill(struct model *m, const struct undo *u);
/* What such a fill adds to the order's exact fee. */
i128 model_house_fee_of(struct model *m, uint64_t account_id, uint64_t instrument_id, i128 notional);
void model_reduce_orders(struct model *m, uint64_t account_id, uint64_t instrument_id);
/* PREVENTED and what the mode does to the two; look for both by id afterwards. price as the event says it. */
void model_prevent(struct model *m, uint64_t newest_id, uint64_t oldest_id, int stp, int64_t price);
enum match_end { MATCH_DONE, MATCH_HALTED };
/* Trades the order (m->taker_id) against the other side, at most `most` of it. It may be gone afterwards. */
enum match_end model_match(struct model *m, struct reach reach, int64_t *most);
/* An iceberg that rests shows what it may: DISPLAYED. */
void model_show(struct model *m, struct order_state *o);

/* ---- links.c ---- */

int model_judge_leg_prices(struct model *m, struct request *r); /* between rules 10 and 11 */
int model_judge_second(struct model *m, struct request *r);     /* OCO: rules 15 and 17 of the second */
void model_group_filled(struct model *m, uint64_t order_id, int64_t quantity);
void model_group_decremented(struct model *m, uint64_t order_id, int64_t quantity);
void model_group_ended(struct model *m, const struct order_state *ended, enum cancel_reason reason);
struct order_state *model_first_to_follow(struct model *m);
void model_follow_step(struct model *m);

/* ---- triggers.c ---- */

/* What follows TRIGGERED, for an order that is LIMIT or MARKET now: it is judged, and trades or is refused. */
void model_go_on_triggered(struct model *m, uint64_t order_id);
void model_become_market(struct model *m, struct order_state *o);
/* Step 4 of a command, also between two liquidation orders: goes on while there is something to do and work is left. */
void model_aftermath(struct model *m);
/* The follow list is not empty or a live instrument has a range. */
bool model_aftermath_pending(const struct model *m);
struct instrument_state *model_instrument_with_range(struct model *m);

/* ---- quote.c ---- */

/* AT_QUOTE orders meet a new quote. */
void model_quote_meets_orders(struct model *m, uint64_t instrument_id);
void model_work_at_quote(struct model *m, uint64_t order_id);
/* The most that the quote's price lets the amount buy, whatever its size. */
int64_t model_quote_amount(const struct instrument_state *i, int side, i128 amount);
int64_t model_quote_price(const struct instrument_state *i, int side); /* the ask for a BUY; 0: none */

/* ---- sweeps.c ---- */

/* An order's side there: of a trigger queue SIDE_BUY is DOWN and SIDE_SELL is UP; its price there; whether a stands before b in one
 * queue and side. Here because the model asks them of every order all the time. */
static inline enum queue model_queue_of(const struct order_state *o)
{
    switch (o->extra.phase) {
    case ORDER_PHASE_RESTING: return QUEUE_BOOK;
    case ORDER_PHASE_PENDING_TRIGGER: return QUEUE_TRIGGER;
    case ORDER_PHASE_AT_QUOTE: return QUEUE_QUOTE;
    case ORDER_PHASE_ALL_OR_NONE: return QUEUE_ALL_OR_NONE;
    case ORDER_PHASE_PARKED: return QUEUE_CLOSE;
    case ORDER_PHASE_PENDING_ROUTE:
    case ORDER_PHASE_AT_BROKER: return QUEUE_DESK;
    default: return QUEUE_NONE;
    }
}

static inline int model_queue_side(const struct order_state *o)
{
    return model_queue_of(o) == QUEUE_TRIGGER ? o->extra.direction : o->side;
}

static inline int64_t model_queue_price(const struct order_state *o)
{
    enum queue queue = model_queue_of(o);
    if (queue == QUEUE_DESK) return 0; /* one queue, whatever the price */
    return queue == QUEUE_TRIGGER ? o->extra.stop_price : o->price;
}

static inline bool model_queue_before(const struct order_state *a, const struct order_state *b)
{
    int64_t price_a = model_queue_price(a), price_b = model_queue_price(b);
    if (price_a == price_b) return a->priority < b->priority;
    return model_queue_side(a) == SIDE_BUY ? price_a > price_b : price_a < price_b;
}

/* An order of the instrument waits for a trigger. */
bool model_anybody_waits(const struct model *m, uint64_t instrument_id);

void model_expire_due(struct model *m);
/* MASS_CANCEL with these filters (0: all); SWEPT comes at the end of the command. */
void model_mass_cancel(struct model *m, uint64_t account_id, uint64_t instrument_id, int side);
/* The pending sweep, if it waits at this order, goes on to the one after it. Called while the order is still there. */
void model_sweep_pass_over(struct model *m, uint64_t order_id);
/* The same for an order that moves: called before it leaves its queue (to match, to trail, to come back at the end), and
 * before it takes a new priority. A sweep of one account goes by priority, the others by queues. */
void model_sweep_leaves_queue(struct model *m, uint64_t order_id);
void model_sweep_new_priority(struct model *m, uint64_t order_id);

/* An order that waits for a venue waits no more. Called while its route still says so. */
void model_sweep_stops_waiting(struct model *m, uint64_t order_id);

/* ---- session.c ---- */

/* From the instrument's state to another, as far as work goes; CONTINUE goes on with model_session_on. */
void model_session_begin(struct model *m, struct instrument_state *i, int state);
void model_session_on(struct model *m);
/* The BUY order of the book that stands after this one (which is still there); 0: none. */
uint64_t model_session_buy_after(struct model *m, uint64_t order_id);

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
