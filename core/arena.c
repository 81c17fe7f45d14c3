/* core/arena.c - lays the arena out, copies it, and keeps the hash indexes.
 * What must stay true: an arena's layout depends on its limits alone; a copy gives every item the same index; nothing beyond a
 * pool's used mark, or an index's used buckets, has ever been written. */
#include "core/arena.h"

/* Four buckets an item: nine lookups in ten find theirs first in the chain, and a miss costs more than the memory. */
enum { ARENA_ALIGN = 64, BUCKETS_FIRST = 64, BUCKETS_PER_ITEM = 4 };

static uint64_t align_up(uint64_t bytes)
{
    return (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
}

static uint64_t pool_lay(struct pool *p, uint64_t offset, size_t item_bytes, uint32_t capacity)
{
    *p = (struct pool){.offset = offset, .item_bytes = (uint32_t)item_bytes, .capacity = capacity};
    return align_up(offset + (uint64_t)item_bytes * ((uint64_t)capacity + 1));
}

static uint64_t index_lay(struct hash_index *h, uint64_t offset, uint32_t capacity)
{
    uint32_t buckets_max = capacity < BUCKETS_FIRST / BUCKETS_PER_ITEM ? BUCKETS_FIRST : capacity * BUCKETS_PER_ITEM;
    *h = (struct hash_index){
        .offset = offset, .buckets = BUCKETS_FIRST, .buckets_max = buckets_max, .mask = BUCKETS_FIRST - 1};
    return align_up(offset + (uint64_t)buckets_max * sizeof(uint32_t));
}

uint64_t dirty_room(const struct limits *l)
{
    return DIRTY_FLUSH_AT + DIRTY_SPARE + (uint64_t)l->work_max * DIRTY_PER_WORK;
}

/* Lays out e for its limits; e may be a header without an arena behind it. */
static void arena_lay(struct engine *e, const struct limits *l)
{
    e->limits = *l;
    uint64_t at = align_up(sizeof *e);
    at = pool_lay(&e->orders, at, sizeof(struct order), l->orders_max);
    at = pool_lay(&e->client_ids, at, sizeof(struct client_id_cell), l->client_ids_max);
    /* levels_max is asked of orders on their way in. What a trigger or an activation moves between queues is not asked again, but
     * never has more levels than orders. A tree of n levels has at most n nodes: see core/book.c. */
    uint32_t levels = l->levels_max > l->orders_max ? l->levels_max : l->orders_max;
    at = pool_lay(&e->levels, at, sizeof(struct level), levels);
    at = pool_lay(&e->nodes, at, sizeof(struct node), levels + 16);
    at = pool_lay(&e->instruments, at, sizeof(struct instrument), l->instruments_max);
    at = pool_lay(&e->accounts, at, sizeof(struct account), l->accounts_max);
    at = pool_lay(&e->account_mores, at, sizeof(struct account_more), l->accounts_max);
    at = pool_lay(&e->positions, at, sizeof(struct position), l->positions_max);
    at = pool_lay(&e->balances, at, sizeof(struct balance), l->balances_max);
    at = pool_lay(&e->currencies, at, sizeof(struct currency), l->currencies_max);
    at = pool_lay(&e->order_extras, at, sizeof(struct order_extra), l->orders_max);
    at = pool_lay(&e->account_rules, at, sizeof(struct account_rules), l->accounts_max);
    at = pool_lay(&e->routes, at, sizeof(struct route), l->routes_max);
    at = pool_lay(&e->executions, at, sizeof(struct execution), l->executions_max);
    at = pool_lay(&e->keys, at, sizeof(struct key_cell), l->keys_max);
    at = index_lay(&e->orders_by_id, at, l->orders_max);
    at = index_lay(&e->instruments_by_name, at, l->instruments_max);
    at = index_lay(&e->accounts_by_name, at, l->accounts_max);
    at = index_lay(&e->currencies_by_name, at, l->currencies_max);
    at = index_lay(&e->positions_by_pair, at, l->positions_max);
    at = index_lay(&e->balances_by_pair, at, l->balances_max);
    at = index_lay(&e->client_ids_by_text, at, l->client_ids_max);
    at = index_lay(&e->routes_by_id, at, l->routes_max);
    at = index_lay(&e->keys_by_hash, at, l->keys_max);
    e->route_rules_offset = at;
    at = align_up(at + ROUTE_RULES_MAX * sizeof(struct route_rule));
    e->batch_offset = at;
    at = align_up(at + BATCH_ATOMIC_MAX * BATCH_SLOT_BYTES);
    e->dirty_offset = at;
    at = align_up(at + dirty_room(l) * sizeof(uint32_t));
    e->timers_offset = at;
    /* timers_max is asked of orders on their way in; a route's timer always finds room. */
    e->bytes = align_up(at + ((uint64_t)l->timers_max + l->routes_max + 1) * sizeof(struct timer));
}

size_t engine_bytes(const struct limits *l)
{
    assert(limits_valid(l));
    struct engine layout;
    arena_lay(&layout, l);
    return layout.bytes;
}

struct engine *engine_init(void *memory, const struct limits *l)
{
    assert(limits_valid(l) && (uintptr_t)memory % ARENA_ALIGN == 0);
    struct engine *e = memory;
    arena_lay(e, l);
    e->priority_next = 1;
    e->keys_due_ns = INT64_MAX;
    return e;
}

static void pool_copy(struct engine *to, const struct engine *from, const struct pool *p)
{
    memcpy(arena_at(to, p->offset), arena_at(from, p->offset), ((uint64_t)p->used + 1) * p->item_bytes);
}
static void index_copy(struct engine *to, const struct engine *from, const struct hash_index *h)
{
    memcpy(arena_at(to, h->offset), arena_at(from, h->offset), (uint64_t)h->buckets * sizeof(uint32_t));
}

struct engine *engine_copy(void *memory, const struct engine *src)
{
    assert((uintptr_t)memory % ARENA_ALIGN == 0);
    struct engine *e = memory;
    memcpy(e, src, sizeof *e);
    const struct pool *pools[] = {&e->orders,        &e->client_ids,    &e->levels,   &e->nodes,      &e->instruments,
                                  &e->accounts,      &e->positions,     &e->balances, &e->currencies, &e->order_extras,
                                  &e->account_rules, &e->account_mores, &e->routes,   &e->executions, &e->keys};
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++) pool_copy(e, src, pools[i]);
    const struct hash_index *indexes[] = {&e->orders_by_id,       &e->instruments_by_name, &e->accounts_by_name,
                                          &e->currencies_by_name, &e->positions_by_pair,   &e->balances_by_pair,
                                          &e->client_ids_by_text, &e->routes_by_id,        &e->keys_by_hash};
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) index_copy(e, src, indexes[i]);
    memcpy(arena_at(e, e->route_rules_offset), arena_at(src, e->route_rules_offset),
           e->route_rules_count * sizeof(struct route_rule));
    memcpy(arena_at(e, e->dirty_offset), arena_at(src, e->dirty_offset), e->dirty_count * sizeof(uint32_t));
    memcpy(arena_at(e, e->timers_offset), arena_at(src, e->timers_offset),
           ((uint64_t)e->timers_count + 1) * sizeof(struct timer));
    return e;
}

