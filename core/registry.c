/* core/registry.c - currencies, instruments, accounts, trading states, cash and quotes: everything that is set rather than traded.
 * What must stay true: a currency's and an instrument's scales never change; tick_gcd x lot_gcd is a whole number of currency units, so
 * every notional is exact; a refused command has made nothing, not even its currency. docs/ENGINE.md has the order of checks. */
#include "core/desk_parts.h"

/* An unknown currency that a SET_INSTRUMENT or a MOVE_CASH names is made with this scale. */
enum { CURRENCY_SCALE_DEFAULT = 2 };

static uint64_t made_id(const struct engine *e, unsigned index)
{
    return e->seq << ORDER_INDEX_BITS | index;
}

static enum reject refuse_full(struct turn *t, enum reject reason, uint32_t limit)
{
    return refuse_numbers(t, reason, 0, 0, DECIMAL_ABSENT, limit, 0);
}
static enum reject invalid(struct turn *t, enum refusal_field field)
{
    return refuse(t, REJECT_FIELD_INVALID, field);
}

static void account_event(struct turn *t, const struct account *a)
{
    account_value(t->engine, a, &turn_event(t, EVENT_ACCOUNT_SET)->account_set);
}

uint32_t house_make(struct turn *t, unsigned id_index, const struct name *name)
{
    struct engine *e = t->engine;
    uint32_t a = account_make(e, made_id(e, id_index), name);
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
    e->ready = 1;
    turn_event(t, EVENT_LIMITS_SET)->limits_set = c->set_limits;
    static const struct name house[HOUSE_ACCOUNTS] = {{"@fees"}, {"@external"}, {"@import"}, {"@QUOTE"}};
    e->fees_account = house_make(t, 0, &house[0]);
    e->external_account = house_make(t, 1, &house[1]);
    house_make(t, 2, &house[2]);
    e->quote_account = house_make(t, 3, &house[3]);
    static const struct name venues[] = {{"BOOK"}, {"QUOTE"}};
    venue_add(e, made_id(e, HOUSE_ACCOUNTS), &venues[0]);
    venue_add(e, made_id(e, HOUSE_ACCOUNTS + 1), &venues[1]);
    e->venues[VENUE_QUOTE].account = e->quote_account;
    venue_event(t, VENUE_BOOK, 0, VENUE_CAUSE_OPERATOR);
    venue_event(t, VENUE_QUOTE, 0, VENUE_CAUSE_OPERATOR);
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

static enum reject currency_judge(struct turn *t, const struct command_set_currency *s, uint32_t index)
{
    const struct engine *e = t->engine;
    bool given = s->scale != DECIMAL_ABSENT;
    if (name_empty(&s->currency)) return invalid(t, REFUSAL_CURRENCY);
    if (given && s->scale > CASH_SCALE_MAX) return invalid(t, REFUSAL_SCALE);
    if (index != 0 && given && currency_at(e, index)->scale != s->scale)
        return refuse(t, REJECT_SCALE_FIXED, REFUSAL_SCALE);
    if (index == 0 && pool_full(&e->currencies))
        return refuse_full(t, REJECT_CURRENCIES_FULL, e->limits.currencies_max);
    return pending_judge(t);
}

void apply_set_currency(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_currency *s = &c->set_currency;
    uint32_t index = currency_find(e, &s->currency);
    if (currency_judge(t, s, index) != 0)
        turn_reject(t, c, 0);
    else if (index == 0)
        currency_add(t, made_id(e, 0), &s->currency, s->scale != DECIMAL_ABSENT ? s->scale : CURRENCY_SCALE_DEFAULT);
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
    i->max_leverage = s->max_leverage;
    i->trigger = s->trigger;
    i->mark = s->mark;
    i->halt_on_breach = s->halt_on_breach;
}

/* A step named by a command: at creation it fixes the scale, later it must fit it. */
static enum reject step_judge(struct turn *t, enum refusal_field field, struct decimal d, bool creating, uint8_t *scale,
                              int64_t largest, int64_t *step)
{
    if (d.scale > DECIMAL_SCALE_MAX || d.mantissa <= 0) return invalid(t, field);
    if (creating) *scale = decimals_of(d);
    switch (scale_decimal(d, *scale, largest, step)) {
    case SCALE_GOOD: return 0;
    case SCALE_INEXACT: return refuse(t, REJECT_SCALE_FIXED, field);
    default: return invalid(t, field);
    }
}

/* A number that must be exact at a scale and inside bounds: quantities; leverages at 2 decimals; rates with four decimals beyond their
 * unit (percent to millionths, basis points to 10^-8). */
static enum reject bounded_judge(struct turn *t, enum refusal_field field, struct decimal d, unsigned scale,
                                 int64_t lowest, int64_t highest, int64_t *out)
{
    int64_t value;
    if (scale_decimal(d, scale, INT64_MAX, &value) != SCALE_GOOD || value < lowest || value > highest)
        return invalid(t, field);
    *out = value;
    return 0;
}

static enum reject leverage_judge(struct turn *t, enum refusal_field field, struct decimal d, bool may_be_zero,
                                  uint32_t *out)
{
    int64_t leverage = 0;
    enum reject no = bounded_judge(t, field, d, 2, 0, LEVERAGE_MAX, &leverage);
    if (no != 0) return no;
    if (leverage < LEVERAGE_ONE && !(leverage == 0 && may_be_zero)) return invalid(t, field);
    *out = (uint32_t)leverage;
    return 0;
}

bool instrument_steps_good(const struct instrument_state *s)
{
    int surplus = s->spec.price_scale + s->spec.quantity_scale - s->spec.currency_scale;
    if (s->tick_gcd <= 0 || s->lot_gcd <= 0 || s->spec.tick % s->tick_gcd != 0 || s->spec.lot % s->lot_gcd != 0)
        return false;
    return surplus <= 0 || product_divides(s->tick_gcd, s->lot_gcd, (unsigned)surplus);
}

static enum reject steps_judge(struct turn *t, const struct command_set_instrument *s, bool creating,
                               struct instrument_state *now)
{
    struct instrument_spec *spec = &now->spec;
    enum reject no = 0;
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE)
        no = step_judge(t, REFUSAL_TICK_SIZE, s->tick_size, creating, &spec->price_scale, PRICE_MAX, &spec->tick);
    if (no == 0 && (s->fields & INSTRUMENT_HAS_LOT_SIZE))
        no = step_judge(t, REFUSAL_LOT_SIZE, s->lot_size, creating, &spec->quantity_scale, QUANTITY_MAX, &spec->lot);
    if (no != 0) return no;
    now->tick_gcd = gcd_i64(spec->tick, now->tick_gcd);
    now->lot_gcd = gcd_i64(spec->lot, now->lot_gcd);
    return instrument_steps_good(now) ? 0 : refuse(t, REJECT_STEP_NOT_WHOLE, 0);
}

