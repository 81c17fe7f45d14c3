/* tests/core/test_gtt.c - good till triggered: one or two prices that are waited for, up to a year, and the order that is sent at the
 * first. Nothing is held while they wait. */
#include "tests/world/world.h"

static void a_trigger_below_the_market_sends_its_order_at_or_below(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96", "BUY dan 1 @ 95");
    when(w, "SELL bob 1 @ 95");
    then(w, "PLACED bob 1 @ 95", "FILL bob dan 1 @ 95", "GTT ann TRIGGERED leg 1", "PLACED ann 10 @ 96",
         "RESTS ann 10 @ 96");
}

static void a_trigger_above_the_market_sends_its_order_at_or_above(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 105 10 @ MARKET", "SELL dan 1 @ 105",
          "SELL dan 20 @ 106");
    when(w, "BUY bob 1 @ 105");
    then(w, "FILL bob dan 1 @ 105", "GTT ann TRIGGERED", "FILL ann dan 10 @ 106", "POSITION ann 10");
}

static void it_holds_nothing_while_it_waits(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "GTT BUY ann TRIGGER 95 10 @ 96");
    then(w, "GTT ann ACTIVE", "WAITS ann 10 PENDING_TRIGGER price 96 trigger 95", "RESERVED ann 0.00", "BIDS NONE");
}

static void of_two_legs_the_first_to_be_met_is_sent_and_the_other_goes(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "GTT SELL ann TRIGGER 95 10 @ 94 TRIGGER 110 10 @ 110",
          "SELL dan 1 @ 110");
    when(w, "BUY bob 1 @ 110");
    then(w, "FILL bob dan 1 @ 110", "GTT ann TRIGGERED leg 2", "RESTS ann 10 @ 110", "ORDERS 1");
}

static void an_order_that_is_refused_when_it_is_sent_says_why(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "ACCOUNT ann CASH", "DEPOSIT ann 100",
          "GTT BUY ann TRIGGER 95 10 @ 96", "BUY dan 1 @ 95");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "GTT ann REJECTED leg 1 reject CASH_SHORT", "GONE ann");
}

static void it_outlives_the_day_and_ends_by_its_time(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96 EXPIRES +3d");
    when(w, "END_OF_DAY", "WAIT +2d", "TICK", "WAIT +1d", "TICK");
    then(w, "GTT ann EXPIRED", "ORDERS 0");
}

static void it_lives_a_year_when_no_time_is_given(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96");
    when(w, "WAIT +365d", "TICK", "WAIT +1d", "TICK");
    then(w, "GTT ann EXPIRED");
}

static void it_may_be_deleted(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96");
    when(w, "GTT_DELETE ann", "GTT_DELETE ann");
    then(w, "GTT ann DELETED", "REJECT ann GTT_NOT_ACTIVE field gtt_id", "ORDERS 0");
}

static void a_disabled_one_does_not_trigger_until_it_is_active_again(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96", "BUY dan 1 @ 95",
          "BUY dan 1 @ 94");
    when(w, "GTT_MODIFY ann DISABLED", "SELL bob 1 @ 95", "GTT_MODIFY ann ACTIVE", "GTT_MODIFY ann ACTIVE TRIGGER 94",
         "SELL bob 1 @ 94");
    then(w, "GTT ann DISABLED", "FILL bob dan 1 @ 95", "REJECT ann GTT_TRIGGER_INVALID value 95 limit 95",
         "GTT ann ACTIVE", "FILL bob dan 1 @ 94", "GTT ann TRIGGERED", "RESTS ann 10 @ 96");
}

static void its_numbers_may_be_modified(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96", "BUY dan 1 @ 95",
          "BUY dan 1 @ 90");
    when(w, "GTT_MODIFY ann TRIGGER 90 TO 7 @ 91", "SELL bob 1 @ 95", "SELL bob 1 @ 90");
    then(w, "GTT ann ACTIVE", "FILL bob dan 1 @ 95", "FILL bob dan 1 @ 90", "GTT ann TRIGGERED", "RESTS ann 7 @ 91");
}

static void a_mass_cancel_ends_it_and_counts_it_once(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "GTT SELL ann TRIGGER 95 10 @ 94 TRIGGER 110 10 @ 110");
    when(w, "MASS_CANCEL ann");
    then(w, "GTT ann CANCELLED", "SWEPT 1 DONE", "ORDERS 0");
}

static void it_is_no_order_to_cancel_or_modify(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96 AS mine");
    when(w, "CANCEL mine", "MODIFY mine TO 5");
    then(w, "REJECT ann ORDER_NOT_OPEN field order_id", "REJECT ann ORDER_NOT_OPEN field order_id");
}

static void with_the_quote_it_waits_for_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 99 1 ASK 101 1", "GTT BUY ann TRIGGER 95 10 @ 96");
    when(w, "QUOTE XYZ BID 94 1 ASK 96 1");
    then(w, "GTT ann TRIGGERED", "RESTS ann 10 @ 96");
}

