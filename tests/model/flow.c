/* tests/model/flow.c - the random command flow.
 * How it works: a command is first made so that it makes sense, then with a small chance one thing about it is spoiled.
 * The sense comes from the model's state: instruments that exist, prices near where they trade, orders that are open.
 * No expression asks for two random numbers whose order the language leaves open. */
#include "tests/model/flow.h"

#include "tests/model/arithmetic.h"

#include <string.h>

static const struct decimal absent = {0, DECIMAL_ABSENT};

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

static unsigned below(struct flow *f, unsigned n)
{
    return (unsigned)flow_below(f, n);
}

static bool chance(struct flow *f, unsigned per_mille)
{
    return below(f, 1000) < per_mille;
}

static int64_t between(struct flow *f, int64_t low, int64_t high)
{
    return low + (int64_t)flow_below(f, (uint64_t)(high - low + 1));
}

#define PICK(f, list) (list)[below(f, sizeof(list) / sizeof((list)[0]))]

static bool is_deep(uint64_t seed)
{
    return seed % FLOW_DEEP_EVERY == 3;
}

struct limits flow_limits(uint64_t seed)
{
    if (is_deep(seed))
        return (struct limits){.orders_max = 1500,
                               .levels_max = 1500,
                               .instruments_max = 2,
                               .accounts_max = 12,
                               .positions_max = 30,
                               .balances_max = 40,
                               .currencies_max = 3,
                               .timers_max = 500,
                               .work_max = 40};
    static const uint32_t orders[] = {6, 25, 60, 150}, levels[] = {3, 8, 20, 200}, instruments[] = {2, 4, 6, 9};
    static const uint32_t accounts[] = {6, 9, 12, 20}, positions[] = {10, 20, 50, 120}, balances[] = {14, 30, 60, 120};
    static const uint32_t currencies[] = {2, 4, 6, 9}, timers[] = {2, 6, 30, 100}, work[] = {1, 2, 3, 5, 8, 200};
    struct flow f = {.random = seed ^ 0x6c696d697473u};
    return (struct limits){.orders_max = PICK(&f, orders),
                           .levels_max = PICK(&f, levels),
                           .instruments_max = PICK(&f, instruments),
                           .accounts_max = PICK(&f, accounts),
                           .positions_max = PICK(&f, positions),
                           .balances_max = PICK(&f, balances),
                           .currencies_max = PICK(&f, currencies),
                           .timers_max = PICK(&f, timers),
                           .work_max = PICK(&f, work)};
}

struct flow flow_new(uint64_t seed)
{
    return (struct flow){.random = seed, .ts_ns = 1700000000000000000, .deep = is_deep(seed)};
}

/* ---- words ---- */

static struct name numbered(char letter, unsigned number)
{
    struct name n = {{letter, (char)('0' + number / 10), (char)('0' + number % 10)}};
    return n;
}

static struct name word(const char *text)
{
    struct name n = {{0}};
    memcpy(n.bytes, text, strlen(text));
    return n;
}

static struct name any_currency(struct flow *f)
{
    unsigned number = below(f, FLOW_CURRENCIES);
    return number == 0 ? word("USD") : numbered('C', number);
}

static struct name any_symbol(struct flow *f)
{
    return numbered('X', below(f, FLOW_INSTRUMENTS));
}

static struct name any_account(struct flow *f)
{
    if (chance(f, 15)) return word(chance(f, 500) ? "@fees" : "@import");
    return numbered('a', below(f, FLOW_ACCOUNTS));
}

/* Mostly an account that is there, and mostly not a house account of the engine itself. */
static struct name known_account(struct flow *f, const struct model *m)
{
    if (m->accounts_count <= 3 || chance(f, 20)) return any_account(f);
    return m->accounts[3 + below(f, m->accounts_count - 3)].account;
}

static struct name known_symbol(struct flow *f, const struct model *m)
{
    if (m->instruments_count == 0 || chance(f, 10)) return any_symbol(f);
    return m->instruments[below(f, m->instruments_count)].spec.symbol;
}

static struct name known_currency(struct flow *f, const struct model *m)
{
    if (m->currencies_count == 0 || chance(f, 100)) return any_currency(f);
    return m->currencies[below(f, m->currencies_count)].currency;
}

