/* tests/model/flow_orders.c - orders of every kind, what is done to them, GTTs and sweeps of the random flow.
 * How it works: an order is first made so that its fields go together, then with a small chance one of them is spoiled. */
#include "tests/model/flow_parts.h"

#include <string.h>

/* ---- one order ---- */

static struct command_place empty_order(void)
{
    return (struct command_place){.price = flow_absent,
                                  .quantity = flow_absent,
                                  .stop_price = flow_absent,
                                  .display_quantity = flow_absent,
                                  .quote_quantity = flow_absent,
                                  .min_quantity = flow_absent,
                                  .trail = flow_absent,
                                  .leverage = flow_absent};
}

static bool may_rest(const struct command_place *p)
{
    return p->type == ORDER_TYPE_LIMIT && p->tif >= TIF_DAY && p->tif <= TIF_GTD;
}

static bool is_stop(int type)
{
    return type == ORDER_TYPE_STOP || type == ORDER_TYPE_STOP_LIMIT;
}

/* An account and an instrument that know each other already, if there are any: where tables are full, only these
 * trade. */
static void choose_parties(struct flow *f, const struct model *m, struct name *account, struct name *symbol)
{
    *account = flow_known_account(f, m);
    *symbol = flow_known_symbol(f, m);
    for (uint32_t k = 0; k < m->instruments_count && flow_chance(f, 400); k++) {
        /* Where orders are collected for an auction, many are needed. */
        const struct instrument_spec *spec = &m->instruments[k].spec;
        if (spec->state != INSTRUMENT_STATE_PRE_OPEN && spec->state != INSTRUMENT_STATE_AUCTION) continue;
        *symbol = spec->symbol;
        return;
    }
    if (m->positions_count == 0 || flow_chance(f, 300)) return;
    const struct position_state *known = &m->positions[flow_roll(f, m->positions_count)];
    for (uint32_t k = 0; k < m->accounts_count; k++) /* seldom @QUOTE and those of the other venues */
        if (m->accounts[k].id == known->account_id && m->accounts[k].account.bytes[0] == '@' && !flow_chance(f, 50))
            return;
    for (uint32_t k = 0; k < m->accounts_count; k++)
        if (m->accounts[k].id == known->account_id) *account = m->accounts[k].account;
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == known->instrument_id) *symbol = m->instruments[k].spec.symbol;
}

static int64_t some_expiry(struct flow *f)
{
    int64_t later = flow_between(f, 1, flow_chance(f, 500) ? 20000000 : 500000000) / 1000000 * 1000000;
    return f->ts_ns + (later > 0 ? later : 1);
}

static void choose_type(struct flow *f, const struct instrument_state *i, struct command_place *p)
{
    static const uint8_t tifs[] = {TIF_DAY, TIF_DAY, TIF_GTC, TIF_GTC, TIF_GTC,
                                   TIF_GTC, TIF_GTD, TIF_GTD, TIF_IOC, TIF_FOK};
    p->type = flow_chance(f, 130) ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT;
    p->tif = FLOW_PICK(f, tifs);
    if (p->type == ORDER_TYPE_MARKET && p->tif == TIF_GTD && flow_chance(f, 900)) p->tif = TIF_IOC;
    if (flow_uses(f, FLOW_STOPS, 220)) {
        p->type = flow_chance(f, 500) ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
        if (p->tif > TIF_GTD) p->tif = TIF_GTC;
    } else if (flow_uses(f, FLOW_SESSIONS, 60)) {
        p->tif = TIF_ON_CLOSE;
    }
    bool opening = i != NULL && i->spec.state == INSTRUMENT_STATE_PRE_OPEN;
    if (!is_stop(p->type) && flow_uses(f, FLOW_SESSIONS, opening ? 300 : 8)) p->tif = TIF_ON_OPEN;
    if (p->type == ORDER_TYPE_MARKET && p->tif < TIF_ON_OPEN && i != NULL &&
        i->spec.state != INSTRUMENT_STATE_CONTINUOUS && flow_chance(f, 700))
        p->type = ORDER_TYPE_LIMIT;
    if (p->tif == TIF_GTD) p->expires_ns = some_expiry(f);
}

static int64_t some_stop_price(struct flow *f, const struct instrument_state *i, int side)
{
    int64_t reference = i->last_price;
    if (i->spec.trigger == TRIGGER_QUOTE) reference = side == SIDE_BUY ? i->ask : i->bid;
    if (reference == 0 || reference > PRICE_MAX / 2) reference = flow_near_price(f, i);
    int64_t away = flow_between(f, flow_chance(f, 60) ? -1 : 1, flow_chance(f, 700) ? 3 : 9);
    return flow_ticks_from(i, reference, side == SIDE_BUY ? away : -away);
}

