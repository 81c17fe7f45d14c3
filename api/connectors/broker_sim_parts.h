/* api/connectors/broker_sim_parts.h - what the files of the simulated broker share. */
#ifndef ORDERTAPE_API_CONNECTORS_BROKER_SIM_PARTS_H
#define ORDERTAPE_API_CONNECTORS_BROKER_SIM_PARTS_H

#include "api/connectors/broker_sim.h"

#define NONE_INDEX UINT32_MAX

struct sim_order {
    uint64_t order_id;
    struct broker_order terms;
    int64_t leaves, filled;
    uint32_t counter, day; /* counter from 1: its ext_order_id; day: YYMMDD; 0: not taken yet */
    uint32_t symbol;
    uint32_t before, after; /* among the open ones of its symbol */
    uint32_t next_in_bucket;
    uint32_t last_number; /* of its last execution; 0: none */
    uint8_t state;
    bool triggered;
};
struct sim_execution {
    uint32_t order; /* index */
    uint32_t ref;   /* number of the one that it undoes or replaces */
    int64_t price, quantity;
    uint8_t price_scale, kind;
    bool busted;
};
struct sim_by_hand {
    uint64_t seq;
    uint32_t index, order;
};
struct sim_symbol {
    struct name symbol;
    struct event_quoted quote; /* sizes go down by what is filled */
    uint32_t first, last;      /* open orders */
};

enum message_what { MESSAGE_REQUEST = 1, MESSAGE_ANSWER = 2, MESSAGE_ACTION = 3 };
enum request_kind { REQUEST_SEND = 1, REQUEST_CANCEL, REQUEST_REPLACE, REQUEST_QUERY, REQUEST_LIST };
enum action_kind { ACTION_CANCEL = 1, ACTION_BUST, ACTION_CORRECT };
struct sim_request {
    uint8_t kind; /* enum request_kind */
    bool server_error;
    uint64_t request, order_id, after_number;
    struct broker_order order;
    struct broker_replace replace;
};
struct sim_action {
    uint8_t kind; /* enum action_kind */
    uint32_t order, number;
};
struct message {
    uint8_t what;
    uint32_t next_free;
    union {
        struct sim_request request;
        struct broker_answer answer;
        struct sim_action action;
    };
};
struct due {
    int64_t due_ns;
    uint64_t number; /* of two with one time the older first */
    uint32_t message;
};

enum { LOG_BUFFER_BYTES = 65536 };
struct sim_log {
    struct storage_file *file;
    uint64_t size_bytes;
    uint32_t buffered_bytes;
    uint8_t buffer[LOG_BUFFER_BYTES];
};

struct broker_sim {
    struct broker_sim_options o;
    struct sim_log log;
    int error;
    uint64_t random;
    bool connected, say_disconnected;
    int64_t line_second; /* in which it was last looked at whether the line goes */
    struct sim_order *orders;
    uint32_t orders_count, orders_room, taken_count;
    uint32_t *buckets;
    uint32_t buckets_count;
    struct sim_execution *executions;
    uint32_t executions_count, executions_room;
    struct sim_by_hand *by_hand;
    uint32_t by_hand_count, by_hand_room;
    struct sim_symbol *symbols;
    uint32_t symbols_count, symbols_room;
    struct message *messages;
    uint32_t messages_count, messages_room, messages_free;
    struct due *heap;
    uint32_t heap_count, heap_room;
    uint64_t heap_number;
    struct broker_sim_counts counts;
};

/* broker_sim_books.c: changes of the books, each of which the log has; the same functions read it back. */
struct sim_order *sim_find(const struct broker_sim *s, uint64_t order_id);
int sim_take_order(struct broker_sim *s, const struct broker_order *terms, uint32_t day, uint8_t state);
int sim_set_state(struct broker_sim *s, uint64_t order_id, uint8_t state);
int sim_replace(struct broker_sim *s, const struct broker_replace *r);
int sim_execute(struct broker_sim *s, uint64_t order_id, const struct sim_execution *x);
int sim_execute_by_hand(struct broker_sim *s, uint64_t order_id, uint64_t seq, uint32_t index, int64_t price, int64_t quantity);
uint32_t sim_symbol_index(struct broker_sim *s, const struct name *symbol); /* NONE_INDEX: no memory */
void sim_ext_order_id(const struct broker_sim *s, const struct sim_order *o, char *room);
void sim_exec_id(const struct broker_sim *s, uint64_t number, char *room);
void *sim_grown(void *array, uint32_t count, uint32_t *room, size_t item_bytes); /* NULL: no memory; array is as it was */

/* broker_sim_log.c */
int sim_log_open(struct broker_sim *s, uint64_t *torn_bytes);
int sim_log_append(struct broker_sim *s, uint32_t kind, const void *payload, uint32_t len_bytes);
int sim_log_flush(struct broker_sim *s);

/* broker_sim_market.c: what is done when a request, an action or a quote comes. */
void sim_do_request(struct broker_sim *s, const struct sim_request *r, int64_t now_ns);
void sim_do_action(struct broker_sim *s, const struct sim_action *a, int64_t now_ns);
void sim_do_quote(struct broker_sim *s, const struct event_quoted *q, int64_t now_ns);

/* broker_sim.c */
bool sim_happens(struct broker_sim *s, enum broker_fault fault);
uint64_t sim_random_below(struct broker_sim *s, uint64_t bound);
struct message *sim_later(struct broker_sim *s, enum message_what what, int64_t due_ns); /* NULL: no memory, s->error */
void sim_tell(struct broker_sim *s, const struct broker_answer *a, int64_t now_ns);

#endif
