/* tests/core/test_sessions.c - the states of an instrument: which orders each takes, and what a change from one to the other does. */
#include "tests/world/world.h"

#include <stdio.h>

/* Which state takes which order: a row for each kind, a mark for each state in the order of the list below. */
static void each_state_takes_the_orders_it_should(void **unused)
{
    (void)unused;
    static const char *const states[] = {"CONTINUOUS", "PRE_OPEN", "AUCTION", "HALTED", "CLOSED"};
    static const struct {
        const char *order, *taken;
    } rows[] = {
        {"BUY ann 1 @ 99", "yyy--"},           {"BUY ann 1 @ 99 GTC", "yyy--"},
        {"BUY ann 1 @ 99 GTD +9s", "yyy--"},   {"BUY ann 4 @ 99 DISPLAY 2", "yyy--"},
        {"BUY ann 1 @ 99 AON", "yyy--"},       {"BUY ann 1 @ MARKET STOP 105", "yyy--"},
        {"BUY ann 1 @ 104 STOP 105", "yyy--"}, {"BUY ann 1 @ MARKET ON_CLOSE", "yyy--"},
        {"BUY ann 1 @ 99 ON_CLOSE", "yyy--"},  {"BUY ann 1 @ MARKET ON_OPEN", "-y---"},
        {"BUY ann 1 @ 99 ON_OPEN", "-y---"},   {"BUY ann 1 @ MARKET", "y----"},
        {"BUY ann 1 @ 99 IOC", "y----"},       {"BUY ann 1 @ 99 FOK", "y----"},
        {"BUY ann 1 @ 99 POST_ONLY", "y----"},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        for (int k = 0; k < 5; k++) {
            void *state;
            char sentence[64];
            assert_int_equal(world_setup(&state), 0);
            struct world *w = state;
            snprintf(sentence, sizeof sentence, "STATE XYZ %s", states[k]);
            given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "ACCOUNT ann",
                  "DEPOSIT ann 1000", sentence);
            when(w, rows[row].order);
            bool refused = w->events[w->events_count - 1].kind == EVENT_REJECTED;
            if (refused == (rows[row].taken[k] == 'y')) fail_msg("%s in %s", rows[row].order, states[k]);
            if (refused) then(w, "REJECT ann INSTRUMENT_NOT_OPEN field state");
            world_teardown(&state);
        }
}

static void orders_collect_in_pre_open_and_do_not_trade(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN");
    when(w, "BUY ann 10 @ 101", "SELL bob 10 @ 99");
    then(w, "NOTHING", "BIDS 10 @ 101", "ASKS 10 @ 99", "INDICATIVE 10 @ 99");
}

static void opening_uncrosses_and_goes_on_with_what_is_left(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "STATE XYZ PRE_OPEN", "BUY ann 10 @ 101", "SELL bob 6 @ 99");
    when(w, "STATE XYZ CONTINUOUS", "SELL dan 1 @ 101");
    then(w, "UNCROSSED 6 @ 101 imbalance 4", "FILL ann bob 6 @ 101",
         "STATE XYZ CONTINUOUS cause COMMAND before PRE_OPEN", "FILL dan ann 1 @ 101", "BIDS 3 @ 101");
}

static void an_on_open_order_takes_part_in_the_opening_only(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "STATE XYZ PRE_OPEN");
    given(w, "BUY ann 10 @ MARKET ON_OPEN", "BUY dan 5 @ 100 ON_OPEN", "SELL bob 12 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 12 @ 100 imbalance 3", "FILL ann bob 10 @ 100", "FILL dan bob 2 @ 100",
         "CANCELLED dan 3 AUCTION_REMAINDER", "BIDS NONE");
}

static void an_on_close_order_is_parked_until_the_closing_auction(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "BUY ann 10 @ MARKET ON_CLOSE",
          "SELL dan 4 @ 100 ON_CLOSE");
    when(w, "STATE XYZ AUCTION", "STATE XYZ CLOSED");
    then(w, "ACTIVATED ann 10", "ACTIVATED dan 4", "STATE XYZ AUCTION", "UNCROSSED 4 @ 100", "FILL ann dan 4 @ 100",
         "CANCELLED ann 6 AUCTION_REMAINDER", "STATE XYZ CLOSED", "SESSION XYZ CLOSED", "ORDERS 0");
}

