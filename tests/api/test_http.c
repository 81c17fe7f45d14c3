/* tests/api/test_http.c - every route and every kind of refusal, over the real program. One server serves the whole
 * file; each test has instruments and accounts of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/api/ask.h"

#define ACCOUNTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_placed_order_is_shown_by_its_id_its_client_id_and_in_lists(void **state)
{
    struct ask *a = *state;
    char id[24], place_answer[2048];
    given_market(a, "SHOW", ACCOUNTS("show1"));
    ask(a, "POST",
        "{\"account\":\"show1\",\"symbol\":\"SHOW\",\"side\":\"buy\",\"qty\":10,\"price\":145.50,\"tif\":\"gtc\","
        "\"client_order_id\":\"my-1\"}",
        "/api/v1/orders");
    expect_status(a, 201);
    expect(a, "status", "ACKED");
    expect(a, "price", "145.50");
    expect(a, "quantity", "10");
    expect(a, "remaining_quantity", "10");
    expect(a, "tif", "GTC");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    (void)snprintf(id, sizeof id, "%.20s", said(a, "order_id"));
    assert_string_equal(said_header(a, "Location") + strlen("/api/v1/orders/"), id);
    (void)snprintf(place_answer, sizeof place_answer, "%s", a->answer.body);

    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
    assert_string_equal(a->answer.body, place_answer);
    ask(a, "GET", NULL, "/order/my-1");
    expect_status(a, 200);
    assert_string_equal(a->answer.body, place_answer);
    ask(a, "GET", NULL, "/order/%s", id);
    expect_status(a, 200);
    ask(a, "GET", NULL, "/api/v1/orders?account=show1&symbol=SHOW&status=ACKED&client_order_id=my-1");
    expect_status(a, 200);
    expect(a, "items", "[1]");
    expect(a, "items.0.order_id", id);
    expect(a, "next_cursor", "null");
    ask(a, "GET", NULL, "/api/v1/orders?account=show1&status=open");
    expect(a, "items", "[1]");
    ask(a, "GET", NULL, "/api/v1/orders?account=show1&status=FILLED");
    expect(a, "items", "[0]");
}

static void crossing_orders_trade_and_every_view_says_so(void **state)
{
    struct ask *a = *state;
    char sell[24], buy[24];
    given_market(a, "TRADE", ACCOUNTS("seller", "buyer"));
    place(a, "seller", "TRADE", "SELL", "10", "100.00", sell);
    place(a, "buyer", "TRADE", "BUY", "4", "101.00", buy);
    expect(a, "status", "FILLED");
    expect(a, "average_price", "100.00");

    ask(a, "GET", NULL, "/api/v1/orders/%s", sell);
    expect(a, "status", "PARTIALLY_FILLED");
    expect(a, "filled_quantity", "4");
    expect(a, "remaining_quantity", "6");
    ask(a, "GET", NULL, "/api/v1/trades?symbol=TRADE");
    expect(a, "items", "[1]");
    expect(a, "items.0.price", "100.00");
    expect(a, "items.0.buy_order_id", buy);
    expect(a, "items.0.sell_order_id", sell);
    ask(a, "GET", NULL, "/api/v1/trades?account=buyer&order_id=%s", buy);
    expect(a, "items.0.liquidity", "TAKER");
    ask(a, "GET", NULL, "/api/v1/positions?account=buyer");
    expect(a, "items.0.quantity", "4");
    ask(a, "GET", NULL, "/api/v1/accounts/buyer");
    expect(a, "balances.0.cash", "999600.00");
    ask(a, "GET", NULL, "/api/v1/book/TRADE?depth=5");
    expect(a, "asks.0.quantity", "6");
    expect(a, "bids", "[0]");
    expect(a, "last_price", "100.00");
    ask(a, "GET", NULL, "/api/v1/orders/%s/events", sell);
    expect_status(a, 200);
    expect(a, "items", "[2]");
    expect(a, "items.0.event", "placed");
    expect(a, "items.1.event", "filled");
    ask(a, "GET", NULL, "/api/v1/orders/%s/events?limit=1", sell);
    expect(a, "items", "[1]");
    assert_string_not_equal(said(a, "next_cursor"), "null");
}

/* In words, of the last answer. */
static void expect_candle(struct ask *a, const char *prices, const char *sums)
{
    char room[256];
    int len = snprintf(room, sizeof room, "%s ", said(a, "items.0.open"));
    static const char *const price_members[] = {"items.0.high", "items.0.low", "items.0.close"};
    for (int i = 0; i < 3; i++)
        len += snprintf(room + len, sizeof room - (size_t)len, "%s ", said(a, price_members[i]));
    room[len - 1] = '\0';
    assert_string_equal(room, prices);
    len = snprintf(room, sizeof room, "%s ", said(a, "items.0.volume"));
    static const char *const sum_members[] = {"items.0.notional", "items.0.trades", "items.0.vwap"};
    for (int i = 0; i < 3; i++) len += snprintf(room + len, sizeof room - (size_t)len, "%s ", said(a, sum_members[i]));
    room[len - 1] = '\0';
    assert_string_equal(room, sums);
}

