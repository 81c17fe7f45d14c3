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

/* Built in whole words, so that the hash, which reads words, does not wait for bytes that are still being stored. */
enum { ELEMENT_WORDS_MAX = 36 }; /* the longest is 'D', 274 bytes with its ext_order_id */
struct element {
    uint64_t words[ELEMENT_WORDS_MAX];
    size_t len_bytes;
};

/* The field's bytes, behind those that are there. A word is first touched whole: nothing needs to be zeroed. */
static inline void element_put(struct element *el, uint64_t value, size_t value_bytes)
{
    size_t word = el->len_bytes / 8;
    unsigned shift = (unsigned)(el->len_bytes % 8) * 8;
    assert(el->len_bytes + value_bytes <= sizeof el->words);
    el->words[word] = shift == 0 ? value : el->words[word] | value << shift;
    if (shift + value_bytes * 8 > 64) el->words[word + 1] = value >> (64 - shift);
    el->len_bytes += value_bytes;
}

static inline void element_put_wide(struct element *el, i128 value)
{
    element_put(el, (uint64_t)value, 8);
    element_put(el, (uint64_t)(value >> 64), 8);
}

static inline void element_put_text(struct element *el, const char *bytes, size_t len_bytes) /* a multiple of 8 */
{
    for (size_t i = 0; i < len_bytes; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        element_put(el, word, 8);
    }
}

/* A whole number of any width up to 64 bits. */
#define PUT(element, value)      element_put((element), (uint64_t)(value), sizeof(value))
#define PUT_WIDE(element, value) element_put_wide((element), (value))
#define PUT_NAME(element, name)  element_put_text((element), (name).bytes, NAME_BYTES)

static inline struct element element_begin(char tag)
{
    struct element el;
    el.len_bytes = 0;
    element_put(&el, (uint8_t)tag, 1);
    return el;
}

static inline u128 element_hash(const struct element *el)
{
    XXH128_hash_t h = XXH3_128bits(el->words, el->len_bytes);
    return ((u128)h.high64 << 64) | h.low64;
}

/* ids: how many 8-byte ids after the tag only say which object it is. The tag shares its word with 7 bytes of what
 * follows. */
static inline u128 element_hash_unless_zero(const struct element *el, size_t ids)
{
    uint64_t any = el->words[ids] >> 8;
    for (size_t i = ids + 1; i * 8 < el->len_bytes; i++) any |= el->words[i];
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
    uint8_t all = w->all ? 1 : 0;
    struct element el = element_begin('W');
    PUT(&el, w->kind);
    PUT(&el, w->side);
    PUT(&el, w->stage);
    PUT(&el, all);
    PUT(&el, w->account_id);
    PUT(&el, w->currency_id);
    PUT(&el, w->instrument_id);
    PUT(&el, w->next_order_id);
    PUT(&el, w->end_order_id);
    return element_hash(&el);
}

u128 digest_scalars(const struct engine_scalars *s)
{
    if (s->seq == 0) return 0; /* no command yet: 'S' appears with the first */
    struct element el = element_begin('S');
    PUT(&el, s->now_ns);
    PUT(&el, s->priority_next);
    PUT(&el, s->trading);
    return element_hash_unless_zero(&el, 0) + digest_sweep(&s->sweep);
}

u128 digest_currency(const struct currency_state *c)
{
    struct element el = element_begin('C');
    PUT(&el, c->id);
    PUT_NAME(&el, c->currency);
    PUT(&el, c->scale);
    return element_hash_unless_zero(&el, 1);
}

u128 digest_instrument(const struct instrument_state *i)
{
    const struct instrument_spec *s = &i->spec;
    uint8_t halt_on_breach = s->halt_on_breach ? 1 : 0;
    struct element el = element_begin('I');
    PUT(&el, i->id);
    PUT_NAME(&el, s->symbol);
    PUT_NAME(&el, s->currency);
    PUT_WIDE(&el, s->max_notional);
    PUT(&el, s->tick);
    PUT(&el, s->lot);
    PUT(&el, s->min_quantity);
    PUT(&el, s->max_quantity);
    PUT(&el, s->collar_ppm);
    PUT(&el, s->maker_fee_rate);
    PUT(&el, s->taker_fee_rate);
    PUT(&el, s->max_leverage);
    PUT(&el, s->settlement_days);
    PUT(&el, s->price_scale);
    PUT(&el, s->quantity_scale);
    PUT(&el, s->currency_scale);
    PUT(&el, s->trigger);
    PUT(&el, s->state);
    PUT(&el, s->mark);
    PUT(&el, s->trading);
    PUT(&el, halt_on_breach);
    PUT(&el, i->tick_gcd);
    PUT(&el, i->lot_gcd);
    return element_hash_unless_zero(&el, 1);
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
    PUT(&el, i->range_low);
    PUT(&el, i->range_high);
    PUT(&el, i->auction_price);
    return element_hash_unless_zero(&el, 1);
}

