/* tests/core/test_refusals.c - every reason to say no is reachable, one row each, and a refusal changes nothing.
 * The rows are checked against the list in core/rejects.h: a new reason without a row fails. */
#include "tests/world/world.h"

#include "core/rejects.h"

#include <stdio.h>
#include <string.h>

struct refusal {
    int reason;
    const char *given[7];
    const char *when;
};

static const struct refusal refusals[] = {
    {REJECT_COMMAND_UNKNOWN, {NULL}, "COMMAND 99"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 STOP 99"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 TYPE STOP"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 TYPE STOP_LIMIT"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 DISPLAY 1"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 LEVERAGE 2"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 REDUCE_ONLY"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 STP 2"},
    {REJECT_NOT_SUPPORTED, {NULL}, "INSTRUMENT XYZ PRE_OPEN"},
    {REJECT_NOT_SUPPORTED, {NULL}, "INSTRUMENT XYZ AUCTION"},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 STP 6"},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 FLAGS 4"},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ MARKET GTD +1s"},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann TYPE 4"},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT \"\""},
    {REJECT_FIELD_INVALID, {NULL}, "CURRENCY \"\""},
    {REJECT_FIELD_INVALID, {NULL}, "CURRENCY EUR SCALE 19"},
    {REJECT_LIMITS_FIRST, {"UNPREPARED"}, "TICK"},
    {REJECT_LIMITS_FIRST, {"UNPREPARED"}, "BUY ann 1 @ 100"},
    {REJECT_LIMITS_FIRST, {NULL}, "SET_LIMITS"},
    {REJECT_UNKNOWN_ACCOUNT, {NULL}, "BUY nobody 1 @ 100"},
    {REJECT_UNKNOWN_INSTRUMENT, {"ACCOUNT ann"}, "BUY ann 1 @ 100 OF NOTHING"},
    {REJECT_UNKNOWN_VENUE, {NULL}, "BUY ann 1 @ 100 VENUE NYSE"},
    {REJECT_NAME_RESERVED, {NULL}, "ACCOUNT @ann"},
    {REJECT_PRICE_OFF_TICK, {NULL}, "BUY ann 1 @ 100.5"},
    {REJECT_PRICE_REQUIRED, {NULL}, "BUY ann 1 @ NONE"},
    {REJECT_PRICE_REQUIRED, {NULL}, "BUY ann 1 @ 0"},
    {REJECT_PRICE_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 TYPE MARKET"},
    {REJECT_PRICE_TOO_LARGE, {NULL}, "BUY ann 1 @ 100000000000000001"},
    {REJECT_QUANTITY_OFF_LOT, {NULL}, "BUY ann 0.5 @ 100"},
    {REJECT_QUANTITY_NOT_POSITIVE, {NULL}, "BUY ann 0 @ 100"},
    {REJECT_QUANTITY_NOT_POSITIVE, {NULL}, "BUY ann -1 @ 100"},
    {REJECT_QUANTITY_TOO_SMALL, {"INSTRUMENT XYZ MIN 2"}, "BUY ann 1 @ 100"},
    {REJECT_QUANTITY_TOO_LARGE, {"INSTRUMENT XYZ MAX 2"}, "BUY ann 3 @ 100"},
    {REJECT_QUANTITY_TOO_LARGE, {NULL}, "BUY ann 100000000000000001 @ 100"},
    {REJECT_POST_ONLY_NEEDS_LIMIT, {NULL}, "BUY ann 1 @ MARKET POST_ONLY"},
    {REJECT_EXPIRY_REQUIRED, {NULL}, "BUY ann 1 @ 100 GTD"},
    {REJECT_EXPIRY_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 GTC EXPIRES +1s"},
    {REJECT_SCALE_FIXED, {NULL}, "CURRENCY USD SCALE 3"},
    {REJECT_STEP_NOT_WHOLE, {NULL}, "INSTRUMENT ABC TICK 0.001"},
    {REJECT_CASH_SHORT, {"ACCOUNT ann CASH", "DEPOSIT ann 99.99"}, "BUY ann 1 @ 100"},
    {REJECT_POSITION_SHORT, {"ACCOUNT ann CASH"}, "SELL ann 1 @ 100"},
    {REJECT_NOTIONAL_TOO_LARGE, {"INSTRUMENT XYZ MAX_NOTIONAL 99.99"}, "BUY ann 1 @ 100"},
    {REJECT_NOTIONAL_TOO_LARGE, {NULL}, "BUY ann 100000000000000000 @ 100000000000000000"},
    {REJECT_INSTRUMENT_NOT_OPEN, {"INSTRUMENT XYZ CLOSED"}, "BUY ann 1 @ 100"},
    {REJECT_PRICE_OUTSIDE_COLLAR, {"SELL bob 1 @ 100", "BUY bob 1 @ 100", "INSTRUMENT XYZ COLLAR 1"}, "BUY ann 1 @ 98"},
    {REJECT_POST_ONLY_WOULD_CROSS, {"SELL bob 1 @ 100"}, "BUY ann 1 @ 100 POST_ONLY"},
    {REJECT_ACCOUNT_HALTED, {"ACCOUNT ann HALTED"}, "BUY ann 1 @ 100"},
    {REJECT_ACCOUNT_REDUCING, {"ACCOUNT ann REDUCING"}, "BUY ann 1 @ 100"},
    {REJECT_ACCOUNT_IN_USE, {"BUY ann 1 @ 100"}, "ACCOUNT ann LEVERAGE 2"},
    {REJECT_ORDER_NOT_OPEN, {NULL}, "CANCEL =123"},
    {REJECT_ORDERS_FULL, {"LIMITS orders_max 1", "BUY ann 1 @ 100"}, "BUY ann 1 @ 100"},
    {REJECT_LEVELS_FULL, {"LIMITS levels_max 1", "BUY ann 1 @ 100"}, "BUY ann 1 @ 99"},
    {REJECT_INSTRUMENTS_FULL, {"LIMITS instruments_max 1"}, "INSTRUMENT ABC"},
    {REJECT_ACCOUNTS_FULL, {"LIMITS accounts_max 4", "ACCOUNT ann"}, "ACCOUNT bob"},
    {REJECT_POSITIONS_FULL, {"LIMITS positions_max 1", "BUY ann 1 @ 100"}, "BUY bob 1 @ 100"},
    {REJECT_POSITIONS_FULL, {"LIMITS balances_max 2", "ACCOUNT ann", "DEPOSIT ann 100"}, "BUY ann 1 @ 100"},
    {REJECT_CURRENCIES_FULL, {"LIMITS currencies_max 1"}, "CURRENCY EUR"},
    {REJECT_CURRENCIES_FULL, {"LIMITS currencies_max 1"}, "INSTRUMENT ABC IN EUR"},
    {REJECT_SWEEP_PENDING, {"LIMITS work_max 1", "BUY ann 1 @ 99", "BUY ann 1 @ 98", "MASS_CANCEL"}, "BUY ann 1 @ 100"},
    {REJECT_TIMERS_FULL, {"LIMITS timers_max 1", "BUY ann 1 @ 100 GTD +9s"}, "BUY ann 1 @ 100 GTD +9s"},
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

/* Reasons that no row can bring about by sentences alone, and the test that does. */
static bool is_tested_elsewhere(int reason)
{
    return reason == REJECT_CASH_TOO_LARGE         /* test_buying_power: a_balance_may_not_outgrow_the_largest */
           || reason == REJECT_POSITION_TOO_LARGE; /* test_positions: the_position_has_a_largest_size */
}

static void each_reason_has_a_row(void **state)
{
    (void)state;
#define X(number, name, text)                                                                                          \
    {                                                                                                                  \
        bool found = is_tested_elsewhere(number);                                                                      \
        for (int k = 0; k < REFUSALS; k++) found = found || refusals[k].reason == (number);                            \
        if (!found) fail_msg("%s has no row", #name);                                                                  \
    }
    REJECTS(X)
#undef X
}

/* The last event of the when is the refusal, and it is alone but for what made the account rich. */
static void check_refused(struct world *w, const struct refusal *r)
{
    assert_true(w->events_count > w->when_event);
    const struct event *last = &w->events[w->events_count - 1];
    if (last->kind != EVENT_REJECTED || last->rejected.reason != r->reason)
        fail_msg("\"%s\" should be %s", r->when, reject_name(r->reason));
    assert_int_equal(last->index, 0);
}

static void each_row_is_refused_for_its_reason_and_changes_nothing(void **unused)
{
    (void)unused;
    for (int k = 0; k < REFUSALS; k++) {
        const struct refusal *r = &refusals[k];
        void *state;
        assert_int_equal(world_setup(&state), 0);
        struct world *w = state;
        char fact[96];
        for (int i = 0; r->given[i] != NULL; i++) given(w, r->given[i]);
        when(w, r->when);
        check_refused(w, r);
        const struct event_rejected *rejected = &w->events[w->events_count - 1].rejected;
        const char *account = rejected->terms.account.bytes;
        snprintf(fact, sizeof fact, "REJECT %s%s%s", account, account[0] == '\0' ? "" : " ", reject_name(r->reason));
        then(w, fact);
        world_teardown(&state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_a_row),
        cmocka_unit_test(each_row_is_refused_for_its_reason_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