static void choose_stop(struct flow *f, const struct instrument_state *i, struct command_place *p)
{
    static const struct decimal percents[] = {{1, 0}, {5, 0}, {25, 1}, {10, 0}, {33333, 4}, {99, 0}};
    if (p->type != ORDER_TYPE_STOP || flow_chance(f, 600)) {
        p->stop_price = flow_written(f, some_stop_price(f, i, p->side), i->spec.price_scale);
    } else if (flow_chance(f, 600)) {
        p->trail = flow_written(f, flow_between(f, 1, 5) * i->spec.tick, i->spec.price_scale);
    } else {
        p->flags |= PLACE_TRAIL_PERCENT;
        p->trail = FLOW_PICK(f, percents);
    }
}

static void choose_amounts(struct flow *f, const struct instrument_state *i, int64_t quantity, struct command_place *p)
{
    bool at_once = (p->type == ORDER_TYPE_LIMIT && p->tif == TIF_IOC) ||
                   (p->type == ORDER_TYPE_MARKET && (p->tif == TIF_DAY || p->tif == TIF_GTC || p->tif == TIF_IOC));
    if (at_once && flow_uses(f, FLOW_AMOUNTS, 150))
        p->min_quantity =
            flow_written(f, flow_between(f, 1, quantity / i->spec.lot) * i->spec.lot, i->spec.quantity_scale);
    if (p->type == ORDER_TYPE_MARKET && p->tif < TIF_ON_OPEN && flow_uses(f, FLOW_AMOUNTS, 200)) {
        i128 notional = (i128)flow_near_price(f, i) * quantity;
        for (int k = i->spec.price_scale + i->spec.quantity_scale; k > 2; k--) notional /= 10;
        p->quantity = flow_absent;
        p->quote_quantity = (struct decimal){(int64_t)(notional % INT64_MAX), i->spec.currency_scale < 2 ? 0 : 2};
    }
    static const struct decimal leverages[] = {{1, 0}, {1, 0}, {15, 1}, {2, 0}, {3, 0}, {100, 2}};
    if (flow_uses(f, FLOW_AMOUNTS, 50)) p->leverage = FLOW_PICK(f, leverages);
}

/* What only some orders may have: at most one or two of these, and those that go together. */
static void choose_extras(struct flow *f, const struct instrument_state *i, int64_t quantity, struct command_place *p)
{
    if (may_rest(p) && flow_chance(f, 120)) p->flags |= PLACE_POST_ONLY;
    if (may_rest(p) && flow_uses(f, FLOW_ICEBERG, 200))
        p->display_quantity =
            flow_written(f, flow_between(f, 1, 1 + quantity / i->spec.lot / 3) * i->spec.lot, i->spec.quantity_scale);
    else if (may_rest(p) && !(p->flags & PLACE_POST_ONLY) && flow_uses(f, FLOW_AON, 120))
        p->flags |= PLACE_ALL_OR_NONE;
    bool of_the_book = p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE) || p->tif >= TIF_ON_OPEN ||
                       p->display_quantity.scale != DECIMAL_ABSENT;
    if (!of_the_book && flow_uses(f, FLOW_QUOTE, 180)) p->venue = flow_word("QUOTE");
    if (flow_uses(f, FLOW_DESK, 40)) p->venue = flow_word("BOOK");
    if (p->venue.bytes[0] == '\0' || flow_chance(f, 100)) choose_amounts(f, i, quantity, p);
    if (flow_uses(f, FLOW_STP, 400)) p->stp = (uint8_t)flow_roll(f, STP_NUMBER_MAX + 1);
}

/* Reduce-only where there is something to reduce, and the side that reduces it. */
static void choose_reducing(struct flow *f, const struct model *m, const struct instrument_state *i,
                            struct command_place *p)
{
    const struct account_state *a = model_account(m, &p->account);
    const struct position_state *held = a == NULL ? NULL : model_position(m, a->id, i->id);
    if (held == NULL || held->quantity == 0) {
        if (flow_uses(f, FLOW_REDUCE, 10)) p->flags |= PLACE_REDUCE_ONLY;
        return;
    }
    if (!flow_uses(f, FLOW_REDUCE, 200)) return;
    p->flags |= PLACE_REDUCE_ONLY;
    p->side = held->quantity > 0 ? SIDE_SELL : SIDE_BUY;
    int64_t most = held->quantity > 0 ? held->quantity : -held->quantity;
    if (flow_chance(f, 700))
        p->quantity = (struct decimal){flow_between(f, 1, (most + i->spec.lot - 1) / i->spec.lot) * i->spec.lot,
                                       i->spec.quantity_scale};
}

