/* tests/core/test_routing.c - the decision where an order goes: venues, rules, what waits for a venue and for how long, and the operator
 * who decides in the end. */
#include "tests/world/world.h"

#include <stdio.h>

/* ---- venues ---- */

static void a_venue_is_up_when_it_is_made_and_says_every_change(void **state)
{
    struct world *w = *state;
    given(w, "VENUE BETA DOWN");
    when(w, "VENUE ALPHA", "VENUE ALPHA DEGRADED BREAKER", "VENUE ALPHA SIMULATED");
    then(w, "VENUE ALPHA UP before NONE cause OPERATOR simulated NO number 4",
         "VENUE ALPHA DEGRADED before UP cause BREAKER", "VENUE ALPHA DEGRADED before DEGRADED simulated YES",
         "VENUE_IS ALPHA DEGRADED", "VENUE_IS BETA DOWN", "VENUE_IS BOOK UP", "VENUE_IS QUOTE UP", "TABLES venues 4");
}

static void some_names_are_not_for_venues(void **state)
{
    struct world *w = *state;
    when(w, "VENUE \"\"", "VENUE @ALPHA", "VENUE fees", "VENUE external", "VENUE import",
         "VENUE a-name-of-23-characters", "VENUE a-name-of-22-character");
    then(w, "REJECT FIELD_INVALID field venue", "REJECT NAME_RESERVED field venue", "REJECT NAME_RESERVED field venue",
         "REJECT NAME_RESERVED field venue", "REJECT NAME_RESERVED field venue", "REJECT FIELD_INVALID field venue",
         "VENUE_IS a-name-of-22-character UP");
}

static void there_are_so_many_venues_and_no_more(void **state)
{
    struct world *w = *state;
    char sentence[40];
    given(w, "LIMITS accounts_max 100");
    for (int k = VENUE_BROKER_FIRST; k <= VENUES_MAX; k++) {
        snprintf(sentence, sizeof sentence, "VENUE V%d", k);
        given(w, sentence);
    }
    when(w, "VENUE ONE_MORE", "VENUE V3 DOWN");
    then(w, "REJECT VENUES_FULL field NONE value NONE limit 32", "VENUE_IS V3 DOWN", "TABLES venues 32");
}

static void a_venue_needs_an_account_of_its_own(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS accounts_max 5", "VENUE ALPHA");
    when(w, "VENUE BETA", "VENUE ALPHA DOWN", "VENUE BOOK DOWN", "VENUE BOOK SIMULATED");
    then(w, "REJECT ACCOUNTS_FULL limit 5", "REJECT ACCOUNTS_FULL limit 5", "VENUE_IS BOOK DOWN");
}

/* ---- rules and defaults ---- */

static void an_order_that_names_its_venue_goes_there(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA");
    when(w, "BUY ann 10 @ 100 VENUE ALPHA");
    then(w, "PLACED ann 10 @ 100 hold 1000.00 phase AT_BROKER",
         "ROUTED ann ALPHA candidates ALPHA rule 0 attempt 1 cause PLACED asked YES review NO retry 0",
         "WAITS ann 10 AT_BROKER price 100", "ROUTE ann ROUTED venue ALPHA asked YES attempt 1 due 0", "BIDS NONE",
         "RESERVED ann 1000.00", "TABLES routes 1");
}

static void without_a_rule_orders_go_to_the_book(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA");
    when(w, "BUY ann 10 @ 100", "SELL bob 4 @ MARKET");
    then(w, "FILL bob ann 4 @ 100", "RESTS ann 6 @ 100", "ROUTE ann NONE", "TABLES routes 0");
}

static void without_a_book_a_market_order_takes_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 5 ASK 101 8");
    when(w, "BUY ann 3 @ MARKET", "BUY ann 3 @ 101", "SELL bob 1 @ 102", "BUY cat 1 @ MARKET");
    then(w, "FILL ann @QUOTE 3 @ 101", "FILL cat bob 1 @ 102", "RESTS ann 3 @ 101");
}

