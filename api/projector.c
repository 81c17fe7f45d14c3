/* api/projector.c - see projector.h. */
#include "api/projector.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "api/clock.h"
#include "core/error.h"

/* How long the tail of the event tape stays un-synced while nobody asks (it is derived, and folded again after a
 * crash): idle, and under load. */
enum { SYNC_IDLE_MS = 200, SYNC_BUSY_MS = 1000 };

static int init_conditions(struct projector *p)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0) return ERR_NO_MEMORY;
    bool good = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                pthread_mutex_init(&p->lock, NULL) == 0 && pthread_mutex_init(&p->subscriber_lock, NULL) == 0 &&
                pthread_cond_init(&p->wake, &monotonic) == 0 && pthread_cond_init(&p->moved, NULL) == 0;
    (void)pthread_condattr_destroy(&monotonic);
    return good ? 0 : ERR_NO_MEMORY;
}

static bool batch_empty(const struct event_batch *b)
{
    return b->covered_seq == 0;
}

static int batch_add(struct event_batch *b, const struct event *events, uint32_t count)
{
    if (count > b->room - b->count) {
        uint32_t room = b->count + count + b->room / 2;
        struct event *grown = realloc(b->events, room * sizeof *grown);
        if (grown == NULL) return ERR_NO_MEMORY;
        b->events = grown;
        b->room = room;
    }
    if (count > 0) memcpy(b->events + b->count, events, count * sizeof *events);
    b->count += count;
    return 0;
}

int projector_push(struct projector *p, const struct event *events, uint32_t count, uint64_t covered_seq, int64_t ts_ns)
{
    (void)pthread_mutex_lock(&p->lock);
    while (p->error == 0 && p->filling.count > 0 && p->filling.count + count > PROJECTOR_EVENTS_MAX)
        (void)pthread_cond_wait(&p->moved, &p->lock);
    int failed = p->error;
    if (failed == 0) failed = batch_add(&p->filling, events, count);
    if (failed == 0) {
        p->filling.covered_seq = covered_seq;
        p->filling.ts_ns = ts_ns;
        (void)pthread_cond_signal(&p->wake);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return failed;
}

int projector_sync_to(struct projector *p, uint64_t seq)
{
    (void)pthread_mutex_lock(&p->lock);
    if (seq > p->sync_wanted_seq) p->sync_wanted_seq = seq;
    (void)pthread_cond_signal(&p->wake);
    while (p->synced_seq < seq && p->error == 0 && !p->stopping) (void)pthread_cond_wait(&p->moved, &p->lock);
    int failed = p->synced_seq >= seq ? 0 : p->error != 0 ? p->error : ERR_BUSY;
    (void)pthread_mutex_unlock(&p->lock);
    return failed;
}

void projector_subscribe(struct projector *p, projector_subscriber *folded, void *arg)
{
    (void)pthread_mutex_lock(&p->subscriber_lock);
    p->folded_arg = arg;
    atomic_store(&p->folded, folded);
    (void)pthread_mutex_unlock(&p->subscriber_lock);
}

static void tell_subscriber(struct projector *p, const struct event_batch *b)
{
    if (atomic_load_explicit(&p->folded, memory_order_relaxed) == NULL) return;
    (void)pthread_mutex_lock(&p->subscriber_lock);
    projector_subscriber *folded = atomic_load(&p->folded);
    if (folded != NULL) folded(p->folded_arg, b->events, b->count);
    (void)pthread_mutex_unlock(&p->subscriber_lock);
}

static int fold_batch(struct projector *p, const struct event_batch *b)
{
    int failed = event_writer_append(p->writer, b->events, b->count, b->covered_seq, b->ts_ns);
    if (failed != 0) return failed;
    metric_set(&p->metrics->seq_events, b->covered_seq);
    struct views_cursor to = {.seq = b->covered_seq, .ts_ns = b->ts_ns};
    event_writer_chain_hash(p->writer, &to.chain_hash_lo, &to.chain_hash_hi);
    failed = views_fold(p->views, b->events, b->count, to);
    if (failed != 0) return failed;
    metric_set(&p->metrics->seq_views, b->covered_seq);
    gate_publish(p->gate, b->covered_seq);
    tell_subscriber(p, b);
    return 0;
}

static void count_events(struct metrics *m, const struct event_batch *b)
{
    metric_add(&m->events, b->count);
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->events[i].kind == EVENT_FILLED) metric_add(&m->fills, 1);
        if (b->events[i].kind == EVENT_REJECTED) metrics_reject(m, b->events[i].rejected.refusal.reason);
    }
}