static void spoil_place(struct flow *f, struct command_place *p)
{
    switch (flow_roll(f, 28)) {
    case 0: p->side = (uint8_t)(3 * flow_roll(f, 2)); break;
    case 1: p->type = (uint8_t)(5 * flow_roll(f, 2)); break;
    case 2: p->tif = (uint8_t)(8 * flow_roll(f, 2)); break;
    case 3: p->stp = (uint8_t)flow_roll(f, 8); break;
    case 4: p->client_order_id.len_bytes = p->client_order_id.bytes == NULL ? 0 : 65 + flow_roll(f, 3); break;
    case 5: p->type = (uint8_t)(1 + flow_roll(f, 4)); break;
    case 6: p->stop_price = flow_chance(f, 500) ? p->quantity : flow_spoiled(f, p->stop_price); break;
    case 7: p->display_quantity = flow_chance(f, 500) ? p->quantity : flow_spoiled(f, p->quantity); break;
    case 8: p->leverage = flow_spoiled(f, (struct decimal){flow_chance(f, 500) ? 2 : 900, 0}); break;
    case 9: p->flags |= (uint8_t)(1u << flow_roll(f, 8)); break;
    case 10: p->venue = flow_word(flow_chance(f, 500) ? "NYSE" : flow_chance(f, 500) ? "BOOK" : "QUOTE"); break;
    case 11: p->account = flow_word("nobody"); break;
    case 12: p->symbol = flow_word("NOTHING"); break;
    case 13:
    case 14: p->price = flow_spoiled(f, p->price); break;
    case 15:
    case 16: p->quantity = flow_spoiled(f, p->quantity); break;
    case 17: p->flags |= PLACE_POST_ONLY; break;
    case 18: p->expires_ns = flow_chance(f, 500) ? f->ts_ns : flow_chance(f, 500) ? -1 : f->ts_ns + 5; break;
    case 19: p->price = flow_chance(f, 500) ? flow_absent : (struct decimal){1, 0}; break;
    case 20: p->quantity = (struct decimal){1, 9}; break;
    case 21: p->trail = flow_chance(f, 500) ? p->price : flow_spoiled(f, p->trail); break;
    case 22: p->min_quantity = flow_chance(f, 500) ? p->quantity : flow_spoiled(f, p->quantity); break;
    case 23: p->quote_quantity = flow_chance(f, 500) ? p->price : flow_spoiled(f, p->quote_quantity); break;
    case 24: p->flags |= PLACE_ALL_OR_NONE; break;
    case 25: p->tif = (uint8_t)(1 + flow_roll(f, TIF_NUMBER_MAX)); break;
    case 26: p->stop_price = flow_absent; break;
    default: p->quantity = (struct decimal){QUANTITY_MAX, 0}; break;
    }
}

static struct command_place sensible_order(struct flow *f, const struct model *m)
{
    struct command_place p = empty_order();
    choose_parties(f, m, &p.account, &p.symbol);
    const struct instrument_state *i = model_instrument(m, &p.symbol);
    p.quantity = (struct decimal){1, 0};
    p.side = (uint8_t)(1 + flow_roll(f, 2));
    p.stp = (uint8_t)flow_roll(f, 2);
    p.client_order_id = flow_client_order_id(f);
    choose_type(f, i, &p);
    if (i == NULL) return p;
    int64_t quantity = flow_quantity(f, i);
    p.quantity = flow_written(f, quantity, i->spec.quantity_scale);
    choose_reducing(f, m, i, &p);
    int64_t price = flow_price(f, i, p.side);
    if (p.type == ORDER_TYPE_LIMIT || p.type == ORDER_TYPE_STOP_LIMIT)
        p.price = flow_written(f, price, i->spec.price_scale);
    if (is_stop(p.type)) choose_stop(f, i, &p);
    choose_extras(f, i, quantity, &p);
    flow_choose_broker(f, m, &p);
    return p;
}

/* What a version without a feature would not know is not spoiled in either: it would only be a refusal more. */
static void without_features(const struct flow *f, struct command_place *p)
{
    if (!(f->features & FLOW_STP) && p->stp > STP_NONE) p->stp = 0;
}

struct command_place flow_order(struct flow *f, const struct model *m, unsigned per_mille)
{
    struct command_place p = sensible_order(f, m);
    if (flow_chance(f, per_mille)) spoil_place(f, &p);
    without_features(f, &p);
    return p;
}

