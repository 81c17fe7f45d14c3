/* core/event.h - what the engine says happened. Events are derived: the command tape folds into exactly these.
 * Invariant: an event is complete by itself (names, scales, absolute leaves and holds), so that a view can be folded from
 * events alone, with the arithmetic of core/money.h and core/position.h and without an engine. */
#ifndef ORDERTAPE_CORE_EVENT_H
#define ORDERTAPE_CORE_EVENT_H

#include "core/command.h"
#include "core/state.h"

/* X(number, NAME, text). The number is on the event tape; text is the "event" of JSON events. */
#define EVENT_KINDS(X)                                                                                     \
    X(1, REJECTED, "rejected")             /* the only event of its command besides timers (a BATCH: of that order) */ \
    X(2, PLACED, "placed")                 /* an order was accepted */                                     \
    X(3, FILLED, "filled")                 /* one trade, both sides */                                     \
    X(4, CANCELLED, "cancelled")           /* an order left with leaves > 0 */                             \
    X(5, EXPIRED, "expired")               /* the same, by time: GTD or END_OF_DAY */                      \
    X(6, MODIFIED, "modified")                                                                             \
    X(7, LIMITS_SET, "limits_set")                                                                         \
    X(8, CURRENCY_SET, "currency_set")                                                                     \
    X(9, INSTRUMENT_SET, "instrument_set")                                                                 \
    X(10, ACCOUNT_SET, "account_set")                                                                      \
    X(11, CASH_MOVED, "cash_moved")                                                                        \
    X(12, QUOTED, "quoted")                                                                                \
    X(13, SWEPT, "swept")                  /* work of many steps: this command did this much of it */          \
    X(14, TRIGGERED, "triggered")          /* a stop was elected; it is MARKET or LIMIT from here on */        \
    X(15, ACTIVATED, "activated")          /* a child, or an ON_CLOSE order, takes part from here on */        \
    X(16, REDUCED, "reduced")              /* an order got smaller, not by a fill and not by its owner */      \
    X(17, DISPLAYED, "displayed")          /* what an iceberg shows, and that it went to the back */           \
    X(18, TRAILED, "trailed")              /* a trailing stop followed the price */                            \
    X(19, PREVENTED, "prevented")          /* a match of an account with itself that did not happen */         \
    X(20, UNCROSSED, "uncrossed")          /* an auction found its price; its fills follow */                  \
    X(21, STATE_SET, "state_set")          /* an instrument changed its session */                             \
    X(22, TRADING_SET, "trading_set")      /* trading state of an account, an instrument, the system */        \
    X(23, GTT_SET, "gtt_set")              /* everything about a GTT after a change */                         \
    X(24, MARGIN_CALLED, "margin_called")  /* equity is below what the account's positions need */         \
    X(25, ROUTED, "routed")                /* a decision: rule, candidates, choice */                      \
    X(26, ACKED, "acked")                  /* the broker has it, under a name of its own */                \
    X(27, EXECUTED, "executed")            /* an execution by its exec_id; its FILLED follows */           \
    X(28, BROKER_STATE, "broker_state")    /* where an order at a broker stands now */                     \
    X(29, BUSTED, "busted")                /* an execution is undone */                                    \
    X(30, SETTLED, "settled")                                                                              \
    X(31, VENUE_SET, "venue_set")                                                                          \
    X(32, ROUTING_SET, "routing_set")      /* the table is another one: its rules follow */                \
    X(33, ROUTE_RULE_SET, "route_rule_set")                                                                \
    X(34, BATCHED, "batched")              /* a batch: what became of its orders follows */                \
    X(35, KEY_CLEARED, "key_cleared")                                                                      \
    X(36, STATEMENT, "statement")          /* a broker's statement: its rows follow */                     \
    X(37, STATEMENT_ROW, "statement_row")

enum event_kind {
#define X(number, name, text) EVENT_##name = (number),
    EVENT_KINDS(X)
#undef X
    EVENT_KIND_NUMBER_MAX = 37
};
const char *event_kind_text(int number);
int event_kind_from_text(const char *text, size_t len_bytes);

/* An order as it was asked for. In PLACED, price and quantity are at the instrument's scales; in REJECTED they stand as the
 * command wrote them (price_scale or quantity_scale DECIMAL_ABSENT: not given). */
