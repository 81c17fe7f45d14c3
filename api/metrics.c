/* api/metrics.c - see metrics.h. The text is written through one FILE in memory, in the order of the struct. */
#include "api/metrics.h"

#include <stdio.h>
#include <stdlib.h>

static const unsigned sync_bucket_us[] = {
#define X(us) us,
    SYNC_BUCKETS(X)
#undef X
};
static const int reject_numbers[] = {
#define X(number, name, text) number,
    REJECTS(X)
#undef X
};
static const int http_statuses[] = {
#define X(status) status,
    HTTP_STATUSES(X)
#undef X
};
_Static_assert(sizeof sync_bucket_us / sizeof *sync_bucket_us == SYNC_BUCKET_INF, "one bound a bucket but the last");

void metrics_reject(struct metrics *m, int reason)
{
    for (int i = 0; i < METRIC_REJECT_COUNT; i++) {
        if (reject_numbers[i] == reason) metric_add(&m->rejects[i], 1);
    }
}

void metrics_group(struct metrics *m, int64_t duration_ns)
{
    int bucket = 0;
    while (bucket < SYNC_BUCKET_INF && duration_ns > (int64_t)sync_bucket_us[bucket] * 1000) bucket++;
    metric_add(&m->group_buckets[bucket], 1);
    metric_add(&m->groups, 1);
    metric_add(&m->group_ns_sum, (uint64_t)duration_ns);
}

void metrics_http(struct metrics *m, uint32_t route, int status)
{
    int index = 0;
    while (index < HTTP_STATUS_OTHER && http_statuses[index] != status) index++;
    metric_add(&m->http[route < METRIC_ROUTES_MAX ? route : METRIC_ROUTES_MAX][index], 1);
}

const char *sync_mode_text(enum sync_mode sync)
{
    return sync == SYNC_ALWAYS ? "always" : sync == SYNC_INTERVAL ? "interval" : "none";
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    (void)fprintf(out, "# HELP ordertape_%s %s\n# TYPE ordertape_%s %s\n", name, help, name, type);
}

static void one(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    (void)fprintf(out, "ordertape_%s %llu\n", name, (unsigned long long)value);
}

static void write_commands(FILE *out, const struct metrics *m)
{
    head(out, "commands_total", "counter", "Commands written to the tape, by kind.");
    for (int kind = 1; kind <= COMMAND_KIND_NUMBER_MAX; kind++)
        (void)fprintf(out, "ordertape_commands_total{kind=\"%s\"} %llu\n", command_kind_text(kind),
                      (unsigned long long)metric_get(&m->commands[kind]));
    head(out, "rejects_total", "counter", "Commands the engine refused, by code.");
    for (int i = 0; i < METRIC_REJECT_COUNT; i++)
        (void)fprintf(out, "ordertape_rejects_total{code=\"%s\"} %llu\n", reject_name(reject_numbers[i]),
                      (unsigned long long)metric_get(&m->rejects[i]));
    one(out, "fills_total", "counter", "Trades.", metric_get(&m->fills));
    one(out, "events_total", "counter", "Events written to the event tape.", metric_get(&m->events));
}

static void write_groups(FILE *out, const struct metrics *m)
{
    head(out, "sync_duration_seconds", "histogram", "Time to append one group of commands and make it durable.");
    uint64_t sum = 0;
    for (int i = 0; i < SYNC_BUCKET_INF; i++) {
        sum += metric_get(&m->group_buckets[i]);
        (void)fprintf(out, "ordertape_sync_duration_seconds_bucket{le=\"%g\"} %llu\n", sync_bucket_us[i] / 1e6,
                      (unsigned long long)sum);
    }
    sum += metric_get(&m->group_buckets[SYNC_BUCKET_INF]);
    uint64_t ns = metric_get(&m->group_ns_sum);
    (void)fprintf(out,
                  "ordertape_sync_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                  "ordertape_sync_duration_seconds_sum %llu.%09llu\nordertape_sync_duration_seconds_count %llu\n",
                  (unsigned long long)sum, (unsigned long long)(ns / 1000000000), (unsigned long long)(ns % 1000000000),
                  (unsigned long long)sum);
    one(out, "syncs_total", "counter", "Groups of commands made durable.", metric_get(&m->groups));
}

