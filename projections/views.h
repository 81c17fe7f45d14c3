/* projections/views.h - LMDB views folded from events, and their queries. They hold nothing that cannot be folded
 * again.
 * What must stay true: cursor (last command covered), command-tape id and chain hash commit in the same transaction as
 * the rows; a row is what core/rows.h, core/money.h and core/position.h make of the events, nothing else. An
 * environment that is damaged, foreign, of another version, or ahead of the tape is never repaired: it is dropped and
 * folded again.
 * Threads: one writer (views_fold); any number of readers, each with a struct views_read of its own. */
#ifndef ORDERTAPE_PROJECTIONS_VIEWS_H
#define ORDERTAPE_PROJECTIONS_VIEWS_H

#include "core/auction_price.h"
#include "core/event.h"
#include "core/rows.h"

struct views;

struct views_options {
    char path[4096];  /* DIR/projections, created when missing */
    bool read_only;   /* beside a running server */
    uint64_t tape_id; /* of the command tape; another one inside: rebuilt */
};

/* Where the views stand. */
struct views_cursor {
    uint64_t seq; /* every command up to here is folded; 0: none */
    int64_t ts_ns;
    uint64_t chain_hash_lo,
        chain_hash_hi; /* given by the last views_fold that had events: of the event tape behind them */
};

/* Opens, and empties first when what is there cannot be used (*emptied says so, with why in reason[256]). Read-only:
 * that is ERR_CORRUPT, or ERR_NOT_FOUND when there is none. ERR_IO, ERR_NO_MEMORY. */
int views_open(const struct views_options *o, struct views **out, bool *emptied, char *reason);
void views_close(struct views *v);
/* Drops everything: the next fold starts at seq 1. */
int views_clear(struct views *v);
struct views_cursor views_cursor(const struct views *v);
/* Folds events in one transaction: they follow the cursor and cover commands up to to.seq. On error nothing changed,
 * and the environment is closed: only views_close is allowed then. The map grows by itself. */
int views_fold(struct views *v, const struct event *events, uint32_t count, struct views_cursor to);
/* Commits are not synced one by one (MDB_NOSYNC, with the kernel's boot id and a clean mark in a file beside them:
 * another boot id without the mark means rebuild at open). This syncs and sets the mark; views_close does it too, and
 * leaves the file's hash. */
int views_sync(struct views *v);

/* A consistent read. Hold it briefly: it pins pages, and a fold that needs a larger map waits for it (so a thread must
 * not fold while it holds one). May be ended on another thread. ERR_FULL: too many at once; ERR_IO: closed by an
 * error. */
struct views_read;
int views_read_begin(struct views *v, struct views_read **out);
void views_read_end(struct views_read *r);
struct views_cursor views_read_cursor(const struct views_read *r);

struct trade_row {
    uint64_t seq; /* trade id is "seq-index": the event id of its FILLED event */
    uint32_t index;
    int64_t ts_ns;
    struct event_filled fill;
    /* Of an execution at a broker or a simulated one (its EXECUTED, and BUSTED if it came). */
    bool executed, busted, late;
    int64_t excess;
    uint8_t exec_id_len;
    char exec_id[EXT_ID_BYTES_MAX];
    struct name venue_name; /* of a broker; else empty */
};

/* The desk. */
struct venue_row {
    uint64_t updated_seq;
    int64_t updated_ns;
    struct event_venue_set venue; /* the last VENUE_SET */
};
struct rule_row {
    uint32_t number;
    struct route_rule rule;
};
/* A decision, for the audit: what a ROUTED event said. */
struct decision_row {
    uint64_t seq;
    uint32_t index;
    int64_t ts_ns;
    struct event_routed routed;
};
struct batch_row {
    uint64_t batch_id; /* its orders are batch_id + 1 to batch_id + orders */
    int64_t created_ns;
    struct event_batched batch;
};
struct statement_header_row {
    int64_t created_ns;
    struct event_statement statement;
};
/* A statement's line beside what we have. The trades that are compared are those of the statement's venue (and account) with from_ns <=
 * time < to_ns, by exec_id (a trade without one, and every trade at BOOK and QUOTE, by its trade_id), those that are not busted. A fee is
 * compared only where the line has one. */
