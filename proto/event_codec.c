/* proto/event_codec.c - events to and from the payload of a block (EventBlock of proto/tape.proto).
 * What must stay true: the same as in command_codec.c; and since only the engine makes events, a kind that is not
 * listed is a mistake at the write and corruption at the read. */
#include "proto/codec.h"

#include <assert.h>
#include <stdlib.h>

#include "core/error.h"
#include "proto/block.h"
#include "proto/state_fields.h"
#include "proto/tape.pb-c.h"

#define TERMS_FIELDS(X)                                                                                                \
    X(NAME, account, terms.account)                                                                                    \
    X(SYMBOL, symbol, terms.symbol)                                                                                    \
    X(PRICE, price, terms.price)                                                                                       \
    X(I64, quantity, terms.quantity)                                                                                   \
    X(I64, expires_ns, terms.expires_ns)                                                                               \
    X(SCALE_OPTIONAL, price_scale, terms.price_scale)                                                                  \
    X(SCALE_OPTIONAL, quantity_scale, terms.quantity_scale)                                                            \
    X(BYTE, side, terms.side)                                                                                          \
    X(BYTE, type, terms.type)                                                                                          \
    X(BYTE, tif, terms.tif)                                                                                            \
    X(BYTE, flags, terms.flags)                                                                                        \
    X(I64, stop_price, terms.stop_price)                                                                               \
    X(I64, display_quantity, terms.display_quantity)                                                                   \
    X(I64, trail, terms.trail)                                                                                         \
    X(REFERENCE, gtt_id, terms.gtt_id)                                                                                 \
    X(U32, leverage, terms.leverage)                                                                                   \
    X(SCALE_OPTIONAL, stop_price_scale, terms.stop_price_scale)                                                        \
    X(SCALE_OPTIONAL, display_scale, terms.display_scale)                                                              \
    X(SCALE_OPTIONAL, trail_scale, terms.trail_scale)                                                                  \
    X(BYTE, stp, terms.stp)                                                                                            \
    X(BYTE, venue, terms.venue)                                                                                        \
    X(BYTE, phase, terms.phase)                                                                                        \
    X(BYTE, link, terms.link)                                                                                          \
    X(BYTE, member, terms.member)                                                                                      \
    X(BYTE, activation, terms.activation)                                                                              \
    X(CLIENT_ID, client_order_id, terms.client_order_id)

#define REJECTED_FIELDS(X)                                                                                             \
    X(ID, order_id, order_id)                                                                                          \
    X(U16, reason, refusal.reason)                                                                                     \
    X(BYTE, field, refusal.field)                                                                                      \
    X(CASH_SCALE_OPTIONAL, value_scale, refusal.value_scale)                                                           \
    X(CASH_SCALE_OPTIONAL, limit_scale, refusal.limit_scale)                                                           \
    X(I128, value, refusal.value)                                                                                      \
    X(I128, limit, refusal.limit)                                                                                      \
    X(BYTE, command_kind, command_kind)                                                                                \
    TERMS_FIELDS(X)

#define PLACED_FIELDS(X)                                                                                               \
    X(ID, order_id, order_id)                                                                                          \
    X(I128, hold, hold)                                                                                                \
    TERMS_FIELDS(X)                                                                                                    \
    X(CASH_SCALE, currency_scale, currency_scale)

/* price x quantity, when that is the notional: no scale to divide by. */
static inline i128 notional_expected(const struct event_filled *x)
{
    if (x->price_scale + x->quantity_scale != x->currency_scale) return 0;
    return (i128)x->price * x->quantity;
}
static inline i128 wide_sub(i128 a, i128 b)
{
    return (i128)((u128)a - (u128)b);
}
static inline i128 wide_add(i128 a, i128 b)
{
    return (i128)((u128)a + (u128)b);
}

