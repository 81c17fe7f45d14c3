/* tests/api/test_json_desk.c - the order desk's documents and event lines, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

/* What was written since the last call, and starts over. */
static void assert_written(struct json *j, const char *expected)
{
    size_t len;
    const char *bytes = json_bytes(j, &len);
    assert_non_null(bytes);
    if (len != strlen(expected) || memcmp(bytes, expected, len) != 0)
        fail_msg("wrote %.*s\n not %s", (int)len, bytes, expected);
    json_reset(j);
}

#define T(ns) "\"1970-01-01T00:00:00.00000000" ns "Z\""
/* Puts a literal into an array with a length beside it. */
#define PUT_TEXT(what, room, text) ((what).room##_len = sizeof text - 1, memcpy((what).room, text, sizeof text - 1))

/* At a broker, in batch 458752, half filled. */
static struct order_row order_at_broker(void)
{
    struct order_row o = {.order_id = 458753, .batch_id = 458752, .created_seq = 7, .updated_seq = 9};
    o.account = name_of("1");
    o.symbol = name_of("2");
    o.side = SIDE_BUY;
    o.type = ORDER_TYPE_LIMIT;
    o.tif = TIF_DAY;
    o.status = ORDER_STATUS_PARTIALLY_FILLED;
    o.phase = ORDER_PHASE_AT_BROKER;
    o.broker_state = BROKER_ACKED;
    o.price = 250000;
    o.price_scale = 2;
    o.quantity = 100;
    o.filled = 40;
    o.leaves = 60;
    o.price_quantity = (i128)250000 * 40;
    o.stop_price_scale = o.display_scale = o.trail_scale = DECIMAL_ABSENT;
    o.venue = VENUE_BROKER_FIRST;
    o.venue_name = name_of("ZERODHA_SIM");
    o.attempts = 2;
    o.created_ns = 1;
    o.updated_ns = 4;
    o.routed_ns = 2;
    o.executed_ns = 3;
    PUT_TEXT(o, ext_order_id, "240101000001");
    return o;
}

#define ORDER_AT_BROKER                                                                                                \
    "{\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":\"DAY\"," \
    "\"quantity\":\"100\",\"price\":\"2500.00\",\"status\":\"PARTIALLY_FILLED\",\"phase\":\"AT_BROKER\","              \
    "\"filled_quantity\":\"40\",\"remaining_quantity\":\"60\",\"average_price\":\"2500.00\",\"venue\":\"ZERODHA_"      \
    "SIM\","                                                                                                           \
    "\"route\":\"ZERODHA_SIM\",\"ext_order_id\":\"240101000001\",\"attempts\":2,\"batch_id\":\"458752\","              \
    "\"created_at\":" T("1") ",\"updated_at\":" T("4") ",\"routed_at\":" T("2") ",\"executed_at\":" T(                 \
        "3") ",\"seq\":9}"

static void an_order_at_a_broker_says_where_and_under_which_name(void **state)
{
    struct json *j = *state;
    struct order_row o = order_at_broker();
    json_order(j, &o);
    assert_written(j, ORDER_AT_BROKER);
}

static void an_order_that_waits_for_a_venue_has_none(void **state)
{
    struct json *j = *state;
    struct order_row o = order_at_broker();
    o.status = ORDER_STATUS_PENDING_ROUTE;
    o.phase = ORDER_PHASE_PENDING_ROUTE;
    o.venue = VENUE_NONE;
    o.venue_name = (struct name){{0}};
    o.ext_order_id_len = 0;
    o.filled = 0;
    o.batch_id = 0;
    o.leaves = 100;
    o.executed_ns = o.routed_ns = 0;
    o.manual_review = true;
    o.price_quantity = 0;
    json_order(j, &o);
    assert_written(
        j, "{\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":"
           "\"DAY\","
           "\"quantity\":\"100\",\"price\":\"2500.00\",\"status\":\"PENDING_ROUTE\",\"phase\":\"PENDING_ROUTE\","
           "\"filled_quantity\":\"0\",\"remaining_quantity\":\"100\",\"attempts\":2,\"manual_review\":true,"
           "\"created_at\":" T("1") ",\"updated_at\":" T("4") ",\"seq\":9}");
}

