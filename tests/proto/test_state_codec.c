/* tests/proto/test_state_codec.c - a table of state comes back row for row, and no bytes do harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/error.h"
#include "proto/state_codec.h"
#include "tests/proto/random_records.h"

enum { ROUNDS = 20, ROWS = 500, HARM_ROWS = 12, FLIPS = 1500 };

static struct random *rng(void **state)
{
    return *state;
}

/* One set of tests for every table: a table of functions, made from the list of tables. */
struct table {
    const char *name;
    size_t row_bytes;
    void (*any)(struct random *r, void *row);
    int (*encode)(const void *rows, size_t count, uint8_t **bytes, size_t *len_bytes);
    int (*decode)(const uint8_t *bytes, size_t len_bytes, void *rows, size_t rows_max, size_t *count);
};

#define X(table, row)                                                                                                  \
    static void any_row_of_##table(struct random *r, void *rows)                                                       \
    {                                                                                                                  \
        any_##row(r, rows);                                                                                            \
    }                                                                                                                  \
    static int encode_##table(const void *rows, size_t count, uint8_t **bytes, size_t *len_bytes)                      \
    {                                                                                                                  \
        return state_##table##_encode(rows, count, bytes, len_bytes);                                                  \
    }                                                                                                                  \
    static int decode_##table(const uint8_t *bytes, size_t len_bytes, void *rows, size_t rows_max, size_t *count)      \
    {                                                                                                                  \
        return state_##table##_decode(bytes, len_bytes, rows, rows_max, count);                                        \
    }
STATE_TABLES(X)
#undef X

static const struct table tables[] = {
#define X(table, row) {#table, sizeof(struct row), any_row_of_##table, encode_##table, decode_##table},
    STATE_TABLES(X)
#undef X
};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* Rows whose every byte that is no field is zero. */
static void *some_rows(struct random *r, const struct table *t, size_t count)
{
    uint8_t *rows = calloc(count + 1, t->row_bytes);
    assert_non_null(rows);
    for (size_t i = 0; i < count; i++) t->any(r, rows + i * t->row_bytes);
    return rows;
}

static void rows_come_back(const struct table *t, const void *rows, size_t count)
{
    uint8_t *bytes, *out = malloc((count + 1) * t->row_bytes);
    size_t len_bytes, got;
    assert_non_null(out);
    memset(out, 0xa5, (count + 1) * t->row_bytes);
    assert_int_equal(t->encode(rows, count, &bytes, &len_bytes), 0);
    assert_int_equal(t->decode(bytes, len_bytes, out, count, &got), 0);
    assert_int_equal(got, count);
    assert_memory_equal(rows, out, count * t->row_bytes); /* padding too: decoding zeroes it */
    if (count > 0) assert_int_equal(t->decode(bytes, len_bytes, out, count - 1, &got), ERR_CORRUPT);
    free(bytes);
    free(out);
}

static void rows_of_every_table_come_back(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < TABLES; i++) {
        for (int round = 0; round < ROUNDS; round++) {
            size_t count = round < 3 ? (size_t)round : random_below(r, ROWS + 1);
            void *rows = some_rows(r, &tables[i], count);
            rows_come_back(&tables[i], rows, count);
            free(rows);
        }
    }
}

static void equal_rows_and_rows_of_zeros_come_back(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < TABLES; i++) {
        const struct table *t = &tables[i];
        uint8_t *rows = some_rows(r, t, ROWS);
        for (size_t n = 1; n < ROWS; n++) memcpy(rows + n * t->row_bytes, rows, t->row_bytes);
        rows_come_back(t, rows, ROWS);
        memset(rows + 7 * t->row_bytes, 0, t->row_bytes);
        rows_come_back(t, rows, ROWS);
        memset(rows, 0, ROWS * t->row_bytes);
        rows_come_back(t, rows, ROWS);
        free(rows);
    }
}

static void the_longest_table_comes_back_and_a_longer_one_is_refused(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < TABLES; i++) {
        const struct table *t = &tables[i];
        uint8_t *rows = some_rows(r, t, STATE_ROWS_MAX + 1), *bytes;
        size_t len_bytes;
        rows_come_back(t, rows, STATE_ROWS_MAX);
        assert_int_equal(t->encode(rows, STATE_ROWS_MAX + 1, &bytes, &len_bytes), ERR_USAGE);
        free(rows);
    }
}

/* Every row brings names of its own: the dictionary holds them all. */
static void instruments_that_share_no_name_come_back(void **state)
{
    (void)state;
    struct instrument_state *rows = calloc(STATE_ROWS_MAX, sizeof *rows);
    assert_non_null(rows);
    for (unsigned i = 0; i < STATE_ROWS_MAX; i++) {
        rows[i].id = (uint64_t)i << 16 | 1;
        snprintf(rows[i].spec.symbol.bytes, NAME_BYTES, "symbol-%u", i);
        snprintf(rows[i].spec.currency.bytes, NAME_BYTES, "currency-%u", i);
    }
    rows_come_back(&tables[2], rows, STATE_ROWS_MAX);
    free(rows);
}

