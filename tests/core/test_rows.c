/* tests/core/test_rows.c - an order's row follows its events, and agrees with the state it came from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/rejects.h"
#include "core/rows.h"

static struct order_terms terms_of(int type, int tif)
{
    struct order_terms t = {.account = name_of("ann"), .symbol = name_of("GOOG"), .price = 10050, .quantity = 30};
    t.price_scale = 2;
    t.stop_price_scale = t.display_scale = t.trail_scale = DECIMAL_ABSENT;
    t.side = SIDE_BUY;
    t.type = (uint8_t)type;
    t.tif = (uint8_t)tif;
    t.client_order_id_len = 2;
    memcpy(t.client_order_id, "c1", 2);
    return t;
}

static struct event placed(int type, int tif)
{
    struct event e = {.seq = 7, .ts_ns = 700, .kind = EVENT_PLACED};
    e.placed.order_id = 7u << ORDER_INDEX_BITS;
    e.placed.hold = 301500;
    e.placed.terms = terms_of(type, tif);
    return e;
}

static struct event filled(uint64_t seq, int64_t price, int64_t quantity, int64_t buy_leaves)
{
    struct event e = {.seq = seq, .ts_ns = (int64_t)seq * 100, .kind = EVENT_FILLED};
    e.filled.price = price;
    e.filled.quantity = quantity;
    e.filled.buy_order_id = 7u << ORDER_INDEX_BITS;
    e.filled.buy_leaves = buy_leaves;
    e.filled.buy_hold = buy_leaves * 10050;
    e.filled.buy_fee = 3;
    e.filled.sell_leaves = 99;
    e.filled.sell_fee = 8;
    e.filled.price_scale = 2;
    e.filled.currency_scale = 2;
    return e;
}

static void a_row_follows_its_order_to_the_last_fill(void **state)
{
    (void)state;
    struct order_row row;
    char average[DECIMAL_TEXT_BYTES_MAX];
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_DAY);
    order_row_from_placed(&row, &e);
    assert_int_equal(row.status, ORDER_STATUS_ACKED);
    assert_int_equal(row.leaves, 30);
    assert_true(row.hold == 301500);
    assert_true(order_row_in_book(&row).rests);
    assert_int_equal(order_row_average_price(&row, average), 0);
    assert_string_equal(average, "");

    e = filled(8, 10000, 10, 20);
    order_row_fill(&row, &e, SIDE_BUY);
    assert_int_equal(row.status, ORDER_STATUS_PARTIALLY_FILLED);
    assert_int_equal(row.filled, 10);
    assert_int_equal(row.leaves, 20);
    assert_int_equal(row.executed_ns, 800);
    assert_int_equal(row.updated_seq, 8);
    assert_int_equal(row.created_seq, 7);
    order_row_average_price(&row, average);
    assert_string_equal(average, "100.00");

    e = filled(9, 10050, 20, 0);
    order_row_fill(&row, &e, SIDE_BUY);
    assert_int_equal(row.status, ORDER_STATUS_FILLED);
    assert_int_equal(row.filled, 30);
    assert_true(row.fee == 6 && row.hold == 0);
    assert_false(order_row_in_book(&row).rests);
    order_row_average_price(&row, average);
    assert_string_equal(average, "100.333333");
}

static void a_row_ends_by_cancel_or_expiry(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_GTC);
    order_row_from_placed(&row, &e);
    struct event end = {.seq = 12, .ts_ns = 1200, .kind = EVENT_CANCELLED};
    end.cancelled.order_id = row.order_id;
    end.cancelled.leaves = 30;
    end.cancelled.reason = CANCEL_REASON_REQUESTED;
    order_row_change(&row, &end);
    assert_int_equal(row.status, ORDER_STATUS_CANCELLED);
    assert_int_equal(row.cancel_reason, CANCEL_REASON_REQUESTED);
    assert_true(row.leaves == 0 && row.hold == 0);
    order_row_from_placed(&row, &e);
    end.kind = EVENT_EXPIRED;
    end.cancelled.reason = 0;
    order_row_change(&row, &end);
    assert_int_equal(row.status, ORDER_STATUS_EXPIRED);
    assert_int_equal(row.cancel_reason, 0);
}

static void a_modified_row_takes_the_new_terms(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_GTC);
    order_row_from_placed(&row, &e);
    struct event m = {.seq = 13, .ts_ns = 1300, .kind = EVENT_MODIFIED};
    m.modified.order_id = row.order_id;
    m.modified.price = 10100;
    m.modified.quantity = 25;
    m.modified.leaves = 25;
    m.modified.hold = 252500;
    order_row_change(&row, &m);
    assert_int_equal(row.price, 10100);
    assert_int_equal(row.quantity, 25);
    assert_int_equal(row.leaves, 25);
    assert_int_equal(row.updated_seq, 13);
    assert_int_equal(row.status, ORDER_STATUS_ACKED);
}

static void a_refused_order_keeps_what_was_asked(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = {.seq = 5, .ts_ns = 500, .kind = EVENT_REJECTED};
    e.rejected.order_id = 5u << ORDER_INDEX_BITS;
    e.rejected.refusal.reason = REJECT_PRICE_OFF_TICK;
    e.rejected.command_kind = COMMAND_PLACE;
    e.rejected.terms = terms_of(ORDER_TYPE_MARKET, TIF_IOC);
    e.rejected.terms.price = 0;
    e.rejected.terms.price_scale = DECIMAL_ABSENT;
    order_row_from_rejected(&row, &e);
    assert_int_equal(row.status, ORDER_STATUS_REJECTED);
    assert_int_equal(row.refusal.reason, REJECT_PRICE_OFF_TICK);
    assert_int_equal(row.price_scale, DECIMAL_ABSENT);
    assert_true(row.leaves == 0 && row.quantity == 30);
    assert_false(order_row_in_book(&row).rests);
}

static void only_limit_orders_that_may_stay_are_in_the_book(void **state)
{
    (void)state;
    for (int tif = 1; tif <= TIF_NUMBER_MAX; tif++) {
        struct order_row row;
        struct event e = placed(ORDER_TYPE_LIMIT, tif);
        order_row_from_placed(&row, &e);
        assert_int_equal(order_row_in_book(&row).rests, tif != TIF_IOC && tif != TIF_FOK);
        for (uint8_t phase = 1; phase <= ORDER_PHASE_NUMBER_MAX; phase++) {
            row.phase = phase;
            assert_false(order_row_in_book(&row).rests);
        }
        e = placed(ORDER_TYPE_MARKET, tif);
        order_row_from_placed(&row, &e);
        assert_false(order_row_in_book(&row).rests);
        assert_int_equal(order_row_in_book(&row).market, tif == TIF_ON_OPEN || tif == TIF_ON_CLOSE ? 30 : 0);
    }
}

static struct event placed_in(int type, int phase)
{
    struct event e = placed(type, TIF_GTC);
    e.placed.terms.phase = (uint8_t)phase;
    return e;
}

static void a_stop_waits_for_its_trigger_and_then_rests_or_trades(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed_in(ORDER_TYPE_STOP_LIMIT, ORDER_PHASE_PENDING_TRIGGER);
    e.placed.terms.stop_price = 10000;
    e.placed.terms.stop_price_scale = 2;
    order_row_from_placed(&row, &e);
    assert_true(row.status == ORDER_STATUS_PENDING_TRIGGER && order_row_is_open(&row));
    assert_false(order_row_in_book(&row).rests);

    struct event t = {.seq = 8, .ts_ns = 800, .kind = EVENT_TRIGGERED};
    t.triggered.order_id = row.order_id;
    t.triggered.stop_price = 10000;
    t.triggered.type = ORDER_TYPE_LIMIT;
    assert_true(order_row_apply(&row, &t));
    assert_true(row.status == ORDER_STATUS_ACKED && row.type == ORDER_TYPE_LIMIT && row.stop_price == 10000);
    assert_true(order_row_in_book(&row).shown == 30 && row.hold == 301500);
    t.triggered.type = ORDER_TYPE_MARKET;
    order_row_from_placed(&row, &e);
    order_row_change(&row, &t);
    assert_true(row.type == ORDER_TYPE_MARKET && row.hold == 0);
}

static void a_trailing_stop_follows(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed_in(ORDER_TYPE_STOP, ORDER_PHASE_PENDING_TRIGGER);
    struct event t = {.seq = 9, .kind = EVENT_TRAILED};
    e.placed.terms.stop_price = 10000;
    order_row_from_placed(&row, &e);
    t.trailed.order_id = row.order_id;
    t.trailed.stop_price = 9950;
    order_row_change(&row, &t);
    assert_true(row.stop_price == 9950 && row.status == ORDER_STATUS_PENDING_TRIGGER);
}

static void an_iceberg_shows_what_it_says_and_less_after_a_fill_while_it_rests(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_DAY), d = {.seq = 7, .kind = EVENT_DISPLAYED};
    e.placed.terms.display_quantity = 8;
    order_row_from_placed(&row, &e);
    e = filled(7, 10000, 2, 28);
    e.filled.aggressor_side = SIDE_BUY; /* as the one who takes it shows nothing yet */
    order_row_fill(&row, &e, SIDE_BUY);
    assert_int_equal(row.shown, 0);
    d.displayed.order_id = row.order_id;
    d.displayed.shown = 8;
    order_row_change(&row, &d);
    assert_true(order_row_in_book(&row).shown == 8 && order_row_in_book(&row).hidden == 20);
    e = filled(8, 10000, 5, 23);
    e.filled.aggressor_side = SIDE_SELL;
    order_row_fill(&row, &e, SIDE_BUY);
    assert_true(order_row_in_book(&row).shown == 3 && order_row_in_book(&row).hidden == 20);
    e = filled(9, 10000, 18, 5); /* in an auction */
    order_row_fill(&row, &e, SIDE_BUY);
    assert_int_equal(row.shown, 3);
    struct event r = {.seq = 10, .kind = EVENT_REDUCED};
    r.reduced.order_id = row.order_id;
    r.reduced.quantity = 27;
    r.reduced.leaves = 2;
    order_row_change(&row, &r);
    assert_true(row.quantity == 27 && row.shown == 2 && row.filled == 25);
}

