/* core/prefetch.c - fetches what commands that are already known will touch, while others are being applied.
 * What must stay true: it reads only, and changes nothing but how long engine_apply waits for memory. With a million orders open a
 * command touches about ten lines that are in no cache, each found through the one before; so the commands ahead are followed
 * in stages, one link a stage, a few commands apart: by the time a stage reads a line, the stage before has had it fetched.
 *
 *   at + 12: index buckets   at + 9: order, instrument, account   at + 6: neighbours, level, position bucket, tree
 *   at + 3: position, level found in the tree   at + 1: the order it joins, the balance */
#include "core/book.h"

enum { FAR = 12, OBJECTS = 9, NEIGHBOURS = 6, NEAR = 3, LAST = 1, WORTHWHILE_ORDERS = 8192 };

static void fetch(const void *at)
{
    __builtin_prefetch(at, 1, 3);
}
static void fetch_bytes(const void *at, unsigned lines)
{
    for (unsigned i = 0; i < lines; i++) fetch((const char *)at + i * 64);
}

static uint64_t order_named(const struct command *c)
{
    return c->kind == COMMAND_CANCEL ? c->cancel.order_id : c->kind == COMMAND_MODIFY ? c->modify.order_id : 0;
}

static uint32_t *bucket_of(const struct engine *e, const struct hash_index *h, uint64_t hash)
{
    return &hash_buckets(e, h)[hash_bucket(h, hash)];
}

static void fetch_buckets(const struct engine *e, const struct command *c)
{
    if (c->kind == COMMAND_PLACE) {
        fetch(bucket_of(e, &e->instruments_by_name, hash_name(&c->place.symbol)));
        fetch(bucket_of(e, &e->accounts_by_name, hash_name(&c->place.account)));
    } else if (order_named(c) != 0) {
        fetch(bucket_of(e, &e->orders_by_id, hash_id(order_named(c))));
    }
}

static void fetch_objects(const struct engine *e, const struct command *c)
{
    if (c->kind == COMMAND_PLACE) {
        fetch_bytes(instrument_at(e, *bucket_of(e, &e->instruments_by_name, hash_name(&c->place.symbol))), 4);
        fetch(account_at(e, *bucket_of(e, &e->accounts_by_name, hash_name(&c->place.account))));
    } else if (order_named(c) != 0) {
        fetch_bytes(order_at(e, *bucket_of(e, &e->orders_by_id, hash_id(order_named(c)))), 3);
    }
}

static void fetch_neighbours(const struct engine *e, const struct command *c)
{
    if (c->kind == COMMAND_PLACE) {
        uint32_t i = instrument_find(e, &c->place.symbol), a = account_find(e, &c->place.account);
        if (i == 0 || a == 0 || c->place.side == 0 || c->place.side > SIDE_NUMBER_MAX) return;
        fetch(bucket_of(e, &e->positions_by_pair, hash_pair(a, i)));
        const struct side_tree *own = book_side(instrument_at(e, i), c->place.side);
        fetch_bytes(node_at(e, own->first_leaf), 4);
        if (own->root != own->first_leaf) fetch_bytes(node_at(e, own->root), 4);
        return;
    }
    uint32_t o = order_named(c) == 0 ? 0 : order_find(e, order_named(c));
    if (o == 0) return;
    const struct order *order = order_at(e, o);
    fetch(order_at(e, order->prev));
    fetch(order_at(e, order->next));
    fetch(level_at(e, order->level));
    fetch_bytes(position_at(e, order->position), 2);
    fetch((const char *)order_at(e, order->account_prev) + 64);
    fetch((const char *)order_at(e, order->account_next) + 64);
    fetch(bucket_of(e, &e->positions_by_pair, hash_pair(order->account, order->instrument)));
}

/* Looks at nothing that the earlier stages did not fetch, except that a deep tree is walked. */
static uint32_t level_joined(const struct engine *e, const struct command *c, uint32_t instrument)
{
    const struct command_place *p = &c->place;
    if (p->side == 0 || p->side > SIDE_NUMBER_MAX || p->price.scale != instrument_at(e, instrument)->price_scale)
        return 0;
    return book_level_find(e, book_side(instrument_at(e, instrument), p->side), p->side, p->price.mantissa);
}

static void fetch_near(const struct engine *e, const struct command *c)
{
    if (c->kind == COMMAND_PLACE) {
        uint32_t i = instrument_find(e, &c->place.symbol), a = account_find(e, &c->place.account);
        if (i == 0 || a == 0) return;
        fetch_bytes(position_at(e, *bucket_of(e, &e->positions_by_pair, hash_pair(a, i))), 2);
        fetch(level_at(e, level_joined(e, c, i)));
        return;
    }
    uint32_t o = order_named(c) == 0 ? 0 : order_find(e, order_named(c));
    if (o != 0) fetch_bytes(balance_at(e, position_at(e, order_at(e, o)->position)->balance), 2);
}

static void fetch_last(const struct engine *e, const struct command *c)
{
    if (c->kind != COMMAND_PLACE) return;
    uint32_t i = instrument_find(e, &c->place.symbol), a = account_find(e, &c->place.account);
    if (i == 0 || a == 0) return;
    uint32_t level = level_joined(e, c, i), p = position_find(e, a, i);
    if (level != 0) fetch(order_at(e, level_at(e, level)->last));
    if (p != 0) fetch_bytes(balance_at(e, position_at(e, p)->balance), 2);
    fetch((const char *)order_at(e, account_at(e, a)->orders_last) + 64);
}

void engine_prefetch(const struct engine *e, const struct command *commands, uint32_t count, uint32_t at)
{
    if (e->orders.live < WORTHWHILE_ORDERS) return;
    if (at + FAR < count) fetch_buckets(e, &commands[at + FAR]);
    if (at + OBJECTS < count) fetch_objects(e, &commands[at + OBJECTS]);
    if (at + NEIGHBOURS < count) fetch_neighbours(e, &commands[at + NEIGHBOURS]);
    if (at + NEAR < count) fetch_near(e, &commands[at + NEAR]);
    if (at + LAST < count) fetch_last(e, &commands[at + LAST]);
}
