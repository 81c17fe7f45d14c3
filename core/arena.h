/* core/arena.h - how state lies in memory. Internal to core.
 *
 *   | struct engine | orders | client ids | levels | nodes | instruments | ... | index buckets ... | timer heap |
 *
 * What must stay true: everything is reached by offset from the engine and by u32 index into a pool; index 0 is "none", so
 * zeroed memory is an empty state; an object is live while its first 8 bytes (its key) are not 0. Objects that are never
 * freed (currencies, instruments, accounts) have indexes in creation order. Indexes never show outside core. */
#ifndef ORDERTAPE_CORE_ARENA_H
#define ORDERTAPE_CORE_ARENA_H

#include <assert.h>
#include <string.h>

#include "core/engine.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
/* On a plain order's way: inlined where its own file calls it, whatever else calls it from outside. */
#define HOT inline __attribute__((always_inline))

/* A pool of equal items. Every item begins with its key (u64) and, while free, the next free index (u32). */
struct pool {
    uint64_t offset; /* of item 0, from the engine */
    uint32_t item_bytes;
    uint32_t capacity; /* indexes 1..capacity */
    uint32_t used;     /* indexes 1..used were handed out at least once */
    uint32_t free;     /* first free index; 0: take a fresh one */
    uint32_t live;
    uint32_t pad;
};
struct pool_item {
    uint64_t key;
    uint32_t next_free;
};

/* A hash index by linear hashing: chains run through the items themselves, and buckets are added one at a time as
 * items are (no rehash pause, memory follows what is open). Chain order has no meaning. */
struct hash_index {
    uint64_t offset; /* of the buckets: u32 item indexes */
    uint32_t buckets, buckets_max;
    uint32_t mask; /* smallest 2^k - 1 >= buckets - 1 */
    uint32_t count;
};

struct currency {
    uint64_t id;
    uint32_t next_free, hash_next;
    struct name currency;
    uint32_t fees_balance; /* of @fees in this currency; 0: not yet */
    uint8_t scale, dirty, pad[2];
};

/* The queues of an instrument, two sides each. In TRIGGER, side SELL (lowest price first) is UP and side BUY (highest first) DOWN. DESK
 * has the orders at brokers and those that wait for a venue: one level a side, at DESK_PRICE, so that sweeps find them. */
enum tree {
    TREE_BOOK = 0,
    TREE_TRIGGER = 1,
    TREE_QUOTE = 2,
    TREE_ALL_OR_NONE = 3,
    TREE_CLOSE = 4,
    TREE_DESK = 5,
    TREES = 6
};
enum { DESK_PRICE = 1, BATCH_SLOT_BYTES = 512 };

enum { WAITS_TRIGGER = 1, WAITS_ALL_OR_NONE = 2 }; /* of instrument.waits */

/* One side of one queue: a B+tree of levels, best first. */
struct side_tree {
    uint32_t root;       /* node; 0: empty */
    uint32_t first_leaf; /* holds the best level at its first place */
    uint32_t levels;
    uint32_t pad;
};

struct instrument {
    uint64_t id;
    uint32_t next_free, hash_next;
    struct name symbol;
    struct side_tree sides[2]; /* of the book; [side - 1] */
    uint32_t orders_count;     /* open orders, GTT legs too */
    uint32_t positions_open;   /* with quantity != 0 */
    int64_t range_low, range_high; /* prices since the stops were last looked at; 0, 0: none */
    int64_t tick, lot, last_price, min_quantity, max_quantity, collar_ppm;
    int64_t maker_fee_rate, taker_fee_rate, fee_rate_worst;
    int64_t tick_gcd;
    i128 max_notional; /* 0: NOTIONAL_MAX */
    uint32_t currency;
    uint16_t settlement_days;
    uint8_t price_scale, quantity_scale, currency_scale;
    uint8_t trigger, state, dirty;
    uint8_t mark, trading, halt_on_breach; /* trading: 0 is ACTIVE */
    uint8_t waits;                         /* WAITS_: a queue that is not empty */
    uint32_t max_leverage; /* 0: the account's */
    uint32_t trail_first, trail_last, trail_count;       /* its trailing stops, by priority */
    uint32_t session_first, session_last; /* its ON_OPEN and ON_CLOSE orders, by priority */
    int64_t lot_gcd;
    u128 element;
    int64_t bid, bid_quantity, ask, ask_quantity;
    int64_t auction_price; /* while an uncross is pending */
    struct side_tree queues[2 * (TREES - 1)]; /* of the other trees: [(tree - 1) * 2 + side - 1] */
    uint64_t pad[7];
};

