/* Commands and events on their tapes, record by record. */
#include "tests/journal/command_world.h"

#include <stdlib.h>

struct world {
    struct fake_disk *disk;
    struct tape_options options;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->disk = fake_disk_new();
    w->options = world_options(fake_storage(w->disk), 65536);
    w->options.kind = TAPE_EVENTS;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    fake_disk_free(w->disk);
    free(w);
    return 0;
}

static struct event cancelled(uint64_t seq, uint32_t index)
{
    struct event e = {.seq = seq, .ts_ns = world_ts_ns(seq), .index = index, .kind = EVENT_CANCELLED};
    e.cancelled.order_id = (seq << 16) + index;
    e.cancelled.account = name_of("ann");
    e.cancelled.symbol = name_of("ABC");
    e.cancelled.leaves = index + 1;
    e.cancelled.reason = CANCEL_REASON_MASS_CANCEL;
    e.cancelled.side = SIDE_SELL;
    return e;
}

/* Command seq has seq % 3 events: every third has none. */
static uint32_t events_of(uint64_t seq, struct event *room)
{
    uint32_t count = (uint32_t)(seq % 3);
    for (uint32_t i = 0; i < count; i++) room[i] = cancelled(seq, i);
    return count;
}

static int append_commands(struct event_writer *w, uint64_t from, uint64_t to)
{
    static struct event room[4096];
    uint32_t count = 0;
    for (uint64_t seq = from; seq <= to; seq++) count += events_of(seq, room + count);
    return event_writer_append(w, room, count, to, world_ts_ns(to));
}

/* Reads events that follow seq up to and with the last of `to`. */
static void then_reads(struct event_reader *r, uint64_t from, uint64_t to)
{
    const struct event *e;
    for (uint64_t seq = from; seq <= to; seq++) {
        for (uint32_t i = 0; i < seq % 3; i++) {
            assert_int_equal(event_reader_next(r, &e), 0);
            assert_int_equal(e->seq, seq);
            assert_int_equal(e->index, i);
            assert_int_equal(e->cancelled.leaves, i + 1);
            assert_int_equal(e->ts_ns, world_ts_ns(seq));
        }
    }
    assert_int_equal(event_reader_next(r, &e), ERR_END);
}

static void events_come_back_and_commands_without_any_are_covered(void **state)
{
    struct world *w = *state;
    struct event_writer *t;
    struct event_reader *r;
    struct tape_report report;
    uint64_t seq;
    assert_int_equal(event_writer_open(&w->options, &t, &report), 0);
    assert_int_equal(event_writer_covered_seq(t), 0);
    assert_int_equal(append_commands(t, 1, 100), 0);
    assert_int_equal(append_commands(t, 101, 102), 0); /* ends with one that has none */
    assert_int_equal(append_commands(t, 103, 103), 0);
    assert_int_equal(event_writer_append(t, NULL, 0, 103, world_ts_ns(103)), 0); /* nothing new */
    assert_int_equal(event_writer_append(t, NULL, 0, 120, world_ts_ns(120)), 0);
    assert_int_equal(event_writer_covered_seq(t), 120);
    assert_int_equal(event_writer_sync(t), 0);
    assert_int_equal(event_reader_open(&w->options, false, &r, &report), 0);
    assert_int_equal(event_reader_last_seq(r, &seq), 0);
    assert_int_equal(seq, 0); /* nothing on disk says that it was synced: each block was written before */
    assert_int_equal(event_writer_mark(t), 0);
    assert_int_equal(event_reader_last_seq(r, &seq), 0);
    assert_int_equal(seq, 120);
    then_reads(r, 1, 103);
    assert_int_equal(event_writer_close(t), 0);
    for (seq = 1; seq <= 103; seq += 3) {
        assert_int_equal(event_reader_seek_seq(r, seq), 0);
        then_reads(r, seq, 103);
    }
    assert_int_equal(event_reader_seek_seq(r, 121), ERR_END);
    event_reader_close(r);
    assert_int_equal(event_writer_open(&w->options, &t, &report), 0);
    assert_int_equal(event_writer_covered_seq(t), 120);
    event_writer_abandon(t);
    world_verify_clean(&w->options);
}

enum { MANY = 150000 }; /* events of one command: more than two blocks hold */

static struct event *many_events(uint64_t seq)
{
    struct event *events = calloc(MANY, sizeof *events);
    assert_non_null(events);
    for (uint32_t i = 0; i < MANY; i++) events[i] = cancelled(seq, i);
    return events;
}

static uint32_t then_many_read(struct world *w, uint64_t seq)
{
    struct event_reader *r;
    struct tape_report report;
    const struct event *e;
    uint32_t count = 0;
    assert_int_equal(event_reader_open(&w->options, true, &r, &report), 0);
    if (event_reader_seek_seq(r, seq) == 0) {
        while (event_reader_next(r, &e) == 0 && e->seq == seq) assert_int_equal(e->index, count++);
    }
    event_reader_close(r);
    return count;
}

