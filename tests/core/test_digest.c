/* tests/core/test_digest.c - every canonical element is laid out here once more, byte by byte,
 * and hashed by the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <xxhash.h>

#include "core/digest.h"

/* An element written by hand: a tag, then integers of so many bytes, lowest byte first. */
struct layout {
    uint8_t bytes[320];
    size_t len;
};

static void byte_by_byte(struct layout *l, u128 value, int bytes)
{
    for (int i = 0; i < bytes; i++) l->bytes[l->len++] = (uint8_t)(value >> (8 * i));
}

static void text_bytes(struct layout *l, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) l->bytes[l->len++] = i < strlen(text) ? (uint8_t)text[i] : 0;
}

static struct layout layout(char tag)
{
    struct layout l = {.len = 1};
    l.bytes[0] = (uint8_t)tag;
    return l;
}

static u128 hash(const struct layout *l)
{
    XXH128_hash_t h = XXH3_128bits(l->bytes, l->len);
    return (u128)h.high64 << 64 | h.low64;
}

static void the_tapes_limits_and_scalars(void **state)
{
    (void)state;
    struct limits limits = limits_default();
    struct layout l = layout('L');
#define X(field, def, largest) byte_by_byte(&l, def, 4);
    LIMITS(X)
#undef X
    assert_true(digest_limits(&limits) == hash(&l));

    struct engine_scalars s = {.seq = 9, .now_ns = -2, .priority_next = 77, .trading = 3};
    struct layout scalars = layout('S');
    byte_by_byte(&scalars, (u128)(i128)-2, 8);
    byte_by_byte(&scalars, 77, 8);
    byte_by_byte(&scalars, 3, 1);
    assert_true(digest_scalars(&s) == hash(&scalars));
    s.sweep = (struct sweep_state){.kind = SWEEP_MARGIN,
                                   .side = 2,
                                   .stage = 3,
                                   .all = true,
                                   .account_id = 5,
                                   .currency_id = 6,
                                   .instrument_id = 7,
                                   .next_order_id = 8,
                                   .end_order_id = 9};
    struct layout sweep = layout('W');
    const int kind_side_stage_all[] = {4, 2, 3, 1};
    for (int k = 0; k < 4; k++) byte_by_byte(&sweep, (u128)kind_side_stage_all[k], 1);
    for (int k = 5; k <= 9; k++) byte_by_byte(&sweep, (u128)k, 8);
    assert_true(digest_scalars(&s) == hash(&scalars) + hash(&sweep));
}

static void currencies_and_accounts(void **state)
{
    (void)state;
    struct currency_state c = {.id = 0x10000, .currency = name_of("USD"), .scale = 2};
    struct layout l = layout('C');
    byte_by_byte(&l, 0x10000, 8);
    text_bytes(&l, "USD", 24);
    byte_by_byte(&l, 2, 1);
    assert_true(digest_currency(&c) == hash(&l));

    struct account_state a = {.id = 0x20000,
                              .account = name_of("ann"),
                              .leverage = 500,
                              .type = 2,
                              .status = 1,
                              .stp = 5,
                              .allow_short = true};
    l = layout('A');
    byte_by_byte(&l, 0x20000, 8);
    text_bytes(&l, "ann", 24);
    byte_by_byte(&l, 500, 4);
    byte_by_byte(&l, 2, 1);
    byte_by_byte(&l, 1, 1);
    byte_by_byte(&l, 5, 1);
    byte_by_byte(&l, 1, 1);
    assert_true(digest_account(&a) == hash(&l));
    assert_true(digest_account_rules(&a) == 0);

    a.limits = (struct account_limits){.max_order_quantity = (i128)1 << 70,
                                       .max_position = 2,
                                       .max_order_notional = 3,
                                       .maker_fee_rate = 4,
                                       .taker_fee_rate = 5,
                                       .margin_call_ppm = 6,
                                       .liquidation_ppm = 7,
                                       .max_open_orders = 8,
                                       .max_orders_per_second = 9,
                                       .own_maker_fee = true};
    a.rate_tat_ns = 10;
    struct layout r = layout('R');
    byte_by_byte(&r, 0x20000, 8);
    byte_by_byte(&r, (u128)1 << 70, 16);
    byte_by_byte(&r, 2, 16);
    byte_by_byte(&r, 3, 16);
    for (int k = 4; k <= 7; k++) byte_by_byte(&r, (u128)k, 8);
    byte_by_byte(&r, 8, 4);
    byte_by_byte(&r, 9, 4);
    byte_by_byte(&r, 1, 1);
    byte_by_byte(&r, 0, 1);
    byte_by_byte(&r, 10, 8);
    assert_true(digest_account_rules(&a) == hash(&r));
    assert_true(digest_account(&a) == hash(&l) + hash(&r));
}

