/* tests/projections/test_values.c - rows survive the way to bytes and back; bytes that are no row are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "projections/keys.h"
#include "projections/values.h"

/* One kind of row, with its functions behind one signature. */
struct kind {
    const char *name;
    size_t row_bytes;
    size_t (*encode)(const void *row, uint8_t *room);
    int (*decode)(const uint8_t *bytes, size_t len_bytes, void *row);
    void (*example)(void *row);
};

static void example_order(void *row)
{
    *(struct order_row *)row = (struct order_row){.created_seq = 11,
                                                  .updated_seq = 12,
                                                  .created_ns = 13,
                                                  .updated_ns = 14,
                                                  .executed_ns = 15,
                                                  .price = 16,
                                                  .quantity = 17,
                                                  .leaves = 18,
                                                  .filled = 19,
                                                  .expires_ns = 20,
                                                  .price_quantity = (i128)21 << 80,
                                                  .hold = -((i128)22 << 70),
                                                  .fee = -23,
                                                  .refusal = {2401, 12, DECIMAL_ABSENT, 18, (i128)24 << 90, -25},
                                                  .gtt_id = 26,
                                                  .stop_price = 27,
                                                  .display_quantity = 28,
                                                  .shown = 29,
                                                  .trail = 30,
                                                  .leverage = 31,
                                                  .stp = 32,
                                                  .venue = 33,
                                                  .phase = 34,
                                                  .link = 35,
                                                  .member = 36,
                                                  .activation = 37,
                                                  .stop_price_scale = DECIMAL_ABSENT,
                                                  .display_scale = 8,
                                                  .trail_scale = 4,
                                                  .cancel_reason = 3,
                                                  .status = ORDER_STATUS_CANCELLED,
                                                  .side = 2,
                                                  .type = 1,
                                                  .tif = 4,
                                                  .flags = 3,
                                                  .price_scale = DECIMAL_ABSENT,
                                                  .quantity_scale = 9,
                                                  .client_order_id_len = 64,
                                                  .account = name_of("a-name-of-23-characters"),
                                                  .symbol = name_of("X"),
                                                  .batch_id = 40,
                                                  .routed_ns = 41,
                                                  .settled_ns = 42,
                                                  .venue_name = name_of("b-name-of-23-characters"),
                                                  .attempts = 43,
                                                  .rule = 256,
                                                  .broker_state = BROKER_UNKNOWN,
                                                  .manual_review = true,
                                                  .ext_order_id_len = EXT_ID_BYTES_MAX,
                                                  .reason_len = REASON_BYTES_MAX};
    memset(((struct order_row *)row)->client_order_id, 'z', CLIENT_ORDER_ID_BYTES_MAX);
    memset(((struct order_row *)row)->ext_order_id, 'x', EXT_ID_BYTES_MAX);
    memset(((struct order_row *)row)->reason, 'r', REASON_BYTES_MAX);
}

/* Without anything that only some orders have. */
static void example_plain_order(void *row)
{
    *(struct order_row *)row = (struct order_row){.created_seq = 1,
                                                  .status = ORDER_STATUS_ACKED,
                                                  .stop_price_scale = DECIMAL_ABSENT,
                                                  .display_scale = DECIMAL_ABSENT,
                                                  .trail_scale = DECIMAL_ABSENT};
}

static void example_trade(void *row)
{
    *(struct trade_row *)row = (struct trade_row){.ts_ns = 1,
                                                  .fill = {.symbol = name_of("S"),
                                                           .buy_account = name_of("b"),
                                                           .sell_account = name_of("@import"),
                                                           .price = 2,
                                                           .quantity = 3,
                                                           .notional = (i128)4 << 99,
                                                           .buy_order_id = 5,
                                                           .sell_order_id = 6,
                                                           .buy_leaves = 7,
                                                           .sell_leaves = 8,
                                                           .buy_fee = -9,
                                                           .sell_fee = 10,
                                                           .buy_hold = 11,
                                                           .sell_hold = 12,
                                                           .aggressor_side = 2,
                                                           .venue = 2,
                                                           .price_scale = 3,
                                                           .quantity_scale = 4,
                                                           .currency_scale = 5}};
}

static void example_execution_trade(void *row)
{
    struct trade_row *t = row;
    example_trade(row);
    t->fill.venue = 4;
    t->fill.simulated = t->executed = t->busted = t->late = true;
    t->excess = 6;
    t->exec_id_len = EXT_ID_BYTES_MAX;
    memset(t->exec_id, 'e', EXT_ID_BYTES_MAX);
    t->venue_name = name_of("BROKER");
}

