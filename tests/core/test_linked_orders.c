/* tests/core/test_linked_orders.c - OCO: one cancels the other. OTO: one triggers the other. BRACKET: an entry that triggers a
 * take-profit and a stop-loss. */
#include "tests/world/world.h"

static void both_orders_of_a_pair_wait_and_a_partial_fill_shrinks_the_other(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "OCO SELL ann 10 @ 110 OR @ MARKET STOP 95");
    when(w, "BUY cat 4 @ 110");
    then(w, "FILL cat ann 4 @ 110", "REDUCED ann 6 OCO", "RESTS ann 6 @ 110", "WAITS ann 6 PENDING_TRIGGER stop 95");
}

static void a_full_fill_ends_the_other(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "OCO SELL ann 10 @ 110 OR @ MARKET STOP 95");
    when(w, "BUY cat 10 @ 110");
    then(w, "FILL cat ann 10 @ 110", "CANCELLED ann 10 OCO", "GONE ann", "POSITION ann 0");
}

static void the_stop_of_a_pair_ends_the_limit(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "OCO SELL ann 10 @ 110 OR @ MARKET STOP 95", "BUY dan 1 @ 95",
          "BUY dan 20 @ 94");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95", "FILL ann dan 10 @ 94", "CANCELLED ann 10 OCO",
         "POSITION ann 0");
}

static void a_stop_that_fills_in_part_shrinks_the_limit_and_its_rest_ends_it(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "OCO SELL ann 10 @ 110 OR @ MARKET STOP 95", "BUY dan 1 @ 95",
          "BUY dan 7 @ 94");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "FILL ann dan 7 @ 94", "REDUCED ann 3 OCO", "CANCELLED ann 3 MARKET_REMAINDER",
         "CANCELLED ann 3 OCO", "GONE ann", "POSITION ann 3");
}

static void to_cancel_one_cancels_both(void **state)
{
    struct world *w = *state;
    given(w, "OCO SELL ann 10 @ 110 AS high OR @ MARKET STOP 95 AS low",
          "OCO SELL bob 10 @ 110 AS up OR @ MARKET STOP 95 AS down");
    when(w, "CANCEL low", "CANCEL up");
    then(w, "CANCELLED ann 10 REQUESTED", "CANCELLED ann 10 OCO", "CANCELLED bob 10 REQUESTED", "CANCELLED bob 10 OCO",
         "ORDERS 0", "RESERVED ann 0.00");
}

static void a_pair_holds_for_the_dearer_of_the_two(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "OCO BUY ann 10 @ 90 OR @ 112 STOP 110");
    then(w, "PLACED ann 10 @ 90 hold 1120.00", "PLACED ann 10 @ 112 hold 0.00 stop 110", "RESERVED ann 1120.00");
}

static void the_quantity_of_a_pair_is_not_modified_but_its_prices_are(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "OCO SELL ann 10 @ 110 AS high OR @ MARKET STOP 95 AS low");
    when(w, "MODIFY high TO 5", "MODIFY high @ 112", "MODIFY low STOP 96");
    then(w, "REJECT ann LINKED_QUANTITY field quantity", "RESTS ann 10 @ 112", "WAITS ann 10 PENDING_TRIGGER stop 96");
}

