/* tests/projections/test_catch_up.c - the event tape into views, whole, in steps, again, and when the views are of
 * another history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "projections/catch_up.h"
#include "tests/model/flow.h"
#include "tests/projections/views_world.h"
#include "tests/proto/fits.h"

enum { COMMANDS = 3000, GROUP_MAX = 50 };

struct scene {
    struct views_world w; /* its views are folded while the tape is written, as a server does */
    struct tape_options tape;
    struct event_writer *writer;
    struct flow flow;
    struct model *model;
    struct event *model_events;
    uint64_t hash_live;
    uint64_t progress_seq;
    uint32_t progress_calls;
};

static void tape_remove(struct scene *s)
{
    const char *dir = s->tape.dir;
    char command[WORLD_PATH_BYTES + 32];
    snprintf(command, sizeof command, "rm -rf '%.250s'", dir);
    assert_int_equal(system(command), 0);
}

static void writer_open(struct scene *s)
{
    static struct tape_report report;
    assert_int_equal(event_writer_open(&s->tape, &s->writer, &report), 0);
    assert_int_equal(report.count, 0);
}

/* Writes what waits in the world as a block, and folds it. */
static void group_end(struct scene *s)
{
    struct views_world *w = &s->w;
    struct views_cursor to = {.seq = w->seq, .ts_ns = w->ts_ns};
    assert_int_equal(event_writer_append(s->writer, w->events, w->events_count, w->seq, w->ts_ns), 0);
    event_writer_chain_hash(s->writer, &to.chain_hash_lo, &to.chain_hash_hi);
    assert_int_equal(views_fold(w->views, w->events, w->events_count, to), 0);
    w->events_count = 0;
}

/* The flow's next command that a tape can hold. */
static void next_command(struct scene *s, struct command *c)
{
    for (;;) {
        flow_next(&s->flow, s->model, c);
        if (command_fits_tape(c)) return;
        s->flow.seq--;
    }
}

static void write_flow(struct scene *s, int commands)
{
    uint64_t waiting = 0;
    for (int i = 0; i < commands; i++) {
        struct command c;
        next_command(s, &c);
        model_apply(s->model, &c, s->model_events);
        world_apply(&s->w, &c);
        if (++waiting > flow_below(&s->flow, GROUP_MAX) || i + 1 == commands) {
            group_end(s);
            waiting = 0;
        }
    }
    assert_int_equal(event_writer_sync(s->writer), 0);
}

static int begin(void **state)
{
    static struct scene s;
    struct limits l = flow_limits(5, FLOW_ALL);
    s = (struct scene){
        .tape = {
            .storage = storage_posix(), .kind = TAPE_EVENTS, .rules_version = RULES_VERSION, .segment_bytes = 1 << 20}};
    s.flow = flow_new(5, FLOW_ALL);
    s.model = model_new(&l);
    s.model_events = calloc(model_events_max(&l), sizeof *s.model_events);
    assert_non_null(s.model_events);
    world_begin(&s.w, &l);
    snprintf(s.tape.dir, sizeof s.tape.dir, "%s.events", s.w.dir);
    assert_int_equal(s.tape.storage->make_dir(s.tape.storage->ctx, s.tape.dir), 0);
    writer_open(&s);
    write_flow(&s, COMMANDS);
    s.hash_live = world_hash(&s.w);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    assert_int_equal(event_writer_close(s->writer), 0);
    tape_remove(s);
    world_end(&s->w);
    model_free(s->model);
    free(s->model_events);
    return 0;
}

static void progress(void *arg, uint64_t seq)
{
    struct scene *s = arg;
    assert_true(seq > s->progress_seq);
    s->progress_seq = seq;
    s->progress_calls++;
}

/* Catches up and says how many folds it took. */
static uint32_t catch_up(struct scene *s, uint64_t to_seq)
{
    s->progress_calls = 0;
    s->progress_seq = 0;
    assert_int_equal(views_catch_up(s->w.views, &s->tape, to_seq, progress, s), 0);
    return s->progress_calls;
}

static void a_rebuild_gives_the_rows_that_folding_live_gave(void **state)
{
    struct scene *s = *state;
    struct views_cursor live = views_cursor(s->w.views), again;
    assert_int_equal(views_clear(s->w.views), 0);
    assert_true(catch_up(s, UINT64_MAX) > 0);
    assert_true(world_hash(&s->w) == s->hash_live);
    again = views_cursor(s->w.views);
    assert_true(again.seq == live.seq && s->progress_seq == live.seq);
}

