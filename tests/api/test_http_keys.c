/* tests/api/test_http_keys.c - idempotency keys over the real program: the first answer again, whatever happened since; other bodies;
 * restarts; races; keys that are old, cleared or too many. */
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
#include "tests/api/json_look.h"

#define ACCOUNTS(...) ((const char *const[]){__VA_ARGS__, NULL})
enum { ID_BYTES = 24, RACERS = 32 };

static int start_with_short_memory(void **state)
{
    return ask_start_with(state, (const char *const[]){"ORDERTAPE_KEYS_MAX=2", "ORDERTAPE_KEY_TTL_S=1", NULL});
}

static int start_with_little_work(void **state)
{
    return ask_start_with(state, (const char *const[]){"ORDERTAPE_WORK_MAX=3", NULL});
}

static void restart(struct ask *a, int signal_number)
{
    client_close(&a->client);
    int code = server_end(&a->server, signal_number);
    assert_int_equal(code, signal_number == SIGKILL ? -SIGKILL : 0);
    server_start(&a->server, NULL);
}

/* A request with the header Idempotency-Key: <key>. */
static void keyed(struct ask *a, int status, const char *key, const char *method, const char *body, const char *path)
{
    char headers[256];
    (void)snprintf(headers, sizeof headers, "Idempotency-Key: %s\r\n", key);
    ask_with(a, headers, method, body, "%s", path);
    expect_status(a, status);
}

static void expect_first(struct ask *a)
{
    assert_string_equal(said_header(a, "Idempotent-Replayed"), "");
}
static void expect_replayed(struct ask *a)
{
    assert_string_equal(said_header(a, "Idempotent-Replayed"), "true");
}

static char *kept(struct ask *a)
{
    char *copy = strdup(a->answer.body);
    assert_non_null(copy);
    return copy;
}

/* The same bytes, X-Seq and all; frees them. */
static void expect_same(struct ask *a, char *first)
{
    char seq[ID_BYTES];
    assert_string_equal(a->answer.body, first);
    expect_replayed(a);
    (void)snprintf(seq, sizeof seq, "%.20s", said_header(a, "X-Seq"));
    if (json_look(first, "seq", a->room, sizeof a->room)[0] != '\0') assert_string_equal(seq, a->room);
    free(first);
}

#define BUY(account, symbol)                                                                                           \
    "{\"account\":\"" account "\",\"symbol\":\"" symbol "\",\"side\":\"BUY\",\"quantity\":10,\"price\":\"100.00\"}"

static int orders_of(struct ask *a, const char *account)
{
    ask(a, "GET", NULL, "/api/v1/orders?account=%s", account);
    int count = 0;
    (void)sscanf(said(a, "items"), "[%d]", &count);
    return count;
}

static void a_repeat_is_answered_as_the_first_was(void **state)
{
    struct ask *a = *state;
    given_market(a, "SAME", ACCOUNTS("same1"));
    keyed(a, 201, "same-1", "POST", BUY("same1", "SAME"), "/api/v1/orders");
    expect_first(a);
    char *first = kept(a);
    keyed(a, 200, "same-1", "POST", BUY("same1", "SAME"), "/api/v1/orders");
    assert_true(strstr(said_header(a, "Location"), "/api/v1/orders/") != NULL);
    expect_same(a, first);
    assert_int_equal(orders_of(a, "same1"), 1);
}

static void a_key_is_bare_quoted_or_in_the_body(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "FORM", ACCOUNTS("form1"));
    keyed(a, 201, "form-1", "POST", BUY("form1", "FORM"), "/api/v1/orders");
    (void)snprintf(id, sizeof id, "%.20s", said(a, "order_id"));
    keyed(a, 200, "\"form-1\"", "POST", BUY("form1", "FORM"), "/api/v1/orders");
    expect(a, "order_id", id);
    ask(a, "POST",
        "{\"idempotency_key\":\"form-1\",\"price\":\"100.00\", \"quantity\": "
        "10,\"side\":\"BUY\",\"symbol\":\"FORM\",\"account\":\"form1\"}",
        "/api/v1/orders");
    expect_status(a, 200);
    expect(a, "order_id", id);
    keyed(a, 400, "other", "POST",
          "{\"idempotency_key\":\"form-1\",\"account\":\"form1\",\"symbol\":\"FORM\",\"side\":\"BUY\",\"quantity\":10}",
          "/api/v1/orders");
    ask_with(a, "Idempotency-Key: x\r\nIdempotency-Key: y\r\n", "POST", BUY("form1", "FORM"), "/api/v1/orders");
    expect_status(a, 400);
    keyed(a, 400, "\"open", "POST", BUY("form1", "FORM"), "/api/v1/orders");
    keyed(a, 400, "\"\"", "POST", BUY("form1", "FORM"), "/api/v1/orders");
    assert_int_equal(orders_of(a, "form1"), 1);
}