static struct text any_client_order_id(struct flow *f)
{
    static const char letters[] =
        "0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-client-order";
    if (chance(f, 600)) return (struct text){NULL, 0};
    struct text t = {letters + below(f, 16), 64};
    if (!chance(f, 30)) t.len_bytes = 1 + below(f, 40);
    return t;
}

/* The same number, sometimes written with more or fewer decimals. */
static struct decimal written(struct flow *f, int64_t value, unsigned scale)
{
    struct decimal d = {value, (uint8_t)scale};
    if (chance(f, 800)) return d;
    if (chance(f, 500)) {
        for (; d.scale > 0 && d.mantissa % 10 == 0; d.scale--) d.mantissa /= 10;
    } else if (d.scale < DECIMAL_SCALE_MAX && d.mantissa < INT64_MAX / 10 && d.mantissa > INT64_MIN / 10) {
        d.mantissa *= 10;
        d.scale++;
    }
    return d;
}

/* One thing about a decimal is wrong: its scale, its sign, its size or its last digit. */
static struct decimal spoiled(struct flow *f, struct decimal d)
{
    switch (below(f, 9)) {
    case 0: return absent;
    case 1: return (struct decimal){d.mantissa, (uint8_t)(10 + below(f, 245))};
    case 2: return (struct decimal){-d.mantissa, d.scale};
    case 3: return (struct decimal){0, d.scale};
    case 4: return (struct decimal){INT64_MAX, (uint8_t)below(f, 10)};
    case 5: return (struct decimal){INT64_MIN, (uint8_t)below(f, 10)};
    case 6: return (struct decimal){d.mantissa, DECIMAL_SCALE_MAX};
    case 7: return (struct decimal){d.mantissa | 1, d.scale};
    default: return (struct decimal){d.mantissa / 10 * 10 + 7, (uint8_t)(d.scale < 9 ? d.scale + 1 : 9)};
    }
}

/* ---- prices and quantities ---- */

static unsigned place_of_symbol(const struct name *symbol)
{
    return (unsigned)(symbol->bytes[1] - '0') * 10 + (unsigned)(symbol->bytes[2] - '0');
}

/* In a deep book: anywhere on the own side of the center, seldom a little across. */
static int64_t far_price(struct flow *f, const struct instrument_state *i, int side)
{
    int64_t tick = i->spec.tick, away = between(f, chance(f, 100) ? -20 : 1, 900);
    int64_t price = (1000 + (side == SIDE_BUY ? -away : away)) * tick;
    return price <= 0 ? tick : price;
}

/* A price a few ticks around where the instrument trades, which itself wanders. */
static int64_t near_price(struct flow *f, const struct instrument_state *i)
{
    int64_t *center = &f->center[place_of_symbol(&i->spec.symbol) % FLOW_INSTRUMENTS], tick = i->spec.tick;
    if (*center == 0) *center = chance(f, 30) ? PRICE_MAX : (20 + (int64_t)below(f, 80)) * tick;
    if (chance(f, 40)) *center += between(f, -1, 1) * tick;
    if (*center <= 0) *center = tick;
    if (*center > PRICE_MAX) *center = PRICE_MAX;
    if (i->spec.collar_ppm != 0 && i->last_price != 0 && chance(f, 700)) *center = i->last_price;
    int64_t price = (*center / tick + between(f, -4, 4)) * tick;
    return price <= 0 ? tick : price;
}

static int64_t some_quantity(struct flow *f, const struct instrument_state *i)
{
    int64_t lots = chance(f, 850) ? 1 + (int64_t)below(f, 9) : 1 + (int64_t)below(f, 60);
    int64_t quantity = lots * i->spec.lot;
    if (i->spec.min_quantity > quantity && chance(f, 800))
        quantity = (i->spec.min_quantity + i->spec.lot - 1) / i->spec.lot * i->spec.lot;
    return quantity;
}

static int64_t whale_quantity(const struct instrument_state *i)
{
    int64_t most = i->spec.max_quantity != 0 ? i->spec.max_quantity : QUANTITY_MAX;
    return most / i->spec.lot * i->spec.lot;
}

