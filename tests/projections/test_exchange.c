/* tests/projections/test_exchange.c - what rows say of stops, icebergs, groups, auctions, the venue QUOTE, trading states,
 * GTTs and margin. */
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
    char why[256] = "";
    bool same = world_agrees(*state, why); /* whatever a test did */
    world_end(*state);
    if (!same) fail_msg("%s", why);
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

static struct instrument_row instrument(struct views_world *w)
{
    struct instrument_row row;
    struct name acme = name_of("ACME");
    struct views_read *r = reading(w);
    assert_int_equal(views_instrument(r, &acme, &row), 0);
    views_read_end(r);
    return row;
}

static struct account_row account(struct views_world *w, const char *name)
{
    struct account_row row;
    struct name n = name_of(name);
    struct views_read *r = reading(w);
    assert_int_equal(views_account(r, &n, &row), 0);
    views_read_end(r);
    return row;
}

/* The best level of a side; its orders are 0 when there is none. */
static struct level_row best(struct views_world *w, int side)
{
    struct level_row level = {.orders = 0};
    struct name acme = name_of("ACME");
    struct views_read *r = reading(w);
    int64_t count = views_book(r, &acme, side, &level, 1);
    views_read_end(r);
    return count == 1 ? level : (struct level_row){.orders = 0};
}

static uint32_t history_length(struct views_world *w, uint64_t id)
{
    struct event_id ids[32];
    char next[VIEWS_CURSOR_BYTES];
    struct views_read *r = reading(w);
    int64_t count = views_order_events(r, id, NULL, 32, ids, next);
    views_read_end(r);
    assert_true(count >= 0);
    return (uint32_t)count;
}

static struct command stop_of(struct order_words o, const char *stop_price)
{
    struct command c = world_order(o);
    c.place.type = o.price == NULL ? ORDER_TYPE_STOP : ORDER_TYPE_STOP_LIMIT;
    c.place.stop_price = world_decimal(stop_price);
    return c;
}

static void trade_at(struct views_world *w, const char *price)
{
    world_place(w, ORDER("ann", "SELL", "1", price, NULL));
    world_place(w, ORDER("bob", "BUY", "1", price, NULL));
}

static void set_state(struct views_world *w, int state)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    c.set_instrument.symbol = name_of("ACME");
    c.set_instrument.fields = INSTRUMENT_HAS_STATE;
    c.set_instrument.state = (uint8_t)state;
    world_command(w, c);
    assert_int_equal(instrument(w).instrument.spec.state, state);
}

static void set_quote(struct views_world *w, const char *bid, const char *bid_quantity, const char *ask,
                      const char *ask_quantity)
{
    struct command c = {.kind = COMMAND_SET_QUOTE};
    c.set_quote.symbol = name_of("ACME");
    c.set_quote.bid = world_decimal(bid);
    c.set_quote.bid_quantity = world_decimal(bid_quantity);
    c.set_quote.ask = world_decimal(ask);
    c.set_quote.ask_quantity = world_decimal(ask_quantity);
    world_command(w, c);
}

static void a_stop_is_outside_the_book_until_a_trade_triggers_it(void **state)
{
    struct views_world *w = *state;
    struct order_row open[4];
    struct order_filter f = {.account = name_of("cat"), .open_only = true};
    char next[VIEWS_CURSOR_BYTES];
    trade_at(w, "100.00");
    uint64_t stop = world_command(w, stop_of(ORDER("cat", "BUY", "3", "105.00", NULL), "102.00"));
    struct order_row row = order(w, stop);
    assert_true(row.status == ORDER_STATUS_PENDING_TRIGGER && row.stop_price == 10200 && row.hold > 0);
    assert_int_equal(best(w, SIDE_BUY).orders, 0);
    struct views_read *r = reading(w);
    assert_int_equal(views_orders(r, &f, NULL, 4, open, next), 1);
    views_read_end(r);

    trade_at(w, "102.00");
    row = order(w, stop);
    assert_true(row.status == ORDER_STATUS_ACKED && row.type == ORDER_TYPE_LIMIT && row.stop_price == 10200);
    assert_true(best(w, SIDE_BUY).price == 10500 && best(w, SIDE_BUY).quantity == 3);
    assert_int_equal(history_length(w, stop), 2);
}

