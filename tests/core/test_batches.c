/* tests/core/test_batches.c - many orders in one command: each for itself, or all or none. */
#include "tests/world/world.h"

/* ---- each for itself ---- */

static void the_orders_of_a_batch_are_placed_in_turn(void **state)
{
    struct world *w = *state;
    when(w, "BATCH OWNER ann BUY ann 10 @ 100 ; SELL bob 4 @ 100 ; BUY cat 1 @ 0 ; SELL bob 4 @ 100");
    then(w, "BATCHED 4 atomic NO owner ann", "FILL bob ann 4 @ 100", "REJECT cat PRICE_REQUIRED field price value 0",
         "FILL bob ann 4 @ 100", "RESTS ann 2 @ 100");
}

static void each_order_sees_what_those_before_it_left(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000");
    when(w, "BATCH BUY ann 6 @ 100 ; BUY ann 6 @ 100 ; BUY ann 4 @ 100");
    then(w, "REJECT ann CASH_SHORT value 600.00 limit 400.00", "RESERVED ann 1000.00", "ORDERS 2");
}

static void an_order_of_a_batch_has_an_id_of_its_own(void **state)
{
    struct world *w = *state;
    given(w, "BATCH AS all BUY ann 1 @ 100 AS one ; BUY ann 1 @ 101 AS two ; BUY ann 1 @ 102 AS three");
    when(w, "CANCEL two", "MODIFY three TO 2");
    then(w, "CANCELLED ann 1 REQUESTED", "BIDS 2 @ 102 1 @ 100");
}

static void a_batch_has_at_least_one_order_and_at_most_so_many(void **state)
{
    struct world *w = *state;
    when(w, "BATCH", "BATCH ATOMIC BUY ann 1 @ 100 TIMES 1001", "BATCH BUY ann 1 @ 100 TIMES 10001");
    then(w, "REJECT FIELD_INVALID field orders", "REJECT FIELD_INVALID field orders",
         "REJECT FIELD_INVALID field orders", "ORDERS 0");
}

static void a_batch_may_send_to_brokers_and_to_the_book(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES MIN 100 TO ALPHA");
    when(w, "BATCH BUY ann 100 @ 10 ; BUY ann 99 @ 10 ; BUY bob 1 @ 10 VENUE ALPHA");
    then(w, "ROUTED ann ALPHA rule 1", "ROUTED bob ALPHA asked YES", "BIDS 99 @ 10", "TABLES routes 2");
}

static void what_a_batch_sets_off_comes_before_its_next_order(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL dan 5 @ MARKET STOP 95", "BUY cat 1 @ 95", "BUY eve 5 @ 94");
    when(w, "BATCH SELL bob 1 @ 95 ; SELL bob 5 @ 94");
    then(w, "FILL bob cat 1 @ 95", "FILL dan eve 5 @ 94", "RESTS bob 5 @ 94");
}

/* ---- all or none ---- */

static void an_atomic_batch_is_accepted_whole(void **state)
{
    struct world *w = *state;
    given(w, "SELL dan 3 @ 99");
    when(w, "BATCH ATOMIC BUY ann 10 @ 100 ; SELL bob 4 @ 101 ; SELL cat 5 @ MARKET STOP 90");
    then(w, "BATCHED 3 atomic YES", "FILL ann dan 3 @ 99", "RESTS ann 7 @ 100", "RESTS bob 4 @ 101",
         "WAITS cat 5 PENDING_TRIGGER");
}

static void one_bad_order_keeps_them_all_out(void **state)
{
    struct world *w = *state;
    when(w, "BATCH ATOMIC BUY ann 10 @ 100 ; BUY bob 4 @ 100.5 ; BUY cat 0 @ 100");
    then(w, "REJECT bob PRICE_OFF_TICK field price value 100.5 limit 1", "ORDERS 0", "BIDS NONE", "RESERVED ann 0.00");
}

