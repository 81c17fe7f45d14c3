/* tests/model/ends.c - the sums an order is in, its hold, and its end.
 * What must stay true: a position's open and closing sums and a balance's reserved are the sums over the orders that are in
 * them: all but GTT legs, children that wait, and the second of an OCO pair (its first carries both). */
#include "tests/model/internal.h"

bool model_is_child(const struct order_state *o)
{
    return (o->extra.link == LINK_OTO || o->extra.link == LINK_BRACKET) && o->extra.member > 0;
}

static bool is_second(const struct order_state *o)
{
    return (o->extra.link == LINK_OCO && o->extra.member == 1) ||
           (o->extra.link == LINK_BRACKET && o->extra.member == 2);
}

static bool is_in_sums(const struct order_state *o)
{
    if (o->flags & PLACE_GTT || is_second(o)) return false;
    return !(model_is_child(o) && o->extra.phase == ORDER_PHASE_WAITING);
}

struct order_state *model_pair_partner(struct model *m, const struct order_state *o)
{
    if (o->flags & PLACE_GTT) return NULL;
    uint64_t entry_id = o->id - o->extra.member;
    if (o->extra.link == LINK_OCO) return model_find_order(m, entry_id + (o->extra.member == 0 ? 1 : 0));
    if (o->extra.link == LINK_BRACKET && o->extra.member > 0)
        return model_find_order(m, entry_id + (o->extra.member == 1 ? 2 : 1));
    return NULL;
}

struct order_state *model_carrier(struct model *m, struct order_state *o)
{
    return is_second(o) ? model_pair_partner(m, o) : o;
}

/* The price by which it holds: its limit, or its hold price; 0: none. While a modify is pending at a broker, the larger. */
static int64_t held_price(const struct order_state *o)
{
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    return limit && o->price > o->extra.hold_price ? o->price : o->extra.hold_price;
}

i128 model_hold_at(const struct account_state *a, const struct instrument_state *i, const struct order_state *o,
                   int64_t opening)
{
    if (a->type == ACCOUNT_TYPE_HOUSE || opening == 0) return 0;
    uint32_t leverage = o->extra.leverage != 0 ? o->extra.leverage : model_effective_leverage(a, i);
    i128 notional = model_notional_of(&i->spec, held_price(o), opening);
    return model_hold_of(notional, leverage, model_worst_rate(a, i), o->fee_accrued);
}

i128 model_hold_of_order(struct model *m, const struct order_state *o)
{
    if (!is_in_sums(o)) return 0;
    const struct account_state *a = model_account_by_id(m, o->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int64_t opening = o->leaves - o->closing_leaves;
    i128 hold = model_hold_at(a, i, o, opening);
    const struct order_state *second = model_pair_partner(m, o);
    if (second == NULL) return hold;
    /* One of the two is trading whatever the book gives, and both will be over then. */
    if (o->type == ORDER_TYPE_MARKET || second->type == ORDER_TYPE_MARKET) return 0;
    i128 other = model_hold_at(a, i, second, opening);
    return other > hold ? other : hold;
}

static struct balance_state *balance_of(struct model *m, const struct order_state *o)
{
    return model_find_balance(m, o->account_id, model_currency_id(m, model_instrument_by_id(m, o->instrument_id)));
}

void model_set_hold(struct model *m, struct order_state *o, i128 hold)
{
    balance_of(m, o)->reserved += hold - o->hold;
    o->hold = hold;
}

void model_count_in_sums(struct model *m, const struct order_state *o, int sign)
{
    if (!is_in_sums(o)) return;
    struct position_state *p = model_find_position(m, o->account_id, o->instrument_id);
    if (model_is_buy(o->side)) {
        p->open_buy += sign * o->leaves;
        p->closing_buy += sign * o->closing_leaves;
    } else {
        p->open_sell += sign * o->leaves;
        p->closing_sell += sign * o->closing_leaves;
    }
    balance_of(m, o)->reserved += sign * o->hold;
}

void model_renumber(struct model *m, struct order_state *o, int64_t quantity, int64_t leaves, int64_t closing_leaves)
{
    model_count_in_sums(m, o, -1);
    o->quantity = quantity;
    o->leaves = leaves;
    o->closing_leaves = closing_leaves;
    o->hold = model_hold_of_order(m, o);
    if (o->extra.shown > leaves) o->extra.shown = leaves;
    model_count_in_sums(m, o, 1);
}

void model_shrink(struct model *m, struct order_state *o, int64_t less)
{
    int64_t opening = o->leaves - o->closing_leaves;
    int64_t closing = less > opening ? o->closing_leaves - (less - opening) : o->closing_leaves;
    const struct account_state *a = model_account_by_id(m, o->account_id);
    if (o->flags & PLACE_REDUCE_ONLY && a->type != ACCOUNT_TYPE_HOUSE) closing = o->leaves - less;
    model_renumber(m, o, o->quantity - less, o->leaves - less, closing);
}

void model_take_priority(struct model *m, struct order_state *o)
{
    model_sweep_leaves_queue(m, o->id);
    model_sweep_new_priority(m, o->id);
    o->priority = m->scalars.priority_next++;
}

/* ---- the end ---- */

/* A position that says nothing any more. Those of the venues' house accounts stay. */
static void drop_empty_position(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    if (model_is_house_of_a_venue(m, account_id)) return;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        if (o->account_id == account_id && o->instrument_id == instrument_id && !(o->flags & PLACE_GTT)) return;
    }
    struct position_state *p = model_find_position(m, account_id, instrument_id);
    bool says_nothing = p->quantity == 0 && p->cost == 0 && p->realized == 0 && p->open_buy == 0 && p->open_sell == 0;
    if (says_nothing) *p = m->positions[--m->positions_count];
}

