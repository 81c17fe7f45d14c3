/* core/report.c - what brokers, and operators in their place, say of an order; and what an operator does with it by hand.
 * What must stay true: a report that does not fit the order's state changes nothing and is refused, so that a repeated, late or misdirected
 * answer is harmless. */
#include "core/desk_parts.h"

/* What was asked last: of an order in doubt, what was asked before the doubt. */
static uint8_t asked_state(const struct route *r)
{
    return r->state == BROKER_UNKNOWN ? r->doubt : r->state;
}

static int64_t filled_of(const struct engine *e, const struct route *r)
{
    const struct order *o = order_at(e, r->order);
    return r->order == 0 ? r->filled : o->quantity - o->leaves;
}

static bool never_filled(const struct engine *e, const struct route *r)
{
    return filled_of(e, r) == 0 && r->executions_count == 0;
}

/* Judging. */

static enum reject report_shape_judge(struct turn *t, const struct command_report *s)
{
    if (s->report == 0 || s->report > REPORT_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_REPORT);
    if (s->ext_order_id.len_bytes > EXT_ID_BYTES_MAX || (s->report == REPORT_ACK && s->ext_order_id.len_bytes == 0))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_EXT_ORDER_ID);
    if (s->reason.len_bytes > REASON_BYTES_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_REASON);
    return 0;
}

/* The route of an order that is open; 0: refused. */
static uint32_t open_route(struct turn *t, uint64_t order_id)
{
    uint32_t index = order_id == 0 ? 0 : route_find(t->engine, order_id);
    if (index != 0 && route_at(t->engine, index)->order != 0) return index;
    refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    return 0;
}

static enum reject report_venue_judge(struct turn *t, const struct name *venue, const struct route *r)
{
    uint8_t number = name_empty(venue) ? 0 : venue_find(t->engine, venue);
    if (!name_empty(venue) && number == 0) return refuse(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    if (route_waits(r) || (number != 0 && number != r->venue)) return refuse(t, REJECT_VENUE_DIFFERS, REFUSAL_VENUE);
    return 0;
}

static bool same_ext_order_id(const struct route *r, struct text id)
{
    return r->ext_order_id_len == id.len_bytes && memcmp(r->ext_order_id, id.bytes, id.len_bytes) == 0;
}

static enum reject ack_judge(struct turn *t, const struct command_report *s, const struct route *r)
{
    if (r->ext_order_id_len == 0) return 0;
    if (!same_ext_order_id(r, s->ext_order_id)) return refuse(t, REJECT_EXT_ORDER_ID_DIFFERS, REFUSAL_EXT_ORDER_ID);
    return r->state == BROKER_UNKNOWN ? 0 : refuse(t, REJECT_REPORT_REPEATED, REFUSAL_EXT_ORDER_ID);
}

static bool report_fits(const struct engine *e, const struct command_report *s, const struct route *r)
{
    uint8_t asked = asked_state(r);
    switch (s->report) {
    case REPORT_ACK:
    case REPORT_CANCELLED:
    case REPORT_EXPIRED: return true;
    case REPORT_REJECT:
    case REPORT_NOT_FOUND: return asked == BROKER_ROUTED && never_filled(e, r);
    case REPORT_CANCEL_REJECTED: return asked == BROKER_PENDING_CANCEL;
    case REPORT_REPLACED:
    case REPORT_REPLACE_REJECTED: return asked == BROKER_PENDING_MODIFY;
    default: return r->state == BROKER_ROUTED || r->state == BROKER_PENDING_CANCEL || r->state == BROKER_PENDING_MODIFY;
    }
}

static enum reject report_judge(struct turn *t, const struct command_report *s, uint32_t *index)
{
    enum reject no = report_shape_judge(t, s);
    if (no != 0) return no;
    *index = open_route(t, s->order_id);
    if (*index == 0) return REJECT_ORDER_NOT_OPEN;
    const struct route *r = route_at(t->engine, *index);
    no = report_venue_judge(t, &s->venue, r);
    if (no == 0 && !report_fits(t->engine, s, r))
        no = refuse_numbers(t, REJECT_REPORT_NOT_EXPECTED, REFUSAL_REPORT, r->state, 0, 0, DECIMAL_ABSENT);
    if (no == 0 && s->report == REPORT_ACK) no = ack_judge(t, s, r);
    return no != 0 ? no : pending_judge(t);
}

/* Taking. */

static void acked_event(struct turn *t, const struct route *r)
{
    const struct engine *e = t->engine;
    struct event_acked *ev = &turn_event(t, EVENT_ACKED)->acked;
    *ev = (struct event_acked){.order_id = r->id,
                               .account = account_at(e, r->account)->account,
                               .symbol = instrument_at(e, r->instrument)->symbol,
                               .venue = venue_name(e, r->venue),
                               .state = r->state,
                               .ext_order_id_len = r->ext_order_id_len};
    memcpy(ev->ext_order_id, r->ext_order_id, sizeof ev->ext_order_id);
}

/* What was asked for is not: the order is as it was, or all of that is filled already. */
static void replace_rejected(struct turn *t, struct route *r, uint8_t report, struct text reason)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, r->order);
    uint8_t before = r->state;
    int64_t target = r->old_quantity;
    bool filled = target <= o->quantity - o->leaves;
    modify_settle(e, o, r, target);
    if (!filled) {
        r->state = BROKER_ACKED;
        broker_state_event(t, r, before, report, reason);
        return;
    }
    order_release(e, o);
    route_done(e, r, BROKER_FILLED);
    order_remove(e, r->order);
    broker_state_event(t, r, before, report, reason);
}