static void the_first_rule_that_fits_names_the_venues(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA",
          "ROUTES OF XYZ TYPE LIMIT MAX 100 TO ALPHA BETA ; FOR bob TO BOOK ; SELL MIN 50.5 TO QUOTE BETA ; TO BETA");
    when(w, "BUY ann 100 @ 10", "BUY ann 101 @ 10", "BUY bob 101 @ 9", "SELL cat 101 @ 99", "BUY bob 5 @ 8");
    then(w, "ROUTED ann ALPHA rule 1 candidates ALPHA,BETA asked NO", "ROUTED ann BETA rule 4 candidates BETA",
         "ROUTED bob BOOK rule 2 candidates BOOK venue BOOK", "ROUTED cat QUOTE rule 3 candidates QUOTE,BETA",
         "ROUTED bob ALPHA rule 1", "RESTS bob 101 @ 9", "WAITS cat 101 AT_QUOTE", "TABLES routes 3 rules 4");
}

static void a_table_says_its_rules_when_it_is_set(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA");
    when(w, "ROUTES FOR ann OF ABC BUY TYPE STOP MIN 1 MAX 2.5 TO BOOK ALPHA ; TO QUOTE", "ROUTES");
    then(w, "ROUTING 2", "RULE 1 BOOK,ALPHA account ann symbol ABC side BUY type STOP min 1 max 2.5",
         "RULE 2 QUOTE account NONE symbol NONE side NONE type NONE min NONE max NONE", "ROUTING 0", "TABLES rules 0");
}

static void a_table_is_taken_whole_or_not_at_all(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA");
    when(w, "ROUTES TO BOOK ; OF XYZ", "ROUTES TO BOOK ; TO ALPHA BOOK ALPHA", "ROUTES TO BOOK ; TO BOOK \"\" ALPHA",
         "ROUTES MIN 5 MAX 4.99 TO BOOK", "ROUTES MIN 5 MAX 5.00 TO NYSE", "ROUTES TYPE 5 TO BOOK",
         "ROUTES SIDE 3 TO BOOK", "ROUTES MIN -1 TO BOOK", "ROUTES MAX -1 TO BOOK");
    then(w, "REJECT RULE_INVALID field venue value 2 limit NONE", "REJECT RULE_INVALID field venue value 2",
         "REJECT RULE_INVALID field venue value 2", "REJECT RULE_INVALID field max_quantity value 1",
         "REJECT UNKNOWN_VENUE field venue value 1", "REJECT FIELD_INVALID field type",
         "REJECT FIELD_INVALID field side", "REJECT FIELD_INVALID field min_quantity",
         "REJECT FIELD_INVALID field max_quantity", "TABLES rules 1");
}

static void orders_that_are_out_stay_where_they_are(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA", "ROUTES TO ALPHA", "BUY ann 10 @ 100");
    when(w, "ROUTES TO BETA", "VENUE ALPHA DOWN");
    then(w, "NOTHING", "ROUTE ann ROUTED venue ALPHA");
}

static void a_venue_that_does_not_take_the_order_is_passed_over(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA BOOK");
    when(w, "BUY ann 10 @ 100 POST_ONLY", "BUY ann 10 @ 100 DISPLAY 2", "BUY ann 10 @ 100 AON",
         "BUY ann 10 @ MARKET MIN 2");
    then(w, "ROUTED ann BOOK candidates ALPHA,BOOK", "ROUTED ann BOOK", "ROUTED ann BOOK", "ROUTED ann BOOK",
         "CANCELLED ann 10 MIN_QUANTITY");
}

static void where_nobody_takes_it_the_order_is_not_supported(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "ROUTES TO ALPHA QUOTE");
    when(w, "BUY ann 10 @ 100 POST_ONLY", "BUY ann 10 @ 100 VENUE ALPHA DISPLAY 2",
         "BUY ann FOR 100 @ MARKET VENUE ALPHA", "SELL ann 1 @ 100 REDUCE_ONLY VENUE ALPHA",
         "SELL ann 1 @ MARKET TRAIL 5 VENUE ALPHA", "BUY ann 1 @ 100 ON_CLOSE VENUE ALPHA");
    then(w, "REJECT ann NOT_SUPPORTED field venue", "REJECT ann NOT_SUPPORTED field venue",
         "REJECT ann NOT_SUPPORTED field venue", "REJECT ann NOT_SUPPORTED field venue",
         "REJECT ann NOT_SUPPORTED field venue", "REJECT ann NOT_SUPPORTED field venue");
}