u128 digest_account_rules(const struct account_state *a)
{
    const struct account_limits *l = &a->limits;
    uint8_t own_maker_fee = l->own_maker_fee ? 1 : 0, own_taker_fee = l->own_taker_fee ? 1 : 0;
    struct element el = element_begin('R');
    PUT(&el, a->id);
    PUT_WIDE(&el, l->max_order_quantity);
    PUT_WIDE(&el, l->max_position);
    PUT_WIDE(&el, l->max_order_notional);
    PUT(&el, l->maker_fee_rate);
    PUT(&el, l->taker_fee_rate);
    PUT(&el, l->margin_call_ppm);
    PUT(&el, l->liquidation_ppm);
    PUT(&el, l->max_open_orders);
    PUT(&el, l->max_orders_per_second);
    PUT(&el, own_maker_fee);
    PUT(&el, own_taker_fee);
    PUT(&el, a->rate_tat_ns);
    return element_hash_unless_zero(&el, 1);
}

u128 digest_account(const struct account_state *a)
{
    uint8_t allow_short = a->allow_short ? 1 : 0;
    struct element el = element_begin('A');
    PUT(&el, a->id);
    PUT_NAME(&el, a->account);
    PUT(&el, a->leverage);
    PUT(&el, a->type);
    PUT(&el, a->status);
    PUT(&el, a->stp);
    PUT(&el, allow_short);
    return element_hash_unless_zero(&el, 1) + digest_account_rules(a);
}

u128 digest_balance(const struct balance_state *b)
{
    struct element el = element_begin('B');
    PUT(&el, b->account_id);
    PUT(&el, b->currency_id);
    PUT_WIDE(&el, b->cash);
    return element_hash_unless_zero(&el, 2);
}

u128 digest_position(const struct position_state *p)
{
    struct element el = element_begin('P');
    PUT(&el, p->account_id);
    PUT(&el, p->instrument_id);
    PUT(&el, p->quantity);
    PUT_WIDE(&el, p->cost);
    PUT_WIDE(&el, p->realized);
    return element_hash_unless_zero(&el, 2);
}

_Static_assert(CLIENT_ORDER_ID_BYTES_MAX % 8 == 0 && NAME_BYTES % 8 == 0, "texts are put in whole words");

static u128 digest_client_id(const struct order_state *o)
{
    if (o->client_order_id_len == 0) return 0;
    struct element el = element_begin('T');
    PUT(&el, o->id);
    size_t ids_bytes = el.len_bytes;
    element_put_text(&el, o->client_order_id, sizeof o->client_order_id);
    el.len_bytes = ids_bytes + o->client_order_id_len;
    return element_hash(&el);
}

/* Most orders have none of it: seen before an element is built. */
static bool extra_is_zero(const struct order_extra_state *x)
{
    int64_t prices = x->stop_price | x->trail | x->display_quantity | x->shown | x->hold_price | x->due;
    unsigned bytes = x->venue | x->phase | x->link | x->member | x->activation | x->direction;
    return ((uint64_t)prices | x->follow | x->leverage | bytes) == 0;
}

static u128 digest_order_extra(uint64_t id, const struct order_extra_state *x)
{
    if (extra_is_zero(x)) return 0;
    struct element el = element_begin('X');
    PUT(&el, id);
    PUT(&el, x->stop_price);
    PUT(&el, x->trail);
    PUT(&el, x->display_quantity);
    PUT(&el, x->shown);
    PUT(&el, x->hold_price);
    PUT(&el, x->due);
    PUT(&el, x->follow);
    PUT(&el, x->leverage);
    PUT(&el, x->venue);
    PUT(&el, x->phase);
    PUT(&el, x->link);
    PUT(&el, x->member);
    PUT(&el, x->activation);
    PUT(&el, x->direction);
    return element_hash_unless_zero(&el, 1);
}

