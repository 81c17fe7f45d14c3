/* tests/world/room.c - engines for tests.
 * Invariant: nothing here looks inside an engine; all it knows comes from the exports. */
#include "tests/world/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what, long long code)
{
    fprintf(stderr, "room: %s (%lld)\n", what, code);
    abort();
}

static void *zeroed_arena(const struct limits *l)
{
    size_t bytes = (engine_bytes(l) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    if (memory == NULL) give_up("no memory for an engine", (long long)bytes);
    memset(memory, 0, bytes);
    return memory;
}

struct engine *room_engine_new(const struct limits *l)
{
    return engine_init(zeroed_arena(l), l);
}

struct engine *room_engine_copy(const struct engine *e)
{
    struct limits l = engine_scalars(e).limits;
    return engine_copy(zeroed_arena(&l), e);
}

void room_engine_free(struct engine *e)
{
    free(e);
}

static int by_priority(const void *pa, const void *pb)
{
    const struct order_state *a = pa, *b = pb;
    return a->priority < b->priority ? -1 : a->priority > b->priority;
}

static void transfer_orders(struct engine *to, const struct engine *from)
{
    uint32_t count = engine_counts(from).orders, cursor = 0, k = 0;
    struct order_state *orders = calloc(count + 1, sizeof *orders);
    if (orders == NULL) give_up("no memory for orders", count);
    while (k <= count && engine_export_order(from, &cursor, &orders[k])) k++;
    if (k != count) give_up("engine_counts and the export disagree about orders", k);
    qsort(orders, count, sizeof *orders, by_priority);
    for (k = 0; k < count; k++) {
        int code = engine_import_order(to, &orders[k]);
        if (code != 0) give_up("an order was not taken", code);
    }
    free(orders);
}

/* Every object of one sort: out of `from`, into `to`. */
#define TRANSFER(object) TRANSFER_AS(object, struct object##_state)
#define TRANSFER_AS(object, type)                                                                                      \
    do {                                                                                                               \
        type one;                                                                                                      \
        uint32_t cursor = 0;                                                                                           \
        while (engine_export_##object(from, &cursor, &one)) {                                                          \
            int taken = engine_import_##object(to, &one);                                                              \
            if (taken != 0) give_up(#object " was not taken", taken);                                                  \
        }                                                                                                              \
    } while (0)

static void transfer_balances(struct engine *to, const struct engine *from, room_change_balance *change, void *context)
{
    struct balance_state b;
    uint32_t cursor = 0;
    while (engine_export_balance(from, &cursor, &b)) {
        if (change != NULL) change(&b, context);
        int code = engine_import_balance(to, &b);
        if (code != 0) give_up("a balance was not taken", code);
    }
}

struct engine *room_engine_transfer(const struct engine *from, room_change_balance *change, void *context)
{
    struct engine_scalars scalars = engine_scalars(from);
    struct engine *to = room_engine_new(&scalars.limits);
    int code = engine_import_scalars(to, &scalars);
    if (code != 0) give_up("the scalars were not taken", code);
    TRANSFER(currency);
    TRANSFER(instrument);
    TRANSFER(account);
    TRANSFER_AS(venue, struct venue_state_row);
    TRANSFER_AS(rule, struct route_rule);
    transfer_balances(to, from, change, context);
    TRANSFER(position);
    transfer_orders(to, from);
    TRANSFER(route);
    TRANSFER(execution);
    TRANSFER(client_id);
    TRANSFER(key);
    code = engine_import_end(to);
    if (code != 0) give_up("the imported state was refused", code);
    return to;
}

enum { OBJECTS_MAX = 64 };
/* Sums by the id of what they belong to. */
struct sums {
    uint64_t ids[OBJECTS_MAX];
    i128 totals[OBJECTS_MAX];
    uint32_t count;
};

static void add_to(struct sums *s, uint64_t id, i128 value)
{
    uint32_t k = 0;
    while (k < s->count && s->ids[k] != id) k++;
    if (k == OBJECTS_MAX) give_up("too many objects to add up", k);
    if (k == s->count) {
        s->ids[k] = id;
        s->totals[k] = 0;
        s->count++;
    }
    s->totals[k] += value;
}

static bool all_zero(const struct sums *s, const char *what, char *why)
{
    for (uint32_t k = 0; k < s->count; k++) {
        if (s->totals[k] == 0) continue;
        snprintf(why, ROOM_WHY_BYTES, "%s of %" PRIu64 " does not add to zero", what, s->ids[k]);
        return false;
    }
    return true;
}

bool room_engine_conserves(const struct engine *e, char *why)
{
    struct sums cash = {.count = 0}, quantity = {.count = 0};
    i128 reserved = 0, cost = 0;
    uint32_t cursor = 0;
    struct balance_state b;
    while (engine_export_balance(e, &cursor, &b)) {
        add_to(&cash, b.currency_id, b.cash);
        reserved += b.reserved;
        cost += b.cost_net;
    }
    struct position_state p;
    cursor = 0;
    while (engine_export_position(e, &cursor, &p)) {
        add_to(&quantity, p.instrument_id, p.quantity);
        cost -= p.cost;
    }
    struct order_state o;
    cursor = 0;
    while (engine_export_order(e, &cursor, &o)) reserved -= o.hold;
    if (!all_zero(&cash, "the cash", why) || !all_zero(&quantity, "the quantity", why)) return false;
    if (reserved == 0 && cost == 0) return true;
    snprintf(why, ROOM_WHY_BYTES, "%s are not what the balances say", reserved != 0 ? "the holds" : "the costs");
    return false;
}
