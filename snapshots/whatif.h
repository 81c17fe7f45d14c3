/* snapshots/whatif.h - a branch of history: the tape from a base on, with commands inserted, dropped or replaced,
 * folded beside the tape as it was, and what differs. It reads the tape only; it has no door to the live engine, tape
 * or views. What must stay true: the same scenario over the same tape gives the same answer, whatever snapshot was
 * used. */
#ifndef ORDERTAPE_SNAPSHOTS_WHATIF_H
#define ORDERTAPE_SNAPSHOTS_WHATIF_H

#include "core/rows.h"
#include "journal/data_dir.h"
#include "journal/records.h"
#include "snapshots/recover.h"

/* A place in the tape: by seq, by time, or by snapshot. */
enum whatif_point_kind { WHATIF_NONE = 0, WHATIF_SEQ = 1, WHATIF_TIME = 2, WHATIF_SNAPSHOT = 3 };
struct whatif_point {
    enum whatif_point_kind kind;
    uint64_t seq;
    int64_t ts_ns;
};

enum whatif_edit_kind { WHATIF_INSERT = 1, WHATIF_DROP_SEQ = 2, WHATIF_DROP_ORDER = 3, WHATIF_DROP_ACCOUNT = 4 };
enum { WHATIF_EDITS_MAX = 65536 };
struct whatif_edit {
    enum whatif_edit_kind kind;
    /* INSERT: before that command, with its time; or before the first at or after the time, with that time. */
    struct whatif_point at;
    struct command command; /* INSERT: seq and ts_ns are given by the branch, and it has no key; its texts and lists stay
                             * the caller's and live until whatif_run returns */
    uint64_t seq;           /* DROP_SEQ */
    uint64_t order_id;      /* DROP_ORDER: index 0; a linked order goes with its whole group; a GTT, a batch too. Or an order of
                             * a batch */
    struct name account;    /* DROP_ACCOUNT: every PLACE, PLACE_LINKED and GTT_PLACE of it, its orders in a BATCH */
};

enum whatif_report {
    WHATIF_ORDERS = 1,
    WHATIF_TRADES = 2,
    WHATIF_POSITIONS = 4,
    WHATIF_ACCOUNTS = 8,
    WHATIF_BOOK = 16
};
struct whatif_scenario {
    struct whatif_point base;  /* state after it; WHATIF_NONE: seq 0 */
    struct whatif_point until; /* inclusive; WHATIF_NONE: the end */
    const struct whatif_edit *edits;
    uint32_t edits_count;
    uint32_t report;            /* enum whatif_report bits; 0: all but book */
    const struct name *accounts; /* rows of these only; none: of all */
    uint32_t accounts_count;
    const struct name *symbols;
    uint32_t symbols_count;
    bool no_snapshot; /* for tests: do not use snapshots */
};

/* Differences: each row is there on one side or on both. */
struct whatif_order_diff {
    bool in_baseline, in_branch;
    struct order_row baseline, branch;
};

/* Trades are matched by (buy order, sell order, how many'th fill of that pair); equal ones are no difference. An
 * execution that was busted has its trade and the opposite one, which the order has on its other side. */
struct whatif_trade {
    uint64_t seq;
    uint32_t index;
    int64_t ts_ns;
    struct event_filled fill;
    bool busted; /* the opposite one */
};
struct whatif_trade_diff {
    bool in_baseline, in_branch;
    struct whatif_trade baseline, branch;
};

struct whatif_position {
    struct name account, symbol, currency;
    struct position_state position;
    uint8_t price_scale, quantity_scale, currency_scale;
};
struct whatif_position_diff {
    bool in_baseline, in_branch;
    struct whatif_position baseline, branch;
};

struct whatif_balance {
    struct name account, currency;
    struct balance_state balance;
    uint8_t scale;
};
struct whatif_balance_diff {
    bool in_baseline, in_branch;
    struct whatif_balance baseline, branch;
};

struct whatif_level_diff {
    struct name symbol;
    uint8_t side, price_scale, quantity_scale;
    bool in_baseline, in_branch;
    struct book_level baseline, branch;
};

/* A command that named a dropped order, GTT or batch; a FILL: each of its rows that did, which alone is left out. */
struct whatif_skip {
    uint64_t seq;
    uint8_t command_kind;
    uint64_t order_id;
};

struct whatif_result {
    uint64_t base_seq, until_seq;
    int64_t base_ts_ns, until_ts_ns;
    uint64_t commands;                      /* on the tape from base + 1 to until */
    struct digest base_digest;              /* of the baseline at until */
    struct digest branch_digest;            /* of the branch at until */
    struct whatif_order_diff *orders;       /* by order id */
    struct whatif_trade_diff *trades;       /* by (seq, index) of the baseline, else of the branch */
    struct whatif_position_diff *positions; /* by account, symbol */
    struct whatif_balance_diff *balances;   /* by account, currency */
    struct whatif_level_diff *levels;       /* by symbol, side, best first */
    struct order_row *inserted;             /* made by inserted PLACEs, PLACE_LINKEDs and BATCHes (REJECTED too), as they ended; as in
                                             * the file */
    struct whatif_skip *skipped;            /* as they came */
    size_t orders_count, trades_count, positions_count, balances_count, levels_count, inserted_count, skipped_count;
    char error[256]; /* when whatif_run fails: what is wrong with the scenario */
};

/* 0; ERR_USAGE (scenario: error says what), ERR_CORRUPT, ERR_DIFFERS (the tape against its own digests), ERR_IO,
 * ERR_NO_MEMORY. Free the result in every case. */
int whatif_run(const struct data_dir *d, const struct whatif_scenario *s, struct whatif_result *out);
void whatif_result_free(struct whatif_result *r);

#endif
