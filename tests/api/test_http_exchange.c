/* tests/api/test_http_exchange.c - the whole exchange over the real program: stops, icebergs, linked orders, GTTs, trading states,
 * auctions, the venue QUOTE, margin, and refusals that say their numbers. One server serves the whole file; each test has
 * instruments and accounts of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/api/ask.h"

#define ACCOUNTS(...) ((const char *const[]){__VA_ARGS__, NULL})
enum { ID_BYTES = 24 };

/* Sends an order of that account, symbol, side and quantity with more members (", \"price\": …"); the status is what is
 * expected. The id is kept when asked for. */
static void order(struct ask *a, int status, char *id, const char *account, const char *symbol, const char *side,
                  const char *quantity, const char *more)
{
    char body[1024];
    (void)snprintf(body, sizeof body, "{\"account\":\"%s\",\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":\"%s\"%s}",
                   account, symbol, side, quantity, more);
    ask(a, "POST", body, "/api/v1/orders");
    expect_status(a, status);
    if (id != NULL) (void)snprintf(id, ID_BYTES, "%.20s", said(a, "order_id"));
}

static void show_order(struct ask *a, const char *id)
{
    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
}

/* One trade of quantity 1 between two accounts, which is then the last price. */
static void trade_at(struct ask *a, const char *symbol, const char *seller, const char *buyer, const char *price)
{
    char id[ID_BYTES];
    place(a, seller, symbol, "SELL", "1", price, id);
    place(a, buyer, symbol, "BUY", "1", price, id);
    expect(a, "status", "FILLED");
}

static void a_stop_waits_for_its_price_and_buys_at_the_market(void **state)
{
    struct ask *a = *state;
    char stop[ID_BYTES], id[ID_BYTES];
    given_market(a, "STOP", ACCOUNTS("stop1", "stop2"));
    place(a, "stop1", "STOP", "SELL", "5", "101.00", id);
    place(a, "stop1", "STOP", "SELL", "5", "102.00", id);
    order(a, 201, stop, "stop2", "STOP", "BUY", "3", ",\"type\":\"SL_M\",\"trigger_price\":\"101.00\"");
    expect(a, "status", "PENDING_TRIGGER");
    expect(a, "phase", "PENDING_TRIGGER");
    expect(a, "type", "STOP");
    expect(a, "stop_price", "101.00");
    ask(a, "GET", NULL, "/api/v1/orders?account=stop2&status=pending_trigger");
    expect(a, "items.0.order_id", stop);
    ask(a, "PUT", "{\"stop_price\":\"100.99\"}", "/api/v1/orders/%s", stop);
    expect_status(a, 200);
    expect(a, "stop_price", "100.99");
    place(a, "stop2", "STOP", "BUY", "5", "101.00", id);
    show_order(a, stop);
    expect(a, "status", "FILLED");
    expect(a, "type", "MARKET");
    expect(a, "average_price", "102.00");
    ask(a, "GET", NULL, "/api/v1/orders/%s/events", stop);
    expect(a, "items", "[4]");
    expect(a, "items.1.event", "modified");
    expect(a, "items.2.event", "triggered");
    expect(a, "items.2.price", "101.00");
    expect(a, "items.3.event", "filled");
}

static void a_trailing_stop_follows_the_price(void **state)
{
    struct ask *a = *state;
    char amount[ID_BYTES], percent[ID_BYTES];
    given_market(a, "TRAIL", ACCOUNTS("trail1", "trail2"));
    order(a, 422, NULL, "trail1", "TRAIL", "SELL", "1", ",\"trail_amount\":2");
    expect(a, "code", "NO_REFERENCE_PRICE");
    trade_at(a, "TRAIL", "trail1", "trail2", "100.00");
    order(a, 201, amount, "trail1", "TRAIL", "SELL", "1", ",\"trail_amount\":2");
    expect(a, "stop_price", "98.00");
    expect(a, "trail_amount", "2.00");
    order(a, 201, percent, "trail1", "TRAIL", "SELL", "1", ",\"trail_percent\":\"1.5\"");
    expect(a, "stop_price", "98.50");
    expect(a, "trail_percent", "1.5");
    trade_at(a, "TRAIL", "trail1", "trail2", "110.00");
    show_order(a, amount);
    expect(a, "stop_price", "108.00");
    show_order(a, percent);
    expect(a, "stop_price", "108.35");
    trade_at(a, "TRAIL", "trail1", "trail2", "109.00");
    show_order(a, amount);
    expect(a, "stop_price", "108.00");
    expect(a, "status", "PENDING_TRIGGER");
}

static void an_iceberg_shows_its_tip(void **state)
{
    struct ask *a = *state;
    char ice[ID_BYTES], id[ID_BYTES];
    given_market(a, "ICE", ACCOUNTS("ice1", "ice2"));
    order(a, 201, ice, "ice1", "ICE", "SELL", "100", ",\"price\":\"50.00\",\"display_quantity\":10");
    expect(a, "display_quantity", "10");
    expect(a, "shown_quantity", "10");
    ask(a, "GET", NULL, "/api/v1/book/ICE");
    expect(a, "asks.0.quantity", "10");
    expect(a, "asks.0.orders", "1");
    place(a, "ice2", "ICE", "BUY", "13", "50.00", id);
    expect(a, "status", "FILLED");
    show_order(a, ice);
    expect(a, "remaining_quantity", "87");
    expect(a, "shown_quantity", "7");
    ask(a, "GET", NULL, "/api/v1/book/ICE");
    expect(a, "asks.0.quantity", "7");
    ask(a, "PUT", "{\"display_quantity\":20}", "/api/v1/orders/%s", ice);
    expect_status(a, 200);
    expect(a, "display_quantity", "20");
    ask(a, "GET", NULL, "/api/v1/book/ICE");
    expect(a, "asks.0.quantity", "20");
    order(a, 422, NULL, "ice1", "ICE", "SELL", "10", ",\"price\":\"50.00\",\"display_quantity\":11");
    expect(a, "code", "DISPLAY_NOT_ALLOWED");
    expect(a, "field", "display_quantity");
}

