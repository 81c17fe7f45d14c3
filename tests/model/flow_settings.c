/* tests/model/flow_settings.c - currencies, instruments, accounts, trading states, cash and quotes of the random flow. */
#include "tests/model/flow_parts.h"

#include "tests/model/arithmetic.h"

#include <string.h>

void flow_make_set_currency(struct flow *f, struct command *c)
{
    static const uint8_t scales[] = {2, 0, DECIMAL_ABSENT, 8, 18, 3, 5, 9};
    struct name currency = flow_any_currency(f);
    unsigned number = currency.bytes[0] == 'U' ? 0 : (unsigned)(currency.bytes[2] - '0');
    c->kind = COMMAND_SET_CURRENCY;
    c->set_currency.currency = currency;
    c->set_currency.scale = flow_chance(f, 900) ? scales[number] : (uint8_t)flow_roll(f, 30);
    if (flow_chance(f, 20)) c->set_currency.currency = flow_word("");
}

/* Steps that multiply to whole units of most currencies, and some that do not. */
static void choose_steps(struct flow *f, struct command_set_instrument *s)
{
    static const struct decimal ticks[] = {{1, 2}, {5, 2}, {25, 4}, {1, 0}, {5, 0}, {100, 2}, {1, 9}, {125, 3}, {3, 1}};
    static const struct decimal lots[] = {{1, 0}, {1, 0}, {10, 0}, {1, 3}, {5, 1}, {100, 0}, {1, 9}, {250, 1}, {7, 0}};
    if (flow_chance(f, 800)) {
        s->fields |= INSTRUMENT_HAS_TICK_SIZE;
        s->tick_size = FLOW_PICK(f, ticks);
    }
    if (flow_chance(f, 800)) {
        s->fields |= INSTRUMENT_HAS_LOT_SIZE;
        s->lot_size = FLOW_PICK(f, lots);
    }
}

static void choose_bounds(struct flow *f, const struct model *m, struct command_set_instrument *s)
{
    const struct instrument_state *i = model_instrument(m, &s->symbol);
    unsigned scale = i == NULL ? 0 : i->spec.quantity_scale;
    int64_t lot = i == NULL ? 1 : i->spec.lot;
    if (flow_chance(f, 150)) {
        s->fields |= INSTRUMENT_HAS_MIN_QUANTITY;
        s->min_quantity = flow_written(f, flow_between(f, 0, 3) * lot, scale);
    }
    if (flow_chance(f, 200)) {
        s->fields |= INSTRUMENT_HAS_MAX_QUANTITY;
        s->max_quantity =
            flow_chance(f, 700) ? (struct decimal){0, 0} : flow_written(f, flow_between(f, 5, 60) * lot, scale);
    }
    if (flow_chance(f, 200)) {
        s->fields |= INSTRUMENT_HAS_MAX_NOTIONAL;
        int64_t price = i == NULL ? 1 : flow_near_price(f, i);
        i128 notional = i == NULL ? 1000 : model_notional_of(&i->spec, price, lot) * flow_between(f, 5, 100);
        if (flow_chance(f, 500)) notional = 0;
        s->max_notional = (struct amount){notional, i == NULL ? 0 : i->spec.currency_scale};
    }
}

static void choose_rules(struct flow *f, bool creating, struct command_set_instrument *s)
{
    static const struct decimal fees[] = {{0, 0},     {1, 0},     {25, 1},     {-1, 0}, {-25, 2},
                                          {10000, 0}, {12345, 4}, {-12346, 4}, {10, 0}, {333, 2}};
    static const struct decimal collars[] = {{0, 0},  {0, 0},      {20, 0},    {10, 0},
                                             {25, 1}, {333333, 4}, {10000, 0}, {100, 0}};
    if (flow_chance(f, 300)) {
        s->fields |= INSTRUMENT_HAS_COLLAR;
        s->collar_percent = FLOW_PICK(f, collars);
    }
    if (flow_chance(f, 400)) {
        s->fields |= INSTRUMENT_HAS_MAKER_FEE;
        s->maker_fee_bps = FLOW_PICK(f, fees);
    }
    if (flow_chance(f, 400)) {
        s->fields |= INSTRUMENT_HAS_TAKER_FEE;
        s->taker_fee_bps = FLOW_PICK(f, fees);
    }
    if (flow_chance(f, 100)) {
        s->fields |= INSTRUMENT_HAS_TRIGGER | INSTRUMENT_HAS_SETTLEMENT_DAYS | INSTRUMENT_HAS_MARK;
        s->trigger = (uint8_t)(1 + flow_roll(f, 2));
        s->mark = (uint8_t)(1 + flow_roll(f, 2));
        s->settlement_days = (uint16_t)flow_roll(f, 4);
    }
    if (flow_uses(f, FLOW_AMOUNTS, creating ? 400 : 60)) {
        static const struct decimal leverages[] = {{0, 0}, {1, 0}, {2, 0}, {150, 2}, {3, 0}, {10, 0}};
        s->fields |= INSTRUMENT_HAS_MAX_LEVERAGE;
        s->max_leverage = FLOW_PICK(f, leverages);
    }
    if (flow_uses(f, FLOW_SESSIONS, 100)) {
        s->fields |= INSTRUMENT_HAS_HALT_ON_BREACH;
        s->halt_on_breach = flow_chance(f, 500);
    }
}

