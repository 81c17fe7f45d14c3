/* tests/api/test_restart.c - the same answers after a clean stop, after kill -9 and after the views are gone; starts
 * that must be refused. */
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/api/ask.h"
#include "tests/api/json_look.h"

enum { BOOKMARKS = 14 };

static int begin(void **state)
{
    struct ask *a = calloc(1, sizeof *a);
    a->client.fd = -1;
    server_init(&a->server);
    *state = a;
    return 0;
}

static int end(void **state)
{
    struct ask *a = *state;
    client_close(&a->client);
    response_free(&a->answer);
    server_remove(&a->server);
    free(a);
    return 0;
}

/* A little history: trades, open orders, a cancelled, a modified and a refused one. */
static void given_history(struct ask *a, char (*ids)[24])
{
    given_market(a, "REST", (const char *const[]){"r1", "r2", NULL});
    place(a, "r1", "REST", "SELL", "10", "100.00", ids[0]);
    place(a, "r2", "REST", "BUY", "4", "100.00", ids[1]);
    place(a, "r2", "REST", "BUY", "5", "99.00", ids[2]);
    place(a, "r1", "REST", "SELL", "7", "101.00", ids[3]);
    ask(a, "DELETE", NULL, "/api/v1/orders/%s", ids[3]);
    expect_status(a, 200);
    ask(a, "PUT", "{\"quantity\":3}", "/api/v1/orders/%s", ids[2]);
    expect_status(a, 200);
    ask(a, "POST", "{\"account\":\"r1\",\"symbol\":\"REST\",\"side\":\"BUY\",\"quantity\":0,\"price\":1}",
        "/api/v1/orders");
    expect_status(a, 422);
}

static const char *const pages[BOOKMARKS] = {"/api/v1/orders",
                                             "/api/v1/trades",
                                             "/api/v1/trades?account=r1",
                                             "/api/v1/positions",
                                             "/api/v1/accounts",
                                             "/api/v1/accounts/r1",
                                             "/api/v1/currencies",
                                             "/api/v1/instruments",
                                             "/api/v1/instruments/REST",
                                             "/api/v1/book/REST",
                                             "/api/v1/orders?status=OPEN",
                                             "/api/v1/orders/%s",
                                             "/api/v1/orders/%s/events",
                                             "/api/v1/orders?account=r2&limit=1"};

static void remember(struct ask *a, const char *id, char **answers)
{
    for (int i = 0; i < BOOKMARKS; i++) {
        char path[256];
        const char *hole = strstr(pages[i], "%s");
        if (hole == NULL)
            (void)snprintf(path, sizeof path, "%s", pages[i]);
        else
            (void)snprintf(path, sizeof path, "%.*s%s%s", (int)(hole - pages[i]), pages[i], id, hole + 2);
        ask(a, "GET", NULL, "%s", path);
        expect_status(a, 200);
        answers[i] = strdup(a->answer.body);
    }
}

