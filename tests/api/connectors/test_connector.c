/* tests/api/connectors/test_connector.c - the contract between our side and a broker, one sentence a test. */
#include "tests/api/connectors/contract_world.h"

#include "core/error.h"
#include "core/rejects.h"

static int setup(void **state)
{
    struct contract_world *w = world_new();
    world_start(w);
    turn(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_free(*state);
    return 0;
}

static void given_an_order_is_acked(struct contract_world *w, uint64_t id)
{
    order_is_routed(w, id);
    turn(w);
    broker_acks(w, id, "X1");
    turn(w);
    w->rows[id].ext_order_id_len = 2;
    books_say(w, id, BROKER_ACKED);
    turn(w);
    w->lines_count = 0;
}

static void an_order_is_sent_once_its_cursor_is_saved_and_its_ack_is_told(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    assert_int_equal(w->cursor.seq, w->seq);
    then(w, "send 1 BUY AAPL 10 @ 100");
    broker_acks(w, 1, "X1");
    turn(w);
    then(w, "say ACK 1 X1");
}

static void an_order_for_another_venue_is_not_sent(void **state)
{
    struct contract_world *w = *state;
    order_is_routed_to(w, 1, "OTHER");
    turn(w);
    then_nothing(w);
}

static void nothing_is_sent_when_the_cursor_cannot_be_saved(void **state)
{
    struct contract_world *w = *state;
    w->save_fails = ERR_NO_SPACE;
    order_is_routed(w, 1);
    assert_int_equal(connector_turn(w->connector, w->now_ns), ERR_NO_SPACE);
    then_nothing(w);
}

static void an_ack_that_comes_twice_is_told_once(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_acks(w, 1, "X1");
    broker_acks(w, 1, "X1");
    turn(w);
    then(w, "say ACK 1 X1");
}

static void a_reject_gives_the_order_back(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_REJECT, BROKER_ORDER_REJECTED);
    turn(w);
    then(w, "say REJECT 1");
}

static void an_order_that_cannot_go_back_ends(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    w->refuse_next = REJECT_REPORT_NOT_EXPECTED; /* a cancel was asked for in the meantime */
    broker_says(w, 1, ANSWER_REJECT, BROKER_ORDER_REJECTED);
    turn(w);
    then(w, "say REJECT 1", "say CANCELLED 1");
}

static void executions_are_taken_in_their_numbering_each_once(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    broker_fills(w, 1, 1, 4, 100);
    broker_fills(w, 1, 1, 4, 100);
    broker_fills(w, 3, 1, 1, 98); /* the second is missing: it waits */
    turn(w);
    then(w, "fill 1 E1 4 @ 100");
    broker_fills(w, 2, 1, 3, 99);
    broker_fills(w, 3, 1, 1, 98);
    broker_busts(w, 4, 1, 2);
    turn(w);
    then(w, "fill 1 E2 3 @ 99", "fill 1 E3 1 @ 98", "bust 1 E2");
}

static void an_execution_that_finds_a_full_table_is_taken_again(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    w->refuse_next = REJECT_EXECUTIONS_FULL;
    broker_fills(w, 1, 1, 4, 100);
    broker_fills(w, 2, 1, 1, 99);
    turn(w);
    then(w, "fill 1 E1 4 @ 100", "fill 1 E2 1 @ 99");
    broker_fills(w, 1, 1, 4, 100);
    broker_fills(w, 2, 1, 1, 99);
    turn(w);
    then(w, "fill 1 E1 4 @ 100", "fill 1 E2 1 @ 99");
    struct connector_status s;
    connector_status(w->connector, &s);
    assert_int_equal(s.refused, 0);
    assert_int_equal(s.executions, 2);
}

static void an_execution_that_our_books_will_never_take_is_counted_for_an_operator(void **state)
{
    struct contract_world *w = *state;
    struct connector_status s;
    given_an_order_is_acked(w, 1);
    w->refuse_next = REJECT_PRICE_OFF_TICK;
    broker_fills(w, 1, 1, 4, 100);
    turn(w);
    connector_status(w->connector, &s);
    assert_int_equal(s.refused, 1);
    assert_int_equal(s.executions, 1);
}

static void silence_is_unknown_and_nothing_is_sent_until_a_query_tells(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    pass_ms(w, 3000);
    then(w, "say UNKNOWN 1");
    books_say(w, 1, BROKER_UNKNOWN);
    pass_ms(w, 1000);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_OPEN, 100, 10, 0);
    turn(w);
    then(w, "say ACK 1 X1");
}