/* What only some accounts have. */
struct account_rules {
    uint64_t key; /* 1 */
    uint32_t next_free, account;
    struct account_limits limits;
    int64_t rate_tat_ns;
    uint32_t dirty, pad;
    u128 element; /* 'R' */
};

struct account {
    uint64_t id;
    uint32_t next_free, hash_next;
    struct name account;
    uint32_t leverage;
    uint8_t type, status, allow_short;
    uint8_t special; /* it has rules or an stp: see account_more */
    uint32_t orders_first, orders_last, orders_count; /* its open orders by priority */
    uint32_t positions_open;                          /* with quantity != 0 */
};

/* The rest of an account, at the same index: what a plain order of it never looks at. */
struct account_more {
    uint64_t key; /* 1 */
    uint32_t rules;           /* account_rules; 0: none */
    uint32_t positions_first; /* its positions with quantity != 0, and some that had; in no order that means anything */
    uint32_t stp_orders;      /* open orders with stp != 0 */
    uint8_t stp, pad[3];      /* of orders that do not say; 0: NONE */
};

struct balance {
    uint64_t key; /* 1 */
    uint32_t next_free, hash_next;
    i128 cash, reserved, cost_net, margin_used;
    u128 element; /* in the digest's sum: what the object was at the last flush */
    uint32_t account, currency;
    uint32_t dirty;
    uint32_t pad;
};

struct position {
    union {
        uint64_t key; /* both, so never 0 while live */
        struct {
            uint32_t account, instrument;
        };
    };
    uint32_t next_free, hash_next;
    uint32_t balance;
    uint8_t dirty, listed; /* listed: in its account's list */
    uint16_t reduce_count; /* open reduce-only orders */
    int64_t quantity, open[2], closing[2]; /* [side - 1] */
    /* second line: only fills touch it */
    i128 cost, realized;
    u128 element;
    uint32_t held;         /* open orders of it that are in no sum (WAITING, an OCO pair's second): they keep it alive */
    uint32_t reduce_first; /* its reduce-only orders, by acceptance */
    uint32_t account_next, account_prev;
};

struct order {
    uint64_t id;
    uint32_t next, prev; /* in its level's queue; next doubles as the free link */
    int64_t price, leaves;
    uint64_t priority;
    uint32_t level, position, account, hash_next; /* level 0: in no queue; position 0: a GTT's leg */
    uint8_t side, type, tif, flags;
    uint8_t dirty, client_order_id_len, phase, stp; /* phase: enum order_phase; stp: 0 is NONE */
    /* second line: with the first, all that a cancel needs */
    i128 hold;
    u128 element;
    int64_t closing_leaves;
    uint32_t account_next, account_prev;
    uint32_t client_order_id, timer;
    uint32_t instrument;
    uint32_t extra; /* order_extra; 0: a plain order */
    /* third line */
    i128 notional_filled, fee_accrued;
    int64_t quantity, created_ns, updated_ns, expires_ns;
};

/* What only some orders have: see struct order_extra_state. */
struct order_extra {
    uint64_t key; /* the order's id */
    uint32_t next_free, order;
    int64_t stop_price, trail, display_quantity, shown, hold_price, due;
    uint64_t follow;
    uint32_t leverage; /* 0: the account's and instrument's */
    uint8_t venue, link, member, activation, direction, pad[3];
    uint32_t trail_next, trail_prev;     /* in the instrument's trailing stops */
    uint32_t reduce_next, reduce_prev;   /* in the position's reduce-only orders */
    uint32_t session_next, session_prev; /* in the instrument's ON_OPEN and ON_CLOSE orders */
    uint32_t follow_next, follow_prev;   /* in the follow list */
    uint32_t route;                      /* of an order at a broker, or that waits for a venue; 0: none */
    uint32_t pad2[2];
};

