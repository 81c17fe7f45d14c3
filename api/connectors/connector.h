/* api/connectors/connector.h - the contract between our side and a broker, and the connector that keeps it.
 *
 *   event tape --feed--> | connector | --send, cancel, replace, query--> broker
 *   tape of commands <--submit-- |   | <--poll: answers, or silence-----
 *
 * What must stay true: nothing is sent for an event before the cursor that covers the event is durable, so no restart can send it
 * twice; while it is not known whether something was done (no answer, a 5xx, one that cannot be read) nothing is sent for that order
 * until a query has told; executions are taken in the broker's own numbering, each once, none left out; a broker's word becomes a
 * command and nothing else changes our books.
 * A passive object for one thread: no clock, no I/O, no randomness of its own. Everything comes through the doors below. */
#ifndef ORDERTAPE_API_CONNECTORS_CONNECTOR_H
#define ORDERTAPE_API_CONNECTORS_CONNECTOR_H

#include "core/event.h"
#include "core/rows.h"

/* ---- The broker's side. ---- */

/* An order as it is sent. Prices and quantities at the instrument's scales, as they were placed; absent where there is none. */
struct broker_order {
    uint64_t order_id; /* ours; the broker keeps it and can be asked by it */
    struct name symbol;
    struct decimal price, quantity, stop_price;
    int64_t expires_ns; /* GTD, else 0 */
    uint8_t side, type, tif;
};
/* Absolute values; absent: unchanged. quantity is the order's whole quantity, what is filled included. */
struct broker_replace {
    uint64_t order_id;
    struct decimal price, quantity, stop_price;
};
/* Where the broker says an order stands. */
enum broker_order_state {
    BROKER_ORDER_NONE = 0, /* it never had it, or does not say */
    BROKER_ORDER_OPEN = 1,
    BROKER_ORDER_FILLED = 2,
    BROKER_ORDER_CANCELLED = 3,
    BROKER_ORDER_EXPIRED = 4,
    BROKER_ORDER_REJECTED = 5
};
struct broker_execution {
    uint64_t number;   /* the broker's executions, busts and corrections are numbered from 1 without a gap */
    uint64_t order_id;
    struct decimal price, quantity; /* BUST: absent */
    uint8_t kind;                   /* enum fill_kind */
    char exec_id[EXT_ID_BYTES_MAX + 1], ref_exec_id[EXT_ID_BYTES_MAX + 1]; /* ref: BUST, CORRECT */
};

enum answer_kind {
    ANSWER_ACK = 1,
    ANSWER_REJECT,
    ANSWER_CANCELLED,
    ANSWER_CANCEL_REJECTED,
    ANSWER_REPLACED,
    ANSWER_REPLACE_REJECTED,
    ANSWER_EXPIRED,
    ANSWER_EXECUTION,
    ANSWER_ORDER,        /* to query: state, and the order's numbers */
    ANSWER_NOT_FOUND,    /* to query */
    ANSWER_LIST_END,     /* to list: executions up to last_number were said, as answers of their own */
    ANSWER_SERVER_ERROR, /* a 5xx: what was asked may or may not have been done */
    ANSWER_UNREADABLE,   /* something came, and nobody can say what */
    ANSWER_DISCONNECTED  /* nothing that is on its way will arrive */
};
struct broker_answer {
    uint8_t kind;      /* enum answer_kind */
    uint8_t state;     /* enum broker_order_state: of the order after what is said */
    uint64_t request;  /* what it answers; 0: nothing that was asked */
    uint64_t order_id; /* ours; 0 where it is about none */
    uint64_t last_number; /* ORDER: of the order's last execution; LIST_END: of the last execution there is; else 0 */
    struct decimal price, quantity, stop_price; /* ORDER: as they are there now; quantity: the whole one */
    char ext_order_id[EXT_ID_BYTES_MAX + 1];
    char reason[REASON_BYTES_MAX + 1];
    struct broker_execution execution; /* EXECUTION */
};

/* A driver of one broker. Calls return at once: 0, what was asked is under way; ERR_IO: not connected, nothing was done. `request` is
 * new for every call. An answer comes through poll, or never. What was asked and has not arrived after settle_ns never will. */
struct broker {
    void *ctx;
    int (*connect)(void *ctx, int64_t now_ns); /* 0: connected; ERR_IO: not now */
    int (*send)(void *ctx, uint64_t request, const struct broker_order *o, int64_t now_ns);
    int (*cancel)(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns);
    int (*replace)(void *ctx, uint64_t request, const struct broker_replace *r, int64_t now_ns);
    int (*query)(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns);
    /* Some executions after that number, oldest first, then LIST_END. Also the question whether anybody is there. */
    int (*list)(void *ctx, uint64_t request, uint64_t after_number, int64_t now_ns);
    int (*poll)(void *ctx, struct broker_answer *out, int64_t now_ns); /* 1: *out; 0: nothing now; negative: the driver failed */
    int64_t (*next_ns)(void *ctx); /* when poll may have something; INT64_MAX: it wakes nobody */
    /* A simulated broker's only; else NULL. The market it trades at, and a fill that an operator made up: once for each (seq, index). */
    void (*quote)(void *ctx, const struct event_quoted *q, int64_t now_ns);
    int (*fill_by_hand)(void *ctx, uint64_t order_id, uint64_t seq, uint32_t index, int64_t price, int64_t quantity);
};