static void example_venue(void *row)
{
    *(struct venue_row *)row = (struct venue_row){
        .updated_seq = 1,
        .updated_ns = 2,
        .venue = {3, name_of("BROKER"), 0, VENUE_STATE_DOWN, VENUE_STATE_UP, VENUE_CAUSE_BREAKER, true}};
}

static void example_rule(void *row)
{
    *(struct rule_row *)row = (struct rule_row){.rule = {.account = name_of("ann"),
                                                         .symbol = name_of("ACME"),
                                                         .min_quantity = {1, 9},
                                                         .max_quantity = {0, DECIMAL_ABSENT},
                                                         .venues = {name_of("A"), name_of("B"), name_of("C")},
                                                         .type = ORDER_TYPE_STOP_LIMIT,
                                                         .side = SIDE_SELL}};
}

static void example_decision(void *row)
{
    *(struct decision_row *)row = (struct decision_row){.ts_ns = 1,
                                                        .routed = {.account = name_of("ann"),
                                                                   .symbol = name_of("ACME"),
                                                                   .candidates = {name_of("A"), name_of("B")},
                                                                   .chosen = name_of("B"),
                                                                   .retry_ns = 2,
                                                                   .attempt = 3,
                                                                   .rule = 256,
                                                                   .venue = 32,
                                                                   .cause = ROUTE_CAUSE_BY_HAND,
                                                                   .asked = true,
                                                                   .manual_review = true}};
}

static void example_batch(void *row)
{
    *(struct batch_row *)row = (struct batch_row){
        .created_ns = 1, .batch = {.account = name_of("ann"), .orders = BATCH_ORDERS_MAX, .atomic = true}};
}

static void example_statement(void *row)
{
    *(struct statement_header_row *)row = (struct statement_header_row){
        .created_ns = 1, .statement = {0, name_of("BROKER"), name_of("ann"), -2, 3, STATEMENT_ROWS_MAX}};
}

static void example_line(void *row)
{
    struct event_statement_row *line = row;
    *line = (struct event_statement_row){.symbol = name_of("ACME"),
                                         .price = {1, 9},
                                         .quantity = {2, 0},
                                         .fee = {-((i128)3 << 100), CASH_SCALE_MAX},
                                         .side = SIDE_SELL,
                                         .exec_id_len = EXT_ID_BYTES_MAX,
                                         .ext_order_id_len = 1,
                                         .ext_order_id = "x"};
    memset(line->exec_id, 'e', EXT_ID_BYTES_MAX);
}

static void example_execution(void *row)
{
    *(struct event_id *)row = (struct event_id){.seq = 1, .index = UINT32_MAX};
}

static void example_account(void *row)
{
    *(struct account_row *)row = (struct account_row){
        .account = {.id = 1,
                    .leverage = 250,
                    .type = 2,
                    .status = 3,
                    .stp = 4,
                    .allow_short = true,
                    .limits = {(i128)5 << 99, 6, 7, 8, 9, 10, 11, 12, 13, true, false}},
        .updated_seq = 14,
        .margin_call = {15, 16, name_of("USD"), -((i128)17 << 80), 18, 19, true, 18},
    };
}

static void example_instrument(void *row)
{
    *(struct instrument_row *)row = (struct instrument_row){.instrument = {.id = 1,
                                                                           .spec = {.currency = name_of("USD"),
                                                                                    .max_notional = (i128)2 << 90,
                                                                                    .tick = 3,
                                                                                    .lot = 4,
                                                                                    .min_quantity = 5,
                                                                                    .max_quantity = 6,
                                                                                    .collar_ppm = 7,
                                                                                    .maker_fee_rate = -8,
                                                                                    .taker_fee_rate = 9,
                                                                                    .settlement_days = 10,
                                                                                    .price_scale = 9,
                                                                                    .quantity_scale = 8,
                                                                                    .currency_scale = 18,
                                                                                    .trigger = 2,
                                                                                    .state = 3,
                                                                                    .max_leverage = 19,
                                                                                    .mark = 20,
                                                                                    .trading = 21,
                                                                                    .halt_on_breach = true},
                                                                           .tick_gcd = 11,
                                                                           .lot_gcd = 12,
                                                                           .last_price = 13,
                                                                           .bid = 14,
                                                                           .bid_quantity = 15,
                                                                           .ask = 16,
                                                                           .ask_quantity = 17},
                                                            .updated_seq = 18,
                                                            .market_buy = 22,
                                                            .market_sell = 23,
                                                            .uncrossed = {24, 25, 26, 27, -28},
                                                            .state_cause = 29};
}

static void example_currency(void *row)
{
    *(struct currency_state *)row = (struct currency_state){.id = 1, .scale = 18};
}

static void example_balance(void *row)
{
    *(struct balance_row *)row =
        (struct balance_row){.cash = -((i128)1 << 118), .reserved = 2, .cost_net = -3, .margin_used = 4, .scale = 5};
}