static void what_a_trigger_needs(void **state)
{
    struct world *w = *state;
    when(w, "GTT BUY ann TRIGGER 95 10 @ 96", "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 100 10 @ 96",
         "GTT SELL ann TRIGGER 95 1 @ 94 TRIGGER 90 1 @ 89", "GTT BUY ann TRIGGER 95 10 @ 96 EXPIRES +367d",
         "GTT BUY ann TRIGGER 95 10 @ 96 EXPIRES -1s", "GTT BUY ann TRIGGER 0 10 @ 96", "GTT BUY ann TRIGGER 95 0 @ 96",
         "GTT BUY ann TRIGGER 95.5 10 @ 96", "GTT BUY ann TRIGGER 95 10 @ 96 LEGS 3",
         "GTT BUY nobody TRIGGER 95 10 @ 96", "GTT BUY ann TRIGGER 95 10 @ 96 OF NOTHING");
    then(w, "REJECT NO_REFERENCE_PRICE", "FILL cat bob 1 @ 100",
         "REJECT GTT_TRIGGER_INVALID field trigger_price value 100 limit 100",
         "REJECT GTT_TRIGGER_INVALID value 90 limit 100", "REJECT EXPIRY_TOO_FAR field expires_at limit 366",
         "REJECT EXPIRY_REQUIRED field expires_at", "REJECT PRICE_REQUIRED field trigger_price value 0",
         "REJECT QUANTITY_NOT_POSITIVE value 0", "REJECT PRICE_OFF_TICK field trigger_price value 95.5 limit 1",
         "REJECT FIELD_INVALID field legs", "REJECT UNKNOWN_ACCOUNT", "REJECT UNKNOWN_INSTRUMENT");
}

static void what_a_modification_may_say(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ MARKET");
    when(w, "GTT_MODIFY ann", "GTT_MODIFY ann STATUS 2", "GTT_MODIFY ann @ 96", "GTT_MODIFY ann LEG 2 TRIGGER 105",
         "GTT_MODIFY ann EXPIRES +400d");
    then(w, "REJECT ann FIELD_INVALID field legs", "REJECT ann FIELD_INVALID field status",
         "REJECT ann PRICE_NOT_ALLOWED field price", "REJECT ann FIELD_INVALID field legs",
         "REJECT ann EXPIRY_TOO_FAR");
}

static void the_order_it_sends_names_it(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96",
          "GTT BUY eve TRIGGER 95 10 @ MARKET", "BUY dan 1 @ 95", "SELL dan 3 @ 97");
    when(w, "SELL bob 1 @ 95");
    then(w, "PLACED bob 1 @ 95", "FILL bob dan 1 @ 95", "GTT ann TRIGGERED", "PLACED ann 10 @ 96 by GTT hold 960.00",
         "GTT eve TRIGGERED", "PLACED eve 10 @ MARKET by GTT", "FILL eve dan 3 @ 97",
         "CANCELLED eve 7 MARKET_REMAINDER");
}

static void a_gtt_is_refused_its_order_while_its_account_is_halted(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "GTT BUY ann TRIGGER 95 10 @ 96", "BUY dan 1 @ 95",
          "TRADING HALTED ann");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "GTT ann REJECTED reject ACCOUNT_HALTED", "ORDERS 0");
}

static void its_legs_count_as_open_orders(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "ACCOUNT ann MARGIN MAX_OPEN 2", "DEPOSIT ann 1000");
    when(w, "GTT SELL ann TRIGGER 95 1 @ 94 TRIGGER 110 1 @ 110", "BUY ann 1 @ 90", "GTT BUY ann TRIGGER 95 1 @ 94");
    then(w, "REJECT ann OPEN_ORDERS_LIMIT value 3 limit 2", "REJECT OPEN_ORDERS_LIMIT value 3 limit 2", "ORDERS 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_trigger_below_the_market_sends_its_order_at_or_below),
        in_a_world(a_trigger_above_the_market_sends_its_order_at_or_above),
        in_a_world(it_holds_nothing_while_it_waits),
        in_a_world(of_two_legs_the_first_to_be_met_is_sent_and_the_other_goes),
        in_a_world(an_order_that_is_refused_when_it_is_sent_says_why),
        in_a_world(it_outlives_the_day_and_ends_by_its_time),
        in_a_world(it_lives_a_year_when_no_time_is_given),
        in_a_world(it_may_be_deleted),
        in_a_world(a_disabled_one_does_not_trigger_until_it_is_active_again),
        in_a_world(its_numbers_may_be_modified),
        in_a_world(a_mass_cancel_ends_it_and_counts_it_once),
        in_a_world(it_is_no_order_to_cancel_or_modify),
        in_a_world(with_the_quote_it_waits_for_the_quote),
        in_a_world(what_a_trigger_needs),
        in_a_world(what_a_modification_may_say),
        in_a_world(the_order_it_sends_names_it),
        in_a_world(a_gtt_is_refused_its_order_while_its_account_is_halted),
        in_a_world(its_legs_count_as_open_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
