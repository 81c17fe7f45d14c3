/* tests/core/test_account_limits.c - the limits of an account: order size, notional, position, open orders, order rate. Off unless set. */
#include "tests/world/world.h"

static void the_largest_order(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_QUANTITY 10", "DEPOSIT ann 100000");
    when(w, "BUY ann 11 @ 99", "BUY ann 10 @ 99", "MODIFY ann TO 11");
    then(w, "REJECT ann ORDER_QUANTITY_LIMIT field quantity value 11 limit 10.000000000",
         "REJECT ann ORDER_QUANTITY_LIMIT value 11", "RESTS ann 10 @ 99");
}

static void the_largest_notional_of_an_order(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_NOTIONAL 1000", "DEPOSIT ann 100000");
    when(w, "BUY ann 10 @ 101", "BUY ann 10 @ 100", "MODIFY ann @ 101");
    then(w, "REJECT ann ORDER_NOTIONAL_LIMIT value 1010.00 limit 1000.000000000",
         "REJECT ann ORDER_NOTIONAL_LIMIT value 1010.00", "RESTS ann 10 @ 100");
}

static void the_notional_of_a_market_order_is_what_the_book_asks(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_NOTIONAL 1000", "DEPOSIT ann 100000", "SELL bob 5 @ 100",
          "SELL bob 5 @ 110");
    when(w, "BUY ann 10 @ MARKET", "BUY ann 9 @ MARKET");
    then(w, "REJECT ann ORDER_NOTIONAL_LIMIT value 1100.00", "FILL ann bob 5 @ 100", "FILL ann bob 4 @ 110");
}

static void the_largest_position_counts_what_is_open(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_POSITION 20", "DEPOSIT ann 100000", "SELL bob 10 @ 100", "BUY ann 10 @ 100",
          "BUY ann 6 @ 99");
    when(w, "BUY ann 5 @ 98", "BUY ann 4 @ 98", "SELL ann 10 @ 105", "SELL ann 31 @ 106");
    then(w, "REJECT ann POSITION_LIMIT field quantity value 21 limit 20.000000000", "RESTS ann 4 @ 98",
         "RESTS ann 10 @ 105", "REJECT ann POSITION_LIMIT value 31");
}

static void closing_is_never_a_matter_of_the_position_limit(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 50 @ 100", "BUY ann 50 @ 100", "ACCOUNT ann MAX_POSITION 20");
    when(w, "BUY ann 1 @ 90", "SELL ann 50 @ 110");
    then(w, "REJECT ann POSITION_LIMIT value 51", "RESTS ann 50 @ 110");
}

static void the_number_of_open_orders(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_OPEN 2", "DEPOSIT ann 100000");
    when(w, "BUY ann 1 @ 99", "SELL ann 1 @ MARKET STOP 90", "BUY ann 1 @ 98", "CANCEL ann", "BUY ann 1 @ 97");
    then(w, "REJECT ann OPEN_ORDERS_LIMIT value 3 limit 2", "CANCELLED ann 1 REQUESTED", "RESTS ann 1 @ 97");
}

static void every_order_of_a_group_counts(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_OPEN 2", "DEPOSIT ann 100000");
    when(w, "BRACKET BUY ann 1 @ 99 TAKE @ 110 LOSS @ MARKET STOP 90", "OCO BUY ann 1 @ 99 OR @ 98");
    then(w, "REJECT ann OPEN_ORDERS_LIMIT value 3 limit 2", "ORDERS 2");
}

static void the_order_rate_is_a_bucket_that_fills_with_time(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_RATE 2", "DEPOSIT ann 100000");
    when(w, "BUY ann 1 @ 99", "BUY ann 1 @ 99", "BUY ann 1 @ 99", "WAIT +500ms", "BUY ann 1 @ 99", "BUY ann 1 @ 99");
    then(w, "REJECT ann ORDER_RATE_LIMIT value 3 limit 2", "REJECT ann ORDER_RATE_LIMIT value 3 limit 2",
         "BIDS 3 @ 99");
}

