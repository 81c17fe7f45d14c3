/* tests/api/test_json.c - what is understood, what is refused and with which words, and that a command's line comes
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "api/json.h"
#include "core/error.h"
#include "proto/codec.h"

static struct json_command parsed; /* of the last parse() */
static struct problem problem;

static int parse_at(enum command_kind kind, const char *text, const struct json_path *path)
{
    memset(&problem, 0, sizeof problem);
    json_command_free(&parsed);
    return json_command_parse(kind, text, strlen(text), path, &parsed, &problem);
}

static int parse(enum command_kind kind, const char *text)
{
    return parse_at(kind, text, NULL);
}

static void assert_accepted(enum command_kind kind, const char *text)
{
    if (parse(kind, text) != 0) fail_msg("%s: %s", text, problem.detail);
}

static void assert_refused(enum command_kind kind, const char *text, const char *detail)
{
    assert_int_equal(parse(kind, text), ERR_USAGE);
    assert_int_equal(problem.status, 400);
    assert_string_equal(problem.code, "MALFORMED");
    if (strstr(problem.detail, detail) == NULL) fail_msg("%s: says \"%s\", not \"%s\"", text, problem.detail, detail);
}

static void assert_decimal(struct decimal d, int64_t mantissa, uint8_t scale)
{
    assert_int_equal(d.mantissa, mantissa);
    assert_int_equal(d.scale, scale);
}

static void assert_name(struct name n, const char *expected)
{
    assert_int_equal(name_len(&n), strlen(expected));
    assert_memory_equal(n.bytes, expected, strlen(expected));
}

static void assert_text(struct text t, const char *expected)
{
    assert_int_equal(t.len_bytes, strlen(expected));
    assert_memory_equal(t.bytes, expected, strlen(expected));
}

/* The shortest order, with room for more members. */
#define ORDER(more) "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":\"10\"" more "}"

static void an_order_with_every_field_is_understood(void **state)
{
    (void)state;
    const struct command_place *p = &parsed.command.place;
    assert_accepted(COMMAND_PLACE,
                    ORDER(",\"type\":\"stop_limit\",\"price\":\"145.50\",\"stop_price\":145.25,\"tif\":\"Gtd\","
                          "\"expires_at\":\"2012-06-21T20:00:00Z\",\"client_order_id\":\"c-1\",\"display_quantity\":5,"
                          "\"post_only\":true,\"reduce_only\":true,\"leverage\":\"2.5\",\"stp\":\"cancel_both\","
                          "\"venue\":\"BOOK\",\"tag\":\"t\""));
    assert_int_equal(parsed.command.kind, COMMAND_PLACE);
    assert_int_equal(parsed.command.seq, 0);
    assert_name(p->account, "ann");
    assert_name(p->symbol, "GOOG");
    assert_name(p->venue, "BOOK");
    assert_int_equal(p->side, SIDE_BUY);
    assert_int_equal(p->type, ORDER_TYPE_STOP_LIMIT);
    assert_int_equal(p->tif, TIF_GTD);
    assert_int_equal(p->stp, STP_CANCEL_BOTH);
    assert_int_equal(p->flags, PLACE_POST_ONLY | PLACE_REDUCE_ONLY);
    assert_int_equal(p->expires_ns, 1340308800000000000);
    assert_decimal(p->quantity, 10, 0);
    assert_decimal(p->price, 14550, 2);
    assert_decimal(p->stop_price, 14525, 2);
    assert_decimal(p->display_quantity, 5, 0);
    assert_decimal(p->leverage, 25, 1);
    assert_text(p->client_order_id, "c-1");
    assert_text(p->tag, "t");
}

static void what_an_order_leaves_out_is_absent_or_has_its_default(void **state)
{
    (void)state;
    const struct command_place *p = &parsed.command.place;
    assert_accepted(COMMAND_PLACE, ORDER(""));
    assert_int_equal(p->type, ORDER_TYPE_MARKET);
    assert_int_equal(p->tif, TIF_DAY);
    assert_int_equal(p->stp, 0);
    assert_int_equal(p->flags, 0);
    assert_int_equal(p->expires_ns, 0);
    assert_decimal(p->price, 0, DECIMAL_ABSENT);
    assert_decimal(p->stop_price, 0, DECIMAL_ABSENT);
    assert_decimal(p->display_quantity, 0, DECIMAL_ABSENT);
    assert_decimal(p->leverage, 0, DECIMAL_ABSENT);
    assert_decimal(p->quote_quantity, 0, DECIMAL_ABSENT);
    assert_decimal(p->min_quantity, 0, DECIMAL_ABSENT);
    assert_decimal(p->trail, 0, DECIMAL_ABSENT);
    assert_true(name_empty(&p->venue));
    assert_int_equal(p->client_order_id.len_bytes, 0);
    assert_int_equal(p->tag.len_bytes, 0);
    assert_accepted(COMMAND_PLACE, ORDER(",\"price\":\"1\""));
    assert_int_equal(p->type, ORDER_TYPE_LIMIT);
    assert_accepted(COMMAND_PLACE, ORDER(",\"stop_price\":\"1\""));
    assert_int_equal(p->type, ORDER_TYPE_STOP);
    assert_accepted(COMMAND_PLACE, ORDER(",\"price\":\"1\",\"stop_price\":\"1\""));
    assert_int_equal(p->type, ORDER_TYPE_STOP_LIMIT);
    assert_accepted(COMMAND_PLACE, ORDER(",\"price\":null,\"tif\":null,\"post_only\":null"));
    assert_int_equal(p->type, ORDER_TYPE_MARKET);
    assert_int_equal(p->tif, TIF_DAY);
}

static void the_names_that_callers_already_use_are_understood(void **state)
{
    (void)state;
    const struct command_place *p = &parsed.command.place;
    assert_accepted(COMMAND_PLACE, "{\"userId\":7,\"instrumentId\":2,\"direction\":\"sell\",\"qty\":3,\"orderId\":42,"
                                   "\"orderType\":\"SL\",\"limitPrice\":1.5,\"triggerPrice\":1.25,\"postOnly\":false}");
    assert_name(p->account, "7");
    assert_name(p->symbol, "2");
    assert_int_equal(p->side, SIDE_SELL);
    assert_int_equal(p->type, ORDER_TYPE_STOP_LIMIT);
    assert_text(p->client_order_id, "42");
    assert_decimal(p->quantity, 3, 0);
    assert_decimal(p->price, 15, 1);
    assert_decimal(p->stop_price, 125, 2);
    assert_accepted(COMMAND_PLACE, "{\"user_id\":\"7\",\"instrument_id\":\"2\",\"side\":\"SELL\",\"quantity\":\"3\","
                                   "\"type\":\"SL_M\",\"price_limit\":1.5,\"trigger_price\":1.25}");
    assert_int_equal(p->type, ORDER_TYPE_STOP);
    assert_accepted(COMMAND_PLACE, "{\"portfolioId\":\"p\",\"symbol\":\"2\",\"side\":\"SELL\",\"quantity\":\"3\","
                                   "\"displayQuantity\":1,\"reduceOnly\":true,\"expiresAt\":\"2030-01-01T00:00:00Z\","
                                   "\"clientOrderId\":\"x\",\"priceLimit\":2}");
    assert_name(p->account, "p");
    assert_text(p->client_order_id, "x");
    assert_decimal(p->price, 2, 0);
    assert_accepted(COMMAND_MODIFY, "{\"orderId\":\"65536\",\"limitPrice\":\"2.50\",\"qty\":1}");
    assert_int_equal(parsed.command.modify.order_id, 65536);
    assert_decimal(parsed.command.modify.price, 250, 2);
    assert_decimal(parsed.command.modify.quantity, 1, 0);
    assert_decimal(parsed.command.modify.stop_price, 0, DECIMAL_ABSENT);
}

static void what_is_not_understood_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } rows[] = {
        {ORDER(",\"foo\":1"), "\"foo\" is unknown"},
        {ORDER(",\"op\":\"place\""), "\"op\" is unknown"},
        {ORDER(",\"Price\":1"), "\"Price\" is unknown"},
        {ORDER(",\"order_id\":1"), "\"order_id\" is unknown"},
        {ORDER(",\"side\":\"BUY\""), "\"side\" is there twice"},
        {ORDER(",\"direction\":\"BUY\""), "\"direction\" says again"},
        {ORDER(",\"price\":1,\"limitPrice\":1"), "\"limitPrice\" says again"},
        {ORDER(",\"trail_amount\":1,\"trail_percent\":1"), "\"trail_percent\" and \"trail_amount\" exclude"},
        {ORDER(",\"trail_percent\":1,\"trailAmount\":1"), "\"trailAmount\" and \"trail_percent\" exclude"},
        {ORDER(",\"link\":\"OCO\""), "\"link\" must be an object"},
        {ORDER(",\"link\":{}"), "\"type\" is missing"},
        {ORDER(",\"link\":{\"type\":\"OCA\"}"), "\"type\" must be one of OCO OTO BRACKET"},
        {ORDER(",\"link\":{\"type\":\"OCO\"}"), "\"legs\" must hold one leg"},
        {ORDER(",\"link\":{\"type\":\"OCO\",\"legs\":{}}"), "\"legs\" must be a list"},
        {ORDER(",\"link\":{\"type\":\"OCO\",\"legs\":[7]}"), "\"legs\" must hold objects"},
        {ORDER(",\"link\":{\"type\":\"OCO\",\"legs\":[{},{}]}"), "\"legs\" must hold one leg"},
        {ORDER(",\"link\":{\"type\":\"OTO\",\"legs\":[{},{},{}]}"), "\"legs\" has too many items"},
        {ORDER(",\"link\":{\"type\":\"BRACKET\",\"legs\":[{}]}"), "\"legs\" must hold two legs"},
        {ORDER(",\"link\":{\"type\":\"BRACKET\",\"take_profit\":{}}"), "a \"take_profit\" and a \"stop_loss\""},
        {ORDER(",\"link\":{\"type\":\"BRACKET\",\"takeProfit\":{},\"stopLoss\":{},\"legs\":[]}"), "exclude each other"},
        {ORDER(",\"link\":{\"type\":\"OTO\",\"take_profit\":{},\"stop_loss\":{}}"), "belong to a BRACKET"},
        {ORDER(",\"link\":{\"type\":\"OTO\",\"legs\":[{\"quantity\":1}]}"), "\"quantity\" is unknown"},
        {ORDER(",\"link\":{\"type\":\"OTO\",\"legs\":[{\"price\":1,\"limitPrice\":1}]}"), "\"limitPrice\" says again"},
        {ORDER(",\"type\":\"LIMITED\""), "\"type\" must be one of LIMIT MARKET STOP STOP_LIMIT"},
        {ORDER(",\"tif\":1"), "\"tif\" must be one of"},
        {ORDER(",\"post_only\":\"true\""), "\"post_only\" must be true or false"},
        {ORDER(",\"price\":true"), "\"price\" must be a decimal"},
        {ORDER(",\"price\":\"\""), "\"price\" must be a decimal"},
        {ORDER(",\"price\":\"1,5\""), "\"price\" must be a decimal"},
        {ORDER(",\"price\":1.0000000001"), "\"price\" must be a decimal"},
        {ORDER(",\"price\":9223372036854775808"), "\"price\" must be a decimal"},
        {ORDER(",\"price\":{\"a\":1}"), "\"price\" must be a decimal"},
        {ORDER(",\"venue\":\"a b\""), "\"venue\" must be 1 to 23"},
        {ORDER(",\"venue\":[\"BOOK\"]"), "\"venue\" must be a string"},
        {ORDER(",\"venue\":1.5"), "\"venue\" must be a string"},
        {ORDER(",\"venue\":-1"), "\"venue\" must be a string"},
        {ORDER(",\"expires_at\":1340308800"), "\"expires_at\" must be an RFC 3339 time"},
        {ORDER(",\"expires_at\":\"1970-01-01T00:00:00Z\""), "\"expires_at\" must be later"},
        {ORDER(",\"tag\":\"a\\u0000b\""), "\"tag\" may not hold control"},
        {ORDER(",\"tag\":\"a\\nb\""), "\"tag\" may not hold control"},
        {ORDER(",\"tag\":\"\xc2\x85\""), "\"tag\" may not hold control"},
        {ORDER(",\"tag\":\"\\ud83d\""), "half a surrogate"},
        {ORDER(",\"tag\":\"\\ude00\\ud83d\""), "half a surrogate"},
        {ORDER(",\"tag\":\"\\ud83dx\\ude00\""), "half a surrogate"},
        {ORDER(",\"tag\":\"\xc0\x80\""), "UTF-8"},
        {ORDER(",\"tag\":\"\xed\xa0\x80\""), "UTF-8"},
        {ORDER(",\"\xed\xa0\x80\":1"), "UTF-8"},
        {ORDER(",\"tag\":\"\xff\""), "not JSON"},
        {"{\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":\"10\"}", "\"account\" is missing"},
        {"{\"account\":\"a\",\"side\":\"BUY\",\"quantity\":\"10\"}", "\"symbol\" is missing"},
        {"{\"account\":\"a\",\"symbol\":\"GOOG\",\"quantity\":\"10\"}", "\"side\" is missing"},
        {"{\"account\":\"a\",\"symbol\":\"GOOG\",\"side\":\"BUY\"}", "\"quantity\" is missing"},
        {"{\"account\":null,\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":\"10\"}", "\"account\" is missing"},
        {"[]", "must be an object"},
        {"7", "must be an object"},
        {"\"{}\"", "must be an object"},
        {"{", "not JSON"},
        {"{}{}", "not JSON"},
        {"{\"a\":01}", "not JSON"},
        {"{\"a\":+1}", "not JSON"},
        {"{\"a\":NaN}", "not JSON"},
        {"{'a':1}", "not JSON"},
        {"{\"a\":1,}", "not JSON"},
        {"{\"a\":1}//", "not JSON"},
        {" ", "not JSON"},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "too deep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(COMMAND_PLACE, rows[i].text, rows[i].detail);
}