/* ---- Our side. ---- */

/* How far a connector is, saved durably. */
struct connector_cursor {
    uint64_t seq; /* every event up to (seq, index) was looked at, and what it asks for was about to be sent */
    uint32_t index;
    uint64_t executions; /* the broker's executions up to this number are in our books */
};
struct connector_doors {
    /* Events in their order. seek: the next one is the first after (seq, index). next: 1, 0: no more now, or an error. last: the seq up
     * to which events can be read now. begin: where a connector without a cursor begins; nothing at or before it is ever sent. */
    void *feed;
    int (*feed_seek)(void *feed, uint64_t seq, uint32_t index);
    int (*feed_next)(void *feed, const struct event **out);
    int (*feed_last)(void *feed, uint64_t *seq);
    int (*feed_begin)(void *feed, uint64_t *seq);
    /* What our books say; at least as new as the last event that feed_next gave. 0, ERR_NOT_FOUND, or an error. */
    void *ours;
    int (*order_find)(void *ours, uint64_t order_id, struct order_row *out);
    int (*orders_open)(void *ours, const struct name *venue, int (*each)(void *arg, const struct order_row *row), void *arg);
    /* The last event that asks something of the order's broker: ROUTED, or BROKER_STATE with PENDING_CANCEL or PENDING_MODIFY. */
    int (*last_request)(void *ours, uint64_t order_id, struct event *out);
    int (*venue_find)(void *ours, const struct name *venue, struct event_venue_set *out);
    int (*quote_find)(void *ours, const struct name *symbol, struct event_quoted *out);
    /* Returns when every command was answered, in order: reasons[k] is 0 or why it was refused. Not 0: none may be believed. */
    void *engine;
    int (*submit)(void *engine, struct command *commands, uint32_t count, uint16_t *reasons);
    /* load: 0, ERR_NOT_FOUND, ERR_CORRUPT. save returns 0 when it is durable. */
    void *store;
    int (*cursor_load)(void *store, struct connector_cursor *out);
    int (*cursor_save)(void *store, const struct connector_cursor *cursor);
};

struct connector_options {
    struct name venue; /* also who the commands come from */
    struct broker broker;
    struct connector_doors doors;
    int64_t answer_wait_ns;  /* silence for this long is a timeout */
    int64_t settle_ns;       /* what was sent this long ago has arrived, or never will: a "not found" is believed from then on */
    int64_t retry_ns;        /* a query is repeated after this, then twice, four times ... as long: CONNECTOR_RETRIES doublings at most */
    int64_t audit_ns;        /* an open order of which nothing was heard is asked for this often */
    int64_t list_ns;         /* executions are asked for this often */
    int64_t cool_down_ns;    /* how long an open breaker waits before it asks whether anybody is there */
    int64_t reconnect_ns;
    uint32_t breaker_failures; /* in a row, until the venue is set DOWN */
    uint32_t orders_max;       /* followed at once; more wait on the tape */
};
enum { CONNECTOR_RETRIES = 6, CONNECTOR_CANCEL_TRIES = 3 };
/* Times for a broker across a network; everything else is zero. */
void connector_options_default(struct connector_options *o);

enum breaker_state { BREAKER_CLOSED = 0, BREAKER_OPEN = 1, BREAKER_PROBING = 2 };
struct connector_status {
    bool active;    /* the venue is there */
    bool connected;
    uint8_t breaker; /* enum breaker_state */
    uint64_t seq;    /* of the cursor */
    uint64_t behind; /* seqs that can be read and were not looked at */
    uint32_t orders, in_doubt;
    uint64_t executions;
    uint64_t refused; /* what a broker said and our books would not take, for good: an operator's */
    int cursor_found; /* 0; ERR_NOT_FOUND: none was; ERR_CORRUPT: it was damaged */
};

struct connector;
/* Reads the cursor and begins to compare. The doors stay the caller's. ERR_NO_MEMORY, or what a door said. */
int connector_open(const struct connector_options *o, struct connector **out, int64_t now_ns);
/* Forgets everything but what is durable. */
void connector_close(struct connector *c);
/* One turn: answers, timeouts, events, in bounded portions. 1: there is more to do at once; 0: not before connector_next_ns or a new
 * event; negative: a door failed, the connector may only be closed. */
int connector_turn(struct connector *c, int64_t now_ns);
int64_t connector_next_ns(const struct connector *c);
void connector_status(const struct connector *c, struct connector_status *out);

#endif
