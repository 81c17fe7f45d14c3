/* The tape on a disk in memory: what is appended is read, what was synced survives, and every kind of damage is
 * noticed. */
#include "tests/journal/tape_world.h"

#include <stdlib.h>
#include <xxhash.h>

struct world {
    struct fake_disk *disk;
    struct tape_options options;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->disk = fake_disk_new();
    w->options = world_options(fake_storage(w->disk), 4096);
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

/* A tape of `blocks` blocks of 1 to 4 commands, each synced, stopped cleanly or left as a crash leaves it. Returns its
 * last seq. */
static uint64_t given_tape(struct world *w, uint32_t blocks, bool stopped)
{
    struct tape_writer *t = world_open(&w->options);
    for (uint32_t i = 0; i < blocks; i++) {
        assert_int_equal(world_append(t, 1 + i % 4, 40 + i * 17 % 160), 0);
        assert_int_equal(tape_writer_sync(t), 0);
    }
    uint64_t last = tape_writer_last_seq(t);
    if (stopped)
        assert_int_equal(tape_writer_close(t), 0);
    else
        tape_writer_abandon(t);
    return last;
}

static void what_is_appended_is_read_across_many_segments(void **state)
{
    struct world *w = *state;
    uint64_t last = given_tape(w, 200, true);
    size_t len;
    assert_non_null(fake_bytes(w->disk, "commands/00000000000000000001.seg", &len));
    assert_int_not_equal(len % 4096, 0);
    assert_int_equal(world_read_all(&w->options, false), last);
    assert_int_equal(world_read_all(&w->options, true), last);
    world_verify_clean(&w->options);
}

static void a_tape_goes_on_where_it_stopped_or_was_killed(void **state)
{
    struct world *w = *state;
    uint64_t id = 0;
    for (int round = 0; round < 6; round++) {
        uint64_t before = round ? world_read_all(&w->options, true) : 0;
        struct tape_writer *t = world_open(&w->options);
        assert_int_equal(tape_writer_last_seq(t), before);
        assert_int_equal(tape_writer_durable_seq(t), before);
        if (round) {
            assert_int_equal(tape_writer_id(t), id);
            assert_int_equal(tape_writer_last_ts_ns(t), world_ts_ns(before));
        }
        id = tape_writer_id(t);
        for (int i = 0; i < 9; i++) assert_int_equal(world_append(t, 3, 100), 0);
        assert_int_equal(tape_writer_sync(t), 0);
        if (round % 2)
            tape_writer_abandon(t);
        else
            assert_int_equal(tape_writer_close(t), 0);
        world_verify_clean(&w->options);
    }
    assert_int_equal(world_read_all(&w->options, true), 6 * 27);
}

static void a_tape_without_a_block_leaves_nothing_behind(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 2; i++) {
        struct tape_writer *t = world_open(&w->options);
        assert_int_equal(tape_writer_mark(t), 0);
        assert_int_equal(tape_writer_last_seq(t), 0);
        assert_int_equal(tape_writer_close(t), 0);
        assert_int_equal(world_read_all(&w->options, false), 0);
        world_verify_clean(&w->options);
    }
    /* When a crash left a segment without a block, a stop removes it. */
    struct tape_writer *t = world_open(&w->options);
    fake_fail_at(w->disk, 0, 0, false);
    uint64_t begin = fake_operations(w->disk);
    assert_int_equal(world_append(t, 1, 10), 0);
    uint64_t operations = fake_operations(w->disk) - begin;
    tape_writer_abandon(t);
    fake_disk_free(w->disk);
    w->disk = fake_disk_new();
    w->options.storage = fake_storage(w->disk);
    t = world_open(&w->options);
    fake_fail_at(w->disk, operations, ERR_IO, true);
    assert_int_equal(world_append(t, 1, 10), ERR_IO);
    tape_writer_abandon(t);
    fake_power_cut(w->disk, 1);
    t = world_open(&w->options);
    assert_int_equal(tape_writer_close(t), 0);
    size_t len;
    assert_null(fake_bytes(w->disk, "commands/00000000000000000001.seg", &len));
}