static void instruments_and_their_markets(void **state)
{
    (void)state;
    struct instrument_state i = {
        .id = 0x30000, .tick_gcd = 5, .lot_gcd = 7, .last_price = 10050, .bid = 1, .bid_quantity = 2};
    i.ask = 3;
    i.ask_quantity = 4;
    i.spec =
        (struct instrument_spec){.symbol = name_of("GOOG"), .currency = name_of("USD"), .max_notional = (i128)1 << 80};
    i.spec.tick = 11;
    i.spec.lot = 12;
    i.spec.min_quantity = 13;
    i.spec.max_quantity = 14;
    i.spec.collar_ppm = 15;
    i.spec.maker_fee_rate = -16;
    i.spec.taker_fee_rate = 17;
    i.spec.max_leverage = 2000;
    i.spec.settlement_days = 0x1234;
    i.spec.price_scale = 2;
    i.spec.quantity_scale = 3;
    i.spec.currency_scale = 4;
    i.spec.trigger = 1;
    i.spec.state = 5;
    i.spec.mark = 2;
    i.spec.trading = 3;
    i.spec.halt_on_breach = true;
    i.range_low = 5;
    i.range_high = 6;
    i.auction_price = 7;
    struct layout l = layout('I');
    byte_by_byte(&l, 0x30000, 8);
    text_bytes(&l, "GOOG", 24);
    text_bytes(&l, "USD", 24);
    byte_by_byte(&l, (u128)1 << 80, 16);
    for (int k = 11; k <= 17; k++) byte_by_byte(&l, (u128)(i128)(k == 16 ? -16 : k), 8);
    byte_by_byte(&l, 2000, 4);
    byte_by_byte(&l, 0x1234, 2);
    const int scales_trigger_state_mark_trading_halt[] = {2, 3, 4, 1, 5, 2, 3, 1};
    for (int k = 0; k < 8; k++) byte_by_byte(&l, (u128)scales_trigger_state_mark_trading_halt[k], 1);
    byte_by_byte(&l, 5, 8);
    byte_by_byte(&l, 7, 8);
    assert_true(digest_instrument(&i) == hash(&l));

    l = layout('M');
    byte_by_byte(&l, 0x30000, 8);
    byte_by_byte(&l, 10050, 8);
    for (int k = 1; k <= 7; k++) byte_by_byte(&l, (u128)k, 8);
    assert_true(digest_market(&i) == hash(&l));
}

static void balances_and_positions(void **state)
{
    (void)state;
    struct balance_state b = {
        .account_id = 1, .currency_id = 2, .cash = -3, .reserved = 4, .cost_net = -5, .margin_used = 6};
    struct layout l = layout('B');
    byte_by_byte(&l, 1, 8);
    byte_by_byte(&l, 2, 8);
    byte_by_byte(&l, (u128)(i128)-3, 16);
    assert_true(digest_balance(&b) == hash(&l));

    struct position_state p = {.account_id = 1, .instrument_id = 2, .quantity = -3, .cost = -4, .realized = 5};
    p.open_buy = 6;
    p.open_sell = 7;
    p.closing_buy = 8;
    p.closing_sell = 9;
    l = layout('P');
    byte_by_byte(&l, 1, 8);
    byte_by_byte(&l, 2, 8);
    byte_by_byte(&l, (u128)(i128)-3, 8);
    byte_by_byte(&l, (u128)(i128)-4, 16);
    byte_by_byte(&l, 5, 16);
    assert_true(digest_position(&p) == hash(&l));
}