static bool sync_asked(const struct projector *p, uint64_t covered_seq)
{
    return p->sync_wanted_seq > p->synced_seq && p->sync_wanted_seq <= covered_seq;
}

/* Waits for something to do; the lock is held. True: the tail of the event tape should be synced now. */
static bool wait_for_work(struct projector *p)
{
    int64_t until_ns = clock_monotonic_ns(NULL) + SYNC_IDLE_MS * (int64_t)NS_PER_MS;
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    uint64_t covered_seq = event_writer_covered_seq(p->writer);
    bool unsynced = p->synced_seq < covered_seq;
    while (batch_empty(&p->filling) && !p->stopping && !sync_asked(p, covered_seq)) {
        int result =
            unsynced ? pthread_cond_timedwait(&p->wake, &p->lock, &until) : pthread_cond_wait(&p->wake, &p->lock);
        if (result == ETIMEDOUT) break;
    }
    bool quiet = batch_empty(&p->filling);
    return unsynced &&
           (quiet || sync_asked(p, covered_seq) || until_ns - p->synced_ns > SYNC_BUSY_MS * (int64_t)NS_PER_MS);
}

static void latch(struct projector *p, int error)
{
    (void)pthread_mutex_lock(&p->lock);
    p->error = error;
    (void)pthread_cond_broadcast(&p->moved);
    (void)pthread_mutex_unlock(&p->lock);
    gate_close(p->gate);
    p->failed(p->failed_arg, error);
}

/* One turn, with the lock held on entry and exit: takes what waits, or syncs. */
static int turn(struct projector *p)
{
    bool sync = wait_for_work(p);
    struct event_batch taken = p->filling;
    p->filling = p->folding;
    p->filling.count = 0;
    p->filling.covered_seq = 0;
    p->folding = taken;
    (void)pthread_cond_broadcast(&p->moved);
    (void)pthread_mutex_unlock(&p->lock);

    int failed = 0;
    if (!batch_empty(&p->folding)) {
        failed = fold_batch(p, &p->folding);
        count_events(p->metrics, &p->folding);
    }
    if (failed == 0 && sync) failed = event_writer_sync(p->writer);

    (void)pthread_mutex_lock(&p->lock);
    if (failed == 0 && sync) {
        p->synced_seq = event_writer_covered_seq(p->writer);
        p->synced_ns = clock_monotonic_ns(NULL);
    }
    (void)pthread_cond_broadcast(&p->moved);
    return failed;
}

static void *projector_main(void *arg)
{
    struct projector *p = arg;
    int failed = 0;
    (void)pthread_mutex_lock(&p->lock);
    while (failed == 0 &&
           !(p->stopping && batch_empty(&p->filling) && p->synced_seq >= event_writer_covered_seq(p->writer)))
        failed = turn(p);
    (void)pthread_mutex_unlock(&p->lock);
    if (failed != 0) latch(p, failed);
    return NULL;
}

int projector_start(struct projector *p, struct event_writer *writer, struct views *views, struct view_gate *gate,
                    struct metrics *metrics, void (*failed)(void *arg, int error), void *failed_arg)
{
    *p = (struct projector){
        .writer = writer, .views = views, .gate = gate, .metrics = metrics, .failed = failed, .failed_arg = failed_arg};
    p->synced_seq = event_writer_covered_seq(writer);
    int error = init_conditions(p);
    if (error != 0) return error;
    return pthread_create(&p->thread, NULL, projector_main, p) == 0 ? 0 : ERR_NO_MEMORY;
}

int projector_stop(struct projector *p)
{
    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->wake);
    (void)pthread_cond_broadcast(&p->moved);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    free(p->filling.events);
    free(p->folding.events);
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_cond_destroy(&p->moved);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_mutex_destroy(&p->subscriber_lock);
    return p->error;
}