static void an_unreadable_answer_is_unknown(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_UNREADABLE, BROKER_ORDER_NONE);
    turn(w);
    then(w, "say UNKNOWN 1");
}

static void a_5xx_is_unknown_and_a_late_answer_still_counts(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_SERVER_ERROR, BROKER_ORDER_NONE);
    turn(w);
    then(w, "say UNKNOWN 1");
    broker_acks(w, 1, "X1");
    turn(w);
    then(w, "say ACK 1 X1");
}

/* Asks and is told "never had it" until the connector believes it. */
static void broker_denies_for_ms(struct contract_world *w, int64_t ms)
{
    for (; ms > 0; ms -= 100) {
        uint64_t before = w->query_last;
        pass_ms(w, 100);
        if (w->query_last != before) broker_never_had(w, 1);
        turn(w);
    }
}

static void not_found_is_believed_only_when_the_order_had_the_time_to_arrive(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_denies_for_ms(w, 9000);
    then(w, "say UNKNOWN 1", "query 1", "query 1");
    broker_denies_for_ms(w, 8000);
    then(w, "query 1", "say NOT_FOUND 1");
    order_is_routed(w, 1); /* the engine decides anew: another intent */
    turn(w);
    then(w, "send 1 BUY AAPL 10 @ 100");
}

static void a_cancel_that_comes_before_the_ack_waits_for_it(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->lines_count = 0;
    cancel_is_asked(w, 1);
    turn(w);
    then_nothing(w);
    broker_acks(w, 1, "X1");
    turn(w);
    then(w, "cancel 1", "say ACK 1 X1");
    broker_says(w, 1, ANSWER_CANCELLED, BROKER_ORDER_CANCELLED);
    turn(w);
    then(w, "say CANCELLED 1");
}

static void a_no_to_a_cancel_is_told_when_the_order_is_open_there(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    cancel_is_asked(w, 1);
    turn(w);
    then(w, "cancel 1");
    broker_says(w, 1, ANSWER_CANCEL_REJECTED, BROKER_ORDER_OPEN);
    turn(w);
    then(w, "say CANCEL_REJECTED 1");
}

static void a_no_to_a_cancel_of_an_order_that_is_gone_asks_what_became_of_it(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    cancel_is_asked(w, 1);
    turn(w);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_CANCEL_REJECTED, BROKER_ORDER_CANCELLED);
    turn(w);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_CANCELLED, 100, 10, 0);
    turn(w);
    then(w, "say CANCELLED 1");
}

static void a_cancel_that_did_not_arrive_is_sent_again_after_a_query(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    cancel_is_asked(w, 1);
    turn(w);
    w->lines_count = 0;
    pass_ms(w, 3000);
    then(w, "say UNKNOWN 1");
    int cancels = 0;
    for (int i = 0; i < 300 && cancels == 0; i++) {
        uint64_t before = w->query_last;
        pass_ms(w, 100);
        if (w->query_last != before) broker_has(w, 1, BROKER_ORDER_OPEN, 100, 10, 0);
        turn(w);
        for (uint32_t k = 0; k < w->lines_count; k++) cancels += w->lines[k][0] == 'c';
    }
    assert_int_equal(cancels, 1);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_CANCELLED, BROKER_ORDER_CANCELLED);
    turn(w);
    then(w, "say CANCELLED 1");
}

static void a_modify_is_sent_and_its_answer_told(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    modify_is_asked(w, 1, 101, 20);
    turn(w);
    then(w, "replace 1 20 @ 101");
    broker_says(w, 1, ANSWER_REPLACED, BROKER_ORDER_OPEN);
    turn(w);
    then(w, "say REPLACED 1");
}

static void a_modify_in_doubt_is_settled_by_what_the_order_is_there(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    modify_is_asked(w, 1, 101, 20);
    turn(w);
    pass_ms(w, 4000);
    then(w, "replace 1 20 @ 101", "say UNKNOWN 1", "query 1");
    broker_has(w, 1, BROKER_ORDER_OPEN, 101, 20, 0);
    turn(w);
    then(w, "say REPLACED 1");
}

static void an_answer_to_an_earlier_request_changes_nothing(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    modify_is_asked(w, 1, 101, 20);
    turn(w);
    uint64_t earlier = w->request_last;
    broker_says(w, 1, ANSWER_REPLACED, BROKER_ORDER_OPEN);
    turn(w);
    modify_is_asked(w, 1, 102, 20);
    turn(w);
    w->lines_count = 0;
    broker_says(w, 1, ANSWER_REPLACED, BROKER_ORDER_OPEN);
    w->answers[w->answers_count - 1].request = earlier;
    turn(w);
    then_nothing(w);
}

