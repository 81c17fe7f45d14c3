/* core/digest_state.c - the digest of a whole state, kept as it changes.
 * What must stay true: engine.digest is the sum of the elements that the live objects carry; an object that is not marked dirty carries
 * the element of what it is now. So an order that comes and goes between two digests is never hashed, and one that goes later
 * is not hashed again. */
#include "core/desk_parts.h"

/* Most orders: neither extra nor client id. Nothing is filled in that 'O' does not hash. */
static u128 element_of_plain(const struct engine *e, const struct order *o)
{
    struct order_state s;
    s.id = o->id;
    s.account_id = account_at(e, o->account)->id;
    s.instrument_id = instrument_at(e, o->instrument)->id;
    s.priority = o->priority;
    s.price = o->price;
    s.quantity = o->quantity;
    s.leaves = o->leaves;
    s.closing_leaves = o->closing_leaves;
    s.expires_ns = o->expires_ns;
    s.notional_filled = o->notional_filled;
    s.fee_accrued = o->fee_accrued;
    s.hold = o->hold;
    s.side = o->side;
    s.type = o->type;
    s.tif = o->tif;
    s.flags = o->flags;
    s.stp = o->stp;
    return digest_order_plain(&s);
}

static u128 element_of(const struct engine *e, enum dirty_kind kind, uint32_t index)
{
    switch (kind) {
    case DIRTY_ORDER: {
        const struct order *order = order_at(e, index);
        if (LIKELY((order->extra | order->phase | order->client_order_id_len) == 0)) return element_of_plain(e, order);
        struct order_state o;
        order_value(e, order, &o);
        return digest_order(&o);
    }
    case DIRTY_POSITION: {
        struct position_state p;
        position_value_of(e, position_at(e, index), &p);
        return digest_position(&p);
    }
    case DIRTY_BALANCE: {
        struct balance_state b;
        balance_value(e, balance_at(e, index), &b);
        return digest_balance(&b);
    }
    case DIRTY_ROUTE: {
        struct route_state r;
        route_value(e, route_at(e, index), &r);
        return digest_route(&r);
    }
    case DIRTY_RULES: {
        struct account_state a;
        account_value(e, account_at(e, account_rules_at(e, index)->account), &a);
        return digest_account_rules(&a);
    }
    default: {
        struct instrument_state i;
        instrument_value(e, instrument_at(e, index), &i);
        return digest_instrument(&i) + digest_market(&i);
    }
    }
}

/* Where an object keeps its mark and element; NULL when it is gone or was flushed already (it may be listed twice). */
static u128 *element_if_dirty(struct engine *e, enum dirty_kind kind, uint32_t index)
{
#define ELEMENT(type)                                                                                                  \
    do {                                                                                                               \
        struct type *item = type##_at(e, index);                                                                       \
        if (!item->dirty) return NULL;                                                                                 \
        item->dirty = 0;                                                                                               \
        return &item->element;                                                                                         \
    } while (0)
    switch (kind) {
    case DIRTY_ORDER: ELEMENT(order);
    case DIRTY_POSITION: ELEMENT(position);
    case DIRTY_BALANCE: ELEMENT(balance);
    case DIRTY_RULES: ELEMENT(account_rules);
    case DIRTY_ROUTE: ELEMENT(route);
    default: ELEMENT(instrument);
    }
#undef ELEMENT
}

void dirty_flush(struct engine *e)
{
    const uint32_t *dirty = arena_at(e, e->dirty_offset);
    for (uint32_t at = 0; at < e->dirty_count; at++) {
        enum dirty_kind kind = (enum dirty_kind)(dirty[at] >> 28);
        uint32_t index = dirty[at] & 0x0fffffffu;
        u128 *element = element_if_dirty(e, kind, index);
        if (element == NULL) continue;
        e->digest -= *element;
        *element = element_of(e, kind, index);
        e->digest += *element;
    }
    e->dirty_count = 0;
}

static u128 digest_of_scalars(const struct engine *e)
{
    if (!e->ready) return 0;
    struct engine_scalars s = engine_scalars(e);
    return digest_limits(&s.limits) + digest_scalars(&s);
}
static struct digest digest_halves(u128 sum)
{
    return (struct digest){.lo = (uint64_t)sum, .hi = (uint64_t)(sum >> 64)};
}

struct digest engine_digest(struct engine *e)
{
    dirty_flush(e);
    return digest_halves(e->digest + digest_of_scalars(e));
}

static u128 digest_of_desk(const struct engine *e)
{
    u128 sum = 0;
    uint32_t at = 0, number = 0;
    struct venue_state_row v;
    while (engine_export_venue(e, &at, &v)) sum += digest_venue(&v, (uint8_t)++number);
    struct route_rule rule;
    for (at = number = 0; engine_export_rule(e, &at, &rule);) sum += digest_rule(&rule, ++number);
    struct route_state r;
    for (at = 0; engine_export_route(e, &at, &r);) sum += digest_route(&r);
    struct execution_state x;
    for (at = 0; engine_export_execution(e, &at, &x);) sum += digest_execution(&x);
    struct client_id_state c;
    for (at = 0; engine_export_client_id(e, &at, &c);) sum += digest_used_id(&c);
    struct key_state k;
    for (at = 0; engine_export_key(e, &at, &k);) sum += digest_key(&k);
    return sum;
}

struct digest engine_digest_full(const struct engine *e)
{
    u128 sum = digest_of_scalars(e) + digest_of_desk(e);
    uint32_t at = 0;
    struct currency_state c;
    while (engine_export_currency(e, &at, &c)) sum += digest_currency(&c);
    struct account_state a;
    for (at = 0; engine_export_account(e, &at, &a);) sum += digest_account(&a);
    for (at = 1; at <= e->instruments.used; at++) sum += element_of(e, DIRTY_INSTRUMENT, at);
    for (at = 1; at <= e->balances.used; at++) sum += element_of(e, DIRTY_BALANCE, at);
    for (at = 1; at <= e->positions.used; at++)
        if (position_at(e, at)->key != 0) sum += element_of(e, DIRTY_POSITION, at);
    for (at = 1; at <= e->orders.used; at++)
        if (order_at(e, at)->id != 0) sum += element_of(e, DIRTY_ORDER, at);
    return digest_halves(sum);
}
