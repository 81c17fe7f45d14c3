/* tests/core/test_money.c - rounding is what it says, compared with the compiler's own 128-bit division. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/money.h"
#include "core/wide.h"
#include "tests/core/random.h"

enum { ROUNDS = 300000 };

static struct random *rng(void **state)
{
    return *state;
}

static i128 random_signed(struct random *r, unsigned bits_max)
{
    i128 x = (i128)random_wide(r, bits_max);
    return random_below(r, 2) == 0 ? x : -x;
}

static void wide_division_equals_the_compilers(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < ROUNDS * 3; i++) {
        u128 n = random_wide(r, 128);
        uint64_t d = (uint64_t)random_wide(r, 64), remainder;
        if (d == 0) d = 1;
        assert_true(wide_div(n, d, &remainder) == n / d);
        assert_true(remainder == n % d);
    }
}

static void ties_go_to_even_on_both_sides_of_zero(void **state)
{
    (void)state;
    static const struct {
        int a, b, expected;
    } rows[] = {{5, 2, 2},   {7, 2, 4},  {-5, 2, -2},  {-7, 2, -4}, {1, 2, 0},   {-1, 2, 0}, {3, 2, 2},
                {-3, 2, -2}, {10, 4, 2}, {-10, 4, -2}, {14, 4, 4},  {1, 3, 0},   {2, 3, 1},  {-2, 3, -1},
                {4, 3, 1},   {5, 3, 2},  {0, 9, 0},    {9, 9, 1},   {-9, 9, -1}, {6, 4, 2},  {-6, 4, -2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(money_div_half_even(rows[i].a, rows[i].b) == rows[i].expected);
    }
    assert_true(money_div_half_even((i128)1 << 120, INT64_MAX) == (((i128)1 << 120) + INT64_MAX / 2) / INT64_MAX);
}

/* The definition, with the compiler's division. */
static i128 half_even_by_definition(i128 a, i128 b)
{
    i128 floor = a / b - (a % b < 0 ? 1 : 0), rest = a - floor * b;
    if (rest > b - rest) return floor + 1;
    if (rest < b - rest) return floor;
    return floor % 2 == 0 ? floor : floor + 1;
}

static void division_rounds_as_defined(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < ROUNDS; i++) {
        i128 a = random_signed(r, 126);
        int64_t b = (int64_t)random_wide(r, 63);
        if (b == 0) b = 2;
        if (random_below(r, 4) == 0) a = a / b * b + b / 2; /* a tie, or nearly one */
        assert_true(money_div_half_even(a, b) == half_even_by_definition(a, b));
        i128 ceiling = a / b + (a % b > 0 ? 1 : 0);
        assert_true(money_div_ceil(a, b) == ceiling);
    }
}

/* a * b / c by long division in base 2: slow and obvious. 0 <= a < 2^127, b <= c < 2^63. */
static u128 mul_div_by_long_division(u128 a, uint64_t b, uint64_t c, uint64_t *remainder)
{
    u128 quotient = 0;
    u128 rest = 0;
    for (int bit = 127; bit >= 0; bit--) { /* Horner: a * b = sum of bits of a, each worth b */
        u128 doubled = rest * 2 + ((a >> bit & 1) != 0 ? b : 0);
        quotient = quotient * 2 + doubled / c;
        rest = doubled % c;
    }
    *remainder = (uint64_t)rest;
    return quotient;
}

static void a_product_beyond_128_bits_divides_without_overflow(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < ROUNDS / 10; i++) {
        i128 a = random_signed(r, 126);
        int64_t c = (int64_t)random_wide(r, 63);
        if (c == 0) c = 1;
        int64_t b = (int64_t)random_below(r, (uint64_t)c + 1);
        uint64_t remainder;
        u128 q = mul_div_by_long_division(wide_magnitude(a), (uint64_t)b, (uint64_t)c, &remainder);
        uint64_t rest = (uint64_t)c - remainder;
        if (remainder > rest || (remainder == rest && (q & 1) != 0)) q++;
        assert_true(money_mul_div_half_even(a, b, c) == wide_with_sign(q, a < 0));
    }
}

static void a_notional_is_exact_at_every_combination_of_scales(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned price_scale = (unsigned)random_below(r, 10), quantity_scale = (unsigned)random_below(r, 10);
        unsigned currency_scale = (unsigned)random_below(r, 19);
        int excess = (int)(price_scale + quantity_scale) - (int)currency_scale;
        int64_t price = (int64_t)random_wide(r, 30) + 1, quantity = (int64_t)random_wide(r, 30) + 1;
        if (excess > 0) { /* make the product divisible: the tick takes what it can, the lot the rest */
            unsigned in_price = (unsigned)excess > 9 ? 9 : (unsigned)excess;
            price = (price % 1000 + 1) * pow10_i64(in_price);
            quantity = (quantity % 1000 + 1) * pow10_i64((unsigned)excess - in_price);
        }
        i128 product = (i128)price * quantity;
        i128 expected = excess >= 0 ? product / pow10_i64((unsigned)excess) : product * pow10_i64((unsigned)-excess);
        assert_true(money_notional(price, quantity, price_scale, quantity_scale, currency_scale) == expected);
        assert_true(money_notional(-price, quantity, price_scale, quantity_scale, currency_scale) == -expected);
    }
}