static void an_order_that_the_broker_ends_unasked_ends(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    broker_says_unasked(w, 1, ANSWER_EXPIRED, BROKER_ORDER_EXPIRED);
    turn(w);
    then(w, "say EXPIRED 1");
}

static void an_end_that_was_not_heard_is_found_by_asking(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    pass_ms(w, 60000);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_CANCELLED, 100, 10, 0);
    turn(w);
    then(w, "say CANCELLED 1");
}

static void a_query_is_used_only_when_our_books_have_every_execution_of_the_order(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    pass_ms(w, 60000);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_CANCELLED, 100, 10, 1);
    turn(w);
    then_nothing(w);
    broker_fills(w, 1, 1, 4, 100);
    turn(w);
    then(w, "fill 1 E1 4 @ 100");
    pass_ms(w, 1000);
    broker_has(w, 1, BROKER_ORDER_CANCELLED, 100, 10, 1);
    turn(w);
    then(w, "query 1", "say CANCELLED 1");
}

static void an_order_that_is_done_here_and_open_there_is_cancelled_there(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    order_is_done(w, 1);
    turn(w);
    pass_ms(w, 100);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_OPEN, 100, 10, 0);
    turn(w);
    then(w, "cancel 1");
    broker_says(w, 1, ANSWER_CANCELLED, BROKER_ORDER_CANCELLED);
    turn(w);
    then_nothing(w);
}

static void five_failures_in_a_row_take_the_venue_down_and_an_answer_brings_it_up(void **state)
{
    struct contract_world *w = *state;
    for (uint64_t id = 1; id <= 5; id++) order_is_routed(w, id);
    turn(w);
    w->lines_count = 0;
    for (uint64_t id = 1; id <= 5; id++) broker_says(w, id, ANSWER_SERVER_ERROR, BROKER_ORDER_NONE);
    for (uint64_t id = 1; id <= 5; id++)
        w->answers[w->answers_count - 5 + (uint32_t)id - 1].request = w->request_last - 5 + id;
    w->list_last = 0;
    turn(w);
    then(w, "say UNKNOWN 1", "say UNKNOWN 2", "say UNKNOWN 3", "say UNKNOWN 4", "say UNKNOWN 5", "venue DOWN BREAKER");
    venue_is_set(w, VENUE_STATE_DOWN, VENUE_CAUSE_BREAKER);
    turn(w);
    order_is_routed(w, 6); /* decided before it was down: it goes back unsent */
    turn(w);
    then(w, "say NOT_FOUND 6");
    for (int i = 0; i < 120 && w->list_last == 0; i++) {
        w->now_ns += 100000000;
        turn(w);
    }
    then_nothing(w); /* while it cools down nothing is asked; then the probe */
    broker_lists_to(w, 0);
    turn(w);
    assert_string_equal(w->lines[w->lines_count - 1], "venue UP BREAKER");
}

static void what_an_operator_took_down_stays_down(void **state)
{
    struct contract_world *w = *state;
    venue_is_set(w, VENUE_STATE_DOWN, VENUE_CAUSE_OPERATOR);
    turn(w);
    pass_ms(w, 30000);
    then_nothing(w);
}

static void a_lost_connection_puts_what_was_asked_in_doubt_and_asks_for_every_order(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    order_is_routed(w, 2);
    turn(w);
    w->lines_count = 0;
    broker_says_unasked(w, 0, ANSWER_DISCONNECTED, BROKER_ORDER_NONE);
    turn(w);
    then(w, "say UNKNOWN 2");
    pass_ms(w, 1000);
    then(w, "query 1", "query 2");
}

static void after_a_crash_an_order_that_was_to_be_sent_is_asked_for_and_not_sent_again(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    then(w, "send 1 BUY AAPL 10 @ 100");
    world_crash(w);
    world_start(w);
    turn(w);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_OPEN, 100, 10, 0);
    turn(w);
    then(w, "say ACK 1 X1");
}

static void after_a_crash_what_the_cursor_does_not_cover_is_sent_for_the_first_time(void **state)
{
    struct contract_world *w = *state;
    pass_ms(w, 2000);
    world_crash(w);
    order_is_routed(w, 1);
    world_start(w);
    turn(w);
    then(w, "send 1 BUY AAPL 10 @ 100");
}