static void a_client_order_id_is_any_text_of_64_bytes(void **state)
{
    (void)state;
    char text[512];
    const char *longest = "0123456789012345678901234567890123456789012345678901234567890123";
    assert_accepted(COMMAND_PLACE, ORDER(",\"client_order_id\":\"\xf0\x9f\x98\x80 \\u00e9\\ud83d\\ude00\\\"\\\\\""));
    assert_text(parsed.command.place.client_order_id, "\xf0\x9f\x98\x80 \xc3\xa9\xf0\x9f\x98\x80\"\\");
    snprintf(text, sizeof text, ORDER(",\"client_order_id\":\"%s\""), longest);
    assert_accepted(COMMAND_PLACE, text);
    assert_text(parsed.command.place.client_order_id, longest);
    assert_true(parsed.command.place.client_order_id.bytes >= (const char *)parsed.memory);
    snprintf(text, sizeof text, ORDER(",\"client_order_id\":\"%sx\""), longest);
    assert_refused(COMMAND_PLACE, text, "\"client_order_id\" is longer than 64 bytes");
    assert_accepted(COMMAND_PLACE, ORDER(",\"client_order_id\":\"\""));
    assert_int_equal(parsed.command.place.client_order_id.len_bytes, 0);
}

static void a_body_may_repeat_its_path_but_not_contradict_it(void **state)
{
    (void)state;
    struct json_path path = {
        .symbol = name_of("GOOG"), .account = name_of("ann"), .currency = name_of("USD"), .order_id = 65536};
    assert_int_equal(parse_at(COMMAND_SET_INSTRUMENT, "{\"tick_size\":\"0.01\"}", &path), 0);
    assert_name(parsed.command.set_instrument.symbol, "GOOG");
    assert_true(name_empty(&parsed.command.set_instrument.currency));
    assert_int_equal(parse_at(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"GOOG\"}", &path), 0);
    assert_int_equal(parse_at(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"AAPL\"}", &path), ERR_USAGE);
    assert_string_equal(problem.detail, "field \"symbol\" contradicts the path");
    assert_int_equal(parse_at(COMMAND_CANCEL, "", &path), 0);
    assert_int_equal(parsed.command.cancel.order_id, 65536);
    assert_int_equal(parse_at(COMMAND_CANCEL, "{\"order_id\":65536}", &path), 0);
    assert_int_equal(parse_at(COMMAND_CANCEL, "{\"order_id\":\"65537\"}", &path), ERR_USAGE);
    assert_int_equal(parse_at(COMMAND_MOVE_CASH, "{\"amount\":\"-1.5\"}", &path), 0);
    assert_name(parsed.command.move_cash.account, "ann");
    assert_name(parsed.command.move_cash.currency, "USD");
    assert_int_equal(parse_at(COMMAND_MASS_CANCEL, "", &path), 0);
    assert_int_equal(parse_at(COMMAND_SET_CURRENCY, "{\"scale\":8}", &path), 0);
    assert_refused(COMMAND_SET_CURRENCY, "{\"currency\":\"USD\",\"scale\":19}", "\"scale\" is too large");
    assert_int_equal(parse_at(COMMAND_SET_CURRENCY, "{\"scale\":8}", &path), 0);
    assert_name(parsed.command.set_currency.currency, "USD");
    assert_int_equal(parsed.command.set_currency.scale, 8);
}

static void an_instruments_body_names_what_it_changes(void **state)
{
    (void)state;
    const struct command_set_instrument *s = &parsed.command.set_instrument;
    assert_accepted(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"GOOG\"}");
    assert_int_equal(s->fields, 0);
    assert_accepted(
        COMMAND_SET_INSTRUMENT,
        "{\"symbol\":\"GOOG\",\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":1,\"min_quantity\":0,"
        "\"max_quantity\":1e6,\"max_notional\":\"100000000000000000000.123456789012345678\","
        "\"price_collar_percent\":12.5,\"maker_fee_bps\":-0.5,\"taker_fee_bps\":1,\"trigger\":\"quote\","
        "\"settlement_days\":2,\"state\":\"halted\",\"max_leverage\":2.5,\"mark\":\"quote\",\"haltOnBreach\":true}");
    assert_int_equal(s->fields, (INSTRUMENT_HAS_HALT_ON_BREACH << 1) - 1);
    assert_decimal(s->max_leverage, 25, 1);
    assert_int_equal(s->mark, TRIGGER_QUOTE);
    assert_true(s->halt_on_breach);
    assert_decimal(s->max_quantity, 1000000, 0);
    assert_decimal(s->collar_percent, 125, 1);
    assert_decimal(s->maker_fee_bps, -5, 1);
    assert_true(s->max_notional.mantissa == (i128)1000000000000000000 * 1000000000000000000 * 100 + 123456789012345678);
    assert_int_equal(s->max_notional.scale, 18);
    assert_int_equal(s->trigger, TRIGGER_QUOTE);
    assert_int_equal(s->settlement_days, 2);
    assert_int_equal(s->state, INSTRUMENT_STATE_HALTED);
    assert_refused(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"G\",\"settlement_days\":65536}",
                   "\"settlement_days\" is too large");
    assert_refused(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"G\",\"settlement_days\":-1}",
                   "\"settlement_days\" must be a whole");
    assert_refused(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"G\",\"settlement_days\":1.0}",
                   "\"settlement_days\" must be a whole");
}

static void an_order_says_how_it_follows_and_what_it_needs_at_once(void **state)
{
    (void)state;
    const struct command_place *p = &parsed.command.place;
    assert_accepted(COMMAND_PLACE, ORDER(",\"trailAmount\":\"0.50\",\"all_or_none\":true,\"tif\":\"cls\""));
    assert_int_equal(p->type, ORDER_TYPE_STOP);
    assert_decimal(p->trail, 50, 2);
    assert_int_equal(p->flags, PLACE_ALL_OR_NONE);
    assert_int_equal(p->tif, TIF_ON_CLOSE);
    assert_accepted(COMMAND_PLACE, ORDER(",\"trail_percent\":2.5,\"min_quantity\":5,\"tif\":\"OPG\""));
    assert_decimal(p->trail, 25, 1);
    assert_int_equal(p->flags, PLACE_TRAIL_PERCENT);
    assert_decimal(p->min_quantity, 5, 0);
    assert_int_equal(p->tif, TIF_ON_OPEN);
    assert_accepted(COMMAND_PLACE,
                    "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quoteQuantity\":\"1000.50\"}");
    assert_decimal(p->quote_quantity, 100050, 2);
    assert_decimal(p->quantity, 0, DECIMAL_ABSENT);
    assert_int_equal(p->type, ORDER_TYPE_MARKET);
}

static void a_link_makes_an_order_the_entry_of_a_group(void **state)
{
    (void)state;
    const struct command_place_linked *l = &parsed.command.place_linked;
    assert_accepted(COMMAND_PLACE, ORDER(",\"price\":\"100\",\"client_order_id\":\"c\",\"link\":{\"type\":\"bracket\","
                                         "\"activation\":\"each_fill\",\"take_profit\":{\"price\":\"110\"},"
                                         "\"stop_loss\":{\"stopPrice\":\"95\",\"price\":\"94.5\",\"tif\":\"GTC\"}}"));
    assert_int_equal(parsed.command.kind, COMMAND_PLACE_LINKED);
    assert_int_equal(l->link, LINK_BRACKET);
    assert_int_equal(l->activation, ACTIVATION_EACH_FILL);
    assert_int_equal(l->entry.type, ORDER_TYPE_LIMIT);
    assert_text(l->entry.client_order_id, "c");
    assert_int_equal(l->legs[0].type, ORDER_TYPE_LIMIT);
    assert_decimal(l->legs[0].price, 110, 0);
    assert_decimal(l->legs[0].stop_price, 0, DECIMAL_ABSENT);
    assert_int_equal(l->legs[0].tif, TIF_DAY);
    assert_int_equal(l->legs[1].type, ORDER_TYPE_STOP_LIMIT);
    assert_decimal(l->legs[1].stop_price, 95, 0);
    assert_decimal(l->legs[1].price, 945, 1);
    assert_int_equal(l->legs[1].tif, TIF_GTC);
    assert_accepted(COMMAND_PLACE, ORDER(",\"price\":1,\"tif\":\"gtd\",\"expires_at\":\"2030-01-01T00:00:00Z\","
                                         "\"link\":{\"type\":\"OCO\",\"legs\":[{\"stop_price\":2}]}"));
    assert_int_equal(l->activation, 0);
    assert_int_equal(l->legs[0].type, ORDER_TYPE_STOP);
    assert_int_equal(l->legs[0].tif, TIF_GTC);
    assert_int_equal(l->legs[0].side, 0);
    assert_int_equal(l->legs[1].type, 0);
    assert_accepted(0, "{\"op\":\"place_linked\",\"account\":\"a\",\"symbol\":\"G\",\"side\":\"BUY\",\"quantity\":1,"
                       "\"link\":{\"type\":\"OTO\",\"legs\":[{\"side\":\"sell\",\"price\":3}]}}");
    assert_int_equal(l->activation, ACTIVATION_FULL_FILL);
    assert_int_equal(l->legs[0].side, SIDE_SELL);
    assert_refused(0, "{\"op\":\"place_linked\",\"account\":\"a\",\"symbol\":\"G\",\"side\":\"BUY\",\"quantity\":1}",
                   "\"link\" is missing");
    assert_accepted(COMMAND_PLACE, ORDER(",\"link\":null"));
    assert_int_equal(parsed.command.kind, COMMAND_PLACE);
}

