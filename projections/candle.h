/* projections/candle.h - how candles add up: a trade is a candle of one, and a candle of a day the sum of its hours.
 * What must stay true: the intervals stored are those of candle_stored_s; every interval of CANDLE_INTERVALS is a whole
 * number of one of them. A trade costs one put for each, and a candle asked for is the sum of at most 30 stored ones
 * (30s, 30m). */
#ifndef ORDERTAPE_PROJECTIONS_CANDLE_H
#define ORDERTAPE_PROJECTIONS_CANDLE_H

#include "projections/views.h"

enum { CANDLE_STORED_COUNT = 3 };
static const uint32_t candle_stored_s[CANDLE_STORED_COUNT] = {1, 60, 3600};

/* Of volume and of notional: 2^30 trades of the largest notional there is fit, and 30 such sums fit in 127 bits. */
#define CANDLE_SUM_MAX ((i128)1 << 120)
_Static_assert(NOTIONAL_MAX <= CANDLE_SUM_MAX >> 30, "a candle holds a billion of the largest trades");

/* Takes in what traded after it; trades 0: nothing yet. Scales and start are left alone. */
static inline void candle_add(struct candle_row *c, const struct candle_row *later)
{
    if (c->trades == 0) {
        c->open = later->open;
        c->low = later->low;
    }
    if (later->high > c->high) c->high = later->high;
    if (later->low < c->low) c->low = later->low;
    c->close = later->close;
    c->volume += later->volume;
    c->notional += later->notional;
    c->trades += later->trades;
}

#endif
