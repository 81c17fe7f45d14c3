/* tests/api/test_http_desk.c - the order desk over the real program: venues, the routing table, an order's life at a broker, fills that
 * are made up, batches, statements, and who asked for what. One server serves the whole file; each test has instruments, accounts and
 * venues of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/api/ask.h"

#define ACCOUNTS(...) ((const char *const[]){__VA_ARGS__, NULL})
enum { ID_BYTES = 24 };

static void venue(struct ask *a, const char *name, const char *body)
{
    ask(a, "PUT", body, "/api/v1/venues/%s", name);
    expect_status(a, 200);
}

/* A BUY of 10 at 100.00 with more members (", \"venue\": …"); the status is what is expected. */
static void order(struct ask *a, int status, char *id, const char *account, const char *symbol, const char *more)
{
    char body[512];
    (void)snprintf(body, sizeof body,
                   "{\"account\":\"%s\",\"symbol\":\"%s\",\"side\":\"BUY\",\"quantity\":10,\"price\":100%s}", account,
                   symbol, more);
    ask(a, "POST", body, "/api/v1/orders");
    expect_status(a, status);
    if (id != NULL) (void)snprintf(id, ID_BYTES, "%.20s", said(a, "order_id"));
}

/* A step on an order: POST /orders/{id}/{step}. */
static void step(struct ask *a, int status, const char *id, const char *what, const char *body)
{
    ask(a, "POST", body, "/api/v1/orders/%s/%s", id, what);
    expect_status(a, status);
}

static void show(struct ask *a, const char *id)
{
    ask(a, "GET", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
}

static void a_venue_is_made_changed_and_shown(void **state)
{
    struct ask *a = *state;
    ask(a, "PUT", "{}", "/api/v1/venues/ALPHA");
    expect_status(a, 200);
    expect(a, "venue", "ALPHA");
    expect(a, "state", "UP");
    expect(a, "simulated", "false");
    char seq[ID_BYTES];
    (void)snprintf(seq, sizeof seq, "%.20s", said(a, "seq"));
    assert_string_equal(said_header(a, "X-Seq"), seq);
    ask(a, "PUT", "{\"state\":\"degraded\",\"simulated\":true}", "/api/v1/venues/ALPHA");
    expect(a, "state", "DEGRADED");
    ask(a, "GET", NULL, "/api/v1/venues/ALPHA");
    expect_status(a, 200);
    expect(a, "state", "DEGRADED");
    expect(a, "simulated", "true");
    ask(a, "GET", NULL, "/api/v1/venues");
    expect(a, "items.0.venue", "BOOK");
    expect(a, "items.1.venue", "QUOTE");
    ask(a, "GET", NULL, "/api/v1/venues?limit=1");
    expect(a, "items", "[1]");
    ask(a, "GET", NULL, "/api/v1/venues/NOWHERE");
    expect_status(a, 404);
    ask(a, "PUT", "{\"state\":\"AWAY\"}", "/api/v1/venues/ALPHA");
    expect_status(a, 400);
    ask(a, "PUT", "{}", "/api/v1/venues/fees");
    expect_status(a, 422);
    expect(a, "code", "NAME_RESERVED");
}

static void the_routing_table_sends_orders_and_each_decision_is_kept(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "RULE", ACCOUNTS("rule1"));
    venue(a, "RULEA", "{\"state\":\"DOWN\"}");
    venue(a, "RULEB", "{}");
    ask(a, "PUT", "{\"rules\":[{\"symbol\":\"RULE\",\"venues\":[\"RULEA\",\"RULEB\"]},{\"venues\":[\"BOOK\"]}]}",
        "/api/v1/routing");
    expect_status(a, 200);
    expect(a, "rules", "[2]");
    expect(a, "rules.0.venues.1", "RULEB");
    ask(a, "GET", NULL, "/api/v1/routing");
    expect(a, "rules", "[2]");
    expect(a, "rules.1.venues.0", "BOOK");
    order(a, 201, id, "rule1", "RULE", "");
    expect(a, "status", "ROUTED");
    expect(a, "venue", "RULEB");
    ask(a, "GET", NULL, "/api/v1/orders/%s/routes", id);
    expect_status(a, 200);
    expect(a, "items", "[1]");
    expect(a, "items.0.rule", "1");
    expect(a, "items.0.candidates.0", "RULEA");
    expect(a, "items.0.chosen", "RULEB");
    expect(a, "items.0.cause", "PLACED");
    ask(a, "PUT", "{\"rules\":[{\"venues\":[\"RULEA\",\"RULEA\"]}]}", "/api/v1/routing");
    expect_status(a, 422);
    expect(a, "code", "RULE_INVALID");
    ask(a, "PUT", "{\"rules\":[{\"venues\":[\"NOWHERE\"]}]}", "/api/v1/routing");
    expect_status(a, 422);
    expect(a, "code", "UNKNOWN_VENUE");
    ask(a, "PUT", "{}", "/api/v1/routing");
    expect_status(a, 400);
    ask(a, "GET", NULL, "/api/v1/routing");
    expect(a, "rules", "[2]");
    ask(a, "PUT", "{\"rules\":[]}", "/api/v1/routing");
    expect_status(a, 200);
    ask(a, "GET", NULL, "/api/v1/orders/65537/routes");
    expect_status(a, 404);
}

