/* tests/model/desk.c - orders at brokers: their routes, what is asked of them, what they report, and their time.
 * Invariant: an order that stands in the queue DESK has a route, and an open route's order is in the state; a route that is not open
 * keeps what its order was until its time is over. */
#include "tests/model/internal.h"

#include <string.h>

static const int64_t second_ns = 1000000000;
static const int64_t day_ns = (int64_t)86400 * 1000000000;

struct route_state *model_find_route(struct model *m, uint64_t order_id)
{
    for (uint32_t k = 0; k < m->routes_count; k++)
        if (m->routes[k].order_id == order_id) return &m->routes[k];
    return NULL;
}

const struct route_state *model_route(const struct model *m, uint64_t order_id)
{
    return model_find_route((struct model *)(uintptr_t)m, order_id);
}

uint32_t model_executions_of(const struct model *m, uint64_t order_id)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < m->executions_count; k++) count += m->executions[k].order_id == order_id;
    return count;
}

void model_drop_route(struct model *m, uint64_t order_id)
{
    *model_find_route(m, order_id) = m->routes[m->routes_count - 1];
    m->routes_count--;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < m->executions_count; k++)
        if (m->executions[k].order_id != order_id) m->executions[kept++] = m->executions[k];
    m->executions_count = kept;
}

static bool is_open_state(int state)
{
    return state >= BROKER_ROUTED && state <= BROKER_PENDING_ROUTE;
}

/* The cancel that was asked for is not answered, or in doubt. The same of a modify. */
static bool is_in(const struct route_state *r, int state)
{
    return r->state == state || (r->state == BROKER_UNKNOWN && r->doubt == state);
}

static void forget_modify(struct route_state *r)
{
    r->new_price = 0;
    r->new_quantity = 0;
    r->new_stop_price = 0;
    r->old_quantity = 0;
}

static void take_state(struct route_state *r, int state)
{
    r->state = (uint8_t)state;
    r->doubt = 0;
    r->reason = 0;
    forget_modify(r);
}

/* The order has nowhere to go and waits from now on. */
static void begin_to_wait(struct model *m, struct route_state *r)
{
    take_state(r, BROKER_PENDING_ROUTE);
    r->venue = 0;
    r->wait = m->scalars.priority_next++;
    r->tries = 1;
    r->due_ns = m->scalars.now_ns + ROUTE_RETRY_SECONDS * second_ns;
    r->ext_order_id_len = 0;
    memset(r->ext_order_id, 0, sizeof r->ext_order_id);
}

void model_make_route(struct model *m, const struct order_state *o, const struct decision *d)
{
    struct route_state *r = &m->routes[m->routes_count++];
    *r = (struct route_state){.order_id = o->id,
                              .account_id = o->account_id,
                              .instrument_id = o->instrument_id,
                              .attempt = 1,
                              .side = o->side,
                              .open = true,
                              .asked = d->asked};
    if (!d->chose) {
        begin_to_wait(m, r);
        return;
    }
    r->venue = d->venue;
    r->state = BROKER_ROUTED;
}

void model_route_order_left(struct model *m, const struct order_state *o)
{
    struct route_state *r = model_find_route(m, o->id);
    if (r == NULL || !r->open) return;
    if (r->state == BROKER_PENDING_ROUTE && model_executions_of(m, o->id) == 0) {
        model_drop_route(m, o->id);
        return;
    }
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    r->open = false;
    r->filled = o->quantity - o->leaves;
    r->notional_filled = o->notional_filled;
    r->fee_accrued = o->fee_accrued;
    r->wait = 0;
    take_state(r, o->leaves == 0 ? BROKER_FILLED : BROKER_CANCELLED);
    r->due_ns = m->scalars.now_ns + m->scalars.limits.linger_s * second_ns;
    if (o->leaves == 0) r->due_ns = (m->scalars.now_ns / day_ns + i->spec.settlement_days + 1) * day_ns;
}