static void write_http(FILE *out, const struct metrics *m, const char *const *route_names, uint32_t routes)
{
    head(out, "http_requests_total", "counter", "Requests answered, by operation and status.");
    for (uint32_t route = 0; route <= METRIC_ROUTES_MAX; route++) {
        const char *name = route < routes ? route_names[route] : "none";
        for (int i = 0; i < HTTP_STATUS_COUNT; i++) {
            uint64_t count = metric_get(&m->http[route][i]);
            if (count == 0) continue;
            if (i == HTTP_STATUS_OTHER)
                (void)fprintf(out, "ordertape_http_requests_total{route=\"%s\",status=\"other\"} %llu\n", name,
                              (unsigned long long)count);
            else
                (void)fprintf(out, "ordertape_http_requests_total{route=\"%s\",status=\"%d\"} %llu\n", name,
                              http_statuses[i], (unsigned long long)count);
        }
    }
}

static void write_keys(FILE *out, const struct metrics *m)
{
    one(out, "idempotency_keys", "gauge", "Idempotency keys that are remembered.", metric_get(&m->keys_live));
    one(out, "idempotency_repeats_total", "counter", "Requests that repeated one before.", metric_get(&m->key_repeats));
    one(out, "idempotency_conflicts_total", "counter",
        "Requests refused because their key came with another body before.", metric_get(&m->key_conflicts));
    one(out, "idempotency_refused_total", "counter", "Requests refused because no more keys can be remembered.",
        metric_get(&m->keys_refused));
    one(out, "client_order_ids", "gauge", "Used client_order_ids that are remembered.",
        metric_get(&m->client_ids_live));
}

static void write_gauges(FILE *out, const struct metrics *m)
{
    uint64_t durable = metric_get(&m->seq_durable), views = metric_get(&m->seq_views);
    one(out, "queue_depth", "gauge", "Commands waiting for the sequencer.", metric_get(&m->queue_depth));
    one(out, "queue_refused_total", "counter", "Commands refused because the queue was full.",
        metric_get(&m->queue_refused));
    one(out, "seq_applied", "gauge", "The last command folded.", metric_get(&m->seq_applied));
    one(out, "seq_durable", "gauge", "The last command known to be synced.", durable);
    one(out, "seq_answered", "gauge", "The last command whose answer was released.", metric_get(&m->seq_answered));
    one(out, "seq_events", "gauge", "The last command whose events are on the event tape.", metric_get(&m->seq_events));
    one(out, "seq_views", "gauge", "The last command folded into the views.", views);
    one(out, "view_lag_commands", "gauge", "Answered commands the views have not folded yet.",
        metric_get(&m->seq_answered) > views ? metric_get(&m->seq_answered) - views : 0);
    one(out, "orders_open", "gauge", "Open orders in the engine.", metric_get(&m->orders_open));
    one(out, "routes_open", "gauge", "Orders at brokers, until they have settled and lingered.",
        metric_get(&m->routes_open));
    one(out, "orders_waiting", "gauge", "Orders that wait for a venue.", metric_get(&m->orders_waiting));
    write_keys(out, m);
    one(out, "http_connections", "gauge", "Open HTTP connections.", metric_get(&m->connections));
}

/* Bytes this process handed to the kernel (tapes, views, snapshots and answers); absent where /proc is not mounted. */
static void write_process(FILE *out, enum sync_mode sync)
{
    unsigned long long written = 0, value = 0;
    char line[128];
    FILE *io = fopen("/proc/self/io", "re");
    while (io != NULL && fgets(line, sizeof line, io) != NULL) {
        if (sscanf(line, "wchar: %llu", &value) == 1) written = value;
    }
    if (io != NULL) {
        (void)fclose(io);
        one(out, "written_bytes_total", "counter", "Bytes written by the process, to files and sockets.", written);
    }
    head(out, "build_info", "gauge", "The program and its settings.");
    (void)fprintf(out, "ordertape_build_info{version=\"%s\",compiler=\"%s\",sync=\"%s\"} 1\n", ORDERTAPE_VERSION,
                  __VERSION__, sync_mode_text(sync));
}

char *metrics_text(const struct metrics *m, const char *const *route_names, uint32_t routes, enum sync_mode sync,
                   size_t *len_bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len_bytes);
    if (out == NULL) return NULL;
    write_commands(out, m);
    write_groups(out, m);
    write_http(out, m, route_names, routes);
    write_gauges(out, m);
    write_process(out, sync);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}
