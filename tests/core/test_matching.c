/* tests/core/test_matching.c - who trades with whom, and at what price: best price first, then who came first. */
#include "tests/world/world.h"

static void a_buy_takes_the_cheapest_sell_first(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ 101", "SELL bob 10 @ 100");
    when(w, "BUY cat 15 @ 101");
    then(w, "FILL cat bob 10 @ 100", "FILL cat ann 5 @ 101", "RESTS ann 5 @ 101", "GONE bob", "GONE cat", "LAST 101");
}

static void a_sell_takes_the_highest_bid_first(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 99", "BUY bob 10 @ 100");
    when(w, "SELL cat 15 @ 99");
    then(w, "FILL cat bob 10 @ 100", "FILL cat ann 5 @ 99", "RESTS ann 5 @ 99");
}

static void at_one_price_who_came_first_trades_first(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 100", "SELL dan 5 @ 100");
    when(w, "BUY cat 7 @ 100");
    then(w, "FILL cat ann 5 @ 100", "FILL cat bob 2 @ 100", "QUEUE SELL 100 bob dan", "ASKS 8 @ 100");
}

static void a_partly_filled_order_keeps_its_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 100", "BUY cat 2 @ 100");
    when(w, "BUY cat 4 @ 100");
    then(w, "FILL cat ann 3 @ 100", "FILL cat bob 1 @ 100");
}

static void the_price_is_the_resting_orders(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 90");
    when(w, "BUY cat 5 @ 110");
    then(w, "FILL cat ann 5 @ 90", "CASH cat 999999550.00", "CASH ann 1000000450.00");
}

static void orders_that_do_not_meet_rest(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 10 @ 99", "SELL bob 10 @ 100");
    then(w, "PLACED ann 10 @ 99", "PLACED bob 10 @ 100", "BIDS 10 @ 99", "ASKS 10 @ 100", "LAST NONE");
}

static void what_is_left_of_an_aggressor_rests_at_its_own_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 4 @ 100");
    when(w, "BUY cat 10 @ 102");
    then(w, "FILL cat ann 4 @ 100", "RESTS cat 6 @ 102", "BIDS 6 @ 102", "ASKS NONE");
}

static void a_market_order_takes_every_level_it_needs(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100", "SELL bob 5 @ 250");
    when(w, "BUY cat 7 @ MARKET");
    then(w, "FILL cat ann 5 @ 100", "FILL cat bob 2 @ 250");
}

static void a_market_orders_remainder_is_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100");
    when(w, "BUY cat 7 @ MARKET");
    then(w, "FILL cat ann 5 @ 100", "CANCELLED cat 2 MARKET_REMAINDER", "GONE cat", "ORDERS 0");
}

static void a_market_order_that_finds_nobody_is_cancelled_whole(void **state)
{
    struct world *w = *state;
    when(w, "BUY cat 7 @ MARKET");
    then(w, "PLACED cat 7 @ MARKET", "CANCELLED cat 7 MARKET_REMAINDER");
}

static void a_market_order_does_not_leave_the_collar_around_the_touch(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ COLLAR 10", "SELL ann 5 @ 100", "SELL bob 5 @ 110", "SELL dan 5 @ 111");
    when(w, "BUY cat 15 @ MARKET");
    then(w, "FILL cat ann 5 @ 100", "FILL cat bob 5 @ 110", "CANCELLED cat 5 MARKET_REMAINDER", "RESTS dan 5 @ 111");
}

static void a_market_sell_stops_at_the_lower_collar(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ COLLAR 10", "BUY ann 5 @ 100", "BUY bob 5 @ 90", "BUY dan 5 @ 89");
    when(w, "SELL cat 15 @ MARKET");
    then(w, "FILL cat ann 5 @ 100", "FILL cat bob 5 @ 90", "CANCELLED cat 5 MARKET_REMAINDER", "BIDS 5 @ 89");
}

static void a_taker_stops_after_work_max_fills(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL ann 1 @ 100", "SELL bob 1 @ 100", "SELL dan 1 @ 100");
    when(w, "BUY cat 5 @ 100");
    then(w, "FILL cat ann 1 @ 100", "FILL cat bob 1 @ 100", "CANCELLED cat 3 WORK_LIMIT", "RESTS dan 1 @ 100",
         "GONE cat");
}

static void a_taker_with_nobody_left_to_meet_rests_even_after_work_max_fills(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL ann 1 @ 100", "SELL bob 1 @ 100", "SELL dan 1 @ 101");
    when(w, "BUY cat 5 @ 100");
    then(w, "FILL cat ann 1 @ 100", "FILL cat bob 1 @ 100", "RESTS cat 3 @ 100");
}

static void an_account_may_trade_with_itself(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100");
    when(w, "BUY ann 5 @ 100");
    then(w, "FILL ann ann 5 @ 100", "POSITION ann 0", "CASH ann 1000000000.00", "RESERVED ann 0.00");
}

static void instruments_have_books_of_their_own(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN USD TICK 1 LOT 1", "SELL ann 5 @ 100 OF ABC");
    when(w, "BUY cat 5 @ 100");
    then(w, "NOTHING", "RESTS cat 5 @ 100", "ASKS 5 @ 100 OF ABC", "ASKS NONE");
}

/* 125 x 10^17 is more than 64 bits hold. */
static void a_level_holds_more_than_any_one_account_may_have(void **state)
{
    struct world *w = *state;
    static const char *sell[] = {"SELL one 100000000000000000 @ 1", "SELL two 100000000000000000 @ 1",
                                 "SELL three 100000000000000000 @ 1", "SELL four 100000000000000000 @ 1",
                                 "SELL five 100000000000000000 @ 1"};
    given(w, "ACCOUNT one HOUSE", "ACCOUNT two HOUSE", "ACCOUNT three HOUSE", "ACCOUNT four HOUSE",
          "ACCOUNT five HOUSE", "ACCOUNT six HOUSE");
    for (int k = 0; k < 125; k++) given(w, sell[k % 5]);
    then(w, "ASKS 12500000000000000000 @ 1");
    when(w, "BUY six 100000000000000000 @ MARKET");
    then(w, "FILL six one 100000000000000000 @ 1", "ASKS 12400000000000000000 @ 1");
    when(w, "CANCEL two");
    then(w, "CANCELLED two 100000000000000000 REQUESTED", "ASKS 12300000000000000000 @ 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_buy_takes_the_cheapest_sell_first),
        in_a_world(a_sell_takes_the_highest_bid_first),
        in_a_world(at_one_price_who_came_first_trades_first),
        in_a_world(a_partly_filled_order_keeps_its_place),
        in_a_world(the_price_is_the_resting_orders),
        in_a_world(orders_that_do_not_meet_rest),
        in_a_world(what_is_left_of_an_aggressor_rests_at_its_own_price),
        in_a_world(a_market_order_takes_every_level_it_needs),
        in_a_world(a_market_orders_remainder_is_cancelled),
        in_a_world(a_market_order_that_finds_nobody_is_cancelled_whole),
        in_a_world(a_market_order_does_not_leave_the_collar_around_the_touch),
        in_a_world(a_market_sell_stops_at_the_lower_collar),
        in_a_world(a_taker_stops_after_work_max_fills),
        in_a_world(a_taker_with_nobody_left_to_meet_rests_even_after_work_max_fills),
        in_a_world(an_account_may_trade_with_itself),
        in_a_world(instruments_have_books_of_their_own),
        in_a_world(a_level_holds_more_than_any_one_account_may_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
