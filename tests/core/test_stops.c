/* tests/core/test_stops.c - STOP and STOP_LIMIT: where they wait, what elects them, in which order, and what they may then pay. */
#include "tests/world/world.h"

static void a_stop_waits_beside_the_book(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "SELL ann 10 @ MARKET STOP 95", "BUY dan 5 @ MARKET STOP 105");
    then(w, "NOTHING", "WAITS ann 10 PENDING_TRIGGER stop 95", "WAITS dan 5 PENDING_TRIGGER stop 105", "BIDS NONE",
         "ASKS NONE");
}

static void a_sell_stop_is_elected_by_a_trade_at_or_below_its_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ MARKET STOP 95", "BUY dan 1 @ 96",
          "BUY dan 20 @ 95");
    when(w, "SELL bob 1 @ 96", "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 96", "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "FILL ann dan 10 @ 95", "GONE ann",
         "POSITION ann -10");
}

static void a_buy_stop_is_elected_by_a_trade_at_or_above_its_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY ann 10 @ MARKET STOP 105", "SELL dan 1 @ 104",
          "SELL dan 20 @ 106");
    when(w, "BUY bob 1 @ 104", "BUY bob 1 @ 106");
    then(w, "FILL bob dan 1 @ 104", "FILL bob dan 1 @ 106", "TRIGGERED ann 105 @ 106", "FILL ann dan 10 @ 106");
}

static void a_stop_limit_rests_at_its_limit_once_elected(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ 94 STOP 95", "BUY dan 1 @ 95", "BUY dan 3 @ 94",
          "BUY dan 50 @ 93");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "FILL ann dan 3 @ 94", "RESTS ann 7 @ 94", "BIDS 50 @ 93");
}

static void a_stop_needs_no_last_price_to_wait(void **state)
{
    struct world *w = *state;
    when(w, "SELL ann 10 @ MARKET STOP 95");
    then(w, "NOTHING", "WAITS ann 10 PENDING_TRIGGER stop 95");
}

static void a_stop_that_is_already_met_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "SELL ann 10 @ MARKET STOP 100", "BUY ann 10 @ MARKET STOP 99", "SELL ann 10 @ MARKET STOP 99");
    then(w, "REJECT ann STOP_WOULD_TRIGGER value 100 limit 100", "REJECT ann STOP_WOULD_TRIGGER value 99 limit 100",
         "ORDERS 1");
}

static void the_quote_elects_where_the_instrument_says_so(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 99 10 ASK 101 10", "SELL ann 5 @ MARKET STOP 95 VENUE BOOK",
          "BUY dan 9 @ 90");
    when(w, "SELL bob 1 @ 90", "QUOTE XYZ BID 96 10 ASK 98 10", "QUOTE XYZ BID 95 10 ASK 97 10");
    then(w, "FILL bob dan 1 @ 90", "TRIGGERED ann 95 @ 95", "FILL ann dan 5 @ 90");
}

static void a_buy_stop_watches_the_ask_of_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 99 10 ASK 101 10", "BUY ann 5 @ MARKET STOP 103 VENUE BOOK",
          "SELL dan 9 @ 110");
    when(w, "QUOTE XYZ BID 102 10 ASK 102 10", "QUOTE XYZ BID 101 10 ASK 104 10");
    then(w, "TRIGGERED ann 103 @ 104", "FILL ann dan 5 @ 110");
}

static void one_stop_may_elect_the_next(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 5 @ MARKET STOP 95", "SELL eve 5 @ MARKET STOP 90");
    given(w, "BUY dan 1 @ 95", "BUY dan 5 @ 90", "BUY dan 10 @ 85");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "FILL ann dan 5 @ 90", "TRIGGERED eve 90 @ 90",
         "FILL eve dan 5 @ 85", "BIDS 5 @ 85");
}

static void the_stop_nearest_to_the_market_is_elected_first_and_at_one_price_the_oldest(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    given(w, "SELL ann 1 @ MARKET STOP 94", "SELL eve 1 @ MARKET STOP 95", "SELL fay 1 @ MARKET STOP 95",
          "BUY dan 9 @ 90");
    when(w, "SELL bob 1 @ 90");
    then(w, "FILL bob dan 1 @ 90", "FILL eve dan 1 @ 90", "FILL fay dan 1 @ 90", "FILL ann dan 1 @ 90");
}

static void rising_prices_elect_before_falling_ones(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET STOP 95", "BUY eve 1 @ MARKET STOP 105");
    given(w, "SELL dan 1 @ 105", "SELL dan 9 @ 106", "BUY dan 9 @ 95");
    when(w, "BUY bob 1 @ 105", "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 105", "TRIGGERED eve 105 @ 105", "FILL eve dan 1 @ 106", "FILL bob dan 1 @ 95",
         "TRIGGERED ann 95 @ 95", "FILL ann dan 1 @ 95");
}

