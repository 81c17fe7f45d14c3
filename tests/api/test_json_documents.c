/* tests/api/test_json_documents.c - each document byte for byte, and the writer under them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "api/json.h"
#include "core/rejects.h"

static int json_setup(void **state)
{
    *state = json_new();
    return *state == NULL ? -1 : 0;
}

static int json_teardown(void **state)
{
    json_free(*state);
    return 0;
}

/* What was written since the last call, and starts over. */
static void assert_written(struct json *j, const char *expected)
{
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(bytes);
    if (len != strlen(expected) || memcmp(bytes, expected, len) != 0)
        fail_msg("wrote %.*s\n not %s", (int)len, bytes, expected);
    json_reset(j);
}

static void commas_stand_between_members_and_nowhere_else(void **state)
{
    struct json *j = *state;
    json_object_begin(j);
    json_key(j, "a");
    json_array_begin(j);
    json_u64(j, UINT64_MAX);
    json_i64(j, INT64_MIN);
    json_array_begin(j);
    json_array_end(j);
    json_object_begin(j);
    json_object_end(j);
    json_bool(j, true);
    json_bool(j, false);
    json_null(j);
    json_number_text(j, "1.5e3");
    json_array_end(j);
    json_key(j, "b");
    json_decimal(j, -5, 2);
    json_key(j, "c");
    json_id(j, UINT64_MAX);
    json_key(j, "d");
    json_time(j, 1);
    json_object_end(j);
    assert_written(j, "{\"a\":[18446744073709551615,-9223372036854775808,[],{},true,false,null,1.5e3],\"b\":\"-0.05\","
                      "\"c\":\"18446744073709551615\",\"d\":\"1970-01-01T00:00:00.000000001Z\"}");
}

static void text_is_escaped_and_always_utf8(void **state)
{
    struct json *j = *state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } rows[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"\"\\/", 3, "\"\\\"\\\\/\""},
        {"a\0b\n\x1f\x7f", 6, "\"a\\u0000b\\u000a\\u001f\x7f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"a\xc3", 2, "\"a\xef\xbf\xbd\""},                                 /* cut short */
        {"\xff!\xc0\x80", 4, "\"\xef\xbf\xbd!\xef\xbf\xbd\xef\xbf\xbd\""}, /* never was UTF-8 */
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},   /* a surrogate */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_text(j, rows[i].bytes, rows[i].len);
        assert_written(j, rows[i].expected);
    }
}

static void a_document_grows(void **state)
{
    struct json *j = *state;
    size_t len;
    char text[5000];
    memset(text, 'x', sizeof text);
    json_array_begin(j);
    for (int i = 0; i < 100; i++) json_text(j, text, sizeof text);
    json_array_end(j);
    assert_non_null(json_bytes(j, &len));
    assert_int_equal(len, 1 + 100 * (sizeof text + 3));
    json_reset(j);
}

static struct order_row order_row_sample(void)
{
    struct order_row o = {.order_id = 7 << 16, .created_seq = 7, .updated_seq = 9, .created_ns = 1, .updated_ns = 2};
    o.price = 14550;
    o.quantity = 30;
    o.leaves = 20;
    o.filled = 10;
    o.executed_ns = 2;
    o.price_quantity = 14500 * 10;
    o.status = ORDER_STATUS_PARTIALLY_FILLED;
    o.side = SIDE_BUY;
    o.type = ORDER_TYPE_LIMIT;
    o.tif = TIF_DAY;
    o.price_scale = 2;
    o.client_order_id_len = 2;
    memcpy(o.client_order_id, "c\"", 2);
    o.account = name_of("ann");
    o.symbol = name_of("GOOG");
    return o;
}

static void an_order_with_a_fill(void **state)
{
    struct json *j = *state;
    struct order_row o = order_row_sample();
    json_order(j, &o);
    assert_written(
        j, "{\"order_id\":\"458752\",\"client_order_id\":\"c\\\"\",\"account\":\"ann\",\"symbol\":\"GOOG\","
           "\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":\"DAY\",\"quantity\":\"30\",\"price\":\"145.50\","
           "\"status\":\"PARTIALLY_FILLED\",\"filled_quantity\":\"10\",\"remaining_quantity\":\"20\","
           "\"average_price\":\"145.00\",\"venue\":\"BOOK\",\"created_at\":\"1970-01-01T00:00:00.000000001Z\","
           "\"updated_at\":\"1970-01-01T00:00:00.000000002Z\",\"executed_at\":\"1970-01-01T00:00:00.000000002Z\","
           "\"seq\":9}");
}