#define SIZE_NOTIONAL SIZE_I128
#define FIT_NOTIONAL(column, field)
#define PUT_NOTIONAL(column, field)                                                                                    \
    i128 column##_rest = wide_sub(x->field, notional_expected(x));                                                     \
    m->column##_lo[i] = wide_low(column##_rest);                                                                       \
    m->column##_hi[i] = wide_high(column##_rest);
#define GET_NOTIONAL(column, field)                                                                                    \
    x->field = wide_add(wide_join(CELL(column##_lo), CELL(column##_hi)), notional_expected(x));

/* notional after what it is expected from. */
#define FILLED_FIELDS(X)                                                                                               \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(NAME, buy_account, buy_account)                                                                                  \
    X(NAME, sell_account, sell_account)                                                                                \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(BYTE, aggressor_side, aggressor_side)                                                                            \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)                                                                      \
    X(NOTIONAL, notional, notional)                                                                                    \
    X(ID, buy_order_id, buy_order_id)                                                                                  \
    X(ID, sell_order_id, sell_order_id)                                                                                \
    X(I64, buy_leaves, buy_leaves)                                                                                     \
    X(I64, sell_leaves, sell_leaves)                                                                                   \
    X(I128, buy_fee, buy_fee)                                                                                          \
    X(I128, sell_fee, sell_fee)                                                                                        \
    X(I128, buy_hold, buy_hold)                                                                                        \
    X(I128, sell_hold, sell_hold)                                                                                      \
    X(BYTE, venue, venue)                                                                                              \
    X(BOOL, simulated, simulated)

#define CANCELLED_FIELDS(X)                                                                                            \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(I64, leaves, leaves)                                                                                             \
    X(BYTE, reason, reason)                                                                                            \
    X(BYTE, side, side)                                                                                                \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(U16, reject, reject)

#define MODIFIED_FIELDS(X)                                                                                             \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(I64, leaves, leaves)                                                                                             \
    X(I128, hold, hold)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(BOOL, kept_priority, kept_priority)                                                                              \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)                                                                      \
    X(I64, stop_price, stop_price)                                                                                     \
    X(I64, display_quantity, display_quantity)

#define CASH_MOVED_FIELDS(X)                                                                                           \
    X(NAME, account, account)                                                                                          \
    X(NAME, currency, currency)                                                                                        \
    X(I128, amount, amount)                                                                                            \
    X(I128, cash, cash)                                                                                                \
    X(CASH_SCALE, scale, scale)

#define QUOTED_FIELDS(X)                                                                                               \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, bid, bid)                                                                                                 \
    X(I64, bid_quantity, bid_quantity)                                                                                 \
    X(PRICE, ask, ask)                                                                                                 \
    X(I64, ask_quantity, ask_quantity)                                                                                 \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)

#define SWEPT_FIELDS(X)                                                                                                \
    X(U32, orders, orders)                                                                                             \
    X(BOOL, more, more)                                                                                                \
    X(BYTE, sweep, sweep)

#define TRIGGERED_FIELDS(X)                                                                                            \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, stop_price, stop_price)                                                                                   \
    X(PRICE, price, price)                                                                                             \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, type, type)                                                                                                \
    X(SCALE, price_scale, price_scale)

#define ACTIVATED_FIELDS(X)                                                                                            \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(I64, quantity, quantity)                                                                                         \
    X(I64, leaves, leaves)                                                                                             \
    X(I128, hold, hold)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, phase, phase)                                                                                              \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)

#define REDUCED_FIELDS(X)                                                                                              \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(I64, quantity, quantity)                                                                                         \
    X(I64, leaves, leaves)                                                                                             \
    X(I128, hold, hold)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, reason, reason)                                                                                            \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)

#define DISPLAYED_FIELDS(X)                                                                                            \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(I64, shown, shown)                                                                                               \
    X(BYTE, side, side)                                                                                                \
    X(SCALE, quantity_scale, quantity_scale)

#define TRAILED_FIELDS(X)                                                                                              \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, stop_price, stop_price)                                                                                   \
    X(BYTE, side, side)                                                                                                \
    X(SCALE, price_scale, price_scale)