enum reconcile_kind { RECONCILE_EQUAL = 1, RECONCILE_MISSING_HERE = 2, RECONCILE_MISSING_THERE = 3, RECONCILE_DIFFERS = 4 };
enum { DIFFERS_SIDE = 1, DIFFERS_SYMBOL = 2, DIFFERS_PRICE = 4, DIFFERS_QUANTITY = 8, DIFFERS_FEE = 16 };
struct reconcile_row {
    uint8_t kind;    /* enum reconcile_kind */
    uint8_t differs; /* DIFFERS_ bits */
    bool has_line, has_trade;
    struct event_statement_row line; /* as written */
    struct trade_row trade;
    uint64_t order_id; /* ours */
    uint8_t side;      /* of our order */
    i128 fee;          /* ours, at the trade's currency_scale */
};
struct reconcile_totals {
    uint32_t lines, trades, equal, missing_here, missing_there, differing;
};

/* A balance as an account shows it: core/state.h's balance with names. available = cash + cost_net - margin_used -
 * reserved. */
struct balance_row {
    struct name account, currency;
    i128 cash, reserved, cost_net, margin_used;
    uint8_t scale;
};
/* Marked as docs/ENGINE.md (CHECK_MARGIN) says: value has the position's sign, is its cost without a mark, and at most
 * POSITION_VALUE_MAX either way. */
struct position_row {
    struct name account, symbol, currency;
    int64_t quantity;
    i128 cost, realized;
    i128 value, unrealized; /* unrealized = value - cost; 0 without a mark */
    int64_t mark_price;     /* by the instrument's mark; 0: there is none, or no position */
    uint8_t price_scale, quantity_scale, currency_scale;
    uint64_t updated_seq;
};
/* What an account is worth in one currency: its cash and its positions there. */
struct equity_row {
    struct name account, currency;
    i128 cash, value, exposure; /* exposure: sum of |value| */
    i128 equity;                /* cash + value */
    i128 unrealized;
    uint32_t positions; /* with a quantity */
    uint8_t scale;
};
struct account_row {
    struct account_state account; /* its rate_tat_ns is not shown: 0 */
    uint64_t updated_seq;
    struct {
        uint64_t seq; /* 0: there was none */
        int64_t ts_ns;
        struct name currency;
        i128 equity, exposure;
        int64_t required_ppm;
        bool liquidation;
        uint8_t currency_scale;
    } margin_call; /* the last MARGIN_CALLED */
};
struct instrument_row {
    struct instrument_state instrument; /* its range and auction_price are not shown: 0 */
    uint64_t updated_seq;
    int64_t market_buy, market_sell; /* quantity of MARKET orders that wait in the book for an auction */
    struct {
        uint64_t seq; /* 0: there was none */
        int64_t ts_ns, price, quantity, imbalance;
    } uncrossed;         /* the last UNCROSSED */
    uint8_t state_cause; /* enum state_cause of its last change of session; 0: none since it was made */
};
struct level_row {
    int64_t price;
    i128 quantity, hidden; /* quantity: what is shown; hidden: what icebergs keep back. Of many accounts: beyond 64 bits */
    uint32_t orders;
};
/* What traded in one interval; there is none without a trade. */
struct candle_row {
    int64_t start_ns; /* a multiple of the interval since 1970 UTC */
    int64_t open, high, low, close;
    i128 volume, notional; /* sums of the trades' quantities and notionals: their ratio is the average price */
    uint64_t trades;
    uint8_t price_scale, quantity_scale, currency_scale;
};
struct system_row {
    uint8_t trading; /* enum account_status; ACTIVE is 0 here, as in core/state.h */
    uint64_t updated_seq;
};
struct gtt_row {
    uint64_t gtt_id;
    uint64_t created_seq, updated_seq;
    int64_t created_ns, updated_ns;
    struct event_gtt_set gtt; /* the last GTT_SET */
};

