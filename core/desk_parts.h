/* core/desk_parts.h - what the files of the order desk call of each other, and what the rest of the engine calls of them. Internal to
 * core. docs/ENGINE.md, "The order desk", has every rule.
 *   keys.c      idempotency keys, client_order_ids
 *   routing.c   venues, the table of rules, the decision where an order goes
 *   desk.c      routes: an order's life at brokers
 *   report.c    what brokers and operators say of it
 *   fills.c     executions
 *   batch.c     many orders in one command
 *   statement.c a broker's statement */
#ifndef ORDERTAPE_CORE_DESK_PARTS_H
#define ORDERTAPE_CORE_DESK_PARTS_H

#include "core/book.h"
#include "core/engine_parts.h"

#define DESK_SECOND_NS ((int64_t)1000000000)
#define DESK_DAY_NS    (86400 * DESK_SECOND_NS)

static inline bool venue_is_broker(uint8_t venue) /* or none yet: the same rules */
{
    return venue >= VENUE_BROKER_FIRST;
}
static inline bool at_desk(const struct order *o)
{
    return o->phase >= ORDER_PHASE_PENDING_ROUTE;
}
static inline struct route *route_of(const struct engine *e, const struct order *o)
{
    return route_at(e, order_extra_at(e, o->extra)->route);
}

/* At 9 decimals, whatever its own scale (at most 9). */
static inline i128 decimal_nano(struct decimal d)
{
    return (i128)d.mantissa * pow10_i64(DECIMAL_SCALE_MAX - d.scale);
}

/* core/keys.c */
/* Before the timers of a command: what is old leaves, the command's key comes. */
void keys_turn(struct engine *e, const struct command_origin *origin);
void key_put(struct engine *e, const struct key_cell *from); /* the newest */
void apply_clear_key(struct turn *t, const struct command *c);
enum reject judge_client_id(struct turn *t, const struct ticket *k); /* rule 5a */
uint32_t client_id_use(struct engine *e, uint32_t account, uint64_t order_id, struct text text);
uint32_t client_id_put(struct engine *e, const struct client_id_cell *from);
void client_id_unuse(struct engine *e, uint32_t index); /* an atomic batch that was refused takes it back */
void client_id_order_left(struct engine *e, uint32_t index);

/* core/routing.c */
/* The number of venue_value's venue, and its names. venue: 0 (BOOK), 2 and up. */
static inline struct venue_cell *venue_at(struct engine *e, uint8_t number)
{
    return &e->venues[number == 0 ? VENUE_BOOK : number];
}
struct name venue_name(const struct engine *e, uint8_t number); /* empty for VENUE_NONE */
/* The house account of a venue, or 0: BOOK and VENUE_NONE. */
static inline uint32_t venue_house(const struct engine *e, uint8_t number)
{
    return number == 0 || number == VENUE_NONE ? 0 : e->venues[number].account;
}
bool is_venue_house(const struct engine *e, uint32_t account);
uint32_t venue_add(struct engine *e, uint64_t id, const struct name *name);
void venue_event(struct turn *t, uint8_t number, uint8_t before, uint8_t cause);
void apply_set_venue(struct turn *t, const struct command *c);
void apply_set_routing(struct turn *t, const struct command *c);
void rule_put(struct engine *e, const struct route_rule *r); /* behind the others */
/* What of an order's words decides where it may go. */
struct wants {
    const struct name *account, *symbol;
    struct instrument *instrument;
    i128 quantity_nano; /* at 9 decimals; 0: not known */
    uint32_t refused;   /* venues: bit number - 1 */
    uint8_t type, side, asked;
    bool book_only;     /* only BOOK takes it */
    bool no_broker;     /* no broker does */
    bool later;         /* not the decision of a PLACE: venues must be open for it */
};
bool venue_takes(const struct wants *w, uint8_t venue);
struct wants wants_of_place(const struct command_place *p, struct instrument *i, uint8_t asked);
struct wants wants_of_order(const struct engine *e, const struct order *o);
/* Fills d; d->venue is VENUE_NONE without a choice. */
void decide(struct engine *e, const struct wants *w, struct decision *d);
bool decision_open(const struct engine *e, const struct wants *w, uint8_t venue); /* "open for it", later */
enum reject judge_route(struct turn *t, struct ticket *k); /* rule 6a */

/* core/desk.c */
/* Of an order just placed: the route and its ROUTED; the order is stored, in no queue. */
void route_begin(struct turn *t, uint32_t order, const struct decision *d);
/* ROUTED of an order that a rule of the table sent to BOOK or QUOTE at once. */
void routed_event_plain(struct turn *t, const struct order *o, const struct decision *d);
/* The order of a route leaves the state: it is what it was from here on. */
void route_order_left(struct engine *e, const struct order *o);
void route_forget(struct engine *e, uint32_t route);
void route_put(struct engine *e, uint32_t route); /* an import: index, lists, timer by its fields */
void route_due(struct engine *e, struct route *r, int64_t due_ns); /* 0: no timer */
void route_done(struct engine *e, struct route *r, uint8_t state);  /* FILLED, CANCELLED, SETTLED: its next timer */
/* Ends an open order, or asks for its end at its broker; reason 0: it expires. False: its broker has not answered what was asked
 * before, so nothing was done. */
bool order_cancel(struct turn *t, uint32_t order, enum event_kind kind, enum cancel_reason reason);
/* False: it is at a broker that was asked for something already, and order_cancel would pass over it. */
bool order_may_be_asked(const struct engine *e, const struct order *o);
void apply_cancel_at_desk(struct turn *t, const struct command *c, uint32_t order);
void broker_state_event(struct turn *t, const struct route *r, uint8_t before, uint8_t report, struct text reason);
/* A later decision. by_sweep: in vain, nothing is said. */
bool route_decide_waiting(struct turn *t, uint32_t route, enum route_cause cause);
/* After VENUE_REJECTED or NOT_FOUND. */
void route_decide_again(struct turn *t, uint32_t route, enum route_cause cause);
void route_send(struct turn *t, uint32_t route, const struct decision *d, enum route_cause cause);
void route_timer(struct turn *t, uint32_t route);
bool route_waits(const struct route *r);
uint32_t routes_sweep_run(struct turn *t, uint32_t route); /* returns how many were sent; e->sweep says where it stands */
void routes_sweep_leaves(struct engine *e, const struct route *r);
/* PENDING_MODIFY is answered: the leaves that a total quantity leaves, the hold of the order as it is now. */
void modify_settle(struct engine *e, struct order *o, struct route *r, int64_t target);
static inline uint64_t route_order_id(const struct route *r)
{
    return r->id;
}

/* core/report.c */
void apply_report(struct turn *t, const struct command *c);
void apply_route(struct turn *t, const struct command *c);
void apply_settle(struct turn *t, const struct command *c);

/* core/fills.c */
void apply_fill(struct turn *t, const struct command *c);
uint32_t execution_put(struct engine *e, uint32_t route, const struct execution *from); /* the newest of its route */
void executions_forget(struct engine *e, struct route *r);

/* core/batch.c */
void apply_batch(struct turn *t, const struct command *c);
void apply_cancel_batch(struct turn *t, const struct command *c);
uint32_t batch_sweep_run(struct turn *t, struct sweep_state s);

/* core/desk_values.c: what values of the desk must be, and whether its tables fit the orders and accounts. */
bool route_good(const struct engine *e, const struct route_state *s);
bool desk_good(const struct engine *e);

/* core/statement.c */
void apply_statement(struct turn *t, const struct command *c);

#endif