struct order_terms {
    struct name account, symbol;
    int64_t price, quantity;
    int64_t expires_ns;
    int64_t stop_price, display_quantity;
    int64_t trail;      /* at trail_scale, in price; with PLACE_TRAIL_PERCENT in percent (PLACED: scale 4, so ppm) */
    uint64_t gtt_id;    /* PLACED: the GTT that sent it; else 0 */
    uint32_t leverage;  /* PLACED: hundredths, of its hold; 0: the account's and instrument's */
    uint8_t price_scale, quantity_scale, stop_price_scale, display_scale, trail_scale; /* DECIMAL_ABSENT: not given */
    uint8_t side, type, tif, flags;
    uint8_t stp;   /* PLACED: the one in force, NONE is 0; REJECTED: as asked */
    uint8_t venue; /* PLACED: 0 BOOK, its number, or VENUE_NONE; REJECTED: 0 */
    uint8_t phase, link, member, activation; /* PLACED: as in order_extra_state; REJECTED: link and activation as asked */
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX]; /* zero-padded */
};

/* What was said no to. docs/ENGINE.md, "Refusals", has field, value and limit of each reason. */
struct refusal {
    uint16_t reason; /* enum reject */
    uint8_t field;   /* enum refusal_field; 0: no single field */
    uint8_t value_scale, limit_scale; /* DECIMAL_ABSENT: there is none */
    i128 value, limit;
};

struct event_rejected {
    uint64_t order_id; /* PLACE, PLACE_LINKED, GTT_PLACE, BATCH: the id it would have had (an order's row says REJECTED; a BATCH that
                        * is refused as a whole: its own, index 0); MODIFY, CANCEL, GTT_MODIFY, GTT_DELETE and the desk's: the id named */
    struct refusal refusal;
    uint8_t command_kind;
    struct order_terms terms; /* PLACE, the entry of PLACE_LINKED, an order of a BATCH; else zero */
};

struct event_placed {
    uint64_t order_id;
    i128 hold; /* for the whole quantity, before any fill */
    struct order_terms terms;
    uint8_t currency_scale;
};

/* Aggressor price improvement goes to the taker: price is the resting order's. At the venue QUOTE, at brokers and where it is simulated
 * the other side is the venue's house account with order id 0, leaves 0, fee 0 and hold 0. In an auction both orders rested:
 * aggressor_side is 0. An execution that came after the order's end has leaves 0 and hold 0. */
struct event_filled {
    struct name symbol, buy_account, sell_account;
    int64_t price, quantity;
    i128 notional;
    uint64_t buy_order_id, sell_order_id;
    int64_t buy_leaves, sell_leaves; /* after this fill; 0: the order is FILLED */
    i128 buy_fee, sell_fee;          /* of this fill; negative is a rebate */
    i128 buy_hold, sell_hold;        /* after this fill */
    uint8_t aggressor_side;
    uint8_t venue; /* 0: BOOK; else its number */
    bool simulated; /* made up by an operator: no price of the market */
    uint8_t price_scale, quantity_scale, currency_scale;
};

/* CANCELLED and EXPIRED. The order's hold is 0 after it. */
struct event_cancelled {
    uint64_t order_id;
    struct name account, symbol;
    int64_t leaves; /* what was still open */
    uint16_t reject; /* enum reject, with reason REFUSED; else 0 */
    uint8_t reason; /* enum cancel_reason; EXPIRED: 0 */
    uint8_t side;
    uint8_t quantity_scale;
};

struct event_modified {
    uint64_t order_id;
    struct name account, symbol;
    int64_t price, quantity, leaves;
    int64_t stop_price, display_quantity; /* 0: none */
    i128 hold; /* before any fill of this command */
    uint8_t side;
    bool kept_priority;
    uint8_t price_scale, quantity_scale, currency_scale;
};

struct event_cash_moved {
    struct name account, currency;
    i128 amount, cash; /* cash: the account's balance after. @external moved by -amount */
    uint8_t scale;
};

struct event_quoted {
    struct name symbol;
    int64_t bid, bid_quantity, ask, ask_quantity; /* price 0: none */
    uint8_t price_scale, quantity_scale;
};

struct event_swept {
    uint32_t orders; /* MASS_CANCEL, END_OF_DAY: cancelled or expired by this command; else the work it did, see docs/ENGINE.md */
    bool more;       /* a CONTINUE must follow */
    uint8_t sweep;   /* enum sweep_kind */
};