static void a_command_with_more_events_than_a_block_goes_over_several(void **state)
{
    struct world *w = *state;
    struct event_writer *t;
    struct tape_report report;
    struct event *events = many_events(3);
    assert_int_equal(event_writer_open(&w->options, &t, &report), 0);
    assert_int_equal(append_commands(t, 1, 2), 0);
    assert_int_equal(event_writer_append(t, events, MANY, 3, world_ts_ns(3)), 0);
    assert_int_equal(event_writer_covered_seq(t), 3);
    assert_int_equal(append_commands(t, 4, 5), 0);
    /* Behind a first part, and behind the last: a seek to the command goes back to its first event. */
    struct event_reader *r;
    const struct event *e = NULL;
    assert_int_equal(event_reader_open(&w->options, true, &r, &report), 0);
    for (uint32_t read = 1; read < MANY; read = read * 3 + 1) {
        assert_int_equal(event_reader_seek_seq(r, 3), 0);
        for (uint32_t i = 0; i < read; i++) {
            assert_int_equal(event_reader_next(r, &e), 0);
            assert_int_equal(e->seq, 3);
            assert_int_equal(e->index, i);
        }
    }
    assert_int_equal(event_reader_seek_seq(r, 4), 0);
    assert_int_equal(event_reader_next(r, &e), 0);
    assert_int_equal(e->seq, 4);
    event_reader_close(r);
    assert_int_equal(event_writer_close(t), 0);
    assert_int_equal(then_many_read(w, 3), MANY);
    world_verify_clean(&w->options);
    free(events);
}

static void after_a_crash_in_the_middle_of_a_command_its_other_events_follow(void **state)
{
    struct world *w = *state;
    struct event *events = many_events(3);
    uint32_t cut_in_the_middle = 0;
    bool untouched = false;
    for (uint64_t k = 1; !untouched; k++) {
        struct fake_disk *disk = fake_disk_new();
        struct world again = {.disk = disk, .options = w->options};
        again.options.storage = fake_storage(disk);
        again.options.segment_bytes = 1 << 18;
        struct event_writer *t;
        struct tape_report report;
        assert_int_equal(event_writer_open(&again.options, &t, &report), 0);
        assert_int_equal(append_commands(t, 1, 2), 0);
        fake_fail_at(disk, k, ERR_NO_SPACE, true);
        int rc = event_writer_append(t, events, MANY, 3, world_ts_ns(3));
        if (rc == 0) rc = event_writer_sync(t);
        untouched = rc == 0;
        event_writer_abandon(t);
        fake_fail_at(disk, 0, 0, false); /* the process was killed: what it wrote is in memory still */
        assert_int_equal(event_writer_open(&again.options, &t, &report), 0);
        bool whole = event_writer_covered_seq(t) == 3; /* also when only its sync failed */
        assert_true(whole || (!untouched && event_writer_covered_seq(t) == 2));
        uint32_t there = then_many_read(&again, 3);
        cut_in_the_middle += there > 0 && there < MANY;
        if (!whole) assert_int_equal(event_writer_append(t, events, MANY, 3, world_ts_ns(3)), 0);
        assert_int_equal(append_commands(t, 4, 5), 0);
        assert_int_equal(event_writer_close(t), 0);
        assert_int_equal(then_many_read(&again, 3), MANY);
        world_verify_clean(&again.options);
        fake_disk_free(disk);
    }
    assert_true(cut_in_the_middle > 0);
    free(events);
}

static void a_payload_that_is_no_record_is_named(void **state)
{
    struct world *w = *state;
    w->options.kind = TAPE_COMMANDS;
    struct tape_writer *t = world_open(&w->options);
    assert_int_equal(world_append(t, 2, 100), 0);
    assert_int_equal(tape_writer_close(t), 0);
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    assert_int_equal(command_reader_open(&w->options, false, &r, &report), 0);
    assert_int_equal(command_reader_next(r, &c), ERR_CORRUPT);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.findings[0].file, "commands/00000000000000000001.seg");
    assert_int_equal(report.findings[0].last_seq, 2);
    command_reader_close(r);
}

/* Wherever the reader stands: ahead in the block, ahead in the segment, behind, in another segment, at the end. */
static void a_seek_finds_the_same_from_every_place(void **state)
{
    struct world *w = *state;
    enum { COMMANDS = 600, SEEKS = 3000 };
    struct event_writer *writer;
    struct event_reader *r;
    struct tape_report report;
    const struct event *e = NULL;
    uint32_t random = 1;
    assert_int_equal(event_writer_open(&w->options, &writer, &report), 0);
    for (uint64_t seq = 1; seq <= COMMANDS; seq += 1 + seq % 7)
        assert_int_equal(append_commands(writer, seq, seq + seq % 7), 0);
    uint64_t covered = event_writer_covered_seq(writer);
    assert_int_equal(event_reader_open(&w->options, true, &r, &report), 0);
    for (int i = 0; i < SEEKS; i++) {
        random = random * 1103515245 + 12345;
        uint64_t seq = 1 + (random >> 8) % covered;
        if (e != NULL && i % 3 != 0 && e->seq + 3 < covered) seq = e->seq + 1 + (uint64_t)i % 3; /* near ahead */
        uint64_t found = seq + (seq % 3 == 0);
        if (found > covered) continue;
        assert_int_equal(event_reader_seek_seq(r, seq), 0);
        assert_int_equal(event_reader_next(r, &e), 0);
        assert_int_equal(e->seq, found);
        assert_int_equal(e->index, 0);
    }
    event_reader_close(r);
    assert_int_equal(event_writer_close(writer), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(events_come_back_and_commands_without_any_are_covered),
        TEST(a_command_with_more_events_than_a_block_goes_over_several),
        TEST(after_a_crash_in_the_middle_of_a_command_its_other_events_follow),
        TEST(a_payload_that_is_no_record_is_named),
        TEST(a_seek_finds_the_same_from_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