static void same_answers(struct ask *a, const char *id, char **answers)
{
    char *again[BOOKMARKS];
    remember(a, id, again);
    for (int i = 0; i < BOOKMARKS; i++) {
        assert_string_equal(again[i], answers[i]);
        free(again[i]);
        free(answers[i]);
    }
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_part(struct ask *a, const char *part)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/data/%s", a->server.dir, part);
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Stops (or kills), changes something on disk, starts, and asks the same questions. */
static void comes_back_the_same(struct ask *a, int signal_number, int expected_code, const char *const *settings,
                                const char *part)
{
    char ids[4][24], *answers[BOOKMARKS];
    server_start(&a->server, settings);
    given_history(a, ids);
    remember(a, ids[0], answers);
    client_close(&a->client);
    assert_int_equal(server_end(&a->server, signal_number), expected_code);
    if (part != NULL) remove_part(a, part);
    server_start(&a->server, settings);
    same_answers(a, ids[0], answers);
    place(a, "r2", "REST", "BUY", "6", "100.00", ids[1]);
    expect(a, "status", "FILLED");
    client_close(&a->client);
    assert_int_equal(server_end(&a->server, SIGTERM), 0);
}

static void a_clean_stop_and_a_start_give_the_same_answers(void **state)
{
    comes_back_the_same(*state, SIGTERM, 0, NULL, NULL);
}
static void ctrl_c_is_a_clean_stop_too(void **state)
{
    comes_back_the_same(*state, SIGINT, 0, NULL, NULL);
}
static void a_kill_and_a_start_give_the_same_answers(void **state)
{
    comes_back_the_same(*state, SIGKILL, -SIGKILL, NULL, NULL);
}
static void views_that_were_deleted_come_back_equal(void **state)
{
    comes_back_the_same(*state, SIGTERM, 0, NULL, "projections");
}
static void an_event_tape_that_was_deleted_comes_back_equal(void **state)
{
    comes_back_the_same(*state, SIGKILL, -SIGKILL, NULL, "events");
}

static void every_sync_mode_keeps_what_it_answered_through_a_kill(void **state)
{
    static const char *const modes[][2] = {{"ORDERTAPE_SYNC=interval:5", NULL}, {"ORDERTAPE_SYNC=none", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        void *own = NULL;
        (void)begin(&own);
        comes_back_the_same(own, SIGKILL, -SIGKILL, modes[i], NULL);
        (void)end(&own);
    }
}

static void snapshots_made_every_so_many_commands_serve_the_next_start(void **state)
{
    struct ask *a = *state;
    char id[24];
    static const char *const settings[] = {"ORDERTAPE_SNAPSHOT_EVERY_COMMANDS=50", NULL};
    server_start(&a->server, settings);
    given_market(a, "SNAP", (const char *const[]){"s1", NULL});
    for (int i = 0; i < 120; i++) place(a, "s1", "SNAP", "BUY", "1", "1.00", id);
    do ask(a, "GET", NULL, "/api/v1/snapshots");
    while (strcmp(said(a, "items"), "[0]") == 0);
    client_close(&a->client);
    assert_int_equal(server_end(&a->server, SIGTERM), 0);
    server_start(&a->server, settings);
    assert_true(server_logged(&a->server, "snapshot written seq="));
    ask(a, "GET", NULL, "/api/v1/book/SNAP");
    expect(a, "bids.0.orders", "120");
}

/* Requests are under way on every connection when the signal comes: each is answered or its connection ends, and what
 * was answered 201 is there after the next start. */
static void a_stop_under_load_finishes_what_it_accepted(void **state)
{
    struct ask *a = *state;
    enum { CONNECTIONS = 32, EACH = 20 };
    struct http_client clients[CONNECTIONS];
    static char ids[CONNECTIONS * EACH][24];
    char post[512], room[64];
    const char *body = "{\"account\":\"l1\",\"symbol\":\"LOAD\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}";
    int len = snprintf(post, sizeof post, "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(body), body);
    server_start(&a->server, NULL);
    given_market(a, "LOAD", (const char *const[]){"l1", NULL});
    for (int i = 0; i < CONNECTIONS; i++) assert_true(client_open(&clients[i], a->server.port));
    for (int i = 0; i < CONNECTIONS * EACH; i++) assert_true(client_send(&clients[i % CONNECTIONS], post, (size_t)len));
    assert_int_equal(kill(a->server.pid, SIGTERM), 0);
    int acknowledged = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        struct http_response r = {0};
        while (clients[i].fd >= 0 && client_receive(&clients[i], &r, false)) {
            if (r.status == 201)
                (void)snprintf(ids[acknowledged++], 24, "%.20s", json_look(r.body, "order_id", room, sizeof room));
            else
                assert_int_equal(r.status, 503);
            response_free(&r);
        }
        response_free(&r);
        client_close(&clients[i]);
    }
    client_close(&a->client);
    assert_int_equal(server_end(&a->server, SIGTERM), 0);
    server_start(&a->server, NULL);
    for (int i = 0; i < acknowledged; i++) {
        ask(a, "GET", NULL, "/api/v1/orders/%s", ids[i]);
        expect_status(a, 200);
    }
}

/* From some moment on every write fails. Who waits is told 503, nobody a 201 that is not on the tape, and the program
 * ends with 2. */
static void a_disk_that_fails_ends_the_process_and_loses_nothing_that_was_answered(void **state)
{
    struct ask *a = *state;
    enum { ORDERS_MAX = 1000 };
    static char ids[ORDERS_MAX][24];
    static const char body[] = "{\"account\":\"d1\",\"symbol\":\"DISK\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}";
    struct rlimit small = {.rlim_cur = 2048, .rlim_max = RLIM_INFINITY};
    int count = 0;
    server_start(&a->server, NULL);
    given_market(a, "DISK", (const char *const[]){"d1", NULL});
    for (; count < 20; count++) place(a, "d1", "DISK", "BUY", "1", "1.00", ids[count]);
    assert_int_equal(prlimit(a->server.pid, RLIMIT_FSIZE, &small, NULL), 0);
    while (count < ORDERS_MAX && ask(a, "POST", body, "/api/v1/orders") == 201) {
        (void)snprintf(ids[count++], 24, "%.20s", said(a, "order_id"));
    }
    expect_status(a, 503);
    expect(a, "code", "STORAGE_FAILED");
    client_close(&a->client);
    assert_int_equal(server_wait(&a->server), 2);
    server_start(&a->server, NULL);
    for (int i = 0; i < count; i++) {
        ask(a, "GET", NULL, "/api/v1/orders/%s", ids[i]);
        expect_status(a, 200);
    }
}

static void two_servers_cannot_share_a_directory(void **state)
{
    struct ask *a = *state;
    struct server_process second;
    server_start(&a->server, NULL);
    second = a->server;
    second.pid = 0;
    assert_int_equal(server_start_refused(&second, NULL), 2);
    assert_true(server_logged(&second, "the data directory is in use"));
    ask(a, "GET", NULL, "/readyz");
    expect_status(a, 200);
}

static void settings_that_make_no_sense_are_refused_in_one_line(void **state)
{
    struct ask *a = *state;
    static const char *const rows[][2] = {
        {"ORDERTAPE_SYNC=sometimes", NULL},       {"ORDERTAPE_LISTEN=nowhere", NULL},
        {"ORDERTAPE_QUEUE_MAX=0", NULL},          {"ORDERTAPE_ORDERS_MAX=0", NULL},
        {"ORDERTAPE_END_OF_DAY_UTC=25:00", NULL}, {"ORDERTAPE_REQUEST_TIMEOUT_MS=-1", NULL},
        {"ORDERTAPE_LISTEN=256.1.1.1:0", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(server_start_refused(&a->server, rows[i]), 2);
}

/* A byte that was synced is turned over: nobody is served from such a tape, and nothing is changed on it. */
static void a_damaged_tape_is_not_served(void **state)
{
    struct ask *a = *state;
    char ids[4][24], path[512];
    server_start(&a->server, NULL);
    given_history(a, ids);
    client_close(&a->client);
    assert_int_equal(server_end(&a->server, SIGTERM), 0);
    (void)snprintf(path, sizeof path, "%s/data/commands/%020d.seg", a->server.dir, 1);
    FILE *f = fopen(path, "r+e");
    assert_non_null(f);
    assert_int_equal(fseek(f, 600, SEEK_SET), 0);
    int byte = fgetc(f);
    assert_int_equal(fseek(f, 600, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 0x40, f), byte ^ 0x40);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(server_start_refused(&a->server, NULL), 2);
    assert_true(server_logged(&a->server, "tape finding"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_clean_stop_and_a_start_give_the_same_answers, begin, end),
        cmocka_unit_test_setup_teardown(ctrl_c_is_a_clean_stop_too, begin, end),
        cmocka_unit_test_setup_teardown(a_kill_and_a_start_give_the_same_answers, begin, end),
        cmocka_unit_test_setup_teardown(views_that_were_deleted_come_back_equal, begin, end),
        cmocka_unit_test_setup_teardown(an_event_tape_that_was_deleted_comes_back_equal, begin, end),
        cmocka_unit_test(every_sync_mode_keeps_what_it_answered_through_a_kill),
        cmocka_unit_test_setup_teardown(snapshots_made_every_so_many_commands_serve_the_next_start, begin, end),
        cmocka_unit_test_setup_teardown(a_stop_under_load_finishes_what_it_accepted, begin, end),
        cmocka_unit_test_setup_teardown(a_disk_that_fails_ends_the_process_and_loses_nothing_that_was_answered, begin,
                                        end),
        cmocka_unit_test_setup_teardown(two_servers_cannot_share_a_directory, begin, end),
        cmocka_unit_test_setup_teardown(settings_that_make_no_sense_are_refused_in_one_line, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_tape_is_not_served, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