static void candles_say_what_traded_in_the_book_or_at_the_quote(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "CANDLE", ACCOUNTS("candle1", "candle2"));
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1m");
    expect_status(a, 200);
    expect(a, "items", "[0]");
    expect(a, "next_cursor", "null");
    place(a, "candle1", "CANDLE", "SELL", "10", "100.00", id);
    place(a, "candle1", "CANDLE", "SELL", "10", "101.00", id);
    place(a, "candle2", "CANDLE", "BUY", "13", "101.00", id);

    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1d");
    expect_status(a, 200);
    expect(a, "items", "[1]");
    expect_candle(a, "100.00 101.00 100.00 101.00", "13 1303.00 2 100.230769");
    assert_string_equal(strchr(said(a, "items.0.start"), 'T'), "T00:00:00.000000000Z");
    ask(a, "GET", NULL,
        "/api/v1/candles/CANDLE?interval=1d&from=2020-01-01T00:00:00Z&to=2250-01-01T00:00:00Z&limit=500");
    expect(a, "items", "[1]");
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1s&to=2020-01-01T00:00:00Z");
    expect(a, "items", "[0]");
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1s&from=2250-01-01T00:00:00Z");
    expect(a, "items", "[0]");
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1h&venue=quote");
    expect_status(a, 200);
    expect(a, "items", "[0]");

    ask(a, "PUT", "{\"ask\":\"99.00\",\"ask_quantity\":5}", "/api/v1/quotes/CANDLE");
    ask(a, "POST",
        "{\"account\":\"candle2\",\"symbol\":\"CANDLE\",\"side\":\"BUY\",\"quantity\":2,\"price\":\"99.00\","
        "\"venue\":\"QUOTE\"}",
        "/api/v1/orders");
    expect(a, "status", "FILLED");
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1d&venue=QUOTE");
    expect_candle(a, "99.00 99.00 99.00 99.00", "2 198.00 1 99.00");
    ask(a, "GET", NULL, "/api/v1/candles/CANDLE?interval=1d&venue=BOOK");
    expect_candle(a, "100.00 101.00 100.00 101.00", "13 1303.00 2 100.230769");
}

static void a_wrong_question_about_candles_is_refused(void **state)
{
    struct ask *a = *state;
    static const char *const wrong[] = {"",
                                        "?interval=2m",
                                        "?interval=",
                                        "?interval=1m&from=yesterday",
                                        "?interval=1m&to=2020-13-01T00:00:00Z",
                                        "?interval=1m&venue=MOON",
                                        "?interval=1m&limit=501",
                                        "?interval=1m&cursor=abc",
                                        "?interval=1m&until=2020-01-01T00:00:00Z"};
    given_market(a, "CANDLENO", ACCOUNTS("candle3"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ask(a, "GET", NULL, "/api/v1/candles/CANDLENO%s", wrong[i]);
        expect_status(a, 400);
        expect(a, "code", "MALFORMED");
    }
    ask(a, "GET", NULL, "/api/v1/candles/NOSUCHTHING?interval=1m");
    expect_status(a, 404);
}

static void a_modify_answers_the_order_as_it_is_then(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "MOD", ACCOUNTS("mod1"));
    place(a, "mod1", "MOD", "BUY", "10", "50.00", id);
    ask(a, "PUT", "{\"quantity\":8}", "/api/v1/orders/%s", id);
    expect_status(a, 200);
    expect(a, "quantity", "8");
    expect(a, "order_id", id);
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    ask(a, "PUT", "{\"price\":\"49.995\"}", "/api/v1/orders/%s", id);
    expect_status(a, 422);
    expect(a, "code", "PRICE_OFF_TICK");
    expect(a, "status", "422");
    assert_string_equal(said_header(a, "Content-Type"), "application/problem+json");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
}