/* Open most of the time; what is not open moves on soon, mostly to a state from which it can open. */
static void choose_state(struct flow *f, const struct instrument_state *there, struct command_set_instrument *s)
{
    static const uint8_t states[] = {INSTRUMENT_STATE_HALTED,   INSTRUMENT_STATE_CLOSED,  INSTRUMENT_STATE_PRE_OPEN,
                                     INSTRUMENT_STATE_PRE_OPEN, INSTRUMENT_STATE_AUCTION, INSTRUMENT_STATE_AUCTION,
                                     INSTRUMENT_STATE_AUCTION};
    bool open = there == NULL || there->spec.state == INSTRUMENT_STATE_CONTINUOUS;
    if (!flow_chance(f, open ? 300 : 800)) return;
    s->fields |= INSTRUMENT_HAS_STATE;
    s->state = INSTRUMENT_STATE_CONTINUOUS;
    if (flow_uses(f, FLOW_SESSIONS, open ? 400 : 200)) s->state = FLOW_PICK(f, states);
}

static void spoil_set_instrument(struct flow *f, struct command_set_instrument *s)
{
    switch (flow_roll(f, 15)) {
    case 0: s->symbol = flow_word(""); break;
    case 1: s->symbol = flow_word("@x"); break;
    case 2: s->fields |= INSTRUMENT_HAS_CURRENCY, s->currency = flow_word(""); break;
    case 3: s->fields |= INSTRUMENT_HAS_TICK_SIZE, s->tick_size = flow_spoiled(f, (struct decimal){5, 2}); break;
    case 4: s->fields |= INSTRUMENT_HAS_LOT_SIZE, s->lot_size = flow_spoiled(f, (struct decimal){1, 0}); break;
    case 5: s->fields |= INSTRUMENT_HAS_MIN_QUANTITY, s->min_quantity = flow_spoiled(f, (struct decimal){50, 1}); break;
    case 6: s->fields |= INSTRUMENT_HAS_MAX_QUANTITY, s->max_quantity = flow_spoiled(f, (struct decimal){50, 1}); break;
    case 7:
        s->fields |= INSTRUMENT_HAS_MAX_NOTIONAL;
        s->max_notional.mantissa = flow_chance(f, 500) ? -5 : (i128)1 << 126;
        s->max_notional.scale = (uint8_t)flow_roll(f, 24);
        break;
    case 8: s->fields |= INSTRUMENT_HAS_COLLAR, s->collar_percent = flow_spoiled(f, (struct decimal){100001, 1}); break;
    case 9:
        s->fields |= INSTRUMENT_HAS_MAKER_FEE, s->maker_fee_bps = flow_spoiled(f, (struct decimal){100001, 1});
        break;
    case 10:
        s->fields |= INSTRUMENT_HAS_TAKER_FEE, s->taker_fee_bps = flow_spoiled(f, (struct decimal){100001, 1});
        break;
    case 11: s->fields |= INSTRUMENT_HAS_TRIGGER, s->trigger = (uint8_t)(flow_chance(f, 500) ? 0 : 3); break;
    case 12: s->fields |= INSTRUMENT_HAS_MARK, s->mark = (uint8_t)(flow_chance(f, 500) ? 0 : 3); break;
    case 13:
        s->fields |= INSTRUMENT_HAS_MAX_LEVERAGE, s->max_leverage = flow_spoiled(f, (struct decimal){15, 1});
        break;
    default: s->fields |= INSTRUMENT_HAS_STATE, s->state = (uint8_t)(6 * flow_roll(f, 2)); break;
    }
}

