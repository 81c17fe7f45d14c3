/* tests/world/sentences.c - the sentences of given and when become commands. The grammar is in world.h. */
#include "tests/world/parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct decimal absent = {0, DECIMAL_ABSENT};

/* "+10s", "-5ms", "7ns" in nanoseconds. */
static int64_t time_of(struct world *w, const char *sentence, const char *word)
{
    char *unit;
    int64_t number = strtoll(word, &unit, 10);
    if (unit == word) world_fail(w, sentence, "not a time");
    if (strcmp(unit, "s") == 0) return number * 1000000000;
    if (strcmp(unit, "ms") == 0) return number * 1000000;
    if (strcmp(unit, "ns") == 0) return number;
    world_fail(w, sentence, "a time ends in s, ms or ns");
}

static struct decimal next_decimal(struct world *w, const char *sentence, struct words *s)
{
    return world_decimal(w, sentence, words_next(s));
}

static unsigned next_number(struct words *s)
{
    return (unsigned)strtoul(words_next(s), NULL, 10);
}

static struct amount next_amount(struct world *w, const char *sentence, struct words *s, bool negative)
{
    struct amount a;
    const char *word = words_next(s);
    if (amount_from_text(&a, word, strlen(word)) != 0) world_fail(w, sentence, "not an amount");
    if (negative) a.mantissa = -a.mantissa;
    return a;
}

/* An order by an account's name (its latest one), by the word AS gave it, or by "=id". */
static uint64_t order_of(struct world *w, const char *sentence, const char *word)
{
    if (word[0] == '=') return strtoull(word + 1, NULL, 10);
    for (uint32_t i = 0; i < w->aliases_count; i++)
        if (strcmp(w->aliases[i].word, word) == 0) return w->aliases[i].order_id;
    for (uint32_t k = w->commands_count; k-- > 0;)
        if (w->order_ids[k] != 0 && strncmp(w->commands[k].place.account.bytes, word, NAME_BYTES) == 0)
            return w->order_ids[k];
    world_fail(w, sentence, "no such order");
}

static void make_rich(struct world *w, const struct name *account, const struct name *symbol)
{
    const struct instrument_state *i = model_instrument(w->model, symbol);
    if (i == NULL || account->bytes[0] == '@' || account->bytes[0] == '\0') return;
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    c.set_account.account = *account;
    c.set_account.fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_ALLOW_SHORT;
    c.set_account.type = ACCOUNT_TYPE_MARGIN;
    c.set_account.allow_short = true;
    world_apply(w, &c);
    struct command cash = {.kind = COMMAND_MOVE_CASH};
    cash.move_cash.account = *account;
    cash.move_cash.currency = i->spec.currency;
    cash.move_cash.amount = (struct amount){1000000000, 0};
    world_apply(w, &cash);
}

static bool take_tif(struct words *s, struct command_place *p)
{
    int tif = s->at < s->count ? tif_from_text(s->word[s->at], strlen(s->word[s->at])) : 0;
    if (tif == 0) return false;
    p->tif = (uint8_t)tif;
    s->at++;
    return true;
}

/* One option of an order; false when the word is none. */
static bool take_order_option(struct world *w, const char *sentence, struct words *s, struct command_place *p)
{
    if (take_tif(s, p)) {
        if (p->tif == TIF_GTD && s->at < s->count && strchr("+-", s->word[s->at][0]) != NULL)
            p->expires_ns = w->ts_ns + time_of(w, sentence, words_next(s));
    } else if (words_take(s, "POST_ONLY"))
        p->flags |= PLACE_POST_ONLY;
    else if (words_take(s, "REDUCE_ONLY"))
        p->flags |= PLACE_REDUCE_ONLY;
    else if (words_take(s, "STOP"))
        p->stop_price = next_decimal(w, sentence, s);
    else if (words_take(s, "DISPLAY"))
        p->display_quantity = next_decimal(w, sentence, s);
    else if (words_take(s, "LEVERAGE"))
        p->leverage = next_decimal(w, sentence, s);
    else if (words_take(s, "STP"))
        p->stp = (uint8_t)next_number(s);
    else if (words_take(s, "FLAGS"))
        p->flags = (uint8_t)next_number(s);
    else if (words_take(s, "VENUE"))
        p->venue = world_name(words_next(s));
    else if (words_take(s, "EXPIRES"))
        p->expires_ns = w->ts_ns + time_of(w, sentence, words_next(s));
    else if (words_take(s, "TYPE")) {
        const char *type = words_next(s);
        p->type = (uint8_t)order_type_from_text(type, strlen(type));
    } else
        return false;
    return true;
}