static void the_holds_of_an_atomic_batch_add_up(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000");
    when(w, "BATCH ATOMIC BUY ann 6 @ 100 ; BUY ann 4 @ 101", "BATCH ATOMIC BUY ann 6 @ 100 ; BUY ann 4 @ 100");
    then(w, "REJECT ann CASH_SHORT value 404.00 limit 400.00", "BIDS 10 @ 100", "FREE ann 0.00");
}

static void no_fill_counts_while_an_atomic_batch_is_judged(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 10 @ 90");
    when(w, "BATCH ATOMIC BUY ann 10 @ 100 ; SELL ann 5 @ 120", "BATCH BUY ann 10 @ 100 ; SELL ann 5 @ 120");
    then(w, "REJECT ann POSITION_SHORT field quantity value 5", "FILL ann bob 10 @ 90", "RESTS ann 5 @ 120");
}

static void limits_of_the_account_and_the_tables_count_the_whole_batch(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS orders_max 3", "ACCOUNT ann MARGIN MAX_OPEN 2", "DEPOSIT ann 100000");
    when(w, "BATCH ATOMIC BUY ann 1 @ 100 ; BUY ann 1 @ 100 ; BUY ann 1 @ 100",
         "BATCH ATOMIC BUY bob 1 @ 100 ; BUY bob 1 @ 100 ; BUY bob 1 @ 100 ; BUY bob 1 @ 100",
         "BATCH ATOMIC BUY bob 1 @ 100 ; BUY bob 1 @ 100 ; BUY ann 1 @ 100");
    then(w, "REJECT ann OPEN_ORDERS_LIMIT value 3 limit 2", "REJECT bob ORDERS_FULL limit 3", "ORDERS 3");
}

static void an_atomic_batch_takes_only_orders_that_cannot_end_otherwise(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "BATCH ATOMIC BUY ann 1 @ MARKET", "BATCH ATOMIC BUY ann 1 @ 100 IOC", "BATCH ATOMIC BUY ann 1 @ 100 FOK",
         "BATCH ATOMIC BUY ann 1 @ 100 POST_ONLY", "BATCH ATOMIC BUY ann 1 @ 100 AON",
         "BATCH ATOMIC SELL ann 1 @ 100 REDUCE_ONLY", "BATCH ATOMIC SELL ann 1 @ MARKET TRAIL 5");
    then(w, "REJECT ann BATCH_NOT_ALLOWED field type", "REJECT ann BATCH_NOT_ALLOWED field tif",
         "REJECT ann BATCH_NOT_ALLOWED field tif", "REJECT ann BATCH_NOT_ALLOWED field flags",
         "REJECT ann BATCH_NOT_ALLOWED field flags", "REJECT ann BATCH_NOT_ALLOWED field flags",
         "REJECT ann BATCH_NOT_ALLOWED field trail");
}

static void one_client_order_id_may_not_come_twice_in_a_batch(void **state)
{
    struct world *w = *state;
    when(w, "BATCH ATOMIC BUY ann 1 @ 100 ID a ; BUY ann 1 @ 100 ID a",
         "BATCH ATOMIC BUY ann 1 @ 100 ID a ; BUY bob 1 @ 100 ID a",
         "BATCH BUY ann 1 @ 100 ID b ; BUY ann 1 @ 100 ID b");
    then(w, "REJECT ann DUPLICATE_CLIENT_ORDER_ID field client_order_id",
         "REJECT ann DUPLICATE_CLIENT_ORDER_ID field client_order_id", "ORDERS 3");
}

static void orders_of_an_atomic_batch_may_trade_with_each_other(void **state)
{
    struct world *w = *state;
    when(w, "BATCH ATOMIC BUY ann 10 @ 100 ; SELL bob 4 @ 99");
    then(w, "FILL bob ann 4 @ 100", "RESTS ann 6 @ 100");
}

static void an_atomic_batch_may_go_to_brokers(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS routes_max 2", "VENUE ALPHA");
    when(w, "BATCH ATOMIC BUY ann 1 @ 100 VENUE ALPHA ; BUY ann 1 @ 100 VENUE ALPHA ; BUY bob 1 @ 100 VENUE ALPHA",
         "BATCH ATOMIC BUY ann 1 @ 100 VENUE ALPHA ; BUY bob 1 @ 100 VENUE ALPHA");
    then(w, "REJECT bob ROUTES_FULL limit 2", "ROUTED ann ALPHA", "ROUTED bob ALPHA", "TABLES routes 2");
}

