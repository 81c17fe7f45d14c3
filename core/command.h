/* core/command.h - what somebody asks. The tape holds these and nothing else is truth.
 * Invariant: a command says everything it needs in words that mean the same on every machine (names, decimals, tape ids):
 * never a pool index, never a scale that must be looked up. Its producer is the only one who knows the world; the engine
 * judges it with the state alone. */
#ifndef ORDERTAPE_CORE_COMMAND_H
#define ORDERTAPE_CORE_COMMAND_H

#include "core/limits.h"
#include "core/types.h"

/* X(number, NAME, text). The number is the `kind` column of the tape; text is the "op" of JSON commands. */
#define COMMAND_KINDS(X)                                                     \
    X(1, SET_LIMITS, "set_limits")                                           \
    X(2, SET_CURRENCY, "set_currency")                                       \
    X(3, SET_INSTRUMENT, "set_instrument")                                   \
    X(4, SET_ACCOUNT, "set_account")                                         \
    X(5, MOVE_CASH, "move_cash")                                             \
    X(6, SET_QUOTE, "set_quote")                                             \
    X(7, PLACE, "place")                                                     \
    X(8, MODIFY, "modify")                                                   \
    X(9, CANCEL, "cancel")                                                   \
    X(10, MASS_CANCEL, "mass_cancel")                                        \
    X(11, END_OF_DAY, "end_of_day")                                          \
    X(12, TICK, "tick")           /* time passed and a timer is due */       \
    X(13, CONTINUE, "continue")   /* go on with work that was too long for one command */                    \
    X(14, PLACE_LINKED, "place_linked") /* an OCO pair, an OTO pair or a bracket */                          \
    X(15, SET_TRADING, "set_trading")   /* trading state of an account, an instrument or the whole system */ \
    X(16, GTT_PLACE, "gtt_place")                                                                            \
    X(17, GTT_MODIFY, "gtt_modify")                                                                          \
    X(18, GTT_DELETE, "gtt_delete")                                                                          \
    X(19, CHECK_MARGIN, "check_margin") /* compare equity with what positions need; call or liquidate */     \
    X(20, SET_VENUE, "set_venue")                                                                            \
    X(21, SET_ROUTING, "set_routing") /* the whole table of rules */                                         \
    X(22, BATCH, "batch")             /* many orders in one command */                                       \
    X(23, CANCEL_BATCH, "cancel_batch")                                                                      \
    X(24, ROUTE, "route")             /* by hand */                                                          \
    X(25, REPORT, "report")           /* what a broker says of an order, fills aside */                      \
    X(26, FILL, "fill")               /* executions, busts and corrections; or simulated ones */             \
    X(27, SETTLE, "settle")                                                                                  \
    X(28, CLEAR_KEY, "clear_key")     /* forget an idempotency key */                                        \
    X(29, STATEMENT, "statement")     /* a broker's statement, to be compared with what we have */

enum command_kind {
#define X(number, name, text) COMMAND_##name = (number),
    COMMAND_KINDS(X)
#undef X
    COMMAND_KIND_NUMBER_MAX = 29
};
const char *command_kind_text(int number);
int command_kind_from_text(const char *text, size_t len_bytes);

struct command_set_currency {
    struct name currency;
    uint8_t scale; /* DECIMAL_ABSENT: 2 */
};