static void another_body_or_path_under_the_same_key_is_refused(void **state)
{
    struct ask *a = *state;
    char path[64];
    given_market(a, "OTHR", ACCOUNTS("othr1"));
    keyed(a, 201, "othr-1", "POST", BUY("othr1", "OTHR"), "/api/v1/orders");
    (void)snprintf(path, sizeof path, "/api/v1/orders/%.20s", said(a, "order_id"));
    keyed(a, 422, "othr-1", "POST",
          "{\"account\":\"othr1\",\"symbol\":\"OTHR\",\"side\":\"BUY\",\"quantity\":11,\"price\":\"100.00\"}",
          "/api/v1/orders");
    expect(a, "code", "IDEMPOTENCY_KEY_REUSED");
    keyed(a, 422, "othr-1", "DELETE", NULL, path);
    keyed(a, 200, "othr-2", "DELETE", NULL, "/api/v1/orders?account=othr1&side=SELL");
    keyed(a, 422, "othr-2", "DELETE", NULL, "/api/v1/orders?account=othr1");
    keyed(a, 200, "othr-2", "DELETE", NULL, "/api/v1/orders?account=othr1&side=SELL");
    expect_replayed(a);
    assert_int_equal(orders_of(a, "othr1"), 1);
    ask(a, "GET", NULL, "%s", path);
    expect(a, "status", "ACKED");
}

static void a_refusal_is_repeated_with_its_own_status(void **state)
{
    struct ask *a = *state;
    given_market(a, "RFSD", ACCOUNTS("rfsd1"));
    keyed(a, 422, "rfsd-1", "POST", BUY("nobody", "RFSD"), "/api/v1/orders");
    char *first = kept(a);
    ask(a, "PUT", "{}", "/api/v1/accounts/nobody"); /* now it would be accepted for another reason to be refused */
    keyed(a, 422, "rfsd-1", "POST", BUY("nobody", "RFSD"), "/api/v1/orders");
    expect_same(a, first);
    keyed(a, 404, "rfsd-2", "DELETE", NULL, "/api/v1/orders/65537");
    first = kept(a);
    keyed(a, 404, "rfsd-2", "DELETE", NULL, "/api/v1/orders/65537");
    expect_same(a, first);
}

/* Every answer that shows an order shows it as the command left it. */
static void an_order_that_moved_on_is_shown_as_it_was(void **state)
{
    struct ask *a = *state;
    char path[64], id[ID_BYTES], *placed, *modified, *cancelled, *refused;
    given_market(a, "MOVE", ACCOUNTS("move1", "move2"));
    keyed(a, 201, "move-1", "POST", BUY("move1", "MOVE"), "/api/v1/orders");
    placed = kept(a);
    (void)snprintf(path, sizeof path, "/api/v1/orders/%.20s", said(a, "order_id"));
    keyed(a, 200, "move-2", "PUT", "{\"quantity\":8}", path);
    modified = kept(a);
    place(a, "move2", "MOVE", "SELL", "3", "100.00", id);
    keyed(a, 200, "move-3", "DELETE", NULL, path);
    expect(a, "filled_quantity", "3");
    cancelled = kept(a);
    keyed(a, 409, "move-4", "DELETE", NULL, path);
    expect(a, "code", "ORDER_NOT_OPEN");
    refused = kept(a);
    keyed(a, 200, "move-1", "POST", BUY("move1", "MOVE"), "/api/v1/orders");
    expect(a, "status", "ACKED");
    expect(a, "quantity", "10");
    expect_same(a, placed);
    keyed(a, 200, "move-2", "PUT", "{\"quantity\":8}", path);
    expect(a, "remaining_quantity", "8");
    expect_same(a, modified);
    keyed(a, 200, "move-3", "DELETE", NULL, path);
    expect_same(a, cancelled);
    keyed(a, 409, "move-4", "DELETE", NULL, path);
    expect_same(a, refused);
}