static void a_trailing_stop_shows_how_far_it_followed(void **state)
{
    struct views_world *w = *state;
    trade_at(w, "100.00");
    trade_at(w, "100.00");
    struct command c = stop_of(ORDER("bob", "SELL", "1", NULL, NULL), NULL);
    c.place.trail = world_decimal("5.00");
    uint64_t stop = world_command(w, c);
    assert_true(order(w, stop).stop_price == 9500 && order(w, stop).trail == 500);
    trade_at(w, "103.00");
    assert_int_equal(order(w, stop).stop_price, 9800);
    assert_int_equal(history_length(w, stop), 2);
}

static void an_iceberg_shows_a_part_and_keeps_the_rest_back(void **state)
{
    struct views_world *w = *state;
    struct command c = world_order(ORDER("ann", "SELL", "50", "100.00", NULL));
    c.place.display_quantity = world_decimal("10");
    uint64_t iceberg = world_command(w, c);
    assert_true(best(w, SIDE_SELL).quantity == 10 && best(w, SIDE_SELL).hidden == 40);
    world_place(w, ORDER("bob", "BUY", "4", "100.00", NULL));
    assert_true(best(w, SIDE_SELL).quantity == 6 && best(w, SIDE_SELL).hidden == 40);
    world_place(w, ORDER("bob", "BUY", "6", "100.00", NULL));
    assert_true(best(w, SIDE_SELL).quantity == 10 && best(w, SIDE_SELL).hidden == 30);
    assert_true(order(w, iceberg).shown == 10 && order(w, iceberg).display_quantity == 10);
    world_modify(w, iceberg, NULL, "15");
    assert_true(best(w, SIDE_SELL).quantity == 5 && best(w, SIDE_SELL).hidden == 0);
}

static struct command bracket(void)
{
    struct command place = world_order(ORDER("ann", "BUY", "10", "100.00", "entry"));
    struct command c = {.kind = COMMAND_PLACE_LINKED, .place_linked.entry = place.place};
    struct command_leg *legs = c.place_linked.legs;
    c.place_linked.link = LINK_BRACKET;
    c.place_linked.activation = ACTIVATION_EACH_FILL;
    legs[0] = (struct command_leg){world_decimal("110.00"), world_decimal(NULL), 0, ORDER_TYPE_LIMIT, TIF_GTC};
    legs[1] = (struct command_leg){world_decimal(NULL), world_decimal("95.00"), 0, ORDER_TYPE_STOP, TIF_GTC};
    return c;
}

static void the_orders_of_a_bracket_know_each_other_and_shrink_together(void **state)
{
    struct views_world *w = *state;
    uint64_t entry = world_command(w, bracket());
    struct order_row profit = order(w, entry + 1), loss = order(w, entry + 2);
    assert_true(order_row_parent_id(&profit) == entry && order_row_sibling_id(&profit) == entry + 2);
    assert_true(order_row_parent_id(&loss) == entry && order_row_sibling_id(&loss) == entry + 1);
    assert_true(profit.status == ORDER_STATUS_PENDING_TRIGGER && profit.phase == ORDER_PHASE_WAITING);
    assert_int_equal(best(w, SIDE_SELL).orders, 0);

    world_place(w, ORDER("bob", "SELL", "10", "100.00", NULL));
    assert_int_equal(order(w, entry).status, ORDER_STATUS_FILLED);
    assert_int_equal(order(w, entry + 1).status, ORDER_STATUS_ACKED);
    assert_int_equal(order(w, entry + 2).status, ORDER_STATUS_PENDING_TRIGGER);
    assert_int_equal(best(w, SIDE_SELL).quantity, 10);
    world_place(w, ORDER("bob", "BUY", "4", "110.00", NULL));
    loss = order(w, entry + 2);
    assert_true(loss.quantity == 6 && loss.leaves == 6 && loss.filled == 0);
    world_place(w, ORDER("bob", "BUY", "6", "110.00", NULL));
    assert_true(order(w, entry + 2).status == ORDER_STATUS_CANCELLED);
    assert_int_equal(order(w, entry + 2).cancel_reason, CANCEL_REASON_OCO);
}