/* Which fields of a SET_INSTRUMENT or SET_ACCOUNT are named; the others stay, or take their default at creation. */
enum instrument_field {
    INSTRUMENT_HAS_CURRENCY = 1 << 0,       /* default USD */
    INSTRUMENT_HAS_TICK_SIZE = 1 << 1,      /* default 0.01; its decimals fix the price scale at creation */
    INSTRUMENT_HAS_LOT_SIZE = 1 << 2,       /* default 1; its decimals fix the quantity scale at creation */
    INSTRUMENT_HAS_MIN_QUANTITY = 1 << 3,   /* default 0: the lot */
    INSTRUMENT_HAS_MAX_QUANTITY = 1 << 4,   /* default 0: QUANTITY_MAX */
    INSTRUMENT_HAS_MAX_NOTIONAL = 1 << 5,   /* default 0: NOTIONAL_MAX */
    INSTRUMENT_HAS_COLLAR = 1 << 6,         /* default 0: none */
    INSTRUMENT_HAS_MAKER_FEE = 1 << 7,      /* default 0 */
    INSTRUMENT_HAS_TAKER_FEE = 1 << 8,      /* default 0 */
    INSTRUMENT_HAS_TRIGGER = 1 << 9,        /* default LAST */
    INSTRUMENT_HAS_SETTLEMENT_DAYS = 1 << 10, /* default 0 */
    INSTRUMENT_HAS_STATE = 1 << 11,         /* default CONTINUOUS; on an instrument that exists, a change of session */
    INSTRUMENT_HAS_MAX_LEVERAGE = 1 << 12,  /* default 0: the account's; at most 2 decimals, 1 to 1000, or 0 */
    INSTRUMENT_HAS_MARK = 1 << 13,          /* default LAST */
    INSTRUMENT_HAS_HALT_ON_BREACH = 1 << 14 /* default false: a fill outside the collar halts the instrument instead */
};
struct command_set_instrument {
    struct name symbol;
    struct name currency;
    uint32_t fields; /* enum instrument_field */
    struct decimal tick_size, lot_size, min_quantity, max_quantity;
    struct amount max_notional;
    struct decimal collar_percent; /* at most 4 decimals */
    struct decimal maker_fee_bps, taker_fee_bps; /* at most 4 decimals; may be negative */
    struct decimal max_leverage;
    uint8_t trigger, state, mark;
    bool halt_on_breach;
    uint16_t settlement_days;
};

enum account_field {
    ACCOUNT_HAS_TYPE = 1 << 0,        /* default CASH */
    ACCOUNT_HAS_LEVERAGE = 1 << 1,    /* default 1; at most 2 decimals, 1 to 1000; MARGIN only */
    ACCOUNT_HAS_ALLOW_SHORT = 1 << 2, /* default false; MARGIN only */
    ACCOUNT_HAS_STATUS = 1 << 3,      /* default ACTIVE */
    ACCOUNT_HAS_STP = 1 << 4,         /* default NONE; for orders that do not say */
    /* Limits of the account; 0 is none, and the default. */
    ACCOUNT_HAS_MAX_ORDER_QUANTITY = 1 << 5,
    ACCOUNT_HAS_MAX_ORDER_NOTIONAL = 1 << 6, /* in each instrument's own currency */
    ACCOUNT_HAS_MAX_POSITION = 1 << 7,
    ACCOUNT_HAS_MAX_OPEN_ORDERS = 1 << 8,
    ACCOUNT_HAS_MAX_ORDERS_PER_SECOND = 1 << 9,
    /* Its own fee rates, 0 or above; DECIMAL_ABSENT, the default: the instrument's. */
    ACCOUNT_HAS_MAKER_FEE = 1 << 10,
    ACCOUNT_HAS_TAKER_FEE = 1 << 11,
    /* Equity below this percentage of its positions' value: a margin call, a liquidation. 0, the default: off. */
    ACCOUNT_HAS_MARGIN_CALL = 1 << 12,
    ACCOUNT_HAS_LIQUIDATION = 1 << 13
};
struct command_set_account {
    struct name account;
    uint32_t fields; /* enum account_field */
    struct decimal leverage;
    struct decimal max_order_quantity, max_order_notional, max_position;
    struct decimal maker_fee_bps, taker_fee_bps;
    struct decimal margin_call_percent, liquidation_percent; /* at most 4 decimals, 0 to 1000 */
    uint32_t max_open_orders, max_orders_per_second;
    uint8_t type, status, stp;
    bool allow_short;
};

struct command_move_cash {
    struct name account;
    struct name currency;
    struct amount amount; /* negative withdraws */
};

struct command_set_quote {
    struct name symbol;
    struct decimal bid, bid_quantity, ask, ask_quantity; /* absent: that side has none */
};

