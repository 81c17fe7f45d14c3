/* core/rows.c - orders as views show them.
 * What must stay true: a row is zeroed before its fields are set, padding included, so that equal rows have
 * equal bytes. */
#include <assert.h>
#include <string.h>

#include "core/money.h"
#include "core/rows.h"

/* Decimals of an average price beyond those of the instrument. price * quantity is below 2^113, so 10^4
 * times it fits. */
enum { AVERAGE_EXTRA_DECIMALS = 4 };
/* Percentages in millionths. */
enum { TRAIL_PERCENT_SCALE = 4 };

static void row_take_terms(struct order_row *row, const struct order_terms *t)
{
    row->gtt_id = t->gtt_id;
    row->price = t->price;
    row->quantity = t->quantity;
    row->expires_ns = t->expires_ns;
    row->stop_price = t->stop_price;
    row->display_quantity = t->display_quantity;
    row->trail = t->trail;
    row->leverage = t->leverage;
    row->stp = t->stp;
    row->venue = t->venue;
    row->phase = t->phase;
    row->link = t->link;
    row->member = t->member;
    row->activation = t->activation;
    row->price_scale = t->price_scale;
    row->quantity_scale = t->quantity_scale;
    row->stop_price_scale = t->stop_price_scale;
    row->display_scale = t->display_scale;
    row->trail_scale = t->trail_scale;
    row->side = t->side;
    row->type = t->type;
    row->tif = t->tif;
    row->flags = t->flags;
    row->client_order_id_len = t->client_order_id_len;
    memcpy(row->client_order_id, t->client_order_id, sizeof row->client_order_id);
    row->account = t->account;
    row->symbol = t->symbol;
}

static void row_create(struct order_row *row, const struct event *e, uint64_t order_id, const struct order_terms *t)
{
    memset(row, 0, sizeof *row);
    row->order_id = order_id;
    row->created_seq = row->updated_seq = e->seq;
    row->created_ns = row->updated_ns = e->ts_ns;
    row_take_terms(row, t);
}

/* Field by field: a copy of the whole could bring bytes between the fields. */
static void row_refuse(struct order_row *row, const struct refusal *r)
{
    row->refusal.reason = r->reason;
    row->refusal.field = r->field;
    row->refusal.value_scale = r->value_scale;
    row->refusal.limit_scale = r->limit_scale;
    row->refusal.value = r->value;
    row->refusal.limit = r->limit;
}

static void row_touch(struct order_row *row, const struct event *e)
{
    row->updated_seq = e->seq;
    row->updated_ns = e->ts_ns;
}

/* What is asked of a broker, or that it does not say, comes before what was filled so far. */
static enum order_status row_status(const struct order_row *row)
{
    bool waits = row->phase == ORDER_PHASE_PENDING_TRIGGER || row->phase == ORDER_PHASE_WAITING;
    switch (row->broker_state) {
    case BROKER_ROUTED: return ORDER_STATUS_ROUTED;
    case BROKER_PENDING_CANCEL: return ORDER_STATUS_PENDING_CANCEL;
    case BROKER_PENDING_MODIFY: return ORDER_STATUS_PENDING_MODIFY;
    case BROKER_UNKNOWN: return ORDER_STATUS_UNKNOWN;
    case BROKER_PENDING_ROUTE: return ORDER_STATUS_PENDING_ROUTE;
    default: break;
    }
    if (row->filled > 0) return ORDER_STATUS_PARTIALLY_FILLED;
    return waits ? ORDER_STATUS_PENDING_TRIGGER : ORDER_STATUS_ACKED;
}

/* The status of an order that is open, and that it shows no more than it has. */
static void row_settle(struct order_row *row)
{
    row->status = (uint8_t)row_status(row);
    if (row->shown > row->leaves) row->shown = row->leaves;
}

/* It ended: it waits nowhere, and for nobody. */
static void row_close(struct order_row *row, enum order_status status)
{
    if (row->broker_state != 0) row->broker_state = status == ORDER_STATUS_FILLED ? BROKER_FILLED : BROKER_CANCELLED;
    row->status = (uint8_t)status;
    row->phase = ORDER_PHASE_RESTING;
    row->leaves = 0;
    row->shown = 0;
    row->hold = 0;
    row->manual_review = false;
}

/* The id with index 0. */
static uint64_t batch_id_of(uint64_t order_id)
{
    return order_id >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
}