#define PREVENTED_FIELDS(X)                                                                                            \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(ID, newest_order_id, newest_order_id)                                                                            \
    X(ID, oldest_order_id, oldest_order_id)                                                                            \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(BYTE, stp, stp)                                                                                                  \
    X(BYTE, newest_side, newest_side)                                                                                  \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)

#define UNCROSSED_FIELDS(X)                                                                                            \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(I64, imbalance, imbalance)                                                                                       \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)

#define STATE_SET_FIELDS(X)                                                                                            \
    X(NAME, symbol, symbol)                                                                                            \
    X(BYTE, state, state)                                                                                              \
    X(BYTE, before, before)                                                                                            \
    X(BYTE, cause, cause)

#define TRADING_SET_FIELDS(X)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(BYTE, status, status)                                                                                            \
    X(BYTE, before, before)

#define GTT_SET_FIELDS(X)                                                                                              \
    X(ID, gtt_id, gtt_id)                                                                                              \
    X(REFERENCE, order_id, order_id)                                                                                   \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE, leg0_trigger_price, legs[0].trigger_price)                                                                \
    X(PRICE, leg0_price, legs[0].price)                                                                                \
    X(I64, leg0_quantity, legs[0].quantity)                                                                            \
    X(BYTE, leg0_direction, legs[0].direction)                                                                         \
    X(PRICE, leg1_trigger_price, legs[1].trigger_price)                                                                \
    X(PRICE, leg1_price, legs[1].price)                                                                                \
    X(I64, leg1_quantity, legs[1].quantity)                                                                            \
    X(BYTE, leg1_direction, legs[1].direction)                                                                         \
    X(I64, expires_ns, expires_ns)                                                                                     \
    X(U16, reject, reject)                                                                                             \
    X(BYTE, status, status)                                                                                            \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, leg, leg)                                                                                                  \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)

#define MARGIN_CALLED_FIELDS(X)                                                                                        \
    X(NAME, account, account)                                                                                          \
    X(NAME, currency, currency)                                                                                        \
    X(I128, equity, equity)                                                                                            \
    X(I128, exposure, exposure)                                                                                        \
    X(I64, required_ppm, required_ppm)                                                                                 \
    X(BOOL, liquidation, liquidation)                                                                                  \
    X(CASH_SCALE, currency_scale, currency_scale)

#define ROUTED_FIELDS(X)                                                                                               \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(NAME, candidate0, candidates[0])                                                                                 \
    X(NAME, candidate1, candidates[1])                                                                                 \
    X(NAME, candidate2, candidates[2])                                                                                 \
    X(NAME, candidate3, candidates[3])                                                                                 \
    X(NAME, chosen, chosen)                                                                                            \
    X(I64, retry_ns, retry_ns)                                                                                         \
    X(U32, attempt, attempt)                                                                                           \
    X(U16, rule, rule)                                                                                                 \
    X(BYTE, venue, venue)                                                                                              \
    X(BYTE, cause, cause)                                                                                              \
    X(BOOL, asked, asked)                                                                                              \
    X(BOOL, manual_review, manual_review)

#define ACKED_FIELDS(X)                                                                                                \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(NAME, venue, venue)                                                                                              \
    X(BYTE, state, state)                                                                                              \
    X(EXT_ID, ext_order_id, ext_order_id)

#define EXECUTED_FIELDS(X)                                                                                             \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(NAME, venue, venue)                                                                                              \
    X(I64, excess, excess)                                                                                             \
    X(BYTE, kind, kind)                                                                                                \
    X(BOOL, late, late)                                                                                                \
    X(BOOL, simulated, simulated)                                                                                      \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(EXT_ID, exec_id, exec_id)

