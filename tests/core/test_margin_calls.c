/* tests/core/test_margin_calls.c - equity against what positions need: nothing, a call, a liquidation. Off unless the account has it. */
#include "tests/world/world.h"

static void nothing_is_said_while_equity_is_enough(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 MARGIN_CALL 25 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100");
    when(w, "CHECK_MARGIN");
    then(w, "NOTHING", "SWEPT 6 DONE sweep MARGIN");
}

static void a_call_when_equity_is_below_the_percentage(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 MARGIN_CALL 25 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY dan 1 @ 95", "SELL bob 1 @ 95");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann CALL equity 800.00 exposure 3800.00 required 25.0000", "SWEPT 1 DONE",
         "POSITION ann 40");
}

static void liquidation_cancels_orders_and_closes_positions_at_the_market(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 MARGIN_CALL 25 LIQUIDATION 10", "DEPOSIT ann 1100", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY ann 1 @ 50");
    given(w, "BUY dan 1 @ 80", "BUY dan 30 @ 79", "BUY dan 30 @ 78", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN");
    then(w, "MARGIN_CALLED ann LIQUIDATION equity 300.00 exposure 3200.00 required 10.0000",
         "CANCELLED ann 1 LIQUIDATION", "FILL ann dan 30 @ 79", "FILL ann dan 10 @ 78", "POSITION ann 0",
         "CASH ann 250.00", "ASKS NONE");
}

static void it_is_off_unless_it_is_set(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5", "DEPOSIT ann 1000", "SELL bob 40 @ 100", "BUY ann 40 @ 100",
          "BUY dan 1 @ 50", "SELL bob 1 @ 50");
    when(w, "CHECK_MARGIN ann");
    then(w, "NOTHING", "POSITION ann 40");
}

static void a_short_is_called_when_the_price_rises(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 SHORT MARGIN_CALL 25", "DEPOSIT ann 1000", "BUY bob 40 @ 100",
          "SELL ann 40 @ 100", "SELL dan 1 @ 110", "BUY bob 1 @ 110");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann CALL equity 600.00 exposure 4400.00");
}

static void positions_may_be_marked_by_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MARK QUOTE", "ACCOUNT ann MARGIN LEVERAGE 5 MARGIN_CALL 25", "DEPOSIT ann 1000",
          "SELL bob 40 @ 100", "BUY ann 40 @ 100");
    when(w, "QUOTE XYZ BID 95 1 ASK 99 1", "CHECK_MARGIN ann", "QUOTE XYZ BID 101 1 ASK 102 1", "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann CALL equity 800.00 exposure 3800.00");
}

static void what_finds_no_buyer_stays(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY dan 1 @ 80", "BUY dan 15 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "FILL ann dan 15 @ 79", "CANCELLED ann 25 MARKET_REMAINDER",
         "POSITION ann 25");
}

static void a_halted_instrument_is_passed_over(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80");
    given(w, "TRADING HALTED OF XYZ");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "POSITION ann 40");
}

static void a_halted_account_is_liquidated_all_the_same(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80", "TRADING HALTED ann");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "FILL ann dan 40 @ 79", "POSITION ann 0");
}

static void the_percentages_have_bounds(void **state)
{
    struct world *w = *state;
    when(w, "ACCOUNT ann MARGIN_CALL 1000.0001", "ACCOUNT ann LIQUIDATION -1", "ACCOUNT ann MARGIN_CALL 0.00001",
         "CHECK_MARGIN nobody");
    then(w, "REJECT FIELD_INVALID field margin_call_percent", "REJECT FIELD_INVALID field liquidation_percent",
         "REJECT FIELD_INVALID field margin_call_percent", "REJECT UNKNOWN_ACCOUNT field account");
}

static void what_it_sends_says_so(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "PLACED ann 40 @ MARKET by LIQUIDATION hold 0.00", "FILL ann dan 40 @ 79");
}

