/* tests/api/test_batch_totals.c - what a batch was to do and what it did, in sums that a clerk could check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "api/batch_totals.h"

/* Prices with 2 decimals, quantities with none: filled whole at fill_price, or not at all (0). */
static struct order_row order_of(uint8_t side, int64_t quantity, int64_t price, uint8_t status, int64_t filled,
                                 int64_t fill_price)
{
    struct order_row o = {.side = side, .status = status, .type = ORDER_TYPE_LIMIT, .quantity = quantity};
    o.price = price;
    o.price_scale = 2;
    o.filled = filled;
    o.leaves = quantity - filled;
    o.price_quantity = (i128)fill_price * filled;
    return o;
}

static void assert_exact(struct exact x, const char *expected)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    assert_false(x.too_large);
    for (; x.scale > 0 && x.value % 10 == 0; x.scale--) x.value /= 10;
    decimal_to_text(x.value, x.scale, room);
    assert_string_equal(room, expected);
}

static void assert_results(const struct order_row *orders, size_t count, unsigned scale, const char *expected,
                           const char *actual)
{
    struct batch_totals t;
    batch_totals_add_up(&t, orders, count, scale);
    assert_exact(t.expected_pnl, expected);
    assert_exact(t.actual_pnl, actual);
}

static void a_buy_of_100_and_a_sell_of_50_expect_5000(void **state)
{
    (void)state;
    struct batch_totals t;
    const struct order_row orders[] = {
        order_of(SIDE_BUY, 100, 250000, ORDER_STATUS_ACKED, 0, 0),
        order_of(SIDE_SELL, 50, 260000, ORDER_STATUS_ACKED, 0, 0),
    };
    batch_totals_add_up(&t, orders, 2, 2);
    assert_int_equal(t.total_orders, 2);
    assert_int_equal(t.pending_orders, 2);
    assert_exact(t.total_qty, "150");
    assert_exact(t.total_value, "380000");
    assert_exact(t.expected_pnl, "5000");
    assert_exact(t.filled_qty, "0");
    assert_exact(t.filled_value, "0");
    assert_exact(t.actual_pnl, "0");
}

static void what_was_filled_is_counted_at_its_own_prices(void **state)
{
    (void)state;
    struct batch_totals t;
    const struct order_row orders[] = {
        order_of(SIDE_BUY, 100, 250000, ORDER_STATUS_FILLED, 100, 249950),
        order_of(SIDE_SELL, 50, 260000, ORDER_STATUS_PARTIALLY_FILLED, 20, 260100),
    };
    batch_totals_add_up(&t, orders, 2, 2);
    assert_int_equal(t.filled_orders, 1);
    assert_int_equal(t.pending_orders, 1);
    assert_exact(t.filled_qty, "120");
    assert_exact(t.filled_value, "301970");
    assert_exact(t.actual_pnl, "2030"); /* 20 x (2601.00 - 2499.50) */
}

static void every_status_is_counted_once(void **state)
{
    (void)state;
    struct batch_totals t;
    struct order_row orders[ORDER_STATUS_NUMBER_MAX];
    for (uint8_t i = 0; i < ORDER_STATUS_NUMBER_MAX; i++)
        orders[i] = order_of(SIDE_BUY, 1, 100, (uint8_t)(i + 1), 0, 0);
    batch_totals_add_up(&t, orders, ORDER_STATUS_NUMBER_MAX, 2);
    assert_int_equal(t.total_orders, ORDER_STATUS_NUMBER_MAX);
    assert_int_equal(t.rejected_orders, 1);
    assert_int_equal(t.filled_orders, 2);    /* FILLED, SETTLED */
    assert_int_equal(t.cancelled_orders, 2); /* CANCELLED, EXPIRED */
    assert_int_equal(t.pending_orders, ORDER_STATUS_NUMBER_MAX - 5);
    assert_exact(t.total_qty, "12"); /* all but the one that was REJECTED */
    assert_exact(t.total_value, "12");
}

static void a_market_order_is_worth_what_its_fills_were(void **state)
{
    (void)state;
    struct batch_totals t;
    struct order_row orders[] = {
        order_of(SIDE_BUY, 10, 0, ORDER_STATUS_PARTIALLY_FILLED, 4, 10050),
        order_of(SIDE_SELL, 4, 10100, ORDER_STATUS_ACKED, 0, 0),
        order_of(SIDE_BUY, 7, 0, ORDER_STATUS_PENDING_ROUTE, 0, 0),
    };
    orders[0].type = orders[2].type = ORDER_TYPE_MARKET;
    orders[2].price_scale = DECIMAL_ABSENT;
    batch_totals_add_up(&t, orders, 3, 2);
    assert_exact(t.total_qty, "21");
    assert_exact(t.total_value, "806"); /* 4 x 100.50 + 4 x 101 */
    assert_exact(t.expected_pnl, "2");
}