static void a_market_order_has_no_price(void **state)
{
    struct json *j = *state;
    struct order_row o = order_row_sample();
    o.type = ORDER_TYPE_MARKET;
    o.price = 0;
    o.status = ORDER_STATUS_CANCELLED;
    o.cancel_reason = CANCEL_REASON_MARKET_REMAINDER;
    o.leaves = 0;
    o.client_order_id_len = 0;
    o.updated_seq = 0;
    json_order(j, &o);
    assert_written(
        j, "{\"order_id\":\"458752\",\"account\":\"ann\",\"symbol\":\"GOOG\","
           "\"side\":\"BUY\",\"type\":\"MARKET\",\"tif\":\"DAY\",\"quantity\":\"30\","
           "\"status\":\"CANCELLED\",\"filled_quantity\":\"10\",\"remaining_quantity\":\"0\","
           "\"average_price\":\"145.00\",\"venue\":\"BOOK\",\"cancel_reason\":\"MARKET_REMAINDER\","
           "\"created_at\":\"1970-01-01T00:00:00.000000001Z\",\"updated_at\":\"1970-01-01T00:00:00.000000002Z\","
           "\"executed_at\":\"1970-01-01T00:00:00.000000002Z\",\"seq\":7}");
}

static void a_refused_order_says_why_and_what_was_asked(void **state)
{
    struct json *j = *state;
    struct order_row o = {.order_id = 7 << 16, .created_seq = 7, .updated_seq = 7, .created_ns = 1, .updated_ns = 1};
    o.status = ORDER_STATUS_REJECTED;
    o.refusal = (struct refusal){.reason = REJECT_PRICE_NOT_ALLOWED,
                                 .field = REFUSAL_PRICE,
                                 .value_scale = DECIMAL_ABSENT,
                                 .limit_scale = DECIMAL_ABSENT};
    o.side = SIDE_SELL;
    o.type = ORDER_TYPE_MARKET;
    o.tif = TIF_GTD;
    o.price = 15;
    o.price_scale = 1;
    o.quantity_scale = DECIMAL_ABSENT;
    o.expires_ns = 3;
    o.flags = PLACE_POST_ONLY;
    o.account = name_of("ann");
    o.symbol = name_of("GOOG");
    json_order(j, &o);
    assert_written(
        j, "{\"order_id\":\"458752\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"SELL\",\"type\":\"MARKET\","
           "\"tif\":\"GTD\",\"expires_at\":\"1970-01-01T00:00:00.000000003Z\",\"post_only\":true,\"price\":\"1.5\","
           "\"status\":\"REJECTED\",\"reject\":{\"code\":\"PRICE_NOT_ALLOWED\","
           "\"text\":\"only a LIMIT or STOP_LIMIT order has a "
           "price\",\"field\":\"price\"},\"created_at\":\"1970-01-01T00:00:00.000000001Z\","
           "\"updated_at\":\"1970-01-01T00:00:00.000000001Z\",\"seq\":7}");
}

static struct event_filled filled_sample(void)
{
    struct event_filled f = {.symbol = name_of("GOOG"), .buy_account = name_of("ann"), .sell_account = name_of("bob")};
    f.price = 14550;
    f.quantity = 10;
    f.notional = 145500;
    f.buy_order_id = 65536;
    f.sell_order_id = 131072;
    f.buy_fee = 7;
    f.sell_fee = -3;
    f.aggressor_side = SIDE_SELL;
    f.price_scale = 2;
    f.currency_scale = 2;
    return f;
}

