/* tests/projections/test_desk.c - what views say of the desk: orders at brokers, decisions, executions and busts, venues, rules,
 * batches, statements; and that events which cannot be are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/rejects.h"
#include "tests/projections/views_world.h"

#define SECOND_NS ((int64_t)1000000000)

static int begin(void **state)
{
    static struct views_world w;
    world_begin_market(&w);
    *state = &w;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static struct views_read *reading(struct views_world *w)
{
    struct views_read *r;
    assert_int_equal(views_read_begin(w->views, &r), 0);
    return r;
}

static struct text text_of(const char *literal)
{
    return literal == NULL ? (struct text){0} : (struct text){literal, (uint32_t)strlen(literal)};
}

static struct name name_or_none(const char *literal)
{
    return literal == NULL ? (struct name){{0}} : name_of(literal);
}

static void agree(struct views_world *w)
{
    char why[256] = "";
    if (!world_agrees(w, why)) fail_msg("%s", why);
}

/* The desk's commands in words. */

static void venue(struct views_world *w, const char *name, int state, bool simulated)
{
    struct command c = {.kind = COMMAND_SET_VENUE};
    c.set_venue = (struct command_set_venue){name_of(name), (uint8_t)state, simulated ? 2 : 1, VENUE_CAUSE_OPERATOR};
    world_command(w, c);
}

static uint64_t place_at(struct views_world *w, const char *venue_name, struct order_words o)
{
    struct command c = world_order(o);
    c.place.venue = name_or_none(venue_name);
    return world_command(w, c);
}

static void report(struct views_world *w, uint64_t order_id, int kind, const char *ext_order_id, const char *reason)
{
    struct command c = {.kind = COMMAND_REPORT};
    c.report = (struct command_report){.order_id = order_id,
                                       .ext_order_id = text_of(ext_order_id),
                                       .reason = text_of(reason),
                                       .report = (uint8_t)kind};
    world_command(w, c);
}

static struct fill_row fill_row(uint64_t order_id, int kind, const char *exec_id, const char *ref, const char *quantity,
                                const char *price)
{
    return (struct fill_row){.order_id = order_id,
                             .price = world_decimal(price),
                             .quantity = world_decimal(quantity),
                             .exec_id = text_of(exec_id),
                             .ref_exec_id = text_of(ref),
                             .kind = (uint8_t)kind};
}

static void fills(struct views_world *w, const struct fill_row *rows, uint32_t count, bool simulated)
{
    struct command c = {.kind = COMMAND_FILL};
    c.fill = (struct command_fill){.fills = rows, .fills_count = count, .simulated = simulated};
    world_command(w, c);
}

static void fill(struct views_world *w, uint64_t order_id, const char *exec_id, const char *quantity, const char *price)
{
    struct fill_row row = fill_row(order_id, FILL_NEW, exec_id, NULL, quantity, price);
    fills(w, &row, 1, false);
}

static void simulate(struct views_world *w, uint64_t order_id, const char *quantity, const char *price)
{
    struct fill_row row = fill_row(order_id, FILL_NEW, NULL, NULL, quantity, price);
    fills(w, &row, 1, true);
}

static void bust(struct views_world *w, uint64_t order_id, const char *exec_id)
{
    struct fill_row row = fill_row(order_id, FILL_BUST, NULL, exec_id, NULL, NULL);
    fills(w, &row, 1, false);
}

/* Time passes, and what is due happens. */
static void wait_seconds(struct views_world *w, int64_t seconds)
{
    struct command c = {.kind = COMMAND_TICK, .seq = w->seq + 1, .ts_ns = w->ts_ns + seconds * SECOND_NS};
    world_command(w, c);
}

/* Rows. */

static struct order_row order(struct views_world *w, uint64_t order_id)
{
    struct order_row row;
    struct views_read *r = reading(w);
    assert_int_equal(views_order(r, order_id, &row), 0);
    views_read_end(r);
    return row;
}

static struct balance_row balance(struct views_world *w, const char *account)
{
    struct balance_row row;
    struct name name = name_of(account);
    char next[VIEWS_CURSOR_BYTES];
    struct views_read *r = reading(w);
    assert_int_equal(views_balances(r, &name, NULL, 1, &row, next), 1);
    views_read_end(r);
    return row;
}

static struct position_row position(struct views_world *w, const char *account)
{
    struct position_row row;
    struct name name = name_of(account), acme = name_of("ACME");
    struct views_read *r = reading(w);
    assert_int_equal(views_position(r, &name, &acme, &row), 0);
    views_read_end(r);
    return row;
}

static int64_t last_price(struct views_world *w)
{
    struct instrument_row row;
    struct name acme = name_of("ACME");
    struct views_read *r = reading(w);
    assert_int_equal(views_instrument(r, &acme, &row), 0);
    views_read_end(r);
    return row.instrument.last_price;
}

static int64_t orders_of(struct views_world *w, struct order_filter f, struct order_row *rows)
{
    char next[VIEWS_CURSOR_BYTES];
    struct views_read *r = reading(w);
    int64_t count = views_orders(r, &f, NULL, 8, rows, next);
    views_read_end(r);
    return count;
}

static int64_t trades_of(struct views_world *w, struct trade_filter f, struct trade_row *rows)
{
    char next[VIEWS_CURSOR_BYTES];
    struct views_read *r = reading(w);
    int64_t count = views_trades(r, &f, NULL, 8, rows, next);
    views_read_end(r);
    return count;
}

static uint64_t candles_stored(struct views_world *w)
{
    struct views_counts counts;
    struct views_read *r = reading(w);
    assert_int_equal(views_counts(r, &counts), 0);
    views_read_end(r);
    return counts.candles;
}

