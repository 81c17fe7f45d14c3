/* tests/projections/test_views.c - what rows say after orders, fills, refusals; lists, pages and their cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/rejects.h"
#include "tests/projections/views_world.h"

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
    assert_string_equal(next, "");
    views_read_end(r);
    return row;
}

static void agree(struct views_world *w)
{
    char why[256] = "";
    if (!world_agrees(w, why)) fail_msg("%s", why);
}

static void a_placed_order_rests_in_its_row_and_its_book(void **state)
{
    struct views_world *w = *state;
    struct level_row levels[4];
    struct name acme = name_of("ACME");

    uint64_t id = world_place(w, ORDER("ann", "BUY", "10", "99.50", "first"));
    uint64_t better = world_place(w, ORDER("bob", "BUY", "5", "99.75", NULL));
    world_place(w, ORDER("cat", "BUY", "1", "99.50", NULL));

    struct order_row row = order(w, id);
    assert_int_equal(row.status, ORDER_STATUS_ACKED);
    assert_true(row.price == 9950 && row.quantity == 10 && row.leaves == 10 && row.filled == 0);
    assert_memory_equal(row.client_order_id, "first", 5);
    assert_true(row.hold > 0 && balance(w, "ann").reserved == row.hold);
    struct views_read *r = reading(w);
    assert_int_equal(views_book(r, &acme, SIDE_BUY, levels, 4), 2);
    assert_true(levels[0].price == 9975 && levels[0].quantity == 5 && levels[0].orders == 1);
    assert_true(levels[1].price == 9950 && levels[1].quantity == 11 && levels[1].orders == 2);
    assert_int_equal(views_book(r, &acme, SIDE_BUY, levels, 1), 1);
    assert_int_equal(views_book(r, &acme, SIDE_SELL, levels, 4), 0);
    views_read_end(r);

    world_modify(w, better, "99.60", NULL);
    world_cancel(w, id);
    r = reading(w);
    assert_int_equal(views_book(r, &acme, SIDE_BUY, levels, 4), 2);
    assert_true(levels[0].price == 9960 && levels[1].quantity == 1 && levels[1].orders == 1);
    views_read_end(r);
    assert_int_equal(order(w, id).status, ORDER_STATUS_CANCELLED);
    assert_int_equal(order(w, id).cancel_reason, CANCEL_REASON_REQUESTED);
    assert_true(balance(w, "ann").reserved == 0);
    agree(w);
}

static void a_fill_moves_orders_cash_fees_positions_and_the_last_price(void **state)
{
    struct views_world *w = *state;
    struct position_row p;
    struct instrument_row i;
    struct name ann = name_of("ann"), bob = name_of("bob"), acme = name_of("ACME");

    uint64_t sell = world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    uint64_t buy = world_place(w, ORDER("bob", "BUY", "4", "101.00", NULL));

    /* 4 x 100.00 = 400.00; maker 1 bp = 0.04, taker 2 bp = 0.08 */
    assert_int_equal(order(w, buy).status, ORDER_STATUS_FILLED);
    assert_int_equal(order(w, sell).status, ORDER_STATUS_PARTIALLY_FILLED);
    assert_int_equal(order(w, sell).leaves, 6);
    assert_true(order(w, buy).price_quantity == 4 * 10000);
    assert_true(balance(w, "ann").cash == 10000000 + 40000 - 4);
    assert_true(balance(w, "bob").cash == 10000000 - 40000 - 8);
    assert_true(balance(w, "@fees").cash == 12);
    assert_true(balance(w, "bob").cost_net == 40000 && balance(w, "bob").margin_used == 20000);
    struct views_read *r = reading(w);
    assert_int_equal(views_position(r, &ann, &acme, &p), 0);
    assert_true(p.quantity == -4 && p.cost == -40000 && p.mark_price == 10000 && p.price_scale == 2);
    assert_true(name_equal(&p.currency, &(struct name){"USD"}));
    assert_int_equal(views_position(r, &bob, &acme, &p), 0);
    assert_true(p.quantity == 4 && p.updated_seq == w->seq);
    assert_int_equal(views_instrument(r, &acme, &i), 0);
    assert_true(i.instrument.last_price == 10000 && i.updated_seq == w->seq);
    views_read_end(r);
    agree(w);
}

