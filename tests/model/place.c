/* tests/model/place.c - what an accepted order does at once: it enters, is put to work, matches, rests or ends.
 * Invariant: nothing here can fail; the only refusals are those of the orders that the engine sends itself. */
#include "tests/model/internal.h"

#include <string.h>

void model_open_objects(struct model *m, const struct order_state *o)
{
    uint64_t currency_id = model_currency_id(m, model_instrument_by_id(m, o->instrument_id));
    model_open_balance(m, model_fees_account(m)->id, currency_id);
    model_open_balance(m, o->account_id, currency_id);
    model_open_position(m, o->account_id, o->instrument_id);
    if (o->extra.venue == 0 || o->extra.venue == VENUE_NONE) return;
    uint64_t house_id = model_house_of(m, o->extra.venue)->id;
    model_open_balance(m, house_id, currency_id);
    model_open_position(m, house_id, o->instrument_id);
}

int model_phase_at_work(const struct order_state *o, const struct instrument_state *i)
{
    if (o->extra.venue == VENUE_NONE) return ORDER_PHASE_PENDING_ROUTE;
    if (model_is_at_desk(o)) return ORDER_PHASE_AT_BROKER;
    if (model_is_stop(o->type)) return ORDER_PHASE_PENDING_TRIGGER;
    if (o->tif == TIF_ON_CLOSE && i->spec.state != INSTRUMENT_STATE_AUCTION) return ORDER_PHASE_PARKED;
    if (o->extra.venue == VENUE_QUOTE) return ORDER_PHASE_AT_QUOTE;
    return o->flags & PLACE_ALL_OR_NONE ? ORDER_PHASE_ALL_OR_NONE : ORDER_PHASE_RESTING;
}

static void say_placed(struct model *m, const struct order_state *o, int phase, uint64_t gtt_id)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT,
         percent = o->flags & PLACE_TRAIL_PERCENT;
    struct event_placed *e = &model_say(m, EVENT_PLACED)->placed;
    e->order_id = o->id;
    e->hold = o->hold;
    e->currency_scale = spec->currency_scale;
    e->terms =
        (struct order_terms){.account = model_account_by_id(m, o->account_id)->account,
                             .symbol = spec->symbol,
                             .price = limit ? o->price : 0,
                             .quantity = o->quantity,
                             .expires_ns = o->expires_ns,
                             .stop_price = o->extra.stop_price,
                             .display_quantity = o->extra.display_quantity,
                             .trail = o->extra.trail,
                             .gtt_id = gtt_id,
                             .leverage = o->extra.leverage,
                             .price_scale = limit ? spec->price_scale : DECIMAL_ABSENT,
                             .quantity_scale = spec->quantity_scale,
                             .stop_price_scale = model_is_stop(o->type) ? spec->price_scale : DECIMAL_ABSENT,
                             .display_scale = o->extra.display_quantity != 0 ? spec->quantity_scale : DECIMAL_ABSENT,
                             .trail_scale = o->extra.trail == 0 ? DECIMAL_ABSENT
                                            : percent           ? 4
                                                                : spec->price_scale,
                             .side = o->side,
                             .type = o->type,
                             .tif = o->tif,
                             .flags = o->flags,
                             .stp = o->stp,
                             .venue = o->extra.venue,
                             .phase = (uint8_t)phase,
                             .link = o->extra.link,
                             .member = o->extra.member,
                             .activation = o->extra.activation,
                             .client_order_id_len = o->client_order_id_len};
    memcpy(e->terms.client_order_id, o->client_order_id, sizeof o->client_order_id);
}

/* The price of a MARKET order that stands in a queue is before every limit price. */
static int64_t market_price(int side)
{
    return model_is_buy(side) ? PRICE_MAX + 1 : -1;
}

static void enter(struct model *m, const struct order_state *asked, int phase_said, uint64_t gtt_id)
{
    struct order_state o = *asked;
    o.priority = m->scalars.priority_next++;
    if (o.type == ORDER_TYPE_MARKET && !model_takes_now(&o)) o.price = market_price(o.side);
    if (o.extra.phase == ORDER_PHASE_PENDING_TRIGGER) o.extra.direction = (uint8_t)model_other_side(o.side);
    *model_new_order(m) = o;
    model_count_in_sums(m, &o, 1);
    say_placed(m, &o, phase_said, gtt_id);
}