static void an_order_lives_at_a_broker_until_it_settles(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "LIFE", ACCOUNTS("life1"));
    venue(a, "LIFEV", "{}");
    order(a, 201, id, "life1", "LIFE", ",\"venue\":\"LIFEV\"");
    expect(a, "status", "ROUTED");
    expect(a, "route", "LIFEV");
    step(a, 200, id, "ack", "{\"ext_order_id\":\"EXT-1\"}");
    expect(a, "status", "ACKED");
    expect(a, "ext_order_id", "EXT-1");
    step(a, 409, id, "ack", "{\"ext_order_id\":\"EXT-1\"}");
    expect(a, "code", "REPORT_REPEATED");
    step(a, 409, id, "ack", "{\"ext_order_id\":\"EXT-2\"}");
    expect(a, "code", "EXT_ORDER_ID_DIFFERS");
    step(a, 422, id, "ack", "{}");
    expect(a, "field", "ext_order_id");
    step(a, 409, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    expect(a, "code", "NOT_SIMULATED");
    venue(a, "LIFEV", "{\"simulated\":true}");
    step(a, 200, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    expect(a, "status", "PARTIALLY_FILLED");
    expect(a, "filled_quantity", "4");
    step(a, 409, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":7}]}");
    expect(a, "code", "OVER_FILL");
    expect(a, "limit", "6");
    step(a, 409, id, "settle", NULL);
    expect(a, "code", "SETTLE_NOT_ALLOWED");
    step(a, 200, id, "simulate_fill",
         "{\"fills\":[{\"fill_price\":99,\"fill_qty\":2,\"exec_id\":\"X-1\"},"
         "{\"fill_price\":\"100.00\",\"fill_qty\":4,\"exec_id\":\"X-2\"}]}");
    expect(a, "status", "FILLED");
    step(a, 200, id, "settle", NULL);
    expect(a, "status", "SETTLED");
    step(a, 409, id, "settle", NULL);
    ask(a, "PUT", "{\"price\":101}", "/api/v1/orders/%s", id);
    expect_status(a, 409);
    expect(a, "code", "ORDER_NOT_OPEN");
    ask(a, "GET", NULL, "/api/v1/trades?venue=LIFEV");
    expect(a, "items", "[3]");
    expect(a, "items.1.exec_id", "X-1");
    ask(a, "GET", NULL, "/api/v1/trades?venue=LIFEV&from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z");
    expect(a, "items", "[0]");
    ask(a, "GET", NULL, "/api/v1/trades?venue=LIFEV&from=2001-01-01T00:00:00Z");
    expect(a, "items", "[3]");
    ask(a, "GET", NULL, "/api/v1/trades?from=yesterday");
    expect_status(a, 400);
    ask(a, "GET", NULL, "/api/v1/orders?venue=LIFEV&status=SETTLED");
    expect(a, "items", "[1]");
}

static void a_repeated_execution_changes_nothing_and_says_so(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "REPX", ACCOUNTS("repx1"));
    venue(a, "REPXV", "{\"simulated\":true}");
    order(a, 201, id, "repx1", "REPX", ",\"venue\":\"REPXV\"");
    step(a, 200, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-1\"}]}");
    step(a, 409, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-1\"}]}");
    expect(a, "code", "EXEC_ID_REPEATED");
    show(a, id);
    expect(a, "filled_quantity", "4");
}