static void a_bracket_guards_what_its_entry_bought(void **state)
{
    struct ask *a = *state;
    char entry[ID_BYTES], profit[ID_BYTES], loss[ID_BYTES], id[ID_BYTES];
    given_market(a, "BRKT", ACCOUNTS("brkt1", "brkt2"));
    order(a, 201, entry, "brkt1", "BRKT", "BUY", "10",
          ",\"price\":\"100.00\",\"client_order_id\":\"b-1\",\"link\":{\"type\":\"BRACKET\","
          "\"take_profit\":{\"price\":\"110.00\"},\"stop_loss\":{\"stop_price\":\"95.00\"}}");
    expect(a, "status", "ACKED");
    expect(a, "link", "BRACKET");
    expect(a, "activation", "FULL_FILL");
    expect(a, "legs", "[2]");
    expect(a, "legs.0.phase", "WAITING");
    expect(a, "legs.0.parent_order_id", entry);
    expect(a, "legs.0.side", "SELL");
    (void)snprintf(profit, sizeof profit, "%.20s", said(a, "legs.0.order_id"));
    (void)snprintf(loss, sizeof loss, "%.20s", said(a, "legs.1.order_id"));
    expect(a, "linked_order_ids.0", profit);
    expect(a, "linked_order_ids.1", loss);
    place(a, "brkt2", "BRKT", "SELL", "10", "100.00", id);
    show_order(a, profit);
    expect(a, "status", "ACKED");
    show_order(a, loss);
    expect(a, "phase", "PENDING_TRIGGER");
    expect(a, "stop_price", "95.00");
    place(a, "brkt2", "BRKT", "BUY", "4", "110.00", id);
    show_order(a, profit);
    expect(a, "status", "PARTIALLY_FILLED");
    show_order(a, loss);
    expect(a, "remaining_quantity", "6");
    place(a, "brkt2", "BRKT", "BUY", "6", "110.00", id);
    show_order(a, loss);
    expect(a, "status", "CANCELLED");
    expect(a, "cancel_reason", "OCO");
    ask(a, "GET", NULL, "/api/v1/positions?account=brkt1");
    expect(a, "items.0.quantity", "0");
    expect(a, "items.0.realized_pnl", "100.00");
}

static void of_an_oco_pair_one_cancels_the_other(void **state)
{
    struct ask *a = *state;
    char first[ID_BYTES], second[ID_BYTES], id[ID_BYTES];
    given_market(a, "OCO", ACCOUNTS("oco1", "oco2"));
    order(a, 201, first, "oco1", "OCO", "SELL", "10",
          ",\"price\":\"105.00\",\"link\":{\"type\":\"OCO\",\"legs\":[{\"stop_price\":\"95.00\"}]}");
    expect(a, "legs", "[1]");
    expect(a, "legs.0.type", "STOP");
    expect(a, "legs.0.status", "PENDING_TRIGGER");
    (void)snprintf(second, sizeof second, "%.20s", said(a, "legs.0.order_id"));
    place(a, "oco2", "OCO", "BUY", "10", "105.00", id);
    expect(a, "status", "FILLED");
    show_order(a, second);
    expect(a, "status", "CANCELLED");
    expect(a, "cancel_reason", "OCO");
    order(a, 422, NULL, "oco1", "OCO", "SELL", "10",
          ",\"price\":\"105.00\",\"tif\":\"IOC\",\"link\":{\"type\":\"OCO\",\"legs\":[{\"stop_price\":\"95.00\"}]}");
    expect(a, "code", "LINK_NOT_ALLOWED");
    expect(a, "field", "tif");
    expect(a, "order.link", "OCO");
}

static void an_otos_child_follows_each_fill(void **state)
{
    struct ask *a = *state;
    char entry[ID_BYTES], child[ID_BYTES], id[ID_BYTES];
    given_market(a, "OTO", ACCOUNTS("oto1", "oto2"));
    order(a, 201, entry, "oto1", "OTO", "BUY", "10",
          ",\"price\":\"100.00\",\"link\":{\"type\":\"OTO\",\"activation\":\"EACH_FILL\","
          "\"legs\":[{\"side\":\"SELL\",\"price\":\"101.00\"}]}");
    (void)snprintf(child, sizeof child, "%.20s", said(a, "legs.0.order_id"));
    place(a, "oto2", "OTO", "SELL", "4", "100.00", id);
    show_order(a, child);
    expect(a, "status", "ACKED");
    expect(a, "quantity", "4");
    place(a, "oto2", "OTO", "SELL", "6", "100.00", id);
    show_order(a, child);
    expect(a, "quantity", "10");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", child);
    expect_status(a, 200);
}

