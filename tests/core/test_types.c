/* tests/core/test_types.c - texts become numbers exactly or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/command.h"
#include "core/error.h"
#include "core/event.h"
#include "core/types.h"

static void a_decimal_keeps_what_was_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t mantissa;
        uint8_t scale;
    } rows[] = {
        {"145.50", 14550, 2},
        {"0", 0, 0},
        {"-0", 0, 0},
        {"0.00", 0, 2},
        {"7", 7, 0},
        {"-0.05", -5, 2},
        {"+3.5", 35, 1},
        {"007", 7, 0},
        {"0.000000001", 1, 9},
        {"0.1000000000000", 100000000, 9},
        {"1.50000000000000000000000000000000000000000000000000000000000000000000", 1500000000, 9},
        {"9223372036854775807", INT64_MAX, 0},
        {"-9223372036854775807", -INT64_MAX, 0},
        {"9223372036.854775807", INT64_MAX, 9},
        {"1e3", 1000, 0},
        {"1E+3", 1000, 0},
        {"1.5e1", 15, 0},
        {"1.50e1", 150, 1},
        {"12e-3", 12, 3},
        {"5e-9", 5, 9},
        {"50e-10", 5, 9},
        {"100000000000000000000000000000000000000000e-41", 1000000000, 9},
        {"0e9999", 0, 0},
        {"0e-9999", 0, 9},
        {"0.00000000000000000000000000000000000000000001e44", 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct decimal d;
        assert_int_equal(decimal_from_text(&d, rows[i].text, strlen(rows[i].text)), 0);
        assert_int_equal(d.mantissa, rows[i].mantissa);
        assert_int_equal(d.scale, rows[i].scale);
    }
}

static void a_decimal_that_would_lose_something_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "-",
        "+",
        ".",
        "1.",
        ".5",
        "1.2.3",
        "1e",
        "1e+",
        "1e1.5",
        "abc",
        "1a",
        " 1",
        "1 ",
        "0x10",
        "NaN",
        "Infinity",
        "--1",
        "1,5",
        "0.0000000001",
        "1e-10",
        "9223372036854775808",
        "-9223372036854775808",
        "1e19",
        "1e10000",
        "123456789012345678901234567890123456789012345678901234567890",
        "1e9999",
        "1e-9999",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct decimal d = {1, 1};
        assert_int_equal(decimal_from_text(&d, rows[i], strlen(rows[i])), ERR_USAGE);
        assert_int_equal(d.mantissa, 0);
        assert_int_equal(d.scale, DECIMAL_ABSENT);
    }
}

static void an_amount_has_eighteen_decimals_and_128_bits(void **state)
{
    (void)state;
    struct amount a;
    const char *text = "170141183460469231731.687303715884105727";
    assert_int_equal(amount_from_text(&a, text, strlen(text)), 0);
    assert_true(a.mantissa == (i128)(~(u128)0 >> 1) && a.scale == 18);
    text = "-170141183460469231731.687303715884105727";
    assert_int_equal(amount_from_text(&a, text, strlen(text)), 0);
    assert_true(a.mantissa == -(i128)(~(u128)0 >> 1));
    text = "170141183460469231731.687303715884105728";
    assert_int_equal(amount_from_text(&a, text, strlen(text)), ERR_USAGE);
    text = "0.0000000000000000001";
    assert_int_equal(amount_from_text(&a, text, strlen(text)), ERR_USAGE);
}

static void assert_decimal_text(i128 value, unsigned scale, const char *expected)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    assert_int_equal(decimal_to_text(value, scale, room), strlen(expected));
    assert_string_equal(room, expected);
}

static void a_number_is_written_with_exactly_its_decimals(void **state)
{
    (void)state;
    assert_decimal_text(14550, 2, "145.50");
    assert_decimal_text(-5, 2, "-0.05");
    assert_decimal_text(7, 0, "7");
    assert_decimal_text(0, 0, "0");
    assert_decimal_text(0, 3, "0.000");
    assert_decimal_text(100, 0, "100");
    assert_decimal_text((i128)1 << 100, 18, "1267650600228.229401496703205376");
    assert_decimal_text((i128)((u128)1 << 127), 0, "-170141183460469231731687303715884105728");
    assert_decimal_text((i128)((u128)1 << 127), 18, "-170141183460469231731.687303715884105728");
}

static void a_written_number_reads_back(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252u;
    for (int i = 0; i < 100000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t value = (int64_t)random >> (random % 63);
        unsigned scale = (unsigned)(random >> 32) % (DECIMAL_SCALE_MAX + 1);
        char room[DECIMAL_TEXT_BYTES_MAX];
        struct decimal d;
        size_t len = decimal_to_text(value, scale, room);
        if (value == INT64_MIN) continue;
        assert_int_equal(decimal_from_text(&d, room, len), 0);
        assert_int_equal(d.mantissa, value);
        assert_int_equal(d.scale, scale);
    }
}

static void a_name_is_printable_and_short(void **state)
{
    (void)state;
    struct name n, same;
    assert_int_equal(name_from_text(&n, "ABCDEFGHIJKLMNOPQRSTUVW", 23), 0);
    assert_int_equal(name_len(&n), 23);
    assert_int_equal(n.bytes[23], 0);
    static const char *const bad[] = {"",    "ABCDEFGHIJKLMNOPQRSTUVWX", "a b", "a\"b", "a\\b", "a\x7f", "a\xc3\xa9",
                                      "a\tb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(name_from_text(&n, bad[i], strlen(bad[i])), ERR_USAGE);
        assert_true(name_empty(&n));
        assert_int_equal(name_len(&n), 0);
    }
    assert_int_equal(name_from_text(&n, "a\0b", 3), ERR_USAGE);
    n = name_of("@fees");
    same = name_of("@fees");
    assert_true(name_equal(&n, &same) && !name_empty(&n));
    same = name_of("@fee");
    assert_false(name_equal(&n, &same));
}

/* Every number of a list has a text that comes back as that number. */
static void assert_round_trip(const char *(*text_of)(int number), int (*from_text)(const char *text, size_t len),
                              int max)
{
    for (int i = 1; i <= max; i++) {
        const char *text = text_of(i);
        assert_string_not_equal(text, "?");
        assert_int_equal(from_text(text, strlen(text)), i);
    }
    assert_string_equal(text_of(0), "");
    assert_string_equal(text_of(max + 1), "?");
    assert_int_equal(from_text("", 0), 0);
}