/* Single rows: 0, ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int views_order(struct views_read *r, uint64_t order_id, struct order_row *out);
/* The newest order of that client_order_id (of that account; of any account when the name is empty). */
int views_order_by_client_id(struct views_read *r, const struct name *account, struct text client_order_id,
                             struct order_row *out);
int views_instrument(struct views_read *r, const struct name *symbol, struct instrument_row *out);
int views_account(struct views_read *r, const struct name *account, struct account_row *out);
int views_currency(struct views_read *r, const struct name *currency, struct currency_state *out);
int views_gtt(struct views_read *r, uint64_t gtt_id, struct gtt_row *out);
int views_system(struct views_read *r, struct system_row *out); /* always there */
int views_venue(struct views_read *r, const struct name *venue, struct venue_row *out);
int views_batch(struct views_read *r, uint64_t batch_id, struct batch_row *out);
int views_statement(struct views_read *r, uint64_t statement_id, struct statement_header_row *out);
int views_trade(struct views_read *r, uint64_t seq, uint32_t index, struct trade_row *out);
int views_position(struct views_read *r, const struct name *account, const struct name *symbol,
                   struct position_row *out);
/* Walks the account's positions. Zeros where the account has no balance in that currency; ERR_NOT_FOUND: no such account or
 * currency. */
int views_equity(struct views_read *r, const struct name *account, const struct name *currency, struct equity_row *out);
/* Where the instrument's book would uncross now (core/auction_price.h), whatever its state; all 0: nowhere. */
int views_indicative(struct views_read *r, const struct name *symbol, struct auction_price *out);

/* Lists. Oldest first; positions and balances by name. `limit` rows at most are written to out (from 1 to
 * VIEWS_PAGE_MAX). `after` is the cursor of the last row seen ("" or NULL: from the start), next (VIEWS_CURSOR_BYTES)
 * receives the cursor to go on with, or "" when the list is at its end. Returns the count; ERR_USAGE: not a cursor of
 * this list; ERR_CORRUPT, ERR_IO. Filters: empty names and 0 mean any. A page passes over at most 100,000 rows: it may
 * be short, even empty, and still have a next. next may be where after is. */
enum { VIEWS_PAGE_MAX = 500, VIEWS_CURSOR_BYTES = 128 };
struct order_filter {
    struct name account, symbol;
    uint8_t status; /* enum order_status; 0 any */
    bool open_only; /* as order_row_is_open says */
    struct text client_order_id;
    struct name venue; /* BOOK, QUOTE or a broker; empty: any */
    bool manual_review; /* only those that wait for an operator */
};
int64_t views_orders(struct views_read *r, const struct order_filter *f, const char *after, uint32_t limit,
                     struct order_row *out, char *next);
struct trade_filter {
    struct name account, symbol;
    uint64_t order_id;
    struct name venue;      /* BOOK, QUOTE or a broker; empty: any */
    int64_t from_ns, to_ns; /* 0 and 0: any time; else from_ns <= time < to_ns */
};
int64_t views_trades(struct views_read *r, const struct trade_filter *f, const char *after, uint32_t limit,
                     struct trade_row *out, char *next);
struct gtt_filter {
    struct name account, symbol;
    uint8_t status; /* enum gtt_status; 0 any */
};
int64_t views_gtts(struct views_read *r, const struct gtt_filter *f, const char *after, uint32_t limit,
                   struct gtt_row *out, char *next);
int64_t views_positions(struct views_read *r, const struct name *account, const char *after, uint32_t limit,
                        struct position_row *out, char *next);