static void a_trade_for_everyone_and_for_each_side(void **state)
{
    struct json *j = *state;
    struct trade_row t = {.seq = 2, .index = 1, .ts_ns = 5, .fill = filled_sample()};
    struct name ann = name_of("ann"), bob = name_of("bob"), cat = name_of("cat"), nobody = {{0}};
#define TRADE                                                                                                          \
    "{\"trade_id\":\"2-1\",\"symbol\":\"GOOG\",\"price\":\"145.50\",\"quantity\":\"10\",\"buy_order_id\":\"65536\","   \
    "\"sell_order_id\":\"131072\",\"aggressor_side\":\"SELL\",\"venue\":\"BOOK\","                                     \
    "\"executed_at\":\"1970-01-01T00:00:00.000000005Z\",\"seq\":2"
    json_trade(j, &t, NULL);
    assert_written(j, TRADE "}");
    json_trade(j, &t, &nobody);
    assert_written(j, TRADE "}");
    json_trade(j, &t, &cat);
    assert_written(j, TRADE "}");
    json_trade(j, &t, &ann);
    assert_written(
        j,
        TRADE ",\"order_id\":\"65536\",\"account\":\"ann\",\"side\":\"BUY\",\"liquidity\":\"MAKER\",\"fee\":\"0.07\"}");
    json_trade(j, &t, &bob);
    assert_written(
        j, TRADE
        ",\"order_id\":\"131072\",\"account\":\"bob\",\"side\":\"SELL\",\"liquidity\":\"TAKER\",\"fee\":\"-0.03\"}");
    t.fill.buy_account = bob;
    json_trade(j, &t, &bob);
    assert_written(
        j, TRADE
        ",\"order_id\":\"131072\",\"account\":\"bob\",\"side\":\"SELL\",\"liquidity\":\"TAKER\",\"fee\":\"-0.03\"}");
}

static struct position_row position_sample(void)
{
    struct position_row p = {.account = name_of("ann"), .symbol = name_of("GOOG"), .currency = name_of("USD")};
    p.quantity = 3;
    p.cost = 1000;
    p.realized = -5;
    p.mark_price = 400;
    p.value = 1200;
    p.unrealized = 200;
    p.price_scale = 2;
    p.currency_scale = 2;
    p.updated_seq = 9;
    return p;
}

static void a_position_with_and_without_a_mark(void **state)
{
    struct json *j = *state;
    struct position_row p = position_sample();
    json_position(j, &p);
    assert_written(
        j,
        "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"quantity\":\"3\",\"average_price\":\"3.333333\",\"currency\":"
        "\"USD\","
        "\"cost\":\"10.00\",\"realized_pnl\":\"-0.05\",\"unrealized_pnl\":\"2.00\",\"mark_price\":\"4.00\",\"seq\":9}");
    p.quantity = -3;
    p.cost = -1200;
    p.mark_price = 0;
    p.unrealized = 0;
    json_position(j, &p);
    assert_written(
        j,
        "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"quantity\":\"-3\",\"average_price\":\"4.00\",\"currency\":\"USD\","
        "\"cost\":\"-12.00\",\"realized_pnl\":\"-0.05\",\"seq\":9}");
    p.quantity = 0;
    p.cost = 0;
    json_position(j, &p);
    assert_written(j, "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"quantity\":\"0\",\"currency\":\"USD\","
                      "\"cost\":\"0.00\",\"realized_pnl\":\"-0.05\",\"unrealized_pnl\":\"0.00\",\"seq\":9}");
}

static void an_average_cost_at_the_bounds_is_still_written(void **state)
{
    struct json *j = *state;
    struct position_row p = {.account = name_of("ann"), .symbol = name_of("X"), .currency = name_of("ETH")};
    p.quantity = POSITION_MAX;
    p.currency_scale = 0;
    p.price_scale = 9;
    p.quantity_scale = 9;
    p.cost = (i128)PRICE_MAX * POSITION_MAX / 1000000000 / 1000000000;
    json_position(j, &p); /* at 13 decimals it would not fit: 11 do, and 9 of them count */
    assert_written(j, "{\"account\":\"ann\",\"symbol\":\"X\",\"quantity\":\"4000000000.000000000\",\"average_price\":"
                      "\"100000000.000000000\","
                      "\"currency\":\"ETH\",\"cost\":\"400000000000000000\",\"realized_pnl\":\"0\"}");
    p.currency_scale = 18;
    p.price_scale = p.quantity_scale = 0;
    p.cost = (i128)5 * POSITION_MAX; /* 5 * 10^-18 each */
    json_position(j, &p);
    assert_written(j, "{\"account\":\"ann\",\"symbol\":\"X\",\"quantity\":\"4000000000000000000\",\"average_price\":"
                      "\"0\",\"currency\":\"ETH\","
                      "\"cost\":\"20.000000000000000000\",\"realized_pnl\":\"0.000000000000000000\"}");
    p.quantity = 1;
    p.cost = (i128)(~(u128)0 >> 1); /* more than any position costs: nothing rather than something wrong */
    p.currency_scale = 0;
    p.quantity_scale = 9;
    json_position(j, &p);
    assert_written(j, "{\"account\":\"ann\",\"symbol\":\"X\",\"quantity\":\"0.000000001\",\"currency\":\"ETH\","
                      "\"cost\":\"170141183460469231731687303715884105727\",\"realized_pnl\":\"0\"}");
}

