/* tests/core/test_all_or_none.c - orders that trade whole or not at all; they wait beside the book and nobody sees them there. */
#include "tests/world/world.h"

static void it_waits_unseen_until_the_book_can_fill_it_whole(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 6 @ 100");
    when(w, "BUY ann 10 @ 100 AON");
    then(w, "NOTHING", "WAITS ann 10 ALL_OR_NONE price 100", "BIDS NONE", "ASKS 6 @ 100");
}

static void it_trades_as_soon_as_it_can_be_filled_whole(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 6 @ 100", "BUY ann 10 @ 100 AON");
    when(w, "SELL dan 3 @ 99", "SELL eve 1 @ 100");
    then(w, "FILL ann dan 3 @ 99", "FILL ann bob 6 @ 100", "FILL ann eve 1 @ 100", "GONE ann");
}

static void it_trades_at_once_when_it_can(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 6 @ 99", "SELL dan 6 @ 100");
    when(w, "BUY ann 10 @ 100 AON");
    then(w, "FILL ann bob 6 @ 99", "FILL ann dan 4 @ 100");
}

static void two_of_them_never_trade_with_each_other(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 10 @ 100 AON", "SELL bob 10 @ 100 AON");
    then(w, "NOTHING", "WAITS ann 10 ALL_OR_NONE", "WAITS bob 10 ALL_OR_NONE");
}

static void the_better_price_is_tried_first_then_the_older_order(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 100 AON", "BUY bob 10 @ 101 AON", "BUY cat 10 @ 101 AON");
    when(w, "SELL dan 20 @ 100");
    then(w, "FILL bob dan 10 @ 100", "FILL cat dan 10 @ 100", "WAITS ann 10 ALL_OR_NONE");
}

static void a_larger_one_does_not_stand_in_the_way_of_a_smaller_one(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 50 @ 101 AON", "BUY bob 10 @ 100 AON");
    when(w, "SELL dan 10 @ 100");
    then(w, "FILL bob dan 10 @ 100", "WAITS ann 50 ALL_OR_NONE");
}

static void what_rests_in_the_book_is_traded_before_it_is_looked_at(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 100 AON", "BUY bob 4 @ 100");
    when(w, "SELL dan 12 @ 100");
    then(w, "FILL dan bob 4 @ 100", "RESTS dan 8 @ 100", "WAITS ann 10 ALL_OR_NONE");
}

static void it_waits_in_an_auction_and_takes_no_part(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "SELL bob 10 @ 100", "BUY ann 10 @ 100 AON");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "STATE XYZ CONTINUOUS", "FILL ann bob 10 @ 100");
}

static void it_holds_like_any_order_and_ends_like_any_order(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 100 AON", "BUY bob 10 @ 100 AON GTC");
    when(w, "CANCEL bob", "END_OF_DAY");
    then(w, "CANCELLED bob 10 REQUESTED", "EXPIRED ann 10", "RESERVED ann 0.00");
}

static void what_it_does_not_go_with(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 10 @ 100 AON IOC", "BUY ann 10 @ MARKET AON", "BUY ann 10 @ 100 AON DISPLAY 5",
         "BUY ann 10 @ 100 AON POST_ONLY");
    then(w, "REJECT ann ALL_OR_NONE_NOT_ALLOWED", "REJECT ann ALL_OR_NONE_NOT_ALLOWED",
         "REJECT ann ALL_OR_NONE_NOT_ALLOWED", "REJECT ann ALL_OR_NONE_NOT_ALLOWED");
}

static void it_may_be_modified_and_is_tried_again(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 101", "BUY ann 10 @ 100 AON");
    when(w, "MODIFY ann @ 101");
    then(w, "FILL ann bob 10 @ 101", "GONE ann");
}

static void what_it_leaves_no_room_for_ends_with_its_time(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 100 AON GTD +1s");
    when(w, "WAIT +1s", "TICK");
    then(w, "EXPIRED ann 10", "RESERVED ann 0.00");
}

static void its_trades_elect_stops(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY eve 1 @ MARKET STOP 103", "BUY ann 10 @ 105 AON",
          "SELL dan 1 @ 110");
    when(w, "SELL bob 10 @ 104");
    then(w, "FILL ann bob 10 @ 104", "TRIGGERED eve 103 @ 104", "FILL eve dan 1 @ 110");
}

static void the_looks_of_one_command_share_what_one_command_may_do(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 4", "BUY ann 9 @ 100 AON", "BUY eve 9 @ 100 AON", "BUY fay 3 @ 100 AON");
    when(w, "SELL bob 1 @ 100", "SELL bob 1 @ 100", "SELL bob 1 @ 100");
    then(w, "NOTHING", "WAITS fay 3 ALL_OR_NONE", "ASKS 3 @ 100");
    when(w, "CANCEL ann", "CANCEL eve", "SELL bob 1 @ 101");
    then(w, "CANCELLED ann 9 REQUESTED", "CANCELLED eve 9 REQUESTED", "FILL fay bob 1 @ 100", "FILL fay bob 1 @ 100",
         "FILL fay bob 1 @ 100", "ASKS 1 @ 101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(it_waits_unseen_until_the_book_can_fill_it_whole),
        in_a_world(it_trades_as_soon_as_it_can_be_filled_whole),
        in_a_world(it_trades_at_once_when_it_can),
        in_a_world(two_of_them_never_trade_with_each_other),
        in_a_world(the_better_price_is_tried_first_then_the_older_order),
        in_a_world(a_larger_one_does_not_stand_in_the_way_of_a_smaller_one),
        in_a_world(what_rests_in_the_book_is_traded_before_it_is_looked_at),
        in_a_world(it_waits_in_an_auction_and_takes_no_part),
        in_a_world(it_holds_like_any_order_and_ends_like_any_order),
        in_a_world(what_it_does_not_go_with),
        in_a_world(it_may_be_modified_and_is_tried_again),
        in_a_world(what_it_leaves_no_room_for_ends_with_its_time),
        in_a_world(its_trades_elect_stops),
        in_a_world(the_looks_of_one_command_share_what_one_command_may_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
