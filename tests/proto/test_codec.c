/* tests/proto/test_codec.c - what goes into a block comes out of it, and nothing else does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/error.h"
#include "proto/codec.h"
#include "tests/proto/random_records.h"

enum { ROUNDS = 60, RECORDS = 700, HARM_RECORDS = 60, FLIPS = 6000 };

struct fixture {
    struct random random;
    struct command_encoder *commands;
    struct command_decoder *commands_read;
    struct event_encoder *events;
    struct event_decoder *events_read;
};

static struct random *rng(void **state)
{
    return &((struct fixture *)*state)->random;
}

/* --- commands --- */

static struct command_place *placed_by(struct command *c)
{
    if (c->kind == COMMAND_PLACE) return &c->place;
    return c->kind == COMMAND_PLACE_LINKED ? &c->place_linked.entry : NULL;
}

/* And forgets where they are. */
static void assert_texts_equal(struct text *a, struct text *b)
{
    assert_int_equal(a->len_bytes, b->len_bytes);
    assert_non_null(b->bytes);
    if (a->len_bytes > 0) assert_memory_equal(a->bytes, b->bytes, a->len_bytes);
    a->bytes = b->bytes = NULL;
}

/* Equal in everything: text by its bytes, the rest by memory (random records have no stray bytes). */
static void assert_commands_equal(const struct command *given, const struct command *got)
{
    struct command a = *given, b = *got;
    assert_int_equal(a.kind, b.kind);
    struct command_place *x = placed_by(&a), *y = placed_by(&b);
    if (x != NULL) {
        assert_texts_equal(&x->client_order_id, &y->client_order_id);
        assert_texts_equal(&x->tag, &y->tag);
    }
    assert_memory_equal(&a, &b, sizeof a);
}

static void commands_come_back(struct fixture *f, const struct command *commands, uint32_t count)
{
    const uint8_t *bytes;
    size_t len_bytes;
    struct command out;
    for (uint32_t i = 0; i < count; i++) assert_int_equal(command_encoder_add(f->commands, &commands[i]), 0);
    assert_int_equal(command_encoder_count(f->commands), count);
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_int_equal(command_encoder_count(f->commands), 0);
    assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, count ? commands[0].seq : 1, count), 0);
    for (uint32_t i = 0; i < count; i++) {
        memset(&out, 0, sizeof out);
        assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
        assert_commands_equal(&commands[i], &out);
    }
    assert_int_equal(command_decoder_next(f->commands_read, &out), ERR_END);
    assert_int_equal(command_decoder_next(f->commands_read, &out), ERR_END);
}

static uint8_t any_command_kind(struct random *r)
{
    return (uint8_t)(random_below(r, 20) == 0 ? 1 + random_below(r, 255)
                                              : 1 + random_below(r, COMMAND_KIND_NUMBER_MAX));
}

static void commands_of_every_kind_come_back(void **state)
{
    struct random *r = rng(state);
    static struct command commands[RECORDS];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t first_seq = any_u64(r);
        for (uint32_t i = 0; i < RECORDS; i++) any_command(r, any_command_kind(r), first_seq + i, &commands[i]);
        commands_come_back(*state, commands, (uint32_t)random_below(r, RECORDS + 1));
    }
}

static void a_block_of_one_command_comes_back_whatever_its_kind(void **state)
{
    struct random *r = rng(state);
    struct command c;
    for (unsigned kind = 1; kind < 256; kind++) {
        for (int round = 0; round < 20; round++) {
            any_command(r, (uint8_t)kind, any_u64(r), &c);
            commands_come_back(*state, &c, 1);
        }
    }
}

static void what_is_the_same_in_every_command_comes_back(void **state)
{
    struct random *r = rng(state);
    static struct command commands[RECORDS];
    for (uint8_t kind = 1; kind <= COMMAND_KIND_NUMBER_MAX; kind++) {
        any_command(r, kind, 5, &commands[0]);
        for (uint32_t i = 1; i < RECORDS; i++) {
            commands[i] = commands[0];
            commands[i].seq = commands[0].seq + i;
        }
        commands_come_back(*state, commands, RECORDS);
        memset((uint8_t *)&commands[1] + sizeof(uint64_t), 0, sizeof commands[1] - sizeof(uint64_t));
        commands[1].kind = kind;
        commands_come_back(*state, commands, RECORDS);
    }
}