static void an_account_with_one_currency_has_totals(void **state)
{
    struct json *j = *state;
    struct account_row a = {
        .account = {.id = 1, .account = name_of("ann"), .leverage = 250, .type = ACCOUNT_TYPE_MARGIN}};
    a.account.status = ACCOUNT_STATUS_ACTIVE;
    a.account.allow_short = true;
    a.updated_seq = 4;
    struct equity_row e[2] = {{.equity = 101200, .exposure = 1200, .unrealized = 200}, {.equity = 7}};
    struct balance_row b[2] = {{.account = name_of("ann"), .currency = name_of("USD"), .scale = 2},
                               {.currency = name_of("JPY")}};
    b[0].cash = 100000;
    b[0].reserved = 500;
    b[0].cost_net = 1000;
    b[0].margin_used = 400;
    b[1].cash = 7;
    json_account(j, &a, b, e, 1, NULL);
    assert_written(
        j,
        "{\"account\":\"ann\",\"type\":\"MARGIN\",\"status\":\"ACTIVE\",\"allow_short\":true,\"leverage\":\"2.5\","
        "\"stp\":\"NONE\",\"balances\":[{\"currency\":\"USD\",\"cash\":\"1000.00\",\"reserved\":\"5.00\",\"available\":"
        "\"1001.00\","
        "\"margin_used\":\"4.00\",\"unrealized_pnl\":\"2.00\",\"exposure\":\"12.00\",\"equity\":\"1012.00\"}],"
        "\"equity\":\"1012.00\",\"margin_used\":\"4.00\",\"seq\":4}");
    json_account(j, &a, b, e, 2, NULL);
    assert_written(
        j, "{\"account\":\"ann\",\"type\":\"MARGIN\",\"status\":\"ACTIVE\",\"allow_short\":true,\"leverage\":\"2.5\","
           "\"stp\":\"NONE\",\"balances\":[{\"currency\":\"USD\",\"cash\":\"1000.00\",\"reserved\":\"5.00\","
           "\"available\":\"1001.00\","
           "\"margin_used\":\"4.00\",\"unrealized_pnl\":\"2.00\",\"exposure\":\"12.00\",\"equity\":\"1012.00\"},{"
           "\"currency\":\"JPY\",\"cash\":\"7\",\"reserved\":\"0\","
           "\"available\":\"7\",\"margin_used\":\"0\",\"unrealized_pnl\":\"0\",\"exposure\":\"0\",\"equity\":\"7\"}],"
           "\"seq\":4}");
}

static struct instrument_state instrument_sample(void)
{
    struct instrument_state i = {.id = 5,
                                 .spec = {.symbol = name_of("GOOG"), .currency = name_of("USD"), .tick = 1, .lot = 1}};
    i.spec.price_scale = 2;
    i.spec.currency_scale = 2;
    i.spec.trigger = TRIGGER_LAST;
    i.spec.state = INSTRUMENT_STATE_CONTINUOUS;
    return i;
}