static void an_order_at_a_broker_goes_from_its_decision_to_its_settlement(void **state)
{
    struct views_world *w = *state;
    struct order_row rows[8];
    struct trade_row trades[8];
    struct order_filter open = {.venue = name_of("ALPHA"), .open_only = true};
    venue(w, "ALPHA", 0, false);

    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_ROUTED && row.phase == ORDER_PHASE_AT_BROKER && row.attempts == 1);
    assert_string_equal(row.venue_name.bytes, "ALPHA");
    assert_true(row.routed_ns == w->ts_ns && row.hold > 0 && balance(w, "ann").reserved == row.hold);
    assert_true(orders_of(w, open, rows) == 1 && rows[0].order_id == id);
    agree(w);

    report(w, id, REPORT_ACK, "A-1", NULL);
    row = order(w, id);
    assert_true(row.status == ORDER_STATUS_ACKED && row.ext_order_id_len == 3);
    assert_memory_equal(row.ext_order_id, "A-1", 3);

    /* 4 x 99.50 = 398.00; taker 2 bp = 0.08 */
    fill(w, id, "x1", "4", "99.50");
    row = order(w, id);
    assert_true(row.status == ORDER_STATUS_PARTIALLY_FILLED && row.leaves == 6 && row.filled == 4);
    assert_true(balance(w, "ann").cash == 10000000 - 39800 - 8 && balance(w, "@fees").cash == 8);
    assert_true(balance(w, "@ALPHA").cash == 39800 && position(w, "@ALPHA").quantity == -4);
    assert_true(position(w, "ann").quantity == 4 && last_price(w) == 0 && candles_stored(w) == 0);
    agree(w);

    fill(w, id, "x2", "6", "100.00");
    assert_int_equal(order(w, id).status, ORDER_STATUS_FILLED);
    assert_int_equal(orders_of(w, open, rows), 0);
    open.open_only = false;
    assert_int_equal(orders_of(w, open, rows), 1);
    assert_int_equal(trades_of(w, (struct trade_filter){.venue = name_of("ALPHA")}, trades), 2);
    assert_true(trades[0].executed && !trades[0].late && trades[0].exec_id_len == 2);
    assert_memory_equal(trades[0].exec_id, "x1", 2);
    assert_string_equal(trades[0].venue_name.bytes, "ALPHA");
    agree(w);

    world_command(w, (struct command){.kind = COMMAND_SETTLE, .settle.order_id = id});
    row = order(w, id);
    assert_true(row.status == ORDER_STATUS_SETTLED && row.settled_ns == w->ts_ns);
    agree(w);
}

static void what_is_asked_of_a_broker_shows_until_it_answers(void **state)
{
    struct views_world *w = *state;
    venue(w, "ALPHA", 0, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    report(w, id, REPORT_ACK, "A-1", NULL);

    world_modify(w, id, "101.00", "12");
    assert_true(order(w, id).status == ORDER_STATUS_PENDING_MODIFY && order(w, id).quantity == 12);
    agree(w);
    report(w, id, REPORT_UNKNOWN, NULL, "timeout");
    assert_int_equal(order(w, id).status, ORDER_STATUS_UNKNOWN);
    assert_memory_equal(order(w, id).reason, "timeout", 7);
    report(w, id, REPORT_REPLACE_REJECTED, NULL, "too late");
    assert_true(order(w, id).status == ORDER_STATUS_ACKED && order(w, id).quantity == 10);
    assert_memory_equal(order(w, id).reason, "too late", 8);
    agree(w);

    world_modify(w, id, "101.00", "8");
    report(w, id, REPORT_REPLACED, NULL, NULL);
    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_ACKED && row.price == 10100 && row.quantity == 8 && row.reason_len == 0);
    agree(w);

    world_cancel(w, id);
    assert_int_equal(order(w, id).status, ORDER_STATUS_PENDING_CANCEL);
    fill(w, id, "x1", "3", "100.00"); /* the race: it filled before the cancel arrived */
    assert_true(order(w, id).status == ORDER_STATUS_PENDING_CANCEL && order(w, id).filled == 3);
    report(w, id, REPORT_CANCELLED, NULL, NULL);
    assert_true(order(w, id).status == ORDER_STATUS_CANCELLED && order(w, id).broker_state == BROKER_CANCELLED);
    agree(w);
}

static void a_late_fill_counts_and_its_order_stays_what_it_ended_as(void **state)
{
    struct views_world *w = *state;
    struct trade_row trades[8];
    venue(w, "ALPHA", 0, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "SELL", "10", "100.00", NULL));
    report(w, id, REPORT_CANCELLED, NULL, NULL);

    fill(w, id, "x1", "4", "100.00");

    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_CANCELLED && row.filled == 4 && row.quantity == 10 && row.leaves == 0);
    assert_true(row.hold == 0 && balance(w, "ann").reserved == 0 && position(w, "ann").quantity == -4);
    assert_int_equal(trades_of(w, (struct trade_filter){.order_id = id}, trades), 1);
    assert_true(trades[0].late && trades[0].excess == 4);
    agree(w);
    bust(w, id, "x1");
    assert_true(order(w, id).filled == 0 && position(w, "ann").quantity == 0 && balance(w, "ann").cash == 10000000);
    agree(w);
}

static void an_overfill_makes_its_order_larger(void **state)
{
    struct views_world *w = *state;
    venue(w, "ALPHA", 0, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    fill(w, id, "x1", "12", "100.00");
    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_FILLED && row.filled == 12 && row.quantity == 12);
    agree(w);
}