static void a_child_waits_until_it_is_activated(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed_in(ORDER_TYPE_LIMIT, ORDER_PHASE_WAITING), a = {.seq = 8, .kind = EVENT_ACTIVATED};
    e.placed.hold = 0;
    order_row_from_placed(&row, &e);
    assert_int_equal(row.status, ORDER_STATUS_PENDING_TRIGGER);
    a.activated.order_id = row.order_id;
    a.activated.quantity = a.activated.leaves = 12;
    a.activated.hold = 77;
    order_row_change(&row, &a);
    assert_true(row.status == ORDER_STATUS_ACKED && row.quantity == 12 && row.leaves == 12 && row.hold == 77);
    assert_int_equal(order_row_in_book(&row).shown, 12);
}

static void a_group_is_known_by_its_ids(void **state)
{
    (void)state;
    const uint64_t first = 7u << ORDER_INDEX_BITS;
    static const struct {
        uint8_t link, member;
        int parent, sibling, holder; /* members; -1: none */
    } rows[] = {
        {0, 0, -1, -1, 0},       {LINK_OCO, 0, -1, 1, 0},      {LINK_OCO, 1, -1, 0, 0},    {LINK_OTO, 0, -1, -1, 0},
        {LINK_OTO, 1, 0, -1, 1}, {LINK_BRACKET, 0, -1, -1, 0}, {LINK_BRACKET, 1, 0, 2, 1}, {LINK_BRACKET, 2, 0, 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct order_row row = {.order_id = first + rows[i].member, .link = rows[i].link, .member = rows[i].member};
        uint64_t parent = rows[i].parent < 0 ? 0 : first + (uint64_t)rows[i].parent;
        uint64_t sibling = rows[i].sibling < 0 ? 0 : first + (uint64_t)rows[i].sibling;
        assert_true(order_row_parent_id(&row) == parent && order_row_sibling_id(&row) == sibling);
        assert_true(order_row_holder_id(&row) == first + (uint64_t)rows[i].holder);
    }
}

/* At the desk. */

static struct event at_broker(int phase, int venue)
{
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_DAY);
    e.placed.terms.phase = (uint8_t)phase;
    e.placed.terms.venue = (uint8_t)venue;
    return e;
}

