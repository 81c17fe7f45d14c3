/* tests/core/test_modify.c - a smaller quantity keeps the place in the queue; anything else goes to its end and may
 * trade. */
#include "tests/world/world.h"

static void less_keeps_the_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 100");
    when(w, "MODIFY ann TO 3");
    then(w, "MODIFIED ann 3 @ 100 KEEPS", "QUEUE SELL 100 ann bob", "ASKS 8 @ 100");
}

static void more_loses_the_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 100");
    when(w, "MODIFY ann TO 6");
    then(w, "MODIFIED ann 6 @ 100 LOSES", "QUEUE SELL 100 bob ann");
}

static void another_price_loses_the_place_even_with_less(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 101");
    when(w, "MODIFY ann TO 4 @ 101");
    then(w, "MODIFIED ann 4 @ 101 LOSES", "QUEUE SELL 101 bob ann");
}

static void the_same_values_change_nothing_but_the_time(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 100");
    when(w, "MODIFY ann TO 5 @ 100");
    then(w, "MODIFIED ann 5 @ 100 KEEPS", "QUEUE SELL 100 ann bob");
}

static void a_price_that_crosses_trades_at_once(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101", "BUY cat 8 @ 99");
    when(w, "MODIFY cat @ 101");
    then(w, "MODIFIED cat 8 @ 101 LOSES", "FILL cat ann 5 @ 101", "RESTS cat 3 @ 101");
}

static void a_modified_aggressor_may_be_filled(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101", "BUY cat 5 @ 99");
    when(w, "MODIFY cat @ 102");
    then(w, "FILL cat ann 5 @ 101", "GONE cat", "GONE ann", "RESERVED cat 0.00");
}

static void a_modified_aggressor_stops_at_work_max(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "SELL ann 1 @ 101", "SELL bob 1 @ 101", "BUY cat 5 @ 99");
    when(w, "MODIFY cat @ 101");
    then(w, "FILL cat ann 1 @ 101", "CANCELLED cat 4 WORK_LIMIT", "RESTS bob 1 @ 101");
}

static void quantity_is_the_new_total_not_the_new_rest(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "BUY cat 4 @ 100");
    when(w, "MODIFY ann TO 7");
    then(w, "MODIFIED ann 3 @ 100 KEEPS", "RESTS ann 3 @ 100");
}

static void down_to_what_is_filled_cancels_the_rest(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "BUY cat 4 @ 100");
    when(w, "MODIFY ann TO 4");
    then(w, "CANCELLED ann 6 REDUCED_TO_FILLED", "GONE ann");
}

static void below_what_is_filled_cancels_the_rest_whatever_the_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "BUY cat 4 @ 100");
    when(w, "MODIFY ann TO 1 @ 0.333");
    then(w, "CANCELLED ann 6 REDUCED_TO_FILLED");
}

static void a_modify_needs_something_to_change(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100");
    when(w, "MODIFY ann", "MODIFY ann STOP 5", "MODIFY =77 TO 5", "MODIFY ann TO 0", "MODIFY ann TO 1.5",
         "MODIFY ann @ 0", "MODIFY ann @ 100.5");
    then(w, "REJECT ann FIELD_INVALID", "REJECT ann STOP_PRICE_NOT_ALLOWED", "REJECT ORDER_NOT_OPEN",
         "REJECT ann QUANTITY_NOT_POSITIVE", "REJECT ann QUANTITY_OFF_LOT", "REJECT ann PRICE_REQUIRED",
         "REJECT ann PRICE_OFF_TICK", "RESTS ann 10 @ 100");
}

static void a_closed_instrument_lets_orders_shrink_only(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "INSTRUMENT XYZ CLOSED");
    when(w, "MODIFY ann TO 11", "MODIFY ann @ 101", "MODIFY ann TO 9");
    then(w, "REJECT ann INSTRUMENT_NOT_OPEN", "REJECT ann INSTRUMENT_NOT_OPEN", "MODIFIED ann 9 @ 100 KEEPS");
}

static void a_halted_account_lets_orders_shrink_only(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "ACCOUNT ann HALTED");
    when(w, "MODIFY ann TO 11", "MODIFY ann TO 9 @ 100");
    then(w, "REJECT ann ACCOUNT_HALTED", "MODIFIED ann 9 @ 100 KEEPS");
}

static void what_an_order_has_is_not_judged_by_a_new_tick(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 101", "INSTRUMENT XYZ TICK 5 LOT 5");
    when(w, "MODIFY ann TO 10 @ 101", "MODIFY ann TO 9", "MODIFY ann TO 15 @ 101", "MODIFY ann @ 102");
    then(w, "MODIFIED ann 10 @ 101 KEEPS", "REJECT ann QUANTITY_OFF_LOT", "MODIFIED ann 15 @ 101 LOSES",
         "REJECT ann PRICE_OFF_TICK");
}

static void a_modify_that_costs_more_needs_the_cash(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "BUY ann 5 @ 100");
    when(w, "MODIFY ann TO 11", "MODIFY ann TO 10", "MODIFY ann @ 101", "MODIFY ann TO 9 @ 111");
    then(w, "REJECT ann CASH_SHORT", "MODIFIED ann 10 @ 100 LOSES", "REJECT ann CASH_SHORT",
         "MODIFIED ann 9 @ 111 LOSES", "RESERVED ann 999.00");
}

static void its_own_level_does_not_count_when_it_would_vanish(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS levels_max 2", "BUY ann 1 @ 90", "BUY bob 1 @ 91");
    when(w, "MODIFY ann @ 92", "BUY bob 1 @ 91");
    then(w, "MODIFIED ann 1 @ 92 LOSES", "REJECT bob LEVELS_FULL", "BIDS 1 @ 92 1 @ 91");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(less_keeps_the_place),
        in_a_world(more_loses_the_place),
        in_a_world(another_price_loses_the_place_even_with_less),
        in_a_world(the_same_values_change_nothing_but_the_time),
        in_a_world(a_price_that_crosses_trades_at_once),
        in_a_world(a_modified_aggressor_may_be_filled),
        in_a_world(a_modified_aggressor_stops_at_work_max),
        in_a_world(quantity_is_the_new_total_not_the_new_rest),
        in_a_world(down_to_what_is_filled_cancels_the_rest),
        in_a_world(below_what_is_filled_cancels_the_rest_whatever_the_price),
        in_a_world(a_modify_needs_something_to_change),
        in_a_world(a_closed_instrument_lets_orders_shrink_only),
        in_a_world(a_halted_account_lets_orders_shrink_only),
        in_a_world(what_an_order_has_is_not_judged_by_a_new_tick),
        in_a_world(a_modify_that_costs_more_needs_the_cash),
        in_a_world(its_own_level_does_not_count_when_it_would_vanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