void model_order_leaves_state(struct model *m, uint64_t order_id)
{
    struct order_state o = *model_find_order(m, order_id);
    model_count_in_sums(m, &o, -1);
    model_drop_order(m, order_id);
    model_route_order_left(m, &o);
    model_order_left_client_id(m, order_id);
    drop_empty_position(m, o.account_id, o.instrument_id);
}

static void end_order(struct model *m, uint64_t order_id, enum event_kind kind, int reason, int reject,
                      bool group_follows)
{
    struct order_state o = *model_find_order(m, order_id);
    const struct instrument_spec *spec = &model_instrument_by_id(m, o.instrument_id)->spec;
    model_say(m, kind)->cancelled = (struct event_cancelled){.order_id = o.id,
                                                             .account = model_account_by_id(m, o.account_id)->account,
                                                             .symbol = spec->symbol,
                                                             .leaves = o.leaves,
                                                             .reject = (uint16_t)reject,
                                                             .reason = (uint8_t)reason,
                                                             .side = o.side,
                                                             .quantity_scale = spec->quantity_scale};
    model_order_leaves_state(m, order_id);
    if (group_follows) model_group_ended(m, &o, (enum cancel_reason)reason);
}

void model_order_cancel(struct model *m, uint64_t order_id, enum cancel_reason reason)
{
    end_order(m, order_id, EVENT_CANCELLED, (int)reason, 0, true);
}

void model_order_cancel_refused(struct model *m, uint64_t order_id, enum reject reject)
{
    end_order(m, order_id, EVENT_CANCELLED, CANCEL_REASON_REFUSED, (int)reject, true);
}

void model_order_expire(struct model *m, uint64_t order_id)
{
    end_order(m, order_id, EVENT_EXPIRED, 0, 0, true);
}

void model_order_cancel_alone(struct model *m, uint64_t order_id, enum cancel_reason reason, int reject)
{
    end_order(m, order_id, EVENT_CANCELLED, (int)reason, reject, false);
}

void model_say_reduced(struct model *m, const struct order_state *o, enum cancel_reason reason)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    model_say(m, EVENT_REDUCED)->reduced =
        (struct event_reduced){.order_id = o->id,
                               .account = model_account_by_id(m, o->account_id)->account,
                               .symbol = spec->symbol,
                               .quantity = o->quantity,
                               .leaves = o->leaves,
                               .hold = o->hold,
                               .side = o->side,
                               .reason = (uint8_t)reason,
                               .quantity_scale = spec->quantity_scale,
                               .currency_scale = spec->currency_scale};
}