struct event_triggered {
    uint64_t order_id;
    struct name account, symbol;
    int64_t stop_price, price; /* price: the one that elected it */
    uint8_t side, type;        /* type: what it is now, MARKET or LIMIT */
    uint8_t price_scale;
};

/* Absolute numbers after the change. */
struct event_activated {
    uint64_t order_id;
    struct name account, symbol;
    int64_t quantity, leaves;
    i128 hold;
    uint8_t side, phase; /* phase: where it waits now; before it traded, if it does */
    uint8_t quantity_scale, currency_scale;
};

struct event_reduced {
    uint64_t order_id;
    struct name account, symbol;
    int64_t quantity, leaves;
    i128 hold;
    uint8_t side;
    uint8_t reason; /* enum cancel_reason: SELF_TRADE, REDUCE_ONLY, OCO */
    uint8_t quantity_scale, currency_scale;
};

struct event_displayed {
    uint64_t order_id;
    struct name account, symbol;
    int64_t shown;
    uint8_t side;
    uint8_t quantity_scale;
};

struct event_trailed {
    uint64_t order_id;
    struct name account, symbol;
    int64_t stop_price;
    uint8_t side;
    uint8_t price_scale;
};

/* What follows it (CANCELLED, REDUCED) is what the prevention did. */
struct event_prevented {
    struct name account, symbol;
    uint64_t newest_order_id, oldest_order_id;
    int64_t price, quantity; /* what would have traded; price 0: an auction without a price yet */
    uint8_t stp;
    uint8_t newest_side;
    uint8_t price_scale, quantity_scale;
};

struct event_uncrossed {
    struct name symbol;
    int64_t price, quantity; /* quantity: executable at that price when it was found */
    int64_t imbalance;       /* buy minus sell quantity acceptable at that price */
    uint8_t price_scale, quantity_scale;
};

enum state_cause { STATE_CAUSE_COMMAND = 1, STATE_CAUSE_COLLAR = 2 };
struct event_state_set {
    struct name symbol;
    uint8_t state, before; /* enum trading_state */
    uint8_t cause;         /* enum state_cause */
};

struct event_trading_set {
    struct name account, symbol; /* both empty: the system */
    uint8_t status, before;      /* enum account_status */
};

struct event_gtt_leg {
    int64_t trigger_price, price, quantity; /* price 0: MARKET; quantity 0: no such leg */
    uint8_t direction;                      /* SIDE_SELL: at or above; SIDE_BUY: at or below */
};
struct event_gtt_set {
    uint64_t gtt_id;
    uint64_t order_id; /* TRIGGERED and REJECTED: the order that was sent */
    struct name account, symbol;
    struct event_gtt_leg legs[2];
    int64_t expires_ns;
    uint16_t reject; /* REJECTED: why */
    uint8_t status;  /* enum gtt_status */
    uint8_t side, leg; /* leg: TRIGGERED and REJECTED: 1 or 2, which one met its price; else 0 */
    uint8_t price_scale, quantity_scale;
};

struct event_margin_called {
    struct name account, currency;
    i128 equity, exposure; /* exposure: sum of |value| of the account's positions in that currency, at their marks */
    int64_t required_ppm;  /* the threshold that equity / exposure is below */
    bool liquidation;      /* false: a call; true: its orders and positions go now */
    uint8_t currency_scale;
};

/* The decision where an order goes. chosen empty: nowhere, it waits. */
struct event_routed {
    uint64_t order_id;
    struct name account, symbol;
    struct name candidates[ROUTE_CANDIDATES_MAX]; /* in the order in which they were looked at; empty from the end on */
    struct name chosen;
    int64_t retry_ns;   /* when it is decided again; 0: not by time */
    uint32_t attempt;   /* how often it was decided, this time included */
    uint16_t rule;      /* of the table, from 1; 0: the default, or asked for */
    uint8_t venue;      /* the chosen one's number; 0: BOOK; VENUE_NONE */
    uint8_t cause;      /* enum route_cause */
    bool asked;         /* the order, or an operator, named the venue */
    bool manual_review; /* as often as it is tried by itself: an operator decides */
};

struct event_acked {
    uint64_t order_id;
    struct name account, symbol, venue;
    uint8_t state; /* enum broker_state after it */
    uint8_t ext_order_id_len;
    char ext_order_id[EXT_ID_BYTES_MAX];
};

