/* core/position.h - how a fill changes a position: average cost, with what is closed realised at once.
 * Invariant: cost has the sign of quantity and is 0 when quantity is 0; summed over both sides of every fill, quantities
 * add to zero, and cash + cost - realized of a side never changes by a fill (fees aside). Pure; any thread. */
#ifndef ORDERTAPE_CORE_POSITION_H
#define ORDERTAPE_CORE_POSITION_H

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

#endif
