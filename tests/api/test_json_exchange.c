/* tests/api/test_json_exchange.c - what the whole exchange says, byte for byte: stops, icebergs, groups, auctions, GTTs, margin,
 * and why something was refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "api/json.h"
#include "core/rejects.h"

static int json_setup(void **state)
{
    *state = json_new();
    return *state == NULL ? -1 : 0;
}

static int json_teardown(void **state)
{
    json_free(*state);
    return 0;
}

static void assert_written(struct json *j, const char *expected)
{
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(bytes);
    if (len != strlen(expected) || memcmp(bytes, expected, len) != 0)
        fail_msg("wrote %.*s\n not %s", (int)len, bytes, expected);
    json_reset(j);
}

/* Of the document that was just written, only a part. */
static void assert_holds(struct json *j, const char *expected)
{
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(bytes);
    if (memmem(bytes, len, expected, strlen(expected)) == NULL)
        fail_msg("wrote %.*s\n without %s", (int)len, bytes, expected);
    json_reset(j);
}

static struct order_row order_sample(uint8_t type)
{
    struct order_row o = {.order_id = 7 << 16, .created_seq = 7, .updated_seq = 9, .created_ns = 1, .updated_ns = 2};
    o.quantity = o.leaves = 30;
    o.status = ORDER_STATUS_ACKED;
    o.side = SIDE_BUY;
    o.type = type;
    o.tif = TIF_GTC;
    o.price_scale = o.stop_price_scale = o.trail_scale = 2;
    o.account = name_of("ann");
    o.symbol = name_of("GOOG");
    return o;
}

static void a_trailing_stop_shows_its_stop_and_its_trail(void **state)
{
    struct json *j = *state;
    struct order_row o = order_sample(ORDER_TYPE_STOP);
    o.status = ORDER_STATUS_PENDING_TRIGGER;
    o.phase = ORDER_PHASE_PENDING_TRIGGER;
    o.stop_price = 14600;
    o.trail = 50;
    json_order(j, &o);
    assert_written(
        j, "{\"order_id\":\"458752\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"type\":\"STOP\","
           "\"tif\":\"GTC\",\"quantity\":\"30\",\"stop_price\":\"146.00\",\"trail_amount\":\"0.50\","
           "\"status\":\"PENDING_TRIGGER\",\"phase\":\"PENDING_TRIGGER\",\"filled_quantity\":\"0\","
           "\"remaining_quantity\":\"30\",\"venue\":\"BOOK\",\"created_at\":\"1970-01-01T00:00:00.000000001Z\","
           "\"updated_at\":\"1970-01-01T00:00:00.000000002Z\",\"seq\":9}");
    o.flags = PLACE_TRAIL_PERCENT | PLACE_REDUCE_ONLY;
    o.trail = 25000;
    o.trail_scale = 4;
    json_order(j, &o);
    assert_holds(
        j, "\"reduce_only\":true,\"quantity\":\"30\",\"stop_price\":\"146.00\",\"trail_percent\":\"2.5\",\"status\"");
}

static void an_iceberg_shows_what_it_shows(void **state)
{
    struct json *j = *state;
    struct order_row o = order_sample(ORDER_TYPE_LIMIT);
    o.price = 14550;
    o.display_quantity = 10;
    o.shown = 4;
    o.leverage = 250;
    o.stp = STP_DECREMENT;
    json_order(j, &o);
    assert_holds(j,
                 "\"price\":\"145.50\",\"display_quantity\":\"10\",\"leverage\":\"2.5\",\"stp\":\"DECREMENT\","
                 "\"status\":\"ACKED\","
                 "\"filled_quantity\":\"0\",\"remaining_quantity\":\"30\",\"shown_quantity\":\"4\",\"venue\":\"BOOK\"");
}

