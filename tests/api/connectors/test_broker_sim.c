/* tests/api/connectors/test_broker_sim.c - the simulated broker: what it does, how it calls things, and that its books outlive it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/connectors/broker_sim.h"
#include "core/error.h"
#include "tests/journal/fake_storage.h"

#define MS_NS    ((int64_t)1000000)
#define BEGIN_NS ((int64_t)1735693200 * 1000000000) /* 2025-01-01 */

struct world {
    struct fake_disk *disk;
    struct broker_sim_options options;
    struct broker_sim *sim;
    struct broker door;
    int64_t now_ns;
    uint64_t request;
    struct broker_answer answers[64];
    uint32_t count;
};

static void start(struct world *w)
{
    uint64_t torn = 0;
    assert_int_equal(broker_sim_open(&w->options, &w->sim, &torn), 0);
    w->door = broker_sim_door(w->sim);
    assert_int_equal(w->door.connect(w->sim, w->now_ns), 0);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->disk = fake_disk_new();
    w->now_ns = BEGIN_NS;
    broker_sim_options_default(&w->options);
    w->options.storage = fake_storage(w->disk);
    (void)strcpy(w->options.path, "sim.log");
    start(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->sim != NULL) broker_sim_close(w->sim);
    fake_disk_free(w->disk);
    free(w);
    return 0;
}

/* Everything that is said within that time. */
static void listen(struct world *w, int64_t ms)
{
    w->count = 0;
    for (; ms > 0; ms--) {
        w->now_ns += MS_NS;
        while (w->count < 64 && w->door.poll(w->sim, &w->answers[w->count], w->now_ns) == 1) w->count++;
    }
}

static struct broker_order order_of(uint64_t id, uint8_t side, uint8_t type, int64_t quantity, int64_t price)
{
    struct broker_order o = {.order_id = id,
                             .symbol = name_of("AAPL"),
                             .price = {price, price == 0 ? DECIMAL_ABSENT : 2},
                             .quantity = {quantity, 0},
                             .stop_price = {0, DECIMAL_ABSENT},
                             .side = side,
                             .type = type,
                             .tif = TIF_DAY};
    return o;
}

static void send(struct world *w, struct broker_order o)
{
    assert_int_equal(w->door.send(w->sim, ++w->request, &o, w->now_ns), 0);
    listen(w, 10);
}

static void quote(struct world *w, int64_t bid, int64_t bid_quantity, int64_t ask, int64_t ask_quantity)
{
    struct event_quoted q = {.symbol = name_of("AAPL"),
                             .bid = bid,
                             .bid_quantity = bid_quantity,
                             .ask = ask,
                             .ask_quantity = ask_quantity,
                             .price_scale = 2};
    w->door.quote(w->sim, &q, w->now_ns);
    listen(w, 10);
}

static struct broker_sim_order book_of(struct world *w, uint64_t id)
{
    struct broker_sim_order o = {0};
    uint32_t cursor = 0;
    while (broker_sim_next_order(w->sim, &cursor, &o))
        if (o.order_id == id) return o;
    fail_msg("no such order there");
    return o;
}

static void an_order_is_acked_under_a_name_of_the_brokers_style(void **state)
{
    struct world *w = *state;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    assert_int_equal(w->count, 1);
    assert_int_equal(w->answers[0].kind, ANSWER_ACK);
    assert_string_equal(w->answers[0].ext_order_id, "250101000000001");
    broker_sim_close(w->sim);
    (void)strcpy(w->options.path, "alpaca.log");
    w->options.style = BROKER_STYLE_UUIDS;
    start(w);
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    const char *id = w->answers[0].ext_order_id;
    assert_int_equal(strlen(id), 36);
    assert_true(id[8] == '-' && id[13] == '-' && id[14] == '4' && id[18] == '-' && id[23] == '-');
}

static void a_limit_order_fills_at_the_quote_and_no_more_than_its_size(void **state)
{
    struct world *w = *state;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    quote(w, 98, 50, 101, 50);
    assert_int_equal(w->count, 0);
    quote(w, 98, 50, 99, 4);
    assert_int_equal(w->count, 1);
    assert_int_equal(w->answers[0].kind, ANSWER_EXECUTION);
    assert_int_equal(w->answers[0].execution.quantity.mantissa, 4);
    assert_int_equal(w->answers[0].execution.price.mantissa, 99);
    assert_string_equal(w->answers[0].execution.exec_id, "10000001");
    quote(w, 98, 50, 100, 50);
    assert_int_equal(w->answers[0].execution.quantity.mantissa, 6);
    assert_int_equal(book_of(w, 1).state, BROKER_ORDER_FILLED);
}