static void an_order_that_crosses_never_stays_in_the_book(void **state)
{
    struct views_world *w = *state;
    struct level_row level;
    struct name acme = name_of("ACME");
    world_place(w, ORDER("ann", "SELL", "3", "100.00", NULL));
    world_place(w, ORDER("bob", "BUY", "3", "100.00", NULL));
    world_place(w, ORDER("ann", "SELL", "3", "100.00", NULL));
    world_place(
        w, (struct order_words){.account = "bob", .side = "BUY", .quantity = "9", .price = "100.00", .tif = TIF_IOC});
    struct views_read *r = reading(w);
    assert_int_equal(views_book(r, &acme, SIDE_BUY, &level, 1), 0);
    assert_int_equal(views_book(r, &acme, SIDE_SELL, &level, 1), 0);
    views_read_end(r);
    agree(w);
}

static void a_refused_order_keeps_a_row_as_it_was_written(void **state)
{
    struct views_world *w = *state;
    struct order_row row;
    char next[VIEWS_CURSOR_BYTES];
    struct order_filter of_nobody = {.account = name_of("nobody")};

    uint64_t off_tick = world_place(w, ORDER("ann", "BUY", "10", "99.505", "late"));
    uint64_t unknown = world_place(w, ORDER("nobody", "BUY", "1", "99.50", NULL));

    row = order(w, off_tick);
    assert_int_equal(row.status, ORDER_STATUS_REJECTED);
    assert_int_equal(row.refusal.reason, REJECT_PRICE_OFF_TICK);
    assert_true(row.price == 99505 && row.price_scale == 3 && row.leaves == 0);
    struct views_read *r = reading(w);
    assert_int_equal(views_orders(r, &of_nobody, NULL, 1, &row, next), 1);
    assert_true(row.order_id == unknown && row.refusal.reason == REJECT_UNKNOWN_ACCOUNT);
    assert_string_equal(next, "");
    views_read_end(r);
    agree(w);
}

static void the_history_of_an_order_is_every_event_that_names_it(void **state)
{
    struct views_world *w = *state;
    struct event_id ids[8];
    char next[VIEWS_CURSOR_BYTES];
    uint64_t sell = world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    world_modify(w, sell, NULL, "9");
    world_place(w, ORDER("bob", "BUY", "4", "101.00", NULL));
    world_modify(w, sell, "0.001", NULL); /* refused */
    world_cancel(w, sell);
    world_cancel(w, 12345); /* names nothing */

    struct views_read *r = reading(w);
    assert_int_equal(views_order_events(r, sell, NULL, 8, ids, next), 5);
    for (uint32_t i = 0; i < 5; i++) assert_true(ids[i].seq == (sell >> ORDER_INDEX_BITS) + i);
    assert_int_equal(ids[2].index, 1); /* PLACED of the buy is 0 */
    assert_int_equal(views_order_events(r, sell, NULL, 3, ids, next), 3);
    assert_int_equal(views_order_events(r, sell, next, 3, ids, next), 2);
    assert_string_equal(next, "");
    assert_int_equal(views_order_events(r, 12345, NULL, 8, ids, next), 0);
    views_read_end(r);
}

/* Some of everything: 3 accounts, 2 instruments, client ids that repeat, ends of every kind. */
static void make_crowd(struct views_world *w, uint64_t *ids, int count)
{
    static const char *const accounts[] = {"ann", "bob", "cat"}, *const clients[] = {"x", "y", NULL, "xx"};
    world_instrument(w, "BETA", "0.01");
    for (int i = 0; i < count; i++) {
        struct order_words o = {.account = accounts[i % 3],
                                .side = i % 5 == 0 ? "SELL" : "BUY",
                                .quantity = "1",
                                .price = i % 7 == 0 ? "100.005" : "100.00",
                                .client_order_id = clients[i % 4],
                                .tif = TIF_GTC,
                                .symbol = i % 2 == 0 ? "ACME" : "BETA"};
        ids[i] = world_place(w, o);
        if (i % 6 == 5) world_cancel(w, ids[i - 2]);
    }
}

static bool wanted(const struct order_filter *f, const struct order_row *row)
{
    bool open = row->status == ORDER_STATUS_ACKED || row->status == ORDER_STATUS_PARTIALLY_FILLED;
    return (name_empty(&f->account) || name_equal(&f->account, &row->account)) &&
           (name_empty(&f->symbol) || name_equal(&f->symbol, &row->symbol)) &&
           (f->status == 0 || f->status == row->status) && (!f->open_only || open) &&
           (f->client_order_id.len_bytes == 0 ||
            (f->client_order_id.len_bytes == row->client_order_id_len &&
             memcmp(f->client_order_id.bytes, row->client_order_id, row->client_order_id_len) == 0));
}

