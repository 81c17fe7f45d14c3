/* api/metrics.h - what /metrics counts. Counters only grow, gauges are the last value seen; every field is an atomic
 * that one thread writes and any may read, so a scrape never waits for anyone. */
#ifndef ORDERTAPE_API_METRICS_H
#define ORDERTAPE_API_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/command.h"
#include "core/rejects.h"
#include "journal/sequencer.h"

/* Upper bounds of the sync histogram in microseconds; the last bucket is +Inf. From a page-cache write to a disk in
 * trouble. */
#define SYNC_BUCKETS(X) X(50) X(100) X(250) X(500) X(1000) X(2500) X(5000) X(10000) X(25000) X(100000) X(1000000)
enum {
#define X(us) SYNC_BUCKET_##us,
    SYNC_BUCKETS(X)
#undef X
        SYNC_BUCKET_INF,
    SYNC_BUCKET_COUNT
};
enum {
#define X(number, name, text) METRIC_REJECT_##name,
    REJECTS(X)
#undef X
        METRIC_REJECT_COUNT
};
/* The statuses the doors answer with; anything else is counted as the last. */
#define HTTP_STATUSES(X) X(200) X(201) X(400) X(404) X(405) X(408) X(409) X(413) X(414) X(422) X(500) X(503) X(507)
enum {
#define X(status) HTTP_STATUS_INDEX_##status,
    HTTP_STATUSES(X)
#undef X
        HTTP_STATUS_OTHER,
    HTTP_STATUS_COUNT
};
enum { METRIC_ROUTES_MAX = 96 };

typedef _Atomic uint64_t metric;

struct metrics {
    metric commands[COMMAND_KIND_NUMBER_MAX + 1];
    metric rejects[METRIC_REJECT_COUNT];
    metric fills, events;
    metric groups, group_ns_sum, group_buckets[SYNC_BUCKET_COUNT]; /* one block appended and synced */
    metric http[METRIC_ROUTES_MAX + 1][HTTP_STATUS_COUNT];         /* by route; the last row: no route */
    metric queue_depth, queue_refused;
    metric seq_applied, seq_durable, seq_answered, seq_events, seq_views;
    metric orders_open, routes_open, orders_waiting;
    metric key_repeats, key_conflicts, keys_refused, keys_live, client_ids_live;
    metric connections;
};

static inline void metric_add(metric *m, uint64_t by)
{
    atomic_fetch_add_explicit(m, by, memory_order_relaxed);
}
static inline void metric_set(metric *m, uint64_t to)
{
    atomic_store_explicit(m, to, memory_order_relaxed);
}
static inline uint64_t metric_get(const metric *m)
{
    return atomic_load_explicit(m, memory_order_relaxed);
}

void metrics_reject(struct metrics *m, int reason);
void metrics_group(struct metrics *m, int64_t duration_ns);
void metrics_http(struct metrics *m, uint32_t route, int status);

/* Prometheus text (version 0.0.4). route_names[0..routes): operation ids. malloc'd; NULL: no memory. */
char *metrics_text(const struct metrics *m, const char *const *route_names, uint32_t routes, enum sync_mode sync,
                   size_t *len_bytes);
const char *sync_mode_text(enum sync_mode sync);

#endif
