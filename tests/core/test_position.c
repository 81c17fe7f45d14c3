/* tests/core/test_position.c - fills move positions as average cost says, and nothing is made or lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/money.h"
#include "core/position.h"
#include "tests/core/random.h"

enum { ROUNDS = 100000 };

static void assert_position(const struct position_value *p, int64_t quantity, i128 cost, i128 realized)
{
    assert_int_equal(p->quantity, quantity);
    assert_true(p->cost == cost);
    assert_true(p->realized == realized);
}

static void a_long_position_averages_and_realizes(void **state)
{
    (void)state;
    struct position_value p = {0};
    position_fill(&p, SIDE_BUY, 10, 1000);
    position_fill(&p, SIDE_BUY, 10, 1200);
    assert_position(&p, 20, 2200, 0);
    position_fill(&p, SIDE_SELL, 5, 600); /* removes 550 */
    assert_position(&p, 15, 1650, 50);
    position_fill(&p, SIDE_SELL, 15, 1500);
    assert_position(&p, 0, 0, -100);
}

static void a_short_position_averages_and_realizes(void **state)
{
    (void)state;
    struct position_value p = {0};
    position_fill(&p, SIDE_SELL, 10, 1000);
    assert_position(&p, -10, -1000, 0);
    position_fill(&p, SIDE_BUY, 4, 360);
    assert_position(&p, -6, -600, 40);
    position_fill(&p, SIDE_BUY, 6, 660);
    assert_position(&p, 0, 0, -20);
}

static void a_fill_through_zero_closes_and_opens_the_other_way(void **state)
{
    (void)state;
    struct position_value p = {0};
    position_fill(&p, SIDE_BUY, 10, 1000);
    position_fill(&p, SIDE_SELL, 25, 25 * 110);
    assert_position(&p, -15, -15 * 110, 100);
    position_fill(&p, SIDE_BUY, 20, 20 * 100);
    assert_position(&p, 5, 500, 100 + 150);
}

static void cost_that_does_not_divide_is_rounded_half_even(void **state)
{
    (void)state;
    struct position_value p = {.quantity = 2, .cost = 5, .realized = 0};
    position_fill(&p, SIDE_SELL, 1, 3); /* 2.5 -> 2 */
    assert_position(&p, 1, 3, 1);
    p = (struct position_value){.quantity = -2, .cost = -7, .realized = 0};
    position_fill(&p, SIDE_BUY, 1, 3); /* 3.5 -> 4 */
    assert_position(&p, -1, -3, 1);
}

/* Unit by unit quantities are too slow here; the rules word for word, with the compiler's division, are not. */
static i128 half_even(i128 a, i128 b)
{
    i128 floor = a / b - (a % b < 0 ? 1 : 0), rest = a - floor * b;
    if (2 * rest == b) return floor % 2 == 0 ? floor : floor + 1;
    return 2 * rest > b ? floor + 1 : floor;
}

static void fill_word_for_word(struct position_value *p, int side, int64_t quantity, i128 notional)
{
    int64_t signed_quantity = side == SIDE_BUY ? quantity : -quantity;
    int64_t held = p->quantity < 0 ? -p->quantity : p->quantity;
    bool against = (p->quantity > 0 && side == SIDE_SELL) || (p->quantity < 0 && side == SIDE_BUY);
    int64_t closing = !against ? 0 : quantity < held ? quantity : held;
    if (closing > 0) {
        i128 closing_notional = notional * closing / quantity;
        i128 removed = half_even(p->cost * closing, held);
        p->realized += p->quantity > 0 ? closing_notional - removed : -removed - closing_notional;
        p->cost -= removed;
        notional -= closing_notional;
    }
    if (closing < quantity) p->cost += side == SIDE_BUY ? notional : -notional;
    p->quantity += signed_quantity;
}

static void random_fills_agree_with_the_rules_word_for_word_and_conserve(void **state)
{
    struct random *r = *state;
    struct position_value p = {0}, q = {0}, other = {0};
    i128 cash = 0, other_cash = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int side = random_below(r, 2) == 0 ? SIDE_BUY : SIDE_SELL;
        int64_t price = (int64_t)random_wide(r, 30) + 1, quantity = (int64_t)random_wide(r, 20) + 1;
        i128 notional = (i128)price * quantity;
        position_fill(&p, side, quantity, notional);
        fill_word_for_word(&q, side, quantity, notional);
        position_fill(&other, side == SIDE_BUY ? SIDE_SELL : SIDE_BUY, quantity, notional);
        cash += side == SIDE_BUY ? -notional : notional;
        other_cash += side == SIDE_BUY ? notional : -notional;
        assert_position(&p, q.quantity, q.cost, q.realized);
        assert_true(cash + p.cost - p.realized == 0);
        assert_true(other_cash + other.cost - other.realized == 0);
        assert_true(p.quantity + other.quantity == 0);
        assert_true(p.quantity != 0 || p.cost == 0);
        assert_true(p.quantity >= 0 ? p.cost >= 0 : p.cost <= 0);
    }
}

int main(int argc, char **argv)
{
    struct random random = random_from_arguments(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_position_averages_and_realizes),
        cmocka_unit_test(a_short_position_averages_and_realizes),
        cmocka_unit_test(a_fill_through_zero_closes_and_opens_the_other_way),
        cmocka_unit_test(cost_that_does_not_divide_is_rounded_half_even),
        cmocka_unit_test_prestate(random_fills_agree_with_the_rules_word_for_word_and_conserve, &random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
