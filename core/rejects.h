/* core/rejects.h - every way the engine says no, in one list.
 * X(number, NAME, text). The number stands on the event tape and never changes its meaning; NAME is the API's `code`;
 * the list also drives the test that every reason is reachable. Stages:
 * 10xx-12xx shape, 2xxx risk and money, 3xxx market and book, 4xxx account and order state, 9xxx a limit of the engine. */
#ifndef ORDERTAPE_CORE_REJECTS_H
#define ORDERTAPE_CORE_REJECTS_H

#define REJECTS(X)                                                                                              \
    X(1001, COMMAND_UNKNOWN, "this kind of command is not known to the rules in force")                         \
    X(1002, NOT_SUPPORTED, "a field asks for something the rules in force do not offer")                        \
    X(1003, FIELD_INVALID, "a field is outside what the command allows")                                        \
    X(1004, LIMITS_FIRST, "the first command of a tape sets its limits, and only the first")                    \
    X(1101, UNKNOWN_ACCOUNT, "no such account")                                                                 \
    X(1102, UNKNOWN_INSTRUMENT, "no such instrument")                                                           \
    X(1103, UNKNOWN_VENUE, "no such venue")                                                                     \
    X(1104, NAME_RESERVED, "names that begin with @ belong to house accounts")                                  \
    X(1201, PRICE_OFF_TICK, "price is not a multiple of the tick")                                              \
    X(1202, PRICE_REQUIRED, "a LIMIT order needs a price above zero")                                           \
    X(1203, PRICE_NOT_ALLOWED, "a MARKET order has no price")                                                   \
    X(1204, PRICE_TOO_LARGE, "price is above the largest price the engine holds")                               \
    X(1211, QUANTITY_OFF_LOT, "quantity is not a multiple of the lot")                                          \
    X(1212, QUANTITY_NOT_POSITIVE, "quantity must be above zero")                                               \
    X(1213, QUANTITY_TOO_SMALL, "quantity is below the instrument's minimum")                                   \
    X(1214, QUANTITY_TOO_LARGE, "quantity is above the instrument's maximum")                                   \
    X(1221, POST_ONLY_NEEDS_LIMIT, "post_only needs a LIMIT order that may rest")                               \
    X(1222, EXPIRY_REQUIRED, "a GTD order needs expires_at, later than now")                                    \
    X(1223, EXPIRY_NOT_ALLOWED, "expires_at belongs to GTD orders")                                             \
    X(1231, SCALE_FIXED, "a currency's or an instrument's scale and currency are fixed at creation")            \
    X(1232, STEP_NOT_WHOLE, "tick x lot must be a whole number of the currency's smallest unit")                \
    X(2001, CASH_SHORT, "available cash is below what this needs")                                              \
    X(2002, POSITION_SHORT, "the account may not sell more than it holds")                                      \
    X(2003, NOTIONAL_TOO_LARGE, "price x quantity is above the maximum notional")                               \
    X(2004, POSITION_TOO_LARGE, "the position could outgrow the largest the engine holds")                      \
    X(2005, CASH_TOO_LARGE, "the balance would outgrow the largest the engine holds")                           \
    X(3001, INSTRUMENT_NOT_OPEN, "the instrument is not in a state that takes this order")                      \
    X(3002, PRICE_OUTSIDE_COLLAR, "price is further from the last trade than the collar allows")                \
    X(3003, POST_ONLY_WOULD_CROSS, "a post_only order may not take")                                            \
    X(4001, ACCOUNT_HALTED, "the account is halted")                                                            \
    X(4002, ACCOUNT_REDUCING, "the account may only reduce its positions")                                      \
    X(4003, ACCOUNT_IN_USE, "type and leverage change only without open orders and positions")                  \
    X(4101, ORDER_NOT_OPEN, "no open order has this id")                                                        \
    X(9001, ORDERS_FULL, "the engine holds as many open orders as its limits allow")                            \
    X(9002, LEVELS_FULL, "the engine holds as many price levels as its limits allow")                           \
    X(9003, INSTRUMENTS_FULL, "the engine holds as many instruments as its limits allow")                       \
    X(9004, ACCOUNTS_FULL, "the engine holds as many accounts as its limits allow")                             \
    X(9005, POSITIONS_FULL, "the engine holds as many positions and balances as its limits allow")              \
    X(9006, CURRENCIES_FULL, "the engine holds as many currencies as its limits allow")                         \
    X(9007, SWEEP_PENDING, "an earlier mass cancel or end of day has not finished")                             \
    X(9008, TIMERS_FULL, "the engine holds as many timers as its limits allow")

enum reject {
#define X(number, name, text) REJECT_##name = (number),
    REJECTS(X)
#undef X
};

/* NAME and text of a reject number; "?" when it is none. Pure; static memory. */
const char *reject_name(int number);
const char *reject_text(int number);

#endif