static void a_child_waits_for_its_parent(void **state)
{
    struct world *w = *state;
    when(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110");
    then(w, "NOTHING", "RESTS ann 10 @ 99", "WAITS ann 10 WAITING price 110", "RESERVED ann 990.00", "ASKS NONE");
}

static void a_child_comes_with_the_full_fill(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110");
    when(w, "SELL bob 4 @ 99", "SELL bob 6 @ 99");
    then(w, "FILL bob ann 4 @ 99", "FILL bob ann 6 @ 99", "ACTIVATED ann 10 phase RESTING", "ASKS 10 @ 110");
}

static void a_child_may_come_with_each_fill(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 EACH_FILL THEN SELL @ 110");
    when(w, "SELL bob 4 @ 99", "SELL bob 6 @ 99");
    then(w, "FILL bob ann 4 @ 99", "ACTIVATED ann 4", "FILL bob ann 6 @ 99", "ACTIVATED ann 10", "ASKS 10 @ 110");
}

static void two_fills_of_one_command_make_one_child_of_the_right_size(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 98", "SELL cat 6 @ 99");
    when(w, "OTO BUY ann 10 @ 99 EACH_FILL THEN SELL @ 110");
    then(w, "FILL ann bob 4 @ 98", "FILL ann cat 6 @ 99", "ACTIVATED ann 10", "ASKS 10 @ 110");
}

static void an_entry_that_ends_unfilled_takes_its_child_with_it(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110");
    when(w, "CANCEL ann");
    then(w, "CANCELLED ann 10 REQUESTED", "CANCELLED ann 10 PARENT_ENDED", "ORDERS 0");
}

static void an_entry_that_ends_half_filled_leaves_a_child_for_that_half(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110", "SELL bob 4 @ 99");
    when(w, "CANCEL ann");
    then(w, "CANCELLED ann 6 REQUESTED", "ACTIVATED ann 4", "ASKS 4 @ 110");
}

static void a_mass_cancel_leaves_no_child(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110", "SELL bob 4 @ 99");
    when(w, "MASS_CANCEL ann");
    then(w, "CANCELLED ann 6 MASS_CANCEL", "CANCELLED ann 10 PARENT_ENDED", "ORDERS 0");
}

static void a_bracket_guards_its_entry_on_both_sides(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 LOSS @ MARKET STOP 95");
    when(w, "SELL bob 10 @ 100");
    then(w, "FILL bob ann 10 @ 100", "ACTIVATED ann 10 phase RESTING", "ACTIVATED ann 10 phase PENDING_TRIGGER",
         "RESTS ann 10 @ 110", "WAITS ann 10 PENDING_TRIGGER stop 95");
}

static void the_take_profit_ends_the_stop_loss(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 LOSS @ MARKET STOP 95", "SELL bob 10 @ 100");
    when(w, "BUY cat 3 @ 110", "BUY cat 7 @ 110");
    then(w, "FILL cat ann 3 @ 110", "REDUCED ann 7 OCO", "FILL cat ann 7 @ 110", "CANCELLED ann 7 OCO", "GONE ann",
         "REALIZED ann 100.00");
}

static void the_stop_loss_ends_the_take_profit(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 LOSS @ MARKET STOP 95", "SELL bob 10 @ 100", "BUY dan 1 @ 95",
          "BUY dan 20 @ 94");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "FILL ann dan 10 @ 94", "CANCELLED ann 10 OCO", "REALIZED ann -60.00");
}

static void the_guard_grows_with_each_fill_where_that_is_asked_for(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 EACH_FILL TAKE @ 110 LOSS @ MARKET STOP 95");
    when(w, "SELL bob 4 @ 100", "SELL bob 6 @ 100");
    then(w, "FILL bob ann 4 @ 100", "ACTIVATED ann 4", "ACTIVATED ann 4", "FILL bob ann 6 @ 100", "ACTIVATED ann 10",
         "ACTIVATED ann 10", "RESTS ann 10 @ 110", "WAITS ann 10 PENDING_TRIGGER stop 95");
}

static void a_fill_of_the_guard_ends_the_rest_of_the_entry(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 EACH_FILL TAKE @ 110 LOSS @ MARKET STOP 95", "SELL bob 4 @ 100");
    when(w, "BUY cat 1 @ 110");
    then(w, "FILL cat ann 1 @ 110", "REDUCED ann 3 OCO", "CANCELLED ann 6 EXITED", "RESTS ann 3 @ 110",
         "WAITS ann 3 PENDING_TRIGGER stop 95");
}

static void a_guard_needs_no_money(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "BRACKET BUY ann 10 @ 100 TAKE @ 110 LOSS @ MARKET STOP 95");
    when(w, "SELL bob 10 @ 100");
    then(w, "FILL bob ann 10 @ 100", "ACTIVATED ann 10 hold 0.00", "ACTIVATED ann 10 hold 0.00", "FREE ann 0.00");
}

static void a_child_that_may_not_open_a_position_is_refused_when_its_time_comes(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "OTO BUY ann 10 @ 99 THEN BUY @ 98");
    when(w, "SELL bob 10 @ 99");
    then(w, "FILL bob ann 10 @ 99", "CANCELLED ann 10 REFUSED reject CASH_SHORT", "GONE ann");
}