static void a_bust_takes_back_what_its_execution_gave_on_both_sides(void **state)
{
    struct views_world *w = *state;
    struct trade_row trades[8];
    venue(w, "ALPHA", 0, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    fill(w, id, "x1", "4", "99.00");
    i128 cash = balance(w, "ann").cash, fees = balance(w, "@fees").cash, house = balance(w, "@ALPHA").cash;
    fill(w, id, "x2", "3", "100.00");

    bust(w, id, "x2");

    struct order_row row = order(w, id);
    assert_true(row.filled == 4 && row.quantity == 7 && row.leaves == 3 && row.price_quantity == 4 * 9900);
    assert_true(balance(w, "ann").cash == cash && balance(w, "@fees").cash == fees);
    assert_true(balance(w, "@ALPHA").cash == house && position(w, "@ALPHA").quantity == -4);
    assert_int_equal(trades_of(w, (struct trade_filter){.order_id = id}, trades), 2);
    assert_true(!trades[0].busted && trades[1].busted);
    agree(w);

    /* Corrected: what was busted comes again at another price, in one command with a fill of what is left. */
    const struct fill_row both[] = {fill_row(id, FILL_CORRECT, "x1b", "x1", "4", "98.00"),
                                    fill_row(id, FILL_NEW, "x3", NULL, "3", "100.00")};
    fills(w, both, 2, false);
    row = order(w, id);
    assert_true(row.status == ORDER_STATUS_FILLED && row.filled == 7 && row.quantity == 7);
    assert_true(row.price_quantity == 4 * 9800 + 3 * 10000);
    agree(w);
    bust(w, id, "x3"); /* after its end: the order stays FILLED */
    row = order(w, id);
    assert_true(row.status == ORDER_STATUS_FILLED && row.filled == 4 && row.quantity == 7);
    agree(w);
}

static void a_fill_that_is_made_up_is_no_price_of_the_market(void **state)
{
    struct views_world *w = *state;
    struct level_row level;
    struct name acme = name_of("ACME");
    struct trade_row trades[8];
    venue(w, "BOOK", 0, true);
    uint64_t plain = place_at(w, "BOOK", ORDER("bob", "SELL", "5", "101.00", NULL));
    struct command c = world_order(ORDER("ann", "SELL", "30", "101.00", NULL));
    c.place.display_quantity = world_decimal("8");
    uint64_t iceberg = world_command(w, c);

    simulate(w, iceberg, "25", "102.00");
    simulate(w, plain, "2", "101.00");

    assert_true(order(w, iceberg).leaves == 5 && order(w, iceberg).shown == 5);
    assert_int_equal(order(w, plain).status, ORDER_STATUS_PARTIALLY_FILLED);
    struct views_read *r = reading(w);
    assert_int_equal(views_book(r, &acme, SIDE_SELL, &level, 1), 1);
    views_read_end(r);
    assert_true(level.quantity == 8 && level.hidden == 0 && level.orders == 2);
    assert_true(last_price(w) == 0 && candles_stored(w) == 0 && position(w, "@BOOK").quantity == 27);
    assert_int_equal(trades_of(w, (struct trade_filter){.venue = name_of("BOOK")}, trades), 2);
    assert_true(trades[0].fill.simulated && trades[0].executed && name_empty(&trades[0].venue_name));
    agree(w);
}

static void an_order_that_no_venue_takes_waits_and_its_decisions_are_paged(void **state)
{
    struct views_world *w = *state;
    struct order_row rows[8];
    struct decision_row d[4];
    struct level_row level;
    struct name acme = name_of("ACME");
    char next[VIEWS_CURSOR_BYTES] = "";
    venue(w, "ALPHA", VENUE_STATE_DOWN, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "99.00", NULL));
    assert_true(order(w, id).status == ORDER_STATUS_PENDING_ROUTE && !order(w, id).manual_review);
    assert_int_equal(orders_of(w, (struct order_filter){.status = ORDER_STATUS_PENDING_ROUTE}, rows), 1);
    assert_int_equal(orders_of(w, (struct order_filter){.manual_review = true}, rows), 0);
    agree(w);

    wait_seconds(w, ROUTE_RETRY_SECONDS);
    wait_seconds(w, ROUTE_RETRY_SECONDS);
    assert_true(order(w, id).manual_review && order(w, id).attempts == 3);
    assert_int_equal(orders_of(w, (struct order_filter){.manual_review = true}, rows), 1);
    assert_int_equal(orders_of(w, (struct order_filter){.manual_review = true, .account = name_of("bob")}, rows), 0);
    agree(w);

    struct command by_hand = {.kind = COMMAND_ROUTE, .route = {id, name_of("BOOK")}};
    world_command(w, by_hand);
    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_ACKED && row.phase == ORDER_PHASE_RESTING && !row.manual_review);
    assert_true(row.broker_state == 0 && orders_of(w, (struct order_filter){.manual_review = true}, rows) == 0);
    struct views_read *r = reading(w);
    assert_true(views_book(r, &acme, SIDE_BUY, &level, 1) == 1 && level.quantity == 10);
    for (uint32_t attempt = 1; attempt <= 4; attempt++) {
        assert_int_equal(views_decisions(r, id, next, 1, d, next), 1);
        assert_true(d[0].routed.attempt == attempt && d[0].routed.order_id == id && d[0].routed.asked);
        assert_true((next[0] == 0) == (attempt == 4));
    }
    assert_string_equal(d[0].routed.chosen.bytes, "BOOK");
    assert_int_equal(d[0].routed.cause, ROUTE_CAUSE_BY_HAND);
    assert_int_equal(views_decisions(r, id + 1, NULL, 4, d, next), 0);
    views_read_end(r);
    agree(w);
}

static void rules(struct views_world *w, const struct route_rule *list, uint32_t count)
{
    struct command c = {.kind = COMMAND_SET_ROUTING, .set_routing = {list, count}};
    world_command(w, c);
}

static struct route_rule rule_to(const char *first, const char *second)
{
    struct route_rule rule = {.min_quantity = world_decimal(NULL), .max_quantity = world_decimal("500.5")};
    rule.venues[0] = name_of(first);
    rule.venues[1] = name_or_none(second);
    return rule;
}