enum place_flag {
    PLACE_POST_ONLY = 1 << 0,
    PLACE_REDUCE_ONLY = 1 << 1,
    PLACE_ALL_OR_NONE = 1 << 2,
    PLACE_TRAIL_PERCENT = 1 << 3, /* trail is a percentage, else a distance in price */
    PLACE_LIQUIDATION = 1 << 4,   /* in events only: the engine made this order to reduce a position */
    PLACE_GTT = 1 << 5,           /* in state only: not an order but a leg of a GTT */
    PLACE_BATCH = 1 << 6          /* in events and state only: of the batch whose id is its own with index 0 */
};
struct command_place {
    struct name account;
    struct name symbol;
    struct name venue; /* empty: the engine chooses */
    struct text client_order_id; /* <= CLIENT_ORDER_ID_BYTES_MAX; may be empty */
    struct text tag;             /* <= TAG_BYTES_MAX; kept on the tape only */
    struct decimal price, quantity, stop_price, display_quantity;
    struct decimal quote_quantity; /* MARKET: an amount of the instrument's currency, in place of quantity */
    struct decimal min_quantity;   /* of the first execution; IOC, or MARKET */
    struct decimal trail;          /* STOP: how far the stop follows, in place of stop_price */
    struct decimal leverage;       /* of this order's hold; at most the account's and the instrument's */
    int64_t expires_ns; /* 0: none */
    uint8_t side, type, tif, stp; /* stp 0: the account's */
    uint8_t flags;                /* enum place_flag */
};

/* The second order of an OCO pair, the child of an OTO, the take-profit and the stop-loss of a BRACKET. Account, symbol and venue
 * BOOK are the entry's; an OCO leg's quantity too; a child's is what its parent fills. */
struct command_leg {
    struct decimal price, stop_price;
    uint8_t side; /* OTO: of its list. OCO: the entry's, BRACKET: the other one; 0 says so */
    uint8_t type; /* LIMIT, STOP, STOP_LIMIT */
    uint8_t tif;  /* DAY or GTC */
};
struct command_place_linked {
    struct command_place entry;
    struct command_leg legs[2]; /* BRACKET: take-profit, stop-loss; else the first */
    uint8_t link, activation;   /* activation: OTO and BRACKET; OCO: 0 */
};

struct command_set_trading {
    struct name account, symbol; /* both empty: the whole system; never both given */
    uint8_t status;              /* enum account_status */
    bool cancel;                 /* and cancel every open order there */
};

/* Good till triggered: up to two prices that are waited for, and the order that is sent at the first. */
struct gtt_leg {
    struct decimal trigger_price, price, quantity; /* price absent: a MARKET order is sent */
};
struct command_gtt_place {
    struct name account, symbol;
    struct gtt_leg legs[2];
    int64_t expires_ns; /* 0: after GTT_DAYS_MAX days */
    uint8_t side;
    uint8_t legs_count; /* 1 or 2 */
};
struct command_gtt_modify {
    uint64_t gtt_id;
    struct gtt_leg legs[2]; /* absent: unchanged */
    int64_t expires_ns;     /* 0: unchanged */
    uint8_t status;         /* ACTIVE, DISABLED or 0: unchanged */
};
struct command_gtt_delete {
    uint64_t gtt_id;
};

struct command_check_margin {
    struct name account; /* empty: every account */
};

struct command_modify {
    uint64_t order_id;
    struct decimal price, quantity, stop_price, display_quantity; /* absent: unchanged */
};

struct command_cancel {
    uint64_t order_id;
};

struct command_mass_cancel {
    struct name account; /* empty: every account */
    struct name symbol;  /* empty: every instrument */
    uint8_t side;        /* 0: both */
};

struct command_end_of_day {
    struct name symbol; /* empty: every instrument */
};

/* What a venue is. It is made by its first SET_VENUE: UP, not simulated, with the house account "@" and its name. BOOK and QUOTE are
 * there from the beginning. */
struct command_set_venue {
    struct name venue;
    uint8_t state;     /* enum venue_state; 0: unchanged */
    uint8_t simulated; /* 1 no, 2 yes, 0 unchanged: whether fills may be made up */
    uint8_t cause;     /* enum venue_cause */
};

/* The first rule that fits an order names the venues to try, in this order. */
struct route_rule {
    struct name account, symbol;               /* empty: any */
    struct decimal min_quantity, max_quantity; /* absent: any; both inclusive */
    struct name venues[ROUTE_CANDIDATES_MAX];  /* empty from the first that is not used on */
    uint8_t type, side;                        /* 0: any */
};
struct command_set_routing {
    const struct route_rule *rules; /* as texts: of whoever made the command */
    uint32_t rules_count;           /* at most ROUTE_RULES_MAX; 0: the defaults only */
};

