/* tests/world/facts.c - the facts of then against what the engine said and what its state is. The grammar is in
 * world.h. */
#include "tests/world/parts.h"

#include "core/rejects.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256, LINES_MAX = 400, LEVELS_SHOWN_MAX = 100 };
struct line {
    char text[LINE_BYTES];
};

static const char *number_text(i128 value, unsigned scale, char *room)
{
    decimal_to_text(value, scale, room);
    return room;
}

static const struct instrument_state *instrument_called(struct world *w, const struct name *symbol)
{
    const struct instrument_state *i = model_instrument(w->model, symbol);
    if (i == NULL) world_fail(w, symbol->bytes, "no such instrument");
    return i;
}

static const char *account_of_order(const struct world *w, uint64_t order_id)
{
    for (uint32_t k = 0; k < w->commands_count; k++)
        if (w->order_ids[k] != 0 && w->order_ids[k] == order_id) return w->commands[k].place.account.bytes;
    return "";
}

static void line_of_rejected(const struct world *w, const struct event_rejected *r, char *out)
{
    const char *account = r->terms.account.bytes;
    if (r->command_kind == COMMAND_MODIFY || r->command_kind == COMMAND_CANCEL)
        account = account_of_order(w, r->order_id);
    snprintf(out, LINE_BYTES, "REJECT %s%s%s", account, account[0] == '\0' ? "" : " ", reject_name(r->reason));
}

static void line_of_filled(const struct event_filled *f, char *out)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    bool buys = f->aggressor_side == SIDE_BUY;
    snprintf(out, LINE_BYTES, "FILL %s %s %s @ %s", buys ? f->buy_account.bytes : f->sell_account.bytes,
             buys ? f->sell_account.bytes : f->buy_account.bytes, number_text(f->quantity, f->quantity_scale, quantity),
             number_text(f->price, f->price_scale, price));
}

static void line_of_order(struct world *w, const char *what, const struct name *account, const struct name *symbol,
                          int64_t quantity, int64_t price, const char *tail, char *out)
{
    char price_text[DECIMAL_TEXT_BYTES_MAX] = "MARKET", quantity_text[DECIMAL_TEXT_BYTES_MAX];
    const struct instrument_spec *spec = &instrument_called(w, symbol)->spec;
    if (price != 0) number_text(price, spec->price_scale, price_text);
    snprintf(out, LINE_BYTES, "%s %s %s @ %s%s", what, account->bytes,
             number_text(quantity, spec->quantity_scale, quantity_text), price_text, tail);
}

static void line_of_ended(struct world *w, const struct event *e, char *out)
{
    char leaves[DECIMAL_TEXT_BYTES_MAX];
    const struct event_cancelled *c = &e->cancelled;
    number_text(c->leaves, instrument_called(w, &c->symbol)->spec.quantity_scale, leaves);
    if (e->kind == EVENT_EXPIRED)
        snprintf(out, LINE_BYTES, "EXPIRED %s %s", c->account.bytes, leaves);
    else
        snprintf(out, LINE_BYTES, "CANCELLED %s %s %s", c->account.bytes, leaves, cancel_reason_text(c->reason));
}

/* What an event is called among the facts; "" for one that no fact speaks of. */
static void line_of_event(struct world *w, const struct event *e, char *out)
{
    out[0] = '\0';
    switch (e->kind) {
    case EVENT_REJECTED: line_of_rejected(w, &e->rejected, out); break;
    case EVENT_FILLED: line_of_filled(&e->filled, out); break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: line_of_ended(w, e, out); break;
    case EVENT_PLACED:
        line_of_order(w, "PLACED", &e->placed.terms.account, &e->placed.terms.symbol, e->placed.terms.quantity,
                      e->placed.terms.price, "", out);
        break;
    case EVENT_MODIFIED:
        line_of_order(w, "MODIFIED", &e->modified.account, &e->modified.symbol, e->modified.leaves, e->modified.price,
                      e->modified.kept_priority ? " KEEPS" : " LOSES", out);
        break;
    case EVENT_SWEPT: snprintf(out, LINE_BYTES, "SWEPT %u %s", e->swept.orders, e->swept.more ? "MORE" : "DONE"); break;
    default: break;
    }
}