u128 digest_order_plain(const struct order_state *o)
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
    PUT_WIDE(&el, o->notional_filled);
    PUT_WIDE(&el, o->fee_accrued);
    PUT_WIDE(&el, o->hold);
    PUT(&el, o->side);
    PUT(&el, o->type);
    PUT(&el, o->tif);
    PUT(&el, o->flags);
    PUT(&el, o->stp);
    return element_hash(&el);
}

/* Text behind the fields: a zero-padded room, of which len_bytes count. */
static inline void element_put_tail(struct element *el, const char *bytes, size_t room_bytes, size_t len_bytes)
{
    size_t before = el->len_bytes;
    element_put_text(el, bytes, room_bytes);
    el->len_bytes = before + len_bytes;
}

u128 digest_venue(const struct venue_state_row *v, uint8_t number)
{
    uint8_t simulated = v->simulated ? 1 : 0;
    struct element el = element_begin('V');
    PUT(&el, v->id);
    PUT_NAME(&el, v->venue);
    PUT(&el, number);
    PUT(&el, v->state);
    PUT(&el, simulated);
    return element_hash(&el);
}

u128 digest_rule(const struct route_rule *r, uint32_t number)
{
    struct element el = element_begin('G');
    PUT(&el, number);
    PUT_NAME(&el, r->account);
    PUT_NAME(&el, r->symbol);
    PUT(&el, r->min_quantity.mantissa);
    PUT(&el, r->min_quantity.scale);
    PUT(&el, r->max_quantity.mantissa);
    PUT(&el, r->max_quantity.scale);
    for (unsigned n = 0; n < ROUTE_CANDIDATES_MAX; n++) PUT_NAME(&el, r->venues[n]);
    PUT(&el, r->type);
    PUT(&el, r->side);
    return element_hash(&el);
}

u128 digest_route(const struct route_state *r)
{
    const uint8_t bytes[] = {r->venue, r->state,        r->doubt, r->reason,
                             r->side,  r->open ? 1 : 0, r->asked, r->manual_review ? 1 : 0};
    struct element el = element_begin('D');
    PUT(&el, r->order_id);
    PUT(&el, r->account_id);
    PUT(&el, r->instrument_id);
    PUT(&el, r->wait);
    PUT(&el, r->due_ns);
    PUT(&el, r->new_price);
    PUT(&el, r->new_quantity);
    PUT(&el, r->new_stop_price);
    PUT(&el, r->old_quantity);
    PUT(&el, r->filled);
    PUT_WIDE(&el, r->notional_filled);
    PUT_WIDE(&el, r->fee_accrued);
    PUT(&el, r->attempt);
    PUT(&el, r->tries);
    PUT(&el, r->refused);
    for (unsigned n = 0; n < sizeof bytes; n++) PUT(&el, bytes[n]);
    element_put_tail(&el, r->ext_order_id, sizeof r->ext_order_id, r->ext_order_id_len);
    return element_hash(&el);
}

u128 digest_execution(const struct execution_state *x)
{
    uint8_t busted = x->busted ? 1 : 0;
    struct element el = element_begin('E');
    PUT(&el, x->order_id);
    PUT(&el, x->number);
    PUT(&el, x->price);
    PUT(&el, x->quantity);
    PUT_WIDE(&el, x->notional);
    PUT_WIDE(&el, x->fee_accrues);
    PUT(&el, busted);
    element_put_tail(&el, x->exec_id, sizeof x->exec_id, x->exec_id_len);
    return element_hash(&el);
}

u128 digest_used_id(const struct client_id_state *c)
{
    struct element el = element_begin('U');
    PUT(&el, c->account_id);
    PUT(&el, c->order_id);
    PUT(&el, c->used_ns);
    element_put_tail(&el, c->client_order_id, sizeof c->client_order_id, c->client_order_id_len);
    return element_hash(&el);
}

u128 digest_key(const struct key_state *k)
{
    struct element el = element_begin('K');
    PUT(&el, k->key.lo);
    PUT(&el, k->key.hi);
    PUT(&el, k->body.lo);
    PUT(&el, k->body.hi);
    PUT(&el, k->seq);
    PUT(&el, k->used_ns);
    return element_hash(&el);
}

u128 digest_order(const struct order_state *o)
{
    return digest_order_plain(o) + digest_order_extra(o->id, &o->extra) + digest_client_id(o);
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