bool order_row_is_rejected_by(const struct event *e)
{
    if (e->kind != EVENT_REJECTED) return false;
    const struct event_rejected *r = &e->rejected;
    bool of_batch = r->command_kind == COMMAND_BATCH && r->order_id != batch_id_of(r->order_id);
    return of_batch || r->command_kind == COMMAND_PLACE || r->command_kind == COMMAND_PLACE_LINKED;
}

/* An order of the desk is somewhere from the start; the ROUTED that follows says by what decision. */
static void row_begin_at_desk(struct order_row *row)
{
    if (row->phase == ORDER_PHASE_AT_BROKER) row->broker_state = BROKER_ROUTED;
    if (row->phase == ORDER_PHASE_PENDING_ROUTE) row->broker_state = BROKER_PENDING_ROUTE;
}

void order_row_from_placed(struct order_row *row, const struct event *e)
{
    assert(e->kind == EVENT_PLACED);
    row_create(row, e, e->placed.order_id, &e->placed.terms);
    row->leaves = e->placed.terms.quantity;
    row->hold = e->placed.hold;
    if (row->flags & PLACE_BATCH) row->batch_id = batch_id_of(row->order_id);
    row_begin_at_desk(row);
    row_settle(row);
}

void order_row_from_rejected(struct order_row *row, const struct event *e)
{
    assert(order_row_is_rejected_by(e));
    row_create(row, e, e->rejected.order_id, &e->rejected.terms);
    if (e->rejected.command_kind == COMMAND_BATCH) row->batch_id = batch_id_of(row->order_id);
    row->status = ORDER_STATUS_REJECTED;
    row_refuse(row, &e->rejected.refusal);
}

/* What an iceberg shows goes down by a fill while it rests: in an auction it is set anew, and said, after each fill. */
static void row_fill_shown(struct order_row *row, const struct event_filled *f, int side)
{
    bool rested = f->aggressor_side != 0 && f->aggressor_side != side;
    if (rested && row->display_quantity != 0) row->shown -= f->quantity < row->shown ? f->quantity : row->shown;
}

void order_row_fill(struct order_row *row, const struct event *e, int side)
{
    assert(e->kind == EVENT_FILLED && (side == SIDE_BUY || side == SIDE_SELL));
    const struct event_filled *f = &e->filled;
    bool late = !order_row_is_open(row);
    row_touch(row, e);
    row->executed_ns = e->ts_ns;
    row->fee += side == SIDE_BUY ? f->buy_fee : f->sell_fee;
    row->filled += f->quantity;
    row->price_quantity += (i128)f->price * f->quantity;
    row->price_scale = f->price_scale; /* a MARKET order was given none; its average needs it */
    if (late) return;                  /* it stays what it ended as */
    row->leaves = side == SIDE_BUY ? f->buy_leaves : f->sell_leaves;
    row->hold = side == SIDE_BUY ? f->buy_hold : f->sell_hold;
    row_fill_shown(row, f, side);
    if (row->leaves == 0)
        row_close(row, ORDER_STATUS_FILLED);
    else
        row_settle(row);
}

static void row_end(struct order_row *row, const struct event *e)
{
    row->cancel_reason = e->cancelled.reason;
    struct refusal why = {.reason = e->cancelled.reject, .value_scale = DECIMAL_ABSENT, .limit_scale = DECIMAL_ABSENT};
    if (why.reason != 0) row_refuse(row, &why);
    row_close(row, e->kind == EVENT_EXPIRED                              ? ORDER_STATUS_EXPIRED
                   : e->cancelled.reason == CANCEL_REASON_VENUE_REJECTED ? ORDER_STATUS_REJECTED
                                                                         : ORDER_STATUS_CANCELLED);
}

static void row_modify(struct order_row *row, const struct event_modified *m)
{
    row->price = m->price;
    row->quantity = m->quantity;
    row->leaves = m->leaves;
    row->stop_price = m->stop_price != 0 ? m->stop_price : row->stop_price; /* a triggered stop's stays to be seen */
    row->display_quantity = m->display_quantity;
    if (order_row_holder_id(row) == row->order_id) row->hold = m->hold;
}

/* It takes part from here on: as a MARKET order without a hold. */
static void row_trigger(struct order_row *row, const struct event_triggered *t)
{
    row->stop_price = t->stop_price;
    row->trail = 0;
    row->trail_scale = DECIMAL_ABSENT;
    row->flags &= (uint8_t)~PLACE_TRAIL_PERCENT;
    row->type = t->type;
    row->phase = row->venue == VENUE_QUOTE ? ORDER_PHASE_AT_QUOTE : ORDER_PHASE_RESTING;
    if (t->type == ORDER_TYPE_MARKET) row->hold = 0;
}

