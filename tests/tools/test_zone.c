/* tests/tools/test_zone.c - when a local day begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "tools/zone.h"

enum { HOUR = 3600 };

static int64_t midnight_s(const char *zone, const char *date)
{
    struct civil_date d;
    int64_t ns;
    assert_int_equal(civil_date_from_text(&d, date), 0);
    assert_int_equal(zone_midnight_ns(zone, &d, &ns), 0);
    return ns / 1000000000;
}

static void new_york_is_four_hours_behind_in_summer_and_five_in_winter(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        int behind_hours;
    } rows[] = {
        {"2012-06-21", 4}, {"2012-01-03", 5}, {"2012-12-31", 5}, {"2012-03-11", 5},
        {"2012-03-12", 4},                    /* 2nd Sunday of March: its midnight is still winter's */
        {"2012-11-04", 4}, {"2012-11-05", 5}, /* 1st Sunday of November */
        {"2006-04-02", 5}, {"2006-04-03", 4}, {"2006-10-29", 4}, {"2006-10-30", 5}, /* the rules before 2007 */
        {"2015-03-08", 5}, {"2015-03-09", 4}, {"2015-11-01", 4}, {"2015-11-02", 5}, /* months that begin on a Sunday */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(midnight_s("America/New_York", rows[i].date) - midnight_s("UTC", rows[i].date),
                         rows[i].behind_hours * HOUR);
}

static void midnight_in_utc_is_a_whole_day(void **state)
{
    (void)state;
    assert_int_equal(midnight_s("UTC", "1970-01-01"), 0);
    assert_int_equal(midnight_s("UTC", "2000-02-29"), 951782400);
    assert_int_equal(midnight_s("UTC", "2012-06-21"), 1340236800);
}

static void a_fixed_offset_is_taken_off(void **state)
{
    (void)state;
    assert_int_equal(midnight_s("-04:00", "2012-06-21"), 1340236800 + 4 * HOUR);
    assert_int_equal(midnight_s("+05:30", "2012-06-21"), 1340236800 - 5 * HOUR - HOUR / 2);
}

static void what_is_no_date_or_zone_is_refused(void **state)
{
    static const char *const dates[] = {"2012-02-30", "2011-02-29", "2012-13-01", "2012-00-01",
                                        "2012-6-21",  "20120621",   "",           "2012-06-2x"};
    static const char *const zones[] = {"", "/etc/passwd", "../../etc/passwd", "+25:00", "-04:60", "Nowhere/At_All"};
    struct civil_date d;
    int64_t ns;
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        assert_int_equal(civil_date_from_text(&d, dates[i]), ERR_USAGE);
    assert_int_equal(civil_date_from_text(&d, "2012-06-21"), 0);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) assert_true(zone_midnight_ns(zones[i], &d, &ns) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_york_is_four_hours_behind_in_summer_and_five_in_winter),
        cmocka_unit_test(midnight_in_utc_is_a_whole_day),
        cmocka_unit_test(a_fixed_offset_is_taken_off),
        cmocka_unit_test(what_is_no_date_or_zone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