void flow_make_place(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_PLACE;
    c->place = flow_order(f, m, 80);
}

/* ---- linked orders ---- */

static struct command_leg leg_of(struct flow *f, const struct instrument_state *i, int side, int type)
{
    struct command_leg leg = {.price = flow_absent, .stop_price = flow_absent, .type = (uint8_t)type};
    leg.tif = flow_chance(f, 500) ? TIF_DAY : TIF_GTC;
    if (i == NULL) return leg;
    if (type != ORDER_TYPE_STOP) leg.price = flow_written(f, flow_price(f, i, side), i->spec.price_scale);
    if (is_stop(type)) leg.stop_price = flow_written(f, some_stop_price(f, i, side), i->spec.price_scale);
    return leg;
}

static void spoil_linked(struct flow *f, struct command_place_linked *s)
{
    struct command_leg *leg = &s->legs[s->link == LINK_BRACKET ? flow_roll(f, 2) : 0];
    switch (flow_roll(f, 12)) {
    case 0: s->link = (uint8_t)(4 * flow_roll(f, 2)); break;
    case 1: s->activation = (uint8_t)flow_roll(f, 4); break;
    case 2: leg->type = (uint8_t)flow_roll(f, 6); break;
    case 3: leg->tif = (uint8_t)flow_roll(f, 9); break;
    case 4: leg->side = (uint8_t)flow_roll(f, 4); break;
    case 5: leg->price = flow_spoiled(f, leg->price); break;
    case 6: leg->stop_price = flow_spoiled(f, leg->stop_price); break;
    case 7: leg->price = s->entry.price; break;
    case 8: leg->stop_price = s->entry.price; break;
    case 9: s->entry.tif = (uint8_t)(1 + flow_roll(f, TIF_NUMBER_MAX)); break;
    case 10: s->link = (uint8_t)(1 + flow_roll(f, LINK_NUMBER_MAX)); break;
    default: spoil_place(f, &s->entry); break;
    }
}

/* The entry's fields that a linked order may not have go, most of the time. */
static void make_entry(struct flow *f, const struct instrument_state *i, int link, struct command_place *p)
{
    if (flow_chance(f, 30)) return;
    p->flags = 0;
    p->venue = flow_word("");
    p->display_quantity = p->min_quantity = p->quote_quantity = p->trail = flow_absent;
    if (p->tif > TIF_GTD) p->tif = TIF_GTC;
    if (p->type == ORDER_TYPE_MARKET && p->tif == TIF_GTD) p->tif = TIF_DAY, p->expires_ns = 0;
    if (i == NULL) return;
    if (p->type == ORDER_TYPE_MARKET && link == LINK_OCO) p->type = ORDER_TYPE_LIMIT;
    if (p->type == ORDER_TYPE_LIMIT) p->price = flow_written(f, flow_price(f, i, p->side), i->spec.price_scale);
    if (p->type == ORDER_TYPE_STOP)
        p->stop_price = flow_written(f, some_stop_price(f, i, p->side), i->spec.price_scale);
    if (p->quantity.scale == DECIMAL_ABSENT) p->quantity = flow_written(f, flow_quantity(f, i), i->spec.quantity_scale);
}

void flow_make_place_linked(struct flow *f, const struct model *m, struct command *c)
{
    static const uint8_t types[] = {ORDER_TYPE_LIMIT, ORDER_TYPE_LIMIT, ORDER_TYPE_STOP, ORDER_TYPE_STOP_LIMIT};
    c->kind = COMMAND_PLACE_LINKED;
    struct command_place_linked *s = &c->place_linked;
    s->entry = sensible_order(f, m);
    s->link = (uint8_t)(1 + flow_roll(f, LINK_NUMBER_MAX));
    const struct instrument_state *i = model_instrument(m, &s->entry.symbol);
    make_entry(f, i, s->link, &s->entry);
    int other = s->entry.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    s->activation = (uint8_t)(s->link == LINK_OCO ? 0 : 1 + flow_roll(f, ACTIVATION_NUMBER_MAX));
    s->legs[1] = (struct command_leg){.price = flow_absent, .stop_price = flow_absent};
    if (s->link == LINK_BRACKET) {
        s->legs[0] = leg_of(f, i, other, ORDER_TYPE_LIMIT);
        s->legs[1] = leg_of(f, i, other, flow_chance(f, 600) ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT);
    } else if (s->link == LINK_OTO) {
        int side = flow_chance(f, 700) ? other : s->entry.side;
        s->legs[0] = leg_of(f, i, side, FLOW_PICK(f, types));
        s->legs[0].side = (uint8_t)side;
    } else {
        int type = s->entry.type == ORDER_TYPE_LIMIT ? ORDER_TYPE_STOP : ORDER_TYPE_LIMIT;
        s->legs[0] = leg_of(f, i, s->entry.side, flow_chance(f, 800) ? type : FLOW_PICK(f, types));
    }
    if (flow_chance(f, 120)) spoil_linked(f, s);
    without_features(f, &s->entry);
}

