/* tests/model/digest.c - the digest that core/digest.h describes, hashed from nothing.
 * Invariant: an element is its tag and then every field of the comment there, in that order, little-endian, no
 * padding. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/model/internal.h"

#include <assert.h>
#include <string.h>

struct element {
    uint8_t bytes[512];
    size_t len_bytes, ids_end; /* the tag and the ids; what follows decides whether the object adds anything */
};

static void put(struct element *e, u128 value, unsigned width_bytes)
{
    assert(e->len_bytes + width_bytes <= sizeof e->bytes);
    for (unsigned i = 0; i < width_bytes; i++) e->bytes[e->len_bytes++] = (uint8_t)(value >> (8 * i));
}

static void put_u8(struct element *e, unsigned value)
{
    put(e, value, 1);
}
static void put_i64(struct element *e, int64_t value)
{
    put(e, (u128)(i128)value, 8);
}
static void put_u64(struct element *e, uint64_t value)
{
    put(e, value, 8);
}
static void put_i128(struct element *e, i128 value)
{
    put(e, (u128)value, 16);
}
static void put_id(struct element *e, uint64_t id)
{
    put_u64(e, id);
    e->ids_end = e->len_bytes;
}

static void put_bytes(struct element *e, const char *bytes, size_t len_bytes)
{
    assert(e->len_bytes + len_bytes <= sizeof e->bytes);
    memcpy(e->bytes + e->len_bytes, bytes, len_bytes);
    e->len_bytes += len_bytes;
}

static struct element begin(char tag)
{
    struct element e = {.bytes = {(uint8_t)tag}, .len_bytes = 1, .ids_end = 1};
    return e;
}

static u128 hash_of(const struct element *e)
{
    bool any = false;
    for (size_t i = e->ids_end; i < e->len_bytes; i++) any |= e->bytes[i] != 0;
    if (!any) return 0;
    XXH128_hash_t h = XXH3_128bits(e->bytes, e->len_bytes);
    return (u128)h.high64 << 64 | h.low64;
}

static u128 hash_limits(const struct limits *l)
{
    struct element e = begin('L');
#define X(field, def, largest) put(&e, l->field, 4);
    LIMITS(X)
#undef X
    return hash_of(&e);
}

static u128 hash_scalars(const struct engine_scalars *s)
{
    struct element e = begin('S');
    put_i64(&e, s->now_ns);
    put_u64(&e, s->priority_next);
    put_u8(&e, s->trading);
    u128 sum = hash_of(&e);
    if (s->sweep.kind == SWEEP_NONE) return sum;
    struct element w = begin('W');
    put_u8(&w, s->sweep.kind);
    put_u8(&w, s->sweep.side);
    put_u8(&w, s->sweep.stage);
    put_u8(&w, s->sweep.all);
    put_u64(&w, s->sweep.account_id);
    put_u64(&w, s->sweep.currency_id);
    put_u64(&w, s->sweep.instrument_id);
    put_u64(&w, s->sweep.next_order_id);
    put_u64(&w, s->sweep.end_order_id);
    return sum + hash_of(&w);
}

static u128 hash_currency(const struct currency_state *c)
{
    struct element e = begin('C');
    put_id(&e, c->id);
    put_bytes(&e, c->currency.bytes, NAME_BYTES);
    put_u8(&e, c->scale);
    return hash_of(&e);
}

static u128 hash_instrument(const struct instrument_state *i)
{
    struct element e = begin('I');
    put_id(&e, i->id);
    put_bytes(&e, i->spec.symbol.bytes, NAME_BYTES);
    put_bytes(&e, i->spec.currency.bytes, NAME_BYTES);
    put_i128(&e, i->spec.max_notional);
    put_i64(&e, i->spec.tick);
    put_i64(&e, i->spec.lot);
    put_i64(&e, i->spec.min_quantity);
    put_i64(&e, i->spec.max_quantity);
    put_i64(&e, i->spec.collar_ppm);
    put_i64(&e, i->spec.maker_fee_rate);
    put_i64(&e, i->spec.taker_fee_rate);
    put(&e, i->spec.max_leverage, 4);
    put(&e, i->spec.settlement_days, 2);
    put_u8(&e, i->spec.price_scale);
    put_u8(&e, i->spec.quantity_scale);
    put_u8(&e, i->spec.currency_scale);
    put_u8(&e, i->spec.trigger);
    put_u8(&e, i->spec.state);
    put_u8(&e, i->spec.mark);
    put_u8(&e, i->spec.trading);
    put_u8(&e, i->spec.halt_on_breach);
    put_i64(&e, i->tick_gcd);
    put_i64(&e, i->lot_gcd);
    return hash_of(&e);
}