static void a_parked_order_is_not_in_the_book(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY ann 10 @ 100 ON_CLOSE");
    when(w, "SELL bob 5 @ 100");
    then(w, "NOTHING", "WAITS ann 10 PARKED price 100", "BIDS NONE", "ASKS 5 @ 100");
}

static void a_market_order_of_an_auction_holds_the_last_price_and_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "STATE XYZ PRE_OPEN");
    when(w, "BUY ann 10 @ MARKET ON_OPEN");
    then(w, "RESERVED ann 1200.00");
}

static void without_a_last_price_and_a_collar_it_cannot_be_held_for(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ PRE_OPEN COLLAR 10");
    when(w, "BUY ann 10 @ MARKET ON_OPEN", "BUY ann 10 @ 100 ON_OPEN");
    then(w, "REJECT ann NO_REFERENCE_PRICE", "RESTS ann 10 @ 100");
}

static void in_a_closed_instrument_orders_may_only_be_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 99", "BUY ann 5 @ 98 AS low", "STATE XYZ CLOSED");
    when(w, "BUY ann 1 @ 97", "MODIFY low @ 97", "MODIFY low TO 4", "CANCEL low");
    then(w, "REJECT ann INSTRUMENT_NOT_OPEN", "REJECT ann INSTRUMENT_NOT_OPEN", "CANCELLED ann 4 REQUESTED",
         "BIDS 10 @ 99");
}

static void a_halt_keeps_the_book_and_continuing_uncrosses_it(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 99", "STATE XYZ HALTED");
    when(w, "SELL bob 10 @ 99", "STATE XYZ AUCTION", "SELL bob 10 @ 98", "STATE XYZ CONTINUOUS");
    then(w, "REJECT bob INSTRUMENT_NOT_OPEN", "FILL ann bob 10 @ 98");
}

static void stops_are_elected_after_the_uncross(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "STATE XYZ AUCTION", "SELL ann 5 @ MARKET STOP 95",
          "BUY dan 15 @ 95", "SELL bob 10 @ 95");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "UNCROSSED 10 @ 95", "FILL dan bob 10 @ 95", "STATE XYZ CONTINUOUS", "TRIGGERED ann 95 @ 95",
         "FILL ann dan 5 @ 95");
}

static void a_fill_outside_the_collar_halts_the_instrument_where_that_is_set(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 5 @ 105", "SELL dan 5 @ 115",
          "INSTRUMENT XYZ COLLAR 10 HALT_ON_BREACH");
    when(w, "BUY ann 5 @ MARKET", "SELL bob 1 @ 104", "CANCEL bob", "BUY ann 1 @ MARKET");
    then(w, "FILL ann dan 5 @ 105", "CANCELLED bob 1 REQUESTED", "FILL ann dan 1 @ 115", "SESSION XYZ CONTINUOUS");
}

static void a_breach_stops_the_order_in_the_middle(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 5 @ 105", "SELL dan 5 @ 115",
          "INSTRUMENT XYZ COLLAR 10 HALT_ON_BREACH");
    when(w, "BUY ann 8 @ MARKET", "BUY ann 1 @ 105");
    then(w, "FILL ann dan 5 @ 105", "STATE XYZ HALTED cause COLLAR", "CANCELLED ann 3 COLLAR_HALT",
         "REJECT ann INSTRUMENT_NOT_OPEN", "ASKS 5 @ 115");
}

static void without_the_switch_a_market_order_ends_at_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 5 @ 105", "SELL dan 5 @ 116", "INSTRUMENT XYZ COLLAR 10");
    when(w, "BUY ann 8 @ MARKET");
    then(w, "FILL ann dan 5 @ 105", "CANCELLED ann 3 MARKET_REMAINDER", "SESSION XYZ CONTINUOUS");
}

static void icebergs_count_in_full_in_an_auction(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "SELL bob 30 @ 100 DISPLAY 5", "BUY ann 20 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "FILL ann bob 20 @ 100", "ASKS 5 @ 100", "HIDDEN SELL 100 5");
}