/* ---- commands ---- */

static void make_set_currency(struct flow *f, struct command *c)
{
    static const uint8_t scales[] = {2, 0, DECIMAL_ABSENT, 8, 18, 3, 5, 9};
    struct name currency = any_currency(f);
    unsigned number = currency.bytes[0] == 'U' ? 0 : (unsigned)(currency.bytes[2] - '0');
    c->kind = COMMAND_SET_CURRENCY;
    c->set_currency.currency = currency;
    c->set_currency.scale = chance(f, 900) ? scales[number] : (uint8_t)below(f, 30);
    if (chance(f, 20)) c->set_currency.currency = word("");
}

/* Steps that multiply to whole units of most currencies, and some that do not. */
static void choose_steps(struct flow *f, struct command_set_instrument *s)
{
    static const struct decimal ticks[] = {{1, 2}, {5, 2}, {25, 4}, {1, 0}, {5, 0}, {100, 2}, {1, 9}, {125, 3}, {3, 1}};
    static const struct decimal lots[] = {{1, 0}, {1, 0}, {10, 0}, {1, 3}, {5, 1}, {100, 0}, {1, 9}, {250, 1}, {7, 0}};
    if (chance(f, 800)) {
        s->fields |= INSTRUMENT_HAS_TICK_SIZE;
        s->tick_size = PICK(f, ticks);
    }
    if (chance(f, 800)) {
        s->fields |= INSTRUMENT_HAS_LOT_SIZE;
        s->lot_size = PICK(f, lots);
    }
}

static void choose_bounds(struct flow *f, const struct model *m, struct command_set_instrument *s)
{
    const struct instrument_state *i = model_instrument(m, &s->symbol);
    unsigned scale = i == NULL ? 0 : i->spec.quantity_scale;
    int64_t lot = i == NULL ? 1 : i->spec.lot;
    if (chance(f, 150)) {
        s->fields |= INSTRUMENT_HAS_MIN_QUANTITY;
        s->min_quantity = written(f, between(f, 0, 3) * lot, scale);
    }
    if (chance(f, 200)) {
        s->fields |= INSTRUMENT_HAS_MAX_QUANTITY;
        s->max_quantity = chance(f, 700) ? (struct decimal){0, 0} : written(f, between(f, 5, 60) * lot, scale);
    }
    if (chance(f, 200)) {
        s->fields |= INSTRUMENT_HAS_MAX_NOTIONAL;
        int64_t price = i == NULL ? 1 : near_price(f, i);
        i128 notional = i == NULL ? 1000 : model_notional_of(&i->spec, price, lot) * between(f, 5, 100);
        if (chance(f, 500)) notional = 0;
        s->max_notional = (struct amount){notional, i == NULL ? 0 : i->spec.currency_scale};
    }
}

static void choose_rules(struct flow *f, struct command_set_instrument *s)
{
    static const struct decimal fees[] = {{0, 0},     {1, 0},     {25, 1},     {-1, 0}, {-25, 2},
                                          {10000, 0}, {12345, 4}, {-12346, 4}, {10, 0}, {333, 2}};
    static const struct decimal collars[] = {{0, 0},  {0, 0},      {20, 0},    {10, 0},
                                             {25, 1}, {333333, 4}, {10000, 0}, {100, 0}};
    if (chance(f, 300)) {
        s->fields |= INSTRUMENT_HAS_COLLAR;
        s->collar_percent = PICK(f, collars);
    }
    if (chance(f, 400)) {
        s->fields |= INSTRUMENT_HAS_MAKER_FEE;
        s->maker_fee_bps = PICK(f, fees);
    }
    if (chance(f, 400)) {
        s->fields |= INSTRUMENT_HAS_TAKER_FEE;
        s->taker_fee_bps = PICK(f, fees);
    }
    if (chance(f, 100)) {
        s->fields |= INSTRUMENT_HAS_TRIGGER | INSTRUMENT_HAS_SETTLEMENT_DAYS;
        s->trigger = (uint8_t)(1 + below(f, 2));
        s->settlement_days = (uint16_t)below(f, 4);
    }
    if (chance(f, 400)) {
        s->fields |= INSTRUMENT_HAS_STATE;
        s->state = (uint8_t)(chance(f, 900) ? INSTRUMENT_STATE_CONTINUOUS : INSTRUMENT_STATE_HALTED + below(f, 2));
    }
}