static struct command an_extreme_place(uint64_t seq)
{
    struct command c;
    memset(&c, 0, sizeof c);
    c.seq = seq;
    c.ts_ns = seq % 2 ? INT64_MIN : INT64_MAX;
    c.kind = COMMAND_PLACE;
    c.place.account = name_of("12345678901234567890123");
    c.place.price = (struct decimal){seq % 2 ? INT64_MAX : INT64_MIN, 9};
    c.place.quantity = (struct decimal){seq % 2 ? INT64_MIN : INT64_MAX, 0};
    c.place.stop_price.scale = c.place.display_quantity.scale = DECIMAL_ABSENT;
    c.place.expires_ns = seq % 2 ? INT64_MAX : INT64_MIN;
    c.place.side = c.place.type = c.place.tif = c.place.stp = c.place.flags = UINT8_MAX;
    return c;
}

static void extremes_of_a_place_and_a_cash_movement_come_back(void **state)
{
    struct command commands[8];
    for (uint64_t i = 0; i < 4; i++) commands[i] = an_extreme_place(UINT64_MAX - 10 + i);
    const i128 most = (i128)(~(u128)0 >> 1);
    const i128 amounts[4] = {most, -most - 1, (i128)INT64_MIN, (i128)1 << 64};
    for (uint64_t i = 4; i < 8; i++) {
        memset(&commands[i], 0, sizeof commands[i]);
        commands[i].seq = UINT64_MAX - 10 + i;
        commands[i].kind = COMMAND_MOVE_CASH;
        commands[i].move_cash.amount = (struct amount){amounts[i - 4], i % 2 ? 18 : DECIMAL_ABSENT};
    }
    commands_come_back(*state, commands, 8);
}

static void texts_hold_any_bytes_and_any_length(void **state)
{
    static char bytes[300000];
    struct random *r = rng(state);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)random_u64(r);
    struct command commands[3];
    const uint32_t lengths[3] = {0, 1, sizeof bytes};
    for (uint64_t i = 0; i < 3; i++) {
        memset(&commands[i], 0, sizeof commands[i]);
        commands[i].seq = 1 + i;
        commands[i].kind = COMMAND_PLACE;
        commands[i].place.client_order_id = (struct text){bytes, lengths[i]};
        commands[i].place.tag = (struct text){bytes + 1, lengths[2 - i] > 0 ? lengths[2 - i] - 1 : 0};
    }
    commands_come_back(*state, commands, 3);
}

static void a_block_takes_as_many_commands_as_it_may_and_then_says_full(void **state)
{
    struct fixture *f = *state;
    struct command c, out;
    const uint8_t *bytes;
    size_t len_bytes;
    for (int block = 0; block < 2; block++) {
        uint64_t first_seq = 7 + (uint64_t)block * BLOCK_RECORDS_MAX;
        for (uint64_t i = 0; i < BLOCK_RECORDS_MAX; i++) {
            c = an_extreme_place(first_seq + i);
            assert_int_equal(command_encoder_add(f->commands, &c), 0);
        }
        c = an_extreme_place(first_seq + BLOCK_RECORDS_MAX);
        assert_int_equal(command_encoder_add(f->commands, &c), ERR_FULL);
        assert_int_equal(command_encoder_count(f->commands), BLOCK_RECORDS_MAX);
        assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
        assert_true(len_bytes <= BLOCK_PAYLOAD_BYTES_MAX);
        assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, first_seq, BLOCK_RECORDS_MAX), 0);
        for (uint64_t i = 0; i < BLOCK_RECORDS_MAX; i++) {
            memset(&out, 0, sizeof out);
            assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
            c = an_extreme_place(first_seq + i);
            assert_commands_equal(&c, &out);
        }
    }
}