static void prices_of_waiting_children_may_be_modified(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 AS take LOSS @ MARKET STOP 95 AS loss");
    when(w, "MODIFY take @ 120", "MODIFY loss STOP 90", "MODIFY loss TO 5", "SELL bob 10 @ 100");
    then(w, "REJECT ann LINKED_QUANTITY", "FILL bob ann 10 @ 100", "RESTS ann 10 @ 120",
         "WAITS ann 10 PENDING_TRIGGER stop 90");
}

static void what_may_not_be_linked(void **state)
{
    struct world *w = *state;
    when(w, "OCO SELL ann 10 @ 110 IOC OR @ 120", "OCO SELL ann 10 @ 110 POST_ONLY OR @ 120",
         "OCO SELL ann 10 @ MARKET OR @ 120", "OTO BUY ann 10 @ 99 DISPLAY 5 THEN SELL @ 120",
         "OTO BUY ann 10 @ 99 VENUE QUOTE THEN SELL @ 120", "OTO BUY ann 10 @ 99 THEN SELL @ 120 IOC",
         "OTO BUY ann 10 @ 99 THEN @ 120", "BRACKET BUY ann 10 @ 99 TAKE @ 120 LOSS @ 90",
         "BRACKET BUY ann 10 @ 99 ACTIVATION 3 TAKE @ 120 LOSS @ 90 STOP 91",
         "OTO BUY ann 10 @ 99 LINK 4 THEN SELL @ 120");
    then(w, "REJECT ann LINK_NOT_ALLOWED field tif", "REJECT ann LINK_NOT_ALLOWED field flags",
         "REJECT ann LINK_NOT_ALLOWED field type", "REJECT ann LINK_NOT_ALLOWED field display_quantity",
         "REJECT ann LINK_NOT_ALLOWED field venue", "REJECT ann FIELD_INVALID field tif",
         "REJECT ann FIELD_INVALID field side", "REJECT ann FIELD_INVALID field legs",
         "REJECT ann FIELD_INVALID field activation", "REJECT ann FIELD_INVALID field link");
}

static void a_bracket_may_begin_at_the_market(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 6 @ 100");
    when(w, "BRACKET BUY ann 10 @ MARKET TAKE @ 110 LOSS @ MARKET STOP 95");
    then(w, "FILL ann bob 6 @ 100", "CANCELLED ann 4 MARKET_REMAINDER", "ACTIVATED ann 6", "ACTIVATED ann 6",
         "RESTS ann 6 @ 110", "WAITS ann 6 PENDING_TRIGGER stop 95");
}

static void a_bracket_may_begin_with_a_stop(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BRACKET BUY ann 10 @ MARKET STOP 105 TAKE @ 120 LOSS @ 94 STOP 95",
          "SELL dan 1 @ 105", "SELL dan 20 @ 106");
    when(w, "BUY bob 1 @ 105");
    then(w, "FILL bob dan 1 @ 105", "TRIGGERED ann 105 @ 105", "FILL ann dan 10 @ 106",
         "ACTIVATED ann 10 phase RESTING", "ACTIVATED ann 10 phase PENDING_TRIGGER");
}

static void a_bracket_may_sell_first(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET SELL ann 10 @ 100 TAKE @ 90 LOSS @ MARKET STOP 105");
    when(w, "BUY bob 10 @ 100", "SELL bob 10 @ 90");
    then(w, "FILL bob ann 10 @ 100", "FILL bob ann 10 @ 90", "CANCELLED ann 10 OCO", "REALIZED ann 100.00",
         "POSITION ann 0");
}

static void a_child_may_trade_as_it_comes(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 112 THEN SELL @ 110", "BUY dan 4 @ 111");
    when(w, "SELL bob 10 @ 112");
    then(w, "FILL bob ann 10 @ 112", "ACTIVATED ann 10", "FILL ann dan 4 @ 111", "RESTS ann 6 @ 110");
}

static void a_pair_ends_together_by_its_time(void **state)
{
    struct world *w = *state;
    given(w, "OCO SELL ann 10 @ 110 GTD +1s OR @ MARKET STOP 95",
          "BRACKET BUY bob 10 @ 90 GTD +2s TAKE @ 110 LOSS @ MARKET STOP 80");
    when(w, "WAIT +1s", "TICK", "WAIT +1s", "TICK");
    then(w, "EXPIRED ann 10", "CANCELLED ann 10 OCO", "EXPIRED bob 10", "CANCELLED bob 10 PARENT_ENDED",
         "CANCELLED bob 10 PARENT_ENDED", "ORDERS 0");
}