void flow_make_set_instrument(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_INSTRUMENT;
    struct command_set_instrument *s = &c->set_instrument;
    s->symbol = flow_chance(f, 200) ? flow_any_symbol(f) : flow_known_symbol(f, m);
    for (uint32_t k = 0; k < m->instruments_count && flow_chance(f, 700); k++)
        if (m->instruments[k].spec.state != INSTRUMENT_STATE_CONTINUOUS) s->symbol = m->instruments[k].spec.symbol;
    const struct instrument_state *there = model_instrument(m, &s->symbol);
    if (there == NULL ? flow_chance(f, 800) : flow_chance(f, 30)) {
        s->fields |= INSTRUMENT_HAS_CURRENCY;
        s->currency = flow_known_currency(f, m);
    }
    choose_state(f, there, s);
    if (there != NULL && flow_chance(f, 500)) return; /* a session and nothing else */
    if (there == NULL || flow_chance(f, 150)) choose_steps(f, s);
    choose_bounds(f, m, s);
    choose_rules(f, there == NULL, s);
    if (flow_chance(f, 150)) spoil_set_instrument(f, s);
}

static struct decimal some_limit(struct flow *f, int64_t most)
{
    if (flow_chance(f, 700)) return (struct decimal){0, 0};
    return (struct decimal){flow_between(f, most / 20, most), (uint8_t)flow_roll(f, 2)};
}

static void choose_limits(struct flow *f, struct command_set_account *s)
{
    static const struct decimal fees[] = {{0, DECIMAL_ABSENT}, {0, 0}, {1, 0}, {25, 1}, {12345, 4}, {10000, 0}};
    static const uint32_t rates[] = {0, 0, 0, 10, 100, 1000};
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAX_ORDER_QUANTITY;
        s->max_order_quantity = some_limit(f, 2000);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAX_ORDER_NOTIONAL;
        s->max_order_notional = some_limit(f, 50000);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAX_POSITION;
        s->max_position = some_limit(f, 10000);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAX_OPEN_ORDERS;
        s->max_open_orders = flow_chance(f, 600) ? 0 : 2 + flow_roll(f, 20);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAX_ORDERS_PER_SECOND;
        s->max_orders_per_second = FLOW_PICK(f, rates);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_MAKER_FEE;
        s->maker_fee_bps = FLOW_PICK(f, fees);
    }
    if (flow_uses(f, FLOW_LIMITS, 150)) {
        s->fields |= ACCOUNT_HAS_TAKER_FEE;
        s->taker_fee_bps = FLOW_PICK(f, fees);
    }
}

static void choose_margins(struct flow *f, struct command_set_account *s)
{
    static const struct decimal calls[] = {{0, 0}, {30, 0}, {1000, 0}, {95, 0}, {333333, 4}, {120, 0}};
    if (!flow_uses(f, FLOW_MARGIN, 300)) return;
    s->fields |= ACCOUNT_HAS_MARGIN_CALL | ACCOUNT_HAS_LIQUIDATION;
    s->margin_call_percent = FLOW_PICK(f, calls);
    s->liquidation_percent = FLOW_PICK(f, calls);
}

