/* core/fills.c - executions: what a broker did, what it takes back or corrects, and what an operator makes up where that is allowed.
 * What must stay true: a command's rows are judged, each beside those before it, before the first is carried out; an execution is told
 * apart by its exec_id for as long as its order's route lives; the other side is always the venue's house account, so every sum is zero. */
#include "core/desk_parts.h"

/* Executions of a route. */

static u128 execution_element(const struct execution *x)
{
    struct execution_state s;
    execution_value(x, &s);
    return digest_execution(&s);
}

uint32_t execution_put(struct engine *e, uint32_t route, const struct execution *from)
{
    struct route *r = route_at(e, route);
    uint32_t index = pool_take(e, &e->executions);
    struct execution *x = execution_at(e, index);
    *x = *from;
    x->id = r->id;
    x->route = route;
    x->next = 0;
    *(r->executions_last != 0 ? &execution_at(e, r->executions_last)->next : &r->executions_first) = index;
    r->executions_last = index;
    r->executions_count++;
    e->digest += execution_element(x);
    return index;
}

void executions_forget(struct engine *e, struct route *r)
{
    for (uint32_t at = r->executions_first, next; at != 0; at = next) {
        next = execution_at(e, at)->next;
        e->digest -= execution_element(execution_at(e, at));
        pool_give(e, &e->executions, at);
    }
    r->executions_first = r->executions_last = r->executions_count = 0;
}

static bool text_is(const char *bytes, size_t len_bytes, struct text t)
{
    return len_bytes == t.len_bytes && memcmp(bytes, t.bytes, len_bytes) == 0;
}
static bool texts_same(struct text a, struct text b)
{
    return text_is(a.bytes, a.len_bytes, b);
}

static uint32_t execution_find(const struct engine *e, const struct route *r, struct text exec_id)
{
    for (uint32_t at = r->executions_first; at != 0; at = execution_at(e, at)->next)
        if (text_is(execution_at(e, at)->exec_id, execution_at(e, at)->exec_id_len, exec_id)) return at;
    return 0;
}

/* A row as it was judged. */
struct plan {
    uint32_t route, order; /* indexes; 0: none */
    uint32_t account, instrument, house;
    int64_t price, quantity;
    int64_t undone; /* of the execution that it takes back */
    uint8_t venue, side;
};

struct fills {
    const struct command_fill *asked;
    uint8_t venue;                            /* whose executions; 0: not said */
    uint32_t executions, positions, balances; /* that the rows up to here need */
    struct plan plans[FILLS_MAX];
};

/* Judging. */

static bool makes(const struct fill_row *f)
{
    return f->kind != FILL_BUST;
}

static enum reject row_shape_judge(struct turn *t, const struct fill_row *f, bool simulated)
{
    if (f->kind == 0 || f->kind > FILL_KIND_NUMBER_MAX || (simulated && f->kind != FILL_NEW))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FILLS);
    if (f->exec_id.len_bytes > EXT_ID_BYTES_MAX || (f->exec_id.len_bytes == 0 && !simulated && makes(f)))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_EXEC_ID);
    if (f->kind != FILL_NEW && (f->ref_exec_id.len_bytes == 0 || f->ref_exec_id.len_bytes > EXT_ID_BYTES_MAX))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_REF_EXEC_ID);
    return 0;
}

/* An open order at BOOK or QUOTE of which a fill may be made up. */
static bool is_open_here(const struct order *o)
{
    return !(o->flags & PLACE_GTT) && o->phase != ORDER_PHASE_WAITING && !at_desk(o);
}

