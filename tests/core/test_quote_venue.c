/* tests/core/test_quote_venue.c - the venue QUOTE: orders execute against the last quote, at its price and up to its size, with the house
 * account @QUOTE on the other side. */
#include "tests/world/world.h"

static void a_market_order_takes_the_quote_and_its_size_is_gone_until_the_next(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 3 @ MARKET VENUE QUOTE", "BUY bob 10 @ MARKET VENUE QUOTE");
    then(w, "FILL ann @QUOTE 3 @ 101", "FILL bob @QUOTE 5 @ 101", "QUOTE_LEFT BID 99 5 ASK 101 0",
         "WAITS bob 5 AT_QUOTE", "POSITION @QUOTE -8");
}

static void the_rest_waits_for_the_next_quote_and_the_average_is_weighted(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "BUY ann 10 @ MARKET VENUE QUOTE");
    when(w, "QUOTE XYZ BID 100 5 ASK 106 5");
    then(w, "FILL ann @QUOTE 2 @ 106", "GONE ann", "COST ann 1020.00", "QUOTE_LEFT BID 100 5 ASK 106 3");
}

static void a_limit_order_takes_what_is_not_worse_than_its_price(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 4 @ 100 VENUE QUOTE", "SELL bob 4 @ 98 VENUE QUOTE");
    then(w, "FILL bob @QUOTE 4 @ 99", "WAITS ann 4 AT_QUOTE price 100");
}

static void a_limit_order_trades_when_the_quote_comes_to_it(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "BUY ann 4 @ 100 VENUE QUOTE");
    when(w, "QUOTE XYZ BID 98 5 ASK 99 3", "QUOTE XYZ BID 98 5 ASK 100 3");
    then(w, "FILL ann @QUOTE 3 @ 99", "FILL ann @QUOTE 1 @ 100", "GONE ann");
}

static void better_prices_are_served_first_then_older_orders(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 90 5 ASK 200 8", "BUY ann 4 @ 100 VENUE QUOTE", "BUY bob 4 @ 101 VENUE QUOTE",
          "BUY cat 4 @ 101 VENUE QUOTE");
    when(w, "QUOTE XYZ BID 90 5 ASK 100 9");
    then(w, "FILL bob @QUOTE 4 @ 100", "FILL cat @QUOTE 4 @ 100", "FILL ann @QUOTE 1 @ 100", "WAITS ann 3 AT_QUOTE");
}

static void immediate_or_cancel_leaves_nothing_waiting(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 10 @ 101 IOC VENUE QUOTE");
    then(w, "FILL ann @QUOTE 8 @ 101", "CANCELLED ann 2 IOC_REMAINDER");
}

static void fill_or_kill_needs_the_whole_size(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 9 @ 101 FOK VENUE QUOTE", "BUY ann 8 @ 100 FOK VENUE QUOTE", "BUY ann 8 @ 101 FOK VENUE QUOTE");
    then(w, "CANCELLED ann 9 FOK_UNFILLED", "CANCELLED ann 8 FOK_UNFILLED", "FILL ann @QUOTE 8 @ 101");
}

static void the_book_and_the_quote_do_not_meet(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "SELL bob 5 @ 100");
    when(w, "BUY ann 5 @ MARKET VENUE QUOTE", "BUY cat 5 @ 101");
    then(w, "FILL ann @QUOTE 5 @ 101", "FILL cat bob 5 @ 100", "LAST 100");
}

static void a_stop_at_the_quote_becomes_a_market_order_at_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 99 5 ASK 101 8",
          "SELL ann 10 @ MARKET STOP 95 VENUE QUOTE");
    when(w, "QUOTE XYZ BID 95 6 ASK 97 5", "QUOTE XYZ BID 94 6 ASK 97 5");
    then(w, "TRIGGERED ann 95 @ 95", "FILL ann @QUOTE 6 @ 95", "FILL ann @QUOTE 4 @ 94", "POSITION ann -10");
}

static void a_market_order_that_cannot_pay_for_a_dearer_quote_takes_what_it_can(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "QUOTE XYZ BID 99 5 ASK 100 4", "BUY ann 10 @ MARKET VENUE QUOTE");
    when(w, "QUOTE XYZ BID 99 5 ASK 120 10");
    then(w, "FILL ann @QUOTE 5 @ 120", "CANCELLED ann 1 CASH_SHORT", "CASH ann 0.00");
}