static void the_end_of_the_day_ends_the_entry_and_its_children(void **state)
{
    struct world *w = *state;
    given(w, "OTO BUY ann 10 @ 99 THEN SELL @ 110", "OTO BUY bob 10 @ 99 GTC THEN SELL @ 110");
    when(w, "END_OF_DAY");
    then(w, "EXPIRED ann 10", "CANCELLED ann 10 PARENT_ENDED", "RESTS bob 10 @ 99", "WAITS bob 10 WAITING");
}

static void to_cancel_a_waiting_child_leaves_the_entry(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 AS take LOSS @ MARKET STOP 95");
    when(w, "CANCEL take", "SELL bob 10 @ 100");
    then(w, "CANCELLED ann 10 REQUESTED", "CANCELLED ann 10 OCO", "FILL bob ann 10 @ 100", "GONE ann");
}

static void the_system_may_be_reducing_and_a_guard_still_comes(void **state)
{
    struct world *w = *state;
    given(w, "BRACKET BUY ann 10 @ 100 TAKE @ 110 LOSS @ MARKET STOP 95", "TRADING REDUCING");
    when(w, "SELL dan 10 @ 100", "TRADING ACTIVE", "SELL dan 10 @ 100");
    then(w, "REJECT dan SYSTEM_REDUCING", "FILL dan ann 10 @ 100", "ACTIVATED ann 10", "ACTIVATED ann 10");
}

static void both_orders_of_a_pair_may_meet_the_market_and_only_one_quantity_trades(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 90", "BUY ann 10 @ 90", "BUY cat 6 @ 100", "BUY dan 20 @ 99");
    when(w, "OCO SELL ann 10 @ 100 OR @ 99");
    then(w, "FILL ann cat 6 @ 100", "REDUCED ann 4 OCO", "FILL ann dan 4 @ 99", "CANCELLED ann 4 OCO",
         "POSITION ann 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(both_orders_of_a_pair_wait_and_a_partial_fill_shrinks_the_other),
        in_a_world(a_full_fill_ends_the_other),
        in_a_world(the_stop_of_a_pair_ends_the_limit),
        in_a_world(a_stop_that_fills_in_part_shrinks_the_limit_and_its_rest_ends_it),
        in_a_world(to_cancel_one_cancels_both),
        in_a_world(a_pair_holds_for_the_dearer_of_the_two),
        in_a_world(the_quantity_of_a_pair_is_not_modified_but_its_prices_are),
        in_a_world(a_child_waits_for_its_parent),
        in_a_world(a_child_comes_with_the_full_fill),
        in_a_world(a_child_may_come_with_each_fill),
        in_a_world(two_fills_of_one_command_make_one_child_of_the_right_size),
        in_a_world(an_entry_that_ends_unfilled_takes_its_child_with_it),
        in_a_world(an_entry_that_ends_half_filled_leaves_a_child_for_that_half),
        in_a_world(a_mass_cancel_leaves_no_child),
        in_a_world(a_bracket_guards_its_entry_on_both_sides),
        in_a_world(the_take_profit_ends_the_stop_loss),
        in_a_world(the_stop_loss_ends_the_take_profit),
        in_a_world(the_guard_grows_with_each_fill_where_that_is_asked_for),
        in_a_world(a_fill_of_the_guard_ends_the_rest_of_the_entry),
        in_a_world(a_guard_needs_no_money),
        in_a_world(a_child_that_may_not_open_a_position_is_refused_when_its_time_comes),
        in_a_world(prices_of_waiting_children_may_be_modified),
        in_a_world(what_may_not_be_linked),
        in_a_world(a_bracket_may_begin_at_the_market),
        in_a_world(a_bracket_may_begin_with_a_stop),
        in_a_world(a_bracket_may_sell_first),
        in_a_world(a_child_may_trade_as_it_comes),
        in_a_world(a_pair_ends_together_by_its_time),
        in_a_world(the_end_of_the_day_ends_the_entry_and_its_children),
        in_a_world(to_cancel_a_waiting_child_leaves_the_entry),
        in_a_world(the_system_may_be_reducing_and_a_guard_still_comes),
        in_a_world(both_orders_of_a_pair_may_meet_the_market_and_only_one_quantity_trades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