static void long_texts_fill_a_block_before_its_payload_is_too_large(void **state)
{
    static char text[100000];
    struct fixture *f = *state;
    struct command c;
    const uint8_t *bytes;
    size_t len_bytes;
    uint32_t count = 0;
    do {
        memset(&c, 0, sizeof c);
        c.seq = count + 1;
        c.kind = COMMAND_PLACE;
        c.place.tag = (struct text){text, sizeof text};
    } while (command_encoder_add(f->commands, &c) == 0 && ++count < BLOCK_RECORDS_MAX);
    assert_in_range(count, 160, 168);
    assert_int_equal(command_encoder_add(f->commands, &c), ERR_FULL);
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_true(len_bytes <= BLOCK_PAYLOAD_BYTES_MAX);
    assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, count), 0);
}

static void distinct_names_fill_a_block_and_the_next_begins_anew(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    struct command c, out;
    for (int block = 0; block < 2; block++) {
        uint32_t count = 0;
        for (;; count++) {
            memset(&c, 0, sizeof c);
            c.seq = count + 1;
            c.kind = COMMAND_PLACE;
            snprintf(c.place.account.bytes, NAME_BYTES, "account-%u", count);
            snprintf(c.place.symbol.bytes, NAME_BYTES, "symbol-%u-%d", count, block);
            snprintf(c.place.venue.bytes, NAME_BYTES, "venue-%u", count);
            if (command_encoder_add(f->commands, &c) != 0) break;
        }
        assert_in_range(count, 2 * BLOCK_RECORDS_MAX / 3 - 1, 2 * BLOCK_RECORDS_MAX / 3);
        assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
        assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, count), 0);
        for (uint32_t i = 0; i < count; i++) assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
        snprintf(c.place.account.bytes, NAME_BYTES, "account-%u", count - 1);
        assert_string_equal(out.place.account.bytes, c.place.account.bytes);
    }
}

static void what_could_not_be_read_back_is_refused_and_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    struct random *r = rng(state);
    struct command commands[3], bad;
    static char text[1];
    for (uint64_t i = 0; i < 3; i++) any_command(r, COMMAND_PLACE, 1 + i, &commands[i]);
    assert_int_equal(command_encoder_add(f->commands, &commands[0]), 0);

    any_command(r, COMMAND_PLACE, 2, &bad);
    bad.place.quantity.scale = DECIMAL_SCALE_MAX + 1;
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    any_command(r, COMMAND_PLACE, 2, &bad);
    bad.place.venue = (struct name){"no space"};
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    bad.place.venue = (struct name){"a\0b"};
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    bad.place.venue = (struct name){"\0b"};
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    memset(bad.place.venue.bytes, 'a', NAME_BYTES);
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    any_command(r, COMMAND_PLACE, 2, &bad);
    bad.place.tag = (struct text){text, BLOCK_PAYLOAD_BYTES_MAX}; /* longer than any block: refused unread */
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    any_command(r, 0, 2, &bad);
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
    any_command(r, COMMAND_MOVE_CASH, 2, &bad);
    bad.move_cash.amount.scale = CASH_SCALE_MAX + 1;
    assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);

    const uint8_t *bytes;
    size_t len_bytes;
    struct command out;
    for (int i = 1; i < 3; i++) assert_int_equal(command_encoder_add(f->commands, &commands[i]), 0);
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, 3), 0);
    for (int i = 0; i < 3; i++) {
        memset(&out, 0, sizeof out);
        assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
        assert_commands_equal(&commands[i], &out);
    }
}

/* --- events --- */

static void events_come_back(struct fixture *f, const struct event *events, uint32_t count)
{
    const uint8_t *bytes;
    size_t len_bytes;
    struct event out;
    for (uint32_t i = 0; i < count; i++) assert_int_equal(event_encoder_add(f->events, &events[i]), 0);
    assert_int_equal(event_encoder_count(f->events), count);
    assert_int_equal(event_encoder_finish(f->events, &bytes, &len_bytes), 0);
    assert_int_equal(event_decoder_start(f->events_read, bytes, len_bytes, count), 0);
    for (uint32_t i = 0; i < count; i++) {
        memset(&out, 0, sizeof out);
        assert_int_equal(event_decoder_next(f->events_read, &out), 0);
        assert_memory_equal(&events[i], &out, sizeof out);
    }
    assert_int_equal(event_decoder_next(f->events_read, &out), ERR_END);
}