int64_t views_accounts(struct views_read *r, const char *after, uint32_t limit, struct account_row *out, char *next);
int64_t views_balances(struct views_read *r, const struct name *account, const char *after, uint32_t limit,
                       struct balance_row *out, char *next);
int64_t views_instruments(struct views_read *r, const char *after, uint32_t limit, struct instrument_row *out,
                          char *next);
int64_t views_currencies(struct views_read *r, const char *after, uint32_t limit, struct currency_state *out,
                         char *next);
/* The desk's lists: venues and rules by number, an order's decisions and statements oldest first. */
int64_t views_venues(struct views_read *r, const char *after, uint32_t limit, struct venue_row *out, char *next);
int64_t views_rules(struct views_read *r, const char *after, uint32_t limit, struct rule_row *out, char *next);
int64_t views_decisions(struct views_read *r, uint64_t order_id, const char *after, uint32_t limit, struct decision_row *out,
                        char *next);
int64_t views_statements(struct views_read *r, const char *after, uint32_t limit, struct statement_header_row *out, char *next);
/* The whole comparison: first the statement's lines in their order, then what is missing there by time. rows: malloc'd, the caller frees
 * them. all false: only those that are not EQUAL. 0, ERR_NOT_FOUND, ERR_NO_MEMORY, ERR_FULL (more than RECONCILE_TRADES_MAX trades in
 * that time: ask for a shorter one), ERR_IO, ERR_CORRUPT. */
enum { RECONCILE_TRADES_MAX = 100000 };
int views_reconcile(struct views_read *r, uint64_t statement_id, bool all, struct reconcile_row **rows, size_t *count,
                    struct reconcile_totals *totals);
/* Candles that start at from_ns or later and before to_ns: whole ones, whatever those say. ERR_NOT_FOUND: no such
 * instrument. X(seconds, word): each is a whole number of one that is stored (projections/candle.h). */
#define CANDLE_INTERVALS(X)                                                                                           \
    X(1, "1s")                                                                                                        \
    X(5, "5s")                                                                                                        \
    X(15, "15s")                                                                                                      \
    X(30, "30s")                                                                                                      \
    X(60, "1m")                                                                                                       \
    X(300, "5m")                                                                                                      \
    X(900, "15m")                                                                                                     \
    X(1800, "30m")                                                                                                    \
    X(3600, "1h")                                                                                                     \
    X(14400, "4h")                                                                                                    \
    X(86400, "1d")
struct candle_filter {
    struct name symbol;
    uint8_t venue; /* VENUE_BOOK: continuous trading and auctions; VENUE_QUOTE */
    uint32_t interval_s; /* of CANDLE_INTERVALS */
    int64_t from_ns, to_ns; /* 0 and INT64_MAX: all */
};
int64_t views_candles(struct views_read *r, const struct candle_filter *f, const char *after, uint32_t limit,
                      struct candle_row *out, char *next);
/* The event ids (seq, index) of an order's history, or a GTT's by its id, oldest first; the events themselves are on the
 * event tape. */
struct event_id {
    uint64_t seq;
    uint32_t index;
};
int64_t views_order_events(struct views_read *r, uint64_t order_id, const char *after, uint32_t limit,
                           struct event_id *out, char *next);
/* Best first, at most levels_max; returns how many. */
int64_t views_book(struct views_read *r, const struct name *symbol, int side, struct level_row *out,
                   uint32_t levels_max);

/* Rows of every view, for /metrics and `verify`. */
struct views_counts {
    uint64_t orders, trades, positions, accounts, balances, instruments, currencies, levels, gtts;
    uint64_t venues, rules, decisions, batches, statements;
    uint64_t candles; /* that are stored */
    uint64_t bytes_used, bytes_map;
};
int views_counts(struct views_read *r, struct views_counts *out);
/* XXH3-128 over every key and value of every view in order: equal views have equal hashes. */
int views_hash(struct views_read *r, uint64_t *lo, uint64_t *hi);

#endif
