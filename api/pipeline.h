/* api/pipeline.h - the way of a command from a door to its answer, and the one thread that walks it.
 *
 *   pipeline_submit (any thread) -> bounded queue -> [ add each: stamp, fold | commit: append, sync ]
 *       -> done (answer) -> events to the projector
 *
 * What must stay true: `done` with error 0 is called only after the commit that covers the command returned 0, or, for a
 * repeat of an idempotency key, the one that covers its first; what
 * waits in the queue becomes one group, so that one sync serves many; after an error nothing is added any more,
 * everyone who waits gets the error, and `failed` is told. Timers, the end of day, margin checks, CONTINUE and the idle marker are
 * written by the same thread when they are due. */
#ifndef ORDERTAPE_API_PIPELINE_H
#define ORDERTAPE_API_PIPELINE_H

#include <pthread.h>

#include "api/metrics.h"
#include "api/outcome.h"
#include "api/projector.h"
#include "journal/sequencer.h"

/* State as it was after a committed command, for a snapshot. The fold belongs to who asked. */
struct state_copy {
    struct fold fold; /* empty before */
    uint64_t seq;
};

/* One thing for the sequencer's thread to do: a command; or without one, a question to the engine; or a copy of the state; or without
 * any of them, a marker on the tape, after which its readers see all that was answered. */
struct pending {
    struct pending *next;
    struct command *command; /* its texts live until done */
    /* Between groups, after the commit of what was added: everything it sees is durable, and outcome.seq is its seq. Must be short. */
    void (*ask)(struct pending *p, const struct engine *e);
    struct state_copy *copy;
    struct outcome outcome; /* with outcome_free */
    void (*done)(struct pending *p); /* on the sequencer's thread; may free p */
};

struct pipeline_options {
    struct sequencer *sequencer; /* open, owned by the pipeline from start on */
    struct fold *state;          /* the sequencer's */
    struct projector *projector;
    struct metrics *metrics;
    uint32_t queue_max;
    int64_t idle_ns;          /* this long without work: sequencer_idle */
    int64_t end_of_day_at_ns; /* time of day in UTC; negative: never */
    int64_t margin_check_ns;  /* a CHECK_MARGIN of every account this often; 0: never */
    int64_t started_ts_ns;    /* the tape's last time before: an end of day that passed since is made up for */
    uint64_t snapshot_every_commands;
    void (*snapshot_due)(void *arg); /* not blocking */
    void (*failed)(void *arg, int error);
    void *arg;
};

struct pipeline {
    struct pipeline_options o;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct pending *first, *last;
    uint32_t waiting;
    bool stopping, latched;
    /* the thread's own */
    int64_t end_of_day_next_ns, margin_check_next_ns;
    uint64_t last_seq, snapshot_seq;
    bool idle_done;
    int close_error;
};

int pipeline_start(struct pipeline *p, const struct pipeline_options *o);
/* 0; ERR_FULL: the queue is; ERR_BUSY: stopping; ERR_IO: failed. Nothing was taken unless 0. */
int pipeline_submit(struct pipeline *p, struct pending *pending);
/* Finishes what was accepted, seals the tape, joins. Returns the first error there was, 0 for a clean stop. */
int pipeline_stop(struct pipeline *p);

/* The first time after `after_ns` (and not at it) that is `at_ns` of a UTC day. Pure. */
int64_t end_of_day_after(int64_t after_ns, int64_t at_ns);

#endif