static void an_account_says_its_limits_fees_and_margins(void **state)
{
    (void)state;
    const struct command_set_account *s = &parsed.command.set_account;
    assert_accepted(
        COMMAND_SET_ACCOUNT,
        "{\"account\":\"1\",\"type\":\"margin\",\"leverage\":5,\"allow_short\":true,\"status\":\"REDUCING\"}");
    assert_int_equal(s->fields, 15);
    assert_int_equal(s->type, ACCOUNT_TYPE_MARGIN);
    assert_true(s->allow_short);
    assert_accepted(COMMAND_SET_ACCOUNT,
                    "{\"account\":\"1\",\"stp\":\"decrement\",\"limits\":{\"maxOrderQuantity\":100,"
                    "\"max_order_notional\":\"5000.5\",\"max_position\":7,\"max_open_orders\":3,"
                    "\"max_orders_per_second\":10},\"maker_fee_bps\":0.5,\"taker_fee_bps\":null,"
                    "\"margin_call_percent\":30,\"liquidationPercent\":\"12.5\"}");
    assert_int_equal(s->fields, (ACCOUNT_HAS_LIQUIDATION << 1) - ACCOUNT_HAS_STP);
    assert_int_equal(s->stp, STP_DECREMENT);
    assert_decimal(s->max_order_quantity, 100, 0);
    assert_decimal(s->max_order_notional, 50005, 1);
    assert_decimal(s->max_position, 7, 0);
    assert_int_equal(s->max_open_orders, 3);
    assert_int_equal(s->max_orders_per_second, 10);
    assert_decimal(s->maker_fee_bps, 5, 1);
    assert_decimal(s->taker_fee_bps, 0, DECIMAL_ABSENT);
    assert_decimal(s->margin_call_percent, 30, 0);
    assert_decimal(s->liquidation_percent, 125, 1);
    assert_accepted(COMMAND_SET_ACCOUNT, "{\"account\":\"1\",\"limits\":{\"max_position\":null}}");
    assert_int_equal(s->fields, 0);
    assert_refused(COMMAND_SET_ACCOUNT, "{\"account\":\"1\",\"limits\":{\"max\":5}}", "\"max\" is unknown");
    assert_refused(COMMAND_SET_ACCOUNT, "{\"account\":\"1\",\"limits\":[]}", "\"limits\" must be an object");
    assert_refused(COMMAND_SET_ACCOUNT, "{\"account\":\"1\",\"limits\":{\"max_open_orders\":-1}}", "a whole number");
}

static void a_trading_state_is_a_command_of_its_own(void **state)
{
    (void)state;
    const struct command_set_trading *s = &parsed.command.set_trading;
    assert_accepted(COMMAND_SET_ACCOUNT, "{\"account\":\"ann\",\"status\":\"halted\",\"cancel\":true}");
    assert_int_equal(parsed.command.kind, COMMAND_SET_TRADING);
    assert_name(s->account, "ann");
    assert_true(name_empty(&s->symbol));
    assert_int_equal(s->status, ACCOUNT_STATUS_HALTED);
    assert_true(s->cancel);
    assert_accepted(COMMAND_SET_ACCOUNT, "{\"account\":\"ann\",\"status\":\"halted\",\"cancel\":false}");
    assert_int_equal(parsed.command.kind, COMMAND_SET_ACCOUNT);
    assert_refused(COMMAND_SET_ACCOUNT, "{\"account\":\"a\",\"cancel\":true}", "\"cancel\" goes with \"status\"");
    assert_refused(COMMAND_SET_ACCOUNT, "{\"account\":\"a\",\"status\":\"HALTED\",\"stp\":\"NONE\",\"cancel\":true}",
                   "\"cancel\" goes with \"status\" alone");
    assert_accepted(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"GOOG\",\"trading\":\"reducing\"}");
    assert_int_equal(parsed.command.kind, COMMAND_SET_TRADING);
    assert_name(s->symbol, "GOOG");
    assert_true(name_empty(&s->account));
    assert_int_equal(s->status, ACCOUNT_STATUS_REDUCING);
    assert_false(s->cancel);
    assert_refused(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"G\",\"cancel\":true}", "\"cancel\" goes with \"trading\"");
    assert_refused(COMMAND_SET_INSTRUMENT, "{\"symbol\":\"G\",\"trading\":\"HALTED\",\"state\":\"HALTED\"}",
                   "\"trading\" is changed alone");
    assert_accepted(0, "{\"op\":\"set_trading\",\"status\":\"ACTIVE\"}");
    assert_refused(0, "{\"op\":\"set_trading\"}", "\"status\" is missing");
}

static void a_gtt_has_one_leg_or_two(void **state)
{
    (void)state;
    const struct command_gtt_place *g = &parsed.command.gtt_place;
#define GTT(more) "{\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"SELL\"" more "}"
    assert_accepted(COMMAND_GTT_PLACE, GTT(",\"triggerPrice\":\"110\",\"price\":109.5,\"qty\":5"));
    assert_int_equal(g->legs_count, 1);
    assert_decimal(g->legs[0].trigger_price, 110, 0);
    assert_decimal(g->legs[0].price, 1095, 1);
    assert_decimal(g->legs[0].quantity, 5, 0);
    assert_int_equal(g->expires_ns, 0);
    assert_accepted(COMMAND_GTT_PLACE, GTT(",\"expires_at\":\"2030-01-01T00:00:00Z\",\"legs\":[{\"trigger_price\":110,"
                                           "\"quantity\":5},{\"trigger_price\":90,\"price\":89,\"quantity\":5}]"));
    assert_int_equal(g->legs_count, 2);
    assert_decimal(g->legs[0].price, 0, DECIMAL_ABSENT);
    assert_decimal(g->legs[1].price, 89, 0);
    assert_true(g->expires_ns > 0);
    assert_refused(COMMAND_GTT_PLACE, GTT(""), "\"trigger_price\" is missing");
    assert_refused(COMMAND_GTT_PLACE, GTT(",\"legs\":[]"), "\"legs\" must hold one or two");
    assert_refused(COMMAND_GTT_PLACE, GTT(",\"quantity\":1,\"legs\":[{}]"), "exclude each other");
    assert_accepted(COMMAND_GTT_MODIFY,
                    "{\"gtt_id\":\"65536\",\"legs\":[null,{\"price\":88}],\"status\":\"disabled\"}");
    const struct command_gtt_modify *m = &parsed.command.gtt_modify;
    assert_int_equal(m->gtt_id, 65536);
    assert_decimal(m->legs[0].trigger_price, 0, DECIMAL_ABSENT);
    assert_decimal(m->legs[1].price, 88, 0);
    assert_int_equal(m->status, GTT_STATUS_DISABLED);
    struct json_path path = {.order_id = 131072};
    assert_int_equal(parse_at(COMMAND_GTT_DELETE, "", &path), 0);
    assert_int_equal(parsed.command.gtt_delete.gtt_id, 131072);
    assert_accepted(COMMAND_CHECK_MARGIN, "{}");
    assert_accepted(COMMAND_CHECK_MARGIN, "{\"account\":\"ann\"}");
    assert_name(parsed.command.check_margin.account, "ann");
}

static void a_venue_says_its_state_and_whether_fills_may_be_made_up(void **state)
{
    (void)state;
    const struct command_set_venue *v = &parsed.command.set_venue;
    struct json_path path = {.venue = name_of("ZERODHA_SIM")};
    assert_int_equal(
        parse_at(COMMAND_SET_VENUE, "{\"state\":\"degraded\",\"simulated\":true,\"cause\":\"breaker\"}", &path), 0);
    assert_name(v->venue, "ZERODHA_SIM");
    assert_int_equal(v->state, VENUE_STATE_DEGRADED);
    assert_int_equal(v->simulated, 2);
    assert_int_equal(v->cause, VENUE_CAUSE_BREAKER);
    assert_int_equal(parse_at(COMMAND_SET_VENUE, "{\"simulated\":false}", &path), 0);
    assert_int_equal(v->state, 0);
    assert_int_equal(v->simulated, 1);
    assert_int_equal(v->cause, VENUE_CAUSE_OPERATOR);
    assert_int_equal(parse_at(COMMAND_SET_VENUE, "", &path), 0);
    assert_int_equal(v->simulated, 0);
    assert_int_equal(parse_at(COMMAND_SET_VENUE, "{\"venue\":\"BOOK\"}", &path), ERR_USAGE);
    assert_refused(COMMAND_SET_VENUE, "{}", "\"venue\" is missing");
    assert_refused(COMMAND_SET_VENUE, "{\"venue\":\"B\",\"state\":\"OPEN\"}", "must be one of UP DEGRADED DOWN");
    assert_refused(COMMAND_SET_VENUE, "{\"venue\":\"B\",\"simulated\":1}", "\"simulated\" must be true or false");
}

static void a_routing_table_is_a_list_of_rules(void **state)
{
    (void)state;
    const struct command_set_routing *r = &parsed.command.set_routing;
    assert_accepted(
        COMMAND_SET_ROUTING,
        "{\"rules\":[{\"account\":1,\"type\":\"market\",\"venues\":[\"ZERODHA_SIM\",\"BOOK\"]},"
        "{\"symbol\":\"GOOG\",\"side\":\"SELL\",\"minQuantity\":\"0.5\",\"max_quantity\":10,\"venues\":[\"QUOTE\"]}]}");
    assert_int_equal(r->rules_count, 2);
    assert_name(r->rules[0].account, "1");
    assert_int_equal(r->rules[0].type, ORDER_TYPE_MARKET);
    assert_int_equal(r->rules[0].side, 0);
    assert_decimal(r->rules[0].min_quantity, 0, DECIMAL_ABSENT);
    assert_name(r->rules[0].venues[0], "ZERODHA_SIM");
    assert_name(r->rules[0].venues[1], "BOOK");
    assert_true(name_empty(&r->rules[0].venues[2]));
    assert_decimal(r->rules[1].min_quantity, 5, 1);
    assert_decimal(r->rules[1].max_quantity, 10, 0);
    assert_int_equal(r->rules[1].side, SIDE_SELL);
    assert_accepted(COMMAND_SET_ROUTING, "{\"rules\":[]}");
    assert_int_equal(r->rules_count, 0);
    assert_null(r->rules);
    assert_refused(COMMAND_SET_ROUTING, "{}", "\"rules\" is missing");
    assert_refused(COMMAND_SET_ROUTING, "{\"rules\":{}}", "\"rules\" must be a list");
    assert_refused(COMMAND_SET_ROUTING, "{\"rules\":[null]}", "\"rules\" must hold objects");
    assert_refused(COMMAND_SET_ROUTING, "{\"rules\":[{},{\"venue\":\"B\"}]}", "rules[1]: field \"venue\" is unknown");
    assert_refused(COMMAND_SET_ROUTING, "{\"rules\":[{\"venues\":[\"A\",7.5]}]}",
                   "rules[0]: field \"venues\" must be a string");
    assert_refused(COMMAND_SET_ROUTING, "{\"rules\":[{\"venues\":[1,2,3,4,5]}]}",
                   "\"venues\" has too many items: at most 4");
}