static void events_of_every_kind_come_back(void **state)
{
    struct random *r = rng(state);
    static struct event events[RECORDS];
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < RECORDS; i++)
            any_event(r, (uint8_t)(1 + random_below(r, EVENT_KIND_NUMBER_MAX)), &events[i]);
        events_come_back(*state, events, (uint32_t)random_below(r, RECORDS + 1));
    }
}

static void a_block_of_one_event_comes_back(void **state)
{
    struct random *r = rng(state);
    struct event e;
    for (uint8_t kind = 1; kind <= EVENT_KIND_NUMBER_MAX; kind++) {
        for (int round = 0; round < 100; round++) {
            any_event(r, kind, &e);
            events_come_back(*state, &e, 1);
        }
    }
}

/* As the engine numbers them: events of a command count from 0, one command may go over from block to block. */
static void event_ids_that_count_up_come_back(void **state)
{
    struct random *r = rng(state);
    static struct event events[RECORDS];
    uint64_t seq = 100;
    uint32_t index = 17; /* in the middle of a command */
    for (uint32_t i = 0; i < RECORDS; i++) {
        any_event(r, (uint8_t)(1 + random_below(r, EVENT_KIND_NUMBER_MAX)), &events[i]);
        events[i].seq = seq;
        events[i].index = index++;
        events[i].ts_ns = (int64_t)seq * 1000;
        if (random_below(r, 3) != 0) continue;
        seq += 1 + random_below(r, 2);
        index = 0;
    }
    events_come_back(*state, events, RECORDS);
}

static void a_block_of_events_never_outgrows_its_payload(void **state)
{
    struct fixture *f = *state;
    struct random *r = rng(state);
    const uint8_t *bytes;
    size_t len_bytes;
    for (uint8_t kind = 1; kind <= EVENT_KIND_NUMBER_MAX; kind += 2) {
        struct event e;
        do any_event(r, kind, &e);
        while (event_encoder_add(f->events, &e) == 0);
        uint32_t count = event_encoder_count(f->events);
        assert_int_equal(event_encoder_add(f->events, &e), ERR_FULL);
        assert_true(count > 20000);
        assert_int_equal(event_encoder_finish(f->events, &bytes, &len_bytes), 0);
        assert_true(len_bytes <= BLOCK_PAYLOAD_BYTES_MAX);
        assert_int_equal(event_decoder_start(f->events_read, bytes, len_bytes, count), 0);
        while (count-- > 0) assert_int_equal(event_decoder_next(f->events_read, &e), 0);
    }
}

static void an_event_that_could_not_be_read_back_is_refused(void **state)
{
    struct fixture *f = *state;
    struct random *r = rng(state);
    struct event e;
    any_event(r, EVENT_PLACED, &e);
    e.placed.terms.client_order_id_len = CLIENT_ORDER_ID_BYTES_MAX + 1;
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    any_event(r, EVENT_FILLED, &e);
    e.filled.price_scale = DECIMAL_ABSENT; /* a fill has a scale */
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    any_event(r, EVENT_KIND_NUMBER_MAX + 1, &e);
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    assert_int_equal(event_encoder_count(f->events), 0);
}

/* --- bytes that may be anything --- */

/* Reads a payload to its end; whatever it is, it must say 0 or ERR_CORRUPT, and values within what readers rely on. */
static bool commands_read_quietly(struct fixture *f, const uint8_t *bytes, size_t len_bytes, uint32_t count)
{
    struct command c;
    int result = command_decoder_start(f->commands_read, bytes, len_bytes, 1, count);
    while (result == 0 && (result = command_decoder_next(f->commands_read, &c)) == 0) {
        if (c.kind != COMMAND_PLACE) continue;
        assert_true(c.place.price.scale <= DECIMAL_SCALE_MAX || c.place.price.scale == DECIMAL_ABSENT);
        assert_int_equal(c.place.symbol.bytes[NAME_CHARS_MAX], 0);
        volatile char sum = 0; /* every byte of a text can be read */
        for (uint32_t i = 0; i < c.place.tag.len_bytes; i++) sum = (char)(sum ^ c.place.tag.bytes[i]);
    }
    assert_true(result == ERR_END || result == ERR_CORRUPT);
    return result == ERR_END;
}