static void each_currency_stands_for_itself(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC IN EUR TICK 1", "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000",
          "DEPOSIT ann 1000 EUR");
    given(w, "SELL bob 40 @ 100", "BUY ann 40 @ 100", "ACCOUNT eve MARGIN SHORT", "DEPOSIT eve 100000 EUR",
          "SELL eve 40 @ 100 OF ABC", "BUY ann 40 @ 100 OF ABC");
    given(w, "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80", "BUY ann 1 @ 10 OF ABC");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION equity 200.00", "FILL ann dan 40 @ 79", "POSITION ann 0",
         "POSITION ann 40 OF ABC", "RESTS ann 1 @ 10");
}

static void gtts_go_with_the_orders(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000", "SELL bob 40 @ 100",
          "BUY ann 40 @ 100", "GTT SELL ann TRIGGER 70 40 @ 69", "OTO BUY ann 1 @ 10 THEN SELL @ 200");
    given(w, "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "GTT ann CANCELLED", "CANCELLED ann 1 LIQUIDATION",
         "CANCELLED ann 1 PARENT_ENDED", "FILL ann dan 40 @ 79", "GONE ann");
}

static void what_is_not_a_margin_account_is_not_asked(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH MARGIN_CALL 1000", "DEPOSIT ann 4000", "SELL bob 40 @ 100", "BUY ann 40 @ 100");
    when(w, "CHECK_MARGIN");
    then(w, "NOTHING");
}

static void a_long_check_goes_on_with_continue(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 3", "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000",
          "SELL bob 40 @ 100", "BUY ann 40 @ 100", "BUY ann 1 @ 5", "BUY ann 1 @ 6", "BUY ann 1 @ 7");
    given(w, "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann", "CONTINUE", "CONTINUE");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "CANCELLED ann 1 LIQUIDATION", "CANCELLED ann 1 LIQUIDATION",
         "SWEPT 1 MORE sweep MARGIN", "CANCELLED ann 1 LIQUIDATION", "FILL ann dan 40 @ 79",
         "SWEPT 0 DONE sweep MARGIN", "POSITION ann 0", "SETTLED");
}

static void orders_that_wait_for_their_broker_do_not_hold_up_a_liquidation(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 3", "VENUE ALPHA", "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000",
          "SELL bob 40 @ 100", "BUY ann 40 @ 100");
    given(w, "BUY ann 1 @ 5 VENUE ALPHA", "BUY ann 1 @ 5 VENUE ALPHA", "BUY ann 1 @ 6 VENUE ALPHA",
          "BUY ann 1 @ 7 VENUE ALPHA", "BUY dan 1 @ 80", "BUY dan 50 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann", "CONTINUE", "CONTINUE");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "SWEPT 1 MORE sweep MARGIN", "FILL ann dan 40 @ 79",
         "SWEPT 0 DONE sweep MARGIN", "POSITION ann 0", "SETTLED");
}

static void with_the_least_work_every_position_is_closed_in_the_instruments_order(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "INSTRUMENT ABC TICK 1", "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 100",
          "DEPOSIT ann 2000");
    given(w, "SELL bob 20 @ 100 OF ABC", "BUY ann 20 @ 100 OF ABC", "SELL bob 20 @ 100", "BUY ann 20 @ 100",
          "BUY dan 20 @ 99", "BUY dan 20 @ 98 OF ABC");
    when(w, "CHECK_MARGIN ann", "CONTINUE", "CONTINUE");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "SWEPT 1 MORE sweep MARGIN", "FILL ann dan 20 @ 99",
         "SWEPT 0 MORE sweep MARGIN", "FILL ann dan 20 @ 98", "SWEPT 0 DONE sweep MARGIN", "POSITION ann 0");
}