/* A client_order_id that its account may not use again yet. Those with used_ns != 0 are in a list, oldest first. */
struct client_id_cell {
    uint64_t id; /* of its order */
    uint32_t next_free, hash_next;
    int64_t used_ns;
    uint32_t account, order; /* order: 0 when it has left the state */
    uint32_t older, newer;
    uint32_t len_bytes, pad;
    char bytes[CLIENT_ORDER_ID_BYTES_MAX];
};

/* An idempotency key. All are in a list, oldest first. */
struct key_cell {
    uint64_t live; /* 1 */
    uint32_t next_free, hash_next;
    struct key_hash key, body;
    uint64_t seq;
    int64_t used_ns;
    uint32_t older, newer;
};

struct venue_cell {
    uint64_t id;
    struct name venue;
    uint32_t account; /* its house account; 0: BOOK that was never simulated */
    uint8_t state, simulated, pad[2];
};

/* What an order has to do with brokers: see struct route_state. */
struct route {
    uint64_t id; /* the order's */
    uint32_t next_free, hash_next;
    uint32_t order;               /* 0: it has left the state */
    uint32_t account, instrument; /* then these are still known */
    uint32_t timer, dirty;
    uint32_t wait_next, wait_prev; /* in the list of those that wait */
    uint32_t executions_first, executions_last, executions_count;
    uint8_t venue, state, doubt, reason;
    uint8_t side, asked, manual_review, ext_order_id_len;
    uint32_t pad;
    uint32_t attempt, tries, refused;
    uint64_t wait;
    int64_t due_ns, new_price, new_quantity, new_stop_price, old_quantity, filled;
    i128 notional_filled, fee_accrued;
    u128 element;
    char ext_order_id[EXT_ID_BYTES_MAX];
};

struct execution {
    uint64_t id; /* the order's */
    uint32_t next_free, next; /* next: of the same order */
    int64_t price, quantity;
    i128 notional, fee_accrues;
    uint32_t number, route;
    uint8_t busted, exec_id_len, pad[6];
    char exec_id[EXT_ID_BYTES_MAX];
};

struct level {
    int64_t price; /* never 0, so it is the key too */
    uint32_t next_free, first, last, orders;
    uint32_t instrument;
    uint8_t side, tree, pad[2]; /* tree: enum tree */
    i128 quantity;              /* orders of many accounts: more than fits 64 bits */
    i128 hidden;                /* of it: what icebergs do not show */
};

enum { NODE_KEYS = 19 };
struct node {
    uint64_t key; /* 1 */
    uint32_t next_free;
    uint16_t count;
    uint16_t leaf;
    uint32_t prev, next; /* leaves only */
    int64_t keys[NODE_KEYS];
    uint32_t children[NODE_KEYS];
    uint32_t pad;
};

/* Of an order (GTD), or of a route: where both are due at once the order's comes first. */
struct timer {
    int64_t due_ns;
    uint64_t id;
    uint32_t order, route; /* one of them is 0 */
};

/* Between turns the list of dirty objects is flushed when it is this long. One turn may add DIRTY_PER_WORK for every unit of its
 * work and every timer (at most: both orders, positions and balances of a fill, @fees, the instrument, what of both groups
 * follows; some air), and DIRTY_SPARE for what its last step does beyond its work (trailing stops, reduce-only orders) and for the command itself. */