static enum reject row_order_judge(struct turn *t, const struct fills *s, const struct fill_row *f, struct plan *p)
{
    const struct engine *e = t->engine;
    bool simulated = s->asked->simulated;
    *p = (struct plan){.route = f->order_id == 0 ? 0 : route_find(e, f->order_id),
                       .order = f->order_id == 0 ? 0 : order_find(e, f->order_id)};
    const struct route *r = route_at(e, p->route);
    const struct order *o = order_at(e, p->order);
    bool here = p->route == 0 && simulated && p->order != 0 && is_open_here(o);
    if ((p->route == 0 && !here) || (simulated && p->order == 0))
        return refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    p->account = here ? o->account : r->account;
    p->instrument = here ? o->instrument : r->instrument;
    p->side = here ? o->side : r->side;
    p->venue = !here ? r->venue : o->extra == 0 ? 0 : order_extra_at(e, o->extra)->venue;
    if (!here && route_waits(r)) return refuse(t, REJECT_VENUE_DIFFERS, REFUSAL_VENUE);
    uint8_t number = p->venue == 0 ? VENUE_BOOK : p->venue;
    if (s->venue != 0 && s->venue != number) return refuse(t, REJECT_VENUE_DIFFERS, REFUSAL_VENUE);
    if (simulated && !e->venues[number].simulated) return refuse(t, REJECT_NOT_SIMULATED, REFUSAL_VENUE);
    p->house = e->venues[number].account;
    return 0;
}

static enum reject row_price_judge(struct turn *t, const struct fill_row *f, struct plan *p)
{
    const struct instrument *i = instrument_at(t->engine, p->instrument);
    uint8_t scale = i->price_scale;
    if (!decimal_given(f->price))
        return refuse_decimal(t, REJECT_PRICE_REQUIRED, REFUSAL_FILL_PRICE, f->price, 0, DECIMAL_ABSENT);
    if (f->price.scale > DECIMAL_SCALE_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FILL_PRICE);
    if (f->price.mantissa <= 0)
        return refuse_decimal(t, REJECT_PRICE_REQUIRED, REFUSAL_FILL_PRICE, f->price, 0, DECIMAL_ABSENT);
    switch (scale_decimal(f->price, scale, PRICE_MAX, &p->price)) {
    case SCALE_GOOD: break;
    case SCALE_INEXACT:
        return refuse_decimal(t, REJECT_PRICE_OFF_TICK, REFUSAL_FILL_PRICE, f->price, i->tick_gcd, scale);
    default: return refuse_decimal(t, REJECT_PRICE_TOO_LARGE, REFUSAL_FILL_PRICE, f->price, PRICE_MAX, scale);
    }
    if (p->price % i->tick_gcd == 0) return 0;
    return refuse_decimal(t, REJECT_PRICE_OFF_TICK, REFUSAL_FILL_PRICE, f->price, i->tick_gcd, scale);
}

static enum reject row_quantity_judge(struct turn *t, const struct fill_row *f, struct plan *p)
{
    const struct instrument *i = instrument_at(t->engine, p->instrument);
    enum reject no = judge_lots(t, i, f->quantity, REFUSAL_FILL_QUANTITY, &p->quantity);
    if (no == REJECT_QUANTITY_OFF_LOT) t->refusal.limit = i->lot_gcd;
    if (no != 0 || p->quantity % i->lot_gcd == 0) return no;
    return refuse_decimal(t, REJECT_QUANTITY_OFF_LOT, REFUSAL_FILL_QUANTITY, f->quantity, i->lot_gcd,
                          i->quantity_scale);
}

/* Every execution comes once, and only one that is there and stands is taken back or corrected, once. */
static enum reject row_ids_judge(struct turn *t, struct fills *s, uint32_t n)
{
    const struct engine *e = t->engine;
    const struct fill_row *f = &s->asked->fills[n];
    struct plan *p = &s->plans[n];
    const struct route *r = route_at(e, p->route);
    bool named = f->exec_id.len_bytes != 0 && makes(f), refers = f->kind != FILL_NEW;
    bool repeated = named && p->route != 0 && execution_find(e, r, f->exec_id) != 0;
    uint32_t ref = refers ? execution_find(e, r, f->ref_exec_id) : 0;
    bool known = ref != 0 && !execution_at(e, ref)->busted;
    if (known) p->undone = execution_at(e, ref)->quantity;
    for (uint32_t k = 0; k < n; k++) {
        const struct fill_row *other = &s->asked->fills[k];
        if (other->order_id != f->order_id) continue;
        if (named && makes(other) && texts_same(other->exec_id, f->exec_id)) repeated = true;
        if (refers && other->kind != FILL_NEW && texts_same(other->ref_exec_id, f->ref_exec_id)) known = false;
    }
    if (repeated) return refuse(t, REJECT_EXEC_ID_REPEATED, REFUSAL_EXEC_ID);
    return refers && !known ? refuse(t, REJECT_EXEC_ID_UNKNOWN, REFUSAL_REF_EXEC_ID) : 0;
}