static void an_operator_says_what_a_broker_did(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "SAID", ACCOUNTS("said1"));
    venue(a, "SAIDV", "{}");
    order(a, 201, id, "said1", "SAID", ",\"venue\":\"SAIDV\"");
    step(a, 200, id, "fills", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-1\"}]}");
    expect(a, "filled_quantity", "4");
    step(a, 409, id, "fills", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-1\"}]}");
    expect(a, "code", "EXEC_ID_REPEATED");
    step(a, 422, id, "fills", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    expect(a, "field", "exec_id");
    step(a, 409, id, "fills", "{\"fills\":[{\"kind\":\"BUST\",\"ref_exec_id\":\"E-9\"}]}");
    expect(a, "code", "EXEC_ID_UNKNOWN");
    step(a, 409, id, "fills",
         "{\"venue\":\"BOOK\",\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-2\"}]}");
    expect(a, "code", "VENUE_DIFFERS");
    step(a, 400, id, "fills", "{\"simulated\":true,\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    step(a, 200, id, "fills",
         "{\"fills\":[{\"kind\":\"CORRECT\",\"ref_exec_id\":\"E-1\",\"exec_id\":\"E-3\",\"fill_price\":98,\"fill_qty\":"
         "3}]}");
    expect(a, "filled_quantity", "3");
    step(a, 200, id, "fills", "{\"fills\":[{\"kind\":\"BUST\",\"ref_exec_id\":\"E-3\"}]}");
    expect(a, "filled_quantity", "0");
    ask(a, "GET", NULL, "/api/v1/trades?order_id=%s", id);
    expect(a, "items", "[2]");
    expect(a, "items.1.busted", "true");
    step(a, 200, id, "fills",
         "{\"fills\":[{\"fill_price\":99,\"fill_qty\":12,\"exec_id\":\"E-4\"}]}"); /* more than was left */
    expect(a, "status", "FILLED");
    expect(a, "filled_quantity", "12");
    step(a, 404, "65537", "fills", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"E-1\"}]}");
}

static void what_a_broker_says_of_a_rejection_is_shown(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "TOLD", ACCOUNTS("told1"));
    venue(a, "TOLDV", "{}");
    order(a, 201, id, "told1", "TOLD", ",\"venue\":\"TOLDV\"");
    step(a, 200, id, "report", "{\"report\":\"REJECT\",\"reason\":\"margin shortfall of 1200\"}");
    expect(a, "status", "REJECTED");
    show(a, id);
    expect(a, "broker_reason", "margin shortfall of 1200");
    order(a, 201, id, "told1", "TOLD", ",\"venue\":\"TOLDV\"");
    step(a, 200, id, "report", "{\"report\":\"CANCELLED\",\"reason\":\"risk desk\"}");
    expect(a, "status", "CANCELLED");
    expect(a, "cancel_reason", "VENUE_CANCELLED");
    show(a, id);
    expect(a, "broker_reason", "risk desk");
}

static void a_cancel_waits_for_the_brokers_answer(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "CANC", ACCOUNTS("canc1"));
    venue(a, "CANCV", "{}");
    order(a, 201, id, "canc1", "CANC", ",\"venue\":\"CANCV\"");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 200);
    expect(a, "status", "PENDING_CANCEL");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 409);
    expect(a, "code", "REQUEST_PENDING");
    step(a, 409, id, "report", "{\"report\":\"REPLACED\"}");
    expect(a, "code", "REPORT_NOT_EXPECTED");
    step(a, 409, id, "report", "{\"report\":\"CANCELLED\",\"venue\":\"BOOK\"}");
    expect(a, "code", "VENUE_DIFFERS");
    step(a, 404, id, "report", "{\"report\":\"CANCELLED\",\"venue\":\"NOWHERE\"}");
    expect(a, "code", "UNKNOWN_VENUE");
    step(a, 400, id, "report", "{\"report\":\"LOST\"}");
    step(a, 200, id, "report", "{\"report\":\"CANCELLED\"}");
    expect(a, "status", "CANCELLED");
    step(a, 409, id, "report", "{\"report\":\"CANCELLED\"}");
    expect(a, "code", "ORDER_NOT_OPEN");
    step(a, 404, "65537", "report", "{\"report\":\"CANCELLED\"}");
    step(a, 404, "65537", "settle", NULL);
    step(a, 404, "x", "settle", NULL);
}

