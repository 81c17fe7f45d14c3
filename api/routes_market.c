/* api/routes_market.c - currencies, instruments, quotes, books, trades, candles, the end of day. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "core/error.h"

static void show_currency(struct exchange *x, const struct currency_state *c)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_currency(j, c);
    exchange_answer(x, 200);
}

static void currency_set(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct currency_state *c = &x->pending.outcome.subject.currency_set;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "currency");
        json_name(j, &c->currency);
        json_key(j, "scale");
        json_u64(j, c->scale);
        json_key(j, "seq");
        json_u64(j, x->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_currency_put(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "currency", &path.currency)) answer_by_command(x, COMMAND_SET_CURRENCY, &path, currency_set);
}

static void read_currency(struct exchange *x, struct views_read *r)
{
    struct name currency;
    struct currency_state row;
    if (!param_name(x, 0, "currency", &currency)) return;
    int failed = views_currency(r, &currency, &row);
    if (failed != 0)
        answer_not_read(x, failed, "currency", exchange_param(x, 0));
    else
        show_currency(x, &row);
}

void route_currency_get(struct exchange *x)
{
    exchange_read(x, read_currency);
}

static void read_currencies(struct exchange *x, struct views_read *r)
{
    struct page page;
    if (!query_page(x, &page)) return;
    struct currency_state *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_currencies(r, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_currency(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_currency_list(struct exchange *x)
{
    exchange_read(x, read_currencies);
}

static void show_instrument(struct exchange *x, const struct instrument_row *row)
{
    struct orders_cancelled cancelled;
    struct json *j = exchange_json(x);
    if (j != NULL) json_instrument(j, row, answer_cancelled(x, &cancelled));
    exchange_answer(x, 200);
}

static void read_instrument(struct exchange *x, struct views_read *r)
{
    struct name symbol;
    struct instrument_row row;
    if (!param_name(x, 0, "symbol", &symbol)) return;
    int failed = views_instrument(r, &symbol, &row);
    /* After a command on it the instrument says that command's seq, whatever else the view has folded since. */
    if (x->seq != 0) row.updated_seq = x->seq;
    if (failed != 0)
        answer_not_read(x, failed, "instrument", exchange_param(x, 0));
    else
        show_instrument(x, &row);
}

void route_instrument_get(struct exchange *x)
{
    exchange_read(x, read_instrument);
}

/* A change of session may take CONTINUE commands: the instrument is shown as they left it. */
static void instrument_changed(struct exchange *x)
{
    if (answer_accepted(x)) exchange_read_after(x, x->pending.outcome.done_seq, read_instrument);
}

void route_instrument_put(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "symbol", &path.symbol))
        answer_by_command(x, COMMAND_SET_INSTRUMENT, &path, instrument_changed);
}

/* The session, or the trading state. */
static bool changes_state_alone(const struct command *c)
{
    return c->kind == COMMAND_SET_TRADING || c->set_instrument.fields == INSTRUMENT_HAS_STATE;
}

/* The same command would make an instrument that is not there; this path only changes one. Instruments never go away,
 * so what the view has is there when the command is judged. */
static void instrument_state_known(struct exchange *x, struct views_read *r)
{
    struct instrument_row row;
    struct json_path path = {0};
    struct problem p = {0};
    if (!param_name(x, 0, "symbol", &path.symbol)) return;
    int failed = views_instrument(r, &path.symbol, &row);
    if (failed != 0)
        answer_not_read(x, failed, "instrument", exchange_param(x, 0));
    else if (json_command_parse(COMMAND_SET_INSTRUMENT, x->body_bytes == 0 ? "" : x->body, x->body_bytes, &path,
                                &x->parsed, &p) != 0)
        exchange_problem_given(x, &p);
    else if (!changes_state_alone(&x->parsed.command))
        exchange_problem(x, 400, "MALFORMED", "this path takes state, or trading and cancel, and nothing else");
    else
        exchange_submit(x, &x->parsed.command, instrument_changed);
}

void route_instrument_state_put(struct exchange *x)
{
    exchange_read_after(x, x->answered_seq, instrument_state_known);
}

static void read_instruments(struct exchange *x, struct views_read *r)
{
    struct page page;
    if (!query_page(x, &page)) return;
    struct instrument_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_instruments(r, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_instrument(j, &rows[i], NULL);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_instrument_list(struct exchange *x)
{
    exchange_read(x, read_instruments);
}

static void write_quote_side(struct json *j, const char *price_key, const char *quantity_key, int64_t price,
                             int64_t quantity, const struct event_quoted *q)
{
    if (price == 0) return;
    json_key(j, price_key);
    json_decimal(j, price, q->price_scale);
    json_key(j, quantity_key);
    json_decimal(j, quantity, q->quantity_scale);
}

static void quoted(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct event_quoted *q = &x->pending.outcome.subject.quoted;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "symbol");
        json_name(j, &q->symbol);
        write_quote_side(j, "bid", "bid_quantity", q->bid, q->bid_quantity, q);
        write_quote_side(j, "ask", "ask_quantity", q->ask, q->ask_quantity, q);
        json_key(j, "seq");
        json_u64(j, x->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_quote_put(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "symbol", &path.symbol)) answer_by_command(x, COMMAND_SET_QUOTE, &path, quoted);
}

static void day_ended(struct exchange *x)
{
    if (answer_accepted(x)) answer_swept(x, "expired");
}

void route_end_of_day(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_END_OF_DAY, &path, day_ended);
}

