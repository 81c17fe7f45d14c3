/* tests/api/connectors/desk_compare.c - are the books on both sides the same?
 * Every order that a broker has: the same quantity filled with us, open there exactly when it is open here. Every execution that a
 * broker made: with us once, the same price and quantity, busted or not alike; and every one of ours is a broker's. Every order of
 * ours that is at a broker is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "core/error.h"
#include "journal/records.h"
#include "tests/api/connectors/desk_world.h"

enum { SHOWN_MAX = 20 };

struct exec_slot {
    uint64_t hash; /* of exec_id; 0: free */
    int broker;
    uint64_t number;
    bool seen;
};
struct exec_table {
    struct exec_slot *slots;
    uint64_t room;
};

static uint64_t differences;

static bool differ(void)
{
    return differences++ < SHOWN_MAX;
}

static struct exec_slot *exec_slot(struct exec_table *t, const char *exec_id, size_t len)
{
    uint64_t hash = XXH3_64bits(exec_id, len) | 1;
    uint64_t at = hash & (t->room - 1);
    while (t->slots[at].hash != 0 && t->slots[at].hash != hash) at = (at + 1) & (t->room - 1);
    t->slots[at].hash = hash;
    return &t->slots[at];
}

static uint64_t executions_of(const struct broker_sim *sim)
{
    struct broker_execution x;
    uint64_t count = 0;
    while (broker_sim_execution(sim, count + 1, &x, NULL)) count++;
    return count;
}

static void table_fill(struct desk *d, struct exec_table *t)
{
    uint64_t count = 0;
    for (int i = 0; i < BROKERS; i++) count += executions_of(d->brokers[i].sim);
    t->room = 1024;
    while (t->room < count * 2) t->room *= 2;
    t->slots = calloc(t->room, sizeof *t->slots);
    if (t->slots == NULL) abort();
    for (int i = 0; i < BROKERS; i++) {
        struct broker_execution x;
        for (uint64_t n = 1; broker_sim_execution(d->brokers[i].sim, n, &x, NULL); n++) {
            if (x.kind == FILL_BUST) continue; /* it is a mark on another one */
            struct exec_slot *slot = exec_slot(t, x.exec_id, strlen(x.exec_id));
            if (slot->number != 0 && differ()) printf("two executions are called %s\n", x.exec_id);
            slot->broker = i;
            slot->number = n;
        }
    }
}

static void compare_execution(struct desk *d, struct exec_table *t, const struct execution_state *ours)
{
    struct exec_slot *slot = exec_slot(t, ours->exec_id, ours->exec_id_len);
    struct broker_execution x;
    bool busted = false;
    if (slot->number == 0) {
        if (differ()) printf("execution %.*s is no broker's\n", ours->exec_id_len, ours->exec_id);
        return;
    }
    if (slot->seen && differ()) printf("execution %.*s is doubled\n", ours->exec_id_len, ours->exec_id);
    slot->seen = true;
    (void)broker_sim_execution(d->brokers[slot->broker].sim, slot->number, &x, &busted);
    bool same = x.order_id == ours->order_id && x.price.mantissa == ours->price &&
                x.quantity.mantissa == ours->quantity && busted == ours->busted;
    if (!same && differ())
        printf("execution %s of order %llu: there %lld @ %lld%s, here %lld @ %lld%s\n", x.exec_id,
               (unsigned long long)x.order_id, (long long)x.quantity.mantissa, (long long)x.price.mantissa,
               busted ? " busted" : "", (long long)ours->quantity, (long long)ours->price,
               ours->busted ? " busted" : "");
}

static void compare_executions(struct desk *d)
{
    struct exec_table t;
    struct execution_state ours;
    uint32_t cursor = 0;
    table_fill(d, &t);
    while (engine_export_execution(d->state.engine, &cursor, &ours))
        if (ours.exec_id_len > 0) compare_execution(d, &t, &ours);
    for (uint64_t i = 0; i < t.room; i++)
        if (t.slots[i].number != 0 && !t.slots[i].seen && differ())
            printf("%s's execution %llu is not with us\n", d->brokers[t.slots[i].broker].name.bytes,
                   (unsigned long long)t.slots[i].number);
    free(t.slots);
}

