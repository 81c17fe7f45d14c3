/* core/registry.c - currencies, instruments, accounts, cash and quotes: everything that is set rather than traded.
 * What must stay true: a currency's and an instrument's scales never change; tick_gcd x lot_gcd is a whole number of currency units, so
 * every notional is exact; a refused command has made nothing, not even its currency. docs/ENGINE.md has the order of checks. */
#include "core/engine_parts.h"
#include "core/money.h"

static uint64_t made_id(const struct engine *e, unsigned index)
{
    return e->seq << ORDER_INDEX_BITS | index;
}

static void account_event(struct turn *t, const struct account *a)
{
    struct event *ev = turn_event(t, EVENT_ACCOUNT_SET);
    account_value(a, &ev->account_set);
}

static uint32_t house_make(struct turn *t, unsigned index, const char *name)
{
    struct engine *e = t->engine;
    struct name n = name_of(name);
    uint32_t a = account_make(e, made_id(e, index), &n);
    account_at(e, a)->type = ACCOUNT_TYPE_HOUSE;
    account_at(e, a)->status = ACCOUNT_STATUS_ACTIVE;
    account_at(e, a)->allow_short = 1;
    account_event(t, account_at(e, a));
    e->digest += digest_account(&t->events[t->count - 1].account_set);
    return a;
}

void apply_set_limits(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    assert(memcmp(&c->set_limits, &e->limits, sizeof e->limits) == 0);
    if (e->limits.accounts_max < 3) {
        turn_reject(t, c, REJECT_ACCOUNTS_FULL, 0);
        return;
    }
    e->ready = 1;
    turn_event(t, EVENT_LIMITS_SET)->limits_set = c->set_limits;
    e->fees_account = house_make(t, 0, "@fees");
    e->external_account = house_make(t, 1, "@external");
    house_make(t, 2, "@import");
}

static uint32_t currency_add(struct turn *t, uint64_t id, const struct name *name, uint8_t scale)
{
    struct engine *e = t->engine;
    uint32_t index = currency_make(e, id, name, scale);
    struct event *ev = turn_event(t, EVENT_CURRENCY_SET);
    currency_value(currency_at(e, index), &ev->currency_set);
    e->digest += digest_currency(&ev->currency_set);
    return index;
}

void apply_set_currency(struct turn *t, const struct command *c)
{
    enum { SCALE_DEFAULT = 2 };
    struct engine *e = t->engine;
    const struct command_set_currency *s = &c->set_currency;
    bool given = s->scale != DECIMAL_ABSENT;
    uint32_t index = currency_find(e, &s->currency);
    enum reject no = 0;
    if (name_empty(&s->currency) || (given && s->scale > CASH_SCALE_MAX))
        no = REJECT_FIELD_INVALID;
    else if (index != 0 && given && currency_at(e, index)->scale != s->scale)
        no = REJECT_SCALE_FIXED;
    else if (index == 0 && pool_full(&e->currencies))
        no = REJECT_CURRENCIES_FULL;
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    if (index == 0)
        currency_add(t, made_id(e, 0), &s->currency, given ? s->scale : SCALE_DEFAULT);
    else
        currency_value(currency_at(e, index), &turn_event(t, EVENT_CURRENCY_SET)->currency_set);
}

/* Instruments. */

