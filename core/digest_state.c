/* core/digest_state.c - the digest of a whole state, kept as it changes.
 * What must stay true: engine.digest is the sum over every object that is not marked dirty. Before an object's first change since the
 * last flush its old element is subtracted and it is marked; the flush adds the new elements of what is still there. So an order
 * that comes and goes between two digests is never hashed. */
#include "core/arena.h"

static u128 element_of(const struct engine *e, enum dirty_kind kind, uint32_t index)
{
    switch (kind) {
    case DIRTY_ORDER: {
        struct order_state o;
        order_value(e, order_at(e, index), &o);
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
    default: {
        struct instrument_state i;
        instrument_value(e, instrument_at(e, index), &i);
        return digest_instrument(&i) + digest_market(&i);
    }
    }
}

void dirty_subtract(struct engine *e, enum dirty_kind kind, uint32_t index)
{
    e->digest -= element_of(e, kind, index);
}

/* Clears the mark; true when it was set on something that is live. Freed items lose key and mark together. */
static bool dirty_clear(struct engine *e, enum dirty_kind kind, uint32_t index)
{
    switch (kind) {
    case DIRTY_ORDER: {
        struct order *o = order_at(e, index);
        bool was = o->id != 0 && o->dirty != 0;
        if (was) o->dirty = 0;
        return was;
    }
    case DIRTY_POSITION: {
        struct position *p = position_at(e, index);
        bool was = p->key != 0 && p->dirty != 0;
        if (was) p->dirty = 0;
        return was;
    }
    case DIRTY_BALANCE: {
        struct balance *b = balance_at(e, index);
        bool was = b->dirty != 0;
        b->dirty = 0;
        return was;
    }
    default: {
        struct instrument *i = instrument_at(e, index);
        bool was = i->dirty != 0;
        i->dirty = 0;
        return was;
    }
    }
}

void dirty_flush(struct engine *e)
{
    const uint32_t *dirty = arena_at(e, e->dirty_offset);
    for (uint32_t at = 0; at < e->dirty_count; at++) {
        enum dirty_kind kind = (enum dirty_kind)(dirty[at] >> 28);
        uint32_t index = dirty[at] & 0x0fffffffu;
        if (dirty_clear(e, kind, index)) e->digest += element_of(e, kind, index);
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

struct digest engine_digest_full(const struct engine *e)
{
    u128 sum = digest_of_scalars(e);
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