static void an_order_that_is_unknown_is_404_and_one_that_is_closed_is_409(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "GONE", ACCOUNTS("gone1"));
    place(a, "gone1", "GONE", "BUY", "10", "50.00", id);
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
    expect(a, "status", "CANCELLED");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 409);
    expect(a, "code", "ORDER_NOT_OPEN");
    ask(a, "PUT", "{\"quantity\":5}", "/api/v1/orders/%s", id);
    expect_status(a, 409);
    ask(a, "DELETE", NULL, "/api/v1/orders/987654321987");
    expect_status(a, 404);
    expect(a, "code", "NOT_FOUND");
    ask(a, "PUT", "{\"quantity\":5}", "/api/v1/orders/987654321987");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/orders/987654321987");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/orders/not-a-number");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/orders/987654321987/events");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/order/nobody-knows");
    expect_status(a, 404);
}

static void a_refused_order_exists_and_says_why(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "NO", ACCOUNTS("no1"));
    ask(a, "POST", "{\"account\":\"no1\",\"symbol\":\"NO\",\"side\":\"BUY\",\"quantity\":10,\"price\":\"1.001\"}",
        "/api/v1/orders");
    expect_status(a, 422);
    expect(a, "status", "422");
    expect(a, "code", "PRICE_OFF_TICK");
    expect(a, "order.status", "REJECTED");
    expect(a, "order.reject.code", "PRICE_OFF_TICK");
    expect(a, "reject.code", "PRICE_OFF_TICK");
    assert_string_equal(said_header(a, "Content-Type"), "application/problem+json");
    (void)snprintf(id, sizeof id, "%.20s", said(a, "order_id"));
    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
    expect(a, "status", "REJECTED");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 409);
}

static void a_mass_cancel_ends_what_its_filters_name(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "MASS", ACCOUNTS("mass1", "mass2"));
    for (int i = 0; i < 5; i++) place(a, "mass1", "MASS", "BUY", "1", "10.00", id);
    place(a, "mass1", "MASS", "SELL", "1", "20.00", id);
    place(a, "mass2", "MASS", "BUY", "1", "10.00", id);
    ask(a, "DELETE", NULL, "/api/v1/orders?account=mass1&symbol=MASS&side=BUY");
    expect_status(a, 200);
    expect(a, "cancelled", "5");
    expect(a, "more", "false");
    ask(a, "DELETE", NULL, "/api/v1/orders?symbol=MASS");
    expect(a, "cancelled", "2");
    ask(a, "GET", NULL, "/api/v1/orders?symbol=MASS&status=OPEN");
    expect(a, "items", "[0]");
    ask(a, "DELETE", NULL, "/api/v1/orders?account=nobody");
    expect_status(a, 422);
    expect(a, "code", "UNKNOWN_ACCOUNT");
    ask(a, "DELETE", NULL, "/api/v1/orders?acount=mass1");
    expect_status(a, 400);
    ask(a, "DELETE", NULL, "/api/v1/orders?side=UP");
    expect_status(a, 400);
    ask(a, "DELETE", "{\"account\":\"mass1\"}", "/api/v1/orders");
    expect_status(a, 400);
}

