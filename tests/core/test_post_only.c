/* tests/core/test_post_only.c - an order that may only make: refused whenever it would take. */
#include "tests/world/world.h"

static void a_post_only_order_that_does_not_cross_rests(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101");
    when(w, "BUY cat 5 @ 100 POST_ONLY");
    then(w, "NOTHING", "RESTS cat 5 @ 100");
}

static void a_post_only_order_that_touches_the_other_side_is_refused(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101", "BUY bob 5 @ 99");
    when(w, "BUY cat 5 @ 101 POST_ONLY", "SELL cat 5 @ 99 POST_ONLY");
    then(w, "REJECT cat POST_ONLY_WOULD_CROSS", "REJECT cat POST_ONLY_WOULD_CROSS", "GONE cat", "ASKS 5 @ 101");
}

static void a_post_only_order_is_taken_like_any_other(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101 POST_ONLY");
    when(w, "BUY cat 5 @ 101");
    then(w, "FILL cat ann 5 @ 101");
}

static void a_modify_may_not_make_a_post_only_order_take(void **state)
{
    struct world *w = *state;
    given(w, "SELL ann 5 @ 101", "BUY cat 5 @ 99 POST_ONLY");
    when(w, "MODIFY cat @ 101", "MODIFY cat @ 100");
    then(w, "REJECT cat POST_ONLY_WOULD_CROSS", "MODIFIED cat 5 @ 100 LOSES", "RESTS cat 5 @ 100");
}

static void post_only_needs_an_order_that_can_rest(void **state)
{
    struct world *w = *state;
    when(w, "BUY cat 5 @ MARKET POST_ONLY", "BUY cat 5 @ 100 IOC POST_ONLY", "BUY cat 5 @ 100 FOK POST_ONLY");
    then(w, "REJECT cat POST_ONLY_NEEDS_LIMIT", "REJECT cat POST_ONLY_NEEDS_LIMIT", "REJECT cat POST_ONLY_NEEDS_LIMIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_a_world(a_post_only_order_that_does_not_cross_rests),
        in_a_world(a_post_only_order_that_touches_the_other_side_is_refused),
        in_a_world(a_post_only_order_is_taken_like_any_other),
        in_a_world(a_modify_may_not_make_a_post_only_order_take),
        in_a_world(post_only_needs_an_order_that_can_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
