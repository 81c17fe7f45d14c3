/* core/position.h - how a fill changes a position: average cost, with what is closed realised at once.
 * Invariant: cost has the sign of quantity and is 0 when quantity is 0; summed over both sides of every fill, quantities
 * add to zero, and cash + cost - realized of a side never changes by a fill (fees aside). Pure; any thread. */
#ifndef ORDERTAPE_CORE_POSITION_H
#define ORDERTAPE_CORE_POSITION_H

#include "core/limits.h"
#include "core/types.h"

struct position_value {
    int64_t quantity;
    i128 cost;
    i128 realized;
};

/* Applies a fill of `quantity` > 0 at total value `notional` on `side`.
 * A fill on the position's own side (or from flat) adds notional (BUY) or -notional (SELL) to cost.
 * A fill against it closes c = min(quantity, |position|): the part of notional that closes is notional * c / quantity
 * (exact: price * c), removes cost * c / |position| rounded half-even, and realizes the difference:
 *   long:  realized += closing notional - removed;   short: realized += |removed| - closing notional.
 * What is left of the fill opens the other way at its own notional. */
void position_fill(struct position_value *p, int side, int64_t quantity, i128 notional);

/* The price at which a position of `quantity` is worth something: with mark LAST the last price, else the side of the quote at which it
 * could be closed (a long's bid, a short's ask); with mark QUOTE the other way round. 0: there is none, its cost counts. */
int64_t position_mark_price(int64_t quantity, enum trigger mark, int64_t last_price, int64_t bid, int64_t ask);
/* What one position counts for in sums, with its sign: at most POSITION_VALUE_MAX. */
i128 position_bounded(i128 value);

#endif