static void a_venue_that_rejects_is_passed_over_and_the_last_ends_the_order(void **state)
{
    struct views_world *w = *state;
    struct order_row rows[8];
    venue(w, "ALPHA", 0, false);
    venue(w, "BETA", 0, false);
    struct route_rule rule = rule_to("ALPHA", "BETA");
    rules(w, &rule, 1);
    uint64_t id = place_at(w, NULL, ORDER("ann", "BUY", "10", "99.00", NULL));
    assert_true(order(w, id).rule == 1);
    assert_string_equal(order(w, id).venue_name.bytes, "ALPHA");

    report(w, id, REPORT_REJECT, NULL, NULL);
    assert_string_equal(order(w, id).venue_name.bytes, "BETA");
    assert_int_equal(orders_of(w, (struct order_filter){.venue = name_of("ALPHA"), .open_only = true}, rows), 0);
    assert_int_equal(orders_of(w, (struct order_filter){.venue = name_of("BETA"), .open_only = true}, rows), 1);
    report(w, id, REPORT_REJECT, NULL, NULL);

    struct order_row row = order(w, id);
    assert_true(row.status == ORDER_STATUS_REJECTED && row.cancel_reason == CANCEL_REASON_VENUE_REJECTED);
    assert_true(balance(w, "ann").reserved == 0);
    agree(w);
    fill(w, id, "late", "2", "99.00"); /* and yet it had it */
    assert_true(order(w, id).status == ORDER_STATUS_REJECTED && order(w, id).filled == 2);
    agree(w);
}

static void a_new_table_replaces_the_old_one_whole(void **state)
{
    struct views_world *w = *state;
    struct rule_row rows[4];
    struct venue_row v;
    struct name alpha = name_of("ALPHA"), none = name_of("NONE");
    char next[VIEWS_CURSOR_BYTES];
    venue(w, "ALPHA", 0, true);
    const struct route_rule three[] = {rule_to("BOOK", "QUOTE"), rule_to("ALPHA", NULL), rule_to("QUOTE", NULL)};
    rules(w, three, 3);
    agree(w);
    rules(w, three + 1, 1);
    agree(w);
    struct views_read *r = reading(w);
    assert_int_equal(views_rules(r, NULL, 4, rows, next), 1);
    assert_string_equal(rows[0].rule.venues[0].bytes, "ALPHA");
    assert_true(rows[0].rule.max_quantity.mantissa == 5005 && rows[0].rule.max_quantity.scale == 1);
    assert_int_equal(views_venue(r, &alpha, &v), 0);
    assert_true(v.venue.number == VENUE_BROKER_FIRST && v.venue.simulated && v.updated_seq != 0);
    assert_int_equal(views_venue(r, &none, &v), ERR_NOT_FOUND);
    views_read_end(r);
    rules(w, NULL, 0);
    venue(w, "ALPHA", VENUE_STATE_DEGRADED, false);
    agree(w);
}

static void a_batch_has_a_row_and_its_orders_know_it(void **state)
{
    struct views_world *w = *state;
    struct batch_row row;
    struct command_place orders[2] = {world_order(ORDER("ann", "BUY", "1", "99.00", NULL)).place,
                                      world_order(ORDER("ann", "BUY", "1", "99.001", NULL)).place};
    struct command c = {.kind = COMMAND_BATCH,
                        .batch = {.account = name_of("ann"), .orders = orders, .orders_count = 2}};
    uint64_t id = world_command(w, c);
    struct views_read *r = reading(w);
    assert_int_equal(views_batch(r, id, &row), 0);
    assert_true(row.batch_id == id && row.created_ns == w->ts_ns && row.batch.orders == 2 && !row.batch.atomic);
    assert_int_equal(views_batch(r, id + 1, &row), ERR_NOT_FOUND);
    views_read_end(r);
    assert_true(order(w, id + 1).batch_id == id && order(w, id + 1).status == ORDER_STATUS_ACKED);
    assert_true(order(w, id + 2).batch_id == id && order(w, id + 2).refusal.reason == REJECT_PRICE_OFF_TICK);
    agree(w);
    c.batch.atomic = true; /* refused as a whole: there is none */
    id = world_command(w, c);
    r = reading(w);
    assert_int_equal(views_batch(r, id, &row), ERR_NOT_FOUND);
    views_read_end(r);
    assert_int_equal(order(w, id + 2).status, ORDER_STATUS_REJECTED);
}

static void trades_are_listed_by_venue_and_time(void **state)
{
    struct views_world *w = *state;
    struct trade_row rows[8];
    int64_t times[6];
    venue(w, "ALPHA", 0, false);
    for (int i = 0; i < 6; i++) {
        uint64_t at_alpha = place_at(w, "ALPHA", ORDER("ann", "BUY", "1", "100.00", NULL));
        world_place(w, ORDER("ann", "SELL", "1", "100.00", NULL));
        world_place(w, ORDER("bob", "BUY", "1", "100.00", NULL));
        fill(w, at_alpha, "x", "1", "100.00");
        times[i] = w->ts_ns;
    }
    for (int from = 0; from < 6; from++) {
        for (int to = from; to < 6; to++) {
            struct trade_filter f = {.venue = name_of("ALPHA"), .from_ns = times[from], .to_ns = times[to]};
            assert_int_equal(trades_of(w, f, rows), to - from);
            if (to > from) assert_true(rows[0].ts_ns == times[from]);
            f.account = name_of("ann"); /* another index; one of the book before each but the first */
            assert_int_equal(trades_of(w, f, rows), to - from);
            f = (struct trade_filter){.venue = name_of("BOOK"), .from_ns = times[from], .to_ns = times[to]};
            assert_int_equal(trades_of(w, f, rows), to - from);
        }
    }
    struct trade_filter all = {.from_ns = 1, .to_ns = INT64_MAX};
    char next[VIEWS_CURSOR_BYTES] = "";
    int64_t seen = 0;
    struct views_read *r = reading(w);
    do {
        int64_t count = views_trades(r, &all, next, 5, rows, next);
        assert_true(count > 0);
        seen += count;
    } while (next[0] != 0);
    assert_int_equal(seen, 12);
    struct trade_row one;
    assert_int_equal(views_trade(r, rows[0].seq, rows[0].index, &one), 0);
    assert_memory_equal(&one, &rows[0], sizeof one);
    assert_int_equal(views_trade(r, 1, 0, &one), ERR_NOT_FOUND);
    views_read_end(r);
}