static void what_is_malformed_is_400_and_leaves_nothing_on_the_tape(void **state)
{
    struct ask *a = *state;
    char seq[32];
    static const struct {
        const char *method, *path, *body;
    } rows[] = {
        {"POST", "/api/v1/orders", "{"},
        {"POST", "/api/v1/orders", ""},
        {"POST", "/api/v1/orders", "[]"},
        {"POST", "/api/v1/orders",
         "{\"account\":\"a\",\"symbol\":\"B\",\"side\":\"BUY\",\"quantity\":1,\"price\":1,\"colour\":\"red\"}"},
        {"POST", "/api/v1/orders",
         "{\"account\":\"a\",\"account\":\"a\",\"symbol\":\"B\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}"},
        {"POST", "/api/v1/orders", "{\"account\":\"a\",\"symbol\":\"B\",\"side\":\"UP\",\"quantity\":1,\"price\":1}"},
        {"POST", "/api/v1/orders",
         "{\"account\":\"a\",\"symbol\":\"B\",\"side\":\"BUY\",\"quantity\":\"many\",\"price\":1}"},
        {"POST", "/order", "nonsense"},
        {"PUT", "/api/v1/orders/1", "{\"colour\":1}"},
        {"PUT", "/api/v1/instruments/X", "{\"tick_size\":[]}"},
        {"PUT", "/api/v1/accounts/x", "{\"type\":\"GOLD\"}"},
        {"POST", "/api/v1/accounts/x/cash", "{\"amount\":\"1.0.0\"}"},
        {"PUT", "/api/v1/quotes/X", "{\"bid\":true}"},
        {"POST", "/api/v1/end-of-day", "{\"when\":\"now\"}"},
        {"PUT", "/api/v1/trading", "{\"cancel\":true}"},
        {"PUT", "/api/v1/trading", "{\"status\":\"OFF\"}"},
        {"POST", "/api/v1/gtt", "{\"account\":\"a\",\"symbol\":\"B\",\"side\":\"BUY\"}"},
        {"PUT", "/api/v1/gtt/1", "{\"legs\":7}"},
        {"GET", "/api/v1/gtt?status=LOST", NULL},
        {"POST", "/api/v1/margin-check", "{\"when\":\"now\"}"},
        {"POST", "/api/v1/whatif", "{\"edits\":{}}"},
        {"POST", "/api/v1/snapshots", "{}"},
        {"GET", "/api/v1/orders?limit=0", NULL},
        {"GET", "/api/v1/orders?limit=501", NULL},
        {"GET", "/api/v1/orders?limit=many", NULL},
        {"GET", "/api/v1/orders?cursor=nonsense", NULL},
        {"GET", "/api/v1/orders?status=LOST", NULL},
        {"GET", "/api/v1/orders?colour=red", NULL},
        {"GET", "/api/v1/orders?account=a&account=b", NULL},
        {"GET", "/api/v1/orders?account=%zz", NULL},
        {"GET", "/api/v1/orders?account=%00", NULL},
        {"GET", "/api/v1/orders?consistency=sometimes", NULL},
        {"GET", "/api/v1/trades?order_id=x", NULL},
        {"GET", "/api/v1/book/X?depth=0", NULL},
        {"GET", "/api/v1/accounts/a%20b", NULL},
        {"GET", "/api/v1/positions?account=this-name-is-longer-than-a-name-may-be", NULL},
        {"GET", "/api/v1/snapshots?cursor=x", NULL},
    };
    ask(a, "GET", NULL, "/health");
    (void)snprintf(seq, sizeof seq, "%.30s", said(a, "components.tape.seq"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(a, rows[i].method, rows[i].body, "%s", rows[i].path);
        if (a->answer.status != 400)
            fail_msg("%s %s %s: %d %s", rows[i].method, rows[i].path, rows[i].body, a->answer.status, a->answer.body);
        assert_string_equal(said_header(a, "Content-Type"), "application/problem+json");
        expect(a, "status", "400");
        assert_string_not_equal(said(a, "code"), "");
        assert_string_not_equal(said(a, "detail"), "");
    }
    ask_with(a, "X-Min-Seq: soon\r\n", "GET", NULL, "/api/v1/orders");
    expect_status(a, 400);
    ask(a, "GET", NULL, "/health");
    expect(a, "components.tape.seq", seq);
}

static void paths_and_methods_that_are_not_there_are_404_and_405(void **state)
{
    struct ask *a = *state;
    ask(a, "GET", NULL, "/nothing/here");
    expect_status(a, 404);
    expect(a, "code", "NO_SUCH_PATH");
    ask(a, "GET", NULL, "/api/v1/orders/");
    expect_status(a, 404);
    ask(a, "PATCH", "{}", "/api/v1/orders/1");
    expect_status(a, 405);
    assert_string_equal(said_header(a, "Allow"), "GET, PUT, DELETE");
    ask(a, "DELETE", NULL, "/health");
    expect_status(a, 405);
}

static void bodies_and_targets_that_are_too_long_are_413_and_414(void **state)
{
    struct ask *a = *state;
    size_t len = 4 * 1024 * 1024 + 1;
    char *body = malloc(len + 1), path[3000];
    memset(body, ' ', len);
    body[len] = '\0';
    assert_true(client_open(&a->client, a->server.port));
    /* Said by the length alone: nothing of the body needs to be sent. */
    const char *head = "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4194305\r\n\r\n";
    response_free(&a->answer);
    assert_true(client_send(&a->client, head, strlen(head)));
    assert_true(client_receive(&a->client, &a->answer, false));
    expect_status(a, 413);
    assert_string_equal(said_header(a, "Connection"), "close");
    /* A chunked body says no length. */
    char chunk[32];
    head = "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    client_close(&a->client);
    assert_true(client_open(&a->client, a->server.port));
    response_free(&a->answer);
    int chunk_len = snprintf(chunk, sizeof chunk, "%zx\r\n", len);
    assert_true(client_send(&a->client, head, strlen(head)) && client_send(&a->client, chunk, (size_t)chunk_len));
    assert_true(client_send(&a->client, body, len) && client_send(&a->client, "\r\n0\r\n\r\n", 7));
    assert_true(client_receive(&a->client, &a->answer, false));
    expect_status(a, 413);
    client_close(&a->client);
    /* One that fits is judged by what it says. */
    body[len - 1] = '\0';
    ask(a, "POST", body, "/api/v1/orders");
    expect_status(a, 400);
    free(body);
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    ask(a, "GET", NULL, "%s", path);
    expect_status(a, 414);
}

static void the_registry_is_written_and_read_back(void **state)
{
    struct ask *a = *state;
    ask(a, "PUT", "{\"scale\":8}", "/api/v1/currencies/BTC");
    expect_status(a, 200);
    expect(a, "scale", "8");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    ask(a, "GET", NULL, "/api/v1/currencies/BTC");
    expect(a, "scale", "8");
    ask(a, "GET", NULL, "/api/v1/currencies/NONE");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/currencies");
    expect_status(a, 200);
    ask(a, "PUT", "{\"scale\":3}", "/api/v1/currencies/BTC");
    expect_status(a, 422);
    expect(a, "code", "SCALE_FIXED");

    ask(a, "PUT", "{\"currency\":\"USD\",\"tick_size\":\"0.5\",\"lot_size\":\"0.02\"}", "/api/v1/instruments/A%%2FB");
    expect_status(a, 200);
    expect(a, "symbol", "A/B");
    expect(a, "state", "CONTINUOUS");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    ask(a, "GET", NULL, "/api/v1/instruments/A%%2FB");
    expect_status(a, 200);
    expect(a, "tick_size", "0.5");
    ask(a, "PUT", "{\"state\":\"HALTED\"}", "/api/v1/instruments/A%%2FB/state");
    expect_status(a, 200);
    expect(a, "state", "HALTED");
    ask(a, "PUT", "{\"state\":\"HALTED\",\"lot_size\":1}", "/api/v1/instruments/A%%2FB/state");
    expect_status(a, 400);
    ask(a, "PUT", "{\"state\":\"HALTED\"}", "/api/v1/instruments/NONE/state");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/instruments/NONE");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/instruments?limit=1");
    expect(a, "items", "[1]");

    ask(a, "PUT", "{\"bid\":\"10.5\",\"bid_quantity\":\"2\",\"ask\":11,\"ask_quantity\":3}", "/api/v1/quotes/A%%2FB");
    expect_status(a, 200);
    expect(a, "bid", "10.5");
    expect(a, "ask", "11.0");
    ask(a, "PUT", "{\"bid\":1}", "/api/v1/quotes/NONE");
    expect_status(a, 422);
    ask(a, "GET", NULL, "/api/v1/book/NONE");
    expect_status(a, 404);
}