static bool begins(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

static bool is_outcome(const char *text)
{
    static const char *const words[] = {"FILL",   "CANCELLED", "EXPIRED", "REJECT",
                                        "PLACED", "MODIFIED",  "SWEPT",   "NOTHING"};
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (begins(text, words[k])) return true;
    return false;
}

/* Some kinds of outcome are only looked at when a fact names one. */
static bool is_looked_at(const char *text, const char *const *facts)
{
    static const char *const optional[] = {"PLACED", "MODIFIED", "SWEPT"};
    for (size_t k = 0; k < sizeof optional / sizeof optional[0]; k++) {
        if (!begins(text, optional[k])) continue;
        for (const char *const *fact = facts; *fact != NULL; fact++)
            if (begins(*fact, optional[k])) return true;
        return false;
    }
    return text[0] != '\0';
}

static void fail_outcomes(struct world *w, const struct line *lines, uint32_t count, const char *expected)
{
    for (uint32_t k = 0; k < count; k++) print_error("  happened: %s\n", lines[k].text);
    world_fail(w, expected, "is not what happened at its place");
}

static void check_outcomes(struct world *w, const char *const *facts)
{
    struct line *lines = calloc(LINES_MAX, sizeof *lines);
    assert_non_null(lines);
    uint32_t count = 0, at = 0;
    for (uint32_t i = w->when_event; i < w->events_count && count < LINES_MAX; i++) {
        line_of_event(w, &w->events[i], lines[count].text);
        count += is_looked_at(lines[count].text, facts);
    }
    for (; *facts != NULL; facts++) {
        if (!is_outcome(*facts) || begins(*facts, "NOTHING")) continue;
        if (at == count || strcmp(lines[at].text, *facts) != 0) fail_outcomes(w, lines, count, *facts);
        at++;
    }
    if (at != count) fail_outcomes(w, lines, count, lines[at].text);
    free(lines);
}

/* ---- what is so now ---- */

static void fail_fact(struct world *w, const char *fact, const char *actual)
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

static void check_rests(struct world *w, const char *fact, const char *account)
{
    char line[LINE_BYTES], all[LINE_BYTES * 3] = "";
    uint32_t cursor = 0;
    struct order_state o;
    while (engine_export_order(w->engine, &cursor, &o)) {
        struct account_state a;
        struct instrument_state i;
        if (!engine_get_account_by_id(w->engine, o.account_id, &a) || strcmp(a.account.bytes, account) != 0) continue;
        assert_true(engine_get_instrument_by_id(w->engine, o.instrument_id, &i));
        line_of_order(w, "RESTS", &a.account, &i.spec.symbol, o.leaves, o.price, "", line);
        if (strcmp(line, fact) == 0) return;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s; ", line);
    }
    fail_fact(w, fact, all[0] == '\0' ? "nothing of it rests" : all);
}

static void check_gone(struct world *w, const char *fact, const char *account)
{
    uint64_t id = account_called(w, fact, account)->id;
    uint32_t cursor = 0;
    struct order_state o;
    while (engine_export_order(w->engine, &cursor, &o))
        if (o.account_id == id) fail_fact(w, fact, "it has an open order");
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
    if (strcmp(expected, count == 0 ? " NONE" : text) != 0) fail_fact(w, fact, text);
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
    int64_t price_units =
        price.mantissa * pow10_i64(instrument_called(w, &symbol)->spec.price_scale - (unsigned)price.scale);
    uint32_t count = engine_queue(w->engine, &symbol, side, price_units, ids, LEVELS_SHOWN_MAX);
    for (uint32_t k = 0; k < count && k < LEVELS_SHOWN_MAX; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s", account_of_order(w, ids[k]));
    if (strcmp(expected, text) != 0) fail_fact(w, fact, text);
}

static void check_last(struct world *w, const char *fact, struct words *s)
{
    char text[DECIMAL_TEXT_BYTES_MAX] = "NONE";
    const char *expected = words_next(s);
    struct name symbol = words_symbol(s);
    struct instrument_state i;
    assert_true(engine_get_instrument(w->engine, &symbol, &i));
    if (i.last_price != 0) number_text(i.last_price, i.spec.price_scale, text);
    if (strcmp(text, expected) != 0) fail_fact(w, fact, text);
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
    if (strcmp(text, expected) != 0) fail_fact(w, fact, text);
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
    if (strcmp(text, expected) != 0) fail_fact(w, fact, text);
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
    if (strcmp(text, expected) != 0) fail_fact(w, fact, text);
}

static void check_fact(struct world *w, const char *fact)
{
    struct words s;
    words_cut(w, &s, fact);
    const char *what = words_next(&s);
    if (strcmp(what, "RESTS") == 0) {
        check_rests(w, fact, words_next(&s));
        return;
    }
    if (strcmp(what, "GONE") == 0)
        check_gone(w, fact, words_next(&s));
    else if (strcmp(what, "BIDS") == 0)
        check_side(w, fact, &s, SIDE_BUY);
    else if (strcmp(what, "ASKS") == 0)
        check_side(w, fact, &s, SIDE_SELL);
    else if (strcmp(what, "QUEUE") == 0)
        check_queue(w, fact, &s);
    else if (strcmp(what, "LAST") == 0)
        check_last(w, fact, &s);
    else if (strcmp(what, "FEE") == 0)
        check_fee(w, fact, &s);
    else if (strcmp(what, "ORDERS") == 0) {
        char text[DECIMAL_TEXT_BYTES_MAX];
        number_text(engine_counts(w->engine).orders, 0, text);
        if (strcmp(text, words_next(&s)) != 0) fail_fact(w, fact, text);
    } else if (strcmp(what, "CASH") == 0 || strcmp(what, "FREE") == 0 || strcmp(what, "RESERVED") == 0 ||
               strcmp(what, "MARGIN") == 0)
        check_balance(w, fact, what, &s);
    else if (strcmp(what, "POSITION") == 0 || strcmp(what, "COST") == 0 || strcmp(what, "REALIZED") == 0)
        check_position(w, fact, what, &s);
    else
        world_fail(w, fact, "not a fact");
    if (s.at < s.count) world_fail(w, fact, "more words than were understood");
}

void facts_check(struct world *w, const char *const *facts)
{
    check_outcomes(w, facts);
    for (; *facts != NULL; facts++)
        if (!is_outcome(*facts)) check_fact(w, *facts);
}
