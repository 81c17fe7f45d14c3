/* tests/tools/test_flow.c - the benchmark's flow is what it says it is, so that its figures mean something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "journal/fold.h"
#include "tools/flow.h"

static struct flow *make(uint32_t instruments, uint32_t open, uint64_t commands, uint64_t seed)
{
    struct flow *f = NULL;
    const struct flow_options options = {instruments, open, commands, seed};
    assert_int_equal(flow_new(&options, &f), 0);
    return f;
}

static struct digest fold_all(const struct flow *f)
{
    struct fold fold;
    struct command c;
    fold_init(&fold);
    for (uint64_t seq = 1; seq <= flow_last(f); seq++) {
        flow_command(f, seq, &c);
        assert_true(fold_apply(&fold, &c) >= 0);
    }
    engine_check(fold.engine);
    struct digest d = engine_digest_full(fold.engine);
    fold_free(&fold);
    return d;
}

static void an_engine_that_folds_a_flow_gets_its_digest(void **state)
{
    (void)state;
    struct flow *f = make(20, 1000, 20000, 7);
    assert_true(digest_equal(fold_all(f), flow_digest(f)));
    flow_free(f);
}

static void the_same_seed_gives_the_same_flow_and_another_does_not(void **state)
{
    (void)state;
    struct flow *a = make(5, 200, 5000, 1), *b = make(5, 200, 5000, 1), *c = make(5, 200, 5000, 2);
    assert_true(digest_equal(flow_digest(a), flow_digest(b)));
    assert_false(digest_equal(flow_digest(a), flow_digest(c)));
    flow_free(a), flow_free(b), flow_free(c);
}

static void the_mix_is_near_47_43_5_5_and_open_orders_stay_at_their_target(void **state)
{
    static const struct flow_options rows[] = {{1, 1000, 50000, 3}, {100, 10000, 50000, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct flow *f = make(rows[i].instruments, rows[i].open, rows[i].commands, rows[i].seed);
        struct flow_counts n = flow_counts(f);
        uint64_t per_cent = rows[i].commands / 100;
        assert_in_range(n.placed, 44 * per_cent, 50 * per_cent);
        assert_in_range(n.cancelled, 40 * per_cent, 46 * per_cent);
        assert_in_range(n.modified, 4 * per_cent, 6 * per_cent);
        assert_in_range(n.aggressive, 4 * per_cent, 6 * per_cent);
        assert_in_range(n.refused, 0, per_cent);
        assert_true(n.fills >= n.aggressive);
        assert_in_range(n.open, rows[i].open - rows[i].open / 50, rows[i].open + rows[i].open / 50);
        flow_free(f);
    }
}

static void options_out_of_range_are_refused(void **state)
{
    static const struct flow_options rows[] = {
        {0, 1, 1, 1}, {FLOW_INSTRUMENTS_MAX + 1, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 1}};
    struct flow *f;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) assert_int_equal(flow_new(&rows[i], &f), ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_engine_that_folds_a_flow_gets_its_digest),
        cmocka_unit_test(the_same_seed_gives_the_same_flow_and_another_does_not),
        cmocka_unit_test(the_mix_is_near_47_43_5_5_and_open_orders_stay_at_their_target),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
