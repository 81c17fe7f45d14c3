/* tests/api/connectors/contract_world.h - one connector between a tape, books and a broker that do what the test says.
 * Everything that the connector does leaves a line in a log; `then` compares the lines since the last one. Orders are 1, 2, 3. */
#ifndef ORDERTAPE_TESTS_API_CONNECTORS_CONTRACT_WORLD_H
#define ORDERTAPE_TESTS_API_CONNECTORS_CONTRACT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/connectors/connector.h"

enum { WORLD_ORDERS = 8, WORLD_EVENTS = 256, WORLD_LINES = 128, WORLD_ANSWERS = 64 };

struct contract_world {
    struct connector *connector;
    struct connector_options options;
    int64_t now_ns;
    /* the tape */
    struct event events[WORLD_EVENTS];
    uint32_t events_count, events_at;
    uint64_t seq;
    /* our books */
    struct order_row rows[WORLD_ORDERS];
    struct event asked[WORLD_ORDERS];
    struct event_venue_set venue;
    bool has_venue;
    /* what our engine will say */
    uint16_t refuse_next; /* the next command is refused for this; then none */
    int submit_fails;
    /* the disk */
    struct connector_cursor cursor;
    int cursor_state; /* 0, ERR_NOT_FOUND, ERR_CORRUPT */
    int save_fails;
    /* the broker */
    bool refuses_connections, line_is_cut;
    struct broker_answer answers[WORLD_ANSWERS];
    uint32_t answers_count, answers_at;
    uint64_t request_last, query_last, list_last; /* what the connector asked last */
    char lines[WORLD_LINES][120];
    uint32_t lines_count;
};

struct contract_world *world_new(void);
void world_free(struct contract_world *w);
void world_start(struct contract_world *w); /* a process begins: only the tape, the books and the disk are there */
void world_crash(struct contract_world *w);

/* What happens on our side. */
void order_is_routed(struct contract_world *w, uint64_t order_id);
void order_is_routed_to(struct contract_world *w, uint64_t order_id, const char *venue);
void cancel_is_asked(struct contract_world *w, uint64_t order_id);
void modify_is_asked(struct contract_world *w, uint64_t order_id, int64_t price, int64_t quantity);
void books_say(struct contract_world *w, uint64_t order_id, enum broker_state state);
void order_is_done(struct contract_world *w, uint64_t order_id); /* CANCELLED, by somebody else */
void venue_is_set(struct contract_world *w, enum venue_state state, enum venue_cause cause);

/* What the broker says. The answer is to what was asked last (of the kind that fits). */
void broker_acks(struct contract_world *w, uint64_t order_id, const char *ext_order_id);
void broker_says(struct contract_world *w, uint64_t order_id, enum answer_kind kind, enum broker_order_state state);
void broker_says_unasked(struct contract_world *w, uint64_t order_id, enum answer_kind kind, enum broker_order_state state);
void broker_fills(struct contract_world *w, uint64_t number, uint64_t order_id, int64_t quantity, int64_t price);
void broker_busts(struct contract_world *w, uint64_t number, uint64_t order_id, uint64_t ref);
/* To a query: where the order stands, what it is, and its last execution. */
void broker_has(struct contract_world *w, uint64_t order_id, enum broker_order_state state, int64_t price, int64_t quantity,
                uint64_t last_number);
void broker_never_had(struct contract_world *w, uint64_t order_id);
void broker_lists_to(struct contract_world *w, uint64_t last_number);

/* Turns until nothing is left to do now. */
void turn(struct contract_world *w);
/* Time goes by in steps of 100 ms, with a turn in each. */
void pass_ms(struct contract_world *w, int64_t ms);
/* The lines since the last then, in order; questions for lists are left out. */
#define then(w, ...) then_lines((w), (const char *const[]){__VA_ARGS__, NULL})
#define then_nothing(w) then_lines((w), (const char *const[]){NULL})
void then_lines(struct contract_world *w, const char *const *lines);

#endif