static void a_route_an_ack_and_a_gtt_are_shown_as_they_were(void **state)
{
    struct ask *a = *state;
    char path[80], gtt[80], *acked, *made, *changed;
    static const char order[] = "{\"account\":\"desk1\",\"symbol\":\"DESK\",\"side\":\"BUY\",\"quantity\":10,\"price\":"
                                "100,\"venue\":\"DESKV\"}";
    static const char watch[] =
        "{\"account\":\"desk1\",\"symbol\":\"DESK\",\"side\":\"SELL\",\"legs\":[{\"trigger_price\":200,"
        "\"price\":199,\"quantity\":1}]}";
    given_market(a, "DESK", ACCOUNTS("desk1", "desk2"));
    place(a, "desk1", "DESK", "SELL", "1", "100.00", path);
    place(a, "desk2", "DESK", "BUY", "1", "100.00", path);
    ask(a, "PUT", "{}", "/api/v1/venues/DESKV");
    keyed(a, 201, "desk-1", "POST", order, "/api/v1/orders");
    (void)snprintf(path, sizeof path, "/api/v1/orders/%.20s/ack", said(a, "order_id"));
    keyed(a, 200, "desk-2", "POST", "{\"ext_order_id\":\"E-1\"}", path);
    acked = kept(a);
    path[strlen(path) - 4] = '\0';
    ask(a, "DELETE", NULL, "%s", path);
    expect(a, "status", "PENDING_CANCEL");
    (void)strcat(path, "/ack");
    keyed(a, 200, "desk-2", "POST", "{\"ext_order_id\":\"E-1\"}", path);
    expect(a, "status", "ACKED");
    expect_same(a, acked);
    keyed(a, 201, "desk-3", "POST", watch, "/api/v1/gtt");
    made = kept(a);
    (void)snprintf(gtt, sizeof gtt, "/api/v1/gtt/%.20s", said(a, "gtt_id"));
    keyed(a, 200, "desk-4", "PUT", "{\"status\":\"DISABLED\"}", gtt);
    changed = kept(a);
    ask(a, "DELETE", NULL, "%s", gtt);
    expect_status(a, 200);
    keyed(a, 200, "desk-3", "POST", watch, "/api/v1/gtt");
    expect_same(a, made);
    keyed(a, 200, "desk-4", "PUT", "{\"status\":\"DISABLED\"}", gtt);
    expect_same(a, changed);
}

static void a_batch_again_is_the_same_batch(void **state)
{
    struct ask *a = *state;
    static const char batch[] =
        "{\"account\":\"btch1\",\"orders\":[{\"symbol\":\"BTCH\",\"side\":\"BUY\",\"quantity\":5,\"price\":10},"
        "{\"symbol\":\"NONE\",\"side\":\"BUY\",\"quantity\":5,\"price\":10}],\"idempotency_key\":\"btch-1\"}";
    char id[ID_BYTES];
    given_market(a, "BTCH", ACCOUNTS("btch1"));
    ask(a, "POST", batch, "/api/v1/orders");
    expect_status(a, 201);
    char *first = kept(a);
    (void)snprintf(id, sizeof id, "%.20s", said(a, "batch_id"));
    ask(a, "DELETE", NULL, "/api/v1/batches/%s", id);
    expect_status(a, 200);
    ask(a, "POST", batch, "/api/v1/orders");
    expect_status(a, 200);
    expect(a, "batch_id", id);
    expect_same(a, first);
}

/* One of each, for every way that a command is answered. */
static void every_mutating_request_takes_a_key(void **state)
{
    struct ask *a = *state;
    static const struct {
        int status;
        const char *method, *body, *path;
    } rows[] = {
        {200, "PUT", "{\"scale\":3}", "/api/v1/currencies/EVR"},
        {200, "PUT", "{\"currency\":\"USD\"}", "/api/v1/instruments/EVRY"},
        {200, "PUT", "{\"state\":\"PRE_OPEN\"}", "/api/v1/instruments/EVRY/state"},
        {200, "PUT", "{\"type\":\"MARGIN\"}", "/api/v1/accounts/evry1"},
        {200, "POST", "{\"currency\":\"USD\",\"amount\":5}", "/api/v1/accounts/evry1/cash"},
        {200, "PUT", "{\"bid\":1,\"bid_quantity\":1}", "/api/v1/quotes/EVRY"},
        {200, "PUT", "{\"account\":\"evry1\",\"status\":\"REDUCING\"}", "/api/v1/trading"},
        {200, "POST", NULL, "/api/v1/margin-check"},
        {200, "POST", "{\"symbol\":\"EVRY\"}", "/api/v1/end-of-day"},
        {200, "DELETE", NULL, "/api/v1/orders?account=evry1"},
        {200, "PUT", "{\"state\":\"DOWN\"}", "/api/v1/venues/EVRYV"},
        {200, "PUT", "{\"rules\":[]}", "/api/v1/routing"},
        {201, "POST",
         "{\"venue\":\"EVRYV\",\"from\":\"2001-01-01T00:00:00Z\",\"to\":\"2001-01-02T00:00:00Z\",\"rows\":[]}",
         "/api/v1/statements"},
        {404, "DELETE", NULL, "/api/v1/idempotency-keys/none"},
        {404, "POST", "{}", "/api/v1/orders/65537/route"},
        {404, "POST", "{\"report\":\"CANCELLED\"}", "/api/v1/orders/65537/report"},
        {404, "POST", NULL, "/api/v1/orders/65537/settle"},
        {404, "POST", "{\"fills\":[{\"fill_price\":1,\"fill_qty\":1}]}", "/api/v1/orders/65537/simulate_fill"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "evry-%zu", i);
        keyed(a, rows[i].status, key, rows[i].method, rows[i].body, rows[i].path);
        expect_first(a);
        char *first = kept(a);
        keyed(a, rows[i].status == 201 ? 200 : rows[i].status, key, rows[i].method, rows[i].body, rows[i].path);
        expect_same(a, first);
    }
    ask(a, "GET", NULL, "/api/v1/accounts/evry1");
    expect(a, "balances.0.cash", "5.00");
}

