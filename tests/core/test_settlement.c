/* tests/core/test_settlement.c - what becomes of an order at a broker when it is done: it settles, by its day or by hand, and is kept a
 * while for what still may come. */
#include "tests/world/world.h"

#define AT_ALPHA "VENUE ALPHA", "BUY ann 10 @ 100 VENUE ALPHA"
#define FILLED   AT_ALPHA, "EXECUTE ann 10 @ 100 EXEC E1"

static void a_filled_order_settles_when_its_day_is_over(void **state)
{
    struct world *w = *state;
    given(w, FILLED);
    when(w, "MIDNIGHT", "TICK");
    then(w, "SETTLES ann by TIME venue ALPHA", "ROUTE ann SETTLED filled 10 due 86400");
}

static void it_settles_so_many_days_later_as_its_instrument_says(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ SETTLEMENT 2", FILLED);
    when(w, "MIDNIGHT", "TICK", "MIDNIGHT", "WAIT -1s", "TICK", "WAIT +2s", "TICK", "MIDNIGHT", "TICK", "TICK");
    then(w, "SETTLES ann by TIME", "ROUTE ann SETTLED");
}

static void before_its_day_it_waits(void **state)
{
    struct world *w = *state;
    given(w, "INSTRUMENT XYZ SETTLEMENT 1", FILLED);
    when(w, "MIDNIGHT", "TICK");
    then(w, "NOTHING", "ROUTE ann FILLED due 86400");
}

static void an_operator_may_settle_it_before(void **state)
{
    struct world *w = *state;
    given(w, FILLED);
    when(w, "SETTLE ann", "SETTLE ann", "MIDNIGHT", "TICK");
    then(w, "SETTLES ann by COMMAND venue ALPHA", "REJECT ann SETTLE_NOT_ALLOWED field order_id value 9 limit NONE");
}

static void only_a_filled_order_settles(void **state)
{
    struct world *w = *state;
    given(w, AT_ALPHA, "BUY bob 1 @ 100");
    when(w, "SETTLE ann", "SETTLE bob", "REPORT ann CANCELLED", "SETTLE ann");
    then(w, "REJECT ann SETTLE_NOT_ALLOWED value 1", "REJECT bob ORDER_NOT_OPEN field order_id",
         "CANCELLED ann 10 VENUE_CANCELLED", "REJECT ann SETTLE_NOT_ALLOWED value 8");
}

static void what_is_done_is_forgotten_after_a_while(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS linger_s 60", FILLED, "BUY bob 5 @ 100 VENUE ALPHA", "EXECUTE bob 2 @ 100 EXEC B1",
          "REPORT bob CANCELLED", "SETTLE ann");
    when(w, "WAIT +59s", "EXECUTE bob 1 @ 100 EXEC B2", "WAIT +1s", "TICK");
    then(w, "EXECUTED bob B2 late YES", "FILL bob @ALPHA 1 @ 100", "ROUTE ann NONE", "ROUTE bob NONE",
         "EXECUTIONS ann NONE", "EXECUTIONS bob NONE", "TABLES routes 0 executions 0", "POSITION ann 10");
}

static void what_is_forgotten_is_not_known_any_more(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS linger_s 60", FILLED, "SETTLE ann", "WAIT +60s", "TICK");
    when(w, "EXECUTE ann 1 @ 100 EXEC E1", "BUST ann E1", "SETTLE ann");
    then(w, "REJECT ann ORDER_NOT_OPEN field order_id", "REJECT ann ORDER_NOT_OPEN", "REJECT ann ORDER_NOT_OPEN");
}

static void a_settled_order_may_still_be_corrected(void **state)
{
    struct world *w = *state;
    given(w, FILLED, "SETTLE ann");
    when(w, "CORRECT ann E1 8 @ 100 EXEC E2");
    then(w, "BUSTED ann 10 @ 100", "FILL ann @ALPHA 8 @ 100", "POSITION ann 8", "ROUTE ann SETTLED filled 8");
}

static void the_day_is_that_of_the_fill_that_filled_it(void **state)
{
    struct world *w = *state;
    given(w, "VENUE ALPHA", "BUY ann 10 @ 100 GTC VENUE ALPHA", "EXECUTE ann 4 @ 100 EXEC E1", "MIDNIGHT",
          "EXECUTE ann 6 @ 100 EXEC E2");
    when(w, "WAIT +86399s", "TICK", "MIDNIGHT", "TICK");
    then(w, "SETTLES ann by TIME");
}

static void many_settle_at_once_and_more_than_a_command_may_touch_later(void **state)
{
    struct world *w = *state;
    given(w, "LIMITS work_max 2", FILLED, "BUY bob 1 @ 100 VENUE ALPHA", "EXECUTE bob 1 @ 100 EXEC B1",
          "BUY cat 1 @ 100 VENUE ALPHA", "EXECUTE cat 1 @ 100 EXEC C1");
    when(w, "MIDNIGHT", "CONTINUE", "CONTINUE");
    then(w, "SETTLES ann", "SETTLES bob", "SETTLES cat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_filled_order_settles_when_its_day_is_over),
        in_a_world(it_settles_so_many_days_later_as_its_instrument_says),
        in_a_world(before_its_day_it_waits),
        in_a_world(an_operator_may_settle_it_before),
        in_a_world(only_a_filled_order_settles),
        in_a_world(what_is_done_is_forgotten_after_a_while),
        in_a_world(what_is_forgotten_is_not_known_any_more),
        in_a_world(a_settled_order_may_still_be_corrected),
        in_a_world(the_day_is_that_of_the_fill_that_filled_it),
        in_a_world(many_settle_at_once_and_more_than_a_command_may_touch_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
