/* tests/model/settings.c - SET_LIMITS, SET_CURRENCY, SET_INSTRUMENT, SET_ACCOUNT, SET_TRADING, MOVE_CASH and SET_QUOTE.
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

static int invalid(struct model *m, int field)
{
    return model_refuse_plain(m, REJECT_FIELD_INVALID, field);
}

static int full(struct model *m, enum reject reason, uint32_t limit)
{
    return model_refuse(m, reason, 0, 0, DECIMAL_ABSENT, limit, 0);
}

static int judge_pending(struct model *m)
{
    return model_pending(m) ? model_refuse_plain(m, REJECT_SWEEP_PENDING, 0) : 0;
}

static void say_account(struct model *m, const struct account_state *a)
{
    model_say(m, EVENT_ACCOUNT_SET)->account_set = *a;
}

void model_make_house_account(struct model *m, const char *account, unsigned index)
{
    struct account_state *a = &m->accounts[m->accounts_count++];
    memset(a, 0, sizeof *a);
    a->id = model_own_id(m, index);
    memcpy(a->account.bytes, account, strlen(account));
    a->leverage = LEVERAGE_ONE;
    a->type = ACCOUNT_TYPE_HOUSE;
    a->status = ACCOUNT_STATUS_ACTIVE;
    a->allow_short = true;
    say_account(m, a);
}

static void make_venue(struct model *m, const char *venue, unsigned index)
{
    struct venue_state_row *v = &m->venues[m->venues_count++];
    *v = (struct venue_state_row){.id = model_own_id(m, index), .state = VENUE_STATE_UP};
    memcpy(v->venue.bytes, venue, strlen(venue));
    model_say_venue(m, (uint8_t)m->venues_count, 0, VENUE_CAUSE_OPERATOR);
}

int model_apply_set_limits(struct model *m, const struct command *c)
{
    assert(memcmp(&c->set_limits, &m->scalars.limits, sizeof c->set_limits) == 0);
    m->limits_set = true;
    model_say(m, EVENT_LIMITS_SET)->limits_set = c->set_limits;
    model_make_house_account(m, "@fees", 0);
    model_make_house_account(m, "@external", 1);
    model_make_house_account(m, "@import", 2);
    model_make_house_account(m, "@QUOTE", 3);
    make_venue(m, "BOOK", 4);
    make_venue(m, "QUOTE", 5);
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
    if (is_empty(&s->currency)) return invalid(m, REFUSAL_CURRENCY);
    if (s->scale != DECIMAL_ABSENT && s->scale > CASH_SCALE_MAX) return invalid(m, REFUSAL_SCALE);
    struct currency_state *there = model_find_currency(m, &s->currency);
    bool other_scale = there != NULL && s->scale != DECIMAL_ABSENT && s->scale != there->scale;
    if (other_scale) return model_refuse_plain(m, REJECT_SCALE_FIXED, REFUSAL_SCALE);
    if (there == NULL && m->currencies_count >= m->scalars.limits.currencies_max)
        return full(m, REJECT_CURRENCIES_FULL, m->scalars.limits.currencies_max);
    int reason = judge_pending(m);
    if (reason != 0) return reason;

    if (there != NULL)
        model_say(m, EVENT_CURRENCY_SET)->currency_set = *there;
    else
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
static int judge_step(struct model *m, int field, struct decimal step, bool creating, int64_t bound, uint8_t *scale,
                      int64_t *out)
{
    if (step.scale > DECIMAL_SCALE_MAX || step.mantissa <= 0) return invalid(m, field);
    if (creating) *scale = (uint8_t)decimals_of(step);
    enum fit fit = model_fit_decimal(step, *scale, bound, out);
    if (fit == FIT_NOT_EXACT) return model_refuse_plain(m, REJECT_SCALE_FIXED, field);
    return fit == FIT_EXACT ? 0 : invalid(m, field);
}

static int judge_steps(struct model *m, const struct command_set_instrument *s, bool creating,
                       struct instrument_state *i)
{
    struct decimal tick = {1, 2}, lot = {1, 0};
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE) tick = s->tick_size;
    if (s->fields & INSTRUMENT_HAS_LOT_SIZE) lot = s->lot_size;
    int reason = 0;
    if (creating || s->fields & INSTRUMENT_HAS_TICK_SIZE)
        reason = judge_step(m, REFUSAL_TICK_SIZE, tick, creating, PRICE_MAX, &i->spec.price_scale, &i->spec.tick);
    if (reason == 0 && (creating || s->fields & INSTRUMENT_HAS_LOT_SIZE))
        reason = judge_step(m, REFUSAL_LOT_SIZE, lot, creating, QUANTITY_MAX, &i->spec.quantity_scale, &i->spec.lot);
    if (reason != 0) return reason;
    i->tick_gcd = creating ? i->spec.tick : model_gcd_of(i->tick_gcd, i->spec.tick);
    i->lot_gcd = creating ? i->spec.lot : model_gcd_of(i->lot_gcd, i->spec.lot);
    int excess = i->spec.price_scale + i->spec.quantity_scale - i->spec.currency_scale;
    if (model_product_is_whole(i->tick_gcd, i->lot_gcd, excess)) return 0;
    return model_refuse_plain(m, REJECT_STEP_NOT_WHOLE, 0);
}

/* A field with one error: exactly at the scale and within low..high. */
static bool field_fits(struct decimal d, unsigned scale, int64_t low, int64_t high, int64_t *out)
{
    int64_t value;
    if (model_fit_decimal(d, scale, high, &value) != FIT_EXACT || value < low) return false;
    *out = value;
    return true;
}