static void example_position(void *row)
{
    *(struct position_row *)row =
        (struct position_row){.quantity = INT64_MIN + 1, .cost = -2, .realized = (i128)3 << 100, .updated_seq = 4};
}

static void example_level(void *row)
{
    *(struct level_row *)row = (struct level_row){.quantity = 1, .hidden = 3, .orders = 2};
}

static void example_gtt(void *row)
{
    *(struct gtt_row *)row = (struct gtt_row){.created_seq = 1,
                                              .updated_seq = 2,
                                              .created_ns = 3,
                                              .updated_ns = 4,
                                              .gtt = {.order_id = 5,
                                                      .account = name_of("ann"),
                                                      .symbol = name_of("X"),
                                                      .legs = {{6, 7, 8, 1}, {9, 0, 10, 2}},
                                                      .expires_ns = 11,
                                                      .reject = 2001,
                                                      .status = GTT_STATUS_REJECTED,
                                                      .side = 2,
                                                      .leg = 1,
                                                      .price_scale = 9,
                                                      .quantity_scale = 8}};
}

static void example_system(void *row)
{
    *(struct system_row *)row = (struct system_row){.trading = ACCOUNT_STATUS_HALTED, .updated_seq = 7};
}

#define KIND(name, type)                                                                                               \
    static size_t encode_##name(const void *row, uint8_t *room)                                                        \
    {                                                                                                                  \
        return name##_encode((const type *)row, room);                                                                 \
    }                                                                                                                  \
    static int decode_##name(const uint8_t *bytes, size_t len_bytes, void *row)                                        \
    {                                                                                                                  \
        return name##_decode(bytes, len_bytes, (type *)row);                                                           \
    }
KIND(order, struct order_row)
KIND(trade, struct trade_row)
KIND(account, struct account_row)
KIND(instrument, struct instrument_row)
KIND(currency, struct currency_state)
KIND(balance, struct balance_row)
KIND(position, struct position_row)
KIND(level, struct level_row)
KIND(gtt, struct gtt_row)
KIND(system, struct system_row)
KIND(venue, struct venue_row)
KIND(rule, struct rule_row)
KIND(decision, struct decision_row)
KIND(desk_batch, struct batch_row)
KIND(statement, struct statement_header_row)
KIND(line, struct event_statement_row)
KIND(execution, struct event_id)

#define ROW(name, example, type)                                                                                       \
    {                                                                                                                  \
#name, sizeof(type), encode_##name, decode_##name, example_##example                                           \
    }
static const struct kind kinds[] = {ROW(order, order, struct order_row),
                                    ROW(order, plain_order, struct order_row),
                                    ROW(trade, trade, struct trade_row),
                                    ROW(account, account, struct account_row),
                                    ROW(instrument, instrument, struct instrument_row),
                                    ROW(currency, currency, struct currency_state),
                                    ROW(balance, balance, struct balance_row),
                                    ROW(position, position, struct position_row),
                                    ROW(level, level, struct level_row),
                                    ROW(gtt, gtt, struct gtt_row),
                                    ROW(system, system, struct system_row),
                                    ROW(trade, execution_trade, struct trade_row),
                                    ROW(venue, venue, struct venue_row),
                                    ROW(rule, rule, struct rule_row),
                                    ROW(decision, decision, struct decision_row),
                                    ROW(desk_batch, batch, struct batch_row),
                                    ROW(statement, statement, struct statement_header_row),
                                    ROW(line, line, struct event_statement_row),
                                    ROW(execution, execution, struct event_id)};
enum { KINDS = sizeof kinds / sizeof *kinds };

union row {
    struct order_row order;
    struct trade_row trade;
    struct instrument_row instrument;
    uint8_t bytes[1024];
};

static void every_row_comes_back_as_it_was(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        union row row, back;
        uint8_t bytes[VALUE_BYTES_MAX], bytes_back[VALUE_BYTES_MAX];
        memset(&row, 0, sizeof row);
        memset(&back, 0, sizeof back);
        kinds[k].example(&row);
        size_t len_bytes = kinds[k].encode(&row, bytes);
        assert_int_equal(kinds[k].decode(bytes, len_bytes, &back), 0);
        assert_int_equal(kinds[k].encode(&back, bytes_back), len_bytes);
        assert_memory_equal(bytes, bytes_back, len_bytes);
        assert_memory_equal(&row, &back, kinds[k].row_bytes);
    }
}