static void orders_and_their_client_ids(void **state)
{
    (void)state;
    struct order_state o = {
        .id = 1, .account_id = 2, .instrument_id = 3, .priority = 4, .price = 5, .quantity = 6, .leaves = 7};
    o.closing_leaves = 8;
    o.created_ns = 9;
    o.updated_ns = 10;
    o.expires_ns = 11;
    o.notional_filled = 12;
    o.fee_accrued = -13;
    o.hold = 14;
    o.side = 1;
    o.type = 2;
    o.tif = 3;
    o.flags = 4;
    o.stp = 5;
    struct layout l = layout('O');
    for (int k = 1; k <= 8; k++) byte_by_byte(&l, (u128)k, 8);
    byte_by_byte(&l, 11, 8); /* when it was made or changed says nothing about what it will do */
    byte_by_byte(&l, 12, 16);
    byte_by_byte(&l, (u128)(i128)-13, 16);
    byte_by_byte(&l, 14, 16);
    for (int k = 1; k <= 5; k++) byte_by_byte(&l, (u128)k, 1);
    assert_true(digest_order(&o) == hash(&l));

    o.client_order_id_len = 3;
    memcpy(o.client_order_id, "abc", 3);
    struct layout t = layout('T');
    byte_by_byte(&t, 1, 8);
    text_bytes(&t, "abc", 3);
    assert_true(digest_order(&o) == hash(&l) + hash(&t));
}

static void what_only_some_orders_have(void **state)
{
    (void)state;
    struct order_state plain = {.id = 1, .leaves = 2}, o = plain;
    o.extra = (struct order_extra_state){.stop_price = 2,
                                         .trail = 3,
                                         .display_quantity = 4,
                                         .shown = 5,
                                         .hold_price = 6,
                                         .due = 7,
                                         .follow = 8,
                                         .leverage = 9,
                                         .venue = 1,
                                         .phase = 2,
                                         .link = 3,
                                         .member = 4,
                                         .activation = 5,
                                         .direction = 6};
    struct layout x = layout('X');
    byte_by_byte(&x, 1, 8);
    for (int k = 2; k <= 8; k++) byte_by_byte(&x, (u128)k, 8);
    byte_by_byte(&x, 9, 4);
    for (int k = 1; k <= 6; k++) byte_by_byte(&x, (u128)k, 1);
    assert_true(digest_order(&o) == digest_order(&plain) + hash(&x));
}

static void venues_and_rules(void **state)
{
    (void)state;
    struct venue_state_row v = {.id = 0x10004, .venue = name_of("ALPHA"), .state = 2, .simulated = true};
    struct layout l = layout('V');
    byte_by_byte(&l, 0x10004, 8);
    text_bytes(&l, "ALPHA", 24);
    byte_by_byte(&l, 3, 1);
    byte_by_byte(&l, 2, 1);
    byte_by_byte(&l, 1, 1);
    assert_true(digest_venue(&v, 3) == hash(&l));

    struct route_rule r = {.account = name_of("ann"),
                           .min_quantity = {-5, 2},
                           .max_quantity = {0, DECIMAL_ABSENT},
                           .venues = {name_of("ALPHA"), name_of("BOOK")},
                           .type = 3,
                           .side = 2};
    l = layout('G');
    byte_by_byte(&l, 7, 4);
    text_bytes(&l, "ann", 24);
    text_bytes(&l, "", 24);
    byte_by_byte(&l, (u128)(i128)-5, 8);
    byte_by_byte(&l, 2, 1);
    byte_by_byte(&l, 0, 8);
    byte_by_byte(&l, DECIMAL_ABSENT, 1);
    text_bytes(&l, "ALPHA", 24);
    text_bytes(&l, "BOOK", 24);
    text_bytes(&l, "", 24);
    text_bytes(&l, "", 24);
    byte_by_byte(&l, 3, 1);
    byte_by_byte(&l, 2, 1);
    assert_true(digest_rule(&r, 7) == hash(&l));
}

