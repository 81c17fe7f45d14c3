/* core/gtt.c - good till triggered: up to two prices that are waited for, and the order that is sent at the first.
 *
 *   GTT_PLACE --> ACTIVE <--(GTT_MODIFY)--> DISABLED
 *                   |            '----------------'---> DELETED, EXPIRED, CANCELLED (a sweep)
 *                   '--(a leg's price is seen)--> TRIGGERED (the order was accepted) or REJECTED (it was not)
 *
 * What must stay true: a GTT is its legs, orders with the flag PLACE_GTT that stand in no sum: leg 0 has the GTT's id and its timer,
 * leg 1, when there is one, the next id. Both go together, and each change is told with one GTT_SET. */
#include "core/engine_parts.h"

enum { LEGS_MAX = 2, ID_SENT = 2 /* the index of the order that is sent */ };

/* A GTT as it would be. */
struct plan {
    const struct instrument *instrument;
    uint8_t side;
    unsigned count;
    int64_t expires_ns;
    struct planned_leg {
        uint8_t type, direction;
        int64_t price, trigger_price, quantity;
    } legs[LEGS_MAX];
};

static bool leg_given(const struct gtt_leg *leg)
{
    return decimal_given(leg->trigger_price) || decimal_given(leg->price) || decimal_given(leg->quantity);
}

/* The legs of the GTT with that id; 0: none. */
static unsigned legs_find(const struct engine *e, uint64_t gtt_id, uint32_t legs[LEGS_MAX])
{
    unsigned count = 0;
    for (; count < LEGS_MAX; count++) {
        legs[count] = gtt_id == 0 ? 0 : order_find(e, gtt_id + count);
        const struct order *o = order_at(e, legs[count]);
        if (legs[count] == 0 || !(o->flags & PLACE_GTT) || order_extra_at(e, o->extra)->member != count) break;
    }
    return count;
}
static uint64_t gtt_of(const struct engine *e, uint32_t leg)
{
    return order_at(e, leg)->id - order_extra_at(e, order_at(e, leg)->extra)->member;
}

static struct event_gtt_set gtt_value(const struct engine *e, const uint32_t *legs, unsigned count,
                                      enum gtt_status status)
{
    const struct order *first = order_at(e, legs[0]);
    const struct instrument *i = instrument_at(e, first->instrument);
    struct event_gtt_set out = {.gtt_id = first->id,
                                .account = account_at(e, first->account)->account,
                                .symbol = i->symbol,
                                .expires_ns = first->expires_ns,
                                .status = (uint8_t)status,
                                .side = first->side,
                                .price_scale = i->price_scale,
                                .quantity_scale = i->quantity_scale};
    for (unsigned n = 0; n < count; n++) {
        const struct order *o = order_at(e, legs[n]);
        const struct order_extra *x = order_extra_at(e, o->extra);
        out.legs[n] = (struct event_gtt_leg){
            .trigger_price = x->stop_price, .price = o->price, .quantity = o->quantity, .direction = x->direction};
    }
    return out;
}

static void legs_remove(struct engine *e, const uint32_t *legs, unsigned count)
{
    for (unsigned n = 0; n < count; n++) order_remove(e, legs[n]);
}

void gtt_end(struct turn *t, uint32_t leg, enum gtt_status status)
{
    struct engine *e = t->engine;
    uint32_t legs[LEGS_MAX];
    unsigned count = legs_find(e, gtt_of(e, leg), legs);
    turn_event(t, EVENT_GTT_SET)->gtt_set = gtt_value(e, legs, count, status);
    legs_remove(e, legs, count);
}

/* Judges. */