static void spoil_set_instrument(struct flow *f, struct command_set_instrument *s)
{
    switch (below(f, 13)) {
    case 0: s->symbol = word(""); break;
    case 1: s->symbol = word("@x"); break;
    case 2: s->fields |= INSTRUMENT_HAS_CURRENCY, s->currency = word(""); break;
    case 3: s->fields |= INSTRUMENT_HAS_TICK_SIZE, s->tick_size = spoiled(f, (struct decimal){5, 2}); break;
    case 4: s->fields |= INSTRUMENT_HAS_LOT_SIZE, s->lot_size = spoiled(f, (struct decimal){1, 0}); break;
    case 5: s->fields |= INSTRUMENT_HAS_MIN_QUANTITY, s->min_quantity = spoiled(f, (struct decimal){50, 1}); break;
    case 6: s->fields |= INSTRUMENT_HAS_MAX_QUANTITY, s->max_quantity = spoiled(f, (struct decimal){50, 1}); break;
    case 7:
        s->fields |= INSTRUMENT_HAS_MAX_NOTIONAL;
        s->max_notional.mantissa = chance(f, 500) ? -5 : (i128)1 << 126;
        s->max_notional.scale = (uint8_t)below(f, 24);
        break;
    case 8: s->fields |= INSTRUMENT_HAS_COLLAR, s->collar_percent = spoiled(f, (struct decimal){100001, 1}); break;
    case 9: s->fields |= INSTRUMENT_HAS_MAKER_FEE, s->maker_fee_bps = spoiled(f, (struct decimal){100001, 1}); break;
    case 10: s->fields |= INSTRUMENT_HAS_TAKER_FEE, s->taker_fee_bps = spoiled(f, (struct decimal){100001, 1}); break;
    case 11: s->fields |= INSTRUMENT_HAS_TRIGGER, s->trigger = (uint8_t)(chance(f, 500) ? 0 : 3); break;
    default:
        s->fields |= INSTRUMENT_HAS_STATE, s->state = (uint8_t)(chance(f, 500) ? 4 + below(f, 2) : 6 * below(f, 2));
        break;
    }
}

static void make_set_instrument(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_INSTRUMENT;
    struct command_set_instrument *s = &c->set_instrument;
    s->symbol = chance(f, 200) ? any_symbol(f) : known_symbol(f, m);
    for (uint32_t k = 0; k < m->instruments_count && chance(f, 500); k++)
        if (m->instruments[k].spec.state != INSTRUMENT_STATE_CONTINUOUS) s->symbol = m->instruments[k].spec.symbol;
    bool creating = model_instrument(m, &s->symbol) == NULL;
    if (creating ? chance(f, 800) : chance(f, 30)) {
        s->fields |= INSTRUMENT_HAS_CURRENCY;
        s->currency = known_currency(f, m);
    }
    if (creating || chance(f, 150)) choose_steps(f, s);
    choose_bounds(f, m, s);
    choose_rules(f, s);
    if (chance(f, 150)) spoil_set_instrument(f, s);
}

