/* api/outcome.c - see outcome.h. Timers that were due come first among the events of a command and are not its own
 * doing: an order is told by its id, a refusal by the kind of command it names. */
#include "api/outcome.h"

#include <stdlib.h>

#include "core/error.h"

static uint64_t made_id(const struct command *c)
{
    return c->seq << ORDER_INDEX_BITS;
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
    case COMMAND_SET_TRADING: return EVENT_TRADING_SET;
    case COMMAND_GTT_PLACE: return EVENT_GTT_SET;
    case COMMAND_SET_VENUE: return EVENT_VENUE_SET;
    case COMMAND_SET_ROUTING: return EVENT_ROUTING_SET;
    case COMMAND_BATCH: return EVENT_BATCHED;
    case COMMAND_CLEAR_KEY: return EVENT_KEY_CLEARED;
    case COMMAND_STATEMENT: return EVENT_STATEMENT;
    default: return 0;
    }
}

static bool is_subject(const struct command *c, const struct event *e)
{
    if (e->kind != subject_kind(c)) return false;
    return c->kind != COMMAND_GTT_PLACE || e->gtt_set.gtt_id == made_id(c);
}

static uint32_t orders_made(const struct command *c)
{
    if (c->kind == COMMAND_PLACE) return 1;
    if (c->kind != COMMAND_PLACE_LINKED) return 0;
    return c->place_linked.link == LINK_BRACKET ? 3 : 2;
}

static void fold_orders(struct outcome *o, uint32_t orders, const struct event *e)
{
    if (orders == 0) return;
    (void)order_row_apply(&o->order, e);
    for (uint32_t i = 1; i < orders; i++) (void)order_row_apply(&o->legs[i - 1], e);
}

/* The orders that an event tells of; 0: none. */
static void event_orders(const struct event *e, uint64_t ids[2])
{
    ids[0] = ids[1] = 0;
    if (e->kind == EVENT_PLACED) {
        ids[0] = e->placed.order_id;
    } else if (e->kind == EVENT_REJECTED) {
        ids[0] = e->rejected.order_id;
    } else if (e->kind == EVENT_FILLED) {
        ids[0] = e->filled.buy_order_id;
        ids[1] = e->filled.sell_order_id;
    } else {
        ids[0] = order_row_changed_id(e);
    }
}

/* Each event finds its rows by the index in the id: a batch of many orders is folded in one pass. */
static void fold_batch(struct outcome *o, uint64_t batch_id, const struct event *e)
{
    uint64_t ids[2];
    event_orders(e, ids);
    for (int i = 0; i < 2; i++) {
        uint64_t number = ids[i] - batch_id;
        if (ids[i] > batch_id && number <= o->orders_count) (void)order_row_apply(&o->orders[number - 1], e);
    }
}

/* Not accepted as a whole, by its own fault or one order's: there are no others. */
static void batch_refused(struct outcome *o, const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->kind != EVENT_REJECTED || e->rejected.command_kind != COMMAND_BATCH) continue;
        if (order_row_is_rejected_by(e)) order_row_from_rejected(&o->order, e);
    }
}

static void batch_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count)
{
    if (o->subject.kind != EVENT_BATCHED) {
        batch_refused(o, events, count);
        return;
    }
    o->refusal = (struct refusal){.reason = 0}; /* single orders may have been refused: their rows say so */
    o->refused_id = 0;
    o->orders = calloc(c->batch.orders_count, sizeof *o->orders);
    if (o->orders == NULL) {
        o->error = ERR_NO_MEMORY;
        return;
    }
    o->orders_count = c->batch.orders_count;
    for (uint32_t i = 0; i < o->orders_count; i++) o->orders[i].order_id = made_id(c) + i + 1;
    for (uint32_t i = 0; i < count; i++) fold_batch(o, made_id(c), &events[i]);
}

static void add_swept(struct outcome *o, const struct event *e)
{
    if (e->kind == EVENT_SWEPT) {
        o->swept_count += e->swept.orders;
        o->swept_more = e->swept.more;
    }
    if (e->kind != EVENT_MARGIN_CALLED) return;
    o->margin_calls += !e->margin_called.liquidation;
    o->liquidations += e->margin_called.liquidation;
}

void outcome_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count)
{
    uint32_t orders = orders_made(c);
    *o = (struct outcome){.seq = c->seq, .ts_ns = c->ts_ns, .done_seq = c->seq};
    o->order.order_id = made_id(c);
    for (uint32_t i = 0; i < 2; i++) o->legs[i].order_id = made_id(c) + i + 1;
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->kind == EVENT_REJECTED && e->rejected.command_kind == c->kind) {
            o->refusal = e->rejected.refusal;
            o->refused_id = e->rejected.order_id;
        }
        if (is_subject(c, e)) o->subject = *e;
        fold_orders(o, orders, e);
        add_swept(o, e);
    }
    if (c->kind == COMMAND_BATCH) batch_from_events(o, c, events, count);
}

void outcome_add_continued(struct outcome *o, const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) add_swept(o, &events[i]);
    if (count > 0) o->done_seq = events[count - 1].seq;
}

void outcome_free(struct outcome *o)
{
    free(o->orders);
    o->orders = NULL;
    o->orders_count = 0;
}
