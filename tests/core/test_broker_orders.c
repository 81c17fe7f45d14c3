/* tests/core/test_broker_orders.c - an order at a broker: what is asked of it, what it answers, and every way in which the two may cross. */
#include "tests/world/world.h"

#define AT_ALPHA "VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA"
#define ACKED    AT_ALPHA, "ACK ann A-1"

/* ---- acknowledged, filled ---- */

static void a_broker_acknowledges_an_order_under_a_name_of_its_own(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "ACK ann A-1 BY ALPHA");
    then(w, "ACKED ann A-1 venue ALPHA state ACKED", "ROUTE ann ACKED ext A-1", "WAITS ann 10 AT_BROKER");
}

static void an_acknowledgement_counts_once_and_keeps_its_name(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "ACK ann A-1", "ACK ann A-2", "ACK ann \"\"");
    then(w, "REJECT ann REPORT_REPEATED field ext_order_id", "REJECT ann EXT_ORDER_ID_DIFFERS field ext_order_id",
         "REJECT ann FIELD_INVALID field ext_order_id", "ROUTE ann ACKED ext A-1");
}

static void a_fill_trades_with_the_account_of_the_venue(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 100", ACKED);
    when(w, "EXECUTE ann 4 @ 99 EXEC E1 BY ALPHA");
    then(w, "EXECUTED ann E1 venue ALPHA kind NEW excess 0 late NO simulated NO",
         "FILL ann @ALPHA 4 @ 99 fee 3.96 venue ALPHA simulated NO", "WAITS ann 6 AT_BROKER", "POSITION ann 4",
         "POSITION @ALPHA -4", "CASH @ALPHA 396.00", "CASH @fees 3.96", "COST ann 396.00", "LAST NONE",
         "ROUTE ann ACKED open YES filled 0", "EXECUTIONS ann E1");
}

static void a_fill_says_that_the_broker_has_the_order(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "EXECUTE ann 4 @ 100 EXEC E1", "ACK ann A-1");
    then(w, "BROKER ann ACKED before ROUTED report NONE", "EXECUTED ann E1", "FILL ann @ALPHA 4 @ 100",
         "ACKED ann A-1 state ACKED", "ROUTE ann ACKED ext A-1");
}

static void the_last_fill_ends_the_order_and_leaves_its_route(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "EXECUTE ann 4 @ 99 EXEC E1 ; ann 6 @ 100 EXEC E2");
    then(w, "FILL ann @ALPHA 4 @ 99", "FILL ann @ALPHA 6 @ 100", "GONE ann", "RESERVED ann 0.00",
         "ROUTE ann FILLED open NO filled 10", "EXECUTIONS ann E1 E2");
}

static void a_fill_of_more_than_is_left_is_taken_as_it_is(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "EXECUTE ann 12 @ 100 EXEC E1");
    then(w, "EXECUTED ann E1 excess 2 late NO", "FILL ann @ALPHA 12 @ 100", "GONE ann", "POSITION ann 12",
         "RESERVED ann 0.00", "ROUTE ann FILLED filled 12");
}

static void a_fill_that_comes_after_the_end_is_taken_too(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "EXECUTE ann 4 @ 100 EXEC E1", "REPORT ann CANCELLED");
    when(w, "EXECUTE ann 3 @ 101 EXEC E2");
    then(w, "EXECUTED ann E2 late YES excess 3", "FILL ann @ALPHA 3 @ 101", "POSITION ann 7",
         "ROUTE ann CANCELLED open NO filled 7", "EXECUTIONS ann E1 E2", "RESERVED ann 0.00");
}

static void a_late_fill_makes_its_position_again(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "REPORT ann EXPIRED");
    when(w, "EXECUTE ann 10 @ 100 EXEC E1");
    then(w, "EXECUTED ann E1 late YES excess 10", "FILL ann @ALPHA 10 @ 100", "POSITION ann 10", "ROUTE ann CANCELLED");
}

static void executions_are_taken_while_everything_is_halted(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "TRADING HALTED", "STATE XYZ CLOSED", "ACCOUNT ann HALTED");
    when(w, "EXECUTE ann 4 @ 100 EXEC E1", "REPORT ann CANCELLED");
    then(w, "FILL ann @ALPHA 4 @ 100", "CANCELLED ann 6 VENUE_CANCELLED");
}