static void an_order_waits_for_a_venue_and_goes_when_one_comes_up(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "WAIT", ACCOUNTS("wait1"));
    venue(a, "WAITV", "{\"state\":\"DOWN\"}");
    order(a, 422, NULL, "wait1", "WAIT", ",\"venue\":\"WAITV\",\"tif\":\"IOC\"");
    expect(a, "code", "VENUE_DOWN");
    order(a, 201, id, "wait1", "WAIT", ",\"venue\":\"WAITV\"");
    expect(a, "status", "PENDING_ROUTE");
    step(a, 409, id, "route", "{}");
    expect(a, "code", "VENUE_DOWN");
    ask(a, "GET", NULL, "/api/v1/orders?status=pending_route&account=wait1");
    expect(a, "items.0.order_id", id);
    ask(a, "GET", NULL, "/api/v1/orders?manual_review=true&account=wait1");
    expect(a, "items", "[0]");
    ask(a, "GET", NULL, "/api/v1/orders?manual_review=perhaps");
    expect_status(a, 400);
    ask(a, "GET", NULL, "/metrics");
    assert_non_null(strstr(a->answer.body, "ordertape_orders_waiting 1\n"));
    venue(a, "WAITV", "{\"state\":\"UP\"}");
    show(a, id);
    expect(a, "status", "ROUTED");
    expect(a, "venue", "WAITV");
    ask(a, "GET", NULL, "/api/v1/orders/%s/routes", id);
    expect(a, "items", "[2]");
    expect(a, "items.0.chosen", "");
    expect(a, "items.1.cause", "VENUE_UP");
    ask(a, "GET", NULL, "/api/v1/orders/%s/routes?limit=1", id);
    expect(a, "items", "[1]");
    ask(a, "GET", NULL, "/metrics");
    assert_non_null(strstr(a->answer.body, "ordertape_orders_waiting 0\n"));
}

static void an_operator_routes_by_hand(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "HAND", ACCOUNTS("hand1"));
    venue(a, "HANDA", "{\"state\":\"DOWN\"}");
    venue(a, "HANDB", "{}");
    order(a, 201, id, "hand1", "HAND", ",\"venue\":\"HANDA\"");
    step(a, 404, id, "route", "{\"venue\":\"NOWHERE\"}");
    expect(a, "code", "UNKNOWN_VENUE");
    step(a, 200, id, "route", "{\"venue\":\"HANDB\"}");
    expect(a, "status", "ROUTED");
    expect(a, "venue", "HANDB");
    step(a, 409, id, "route", "{\"venue\":\"HANDB\"}");
    expect(a, "code", "ROUTE_NOT_ALLOWED");
    step(a, 404, "65537", "route", "{}");
    ask(a, "GET", NULL, "/api/v1/orders/%s/routes", id);
    expect(a, "items.1.cause", "BY_HAND");
    expect(a, "items.1.asked", "true");
}

static void a_fill_may_be_made_up_at_the_book_when_it_is_simulated(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "MADE", ACCOUNTS("made1"));
    order(a, 201, id, "made1", "MADE", "");
    step(a, 409, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    expect(a, "code", "NOT_SIMULATED");
    venue(a, "BOOK", "{\"simulated\":true}");
    step(a, 200, id, "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    expect(a, "filled_quantity", "4");
    step(a, 400, id, "simulate_fill", "{\"fills\":[{\"order_id\":\"65537\",\"fill_price\":99,\"fill_qty\":4}]}");
    step(a, 400, id, "simulate_fill", "{}");
    step(a, 404, "65536", "simulate_fill", "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4}]}");
    venue(a, "BOOK", "{\"simulated\":false}");
}

static void who_asked_is_in_an_orders_history(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "WHO", ACCOUNTS("who1"));
    ask_with(a, "X-Actor: dealer7\r\nX-Request-Id: req-1\r\n", "POST",
             "{\"account\":\"who1\",\"symbol\":\"WHO\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}", "/api/v1/orders");
    expect_status(a, 201);
    (void)snprintf(id, sizeof id, "%.20s", said(a, "order_id"));
    assert_string_equal(said_header(a, "X-Request-Id"), "req-1");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    char made[80];
    (void)snprintf(made, sizeof made, "%.64s", said_header(a, "X-Request-Id"));
    assert_true(strlen(made) > 0);
    ask(a, "GET", NULL, "/api/v1/orders/%s/events", id);
    expect(a, "items.0.event", "placed");
    expect(a, "items.0.command", "place");
    expect(a, "items.0.actor", "dealer7");
    expect(a, "items.0.request_id", "req-1");
    expect(a, "items.1.event", "cancelled");
    expect(a, "items.1.command", "cancel");
    expect(a, "items.1.actor", "local");
    expect(a, "items.1.request_id", made);
    ask_with(a, "X-Actor: not a name\r\n", "GET", NULL, "/api/v1/orders/%s", id);
    expect_status(a, 400);
    ask_with(a, "X-Request-Id: 12345678901234567890123456789012345678901234567890123456789012345\r\n", "GET", NULL,
             "/api/v1/orders/%s", id);
    expect_status(a, 200);
    assert_true(strlen(said_header(a, "X-Request-Id")) < 64); /* too long to keep: one was made */
}

