/* tests/api/test_config.c - settings from files, the environment and single texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/serve.h"

/* A file with that text, removed again. Returns what the load said. */
static int load(struct serve_options *o, const char *text, char *why)
{
    char path[] = "/tmp/ordertape-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    serve_options_default(o);
    why[0] = '\0';
    int failed = serve_options_load(o, path, why);
    assert_int_equal(unlink(path), 0);
    return failed;
}

static void a_file_sets_what_it_names_and_nothing_else(void **state)
{
    struct serve_options o, d;
    char why[SERVE_WHY_BYTES];
    (void)state;
    serve_options_default(&d);
    assert_int_equal(
        load(&o,
             "data_dir: /srv/tape\nlisten: 0.0.0.0:9000\nsync: interval:5\nqueue_max: 7\nend_of_day_utc: \"21:30\"\n"
             "accept_time_jump: true\nlimits:\n  orders_max: 1000\n  work_max: 10\n",
             why),
        0);
    assert_string_equal(o.data_dir, "/srv/tape");
    assert_string_equal(o.listen_address, "0.0.0.0");
    assert_int_equal(o.listen_port, 9000);
    assert_int_equal(o.sync, SYNC_INTERVAL);
    assert_int_equal(o.sync_interval_ns, 5000000);
    assert_int_equal(o.queue_max, 7);
    assert_string_equal(o.end_of_day_utc, "21:30");
    assert_true(o.accept_time_jump);
    assert_int_equal(o.limits.orders_max, 1000);
    assert_int_equal(o.limits.work_max, 10);
    assert_int_equal(o.limits.levels_max, d.limits.levels_max);
    assert_int_equal(o.connections_max, d.connections_max);
}

static void a_file_that_is_wrong_is_refused_with_the_line(void **state)
{
    static const struct {
        const char *text, *named, *line;
    } rows[] = {
        {"queue_max: 1\ncolour: red\n", "colour", "line 2"},
        {"sync: always\nqueue_max: many\n", "queue_max", "line 2"},
        {"\n\nend_of_day_utc: 24:00\n", "end_of_day_utc", "line 3"},
        {"limits:\n  orders_max: 0\n", "orders_max", "line 2"},
        {"limits:\n  orders: 5\n", "orders", "line 2"},
        {"queue_max: [1, 2]\n", "queue_max", "line: 1"},
        {"just a text\n", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct serve_options o;
        char why[SERVE_WHY_BYTES];
        if (load(&o, rows[i].text, why) == 0) fail_msg("taken: %s", rows[i].text);
        if (strstr(why, rows[i].named) == NULL || strstr(why, rows[i].line) == NULL || strchr(why, '\n') != NULL)
            fail_msg("%s: %s", rows[i].text, why);
    }
}

static void a_file_that_is_not_there_is_refused(void **state)
{
    struct serve_options o;
    char why[SERVE_WHY_BYTES] = "";
    (void)state;
    serve_options_default(&o);
    assert_int_not_equal(serve_options_load(&o, "/nowhere/at/all.yaml", why), 0);
    assert_non_null(strstr(why, "/nowhere/at/all.yaml"));
}

static void texts_are_judged_the_same_wherever_they_stand(void **state)
{
    static const struct {
        const char *name, *value;
        bool good;
    } rows[] = {
        {"listen", "[::1]:0", true},
        {"listen", ":8081", true},
        {"listen", "localhost", false},
        {"listen", "a:70000", false},
        {"sync", "interval:0", false},
        {"sync", "interval:60001", false},
        {"sync", "none", true},
        {"sync", "Always", false},
        {"accept_time_jump", "TRUE", true},
        {"accept_time_jump", "yes", false},
        {"queue_max", " 1", false},
        {"queue_max", "1x", false},
        {"connections_max", "65537", false},
        {"request_timeout_ms", "99", false},
        {"margin_check_seconds", "60", true},
        {"margin_check_seconds", "0", true},
        {"margin_check_seconds", "86401", false},
        {"margin_check_seconds", "-1", false},
        {"connectors", "none", true},
        {"connectors", "zerodha_sim,ALPACA_SIM", true},
        {"connectors", "zerodha", false},
        {"connector_seed", "18446744073709551615", true},
        {"connector_faults_percent", "100", true},
        {"connector_faults_percent", "101", false},
        {"end_of_day_utc", "never", true},
        {"end_of_day_utc", "23:59", true},
        {"end_of_day_utc", "9:00", false},
        {"end_of_day_utc", "12:60", false},
        {"work_max", "1048576", true},
        {"work_max", "1048577", false},
        {"nothing", "1", false},
        {"data_dir", "", false},
        {"snapshot_every_commands", "0", true},
        {"snapshot_every_commands", "-1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct serve_options o;
        char why[SERVE_WHY_BYTES] = "";
        serve_options_default(&o);
        bool good = serve_options_set(&o, rows[i].name, rows[i].value, why) == 0;
        if (good != rows[i].good) fail_msg("%s: \"%s\": %s", rows[i].name, rows[i].value, why);
        if (!good) assert_non_null(strstr(why, rows[i].name));
    }
}

static void the_environment_overrides(void **state)
{
    struct serve_options o;
    char why[SERVE_WHY_BYTES] = "";
    (void)state;
    serve_options_default(&o);
    assert_int_equal(setenv("ORDERTAPE_QUEUE_MAX", "5", 1), 0);
    assert_int_equal(setenv("ORDERTAPE_LEVELS_MAX", "77", 1), 0);
    assert_int_equal(serve_options_environment(&o, why), 0);
    assert_int_equal(o.queue_max, 5);
    assert_int_equal(o.limits.levels_max, 77);
    assert_int_equal(setenv("ORDERTAPE_QUEUE_MAX", "none", 1), 0);
    assert_int_not_equal(serve_options_environment(&o, why), 0);
    assert_non_null(strstr(why, "ORDERTAPE_QUEUE_MAX"));
    assert_int_equal(unsetenv("ORDERTAPE_QUEUE_MAX") | unsetenv("ORDERTAPE_LEVELS_MAX"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_sets_what_it_names_and_nothing_else),
        cmocka_unit_test(a_file_that_is_wrong_is_refused_with_the_line),
        cmocka_unit_test(a_file_that_is_not_there_is_refused),
        cmocka_unit_test(texts_are_judged_the_same_wherever_they_stand),
        cmocka_unit_test(the_environment_overrides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