/* ---- what is done to open orders ---- */

static uint64_t some_order_id(struct flow *f, const struct model *m)
{
    uint64_t *past = &f->past_order_ids[flow_roll(f, 16)];
    if (m->orders_count == 0 || flow_chance(f, 60)) {
        bool nobody = flow_chance(f, 300);
        return nobody ? flow_below(f, UINT64_MAX) : *past;
    }
    const struct order_state *o = &m->orders[flow_roll(f, m->orders_count)];
    for (int k = 0; k < 3 && o->flags & PLACE_GTT; k++) o = &m->orders[flow_roll(f, m->orders_count)];
    return *past = o->id;
}

void flow_make_cancel(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_CANCEL;
    c->cancel.order_id = some_order_id(f, m);
}

static int64_t some_new_quantity(struct flow *f, const struct order_state *o, const struct instrument_state *i)
{
    int64_t filled = o->quantity - o->leaves, lot = i->spec.lot;
    switch (flow_roll(f, 6)) {
    case 0: return o->quantity + flow_between(f, 1, 5) * lot;
    case 1:
    case 2: return o->quantity - flow_between(f, 1, 3) * lot;
    case 3: return filled + flow_between(f, -1, 1) * lot;
    case 4: return flow_quantity(f, i);
    default: return o->quantity;
    }
}

static void spoil_modify(struct flow *f, struct command_modify *s)
{
    switch (flow_roll(f, 7)) {
    case 0: s->price = flow_spoiled(f, s->price); break;
    case 1: s->quantity = flow_spoiled(f, s->quantity); break;
    case 2: s->stop_price = (struct decimal){1, 0}; break;
    case 3: s->display_quantity = (struct decimal){1, 0}; break;
    case 4: s->stop_price = flow_spoiled(f, s->stop_price); break;
    case 5: s->display_quantity = flow_spoiled(f, s->display_quantity); break;
    default: s->price = s->quantity = s->stop_price = s->display_quantity = flow_absent; break;
    }
}

void flow_make_modify(struct flow *f, const struct model *m, struct command *c)
{
    flow_make_modify_of(f, m, some_order_id(f, m), c);
}

void flow_make_modify_of(struct flow *f, const struct model *m, uint64_t order_id, struct command *c)
{
    c->kind = COMMAND_MODIFY;
    struct command_modify *s = &c->modify;
    s->order_id = order_id;
    s->price = s->quantity = s->stop_price = s->display_quantity = flow_absent;
    const struct order_state *o = model_order(m, s->order_id);
    if (o == NULL) {
        s->quantity = (struct decimal){5, 0};
        return;
    }
    const struct instrument_state *i = flow_instrument_of(m, o);
    bool has_price = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    bool price = flow_chance(f, has_price ? 500 : 20);
    bool same = flow_chance(f, 150);
    if (price) s->price = flow_written(f, same ? o->price : flow_price(f, i, o->side), i->spec.price_scale);
    bool stop = flow_chance(f, o->extra.stop_price != 0 && o->extra.trail == 0 ? 400 : 10);
    if (stop)
        s->stop_price =
            flow_written(f, same ? o->extra.stop_price : some_stop_price(f, i, o->side), i->spec.price_scale);
    if (flow_chance(f, o->extra.display_quantity != 0 ? 300 : 5))
        s->display_quantity = flow_written(f, flow_between(f, 1, 6) * i->spec.lot, i->spec.quantity_scale);
    unsigned quantity = price || stop ? 300 : 1000;
    if (flow_chance(f, o->extra.link == LINK_OCO ? quantity / 4 : quantity))
        s->quantity = flow_written(f, some_new_quantity(f, o, i), i->spec.quantity_scale);
    if (flow_chance(f, 80)) spoil_modify(f, s);
}

/* ---- GTTs ---- */