enum {
    DIRTY_FLUSH_AT = 16384,
    DIRTY_PER_WORK = 24,
    DIRTY_PER_ORDER = 12, /* of a batch, beyond its work */
    DIRTY_SPARE = 2 * TRAILING_MAX + 8 * REDUCE_ONLY_MAX + 16 * FILLS_MAX + DIRTY_PER_ORDER * BATCH_ORDERS_MAX + 256
};
enum dirty_kind {
    DIRTY_ORDER = 1,
    DIRTY_POSITION = 2,
    DIRTY_BALANCE = 3,
    DIRTY_INSTRUMENT = 4,
    DIRTY_RULES = 5,
    DIRTY_ROUTE = 6
};

struct engine {
    struct limits limits;
    uint32_t ready; /* SET_LIMITS was applied */
    uint32_t fees_account, external_account, quote_account;
    uint64_t bytes;
    uint64_t seq;
    int64_t now_ns;
    uint64_t priority_next;
    struct sweep_state sweep;
    uint8_t trading, pad[3];             /* of the whole system; 0: ACTIVE */
    uint32_t ranged, ranged_count;       /* the first instrument that has a range, in creation order; 0: none */
    uint32_t follow_first, follow_last;  /* orders (pool indexes) whose group waits for the aftermath, by follow */
    u128 digest; /* of every object that is not dirty; scalars and limits are added when asked */
    struct pool orders, client_ids, levels, nodes, instruments, accounts, account_mores, positions, balances, currencies,
        order_extras, account_rules, routes, executions, keys;
    struct hash_index orders_by_id, instruments_by_name, accounts_by_name, currencies_by_name, positions_by_pair,
        balances_by_pair, client_ids_by_text, routes_by_id, keys_by_hash;
    uint32_t venues_count, route_rules_count;
    uint32_t client_id_oldest, client_id_newest; /* of those with used_ns != 0 */
    uint32_t key_oldest, key_newest;
    int64_t keys_due_ns; /* when the oldest of either may be forgotten; INT64_MAX: there is none */
    uint32_t wait_first, wait_last; /* routes that wait for a venue, by wait */
    uint32_t waiting;               /* how many */
    uint64_t route_rules_offset;    /* ROUTE_RULES_MAX */
    uint64_t batch_offset;          /* struct batch_slot of an atomic batch: scratch, of no meaning between commands */
    struct venue_cell venues[VENUES_MAX + 1]; /* by number; 0: none */
    uint64_t timers_offset;
    uint64_t dirty_offset; /* u32 list: what changed since the digest was last whole: kind << 28 | index */
    uint32_t timers_count, route_timers; /* route_timers: of them, routes' */
    uint32_t dirty_count;
#ifndef NDEBUG
    u128 moved_cash, moved_quantity; /* by this command, weighed: core/check.c */
#endif
};

_Static_assert(sizeof(struct order) == 192, "three cache lines");
_Static_assert(sizeof(struct level) == 64, "one cache line");
_Static_assert(sizeof(struct node) == 256, "four cache lines");
_Static_assert(sizeof(struct position) == 128 && sizeof(struct balance) == 112, "no hidden padding");
_Static_assert(sizeof(struct instrument) == 512 && sizeof(struct account) == 64, "whole cache lines");
_Static_assert(sizeof(struct order_extra) == 128 && sizeof(struct account_rules) == 144, "no hidden padding");
_Static_assert(sizeof(struct client_id_cell) == 112 && sizeof(struct timer) == 24, "no hidden padding");
_Static_assert(sizeof(struct key_cell) == 72 && sizeof(struct venue_cell) == 40, "no hidden padding");
_Static_assert(sizeof(struct route) == 256 && sizeof(struct execution) == 144, "no hidden padding");

static inline void *arena_at(const struct engine *e, uint64_t offset)
{
    return (void *)((uintptr_t)e + offset);
}

#define POOL_ACCESS(type, field)                                                                                       \
    static inline struct type *type##_at(const struct engine *e, uint32_t index)                                       \
    {                                                                                                                  \
        return (struct type *)arena_at(e, e->field.offset + (uint64_t)index * sizeof(struct type));                    \
    }                                                                                                                  \
    static inline uint32_t type##_index(const struct engine *e, const struct type *item)                               \
    {                                                                                                                  \
        return (uint32_t)(((uintptr_t)item - (uintptr_t)e - e->field.offset) / sizeof(struct type));                   \
    }