static enum reject bounds_judge(struct turn *t, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    enum reject no = 0;
    if (s->fields & INSTRUMENT_HAS_MIN_QUANTITY)
        no = bounded_judge(t, REFUSAL_MIN_QUANTITY, s->min_quantity, spec->quantity_scale, 0, QUANTITY_MAX,
                           &spec->min_quantity);
    if (no == 0 && (s->fields & INSTRUMENT_HAS_MAX_QUANTITY))
        no = bounded_judge(t, REFUSAL_MAX_QUANTITY, s->max_quantity, spec->quantity_scale, 0, QUANTITY_MAX,
                           &spec->max_quantity);
    if (no != 0) return no;
    if (spec->max_quantity != 0 && spec->min_quantity > spec->max_quantity) return invalid(t, REFUSAL_MAX_QUANTITY);
    if ((s->fields & INSTRUMENT_HAS_MAX_NOTIONAL) &&
        (s->max_notional.mantissa < 0 ||
         scale_amount(s->max_notional, spec->currency_scale, NOTIONAL_MAX, &spec->max_notional) != SCALE_GOOD))
        return invalid(t, REFUSAL_MAX_NOTIONAL);
    if (s->fields & INSTRUMENT_HAS_COLLAR)
        no = bounded_judge(t, REFUSAL_COLLAR, s->collar_percent, 4, 0, COLLAR_PPM_MAX, &spec->collar_ppm);
    return no;
}

