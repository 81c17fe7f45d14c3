/* tests/core/test_buying_power.c - nobody buys with money he does not have: holds, what frees them, and what they are
 * checked against. Free is cash plus what positions cost, less their margin and the holds. */
#include "tests/world/room.h"
#include "tests/world/world.h"

#include "core/rejects.h"

static void an_open_buy_holds_its_price(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000");
    when(w, "BUY ann 4 @ 100");
    then(w, "RESERVED ann 400.00", "FREE ann 600.00", "CASH ann 1000.00");
}

static void an_order_for_exactly_what_is_free_is_accepted(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000");
    when(w, "BUY ann 10 @ 100", "BUY ann 1 @ 1");
    then(w, "REJECT ann CASH_SHORT", "FREE ann 0.00", "RESTS ann 10 @ 100");
}

static void a_hold_is_given_back_by_cancel_and_expiry(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "BUY ann 4 @ 100 GTC AS a", "BUY ann 5 @ 100 DAY");
    when(w, "CANCEL a", "END_OF_DAY");
    then(w, "CANCELLED ann 4 REQUESTED", "EXPIRED ann 5", "RESERVED ann 0.00", "FREE ann 1000.00");
}

static void a_fill_at_a_better_price_frees_the_difference(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 4 @ 90");
    when(w, "BUY ann 10 @ 100");
    then(w, "FILL ann bob 4 @ 90", "CASH ann 640.00", "RESERVED ann 600.00", "FREE ann 40.00");
}

static void what_was_bought_can_be_sold_without_free_cash(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 10 @ 100", "BUY ann 10 @ 100");
    when(w, "SELL ann 10 @ 50");
    then(w, "RESTS ann 10 @ 50", "RESERVED ann 0.00", "FREE ann 0.00");
}

static void a_cash_account_sells_only_what_it_has(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 10 @ 10", "BUY ann 10 @ 10");
    when(w, "SELL ann 6 @ 20", "SELL ann 5 @ 20", "SELL ann 4 @ 20");
    then(w, "REJECT ann POSITION_SHORT", "RESTS ann 6 @ 20", "RESTS ann 4 @ 20");
}

static void a_market_order_needs_what_it_would_trade_now(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "SELL bob 5 @ 100", "SELL bob 5 @ 101");
    when(w, "BUY ann 10 @ MARKET", "BUY ann 9 @ MARKET");
    then(w, "REJECT ann CASH_SHORT", "FILL ann bob 5 @ 100", "FILL ann bob 4 @ 101", "CASH ann 96.00");
}

static void a_withdrawal_leaves_what_is_held(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000", "BUY ann 4 @ 100");
    when(w, "WITHDRAW ann 600.01", "WITHDRAW ann 600");
    then(w, "REJECT CASH_SHORT", "CASH ann 400.00", "FREE ann 0.00");
}

static void cash_of_another_currency_does_not_help(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1000 EUR");
    when(w, "BUY ann 1 @ 1");
    then(w, "REJECT ann CASH_SHORT", "CASH ann 1000.00 EUR");
}

static void deposits_come_from_outside(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH");
    when(w, "DEPOSIT ann 12.34", "WITHDRAW ann 2.34");
    then(w, "NOTHING", "CASH ann 10.00", "CASH @external -10.00");
}

static void a_house_account_needs_no_cash(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT house HOUSE", "SELL bob 10 @ 100");
    when(w, "BUY house 10 @ 100", "WITHDRAW house 5");
    then(w, "FILL house bob 10 @ 100", "CASH house -1005.00", "RESERVED house 0.00");
}

static void raise_to_the_brim(struct balance_state *b, void *context)
{
    const uint64_t *ids = context; /* the account that is raised, the one that pays */
    if (b->account_id == ids[0]) b->cash = CASH_MAX;
    if (b->account_id == ids[1]) b->cash = -CASH_MAX;
}

static void a_balance_may_not_outgrow_the_largest(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann CASH", "DEPOSIT ann 1");
    struct account_state ann, external;
    assert_true(engine_get_account(w->engine, &(struct name){"ann"}, &ann));
    assert_true(engine_get_account(w->engine, &(struct name){"@external"}, &external));
    uint64_t ids[] = {ann.id, external.id};
    struct engine *full = room_engine_transfer(w->engine, raise_to_the_brim, ids);
    struct command c = {.seq = w->commands_count + 1, .ts_ns = w->ts_ns, .kind = COMMAND_MOVE_CASH};
    c.move_cash.account = ann.account;
    c.move_cash.currency = (struct name){"USD"};
    c.move_cash.amount = (struct amount){1, 2};
    static struct event events[400];
    assert_int_equal(engine_apply(full, &c, events), 1);
    assert_int_equal(events[0].kind, EVENT_REJECTED);
    assert_int_equal(events[0].rejected.refusal.reason, REJECT_CASH_TOO_LARGE);
    assert_true(events[0].rejected.refusal.value == CASH_MAX + 1 && events[0].rejected.refusal.limit == CASH_MAX);
    assert_int_equal(events[0].rejected.refusal.value_scale, 2);
    room_engine_free(full);
}

static void a_market_order_needs_cash_for_no_more_than_one_command_may_trade(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "ACCOUNT gus CASH", "DEPOSIT gus 200");
    given(w, "SELL bob 1 @ 100", "SELL dan 1 @ 100", "SELL eve 1 @ 100");
    when(w, "BUY gus 3 @ MARKET");
    then(w, "FILL gus bob 1 @ 100", "FILL gus dan 1 @ 100", "CANCELLED gus 1 WORK_LIMIT", "CASH gus 0.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(an_open_buy_holds_its_price),
        in_a_world(an_order_for_exactly_what_is_free_is_accepted),
        in_a_world(a_hold_is_given_back_by_cancel_and_expiry),
        in_a_world(a_fill_at_a_better_price_frees_the_difference),
        in_a_world(what_was_bought_can_be_sold_without_free_cash),
        in_a_world(a_cash_account_sells_only_what_it_has),
        in_a_world(a_market_order_needs_what_it_would_trade_now),
        in_a_world(a_withdrawal_leaves_what_is_held),
        in_a_world(cash_of_another_currency_does_not_help),
        in_a_world(deposits_come_from_outside),
        in_a_world(a_house_account_needs_no_cash),
        in_a_world(a_balance_may_not_outgrow_the_largest),
        in_a_world(a_market_order_needs_cash_for_no_more_than_one_command_may_trade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
