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

static void everything_exported_is_imported_again(void **state)
{
    struct world *w = *state;
    given_a_lively_world(w);
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
enum { VALUES_MAX = 32 };
struct values {
    struct engine_scalars scalars;
    struct currency_state currencies[VALUES_MAX];
    struct instrument_state instruments[VALUES_MAX];
    struct account_state accounts[VALUES_MAX];
    struct balance_state balances[VALUES_MAX];
    struct position_state positions[VALUES_MAX];
    struct order_state orders[VALUES_MAX];
    uint32_t currencies_count, instruments_count, accounts_count, balances_count, positions_count, orders_count;
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
    PUT(balance, balances)
    PUT(position, positions)
    PUT(order, orders)
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
    };
    struct world *w = *state;
    static struct values good, spoiled;
    given_a_lively_world(w);
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
    uint32_t *const fields[] = {&small.scalars.limits.orders_max,      &small.scalars.limits.levels_max,
                                &small.scalars.limits.instruments_max, &small.scalars.limits.accounts_max,
                                &small.scalars.limits.positions_max,   &small.scalars.limits.balances_max,
                                &small.scalars.limits.currencies_max};
    for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
        small = good;
        *fields[k] = 1;
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
