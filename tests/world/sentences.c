/* tests/world/sentences.c - the sentences of given and when become commands; those about orders are in order_sentences.c.
 * The grammar is in world.h. */
#include "tests/world/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct decimal absent = {0, DECIMAL_ABSENT};

/* "+10s", "-5ms", "7ns", "+3d" in nanoseconds. */
int64_t next_time(struct world *w, const char *sentence, struct words *s)
{
    char *unit;
    const char *word = words_next(s);
    int64_t number = strtoll(word, &unit, 10);
    if (unit == word) world_fail(w, sentence, "not a time");
    if (strcmp(unit, "d") == 0) return number * 86400 * 1000000000;
    if (strcmp(unit, "s") == 0) return number * 1000000000;
    if (strcmp(unit, "ms") == 0) return number * 1000000;
    if (strcmp(unit, "ns") == 0) return number;
    world_fail(w, sentence, "a time ends in d, s, ms or ns");
}

struct decimal next_decimal(struct world *w, const char *sentence, struct words *s)
{
    return world_decimal(w, sentence, words_next(s));
}

unsigned next_number(struct words *s)
{
    return (unsigned)strtoul(words_next(s), NULL, 10);
}

struct amount next_amount(struct world *w, const char *sentence, struct words *s, bool negative)
{
    struct amount a;
    const char *word = words_next(s);
    if (amount_from_text(&a, word, strlen(word)) != 0) world_fail(w, sentence, "not an amount");
    if (negative) a.mantissa = -a.mantissa;
    return a;
}

uint8_t next_enum(struct words *s, int (*from_text)(const char *, size_t))
{
    const char *word = words_next(s);
    int number = from_text(word, strlen(word));
    return (uint8_t)(number != 0 ? (unsigned)number : (unsigned)strtoul(word, NULL, 10));
}

/* A decimal of a setting, by its word. */
struct decimal_setting {
    const char *word;
    uint32_t field;
    size_t at;
};
static bool take_decimal_setting(struct world *w, const char *sentence, struct words *s,
                                 const struct decimal_setting *settings, size_t settings_count, void *command,
                                 uint32_t *fields)
{
    for (size_t k = 0; k < settings_count; k++) {
        if (!words_take(s, settings[k].word)) continue;
        struct decimal d = absent;
        if (!words_take(s, "NONE")) d = next_decimal(w, sentence, s);
        memcpy((char *)command + settings[k].at, &d, sizeof d);
        *fields |= settings[k].field;
        return true;
    }
    return false;
}

static void mass_cancel_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_MASS_CANCEL};
    while (s->at < s->count) {
        if (words_take(s, "OF"))
            c.mass_cancel.symbol = world_name(words_next(s));
        else if (words_take(s, "BUY"))
            c.mass_cancel.side = SIDE_BUY;
        else if (words_take(s, "SELL"))
            c.mass_cancel.side = SIDE_SELL;
        else if (words_take(s, "SIDE"))
            c.mass_cancel.side = (uint8_t)next_number(s);
        else
            c.mass_cancel.account = world_name(words_next(s));
    }
    world_apply(w, &c);
}

static void cash_sentence(struct world *w, const char *sentence, struct words *s, bool withdraw)
{
    struct command c = {.kind = COMMAND_MOVE_CASH};
    c.move_cash.account = world_name(words_next(s));
    c.move_cash.amount = next_amount(w, sentence, s, withdraw);
    c.move_cash.currency = world_name(s->at < s->count ? words_next(s) : "USD");
    world_apply(w, &c);
}

static bool take_account_decimal(struct world *w, const char *sentence, struct words *s, struct command_set_account *a)
{
#define SETTING(word, field, member)                                                                                   \
    {                                                                                                                  \
        word, ACCOUNT_HAS_##field, offsetof(struct command_set_account, member)                                        \
    }
    static const struct decimal_setting settings[] = {
        SETTING("LEVERAGE", LEVERAGE, leverage),
        SETTING("MAX_QUANTITY", MAX_ORDER_QUANTITY, max_order_quantity),
        SETTING("MAX_NOTIONAL", MAX_ORDER_NOTIONAL, max_order_notional),
        SETTING("MAX_POSITION", MAX_POSITION, max_position),
        SETTING("MAKER", MAKER_FEE, maker_fee_bps),
        SETTING("TAKER", TAKER_FEE, taker_fee_bps),
        SETTING("MARGIN_CALL", MARGIN_CALL, margin_call_percent),
        SETTING("LIQUIDATION", LIQUIDATION, liquidation_percent),
    };
#undef SETTING
    return take_decimal_setting(w, sentence, s, settings, sizeof settings / sizeof settings[0], a, &a->fields);
}