static void a_body_with_orders_is_a_batch(void **state)
{
    (void)state;
    const struct command_batch *b = &parsed.command.batch;
    assert_accepted(
        COMMAND_PLACE,
        "{\"portfolio_id\":1,\"orders\":[{\"instrument_id\":1,\"side\":\"BUY\",\"qty\":100,\"price_limit\":2500,"
        "\"clientOrderId\":\"a-1\",\"tag\":\"t\"},{\"account\":\"ann\",\"symbol\":\"2\",\"side\":\"SELL\","
        "\"quantity\":\"50\",\"trailPercent\":5}],\"idempotency_key\":\"k\",\"atomic\":true}");
    assert_int_equal(parsed.command.kind, COMMAND_BATCH);
    assert_name(b->account, "1");
    assert_true(b->atomic);
    assert_int_equal(b->orders_count, 2);
    assert_name(b->orders[0].account, "1");
    assert_name(b->orders[0].symbol, "1");
    assert_int_equal(b->orders[0].type, ORDER_TYPE_LIMIT);
    assert_int_equal(b->orders[0].tif, TIF_DAY);
    assert_decimal(b->orders[0].quantity, 100, 0);
    assert_decimal(b->orders[0].price, 2500, 0);
    assert_text(b->orders[0].client_order_id, "a-1");
    assert_text(b->orders[0].tag, "t");
    assert_name(b->orders[1].account, "ann");
    assert_int_equal(b->orders[1].flags, PLACE_TRAIL_PERCENT);
    assert_int_equal(b->orders[1].type, ORDER_TYPE_STOP);
    assert_decimal(b->orders[1].price, 0, DECIMAL_ABSENT);
    assert_text(parsed.said.idempotency_key, "k");
    assert_accepted(COMMAND_PLACE, "{\"userId\":1,\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1}]}");
    assert_int_equal(parsed.command.kind, COMMAND_BATCH);
    assert_accepted(COMMAND_PLACE, ORDER(""));
    assert_int_equal(parsed.command.kind, COMMAND_PLACE);
}

static void an_order_of_a_batch_is_refused_by_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } rows[] = {
        {"{\"orders\":[]}", "\"orders\" must hold an order"},
        {"{\"orders\":5}", "\"orders\" must be a list"},
        {"{\"orders\":[5]}", "\"orders\" must hold objects"},
        {"{\"orders\":[null]}", "\"orders\" must hold objects"},
        {"{\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1}]}", "orders[0]: field \"account\" is missing"},
        {"{\"account\":1,\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1},{\"symbol\":1,\"qty\":1}]}",
         "orders[1]: field \"side\" is missing"},
        {"{\"account\":1,\"orders\":[{\"symbol\":1,\"side\":\"BUY\"}]}", "orders[0]: field \"quantity\" is missing"},
        {"{\"account\":1,\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1,\"link\":{\"type\":\"OCO\"}}]}",
         "orders[0]: field \"link\" belongs to an order that is sent alone"},
        {"{\"account\":1,\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1,\"orders\":[]}]}",
         "\"orders\" is unknown"},
        {"{\"account\":1,\"orders\":[{\"idempotency_key\":\"k\"}]}", "\"idempotency_key\" is unknown"},
        {"{\"account\":1,\"symbol\":1,\"orders\":[]}", "\"symbol\" is unknown"},
        {"{\"account\":1,\"user_id\":1,\"orders\":[]}", "\"user_id\" says again"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(COMMAND_PLACE, rows[i].text, rows[i].detail);
}

/* {"account":"ann","orders":[o,o,...]} with so many orders, in memory of its own. */
static char *text_of_batch(uint32_t orders, const char *order, size_t *len)
{
    char *text = malloc(64 + orders * (strlen(order) + 1));
    assert_non_null(text);
    *len = (size_t)sprintf(text, "{\"account\":\"ann\",\"orders\":[");
    for (uint32_t i = 0; i < orders; i++) *len += (size_t)sprintf(text + *len, "%s%s", i == 0 ? "" : ",", order);
    *len += (size_t)sprintf(text + *len, "]}");
    return text;
}

static void a_batch_holds_ten_thousand_orders_and_not_one_more(void **state)
{
    (void)state;
    const char *order =
        "{\"symbol\":\"GOOG\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"tif\":\"GTD\",\"quantity\":\"100\","
        "\"price\":\"145.50\",\"expires_at\":\"2012-06-21T20:00:00.000000001Z\",\"post_only\":true,"
        "\"client_order_id\":\"6f1c9a52-0f4e-4f0e-9a7d-0c8e5d7b2a11\",\"display_quantity\":\"10\","
        "\"leverage\":\"2.5\",\"stp\":\"CANCEL_NEWEST\",\"venue\":\"ZERODHA_SIM\",\"tag\":\"rebalance\"}";
    size_t len;
    char *text = text_of_batch(BATCH_ORDERS_MAX, order, &len);
    json_command_free(&parsed);
    assert_int_equal(json_command_parse(COMMAND_PLACE, text, len, NULL, &parsed, &problem), 0);
    assert_int_equal(parsed.command.batch.orders_count, BATCH_ORDERS_MAX);
    assert_text(parsed.command.batch.orders[BATCH_ORDERS_MAX - 1].tag, "rebalance");
    free(text);
    text = text_of_batch(BATCH_ORDERS_MAX + 1, "{}", &len);
    json_command_free(&parsed);
    assert_int_equal(json_command_parse(COMMAND_PLACE, text, len, NULL, &parsed, &problem), ERR_USAGE);
    assert_string_equal(problem.detail, "field \"orders\" has too many items: at most 10000");
    free(text);
}

static void what_a_broker_says_of_an_order_is_a_report(void **state)
{
    (void)state;
    const struct command_report *r = &parsed.command.report;
    struct json_path path = {.order_id = 65536};
    assert_int_equal(
        parse_at(COMMAND_REPORT, "{\"report\":\"reject\",\"venue\":\"Z\",\"reason\":\"no margin\"}", &path), 0);
    assert_int_equal(r->order_id, 65536);
    assert_int_equal(r->report, REPORT_REJECT);
    assert_name(r->venue, "Z");
    assert_text(r->reason, "no margin");
    path.report = REPORT_ACK;
    assert_int_equal(parse_at(COMMAND_REPORT, "{\"extOrderId\":240101}", &path), 0);
    assert_int_equal(r->report, REPORT_ACK);
    assert_text(r->ext_order_id, "240101");
    assert_int_equal(parse_at(COMMAND_REPORT, "{\"report\":\"REJECT\"}", &path), ERR_USAGE);
    assert_string_equal(problem.detail, "field \"report\" contradicts the path");
    assert_refused(COMMAND_REPORT, "{\"order_id\":1}", "\"report\" is missing");
    assert_refused(COMMAND_REPORT, "{\"order_id\":1,\"report\":\"FILLED\"}", "\"report\" must be one of ACK REJECT");
    char text[256], long_reason[REASON_BYTES_MAX + 2] = "";
    memset(long_reason, 'x', sizeof long_reason - 1);
    (void)snprintf(text, sizeof text, "{\"order_id\":1,\"report\":\"REJECT\",\"reason\":\"%s\"}", long_reason);
    assert_refused(COMMAND_REPORT, text, "\"reason\" is longer than 96 bytes");
}

static void a_fill_without_an_order_is_of_the_paths(void **state)
{
    (void)state;
    const struct command_fill *f = &parsed.command.fill;
    struct json_path path = {.order_id = 65537, .simulated = true};
    assert_int_equal(
        parse_at(COMMAND_FILL,
                 "{\"fills\":[{\"fill_price\":2500.5,\"fill_qty\":40},{\"order_id\":null,\"price\":\"1\",\"qty\":1},"
                 "{\"order_id\":65538,\"fillPrice\":2600,\"fillQty\":\"50\",\"exec_id\":\"x-1\"}]}",
                 &path),
        0);
    assert_true(f->simulated);
    assert_int_equal(f->fills_count, 3);
    assert_int_equal(f->fills[0].order_id, 65537);
    assert_decimal(f->fills[0].price, 25005, 1);
    assert_decimal(f->fills[0].quantity, 40, 0);
    assert_int_equal(f->fills[0].kind, FILL_NEW);
    assert_int_equal(f->fills[0].exec_id.len_bytes, 0);
    assert_int_equal(f->fills[1].order_id, 65537);
    assert_int_equal(f->fills[2].order_id, 65538);
    assert_text(f->fills[2].exec_id, "x-1");
    assert_int_equal(parse_at(COMMAND_FILL, "{\"simulated\":false,\"fills\":[{}]}", &path), ERR_USAGE);
    assert_accepted(COMMAND_FILL,
                    "{\"venue\":\"Z\",\"fills\":[{\"order_id\":1,\"kind\":\"BUST\",\"ref_exec_id\":\"x-1\"}]}");
    assert_false(f->simulated);
    assert_int_equal(f->fills[0].kind, FILL_BUST);
    assert_decimal(f->fills[0].price, 0, DECIMAL_ABSENT);
    assert_text(f->fills[0].ref_exec_id, "x-1");
    assert_refused(COMMAND_FILL, "{\"fills\":[{\"fill_price\":1,\"fill_qty\":1}]}",
                   "fills[0]: field \"order_id\" is missing");
    assert_refused(COMMAND_FILL, "{\"order_id\":1,\"fills\":[]}", "\"fills\" must hold a fill");
    assert_refused(COMMAND_FILL, "{\"order_id\":1,\"fills\":[{\"price\":1,\"fill_price\":1}]}",
                   "\"fill_price\" says again");
    assert_refused(COMMAND_FILL, "{\"order_id\":1,\"fills\":[{\"kind\":\"OLD\"}]}", "must be one of NEW BUST CORRECT");
}

static void an_order_is_routed_settled_and_a_batch_cancelled_by_hand(void **state)
{
    (void)state;
    struct json_path path = {.order_id = 65536, .batch_orders = 3};
    assert_int_equal(parse_at(COMMAND_ROUTE, "", &path), 0);
    assert_int_equal(parsed.command.route.order_id, 65536);
    assert_true(name_empty(&parsed.command.route.venue));
    assert_int_equal(parse_at(COMMAND_ROUTE, "{\"venue\":\"BOOK\"}", &path), 0);
    assert_name(parsed.command.route.venue, "BOOK");
    assert_int_equal(parse_at(COMMAND_SETTLE, "{}", &path), 0);
    assert_int_equal(parsed.command.settle.order_id, 65536);
    assert_int_equal(parse_at(COMMAND_CANCEL_BATCH, "{\"idempotencyKey\":7}", &path), 0);
    assert_int_equal(parsed.command.cancel_batch.batch_id, 65536);
    assert_int_equal(parsed.command.cancel_batch.orders_count, 3);
    assert_text(parsed.said.idempotency_key, "7");
    assert_refused(COMMAND_CANCEL_BATCH, "{\"batch_id\":65536}", "\"orders\" is missing");
}

static void a_statement_has_a_time_and_rows(void **state)
{
    (void)state;
    const struct command_statement *s = &parsed.command.statement;
#define STATEMENT(rows)                                                                                                \
    "{\"venue\":\"Z\",\"account\":1,\"from\":\"2012-06-21T00:00:00Z\",\"to\":\"2012-06-22T00:00:00Z\",\"rows\":[" rows \
    "]}"
    assert_accepted(
        COMMAND_STATEMENT,
        STATEMENT(
            "{\"exec_id\":\"x-1\",\"ext_order_id\":\"240101\",\"instrument_id\":2,\"side\":\"BUY\",\"price\":2500,"
            "\"qty\":\"40\",\"fee\":\"0.000000000001\"},{\"execId\":7,\"symbol\":\"2\",\"side\":\"SELL\","
            "\"price\":1,\"quantity\":1}"));
    assert_name(s->venue, "Z");
    assert_name(s->account, "1");
    assert_int_equal(s->to_ns - s->from_ns, 86400 * (int64_t)1000000000);
    assert_int_equal(s->rows_count, 2);
    assert_text(s->rows[0].exec_id, "x-1");
    assert_text(s->rows[0].ext_order_id, "240101");
    assert_name(s->rows[0].symbol, "2");
    assert_int_equal(s->rows[0].fee.scale, 12);
    assert_text(s->rows[1].exec_id, "7");
    assert_int_equal(s->rows[1].fee.scale, DECIMAL_ABSENT);
    assert_accepted(COMMAND_STATEMENT, STATEMENT(""));
    assert_int_equal(s->rows_count, 0);
    assert_refused(COMMAND_STATEMENT, "{\"venue\":\"Z\"}", "\"from\" is missing");
    assert_refused(COMMAND_STATEMENT, STATEMENT("{\"symbol\":\"2\"}"), "rows[0]: field \"exec_id\" is missing");
    assert_refused(COMMAND_STATEMENT, STATEMENT("{\"exec_id\":\"x\",\"fees\":1}"),
                   "rows[0]: field \"fees\" is unknown");
}

static void any_body_may_carry_an_idempotency_key(void **state)
{
    (void)state;
    assert_accepted(COMMAND_CANCEL, "{\"order_id\":1}");
    assert_int_equal(parsed.said.idempotency_key.len_bytes, 0);
    assert_accepted(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":null}");
    assert_int_equal(parsed.said.idempotency_key.len_bytes, 0);
    assert_accepted(COMMAND_CANCEL, "{\"order_id\":1,\"idempotencyKey\":\"caf\xc3\xa9 1\"}");
    assert_text(parsed.said.idempotency_key, "caf\xc3\xa9 1");
    assert_accepted(COMMAND_SET_LIMITS, "{\"idempotency_key\":42}");
    assert_text(parsed.said.idempotency_key, "42");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":\"\"}",
                   "\"idempotency_key\" must not be empty");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":1.5}", "\"idempotency_key\" must be a string");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":true}", "\"idempotency_key\" must be a string");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":\"a\\n\"}", "may not hold control characters");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"idempotency_key\":\"a\",\"idempotencyKey\":\"a\"}", "says again");
    char text[256], key[IDEMPOTENCY_KEY_BYTES_MAX + 2] = "";
    memset(key, 'k', IDEMPOTENCY_KEY_BYTES_MAX);
    (void)snprintf(text, sizeof text, "{\"order_id\":1,\"idempotency_key\":\"%s\"}", key);
    assert_accepted(COMMAND_CANCEL, text);
    key[IDEMPOTENCY_KEY_BYTES_MAX] = 'k';
    (void)snprintf(text, sizeof text, "{\"order_id\":1,\"idempotency_key\":\"%s\"}", key);
    assert_refused(COMMAND_CANCEL, text, "\"idempotency_key\" is longer than 128 bytes");
}

