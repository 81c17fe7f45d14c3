/* core/modify.c - other numbers for an open order.
 * What must stay true: every refusal comes before the first change, in the order of docs/ENGINE.md, MODIFY; a decrease of quantity alone
 * keeps the place in the queue, anything else is as if the order came again. */
#include "core/desk_parts.h"

struct change {
    const struct command_modify *asked;
    struct order *order, *carrier; /* carrier: the one of an OCO pair that is in the sums; else the order */
    struct instrument *instrument;
    const struct account *account;
    int64_t price, quantity, leaves, stop_price, display_quantity, hold_price;
    int64_t unit; /* what it is worth to its hold */
    bool price_same, stop_same, display_same;
    bool to_filled; /* at or below what is filled: the rest is cancelled */
    bool pure;      /* nothing but a decrease of quantity, or nothing at all */
    int64_t closing;
    i128 hold;
};

static const struct order_extra *extra_of(const struct engine *e, const struct order *o)
{
    return order_extra_at(e, o->extra); /* none: item 0, all zero */
}

/* Rules 3 and 4. */
static enum reject judge_quantity_asked(struct turn *t, struct change *ch)
{
    const struct command_modify *m = ch->asked;
    const struct order *o = ch->order;
    if (!decimal_given(m->price) && !decimal_given(m->quantity) && !decimal_given(m->stop_price) &&
        !decimal_given(m->display_quantity))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_PRICE);
    int64_t filled = o->quantity - o->leaves;
    if (decimal_given(m->quantity)) {
        const struct order_extra *x = extra_of(t->engine, o);
        if (x->link == LINK_OCO || x->member != 0) return refuse(t, REJECT_LINKED_QUANTITY, REFUSAL_QUANTITY);
        enum reject no = judge_lots(t, ch->instrument, m->quantity, REFUSAL_QUANTITY, &ch->quantity);
        if (no != 0) return no;
        ch->to_filled = ch->quantity <= filled;
    }
    ch->leaves = ch->quantity - filled;
    return 0;
}

static bool same(struct decimal d, unsigned scale, int64_t largest, int64_t present)
{
    int64_t value;
    return !decimal_given(d) || (scale_decimal(d, scale, largest, &value) == SCALE_GOOD && value == present);
}

