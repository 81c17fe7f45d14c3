/* tests/api/test_outcome.c - what an answer says, taken from events alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/outcome.h"
#include "core/rejects.h"

enum { SEQ = 9 };
#define BATCH_ID ((uint64_t)SEQ << ORDER_INDEX_BITS)

static struct command command_of(enum command_kind kind)
{
    return (struct command){.seq = SEQ, .ts_ns = 1000, .kind = (uint8_t)kind};
}

static struct event event_of(enum event_kind kind)
{
    return (struct event){.seq = SEQ, .ts_ns = 1000, .kind = (uint8_t)kind};
}

static struct event placed(uint64_t id)
{
    struct event e = event_of(EVENT_PLACED);
    e.placed.order_id = id;
    e.placed.terms = (struct order_terms){
        .quantity = 10, .side = SIDE_BUY, .type = ORDER_TYPE_LIMIT, .tif = TIF_DAY, .flags = PLACE_BATCH};
    return e;
}

static struct event rejected(uint64_t id, enum command_kind kind)
{
    struct event e = event_of(EVENT_REJECTED);
    e.rejected = (struct event_rejected){.order_id = id,
                                         .refusal = {.reason = REJECT_UNKNOWN_INSTRUMENT, .field = REFUSAL_SYMBOL},
                                         .command_kind = (uint8_t)kind};
    return e;
}

static struct event batched(uint32_t orders)
{
    struct event e = event_of(EVENT_BATCHED);
    e.batched = (struct event_batched){.batch_id = BATCH_ID, .orders = orders};
    return e;
}

static void a_batch_has_a_row_for_each_order_and_is_accepted_though_some_are_not(void **state)
{
    (void)state;
    struct outcome o;
    struct command c = command_of(COMMAND_BATCH);
    c.batch.orders_count = 3;
    struct event expired = event_of(EVENT_EXPIRED); /* a timer's, of another order */
    expired.cancelled.order_id = 77;
    struct event events[] = {expired, batched(3), placed(BATCH_ID + 1), rejected(BATCH_ID + 2, COMMAND_BATCH),
                             placed(BATCH_ID + 3)};
    outcome_from_events(&o, &c, events, 5);
    assert_int_equal(o.error, 0);
    assert_int_equal(o.refusal.reason, 0);
    assert_int_equal(o.subject.kind, EVENT_BATCHED);
    assert_int_equal(o.orders_count, 3);
    assert_int_equal(o.orders[0].status, ORDER_STATUS_ACKED);
    assert_int_equal(o.orders[1].status, ORDER_STATUS_REJECTED);
    assert_int_equal(o.orders[1].refusal.reason, REJECT_UNKNOWN_INSTRUMENT);
    assert_int_equal(o.orders[2].order_id, BATCH_ID + 3);
    outcome_free(&o);
    outcome_free(&o);
    assert_null(o.orders);
}

static void a_fill_between_two_orders_of_a_batch_is_seen_by_both(void **state)
{
    (void)state;
    struct outcome o;
    struct command c = command_of(COMMAND_BATCH);
    c.batch.orders_count = 2;
    struct event sell = placed(BATCH_ID + 2), fill = event_of(EVENT_FILLED);
    sell.placed.terms.side = SIDE_SELL;
    fill.filled = (struct event_filled){.price = 5,
                                        .quantity = 10,
                                        .buy_order_id = BATCH_ID + 1,
                                        .sell_order_id = BATCH_ID + 2,
                                        .aggressor_side = SIDE_SELL};
    struct event events[] = {batched(2), placed(BATCH_ID + 1), sell, fill};
    outcome_from_events(&o, &c, events, 4);
    assert_int_equal(o.orders[0].status, ORDER_STATUS_FILLED);
    assert_int_equal(o.orders[1].status, ORDER_STATUS_FILLED);
    outcome_free(&o);
}

static void a_batch_that_is_refused_names_the_order_that_was_the_reason(void **state)
{
    (void)state;
    struct outcome o;
    struct command c = command_of(COMMAND_BATCH);
    c.batch.orders_count = 2;
    struct event one = rejected(BATCH_ID + 2, COMMAND_BATCH);
    outcome_from_events(&o, &c, &one, 1);
    assert_int_equal(o.refusal.reason, REJECT_UNKNOWN_INSTRUMENT);
    assert_int_equal(o.refused_id, BATCH_ID + 2);
    assert_int_equal(o.order.status, ORDER_STATUS_REJECTED);
    assert_int_equal(o.order.order_id, BATCH_ID + 2);
    assert_null(o.orders);
    one = rejected(BATCH_ID, COMMAND_BATCH); /* by its own fault */
    outcome_from_events(&o, &c, &one, 1);
    assert_int_equal(o.refusal.reason, REJECT_UNKNOWN_INSTRUMENT);
    assert_int_equal(o.order.status, 0);
}

static void a_refused_list_of_fills_names_its_order(void **state)
{
    (void)state;
    struct outcome o;
    struct command c = command_of(COMMAND_FILL);
    struct event e = rejected(1234, COMMAND_FILL);
    outcome_from_events(&o, &c, &e, 1);
    assert_int_equal(o.refused_id, 1234);
    assert_int_equal(o.order.status, 0);
}

static void work_that_went_on_is_added_up(void **state)
{
    (void)state;
    struct outcome o;
    struct command c = command_of(COMMAND_CANCEL_BATCH);
    struct event swept = event_of(EVENT_SWEPT);
    swept.swept = (struct event_swept){.orders = 5, .more = true, .sweep = SWEEP_BATCH};
    outcome_from_events(&o, &c, &swept, 1);
    assert_true(o.swept_more);
    swept.seq = SEQ + 1;
    swept.swept = (struct event_swept){.orders = 2, .more = false, .sweep = SWEEP_BATCH};
    outcome_add_continued(&o, &swept, 1);
    assert_int_equal(o.swept_count, 7);
    assert_false(o.swept_more);
    assert_int_equal(o.done_seq, SEQ + 1);
    assert_int_equal(o.seq, SEQ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_has_a_row_for_each_order_and_is_accepted_though_some_are_not),
        cmocka_unit_test(a_fill_between_two_orders_of_a_batch_is_seen_by_both),
        cmocka_unit_test(a_batch_that_is_refused_names_the_order_that_was_the_reason),
        cmocka_unit_test(a_refused_list_of_fills_names_its_order),
        cmocka_unit_test(work_that_went_on_is_added_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