static void a_pairs_hold_is_its_firsts_whichever_is_modified(void **state)
{
    struct views_world *w = *state;
    struct command c = {.kind = COMMAND_PLACE_LINKED};
    c.place_linked.entry = world_order(ORDER("ann", "BUY", "10", "90.00", NULL)).place;
    c.place_linked.link = LINK_OCO;
    c.place_linked.legs[0] =
        (struct command_leg){world_decimal("120.00"), world_decimal("110.00"), 0, ORDER_TYPE_STOP_LIMIT, TIF_GTC};
    c.place_linked.legs[1] = (struct command_leg){.price = world_decimal(NULL), .stop_price = world_decimal(NULL)};
    uint64_t first = world_command(w, c);
    assert_true(order_row_sibling_id(&(struct order_row){.order_id = first, .link = LINK_OCO}) == first + 1);
    i128 hold = order(w, first).hold;
    assert_true(hold > 0 && order(w, first + 1).hold == 0);
    world_modify(w, first + 1, "130.00", NULL);
    assert_true(order(w, first).hold > hold && order(w, first + 1).hold == 0);
    world_modify(w, first, "91.00", NULL);
}

static void orders_of_one_account_that_do_not_meet_both_tell_of_it(void **state)
{
    struct views_world *w = *state;
    uint64_t rests = world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    struct command c = world_order(ORDER("ann", "BUY", "4", "100.00", NULL));
    c.place.stp = STP_DECREMENT;
    uint64_t taker = world_command(w, c);
    struct order_row row = order(w, rests);
    assert_true(row.quantity == 6 && row.leaves == 6 && row.filled == 0 && row.status == ORDER_STATUS_ACKED);
    assert_true(order(w, taker).status == ORDER_STATUS_CANCELLED);
    assert_int_equal(order(w, taker).cancel_reason, CANCEL_REASON_SELF_TRADE);
    assert_int_equal(history_length(w, rests), 3); /* PLACED, PREVENTED, REDUCED */
    assert_int_equal(history_length(w, taker), 3); /* PLACED, PREVENTED, CANCELLED */
    assert_int_equal(best(w, SIDE_SELL).quantity, 6);
}

static struct command set_collar(const char *percent)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    c.set_instrument.symbol = name_of("ACME");
    c.set_instrument.fields = INSTRUMENT_HAS_COLLAR;
    c.set_instrument.collar_percent = world_decimal(percent);
    return c;
}

static struct command on_open(const char *account, const char *side, const char *quantity)
{
    struct command c = world_order(ORDER(account, side, quantity, NULL, NULL));
    c.place.tif = TIF_ON_OPEN;
    return c;
}

static void an_auction_is_seen_before_and_after_it(void **state)
{
    struct views_world *w = *state;
    struct name acme = name_of("ACME");
    struct auction_price price;
    struct trade_row trades[8];
    struct trade_filter any = {.order_id = 0};
    char next[VIEWS_CURSOR_BYTES];
    trade_at(w, "100.00");
    world_command(w, set_collar("10"));
    set_state(w, INSTRUMENT_STATE_PRE_OPEN);
    world_place(w, ORDER("ann", "SELL", "10", "99.00", NULL));
    world_place(w, ORDER("bob", "BUY", "4", "101.00", NULL));
    world_command(w, on_open("cat", "BUY", "3"));
    assert_true(instrument(w).market_buy == 3 && instrument(w).market_sell == 0);
    assert_true(best(w, SIDE_BUY).price == 10100 && best(w, SIDE_SELL).price == 9900); /* crossed */
    struct views_read *r = reading(w);
    assert_int_equal(views_indicative(r, &acme, &price), 0);
    views_read_end(r);
    assert_true(price.price == 9900 && price.quantity == 7 && price.imbalance == -3);

    set_state(w, INSTRUMENT_STATE_CONTINUOUS);
    struct instrument_row i = instrument(w);
    assert_true(i.uncrossed.price == 9900 && i.uncrossed.quantity == 7 && i.uncrossed.seq == w->seq);
    assert_true(i.market_buy == 0 && i.instrument.last_price == 9900 && i.state_cause == STATE_CAUSE_COMMAND);
    r = reading(w);
    assert_int_equal(views_trades(r, &any, NULL, 8, trades, next), 3);
    assert_true(trades[1].fill.aggressor_side == 0 && trades[2].fill.aggressor_side == 0);
    assert_int_equal(views_indicative(r, &acme, &price), 0);
    assert_true(price.price == 0 && price.quantity == 0);
    assert_int_equal(views_indicative(r, &(struct name){"NONE"}, &price), ERR_NOT_FOUND);
    views_read_end(r);
    assert_true(best(w, SIDE_SELL).quantity == 3 && best(w, SIDE_BUY).orders == 0);
}

