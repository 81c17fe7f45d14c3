/* tests/projections/test_against_engine.c - random flow through the engine, its events through the views, and then
 * every order, level, balance, position, account, instrument and currency compared. Every rule of the engine is
 * reached by the flow.
 * Usage: test_against_engine [--seed N] */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/flow.h"
#include "tests/projections/views_world.h"

enum { FLOWS = 4, COMMANDS = 2500, COMPARE_EVERY = 50, BATCH_COMMANDS_MAX = 40 };

static uint64_t seed_first = 1;

/* Applies the flow's next command to the model it looks at and to the engine. */
static void step(struct views_world *w, struct flow *f, struct model *m, struct event *model_events)
{
    struct command c;
    flow_next(f, m, &c);
    model_apply(m, &c, model_events);
    world_apply(w, &c);
}

static uint64_t run(uint64_t seed, bool one_by_one)
{
    struct views_world w;
    char why[256] = "";
    uint32_t waiting = 0;
    struct limits l = flow_limits(seed, FLOW_ALL);
    struct flow f = flow_new(seed, FLOW_ALL), dice = flow_new(~seed, 0);
    struct model *m = model_new(&l);
    struct event *model_events = calloc(model_events_max(&l), sizeof *model_events);
    assert_non_null(model_events);
    world_begin(&w, &l);
    for (int i = 0; i < COMMANDS; i++) {
        step(&w, &f, m, model_events);
        bool compare = i % COMPARE_EVERY == 0 || i == COMMANDS - 1;
        if (one_by_one || compare || ++waiting >= flow_below(&dice, BATCH_COMMANDS_MAX)) {
            world_fold(&w);
            waiting = 0;
        }
        if (compare && !world_agrees(&w, why))
            fail_msg("seed %llu after command %d: %s", (unsigned long long)seed, i, why);
    }
    uint64_t hash = world_hash(&w);
    world_end(&w);
    model_free(m);
    free(model_events);
    return hash;
}

static void rows_equal_the_state_of_the_engine_whatever_happens(void **state)
{
    (void)state;
    printf("seed %llu\n", (unsigned long long)seed_first);
    for (uint64_t seed = seed_first; seed < seed_first + FLOWS; seed++) run(seed, false);
}

static void rows_do_not_depend_on_how_many_commands_a_fold_has(void **state)
{
    (void)state;
    assert_true(run(seed_first + 100, false) == run(seed_first + 100, true));
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) seed_first = strtoull(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_equal_the_state_of_the_engine_whatever_happens),
        cmocka_unit_test(rows_do_not_depend_on_how_many_commands_a_fold_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
