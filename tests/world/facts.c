/* tests/world/facts.c - the facts of then about what is so now, against the engine's state. The grammar is in world.h. */
#include "tests/world/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_SHOWN_MAX = 100 };

static const struct instrument_state *instrument_called(struct world *w, const struct name *symbol)
{
    const struct instrument_state *i = model_instrument(w->model, symbol);
    if (i == NULL) world_fail(w, symbol->bytes, "no such instrument");
    return i;
}

void world_fail_fact(struct world *w, const char *fact, const char *actual)
{
    char what[LINE_BYTES * 4];
    snprintf(what, sizeof what, "it is: %s", actual);
    world_fail(w, fact, what);
}

static const struct account_state *account_called(struct world *w, const char *fact, const char *word)
{
    struct name n = world_name(word);
    const struct account_state *a = model_account(w->model, &n);
    if (a == NULL) world_fail(w, fact, "no such account");
    return a;
}

/* An open order as a line: RESTS in a book, WAITS anywhere else. */
static void say_order(const struct order_state *o, const struct account_state *a, const struct instrument_spec *spec,
                      struct line *line)
{
    char leaves[DECIMAL_TEXT_BYTES_MAX], price[DECIMAL_TEXT_BYTES_MAX];
    *line = (struct line){{0}, {0}};
    number_text(o->leaves, spec->quantity_scale, leaves);
    if (o->extra.phase == ORDER_PHASE_RESTING) {
        snprintf(line->text, LINE_BYTES, "RESTS %s %s @ %s", a->account.bytes, leaves,
                 price_text(o->price, spec->price_scale, price));
        return;
    }
    snprintf(line->text, LINE_BYTES, "WAITS %s %s %s", a->account.bytes, leaves, order_phase_text(o->extra.phase));
    line_detail(line, "price", price_text(o->price, spec->price_scale, price));
    line_detail_number(line, o->flags & PLACE_GTT ? "trigger" : "stop", o->extra.stop_price, spec->price_scale);
    line_detail_number(line, "hold", o->hold, spec->currency_scale);
}

static void check_open(struct world *w, const char *fact, const char *account)
{
    char all[LINE_BYTES * 3] = "";
    struct line line;
    uint32_t cursor = 0;
    struct order_state o;
    while (engine_export_order(w->engine, &cursor, &o)) {
        struct account_state a;
        struct instrument_state i;
        if (!engine_get_account_by_id(w->engine, o.account_id, &a) || strcmp(a.account.bytes, account) != 0) continue;
        assert_true(engine_get_instrument_by_id(w->engine, o.instrument_id, &i));
        say_order(&o, &a, &i.spec, &line);
        if (line_says(&line, fact)) return;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s |%s; ", line.text, line.details);
    }
    world_fail_fact(w, fact, all[0] == '\0' ? "nothing of it is open" : all);
}

static void check_gone(struct world *w, const char *fact, const char *account)
{
    uint64_t id = account_called(w, fact, account)->id;
    uint32_t cursor = 0;
    struct order_state o;
    while (engine_export_order(w->engine, &cursor, &o))
        if (o.account_id == id) world_fail_fact(w, fact, "it has an open order");
}

static void check_side(struct world *w, const char *fact, struct words *s, int side)
{
    struct book_level levels[LEVELS_SHOWN_MAX];
    char text[LINE_BYTES * 3] = "", price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    char expected[SENTENCE_BYTES_MAX] = "";
    struct name symbol = world_name("XYZ");
    while (s->at < s->count) {
        if (words_take(s, "OF"))
            symbol = world_name(words_next(s));
        else
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), " %s", words_next(s));
    }
    const struct instrument_spec *spec = &instrument_called(w, &symbol)->spec;
    uint32_t count = engine_book(w->engine, &symbol, side, levels, LEVELS_SHOWN_MAX);
    for (uint32_t k = 0; k < count; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s @ %s",
                 number_text(levels[k].quantity, spec->quantity_scale, quantity),
                 number_text(levels[k].price, spec->price_scale, price));
    if (strcmp(expected, count == 0 ? " NONE" : text) != 0) world_fail_fact(w, fact, text);
}

static int64_t price_units(struct world *w, const struct name *symbol, struct decimal price)
{
    return price.mantissa * pow10_i64(instrument_called(w, symbol)->spec.price_scale - (unsigned)price.scale);
}

static void check_hidden(struct world *w, const char *fact, struct words *s)
{
    struct book_level levels[LEVELS_SHOWN_MAX];
    char text[DECIMAL_TEXT_BYTES_MAX] = "no such level";
    int side = words_take(s, "BUY") ? SIDE_BUY : SIDE_SELL;
    if (side == SIDE_SELL) words_next(s);
    struct decimal price = next_decimal(w, fact, s);
    const char *expected = words_next(s);
    struct name symbol = words_symbol(s);
    uint32_t count = engine_book(w->engine, &symbol, side, levels, LEVELS_SHOWN_MAX);
    for (uint32_t k = 0; k < count; k++)
        if (levels[k].price == price_units(w, &symbol, price))
            number_text(levels[k].hidden, instrument_called(w, &symbol)->spec.quantity_scale, text);
    if (strcmp(text, expected) != 0) world_fail_fact(w, fact, text);
}

