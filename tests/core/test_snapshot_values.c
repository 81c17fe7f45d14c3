/* tests/core/test_snapshot_values.c - a state taken apart into values and put together again is the same state; values
 * that do not fit each other are refused. (That a world goes on unchanged after it is checked behind every then.) */
#include "tests/world/room.h"
#include "tests/world/world.h"

#include "core/error.h"
#include "core/rejects.h"

#include <stdlib.h>
#include <string.h>

/* A bit of everything: two currencies, positions, holds, timers, fees, a quote. */
static void given_a_lively_world(struct world *w)
{
    given(w, "CURRENCY EUR SCALE 3", "INSTRUMENT ABC IN EUR TICK 0.005 LOT 0.2 MAKER -1 TAKER 3", "SELL ann 10 @ 101",
          "SELL bob 5 @ 101 GTD +90s", "BUY cat 12 @ 101 GTC", "BUY dan 4 @ 99", "BUY dan 4 @ 99 POST_ONLY",
          "DEPOSIT ann 1000 EUR", "DEPOSIT cat 1000 EUR", "SELL ann 3.4 @ 7.215 OF ABC", "BUY cat 1.2 @ 7.5 OF ABC",
          "QUOTE XYZ BID 98 5 ASK 103 7", "MODIFY dan TO 3");
}

/* One of each that waits: ann is long 7 of XYZ, last price 101. */
static void given_a_waiting_world(struct world *w)
{
    given_a_lively_world(w);
    given(w, "ACCOUNT eve MARGIN SHORT MAX_OPEN 9 MAX_RATE 100 MAKER 1 STP CANCEL_OLDEST MARGIN_CALL 30",
          "DEPOSIT eve 100000", "INSTRUMENT XYZ COLLAR 50", "BUY eve 6 @ 101", "SELL ann 6 @ 101");
    given(w, "BUY eve 2 @ MARKET STOP 120", "SELL eve 1 @ 80 STOP 90", "BUY eve 1 @ MARKET TRAIL 7",
          "SELL eve 2 @ 140 REDUCE_ONLY", "SELL eve 30 @ 110 DISPLAY 5", "BUY eve 3 @ 90 AON",
          "BUY eve 3 @ MARKET ON_CLOSE", "BUY dan 3 @ 99 VENUE QUOTE");
    given(w, "OCO BUY fay 4 @ 90 OR @ MARKET STOP 130", "OTO BUY fay 4 @ 89 THEN SELL @ 105",
          "BRACKET BUY gus 5 @ 88 TAKE @ 111 LOSS @ MARKET STOP 80",
          "GTT BUY hal TRIGGER 120 3 @ 121 TRIGGER 85 2 @ MARKET", "GTT SELL hal TRIGGER 140 3 @ 139",
          "GTT_MODIFY hal DISABLED");
}

/* Orders at brokers in several states, one that waits for a venue, executions, names and keys that are remembered. */
static void given_a_desk(struct world *w)
{
    given(w, "VENUE ALPHA", "VENUE BETA DOWN", "VENUE GAMMA DEGRADED SIMULATED",
          "ROUTES FOR ivy OF XYZ BUY TYPE LIMIT MIN 2 MAX 50.5 TO ALPHA GAMMA ; FOR nobody TO QUOTE");
    given(w, "BUY ivy 10 @ 90 ID one AS acked", "ACK acked A-1", "EXECUTE acked 3 @ 90 EXEC E1 ; acked 2 @ 89 EXEC E2",
          "BUST acked E1", "BUY ivy 5 @ 91 ID two AS filled", "EXECUTE filled 5 @ 91 EXEC E1",
          "BUY ivy 4 @ 92 AS modified", "ACK modified A-3", "MODIFY modified TO 6 @ 93", "REPORT modified UNKNOWN");
    given(w, "BUY joe 7 @ 90 GTD +100s VENUE BETA", "SELL joe 7 @ 190 GTC VENUE BETA", "SELL joe 2 @ 110 VENUE GAMMA",
          "REPORT joe CANCELLED", "KEY k1 TICK", "KEY k2 TICK", "SELL joe 3 @ 120 VENUE ALPHA", "CANCEL joe",
          "BATCH ATOMIC BUY joe 1 @ 70 VENUE BOOK ; BUY joe 1 @ 71 VENUE BOOK");
}

