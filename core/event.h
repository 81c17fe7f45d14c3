/* core/event.h - what the engine says happened. Events are derived: the command tape folds into exactly these.
 * Invariant: an event is complete by itself (names, scales, absolute leaves and holds), so that a view can be folded from
 * events alone, with the arithmetic of core/money.h and core/position.h and without an engine. */
#ifndef ORDERTAPE_CORE_EVENT_H
#define ORDERTAPE_CORE_EVENT_H

#include "core/command.h"
#include "core/state.h"

/* X(number, NAME, text). The number is on the event tape; text is the "event" of JSON events. */
#define EVENT_KINDS(X)                                                                                     \
    X(1, REJECTED, "rejected")             /* the only event of its command besides timers */              \
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
    X(13, SWEPT, "swept")                  /* MASS_CANCEL, END_OF_DAY or CONTINUE did this much */

enum event_kind {
#define X(number, name, text) EVENT_##name = (number),
    EVENT_KINDS(X)
#undef X
    EVENT_KIND_NUMBER_MAX = 13
};
const char *event_kind_text(int number);
int event_kind_from_text(const char *text, size_t len_bytes);

/* An order as it was asked for. In PLACED, price and quantity are at the instrument's scales; in REJECTED they stand as the
 * command wrote them (price_scale or quantity_scale DECIMAL_ABSENT: not given). */
struct order_terms {
    struct name account, symbol;
    int64_t price, quantity;
    int64_t expires_ns;
    uint8_t price_scale, quantity_scale;
    uint8_t side, type, tif, flags;
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX]; /* zero-padded */
};

struct event_rejected {
    uint64_t order_id; /* PLACE: the id the order would have had (its row says REJECTED); MODIFY, CANCEL: the id named */
    uint16_t reason;   /* enum reject */
    uint8_t command_kind;
    struct order_terms terms; /* PLACE only, else zero */
};

struct event_placed {
    uint64_t order_id;
    i128 hold; /* for the whole quantity, before any fill */
    struct order_terms terms;
    uint8_t currency_scale;
};

/* Aggressor price improvement goes to the taker: price is the resting order's. */
struct event_filled {
    struct name symbol, buy_account, sell_account;
    int64_t price, quantity;
    i128 notional;
    uint64_t buy_order_id, sell_order_id;
    int64_t buy_leaves, sell_leaves; /* after this fill; 0: the order is FILLED */
    i128 buy_fee, sell_fee;          /* of this fill; negative is a rebate */
    i128 buy_hold, sell_hold;        /* after this fill */
    uint8_t aggressor_side;
    uint8_t price_scale, quantity_scale, currency_scale;
};

/* CANCELLED and EXPIRED. The order's hold is 0 after it. */
struct event_cancelled {
    uint64_t order_id;
    struct name account, symbol;
    int64_t leaves; /* what was still open */
    uint8_t reason; /* enum cancel_reason; EXPIRED: 0 */
    uint8_t side;
    uint8_t quantity_scale;
};

struct event_modified {
    uint64_t order_id;
    struct name account, symbol;
    int64_t price, quantity, leaves;
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
    uint32_t orders; /* cancelled or expired by this command */
    bool more;       /* a CONTINUE must follow */
    uint8_t sweep;   /* enum sweep_kind */
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
    };
};

#endif