static void an_order_of_a_group_names_the_others(void **state)
{
    struct json *j = *state;
    struct order_row entry = order_sample(ORDER_TYPE_LIMIT);
    entry.link = LINK_BRACKET;
    entry.activation = ACTIVATION_EACH_FILL;
    json_order(j, &entry);
    assert_holds(j, "\"link\":\"BRACKET\",\"activation\":\"EACH_FILL\",\"linked_order_ids\":[\"458753\",\"458754\"],");
    struct order_row child = order_sample(ORDER_TYPE_STOP);
    child.order_id = entry.order_id + 2;
    child.link = LINK_BRACKET;
    child.activation = ACTIVATION_EACH_FILL;
    child.member = 2;
    child.phase = ORDER_PHASE_WAITING;
    json_order(j, &child);
    assert_holds(j, "\"parent_order_id\":\"458752\",\"linked_order_ids\":[\"458752\",\"458753\"],");
    child.link = LINK_OCO;
    child.activation = 0;
    child.member = 1;
    child.order_id = entry.order_id + 1;
    json_order(j, &child);
    assert_holds(j, "\"link\":\"OCO\",\"linked_order_ids\":[\"458752\"],");
    json_order_with_legs(j, &entry, &child, 1);
    assert_holds(j, "\"seq\":9,\"legs\":[{\"order_id\":\"458753\",");
    entry.status = ORDER_STATUS_REJECTED; /* the others were never made, and it came to no venue */
    entry.refusal =
        (struct refusal){.reason = REJECT_SYSTEM_HALTED, .value_scale = DECIMAL_ABSENT, .limit_scale = DECIMAL_ABSENT};
    json_order(j, &entry);
    assert_holds(j, "\"remaining_quantity\":\"30\",\"link\":\"BRACKET\",\"activation\":\"EACH_FILL\",");
}

static void an_order_that_ended_later_says_why(void **state)
{
    struct json *j = *state;
    struct order_row o = order_sample(ORDER_TYPE_MARKET);
    o.status = ORDER_STATUS_CANCELLED;
    o.cancel_reason = CANCEL_REASON_REFUSED;
    o.refusal =
        (struct refusal){.reason = REJECT_ACCOUNT_HALTED, .value_scale = DECIMAL_ABSENT, .limit_scale = DECIMAL_ABSENT};
    o.gtt_id = 5 << 16;
    o.venue = VENUE_QUOTE;
    json_order(j, &o);
    assert_holds(j, "\"venue\":\"QUOTE\",\"gtt_id\":\"327680\",\"cancel_reason\":\"REFUSED\","
                    "\"reject\":{\"code\":\"ACCOUNT_HALTED\",\"text\":\"the account is halted\"},");
}

static void a_refusal_names_field_value_and_limit(void **state)
{
    struct json *j = *state;
    static const struct {
        struct refusal refusal;
        const char *text, *members;
    } rows[] = {
        {{REJECT_PRICE_OFF_TICK, REFUSAL_PRICE, 3, 2, 100005, 1},
         "price 100.005: price is not a multiple of the tick (limit 0.01)",
         "{\"field\":\"price\",\"value\":\"100.005\",\"limit\":\"0.01\"}"},
        {{REJECT_CASH_SHORT, 0, 2, 2, 100000, 50000},
         "available cash is below what this needs: needs 1000.00, available 500.00",
         "{\"value\":\"1000.00\",\"limit\":\"500.00\"}"},
        {{REJECT_NOTIONAL_TOO_LARGE, 0, 2, 2, 200040, 150000},
         "price x quantity is above the maximum notional: 2000.40, limit 1500.00",
         "{\"value\":\"2000.40\",\"limit\":\"1500.00\"}"},
        {{REJECT_ORDER_QUANTITY_LIMIT, REFUSAL_QUANTITY, 0, 9, 200, (i128)100 * 1000000000},
         "quantity 200: quantity is above the account's limit (limit 100)",
         "{\"field\":\"quantity\",\"value\":\"200\",\"limit\":\"100\"}"},
        {{REJECT_LEVERAGE_TOO_HIGH, REFUSAL_LEVERAGE, 0, 2, 20, 1000},
         "leverage 20: leverage is above what the account and the instrument allow (limit 10)",
         "{\"field\":\"leverage\",\"value\":\"20\",\"limit\":\"10\"}"},
        {{REJECT_INSTRUMENT_NOT_OPEN, REFUSAL_STATE, 0, DECIMAL_ABSENT, INSTRUMENT_STATE_PRE_OPEN, 0},
         "state PRE_OPEN: the instrument is not in a state that takes this order",
         "{\"field\":\"state\",\"value\":\"PRE_OPEN\"}"},
        {{REJECT_FIELD_INVALID, REFUSAL_VENUE, DECIMAL_ABSENT, DECIMAL_ABSENT, 0, 0},
         "venue: a field is outside what the command allows: a venue that was set",
         "{\"field\":\"venue\"}"},
        {{REJECT_SYSTEM_HALTED, 0, DECIMAL_ABSENT, DECIMAL_ABSENT, 0, 0}, "the whole system is halted", "{}"},
    };
    char room[REFUSAL_TEXT_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(json_refusal_text(&rows[i].refusal, room), rows[i].text);
        json_object_begin(j);
        json_refusal_members(j, &rows[i].refusal);
        json_object_end(j);
        assert_written(j, rows[i].members);
    }
}