static void choose_gtt_leg(struct flow *f, const struct instrument_state *i, int side, bool above, struct gtt_leg *leg)
{
    int64_t reference = i->last_price;
    if (i->spec.trigger == TRIGGER_QUOTE) reference = side == SIDE_BUY ? i->ask : i->bid;
    if (reference == 0 || reference > PRICE_MAX / 2) reference = flow_near_price(f, i);
    int64_t away = flow_between(f, flow_chance(f, 60) ? -1 : 1, 4);
    leg->trigger_price = flow_written(f, flow_ticks_from(i, reference, above ? away : -away), i->spec.price_scale);
    leg->quantity = flow_written(f, flow_quantity(f, i), i->spec.quantity_scale);
    leg->price = flow_absent;
    if (flow_chance(f, 600)) leg->price = flow_written(f, flow_price(f, i, side), i->spec.price_scale);
}

static void spoil_gtt_leg(struct flow *f, struct gtt_leg *leg)
{
    struct decimal *fields[] = {&leg->trigger_price, &leg->price, &leg->quantity};
    struct decimal *field = FLOW_PICK(f, fields);
    *field = flow_spoiled(f, *field);
}

static void make_gtt_place(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_GTT_PLACE;
    struct command_gtt_place *s = &c->gtt_place;
    choose_parties(f, m, &s->account, &s->symbol);
    s->side = (uint8_t)(1 + flow_roll(f, 2));
    s->legs_count = (uint8_t)(1 + flow_roll(f, 2));
    for (int k = 0; k < 2; k++) s->legs[k].trigger_price = s->legs[k].price = s->legs[k].quantity = flow_absent;
    const struct instrument_state *i = model_instrument(m, &s->symbol);
    bool above = flow_chance(f, 500);
    if (i != NULL) choose_gtt_leg(f, i, s->side, above, &s->legs[0]);
    if (i != NULL && s->legs_count == 2) choose_gtt_leg(f, i, s->side, !above, &s->legs[1]);
    if (flow_chance(f, 500)) s->expires_ns = some_expiry(f);
    if (!flow_chance(f, 120)) return;
    switch (flow_roll(f, 8)) {
    case 0: s->side = (uint8_t)(3 * flow_roll(f, 2)); break;
    case 1: s->legs_count = (uint8_t)(3 * flow_roll(f, 2)); break;
    case 2: s->account = flow_word("nobody"); break;
    case 3: s->symbol = flow_word("NOTHING"); break;
    case 4: s->expires_ns = flow_chance(f, 500) ? f->ts_ns : f->ts_ns + (int64_t)367 * 86400 * 1000000000; break;
    default: spoil_gtt_leg(f, &s->legs[flow_roll(f, 2)]); break;
    }
}

static uint64_t some_gtt_id(struct flow *f, const struct model *m)
{
    uint32_t start = m->orders_count == 0 ? 0 : flow_roll(f, m->orders_count);
    bool exact = !flow_chance(f, 30);
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[(start + k) % m->orders_count];
        if (o->flags & PLACE_GTT) return o->id - (exact ? o->extra.member : 0);
    }
    return some_order_id(f, m);
}

static void make_gtt_modify(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_GTT_MODIFY;
    struct command_gtt_modify *s = &c->gtt_modify;
    s->gtt_id = some_gtt_id(f, m);
    for (int k = 0; k < 2; k++) s->legs[k].trigger_price = s->legs[k].price = s->legs[k].quantity = flow_absent;
    const struct order_state *first = model_order(m, s->gtt_id);
    for (unsigned k = 0; first != NULL && k < 2; k++) {
        const struct order_state *o = model_order(m, s->gtt_id + k);
        if (o == NULL || !flow_chance(f, 500)) continue;
        choose_gtt_leg(f, flow_instrument_of(m, first), first->side, o->extra.direction == SIDE_SELL, &s->legs[k]);
        if (o->type == ORDER_TYPE_MARKET && !flow_chance(f, 50)) s->legs[k].price = flow_absent;
        if (flow_chance(f, 500)) s->legs[k].trigger_price = flow_absent;
    }
    if (flow_chance(f, 300)) s->status = flow_chance(f, 600) ? GTT_STATUS_DISABLED : GTT_STATUS_ACTIVE;
    if (first != NULL && first->extra.phase == ORDER_PHASE_DISABLED && flow_chance(f, 500))
        s->status = GTT_STATUS_ACTIVE;
    if (flow_chance(f, 200)) s->expires_ns = some_expiry(f);
    if (!flow_chance(f, 100)) return;
    switch (flow_roll(f, 3)) {
    case 0: s->status = (uint8_t)flow_roll(f, 9); break;
    case 1: s->expires_ns = flow_chance(f, 500) ? -1 : f->ts_ns + (int64_t)367 * 86400 * 1000000000; break;
    default: spoil_gtt_leg(f, &s->legs[flow_roll(f, 2)]); break;
    }
}

