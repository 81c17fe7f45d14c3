/* tests/core/test_expiry.c - GTD orders end by their time, DAY orders by the END_OF_DAY command. */
#include "tests/world/world.h"

static void a_gtd_order_expires_before_the_first_command_at_or_after_its_time(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100 GTD +10s", "WAIT +10s");
    when(w, "BUY cat 5 @ 100");
    then(w, "EXPIRED ann 5", "RESTS cat 5 @ 100");
}

static void a_gtd_order_trades_until_its_time(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100 GTD +10s", "WAIT +9s");
    when(w, "BUY cat 2 @ 100", "WAIT +1s", "TICK");
    then(w, "FILL cat ann 2 @ 100", "EXPIRED ann 3", "GONE ann");
}

static void a_tick_alone_lets_timers_fire(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100 GTD +1s", "SELL bob 5 @ 100 GTD +1ms", "WAIT +1ms");
    when(w, "TICK");
    then(w, "EXPIRED bob 5", "RESTS ann 5 @ 100");
}

static void due_orders_expire_by_time_then_by_id(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100 GTD +10s", "SELL bob 2 @ 100 GTD +5s", "SELL cat 3 @ 100 GTD +9998ms", "WAIT +20s");
    when(w, "TICK");
    then(w, "EXPIRED bob 2", "EXPIRED ann 1", "EXPIRED cat 3");
}

static void timers_fire_before_a_command_that_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100 GTD +1s", "WAIT +2s");
    when(w, "CANCEL ann");
    then(w, "EXPIRED ann 1", "REJECT ann ORDER_NOT_OPEN");
}

static void more_timers_than_one_command_may_fire_wait_for_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL ann 1 @ 100 GTD +1s", "SELL bob 2 @ 100 GTD +1s", "SELL cat 3 @ 100 GTD +1s",
          "WAIT +2s");
    when(w, "CONTINUE", "TICK");
    then(w, "EXPIRED ann 1", "EXPIRED bob 2", "EXPIRED cat 3", "ORDERS 0");
}

static void a_modified_gtd_order_keeps_its_time(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100 GTD +10s", "MODIFY ann TO 7 @ 101", "WAIT +10s");
    when(w, "TICK");
    then(w, "EXPIRED ann 7");
}

static void the_end_of_the_day_ends_day_orders_only(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100 DAY", "SELL bob 2 @ 100 GTC", "SELL cat 3 @ 100 GTD +100s", "BUY dan 4 @ 90 DAY");
    when(w, "END_OF_DAY");
    then(w, "EXPIRED dan 4", "EXPIRED ann 1", "SWEPT 2 DONE", "QUEUE SELL 100 bob cat", "RESERVED dan 0.00");
}

static void the_end_of_the_day_of_one_instrument_leaves_the_others(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN USD TICK 1 LOT 1", "SELL ann 1 @ 100", "SELL ann 2 @ 100 OF ABC");
    when(w, "END_OF_DAY OF ABC", "END_OF_DAY OF NOTHING");
    then(w, "EXPIRED ann 2", "REJECT UNKNOWN_INSTRUMENT", "RESTS ann 1 @ 100");
}

static void a_long_end_of_day_goes_on_with_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "SELL ann 1 @ 100", "SELL bob 2 @ 100");
    when(w, "END_OF_DAY", "CONTINUE");
    then(w, "EXPIRED ann 1", "SWEPT 1 MORE", "EXPIRED bob 2", "SWEPT 1 DONE");
}

static void a_timer_may_end_the_order_a_sweep_waits_at(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "SELL ann 1 @ 100", "SELL bob 2 @ 100 GTD +1s", "SELL cat 3 @ 100", "END_OF_DAY",
          "WAIT +2s");
    when(w, "CONTINUE");
    then(w, "EXPIRED bob 2", "EXPIRED cat 3", "SWEPT 1 DONE", "ORDERS 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_gtd_order_expires_before_the_first_command_at_or_after_its_time),
        in_a_world(a_gtd_order_trades_until_its_time),
        in_a_world(a_tick_alone_lets_timers_fire),
        in_a_world(due_orders_expire_by_time_then_by_id),
        in_a_world(timers_fire_before_a_command_that_is_refused),
        in_a_world(more_timers_than_one_command_may_fire_wait_for_continue),
        in_a_world(a_modified_gtd_order_keeps_its_time),
        in_a_world(the_end_of_the_day_ends_day_orders_only),
        in_a_world(the_end_of_the_day_of_one_instrument_leaves_the_others),
        in_a_world(a_long_end_of_day_goes_on_with_continue),
        in_a_world(a_timer_may_end_the_order_a_sweep_waits_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
