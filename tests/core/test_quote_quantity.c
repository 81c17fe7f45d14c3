/* tests/core/test_quote_quantity.c - MARKET orders for an amount of money: the book says how many lots it buys. */
#include "tests/world/world.h"

static void it_buys_as_many_lots_as_the_money_is_worth(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 100", "SELL dan 10 @ 110");
    when(w, "BUY ann FOR 1000 @ MARKET");
    then(w, "PLACED ann 9 @ MARKET", "FILL ann bob 4 @ 100", "FILL ann dan 5 @ 110", "COST ann 950.00", "ASKS 5 @ 110");
}

static void it_takes_no_more_than_the_book_has(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 100");
    when(w, "BUY ann FOR 1000 @ MARKET");
    then(w, "FILL ann bob 4 @ 100", "GONE ann");
}

static void it_sells_for_an_amount_too(void **state)
{
    struct world *w = *state;
    given(w, "BUY bob 4 @ 100", "BUY dan 10 @ 90");
    when(w, "SELL ann FOR 700 @ MARKET");
    then(w, "FILL ann bob 4 @ 100", "FILL ann dan 3 @ 90");
}

static void it_buys_whole_lots(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ LOT 5", "SELL bob 50 @ 100");
    when(w, "BUY ann FOR 1999 @ MARKET");
    then(w, "FILL ann bob 15 @ 100");
}

static void money_for_less_than_a_lot_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 100");
    when(w, "BUY ann FOR 99.99 @ MARKET", "CANCEL bob", "BUY ann FOR 1000 @ MARKET");
    then(w, "REJECT ann QUANTITY_TOO_SMALL field quote_quantity value 99.99 limit NONE", "CANCELLED bob 4 REQUESTED",
         "REJECT ann QUANTITY_TOO_SMALL field quote_quantity value 1000");
}

static void the_instruments_bounds_count(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MIN 5", "SELL bob 50 @ 100");
    when(w, "BUY ann FOR 400 @ MARKET");
    then(w, "REJECT ann QUANTITY_TOO_SMALL field quantity value 4 limit 5");
}

static void an_account_without_the_money_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 399.99", "SELL bob 50 @ 100");
    when(w, "BUY ann FOR 400 @ MARKET");
    then(w, "REJECT ann CASH_SHORT value 400.00 limit 399.99");
}

static void at_the_venue_quote_it_is_counted_at_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann FOR 1000 @ MARKET VENUE QUOTE");
    then(w, "PLACED ann 9 @ MARKET", "FILL ann @QUOTE 8 @ 101", "WAITS ann 1 AT_QUOTE");
}

static void it_belongs_to_market_orders_in_place_of_a_quantity(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann FOR 1000 @ 100", "BUY ann 5 @ MARKET QUOTE_QUANTITY 1000", "BUY ann FOR 0 @ MARKET",
         "BUY ann FOR 0.001 @ MARKET");
    then(w, "REJECT ann QUOTE_QUANTITY_NOT_ALLOWED", "REJECT ann QUOTE_QUANTITY_NOT_ALLOWED",
         "REJECT ann FIELD_INVALID field quote_quantity", "REJECT ann FIELD_INVALID field quote_quantity");
}

static void money_buys_from_as_many_orders_as_one_command_may_touch(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "SELL bob 1 @ 100", "SELL dan 1 @ 100", "SELL eve 1 @ 100");
    when(w, "BUY ann FOR 500 @ MARKET");
    then(w, "FILL ann bob 1 @ 100", "FILL ann dan 1 @ 100", "GONE ann", "ASKS 1 @ 100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(it_buys_as_many_lots_as_the_money_is_worth),
        in_a_world(it_takes_no_more_than_the_book_has),
        in_a_world(it_sells_for_an_amount_too),
        in_a_world(it_buys_whole_lots),
        in_a_world(money_for_less_than_a_lot_is_refused),
        in_a_world(the_instruments_bounds_count),
        in_a_world(an_account_without_the_money_is_refused),
        in_a_world(at_the_venue_quote_it_is_counted_at_the_quote),
        in_a_world(it_belongs_to_market_orders_in_place_of_a_quantity),
        in_a_world(money_buys_from_as_many_orders_as_one_command_may_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