static void make_set_account(struct flow *f, const struct model *m, struct command *c)
{
    static const struct decimal leverages[] = {{1, 0}, {2, 0}, {5, 0}, {25, 1}, {1000, 0}, {333, 2}};
    c->kind = COMMAND_SET_ACCOUNT;
    struct command_set_account *s = &c->set_account;
    s->account = chance(f, 400) ? any_account(f) : known_account(f, m);
    for (uint32_t k = 3; k < m->accounts_count && chance(f, 700); k++)
        if (m->accounts[k].status != ACCOUNT_STATUS_ACTIVE) s->account = m->accounts[k].account;
    bool creating = model_account(m, &s->account) == NULL;
    if (creating ? chance(f, 900) : chance(f, 150)) {
        s->fields |= ACCOUNT_HAS_TYPE;
        s->type = (uint8_t)(1 + below(f, 3));
    }
    if (s->type != ACCOUNT_TYPE_CASH && chance(f, creating ? 700 : 200)) {
        s->fields |= ACCOUNT_HAS_LEVERAGE | ACCOUNT_HAS_ALLOW_SHORT;
        s->leverage = PICK(f, leverages);
        s->allow_short = chance(f, 800);
    }
    if (chance(f, creating ? 50 : 700)) {
        s->fields |= ACCOUNT_HAS_STATUS;
        s->status = (uint8_t)(chance(f, 800) ? ACCOUNT_STATUS_ACTIVE : 2 + below(f, 2));
    }
    if (!chance(f, 100)) return;
    switch (below(f, 6)) {
    case 0: s->account = word(""); break;
    case 1: s->account = word("@other"); break;
    case 2: s->fields |= ACCOUNT_HAS_TYPE, s->type = (uint8_t)(4 * below(f, 2)); break;
    case 3: s->fields |= ACCOUNT_HAS_STATUS, s->status = (uint8_t)(4 * below(f, 2)); break;
    case 4: s->fields |= ACCOUNT_HAS_LEVERAGE, s->leverage = spoiled(f, (struct decimal){10001, 1}); break;
    default:
        s->fields |= ACCOUNT_HAS_ALLOW_SHORT | ACCOUNT_HAS_TYPE, s->allow_short = true, s->type = ACCOUNT_TYPE_CASH;
        break;
    }
}

/* About what a few typical orders of some instrument in this currency are worth. */
static i128 typical_cash(struct flow *f, const struct model *m, const struct name *currency)
{
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_state *i = &m->instruments[(k + f->seq) % m->instruments_count];
        if (memcmp(&i->spec.currency, currency, sizeof *currency) != 0) continue;
        i128 notional = model_notional_of(&i->spec, near_price(f, i), i->spec.lot);
        if (notional < NOTIONAL_MAX / 100) return notional;
    }
    return 1000;
}

static void make_move_cash(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_MOVE_CASH;
    struct command_move_cash *s = &c->move_cash;
    s->account = known_account(f, m);
    s->currency = known_currency(f, m);
    const struct currency_state *there = model_currency(m, &s->currency);
    unsigned scale = there == NULL ? 2 : there->scale;
    i128 amount = typical_cash(f, m, &s->currency);
    amount *= between(f, 1, f->deep ? 60000 : 60);
    if (chance(f, f->deep ? 50 : 250)) amount = -amount;
    s->amount = (struct amount){amount, (uint8_t)scale};
    if (amount % 100 == 0 && scale >= 2 && chance(f, 300))
        s->amount = (struct amount){amount / 100, (uint8_t)(scale - 2)};
    if (!chance(f, 80)) return;
    switch (below(f, 8)) {
    case 0: s->currency = word(""); break;
    case 1: s->account = word("nobody"); break;
    case 2: s->account = word("@external"); break;
    case 3: s->amount.mantissa = 0; break;
    case 4: s->amount.scale = (uint8_t)(19 + below(f, 237)); break;
    case 5: s->amount = (struct amount){amount | 1, 18}; break;
    case 6:
        s->amount.mantissa = chance(f, 500) ? (i128)((u128)1 << 127) : NOTIONAL_MAX + 1;
        s->amount.scale = (uint8_t)below(f, 19);
        break;
    default: s->currency = any_currency(f); break;
    }
}

static void make_set_quote(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_QUOTE;
    struct command_set_quote *s = &c->set_quote;
    s->symbol = known_symbol(f, m);
    s->bid = s->bid_quantity = s->ask = s->ask_quantity = absent;
    const struct instrument_state *i = model_instrument(m, &s->symbol);
    if (i == NULL) return;
    int64_t bid = near_price(f, i);
    if (chance(f, 900)) s->bid = written(f, chance(f, 50) ? 0 : bid, i->spec.price_scale);
    if (chance(f, 900)) s->bid_quantity = written(f, some_quantity(f, i), i->spec.quantity_scale);
    if (chance(f, 900)) s->ask = written(f, bid + between(f, chance(f, 50) ? -3 : 0, 5), i->spec.price_scale);
    if (chance(f, 900)) s->ask_quantity = written(f, some_quantity(f, i), i->spec.quantity_scale);
    struct decimal *fields[] = {&s->bid, &s->bid_quantity, &s->ask, &s->ask_quantity};
    struct decimal *field = PICK(f, fields);
    if (chance(f, 100)) *field = spoiled(f, *field);
}

