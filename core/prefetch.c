/* core/prefetch.c - fetches what commands that are already known will touch, while others are being applied.
 * What must stay true: nothing in the state depends on it; what it remembers of a command ahead (struct engine_ahead) is an index that was
 * right a moment ago, so it is checked before it is followed and never used to apply. With many orders open a command touches
 * about ten lines that are in no near cache, each found through the one before; so the commands ahead are followed in stages,
 * one link a stage, a few commands apart: by the time a stage reads a line, the stage before has had it fetched.
 *
 *   at + 14: index buckets   at + 10: order; roots of the tree   at + 6: neighbours, level, position   at + 2: what those lead to */
#include "core/book.h"

enum { FAR = 14, OBJECTS = 10, NEIGHBOURS = 6, NEAR = 2, WORTHWHILE_OBJECTS = 8192 };
_Static_assert((int)FAR < (int)ENGINE_AHEAD, "a command's place is not used again while it is ahead");

static inline void fetch(const void *at)
{
    __builtin_prefetch(at, 1, 3);
}
static inline void fetch_two(const void *at)
{
    fetch(at);
    fetch((const char *)at + 64);
}

static inline void fetch_node(const struct engine *e, uint32_t node)
{
    fetch_two(node_at(e, node));
    fetch_two((const char *)node_at(e, node) + 128);
}

static inline uint64_t order_named(const struct command *c)
{
    return c->kind == COMMAND_CANCEL ? c->cancel.order_id : c->kind == COMMAND_MODIFY ? c->modify.order_id : 0;
}
static inline uint32_t *bucket_of(const struct engine *e, const struct hash_index *h, uint64_t hash)
{
    return &hash_buckets(e, h)[hash_bucket(h, hash)];
}
static inline bool is_place(const struct command *c)
{
    return c->kind == COMMAND_PLACE && c->place.side != 0 && c->place.side <= SIDE_NUMBER_MAX;
}

static void fetch_buckets(const struct engine *e, const struct command *c)
{
    if (is_place(c)) {
        fetch(bucket_of(e, &e->instruments_by_name, hash_name(&c->place.symbol)));
        fetch(bucket_of(e, &e->accounts_by_name, hash_name(&c->place.account)));
    } else if (order_named(c) != 0) {
        fetch(bucket_of(e, &e->orders_by_id, hash_id(order_named(c))));
    }
}

/* Accounts and instruments are few and near: they are looked up. The first order of a bucket's chain is taken for the one
 * meant; the next stage sees whether it is. */
static void fetch_objects(const struct engine *e, const struct command *c, struct engine_ahead *ahead, uint32_t place)
{
    ahead->object[place] = ahead->second[place] = 0;
    if (is_place(c)) {
        uint32_t i = instrument_find(e, &c->place.symbol), a = account_find(e, &c->place.account);
        ahead->object[place] = i;
        ahead->second[place] = a;
        fetch_two(instrument_at(e, i));
        fetch_two((const char *)instrument_at(e, i) + 128);
        fetch(bucket_of(e, &e->positions_by_pair, hash_pair(a, i)));
        const struct side_tree *own = book_side(instrument_at(e, i), c->place.side);
        fetch_node(e, own->first_leaf);
        if (own->root != own->first_leaf) fetch_node(e, own->root);
    } else if (order_named(c) != 0) {
        uint32_t o = *bucket_of(e, &e->orders_by_id, hash_id(order_named(c)));
        ahead->object[place] = o;
        fetch_two(order_at(e, o));
    }
}

static void fetch_around_order(const struct engine *e, const struct order *o)
{
    fetch(order_at(e, o->prev));
    fetch(order_at(e, o->next));
    fetch(level_at(e, o->level));
    fetch(position_at(e, o->position));
    fetch((const char *)order_at(e, o->account_prev) + 64);
    fetch((const char *)order_at(e, o->account_next) + 64);
}

static void fetch_neighbours(const struct engine *e, const struct command *c, struct engine_ahead *ahead,
                             uint32_t place)
{
    uint32_t object = ahead->object[place];
    if (object == 0) return;
    if (is_place(c)) {
        const struct side_tree *own = book_side(instrument_at(e, object), c->place.side);
        fetch(position_at(e, *bucket_of(e, &e->positions_by_pair, hash_pair(ahead->second[place], object))));
        fetch((const char *)order_at(e, account_at(e, ahead->second[place])->orders_last) + 64);
        uint32_t child = book_root_child(e, own, c->place.side, c->place.price.mantissa);
        if (child != 0) fetch_node(e, child);
    } else if (order_at(e, object)->id == order_named(c)) {
        fetch_around_order(e, order_at(e, object));
    } else {
        ahead->object[place] = order_at(e, object)->hash_next;
        ahead->second[place] = 1; /* a step behind: the next stage looks around it */
        fetch_two(order_at(e, ahead->object[place]));
    }
}

static void fetch_near(const struct engine *e, const struct command *c, const struct engine_ahead *ahead,
                       uint32_t place)
{
    uint32_t object = ahead->object[place];
    if (object == 0) return;
    if (is_place(c)) {
        struct instrument *i = instrument_at(e, object);
        uint32_t p = *bucket_of(e, &e->positions_by_pair, hash_pair(ahead->second[place], object));
        if (p != 0) {
            const struct position *first = position_at(e, p);
            fetch_two(balance_at(e, first->balance));
            if (first->account != ahead->second[place] || first->instrument != object)
                fetch(position_at(e, first->hash_next));
        }
        if (c->place.price.scale != i->price_scale) return;
        uint32_t level = book_level_find(e, book_side(i, c->place.side), c->place.side, c->place.price.mantissa);
        if (level != 0) fetch(order_at(e, level_at(e, level)->last));
    } else if (order_at(e, object)->id == order_named(c)) {
        const struct order *o = order_at(e, object);
        if (ahead->second[place] != 0) fetch_around_order(e, o);
        fetch_two(balance_at(e, position_at(e, o->position)->balance));
        fetch(bucket_of(e, &e->positions_by_pair, hash_pair(o->account, o->instrument)));
    }
}

void engine_prefetch(const struct engine *e, struct engine_ahead *ahead, const struct command *commands, uint32_t count,
                     uint32_t at)
{
    if (e->orders.live + e->positions.live < WORTHWHILE_OBJECTS) return;
    if (at + FAR < count) fetch_buckets(e, &commands[at + FAR]);
    if (at + OBJECTS < count) fetch_objects(e, &commands[at + OBJECTS], ahead, (at + OBJECTS) % ENGINE_AHEAD);
    if (at < OBJECTS - NEIGHBOURS) return; /* nothing is remembered of the first few */
    if (at + NEIGHBOURS < count)
        fetch_neighbours(e, &commands[at + NEIGHBOURS], ahead, (at + NEIGHBOURS) % ENGINE_AHEAD);
    if (at < OBJECTS - NEAR) return;
    if (at + NEAR < count) fetch_near(e, &commands[at + NEAR], ahead, (at + NEAR) % ENGINE_AHEAD);
}