static void an_average_is_rounded_once_half_to_even(void **state)
{
    (void)state;
    /* Bought 3 for 1.00 (0.33...), sold 1 at 1.00: 1 - 1/3 = 0.6666... */
    const struct order_row third[] = {order_of(SIDE_BUY, 1, 34, ORDER_STATUS_ACKED, 0, 0),
                                      order_of(SIDE_BUY, 2, 33, ORDER_STATUS_ACKED, 0, 0),
                                      order_of(SIDE_SELL, 1, 100, ORDER_STATUS_ACKED, 0, 0)};
    assert_results(third, 3, 2, "0.67", "0");
    assert_results(third, 3, 0, "1", "0");
    assert_results(third, 3, 6, "0.666667", "0");
    /* Bought 2 for 0.01 in all (0.005 each), sold 1 at 0.01 and at 0.02: ties go to the even cent, 0.005 to 0.00, 0.015 to 0.02. */
    const struct order_row tie_down[] = {order_of(SIDE_BUY, 1, 1, ORDER_STATUS_ACKED, 0, 0),
                                         order_of(SIDE_BUY, 1, 0, ORDER_STATUS_ACKED, 0, 0),
                                         order_of(SIDE_SELL, 1, 1, ORDER_STATUS_ACKED, 0, 0)};
    assert_results(tie_down, 3, 2, "0", "0");
    const struct order_row tie_up[] = {tie_down[0], tie_down[1], order_of(SIDE_SELL, 1, 2, ORDER_STATUS_ACKED, 0, 0)};
    assert_results(tie_up, 3, 2, "0.02", "0");
    /* Below zero: bought 1 at 0.01, sold 2 for 0.01 in all: 0.005 - 0.01 = -0.005. */
    const struct order_row below[] = {order_of(SIDE_SELL, 1, 1, ORDER_STATUS_ACKED, 0, 0),
                                      order_of(SIDE_SELL, 1, 0, ORDER_STATUS_ACKED, 0, 0),
                                      order_of(SIDE_BUY, 1, 1, ORDER_STATUS_ACKED, 0, 0)};
    assert_results(below, 3, 2, "0", "0");
    assert_results(below, 3, 3, "-0.005", "0");
    assert_results(third, 2, 2, "0", "0"); /* nothing was to be sold */
}

static void instruments_of_different_scales_are_added_exactly(void **state)
{
    (void)state;
    struct batch_totals t;
    struct order_row orders[] = {
        order_of(SIDE_BUY, 12345678, 3000000, ORDER_STATUS_ACKED, 0, 0), /* 0.12345678 at 30000.00 */
        order_of(SIDE_SELL, 1, 40000, ORDER_STATUS_ACKED, 0, 0),         /* 1 at 40000 */
    };
    orders[0].quantity_scale = 8;
    orders[1].price_scale = 0;
    batch_totals_add_up(&t, orders, 2, 2);
    assert_exact(t.total_qty, "1.12345678");
    assert_exact(t.total_value, "43703.7034");
    assert_exact(t.expected_pnl, "1234.57"); /* 0.12345678 x 10000 = 1234.5678 */
}

static void the_largest_orders_are_exact_or_said_to_be_too_large(void **state)
{
    (void)state;
    struct batch_totals t;
    struct order_row orders[] = {
        order_of(SIDE_BUY, QUANTITY_MAX, PRICE_MAX, ORDER_STATUS_ACKED, 0, 0),
        order_of(SIDE_SELL, QUANTITY_MAX - 1, PRICE_MAX - 1, ORDER_STATUS_ACKED, 0, 0),
    };
    batch_totals_add_up(&t, orders, 2, 2);
    assert_exact(t.total_qty, "199999999999999999");
    assert_exact(t.expected_pnl, "-999999999999999.99"); /* (10^17 - 1) x -0.01 */
    orders[1].price_scale = orders[1].quantity_scale = 9;
    batch_totals_add_up(&t, orders, 2, 2);
    assert_true(t.total_value.too_large);
    assert_true(t.expected_pnl.too_large);
    assert_false(t.total_qty.too_large);
    assert_false(t.actual_pnl.too_large);
}

static void a_batch_has_one_word(void **state)
{
    (void)state;
    enum {
        R = ORDER_STATUS_REJECTED,
        A = ORDER_STATUS_ACKED,
        P = ORDER_STATUS_PARTIALLY_FILLED,
        F = ORDER_STATUS_FILLED
    };
    enum { C = ORDER_STATUS_CANCELLED, E = ORDER_STATUS_EXPIRED, S = ORDER_STATUS_SETTLED, U = ORDER_STATUS_UNKNOWN };
    static const struct {
        uint8_t statuses[2];
        int64_t filled; /* of the first */
        const char *word;
    } rows[] = {
        {{A, A}, 0, "ACCEPTED"},         {{A, U}, 0, "ACCEPTED"},         {{A, R}, 0, "PARTIALLY_ACCEPTED"},
        {{R, R}, 0, "REJECTED"},         {{F, F}, 5, "FILLED"},           {{F, S}, 5, "FILLED"},
        {{S, S}, 5, "SETTLED"},          {{F, R}, 5, "PARTIALLY_FILLED"}, {{P, A}, 2, "PARTIALLY_FILLED"},
        {{C, R}, 2, "PARTIALLY_FILLED"}, {{C, C}, 0, "CANCELLED"},        {{C, E}, 0, "CANCELLED"},
        {{C, R}, 0, "CANCELLED"},        {{C, A}, 0, "ACCEPTED"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct order_row orders[] = {order_of(SIDE_BUY, 5, 100, rows[i].statuses[0], rows[i].filled, 100),
                                           order_of(SIDE_BUY, 5, 100, rows[i].statuses[1], 0, 0)};
        assert_string_equal(batch_status_text(orders, 2), rows[i].word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buy_of_100_and_a_sell_of_50_expect_5000),
        cmocka_unit_test(what_was_filled_is_counted_at_its_own_prices),
        cmocka_unit_test(every_status_is_counted_once),
        cmocka_unit_test(a_market_order_is_worth_what_its_fills_were),
        cmocka_unit_test(an_average_is_rounded_once_half_to_even),
        cmocka_unit_test(instruments_of_different_scales_are_added_exactly),
        cmocka_unit_test(the_largest_orders_are_exact_or_said_to_be_too_large),
        cmocka_unit_test(a_batch_has_one_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
