/* tests/core/test_instruments.c - what an instrument allows: ticks, lots, sizes, notionals, collars, states, and their
 * changes. */
#include "tests/world/world.h"

static void prices_are_multiples_of_the_tick(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 0.05 LOT 1");
    when(w, "BUY ann 1 @ 10.05 OF ABC", "BUY ann 1 @ 10.06 OF ABC", "BUY ann 1 @ 10.055 OF ABC",
         "BUY ann 1 @ 10.0500 OF ABC");
    then(w, "REJECT ann PRICE_OFF_TICK", "REJECT ann PRICE_OFF_TICK", "BIDS 2 @ 10.05 OF ABC");
}

static void quantities_are_multiples_of_the_lot(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 1 LOT 0.5");
    when(w, "BUY ann 1.5 @ 10 OF ABC", "BUY ann 1.2 @ 10 OF ABC", "BUY ann 0.25 @ 10 OF ABC");
    then(w, "REJECT ann QUANTITY_OFF_LOT", "REJECT ann QUANTITY_OFF_LOT", "BIDS 1.5 @ 10 OF ABC");
}

static void quantities_stay_between_minimum_and_maximum(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MIN 5 MAX 10");
    when(w, "BUY ann 4 @ 10", "BUY ann 11 @ 10", "BUY ann 5 @ 10", "BUY ann 10 @ 10");
    then(w, "REJECT ann QUANTITY_TOO_SMALL", "REJECT ann QUANTITY_TOO_LARGE", "BIDS 15 @ 10");
}

static void an_orders_notional_has_a_maximum(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAX_NOTIONAL 1000");
    when(w, "BUY ann 10 @ 100", "BUY ann 10 @ 101");
    then(w, "REJECT ann NOTIONAL_TOO_LARGE", "BIDS 10 @ 100");
}

static void a_sells_notional_counts_the_bid_it_may_meet(void **state)
{
    struct world *w = *state;
    given(w, "BUY bob 1 @ 200", "INSTRUMENT XYZ MAX_NOTIONAL 1000");
    when(w, "SELL ann 6 @ 100", "SELL ann 6 @ MARKET", "SELL ann 5 @ 100");
    then(w, "REJECT ann NOTIONAL_TOO_LARGE", "REJECT ann NOTIONAL_TOO_LARGE", "FILL ann bob 1 @ 200",
         "RESTS ann 4 @ 100");
}

static void prices_stay_inside_the_collar_around_the_last_trade(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY ann 1 @ 100", "INSTRUMENT XYZ COLLAR 10");
    when(w, "BUY ann 1 @ 89", "SELL bob 1 @ 111", "BUY ann 1 @ 90", "SELL bob 1 @ 110");
    then(w, "REJECT ann PRICE_OUTSIDE_COLLAR", "REJECT bob PRICE_OUTSIDE_COLLAR", "BIDS 1 @ 90", "ASKS 1 @ 110");
}

static void there_is_no_collar_before_the_first_trade(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ COLLAR 1");
    when(w, "BUY ann 1 @ 1", "SELL bob 1 @ 1000");
    then(w, "NOTHING", "ORDERS 2");
}

static void only_a_continuous_instrument_takes_orders(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ HALTED");
    when(w, "BUY ann 1 @ 1", "INSTRUMENT XYZ CLOSED", "BUY ann 1 @ 1", "INSTRUMENT XYZ CONTINUOUS", "BUY ann 1 @ 1");
    then(w, "REJECT ann INSTRUMENT_NOT_OPEN", "REJECT ann INSTRUMENT_NOT_OPEN", "BIDS 1 @ 1");
}

static void scales_follow_from_the_first_tick_and_lot(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 0.0100 LOT 10");
    when(w, "INSTRUMENT ABC TICK 0.05", "INSTRUMENT ABC TICK 0.005", "INSTRUMENT ABC LOT 0.1", "INSTRUMENT ABC LOT 7");
    then(w, "REJECT SCALE_FIXED", "REJECT SCALE_FIXED");
}

static void an_instruments_currency_is_fixed(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT XYZ IN EUR", "INSTRUMENT XYZ IN USD");
    then(w, "REJECT SCALE_FIXED");
}

static void a_tick_times_a_lot_is_a_whole_number_of_cents(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT ABC TICK 0.001 LOT 1", "INSTRUMENT ABC TICK 0.001 LOT 10", "INSTRUMENT ABC LOT 1");
    then(w, "REJECT STEP_NOT_WHOLE", "REJECT STEP_NOT_WHOLE");
}

static void open_orders_stay_when_the_tick_changes(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 3 @ 101", "INSTRUMENT XYZ TICK 5 LOT 10");
    when(w, "BUY cat 10 @ 105");
    then(w, "FILL cat ann 3 @ 101", "RESTS cat 7 @ 105");
}

static void an_unknown_currency_is_made_with_two_decimals(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN EUR TICK 0.01 LOT 1", "BUY ann 1 @ 1.23 OF ABC");
    when(w, "CURRENCY EUR SCALE 3", "CURRENCY EUR SCALE 2", "CURRENCY EUR");
    then(w, "REJECT SCALE_FIXED", "RESERVED ann 1.23 EUR");
}

static void quotes_are_recorded_and_trade_with_nobody(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 100");
    when(w, "QUOTE XYZ BID 101 5 ASK 102 5", "QUOTE XYZ BID 103 1 ASK 102 1", "QUOTE XYZ", "QUOTE NONE");
    then(w, "REJECT FIELD_INVALID", "REJECT UNKNOWN_INSTRUMENT", "RESTS ann 5 @ 100");
}

static void fields_out_of_range_are_refused(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT ABC TICK 0", "INSTRUMENT ABC LOT -1", "INSTRUMENT XYZ MIN 5 MAX 4", "INSTRUMENT XYZ MIN -1",
         "INSTRUMENT XYZ COLLAR 10000.1", "INSTRUMENT XYZ COLLAR 0.00001", "INSTRUMENT XYZ TAKER 10001",
         "INSTRUMENT XYZ MAX_NOTIONAL -1", "INSTRUMENT XYZ MAX_NOTIONAL 0.001", "INSTRUMENT \"\"");
    then(w, "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID",
         "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID",
         "REJECT FIELD_INVALID", "REJECT FIELD_INVALID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(prices_are_multiples_of_the_tick),
        in_a_world(quantities_are_multiples_of_the_lot),
        in_a_world(quantities_stay_between_minimum_and_maximum),
        in_a_world(an_orders_notional_has_a_maximum),
        in_a_world(a_sells_notional_counts_the_bid_it_may_meet),
        in_a_world(prices_stay_inside_the_collar_around_the_last_trade),
        in_a_world(there_is_no_collar_before_the_first_trade),
        in_a_world(only_a_continuous_instrument_takes_orders),
        in_a_world(scales_follow_from_the_first_tick_and_lot),
        in_a_world(an_instruments_currency_is_fixed),
        in_a_world(a_tick_times_a_lot_is_a_whole_number_of_cents),
        in_a_world(open_orders_stay_when_the_tick_changes),
        in_a_world(an_unknown_currency_is_made_with_two_decimals),
        in_a_world(quotes_are_recorded_and_trade_with_nobody),
        in_a_world(fields_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
