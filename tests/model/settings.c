/* tests/model/settings.c - SET_LIMITS, SET_CURRENCY, SET_INSTRUMENT, SET_ACCOUNT, MOVE_CASH and SET_QUOTE.
 * Invariant: each function judges a copy of the object and puts it into the state in its last lines. */
#include "tests/model/internal.h"

#include <assert.h>
#include <string.h>

static bool is_empty(const struct name *n)
{
    return n->bytes[0] == '\0';
}

static bool is_reserved(const struct name *n)
{
    return n->bytes[0] == '@';
}

static void say_account(struct model *m, const struct account_state *a)
{
    model_say(m, EVENT_ACCOUNT_SET)->account_set = *a;
}

static void make_house_account(struct model *m, const char *account)
{
    struct account_state *a = &m->accounts[m->accounts_count];
    memset(a, 0, sizeof *a);
    a->id = model_own_id(m, m->accounts_count++);
    memcpy(a->account.bytes, account, strlen(account));
    a->leverage = LEVERAGE_ONE;
    a->type = ACCOUNT_TYPE_HOUSE;
    a->status = ACCOUNT_STATUS_ACTIVE;
    a->allow_short = true;
    say_account(m, a);
}

int model_apply_set_limits(struct model *m, const struct command *c)
{
    assert(memcmp(&c->set_limits, &m->scalars.limits, sizeof c->set_limits) == 0);
    m->limits_set = true;
    model_say(m, EVENT_LIMITS_SET)->limits_set = c->set_limits;
    make_house_account(m, "@fees");
    make_house_account(m, "@external");
    make_house_account(m, "@import");
    return 0;
}

struct currency_state *model_make_currency(struct model *m, const struct name *currency, unsigned scale)
{
    assert(m->currencies_count < m->scalars.limits.currencies_max);
    struct currency_state *made = &m->currencies[m->currencies_count++];
    *made = (struct currency_state){.id = model_own_id(m, 0), .currency = *currency, .scale = (uint8_t)scale};
    model_say(m, EVENT_CURRENCY_SET)->currency_set = *made;
    return made;
}

int model_apply_set_currency(struct model *m, const struct command *c)
{
    const struct command_set_currency *s = &c->set_currency;
    if (is_empty(&s->currency)) return REJECT_FIELD_INVALID;
    if (s->scale != DECIMAL_ABSENT && s->scale > CASH_SCALE_MAX) return REJECT_FIELD_INVALID;
    struct currency_state *there = model_find_currency(m, &s->currency);
    if (there != NULL) {
        if (s->scale != DECIMAL_ABSENT && s->scale != there->scale) return REJECT_SCALE_FIXED;
        model_say(m, EVENT_CURRENCY_SET)->currency_set = *there;
        return 0;
    }
    if (m->currencies_count >= m->scalars.limits.currencies_max) return REJECT_CURRENCIES_FULL;
    model_make_currency(m, &s->currency, s->scale == DECIMAL_ABSENT ? 2 : s->scale);
    return 0;
}

/* Decimals that matter once trailing zeros are gone. */
static unsigned decimals_of(struct decimal d)
{
    while (d.scale > 0 && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.scale--;
    }
    return d.scale;
}

/* tick_size or lot_size. At creation the step's own decimals become the scale. */
static int judge_step(struct decimal step, bool creating, int64_t bound, uint8_t *scale, int64_t *out)
{
    if (step.scale > DECIMAL_SCALE_MAX || step.mantissa <= 0) return REJECT_FIELD_INVALID;
    if (creating) *scale = (uint8_t)decimals_of(step);
    enum fit fit = model_fit_decimal(step, *scale, bound, out);
    if (fit == FIT_NOT_EXACT) return REJECT_SCALE_FIXED;
    return fit == FIT_EXACT ? 0 : REJECT_FIELD_INVALID;
}

static int judge_steps(const struct command_set_instrument *s, bool creating, struct instrument_state *i)
{
    struct decimal tick = {1, 2}, lot = {1, 0};
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE) tick = s->tick_size;
    if (s->fields & INSTRUMENT_HAS_LOT_SIZE) lot = s->lot_size;
    int reason = 0;
    if (creating || s->fields & INSTRUMENT_HAS_TICK_SIZE)
        reason = judge_step(tick, creating, PRICE_MAX, &i->spec.price_scale, &i->spec.tick);
    if (reason == 0 && (creating || s->fields & INSTRUMENT_HAS_LOT_SIZE))
        reason = judge_step(lot, creating, QUANTITY_MAX, &i->spec.quantity_scale, &i->spec.lot);
    if (reason != 0) return reason;
    i->tick_gcd = creating ? i->spec.tick : model_gcd_of(i->tick_gcd, i->spec.tick);
    i->lot_gcd = creating ? i->spec.lot : model_gcd_of(i->lot_gcd, i->spec.lot);
    int excess = i->spec.price_scale + i->spec.quantity_scale - i->spec.currency_scale;
    return model_product_is_whole(i->tick_gcd, i->lot_gcd, excess) ? 0 : REJECT_STEP_NOT_WHOLE;
}