static enum reject row_left_judge(struct turn *t, const struct fills *s, uint32_t n)
{
    const struct plan *p = &s->plans[n];
    if (!s->asked->simulated) return 0;
    int64_t left = order_at(t->engine, p->order)->leaves;
    for (uint32_t k = 0; k < n; k++)
        if (s->plans[k].order == p->order) left -= s->plans[k].quantity;
    if (p->quantity <= left) return 0;
    uint8_t scale = instrument_at(t->engine, p->instrument)->quantity_scale;
    return refuse_numbers(t, REJECT_OVER_FILL, REFUSAL_FILL_QUANTITY, p->quantity, scale, left, scale);
}

/* What the rest of an order at BOOK or QUOTE may still come to, once the rows up to here are done. */
static i128 rest_notional(const struct engine *e, const struct fills *s, uint32_t n)
{
    const struct plan *p = &s->plans[n];
    if (p->route != 0) return 0;
    const struct order *o = order_at(e, p->order);
    bool limit = type_has_limit(o->type);
    int64_t left = o->leaves, price = limit ? o->price : o->extra == 0 ? 0 : order_extra_at(e, o->extra)->hold_price;
    for (uint32_t k = 0; k <= n; k++)
        if (s->plans[k].order == p->order) left -= s->plans[k].quantity;
    return notional_of(instrument_at(e, p->instrument), price, left);
}

static enum reject row_notional_judge(struct turn *t, const struct fills *s, uint32_t n)
{
    const struct engine *e = t->engine;
    const struct plan *p = &s->plans[n];
    const struct instrument *i = instrument_at(e, p->instrument);
    i128 sum = notional_of(i, p->price, p->quantity) + rest_notional(e, s, n);
    sum += p->order != 0 ? order_at(e, p->order)->notional_filled : route_at(e, p->route)->notional_filled;
    for (uint32_t k = 0; k < n; k++)
        if (s->asked->fills[k].order_id == s->asked->fills[n].order_id && makes(&s->asked->fills[k]))
            sum += notional_of(i, s->plans[k].price, s->plans[k].quantity);
    if (sum <= NOTIONAL_MAX) return 0;
    return refuse_numbers(t, REJECT_NOTIONAL_TOO_LARGE, 0, sum, i->currency_scale, NOTIONAL_MAX, i->currency_scale);
}

/* What it is now, and what the rows would make of it at most. */
static enum reject row_size_judge(struct turn *t, const struct fills *s, uint32_t n)
{
    const struct engine *e = t->engine;
    const struct plan *p = &s->plans[n];
    i128 sum = p->order != 0 ? order_at(e, p->order)->quantity : route_at(e, p->route)->filled;
    for (uint32_t k = 0; k <= n; k++)
        if (s->asked->fills[k].order_id == s->asked->fills[n].order_id) sum += s->plans[k].quantity;
    if (sum <= POSITION_MAX) return 0;
    uint8_t scale = instrument_at(e, p->instrument)->quantity_scale;
    return refuse_numbers(t, REJECT_QUANTITY_TOO_LARGE, REFUSAL_FILL_QUANTITY, sum, scale, POSITION_MAX, scale);
}

static i128 magnitude(int64_t x)
{
    return x < 0 ? -(i128)x : x;
}

static i128 most_open(const struct position *p)
{
    return p->open[0] > p->open[1] ? p->open[0] : p->open[1];
}