static void catching_up_in_steps_gives_the_same_rows(void **state)
{
    struct scene *s = *state;
    assert_int_equal(views_clear(s->w.views), 0);
    for (uint64_t seq = 0; seq < COMMANDS; seq += 1 + flow_below(&s->flow, 400)) {
        catch_up(s, seq);
        assert_true(views_cursor(s->w.views).seq == seq);
        assert_int_equal(catch_up(s, seq), 0); /* what is there is on the tape: nothing is folded again */
    }
    catch_up(s, UINT64_MAX);
    assert_true(world_hash(&s->w) == s->hash_live);
}

static void views_that_are_there_already_are_left_alone(void **state)
{
    struct scene *s = *state;
    world_close(&s->w);
    world_open(&s->w);
    assert_int_equal(catch_up(s, UINT64_MAX), 0);
    /* also when the last commands had no events: their block is one that readers pass over */
    s->w.seq++;
    s->flow.seq++;
    group_end(s);
    assert_int_equal(event_writer_sync(s->writer), 0);
    assert_true(views_cursor(s->w.views).seq == COMMANDS + 1);
    assert_int_equal(catch_up(s, UINT64_MAX), 0);
    assert_true(world_hash(&s->w) == s->hash_live);
}

static void commands_without_events_at_the_end_are_covered(void **state)
{
    struct scene *s = *state;
    s->w.seq++;
    assert_int_equal(event_writer_append(s->writer, NULL, 0, s->w.seq, s->w.ts_ns), 0);
    assert_int_equal(event_writer_sync(s->writer), 0);
    assert_int_equal(catch_up(s, UINT64_MAX), 1);
    assert_true(views_cursor(s->w.views).seq == s->w.seq);
    assert_int_equal(catch_up(s, UINT64_MAX), 0);
    assert_true(world_hash(&s->w) == s->hash_live);
}

static void views_ahead_of_the_tape_are_folded_again(void **state)
{
    struct scene *s = *state;
    struct event e = {.seq = COMMANDS + 1, .kind = EVENT_SWEPT};
    struct views_cursor ahead = {.seq = COMMANDS + 1};
    assert_int_equal(views_fold(s->w.views, &e, 1, ahead), 0);
    assert_true(catch_up(s, UINT64_MAX) > 0);
    assert_true(views_cursor(s->w.views).seq == COMMANDS && world_hash(&s->w) == s->hash_live);
}

static void views_of_another_history_are_folded_again(void **state)
{
    struct scene *s = *state;
    assert_int_equal(event_writer_close(s->writer), 0);
    tape_remove(s);
    assert_int_equal(s->tape.storage->make_dir(s->tape.storage->ctx, s->tape.dir), 0);
    writer_open(s);
    struct event first = {.seq = 1, .ts_ns = 5, .kind = EVENT_CURRENCY_SET};
    first.currency_set = (struct currency_state){.id = 1 << ORDER_INDEX_BITS, .currency = name_of("EUR"), .scale = 2};
    assert_int_equal(event_writer_append(s->writer, &first, 1, COMMANDS + 10, 5), 0); /* longer, and other */
    assert_int_equal(event_writer_sync(s->writer), 0);
    assert_int_equal(catch_up(s, UINT64_MAX), 1);
    struct views_counts counts;
    struct views_read *r;
    assert_int_equal(views_read_begin(s->w.views, &r), 0);
    assert_int_equal(views_counts(r, &counts), 0);
    views_read_end(r);
    assert_true(counts.currencies == 1 && counts.orders == 0);
}

static void an_empty_tape_empties_and_leaves_empty(void **state)
{
    struct scene *s = *state;
    assert_int_equal(event_writer_close(s->writer), 0);
    tape_remove(s);
    assert_int_equal(s->tape.storage->make_dir(s->tape.storage->ctx, s->tape.dir), 0);
    assert_int_equal(catch_up(s, UINT64_MAX), 0);
    assert_true(views_cursor(s->w.views).seq == 0);
    assert_int_equal(catch_up(s, UINT64_MAX), 0);
    writer_open(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_rebuild_gives_the_rows_that_folding_live_gave), TEST(catching_up_in_steps_gives_the_same_rows),
        TEST(views_that_are_there_already_are_left_alone),     TEST(commands_without_events_at_the_end_are_covered),
        TEST(views_ahead_of_the_tape_are_folded_again),        TEST(views_of_another_history_are_folded_again),
        TEST(an_empty_tape_empties_and_leaves_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