static bool events_read_quietly(struct fixture *f, const uint8_t *bytes, size_t len_bytes, uint32_t count)
{
    struct event e;
    int result = event_decoder_start(f->events_read, bytes, len_bytes, count);
    while (result == 0 && (result = event_decoder_next(f->events_read, &e)) == 0) {
        assert_in_range(e.kind, 1, EVENT_KIND_NUMBER_MAX);
        if (e.kind == EVENT_PLACED) assert_in_range(e.placed.terms.client_order_id_len, 0, CLIENT_ORDER_ID_BYTES_MAX);
    }
    assert_true(result == ERR_END || result == ERR_CORRUPT);
    return result == ERR_END;
}

typedef bool read_quietly(struct fixture *f, const uint8_t *bytes, size_t len_bytes, uint32_t count);

/* Every truncation is noticed. Each is copied into memory of its own size, so that one byte too far is seen. */
static void truncations_are_corrupt(struct fixture *f, read_quietly *read, const uint8_t *bytes, size_t len_bytes)
{
    for (size_t len = 0; len < len_bytes; len++) {
        uint8_t *cut = malloc(len + 1);
        assert_non_null(cut);
        memcpy(cut + 1, bytes, len); /* +1: never NULL, and not aligned */
        assert_false(read(f, cut + 1, len, HARM_RECORDS));
        free(cut);
    }
}

static void flips_do_no_harm(struct fixture *f, read_quietly *read, const uint8_t *bytes, size_t len_bytes)
{
    uint8_t *copy = malloc(len_bytes);
    assert_non_null(copy);
    for (int i = 0; i < FLIPS; i++) {
        memcpy(copy, bytes, len_bytes);
        for (uint64_t n = random_below(&f->random, 3); n < 3; n++)
            copy[random_below(&f->random, len_bytes)] ^= (uint8_t)(1u << random_below(&f->random, 8));
        (void)read(f, copy, len_bytes, HARM_RECORDS);
    }
    for (int i = 0; i < FLIPS; i++) { /* whole bytes, near the front where the lengths are */
        memcpy(copy, bytes, len_bytes);
        copy[random_below(&f->random, len_bytes)] = (uint8_t)random_u64(&f->random);
        copy[random_below(&f->random, 64)] = (uint8_t)random_u64(&f->random);
        (void)read(f, copy, len_bytes, HARM_RECORDS);
    }
    free(copy);
}

static void noise_does_no_harm(struct fixture *f, read_quietly *read)
{
    uint8_t bytes[200];
    for (int i = 0; i < FLIPS; i++) {
        size_t len_bytes = random_below(&f->random, sizeof bytes + 1);
        for (size_t at = 0; at < len_bytes; at++) bytes[at] = (uint8_t)random_u64(&f->random);
        (void)read(f, bytes, len_bytes, (uint32_t)random_below(&f->random, 20));
    }
}

static void damaged_commands_are_corrupt_or_read_and_do_no_harm(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    struct command c;
    for (uint64_t i = 0; i < HARM_RECORDS; i++) {
        any_command(&f->random, (uint8_t)(1 + i % COMMAND_KIND_NUMBER_MAX), 1 + i, &c);
        assert_int_equal(command_encoder_add(f->commands, &c), 0);
    }
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_true(commands_read_quietly(f, bytes, len_bytes, HARM_RECORDS));
    assert_false(commands_read_quietly(f, bytes, len_bytes, HARM_RECORDS + 1));
    assert_false(commands_read_quietly(f, bytes, len_bytes, HARM_RECORDS - 1));
    assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, BLOCK_RECORDS_MAX + 1), ERR_CORRUPT);
    truncations_are_corrupt(f, commands_read_quietly, bytes, len_bytes);
    flips_do_no_harm(f, commands_read_quietly, bytes, len_bytes);
    noise_does_no_harm(f, commands_read_quietly);
}

