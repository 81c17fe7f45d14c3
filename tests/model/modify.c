/* tests/model/modify.c - MODIFY and CANCEL.
 * Invariant: every judge_ function answers 0 or a reject with m->refusal filled, and changes nothing. An order that keeps its
 * priority only got smaller, or waits for its parent. */
#include "tests/model/internal.h"

/* What the order would be, and what of it changes. */
struct change {
    const struct command_modify *asked;
    struct order_state next;
    bool price, quantity, stop_price, display_quantity; /* given and not what it is */
    bool pure_decrease;
    int64_t filled;
};

static bool says_another(struct decimal d, unsigned scale, int64_t largest, int64_t now)
{
    int64_t asked;
    return model_given(d) && !(model_fit_decimal(d, scale, largest, &asked) == FIT_EXACT && asked == now);
}

/* Rule 5: what the order does not have cannot be changed. */
static int judge_fields(struct model *m, const struct command_modify *s, const struct order_state *o)
{
    bool has_price = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    bool has_stop = (o->type == ORDER_TYPE_STOP || o->type == ORDER_TYPE_STOP_LIMIT) && o->extra.trail == 0;
    if (model_given(s->price) && !has_price) return model_refuse_plain(m, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
    if (model_given(s->stop_price) && !has_stop)
        return model_refuse_plain(m, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
    if (model_given(s->display_quantity) && o->extra.display_quantity == 0)
        return model_refuse_plain(m, REJECT_DISPLAY_NOT_ALLOWED, REFUSAL_DISPLAY_QUANTITY);
    return 0;
}

/* Rules 7 and 8. */
static int judge_stop_price(struct model *m, const struct instrument_state *i, struct change *c)
{
    int reason = model_judge_price(m, &i->spec, c->asked->stop_price, REJECT_STOP_PRICE_REQUIRED, REFUSAL_STOP_PRICE,
                                   &c->next.extra.stop_price);
    if (reason != 0 || c->next.extra.phase == ORDER_PHASE_WAITING || model_is_at_desk(&c->next)) return reason;
    if (!model_stop_is_met(i, c->next.side, c->next.extra.stop_price)) return 0;
    return model_refuse(m, REJECT_STOP_WOULD_TRIGGER, REFUSAL_STOP_PRICE, c->next.extra.stop_price, i->spec.price_scale,
                        model_reference(i, c->next.side), i->spec.price_scale);
}

static int judge_prices(struct model *m, const struct instrument_state *i, struct change *c)
{
    int reason = 0;
    if (c->price)
        reason = model_judge_price(m, &i->spec, c->asked->price, REJECT_PRICE_REQUIRED, REFUSAL_PRICE, &c->next.price);
    if (reason == 0 && c->stop_price) reason = judge_stop_price(m, i, c);
    if (reason == 0 && c->stop_price && c->next.type == ORDER_TYPE_STOP) {
        int64_t stop = c->next.extra.stop_price;
        c->next.extra.hold_price = model_is_buy(c->next.side) ? model_raise(i, stop) : stop;
    }
    return reason;
}

static int judge_quantities(struct model *m, const struct instrument_state *i, struct change *c)
{
    int reason = c->quantity ? model_judge_bounds(m, &i->spec, c->asked->quantity, c->next.quantity) : 0;
    if (reason == 0 && c->display_quantity)
        reason = model_judge_display(m, &i->spec, c->asked->display_quantity, c->next.leaves,
                                     &c->next.extra.display_quantity);
    return reason;
}

/* Rules 9 and 10. */
static int judge_limits(struct model *m, const struct account_state *a, const struct instrument_state *i,
                        const struct change *c)
{
    const struct order_state *o = &c->next;
    int64_t highest = model_highest_price(m, o);
    int reason = model_judge_notional(m, a, i, highest, o->quantity);
    if (reason != 0) return reason;
    i128 total = o->notional_filled + model_notional_of(&i->spec, highest, o->leaves);
    unsigned scale = i->spec.currency_scale;
    if (total > NOTIONAL_MAX) return model_refuse(m, REJECT_NOTIONAL_TOO_LARGE, 0, total, scale, NOTIONAL_MAX, scale);
    if (c->quantity) reason = model_judge_order_quantity(m, a, i, o->quantity);
    bool limit_in_book = o->type == ORDER_TYPE_LIMIT && o->extra.venue == 0;
    if (reason == 0 && c->price && limit_in_book) reason = model_judge_collar(m, i, o->price);
    return reason;
}

/* Rules 11 and 12, as if the order were out of its queue. */
static int judge_room(struct model *m, const struct order_state *now, const struct change *c)
{
    if (model_is_at_desk(now)) return 0;
    uint32_t levels = model_levels(m) - model_alone_at_its_level(m, now), levels_max = m->scalars.limits.levels_max;
    if (levels >= levels_max) return model_refuse(m, REJECT_LEVELS_FULL, 0, 0, DECIMAL_ABSENT, levels_max, 0);
    const struct instrument_state *i = model_instrument_by_id(m, now->instrument_id);
    return i->spec.state == INSTRUMENT_STATE_CONTINUOUS ? model_judge_post_only(m, &c->next) : 0;
}

/* The hold of the order, or of the pair it belongs to, with its new numbers. */
static i128 hold_wanted(struct model *m, const struct account_state *a, const struct instrument_state *i,
                        const struct change *c, int64_t opening)
{
    i128 hold = model_hold_at(a, i, &c->next, opening);
    const struct order_state *partner = model_pair_partner(m, &c->next);
    i128 other = partner == NULL ? 0 : model_hold_at(a, i, partner, opening);
    return other > hold ? other : hold;
}

/* Rule 13: with the leaves, closing part and hold of the order (of a pair: of its first) taken out. */
static int judge_risk(struct model *m, const struct account_state *a, const struct instrument_state *i,
                      const struct order_state *carrier, struct change *c)
{
    struct exposure x = model_exposure(m, &c->next);
    if (model_is_buy(carrier->side)) {
        x.position.open_buy -= carrier->leaves;
        x.position.closing_buy -= carrier->closing_leaves;
    } else {
        x.position.open_sell -= carrier->leaves;
        x.position.closing_sell -= carrier->closing_leaves;
    }
    x.balance.reserved -= carrier->hold;
    int64_t closing;
    int reason = model_judge_position(m, &x, &c->next, c->next.leaves, &closing);
    if (reason != 0) return reason;
    c->next.closing_leaves = closing;
    c->next.hold = 0;
    if (a->type == ACCOUNT_TYPE_HOUSE || closing == c->next.leaves) return 0;
    c->next.hold = hold_wanted(m, a, i, c, c->next.leaves - closing);
    return model_judge_cash(m, &x, i, c->next.hold);
}

/* ---- doing it ---- */

/* Of an OCO pair's second the hold is the pair's. */
void model_say_modified(struct model *m, struct order_state *o, bool kept_priority)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    bool waits = o->extra.phase == ORDER_PHASE_WAITING;
    model_say(m, EVENT_MODIFIED)->modified =
        (struct event_modified){.order_id = o->id,
                                .account = model_account_by_id(m, o->account_id)->account,
                                .symbol = spec->symbol,
                                .price = o->type == ORDER_TYPE_MARKET ? 0 : o->price,
                                .quantity = o->quantity,
                                .leaves = o->leaves,
                                .stop_price = o->extra.stop_price,
                                .display_quantity = o->extra.display_quantity,
                                .hold = waits ? 0 : model_carrier(m, o)->hold,
                                .side = o->side,
                                .kept_priority = kept_priority,
                                .price_scale = spec->price_scale,
                                .quantity_scale = spec->quantity_scale,
                                .currency_scale = spec->currency_scale};
}

static void change_waiting(struct model *m, struct order_state *o, const struct change *c)
{
    o->price = c->next.price;
    o->extra.stop_price = c->next.extra.stop_price;
    o->updated_ns = m->scalars.now_ns;
    model_say_modified(m, o, true);
}

static void decrease(struct model *m, struct order_state *o, int64_t less)
{
    /* A pair's second has nothing to give up, but the hold of its pair is computed anew. */
    model_shrink(m, model_carrier(m, o), less);
    o->updated_ns = m->scalars.now_ns;
    model_say_modified(m, o, true);
}

static void move(struct model *m, struct order_state *o, const struct change *c)
{
    struct order_state *carrier = model_carrier(m, o);
    model_count_in_sums(m, carrier, -1);
    o->price = c->next.price;
    o->quantity = c->next.quantity;
    o->leaves = c->next.leaves;
    o->extra.stop_price = c->next.extra.stop_price;
    o->extra.display_quantity = c->next.extra.display_quantity;
    o->extra.hold_price = c->next.extra.hold_price;
    o->updated_ns = m->scalars.now_ns;
    carrier->closing_leaves = c->next.closing_leaves;
    carrier->hold = c->next.hold;
    model_count_in_sums(m, carrier, 1);
    model_take_priority(m, o);
    model_turn_to(m, o->instrument_id);
    uint64_t order_id = o->id;
    model_say_modified(m, o, false);
    model_work(m, order_id, 0);
}

static bool is_at_broker(const struct order_state *o)
{
    return o->extra.phase == ORDER_PHASE_AT_BROKER;
}

static void ask_for_change(struct model *m, struct order_state *o, const struct change *c, int64_t old_quantity)
{
    struct route_state *r = model_find_route(m, o->id);
    int before = r->state;
    r->state = BROKER_PENDING_MODIFY;
    r->new_price = c->price ? c->next.price : 0;
    r->new_quantity = c->quantity ? c->next.quantity : 0;
    r->new_stop_price = c->stop_price ? c->next.extra.stop_price : 0;
    r->old_quantity = old_quantity;
    model_say_broker_state(m, r, before, NULL);
}

/* At a broker: what the change may ask for at most is held at once, and nothing is taken back before the broker says so. */
static int ask_broker(struct model *m, struct order_state *o, struct change *c)
{
    if (c->pure_decrease) {
        ask_for_change(m, o, c, o->quantity);
        return 0;
    }
    struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int reason = judge_limits(m, a, i, c);
    if (reason != 0) return reason;
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    int64_t now = limit ? o->price : o->extra.hold_price, then = limit ? c->next.price : c->next.extra.hold_price;
    struct change most = *c;
    if (most.next.leaves < o->leaves) most.next.leaves = o->leaves;
    most.next.extra.hold_price = then > now ? then : now;
    i128 whole = o->notional_filled + model_notional_of(&i->spec, most.next.extra.hold_price, most.next.leaves);
    if (whole > NOTIONAL_MAX)
        return model_refuse(m, REJECT_NOTIONAL_TOO_LARGE, 0, whole, i->spec.currency_scale, NOTIONAL_MAX,
                            i->spec.currency_scale);
    reason = judge_risk(m, a, i, o, &most);
    if (reason != 0) return reason;
    model_count_in_sums(m, o, -1);
    int64_t old_quantity = o->quantity;
    o->quantity += most.next.leaves - o->leaves;
    o->leaves = most.next.leaves;
    o->closing_leaves = most.next.closing_leaves;
    o->extra.hold_price = most.next.extra.hold_price;
    o->hold = model_hold_of_order(m, o);
    model_count_in_sums(m, o, 1);
    ask_for_change(m, o, c, old_quantity);
    return 0;
}

/* Rules 6 to 13 and what follows of them. */
static int change_order(struct model *m, struct order_state *o, struct change *c)
{
    struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int reason = 0;
    if (!c->pure_decrease) reason = model_judge_halted(m, a, i);
    if (reason == 0 && !c->pure_decrease) reason = model_judge_session(m, i, o);
    if (reason == 0) reason = judge_prices(m, i, c);
    if (reason == 0 && o->extra.phase == ORDER_PHASE_WAITING) {
        change_waiting(m, o, c);
        return 0;
    }
    if (reason == 0) reason = judge_quantities(m, i, c);
    if (reason == 0 && is_at_broker(o)) return ask_broker(m, o, c);
    if (reason == 0 && c->pure_decrease) {
        decrease(m, o, o->quantity - c->next.quantity);
        return 0;
    }
    if (reason == 0) reason = judge_limits(m, a, i, c);
    if (reason == 0) reason = judge_room(m, o, c);
    if (reason == 0) reason = judge_risk(m, a, i, model_carrier(m, o), c);
    if (reason == 0) move(m, o, c);
    return reason;
}

/* Rule 4. *over: the order went. */
static int judge_quantity_asked(struct model *m, const struct order_state *o, struct change *c, bool *over)
{
    *over = false;
    if (!model_given(c->asked->quantity)) return 0;
    if (o->extra.link == LINK_OCO || model_is_child(o))
        return model_refuse_plain(m, REJECT_LINKED_QUANTITY, REFUSAL_QUANTITY);
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    int reason = model_judge_quantity(m, spec, c->asked->quantity, REFUSAL_QUANTITY, &c->next.quantity);
    if (reason != 0) return reason;
    c->next.leaves = c->next.quantity - c->filled;
    c->quantity = c->next.quantity != o->quantity;
    *over = c->next.leaves <= 0;
    return 0;
}

static struct order_state *find_modifiable(struct model *m, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    return o == NULL || o->flags & PLACE_GTT ? NULL : o;
}

int model_apply_modify(struct model *m, const struct command *command)
{
    const struct command_modify *s = &command->modify;
    struct order_state *o = find_modifiable(m, s->order_id);
    if (o == NULL) return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    if (is_at_broker(o) && model_find_route(m, o->id)->state != BROKER_ACKED)
        return model_refuse_plain(m, REJECT_REQUEST_PENDING, REFUSAL_ORDER_ID);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (!model_given(s->price) && !model_given(s->quantity) && !model_given(s->stop_price) &&
        !model_given(s->display_quantity))
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_PRICE);
    struct change c = {.asked = s, .next = *o, .filled = o->quantity - o->leaves};
    bool over;
    int reason = judge_quantity_asked(m, o, &c, &over);
    if (reason == 0 && over) {
        model_end_or_ask(m, o->id, CANCEL_REASON_REDUCED_TO_FILLED);
        return 0;
    }
    if (reason == 0) reason = judge_fields(m, s, o);
    if (reason != 0) return reason;
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    c.price = says_another(s->price, spec->price_scale, PRICE_MAX, o->price);
    c.stop_price = says_another(s->stop_price, spec->price_scale, PRICE_MAX, o->extra.stop_price);
    c.display_quantity =
        says_another(s->display_quantity, spec->quantity_scale, QUANTITY_MAX, o->extra.display_quantity);
    c.pure_decrease = !c.price && !c.stop_price && !c.display_quantity && c.next.quantity <= o->quantity;
    return change_order(m, o, &c);
}

int model_apply_cancel(struct model *m, const struct command *c)
{
    const struct order_state *o = find_modifiable(m, c->cancel.order_id);
    if (o == NULL) return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    if (model_end_or_ask(m, o->id, CANCEL_REASON_REQUESTED)) return 0;
    return model_refuse_plain(m, REJECT_REQUEST_PENDING, REFUSAL_ORDER_ID);
}