/* Follows the pages of one filter; they must be the wanted rows, oldest first. */
static void check_filter(struct views_world *w, const struct order_filter *f, uint32_t limit, const uint64_t *ids,
                         int count)
{
    struct order_row page[8];
    char after[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES];
    int64_t got = 0, at = 0;
    struct views_read *r = reading(w);
    for (int i = 0; i < count; i++) {
        struct order_row row = order(w, ids[i]);
        if (!wanted(f, &row)) continue;
        if (at == got) {
            assert_true(got == 0 || after[0] != 0);
            got = views_orders(r, f, after, limit, page, next);
            assert_true(got > 0 && got <= limit);
            memcpy(after, next, sizeof after);
            at = 0;
        }
        assert_memory_equal(&page[at++], &row, sizeof row);
    }
    assert_true(at == got);
    assert_string_equal(after, "");
    if (got == 0) assert_int_equal(views_orders(r, f, NULL, limit, page, next), 0);
    views_read_end(r);
}

static void pages_of_every_filter_visit_every_wanted_order_once(void **state)
{
    enum { ORDERS = 48 };
    struct views_world *w = *state;
    uint64_t ids[ORDERS];
    const struct name accounts[] = {{""}, {"ann"}, {"cat"}, {"zoe"}}, symbols[] = {{""}, {"ACME"}, {"BETA"}};
    const struct text clients[] = {{NULL, 0}, {"x", 1}, {"xx", 2}, {"none", 4}};
    make_crowd(w, ids, ORDERS);
    for (size_t a = 0; a < 4; a++) {
        for (size_t s = 0; s < 3; s++) {
            for (uint8_t status = 0; status <= ORDER_STATUS_NUMBER_MAX; status++) {
                struct order_filter f = {.account = accounts[a],
                                         .symbol = symbols[s],
                                         .status = status,
                                         .open_only = status % 3 == 2,
                                         .client_order_id = clients[(a + s + status) % 4]};
                check_filter(w, &f, 1 + (uint32_t)(a + s) % 8, ids, ORDERS);
                f.client_order_id = clients[0];
                check_filter(w, &f, 8, ids, ORDERS);
            }
        }
    }
    agree(w);
}

static void the_newest_order_of_a_client_order_id_is_found(void **state)
{
    struct views_world *w = *state;
    struct order_row row;
    struct name ann = name_of("ann"), bob = name_of("bob"), any = {{0}};
    uint64_t first = world_place(w, ORDER("ann", "BUY", "1", "99.00", "id"));
    uint64_t second = world_place(w, ORDER("bob", "BUY", "1", "99.00", "id"));
    world_place(w, ORDER("ann", "BUY", "1", "99.00", "id2"));
    struct views_read *r = reading(w);
    assert_int_equal(views_order_by_client_id(r, &any, (struct text){"id", 2}, &row), 0);
    assert_true(row.order_id == second);
    assert_int_equal(views_order_by_client_id(r, &ann, (struct text){"id", 2}, &row), 0);
    assert_true(row.order_id == first);
    assert_int_equal(views_order_by_client_id(r, &bob, (struct text){"id2", 3}, &row), ERR_NOT_FOUND);
    assert_int_equal(views_order_by_client_id(r, &any, (struct text){"i", 1}, &row), ERR_NOT_FOUND);
    assert_int_equal(views_order_by_client_id(r, &any, (struct text){"", 0}, &row), ERR_NOT_FOUND);
    views_read_end(r);
}