static void order_modifiers_do_what_they_say(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES], whole[ID_BYTES];
    given_market(a, "MODS", ACCOUNTS("mods1", "mods2"));
    place(a, "mods1", "MODS", "SELL", "10", "10.00", id);
    ask(a, "POST", "{\"account\":\"mods2\",\"symbol\":\"MODS\",\"side\":\"BUY\",\"quote_quantity\":\"55\"}",
        "/api/v1/orders");
    expect_status(a, 201);
    expect(a, "status", "FILLED");
    expect(a, "quantity", "5");
    order(a, 201, NULL, "mods2", "MODS", "BUY", "10", ",\"price\":10,\"tif\":\"IOC\",\"min_quantity\":6");
    expect(a, "cancel_reason", "MIN_QUANTITY");
    expect(a, "filled_quantity", "0");
    order(a, 201, whole, "mods2", "MODS", "BUY", "8", ",\"price\":10,\"all_or_none\":true");
    expect(a, "phase", "ALL_OR_NONE");
    expect(a, "all_or_none", "true");
    ask(a, "GET", NULL, "/api/v1/book/MODS");
    expect(a, "bids", "[0]");
    place(a, "mods1", "MODS", "SELL", "3", "10.00", id);
    show_order(a, whole);
    expect(a, "status", "FILLED");
    order(a, 422, NULL, "mods2", "MODS", "SELL", "14", ",\"price\":10,\"reduce_only\":true");
    expect(a, "code", "REDUCE_ONLY_TOO_LARGE");
    expect(a, "value", "14");
    expect(a, "limit", "13");
    order(a, 422, NULL, "mods2", "MODS", "BUY", "1", ",\"price\":10,\"leverage\":2");
    expect(a, "code", "LEVERAGE_TOO_HIGH");
    assert_string_equal(said(a, "detail"),
                        "leverage 2: leverage is above what the account and the instrument allow (limit 1)");
}

static void an_account_does_not_trade_with_itself_when_it_says_so(void **state)
{
    struct ask *a = *state;
    char old[ID_BYTES], id[ID_BYTES];
    given_market(a, "STP", ACCOUNTS("stp1"));
    place(a, "stp1", "STP", "SELL", "5", "10.00", old);
    order(a, 201, id, "stp1", "STP", "BUY", "5", ",\"price\":10,\"stp\":\"CANCEL_NEWEST\"");
    expect(a, "status", "CANCELLED");
    expect(a, "cancel_reason", "SELF_TRADE");
    expect(a, "stp", "CANCEL_NEWEST");
    ask(a, "PUT", "{\"stp\":\"CANCEL_OLDEST\"}", "/api/v1/accounts/stp1");
    expect_status(a, 200);
    expect(a, "stp", "CANCEL_OLDEST");
    order(a, 201, id, "stp1", "STP", "BUY", "5", ",\"price\":10");
    expect(a, "status", "ACKED");
    show_order(a, old);
    expect(a, "cancel_reason", "SELF_TRADE");
}

static void a_gtt_lives_until_its_price_comes(void **state)
{
    struct ask *a = *state;
    char gtt[ID_BYTES], sent[ID_BYTES];
    given_market(a, "GTT", ACCOUNTS("gtt1", "gtt2"));
    ask(a, "POST", "{\"account\":\"gtt1\",\"symbol\":\"GTT\",\"side\":\"SELL\",\"trigger_price\":110,\"quantity\":5}",
        "/api/v1/gtt");
    expect_status(a, 422);
    expect(a, "code", "NO_REFERENCE_PRICE");
    trade_at(a, "GTT", "gtt1", "gtt2", "100.00");
    ask(a, "POST",
        "{\"account\":\"gtt1\",\"symbol\":\"GTT\",\"side\":\"SELL\",\"trigger_price\":\"110\",\"price\":\"109.50\","
        "\"quantity\":5}",
        "/api/v1/gtt");
    expect_status(a, 201);
    expect(a, "status", "ACTIVE");
    expect(a, "legs", "[1]");
    expect(a, "legs.0.when", "AT_OR_ABOVE");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    (void)snprintf(gtt, sizeof gtt, "%.20s", said(a, "gtt_id"));
    assert_string_equal(said_header(a, "Location") + strlen("/api/v1/gtt/"), gtt);
    ask(a, "PUT", "{\"trigger_price\":\"105\",\"quantity\":4}", "/api/v1/gtt/%s", gtt);
    expect_status(a, 200);
    expect(a, "legs.0.trigger_price", "105.00");
    expect(a, "legs.0.price", "109.50");
    expect(a, "legs.0.quantity", "4");
    ask(a, "PUT", "{\"status\":\"DISABLED\"}", "/api/v1/gtt/%s", gtt);
    expect(a, "status", "DISABLED");
    trade_at(a, "GTT", "gtt1", "gtt2", "106.00");
    ask(a, "GET", NULL, "/api/v1/gtt?account=gtt1&symbol=GTT&status=disabled");
    expect(a, "items", "[1]");
    ask(a, "PUT", "{\"status\":\"ACTIVE\",\"trigger_price\":\"107\"}", "/api/v1/gtt/%s", gtt);
    expect(a, "status", "ACTIVE");
    trade_at(a, "GTT", "gtt1", "gtt2", "107.00");
    ask(a, "GET", NULL, "/api/v1/gtt/%s", gtt);
    expect(a, "status", "TRIGGERED");
    expect(a, "triggered_leg", "1");
    (void)snprintf(sent, sizeof sent, "%.20s", said(a, "order_id"));
    show_order(a, sent);
    expect(a, "gtt_id", gtt);
    expect(a, "price", "109.50");
    expect(a, "remaining_quantity", "4");
    ask(a, "PUT", "{\"quantity\":1}", "/api/v1/gtt/%s", gtt);
    expect_status(a, 409);
    expect(a, "code", "GTT_NOT_ACTIVE");
    ask(a, "DELETE", NULL, "/api/v1/gtt/%s", gtt);
    expect_status(a, 409);
}

