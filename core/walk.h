/* core/walk.h - the orders of the book that a taker would meet, one by one, without touching them. Internal to core.
 * What must stay true: it takes from each what match() would take, own orders by the taker's self-trade prevention, icebergs in
 * full; the book must not change meanwhile. */
#ifndef ORDERTAPE_CORE_WALK_H
#define ORDERTAPE_CORE_WALK_H

#include "core/book.h"

struct taker_walk {
    const struct engine *engine;
    struct book_walk levels;
    int64_t worst; /* as a book_key of the other side */
    int64_t price, left;
    uint32_t order, account;
    uint8_t other, stp;
};

static inline struct taker_walk taker_walk_begin(const struct engine *e, struct instrument *i, int side, int64_t bound,
                                                 uint32_t account, uint8_t stp, int64_t quantity)
{
    int other = side_opposite(side);
    return (struct taker_walk){.engine = e,
                               .levels = book_walk_begin(e, book_side(i, other)),
                               .worst = book_key(other, bound),
                               .left = quantity,
                               .account = account,
                               .other = (uint8_t)other,
                               .stp = stp};
}

static inline const struct order *taker_walk_order(struct taker_walk *w)
{
    if (w->order == 0) {
        uint32_t l = book_walk_next(&w->levels);
        if (l == 0 || book_key(w->other, level_at(w->engine, l)->price) > w->worst) return NULL;
        w->order = level_at(w->engine, l)->first;
        w->price = level_at(w->engine, l)->price;
    }
    const struct order *o = order_at(w->engine, w->order);
    w->order = o->next;
    return o;
}

/* The next part that would trade, and its price; false when there is none. */
static inline bool taker_walk_next(struct taker_walk *w, int64_t *price, int64_t *part)
{
    while (w->left > 0) {
        const struct order *o = taker_walk_order(w);
        if (o == NULL) return false;
        int64_t quantity = o->leaves < w->left ? o->leaves : w->left;
        if (w->stp != 0 && o->account == w->account) {
            if (w->stp == STP_CANCEL_NEWEST || w->stp == STP_CANCEL_BOTH) return false;
            if (w->stp == STP_DECREMENT) w->left -= quantity;
            continue;
        }
        w->left -= quantity;
        *price = w->price;
        *part = quantity;
        return true;
    }
    return false;
}

#endif