static void everything_exported_is_imported_again(void **state)
{
    struct world *w = *state;
    given_a_waiting_world(w);
    given_a_desk(w);
    struct engine *copy = room_engine_transfer(w->engine, NULL, NULL);
    assert_true(digest_equal(engine_digest_full(copy), engine_digest_full(w->engine)));
    assert_true(digest_equal(engine_digest(copy), engine_digest(w->engine)));
    struct engine_counts a = engine_counts(copy), b = engine_counts(w->engine);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(engine_next_due_ns(copy), engine_next_due_ns(w->engine));
    engine_check(copy);
    room_engine_free(copy);
}

static void a_copy_is_the_same_and_goes_its_own_way(void **state)
{
    struct world *w = *state;
    given_a_lively_world(w);
    struct engine *copy = room_engine_copy(w->engine);
    struct digest before = engine_digest(copy);
    when(w, "MASS_CANCEL");
    assert_true(digest_equal(engine_digest(copy), before));
    assert_false(digest_equal(engine_digest(w->engine), before));
    room_engine_free(copy);
}

static void the_queue_keeps_its_order(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100", "SELL bob 1 @ 100", "SELL cat 1 @ 100", "MODIFY ann TO 2");
    struct engine *copy = room_engine_transfer(w->engine, NULL, NULL);
    uint64_t ids[3], copied[3];
    struct name xyz = {"XYZ"};
    assert_int_equal(engine_queue(w->engine, &xyz, SIDE_SELL, 100, ids, 3), 3);
    assert_int_equal(engine_queue(copy, &xyz, SIDE_SELL, 100, copied, 3), 3);
    assert_memory_equal(ids, copied, sizeof ids);
    room_engine_free(copy);
}

static void a_pending_sweep_goes_on_after_an_import(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 1", "BUY ann 1 @ 99", "BUY bob 2 @ 99", "BUY cat 3 @ 99", "MASS_CANCEL BUY");
    struct engine *copy = room_engine_transfer(w->engine, NULL, NULL);
    assert_true(engine_continue_needed(copy, w->ts_ns));
    room_engine_free(copy);
    when(w, "CONTINUE", "CONTINUE");
    then(w, "CANCELLED bob 2 MASS_CANCEL", "CANCELLED cat 3 MASS_CANCEL");
}

static void every_getter_finds_what_the_export_shows(void **state)
{
    struct world *w = *state;
    given_a_lively_world(w);
    const struct engine *e = w->engine;
    uint32_t cursor = 0;
    struct order_state order, found_order;
    while (engine_export_order(e, &cursor, &order)) {
        assert_true(engine_get_order(e, order.id, &found_order));
        assert_int_equal(order.priority, found_order.priority);
        assert_int_equal(order.leaves, found_order.leaves);
    }
    struct account_state account, found_account;
    for (cursor = 0; engine_export_account(e, &cursor, &account);) {
        assert_true(engine_get_account(e, &account.account, &found_account) && found_account.id == account.id);
        assert_true(engine_get_account_by_id(e, account.id, &found_account));
        assert_true(name_equal(&found_account.account, &account.account));
    }
    struct instrument_state instrument, found_instrument;
    for (cursor = 0; engine_export_instrument(e, &cursor, &instrument);) {
        assert_true(engine_get_instrument(e, &instrument.spec.symbol, &found_instrument));
        assert_int_equal(found_instrument.id, instrument.id);
        assert_true(engine_get_instrument_by_id(e, instrument.id, &found_instrument));
        assert_int_equal(found_instrument.last_price, instrument.last_price);
    }
    assert_false(engine_get_order(e, 1, &found_order));
    assert_false(engine_get_account(e, &(struct name){"nobody"}, &found_account));
    assert_false(engine_get_account_by_id(e, 1, &found_account));
    assert_false(engine_get_instrument(e, &(struct name){"NOTHING"}, &found_instrument));
}

/* ---- values that do not fit ---- */