static void a_line_may_say_who_asked_and_with_which_key(void **state)
{
    (void)state;
    const struct command_origin *o = &parsed.command.origin;
    assert_accepted(
        0,
        "{\"op\":\"clear_key\",\"key\":\"000000000000000A00000000000000ff\",\"actor\":\"ops\",\"request_id\":\"r 1\","
        "\"key_hash\":\"00000000000000010000000000000002\",\"body_hash\":\"00000000000000030000000000000004\"}");
    assert_int_equal(parsed.command.clear_key.key.hi, 10);
    assert_int_equal(parsed.command.clear_key.key.lo, 255);
    assert_name(o->actor, "ops");
    assert_text(o->request_id, "r 1");
    assert_int_equal(o->key.hi, 1);
    assert_int_equal(o->key.lo, 2);
    assert_int_equal(o->body.hi, 3);
    assert_int_equal(o->body.lo, 4);
    assert_refused(0, "{\"op\":\"tick\",\"body_hash\":\"00000000000000030000000000000004\"}", "goes with \"key_hash\"");
    assert_refused(0, "{\"op\":\"tick\",\"key_hash\":\"0003000000000000000g\"}", "\"key_hash\" must be 32 hex digits");
    assert_refused(0, "{\"op\":\"clear_key\"}", "\"key\" is missing");
    /* A caller cannot say who it is: the door knows. */
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"actor\":\"ops\"}", "\"actor\" is unknown");
}

static struct key_hash hash_of(const char *text)
{
    struct key_hash h;
    if (json_canonical_hash(text, strlen(text), &h, &problem) != 0) fail_msg("%s: %s", text, problem.detail);
    return h;
}

static bool hashes_equal(const char *a, const char *b)
{
    struct key_hash x = hash_of(a), y = hash_of(b);
    return x.lo == y.lo && x.hi == y.hi;
}

