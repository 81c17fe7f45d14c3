/* core/rows.h - what views show of an order and a trade, folded from events. Projections store these rows in LMDB and a
 * what-if compares two sets of them: both fold with these functions, so they cannot disagree. Pure; any thread. */
#ifndef ORDERTAPE_CORE_ROWS_H
#define ORDERTAPE_CORE_ROWS_H

#include "core/event.h"

struct order_row {
    uint64_t order_id;
    uint64_t created_seq, updated_seq; /* first and latest command that changed it */
    uint64_t gtt_id;                   /* the GTT that sent it; 0: none */
    int64_t created_ns, updated_ns;
    int64_t executed_ns; /* latest fill; 0: none */
    int64_t price, quantity, leaves; /* REJECTED: as the command wrote them; leaves 0 when no longer open */
    int64_t filled;
    int64_t expires_ns;
    int64_t stop_price;       /* now, or when it was triggered */
    int64_t display_quantity; /* 0: all is shown */
    int64_t shown;            /* of an iceberg in the book: what is shown of its leaves */
    int64_t trail;            /* at trail_scale: in price, with PLACE_TRAIL_PERCENT in percent; 0 once triggered */
    i128 price_quantity; /* sum of price * quantity over its fills, for the average */
    i128 hold, fee;      /* fee: sum over its fills */
    struct refusal refusal; /* REJECTED; CANCELLED with reason REFUSED: the reason only. reason 0: none */
    uint32_t leverage;      /* hundredths; 0: the account's and instrument's */
    uint8_t cancel_reason;  /* enum cancel_reason; 0: none */
    uint8_t status, side, type, tif, flags; /* type: what it is now (a triggered STOP is MARKET) */
    uint8_t stp;            /* NONE is 0 here; REJECTED: as asked */
    uint8_t venue;          /* 0: BOOK */
    uint8_t phase;          /* enum order_phase, while it is open */
    uint8_t link, member, activation; /* as in core/state.h */
    uint8_t price_scale, quantity_scale; /* DECIMAL_ABSENT: not given (a MARKET order's price, until its first fill) */
    uint8_t stop_price_scale, display_scale, trail_scale; /* DECIMAL_ABSENT: not given */
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX];
    struct name account, symbol;
    /* The desk. */
    uint64_t batch_id;      /* 0: of no batch */
    int64_t routed_ns;      /* the latest decision that sent it somewhere; 0: none was said */
    int64_t settled_ns;     /* 0: not yet */
    struct name venue_name; /* of a broker; empty: BOOK or QUOTE by `venue`, or none yet */
    uint32_t attempts;      /* decisions that were said */
    uint16_t rule;          /* of the latest */
    uint8_t broker_state;   /* enum broker_state; 0: it was never at one */
    bool manual_review;     /* it waits for an operator */
    uint8_t ext_order_id_len, reason_len;
    char ext_order_id[EXT_ID_BYTES_MAX];
    char reason[REASON_BYTES_MAX]; /* what the broker said last */
};

/* True for a REJECTED event that leaves the row of an order: of a PLACE, a PLACE_LINKED (its entry), an order of a BATCH. */
bool order_row_is_rejected_by(const struct event *e);
/* From a PLACED event, or such a REJECTED one. */
void order_row_from_placed(struct order_row *row, const struct event *e);
void order_row_from_rejected(struct order_row *row, const struct event *e);
/* The row's side of a FILLED event (row->order_id is its buy_order_id or sell_order_id; when both, call it twice with the
 * side named). side: SIDE_BUY or SIDE_SELL. */
void order_row_fill(struct order_row *row, const struct event *e, int side);
/* The id of the one order that CANCELLED, EXPIRED, MODIFIED, TRIGGERED, ACTIVATED, REDUCED, DISPLAYED, TRAILED, ROUTED, ACKED, EXECUTED,
 * BROKER_STATE, BUSTED and SETTLED change;
 * 0 for any other kind. order_row_change makes that change (asserted: it is row->order_id). */
uint64_t order_row_changed_id(const struct event *e);
void order_row_change(struct order_row *row, const struct event *e);
/* Any event: folds what it says of the order row->order_id, from its PLACED or REJECTED on. False: nothing. */
bool order_row_apply(struct order_row *row, const struct event *e);
/* The row of an order that is open in a state (route: NULL unless it has one; venue: its broker's name): what the events before would have
 * made of it, except that routed_ns, rule and reason are 0, attempts too without a route, created_seq is the
 * id's seq, updated_seq, executed_ns and gtt_id are 0, a triggered stop's stop_price is 0 and absent, and price_quantity is
 * notional_filled scaled back (exact). */
void order_row_from_state(struct order_row *row, const struct order_state *o, const struct instrument_state *i,
                          const struct account_state *a, const struct route_state *route, const struct name *venue);
/* Any status but REJECTED, FILLED, CANCELLED, EXPIRED, SETTLED. */
bool order_row_is_open(const struct order_row *row);
/* What the row adds to a book view: nothing unless it is a LIMIT order in the book. MARKET orders in the book, which
 * wait for an auction, are counted apart. */
struct order_in_book {
    int64_t shown, hidden; /* of leaves */
    int64_t market;        /* leaves of a MARKET order */
    bool rests;            /* LIMIT: it is one of the orders of its price's level */
};
struct order_in_book order_row_in_book(const struct order_row *row);
/* Ids of the group it belongs to, 0 where there is none: a child's entry, and the other order of an OCO pair (a bracket's
 * two children are one; that there are such orders shows when they have rows). */
uint64_t order_row_parent_id(const struct order_row *row);
uint64_t order_row_sibling_id(const struct order_row *row);
/* The order that holds cash for it: the first of its OCO pair, else itself. A MODIFIED's hold is that order's. */
uint64_t order_row_holder_id(const struct order_row *row);
/* The average fill price as text: price_quantity / filled, rounded half-even at price_scale + 4 decimals, zeros beyond
 * price_scale dropped. Empty text when nothing was filled. room: DECIMAL_TEXT_BYTES_MAX. */
size_t order_row_average_price(const struct order_row *row, char *room);

#endif