static void only_its_own_broker_speaks_of_an_order(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "VENUE BETA");
    when(w, "ACK ann A-1 BY BETA", "EXECUTE ann 4 @ 100 EXEC E1 BY BETA", "REPORT ann REJECT BY NYSE",
         "EXECUTE ann 4 @ 100 EXEC E1 BY NYSE", "ACK ann A-1");
    then(w, "REJECT ann VENUE_DIFFERS field venue", "REJECT ann VENUE_DIFFERS field venue",
         "REJECT ann UNKNOWN_VENUE field venue", "REJECT ann UNKNOWN_VENUE field venue", "ROUTE ann ACKED");
}

static void nobody_speaks_of_an_order_that_waits_for_a_venue(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "BUY ann 10 @ 100 VENUE ALPHA", "BUY bob 5 @ 100");
    when(w, "REPORT ann CANCELLED", "EXECUTE ann 4 @ 100 EXEC E1", "ACK bob B-1", "EXECUTE bob 4 @ 100 EXEC E1");
    then(w, "REJECT ann VENUE_DIFFERS field venue", "REJECT ann VENUE_DIFFERS field venue",
         "REJECT bob ORDER_NOT_OPEN field order_id", "REJECT bob ORDER_NOT_OPEN field order_id");
}

/* ---- rejected ---- */

static void a_rejected_order_goes_to_the_next_venue_of_its_rule(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA", "ROUTES TO ALPHA BETA", "BUY ann 10 @ 100");
    when(w, "REPORT ann REJECT REASON no", "REPORT ann REJECT");
    then(w, "ROUTED ann BETA attempt 2 cause VENUE_REJECTED rule 1", "CANCELLED ann 10 VENUE_REJECTED",
         "ROUTE ann CANCELLED open NO", "RESERVED ann 0.00");
}

static void the_next_venue_may_be_the_book(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA BOOK", "SELL bob 4 @ 100 VENUE BOOK", "BUY ann 10 @ 100");
    when(w, "REPORT ann REJECT");
    then(w, "ROUTED ann BOOK attempt 2 cause VENUE_REJECTED", "FILL ann bob 4 @ 100", "RESTS ann 6 @ 100",
         "ROUTE ann NONE");
}

static void an_order_that_must_be_filled_whole_is_not_filled_in_part_by_the_book(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA BOOK", "SELL bob 4 @ 100 VENUE BOOK", "BUY ann 10 @ 100 FOK",
          "BUY cat 3 @ 100 FOK");
    when(w, "REPORT ann REJECT", "REPORT cat REJECT");
    then(w, "ROUTED ann BOOK attempt 2 cause VENUE_REJECTED", "CANCELLED ann 10 FOK_UNFILLED", "RESERVED ann 0.00",
         "ROUTED cat BOOK", "FILL cat bob 3 @ 100", "RESTS bob 1 @ 100");
}

static void what_a_change_may_come_to_is_not_too_large(void **state)
{
    struct world *w = *state;
    given(w, "CURRENCY BIG SCALE 18", "INSTRUMENT ABC IN BIG TICK 1 LOT 1", "VENUE ALPHA", "BUY ann 1 @ 1 OF ABC");
    for (int n = 0; n < 15; n++) given(w, "DEPOSIT ann 1200000000 BIG");
    given(w, "BUY ann 10 @ 100000000 OF ABC VENUE ALPHA AS sent", "ACK sent X1");
    when(w, "MODIFY sent TO 1 @ 1000000000");
    then(w, "REJECT ann NOTIONAL_TOO_LARGE", "ROUTE sent ACKED");
}

static void a_rejected_order_waits_for_a_venue_that_is_down(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA DOWN", "ROUTES TO ALPHA BETA", "BUY ann 10 @ 100", "BUY bob 10 @ 100 IOC");
    when(w, "REPORT ann REJECT", "REPORT bob REJECT");
    then(w, "ROUTED ann NONE attempt 2 cause VENUE_REJECTED retry 300", "CANCELLED bob 10 VENUE_REJECTED",
         "ROUTE ann PENDING_ROUTE tries 1 due 299", "WAITS ann 10 PENDING_ROUTE");
}