static void remember_alias(struct world *w, const char *sentence, const char *word)
{
    if (w->aliases_count == WORLD_WORDS_MAX || strlen(word) >= sizeof w->aliases[0].word)
        world_fail(w, sentence, "too many words given with AS, or too long a one");
    struct world_alias *alias = &w->aliases[w->aliases_count++];
    strcpy(alias->word, word);
    alias->order_id = (uint64_t)w->commands_count << ORDER_INDEX_BITS;
}

static void place_sentence(struct world *w, const char *sentence, struct words *s, int side)
{
    struct command c = {.kind = COMMAND_PLACE};
    struct command_place *p = &c.place;
    const char *alias = "";
    p->side = (uint8_t)side;
    p->type = ORDER_TYPE_LIMIT;
    p->tif = TIF_DAY;
    p->price = p->stop_price = p->display_quantity = p->leverage = absent;
    p->account = world_name(words_next(s));
    p->quantity = next_decimal(w, sentence, s);
    p->symbol = world_name("XYZ");
    if (!words_take(s, "@")) world_fail(w, sentence, "an order needs @ and a price, MARKET or NONE");
    if (words_take(s, "MARKET"))
        p->type = ORDER_TYPE_MARKET;
    else if (!words_take(s, "NONE"))
        p->price = next_decimal(w, sentence, s);
    while (s->at < s->count) {
        if (words_take(s, "OF"))
            p->symbol = world_name(words_next(s));
        else if (words_take(s, "AS"))
            alias = words_next(s);
        else if (!take_order_option(w, sentence, s, p))
            world_fail(w, sentence, s->word[s->at]);
    }
    if (model_account(w->model, &p->account) == NULL && strcmp(p->account.bytes, "nobody") != 0)
        make_rich(w, &p->account, &p->symbol);
    world_apply(w, &c);
    if (alias[0] != '\0') remember_alias(w, sentence, alias);
}

static void modify_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_MODIFY};
    c.modify.order_id = order_of(w, sentence, words_next(s));
    c.modify.price = c.modify.quantity = c.modify.stop_price = c.modify.display_quantity = absent;
    while (s->at < s->count) {
        if (words_take(s, "TO"))
            c.modify.quantity = next_decimal(w, sentence, s);
        else if (words_take(s, "@"))
            c.modify.price = next_decimal(w, sentence, s);
        else if (words_take(s, "STOP"))
            c.modify.stop_price = next_decimal(w, sentence, s);
        else
            world_fail(w, sentence, s->word[s->at]);
    }
    world_apply(w, &c);
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

static void account_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    struct command_set_account *a = &c.set_account;
    a->account = world_name(words_next(s));
    while (s->at < s->count) {
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
        else if (strcmp(word, "LEVERAGE") == 0)
            a->fields |= ACCOUNT_HAS_LEVERAGE, a->leverage = next_decimal(w, sentence, s);
        else
            world_fail(w, sentence, word);
    }
    world_apply(w, &c);
}