POOL_ACCESS(order, orders)
POOL_ACCESS(client_id_cell, client_ids)
POOL_ACCESS(level, levels)
POOL_ACCESS(node, nodes)
POOL_ACCESS(instrument, instruments)
POOL_ACCESS(account, accounts)
POOL_ACCESS(account_more, account_mores)
POOL_ACCESS(position, positions)
POOL_ACCESS(balance, balances)
POOL_ACCESS(currency, currencies)
POOL_ACCESS(order_extra, order_extras)
POOL_ACCESS(account_rules, account_rules)
POOL_ACCESS(route, routes)
POOL_ACCESS(execution, executions)
POOL_ACCESS(key_cell, keys)
#undef POOL_ACCESS

static inline struct account_more *more_of(const struct engine *e, const struct account *a)
{
    return account_more_at(e, account_index(e, a));
}

static inline bool pool_full(const struct pool *p)
{
    return p->live >= p->capacity;
}

/* An index whose item keeps whatever it held: the caller writes every field. The pool must not be full. */
static inline uint32_t pool_take(struct engine *e, struct pool *p)
{
    assert(!pool_full(p));
    p->live++;
    uint32_t index = p->free;
    if (index == 0) return ++p->used;
    const struct pool_item *item = arena_at(e, p->offset + (uint64_t)index * p->item_bytes);
    p->free = item->next_free;
    return index;
}

static inline void pool_give(struct engine *e, struct pool *p, uint32_t index)
{
    assert(index != 0 && index <= p->used && p->live > 0);
    struct pool_item *item = arena_at(e, p->offset + (uint64_t)index * p->item_bytes);
    item->key = 0;
    item->next_free = p->free;
    p->free = index;
    p->live--;
}

/* Hashes. Order ids are seq << 16 | index: seq itself spreads evenly and keeps neighbours in one cache line. */
static inline uint64_t hash_id(uint64_t id)
{
    return (id >> ORDER_INDEX_BITS) + (id & 0xffff) * 0x9E3779B97F4A7C15u;
}
/* The product's low half knows nothing of a, its high half knows both. */
static inline uint64_t hash_pair(uint32_t a, uint32_t b)
{
    return (((uint64_t)a << 32 | b) * 0x9E3779B97F4A7C15u) >> 32;
}
/* A name's 24 bytes by eights, each loaded by itself: as an array they would go through the stack. */
static inline uint64_t name_word(const struct name *n, size_t word)
{
    uint64_t w;
    memcpy(&w, n->bytes + word * sizeof w, sizeof w);
    return w;
}
static inline uint64_t hash_name(const struct name *n)
{
    uint64_t x = name_word(n, 0) ^ (name_word(n, 1) * 0xC2B2AE3D27D4EB4Fu) ^ (name_word(n, 2) * 0x165667B19E3779F9u);
    x *= 0x9E3779B97F4A7C15u;
    return x ^ (x >> 32);
}
static inline bool names_same(const struct name *a, const struct name *b)
{
    return ((name_word(a, 0) ^ name_word(b, 0)) | (name_word(a, 1) ^ name_word(b, 1)) |
            (name_word(a, 2) ^ name_word(b, 2))) == 0;
}

static inline uint32_t *hash_buckets(const struct engine *e, const struct hash_index *h)
{
    return arena_at(e, h->offset);
}
static inline uint32_t hash_bucket(const struct hash_index *h, uint64_t hash)
{
    uint32_t b = (uint32_t)hash & h->mask;
    return b < h->buckets ? b : b & (h->mask >> 1);
}