void flow_make_gtt(struct flow *f, const struct model *m, struct command *c)
{
    unsigned roll = flow_roll(f, 10);
    if (roll < 6) {
        make_gtt_place(f, m, c);
    } else if (roll < 9) {
        make_gtt_modify(f, m, c);
    } else {
        c->kind = COMMAND_GTT_DELETE;
        c->gtt_delete.gtt_id = some_gtt_id(f, m);
    }
}

/* ---- sweeps ---- */

void flow_make_mass_cancel(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_MASS_CANCEL;
    struct command_mass_cancel *s = &c->mass_cancel;
    if (f->deep || flow_chance(f, 600)) s->account = flow_known_account(f, m);
    if (flow_chance(f, 500)) s->symbol = flow_known_symbol(f, m);
    if (flow_chance(f, 500)) s->side = (uint8_t)(1 + flow_roll(f, 2));
    if (flow_chance(f, 30)) s->side = 3;
    if (flow_chance(f, 20)) s->account = flow_word("nobody");
    if (flow_chance(f, 20)) s->symbol = flow_word("NOTHING");
}

void flow_make_end_of_day(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_END_OF_DAY;
    if (f->deep || flow_chance(f, 600)) c->end_of_day.symbol = flow_known_symbol(f, m);
    if (flow_chance(f, 50)) c->end_of_day.symbol = flow_word("NOTHING");
}

void flow_make_check_margin(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_CHECK_MARGIN;
    if (flow_chance(f, 500)) c->check_margin.account = flow_known_account(f, m);
    if (flow_chance(f, 30)) c->check_margin.account = flow_word("nobody");
}

/* ---- episodes ---- */

/* A house account that is not the engine's own, or what is there already. */
static struct name house_account(struct flow *f, const struct model *m, struct name otherwise)
{
    for (uint32_t k = HOUSE_ACCOUNTS; k < m->accounts_count; k++) {
        uint32_t at = HOUSE_ACCOUNTS + (uint32_t)((k + f->seq) % (m->accounts_count - HOUSE_ACCOUNTS));
        bool of_venue = m->accounts[at].account.bytes[0] == '@';
        if (m->accounts[at].type == ACCOUNT_TYPE_HOUSE && !of_venue) return m->accounts[at].account;
    }
    return otherwise;
}

/* The first instrument with no bound on what one order may be. */
static const struct instrument_state *boundless_instrument(const struct model *m)
{
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_spec *spec = &m->instruments[k].spec;
        if (spec->max_quantity == 0 && spec->max_notional == 0 && spec->collar_ppm == 0) return &m->instruments[k];
    }
    return NULL;
}

/* The largest quantities there are, between house accounts, so that positions and notionals reach their bounds. */
static void make_whale(struct flow *f, const struct model *m, struct command_place *p)
{
    const struct instrument_state *i = boundless_instrument(m);
    p->account = house_account(f, m, p->account);
    p->side = (uint8_t)((p->account.bytes[2] + flow_chance(f, 200)) % 2 + 1); /* seldom against the others */
    if (i == NULL || flow_chance(f, 100)) return;
    struct name account = p->account;
    uint8_t side = p->side;
    *p = empty_order();
    p->account = account;
    p->symbol = i->spec.symbol;
    p->side = side;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = flow_chance(f, 700) ? TIF_GTC : TIF_IOC;
    p->quantity = (struct decimal){QUANTITY_MAX / i->spec.lot * i->spec.lot, i->spec.quantity_scale};
    p->price = (struct decimal){i->spec.tick, i->spec.price_scale};
}

/* What would keep an episode's orders out goes: limits of a house account, bounds of an instrument. */
static void make_room_for_episode(struct flow *f, const struct model *m, struct command *c)
{
    if (flow_chance(f, 500)) {
        c->kind = COMMAND_SET_ACCOUNT;
        c->set_account = (struct command_set_account){
            .account = house_account(f, m, flow_any_account(f)),
            .fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_STATUS | ACCOUNT_HAS_MAX_ORDER_QUANTITY |
                      ACCOUNT_HAS_MAX_ORDER_NOTIONAL | ACCOUNT_HAS_MAX_POSITION | ACCOUNT_HAS_MAX_OPEN_ORDERS |
                      ACCOUNT_HAS_MAX_ORDERS_PER_SECOND,
            .type = ACCOUNT_TYPE_HOUSE,
            .status = ACCOUNT_STATUS_ACTIVE};
        return;
    }
    if (m->instruments_count == 0) return;
    c->kind = COMMAND_SET_INSTRUMENT;
    c->set_instrument = (struct command_set_instrument){
        .symbol = m->instruments[0].spec.symbol,
        .fields = INSTRUMENT_HAS_MIN_QUANTITY | INSTRUMENT_HAS_MAX_QUANTITY | INSTRUMENT_HAS_MAX_NOTIONAL |
                  INSTRUMENT_HAS_COLLAR | INSTRUMENT_HAS_STATE | INSTRUMENT_HAS_TRIGGER,
        .trigger = TRIGGER_LAST,
        .state = INSTRUMENT_STATE_CONTINUOUS};
}