static void a_gtt_of_two_legs_is_refused_deleted_and_rejected(void **state)
{
    struct ask *a = *state;
    char gtt[ID_BYTES];
    given_market(a, "GTT2", ACCOUNTS("two1", "two2"));
    trade_at(a, "GTT2", "two1", "two2", "100.00");
    ask(a, "POST",
        "{\"account\":\"two1\",\"symbol\":\"GTT2\",\"side\":\"SELL\",\"legs\":[{\"trigger_price\":110,\"quantity\":5},"
        "{\"trigger_price\":120,\"quantity\":5}]}",
        "/api/v1/gtt");
    expect_status(a, 422);
    expect(a, "code", "GTT_TRIGGER_INVALID");
    expect(a, "field", "trigger_price");
    expect(a, "limit", "100.00");
    static const char body[] =
        "{\"account\":\"two1\",\"symbol\":\"GTT2\",\"side\":\"SELL\",\"legs\":[{\"trigger_price\":110,"
        "\"quantity\":5},{\"trigger_price\":90,\"quantity\":5}]}";
    ask(a, "POST", body, "/api/v1/gtt");
    expect_status(a, 201);
    expect(a, "legs.1.when", "AT_OR_BELOW");
    expect(a, "legs.1.type", "MARKET");
    (void)snprintf(gtt, sizeof gtt, "%.20s", said(a, "gtt_id"));
    ask(a, "DELETE", NULL, "/api/v1/gtt/%s", gtt);
    expect_status(a, 200);
    expect(a, "status", "DELETED");
    ask(a, "POST", body, "/api/v1/gtt");
    (void)snprintf(gtt, sizeof gtt, "%.20s", said(a, "gtt_id"));
    ask(a, "PUT", "{\"status\":\"HALTED\"}", "/api/v1/accounts/two1");
    ask(a, "PUT", "{\"type\":\"MARGIN\",\"allow_short\":true}", "/api/v1/accounts/two3");
    ask(a, "POST", "{\"currency\":\"USD\",\"amount\":\"100000\"}", "/api/v1/accounts/two3/cash");
    trade_at(a, "GTT2", "two3", "two2", "89.00");
    ask(a, "GET", NULL, "/api/v1/gtt/%s", gtt);
    expect(a, "status", "REJECTED");
    expect(a, "triggered_leg", "2");
    expect(a, "reject.code", "ACCOUNT_HALTED");
    expect(a, "order_id", ""); /* there is none */
    ask(a, "GET", NULL, "/api/v1/gtt/12345678901");
    expect_status(a, 404);
    ask(a, "PUT", "{\"quantity\":1}", "/api/v1/gtt/12345678901");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/gtt?status=lost");
    expect_status(a, 400);
    ask(a, "GET", NULL, "/api/v1/gtt?account=two1&limit=1");
    expect(a, "items", "[1]");
    assert_string_not_equal(said(a, "next_cursor"), "null");
}

static void the_kill_switch_stops_everything_but_cancels(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES], kept[ID_BYTES];
    given_market(a, "KILL", ACCOUNTS("kill1", "kill2"));
    ask(a, "GET", NULL, "/api/v1/trading");
    expect_status(a, 200);
    expect(a, "status", "ACTIVE");
    place(a, "kill1", "KILL", "BUY", "1", "10.00", kept);
    place(a, "kill1", "KILL", "BUY", "1", "11.00", id);
    ask(a, "PUT", "{\"status\":\"HALTED\"}", "/api/v1/trading");
    expect_status(a, 200);
    expect(a, "status", "HALTED");
    expect(a, "cancelled", "0");
    order(a, 422, NULL, "kill1", "KILL", "BUY", "1", ",\"price\":10");
    expect(a, "code", "SYSTEM_HALTED");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
    ask(a, "GET", NULL, "/api/v1/trading");
    expect(a, "status", "HALTED");
    ask(a, "PUT", "{\"status\":\"HALTED\",\"symbol\":\"KILL\",\"cancel\":true}", "/api/v1/trading");
    expect_status(a, 200);
    expect(a, "cancelled", "1");
    expect(a, "symbol", "KILL");
    show_order(a, kept);
    expect(a, "cancel_reason", "MASS_CANCEL");
    ask(a, "PUT", "{\"status\":\"active\"}", "/api/v1/trading");
    expect(a, "status", "ACTIVE");
    order(a, 422, NULL, "kill1", "KILL", "BUY", "1", ",\"price\":10");
    expect(a, "code", "INSTRUMENT_TRADING_HALTED");
    ask(a, "PUT", "{\"trading\":\"REDUCING\"}", "/api/v1/instruments/KILL/state");
    expect_status(a, 200);
    expect(a, "trading", "REDUCING");
    assert_string_equal(said_header(a, "X-Seq"), said(a, "seq"));
    order(a, 422, NULL, "kill1", "KILL", "BUY", "3", ",\"price\":10");
    expect(a, "code", "INSTRUMENT_REDUCING");
    expect(a, "value", "3");
    expect(a, "limit", "0");
    ask(a, "PUT", "{\"trading\":\"ACTIVE\"}", "/api/v1/instruments/KILL/state");
    expect(a, "cancelled", "");
    place(a, "kill1", "KILL", "BUY", "1", "10.00", kept);
    ask(a, "PUT", "{\"trading\":\"HALTED\",\"cancel\":true}", "/api/v1/instruments/KILL");
    expect(a, "trading", "HALTED");
    expect(a, "cancelled", "1");
    ask(a, "PUT", "{\"trading\":\"ACTIVE\"}", "/api/v1/instruments/KILL/state");
    place(a, "kill1", "KILL", "BUY", "1", "10.00", kept);
    ask(a, "PUT", "{\"status\":\"HALTED\",\"cancel\":true}", "/api/v1/accounts/kill1");
    expect_status(a, 200);
    expect(a, "status", "HALTED");
    expect(a, "cancelled", "1");
    expect(a, "more", "false");
    ask(a, "PUT", "{\"status\":\"HALTED\"}", "/api/v1/accounts/kill1");
    expect(a, "cancelled", "");
    show_order(a, kept);
    expect(a, "status", "CANCELLED");
    order(a, 422, NULL, "kill1", "KILL", "BUY", "1", ",\"price\":10");
    expect(a, "code", "ACCOUNT_HALTED");
    ask(a, "PUT", "{\"status\":\"HALTED\",\"account\":\"nobody\"}", "/api/v1/trading");
    expect_status(a, 422);
    expect(a, "code", "UNKNOWN_ACCOUNT");
    ask(a, "PUT", "{\"trading\":\"HALTED\"}", "/api/v1/instruments/NONE/state");
    expect_status(a, 404);
    ask(a, "PUT", "{}", "/api/v1/trading");
    expect_status(a, 400);
}