#define BROKER_STATE_FIELDS(X)                                                                                         \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(NAME, venue, venue)                                                                                              \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(PRICE, stop_price, stop_price)                                                                                   \
    X(I64, leaves, leaves)                                                                                             \
    X(I128, hold, hold)                                                                                                \
    X(BYTE, state, state)                                                                                              \
    X(BYTE, before, before)                                                                                            \
    X(BYTE, report, report)                                                                                            \
    X(BYTE, side, side)                                                                                                \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)                                                                      \
    X(REASON, reason, reason)

#define BUSTED_FIELDS(X)                                                                                               \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(NAME, venue, venue)                                                                                              \
    X(PRICE, price, price)                                                                                             \
    X(I64, quantity, quantity)                                                                                         \
    X(I128, notional, notional)                                                                                        \
    X(I128, fee, fee)                                                                                                  \
    X(I128, hold, hold)                                                                                                \
    X(I64, leaves, leaves)                                                                                             \
    X(BYTE, side, side)                                                                                                \
    X(SCALE, price_scale, price_scale)                                                                                 \
    X(SCALE, quantity_scale, quantity_scale)                                                                           \
    X(CASH_SCALE, currency_scale, currency_scale)                                                                      \
    X(EXT_ID, exec_id, exec_id)

#define SETTLED_FIELDS(X)                                                                                              \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(NAME, venue, venue)                                                                                              \
    X(BOOL, by_command, by_command)

#define VENUE_SET_FIELDS(X)                                                                                            \
    X(ID, venue_id, venue_id)                                                                                          \
    X(NAME, venue, venue)                                                                                              \
    X(BYTE, number, number)                                                                                            \
    X(BYTE, state, state)                                                                                              \
    X(BYTE, before, before)                                                                                            \
    X(BYTE, cause, cause)                                                                                              \
    X(BOOL, simulated, simulated)

#define ROUTING_SET_FIELDS(X) X(U32, rules, rules)

#define ROUTE_RULE_SET_FIELDS(X)                                                                                       \
    X(U32, number, number)                                                                                             \
    RULE_FIELDS_AT(X, rule.)

#define BATCHED_FIELDS(X)                                                                                              \
    X(ID, batch_id, batch_id)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(U32, orders, orders)                                                                                             \
    X(BOOL, atomic, atomic)

#define KEY_CLEARED_FIELDS(X)                                                                                          \
    X(U64, key_lo, key.lo)                                                                                             \
    X(U64, key_hi, key.hi)

#define STATEMENT_FIELDS(X)                                                                                            \
    X(ID, statement_id, statement_id)                                                                                  \
    X(NAME, venue, venue)                                                                                              \
    X(NAME, account, account)                                                                                          \
    X(I64, from_ns, from_ns)                                                                                           \
    X(I64, to_ns, to_ns)                                                                                               \
    X(U32, rows, rows)

#define STATEMENT_ROW_FIELDS(X)                                                                                        \
    X(U32, number, number)                                                                                             \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE_DECIMAL, price, price)                                                                                     \
    X(DECIMAL, quantity, quantity)                                                                                     \
    X(AMOUNT, fee, fee)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(EXT_ID, exec_id, exec_id)                                                                                        \
    X(EXT_ID, ext_order_id, ext_order_id)

