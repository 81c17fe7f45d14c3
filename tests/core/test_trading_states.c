/* tests/core/test_trading_states.c - ACTIVE, REDUCING and HALTED, of an account, of an instrument, of the whole system; and the kill switch. */
#include "tests/world/world.h"

static void the_kill_switch_stops_every_order_and_cancels_what_is_open(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 1", "BUY ann 1 @ 99", "SELL bob 2 @ 101 OF ABC", "SELL bob 3 @ MARKET STOP 90");
    when(w, "TRADING HALTED CANCEL", "BUY ann 1 @ 99", "BUY ann 1 @ 99 OF ABC", "TRADING ACTIVE", "BUY ann 1 @ 99");
    then(w, "TRADING HALTED before ACTIVE", "CANCELLED ann 1 MASS_CANCEL", "CANCELLED bob 3 MASS_CANCEL",
         "CANCELLED bob 2 MASS_CANCEL", "SWEPT 3 DONE sweep MASS_CANCEL", "REJECT ann SYSTEM_HALTED",
         "REJECT ann SYSTEM_HALTED", "TRADING ACTIVE before HALTED", "RESTS ann 1 @ 99");
}

static void without_cancel_the_book_stays_and_may_be_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99", "BUY bob 1 @ 98");
    when(w, "TRADING HALTED", "MODIFY bob @ 97", "MODIFY bob TO 1", "CANCEL ann", "MASS_CANCEL bob");
    then(w, "REJECT bob SYSTEM_HALTED", "CANCELLED ann 1 REQUESTED", "CANCELLED bob 1 MASS_CANCEL");
}

static void an_instrument_may_be_halted_alone(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 1");
    when(w, "TRADING HALTED OF XYZ", "BUY ann 1 @ 99", "BUY ann 1 @ 99 OF ABC");
    then(w, "TRADING HALTED XYZ", "REJECT ann INSTRUMENT_TRADING_HALTED", "RESTS ann 1 @ 99");
}

static void an_account_may_be_halted_with_its_orders_cancelled(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99", "BUY bob 1 @ 98");
    when(w, "TRADING HALTED ann CANCEL", "BUY ann 1 @ 99", "SELL ann 1 @ 98");
    then(w, "TRADING HALTED ann", "CANCELLED ann 1 MASS_CANCEL", "REJECT ann ACCOUNT_HALTED",
         "REJECT ann ACCOUNT_HALTED", "BIDS 1 @ 98");
}

static void reducing_lets_positions_be_closed_and_nothing_be_opened(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "BUY dan 50 @ 90");
    when(w, "TRADING REDUCING", "BUY ann 1 @ 80", "SELL ann 11 @ 95", "SELL ann 4 @ 95", "TRADING ACTIVE",
         "BUY ann 1 @ 80");
    then(w, "REJECT ann SYSTEM_REDUCING field quantity value 1 limit 0",
         "REJECT ann SYSTEM_REDUCING field quantity value 1 limit 0", "ASKS 4 @ 95", "BIDS 50 @ 90 1 @ 80");
}

static void an_instrument_may_be_reducing(void **state)
{
    struct world *w = *state;
    when(w, "TRADING REDUCING OF XYZ", "BUY ann 1 @ 80");
    then(w, "REJECT ann INSTRUMENT_REDUCING value 1 limit 0");
}

static void an_account_may_be_reducing(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 81");
    when(w, "TRADING REDUCING ann", "BUY ann 1 @ 80", "BUY bob 1 @ 80");
    then(w, "REJECT ann ACCOUNT_REDUCING value 1 limit 0", "BIDS 1 @ 81 1 @ 80");
}