/* A field with one error: exactly at the scale and within low..high. */
static bool field_fits(struct decimal d, unsigned scale, int64_t low, int64_t high, int64_t *out)
{
    int64_t value;
    if (model_fit_decimal(d, scale, high, &value) != FIT_EXACT || value < low) return false;
    *out = value;
    return true;
}

static bool bounds_fit(const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if (s->fields & INSTRUMENT_HAS_MIN_QUANTITY &&
        !field_fits(s->min_quantity, spec->quantity_scale, 0, QUANTITY_MAX, &spec->min_quantity))
        return false;
    if (s->fields & INSTRUMENT_HAS_MAX_QUANTITY &&
        !field_fits(s->max_quantity, spec->quantity_scale, 0, QUANTITY_MAX, &spec->max_quantity))
        return false;
    if (spec->min_quantity != 0 && spec->max_quantity != 0 && spec->min_quantity > spec->max_quantity) return false;
    if (s->fields & INSTRUMENT_HAS_MAX_NOTIONAL) {
        i128 most;
        if (model_fit_amount(s->max_notional, spec->currency_scale, NOTIONAL_MAX, &most) != FIT_EXACT || most < 0)
            return false;
        spec->max_notional = most;
    }
    return !(s->fields & INSTRUMENT_HAS_COLLAR) ||
           field_fits(s->collar_percent, 4, 0, COLLAR_PPM_MAX, &spec->collar_ppm);
}

static bool fees_fit(const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if (s->fields & INSTRUMENT_HAS_MAKER_FEE &&
        !field_fits(s->maker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE, &spec->maker_fee_rate))
        return false;
    if (s->fields & INSTRUMENT_HAS_TAKER_FEE &&
        !field_fits(s->taker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE, &spec->taker_fee_rate))
        return false;
    return spec->maker_fee_rate + spec->taker_fee_rate >= 0;
}

static int judge_trading(const struct command_set_instrument *s, struct instrument_spec *spec)
{
    if (s->fields & INSTRUMENT_HAS_TRIGGER) {
        if (s->trigger < 1 || s->trigger > TRIGGER_NUMBER_MAX) return REJECT_FIELD_INVALID;
        spec->trigger = s->trigger;
    }
    if (s->fields & INSTRUMENT_HAS_STATE) {
        if (s->state < 1 || s->state > INSTRUMENT_STATE_NUMBER_MAX) return REJECT_FIELD_INVALID;
        if (s->state == INSTRUMENT_STATE_PRE_OPEN || s->state == INSTRUMENT_STATE_AUCTION) return REJECT_NOT_SUPPORTED;
        spec->state = s->state;
    }
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) spec->settlement_days = s->settlement_days;
    return 0;
}

/* A new instrument's symbol, currency and defaults, or what is there. */
static int begin_instrument(struct model *m, const struct command_set_instrument *s, struct instrument_state *i,
                            bool *creating, bool *currency_is_new)
{
    const struct instrument_state *there = model_find_instrument(m, &s->symbol);
    bool names_currency = s->fields & INSTRUMENT_HAS_CURRENCY;
    *creating = there == NULL;
    *currency_is_new = false;
    if (there != NULL) {
        *i = *there;
        bool other = names_currency && memcmp(&s->currency, &i->spec.currency, sizeof s->currency) != 0;
        return other ? REJECT_SCALE_FIXED : 0;
    }
    memset(i, 0, sizeof *i);
    i->spec.symbol = s->symbol;
    i->spec.currency = names_currency ? s->currency : (struct name){"USD"};
    i->spec.state = INSTRUMENT_STATE_CONTINUOUS;
    i->spec.trigger = TRIGGER_LAST;
    if (m->instruments_count >= m->scalars.limits.instruments_max) return REJECT_INSTRUMENTS_FULL;
    const struct currency_state *currency = model_find_currency(m, &i->spec.currency);
    i->spec.currency_scale = currency == NULL ? 2 : currency->scale;
    *currency_is_new = currency == NULL;
    return currency == NULL && m->currencies_count >= m->scalars.limits.currencies_max ? REJECT_CURRENCIES_FULL : 0;
}