static void a_seek_by_seq_finds_the_block_that_holds_it(void **state)
{
    struct world *w = *state;
    w->options.segment_bytes = 1 << 18;
    struct tape_writer *t = world_open(&w->options);
    for (int i = 0; i < 300; i++) assert_int_equal(world_append(t, 5, 4000), 0);
    assert_int_equal(tape_writer_sync(t), 0);
    for (int open = 0; open < 2; open++) {
        struct tape_reader *r;
        struct tape_report report;
        struct tape_block b;
        assert_int_equal(tape_reader_open(&w->options, true, &r, &report), 0);
        for (uint64_t seq = 1; seq <= 1500; seq += 7) {
            assert_int_equal(tape_reader_seek_seq(r, seq), 0);
            assert_int_equal(tape_reader_next(r, &b), 0);
            assert_true(b.first_seq <= seq && seq <= b.last_seq);
            world_check_block(&b);
            assert_int_equal(tape_reader_seek_time(r, world_ts_ns(seq)), 0);
            assert_int_equal(tape_reader_next(r, &b), 0);
            assert_true(b.first_seq <= seq && seq <= b.last_seq);
            assert_int_equal(tape_reader_seek_time(r, world_ts_ns(seq) - 9), 0);
            assert_int_equal(tape_reader_next(r, &b), 0);
            assert_true(b.first_seq <= seq && seq <= b.last_seq);
        }
        assert_int_equal(tape_reader_seek_seq(r, 1501), ERR_END);
        assert_int_equal(tape_reader_seek_time(r, world_ts_ns(1500) + 1), ERR_END);
        assert_int_equal(tape_reader_seek_seq(r, 0), 0);
        assert_int_equal(world_read_on(r, &report, 0), 1500);
        tape_reader_close(r);
        if (!open) assert_int_equal(tape_writer_close(t), 0);
    }
}

static void a_block_is_read_only_when_a_later_one_or_a_marker_says_it_was_synced(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    struct tape_reader *r;
    struct tape_report report;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    assert_int_equal(world_read_on(r, &report, 0), 0);
    assert_int_equal(tape_reader_id(r), 0);
    assert_int_equal(world_append(t, 2, 50), 0);
    assert_int_equal(world_read_on(r, &report, 0), 0);
    assert_int_equal(tape_writer_sync(t), 0);
    assert_int_equal(tape_writer_durable_seq(t), 2);
    assert_int_equal(world_read_on(r, &report, 0), 0); /* nothing on disk says so yet */
    assert_int_equal(world_append(t, 2, 50), 0);
    assert_int_equal(world_read_on(r, &report, 0), 2);
    assert_int_equal(tape_reader_id(r), tape_writer_id(t));
    assert_int_equal(tape_writer_mark(t), 0);
    assert_int_equal(world_read_on(r, &report, 2), 4);
    uint64_t operations = fake_operations(w->disk);
    assert_int_equal(tape_writer_mark(t), 0);
    assert_int_equal(fake_operations(w->disk), operations); /* covered: nothing to do */
    tape_reader_close(r);
    tape_writer_abandon(t);
}

static void a_reader_follows_a_growing_tape_from_segment_to_segment(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    struct tape_reader *r;
    struct tape_report report;
    uint64_t read = 0;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(world_append(t, 1 + (uint32_t)i % 3, 30 + (size_t)i % 200), 0);
        assert_int_equal(tape_writer_sync(t), 0);
        if (i % 10 == 0) assert_int_equal(tape_writer_mark(t), 0);
        read = world_read_on(r, &report, read);
        if (i % 10 == 0) assert_int_equal(read, tape_writer_last_seq(t));
    }
    assert_int_equal(tape_writer_close(t), 0);
    struct tape_writer *again = world_open(&w->options);
    assert_int_equal(world_append(again, 3, 30), 0);
    assert_int_equal(tape_writer_close(again), 0);
    assert_int_equal(world_read_on(r, &report, read), world_read_all(&w->options, false));
    tape_reader_close(r);
}

static void a_block_larger_than_a_segment_has_one_of_its_own(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(world_append(t, 2, 50), 0);
        assert_int_equal(world_append(t, 2, 50000), 0);
    }
    assert_int_equal(tape_writer_sync(t), 0);
    assert_int_equal(world_read_all(&w->options, true), 16);
    tape_writer_abandon(t);
    t = world_open(&w->options);
    assert_int_equal(world_append(t, 2, 50000), 0);
    assert_int_equal(tape_writer_close(t), 0);
    assert_int_equal(world_read_all(&w->options, false), 18);
    world_verify_clean(&w->options);
}