static void an_order_that_its_broker_refused_says_what_the_broker_said(void **state)
{
    struct json *j = *state;
    struct order_row o = order_at_broker();
    o.status = ORDER_STATUS_REJECTED;
    o.cancel_reason = CANCEL_REASON_VENUE_REJECTED;
    o.phase = 0;
    o.filled = o.leaves = 0;
    o.price_quantity = 0;
    o.executed_ns = 0;
    o.ext_order_id_len = 0;
    o.settled_ns = 5;
    PUT_TEXT(o, reason, "no margin");
    json_order(j, &o);
    assert_written(
        j,
        "{\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":"
        "\"DAY\","
        "\"quantity\":\"100\",\"price\":\"2500.00\",\"status\":\"REJECTED\",\"filled_quantity\":\"0\","
        "\"remaining_quantity\":\"0\",\"venue\":\"ZERODHA_SIM\",\"route\":\"ZERODHA_SIM\","
        "\"broker_reason\":\"no margin\",\"attempts\":2,\"batch_id\":\"458752\",\"cancel_reason\":\"VENUE_REJECTED\","
        "\"created_at\":" T("1") ",\"updated_at\":" T("4") ",\"routed_at\":" T("2") ",\"settled_at\":" T(
            "5") ",\"seq\":9}");
}

static struct event_filled fill_at_broker(void)
{
    struct event_filled f = {.price = 250000, .quantity = 40, .price_scale = 2, .currency_scale = 2};
    f.symbol = name_of("2");
    f.buy_account = name_of("1");
    f.sell_account = name_of("@ZERODHA_SIM");
    f.buy_order_id = 458753;
    f.buy_leaves = 60;
    f.buy_fee = 250;
    f.notional = 10000000;
    f.aggressor_side = SIDE_BUY;
    f.venue = VENUE_BROKER_FIRST;
    return f;
}

static struct trade_row trade_at_broker(void)
{
    struct trade_row t = {.seq = 9, .index = 1, .ts_ns = 3, .fill = fill_at_broker(), .executed = true};
    t.venue_name = name_of("ZERODHA_SIM");
    PUT_TEXT(t, exec_id, "x-1");
    return t;
}

static void a_trade_at_a_broker_has_the_brokers_name_for_it(void **state)
{
    struct json *j = *state;
    struct trade_row t = trade_at_broker();
    json_trade(j, &t, NULL);
#define TRADE_HEAD                                                                                                     \
    "{\"trade_id\":\"9-1\",\"symbol\":\"2\",\"price\":\"2500.00\",\"quantity\":\"40\",\"buy_order_id\":\"458753\","    \
    "\"aggressor_side\":\"BUY\",\"venue\":\"ZERODHA_SIM\",\"exec_id\":\"x-1\""
    assert_written(j, TRADE_HEAD ",\"executed_at\":" T("3") ",\"seq\":9}");
    t.busted = t.late = t.fill.simulated = true;
    t.excess = 40;
    json_trade(j, &t, NULL);
    assert_written(
        j, TRADE_HEAD
        ",\"excess\":\"40\",\"busted\":true,\"late\":true,\"simulated\":true,\"executed_at\":" T("3") ",\"seq\":9}");
}

static void a_venue_and_the_routing_table(void **state)
{
    struct json *j = *state;
    struct venue_row v = {.updated_seq = 4, .updated_ns = 7};
    v.venue = (struct event_venue_set){.number = 3,
                                       .state = VENUE_STATE_DEGRADED,
                                       .before = VENUE_STATE_UP,
                                       .cause = VENUE_CAUSE_BREAKER,
                                       .simulated = true};
    v.venue.venue = name_of("ALPACA_SIM");
    json_venue(j, &v);
    assert_written(j, "{\"venue\":\"ALPACA_SIM\",\"state\":\"DEGRADED\",\"simulated\":true,\"cause\":\"BREAKER\","
                      "\"updated_at\":" T("7") ",\"seq\":4}");
    const struct decimal none = {0, DECIMAL_ABSENT};
    struct rule_row rules[2] = {{.number = 1}, {.number = 2}};
    rules[0].rule = (struct route_rule){
        .account = name_of("1"), .type = ORDER_TYPE_MARKET, .min_quantity = {5, 1}, .max_quantity = none};
    rules[0].rule.venues[0] = name_of("ALPACA_SIM");
    rules[0].rule.venues[1] = name_of("BOOK");
    rules[1].rule = (struct route_rule){
        .symbol = name_of("GOOG"), .side = SIDE_SELL, .min_quantity = none, .max_quantity = {10, 0}};
    rules[1].rule.venues[0] = name_of("QUOTE");
    json_routing(j, rules, 2, 0);
#define RULES                                                                                                          \
    "\"rules\":[{\"account\":\"1\",\"type\":\"MARKET\",\"min_quantity\":\"0.5\",\"venues\":[\"ALPACA_SIM\",\"BOOK\"]}" \
    ","                                                                                                                \
    "{\"symbol\":\"GOOG\",\"side\":\"SELL\",\"max_quantity\":\"10\",\"venues\":[\"QUOTE\"]}]"
    assert_written(j, "{" RULES "}");
    /* What GET says, PUT takes. */
    struct json_command parsed;
    struct problem problem;
    assert_int_equal(
        json_command_parse(COMMAND_SET_ROUTING, "{" RULES "}", strlen("{" RULES "}"), NULL, &parsed, &problem), 0);
    assert_int_equal(parsed.command.set_routing.rules_count, 2);
    json_command_free(&parsed);
    json_routing(j, rules, 0, 8);
    assert_written(j, "{\"rules\":[],\"seq\":8}");
}