static void compare_orders(struct desk *d, struct desk_broker *b)
{
    struct broker_sim_order there;
    uint32_t cursor = 0;
    while (broker_sim_next_order(b->sim, &cursor, &there)) {
        const struct desk_order *here = desk_order(d, there.order_id);
        if (here == NULL) {
            if (differ()) printf("order %llu is not ours\n", (unsigned long long)there.order_id);
            continue;
        }
        bool at_this = name_equal(&here->venue, &b->name);
        bool open = here->open && at_this;
        if (open != (there.state == BROKER_ORDER_OPEN) && differ())
            printf("%s: order %llu: there state %d, here %s\n", b->name.bytes, (unsigned long long)there.order_id,
                   there.state, open ? "open" : "done");
        if ((at_this ? here->filled : 0) != there.filled && differ())
            printf("%s: order %llu: filled there %lld, here %lld\n", b->name.bytes, (unsigned long long)there.order_id,
                   (long long)there.filled, (long long)here->filled);
    }
}

/* Leaves of our open orders, and that each is there. */
static void compare_open(struct desk *d, const struct desk_broker *b)
{
    struct broker_sim_order there;
    uint32_t cursor = 0;
    uint64_t open_there = 0, open_here = 0;
    while (broker_sim_next_order(b->sim, &cursor, &there)) {
        struct order_state o;
        if (there.state != BROKER_ORDER_OPEN) continue;
        open_there++;
        if (engine_get_order(d->state.engine, there.order_id, &o) && o.leaves != there.leaves && differ())
            printf("%s: order %llu: leaves there %lld, here %lld\n", b->name.bytes, (unsigned long long)there.order_id,
                   (long long)there.leaves, (long long)o.leaves);
    }
    for (uint32_t i = 0; i < d->ids_count; i++) {
        const struct desk_order *o = desk_order(d, d->ids[i]);
        open_here += o->open && name_equal(&o->venue, &b->name);
    }
    if (open_here != open_there && differ())
        printf("%s: %llu orders are open there, %llu here\n", b->name.bytes, (unsigned long long)open_there,
               (unsigned long long)open_here);
}

uint64_t desk_compare(struct desk *d)
{
    differences = 0;
    for (int i = 0; i < BROKERS; i++) {
        compare_orders(d, &d->brokers[i]);
        compare_open(d, &d->brokers[i]);
        struct connector_status status;
        connector_status(d->brokers[i].connector, &status);
        if (d->brokers[i].refused + status.refused > 0 && differ())
            printf("%s: %llu things were refused for good\n", d->brokers[i].name.bytes,
                   (unsigned long long)d->brokers[i].refused + status.refused);
        if (d->brokers[i].sent_twice + broker_sim_counts(d->brokers[i].sim).sent_twice > 0 && differ())
            printf("%s: orders were sent twice\n", d->brokers[i].name.bytes);
    }
    compare_executions(d);
    return differences;
}

uint64_t desk_compare_replay(struct desk *d)
{
    struct tape_report report = {0};
    struct command_reader *r = NULL;
    const struct command *c;
    struct fold again;
    fold_init(&again);
    struct digest live = engine_digest(d->state.engine);
    engine_check(d->state.engine); /* conservation among the rest */
    if (sequencer_close(d->sequencer) != 0) return 1;
    d->sequencer = NULL;
    if (command_reader_open(&d->tape, true, &r, &report) != 0) return 1;
    int failed;
    while ((failed = command_reader_next(r, &c)) == 0)
        if (fold_apply(&again, c) < 0) break;
    command_reader_close(r);
    struct digest replayed = engine_digest(again.engine);
    fold_free(&again);
    bool same = failed == ERR_END && memcmp(&live, &replayed, sizeof live) == 0;
    if (!same) printf("the tape folds into another state\n");
    return same ? 0 : 1;
}
