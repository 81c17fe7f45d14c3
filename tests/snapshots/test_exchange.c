/* tests/snapshots/test_exchange.c - snapshots in the middle of everything the exchange does change nothing.
 * Usage: test_snapshots_exchange [--seed N] */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scene.h"
#include "snapshots/recover.h"
#include "tests/model/flow.h"
#include "tests/proto/fits.h"

enum { FLOWS = 6, COMMANDS = 1200, SNAPSHOT_ONE_IN = 40 };

static uint64_t seed_first = 1;

/* From here on the state is the one that went through a snapshot. */
static void go_through_a_snapshot(struct scene *s)
{
    struct fold loaded;
    struct snapshot_info info;
    char why[256] = "";
    uint64_t seq = scene_snapshot(s);
    fold_init(&loaded);
    if (snapshot_load(&s->dir, seq, &loaded, &info, why) != 0) fail_msg("%s", why);
    engine_check(loaded.engine);
    assert_true(digest_equal(engine_digest_full(loaded.engine), engine_digest_full(s->fold.engine)));
    fold_free(&s->fold);
    s->fold = loaded;
}

static void add_flow(struct scene *s, uint64_t seed, struct model *m, struct event *events)
{
    struct flow f = flow_new(seed, FLOW_ALL), dice = flow_new(~seed, 0);
    struct command c;
    s->ts_ns = 0; /* the flow's own times */
    while (f.seq < COMMANDS) {
        flow_next(&f, m, &c);
        bool before_limits = s->fold.engine == NULL && c.kind != COMMAND_SET_LIMITS; /* no tape begins so */
        if (before_limits || !command_fits_tape(&c)) {
            f.seq--;
            continue;
        }
        scene_take(s, &c);
        model_apply(m, &c, events);
        if (flow_below(&dice, SNAPSHOT_ONE_IN) == 0) go_through_a_snapshot(s);
    }
    scene_commit(s);
}

/* Every digest on the tape is that of a state that went through snapshots; the fold of all of it must agree. */
static void the_tape_folds_to_the_same(struct scene *s)
{
    struct recover_options o;
    struct recover_result r;
    struct fold f;
    recover_options_default(&o);
    o.all_bytes = o.no_snapshot = true;
    fold_init(&f);
    if (recover_state(&s->dir, &o, &f, &r) != 0) fail_msg("%s", r.why);
    assert_int_equal(r.seq, s->seq);
    assert_true(digest_equal(engine_digest_full(f.engine), engine_digest_full(s->fold.engine)));
    fold_free(&f);
}

static void snapshots_at_any_moment_of_the_whole_exchange_change_nothing(void **state)
{
    (void)state;
    printf("seed %llu\n", (unsigned long long)seed_first);
    for (uint64_t seed = seed_first; seed < seed_first + FLOWS; ++seed) {
        struct scene s;
        struct limits l = flow_limits(seed, FLOW_ALL);
        struct model *m = model_new(&l);
        struct event *events = calloc(model_events_max(&l), sizeof *events);
        assert_non_null(events);
        scene_open(&s);
        add_flow(&s, seed, m, events);
        the_tape_folds_to_the_same(&s);
        scene_close(&s);
        model_free(m);
        free(events);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) seed_first = strtoull(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_at_any_moment_of_the_whole_exchange_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