static struct event_routed decision_sample(void)
{
    struct event_routed r = {.order_id = 458753, .retry_ns = 6, .attempt = 3, .rule = 2, .venue = VENUE_NONE};
    r.cause = ROUTE_CAUSE_RETRIED;
    r.account = name_of("1");
    r.symbol = name_of("2");
    r.candidates[0] = name_of("ZERODHA_SIM");
    r.candidates[1] = name_of("BOOK");
    return r;
}

static void a_decision_says_what_was_looked_at_and_what_was_chosen(void **state)
{
    struct json *j = *state;
    struct decision_row d = {.seq = 8, .index = 2, .ts_ns = 5, .routed = decision_sample()};
    json_decision(j, &d);
    assert_written(j, "{\"decision_id\":\"8-2\",\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\",\"rule\":2,"
                      "\"candidates\":[\"ZERODHA_SIM\",\"BOOK\"],\"attempt\":3,\"cause\":\"RETRIED\",\"asked\":false,"
                      "\"retry_at\":" T("6") ",\"manual_review\":false,\"at\":" T("5") ",\"seq\":8}");
    d.routed.chosen = name_of("BOOK");
    d.routed.retry_ns = 0;
    d.routed.asked = d.routed.manual_review = true;
    json_decision(j, &d);
    assert_written(j,
                   "{\"decision_id\":\"8-2\",\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\",\"rule\":2,"
                   "\"candidates\":[\"ZERODHA_SIM\",\"BOOK\"],\"chosen\":\"BOOK\",\"attempt\":3,\"cause\":\"RETRIED\","
                   "\"asked\":true,\"manual_review\":true,\"at\":" T("5") ",\"seq\":8}");
}

static void a_batch_shows_its_orders_and_its_sums(void **state)
{
    struct json *j = *state;
    struct order_row o = order_at_broker();
    struct batch_row b = {.batch_id = 458752, .created_ns = 1};
    b.batch = (struct event_batched){.batch_id = 458752, .account = name_of("1"), .orders = 1, .atomic = true};
    json_batch(j, &b, &o, 1);
    assert_written(j, "{\"batch_id\":\"458752\",\"status\":\"PARTIALLY_FILLED\",\"account\":\"1\",\"atomic\":true,"
                      "\"created_at\":" T("1") ",\"seq\":9,\"orders\":[" ORDER_AT_BROKER "]}");
    json_reconcile_batch(j, &b, &o, 1, 2);
    assert_written(j,
                   "{\"batch_id\":\"458752\",\"status\":\"PARTIALLY_FILLED\",\"account\":\"1\",\"total_orders\":1,"
                   "\"filled_orders\":0,\"pending_orders\":1,\"cancelled_orders\":0,\"rejected_orders\":0,"
                   "\"total_qty\":\"100\",\"filled_qty\":\"40\",\"total_value\":\"250000\",\"filled_value\":\"100000\","
                   "\"expected_pnl\":\"0\",\"actual_pnl\":\"0\",\"seq\":9,\"orders\":[" ORDER_AT_BROKER "]}");
}

static struct event_statement_row line_sample(void)
{
    struct event_statement_row r = {
        .number = 1, .price = {250050, 2}, .quantity = {40, 0}, .fee = {3, 0}, .side = SIDE_BUY};
    r.symbol = name_of("2");
    PUT_TEXT(r, exec_id, "x-1");
    PUT_TEXT(r, ext_order_id, "240101000001");
    return r;
}