/* All values of a state, so that one of them can be spoiled before they are put together again. */
enum { VALUES_MAX = 64 };
struct values {
    struct engine_scalars scalars;
    struct currency_state currencies[VALUES_MAX];
    struct instrument_state instruments[VALUES_MAX];
    struct account_state accounts[VALUES_MAX];
    struct balance_state balances[VALUES_MAX];
    struct position_state positions[VALUES_MAX];
    struct order_state orders[VALUES_MAX];
    struct venue_state_row venues[VALUES_MAX];
    struct route_rule rules[VALUES_MAX];
    struct route_state routes[VALUES_MAX];
    struct execution_state executions[VALUES_MAX];
    struct client_id_state client_ids[VALUES_MAX];
    struct key_state keys[VALUES_MAX];
    uint32_t currencies_count, instruments_count, accounts_count, balances_count, positions_count, orders_count;
    uint32_t venues_count, rules_count, routes_count, executions_count, client_ids_count, keys_count;
};

static int by_priority(const void *pa, const void *pb)
{
    const struct order_state *a = pa, *b = pb;
    return a->priority < b->priority ? -1 : a->priority > b->priority;
}

#define TAKE(object, plural)                                                                                           \
    for (uint32_t cursor = 0;                                                                                          \
         v->plural##_count < VALUES_MAX && engine_export_##object(e, &cursor, &v->plural[v->plural##_count]);)         \
        v->plural##_count++;

static void take_apart(const struct engine *e, struct values *v)
{
    memset(v, 0, sizeof *v);
    v->scalars = engine_scalars(e);
    TAKE(currency, currencies)
    TAKE(instrument, instruments)
    TAKE(account, accounts)
    TAKE(balance, balances)
    TAKE(position, positions)
    TAKE(order, orders)
    TAKE(venue, venues)
    TAKE(rule, rules)
    TAKE(route, routes)
    TAKE(execution, executions)
    TAKE(client_id, client_ids)
    TAKE(key, keys)
    qsort(v->orders, v->orders_count, sizeof v->orders[0], by_priority);
}

#define PUT(object, plural)                                                                                            \
    for (uint32_t k = 0; code == 0 && k < v->plural##_count; k++) code = engine_import_##object(e, &v->plural[k]);

/* The first code that is not 0. */
static int put_together(const struct values *v, const struct limits *l)
{
    struct engine *e = room_engine_new(l);
    int code = engine_import_scalars(e, &v->scalars);
    PUT(currency, currencies)
    PUT(instrument, instruments)
    PUT(account, accounts)
    PUT(venue, venues)
    PUT(rule, rules)
    PUT(balance, balances)
    PUT(position, positions)
    PUT(order, orders)
    PUT(route, routes)
    PUT(execution, executions)
    PUT(client_id, client_ids)
    PUT(key, keys)
    if (code == 0) code = engine_import_end(e);
    room_engine_free(e);
    return code;
}

static void spoil_limits(struct values *v)
{
    v->scalars.limits.orders_max++;
}
static void spoil_sweep_kind(struct values *v)
{
    v->scalars.sweep.kind = 9;
}
static void spoil_sweep_order(struct values *v)
{
    v->scalars.sweep = (struct sweep_state){.kind = SWEEP_MASS_CANCEL, .next_order_id = 5};
}
static void spoil_priority_next(struct values *v)
{
    v->scalars.priority_next = v->orders[0].priority;
}
static void spoil_currency_twice(struct values *v)
{
    v->currencies[1] = v->currencies[0];
}
static void spoil_currency_scale(struct values *v)
{
    v->currencies[0].scale = CASH_SCALE_MAX + 1;
}
static void spoil_instrument_currency(struct values *v)
{
    v->instruments[0].spec.currency = (struct name){"GBP"};
}
static void spoil_instrument_tick(struct values *v)
{
    v->instruments[0].spec.tick = 0;
}
static void spoil_instrument_scale(struct values *v)
{
    v->instruments[0].spec.currency_scale++;
}
static void spoil_instrument_state(struct values *v)
{
    v->instruments[0].spec.state = 77;
}
static void spoil_account_twice(struct values *v)
{
    v->accounts[4].account = v->accounts[3].account;
}
static void spoil_account_type(struct values *v)
{
    v->accounts[3].type = 0;
}
static void spoil_account_leverage(struct values *v)
{
    v->accounts[3].leverage = 0;
}
static void spoil_house_accounts(struct values *v)
{
    v->accounts[0].type = ACCOUNT_TYPE_CASH;
}
static void spoil_balance_account(struct values *v)
{
    v->balances[0].account_id = 1;
}
static void spoil_balance_currency(struct values *v)
{
    v->balances[0].currency_id = 1;
}
static void spoil_balance_twice(struct values *v)
{
    v->balances[1] = v->balances[0];
}
static void spoil_position_account(struct values *v)
{
    v->positions[0].account_id = 1;
}
static void spoil_position_twice(struct values *v)
{
    v->positions[1] = v->positions[0];
}
static void spoil_order_account(struct values *v)
{
    v->orders[0].account_id = 1;
}
static void spoil_order_instrument(struct values *v)
{
    v->orders[0].instrument_id = 1;
}
static void spoil_order_twice(struct values *v)
{
    v->orders[1].id = v->orders[0].id;
}
static void spoil_order_leaves(struct values *v)
{
    v->orders[0].leaves = v->orders[0].quantity + 1;
}
static void spoil_order_nothing_left(struct values *v)
{
    v->orders[0].leaves = 0;
}
static void spoil_order_price(struct values *v)
{
    v->orders[0].price = 0;
}
static void spoil_order_closing(struct values *v)
{
    v->orders[0].closing_leaves = v->orders[0].leaves + 1;
}
static void spoil_order_side(struct values *v)
{
    v->orders[0].side = 3;
}
static void spoil_order_type(struct values *v)
{
    v->orders[0].type = ORDER_TYPE_MARKET;
}
static void spoil_order_tif(struct values *v)
{
    v->orders[0].tif = TIF_IOC;
}
static void spoil_order_expiry(struct values *v)
{
    v->orders[0].tif = TIF_GTD, v->orders[0].expires_ns = 0;
}
static void spoil_order_text(struct values *v)
{
    v->orders[0].client_order_id_len = 65;
}

/* ---- the same for what waits ---- */

/* The first order (or leg of a GTT) in a phase; in a group with a link, the member. */
static struct order_state *in_phase(struct values *v, int phase)
{
    for (uint32_t k = 0; k < v->orders_count; k++)
        if (v->orders[k].extra.phase == phase) return &v->orders[k];
    fail_msg("nothing waits in phase %d", phase);
    return NULL;
}
static struct order_state *of_group(struct values *v, int link, int member)
{
    for (uint32_t k = 0; k < v->orders_count; k++) {
        const struct order_state *o = &v->orders[k];
        if (o->extra.link == link && o->extra.member == member && !(o->flags & PLACE_GTT)) return &v->orders[k];
    }
    fail_msg("no member %d of a %d", member, link);
    return NULL;
}
static struct order_state *with_flag(struct values *v, int flag)
{
    for (uint32_t k = 0; k < v->orders_count; k++)
        if (v->orders[k].flags & flag) return &v->orders[k];
    fail_msg("no order has flag %d", flag);
    return NULL;
}
static struct order_state *iceberg(struct values *v)
{
    for (uint32_t k = 0; k < v->orders_count; k++)
        if (v->orders[k].extra.display_quantity != 0) return &v->orders[k];
    fail_msg("no iceberg");
    return NULL;
}
static struct order_state *trailing(struct values *v)
{
    for (uint32_t k = 0; k < v->orders_count; k++)
        if (v->orders[k].extra.trail != 0) return &v->orders[k];
    fail_msg("no trailing stop");
    return NULL;
}
static struct account_state *with_limits(struct values *v)
{
    for (uint32_t k = 0; k < v->accounts_count; k++)
        if (v->accounts[k].limits.max_orders_per_second != 0) return &v->accounts[k];
    fail_msg("no account has limits");
    return NULL;
}

static struct route_state *in_state(struct values *v, int broker_state)
{
    for (uint32_t k = 0; k < v->routes_count; k++)
        if (v->routes[k].state == broker_state) return &v->routes[k];
    fail_msg("no route is %s", broker_state_text(broker_state));
    return NULL;
}

#define SPOILS(X)                                                                                                      \
    X(system_trading, v->scalars.trading = ACCOUNT_STATUS_ACTIVE)                                                      \
    X(clock_before_all, v->scalars.now_ns = -1)                                                                        \
    X(sweep_kind_cascade, v->scalars.sweep.kind = SWEEP_CASCADE)                                                       \
    X(sweep_of_nothing, v->scalars.sweep.side = 1)                                                                     \
    X(session_of_nobody, v->scalars.sweep = ((struct sweep_state){.kind = SWEEP_AUCTION, .side = 1, .stage = 3}))      \
    X(session_stage,                                                                                                   \
      v->scalars.sweep =                                                                                               \
          ((struct sweep_state){.kind = SWEEP_AUCTION, .side = 1, .stage = 5, .instrument_id = v->instruments[0].id})) \
    X(margin_of_nobody, v->scalars.sweep = ((struct sweep_state){.kind = SWEEP_MARGIN, .account_id = 1}))              \
    X(margin_currency,                                                                                                 \
      v->scalars.sweep =                                                                                               \
          ((struct sweep_state){.kind = SWEEP_MARGIN, .account_id = v->accounts[0].id, .currency_id = 1, .stage = 1})) \
    X(margin_without_currency,                                                                                         \
      v->scalars.sweep = ((struct sweep_state){.kind = SWEEP_MARGIN, .account_id = v->accounts[0].id, .stage = 2}))    \
    X(end_of_day_of_a_side,                                                                                            \
      v->scalars.sweep =                                                                                               \
          ((struct sweep_state){.kind = SWEEP_END_OF_DAY, .side = 1, .next_order_id = v->orders[0].id}))               \
    X(sweep_order_elsewhere,                                                                                           \
      v->scalars.sweep = ((struct sweep_state){                                                                        \
          .kind = SWEEP_MASS_CANCEL, .account_id = v->accounts[0].id, .next_order_id = v->orders[0].id}))              \
    X(sweep_order_in_no_queue,                                                                                         \
      v->scalars.sweep =                                                                                               \
          ((struct sweep_state){.kind = SWEEP_END_OF_DAY, .next_order_id = in_phase(v, ORDER_PHASE_WAITING)->id}))     \
    X(instrument_mark, v->instruments[0].spec.mark = 0)                                                                \
    X(instrument_trading, v->instruments[0].spec.trading = 1)                                                          \
    X(instrument_leverage, v->instruments[0].spec.max_leverage = 99)                                                   \
    X(instrument_rebate, v->instruments[0].spec.maker_fee_rate = -1000000)                                             \
    X(instrument_step, v->instruments[0].tick_gcd = 3)                                                                 \
    X(instrument_no_step, v->instruments[0].lot_gcd = 0)                                                               \
    X(instrument_name, v->instruments[0].spec.symbol.bytes[0] = '@')                                                   \
    X(quote_crossed, v->instruments[0].bid = v->instruments[0].ask + 1)                                                \
    X(quote_of_no_price, v->instruments[0].bid = 0)                                                                    \
    X(auction_price_alone, v->instruments[0].auction_price = 100)                                                      \
    X(range_of_closed, (v->instruments[0].range_low = 100, v->instruments[0].spec.state = INSTRUMENT_STATE_CLOSED))    \
    X(range_too_large, v->instruments[0].range_high = PRICE_MAX + 1)                                                   \
    X(house_name, v->accounts[2].account = name_of("@other"))                                                          \
    X(house_name_elsewhere, v->accounts[5].account = name_of("@other"))                                                \
    X(account_stp, v->accounts[5].stp = STP_NONE)                                                                      \
    X(cash_account_leverage, (v->accounts[5].type = ACCOUNT_TYPE_CASH, v->accounts[5].leverage = 200))                 \
    X(account_limit, with_limits(v)->limits.max_position = -1)                                                         \
    X(account_rate, with_limits(v)->limits.max_orders_per_second = ORDERS_PER_SECOND_MAX + 1)                          \
    X(account_rate_far, with_limits(v)->rate_tat_ns = v->scalars.now_ns + 1000000001)                                  \
    X(account_rate_of_none, v->accounts[5].rate_tat_ns = 1)                                                            \
    X(account_fee_of_none, v->accounts[5].limits.taker_fee_rate = 1)                                                   \
    X(account_margin, with_limits(v)->limits.liquidation_ppm = MARGIN_PPM_MAX + 1)                                     \
    X(cash_too_large, v->balances[0].cash = (i128)1 << 121)                                                            \
    X(cash_does_not_add_up, v->balances[0].cash++)                                                                     \
    X(quantity_does_not_add_up, (v->positions[0].quantity += 1000, v->positions[0].cost += 1000))                      \
    X(cost_sign, (v->positions[0].quantity = 0, v->positions[0].cost = 5))                                             \
    X(position_too_large, v->positions[0].quantity = POSITION_MAX + 1)                                                 \
    X(order_priority_twice, v->orders[1].priority = v->orders[0].priority)                                             \
    X(order_tick, v->instruments[0].tick_gcd = v->instruments[0].spec.tick = 2)                                        \
    X(order_flags, v->orders[0].flags |= PLACE_LIQUIDATION)                                                            \
    X(order_stp, v->orders[0].stp = STP_NONE)                                                                          \
    X(order_hold, v->orders[0].hold = -1)                                                                              \
    X(order_from_the_future, v->orders[0].updated_ns = v->scalars.now_ns + 1)                                          \
    X(order_text_beyond_its_end, v->orders[0].client_order_id[63] = 'x')                                               \
    X(order_phase, v->orders[0].extra.phase = ORDER_PHASE_NUMBER_MAX + 1)                                              \
    X(order_leverage, v->orders[0].extra.leverage = 99)                                                                \
    X(order_venue, in_phase(v, ORDER_PHASE_RESTING)->extra.venue = VENUE_QUOTE)                                        \
    X(order_direction, in_phase(v, ORDER_PHASE_RESTING)->extra.direction = SIDE_BUY)                                   \
    X(stop_direction, trailing(v)->extra.direction = SIDE_BUY)                                                         \
    X(stop_without_price, trailing(v)->extra.stop_price = 0)                                                           \
    X(stop_with_price, trailing(v)->price = 5)                                                                         \
    X(trail_of_a_limit, in_phase(v, ORDER_PHASE_RESTING)->extra.trail = 1)                                             \
    X(trail_percent_of_none, in_phase(v, ORDER_PHASE_RESTING)->flags |= PLACE_TRAIL_PERCENT)                           \
    X(trail_of_all, (trailing(v)->flags |= PLACE_TRAIL_PERCENT, trailing(v)->extra.trail = 1000000))                   \
    X(iceberg_shows_nothing, iceberg(v)->extra.shown = 0)                                                              \
    X(iceberg_shows_too_much, iceberg(v)->extra.shown = iceberg(v)->extra.display_quantity + 1)                        \
    X(shown_of_no_iceberg, v->orders[0].extra.shown = 1)                                                               \
    X(reduce_only_opens, with_flag(v, PLACE_REDUCE_ONLY)->closing_leaves = 0)                                          \
    X(all_or_none_in_the_book, with_flag(v, PLACE_ALL_OR_NONE)->extra.phase = ORDER_PHASE_RESTING)                     \
    X(parked_by_day, in_phase(v, ORDER_PHASE_PARKED)->tif = TIF_DAY)                                                   \
    X(parked_market_price, in_phase(v, ORDER_PHASE_PARKED)->price = 100)                                               \
    X(at_quote_by_book, in_phase(v, ORDER_PHASE_AT_QUOTE)->extra.venue = 0)                                            \
    X(waiting_holds, in_phase(v, ORDER_PHASE_WAITING)->hold = 1)                                                       \
    X(waiting_alone, in_phase(v, ORDER_PHASE_WAITING)->extra.link = 0)                                                 \
    X(link_number, of_group(v, LINK_OCO, 0)->extra.link = LINK_NUMBER_MAX + 1)                                         \
    X(link_member, of_group(v, LINK_OCO, 0)->extra.member = 1)                                                         \
    X(link_activation, of_group(v, LINK_OCO, 0)->extra.activation = 1)                                                 \
    X(pair_unequal, of_group(v, LINK_OCO, 1)->leaves--)                                                                \
    X(pair_second_holds, of_group(v, LINK_OCO, 1)->hold = 1)                                                           \
    X(pair_sides, of_group(v, LINK_BRACKET, 2)->side = SIDE_BUY)                                                       \
    X(pair_half_waiting, (of_group(v, LINK_BRACKET, 2)->extra.phase = ORDER_PHASE_PENDING_TRIGGER,                     \
                          of_group(v, LINK_BRACKET, 2)->extra.direction = SIDE_BUY))                                   \
    X(due_of_an_entry, of_group(v, LINK_BRACKET, 0)->extra.due = 1)                                                    \
    X(follow_not_yet_given, of_group(v, LINK_BRACKET, 1)->extra.follow = v->scalars.priority_next)                     \
    X(follow_twice, (of_group(v, LINK_BRACKET, 1)->extra.follow = 1, of_group(v, LINK_OTO, 1)->extra.follow = 1))      \
    X(follow_of_a_pair, of_group(v, LINK_OCO, 0)->extra.follow = 1)                                                    \
    X(gtt_holds, with_flag(v, PLACE_GTT)->hold = 1)                                                                    \
    X(gtt_rests, with_flag(v, PLACE_GTT)->extra.phase = ORDER_PHASE_RESTING)                                           \
    X(gtt_is_more, with_flag(v, PLACE_GTT)->flags |= PLACE_POST_ONLY)                                                  \
    X(gtt_half_disabled, with_flag(v, PLACE_GTT)->extra.phase = ORDER_PHASE_DISABLED)                                  \
    X(venue_twice, v->venues[3].venue = v->venues[2].venue)                                                            \
    X(venue_state, v->venues[2].state = VENUE_STATE_NUMBER_MAX + 1)                                                    \
    X(venue_account, v->venues[2].venue = name_of("NYSE"))                                                             \
    X(rule_without_venue, v->rules[0].venues[0] = (struct name){{0}})                                                  \
    X(rule_of_an_unknown_venue, v->rules[0].venues[1] = name_of("NYSE"))                                               \
    X(rule_type, v->rules[0].type = ORDER_TYPE_NUMBER_MAX + 1)                                                         \
    X(route_of_no_order, in_state(v, BROKER_ACKED)->order_id = 1)                                                      \
    X(route_twice, *in_state(v, BROKER_ACKED) = *in_state(v, BROKER_UNKNOWN))                                          \
    X(route_missing, *in_state(v, BROKER_ACKED) = v->routes[--v->routes_count])                                        \
    X(route_state, in_state(v, BROKER_ACKED)->state = BROKER_STATE_NUMBER_MAX + 1)                                     \
    X(route_without_state, in_state(v, BROKER_ACKED)->state = 0)                                                       \
    X(route_venue, in_state(v, BROKER_ACKED)->venue = VENUES_MAX)                                                      \
    X(route_at_the_book, in_state(v, BROKER_ACKED)->venue = VENUE_BOOK)                                                \
    X(route_elsewhere, in_state(v, BROKER_ACKED)->venue = 5)                                                           \
    X(route_open_and_done, in_state(v, BROKER_FILLED)->open = true)                                                    \
    X(route_done_and_open, in_state(v, BROKER_ACKED)->open = false)                                                    \
    X(route_account, in_state(v, BROKER_ACKED)->account_id = 1)                                                        \
    X(route_instrument, in_state(v, BROKER_FILLED)->instrument_id = 1)                                                 \
    X(route_side, in_state(v, BROKER_ACKED)->side = SIDE_SELL)                                                         \
    X(route_in_no_doubt, in_state(v, BROKER_UNKNOWN)->doubt = 0)                                                       \
    X(route_in_doubt, in_state(v, BROKER_ACKED)->doubt = BROKER_ROUTED)                                                \
    X(route_waits_at_a_venue, in_state(v, BROKER_PENDING_ROUTE)->venue = 3)                                            \
    X(route_waits_nowhere, in_state(v, BROKER_PENDING_ROUTE)->wait = 0)                                                \
    X(route_waits_in_the_future, in_state(v, BROKER_PENDING_ROUTE)->wait = v->scalars.priority_next)                   \
    X(route_text_beyond_its_end, in_state(v, BROKER_ACKED)->ext_order_id[63] = 'x')                                    \
    X(execution_of_no_route, v->executions[0].order_id = 1)                                                            \
    X(execution_without_number, v->executions[0].number = 0)                                                           \
    X(execution_twice, v->executions[1] = v->executions[0])                                                            \
    X(execution_text, v->executions[0].exec_id_len = EXT_ID_BYTES_MAX + 1)                                             \
    X(execution_nothing, v->executions[0].quantity = 0)                                                                \
    X(client_id_of_nobody, v->client_ids[0].account_id = 1)                                                            \
    X(client_id_twice, v->client_ids[1] = v->client_ids[0])                                                            \
    X(client_id_empty, v->client_ids[0].client_order_id_len = 0)                                                       \
    X(client_id_from_the_future, v->client_ids[0].used_ns = v->scalars.now_ns + 1)                                     \
    X(key_twice, v->keys[1].key = v->keys[0].key)                                                                      \
    X(key_of_nothing, v->keys[0].key = (struct key_hash){0})                                                           \
    X(key_from_the_future, v->keys[1].seq = v->scalars.seq + 1)

#define SPOIL(name, what)                                                                                              \
    static void spoil_##name(struct values *v)                                                                         \
    {                                                                                                                  \
        (void)(what);                                                                                                  \
    }
SPOILS(SPOIL)
#undef SPOIL

static void values_that_do_not_fit_are_refused(void **state)
{
    static const struct {
        const char *what;
        void (*spoil)(struct values *v);
    } rows[] = {
#define ROW(name) {#name, name},
        ROW(spoil_limits) ROW(spoil_sweep_kind) ROW(spoil_sweep_order) ROW(spoil_priority_next)
            ROW(spoil_currency_twice) ROW(spoil_currency_scale) ROW(spoil_instrument_currency)
                ROW(spoil_instrument_tick) ROW(spoil_instrument_scale) ROW(spoil_instrument_state)
                    ROW(spoil_account_twice) ROW(spoil_account_type) ROW(spoil_account_leverage)
                        ROW(spoil_house_accounts) ROW(spoil_balance_account) ROW(spoil_balance_currency)
                            ROW(spoil_balance_twice) ROW(spoil_position_account) ROW(spoil_position_twice)
                                ROW(spoil_order_account) ROW(spoil_order_instrument) ROW(spoil_order_twice)
                                    ROW(spoil_order_leaves) ROW(spoil_order_nothing_left) ROW(spoil_order_price)
                                        ROW(spoil_order_closing) ROW(spoil_order_side) ROW(spoil_order_type)
                                            ROW(spoil_order_tif) ROW(spoil_order_expiry) ROW(spoil_order_text)
#undef ROW
#define ROW(name, what) {#name, spoil_##name},
                                                SPOILS(ROW)
#undef ROW
    };
    struct world *w = *state;
    static struct values good, spoiled;
    given_a_waiting_world(w);
    given_a_desk(w);
    take_apart(w->engine, &good);
    assert_int_equal(put_together(&good, &w->limits), 0);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        spoiled = good;
        rows[k].spoil(&spoiled);
        if (put_together(&spoiled, &w->limits) != ERR_CORRUPT) fail_msg("%s was taken", rows[k].what);
    }
}

static void more_than_the_limits_allow_is_refused(void **state)
{
    struct world *w = *state;
    static struct values good, small;
    given_a_lively_world(w);
    take_apart(w->engine, &good);
    /* Not levels_max: what a trigger moves to another price is not asked for it. */
    uint32_t *const fields[] = {&small.scalars.limits.orders_max,   &small.scalars.limits.instruments_max,
                                &small.scalars.limits.accounts_max, &small.scalars.limits.positions_max,
                                &small.scalars.limits.balances_max, &small.scalars.limits.currencies_max};
    for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
        small = good;
        *fields[k] = fields[k] == &small.scalars.limits.accounts_max ? HOUSE_ACCOUNTS : 1;
        if (put_together(&small, &small.scalars.limits) != ERR_FULL) fail_msg("limit %zu was not kept", k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(everything_exported_is_imported_again),
        in_a_world(a_copy_is_the_same_and_goes_its_own_way),
        in_a_world(the_queue_keeps_its_order),
        in_a_world(a_pending_sweep_goes_on_after_an_import),
        in_a_world(every_getter_finds_what_the_export_shows),
        in_a_world(values_that_do_not_fit_are_refused),
        in_a_world(more_than_the_limits_allow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