/* Judges one decimal field when it is named: leaves the function with the refusal. Expects m, s. */
#define JUDGE_FIELD(named, field, decimal, scale, low, high, out)                                                      \
    do {                                                                                                               \
        if (s->fields & (named) && !field_fits(s->decimal, scale, low, high, out)) return invalid(m, field);           \
    } while (0)
/* The same for a number of an enum's list. */
#define JUDGE_ENUM(named, field, member, number_max)                                                                   \
    do {                                                                                                               \
        if (s->fields & (named) && (s->member < 1 || s->member > (number_max))) return invalid(m, field);              \
    } while (0)

static int judge_bounds(struct model *m, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    JUDGE_FIELD(INSTRUMENT_HAS_MIN_QUANTITY, REFUSAL_MIN_QUANTITY, min_quantity, spec->quantity_scale, 0, QUANTITY_MAX,
                &spec->min_quantity);
    JUDGE_FIELD(INSTRUMENT_HAS_MAX_QUANTITY, REFUSAL_MAX_QUANTITY, max_quantity, spec->quantity_scale, 0, QUANTITY_MAX,
                &spec->max_quantity);
    if (spec->min_quantity != 0 && spec->max_quantity != 0 && spec->min_quantity > spec->max_quantity)
        return invalid(m, REFUSAL_MAX_QUANTITY);
    if (s->fields & INSTRUMENT_HAS_MAX_NOTIONAL) {
        i128 most;
        enum fit fit = model_fit_amount(s->max_notional, spec->currency_scale, NOTIONAL_MAX, &most);
        if (fit != FIT_EXACT || most < 0) return invalid(m, REFUSAL_MAX_NOTIONAL);
        spec->max_notional = most;
    }
    JUDGE_FIELD(INSTRUMENT_HAS_COLLAR, REFUSAL_COLLAR, collar_percent, 4, 0, COLLAR_PPM_MAX, &spec->collar_ppm);
    return 0;
}

static int judge_fees(struct model *m, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    JUDGE_FIELD(INSTRUMENT_HAS_MAKER_FEE, REFUSAL_MAKER_FEE, maker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE,
                &spec->maker_fee_rate);
    JUDGE_FIELD(INSTRUMENT_HAS_TAKER_FEE, REFUSAL_TAKER_FEE, taker_fee_bps, 4, -FEE_RATE_ONE, FEE_RATE_ONE,
                &spec->taker_fee_rate);
    return spec->maker_fee_rate + spec->taker_fee_rate >= 0 ? 0 : invalid(m, REFUSAL_TAKER_FEE);
}

/* Rule 9. The state is taken by whoever calls: at creation it is simply so, later it is a change of session. */
static int judge_trading(struct model *m, const struct command_set_instrument *s, struct instrument_spec *spec)
{
    JUDGE_ENUM(INSTRUMENT_HAS_TRIGGER, REFUSAL_TRIGGER, trigger, TRIGGER_NUMBER_MAX);
    JUDGE_ENUM(INSTRUMENT_HAS_MARK, REFUSAL_MARK, mark, TRIGGER_NUMBER_MAX);
    int64_t leverage = spec->max_leverage;
    JUDGE_FIELD(INSTRUMENT_HAS_MAX_LEVERAGE, REFUSAL_MAX_LEVERAGE, max_leverage, 2, 0, LEVERAGE_MAX, &leverage);
    if (leverage != 0 && leverage < LEVERAGE_ONE) return invalid(m, REFUSAL_MAX_LEVERAGE);
    JUDGE_ENUM(INSTRUMENT_HAS_STATE, REFUSAL_STATE, state, INSTRUMENT_STATE_NUMBER_MAX);
    if (s->fields & INSTRUMENT_HAS_TRIGGER) spec->trigger = s->trigger;
    if (s->fields & INSTRUMENT_HAS_MARK) spec->mark = s->mark;
    if (s->fields & INSTRUMENT_HAS_HALT_ON_BREACH) spec->halt_on_breach = s->halt_on_breach;
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) spec->settlement_days = s->settlement_days;
    spec->max_leverage = (uint32_t)leverage;
    return 0;
}

