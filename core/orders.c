/* core/orders.c - an open order at work: it shows, shrinks, trades, rests and ends.
 * What must stay true: open and closing sums, holds and lists agree with the orders at the end of every turn; whatever ends an order
 * ends here, and its group hears of it. */
#include "core/desk_parts.h"

/* Events. */

void cancelled_event(struct turn *t, const struct order *o, enum event_kind kind, enum cancel_reason reason,
                     enum reject reject)
{
    struct event_cancelled *ev = &turn_event(t, kind)->cancelled;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = instrument_at(t->engine, o->instrument)->symbol;
    ev->leaves = o->leaves;
    ev->reject = (uint16_t)reject;
    ev->reason = (uint8_t)reason;
    ev->side = o->side;
    ev->quantity_scale = instrument_at(t->engine, o->instrument)->quantity_scale;
}

static void reduced_event(struct turn *t, const struct order *o, enum cancel_reason reason)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_reduced *ev = &turn_event(t, EVENT_REDUCED)->reduced;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->quantity = o->quantity;
    ev->leaves = o->leaves;
    ev->hold = o->hold;
    ev->side = o->side;
    ev->reason = (uint8_t)reason;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
}

static void displayed_event(struct turn *t, const struct order *o)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_displayed *ev = &turn_event(t, EVENT_DISPLAYED)->displayed;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->shown = order_extra_at(t->engine, o->extra)->shown;
    ev->side = o->side;
    ev->quantity_scale = i->quantity_scale;
}

/* Icebergs. */

static void shown_set(struct engine *e, struct order *o, int64_t shown)
{
    struct order_extra *x = order_extra_at(e, o->extra);
    if (o->level != 0) level_at(e, o->level)->hidden += x->shown - shown;
    x->shown = shown;
}
static int64_t shown_full(const struct engine *e, const struct order *o)
{
    int64_t display = order_extra_at(e, o->extra)->display_quantity;
    return display < o->leaves ? display : o->leaves;
}

void order_show(struct turn *t, uint32_t index)
{
    struct order *o = order_at(t->engine, index);
    if (LIKELY(o->extra == 0)) return;
    const struct order_extra *x = order_extra_at(t->engine, o->extra);
    if (x->display_quantity == 0 || x->shown == shown_full(t->engine, o)) return;
    order_touch(t->engine, o);
    shown_set(t->engine, o, shown_full(t->engine, o));
    displayed_event(t, o);
}

void order_refill(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE) && e->sweep.account_id == 0) sweep_order_leaves(e, index);
    order_reprioritize(e, index);
    book_level_end(e, index);
    shown_set(e, o, shown_full(e, o));
    displayed_event(t, o);
}

/* Joins the queue of its phase; an iceberg that comes to rest in the book says what it shows. */
static void order_rest(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    bool shows = o->extra != 0 && o->phase == ORDER_PHASE_RESTING && order_extra_at(e, o->extra)->display_quantity != 0;
    if (shows) {
        order_touch(e, o);
        order_extra_at(e, o->extra)->shown = shown_full(e, o);
    }
    order_join(e, index);
    if (shows) displayed_event(t, o);
}

/* Smaller, and ended. */

void order_shrink(struct engine *e, struct order *o, int64_t by)
{
    assert(by > 0 && by < o->leaves);
    order_touch_if_stored(e, o);
    int64_t opening = o->leaves - o->closing_leaves, closing = by > opening ? by - opening : 0;
    if (!order_is_held(e, o)) {
        struct position *p = position_at(e, o->position);
        p->open[o->side - 1] -= by;
        p->closing[o->side - 1] -= closing;
    }
    if (o->level != 0) level_at(e, o->level)->quantity -= by;
    o->quantity -= by;
    o->leaves -= by;
    o->closing_leaves -= closing;
    if (UNLIKELY(o->extra != 0)) {
        struct order_extra *x = order_extra_at(e, o->extra);
        if (o->level != 0 && x->display_quantity != 0) {
            level_at(e, o->level)->hidden -= by;
            if (x->shown > o->leaves) shown_set(e, o, o->leaves);
        }
    }
    order_hold_anew(e, o);
}