/* An instrument that is open and has traded. */
static const struct instrument_state *traded_instrument(const struct model *m)
{
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].spec.state == INSTRUMENT_STATE_CONTINUOUS && m->instruments[k].last_price != 0 &&
            m->instruments[k].spec.trigger == TRIGGER_LAST)
            return &m->instruments[k];
    return NULL;
}

static void make_trail(struct flow *f, const struct model *m, struct command_place *p)
{
    const struct instrument_state *i = traded_instrument(m);
    if (i == NULL) return;
    *p = empty_order();
    p->account = house_account(f, m, flow_known_account(f, m));
    p->symbol = i->spec.symbol;
    p->side = SIDE_SELL;
    p->type = ORDER_TYPE_STOP;
    p->tif = TIF_GTC;
    p->quantity = (struct decimal){i->spec.lot, i->spec.quantity_scale};
    p->trail = (struct decimal){flow_between(f, 1000, 2000) * i->spec.tick, i->spec.price_scale};
}

/* The largest position of a house account. */
static const struct position_state *largest_house_position(const struct model *m)
{
    const struct position_state *largest = NULL;
    for (uint32_t k = 0; k < m->positions_count; k++) {
        const struct position_state *p = &m->positions[k];
        for (uint32_t a = HOUSE_ACCOUNTS; a < m->accounts_count; a++)
            if (m->accounts[a].id == p->account_id && m->accounts[a].type == ACCOUNT_TYPE_HOUSE &&
                m->accounts[a].account.bytes[0] != '@' && p->quantity > (largest == NULL ? 0 : largest->quantity))
                largest = p;
    }
    return largest;
}

static void make_reducer(struct flow *f, const struct model *m, struct command_place *p)
{
    const struct position_state *held = largest_house_position(m);
    if (held == NULL) return;
    choose_parties(f, m, &p->account, &p->symbol);
    for (uint32_t k = 0; k < m->accounts_count; k++)
        if (m->accounts[k].id == held->account_id) p->account = m->accounts[k].account;
    const struct instrument_state *i = &m->instruments[0];
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == held->instrument_id) i = &m->instruments[k];
    struct name account = p->account;
    *p = empty_order();
    p->account = account;
    p->symbol = i->spec.symbol;
    p->side = SIDE_SELL;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = TIF_GTC;
    p->flags = PLACE_REDUCE_ONLY;
    p->quantity = (struct decimal){i->spec.lot, i->spec.quantity_scale};
    p->price = (struct decimal){flow_ticks_from(i, flow_near_price(f, i), 30), i->spec.price_scale};
}

static void make_crowd(struct flow *f, const struct model *m, struct command_place *p)
{
    const struct instrument_state *i = traded_instrument(m);
    if (i == NULL || flow_chance(f, 200)) return;
    *p = empty_order();
    p->account = house_account(f, m, flow_known_account(f, m));
    p->symbol = i->spec.symbol;
    p->side = SIDE_BUY;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = TIF_GTC;
    p->flags = PLACE_ALL_OR_NONE;
    p->quantity = (struct decimal){flow_between(f, 20, 90) * i->spec.lot, i->spec.quantity_scale};
    p->price = (struct decimal){flow_ticks_from(i, flow_price(f, i, SIDE_BUY), 2), i->spec.price_scale};
}

void flow_make_episode(struct flow *f, const struct model *m, struct command *c)
{
    flow_make_place(f, m, c);
    bool roomy = f->episode == EPISODE_WHALES || f->episode == EPISODE_TRAILS;
    if (roomy && flow_chance(f, 60)) make_room_for_episode(f, m, c);
    if (c->kind != COMMAND_PLACE) return;
    struct command_place *p = &c->place;
    switch (f->episode) {
    case EPISODE_WHALES: make_whale(f, m, p); break;
    case EPISODE_TRAILS: make_trail(f, m, p); break;
    case EPISODE_REDUCERS: make_reducer(f, m, p); break;
    case EPISODE_CROWD: make_crowd(f, m, p); break;
    case EPISODE_NONE: break;
    }
}