static void check_indicative(struct world *w, const char *fact, struct words *s)
{
    struct auction_price found;
    struct line line = {"INDICATIVE NONE", ""};
    char quantity[DECIMAL_TEXT_BYTES_MAX], price[DECIMAL_TEXT_BYTES_MAX];
    struct name symbol = world_name("XYZ");
    const struct instrument_spec *spec = &instrument_called(w, &symbol)->spec;
    if (engine_indicative(w->engine, &symbol, &found)) {
        snprintf(line.text, LINE_BYTES, "INDICATIVE %s @ %s",
                 number_text(found.quantity, spec->quantity_scale, quantity),
                 number_text(found.price, spec->price_scale, price));
        line_detail_number(&line, "imbalance", found.imbalance, spec->quantity_scale);
    }
    s->at = s->count;
    if (!line_says(&line, fact)) world_fail_fact(w, fact, line.text);
}

static void say_quote_side(char *out, size_t room, const char *word, int64_t price, int64_t quantity,
                           const struct instrument_spec *spec)
{
    char price_room[DECIMAL_TEXT_BYTES_MAX], quantity_room[DECIMAL_TEXT_BYTES_MAX];
    size_t len = strlen(out);
    if (price != 0)
        snprintf(out + len, room - len, " %s %s %s", word, number_text(price, spec->price_scale, price_room),
                 number_text(quantity, spec->quantity_scale, quantity_room));
}

static void check_quote_left(struct world *w, const char *fact, struct words *s)
{
    char text[LINE_BYTES] = "QUOTE_LEFT";
    struct instrument_state i;
    struct name symbol = world_name("XYZ");
    assert_true(engine_get_instrument(w->engine, &symbol, &i));
    say_quote_side(text, sizeof text, "BID", i.bid, i.bid_quantity, &i.spec);
    say_quote_side(text, sizeof text, "ASK", i.ask, i.ask_quantity, &i.spec);
    s->at = s->count;
    if (strcmp(text, fact) != 0) world_fail_fact(w, fact, text);
}

static void check_session(struct world *w, const char *fact, struct words *s)
{
    struct name symbol = world_name(words_next(s));
    struct instrument_state i;
    assert_true(engine_get_instrument(w->engine, &symbol, &i));
    if (strcmp(words_next(s), instrument_state_text(i.spec.state)) != 0)
        world_fail_fact(w, fact, instrument_state_text(i.spec.state));
}

static void check_queue(struct world *w, const char *fact, struct words *s)
{
    uint64_t ids[LEVELS_SHOWN_MAX];
    char text[LINE_BYTES * 3] = "", expected[SENTENCE_BYTES_MAX] = "";
    struct name symbol = world_name("XYZ");
    int side = words_take(s, "BUY") ? SIDE_BUY : SIDE_SELL;
    if (side == SIDE_SELL) words_next(s);
    struct decimal price = world_decimal(w, fact, words_next(s));
    while (s->at < s->count) {
        if (words_take(s, "OF"))
            symbol = world_name(words_next(s));
        else
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), " %s", words_next(s));
    }
    uint32_t count = engine_queue(w->engine, &symbol, side, price_units(w, &symbol, price), ids, LEVELS_SHOWN_MAX);
    for (uint32_t k = 0; k < count && k < LEVELS_SHOWN_MAX; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s", account_of_order(w, ids[k]));
    if (strcmp(expected, text) != 0) world_fail_fact(w, fact, text);
}

static void check_last(struct world *w, const char *fact, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX] = "NONE";
    const char *expected = words_next(s);
    struct name symbol = words_symbol(s);
    struct instrument_state i;
    assert_true(engine_get_instrument(w->engine, &symbol, &i));
    if (i.last_price != 0) number_text(i.last_price, i.spec.price_scale, text);
    if (strcmp(text, expected) != 0) world_fail_fact(w, fact, text);
}

static unsigned scale_of_currency(struct world *w, const char *fact, const struct name *currency)
{
    const struct currency_state *c = model_currency(w->model, currency);
    if (c == NULL) world_fail(w, fact, "no such currency");
    return c->scale;
}