static void an_auction_finds_one_price_and_says_it_before(void **state)
{
    struct ask *a = *state;
    char buy[ID_BYTES], opening[ID_BYTES], id[ID_BYTES];
    given_market(a, "CALL", ACCOUNTS("call1", "call2"));
    ask(a, "PUT", "{\"state\":\"PRE_OPEN\"}", "/api/v1/instruments/CALL/state");
    expect_status(a, 200);
    expect(a, "state", "PRE_OPEN");
    place(a, "call1", "CALL", "BUY", "10", "101.00", buy);
    order(a, 201, opening, "call1", "CALL", "BUY", "5", ",\"price\":\"99.50\",\"tif\":\"OPG\"");
    expect(a, "tif", "ON_OPEN");
    ask(a, "GET", NULL, "/api/v1/book/CALL");
    expect(a, "indicative", "");
    place(a, "call2", "CALL", "SELL", "6", "99.00", id);
    place(a, "call2", "CALL", "SELL", "8", "100.00", id);
    expect(a, "status", "ACKED");
    ask(a, "GET", NULL, "/api/v1/book/CALL");
    expect(a, "state", "PRE_OPEN");
    expect(a, "trading", "ACTIVE");
    expect(a, "indicative.price", "100.00");
    expect(a, "indicative.quantity", "10");
    expect(a, "indicative.imbalance", "-4");
    order(a, 422, NULL, "call1", "CALL", "BUY", "1", "");
    expect(a, "code", "INSTRUMENT_NOT_OPEN");
    expect(a, "value", "PRE_OPEN");
    ask(a, "PUT", "{\"state\":\"CONTINUOUS\"}", "/api/v1/instruments/CALL/state");
    expect_status(a, 200);
    expect(a, "state", "CONTINUOUS");
    expect(a, "last_price", "100.00");
    expect(a, "last_auction.price", "100.00");
    expect(a, "last_auction.quantity", "10");
    show_order(a, buy);
    expect(a, "status", "FILLED");
    expect(a, "average_price", "100.00");
    show_order(a, opening);
    expect(a, "cancel_reason", "AUCTION_REMAINDER");
    ask(a, "GET", NULL, "/api/v1/trades?account=call1");
    expect(a, "items.0.liquidity", "AUCTION");
    expect(a, "items.0.aggressor_side", "");
    ask(a, "GET", NULL, "/api/v1/book/CALL");
    expect(a, "asks.0.quantity", "4");
    expect(a, "indicative", "");
}

static void at_the_venue_quote_orders_trade_with_the_quote(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "QV", ACCOUNTS("qv1"));
    order(a, 422, NULL, "qv1", "QV", "BUY", "1", ",\"venue\":\"QUOTE\"");
    expect(a, "code", "NO_QUOTE");
    ask(a, "PUT", "{\"bid\":\"9.90\",\"bid_quantity\":5,\"ask\":\"10.00\",\"ask_quantity\":5}", "/api/v1/quotes/QV");
    expect_status(a, 200);
    order(a, 201, id, "qv1", "QV", "BUY", "8", ",\"price\":\"10.10\",\"venue\":\"QUOTE\"");
    expect(a, "status", "PARTIALLY_FILLED");
    expect(a, "venue", "QUOTE");
    expect(a, "phase", "AT_QUOTE");
    expect(a, "filled_quantity", "5");
    expect(a, "average_price", "10.00");
    ask(a, "GET", NULL, "/api/v1/instruments/QV");
    expect(a, "ask_quantity", "0");
    ask(a, "PUT", "{\"bid\":\"9.90\",\"bid_quantity\":5,\"ask\":\"10.10\",\"ask_quantity\":10}", "/api/v1/quotes/QV");
    show_order(a, id);
    expect(a, "status", "FILLED");
    expect(a, "average_price", "10.0375");
    ask(a, "GET", NULL, "/api/v1/instruments/QV");
    expect(a, "ask_quantity", "7");
    ask(a, "GET", NULL, "/api/v1/trades?symbol=QV");
    expect(a, "items", "[2]");
    expect(a, "items.1.venue", "QUOTE");
    expect(a, "items.1.quantity", "3");
    expect(a, "items.1.sell_order_id", "");
    order(a, 201, id, "qv1", "QV", "SELL", "8", ",\"tif\":\"IOC\",\"venue\":\"QUOTE\"");
    expect(a, "status", "CANCELLED");
    expect(a, "filled_quantity", "5");
    expect(a, "cancel_reason", "IOC_REMAINDER");
    order(a, 422, NULL, "qv1", "QV", "BUY", "1", ",\"venue\":\"MOON\"");
    expect(a, "code", "UNKNOWN_VENUE");
    expect(a, "field", "venue");
}