static void enums_have_a_text_and_come_back_from_it(void **state)
{
    (void)state;
    assert_round_trip(side_text, side_from_text, SIDE_NUMBER_MAX);
    assert_round_trip(order_type_text, order_type_from_text, ORDER_TYPE_NUMBER_MAX);
    assert_round_trip(tif_text, tif_from_text, TIF_NUMBER_MAX);
    assert_round_trip(stp_text, stp_from_text, STP_NUMBER_MAX);
    assert_round_trip(account_type_text, account_type_from_text, ACCOUNT_TYPE_NUMBER_MAX);
    assert_round_trip(account_status_text, account_status_from_text, ACCOUNT_STATUS_NUMBER_MAX);
    assert_round_trip(instrument_state_text, instrument_state_from_text, INSTRUMENT_STATE_NUMBER_MAX);
    assert_round_trip(trigger_text, trigger_from_text, TRIGGER_NUMBER_MAX);
    assert_round_trip(order_status_text, order_status_from_text, ORDER_STATUS_NUMBER_MAX);
    assert_round_trip(link_text, link_from_text, LINK_NUMBER_MAX);
    assert_round_trip(activation_text, activation_from_text, ACTIVATION_NUMBER_MAX);
    assert_round_trip(gtt_status_text, gtt_status_from_text, GTT_STATUS_NUMBER_MAX);
    assert_round_trip(venue_state_text, venue_state_from_text, VENUE_STATE_NUMBER_MAX);
    assert_round_trip(venue_cause_text, venue_cause_from_text, VENUE_CAUSE_NUMBER_MAX);
    assert_round_trip(report_text, report_from_text, REPORT_NUMBER_MAX);
    assert_round_trip(fill_kind_text, fill_kind_from_text, FILL_KIND_NUMBER_MAX);
    assert_round_trip(command_kind_text, command_kind_from_text, COMMAND_KIND_NUMBER_MAX);
    assert_round_trip(event_kind_text, event_kind_from_text, EVENT_KIND_NUMBER_MAX);
}

static void a_text_is_read_in_any_case_and_by_its_other_names(void **state)
{
    (void)state;
    assert_int_equal(side_from_text("sElL", 4), SIDE_SELL);
    assert_int_equal(order_type_from_text("sl", 2), ORDER_TYPE_STOP_LIMIT);
    assert_int_equal(order_type_from_text("SL_m", 4), ORDER_TYPE_STOP);
    assert_int_equal(tif_from_text("opg", 3), TIF_ON_OPEN);
    assert_int_equal(tif_from_text("CLS", 3), TIF_ON_CLOSE);
    assert_int_equal(command_kind_from_text("PLACE", 5), COMMAND_PLACE);
    assert_int_equal(side_from_text("BUYS", 4), 0);
    assert_int_equal(side_from_text("BU", 2), 0);
}

static void what_is_only_shown_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(venue_text(VENUE_QUOTE), "QUOTE");
    assert_string_equal(venue_text(VENUE_NUMBER_MAX + 1), "?");
    assert_string_equal(order_phase_text(ORDER_PHASE_RESTING), "");
    assert_string_equal(order_phase_text(ORDER_PHASE_NUMBER_MAX), "AT_BROKER");
    assert_string_equal(order_phase_text(ORDER_PHASE_NUMBER_MAX + 1), "?");
    assert_string_equal(cancel_reason_text(CANCEL_REASON_NUMBER_MAX), "BATCH_CANCEL");
    assert_string_equal(cancel_reason_text(CANCEL_REASON_NUMBER_MAX + 1), "?");
    assert_string_equal(broker_state_text(0), "");
    assert_string_equal(broker_state_text(BROKER_STATE_NUMBER_MAX), "SETTLED");
    assert_string_equal(broker_state_text(BROKER_STATE_NUMBER_MAX + 1), "?");
    assert_string_equal(route_cause_text(ROUTE_CAUSE_NUMBER_MAX), "NOT_FOUND");
    assert_string_equal(route_cause_text(ROUTE_CAUSE_NUMBER_MAX + 1), "?");
}

static void powers_of_ten(void **state)
{
    (void)state;
    int64_t power = 1;
    for (unsigned i = 0; i <= CASH_SCALE_MAX; i++) {
        assert_int_equal(pow10_i64(i), power);
        if (i < CASH_SCALE_MAX) power *= 10;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decimal_keeps_what_was_written),
        cmocka_unit_test(a_decimal_that_would_lose_something_is_refused),
        cmocka_unit_test(an_amount_has_eighteen_decimals_and_128_bits),
        cmocka_unit_test(a_number_is_written_with_exactly_its_decimals),
        cmocka_unit_test(a_written_number_reads_back),
        cmocka_unit_test(a_name_is_printable_and_short),
        cmocka_unit_test(enums_have_a_text_and_come_back_from_it),
        cmocka_unit_test(a_text_is_read_in_any_case_and_by_its_other_names),
        cmocka_unit_test(what_is_only_shown_has_a_text),
        cmocka_unit_test(powers_of_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