static void account_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    struct command_set_account *a = &c.set_account;
    a->account = world_name(words_next(s));
    while (s->at < s->count) {
        if (take_account_decimal(w, sentence, s, a)) continue;
        const char *word = words_next(s);
        int type = account_type_from_text(word, strlen(word)), status = account_status_from_text(word, strlen(word));
        if (type != 0)
            a->fields |= ACCOUNT_HAS_TYPE, a->type = (uint8_t)type;
        else if (status != 0)
            a->fields |= ACCOUNT_HAS_STATUS, a->status = (uint8_t)status;
        else if (strcmp(word, "TYPE") == 0)
            a->fields |= ACCOUNT_HAS_TYPE, a->type = (uint8_t)next_number(s);
        else if (strcmp(word, "SHORT") == 0)
            a->fields |= ACCOUNT_HAS_ALLOW_SHORT, a->allow_short = true;
        else if (strcmp(word, "NO_SHORT") == 0)
            a->fields |= ACCOUNT_HAS_ALLOW_SHORT, a->allow_short = false;
        else if (strcmp(word, "STP") == 0)
            a->fields |= ACCOUNT_HAS_STP, a->stp = next_enum(s, stp_from_text);
        else if (strcmp(word, "MAX_OPEN") == 0)
            a->fields |= ACCOUNT_HAS_MAX_OPEN_ORDERS, a->max_open_orders = next_number(s);
        else if (strcmp(word, "MAX_RATE") == 0)
            a->fields |= ACCOUNT_HAS_MAX_ORDERS_PER_SECOND, a->max_orders_per_second = next_number(s);
        else
            world_fail(w, sentence, word);
    }
    world_apply(w, &c);
}

static bool take_instrument_decimal(struct world *w, const char *sentence, struct words *s,
                                    struct command_set_instrument *i)
{
#define SETTING(word, field, member)                                                                                   \
    {                                                                                                                  \
        word, INSTRUMENT_HAS_##field, offsetof(struct command_set_instrument, member)                                  \
    }
    static const struct decimal_setting settings[] = {
        SETTING("TICK", TICK_SIZE, tick_size),      SETTING("LOT", LOT_SIZE, lot_size),
        SETTING("MIN", MIN_QUANTITY, min_quantity), SETTING("MAX", MAX_QUANTITY, max_quantity),
        SETTING("COLLAR", COLLAR, collar_percent),  SETTING("MAKER", MAKER_FEE, maker_fee_bps),
        SETTING("TAKER", TAKER_FEE, taker_fee_bps), SETTING("MAX_LEVERAGE", MAX_LEVERAGE, max_leverage),
    };
#undef SETTING
    return take_decimal_setting(w, sentence, s, settings, sizeof settings / sizeof settings[0], i, &i->fields);
}

static void instrument_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    struct command_set_instrument *i = &c.set_instrument;
    i->symbol = world_name(words_next(s));
    while (s->at < s->count) {
        if (take_instrument_decimal(w, sentence, s, i)) continue;
        const char *word = words_next(s);
        int state = instrument_state_from_text(word, strlen(word));
        if (state != 0)
            i->fields |= INSTRUMENT_HAS_STATE, i->state = (uint8_t)state;
        else if (strcmp(word, "STATE") == 0)
            i->fields |= INSTRUMENT_HAS_STATE, i->state = (uint8_t)next_number(s);
        else if (strcmp(word, "IN") == 0)
            i->fields |= INSTRUMENT_HAS_CURRENCY, i->currency = world_name(words_next(s));
        else if (strcmp(word, "MAX_NOTIONAL") == 0)
            i->fields |= INSTRUMENT_HAS_MAX_NOTIONAL, i->max_notional = next_amount(w, sentence, s, false);
        else if (strcmp(word, "SETTLEMENT") == 0)
            i->fields |= INSTRUMENT_HAS_SETTLEMENT_DAYS, i->settlement_days = (uint16_t)next_number(s);
        else if (strcmp(word, "TRIGGER") == 0)
            i->fields |= INSTRUMENT_HAS_TRIGGER, i->trigger = next_enum(s, trigger_from_text);
        else if (strcmp(word, "MARK") == 0)
            i->fields |= INSTRUMENT_HAS_MARK, i->mark = next_enum(s, trigger_from_text);
        else if (strcmp(word, "HALT_ON_BREACH") == 0)
            i->fields |= INSTRUMENT_HAS_HALT_ON_BREACH, i->halt_on_breach = true;
        else if (strcmp(word, "NO_HALT") == 0)
            i->fields |= INSTRUMENT_HAS_HALT_ON_BREACH;
        else
            world_fail(w, sentence, word);
    }
    world_apply(w, &c);
}

