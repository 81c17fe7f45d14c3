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

/* And forgets where they are. */
static void assert_texts_equal(struct text *a, struct text *b)
{
    assert_int_equal(a->len_bytes, b->len_bytes);
    assert_non_null(b->bytes);
    if (a->len_bytes > 0) assert_memory_equal(a->bytes, b->bytes, a->len_bytes);
    a->bytes = b->bytes = NULL;
}

/* The texts of one item of a list, or of a command; what follows is compared by memory. */
static void place_texts_equal(struct command_place *a, struct command_place *b)
{
    assert_texts_equal(&a->client_order_id, &b->client_order_id);
    assert_texts_equal(&a->tag, &b->tag);
}
static void rule_texts_equal(struct route_rule *a, struct route_rule *b)
{
    (void)a, (void)b; /* it has none */
}
static void fill_texts_equal(struct fill_row *a, struct fill_row *b)
{
    assert_texts_equal(&a->exec_id, &b->exec_id);
    assert_texts_equal(&a->ref_exec_id, &b->ref_exec_id);
}
static void line_texts_equal(struct statement_row *a, struct statement_row *b)
{
    assert_texts_equal(&a->exec_id, &b->exec_id);
    assert_texts_equal(&a->ext_order_id, &b->ext_order_id);
}

/* And forgets where they are. */
#define LISTS_EQUAL(name, type, texts_equal)                                                                           \
    static void name(const struct type **a, const struct type **b, uint32_t count, uint32_t got)                       \
    {                                                                                                                  \
        assert_int_equal(count, got);                                                                                  \
        if (count == 0) assert_null(*b);                                                                               \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            struct type x = (*a)[i], y = (*b)[i];                                                                      \
            texts_equal(&x, &y);                                                                                       \
            assert_memory_equal(&x, &y, sizeof x);                                                                     \
        }                                                                                                              \
        *a = *b = NULL;                                                                                                \
    }
LISTS_EQUAL(orders_equal, command_place, place_texts_equal)
LISTS_EQUAL(rules_equal, route_rule, rule_texts_equal)
LISTS_EQUAL(fills_equal, fill_row, fill_texts_equal)
LISTS_EQUAL(lines_equal, statement_row, line_texts_equal)

static void owned_parts_equal(struct command *a, struct command *b)
{
    assert_texts_equal(&a->origin.request_id, &b->origin.request_id);
    switch (a->kind) {
    case COMMAND_PLACE: place_texts_equal(&a->place, &b->place); break;
    case COMMAND_PLACE_LINKED: place_texts_equal(&a->place_linked.entry, &b->place_linked.entry); break;
    case COMMAND_REPORT:
        assert_texts_equal(&a->report.ext_order_id, &b->report.ext_order_id);
        assert_texts_equal(&a->report.reason, &b->report.reason);
        break;
    case COMMAND_BATCH:
        orders_equal(&a->batch.orders, &b->batch.orders, a->batch.orders_count, b->batch.orders_count);
        break;
    case COMMAND_SET_ROUTING:
        rules_equal(&a->set_routing.rules, &b->set_routing.rules, a->set_routing.rules_count,
                    b->set_routing.rules_count);
        break;
    case COMMAND_FILL: fills_equal(&a->fill.fills, &b->fill.fills, a->fill.fills_count, b->fill.fills_count); break;
    case COMMAND_STATEMENT:
        lines_equal(&a->statement.rows, &b->statement.rows, a->statement.rows_count, b->statement.rows_count);
        break;
    default: break;
    }
}

/* Equal in everything: texts and lists by what they hold, the rest by memory (random records have no stray bytes). */
static void assert_commands_equal(const struct command *given, const struct command *got)
{
    struct command a = *given, b = *got;
    assert_int_equal(a.kind, b.kind);
    owned_parts_equal(&a, &b);
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

/* Lists and texts are the decoder's until it starts on another block. */
static void a_whole_block_of_commands_may_be_held(void **state)
{
    struct fixture *f = *state;
    struct random *r = rng(state);
    static struct command commands[RECORDS], got[RECORDS];
    const uint8_t *bytes;
    size_t len_bytes;
    memset(got, 0, sizeof got);
    for (uint32_t i = 0; i < RECORDS; i++) {
        any_command(r, (uint8_t)(COMMAND_SET_VENUE + random_below(r, 10)), 1 + i, &commands[i]);
        assert_int_equal(command_encoder_add(f->commands, &commands[i]), 0);
    }
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, RECORDS), 0);
    for (uint32_t i = 0; i < RECORDS; i++) assert_int_equal(command_decoder_next(f->commands_read, &got[i]), 0);
    for (uint32_t i = 0; i < RECORDS; i++) assert_commands_equal(&commands[i], &got[i]);
}