static void spoil_place(struct flow *f, struct command_place *p)
{
    switch (below(f, 22)) {
    case 0: p->side = (uint8_t)(3 * below(f, 2)); break;
    case 1: p->type = (uint8_t)(5 * below(f, 2)); break;
    case 2: p->tif = (uint8_t)(6 * below(f, 2)); break;
    case 3: p->stp = (uint8_t)below(f, 8); break;
    case 4: p->client_order_id.len_bytes = p->client_order_id.bytes == NULL ? 0 : 65 + below(f, 3); break;
    case 5: p->type = (uint8_t)(3 + below(f, 2)); break;
    case 6: p->stop_price = p->quantity; break;
    case 7: p->display_quantity = p->quantity; break;
    case 8: p->leverage = (struct decimal){2, 0}; break;
    case 9: p->flags |= (uint8_t)(1u << below(f, 8)); break;
    case 10: p->venue = word(chance(f, 500) ? "NYSE" : "BOOK"); break;
    case 11: p->account = word("nobody"); break;
    case 12: p->symbol = word("NOTHING"); break;
    case 13:
    case 14: p->price = spoiled(f, p->price); break;
    case 15:
    case 16: p->quantity = spoiled(f, p->quantity); break;
    case 17: p->flags |= PLACE_POST_ONLY; break;
    case 18: p->expires_ns = chance(f, 500) ? f->ts_ns : chance(f, 500) ? -1 : f->ts_ns + 5; break;
    case 19: p->price = chance(f, 500) ? absent : (struct decimal){1, 0}; break;
    case 20: p->quantity = (struct decimal){1, 9}; break;
    default: p->quantity = (struct decimal){QUANTITY_MAX, 0}; break;
    }
}

/* An account and an instrument that know each other already, if there are any: where tables are full, only these
 * trade. */
static void choose_parties(struct flow *f, const struct model *m, struct command_place *p)
{
    p->account = known_account(f, m);
    p->symbol = known_symbol(f, m);
    if (m->positions_count == 0 || chance(f, 500)) return;
    const struct position_state *known = &m->positions[below(f, m->positions_count)];
    for (uint32_t k = 0; k < m->accounts_count; k++)
        if (m->accounts[k].id == known->account_id) p->account = m->accounts[k].account;
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == known->instrument_id) p->symbol = m->instruments[k].spec.symbol;
}

static void choose_order_type(struct flow *f, struct command_place *p)
{
    static const uint8_t tifs[] = {TIF_DAY, TIF_DAY, TIF_GTC, TIF_GTC, TIF_GTC,
                                   TIF_GTC, TIF_GTD, TIF_GTD, TIF_IOC, TIF_FOK};
    p->type = chance(f, 120) ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT;
    p->tif = PICK(f, tifs);
    if (p->type == ORDER_TYPE_MARKET && p->tif == TIF_GTD && chance(f, 900)) p->tif = TIF_IOC;
    if (p->tif == TIF_GTD)
        p->expires_ns = f->ts_ns + between(f, 1, chance(f, 500) ? 20000000 : 500000000) / 1000000 * 1000000;
    if (p->tif == TIF_GTD && p->expires_ns <= f->ts_ns) p->expires_ns = f->ts_ns + 1;
    bool may_rest = p->type == ORDER_TYPE_LIMIT && p->tif <= TIF_GTD;
    if (may_rest && chance(f, 150)) p->flags = PLACE_POST_ONLY;
}

static void make_place(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_PLACE;
    struct command_place *p = &c->place;
    choose_parties(f, m, p);
    p->stop_price = p->display_quantity = p->leverage = p->price = absent;
    p->quantity = (struct decimal){1, 0};
    p->side = (uint8_t)(1 + below(f, 2));
    p->stp = (uint8_t)below(f, 2);
    p->client_order_id = any_client_order_id(f);
    choose_order_type(f, p);
    const struct instrument_state *i = model_instrument(m, &p->symbol);
    if (i != NULL) {
        p->quantity = written(f, some_quantity(f, i), i->spec.quantity_scale);
        int64_t price = f->deep ? far_price(f, i, p->side) : near_price(f, i);
        if (p->type == ORDER_TYPE_LIMIT) p->price = written(f, price, i->spec.price_scale);
    }
    if (chance(f, 80)) spoil_place(f, p);
}

