/* tests/snapshots/test_events.c - after catching up, the event tape is what the commands give, whatever it was
 * before. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "scene.h"
#include "snapshots/events.h"
#include "snapshots/recover.h"

static int set_up(void **state)
{
    struct scene *s = malloc(sizeof *s);
    if (!s) return -1;
    scene_open(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene_close(*state);
    free(*state);
    return 0;
}

static bool reported(const struct recover_result *r, const char *words)
{
    for (uint32_t i = 0; i < r->report.count; ++i)
        if (strstr(r->report.findings[i].text, words)) return true;
    return false;
}

static int next_event(struct event_reader *reader, const struct event **e)
{
    int rc = event_reader_next(reader, e);
    assert_true(rc == 0 || rc == ERR_END);
    return rc;
}

/* Folds the commands again and compares every event with the event tape. */
struct comparing {
    struct event_reader *reader;
    struct event_encoder *told, *folded;
    uint64_t events;
};

static int compare(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    (void)f;
    struct comparing *x = arg;
    for (uint32_t i = 0; i < count; ++i) {
        const struct event *told;
        assert_int_equal(next_event(x->reader, &told), 0);
        assert_int_equal(told->seq, c->seq);
        assert_int_equal(event_encoder_add(x->told, told), 0);
        assert_int_equal(event_encoder_add(x->folded, &events[i]), 0);
        x->events++;
    }
    return 0;
}

static void assert_events_are_those_of_the_commands(struct scene *s)
{
    struct comparing x = {0};
    struct tape_options tape;
    struct tape_report report;
    recover_tape_options(&s->dir, TAPE_EVENTS, &tape);
    assert_int_equal(event_reader_open(&tape, true, &x.reader, &report), 0);
    assert_int_equal(event_encoder_new(&x.told), 0);
    assert_int_equal(event_encoder_new(&x.folded), 0);
    struct recover_options o;
    struct recover_result r;
    struct fold f;
    fold_init(&f);
    recover_options_default(&o);
    o.all_bytes = o.no_snapshot = true;
    o.each = compare;
    o.each_arg = &x;
    assert_int_equal(recover_state(&s->dir, &o, &f, &r), 0);
    const struct event *more;
    uint64_t last_seq;
    assert_int_equal(next_event(x.reader, &more), ERR_END);
    assert_int_equal(event_reader_last_seq(x.reader, &last_seq), 0);
    assert_int_equal(last_seq, r.seq);
    const uint8_t *told, *folded;
    size_t told_len, folded_len;
    assert_true(x.events > 0);
    assert_int_equal(event_encoder_finish(x.told, &told, &told_len), 0);
    assert_int_equal(event_encoder_finish(x.folded, &folded, &folded_len), 0);
    assert_int_equal(told_len, folded_len);
    assert_memory_equal(told, folded, told_len);
    event_encoder_free(x.told);
    event_encoder_free(x.folded);
    event_reader_close(x.reader);
    fold_free(&f);
}

/* Catches up and checks what must be true afterwards. */
static void catch_up(struct scene *s, struct recover_result *r)
{
    struct fold f;
    struct event_writer *writer;
    scene_commit(s);
    fold_init(&f);
    assert_int_equal(events_catch_up(&s->dir, &f, r, &writer, NULL, NULL), 0);
    assert_int_equal(r->seq, s->seq);
    assert_true(digest_equal(engine_digest_full(f.engine), scene_digest(s)));
    assert_int_equal(event_writer_covered_seq(writer), s->seq);
    assert_int_equal(event_writer_close(writer), 0);
    fold_free(&f);
    assert_events_are_those_of_the_commands(s);
}

static bool exists(const struct scene *s, const char *name)
{
    char path[512];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", s->path, name);
    return stat(path, &st) == 0;
}

static void an_event_tape_that_was_never_there_is_made(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 64);
    scene_flow(s, 200);
    scene_snapshot(s); /* of no use: events before it are missing too */
    catch_up(s, &r);
    assert_int_equal(r.snapshot_seq, 0);
    assert_int_equal(r.report.count, 0);
    /* again: nothing to do */
    catch_up(s, &r);
    assert_int_equal(r.report.count, 0);
}

static void what_is_missing_is_appended_from_the_newest_snapshot_before_it(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 4);
    scene_flow(s, 100);
    uint64_t before = scene_snapshot(s);
    scene_flow(s, 20);
    catch_up(s, &r);
    scene_add(s, scene_mass_cancel(NULL)); /* with CONTINUEs */
    scene_flow(s, 100);
    scene_snapshot(s); /* beyond the event tape's end */
    catch_up(s, &r);
    assert_int_equal(r.snapshot_seq, before);
    assert_int_equal(r.report.count, 0);
}

static void a_snapshot_at_the_very_end_leaves_nothing_to_fold(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 64);
    scene_flow(s, 100);
    catch_up(s, &r);
    uint64_t seq = scene_snapshot(s);
    catch_up(s, &r);
    assert_int_equal(r.snapshot_seq, seq);
    assert_int_equal(r.commands, 0);
}