void model_say_broker_state(struct model *m, const struct route_state *r, int before, const struct command_report *said)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, r->instrument_id)->spec;
    const struct order_state *o = model_find_order(m, r->order_id);
    struct event_broker_state *e = &model_say(m, EVENT_BROKER_STATE)->broker_state;
    e->order_id = r->order_id;
    e->account = model_account_by_id(m, r->account_id)->account;
    e->symbol = spec->symbol;
    e->venue = model_venue_name(m, r->venue);
    if (r->state == BROKER_PENDING_MODIFY) {
        e->price = r->new_price;
        e->quantity = r->new_quantity;
        e->stop_price = r->new_stop_price;
    }
    if (o != NULL) {
        e->leaves = o->leaves;
        e->hold = o->hold;
    }
    e->state = r->state;
    e->before = (uint8_t)before;
    e->side = r->side;
    e->price_scale = spec->price_scale;
    e->quantity_scale = spec->quantity_scale;
    e->currency_scale = spec->currency_scale;
    if (said == NULL) return;
    e->report = said->report;
    e->reason_len = (uint8_t)said->reason.len_bytes;
    if (said->reason.len_bytes > 0) memcpy(e->reason, said->reason.bytes, said->reason.len_bytes);
}

/* ---- what ends an order ---- */

static bool is_at_broker(const struct order_state *o)
{
    return model_is_at_desk(o) && o->extra.venue != VENUE_NONE;
}

bool model_can_be_asked(struct model *m, const struct order_state *o)
{
    if (!is_at_broker(o)) return true;
    int state = model_find_route(m, o->id)->state;
    return state == BROKER_ROUTED || state == BROKER_ACKED;
}

bool model_end_or_ask(struct model *m, uint64_t order_id, int reason)
{
    const struct order_state *o = model_find_order(m, order_id);
    if (!model_can_be_asked(m, o)) return false;
    if (is_at_broker(o)) {
        struct route_state *r = model_find_route(m, order_id);
        int before = r->state;
        take_state(r, BROKER_PENDING_CANCEL);
        r->reason = (uint8_t)reason;
        model_say_broker_state(m, r, before, NULL);
    } else if (reason == 0) {
        model_order_expire(m, order_id);
    } else {
        model_order_cancel(m, order_id, (enum cancel_reason)reason);
    }
    return true;
}

/* ---- later decisions ---- */

uint64_t model_waits_after(struct model *m, uint64_t order_id)
{
    const struct route_state *after = model_find_route(m, order_id), *next = NULL;
    for (uint32_t k = 0; k < m->routes_count; k++) {
        const struct route_state *r = &m->routes[k];
        if (r->wait == 0 || (after != NULL && r->wait <= after->wait)) continue;
        if (next == NULL || r->wait < next->wait) next = r;
    }
    return next == NULL ? 0 : next->order_id;
}

static void send_to_broker(struct model *m, struct order_state *o, struct route_state *r, const struct decision *d)
{
    take_state(r, BROKER_ROUTED);
    r->venue = d->venue;
    r->ext_order_id_len = 0;
    memset(r->ext_order_id, 0, sizeof r->ext_order_id);
    o->extra.venue = d->venue;
    o->extra.phase = ORDER_PHASE_AT_BROKER;
    model_open_objects(m, o);
}

/* It leaves the desk for the book or the quote, and goes on as a stop that triggered. */
static void take_home(struct model *m, uint64_t order_id, const struct decision *d)
{
    struct order_state *o = model_find_order(m, order_id);
    model_drop_route(m, order_id);
    model_take_priority(m, o);
    o->extra.venue = d->venue;
    o->extra.phase = (uint8_t)model_phase_at_work(o, model_instrument_by_id(m, o->instrument_id));
    model_open_objects(m, o);
    model_turn_to(m, o->instrument_id);
    if (model_is_stop(o->type)) {
        o->extra.direction = (uint8_t)model_other_side(o->side);
        return;
    }
    if (o->type == ORDER_TYPE_MARKET) model_become_market(m, o);
    model_go_on_triggered(m, order_id);
}