static void an_origin_costs_nothing_where_there_is_none(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    struct command tick = {.seq = 1, .kind = COMMAND_TICK};
    assert_int_equal(command_encoder_add(f->commands, &tick), 0);
    assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    assert_int_equal(len_bytes, 5); /* its kind and its time */
    tick.origin.actor = name_of("ann");
    tick.origin.key = (struct key_hash){1, UINT64_MAX};
    commands_come_back(f, &tick, 1);
}

/* A command of a kind that has a list: of `count` items that are all the same, bad ones among them or not. */
struct list_case {
    uint8_t kind;
    uint32_t items_max;
};
static const struct list_case list_cases[] = {
    {COMMAND_BATCH, BATCH_ORDERS_MAX},
    {COMMAND_SET_ROUTING, ROUTE_RULES_MAX},
    {COMMAND_FILL, FILLS_MAX},
    {COMMAND_STATEMENT, STATEMENT_ROWS_MAX},
};
enum { LIST_CASES = sizeof list_cases / sizeof list_cases[0] };

/* Items of which the one numbered bad_at (from 0; UINT32_MAX: none) has a scale that no decoder takes. */
static struct command command_of_items(uint8_t kind, uint64_t seq, uint32_t count, uint32_t bad_at)
{
    static struct command_place orders[BATCH_ORDERS_MAX + 1];
    static struct route_rule rules[ROUTE_RULES_MAX + 1];
    static struct fill_row fills[FILLS_MAX + 1];
    static struct statement_row rows[STATEMENT_ROWS_MAX + 1];
    struct command c;
    memset(&c, 0, sizeof c);
    c.seq = seq;
    c.kind = kind;
    for (uint32_t i = 0; i < count; i++) {
        struct decimal d = {100 + (int64_t)i, i == bad_at ? DECIMAL_SCALE_MAX + 1 : 2};
        if (kind == COMMAND_BATCH) {
            orders[i].symbol = name_of("ACME");
            orders[i].price = orders[i].quantity = d;
            orders[i].tag = (struct text){"tag", 3};
        }
        if (kind == COMMAND_SET_ROUTING) rules[i].max_quantity = d;
        if (kind == COMMAND_FILL) {
            fills[i].price = fills[i].quantity = d;
            fills[i].exec_id = (struct text){"exec", 4};
        }
        if (kind == COMMAND_STATEMENT) {
            rows[i].symbol = name_of("ACME");
            rows[i].price = rows[i].quantity = d;
            rows[i].exec_id = (struct text){"exec", 4};
        }
    }
    switch (kind) {
    case COMMAND_BATCH: c.batch = (struct command_batch){.orders = orders, .orders_count = count}; break;
    case COMMAND_SET_ROUTING: c.set_routing = (struct command_set_routing){rules, count}; break;
    case COMMAND_FILL: c.fill = (struct command_fill){.fills = fills, .fills_count = count}; break;
    default: c.statement = (struct command_statement){.rows = rows, .rows_count = count}; break;
    }
    return c;
}

static void the_longest_list_comes_back_and_a_longer_one_is_refused(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < LIST_CASES; i++) {
        struct command c = command_of_items(list_cases[i].kind, 1, list_cases[i].items_max, UINT32_MAX);
        commands_come_back(f, &c, 1);
        c = command_of_items(list_cases[i].kind, 1, list_cases[i].items_max + 1, UINT32_MAX);
        assert_int_equal(command_encoder_add(f->commands, &c), ERR_USAGE);
        assert_int_equal(command_encoder_count(f->commands), 0);
    }
}

static void items_fill_a_block_and_the_next_begins_anew(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    struct command c, out;
    for (int i = 0; i < LIST_CASES; i++) {
        uint32_t count = 0, items_max = list_cases[i].items_max;
        for (;; count++) {
            c = command_of_items(list_cases[i].kind, 1 + count, items_max, UINT32_MAX);
            if (command_encoder_add(f->commands, &c) != 0) break;
        }
        assert_int_equal(command_encoder_add(f->commands, &c), ERR_FULL);
        assert_int_equal(count, BLOCK_RECORDS_MAX / items_max);
        assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
        assert_true(len_bytes <= BLOCK_PAYLOAD_BYTES_MAX);
        assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, count), 0);
        while (count-- > 0) assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
        assert_int_equal(command_encoder_add(f->commands, &c), 0);
        assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
    }
}

