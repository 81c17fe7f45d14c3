/* api/outcome.c - see outcome.h. Timers that were due come first among the events of a command and are not its own
 * doing: an order is told by its id, a refusal by the kind of command it names. */
#include "api/outcome.h"

static uint64_t placed_order_id(const struct command *c)
{
    return c->seq << ORDER_INDEX_BITS;
}

static void fold_order(struct order_row *row, const struct event *e, uint64_t order_id)
{
    if (e->kind == EVENT_PLACED && e->placed.order_id == order_id) {
        order_row_from_placed(row, e);
    } else if (e->kind == EVENT_REJECTED && e->rejected.order_id == order_id) {
        order_row_from_rejected(row, e);
    } else if (e->kind == EVENT_FILLED) {
        if (e->filled.buy_order_id == order_id) order_row_fill(row, e, SIDE_BUY);
        if (e->filled.sell_order_id == order_id) order_row_fill(row, e, SIDE_SELL);
    } else if (e->kind == EVENT_CANCELLED && e->cancelled.order_id == order_id) {
        order_row_end(row, e);
    }
}

/* The event that says what the caller asked for. CURRENCY_SET may also come along with an instrument or cash. */
static int subject_kind(const struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_CURRENCY: return EVENT_CURRENCY_SET;
    case COMMAND_SET_INSTRUMENT: return EVENT_INSTRUMENT_SET;
    case COMMAND_SET_ACCOUNT: return EVENT_ACCOUNT_SET;
    case COMMAND_MOVE_CASH: return EVENT_CASH_MOVED;
    case COMMAND_SET_QUOTE: return EVENT_QUOTED;
    case COMMAND_MODIFY: return EVENT_MODIFIED;
    case COMMAND_MASS_CANCEL:
    case COMMAND_END_OF_DAY: return EVENT_SWEPT;
    default: return 0;
    }
}

void outcome_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count)
{
    *o = (struct outcome){.seq = c->seq, .ts_ns = c->ts_ns};
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->kind == EVENT_REJECTED && e->rejected.command_kind == c->kind) o->reject_reason = e->rejected.reason;
        if (e->kind == subject_kind(c)) o->subject = *e;
        if (c->kind == COMMAND_PLACE) fold_order(&o->order, e, placed_order_id(c));
    }
    if (o->subject.kind == EVENT_SWEPT) outcome_add_sweep(o, &o->subject, 1);
}

void outcome_add_sweep(struct outcome *o, const struct event *events, uint32_t count)
{
    if (o->subject.kind != EVENT_SWEPT) return;
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].kind != EVENT_SWEPT) continue;
        o->swept_orders += events[i].swept.orders;
        o->swept_more = events[i].swept.more;
    }
}