static void change(struct order_row *row, struct event e)
{
    static uint64_t seq = 100;
    e.seq = ++seq;
    e.ts_ns = (int64_t)seq * 100;
    assert_true(order_row_apply(row, &e));
}

static struct event routed(int venue, const char *chosen, int cause)
{
    struct event e = {.kind = EVENT_ROUTED};
    e.routed.order_id = 7u << ORDER_INDEX_BITS;
    if (chosen != NULL) e.routed.chosen = name_of(chosen);
    e.routed.venue = (uint8_t)venue;
    e.routed.cause = (uint8_t)cause;
    e.routed.attempt = 2;
    e.routed.rule = 5;
    return e;
}

static struct event broker_state(int state, int report, int64_t leaves, const char *reason)
{
    struct event e = {.kind = EVENT_BROKER_STATE};
    e.broker_state.order_id = 7u << ORDER_INDEX_BITS;
    e.broker_state.state = (uint8_t)state;
    e.broker_state.report = (uint8_t)report;
    e.broker_state.leaves = leaves;
    e.broker_state.hold = leaves * 10050;
    e.broker_state.reason_len = (uint8_t)strlen(reason);
    memcpy(e.broker_state.reason, reason, strlen(reason));
    return e;
}

static struct event executed(int64_t excess, bool late)
{
    struct event e = {.kind = EVENT_EXECUTED};
    e.executed.order_id = 7u << ORDER_INDEX_BITS;
    e.executed.excess = excess;
    e.executed.late = late;
    return e;
}