static void a_client_order_id_is_used_once(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "CLID", ACCOUNTS("clid1", "clid2"));
    order(a, 201, id, "clid1", "CLID", ",\"client_order_id\":\"mine-1\"");
    order(a, 409, NULL, "clid1", "CLID", ",\"client_order_id\":\"mine-1\"");
    expect(a, "code", "DUPLICATE_CLIENT_ORDER_ID");
    expect(a, "existing_order_id", id);
    ask(a, "GET", NULL, "/order/mine-1"); /* not the one that was refused for it */
    expect(a, "order_id", id);
    order(a, 201, NULL, "clid2", "CLID", ",\"client_order_id\":\"mine-1\"");
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", id);
    order(a, 409, NULL, "clid1", "CLID", ",\"client_order_id\":\"mine-1\""); /* done, and still known */
    ask(a, "GET", NULL, "/api/v1/orders?client_order_id=mine-1&account=clid1");
    expect(a, "items.0.order_id", id);
    order(a, 201, id, "clid2", "CLID", ",\"client_order_id\":\"mine-2\"");
    ask(a, "GET", NULL, "/order/mine-2");
    expect_status(a, 200);
    expect(a, "order_id", id);
    ask(a, "GET", NULL, "/order/%s", id);
    expect(a, "client_order_id", "mine-2");
}

static void a_batch_says_what_became_of_each_order(void **state)
{
    struct ask *a = *state;
    char batch[ID_BYTES], first[ID_BYTES];
    given_market(a, "BAT", ACCOUNTS("bat1"));
    ask(a, "POST",
        "{\"account\":\"bat1\",\"orders\":[{\"symbol\":\"BAT\",\"side\":\"BUY\",\"quantity\":5,\"price\":10},"
        "{\"symbol\":\"NONE\",\"side\":\"BUY\",\"quantity\":5,\"price\":10},"
        "{\"symbol\":\"BAT\",\"side\":\"BUY\",\"quantity\":6,\"price\":11}]}",
        "/api/v1/orders");
    expect_status(a, 201);
    expect(a, "orders", "[3]");
    expect(a, "status", "PARTIALLY_ACCEPTED");
    expect(a, "orders.0.status", "ACKED");
    expect(a, "orders.0.venue", "BOOK");
    expect(a, "orders.1.status", "REJECTED");
    expect(a, "orders.1.reject.code", "UNKNOWN_INSTRUMENT");
    expect(a, "orders.2.quantity", "6");
    (void)snprintf(batch, sizeof batch, "%.20s", said(a, "batch_id"));
    (void)snprintf(first, sizeof first, "%.20s", said(a, "orders.0.order_id"));
    expect(a, "orders.0.batch_id", batch);
    ask(a, "GET", NULL, "/api/v1/batches/%s", batch);
    expect_status(a, 200);
    expect(a, "orders.1.status", "REJECTED");
    show(a, first);
    expect(a, "batch_id", batch);
    ask(a, "DELETE", NULL, "/api/v1/batches/%s", batch);
    expect_status(a, 200);
    expect(a, "cancelled", "2");
    expect(a, "more", "false");
    ask(a, "GET", NULL, "/api/v1/batches/%s", batch);
    expect(a, "orders.0.status", "CANCELLED");
    expect(a, "orders.0.cancel_reason", "BATCH_CANCEL");
    ask(a, "GET", NULL, "/api/v1/batches/%s", first);
    expect_status(a, 404);
    ask(a, "DELETE", NULL, "/api/v1/batches/1");
    expect_status(a, 404);
    ask(a, "GET", NULL, "/api/v1/reconcile/x");
    expect_status(a, 404);
    ask(a, "POST", "{\"account\":\"bat1\",\"orders\":[{\"side\":\"BUY\",\"quantity\":5}]}", "/api/v1/orders");
    expect_status(a, 400);
    ask(a, "POST", "{\"account\":\"bat1\",\"orders\":[]}", "/api/v1/orders");
    expect_status(a, 400);
}