static void groups_and_gtts_go_to_the_book_whatever_the_rules_say(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "VENUE ALPHA", "ROUTES TO ALPHA");
    when(w, "OCO BUY ann 2 @ 90 OR @ 91", "OTO BUY ann 2 @ 90 VENUE ALPHA THEN SELL @ 110",
         "GTT BUY dan TRIGGER 99 1 @ 99", "VENUE BOOK DOWN", "BRACKET BUY ann 2 @ 92 TAKE @ 110 LOSS @ MARKET STOP 80");
    then(w, "REJECT ann LINK_NOT_ALLOWED field venue", "BIDS 2 @ 92 2 @ 91 2 @ 90", "TABLES routes 0");
}

/* ---- up, degraded, down ---- */

static void the_first_venue_that_is_up_is_chosen_and_a_degraded_one_only_without_it(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DEGRADED", "VENUE BETA DOWN", "VENUE GAMMA", "ROUTES TO BETA ALPHA GAMMA");
    when(w, "BUY ann 1 @ 100", "VENUE GAMMA DOWN", "BUY ann 1 @ 100", "VENUE GAMMA UP", "VENUE BETA UP",
         "BUY ann 1 @ 100");
    then(w, "ROUTED ann GAMMA candidates BETA,ALPHA,GAMMA", "ROUTED ann ALPHA", "ROUTED ann BETA");
}

static void an_order_that_can_wait_waits_for_a_venue(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "ROUTES TO ALPHA");
    when(w, "BUY ann 10 @ 100");
    then(w, "PLACED ann 10 @ 100 hold 1000.00 phase PENDING_ROUTE",
         "ROUTED ann NONE candidates ALPHA rule 1 attempt 1 cause PLACED review NO retry 300 venue NONE",
         "WAITS ann 10 PENDING_ROUTE", "ROUTE ann PENDING_ROUTE venue NONE tries 1 due 300", "RESERVED ann 1000.00");
}

static void an_order_that_cannot_wait_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "SELL bob 1 @ 100", "ROUTES TO ALPHA");
    when(w, "BUY ann 10 @ 100 IOC", "BUY ann 10 @ 100 FOK", "BUY ann 10 @ 100 AON VENUE ALPHA", "VENUE BOOK DOWN",
         "BUY ann 10 @ 100 VENUE BOOK AON", "BUY ann 10 @ 100 VENUE BOOK");
    then(w, "REJECT ann VENUE_DOWN field venue", "REJECT ann VENUE_DOWN field venue",
         "REJECT ann NOT_SUPPORTED field venue", "REJECT ann VENUE_DOWN field venue", "WAITS ann 10 PENDING_ROUTE");
}

static void it_is_decided_again_every_five_minutes_and_then_by_an_operator(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "BUY ann 10 @ 100 VENUE ALPHA");
    when(w, "WAIT +299s", "TICK", "WAIT +1s", "TICK", "WAIT +300s", "TICK");
    then(w, "ROUTED ann NONE attempt 2 cause RETRIED review NO",
         "ROUTED ann NONE attempt 3 cause RETRIED review YES retry 0",
         "ROUTE ann PENDING_ROUTE review YES tries 3 attempt 3 due 0");
}

static void a_retry_finds_the_venue_that_the_rules_name_by_then(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "VENUE BETA", "ROUTES TO ALPHA", "BUY ann 10 @ 100", "ROUTES TO BETA");
    when(w, "WAIT +300s", "TICK");
    then(w, "ROUTED ann BETA candidates BETA rule 1 attempt 2 cause RETRIED asked NO retry 0",
         "ROUTE ann ROUTED venue BETA tries 0 due 0", "WAITS ann 10 AT_BROKER");
}