static struct event busted(int64_t price, int64_t quantity, int64_t leaves)
{
    struct event e = {.kind = EVENT_BUSTED};
    e.busted.order_id = 7u << ORDER_INDEX_BITS;
    e.busted.price = price;
    e.busted.quantity = quantity;
    e.busted.leaves = leaves;
    e.busted.hold = leaves * 10050;
    e.busted.fee = 3;
    return e;
}

static void an_order_at_a_broker_says_what_its_broker_was_asked(void **state)
{
    (void)state;
    static const struct {
        uint8_t state, status, status_filled;
    } rows[] = {{BROKER_ROUTED, ORDER_STATUS_ROUTED, ORDER_STATUS_ROUTED},
                {BROKER_ACKED, ORDER_STATUS_ACKED, ORDER_STATUS_PARTIALLY_FILLED},
                {BROKER_PENDING_CANCEL, ORDER_STATUS_PENDING_CANCEL, ORDER_STATUS_PENDING_CANCEL},
                {BROKER_PENDING_MODIFY, ORDER_STATUS_PENDING_MODIFY, ORDER_STATUS_PENDING_MODIFY},
                {BROKER_UNKNOWN, ORDER_STATUS_UNKNOWN, ORDER_STATUS_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct order_row row;
        struct event e = at_broker(ORDER_PHASE_AT_BROKER, VENUE_BROKER_FIRST);
        order_row_from_placed(&row, &e);
        assert_true(row.status == ORDER_STATUS_ROUTED && order_row_is_open(&row) && !order_row_in_book(&row).rests);
        change(&row, routed(VENUE_BROKER_FIRST, "ALPHA", ROUTE_CAUSE_PLACED));
        assert_true(row.attempts == 2 && row.rule == 5 && row.routed_ns == row.updated_ns);
        change(&row, broker_state(rows[i].state, REPORT_UNKNOWN, 30, "why"));
        assert_true(row.status == rows[i].status && row.reason_len == 3);
        change(&row, filled(0, 10000, 10, 20));
        assert_true(row.status == rows[i].status_filled && row.leaves == 20);
        change(&row, broker_state(rows[i].state, 0, 25, "")); /* it grows at once */
        assert_true(row.quantity == 35 && row.reason_len == 3 && row.hold == 25 * 10050);
    }
}

static void a_fill_after_the_end_is_counted_and_changes_no_status(void **state)
{
    (void)state;
    static const struct {
        uint8_t reason, status;
    } ends[] = {{CANCEL_REASON_REQUESTED, ORDER_STATUS_CANCELLED},
                {CANCEL_REASON_VENUE_REJECTED, ORDER_STATUS_REJECTED}};
    for (int i = 0; i < 2; i++) {
        struct order_row row;
        struct event e = at_broker(ORDER_PHASE_AT_BROKER, VENUE_BROKER_FIRST);
        order_row_from_placed(&row, &e);
        change(&row, (struct event){.kind = EVENT_CANCELLED,
                                    .cancelled = {.order_id = row.order_id, .reason = ends[i].reason, .leaves = 30}});
        assert_true(row.status == ends[i].status && row.broker_state == BROKER_CANCELLED && !order_row_is_open(&row));
        change(&row, executed(5, true));
        change(&row, filled(0, 10000, 5, 0));
        assert_true(row.status == ends[i].status && row.filled == 5 && row.quantity == 30 && row.fee == 3);
        change(&row, busted(10000, 5, 0));
        assert_true(row.status == ends[i].status && row.filled == 0 && row.price_quantity == 0 && row.fee == 0);
    }
}

static void an_excess_grows_an_open_order_and_a_bust_shrinks_it(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = at_broker(ORDER_PHASE_AT_BROKER, VENUE_BROKER_FIRST);
    order_row_from_placed(&row, &e);
    change(&row, broker_state(BROKER_ACKED, 0, 30, ""));
    change(&row, executed(0, false));
    change(&row, filled(0, 10000, 10, 20));
    change(&row, busted(10000, 10, 20));
    assert_true(row.quantity == 20 && row.leaves == 20 && row.filled == 0 && row.status == ORDER_STATUS_ACKED);
    change(&row, executed(5, false));
    change(&row, filled(0, 10000, 25, 0));
    assert_true(row.quantity == 25 && row.filled == 25 && row.status == ORDER_STATUS_FILLED);
    assert_int_equal(row.broker_state, BROKER_FILLED);
    change(&row, (struct event){.kind = EVENT_SETTLED, .settled.order_id = row.order_id});
    assert_true(row.status == ORDER_STATUS_SETTLED && row.settled_ns == row.updated_ns);
    change(&row, executed(1, true));
    change(&row, filled(0, 10000, 1, 0));
    assert_true(row.status == ORDER_STATUS_SETTLED && row.filled == 26 && row.quantity == 25);
}

static void an_order_waits_for_a_venue_and_goes_to_work_in_the_book(void **state)
{
    (void)state;
    static const struct {
        uint8_t type, venue, phase;
        i128 hold;
    } rows[] = {{ORDER_TYPE_LIMIT, 0, ORDER_PHASE_RESTING, 301500},
                {ORDER_TYPE_MARKET, VENUE_QUOTE, ORDER_PHASE_AT_QUOTE, 0},
                {ORDER_TYPE_STOP, VENUE_QUOTE, ORDER_PHASE_PENDING_TRIGGER, 301500}};
    for (int i = 0; i < 3; i++) {
        struct order_row row;
        struct event e = at_broker(ORDER_PHASE_PENDING_ROUTE, VENUE_NONE), r = routed(VENUE_NONE, NULL, 1);
        e.placed.terms.type = rows[i].type;
        order_row_from_placed(&row, &e);
        assert_true(row.status == ORDER_STATUS_PENDING_ROUTE && !order_row_in_book(&row).rests);
        r.routed.manual_review = true;
        change(&row, r);
        assert_true(row.manual_review && row.routed_ns == 0 && name_empty(&row.venue_name));
        change(&row, routed(rows[i].venue, "BOOK", ROUTE_CAUSE_BY_HAND));
        assert_true(row.phase == rows[i].phase && row.hold == rows[i].hold && row.broker_state == 0);
        assert_true(!row.manual_review && name_empty(&row.venue_name) && order_row_is_open(&row));
        assert_int_equal(order_row_in_book(&row).shown, rows[i].venue == 0 ? 30 : 0);
    }
}

static void what_a_broker_called_it_is_forgotten_when_another_gets_it(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = at_broker(ORDER_PHASE_AT_BROKER, VENUE_BROKER_FIRST), a = {.kind = EVENT_ACKED};
    order_row_from_placed(&row, &e);
    change(&row, broker_state(BROKER_UNKNOWN, REPORT_UNKNOWN, 30, "timeout"));
    a.acked.order_id = row.order_id;
    a.acked.state = BROKER_ACKED;
    a.acked.ext_order_id_len = 2;
    memcpy(a.acked.ext_order_id, "E1", 2);
    change(&row, a);
    assert_true(row.status == ORDER_STATUS_ACKED && row.ext_order_id_len == 2 && row.reason_len == 0);
    change(&row, routed(VENUE_BROKER_FIRST + 1, "BETA", ROUTE_CAUSE_VENUE_REJECTED));
    assert_true(row.status == ORDER_STATUS_ROUTED && row.ext_order_id_len == 0 && row.ext_order_id[0] == 0);
    assert_string_equal(row.venue_name.bytes, "BETA");
}

static void orders_of_a_batch_know_it_the_refused_ones_too(void **state)
{
    (void)state;
    struct order_row row;
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_DAY);
    e.placed.order_id += 3;
    e.placed.terms.flags = PLACE_BATCH;
    order_row_from_placed(&row, &e);
    assert_true(row.batch_id == 7u << ORDER_INDEX_BITS);
    e = (struct event){.seq = 7, .kind = EVENT_REJECTED, .rejected = {.command_kind = COMMAND_BATCH}};
    e.rejected.order_id = 7u << ORDER_INDEX_BITS;
    assert_false(order_row_is_rejected_by(&e)); /* the batch itself */
    e.rejected.order_id++;
    assert_true(order_row_is_rejected_by(&e));
    order_row_from_rejected(&row, &e);
    assert_true(row.batch_id == 7u << ORDER_INDEX_BITS && row.status == ORDER_STATUS_REJECTED);
}

