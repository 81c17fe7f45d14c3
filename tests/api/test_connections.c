/* tests/api/test_connections.c - many connections, slow ones, and ones that try to be read in two ways.
 * Counts and orders are asserted, never times: what does not come at all is caught by the client's hang limit. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/api/ask.h"
#include "tests/api/json_look.h"

static int start_with(void **state, const char *const *settings)
{
    struct ask *a = calloc(1, sizeof *a);
    a->client.fd = -1;
    server_init(&a->server);
    server_start(&a->server, settings);
    *state = a;
    return 0;
}

static int start_server(void **state)
{
    static const char *const settings[] = {"ORDERTAPE_REQUEST_TIMEOUT_MS=10000", NULL};
    return start_with(state, settings);
}

static int start_impatient_server(void **state)
{
    static const char *const settings[] = {"ORDERTAPE_REQUEST_TIMEOUT_MS=300", NULL};
    return start_with(state, settings);
}

static int start_server_with_a_short_queue(void **state)
{
    static const char *const settings[] = {"ORDERTAPE_QUEUE_MAX=1", NULL};
    return start_with(state, settings);
}

static int stop_server(void **state)
{
    struct ask *a = *state;
    client_close(&a->client);
    response_free(&a->answer);
    int code = server_end(&a->server, SIGTERM);
    server_remove(&a->server);
    free(a);
    return code;
}

static struct http_client *open_clients(uint16_t port, int count)
{
    struct http_client *clients = calloc((size_t)count, sizeof *clients);
    for (int i = 0; i < count; i++) assert_true(client_open(&clients[i], port));
    return clients;
}

static void close_clients(struct http_client *clients, int count)
{
    for (int i = 0; i < count; i++) client_close(&clients[i]);
    free(clients);
}

static const char order[] = "{\"account\":\"many1\",\"symbol\":\"MANY\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}";

/* Every connection has a request under way at once, so all of them are ready together: round after round must be
 * answered whole. */
static void rounds(struct ask *a, int connections, int count)
{
    char get[] = "GET /api/v1/orders/1 HTTP/1.1\r\nHost: x\r\n\r\n", post[512];
    int post_len =
        snprintf(post, sizeof post, "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(order), order);
    struct http_client *clients = open_clients(a->server.port, connections);
    int answered = 0;
    for (int round = 0; round < count; round++) {
        for (int i = 0; i < connections; i++)
            assert_true(round % 2 == 0 ? client_send(&clients[i], get, strlen(get))
                                       : client_send(&clients[i], post, (size_t)post_len));
        for (int i = 0; i < connections; i++) {
            struct http_response r;
            assert_true(client_receive(&clients[i], &r, false));
            assert_int_equal(r.status, round % 2 == 0 ? 404 : 201);
            response_free(&r);
            answered++;
        }
    }
    assert_int_equal(answered, connections * count);
    close_clients(clients, connections);
}

static void any_number_of_connections_makes_progress(void **state)
{
    struct ask *a = *state;
    given_market(a, "MANY", (const char *const[]){"many1", NULL});
    static const int counts[] = {64, 127, 128, 129, 256, 512};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) rounds(a, counts[i], 10);
}

static void a_request_that_two_parsers_could_read_differently_is_refused_and_the_connection_ends(void **state)
{
    struct ask *a = *state;
    static const char *const requests[] = {
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 2,2\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct http_client c;
        struct http_response r;
        char rest[16];
        assert_true(client_open(&c, a->server.port));
        assert_true(client_send(&c, requests[i], strlen(requests[i])));
        bool answered = client_receive(&c, &r, false);
        if (answered && (r.status / 100 != 4 || c.fd >= 0))
            fail_msg("row %zu: %d, %s", i, r.status, c.fd >= 0 ? "still open" : "closed");
        /* Not even an answer is fine, as long as nothing else is read from this connection. */
        if (c.fd >= 0) assert_true(recv(c.fd, rest, sizeof rest, 0) <= 0);
        response_free(&r);
        client_close(&c);
    }
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
}

/* Waits for the end of the stream: the bytes that came are counted, the client's hang limit is the only clock. */
static bool ends(struct http_client *c)
{
    char bytes[4096];
    ssize_t got;
    while ((got = recv(c->fd, bytes, sizeof bytes, 0)) > 0) continue;
    return got == 0;
}

