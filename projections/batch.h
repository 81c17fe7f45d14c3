/* projections/batch.h - the rows that one fold touches, decoded once, changed in memory and encoded once at its end.
 * What must stay true: until batch_emit nothing is written; an entry stays where it is until batch_clear, so entries
 * point to each other instead of being looked up by name again. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_BATCH_H
#define ORDERTAPE_PROJECTIONS_BATCH_H

#include "projections/candle.h"
#include "projections/puts.h"
#include "projections/table.h"

struct currency_entry {
    struct entry_head head;
    struct name key;
    struct currency_state row;
};
struct account_entry {
    struct entry_head head;
    struct name key;
    struct account_row row;
};
struct candle_entry;
struct instrument_entry {
    struct entry_head head;
    struct name key;
    struct instrument_row row;
    struct currency_entry *currency;
    /* Those its last trade at each venue went to: mostly the next one's too. */
    struct candle_entry *candles[VENUE_NUMBER_MAX][CANDLE_STORED_COUNT];
};
/* Keys of what belongs to two entries are their addresses. */
struct balance_entry {
    struct entry_head head;
    struct {
        struct account_entry *account;
        struct currency_entry *currency;
    } key;
    struct balance_row row;
};
struct position_entry {
    struct entry_head head;
    struct {
        struct account_entry *account;
        struct instrument_entry *instrument;
    } key;
    struct position_row row;
};
struct level_entry {
    struct entry_head head;
    struct {
        struct instrument_entry *instrument;
        int64_t price;
        uint64_t side;
    } key;
    i128 quantity, hidden;
    uint32_t orders;
};
struct candle_entry {
    struct entry_head head;
    struct {
        struct instrument_entry *instrument;
        int64_t start_s;
        uint32_t interval_s, venue;
    } key;
    struct candle_row row;
};
struct order_entry {
    struct entry_head head;
    uint64_t key;
    struct order_row row;
    bool open_stored; /* has a row in order_open */
    bool desk_stored; /* and in order_at_venue, of this venue (none: it waits for one) */
    struct name venue_stored;
    /* NULL for a refused one, whose names may name nothing */
    struct account_entry *account;
    struct instrument_entry *instrument;
    struct balance_entry *balance;
};

struct gtt_entry {
    struct entry_head head;
    uint64_t key;
    struct gtt_row row;
};

/* A trade that a bust may name: at a broker, by its exec_id. */
struct execution_entry {
    struct entry_head head;
    struct {
        uint64_t order_id, exec_id_len;
        char exec_id[EXT_ID_BYTES_MAX];
    } key;
    struct trade_row row;
};
struct venue_entry {
    struct entry_head head;
    uint64_t key; /* its number */
    struct venue_row row;
};

/* Events that follow another of their command directly: its rules, its lines, the FILLED of its EXECUTED. */
struct batch_due {
    const struct event *after; /* NULL: nothing is due */
    uint8_t kind;
    uint32_t next, last; /* numbers of what is due */
};

struct batch {
    struct views *views;
    MDB_txn *txn; /* that rows are read from */
    struct table currencies, accounts, instruments, balances, positions, levels, orders, gtts, candles, executions, venues;
    struct batch_due due;
    bool rules_dirty; /* the table is another one */
    uint32_t rules_count;
    struct route_rule rules[ROUTE_RULES_MAX];
    bool system_dirty; /* there is one row: nothing is read to change it */
    struct system_row system;
    struct puts puts;
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
/* Forgets everything; the next rows are read in txn. */
void batch_clear(struct batch *b, struct views *v, MDB_txn *txn);

/* The row, from this fold or from LMDB. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO, ERR_NO_MEMORY. */
int batch_currency(struct batch *b, const struct name *currency, struct currency_entry **out);
int batch_account(struct batch *b, const struct name *account, struct account_entry **out);
int batch_instrument(struct batch *b, const struct name *symbol, struct instrument_entry **out);
int batch_order(struct batch *b, uint64_t order_id, struct order_entry **out);
/* A new order, with its links unset. ERR_CORRUPT: this fold made it before. */
int batch_order_make(struct batch *b, uint64_t order_id, struct order_entry **out);
/* An order, or a GTT, which has an id of the same kind. */
bool batch_has_order(struct batch *b, uint64_t order_id);
/* An entry to overwrite, whether there is a row or not. */
int batch_currency_make(struct batch *b, const struct name *currency, struct currency_entry **out);
int batch_account_make(struct batch *b, const struct name *account, struct account_entry **out);
int batch_instrument_make(struct batch *b, const struct name *symbol, struct instrument_entry **out);
/* The row, or zeros where there is none yet. */
int batch_gtt(struct batch *b, uint64_t gtt_id, struct gtt_entry **out);
int batch_balance(struct batch *b, struct account_entry *account, struct currency_entry *currency,
                  struct balance_entry **out);
int batch_position(struct batch *b, struct account_entry *account, struct instrument_entry *instrument,
                   struct position_entry **out);
int batch_level(struct batch *b, struct instrument_entry *instrument, int side, int64_t price,
                struct level_entry **out);
int batch_candle(struct batch *b, struct instrument_entry *instrument, int venue, int stored, int64_t start_s,
                 struct candle_entry **out);
int batch_venue(struct batch *b, uint32_t number, struct venue_entry **out);
/* An execution of an order; to make one: ERR_CORRUPT when it is there already. */
int batch_execution(struct batch *b, uint64_t order_id, const char *exec_id, size_t len_bytes,
                    struct execution_entry **out);
int batch_execution_make(struct batch *b, uint64_t order_id, const char *exec_id, size_t len_bytes,
                         struct execution_entry **out);

/* Adds every dirty row to the puts and sorts them. */
int batch_emit(struct batch *b);

#endif