struct command_batch {
    struct name account;                /* whose batch it is; only kept */
    const struct command_place *orders; /* order k (from 1) has the id of the batch with index k */
    const uint16_t *indexes;            /* NULL: that. In branches only, never on a tape: the index of each, ascending */
    uint32_t orders_count;              /* 1 to BATCH_ORDERS_MAX */
    bool atomic;                        /* all are accepted or none is */
};
struct command_cancel_batch {
    uint64_t batch_id;
    uint32_t orders_count; /* how many it had: orders 1 to that many are looked for */
};

struct command_route {
    uint64_t order_id;
    struct name venue; /* empty: by the rules */
};

struct command_report {
    uint64_t order_id;
    struct name venue;        /* whose report; empty: an operator speaks for whatever venue has it */
    struct text ext_order_id; /* ACK: what the broker calls it */
    struct text reason;       /* what it said */
    uint8_t report;           /* enum report */
};

struct fill_row {
    uint64_t order_id;
    struct decimal price, quantity; /* BUST: absent */
    struct text exec_id;            /* empty only where it is simulated, or a BUST */
    struct text ref_exec_id;        /* BUST, CORRECT: the execution that it undoes or replaces */
    uint8_t kind;                   /* enum fill_kind */
};
struct command_fill {
    struct name venue; /* whose executions; empty: an operator speaks for whatever venue has them, or simulated */
    const struct fill_row *fills;
    uint32_t fills_count; /* 1 to FILLS_MAX; all are accepted or none is */
    bool simulated;
};

struct command_settle {
    uint64_t order_id;
};

/* 128 bits each: hashes that the door makes of who asks with which key, and of what is asked. 0, 0: none. */
struct key_hash {
    uint64_t lo, hi;
};
struct command_clear_key {
    struct key_hash key;
};

/* One line of a broker's statement, as it was written. */
struct statement_row {
    struct text exec_id;      /* what the execution is called there; of a trade at BOOK or QUOTE its trade_id */
    struct text ext_order_id; /* may be empty */
    struct name symbol;
    struct decimal price, quantity;
    struct amount fee; /* may be absent */
    uint8_t side;
};
struct command_statement {
    struct name venue, account; /* one of them may be empty */
    int64_t from_ns, to_ns;     /* what it covers: from_ns <= time < to_ns */
    const struct statement_row *rows;
    uint32_t rows_count; /* at most STATEMENT_ROWS_MAX; 0: nothing happened */
};

/* Who asked, under which request, and the idempotency key it came with. Empty and zero for what the process does by itself. */
struct command_origin {
    struct name actor;
    struct text request_id;        /* <= REQUEST_ID_BYTES_MAX; kept on the tape only */
    struct key_hash key, body;     /* key zero: none, and then body is zero too */
};

/* Texts and lists inside belong to whoever made the command and must live until engine_apply and the encoder are done with it. */
struct command {
    uint64_t seq;  /* from 1, no gaps; 0 until the sequencer stamps it */
    int64_t ts_ns; /* nanoseconds since 1970-01-01T00:00:00Z; never less than the command before */
    uint8_t kind;  /* enum command_kind */
    struct command_origin origin;
    union {
        struct limits set_limits;
        struct command_set_currency set_currency;
        struct command_set_instrument set_instrument;
        struct command_set_account set_account;
        struct command_move_cash move_cash;
        struct command_set_quote set_quote;
        struct command_place place;
        struct command_modify modify;
        struct command_cancel cancel;
        struct command_mass_cancel mass_cancel;
        struct command_end_of_day end_of_day;
        struct command_place_linked place_linked;
        struct command_set_trading set_trading;
        struct command_gtt_place gtt_place;
        struct command_gtt_modify gtt_modify;
        struct command_gtt_delete gtt_delete;
        struct command_check_margin check_margin;
        struct command_set_venue set_venue;
        struct command_set_routing set_routing;
        struct command_batch batch;
        struct command_cancel_batch cancel_batch;
        struct command_route route;
        struct command_report report;
        struct command_fill fill;
        struct command_settle settle;
        struct command_clear_key clear_key;
        struct command_statement statement;
    };
};

#endif