static void two_bodies_that_ask_the_same_hash_the_same(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"", "{}"},
        {"{\"a\":1,\"b\":[true,null]}", " { \"b\" : [ true , null ] ,\n\"a\" : 1 } "},
        {"{\"a\":1,\"idempotency_key\":\"k\"}", "{\"idempotencyKey\":\"other\",\"a\":1}"},
        {"{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":2,\"x\":1}}"},
        {"{\"a\":\"\\u0041\"}", "{\"a\":\"A\"}"},
        {"{\"account\":1}", "{\"account\":\"1\"}"}, /* an integer id n is the string "n" */
        {"{\"a\":1,\"aa\":2,\"\":3}", "{\"\":3,\"aa\":2,\"a\":1}"},
    };
    static const char *const different[][2] = {
        {"{\"a\":1}", "{\"a\":1.0}"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}"},
        {"{\"a\":[]}", "{\"a\":{}}"},
        {"{\"a\":[[1],2]}", "{\"a\":[[1,2]]}"},
        {"{\"a\":null}", "{}"},
        {"{\"a\":true}", "{\"a\":\"true\"}"},
        {"{\"ab\":\"c\"}", "{\"a\":\"bc\"}"},
        {"{\"a\":{\"idempotency_key\":1}}", "{\"a\":{}}"}, /* of the root alone */
        {"{\"a\":\"\"}", "{\"a\":null}"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (!hashes_equal(same[i][0], same[i][1])) fail_msg("%s is not %s", same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
        if (hashes_equal(different[i][0], different[i][1])) fail_msg("%s is %s", different[i][0], different[i][1]);
    struct key_hash h;
    assert_int_equal(json_canonical_hash("{", 1, &h, &problem), ERR_USAGE);
    assert_int_equal(json_canonical_hash("{\"a\":1,\"a\":1}", 13, &h, &problem), ERR_USAGE);
}

/* Hashes are on tapes: they may never change. */
static void a_bodys_hash_is_the_same_for_ever(void **state)
{
    (void)state;
    char room[KEY_HASH_TEXT_BYTES];
    struct key_hash back,
        h = hash_of("{\"portfolio_id\":1,\"orders\":[{\"instrument_id\":1,\"side\":\"BUY\",\"qty\":100}],\"x\":null}");
    assert_string_equal(key_hash_to_text(h, room), "6ded2472ad2ad4d539749b162da639ed");
    assert_int_equal(key_hash_from_text(&back, room, strlen(room)), 0);
    assert_true(back.lo == h.lo && back.hi == h.hi);
    assert_int_equal(key_hash_from_text(&back, room, 31), ERR_USAGE);
}

static void a_line_names_its_command_and_may_carry_seq_and_time(void **state)
{
    (void)state;
    assert_accepted(0, "{\"seq\":7,\"time\":\"2012-06-21T09:30:00Z\",\"op\":\"cancel\",\"order_id\":\"65536\"}");
    assert_int_equal(parsed.command.kind, COMMAND_CANCEL);
    assert_int_equal(parsed.command.seq, 0);
    assert_int_equal(parsed.command.ts_ns, 0);
    assert_accepted(0, "{\"op\":\"tick\"}");
    assert_accepted(0, "{\"op\":\"CONTINUE\"}");
    assert_accepted(0, "{\"op\":\"set_limits\",\"orders_max\":10}");
    assert_int_equal(parsed.command.set_limits.orders_max, 10);
    assert_int_equal(parsed.command.set_limits.work_max, limits_default().work_max);
    assert_refused(0, "{}", "\"op\" is missing");
    assert_refused(0, "", "\"op\" is missing");
    assert_refused(0, "{\"op\":\"plac\"}", "\"op\" names no command");
    assert_refused(0, "{\"op\":7}", "\"op\" names no command");
    assert_refused(0, "{\"op\":\"cancel\"}", "\"order_id\" is missing");
    assert_refused(0, "{\"op\":\"cancel\",\"order_id\":18446744073709551616}", "\"order_id\" is too large");
    assert_refused(0, "{\"op\":\"cancel\",\"order_id\":\"1e3\"}", "\"order_id\" must be a whole number");
    assert_refused(0, "{\"op\":\"tick\",\"symbol\":\"GOOG\"}", "\"symbol\" is unknown");
    assert_refused(COMMAND_CANCEL, "{\"order_id\":1,\"seq\":7}", "\"seq\" is unknown");
    assert_refused((enum command_kind)99, "{}", "no such command");
}

/* Random commands of every kind that the parser can make, for the way there and back. */
static uint64_t random_state = 20120621;

static uint64_t random_below(uint64_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % bound;
}

static struct decimal random_decimal(bool may_be_absent)
{
    if (may_be_absent && random_below(3) == 0) return (struct decimal){0, DECIMAL_ABSENT};
    int64_t magnitude = (int64_t)(random_state >> 1 >> random_below(63));
    return (struct decimal){random_below(2) == 0 ? magnitude : -magnitude,
                            (uint8_t)random_below(DECIMAL_SCALE_MAX + 1)};
}

static struct amount random_amount(void)
{
    i128 magnitude = (i128)(((u128)random_below(UINT64_MAX) << 63 | random_below(UINT64_MAX)) >> random_below(127));
    return (struct amount){random_below(2) == 0 ? magnitude : -magnitude, (uint8_t)random_below(CASH_SCALE_MAX + 1)};
}

static struct name random_name(void)
{
    struct name n = {{0}};
    size_t len = 1 + random_below(NAME_CHARS_MAX);
    for (size_t i = 0; i < len; i++) {
        do {
            n.bytes[i] = (char)('!' + random_below(94));
        } while (n.bytes[i] == '"' || n.bytes[i] == '\\');
    }
    return n;
}

static struct text random_text(char room[64])
{
    static const char *const pieces[] = {
        "a", " ", "\"", "\\", "/", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "0", "\xef\xbf\xbf"};
    uint32_t len = 0;
    for (uint64_t i = random_below(18); i > 0; i--) {
        const char *piece = pieces[random_below(sizeof pieces / sizeof pieces[0])];
        if (len + strlen(piece) > 64) break;
        memcpy(room + len, piece, strlen(piece));
        len += (uint32_t)strlen(piece);
    }
    return (struct text){room, len};
}

static void random_instrument(struct command_set_instrument *s)
{
    const struct decimal none = {0, DECIMAL_ABSENT};
    s->symbol = random_name();
    s->fields = (uint32_t)random_below(INSTRUMENT_HAS_HALT_ON_BREACH << 1);
    if (s->fields & INSTRUMENT_HAS_CURRENCY) s->currency = random_name();
    s->tick_size = s->fields & INSTRUMENT_HAS_TICK_SIZE ? random_decimal(false) : none;
    s->lot_size = s->fields & INSTRUMENT_HAS_LOT_SIZE ? random_decimal(false) : none;
    s->min_quantity = s->fields & INSTRUMENT_HAS_MIN_QUANTITY ? random_decimal(false) : none;
    s->max_quantity = s->fields & INSTRUMENT_HAS_MAX_QUANTITY ? random_decimal(false) : none;
    s->max_notional = s->fields & INSTRUMENT_HAS_MAX_NOTIONAL ? random_amount() : (struct amount){0, DECIMAL_ABSENT};
    s->collar_percent = s->fields & INSTRUMENT_HAS_COLLAR ? random_decimal(false) : none;
    s->maker_fee_bps = s->fields & INSTRUMENT_HAS_MAKER_FEE ? random_decimal(false) : none;
    s->taker_fee_bps = s->fields & INSTRUMENT_HAS_TAKER_FEE ? random_decimal(false) : none;
    if (s->fields & INSTRUMENT_HAS_TRIGGER) s->trigger = (uint8_t)(1 + random_below(TRIGGER_NUMBER_MAX));
    if (s->fields & INSTRUMENT_HAS_STATE) s->state = (uint8_t)(1 + random_below(INSTRUMENT_STATE_NUMBER_MAX));
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) s->settlement_days = (uint16_t)random_below(65536);
    s->max_leverage = s->fields & INSTRUMENT_HAS_MAX_LEVERAGE ? random_decimal(false) : none;
    if (s->fields & INSTRUMENT_HAS_MARK) s->mark = (uint8_t)(1 + random_below(TRIGGER_NUMBER_MAX));
    if (s->fields & INSTRUMENT_HAS_HALT_ON_BREACH) s->halt_on_breach = random_below(2) == 0;
}

static void random_place(struct command_place *p, char texts[2][64])
{
    p->account = random_name();
    p->symbol = random_name();
    if (random_below(2) == 0) p->venue = random_name();
    p->client_order_id = random_text(texts[0]);
    p->tag = random_text(texts[1]);
    p->price = random_decimal(true);
    p->quantity = random_decimal(false);
    p->stop_price = random_decimal(true);
    p->display_quantity = random_decimal(true);
    p->quote_quantity = random_decimal(true);
    p->min_quantity = random_decimal(true);
    p->trail = random_decimal(true);
    p->leverage = random_decimal(true);
    if (random_below(2) == 0) p->expires_ns = 1 + (int64_t)random_below(INT64_MAX);
    p->side = (uint8_t)(1 + random_below(SIDE_NUMBER_MAX));
    p->type = (uint8_t)(1 + random_below(ORDER_TYPE_NUMBER_MAX));
    p->tif = (uint8_t)(1 + random_below(TIF_NUMBER_MAX));
    p->stp = (uint8_t)random_below(STP_NUMBER_MAX + 1);
    p->flags = (uint8_t)random_below(p->trail.scale == DECIMAL_ABSENT ? PLACE_TRAIL_PERCENT : PLACE_LIQUIDATION);
}

static void random_linked(struct command_place_linked *l, char texts[2][64])
{
    random_place(&l->entry, texts);
    l->link = (uint8_t)(1 + random_below(LINK_NUMBER_MAX));
    l->activation = l->link == LINK_OCO ? 0 : (uint8_t)(1 + random_below(ACTIVATION_NUMBER_MAX));
    l->legs[0] = l->legs[1] = (struct command_leg){.price = {0, DECIMAL_ABSENT}, .stop_price = {0, DECIMAL_ABSENT}};
    for (int i = 0; i < (l->link == LINK_BRACKET ? 2 : 1); i++) {
        l->legs[i].price = random_decimal(true);
        l->legs[i].stop_price = random_decimal(true);
        l->legs[i].side = (uint8_t)random_below(SIDE_NUMBER_MAX + 1);
        l->legs[i].type = (uint8_t)(1 + random_below(ORDER_TYPE_NUMBER_MAX));
        l->legs[i].tif = (uint8_t)(1 + random_below(TIF_NUMBER_MAX));
    }
}

static struct gtt_leg random_gtt_leg(void)
{
    return (struct gtt_leg){random_decimal(true), random_decimal(true), random_decimal(true)};
}

static void random_gtt(struct command_gtt_place *g)
{
    g->account = random_name();
    g->symbol = random_name();
    g->side = (uint8_t)(1 + random_below(SIDE_NUMBER_MAX));
    g->legs_count = (uint8_t)(1 + random_below(2));
    g->legs[0] = random_gtt_leg();
    g->legs[1] = (struct gtt_leg){{0, DECIMAL_ABSENT}, {0, DECIMAL_ABSENT}, {0, DECIMAL_ABSENT}};
    if (g->legs_count == 2) g->legs[1] = random_gtt_leg();
    if (random_below(2) == 0) g->expires_ns = 1 + (int64_t)random_below(INT64_MAX);
}

static void random_gtt_change(struct command_gtt_modify *g)
{
    g->gtt_id = random_below(UINT64_MAX);
    g->legs[0] = random_gtt_leg();
    g->legs[1] = random_gtt_leg();
    if (random_below(2) == 0) g->expires_ns = 1 + (int64_t)random_below(INT64_MAX);
    g->status = (uint8_t)random_below(GTT_STATUS_NUMBER_MAX + 1);
}

static void random_trading(struct command_set_trading *s)
{
    if (random_below(2) == 0) s->account = random_name();
    if (random_below(2) == 0) s->symbol = random_name();
    s->status = (uint8_t)(1 + random_below(ACCOUNT_STATUS_NUMBER_MAX));
    s->cancel = random_below(2) == 0;
}

static void random_account(struct command_set_account *s)
{
    s->account = random_name();
    const struct decimal none = {0, DECIMAL_ABSENT};
    s->fields = (uint32_t)random_below(ACCOUNT_HAS_LIQUIDATION << 1);
    s->leverage = s->fields & ACCOUNT_HAS_LEVERAGE ? random_decimal(false) : none;
    s->max_order_quantity = s->fields & ACCOUNT_HAS_MAX_ORDER_QUANTITY ? random_decimal(false) : none;
    s->max_order_notional = s->fields & ACCOUNT_HAS_MAX_ORDER_NOTIONAL ? random_decimal(false) : none;
    s->max_position = s->fields & ACCOUNT_HAS_MAX_POSITION ? random_decimal(false) : none;
    s->maker_fee_bps = s->fields & ACCOUNT_HAS_MAKER_FEE ? random_decimal(true) : none;
    s->taker_fee_bps = s->fields & ACCOUNT_HAS_TAKER_FEE ? random_decimal(true) : none;
    s->margin_call_percent = s->fields & ACCOUNT_HAS_MARGIN_CALL ? random_decimal(false) : none;
    s->liquidation_percent = s->fields & ACCOUNT_HAS_LIQUIDATION ? random_decimal(false) : none;
    if (s->fields & ACCOUNT_HAS_STP) s->stp = (uint8_t)(1 + random_below(STP_NUMBER_MAX));
    if (s->fields & ACCOUNT_HAS_MAX_OPEN_ORDERS) s->max_open_orders = (uint32_t)random_below(UINT32_MAX);
    if (s->fields & ACCOUNT_HAS_MAX_ORDERS_PER_SECOND) s->max_orders_per_second = (uint32_t)random_below(UINT32_MAX);
    if (s->fields & ACCOUNT_HAS_TYPE) s->type = (uint8_t)(1 + random_below(ACCOUNT_TYPE_NUMBER_MAX));
    if (s->fields & ACCOUNT_HAS_STATUS) s->status = (uint8_t)(1 + random_below(ACCOUNT_STATUS_NUMBER_MAX));
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) s->allow_short = random_below(2) == 0;
}

/* Lists and texts of the random commands of the order desk; each command overwrites them. */
enum { RANDOM_ITEMS_MAX = 4 };
static struct {
    struct command_place orders[RANDOM_ITEMS_MAX];
    struct route_rule rules[RANDOM_ITEMS_MAX];
    struct fill_row fills[RANDOM_ITEMS_MAX];
    struct statement_row rows[RANDOM_ITEMS_MAX];
    char texts[RANDOM_ITEMS_MAX][2][64];
    char request_id[64];
} desk;

static struct text random_text_given(char room[64])
{
    struct text t = random_text(room);
    if (t.len_bytes == 0) room[t.len_bytes++] = 'x';
    return t;
}

static uint32_t random_orders(void)
{
    uint32_t count = (uint32_t)random_below(RANDOM_ITEMS_MAX + 1);
    memset(desk.orders, 0, sizeof desk.orders);
    for (uint32_t i = 0; i < count; i++) random_place(&desk.orders[i], desk.texts[i]);
    return count;
}

static uint32_t random_rules(void)
{
    uint32_t count = (uint32_t)random_below(RANDOM_ITEMS_MAX + 1);
    memset(desk.rules, 0, sizeof desk.rules);
    for (uint32_t i = 0; i < count; i++) {
        struct route_rule *r = &desk.rules[i];
        if (random_below(2) == 0) r->account = random_name();
        if (random_below(2) == 0) r->symbol = random_name();
        r->min_quantity = random_decimal(true);
        r->max_quantity = random_decimal(true);
        r->type = (uint8_t)random_below(ORDER_TYPE_NUMBER_MAX + 1);
        r->side = (uint8_t)random_below(SIDE_NUMBER_MAX + 1);
        for (uint64_t k = random_below(ROUTE_CANDIDATES_MAX + 1); k > 0; k--) r->venues[k - 1] = random_name();
    }
    return count;
}

static uint32_t random_fills(void)
{
    uint32_t count = (uint32_t)random_below(RANDOM_ITEMS_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        desk.fills[i] = (struct fill_row){.order_id = 1 + random_below(UINT64_MAX - 1),
                                          .price = random_decimal(true),
                                          .quantity = random_decimal(true),
                                          .exec_id = random_text(desk.texts[i][0]),
                                          .ref_exec_id = random_text(desk.texts[i][1]),
                                          .kind = (uint8_t)(1 + random_below(FILL_KIND_NUMBER_MAX))};
    }
    return count;
}

static uint32_t random_statement_rows(void)
{
    uint32_t count = (uint32_t)random_below(RANDOM_ITEMS_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        desk.rows[i] =
            (struct statement_row){.exec_id = random_text_given(desk.texts[i][0]),
                                   .ext_order_id = random_text(desk.texts[i][1]),
                                   .symbol = random_name(),
                                   .price = random_decimal(false),
                                   .quantity = random_decimal(false),
                                   .fee = random_below(2) == 0 ? random_amount() : (struct amount){0, DECIMAL_ABSENT},
                                   .side = (uint8_t)(1 + random_below(SIDE_NUMBER_MAX))};
    }
    return count;
}

static struct key_hash random_key(void)
{
    return (struct key_hash){1 + random_below(UINT64_MAX - 1), random_below(UINT64_MAX)};
}