static void a_block_that_does_not_follow_is_refused_and_harms_nothing(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    uint8_t room[64];
    assert_int_equal(world_append(t, 2, 50), 0);
    struct tape_block good = world_block(3, 2, 50, room), b;
    b = good;
    b.first_seq = b.last_seq = 4, b.count = 1;
    assert_int_equal(tape_writer_append(t, &b), ERR_USAGE);
    b = good;
    b.count = 3;
    assert_int_equal(tape_writer_append(t, &b), ERR_USAGE);
    b = good;
    b.first_ts_ns = 0;
    assert_int_equal(tape_writer_append(t, &b), ERR_USAGE);
    b = good;
    b.payload_bytes = (size_t)BLOCK_PAYLOAD_BYTES_MAX + 1;
    assert_int_equal(tape_writer_append(t, &b), ERR_USAGE);
    b = good;
    b.continues = true;
    assert_int_equal(tape_writer_append(t, &b), ERR_USAGE);
    assert_int_equal(tape_writer_append(t, &good), 0);
    assert_int_equal(tape_writer_close(t), 0);
    assert_int_equal(world_read_all(&w->options, false), 4);
}

/* Opens copies of the tape; the copy must be refused, by verify with a finding that names the file, and must stay as
 * it is. */
static void then_refused(struct world *w, struct fake_disk *damaged, const char *file, const char *what, size_t at)
{
    struct tape_options o = w->options;
    o.storage = fake_storage(damaged);
    struct fake_disk *before = fake_disk_copy(damaged);
    struct tape_report report;
    struct tape_writer *t = NULL;
    if (tape_verify(&o, &report, NULL, NULL) != ERR_CORRUPT)
        fail_msg("verify passed over %s %zu of %s", what, at, file);
    bool named = false;
    for (uint32_t i = 0; i < report.count; i++)
        named |= report.findings[i].damage && strcmp(report.findings[i].file, file) == 0;
    if (!named) fail_msg("%s %zu of %s: said %s %s", what, at, file, report.findings[0].file, report.findings[0].text);
    int rc = tape_writer_open(&o, &t, &report);
    if (rc != ERR_CORRUPT && rc != ERR_VERSION) fail_msg("a writer opened after %s %zu of %s", what, at, file);
    assert_true(report.count > 0);
    if (!fake_disk_equal(before, damaged)) fail_msg("a refusal changed the tape: %s %zu of %s", what, at, file);
    fake_disk_free(before);
}

static const char *const small_tape[] = {"commands/00000000000000000001.seg", "commands/00000000000000000015.seg"};

static uint64_t given_small_stopped_tape(struct world *w)
{
    struct tape_writer *t = world_open(&w->options);
    while (tape_writer_last_seq(t) < 14) assert_int_equal(world_append(t, 1, 60), 0);
    w->options.rules_version = 2; /* other rules seal the segment */
    assert_int_equal(tape_writer_close(t), 0);
    t = world_open(&w->options);
    while (tape_writer_last_seq(t) < 20) assert_int_equal(world_append(t, 1, 60), 0);
    assert_int_equal(tape_writer_close(t), 0);
    world_verify_clean(&w->options);
    return 20;
}

static void every_flipped_byte_of_a_stopped_tape_is_named_and_refused(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    for (size_t f = 0; f < 2; f++) {
        size_t len;
        assert_non_null(fake_bytes(w->disk, small_tape[f], &len));
        for (size_t at = 0; at < len; at++) {
            struct fake_disk *copy = fake_disk_copy(w->disk);
            fake_bytes(copy, small_tape[f], &len)[at] ^= (uint8_t)(1u << at % 8);
            then_refused(w, copy, small_tape[f], "flipped byte", at);
            fake_disk_free(copy);
        }
    }
}

static void every_truncation_of_a_stopped_tape_is_named_and_refused(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    for (size_t f = 0; f < 2; f++) {
        size_t len;
        assert_non_null(fake_bytes(w->disk, small_tape[f], &len));
        for (size_t at = 0; at < len; at++) {
            struct fake_disk *copy = fake_disk_copy(w->disk);
            fake_truncate(copy, small_tape[f], at);
            then_refused(w, copy, small_tape[f], "truncation at", at);
            fake_disk_free(copy);
        }
        for (size_t more = 1; more < 200; more += 13) {
            struct fake_disk *copy = fake_disk_copy(w->disk);
            fake_truncate(copy, small_tape[f], len + more);
            then_refused(w, copy, small_tape[f], "growth by", more);
            fake_disk_free(copy);
        }
    }
}

