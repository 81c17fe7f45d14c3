/* api/projector.h - the thread behind the answers: events of synced commands go to the event tape and into the views,
 * in batches.
 * What must stay true: only events whose commands were committed come here, in order and without a gap, so neither the
 * event tape nor the views ever pass the durable command tape. The room between is bounded: a sequencer that is too
 * far ahead waits.
 *
 *   projector_push -> | filling | swapped with | folding | -> event_writer_append -> views_fold -> gate_publish */
#ifndef ORDERTAPE_API_PROJECTOR_H
#define ORDERTAPE_API_PROJECTOR_H

#include <pthread.h>

#include "api/metrics.h"
#include "api/view_gate.h"
#include "journal/records.h"
#include "projections/views.h"

/* Events that may wait: about 64 MB. One command's events always fit when nothing waits. */
enum { PROJECTOR_EVENTS_MAX = 262144 };

struct event_batch {
    struct event *events;
    uint32_t count, room;
    uint64_t covered_seq; /* 0: nothing */
    int64_t ts_ns;
};

typedef void projector_subscriber(void *arg, const struct event *events, uint32_t count);

struct projector {
    struct event_writer *writer;
    struct views *views;
    struct view_gate *gate;
    struct metrics *metrics;
    void (*failed)(void *arg, int error);
    void *failed_arg;
    pthread_mutex_t lock;
    pthread_cond_t wake, moved;
    pthread_t thread;
    struct event_batch filling, folding;
    uint64_t sync_wanted_seq, synced_seq;
    int64_t synced_ns;
    bool stopping;
    int error;
    /* who is told when the views have folded more; NULL: nobody */
    pthread_mutex_t subscriber_lock;
    _Atomic(projector_subscriber *) folded;
    void *folded_arg;
};

/* writer and views are open, at the same seq; the projector uses them, the caller closes them after projector_stop. */
int projector_start(struct projector *p, struct event_writer *writer, struct views *views, struct view_gate *gate,
                    struct metrics *metrics, void (*failed)(void *arg, int error), void *failed_arg);
/* Copies events. Blocks while too many wait. 0, ERR_NO_MEMORY, or the error that stopped the projector. */
int projector_push(struct projector *p, const struct event *events, uint32_t count, uint64_t covered_seq,
                   int64_t ts_ns);
/* From now on folded is called on the projector's thread after each batch that the views have; it may not block. NULL: no more, and
 * no call is under way when this returns. */
void projector_subscribe(struct projector *p, projector_subscriber *folded, void *arg);
/* Returns when the event tape is synced up to seq (0), or the projector stopped (an error). Not on the HTTP thread. */
int projector_sync_to(struct projector *p, uint64_t seq);
/* Folds what waits, syncs the event tape, joins. */
int projector_stop(struct projector *p);

#endif