static void a_venue_that_rejected_it_is_not_asked_again_but_by_hand(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA DOWN", "ROUTES TO ALPHA BETA", "BUY ann 10 @ 100", "REPORT ann REJECT");
    when(w, "VENUE ALPHA DOWN", "VENUE ALPHA UP", "ROUTE ann TO ALPHA", "REPORT ann REJECT");
    then(w, "ROUTED ann ALPHA cause BY_HAND", "ROUTED ann NONE cause VENUE_REJECTED");
}

static void a_broker_that_filled_some_cannot_reject(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "EXECUTE ann 4 @ 100 EXEC E1", "BUY bob 1 @ 100 VENUE ALPHA", "ACK bob B-1");
    when(w, "REPORT ann REJECT", "REPORT bob REJECT", "REPORT bob NOT_FOUND");
    then(w, "REJECT ann REPORT_NOT_EXPECTED field report value 2 limit NONE",
         "REJECT bob REPORT_NOT_EXPECTED field report value 2", "REJECT bob REPORT_NOT_EXPECTED field report value 2");
}

/* ---- cancelled ---- */

static void a_cancel_is_asked_for_and_answered(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "CANCEL ann", "CANCEL ann", "MODIFY ann TO 5", "REPORT ann CANCELLED");
    then(w, "BROKER ann PENDING_CANCEL before ACKED report NONE leaves 10 hold 1000.00",
         "REJECT ann REQUEST_PENDING field order_id", "REJECT ann REQUEST_PENDING field order_id",
         "BROKER ann PENDING_CANCEL before PENDING_CANCEL report CANCELLED", "CANCELLED ann 10 REQUESTED", "GONE ann",
         "ROUTE ann CANCELLED open NO");
}

static void a_cancel_may_be_asked_for_before_the_acknowledgement(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "CANCEL ann", "ACK ann A-1", "REPORT ann CANCELLED");
    then(w, "BROKER ann PENDING_CANCEL before ROUTED", "ACKED ann A-1 state PENDING_CANCEL",
         "BROKER ann PENDING_CANCEL report CANCELLED", "CANCELLED ann 10 REQUESTED");
}

static void a_cancel_may_be_rejected(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "CANCEL ann");
    when(w, "REPORT ann CANCEL_REJECTED REASON too-late", "REPORT ann CANCEL_REJECTED", "CANCEL ann");
    then(w, "BROKER ann ACKED before PENDING_CANCEL report CANCEL_REJECTED reason too-late",
         "REJECT ann REPORT_NOT_EXPECTED value 2", "BROKER ann PENDING_CANCEL");
}

static void fills_go_on_while_a_cancel_is_on_its_way(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "CANCEL ann");
    when(w, "EXECUTE ann 4 @ 100 EXEC E1", "EXECUTE ann 6 @ 100 EXEC E2", "REPORT ann CANCELLED");
    then(w, "FILL ann @ALPHA 4 @ 100", "FILL ann @ALPHA 6 @ 100", "REJECT ann ORDER_NOT_OPEN field order_id",
         "ROUTE ann FILLED");
}

static void a_broker_may_end_an_order_unasked(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "BUY bob 10 @ 100 VENUE ALPHA", "EXECUTE bob 3 @ 100 EXEC B1");
    when(w, "REPORT ann CANCELLED REASON halted", "REPORT bob EXPIRED");
    then(w, "CANCELLED ann 10 VENUE_CANCELLED", "EXPIRED bob 7", "ROUTE ann CANCELLED filled 0",
         "ROUTE bob CANCELLED filled 3");
}

static void the_end_of_the_day_is_asked_for(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "BUY bob 10 @ 100 GTC VENUE ALPHA", "BUY cat 10 @ 100 VENUE ALPHA", "CANCEL cat");
    when(w, "END_OF_DAY", "REPORT ann CANCELLED", "REPORT cat CANCELLED");
    then(w, "BROKER ann PENDING_CANCEL", "SWEPT 1 DONE sweep END_OF_DAY", "BROKER ann PENDING_CANCEL report CANCELLED",
         "EXPIRED ann 10", "BROKER cat PENDING_CANCEL report CANCELLED", "CANCELLED cat 10 REQUESTED",
         "ROUTE bob ROUTED");
}