static void several_damaged_places_are_all_named(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    size_t len;
    fake_bytes(w->disk, small_tape[0], &len)[SEGMENT_HEADER_BYTES + 50] ^= 1;
    fake_bytes(w->disk, small_tape[0], &len)[len - 300] ^= 1;
    fake_bytes(w->disk, small_tape[1], &len)[SEGMENT_HEADER_BYTES + BLOCK_HEADER_BYTES + 20] ^= 1;
    struct tape_report report;
    assert_int_equal(tape_verify(&w->options, &report, NULL, NULL), ERR_CORRUPT);
    assert_int_equal(report.count, 3);
    assert_int_equal(report.findings[0].offset, SEGMENT_HEADER_BYTES);
    assert_int_equal(report.findings[0].first_seq, 1);
    assert_int_equal(report.findings[0].last_seq, 1);
    assert_string_equal(report.findings[2].file, small_tape[1]);
    assert_int_equal(report.findings[2].first_seq, 15);
    /* A reader gives what is before the damage and then says so. */
    struct tape_reader *r;
    struct tape_block b;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    assert_int_equal(tape_reader_next(r, &b), ERR_CORRUPT);
    assert_int_equal(report.count, 1);
    assert_int_equal(tape_reader_seek_seq(r, 3), ERR_CORRUPT);
    tape_reader_close(r);
}

/* The places of the blocks of a tape of one segment. */
static uint32_t block_offsets(struct world *w, size_t *offsets, uint32_t max)
{
    struct tape_reader *r;
    struct tape_report report;
    struct tape_block b;
    uint32_t count = 0;
    assert_int_equal(tape_reader_open(&w->options, true, &r, &report), 0);
    while (tape_reader_next(r, &b) == 0 && count < max) {
        offsets[count++] = b.offset;
        offsets[count] = b.offset + b.stored_bytes;
    }
    tape_reader_close(r);
    return count;
}

static void in_a_killed_tape_the_last_block_is_cut_and_anything_before_it_is_refused(void **state)
{
    struct world *w = *state;
    uint64_t last = given_tape(w, 8, false);
    size_t offsets[32], len;
    uint32_t count = block_offsets(w, offsets, 31);
    assert_int_equal(count, 8);
    for (size_t at = 0; at < offsets[count]; at++) {
        struct fake_disk *copy = fake_disk_copy(w->disk);
        uint8_t *bytes = fake_bytes(copy, small_tape[0], &len);
        bytes[at] ^= (uint8_t)(1u << at % 8);
        if (at < offsets[count - 1]) {
            then_refused(w, copy, small_tape[0], "flipped byte", at);
        } else {
            struct tape_options o = w->options;
            o.storage = fake_storage(copy);
            struct tape_report report;
            struct tape_writer *t;
            assert_int_equal(tape_verify(&o, &report, NULL, NULL), 0);
            assert_int_equal(report.count, 1);
            assert_false(report.findings[0].damage);
            assert_int_equal(report.findings[0].offset, offsets[count - 1]);
            assert_int_equal(tape_writer_open(&o, &t, &report), 0);
            assert_int_equal(report.count, 1);
            assert_non_null(strstr(report.findings[0].text, ".torn-1"));
            assert_int_equal(report.findings[0].offset, offsets[count - 1]);
            assert_int_equal(tape_writer_last_seq(t), last - 4);
            uint8_t *aside = fake_bytes(copy, "commands/00000000000000000001.seg.torn-1", &len);
            assert_non_null(aside);
            assert_true(len <= offsets[count] - offsets[count - 1] && len > BLOCK_HEADER_BYTES);
            assert_int_equal(world_append(t, 3, 77), 0);
            assert_int_equal(tape_writer_close(t), 0);
            world_verify_clean(&o);
            assert_int_equal(world_read_all(&o, false), last - 1);
        }
        fake_disk_free(copy);
    }
}