/* Four house accounts and ann are five of the six; her two calls make it seven, and eve has to wait. */
static void a_liquidation_that_runs_out_of_work_sends_again(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 3", "ACCOUNT ann MARGIN LEVERAGE 5 LIQUIDATION 10", "DEPOSIT ann 1000",
          "SELL bob 40 @ 100", "BUY ann 40 @ 100", "BUY dan 1 @ 80", "BUY dan 10 @ 79", "BUY dan 10 @ 79",
          "BUY dan 10 @ 79", "BUY dan 10 @ 79", "SELL bob 1 @ 80");
    when(w, "CHECK_MARGIN ann");
    then(w, "MARGIN_CALLED ann LIQUIDATION", "FILL ann dan 10 @ 79", "FILL ann dan 10 @ 79",
         "CANCELLED ann 20 WORK_LIMIT", "SWEPT 1 MORE");
    when(w, "CONTINUE");
    then(w, "FILL ann dan 10 @ 79", "FILL ann dan 10 @ 79", "SWEPT 0 DONE", "POSITION ann 0");
}

static void a_call_counts_as_work(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 6", "INSTRUMENT ABC IN EUR TICK 1", "ACCOUNT ann MARGIN LEVERAGE 5 MARGIN_CALL 100",
          "DEPOSIT ann 1000", "DEPOSIT ann 1000 EUR", "ACCOUNT eve MARGIN SHORT", "DEPOSIT eve 100000",
          "DEPOSIT eve 100000 EUR");
    given(w, "SELL eve 40 @ 100", "BUY ann 40 @ 100", "SELL eve 40 @ 100 OF ABC", "BUY ann 40 @ 100 OF ABC");
    when(w, "CHECK_MARGIN", "CONTINUE");
    then(w, "MARGIN_CALLED ann CALL", "MARGIN_CALLED ann CALL", "SWEPT 5 MORE sweep MARGIN",
         "SWEPT 1 DONE sweep MARGIN");
}

/* In units so small that price x quantity x percentage would not fit in 128 bits: a position counts for 2^100 of them, no more. */
static void the_largest_position_counts_for_a_bound(void **state)
{
    struct world *w = *state;
    given(w, "CURRENCY BIG SCALE 18", "INSTRUMENT ABC IN BIG TICK 0.000000001 LOT 1 MARK QUOTE",
          "ACCOUNT ann MARGIN LIQUIDATION 1000", "DEPOSIT ann 100000000 BIG",
          "SELL bob 100000000000000000 @ 0.000000001 OF ABC", "BUY ann 100000000000000000 @ 0.000000001 OF ABC",
          "QUOTE ABC BID 100000000 1");
    when(w, "CHECK_MARGIN ann");
    then(w,
         "MARGIN_CALLED ann LIQUIDATION equity 1267650600228.229401496703205376 exposure "
         "1267650600228.229401496703205376",
         "CANCELLED ann 100000000000000000 MARKET_REMAINDER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(nothing_is_said_while_equity_is_enough),
        in_a_world(a_call_when_equity_is_below_the_percentage),
        in_a_world(liquidation_cancels_orders_and_closes_positions_at_the_market),
        in_a_world(it_is_off_unless_it_is_set),
        in_a_world(a_short_is_called_when_the_price_rises),
        in_a_world(positions_may_be_marked_by_the_quote),
        in_a_world(what_finds_no_buyer_stays),
        in_a_world(a_halted_instrument_is_passed_over),
        in_a_world(a_halted_account_is_liquidated_all_the_same),
        in_a_world(the_percentages_have_bounds),
        in_a_world(what_it_sends_says_so),
        in_a_world(each_currency_stands_for_itself),
        in_a_world(gtts_go_with_the_orders),
        in_a_world(what_is_not_a_margin_account_is_not_asked),
        in_a_world(a_long_check_goes_on_with_continue),
        in_a_world(orders_that_wait_for_their_broker_do_not_hold_up_a_liquidation),
        in_a_world(a_liquidation_that_runs_out_of_work_sends_again),
        in_a_world(with_the_least_work_every_position_is_closed_in_the_instruments_order),
        in_a_world(a_call_counts_as_work),
        in_a_world(the_largest_position_counts_for_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