static void trading_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_TRADING};
    struct command_set_trading *t = &c.set_trading;
    t->status = next_enum(s, account_status_from_text);
    while (s->at < s->count) {
        if (words_take(s, "OF"))
            t->symbol = world_name(words_next(s));
        else if (words_take(s, "CANCEL"))
            t->cancel = true;
        else if (words_take(s, "STATUS"))
            t->status = (uint8_t)next_number(s);
        else
            t->account = world_name(words_next(s));
    }
    world_apply(w, &c);
}

static void check_margin_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_CHECK_MARGIN};
    if (s->at < s->count) c.check_margin.account = world_name(words_next(s));
    world_apply(w, &c);
}

static void quote_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_QUOTE};
    struct command_set_quote *q = &c.set_quote;
    q->symbol = world_name(words_next(s));
    q->bid = q->bid_quantity = q->ask = q->ask_quantity = absent;
    if (words_take(s, "BID")) {
        q->bid = next_decimal(w, sentence, s);
        q->bid_quantity = next_decimal(w, sentence, s);
    }
    if (words_take(s, "ASK")) {
        q->ask = next_decimal(w, sentence, s);
        q->ask_quantity = next_decimal(w, sentence, s);
    }
    world_apply(w, &c);
}

static void currency_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_CURRENCY};
    c.set_currency.currency = world_name(words_next(s));
    c.set_currency.scale = words_take(s, "SCALE") ? (uint8_t)next_number(s) : DECIMAL_ABSENT;
    world_apply(w, &c);
}

static void end_of_day_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_END_OF_DAY};
    if (words_take(s, "OF")) c.end_of_day.symbol = world_name(words_next(s));
    world_apply(w, &c);
}

static void kind_sentence(struct world *w, unsigned kind)
{
    struct command c = {.kind = (uint8_t)kind};
    if (kind == COMMAND_SET_LIMITS) c.set_limits = w->limits;
    world_apply(w, &c);
}

/* A sentence of what the market, its accounts and its time do; false when it is none. */
static bool setting_sentence_run(struct world *w, const char *sentence, struct words *s)
{
    if (words_take(s, "MASS_CANCEL"))
        mass_cancel_sentence(w, s);
    else if (words_take(s, "END_OF_DAY"))
        end_of_day_sentence(w, s);
    else if (words_take(s, "TRADING"))
        trading_sentence(w, s);
    else if (words_take(s, "CHECK_MARGIN"))
        check_margin_sentence(w, s);
    else if (words_take(s, "DEPOSIT"))
        cash_sentence(w, sentence, s, false);
    else if (words_take(s, "WITHDRAW"))
        cash_sentence(w, sentence, s, true);
    else if (words_take(s, "ACCOUNT"))
        account_sentence(w, sentence, s);
    else if (words_take(s, "CURRENCY"))
        currency_sentence(w, s);
    else if (words_take(s, "INSTRUMENT") || words_take(s, "STATE"))
        instrument_sentence(w, sentence, s);
    else if (words_take(s, "QUOTE"))
        quote_sentence(w, sentence, s);
    else
        return false;
    return true;
}

static void wait_for_midnight(struct world *w)
{
    const int64_t day_ns = (int64_t)86400 * 1000000000;
    w->ts_ns = (w->ts_ns / day_ns + 1) * day_ns - 1000000; /* the next command comes a millisecond later */
}

void sentence_run(struct world *w, const char *sentence)
{
    struct words s;
    words_cut(w, &s, sentence);
    w->ts_ns += 1000000; /* every command a millisecond after the one before */
    w->origin = (struct command_origin){0};
    origin_words_take(w, &s);
    if (words_take(&s, "TICK"))
        kind_sentence(w, COMMAND_TICK);
    else if (words_take(&s, "CONTINUE"))
        kind_sentence(w, COMMAND_CONTINUE);
    else if (words_take(&s, "SET_LIMITS"))
        kind_sentence(w, COMMAND_SET_LIMITS);
    else if (words_take(&s, "COMMAND"))
        kind_sentence(w, next_number(&s));
    else if (words_take(&s, "WAIT"))
        w->ts_ns += next_time(w, sentence, &s);
    else if (words_take(&s, "MIDNIGHT"))
        wait_for_midnight(w);
    else if (!order_sentence_run(w, sentence, &s) && !setting_sentence_run(w, sentence, &s) &&
             !desk_sentence_run(w, sentence, &s))
        world_fail(w, sentence, "not a sentence");
    if (s.at < s.count) world_fail(w, sentence, "more words than were understood");
}