enum { BOOK_DEPTH_DEFAULT = 10, BOOK_DEPTH_MAX = 5000 };

static void read_book(struct exchange *x, struct views_read *r)
{
    struct name symbol;
    struct instrument_row row;
    uint64_t depth = 0;
    if (!param_name(x, 0, "symbol", &symbol)) return;
    if (!query_number(x, "depth", 1, BOOK_DEPTH_MAX, BOOK_DEPTH_DEFAULT, &depth)) return;
    int failed = views_instrument(r, &symbol, &row);
    if (failed != 0) {
        answer_not_read(x, failed, "instrument", exchange_param(x, 0));
        return;
    }
    struct auction_price indicative = {0};
    struct level_row *levels = malloc(2 * depth * sizeof *levels);
    int64_t bids = levels == NULL ? ERR_NO_MEMORY : views_book(r, &symbol, SIDE_BUY, levels, (uint32_t)depth);
    int64_t asks = bids < 0 ? bids : views_book(r, &symbol, SIDE_SELL, levels + depth, (uint32_t)depth);
    if (asks >= 0) failed = views_indicative(r, &symbol, &indicative);
    if (asks < 0 || failed != 0) {
        exchange_failed(x, asks < 0 ? (int)asks : failed);
    } else {
        const struct book_rows buy = {levels, (size_t)bids}, sell = {levels + depth, (size_t)asks};
        struct json *j = exchange_json(x);
        if (j != NULL) json_book(j, &row.instrument, &indicative, views_read_cursor(r).seq, &buy, &sell);
        exchange_answer(x, 200);
    }
    free(levels);
}

void route_book_get(struct exchange *x)
{
    exchange_read(x, read_book);
}

static void read_trades(struct exchange *x, struct views_read *r)
{
    struct trade_filter f = {.order_id = 0};
    struct page page;
    const char *order_id = exchange_query(x, "order_id");
    bool timed = exchange_query(x, "from") != NULL || exchange_query(x, "to") != NULL;
    if (!query_name(x, "account", &f.account) || !query_name(x, "symbol", &f.symbol) ||
        !query_name(x, "venue", &f.venue) || !query_time(x, "from", 0, &f.from_ns) ||
        !query_time(x, "to", timed ? INT64_MAX : 0, &f.to_ns))
        return;
    if (order_id != NULL && !order_id_parse(order_id, &f.order_id)) {
        exchange_problem(x, 400, "MALFORMED", "order_id: not an order id");
        return;
    }
    if (!query_page(x, &page)) return;
    struct trade_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_trades(r, &f, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_trade(j, &rows[i], &f.account);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_trade_list(struct exchange *x)
{
    exchange_read(x, read_trades);
}

static bool query_interval(struct exchange *x, uint32_t *interval_s)
{
    static const struct {
        uint32_t seconds;
        const char *word;
    } intervals[] = {
#define X(seconds, word) {seconds, word},
        CANDLE_INTERVALS(X)
#undef X
    };
    const char *text = exchange_query(x, "interval");
    for (size_t i = 0; text != NULL && i < sizeof intervals / sizeof *intervals; i++) {
        *interval_s = intervals[i].seconds;
        if (strcmp(text, intervals[i].word) == 0) return true;
    }
#define X(seconds, word) " " word
    exchange_problem(x, 400, "MALFORMED", "interval: required, one of" CANDLE_INTERVALS(X));
#undef X
    return false;
}

/* BOOK when it is not given. */
static bool query_venue(struct exchange *x, uint8_t *venue)
{
    const char *text = exchange_query(x, "venue");
    for (*venue = VENUE_BOOK; text != NULL && *venue <= VENUE_NUMBER_MAX; (*venue)++) {
        if (strcasecmp(text, venue_text(*venue)) == 0) return true;
    }
    if (text == NULL) return true;
    exchange_problem(x, 400, "MALFORMED", "venue: not BOOK or QUOTE");
    return false;
}

static void read_candles(struct exchange *x, struct views_read *r)
{
    struct candle_filter f = {.venue = VENUE_BOOK};
    struct page page;
    if (!param_name(x, 0, "symbol", &f.symbol) || !query_interval(x, &f.interval_s) || !query_venue(x, &f.venue))
        return;
    if (!query_time(x, "from", 0, &f.from_ns) || !query_time(x, "to", INT64_MAX, &f.to_ns) || !query_page(x, &page))
        return;
    struct candle_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_candles(r, &f, page.after, page.limit, rows, page.next);
    if (count == ERR_NOT_FOUND) {
        answer_not_read(x, ERR_NOT_FOUND, "instrument", exchange_param(x, 0));
    } else {
        struct json *j = answer_list_begin(x, count);
        for (int64_t i = 0; j != NULL && i < count; i++) json_candle(j, &rows[i]);
        if (j != NULL) answer_list_end(x, &page);
    }
    free(rows);
}

void route_candle_list(struct exchange *x)
{
    exchange_read(x, read_candles);
}
