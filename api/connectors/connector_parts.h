/* api/connectors/connector_parts.h - what the files of one connector share.
 * What must stay true: an order that is followed is in the table and in exactly one of the lists; each list has one delay, so its
 * head is due first. A command is remembered with what it was for until its answer came. */
#ifndef ORDERTAPE_API_CONNECTORS_CONNECTOR_PARTS_H
#define ORDERTAPE_API_CONNECTORS_CONNECTOR_PARTS_H

#include "api/connectors/connector.h"

enum {
    LIST_OUT = 0,                           /* asked for, not answered yet */
    LIST_RETRY = 1,                         /* LIST_RETRY + k: a query after retry_ns << k */
    LIST_AUDIT = LIST_RETRY + CONNECTOR_RETRIES, /* nothing is wrong; asked for now and then */
    LIST_NOW,                               /* a query as soon as there is room in a turn */
    LISTS_COUNT
};
enum {
    SAYS_MAX = 256,           /* commands of one submit */
    INTENTS_MAX = 256,        /* requests that one saved cursor covers */
    TURN_EVENTS_MAX = 4096,   /* events looked at in one turn */
    TURN_ANSWERS_MAX = 1024,
    TURN_QUERIES_MAX = 256
};

/* What was asked of the broker last and is not settled. */
enum pending { PENDING_NONE = 0, PENDING_SEND = 1, PENDING_WITHDRAW = 2, PENDING_REPLACE = 3 };

struct tracked {
    uint64_t order_id; /* 0: free */
    struct tracked *next_in_bucket;
    struct tracked *before, *after; /* in its list */
    int64_t due_ns;
    int64_t sent_ns;     /* when what is pending was sent; after a start: when we looked */
    uint64_t request;    /* of what is pending; 0: of a life before, or none */
    uint64_t query;      /* of a query that is out; 0: none */
    int64_t query_ns;    /* when the last query was sent */
    int64_t new_price, new_quantity, new_stop_price; /* REPLACE: what was asked for; 0: unchanged */
    uint8_t new_price_scale, new_quantity_scale;
    uint8_t pending;     /* enum pending */
    uint8_t list;
    uint8_t retries;
    uint8_t cancel_tries;
    bool acked;          /* our books have its ext_order_id */
    bool doubt;          /* what is pending was not answered in time, or not readably */
    bool unknown;        /* our books say UNKNOWN */
    bool cancel_wanted;  /* a cancel came while something else was pending */
    bool replaced;       /* it was ever asked to be another size */
    bool ended;          /* done with us: only the broker's side is still looked at */
    bool filled_there;   /* the broker said FILLED once while it is open with us */
    bool send_again;     /* routed by hand while its sending was in doubt: a "not found" means send */
};

/* Why a command was submitted: what its answer means. */
enum say_purpose { SAY_PLAIN = 1, SAY_EXECUTION, SAY_GIVE_BACK, SAY_END, SAY_VENUE };
struct say {
    uint64_t order_id, number; /* number: EXECUTION's */
    uint8_t purpose;
    struct fill_row row;
    char ext_order_id[EXT_ID_BYTES_MAX + 1], reason[REASON_BYTES_MAX + 1];
    char exec_id[EXT_ID_BYTES_MAX + 1], ref_exec_id[EXT_ID_BYTES_MAX + 1];
};

/* What an event asks for, done when the cursor that covers it is durable. NONE: the order is given back unsent. */
struct intent {
    uint8_t kind; /* enum pending */
    uint64_t order_id;
    struct broker_order send;
    struct broker_replace replace;
};

struct connector {
    struct connector_options o;
    struct connector_cursor cursor; /* what was looked at; saved before it is acted on */
    struct connector_cursor saved;
    int cursor_found;
    int error; /* a door failed */
    /* the venue, as the events tell */
    bool active;
    uint8_t venue_state, venue_cause;
    /* the line */
    bool connected;
    int64_t connect_due_ns, list_due_ns, list_sent_ns, cool_until_ns, keep_due_ns;
    uint64_t list_request; /* 0: none is out */
    uint64_t request_last;
    uint8_t breaker;
    bool down_said, up_said; /* since the breaker opened */
    uint32_t failures;
    /* orders */
    struct tracked *pool, *free;
    struct tracked **buckets;
    uint32_t pool_used, buckets_mask, orders, in_doubt;
    struct {
        struct tracked *first, *last;
    } lists[LISTS_COUNT];
    /* commands and requests of this turn */
    struct command commands[SAYS_MAX];
    struct say says[SAYS_MAX], said[SAYS_MAX]; /* said: those whose answers are being looked at */
    uint16_t reasons[SAYS_MAX];
    uint32_t says_count;
    struct intent intents[INTENTS_MAX];
    uint32_t intents_count;
    uint64_t refused;
    uint64_t by_hand_order_id; /* an operator's fill: EXECUTED came, its FILLED is next; 0: no */
    bool held; /* the last event read was not taken: it comes again */
    struct event held_event;
};

/* connector_orders.c */
int orders_init(struct connector *c);
void orders_free(struct connector *c);
struct tracked *order_of(const struct connector *c, uint64_t order_id);
struct tracked *order_track(struct connector *c, uint64_t order_id, int64_t now_ns); /* NULL: orders_max are followed */
void order_forget(struct connector *c, struct tracked *t);
void order_move(struct connector *c, struct tracked *t, unsigned list, int64_t now_ns);
void order_set_doubt(struct connector *c, struct tracked *t, bool doubt);
/* Nothing is pending any more. */
void order_settle(struct connector *c, struct tracked *t, int64_t now_ns);
/* The query that did not tell enough comes again, later each time. */
void order_retry(struct connector *c, struct tracked *t, int64_t now_ns);
/* A request is about to go out. */
void order_ask(struct connector *c, struct tracked *t, enum pending pending, int64_t now_ns);

/* connector_say.c */
void say_report(struct connector *c, uint64_t order_id, enum report report, enum say_purpose purpose, const char *ext_order_id,
                const char *reason, int64_t now_ns);
void say_execution(struct connector *c, const struct broker_execution *x, int64_t now_ns);
void say_venue(struct connector *c, enum venue_state state, int64_t now_ns);
/* Submits what is waiting; the answers have their effect. */
void say_flush(struct connector *c, int64_t now_ns);
/* The cursor as it is becomes durable, if it changed. What was said before is submitted first. */
void cursor_keep(struct connector *c, int64_t now_ns);

/* connector_answers.c */
void answers_take(struct connector *c, int64_t now_ns);
/* Something was asked and no usable answer came. t may be NULL (a list). */
void answer_missing(struct connector *c, struct tracked *t, const char *why, int64_t now_ns);
void line_works(struct connector *c, int64_t now_ns);
void line_fails(struct connector *c, int64_t now_ns);
void line_lost(struct connector *c, int64_t now_ns);

/* connector_events.c: 1: there may be more; 0: at the end, or waiting. */
int events_take(struct connector *c, int64_t now_ns);
/* Orders that are open with us: followed, and asked for. */
void orders_compare(struct connector *c, int64_t now_ns);

/* connector.c */
void request_cancel(struct connector *c, struct tracked *t, int64_t now_ns);
void request_send(struct connector *c, struct tracked *t, const struct broker_order *o, int64_t now_ns);
void request_list(struct connector *c, int64_t now_ns);
bool line_open(const struct connector *c);
/* False: it is not open at this venue any more. */
bool broker_order_of(const struct connector *c, const struct order_row *row, struct broker_order *out);

#endif
