/* tests/core/test_refusals.c - every reason to say no is reachable by name, says which field it is about, what the value was and what
 * the limit is; and a refusal changes nothing.
 * Invariant: the rows are checked against the list in core/rejects.h: a new reason without a row fails. */
#include "tests/world/world.h"

#include "core/rejects.h"

#include <stdio.h>
#include <string.h>

struct refusal_row {
    int reason;
    const char *given[7];
    const char *when;
    const char *details; /* NONE where there is nothing to say */
};
#define NOTHING_MORE "value NONE limit NONE"
#define LAST_IS_100  "SELL bob 1 @ 100", "BUY cat 1 @ 100"
#define AT_ALPHA     "VENUE ALPHA", "BUY ann 2 @ 100 VENUE ALPHA"

static const struct refusal_row rows[] = {
    {REJECT_COMMAND_UNKNOWN, {NULL}, "COMMAND 99", "field op value 99 limit NONE"},
    {REJECT_NOT_SUPPORTED, {NULL}, "BUY ann 1 @ 100 VENUE QUOTE POST_ONLY", "field venue " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 STP 6", "field stp " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 FLAGS 16", "field flags " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 SIDE 3", "field side " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 TYPE 5", "field type " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 ID_LENGTH 65", "field client_order_id " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ MARKET GTD +1s", "field tif " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BUY ann 1 @ 100 LEVERAGE 0.5", "field leverage " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann TYPE 4", "field type " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT \"\"", "field account " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann MARGIN_CALL -1", "field margin_call_percent " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "CURRENCY \"\"", "field currency " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "CURRENCY EUR SCALE 19", "field scale " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ STATE 6", "field state " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ TRIGGER 3", "field trigger " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MARK 3", "field mark " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MAX_LEVERAGE 0.5", "field max_leverage " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {"ACCOUNT ann"}, "DEPOSIT ann 0", "field amount " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "QUOTE XYZ BID 101 1 ASK 100 1", "field bid " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "MASS_CANCEL SIDE 3", "field side " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "TRADING 4", "field status " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {LAST_IS_100}, "SELL ann 1 @ MARKET TRAIL 0", "field trail " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "OTO BUY ann 1 @ 99 LINK 4 THEN SELL @ 110", "field link " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "OTO BUY ann 1 @ 99 ACTIVATION 3 THEN SELL @ 110", "field activation " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "BRACKET BUY ann 1 @ 99 TAKE @ 110 LOSS @ 90", "field legs " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT ABC TICK 0", "field tick_size " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT ABC LOT 0", "field lot_size " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MIN -1", "field min_quantity " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MIN 3 MAX 2", "field max_quantity " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MAX_NOTIONAL 0.001", "field max_notional " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ COLLAR 10001", "field price_collar_percent " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MAKER 10001", "field maker_fee_bps " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "INSTRUMENT XYZ MAKER -5 TAKER 4", "field taker_fee_bps " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann CASH SHORT", "field allow_short " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann MAX_QUANTITY -1", "field limits.max_order_quantity " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann MAX_NOTIONAL -1", "field limits.max_order_notional " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann MAX_POSITION -1", "field limits.max_position " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann MAX_RATE 1000001", "field limits.max_orders_per_second " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ACCOUNT ann LIQUIDATION -1", "field liquidation_percent " NOTHING_MORE},
    {REJECT_PRICE_OFF_TICK, {NULL}, "QUOTE XYZ BID 1 1 ASK 100.5 1", "field ask value 100.5 limit 1"},
    {REJECT_QUANTITY_OFF_LOT, {NULL}, "QUOTE XYZ BID 1 0.5", "field bid_quantity value 0.5 limit 1"},
    {REJECT_QUANTITY_OFF_LOT, {NULL}, "QUOTE XYZ ASK 1 0.5", "field ask_quantity value 0.5 limit 1"},
    {REJECT_LIMITS_FIRST, {"UNPREPARED"}, "TICK", "field NONE " NOTHING_MORE},
    {REJECT_LIMITS_FIRST, {"UNPREPARED"}, "BUY ann 1 @ 100", "field NONE " NOTHING_MORE},
    {REJECT_LIMITS_FIRST, {NULL}, "SET_LIMITS", "field NONE " NOTHING_MORE},
    {REJECT_UNKNOWN_ACCOUNT, {NULL}, "BUY nobody 1 @ 100", "field account " NOTHING_MORE},
    {REJECT_UNKNOWN_INSTRUMENT, {"ACCOUNT ann"}, "BUY ann 1 @ 100 OF NOTHING", "field symbol " NOTHING_MORE},
    {REJECT_UNKNOWN_VENUE, {NULL}, "BUY ann 1 @ 100 VENUE NYSE", "field venue " NOTHING_MORE},
    {REJECT_NAME_RESERVED, {NULL}, "ACCOUNT @ann", "field account " NOTHING_MORE},
    {REJECT_PRICE_OFF_TICK, {NULL}, "BUY ann 1 @ 100.5", "field price value 100.5 limit 1"},
    {REJECT_PRICE_OFF_TICK, {NULL}, "SELL ann 1 @ MARKET STOP 99.50", "field stop_price value 99.50 limit 1"},
    {REJECT_PRICE_REQUIRED, {NULL}, "BUY ann 1 @ NONE", "field price value NONE limit NONE"},
    {REJECT_PRICE_REQUIRED, {NULL}, "BUY ann 1 @ 0", "field price value 0 limit NONE"},
    {REJECT_PRICE_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 TYPE MARKET", "field price " NOTHING_MORE},
    {REJECT_PRICE_TOO_LARGE,
     {NULL},
     "BUY ann 1 @ 100000000000000001",
     "field price value 100000000000000001 limit 100000000000000000"},
    {REJECT_QUANTITY_OFF_LOT, {NULL}, "BUY ann 0.5 @ 100", "field quantity value 0.5 limit 1"},
    {REJECT_QUANTITY_NOT_POSITIVE, {NULL}, "BUY ann 0 @ 100", "field quantity value 0 limit NONE"},
    {REJECT_QUANTITY_NOT_POSITIVE, {NULL}, "BUY ann -1 @ 100", "field quantity value -1 limit NONE"},
    {REJECT_QUANTITY_NOT_POSITIVE, {NULL}, "BUY ann NONE @ 100", "field quantity value NONE limit NONE"},
    {REJECT_QUANTITY_TOO_SMALL, {"INSTRUMENT XYZ MIN 2"}, "BUY ann 1 @ 100", "field quantity value 1 limit 2"},
    {REJECT_QUANTITY_TOO_LARGE, {"INSTRUMENT XYZ MAX 2"}, "BUY ann 3 @ 100", "field quantity value 3 limit 2"},
    {REJECT_QUANTITY_TOO_LARGE,
     {NULL},
     "BUY ann 100000000000000001 @ 100",
     "field quantity value 100000000000000001 limit 100000000000000000"},
    {REJECT_POST_ONLY_NEEDS_LIMIT, {NULL}, "BUY ann 1 @ MARKET POST_ONLY", "field flags " NOTHING_MORE},
    {REJECT_EXPIRY_REQUIRED, {NULL}, "BUY ann 1 @ 100 GTD", "field expires_at " NOTHING_MORE},
    {REJECT_EXPIRY_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 GTC EXPIRES +1s", "field expires_at " NOTHING_MORE},
    {REJECT_STOP_PRICE_REQUIRED, {NULL}, "SELL ann 1 @ MARKET TYPE STOP", "field stop_price value NONE limit NONE"},
    {REJECT_STOP_PRICE_REQUIRED, {NULL}, "SELL ann 1 @ MARKET STOP 0", "field stop_price value 0 limit NONE"},
    {REJECT_STOP_PRICE_NOT_ALLOWED, {NULL}, "SELL ann 1 @ 94 STOP 95 TYPE LIMIT", "field stop_price " NOTHING_MORE},
    {REJECT_DISPLAY_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 DISPLAY 2", "field display_quantity value 2 limit 1"},
    {REJECT_ALL_OR_NONE_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 AON IOC", "field flags " NOTHING_MORE},
    {REJECT_MIN_QUANTITY_NOT_ALLOWED, {NULL}, "BUY ann 1 @ 100 MIN 1", "field min_quantity " NOTHING_MORE},
    {REJECT_QUOTE_QUANTITY_NOT_ALLOWED, {NULL}, "BUY ann FOR 100 @ 100", "field quote_quantity " NOTHING_MORE},
    {REJECT_SCALE_FIXED, {NULL}, "CURRENCY USD SCALE 3", "field scale " NOTHING_MORE},
    {REJECT_STEP_NOT_WHOLE, {NULL}, "INSTRUMENT ABC TICK 0.001", NOTHING_MORE},
    {REJECT_LINK_NOT_ALLOWED, {NULL}, "OCO SELL ann 1 @ 110 IOC OR @ 120", "field tif " NOTHING_MORE},
    {REJECT_LINKED_QUANTITY, {"OCO SELL ann 2 @ 110 OR @ 120"}, "MODIFY ann TO 1", "field quantity " NOTHING_MORE},
    {REJECT_GTT_TRIGGER_INVALID,
     {LAST_IS_100},
     "GTT BUY ann TRIGGER 100 1 @ 99",
     "field trigger_price value 100 limit 100"},
    {REJECT_EXPIRY_TOO_FAR,
     {LAST_IS_100},
     "GTT BUY ann TRIGGER 95 1 @ 99 EXPIRES +367d",
     "field expires_at value NONE limit 366"},
    {REJECT_CASH_SHORT,
     {"ACCOUNT ann CASH", "DEPOSIT ann 99.99"},
     "BUY ann 1 @ 100",
     "field NONE value 100.00 limit 99.99"},
    {REJECT_CASH_SHORT, {"ACCOUNT ann", "DEPOSIT ann 5"}, "WITHDRAW ann 6", "field amount value 6.00 limit 5.00"},
    {REJECT_POSITION_SHORT, {"ACCOUNT ann CASH"}, "SELL ann 1 @ 100", "field quantity value 1 limit 0"},
    {REJECT_NOTIONAL_TOO_LARGE,
     {"INSTRUMENT XYZ MAX_NOTIONAL 99.99"},
     "BUY ann 1 @ 100",
     "field NONE value 100.00 limit 99.99"},
    {REJECT_REDUCE_ONLY_TOO_LARGE, {NULL}, "SELL ann 1 @ 100 REDUCE_ONLY", "field quantity value 1 limit 0"},
    {REJECT_LEVERAGE_TOO_HIGH, {NULL}, "BUY ann 1 @ 100 LEVERAGE 1.5", "field leverage value 1.5 limit 1.00"},
    {REJECT_NO_REFERENCE_PRICE, {NULL}, "SELL ann 1 @ MARKET TRAIL 5", "field NONE " NOTHING_MORE},
    {REJECT_ORDER_QUANTITY_LIMIT,
     {"ACCOUNT ann CASH MAX_QUANTITY 2"},
     "BUY ann 3 @ 100",
     "field quantity value 3 limit 2.000000000"},
    {REJECT_ORDER_NOTIONAL_LIMIT,
     {"ACCOUNT ann CASH MAX_NOTIONAL 99.5"},
     "BUY ann 1 @ 100",
     "field NONE value 100.00 limit 99.500000000"},
    {REJECT_POSITION_LIMIT,
     {"ACCOUNT ann CASH MAX_POSITION 2"},
     "BUY ann 3 @ 100",
     "field quantity value 3 limit 2.000000000"},
    {REJECT_OPEN_ORDERS_LIMIT,
     {"ACCOUNT ann CASH MAX_OPEN 1", "DEPOSIT ann 1000", "BUY ann 1 @ 100"},
     "BUY ann 1 @ 100",
     "field NONE value 2 limit 1"},
    {REJECT_ORDER_RATE_LIMIT,
     {"ACCOUNT ann CASH MAX_RATE 1", "DEPOSIT ann 1000", "BUY ann 1 @ 100"},
     "BUY ann 1 @ 100",
     "field NONE value 2 limit 1"},
    {REJECT_INSTRUMENT_NOT_OPEN, {"STATE XYZ CLOSED"}, "BUY ann 1 @ 100", "field state value 3 limit NONE"},
    {REJECT_PRICE_OUTSIDE_COLLAR,
     {LAST_IS_100, "INSTRUMENT XYZ COLLAR 1"},
     "BUY ann 1 @ 98",
     "field price value 98 limit 99"},
    {REJECT_PRICE_OUTSIDE_COLLAR,
     {LAST_IS_100, "INSTRUMENT XYZ COLLAR 1"},
     "BUY ann 1 @ 102",
     "field price value 102 limit 101"},
    {REJECT_POST_ONLY_WOULD_CROSS,
     {"SELL bob 1 @ 100"},
     "BUY ann 1 @ 101 POST_ONLY",
     "field price value 101 limit 100"},
    {REJECT_STOP_WOULD_TRIGGER, {LAST_IS_100}, "BUY ann 1 @ MARKET STOP 99", "field stop_price value 99 limit 100"},
    {REJECT_NO_QUOTE, {NULL}, "BUY ann 1 @ MARKET VENUE QUOTE", "field NONE " NOTHING_MORE},
    {REJECT_INSTRUMENT_TRADING_HALTED, {"TRADING HALTED OF XYZ"}, "BUY ann 1 @ 100", "field NONE " NOTHING_MORE},
    {REJECT_INSTRUMENT_REDUCING, {"TRADING REDUCING OF XYZ"}, "BUY ann 1 @ 100", "field quantity value 1 limit 0"},
    {REJECT_SYSTEM_HALTED, {"TRADING HALTED"}, "BUY ann 1 @ 100", "field NONE " NOTHING_MORE},
    {REJECT_SYSTEM_REDUCING, {"TRADING REDUCING"}, "BUY ann 1 @ 100", "field quantity value 1 limit 0"},
    {REJECT_INSTRUMENT_IN_USE,
     {"BUY bob 1 @ 100"},
     "INSTRUMENT XYZ MAX_LEVERAGE 2",
     "field max_leverage " NOTHING_MORE},
    {REJECT_ACCOUNT_HALTED, {"ACCOUNT ann HALTED"}, "BUY ann 1 @ 100", "field NONE " NOTHING_MORE},
    {REJECT_ACCOUNT_REDUCING, {"ACCOUNT ann REDUCING"}, "BUY ann 1 @ 100", "field quantity value 1 limit 0"},
    {REJECT_ACCOUNT_IN_USE, {"BUY ann 1 @ 100"}, "ACCOUNT ann LEVERAGE 2", NOTHING_MORE},
    {REJECT_ORDER_NOT_OPEN, {NULL}, "CANCEL =123", "field order_id " NOTHING_MORE},
    {REJECT_GTT_NOT_ACTIVE, {NULL}, "GTT_DELETE =123", "field gtt_id " NOTHING_MORE},
    {REJECT_ORDERS_FULL,
     {"LIMITS orders_max 1", "BUY ann 1 @ 100"},
     "BUY ann 1 @ 100",
     "field NONE value NONE limit 1"},
    {REJECT_LEVELS_FULL, {"LIMITS levels_max 1", "BUY ann 1 @ 100"}, "BUY ann 1 @ 99", "field NONE value NONE limit 1"},
    {REJECT_INSTRUMENTS_FULL, {"LIMITS instruments_max 1"}, "INSTRUMENT ABC", "field NONE value NONE limit 1"},
    {REJECT_ACCOUNTS_FULL, {"LIMITS accounts_max 5", "ACCOUNT ann"}, "ACCOUNT bob", "field NONE value NONE limit 5"},
    {REJECT_POSITIONS_FULL,
     {"LIMITS positions_max 1", "BUY ann 1 @ 100"},
     "BUY bob 1 @ 100",
     "field NONE value NONE limit 1"},
    {REJECT_POSITIONS_FULL,
     {"LIMITS balances_max 2", "ACCOUNT ann", "DEPOSIT ann 100"},
     "BUY ann 1 @ 100",
     "field NONE value NONE limit 2"},
    {REJECT_CURRENCIES_FULL, {"LIMITS currencies_max 1"}, "CURRENCY EUR", "field NONE value NONE limit 1"},
    {REJECT_CURRENCIES_FULL, {"LIMITS currencies_max 1"}, "INSTRUMENT ABC IN EUR", "field NONE value NONE limit 1"},
    {REJECT_SWEEP_PENDING,
     {"LIMITS work_max 1", "BUY ann 1 @ 99", "BUY ann 1 @ 98", "MASS_CANCEL"},
     "BUY ann 1 @ 100",
     "field NONE " NOTHING_MORE},
    {REJECT_TIMERS_FULL,
     {"LIMITS timers_max 1", "BUY ann 1 @ 100 GTD +9s"},
     "BUY ann 1 @ 100 GTD +9s",
     "field NONE value NONE limit 1"},

    /* The order desk. */
    {REJECT_FIELD_INVALID, {NULL}, "VENUE \"\"", "field venue " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "VENUE ALPHA STATE 4", "field state " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "VENUE ALPHA SIMULATED_IS 3", "field simulated " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "VENUE ALPHA CAUSE 3", "field cause " NOTHING_MORE},
    {REJECT_NAME_RESERVED, {NULL}, "VENUE fees", "field venue " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "ROUTES TO BOOK TIMES 257", "field rules " NOTHING_MORE},
    {REJECT_RULE_INVALID, {NULL}, "ROUTES OF XYZ", "field venue value 1 limit NONE"},
    {REJECT_RULE_INVALID, {NULL}, "ROUTES TO BOOK ; MIN 5 MAX 4 TO BOOK", "field max_quantity value 2 limit NONE"},
    {REJECT_UNKNOWN_VENUE, {NULL}, "ROUTES TO BOOK ; TO NYSE", "field venue value 2 limit NONE"},
    {REJECT_FIELD_INVALID, {NULL}, "BATCH", "field orders " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "CANCEL_BATCH =0", "field batch_id " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {AT_ALPHA}, "REPORT ann 0", "field report " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {AT_ALPHA}, "ACK ann \"\"", "field ext_order_id " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {AT_ALPHA}, "REPORT ann REJECT REASON_LENGTH 97", "field reason " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {AT_ALPHA}, "EXECUTE ann 1 @ 100", "field exec_id " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {AT_ALPHA}, "BUST ann \"\"", "field ref_exec_id " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "EXECUTE", "field fills " NOTHING_MORE},
    {REJECT_FIELD_INVALID,
     {NULL},
     "STATEMENT VENUE BOOK ROW XYZ BUY 1 @ 1 EXEC E TIMES 10001",
     "field rows " NOTHING_MORE},
    {REJECT_FIELD_INVALID, {NULL}, "STATEMENT VENUE BOOK FROM +0s", "field from " NOTHING_MORE},
    {REJECT_PRICE_REQUIRED, {AT_ALPHA}, "EXECUTE ann 1 @ NONE EXEC E1", "field fill_price value NONE limit NONE"},
    {REJECT_PRICE_OFF_TICK, {AT_ALPHA}, "EXECUTE ann 1 @ 99.5 EXEC E1", "field fill_price value 99.5 limit 1"},
    {REJECT_QUANTITY_NOT_POSITIVE, {AT_ALPHA}, "EXECUTE ann 0 @ 99 EXEC E1", "field fill_qty value 0 limit NONE"},
    {REJECT_QUANTITY_OFF_LOT, {AT_ALPHA}, "EXECUTE ann 0.5 @ 99 EXEC E1", "field fill_qty value 0.5 limit 1"},
    {REJECT_BATCH_NOT_ALLOWED, {NULL}, "BATCH ATOMIC BUY ann 1 @ MARKET", "field type " NOTHING_MORE},
    {REJECT_BATCH_NOT_ALLOWED, {NULL}, "BATCH ATOMIC BUY ann 1 @ 100 IOC", "field tif " NOTHING_MORE},
    {REJECT_DUPLICATE_CLIENT_ORDER_ID,
     {"BUY ann 1 @ 100 ID a"}, /* command 6, after the account and its cash */
     "BUY ann 1 @ 100 ID a",
     "field client_order_id value 393216 limit NONE"},
    {REJECT_VENUE_DOWN, {"VENUE ALPHA DOWN"}, "BUY ann 1 @ 100 IOC VENUE ALPHA", "field venue " NOTHING_MORE},
    {REJECT_NOT_SIMULATED, {"BUY ann 2 @ 100"}, "SIMULATE ann 1 @ 100", "field venue " NOTHING_MORE},
    {REJECT_REQUEST_PENDING, {AT_ALPHA, "CANCEL ann"}, "CANCEL ann", "field order_id " NOTHING_MORE},
    {REJECT_VENUE_DIFFERS, {AT_ALPHA}, "REPORT ann CANCELLED BY QUOTE", "field venue " NOTHING_MORE},
    {REJECT_EXEC_ID_REPEATED,
     {AT_ALPHA, "EXECUTE ann 1 @ 100 EXEC E1"},
     "EXECUTE ann 1 @ 100 EXEC E1",
     "field exec_id " NOTHING_MORE},
    {REJECT_EXEC_ID_UNKNOWN, {AT_ALPHA}, "BUST ann E1", "field ref_exec_id " NOTHING_MORE},
    {REJECT_OVER_FILL,
     {"VENUE BOOK SIMULATED", "BUY ann 2 @ 100"},
     "SIMULATE ann 3 @ 100",
     "field fill_qty value 3 limit 2"},
    {REJECT_REPORT_NOT_EXPECTED, {AT_ALPHA}, "REPORT ann REPLACED", "field report value 1 limit NONE"},
    {REJECT_REPORT_REPEATED, {AT_ALPHA, "ACK ann A-1"}, "ACK ann A-1", "field ext_order_id " NOTHING_MORE},
    {REJECT_EXT_ORDER_ID_DIFFERS, {AT_ALPHA, "ACK ann A-1"}, "ACK ann A-2", "field ext_order_id " NOTHING_MORE},
    {REJECT_ROUTE_NOT_ALLOWED, {AT_ALPHA}, "ROUTE ann", "field order_id " NOTHING_MORE},
    {REJECT_SETTLE_NOT_ALLOWED, {AT_ALPHA}, "SETTLE ann", "field order_id value 1 limit NONE"},
    {REJECT_KEY_UNKNOWN, {NULL}, "CLEAR_KEY k", "field key " NOTHING_MORE},
    {REJECT_ROUTES_FULL,
     {"LIMITS routes_max 1", AT_ALPHA},
     "BUY ann 1 @ 100 VENUE ALPHA",
     "field NONE value NONE limit 1"},
    {REJECT_EXECUTIONS_FULL,
     {"LIMITS executions_max 1", AT_ALPHA, "EXECUTE ann 1 @ 100 EXEC E1"},
     "EXECUTE ann 1 @ 100 EXEC E2",
     "field NONE value NONE limit 1"},
    {REJECT_CLIENT_IDS_FULL,
     {"LIMITS client_ids_max 1", "BUY ann 1 @ 100 ID a"},
     "BUY ann 1 @ 100 ID b",
     "field NONE value NONE limit 1"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* Reasons that need more than a few sentences, and the test here or elsewhere that brings them about. */
static bool is_tested_apart(int reason)
{
    return reason == REJECT_CASH_TOO_LARGE        /* test_buying_power: a_balance_may_not_outgrow_the_largest */
           || reason == REJECT_POSITION_TOO_LARGE /* test_positions: the_position_has_a_largest_size */
           || reason == REJECT_VENUES_FULL        /* test_routing: there_are_so_many_venues_and_no_more */
           || reason == REJECT_TRAILING_FULL      /* below */
           || reason == REJECT_REDUCE_ONLY_FULL;  /* below */
}

static void each_reason_has_a_row(void **state)
{
    (void)state;
#define X(number, name, text)                                                                                          \
    {                                                                                                                  \
        bool found = is_tested_apart(number);                                                                          \
        for (int k = 0; k < ROWS; k++) found = found || rows[k].reason == (number);                                    \
        if (!found) fail_msg("%s has no row", #name);                                                                  \
    }
    REJECTS(X)
#undef X
}

/* A caller is told the field by its JSON name: each name of the list stands in a row. */
static void each_field_has_a_row(void **state)
{
    (void)state;
    for (int field = 1; field <= REFUSAL_FIELD_NUMBER_MAX; field++) {
        char words[64];
        bool found = false;
        snprintf(words, sizeof words, "field %s ", refusal_field_name(field));
        for (int k = 0; k < ROWS; k++) found = found || strncmp(rows[k].details, words, strlen(words)) == 0;
        if (!found) fail_msg("the field %s has no row", refusal_field_name(field));
    }
}

/* The last event of the when is the refusal, and it is alone but for what made the account rich. */
static void check_refused(struct world *w, const struct refusal_row *r)
{
    assert_true(w->events_count > w->when_event);
    const struct event *last = &w->events[w->events_count - 1];
    if (last->kind != EVENT_REJECTED || last->rejected.refusal.reason != r->reason)
        fail_msg("\"%s\" should be %s", r->when, reject_name(r->reason));
    assert_int_equal(last->index, 0);
}

/* Whose order a refusal speaks of, as the fact says it. */
static const char *account_of_refusal(const struct world *w, const struct event_rejected *r)
{
    if (r->terms.account.bytes[0] != '\0') return r->terms.account.bytes;
    for (uint32_t k = 0; k < w->orders_count; k++)
        if (w->orders[k].id == r->order_id) return w->orders[k].account.bytes;
    return "";
}

static void each_row_is_refused_for_its_reason_and_changes_nothing(void **unused)
{
    (void)unused;
    for (int k = 0; k < ROWS; k++) {
        const struct refusal_row *r = &rows[k];
        void *state;
        assert_int_equal(world_setup(&state), 0);
        struct world *w = state;
        char fact[200];
        for (int i = 0; r->given[i] != NULL; i++) given(w, r->given[i]);
        when(w, r->when);
        check_refused(w, r);
        const char *account = account_of_refusal(w, &w->events[w->events_count - 1].rejected);
        snprintf(fact, sizeof fact, "REJECT %s%s%s %s", account, account[0] == '\0' ? "" : " ", reject_name(r->reason),
                 r->details);
        then(w, fact);
        world_teardown(&state);
    }
}

static void an_instrument_follows_so_many_trailing_stops(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS orders_max 1100 levels_max 200", LAST_IS_100);
    for (int k = 0; k < TRAILING_MAX; k++) given(w, "SELL ann 1 @ MARKET TRAIL 5");
    when(w, "SELL ann 1 @ MARKET TRAIL 5", "SELL ann 1 @ MARKET STOP 95");
    then(w, "REJECT ann TRAILING_FULL value NONE limit 1000", "ORDERS 1001");
}

static void a_position_keeps_so_many_reduce_only_orders_in_step(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 100 @ 100", "BUY ann 100 @ 100");
    for (int k = 0; k < REDUCE_ONLY_MAX; k++) given(w, "SELL ann 1 @ 110 REDUCE_ONLY");
    when(w, "SELL ann 1 @ 110 REDUCE_ONLY", "SELL ann 1 @ 110");
    then(w, "REJECT ann REDUCE_ONLY_FULL value NONE limit 64", "ORDERS 65");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_a_row),
        cmocka_unit_test(each_field_has_a_row),
        cmocka_unit_test(each_row_is_refused_for_its_reason_and_changes_nothing),
        in_a_world(an_instrument_follows_so_many_trailing_stops),
        in_a_world(a_position_keeps_so_many_reduce_only_orders_in_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