static void an_instrument_shows_what_is_set(void **state)
{
    struct json *j = *state;
    struct instrument_row row = {.instrument = instrument_sample(), .updated_seq = 6};
    json_instrument(j, &row, NULL);
    assert_written(
        j,
        "{\"symbol\":\"GOOG\",\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":\"1\",\"maker_fee_bps\":\"0\","
        "\"taker_fee_bps\":\"0\",\"trigger\":\"LAST\",\"settlement_days\":0,\"mark\":\"LAST\","
        "\"halt_on_breach\":false,\"state\":\"CONTINUOUS\",\"trading\":\"ACTIVE\",\"seq\":6}");
    struct instrument_spec *s = &row.instrument.spec;
    s->min_quantity = 10;
    s->max_quantity = 1000;
    s->max_notional = 500000;
    s->collar_ppm = 125000;
    s->maker_fee_rate = -5000;
    s->taker_fee_rate = 10000;
    row.instrument.last_price = 14550;
    row.instrument.bid = 14540;
    row.instrument.bid_quantity = 3;
    row.instrument.ask = 14560;
    json_instrument(j, &row, NULL);
    assert_written(
        j,
        "{\"symbol\":\"GOOG\",\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":\"1\",\"min_quantity\":\"10\","
        "\"max_quantity\":\"1000\",\"max_notional\":\"5000.00\",\"price_collar_percent\":\"12.5\","
        "\"maker_fee_bps\":\"-0.5\",\"taker_fee_bps\":\"1\",\"trigger\":\"LAST\",\"settlement_days\":0,"
        "\"mark\":\"LAST\",\"halt_on_breach\":false,\"state\":\"CONTINUOUS\",\"trading\":\"ACTIVE\",\"last_price\":"
        "\"145.50\",\"bid\":\"145.40\",\"bid_quantity\":\"3\","
        "\"ask\":\"145.60\",\"ask_quantity\":\"0\",\"seq\":6}");
    struct currency_state c = {.id = 1, .currency = name_of("USD"), .scale = 2};
    json_currency(j, &c);
    assert_written(j, "{\"currency\":\"USD\",\"scale\":2}");
}

static void a_book_is_best_first(void **state)
{
    struct json *j = *state;
    struct instrument_state i = instrument_sample();
    struct level_row bids[] = {{14540, 10, 90, 2}, {14530, 5, 0, 1}}, asks[] = {{14560, 7, 0, 1}};
    const struct book_rows two = {bids, 2}, one = {asks, 1}, none = {NULL, 0};
    struct auction_price price = {.price = 14550, .quantity = 5, .imbalance = -2};
    json_book(j, &i, &price, 9, &two, &one);
    assert_written(j,
                   "{\"symbol\":\"GOOG\",\"seq\":9,\"state\":\"CONTINUOUS\",\"trading\":\"ACTIVE\",\"bids\":["
                   "{\"price\":\"145.40\",\"quantity\":\"10\",\"orders\":2},{\"price\":\"145.30\",\"quantity\":\"5\","
                   "\"orders\":1}],\"asks\":[{\"price\":\"145.60\",\"quantity\":\"7\",\"orders\":1}]}");
    i.last_price = 14550;
    i.spec.trading = ACCOUNT_STATUS_HALTED;
    json_book(j, &i, &price, 9, &none, &none);
    assert_written(j, "{\"symbol\":\"GOOG\",\"seq\":9,\"state\":\"CONTINUOUS\",\"trading\":\"HALTED\",\"bids\":[],"
                      "\"asks\":[],\"last_price\":\"145.50\"}");
}

static void a_book_that_collects_orders_shows_its_indicative_price(void **state)
{
    struct json *j = *state;
    struct instrument_state i = instrument_sample();
    const struct book_rows none = {NULL, 0};
    struct auction_price price = {.price = 14550, .quantity = 5, .imbalance = -2};
    i.spec.state = INSTRUMENT_STATE_PRE_OPEN;
    json_book(j, &i, &price, 9, &none, &none);
    assert_written(
        j, "{\"symbol\":\"GOOG\",\"seq\":9,\"state\":\"PRE_OPEN\",\"trading\":\"ACTIVE\",\"bids\":[],\"asks\":[],"
           "\"indicative\":{\"price\":\"145.50\",\"quantity\":\"5\",\"imbalance\":\"-2\"}}");
    i.spec.state = INSTRUMENT_STATE_AUCTION;
    price = (struct auction_price){0}; /* the book would not uncross */
    json_book(j, &i, &price, 9, &none, &none);
    assert_written(
        j, "{\"symbol\":\"GOOG\",\"seq\":9,\"state\":\"AUCTION\",\"trading\":\"ACTIVE\",\"bids\":[],\"asks\":[]}");
}

