/* The bytes of segment headers, block headers and seals: what is written is read, and every check behind a checksum is
 * met by damaging one field and making the checksum right again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>
#include <zstd.h>

#include "core/error.h"
#include "journal/format.h"
#include "journal/frame.h"

#define TAPE_ID UINT64_C(0x1122334455667788)

static void put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

struct field {
    size_t offset;
    int bytes;
    uint64_t value;
    const char *why; /* part of what must be said */
};

static struct segment_header good_segment(void)
{
    return (struct segment_header){.format_version = FORMAT_VERSION,
                                   .kind = TAPE_EVENTS,
                                   .tape_id = TAPE_ID,
                                   .first_seq = 77,
                                   .rules_version = 3,
                                   .prepared_bytes = 65536,
                                   .previous = {.lo = 5, .hi = 6}};
}

static void a_segment_header_comes_back_as_it_was(void **state)
{
    (void)state;
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    struct segment_header h = good_segment(), d;
    memset(&d, 0, sizeof d);
    const char *why;
    segment_header_encode(&h, bytes);
    assert_int_equal(segment_header_decode(bytes, &d, &why), 0);
    assert_int_equal(d.kind, h.kind);
    assert_int_equal(d.tape_id, h.tape_id);
    assert_int_equal(d.first_seq, h.first_seq);
    assert_int_equal(d.rules_version, h.rules_version);
    assert_int_equal(d.prepared_bytes, h.prepared_bytes);
    assert_int_equal(d.previous.lo, 5);
    assert_int_equal(d.previous.hi, 6);
    /* The first bytes of the format, written out: a change of layout must show here. */
    const uint8_t magic[8] = {0xb1, 'O', 'T', 'P', 'S', 'E', 'G', '1'};
    assert_memory_equal(bytes, magic, 8);
    assert_int_equal(bytes[24], 77);
}

