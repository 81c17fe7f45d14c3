/* core/book.h - one side of one queue of an instrument (the book, its stops, ...): price levels in a B+tree, best first, each with
 * its orders by priority. Internal to core. */
#ifndef ORDERTAPE_CORE_BOOK_H
#define ORDERTAPE_CORE_BOOK_H

#include "core/arena.h"

/* Keys order a side from best to worst: the price for sells, its negative for buys. */
static inline int64_t book_key(int side, int64_t price)
{
    return side == SIDE_BUY ? -price : price;
}
static inline struct side_tree *book_side(struct instrument *i, int side)
{
    return &i->sides[side - 1];
}
static inline struct side_tree *queue_side(struct instrument *i, int tree, int side)
{
    return tree == TREE_BOOK ? book_side(i, side) : &i->queues[(tree - 1) * 2 + side - 1];
}
static inline int side_opposite(int side)
{
    return side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
}

/* The best level; 0: the side is empty. */
static inline uint32_t book_best(const struct engine *e, const struct side_tree *t)
{
    return t->levels == 0 ? 0 : node_at(e, t->first_leaf)->children[0];
}

/* A walk from the best level to worse ones; the tree must not change meanwhile. */
struct book_walk {
    const struct engine *engine;
    uint32_t leaf, at;
};
static inline struct book_walk book_walk_begin(const struct engine *e, const struct side_tree *t)
{
    return (struct book_walk){e, t->levels == 0 ? 0 : t->first_leaf, 0};
}
/* The next level; 0 at the end. */
static inline uint32_t book_walk_next(struct book_walk *w)
{
    if (w->leaf == 0) return 0;
    const struct node *n = node_at(w->engine, w->leaf);
    uint32_t level = n->children[w->at++];
    if (w->at == n->count) {
        w->leaf = n->next;
        w->at = 0;
    }
    return level;
}

/* The level at a price; 0: none. book_level_after: the next worse one. */
uint32_t book_level_find(const struct engine *e, const struct side_tree *t, int side, int64_t price);
uint32_t book_level_after(const struct engine *e, const struct side_tree *t, int side, int64_t price);

/* The node under the root on the way to a price; 0 when the root is the leaf. For fetching ahead. */
uint32_t book_root_child(const struct engine *e, const struct side_tree *t, int side, int64_t price);

/* Puts an order of the pool (leaves and instrument set; an iceberg's shown too) at the end of a price's queue, making the level
 * when missing; beside the book, where an order may come back with the priority it had, at the place of its priority. */
void queue_join(struct engine *e, struct instrument *i, uint32_t o, int tree, int side, int64_t price);
/* The same for the book, by the order's side and price. */
void book_join(struct engine *e, struct instrument *i, uint32_t o);
/* Takes it out of whatever queue it is in; the level goes with its last order, and its sums down by the order's leaves. */
void book_leave(struct engine *e, struct instrument *i, uint32_t o);
/* To the end of its level's queue. */
void book_level_end(struct engine *e, uint32_t o);

#endif