static void after_a_crash_a_modify_is_compared_with_what_was_asked_for(void **state)
{
    struct contract_world *w = *state;
    given_an_order_is_acked(w, 1);
    modify_is_asked(w, 1, 101, 20);
    turn(w);
    world_crash(w);
    w->lines_count = 0;
    world_start(w);
    turn(w);
    then(w, "query 1");
    broker_has(w, 1, BROKER_ORDER_OPEN, 101, 20, 0);
    turn(w);
    then(w, "say REPLACED 1");
}

static void a_damaged_cursor_compares_everything_and_sends_nothing(void **state)
{
    struct contract_world *w = *state;
    struct connector_status s;
    world_crash(w);
    order_is_routed(w, 1);
    w->cursor_state = ERR_CORRUPT;
    world_start(w);
    turn(w);
    then(w, "query 1");
    connector_status(w->connector, &s);
    assert_int_equal(s.cursor_found, ERR_CORRUPT);
}

static void an_order_beyond_the_table_waits_on_the_tape(void **state)
{
    struct contract_world *w = *state;
    struct connector_status s;
    world_crash(w);
    w->options.orders_max = 1;
    world_start(w);
    order_is_routed(w, 1);
    order_is_routed(w, 2);
    turn(w);
    then(w, "send 1 BUY AAPL 10 @ 100");
    connector_status(w->connector, &s);
    assert_int_equal(s.behind, 1);
    broker_says(w, 1, ANSWER_REJECT, BROKER_ORDER_REJECTED);
    turn(w);
    then(w, "say REJECT 1", "send 2 BUY AAPL 10 @ 100");
}

static void a_failed_submit_ends_the_connector(void **state)
{
    struct contract_world *w = *state;
    order_is_routed(w, 1);
    turn(w);
    w->submit_fails = ERR_BUSY;
    broker_acks(w, 1, "X1");
    assert_int_equal(connector_turn(w->connector, w->now_ns), ERR_BUSY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_order_is_sent_once_its_cursor_is_saved_and_its_ack_is_told),
        T(an_order_for_another_venue_is_not_sent),
        T(nothing_is_sent_when_the_cursor_cannot_be_saved),
        T(an_ack_that_comes_twice_is_told_once),
        T(a_reject_gives_the_order_back),
        T(an_order_that_cannot_go_back_ends),
        T(executions_are_taken_in_their_numbering_each_once),
        T(an_execution_that_finds_a_full_table_is_taken_again),
        T(an_execution_that_our_books_will_never_take_is_counted_for_an_operator),
        T(silence_is_unknown_and_nothing_is_sent_until_a_query_tells),
        T(an_unreadable_answer_is_unknown),
        T(a_5xx_is_unknown_and_a_late_answer_still_counts),
        T(not_found_is_believed_only_when_the_order_had_the_time_to_arrive),
        T(a_cancel_that_comes_before_the_ack_waits_for_it),
        T(a_no_to_a_cancel_is_told_when_the_order_is_open_there),
        T(a_no_to_a_cancel_of_an_order_that_is_gone_asks_what_became_of_it),
        T(a_cancel_that_did_not_arrive_is_sent_again_after_a_query),
        T(a_modify_is_sent_and_its_answer_told),
        T(a_modify_in_doubt_is_settled_by_what_the_order_is_there),
        T(an_answer_to_an_earlier_request_changes_nothing),
        T(an_order_that_the_broker_ends_unasked_ends),
        T(an_end_that_was_not_heard_is_found_by_asking),
        T(a_query_is_used_only_when_our_books_have_every_execution_of_the_order),
        T(an_order_that_is_done_here_and_open_there_is_cancelled_there),
        T(five_failures_in_a_row_take_the_venue_down_and_an_answer_brings_it_up),
        T(what_an_operator_took_down_stays_down),
        T(a_lost_connection_puts_what_was_asked_in_doubt_and_asks_for_every_order),
        T(after_a_crash_an_order_that_was_to_be_sent_is_asked_for_and_not_sent_again),
        T(after_a_crash_what_the_cursor_does_not_cover_is_sent_for_the_first_time),
        T(after_a_crash_a_modify_is_compared_with_what_was_asked_for),
        T(a_damaged_cursor_compares_everything_and_sends_nothing),
        T(an_order_beyond_the_table_waits_on_the_tape),
        T(a_failed_submit_ends_the_connector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