#define LINE                                                                                                           \
    "\"exec_id\":\"x-1\",\"ext_order_id\":\"240101000001\",\"symbol\":\"2\",\"side\":\"BUY\",\"price\":\"2500.50\","   \
    "\"quantity\":\"40\",\"fee\":\"3\""
#define STATEMENT_HEAD                                                                                                 \
    "\"statement_id\":\"655360\",\"venue\":\"ZERODHA_SIM\",\"from\":" T("0") ",\"to\":" T("9") ",\"rows\":1"

static struct event_statement statement_sample(void)
{
    return (struct event_statement){.statement_id = 655360, .venue = name_of("ZERODHA_SIM"), .to_ns = 9, .rows = 1};
}

static void a_statement_stands_beside_what_we_have(void **state)
{
    struct json *j = *state;
    struct statement_header_row s = {.created_ns = 8, .statement = statement_sample()};
    json_statement(j, &s, NULL, NULL, 0);
    assert_written(j, "{" STATEMENT_HEAD ",\"created_at\":" T("8") ",\"seq\":10}");
    struct reconcile_row rows[3] = {
        {.kind = RECONCILE_DIFFERS, .differs = DIFFERS_PRICE | DIFFERS_FEE, .has_line = true, .has_trade = true},
        {.kind = RECONCILE_MISSING_HERE, .has_line = true},
        {.kind = RECONCILE_MISSING_THERE, .has_trade = true},
    };
    for (int i = 0; i < 3; i++) {
        if (rows[i].has_line) rows[i].line = line_sample();
        if (!rows[i].has_trade) continue;
        rows[i].trade = trade_at_broker();
        rows[i].order_id = 458753;
        rows[i].side = SIDE_BUY;
        rows[i].fee = 250;
    }
    struct reconcile_totals t = {2, 2, 0, 1, 1, 1};
    json_statement(j, &s, &t, rows, 3);
#define HERE                                                                                                           \
    "\"here\":{\"trade_id\":\"9-1\",\"exec_id\":\"x-1\",\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\","   \
    "\"side\":\"BUY\",\"price\":\"2500.00\",\"quantity\":\"40\",\"fee\":\"2.50\",\"executed_at\":" T("3") "}"
    assert_written(
        j, "{" STATEMENT_HEAD ",\"created_at\":" T(
               "8") ",\"seq\":10,"
                    "\"totals\":{\"rows\":2,\"trades\":2,\"equal\":0,\"missing_here\":1,\"missing_there\":1,"
                    "\"differing\":1},"
                    "\"items\":[{\"kind\":\"DIFFERS\",\"differs\":[\"PRICE\",\"FEE\"],\"row\":1,\"there\":{" LINE
                    "}," HERE "},"
                    "{\"kind\":\"MISSING_HERE\",\"row\":1,\"there\":{" LINE "}},"
                    "{\"kind\":\"MISSING_THERE\"," HERE "}]}");
}

static struct event event_of(uint8_t kind)
{
    return (struct event){.seq = 8, .index = 1, .ts_ns = 5, .kind = kind};
}

static void assert_event(struct json *j, const struct event *e, const char *members)
{
    char expected[2048];
    (void)snprintf(expected, sizeof expected, "{\"seq\":8,\"index\":1,\"time\":" T("5") ",\"event\":\"%s\"%s}",
                   event_kind_text(e->kind), members);
    json_event(j, e);
    assert_written(j, expected);
}

#define WHOSE ",\"order_id\":\"458753\",\"account\":\"1\",\"symbol\":\"2\""
#define WHOM(e, what)                                                                                                  \
    ((e).what.order_id = 458753, (e).what.account = name_of("1"), (e).what.symbol = name_of("2"),                      \
     (e).what.venue = name_of("ZERODHA_SIM"))

