/* core/desk.c - routes: what an order has to do with brokers, from the decision where it goes until it has settled and lingered.
 *
 *   PENDING_ROUTE --route_send--> ROUTED --> ACKED <--> PENDING_MODIFY
 *         ^                         |          |
 *         '--route_decide_again-----'          '--order_cancel--> PENDING_CANCEL --> (order_end) CANCELLED
 *   any open state --report--> UNKNOWN;  a fill of all that is left --route_done--> FILLED --route_timer--> SETTLED --> forgotten
 *
 * What must stay true: while its order is open (route.order != 0) the two know each other and the order is in the queue DESK; a route that
 * waits, and only it, is in the list of those that wait and has venue 0; a route whose order has left is FILLED, CANCELLED or SETTLED and
 * has a timer. */
#include "core/desk_parts.h"

/* Lists, timers, the arena. */

bool route_waits(const struct route *r)
{
    return r->state == BROKER_PENDING_ROUTE;
}

void route_due(struct engine *e, struct route *r, int64_t due_ns)
{
    route_touch(e, r);
    if (r->timer != 0) timer_remove_route(e, route_index(e, r));
    r->due_ns = due_ns;
    if (due_ns != 0) timer_add_route(e, route_index(e, r), due_ns);
}

/* By wait: a new one is the last; an import may bring them in any order. */
static void wait_link(struct engine *e, uint32_t index)
{
    struct route *r = route_at(e, index);
    uint32_t before = e->wait_last;
    while (before != 0 && route_at(e, before)->wait > r->wait) before = route_at(e, before)->wait_prev;
    r->wait_prev = before;
    r->wait_next = before == 0 ? e->wait_first : route_at(e, before)->wait_next;
    *(before != 0 ? &route_at(e, before)->wait_next : &e->wait_first) = index;
    *(r->wait_next != 0 ? &route_at(e, r->wait_next)->wait_prev : &e->wait_last) = index;
    e->waiting++;
}

static void wait_unlink(struct engine *e, struct route *r)
{
    if (UNLIKELY(e->sweep.kind == SWEEP_ROUTES)) routes_sweep_leaves(e, r);
    *(r->wait_prev != 0 ? &route_at(e, r->wait_prev)->wait_next : &e->wait_first) = r->wait_next;
    *(r->wait_next != 0 ? &route_at(e, r->wait_next)->wait_prev : &e->wait_last) = r->wait_prev;
    r->wait_next = r->wait_prev = 0;
    e->waiting--;
}

void route_put(struct engine *e, uint32_t index)
{
    struct route *r = route_at(e, index);
    routes_index_add(e, index);
    route_touch(e, r);
    if (route_waits(r)) wait_link(e, index);
    if (r->due_ns != 0) timer_add_route(e, index, r->due_ns);
}

void route_forget(struct engine *e, uint32_t index)
{
    struct route *r = route_at(e, index);
    if (route_waits(r)) wait_unlink(e, r);
    if (r->timer != 0) timer_remove_route(e, index);
    executions_forget(e, r);
    route_untouch(e, r);
    routes_index_remove(e, index);
    pool_give(e, &e->routes, index);
}

/* It is not settled before the day of its last fill, and as many days as the instrument takes, are over. */
static int64_t settles_ns(const struct engine *e, const struct route *r)
{
    int64_t day = e->now_ns / DESK_DAY_NS;
    return (day + instrument_at(e, r->instrument)->settlement_days + 1) * DESK_DAY_NS;
}

void route_done(struct engine *e, struct route *r, uint8_t state)
{
    int64_t lingers_ns = e->now_ns + (int64_t)e->limits.linger_s * DESK_SECOND_NS;
    r->state = state;
    r->doubt = r->reason = 0;
    r->new_price = r->new_quantity = r->new_stop_price = r->old_quantity = 0;
    route_due(e, r, state == BROKER_FILLED ? settles_ns(e, r) : lingers_ns);
}

void route_order_left(struct engine *e, const struct order *o)
{
    uint32_t index = order_extra_at(e, o->extra)->route;
    struct route *r = route_at(e, index);
    if (route_waits(r) && r->executions_count == 0) {
        route_forget(e, index);
        return;
    }
    if (route_waits(r)) {
        wait_unlink(e, r);
        r->wait = 0;
    }
    r->order = 0;
    r->filled = o->quantity - o->leaves;
    r->notional_filled = o->notional_filled;
    r->fee_accrued = o->fee_accrued;
    route_touch(e, r);
    if (r->state <= BROKER_PENDING_ROUTE) route_done(e, r, BROKER_CANCELLED);
}