static void a_refusal_says_field_value_and_limit(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "WHY", ACCOUNTS("why1", "why2"));
    order(a, 422, id, "why1", "WHY", "BUY", "1", ",\"price\":\"100.005\"");
    assert_string_equal(said(a, "detail"), "price 100.005: price is not a multiple of the tick (limit 0.01)");
    expect(a, "field", "price");
    expect(a, "value", "100.005");
    expect(a, "limit", "0.01");
    expect(a, "reject.limit", "0.01");
    show_order(a, id);
    expect(a, "reject.code", "PRICE_OFF_TICK");
    expect(a, "reject.field", "price");
    expect(a, "reject.value", "100.005");
    ask(a, "GET", NULL, "/api/v1/orders/%s/events", id);
    expect(a, "items.0.reject_number", "1201");
    expect(a, "items.0.limit", "0.01");
    order(a, 422, NULL, "why1", "WHY", "BUY", "20000", ",\"price\":\"100.00\"");
    expect(a, "code", "CASH_SHORT");
    expect(a, "value", "2000000.00");
    expect(a, "limit", "1000000.00");
    ask(a, "PUT", "{\"price_collar_percent\":10,\"halt_on_breach\":true}", "/api/v1/instruments/WHY");
    expect_status(a, 200);
    expect(a, "halt_on_breach", "true");
    trade_at(a, "WHY", "why1", "why2", "100.00");
    order(a, 422, NULL, "why1", "WHY", "BUY", "1", ",\"price\":\"111.00\"");
    expect(a, "code", "PRICE_OUTSIDE_COLLAR");
    expect(a, "limit", "110.00");
    ask(a, "PUT", "{\"leverage\":\"1.234\"}", "/api/v1/accounts/why1");
    expect_status(a, 422);
    expect(a, "field", "leverage");
    assert_non_null(strstr(said(a, "detail"), "1 to 1000, at most 2 decimals"));
}

/* It would be a refusal on the tape that nobody learns from. */
static void a_change_of_nothing_is_refused_at_the_door(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES], seq[ID_BYTES];
    given_market(a, "SAME", ACCOUNTS("same1", "same2"));
    trade_at(a, "SAME", "same1", "same2", "100.00");
    place(a, "same1", "SAME", "BUY", "1", "10.00", id);
    (void)snprintf(seq, sizeof seq, "%.20s", said(a, "seq"));
    ask(a, "PUT", "{}", "/api/v1/orders/%s", id);
    expect_status(a, 400);
    expect(a, "detail", "nothing to change: name price, quantity, stop_price or display_quantity");
    ask(a, "PUT", "{\"legs\":[null]}", "/api/v1/gtt/%s", id);
    expect_status(a, 400);
    expect(a, "detail", "nothing to change: name trigger_price, price, quantity, legs, expires_at or status");
    ask(a, "POST", "{\"account\":\"same1\",\"symbol\":\"SAME\",\"side\":\"SELL\",\"trigger_price\":110,\"quantity\":1}",
        "/api/v1/gtt");
    expect_status(a, 201);
    assert_int_equal(strtoull(said(a, "seq"), NULL, 10), strtoull(seq, NULL, 10) + 1);
    (void)snprintf(id, sizeof id, "%.20s", said(a, "gtt_id"));
    ask(a, "PUT", "{\"legs\":[null,{\"trigger_price\":90,\"quantity\":1}]}", "/api/v1/gtt/%s", id);
    expect_status(a, 422);
    expect(a, "field", "legs");
    assert_non_null(strstr(said(a, "detail"), "as many as it was placed with"));
}

static void a_refused_order_names_nothing_that_is_not_there(void **state)
{
    struct ask *a = *state;
    given_market(a, "VOID", ACCOUNTS("void1"));
    order(a, 422, NULL, "void1", "VOID", "BUY", "1", ",\"price\":10,\"venue\":\"MOON\"");
    expect(a, "code", "UNKNOWN_VENUE");
    expect(a, "order.status", "REJECTED");
    expect(a, "order.venue", "");
    order(a, 422, NULL, "void1", "VOID", "BUY", "1",
          ",\"price\":\"10.001\",\"link\":{\"type\":\"OTO\",\"legs\":[{\"price\":11,\"side\":\"SELL\"}]}");
    expect(a, "code", "PRICE_OFF_TICK");
    expect(a, "order.link", "OTO");
    expect(a, "order.linked_order_ids", "");
}