static void a_mass_cancel_asks_for_each(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "BUY ann 5 @ 99 AS rests", "SELL ann 5 @ 110 VENUE ALPHA AS sells");
    when(w, "MASS_CANCEL ann BUY", "MASS_CANCEL", "REPORT sells CANCELLED");
    then(w, "BROKER ann PENDING_CANCEL", "CANCELLED ann 5 MASS_CANCEL", "SWEPT 2 DONE", "BROKER ann PENDING_CANCEL",
         "SWEPT 1 DONE", "BROKER ann PENDING_CANCEL report CANCELLED", "CANCELLED ann 5 MASS_CANCEL",
         "WAITS ann 10 AT_BROKER");
}

static void an_expiry_is_asked_for_once(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "BUY ann 10 @ 100 GTD +10s VENUE ALPHA", "BUY bob 10 @ 100 GTD +10s VENUE ALPHA",
          "CANCEL bob");
    when(w, "WAIT +10s", "TICK", "REPORT ann CANCEL_REJECTED", "TICK", "REPORT bob CANCEL_REJECTED", "TICK");
    then(w, "BROKER ann PENDING_CANCEL report NONE", "BROKER ann ACKED report CANCEL_REJECTED",
         "BROKER bob ACKED report CANCEL_REJECTED", "ROUTE ann ACKED", "ROUTE bob ACKED");
}

/* ---- modified ---- */

static void a_modification_holds_for_the_worse_of_both_until_it_is_answered(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "MODIFY ann TO 12 @ 101", "REPORT ann REPLACED");
    then(w, "BROKER ann PENDING_MODIFY before ACKED price 101 quantity 12 stop 0 leaves 12 hold 1212.00",
         "MODIFIED ann 12 @ 101 KEEPS hold 1212.00", "BROKER ann ACKED before PENDING_MODIFY report REPLACED",
         "WAITS ann 12 AT_BROKER price 101 hold 1212.00", "ROUTE ann ACKED price 0 quantity 0 old 0");
}

static void a_decrease_holds_as_before_until_it_is_answered(void **state)
{
    struct world *w = *state;
    given(w, ACKED);
    when(w, "MODIFY ann TO 6 @ 90", "REPORT ann REPLACED");
    then(w, "BROKER ann PENDING_MODIFY price 90 quantity 6 leaves 10 hold 1000.00",
         "MODIFIED ann 6 @ 90 KEEPS hold 540.00", "BROKER ann ACKED", "WAITS ann 6 AT_BROKER price 90",
         "RESERVED ann 540.00");
}

static void a_rejected_modification_leaves_the_order_as_it_was(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "EXECUTE ann 3 @ 100 EXEC E1", "MODIFY ann TO 15 @ 110");
    when(w, "REPORT ann REPLACE_REJECTED");
    then(w, "BROKER ann ACKED before PENDING_MODIFY report REPLACE_REJECTED leaves 7 hold 700.00",
         "WAITS ann 7 AT_BROKER price 100 hold 700.00", "RESERVED ann 700.00");
}

static void a_fill_that_overtakes_a_decrease_ends_the_order(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "MODIFY ann TO 5", "EXECUTE ann 7 @ 100 EXEC E1");
    when(w, "REPORT ann REPLACED");
    then(w, "CANCELLED ann 3 REDUCED_TO_FILLED", "GONE ann", "POSITION ann 7", "ROUTE ann CANCELLED filled 7",
         "RESERVED ann 0.00");
}

static void an_increase_that_was_filled_and_then_rejected_is_filled(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "MODIFY ann TO 12", "EXECUTE ann 10 @ 100 EXEC E1");
    when(w, "REPORT ann REPLACE_REJECTED");
    then(w, "BROKER ann FILLED before PENDING_MODIFY report REPLACE_REJECTED leaves 0 hold 0.00", "GONE ann",
         "ROUTE ann FILLED filled 10");
}

