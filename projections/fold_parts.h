/* projections/fold_parts.h - what fold.c and fold_desk.c call of each other. Every function: 0, ERR_NOT_FOUND and
 * ERR_CORRUPT (the views are of another tape), ERR_IO, ERR_NO_MEMORY. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_FOLD_PARTS_H
#define ORDERTAPE_PROJECTIONS_FOLD_PARTS_H

#include "projections/batch.h"
#include "projections/env.h"

/* What an order adds to its level, its instrument's MARKET orders and its balance. */
struct order_weight {
    struct order_in_book in;
    int64_t price;
    i128 hold;
};
struct order_weight order_weight(const struct order_entry *o);
/* An order's row changed from what `before` says: its level and its account's reserved follow. */
int order_changed(struct batch *b, struct order_entry *o, struct order_weight before);
int history_add(struct batch *b, uint64_t order_id, const struct event *e);
/* An accepted order that a later event names. */
int order_named(struct batch *b, uint64_t order_id, struct order_entry **out);
/* An event that changes one order: its row, what follows from it, its history. */
int fold_order_change(struct batch *b, const struct event *e);

/* Who a trade's side belongs to. */
struct holder {
    struct account_entry *account;
    struct instrument_entry *instrument;
    struct balance_entry *balance;
};
int holder_named(struct batch *b, const struct name *account, struct instrument_entry *i, struct holder *out);
/* One side of a trade, or of a trade that is taken back. */
struct trade {
    int side;
    int64_t quantity;
    i128 notional, fee; /* fee: to @fees; negative: from there */
    uint64_t seq;
};
int holder_trade(struct batch *b, const struct holder *h, const struct trade *t);
/* The balance of a house account; it is there, with zeros, from the first order or cash movement in its currency. */
int house_balance(struct batch *b, const struct name *house, struct currency_entry *currency,
                  struct balance_entry **out);

/* fold_desk.c: the events of the desk. after: what is due after it (a rule, a line), else NULL. */
int fold_desk_event(struct batch *b, const struct event *e, const struct event *after);
/* Whether an event can be of the row as it is. */
bool change_fits(const struct order_row *row, const struct event *e);
/* Whether a FILLED is one of the EXECUTED before it (NULL: none), and its side of the order's row too. */
bool filled_fits(const struct event_filled *f, const struct event_executed *x);
bool execution_fits(const struct order_row *row, const struct event_filled *f, int side,
                    const struct event_executed *x);
/* The trade of a FILLED, with its indexes. */
int trade_add(struct batch *b, const struct event *e, const struct event_executed *x);

#endif
