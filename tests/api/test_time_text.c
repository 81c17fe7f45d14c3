/* tests/api/test_time_text.c - times read and write without losing a nanosecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "api/json.h"
#include "core/error.h"

static void a_time_reads_as_the_instant_it_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ts_ns;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"2012-06-21T09:30:00.004241176Z", 1340271000004241176},
        {"2012-06-21T09:30:00.5Z", 1340271000500000000},
        {"2012-06-21t09:30:00z", 1340271000000000000},
        {"2012-06-21T09:30:00-04:00", 1340285400000000000},
        {"2012-06-21T09:30:00+05:30", 1340251200000000000},
        {"2000-02-29T12:00:00Z", 951825600000000000},
        {"1970-01-01T01:00:00+01:00", 0},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
        {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ts_ns;
        assert_int_equal(time_from_text(&ts_ns, rows[i].text, strlen(rows[i].text)), 0);
        assert_int_equal(ts_ns, rows[i].ts_ns);
    }
}

static void a_text_that_names_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "2012-06-21",
        "2012-06-21T09:30:00",
        "2012-06-21 09:30:00Z",
        "2012-06-21T09:30Z",
        "2012-6-21T09:30:00Z",
        "2012-13-01T00:00:00Z",
        "2012-00-01T00:00:00Z",
        "2012-02-30T00:00:00Z",
        "2011-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2012-04-31T00:00:00Z",
        "2012-06-21T24:00:00Z",
        "2012-06-21T09:60:00Z",
        "2012-06-21T09:30:60Z",
        "2012-06-21T09:30:00.Z",
        "2012-06-21T09:30:00.1234567890Z",
        "2012-06-21T09:30:00+0530",
        "2012-06-21T09:30:00+05",
        "2012-06-21T09:30:00+24:00",
        "2012-06-21T09:30:00Zx",
        "+012-06-21T09:30:00Z",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "9999-12-31T23:59:59Z",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ts_ns = 7;
        assert_int_equal(time_from_text(&ts_ns, rows[i], strlen(rows[i])), ERR_USAGE);
        assert_int_equal(ts_ns, 0);
    }
}

static void every_time_reads_back_and_agrees_with_the_c_library(void **state)
{
    (void)state;
    uint64_t random = 20120621;
    for (int i = 0; i < 100000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int64_t ts_ns = (int64_t)(random ^ random >> 29), back;
        if (i == 0) ts_ns = INT64_MIN;
        if (i == 1) ts_ns = INT64_MAX;
        char text[TIME_TEXT_BYTES], expected[TIME_TEXT_BYTES];
        size_t len = time_to_text(ts_ns, text);
        assert_int_equal(len, strlen(text));
        assert_int_equal(time_from_text(&back, text, len), 0);
        assert_int_equal(back, ts_ns);
        time_t seconds = ts_ns / 1000000000 - (ts_ns % 1000000000 < 0 ? 1 : 0);
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_not_equal(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.", &tm), 0);
        assert_memory_equal(text, expected, strlen(expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_reads_as_the_instant_it_names),
        cmocka_unit_test(a_text_that_names_no_instant_is_refused),
        cmocka_unit_test(every_time_reads_back_and_agrees_with_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