static void a_stop_waits_for_its_price_and_a_market_order_takes_what_is_there(void **state)
{
    struct world *w = *state;
    struct broker_order stop = order_of(1, SIDE_SELL, ORDER_TYPE_STOP, 5, 0);
    stop.stop_price = (struct decimal){95, 2};
    quote(w, 98, 50, 100, 50);
    send(w, stop);
    assert_int_equal(w->count, 1);
    quote(w, 95, 50, 97, 50);
    assert_int_equal(w->count, 1);
    assert_int_equal(w->answers[0].execution.price.mantissa, 95);
    send(w, order_of(2, SIDE_BUY, ORDER_TYPE_MARKET, 5, 0));
    assert_int_equal(w->count, 2);
    assert_int_equal(w->answers[1].execution.price.mantissa, 97);
}

static void an_order_that_is_filled_at_once_or_not_at_all_does_not_rest(void **state)
{
    struct world *w = *state;
    struct broker_order o = order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100);
    o.tif = TIF_FOK;
    quote(w, 98, 50, 99, 4);
    send(w, o);
    assert_int_equal(w->answers[w->count - 1].kind, ANSWER_CANCELLED);
    assert_int_equal(book_of(w, 1).filled, 0);
}

static void cancels_and_replaces_are_answered_by_what_the_order_is(void **state)
{
    struct world *w = *state;
    struct broker_replace r = {1, {101, 2}, {4, 0}, {0, DECIMAL_ABSENT}};
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    assert_int_equal(w->door.replace(w->sim, ++w->request, &r, w->now_ns), 0);
    listen(w, 10);
    assert_int_equal(w->answers[0].kind, ANSWER_REPLACED);
    assert_int_equal(book_of(w, 1).leaves, 4);
    assert_int_equal(w->door.cancel(w->sim, ++w->request, 1, w->now_ns), 0);
    listen(w, 10);
    assert_int_equal(w->answers[0].kind, ANSWER_CANCELLED);
    assert_int_equal(w->door.cancel(w->sim, ++w->request, 1, w->now_ns), 0);
    assert_int_equal(w->door.cancel(w->sim, ++w->request, 9, w->now_ns), 0);
    listen(w, 10);
    assert_int_equal(w->answers[0].kind, ANSWER_CANCEL_REJECTED);
    assert_int_equal(w->answers[0].state, BROKER_ORDER_CANCELLED);
    assert_int_equal(w->answers[1].state, BROKER_ORDER_NONE);
}

static void a_query_tells_the_whole_order_and_a_list_every_execution(void **state)
{
    struct world *w = *state;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    quote(w, 98, 50, 99, 4);
    assert_int_equal(w->door.query(w->sim, ++w->request, 1, w->now_ns), 0);
    assert_int_equal(w->door.query(w->sim, ++w->request, 2, w->now_ns), 0);
    assert_int_equal(w->door.list(w->sim, ++w->request, 0, w->now_ns), 0);
    listen(w, 10);
    assert_int_equal(w->count, 4);
    assert_int_equal(w->answers[0].kind, ANSWER_ORDER);
    assert_int_equal(w->answers[0].last_number, 1);
    assert_int_equal(w->answers[0].quantity.mantissa, 10);
    assert_int_equal(w->answers[1].kind, ANSWER_NOT_FOUND);
    assert_int_equal(w->answers[2].kind, ANSWER_EXECUTION);
    assert_int_equal(w->answers[3].kind, ANSWER_LIST_END);
    assert_int_equal(w->answers[3].last_number, 1);
}

static void a_fill_by_hand_counts_once_and_before_the_order_arrives_too(void **state)
{
    struct world *w = *state;
    assert_int_equal(w->door.fill_by_hand(w->sim, 1, 7, 0, 100, 4), 0);
    assert_int_equal(w->door.fill_by_hand(w->sim, 1, 7, 0, 100, 4), 0);
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    assert_int_equal(book_of(w, 1).filled, 4);
    assert_int_equal(book_of(w, 1).leaves, 6);
}

static void an_order_that_comes_twice_is_one_order_and_is_counted(void **state)
{
    struct world *w = *state;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    assert_int_equal(w->answers[0].kind, ANSWER_ACK);
    assert_int_equal(broker_sim_counts(w->sim).sent_twice, 1);
}

static void its_books_are_read_back_from_the_log(void **state)
{
    struct world *w = *state;
    struct broker_execution x;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    send(w, order_of(2, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 90));
    quote(w, 98, 50, 99, 4);
    broker_sim_close(w->sim); /* as a kill: nothing is written at the end */
    start(w);
    assert_int_equal(book_of(w, 1).leaves, 6);
    assert_int_equal(book_of(w, 2).state, BROKER_ORDER_OPEN);
    assert_true(broker_sim_execution(w->sim, 1, &x, NULL));
    assert_int_equal(x.order_id, 1);
    quote(w, 98, 50, 90, 100);
    assert_int_equal(w->count, 2);
    assert_int_equal(book_of(w, 2).state, BROKER_ORDER_FILLED);
}

