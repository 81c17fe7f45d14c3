/* tests/core/test_executions.c - executions by their exec_id: once each, undone and corrected; and fills that are made up. Behind every
 * then the world checks that nothing was lost or made. */
#include "tests/world/world.h"

#define AT_ALPHA "VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA"
#define FILLED_4 AT_ALPHA, "EXECUTE ann 4 @ 99 EXEC E1"

static void an_execution_counts_once(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4);
    when(w, "EXECUTE ann 4 @ 99 EXEC E1", "EXECUTE ann 1 @ 98 EXEC E1",
         "EXECUTE ann 1 @ 98 EXEC E2 ; ann 1 @ 98 EXEC E2");
    then(w, "REJECT ann EXEC_ID_REPEATED field exec_id", "REJECT ann EXEC_ID_REPEATED field exec_id",
         "REJECT ann EXEC_ID_REPEATED field exec_id", "POSITION ann 4", "EXECUTIONS ann E1");
}

static void two_orders_may_have_executions_of_one_name(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4, "SELL bob 5 @ 100 VENUE ALPHA");
    when(w, "EXECUTE bob 5 @ 101 EXEC E1");
    then(w, "FILL bob @ALPHA 5 @ 101", "EXECUTIONS ann E1", "EXECUTIONS bob E1", "POSITION @ALPHA 1");
}

static void all_executions_of_a_command_are_taken_or_none(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4, "BUY bob 5 @ 100 VENUE ALPHA");
    when(w, "EXECUTE bob 5 @ 101 EXEC B1 ; ann 1 @ 99 EXEC E1", "EXECUTE bob 5 @ 101 EXEC B1 ; ann 1 @ 99 EXEC E2");
    then(w, "REJECT ann EXEC_ID_REPEATED", "FILL bob @ALPHA 5 @ 101", "FILL ann @ALPHA 1 @ 99", "POSITION bob 5",
         "POSITION ann 5");
}

static void a_busted_execution_is_taken_back_with_its_fee(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 100", FILLED_4);
    when(w, "BUST ann E1");
    then(w, "BUSTED ann 4 @ 99 exec E1 fee 3.96 leaves 6 hold 606.00 venue ALPHA", "POSITION ann 0",
         "POSITION @ALPHA 0", "CASH ann 1000000000.00", "CASH @fees 0.00", "CASH @ALPHA 0.00", "COST ann 0.00",
         "EXECUTIONS ann E1!", "WAITS ann 6 AT_BROKER");
}

static void what_was_busted_is_busted_once_and_its_name_is_taken(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4, "BUST ann E1");
    when(w, "BUST ann E1", "BUST ann E9", "EXECUTE ann 4 @ 99 EXEC E1", "BUST ann \"\"");
    then(w, "REJECT ann EXEC_ID_UNKNOWN field ref_exec_id", "REJECT ann EXEC_ID_UNKNOWN field ref_exec_id",
         "REJECT ann EXEC_ID_REPEATED field exec_id", "REJECT ann FIELD_INVALID field ref_exec_id");
}

static void a_corrected_execution_is_another_one(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4);
    when(w, "CORRECT ann E1 5 @ 100 EXEC E2");
    then(w, "BUSTED ann 4 @ 99 exec E1", "EXECUTED ann E2 kind CORRECT excess 5 late NO", "FILL ann @ALPHA 5 @ 100",
         "POSITION ann 5", "COST ann 500.00", "CASH @ALPHA 500.00", "EXECUTIONS ann E1! E2", "WAITS ann 6 AT_BROKER");
}

static void an_execution_of_the_same_command_cannot_be_undone_yet(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4);
    when(w, "EXECUTE ann 1 @ 99 EXEC E2 ; BUST ann E2", "BUST ann E1 ; CORRECT ann E1 1 @ 99 EXEC E3",
         "EXECUTE ann 1 @ 99 EXEC E2 ; BUST ann E1");
    then(w, "REJECT ann EXEC_ID_UNKNOWN field ref_exec_id", "REJECT ann EXEC_ID_UNKNOWN field ref_exec_id",
         "FILL ann @ALPHA 1 @ 99", "BUSTED ann 4 @ 99", "POSITION ann 1", "EXECUTIONS ann E1! E2");
}

static void a_done_order_may_be_busted_and_corrected(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4, "EXECUTE ann 6 @ 100 EXEC E2");
    when(w, "BUST ann E1", "CORRECT ann E2 2 @ 100 EXEC E3");
    then(w, "BUSTED ann 4 @ 99 leaves 0 hold 0.00", "BUSTED ann 6 @ 100", "EXECUTED ann E3 kind CORRECT late YES",
         "FILL ann @ALPHA 2 @ 100", "POSITION ann 2", "ROUTE ann FILLED filled 2");
}

static void a_bust_of_a_closed_trade_opens_the_position_again(void **state)
{
    struct world *w = *state;
    given(w, FILLED_4, "SELL ann 4 @ 120 VENUE ALPHA AS sale", "EXECUTE sale 4 @ 120 EXEC S1");
    when(w, "BUST sale S1");
    then(w, "BUSTED ann 4 @ 120 exec S1", "POSITION ann 4", "CASH ann 999999604.00");
}