static void the_largest_notionals_are_exact_or_saturate_above_the_maximum(void **state)
{
    (void)state;
    assert_true(money_notional(PRICE_MAX, QUANTITY_MAX, 9, 9, 18) == (i128)PRICE_MAX * QUANTITY_MAX);
    assert_true(money_notional(PRICE_MAX, QUANTITY_MAX, 9, 9, 0) == (i128)pow10_i64(16));
    assert_true(money_notional(PRICE_MAX, 3, 0, 0, 18) == (i128)PRICE_MAX * 3 * pow10_i64(18));
    assert_true(money_notional(PRICE_MAX, QUANTITY_MAX, 0, 0, 18) == MONEY_SATURATED);
    assert_true(money_notional(PRICE_MAX, QUANTITY_MAX, 0, 0, 5) == MONEY_SATURATED);
    assert_true(MONEY_SATURATED > NOTIONAL_MAX);
    for (unsigned scale = 0; scale <= 18; scale++) {
        i128 n = money_notional(PRICE_MAX, QUANTITY_MAX, 0, 0, scale);
        assert_true(n == MONEY_SATURATED || n == (i128)PRICE_MAX * QUANTITY_MAX * pow10_i64(scale));
    }
}

static void a_fee_is_charged_to_the_nearest_unit_ties_to_even(void **state)
{
    (void)state;
    assert_true(money_fee_charged(0) == 0);
    assert_true(money_fee_charged(50000000) == 0);
    assert_true(money_fee_charged(50000001) == 1);
    assert_true(money_fee_charged(150000000) == 2);
    assert_true(money_fee_charged(250000000) == 2);
    assert_true(money_fee_charged(-50000000) == 0);
    assert_true(money_fee_charged(-150000000) == -2);
}

static void margin_is_rounded_up(void **state)
{
    (void)state;
    assert_true(money_margin(1000, 100) == 1000);
    assert_true(money_margin(-1000, 100) == 1000);
    assert_true(money_margin(1001, 1000) == 101);
    assert_true(money_margin(-1001, 1000) == 101);
    assert_true(money_margin(1, 100000) == 1);
    assert_true(money_margin(0, 700) == 0);
    assert_true(money_margin((i128)1 << 118, 100000) == ((i128)1 << 118) / 1000 + 1);
}

static void a_hold_is_margin_and_the_worst_fee_to_come(void **state)
{
    (void)state;
    /* 10,000.00 at 2x with 5 bp: margin 5,000.00, fee 5.00 */
    assert_true(money_hold(1000000, 200, 50000, 0) == 500000 + 500);
    /* A fee of a third of a cent still reserves a cent ... */
    assert_true(money_hold(33, 100, 1000000, 0) == 33 + 1);
    /* ... unless what was charged so far already covers it: 0.6 accrued is charged 1, 0.6 + 0.33 rounds up to 1. */
    assert_true(money_hold(33, 100, 1000000, 60000000) == 33);
    /* A rebate that was paid and may have to be earned back: -0.6 is charged -1, -0.27 rounds up to 0. */
    assert_true(money_hold(33, 100, 1000000, -60000000) == 33 + 1);
    assert_true(money_hold(0, 100, 1000000, 60000000) == 0);
    assert_true(money_hold(NOTIONAL_MAX, 100, FEE_RATE_ONE, 0) == 2 * NOTIONAL_MAX);
    assert_true(money_hold(12345, 100, 0, 0) == 12345);
}

int main(int argc, char **argv)
{
    struct random random = random_from_arguments(argc, argv);
#define PROPERTY(name) cmocka_unit_test_prestate(name, &random)
    const struct CMUnitTest tests[] = {
        PROPERTY(wide_division_equals_the_compilers),
        cmocka_unit_test(ties_go_to_even_on_both_sides_of_zero),
        PROPERTY(division_rounds_as_defined),
        PROPERTY(a_product_beyond_128_bits_divides_without_overflow),
        PROPERTY(a_notional_is_exact_at_every_combination_of_scales),
        cmocka_unit_test(the_largest_notionals_are_exact_or_saturate_above_the_maximum),
        cmocka_unit_test(a_fee_is_charged_to_the_nearest_unit_ties_to_even),
        cmocka_unit_test(margin_is_rounded_up),
        cmocka_unit_test(a_hold_is_margin_and_the_worst_fee_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
