/* tests/core/test_reduce_only.c - orders that never open or flip a position, and shrink with it. */
#include "tests/world/world.h"

static void without_a_position_there_is_nothing_to_reduce(void **state)
{
    struct world *w = *state;
    when(w, "SELL ann 5 @ 100 REDUCE_ONLY", "BUY ann 5 @ 100 REDUCE_ONLY");
    then(w, "REJECT ann REDUCE_ONLY_TOO_LARGE field quantity value 5 limit 0",
         "REJECT ann REDUCE_ONLY_TOO_LARGE value 5 limit 0");
}

static void it_may_close_the_whole_position_and_holds_nothing(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100");
    when(w, "SELL ann 11 @ 105 REDUCE_ONLY", "SELL ann 10 @ 105 REDUCE_ONLY", "SELL ann 1 @ 106 REDUCE_ONLY");
    then(w, "REJECT ann REDUCE_ONLY_TOO_LARGE value 11 limit 10", "RESTS ann 10 @ 105", "RESERVED ann 0.00",
         "REJECT ann REDUCE_ONLY_TOO_LARGE value 1 limit 0");
}

static void it_shrinks_when_another_order_closes_part_of_the_position(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 10 @ 105 REDUCE_ONLY", "BUY dan 6 @ 99");
    when(w, "SELL ann 6 @ MARKET");
    then(w, "FILL ann dan 6 @ 99", "REDUCED ann 4 REDUCE_ONLY", "RESTS ann 4 @ 105", "POSITION ann 4");
}

static void it_goes_when_the_position_is_closed(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 10 @ 105 REDUCE_ONLY", "BUY dan 10 @ 99");
    when(w, "SELL ann 10 @ MARKET");
    then(w, "FILL ann dan 10 @ 99", "CANCELLED ann 10 REDUCE_ONLY", "GONE ann");
}

static void it_covers_a_short_too(void **state)
{
    struct world *w = *state;
    given(w, "BUY bob 10 @ 100", "SELL ann 10 @ 100", "BUY ann 10 @ 95 REDUCE_ONLY", "SELL dan 4 @ 101");
    when(w, "BUY ann 4 @ MARKET");
    then(w, "FILL ann dan 4 @ 101", "REDUCED ann 6 REDUCE_ONLY", "RESTS ann 6 @ 95", "POSITION ann -6");
}

static void all_of_them_shrink_oldest_first(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 4 @ 105 REDUCE_ONLY AS low",
          "SELL ann 6 @ 106 REDUCE_ONLY AS high", "BUY dan 8 @ 99");
    when(w, "SELL ann 8 @ MARKET");
    then(w, "FILL ann dan 8 @ 99", "REDUCED ann 2 REDUCE_ONLY", "REDUCED ann 2 REDUCE_ONLY", "RESTS ann 2 @ 105",
         "RESTS ann 2 @ 106");
}

static void it_may_not_be_modified_beyond_the_position(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 8 @ 105 REDUCE_ONLY");
    when(w, "MODIFY ann TO 12", "MODIFY ann TO 10");
    then(w, "REJECT ann REDUCE_ONLY_TOO_LARGE value 12 limit 10", "RESTS ann 10 @ 105");
}

static void a_stop_may_be_reduce_only(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "SELL ann 10 @ MARKET STOP 95 REDUCE_ONLY", "BUY dan 1 @ 95",
          "BUY dan 20 @ 94");
    when(w, "SELL bob 1 @ 95");
    then(w, "FILL bob dan 1 @ 95", "FILL ann dan 10 @ 94", "POSITION ann 0");
}

static void it_may_be_a_market_order(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "BUY dan 6 @ 99");
    when(w, "SELL ann 11 @ MARKET REDUCE_ONLY", "SELL ann 10 @ MARKET REDUCE_ONLY");
    then(w, "REJECT ann REDUCE_ONLY_TOO_LARGE value 11 limit 10", "FILL ann dan 6 @ 99",
         "CANCELLED ann 4 MARKET_REMAINDER", "POSITION ann 4");
}

static void it_passes_where_positions_may_only_be_reduced(void **state)
{
    struct world *w = *state;
    given(w, "SELL bob 10 @ 100", "BUY ann 10 @ 100", "TRADING REDUCING ann");
    when(w, "SELL ann 10 @ 105 REDUCE_ONLY");
    then(w, "NOTHING", "RESTS ann 10 @ 105");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(without_a_position_there_is_nothing_to_reduce),
        in_a_world(it_may_close_the_whole_position_and_holds_nothing),
        in_a_world(it_shrinks_when_another_order_closes_part_of_the_position),
        in_a_world(it_goes_when_the_position_is_closed),
        in_a_world(it_covers_a_short_too),
        in_a_world(all_of_them_shrink_oldest_first),
        in_a_world(it_may_not_be_modified_beyond_the_position),
        in_a_world(a_stop_may_be_reduce_only),
        in_a_world(it_may_be_a_market_order),
        in_a_world(it_passes_where_positions_may_only_be_reduced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