static enum reject row_position_judge(struct turn *t, const struct fills *s, uint32_t n)
{
    const struct engine *e = t->engine;
    const struct plan *p = &s->plans[n];
    const struct position *own = position_at(e, position_find(e, p->account, p->instrument));
    const struct position *house = position_at(e, position_find(e, p->house, p->instrument));
    i128 sum = magnitude(own->quantity) + magnitude(house->quantity) + most_open(own) + most_open(house);
    for (uint32_t k = 0; k <= n; k++) sum += s->plans[k].quantity + s->plans[k].undone;
    if (sum <= POSITION_MAX) return 0;
    uint8_t scale = instrument_at(e, p->instrument)->quantity_scale;
    return refuse_numbers(t, REJECT_POSITION_TOO_LARGE, REFUSAL_FILL_QUANTITY, sum, scale, POSITION_MAX, scale);
}

/* A late fill's position may be gone, and a house account may never have stood in the instrument. */
static enum reject row_room_judge(struct turn *t, struct fills *s, const struct plan *p)
{
    const struct engine *e = t->engine;
    uint32_t currency = instrument_at(e, p->instrument)->currency;
    const uint32_t accounts[] = {p->account, p->house};
    for (unsigned n = 0; n < 2; n++) {
        s->positions += position_find(e, accounts[n], p->instrument) == 0;
        s->balances += balance_find(e, accounts[n], currency) == 0;
    }
    if (s->positions > e->positions.capacity - e->positions.live)
        return refuse_numbers(t, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.positions_max, 0);
    if (s->balances > e->balances.capacity - e->balances.live)
        return refuse_numbers(t, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.balances_max, 0);
    return 0;
}

static enum reject row_sums_judge(struct turn *t, struct fills *s, uint32_t n)
{
    const struct engine *e = t->engine;
    const struct plan *p = &s->plans[n];
    bool made = makes(&s->asked->fills[n]);
    if (made && p->route != 0 && ++s->executions > e->executions.capacity - e->executions.live)
        return refuse_numbers(t, REJECT_EXECUTIONS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.executions_max, 0);
    enum reject no = made ? row_size_judge(t, s, n) : 0;
    if (no == 0 && made) no = row_notional_judge(t, s, n);
    if (no == 0) no = row_position_judge(t, s, n);
    return no != 0 ? no : row_room_judge(t, s, p);
}

static enum reject row_judge(struct turn *t, struct fills *s, uint32_t n)
{
    const struct fill_row *f = &s->asked->fills[n];
    struct plan *p = &s->plans[n];
    enum reject no = row_shape_judge(t, f, s->asked->simulated);
    if (no == 0) no = row_order_judge(t, s, f, p);
    if (no == 0 && makes(f)) no = row_price_judge(t, f, p);
    if (no == 0 && makes(f)) no = row_quantity_judge(t, f, p);
    if (no == 0) no = row_ids_judge(t, s, n);
    if (no == 0) no = row_left_judge(t, s, n);
    return no != 0 ? no : row_sums_judge(t, s, n);
}

/* *order_id: what the refusal is about. */
static enum reject fills_judge(struct turn *t, struct fills *s, uint64_t *order_id)
{
    const struct command_fill *asked = s->asked;
    *order_id = 0;
    if (asked->fills_count == 0 || asked->fills_count > FILLS_MAX)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FILLS);
    *order_id = asked->fills[0].order_id;
    if (!name_empty(&asked->venue)) s->venue = venue_find(t->engine, &asked->venue);
    if (!name_empty(&asked->venue) && s->venue == 0) return refuse(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    enum reject no = pending_judge(t);
    for (uint32_t n = 0; no == 0 && n < asked->fills_count; n++) {
        *order_id = asked->fills[n].order_id;
        no = row_judge(t, s, n);
    }
    return no;
}

/* Carrying out. */