static void self_trades_are_prevented_before_the_price_is_found(void **state)
{
    struct world *w = *state;
    given(w, "STATE XYZ PRE_OPEN", "BUY ann 10 @ 101", "SELL ann 10 @ 99 STP CANCEL_OLDEST", "BUY bob 4 @ 99");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "PREVENTED ann 10 @ MARKET CANCEL_OLDEST", "CANCELLED ann 10 SELF_TRADE", "UNCROSSED 4 @ 99",
         "FILL bob ann 4 @ 99", "STATE XYZ CONTINUOUS");
}

static void the_end_of_day_ends_day_and_auction_orders(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99", "BUY bob 1 @ 99 GTC", "BUY cat 1 @ 99 ON_CLOSE", "BUY dan 1 @ 99 GTD +9s");
    when(w, "END_OF_DAY");
    then(w, "EXPIRED ann 1", "EXPIRED cat 1", "BIDS 2 @ 99");
}

static void an_instrument_may_be_made_in_any_state(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT ABC TICK 1 CLOSED", "BUY ann 1 @ 100 OF ABC");
    then(w, "REJECT ann INSTRUMENT_NOT_OPEN field state", "SESSION ABC CLOSED");
}

static void a_long_auction_goes_on_with_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 5", "ACCOUNT eve", "DEPOSIT eve 1000", "STATE XYZ PRE_OPEN", "BUY ann 1 @ 100",
          "BUY bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 3 @ 100");
    when(w, "STATE XYZ CONTINUOUS", "BUY eve 1 @ 90", "CANCEL dan", "CONTINUE", "BUY eve 1 @ 90");
    then(w, "FILL ann dan 1 @ 100", "FILL bob dan 1 @ 100", "REJECT eve SWEEP_PENDING", "CANCELLED dan 1 REQUESTED",
         "STATE XYZ CONTINUOUS", "SWEPT 0 DONE sweep AUCTION", "BIDS 1 @ 100 1 @ 90");
}

static void a_pair_in_an_auction_trades_once(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 90", "BUY ann 10 @ 90", "STATE XYZ AUCTION", "OCO SELL ann 10 @ 99 OR @ 100",
          "BUY cat 20 @ 100");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "FILL cat ann 10 @ 100", "CANCELLED ann 10 OCO", "POSITION ann 0", "BIDS 10 @ 100");
}

static void an_auction_order_that_is_too_dear_when_it_joins_goes(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 20", "ACCOUNT ann CASH", "DEPOSIT ann 1200",
          "BUY ann 10 @ MARKET ON_CLOSE");
    given(w, "SELL bob 1 @ 110", "BUY cat 1 @ 110");
    when(w, "STATE XYZ AUCTION");
    then(w, "CANCELLED ann 10 CASH_SHORT", "RESERVED ann 0.00");
}

static void a_change_to_the_same_state_changes_nothing(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 10 @ 99");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "NOTHING", "BIDS 10 @ 99");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(orders_collect_in_pre_open_and_do_not_trade),
        in_a_world(opening_uncrosses_and_goes_on_with_what_is_left),
        in_a_world(an_on_open_order_takes_part_in_the_opening_only),
        in_a_world(an_on_close_order_is_parked_until_the_closing_auction),
        in_a_world(a_parked_order_is_not_in_the_book),
        in_a_world(a_market_order_of_an_auction_holds_the_last_price_and_the_collar),
        in_a_world(without_a_last_price_and_a_collar_it_cannot_be_held_for),
        in_a_world(in_a_closed_instrument_orders_may_only_be_cancelled),
        in_a_world(a_halt_keeps_the_book_and_continuing_uncrosses_it),
        in_a_world(stops_are_elected_after_the_uncross),
        in_a_world(a_fill_outside_the_collar_halts_the_instrument_where_that_is_set),
        in_a_world(a_breach_stops_the_order_in_the_middle),
        in_a_world(without_the_switch_a_market_order_ends_at_the_collar),
        in_a_world(icebergs_count_in_full_in_an_auction),
        in_a_world(self_trades_are_prevented_before_the_price_is_found),
        in_a_world(the_end_of_day_ends_day_and_auction_orders),
        in_a_world(an_instrument_may_be_made_in_any_state),
        in_a_world(a_long_auction_goes_on_with_continue),
        in_a_world(a_pair_in_an_auction_trades_once),
        in_a_world(an_auction_order_that_is_too_dear_when_it_joins_goes),
        in_a_world(a_change_to_the_same_state_changes_nothing),
        cmocka_unit_test(each_state_takes_the_orders_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
