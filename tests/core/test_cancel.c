/* tests/core/test_cancel.c - cancelling one order or many, and sweeps that are too long for one command. */
#include "tests/world/world.h"

static void a_cancel_takes_the_order_out_and_gives_its_hold_back(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 5 @ 100");
    when(w, "CANCEL ann");
    then(w, "CANCELLED ann 5 REQUESTED", "BIDS NONE", "RESERVED ann 0.00", "ORDERS 0");
}

static void an_order_that_is_not_open_cannot_be_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 5 @ 100", "SELL bob 5 @ 100");
    when(w, "CANCEL ann", "CANCEL =12345", "CANCEL =0");
    then(w, "REJECT ann ORDER_NOT_OPEN", "REJECT ORDER_NOT_OPEN", "REJECT ORDER_NOT_OPEN");
}

static void a_cancel_is_always_allowed(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 5 @ 100", "ACCOUNT ann HALTED", "INSTRUMENT XYZ HALTED");
    when(w, "CANCEL ann");
    then(w, "CANCELLED ann 5 REQUESTED");
}

static void a_mass_cancel_of_an_account_goes_by_age(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN USD TICK 1 LOT 1", "BUY ann 1 @ 90", "BUY bob 1 @ 91", "SELL ann 2 @ 110 OF ABC",
          "BUY ann 3 @ 95");
    when(w, "MASS_CANCEL ann");
    then(w, "CANCELLED ann 1 MASS_CANCEL", "CANCELLED ann 2 MASS_CANCEL", "CANCELLED ann 3 MASS_CANCEL", "SWEPT 3 DONE",
         "RESTS bob 1 @ 91", "GONE ann");
}

static void a_mass_cancel_of_all_goes_by_instrument_side_and_price(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN USD TICK 1 LOT 1", "BUY ann 1 @ 90 OF ABC", "SELL ann 2 @ 110", "SELL ann 3 @ 109",
          "BUY bob 4 @ 91", "BUY bob 5 @ 92");
    when(w, "MASS_CANCEL");
    then(w, "CANCELLED bob 5 MASS_CANCEL", "CANCELLED bob 4 MASS_CANCEL", "CANCELLED ann 3 MASS_CANCEL",
         "CANCELLED ann 2 MASS_CANCEL", "CANCELLED ann 1 MASS_CANCEL", "SWEPT 5 DONE", "ORDERS 0");
}

static void a_mass_cancel_takes_only_what_fits_its_filters(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN USD TICK 1 LOT 1", "BUY ann 1 @ 90", "SELL ann 2 @ 110", "SELL ann 3 @ 111 OF ABC",
          "SELL bob 4 @ 110");
    when(w, "MASS_CANCEL ann OF XYZ SELL");
    then(w, "CANCELLED ann 2 MASS_CANCEL", "SWEPT 1 DONE", "ORDERS 3");
}

static void a_mass_cancel_may_find_nothing(void **state)
{
    struct world *w = *state;
    when(w, "MASS_CANCEL");
    then(w, "NOTHING", "SWEPT 0 DONE");
}

static void a_mass_cancel_needs_names_that_exist(void **state)
{
    struct world *w = *state;
    when(w, "MASS_CANCEL nobody", "MASS_CANCEL OF NOTHING", "MASS_CANCEL SIDE 3");
    then(w, "REJECT UNKNOWN_ACCOUNT", "REJECT UNKNOWN_INSTRUMENT", "REJECT FIELD_INVALID");
}

static void a_sweep_that_is_too_long_goes_on_with_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "BUY ann 1 @ 90", "BUY ann 2 @ 90", "BUY ann 3 @ 90");
    when(w, "MASS_CANCEL ann", "CONTINUE", "CONTINUE");
    then(w, "CANCELLED ann 1 MASS_CANCEL", "CANCELLED ann 2 MASS_CANCEL", "SWEPT 2 MORE", "CANCELLED ann 3 MASS_CANCEL",
         "SWEPT 1 DONE", "ORDERS 0");
}

static void a_sweep_counts_the_orders_it_visits_not_those_it_ends(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "BUY ann 1 @ 90", "BUY bob 2 @ 89", "SELL bob 3 @ 110");
    when(w, "MASS_CANCEL SELL", "CONTINUE");
    then(w, "SWEPT 0 MORE", "CANCELLED bob 3 MASS_CANCEL", "SWEPT 1 DONE", "ORDERS 2");
}

static void while_a_sweep_is_pending_nothing_enters_the_book(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "BUY ann 1 @ 90", "BUY bob 2 @ 90", "MASS_CANCEL");
    when(w, "BUY ann 1 @ 90", "MODIFY bob TO 1", "MASS_CANCEL", "END_OF_DAY", "DEPOSIT ann 5");
    then(w, "REJECT ann SWEEP_PENDING", "REJECT bob SWEEP_PENDING", "REJECT SWEEP_PENDING", "REJECT SWEEP_PENDING",
         "REJECT SWEEP_PENDING", "ORDERS 1");
}

static void a_pending_sweep_steps_over_an_order_that_is_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "BUY ann 1 @ 90", "BUY bob 2 @ 90", "BUY cat 3 @ 90", "MASS_CANCEL");
    when(w, "CANCEL bob", "CONTINUE");
    then(w, "CANCELLED bob 2 REQUESTED", "CANCELLED cat 3 MASS_CANCEL", "SWEPT 1 DONE");
}

static void a_pending_sweep_is_over_when_its_last_order_goes(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "BUY ann 1 @ 90", "BUY bob 2 @ 90", "MASS_CANCEL");
    when(w, "CANCEL bob", "BUY ann 5 @ 90", "CONTINUE");
    then(w, "CANCELLED bob 2 REQUESTED", "RESTS ann 5 @ 90");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_cancel_takes_the_order_out_and_gives_its_hold_back),
        in_a_world(an_order_that_is_not_open_cannot_be_cancelled),
        in_a_world(a_cancel_is_always_allowed),
        in_a_world(a_mass_cancel_of_an_account_goes_by_age),
        in_a_world(a_mass_cancel_of_all_goes_by_instrument_side_and_price),
        in_a_world(a_mass_cancel_takes_only_what_fits_its_filters),
        in_a_world(a_mass_cancel_may_find_nothing),
        in_a_world(a_mass_cancel_needs_names_that_exist),
        in_a_world(a_sweep_that_is_too_long_goes_on_with_continue),
        in_a_world(a_sweep_counts_the_orders_it_visits_not_those_it_ends),
        in_a_world(while_a_sweep_is_pending_nothing_enters_the_book),
        in_a_world(a_pending_sweep_steps_over_an_order_that_is_cancelled),
        in_a_world(a_pending_sweep_is_over_when_its_last_order_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
