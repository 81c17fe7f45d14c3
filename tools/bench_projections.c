/* tools/bench_projections.c - how fast events become views: the flow's events, folded into LMDB a transaction a group. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "projections/views.h"
#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/temp_dir.h"

struct views_result {
    uint64_t commands, events;
    int64_t total_ns;
    struct latencies latencies;
    struct views_counts counts;
};

/* The events of one group: kept, because the fold's are gone with the next command. */
struct batch {
    struct event *events;
    uint32_t count, room;
};

static int keep(struct batch *b, const struct event *events, uint32_t count)
{
    if (count == 0) return 0;
    if (b->count + count > b->room) {
        uint32_t room = (b->count + count) * 2;
        struct event *more = realloc(b->events, room * sizeof *more);
        if (more == NULL) return ERR_NO_MEMORY;
        b->events = more;
        b->room = room;
    }
    memcpy(b->events + b->count, events, count * sizeof *events);
    b->count += count;
    return 0;
}

static int fold_group(const struct flow *flow, uint64_t first, struct fold *f, struct batch *b, struct views_cursor *to)
{
    struct command c;
    b->count = 0;
    for (uint64_t seq = first; seq <= flow_last(flow) && seq < first + FLOW_GROUP; seq++) {
        flow_command(flow, seq, &c);
        int64_t count = fold_apply(f, &c);
        int error = count < 0 ? (int)count : keep(b, f->events, (uint32_t)count);
        if (error != 0) return error;
        *to = (struct views_cursor){.seq = seq, .ts_ns = c.ts_ns};
    }
    return 0;
}

static int fold_views(const struct flow *flow, struct views *views, struct views_result *out)
{
    struct fold fold;
    struct batch batch = {0};
    int error = 0;
    fold_init(&fold);
    for (uint64_t first = 1; first <= flow_last(flow) && error == 0; first += FLOW_GROUP) {
        struct views_cursor to = {0};
        error = fold_group(flow, first, &fold, &batch, &to);
        int64_t before = bench_now_ns();
        if (error == 0) error = views_fold(views, batch.events, batch.count, to);
        int64_t took_ns = bench_now_ns() - before;
        latencies_add(&out->latencies, took_ns);
        out->total_ns += took_ns;
        out->events += batch.count;
        out->commands = to.seq;
    }
    free(batch.events);
    fold_free(&fold);
    latencies_sort(&out->latencies);
    return error;
}

static int measure(const struct flow *flow, const char *dir, struct views_result *out)
{
    struct views_options options = {.tape_id = 1};
    struct views *views;
    struct views_read *read;
    bool emptied;
    char reason[256];
    snprintf(options.path, sizeof options.path, "%s/projections", dir);
    int error = views_open(&options, &views, &emptied, reason);
    if (error != 0) return error;
    error = fold_views(flow, views, out);
    if (error == 0) error = views_read_begin(views, &read);
    if (error == 0) {
        error = views_counts(read, &out->counts);
        views_read_end(read);
    }
    views_close(views);
    return error;
}

static int print_result(const struct bench *b, const struct views_result *r)
{
    double seconds = (double)r->total_ns / 1e9;
    double rate = (double)r->commands / seconds;
    if (!b->json) {
        printf("workload  %" PRIu64 " commands, %" PRIu64 " events, %u instruments, seed %" PRIu64 "\n", r->commands,
               r->events, b->flow_options.instruments, b->flow_options.seed);
        printf("views     %.0f commands/s, %.0f events/s, a transaction of %d commands p50 %.1f us, p99 %.1f us\n",
               rate, (double)r->events / seconds, FLOW_GROUP, latencies_at(&r->latencies, 500) / 1e3,
               latencies_at(&r->latencies, 990) / 1e3);
        printf("size      %" PRIu64 " orders, %" PRIu64 " trades, %" PRIu64 " bytes\n", r->counts.orders,
               r->counts.trades, r->counts.bytes_used);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail(b->name, "no memory");
    json_object_begin(j);
    json_key(j, "bench"), json_string(j, "projections");
    json_key(j, "commands"), json_u64(j, r->commands);
    json_key(j, "events"), json_u64(j, r->events);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_key(j, "events_per_second"), json_fraction(j, (double)r->events / seconds, 0);
    json_key(j, "transaction_ns_p50"), json_u64(j, latencies_at(&r->latencies, 500));
    json_key(j, "transaction_ns_p99"), json_u64(j, latencies_at(&r->latencies, 990));
    json_key(j, "orders"), json_u64(j, r->counts.orders);
    json_key(j, "trades"), json_u64(j, r->counts.trades);
    json_key(j, "bytes"), json_u64(j, r->counts.bytes_used);
    json_object_end(j);
    int code = console_json(b->name, j);
    json_free(j);
    return code;
}

int bench_projections(const struct bench *b)
{
    struct views_result r = {0};
    struct temp_dir temp;
    if (temp_dir_make(&temp, b->data_dir) != 0)
        return console_fail(b->name, "cannot make a directory in %s", b->data_dir);
    int error = latencies_init(&r.latencies, flow_last(b->flow) / FLOW_GROUP + 1);
    if (error == 0) error = measure(b->flow, temp.path, &r);
    int code = error == 0 ? print_result(b, &r) : console_fail(b->name, "%s", error_text(error));
    latencies_free(&r.latencies);
    if (temp_dir_remove(&temp) != 0) return console_fail(b->name, "cannot remove %s", temp.path);
    return code;
}