static void every_refusal_has_room_for_its_text(void **state)
{
    (void)state;
    char room[REFUSAL_TEXT_BYTES];
#define X(number, name, text) number,
    static const int reasons[] = {REJECTS(X)};
#undef X
    const i128 longest = -(i128)(~(u128)0 >> 1);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        for (uint8_t field = 0; field <= REFUSAL_FIELD_NUMBER_MAX; field++) {
            struct refusal r = {(uint16_t)reasons[i], field, 18, 18, longest, longest};
            if (r.reason == REJECT_INSTRUMENT_NOT_OPEN) r.value = INSTRUMENT_STATE_CONTINUOUS;
            assert_true(strlen(json_refusal_text(&r, room)) < REFUSAL_TEXT_BYTES - 1);
        }
    }
}

static struct event_gtt_set gtt_sample(void)
{
    struct event_gtt_set g = {.gtt_id = 65536, .account = name_of("ann"), .symbol = name_of("GOOG"), .expires_ns = 3};
    g.legs[0] = (struct event_gtt_leg){16000, 15950, 5, SIDE_SELL};
    g.legs[1] = (struct event_gtt_leg){14000, 0, 5, SIDE_BUY};
    g.status = GTT_STATUS_ACTIVE;
    g.side = SIDE_SELL;
    g.price_scale = 2;
    return g;
}

#define GTT_TERMS                                                                                                      \
    "\"legs\":[{\"trigger_price\":\"160.00\",\"when\":\"AT_OR_ABOVE\",\"type\":\"LIMIT\",\"price\":\"159.50\","        \
    "\"quantity\":\"5\"},"                                                                                             \
    "{\"trigger_price\":\"140.00\",\"when\":\"AT_OR_BELOW\",\"type\":\"MARKET\",\"quantity\":\"5\"}],"                 \
    "\"expires_at\":\"1970-01-01T00:00:00.000000003Z\""

static void a_gtt_shows_its_legs_and_what_became_of_them(void **state)
{
    struct json *j = *state;
    struct gtt_row row = {
        .gtt_id = 65536, .created_seq = 1, .updated_seq = 2, .created_ns = 1, .updated_ns = 2, .gtt = gtt_sample()};
    json_gtt(j, &row);
    assert_written(j, "{\"gtt_id\":\"65536\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"SELL\",\"status\":"
                      "\"ACTIVE\"," GTT_TERMS ",\"created_at\":\"1970-01-01T00:00:00.000000001Z\",\"updated_at\":"
                      "\"1970-01-01T00:00:00.000000002Z\",\"seq\":2}");
    row.gtt.status = GTT_STATUS_TRIGGERED;
    row.gtt.leg = 2;
    row.gtt.order_id = 65538;
    json_gtt(j, &row);
    assert_holds(j, ",\"triggered_leg\":2,\"order_id\":\"65538\",\"created_at\":");
    row.gtt.status = GTT_STATUS_REJECTED; /* that order was never made */
    row.gtt.reject = REJECT_ACCOUNT_HALTED;
    json_gtt(j, &row);
    assert_holds(j, ",\"triggered_leg\":2,\"reject\":{\"code\":\"ACCOUNT_HALTED\",\"text\":"
                    "\"the account is halted\"},");
}

