/* core/rejects.h - every way the engine says no, in one list.
 * X(number, NAME, text). The number stands on the event tape and never changes its meaning; NAME is the API's `code`;
 * the list also drives the test that every reason is reachable. Stages:
 * 10xx-12xx shape, 2xxx risk and money, 3xxx market and book, 4xxx account and order state, 9xxx a limit of the engine. */
#ifndef ORDERTAPE_CORE_REJECTS_H
#define ORDERTAPE_CORE_REJECTS_H

#define REJECTS(X)                                                                                              \
    X(1001, COMMAND_UNKNOWN, "this kind of command is not known to the rules in force")                         \
    X(1002, NOT_SUPPORTED, "no venue that it may go to takes such an order: only BOOK takes post_only, all_or_none, display_quantity, min_quantity, ON_OPEN, ON_CLOSE; brokers take no reduce_only, quote_quantity, trail either") \
    X(1003, FIELD_INVALID, "a field is outside what the command allows")                                        \
    X(1004, LIMITS_FIRST, "the first command of a tape sets its limits, and only the first")                    \
    X(1101, UNKNOWN_ACCOUNT, "no such account")                                                                 \
    X(1102, UNKNOWN_INSTRUMENT, "no such instrument")                                                           \
    X(1103, UNKNOWN_VENUE, "no such venue")                                                                     \
    X(1104, NAME_RESERVED, "names that begin with @ belong to house accounts")                                  \
    X(1201, PRICE_OFF_TICK, "price is not a multiple of the tick")                                              \
    X(1202, PRICE_REQUIRED, "a price above zero is needed here")                                                 \
    X(1203, PRICE_NOT_ALLOWED, "only a LIMIT or STOP_LIMIT order has a price")                                      \
    X(1204, PRICE_TOO_LARGE, "price is above the largest price the engine holds")                               \
    X(1211, QUANTITY_OFF_LOT, "quantity is not a multiple of the lot")                                          \
    X(1212, QUANTITY_NOT_POSITIVE, "quantity must be above zero")                                               \
    X(1213, QUANTITY_TOO_SMALL, "quantity is below the instrument's minimum")                                   \
    X(1214, QUANTITY_TOO_LARGE, "quantity is above the instrument's maximum")                                   \
    X(1221, POST_ONLY_NEEDS_LIMIT, "post_only needs a LIMIT order that may rest")                               \
    X(1222, EXPIRY_REQUIRED, "a GTD order needs expires_at, later than now")                                    \
    X(1223, EXPIRY_NOT_ALLOWED, "expires_at belongs to GTD orders")                                             \
    X(1224, STOP_PRICE_REQUIRED, "a stop needs a stop_price above zero, or a trail")                            \
    X(1225, STOP_PRICE_NOT_ALLOWED, "stop_price and trail belong to stops")                                     \
    X(1226, DISPLAY_NOT_ALLOWED, "display_quantity belongs to LIMIT orders that may rest, at most their quantity") \
    X(1227, ALL_OR_NONE_NOT_ALLOWED, "all_or_none belongs to LIMIT orders that may rest, without display_quantity or post_only") \
    X(1228, MIN_QUANTITY_NOT_ALLOWED, "min_quantity belongs to IOC and MARKET orders, at most their quantity")  \
    X(1229, QUOTE_QUANTITY_NOT_ALLOWED, "quote_quantity belongs to MARKET orders, in place of quantity")        \
    X(1231, SCALE_FIXED, "a currency's or an instrument's scale and currency are fixed at creation")            \
    X(1232, STEP_NOT_WHOLE, "tick x lot must be a whole number of the currency's smallest unit")                \
    X(1233, LINK_NOT_ALLOWED, "a linked order must be one that may rest: no IOC, FOK, ON_OPEN, ON_CLOSE, post_only, all_or_none, reduce_only; and not at a broker") \
    X(1234, LINKED_QUANTITY, "the quantity of a linked order follows its group")                                \
    X(1235, GTT_TRIGGER_INVALID, "a GTT's trigger must be away from the market: one leg on either side when there are two") \
    X(1236, EXPIRY_TOO_FAR, "a GTT lives at most that many days")                                                \
    X(1241, BATCH_NOT_ALLOWED, "an atomic batch takes LIMIT, STOP and STOP_LIMIT orders without post_only, all_or_none, reduce_only, trail, IOC, FOK") \
    X(1242, DUPLICATE_CLIENT_ORDER_ID, "the account has used this client_order_id for an open order, or within key_ttl_s") \
    X(1243, RULE_INVALID, "a rule names one to four different venues that exist, and a minimum not above its maximum") \
    X(2001, CASH_SHORT, "available cash is below what this needs")                                              \
    X(2002, POSITION_SHORT, "the account may not sell more than it holds")                                      \
    X(2003, NOTIONAL_TOO_LARGE, "price x quantity is above the maximum notional")                               \
    X(2004, POSITION_TOO_LARGE, "the position could outgrow the largest the engine holds")                      \
    X(2005, CASH_TOO_LARGE, "the balance would outgrow the largest the engine holds")                           \
    X(2006, REDUCE_ONLY_TOO_LARGE, "a reduce_only order may not be larger than the position that other orders leave to close") \
    X(2007, LEVERAGE_TOO_HIGH, "leverage is above what the account and the instrument allow")                   \
    X(2008, NO_REFERENCE_PRICE, "a last price (or quote) and, for an auction, a collar are needed to hold for this order") \
    X(2011, ORDER_QUANTITY_LIMIT, "quantity is above the account's limit")                                      \
    X(2012, ORDER_NOTIONAL_LIMIT, "price x quantity is above the account's limit")                              \
    X(2013, POSITION_LIMIT, "the position could outgrow the account's limit")                                   \
    X(2014, OPEN_ORDERS_LIMIT, "the account has as many open orders as its limit allows")                       \
    X(2015, ORDER_RATE_LIMIT, "the account sends more orders a second than its limit allows")                   \
    X(3001, INSTRUMENT_NOT_OPEN, "the instrument is not in a state that takes this order")                      \
    X(3002, PRICE_OUTSIDE_COLLAR, "price is further from the last trade than the collar allows")                \
    X(3003, POST_ONLY_WOULD_CROSS, "a post_only order may not take")                                            \
    X(3004, STOP_WOULD_TRIGGER, "the stop price is already met")                                                \
    X(3005, NO_QUOTE, "the venue QUOTE has no quote on the other side")                                         \
    X(3006, INSTRUMENT_TRADING_HALTED, "trading in the instrument is halted")                                   \
    X(3007, INSTRUMENT_REDUCING, "in this instrument positions may only be reduced")                            \
    X(3008, SYSTEM_HALTED, "the whole system is halted")                                                        \
    X(3009, SYSTEM_REDUCING, "in the whole system positions may only be reduced")                               \
    X(3010, INSTRUMENT_IN_USE, "max_leverage changes only without open orders and positions")                   \
    X(3011, VENUE_DOWN, "no venue that this may go to is up")                                                   \
    X(3012, NOT_SIMULATED, "fills may be made up only at a venue that is set to simulated")                     \
    X(4001, ACCOUNT_HALTED, "the account is halted")                                                            \
    X(4002, ACCOUNT_REDUCING, "the account may only reduce its positions")                                      \
    X(4003, ACCOUNT_IN_USE, "type and leverage change only without open orders and positions")                  \
    X(4101, ORDER_NOT_OPEN, "no open order has this id")                                                        \
    X(4102, GTT_NOT_ACTIVE, "no active or disabled GTT has this id")                                            \
    X(4103, REQUEST_PENDING, "the broker has not answered what was asked of it before")                         \
    X(4104, VENUE_DIFFERS, "the order is not at that venue, or waits for one")                              \
    X(4105, EXEC_ID_REPEATED, "the order has this execution already; nothing was changed")                      \
    X(4106, EXEC_ID_UNKNOWN, "the order has no such execution that is not busted")                              \
    X(4107, OVER_FILL, "more than what is left of the order")                                                   \
    X(4108, REPORT_NOT_EXPECTED, "the order is not in a state in which a broker could say this")                \
    X(4109, REPORT_REPEATED, "the order has this acknowledgement already; nothing was changed")                 \
    X(4110, EXT_ORDER_ID_DIFFERS, "the broker called this order something else before")                         \
    X(4111, ROUTE_NOT_ALLOWED, "only an order that waits for a venue, or whose sending is in doubt, is routed by hand") \
    X(4112, SETTLE_NOT_ALLOWED, "only a filled order that is not settled can settle")                           \
    X(4113, KEY_UNKNOWN, "no such idempotency key")                                                             \
    X(9001, ORDERS_FULL, "the engine holds as many open orders as its limits allow")                            \
    X(9002, LEVELS_FULL, "the engine holds as many price levels as its limits allow")                           \
    X(9003, INSTRUMENTS_FULL, "the engine holds as many instruments as its limits allow")                       \
    X(9004, ACCOUNTS_FULL, "the engine holds as many accounts as its limits allow")                             \
    X(9005, POSITIONS_FULL, "the engine holds as many positions and balances as its limits allow")              \
    X(9006, CURRENCIES_FULL, "the engine holds as many currencies as its limits allow")                         \
    X(9007, SWEEP_PENDING, "an earlier command's work has not finished")                                          \
    X(9009, TRAILING_FULL, "the instrument has as many trailing stops as the engine follows")                   \
    X(9010, REDUCE_ONLY_FULL, "the position has as many reduce_only orders as the engine keeps in step")        \
    X(9008, TIMERS_FULL, "the engine holds as many timers as its limits allow") \
    X(9011, VENUES_FULL, "the engine holds as many venues as it can")                                             \
    X(9012, ROUTES_FULL, "the engine holds as many orders at brokers as its limits allow")                        \
    X(9013, EXECUTIONS_FULL, "the engine holds as many executions as its limits allow")                           \
    X(9014, CLIENT_IDS_FULL, "the engine remembers as many client_order_ids as its limits allow")

