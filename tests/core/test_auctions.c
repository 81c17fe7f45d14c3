/* tests/core/test_auctions.c - the one price of a call auction: the largest volume, then the smallest imbalance, then the side that
 * presses, then the reference; and who trades at it. */
#include "tests/world/world.h"

static void first_the_price_with_the_largest_volume(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 102", "BUY bob 10 @ 101", "SELL cat 10 @ 100", "SELL dan 10 @ 101");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 20 @ 101 imbalance 0", "FILL ann cat 10 @ 101", "FILL bob dan 10 @ 101");
}

static void then_the_price_with_the_smallest_imbalance(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 102", "BUY bob 5 @ 101", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 102 imbalance 0", "FILL ann cat 10 @ 102", "BIDS 5 @ 101");
}

static void then_buyers_press_the_price_up(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 103", "SELL cat 5 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 5 @ 103 imbalance 5", "FILL ann cat 5 @ 103");
}

static void then_sellers_press_the_price_down(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 5 @ 103", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 5 @ 100 imbalance -5", "FILL ann cat 5 @ 100");
}

static void with_no_pressure_the_price_nearest_to_the_last_one(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 102", "BUY bob 1 @ 102", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 103", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 102 imbalance 0", "FILL ann cat 10 @ 102");
}

static void a_last_price_above_all_gives_the_highest_of_them(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 200", "BUY bob 1 @ 200", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 103", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 103", "FILL ann cat 10 @ 103");
}

static void a_last_price_below_all_gives_the_lowest_of_them(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 50", "BUY bob 1 @ 50", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 103", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 100", "FILL ann cat 10 @ 100");
}

static void without_a_last_price_the_lowest_of_them(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 103", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 100", "FILL ann cat 10 @ 100");
}

static void pressure_from_both_sides_is_settled_by_the_last_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL eve 1 @ 101", "BUY eve 1 @ 101", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 100", "BUY bob 10 @ 101",
          "SELL cat 10 @ 100", "SELL dan 10 @ 101");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 101 imbalance -10", "FILL bob cat 10 @ 101", "BIDS 10 @ 100", "ASKS 10 @ 101");
}

static void and_goes_the_other_way_with_another_last_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL eve 1 @ 90", "BUY eve 1 @ 90", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 100", "BUY bob 10 @ 101",
          "SELL cat 10 @ 100", "SELL dan 10 @ 101");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 100 imbalance 10", "FILL bob cat 10 @ 100", "BIDS 10 @ 100", "ASKS 10 @ 101");
}

static void market_orders_trade_first_then_better_prices_then_older_orders(void **state)
{
    struct world *w = *state;
    given(w, "SELL eve 1 @ 100", "BUY eve 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "STATE XYZ PRE_OPEN");
    given(w, "BUY ann 5 @ 100", "BUY bob 5 @ 100", "BUY cat 5 @ 101", "BUY dan 5 @ MARKET ON_OPEN",
          "SELL fay 17 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 17 @ 100 imbalance 3", "FILL dan fay 5 @ 100", "FILL cat fay 5 @ 100", "FILL ann fay 5 @ 100",
         "FILL bob fay 2 @ 100", "BIDS 3 @ 100");
}

static void market_orders_alone_trade_at_the_last_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL eve 1 @ 100", "BUY eve 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "STATE XYZ PRE_OPEN");
    given(w, "BUY ann 5 @ MARKET ON_OPEN", "SELL bob 3 @ MARKET ON_OPEN");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 3 @ 100 imbalance 2", "FILL ann bob 3 @ 100", "CANCELLED ann 2 AUCTION_REMAINDER");
}

static void the_price_stays_inside_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "SELL eve 1 @ 100", "BUY eve 1 @ 100", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 120", "SELL bob 5 @ 90",
          "INSTRUMENT XYZ COLLAR 10");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 5 @ 110 imbalance 5", "FILL ann bob 5 @ 110");
}

static void the_indicative_price_is_the_one_that_would_be(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 102");
    when(w, "SELL cat 15 @ 100");
    then(w, "NOTHING", "INDICATIVE 10 @ 100 imbalance -5");
}

static void a_book_that_does_not_cross_has_none(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 99", "SELL cat 15 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "NOTHING", "INDICATIVE NONE", "BIDS 10 @ 99", "ASKS 15 @ 100", "SESSION XYZ CONTINUOUS");
}

static void both_sides_pay_the_dearer_of_their_fees(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 25", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 100", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "FILL ann cat 10 @ 100", "FEE ann 2.50", "FEE cat 2.50");
}

static void the_closing_auction_uncrosses_too(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ AUCTION", "BUY ann 10 @ 101", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CLOSED");
    then(w, "UNCROSSED 10 @ 100", "FILL ann cat 10 @ 100", "SESSION XYZ CLOSED", "LAST 100");
}

static void pre_open_to_closed_trades_nothing(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 101", "SELL cat 10 @ 100");
    when(w, "STATE XYZ CLOSED");
    then(w, "NOTHING", "SESSION XYZ CLOSED", "BIDS 10 @ 101", "ASKS 10 @ 100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(first_the_price_with_the_largest_volume),
        in_a_world(then_the_price_with_the_smallest_imbalance),
        in_a_world(then_buyers_press_the_price_up),
        in_a_world(then_sellers_press_the_price_down),
        in_a_world(with_no_pressure_the_price_nearest_to_the_last_one),
        in_a_world(a_last_price_above_all_gives_the_highest_of_them),
        in_a_world(a_last_price_below_all_gives_the_lowest_of_them),
        in_a_world(without_a_last_price_the_lowest_of_them),
        in_a_world(pressure_from_both_sides_is_settled_by_the_last_price),
        in_a_world(and_goes_the_other_way_with_another_last_price),
        in_a_world(market_orders_trade_first_then_better_prices_then_older_orders),
        in_a_world(market_orders_alone_trade_at_the_last_price),
        in_a_world(the_price_stays_inside_the_collar),
        in_a_world(the_indicative_price_is_the_one_that_would_be),
        in_a_world(a_book_that_does_not_cross_has_none),
        in_a_world(both_sides_pay_the_dearer_of_their_fees),
        in_a_world(the_closing_auction_uncrosses_too),
        in_a_world(pre_open_to_closed_trades_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