static void damaged_events_are_corrupt_or_read_and_do_no_harm(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    struct event e;
    for (uint64_t i = 0; i < HARM_RECORDS; i++) {
        any_event(&f->random, (uint8_t)(1 + i % EVENT_KIND_NUMBER_MAX), &e);
        assert_int_equal(event_encoder_add(f->events, &e), 0);
    }
    assert_int_equal(event_encoder_finish(f->events, &bytes, &len_bytes), 0);
    assert_true(events_read_quietly(f, bytes, len_bytes, HARM_RECORDS));
    assert_false(events_read_quietly(f, bytes, len_bytes, HARM_RECORDS + 1));
    truncations_are_corrupt(f, events_read_quietly, bytes, len_bytes);
    flips_do_no_harm(f, events_read_quietly, bytes, len_bytes);
    noise_does_no_harm(f, events_read_quietly);
}

/* A length just below 2^64 must not wrap around into a small one, a field must not come twice, nor an unknown one at
 * all. */
static void bytes_that_no_packer_writes_are_corrupt(void **state)
{
    static const struct {
        const char *what;
        uint8_t len_bytes, bytes[16];
    } rows[] = {
        {"length far beyond the end", 11, {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
        {"varint without end", 12, {0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
        {"kind twice", 6, {0x0a, 0x01, 0x0c, 0x0a, 0x01, 0x0c}},
        {"time as a length", 3, {0x12, 0x01, 0x00}},
        {"kind as a varint", 2, {0x08, 0x0c}},
        {"group", 2, {0x0b, 0x0c}},
        {"field 0", 2, {0x00, 0x00}},
        {"field 99", 6, {0x0a, 0x01, 0x0c, 0x98, 0x06, 0x00}},
        {"out of order", 5, {0x10, 0x00, 0x0a, 0x01, 0x0c}},
        {"two kinds for one row", 4, {0x0a, 0x02, 0x0c, 0x0c}},
        {"table without rows", 6, {0x0a, 0x01, 0x0c, 0xca, 0x01, 0x00}},
        {"nothing", 0, {0}},
        {"kind 0", 3, {0x0a, 0x01, 0x00}},
        {"rows without table", 3, {0x0a, 0x01, 0x07}},
    };
    static const uint8_t good[] = {0x0a, 0x01, 0x0c};
    assert_true(commands_read_quietly(*state, good, sizeof good, 1));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (commands_read_quietly(*state, rows[i].bytes, rows[i].len_bytes, 1)) fail_msg("%s", rows[i].what);
    }
}

static int set_up(void **state)
{
    static struct fixture f;
    f.random = *(struct random *)*state;
    *state = &f;
    return command_encoder_new(&f.commands) | command_decoder_new(&f.commands_read) | event_encoder_new(&f.events) |
           event_decoder_new(&f.events_read);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    command_encoder_free(f->commands);
    command_decoder_free(f->commands_read);
    event_encoder_free(f->events);
    event_decoder_free(f->events_read);
    return 0;
}

int main(int argc, char **argv)
{
    struct random r = random_from_arguments(argc, argv);
#define TEST(name)                                                                                                     \
    {                                                                                                                  \
#name, name, set_up, tear_down, &r                                                                             \
    }
    const struct CMUnitTest tests[] = {
        TEST(commands_of_every_kind_come_back),
        TEST(a_block_of_one_command_comes_back_whatever_its_kind),
        TEST(what_is_the_same_in_every_command_comes_back),
        TEST(extremes_of_a_place_and_a_cash_movement_come_back),
        TEST(texts_hold_any_bytes_and_any_length),
        TEST(a_block_takes_as_many_commands_as_it_may_and_then_says_full),
        TEST(long_texts_fill_a_block_before_its_payload_is_too_large),
        TEST(distinct_names_fill_a_block_and_the_next_begins_anew),
        TEST(what_could_not_be_read_back_is_refused_and_leaves_no_trace),
        TEST(events_of_every_kind_come_back),
        TEST(a_block_of_one_event_comes_back),
        TEST(event_ids_that_count_up_come_back),
        TEST(a_block_of_events_never_outgrows_its_payload),
        TEST(an_event_that_could_not_be_read_back_is_refused),
        TEST(damaged_commands_are_corrupt_or_read_and_do_no_harm),
        TEST(damaged_events_are_corrupt_or_read_and_do_no_harm),
        TEST(bytes_that_no_packer_writes_are_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