static void events_of_an_order_at_a_broker(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_ROUTED);
    e.routed = decision_sample();
    assert_event(j, &e,
                 WHOSE ",\"rule\":2,\"candidates\":[\"ZERODHA_SIM\",\"BOOK\"],\"attempt\":3,\"cause\":\"RETRIED\","
                       "\"asked\":false,\"retry_at\":" T("6") ",\"manual_review\":false");
    e = event_of(EVENT_ACKED);
    WHOM(e, acked);
    e.acked.state = BROKER_ACKED;
    PUT_TEXT(e.acked, ext_order_id, "240101000001");
    assert_event(j, &e, WHOSE ",\"venue\":\"ZERODHA_SIM\",\"ext_order_id\":\"240101000001\",\"state\":\"ACKED\"");
    e = event_of(EVENT_EXECUTED);
    WHOM(e, executed);
    e.executed.kind = FILL_CORRECT;
    e.executed.excess = 3;
    e.executed.late = true;
    PUT_TEXT(e.executed, exec_id, "x-1");
    assert_event(j, &e,
                 WHOSE
                 ",\"venue\":\"ZERODHA_SIM\",\"exec_id\":\"x-1\",\"kind\":\"CORRECT\",\"excess\":\"3\",\"late\":true");
    e = event_of(EVENT_BROKER_STATE);
    WHOM(e, broker_state);
    e.broker_state.state = BROKER_PENDING_MODIFY;
    e.broker_state.before = BROKER_ACKED;
    e.broker_state.side = SIDE_BUY;
    e.broker_state.price = 250100;
    e.broker_state.leaves = 60;
    e.broker_state.hold = 15006000;
    e.broker_state.price_scale = e.broker_state.currency_scale = 2;
    assert_event(j, &e,
                 WHOSE ",\"side\":\"BUY\",\"venue\":\"ZERODHA_SIM\",\"state\":\"PENDING_MODIFY\",\"before\":\"ACKED\","
                       "\"price\":\"2501.00\",\"leaves\":\"60\",\"hold\":\"150060.00\"");
    e.broker_state.state = BROKER_UNKNOWN;
    e.broker_state.report = REPORT_UNKNOWN;
    e.broker_state.price = 0;
    PUT_TEXT(e.broker_state, reason, "timeout");
    assert_event(j, &e,
                 WHOSE ",\"side\":\"BUY\",\"venue\":\"ZERODHA_SIM\",\"state\":\"UNKNOWN\",\"before\":\"ACKED\","
                       "\"report\":\"UNKNOWN\",\"reason\":\"timeout\",\"leaves\":\"60\",\"hold\":\"150060.00\"");
    e = event_of(EVENT_BUSTED);
    WHOM(e, busted);
    e.busted.price = 250000;
    e.busted.quantity = 40;
    e.busted.notional = 10000000;
    e.busted.fee = 250;
    e.busted.leaves = 60;
    e.busted.side = SIDE_BUY;
    e.busted.price_scale = e.busted.currency_scale = 2;
    PUT_TEXT(e.busted, exec_id, "x-1");
    assert_event(
        j, &e,
        WHOSE
        ",\"side\":\"BUY\",\"venue\":\"ZERODHA_SIM\",\"exec_id\":\"x-1\",\"price\":\"2500.00\",\"quantity\":\"40\","
        "\"notional\":\"100000.00\",\"fee\":\"2.50\",\"leaves\":\"60\",\"hold\":\"0.00\"");
    e = event_of(EVENT_SETTLED);
    WHOM(e, settled);
    assert_event(j, &e, WHOSE ",\"venue\":\"ZERODHA_SIM\",\"by_command\":false");
    e = event_of(EVENT_FILLED);
    e.filled = fill_at_broker();
    e.filled.simulated = true;
    assert_event(
        j, &e,
        ",\"symbol\":\"2\",\"price\":\"2500.00\",\"quantity\":\"40\",\"notional\":\"100000.00\",\"aggressor_side\":"
        "\"BUY\","
        "\"venue_number\":3,\"simulated\":true,\"buy_order_id\":\"458753\",\"buy_account\":\"1\",\"buy_leaves\":\"60\","
        "\"buy_fee\":\"2.50\",\"buy_hold\":\"0.00\",\"sell_account\":\"@ZERODHA_SIM\",\"sell_leaves\":\"0\","
        "\"sell_fee\":\"0.00\",\"sell_hold\":\"0.00\"");
}