static void spoil_set_account(struct flow *f, struct command_set_account *s)
{
    struct decimal big = {10000001, 0};
    switch (flow_roll(f, 15)) {
    case 0: s->account = flow_word(""); break;
    case 1: s->account = flow_word("@other"); break;
    case 2: s->fields |= ACCOUNT_HAS_TYPE, s->type = (uint8_t)(4 * flow_roll(f, 2)); break;
    case 3: s->fields |= ACCOUNT_HAS_STATUS, s->status = (uint8_t)(4 * flow_roll(f, 2)); break;
    case 4: s->fields |= ACCOUNT_HAS_LEVERAGE, s->leverage = flow_spoiled(f, (struct decimal){10001, 1}); break;
    case 5: s->fields |= ACCOUNT_HAS_STP, s->stp = (uint8_t)(6 * flow_roll(f, 2)); break;
    case 6: s->fields |= ACCOUNT_HAS_MAX_ORDER_QUANTITY, s->max_order_quantity = flow_spoiled(f, big); break;
    case 7: s->fields |= ACCOUNT_HAS_MAX_ORDER_NOTIONAL, s->max_order_notional = flow_spoiled(f, big); break;
    case 8: s->fields |= ACCOUNT_HAS_MAX_POSITION, s->max_position = flow_spoiled(f, big); break;
    case 9: s->fields |= ACCOUNT_HAS_MAX_ORDERS_PER_SECOND, s->max_orders_per_second = ORDERS_PER_SECOND_MAX + 1; break;
    case 10: s->fields |= ACCOUNT_HAS_MAKER_FEE, s->maker_fee_bps = flow_spoiled(f, big); break;
    case 11: s->fields |= ACCOUNT_HAS_TAKER_FEE, s->taker_fee_bps = flow_spoiled(f, big); break;
    case 12: s->fields |= ACCOUNT_HAS_MARGIN_CALL, s->margin_call_percent = flow_spoiled(f, big); break;
    case 13: s->fields |= ACCOUNT_HAS_LIQUIDATION, s->liquidation_percent = flow_spoiled(f, big); break;
    default:
        s->fields |= ACCOUNT_HAS_ALLOW_SHORT | ACCOUNT_HAS_TYPE;
        s->allow_short = true, s->type = ACCOUNT_TYPE_CASH;
        break;
    }
}

void flow_make_set_account(struct flow *f, const struct model *m, struct command *c)
{
    static const struct decimal leverages[] = {{1, 0}, {2, 0}, {5, 0}, {25, 1}, {1000, 0}, {333, 2}};
    static const uint8_t types[] = {ACCOUNT_TYPE_CASH, ACCOUNT_TYPE_MARGIN, ACCOUNT_TYPE_MARGIN, ACCOUNT_TYPE_HOUSE};
    c->kind = COMMAND_SET_ACCOUNT;
    struct command_set_account *s = &c->set_account;
    s->account = flow_chance(f, 400) ? flow_any_account(f) : flow_known_account(f, m);
    for (uint32_t k = HOUSE_ACCOUNTS; k < m->accounts_count && flow_chance(f, 700); k++)
        if (m->accounts[k].status != ACCOUNT_STATUS_ACTIVE) s->account = m->accounts[k].account;
    bool creating = model_account(m, &s->account) == NULL;
    if (creating ? flow_chance(f, 900) : flow_chance(f, 150)) {
        s->fields |= ACCOUNT_HAS_TYPE;
        s->type = FLOW_PICK(f, types);
    }
    if (s->type != ACCOUNT_TYPE_CASH && flow_chance(f, creating ? 700 : 200)) {
        s->fields |= ACCOUNT_HAS_LEVERAGE | ACCOUNT_HAS_ALLOW_SHORT;
        s->leverage = FLOW_PICK(f, leverages);
        s->allow_short = flow_chance(f, 800);
    }
    if (flow_chance(f, creating ? 50 : 700)) {
        s->fields |= ACCOUNT_HAS_STATUS;
        s->status = (uint8_t)(flow_chance(f, 800) ? ACCOUNT_STATUS_ACTIVE : 2 + flow_roll(f, 2));
    }
    if (flow_uses(f, FLOW_STP, 300)) {
        s->fields |= ACCOUNT_HAS_STP;
        s->stp = (uint8_t)(1 + flow_roll(f, STP_NUMBER_MAX));
    }
    choose_limits(f, s);
    choose_margins(f, s);
    if (flow_chance(f, 150)) spoil_set_account(f, s);
}

/* Whatever is not ACTIVE becomes so again soon. */
static void choose_what_to_halt(struct flow *f, const struct model *m, struct command_set_trading *s)
{
    bool back = flow_chance(f, 700);
    s->status = (uint8_t)(back ? ACCOUNT_STATUS_ACTIVE : 2 + flow_roll(f, 2));
    unsigned what = flow_roll(f, 7);
    if (back && m->scalars.trading != 0) return;
    if (what < 3) s->account = flow_known_account(f, m);
    if (what >= 3 && what < 6) s->symbol = flow_known_symbol(f, m);
    for (uint32_t k = 0; back && k < m->accounts_count; k++)
        if (m->accounts[k].status != ACCOUNT_STATUS_ACTIVE && what < 3) s->account = m->accounts[k].account;
    for (uint32_t k = 0; back && k < m->instruments_count; k++)
        if (m->instruments[k].spec.trading != 0 && what >= 3 && what < 6) s->symbol = m->instruments[k].spec.symbol;
}