static void a_venue_that_comes_up_gets_what_waits_in_order(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "VENUE BETA DOWN", "ROUTES OF XYZ BUY TO ALPHA ; TO BETA", "BUY ann 10 @ 100",
          "SELL bob 10 @ 110", "BUY cat 10 @ 101");
    when(w, "VENUE ALPHA UP");
    then(w, "VENUE ALPHA UP before DOWN", "ROUTED ann ALPHA attempt 2 cause VENUE_UP",
         "ROUTED cat ALPHA attempt 2 cause VENUE_UP", "SWEPT 2 DONE sweep ROUTES", "ROUTE bob PENDING_ROUTE tries 1",
         "ROUTE ann ROUTED tries 0");
}

static void what_waits_for_an_operator_goes_too_when_a_venue_comes_up(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "BUY ann 10 @ 100 VENUE ALPHA", "WAIT +300s", "TICK", "WAIT +300s", "TICK");
    when(w, "VENUE ALPHA DEGRADED");
    then(w, "ROUTED ann ALPHA attempt 4 cause VENUE_UP", "ROUTE ann ROUTED");
}

static void more_than_one_command_may_touch_goes_on_later(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "VENUE ALPHA DOWN", "ROUTES TO ALPHA", "BUY ann 1 @ 100", "BUY bob 1 @ 100",
          "BUY cat 1 @ 100", "BUY dan 1 @ 100", "BUY eve 1 @ 100");
    when(w, "VENUE ALPHA UP", "BUY ann 1 @ 100", "CANCEL cat", "CONTINUE");
    then(w, "ROUTED ann ALPHA", "ROUTED bob ALPHA", "SWEPT 2 MORE sweep ROUTES", "REJECT ann SWEEP_PENDING",
         "CANCELLED cat 1 REQUESTED", "ROUTED dan ALPHA", "ROUTED eve ALPHA", "SWEPT 2 DONE sweep ROUTES", "SETTLED");
}

static void an_order_that_waits_may_end_up_in_the_book(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 4 @ 99", "VENUE ALPHA DOWN", "ROUTES TO ALPHA", "BUY ann 10 @ 100", "ROUTES TO BOOK");
    when(w, "WAIT +300s", "TICK");
    then(w, "ROUTED ann BOOK attempt 2 cause RETRIED venue BOOK", "FILL ann bob 4 @ 99", "RESTS ann 6 @ 100",
         "ROUTE ann NONE", "TABLES routes 0");
}

static void a_stop_that_waited_joins_the_stops_of_the_book(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "VENUE ALPHA DOWN", "SELL ann 10 @ MARKET STOP 95 VENUE ALPHA",
          "BUY dan 20 @ 90");
    when(w, "ROUTE ann TO BOOK", "SELL bob 1 @ 95", "BUY cat 1 @ 95");
    then(w, "ROUTED ann BOOK cause BY_HAND", "FILL cat bob 1 @ 95", "FILL ann dan 10 @ 90", "GONE ann");
}

static void a_market_order_that_waited_takes_the_quote(void **state)
{
    struct world *w = *state;
    given(w, "QUOTE XYZ BID 99 50 ASK 101 50", "VENUE ALPHA DOWN", "BUY ann 10 @ MARKET VENUE ALPHA");
    when(w, "ROUTE ann TO QUOTE");
    then(w, "ROUTED ann QUOTE cause BY_HAND", "FILL ann @QUOTE 10 @ 101", "GONE ann", "RESERVED ann 0.00");
}

static void while_trading_is_halted_nothing_is_sent(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "BUY ann 10 @ 100 VENUE ALPHA", "TRADING HALTED OF XYZ");
    when(w, "VENUE ALPHA UP", "WAIT +300s", "TICK", "TRADING ACTIVE OF XYZ", "WAIT +300s", "TICK");
    then(w, "ROUTED ann NONE attempt 2 cause RETRIED", "ROUTED ann ALPHA attempt 3 cause RETRIED");
}

static void a_decision_for_the_book_waits_until_its_instrument_is_live(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "ROUTES TO ALPHA", "BUY ann 10 @ 100", "ROUTES TO BOOK", "STATE XYZ PRE_OPEN");
    when(w, "WAIT +300s", "TICK", "STATE XYZ CONTINUOUS", "WAIT +300s", "TICK");
    then(w, "ROUTED ann NONE attempt 2", "ROUTED ann BOOK attempt 3", "RESTS ann 10 @ 100");
}