void order_reduced(struct turn *t, struct order *o, int64_t by, enum cancel_reason reason)
{
    order_shrink(t->engine, o, by);
    reduced_event(t, o, reason);
    if (reason != CANCEL_REASON_SELF_TRADE || LIKELY(o->extra == 0)) return;
    uint32_t other = order_extra_at(t->engine, o->extra)->link == 0 ? 0 : links_other(t->engine, o);
    if (other != 0) order_reduce(t, other, by, CANCEL_REASON_OCO);
}

void order_reduce(struct turn *t, uint32_t index, int64_t by, enum cancel_reason reason)
{
    struct order *o = order_at(t->engine, index);
    if (reason != CANCEL_REASON_SELF_TRADE) t->used++;
    if (by == o->leaves)
        order_end(t, index, EVENT_CANCELLED, reason, 0);
    else
        order_reduced(t, o, by, reason);
}

/* It may be in no sum, and of a group that is to hear of it. */
static __attribute__((noinline)) void extra_end(struct turn *t, uint32_t index, enum cancel_reason reason)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct links_end end = links_ending(e, o, reason);
    if (!order_is_held(e, o)) order_release(e, o);
    order_remove(e, index);
    links_ended(t, &end);
}

void order_end(struct turn *t, uint32_t index, enum event_kind kind, enum cancel_reason reason, enum reject reject)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    if (UNLIKELY(o->flags & PLACE_GTT)) {
        gtt_end(t, index, kind == EVENT_EXPIRED ? GTT_STATUS_EXPIRED : GTT_STATUS_CANCELLED);
        return;
    }
    cancelled_event(t, o, kind, reason, reject);
    if (UNLIKELY(o->extra != 0)) {
        extra_end(t, index, reason);
        return;
    }
    order_release(e, o);
    order_remove(e, index);
}

void apply_cancel(struct turn *t, const struct command *c)
{
    uint32_t o = c->cancel.order_id == 0 ? 0 : order_find(t->engine, c->cancel.order_id);
    if (o == 0 || UNLIKELY(order_at(t->engine, o)->flags & PLACE_GTT)) {
        refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
        turn_reject(t, c, c->cancel.order_id);
        return;
    }
    if (order_cancel(t, o, EVENT_CANCELLED, CANCEL_REASON_REQUESTED)) return;
    refuse(t, REJECT_REQUEST_PENDING, REFUSAL_ORDER_ID);
    turn_reject(t, c, c->cancel.order_id);
}

/* At work. */

/* What the leaves of an order that has just traded become: a resting order (0), or nothing with a reason. */
enum cancel_reason leaves_judge(const struct order *o, enum match_end end)
{
    if (UNLIKELY(end != MATCH_DONE)) return match_end_reason(end);
    if (o->type == ORDER_TYPE_MARKET) return CANCEL_REASON_MARKET_REMAINDER;
    if (o->tif == TIF_FOK) return CANCEL_REASON_FOK_UNFILLED;
    return o->tif == TIF_IOC ? CANCEL_REASON_IOC_REMAINDER : 0;
}

void order_aggress(struct turn *t, uint32_t index, int64_t bound, int64_t most)
{
    struct order *o = order_at(t->engine, index);
    order_touch(t->engine, o);
    enum match_end end = match(t, instrument_at(t->engine, o->instrument), o, bound, most);
    if (o->leaves == 0) {
        order_remove(t->engine, index);
        return;
    }
    enum cancel_reason ends = leaves_judge(o, end);
    if (ends != 0)
        order_end(t, index, EVENT_CANCELLED, ends, 0);
    else
        order_rest(t, index);
}

void order_work(struct turn *t, uint32_t index, int64_t most)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, o->instrument);
    turn_at(t, o->instrument);
    if (i->state != INSTRUMENT_STATE_CONTINUOUS) {
        order_rest(t, index);
        return;
    }
    switch (o->phase) {
    case ORDER_PHASE_RESTING: break;
    case ORDER_PHASE_AT_QUOTE: quote_work(t, index); return;
    case ORDER_PHASE_ALL_OR_NONE: all_or_none_work(t, index); return;
    default: order_join(e, index); return;
    }
    order_aggress(t, index, o->type == ORDER_TYPE_MARKET ? market_bound(e, i, o->side) : o->price, most);
}