static enum reject fees_judge(struct turn *t, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    enum reject no = 0;
    if (s->fields & INSTRUMENT_HAS_MAKER_FEE)
        no = bounded_judge(t, REFUSAL_MAKER_FEE, s->maker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE,
                           &spec->maker_fee_rate);
    if (no == 0 && (s->fields & INSTRUMENT_HAS_TAKER_FEE))
        no = bounded_judge(t, REFUSAL_TAKER_FEE, s->taker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE,
                           &spec->taker_fee_rate);
    if (no != 0) return no;
    return spec->maker_fee_rate + spec->taker_fee_rate < 0 ? invalid(t, REFUSAL_TAKER_FEE) : 0;
}

static enum reject modes_judge(struct turn *t, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if (s->fields & INSTRUMENT_HAS_TRIGGER) {
        if (s->trigger == 0 || s->trigger > TRIGGER_NUMBER_MAX) return invalid(t, REFUSAL_TRIGGER);
        spec->trigger = s->trigger;
    }
    if (s->fields & INSTRUMENT_HAS_MARK) {
        if (s->mark == 0 || s->mark > TRIGGER_NUMBER_MAX) return invalid(t, REFUSAL_MARK);
        spec->mark = s->mark;
    }
    if (s->fields & INSTRUMENT_HAS_MAX_LEVERAGE) {
        enum reject no = leverage_judge(t, REFUSAL_MAX_LEVERAGE, s->max_leverage, true, &spec->max_leverage);
        if (no != 0) return no;
    }
    if (s->fields & INSTRUMENT_HAS_STATE) {
        if (s->state == 0 || s->state > INSTRUMENT_STATE_NUMBER_MAX) return invalid(t, REFUSAL_STATE);
        spec->state = s->state;
    }
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) spec->settlement_days = s->settlement_days;
    if (s->fields & INSTRUMENT_HAS_HALT_ON_BREACH) spec->halt_on_breach = s->halt_on_breach;
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
                                              .mark = TRIGGER_LAST,
                                              .state = INSTRUMENT_STATE_CONTINUOUS}};
}

/* What the instrument is, or at creation would be, before the command's fields are applied. */
static enum reject instrument_begin(struct turn *t, const struct command_set_instrument *s, uint32_t index,
                                    struct instrument_state *now)
{
    const struct engine *e = t->engine;
    bool named = (s->fields & INSTRUMENT_HAS_CURRENCY) != 0;
    if (name_empty(&s->symbol)) return invalid(t, REFUSAL_SYMBOL);
    if (s->symbol.bytes[0] == '@') return refuse(t, REJECT_NAME_RESERVED, REFUSAL_SYMBOL);
    if (named && name_empty(&s->currency)) return invalid(t, REFUSAL_CURRENCY);
    if (index != 0) {
        instrument_value(e, instrument_at(e, index), now);
        if (named && !names_same(&s->currency, &now->spec.currency))
            return refuse(t, REJECT_SCALE_FIXED, REFUSAL_CURRENCY);
        return 0;
    }
    struct name currency = named ? s->currency : name_of("USD");
    uint32_t known = currency_find(e, &currency);
    if (pool_full(&e->instruments)) return refuse_full(t, REJECT_INSTRUMENTS_FULL, e->limits.instruments_max);
    if (known == 0 && pool_full(&e->currencies))
        return refuse_full(t, REJECT_CURRENCIES_FULL, e->limits.currencies_max);
    instrument_defaults(now, &s->symbol, &currency);
    now->spec.currency_scale = known != 0 ? currency_at(e, known)->scale : CURRENCY_SCALE_DEFAULT;
    return 0;
}

