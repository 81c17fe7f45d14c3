/* core/limits.h - every maximum of the engine, in one place.
 * Invariant: constants bound arithmetic so that no sum or product in core can overflow; struct limits bounds memory,
 * is written by the tape's first command, and so is the same for everyone who folds that tape. */
#ifndef ORDERTAPE_CORE_LIMITS_H
#define ORDERTAPE_CORE_LIMITS_H

#include "core/types.h"

/* 10^17: at nine decimals that is a price of 100,000,000. price x quantity is then below 2^113. */
#define PRICE_MAX ((int64_t)100000000000000000)
#define QUANTITY_MAX ((int64_t)100000000000000000)
/* One order's notional, and one cash movement, in the currency's smallest unit: 2^90, about 1.2e27. An exact fee, in 10^-8 of
 * it, is then below 2^117. */
#define NOTIONAL_MAX ((i128)1 << 90)
/* |cash| of one balance after a cash movement: 2^118. */
#define CASH_MAX ((i128)1 << 118)
/* What one position counts for in a check of margins: 2^100. A sum over every instrument, times a percentage, is then below 2^124. */
#define POSITION_VALUE_MAX ((i128)1 << 100)
/* |position| plus everything open on one side, in quantity units: 4e18 < 2^63. */
#define POSITION_MAX ((int64_t)4000000000000000000)
/* Fee rates are in 10^-8 of the notional: 1 bp is 10,000. At most 100 %, at least -100 %. */
#define FEE_RATE_ONE ((int64_t)100000000)
/* Leverage in hundredths: 100 is 1x, 100,000 is 1000x. */
enum { LEVERAGE_ONE = 100, LEVERAGE_MAX = 100000 };
/* Collars in millionths of the reference price; 10 % is 100,000. 0 is no collar. */
enum { COLLAR_PPM_MAX = 100000000 };
/* Percentages of margin in millionths: at most 1000 %. */
enum { MARGIN_PPM_MAX = 10000000 };
/* Bounds of what one order's fill may touch besides itself, so that a command's work stays bounded. */
enum {
    TRAILING_MAX = 1000,         /* trailing stops of one instrument: all follow its price within one command */
    REDUCE_ONLY_MAX = 64,        /* open reduce-only orders of one position: all shrink with it at once */
    ALL_OR_NONE_CHECKS_MAX = 64, /* all-or-none orders looked at after one command */
    GTT_DAYS_MAX = 366,
    ORDERS_PER_SECOND_MAX = 1000000
};
/* Of the order desk. */
enum {
    VENUES_MAX = 32,            /* BOOK and QUOTE among them; a set of venues is one u32 */
    ROUTE_RULES_MAX = 256,      /* looked through for every order that names no venue */
    ROUTE_CANDIDATES_MAX = 4,   /* venues of one rule */
    ROUTE_TRIES_MAX = 3,        /* before an order that no venue takes waits for an operator */
    ROUTE_RETRY_SECONDS = 300,
    BATCH_ORDERS_MAX = 10000,   /* orders of one batch */
    BATCH_ATOMIC_MAX = 1000,    /* of one that is accepted whole or not at all: each looks at those before it */
    FILLS_MAX = 256,            /* of one command: each looks at those before it */
    STATEMENT_ROWS_MAX = 10000
};
/* A batch's orders are numbered by 16 bits of the order id. */
enum { ORDER_INDEX_BITS = 16 };
/* Seqs of commands that a branch inserts begin here. */
#define BRANCH_SEQ_FIRST ((uint64_t)1 << 47)

/* X(field, default, largest). Counts of objects; on the tape in this order. */
#define LIMITS(X)                                                                                  \
    X(orders_max, 4194304, 67108864)     /* open orders */                                         \
    X(levels_max, 2097152, 67108864)     /* price levels with an open order, all books together */ \
    X(instruments_max, 65536, 1048576)                                                             \
    X(accounts_max, 262144, 16777216)                                                              \
    X(positions_max, 1048576, 67108864)  /* (account, instrument) pairs with an order or history */ \
    X(balances_max, 524288, 67108864)    /* (account, currency) pairs */                           \
    X(currencies_max, 256, 4096)                                                                   \
    X(timers_max, 4194304, 67108864)     /* GTD orders open at once */                             \
    X(work_max, 65536, 1048576)          /* orders one command may touch */                       \
    X(routes_max, 1048576, 67108864)     /* orders at brokers, until they have settled and lingered */ \
    X(executions_max, 4194304, 67108864) /* fills of those */                                     \
    X(client_ids_max, 4194304, 67108864) /* client_order_ids of open orders and of the last key_ttl_s */ \
    X(keys_max, 1048576, 67108864)       /* idempotency keys */                                   \
    X(key_ttl_s, 86400, 2678400)         /* how long a key, and a used client_order_id, is remembered at least */ \
    X(linger_s, 86400, 2678400)          /* how long a done order's exec_ids are remembered */

struct limits {
#define X(field, def, largest) uint32_t field;
    LIMITS(X)
#undef X
};

struct limits limits_default(void);
/* The house accounts every tape has: @fees, @external, @import, @QUOTE. */
enum { HOUSE_ACCOUNTS = 4 };
/* True when every field is between 1 (accounts_max: HOUSE_ACCOUNTS) and its largest value. */
bool limits_valid(const struct limits *l);

#endif