static void routes_and_executions(void **state)
{
    (void)state;
    struct route_state r = {.order_id = 1, .account_id = 2, .instrument_id = 3, .wait = 4, .due_ns = 5};
    r.new_price = 6;
    r.new_quantity = 7;
    r.new_stop_price = 8;
    r.old_quantity = 9;
    r.filled = 10;
    r.notional_filled = 11;
    r.fee_accrued = -12;
    r.attempt = 13;
    r.tries = 14;
    r.refused = 15;
    r.venue = 16;
    r.state = 5;
    r.doubt = 4;
    r.reason = 3;
    r.side = 2;
    r.open = true;
    r.asked = 6;
    r.manual_review = true;
    r.ext_order_id_len = 3;
    memcpy(r.ext_order_id, "A-1", 3);
    struct layout l = layout('D');
    for (int k = 1; k <= 10; k++) byte_by_byte(&l, (u128)k, 8);
    byte_by_byte(&l, 11, 16);
    byte_by_byte(&l, (u128)(i128)-12, 16);
    for (int k = 13; k <= 15; k++) byte_by_byte(&l, (u128)k, 4);
    const int venue_state_doubt_reason_side_open_asked_review[] = {16, 5, 4, 3, 2, 1, 6, 1};
    for (int k = 0; k < 8; k++) byte_by_byte(&l, (u128)venue_state_doubt_reason_side_open_asked_review[k], 1);
    text_bytes(&l, "A-1", 3);
    assert_true(digest_route(&r) == hash(&l));

    struct execution_state x = {.order_id = 1, .number = 2, .price = 3, .quantity = 4, .notional = 5};
    x.fee_accrues = -6;
    x.busted = true;
    x.exec_id_len = 2;
    memcpy(x.exec_id, "E1", 2);
    l = layout('E');
    byte_by_byte(&l, 1, 8);
    byte_by_byte(&l, 2, 4);
    byte_by_byte(&l, 3, 8);
    byte_by_byte(&l, 4, 8);
    byte_by_byte(&l, 5, 16);
    byte_by_byte(&l, (u128)(i128)-6, 16);
    byte_by_byte(&l, 1, 1);
    text_bytes(&l, "E1", 2);
    assert_true(digest_execution(&x) == hash(&l));
}

static void used_ids_and_keys(void **state)
{
    (void)state;
    struct client_id_state c = {.account_id = 1, .order_id = 2, .used_ns = 3, .client_order_id_len = 3};
    memcpy(c.client_order_id, "abc", 3);
    struct layout l = layout('U');
    for (int k = 1; k <= 3; k++) byte_by_byte(&l, (u128)k, 8);
    text_bytes(&l, "abc", 3);
    assert_true(digest_used_id(&c) == hash(&l));

    struct key_state key = {.key = {1, 2}, .body = {3, 4}, .seq = 5, .used_ns = 6};
    l = layout('K');
    for (int k = 1; k <= 6; k++) byte_by_byte(&l, (u128)k, 8);
    assert_true(digest_key(&key) == hash(&l));
}

static void what_holds_only_zeros_adds_nothing(void **state)
{
    (void)state;
    struct balance_state b = {.account_id = 1, .currency_id = 2};
    struct position_state p = {.account_id = 1, .instrument_id = 2};
    struct instrument_state i = {.id = 3, .spec = {.symbol = name_of("GOOG")}, .tick_gcd = 1};
    struct engine_scalars s = {.limits = limits_default(), .priority_next = 1};
    assert_true(digest_balance(&b) == 0);
    assert_true(digest_position(&p) == 0);
    assert_true(digest_market(&i) == 0);
    assert_true(digest_scalars(&s) == 0); /* seq 0: no command yet */
    b.margin_used = p.closing_sell = 1;   /* a sum that others give: still nothing */
    assert_true(digest_balance(&b) == 0);
    assert_true(digest_position(&p) == 0);
    b.cash = (i128)1 << 120;
    p.realized = 1;
    i.ask_quantity = 1;
    s.seq = 1;
    assert_true(digest_balance(&b) != 0);
    assert_true(digest_position(&p) != 0);
    assert_true(digest_market(&i) != 0);
    assert_true(digest_scalars(&s) != 0);
}

static void a_digest_is_written_high_half_first(void **state)
{
    (void)state;
    char room[DIGEST_TEXT_BYTES];
    struct digest d = {.lo = 0xfedcba9876543210, .hi = 0x0123456789abcdef};
    digest_to_text(d, room);
    assert_string_equal(room, "0123456789abcdeffedcba9876543210");
    assert_true(digest_equal(d, d));
    assert_false(digest_equal(d, (struct digest){.lo = d.lo, .hi = 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tapes_limits_and_scalars),
        cmocka_unit_test(currencies_and_accounts),
        cmocka_unit_test(instruments_and_their_markets),
        cmocka_unit_test(balances_and_positions),
        cmocka_unit_test(orders_and_their_client_ids),
        cmocka_unit_test(what_only_some_orders_have),
        cmocka_unit_test(venues_and_rules),
        cmocka_unit_test(routes_and_executions),
        cmocka_unit_test(used_ids_and_keys),
        cmocka_unit_test(what_holds_only_zeros_adds_nothing),
        cmocka_unit_test(a_digest_is_written_high_half_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