static int judge_instrument_use(struct model *m, const struct instrument_state *there,
                                const struct instrument_spec *spec)
{
    if (there == NULL || there->spec.max_leverage == spec->max_leverage) return 0;
    bool used = false;
    for (uint32_t i = 0; i < m->orders_count; i++) used |= m->orders[i].instrument_id == there->id;
    for (uint32_t i = 0; i < m->positions_count; i++)
        used |= m->positions[i].instrument_id == there->id && m->positions[i].quantity != 0;
    return used ? model_refuse_plain(m, REJECT_INSTRUMENT_IN_USE, REFUSAL_MAX_LEVERAGE) : 0;
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
        return other ? model_refuse_plain(m, REJECT_SCALE_FIXED, REFUSAL_CURRENCY) : 0;
    }
    memset(i, 0, sizeof *i);
    i->spec.symbol = s->symbol;
    i->spec.currency = names_currency ? s->currency : (struct name){"USD"};
    i->spec.state = INSTRUMENT_STATE_CONTINUOUS;
    i->spec.trigger = TRIGGER_LAST;
    i->spec.mark = TRIGGER_LAST;
    const struct limits *l = &m->scalars.limits;
    if (m->instruments_count >= l->instruments_max) return full(m, REJECT_INSTRUMENTS_FULL, l->instruments_max);
    const struct currency_state *currency = model_find_currency(m, &i->spec.currency);
    i->spec.currency_scale = currency == NULL ? 2 : currency->scale;
    *currency_is_new = currency == NULL;
    if (currency == NULL && m->currencies_count >= l->currencies_max)
        return full(m, REJECT_CURRENCIES_FULL, l->currencies_max);
    return 0;
}

int model_apply_set_instrument(struct model *m, const struct command *c)
{
    const struct command_set_instrument *s = &c->set_instrument;
    if (is_empty(&s->symbol)) return invalid(m, REFUSAL_SYMBOL);
    if (is_reserved(&s->symbol)) return model_refuse_plain(m, REJECT_NAME_RESERVED, REFUSAL_SYMBOL);
    if (s->fields & INSTRUMENT_HAS_CURRENCY && is_empty(&s->currency)) return invalid(m, REFUSAL_CURRENCY);
    struct instrument_state i;
    bool creating, currency_is_new;
    int reason = begin_instrument(m, s, &i, &creating, &currency_is_new);
    struct instrument_state *there = model_find_instrument(m, &s->symbol);
    if (reason == 0) reason = judge_steps(m, s, creating, &i);
    if (reason == 0) reason = judge_bounds(m, s, &i.spec);
    if (reason == 0) reason = judge_fees(m, s, &i.spec);
    if (reason == 0) reason = judge_trading(m, s, &i.spec);
    if (reason == 0) reason = judge_instrument_use(m, there, &i.spec);
    if (reason == 0) reason = judge_pending(m);
    if (reason != 0) return reason;

    bool names_state = s->fields & INSTRUMENT_HAS_STATE;
    if (currency_is_new) model_make_currency(m, &i.spec.currency, 2);
    if (creating) {
        i.id = model_own_id(m, currency_is_new ? 1 : 0);
        if (names_state) i.spec.state = s->state;
        there = &m->instruments[m->instruments_count++];
    } else if (i.spec.trigger != there->spec.trigger) {
        i.range_low = i.range_high = 0;
    }
    *there = i;
    model_say(m, EVENT_INSTRUMENT_SET)->instrument_set = i;
    if (!creating && names_state && s->state != i.spec.state) model_session_begin(m, there, s->state);
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

static int judge_account_kind(struct model *m, const struct command_set_account *s, struct account_state *a)
{
    JUDGE_ENUM(ACCOUNT_HAS_TYPE, REFUSAL_TYPE, type, ACCOUNT_TYPE_NUMBER_MAX);
    JUDGE_ENUM(ACCOUNT_HAS_STATUS, REFUSAL_STATUS, status, ACCOUNT_STATUS_NUMBER_MAX);
    int64_t leverage = a->leverage;
    JUDGE_FIELD(ACCOUNT_HAS_LEVERAGE, REFUSAL_LEVERAGE, leverage, 2, LEVERAGE_ONE, LEVERAGE_MAX, &leverage);
    JUDGE_ENUM(ACCOUNT_HAS_STP, REFUSAL_STP, stp, STP_NUMBER_MAX);
    if (s->fields & ACCOUNT_HAS_TYPE) a->type = s->type;
    if (s->fields & ACCOUNT_HAS_STATUS) a->status = s->status;
    if (s->fields & ACCOUNT_HAS_STP) a->stp = s->stp == STP_NONE ? 0 : s->stp;
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) a->allow_short = s->allow_short;
    a->leverage = (uint32_t)leverage;
    return 0;
}