static void a_group_is_one_order_of_the_rate_and_cancels_are_free(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_RATE 1", "DEPOSIT ann 100000");
    when(w, "OCO BUY ann 1 @ 99 OR @ 98", "CANCEL ann", "BUY ann 1 @ 97", "WAIT +1s", "BUY ann 1 @ 96");
    then(w, "CANCELLED ann 1 REQUESTED", "CANCELLED ann 1 OCO", "REJECT ann ORDER_RATE_LIMIT value 2 limit 1",
         "BIDS 1 @ 96");
}

static void a_refused_order_costs_no_rate(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN SHORT MAX_RATE 1", "DEPOSIT ann 100000");
    when(w, "BUY ann 1 @ 99.5", "BUY ann 1 @ 99");
    then(w, "REJECT ann PRICE_OFF_TICK value 99.5 limit 1", "RESTS ann 1 @ 99");
}

static void an_order_may_ask_for_less_leverage_but_not_for_more(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5", "DEPOSIT ann 10000");
    when(w, "BUY ann 10 @ 100", "BUY ann 10 @ 100 LEVERAGE 2", "BUY ann 10 @ 100 LEVERAGE 5.01");
    then(w, "PLACED ann 10 @ 100 hold 200.00", "PLACED ann 10 @ 100 hold 500.00",
         "REJECT ann LEVERAGE_TOO_HIGH field leverage value 5.01 limit 5.00");
}

static void an_instrument_may_allow_less_leverage_than_the_account(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAX_LEVERAGE 4", "ACCOUNT ann MARGIN LEVERAGE 5", "DEPOSIT ann 10000");
    when(w, "BUY ann 10 @ 100", "BUY ann 10 @ 100 LEVERAGE 4.5", "INSTRUMENT XYZ MAX_LEVERAGE 2");
    then(w, "PLACED ann 10 @ 100 hold 250.00", "REJECT ann LEVERAGE_TOO_HIGH value 4.5 limit 4.00",
         "REJECT INSTRUMENT_IN_USE field max_leverage");
}

static void limits_that_are_none(void **state)
{
    struct world *w = *state;
    when(w, "ACCOUNT ann MAX_QUANTITY -1", "ACCOUNT ann MAX_NOTIONAL -1", "ACCOUNT ann MAX_POSITION -1",
         "ACCOUNT ann MAX_RATE 1000001", "ACCOUNT ann STP 6");
    then(w, "REJECT FIELD_INVALID field limits.max_order_quantity",
         "REJECT FIELD_INVALID field limits.max_order_notional", "REJECT FIELD_INVALID field limits.max_position",
         "REJECT FIELD_INVALID field limits.max_orders_per_second", "REJECT FIELD_INVALID field stp");
}

static void a_stop_counts_by_what_it_may_cost(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 5",
          "ACCOUNT ann MARGIN SHORT MAX_NOTIONAL 1149", "DEPOSIT ann 100000");
    when(w, "BUY ann 10 @ MARKET STOP 110", "BUY ann 10 @ MARKET STOP 109");
    then(w, "REJECT ann ORDER_NOTIONAL_LIMIT value 1150.00 limit 1149.000000000",
         "WAITS ann 10 PENDING_TRIGGER stop 109");
}

static void no_limit_is_asked_of_the_house(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT desk HOUSE MAX_NOTIONAL 10");
    when(w, "SELL desk 10 @ 100");
    then(w, "REJECT desk ORDER_NOTIONAL_LIMIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(the_largest_order),
        in_a_world(the_largest_notional_of_an_order),
        in_a_world(the_notional_of_a_market_order_is_what_the_book_asks),
        in_a_world(the_largest_position_counts_what_is_open),
        in_a_world(closing_is_never_a_matter_of_the_position_limit),
        in_a_world(the_number_of_open_orders),
        in_a_world(every_order_of_a_group_counts),
        in_a_world(the_order_rate_is_a_bucket_that_fills_with_time),
        in_a_world(a_group_is_one_order_of_the_rate_and_cancels_are_free),
        in_a_world(a_refused_order_costs_no_rate),
        in_a_world(an_order_may_ask_for_less_leverage_but_not_for_more),
        in_a_world(an_instrument_may_allow_less_leverage_than_the_account),
        in_a_world(limits_that_are_none),
        in_a_world(a_stop_counts_by_what_it_may_cost),
        in_a_world(no_limit_is_asked_of_the_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