static void an_accounts_limits_hold_its_orders(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "LIM", ACCOUNTS("lim1"));
    ask(a, "PUT",
        "{\"limits\":{\"max_order_quantity\":\"100.5\",\"max_order_notional\":5000,\"max_position\":120,\"max_open_"
        "orders\":2},"
        "\"taker_fee_bps\":\"1.5\",\"margin_call_percent\":25}",
        "/api/v1/accounts/lim1");
    expect_status(a, 200);
    expect(a, "limits.max_order_quantity", "100.5");
    expect(a, "limits.max_order_notional", "5000");
    expect(a, "limits.max_open_orders", "2");
    expect(a, "taker_fee_bps", "1.5");
    expect(a, "margin_call_percent", "25");
    order(a, 422, NULL, "lim1", "LIM", "BUY", "101", ",\"price\":1");
    expect(a, "code", "ORDER_QUANTITY_LIMIT");
    expect(a, "value", "101");
    expect(a, "limit", "100.5");
    order(a, 422, NULL, "lim1", "LIM", "BUY", "100", ",\"price\":\"50.01\"");
    expect(a, "code", "ORDER_NOTIONAL_LIMIT");
    expect(a, "value", "5001.00");
    place(a, "lim1", "LIM", "BUY", "100", "1.00", id);
    order(a, 422, NULL, "lim1", "LIM", "BUY", "21", ",\"price\":1");
    expect(a, "code", "POSITION_LIMIT");
    expect(a, "value", "121");
    expect(a, "limit", "120");
    place(a, "lim1", "LIM", "BUY", "20", "1.00", id);
    order(a, 422, NULL, "lim1", "LIM", "SELL", "1", ",\"price\":2");
    expect(a, "code", "OPEN_ORDERS_LIMIT");
    expect(a, "value", "3");
    expect(a, "limit", "2");
    ask(a, "PUT", "{\"limits\":{\"max_open_orders\":0,\"max_orders_per_second\":1},\"taker_fee_bps\":null}",
        "/api/v1/accounts/lim1");
    expect_status(a, 200);
    expect(a, "taker_fee_bps", "");
    expect(a, "limits.max_position", "120");
    expect(a, "limits.max_orders_per_second", "1");
    place(a, "lim1", "LIM", "SELL", "1", "2.00", id);
    order(a, 422, NULL, "lim1", "LIM", "SELL", "1", ",\"price\":2");
    expect(a, "code", "ORDER_RATE_LIMIT");
    expect(a, "limit", "1");
}

/* ann has 1500 and 100 shares bought at 100.00 with leverage 10. */
static void given_a_thin_margin(struct ask *a, const char *symbol, const char *account, const char *maker)
{
    char id[ID_BYTES], body[128];
    given_market(a, symbol, ACCOUNTS(maker));
    (void)snprintf(body, sizeof body,
                   "{\"type\":\"MARGIN\",\"leverage\":10,\"margin_call_percent\":20,\"liquidation_percent\":10}");
    ask(a, "PUT", body, "/api/v1/accounts/%s", account);
    expect_status(a, 200);
    ask(a, "POST", "{\"currency\":\"USD\",\"amount\":1500}", "/api/v1/accounts/%s/cash", account);
    expect_status(a, 200);
    place(a, maker, symbol, "SELL", "100", "100.00", id);
    place(a, account, symbol, "BUY", "100", "100.00", id);
    expect(a, "status", "FILLED");
}

static void a_margin_check_calls_and_then_liquidates(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_a_thin_margin(a, "MARG", "marg1", "marg2");
    ask(a, "POST", "{\"account\":\"marg1\"}", "/api/v1/margin-check");
    expect_status(a, 200);
    expect(a, "accounts", "1");
    expect(a, "margin_calls", "1");
    expect(a, "liquidations", "0");
    ask(a, "GET", NULL, "/api/v1/accounts/marg1");
    expect(a, "equity", "1500.00");
    expect(a, "margin_used", "1000.00");
    expect(a, "balances.0.exposure", "10000.00");
    expect(a, "balances.0.unrealized_pnl", "0.00");
    expect(a, "margin_call.equity", "1500.00");
    expect(a, "margin_call.exposure", "10000.00");
    expect(a, "margin_call.required_percent", "20");
    expect(a, "margin_call.liquidation", "false");
    place(a, "marg2", "MARG", "SELL", "1", "90.00", id);
    place(a, "marg2", "MARG", "BUY", "201", "90.00", id);
    ask(a, "GET", NULL, "/api/v1/positions?account=marg1");
    expect(a, "items.0.mark_price", "90.00");
    expect(a, "items.0.unrealized_pnl", "-1000.00");
    ask(a, "POST", NULL, "/api/v1/margin-check");
    expect_status(a, 200);
    expect(a, "liquidations", "1");
    ask(a, "GET", NULL, "/api/v1/positions?account=marg1");
    expect(a, "items.0.quantity", "0");
    ask(a, "GET", NULL, "/api/v1/orders?account=marg1&status=FILLED");
    expect(a, "items.1.liquidation", "true");
    expect(a, "items.1.average_price", "90.00");
    ask(a, "POST", "{\"account\":\"nobody\"}", "/api/v1/margin-check");
    expect_status(a, 422);
}

/* The server's own clock writes CHECK_MARGIN: no command comes. Asked again and again, without a limit of its own but the
 * test's. */
static void a_margin_check_comes_by_itself(void **state)
{
    struct ask *shared = *state, *a = NULL;
    (void)shared;
    assert_int_equal(ask_start_with((void **)&a, (const char *const[]){"ORDERTAPE_MARGIN_CHECK_SECONDS=1", NULL}), 0);
    given_a_thin_margin(a, "TIME", "time1", "time2");
    do {
        (void)usleep(20000);
        ask(a, "GET", NULL, "/api/v1/accounts/time1");
    } while (said(a, "margin_call")[0] == '\0');
    expect(a, "margin_call.equity", "1500.00");
    ask(a, "GET", NULL, "/metrics");
    assert_non_null(strstr(a->answer.body, "ordertape_commands_total{kind=\"check_margin\"}"));
    assert_null(strstr(a->answer.body, "ordertape_commands_total{kind=\"check_margin\"} 0\n"));
    assert_int_equal(ask_stop((void **)&a), 0);
}