static void a_row_that_is_cut_or_too_long_is_corrupt(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        union row row;
        uint8_t bytes[VALUE_BYTES_MAX];
        memset(&row, 0, sizeof row);
        kinds[k].example(&row);
        size_t len_bytes = kinds[k].encode(&row, bytes);
        for (size_t cut = 0; cut < len_bytes; cut++) {
            uint8_t *exact = malloc(cut + 1); /* so that a byte too far is seen */
            memcpy(exact, bytes, cut);
            assert_int_equal(kinds[k].decode(exact, cut, &row), ERR_CORRUPT);
            free(exact);
        }
        bytes[len_bytes] = 0;
        assert_int_equal(kinds[k].decode(bytes, len_bytes + 1, &row), ERR_CORRUPT);
    }
}

static void another_version_of_a_row_is_corrupt(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        union row row;
        uint8_t bytes[VALUE_BYTES_MAX];
        memset(&row, 0, sizeof row);
        kinds[k].example(&row);
        size_t len_bytes = kinds[k].encode(&row, bytes);
        bytes[0]++;
        assert_int_equal(kinds[k].decode(bytes, len_bytes, &row), ERR_CORRUPT);
    }
}

static void random_bytes_are_read_within_their_bounds(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (int round = 0; round < 20000; round++) {
        size_t len_bytes = (size_t)(random >> 33) % VALUE_BYTES_MAX;
        uint8_t *bytes = malloc(len_bytes + 1);
        union row row;
        for (size_t i = 0; i < len_bytes; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (uint8_t)(random >> 56);
        }
        if (len_bytes > 0) bytes[0] = 3; /* the version */
        int rc = kinds[round % KINDS].decode(bytes, len_bytes, &row);
        assert_true(rc == 0 || rc == ERR_CORRUPT);
        free(bytes);
    }
}

static void the_state_row_tells_damage_from_another_version(void **state)
{
    (void)state;
    struct views_state s = {VIEWS_FORMAT_VERSION, 7, {8, 9, 10, 11}, 12}, back;
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t len_bytes = state_encode(&s, bytes);
    assert_int_equal(state_decode(bytes, len_bytes, &back), 0);
    assert_true(back.tape_id == 7 && back.cursor.seq == 8 && back.cursor.chain_hash_hi == 11 && back.event_seq == 12);
    for (size_t i = 0; i < len_bytes; i++) {
        bytes[i] ^= 1;
        assert_int_equal(state_decode(bytes, len_bytes, &back), ERR_CORRUPT);
        bytes[i] ^= 1;
        assert_int_equal(state_decode(bytes, i, &back), ERR_CORRUPT);
    }
    s.format_version = VIEWS_FORMAT_VERSION + 1;
    assert_int_equal(state_decode(bytes, state_encode(&s, bytes), &back), ERR_VERSION);
}

static int key_order(const struct key *a, const struct key *b)
{
    size_t common = a->len_bytes < b->len_bytes ? a->len_bytes : b->len_bytes;
    int order = memcmp(a->bytes, b->bytes, common);
    return order != 0 ? order : (int)a->len_bytes - (int)b->len_bytes;
}

static void names_and_ids_in_keys_sort_as_themselves(void **state)
{
    (void)state;
    const char *const names[] = {"A", "A1", "AB", "B", "a", "a-name-of-23-characters"};
    struct key last, k;
    key_begin(&last);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        for (uint64_t id = 1; id != 0; id <<= 9) {
            struct name name = name_of(names[n]);
            key_begin(&k);
            key_name(&k, &name);
            key_u64(&k, id);
            assert_true(key_order(&last, &k) < 0);
            last = k;
        }
    }
}

static void levels_in_keys_sort_best_first(void **state)
{
    (void)state;
    const int64_t best_first_bids[] = {PRICE_MAX, 256, 255, 1}, best_first_asks[] = {1, 255, 256, PRICE_MAX};
    struct key last, k;
    key_begin(&last);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
        for (int i = 0; i < 4; i++) {
            int64_t price = side == SIDE_BUY ? best_first_bids[i] : best_first_asks[i], price_back;
            int side_back;
            key_begin(&k);
            key_level(&k, side, price);
            assert_true(key_order(&last, &k) < 0);
            struct key_reader r = {k.bytes, k.len_bytes};
            assert_true(key_take_level(&r, &side_back, &price_back));
            assert_true(side_back == side && price_back == price && r.left_bytes == 0);
            last = k;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_comes_back_as_it_was),
        cmocka_unit_test(a_row_that_is_cut_or_too_long_is_corrupt),
        cmocka_unit_test(another_version_of_a_row_is_corrupt),
        cmocka_unit_test(random_bytes_are_read_within_their_bounds),
        cmocka_unit_test(the_state_row_tells_damage_from_another_version),
        cmocka_unit_test(names_and_ids_in_keys_sort_as_themselves),
        cmocka_unit_test(levels_in_keys_sort_best_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