size_t engine_bytes_used(const struct engine *e)
{
    const struct pool *pools[] = {&e->orders,        &e->client_ids,    &e->levels,   &e->nodes,      &e->instruments,
                                  &e->accounts,      &e->positions,     &e->balances, &e->currencies, &e->order_extras,
                                  &e->account_rules, &e->account_mores, &e->routes,   &e->executions, &e->keys};
    const struct hash_index *indexes[] = {&e->orders_by_id,       &e->instruments_by_name, &e->accounts_by_name,
                                          &e->currencies_by_name, &e->positions_by_pair,   &e->balances_by_pair,
                                          &e->client_ids_by_text, &e->routes_by_id,        &e->keys_by_hash};
    uint64_t bytes = sizeof *e + e->dirty_count * sizeof(uint32_t) + (uint64_t)e->timers_count * sizeof(struct timer);
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++)
        bytes += (uint64_t)pools[i]->used * pools[i]->item_bytes;
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        bytes += (uint64_t)indexes[i]->buckets * sizeof(uint32_t);
    return bytes;
}

/* Adding to and removing from an index, written once for every kind of item. HASH reads an item's key. */
#define HASH_INDEX(name, type, index_field, HASH)                                                                      \
    static void name##_index_split(struct engine *e)                                                                   \
    {                                                                                                                  \
        struct hash_index *h = &e->index_field;                                                                        \
        uint32_t *buckets = hash_buckets(e, h);                                                                        \
        uint32_t added = h->buckets;                                                                                   \
        if (added > h->mask) h->mask = h->mask * 2 + 1;                                                                \
        uint32_t split = added & (h->mask >> 1);                                                                       \
        h->buckets++;                                                                                                  \
        uint32_t i = buckets[split];                                                                                   \
        buckets[split] = 0;                                                                                            \
        buckets[added] = 0;                                                                                            \
        while (i != 0) {                                                                                               \
            struct type *item = type##_at(e, i);                                                                       \
            uint32_t next = item->hash_next;                                                                           \
            uint32_t *bucket = &buckets[hash_bucket(h, HASH(item))];                                                   \
            item->hash_next = *bucket;                                                                                 \
            *bucket = i;                                                                                               \
            i = next;                                                                                                  \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_insert(struct engine *e, uint32_t index)                                                        \
    {                                                                                                                  \
        struct hash_index *h = &e->index_field;                                                                        \
        h->count++;                                                                                                    \
        while (h->buckets < h->buckets_max && h->buckets / BUCKETS_PER_ITEM < h->count) name##_index_split(e);         \
        struct type *item = type##_at(e, index);                                                                       \
        uint32_t *bucket = &hash_buckets(e, h)[hash_bucket(h, HASH(item))];                                            \
        item->hash_next = *bucket;                                                                                     \
        *bucket = index;                                                                                               \
    }
#define HASH_INDEX_REMOVE(name, type, index_field, HASH)                                                               \
    void name##_index_remove(struct engine *e, uint32_t index)                                                         \
    {                                                                                                                  \
        struct hash_index *h = &e->index_field;                                                                        \
        uint32_t *link = &hash_buckets(e, h)[hash_bucket(h, HASH(type##_at(e, index)))];                               \
        while (*link != index) {                                                                                       \
            assert(*link != 0);                                                                                        \
            link = &type##_at(e, *link)->hash_next;                                                                    \
        }                                                                                                              \
        *link = type##_at(e, index)->hash_next;                                                                        \
        h->count--;                                                                                                    \
    }
#define HASH_OF_ORDER(o)      hash_id((o)->id)
#define HASH_OF_INSTRUMENT(i) hash_name(&(i)->symbol)
#define HASH_OF_ACCOUNT(a)    hash_name(&(a)->account)
#define HASH_OF_CURRENCY(c)   hash_name(&(c)->currency)
#define HASH_OF_POSITION(p)   hash_pair((p)->account, (p)->instrument)
#define HASH_OF_BALANCE(b)    hash_pair((b)->account, (b)->currency)
HASH_INDEX(orders, order, orders_by_id, HASH_OF_ORDER)
HASH_INDEX(instruments, instrument, instruments_by_name, HASH_OF_INSTRUMENT)
HASH_INDEX(accounts, account, accounts_by_name, HASH_OF_ACCOUNT)
HASH_INDEX(currencies, currency, currencies_by_name, HASH_OF_CURRENCY)
HASH_INDEX(positions, position, positions_by_pair, HASH_OF_POSITION)
HASH_INDEX(balances, balance, balances_by_pair, HASH_OF_BALANCE)
HASH_INDEX_REMOVE(orders, order, orders_by_id, HASH_OF_ORDER)
HASH_INDEX_REMOVE(positions, position, positions_by_pair, HASH_OF_POSITION)
HASH_INDEX_REMOVE(balances, balance, balances_by_pair, HASH_OF_BALANCE)
#define HASH_OF_CLIENT_ID(c) hash_client_id((c)->account, (c)->bytes)
#define HASH_OF_ROUTE(r)     hash_id((r)->id)
#define HASH_OF_KEY(k)       hash_key(&(k)->key)
HASH_INDEX(client_ids, client_id_cell, client_ids_by_text, HASH_OF_CLIENT_ID)
HASH_INDEX(routes, route, routes_by_id, HASH_OF_ROUTE)
HASH_INDEX(keys, key_cell, keys_by_hash, HASH_OF_KEY)
HASH_INDEX_REMOVE(client_ids, client_id_cell, client_ids_by_text, HASH_OF_CLIENT_ID)
HASH_INDEX_REMOVE(routes, route, routes_by_id, HASH_OF_ROUTE)
HASH_INDEX_REMOVE(keys, key_cell, keys_by_hash, HASH_OF_KEY)

void client_ids_index_add(struct engine *e, uint32_t index)
{
    client_ids_insert(e, index);
}
void routes_index_add(struct engine *e, uint32_t index)
{
    routes_insert(e, index);
}
void keys_index_add(struct engine *e, uint32_t index)
{
    keys_insert(e, index);
}

void orders_index_add(struct engine *e, uint32_t index)
{
    orders_insert(e, index);
}

uint32_t currency_make(struct engine *e, uint64_t id, const struct name *currency, uint8_t scale)
{
    uint32_t index = pool_take(e, &e->currencies);
    *currency_at(e, index) = (struct currency){.id = id, .currency = *currency, .scale = scale};
    currencies_insert(e, index);
    return index;
}

uint32_t instrument_make(struct engine *e, uint64_t id, const struct name *symbol)
{
    uint32_t index = pool_take(e, &e->instruments);
    *instrument_at(e, index) = (struct instrument){.id = id, .symbol = *symbol};
    instruments_insert(e, index);
    return index;
}

uint32_t account_make(struct engine *e, uint64_t id, const struct name *account)
{
    uint32_t index = pool_take(e, &e->accounts);
    *account_at(e, index) = (struct account){.id = id, .account = *account, .leverage = LEVERAGE_ONE};
    uint32_t more = pool_take(e, &e->account_mores);
    assert(more == index);
    *account_more_at(e, more) = (struct account_more){.key = 1};
    accounts_insert(e, index);
    return index;
}

uint32_t position_make(struct engine *e, uint32_t account, uint32_t instrument, uint32_t balance)
{
    uint32_t index = pool_take(e, &e->positions);
    struct position *p = position_at(e, index);
    *p = (struct position){.account = account, .instrument = instrument, .balance = balance};
    positions_insert(e, index);
    position_touch(e, p);
    return index;
}

void position_opened(struct engine *e, struct position *p)
{
    struct account *a = account_at(e, p->account);
    a->positions_open++;
    instrument_at(e, p->instrument)->positions_open++;
    if (p->listed) return;
    struct account_more *more = more_of(e, a);
    uint32_t index = position_index(e, p);
    p->listed = 1;
    p->account_prev = 0;
    p->account_next = more->positions_first;
    if (p->account_next != 0) position_at(e, p->account_next)->account_prev = index;
    more->positions_first = index;
}

void position_closed(struct engine *e, struct position *p)
{
    account_at(e, p->account)->positions_open--;
    instrument_at(e, p->instrument)->positions_open--;
}

void position_drop(struct engine *e, uint32_t index)
{
    struct position *p = position_at(e, index);
    position_untouch(e, p);
    positions_index_remove(e, index);
    if (p->listed) {
        if (p->account_prev != 0)
            position_at(e, p->account_prev)->account_next = p->account_next;
        else
            account_more_at(e, p->account)->positions_first = p->account_next;
        if (p->account_next != 0) position_at(e, p->account_next)->account_prev = p->account_prev;
    }
    pool_give(e, &e->positions, index);
}

uint32_t balance_make(struct engine *e, uint32_t account, uint32_t currency)
{
    uint32_t index = pool_take(e, &e->balances);
    struct balance *b = balance_at(e, index);
    *b = (struct balance){.key = 1, .account = account, .currency = currency};
    balances_insert(e, index);
    balance_touch(e, b);
    return index;
}

void balance_unmake(struct engine *e, uint32_t index)
{
    struct balance *b = balance_at(e, index);
    assert(b->cash == 0 && b->reserved == 0 && b->cost_net == 0 && b->margin_used == 0);
    balance_untouch(e, b);
    balances_index_remove(e, index);
    pool_give(e, &e->balances, index);
}

struct order_extra *order_extra_of(struct engine *e, struct order *o)
{
    if (o->extra == 0) {
        o->extra = pool_take(e, &e->order_extras);
        *order_extra_at(e, o->extra) = (struct order_extra){.key = o->id, .order = order_index(e, o)};
    }
    return order_extra_at(e, o->extra);
}