/* Statements. */

static struct statement_row line(const char *exec_id, int side, const char *quantity, const char *price,
                                 const char *fee)
{
    struct statement_row row = {.exec_id = text_of(exec_id),
                                .symbol = name_of("ACME"),
                                .price = world_decimal(price),
                                .quantity = world_decimal(quantity),
                                .fee = {0, DECIMAL_ABSENT},
                                .side = (uint8_t)side};
    if (fee != NULL) assert_int_equal(amount_from_text(&row.fee, fee, strlen(fee)), 0);
    return row;
}

static uint64_t statement(struct views_world *w, const char *venue_name, const char *account, int64_t from_ns,
                          const struct statement_row *rows, uint32_t count)
{
    struct command c = {.kind = COMMAND_STATEMENT};
    c.statement = (struct command_statement){.venue = name_or_none(venue_name),
                                             .account = name_or_none(account),
                                             .from_ns = from_ns,
                                             .to_ns = w->ts_ns + 1,
                                             .rows = rows,
                                             .rows_count = count};
    return world_command(w, c);
}

static size_t reconcile(struct views_world *w, uint64_t id, bool all, struct reconcile_row *out,
                        struct reconcile_totals *totals)
{
    struct reconcile_row *rows;
    size_t count;
    struct views_read *r = reading(w);
    assert_int_equal(views_reconcile(r, id, all, &rows, &count, totals), 0);
    views_read_end(r);
    assert_true(count <= 16);
    if (count != 0) memcpy(out, rows, count * sizeof *rows);
    free(rows);
    return count;
}

static void a_statement_beside_our_trades_has_a_row_for_every_line_and_trade(void **state)
{
    struct views_world *w = *state;
    struct reconcile_row rows[16];
    struct reconcile_totals t;
    venue(w, "ALPHA", 0, false);
    int64_t from_ns = w->ts_ns;
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "100", "100.00", NULL));
    const char *const ids[] = {"same", "price", "quantity", "fee", "side", "symbol", "only-ours", "busted"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) fill(w, id, ids[i], "10", "99.50"); /* fee 0.20 (1/2: even) */
    bust(w, id, "busted");
    struct statement_row lines[] = {
        line("same", SIDE_BUY, "10.000", "99.5", "0.200"), line("price", SIDE_BUY, "10", "99.51", NULL),
        line("quantity", SIDE_BUY, "10.1", "99.50", NULL), line("fee", SIDE_BUY, "10", "99.50", "0.2000001"),
        line("side", SIDE_SELL, "10", "99.50", NULL),      line("symbol", SIDE_BUY, "10", "99.50", NULL),
        line("busted", SIDE_BUY, "10", "99.50", NULL),     line("same", SIDE_BUY, "10", "99.50", NULL),
    };
    lines[5].symbol = name_of("GOOG");

    uint64_t statement_id = statement(w, "ALPHA", NULL, from_ns, lines, 8);

    static const struct {
        uint8_t kind, differs;
    } expected[] = {{RECONCILE_EQUAL, 0},
                    {RECONCILE_DIFFERS, DIFFERS_PRICE},
                    {RECONCILE_DIFFERS, DIFFERS_QUANTITY},
                    {RECONCILE_DIFFERS, DIFFERS_FEE},
                    {RECONCILE_DIFFERS, DIFFERS_SIDE},
                    {RECONCILE_DIFFERS, DIFFERS_SYMBOL},
                    {RECONCILE_MISSING_HERE, 0},
                    {RECONCILE_MISSING_HERE, 0}, /* a second line of a trade that the first took */
                    {RECONCILE_MISSING_THERE, 0}};
    assert_int_equal(reconcile(w, statement_id, true, rows, &t), 9);
    for (int i = 0; i < 9; i++) {
        assert_true(rows[i].kind == expected[i].kind && rows[i].differs == expected[i].differs);
        assert_true(rows[i].has_line == (i < 8) && (!rows[i].has_line || rows[i].line.number == (uint32_t)i + 1));
    }
    assert_true(rows[0].order_id == id && rows[0].side == SIDE_BUY && rows[0].fee == 20);
    assert_memory_equal(rows[8].trade.exec_id, "only-ours", 9);
    assert_true(t.lines == 8 && t.trades == 7 && t.equal == 1 && t.differing == 5);
    assert_true(t.missing_here == 2 && t.missing_there == 1);
    assert_int_equal(reconcile(w, statement_id, false, rows, &t), 8);
    assert_true(rows[0].kind == RECONCILE_DIFFERS && t.equal == 1);
}