static void a_fill_at_the_venue_quote_takes_from_the_quotes_size(void **state)
{
    struct views_world *w = *state;
    struct position_row p;
    struct trade_row trade;
    struct trade_filter f = {.account = name_of("@QUOTE")};
    struct name house = name_of("@QUOTE"), acme = name_of("ACME");
    char next[VIEWS_CURSOR_BYTES];
    set_quote(w, "99.00", "5", "101.00", "8");
    struct command c = world_order(ORDER("ann", "BUY", "10", "102.00", NULL));
    c.place.venue = name_of("QUOTE");
    uint64_t id = world_command(w, c);
    struct order_row row = order(w, id);
    assert_true(row.venue == VENUE_QUOTE && row.filled == 8 && row.leaves == 2);
    assert_true(row.status == ORDER_STATUS_PARTIALLY_FILLED && row.phase == ORDER_PHASE_AT_QUOTE);
    assert_int_equal(best(w, SIDE_BUY).orders, 0); /* it is in no book */
    struct instrument_state i = instrument(w).instrument;
    assert_true(i.ask == 10100 && i.ask_quantity == 0 && i.bid_quantity == 5 && i.last_price == 0);
    struct views_read *r = reading(w);
    assert_int_equal(views_position(r, &house, &acme, &p), 0);
    assert_int_equal(p.quantity, -8);
    assert_int_equal(views_trades(r, &f, NULL, 1, &trade, next), 1);
    assert_true(trade.fill.venue == VENUE_QUOTE && trade.fill.sell_order_id == 0 && trade.fill.buy_order_id == id);
    views_read_end(r);
    set_quote(w, "99.00", "5", "101.00", "8");
    assert_int_equal(order(w, id).status, ORDER_STATUS_FILLED);
    assert_int_equal(instrument(w).instrument.ask_quantity, 6);
}

static void positions_are_worth_what_the_instruments_mark_says(void **state)
{
    struct views_world *w = *state;
    struct position_row p;
    struct equity_row e;
    struct name ann = name_of("ann"), bob = name_of("bob"), acme = name_of("ACME"), usd = name_of("USD");
    world_place(w, ORDER("ann", "SELL", "10", "100.00", NULL));
    world_place(w, ORDER("bob", "BUY", "10", "100.00", NULL));
    set_quote(w, "102.00", "1", "103.00", "1");
    struct views_read *r = reading(w);
    assert_int_equal(views_position(r, &bob, &acme, &p), 0);
    assert_true(p.mark_price == 10000 && p.value == 100000 && p.unrealized == 0);
    views_read_end(r);

    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    c.set_instrument.symbol = acme;
    c.set_instrument.fields = INSTRUMENT_HAS_MARK;
    c.set_instrument.mark = TRIGGER_QUOTE;
    world_command(w, c);
    r = reading(w);
    assert_int_equal(views_position(r, &bob, &acme, &p), 0);
    assert_true(p.mark_price == 10200 && p.value == 102000 && p.unrealized == 2000);
    assert_int_equal(views_position(r, &ann, &acme, &p), 0);
    assert_true(p.mark_price == 10300 && p.value == -103000 && p.unrealized == -3000);
    assert_int_equal(views_equity(r, &ann, &usd, &e), 0);
    assert_true(e.value == -103000 && e.exposure == 103000 && e.unrealized == -3000 && e.positions == 1);
    assert_true(e.equity == e.cash + e.value && e.cash == 10000000 + 100000 - 10);
    assert_int_equal(views_equity(r, &ann, &(struct name){"EUR"}, &e), ERR_NOT_FOUND);
    assert_int_equal(views_equity(r, &(struct name){"zoe"}, &usd, &e), ERR_NOT_FOUND);
    views_read_end(r);
}

static void set_trading(struct views_world *w, const char *account_name, const char *symbol, int status)
{
    struct command c = {.kind = COMMAND_SET_TRADING};
    if (account_name != NULL) c.set_trading.account = name_of(account_name);
    if (symbol != NULL) c.set_trading.symbol = name_of(symbol);
    c.set_trading.status = (uint8_t)status;
    world_command(w, c);
}