static void row_activate(struct order_row *row, const struct event_activated *a)
{
    row->phase = a->phase;
    row->quantity = a->quantity;
    row->leaves = a->leaves;
    row->hold = a->hold;
}

static void row_reduce(struct order_row *row, const struct event_reduced *r)
{
    row->quantity = r->quantity;
    row->leaves = r->leaves;
    row->hold = r->hold;
}

/* It leaves the desk for the book or the quote, as one that is placed there now: a MARKET order without a hold. */
static void row_go_to_work(struct order_row *row)
{
    bool stop = row->type == ORDER_TYPE_STOP || row->type == ORDER_TYPE_STOP_LIMIT;
    row->broker_state = 0;
    row->phase = stop                        ? ORDER_PHASE_PENDING_TRIGGER
                 : row->venue == VENUE_QUOTE ? ORDER_PHASE_AT_QUOTE
                                             : ORDER_PHASE_RESTING;
    if (row->type == ORDER_TYPE_MARKET) row->hold = 0;
}

/* What a broker called it and said counts no longer: another one has it, or none. */
static void row_route(struct order_row *row, const struct event *e)
{
    const struct event_routed *r = &e->routed;
    bool at_desk = row->broker_state != 0, none = r->venue == VENUE_NONE, broker = r->venue >= VENUE_BROKER_FIRST;
    row->attempts = r->attempt;
    row->rule = r->rule;
    row->manual_review = r->manual_review;
    row->venue = r->venue;
    row->venue_name = broker && !none ? r->chosen : (struct name){{0}};
    row->ext_order_id_len = row->reason_len = 0;
    memset(row->ext_order_id, 0, sizeof row->ext_order_id);
    memset(row->reason, 0, sizeof row->reason);
    if (!none) row->routed_ns = e->ts_ns;
    if (broker) {
        row->phase = none ? ORDER_PHASE_PENDING_ROUTE : ORDER_PHASE_AT_BROKER;
        row->broker_state = none ? BROKER_PENDING_ROUTE : BROKER_ROUTED;
    } else if (at_desk) {
        row_go_to_work(row);
    }
}

static void row_ack(struct order_row *row, const struct event_acked *a)
{
    row->broker_state = a->state;
    row->ext_order_id_len = a->ext_order_id_len;
    memcpy(row->ext_order_id, a->ext_order_id, sizeof row->ext_order_id);
    row->reason_len = 0;
    memset(row->reason, 0, sizeof row->reason);
}

/* Its quantity follows: what is filled and what is left, whatever was asked for or taken back. */
static void row_broker_state(struct order_row *row, const struct event_broker_state *b)
{
    row->broker_state = b->state;
    row->leaves = b->leaves;
    row->quantity = row->filled + b->leaves;
    row->hold = b->hold;
    if (b->report == 0) return; /* nobody said anything */
    row->reason_len = b->reason_len;
    memcpy(row->reason, b->reason, sizeof row->reason);
}

static bool row_has_limit_price(const struct order_row *row)
{
    return row->type == ORDER_TYPE_LIMIT || row->type == ORDER_TYPE_STOP_LIMIT;
}

/* An order that has ended keeps its quantity: only what was filled of it is less. */
static void row_bust(struct order_row *row, const struct event_busted *b)
{
    row->filled -= b->quantity;
    row->price_quantity -= (i128)b->price * b->quantity;
    row->fee -= b->fee;
    if (row->filled == 0 && !row_has_limit_price(row)) row->price_scale = DECIMAL_ABSENT;
    if (!order_row_is_open(row)) return;
    row->quantity -= b->quantity;
    row->leaves = b->leaves;
    row->hold = b->hold;
}

static void row_is_settled(struct order_row *row, const struct event *e)
{
    row->settled_ns = e->ts_ns;
    row->status = ORDER_STATUS_SETTLED;
    row->broker_state = BROKER_SETTLED;
}

uint64_t order_row_changed_id(const struct event *e)
{
    switch (e->kind) {
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: return e->cancelled.order_id;
    case EVENT_MODIFIED: return e->modified.order_id;
    case EVENT_TRIGGERED: return e->triggered.order_id;
    case EVENT_ACTIVATED: return e->activated.order_id;
    case EVENT_REDUCED: return e->reduced.order_id;
    case EVENT_DISPLAYED: return e->displayed.order_id;
    case EVENT_TRAILED: return e->trailed.order_id;
    case EVENT_ROUTED: return e->routed.order_id;
    case EVENT_ACKED: return e->acked.order_id;
    case EVENT_EXECUTED: return e->executed.order_id;
    case EVENT_BROKER_STATE: return e->broker_state.order_id;
    case EVENT_BUSTED: return e->busted.order_id;
    case EVENT_SETTLED: return e->settled.order_id;
    default: return 0;
    }
}