static void send(struct model *m, uint64_t order_id, const struct decision *d, int cause, bool asked)
{
    struct order_state *o = model_find_order(m, order_id);
    struct route_state *r = model_find_route(m, order_id);
    model_sweep_stops_waiting(m, order_id);
    r->attempt++;
    r->tries = 0;
    r->wait = 0;
    r->due_ns = 0;
    r->manual_review = false;
    if (d->venue >= VENUE_BROKER_FIRST) send_to_broker(m, o, r, d);
    model_say_routed(m, o, d, cause, asked);
    if (d->venue < VENUE_BROKER_FIRST) take_home(m, order_id, d);
}

static struct decision decide_later(struct model *m, const struct order_state *o, const struct route_state *r,
                                    uint32_t refused)
{
    struct decision d = model_decide_again(m, o, r, refused);
    const struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    if (model_judge_halted(m, a, i) != 0) {
        d.chose = false;
        d.venue = VENUE_NONE;
    }
    return d;
}

/* Its GTD timer came while it was at a broker. */
static bool is_past_its_time(const struct order_state *o)
{
    return o->tif == TIF_GTD && o->expires_ns == 0;
}

/* Timer: it is looked at once more. */
static void retry(struct model *m, struct route_state *r)
{
    struct order_state *o = model_find_order(m, r->order_id);
    struct decision d = decide_later(m, o, r, r->refused);
    if (d.chose) {
        send(m, o->id, &d, ROUTE_CAUSE_RETRIED, r->asked != 0);
        return;
    }
    r->attempt++;
    r->tries++;
    r->due_ns = m->scalars.now_ns + ROUTE_RETRY_SECONDS * second_ns;
    if (r->tries >= ROUTE_TRIES_MAX) {
        r->manual_review = true;
        r->due_ns = 0;
    }
    model_say_routed(m, o, &d, ROUTE_CAUSE_RETRIED, r->asked != 0);
}

/* Its broker does not have it. */
static void decide_after_no(struct model *m, uint64_t order_id, int cause)
{
    struct order_state *o = model_find_order(m, order_id);
    struct route_state *r = model_find_route(m, order_id);
    if (is_past_its_time(o)) {
        model_order_expire(m, order_id);
        return;
    }
    struct decision d = decide_later(m, o, r, r->refused);
    if (d.chose) {
        send(m, order_id, &d, cause, r->asked != 0);
    } else if (d.eligible && model_may_wait_for_venue(o)) {
        begin_to_wait(m, r);
        r->attempt++;
        o->extra.venue = VENUE_NONE;
        o->extra.phase = ORDER_PHASE_PENDING_ROUTE;
        model_say_routed(m, o, &d, cause, r->asked != 0);
    } else {
        model_order_cancel(m, order_id, CANCEL_REASON_VENUE_REJECTED);
    }
}

void model_sweep_routes(struct model *m, struct sweep_state sweep)
{
    m->scalars.sweep = sweep;
    m->swept.say = true;
    m->swept.kind = SWEEP_ROUTES;
    while (m->scalars.sweep.kind == SWEEP_ROUTES && m->scalars.sweep.next_order_id != 0) {
        if (!model_work_left(m)) return;
        m->work_used++;
        uint64_t order_id = m->scalars.sweep.next_order_id;
        m->scalars.sweep.next_order_id = model_waits_after(m, order_id);
        const struct order_state *o = model_find_order(m, order_id);
        const struct route_state *r = model_find_route(m, order_id);
        struct decision d = decide_later(m, o, r, r->refused);
        if (!d.chose) continue;
        m->swept.orders++;
        send(m, order_id, &d, ROUTE_CAUSE_VENUE_UP, r->asked != 0);
    }
    memset(&m->scalars.sweep, 0, sizeof m->scalars.sweep);
}

/* ---- time ---- */