static void an_atomic_batch_is_accepted_whole_or_not_at_all(void **state)
{
    struct ask *a = *state;
    given_market(a, "ATOM", ACCOUNTS("atom1"));
    ask(a, "POST",
        "{\"account\":\"atom1\",\"atomic\":true,\"orders\":[{\"symbol\":\"ATOM\",\"side\":\"BUY\",\"quantity\":5,"
        "\"price\":10},"
        "{\"symbol\":\"ATOM\",\"side\":\"BUY\",\"quantity\":5,\"price\":\"10.001\",\"client_order_id\":\"bad\"}]}",
        "/api/v1/orders");
    expect_status(a, 422);
    expect(a, "code", "PRICE_OFF_TICK");
    expect(a, "order.client_order_id", "bad");
    ask(a, "GET", NULL, "/api/v1/orders?account=atom1&status=OPEN");
    expect(a, "items", "[0]");
    ask(a, "POST",
        "{\"account\":\"atom1\",\"atomic\":true,\"orders\":[{\"symbol\":\"ATOM\",\"side\":\"BUY\",\"quantity\":5,"
        "\"price\":10},"
        "{\"symbol\":\"ATOM\",\"side\":\"BUY\",\"quantity\":5,\"price\":10}]}",
        "/api/v1/orders");
    expect_status(a, 201);
    expect(a, "status", "ACCEPTED");
}

static void a_batch_is_reconciled(void **state)
{
    struct ask *a = *state;
    char batch[ID_BYTES], first[ID_BYTES], second[ID_BYTES], body[256];
    given_market(a, "RECA", ACCOUNTS("rec1"));
    given_market(a, "RECB", ACCOUNTS("rec1"));
    venue(a, "BOOK", "{\"simulated\":true}");
    ask(a, "POST",
        "{\"portfolio_id\":\"rec1\",\"orders\":[{\"instrument_id\":\"RECA\",\"qty\":100,\"side\":\"BUY\",\"price_"
        "limit\":2500},"
        "{\"instrument_id\":\"RECB\",\"qty\":50,\"side\":\"SELL\",\"price_limit\":2600}]}",
        "/api/v1/orders");
    expect_status(a, 201);
    (void)snprintf(batch, sizeof batch, "%.20s", said(a, "batch_id"));
    (void)snprintf(first, sizeof first, "%.20s", said(a, "orders.0.order_id"));
    (void)snprintf(second, sizeof second, "%.20s", said(a, "orders.1.order_id"));
    ask(a, "GET", NULL, "/api/v1/reconcile/%s", batch);
    expect_status(a, 200);
    expect(a, "total_orders", "2");
    expect(a, "pending_orders", "2");
    expect(a, "total_value", "380000");
    expect(a, "expected_pnl", "5000");
    (void)snprintf(body, sizeof body,
                   "{\"fills\":[{\"fill_price\":2500,\"fill_qty\":100},{\"order_id\":\"%s\",\"fill_price\":2610,\"fill_"
                   "qty\":50}]}",
                   second);
    step(a, 200, first, "simulate_fill", body);
    expect(a, "status", "FILLED");
    ask(a, "GET", NULL, "/api/v1/reconcile/%s", batch);
    expect(a, "filled_orders", "2");
    expect(a, "filled_value", "380500");
    expect(a, "actual_pnl", "5500");
    expect(a, "expected_pnl", "5000");
    venue(a, "BOOK", "{\"simulated\":false}");
}

