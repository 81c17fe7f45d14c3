/* tests/journal/tape_world.h - what the tests of the tape share: options on a disk, and numbered blocks whose bytes
 * follow from their first seq, so that any reader can tell whether it got what was appended. */
#ifndef ORDERTAPE_TESTS_JOURNAL_TAPE_WORLD_H
#define ORDERTAPE_TESTS_JOURNAL_TAPE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "journal/format.h"
#include "journal/tape.h"
#include "tests/journal/fake_storage.h"

enum { WORLD_PAYLOAD_BYTES_MAX = 60000 };

static inline struct tape_options world_options(const struct storage *storage, uint64_t segment_bytes)
{
    struct tape_options o = {
        .storage = storage, .kind = TAPE_COMMANDS, .rules_version = 1, .segment_bytes = segment_bytes};
    strcpy(o.dir, "commands");
    return o;
}

/* The bytes of the block that begins with first_seq: half noise, half repetition. */
static inline size_t world_payload(uint64_t first_seq, size_t len_bytes, uint8_t *room)
{
    uint64_t x = first_seq * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < len_bytes; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        room[i] = i % 8 < 4 ? (uint8_t)x : (uint8_t)first_seq;
    }
    return len_bytes;
}

static inline int64_t world_ts_ns(uint64_t seq)
{
    return 1000000 + (int64_t)seq * 10;
}

/* A block of `count` commands from first_seq on. */
static inline struct tape_block world_block(uint64_t first_seq, uint32_t count, size_t len_bytes, uint8_t *room)
{
    struct tape_block b = {.first_seq = first_seq,
                           .last_seq = first_seq + count - 1,
                           .count = count,
                           .first_ts_ns = world_ts_ns(first_seq),
                           .last_ts_ns = world_ts_ns(first_seq + count - 1),
                           .has_digest = true,
                           .digest = {.lo = first_seq, .hi = ~first_seq},
                           .payload = room};
    b.payload_bytes = world_payload(first_seq, len_bytes, room);
    return b;
}

static inline int world_append(struct tape_writer *w, uint32_t count, size_t len_bytes)
{
    static uint8_t room[WORLD_PAYLOAD_BYTES_MAX];
    struct tape_block b = world_block(tape_writer_last_seq(w) + 1, count, len_bytes, room);
    return tape_writer_append(w, &b);
}

static inline void world_check_block(const struct tape_block *b)
{
    static uint8_t room[WORLD_PAYLOAD_BYTES_MAX];
    assert_int_equal(b->count, b->last_seq + 1 - b->first_seq);
    assert_true(b->payload_bytes <= sizeof room);
    world_payload(b->first_seq, b->payload_bytes, room);
    assert_memory_equal(room, b->payload, b->payload_bytes);
    assert_int_equal(b->first_ts_ns, world_ts_ns(b->first_seq));
    assert_int_equal(b->last_ts_ns, world_ts_ns(b->last_seq));
    assert_true(b->has_digest && b->digest.lo == b->first_seq && b->digest.hi == ~b->first_seq);
}

/* Reads on to the end, checking every block; returns the last seq read, `from` when there was none. */
static inline uint64_t world_read_on(struct tape_reader *r, const struct tape_report *report, uint64_t from)
{
    struct tape_block b;
    int rc;
    while ((rc = tape_reader_next(r, &b)) == 0) {
        assert_int_equal(b.first_seq, from + 1);
        world_check_block(&b);
        from = b.last_seq;
    }
    if (rc != ERR_END) print_error("read: %d %s\n", rc, report->count ? report->findings[report->count - 1].text : "");
    assert_int_equal(rc, ERR_END);
    return from;
}

static inline uint64_t world_read_all(const struct tape_options *o, bool all_bytes)
{
    struct tape_reader *r;
    struct tape_report report;
    assert_int_equal(tape_reader_open(o, all_bytes, &r, &report), 0);
    uint64_t last = world_read_on(r, &report, 0);
    uint64_t seq;
    assert_int_equal(tape_reader_last_seq(r, &seq), 0);
    assert_int_equal(seq, last);
    tape_reader_close(r);
    return last;
}

static inline struct tape_writer *world_open(const struct tape_options *o)
{
    struct tape_writer *w = NULL;
    struct tape_report report;
    int rc = tape_writer_open(o, &w, &report);
    if (rc)
        print_error("open: %d %s %s\n", rc, report.count ? report.findings[0].file : "",
                    report.count ? report.findings[0].text : "");
    assert_int_equal(rc, 0);
    return w;
}

static inline void world_verify_clean(const struct tape_options *o)
{
    struct tape_report report;
    int rc = tape_verify(o, &report, NULL, NULL);
    if (rc || report.count) print_error("verify: %d %s %s\n", rc, report.findings[0].file, report.findings[0].text);
    assert_int_equal(rc, 0);
    assert_int_equal(report.count, 0);
}

#endif