static void enter_legs(struct model *m, const struct request *r)
{
    for (uint32_t k = 0; k < r->plan.legs_count; k++) {
        struct order_state leg = r->plan.legs[k];
        const struct order_state *entry = &r->plan.order;
        leg.id = entry->id + k + 1;
        leg.quantity = entry->quantity;
        leg.leaves = entry->quantity;
        leg.created_ns = entry->created_ns;
        leg.updated_ns = entry->updated_ns;
        leg.stp = entry->stp;
        leg.extra.leverage = entry->extra.leverage;
        bool oco = entry->extra.link == LINK_OCO;
        enter(m, &leg, oco ? model_phase_at_work(&leg, r->instrument) : ORDER_PHASE_WAITING, 0);
    }
}

/* An OCO pair's member waits until it is its turn. */
static void begin_work(struct model *m, uint64_t order_id, int64_t min_quantity)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o == NULL) return;
    o->extra.phase = (uint8_t)model_phase_at_work(o, model_instrument_by_id(m, o->instrument_id));
    if (o->extra.phase == ORDER_PHASE_PENDING_TRIGGER) o->extra.direction = (uint8_t)model_other_side(o->side);
    model_work(m, order_id, min_quantity);
}

void model_carry_out(struct model *m, const struct request *r, uint64_t gtt_id)
{
    struct order_state o = r->plan.order;
    int phase = model_phase_at_work(&o, r->instrument);
    bool oco = r->linked != NULL && r->linked->link == LINK_OCO;
    o.extra.phase = oco ? ORDER_PHASE_WAITING : (uint8_t)phase;
    model_turn_to(m, o.instrument_id);
    if (!r->is_taken_already) {
        model_count_rate(m, r->account);
        model_use_client_id(m, &o);
    }
    model_open_objects(m, &o);
    enter(m, &o, phase, gtt_id);
    if (model_is_at_desk(&o)) model_make_route(m, &o, &r->decision);
    if (model_is_at_desk(&o) || r->decision.rule != 0)
        model_say_routed(m, &o, &r->decision, ROUTE_CAUSE_PLACED, r->decision.asked != 0);
    enter_legs(m, r);
    begin_work(m, o.id, r->plan.min_quantity);
    if (oco) begin_work(m, o.id + 1, 0);
}

/* ---- putting an order to work ---- */

static void rest(struct model *m, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o->extra.phase == ORDER_PHASE_RESTING && o->extra.display_quantity != 0) model_show(m, o);
}

static bool could_go_on(struct model *m, struct reach reach, const struct order_state *o)
{
    const struct order_state *best = model_first(m, o->instrument_id, QUEUE_BOOK, model_other_side(o->side), 0);
    return best != NULL && model_reaches(reach, o->side, best->price);
}

/* What becomes of an aggressor once it has matched. most: what it might still have taken. */
static void settle(struct model *m, uint64_t order_id, enum match_end end, struct reach reach, int64_t most,
                   bool short_of_cash)
{
    const struct order_state *o = model_find_order(m, order_id);
    if (o == NULL) return;
    if (end == MATCH_HALTED)
        model_order_cancel(m, order_id, CANCEL_REASON_COLLAR_HALT);
    else if (most == 0 && short_of_cash)
        model_order_cancel(m, order_id, CANCEL_REASON_CASH_SHORT);
    else if (could_go_on(m, reach, o) && most > 0)
        model_order_cancel(m, order_id, CANCEL_REASON_WORK_LIMIT);
    else if (o->type == ORDER_TYPE_MARKET)
        model_order_cancel(m, order_id, CANCEL_REASON_MARKET_REMAINDER);
    else if (o->tif == TIF_IOC)
        model_order_cancel(m, order_id, CANCEL_REASON_IOC_REMAINDER);
    else if (o->tif == TIF_FOK)
        model_order_cancel(m, order_id, CANCEL_REASON_FOK_UNFILLED);
    else
        rest(m, order_id);
}

void model_work_in_book(struct model *m, uint64_t order_id, int64_t most, bool short_of_cash)
{
    struct reach reach = model_reach(m, model_find_order(m, order_id));
    m->taker_id = order_id;
    enum match_end end = model_match(m, reach, &most);
    m->taker_id = 0;
    settle(m, order_id, end, reach, most, short_of_cash);
}