/* Y(KIND, member of EventBlock, member of struct event, message, its functions' name, struct, fields) */
#define EVENT_TABLES(Y)                                                                                                \
    Y(REJECTED, rejected, rejected, RejectedColumns, rejected_columns, event_rejected, REJECTED_FIELDS)                \
    Y(PLACED, placed, placed, PlacedColumns, placed_columns, event_placed, PLACED_FIELDS)                              \
    Y(FILLED, filled, filled, FilledColumns, filled_columns, event_filled, FILLED_FIELDS)                              \
    Y(CANCELLED, cancelled, cancelled, CancelledColumns, cancelled_columns, event_cancelled, CANCELLED_FIELDS)         \
    Y(EXPIRED, expired, cancelled, CancelledColumns, cancelled_columns, event_cancelled, CANCELLED_FIELDS)             \
    Y(MODIFIED, modified, modified, ModifiedColumns, modified_columns, event_modified, MODIFIED_FIELDS)                \
    Y(LIMITS_SET, limits_set, limits_set, LimitsColumns, limits_columns, limits, LIMITS_FIELDS)                        \
    Y(CURRENCY_SET, currency_set, currency_set, CurrencyColumns, currency_columns, currency_state, CURRENCY_FIELDS)    \
    Y(INSTRUMENT_SET, instrument_set, instrument_set, InstrumentColumns, instrument_columns, instrument_state,         \
      INSTRUMENT_FIELDS)                                                                                               \
    Y(ACCOUNT_SET, account_set, account_set, AccountColumns, account_columns, account_state, ACCOUNT_FIELDS)           \
    Y(CASH_MOVED, cash_moved, cash_moved, CashMovedColumns, cash_moved_columns, event_cash_moved, CASH_MOVED_FIELDS)   \
    Y(QUOTED, quoted, quoted, QuotedColumns, quoted_columns, event_quoted, QUOTED_FIELDS)                              \
    Y(SWEPT, swept, swept, SweptColumns, swept_columns, event_swept, SWEPT_FIELDS)                                     \
    Y(TRIGGERED, triggered, triggered, TriggeredColumns, triggered_columns, event_triggered, TRIGGERED_FIELDS)         \
    Y(ACTIVATED, activated, activated, ActivatedColumns, activated_columns, event_activated, ACTIVATED_FIELDS)         \
    Y(REDUCED, reduced, reduced, ReducedColumns, reduced_columns, event_reduced, REDUCED_FIELDS)                       \
    Y(DISPLAYED, displayed, displayed, DisplayedColumns, displayed_columns, event_displayed, DISPLAYED_FIELDS)         \
    Y(TRAILED, trailed, trailed, TrailedColumns, trailed_columns, event_trailed, TRAILED_FIELDS)                       \
    Y(PREVENTED, prevented, prevented, PreventedColumns, prevented_columns, event_prevented, PREVENTED_FIELDS)         \
    Y(UNCROSSED, uncrossed, uncrossed, UncrossedColumns, uncrossed_columns, event_uncrossed, UNCROSSED_FIELDS)         \
    Y(STATE_SET, state_set, state_set, StateSetColumns, state_set_columns, event_state_set, STATE_SET_FIELDS)          \
    Y(TRADING_SET, trading_set, trading_set, TradingSetColumns, trading_set_columns, event_trading_set,                \
      TRADING_SET_FIELDS)                                                                                              \
    Y(GTT_SET, gtt_set, gtt_set, GttSetColumns, gtt_set_columns, event_gtt_set, GTT_SET_FIELDS)                        \
    Y(MARGIN_CALLED, margin_called, margin_called, MarginCalledColumns, margin_called_columns, event_margin_called,    \
      MARGIN_CALLED_FIELDS)                                                                                            \
    Y(ROUTED, routed, routed, RoutedColumns, routed_columns, event_routed, ROUTED_FIELDS)                              \
    Y(ACKED, acked, acked, AckedColumns, acked_columns, event_acked, ACKED_FIELDS)                                     \
    Y(EXECUTED, executed, executed, ExecutedColumns, executed_columns, event_executed, EXECUTED_FIELDS)                \
    Y(BROKER_STATE, broker_state, broker_state, BrokerStateColumns, broker_state_columns, event_broker_state,          \
      BROKER_STATE_FIELDS)                                                                                             \
    Y(BUSTED, busted, busted, BustedColumns, busted_columns, event_busted, BUSTED_FIELDS)                              \
    Y(SETTLED, settled, settled, SettledColumns, settled_columns, event_settled, SETTLED_FIELDS)                       \
    Y(VENUE_SET, venue_set, venue_set, VenueSetColumns, venue_set_columns, event_venue_set, VENUE_SET_FIELDS)          \
    Y(ROUTING_SET, routing_set, routing_set, RoutingSetColumns, routing_set_columns, event_routing_set,                \
      ROUTING_SET_FIELDS)                                                                                              \
    Y(ROUTE_RULE_SET, route_rule_set, route_rule_set, RouteRuleSetColumns, route_rule_set_columns,                     \
      event_route_rule_set, ROUTE_RULE_SET_FIELDS)                                                                     \
    Y(BATCHED, batched, batched, BatchedColumns, batched_columns, event_batched, BATCHED_FIELDS)                       \
    Y(KEY_CLEARED, key_cleared, key_cleared, KeyClearedColumns, key_cleared_columns, event_key_cleared,                \
      KEY_CLEARED_FIELDS)                                                                                              \
    Y(STATEMENT, statement, statement, EventStatementColumns, event_statement_columns, event_statement,                \
      STATEMENT_FIELDS)                                                                                                \
    Y(STATEMENT_ROW, statement_row, statement_row, EventStatementRowColumns, event_statement_row_columns,              \
      event_statement_row, STATEMENT_ROW_FIELDS)