static void only_what_a_statement_covers_is_compared(void **state)
{
    struct views_world *w = *state;
    struct reconcile_row rows[16];
    struct reconcile_totals t;
    struct statement_header_row headers[4];
    char next[VIEWS_CURSOR_BYTES], trade_id[64];
    venue(w, "ALPHA", 0, false);
    uint64_t first = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    uint64_t other = place_at(w, "ALPHA", ORDER("bob", "SELL", "10", "100.00", NULL));
    fill(w, first, "before", "1", "100.00");
    int64_t from_ns = w->ts_ns + 1;
    fill(w, first, "of-ann", "1", "100.00");
    fill(w, other, "of-ann", "2", "100.00"); /* another order's: the broker says it again */
    world_place(w, ORDER("bob", "SELL", "1", "100.00", NULL));
    world_place(w, ORDER("ann", "BUY", "1", "100.00", NULL));
    snprintf(trade_id, sizeof trade_id, "%llu-1", (unsigned long long)w->seq);

    const struct statement_row lines[] = {line("of-ann", SIDE_SELL, "2", "100", NULL),
                                          line("of-ann", SIDE_BUY, "1", "100", NULL)};
    assert_int_equal(reconcile(w, statement(w, "ALPHA", NULL, from_ns, lines, 2), true, rows, &t), 2);
    assert_true(t.equal == 2 && rows[0].order_id == other && rows[1].order_id == first);

    assert_int_equal(reconcile(w, statement(w, "ALPHA", "ann", from_ns, lines, 0), true, rows, &t), 1);
    assert_true(rows[0].kind == RECONCILE_MISSING_THERE && rows[0].order_id == first);

    const struct statement_row of_book = line(trade_id, SIDE_BUY, "1", "100", NULL);
    uint64_t id = statement(w, NULL, "ann", from_ns, &of_book, 1);
    assert_int_equal(reconcile(w, id, true, rows, &t), 2);
    assert_true(rows[0].kind == RECONCILE_EQUAL && rows[1].kind == RECONCILE_MISSING_THERE);
    assert_int_equal(reconcile(w, statement(w, "BOOK", NULL, from_ns, &of_book, 1), true, rows, &t), 1);
    assert_int_equal(t.equal, 1);

    struct views_read *r = reading(w);
    struct reconcile_row *none;
    size_t count;
    assert_int_equal(views_statements(r, NULL, 4, headers, next), 4);
    assert_true(headers[2].statement.statement_id == id && headers[2].statement.rows == 1 && next[0] == 0);
    assert_int_equal(views_reconcile(r, id + 1, true, &none, &count, &t), ERR_NOT_FOUND);
    views_read_end(r);
}