/* Events. */

static void routed_event(struct turn *t, const struct order *o, const struct decision *d, enum route_cause cause)
{
    const struct engine *e = t->engine;
    struct event_routed *ev = &turn_event(t, EVENT_ROUTED)->routed;
    *ev = (struct event_routed){.order_id = o->id,
                                .account = account_at(e, o->account)->account,
                                .symbol = instrument_at(e, o->instrument)->symbol,
                                .chosen = venue_name(e, d->venue),
                                .attempt = 1,
                                .rule = d->rule,
                                .venue = d->venue,
                                .cause = (uint8_t)cause,
                                .asked = d->asked};
    for (unsigned n = 0; n < d->count; n++) ev->candidates[n] = e->venues[d->candidates[n]].venue;
    uint32_t index = o->extra == 0 ? 0 : order_extra_at(e, o->extra)->route;
    if (index == 0) return;
    const struct route *r = route_at(e, index);
    ev->attempt = r->attempt;
    ev->retry_ns = route_waits(r) ? r->due_ns : 0;
    ev->manual_review = r->manual_review != 0;
}

void routed_event_plain(struct turn *t, const struct order *o, const struct decision *d)
{
    routed_event(t, o, d, ROUTE_CAUSE_PLACED);
}

void broker_state_event(struct turn *t, const struct route *r, uint8_t before, uint8_t report, struct text reason)
{
    const struct engine *e = t->engine;
    const struct instrument *i = instrument_at(e, r->instrument);
    const struct order *o = r->order == 0 ? NULL : order_at(e, r->order);
    bool modify = r->state == BROKER_PENDING_MODIFY;
    struct event_broker_state *ev = &turn_event(t, EVENT_BROKER_STATE)->broker_state;
    *ev = (struct event_broker_state){.order_id = r->id,
                                      .account = account_at(e, r->account)->account,
                                      .symbol = i->symbol,
                                      .venue = venue_name(e, r->venue),
                                      .price = modify ? r->new_price : 0,
                                      .quantity = modify ? r->new_quantity : 0,
                                      .stop_price = modify ? r->new_stop_price : 0,
                                      .leaves = o == NULL ? 0 : o->leaves,
                                      .hold = o == NULL ? 0 : o->hold,
                                      .state = r->state,
                                      .before = before,
                                      .report = report,
                                      .side = r->side,
                                      .price_scale = i->price_scale,
                                      .quantity_scale = i->quantity_scale,
                                      .currency_scale = i->currency_scale,
                                      .reason_len = (uint8_t)reason.len_bytes};
    if (reason.len_bytes != 0) memcpy(ev->reason, reason.bytes, reason.len_bytes);
}

/* Waiting. */

static void wait_begin(struct engine *e, struct route *r)
{
    r->state = BROKER_PENDING_ROUTE;
    r->venue = 0;
    r->tries = 1;
    r->wait = e->priority_next++;
    wait_link(e, route_index(e, r));
    route_due(e, r, e->now_ns + ROUTE_RETRY_SECONDS * DESK_SECOND_NS);
}

void route_begin(struct turn *t, uint32_t order, const struct decision *d)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, order);
    uint32_t index = pool_take(e, &e->routes);
    struct route *r = route_at(e, index);
    bool none = d->venue == VENUE_NONE;
    *r = (struct route){.id = o->id,
                        .order = order,
                        .account = o->account,
                        .instrument = o->instrument,
                        .venue = none ? 0 : d->venue,
                        .state = BROKER_ROUTED,
                        .side = o->side,
                        .asked = d->asked ? d->candidates[0] : 0,
                        .attempt = 1};
    order_extra_at(e, o->extra)->route = index;
    route_put(e, index);
    if (none) wait_begin(e, r);
    routed_event(t, o, d, ROUTE_CAUSE_PLACED);
}

/* Decisions. */

/* A venue's house account has its place in the instrument before it can be the other side. */
void house_make_room(struct engine *e, uint32_t house, uint32_t instrument)
{
    uint32_t currency = instrument_at(e, instrument)->currency;
    if (house == 0 || position_find(e, house, instrument) != 0) return;
    uint32_t balance = balance_find(e, house, currency);
    if (balance == 0) balance = balance_make(e, house, currency);
    position_make(e, house, instrument, balance);
}