static void executed_event(struct turn *t, const struct plan *p, const struct fill_row *f, int64_t excess,
                           bool simulated)
{
    const struct engine *e = t->engine;
    const struct instrument *i = instrument_at(e, p->instrument);
    struct event_executed *ev = &turn_event(t, EVENT_EXECUTED)->executed;
    *ev = (struct event_executed){.order_id = f->order_id,
                                  .account = account_at(e, p->account)->account,
                                  .symbol = i->symbol,
                                  .venue = venue_name(e, p->venue),
                                  .excess = excess,
                                  .kind = f->kind,
                                  .late = p->order == 0,
                                  .simulated = simulated,
                                  .quantity_scale = i->quantity_scale,
                                  .exec_id_len = (uint8_t)f->exec_id.len_bytes};
    if (f->exec_id.len_bytes != 0) memcpy(ev->exec_id, f->exec_id.bytes, f->exec_id.len_bytes);
}

/* A fill proves that the broker has the order. */
static void route_is_acked(struct turn *t, struct route *r)
{
    uint8_t before = r->state;
    bool in_doubt = before == BROKER_UNKNOWN && r->doubt == BROKER_ROUTED;
    if (before != BROKER_ROUTED && !in_doubt) return;
    route_touch(t->engine, r);
    r->state = BROKER_ACKED;
    r->doubt = 0;
    broker_state_event(t, r, before, 0, (struct text){0});
}

static void execution_keep(struct turn *t, const struct plan *p, const struct fill_row *f)
{
    struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, p->instrument);
    const struct account *a = account_at(e, p->account);
    i128 notional = notional_of(i, p->price, p->quantity);
    bool pays = a->type != ACCOUNT_TYPE_HOUSE;
    struct execution x = {.price = p->price,
                          .quantity = p->quantity,
                          .notional = notional,
                          .fee_accrues = pays ? notional * fee_rate_taker(e, a, i) : 0,
                          .number = route_at(e, p->route)->executions_count + 1,
                          .exec_id_len = (uint8_t)f->exec_id.len_bytes};
    if (f->exec_id.len_bytes != 0) memcpy(x.exec_id, f->exec_id.bytes, f->exec_id.len_bytes);
    execution_put(e, p->route, &x);
}

/* The order's part: it may be done with it. */
static void fill_open(struct turn *t, const struct plan *p, const struct outside_fill *x)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, p->order);
    fill_outside(t, instrument_at(e, p->instrument), o, x);
    if (o->leaves != 0) return;
    if (p->route != 0) route_done(e, route_at(e, p->route), BROKER_FILLED);
    order_remove(e, p->order);
}

/* The order has left: its route remembers what it was. */
static void fill_late(struct turn *t, const struct plan *p, const struct outside_fill *x)
{
    struct engine *e = t->engine;
    struct instrument *i = instrument_at(e, p->instrument);
    struct route *r = route_at(e, p->route);
    const struct account *a = account_at(e, p->account);
    i128 notional = notional_of(i, x->price, x->quantity), before = money_fee_charged(r->fee_accrued);
    route_touch(e, r);
    r->filled += x->quantity;
    r->notional_filled += notional;
    if (a->type != ACCOUNT_TYPE_HOUSE) r->fee_accrued += notional * fee_rate_taker(e, a, i);
    fill_outside_late(t, i, r->id, p->account, p->side, x, money_fee_charged(r->fee_accrued) - before);
}

static void row_fill(struct turn *t, const struct plan *p, const struct fill_row *f, bool simulated)
{
    struct engine *e = t->engine;
    if (p->route != 0 && p->order != 0) route_is_acked(t, route_at(e, p->route));
    int64_t leaves = p->order == 0 ? 0 : order_at(e, p->order)->leaves;
    int64_t excess = p->quantity > leaves ? p->quantity - leaves : 0;
    if (f->kind == FILL_CORRECT) excess = p->quantity;
    executed_event(t, p, f, excess, simulated);
    if (p->route != 0) execution_keep(t, p, f);
    house_make_room(e, p->house, p->instrument);
    struct outside_fill x = {.price = p->price,
                             .quantity = p->quantity,
                             .excess = excess,
                             .house = p->house,
                             .venue = p->venue,
                             .simulated = simulated};
    if (p->order != 0) {
        fill_open(t, p, &x);
        return;
    }
    house_make_room(e, p->account, p->instrument); /* the account's own */
    fill_late(t, p, &x);
}