static void row_change(struct order_row *row, const struct event *e)
{
    switch (e->kind) {
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: row_end(row, e); return;
    case EVENT_MODIFIED: row_modify(row, &e->modified); break;
    case EVENT_TRIGGERED: row_trigger(row, &e->triggered); break;
    case EVENT_ACTIVATED: row_activate(row, &e->activated); break;
    case EVENT_REDUCED: row_reduce(row, &e->reduced); break;
    case EVENT_DISPLAYED: row->shown = e->displayed.shown; break;
    case EVENT_TRAILED: row->stop_price = e->trailed.stop_price; break;
    case EVENT_ROUTED: row_route(row, e); break;
    case EVENT_ACKED: row_ack(row, &e->acked); break;
    case EVENT_EXECUTED: row->quantity += e->executed.late ? 0 : e->executed.excess; break;
    case EVENT_BROKER_STATE: row_broker_state(row, &e->broker_state); break;
    case EVENT_BUSTED: row_bust(row, &e->busted); break;
    default: row_is_settled(row, e);
    }
}

void order_row_change(struct order_row *row, const struct event *e)
{
    assert(order_row_changed_id(e) == row->order_id && row->order_id != 0);
    row_touch(row, e);
    row_change(row, e);
    bool filled = e->kind == EVENT_BROKER_STATE && e->broker_state.state == BROKER_FILLED;
    if (filled) row_close(row, ORDER_STATUS_FILLED); /* a change that its broker refused left nothing open */
    if (order_row_is_open(row)) row_settle(row);
}

static bool row_apply_filled(struct order_row *row, const struct event *e)
{
    bool bought = e->filled.buy_order_id == row->order_id, sold = e->filled.sell_order_id == row->order_id;
    if (bought) order_row_fill(row, e, SIDE_BUY);
    if (sold) order_row_fill(row, e, SIDE_SELL);
    return bought || sold;
}

bool order_row_apply(struct order_row *row, const struct event *e)
{
    if (e->kind == EVENT_FILLED) return row_apply_filled(row, e);
    bool placed = e->kind == EVENT_PLACED && e->placed.order_id == row->order_id;
    bool rejected = order_row_is_rejected_by(e) && e->rejected.order_id == row->order_id;
    bool changed = row->order_id != 0 && order_row_changed_id(e) == row->order_id;
    if (placed) order_row_from_placed(row, e);
    if (rejected) order_row_from_rejected(row, e);
    if (changed) order_row_change(row, e);
    return placed || rejected || changed;
}

/* notional = price * quantity * 10^(currency_scale - price_scale - quantity_scale), turned round. */
static i128 price_quantity_of(i128 notional, const struct instrument_spec *spec)
{
    return money_scale_by_pow10(notional, spec->price_scale + spec->quantity_scale - spec->currency_scale);
}

static void row_take_extra(struct order_row *row, const struct order_state *o, const struct instrument_spec *spec)
{
    const struct order_extra_state *x = &o->extra;
    row->stop_price = x->stop_price;
    row->display_quantity = x->display_quantity;
    row->shown = x->shown;
    row->trail = x->trail;
    row->leverage = x->leverage;
    row->venue = x->venue;
    row->phase = x->phase;
    row->link = x->link;
    row->member = x->member;
    row->activation = x->activation;
    row->stop_price_scale = x->stop_price != 0 ? spec->price_scale : DECIMAL_ABSENT;
    row->display_scale = x->display_quantity != 0 ? spec->quantity_scale : DECIMAL_ABSENT;
    row->trail_scale = x->trail == 0                    ? DECIMAL_ABSENT
                       : o->flags & PLACE_TRAIL_PERCENT ? TRAIL_PERCENT_SCALE
                                                        : spec->price_scale;
}

static void row_take_route(struct order_row *row, const struct route_state *route, const struct name *venue)
{
    if (route->venue >= VENUE_BROKER_FIRST) row->venue_name = *venue;
    row->attempts = route->attempt;
    row->broker_state = route->state;
    row->manual_review = route->manual_review;
    row->ext_order_id_len = route->ext_order_id_len;
    memcpy(row->ext_order_id, route->ext_order_id, sizeof row->ext_order_id);
}