/* The lookups; 0: none. */
static inline uint32_t order_find(const struct engine *e, uint64_t id)
{
    const struct hash_index *h = &e->orders_by_id;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_id(id))];
    while (i != 0 && order_at(e, i)->id != id) i = order_at(e, i)->hash_next;
    return i;
}
static inline uint32_t instrument_find(const struct engine *e, const struct name *symbol)
{
    const struct hash_index *h = &e->instruments_by_name;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_name(symbol))];
    while (i != 0 && !names_same(&instrument_at(e, i)->symbol, symbol)) i = instrument_at(e, i)->hash_next;
    return i;
}
static inline uint32_t account_find(const struct engine *e, const struct name *account)
{
    const struct hash_index *h = &e->accounts_by_name;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_name(account))];
    while (i != 0 && !names_same(&account_at(e, i)->account, account)) i = account_at(e, i)->hash_next;
    return i;
}
static inline uint32_t currency_find(const struct engine *e, const struct name *currency)
{
    const struct hash_index *h = &e->currencies_by_name;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_name(currency))];
    while (i != 0 && !names_same(&currency_at(e, i)->currency, currency)) i = currency_at(e, i)->hash_next;
    return i;
}
static inline uint32_t position_find(const struct engine *e, uint32_t account, uint32_t instrument)
{
    const struct hash_index *h = &e->positions_by_pair;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_pair(account, instrument))];
    while (i != 0) {
        const struct position *p = position_at(e, i);
        if (p->account == account && p->instrument == instrument) return i;
        i = p->hash_next;
    }
    return 0;
}
static inline uint32_t balance_find(const struct engine *e, uint32_t account, uint32_t currency)
{
    const struct hash_index *h = &e->balances_by_pair;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_pair(account, currency))];
    while (i != 0) {
        const struct balance *b = balance_at(e, i);
        if (b->account == account && b->currency == currency) return i;
        i = b->hash_next;
    }
    return 0;
}

static inline uint64_t hash_client_id(uint32_t account, const char *bytes)
{
    uint64_t x = (account + 1) * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < CLIENT_ORDER_ID_BYTES_MAX; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        x = (x ^ word) * 0xC2B2AE3D27D4EB4Fu;
        x ^= x >> 29;
    }
    return x;
}
static inline uint64_t hash_key(const struct key_hash *k)
{
    return k->lo ^ k->hi;
}
static inline uint32_t route_find(const struct engine *e, uint64_t order_id)
{
    const struct hash_index *h = &e->routes_by_id;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_id(order_id))];
    while (i != 0 && route_at(e, i)->id != order_id) i = route_at(e, i)->hash_next;
    return i;
}
static inline uint32_t key_find(const struct engine *e, const struct key_hash *k)
{
    const struct hash_index *h = &e->keys_by_hash;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_key(k))];
    while (i != 0 && (key_cell_at(e, i)->key.lo != k->lo || key_cell_at(e, i)->key.hi != k->hi))
        i = key_cell_at(e, i)->hash_next;
    return i;
}
/* bytes: CLIENT_ORDER_ID_BYTES_MAX, zero-padded. */
static inline uint32_t client_id_find(const struct engine *e, uint32_t account, const char *bytes)
{
    const struct hash_index *h = &e->client_ids_by_text;
    uint32_t i = hash_buckets(e, h)[hash_bucket(h, hash_client_id(account, bytes))];
    while (i != 0) {
        const struct client_id_cell *c = client_id_cell_at(e, i);
        if (c->account == account && memcmp(c->bytes, bytes, CLIENT_ORDER_ID_BYTES_MAX) == 0) return i;
        i = c->hash_next;
    }
    return 0;
}
/* The number of a venue; 0: none has that name. */
static inline uint8_t venue_find(const struct engine *e, const struct name *venue)
{
    for (uint32_t n = 1; n <= e->venues_count; n++)
        if (names_same(&e->venues[n].venue, venue)) return (uint8_t)n;
    return 0;
}
static inline struct route_rule *route_rule_at(const struct engine *e, uint32_t number) /* from 1 */
{
    return (struct route_rule *)arena_at(e, e->route_rules_offset) + (number - 1);
}