static void a_buy_stop_holds_its_price_and_the_collar(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 5");
    when(w, "BUY ann 10 @ MARKET STOP 110");
    then(w, "PLACED ann 10 @ MARKET hold 1150.00 stop 110 phase PENDING_TRIGGER", "RESERVED ann 1150.00");
}

static void a_sell_stop_that_opens_a_short_holds_its_stop_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 5");
    when(w, "SELL ann 10 @ MARKET STOP 95");
    then(w, "RESERVED ann 950.00");
}

static void a_stop_buys_what_it_can_pay_for_and_the_rest_goes(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 20 @ 120", "SELL eve 1 @ 110", "INSTRUMENT XYZ COLLAR 5");
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1150", "BUY ann 10 @ MARKET STOP 110");
    when(w, "BUY bob 1 @ MARKET");
    then(w, "FILL bob eve 1 @ 110", "TRIGGERED ann 110 @ 110", "FILL ann dan 9 @ 120", "CANCELLED ann 1 CASH_SHORT",
         "CASH ann 70.00", "RESERVED ann 0.00");
}

static void an_elected_market_order_stays_inside_the_collar_from_the_touch(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY dan 1 @ 95", "BUY dan 2 @ 94", "BUY dan 9 @ 80",
          "SELL ann 10 @ MARKET STOP 95");
    given(w, "INSTRUMENT XYZ COLLAR 10");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "FILL ann dan 2 @ 94", "CANCELLED ann 8 MARKET_REMAINDER", "BIDS 9 @ 80");
}

static void an_elected_order_is_judged_again(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ MARKET STOP 95", "BUY dan 9 @ 95",
          "ACCOUNT ann HALTED");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "CANCELLED ann 10 REFUSED reject ACCOUNT_HALTED",
         "RESERVED ann 0.00");
}

static void a_stop_that_would_open_a_position_is_refused_when_the_account_only_reduces(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ MARKET STOP 95", "BUY dan 9 @ 95",
          "ACCOUNT ann REDUCING");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "CANCELLED ann 10 REFUSED reject ACCOUNT_REDUCING");
}

static void the_stop_price_may_be_modified_and_the_order_goes_to_the_back(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET STOP 95", "SELL eve 1 @ MARKET STOP 90",
          "BUY dan 9 @ 90");
    when(w, "MODIFY ann STOP 90", "MODIFY eve STOP 100", "SELL bob 1 @ 90");
    then(w, "MODIFIED ann 1 @ MARKET LOSES stop 90", "REJECT eve STOP_WOULD_TRIGGER value 100 limit 100",
         "FILL bob dan 1 @ 90", "FILL eve dan 1 @ 90", "FILL ann dan 1 @ 90");
}

static void a_stop_is_cancelled_and_swept_like_any_order(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ MARKET STOP 95", "SELL bob 10 @ MARKET STOP 95 GTC",
          "SELL dan 10 @ MARKET STOP 95 GTD +1s");
    when(w, "CANCEL ann", "SELL ann 3 @ MARKET STOP 95", "END_OF_DAY", "WAIT +1s", "TICK");
    then(w, "CANCELLED ann 10 REQUESTED", "EXPIRED ann 3", "EXPIRED dan 10", "WAITS bob 10 PENDING_TRIGGER",
         "ORDERS 1");
}

static void a_stop_keeps_nothing_in_reserve_once_gone(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 10 @ MARKET STOP 95");
    when(w, "CANCEL ann");
    then(w, "CANCELLED ann 10 REQUESTED", "RESERVED ann 0.00");
}

static void what_belongs_to_stops_and_what_does_not(void **state)
{
    struct world *w = *state;
    when(w, "SELL ann 1 @ MARKET TYPE STOP", "SELL ann 1 @ 94 STOP 95 TYPE LIMIT", "SELL ann 1 @ MARKET STOP 95 IOC",
         "SELL ann 1 @ 94 STOP 95 TYPE STOP", "SELL ann 1 @ NONE STOP 95 TYPE STOP_LIMIT",
         "SELL ann 1 @ MARKET STOP 95.5");
    then(w, "REJECT ann STOP_PRICE_REQUIRED field stop_price", "REJECT ann STOP_PRICE_NOT_ALLOWED field stop_price",
         "REJECT ann FIELD_INVALID field tif", "REJECT ann PRICE_NOT_ALLOWED field price",
         "REJECT ann PRICE_REQUIRED field price", "REJECT ann PRICE_OFF_TICK field stop_price value 95.5 limit 1");
}

static void a_long_cascade_goes_on_with_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 4", "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY dan 9 @ 95");
    given(w, "SELL ann 1 @ MARKET STOP 95", "SELL eve 1 @ MARKET STOP 95", "SELL fay 1 @ MARKET STOP 95");
    given(w, "ACCOUNT gus", "DEPOSIT gus 1000");
    when(w, "SELL bob 1 @ 95", "BUY gus 1 @ 90", "CONTINUE", "BUY gus 1 @ 90");
    then(w, "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "FILL ann dan 1 @ 95", "TRIGGERED eve 95 @ 95",
         "CANCELLED eve 1 WORK_LIMIT", "REJECT gus SWEEP_PENDING", "TRIGGERED fay 95 @ 95", "FILL fay dan 1 @ 95",
         "SWEPT 0 DONE sweep CASCADE", "RESTS gus 1 @ 90", "SETTLED");
}