/* It goes to work as one that is placed now. */
static void order_to_work(struct turn *t, uint32_t order, uint8_t venue)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, order);
    struct order_extra *x = order_extra_at(e, o->extra);
    bool stop = type_is_stop(o->type);
    turn_at(t, o->instrument);
    route_forget(e, x->route);
    x->route = 0;
    x->venue = venue;
    order_touch(e, o);
    order_leave(e, order);
    order_reprioritize(e, order);
    o->phase = stop ? ORDER_PHASE_PENDING_TRIGGER : venue == 0 ? ORDER_PHASE_RESTING : ORDER_PHASE_AT_QUOTE;
    if (stop) x->direction = o->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    if (stop)
        order_work(t, order, o->leaves);
    else
        order_work_judged(t, order);
}

void route_send(struct turn *t, uint32_t index, const struct decision *d, enum route_cause cause)
{
    struct engine *e = t->engine;
    struct route *r = route_at(e, index);
    uint32_t order = r->order;
    struct order *o = order_at(e, order);
    if (route_waits(r)) wait_unlink(e, r);
    r->wait = 0;
    r->attempt++;
    r->tries = 0;
    r->manual_review = 0;
    r->state = BROKER_ROUTED;
    r->doubt = r->reason = 0;
    r->ext_order_id_len = 0;
    memset(r->ext_order_id, 0, sizeof r->ext_order_id);
    r->venue = venue_is_broker(d->venue) ? d->venue : 0;
    route_due(e, r, 0);
    routed_event(t, o, d, cause);
    house_make_room(e, venue_house(e, d->venue), o->instrument);
    if (!venue_is_broker(d->venue)) {
        order_to_work(t, order, d->venue);
        return;
    }
    order_touch(e, o);
    o->phase = ORDER_PHASE_AT_BROKER;
    order_extra_at(e, o->extra)->venue = d->venue;
}

/* Trading is halted for any of the three: nothing is sent anywhere by itself. */
static bool may_send(const struct engine *e, const struct order *o)
{
    return e->trading != ACCOUNT_STATUS_HALTED && instrument_at(e, o->instrument)->trading != ACCOUNT_STATUS_HALTED &&
           account_at(e, o->account)->status != ACCOUNT_STATUS_HALTED;
}

static void decide_for(struct engine *e, const struct order *o, struct decision *d)
{
    struct wants w = wants_of_order(e, o);
    decide(e, &w, d);
    if (!may_send(e, o)) d->venue = VENUE_NONE;
}

bool route_decide_waiting(struct turn *t, uint32_t index, enum route_cause cause)
{
    struct engine *e = t->engine;
    struct route *r = route_at(e, index);
    const struct order *o = order_at(e, r->order);
    struct decision d;
    decide_for(e, o, &d);
    if (d.venue != VENUE_NONE) {
        route_send(t, index, &d, cause);
        return true;
    }
    if (cause == ROUTE_CAUSE_VENUE_UP) return false;
    r->attempt++;
    r->tries++;
    r->manual_review = r->tries >= ROUTE_TRIES_MAX;
    route_due(e, r, r->manual_review ? 0 : e->now_ns + ROUTE_RETRY_SECONDS * DESK_SECOND_NS);
    routed_event(t, o, &d, cause);
    return false;
}

static bool may_wait(const struct order *o)
{
    return o->tif == TIF_DAY || o->tif == TIF_GTC || o->tif == TIF_GTD;
}

void route_decide_again(struct turn *t, uint32_t index, enum route_cause cause)
{
    struct engine *e = t->engine;
    struct route *r = route_at(e, index);
    uint32_t order = r->order;
    struct order *o = order_at(e, order);
    struct decision d;
    if (o->tif == TIF_GTD && o->expires_ns == 0) { /* its time is over */
        order_end(t, order, EVENT_EXPIRED, 0, 0);
        return;
    }
    decide_for(e, o, &d);
    if (d.venue != VENUE_NONE) {
        route_send(t, index, &d, cause);
        return;
    }
    if (!d.eligible || !may_wait(o)) {
        order_end(t, order, EVENT_CANCELLED, CANCEL_REASON_VENUE_REJECTED, 0);
        return;
    }
    r->attempt++;
    r->doubt = 0;
    r->ext_order_id_len = 0;
    memset(r->ext_order_id, 0, sizeof r->ext_order_id);
    wait_begin(e, r);
    order_touch(e, o);
    o->phase = ORDER_PHASE_PENDING_ROUTE;
    order_extra_at(e, o->extra)->venue = VENUE_NONE;
    routed_event(t, o, &d, cause);
}