static uint8_t system_trading(struct views_world *w)
{
    struct system_row row;
    struct views_read *r = reading(w);
    assert_int_equal(views_system(r, &row), 0);
    views_read_end(r);
    return row.trading;
}

static void trading_states_are_in_the_rows_of_what_they_stop(void **state)
{
    struct views_world *w = *state;
    assert_int_equal(system_trading(w), 0);
    set_trading(w, NULL, NULL, ACCOUNT_STATUS_HALTED);
    assert_int_equal(system_trading(w), ACCOUNT_STATUS_HALTED);
    set_trading(w, NULL, NULL, ACCOUNT_STATUS_ACTIVE);
    assert_int_equal(system_trading(w), 0);
    set_trading(w, "ann", NULL, ACCOUNT_STATUS_REDUCING);
    assert_int_equal(account(w, "ann").account.status, ACCOUNT_STATUS_REDUCING);
    set_trading(w, NULL, "ACME", ACCOUNT_STATUS_HALTED);
    assert_int_equal(instrument(w).instrument.spec.trading, ACCOUNT_STATUS_HALTED);
    set_trading(w, NULL, "ACME", ACCOUNT_STATUS_ACTIVE);
    assert_int_equal(instrument(w).instrument.spec.trading, 0);
}

static struct command gtt_of(const char *account_name, const char *trigger, const char *price)
{
    struct command c = {.kind = COMMAND_GTT_PLACE};
    c.gtt_place.account = name_of(account_name);
    c.gtt_place.symbol = name_of("ACME");
    c.gtt_place.side = SIDE_BUY;
    c.gtt_place.legs_count = 1;
    c.gtt_place.legs[0] = (struct gtt_leg){world_decimal(trigger), world_decimal(price), world_decimal("2")};
    c.gtt_place.legs[1] = (struct gtt_leg){world_decimal(NULL), world_decimal(NULL), world_decimal(NULL)};
    return c;
}

static struct gtt_row gtt(struct views_world *w, uint64_t id)
{
    struct gtt_row row;
    struct views_read *r = reading(w);
    assert_int_equal(views_gtt(r, id, &row), 0);
    views_read_end(r);
    return row;
}

static void a_gtt_waits_in_a_row_of_its_own_and_names_the_order_it_sent(void **state)
{
    struct views_world *w = *state;
    trade_at(w, "100.00");
    uint64_t id = world_command(w, gtt_of("cat", "98.00", "98.50"));
    struct gtt_row row = gtt(w, id);
    assert_true(row.gtt.status == GTT_STATUS_ACTIVE && row.gtt_id == id && row.gtt.legs[0].trigger_price == 9800);
    assert_true(row.created_seq == w->seq && row.gtt.legs[0].direction == SIDE_BUY);
    trade_at(w, "98.00");
    row = gtt(w, id);
    assert_true(row.gtt.status == GTT_STATUS_TRIGGERED && row.gtt.leg == 1 && row.updated_seq == w->seq);
    assert_true(row.gtt.order_id == id + 2 && order(w, id + 2).gtt_id == id);
    assert_true(order(w, id + 2).price == 9850 && best(w, SIDE_BUY).price == 9850);
    assert_int_equal(history_length(w, id), 2);
    world_command(w, (struct command){.kind = COMMAND_GTT_DELETE, .gtt_delete.gtt_id = id}); /* refused: it is over */
    assert_int_equal(history_length(w, id), 3);
}

