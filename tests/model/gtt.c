/* tests/model/gtt.c - good till triggered: up to two prices that are waited for, and the order that is sent at the first.
 * Invariant: a GTT that is there is its legs, orders with the flag PLACE_GTT; leg 0 has the GTT's id and its timer, leg 1,
 * when there is one, the id after it. They come and go together and stand in no sum. */
#include "tests/model/internal.h"

#include <string.h>

static const int64_t day_ns = (int64_t)86400 * 1000000000;

uint64_t model_gtt_of(const struct order_state *leg)
{
    return leg->id - leg->extra.member;
}

static struct order_state *find_leg(struct model *m, uint64_t gtt_id, unsigned leg)
{
    struct order_state *o = model_find_order(m, gtt_id + leg);
    bool own = o != NULL && o->flags & PLACE_GTT && model_gtt_of(o) == gtt_id;
    return own ? o : NULL;
}

static bool is_given(struct decimal d)
{
    return d.scale != DECIMAL_ABSENT;
}

/* What a GTT_SET says of a GTT that is there. */
static struct event_gtt_set describe(struct model *m, uint64_t gtt_id, enum gtt_status status)
{
    const struct order_state *first = find_leg(m, gtt_id, 0);
    const struct instrument_state *i = model_instrument_by_id(m, first->instrument_id);
    struct event_gtt_set g = {.gtt_id = gtt_id,
                              .account = model_account_by_id(m, first->account_id)->account,
                              .symbol = i->spec.symbol,
                              .expires_ns = first->expires_ns,
                              .status = (uint8_t)status,
                              .side = first->side,
                              .price_scale = i->spec.price_scale,
                              .quantity_scale = i->spec.quantity_scale};
    for (unsigned k = 0; k < 2; k++) {
        const struct order_state *leg = find_leg(m, gtt_id, k);
        if (leg == NULL) continue;
        g.legs[k] = (struct event_gtt_leg){.trigger_price = leg->extra.stop_price,
                                           .price = leg->price,
                                           .quantity = leg->quantity,
                                           .direction = leg->extra.direction};
    }
    return g;
}

static void say(struct model *m, uint64_t gtt_id, enum gtt_status status)
{
    struct event_gtt_set g = describe(m, gtt_id, status);
    model_say(m, EVENT_GTT_SET)->gtt_set = g;
}

static void drop(struct model *m, uint64_t gtt_id)
{
    bool two = find_leg(m, gtt_id, 1) != NULL;
    model_drop_order(m, gtt_id);
    if (two) model_drop_order(m, gtt_id + 1);
}

void model_gtt_end(struct model *m, uint64_t gtt_id, enum gtt_status status)
{
    say(m, gtt_id, status);
    drop(m, gtt_id);
}

/* ---- judging ---- */

/* What the legs of a GTT will be. */
struct wanted {
    struct order_state legs[2];
    unsigned count;
    int64_t expires_ns;
};

/* The given numbers of one leg. At GTT_PLACE a trigger_price and a quantity must be there, and what is sent follows from the
 * price. */
