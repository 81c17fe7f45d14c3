/* api/connectors/broker_sim.h - a broker of our own: what a connector is tried against, and what a desk without a broker trades at.
 * What must stay true: its books (orders, executions) are a function of the calls, their times and the seed; they are in a log of their
 * own and outlive the process as a real broker's would, kill -9 at any moment included (not a power cut: nothing is synced). What it
 * said is on the log before it leaves. Faults change when and whether something is said or done, never the sum of its books.
 *
 *   send, cancel, replace, query, list ──(lost, late, 5xx)──▶ books ──(lost, late, twice, unreadable)──▶ poll
 *                          quotes, fills by hand ──▶ books
 * One thread. */
#ifndef ORDERTAPE_API_CONNECTORS_BROKER_SIM_H
#define ORDERTAPE_API_CONNECTORS_BROKER_SIM_H

#include "api/connectors/connector.h"
#include "journal/storage.h"

/* How orders and executions are called. */
enum broker_style {
    BROKER_STYLE_NUMBERS = 1, /* ZERODHA_SIM: 250101000000001, the day and a counter; executions 10000001 */
    BROKER_STYLE_UUIDS = 2    /* ALPACA_SIM: from the seed and a counter */
};

/* X(NAME, text). Each has a percentage of its own, of what it can happen to. */
#define BROKER_FAULTS(X)                                                                      \
    X(REQUEST_LOST, "request_lost")             /* it does not arrive */                      \
    X(REQUEST_LATE, "request_late")             /* up to late_ns_max later */                 \
    X(SERVER_ERROR, "server_error")             /* a 5xx; half of them were done all the same */ \
    X(ANSWER_LOST, "answer_lost")                                                             \
    X(ANSWER_LATE, "answer_late")                                                             \
    X(ANSWER_TWICE, "answer_twice")                                                           \
    X(ANSWER_UNREADABLE, "answer_unreadable")                                                 \
    X(DISCONNECT, "disconnect")                 /* once a second; what is on its way is lost */ \
    X(REJECT, "reject")                         /* an order is not taken */                   \
    X(CANCEL_REJECT, "cancel_reject")           /* a cancel is refused, the order stays */    \
    X(REPLACE_REJECT, "replace_reject")                                                       \
    X(UNASKED_CANCEL, "unasked_cancel")         /* some time after it was taken; one in three expires */ \
    X(BUST, "bust")                             /* of an execution, when its order is done */ \
    X(CORRECT, "correct")                                                                     \
    X(PARTIAL, "partial")                       /* less is filled than could be */
enum broker_fault {
#define X(name, text) FAULT_##name,
    BROKER_FAULTS(X)
#undef X
    FAULTS_COUNT
};
const char *broker_fault_text(int fault);

struct broker_sim_options {
    const struct storage *storage;
    char path[4096]; /* of the log; made when missing */
    uint64_t seed;
    uint8_t faults_percent[FAULTS_COUNT];
    uint8_t style;        /* enum broker_style */
    int64_t latency_ns;   /* of a request, and of an answer */
    int64_t late_ns_max;  /* more than that; the connector's settle_ns must be above both together */
    uint32_t orders_max;  /* beyond: rejected */
};
void broker_sim_options_default(struct broker_sim_options *o); /* no faults, 1 ms */

struct broker_sim;
/* Reads the log. A tail that was torn by a kill is cut (*torn_bytes). ERR_CORRUPT: not a log of this style; ERR_IO, ERR_NO_MEMORY. */
int broker_sim_open(const struct broker_sim_options *o, struct broker_sim **out, uint64_t *torn_bytes);
/* Writes nothing more: what was said is on the log. */
void broker_sim_close(struct broker_sim *s);
/* The door to it; valid as long as it is open. */
struct broker broker_sim_door(struct broker_sim *s);
/* From now on with these percentages: a test lets everything settle with none. */
void broker_sim_set_faults(struct broker_sim *s, const uint8_t *faults_percent);

struct broker_sim_order {
    uint64_t order_id;
    uint8_t state; /* enum broker_order_state; NONE: only fills by hand came */
    int64_t quantity, leaves, filled; /* filled: fills by hand included, busted ones not */
    char ext_order_id[EXT_ID_BYTES_MAX + 1];
};
/* Its books, to be compared with ours. Orders: *cursor from 0, until false. Executions: number from 1, until false. */
bool broker_sim_next_order(const struct broker_sim *s, uint32_t *cursor, struct broker_sim_order *out);
bool broker_sim_execution(const struct broker_sim *s, uint64_t number, struct broker_execution *out, bool *busted);
struct broker_sim_counts {
    uint64_t faults[FAULTS_COUNT]; /* since open */
    uint64_t sent_twice;           /* orders that came again although the broker has them: a connector must never */
};
struct broker_sim_counts broker_sim_counts(const struct broker_sim *s);

#endif
