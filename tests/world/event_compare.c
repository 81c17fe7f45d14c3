/* tests/world/event_compare.c - one function a kind, the fields in the order of core/event.h. */
#include "tests/world/event_compare.h"

#include "core/limits.h"

#include <stdio.h>
#include <string.h>

static bool number_differs(const char *field, i128 left, i128 right, char *why)
{
    char left_text[DECIMAL_TEXT_BYTES_MAX], right_text[DECIMAL_TEXT_BYTES_MAX];
    decimal_to_text(left, 0, left_text);
    decimal_to_text(right, 0, right_text);
    snprintf(why, DIFFERENCE_BYTES, "%s: %s and %s", field, left_text, right_text);
    return false;
}

static bool text_differs(const char *field, const char *left, const char *right, int len_bytes_max, char *why)
{
    snprintf(why, DIFFERENCE_BYTES, "%s: '%.*s' and '%.*s'", field, len_bytes_max, left, len_bytes_max, right);
    return false;
}

/* NUMBER and BYTES leave the function with false at the first difference; they expect a, b and why. */
#define NUMBER(field)                                                                                                  \
    do {                                                                                                               \
        if (a->field != b->field) return number_differs(#field, (i128)a->field, (i128)b->field, why);                  \
    } while (0)
#define BYTES(field)                                                                                                   \
    do {                                                                                                               \
        if (memcmp(&a->field, &b->field, sizeof a->field) != 0)                                                        \
            return text_differs(#field, (const char *)&a->field, (const char *)&b->field, (int)sizeof a->field, why);  \
    } while (0)

static bool same_terms(const struct order_terms *a, const struct order_terms *b, char *why)
{
    BYTES(account);
    BYTES(symbol);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(expires_ns);
    NUMBER(stop_price);
    NUMBER(display_quantity);
    NUMBER(trail);
    NUMBER(gtt_id);
    NUMBER(leverage);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(stop_price_scale);
    NUMBER(display_scale);
    NUMBER(trail_scale);
    NUMBER(side);
    NUMBER(type);
    NUMBER(tif);
    NUMBER(flags);
    NUMBER(stp);
    NUMBER(venue);
    NUMBER(phase);
    NUMBER(link);
    NUMBER(member);
    NUMBER(activation);
    NUMBER(client_order_id_len);
    BYTES(client_order_id);
    return true;
}

static bool same_rejected(const struct event_rejected *a, const struct event_rejected *b, char *why)
{
    NUMBER(refusal.reason);
    NUMBER(command_kind);
    NUMBER(order_id);
    NUMBER(refusal.field);
    NUMBER(refusal.value_scale);
    NUMBER(refusal.limit_scale);
    NUMBER(refusal.value);
    NUMBER(refusal.limit);
    return same_terms(&a->terms, &b->terms, why);
}

static bool same_placed(const struct event_placed *a, const struct event_placed *b, char *why)
{
    NUMBER(order_id);
    NUMBER(hold);
    NUMBER(currency_scale);
    return same_terms(&a->terms, &b->terms, why);
}

static bool same_filled(const struct event_filled *a, const struct event_filled *b, char *why)
{
    BYTES(symbol);
    BYTES(buy_account);
    BYTES(sell_account);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(notional);
    NUMBER(buy_order_id);
    NUMBER(sell_order_id);
    NUMBER(buy_leaves);
    NUMBER(sell_leaves);
    NUMBER(buy_fee);
    NUMBER(sell_fee);
    NUMBER(buy_hold);
    NUMBER(sell_hold);
    NUMBER(aggressor_side);
    NUMBER(venue);
    NUMBER(simulated);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_cancelled(const struct event_cancelled *a, const struct event_cancelled *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(leaves);
    NUMBER(reject);
    NUMBER(reason);
    NUMBER(side);
    NUMBER(quantity_scale);
    return true;
}

static bool same_modified(const struct event_modified *a, const struct event_modified *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(leaves);
    NUMBER(stop_price);
    NUMBER(display_quantity);
    NUMBER(hold);
    NUMBER(side);
    NUMBER(kept_priority);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_limits(const struct limits *a, const struct limits *b, char *why)
{
#define X(field, def, largest) NUMBER(field);
    LIMITS(X)
#undef X
    return true;
}

static bool same_currency(const struct currency_state *a, const struct currency_state *b, char *why)
{
    NUMBER(id);
    BYTES(currency);
    NUMBER(scale);
    return true;
}

static bool same_spec(const struct instrument_spec *a, const struct instrument_spec *b, char *why)
{
    BYTES(symbol);
    BYTES(currency);
    NUMBER(max_notional);
    NUMBER(tick);
    NUMBER(lot);
    NUMBER(min_quantity);
    NUMBER(max_quantity);
    NUMBER(collar_ppm);
    NUMBER(maker_fee_rate);
    NUMBER(taker_fee_rate);
    NUMBER(max_leverage);
    NUMBER(settlement_days);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    NUMBER(trigger);
    NUMBER(state);
    NUMBER(mark);
    NUMBER(trading);
    NUMBER(halt_on_breach);
    return true;
}

static bool same_instrument(const struct instrument_state *a, const struct instrument_state *b, char *why)
{
    NUMBER(id);
    NUMBER(tick_gcd);
    NUMBER(lot_gcd);
    NUMBER(last_price);
    NUMBER(bid);
    NUMBER(bid_quantity);
    NUMBER(ask);
    NUMBER(ask_quantity);
    NUMBER(range_low);
    NUMBER(range_high);
    NUMBER(auction_price);
    return same_spec(&a->spec, &b->spec, why);
}

static bool same_account_limits(const struct account_limits *a, const struct account_limits *b, char *why)
{
    NUMBER(max_order_quantity);
    NUMBER(max_position);
    NUMBER(max_order_notional);
    NUMBER(maker_fee_rate);
    NUMBER(taker_fee_rate);
    NUMBER(margin_call_ppm);
    NUMBER(liquidation_ppm);
    NUMBER(max_open_orders);
    NUMBER(max_orders_per_second);
    NUMBER(own_maker_fee);
    NUMBER(own_taker_fee);
    return true;
}

static bool same_account(const struct account_state *a, const struct account_state *b, char *why)
{
    NUMBER(id);
    BYTES(account);
    NUMBER(leverage);
    NUMBER(type);
    NUMBER(status);
    NUMBER(stp);
    NUMBER(allow_short);
    NUMBER(rate_tat_ns);
    return same_account_limits(&a->limits, &b->limits, why);
}

static bool same_cash_moved(const struct event_cash_moved *a, const struct event_cash_moved *b, char *why)
{
    BYTES(account);
    BYTES(currency);
    NUMBER(amount);
    NUMBER(cash);
    NUMBER(scale);
    return true;
}

static bool same_quoted(const struct event_quoted *a, const struct event_quoted *b, char *why)
{
    BYTES(symbol);
    NUMBER(bid);
    NUMBER(bid_quantity);
    NUMBER(ask);
    NUMBER(ask_quantity);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    return true;
}

static bool same_swept(const struct event_swept *a, const struct event_swept *b, char *why)
{
    NUMBER(orders);
    NUMBER(more);
    NUMBER(sweep);
    return true;
}

static bool same_triggered(const struct event_triggered *a, const struct event_triggered *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(stop_price);
    NUMBER(price);
    NUMBER(side);
    NUMBER(type);
    NUMBER(price_scale);
    return true;
}

static bool same_activated(const struct event_activated *a, const struct event_activated *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(quantity);
    NUMBER(leaves);
    NUMBER(hold);
    NUMBER(side);
    NUMBER(phase);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_reduced(const struct event_reduced *a, const struct event_reduced *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(quantity);
    NUMBER(leaves);
    NUMBER(hold);
    NUMBER(side);
    NUMBER(reason);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_displayed(const struct event_displayed *a, const struct event_displayed *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(shown);
    NUMBER(side);
    NUMBER(quantity_scale);
    return true;
}

static bool same_trailed(const struct event_trailed *a, const struct event_trailed *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(stop_price);
    NUMBER(side);
    NUMBER(price_scale);
    return true;
}

static bool same_prevented(const struct event_prevented *a, const struct event_prevented *b, char *why)
{
    BYTES(account);
    BYTES(symbol);
    NUMBER(newest_order_id);
    NUMBER(oldest_order_id);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(stp);
    NUMBER(newest_side);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    return true;
}

static bool same_uncrossed(const struct event_uncrossed *a, const struct event_uncrossed *b, char *why)
{
    BYTES(symbol);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(imbalance);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    return true;
}

static bool same_state_set(const struct event_state_set *a, const struct event_state_set *b, char *why)
{
    BYTES(symbol);
    NUMBER(state);
    NUMBER(before);
    NUMBER(cause);
    return true;
}

static bool same_trading_set(const struct event_trading_set *a, const struct event_trading_set *b, char *why)
{
    BYTES(account);
    BYTES(symbol);
    NUMBER(status);
    NUMBER(before);
    return true;
}

static bool same_gtt_leg(const struct event_gtt_leg *a, const struct event_gtt_leg *b, char *why)
{
    NUMBER(trigger_price);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(direction);
    return true;
}

static bool same_gtt_set(const struct event_gtt_set *a, const struct event_gtt_set *b, char *why)
{
    NUMBER(gtt_id);
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(expires_ns);
    NUMBER(reject);
    NUMBER(status);
    NUMBER(side);
    NUMBER(leg);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    return same_gtt_leg(&a->legs[0], &b->legs[0], why) && same_gtt_leg(&a->legs[1], &b->legs[1], why);
}

static bool same_margin_called(const struct event_margin_called *a, const struct event_margin_called *b, char *why)
{
    BYTES(account);
    BYTES(currency);
    NUMBER(equity);
    NUMBER(exposure);
    NUMBER(required_ppm);
    NUMBER(liquidation);
    NUMBER(currency_scale);
    return true;
}

static bool same_routed(const struct event_routed *a, const struct event_routed *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    for (int k = 0; k < ROUTE_CANDIDATES_MAX; k++) BYTES(candidates[k]);
    BYTES(chosen);
    NUMBER(retry_ns);
    NUMBER(attempt);
    NUMBER(rule);
    NUMBER(venue);
    NUMBER(cause);
    NUMBER(asked);
    NUMBER(manual_review);
    return true;
}

static bool same_acked(const struct event_acked *a, const struct event_acked *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    BYTES(venue);
    NUMBER(state);
    NUMBER(ext_order_id_len);
    BYTES(ext_order_id);
    return true;
}

static bool same_executed(const struct event_executed *a, const struct event_executed *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    BYTES(venue);
    NUMBER(excess);
    NUMBER(kind);
    NUMBER(late);
    NUMBER(simulated);
    NUMBER(quantity_scale);
    NUMBER(exec_id_len);
    BYTES(exec_id);
    return true;
}

static bool same_broker_state(const struct event_broker_state *a, const struct event_broker_state *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    BYTES(venue);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(stop_price);
    NUMBER(leaves);
    NUMBER(hold);
    NUMBER(state);
    NUMBER(before);
    NUMBER(report);
    NUMBER(side);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    NUMBER(reason_len);
    BYTES(reason);
    return true;
}

static bool same_busted(const struct event_busted *a, const struct event_busted *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    BYTES(venue);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(notional);
    NUMBER(fee);
    NUMBER(hold);
    NUMBER(leaves);
    NUMBER(side);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    NUMBER(exec_id_len);
    BYTES(exec_id);
    return true;
}

static bool same_settled(const struct event_settled *a, const struct event_settled *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    BYTES(venue);
    NUMBER(by_command);
    return true;
}

static bool same_venue_set(const struct event_venue_set *a, const struct event_venue_set *b, char *why)
{
    NUMBER(venue_id);
    BYTES(venue);
    NUMBER(number);
    NUMBER(state);
    NUMBER(before);
    NUMBER(cause);
    NUMBER(simulated);
    return true;
}

static bool same_routing_set(const struct event_routing_set *a, const struct event_routing_set *b, char *why)
{
    NUMBER(rules);
    return true;
}

static bool same_route_rule_set(const struct event_route_rule_set *a, const struct event_route_rule_set *b, char *why)
{
    NUMBER(number);
    BYTES(rule.account);
    BYTES(rule.symbol);
    NUMBER(rule.min_quantity.mantissa);
    NUMBER(rule.min_quantity.scale);
    NUMBER(rule.max_quantity.mantissa);
    NUMBER(rule.max_quantity.scale);
    for (int k = 0; k < ROUTE_CANDIDATES_MAX; k++) BYTES(rule.venues[k]);
    NUMBER(rule.type);
    NUMBER(rule.side);
    return true;
}

static bool same_batched(const struct event_batched *a, const struct event_batched *b, char *why)
{
    NUMBER(batch_id);
    BYTES(account);
    NUMBER(orders);
    NUMBER(atomic);
    return true;
}

static bool same_key_cleared(const struct event_key_cleared *a, const struct event_key_cleared *b, char *why)
{
    NUMBER(key.lo);
    NUMBER(key.hi);
    return true;
}

static bool same_statement(const struct event_statement *a, const struct event_statement *b, char *why)
{
    NUMBER(statement_id);
    BYTES(venue);
    BYTES(account);
    NUMBER(from_ns);
    NUMBER(to_ns);
    NUMBER(rows);
    return true;
}

static bool same_statement_row(const struct event_statement_row *a, const struct event_statement_row *b, char *why)
{
    NUMBER(number);
    BYTES(symbol);
    NUMBER(price.mantissa);
    NUMBER(price.scale);
    NUMBER(quantity.mantissa);
    NUMBER(quantity.scale);
    NUMBER(fee.mantissa);
    NUMBER(fee.scale);
    NUMBER(side);
    NUMBER(exec_id_len);
    NUMBER(ext_order_id_len);
    BYTES(exec_id);
    BYTES(ext_order_id);
    return true;
}

/* The kinds of the order desk. */
static bool same_desk_event(const struct event *a, const struct event *b, char *why)
{
    switch (a->kind) {
    case EVENT_ROUTED: return same_routed(&a->routed, &b->routed, why);
    case EVENT_ACKED: return same_acked(&a->acked, &b->acked, why);
    case EVENT_EXECUTED: return same_executed(&a->executed, &b->executed, why);
    case EVENT_BROKER_STATE: return same_broker_state(&a->broker_state, &b->broker_state, why);
    case EVENT_BUSTED: return same_busted(&a->busted, &b->busted, why);
    case EVENT_SETTLED: return same_settled(&a->settled, &b->settled, why);
    case EVENT_VENUE_SET: return same_venue_set(&a->venue_set, &b->venue_set, why);
    case EVENT_ROUTING_SET: return same_routing_set(&a->routing_set, &b->routing_set, why);
    case EVENT_ROUTE_RULE_SET: return same_route_rule_set(&a->route_rule_set, &b->route_rule_set, why);
    case EVENT_BATCHED: return same_batched(&a->batched, &b->batched, why);
    case EVENT_KEY_CLEARED: return same_key_cleared(&a->key_cleared, &b->key_cleared, why);
    case EVENT_STATEMENT: return same_statement(&a->statement, &b->statement, why);
    case EVENT_STATEMENT_ROW: return same_statement_row(&a->statement_row, &b->statement_row, why);
    }
    snprintf(why, DIFFERENCE_BYTES, "kind %d is no event", a->kind);
    return false;
}

bool event_same(const struct event *a, const struct event *b, char *why)
{
    NUMBER(kind);
    NUMBER(seq);
    NUMBER(ts_ns);
    NUMBER(index);
    switch (a->kind) {
    case EVENT_REJECTED: return same_rejected(&a->rejected, &b->rejected, why);
    case EVENT_PLACED: return same_placed(&a->placed, &b->placed, why);
    case EVENT_FILLED: return same_filled(&a->filled, &b->filled, why);
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: return same_cancelled(&a->cancelled, &b->cancelled, why);
    case EVENT_MODIFIED: return same_modified(&a->modified, &b->modified, why);
    case EVENT_LIMITS_SET: return same_limits(&a->limits_set, &b->limits_set, why);
    case EVENT_CURRENCY_SET: return same_currency(&a->currency_set, &b->currency_set, why);
    case EVENT_INSTRUMENT_SET: return same_instrument(&a->instrument_set, &b->instrument_set, why);
    case EVENT_ACCOUNT_SET: return same_account(&a->account_set, &b->account_set, why);
    case EVENT_CASH_MOVED: return same_cash_moved(&a->cash_moved, &b->cash_moved, why);
    case EVENT_QUOTED: return same_quoted(&a->quoted, &b->quoted, why);
    case EVENT_SWEPT: return same_swept(&a->swept, &b->swept, why);
    case EVENT_TRIGGERED: return same_triggered(&a->triggered, &b->triggered, why);
    case EVENT_ACTIVATED: return same_activated(&a->activated, &b->activated, why);
    case EVENT_REDUCED: return same_reduced(&a->reduced, &b->reduced, why);
    case EVENT_DISPLAYED: return same_displayed(&a->displayed, &b->displayed, why);
    case EVENT_TRAILED: return same_trailed(&a->trailed, &b->trailed, why);
    case EVENT_PREVENTED: return same_prevented(&a->prevented, &b->prevented, why);
    case EVENT_UNCROSSED: return same_uncrossed(&a->uncrossed, &b->uncrossed, why);
    case EVENT_STATE_SET: return same_state_set(&a->state_set, &b->state_set, why);
    case EVENT_TRADING_SET: return same_trading_set(&a->trading_set, &b->trading_set, why);
    case EVENT_GTT_SET: return same_gtt_set(&a->gtt_set, &b->gtt_set, why);
    case EVENT_MARGIN_CALLED: return same_margin_called(&a->margin_called, &b->margin_called, why);
    }
    return same_desk_event(a, b, why);
}
_Static_assert(EVENT_KIND_NUMBER_MAX == EVENT_STATEMENT_ROW, "a new kind of event needs its comparison here");

bool event_lists_same(const struct event *left, uint32_t left_count, const struct event *right, uint32_t right_count,
                      char *why)
{
    char what[DIFFERENCE_BYTES];
    for (uint32_t i = 0; i < left_count && i < right_count; i++) {
        if (event_same(&left[i], &right[i], what)) continue;
        snprintf(why, DIFFERENCE_BYTES, "event %u, %.200s", i, what);
        return false;
    }
    if (left_count == right_count) return true;
    snprintf(why, DIFFERENCE_BYTES, "%u events and %u events", left_count, right_count);
    return false;
}