static void a_sender_who_does_not_finish_is_cut_off_and_nobody_else_waits(void **state)
{
    struct ask *a = *state;
    static const char *const beginnings[] = {
        "GET /livez HTTP/1.1\r\nHost: x\r\n",
        "GET /livez HTTP/1.1\r\nHos",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"account\":",
        "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"account\":",
    };
    struct http_client clients[sizeof beginnings / sizeof *beginnings];
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        assert_true(client_open(&clients[i], a->server.port));
        assert_true(client_send(&clients[i], beginnings[i], strlen(beginnings[i])));
    }
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        assert_true(ends(&clients[i]));
        client_close(&clients[i]);
    }
}

/* One byte after another is activity, but not progress that counts: the whole request has one deadline. */
static void a_sender_who_trickles_is_cut_off(void **state)
{
    struct ask *a = *state;
    struct http_client c;
    const char *head = "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";
    assert_true(client_open(&c, a->server.port));
    assert_true(client_send(&c, head, strlen(head)));
    while (client_send(&c, " ", 1)) (void)usleep(20000);
    client_close(&c);
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
}

static void a_client_that_hangs_up_early_leaves_nothing_behind(void **state)
{
    struct ask *a = *state;
    given_market(a, "HANG", (const char *const[]){"hang1", NULL});
    const char *post = "POST /api/v1/end-of-day HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
    for (int i = 0; i < 200; i++) {
        struct http_client c;
        assert_true(client_open(&c, a->server.port));
        size_t len = (size_t)i % (strlen(post) + 1);
        assert_true(client_send(&c, post, len));
        client_close(&c);
    }
    ask(a, "GET", NULL, "/livez");
    expect_status(a, 200);
}

/* With room for one, what comes while a group is synced is refused at once; what was accepted is done. */
static void a_full_queue_refuses_and_says_when_to_come_back(void **state)
{
    struct ask *a = *state;
    enum { CONNECTIONS = 64 };
    given_market(a, "MANY", (const char *const[]){"many1", NULL});
    char post[512];
    int post_len =
        snprintf(post, sizeof post, "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(order), order);
    struct http_client *clients = open_clients(a->server.port, CONNECTIONS);
    int refused = 0, accepted = 0;
    while (refused == 0) {
        for (int i = 0; i < CONNECTIONS; i++) assert_true(client_send(&clients[i], post, (size_t)post_len));
        for (int i = 0; i < CONNECTIONS; i++) {
            struct http_response r;
            char room[64];
            assert_true(client_receive(&clients[i], &r, false));
            if (r.status == 201)
                accepted++;
            else {
                assert_int_equal(r.status, 503);
                assert_string_equal(json_look(r.body, "code", room, sizeof room), "QUEUE_FULL");
                assert_string_equal(response_header(&r, "Retry-After", room, sizeof room), "1");
                refused++;
            }
            response_free(&r);
        }
    }
    close_clients(clients, CONNECTIONS);
    char cursor[256] = "";
    int open_orders = 0;
    do {
        ask(a, "GET", NULL, "/api/v1/orders?account=many1&limit=500%s%s", cursor[0] == '\0' ? "" : "&cursor=", cursor);
        int items = 0;
        assert_int_equal(sscanf(said(a, "items"), "[%d]", &items), 1);
        open_orders += items;
        (void)snprintf(cursor, sizeof cursor, "%.250s", said(a, "next_cursor"));
    } while (strcmp(cursor, "null") != 0);
    assert_int_equal(open_orders, accepted);
}

int main(void)
{
    struct rlimit files = {.rlim_cur = 2048, .rlim_max = 2048};
    struct rlimit now;
    if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur < files.rlim_cur) {
        files.rlim_max = now.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_number_of_connections_makes_progress, start_server, stop_server),
        cmocka_unit_test_setup_teardown(
            a_request_that_two_parsers_could_read_differently_is_refused_and_the_connection_ends, start_server,
            stop_server),
        cmocka_unit_test_setup_teardown(a_sender_who_does_not_finish_is_cut_off_and_nobody_else_waits,
                                        start_impatient_server, stop_server),
        cmocka_unit_test_setup_teardown(a_sender_who_trickles_is_cut_off, start_impatient_server, stop_server),
        cmocka_unit_test_setup_teardown(a_client_that_hangs_up_early_leaves_nothing_behind, start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_and_says_when_to_come_back,
                                        start_server_with_a_short_queue, stop_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