/* A day at the desk, folded command by command or at once. */
static uint64_t day_hash(bool one_by_one)
{
    struct views_world w;
    world_begin_market(&w);
    struct views *views = w.views;
    venue(&w, "ALPHA", 0, false);
    uint64_t id = place_at(&w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    const struct fill_row rows[] = {
        fill_row(id, FILL_NEW, "x1", NULL, "4", "99.00"), fill_row(id, FILL_NEW, "x2", NULL, "4", "99.00"),
        fill_row(id, FILL_BUST, NULL, "x1", NULL, NULL), fill_row(id, FILL_CORRECT, "x4", "x2", "4", "98.00")};
    const struct route_rule table[] = {rule_to("ALPHA", NULL), rule_to("BOOK", NULL)};
    struct statement_row of_day = line("x1", SIDE_BUY, "4", "99", NULL);
    struct command commands[8] = {
        {.kind = COMMAND_FILL, .fill = {.fills = rows, .fills_count = 2}},
        {.kind = COMMAND_FILL, .fill = {.fills = rows + 2, .fills_count = 1}},
        {.kind = COMMAND_FILL, .fill = {.fills = rows + 3, .fills_count = 1}},
        {.kind = COMMAND_SET_ROUTING, .set_routing = {table, 2}},
        {.kind = COMMAND_SET_ROUTING, .set_routing = {table, 1}},
        {.kind = COMMAND_CANCEL, .cancel.order_id = id},
        {.kind = COMMAND_REPORT, .report = {.order_id = id, .report = REPORT_CANCELLED}},
        {.kind = COMMAND_STATEMENT, .statement = {name_of("ALPHA"), {{0}}, 0, INT64_MAX, &of_day, 1}}};
    for (int i = 0; i < 8; i++) {
        world_apply(&w, &commands[i]);
        if (one_by_one) world_fold(&w);
    }
    world_fold(&w);
    agree(&w);
    assert_true(views == w.views);
    uint64_t hash = world_hash(&w);
    world_end(&w);
    return hash;
}

static void rows_do_not_depend_on_how_many_commands_a_fold_has(void **state)
{
    (void)state;
    assert_true(day_hash(true) == day_hash(false));
}

/* Everything that may come of an order at the desk, in any order; most of it is refused. */

struct random_desk {
    struct views_world w;
    uint64_t random, orders[256];
    uint32_t orders_count, exec_ids;
    char texts[4][32];
};

static uint32_t roll(struct random_desk *d, uint32_t below)
{
    d->random = d->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(d->random >> 33) % below;
}

static const char *roll_venue(struct random_desk *d)
{
    static const char *const names[] = {"BOOK", "QUOTE", "ALPHA", "BETA"};
    return names[roll(d, 4)];
}

static uint64_t roll_order(struct random_desk *d)
{
    uint32_t newest = d->orders_count < 12 ? d->orders_count : 12;
    return d->orders_count == 0 ? 1 : d->orders[d->orders_count - 1 - roll(d, newest)];
}

static void roll_place(struct random_desk *d)
{
    static const char *const accounts[] = {"ann", "bob", "cat"}, *const prices[] = {"99.00", "100.00", "101.00", NULL};
    struct command c =
        world_order(ORDER(accounts[roll(d, 3)], roll(d, 2) ? "BUY" : "SELL", "10", prices[roll(d, 4)], NULL));
    if (roll(d, 3) != 0) c.place.venue = name_of(roll_venue(d));
    if (roll(d, 6) == 0) {
        c.place.type = c.place.type == ORDER_TYPE_MARKET ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
        c.place.stop_price = world_decimal(roll(d, 2) ? "98.50" : "101.50");
    }
    if (roll(d, 8) == 0) c.place.display_quantity = world_decimal("3");
    d->orders[d->orders_count++ % 256] = world_command(&d->w, c);
    if (d->orders_count == 256) d->orders_count = 0;
}

static void roll_fill(struct random_desk *d)
{
    static const char *const quantities[] = {"1", "4", "10", "12"}, *const prices[] = {"99.50", "100.00", "100.33"};
    struct fill_row rows[2];
    bool simulated = roll(d, 3) == 0;
    for (int n = 0; n < 2; n++) {
        snprintf(d->texts[n], sizeof d->texts[n], "x%u", d->exec_ids += roll(d, 6) != 0);
        snprintf(d->texts[n + 2], sizeof d->texts[n + 2], "x%u", d->exec_ids - roll(d, 3));
        int kind = simulated || roll(d, 2) ? FILL_NEW : roll(d, 2) ? FILL_BUST : FILL_CORRECT;
        bool makes = kind != FILL_BUST;
        rows[n] = fill_row(roll_order(d), kind, makes ? d->texts[n] : NULL, kind == FILL_NEW ? NULL : d->texts[n + 2],
                           makes ? quantities[roll(d, 4)] : NULL, makes ? prices[roll(d, 3)] : NULL);
    }
    fills(&d->w, rows, 1 + (roll(d, 4) == 0), simulated);
}

static void roll_operator(struct random_desk *d)
{
    struct route_rule rule = rule_to(roll_venue(d), NULL);
    const char *second = roll_venue(d);
    if (strcmp(rule.venues[0].bytes, second) != 0) rule.venues[1] = name_of(second);
    switch (roll(d, 5)) {
    case 0: venue(&d->w, roll_venue(d), 1 + (int)roll(d, 3), roll(d, 4) != 0); break;
    case 1: rules(&d->w, &rule, roll(d, 2)); break;
    case 2: wait_seconds(&d->w, roll(d, 4) ? ROUTE_RETRY_SECONDS : 90000); break;
    case 3: world_command(&d->w, (struct command){.kind = COMMAND_SETTLE, .settle.order_id = roll_order(d)}); break;
    default: {
        struct command c = {.kind = COMMAND_ROUTE, .route.order_id = roll_order(d)};
        if (roll(d, 2)) c.route.venue = name_of(roll_venue(d));
        world_command(&d->w, c);
    }
    }
}

static void roll_quote(struct random_desk *d)
{
    struct command c = {.kind = COMMAND_SET_QUOTE, .set_quote.symbol = name_of("ACME")};
    c.set_quote.bid = world_decimal(roll(d, 2) ? "99.00" : "98.00");
    c.set_quote.ask = world_decimal(roll(d, 2) ? "100.00" : "102.00");
    c.set_quote.bid_quantity = c.set_quote.ask_quantity = world_decimal(roll(d, 2) ? "5" : "20");
    world_command(&d->w, c);
}

static void roll_command(struct random_desk *d)
{
    switch (roll(d, 12)) {
    case 0:
    case 1:
    case 2: roll_place(d); break;
    case 3: report(&d->w, roll_order(d), REPORT_ACK, "E", NULL); break;
    case 4: report(&d->w, roll_order(d), 1 + (int)roll(d, REPORT_NUMBER_MAX), "E", roll(d, 2) ? "no" : NULL); break;
    case 5: world_cancel(&d->w, roll_order(d)); break;
    case 6: world_modify(&d->w, roll_order(d), roll(d, 2) ? "99.50" : NULL, roll(d, 2) ? "14" : "6"); break;
    case 7: roll_operator(d); break;
    case 8: roll_quote(d); break;
    default: roll_fill(d);
    }
}

static void rows_equal_the_engines_state_whatever_happens_at_the_desk(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        static struct random_desk d;
        char why[256] = "";
        d = (struct random_desk){.random = seed};
        world_begin_market(&d.w);
        venue(&d.w, "ALPHA", 0, true);
        venue(&d.w, "BETA", 0, false);
        for (int i = 0; i < 600; i++) {
            roll_command(&d);
            if (i % 5 == 0 && !world_agrees(&d.w, why)) fail_msg("seed %d after command %d: %s", (int)seed, i, why);
        }
        world_end(&d.w);
    }
}

/* What cannot be. */

struct forgery {
    const char *what;
    uint8_t kind; /* of the event that is forged, the last of the command */
    void (*forge)(struct event *e);
};

static void forge_exec_id(struct event *e)
{
    e->busted.exec_id[0] = '?';
}
static void forge_notional(struct event *e)
{
    e->busted.notional++;
}
static void forge_quantity(struct event *e)
{
    e->busted.quantity++;
}
static void forge_simulated(struct event *e)
{
    e->filled.simulated = true;
}
static void forge_house(struct event *e)
{
    e->filled.sell_account = name_of("@QUOTE");
}
static void forge_leaves(struct event *e)
{
    e->filled.buy_leaves++;
}
static void forge_order(struct event *e)
{
    e->filled.buy_order_id = 0;
}
static void forge_to_settled(struct event *e)
{
    uint64_t order_id = e->acked.order_id;
    e->kind = EVENT_SETTLED;
    e->settled = (struct event_settled){.order_id = order_id};
}
static void forge_to_executed(struct event *e)
{
    uint64_t order_id = e->acked.order_id;
    e->kind = EVENT_EXECUTED;
    e->executed = (struct event_executed){.order_id = order_id, .kind = FILL_NEW, .exec_id_len = 1};
}
static void forge_to_rule(struct event *e)
{
    e->kind = EVENT_ROUTE_RULE_SET;
    e->route_rule_set = (struct event_route_rule_set){.number = 1};
}
static void forge_to_line(struct event *e)
{
    e->kind = EVENT_STATEMENT_ROW;
    e->statement_row = (struct event_statement_row){.number = 1};
}
static void forge_to_rules(struct event *e)
{
    e->kind = EVENT_ROUTING_SET;
    e->routing_set = (struct event_routing_set){.rules = 1};
}
static void forge_to_venue(struct event *e)
{
    e->kind = EVENT_VENUE_SET;
    e->venue_set = (struct event_venue_set){
        .venue = name_of("NEW"), .number = 9, .state = VENUE_STATE_UP, .before = VENUE_STATE_DOWN};
}
static void forge_state(struct event *e)
{
    e->acked.state = BROKER_SETTLED;
}
static void forge_to_batch(struct event *e)
{
    uint64_t seq = e->seq;
    e->kind = EVENT_BATCHED;
    e->batched = (struct event_batched){.batch_id = (seq << ORDER_INDEX_BITS) + 1, .orders = 1};
}