static void without_a_quote_there_is_no_market(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5");
    when(w, "BUY ann 1 @ MARKET VENUE QUOTE", "SELL ann 1 @ MARKET VENUE QUOTE");
    then(w, "REJECT ann NO_QUOTE", "FILL ann @QUOTE 1 @ 99");
}

static void in_a_halted_instrument_the_quote_executes_nothing(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "BUY ann 4 @ 100 VENUE QUOTE", "TRADING HALTED OF XYZ");
    when(w, "QUOTE XYZ BID 98 5 ASK 99 8");
    then(w, "NOTHING", "WAITS ann 4 AT_QUOTE");
}

static void a_modified_order_is_tried_again(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "BUY ann 4 @ 100 VENUE QUOTE");
    when(w, "MODIFY ann @ 101");
    then(w, "FILL ann @QUOTE 4 @ 101");
}

static void what_it_does_not_offer(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 4 @ 100 VENUE QUOTE POST_ONLY", "BUY ann 4 @ 100 VENUE QUOTE AON",
         "BUY ann 4 @ 100 VENUE QUOTE DISPLAY 2", "BUY ann 4 @ 100 VENUE QUOTE IOC MIN 2",
         "BUY ann 4 @ 100 VENUE QUOTE ON_CLOSE");
    then(w, "REJECT ann NOT_SUPPORTED field venue", "REJECT ann NOT_SUPPORTED field venue",
         "REJECT ann NOT_SUPPORTED field venue", "REJECT ann NOT_SUPPORTED field venue",
         "REJECT ann NOT_SUPPORTED field venue");
}

static void a_quote_has_a_tick_a_lot_and_two_sides_in_order(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TICK 1 LOT 5");
    when(w, "QUOTE XYZ BID 99.5 5", "QUOTE XYZ BID 99 3", "QUOTE XYZ BID 99 5 ASK 98 5", "QUOTE XYZ BID -1 5",
         "QUOTE XYZ BID 99 5 ASK 99 5");
    then(w, "REJECT PRICE_OFF_TICK field bid value 99.5 limit 1",
         "REJECT QUANTITY_OFF_LOT field bid_quantity value 3 limit 5", "REJECT FIELD_INVALID field bid",
         "REJECT FIELD_INVALID field bid", "QUOTE_LEFT BID 99 5 ASK 99 5");
}

static void a_limit_order_holds_its_price_and_gets_the_better_one(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "QUOTE XYZ BID 90 5 ASK 101 8");
    when(w, "BUY ann 10 @ 100 VENUE QUOTE", "QUOTE XYZ BID 90 5 ASK 95 4");
    then(w, "PLACED ann 10 @ 100 hold 1000.00 phase AT_QUOTE", "FILL ann @QUOTE 4 @ 95", "RESERVED ann 600.00",
         "FREE ann 20.00");
}

static void orders_at_the_quote_are_swept_with_the_others(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8", "BUY ann 4 @ 100 VENUE QUOTE", "BUY bob 4 @ 100 GTC VENUE QUOTE",
          "BUY cat 4 @ 100 GTD +1s VENUE QUOTE");
    when(w, "END_OF_DAY", "WAIT +1s", "TICK", "MASS_CANCEL");
    then(w, "EXPIRED ann 4", "EXPIRED cat 4", "CANCELLED bob 4 MASS_CANCEL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_market_order_takes_the_quote_and_its_size_is_gone_until_the_next),
        in_a_world(the_rest_waits_for_the_next_quote_and_the_average_is_weighted),
        in_a_world(a_limit_order_takes_what_is_not_worse_than_its_price),
        in_a_world(a_limit_order_trades_when_the_quote_comes_to_it),
        in_a_world(better_prices_are_served_first_then_older_orders),
        in_a_world(immediate_or_cancel_leaves_nothing_waiting),
        in_a_world(fill_or_kill_needs_the_whole_size),
        in_a_world(the_book_and_the_quote_do_not_meet),
        in_a_world(a_stop_at_the_quote_becomes_a_market_order_at_the_quote),
        in_a_world(a_market_order_that_cannot_pay_for_a_dearer_quote_takes_what_it_can),
        in_a_world(without_a_quote_there_is_no_market),
        in_a_world(in_a_halted_instrument_the_quote_executes_nothing),
        in_a_world(a_modified_order_is_tried_again),
        in_a_world(what_it_does_not_offer),
        in_a_world(a_quote_has_a_tick_a_lot_and_two_sides_in_order),
        in_a_world(a_limit_order_holds_its_price_and_gets_the_better_one),
        in_a_world(orders_at_the_quote_are_swept_with_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