static void an_account_shows_its_limits_and_its_last_margin_call(void **state)
{
    struct json *j = *state;
    struct account_row a = {
        .account = {.id = 1, .account = name_of("ann"), .leverage = 100, .type = ACCOUNT_TYPE_MARGIN}};
    a.account.status = ACCOUNT_STATUS_REDUCING;
    a.account.stp = STP_CANCEL_BOTH;
    a.account.limits.max_order_quantity = (i128)100 * 1000000000;
    a.account.limits.max_order_notional = (i128)5 * 100000000;
    a.account.limits.max_position = 1;
    a.account.limits.max_open_orders = 3;
    a.account.limits.max_orders_per_second = 10;
    a.account.limits.own_maker_fee = true;
    a.account.limits.taker_fee_rate = 5000; /* not its own: nothing is said */
    a.account.limits.margin_call_ppm = 300000;
    a.account.limits.liquidation_ppm = 125000;
    a.margin_call.seq = 8;
    a.margin_call.ts_ns = 1;
    a.margin_call.currency = name_of("USD");
    a.margin_call.equity = -100;
    a.margin_call.exposure = 1000;
    a.margin_call.required_ppm = 300000;
    a.margin_call.currency_scale = 2;
    json_account(j, &a, NULL, NULL, 0, NULL);
    assert_written(
        j,
        "{\"account\":\"ann\",\"type\":\"MARGIN\",\"status\":\"REDUCING\",\"allow_short\":false,\"leverage\":\"1\","
        "\"stp\":\"CANCEL_BOTH\",\"limits\":{\"max_order_quantity\":\"100\",\"max_order_notional\":\"0.5\","
        "\"max_position\":\"0.000000001\",\"max_open_orders\":3,\"max_orders_per_second\":10},\"maker_fee_bps\":\"0\","
        "\"margin_call_percent\":\"30\",\"liquidation_percent\":\"12.5\",\"balances\":[],"
        "\"margin_call\":{\"currency\":\"USD\",\"equity\":\"-1.00\",\"exposure\":\"10.00\",\"required_percent\":\"30\","
        "\"liquidation\":false,\"time\":\"1970-01-01T00:00:00.000000001Z\",\"seq\":8}}");
}

static void an_instrument_shows_its_sessions(void **state)
{
    struct json *j = *state;
    struct instrument_row row = {
        .instrument = {.spec = {.symbol = name_of("GOOG"), .currency = name_of("USD"), .tick = 1, .lot = 1}}};
    row.instrument.spec.price_scale = 2;
    row.instrument.spec.trigger = row.instrument.spec.mark = TRIGGER_QUOTE;
    row.instrument.spec.state = INSTRUMENT_STATE_HALTED;
    row.instrument.spec.trading = ACCOUNT_STATUS_REDUCING;
    row.instrument.spec.max_leverage = 1000;
    row.instrument.spec.halt_on_breach = true;
    row.state_cause = STATE_CAUSE_COLLAR;
    row.uncrossed.seq = 4;
    row.uncrossed.price = 14550;
    row.uncrossed.quantity = 10;
    row.uncrossed.imbalance = -3;
    row.uncrossed.ts_ns = 1;
    json_instrument(j, &row, NULL);
    assert_written(
        j,
        "{\"symbol\":\"GOOG\",\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":\"1\",\"maker_fee_bps\":\"0\","
        "\"taker_fee_bps\":\"0\",\"trigger\":\"QUOTE\",\"settlement_days\":0,\"max_leverage\":\"10\",\"mark\":"
        "\"QUOTE\","
        "\"halt_on_breach\":true,\"state\":\"HALTED\",\"trading\":\"REDUCING\",\"last_auction\":{\"price\":\"145.50\","
        "\"quantity\":\"10\",\"imbalance\":\"-3\",\"time\":\"1970-01-01T00:00:00.000000001Z\",\"seq\":4},"
        "\"state_cause\":\"COLLAR\"}");
    struct system_row system = {.trading = 0};
    json_trading(j, &system);
    assert_written(j, "{\"status\":\"ACTIVE\"}");
    system = (struct system_row){.trading = ACCOUNT_STATUS_HALTED, .updated_seq = 5};
    json_trading(j, &system);
    assert_written(j, "{\"status\":\"HALTED\",\"seq\":5}");
}