static void every_flipped_bit_of_a_segment_header_is_noticed(void **state)
{
    (void)state;
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    struct segment_header h = good_segment(), d;
    const char *why;
    segment_header_encode(&h, bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(segment_header_decode(bytes, &d, &why) < 0);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_segment_header_with_an_impossible_field_is_refused(void **state)
{
    (void)state;
    static const struct field rows[] = {
        {12, 4, 0, "impossible"},    {12, 4, 3, "impossible"},
        {16, 8, 0, "impossible"},    {24, 8, 0, "impossible"},
        {36, 4, 1, "impossible"},    {40, 8, 0, "impossible"},
        {40, 8, 4095, "impossible"}, {40, 8, UINT64_C(1) << 41, "impossible"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[SEGMENT_HEADER_BYTES];
        struct segment_header h = good_segment(), d;
        const char *why;
        segment_header_encode(&h, bytes);
        put(bytes + rows[i].offset, rows[i].value, rows[i].bytes);
        put(bytes + 64, XXH3_64bits(bytes, 64), 8);
        assert_int_equal(segment_header_decode(bytes, &d, &why), ERR_CORRUPT);
        assert_non_null(strstr(why, rows[i].why));
    }
}

static void a_later_format_version_is_named_as_such(void **state)
{
    (void)state;
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    struct segment_header h = good_segment(), d;
    const char *why;
    h.format_version = 2;
    segment_header_encode(&h, bytes);
    assert_int_equal(segment_header_decode(bytes, &d, &why), ERR_VERSION);
    assert_int_equal(d.format_version, 2);
    assert_non_null(strstr(why, "version"));
}

static struct block_header good_block(void)
{
    return (struct block_header){.stored_bytes = 20,
                                 .payload_bytes = 30,
                                 .stored_checksum = 9,
                                 .durable_offset = 100,
                                 .first_seq = 10,
                                 .last_seq = 14,
                                 .durable_seq = 9,
                                 .first_ts_ns = -5,
                                 .last_ts_ns = 7,
                                 .count = 5,
                                 .has_digest = true,
                                 .digest = {.lo = 1, .hi = 2}};
}

static const struct chain_hash before = {.lo = 3, .hi = 4};

static void a_block_header_comes_back_as_it_was(void **state)
{
    (void)state;
    uint8_t bytes[BLOCK_HEADER_BYTES], payload[30] = {1, 2, 3};
    struct block_header h = good_block(), d;
    const char *why;
    block_header_encode(&h, TAPE_ID, &before, payload, bytes);
    assert_int_equal(block_header_decode(bytes, TAPE_ID, TAPE_COMMANDS, &d, &why), 0);
    assert_int_equal(d.stored_bytes, 20);
    assert_int_equal(d.payload_bytes, 30);
    assert_int_equal(d.stored_checksum, 9);
    assert_int_equal(d.durable_offset, 100);
    assert_int_equal(d.first_seq, 10);
    assert_int_equal(d.last_seq, 14);
    assert_int_equal(d.durable_seq, 9);
    assert_int_equal(d.first_ts_ns, -5);
    assert_int_equal(d.last_ts_ns, 7);
    assert_int_equal(d.count, 5);
    assert_true(d.has_digest && !d.continues);
    assert_true(d.digest.lo == 1 && d.digest.hi == 2);
    assert_true(d.chain.lo == h.chain.lo && d.chain.hi == h.chain.hi);
    const uint8_t magic[8] = {0xb2, 'O', 'T', 'P', 'B', 'L', 'K', '1'};
    assert_memory_equal(bytes, magic, 8);
    assert_int_equal(bytes[32], 10);
}

static void every_flipped_bit_of_a_block_header_is_noticed(void **state)
{
    (void)state;
    uint8_t bytes[BLOCK_HEADER_BYTES], payload[30] = {0};
    struct block_header h = good_block(), d;
    const char *why;
    block_header_encode(&h, TAPE_ID, &before, payload, bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(block_header_decode(bytes, TAPE_ID, TAPE_COMMANDS, &d, &why), ERR_CORRUPT);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    /* A block of another tape is none of ours. */
    assert_int_equal(block_header_decode(bytes, TAPE_ID + 1, TAPE_COMMANDS, &d, &why), ERR_CORRUPT);
}

static void a_block_header_with_an_impossible_field_is_refused_by_its_own_check(void **state)
{
    (void)state;
    static const struct field rows[] = {
        {8, 4, STORED_BYTES_MAX + 1, "longer than any"},
        {8, 4, 0, "payload without bytes"},
        {12, 4, BLOCK_PAYLOAD_BYTES_MAX + 1, "larger than any"},
        {12, 4, 0, "records without a payload"},
        {32, 8, 0, "seqs go backwards"},
        {32, 8, 16, "seqs go backwards"},
        {32, 8, 11, "count and seqs disagree"},
        {40, 8, 15, "count and seqs disagree"},
        {40, 8, UINT64_MAX, "larger than any"},
        {48, 8, 10, "synced before it was written"},
        {56, 8, 8, "times go backwards"},
        {72, 4, BLOCK_RECORDS_MAX + 1, "more records than any"},
        {72, 4, 4, "count and seqs disagree"},
        {72, 4, 0, "without records"},
        {76, 4, 4, "flags"},
        {76, 4, 0, "says it has none"},
        {76, 4, 3, "goes on"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[BLOCK_HEADER_BYTES], payload[30] = {0};
        struct block_header h = good_block(), d = {.count = 99};
        const char *why;
        block_header_encode(&h, TAPE_ID, &before, payload, bytes);
        put(bytes + rows[i].offset, rows[i].value, rows[i].bytes);
        put(bytes + 112, XXH3_64bits_withSeed(bytes, 112, TAPE_ID), 8);
        assert_int_equal(block_header_decode(bytes, TAPE_ID, TAPE_COMMANDS, &d, &why), ERR_CORRUPT);
        if (!strstr(why, rows[i].why)) fail_msg("row %zu: said \"%s\"", i, why);
        assert_int_equal(d.count, 99);
    }
}

static void the_chain_covers_what_a_block_means_and_not_how_it_is_stored(void **state)
{
    (void)state;
    uint8_t bytes[BLOCK_HEADER_BYTES], payload[30] = {1};
    struct block_header first = good_block();
    block_header_encode(&first, TAPE_ID, &before, payload, bytes);
    struct block_header h = good_block();
    h.stored_bytes = 21;
    h.stored_checksum = 8;
    h.durable_offset = 99;
    block_header_encode(&h, TAPE_ID, &before, payload, bytes);
    assert_true(h.chain.lo == first.chain.lo && h.chain.hi == first.chain.hi);
    h = good_block();
    h.last_ts_ns++;
    block_header_encode(&h, TAPE_ID, &before, payload, bytes);
    assert_true(h.chain.lo != first.chain.lo);
    h = good_block();
    payload[29]++;
    block_header_encode(&h, TAPE_ID, &before, payload, bytes);
    assert_true(h.chain.lo != first.chain.lo);
    payload[29]--;
    struct chain_hash other = {.lo = 3, .hi = 5};
    h = good_block();
    block_header_encode(&h, TAPE_ID, &other, payload, bytes);
    assert_true(h.chain.lo != first.chain.lo);
}

static void a_marker_has_nothing_but_what_is_durable(void **state)
{
    (void)state;
    struct block_header m = {.first_seq = 8, .last_seq = 7, .durable_seq = 7};
    assert_null(block_header_fault(&m, TAPE_COMMANDS));
    assert_true(block_is_marker(&m));
    assert_int_equal(block_next_seq(&m), 8);
    m.has_digest = true;
    assert_non_null(block_header_fault(&m, TAPE_COMMANDS));
}

static void a_block_of_events_covers_commands_without_events_and_may_go_on(void **state)
{
    (void)state;
    struct block_header covers = {.first_seq = 8, .last_seq = 12, .durable_seq = 7};
    assert_null(block_header_fault(&covers, TAPE_EVENTS));
    assert_non_null(block_header_fault(&covers, TAPE_COMMANDS));
    assert_int_equal(block_next_seq(&covers), 13);
    struct block_header goes_on = {
        .first_seq = 8, .last_seq = 8, .count = 3, .payload_bytes = 1, .stored_bytes = 1, .continues = true};
    assert_null(block_header_fault(&goes_on, TAPE_EVENTS));
    assert_int_equal(block_next_seq(&goes_on), 8);
}

static void a_seal_comes_back_and_its_length_never_looks_prepared(void **state)
{
    (void)state;
    struct seal_entry entries[2] = {
        {.offset = SEGMENT_HEADER_BYTES, .first_seq = 1, .first_ts_ns = 5, .before = {.lo = 1, .hi = 2}},
        {.offset = 3000, .first_seq = 9, .first_ts_ns = 50, .before = {.lo = 3, .hi = 4}}};
    for (uint64_t offset = 3500; offset < 3500 + 2 * SEGMENT_STEP_BYTES; offset++) {
        uint8_t bytes[512];
        struct seal_trailer t = {.index_offset = offset, .next_seq = 20, .last_ts_ns = 70, .chain = {.lo = 7, .hi = 8}},
                            d;
        size_t len = seal_bytes(offset, 2);
        const char *why;
        assert_true(len <= sizeof bytes);
        assert_int_not_equal((offset + len) % SEGMENT_STEP_BYTES, 0);
        seal_encode(&t, entries, 2, TAPE_ID, bytes);
        assert_int_equal(seal_trailer_decode(bytes + len - SEAL_TRAILER_BYTES, TAPE_ID, &d, &why), 0);
        assert_int_equal(d.next_seq, 20);
        assert_int_equal(seal_index_bytes(bytes, offset, len), len - SEAL_TRAILER_BYTES);
        assert_int_equal(seal_index_check(bytes, len - SEAL_TRAILER_BYTES, TAPE_ID, &d, &why), 0);
        assert_int_equal(seal_entry_count(bytes), 2);
        assert_int_equal(seal_entry_at(bytes, 1).first_seq, 9);
        assert_int_equal(seal_entry_at(bytes, 1).before.hi, 4);
    }
}

static void every_flipped_bit_of_a_seal_is_noticed(void **state)
{
    (void)state;
    struct seal_entry entry = {.offset = SEGMENT_HEADER_BYTES, .first_seq = 1};
    struct seal_trailer t = {.index_offset = 1000, .next_seq = 20}, d;
    uint8_t bytes[256];
    const char *why;
    size_t len = seal_bytes(1000, 1), index_len = len - SEAL_TRAILER_BYTES;
    seal_encode(&t, &entry, 1, TAPE_ID, bytes);
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool noticed = seal_trailer_decode(bytes + index_len, TAPE_ID, &d, &why) != 0 ||
                       seal_index_bytes(bytes, 1000, len) != index_len ||
                       seal_index_check(bytes, index_len, TAPE_ID, &d, &why) != 0;
        assert_true(noticed);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void an_index_that_points_elsewhere_is_refused(void **state)
{
    (void)state;
    static const struct seal_entry bad[] = {{.offset = 0, .first_seq = 1},
                                            {.offset = 1000, .first_seq = 1},
                                            {.offset = 500, .first_seq = 0},
                                            {.offset = 500, .first_seq = 21}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct seal_trailer t = {.index_offset = 1000, .next_seq = 20};
        uint8_t bytes[256];
        const char *why;
        seal_encode(&t, &bad[i], 1, TAPE_ID, bytes);
        size_t index_len = seal_bytes(1000, 1) - SEAL_TRAILER_BYTES;
        assert_int_equal(seal_index_check(bytes, index_len, TAPE_ID, &t, &why), ERR_CORRUPT);
    }
}

static void a_frame_that_says_another_size_is_not_unpacked(void **state)
{
    (void)state;
    struct frame_packer *p;
    struct frame_unpacker *u;
    uint8_t payload[1000] = {0}, room[2048];
    const uint8_t *out;
    assert_int_equal(frame_packer_new(1, &p), 0);
    assert_int_equal(frame_unpacker_new(&u), 0);
    int64_t n = frame_pack(p, payload, sizeof payload, room, sizeof room);
    assert_true(n > 0);
    assert_int_equal(frame_unpack(u, room, (size_t)n, sizeof payload, &out), 0);
    assert_memory_equal(out, payload, sizeof payload);
    assert_int_equal(frame_unpack(u, room, (size_t)n, sizeof payload - 1, &out), ERR_CORRUPT);
    assert_int_equal(frame_unpack(u, room, (size_t)n, sizeof payload + 1, &out), ERR_CORRUPT);
    assert_int_equal(frame_unpack(u, room, (size_t)n - 1, sizeof payload, &out), ERR_CORRUPT);
    assert_int_equal(frame_unpack(u, room, (size_t)n, (size_t)BLOCK_PAYLOAD_BYTES_MAX + 1, &out), ERR_CORRUPT);
    assert_int_equal(frame_unpack(u, room, 3, sizeof payload, &out), ERR_CORRUPT);
    frame_packer_free(p);
    frame_unpacker_free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_header_comes_back_as_it_was),
        cmocka_unit_test(every_flipped_bit_of_a_segment_header_is_noticed),
        cmocka_unit_test(a_segment_header_with_an_impossible_field_is_refused),
        cmocka_unit_test(a_later_format_version_is_named_as_such),
        cmocka_unit_test(a_block_header_comes_back_as_it_was),
        cmocka_unit_test(every_flipped_bit_of_a_block_header_is_noticed),
        cmocka_unit_test(a_block_header_with_an_impossible_field_is_refused_by_its_own_check),
        cmocka_unit_test(the_chain_covers_what_a_block_means_and_not_how_it_is_stored),
        cmocka_unit_test(a_marker_has_nothing_but_what_is_durable),
        cmocka_unit_test(a_block_of_events_covers_commands_without_events_and_may_go_on),
        cmocka_unit_test(a_seal_comes_back_and_its_length_never_looks_prepared),
        cmocka_unit_test(every_flipped_bit_of_a_seal_is_noticed),
        cmocka_unit_test(an_index_that_points_elsewhere_is_refused),
        cmocka_unit_test(a_frame_that_says_another_size_is_not_unpacked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