static void keys_survive_a_stop_a_kill_and_a_snapshot(void **state)
{
    struct ask *a = *state;
    given_market(a, "SURV", ACCOUNTS("surv1"));
    keyed(a, 201, "surv-1", "POST", BUY("surv1", "SURV"), "/api/v1/orders");
    char *first = kept(a);
    restart(a, SIGKILL);
    keyed(a, 200, "surv-1", "POST", BUY("surv1", "SURV"), "/api/v1/orders");
    expect_same(a, first);
    first = kept(a);
    ask(a, "POST", NULL, "/api/v1/snapshots");
    expect_status(a, 201);
    restart(a, SIGTERM);
    keyed(a, 200, "surv-1", "POST", BUY("surv1", "SURV"), "/api/v1/orders");
    expect_same(a, first);
    assert_int_equal(orders_of(a, "surv1"), 1);
}

/* All are sent before one is answered. */
static void many_at_once_with_one_key_make_one_order(void **state)
{
    struct ask *a = *state;
    static struct http_client racers[RACERS];
    char request[1024], id[ID_BYTES] = "", room[ID_BYTES];
    int created = 0;
    given_market(a, "RACE", ACCOUNTS("race1"));
    static const char body[] = BUY("race1", "RACE");
    (void)snprintf(
        request, sizeof request,
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nIdempotency-Key: race-1\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        sizeof body - 1, body);
    for (int i = 0; i < RACERS; i++) assert_true(client_open(&racers[i], a->server.port));
    for (int i = 0; i < RACERS; i++) assert_true(client_send(&racers[i], request, strlen(request)));
    for (int i = 0; i < RACERS; i++) {
        struct http_response r = {0};
        assert_true(client_receive(&racers[i], &r, false));
        if (r.status != 200 && r.status != 201) fail_msg("status %d: %.500s", r.status, r.body);
        created += r.status == 201;
        json_look(r.body, "order_id", room, sizeof room);
        if (id[0] == '\0') memcpy(id, room, sizeof id);
        assert_string_equal(room, id);
        response_free(&r);
        client_close(&racers[i]);
    }
    assert_int_equal(created, 1);
    assert_int_equal(orders_of(a, "race1"), 1);
}

/* The answer tells of what CONTINUE commands went on with, and so does its repeat. */
static void work_of_many_commands_is_told_again(void **state)
{
    struct ask *a = *state;
    char id[ID_BYTES];
    given_market(a, "LONG", ACCOUNTS("long1"));
    for (int i = 0; i < 20; i++) place(a, "long1", "LONG", "BUY", "1", "10.00", id);
    keyed(a, 200, "long-1", "DELETE", NULL, "/api/v1/orders?account=long1");
    expect(a, "cancelled", "20");
    expect(a, "more", "false");
    char *first = kept(a);
    place(a, "long1", "LONG", "BUY", "1", "10.00", id);
    keyed(a, 200, "long-1", "DELETE", NULL, "/api/v1/orders?account=long1");
    expect_same(a, first);
    ask(a, "GET", NULL, "/api/v1/orders?account=long1&status=OPEN");
    expect(a, "items", "[1]");
    keyed(a, 200, "long-2", "PUT", "{\"status\":\"HALTED\",\"cancel\":true}", "/api/v1/trading");
    expect(a, "cancelled", "1");
    first = kept(a);
    restart(a, SIGKILL);
    keyed(a, 200, "long-2", "PUT", "{\"status\":\"HALTED\",\"cancel\":true}", "/api/v1/trading");
    expect_same(a, first);
}