static void a_marker_makes_damage_to_the_last_block_known(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    assert_int_equal(world_append(t, 2, 50), 0);
    assert_int_equal(world_append(t, 2, 50), 0);
    assert_int_equal(tape_writer_sync(t), 0);
    assert_int_equal(tape_writer_mark(t), 0);
    tape_writer_abandon(t);
    size_t offsets[8], len;
    assert_int_equal(block_offsets(w, offsets, 7), 2);
    struct fake_disk *copy = fake_disk_copy(w->disk);
    fake_bytes(copy, small_tape[0], &len)[offsets[1] + BLOCK_HEADER_BYTES] ^= 4;
    then_refused(w, copy, small_tape[0], "flipped byte", offsets[1]);
    fake_disk_free(copy);
    /* The marker itself is the last block: without it nothing acknowledged is lost. */
    fake_bytes(w->disk, small_tape[0], &len)[offsets[2]] ^= 4;
    t = world_open(&w->options);
    assert_int_equal(tape_writer_last_seq(t), 4);
    assert_int_equal(world_append(t, 1, 10), 0);
    assert_int_equal(tape_writer_sync(t), 0);
    tape_writer_abandon(t);
    /* With a block behind it, it is before the last block: refused. */
    fake_bytes(w->disk, small_tape[0], &len)[offsets[2]] ^= 4;
    then_refused(w, w->disk, small_tape[0], "flipped byte", offsets[2]);
}

static void bytes_behind_the_last_block_are_set_aside(void **state)
{
    struct world *w = *state;
    uint64_t last = given_tape(w, 3, false);
    size_t offsets[8], len;
    uint32_t count = block_offsets(w, offsets, 7);
    static const size_t behind[] = {0, 1, 119, 120, 700};
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        fake_bytes(w->disk, small_tape[0], &len)[offsets[count] + behind[i]] = 0xb2;
        struct tape_report report;
        struct tape_writer *t;
        assert_int_equal(tape_writer_open(&w->options, &t, &report), 0);
        assert_int_equal(report.count, 1);
        assert_int_equal(tape_writer_last_seq(t), last);
        tape_writer_abandon(t);
        char name[64];
        (void)snprintf(name, sizeof name, "%s.torn-%zu", small_tape[0], i + 1);
        assert_non_null(fake_bytes(w->disk, name, &len));
        assert_int_equal(len, behind[i] + 1);
        count = block_offsets(w, offsets, 7);
        /* Opening wrote a marker behind the last block. */
        offsets[count] += BLOCK_HEADER_BYTES;
        world_verify_clean(&w->options);
    }
}

static void a_crash_between_the_seal_and_the_cut_is_put_right(void **state)
{
    struct world *w = *state;
    uint64_t last = given_tape(w, 5, true);
    size_t len;
    assert_non_null(fake_bytes(w->disk, small_tape[0], &len));
    fake_truncate(w->disk, small_tape[0], 4096);
    world_verify_clean(&w->options);
    assert_int_equal(world_read_all(&w->options, false), last);
    struct tape_writer *t = world_open(&w->options);
    assert_int_equal(tape_writer_last_seq(t), last);
    size_t len_after;
    assert_non_null(fake_bytes(w->disk, small_tape[0], &len_after));
    assert_int_equal(len_after, len);
    assert_int_equal(world_append(t, 1, 10), 0);
    assert_int_equal(tape_writer_close(t), 0);
    assert_int_equal(world_read_all(&w->options, false), last + 1);
}

static void then_directory_refused(struct world *w, int rc_expected, const char *file, const char *word)
{
    struct tape_report report;
    struct tape_writer *t;
    struct tape_reader *r;
    assert_int_equal(tape_writer_open(&w->options, &t, &report), rc_expected);
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), rc_expected);
    assert_int_equal(tape_verify(&w->options, &report, NULL, NULL), ERR_CORRUPT);
    assert_true(report.count > 0);
    assert_string_equal(report.findings[0].file, file);
    if (!strstr(report.findings[0].text, word)) fail_msg("said: %s", report.findings[0].text);
}

static void a_file_that_does_not_belong_is_named_and_refused(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    fake_put(w->disk, "commands/00000000000000000001.seg.torn-3", "x", 1);
    fake_put(w->disk, "commands/spare-old.tmp", "x", 1);
    world_verify_clean(&w->options);
    static const char *const strange[] = {"commands/notes.txt",
                                          "commands/1.seg",
                                          "commands/00000000000000000001.seg~",
                                          "commands/00000000000000000000.seg",
                                          "commands/99999999999999999999.seg",
                                          "commands/.x"};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        const struct storage *s = fake_storage(w->disk);
        fake_put(w->disk, strange[i], "x", 1);
        then_directory_refused(w, ERR_CORRUPT, strange[i], "does not belong");
        assert_int_equal(s->remove(s->ctx, strange[i]), 0);
    }
    world_verify_clean(&w->options);
}

