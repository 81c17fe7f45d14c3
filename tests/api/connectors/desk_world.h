/* tests/api/connectors/desk_world.h - a whole desk on one thread over a virtual clock: an engine behind a sequencer, connectors with
 * simulated brokers, and what our books say of every order, folded from events.
 * A connector or a broker can die at any call of a door; what it finds afterwards is its cursor, the broker's log, and the tape. */
#ifndef ORDERTAPE_TESTS_API_CONNECTORS_DESK_WORLD_H
#define ORDERTAPE_TESTS_API_CONNECTORS_DESK_WORLD_H

#include "api/connectors/broker_sim.h"
#include "api/connectors/connector.h"
#include "journal/sequencer.h"

enum { BROKERS = 2, DEATH_KINDS = 4 };
#define SECOND_NS ((int64_t)1000000000)
#define MS_NS ((int64_t)1000000)

/* One of our orders, from its events. */
struct desk_order {
    uint64_t order_id; /* 0: free */
    int64_t filled;    /* busted ones taken back */
    struct name venue; /* the broker that has it, or had it last */
    bool open;
    /* the last event that asked something of a broker */
    uint64_t asked_seq;
    uint32_t asked_index;
    uint8_t asked_kind, asked_state;
    int64_t asked_price, asked_quantity, asked_stop_price;
};

struct desk;
struct desk_broker {
    struct desk *desk;
    struct name name;
    struct broker_sim_options options;
    struct broker_sim *sim;
    struct connector *connector;
    struct connector_cursor cursor; /* what a disk would hold */
    bool has_cursor;
    uint8_t venue_cause; /* of the venue's last change */
    uint64_t feed_at; /* number of the next event */
    uint64_t death_in; /* calls of a door until one fails; 0: none does */
    bool dying;
    uint64_t faults[FAULTS_COUNT], sent_twice, refused;
};

struct desk {
    int64_t now_ns;
    struct fold state;
    struct sequencer *sequencer;
    struct tape_options tape;
    uint64_t random;
    struct desk_broker brokers[BROKERS];
    /* events that a connector may still want, by a number of their own */
    struct event *feed;
    uint64_t feed_first, feed_count, feed_room;
    struct desk_order *orders;
    uint32_t orders_count, orders_room; /* open addressing */
    uint64_t *ids; /* every order placed, in order */
    uint32_t ids_count, ids_room;
    uint64_t commands, deaths, rejected[10000];
};

uint64_t desk_random(struct desk *d, uint64_t bound);
bool desk_chance(struct desk *d, unsigned percent);

/* dir exists and is empty. */
void desk_open(struct desk *d, const char *dir, uint64_t seed, unsigned faults_percent);
void desk_close(struct desk *d);
/* Submits one command; returns why it was refused, or 0. */
uint16_t desk_do(struct desk *d, struct command *c);
/* One turn of every connector, and time goes on by step_ns. crash_percent: how often one dies within it. */
void desk_step(struct desk *d, int64_t step_ns, unsigned crash_percent);
struct desk_order *desk_order(struct desk *d, uint64_t order_id); /* NULL: none */
/* Lets everything be answered, without faults: false when it does not come to rest within `within_ns`. */
bool desk_settle(struct desk *d, int64_t within_ns);
/* Compares the books of both sides and the state with a fold of the tape; prints what differs. Returns how many differences. */
uint64_t desk_compare(struct desk *d);
uint64_t desk_compare_replay(struct desk *d);

#endif
