/* api/batch_totals.h - what a batch was to do and what it did, as sums over its orders' rows. Pure; any thread.
 * What must stay true: every sum is exact; only the two results of trading are rounded, once, at the very end. */
#ifndef ORDERTAPE_API_BATCH_TOTALS_H
#define ORDERTAPE_API_BATCH_TOTALS_H

#include "core/rows.h"

/* value / 10^scale. too_large: beyond 128 bits, value means nothing. */
struct exact {
    i128 value;
    uint8_t scale;
    bool too_large;
};

/* Quantities and values of different instruments are added as they stand: a batch is one intent. An order that was REJECTED is
 * counted, and its fills are (there were none, but for late ones); what it asked for is not, for it never could happen.
 * Values: an order's at its limit price; one without (MARKET, STOP) at what its fills were.
 * Results pair what was bought with what was sold: the smaller of both quantities x (average sell price - average buy price), over
 * all orders: expected by those values, actual by the fills. Without one of both sides 0. */
struct batch_totals {
    uint32_t total_orders, filled_orders, pending_orders, cancelled_orders, rejected_orders; /* the four add up to the first */
    struct exact total_qty, filled_qty;
    struct exact total_value, filled_value;
    struct exact expected_pnl, actual_pnl; /* at pnl_scale, half-even */
};
void batch_totals_add_up(struct batch_totals *t, const struct order_row *orders, size_t count, unsigned pnl_scale);

/* One word for a batch, by its orders, the first that fits:
 *   REJECTED            all are
 *   SETTLED             all are
 *   FILLED              all are, or are SETTLED
 *   PARTIALLY_FILLED    something was filled
 *   CANCELLED           none is open
 *   PARTIALLY_ACCEPTED  some are REJECTED
 *   ACCEPTED */
const char *batch_status_text(const struct order_row *orders, size_t count);

#endif
