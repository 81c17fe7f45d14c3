/* tests/model/flow_words.c - dice, names and numbers of the random flow. */
#include "tests/model/flow_parts.h"

#include <assert.h>
#include <string.h>

const struct decimal flow_absent = {0, DECIMAL_ABSENT};

/* splitmix64 */
static uint64_t next_random(struct flow *f)
{
    uint64_t z = f->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t flow_below(struct flow *f, uint64_t n)
{
    return next_random(f) % n;
}

unsigned flow_roll(struct flow *f, size_t n)
{
    return (unsigned)flow_below(f, n);
}

bool flow_chance(struct flow *f, unsigned per_mille)
{
    return flow_roll(f, 1000) < per_mille;
}

int64_t flow_between(struct flow *f, int64_t low, int64_t high)
{
    return low + (int64_t)flow_below(f, (uint64_t)(high - low + 1));
}

bool flow_uses(struct flow *f, enum flow_feature feature, unsigned per_mille)
{
    return (f->features & feature) != 0 && flow_chance(f, per_mille);
}

/* One ring for every flow: what is asked for stands behind what was asked for last, until the end comes round. */
void *flow_list(struct flow *f, size_t bytes)
{
    static _Alignas(16) char ring[FLOW_LISTS_BYTES];
    static size_t used;
    (void)f;
    bytes = (bytes + 15) / 16 * 16;
    assert(bytes <= FLOW_LISTS_BYTES);
    if (used + bytes > FLOW_LISTS_BYTES) used = 0;
    void *list = memset(ring + used, 0, bytes);
    used += bytes;
    return list;
}

/* ---- words ---- */

static struct name numbered(char letter, unsigned number)
{
    struct name n = {{letter, (char)('0' + number / 10), (char)('0' + number % 10)}};
    return n;
}

struct name flow_word(const char *text)
{
    struct name n = {{0}};
    memcpy(n.bytes, text, strlen(text));
    return n;
}

struct name flow_any_currency(struct flow *f)
{
    unsigned number = flow_roll(f, FLOW_CURRENCIES);
    return number == 0 ? flow_word("USD") : numbered('C', number);
}

struct name flow_any_symbol(struct flow *f)
{
    return numbered('X', flow_roll(f, FLOW_INSTRUMENTS));
}

struct name flow_any_account(struct flow *f)
{
    static const char *const house[] = {"@fees", "@import", "@external", "@QUOTE"};
    if (flow_chance(f, 15)) return flow_word(FLOW_PICK(f, house));
    return numbered('a', flow_roll(f, FLOW_ACCOUNTS));
}

struct name flow_known_account(struct flow *f, const struct model *m)
{
    if (m->accounts_count <= HOUSE_ACCOUNTS || flow_chance(f, 20)) return flow_any_account(f);
    struct name account = m->accounts[HOUSE_ACCOUNTS + flow_roll(f, m->accounts_count - HOUSE_ACCOUNTS)].account;
    bool seldom = account.bytes[0] == '@' && !flow_chance(f, 20); /* a venue's */
    return seldom ? flow_any_account(f) : account;
}

struct name flow_known_symbol(struct flow *f, const struct model *m)
{
    if (m->instruments_count == 0 || flow_chance(f, 10)) return flow_any_symbol(f);
    return m->instruments[flow_roll(f, m->instruments_count)].spec.symbol;
}

struct name flow_known_currency(struct flow *f, const struct model *m)
{
    if (m->currencies_count == 0 || flow_chance(f, 100)) return flow_any_currency(f);
    return m->currencies[flow_roll(f, m->currencies_count)].currency;
}

struct text flow_client_order_id(struct flow *f)
{
    static const char letters[] =
        "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-client-order";
    if (flow_chance(f, 600)) return (struct text){NULL, 0};
    struct text t = {letters + flow_roll(f, 16), 64};
    if (!flow_chance(f, 30)) t.len_bytes = 1 + flow_roll(f, 40);
    return t;
}

/* ---- numbers ---- */

struct decimal flow_written(struct flow *f, int64_t value, unsigned scale)
{
    struct decimal d = {value, (uint8_t)scale};
    if (flow_chance(f, 800)) return d;
    if (flow_chance(f, 500)) {
        for (; d.scale > 0 && d.mantissa % 10 == 0; d.scale--) d.mantissa /= 10;
    } else if (d.scale < DECIMAL_SCALE_MAX && d.mantissa < INT64_MAX / 10 && d.mantissa > INT64_MIN / 10) {
        d.mantissa *= 10;
        d.scale++;
    }
    return d;
}

struct decimal flow_spoiled(struct flow *f, struct decimal d)
{
    if (d.scale == DECIMAL_ABSENT) d = (struct decimal){50, 1};
    switch (flow_roll(f, 9)) {
    case 0: return flow_absent;
    case 1: return (struct decimal){d.mantissa, (uint8_t)(10 + flow_roll(f, 245))};
    case 2: return (struct decimal){-d.mantissa, d.scale};
    case 3: return (struct decimal){0, d.scale};
    case 4: return (struct decimal){INT64_MAX, (uint8_t)flow_roll(f, 10)};
    case 5: return (struct decimal){INT64_MIN, (uint8_t)flow_roll(f, 10)};
    case 6: return (struct decimal){d.mantissa, DECIMAL_SCALE_MAX};
    case 7: return (struct decimal){d.mantissa | 1, d.scale};
    default: return (struct decimal){d.mantissa / 10 * 10 + 7, (uint8_t)(d.scale < 9 ? d.scale + 1 : 9)};
    }
}

static unsigned place_of_symbol(const struct name *symbol)
{
    return (unsigned)(symbol->bytes[1] - '0') * 10 + (unsigned)(symbol->bytes[2] - '0');
}

/* In a deep book: anywhere on the own side of the center, seldom a little across. */
static int64_t far_price(struct flow *f, const struct instrument_state *i, int side)
{
    int64_t tick = i->spec.tick, away = flow_between(f, flow_chance(f, 100) ? -20 : 1, 900);
    int64_t price = (1000 + (side == SIDE_BUY ? -away : away)) * tick;
    return price <= 0 ? tick : price;
}

int64_t flow_near_price(struct flow *f, const struct instrument_state *i)
{
    int64_t *center = &f->center[place_of_symbol(&i->spec.symbol) % FLOW_INSTRUMENTS], tick = i->spec.tick;
    if (*center == 0) *center = flow_chance(f, 30) ? PRICE_MAX : (20 + (int64_t)flow_roll(f, 80)) * tick;
    if (flow_chance(f, 40)) *center += flow_between(f, -1, 1) * tick;
    if (flow_chance(f, 3)) *center += *center / 100 * flow_between(f, -40, 60); /* a gap */
    if (*center <= 0) *center = tick;
    if (*center > PRICE_MAX) *center = PRICE_MAX;
    if (i->spec.collar_ppm != 0 && i->last_price != 0 && flow_chance(f, 700)) *center = i->last_price;
    int64_t price = (*center / tick + flow_between(f, -4, 4)) * tick;
    return price <= 0 ? tick : price;
}

int64_t flow_price(struct flow *f, const struct instrument_state *i, int side)
{
    return f->deep ? far_price(f, i, side) : flow_near_price(f, i);
}

int64_t flow_ticks_from(const struct instrument_state *i, int64_t price, int64_t ticks)
{
    int64_t moved = (price / i->spec.tick + ticks) * i->spec.tick;
    return moved <= 0 ? i->spec.tick : moved;
}

int64_t flow_quantity(struct flow *f, const struct instrument_state *i)
{
    int64_t lots = flow_chance(f, 850) ? 1 + (int64_t)flow_roll(f, 9) : 1 + (int64_t)flow_roll(f, 60);
    int64_t quantity = lots * i->spec.lot;
    if (i->spec.min_quantity > quantity && flow_chance(f, 800))
        quantity = (i->spec.min_quantity + i->spec.lot - 1) / i->spec.lot * i->spec.lot;
    return quantity;
}

const struct instrument_state *flow_instrument_of(const struct model *m, const struct order_state *o)
{
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == o->instrument_id) return &m->instruments[k];
    return &m->instruments[0];
}