static void reduce_only_orders_follow_a_bust(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA AS out", "EXECUTE out 4 @ 99 EXEC E1",
          "SELL ann 4 @ 120 REDUCE_ONLY");
    when(w, "BUST out E1");
    then(w, "BUSTED ann 4 @ 99", "CANCELLED ann 4 REDUCE_ONLY");
}

static void an_execution_has_a_name_a_price_and_a_quantity(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TICK 5 LOT 2", AT_ALPHA);
    when(w, "EXECUTE ann 2 @ 100", "EXECUTE ann 2 @ 100 EXEC_LENGTH 65", "EXECUTE ann 2 @ NONE EXEC E1",
         "EXECUTE ann 2 @ 0 EXEC E1", "EXECUTE ann 2 @ 100.5 EXEC E1", "EXECUTE ann NONE @ 100 EXEC E1",
         "EXECUTE ann 2.5 @ 100 EXEC E1", "EXECUTE ann 2 @ 100 EXEC E1 KIND 4", "EXECUTE",
         "EXECUTE ann 3 @ 101 EXEC E1");
    then(w, "REJECT ann FIELD_INVALID field exec_id", "REJECT ann FIELD_INVALID field exec_id",
         "REJECT ann PRICE_REQUIRED field fill_price value NONE", "REJECT ann PRICE_REQUIRED field fill_price value 0",
         "REJECT ann PRICE_OFF_TICK field fill_price value 100.5 limit 1",
         "REJECT ann QUANTITY_NOT_POSITIVE field fill_qty value NONE",
         "REJECT ann QUANTITY_OFF_LOT field fill_qty value 2.5 limit 1", "REJECT ann FIELD_INVALID field fills",
         "REJECT FIELD_INVALID field fills", "FILL ann @ALPHA 3 @ 101");
}

static void a_command_has_so_many_executions(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "EXECUTE ann 1 @ 100 EXEC E1 TIMES 257", "EXECUTE ann 1 @ 100 EXEC E1 TIMES 256");
    then(w, "REJECT FIELD_INVALID field fills", "REJECT ann EXEC_ID_REPEATED field exec_id");
}

static void the_engine_keeps_so_many_executions(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS executions_max 2", AT_ALPHA, "EXECUTE ann 1 @ 100 EXEC E1");
    when(w, "EXECUTE ann 1 @ 100 EXEC E2 ; ann 1 @ 100 EXEC E3", "EXECUTE ann 1 @ 100 EXEC E2",
         "EXECUTE ann 1 @ 100 EXEC E3", "BUST ann E1", "CORRECT ann E2 1 @ 99 EXEC E4");
    then(w, "REJECT ann EXECUTIONS_FULL limit 2", "FILL ann @ALPHA 1 @ 100", "REJECT ann EXECUTIONS_FULL limit 2",
         "BUSTED ann 1 @ 100", "REJECT ann EXECUTIONS_FULL limit 2", "EXECUTIONS ann E1! E2");
}

static void no_execution_is_larger_than_what_the_engine_can_hold(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "EXECUTE ann 1000000000000 @ 100000000000000 EXEC E1", "EXECUTE ann 100000000000000001 @ 1 EXEC E1",
         "EXECUTE ann 1 @ 100000000000000001 EXEC E1");
    then(w, "REJECT ann NOTIONAL_TOO_LARGE field NONE", "REJECT ann QUANTITY_TOO_LARGE field fill_qty",
         "REJECT ann PRICE_TOO_LARGE field fill_price");
}

/* ---- made up ---- */

static void a_fill_may_be_made_up_where_the_venue_is_simulated(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "BUY bob 5 @ 90");
    when(w, "SIMULATE ann 4 @ 100", "SIMULATE bob 5 @ 100", "VENUE ALPHA SIMULATED", "SIMULATE ann 4 @ 101",
         "SIMULATE ann 7 @ 101", "SIMULATE ann 6 @ 99 EXEC X1");
    then(w, "REJECT ann NOT_SIMULATED field venue", "REJECT bob NOT_SIMULATED field venue",
         "FILL ann @ALPHA 4 @ 101 simulated YES", "REJECT ann OVER_FILL field fill_qty value 7 limit 6",
         "FILL ann @ALPHA 6 @ 99 simulated YES", "EXECUTIONS ann - X1", "GONE ann", "ROUTE ann FILLED");
}

static void an_order_of_the_book_is_filled_against_the_books_own_account(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 100 TAKER 200", "VENUE BOOK SIMULATED", "SELL ann 10 @ 105", "SELL bob 10 @ 105");
    when(w, "SIMULATE ann 4 @ 50");
    then(w, "EXECUTED ann NONE kind NEW simulated YES excess 0 late NO",
         "FILL ann @BOOK 4 @ 50 fee 4.00 venue BOOK simulated YES", "LAST NONE", "QUEUE SELL 105 ann bob",
         "RESTS ann 6 @ 105", "POSITION ann -4", "POSITION @BOOK 4", "TABLES routes 0 executions 0");
}