static void a_missing_segment_is_named_and_refused(void **state)
{
    struct world *w = *state;
    given_tape(w, 120, true);
    const struct storage *s = fake_storage(w->disk);
    struct tape_reader *r;
    struct tape_report report;
    struct tape_block b;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    uint64_t firsts[32] = {0};
    uint32_t count = 0;
    while (tape_reader_next(r, &b) == 0)
        if (b.offset == SEGMENT_HEADER_BYTES) firsts[count++] = b.first_seq;
    tape_reader_close(r);
    assert_true(count >= 4);
    char name[64];
    (void)snprintf(name, sizeof name, "commands/%020llu.seg", (unsigned long long)firsts[2]);
    struct fake_disk *whole = fake_disk_copy(w->disk);
    assert_int_equal(s->remove(s->ctx, name), 0);
    then_directory_refused(w, ERR_CORRUPT, name, "missing");
    fake_disk_free(w->disk);
    w->disk = whole;
    s = w->options.storage = fake_storage(whole);
    assert_int_equal(s->remove(s->ctx, small_tape[0]), 0);
    then_directory_refused(w, ERR_CORRUPT, small_tape[0], "missing");
}

static void a_segment_of_another_tape_or_history_is_named_and_refused(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    struct world other = {.disk = fake_disk_new()};
    other.options = world_options(fake_storage(other.disk), 4096);
    given_small_stopped_tape(&other);
    size_t len;
    uint8_t *bytes = fake_bytes(other.disk, small_tape[1], &len);
    fake_put(w->disk, small_tape[1], bytes, len);
    then_directory_refused(w, ERR_CORRUPT, small_tape[1], "another tape");
    fake_disk_free(other.disk);
    /* The same tape, branched: another previous hash. */
    bytes = fake_bytes(w->disk, small_tape[1], &len);
    struct segment_header h;
    const char *why;
    assert_int_equal(segment_header_decode(bytes, &h, &why), 0);
    size_t first_len;
    struct segment_header first;
    assert_int_equal(segment_header_decode(fake_bytes(w->disk, small_tape[0], &first_len), &first, &why), 0);
    h.tape_id = first.tape_id;
    h.previous.lo++;
    segment_header_encode(&h, bytes);
    struct tape_report report;
    assert_int_equal(tape_verify(&w->options, &report, NULL, NULL), ERR_CORRUPT);
}

static void other_kinds_rules_and_versions_are_refused(void **state)
{
    struct world *w = *state;
    given_small_stopped_tape(w);
    w->options.kind = TAPE_EVENTS;
    then_directory_refused(w, ERR_CORRUPT, small_tape[0], "another kind");
    w->options.kind = TAPE_COMMANDS;
    w->options.rules_version = 1;
    then_directory_refused(w, ERR_VERSION, small_tape[1], "rules");
    w->options.rules_version = 2;
    w->options.rules_version_oldest = 2;
    then_directory_refused(w, ERR_VERSION, small_tape[0], "no longer folds");
    w->options.rules_version_oldest = 1;
    world_verify_clean(&w->options);
    size_t len;
    uint8_t *bytes = fake_bytes(w->disk, small_tape[0], &len);
    struct segment_header h;
    const char *why;
    assert_int_equal(segment_header_decode(bytes, &h, &why), 0);
    h.format_version = FORMAT_VERSION + 1;
    segment_header_encode(&h, bytes);
    then_directory_refused(w, ERR_VERSION, small_tape[0], "version");
}

static void other_rules_begin_a_new_segment(void **state)
{
    struct world *w = *state;
    uint64_t last = given_tape(w, 3, false);
    w->options.rules_version = 2;
    struct tape_writer *t = world_open(&w->options);
    assert_int_equal(world_append(t, 1, 30), 0);
    assert_int_equal(tape_writer_close(t), 0);
    struct tape_reader *r;
    struct tape_report report;
    struct tape_block b;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    assert_int_equal(tape_reader_next(r, &b), 0);
    assert_int_equal(tape_reader_rules_version(r), 1);
    assert_int_equal(tape_reader_seek_seq(r, last + 1), 0);
    assert_int_equal(tape_reader_next(r, &b), 0);
    assert_int_equal(b.offset, SEGMENT_HEADER_BYTES);
    assert_int_equal(tape_reader_rules_version(r), 2);
    tape_reader_close(r);
}