static u128 hash_market(const struct instrument_state *i)
{
    struct element e = begin('M');
    put_id(&e, i->id);
    put_i64(&e, i->last_price);
    put_i64(&e, i->bid);
    put_i64(&e, i->bid_quantity);
    put_i64(&e, i->ask);
    put_i64(&e, i->ask_quantity);
    put_i64(&e, i->range_low);
    put_i64(&e, i->range_high);
    put_i64(&e, i->auction_price);
    return hash_of(&e);
}

static u128 hash_account_limits(const struct account_state *a)
{
    struct element e = begin('R');
    put_id(&e, a->id);
    put_i128(&e, a->limits.max_order_quantity);
    put_i128(&e, a->limits.max_position);
    put_i128(&e, a->limits.max_order_notional);
    put_i64(&e, a->limits.maker_fee_rate);
    put_i64(&e, a->limits.taker_fee_rate);
    put_i64(&e, a->limits.margin_call_ppm);
    put_i64(&e, a->limits.liquidation_ppm);
    put(&e, a->limits.max_open_orders, 4);
    put(&e, a->limits.max_orders_per_second, 4);
    put_u8(&e, a->limits.own_maker_fee);
    put_u8(&e, a->limits.own_taker_fee);
    put_i64(&e, a->rate_tat_ns);
    return hash_of(&e);
}

static u128 hash_account(const struct account_state *a)
{
    struct element e = begin('A');
    put_id(&e, a->id);
    put_bytes(&e, a->account.bytes, NAME_BYTES);
    put(&e, a->leverage, 4);
    put_u8(&e, a->type);
    put_u8(&e, a->status);
    put_u8(&e, a->stp);
    put_u8(&e, a->allow_short);
    return hash_of(&e) + hash_account_limits(a);
}

static u128 hash_balance(const struct balance_state *b)
{
    struct element e = begin('B');
    put_id(&e, b->account_id);
    put_id(&e, b->currency_id);
    put_i128(&e, b->cash);
    return hash_of(&e);
}

static u128 hash_position(const struct position_state *p)
{
    struct element e = begin('P');
    put_id(&e, p->account_id);
    put_id(&e, p->instrument_id);
    put_i64(&e, p->quantity);
    put_i128(&e, p->cost);
    put_i128(&e, p->realized);
    return hash_of(&e);
}

static u128 hash_order_extra(uint64_t id, const struct order_extra_state *x)
{
    struct element e = begin('X');
    put_id(&e, id);
    put_i64(&e, x->stop_price);
    put_i64(&e, x->trail);
    put_i64(&e, x->display_quantity);
    put_i64(&e, x->shown);
    put_i64(&e, x->hold_price);
    put_i64(&e, x->due);
    put_u64(&e, x->follow);
    put(&e, x->leverage, 4);
    put_u8(&e, x->venue);
    put_u8(&e, x->phase);
    put_u8(&e, x->link);
    put_u8(&e, x->member);
    put_u8(&e, x->activation);
    put_u8(&e, x->direction);
    return hash_of(&e);
}

static u128 hash_order(const struct order_state *o)
{
    struct element e = begin('O');
    put_id(&e, o->id);
    put_u64(&e, o->account_id);
    put_u64(&e, o->instrument_id);
    put_u64(&e, o->priority);
    put_i64(&e, o->price);
    put_i64(&e, o->quantity);
    put_i64(&e, o->leaves);
    put_i64(&e, o->closing_leaves);
    put_i64(&e, o->expires_ns);
    put_i128(&e, o->notional_filled);
    put_i128(&e, o->fee_accrued);
    put_i128(&e, o->hold);
    put_u8(&e, o->side);
    put_u8(&e, o->type);
    put_u8(&e, o->tif);
    put_u8(&e, o->flags);
    put_u8(&e, o->stp);
    u128 sum = hash_of(&e) + hash_order_extra(o->id, &o->extra);
    if (o->client_order_id_len == 0) return sum;
    struct element t = begin('T');
    put_id(&t, o->id);
    put_bytes(&t, o->client_order_id, o->client_order_id_len);
    return sum + hash_of(&t);
}

static u128 hash_venue(const struct venue_state_row *v, uint32_t number)
{
    struct element e = begin('V');
    put_id(&e, v->id);
    put_bytes(&e, v->venue.bytes, NAME_BYTES);
    put_u8(&e, number);
    put_u8(&e, v->state);
    put_u8(&e, v->simulated);
    return hash_of(&e);
}