static void an_order_that_waits_ends_at_once(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "ROUTES TO ALPHA", "BUY ann 1 @ 100", "BUY bob 1 @ 100", "BUY cat 1 @ 100 GTD +10s",
          "BUY dan 1 @ 100 GTC");
    when(w, "CANCEL ann", "END_OF_DAY", "WAIT +10s", "TICK", "MASS_CANCEL");
    then(w, "CANCELLED ann 1 REQUESTED", "EXPIRED bob 1", "EXPIRED cat 1", "CANCELLED dan 1 MASS_CANCEL",
         "TABLES routes 0", "RESERVED ann 0.00");
}

static void an_order_that_waits_may_be_modified(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "BUY ann 10 @ 100 VENUE ALPHA", "BUY bob 10 @ 100 VENUE ALPHA");
    when(w, "MODIFY ann TO 12 @ 101", "VENUE ALPHA UP");
    then(w, "MODIFIED ann 12 @ 101 LOSES hold 1212.00", "ROUTED ann ALPHA", "ROUTED bob ALPHA",
         "WAITS ann 12 AT_BROKER price 101");
}

/* ---- by hand ---- */

static void an_operator_sends_what_waits(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "VENUE BETA", "BUY ann 10 @ 100 VENUE ALPHA", "WAIT +300s", "TICK", "WAIT +300s",
          "TICK");
    when(w, "ROUTE ann TO ALPHA", "ROUTE ann", "ROUTE ann TO NYSE", "ROUTE ann TO BETA");
    then(w, "REJECT ann VENUE_DOWN field venue", "REJECT ann VENUE_DOWN field venue",
         "REJECT ann UNKNOWN_VENUE field venue",
         "ROUTED ann BETA candidates BETA attempt 4 cause BY_HAND asked YES review NO",
         "ROUTE ann ROUTED venue BETA asked YES review NO tries 0");
}

static void by_hand_the_rules_may_be_asked_again(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "VENUE BETA", "ROUTES TO ALPHA", "BUY ann 10 @ 100", "ROUTES TO ALPHA BETA");
    when(w, "ROUTE ann");
    then(w, "ROUTED ann BETA candidates ALPHA,BETA rule 1 cause BY_HAND asked NO");
}

static void what_is_at_a_broker_is_not_routed_again(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA", "BUY ann 10 @ 100 VENUE ALPHA", "BUY bob 5 @ 100");
    when(w, "ROUTE ann TO BETA", "ACK ann A-1", "ROUTE ann TO BETA", "ROUTE bob TO BETA", "REPORT ann CANCELLED",
         "ROUTE ann TO BETA");
    then(w, "REJECT ann ROUTE_NOT_ALLOWED field order_id", "REJECT ann ROUTE_NOT_ALLOWED field order_id",
         "REJECT bob ORDER_NOT_OPEN field order_id", "CANCELLED ann 10 VENUE_CANCELLED",
         "REJECT ann ORDER_NOT_OPEN field order_id");
}

static void a_sending_in_doubt_may_be_sent_elsewhere(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "VENUE BETA", "BUY ann 10 @ 100 VENUE ALPHA", "REPORT ann UNKNOWN");
    when(w, "ROUTE ann TO BETA");
    then(w, "ROUTED ann BETA cause BY_HAND attempt 2", "ROUTE ann ROUTED venue BETA");
}

static void a_halt_stops_the_operator_too(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA DOWN", "VENUE BETA", "BUY ann 10 @ 100 VENUE ALPHA", "ACCOUNT ann HALTED");
    when(w, "ROUTE ann TO BETA");
    then(w, "REJECT ann ACCOUNT_HALTED");
}

static void a_venue_needs_room_for_its_position(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS positions_max 2", "VENUE ALPHA", "VENUE BETA", "BUY ann 10 @ 100 VENUE ALPHA");
    when(w, "REPORT ann NOT_FOUND", "BUY bob 1 @ 100", "REPORT ann REJECT");
    then(w, "REJECT bob POSITIONS_FULL limit 2", "CANCELLED ann 10 VENUE_REJECTED");
}