/* A block whose header is right in itself, but lies: each check behind the header's checksum is met. */
static void a_block_that_verifies_but_does_not_fit_its_place_is_refused(void **state)
{
    struct world *w = *state;
    struct tape_writer *t = world_open(&w->options);
    for (int i = 0; i < 3; i++) assert_int_equal(world_append(t, 2, 60), 0);
    uint64_t id = tape_writer_id(t);
    assert_int_equal(tape_writer_close(t), 0);
    size_t offsets[8], len;
    assert_int_equal(block_offsets(w, offsets, 7), 3);
    static const struct {
        size_t offset;
        uint8_t change;
        const char *word;
    } rows[] = {
        {8, 1, "checksum"},       /* stored_bytes: the frame ends elsewhere */
        {9, 0xff, "longer than"}, /* stored_bytes: beyond the blocks */
        {12, 1, "unpack"},        /* payload_bytes */
        {16, 1, "bytes do not match"},
        {25, 0xff, "behind it"}, /* durable_offset */
        {48, 1, "chain"},        /* durable_seq: 1 instead of 0, still possible */
        {64, 8, "chain"},        /* last_ts_ns */
        {80, 1, "chain"},        /* digest */
        {96, 1, "chain"},        /* the hash itself */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fake_disk *copy = fake_disk_copy(w->disk);
        struct tape_options o = w->options;
        o.storage = fake_storage(copy);
        uint8_t *block = fake_bytes(copy, small_tape[0], &len) + offsets[1];
        block[rows[i].offset] ^= rows[i].change;
        uint64_t checksum = XXH3_64bits_withSeed(block, 112, id);
        for (int k = 0; k < 8; k++) block[112 + k] = (uint8_t)(checksum >> (8 * k));
        struct tape_report report;
        assert_int_equal(tape_verify(&o, &report, NULL, NULL), ERR_CORRUPT);
        if (!strstr(report.findings[0].text, rows[i].word)) fail_msg("row %zu: said %s", i, report.findings[0].text);
        assert_int_equal(report.findings[0].offset, offsets[1]);
        fake_disk_free(copy);
    }
    /* A whole block in another's place. */
    uint8_t *bytes = fake_bytes(w->disk, small_tape[0], &len);
    assert_int_equal(offsets[1] - offsets[0], offsets[2] - offsets[1]);
    memcpy(bytes + offsets[1], bytes + offsets[0], offsets[1] - offsets[0]);
    struct tape_report report;
    assert_int_equal(tape_verify(&w->options, &report, NULL, NULL), ERR_CORRUPT);
    assert_non_null(strstr(report.findings[0].text, "does not follow"));
}