struct event_executed {
    uint64_t order_id;
    struct name account, symbol, venue;
    int64_t excess; /* of its quantity, what was more than the order had left */
    uint8_t kind;   /* enum fill_kind, NEW or CORRECT */
    bool late;      /* the order had ended */
    bool simulated;
    uint8_t quantity_scale;
    uint8_t exec_id_len;
    char exec_id[EXT_ID_BYTES_MAX];
};

struct event_broker_state {
    uint64_t order_id;
    struct name account, symbol, venue;
    int64_t price, quantity, stop_price; /* PENDING_MODIFY: what was asked for; else 0 */
    int64_t leaves;                      /* of the order, as it stands with us */
    i128 hold;
    uint8_t state, before; /* enum broker_state; the same: only what the broker said, and what that comes to follows */
    uint8_t report;        /* enum report that led to it; 0: a command of ours */
    uint8_t side;
    uint8_t price_scale, quantity_scale, currency_scale;
    uint8_t reason_len;
    char reason[REASON_BYTES_MAX];
};

/* Everything that the execution did is taken back, with the house account on the other side. */
struct event_busted {
    uint64_t order_id;
    struct name account, symbol, venue; /* the other side: "@" and the venue's name */
    int64_t price, quantity;
    i128 notional, fee; /* fee: given back; negative: a rebate that is taken back */
    i128 hold;          /* of the order after it */
    int64_t leaves;     /* unchanged by it */
    uint8_t side;       /* the order's */
    uint8_t price_scale, quantity_scale, currency_scale;
    uint8_t exec_id_len;
    char exec_id[EXT_ID_BYTES_MAX];
};

struct event_settled {
    uint64_t order_id;
    struct name account, symbol, venue;
    bool by_command; /* false: its day came */
};

struct event_venue_set {
    uint64_t venue_id;
    struct name venue;
    uint8_t number; /* BOOK 1, QUOTE 2 */
    uint8_t state, before; /* enum venue_state; before 0: it was made */
    uint8_t cause;         /* enum venue_cause */
    bool simulated;
};

struct event_routing_set {
    uint32_t rules;
};
struct event_route_rule_set {
    uint32_t number; /* from 1 */
    struct route_rule rule;
};

struct event_batched {
    uint64_t batch_id;
    struct name account;
    uint32_t orders;
    bool atomic;
};

struct event_key_cleared {
    struct key_hash key;
};

struct event_statement {
    uint64_t statement_id; /* seq << 16 */
    struct name venue, account;
    int64_t from_ns, to_ns;
    uint32_t rows;
};
struct event_statement_row {
    uint32_t number; /* from 1 */
    struct name symbol;
    struct decimal price, quantity; /* as written */
    struct amount fee;
    uint8_t side;
    uint8_t exec_id_len, ext_order_id_len;
    char exec_id[EXT_ID_BYTES_MAX], ext_order_id[EXT_ID_BYTES_MAX];
};

struct event {
    uint64_t seq;   /* the command's */
    int64_t ts_ns;  /* the command's */
    uint32_t index; /* from 0 within the command; (seq, index) is the event id */
    uint8_t kind;   /* enum event_kind */
    union {
        struct event_rejected rejected;
        struct event_placed placed;
        struct event_filled filled;
        struct event_cancelled cancelled;
        struct event_modified modified;
        struct limits limits_set;
        struct currency_state currency_set;
        struct instrument_state instrument_set; /* last_price and quote included */
        struct account_state account_set;
        struct event_cash_moved cash_moved;
        struct event_quoted quoted;
        struct event_swept swept;
        struct event_triggered triggered;
        struct event_activated activated;
        struct event_reduced reduced;
        struct event_displayed displayed;
        struct event_trailed trailed;
        struct event_prevented prevented;
        struct event_uncrossed uncrossed;
        struct event_state_set state_set;
        struct event_trading_set trading_set;
        struct event_gtt_set gtt_set;
        struct event_margin_called margin_called;
        struct event_routed routed;
        struct event_acked acked;
        struct event_executed executed;
        struct event_broker_state broker_state;
        struct event_busted busted;
        struct event_settled settled;
        struct event_venue_set venue_set;
        struct event_routing_set routing_set;
        struct event_route_rule_set route_rule_set;
        struct event_batched batched;
        struct event_key_cleared key_cleared;
        struct event_statement statement;
        struct event_statement_row statement_row;
    };
};

#endif