/* core/arena.c */
void orders_index_add(struct engine *e, uint32_t index);
void orders_index_remove(struct engine *e, uint32_t index);
void positions_index_remove(struct engine *e, uint32_t index);
void client_ids_index_add(struct engine *e, uint32_t index);
void client_ids_index_remove(struct engine *e, uint32_t index);
void routes_index_add(struct engine *e, uint32_t index);
void routes_index_remove(struct engine *e, uint32_t index);
void keys_index_add(struct engine *e, uint32_t index);
void keys_index_remove(struct engine *e, uint32_t index);
/* Take an item, zeroed but for what is given, and put it in its index. The pool must not be full. */
uint32_t currency_make(struct engine *e, uint64_t id, const struct name *currency, uint8_t scale);
uint32_t instrument_make(struct engine *e, uint64_t id, const struct name *symbol);
uint32_t account_make(struct engine *e, uint64_t id, const struct name *account);
uint32_t position_make(struct engine *e, uint32_t account, uint32_t instrument, uint32_t balance);
/* Its quantity is not 0 any more, or 0 again: the counters of its account and instrument, and the account's list. It stays in the
 * list until it is dropped, so that a fill seldom touches other positions. */
void position_opened(struct engine *e, struct position *p);
void position_closed(struct engine *e, struct position *p);
void position_drop(struct engine *e, uint32_t index);
uint32_t balance_make(struct engine *e, uint32_t account, uint32_t currency);
/* Takes back a balance that was made by the command at hand and has nothing but zeros. */
void balance_unmake(struct engine *e, uint32_t index);
/* Places in the list of dirty objects. */
uint64_t dirty_room(const struct limits *l);
/* The order's extra, made zeroed when it has none. The pool is as large as the orders'. */
struct order_extra *order_extra_of(struct engine *e, struct order *o);

/* core/digest_state.c. An object that changes is marked and listed; the flush puts its new element in place of the old one, which
 * the object carries. A new object carries 0. */
void dirty_flush(struct engine *e);
/* Before a turn or an import: nothing may be flushed while objects are half changed. */
static inline void dirty_make_room(struct engine *e)
{
    if (UNLIKELY(e->dirty_count >= DIRTY_FLUSH_AT)) dirty_flush(e);
}
#define TOUCH(type, KIND)                                                                                              \
    static inline void type##_touch(struct engine *e, struct type *item)                                               \
    {                                                                                                                  \
        if (item->dirty) return;                                                                                       \
        item->dirty = 1;                                                                                               \
        uint32_t *list = arena_at(e, e->dirty_offset);                                                                 \
        list[e->dirty_count++] = (uint32_t)KIND << 28 | type##_index(e, item);                                         \
    }                                                                                                                  \
    /* The object goes: its element leaves the sum, and its place in the list, if any, means nothing any more. */      \
    static inline void type##_untouch(struct engine *e, struct type *item)                                             \
    {                                                                                                                  \
        e->digest -= item->element;                                                                                    \
        item->element = 0;                                                                                             \
        item->dirty = 0;                                                                                               \
    }
TOUCH(order, DIRTY_ORDER)
TOUCH(position, DIRTY_POSITION)
TOUCH(balance, DIRTY_BALANCE)
TOUCH(instrument, DIRTY_INSTRUMENT)
TOUCH(account_rules, DIRTY_RULES)
TOUCH(route, DIRTY_ROUTE)
#undef TOUCH

/* core/values.c: state as the plain values of core/state.h. */
void order_value(const struct engine *e, const struct order *o, struct order_state *out);
void instrument_value(const struct engine *e, const struct instrument *i, struct instrument_state *out);
void account_value(const struct engine *e, const struct account *a, struct account_state *out);
void balance_value(const struct engine *e, const struct balance *b, struct balance_state *out);
void position_value_of(const struct engine *e, const struct position *p, struct position_state *out);
void currency_value(const struct currency *c, struct currency_state *out);
void venue_value(const struct venue_cell *v, struct venue_state_row *out);
void route_value(const struct engine *e, const struct route *r, struct route_state *out);
void execution_value(const struct execution *x, struct execution_state *out);
void client_id_value(const struct engine *e, const struct client_id_cell *c, struct client_id_state *out);
void key_value(const struct key_cell *k, struct key_state *out);

#endif
