/* tests/core/test_positions.c - what an account holds: average cost, realised profit, long, short and through zero. */
#include "tests/world/world.h"

static void buying_adds_to_the_cost(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL ann 10 @ 110");
    when(w, "BUY cat 15 @ 110");
    then(w, "FILL cat ann 10 @ 100", "FILL cat ann 5 @ 110", "POSITION cat 15", "COST cat 1550.00", "REALIZED cat 0.00",
         "POSITION ann -15", "COST ann -1550.00");
}

static void selling_realizes_against_the_average_cost(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL ann 10 @ 110", "BUY cat 20 @ 110", "BUY dan 5 @ 120");
    when(w, "SELL cat 5 @ 120");
    then(w, "FILL cat dan 5 @ 120", "POSITION cat 15", "COST cat 1575.00", "REALIZED cat 75.00");
}

static void a_share_of_the_cost_is_rounded_half_to_even(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TICK 1", "SELL ann 1 @ 1", "SELL ann 2 @ 2", "BUY cat 3 @ 2", "BUY dan 1 @ 2");
    when(w, "SELL cat 1 @ 2");
    then(w, "FILL cat dan 1 @ 2", "COST cat 3.33", "REALIZED cat 0.33", "POSITION cat 2");
}

static void a_short_gains_when_the_price_falls(void **state)
{
    struct world *w = *state;
    given(w, "BUY bob 10 @ 100", "SELL cat 10 @ 100", "SELL bob 10 @ 90");
    when(w, "BUY cat 4 @ 90");
    then(w, "FILL cat bob 4 @ 90", "POSITION cat -6", "COST cat -600.00", "REALIZED cat 40.00");
}

static void a_fill_may_turn_a_long_into_a_short(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "BUY cat 10 @ 100", "BUY dan 25 @ 110");
    when(w, "SELL cat 25 @ 110");
    then(w, "FILL cat dan 25 @ 110", "POSITION cat -15", "COST cat -1650.00", "REALIZED cat 100.00");
}

static void a_closed_position_costs_nothing(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 3 @ 100", "BUY cat 3 @ 100", "BUY dan 3 @ 101");
    when(w, "SELL cat 3 @ 101");
    then(w, "FILL cat dan 3 @ 101", "POSITION cat 0", "COST cat 0.00", "REALIZED cat 3.00", "FREE cat 1000000003.00");
}

static void a_position_that_says_nothing_leaves_room_for_another(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS positions_max 1", "BUY ann 1 @ 100");
    when(w, "BUY bob 1 @ 100", "CANCEL ann", "BUY bob 1 @ 100");
    then(w, "REJECT bob POSITIONS_FULL", "CANCELLED ann 1 REQUESTED", "RESTS bob 1 @ 100");
}

static void a_reducing_account_may_only_reduce(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "BUY cat 10 @ 100", "ACCOUNT cat REDUCING");
    when(w, "BUY cat 1 @ 90", "SELL cat 6 @ 110", "SELL cat 5 @ 110", "SELL cat 4 @ 110");
    then(w, "REJECT cat ACCOUNT_REDUCING", "REJECT cat ACCOUNT_REDUCING", "RESTS cat 6 @ 110", "RESTS cat 4 @ 110");
}

static void the_position_has_a_largest_size(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT whale HOUSE");
    for (int i = 0; i < 40; i++) given(w, "BUY whale 100000000000000000 @ 1");
    when(w, "BUY whale 1 @ 1", "SELL whale 1 @ 2");
    then(w, "REJECT whale POSITION_TOO_LARGE value 4000000000000000001 limit 4000000000000000000", "RESTS whale 1 @ 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(buying_adds_to_the_cost),
        in_a_world(selling_realizes_against_the_average_cost),
        in_a_world(a_share_of_the_cost_is_rounded_half_to_even),
        in_a_world(a_short_gains_when_the_price_falls),
        in_a_world(a_fill_may_turn_a_long_into_a_short),
        in_a_world(a_closed_position_costs_nothing),
        in_a_world(a_position_that_says_nothing_leaves_room_for_another),
        in_a_world(a_reducing_account_may_only_reduce),
        in_a_world(the_position_has_a_largest_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