static void commands_without_events_are_covered(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 64);
    scene_flow(s, 20);
    catch_up(s, &r);
    for (int i = 0; i < 20; ++i) scene_add(s, (struct command){.kind = COMMAND_TICK});
    catch_up(s, &r);
    scene_flow(s, 20);
    catch_up(s, &r);
    assert_int_equal(r.report.count, 0);
}

static void a_tail_that_was_never_written_is_written_again(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 64);
    scene_flow(s, 60);
    catch_up(s, &r);
    scene_flow(s, 60);
    /* given a crash while events were being written: the last bytes of the tape are not there */
    struct fold f;
    struct event_writer *writer;
    scene_commit(s);
    fold_init(&f);
    assert_int_equal(events_catch_up(&s->dir, &f, &r, &writer, NULL, NULL), 0);
    event_writer_abandon(writer);
    fold_free(&f);
    char path[512];
    size_t len;
    scene_file(s, "events", ".seg", path);
    uint8_t *bytes = scene_read(path, &len);
    size_t end = len;
    while (end > 0 && bytes[end - 1] == 0) --end;
    memset(bytes + end - 3, 0, 3);
    scene_write(path, bytes, len);
    free(bytes);
    catch_up(s, &r);
}

static void an_event_tape_ahead_of_the_commands_is_set_aside(void **state)
{
    struct scene *s = *state, longer;
    struct recover_result r;
    scene_open(&longer);
    scene_market(s, 64);
    scene_market(&longer, 64);
    scene_flow(s, 40);
    scene_flow(&longer, 60);
    catch_up(&longer, &r);
    scene_take_part(s, &longer, "events");
    catch_up(s, &r);
    assert_true(reported(&r, "set aside"));
    assert_true(exists(s, "events.bad-1"));
    scene_close(&longer);
}

static void an_event_tape_of_other_commands_is_set_aside(void **state)
{
    /* given two tapes that differ in one quantity */
    struct scene *s = *state, other;
    struct recover_result r;
    scene_open(&other);
    scene_market(s, 64);
    scene_market(&other, 64);
    scene_place(s, "ann", SIDE_BUY, 10, 100);
    scene_place(&other, "ann", SIDE_BUY, 11, 100);
    scene_flow(s, 40);
    scene_flow(&other, 40);
    catch_up(&other, &r);
    scene_take_part(s, &other, "events");
    scene_flow(s, 10);
    catch_up(s, &r);
    assert_true(reported(&r, "set aside"));
    /* a second one takes the next name */
    catch_up(&other, &r);
    scene_take_part(s, &other, "events");
    catch_up(s, &r);
    assert_true(exists(s, "events.bad-2"));
    scene_close(&other);
}

static void other_times_are_seen_even_when_nothing_is_folded(void **state)
{
    struct scene *s = *state, other;
    struct recover_result r;
    scene_open(&other);
    other.ts_ns += 1;
    scene_market(s, 64);
    scene_market(&other, 64);
    scene_flow(s, 40);
    scene_flow(&other, 40);
    catch_up(&other, &r);
    scene_take_part(s, &other, "events");
    scene_snapshot(s); /* where the event tape ends */
    catch_up(s, &r);
    assert_true(reported(&r, "set aside"));
    scene_close(&other);
}

static void a_damaged_event_tape_is_set_aside(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    scene_market(s, 64);
    scene_flow(s, 100);
    catch_up(s, &r);
    char path[512];
    size_t len;
    scene_file(s, "events", ".seg", path);
    uint8_t *bytes = scene_read(path, &len);
    bytes[300] ^= 1;
    scene_write(path, bytes, len);
    free(bytes);
    catch_up(s, &r);
    assert_true(reported(&r, "set aside"));
}

static void a_command_tape_that_contradicts_itself_is_not_the_events_fault(void **state)
{
    struct scene *s = *state;
    struct recover_result r;
    struct fold f;
    struct event_writer *writer;
    scene_market(s, 64);
    scene_flow(s, 10);
    s->wrong_digest = true;
    scene_commit(s);
    fold_init(&f);
    assert_int_equal(events_catch_up(&s->dir, &f, &r, &writer, NULL, NULL), ERR_DIFFERS);
    assert_null(writer);
    assert_false(exists(s, "events.bad-1"));
    fold_free(&f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_tape_that_was_never_there_is_made),
        TEST(what_is_missing_is_appended_from_the_newest_snapshot_before_it),
        TEST(a_snapshot_at_the_very_end_leaves_nothing_to_fold),
        TEST(commands_without_events_are_covered),
        TEST(a_tail_that_was_never_written_is_written_again),
        TEST(an_event_tape_ahead_of_the_commands_is_set_aside),
        TEST(an_event_tape_of_other_commands_is_set_aside),
        TEST(other_times_are_seen_even_when_nothing_is_folded),
        TEST(a_damaged_event_tape_is_set_aside),
        TEST(a_command_tape_that_contradicts_itself_is_not_the_events_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
