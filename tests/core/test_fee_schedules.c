/* tests/core/test_fee_schedules.c - the instrument sets what makers and takers pay; an account may have rates of its own. */
#include "tests/world/world.h"

static void an_account_may_pay_its_own_rates(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 20", "ACCOUNT ann MARGIN SHORT TAKER 5", "DEPOSIT ann 10000",
          "SELL bob 10 @ 100", "SELL bob 10 @ 100");
    when(w, "BUY ann 10 @ 100", "BUY cat 10 @ 100");
    then(w, "FILL ann bob 10 @ 100 fee 0.50", "FILL cat bob 10 @ 100 fee 2.00", "FEE bob 2.00");
}

static void its_maker_rate_counts_when_its_order_rested(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 20", "ACCOUNT ann MARGIN SHORT MAKER 0 TAKER 5", "DEPOSIT ann 10000",
          "BUY ann 10 @ 100");
    when(w, "SELL bob 10 @ 100");
    then(w, "FILL bob ann 10 @ 100 fee 2.00", "FEE ann 0.00");
}

static void without_its_own_the_instruments_rates_are_back(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 20", "ACCOUNT ann MARGIN SHORT TAKER 5", "DEPOSIT ann 10000",
          "ACCOUNT ann TAKER NONE", "SELL bob 10 @ 100");
    when(w, "BUY ann 10 @ 100");
    then(w, "FILL ann bob 10 @ 100 fee 2.00");
}

static void a_hold_is_for_the_dearer_of_its_rates(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 20", "ACCOUNT ann MARGIN SHORT TAKER 5", "DEPOSIT ann 10000");
    when(w, "BUY ann 10 @ 100", "BUY bob 10 @ 100");
    then(w, "PLACED ann 10 @ 100 hold 1001.00", "PLACED bob 10 @ 100 hold 1002.00");
}

static void a_rebate_is_paid_by_the_other_side(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER -5 TAKER 20", "SELL bob 10 @ 100");
    when(w, "BUY ann 10 @ 100");
    then(w, "FILL ann bob 10 @ 100", "FEE ann 2.00", "FEE bob -0.50", "CASH @fees 1.50");
}

static void a_rebate_is_never_more_than_what_the_other_side_pays(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT XYZ MAKER -5 TAKER 4", "INSTRUMENT XYZ MAKER -5 TAKER 5", "ACCOUNT ann MAKER -1",
         "ACCOUNT ann TAKER 10001");
    then(w, "REJECT FIELD_INVALID field taker_fee_bps", "REJECT FIELD_INVALID field maker_fee_bps",
         "REJECT FIELD_INVALID field taker_fee_bps");
}

static void at_the_venue_quote_an_order_takes(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 20", "QUOTE XYZ BID 99 10 ASK 100 10");
    when(w, "BUY ann 10 @ 100 VENUE QUOTE");
    then(w, "FILL ann @QUOTE 10 @ 100 fee 2.00", "CASH @fees 2.00");
}

static void a_market_order_of_a_cash_account_must_pay_its_fee_too(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 20", "ACCOUNT ann CASH", "DEPOSIT ann 1001.99", "SELL bob 20 @ 100");
    when(w, "BUY ann 10 @ MARKET", "DEPOSIT ann 0.01", "BUY ann 10 @ MARKET");
    then(w, "REJECT ann CASH_SHORT value 1002.00 limit 1001.99", "FILL ann bob 10 @ 100 fee 2.00", "CASH ann 0.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(an_account_may_pay_its_own_rates),
        in_a_world(its_maker_rate_counts_when_its_order_rested),
        in_a_world(without_its_own_the_instruments_rates_are_back),
        in_a_world(a_hold_is_for_the_dearer_of_its_rates),
        in_a_world(a_rebate_is_paid_by_the_other_side),
        in_a_world(a_rebate_is_never_more_than_what_the_other_side_pays),
        in_a_world(at_the_venue_quote_an_order_takes),
        in_a_world(a_market_order_of_a_cash_account_must_pay_its_fee_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