static int64_t gcd_i64(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Decimals of a step once trailing zeros are gone: 0.0100 has 2, 5 has 0. */
static uint8_t decimals_of(struct decimal d)
{
    while (d.scale > 0 && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.scale--;
    }
    return d.scale;
}

/* a x b is a multiple of 10^exponent: each factor 2 and 5 is taken from wherever it is, so nothing overflows. */
static bool product_divides(int64_t a, int64_t b, unsigned exponent)
{
    static const int64_t primes[] = {2, 5};
    for (unsigned p = 0; p < 2; p++) {
        unsigned wanted = exponent;
        int64_t x = a, y = b;
        for (; wanted > 0 && x % primes[p] == 0; wanted--) x /= primes[p];
        for (; wanted > 0 && y % primes[p] == 0; wanted--) y /= primes[p];
        if (wanted > 0) return false;
    }
    return true;
}

void instrument_set_spec(struct instrument *i, const struct instrument_spec *s)
{
    i->tick = s->tick;
    i->lot = s->lot;
    i->min_quantity = s->min_quantity;
    i->max_quantity = s->max_quantity;
    i->max_notional = s->max_notional;
    i->collar_ppm = s->collar_ppm;
    i->maker_fee_rate = s->maker_fee_rate;
    i->taker_fee_rate = s->taker_fee_rate;
    int64_t worst = s->maker_fee_rate > s->taker_fee_rate ? s->maker_fee_rate : s->taker_fee_rate;
    i->fee_rate_worst = worst > 0 ? worst : 0;
    i->settlement_days = s->settlement_days;
    i->price_scale = s->price_scale;
    i->quantity_scale = s->quantity_scale;
    i->currency_scale = s->currency_scale;
    i->trigger = s->trigger;
    i->state = s->state;
}

/* A step named by a command: at creation it fixes the scale, later it must fit it. */
static enum reject step_judge(struct decimal d, bool creating, uint8_t *scale, int64_t largest, int64_t *step)
{
    if (d.scale > DECIMAL_SCALE_MAX || d.mantissa <= 0) return REJECT_FIELD_INVALID;
    if (creating) *scale = decimals_of(d);
    switch (scale_decimal(d, *scale, largest, step)) {
    case SCALE_GOOD: return 0;
    case SCALE_INEXACT: return REJECT_SCALE_FIXED;
    default: return REJECT_FIELD_INVALID;
    }
}

static enum reject quantity_bound_judge(struct decimal d, uint8_t scale, int64_t *out)
{
    return d.mantissa < 0 || scale_decimal(d, scale, QUANTITY_MAX, out) != SCALE_GOOD ? REJECT_FIELD_INVALID : 0;
}

/* A rate with four decimals beyond its unit: percent to millionths, basis points to 10^-8. */
static enum reject rate_judge(struct decimal d, int64_t lowest, int64_t highest, int64_t *out)
{
    int64_t rate;
    if (scale_decimal(d, 4, INT64_MAX, &rate) != SCALE_GOOD || rate < lowest || rate > highest)
        return REJECT_FIELD_INVALID;
    *out = rate;
    return 0;
}

static enum reject steps_judge(const struct command_set_instrument *s, bool creating, struct instrument_state *now)
{
    struct instrument_spec *spec = &now->spec;
    enum reject no = 0;
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE)
        no = step_judge(s->tick_size, creating, &spec->price_scale, PRICE_MAX, &spec->tick);
    if (no == 0 && (s->fields & INSTRUMENT_HAS_LOT_SIZE))
        no = step_judge(s->lot_size, creating, &spec->quantity_scale, QUANTITY_MAX, &spec->lot);
    if (no != 0) return no;
    now->tick_gcd = gcd_i64(spec->tick, now->tick_gcd);
    now->lot_gcd = gcd_i64(spec->lot, now->lot_gcd);
    int surplus = spec->price_scale + spec->quantity_scale - spec->currency_scale;
    if (surplus > 0 && !product_divides(now->tick_gcd, now->lot_gcd, (unsigned)surplus)) return REJECT_STEP_NOT_WHOLE;
    return 0;
}

static enum reject bounds_judge(const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if ((s->fields & INSTRUMENT_HAS_MIN_QUANTITY) &&
        quantity_bound_judge(s->min_quantity, spec->quantity_scale, &spec->min_quantity) != 0)
        return REJECT_FIELD_INVALID;
    if ((s->fields & INSTRUMENT_HAS_MAX_QUANTITY) &&
        quantity_bound_judge(s->max_quantity, spec->quantity_scale, &spec->max_quantity) != 0)
        return REJECT_FIELD_INVALID;
    if (spec->max_quantity != 0 && spec->min_quantity > spec->max_quantity) return REJECT_FIELD_INVALID;
    if ((s->fields & INSTRUMENT_HAS_MAX_NOTIONAL) &&
        (s->max_notional.mantissa < 0 ||
         scale_amount(s->max_notional, spec->currency_scale, NOTIONAL_MAX, &spec->max_notional) != SCALE_GOOD))
        return REJECT_FIELD_INVALID;
    if ((s->fields & INSTRUMENT_HAS_COLLAR) && rate_judge(s->collar_percent, 0, COLLAR_PPM_MAX, &spec->collar_ppm) != 0)
        return REJECT_FIELD_INVALID;
    if ((s->fields & INSTRUMENT_HAS_MAKER_FEE) &&
        rate_judge(s->maker_fee_bps, -FEE_RATE_ONE, FEE_RATE_ONE, &spec->maker_fee_rate) != 0)
        return REJECT_FIELD_INVALID;
    if ((s->fields & INSTRUMENT_HAS_TAKER_FEE) &&
        rate_judge(s->taker_fee_bps, -FEE_RATE_ONE, FEE_RATE_ONE, &spec->taker_fee_rate) != 0)
        return REJECT_FIELD_INVALID;
    return spec->maker_fee_rate + spec->taker_fee_rate < 0 ? REJECT_FIELD_INVALID : 0;
}