static void the_system_is_asked_before_the_instrument_and_the_instrument_before_the_account(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 80", "TRADING HALTED ann", "TRADING HALTED OF XYZ", "TRADING HALTED");
    when(w, "BUY ann 1 @ 80", "TRADING ACTIVE", "BUY ann 1 @ 80", "TRADING ACTIVE OF XYZ", "BUY ann 1 @ 80");
    then(w, "REJECT ann SYSTEM_HALTED", "REJECT ann INSTRUMENT_TRADING_HALTED", "REJECT ann ACCOUNT_HALTED");
}

static void a_halted_account_still_trades_with_what_rests(void **state)
{
    struct world *w = *state;
    given(w, "BUY ann 1 @ 99", "TRADING HALTED ann");
    when(w, "SELL bob 1 @ 99");
    then(w, "FILL bob ann 1 @ 99");
}

static void stops_wait_while_the_instrument_is_halted(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET STOP 95", "BUY dan 9 @ 95",
          "TRADING HALTED OF XYZ");
    when(w, "SELL bob 1 @ 95", "TRADING ACTIVE OF XYZ", "SELL bob 1 @ 95");
    then(w, "REJECT bob INSTRUMENT_TRADING_HALTED", "FILL bob dan 1 @ 95", "FILL ann dan 1 @ 95");
}

static void what_a_change_must_name(void **state)
{
    struct world *w = *state;
    when(w, "TRADING HALTED nobody", "TRADING HALTED @fees", "TRADING HALTED OF NOTHING", "ACCOUNT ann",
         "TRADING HALTED ann OF XYZ", "TRADING 4");
    then(w, "REJECT UNKNOWN_ACCOUNT field account", "REJECT NAME_RESERVED field account",
         "REJECT UNKNOWN_INSTRUMENT field symbol", "REJECT FIELD_INVALID field symbol",
         "REJECT FIELD_INVALID field status");
}

static void elections_wait_for_no_one_when_the_instrument_is_halted(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 99 1 ASK 101 1", "SELL ann 1 @ MARKET STOP 95 VENUE BOOK",
          "BUY dan 9 @ 90", "TRADING HALTED OF XYZ");
    when(w, "QUOTE XYZ BID 94 1 ASK 101 1", "TRADING ACTIVE OF XYZ", "QUOTE XYZ BID 94 1 ASK 100 1");
    then(w, "TRIGGERED ann 95 @ 94", "FILL ann dan 1 @ 90");
}

static void a_mass_cancel_goes_through_the_book_the_stops_the_quote_orders_all_or_none_and_the_close(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 90 1 ASK 110 1", "BUY eve 1 @ 99 ON_CLOSE", "BUY dan 1 @ 99 AON",
          "BUY cat 1 @ 99 VENUE QUOTE", "BUY bob 1 @ MARKET STOP 120", "BUY ann 1 @ 99");
    when(w, "MASS_CANCEL");
    then(w, "CANCELLED ann 1 MASS_CANCEL", "CANCELLED bob 1 MASS_CANCEL", "CANCELLED cat 1 MASS_CANCEL",
         "CANCELLED dan 1 MASS_CANCEL", "CANCELLED eve 1 MASS_CANCEL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(the_kill_switch_stops_every_order_and_cancels_what_is_open),
        in_a_world(without_cancel_the_book_stays_and_may_be_cancelled),
        in_a_world(an_instrument_may_be_halted_alone),
        in_a_world(an_account_may_be_halted_with_its_orders_cancelled),
        in_a_world(reducing_lets_positions_be_closed_and_nothing_be_opened),
        in_a_world(an_instrument_may_be_reducing),
        in_a_world(an_account_may_be_reducing),
        in_a_world(the_system_is_asked_before_the_instrument_and_the_instrument_before_the_account),
        in_a_world(a_halted_account_still_trades_with_what_rests),
        in_a_world(stops_wait_while_the_instrument_is_halted),
        in_a_world(what_a_change_must_name),
        in_a_world(elections_wait_for_no_one_when_the_instrument_is_halted),
        in_a_world(a_mass_cancel_goes_through_the_book_the_stops_the_quote_orders_all_or_none_and_the_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