static void a_trade_at_the_quote_and_one_in_an_auction(void **state)
{
    struct json *j = *state;
    struct name ann = name_of("ann");
    struct trade_row t = {.seq = 2, .ts_ns = 5};
    t.fill = (struct event_filled){
        .symbol = name_of("G"), .buy_account = ann, .sell_account = name_of("@QUOTE"), .price = 1, .quantity = 1};
    t.fill.buy_order_id = 65536;
    t.fill.venue = VENUE_QUOTE;
    t.fill.aggressor_side = SIDE_BUY;
    json_trade(j, &t, &ann);
    assert_written(
        j,
        "{\"trade_id\":\"2-0\",\"symbol\":\"G\",\"price\":\"1\",\"quantity\":\"1\",\"buy_order_id\":\"65536\","
        "\"aggressor_side\":\"BUY\",\"venue\":\"QUOTE\",\"executed_at\":\"1970-01-01T00:00:00.000000005Z\",\"seq\":2,"
        "\"order_id\":\"65536\",\"account\":\"ann\",\"side\":\"BUY\",\"liquidity\":\"TAKER\",\"fee\":\"0\"}");
    t.fill.sell_account = ann;
    t.fill.sell_order_id = 131072;
    t.fill.venue = 0;
    t.fill.aggressor_side = 0;
    json_trade(j, &t, &ann);
    assert_written(
        j,
        "{\"trade_id\":\"2-0\",\"symbol\":\"G\",\"price\":\"1\",\"quantity\":\"1\",\"buy_order_id\":\"65536\","
        "\"sell_order_id\":\"131072\",\"venue\":\"BOOK\",\"executed_at\":\"1970-01-01T00:00:00.000000005Z\",\"seq\":2,"
        "\"order_id\":\"65536\",\"account\":\"ann\",\"side\":\"BUY\",\"liquidity\":\"AUCTION\",\"fee\":\"0\"}");
}

#define EVENT_HEAD "{\"seq\":7,\"index\":1,\"time\":\"1970-01-01T00:00:00.000000005Z\",\"event\":"
#define ORDER      "\"order_id\":\"65536\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\""

static struct event event_of(int kind)
{
    return (struct event){.seq = 7, .ts_ns = 5, .index = 1, .kind = (uint8_t)kind};
}

static void events_about_what_becomes_of_orders(void **state)
{
    struct json *j = *state;
    struct name ann = name_of("ann"), goog = name_of("GOOG");
    struct event e = event_of(EVENT_TRIGGERED);
    e.triggered = (struct event_triggered){65536, ann, goog, 14600, 14605, SIDE_BUY, ORDER_TYPE_MARKET, 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"triggered\"," ORDER
                                 ",\"type\":\"MARKET\",\"stop_price\":\"146.00\",\"price\":\"146.05\"}");
    e = event_of(EVENT_ACTIVATED);
    e.activated = (struct event_activated){65536, ann, goog, 10, 8, 500, SIDE_BUY, ORDER_PHASE_PENDING_TRIGGER, 0, 2};
    json_event(j, &e);
    assert_written(j,
                   EVENT_HEAD "\"activated\"," ORDER
                              ",\"quantity\":\"10\",\"leaves\":\"8\",\"phase\":\"PENDING_TRIGGER\",\"hold\":\"5.00\"}");
    e = event_of(EVENT_REDUCED);
    e.reduced = (struct event_reduced){65536, ann, goog, 10, 8, 500, SIDE_BUY, CANCEL_REASON_OCO, 0, 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"reduced\"," ORDER
                                 ",\"quantity\":\"10\",\"leaves\":\"8\",\"reason\":\"OCO\",\"hold\":\"5.00\"}");
    e = event_of(EVENT_DISPLAYED);
    e.displayed = (struct event_displayed){65536, ann, goog, 4, SIDE_BUY, 0};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"displayed\"," ORDER ",\"shown\":\"4\"}");
    e = event_of(EVENT_TRAILED);
    e.trailed = (struct event_trailed){65536, ann, goog, 14590, SIDE_BUY, 2};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"trailed\"," ORDER ",\"stop_price\":\"145.90\"}");
    e = event_of(EVENT_CANCELLED);
    e.cancelled = (struct event_cancelled){65536, ann, goog, 3, REJECT_NO_QUOTE, CANCEL_REASON_REFUSED, SIDE_BUY, 0};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"cancelled\"," ORDER
                                 ",\"leaves\":\"3\",\"reason\":\"REFUSED\",\"reject_code\":\"NO_QUOTE\"}");
    e = event_of(EVENT_PREVENTED);
    e.prevented = (struct event_prevented){ann, goog, 131072, 65536, 14550, 4, STP_CANCEL_OLDEST, SIDE_SELL, 2, 0};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"prevented\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"stp\":\"CANCEL_OLDEST\",\"newest_order_"
                   "id\":\"131072\","
                   "\"newest_side\":\"SELL\",\"oldest_order_id\":\"65536\",\"price\":\"145.50\",\"quantity\":\"4\"}");
}