/* What the instrument would be after the command, or why not. */
static enum reject instrument_judge(struct turn *t, const struct command_set_instrument *s, uint32_t index,
                                    struct instrument_state *now)
{
    enum reject no = instrument_begin(t, s, index, now);
    if (no == 0) no = steps_judge(t, s, index == 0, now);
    if (no == 0) no = bounds_judge(t, s, &now->spec);
    if (no == 0) no = fees_judge(t, s, &now->spec);
    if (no == 0) no = modes_judge(t, s, &now->spec);
    if (no != 0) return no;
    const struct instrument *i = instrument_at(t->engine, index);
    if (index != 0 && i->max_leverage != now->spec.max_leverage && (i->orders_count != 0 || i->positions_open != 0))
        return refuse(t, REJECT_INSTRUMENT_IN_USE, REFUSAL_MAX_LEVERAGE);
    return pending_judge(t);
}

static uint32_t instrument_add(struct turn *t, const struct instrument_spec *s)
{
    struct engine *e = t->engine;
    unsigned made = 0;
    uint32_t currency = currency_find(e, &s->currency);
    if (currency == 0) currency = currency_add(t, made_id(e, made++), &s->currency, s->currency_scale);
    uint32_t index = instrument_make(e, made_id(e, made), &s->symbol);
    instrument_at(e, index)->currency = currency;
    instrument_at(e, index)->state = s->state;
    return index;
}

void apply_set_instrument(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_instrument *s = &c->set_instrument;
    uint32_t index = instrument_find(e, &s->symbol);
    struct instrument_state now;
    if (instrument_judge(t, s, index, &now) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    if (index == 0) index = instrument_add(t, &now.spec);
    struct instrument *i = instrument_at(e, index);
    assert(i->range_low == 0 &&
           i->range_high == 0); /* else it was live and this pending, or not live and so without a range */
    instrument_touch(e, i);
    instrument_set_spec(i, &now.spec);
    i->tick_gcd = now.tick_gcd;
    i->lot_gcd = now.lot_gcd;
    instrument_value(e, i, &turn_event(t, EVENT_INSTRUMENT_SET)->instrument_set);
    if (i->state != now.spec.state) session_change(t, index, now.spec.state);
}

/* Accounts. */

static enum reject account_modes_judge(struct turn *t, const struct command_set_account *s, struct account_state *now)
{
    if (s->fields & ACCOUNT_HAS_TYPE) now->type = s->type;
    if (now->type == 0 || now->type > ACCOUNT_TYPE_NUMBER_MAX) return invalid(t, REFUSAL_TYPE);
    if (s->fields & ACCOUNT_HAS_STATUS) now->status = s->status;
    if (now->status == 0 || now->status > ACCOUNT_STATUS_NUMBER_MAX) return invalid(t, REFUSAL_STATUS);
    if (s->fields & ACCOUNT_HAS_LEVERAGE) {
        enum reject no = leverage_judge(t, REFUSAL_LEVERAGE, s->leverage, false, &now->leverage);
        if (no != 0) return no;
    }
    if (s->fields & ACCOUNT_HAS_STP) {
        if (s->stp == 0 || s->stp > STP_NUMBER_MAX) return invalid(t, REFUSAL_STP);
        now->stp = s->stp == STP_NONE ? 0 : s->stp;
    }
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) now->allow_short = s->allow_short;
    return 0;
}

/* At nine decimals every decimal is exact. */
static enum reject nine_judge(struct turn *t, enum refusal_field field, struct decimal d, i128 *out)
{
    if (d.scale > DECIMAL_SCALE_MAX || d.mantissa < 0) return invalid(t, field);
    *out = (i128)d.mantissa * pow10_i64(DECIMAL_SCALE_MAX - d.scale);
    return 0;
}