static void a_log_that_was_torn_is_cut_at_every_byte_and_goes_on(void **state)
{
    struct world *w = *state;
    size_t whole = 0, one = 0;
    send(w, order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    (void)fake_bytes(w->disk, "sim.log", &one);
    send(w, order_of(2, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 90));
    (void)fake_bytes(w->disk, "sim.log", &whole);
    broker_sim_close(w->sim);
    for (size_t len = whole - 1; len > one; len--) {
        uint64_t torn = 0;
        fake_truncate(w->disk, "sim.log", len);
        assert_int_equal(broker_sim_open(&w->options, &w->sim, &torn), 0);
        assert_int_equal(torn, len - one);
        assert_int_equal(book_of(w, 1).state, BROKER_ORDER_OPEN);
        broker_sim_close(w->sim);
        uint8_t rest[512] = {0};
        struct storage_file *f = NULL;
        const struct storage *st = w->options.storage;
        assert_int_equal(st->open(st->ctx, "sim.log", STORAGE_WRITE, &f), 0);
        assert_int_equal(st->write(st->ctx, f, rest, len - 1 - one, one), 0); /* garbage of the next length */
        st->close(st->ctx, f);
    }
    start(w);
    send(w, order_of(3, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
    assert_int_equal(book_of(w, 3).state, BROKER_ORDER_OPEN);
}

static void a_log_of_another_style_is_refused(void **state)
{
    struct world *w = *state;
    uint64_t torn = 0;
    broker_sim_close(w->sim);
    w->sim = NULL;
    w->options.style = BROKER_STYLE_UUIDS;
    assert_int_equal(broker_sim_open(&w->options, &w->sim, &torn), ERR_CORRUPT);
}

static void nothing_leaves_that_the_log_could_not_take(void **state)
{
    struct world *w = *state;
    struct broker_answer a;
    struct broker_order o = order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100);
    assert_int_equal(w->door.send(w->sim, 1, &o, w->now_ns), 0);
    fake_fail_at(w->disk, 1, ERR_NO_SPACE, true);
    assert_int_equal(w->door.poll(w->sim, &a, w->now_ns + 100 * MS_NS), ERR_NO_SPACE);
}

static void every_fault_comes_when_its_percentage_is_a_hundred(void **state)
{
    struct world *w = *state;
    static const enum broker_fault silent[] = {FAULT_REQUEST_LOST, FAULT_ANSWER_LOST};
    for (int i = 0; i < 2; i++) {
        uint8_t faults[FAULTS_COUNT] = {0};
        faults[silent[i]] = 100;
        broker_sim_set_faults(w->sim, faults);
        send(w, order_of(10 + (uint64_t)i, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
        assert_int_equal(w->count, 0);
    }
    static const struct {
        enum broker_fault fault;
        enum answer_kind first;
    } rows[] = {{FAULT_SERVER_ERROR, ANSWER_SERVER_ERROR},
                {FAULT_ANSWER_UNREADABLE, ANSWER_UNREADABLE},
                {FAULT_REJECT, ANSWER_REJECT},
                {FAULT_ANSWER_TWICE, ANSWER_ACK}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t faults[FAULTS_COUNT] = {0};
        faults[rows[i].fault] = 100;
        broker_sim_set_faults(w->sim, faults);
        send(w, order_of(20 + i, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100));
        assert_int_equal(w->answers[0].kind, rows[i].first);
        if (rows[i].fault == FAULT_ANSWER_TWICE) assert_int_equal(w->count, 2);
        assert_true(broker_sim_counts(w->sim).faults[rows[i].fault] > 0);
    }
}

static void a_line_that_is_lost_says_so_and_takes_nothing_until_it_is_there_again(void **state)
{
    struct world *w = *state;
    uint8_t faults[FAULTS_COUNT] = {0};
    faults[FAULT_DISCONNECT] = 100;
    broker_sim_set_faults(w->sim, faults);
    listen(w, 1100);
    assert_int_equal(w->answers[0].kind, ANSWER_DISCONNECTED);
    struct broker_order o = order_of(1, SIDE_BUY, ORDER_TYPE_LIMIT, 10, 100);
    assert_int_equal(w->door.send(w->sim, 1, &o, w->now_ns), ERR_IO);
    assert_int_equal(w->door.connect(w->sim, w->now_ns), 0);
    assert_int_equal(w->door.send(w->sim, 2, &o, w->now_ns), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_order_is_acked_under_a_name_of_the_brokers_style),
        T(a_limit_order_fills_at_the_quote_and_no_more_than_its_size),
        T(a_stop_waits_for_its_price_and_a_market_order_takes_what_is_there),
        T(an_order_that_is_filled_at_once_or_not_at_all_does_not_rest),
        T(cancels_and_replaces_are_answered_by_what_the_order_is),
        T(a_query_tells_the_whole_order_and_a_list_every_execution),
        T(a_fill_by_hand_counts_once_and_before_the_order_arrives_too),
        T(an_order_that_comes_twice_is_one_order_and_is_counted),
        T(its_books_are_read_back_from_the_log),
        T(a_log_that_was_torn_is_cut_at_every_byte_and_goes_on),
        T(a_log_of_another_style_is_refused),
        T(nothing_leaves_that_the_log_could_not_take),
        T(every_fault_comes_when_its_percentage_is_a_hundred),
        T(a_line_that_is_lost_says_so_and_takes_nothing_until_it_is_there_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
