/* tests/core/test_min_quantity.c - orders that take at once at least so much, or nothing. */
#include "tests/world/world.h"

static void less_than_the_minimum_is_not_taken(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 100");
    when(w, "BUY ann 10 @ 100 IOC MIN 5");
    then(w, "CANCELLED ann 10 MIN_QUANTITY", "ASKS 4 @ 100");
}

static void the_minimum_may_come_from_many_orders(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 99", "SELL dan 2 @ 100", "SELL eve 9 @ 101");
    when(w, "BUY ann 10 @ 100 IOC MIN 6");
    then(w, "FILL ann bob 4 @ 99", "FILL ann dan 2 @ 100", "CANCELLED ann 4 IOC_REMAINDER");
}

static void a_market_order_may_have_one(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 99");
    when(w, "BUY ann 10 @ MARKET MIN 5", "BUY ann 10 @ MARKET MIN 4");
    then(w, "CANCELLED ann 10 MIN_QUANTITY", "FILL ann bob 4 @ 99", "CANCELLED ann 6 MARKET_REMAINDER");
}

static void a_market_order_counts_only_what_is_inside_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 100", "SELL bob 4 @ 120", "INSTRUMENT XYZ COLLAR 10");
    when(w, "BUY ann 8 @ MARKET MIN 5");
    then(w, "CANCELLED ann 8 MIN_QUANTITY");
}

static void what_it_does_not_go_with(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ LOT 5");
    when(w, "BUY ann 10 @ 100 MIN 5", "BUY ann 10 @ 100 FOK MIN 5", "BUY ann 10 @ 100 IOC MIN 15",
         "BUY ann 10 @ 100 IOC MIN 3", "BUY ann 10 @ 100 IOC MIN 0");
    then(w, "REJECT ann MIN_QUANTITY_NOT_ALLOWED", "REJECT ann MIN_QUANTITY_NOT_ALLOWED",
         "REJECT ann MIN_QUANTITY_NOT_ALLOWED", "REJECT ann QUANTITY_OFF_LOT field min_quantity value 3 limit 5",
         "REJECT ann QUANTITY_NOT_POSITIVE field min_quantity value 0");
}

static void the_minimum_comes_from_as_many_orders_as_one_command_may_touch(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL bob 1 @ 100", "SELL dan 1 @ 100", "SELL eve 1 @ 100");
    when(w, "BUY ann 3 @ 100 IOC MIN 3", "BUY ann 3 @ 100 IOC MIN 2");
    then(w, "CANCELLED ann 3 MIN_QUANTITY", "FILL ann bob 1 @ 100", "FILL ann dan 1 @ 100",
         "CANCELLED ann 1 WORK_LIMIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(less_than_the_minimum_is_not_taken),
        in_a_world(the_minimum_may_come_from_many_orders),
        in_a_world(a_market_order_may_have_one),
        in_a_world(a_market_order_counts_only_what_is_inside_the_collar),
        in_a_world(what_it_does_not_go_with),
        in_a_world(the_minimum_comes_from_as_many_orders_as_one_command_may_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
