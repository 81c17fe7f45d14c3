/* tests/core/test_margin.c - accounts with leverage: what an order holds, what a position binds, selling short. */
#include "tests/world/world.h"

static void leverage_divides_the_hold(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5", "DEPOSIT ann 1000");
    when(w, "BUY ann 30 @ 100");
    then(w, "RESERVED ann 600.00", "FREE ann 400.00");
}

static void a_hold_is_rounded_up(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 3", "DEPOSIT ann 1000");
    when(w, "BUY ann 1 @ 100");
    then(w, "RESERVED ann 33.34");
}

static void a_position_binds_its_margin(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5", "DEPOSIT ann 1000", "SELL bob 30 @ 100");
    when(w, "BUY ann 30 @ 100");
    then(w, "FILL ann bob 30 @ 100", "CASH ann -2000.00", "COST ann 3000.00", "MARGIN ann 600.00", "FREE ann 400.00",
         "RESERVED ann 0.00");
}

static void a_short_sale_needs_permission(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN", "DEPOSIT ann 1000", "ACCOUNT bob MARGIN SHORT", "DEPOSIT bob 1000");
    when(w, "SELL ann 1 @ 100", "SELL bob 1 @ 100");
    then(w, "REJECT ann POSITION_SHORT", "RESTS bob 1 @ 100", "RESERVED bob 100.00");
}

static void a_short_binds_margin_and_its_proceeds_are_not_free(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 2 SHORT", "DEPOSIT ann 1000", "BUY bob 10 @ 100");
    when(w, "SELL ann 10 @ 100");
    then(w, "FILL ann bob 10 @ 100", "CASH ann 2000.00", "MARGIN ann 500.00", "FREE ann 500.00");
}

static void closing_needs_nothing_even_when_nothing_is_free(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT", "DEPOSIT ann 1000", "BUY bob 10 @ 100", "SELL ann 10 @ 100",
          "SELL dan 10 @ 300");
    when(w, "BUY ann 5 @ 300", "BUY ann 5 @ 300");
    then(w, "FILL ann dan 5 @ 300", "FILL ann dan 5 @ 300", "POSITION ann 0", "CASH ann -1000.00",
         "REALIZED ann -2000.00");
}

static void an_order_that_closes_and_opens_holds_for_the_opening_part(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT", "DEPOSIT ann 1000", "SELL bob 4 @ 100", "BUY ann 4 @ 100");
    when(w, "SELL ann 10 @ 100");
    then(w, "RESTS ann 10 @ 100", "RESERVED ann 600.00", "MARGIN ann 400.00", "FREE ann 0.00");
}

static void the_closing_part_trades_first(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT", "DEPOSIT ann 1000", "SELL bob 4 @ 100", "BUY ann 4 @ 100",
          "SELL ann 10 @ 100");
    when(w, "BUY dan 4 @ 100");
    then(w, "FILL dan ann 4 @ 100", "POSITION ann 0", "RESERVED ann 600.00", "MARGIN ann 0.00", "FREE ann 400.00");
}

static void two_orders_do_not_close_the_same_position_twice(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT", "DEPOSIT ann 1000", "SELL bob 4 @ 100", "BUY ann 4 @ 100", "SELL ann 4 @ 110");
    when(w, "SELL ann 4 @ 110");
    then(w, "RESERVED ann 440.00");
}

static void a_decrease_gives_up_the_opening_part_first(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT", "DEPOSIT ann 1000", "SELL bob 4 @ 100", "BUY ann 4 @ 100",
          "SELL ann 10 @ 100");
    when(w, "MODIFY ann TO 5");
    then(w, "MODIFIED ann 5 @ 100 KEEPS", "RESERVED ann 100.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(leverage_divides_the_hold),
        in_a_world(a_hold_is_rounded_up),
        in_a_world(a_position_binds_its_margin),
        in_a_world(a_short_sale_needs_permission),
        in_a_world(a_short_binds_margin_and_its_proceeds_are_not_free),
        in_a_world(closing_needs_nothing_even_when_nothing_is_free),
        in_a_world(an_order_that_closes_and_opens_holds_for_the_opening_part),
        in_a_world(the_closing_part_trades_first),
        in_a_world(two_orders_do_not_close_the_same_position_twice),
        in_a_world(a_decrease_gives_up_the_opening_part_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