static void gtts_are_listed_by_account_symbol_and_status(void **state)
{
    struct views_world *w = *state;
    struct gtt_row rows[4];
    char next[VIEWS_CURSOR_BYTES];
    struct views_counts counts;
    trade_at(w, "100.00");
    uint64_t a = world_command(w, gtt_of("cat", "98.00", NULL)), b = world_command(w, gtt_of("bob", "97.00", NULL));
    uint64_t c = world_command(w, gtt_of("cat", "96.00", NULL));
    world_command(w, (struct command){.kind = COMMAND_GTT_DELETE, .gtt_delete.gtt_id = a});
    const struct {
        struct gtt_filter filter;
        int64_t count;
        uint64_t first;
    } cases[] = {
        {{.account = {""}}, 3, a},
        {{.account = name_of("cat")}, 2, a},
        {{.account = name_of("cat"), .status = GTT_STATUS_ACTIVE}, 1, c},
        {{.symbol = name_of("ACME"), .status = GTT_STATUS_DELETED}, 1, a},
        {{.symbol = name_of("ACME"), .account = name_of("bob")}, 1, b},
        {{.symbol = name_of("NONE")}, 0, 0},
        {{.status = GTT_STATUS_EXPIRED}, 0, 0},
    };
    struct views_read *r = reading(w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(views_gtts(r, &cases[i].filter, NULL, 4, rows, next), cases[i].count);
        assert_string_equal(next, "");
        if (cases[i].count > 0) assert_true(rows[0].gtt_id == cases[i].first);
    }
    assert_int_equal(views_gtts(r, &cases[0].filter, NULL, 2, rows, next), 2);
    assert_int_equal(views_gtts(r, &cases[0].filter, next, 2, rows, next), 1);
    assert_true(rows[0].gtt_id == c);
    assert_int_equal(views_gtt(r, 12345, rows), ERR_NOT_FOUND);
    assert_int_equal(views_counts(r, &counts), 0);
    assert_true(counts.gtts == 3);
    views_read_end(r);
}

static void an_account_shows_its_last_margin_call_and_its_limits(void **state)
{
    struct views_world *w = *state;
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    c.set_account.account = name_of("bob");
    c.set_account.fields = ACCOUNT_HAS_MARGIN_CALL | ACCOUNT_HAS_MAX_OPEN_ORDERS | ACCOUNT_HAS_STP;
    c.set_account.margin_call_percent = world_decimal("90");
    c.set_account.max_open_orders = 7;
    c.set_account.stp = STP_CANCEL_NEWEST;
    world_command(w, c);
    struct account_row row = account(w, "bob");
    assert_true(row.account.limits.max_open_orders == 7 && row.account.limits.margin_call_ppm == 900000);
    assert_true(row.account.stp == STP_CANCEL_NEWEST && row.margin_call.seq == 0);
    world_place(w, ORDER("ann", "SELL", "1500", "100.00", NULL));
    world_place(w, ORDER("bob", "BUY", "1500", "100.00", NULL));
    world_command(w, (struct command){.kind = COMMAND_CHECK_MARGIN});
    row = account(w, "bob");
    assert_true(row.margin_call.seq == w->seq && !row.margin_call.liquidation && row.margin_call.currency_scale == 2);
    assert_true(row.margin_call.exposure == 15000000 && row.margin_call.required_ppm == 900000);
    assert_true(row.account.limits.max_open_orders == 7);
}

static void a_refusal_names_the_field_the_value_and_the_limit(void **state)
{
    struct views_world *w = *state;
    uint64_t id = world_place(w, ORDER("ann", "BUY", "10", "99.505", NULL));
    struct refusal r = order(w, id).refusal;
    assert_true(r.reason == REJECT_PRICE_OFF_TICK && r.field == REFUSAL_PRICE);
    assert_true(r.value == 99505 && r.value_scale == 3 && r.limit == 1 && r.limit_scale == 2);
    struct command c = bracket();
    c.place_linked.entry.price = world_decimal("99.505");
    id = world_command(w, c);
    assert_true(order(w, id).status == ORDER_STATUS_REJECTED && order(w, id).link == LINK_BRACKET);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_stop_is_outside_the_book_until_a_trade_triggers_it),
        TEST(a_trailing_stop_shows_how_far_it_followed),
        TEST(an_iceberg_shows_a_part_and_keeps_the_rest_back),
        TEST(the_orders_of_a_bracket_know_each_other_and_shrink_together),
        TEST(a_pairs_hold_is_its_firsts_whichever_is_modified),
        TEST(orders_of_one_account_that_do_not_meet_both_tell_of_it),
        TEST(an_auction_is_seen_before_and_after_it),
        TEST(a_fill_at_the_venue_quote_takes_from_the_quotes_size),
        TEST(positions_are_worth_what_the_instruments_mark_says),
        TEST(trading_states_are_in_the_rows_of_what_they_stop),
        TEST(a_gtt_waits_in_a_row_of_its_own_and_names_the_order_it_sent),
        TEST(gtts_are_listed_by_account_symbol_and_status),
        TEST(an_account_shows_its_last_margin_call_and_its_limits),
        TEST(a_refusal_names_the_field_the_value_and_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