static void a_problem(void **state)
{
    struct json *j = *state;
    struct problem p;
    problem_set(&p, 400, "MALFORMED", "Malformed request", "field \"%s\" is unknown", "foo");
    json_problem(j, &p);
    assert_written(j, "{\"type\":\"about:blank\",\"title\":\"Malformed request\",\"status\":400,"
                      "\"detail\":\"field \\\"foo\\\" is unknown\",\"code\":\"MALFORMED\"}");
}

#define EVENT_HEAD "{\"seq\":7,\"index\":1,\"time\":\"1970-01-01T00:00:00.000000005Z\",\"event\":"
static struct event event_of(int kind)
{
    return (struct event){.seq = 7, .ts_ns = 5, .index = 1, .kind = (uint8_t)kind};
}

static void events_about_orders(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_PLACED);
    e.placed.order_id = 65536;
    e.placed.hold = 435000;
    e.placed.currency_scale = 2;
    e.placed.terms.account = name_of("ann");
    e.placed.terms.symbol = name_of("GOOG");
    e.placed.terms.price = 14500;
    e.placed.terms.price_scale = 2;
    e.placed.terms.stop_price_scale = e.placed.terms.display_scale = e.placed.terms.trail_scale = DECIMAL_ABSENT;
    e.placed.terms.quantity = 30;
    e.placed.terms.side = SIDE_BUY;
    e.placed.terms.type = ORDER_TYPE_LIMIT;
    e.placed.terms.tif = TIF_GTC;
    json_event(j, &e);
#define TERMS                                                                                                          \
    "\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":\"GTC\",\"quantity\":\"30\"," \
    "\"price\":\"145.00\""
    assert_written(j,
                   EVENT_HEAD "\"placed\",\"order_id\":\"65536\"," TERMS ",\"venue\":\"BOOK\",\"hold\":\"4350.00\"}");

    struct order_terms terms = e.placed.terms;
    e = event_of(EVENT_REJECTED);
    e.rejected = (struct event_rejected){.order_id = 65536, .command_kind = COMMAND_PLACE, .terms = terms};
    e.rejected.refusal = (struct refusal){
        .reason = REJECT_CASH_SHORT, .value = 435000, .value_scale = 2, .limit = 100000, .limit_scale = 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"rejected\",\"op\":\"place\",\"order_id\":\"65536\",\"reject_number\":2001,"
                   "\"reject_code\":\"CASH_SHORT\",\"reject_text\":\"available cash is below what this needs\","
                   "\"value\":\"4350.00\",\"limit\":\"1000.00\"," TERMS "}");

    e = event_of(EVENT_CANCELLED);
    e.cancelled = (struct event_cancelled){.order_id = 65536,
                                           .account = name_of("ann"),
                                           .symbol = name_of("GOOG"),
                                           .leaves = 200,
                                           .reason = CANCEL_REASON_REQUESTED,
                                           .side = SIDE_BUY,
                                           .quantity_scale = 1};
    json_event(j, &e);
#define ENDED "\"order_id\":\"65536\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"leaves\":\"20.0\""
    assert_written(j, EVENT_HEAD "\"cancelled\"," ENDED ",\"reason\":\"REQUESTED\"}");
    e.kind = EVENT_EXPIRED;
    e.cancelled.reason = 0;
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"expired\"," ENDED "}");

    e = event_of(EVENT_MODIFIED);
    e.modified = (struct event_modified){.order_id = 65536,
                                         .account = name_of("ann"),
                                         .symbol = name_of("GOOG"),
                                         .price = 14500,
                                         .quantity = 25,
                                         .leaves = 15,
                                         .hold = 217500,
                                         .side = SIDE_BUY,
                                         .kept_priority = true,
                                         .price_scale = 2,
                                         .currency_scale = 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"modified\",\"order_id\":\"65536\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\","
                   "\"price\":\"145.00\",\"quantity\":\"25\",\"leaves\":\"15\","
                   "\"hold\":\"2175.00\",\"kept_priority\":true}");

    e = event_of(EVENT_FILLED);
    e.filled = filled_sample();
    e.filled.buy_leaves = 5;
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"filled\",\"symbol\":\"GOOG\",\"price\":\"145.50\",\"quantity\":\"10\",\"notional\":\"1455.00\","
                   "\"aggressor_side\":\"SELL\",\"venue\":\"BOOK\",\"buy_order_id\":\"65536\",\"buy_account\":\"ann\","
                   "\"buy_leaves\":\"5\","
                   "\"buy_fee\":\"0.07\",\"buy_hold\":\"0.00\",\"sell_order_id\":\"131072\",\"sell_account\":\"bob\","
                   "\"sell_leaves\":\"0\",\"sell_fee\":\"-0.03\",\"sell_hold\":\"0.00\"}");
}

