/* core/digest.c - the canonical elements of core/digest.h, and their hash.
 * Each function below writes the fields of its line in the header, in that order. An object adds nothing when
 * everything after its ids is zero, which element_hash_unless_zero sees in the bytes themselves. */
#include <assert.h>
#include <string.h>

/* The header's streaming states, which nobody here uses, would ask for an allocator in a build without optimization. */
#include <stdlib.h>
#define malloc(size) NULL
#define free(memory) ((void)(memory))
#define XXH_INLINE_ALL
#include <xxhash.h>
#undef malloc
#undef free

#include "core/digest.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "elements are little-endian and fields are copied as they lie");

enum { ELEMENT_BYTES_MAX = 192 }; /* the longest is 'I', 181 */
struct element {
    uint8_t bytes[ELEMENT_BYTES_MAX];
    size_t len_bytes;
};

#define PUT(element, value) element_put((element), &(value), sizeof(value))

static inline void element_put(struct element *el, const void *bytes, size_t len_bytes)
{
    assert(el->len_bytes + len_bytes <= ELEMENT_BYTES_MAX);
    memcpy(el->bytes + el->len_bytes, bytes, len_bytes);
    el->len_bytes += len_bytes;
}

static inline struct element element_begin(char tag)
{
    struct element el;
    el.bytes[0] = (uint8_t)tag;
    el.len_bytes = 1;
    return el;
}

static inline u128 element_hash(const struct element *el)
{
    XXH128_hash_t h = XXH3_128bits(el->bytes, el->len_bytes);
    return ((u128)h.high64 << 64) | h.low64;
}

/* ids_bytes: how many bytes after the tag only say which object it is. */
static inline u128 element_hash_unless_zero(const struct element *el, size_t ids_bytes)
{
    uint8_t any = 0;
    for (size_t i = 1 + ids_bytes; i < el->len_bytes; i++) any |= el->bytes[i];
    return any == 0 ? 0 : element_hash(el);
}

u128 digest_limits(const struct limits *l)
{
    struct element el = element_begin('L');
#define X(field, def, largest) PUT(&el, l->field);
    LIMITS(X)
#undef X
    return element_hash_unless_zero(&el, 0);
}

static u128 digest_sweep(const struct sweep_state *w)
{
    if (w->kind == SWEEP_NONE) return 0;
    struct element el = element_begin('W');
    PUT(&el, w->kind);
    PUT(&el, w->side);
    PUT(&el, w->account_id);
    PUT(&el, w->instrument_id);
    PUT(&el, w->next_order_id);
    return element_hash(&el);
}

u128 digest_scalars(const struct engine_scalars *s)
{
    if (s->seq == 0) return 0; /* no command yet: 'S' appears with the first */
    struct element el = element_begin('S');
    PUT(&el, s->now_ns);
    PUT(&el, s->priority_next);
    return element_hash_unless_zero(&el, 0) + digest_sweep(&s->sweep);
}

u128 digest_currency(const struct currency_state *c)
{
    struct element el = element_begin('C');
    PUT(&el, c->id);
    PUT(&el, c->currency);
    PUT(&el, c->scale);
    return element_hash_unless_zero(&el, sizeof c->id);
}

u128 digest_instrument(const struct instrument_state *i)
{
    const struct instrument_spec *s = &i->spec;
    struct element el = element_begin('I');
    PUT(&el, i->id);
    PUT(&el, s->symbol);
    PUT(&el, s->currency);
    PUT(&el, s->max_notional);
    PUT(&el, s->tick);
    PUT(&el, s->lot);
    PUT(&el, s->min_quantity);
    PUT(&el, s->max_quantity);
    PUT(&el, s->collar_ppm);
    PUT(&el, s->maker_fee_rate);
    PUT(&el, s->taker_fee_rate);
    PUT(&el, s->settlement_days);
    PUT(&el, s->price_scale);
    PUT(&el, s->quantity_scale);
    PUT(&el, s->currency_scale);
    PUT(&el, s->trigger);
    PUT(&el, s->state);
    PUT(&el, i->tick_gcd);
    PUT(&el, i->lot_gcd);
    return element_hash_unless_zero(&el, sizeof i->id);
}

u128 digest_market(const struct instrument_state *i)
{
    struct element el = element_begin('M');
    PUT(&el, i->id);
    PUT(&el, i->last_price);
    PUT(&el, i->bid);
    PUT(&el, i->bid_quantity);
    PUT(&el, i->ask);
    PUT(&el, i->ask_quantity);
    return element_hash_unless_zero(&el, sizeof i->id);
}

u128 digest_account(const struct account_state *a)
{
    uint8_t allow_short = a->allow_short ? 1 : 0;
    struct element el = element_begin('A');
    PUT(&el, a->id);
    PUT(&el, a->account);
    PUT(&el, a->leverage);
    PUT(&el, a->type);
    PUT(&el, a->status);
    PUT(&el, allow_short);
    return element_hash_unless_zero(&el, sizeof a->id);
}

u128 digest_balance(const struct balance_state *b)
{
    struct element el = element_begin('B');
    PUT(&el, b->account_id);
    PUT(&el, b->currency_id);
    PUT(&el, b->cash);
    return element_hash_unless_zero(&el, sizeof b->account_id + sizeof b->currency_id);
}

u128 digest_position(const struct position_state *p)
{
    struct element el = element_begin('P');
    PUT(&el, p->account_id);
    PUT(&el, p->instrument_id);
    PUT(&el, p->quantity);
    PUT(&el, p->cost);
    PUT(&el, p->realized);
    return element_hash_unless_zero(&el, sizeof p->account_id + sizeof p->instrument_id);
}

static u128 digest_client_id(const struct order_state *o)
{
    if (o->client_order_id_len == 0) return 0;
    struct element el = element_begin('T');
    PUT(&el, o->id);
    element_put(&el, o->client_order_id, o->client_order_id_len);
    return element_hash(&el);
}

u128 digest_order(const struct order_state *o)
{
    struct element el = element_begin('O');
    PUT(&el, o->id);
    PUT(&el, o->account_id);
    PUT(&el, o->instrument_id);
    PUT(&el, o->priority);
    PUT(&el, o->price);
    PUT(&el, o->quantity);
    PUT(&el, o->leaves);
    PUT(&el, o->closing_leaves);
    PUT(&el, o->expires_ns);
    PUT(&el, o->notional_filled);
    PUT(&el, o->fee_accrued);
    PUT(&el, o->hold);
    PUT(&el, o->side);
    PUT(&el, o->type);
    PUT(&el, o->tif);
    PUT(&el, o->flags);
    return element_hash(&el) + digest_client_id(o);
}

void digest_to_text(struct digest d, char room[DIGEST_TEXT_BYTES])
{
    for (int i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? d.hi : d.lo;
        room[i] = "0123456789abcdef"[half >> (60 - i % 16 * 4) & 15];
    }
    room[32] = '\0';
}

bool digest_equal(struct digest a, struct digest b)
{
    return a.lo == b.lo && a.hi == b.hi;
}