static void trades_are_listed_by_account_symbol_and_order(void **state)
{
    struct views_world *w = *state;
    struct trade_row rows[8];
    char next[VIEWS_CURSOR_BYTES];
    uint64_t sell = world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    uint64_t buys[3];
    buys[0] = world_place(w, ORDER("bob", "BUY", "2", "100.00", NULL));
    buys[1] = world_place(w, ORDER("cat", "BUY", "3", NULL, NULL));
    buys[2] = world_place(w, ORDER("ann", "BUY", "1", "100.00", NULL)); /* with itself */
    const struct {
        struct trade_filter filter;
        int64_t count;
        uint64_t first_buy;
    } cases[] = {
        {{.account = {""}}, 3, buys[0]},
        {{.account = name_of("ann")}, 3, buys[0]},
        {{.account = name_of("cat")}, 1, buys[1]},
        {{.account = name_of("zoe")}, 0, 0},
        {{.symbol = name_of("ACME")}, 3, buys[0]},
        {{.symbol = name_of("NONE")}, 0, 0},
        {{.order_id = sell}, 3, buys[0]},
        {{.order_id = buys[2]}, 1, buys[2]},
        {{.order_id = sell, .account = name_of("cat")}, 1, buys[1]},
        {{.symbol = name_of("ACME"), .account = name_of("bob")}, 1, buys[0]},
    };
    struct views_read *r = reading(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(views_trades(r, &cases[i].filter, NULL, 8, rows, next), cases[i].count);
        assert_string_equal(next, "");
        if (cases[i].count > 0)
            assert_true(rows[0].fill.buy_order_id == cases[i].first_buy && rows[0].fill.sell_order_id == sell);
    }
    struct trade_filter all = {.order_id = 0};
    assert_int_equal(views_trades(r, &all, NULL, 2, rows, next), 2);
    assert_true(rows[1].seq == buys[1] >> ORDER_INDEX_BITS && rows[1].index == 1 && rows[1].ts_ns > rows[0].ts_ns);
    assert_int_equal(views_trades(r, &all, next, 2, rows, next), 1);
    assert_string_equal(next, "");
    views_read_end(r);
    agree(w);
}

static void accounts_instruments_and_currencies_are_listed_as_they_were_made(void **state)
{
    struct views_world *w = *state;
    static struct account_row accounts[VIEWS_PAGE_MAX];
    struct instrument_row instruments[4];
    struct currency_state currencies[4];
    struct position_row positions[4];
    char next[VIEWS_CURSOR_BYTES];
    const char *const expected[] = {"@fees", "@external", "@import", "@QUOTE", "ann", "bob", "cat", "aaa"};
    enum { ACCOUNTS = sizeof expected / sizeof *expected };
    world_account(w, "aaa", ACCOUNT_TYPE_CASH, NULL);
    world_account(w, "ann", ACCOUNT_TYPE_MARGIN, "3"); /* a change, not a new one */
    world_instrument(w, "AAPL", "0.01");
    struct views_read *r = reading(w);
    assert_int_equal(views_accounts(r, NULL, VIEWS_PAGE_MAX, accounts, next), ACCOUNTS);
    for (int i = 0; i < ACCOUNTS; i++) assert_string_equal(accounts[i].account.account.bytes, expected[i]);
    assert_int_equal(accounts[4].account.leverage, 300);
    assert_int_equal(views_instruments(r, NULL, 1, instruments, next), 1);
    assert_string_equal(instruments[0].instrument.spec.symbol.bytes, "ACME");
    assert_int_equal(views_instruments(r, next, 1, instruments, next), 1);
    assert_string_equal(instruments[0].instrument.spec.symbol.bytes, "AAPL");
    assert_string_equal(next, "");
    assert_int_equal(views_currencies(r, NULL, 4, currencies, next), 1);
    assert_true(currencies[0].scale == 2);
    assert_int_equal(views_positions(r, &(struct name){""}, NULL, 4, positions, next), 0);
    views_read_end(r);
}

static void positions_are_listed_for_one_account_or_all(void **state)
{
    struct views_world *w = *state;
    struct position_row rows[8];
    char next[VIEWS_CURSOR_BYTES];
    struct name all = {{0}}, bob = name_of("bob");
    world_instrument(w, "BETA", "0.01");
    world_place(
        w, (struct order_words){.account = "ann", .side = "SELL", .quantity = "1", .price = "10.00", .symbol = "BETA"});
    world_place(
        w, (struct order_words){.account = "bob", .side = "BUY", .quantity = "1", .price = "10.00", .symbol = "BETA"});
    world_place(w, ORDER("ann", "SELL", "2", "10.00", NULL));
    world_place(w, ORDER("bob", "BUY", "2", "10.00", NULL));
    struct views_read *r = reading(w);
    assert_int_equal(views_positions(r, &all, NULL, 3, rows, next), 3);
    assert_string_equal(rows[0].symbol.bytes, "ACME");
    assert_true(rows[0].quantity == -2);
    assert_int_equal(views_positions(r, &all, next, 3, rows, next), 1);
    assert_string_equal(rows[0].symbol.bytes, "BETA");
    assert_int_equal(views_positions(r, &bob, NULL, 1, rows, next), 1);
    assert_string_equal(rows[0].symbol.bytes, "ACME");
    assert_int_equal(views_positions(r, &bob, next, 1, rows, next), 1);
    assert_true(rows[0].quantity == 1);
    assert_string_equal(next, "");
    views_read_end(r);
    agree(w);
}