static void take_ack(struct turn *t, struct route *r, const struct command_report *s)
{
    bool modify = r->state == BROKER_UNKNOWN && r->doubt == BROKER_PENDING_MODIFY;
    route_touch(t->engine, r);
    r->ext_order_id_len = (uint8_t)s->ext_order_id.len_bytes;
    memset(r->ext_order_id, 0, sizeof r->ext_order_id);
    memcpy(r->ext_order_id, s->ext_order_id.bytes, s->ext_order_id.len_bytes);
    if (modify) replace_rejected(t, r, REPORT_ACK, s->reason);
    if (r->order == 0) return; /* it was filled, and said so */
    if (r->state == BROKER_ROUTED || r->state == BROKER_UNKNOWN) {
        r->state = BROKER_ACKED;
        r->doubt = r->reason = 0;
    }
    acked_event(t, r);
}

static void take_end(struct turn *t, struct route *r, const struct command_report *s)
{
    bool asked = asked_state(r) == BROKER_PENDING_CANCEL;
    enum cancel_reason reason = asked ? r->reason : CANCEL_REASON_VENUE_CANCELLED;
    bool expires = s->report == REPORT_EXPIRED || (asked && reason == 0);
    if (expires)
        order_end(t, r->order, EVENT_EXPIRED, 0, 0);
    else
        order_end(t, r->order, EVENT_CANCELLED, reason, 0);
}

static void modified_event(struct turn *t, const struct order *o)
{
    const struct engine *e = t->engine;
    const struct instrument *i = instrument_at(e, o->instrument);
    bool limit = type_has_limit(o->type);
    struct event_modified *ev = &turn_event(t, EVENT_MODIFIED)->modified;
    *ev = (struct event_modified){.order_id = o->id,
                                  .account = account_at(e, o->account)->account,
                                  .symbol = i->symbol,
                                  .price = limit ? o->price : 0,
                                  .quantity = o->quantity,
                                  .leaves = o->leaves,
                                  .stop_price = order_extra_at(e, o->extra)->stop_price,
                                  .hold = o->hold,
                                  .side = o->side,
                                  .kept_priority = true,
                                  .price_scale = i->price_scale,
                                  .quantity_scale = i->quantity_scale,
                                  .currency_scale = i->currency_scale};
}

static void take_replaced(struct turn *t, struct route *r, const struct command_report *s)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, r->order);
    uint8_t before = r->state;
    int64_t target = r->new_quantity != 0 ? r->new_quantity : r->old_quantity;
    bool filled = target <= o->quantity - o->leaves;
    if (r->new_price != 0) o->price = r->new_price;
    if (r->new_stop_price != 0) order_extra_at(e, o->extra)->stop_price = r->new_stop_price;
    o->updated_ns = e->now_ns;
    modify_settle(e, o, r, target);
    if (filled) {
        order_end(t, r->order, EVENT_CANCELLED, CANCEL_REASON_REDUCED_TO_FILLED, 0);
        return;
    }
    r->state = BROKER_ACKED;
    modified_event(t, o);
    broker_state_event(t, r, before, s->report, s->reason);
}

static void state_becomes(struct turn *t, struct route *r, uint8_t state, const struct command_report *s)
{
    uint8_t before = r->state;
    route_touch(t->engine, r);
    r->doubt = state == BROKER_UNKNOWN ? before : 0;
    if (state == BROKER_ACKED) r->reason = 0;
    r->state = state;
    broker_state_event(t, r, before, s->report, s->reason);
}

/* What a broker said that is taken without a BROKER_STATE of its own. */
static bool said_first(const struct command_report *s)
{
    return s->report == REPORT_REJECT || s->report == REPORT_NOT_FOUND || s->report == REPORT_CANCELLED ||
           s->report == REPORT_EXPIRED;
}