enum reject {
#define X(number, name, text) REJECT_##name = (number),
    REJECTS(X)
#undef X
};

/* NAME and text of a reject number; "?" when it is none. Pure; static memory. */
const char *reject_name(int number);
const char *reject_text(int number);

/* Which field of the command a refusal is about. X(number, NAME, json name, what is allowed). */
#define REFUSAL_FIELDS(X)                                                                             \
    X(1, KIND, "op", "a kind of command that these rules know")                                       \
    X(2, ACCOUNT, "account", "the name of an account; @ begins the house's")                          \
    X(3, SYMBOL, "symbol", "the name of an instrument")                                               \
    X(4, CURRENCY, "currency", "the name of a currency")                                              \
    X(5, VENUE, "venue", "a venue that was set")                                                             \
    X(6, SIDE, "side", "BUY or SELL")                                                                 \
    X(7, TYPE, "type", "a type of the list")                                                          \
    X(8, TIF, "tif", "DAY, GTC, GTD, IOC, FOK, ON_OPEN, ON_CLOSE")                                    \
    X(9, STP, "stp", "NONE, CANCEL_NEWEST, CANCEL_OLDEST, CANCEL_BOTH, DECREMENT")                    \
    X(10, FLAGS, "flags", "post_only, reduce_only, all_or_none")                                      \
    X(11, CLIENT_ORDER_ID, "client_order_id", "at most 64 bytes")                                     \
    X(12, PRICE, "price", "a positive multiple of the tick, at most 10^17 of its smallest steps")     \
    X(13, QUANTITY, "quantity", "a positive multiple of the lot, at most 10^17 of its smallest steps") \
    X(14, STOP_PRICE, "stop_price", "a positive multiple of the tick")                                \
    X(15, DISPLAY_QUANTITY, "display_quantity", "a positive multiple of the lot")                     \
    X(16, QUOTE_QUANTITY, "quote_quantity", "a positive amount of the instrument's currency")         \
    X(17, MIN_QUANTITY, "min_quantity", "a multiple of the lot")                                      \
    X(18, TRAIL, "trail", "a positive multiple of the tick, or a percentage below 100")               \
    X(19, LEVERAGE, "leverage", "1 to 1000, at most 2 decimals; 1 for a CASH account")                 \
    X(20, EXPIRES_AT, "expires_at", "a time later than now, with GTD")                                \
    X(21, LINK, "link", "OCO, OTO, BRACKET")                                                          \
    X(22, ACTIVATION, "activation", "FULL_FILL, EACH_FILL")                                           \
    X(23, LEGS, "legs", "one leg; a BRACKET's take-profit and stop-loss; a GTT's one or two, later as many as it was placed with") \
    X(24, TRIGGER_PRICE, "trigger_price", "a positive multiple of the tick")                          \
    X(25, STATUS, "status", "ACTIVE, REDUCING or HALTED; of a GTT ACTIVE or DISABLED")                \
    X(26, SCALE, "scale", "0 to 18")                                                                  \
    X(27, TICK_SIZE, "tick_size", "above 0, at most 9 decimals")                                      \
    X(28, LOT_SIZE, "lot_size", "above 0, at most 9 decimals")                                        \
    X(29, MAX_QUANTITY, "max_quantity", "0 or above, not below min_quantity")                         \
    X(30, MAX_NOTIONAL, "max_notional", "0 or above")                                                 \
    X(31, COLLAR, "price_collar_percent", "0 to 10000, at most 4 decimals")                           \
    X(32, MAKER_FEE, "maker_fee_bps", "-10000 to 10000, at most 4 decimals, not more rebate than the other side pays") \
    X(33, TAKER_FEE, "taker_fee_bps", "-10000 to 10000, at most 4 decimals, not more rebate than the other side pays") \
    X(34, TRIGGER, "trigger", "LAST or QUOTE")                                                        \
    X(35, STATE, "state", "CONTINUOUS, HALTED, CLOSED, PRE_OPEN, AUCTION")                            \
    X(36, MARK, "mark", "LAST or QUOTE")                                                              \
    X(37, MAX_LEVERAGE, "max_leverage", "0, or 1 to 1000, at most 2 decimals")                        \
    X(38, ALLOW_SHORT, "allow_short", "false for a CASH account")                                     \
    X(39, AMOUNT, "amount", "not 0, exact in the currency's smallest unit")                           \
    X(40, BID, "bid", "0 or above, on the tick, not above the ask")                                   \
    X(41, BID_QUANTITY, "bid_quantity", "0 or above, a multiple of the lot")                          \
    X(42, ASK, "ask", "0 or above, on the tick")                                                      \
    X(43, ASK_QUANTITY, "ask_quantity", "0 or above, a multiple of the lot")                          \
    X(44, MAX_ORDER_QUANTITY, "limits.max_order_quantity", "0 or above")                              \
    X(45, MAX_ORDER_NOTIONAL, "limits.max_order_notional", "0 or above")                              \
    X(46, MAX_POSITION, "limits.max_position", "0 or above")                                          \
    X(47, MAX_ORDERS_PER_SECOND, "limits.max_orders_per_second", "0 to 1000000")                      \
    X(48, MARGIN_CALL, "margin_call_percent", "0 to 1000, at most 4 decimals")                        \
    X(49, LIQUIDATION, "liquidation_percent", "0 to 1000, at most 4 decimals")                        \
    X(50, ORDER_ID, "order_id", "the id of an open order")                                            \
    X(51, GTT_ID, "gtt_id", "the id of an active or disabled GTT") \
    X(52, SIMULATED, "simulated", "true or false")                                                    \
    X(53, CAUSE, "cause", "OPERATOR or BREAKER")                                                      \
    X(54, RULES, "rules", "at most 256")                                                              \
    X(55, ORDERS, "orders", "1 to 10000; 1 to 1000 where atomic")                                     \
    X(56, BATCH_ID, "batch_id", "the id of a batch")                                                  \
    X(57, REPORT, "report", "a report of the list")                                                   \
    X(58, EXT_ORDER_ID, "ext_order_id", "1 to 64 bytes")                                              \
    X(59, EXEC_ID, "exec_id", "1 to 64 bytes, one for every execution")                               \
    X(60, REF_EXEC_ID, "ref_exec_id", "the exec_id of an earlier execution")                          \
    X(61, FILLS, "fills", "1 to 256, each NEW, BUST or CORRECT")                                      \
    X(62, FILL_PRICE, "fill_price", "above 0, exact in the instrument's steps")                       \
    X(63, FILL_QUANTITY, "fill_qty", "above 0, exact in the instrument's steps")                      \
    X(64, KEY, "key", "an idempotency key that is remembered")                                        \
    X(65, ROWS, "rows", "at most 10000")                                                              \
    X(66, REASON, "reason", "at most 96 bytes")                                                       \
    X(67, FROM, "from", "a time before to")

enum refusal_field {
#define X(number, name, json, allowed) REFUSAL_##name = (number),
    REFUSAL_FIELDS(X)
#undef X
    REFUSAL_FIELD_NUMBER_MAX = 67
};
/* JSON name, and what is allowed; "" for 0, "?" for no field. Pure; static memory. */
const char *refusal_field_name(int number);
const char *refusal_field_allowed(int number);

#endif