/* The given numbers of one leg; at GTT_PLACE a trigger and a quantity must be. */
static enum reject leg_judge(struct turn *t, const struct plan *plan, const struct gtt_leg *s, bool placing,
                             struct planned_leg *leg)
{
    const struct instrument *i = plan->instrument;
    enum reject no = 0;
    if (placing) leg->type = decimal_given(s->price) ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET;
    if (placing || decimal_given(s->trigger_price))
        no = judge_price(t, i, s->trigger_price, REFUSAL_TRIGGER_PRICE, REJECT_PRICE_REQUIRED, &leg->trigger_price);
    if (no == 0 && decimal_given(s->price)) {
        if (leg->type == ORDER_TYPE_MARKET) return refuse(t, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
        no = judge_price(t, i, s->price, REFUSAL_PRICE, REJECT_PRICE_REQUIRED, &leg->price);
    }
    if (no != 0 || (!placing && !decimal_given(s->quantity))) return no;
    no = judge_lots(t, i, s->quantity, REFUSAL_QUANTITY, &leg->quantity);
    return no != 0 ? no : judge_bounds(t, i, s->quantity, leg->quantity);
}

static enum reject expiry_judge(struct turn *t, int64_t expires_ns, int64_t *out)
{
    int64_t now = t->engine->now_ns, most = (int64_t)GTT_DAYS_MAX * 86400 * 1000000000;
    *out = expires_ns == 0 ? now + most : expires_ns;
    if (*out <= now) return refuse(t, REJECT_EXPIRY_REQUIRED, REFUSAL_EXPIRES_AT);
    if (*out - now <= most) return 0;
    return refuse_numbers(t, REJECT_EXPIRY_TOO_FAR, REFUSAL_EXPIRES_AT, 0, DECIMAL_ABSENT, GTT_DAYS_MAX, 0);
}

/* Each leg is on its own side of the market. */
static enum reject directions_judge(struct turn *t, struct plan *plan)
{
    const struct instrument *i = plan->instrument;
    int64_t reference = reference_price(i, plan->side);
    if (reference == 0) return refuse(t, REJECT_NO_REFERENCE_PRICE, 0);
    for (unsigned n = 0; n < plan->count; n++) {
        struct planned_leg *leg = &plan->legs[n];
        leg->direction = leg->trigger_price > reference ? SIDE_SELL : SIDE_BUY;
        if (leg->trigger_price == reference || (n == 1 && leg->direction == plan->legs[0].direction))
            return refuse_numbers(t, REJECT_GTT_TRIGGER_INVALID, REFUSAL_TRIGGER_PRICE, leg->trigger_price,
                                  i->price_scale, reference, i->price_scale);
    }
    return 0;
}

/* Rules 1 to 3 of GTT_PLACE. */
static enum reject place_names_judge(struct turn *t, const struct command_gtt_place *s, uint32_t account,
                                     uint32_t instrument)
{
    if (s->side == 0 || s->side > SIDE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (s->legs_count == 0 || s->legs_count > LEGS_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    if (account == 0) return refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (instrument == 0) return refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    return pending_judge(t);
}

/* Rules 4 to 8. */
static enum reject place_judge(struct turn *t, const struct command_gtt_place *s, const struct account *a,
                               struct plan *plan)
{
    enum reject no = 0;
    for (unsigned n = 0; no == 0 && n < plan->count; n++) no = leg_judge(t, plan, &s->legs[n], true, &plan->legs[n]);
    if (no == 0) no = expiry_judge(t, s->expires_ns, &plan->expires_ns);
    if (no == 0) no = directions_judge(t, plan);
    if (no == 0) no = judge_open_orders(t, a, plan->count);
    return no != 0 ? no : judge_orders_room(t, plan->count, 1, plan->count);
}

/* Commands. */

static uint32_t leg_store(struct engine *e, const struct plan *plan, uint32_t account, unsigned n)
{
    const struct planned_leg *leg = &plan->legs[n];
    struct order o = {.id = (e->seq << ORDER_INDEX_BITS) + n,
                      .price = leg->price,
                      .leaves = leg->quantity,
                      .priority = e->priority_next++,
                      .account = account,
                      .side = plan->side,
                      .type = leg->type,
                      .tif = n == 0 ? TIF_GTD : TIF_GTC,
                      .flags = PLACE_GTT,
                      .phase = ORDER_PHASE_PENDING_TRIGGER,
                      .instrument = instrument_index(e, plan->instrument),
                      .quantity = leg->quantity,
                      .created_ns = e->now_ns,
                      .updated_ns = e->now_ns,
                      .expires_ns = n == 0 ? plan->expires_ns : 0};
    struct order_extra x = {.stop_price = leg->trigger_price,
                            .link = plan->count == LEGS_MAX ? LINK_OCO : 0,
                            .member = (uint8_t)n,
                            .direction = leg->direction};
    uint32_t index = order_store(e, &o, &x);
    order_join(e, index);
    return index;
}

void apply_gtt_place(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_gtt_place *s = &c->gtt_place;
    uint32_t account = account_find(e, &s->account), instrument = instrument_find(e, &s->symbol);
    struct plan plan = {.instrument = instrument_at(e, instrument), .side = s->side, .count = s->legs_count};
    enum reject no = place_names_judge(t, s, account, instrument);
    if (no == 0) no = place_judge(t, s, account_at(e, account), &plan);
    if (no != 0) {
        turn_reject(t, c, c->seq << ORDER_INDEX_BITS);
        return;
    }
    /* From here on it cannot fail. */
    uint32_t legs[LEGS_MAX];
    for (unsigned n = 0; n < plan.count; n++) legs[n] = leg_store(e, &plan, account, n);
    turn_event(t, EVENT_GTT_SET)->gtt_set = gtt_value(e, legs, plan.count, GTT_STATUS_ACTIVE);
}

static struct plan plan_of(const struct engine *e, const uint32_t *legs, unsigned count)
{
    const struct order *first = order_at(e, legs[0]);
    struct plan plan = {.instrument = instrument_at(e, first->instrument),
                        .side = first->side,
                        .count = count,
                        .expires_ns = first->expires_ns};
    for (unsigned n = 0; n < count; n++) {
        const struct order *o = order_at(e, legs[n]);
        const struct order_extra *x = order_extra_at(e, o->extra);
        plan.legs[n] = (struct planned_leg){.type = o->type,
                                            .direction = x->direction,
                                            .price = o->price,
                                            .trigger_price = x->stop_price,
                                            .quantity = o->quantity};
    }
    return plan;
}

static enum reject modify_fields_judge(struct turn *t, const struct command_gtt_modify *s, unsigned count)
{
    if (s->status != 0 && s->status != GTT_STATUS_ACTIVE && s->status != GTT_STATUS_DISABLED)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_STATUS);
    bool second = leg_given(&s->legs[1]);
    if (!leg_given(&s->legs[0]) && !second && s->status == 0 && s->expires_ns == 0)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    return second && count < LEGS_MAX ? refuse(t, REJECT_FIELD_INVALID, REFUSAL_LEGS) : 0;
}

/* disabled: it is now; active: it is to be. */
static enum reject modify_judge(struct turn *t, const struct command_gtt_modify *s, bool disabled, bool active,
                                struct plan *plan)
{
    enum reject no = 0;
    for (unsigned n = 0; no == 0 && n < plan->count; n++) no = leg_judge(t, plan, &s->legs[n], false, &plan->legs[n]);
    if (no == 0 && s->expires_ns != 0) no = expiry_judge(t, s->expires_ns, &plan->expires_ns);
    bool moves = decimal_given(s->legs[0].trigger_price) || decimal_given(s->legs[1].trigger_price);
    if (no != 0 || !active || !(moves || disabled)) return no;
    no = directions_judge(t, plan);
    return no != 0 ? no : judge_orders_room(t, 0, 0, plan->count);
}

static void leg_change(struct engine *e, uint32_t index, const struct planned_leg *leg, bool active)
{
    struct order *o = order_at(e, index);
    struct order_extra *x = order_extra_at(e, o->extra);
    order_touch(e, o);
    order_leave(e, index);
    o->price = leg->price;
    o->quantity = o->leaves = leg->quantity;
    o->updated_ns = e->now_ns;
    o->phase = active ? ORDER_PHASE_PENDING_TRIGGER : ORDER_PHASE_DISABLED;
    x->stop_price = leg->trigger_price;
    x->direction = leg->direction;
    order_reprioritize(e, index);
    order_join(e, index);
}

void apply_gtt_modify(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_gtt_modify *s = &c->gtt_modify;
    uint32_t legs[LEGS_MAX];
    unsigned count = legs_find(e, s->gtt_id, legs);
    enum reject no = count == 0 ? refuse(t, REJECT_GTT_NOT_ACTIVE, REFUSAL_GTT_ID) : pending_judge(t);
    if (no == 0) no = modify_fields_judge(t, s, count);
    bool disabled = count != 0 && order_at(e, legs[0])->phase == ORDER_PHASE_DISABLED;
    bool active = s->status == 0 ? !disabled : s->status == GTT_STATUS_ACTIVE;
    struct plan plan = {0};
    if (no == 0) {
        plan = plan_of(e, legs, count);
        no = modify_judge(t, s, disabled, active, &plan);
    }
    if (no != 0) {
        turn_reject(t, c, s->gtt_id);
        return;
    }
    /* From here on it cannot fail. */
    for (unsigned n = 0; n < count; n++) leg_change(e, legs[n], &plan.legs[n], active);
    if (order_at(e, legs[0])->expires_ns != plan.expires_ns) {
        timer_remove(e, legs[0]);
        order_at(e, legs[0])->expires_ns = plan.expires_ns;
        timer_add(e, legs[0], plan.expires_ns);
    }
    turn_event(t, EVENT_GTT_SET)->gtt_set = gtt_value(e, legs, count, active ? GTT_STATUS_ACTIVE : GTT_STATUS_DISABLED);
}

void apply_gtt_delete(struct turn *t, const struct command *c)
{
    uint32_t legs[LEGS_MAX];
    if (legs_find(t->engine, c->gtt_delete.gtt_id, legs) == 0) {
        refuse(t, REJECT_GTT_NOT_ACTIVE, REFUSAL_GTT_ID);
        turn_reject(t, c, c->gtt_delete.gtt_id);
        return;
    }
    gtt_end(t, legs[0], GTT_STATUS_DELETED);
}

/* The order that is sent. */

static struct command_place order_sent(const struct engine *e, const struct order *leg)
{
    const struct instrument *i = instrument_at(e, leg->instrument);
    const struct decimal none = {0, DECIMAL_ABSENT};
    bool limit = leg->type == ORDER_TYPE_LIMIT;
    return (struct command_place){.account = account_at(e, leg->account)->account,
                                  .symbol = i->symbol,
                                  .price = limit ? (struct decimal){leg->price, i->price_scale} : none,
                                  .quantity = {leg->quantity, i->quantity_scale},
                                  .stop_price = none,
                                  .display_quantity = none,
                                  .quote_quantity = none,
                                  .min_quantity = none,
                                  .trail = none,
                                  .leverage = none,
                                  .side = leg->side,
                                  .type = leg->type,
                                  .tif = TIF_DAY};
}

void gtt_trigger(struct turn *t, uint32_t leg)
{
    struct engine *e = t->engine;
    const struct order *o = order_at(e, leg);
    uint32_t legs[LEGS_MAX];
    unsigned count = legs_find(e, gtt_of(e, leg), legs);
    struct event_gtt_set told = gtt_value(e, legs, count, GTT_STATUS_TRIGGERED);
    told.leg = (uint8_t)(leg == legs[0] ? 1 : 2);
    told.order_id = told.gtt_id + ID_SENT;
    struct command_place asked = order_sent(e, o);
    struct ticket k = {.asked = &asked,
                       .account = account_at(e, o->account),
                       .instrument = instrument_at(e, o->instrument),
                       .account_index = o->account,
                       .instrument_index = o->instrument,
                       .orders = 1};
    legs_remove(e, legs, count);
    enum reject no = judge_from_gates(t, &k);
    if (no != 0) {
        told.status = GTT_STATUS_REJECTED;
        told.reject = (uint16_t)no;
    }
    turn_event(t, EVENT_GTT_SET)->gtt_set = told;
    if (no != 0) return;
    ticket_make_room(e, &k);
    place_execute(t, &k, told.order_id, told.gtt_id, 0);
}