void apply_report(struct turn *t, const struct command *c)
{
    const struct command_report *s = &c->report;
    uint32_t index = 0;
    if (report_judge(t, s, &index) != 0) {
        turn_reject(t, c, s->order_id);
        return;
    }
    /* From here on it cannot fail. */
    struct route *r = route_at(t->engine, index);
    if (said_first(s)) broker_state_event(t, r, r->state, s->report, s->reason);
    switch (s->report) {
    case REPORT_ACK: take_ack(t, r, s); return;
    case REPORT_REJECT:
        route_touch(t->engine, r);
        r->refused |= 1u << (r->venue - 1);
        route_decide_again(t, index, ROUTE_CAUSE_VENUE_REJECTED);
        return;
    case REPORT_NOT_FOUND: route_decide_again(t, index, ROUTE_CAUSE_NOT_FOUND); return;
    case REPORT_CANCELLED:
    case REPORT_EXPIRED: take_end(t, r, s); return;
    case REPORT_CANCEL_REJECTED: state_becomes(t, r, BROKER_ACKED, s); return;
    case REPORT_REPLACED: take_replaced(t, r, s); return;
    case REPORT_REPLACE_REJECTED: replace_rejected(t, r, s->report, s->reason); return;
    default: state_becomes(t, r, BROKER_UNKNOWN, s); return;
    }
}

/* By hand. */

/* Where an operator's order goes: to the venue he names, or by the rules. */
static enum reject by_hand_judge(struct turn *t, const struct command_route *s, const struct order *o,
                                 struct decision *d)
{
    struct engine *e = t->engine;
    struct wants w = wants_of_order(e, o);
    uint8_t number = name_empty(&s->venue) ? 0 : venue_find(e, &s->venue);
    if (!name_empty(&s->venue) && number == 0) return refuse(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    w.refused = 0;
    if (number != 0) w.asked = number;
    decide(e, &w, d);
    d->asked = number != 0;
    if (!d->taken) return refuse(t, REJECT_NOT_SUPPORTED, REFUSAL_VENUE);
    return d->venue == VENUE_NONE ? refuse(t, REJECT_VENUE_DOWN, REFUSAL_VENUE) : 0;
}

static enum reject route_judge(struct turn *t, const struct command_route *s, uint32_t *index, struct decision *d)
{
    struct engine *e = t->engine;
    *index = open_route(t, s->order_id);
    if (*index == 0) return REJECT_ORDER_NOT_OPEN;
    const struct route *r = route_at(e, *index);
    bool in_doubt = r->state == BROKER_UNKNOWN && r->doubt == BROKER_ROUTED && never_filled(e, r);
    const struct order *o = order_at(e, r->order);
    bool over = o->tif == TIF_GTD && o->expires_ns == 0;
    if (over || (!route_waits(r) && !in_doubt)) return refuse(t, REJECT_ROUTE_NOT_ALLOWED, REFUSAL_ORDER_ID);
    enum reject no = by_hand_judge(t, s, o, d);
    if (no == 0) no = judge_halted(t, account_at(e, o->account), instrument_at(e, o->instrument));
    return no != 0 ? no : pending_judge(t);
}

void apply_route(struct turn *t, const struct command *c)
{
    uint32_t index = 0;
    struct decision d;
    if (route_judge(t, &c->route, &index, &d) != 0) {
        turn_reject(t, c, c->route.order_id);
        return;
    }
    /* From here on it cannot fail. */
    route_touch(t->engine, route_at(t->engine, index));
    route_at(t->engine, index)->refused = 0;
    route_send(t, index, &d, ROUTE_CAUSE_BY_HAND);
}

void apply_settle(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t index = c->settle.order_id == 0 ? 0 : route_find(e, c->settle.order_id);
    struct route *r = route_at(e, index);
    if (index == 0)
        refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    else if (r->state != BROKER_FILLED)
        refuse_numbers(t, REJECT_SETTLE_NOT_ALLOWED, REFUSAL_ORDER_ID, r->state, 0, 0, DECIMAL_ABSENT);
    if (index == 0 || r->state != BROKER_FILLED) {
        turn_reject(t, c, c->settle.order_id);
        return;
    }
    /* From here on it cannot fail. */
    struct event_settled *ev = &turn_event(t, EVENT_SETTLED)->settled;
    *ev = (struct event_settled){.order_id = r->id,
                                 .account = account_at(e, r->account)->account,
                                 .symbol = instrument_at(e, r->instrument)->symbol,
                                 .venue = venue_name(e, r->venue),
                                 .by_command = true};
    route_done(e, r, BROKER_SETTLED);
}