/* Rule 5, and what is the same. */
static enum reject judge_fields(struct turn *t, struct change *ch)
{
    const struct command_modify *m = ch->asked;
    const struct order *o = ch->order;
    const struct order_extra *x = extra_of(t->engine, o);
    bool stop = type_is_stop(o->type);
    if (decimal_given(m->price) && !type_has_limit(o->type)) return refuse(t, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
    if (decimal_given(m->stop_price) && (!stop || x->trail != 0))
        return refuse(t, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
    if (decimal_given(m->display_quantity) && x->display_quantity == 0)
        return refuse(t, REJECT_DISPLAY_NOT_ALLOWED, REFUSAL_DISPLAY_QUANTITY);
    const struct instrument *i = ch->instrument;
    ch->price_same = same(m->price, i->price_scale, PRICE_MAX, o->price);
    ch->stop_same = same(m->stop_price, i->price_scale, PRICE_MAX, x->stop_price);
    ch->display_same = same(m->display_quantity, i->quantity_scale, QUANTITY_MAX, x->display_quantity);
    ch->pure = ch->price_same && ch->stop_same && ch->display_same && ch->quantity <= o->quantity;
    return 0;
}

/* Rules 6 to 8. A waiting child takes any price. */
static enum reject judge_numbers(struct turn *t, struct change *ch)
{
    const struct command_modify *m = ch->asked;
    const struct order *o = ch->order;
    const struct instrument *i = ch->instrument;
    bool waiting = o->phase == ORDER_PHASE_WAITING;
    enum reject no = ch->pure ? 0 : judge_halted(t, ch->account, i);
    if (no == 0 && !ch->pure) no = judge_session(t, i, o->type, o->tif, o->flags);
    if (no == 0 && !ch->price_same) no = judge_price(t, i, m->price, REFUSAL_PRICE, REJECT_PRICE_REQUIRED, &ch->price);
    if (no == 0 && !ch->stop_same)
        no = judge_price(t, i, m->stop_price, REFUSAL_STOP_PRICE, REJECT_STOP_PRICE_REQUIRED, &ch->stop_price);
    if (no != 0 || waiting) return no;
    if (!ch->stop_same && !at_desk(o)) no = judge_stop_met(t, i, o->side, ch->stop_price);
    if (no == 0 && ch->quantity != o->quantity) no = judge_bounds(t, i, m->quantity, ch->quantity);
    if (no == 0 && !ch->display_same)
        no = judge_part(t, i, m->display_quantity, REFUSAL_DISPLAY_QUANTITY, ch->leaves, REJECT_DISPLAY_NOT_ALLOWED,
                        &ch->display_quantity);
    return no;
}

static enum reject judge_whole(struct turn *t, const struct change *ch, int64_t price)
{
    uint8_t scale = ch->instrument->currency_scale;
    i128 whole = ch->order->notional_filled + notional_of(ch->instrument, price, ch->leaves);
    if (whole <= NOTIONAL_MAX) return 0;
    return refuse_numbers(t, REJECT_NOTIONAL_TOO_LARGE, 0, whole, scale, NOTIONAL_MAX, scale);
}

/* Rules 9 and 10. */
static enum reject judge_size(struct turn *t, struct change *ch)
{
    const struct order *o = ch->order;
    const struct order_extra *x = extra_of(t->engine, o);
    struct instrument *i = ch->instrument;
    ch->hold_price = x->hold_price;
    if (!ch->stop_same && o->type == ORDER_TYPE_STOP) ch->hold_price = stop_hold_price(i, o->side, ch->stop_price);
    int64_t highest =
        type_has_limit(o->type) ? price_highest(t->engine, i, o->side, x->venue, ch->price) : ch->hold_price;
    enum reject no = judge_notional(t, ch->account, i, highest, ch->quantity);
    if (no != 0) return no;
    no = judge_whole(t, ch, highest);
    if (no != 0) return no;
    if (ch->quantity != o->quantity) no = judge_order_quantity(t, ch->account, i, ch->quantity);
    if (no == 0 && o->type == ORDER_TYPE_LIMIT && x->venue == 0 && ch->price != o->price)
        no = judge_collar(t, i, ch->price);
    return no;
}

/* Rules 11 to 13: as if the order were in no queue and no sum. */
static enum reject judge_again(struct turn *t, struct change *ch)
{
    struct engine *e = t->engine;
    const struct order *o = ch->order, *carrier = ch->carrier;
    struct instrument *i = ch->instrument;
    uint32_t own = o->level != 0 && level_at(e, o->level)->orders == 1;
    if (!at_desk(o) && e->levels.live - own >= e->limits.levels_max)
        return refuse_numbers(t, REJECT_LEVELS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.levels_max, 0);
    enum reject no = 0;
    if ((o->flags & PLACE_POST_ONLY) && i->state == INSTRUMENT_STATE_CONTINUOUS)
        no = judge_post_only(t, i, o->side, ch->price);
    if (no != 0) return no;
    struct exposure x = exposure_of(e, o->position, o->side);
    x.open -= carrier->leaves;
    x.closing -= carrier->closing_leaves;
    struct wish wish = {o->side, (o->flags & PLACE_REDUCE_ONLY) != 0, ch->leaves};
    no = judge_exposure(t, ch->account, i, &x, &wish, &ch->closing);
    if (no != 0 || ch->closing == ch->leaves || ch->account->type == ACCOUNT_TYPE_HOUSE) return no;
    struct order_as as = {ch->unit, ch->leaves - ch->closing};
    ch->hold = order_hold_as(e, o, &as);
    const struct balance *b = balance_at(e, position_at(e, o->position)->balance);
    return judge_cash(t, i, ch->hold, balance_free(b) + carrier->hold);
}

static void modified_event(struct turn *t, const struct change *ch, bool kept_priority)
{
    const struct order *o = ch->order;
    const struct order_extra *x = extra_of(t->engine, o);
    const struct instrument *i = ch->instrument;
    struct event_modified *ev = &turn_event(t, EVENT_MODIFIED)->modified;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->price = type_has_limit(o->type) ? o->price : 0;
    ev->quantity = o->quantity;
    ev->leaves = o->leaves;
    ev->stop_price = x->stop_price;
    ev->display_quantity = x->display_quantity;
    ev->hold = ch->carrier->hold;
    ev->side = o->side;
    ev->kept_priority = kept_priority;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
}

/* A decrease keeps the place in the queue; the opening part goes first. */
static void order_decrease(struct turn *t, struct change *ch)
{
    struct engine *e = t->engine;
    struct order *o = ch->order;
    order_touch(e, o);
    if (ch->leaves < o->leaves)
        order_shrink(e, o, o->leaves - ch->leaves);
    else
        order_hold_anew(e, ch->carrier);
    o->updated_ns = e->now_ns;
    modified_event(t, ch, true);
}

static void waiting_change(struct turn *t, struct change *ch)
{
    struct order *o = ch->order;
    order_touch(t->engine, o);
    o->price = ch->price;
    o->updated_ns = t->engine->now_ns;
    order_extra_at(t->engine, o->extra)->stop_price = ch->stop_price;
    modified_event(t, ch, true);
}

/* Out of its queue, changed, and at work again with the last priority. */
static void order_replace(struct turn *t, struct change *ch)
{
    struct engine *e = t->engine;
    struct order *o = ch->order, *carrier = ch->carrier;
    uint32_t index = order_index(e, o);
    order_leave(e, index);
    order_touch(e, carrier);
    order_release(e, carrier);
    o->price = ch->price;
    o->quantity = ch->quantity;
    o->leaves = ch->leaves;
    o->updated_ns = e->now_ns;
    if (o->extra != 0) {
        struct order_extra *x = order_extra_at(e, o->extra);
        x->stop_price = ch->stop_price;
        x->display_quantity = ch->display_quantity;
        x->hold_price = ch->hold_price;
    }
    carrier->closing_leaves = ch->closing;
    carrier->hold = ch->hold;
    order_occupy(e, carrier);
    order_reprioritize(e, index);
    modified_event(t, ch, false);
    order_work(t, index, o->leaves);
}

static bool at_broker(const struct change *ch)
{
    return ch->order->phase == ORDER_PHASE_AT_BROKER;
}

/* At a broker what it may come to is judged, and held, until the broker has answered: the larger leaves at the dearer price. */
static void dearer_of_both(const struct engine *e, struct change *ch)
{
    const struct order *o = ch->order;
    int64_t present = type_has_limit(o->type) ? o->price : extra_of(e, o)->hold_price;
    if (ch->unit < present) ch->unit = present;
    if (ch->leaves < o->leaves) ch->leaves = o->leaves;
}

/* What is asked of its broker, and what it holds meanwhile. */
static void broker_change(struct turn *t, struct change *ch)
{
    struct engine *e = t->engine;
    struct order *o = ch->order;
    struct route *r = route_of(e, o);
    order_touch(e, o);
    route_touch(e, r);
    r->new_price = ch->price_same ? 0 : ch->price;
    r->new_quantity = ch->quantity == o->quantity ? 0 : ch->quantity;
    r->new_stop_price = ch->stop_same ? 0 : ch->stop_price;
    r->old_quantity = o->quantity;
    if (!ch->pure) {
        order_release(e, o);
        level_at(e, o->level)->quantity += ch->leaves - o->leaves;
        o->quantity += ch->leaves - o->leaves;
        o->leaves = ch->leaves;
        o->closing_leaves = ch->closing;
        order_occupy(e, o);
        order_extra_at(e, o->extra)->hold_price = ch->unit;
        order_hold_anew(e, o);
    }
    uint8_t before = r->state;
    r->state = BROKER_PENDING_MODIFY;
    broker_state_event(t, r, before, 0, (struct text){0});
}

static enum reject change_judge(struct turn *t, struct change *ch)
{
    const struct engine *e = t->engine;
    if (at_broker(ch) && route_of(e, ch->order)->state != BROKER_ACKED)
        return refuse(t, REJECT_REQUEST_PENDING, REFUSAL_ORDER_ID);
    enum reject no = pending_judge(t);
    if (no == 0) no = judge_quantity_asked(t, ch);
    if (no != 0 || ch->to_filled) return no;
    no = judge_fields(t, ch);
    if (no == 0) no = judge_numbers(t, ch);
    if (no != 0 || ch->pure || ch->order->phase == ORDER_PHASE_WAITING) return no;
    no = judge_size(t, ch);
    if (no != 0) return no;
    ch->unit = type_has_limit(ch->order->type) ? ch->price : ch->hold_price;
    if (at_broker(ch)) {
        dearer_of_both(e, ch);
        no = judge_whole(t, ch, ch->unit);
    }
    return no != 0 ? no : judge_again(t, ch);
}

static void change_begin(struct engine *e, struct change *ch, const struct command_modify *m, uint32_t index)
{
    struct order *o = order_at(e, index);
    const struct order_extra *x = extra_of(e, o);
    *ch = (struct change){.asked = m,
                          .order = o,
                          .carrier = x->link == 0 ? o : links_carrier(e, o),
                          .instrument = instrument_at(e, o->instrument),
                          .account = account_at(e, o->account),
                          .price = o->price,
                          .quantity = o->quantity,
                          .stop_price = x->stop_price,
                          .display_quantity = x->display_quantity};
}

void apply_modify(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_modify *m = &c->modify;
    uint32_t index = m->order_id == 0 ? 0 : order_find(e, m->order_id);
    if (index == 0 || UNLIKELY(order_at(e, index)->flags & PLACE_GTT)) {
        refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
        turn_reject(t, c, m->order_id);
        return;
    }
    struct change ch;
    change_begin(e, &ch, m, index);
    if (change_judge(t, &ch) != 0) {
        turn_reject(t, c, m->order_id);
        return;
    }
    /* From here on it cannot fail. */
    if (at_broker(&ch) && ch.to_filled)
        order_cancel(t, index, EVENT_CANCELLED, CANCEL_REASON_REDUCED_TO_FILLED);
    else if (at_broker(&ch))
        broker_change(t, &ch);
    else if (ch.to_filled)
        order_end(t, index, EVENT_CANCELLED, CANCEL_REASON_REDUCED_TO_FILLED, 0);
    else if (ch.order->phase == ORDER_PHASE_WAITING)
        waiting_change(t, &ch);
    else if (ch.pure)
        order_decrease(t, &ch);
    else
        order_replace(t, &ch);
}