/* What is in a queue without a limit price has a price there that no one gave it. */
static bool state_has_price(const struct order_state *o)
{
    return o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
}

void order_row_from_state(struct order_row *row, const struct order_state *o, const struct instrument_state *i,
                          const struct account_state *a, const struct route_state *route, const struct name *venue)
{
    memset(row, 0, sizeof *row);
    row->order_id = o->id;
    row->created_seq = o->id >> ORDER_INDEX_BITS;
    row->created_ns = o->created_ns;
    row->updated_ns = o->updated_ns;
    row->price = state_has_price(o) ? o->price : 0;
    row->quantity = o->quantity;
    row->leaves = o->leaves;
    row->filled = o->quantity - o->leaves;
    row->expires_ns = o->expires_ns;
    row->price_quantity = price_quantity_of(o->notional_filled, &i->spec);
    row->hold = o->hold;
    row->fee = money_fee_charged(o->fee_accrued);
    row->side = o->side;
    row->type = o->type;
    row->tif = o->tif;
    row->flags = o->flags;
    row->stp = o->stp;
    row->price_scale = state_has_price(o) || row->filled > 0 ? i->spec.price_scale : DECIMAL_ABSENT;
    row->quantity_scale = i->spec.quantity_scale;
    row->client_order_id_len = o->client_order_id_len;
    memcpy(row->client_order_id, o->client_order_id, sizeof row->client_order_id);
    row->account = a->account;
    row->symbol = i->spec.symbol;
    if (o->flags & PLACE_BATCH) row->batch_id = batch_id_of(o->id);
    row_take_extra(row, o, &i->spec);
    if (route != NULL) row_take_route(row, route, venue);
    row_settle(row);
}

bool order_row_is_open(const struct order_row *row)
{
    switch (row->status) {
    case ORDER_STATUS_REJECTED:
    case ORDER_STATUS_FILLED:
    case ORDER_STATUS_CANCELLED:
    case ORDER_STATUS_EXPIRED:
    case ORDER_STATUS_SETTLED: return false;
    default: return true;
    }
}

struct order_in_book order_row_in_book(const struct order_row *row)
{
    struct order_in_book in = {0};
    if (row->leaves == 0 || row->phase != ORDER_PHASE_RESTING || row->venue >= VENUE_QUOTE) return in;
    if (row->type == ORDER_TYPE_MARKET && (row->tif == TIF_ON_OPEN || row->tif == TIF_ON_CLOSE))
        in.market = row->leaves;
    if (row->type != ORDER_TYPE_LIMIT || row->tif == TIF_IOC || row->tif == TIF_FOK) return in;
    in.rests = true;
    in.shown = row->display_quantity != 0 ? row->shown : row->leaves;
    in.hidden = row->leaves - in.shown;
    return in;
}

static uint64_t member_id(const struct order_row *row, unsigned member)
{
    return row->order_id - row->member + member;
}

uint64_t order_row_parent_id(const struct order_row *row)
{
    bool child = (row->link == LINK_OTO || row->link == LINK_BRACKET) && row->member != 0;
    return child ? member_id(row, 0) : 0;
}

uint64_t order_row_sibling_id(const struct order_row *row)
{
    if (row->link == LINK_OCO) return member_id(row, row->member == 0 ? 1 : 0);
    return row->link == LINK_BRACKET && row->member != 0 ? member_id(row, row->member == 1 ? 2 : 1) : 0;
}

uint64_t order_row_holder_id(const struct order_row *row)
{
    bool second = (row->link == LINK_OCO && row->member == 1) || (row->link == LINK_BRACKET && row->member == 2);
    return second ? order_row_sibling_id(row) : row->order_id;
}

size_t order_row_average_price(const struct order_row *row, char *room)
{
    room[0] = '\0';
    if (row->filled == 0) return 0;
    assert(row->price_scale <= DECIMAL_SCALE_MAX);
    i128 scaled = row->price_quantity * pow10_i64(AVERAGE_EXTRA_DECIMALS);
    size_t len =
        decimal_to_text(money_div_half_even(scaled, row->filled), row->price_scale + AVERAGE_EXTRA_DECIMALS, room);
    for (int i = 0; i < AVERAGE_EXTRA_DECIMALS && room[len - 1] == '0'; i++) len--;
    if (room[len - 1] == '.') len--; /* a price without decimals */
    room[len] = '\0';
    return len;
}