/* The largest quantities there are, between house accounts, so that positions and notionals reach their bounds. */
static void make_whale_place(struct flow *f, const struct model *m, struct command *c)
{
    make_place(f, m, c);
    struct command_place *p = &c->place;
    for (uint32_t k = 3; k < m->accounts_count; k++) {
        const struct account_state *a = &m->accounts[3 + (k + f->seq) % (m->accounts_count - 3)];
        if (a->type == ACCOUNT_TYPE_HOUSE) p->account = a->account;
    }
    const struct instrument_state *i = NULL;
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_spec *spec = &m->instruments[k].spec;
        if (spec->max_quantity == 0 && spec->max_notional == 0 && spec->collar_ppm == 0) i = &m->instruments[k];
    }
    if (i == NULL) return;
    p->symbol = i->spec.symbol;
    p->quantity = (struct decimal){whale_quantity(i), i->spec.quantity_scale};
    p->price = p->type == ORDER_TYPE_LIMIT ? (struct decimal){i->spec.tick, i->spec.price_scale} : absent;
    p->side = (uint8_t)(p->account.bytes[2] % 2 + 1);
}

static uint64_t some_order_id(struct flow *f, const struct model *m)
{
    uint64_t *past = &f->past_order_ids[below(f, 16)];
    if (m->orders_count == 0 || chance(f, 60)) return chance(f, 300) ? next_random(f) : *past;
    return *past = m->orders[below(f, m->orders_count)].id;
}

static void choose_new_quantity(struct flow *f, const struct order_state *o, const struct instrument_state *i,
                                struct command_modify *s)
{
    int64_t filled = o->quantity - o->leaves, lot = i->spec.lot, quantity = o->quantity;
    switch (below(f, 6)) {
    case 0: quantity = o->quantity + between(f, 1, 5) * lot; break;
    case 1:
    case 2: quantity = o->quantity - between(f, 1, 3) * lot; break;
    case 3: quantity = filled + between(f, -1, 1) * lot; break;
    case 4: quantity = some_quantity(f, i); break;
    default: break;
    }
    s->quantity = written(f, quantity, i->spec.quantity_scale);
}

static void make_modify(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_MODIFY;
    struct command_modify *s = &c->modify;
    s->order_id = some_order_id(f, m);
    s->price = s->quantity = s->stop_price = s->display_quantity = absent;
    const struct order_state *o = model_order(m, s->order_id);
    if (o == NULL) {
        s->quantity = (struct decimal){5, 0};
        return;
    }
    const struct instrument_state *i = &m->instruments[0];
    for (uint32_t k = 0; k < m->instruments_count; k++)
        if (m->instruments[k].id == o->instrument_id) i = &m->instruments[k];
    bool both = chance(f, 300);
    bool price = both || chance(f, 400);
    int64_t other = f->deep ? far_price(f, i, o->side) : near_price(f, i);
    if (price) s->price = written(f, chance(f, 150) ? o->price : other, i->spec.price_scale);
    if (both || !price) choose_new_quantity(f, o, i, s);
    if (!chance(f, 80)) return;
    switch (below(f, 5)) {
    case 0: s->price = spoiled(f, s->price); break;
    case 1: s->quantity = spoiled(f, s->quantity); break;
    case 2: s->stop_price = (struct decimal){1, 0}; break;
    case 3: s->display_quantity = (struct decimal){1, 0}; break;
    default: s->price = s->quantity = absent; break;
    }
}

static void make_mass_cancel(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_MASS_CANCEL;
    struct command_mass_cancel *s = &c->mass_cancel;
    if (f->deep || chance(f, 600)) s->account = known_account(f, m);
    if (chance(f, 500)) s->symbol = known_symbol(f, m);
    if (chance(f, 500)) s->side = (uint8_t)(1 + below(f, 2));
    if (chance(f, 30)) s->side = 3;
    if (chance(f, 20)) s->account = word("nobody");
    if (chance(f, 20)) s->symbol = word("NOTHING");
}