static enum reject account_limits_judge(struct turn *t, const struct command_set_account *s, struct account_state *now)
{
    struct account_limits *l = &now->limits;
    enum reject no = 0;
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_QUANTITY)
        no = nine_judge(t, REFUSAL_MAX_ORDER_QUANTITY, s->max_order_quantity, &l->max_order_quantity);
    if (no == 0 && (s->fields & ACCOUNT_HAS_MAX_ORDER_NOTIONAL))
        no = nine_judge(t, REFUSAL_MAX_ORDER_NOTIONAL, s->max_order_notional, &l->max_order_notional);
    if (no == 0 && (s->fields & ACCOUNT_HAS_MAX_POSITION))
        no = nine_judge(t, REFUSAL_MAX_POSITION, s->max_position, &l->max_position);
    if (no != 0) return no;
    if (s->fields & ACCOUNT_HAS_MAX_OPEN_ORDERS) l->max_open_orders = s->max_open_orders;
    if (s->fields & ACCOUNT_HAS_MAX_ORDERS_PER_SECOND) {
        if (s->max_orders_per_second > ORDERS_PER_SECOND_MAX) return invalid(t, REFUSAL_MAX_ORDERS_PER_SECOND);
        if (l->max_orders_per_second != s->max_orders_per_second) now->rate_tat_ns = 0;
        l->max_orders_per_second = s->max_orders_per_second;
    }
    return 0;
}

static enum reject own_fee_judge(struct turn *t, enum refusal_field field, struct decimal d, bool *own, int64_t *rate)
{
    *own = decimal_given(d);
    *rate = 0;
    return *own ? bounded_judge(t, field, d, 4, 0, FEE_RATE_ONE, rate) : 0;
}

static enum reject account_rates_judge(struct turn *t, const struct command_set_account *s, struct account_limits *l)
{
    enum reject no = 0;
    if (s->fields & ACCOUNT_HAS_MAKER_FEE)
        no = own_fee_judge(t, REFUSAL_MAKER_FEE, s->maker_fee_bps, &l->own_maker_fee, &l->maker_fee_rate);
    if (no == 0 && (s->fields & ACCOUNT_HAS_TAKER_FEE))
        no = own_fee_judge(t, REFUSAL_TAKER_FEE, s->taker_fee_bps, &l->own_taker_fee, &l->taker_fee_rate);
    if (no == 0 && (s->fields & ACCOUNT_HAS_MARGIN_CALL))
        no = bounded_judge(t, REFUSAL_MARGIN_CALL, s->margin_call_percent, 4, 0, MARGIN_PPM_MAX, &l->margin_call_ppm);
    if (no == 0 && (s->fields & ACCOUNT_HAS_LIQUIDATION))
        no = bounded_judge(t, REFUSAL_LIQUIDATION, s->liquidation_percent, 4, 0, MARGIN_PPM_MAX, &l->liquidation_ppm);
    return no;
}

static void account_begin(const struct engine *e, const struct command_set_account *s, uint32_t index,
                          struct account_state *now)
{
    if (index != 0)
        account_value(e, account_at(e, index), now);
    else
        *now = (struct account_state){.account = s->account,
                                      .leverage = LEVERAGE_ONE,
                                      .type = ACCOUNT_TYPE_CASH,
                                      .status = ACCOUNT_STATUS_ACTIVE};
}