/* FOK and min_quantity: over before its first fill. */
static bool ends_before_matching(struct model *m, const struct order_state *o, int64_t min_quantity)
{
    uint64_t orders, order_id = o->id, work_max = m->scalars.limits.work_max;
    if (o->tif == TIF_FOK && !model_walk_whole(m, o, work_max, &orders))
        model_order_cancel(m, order_id, orders > work_max ? CANCEL_REASON_WORK_LIMIT : CANCEL_REASON_FOK_UNFILLED);
    else if (min_quantity > 0 && !model_walk_part(m, o, min_quantity))
        model_order_cancel(m, order_id, CANCEL_REASON_MIN_QUANTITY);
    return model_find_order(m, order_id) == NULL;
}

bool model_all_or_none_can(struct model *m, uint64_t order_id, uint64_t most, uint64_t *orders)
{
    const struct order_state *o = model_find_order(m, order_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    const struct order_state *best = model_first(m, i->id, QUEUE_BOOK, model_other_side(o->side), 0);
    *orders = 0;
    if (best == NULL) return false;
    if (model_judge_notional(m, model_account_by_id(m, o->account_id), i, best->price, o->leaves) != 0) return false;
    return model_walk_whole(m, o, most, orders);
}

void model_work(struct model *m, uint64_t order_id, int64_t min_quantity)
{
    const struct order_state *o = model_find_order(m, order_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    uint64_t orders;
    if (o->extra.phase == ORDER_PHASE_PENDING_TRIGGER || o->extra.phase == ORDER_PHASE_PARKED || model_is_at_desk(o))
        return;
    if (i->spec.state != INSTRUMENT_STATE_CONTINUOUS)
        rest(m, order_id);
    else if (o->extra.phase == ORDER_PHASE_AT_QUOTE)
        model_work_at_quote(m, order_id);
    else if (o->extra.phase == ORDER_PHASE_ALL_OR_NONE &&
             !model_all_or_none_can(m, order_id, model_work_room(m), &orders))
        return;
    else if (!ends_before_matching(m, o, min_quantity))
        model_work_in_book(m, order_id, INT64_MAX, false);
}

int model_apply_place(struct model *m, const struct command *c)
{
    struct request r = {.asked = &c->place};
    int reason = model_judge_shape(m, r.asked);
    if (reason == 0) reason = model_judge_names(m, &r);
    if (reason == 0) reason = model_judge_client_id(m, &r);
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (reason == 0) reason = model_judge_decision(m, &r);
    if (reason == 0) reason = model_judge_from_7(m, &r, model_own_id(m, 0));
    if (reason == 0) model_carry_out(m, &r, 0);
    return reason;
}

/* ---- orders that the engine sends ---- */

int model_judge_sent(struct model *m, const struct command_place *p)
{
    struct request r = {.asked = p};
    int reason = model_judge_names(m, &r);
    return reason != 0 ? reason : model_judge_from_7(m, &r, 0);
}

void model_send(struct model *m, const struct command_place *p, uint64_t order_id, uint64_t gtt_id)
{
    struct request r = {.asked = p};
    if (model_judge_names(m, &r) != 0 || model_judge_from_7(m, &r, order_id) != 0) return;
    model_carry_out(m, &r, gtt_id);
}

bool model_send_liquidation(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    const struct account_state *a = model_account_by_id(m, account_id);
    const struct instrument_state *i = model_instrument_by_id(m, instrument_id);
    int64_t position = model_find_position(m, account_id, instrument_id)->quantity;
    int64_t size = position < 0 ? -position : position;
    if (size > QUANTITY_MAX) size = QUANTITY_MAX / i->lot_gcd * i->lot_gcd;
    struct order_state o = {.id = model_own_id(m, m->sent_count),
                            .account_id = account_id,
                            .instrument_id = instrument_id,
                            .created_ns = m->scalars.now_ns,
                            .updated_ns = m->scalars.now_ns,
                            .quantity = size,
                            .side = position < 0 ? SIDE_BUY : SIDE_SELL,
                            .type = ORDER_TYPE_MARKET,
                            .tif = TIF_IOC,
                            .flags = PLACE_LIQUIDATION};
    o.leaves = o.quantity;
    struct walk w = model_walk(m, &o, o.quantity);
    if (w.highest_price != 0 && model_judge_notional(m, a, i, w.highest_price, o.quantity) != 0) return false;
    m->sent_count++;
    model_turn_to(m, instrument_id);
    model_open_objects(m, &o);
    enter(m, &o, ORDER_PHASE_RESTING, 0);
    model_work_in_book(m, o.id, INT64_MAX, false);
    return true;
}