int model_apply_set_instrument(struct model *m, const struct command *c)
{
    const struct command_set_instrument *s = &c->set_instrument;
    if (is_empty(&s->symbol)) return REJECT_FIELD_INVALID;
    if (is_reserved(&s->symbol)) return REJECT_NAME_RESERVED;
    if (s->fields & INSTRUMENT_HAS_CURRENCY && is_empty(&s->currency)) return REJECT_FIELD_INVALID;
    struct instrument_state i;
    bool creating, currency_is_new;
    int reason = begin_instrument(m, s, &i, &creating, &currency_is_new);
    if (reason == 0) reason = judge_steps(s, creating, &i);
    if (reason == 0 && !bounds_fit(s, &i.spec)) reason = REJECT_FIELD_INVALID;
    if (reason == 0 && !fees_fit(s, &i.spec)) reason = REJECT_FIELD_INVALID;
    if (reason == 0) reason = judge_trading(s, &i.spec);
    if (reason != 0) return reason;

    if (currency_is_new) model_make_currency(m, &i.spec.currency, 2);
    if (creating) {
        i.id = model_own_id(m, currency_is_new ? 1 : 0);
        m->instruments[m->instruments_count++] = i;
    } else {
        *model_find_instrument(m, &s->symbol) = i;
    }
    model_say(m, EVENT_INSTRUMENT_SET)->instrument_set = i;
    return 0;
}

static bool account_in_use(struct model *m, uint64_t account_id)
{
    for (uint32_t i = 0; i < m->orders_count; i++)
        if (m->orders[i].account_id == account_id) return true;
    for (uint32_t i = 0; i < m->positions_count; i++)
        if (m->positions[i].account_id == account_id && m->positions[i].quantity != 0) return true;
    return false;
}

static bool account_fields_fit(const struct command_set_account *s, struct account_state *a)
{
    if (s->fields & ACCOUNT_HAS_TYPE) {
        if (s->type < 1 || s->type > ACCOUNT_TYPE_NUMBER_MAX) return false;
        a->type = s->type;
    }
    if (s->fields & ACCOUNT_HAS_STATUS) {
        if (s->status < 1 || s->status > ACCOUNT_STATUS_NUMBER_MAX) return false;
        a->status = s->status;
    }
    if (s->fields & ACCOUNT_HAS_LEVERAGE) {
        int64_t leverage;
        if (!field_fits(s->leverage, 2, LEVERAGE_ONE, LEVERAGE_MAX, &leverage)) return false;
        a->leverage = (uint32_t)leverage;
    }
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) a->allow_short = s->allow_short;
    return a->type != ACCOUNT_TYPE_CASH || (a->leverage == LEVERAGE_ONE && !a->allow_short);
}

int model_apply_set_account(struct model *m, const struct command *c)
{
    const struct command_set_account *s = &c->set_account;
    if (is_empty(&s->account)) return REJECT_FIELD_INVALID;
    if (is_reserved(&s->account)) return REJECT_NAME_RESERVED;
    struct account_state *there = model_find_account(m, &s->account);
    if (there == NULL && m->accounts_count >= m->scalars.limits.accounts_max) return REJECT_ACCOUNTS_FULL;
    struct account_state a;
    memset(&a, 0, sizeof a);
    if (there != NULL) {
        a = *there;
    } else {
        a.id = model_own_id(m, 0);
        a.account = s->account;
        a.leverage = LEVERAGE_ONE;
        a.type = ACCOUNT_TYPE_CASH;
        a.status = ACCOUNT_STATUS_ACTIVE;
    }
    if (!account_fields_fit(s, &a)) return REJECT_FIELD_INVALID;
    if (there != NULL) {
        bool other = a.type != there->type || a.leverage != there->leverage || a.allow_short != there->allow_short;
        if (other && account_in_use(m, a.id)) return REJECT_ACCOUNT_IN_USE;
        *there = a;
    } else {
        m->accounts[m->accounts_count++] = a;
    }
    say_account(m, &a);
    return 0;
}

static i128 size_of(i128 x)
{
    return x < 0 ? -x : x;
}

/* The balances a movement would have to make first. A currency that is not known yet has none. */
static uint32_t balances_missing(struct model *m, uint64_t account_id, const struct currency_state *currency)
{
    if (currency == NULL) return 2;
    uint32_t missing = model_find_balance(m, account_id, currency->id) == NULL;
    return missing + (model_find_balance(m, model_external_account(m)->id, currency->id) == NULL);
}

static struct balance_state balance_or_zeros(struct model *m, uint64_t account_id,
                                             const struct currency_state *currency)
{
    struct balance_state *b = currency == NULL ? NULL : model_find_balance(m, account_id, currency->id);
    return b != NULL ? *b : (struct balance_state){.account_id = account_id};
}