static void a_statement_is_compared_with_what_is_here(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES], statement[ID_BYTES];
    given_market(a, "STAT", ACCOUNTS("stat1"));
    venue(a, "STATV", "{\"simulated\":true}");
    order(a, 201, id, "stat1", "STAT", ",\"venue\":\"STATV\"");
    step(a, 200, id, "simulate_fill",
         "{\"fills\":[{\"fill_price\":99,\"fill_qty\":4,\"exec_id\":\"S-1\"},{\"fill_price\":98,\"fill_qty\":1,\"exec_"
         "id\":\"S-2\"},"
         "{\"fill_price\":97,\"fill_qty\":1,\"exec_id\":\"S-3\"}]}");
    ask(a, "POST",
        "{\"venue\":\"STATV\",\"from\":\"2001-01-01T00:00:00Z\",\"to\":\"2100-01-01T00:00:00Z\",\"rows\":["
        "{\"exec_id\":\"S-1\",\"symbol\":\"STAT\",\"side\":\"BUY\",\"price\":99,\"quantity\":4},"
        "{\"exec_id\":\"S-2\",\"symbol\":\"STAT\",\"side\":\"BUY\",\"price\":98,\"quantity\":2},"
        "{\"exec_id\":\"S-9\",\"symbol\":\"STAT\",\"side\":\"BUY\",\"price\":98,\"quantity\":2}]}",
        "/api/v1/statements");
    expect_status(a, 201);
    (void)snprintf(statement, sizeof statement, "%.20s", said(a, "statement_id"));
    expect(a, "rows", "3");
    ask(a, "GET", NULL, "/api/v1/statements/%s", statement);
    expect_status(a, 200);
    expect(a, "totals.equal", "1");
    expect(a, "totals.differing", "1");
    expect(a, "totals.missing_here", "1");
    expect(a, "totals.missing_there", "1");
    expect(a, "items", "[3]");
    expect(a, "items.0.kind", "DIFFERS");
    expect(a, "items.0.differs.0", "QUANTITY");
    expect(a, "items.1.kind", "MISSING_HERE");
    expect(a, "items.2.kind", "MISSING_THERE");
    expect(a, "items.2.here.exec_id", "S-3");
    ask(a, "GET", NULL, "/api/v1/statements/%s?all=true", statement);
    expect(a, "items", "[4]");
    ask(a, "GET", NULL, "/api/v1/statements/%s?all=maybe", statement);
    expect_status(a, 400);
    ask(a, "GET", NULL, "/api/v1/statements");
    expect(a, "items.0.statement_id", statement);
    ask(a, "GET", NULL, "/api/v1/statements/7");
    expect_status(a, 404);
    ask(a, "POST",
        "{\"venue\":\"NOWHERE\",\"from\":\"2001-01-01T00:00:00Z\",\"to\":\"2100-01-01T00:00:00Z\",\"rows\":[]}",
        "/api/v1/statements");
    expect_status(a, 422);
    expect(a, "code", "UNKNOWN_VENUE");
    ask(a, "POST",
        "{\"venue\":\"STATV\",\"from\":\"2001-01-01T00:00:00Z\",\"to\":\"2001-01-01T00:00:00Z\",\"rows\":[]}",
        "/api/v1/statements");
    expect_status(a, 422);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_venue_is_made_changed_and_shown),
        cmocka_unit_test(the_routing_table_sends_orders_and_each_decision_is_kept),
        cmocka_unit_test(an_order_lives_at_a_broker_until_it_settles),
        cmocka_unit_test(a_repeated_execution_changes_nothing_and_says_so),
        cmocka_unit_test(an_operator_says_what_a_broker_did),
        cmocka_unit_test(what_a_broker_says_of_a_rejection_is_shown),
        cmocka_unit_test(a_cancel_waits_for_the_brokers_answer),
        cmocka_unit_test(an_order_waits_for_a_venue_and_goes_when_one_comes_up),
        cmocka_unit_test(an_operator_routes_by_hand),
        cmocka_unit_test(a_fill_may_be_made_up_at_the_book_when_it_is_simulated),
        cmocka_unit_test(who_asked_is_in_an_orders_history),
        cmocka_unit_test(a_client_order_id_is_used_once),
        cmocka_unit_test(a_batch_says_what_became_of_each_order),
        cmocka_unit_test(an_atomic_batch_is_accepted_whole_or_not_at_all),
        cmocka_unit_test(a_batch_is_reconciled),
        cmocka_unit_test(a_statement_is_compared_with_what_is_here),
    };
    return cmocka_run_group_tests(tests, ask_start, ask_stop);
}