/* What the account would be after the command, or why not. */
static enum reject account_judge(struct turn *t, const struct command_set_account *s, uint32_t index,
                                 struct account_state *now)
{
    const struct engine *e = t->engine;
    if (name_empty(&s->account)) return invalid(t, REFUSAL_ACCOUNT);
    if (s->account.bytes[0] == '@') return refuse(t, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    if (index == 0 && pool_full(&e->accounts)) return refuse_full(t, REJECT_ACCOUNTS_FULL, e->limits.accounts_max);
    account_begin(e, s, index, now);
    const struct account_state before = *now;
    enum reject no = account_modes_judge(t, s, now);
    if (no == 0) no = account_limits_judge(t, s, now);
    if (no == 0) no = account_rates_judge(t, s, &now->limits);
    if (no != 0) return no;
    if (now->type == ACCOUNT_TYPE_CASH && now->leverage != LEVERAGE_ONE) return invalid(t, REFUSAL_LEVERAGE);
    if (now->type == ACCOUNT_TYPE_CASH && now->allow_short) return invalid(t, REFUSAL_ALLOW_SHORT);
    bool changes =
        before.type != now->type || before.leverage != now->leverage || before.allow_short != now->allow_short;
    if (index != 0 && changes && (account_at(e, index)->orders_count != 0 || account_at(e, index)->positions_open != 0))
        return refuse(t, REJECT_ACCOUNT_IN_USE, 0);
    return pending_judge(t);
}

static bool limits_any(const struct account_limits *l)
{
    return l->max_order_quantity != 0 || l->max_position != 0 || l->max_order_notional != 0 ||
           l->margin_call_ppm != 0 || l->liquidation_ppm != 0 || l->max_open_orders != 0 ||
           l->max_orders_per_second != 0 || l->own_maker_fee || l->own_taker_fee;
}

/* An account that has had rules keeps their place, though they may have become all zero. */
void account_set_rules(struct engine *e, struct account *a, const struct account_limits *l, int64_t rate_tat_ns)
{
    if (more_of(e, a)->rules == 0 && limits_any(l)) {
        more_of(e, a)->rules = pool_take(e, &e->account_rules);
        *account_rules_at(e, more_of(e, a)->rules) = (struct account_rules){.key = 1, .account = account_index(e, a)};
    }
    if (more_of(e, a)->rules != 0) {
        struct account_rules *r = account_rules_at(e, more_of(e, a)->rules);
        account_rules_touch(e, r);
        r->limits = *l;
        r->rate_tat_ns = rate_tat_ns;
    }
    a->special = more_of(e, a)->rules != 0 || more_of(e, a)->stp != 0;
}

/* The account's element without its rules, which have their own place in the digest. */
static u128 account_element(const struct account_state *s)
{
    return digest_account(s) - digest_account_rules(s);
}

void apply_set_account(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t index = account_find(e, &c->set_account.account);
    struct account_state now, old;
    if (account_judge(t, &c->set_account, index, &now) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    if (index != 0) {
        account_value(e, account_at(e, index), &old);
        e->digest -= account_element(&old);
    } else {
        index = account_make(e, made_id(e, 0), &now.account);
        now.id = made_id(e, 0);
    }
    struct account *a = account_at(e, index);
    a->type = now.type;
    a->status = now.status;
    a->leverage = now.leverage;
    a->allow_short = now.allow_short;
    more_of(e, a)->stp = now.stp;
    account_set_rules(e, a, &now.limits, now.rate_tat_ns);
    e->digest += account_element(&now);
    account_event(t, a);
}

/* Trading states. */

static enum reject trading_judge(struct turn *t, const struct command_set_trading *s, uint32_t account,
                                 uint32_t instrument)
{
    bool of_account = !name_empty(&s->account), of_instrument = !name_empty(&s->symbol);
    if (of_account && of_instrument) return invalid(t, REFUSAL_SYMBOL);
    if (of_account && account == 0) return refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (of_account && s->account.bytes[0] == '@') return refuse(t, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    if (of_instrument && instrument == 0) return refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    if (s->status == 0 || s->status > ACCOUNT_STATUS_NUMBER_MAX) return invalid(t, REFUSAL_STATUS);
    return pending_judge(t);
}

static uint8_t account_set_status(struct engine *e, uint32_t index, uint8_t status)
{
    struct account *a = account_at(e, index);
    struct account_state s;
    uint8_t before = a->status;
    account_value(e, a, &s);
    e->digest -= account_element(&s);
    s.status = a->status = status;
    e->digest += account_element(&s);
    return before;
}

/* Of an instrument and of the system ACTIVE is 0. */
static uint8_t trading_set(uint8_t *trading, uint8_t status)
{
    uint8_t before = *trading == 0 ? ACCOUNT_STATUS_ACTIVE : *trading;
    *trading = status == ACCOUNT_STATUS_ACTIVE ? 0 : status;
    return before;
}

void apply_set_trading(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_trading *s = &c->set_trading;
    uint32_t account = name_empty(&s->account) ? 0 : account_find(e, &s->account);
    uint32_t instrument = name_empty(&s->symbol) ? 0 : instrument_find(e, &s->symbol);
    if (trading_judge(t, s, account, instrument) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. No instrument has a range: this would be pending. */
    struct event_trading_set *ev = &turn_event(t, EVENT_TRADING_SET)->trading_set;
    *ev = (struct event_trading_set){.account = s->account, .symbol = s->symbol, .status = s->status};
    if (account != 0) {
        ev->before = account_set_status(e, account, s->status);
    } else if (instrument != 0) {
        instrument_touch(e, instrument_at(e, instrument));
        ev->before = trading_set(&instrument_at(e, instrument)->trading, s->status);
    } else {
        ev->before = trading_set(&e->trading, s->status);
    }
    if (s->cancel) mass_cancel(t, account, instrument, 0);
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

/* Steps 4 to 7, for an amount at the currency's scale. */
static enum reject cash_balances_judge(struct turn *t, uint32_t account, uint32_t currency, uint8_t scale, i128 amount)
{
    const struct engine *e = t->engine;
    uint32_t own = currency == 0 ? 0 : balance_find(e, account, currency);
    uint32_t external = currency == 0 ? 0 : balance_find(e, e->external_account, currency);
    uint32_t missing = (uint32_t)(own == 0) + (uint32_t)(external == 0);
    if (missing > e->balances.capacity - e->balances.live)
        return refuse_full(t, REJECT_POSITIONS_FULL, e->limits.balances_max);
    i128 own_after = cash_of(e, own) + amount, external_after = cash_of(e, external) - amount;
    if (cash_too_large(own_after) || cash_too_large(external_after))
        return refuse_numbers(t, REJECT_CASH_TOO_LARGE, REFUSAL_AMOUNT,
                              cash_too_large(own_after) ? own_after : external_after, scale, CASH_MAX, scale);
    i128 free = own == 0 ? 0 : balance_free(balance_at(e, own));
    if (amount < 0 && account_at(e, account)->type != ACCOUNT_TYPE_HOUSE && free + amount < 0)
        return refuse_numbers(t, REJECT_CASH_SHORT, REFUSAL_AMOUNT, -amount, scale, free, scale);
    return pending_judge(t);
}

static enum reject cash_judge(struct turn *t, const struct command_move_cash *s, uint32_t account, uint32_t currency,
                              i128 *amount)
{
    const struct engine *e = t->engine;
    if (name_empty(&s->currency)) return invalid(t, REFUSAL_CURRENCY);
    if (account == 0) return refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (s->account.bytes[0] == '@') return refuse(t, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    if (currency == 0 && pool_full(&e->currencies))
        return refuse_full(t, REJECT_CURRENCIES_FULL, e->limits.currencies_max);
    uint8_t scale = currency == 0 ? CURRENCY_SCALE_DEFAULT : currency_at(e, currency)->scale;
    if (scale_amount(s->amount, scale, NOTIONAL_MAX, amount) != SCALE_GOOD || *amount == 0)
        return invalid(t, REFUSAL_AMOUNT);
    return cash_balances_judge(t, account, currency, scale, *amount);
}

static struct balance *balance_change(struct engine *e, uint32_t account, uint32_t currency, i128 amount)
{
    uint32_t index = balance_find(e, account, currency);
    if (index == 0) index = balance_make(e, account, currency);
    struct balance *b = balance_at(e, index);
    balance_touch(e, b);
    cash_move(e, b, amount);
    return b;
}

void apply_move_cash(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_move_cash *s = &c->move_cash;
    uint32_t account = account_find(e, &s->account), currency = currency_find(e, &s->currency);
    i128 amount = 0;
    if (cash_judge(t, s, account, currency, &amount) != 0) {
        turn_reject(t, c, 0);
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

/* A price or a quantity of a quote: 0 and absent are none; else a multiple of its step. */
struct quoted {
    enum refusal_field field;
    enum reject off_step, too_large;
    int64_t largest, step;
    uint8_t scale;
};

static enum reject quoted_judge(struct turn *t, struct quoted q, struct decimal d, int64_t *out)
{
    *out = 0;
    if (!decimal_given(d)) return 0;
    switch (scale_decimal(d, q.scale, q.largest, out)) {
    case SCALE_GOOD: break;
    case SCALE_INEXACT: return refuse_decimal(t, q.off_step, q.field, d, q.step, q.scale);
    case SCALE_TOO_LARGE: return refuse_decimal(t, q.too_large, q.field, d, q.largest, q.scale);
    default: return invalid(t, q.field);
    }
    if (*out < 0) return invalid(t, q.field);
    return *out % q.step != 0 ? refuse_decimal(t, q.off_step, q.field, d, q.step, q.scale) : 0;
}

static enum reject quoted_price(struct turn *t, const struct instrument *i, enum refusal_field field, struct decimal d,
                                int64_t *out)
{
    struct quoted q = {field, REJECT_PRICE_OFF_TICK, REJECT_PRICE_TOO_LARGE, PRICE_MAX, i->tick, i->price_scale};
    return quoted_judge(t, q, d, out);
}
static enum reject quoted_quantity(struct turn *t, const struct instrument *i, enum refusal_field field,
                                   struct decimal d, int64_t *out)
{
    struct quoted q = {field,  REJECT_QUANTITY_OFF_LOT, REJECT_QUANTITY_TOO_LARGE, QUANTITY_MAX,
                       i->lot, i->quantity_scale};
    return quoted_judge(t, q, d, out);
}

static enum reject quote_judge(struct turn *t, const struct instrument *i, const struct command_set_quote *s,
                               struct event_quoted *q)
{
    enum reject no = quoted_price(t, i, REFUSAL_BID, s->bid, &q->bid);
    if (no == 0) no = quoted_quantity(t, i, REFUSAL_BID_QUANTITY, s->bid_quantity, &q->bid_quantity);
    if (no == 0) no = quoted_price(t, i, REFUSAL_ASK, s->ask, &q->ask);
    if (no == 0) no = quoted_quantity(t, i, REFUSAL_ASK_QUANTITY, s->ask_quantity, &q->ask_quantity);
    if (no != 0) return no;
    if (q->bid == 0) q->bid_quantity = 0;
    if (q->ask == 0) q->ask_quantity = 0;
    if (q->bid != 0 && q->ask != 0 && q->bid > q->ask) return invalid(t, REFUSAL_BID);
    return pending_judge(t);
}

void apply_set_quote(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t index = instrument_find(e, &c->set_quote.symbol);
    if (index == 0) {
        refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
        turn_reject(t, c, 0);
        return;
    }
    struct instrument *i = instrument_at(e, index);
    struct event_quoted q = {.symbol = i->symbol, .price_scale = i->price_scale, .quantity_scale = i->quantity_scale};
    if (quote_judge(t, i, &c->set_quote, &q) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    instrument_touch(e, i);
    i->bid = q.bid;
    i->bid_quantity = q.bid_quantity;
    i->ask = q.ask;
    i->ask_quantity = q.ask_quantity;
    turn_event(t, EVENT_QUOTED)->quoted = q;
    quote_arrived(t, i);
}