static void events_of_the_desk(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_VENUE_SET);
    e.venue_set =
        (struct event_venue_set){.venue_id = 9, .number = 3, .state = VENUE_STATE_UP, .cause = VENUE_CAUSE_OPERATOR};
    e.venue_set.venue = name_of("ALPACA_SIM");
    assert_event(j, &e,
                 ",\"venue_id\":\"9\",\"number\":3,\"venue\":\"ALPACA_SIM\",\"state\":\"UP\",\"simulated\":false,"
                 "\"cause\":\"OPERATOR\"");
    e = event_of(EVENT_ROUTING_SET);
    e.routing_set.rules = 2;
    assert_event(j, &e, ",\"rules\":2");
    e = event_of(EVENT_ROUTE_RULE_SET);
    e.route_rule_set.number = 1;
    e.route_rule_set.rule.min_quantity.scale = e.route_rule_set.rule.max_quantity.scale = DECIMAL_ABSENT;
    e.route_rule_set.rule.venues[0] = name_of("BOOK");
    assert_event(j, &e, ",\"number\":1,\"venues\":[\"BOOK\"]");
    e = event_of(EVENT_BATCHED);
    e.batched = (struct event_batched){.batch_id = 458752, .account = name_of("1"), .orders = 2};
    assert_event(j, &e, ",\"batch_id\":\"458752\",\"account\":\"1\",\"orders\":2,\"atomic\":false");
    e = event_of(EVENT_KEY_CLEARED);
    e.key_cleared.key = (struct key_hash){.lo = 15, .hi = 1};
    assert_event(j, &e, ",\"key\":\"0000000000000001000000000000000f\"");
    e = event_of(EVENT_STATEMENT);
    e.statement = statement_sample();
    assert_event(j, &e, "," STATEMENT_HEAD);
    e = event_of(EVENT_STATEMENT_ROW);
    e.statement_row = line_sample();
    assert_event(j, &e, ",\"number\":1," LINE);
    e = event_of(EVENT_SWEPT);
    e.swept = (struct event_swept){.orders = 4, .sweep = SWEEP_ROUTES};
    assert_event(j, &e, ",\"sweep\":\"routes\",\"orders\":4,\"more\":false");
    e.swept.sweep = SWEEP_BATCH;
    assert_event(j, &e, ",\"sweep\":\"cancel_batch\",\"orders\":4,\"more\":false");
}

static void a_refused_batch_is_named_or_its_order_is(void **state)
{
    struct json *j = *state;
    struct event e = event_of(EVENT_REJECTED);
    e.rejected.command_kind = COMMAND_BATCH;
    e.rejected.order_id = 458752;
    e.rejected.refusal =
        (struct refusal){.reason = REJECT_SWEEP_PENDING, .value_scale = DECIMAL_ABSENT, .limit_scale = DECIMAL_ABSENT};
    json_event(j, &e);
    size_t len;
    assert_non_null(strstr(json_bytes(j, &len), "\"op\":\"batch\",\"batch_id\":\"458752\",\"reject_number\""));
    json_reset(j);
    e.rejected.order_id = 458753;
    e.rejected.terms.account = name_of("1");
    json_event(j, &e);
    assert_non_null(strstr(json_bytes(j, &len), "\"op\":\"batch\",\"order_id\":\"458753\",\"reject_number\""));
    assert_non_null(memmem(json_bytes(j, &len), len, "\"account\":\"1\"", 13));
}

static void a_report_that_was_not_expected_names_the_state(void **state)
{
    char room[REFUSAL_TEXT_BYTES];
    struct refusal r = {.reason = REJECT_REPORT_NOT_EXPECTED, .field = REFUSAL_REPORT, .value = BROKER_PENDING_CANCEL};
    (void)state;
    r.limit_scale = DECIMAL_ABSENT;
    assert_non_null(strstr(json_refusal_text(&r, room), "report: "));
    assert_non_null(strstr(json_refusal_text(&r, room), "(state PENDING_CANCEL)"));
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, json_setup, json_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(an_order_at_a_broker_says_where_and_under_which_name),
        UNIT(an_order_that_waits_for_a_venue_has_none),
        UNIT(an_order_that_its_broker_refused_says_what_the_broker_said),
        UNIT(a_trade_at_a_broker_has_the_brokers_name_for_it),
        UNIT(a_venue_and_the_routing_table),
        UNIT(a_decision_says_what_was_looked_at_and_what_was_chosen),
        UNIT(a_batch_shows_its_orders_and_its_sums),
        UNIT(a_statement_stands_beside_what_we_have),
        UNIT(events_of_an_order_at_a_broker),
        UNIT(events_of_the_desk),
        UNIT(a_refused_batch_is_named_or_its_order_is),
        UNIT(a_report_that_was_not_expected_names_the_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