static void busted_event(struct turn *t, const struct plan *p, const struct execution *x, i128 fee)
{
    const struct engine *e = t->engine;
    const struct instrument *i = instrument_at(e, p->instrument);
    const struct order *o = p->order == 0 ? NULL : order_at(e, p->order);
    struct event_busted *ev = &turn_event(t, EVENT_BUSTED)->busted;
    *ev = (struct event_busted){.order_id = x->id,
                                .account = account_at(e, p->account)->account,
                                .symbol = i->symbol,
                                .venue = venue_name(e, p->venue),
                                .price = x->price,
                                .quantity = x->quantity,
                                .notional = x->notional,
                                .fee = fee,
                                .hold = o == NULL ? 0 : o->hold,
                                .leaves = o == NULL ? 0 : o->leaves,
                                .side = p->side,
                                .price_scale = i->price_scale,
                                .quantity_scale = i->quantity_scale,
                                .currency_scale = i->currency_scale,
                                .exec_id_len = x->exec_id_len};
    memcpy(ev->exec_id, x->exec_id, sizeof ev->exec_id);
}

/* What was accrued less is charged less. Returns what is given back. */
static i128 accrual_undo(i128 *accrued, i128 accrues)
{
    i128 before = money_fee_charged(*accrued);
    *accrued -= accrues;
    return before - money_fee_charged(*accrued);
}

static void row_bust(struct turn *t, const struct plan *p, const struct fill_row *f)
{
    struct engine *e = t->engine;
    struct route *r = route_at(e, p->route);
    struct execution *x = execution_at(e, execution_find(e, r, f->ref_exec_id));
    i128 fee;
    e->digest -= execution_element(x);
    x->busted = 1;
    e->digest += execution_element(x);
    if (p->order != 0) {
        struct order *o = order_at(e, p->order);
        order_touch(e, o);
        o->quantity -= x->quantity;
        o->notional_filled -= x->notional;
        o->updated_ns = e->now_ns;
        fee = accrual_undo(&o->fee_accrued, x->fee_accrues);
    } else {
        route_touch(e, r);
        r->filled -= x->quantity;
        r->notional_filled -= x->notional;
        fee = accrual_undo(&r->fee_accrued, x->fee_accrues);
    }
    house_make_room(e, p->house, p->instrument);
    house_make_room(e, p->account, p->instrument);
    outside_undo(t, instrument_at(e, p->instrument), p->account, p->side, p->house, x->quantity, x->notional, fee);
    if (p->order != 0) order_hold_anew(e, order_at(e, p->order));
    busted_event(t, p, x, fee);
    bool buys_back = p->side == SIDE_SELL;
    outside_follow(t, p->instrument, buys_back ? p->account : p->house, buys_back ? p->house : p->account);
}

/* What rows before set off may have ended a made-up fill's order, or made it smaller. */
static bool fits_now(const struct engine *e, struct plan *p)
{
    if (p->order == 0) return false;
    int64_t leaves = order_at(e, p->order)->leaves;
    if (p->quantity > leaves) p->quantity = leaves;
    return true;
}

void apply_fill(struct turn *t, const struct command *c)
{
    struct fills s;
    uint64_t order_id;
    s.asked = &c->fill;
    s.venue = 0;
    s.executions = s.positions = s.balances = 0;
    memset(s.plans, 0, (c->fill.fills_count <= FILLS_MAX ? c->fill.fills_count : 0) * sizeof s.plans[0]);
    if (fills_judge(t, &s, &order_id) != 0) {
        turn_reject(t, c, order_id);
        return;
    }
    /* From here on it cannot fail. */
    for (uint32_t n = 0; n < c->fill.fills_count; n++) {
        const struct fill_row *f = &c->fill.fills[n];
        struct plan *p = &s.plans[n];
        p->order = order_find(t->engine, f->order_id); /* a row before may have filled it */
        if (c->fill.simulated && !fits_now(t->engine, p)) continue;
        if (f->kind != FILL_NEW) row_bust(t, p, f);
        if (f->kind != FILL_BUST) row_fill(t, p, f, c->fill.simulated);
    }
}