static enum reject modes_judge(const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if (s->fields & INSTRUMENT_HAS_TRIGGER) {
        if (s->trigger == 0 || s->trigger > TRIGGER_NUMBER_MAX) return REJECT_FIELD_INVALID;
        spec->trigger = s->trigger;
    }
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) spec->settlement_days = s->settlement_days;
    if (s->fields & INSTRUMENT_HAS_STATE) {
        if (s->state == 0 || s->state > INSTRUMENT_STATE_NUMBER_MAX) return REJECT_FIELD_INVALID;
        if (s->state == INSTRUMENT_STATE_PRE_OPEN || s->state == INSTRUMENT_STATE_AUCTION) return REJECT_NOT_SUPPORTED;
        spec->state = s->state;
    }
    return 0;
}

static void instrument_defaults(struct instrument_state *now, const struct name *symbol, const struct name *currency)
{
    *now = (struct instrument_state){.spec = {.symbol = *symbol,
                                              .currency = *currency,
                                              .tick = 1,
                                              .lot = 1,
                                              .price_scale = 2,
                                              .trigger = TRIGGER_LAST,
                                              .state = INSTRUMENT_STATE_CONTINUOUS}};
}

/* What the instrument would be after the command, or why not. */
static enum reject instrument_judge(const struct engine *e, const struct command_set_instrument *s, uint32_t index,
                                    struct instrument_state *now)
{
    enum { CURRENCY_SCALE_DEFAULT = 2 };
    bool named = (s->fields & INSTRUMENT_HAS_CURRENCY) != 0;
    if (name_empty(&s->symbol)) return REJECT_FIELD_INVALID;
    if (s->symbol.bytes[0] == '@') return REJECT_NAME_RESERVED;
    if (named && name_empty(&s->currency)) return REJECT_FIELD_INVALID;
    if (index == 0) {
        struct name currency = named ? s->currency : name_of("USD");
        uint32_t known = currency_find(e, &currency);
        if (pool_full(&e->instruments)) return REJECT_INSTRUMENTS_FULL;
        if (known == 0 && pool_full(&e->currencies)) return REJECT_CURRENCIES_FULL;
        instrument_defaults(now, &s->symbol, &currency);
        now->spec.currency_scale = known != 0 ? currency_at(e, known)->scale : CURRENCY_SCALE_DEFAULT;
    } else {
        instrument_value(e, instrument_at(e, index), now);
        if (named && !names_same(&s->currency, &now->spec.currency)) return REJECT_SCALE_FIXED;
    }
    enum reject no = steps_judge(s, index == 0, now);
    if (no == 0) no = bounds_judge(s, &now->spec);
    if (no == 0) no = modes_judge(s, &now->spec);
    return no;
}

void apply_set_instrument(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_instrument *s = &c->set_instrument;
    uint32_t index = instrument_find(e, &s->symbol);
    struct instrument_state now;
    enum reject no = instrument_judge(e, s, index, &now);
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    /* From here on it cannot fail. */
    if (index == 0) {
        unsigned made = 0;
        uint32_t currency = currency_find(e, &now.spec.currency);
        if (currency == 0) currency = currency_add(t, made_id(e, made++), &now.spec.currency, now.spec.currency_scale);
        index = instrument_make(e, made_id(e, made), &s->symbol);
        instrument_at(e, index)->currency = currency;
        instrument_touch(e, instrument_at(e, index));
    } else {
        instrument_touch(e, instrument_at(e, index));
    }
    struct instrument *i = instrument_at(e, index);
    instrument_set_spec(i, &now.spec);
    i->tick_gcd = now.tick_gcd;
    i->lot_gcd = now.lot_gcd;
    instrument_value(e, i, &turn_event(t, EVENT_INSTRUMENT_SET)->instrument_set);
}