#define Y(...) +1
_Static_assert(0 EVENT_TABLES(Y) == EVENT_KIND_NUMBER_MAX, "every event has its columns");
#undef Y

/* No event names more things than a ROUTED: account, symbol, the candidates and the chosen one. */
enum { EVENT_NAMES_MAX = 3 + ROUTE_CANDIDATES_MAX };
_Static_assert(ROUTE_CANDIDATES_MAX == 4, "every candidate has its column");
/* The kind, and the steps of seq, time and index. */
enum { EVENT_SELF_BYTES_MAX = 1 + 10 + 10 + 5 };
enum { EVENT_BLOCK_BYTES_MAX = BLOCK_PAYLOAD_BYTES_MAX - COLUMNS_FRAME_BYTES_MAX };

#define Y(KIND, table, member, message, lower, type, FIELDS) ROW_FUNCTIONS(table, Ordertape__##message, type, FIELDS)
EVENT_TABLES(Y)
#undef Y

/* --- writing --- */

/* Where an event stands: what the next one's steps are taken from. */
struct event_place {
    uint64_t seq;
    int64_t ts_ns;
    uint32_t index_next; /* expected of an event of the same command */
};

struct event_encoder {
    struct words_writer words;
    uint32_t count;
    uint32_t rows[BLOCK_KINDS]; /* of each kind */
    struct event_place last;
    size_t bytes_max; /* the most that what was added can take */
    uint8_t *columns, *payload;
    Ordertape__EventBlock block;
    Ordertape__Words block_words;
#define Y(KIND, table, member, message, lower, type, FIELDS) Ordertape__##message table;
    EVENT_TABLES(Y)
#undef Y
};