static void events_about_everything_else(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_CURRENCY_SET);
    e.currency_set = (struct currency_state){65536, name_of("USD"), 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"currency_set\",\"currency_id\":\"65536\",\"currency\":\"USD\",\"scale\":2}");
    e = event_of(EVENT_INSTRUMENT_SET);
    e.instrument_set = instrument_sample();
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"instrument_set\",\"instrument_id\":\"5\",\"symbol\":\"GOOG\",\"currency\":\"USD\",\"tick_size\":"
                   "\"0.01\",\"lot_size\":\"1\",\"maker_fee_bps\":\"0\",\"taker_fee_bps\":\"0\",\"trigger\":\"LAST\","
                   "\"settlement_days\":0,\"mark\":\"LAST\",\"halt_on_breach\":false,\"state\":\"CONTINUOUS\","
                   "\"trading\":\"ACTIVE\"}");
    e = event_of(EVENT_ACCOUNT_SET);
    e.account_set = (struct account_state){.id = 3,
                                           .account = name_of("ann"),
                                           .leverage = 100,
                                           .type = ACCOUNT_TYPE_CASH,
                                           .status = ACCOUNT_STATUS_HALTED};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"account_set\",\"account_id\":\"3\",\"account\":\"ann\",\"type\":\"CASH\",\"status\":\"HALTED\","
                   "\"allow_short\":false,\"leverage\":\"1\",\"stp\":\"NONE\"}");
    e = event_of(EVENT_CASH_MOVED);
    e.cash_moved = (struct event_cash_moved){name_of("ann"), name_of("USD"), -150, 850, 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"cash_moved\",\"account\":\"ann\",\"currency\":\"USD\",\"amount\":\"-1.50\",\"cash\":\"8.50\"}");
    e = event_of(EVENT_QUOTED);
    e.quoted = (struct event_quoted){.symbol = name_of("GOOG"), .bid = 14500, .bid_quantity = 7, .price_scale = 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"quoted\",\"symbol\":\"GOOG\",\"bid\":\"145.00\",\"bid_quantity\":\"7\"}");
    e = event_of(EVENT_SWEPT);
    e.swept = (struct event_swept){12, true, SWEEP_MASS_CANCEL};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"swept\",\"sweep\":\"mass_cancel\",\"orders\":12,\"more\":true}");
    e = event_of(EVENT_LIMITS_SET);
    e.limits_set = limits_default();
    json_event(j, &e);
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(memmem(bytes, len, "\"linger_s\":86400}", 17));
}