/* Accounts. */

static enum reject account_judge(const struct engine *e, const struct command_set_account *s, uint32_t index,
                                 struct account_state *now)
{
    if (name_empty(&s->account)) return REJECT_FIELD_INVALID;
    if (s->account.bytes[0] == '@') return REJECT_NAME_RESERVED;
    if (index == 0 && pool_full(&e->accounts)) return REJECT_ACCOUNTS_FULL;
    if (index == 0)
        *now = (struct account_state){.account = s->account,
                                      .leverage = LEVERAGE_ONE,
                                      .type = ACCOUNT_TYPE_CASH,
                                      .status = ACCOUNT_STATUS_ACTIVE};
    else
        account_value(account_at(e, index), now);
    const struct account_state before = *now;
    if (s->fields & ACCOUNT_HAS_TYPE) now->type = s->type;
    if (s->fields & ACCOUNT_HAS_STATUS) now->status = s->status;
    if (now->type == 0 || now->type > ACCOUNT_TYPE_NUMBER_MAX || now->status == 0 ||
        now->status > ACCOUNT_STATUS_NUMBER_MAX)
        return REJECT_FIELD_INVALID;
    if (s->fields & ACCOUNT_HAS_LEVERAGE) {
        int64_t leverage;
        if (scale_decimal(s->leverage, 2, LEVERAGE_MAX, &leverage) != SCALE_GOOD || leverage < LEVERAGE_ONE)
            return REJECT_FIELD_INVALID;
        now->leverage = (uint32_t)leverage;
    }
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) now->allow_short = s->allow_short;
    if (now->type == ACCOUNT_TYPE_CASH && (now->leverage != LEVERAGE_ONE || now->allow_short))
        return REJECT_FIELD_INVALID;
    bool changes =
        before.type != now->type || before.leverage != now->leverage || before.allow_short != now->allow_short;
    if (index != 0 && changes && (account_at(e, index)->orders_count != 0 || account_at(e, index)->positions_open != 0))
        return REJECT_ACCOUNT_IN_USE;
    return 0;
}

void apply_set_account(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t index = account_find(e, &c->set_account.account);
    struct account_state now, old;
    enum reject no = account_judge(e, &c->set_account, index, &now);
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    if (index != 0) {
        account_value(account_at(e, index), &old);
        e->digest -= digest_account(&old);
    } else {
        index = account_make(e, made_id(e, 0), &now.account);
    }
    struct account *a = account_at(e, index);
    a->type = now.type;
    a->status = now.status;
    a->leverage = now.leverage;
    a->allow_short = now.allow_short;
    account_event(t, a);
    e->digest += digest_account(&t->events[t->count - 1].account_set);
}

/* Cash. */

static i128 cash_of(const struct engine *e, uint32_t balance)
{
    return balance == 0 ? 0 : balance_at(e, balance)->cash;
}
static bool cash_too_large(i128 cash)
{
    return cash > CASH_MAX || cash < -CASH_MAX;
}

static enum reject cash_judge(const struct engine *e, const struct command_move_cash *s, uint32_t account,
                              uint32_t currency, i128 *amount)
{
    enum { CURRENCY_SCALE_DEFAULT = 2 };
    if (name_empty(&s->currency)) return REJECT_FIELD_INVALID;
    if (account == 0) return REJECT_UNKNOWN_ACCOUNT;
    if (s->account.bytes[0] == '@') return REJECT_NAME_RESERVED;
    if (currency == 0 && pool_full(&e->currencies)) return REJECT_CURRENCIES_FULL;
    unsigned scale = currency == 0 ? CURRENCY_SCALE_DEFAULT : currency_at(e, currency)->scale;
    if (scale_amount(s->amount, scale, NOTIONAL_MAX, amount) != SCALE_GOOD || *amount == 0) return REJECT_FIELD_INVALID;
    uint32_t own = currency == 0 ? 0 : balance_find(e, account, currency);
    uint32_t external = currency == 0 ? 0 : balance_find(e, e->external_account, currency);
    uint32_t missing = (uint32_t)(own == 0) + (uint32_t)(external == 0);
    if (missing > e->balances.capacity - e->balances.live) return REJECT_POSITIONS_FULL;
    if (cash_too_large(cash_of(e, own) + *amount) || cash_too_large(cash_of(e, external) - *amount))
        return REJECT_CASH_TOO_LARGE;
    i128 free = own == 0 ? 0 : balance_free(balance_at(e, own));
    if (*amount < 0 && account_at(e, account)->type != ACCOUNT_TYPE_HOUSE && free + *amount < 0)
        return REJECT_CASH_SHORT;
    return 0;
}

