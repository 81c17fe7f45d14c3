/* tests/core/test_accounts.c - what an account is, what it may become and when, and what its status forbids. */
#include "tests/world/world.h"

static void a_halted_account_places_nothing(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99", "ACCOUNT ann HALTED");
    when(w, "BUY ann 1 @ 100", "ACCOUNT ann ACTIVE", "BUY ann 1 @ 100");
    then(w, "REJECT ann ACCOUNT_HALTED", "BIDS 1 @ 100 1 @ 99");
}

static void a_halted_accounts_orders_still_trade(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100", "ACCOUNT ann HALTED");
    when(w, "BUY bob 1 @ 100");
    then(w, "FILL bob ann 1 @ 100");
}

static void type_and_leverage_change_only_when_nothing_is_open(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99");
    when(w, "ACCOUNT ann LEVERAGE 2", "ACCOUNT ann CASH NO_SHORT", "ACCOUNT ann NO_SHORT", "ACCOUNT ann LEVERAGE 1",
         "CANCEL ann", "ACCOUNT ann LEVERAGE 2");
    then(w, "REJECT ACCOUNT_IN_USE", "REJECT ACCOUNT_IN_USE", "REJECT ACCOUNT_IN_USE", "CANCELLED ann 1 REQUESTED");
}

static void a_position_is_use_too(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 1 @ 100", "BUY bob 1 @ 100", "BUY ann 1 @ 100");
    when(w, "ACCOUNT ann LEVERAGE 2", "SELL bob 1 @ 100", "ACCOUNT ann LEVERAGE 2", "ACCOUNT bob LEVERAGE 2.5");
    then(w, "REJECT ACCOUNT_IN_USE", "FILL bob ann 1 @ 100");
}

static void a_cash_account_has_no_leverage_and_sells_nothing_short(void **state)
{
    struct world *w = *state;
    when(w, "ACCOUNT ann LEVERAGE 2", "ACCOUNT ann SHORT", "ACCOUNT ann MARGIN LEVERAGE 2 SHORT", "ACCOUNT ann CASH",
         "ACCOUNT ann CASH LEVERAGE 1 NO_SHORT");
    then(w, "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID");
}

static void leverage_has_two_decimals_and_bounds(void **state)
{
    struct world *w = *state;
    when(w, "ACCOUNT ann MARGIN LEVERAGE 0.99", "ACCOUNT ann MARGIN LEVERAGE 1000.01",
         "ACCOUNT ann MARGIN LEVERAGE 1.001", "ACCOUNT ann MARGIN LEVERAGE 1000");
    then(w, "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID");
}

static void house_names_are_not_for_others(void **state)
{
    struct world *w = *state;
    when(w, "ACCOUNT @mine HOUSE", "DEPOSIT @fees 5", "DEPOSIT @mine 5", "INSTRUMENT @ABC");
    then(w, "REJECT NAME_RESERVED", "REJECT NAME_RESERVED", "REJECT UNKNOWN_ACCOUNT", "REJECT NAME_RESERVED");
}

static void the_first_command_makes_the_house_accounts(void **state)
{
    struct world *w = *state;
    given(w, "UNPREPARED");
    when(w, "SET_LIMITS");
    then(w, "NOTHING");
    struct account_state a;
    static const char *const names[] = {"@fees", "@external", "@import", "@QUOTE"};
    for (unsigned k = 0; k < HOUSE_ACCOUNTS; k++) {
        struct name n = name_of(names[k]);
        assert_true(engine_get_account(w->engine, &n, &a));
        assert_int_equal(a.id, (1 << ORDER_INDEX_BITS) + k);
        assert_int_equal(a.type, ACCOUNT_TYPE_HOUSE);
    }
}

static void cash_moves_need_an_account_a_currency_and_an_amount(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann");
    when(w, "DEPOSIT nobody 5", "DEPOSIT ann 5 \"\"", "DEPOSIT ann 0", "DEPOSIT ann 0.001", "WITHDRAW ann 0.01");
    then(w, "REJECT UNKNOWN_ACCOUNT", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID", "REJECT FIELD_INVALID",
         "REJECT CASH_SHORT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_halted_account_places_nothing),
        in_a_world(a_halted_accounts_orders_still_trade),
        in_a_world(type_and_leverage_change_only_when_nothing_is_open),
        in_a_world(a_position_is_use_too),
        in_a_world(a_cash_account_has_no_leverage_and_sells_nothing_short),
        in_a_world(leverage_has_two_decimals_and_bounds),
        in_a_world(house_names_are_not_for_others),
        in_a_world(the_first_command_makes_the_house_accounts),
        in_a_world(cash_moves_need_an_account_a_currency_and_an_amount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
