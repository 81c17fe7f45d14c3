/* projections/env.h - the LMDB environment behind struct views: its databases, transactions, map and readers.
 * What must stay true: the map changes its size, and the environment closes, only while no reader of this process is
 * inside a transaction; LMDB's MDB_env must be open once a process. */
#ifndef ORDERTAPE_PROJECTIONS_ENV_H
#define ORDERTAPE_PROJECTIONS_ENV_H

#include <lmdb.h>
#include <pthread.h>

#include "projections/mark.h"
#include "projections/values.h"
#include "projections/views.h"

/* X(NAME, name in LMDB). keys.c draws the keys, values.c the values. All but "state" are views: views_hash covers
 * them in this order. */
#define VIEW_DBS(X)                                                                                                   \
    X(STATE, "state")                                                                                                 \
    X(ORDERS, "orders")                                                                                               \
    X(ORDER_EVENTS, "order_events")                                                                                   \
    X(ORDER_BY_ACCOUNT, "order_by_account")                                                                           \
    X(ORDER_OPEN, "order_open")                                                                                       \
    X(ORDER_AT_VENUE, "order_at_venue")                                                                               \
    X(ORDER_BY_SYMBOL, "order_by_symbol")                                                                             \
    X(ORDER_BY_CLIENT, "order_by_client")                                                                             \
    X(ORDER_BY_ACCOUNT_CLIENT, "order_by_account_client")                                                             \
    X(TRADES, "trades")                                                                                               \
    X(TRADE_BY_ACCOUNT, "trade_by_account")                                                                           \
    X(TRADE_BY_SYMBOL, "trade_by_symbol")                                                                             \
    X(TRADE_BY_VENUE, "trade_by_venue")                                                                               \
    X(EXECUTIONS, "executions")                                                                                       \
    X(ACCOUNTS, "accounts")                                                                                           \
    X(ACCOUNTS_MADE, "accounts_made")                                                                                 \
    X(INSTRUMENTS, "instruments")                                                                                     \
    X(INSTRUMENTS_MADE, "instruments_made")                                                                           \
    X(CURRENCIES, "currencies")                                                                                       \
    X(CURRENCIES_MADE, "currencies_made")                                                                             \
    X(BALANCES, "balances")                                                                                           \
    X(POSITIONS, "positions")                                                                                         \
    X(LEVELS, "levels")                                                                                               \
    X(GTTS, "gtts")                                                                                                   \
    X(GTT_BY_ACCOUNT, "gtt_by_account")                                                                               \
    X(GTT_BY_SYMBOL, "gtt_by_symbol")                                                                                 \
    X(VENUES, "venues")                                                                                               \
    X(RULES, "rules")                                                                                                 \
    X(DECISIONS, "decisions")                                                                                         \
    X(BATCHES, "batches")                                                                                             \
    X(STATEMENTS, "statements")                                                                                       \
    X(STATEMENT_LINES, "statement_lines")                                                                             \
    X(CANDLES, "candles")                                                                                             \
    X(SYSTEM, "system")

enum view_db {
#define X(name, text) DB_##name,
    VIEW_DBS(X)
#undef X
        VIEW_DB_COUNT
};

struct batch;

struct views {
    struct views_options options;
    MDB_env *env; /* NULL: closed by an error */
    MDB_dbi dbi[VIEW_DB_COUNT];
    struct batch *batch; /* the writer's; its memory is used again by every fold */
    struct views_mark mark; /* as on disk */
    uint64_t file_bytes;    /* data.mdb is at least that long */
    pthread_mutex_t lock;   /* of what follows */
    pthread_cond_t changed;
    struct views_state state; /* of the last commit */
    uint32_t readers;
    bool exclusive; /* the map is being changed: readers wait */
};

struct views_read {
    struct views *views;
    MDB_txn *txn;
    struct views_cursor cursor;
};

/* An LMDB or errno code as a core/error.h code. */
int env_error(int lmdb_code);
/* Waits until no reader of this process is inside and keeps new ones out, until env_admit. */
void env_exclude(struct views *v);
void env_admit(struct views *v);
/* Makes the map larger. No transaction of this thread may be open. */
int env_grow(struct views *v);
/* Takes the clean mark away, durably, when there is one: before the first commit after it. */
int env_mark_unclean(struct views *v);
/* Commits and remembers the state. Returns LMDB's code; the transaction is gone in any case. */
int env_commit(struct views *v, MDB_txn *txn, const struct views_state *s);
/* After an error that leaves the environment untrusted: closes it. Only views_close may follow. */
void env_break(struct views *v);

#endif
