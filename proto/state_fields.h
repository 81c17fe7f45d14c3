/* proto/state_fields.h - the fields of core/state.h's structs that stand in events too (see fields.h). */
#ifndef ORDERTAPE_PROTO_STATE_FIELDS_H
#define ORDERTAPE_PROTO_STATE_FIELDS_H

#include "core/state.h"
#include "proto/fields.h"

/* The columns of limits have the names of its fields. path: where the struct is, with its dot, or nothing. */
#define LIMITS_FIELDS_AT(X, path)                                                                                      \
    X(U32, orders_max, path orders_max)                                                                                \
    X(U32, levels_max, path levels_max)                                                                                \
    X(U32, instruments_max, path instruments_max)                                                                      \
    X(U32, accounts_max, path accounts_max)                                                                            \
    X(U32, positions_max, path positions_max)                                                                          \
    X(U32, balances_max, path balances_max)                                                                            \
    X(U32, currencies_max, path currencies_max)                                                                        \
    X(U32, timers_max, path timers_max)                                                                                \
    X(U32, work_max, path work_max)                                                                                    \
    X(U32, routes_max, path routes_max)                                                                                \
    X(U32, executions_max, path executions_max)                                                                        \
    X(U32, client_ids_max, path client_ids_max)                                                                        \
    X(U32, keys_max, path keys_max)                                                                                    \
    X(U32, key_ttl_s, path key_ttl_s)                                                                                  \
    X(U32, linger_s, path linger_s)
#define LIMITS_FIELDS(X) LIMITS_FIELDS_AT(X, )
#define COUNT_ONE(...)   +1
_Static_assert(sizeof(struct limits) == sizeof(uint32_t) * (0 LIMITS_FIELDS(COUNT_ONE)), "every limit has its column");
_Static_assert((0 LIMITS(COUNT_ONE)) == (0 LIMITS_FIELDS(COUNT_ONE)), "every limit has its column");

#define CURRENCY_FIELDS(X)                                                                                             \
    X(ID, id, id)                                                                                                      \
    X(NAME, currency, currency)                                                                                        \
    X(CASH_SCALE, scale, scale)

#define INSTRUMENT_FIELDS(X)                                                                                           \
    X(ID, id, id)                                                                                                      \
    X(NAME, symbol, spec.symbol)                                                                                       \
    X(NAME, currency, spec.currency)                                                                                   \
    X(I128, max_notional, spec.max_notional)                                                                           \
    X(I64, tick, spec.tick)                                                                                            \
    X(I64, lot, spec.lot)                                                                                              \
    X(I64, min_quantity, spec.min_quantity)                                                                            \
    X(I64, max_quantity, spec.max_quantity)                                                                            \
    X(I64, collar_ppm, spec.collar_ppm)                                                                                \
    X(I64, maker_fee_rate, spec.maker_fee_rate)                                                                        \
    X(I64, taker_fee_rate, spec.taker_fee_rate)                                                                        \
    X(U16, settlement_days, spec.settlement_days)                                                                      \
    X(SCALE, price_scale, spec.price_scale)                                                                            \
    X(SCALE, quantity_scale, spec.quantity_scale)                                                                      \
    X(CASH_SCALE, currency_scale, spec.currency_scale)                                                                 \
    X(BYTE, trigger, spec.trigger)                                                                                     \
    X(BYTE, state, spec.state)                                                                                         \
    X(I64, tick_gcd, tick_gcd)                                                                                         \
    X(I64, lot_gcd, lot_gcd)                                                                                           \
    X(I64, last_price, last_price)                                                                                     \
    X(I64, bid, bid)                                                                                                   \
    X(I64, bid_quantity, bid_quantity)                                                                                 \
    X(I64, ask, ask)                                                                                                   \
    X(I64, ask_quantity, ask_quantity)                                                                                 \
    X(U32, max_leverage, spec.max_leverage)                                                                            \
    X(BYTE, mark, spec.mark)                                                                                           \
    X(BYTE, trading, spec.trading)                                                                                     \
    X(BOOL, halt_on_breach, spec.halt_on_breach)                                                                       \
    X(I64, range_low, range_low)                                                                                       \
    X(I64, range_high, range_high)                                                                                     \
    X(I64, auction_price, auction_price)

#define ACCOUNT_FIELDS(X)                                                                                              \
    X(ID, id, id)                                                                                                      \
    X(NAME, account, account)                                                                                          \
    X(U32, leverage, leverage)                                                                                         \
    X(BYTE, type, type)                                                                                                \
    X(BYTE, status, status)                                                                                            \
    X(BOOL, allow_short, allow_short)                                                                                  \
    X(BYTE, stp, stp)                                                                                                  \
    X(I128, max_order_quantity, limits.max_order_quantity)                                                             \
    X(I128, max_position, limits.max_position)                                                                         \
    X(I128, max_order_notional, limits.max_order_notional)                                                             \
    X(I64, maker_fee_rate, limits.maker_fee_rate)                                                                      \
    X(I64, taker_fee_rate, limits.taker_fee_rate)                                                                      \
    X(I64, margin_call_ppm, limits.margin_call_ppm)                                                                    \
    X(I64, liquidation_ppm, limits.liquidation_ppm)                                                                    \
    X(U32, max_open_orders, limits.max_open_orders)                                                                    \
    X(U32, max_orders_per_second, limits.max_orders_per_second)                                                        \
    X(BOOL, own_maker_fee, limits.own_maker_fee)                                                                       \
    X(BOOL, own_taker_fee, limits.own_taker_fee)                                                                       \
    X(I64, rate_tat_ns, rate_tat_ns)

/* A rule stands in commands too. path: where the struct is, with its dot, or nothing. */
#define RULE_FIELDS_AT(X, path)                                                                                        \
    X(NAME, account, path account)                                                                                     \
    X(NAME, symbol, path symbol)                                                                                       \
    X(DECIMAL, min_quantity, path min_quantity)                                                                        \
    X(DECIMAL, max_quantity, path max_quantity)                                                                        \
    X(NAME, venue0, path venues[0])                                                                                    \
    X(NAME, venue1, path venues[1])                                                                                    \
    X(NAME, venue2, path venues[2])                                                                                    \
    X(NAME, venue3, path venues[3])                                                                                    \
    X(BYTE, type, path type)                                                                                           \
    X(BYTE, side, path side)
#define RULE_FIELDS(X) RULE_FIELDS_AT(X, )
_Static_assert(ROUTE_CANDIDATES_MAX == 4, "every venue of a rule has its column");
/* Accounts, symbols and venues: no struct names more things. */
enum { RULE_NAMES = 2 + ROUTE_CANDIDATES_MAX };

#endif