static void a_spare_that_a_crash_left_is_used_when_good_and_made_anew_when_not(void **state)
{
    struct world *w = *state;
    static uint8_t zeros[4096], rubbish[4096] = {[4000] = 1};
    static const struct {
        const uint8_t *bytes;
        size_t len;
    } rows[] = {{zeros, 4096}, {zeros, 100}, {rubbish, 4096}, {zeros, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_put(w->disk, "commands/spare-left.tmp", rows[i].bytes, rows[i].len);
        uint64_t last = world_read_all(&w->options, false);
        struct tape_writer *t = world_open(&w->options);
        assert_int_equal(world_append(t, 2, 100), 0);
        assert_int_equal(tape_writer_close(t), 0);
        assert_int_equal(world_read_all(&w->options, false), last + 2);
        world_verify_clean(&w->options);
        size_t len;
        assert_null(fake_bytes(w->disk, "commands/spare-left.tmp", &len));
    }
}

static void the_tape_of_events_carries_a_command_over_many_blocks_and_segments(void **state)
{
    struct world *w = *state;
    w->options.kind = TAPE_EVENTS;
    uint8_t room[2000];
    struct tape_writer *t = world_open(&w->options);
    struct tape_block b = {.first_seq = 1, .last_seq = 5, .count = 9, .payload = room};
    b.payload_bytes = world_payload(1, 300, room);
    assert_int_equal(tape_writer_append(t, &b), 0);
    b = (struct tape_block){.first_seq = 6, .last_seq = 8}; /* three commands without events */
    assert_int_equal(tape_writer_append(t, &b), 0);
    for (int i = 0; i < 12; i++) { /* command 9 has more events than a segment has room */
        b = (struct tape_block){.first_seq = 9, .last_seq = 9, .count = 7, .payload = room, .continues = true};
        b.payload_bytes = world_payload((uint64_t)i, 1500, room);
        assert_int_equal(tape_writer_append(t, &b), 0);
        assert_int_equal(tape_writer_last_seq(t), 8);
        assert_true(tape_writer_continues(t));
    }
    assert_int_equal(tape_writer_sync(t), 0);
    assert_int_equal(tape_writer_durable_seq(t), 8);
    assert_int_equal(tape_writer_mark(t), 0);
    assert_true(tape_writer_continues(t));
    tape_writer_abandon(t);
    t = world_open(&w->options);
    assert_int_equal(tape_writer_last_seq(t), 8);
    assert_true(tape_writer_continues(t));
    struct tape_reader *r;
    struct tape_report report;
    assert_int_equal(tape_reader_open(&w->options, false, &r, &report), 0);
    uint64_t seq;
    assert_int_equal(tape_reader_last_seq(r, &seq), 0);
    assert_int_equal(seq, 8);
    assert_int_equal(tape_reader_next(r, &b), 0);
    assert_int_equal(tape_reader_next(r, &b), ERR_END); /* command 9 is not whole */
    b = (struct tape_block){.first_seq = 9, .last_seq = 10, .count = 7, .payload = room, .payload_bytes = 100};
    assert_int_equal(tape_writer_append(t, &b), 0);
    assert_int_equal(tape_writer_close(t), 0);
    assert_int_equal(tape_reader_seek_seq(r, 9), 0);
    for (int i = 0; i < 13; i++) {
        assert_int_equal(tape_reader_next(r, &b), 0);
        assert_int_equal(b.first_seq, 9);
        assert_int_equal(b.continues, i < 12);
    }
    assert_int_equal(tape_reader_next(r, &b), ERR_END);
    tape_reader_close(r);
    world_verify_clean(&w->options);
}

static void see_progress(void *arg, uint64_t done, uint64_t total)
{
    uint64_t *seen = arg;
    assert_true(done >= seen[0] && done <= total);
    seen[0] = done;
    seen[1] = total;
}

static void progress_reaches_the_end_of_the_tape(void **state)
{
    struct world *w = *state;
    given_tape(w, 50, true);
    uint64_t seen[2] = {0};
    assert_int_equal(tape_verify(&w->options, NULL, see_progress, seen), 0);
    assert_true(seen[0] > seen[1] * 9 / 10);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_appended_is_read_across_many_segments),
        TEST(a_tape_goes_on_where_it_stopped_or_was_killed),
        TEST(a_tape_without_a_block_leaves_nothing_behind),
        TEST(a_seek_by_seq_finds_the_block_that_holds_it),
        TEST(a_block_is_read_only_when_a_later_one_or_a_marker_says_it_was_synced),
        TEST(a_reader_follows_a_growing_tape_from_segment_to_segment),
        TEST(a_block_larger_than_a_segment_has_one_of_its_own),
        TEST(a_block_that_does_not_follow_is_refused_and_harms_nothing),
        TEST(every_flipped_byte_of_a_stopped_tape_is_named_and_refused),
        TEST(every_truncation_of_a_stopped_tape_is_named_and_refused),
        TEST(several_damaged_places_are_all_named),
        TEST(in_a_killed_tape_the_last_block_is_cut_and_anything_before_it_is_refused),
        TEST(a_marker_makes_damage_to_the_last_block_known),
        TEST(bytes_behind_the_last_block_are_set_aside),
        TEST(a_crash_between_the_seal_and_the_cut_is_put_right),
        TEST(a_file_that_does_not_belong_is_named_and_refused),
        TEST(a_missing_segment_is_named_and_refused),
        TEST(a_segment_of_another_tape_or_history_is_named_and_refused),
        TEST(other_kinds_rules_and_versions_are_refused),
        TEST(other_rules_begin_a_new_segment),
        TEST(a_block_that_verifies_but_does_not_fit_its_place_is_refused),
        TEST(a_spare_that_a_crash_left_is_used_when_good_and_made_anew_when_not),
        TEST(the_tape_of_events_carries_a_command_over_many_blocks_and_segments),
        TEST(progress_reaches_the_end_of_the_tape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