static void an_account_shows_its_cash_after_it_moved(void **state)
{
    struct ask *a = *state;
    ask(a, "PUT", "{}", "/api/v1/accounts/cash1");
    expect_status(a, 200);
    expect(a, "type", "CASH");
    ask(a, "POST", "{\"currency\":\"USD\",\"amount\":\"100.50\"}", "/api/v1/accounts/cash1/cash");
    expect_status(a, 200);
    expect(a, "balances.0.cash", "100.50");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    ask(a, "POST", "{\"currency\":\"USD\",\"amount\":\"-200\"}", "/api/v1/accounts/cash1/cash");
    expect_status(a, 422);
    expect(a, "code", "CASH_SHORT");
    ask(a, "POST", "{\"currency\":\"USD\",\"amount\":1}", "/api/v1/accounts/unknown/cash");
    expect_status(a, 422);
    ask(a, "GET", NULL, "/api/v1/accounts/unknown");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/accounts");
    expect_status(a, 200);
    ask(a, "GET", NULL, "/api/v1/positions?account=cash1");
    expect(a, "items", "[0]");
}

static void the_end_of_day_expires_day_orders(void **state)
{
    struct ask *a = *state;
    char id[24];
    given_market(a, "EOD", ACCOUNTS("eod1"));
    place(a, "eod1", "EOD", "BUY", "1", "10.00", id);
    ask(a, "POST", "{\"symbol\":\"EOD\"}", "/api/v1/end-of-day");
    expect_status(a, 200);
    expect(a, "expired", "1");
    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect(a, "status", "EXPIRED");
    ask(a, "POST", "{\"symbol\":\"NONE\"}", "/api/v1/end-of-day");
    expect_status(a, 422);
}

