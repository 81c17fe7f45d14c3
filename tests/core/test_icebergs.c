/* tests/core/test_icebergs.c - orders that show a part of themselves; each refill goes to the back of its price. */
#include "tests/world/world.h"

static void the_book_shows_the_displayed_part_only(void **state)
{
    struct world *w = *state;
    when(w, "SELL ann 100 @ 101 DISPLAY 10");
    then(w, "SHOWS ann 10", "RESTS ann 100 @ 101", "ASKS 10 @ 101", "HIDDEN SELL 101 90");
}

static void a_refill_goes_to_the_back_of_the_queue(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 30 @ 101 DISPLAY 10", "SELL bob 10 @ 101");
    when(w, "BUY cat 25 @ 101");
    then(w, "FILL cat ann 10 @ 101", "SHOWS ann 10", "FILL cat bob 10 @ 101", "FILL cat ann 5 @ 101", "ASKS 5 @ 101",
         "HIDDEN SELL 101 10");
}

static void a_partly_filled_display_keeps_its_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 30 @ 101 DISPLAY 10", "SELL bob 10 @ 101");
    when(w, "BUY cat 4 @ 101");
    then(w, "FILL cat ann 4 @ 101", "QUEUE SELL 101 ann bob", "ASKS 16 @ 101");
}

static void one_taker_may_empty_it_display_by_display(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 25 @ 101 DISPLAY 10");
    when(w, "BUY cat 25 @ 101");
    then(w, "FILL cat ann 10 @ 101", "SHOWS ann 10", "FILL cat ann 10 @ 101", "SHOWS ann 5", "FILL cat ann 5 @ 101",
         "GONE ann");
}

static void what_is_hidden_counts_for_fill_or_kill(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 30 @ 101 DISPLAY 10");
    when(w, "BUY cat 31 @ 101 FOK", "BUY cat 30 @ 101 FOK");
    then(w, "CANCELLED cat 31 FOK_UNFILLED", "FILL cat ann 10 @ 101", "FILL cat ann 10 @ 101", "FILL cat ann 10 @ 101");
}

static void an_aggressive_iceberg_trades_in_full_and_hides_only_its_rest(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 30 @ 100");
    when(w, "BUY ann 50 @ 100 DISPLAY 5");
    then(w, "FILL ann bob 30 @ 100", "SHOWS ann 5", "RESTS ann 20 @ 100", "BIDS 5 @ 100", "HIDDEN BUY 100 15");
}

static void a_smaller_quantity_keeps_its_place_and_shows_no_more_than_is_left(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 30 @ 101 DISPLAY 10", "SELL bob 10 @ 101");
    when(w, "MODIFY ann TO 6");
    then(w, "MODIFIED ann 6 @ 101 KEEPS", "ASKS 16 @ 101", "HIDDEN SELL 101 0", "QUEUE SELL 101 ann bob");
}

static void a_new_display_quantity_costs_the_place(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 30 @ 101 DISPLAY 10", "SELL bob 10 @ 101");
    when(w, "MODIFY ann DISPLAY 20");
    then(w, "MODIFIED ann 30 @ 101 LOSES", "SHOWS ann 20", "ASKS 30 @ 101", "QUEUE SELL 101 bob ann");
}

static void it_holds_for_the_whole_quantity(void **state)
{
    struct world *w = *state;
    when(w, "BUY ann 100 @ 50 DISPLAY 1");
    then(w, "RESERVED ann 5000.00");
}

static void what_may_be_displayed(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ LOT 5", "SELL bob 5 @ 200");
    when(w, "BUY ann 10 @ 100 DISPLAY 15", "BUY ann 10 @ 100 DISPLAY 3", "BUY ann 10 @ 100 DISPLAY 0",
         "BUY ann 10 @ MARKET DISPLAY 5", "BUY ann 10 @ 100 IOC DISPLAY 5", "MODIFY bob DISPLAY 5");
    then(w, "REJECT ann DISPLAY_NOT_ALLOWED", "REJECT ann QUANTITY_OFF_LOT field display_quantity value 3 limit 5",
         "REJECT ann QUANTITY_NOT_POSITIVE field display_quantity value 0", "REJECT ann DISPLAY_NOT_ALLOWED",
         "REJECT ann DISPLAY_NOT_ALLOWED", "REJECT bob DISPLAY_NOT_ALLOWED");
}

static void a_refill_is_younger_than_what_came_meanwhile_but_keeps_its_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 20 @ 101 DISPLAY 10", "SELL bob 5 @ 101", "SELL eve 5 @ 102");
    when(w, "BUY cat 10 @ 102", "BUY cat 20 @ 102");
    then(w, "FILL cat ann 10 @ 101", "FILL cat bob 5 @ 101", "FILL cat ann 10 @ 101", "FILL cat eve 5 @ 102");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(the_book_shows_the_displayed_part_only),
        in_a_world(a_refill_goes_to_the_back_of_the_queue),
        in_a_world(a_partly_filled_display_keeps_its_place),
        in_a_world(one_taker_may_empty_it_display_by_display),
        in_a_world(what_is_hidden_counts_for_fill_or_kill),
        in_a_world(an_aggressive_iceberg_trades_in_full_and_hides_only_its_rest),
        in_a_world(a_smaller_quantity_keeps_its_place_and_shows_no_more_than_is_left),
        in_a_world(a_new_display_quantity_costs_the_place),
        in_a_world(it_holds_for_the_whole_quantity),
        in_a_world(what_may_be_displayed),
        in_a_world(a_refill_is_younger_than_what_came_meanwhile_but_keeps_its_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