static void random_origin(struct command_origin *o)
{
    if (random_below(2) == 0) o->actor = random_name();
    if (random_below(2) == 0) o->request_id = random_text(desk.request_id);
    if (random_below(2) == 0) o->key = random_key();
    if (o->key.lo != 0) o->body = random_key();
}

static void random_report(struct command_report *r)
{
    r->order_id = random_below(UINT64_MAX);
    r->report = (uint8_t)(1 + random_below(REPORT_NUMBER_MAX));
    if (random_below(2) == 0) r->venue = random_name();
    r->ext_order_id = random_text(desk.texts[0][0]);
    r->reason = random_text(desk.texts[0][1]);
}

static void random_desk_command(struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_VENUE:
        c->set_venue =
            (struct command_set_venue){random_name(), (uint8_t)random_below(VENUE_STATE_NUMBER_MAX + 1),
                                       (uint8_t)random_below(3), (uint8_t)(1 + random_below(VENUE_CAUSE_NUMBER_MAX))};
        break;
    case COMMAND_SET_ROUTING: c->set_routing = (struct command_set_routing){desk.rules, random_rules()}; break;
    case COMMAND_BATCH:
        if (random_below(2) == 0) c->batch.account = random_name();
        c->batch.orders = desk.orders;
        c->batch.orders_count = random_orders();
        c->batch.atomic = random_below(2) == 0;
        break;
    case COMMAND_CANCEL_BATCH:
        c->cancel_batch = (struct command_cancel_batch){random_below(UINT64_MAX), (uint32_t)random_below(UINT32_MAX)};
        break;
    case COMMAND_ROUTE:
        c->route.order_id = random_below(UINT64_MAX);
        if (random_below(2) == 0) c->route.venue = random_name();
        break;
    case COMMAND_REPORT: random_report(&c->report); break;
    case COMMAND_FILL:
        if (random_below(2) == 0) c->fill.venue = random_name();
        c->fill.fills = desk.fills;
        c->fill.fills_count = random_fills();
        c->fill.simulated = random_below(2) == 0;
        break;
    case COMMAND_SETTLE: c->settle.order_id = random_below(UINT64_MAX); break;
    case COMMAND_CLEAR_KEY: c->clear_key.key = random_key(); break;
    case COMMAND_STATEMENT:
        if (random_below(2) == 0) c->statement.venue = random_name();
        if (random_below(2) == 0) c->statement.account = random_name();
        c->statement.from_ns = (int64_t)random_below(INT64_MAX);
        c->statement.to_ns = (int64_t)random_below(INT64_MAX);
        c->statement.rows = desk.rows;
        c->statement.rows_count = random_statement_rows();
        break;
    default: break;
    }
}

static void random_command(struct command *c, char texts[2][64])
{
    memset(c, 0, sizeof *c);
    random_origin(&c->origin);
    c->seq = 1;
    c->ts_ns = (int64_t)random_below(INT64_MAX);
    c->kind = (uint8_t)(1 + random_below(COMMAND_KIND_NUMBER_MAX));
    switch (c->kind) {
    case COMMAND_SET_LIMITS:
#define X(field, def, largest) c->set_limits.field = (uint32_t)random_below(UINT32_MAX);
        LIMITS(X)
#undef X
        break;
    case COMMAND_SET_CURRENCY:
        c->set_currency.currency = random_name();
        c->set_currency.scale = random_below(2) == 0 ? DECIMAL_ABSENT : (uint8_t)random_below(CASH_SCALE_MAX + 1);
        break;
    case COMMAND_SET_INSTRUMENT: random_instrument(&c->set_instrument); break;
    case COMMAND_SET_ACCOUNT: random_account(&c->set_account); break;
    case COMMAND_MOVE_CASH:
        c->move_cash = (struct command_move_cash){random_name(), random_name(), random_amount()};
        break;
    case COMMAND_SET_QUOTE:
        c->set_quote = (struct command_set_quote){random_name(), random_decimal(true), random_decimal(true),
                                                  random_decimal(true), random_decimal(true)};
        break;
    case COMMAND_PLACE: random_place(&c->place, texts); break;
    case COMMAND_MODIFY:
        c->modify = (struct command_modify){random_below(UINT64_MAX), random_decimal(true), random_decimal(true),
                                            random_decimal(true), random_decimal(true)};
        break;
    case COMMAND_CANCEL: c->cancel.order_id = random_below(UINT64_MAX); break;
    case COMMAND_MASS_CANCEL:
        if (random_below(2) == 0) c->mass_cancel.account = random_name();
        if (random_below(2) == 0) c->mass_cancel.symbol = random_name();
        c->mass_cancel.side = (uint8_t)random_below(3);
        break;
    case COMMAND_END_OF_DAY:
        if (random_below(2) == 0) c->end_of_day.symbol = random_name();
        break;
    case COMMAND_PLACE_LINKED: random_linked(&c->place_linked, texts); break;
    case COMMAND_SET_TRADING: random_trading(&c->set_trading); break;
    case COMMAND_GTT_PLACE: random_gtt(&c->gtt_place); break;
    case COMMAND_GTT_MODIFY: random_gtt_change(&c->gtt_modify); break;
    case COMMAND_GTT_DELETE: c->gtt_delete.gtt_id = random_below(UINT64_MAX); break;
    case COMMAND_CHECK_MARGIN:
        if (random_below(2) == 0) c->check_margin.account = random_name();
        break;
    default: random_desk_command(c); break;
    }
}

/* Two commands are the same when the tape would hold the same bytes for them. */
static void assert_same_on_tape(struct command_encoder *encoder, const struct command *a, const struct command *b)
{
    static uint8_t kept[16384];
    const uint8_t *bytes;
    size_t len_a, len_b;
    assert_int_equal(command_encoder_add(encoder, a), 0);
    assert_int_equal(command_encoder_finish(encoder, &bytes, &len_a), 0);
    assert_true(len_a <= sizeof kept);
    memcpy(kept, bytes, len_a);
    assert_int_equal(command_encoder_add(encoder, b), 0);
    assert_int_equal(command_encoder_finish(encoder, &bytes, &len_b), 0);
    assert_int_equal(len_a, len_b);
    assert_memory_equal(kept, bytes, len_a);
}

static void every_command_comes_back_from_its_line(void **state)
{
    (void)state;
    struct command_encoder *encoder;
    struct json *j = json_new();
    assert_non_null(j);
    assert_int_equal(command_encoder_new(&encoder), 0);
    for (int i = 0; i < 20000; i++) {
        struct command c;
        char texts[2][64];
        size_t len;
        random_command(&c, texts);
        json_reset(j);
        json_command(j, &c);
        const char *line = json_bytes(j, &len);
        assert_non_null(line);
        json_command_free(&parsed);
        if (json_command_parse(0, line, len, NULL, &parsed, &problem) != 0)
            fail_msg("%.*s: %s", (int)len, line, problem.detail);
        parsed.command.seq = c.seq;
        parsed.command.ts_ns = c.ts_ns;
        assert_same_on_tape(encoder, &c, &parsed.command);
    }
    command_encoder_free(encoder);
    json_free(j);
}

static void a_body_that_is_too_large_is_refused_as_such(void **state)
{
    (void)state;
    char *text = malloc(JSON_BODY_BYTES_MAX + 1);
    assert_non_null(text);
    memset(text, ' ', JSON_BODY_BYTES_MAX + 1);
    memcpy(text, "{\"order_id\":1}", 14);
    json_command_free(&parsed);
    assert_int_equal(json_command_parse(COMMAND_CANCEL, text, JSON_BODY_BYTES_MAX, NULL, &parsed, &problem), 0);
    json_command_free(&parsed);
    assert_int_equal(json_command_parse(COMMAND_CANCEL, text, JSON_BODY_BYTES_MAX + 1, NULL, &parsed, &problem),
                     ERR_USAGE);
    assert_int_equal(problem.status, 413);
    /* As many values, keys and levels as fit are bounded too. */
    memset(text, '[', JSON_BODY_BYTES_MAX);
    assert_int_equal(json_command_parse(COMMAND_CANCEL, text, JSON_BODY_BYTES_MAX, NULL, &parsed, &problem), ERR_USAGE);
    for (int i = 0; i < JSON_BODY_BYTES_MAX; i += 2) memcpy(text + i, "1,", 2);
    text[0] = '[';
    assert_int_equal(json_command_parse(COMMAND_CANCEL, text, JSON_BODY_BYTES_MAX, NULL, &parsed, &problem), ERR_USAGE);
    size_t len = 1;
    text[0] = '{';
    for (int i = 0; i < 65; i++) len += (size_t)snprintf(text + len, 16, "\"k%d\":1,", i);
    assert_int_equal(json_command_parse(COMMAND_CANCEL, text, len, NULL, &parsed, &problem), ERR_USAGE);
    assert_string_equal(problem.detail, "an object has too many members");
    free(text);
}

static void break_body(enum command_kind kind, const char *whole, size_t len)
{
    char text[512];
    assert_true(len <= sizeof text);
    json_command_free(&parsed);
    for (size_t cut_len = 1; cut_len < len; cut_len++) { /* nothing at all is {} */
        char *cut = malloc(cut_len);                     /* its end is where the sanitizer looks */
        assert_non_null(cut);
        memcpy(cut, whole, cut_len);
        assert_int_equal(json_command_parse(kind, cut, cut_len, NULL, &parsed, &problem), ERR_USAGE);
        free(cut);
    }
    for (int i = 0; i < 20000; i++) {
        memcpy(text, whole, len);
        for (uint64_t k = 1 + random_below(3); k > 0; k--) text[random_below(len)] = (char)random_below(256);
        int result = json_command_parse(kind, text, len, NULL, &parsed, &problem);
        assert_true(result == 0 || result == ERR_USAGE);
        json_command_free(&parsed);
    }
}