void flow_make_set_trading(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_TRADING;
    struct command_set_trading *s = &c->set_trading;
    choose_what_to_halt(f, m, s);
    s->cancel = flow_chance(f, 150);
    if (!flow_chance(f, 80)) return;
    switch (flow_roll(f, 5)) {
    case 0: s->account = flow_word("nobody"), s->symbol = flow_word(""); break;
    case 1: s->symbol = flow_word("NOTHING"), s->account = flow_word(""); break;
    case 2: s->account = flow_known_account(f, m), s->symbol = flow_known_symbol(f, m); break;
    case 3: s->status = (uint8_t)(4 * flow_roll(f, 2)); break;
    default: s->account = flow_word("@QUOTE"), s->symbol = flow_word(""); break;
    }
}

/* About what a few typical orders of some instrument in this currency are worth. */
static i128 typical_cash(struct flow *f, const struct model *m, const struct name *currency)
{
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_state *i = &m->instruments[(k + f->seq) % m->instruments_count];
        if (memcmp(&i->spec.currency, currency, sizeof *currency) != 0) continue;
        i128 notional = model_notional_of(&i->spec, flow_near_price(f, i), i->spec.lot);
        if (notional < NOTIONAL_MAX / 100) return notional;
    }
    return 1000;
}

void flow_make_move_cash(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_MOVE_CASH;
    struct command_move_cash *s = &c->move_cash;
    s->account = flow_known_account(f, m);
    s->currency = flow_known_currency(f, m);
    const struct currency_state *there = model_currency(m, &s->currency);
    unsigned scale = there == NULL ? 2 : there->scale;
    i128 amount = typical_cash(f, m, &s->currency);
    amount *= flow_between(f, 1, f->deep ? 60000 : 60);
    if (flow_chance(f, f->deep ? 50 : 250)) amount = -amount;
    s->amount = (struct amount){amount, (uint8_t)scale};
    if (amount % 100 == 0 && scale >= 2 && flow_chance(f, 300))
        s->amount = (struct amount){amount / 100, (uint8_t)(scale - 2)};
    if (!flow_chance(f, 80)) return;
    switch (flow_roll(f, 8)) {
    case 0: s->currency = flow_word(""); break;
    case 1: s->account = flow_word("nobody"); break;
    case 2: s->account = flow_word("@external"); break;
    case 3: s->amount.mantissa = 0; break;
    case 4: s->amount.scale = (uint8_t)(19 + flow_roll(f, 237)); break;
    case 5: s->amount = (struct amount){amount | 1, 18}; break;
    case 6:
        s->amount.mantissa = flow_chance(f, 500) ? (i128)((u128)1 << 127) : NOTIONAL_MAX + 1;
        s->amount.scale = (uint8_t)flow_roll(f, 19);
        break;
    default: s->currency = flow_any_currency(f); break;
    }
}

void flow_make_set_quote(struct flow *f, const struct model *m, struct command *c)
{
    c->kind = COMMAND_SET_QUOTE;
    struct command_set_quote *s = &c->set_quote;
    s->symbol = flow_known_symbol(f, m);
    s->bid = s->bid_quantity = s->ask = s->ask_quantity = flow_absent;
    const struct instrument_state *i = model_instrument(m, &s->symbol);
    if (i == NULL) return;
    int64_t bid = flow_near_price(f, i);
    if (flow_chance(f, 900)) s->bid = flow_written(f, flow_chance(f, 50) ? 0 : bid, i->spec.price_scale);
    if (flow_chance(f, 900)) s->bid_quantity = flow_written(f, flow_quantity(f, i), i->spec.quantity_scale);
    if (flow_chance(f, 900))
        s->ask = flow_written(f, bid + flow_between(f, flow_chance(f, 50) ? -3 : 0, 5), i->spec.price_scale);
    if (flow_chance(f, 900)) s->ask_quantity = flow_written(f, flow_quantity(f, i), i->spec.quantity_scale);
    struct decimal *fields[] = {&s->bid, &s->bid_quantity, &s->ask, &s->ask_quantity};
    struct decimal *field = FLOW_PICK(f, fields);
    if (flow_chance(f, 100)) *field = flow_spoiled(f, *field);
}