static void a_whatif_shows_both_sides_of_each_difference(void **state)
{
    struct json *j = *state;
    struct whatif_order_diff order = {.in_branch = true, .branch = order_row_sample()};
    struct whatif_trade_diff trade = {.in_baseline = true,
                                      .baseline = {.seq = 2, .index = 1, .ts_ns = 5, .fill = filled_sample()}};
    struct whatif_position_diff position = {.in_baseline = true, .in_branch = true};
    position.baseline.account = position.branch.account = name_of("ann");
    position.branch.position.quantity = 3;
    struct whatif_balance_diff balances[3] = {
        {.in_branch = true}, {.in_baseline = true, .in_branch = true}, {.in_branch = true}};
    balances[0].branch = (struct whatif_balance){.account = name_of("ann"), .currency = name_of("EUR")};
    balances[1].baseline = balances[1].branch =
        (struct whatif_balance){.account = name_of("ann"), .currency = name_of("USD")};
    balances[1].branch.balance.cash = 5;
    balances[2].branch = (struct whatif_balance){.account = name_of("bob"), .currency = name_of("USD")};
    struct whatif_level_diff level = {.symbol = name_of("GOOG"), .side = SIDE_BUY, .price_scale = 2, .in_branch = true};
    level.branch = (struct book_level){.price = 14500, .quantity = 7, .orders = 1};
    struct whatif_skip skip = {.seq = 8, .command_kind = COMMAND_CANCEL, .order_id = 65536};
    struct whatif_result r = {
        .base_seq = 1, .until_seq = 9, .commands = 8, .base_digest = {.lo = 1}, .branch_digest = {.hi = 2}};
    json_whatif(j, &r, 0);
    assert_written(
        j,
        "{\"base_seq\":1,\"until_seq\":9,\"commands\":8,\"base_digest\":\"00000000000000000000000000000001\","
        "\"branch_digest\":\"00000000000000020000000000000000\",\"diff\":{\"orders\":[],\"trades\":[],\"positions\":[],"
        "\"accounts\":[]},\"inserted\":[],\"skipped\":[]}");
    r.orders = &order;
    r.trades = &trade;
    r.positions = &position;
    r.balances = balances;
    r.levels = &level;
    r.skipped = &skip;
    r.orders_count = r.trades_count = r.positions_count = r.levels_count = r.skipped_count = 1;
    r.balances_count = 3;
    json_whatif(j, &r, WHATIF_ACCOUNTS | WHATIF_BOOK);
#define BALANCE(currency, cash)                                                                                        \
    "{\"currency\":\"" currency "\",\"cash\":\"" cash "\",\"reserved\":\"0\",\"available\":\"" cash                    \
    "\",\"margin_used\":\"0\"}"
    assert_written(
        j,
        "{\"base_seq\":1,\"until_seq\":9,\"commands\":8,\"base_digest\":\"00000000000000000000000000000001\","
        "\"branch_digest\":\"00000000000000020000000000000000\",\"diff\":{\"accounts\":["
        "{\"baseline\":{\"account\":\"ann\",\"balances\":[" BALANCE(
            "USD", "0") "]},"
                        "\"branch\":{\"account\":\"ann\",\"balances\":[" BALANCE("EUR", "0") "," BALANCE(
                            "USD", "5") "]}},"
                                        "{\"baseline\":null,\"branch\":{\"account\":\"bob\",\"balances\":[" BALANCE(
                                            "USD",
                                            "0") "]}}],"
                                                 "\"book\":[{\"baseline\":null,\"branch\":{\"symbol\":\"GOOG\","
                                                 "\"side\":\"BUY\",\"price\":\"145.00\","
                                                 "\"quantity\":\"7\",\"orders\":1}}]},\"inserted\":[],"
                                                 "\"skipped\":[{\"seq\":8,\"op\":\"cancel\",\"order_id\":\"65536\"}]}");
    r.inserted = &order.branch;
    r.inserted_count = 1;
    json_whatif(j, &r, WHATIF_ORDERS | WHATIF_TRADES | WHATIF_POSITIONS);
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(memmem(bytes, len, "\"orders\":[{\"baseline\":null,\"branch\":{\"order_id\":\"458752\"", 54));
    assert_non_null(memmem(bytes, len, "\"trades\":[{\"baseline\":{\"trade_id\":\"2-1\"", 39));
    assert_non_null(memmem(bytes, len, "\"positions\":[{\"baseline\":{\"account\":\"ann\"", 40));
    assert_non_null(memmem(bytes, len, "\"inserted\":[{\"order_id\":\"458752\"", 31));
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, json_setup, json_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(commas_stand_between_members_and_nowhere_else),
        UNIT(text_is_escaped_and_always_utf8),
        UNIT(a_document_grows),
        UNIT(an_order_with_a_fill),
        UNIT(a_market_order_has_no_price),
        UNIT(a_refused_order_says_why_and_what_was_asked),
        UNIT(a_trade_for_everyone_and_for_each_side),
        UNIT(a_position_with_and_without_a_mark),
        UNIT(an_average_cost_at_the_bounds_is_still_written),
        UNIT(an_account_with_one_currency_has_totals),
        UNIT(an_instrument_shows_what_is_set),
        UNIT(a_book_is_best_first),
        UNIT(a_book_that_collects_orders_shows_its_indicative_price),
        UNIT(a_problem),
        UNIT(events_about_orders),
        UNIT(events_about_everything_else),
        UNIT(a_whatif_shows_both_sides_of_each_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