static void a_row_from_state_has_what_its_route_says(void **state)
{
    (void)state;
    struct order_row row;
    struct account_state a = {.account = name_of("ann")};
    struct instrument_state i = {.spec = {.symbol = name_of("GOOG"), .price_scale = 2, .currency_scale = 2}};
    struct order_state o = {.id = (7u << ORDER_INDEX_BITS) + 2, .quantity = 30, .leaves = 30, .type = ORDER_TYPE_LIMIT};
    struct route_state r = {
        .venue = 4, .state = BROKER_UNKNOWN, .attempt = 3, .ext_order_id_len = 1, .ext_order_id = "E"};
    struct name alpha = name_of("ALPHA");
    o.flags = PLACE_BATCH;
    o.extra.venue = 4;
    o.extra.phase = ORDER_PHASE_AT_BROKER;
    order_row_from_state(&row, &o, &i, &a, &r, &alpha);
    assert_true(row.status == ORDER_STATUS_UNKNOWN && row.attempts == 3 && row.ext_order_id[0] == 'E');
    assert_true(row.batch_id == 7u << ORDER_INDEX_BITS && name_equal(&row.venue_name, &alpha));
    r.venue = 0;
    r.state = BROKER_PENDING_ROUTE;
    r.manual_review = true;
    order_row_from_state(&row, &o, &i, &a, &r, &alpha);
    assert_true(row.status == ORDER_STATUS_PENDING_ROUTE && row.manual_review && name_empty(&row.venue_name));
}