static void a_halt_forgets_what_was_elected_and_the_next_trade_elects_again(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 1 @ 105", "SELL dan 5 @ 111",
          "BUY ann 1 @ MARKET STOP 104", "INSTRUMENT XYZ COLLAR 10 HALT_ON_BREACH");
    when(w, "BUY bob 3 @ MARKET", "STATE XYZ CONTINUOUS", "BUY bob 1 @ 111");
    then(w, "FILL bob dan 1 @ 105", "CANCELLED bob 2 COLLAR_HALT", "FILL bob dan 1 @ 111", "TRIGGERED ann 104 @ 111",
         "FILL ann dan 1 @ 111");
}

static void a_stop_limit_holds_its_limit_price(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 10 @ 112 STOP 110");
    then(w, "RESERVED ann 1120.00");
}

static void a_stop_that_closes_a_position_holds_nothing(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100");
    when(w, "SELL ann 10 @ MARKET STOP 95");
    then(w, "PLACED ann 10 @ MARKET hold 0.00");
}

static void a_stop_may_be_smaller_and_keeps_its_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 5 @ MARKET STOP 95", "SELL eve 1 @ MARKET STOP 95",
          "BUY dan 9 @ 95");
    when(w, "MODIFY ann TO 2", "SELL bob 1 @ 95");
    then(w, "MODIFIED ann 2 @ MARKET KEEPS", "FILL bob dan 1 @ 95", "FILL ann dan 2 @ 95", "FILL eve dan 1 @ 95");
}

static void an_elected_stop_limit_outside_the_collar_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ 80 STOP 95", "BUY dan 9 @ 95",
          "INSTRUMENT XYZ COLLAR 10");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "CANCELLED ann 1 REFUSED reject PRICE_OUTSIDE_COLLAR");
}

static void a_triggered_stop_pays_for_no_more_than_the_work_left_can_trade(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 4", "ACCOUNT gus CASH", "DEPOSIT gus 315", "BUY gus 3 @ MARKET STOP 105");
    given(w, "SELL bob 1 @ 105", "SELL dan 1 @ 106", "SELL eve 1 @ 106", "SELL fay 9 @ 1000");
    when(w, "BUY cat 1 @ 105");
    then(w, "FILL cat bob 1 @ 105", "TRIGGERED gus 105 @ 105", "FILL gus dan 1 @ 106", "FILL gus eve 1 @ 106",
         "CANCELLED gus 1 WORK_LIMIT", "PENDING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_stop_waits_beside_the_book),
        in_a_world(a_sell_stop_is_elected_by_a_trade_at_or_below_its_price),
        in_a_world(a_buy_stop_is_elected_by_a_trade_at_or_above_its_price),
        in_a_world(a_stop_limit_rests_at_its_limit_once_elected),
        in_a_world(a_stop_needs_no_last_price_to_wait),
        in_a_world(a_stop_that_is_already_met_is_refused),
        in_a_world(the_quote_elects_where_the_instrument_says_so),
        in_a_world(a_buy_stop_watches_the_ask_of_the_quote),
        in_a_world(one_stop_may_elect_the_next),
        in_a_world(the_stop_nearest_to_the_market_is_elected_first_and_at_one_price_the_oldest),
        in_a_world(rising_prices_elect_before_falling_ones),
        in_a_world(a_buy_stop_holds_its_price_and_the_collar),
        in_a_world(a_sell_stop_that_opens_a_short_holds_its_stop_price),
        in_a_world(a_stop_buys_what_it_can_pay_for_and_the_rest_goes),
        in_a_world(an_elected_market_order_stays_inside_the_collar_from_the_touch),
        in_a_world(an_elected_order_is_judged_again),
        in_a_world(a_stop_that_would_open_a_position_is_refused_when_the_account_only_reduces),
        in_a_world(the_stop_price_may_be_modified_and_the_order_goes_to_the_back),
        in_a_world(a_stop_is_cancelled_and_swept_like_any_order),
        in_a_world(a_stop_keeps_nothing_in_reserve_once_gone),
        in_a_world(what_belongs_to_stops_and_what_does_not),
        in_a_world(a_long_cascade_goes_on_with_continue),
        in_a_world(a_halt_forgets_what_was_elected_and_the_next_trade_elects_again),
        in_a_world(a_stop_limit_holds_its_limit_price),
        in_a_world(a_stop_that_closes_a_position_holds_nothing),
        in_a_world(a_stop_may_be_smaller_and_keeps_its_place),
        in_a_world(an_elected_stop_limit_outside_the_collar_is_refused),
        in_a_world(a_triggered_stop_pays_for_no_more_than_the_work_left_can_trade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
