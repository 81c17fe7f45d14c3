/* tests/core/test_time_in_force.c - how long an order lives: IOC and FOK now or never, DAY, GTC and GTD in the book. */
#include "tests/world/world.h"

static void an_ioc_order_trades_what_it_can_and_leaves(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 4 @ 100");
    when(w, "BUY cat 10 @ 100 IOC");
    then(w, "FILL cat ann 4 @ 100", "CANCELLED cat 6 IOC_REMAINDER", "GONE cat", "RESERVED cat 0.00");
}

static void an_ioc_order_that_is_filled_has_no_remainder(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100");
    when(w, "BUY cat 10 @ 100 IOC");
    then(w, "FILL cat ann 10 @ 100");
}

static void an_ioc_order_does_not_go_beyond_its_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 4 @ 100", "SELL bob 4 @ 101");
    when(w, "BUY cat 10 @ 100 IOC");
    then(w, "FILL cat ann 4 @ 100", "CANCELLED cat 6 IOC_REMAINDER", "ASKS 4 @ 101");
}

static void a_fok_order_is_filled_whole(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 4 @ 100", "SELL bob 4 @ 101");
    when(w, "BUY cat 8 @ 101 FOK");
    then(w, "FILL cat ann 4 @ 100", "FILL cat bob 4 @ 101");
}

static void a_fok_order_that_cannot_be_filled_whole_trades_nothing(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 4 @ 100", "SELL bob 4 @ 102");
    when(w, "BUY cat 8 @ 101 FOK");
    then(w, "PLACED cat 8 @ 101", "CANCELLED cat 8 FOK_UNFILLED", "ASKS 4 @ 100 4 @ 102", "RESERVED cat 0.00");
}

static void a_fok_order_that_needs_more_work_than_one_command_may_do_trades_nothing(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL ann 1 @ 100", "SELL bob 1 @ 100", "SELL dan 1 @ 100");
    when(w, "BUY cat 3 @ 100 FOK");
    then(w, "CANCELLED cat 3 WORK_LIMIT", "ASKS 3 @ 100");
}

static void a_fok_market_order_respects_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ COLLAR 1", "SELL ann 4 @ 100", "SELL bob 4 @ 102");
    when(w, "BUY cat 8 @ MARKET FOK");
    then(w, "CANCELLED cat 8 FOK_UNFILLED");
}

static void gtc_and_day_orders_rest(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 1 @ 99 DAY", "BUY bob 1 @ 99 GTC");
    then(w, "NOTHING", "QUEUE BUY 99 ann bob");
}

static void a_gtd_order_needs_a_time_to_come(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 1 @ 99 GTD", "BUY ann 1 @ 99 GTD -1ns", "BUY ann 1 @ 99 GTC EXPIRES +1s");
    then(w, "REJECT ann EXPIRY_REQUIRED", "REJECT ann EXPIRY_REQUIRED", "REJECT ann EXPIRY_NOT_ALLOWED");
}

static void a_fok_order_is_not_walked_for_beyond_the_work_of_one_command(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL ann 1 @ 100", "SELL bob 1 @ 101", "SELL cat 1 @ 101");
    when(w, "BUY cat 9 @ 101 FOK STP CANCEL_NEWEST", "BUY cat 9 @ 100 FOK");
    then(w, "CANCELLED cat 9 WORK_LIMIT", "CANCELLED cat 9 FOK_UNFILLED", "ASKS 1 @ 100 2 @ 101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(an_ioc_order_trades_what_it_can_and_leaves),
        in_a_world(an_ioc_order_that_is_filled_has_no_remainder),
        in_a_world(an_ioc_order_does_not_go_beyond_its_price),
        in_a_world(a_fok_order_is_filled_whole),
        in_a_world(a_fok_order_that_cannot_be_filled_whole_trades_nothing),
        in_a_world(a_fok_order_that_needs_more_work_than_one_command_may_do_trades_nothing),
        in_a_world(a_fok_market_order_respects_the_collar),
        in_a_world(gtc_and_day_orders_rest),
        in_a_world(a_gtd_order_needs_a_time_to_come),
        in_a_world(a_fok_order_is_not_walked_for_beyond_the_work_of_one_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