int model_apply_move_cash(struct model *m, const struct command *c)
{
    const struct command_move_cash *s = &c->move_cash;
    if (is_empty(&s->currency)) return REJECT_FIELD_INVALID;
    const struct account_state *a = model_find_account(m, &s->account);
    if (a == NULL) return REJECT_UNKNOWN_ACCOUNT;
    if (is_reserved(&s->account)) return REJECT_NAME_RESERVED;
    const struct currency_state *currency = model_find_currency(m, &s->currency);
    if (currency == NULL && m->currencies_count >= m->scalars.limits.currencies_max) return REJECT_CURRENCIES_FULL;
    i128 amount;
    enum fit fit = model_fit_amount(s->amount, currency == NULL ? 2 : currency->scale, NOTIONAL_MAX, &amount);
    if (fit != FIT_EXACT || amount == 0) return REJECT_FIELD_INVALID;
    uint32_t missing = balances_missing(m, a->id, currency);
    if (m->balances_count + missing > m->scalars.limits.balances_max) return REJECT_POSITIONS_FULL;
    struct balance_state own = balance_or_zeros(m, a->id, currency);
    struct balance_state outside = balance_or_zeros(m, model_external_account(m)->id, currency);
    if (size_of(own.cash + amount) > CASH_MAX || size_of(outside.cash - amount) > CASH_MAX)
        return REJECT_CASH_TOO_LARGE;
    if (amount < 0 && a->type != ACCOUNT_TYPE_HOUSE && model_free_of(&own) + amount < 0) return REJECT_CASH_SHORT;

    if (currency == NULL) currency = model_make_currency(m, &s->currency, 2);
    struct balance_state *b = model_open_balance(m, a->id, currency->id);
    b->cash += amount;
    model_open_balance(m, model_external_account(m)->id, currency->id)->cash -= amount;
    struct event *e = model_say(m, EVENT_CASH_MOVED);
    e->cash_moved = (struct event_cash_moved){
        .account = s->account, .currency = s->currency, .amount = amount, .cash = b->cash, .scale = currency->scale};
    return 0;
}

static int judge_quoted(struct decimal d, unsigned scale, int64_t bound, int not_exact, int too_large, int64_t *out)
{
    switch (model_fit_decimal(d, scale, bound, out)) {
    case FIT_EXACT: return *out < 0 ? REJECT_FIELD_INVALID : 0;
    case FIT_ABSENT: return 0; /* and *out is 0 */
    case FIT_NOT_EXACT: return not_exact;
    case FIT_TOO_LARGE: return too_large;
    default: return REJECT_FIELD_INVALID;
    }
}

static int judge_quoted_side(const struct instrument_spec *spec, struct decimal price, struct decimal quantity,
                             int64_t *price_out, int64_t *quantity_out)
{
    int reason =
        judge_quoted(price, spec->price_scale, PRICE_MAX, REJECT_PRICE_OFF_TICK, REJECT_PRICE_TOO_LARGE, price_out);
    if (reason != 0) return reason;
    reason = judge_quoted(quantity, spec->quantity_scale, QUANTITY_MAX, REJECT_QUANTITY_OFF_LOT,
                          REJECT_QUANTITY_TOO_LARGE, quantity_out);
    if (*price_out == 0) *quantity_out = 0;
    return reason;
}

int model_apply_set_quote(struct model *m, const struct command *c)
{
    const struct command_set_quote *s = &c->set_quote;
    struct instrument_state *i = model_find_instrument(m, &s->symbol);
    if (i == NULL) return REJECT_UNKNOWN_INSTRUMENT;
    int64_t bid, bid_quantity, ask, ask_quantity;
    int reason = judge_quoted_side(&i->spec, s->bid, s->bid_quantity, &bid, &bid_quantity);
    if (reason == 0) reason = judge_quoted_side(&i->spec, s->ask, s->ask_quantity, &ask, &ask_quantity);
    if (reason != 0) return reason;
    if (bid != 0 && ask != 0 && bid > ask) return REJECT_FIELD_INVALID;
    i->bid = bid;
    i->bid_quantity = bid_quantity;
    i->ask = ask;
    i->ask_quantity = ask_quantity;
    struct event *e = model_say(m, EVENT_QUOTED);
    e->quoted = (struct event_quoted){.symbol = s->symbol,
                                      .bid = bid,
                                      .bid_quantity = bid_quantity,
                                      .ask = ask,
                                      .ask_quantity = ask_quantity,
                                      .price_scale = i->spec.price_scale,
                                      .quantity_scale = i->spec.quantity_scale};
    return 0;
}