/* ---- cancelled together ---- */

static void a_batch_is_cancelled_by_its_id(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA",
          "BATCH AS all BUY ann 1 @ 100 ; BUY ann 2 @ 101 AS two ; BUY bob 3 @ 99 VENUE ALPHA ; BUY cat 4 @ 98",
          "CANCEL two", "BUY dan 5 @ 97");
    when(w, "CANCEL_BATCH all", "REPORT bob CANCELLED");
    then(w, "CANCELLED ann 1 BATCH_CANCEL", "BROKER bob PENDING_CANCEL", "CANCELLED cat 4 BATCH_CANCEL",
         "SWEPT 3 DONE sweep BATCH", "BROKER bob PENDING_CANCEL report CANCELLED", "CANCELLED bob 3 BATCH_CANCEL",
         "BIDS 5 @ 97");
}

static void only_orders_of_a_batch_are_cancelled_with_it(void **state)
{
    struct world *w = *state;
    given(w, "OCO SELL ann 1 @ 110 OR @ 120 AS second");
    when(w, "CANCEL_BATCH ann COUNT 5");
    then(w, "SWEPT 0 DONE sweep BATCH", "ASKS 1 @ 110 1 @ 120");
}

static void a_batch_that_is_too_long_for_one_command_goes_on(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "BATCH AS all BUY ann 1 @ 100 ; BUY bob 1 @ 100 ; BUY cat 1 @ 100");
    when(w, "CANCEL_BATCH all", "BUY ann 1 @ 100", "CONTINUE");
    then(w, "CANCELLED ann 1 BATCH_CANCEL", "CANCELLED bob 1 BATCH_CANCEL", "SWEPT 2 MORE sweep BATCH",
         "REJECT ann SWEEP_PENDING", "CANCELLED cat 1 BATCH_CANCEL", "SWEPT 1 DONE sweep BATCH", "SETTLED");
}

static void the_id_of_a_batch_has_no_index(void **state)
{
    struct world *w = *state;
    given(w, "BATCH AS all BUY ann 1 @ 100 AS one");
    when(w, "CANCEL_BATCH one", "CANCEL_BATCH =0", "CANCEL_BATCH all COUNT 0", "CANCEL_BATCH all COUNT 10001");
    then(w, "REJECT ann FIELD_INVALID field batch_id", "REJECT FIELD_INVALID field batch_id",
         "REJECT FIELD_INVALID field orders", "REJECT FIELD_INVALID field orders");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(the_orders_of_a_batch_are_placed_in_turn),
        in_a_world(each_order_sees_what_those_before_it_left),
        in_a_world(an_order_of_a_batch_has_an_id_of_its_own),
        in_a_world(a_batch_has_at_least_one_order_and_at_most_so_many),
        in_a_world(a_batch_may_send_to_brokers_and_to_the_book),
        in_a_world(what_a_batch_sets_off_comes_before_its_next_order),
        in_a_world(an_atomic_batch_is_accepted_whole),
        in_a_world(one_bad_order_keeps_them_all_out),
        in_a_world(the_holds_of_an_atomic_batch_add_up),
        in_a_world(no_fill_counts_while_an_atomic_batch_is_judged),
        in_a_world(limits_of_the_account_and_the_tables_count_the_whole_batch),
        in_a_world(an_atomic_batch_takes_only_orders_that_cannot_end_otherwise),
        in_a_world(one_client_order_id_may_not_come_twice_in_a_batch),
        in_a_world(orders_of_an_atomic_batch_may_trade_with_each_other),
        in_a_world(an_atomic_batch_may_go_to_brokers),
        in_a_world(a_batch_is_cancelled_by_its_id),
        in_a_world(only_orders_of_a_batch_are_cancelled_with_it),
        in_a_world(a_batch_that_is_too_long_for_one_command_goes_on),
        in_a_world(the_id_of_a_batch_has_no_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