static void rules_that_share_no_name_come_back(void **state)
{
    (void)state;
    struct route_rule *rows = calloc(STATE_ROWS_MAX, sizeof *rows);
    assert_non_null(rows);
    for (unsigned i = 0; i < STATE_ROWS_MAX; i++) {
        snprintf(rows[i].account.bytes, NAME_BYTES, "account-%u", i);
        snprintf(rows[i].symbol.bytes, NAME_BYTES, "symbol-%u", i);
        for (int k = 0; k < ROUTE_CANDIDATES_MAX; k++)
            snprintf(rows[i].venues[k].bytes, NAME_BYTES, "venue-%u-%d", i, k);
    }
    rows_come_back(&tables[8], rows, STATE_ROWS_MAX);
    free(rows);
}

static void a_row_that_could_not_be_read_back_is_refused(void **state)
{
    struct random *r = rng(state);
    uint8_t *bytes;
    size_t len_bytes;
    struct order_state order;
    memset(&order, 0, sizeof order);
    any_order_state(r, &order);
    order.client_order_id_len = CLIENT_ORDER_ID_BYTES_MAX + 1;
    assert_int_equal(state_orders_encode(&order, 1, &bytes, &len_bytes), ERR_USAGE);
    struct route_state route;
    memset(&route, 0, sizeof route);
    route.ext_order_id_len = EXT_ID_BYTES_MAX + 1;
    assert_int_equal(state_routes_encode(&route, 1, &bytes, &len_bytes), ERR_USAGE);
    struct currency_state currency = {.currency = {"no space"}};
    assert_int_equal(state_currencies_encode(&currency, 1, &bytes, &len_bytes), ERR_USAGE);
    currency = (struct currency_state){.scale = DECIMAL_ABSENT};
    assert_int_equal(state_currencies_encode(&currency, 1, &bytes, &len_bytes), ERR_USAGE);
}

static void the_bytes_of_one_table_are_no_other_table(void **state)
{
    struct random *r = rng(state);
    static uint8_t room[HARM_ROWS * 1024];
    for (int i = 0; i < TABLES; i++) {
        uint8_t *rows = some_rows(r, &tables[i], 3), *bytes;
        size_t len_bytes, count;
        assert_int_equal(tables[i].encode(rows, 3, &bytes, &len_bytes), 0);
        for (int other = 0; other < TABLES; other++)
            assert_int_equal(tables[other].decode(bytes, len_bytes, room, HARM_ROWS, &count),
                             other == i ? 0 : ERR_CORRUPT);
        free(bytes);
        free(rows);
    }
}

static int decode_quietly(const struct table *t, const uint8_t *bytes, size_t len_bytes)
{
    static _Alignas(16) uint8_t room[HARM_ROWS * 1024];
    size_t count;
    int result = t->decode(bytes, len_bytes, room, HARM_ROWS, &count);
    assert_true(result == 0 || result == ERR_CORRUPT);
    if (result == 0) assert_in_range(count, 0, HARM_ROWS);
    return result;
}

static void flip_and_decode(struct random *r, const struct table *t, const uint8_t *bytes, size_t len_bytes)
{
    uint8_t *copy = malloc(len_bytes);
    assert_non_null(copy);
    for (int i = 0; i < FLIPS; i++) {
        memcpy(copy, bytes, len_bytes);
        for (uint64_t n = random_below(r, 3); n < 3; n++)
            copy[random_below(r, len_bytes)] ^= (uint8_t)(1u << random_below(r, 8));
        (void)decode_quietly(t, copy, len_bytes);
    }
    free(copy);
}

static void damaged_tables_are_corrupt_or_read_and_do_no_harm(void **state)
{
    struct random *r = rng(state);
    for (int i = 0; i < TABLES; i++) {
        const struct table *t = &tables[i];
        uint8_t *rows = some_rows(r, t, HARM_ROWS), *bytes;
        size_t len_bytes;
        assert_int_equal(t->encode(rows, HARM_ROWS, &bytes, &len_bytes), 0);
        for (size_t len = 0; len < len_bytes; len++) {
            uint8_t *cut = malloc(len + 1);
            assert_non_null(cut);
            memcpy(cut + 1, bytes, len);
            assert_int_equal(decode_quietly(t, cut + 1, len), ERR_CORRUPT);
            free(cut);
        }
        flip_and_decode(r, t, bytes, len_bytes);
        free(bytes);
        free(rows);
    }
}

int main(int argc, char **argv)
{
    struct random r = random_from_arguments(argc, argv);
#define TEST(name)                                                                                                     \
    {                                                                                                                  \
#name, name, NULL, NULL, &r                                                                                    \
    }
    const struct CMUnitTest tests[] = {
        TEST(rows_of_every_table_come_back),
        TEST(equal_rows_and_rows_of_zeros_come_back),
        TEST(the_longest_table_comes_back_and_a_longer_one_is_refused),
        TEST(instruments_that_share_no_name_come_back),
        TEST(rules_that_share_no_name_come_back),
        TEST(a_row_that_could_not_be_read_back_is_refused),
        TEST(the_bytes_of_one_table_are_no_other_table),
        TEST(damaged_tables_are_corrupt_or_read_and_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
