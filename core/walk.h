/* core/walk.h - the orders of the book that a taker would meet, one by one, without touching them. Internal to core.
 * What must stay true: it takes from each what match() would take, own orders by the taker's self-trade prevention, icebergs in
 * full; it looks at no more orders than the work that is left could trade with; the book must not change meanwhile. */
#ifndef ORDERTAPE_CORE_WALK_H
#define ORDERTAPE_CORE_WALK_H

#include "core/book.h"

struct taker_walk {
    const struct engine *engine;
    struct book_walk levels;
    int64_t worst; /* as a book_key of the other side */
    int64_t price, left;
    uint32_t looks; /* how many orders it may still look at */
    uint32_t order, account;
    uint8_t other, stp;
    bool by_order; /* a part is an order's always; else a level's where no order of it needs to be looked at */
};

static inline struct taker_walk taker_walk_begin(const struct engine *e, struct instrument *i, int side, int64_t bound,
                                                 uint32_t account, uint8_t stp, int64_t quantity, uint32_t looks)
{
    int other = side_opposite(side);
    return (struct taker_walk){.engine = e,
                               .levels = book_walk_begin(e, book_side(i, other)),
                               .worst = book_key(other, bound),
                               .left = quantity,
                               .looks = looks,
                               .account = account,
                               .other = (uint8_t)other,
                               .stp = stp};
}

/* Comes to the next level; NULL: none that is acceptable. */
static inline const struct level *taker_walk_level(struct taker_walk *w)
{
    uint32_t index = book_walk_next(&w->levels);
    if (index == 0 || book_key(w->other, level_at(w->engine, index)->price) > w->worst) return NULL;
    w->order = level_at(w->engine, index)->first;
    w->price = level_at(w->engine, index)->price;
    return level_at(w->engine, index);
}

/* The next part that would trade, and its price; false when there is none. */
static inline bool taker_walk_next(struct taker_walk *w, int64_t *price, int64_t *part)
{
    while (w->left > 0 && w->looks > 0) {
        const struct level *l = NULL;
        if (w->order == 0 && (l = taker_walk_level(w)) == NULL) return false;
        *price = w->price;
        if (l != NULL && w->stp == 0 && !w->by_order && l->orders <= w->looks) {
            w->looks -= l->orders;
            w->order = 0;
            *part = l->quantity < w->left ? (int64_t)l->quantity : w->left;
            w->left -= *part;
            return true;
        }
        const struct order *o = order_at(w->engine, w->order);
        w->order = o->next;
        w->looks--;
        *part = o->leaves < w->left ? o->leaves : w->left;
        if (w->stp == 0 || o->account != w->account) {
            w->left -= *part;
            return true;
        }
        if (w->stp == STP_CANCEL_NEWEST || w->stp == STP_CANCEL_BOTH) return false;
        if (w->stp == STP_DECREMENT) w->left -= *part;
    }
    return false;
}

/* The highest price that the walk comes to; 0: it meets nothing. */
static inline int64_t taker_walk_highest(struct taker_walk w)
{
    int64_t price, part, highest = 0;
    while (taker_walk_next(&w, &price, &part)) {
        highest = price;
        if (w.other == SIDE_BUY) break; /* the best is the highest */
    }
    return highest;
}

#endif