/* The server's own timer writes a TICK: no command comes. Asked again and again, without a limit of its own but the
 * test's. */
static void an_order_good_till_a_date_expires_by_itself(void **state)
{
    struct ask *a = *state;
    char body[256], when[64], id[24];
    given_market(a, "GTD", ACCOUNTS("gtd1"));
    time_t soon = time(NULL) + 2;
    struct tm utc;
    (void)gmtime_r(&soon, &utc);
    (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    (void)snprintf(body, sizeof body,
                   "{\"account\":\"gtd1\",\"symbol\":\"GTD\",\"side\":\"BUY\",\"quantity\":1,\"price\":5,\"tif\":"
                   "\"GTD\",\"expires_at\":\"%s\"}",
                   when);
    ask(a, "POST", body, "/api/v1/orders");
    expect_status(a, 201);
    (void)snprintf(id, sizeof id, "%.20s", said(a, "order_id"));
    do {
        (void)usleep(20000);
        ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    } while (strcmp(said(a, "status"), "ACKED") == 0);
    expect(a, "status", "EXPIRED");
}

static void every_read_sees_the_write_that_was_answered_before_it(void **state)
{
    struct ask *a = *state;
    struct http_client other = {.fd = -1, .port = a->server.port};
    char id[24], path[64], room[64];
    given_market(a, "LIN", ACCOUNTS("lin1"));
    for (int i = 0; i < 300; i++) {
        struct http_response r;
        place(a, "lin1", "LIN", "BUY", "1", "10.00", id);
        (void)snprintf(path, sizeof path, "/api/v1/orders/%s", id);
        assert_true(client_request(&other, "GET", path, NULL, NULL, &r));
        assert_int_equal(r.status, 200);
        response_free(&r);
        if (i % 3 != 0) continue;
        ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
        assert_true(client_request(&other, "GET", path, NULL, NULL, &r));
        assert_non_null(strstr(r.body, "\"CANCELLED\""));
        response_free(&r);
    }
    (void)room;
    client_close(&other);
}

static void a_read_waits_for_the_seq_it_names_and_no_longer_than_it_may(void **state)
{
    struct ask *a = *state;
    ask(a, "PUT", "{}", "/api/v1/accounts/wait1");
    expect_status(a, 200);
    char header[64];
    (void)snprintf(header, sizeof header, "X-Min-Seq: %.20s\r\n", said(a, "seq"));
    ask_with(a, header, "GET", NULL, "/api/v1/accounts/wait1");
    expect_status(a, 200);
    ask_with(a, "X-Min-Seq: 999999999\r\n", "GET", NULL, "/api/v1/accounts/wait1");
    expect_status(a, 503);
    expect(a, "code", "VIEW_BEHIND");
    assert_string_equal(said_header(a, "Retry-After"), "1");
    ask_with(a, "X-Min-Seq: 999999999\r\n", "GET", NULL, "/api/v1/accounts/wait1?consistency=eventual");
    expect_status(a, 200);
}

static void a_walk_through_pages_meets_every_order_once(void **state)
{
    struct ask *a = *state;
    enum { ORDERS = 23 };
    char ids[ORDERS][24], cursor[256] = "";
    given_market(a, "PAGE", ACCOUNTS("page1"));
    for (int i = 0; i < ORDERS; i++) place(a, "page1", "PAGE", "BUY", "1", "10.00", ids[i]);
    int met = 0;
    do {
        ask(a, "GET", NULL, "/api/v1/orders?account=page1&limit=7%s%s", cursor[0] == '\0' ? "" : "&cursor=", cursor);
        expect_status(a, 200);
        for (int i = 0; i < 7; i++) {
            char path[32];
            (void)snprintf(path, sizeof path, "items.%d.order_id", i);
            if (said(a, path)[0] == '\0') break;
            assert_true(met < ORDERS);
            assert_string_equal(a->room, ids[met++]);
        }
        (void)snprintf(cursor, sizeof cursor, "%.250s", said(a, "next_cursor"));
    } while (strcmp(cursor, "null") != 0);
    assert_int_equal(met, ORDERS);
}

static void a_snapshot_is_made_beside_the_running_server_and_listed(void **state)
{
    struct ask *a = *state;
    char seq[32], digest[64];
    ask(a, "PUT", "{}", "/api/v1/accounts/snap1");
    ask(a, "POST", NULL, "/api/v1/snapshots");
    expect_status(a, 201);
    (void)snprintf(seq, sizeof seq, "%.30s", said(a, "seq"));
    (void)snprintf(digest, sizeof digest, "%.60s", said(a, "digest"));
    assert_int_equal(strlen(digest), 32);
    ask(a, "GET", NULL, "/api/v1/snapshots");
    expect_status(a, 200);
    expect(a, "items.0.seq", seq);
    expect(a, "items.0.digest", digest);
    expect(a, "next_cursor", "null");
}

static void a_what_if_without_edits_differs_in_nothing_and_one_with_an_order_shows_it(void **state)
{
    struct ask *a = *state;
    char id[24], digest[64], seq[32], body[512];
    given_market(a, "WHAT", ACCOUNTS("what1", "what2"));
    place(a, "what1", "WHAT", "SELL", "5", "10.00", id);
    (void)snprintf(seq, sizeof seq, "%.30s", said(a, "seq"));
    ask(a, "PUT", "{}", "/api/v1/accounts/what3");
    ask(a, "POST", "{}", "/api/v1/whatif");
    expect_status(a, 200);
    expect(a, "diff.orders", "[0]");
    (void)snprintf(digest, sizeof digest, "%.60s", said(a, "base_digest"));
    expect(a, "branch_digest", digest);
    (void)snprintf(body, sizeof body,
                   "{\"edits\":[{\"insert\":{\"op\":\"place\",\"account\":\"what2\",\"symbol\":\"WHAT\",\"side\":"
                   "\"BUY\",\"quantity\":5,"
                   "\"price\":\"10.00\"},\"at_seq\":%llu}]}",
                   strtoull(seq, NULL, 10) + 1);
    ask(a, "POST", body, "/api/v1/whatif");
    expect_status(a, 200);
    expect(a, "inserted.0.status", "FILLED");
    expect(a, "diff.trades", "[1]");
    ask(a, "POST", "{\"base\":{\"seq\":999999999}}", "/api/v1/whatif");
    assert_int_equal(a->answer.status / 100, 4);
    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect(a, "status", "ACKED");
}

static void operators_are_told_how_it_goes(void **state)
{
    struct ask *a = *state;
    ask(a, "GET", NULL, "/health");
    expect_status(a, 200);
    expect(a, "status", "UP");
    expect(a, "components.tape.status", "UP");
    expect(a, "components.tape.sync", "always");
    expect(a, "components.views.status", "UP");
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
    ask(a, "GET", NULL, "/readyz");
    expect_status(a, 200);
    ask(a, "GET", NULL, "/openapi.json");
    expect_status(a, 200);
    expect(a, "openapi", "3.1.0");
    ask(a, "GET", NULL, "/metrics");
    expect_status(a, 200);
    static const char *const wanted[] = {"ordertape_commands_total{kind=\"place\"}",
                                         "ordertape_rejects_total{code=\"PRICE_OFF_TICK\"}",
                                         "ordertape_fills_total",
                                         "ordertape_sync_duration_seconds_bucket{le=\"+Inf\"}",
                                         "ordertape_syncs_total",
                                         "ordertape_queue_depth",
                                         "ordertape_seq_durable",
                                         "ordertape_seq_views",
                                         "ordertape_view_lag_commands",
                                         "ordertape_orders_open",
                                         "ordertape_http_requests_total{route=\"placeOrder\",status=\"201\"}",
                                         "ordertape_build_info{version=",
                                         "sync=\"always\"",
                                         "ordertape_written_bytes_total"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strstr(a->answer.body, wanted[i]) == NULL) fail_msg("no %s in:\n%s", wanted[i], a->answer.body);
    }
}