static void events_about_sessions_gtts_and_margin(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_UNCROSSED);
    e.uncrossed = (struct event_uncrossed){name_of("GOOG"), 14550, 10, -3, 2, 0};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD
                   "\"uncrossed\",\"symbol\":\"GOOG\",\"price\":\"145.50\",\"quantity\":\"10\",\"imbalance\":\"-3\"}");
    e = event_of(EVENT_STATE_SET);
    e.state_set = (struct event_state_set){name_of("GOOG"), INSTRUMENT_STATE_HALTED, INSTRUMENT_STATE_CONTINUOUS,
                                           STATE_CAUSE_COLLAR};
    json_event(j, &e);
    assert_written(
        j, EVENT_HEAD
        "\"state_set\",\"symbol\":\"GOOG\",\"state\":\"HALTED\",\"before\":\"CONTINUOUS\",\"cause\":\"COLLAR\"}");
    e = event_of(EVENT_TRADING_SET);
    e.trading_set = (struct event_trading_set){
        .account = name_of("ann"), .status = ACCOUNT_STATUS_HALTED, .before = ACCOUNT_STATUS_ACTIVE};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"trading_set\",\"account\":\"ann\",\"status\":\"HALTED\",\"before\":\"ACTIVE\"}");
    e = event_of(EVENT_GTT_SET);
    e.gtt_set = gtt_sample();
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"gtt_set\",\"gtt_id\":\"65536\",\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":"
                                 "\"SELL\",\"status\":\"ACTIVE\"," GTT_TERMS "}");
    e = event_of(EVENT_MARGIN_CALLED);
    e.margin_called = (struct event_margin_called){name_of("ann"), name_of("USD"), 2500, 10000, 300000, true, 2};
    json_event(j, &e);
    assert_written(
        j, EVENT_HEAD
        "\"margin_called\",\"account\":\"ann\",\"currency\":\"USD\",\"equity\":\"25.00\",\"exposure\":\"100.00\","
        "\"required_percent\":\"30\",\"liquidation\":true}");
    e = event_of(EVENT_SWEPT);
    e.swept = (struct event_swept){2, false, SWEEP_MARGIN};
    json_event(j, &e);
    assert_written(j, EVENT_HEAD "\"swept\",\"sweep\":\"check_margin\",\"orders\":2,\"more\":false}");
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, json_setup, json_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_trailing_stop_shows_its_stop_and_its_trail),
        UNIT(an_iceberg_shows_what_it_shows),
        UNIT(an_order_of_a_group_names_the_others),
        UNIT(an_order_that_ended_later_says_why),
        UNIT(a_refusal_names_field_value_and_limit),
        UNIT(every_refusal_has_room_for_its_text),
        UNIT(a_gtt_shows_its_legs_and_what_became_of_them),
        UNIT(an_account_shows_its_limits_and_its_last_margin_call),
        UNIT(an_instrument_shows_its_sessions),
        UNIT(a_trade_at_the_quote_and_one_in_an_auction),
        UNIT(events_about_what_becomes_of_orders),
        UNIT(events_about_sessions_gtts_and_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