static void make_end_of_day(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_END_OF_DAY;
    if (f->deep || chance(f, 600)) c->end_of_day.symbol = known_symbol(f, m);
    if (chance(f, 50)) c->end_of_day.symbol = word("NOTHING");
}

static void make_any(struct flow *f, const struct model *m, struct command *c)
{
    unsigned roll = below(f, 1000);
    if (f->deep && roll >= 600 && roll < 834 && chance(f, 600)) roll = 0;
    if (m->orders_count == 0 && roll < 830 && chance(f, 950)) roll = 0; /* nothing to cancel or modify */
    if (roll < 600)
        make_place(f, m, c);
    else if (roll < 690)
        c->kind = COMMAND_CANCEL, c->cancel.order_id = some_order_id(f, m);
    else if (roll < 810)
        make_modify(f, m, c);
    else if (roll < 828)
        make_mass_cancel(f, m, c);
    else if (roll < 834)
        make_end_of_day(f, m, c);
    else if (roll < 860 && f->deep)
        make_place(f, m, c); /* and the sweeps above are few enough for the book to grow */
    else if (roll < 860)
        c->kind = COMMAND_TICK;
    else if (roll < 866)
        c->kind = COMMAND_CONTINUE;
    else if (roll < 930)
        make_move_cash(f, m, c);
    else if (roll < 945)
        make_set_account(f, m, c);
    else if (roll < 968)
        make_set_instrument(f, m, c);
    else if (roll < 974)
        make_set_currency(f, c);
    else if (roll < 995)
        make_set_quote(f, m, c);
    else if (roll < 997)
        c->kind = (uint8_t)(chance(f, 500) ? 0 : COMMAND_KIND_NUMBER_MAX + 1 + below(f, 200));
    else if (roll < 998)
        c->kind = COMMAND_SET_LIMITS, c->set_limits = m->scalars.limits;
    else if (chance(f, 850))
        c->kind = COMMAND_TICK;
    else {
        f->whale_commands_left = 150;
        make_whale_place(f, m, c);
    }
}

/* The first commands: some before the limits, then currencies, accounts, instruments and cash to begin with. */
enum { STEPS_BEFORE_LIMITS = 4, STEPS_OF_SETUP = 60 };
static void make_setup(struct flow *f, const struct model *m, struct command *c)
{
    uint32_t step = f->setup_step++;
    if (step < STEPS_BEFORE_LIMITS) {
        make_any(f, m, c);
        if (c->kind == COMMAND_SET_LIMITS) c->kind = COMMAND_TICK;
    } else if (step == STEPS_BEFORE_LIMITS) {
        c->kind = COMMAND_SET_LIMITS;
        c->set_limits = m->scalars.limits;
    } else if (step < 10) {
        make_set_currency(f, c);
    } else if (step < 20) {
        make_set_instrument(f, m, c);
    } else if (step < 32) {
        make_set_account(f, m, c);
    } else if (step % 2 == 0) {
        make_place(f, m, c); /* before cash has taken every balance */
    } else {
        make_move_cash(f, m, c);
    }
}

void flow_next(struct flow *f, const struct model *m, struct command *c)
{
    static const int64_t steps_ns[] = {0, 0, 1, 1000, 1000000, 1000000, 3000000, 20000000};
    memset(c, 0, sizeof *c);
    f->ts_ns += PICK(f, steps_ns);
    if (chance(f, 5)) f->ts_ns += 1000000000;
    if (f->setup_step < STEPS_OF_SETUP) {
        make_setup(f, m, c);
    } else if (model_continue_needed(m, f->ts_ns) && chance(f, 700)) {
        c->kind = COMMAND_CONTINUE;
    } else if (f->whale_commands_left > 0) {
        f->whale_commands_left--;
        make_whale_place(f, m, c);
        if (f->whale_commands_left == 0) make_mass_cancel(f, m, c);
    } else {
        make_any(f, m, c);
    }
    c->seq = ++f->seq;
    c->ts_ns = f->ts_ns;
}
