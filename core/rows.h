/* core/rows.h - what views show of an order and a trade, folded from events. Projections store these rows in LMDB and a
 * what-if compares two sets of them: both fold with these functions, so they cannot disagree. Pure; any thread. */
#ifndef ORDERTAPE_CORE_ROWS_H
#define ORDERTAPE_CORE_ROWS_H

#include "core/event.h"

struct order_row {
    uint64_t order_id;
    uint64_t created_seq, updated_seq; /* first and latest command that changed it */
    int64_t created_ns, updated_ns;
    int64_t executed_ns; /* latest fill; 0: none */
    int64_t price, quantity, leaves; /* REJECTED: as the command wrote them; leaves 0 when no longer open */
    int64_t filled;
    int64_t expires_ns;
    i128 price_quantity; /* sum of price * quantity over its fills, for the average */
    i128 hold, fee;      /* fee: sum over its fills */
    uint16_t reject_reason; /* enum reject; 0: none */
    uint8_t cancel_reason;  /* enum cancel_reason; 0: none */
    uint8_t status, side, type, tif, flags;
    uint8_t price_scale, quantity_scale; /* DECIMAL_ABSENT: not given (a MARKET order's price, until its first fill) */
    uint8_t client_order_id_len;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX];
    struct name account, symbol;
};

/* From a PLACED event, or a REJECTED one of a PLACE. */
void order_row_from_placed(struct order_row *row, const struct event *e);
void order_row_from_rejected(struct order_row *row, const struct event *e);
/* The row's side of a FILLED event (row->order_id is its buy_order_id or sell_order_id; when both, call it twice with the
 * side named). side: SIDE_BUY or SIDE_SELL. */
void order_row_fill(struct order_row *row, const struct event *e, int side);
/* CANCELLED, EXPIRED and MODIFIED. */
void order_row_end(struct order_row *row, const struct event *e);
void order_row_modify(struct order_row *row, const struct event *e);
/* The row of an order that is open in a state: what the events before would have made of it, except that created_seq is the
 * id's seq, updated_seq and executed_ns are 0 and price_quantity is notional_filled scaled back (exact). */
void order_row_from_state(struct order_row *row, const struct order_state *o, const struct instrument_state *i,
                          const struct account_state *a);
/* True while the row rests in the book (LIMIT, leaves > 0, DAY, GTC or GTD): what a book view adds up. */
bool order_row_rests(const struct order_row *row);
/* The average fill price as text: price_quantity / filled, rounded half-even at price_scale + 4 decimals, zeros beyond
 * price_scale dropped. Empty text when nothing was filled. room: DECIMAL_TEXT_BYTES_MAX. */
size_t order_row_average_price(const struct order_row *row, char *room);

#endif