static void a_quantity_that_is_filled_already_asks_for_a_cancel(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "EXECUTE ann 4 @ 100 EXEC E1");
    when(w, "MODIFY ann TO 4", "REPORT ann CANCELLED");
    then(w, "BROKER ann PENDING_CANCEL", "BROKER ann PENDING_CANCEL report CANCELLED",
         "CANCELLED ann 6 REDUCED_TO_FILLED", "ROUTE ann CANCELLED filled 4");
}

static void nothing_is_modified_before_it_is_acknowledged(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "MODIFY ann TO 5", "ACK ann A-1", "MODIFY ann TO 5", "MODIFY ann TO 6", "CANCEL ann");
    then(w, "REJECT ann REQUEST_PENDING field order_id", "BROKER ann PENDING_MODIFY",
         "REJECT ann REQUEST_PENDING field order_id", "REJECT ann REQUEST_PENDING field order_id");
}

static void what_a_modification_would_need_must_be_there(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ACCOUNT ann CASH", "DEPOSIT ann 1000", "BUY ann 10 @ 100 VENUE ALPHA", "ACK ann A-1");
    when(w, "MODIFY ann @ 101", "MODIFY ann TO 11", "MODIFY ann TO 8 @ 101");
    then(w, "REJECT ann CASH_SHORT value 1010.00 limit 1000.00", "REJECT ann CASH_SHORT value 1100.00 limit 1000.00",
         "REJECT ann CASH_SHORT value 1010.00 limit 1000.00", "ROUTE ann ACKED");
}

static void a_stop_at_a_broker_is_the_brokers(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "VENUE ALPHA");
    when(w, "BUY ann 10 @ MARKET STOP 90 VENUE ALPHA", "ACK ann A-1", "MODIFY ann STOP 95", "REPORT ann REPLACED",
         "EXECUTE ann 10 @ 96 EXEC E1");
    then(w, "PLACED ann 10 @ MARKET stop 90 hold 900.00 phase AT_BROKER",
         "BROKER ann PENDING_MODIFY stop 95 price 0 quantity 0 hold 950.00", "MODIFIED ann 10 @ MARKET KEEPS stop 95",
         "BROKER ann ACKED", "FILL ann @ALPHA 10 @ 96", "GONE ann");
}

static void a_market_order_holds_by_the_quote_or_the_last_price(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "SELL bob 1 @ 100", "INSTRUMENT XYZ COLLAR 10");
    when(w, "BUY ann 10 @ MARKET VENUE ALPHA", "BUY cat 1 @ 100", "BUY ann 10 @ MARKET VENUE ALPHA",
         "QUOTE XYZ ASK 120 1", "BUY ann 10 @ MARKET VENUE ALPHA", "SELL ann 10 @ MARKET VENUE ALPHA");
    then(w, "REJECT ann NO_REFERENCE_PRICE", "PLACED cat 1 @ 100", "FILL cat bob 1 @ 100",
         "PLACED ann 10 @ MARKET hold 1100.00", "PLACED ann 10 @ MARKET hold 1320.00",
         "PLACED ann 10 @ MARKET hold 1000.00");
}

static void the_collar_of_the_book_is_not_asked_for_a_broker(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "SELL bob 1 @ 100", "BUY cat 1 @ 100", "INSTRUMENT XYZ COLLAR 1");
    when(w, "BUY ann 1 @ 150", "BUY ann 1 @ 150 VENUE ALPHA");
    then(w, "REJECT ann PRICE_OUTSIDE_COLLAR", "WAITS ann 1 AT_BROKER");
}

/* ---- in doubt ---- */

static void without_an_answer_an_order_is_in_doubt(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "REPORT ann UNKNOWN REASON timeout", "CANCEL ann", "REPORT ann UNKNOWN", "ACK ann A-1");
    then(w, "BROKER ann UNKNOWN before ROUTED report UNKNOWN reason timeout",
         "REJECT ann REQUEST_PENDING field order_id", "REJECT ann REPORT_NOT_EXPECTED field report value 5",
         "ACKED ann A-1 state ACKED", "ROUTE ann ACKED");
}