static size_t encoder_columns_bytes(void)
{
    size_t bytes = columns_bytes(&ordertape__event_block__descriptor, BLOCK_RECORDS_MAX);
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    bytes += columns_bytes(&ordertape__##lower##__descriptor, BLOCK_RECORDS_MAX);
    EVENT_TABLES(Y)
#undef Y
    return bytes;
}

static void encoder_attach(struct event_encoder *e)
{
    ordertape__words__init(&e->block_words);
    ordertape__event_block__init(&e->block);
    uint8_t *memory = columns_attach(&e->block.base, BLOCK_RECORDS_MAX, e->columns);
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    ordertape__##lower##__init(&e->table);                                                                             \
    memory = columns_attach(&e->table.base, BLOCK_RECORDS_MAX, memory);
    EVENT_TABLES(Y)
#undef Y
    assert(memory == e->columns + encoder_columns_bytes());
}

/* Room for the largest block is asked for at once: pages that no block needed are never touched. */
int event_encoder_new(struct event_encoder **out)
{
    struct event_encoder *e = calloc(1, sizeof *e);
    if (e == NULL) return ERR_NO_MEMORY;
    e->columns = aligned_alloc(64, (encoder_columns_bytes() + 63) & ~(size_t)63);
    e->payload = malloc(BLOCK_PAYLOAD_BYTES_MAX);
    if (e->columns == NULL || e->payload == NULL ||
        words_writer_init(&e->words, WORDS_NAMES_MAX, EVENT_BLOCK_BYTES_MAX) != 0) {
        event_encoder_free(e);
        return ERR_NO_MEMORY;
    }
    encoder_attach(e);
    *out = e;
    return 0;
}

void event_encoder_free(struct event_encoder *e)
{
    if (e == NULL) return;
    words_writer_free(&e->words);
    free(e->columns);
    free(e->payload);
    free(e);
}

/* The most that an event can take. */
static size_t event_bytes_max(uint8_t kind)
{
    static const uint16_t fields_bytes_max[BLOCK_KINDS] = {
#define Y(KIND, table, member, message, lower, type, FIELDS) [EVENT_##KIND] = 0 FIELDS(SIZE),
        EVENT_TABLES(Y)
#undef Y
    };
    return EVENT_SELF_BYTES_MAX + (size_t)fields_bytes_max[kind];
}

static bool encoder_put_fields(struct event_encoder *e, const struct event *event)
{
    size_t row = e->rows[event->kind];
    e->words.symbol = 0;
    e->words.seq = event->seq;
    switch (event->kind) {
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    case EVENT_##KIND: return put_##table(&e->words, &e->table, row, &event->member);
        EVENT_TABLES(Y)
#undef Y
    default: return false;
    }
}

static void encoder_put_place(struct event_encoder *e, const struct event *event)
{
    if (e->count == 0) {
        e->last = (struct event_place){.seq = event->seq, .ts_ns = event->ts_ns, .index_next = 0};
        e->block.has_first_seq = e->block.has_first_ts_ns = true;
        e->block.first_seq = event->seq;
        e->block.first_ts_ns = event->ts_ns;
    }
    uint32_t index_expected = event->seq == e->last.seq ? e->last.index_next : 0;
    e->block.kind.data[e->count] = event->kind;
    e->block.seq_step[e->count] = event->seq - e->last.seq;
    e->block.ts_step_ns[e->count] = wrap_sub(event->ts_ns, e->last.ts_ns);
    e->block.index_step[e->count] = event->index - index_expected;
    e->last = (struct event_place){.seq = event->seq, .ts_ns = event->ts_ns, .index_next = event->index + 1};
}

int event_encoder_add(struct event_encoder *e, const struct event *event)
{
    size_t bytes_max = event_bytes_max(event->kind);
    if (e->count == BLOCK_RECORDS_MAX || e->bytes_max + bytes_max > EVENT_BLOCK_BYTES_MAX) return ERR_FULL;
    if (e->words.names_count + EVENT_NAMES_MAX > WORDS_NAMES_MAX) return ERR_FULL;
    if (!encoder_put_fields(e, event)) return ERR_USAGE;

    /* From here on it cannot fail. */
    encoder_put_place(e, event);
    e->bytes_max += bytes_max;
    e->rows[event->kind]++;
    e->count++;
    return 0;
}

uint32_t event_encoder_count(const struct event_encoder *e)
{
    return e->count;
}

static void encoder_reset(struct event_encoder *e)
{
    words_writer_reset(&e->words);
    memset(e->rows, 0, sizeof e->rows);
    e->count = 0;
    e->bytes_max = 0;
    e->block.has_first_seq = e->block.has_first_ts_ns = false;
}

int event_encoder_finish(struct event_encoder *e, const uint8_t **bytes, size_t *len_bytes)
{
    columns_close(&e->block.base, e->count);
    words_writer_close(&e->words, &e->block_words);
    e->block.words = e->words.names_count > 0 || e->words.texts_len > 0 ? &e->block_words : NULL;
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    e->block.table = (Ordertape__##message *)block_close_table(&e->table.base, e->rows[EVENT_##KIND]);
    EVENT_TABLES(Y)
#undef Y
    *len_bytes = protobuf_c_message_pack(&e->block.base, e->payload);
    assert(*len_bytes <= e->bytes_max + COLUMNS_FRAME_BYTES_MAX);
    *bytes = e->payload;
    encoder_reset(e);
    return 0;
}

/* --- reading --- */

struct event_decoder {
    struct arena arena;
    struct words_reader words;
    uint32_t count, at;
    uint32_t rows[BLOCK_KINDS]; /* of each kind, read so far */
    struct event_place last;
    const Ordertape__EventBlock *block; /* in the arena, its columns open */
};

int event_decoder_new(struct event_decoder **out)
{
    struct event_decoder *d = calloc(1, sizeof *d);
    if (d == NULL || words_reader_init(&d->words, WORDS_NAMES_MAX) != 0) {
        free(d);
        return ERR_NO_MEMORY;
    }
    *out = d;
    return 0;
}

void event_decoder_free(struct event_decoder *d)
{
    if (d == NULL) return;
    words_reader_free(&d->words);
    arena_free(&d->arena);
    free(d);
}

static bool decoder_open_tables(Ordertape__EventBlock *block, uint32_t count)
{
    struct block_counts counts;
    if (!columns_open(&block->base, count)) return false;
    block_count_kinds(&block->kind, count, &counts);
    bool ok = true;
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    ok &= block_open_table((ProtobufCMessage *)block->table, counts.of[EVENT_##KIND]);
    EVENT_TABLES(Y)
#undef Y
    return ok;
}

int event_decoder_start(struct event_decoder *d, const uint8_t *bytes, size_t len_bytes, uint32_t count)
{
    ProtobufCMessage *message;
    d->count = d->at = 0;
    if (count > BLOCK_RECORDS_MAX || len_bytes > BLOCK_PAYLOAD_BYTES_MAX) return ERR_CORRUPT;
    int result = columns_unpack(&d->arena, &ordertape__event_block__descriptor, bytes, len_bytes, &message);
    if (result != 0) return result;
    Ordertape__EventBlock *block = (Ordertape__EventBlock *)message;
    if (!decoder_open_tables(block, count)) return ERR_CORRUPT;
    result = words_reader_open(&d->words, block->words);
    if (result != 0) return result;
    d->block = block;
    d->count = count;
    d->last = (struct event_place){.seq = block->first_seq, .ts_ns = block->first_ts_ns, .index_next = 0};
    memset(d->rows, 0, sizeof d->rows);
    return 0;
}

static bool decoder_get_fields(struct event_decoder *d, struct event *out)
{
    size_t row = d->rows[out->kind]++;
    d->words.symbol = 0;
    d->words.seq = out->seq;
    switch (out->kind) {
#define Y(KIND, table, member, message, lower, type, FIELDS)                                                           \
    case EVENT_##KIND: return get_##table(&d->words, d->block->table, row, &out->member);
        EVENT_TABLES(Y)
#undef Y
    default: return false;
    }
}

static void decoder_get_place(struct event_decoder *d, struct event *out)
{
    const Ordertape__EventBlock *m = d->block;
    size_t i = d->at;
    out->seq = d->last.seq + CELL(seq_step);
    out->ts_ns = wrap_add(d->last.ts_ns, CELL(ts_step_ns));
    out->index = CELL(index_step) + (out->seq == d->last.seq ? d->last.index_next : 0);
    out->kind = CELL_BYTE(kind);
    d->last = (struct event_place){.seq = out->seq, .ts_ns = out->ts_ns, .index_next = out->index + 1};
}

int event_decoder_next(struct event_decoder *d, struct event *out)
{
    if (d->at == d->count) return ERR_END;
    decoder_get_place(d, out);
    bool ok = decoder_get_fields(d, out);
    if (++d->at == d->count) ok &= d->words.texts_at == d->words.texts_len;
    if (ok) return 0;
    d->count = d->at = 0; /* nothing after it can be believed */
    return ERR_CORRUPT;
}