static u128 hash_rule(const struct route_rule *r, uint32_t number)
{
    struct element e = begin('G');
    put(&e, number, 4);
    e.ids_end = e.len_bytes;
    put_bytes(&e, r->account.bytes, NAME_BYTES);
    put_bytes(&e, r->symbol.bytes, NAME_BYTES);
    put_i64(&e, r->min_quantity.mantissa);
    put_u8(&e, r->min_quantity.scale);
    put_i64(&e, r->max_quantity.mantissa);
    put_u8(&e, r->max_quantity.scale);
    for (unsigned k = 0; k < ROUTE_CANDIDATES_MAX; k++) put_bytes(&e, r->venues[k].bytes, NAME_BYTES);
    put_u8(&e, r->type);
    put_u8(&e, r->side);
    return hash_of(&e);
}

static u128 hash_route(const struct route_state *r)
{
    struct element e = begin('D');
    put_id(&e, r->order_id);
    put_id(&e, r->account_id);
    put_id(&e, r->instrument_id);
    put_u64(&e, r->wait);
    put_i64(&e, r->due_ns);
    put_i64(&e, r->new_price);
    put_i64(&e, r->new_quantity);
    put_i64(&e, r->new_stop_price);
    put_i64(&e, r->old_quantity);
    put_i64(&e, r->filled);
    put_i128(&e, r->notional_filled);
    put_i128(&e, r->fee_accrued);
    put(&e, r->attempt, 4);
    put(&e, r->tries, 4);
    put(&e, r->refused, 4);
    put_u8(&e, r->venue);
    put_u8(&e, r->state);
    put_u8(&e, r->doubt);
    put_u8(&e, r->reason);
    put_u8(&e, r->side);
    put_u8(&e, r->open);
    put_u8(&e, r->asked);
    put_u8(&e, r->manual_review);
    put_bytes(&e, r->ext_order_id, r->ext_order_id_len);
    return hash_of(&e);
}

static u128 hash_execution(const struct execution_state *x)
{
    struct element e = begin('E');
    put_id(&e, x->order_id);
    put(&e, x->number, 4);
    e.ids_end = e.len_bytes;
    put_i64(&e, x->price);
    put_i64(&e, x->quantity);
    put_i128(&e, x->notional);
    put_i128(&e, x->fee_accrues);
    put_u8(&e, x->busted);
    put_bytes(&e, x->exec_id, x->exec_id_len);
    return hash_of(&e);
}

static u128 hash_client_id(const struct client_id_state *c)
{
    struct element e = begin('U');
    put_id(&e, c->account_id);
    put_id(&e, c->order_id);
    put_i64(&e, c->used_ns);
    put_bytes(&e, c->client_order_id, c->client_order_id_len);
    return hash_of(&e);
}

static u128 hash_key(const struct key_state *k)
{
    struct element e = begin('K');
    put_u64(&e, k->key.lo);
    put_id(&e, k->key.hi);
    put_u64(&e, k->body.lo);
    put_u64(&e, k->body.hi);
    put_u64(&e, k->seq);
    put_i64(&e, k->used_ns);
    return hash_of(&e);
}

static u128 hash_desk(const struct model *m)
{
    u128 sum = 0;
    for (uint32_t i = 0; i < m->venues_count; i++) sum += hash_venue(&m->venues[i], i + 1);
    for (uint32_t i = 0; i < m->rules_count; i++) sum += hash_rule(&m->rules[i], i + 1);
    for (uint32_t i = 0; i < m->routes_count; i++) sum += hash_route(&m->routes[i]);
    for (uint32_t i = 0; i < m->executions_count; i++) sum += hash_execution(&m->executions[i]);
    for (uint32_t i = 0; i < m->client_ids_count; i++) sum += hash_client_id(&m->client_ids[i]);
    for (uint32_t i = 0; i < m->keys_count; i++) sum += hash_key(&m->keys[i]);
    return sum;
}

u128 model_digest(const struct model *m)
{
    if (!m->limits_set) return 0;
    u128 sum = hash_limits(&m->scalars.limits) + hash_scalars(&m->scalars);
    for (uint32_t i = 0; i < m->currencies_count; i++) sum += hash_currency(&m->currencies[i]);
    for (uint32_t i = 0; i < m->instruments_count; i++)
        sum += hash_instrument(&m->instruments[i]) + hash_market(&m->instruments[i]);
    for (uint32_t i = 0; i < m->accounts_count; i++) sum += hash_account(&m->accounts[i]);
    for (uint32_t i = 0; i < m->balances_count; i++) sum += hash_balance(&m->balances[i]);
    for (uint32_t i = 0; i < m->positions_count; i++) sum += hash_position(&m->positions[i]);
    for (uint32_t i = 0; i < m->orders_count; i++) sum += hash_order(&m->orders[i]);
    return sum + hash_desk(m);
}