/* A limit in 10^-9, kept wide. */
static bool limit_fits(struct decimal d, i128 *out)
{
    if (d.scale > DECIMAL_SCALE_MAX || d.mantissa < 0) return false;
    *out = d.mantissa;
    for (unsigned scale = d.scale; scale < 9; scale++) *out *= 10;
    return true;
}

static bool own_fee_fits(struct decimal d, bool *own, int64_t *rate)
{
    *own = d.scale != DECIMAL_ABSENT;
    *rate = 0;
    return !*own || field_fits(d, 4, 0, FEE_RATE_ONE, rate);
}

static int judge_account_limits(struct model *m, const struct command_set_account *s, struct account_limits *l)
{
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_QUANTITY && !limit_fits(s->max_order_quantity, &l->max_order_quantity))
        return invalid(m, REFUSAL_MAX_ORDER_QUANTITY);
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_NOTIONAL && !limit_fits(s->max_order_notional, &l->max_order_notional))
        return invalid(m, REFUSAL_MAX_ORDER_NOTIONAL);
    if (s->fields & ACCOUNT_HAS_MAX_POSITION && !limit_fits(s->max_position, &l->max_position))
        return invalid(m, REFUSAL_MAX_POSITION);
    if (s->fields & ACCOUNT_HAS_MAX_OPEN_ORDERS) l->max_open_orders = s->max_open_orders;
    if (s->fields & ACCOUNT_HAS_MAX_ORDERS_PER_SECOND) {
        if (s->max_orders_per_second > ORDERS_PER_SECOND_MAX) return invalid(m, REFUSAL_MAX_ORDERS_PER_SECOND);
        l->max_orders_per_second = s->max_orders_per_second;
    }
    if (s->fields & ACCOUNT_HAS_MAKER_FEE && !own_fee_fits(s->maker_fee_bps, &l->own_maker_fee, &l->maker_fee_rate))
        return invalid(m, REFUSAL_MAKER_FEE);
    if (s->fields & ACCOUNT_HAS_TAKER_FEE && !own_fee_fits(s->taker_fee_bps, &l->own_taker_fee, &l->taker_fee_rate))
        return invalid(m, REFUSAL_TAKER_FEE);
    JUDGE_FIELD(ACCOUNT_HAS_MARGIN_CALL, REFUSAL_MARGIN_CALL, margin_call_percent, 4, 0, MARGIN_PPM_MAX,
                &l->margin_call_ppm);
    JUDGE_FIELD(ACCOUNT_HAS_LIQUIDATION, REFUSAL_LIQUIDATION, liquidation_percent, 4, 0, MARGIN_PPM_MAX,
                &l->liquidation_ppm);
    return 0;
}

static int judge_account_whole(struct model *m, const struct account_state *there, const struct account_state *a)
{
    if (a->type == ACCOUNT_TYPE_CASH && a->leverage != LEVERAGE_ONE) return invalid(m, REFUSAL_LEVERAGE);
    if (a->type == ACCOUNT_TYPE_CASH && a->allow_short) return invalid(m, REFUSAL_ALLOW_SHORT);
    if (there == NULL) return 0;
    bool other = a->type != there->type || a->leverage != there->leverage || a->allow_short != there->allow_short;
    return other && account_in_use(m, a->id) ? model_refuse_plain(m, REJECT_ACCOUNT_IN_USE, 0) : 0;
}