static void a_cursor_is_good_for_its_own_list_only(void **state)
{
    struct views_world *w = *state;
    uint64_t ids[12];
    struct order_row rows[4];
    struct trade_row trades[4];
    struct order_filter of_ann = {.account = name_of("ann")}, of_bob = {.account = name_of("bob")};
    struct trade_filter any_trade = {.order_id = 0};
    char cursor[VIEWS_CURSOR_BYTES], next[VIEWS_CURSOR_BYTES], bad[VIEWS_CURSOR_BYTES];
    make_crowd(w, ids, 12);
    struct views_read *r = reading(w);
    assert_int_equal(views_orders(r, &of_ann, NULL, 2, rows, cursor), 2);
    assert_int_equal(views_orders(r, &of_ann, cursor, 2, rows, next), 2);
    assert_int_equal(views_orders(r, &of_bob, cursor, 2, rows, next), ERR_USAGE);
    assert_int_equal(views_trades(r, &any_trade, cursor, 2, trades, next), ERR_USAGE);
    for (size_t i = 0; cursor[i] != 0; i++) {
        strcpy(bad, cursor);
        bad[i] = bad[i] == '7' ? '8' : '7';
        assert_int_equal(views_orders(r, &of_ann, bad, 2, rows, next), ERR_USAGE);
        bad[i] = (char)0xff;
        assert_int_equal(views_orders(r, &of_ann, bad, 2, rows, next), ERR_USAGE);
        bad[i] = 0;
        assert_int_equal(views_orders(r, &of_ann, bad, 2, rows, next), i == 0 ? 2 : ERR_USAGE);
    }
    memset(bad, 'a', sizeof bad);
    assert_int_equal(views_orders(r, &of_ann, bad, 2, rows, next), ERR_USAGE); /* no end */
    assert_int_equal(views_orders(r, &of_ann, NULL, 0, rows, next), ERR_USAGE);
    assert_int_equal(views_orders(r, &of_ann, NULL, VIEWS_PAGE_MAX + 1, rows, next), ERR_USAGE);
    views_read_end(r);
}

/* Refused orders are the cheapest rows; none of them is FILLED. */
static void a_page_stops_looking_after_a_bounded_number_of_rows(void **state)
{
    enum { ORDERS = 100500 };
    struct views_world *w = *state;
    struct order_filter filled = {.status = ORDER_STATUS_FILLED};
    struct order_row rows[4];
    char next[VIEWS_CURSOR_BYTES], last[VIEWS_CURSOR_BYTES];
    struct event *events = calloc(ORDERS, sizeof *events);
    assert_non_null(events);
    for (uint64_t i = 0; i < ORDERS; i++)
        events[i] = (struct event){.seq = w->seq + 1 + i,
                                   .kind = EVENT_REJECTED,
                                   .rejected = {.order_id = (w->seq + 1 + i) << ORDER_INDEX_BITS,
                                                .command_kind = COMMAND_PLACE,
                                                .refusal.reason = REJECT_FIELD_INVALID}};
    w->seq += ORDERS;
    assert_int_equal(views_fold(w->views, events, ORDERS, world_cursor(w)), 0);
    free(events);
    struct views_read *r = reading(w);
    assert_int_equal(views_orders(r, &filled, NULL, 4, rows, next), 0);
    assert_true(strlen(next) > 0);
    memcpy(last, next, sizeof last);
    assert_int_equal(views_orders(r, &filled, last, 4, rows, next), 0);
    assert_string_equal(next, "");
    views_read_end(r);
}

