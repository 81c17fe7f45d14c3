/* tests/core/test_trailing.c - stops that follow the price, by a distance or a percentage, and never step back. */
#include "tests/world/world.h"

static void a_trailing_stop_begins_at_its_distance_from_the_last_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "SELL ann 10 @ MARKET TRAIL 5", "BUY dan 10 @ MARKET TRAIL 7");
    then(w, "PLACED ann 10 @ MARKET stop 95", "PLACED dan 10 @ MARKET stop 107");
}

static void it_follows_the_price_up_and_never_down(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ MARKET TRAIL 5", "BUY dan 1 @ 104",
          "BUY dan 1 @ 102", "BUY dan 20 @ 99");
    when(w, "SELL bob 1 @ 104", "SELL bob 1 @ 102", "SELL bob 1 @ 99");
    then(w, "FILL bob dan 1 @ 104", "TRAILS ann 99", "FILL bob dan 1 @ 102", "FILL bob dan 1 @ 99",
         "TRIGGERED ann 99 @ 99", "FILL ann dan 10 @ 99");
}

static void a_buy_follows_the_price_down(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY ann 10 @ MARKET TRAIL 5", "BUY dan 1 @ 90",
          "SELL dan 20 @ 95");
    when(w, "SELL bob 1 @ 90", "BUY bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 90", "TRAILS ann 95", "FILL bob dan 1 @ 95", "TRIGGERED ann 95 @ 95",
         "FILL ann dan 10 @ 95");
}

static void a_percentage_follows_by_the_new_price(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100");
    when(w, "SELL ann 1 @ MARKET TRAIL% 10", "SELL bob 1 @ 200", "BUY cat 1 @ 200");
    then(w, "PLACED ann 1 @ MARKET stop 90", "PLACED bob 1 @ 200", "PLACED cat 1 @ 200", "FILL cat bob 1 @ 200",
         "TRAILS ann 180");
}

static void a_stop_is_rounded_to_the_tick_away_from_the_market(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT ABC TICK 0.05", "SELL bob 1 @ 9.95 OF ABC", "BUY cat 1 @ 9.95 OF ABC");
    when(w, "SELL ann 1 @ MARKET TRAIL% 1 OF ABC", "BUY ann 1 @ MARKET TRAIL% 1 OF ABC");
    then(w, "PLACED ann 1 @ MARKET stop 9.85", "PLACED ann 1 @ MARKET stop 10.05");
}

static void it_keeps_what_it_held_at_first(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "BUY ann 10 @ MARKET TRAIL 5", "BUY dan 1 @ 90");
    when(w, "SELL bob 1 @ 90");
    then(w, "FILL bob dan 1 @ 90", "TRAILS ann 95", "WAITS ann 10 PENDING_TRIGGER stop 95", "RESERVED ann 1050.00");
}

static void with_the_quote_a_sell_follows_the_bid(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ TRIGGER QUOTE", "QUOTE XYZ BID 100 1 ASK 102 1", "SELL ann 1 @ MARKET TRAIL 5 VENUE BOOK",
          "BUY dan 9 @ 50");
    when(w, "QUOTE XYZ BID 110 1 ASK 120 1", "QUOTE XYZ BID 105 1 ASK 120 1");
    then(w, "TRAILS ann 105", "TRIGGERED ann 105 @ 105", "FILL ann dan 1 @ 50");
}

static void what_a_trail_needs(void **state)
{
    struct world *w = *state;
    when(w, "SELL ann 1 @ MARKET TRAIL 5", "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET TRAIL 0",
         "SELL ann 1 @ MARKET TRAIL 0.5", "SELL ann 1 @ MARKET TRAIL% 100", "SELL ann 1 @ 94 TRAIL 5",
         "SELL ann 1 @ MARKET TRAIL 5 STOP 95", "SELL ann 1 @ MARKET TRAIL 5 TYPE MARKET");
    then(w, "REJECT ann NO_REFERENCE_PRICE", "FILL cat bob 1 @ 100", "REJECT ann FIELD_INVALID field trail",
         "REJECT ann PRICE_OFF_TICK field trail value 0.5 limit 1", "REJECT ann FIELD_INVALID field trail",
         "REJECT ann FIELD_INVALID field trail", "REJECT ann FIELD_INVALID field trail",
         "REJECT ann STOP_PRICE_NOT_ALLOWED field trail");
}

static void its_stop_price_is_not_for_its_owner_to_modify(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 10 @ MARKET TRAIL 5");
    when(w, "MODIFY ann STOP 96", "MODIFY ann TO 4");
    then(w, "REJECT ann STOP_PRICE_NOT_ALLOWED field stop_price", "WAITS ann 4 PENDING_TRIGGER stop 95");
}

static void it_follows_the_price_of_an_auction_too(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET TRAIL 5", "STATE XYZ AUCTION",
          "SELL bob 4 @ 110", "BUY cat 4 @ 110");
    when(w, "STATE XYZ CONTINUOUS");
    then(w, "FILL cat bob 4 @ 110", "TRAILS ann 105", "WAITS ann 1 PENDING_TRIGGER stop 105");
}

static void stops_are_elected_before_trailing_stops_move(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 1 @ 100", "BUY cat 1 @ 100", "SELL ann 1 @ MARKET TRAIL 5", "BUY eve 1 @ MARKET STOP 104",
          "SELL dan 1 @ 104", "SELL dan 1 @ 108");
    when(w, "BUY bob 1 @ 104");
    then(w, "FILL bob dan 1 @ 104", "FILL eve dan 1 @ 108", "TRAILS ann 103");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_trailing_stop_begins_at_its_distance_from_the_last_price),
        in_a_world(it_follows_the_price_up_and_never_down),
        in_a_world(a_buy_follows_the_price_down),
        in_a_world(a_percentage_follows_by_the_new_price),
        in_a_world(a_stop_is_rounded_to_the_tick_away_from_the_market),
        in_a_world(it_keeps_what_it_held_at_first),
        in_a_world(with_the_quote_a_sell_follows_the_bid),
        in_a_world(what_a_trail_needs),
        in_a_world(its_stop_price_is_not_for_its_owner_to_modify),
        in_a_world(it_follows_the_price_of_an_auction_too),
        in_a_world(stops_are_elected_before_trailing_stops_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