/* One setting of an instrument; false when the word is none. */
static bool take_instrument_setting(struct world *w, const char *sentence, struct words *s,
                                    struct command_set_instrument *i)
{
    static const struct {
        const char *word;
        uint32_t field;
        size_t at;
    } decimals[] = {
        {"TICK", INSTRUMENT_HAS_TICK_SIZE, offsetof(struct command_set_instrument, tick_size)},
        {"LOT", INSTRUMENT_HAS_LOT_SIZE, offsetof(struct command_set_instrument, lot_size)},
        {"MIN", INSTRUMENT_HAS_MIN_QUANTITY, offsetof(struct command_set_instrument, min_quantity)},
        {"MAX", INSTRUMENT_HAS_MAX_QUANTITY, offsetof(struct command_set_instrument, max_quantity)},
        {"COLLAR", INSTRUMENT_HAS_COLLAR, offsetof(struct command_set_instrument, collar_percent)},
        {"MAKER", INSTRUMENT_HAS_MAKER_FEE, offsetof(struct command_set_instrument, maker_fee_bps)},
        {"TAKER", INSTRUMENT_HAS_TAKER_FEE, offsetof(struct command_set_instrument, taker_fee_bps)},
    };
    for (size_t k = 0; k < sizeof decimals / sizeof decimals[0]; k++) {
        if (!words_take(s, decimals[k].word)) continue;
        struct decimal d = next_decimal(w, sentence, s);
        memcpy((char *)i + decimals[k].at, &d, sizeof d);
        i->fields |= decimals[k].field;
        return true;
    }
    return false;
}

static void instrument_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    struct command_set_instrument *i = &c.set_instrument;
    i->symbol = world_name(words_next(s));
    while (s->at < s->count) {
        if (take_instrument_setting(w, sentence, s, i)) continue;
        const char *word = words_next(s);
        int state = instrument_state_from_text(word, strlen(word));
        if (state != 0)
            i->fields |= INSTRUMENT_HAS_STATE, i->state = (uint8_t)state;
        else if (strcmp(word, "IN") == 0)
            i->fields |= INSTRUMENT_HAS_CURRENCY, i->currency = world_name(words_next(s));
        else if (strcmp(word, "MAX_NOTIONAL") == 0)
            i->fields |= INSTRUMENT_HAS_MAX_NOTIONAL, i->max_notional = next_amount(w, sentence, s, false);
        else if (strcmp(word, "SETTLEMENT") == 0)
            i->fields |= INSTRUMENT_HAS_SETTLEMENT_DAYS, i->settlement_days = (uint16_t)next_number(s);
        else
            world_fail(w, sentence, word);
    }
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

void sentence_run(struct world *w, const char *sentence)
{
    struct words s;
    words_cut(w, &s, sentence);
    w->ts_ns += 1000000; /* every command a millisecond after the one before */
    if (words_take(&s, "BUY"))
        place_sentence(w, sentence, &s, SIDE_BUY);
    else if (words_take(&s, "SELL"))
        place_sentence(w, sentence, &s, SIDE_SELL);
    else if (words_take(&s, "MODIFY"))
        modify_sentence(w, sentence, &s);
    else if (words_take(&s, "CANCEL")) {
        struct command c = {.kind = COMMAND_CANCEL};
        c.cancel.order_id = order_of(w, sentence, words_next(&s));
        world_apply(w, &c);
    } else if (words_take(&s, "MASS_CANCEL"))
        mass_cancel_sentence(w, &s);
    else if (words_take(&s, "END_OF_DAY"))
        end_of_day_sentence(w, &s);
    else if (words_take(&s, "TICK"))
        kind_sentence(w, COMMAND_TICK);
    else if (words_take(&s, "CONTINUE"))
        kind_sentence(w, COMMAND_CONTINUE);
    else if (words_take(&s, "SET_LIMITS"))
        kind_sentence(w, COMMAND_SET_LIMITS);
    else if (words_take(&s, "COMMAND"))
        kind_sentence(w, next_number(&s));
    else if (words_take(&s, "DEPOSIT"))
        cash_sentence(w, sentence, &s, false);
    else if (words_take(&s, "WITHDRAW"))
        cash_sentence(w, sentence, &s, true);
    else if (words_take(&s, "ACCOUNT"))
        account_sentence(w, sentence, &s);
    else if (words_take(&s, "CURRENCY"))
        currency_sentence(w, &s);
    else if (words_take(&s, "INSTRUMENT"))
        instrument_sentence(w, sentence, &s);
    else if (words_take(&s, "QUOTE"))
        quote_sentence(w, sentence, &s);
    else if (words_take(&s, "WAIT"))
        w->ts_ns += time_of(w, sentence, words_next(&s));
    else
        world_fail(w, sentence, "not a sentence");
    if (s.at < s.count) world_fail(w, sentence, "more words than were understood");
}