static void head_answers_like_get_without_the_body(void **state)
{
    struct ask *a = *state;
    ask(a, "HEAD", NULL, "/livez");
    expect_status(a, 200);
    assert_int_equal(a->answer.body_bytes, 0);
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
}

static void requests_on_one_connection_are_answered_in_their_order(void **state)
{
    struct ask *a = *state;
    struct http_client c = {.fd = -1};
    given_market(a, "PIPE", ACCOUNTS("pipe1"));
    assert_true(client_open(&c, a->server.port));
    static const char body[] =
        "{\"account\":\"pipe1\",\"symbol\":\"PIPE\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}";
    char requests[2048];
    int len = snprintf(requests, sizeof requests,
                       "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s"
                       "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
                       "GET /api/v1/orders?account=pipe1 HTTP/1.1\r\nHost: x\r\n\r\n",
                       strlen(body), body);
    assert_true(client_send(&c, requests, (size_t)len));
    static const int statuses[] = {201, 200, 200};
    for (int i = 0; i < 3; i++) {
        response_free(&a->answer);
        assert_true(client_receive(&c, &a->answer, false));
        expect_status(a, statuses[i]);
    }
    expect(a, "items", "[1]");
    client_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_placed_order_is_shown_by_its_id_its_client_id_and_in_lists),
        cmocka_unit_test(crossing_orders_trade_and_every_view_says_so),
        cmocka_unit_test(candles_say_what_traded_in_the_book_or_at_the_quote),
        cmocka_unit_test(a_wrong_question_about_candles_is_refused),
        cmocka_unit_test(a_modify_answers_the_order_as_it_is_then),
        cmocka_unit_test(an_order_that_is_unknown_is_404_and_one_that_is_closed_is_409),
        cmocka_unit_test(a_refused_order_exists_and_says_why),
        cmocka_unit_test(a_mass_cancel_ends_what_its_filters_name),
        cmocka_unit_test(what_is_malformed_is_400_and_leaves_nothing_on_the_tape),
        cmocka_unit_test(paths_and_methods_that_are_not_there_are_404_and_405),
        cmocka_unit_test(bodies_and_targets_that_are_too_long_are_413_and_414),
        cmocka_unit_test(the_registry_is_written_and_read_back),
        cmocka_unit_test(an_account_shows_its_cash_after_it_moved),
        cmocka_unit_test(the_end_of_day_expires_day_orders),
        cmocka_unit_test(an_order_good_till_a_date_expires_by_itself),
        cmocka_unit_test(every_read_sees_the_write_that_was_answered_before_it),
        cmocka_unit_test(a_read_waits_for_the_seq_it_names_and_no_longer_than_it_may),
        cmocka_unit_test(a_walk_through_pages_meets_every_order_once),
        cmocka_unit_test(a_snapshot_is_made_beside_the_running_server_and_listed),
        cmocka_unit_test(a_what_if_without_edits_differs_in_nothing_and_one_with_an_order_shows_it),
        cmocka_unit_test(operators_are_told_how_it_goes),
        cmocka_unit_test(head_answers_like_get_without_the_body),
        cmocka_unit_test(requests_on_one_connection_are_answered_in_their_order),
    };
    return cmocka_run_group_tests(tests, ask_start, ask_stop);
}