static void a_row_takes_only_events_that_name_it(void **state)
{
    (void)state;
    struct order_row row = {.order_id = 7u << ORDER_INDEX_BITS};
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_DAY), other = e;
    other.placed.order_id++;
    assert_false(order_row_apply(&row, &other));
    assert_true(order_row_apply(&row, &e));
    e = filled(8, 10000, 10, 20);
    assert_true(order_row_apply(&row, &e));
    assert_int_equal(row.leaves, 20);
    e = (struct event){.kind = EVENT_CANCELLED, .cancelled = {.order_id = row.order_id + 1}};
    assert_false(order_row_apply(&row, &e));
    e = (struct event){.kind = EVENT_QUOTED};
    assert_false(order_row_apply(&row, &e));
    e = (struct event){
        .kind = EVENT_CANCELLED,
        .cancelled = {.order_id = row.order_id, .reason = CANCEL_REASON_REFUSED, .reject = REJECT_CASH_SHORT}};
    assert_true(order_row_apply(&row, &e));
    assert_true(row.status == ORDER_STATUS_CANCELLED && row.refusal.reason == REJECT_CASH_SHORT);
    e = (struct event){.kind = EVENT_REJECTED,
                       .rejected = {.order_id = row.order_id, .command_kind = COMMAND_PLACE_LINKED}};
    assert_true(order_row_apply(&row, &e));
    e.rejected.command_kind = COMMAND_GTT_PLACE;
    assert_false(order_row_apply(&row, &e));
}