static void a_fill_ends_the_doubt(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "REPORT ann UNKNOWN");
    when(w, "EXECUTE ann 4 @ 100 EXEC E1");
    then(w, "BROKER ann ACKED before UNKNOWN", "FILL ann @ALPHA 4 @ 100", "ROUTE ann ACKED");
}

static void an_order_that_the_broker_never_had_is_sent_again(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "REPORT ann UNKNOWN");
    when(w, "REPORT ann NOT_FOUND", "REPORT ann UNKNOWN", "VENUE ALPHA DOWN", "REPORT ann NOT_FOUND");
    then(w, "BROKER ann UNKNOWN before UNKNOWN report NOT_FOUND", "ROUTED ann ALPHA attempt 2 cause NOT_FOUND",
         "BROKER ann UNKNOWN before ROUTED report UNKNOWN", "BROKER ann UNKNOWN report NOT_FOUND",
         "ROUTED ann NONE attempt 3 cause NOT_FOUND retry 300", "ROUTE ann PENDING_ROUTE tries 1");
}

static void a_cancel_in_doubt_may_have_happened_or_not(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "BUY bob 10 @ 100 VENUE ALPHA", "CANCEL ann", "CANCEL bob", "REPORT ann UNKNOWN",
          "REPORT bob UNKNOWN");
    when(w, "REPORT ann CANCEL_REJECTED", "REPORT bob CANCELLED");
    then(w, "BROKER ann ACKED before UNKNOWN report CANCEL_REJECTED",
         "BROKER bob UNKNOWN before UNKNOWN report CANCELLED", "CANCELLED bob 10 REQUESTED", "ROUTE ann ACKED ext A-1");
}

static void a_modification_in_doubt_is_settled_by_the_next_answer(void **state)
{
    struct world *w = *state;
    given(w, ACKED, "MODIFY ann TO 12 @ 101", "REPORT ann UNKNOWN");
    when(w, "ACK ann A-1");
    then(w, "BROKER ann ACKED before UNKNOWN report ACK", "ACKED ann A-1 state ACKED",
         "WAITS ann 10 AT_BROKER price 100 hold 1000.00", "ROUTE ann ACKED quantity 0");
}

static void a_report_must_be_one_of_the_list_and_its_texts_short(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA);
    when(w, "REPORT ann 0", "REPORT ann 10", "REPORT ann ACK EXT_LENGTH 65", "REPORT ann REJECT EXT_LENGTH 65",
         "REPORT ann REJECT REASON_LENGTH 97", "REPORT =99 REJECT");
    then(w, "REJECT ann FIELD_INVALID field report", "REJECT ann FIELD_INVALID field report",
         "REJECT ann FIELD_INVALID field ext_order_id", "REJECT ann FIELD_INVALID field ext_order_id",
         "REJECT ann FIELD_INVALID field reason", "REJECT ORDER_NOT_OPEN field order_id");
}

/* ---- limits ---- */

static void the_engine_keeps_so_many_routes(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS routes_max 1", "VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA");
    when(w, "BUY bob 1 @ 100 VENUE ALPHA", "BUY bob 1 @ 100", "EXECUTE ann 10 @ 100 EXEC E1",
         "BUY cat 1 @ 100 VENUE ALPHA");
    then(w, "REJECT bob ROUTES_FULL value NONE limit 1", "FILL ann @ALPHA 10 @ 100", "REJECT cat ROUTES_FULL limit 1",
         "RESTS bob 1 @ 100");
}

static void a_cash_account_holds_for_its_orders_at_brokers(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TAKER 100", "ACCOUNT ann CASH", "DEPOSIT ann 2020", "VENUE ALPHA");
    when(w, "BUY ann 10 @ 100 VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA", "BUY ann 1 @ 100 VENUE ALPHA",
         "SELL ann 1 @ 100 VENUE ALPHA");
    then(w, "REJECT ann CASH_SHORT value 101.00 limit 0.00", "REJECT ann POSITION_SHORT", "RESERVED ann 2020.00");
}