int model_apply_set_account(struct model *m, const struct command *c)
{
    const struct command_set_account *s = &c->set_account;
    if (is_empty(&s->account)) return invalid(m, REFUSAL_ACCOUNT);
    if (is_reserved(&s->account)) return model_refuse_plain(m, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    struct account_state *there = model_find_account(m, &s->account);
    if (there == NULL && m->accounts_count >= m->scalars.limits.accounts_max)
        return full(m, REJECT_ACCOUNTS_FULL, m->scalars.limits.accounts_max);
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
    uint32_t rate = a.limits.max_orders_per_second;
    int reason = judge_account_kind(m, s, &a);
    if (reason == 0) reason = judge_account_limits(m, s, &a.limits);
    if (reason == 0) reason = judge_account_whole(m, there, &a);
    if (reason == 0) reason = judge_pending(m);
    if (reason != 0) return reason;

    if (a.limits.max_orders_per_second != rate) a.rate_tat_ns = 0;
    if (there == NULL) there = &m->accounts[m->accounts_count++];
    *there = a;
    say_account(m, &a);
    return 0;
}

/* In state ACTIVE is 0 for an instrument and the system; an event says ACTIVE. */
static uint8_t status_said(uint8_t trading)
{
    return trading == 0 ? ACCOUNT_STATUS_ACTIVE : trading;
}

static uint8_t exchange_trading(uint8_t *trading, uint8_t status)
{
    uint8_t before = status_said(*trading);
    *trading = status == ACCOUNT_STATUS_ACTIVE ? 0 : status;
    return before;
}

int model_apply_set_trading(struct model *m, const struct command *c)
{
    const struct command_set_trading *s = &c->set_trading;
    if (!is_empty(&s->account) && !is_empty(&s->symbol)) return invalid(m, REFUSAL_SYMBOL);
    struct account_state *a = model_find_account(m, &s->account);
    struct instrument_state *i = model_find_instrument(m, &s->symbol);
    if (!is_empty(&s->account) && a == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (is_reserved(&s->account)) return model_refuse_plain(m, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    if (!is_empty(&s->symbol) && i == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    if (s->status < 1 || s->status > ACCOUNT_STATUS_NUMBER_MAX) return invalid(m, REFUSAL_STATUS);
    int reason = judge_pending(m);
    if (reason != 0) return reason;

    struct event *e = model_say(m, EVENT_TRADING_SET);
    e->trading_set = (struct event_trading_set){.account = s->account, .symbol = s->symbol, .status = s->status};
    if (a != NULL) {
        e->trading_set.before = a->status;
        a->status = s->status;
    } else {
        e->trading_set.before = exchange_trading(i != NULL ? &i->spec.trading : &m->scalars.trading, s->status);
    }
    for (uint32_t k = 0; k < m->instruments_count; k++) model_empty_range_unless_live(m, &m->instruments[k]);
    if (s->cancel) model_mass_cancel(m, a == NULL ? 0 : a->id, i == NULL ? 0 : i->id, 0);
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

/* Rules 4 to 7. */
static int judge_movement(struct model *m, const struct account_state *a, const struct currency_state *currency,
                          i128 amount)
{
    unsigned scale = currency == NULL ? 2 : currency->scale;
    if (m->balances_count + balances_missing(m, a->id, currency) > m->scalars.limits.balances_max)
        return full(m, REJECT_POSITIONS_FULL, m->scalars.limits.balances_max);
    struct balance_state own = balance_or_zeros(m, a->id, currency);
    struct balance_state outside = balance_or_zeros(m, model_external_account(m)->id, currency);
    i128 after = own.cash + amount;
    if (size_of(after) <= CASH_MAX) after = outside.cash - amount;
    if (size_of(after) > CASH_MAX)
        return model_refuse(m, REJECT_CASH_TOO_LARGE, REFUSAL_AMOUNT, after, scale, CASH_MAX, scale);
    i128 free_cash = model_free_of(&own);
    if (amount < 0 && a->type != ACCOUNT_TYPE_HOUSE && free_cash + amount < 0)
        return model_refuse(m, REJECT_CASH_SHORT, REFUSAL_AMOUNT, -amount, scale, free_cash, scale);
    return judge_pending(m);
}

int model_apply_move_cash(struct model *m, const struct command *c)
{
    const struct command_move_cash *s = &c->move_cash;
    if (is_empty(&s->currency)) return invalid(m, REFUSAL_CURRENCY);
    const struct account_state *a = model_find_account(m, &s->account);
    if (a == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (is_reserved(&s->account)) return model_refuse_plain(m, REJECT_NAME_RESERVED, REFUSAL_ACCOUNT);
    const struct currency_state *currency = model_find_currency(m, &s->currency);
    if (currency == NULL && m->currencies_count >= m->scalars.limits.currencies_max)
        return full(m, REJECT_CURRENCIES_FULL, m->scalars.limits.currencies_max);
    i128 amount;
    enum fit fit = model_fit_amount(s->amount, currency == NULL ? 2 : currency->scale, NOTIONAL_MAX, &amount);
    if (fit != FIT_EXACT || amount == 0) return invalid(m, REFUSAL_AMOUNT);
    int reason = judge_movement(m, a, currency, amount);
    if (reason != 0) return reason;

    if (currency == NULL) currency = model_make_currency(m, &s->currency, 2);
    struct balance_state *b = model_open_balance(m, a->id, currency->id);
    b->cash += amount;
    model_open_balance(m, model_external_account(m)->id, currency->id)->cash -= amount;
    struct event *e = model_say(m, EVENT_CASH_MOVED);
    e->cash_moved = (struct event_cash_moved){
        .account = s->account, .currency = s->currency, .amount = amount, .cash = b->cash, .scale = currency->scale};
    return 0;
}

/* One number of a quote: absent is 0. step: the tick or the lot. */
struct quoted_kind {
    unsigned scale;
    int64_t bound, step;
    enum reject off_step, too_large;
};

static int judge_quoted(struct model *m, struct decimal d, const struct quoted_kind *kind, int field, int64_t *out)
{
    switch (model_fit_decimal(d, kind->scale, kind->bound, out)) {
    case FIT_ABSENT: return 0; /* and *out is 0 */
    case FIT_EXACT:
        if (*out < 0) return invalid(m, field);
        if (*out % kind->step == 0) return 0;
        break;
    case FIT_NOT_EXACT: break;
    case FIT_TOO_LARGE: return model_refuse(m, kind->too_large, field, d.mantissa, d.scale, kind->bound, kind->scale);
    default: return invalid(m, field);
    }
    return model_refuse(m, kind->off_step, field, d.mantissa, d.scale, kind->step, kind->scale);
}

static int judge_quote(struct model *m, const struct command_set_quote *s, const struct instrument_spec *spec,
                       struct event_quoted *q)
{
    struct quoted_kind price = {spec->price_scale, PRICE_MAX, spec->tick, REJECT_PRICE_OFF_TICK,
                                REJECT_PRICE_TOO_LARGE};
    struct quoted_kind quantity = {spec->quantity_scale, QUANTITY_MAX, spec->lot, REJECT_QUANTITY_OFF_LOT,
                                   REJECT_QUANTITY_TOO_LARGE};
    int reason = judge_quoted(m, s->bid, &price, REFUSAL_BID, &q->bid);
    if (reason == 0) reason = judge_quoted(m, s->bid_quantity, &quantity, REFUSAL_BID_QUANTITY, &q->bid_quantity);
    if (reason == 0) reason = judge_quoted(m, s->ask, &price, REFUSAL_ASK, &q->ask);
    if (reason == 0) reason = judge_quoted(m, s->ask_quantity, &quantity, REFUSAL_ASK_QUANTITY, &q->ask_quantity);
    if (reason != 0) return reason;
    if (q->bid == 0) q->bid_quantity = 0;
    if (q->ask == 0) q->ask_quantity = 0;
    return q->bid != 0 && q->ask != 0 && q->bid > q->ask ? invalid(m, REFUSAL_BID) : judge_pending(m);
}

int model_apply_set_quote(struct model *m, const struct command *c)
{
    const struct command_set_quote *s = &c->set_quote;
    struct instrument_state *i = model_find_instrument(m, &s->symbol);
    if (i == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    struct event_quoted q = {
        .symbol = s->symbol, .price_scale = i->spec.price_scale, .quantity_scale = i->spec.quantity_scale};
    int reason = judge_quote(m, s, &i->spec, &q);
    if (reason != 0) return reason;
    i->bid = q.bid;
    i->bid_quantity = q.bid_quantity;
    i->ask = q.ask;
    i->ask_quantity = q.ask_quantity;
    model_say(m, EVENT_QUOTED)->quoted = q;
    if (!model_is_live(m, i)) return 0;
    model_turn_to(m, i->id);
    model_quote_meets_orders(m, i->id);
    if (i->spec.trigger == TRIGGER_QUOTE && model_anybody_waits(m, i->id)) {
        i->range_low = q.bid;
        i->range_high = q.ask;
    }
    return 0;
}