/* What a sweep passed already must not fill behind it. */
static void nothing_is_decided_by_time_while_a_sweep_goes_on(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "VENUE ALPHA DOWN", "BUY ann 1 @ 100", "BUY bob 1 @ 99", "BUY cat 1 @ 98",
          "ROUTES FOR dan TO ALPHA", "BUY dan 5 @ 101", "ROUTES", "WAIT +299s", "MASS_CANCEL");
    when(w, "WAIT +1s", "CONTINUE", "CONTINUE");
    then(w, "CANCELLED cat 1 MASS_CANCEL", "CANCELLED dan 5 MASS_CANCEL", "BIDS NONE", "SETTLED");
}

static void nothing_joins_an_auction_that_others_are_still_joining(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", "INSTRUMENT XYZ COLLAR 50", "VENUE ALPHA DOWN", "SELL bob 1 @ 100", "BUY ann 1 @ 100",
          "QUOTE XYZ BID 99 10 ASK 101 10");
    given(w, "BUY a1 5 @ MARKET ON_CLOSE", "BUY a2 5 @ MARKET ON_CLOSE", "BUY a3 5 @ MARKET ON_CLOSE",
          "ROUTES FOR dan TO ALPHA", "SELL dan 5 @ 90", "ROUTES", "WAIT +299s", "STATE XYZ AUCTION");
    when(w, "WAIT +1s", "CONTINUE");
    then(w, "LAST 100", "WAITS dan 5 PENDING_ROUTE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_venue_is_up_when_it_is_made_and_says_every_change),
        in_a_world(some_names_are_not_for_venues),
        in_a_world(there_are_so_many_venues_and_no_more),
        in_a_world(a_venue_needs_an_account_of_its_own),
        in_a_world(an_order_that_names_its_venue_goes_there),
        in_a_world(without_a_rule_orders_go_to_the_book),
        in_a_world(without_a_book_a_market_order_takes_the_quote),
        in_a_world(the_first_rule_that_fits_names_the_venues),
        in_a_world(a_table_says_its_rules_when_it_is_set),
        in_a_world(a_table_is_taken_whole_or_not_at_all),
        in_a_world(orders_that_are_out_stay_where_they_are),
        in_a_world(a_venue_that_does_not_take_the_order_is_passed_over),
        in_a_world(where_nobody_takes_it_the_order_is_not_supported),
        in_a_world(groups_and_gtts_go_to_the_book_whatever_the_rules_say),
        in_a_world(the_first_venue_that_is_up_is_chosen_and_a_degraded_one_only_without_it),
        in_a_world(an_order_that_can_wait_waits_for_a_venue),
        in_a_world(an_order_that_cannot_wait_is_refused),
        in_a_world(it_is_decided_again_every_five_minutes_and_then_by_an_operator),
        in_a_world(a_retry_finds_the_venue_that_the_rules_name_by_then),
        in_a_world(a_venue_that_comes_up_gets_what_waits_in_order),
        in_a_world(what_waits_for_an_operator_goes_too_when_a_venue_comes_up),
        in_a_world(more_than_one_command_may_touch_goes_on_later),
        in_a_world(an_order_that_waits_may_end_up_in_the_book),
        in_a_world(a_stop_that_waited_joins_the_stops_of_the_book),
        in_a_world(a_market_order_that_waited_takes_the_quote),
        in_a_world(while_trading_is_halted_nothing_is_sent),
        in_a_world(a_decision_for_the_book_waits_until_its_instrument_is_live),
        in_a_world(an_order_that_waits_ends_at_once),
        in_a_world(an_order_that_waits_may_be_modified),
        in_a_world(an_operator_sends_what_waits),
        in_a_world(by_hand_the_rules_may_be_asked_again),
        in_a_world(what_is_at_a_broker_is_not_routed_again),
        in_a_world(a_sending_in_doubt_may_be_sent_elsewhere),
        in_a_world(a_halt_stops_the_operator_too),
        in_a_world(a_venue_needs_room_for_its_position),
        in_a_world(nothing_is_decided_by_time_while_a_sweep_goes_on),
        in_a_world(nothing_joins_an_auction_that_others_are_still_joining),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