static void an_operator_looks_a_key_up_and_clears_it(void **state)
{
    struct ask *a = *state;
    given_market(a, "LOOK", ACCOUNTS("look1"));
    ask(a, "GET", NULL, "/api/v1/idempotency-keys/look-1");
    expect_status(a, 404);
    keyed(a, 201, "look-1", "POST", BUY("look1", "LOOK"), "/api/v1/orders");
    char seq[ID_BYTES];
    (void)snprintf(seq, sizeof seq, "%.20s", said(a, "seq"));
    ask(a, "GET", NULL, "/api/v1/idempotency-keys/look-1");
    expect_status(a, 200);
    expect(a, "seq", seq);
    assert_true(strlen(said(a, "used_at")) == strlen("2012-06-21T13:30:00.000000000Z"));
    assert_true(strlen(said(a, "expires_at")) == strlen("2012-06-21T13:30:00.000000000Z"));
    ask(a, "GET", NULL, "/api/v1/idempotency-keys/look-1?actor=local");
    expect_status(a, 200);
    ask(a, "GET", NULL, "/api/v1/idempotency-keys/look-1?actor=another");
    expect_status(a, 404);
    ask(a, "DELETE", NULL, "/api/v1/idempotency-keys/look-1");
    expect_status(a, 200);
    expect(a, "cleared", "true");
    ask(a, "DELETE", NULL, "/api/v1/idempotency-keys/look-1");
    expect_status(a, 404);
    expect(a, "code", "KEY_UNKNOWN");
    keyed(a, 201, "look-1", "POST", BUY("look1", "LOOK"), "/api/v1/orders"); /* as if it were new */
    assert_int_equal(orders_of(a, "look1"), 2);
}

static void metrics_count_keys(void **state)
{
    struct ask *a = *state;
    ask(a, "GET", NULL, "/metrics");
    static const char *const names[] = {"ordertape_idempotency_keys ", "ordertape_idempotency_repeats_total ",
                                        "ordertape_idempotency_conflicts_total ", "ordertape_client_order_ids ",
                                        "ordertape_routes_open "};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strstr(a->answer.body, names[i]) == NULL) fail_msg("no %s", names[i]);
    }
    assert_null(strstr(a->answer.body, "ordertape_idempotency_repeats_total 0\n"));
}

static void a_full_table_refuses_new_keys_until_old_ones_leave(void **state)
{
    struct ask *a = *state;
    given_market(a, "FULL", ACCOUNTS("full1"));
    keyed(a, 201, "full-1", "POST", BUY("full1", "FULL"), "/api/v1/orders");
    keyed(a, 201, "full-2", "POST", BUY("full1", "FULL"), "/api/v1/orders");
    keyed(a, 503, "full-3", "POST", BUY("full1", "FULL"), "/api/v1/orders");
    expect(a, "code", "IDEMPOTENCY_FULL");
    assert_true(atoi(said_header(a, "Retry-After")) > 0);
    assert_int_equal(orders_of(a, "full1"), 2);
    ask(a, "POST", BUY("full1", "FULL"), "/api/v1/orders"); /* without a key nothing has to be remembered */
    expect_status(a, 201);
    (void)usleep(1100000);
    keyed(a, 201, "full-3", "POST", BUY("full1", "FULL"), "/api/v1/orders");
    keyed(a, 201, "full-1", "POST", BUY("full1", "FULL"), "/api/v1/orders"); /* forgotten: it is new */
    expect_first(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeat_is_answered_as_the_first_was),
        cmocka_unit_test(a_key_is_bare_quoted_or_in_the_body),
        cmocka_unit_test(another_body_or_path_under_the_same_key_is_refused),
        cmocka_unit_test(a_refusal_is_repeated_with_its_own_status),
        cmocka_unit_test(an_order_that_moved_on_is_shown_as_it_was),
        cmocka_unit_test(a_route_an_ack_and_a_gtt_are_shown_as_they_were),
        cmocka_unit_test(a_batch_again_is_the_same_batch),
        cmocka_unit_test(every_mutating_request_takes_a_key),
        cmocka_unit_test(many_at_once_with_one_key_make_one_order),
        cmocka_unit_test(an_operator_looks_a_key_up_and_clears_it),
        cmocka_unit_test(metrics_count_keys),
        cmocka_unit_test(keys_survive_a_stop_a_kill_and_a_snapshot),
        cmocka_unit_test_setup_teardown(work_of_many_commands_is_told_again, start_with_little_work, ask_stop),
        cmocka_unit_test_setup_teardown(a_full_table_refuses_new_keys_until_old_ones_leave, start_with_short_memory,
                                        ask_stop),
    };
    return cmocka_run_group_tests(tests, ask_start, ask_stop);
}
