/* core/auction_price.h - the clearing price of a call auction: docs/ENGINE.md, "Price P".
 * Pure arithmetic over price levels, so that the engine and a view of the book find the same price. No memory of its own:
 * the levels come from whoever has them, as often as they are asked for. Any thread. */
#ifndef ORDERTAPE_CORE_AUCTION_PRICE_H
#define ORDERTAPE_CORE_AUCTION_PRICE_H

#include "core/types.h"

struct auction_level {
    int64_t price;
    i128 quantity; /* in full: what icebergs hide too */
};

/* One side's limit orders, best price first. next returns false at the end; rewind begins again at the best. */
struct auction_side {
    void *context;
    bool (*next)(void *context, struct auction_level *out);
    void (*rewind)(void *context);
    i128 market; /* quantity of the side's MARKET orders */
};

struct auction_terms {
    int64_t step;       /* tick_gcd: prices are multiples of it */
    int64_t reference;  /* last price; 0: none */
    int64_t collar_ppm; /* 0: none */
};

struct auction_price {
    int64_t price;
    int64_t quantity;  /* executable at it */
    int64_t imbalance; /* buy minus sell quantity acceptable at it */
};

/* False when nothing can be executed; *out is then zero. */
bool auction_price_find(struct auction_side *buy, struct auction_side *sell, const struct auction_terms *terms,
                        struct auction_price *out);

#endif