static void check_balance(struct world *w, const char *fact, const char *what, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    struct name account = world_name(words_next(s));
    const char *expected = words_next(s);
    struct name currency = world_name(s->at < s->count ? words_next(s) : "USD");
    struct balance_state b = {0};
    account_called(w, fact, account.bytes);
    engine_get_balance(w->engine, &account, &currency, &b);
    i128 value = b.cash;
    if (strcmp(what, "FREE") == 0) value = b.cash + b.cost_net - b.margin_used - b.reserved;
    if (strcmp(what, "RESERVED") == 0) value = b.reserved;
    if (strcmp(what, "MARGIN") == 0) value = b.margin_used;
    number_text(value, scale_of_currency(w, fact, &currency), text);
    if (strcmp(text, expected) != 0) world_fail_fact(w, fact, text);
}

static void check_position(struct world *w, const char *fact, const char *what, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    struct name account = world_name(words_next(s));
    const char *expected = words_next(s);
    struct name symbol = words_symbol(s);
    const struct instrument_spec *spec = &instrument_called(w, &symbol)->spec;
    struct position_state p = {0};
    account_called(w, fact, account.bytes);
    engine_get_position(w->engine, &account, &symbol, &p);
    if (strcmp(what, "POSITION") == 0)
        number_text(p.quantity, spec->quantity_scale, text);
    else
        number_text(strcmp(what, "COST") == 0 ? p.cost : p.realized, spec->currency_scale, text);
    if (strcmp(text, expected) != 0) world_fail_fact(w, fact, text);
}

static void check_fee(struct world *w, const char *fact, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    const char *account = words_next(s), *expected = words_next(s);
    i128 paid = 0;
    unsigned scale = 2;
    for (uint32_t k = w->when_event; k < w->events_count; k++) {
        if (w->events[k].kind != EVENT_FILLED) continue;
        const struct event_filled *f = &w->events[k].filled;
        if (strcmp(f->buy_account.bytes, account) == 0) paid += f->buy_fee;
        if (strcmp(f->sell_account.bytes, account) == 0) paid += f->sell_fee;
        scale = f->currency_scale;
    }
    number_text(paid, scale, text);
    if (strcmp(text, expected) != 0) world_fail_fact(w, fact, text);
}

static void check_orders(struct world *w, const char *fact, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    number_text(engine_counts(w->engine).orders, 0, text);
    if (strcmp(text, words_next(s)) != 0) world_fail_fact(w, fact, text);
}

static bool is_one_of(const char *what, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(what, *words) == 0) return true;
    return false;
}

/* Facts about an instrument's book and session; false when it is none. */
static bool check_market(struct world *w, const char *fact, const char *what, struct words *s)
{
    if (strcmp(what, "BIDS") == 0)
        check_side(w, fact, s, SIDE_BUY);
    else if (strcmp(what, "ASKS") == 0)
        check_side(w, fact, s, SIDE_SELL);
    else if (strcmp(what, "HIDDEN") == 0)
        check_hidden(w, fact, s);
    else if (strcmp(what, "QUEUE") == 0)
        check_queue(w, fact, s);
    else if (strcmp(what, "LAST") == 0)
        check_last(w, fact, s);
    else if (strcmp(what, "INDICATIVE") == 0)
        check_indicative(w, fact, s);
    else if (strcmp(what, "QUOTE_LEFT") == 0)
        check_quote_left(w, fact, s);
    else if (strcmp(what, "SESSION") == 0)
        check_session(w, fact, s);
    else
        return false;
    return true;
}

static void check_fact(struct world *w, const char *fact)
{
    static const char *const balances[] = {"CASH", "FREE", "RESERVED", "MARGIN", NULL};
    static const char *const positions[] = {"POSITION", "COST", "REALIZED", NULL};
    struct words s;
    words_cut(w, &s, fact);
    const char *what = words_next(&s);
    if (strcmp(what, "RESTS") == 0 || strcmp(what, "WAITS") == 0) {
        check_open(w, fact, words_next(&s));
        return;
    }
    if (strcmp(what, "GONE") == 0)
        check_gone(w, fact, words_next(&s));
    else if (strcmp(what, "FEE") == 0)
        check_fee(w, fact, &s);
    else if (strcmp(what, "ORDERS") == 0)
        check_orders(w, fact, &s);
    else if (strcmp(what, "PENDING") == 0 || strcmp(what, "SETTLED") == 0) {
        if (engine_continue_needed(w->engine, w->ts_ns) != (strcmp(what, "PENDING") == 0))
            world_fail_fact(w, fact, "the other");
    } else if (is_one_of(what, balances))
        check_balance(w, fact, what, &s);
    else if (is_one_of(what, positions))
        check_position(w, fact, what, &s);
    else if (!check_market(w, fact, what, &s) && !desk_fact_check(w, fact, what, &s))
        world_fail(w, fact, "not a fact");
    if (s.at < s.count) world_fail(w, fact, "more words than were understood");
}

void facts_check(struct world *w, const char *const *facts)
{
    outcomes_check(w, facts);
    for (; *facts != NULL; facts++)
        if (!outcomes_know(*facts)) check_fact(w, *facts);
}