static struct balance *balance_change(struct engine *e, uint32_t account, uint32_t currency, i128 amount)
{
    uint32_t index = balance_find(e, account, currency);
    if (index == 0) index = balance_make(e, account, currency);
    struct balance *b = balance_at(e, index);
    balance_touch(e, b);
    b->cash += amount;
    return b;
}

void apply_move_cash(struct turn *t, const struct command *c)
{
    enum { CURRENCY_SCALE_DEFAULT = 2 };
    struct engine *e = t->engine;
    const struct command_move_cash *s = &c->move_cash;
    uint32_t account = account_find(e, &s->account), currency = currency_find(e, &s->currency);
    i128 amount = 0;
    enum reject no = cash_judge(e, s, account, currency, &amount);
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    /* From here on it cannot fail. */
    if (currency == 0) currency = currency_add(t, made_id(e, 0), &s->currency, CURRENCY_SCALE_DEFAULT);
    const struct balance *b = balance_change(e, account, currency, amount);
    balance_change(e, e->external_account, currency, -amount);
    struct event_cash_moved *ev = &turn_event(t, EVENT_CASH_MOVED)->cash_moved;
    ev->account = s->account;
    ev->currency = s->currency;
    ev->amount = amount;
    ev->cash = b->cash;
    ev->scale = currency_at(e, currency)->scale;
}

/* Quotes. */

static enum reject quoted_judge(struct decimal d, uint8_t scale, int64_t largest, enum reject inexact,
                                enum reject too_large, int64_t *out)
{
    *out = 0;
    if (!decimal_given(d)) return 0;
    switch (scale_decimal(d, scale, largest, out)) {
    case SCALE_GOOD: return *out < 0 ? REJECT_FIELD_INVALID : 0;
    case SCALE_INEXACT: return inexact;
    case SCALE_TOO_LARGE: return too_large;
    default: return REJECT_FIELD_INVALID;
    }
}

static enum reject quote_judge(const struct instrument *i, const struct command_set_quote *s, struct event_quoted *q)
{
    enum reject no =
        quoted_judge(s->bid, i->price_scale, PRICE_MAX, REJECT_PRICE_OFF_TICK, REJECT_PRICE_TOO_LARGE, &q->bid);
    if (no == 0)
        no = quoted_judge(s->bid_quantity, i->quantity_scale, QUANTITY_MAX, REJECT_QUANTITY_OFF_LOT,
                          REJECT_QUANTITY_TOO_LARGE, &q->bid_quantity);
    if (no == 0)
        no = quoted_judge(s->ask, i->price_scale, PRICE_MAX, REJECT_PRICE_OFF_TICK, REJECT_PRICE_TOO_LARGE, &q->ask);
    if (no == 0)
        no = quoted_judge(s->ask_quantity, i->quantity_scale, QUANTITY_MAX, REJECT_QUANTITY_OFF_LOT,
                          REJECT_QUANTITY_TOO_LARGE, &q->ask_quantity);
    if (no != 0) return no;
    if (q->bid == 0) q->bid_quantity = 0;
    if (q->ask == 0) q->ask_quantity = 0;
    return q->bid != 0 && q->ask != 0 && q->bid > q->ask ? REJECT_FIELD_INVALID : 0;
}

void apply_set_quote(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t index = instrument_find(e, &c->set_quote.symbol);
    if (index == 0) {
        turn_reject(t, c, REJECT_UNKNOWN_INSTRUMENT, 0);
        return;
    }
    struct instrument *i = instrument_at(e, index);
    struct event_quoted q = {.symbol = i->symbol, .price_scale = i->price_scale, .quantity_scale = i->quantity_scale};
    enum reject no = quote_judge(i, &c->set_quote, &q);
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    instrument_touch(e, i);
    i->bid = q.bid;
    i->bid_quantity = q.bid_quantity;
    i->ask = q.ask;
    i->ask_quantity = q.ask_quantity;
    turn_event(t, EVENT_QUOTED)->quoted = q;
}