/* The commands whose last event is forged. */
static void forgery_command(struct views_world *w, uint64_t id, uint8_t kind, struct fill_row *row, struct command *c)
{
    (void)w;
    *c = (struct command){.kind = COMMAND_FILL, .fill = {.fills = row, .fills_count = 1}};
    if (kind == EVENT_FILLED) *row = fill_row(id, FILL_NEW, "x2", NULL, "1", "100.00");
    if (kind == EVENT_BUSTED) *row = fill_row(id, FILL_BUST, NULL, "x1", NULL, NULL);
    if (kind != EVENT_ACKED) return;
    *c = (struct command){.kind = COMMAND_REPORT, .report = {.order_id = id, .report = REPORT_ACK}};
    c->report.ext_order_id = text_of("A-1");
}

static void events_that_cannot_be_are_refused_and_change_nothing(void **state)
{
    static const struct forgery forgeries[] = {
        {"a bust of no execution", EVENT_BUSTED, forge_exec_id},
        {"a bust of another notional", EVENT_BUSTED, forge_notional},
        {"a bust of another quantity", EVENT_BUSTED, forge_quantity},
        {"a fill that is not its execution's", EVENT_FILLED, forge_simulated},
        {"another venue's house account", EVENT_FILLED, forge_house},
        {"leaves that do not add up", EVENT_FILLED, forge_leaves},
        {"a fill without an order", EVENT_FILLED, forge_order},
        {"an order that settles before it is filled", EVENT_ACKED, forge_to_settled},
        {"an execution without a fill", EVENT_ACKED, forge_to_executed},
        {"a rule of no table", EVENT_ACKED, forge_to_rule},
        {"a line of no statement", EVENT_ACKED, forge_to_line},
        {"a table without its rules", EVENT_ACKED, forge_to_rules},
        {"a venue that was never made", EVENT_ACKED, forge_to_venue},
        {"a state that ACKED does not say", EVENT_ACKED, forge_state},
        {"a batch with an order's id", EVENT_ACKED, forge_to_batch},
    };
    (void)state;
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        struct views_world w;
        struct fill_row row;
        struct command c;
        world_begin_market(&w);
        venue(&w, "ALPHA", 0, false);
        uint64_t id = place_at(&w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
        fill(&w, id, "x1", "4", "99.00");
        uint64_t hash = world_hash(&w), seq = w.seq;
        forgery_command(&w, id, forgeries[i].kind, &row, &c);
        world_apply(&w, &c);
        struct event *last = &w.events[w.events_count - 1];
        assert_int_equal(last->kind, forgeries[i].kind);
        forgeries[i].forge(last);
        if (views_fold(w.views, w.events, w.events_count, world_cursor(&w)) != ERR_CORRUPT)
            fail_msg("%s was folded", forgeries[i].what);
        world_close(&w);
        world_open(&w);
        assert_true(!w.emptied && world_hash(&w) == hash && views_cursor(w.views).seq == seq);
        world_end(&w);
    }
}

static void a_broker_does_not_execute_the_same_twice(void **state)
{
    struct views_world *w = *state;
    venue(w, "ALPHA", 0, false);
    uint64_t id = place_at(w, "ALPHA", ORDER("ann", "BUY", "10", "100.00", NULL));
    fill(w, id, "x1", "1", "100.00");
    struct fill_row row = fill_row(id, FILL_NEW, "x2", NULL, "1", "100.00");
    world_apply(w, &(struct command){.kind = COMMAND_FILL, .fill = {.fills = &row, .fills_count = 1}});
    for (uint32_t i = 0; i < w->events_count; i++)
        if (w->events[i].kind == EVENT_EXECUTED) w->events[i].executed.exec_id[1] = '1';
    assert_int_equal(views_fold(w->views, w->events, w->events_count, world_cursor(w)), ERR_CORRUPT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(an_order_at_a_broker_goes_from_its_decision_to_its_settlement),
        TEST(what_is_asked_of_a_broker_shows_until_it_answers),
        TEST(a_late_fill_counts_and_its_order_stays_what_it_ended_as),
        TEST(an_overfill_makes_its_order_larger),
        TEST(a_bust_takes_back_what_its_execution_gave_on_both_sides),
        TEST(a_fill_that_is_made_up_is_no_price_of_the_market),
        TEST(an_order_that_no_venue_takes_waits_and_its_decisions_are_paged),
        TEST(a_venue_that_rejects_is_passed_over_and_the_last_ends_the_order),
        TEST(a_new_table_replaces_the_old_one_whole),
        TEST(a_batch_has_a_row_and_its_orders_know_it),
        TEST(trades_are_listed_by_venue_and_time),
        TEST(a_statement_beside_our_trades_has_a_row_for_every_line_and_trade),
        TEST(only_what_a_statement_covers_is_compared),
        cmocka_unit_test(rows_equal_the_engines_state_whatever_happens_at_the_desk),
        cmocka_unit_test(rows_do_not_depend_on_how_many_commands_a_fold_has),
        cmocka_unit_test(events_that_cannot_be_are_refused_and_change_nothing),
        TEST(a_broker_does_not_execute_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
