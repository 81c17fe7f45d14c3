/* tests/core/test_fees.c - who pays what for a fill: maker and taker rates, rounding over an order's life, rebates,
 * holds. */
#include "tests/world/world.h"

static void the_maker_and_the_taker_pay_their_rates(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 25", "SELL ann 10 @ 100");
    when(w, "BUY cat 10 @ 100");
    then(w, "FILL cat ann 10 @ 100", "FEE ann 1.00", "FEE cat 2.50", "CASH @fees 3.50", "CASH ann 1000000999.00",
         "CASH cat 999998997.50");
}

static void a_rebate_is_paid_to_the_maker(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER -5 TAKER 10", "SELL ann 10 @ 100");
    when(w, "BUY cat 10 @ 100");
    then(w, "FILL cat ann 10 @ 100", "FEE ann -0.50", "FEE cat 1.00", "CASH @fees 0.50");
}

static void a_fee_is_rounded_once_over_all_fills_of_an_order(void **state)
{
    struct world *w = *state;
    /* 1 bp of 100 is a cent; of 50 half a cent, which goes to the even one: nothing, then a cent. */
    given(w, "INSTRUMENT XYZ TAKER 1", "SELL ann 1 @ 50", "SELL ann 1 @ 50");
    when(w, "BUY cat 2 @ 50");
    then(w, "FILL cat ann 1 @ 50", "FILL cat ann 1 @ 50", "FEE cat 0.01", "FEE ann 0.00");
}

static void half_a_cent_goes_to_the_even_cent(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 1", "SELL ann 1 @ 50", "SELL bob 1 @ 150");
    when(w, "BUY cat 1 @ 50", "BUY dan 1 @ 150");
    then(w, "FILL cat ann 1 @ 50", "FILL dan bob 1 @ 150", "FEE cat 0.00", "FEE dan 0.02");
}

static void a_hold_covers_the_worst_fee_rounded_up(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 1 TAKER 1.5");
    when(w, "BUY ann 1 @ 101");
    then(w, "RESERVED ann 101.02"); /* 1.515 cents */
}

static void a_house_account_pays_no_fee(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 25", "ACCOUNT house HOUSE", "SELL house 10 @ 100");
    when(w, "BUY cat 10 @ 100");
    then(w, "FILL cat house 10 @ 100", "FEE house 0.00", "FEE cat 2.50", "CASH house 1000.00");
}

static void a_fill_pays_the_rates_of_its_own_time(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ MAKER 10 TAKER 10", "SELL ann 10 @ 100", "INSTRUMENT XYZ MAKER 20 TAKER 0");
    when(w, "BUY cat 10 @ 100");
    then(w, "FILL cat ann 10 @ 100", "FEE ann 2.00", "FEE cat 0.00");
}

static void a_fee_counts_against_buying_power(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 100", "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 10 @ 100");
    when(w, "BUY ann 10 @ 100", "BUY ann 10 @ MARKET", "BUY ann 9 @ MARKET");
    then(w, "REJECT ann CASH_SHORT", "REJECT ann CASH_SHORT", "FILL ann bob 9 @ 100", "CASH ann 91.00");
}

static void a_rebate_may_not_be_more_than_the_other_side_pays(void **state)
{
    struct world *w = *state;
    when(w, "INSTRUMENT XYZ MAKER -5 TAKER 4", "INSTRUMENT XYZ MAKER -5 TAKER 5", "INSTRUMENT XYZ TAKER 4.9999");
    then(w, "REJECT FIELD_INVALID", "REJECT FIELD_INVALID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(the_maker_and_the_taker_pay_their_rates),
        in_a_world(a_rebate_is_paid_to_the_maker),
        in_a_world(a_fee_is_rounded_once_over_all_fills_of_an_order),
        in_a_world(half_a_cent_goes_to_the_even_cent),
        in_a_world(a_hold_covers_the_worst_fee_rounded_up),
        in_a_world(a_house_account_pays_no_fee),
        in_a_world(a_fill_pays_the_rates_of_its_own_time),
        in_a_world(a_fee_counts_against_buying_power),
        in_a_world(a_rebate_may_not_be_more_than_the_other_side_pays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