static void a_row_from_state_is_the_row_its_events_made(void **state)
{
    (void)state;
    struct order_row folded, read;
    struct event e = placed(ORDER_TYPE_LIMIT, TIF_GTC);
    e.placed.terms.quantity_scale = 1;
    order_row_from_placed(&folded, &e);
    e = filled(8, 10000, 10, 20);
    order_row_fill(&folded, &e, SIDE_BUY);

    struct account_state a = {.account = name_of("ann")};
    struct instrument_state i = {
        .spec = {.symbol = name_of("GOOG"), .price_scale = 2, .quantity_scale = 1, .currency_scale = 2}};
    struct order_state o = {
        .id = 7u << ORDER_INDEX_BITS, .price = 10050, .quantity = 30, .leaves = 20, .created_ns = 700};
    o.updated_ns = 800;
    o.notional_filled = 10000 * 10 / 10;
    o.fee_accrued = 300000000;
    o.hold = 20 * 10050;
    o.side = SIDE_BUY;
    o.type = ORDER_TYPE_LIMIT;
    o.tif = TIF_GTC;
    o.client_order_id_len = 2;
    memcpy(o.client_order_id, "c1", 2);
    order_row_from_state(&read, &o, &i, &a, NULL, NULL);
    folded.updated_seq = 0;
    folded.executed_ns = 0;
    assert_memory_equal(&folded, &read, sizeof read);
}

static void an_average_is_rounded_half_even_and_keeps_the_instruments_decimals(void **state)
{
    (void)state;
    static const struct {
        i128 price_quantity;
        int64_t filled;
        uint8_t scale;
        const char *expected;
    } rows[] = {
        {300, 3, 2, "1.00"},     {100, 3, 2, "0.333333"},
        {200, 3, 2, "0.666667"}, {7, 7, 0, "1"},
        {10, 4, 0, "2.5"},       {1, 20000, 0, "0"}, /* 0.00005: a tie, to even */
        {3, 20000, 0, "0.0002"},                     /* 0.00015 */
        {10, 1, 0, "10"},        {(i128)PRICE_MAX * QUANTITY_MAX, QUANTITY_MAX, 9, "100000000.000000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct order_row row = {.price_quantity = rows[i].price_quantity, .filled = rows[i].filled};
        char room[DECIMAL_TEXT_BYTES_MAX];
        row.price_scale = rows[i].scale;
        assert_int_equal(order_row_average_price(&row, room), strlen(rows[i].expected));
        assert_string_equal(room, rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_follows_its_order_to_the_last_fill),
        cmocka_unit_test(a_row_ends_by_cancel_or_expiry),
        cmocka_unit_test(a_modified_row_takes_the_new_terms),
        cmocka_unit_test(a_refused_order_keeps_what_was_asked),
        cmocka_unit_test(only_limit_orders_that_may_stay_are_in_the_book),
        cmocka_unit_test(a_stop_waits_for_its_trigger_and_then_rests_or_trades),
        cmocka_unit_test(a_trailing_stop_follows),
        cmocka_unit_test(an_iceberg_shows_what_it_says_and_less_after_a_fill_while_it_rests),
        cmocka_unit_test(a_child_waits_until_it_is_activated),
        cmocka_unit_test(a_group_is_known_by_its_ids),
        cmocka_unit_test(an_order_at_a_broker_says_what_its_broker_was_asked),
        cmocka_unit_test(a_fill_after_the_end_is_counted_and_changes_no_status),
        cmocka_unit_test(an_excess_grows_an_open_order_and_a_bust_shrinks_it),
        cmocka_unit_test(an_order_waits_for_a_venue_and_goes_to_work_in_the_book),
        cmocka_unit_test(what_a_broker_called_it_is_forgotten_when_another_gets_it),
        cmocka_unit_test(orders_of_a_batch_know_it_the_refused_ones_too),
        cmocka_unit_test(a_row_from_state_has_what_its_route_says),
        cmocka_unit_test(a_row_takes_only_events_that_name_it),
        cmocka_unit_test(a_row_from_state_is_the_row_its_events_made),
        cmocka_unit_test(an_average_is_rounded_half_even_and_keeps_the_instruments_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
