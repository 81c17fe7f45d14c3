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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