static void a_list_with_one_bad_item_is_refused_and_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t len_bytes;
    for (int i = 0; i < LIST_CASES; i++) {
        struct command good = command_of_items(list_cases[i].kind, 1, 5, UINT32_MAX), out;
        assert_int_equal(command_encoder_add(f->commands, &good), 0);
        struct command bad = command_of_items(list_cases[i].kind, 2, 5, 4);
        assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
        bad = command_of_items(list_cases[i].kind, 2, 5, UINT32_MAX);
        bad.origin.actor = (struct name){"no space"};
        assert_int_equal(command_encoder_add(f->commands, &bad), ERR_USAGE);
        good = command_of_items(list_cases[i].kind, 2, 5, UINT32_MAX);
        assert_int_equal(command_encoder_add(f->commands, &good), 0);
        assert_int_equal(command_encoder_finish(f->commands, &bytes, &len_bytes), 0);
        assert_int_equal(command_decoder_start(f->commands_read, bytes, len_bytes, 1, 2), 0);
        for (uint64_t seq = 1; seq <= 2; seq++) {
            memset(&out, 0, sizeof out);
            good.seq = seq;
            assert_int_equal(command_decoder_next(f->commands_read, &out), 0);
            assert_commands_equal(&good, &out);
        }
        assert_int_equal(command_decoder_next(f->commands_read, &out), ERR_END);
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
    any_event(r, EVENT_BROKER_STATE, &e);
    e.broker_state.reason_len = REASON_BYTES_MAX + 1;
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    any_event(r, EVENT_STATEMENT_ROW, &e);
    e.statement_row.ext_order_id_len = EXT_ID_BYTES_MAX + 1;
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    any_event(r, EVENT_KIND_NUMBER_MAX + 1, &e);
    assert_int_equal(event_encoder_add(f->events, &e), ERR_USAGE);
    assert_int_equal(event_encoder_count(f->events), 0);
}

/* --- bytes that may be anything --- */

/* Every byte of it can be read. */
static void text_read(const struct text *t)
{
    volatile char sum = 0;
    for (uint32_t i = 0; i < t->len_bytes; i++) sum = (char)(sum ^ t->bytes[i]);
}

static void place_read(const struct command_place *p)
{
    assert_true(p->price.scale <= DECIMAL_SCALE_MAX || p->price.scale == DECIMAL_ABSENT);
    assert_int_equal(p->symbol.bytes[NAME_CHARS_MAX], 0);
    text_read(&p->tag);
}

/* Reads a payload to its end; whatever it is, it must say 0 or ERR_CORRUPT, and values within what readers rely on. */
static bool commands_read_quietly(struct fixture *f, const uint8_t *bytes, size_t len_bytes, uint32_t count)
{
    struct command c;
    int result = command_decoder_start(f->commands_read, bytes, len_bytes, 1, count);
    while (result == 0 && (result = command_decoder_next(f->commands_read, &c)) == 0) {
        text_read(&c.origin.request_id);
        if (c.kind == COMMAND_PLACE) place_read(&c.place);
        if (c.kind == COMMAND_BATCH)
            for (uint32_t i = 0; i < c.batch.orders_count; i++) place_read(&c.batch.orders[i]);
        if (c.kind == COMMAND_FILL)
            for (uint32_t i = 0; i < c.fill.fills_count; i++) text_read(&c.fill.fills[i].ref_exec_id);
        if (c.kind == COMMAND_STATEMENT)
            for (uint32_t i = 0; i < c.statement.rows_count; i++) text_read(&c.statement.rows[i].ext_order_id);
        if (c.kind == COMMAND_SET_ROUTING)
            for (uint32_t i = 0; i < c.set_routing.rules_count; i++)
                assert_int_equal(c.set_routing.rules[i].venues[3].bytes[NAME_CHARS_MAX], 0);
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
        {"items without table", 9, {0x0a, 0x01, 0x16, 0xb2, 0x02, 0x03, 0x1a, 0x01, 0x05}},
        {"table without items", 8, {0x0a, 0x01, 0x16, 0x5a, 0x00, 0xb2, 0x02, 0x00}},
        {"more items than a batch may have",
         12,
         {0x0a, 0x01, 0x16, 0x5a, 0x00, 0xb2, 0x02, 0x04, 0x1a, 0x02, 0x91, 0x4e}},
        {"items of another number than their column",
         15,
         {0x0a, 0x01, 0x16, 0x5a, 0x04, 0x8a, 0x01, 0x01, 0x01, 0xb2, 0x02, 0x03, 0x1a, 0x01, 0x00}},
        {"items of no batch", 5, {0x0a, 0x01, 0x0c, 0x5a, 0x00}},
    };
    static const uint8_t good[] = {0x0a, 0x01, 0x0c};
    static const uint8_t batch[] = {0x0a, 0x01, 0x16, 0x5a, 0x00, 0xb2, 0x02, 0x04, 0x1a, 0x02, 0x90, 0x4e};
    assert_true(commands_read_quietly(*state, good, sizeof good, 1));
    assert_true(commands_read_quietly(*state, batch, sizeof batch, 1)); /* 10,000 orders, all the same */
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
        TEST(a_whole_block_of_commands_may_be_held),
        TEST(an_origin_costs_nothing_where_there_is_none),
        TEST(the_longest_list_comes_back_and_a_longer_one_is_refused),
        TEST(items_fill_a_block_and_the_next_begins_anew),
        TEST(a_list_with_one_bad_item_is_refused_and_leaves_no_trace),
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