static int judge_leg(struct model *m, const struct instrument_spec *spec, const struct gtt_leg *s, bool placing,
                     struct order_state *leg)
{
    int reason = 0;
    if (placing || is_given(s->trigger_price))
        reason = model_judge_price(m, spec, s->trigger_price, REJECT_PRICE_REQUIRED, REFUSAL_TRIGGER_PRICE,
                                   &leg->extra.stop_price);
    if (reason != 0) return reason;
    if (placing) leg->type = is_given(s->price) ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET;
    if (is_given(s->price)) {
        if (leg->type == ORDER_TYPE_MARKET) return model_refuse_plain(m, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
        reason = model_judge_price(m, spec, s->price, REJECT_PRICE_REQUIRED, REFUSAL_PRICE, &leg->price);
        if (reason != 0) return reason;
    }
    if (!placing && !is_given(s->quantity)) return 0;
    reason = model_judge_quantity(m, spec, s->quantity, REFUSAL_QUANTITY, &leg->quantity);
    leg->leaves = leg->quantity;
    return reason != 0 ? reason : model_judge_bounds(m, spec, s->quantity, leg->quantity);
}

static int judge_expiry(struct model *m, int64_t expires_ns)
{
    int64_t latest_ns = m->scalars.now_ns + GTT_DAYS_MAX * day_ns;
    if (expires_ns <= m->scalars.now_ns) return model_refuse_plain(m, REJECT_EXPIRY_REQUIRED, REFUSAL_EXPIRES_AT);
    if (expires_ns <= latest_ns) return 0;
    return model_refuse(m, REJECT_EXPIRY_TOO_FAR, REFUSAL_EXPIRES_AT, 0, DECIMAL_ABSENT, GTT_DAYS_MAX, 0);
}

/* Rules 6 and 7: where each leg is of the reference. */
static int judge_directions(struct model *m, const struct instrument_state *i, struct wanted *w)
{
    bool buys = w->legs[0].side == SIDE_BUY;
    int64_t reference = i->spec.trigger == TRIGGER_LAST ? i->last_price : buys ? i->ask : i->bid;
    if (reference == 0) return model_refuse_plain(m, REJECT_NO_REFERENCE_PRICE, 0);
    for (unsigned k = 0; k < w->count; k++) {
        struct order_extra_state *leg = &w->legs[k].extra;
        leg->direction = leg->stop_price > reference ? SIDE_SELL : SIDE_BUY;
        bool same_side = k == 1 && leg->direction == w->legs[0].extra.direction;
        if (leg->stop_price == reference || same_side)
            return model_refuse(m, REJECT_GTT_TRIGGER_INVALID, REFUSAL_TRIGGER_PRICE, leg->stop_price,
                                i->spec.price_scale, reference, i->spec.price_scale);
    }
    return 0;
}

/* ---- commands ---- */

static void put_legs(struct model *m, const struct command_gtt_place *s, const struct account_state *a,
                     const struct instrument_state *i, const struct wanted *w)
{
    for (unsigned k = 0; k < w->count; k++) {
        struct order_state *leg = model_new_order(m);
        *leg = w->legs[k];
        leg->id = model_own_id(m, k);
        leg->account_id = a->id;
        leg->instrument_id = i->id;
        leg->priority = m->scalars.priority_next++;
        leg->created_ns = leg->updated_ns = m->scalars.now_ns;
        leg->expires_ns = k == 0 ? w->expires_ns : 0;
        leg->side = s->side;
        leg->tif = k == 0 ? TIF_GTD : TIF_GTC;
        leg->flags = PLACE_GTT;
        leg->extra.phase = ORDER_PHASE_PENDING_TRIGGER;
        leg->extra.link = w->count == 2 ? LINK_OCO : 0;
        leg->extra.member = (uint8_t)k;
    }
}

static int judge_place(struct model *m, const struct command_gtt_place *s, const struct account_state *a,
                       const struct instrument_state *i, struct wanted *w)
{
    w->count = s->legs_count;
    int reason = 0;
    for (unsigned k = 0; k < w->count && reason == 0; k++) {
        reason = judge_leg(m, &i->spec, &s->legs[k], true, &w->legs[k]);
        w->legs[k].side = s->side;
    }
    w->expires_ns = s->expires_ns == 0 ? m->scalars.now_ns + GTT_DAYS_MAX * day_ns : s->expires_ns;
    if (reason == 0) reason = judge_expiry(m, w->expires_ns);
    if (reason == 0) reason = judge_directions(m, i, w);
    if (reason == 0) reason = model_judge_open_orders(m, a, w->count);
    return reason != 0 ? reason : model_judge_tables(m, w->count, 1, w->count);
}

int model_apply_gtt_place(struct model *m, const struct command *c)
{
    const struct command_gtt_place *s = &c->gtt_place;
    if (s->side < 1 || s->side > SIDE_NUMBER_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (s->legs_count < 1 || s->legs_count > 2) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    const struct account_state *a = model_find_account(m, &s->account);
    if (a == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    const struct instrument_state *i = model_find_instrument(m, &s->symbol);
    if (i == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    struct wanted w;
    memset(&w, 0, sizeof w);
    int reason = judge_place(m, s, a, i, &w);
    if (reason != 0) return reason;
    put_legs(m, s, a, i, &w);
    say(m, model_own_id(m, 0), GTT_STATUS_ACTIVE);
    return 0;
}

static bool leg_is_given(const struct gtt_leg *s)
{
    return is_given(s->trigger_price) || is_given(s->price) || is_given(s->quantity);
}

/* What stands in the legs of a GTT now. */
static struct wanted wanted_of(struct model *m, uint64_t gtt_id)
{
    struct wanted w;
    memset(&w, 0, sizeof w);
    for (; w.count < 2 && find_leg(m, gtt_id, w.count) != NULL; w.count++)
        w.legs[w.count] = *find_leg(m, gtt_id, w.count);
    w.expires_ns = w.legs[0].expires_ns;
    return w;
}

static int judge_modify(struct model *m, const struct command_gtt_modify *s, const struct instrument_state *i,
                        bool active, struct wanted *w)
{
    bool second = leg_is_given(&s->legs[1]);
    bool nothing = s->status == 0 && s->expires_ns == 0 && !leg_is_given(&s->legs[0]) && !second;
    if (nothing || (second && w->count == 1)) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    int reason = 0;
    for (unsigned k = 0; k < w->count && reason == 0; k++)
        reason = judge_leg(m, &i->spec, &s->legs[k], false, &w->legs[k]);
    if (s->expires_ns != 0) w->expires_ns = s->expires_ns;
    if (reason == 0 && s->expires_ns != 0) reason = judge_expiry(m, s->expires_ns);
    if (reason != 0) return reason;
    bool moves = is_given(s->legs[0].trigger_price) || is_given(s->legs[1].trigger_price) ||
                 w->legs[0].extra.phase == ORDER_PHASE_DISABLED;
    if (!active || !moves) return 0;
    reason = judge_directions(m, i, w);
    return reason != 0 ? reason : model_judge_tables(m, 0, 0, w->count);
}

int model_apply_gtt_modify(struct model *m, const struct command *c)
{
    const struct command_gtt_modify *s = &c->gtt_modify;
    const struct order_state *first = find_leg(m, s->gtt_id, 0);
    if (first == NULL) return model_refuse_plain(m, REJECT_GTT_NOT_ACTIVE, REFUSAL_GTT_ID);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (s->status != 0 && s->status != GTT_STATUS_ACTIVE && s->status != GTT_STATUS_DISABLED)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_STATUS);
    bool active = s->status == 0 ? first->extra.phase != ORDER_PHASE_DISABLED : s->status == GTT_STATUS_ACTIVE;
    struct wanted w = wanted_of(m, s->gtt_id);
    int reason = judge_modify(m, s, model_instrument_by_id(m, first->instrument_id), active, &w);
    if (reason != 0) return reason;

    for (unsigned k = 0; k < w.count; k++) {
        struct order_state *leg = find_leg(m, s->gtt_id, k);
        *leg = w.legs[k];
        leg->priority = m->scalars.priority_next++;
        leg->updated_ns = m->scalars.now_ns;
        leg->extra.phase = active ? ORDER_PHASE_PENDING_TRIGGER : ORDER_PHASE_DISABLED;
        if (k == 0) leg->expires_ns = w.expires_ns;
    }
    say(m, s->gtt_id, active ? GTT_STATUS_ACTIVE : GTT_STATUS_DISABLED);
    return 0;
}

int model_apply_gtt_delete(struct model *m, const struct command *c)
{
    uint64_t gtt_id = c->gtt_delete.gtt_id;
    if (find_leg(m, gtt_id, 0) == NULL) return model_refuse_plain(m, REJECT_GTT_NOT_ACTIVE, REFUSAL_GTT_ID);
    model_gtt_end(m, gtt_id, GTT_STATUS_DELETED);
    return 0;
}

/* ---- the order that is sent ---- */

static struct command_place order_to_send(struct model *m, const struct order_state *leg)
{
    const struct instrument_state *i = model_instrument_by_id(m, leg->instrument_id);
    struct decimal absent = {0, DECIMAL_ABSENT};
    struct command_place p = {.account = model_account_by_id(m, leg->account_id)->account,
                              .symbol = i->spec.symbol,
                              .price = absent,
                              .quantity = {leg->quantity, i->spec.quantity_scale},
                              .stop_price = absent,
                              .display_quantity = absent,
                              .quote_quantity = absent,
                              .min_quantity = absent,
                              .trail = absent,
                              .leverage = absent,
                              .side = leg->side,
                              .type = leg->type,
                              .tif = TIF_DAY};
    if (leg->type == ORDER_TYPE_LIMIT) p.price = (struct decimal){leg->price, i->spec.price_scale};
    return p;
}

void model_gtt_triggered(struct model *m, uint64_t leg_order_id)
{
    const struct order_state *leg = model_find_order(m, leg_order_id);
    uint64_t gtt_id = model_gtt_of(leg);
    struct command_place p = order_to_send(m, leg);
    struct event_gtt_set g = describe(m, gtt_id, GTT_STATUS_TRIGGERED);
    g.leg = (uint8_t)(leg->extra.member + 1);
    g.order_id = gtt_id + 2;
    drop(m, gtt_id);
    int reason = model_judge_sent(m, &p);
    if (reason != 0) {
        g.status = GTT_STATUS_REJECTED;
        g.reject = (uint16_t)reason;
    }
    model_say(m, EVENT_GTT_SET)->gtt_set = g;
    if (reason == 0) model_send(m, &p, g.order_id, gtt_id);
}