static void settle(struct model *m, struct route_state *r, bool by_command)
{
    take_state(r, BROKER_SETTLED);
    r->due_ns = m->scalars.now_ns + m->scalars.limits.linger_s * second_ns;
    model_say(m, EVENT_SETTLED)->settled =
        (struct event_settled){.order_id = r->order_id,
                               .account = model_account_by_id(m, r->account_id)->account,
                               .symbol = model_instrument_by_id(m, r->instrument_id)->spec.symbol,
                               .venue = model_venue_name(m, r->venue),
                               .by_command = by_command};
}

void model_route_timer(struct model *m, struct route_state *r)
{
    if (r->state == BROKER_PENDING_ROUTE)
        retry(m, r);
    else if (r->state == BROKER_FILLED)
        settle(m, r, false);
    else
        model_drop_route(m, r->order_id);
}

/* ---- REPORT ---- */

static bool is_never_there(struct model *m, const struct route_state *r)
{
    const struct order_state *o = model_find_order(m, r->order_id);
    return is_in(r, BROKER_ROUTED) && o->quantity == o->leaves;
}

static int judge_ack(struct model *m, const struct command_report *s, const struct route_state *r)
{
    if (r->ext_order_id_len == 0) return 0;
    bool same = r->ext_order_id_len == s->ext_order_id.len_bytes &&
                memcmp(r->ext_order_id, s->ext_order_id.bytes, r->ext_order_id_len) == 0;
    if (!same) return model_refuse_plain(m, REJECT_EXT_ORDER_ID_DIFFERS, REFUSAL_EXT_ORDER_ID);
    return r->state == BROKER_UNKNOWN ? 0 : model_refuse_plain(m, REJECT_REPORT_REPEATED, REFUSAL_EXT_ORDER_ID);
}

static bool is_expected(struct model *m, const struct command_report *s, const struct route_state *r)
{
    switch (s->report) {
    case REPORT_REJECT:
    case REPORT_NOT_FOUND: return is_never_there(m, r);
    case REPORT_CANCEL_REJECTED: return is_in(r, BROKER_PENDING_CANCEL);
    case REPORT_REPLACED:
    case REPORT_REPLACE_REJECTED: return is_in(r, BROKER_PENDING_MODIFY);
    case REPORT_UNKNOWN:
        return r->state == BROKER_ROUTED || r->state == BROKER_PENDING_CANCEL || r->state == BROKER_PENDING_MODIFY;
    default: return true;
    }
}

static int judge_report_words(struct model *m, const struct command_report *s)
{
    uint32_t len = s->ext_order_id.len_bytes;
    if (s->report < 1 || s->report > REPORT_NUMBER_MAX)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_REPORT);
    if (len > EXT_ID_BYTES_MAX || (s->report == REPORT_ACK && len == 0))
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_EXT_ORDER_ID);
    if (s->reason.len_bytes > REASON_BYTES_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_REASON);
    return 0;
}