/* With room for four steps a command, an uncross of forty orders and a kill switch over twenty take many: the answers wait for
 * the last. */
static void work_of_many_commands_is_answered_when_it_is_done(void **state)
{
    struct ask *shared = *state, *a = NULL;
    char id[ID_BYTES], first[ID_BYTES] = "";
    (void)shared;
    assert_int_equal(ask_start_with((void **)&a, (const char *const[]){"ORDERTAPE_WORK_MAX=4", NULL}), 0);
    given_market(a, "LONG", ACCOUNTS("long1", "long2"));
    ask(a, "PUT", "{\"state\":\"AUCTION\"}", "/api/v1/instruments/LONG/state");
    for (int i = 0; i < 20; i++) {
        place(a, "long1", "LONG", "BUY", "1", "100.00", first[0] == '\0' ? first : id);
        place(a, "long2", "LONG", "SELL", "1", "100.00", id);
    }
    ask(a, "PUT", "{\"state\":\"CONTINUOUS\"}", "/api/v1/instruments/LONG/state");
    expect_status(a, 200);
    expect(a, "state", "CONTINUOUS");
    expect(a, "last_price", "100.00");
    show_order(a, id);
    expect(a, "status", "FILLED");
    for (int i = 0; i < 20; i++) place(a, "long1", "LONG", "BUY", "1", "99.00", id);
    ask(a, "PUT", "{\"status\":\"HALTED\",\"cancel\":true}", "/api/v1/trading");
    expect_status(a, 200);
    expect(a, "cancelled", "20");
    expect(a, "more", "false");
    ask(a, "GET", NULL, "/api/v1/orders?status=OPEN");
    expect(a, "items", "[0]");
    ask(a, "POST", "{}", "/api/v1/margin-check");
    expect(a, "accounts", "6"); /* the house's four too */
    expect(a, "more", "false");
    assert_int_equal(ask_stop((void **)&a), 0);
}

static void a_what_if_may_insert_a_bracket(void **state)
{
    struct ask *a = *state;
    char body[768], id[ID_BYTES];
    given_market(a, "WIFB", ACCOUNTS("wifb1", "wifb2"));
    place(a, "wifb1", "WIFB", "SELL", "5", "10.00", id);
    unsigned long long seq = strtoull(said(a, "seq"), NULL, 10);
    ask(a, "PUT", "{}", "/api/v1/accounts/wifb3");
    (void)snprintf(body, sizeof body,
                   "{\"base\":{\"seq\":%llu},\"edits\":[{\"insert\":{\"account\":\"wifb2\",\"symbol\":\"WIFB\","
                   "\"side\":\"BUY\",\"quantity\":5,"
                   "\"price\":\"10.00\",\"client_order_id\":\"guarded\",\"link\":{\"type\":\"BRACKET\",\"take_profit\":"
                   "{\"price\":11},"
                   "\"stop_loss\":{\"stop_price\":9}}},\"at_seq\":%llu}],\"symbols\":[\"WIFB\"]}",
                   seq, seq + 1);
    ask(a, "POST", body, "/api/v1/whatif");
    expect_status(a, 200);
    expect(a, "inserted", "[3]");
    expect(a, "inserted.0.status", "FILLED");
    expect(a, "inserted.0.client_order_id", "guarded");
    expect(a, "inserted.1.status", "ACKED");
    expect(a, "inserted.2.status", "PENDING_TRIGGER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_waits_for_its_price_and_buys_at_the_market),
        cmocka_unit_test(a_trailing_stop_follows_the_price),
        cmocka_unit_test(an_iceberg_shows_its_tip),
        cmocka_unit_test(a_bracket_guards_what_its_entry_bought),
        cmocka_unit_test(of_an_oco_pair_one_cancels_the_other),
        cmocka_unit_test(an_otos_child_follows_each_fill),
        cmocka_unit_test(order_modifiers_do_what_they_say),
        cmocka_unit_test(an_account_does_not_trade_with_itself_when_it_says_so),
        cmocka_unit_test(a_gtt_lives_until_its_price_comes),
        cmocka_unit_test(a_gtt_of_two_legs_is_refused_deleted_and_rejected),
        cmocka_unit_test(the_kill_switch_stops_everything_but_cancels),
        cmocka_unit_test(an_auction_finds_one_price_and_says_it_before),
        cmocka_unit_test(at_the_venue_quote_orders_trade_with_the_quote),
        cmocka_unit_test(a_refusal_says_field_value_and_limit),
        cmocka_unit_test(a_change_of_nothing_is_refused_at_the_door),
        cmocka_unit_test(a_refused_order_names_nothing_that_is_not_there),
        cmocka_unit_test(an_accounts_limits_hold_its_orders),
        cmocka_unit_test(a_margin_check_calls_and_then_liquidates),
        cmocka_unit_test(a_margin_check_comes_by_itself),
        cmocka_unit_test(work_of_many_commands_is_answered_when_it_is_done),
        cmocka_unit_test(a_what_if_may_insert_a_bracket),
    };
    return cmocka_run_group_tests(tests, ask_start, ask_stop);
}