/* The sweep over those that wait, by how long they do. */

void routes_sweep_leaves(struct engine *e, const struct route *r)
{
    if (e->sweep.next_order_id != r->id) return;
    if (r->wait_next == 0)
        memset(&e->sweep, 0, sizeof e->sweep);
    else
        e->sweep.next_order_id = route_at(e, r->wait_next)->id;
}

uint32_t routes_sweep_run(struct turn *t, uint32_t at)
{
    struct engine *e = t->engine;
    uint32_t sent = 0;
    e->sweep = (struct sweep_state){.kind = SWEEP_ROUTES};
    while (at != 0 && turn_has_work(t)) {
        t->used++;
        uint32_t next = route_at(e, at)->wait_next;
        e->sweep.next_order_id = next == 0 ? 0 : route_at(e, next)->id;
        sent += route_decide_waiting(t, at, ROUTE_CAUSE_VENUE_UP);
        /* What it set off may have taken the next one along. */
        uint64_t id = e->sweep.kind == SWEEP_ROUTES ? e->sweep.next_order_id : 0;
        at = id == 0 ? 0 : route_find(e, id);
    }
    if (at == 0)
        memset(&e->sweep, 0, sizeof e->sweep);
    else
        e->sweep.next_order_id = route_at(e, at)->id;
    return sent;
}

/* The end that somebody wants. */

static bool may_ask(const struct route *r)
{
    return r->state == BROKER_ROUTED || r->state == BROKER_ACKED;
}

bool order_may_be_asked(const struct engine *e, const struct order *o)
{
    return o->phase != ORDER_PHASE_AT_BROKER || may_ask(route_of(e, o));
}

static bool route_ask_cancel(struct turn *t, struct route *r, enum cancel_reason reason)
{
    uint8_t before = r->state;
    if (!may_ask(r)) return false;
    route_touch(t->engine, r);
    r->state = BROKER_PENDING_CANCEL;
    r->reason = (uint8_t)reason;
    broker_state_event(t, r, before, 0, (struct text){0});
    return true;
}

bool order_cancel(struct turn *t, uint32_t order, enum event_kind kind, enum cancel_reason reason)
{
    struct order *o = order_at(t->engine, order);
    if (UNLIKELY(o->phase == ORDER_PHASE_AT_BROKER)) return route_ask_cancel(t, route_of(t->engine, o), reason);
    order_end(t, order, kind, reason, 0);
    return true;
}

/* Time. */

void route_timer(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct route *r = route_at(e, index);
    if (route_waits(r)) {
        route_decide_waiting(t, index, ROUTE_CAUSE_RETRIED);
    } else if (r->state == BROKER_FILLED) {
        struct event_settled *ev = &turn_event(t, EVENT_SETTLED)->settled;
        *ev = (struct event_settled){.order_id = r->id,
                                     .account = account_at(e, r->account)->account,
                                     .symbol = instrument_at(e, r->instrument)->symbol,
                                     .venue = venue_name(e, r->venue)};
        route_done(e, r, BROKER_SETTLED);
    } else {
        route_forget(e, index);
    }
}

/* A change that the broker has answered. */

void modify_settle(struct engine *e, struct order *o, struct route *r, int64_t target)
{
    struct order_extra *x = order_extra_at(e, o->extra);
    int64_t filled = o->quantity - o->leaves, leaves = target > filled ? target - filled : 0;
    order_touch(e, o);
    route_touch(e, r);
    if (o->type == ORDER_TYPE_STOP)
        x->hold_price = stop_hold_price(instrument_at(e, o->instrument), o->side, x->stop_price);
    else if (o->type != ORDER_TYPE_MARKET)
        x->hold_price = 0;
    r->new_price = r->new_quantity = r->new_stop_price = r->old_quantity = 0;
    r->doubt = 0;
    if (leaves != 0 && leaves < o->leaves)
        order_shrink(e, o, o->leaves - leaves);
    else if (leaves != 0)
        order_hold_anew(e, o);
}
