/* tests/core/test_self_trade.c - an account meets its own order: five ways to go on, and an event for each match that was prevented. */
#include "tests/world/world.h"

static void without_prevention_an_account_may_trade_with_itself(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100");
    when(w, "BUY ann 4 @ 100");
    then(w, "FILL ann ann 4 @ 100", "POSITION ann 0", "RESTS ann 6 @ 100");
}

static void cancel_newest_ends_the_incoming_order(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL bob 10 @ 100");
    when(w, "BUY ann 4 @ 100 STP CANCEL_NEWEST");
    then(w, "PREVENTED ann 4 @ 100 CANCEL_NEWEST", "CANCELLED ann 4 SELF_TRADE", "ASKS 20 @ 100");
}

static void cancel_oldest_ends_the_resting_order_and_goes_on(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL bob 10 @ 100");
    when(w, "BUY ann 4 @ 100 STP CANCEL_OLDEST");
    then(w, "PREVENTED ann 4 @ 100 CANCEL_OLDEST", "CANCELLED ann 10 SELF_TRADE", "FILL ann bob 4 @ 100",
         "ASKS 6 @ 100");
}

static void cancel_both_ends_both(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL bob 10 @ 100");
    when(w, "BUY ann 4 @ 100 STP CANCEL_BOTH");
    then(w, "PREVENTED ann 4 @ 100 CANCEL_BOTH", "CANCELLED ann 10 SELF_TRADE", "CANCELLED ann 4 SELF_TRADE",
         "ASKS 10 @ 100");
}

static void decrement_takes_the_smaller_from_both(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL bob 10 @ 100");
    when(w, "BUY ann 4 @ 100 STP DECREMENT", "BUY ann 8 @ 100 STP DECREMENT");
    then(w, "PREVENTED ann 4 @ 100 DECREMENT", "REDUCED ann 6 SELF_TRADE", "CANCELLED ann 4 SELF_TRADE",
         "PREVENTED ann 6 @ 100 DECREMENT", "CANCELLED ann 6 SELF_TRADE", "REDUCED ann 2 SELF_TRADE",
         "FILL ann bob 2 @ 100", "ASKS 8 @ 100");
}

static void equal_orders_decrement_each_other_away(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100");
    when(w, "BUY ann 10 @ 100 STP DECREMENT");
    then(w, "PREVENTED ann 10 @ 100 DECREMENT", "CANCELLED ann 10 SELF_TRADE", "CANCELLED ann 10 SELF_TRADE",
         "GONE ann", "RESERVED ann 0.00");
}

static void what_stands_before_the_own_order_is_traded_first(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 3 @ 100", "SELL ann 10 @ 100");
    when(w, "BUY ann 10 @ 100 STP CANCEL_NEWEST");
    then(w, "FILL ann bob 3 @ 100", "PREVENTED ann 7 @ 100 CANCEL_NEWEST", "CANCELLED ann 7 SELF_TRADE",
         "RESTS ann 10 @ 100");
}

static void an_account_may_have_a_mode_of_its_own_and_an_order_another(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "ACCOUNT ann STP CANCEL_NEWEST");
    when(w, "BUY ann 4 @ 100", "BUY ann 4 @ 100 STP NONE");
    then(w, "PREVENTED ann 4 @ 100 CANCEL_NEWEST", "CANCELLED ann 4 SELF_TRADE", "FILL ann ann 4 @ 100");
}

static void the_mode_of_the_incoming_order_counts(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100 STP CANCEL_OLDEST");
    when(w, "BUY ann 4 @ 100 STP CANCEL_NEWEST");
    then(w, "PREVENTED ann 4 @ 100 CANCEL_NEWEST", "CANCELLED ann 4 SELF_TRADE", "RESTS ann 10 @ 100");
}

static void fill_or_kill_does_not_count_own_orders(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 100", "SELL bob 5 @ 100");
    when(w, "BUY ann 6 @ 100 FOK STP CANCEL_OLDEST", "BUY ann 5 @ 100 FOK STP CANCEL_OLDEST");
    then(w, "CANCELLED ann 6 FOK_UNFILLED", "PREVENTED ann 5 @ 100 CANCEL_OLDEST", "CANCELLED ann 10 SELF_TRADE",
         "FILL ann bob 5 @ 100");
}

static void a_market_order_of_a_cash_account_is_priced_without_its_own_orders(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 2200", "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 10 @ 110",
          "SELL bob 10 @ 120");
    when(w, "BUY ann 10 @ MARKET STP CANCEL_OLDEST");
    then(w, "PREVENTED ann 10 @ 110 CANCEL_OLDEST", "CANCELLED ann 10 SELF_TRADE", "FILL ann bob 10 @ 120",
         "CASH ann 0.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(without_prevention_an_account_may_trade_with_itself),
        in_a_world(cancel_newest_ends_the_incoming_order),
        in_a_world(cancel_oldest_ends_the_resting_order_and_goes_on),
        in_a_world(cancel_both_ends_both),
        in_a_world(decrement_takes_the_smaller_from_both),
        in_a_world(equal_orders_decrement_each_other_away),
        in_a_world(what_stands_before_the_own_order_is_traded_first),
        in_a_world(an_account_may_have_a_mode_of_its_own_and_an_order_another),
        in_a_world(the_mode_of_the_incoming_order_counts),
        in_a_world(fill_or_kill_does_not_count_own_orders),
        in_a_world(a_market_order_of_a_cash_account_is_priced_without_its_own_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