static void broken_bodies_never_do_harm(void **state)
{
    (void)state;
    static const struct {
        enum command_kind kind;
        const char *whole;
    } rows[] = {
        {COMMAND_PLACE, ORDER(",\"type\":\"LIMIT\",\"price\":145.50,\"tag\":\"\\ud83d\\ude00\",\"stp\":\"none\"")},
        {COMMAND_PLACE,
         ORDER(",\"link\":{\"type\":\"BRACKET\",\"take_profit\":{\"price\":1},\"stop_loss\":{\"stop_price\":2}}")},
        {COMMAND_PLACE, ORDER(",\"link\":{\"type\":\"BRACKET\",\"legs\":[{\"price\":1},{\"stop_price\":2}]}")},
        {COMMAND_GTT_PLACE,
         "{\"account\":\"a\",\"symbol\":\"G\",\"side\":\"BUY\",\"legs\":[{\"trigger_price\":1},null]}"},
        {COMMAND_SET_ACCOUNT, "{\"account\":\"a\",\"limits\":{\"max_position\":5},\"taker_fee_bps\":null}"},
        {COMMAND_PLACE, "{\"account\":\"a\",\"orders\":[{\"symbol\":1,\"side\":\"BUY\",\"qty\":1,\"tag\":\"x\"},"
                        "{\"symbol\":1,\"side\":\"BUY\",\"qty\":1}],\"idempotency_key\":\"k\"}"},
        {COMMAND_SET_ROUTING, "{\"rules\":[{\"type\":\"STOP\",\"venues\":[\"A\",\"B\"]},{\"venues\":[\"C\"]}]}"},
        {COMMAND_FILL, "{\"order_id\":7,\"fills\":[{\"price\":1,\"qty\":2,\"exec_id\":\"x\"},{\"order_id\":null}]}"},
        {COMMAND_STATEMENT,
         STATEMENT("{\"exec_id\":\"x\",\"symbol\":\"S\",\"side\":\"BUY\",\"price\":1,\"qty\":1,\"fee\":2}")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_accepted(rows[i].kind, rows[i].whole);
        break_body(rows[i].kind, rows[i].whole, strlen(rows[i].whole));
    }
}

static struct json_scenario scenario_of(const char *text)
{
    struct json_scenario s;
    if (json_scenario_parse(text, strlen(text), &s, &problem) != 0) fail_msg("%s: %s", text, problem.detail);
    return s;
}

static void a_scenario_is_read_whole(void **state)
{
    (void)state;
    struct json_scenario s = scenario_of(
        "{\"base\":{\"snapshot\":100},\"until\":{\"time\":\"2012-06-21T20:00:00Z\"},\"edits\":["
        "{\"insert\":{\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":500,\"price\":\"570\","
        "\"client_order_id\":\"mine\"},\"at_time\":\"2012-06-21T14:00:00Z\"},"
        "{\"at_seq\":\"105\",\"insert\":{\"op\":\"cancel\",\"order_id\":\"65536\"}},"
        "{\"drop\":{\"seq\":7}},{\"drop\":{\"order_id\":\"131072\"}},{\"drop\":{\"account\":\"bob\"}}],"
        "\"report\":[\"orders\",\"book\"],\"accounts\":[\"ann\",7],\"symbols\":[\"GOOG\"]}");
    const struct whatif_scenario *w = &s.scenario;
    assert_int_equal(w->base.kind, WHATIF_SNAPSHOT);
    assert_int_equal(w->base.seq, 100);
    assert_int_equal(w->until.kind, WHATIF_TIME);
    assert_int_equal(w->until.ts_ns, 1340308800000000000);
    assert_int_equal(w->edits_count, 5);
    assert_int_equal(w->edits[0].kind, WHATIF_INSERT);
    assert_int_equal(w->edits[0].at.kind, WHATIF_TIME);
    assert_int_equal(w->edits[0].command.kind, COMMAND_PLACE);
    assert_text(w->edits[0].command.place.client_order_id, "mine");
    assert_int_equal(w->edits[1].at.kind, WHATIF_SEQ);
    assert_int_equal(w->edits[1].at.seq, 105);
    assert_int_equal(w->edits[1].command.cancel.order_id, 65536);
    assert_int_equal(w->edits[2].kind, WHATIF_DROP_SEQ);
    assert_int_equal(w->edits[2].seq, 7);
    assert_int_equal(w->edits[3].kind, WHATIF_DROP_ORDER);
    assert_int_equal(w->edits[3].order_id, 131072);
    assert_int_equal(w->edits[4].kind, WHATIF_DROP_ACCOUNT);
    assert_name(w->edits[4].account, "bob");
    assert_int_equal(w->report, WHATIF_ORDERS | WHATIF_BOOK);
    assert_int_equal(w->accounts_count, 2);
    assert_name(w->accounts[1], "7");
    assert_int_equal(w->symbols_count, 1);
    assert_name(w->symbols[0], "GOOG");
    json_scenario_free(&s);
}

static void a_scenarios_linked_order_keeps_its_texts(void **state)
{
    (void)state;
    struct json_scenario s = scenario_of(
        "{\"edits\":[{\"insert\":{\"account\":\"ann\",\"symbol\":\"GOOG\",\"side\":\"BUY\",\"quantity\":5,\"price\":1,"
        "\"client_order_id\":\"mine\",\"tag\":\"t\",\"link\":{\"type\":\"OCO\",\"legs\":[{\"stop_price\":2}]}},\"at_"
        "seq\":1}]}");
    assert_int_equal(s.scenario.edits[0].command.kind, COMMAND_PLACE_LINKED);
    assert_text(s.scenario.edits[0].command.place_linked.entry.client_order_id, "mine");
    assert_text(s.scenario.edits[0].command.place_linked.entry.tag, "t");
    json_scenario_free(&s);
}

static void a_scenarios_batch_keeps_its_orders(void **state)
{
    (void)state;
    struct json_scenario s = scenario_of("{\"edits\":[{\"insert\":{\"account\":\"ann\",\"orders\":[{\"symbol\":\"G\","
                                         "\"side\":\"BUY\",\"quantity\":5,\"tag\":\"t\"},"
                                         "{\"symbol\":\"G\",\"side\":\"SELL\",\"quantity\":6}]},\"at_seq\":1},{"
                                         "\"insert\":{\"op\":\"set_venue\",\"venue\":\"Z\","
                                         "\"state\":\"DOWN\"},\"at_time\":\"2012-06-21T10:00:00Z\"}]}");
    const struct command_batch *b = &s.scenario.edits[0].command.batch;
    assert_int_equal(s.scenario.edits[0].command.kind, COMMAND_BATCH);
    assert_int_equal(b->orders_count, 2);
    assert_text(b->orders[0].tag, "t");
    assert_decimal(b->orders[1].quantity, 6, 0);
    assert_int_equal(s.scenario.edits[1].command.set_venue.state, VENUE_STATE_DOWN);
    json_scenario_free(&s);
}

static void a_scenario_without_anything_is_the_whole_tape(void **state)
{
    (void)state;
    struct json_scenario s = scenario_of("{}");
    assert_int_equal(s.scenario.base.kind, WHATIF_NONE);
    assert_int_equal(s.scenario.until.kind, WHATIF_NONE);
    assert_int_equal(s.scenario.edits_count, 0);
    assert_int_equal(s.scenario.report, 0);
    json_scenario_free(&s);
    s = scenario_of("{\"base\":{\"seq\":0},\"edits\":[],\"report\":[],\"accounts\":[],\"symbols\":null}");
    assert_int_equal(s.scenario.base.kind, WHATIF_SEQ);
    json_scenario_free(&s);
}

static void a_scenario_that_is_not_one_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } rows[] = {
        {"[]", "must be an object"},
        {"{\"bases\":{}}", "\"bases\" is unknown"},
        {"{\"base\":5}", "\"base\" must be one of"},
        {"{\"base\":{\"seq\":1,\"time\":\"x\"}}", "\"base\" must be one of"},
        {"{\"base\":{\"seq\":-1}}", "\"seq\" must be a whole"},
        {"{\"until\":{\"snapshot\":1}}", "\"snapshot\" is unknown"},
        {"{\"edits\":{}}", "\"edits\" must be a list"},
        {"{\"edits\":[5]}", "an edit must be an object"},
        {"{\"edits\":[{}]}", "must have \"insert\" or \"drop\""},
        {"{\"edits\":[{\"drop\":{\"seq\":1},\"at_seq\":1}]}", "a drop has no other"},
        {"{\"edits\":[{\"drop\":{\"seqs\":1}}]}", "\"seqs\" is unknown"},
        {"{\"edits\":[{\"drop\":7}]}", "\"drop\" must be one of"},
        {"{\"edits\":[{\"replace\":{\"seq\":1,\"set\":{}}}]}", "\"replace\" is not supported"},
        {"{\"edits\":[{\"insert\":{\"op\":\"tick\"}}]}", "needs \"at_seq\" or \"at_time\""},
        {"{\"edits\":[{\"insert\":{\"op\":\"tick\"},\"at_seq\":1,\"at_time\":\"2012-06-21T14:00:00Z\"}]}",
         "\"at_time\" says again"},
        {"{\"edits\":[{\"insert\":{\"op\":\"tick\"},\"at_seq\":1,\"drop\":{}}]}", "\"drop\" is unknown"},
        {"{\"edits\":[{\"insert\":{\"account\":\"a\"},\"at_seq\":1}]}", "\"symbol\" is missing"},
        {"{\"edits\":[{\"insert\":7,\"at_seq\":1}]}", "a command must be an object"},
        {"{\"edits\":[{\"insert\":{\"account\":1,\"symbol\":1,\"side\":\"BUY\",\"qty\":1},\"at_seq\":1},{\"insert\":{"
         "\"op\":\"settle\"},"
         "\"at_seq\":1}]}",
         "\"order_id\" is missing"}, /* what the first holds is given back */
        {"{\"report\":[\"order\"]}", "\"report\" may hold"},
        {"{\"accounts\":[\"a b\"]}", "\"accounts\" must be a list of names"},
        {"{\"symbols\":\"GOOG\"}", "\"symbols\" must be a list"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct json_scenario s;
        assert_int_equal(json_scenario_parse(rows[i].text, strlen(rows[i].text), &s, &problem), ERR_USAGE);
        assert_null(s.memory);
        if (strstr(problem.detail, rows[i].detail) == NULL) fail_msg("%s: says %s", rows[i].text, problem.detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_with_every_field_is_understood),
        cmocka_unit_test(what_an_order_leaves_out_is_absent_or_has_its_default),
        cmocka_unit_test(the_names_that_callers_already_use_are_understood),
        cmocka_unit_test(what_is_not_understood_is_refused_by_name),
        cmocka_unit_test(a_client_order_id_is_any_text_of_64_bytes),
        cmocka_unit_test(a_body_may_repeat_its_path_but_not_contradict_it),
        cmocka_unit_test(an_instruments_body_names_what_it_changes),
        cmocka_unit_test(an_order_says_how_it_follows_and_what_it_needs_at_once),
        cmocka_unit_test(a_link_makes_an_order_the_entry_of_a_group),
        cmocka_unit_test(an_account_says_its_limits_fees_and_margins),
        cmocka_unit_test(a_trading_state_is_a_command_of_its_own),
        cmocka_unit_test(a_gtt_has_one_leg_or_two),
        cmocka_unit_test(a_venue_says_its_state_and_whether_fills_may_be_made_up),
        cmocka_unit_test(a_routing_table_is_a_list_of_rules),
        cmocka_unit_test(a_body_with_orders_is_a_batch),
        cmocka_unit_test(an_order_of_a_batch_is_refused_by_its_place),
        cmocka_unit_test(a_batch_holds_ten_thousand_orders_and_not_one_more),
        cmocka_unit_test(what_a_broker_says_of_an_order_is_a_report),
        cmocka_unit_test(a_fill_without_an_order_is_of_the_paths),
        cmocka_unit_test(an_order_is_routed_settled_and_a_batch_cancelled_by_hand),
        cmocka_unit_test(a_statement_has_a_time_and_rows),
        cmocka_unit_test(any_body_may_carry_an_idempotency_key),
        cmocka_unit_test(a_line_may_say_who_asked_and_with_which_key),
        cmocka_unit_test(two_bodies_that_ask_the_same_hash_the_same),
        cmocka_unit_test(a_bodys_hash_is_the_same_for_ever),
        cmocka_unit_test(a_line_names_its_command_and_may_carry_seq_and_time),
        cmocka_unit_test(every_command_comes_back_from_its_line),
        cmocka_unit_test(a_body_that_is_too_large_is_refused_as_such),
        cmocka_unit_test(broken_bodies_never_do_harm),
        cmocka_unit_test(a_scenario_is_read_whole),
        cmocka_unit_test(a_scenarios_linked_order_keeps_its_texts),
        cmocka_unit_test(a_scenarios_batch_keeps_its_orders),
        cmocka_unit_test(a_scenario_without_anything_is_the_whole_tape),
        cmocka_unit_test(a_scenario_that_is_not_one_is_refused_by_name),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_command_free(&parsed);
    return failed;
}