static void a_reader_sees_one_moment(void **state)
{
    struct views_world *w = *state;
    struct order_row row;
    struct views_read *before = reading(w);
    uint64_t seq = w->seq;
    uint64_t id = world_place(w, ORDER("ann", "BUY", "10", "99.50", NULL));
    assert_int_equal(views_order(before, id, &row), ERR_NOT_FOUND);
    assert_true(views_read_cursor(before).seq == seq);
    views_read_end(before);
    struct views_read *after = reading(w);
    assert_int_equal(views_order(after, id, &row), 0);
    struct views_cursor expected = world_cursor(w), cursor = views_read_cursor(after);
    assert_memory_equal(&cursor, &expected, sizeof cursor);
    cursor = views_cursor(w->views);
    assert_memory_equal(&cursor, &expected, sizeof cursor);
    views_read_end(after);
}

static void a_fold_that_fails_changes_nothing_and_closes_the_environment(void **state)
{
    struct views_world *w = *state;
    struct views_read *r;
    uint64_t hash = world_hash(w), seq = w->seq;
    struct command c = {.kind = COMMAND_MOVE_CASH};
    c.move_cash = (struct command_move_cash){name_of("ann"), name_of("USD"), {100, 2}};
    world_apply(w, &c);
    world_apply(w, &(struct command){.kind = COMMAND_CANCEL, .cancel.order_id = 1});
    struct event *last = &w->events[w->events_count - 1];
    *last = (struct event){.seq = last->seq, .ts_ns = last->ts_ns, .kind = EVENT_CANCELLED, .cancelled.order_id = 99};
    assert_int_equal(views_fold(w->views, w->events, w->events_count, world_cursor(w)), ERR_CORRUPT);
    assert_int_equal(views_fold(w->views, NULL, 0, world_cursor(w)), ERR_IO);
    assert_int_equal(views_read_begin(w->views, &r), ERR_IO);
    world_close(w);
    world_open(w);
    assert_false(w->emptied);
    assert_true(world_hash(w) == hash && views_cursor(w->views).seq == seq);
}

static void events_out_of_order_are_refused(void **state)
{
    struct views_world *w = *state;
    struct event e = {.seq = w->seq, .kind = EVENT_SWEPT};
    assert_int_equal(views_fold(w->views, &e, 1, world_cursor(w)), ERR_USAGE); /* folded before */
    world_close(w);
    world_open(w);
    e.seq = w->seq + 2;
    w->seq++;
    assert_int_equal(views_fold(w->views, &e, 1, world_cursor(w)), ERR_USAGE); /* beyond what it says it covers */
    world_close(w);
    world_open(w);
    struct event twice[2] = {{.seq = w->seq, .index = 1, .kind = EVENT_SWEPT},
                             {.seq = w->seq, .index = 1, .kind = EVENT_SWEPT}};
    assert_int_equal(views_fold(w->views, twice, 2, world_cursor(w)), ERR_USAGE);
}

static void counts_are_those_of_the_rows(void **state)
{
    struct views_world *w = *state;
    struct views_counts counts;
    world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    world_place(w, ORDER("bob", "BUY", "2", "100.00", NULL));
    world_place(w, ORDER("bob", "BUY", "2", "99.00", NULL));
    struct views_read *r = reading(w);
    assert_int_equal(views_counts(r, &counts), 0);
    views_read_end(r);
    assert_true(counts.orders == 3 && counts.trades == 1 && counts.positions == 2 && counts.accounts == 7);
    assert_true(counts.instruments == 1 && counts.currencies == 1 && counts.levels == 2 && counts.balances == 5);
    assert_true(counts.bytes_used > 0 && counts.bytes_used <= counts.bytes_map);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_placed_order_rests_in_its_row_and_its_book),
        TEST(a_fill_moves_orders_cash_fees_positions_and_the_last_price),
        TEST(an_order_that_crosses_never_stays_in_the_book),
        TEST(a_refused_order_keeps_a_row_as_it_was_written),
        TEST(the_history_of_an_order_is_every_event_that_names_it),
        TEST(pages_of_every_filter_visit_every_wanted_order_once),
        TEST(the_newest_order_of_a_client_order_id_is_found),
        TEST(trades_are_listed_by_account_symbol_and_order),
        TEST(accounts_instruments_and_currencies_are_listed_as_they_were_made),
        TEST(positions_are_listed_for_one_account_or_all),
        TEST(a_cursor_is_good_for_its_own_list_only),
        TEST(a_page_stops_looking_after_a_bounded_number_of_rows),
        TEST(a_reader_sees_one_moment),
        TEST(a_fold_that_fails_changes_nothing_and_closes_the_environment),
        TEST(events_out_of_order_are_refused),
        TEST(counts_are_those_of_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