static int judge_report(struct model *m, const struct command_report *s)
{
    int reason = judge_report_words(m, s);
    if (reason != 0) return reason;
    const struct route_state *r = model_find_route(m, s->order_id);
    if (r == NULL || !is_open_state(r->state)) return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    bool given = s->venue.bytes[0] != '\0';
    uint8_t number = model_venue_number(m, &s->venue);
    if (given && number == 0) return model_refuse_plain(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    if (r->state == BROKER_PENDING_ROUTE || (given && number != r->venue))
        return model_refuse_plain(m, REJECT_VENUE_DIFFERS, REFUSAL_VENUE);
    if (!is_expected(m, s, r))
        return model_refuse(m, REJECT_REPORT_NOT_EXPECTED, REFUSAL_REPORT, r->state, 0, 0, DECIMAL_ABSENT);
    if (s->report == REPORT_ACK) reason = judge_ack(m, s, r);
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    return reason;
}

int64_t model_stop_hold_price(const struct instrument_state *i, int side, int64_t stop_price)
{
    return model_is_buy(side) ? model_raise(i, stop_price) : stop_price;
}

/* What the order is once its modify was answered. True: nothing of it is left. */
static bool settle_numbers(struct model *m, struct order_state *o, const struct route_state *r, bool replaced)
{
    int64_t target = r->old_quantity, filled = o->quantity - o->leaves;
    if (replaced && r->new_quantity != 0) target = r->new_quantity;
    if (replaced && r->new_price != 0) o->price = r->new_price;
    if (replaced && r->new_stop_price != 0) o->extra.stop_price = r->new_stop_price;
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    if (o->type == ORDER_TYPE_STOP)
        o->extra.hold_price = model_stop_hold_price(i, o->side, o->extra.stop_price);
    else if (o->type != ORDER_TYPE_MARKET)
        o->extra.hold_price = 0;
    int64_t leaves = target > filled ? target - filled : 0;
    if (leaves == 0 && replaced) return true;
    model_shrink(m, o, leaves < o->leaves ? o->leaves - leaves : 0);
    return o->leaves == 0;
}

/* The modify was refused, or never came to anything: back to what it was. */
static void modify_refused(struct model *m, uint64_t order_id, const struct command_report *s)
{
    struct order_state *o = model_find_order(m, order_id);
    struct route_state *r = model_find_route(m, order_id);
    int before = r->state;
    if (settle_numbers(m, o, r, false))
        model_order_leaves_state(m, order_id);
    else
        take_state(r, BROKER_ACKED);
    r = model_find_route(m, order_id);
    model_say_broker_state(m, r, before, s);
}

static void replaced(struct model *m, uint64_t order_id, const struct command_report *s)
{
    struct order_state *o = model_find_order(m, order_id);
    struct route_state *r = model_find_route(m, order_id);
    int before = r->state;
    if (settle_numbers(m, o, r, true)) {
        model_order_cancel(m, order_id, CANCEL_REASON_REDUCED_TO_FILLED);
        return;
    }
    o->updated_ns = m->scalars.now_ns;
    take_state(r, BROKER_ACKED);
    model_say_modified(m, o, true);
    model_say_broker_state(m, r, before, s);
}

static void acknowledged(struct model *m, struct route_state *r, const struct command_report *s)
{
    r->ext_order_id_len = (uint8_t)s->ext_order_id.len_bytes;
    memcpy(r->ext_order_id, s->ext_order_id.bytes, s->ext_order_id.len_bytes);
    if (r->state == BROKER_UNKNOWN && r->doubt == BROKER_PENDING_MODIFY)
        modify_refused(m, r->order_id, s);
    else if (r->state == BROKER_ROUTED || r->state == BROKER_UNKNOWN)
        take_state(r, BROKER_ACKED);
    if (r->state == BROKER_FILLED) return; /* BROKER_STATE said it */
    struct event_acked *e = &model_say(m, EVENT_ACKED)->acked;
    e->order_id = r->order_id;
    e->account = model_account_by_id(m, r->account_id)->account;
    e->symbol = model_instrument_by_id(m, r->instrument_id)->spec.symbol;
    e->venue = model_venue_name(m, r->venue);
    e->state = r->state;
    e->ext_order_id_len = r->ext_order_id_len;
    memcpy(e->ext_order_id, r->ext_order_id, sizeof e->ext_order_id);
}

static void ended_at_broker(struct model *m, const struct route_state *r, int report)
{
    bool asked = is_in(r, BROKER_PENDING_CANCEL);
    if (report == REPORT_EXPIRED || (asked && r->reason == 0))
        model_order_expire(m, r->order_id);
    else
        model_order_cancel(m, r->order_id, asked ? (enum cancel_reason)r->reason : CANCEL_REASON_VENUE_CANCELLED);
}

/* What the broker said is told before what comes of it. */
static bool ends_or_sends_on(int report)
{
    return report == REPORT_REJECT || report == REPORT_NOT_FOUND || report == REPORT_CANCELLED ||
           report == REPORT_EXPIRED;
}

static void take_report(struct model *m, struct route_state *r, const struct command_report *s)
{
    int before = r->state;
    if (ends_or_sends_on(s->report)) model_say_broker_state(m, r, before, s);
    switch (s->report) {
    case REPORT_ACK: acknowledged(m, r, s); return;
    case REPORT_REJECT:
        r->refused |= (uint32_t)1 << (r->venue - 1);
        decide_after_no(m, r->order_id, ROUTE_CAUSE_VENUE_REJECTED);
        return;
    case REPORT_NOT_FOUND: decide_after_no(m, r->order_id, ROUTE_CAUSE_NOT_FOUND); return;
    case REPORT_CANCELLED:
    case REPORT_EXPIRED: ended_at_broker(m, r, s->report); return;
    case REPORT_REPLACED: replaced(m, r->order_id, s); return;
    case REPORT_REPLACE_REJECTED: modify_refused(m, r->order_id, s); return;
    case REPORT_CANCEL_REJECTED: take_state(r, BROKER_ACKED); break;
    default:
        r->doubt = r->state;
        r->state = BROKER_UNKNOWN;
        break;
    }
    model_say_broker_state(m, r, before, s);
}

int model_apply_report(struct model *m, const struct command *c)
{
    int reason = judge_report(m, &c->report);
    if (reason == 0) take_report(m, model_find_route(m, c->report.order_id), &c->report);
    return reason;
}

/* ---- ROUTE and SETTLE ---- */

static int judge_by_hand(struct model *m, const struct command_route *s, const struct order_state *o,
                         const struct route_state *r, struct decision *d)
{
    if (s->venue.bytes[0] == '\0') {
        *d = model_decide_again(m, o, r, 0);
        return d->chose ? 0 : model_refuse_plain(m, REJECT_VENUE_DOWN, REFUSAL_VENUE);
    }
    uint8_t number = model_venue_number(m, &s->venue);
    if (number == 0) return model_refuse_plain(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    /* Every venue takes what a broker may have. */
    if (m->venues[number - 1].state == VENUE_STATE_DOWN || !model_is_open_for(m, number, o))
        return model_refuse_plain(m, REJECT_VENUE_DOWN, REFUSAL_VENUE);
    *d = (struct decision){.candidates = {number},
                           .count = 1,
                           .asked = number,
                           .chose = true,
                           .venue = number == VENUE_BOOK ? 0 : number,
                           .eligible = true};
    return 0;
}

int model_apply_route(struct model *m, const struct command *c)
{
    const struct command_route *s = &c->route;
    struct route_state *r = model_find_route(m, s->order_id);
    if (r == NULL || !is_open_state(r->state)) return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    const struct order_state *o = model_find_order(m, s->order_id);
    bool lost = r->state == BROKER_UNKNOWN && is_never_there(m, r);
    if ((r->state != BROKER_PENDING_ROUTE && !lost) || is_past_its_time(o))
        return model_refuse_plain(m, REJECT_ROUTE_NOT_ALLOWED, REFUSAL_ORDER_ID);
    struct decision d = {0};
    int reason = judge_by_hand(m, s, o, r, &d);
    if (reason == 0)
        reason =
            model_judge_halted(m, model_account_by_id(m, o->account_id), model_instrument_by_id(m, o->instrument_id));
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (reason != 0) return reason;
    r->refused = 0;
    r->manual_review = false;
    send(m, s->order_id, &d, ROUTE_CAUSE_BY_HAND, s->venue.bytes[0] != '\0');
    return 0;
}

int model_apply_settle(struct model *m, const struct command *c)
{
    struct route_state *r = model_find_route(m, c->settle.order_id);
    if (r == NULL) return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    if (r->state != BROKER_FILLED)
        return model_refuse(m, REJECT_SETTLE_NOT_ALLOWED, REFUSAL_ORDER_ID, r->state, 0, 0, DECIMAL_ABSENT);
    settle(m, r, true);
    return 0;
}