static void what_is_filled_whole_leaves_the_book(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BOOK SIMULATED", "SELL ann 10 @ 105", "SELL bob 10 @ 105");
    when(w, "SIMULATE ann 4 @ 105 ; ann 6 @ 105 ; bob 10 @ 104", "SIMULATE ann 1 @ 100");
    then(w, "FILL ann @BOOK 4 @ 105", "FILL ann @BOOK 6 @ 105", "FILL bob @BOOK 10 @ 104",
         "REJECT ann ORDER_NOT_OPEN field order_id", "ASKS NONE");
}

static void rows_of_one_order_share_what_is_left(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BOOK SIMULATED", "SELL ann 10 @ 105");
    when(w, "SIMULATE ann 4 @ 105 ; ann 7 @ 105", "SIMULATE ann 4 @ 105 EXEC X ; ann 5 @ 105 EXEC X");
    then(w, "REJECT ann OVER_FILL value 7 limit 6", "REJECT ann EXEC_ID_REPEATED", "RESTS ann 10 @ 105");
}

static void an_iceberg_shows_what_is_left_of_it(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BOOK SIMULATED", "SELL ann 10 @ 105 DISPLAY 4");
    when(w, "SIMULATE ann 7 @ 105");
    then(w, "FILL ann @BOOK 7 @ 105", "ASKS 3 @ 105", "HIDDEN SELL 105 0");
}

static void what_waits_at_the_quote_or_for_its_price_can_be_filled_too(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BOOK SIMULATED", "VENUE QUOTE SIMULATED", "QUOTE XYZ BID 99 5 ASK 101 8",
          "BUY ann 4 @ 100 VENUE QUOTE", "SELL bob 5 @ MARKET STOP 90 VENUE BOOK");
    when(w, "SIMULATE ann 4 @ 100", "SIMULATE bob 2 @ 95");
    then(w, "FILL ann @QUOTE 4 @ 100 venue QUOTE simulated YES", "FILL bob @BOOK 2 @ 95",
         "WAITS bob 3 PENDING_TRIGGER");
}

static void children_follow_a_fill_that_was_made_up(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BOOK SIMULATED", "OTO BUY ann 10 @ 90 THEN SELL @ 110");
    when(w, "SIMULATE ann 10 @ 90");
    then(w, "FILL ann @BOOK 10 @ 90", "ACTIVATED ann 10", "RESTS ann 10 @ 110");
}

static void only_new_executions_are_made_up(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA SIMULATED", "BUY ann 10 @ 100 VENUE ALPHA", "SIMULATE ann 4 @ 100 EXEC E1",
          "OTO BUY bob 10 @ 90 THEN SELL @ 110 AS child");
    when(w, "BUST ann E1 SIMULATED", "SIMULATE child 1 @ 100");
    then(w, "REJECT ann FIELD_INVALID field fills", "REJECT bob ORDER_NOT_OPEN field order_id");
}

static void what_is_left_after_a_made_up_fill_still_fits(void **state)
{
    struct world *w = *state;
    given(w, "CURRENCY BIG SCALE 18", "INSTRUMENT ABC IN BIG TICK 1 LOT 1", "VENUE BOOK SIMULATED",
          "BUY ann 3 @ 1000 OF ABC");
    when(w, "SIMULATE ann 1 @ 1237940039");
    then(w, "REJECT ann NOTIONAL_TOO_LARGE", "RESTS ann 3 @ 1000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(an_execution_counts_once),
        in_a_world(two_orders_may_have_executions_of_one_name),
        in_a_world(all_executions_of_a_command_are_taken_or_none),
        in_a_world(a_busted_execution_is_taken_back_with_its_fee),
        in_a_world(what_was_busted_is_busted_once_and_its_name_is_taken),
        in_a_world(a_corrected_execution_is_another_one),
        in_a_world(an_execution_of_the_same_command_cannot_be_undone_yet),
        in_a_world(a_done_order_may_be_busted_and_corrected),
        in_a_world(a_bust_of_a_closed_trade_opens_the_position_again),
        in_a_world(reduce_only_orders_follow_a_bust),
        in_a_world(an_execution_has_a_name_a_price_and_a_quantity),
        in_a_world(a_command_has_so_many_executions),
        in_a_world(the_engine_keeps_so_many_executions),
        in_a_world(no_execution_is_larger_than_what_the_engine_can_hold),
        in_a_world(a_fill_may_be_made_up_where_the_venue_is_simulated),
        in_a_world(an_order_of_the_book_is_filled_against_the_books_own_account),
        in_a_world(what_is_filled_whole_leaves_the_book),
        in_a_world(rows_of_one_order_share_what_is_left),
        in_a_world(an_iceberg_shows_what_is_left_of_it),
        in_a_world(what_waits_at_the_quote_or_for_its_price_can_be_filled_too),
        in_a_world(children_follow_a_fill_that_was_made_up),
        in_a_world(only_new_executions_are_made_up),
        in_a_world(what_is_left_after_a_made_up_fill_still_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