static void an_account_in_liquidation_gives_up_its_orders_at_brokers(void **state)
{
    struct world *w = *state;
    given(w, "ACCOUNT ann MARGIN LEVERAGE 10 LIQUIDATION 50", "DEPOSIT ann 1000", "SELL bob 20 @ 100",
          "BUY ann 20 @ 100", "VENUE ALPHA", "BUY ann 1 @ 100 VENUE ALPHA AS out", "ACK out A-1", "BUY bob 30 @ 60");
    when(w, "SELL bob 1 @ 60", "CHECK_MARGIN ann");
    then(w, "FILL bob bob 1 @ 60", "MARGIN_CALLED ann LIQUIDATION", "BROKER ann PENDING_CANCEL", "FILL ann bob 20 @ 60",
         "WAITS ann 1 AT_BROKER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_broker_acknowledges_an_order_under_a_name_of_its_own),
        in_a_world(an_acknowledgement_counts_once_and_keeps_its_name),
        in_a_world(a_fill_trades_with_the_account_of_the_venue),
        in_a_world(a_fill_says_that_the_broker_has_the_order),
        in_a_world(the_last_fill_ends_the_order_and_leaves_its_route),
        in_a_world(a_fill_of_more_than_is_left_is_taken_as_it_is),
        in_a_world(a_fill_that_comes_after_the_end_is_taken_too),
        in_a_world(a_late_fill_makes_its_position_again),
        in_a_world(executions_are_taken_while_everything_is_halted),
        in_a_world(only_its_own_broker_speaks_of_an_order),
        in_a_world(nobody_speaks_of_an_order_that_waits_for_a_venue),
        in_a_world(a_rejected_order_goes_to_the_next_venue_of_its_rule),
        in_a_world(the_next_venue_may_be_the_book),
        in_a_world(an_order_that_must_be_filled_whole_is_not_filled_in_part_by_the_book),
        in_a_world(what_a_change_may_come_to_is_not_too_large),
        in_a_world(a_rejected_order_waits_for_a_venue_that_is_down),
        in_a_world(a_venue_that_rejected_it_is_not_asked_again_but_by_hand),
        in_a_world(a_broker_that_filled_some_cannot_reject),
        in_a_world(a_cancel_is_asked_for_and_answered),
        in_a_world(a_cancel_may_be_asked_for_before_the_acknowledgement),
        in_a_world(a_cancel_may_be_rejected),
        in_a_world(fills_go_on_while_a_cancel_is_on_its_way),
        in_a_world(a_broker_may_end_an_order_unasked),
        in_a_world(the_end_of_the_day_is_asked_for),
        in_a_world(a_mass_cancel_asks_for_each),
        in_a_world(an_expiry_is_asked_for_once),
        in_a_world(a_modification_holds_for_the_worse_of_both_until_it_is_answered),
        in_a_world(a_decrease_holds_as_before_until_it_is_answered),
        in_a_world(a_rejected_modification_leaves_the_order_as_it_was),
        in_a_world(a_fill_that_overtakes_a_decrease_ends_the_order),
        in_a_world(an_increase_that_was_filled_and_then_rejected_is_filled),
        in_a_world(a_quantity_that_is_filled_already_asks_for_a_cancel),
        in_a_world(nothing_is_modified_before_it_is_acknowledged),
        in_a_world(what_a_modification_would_need_must_be_there),
        in_a_world(a_stop_at_a_broker_is_the_brokers),
        in_a_world(a_market_order_holds_by_the_quote_or_the_last_price),
        in_a_world(the_collar_of_the_book_is_not_asked_for_a_broker),
        in_a_world(without_an_answer_an_order_is_in_doubt),
        in_a_world(a_fill_ends_the_doubt),
        in_a_world(an_order_that_the_broker_never_had_is_sent_again),
        in_a_world(a_cancel_in_doubt_may_have_happened_or_not),
        in_a_world(a_modification_in_doubt_is_settled_by_the_next_answer),
        in_a_world(a_report_must_be_one_of_the_list_and_its_texts_short),
        in_a_world(the_engine_keeps_so_many_routes),
        in_a_world(a_cash_account_holds_for_its_orders_at_brokers),
        in_a_world(an_account_in_liquidation_gives_up_its_orders_at_brokers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
