/* tools/bench_engine.c - the engine alone: commands that were made before, folded in groups as the sequencer folds them, with
 * every check, positions, fees and a digest a group. Two passes over equal engines: one is timed a group at a time, so that
 * reading the clock does not count; the other a command at a time, for the percentiles. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"

struct engine_result {
    int64_t total_ns;
    struct latencies latencies;
    struct digest digest;
    size_t bytes_used;
};

static uint32_t fill_group(const struct flow *flow, uint64_t first, struct command *group)
{
    uint32_t count = 0;
    for (uint64_t seq = first; seq <= flow_last(flow) && count < FLOW_GROUP; seq++)
        flow_command(flow, seq, &group[count++]);
    return count;
}

static void fold_group(struct fold *f, const struct command *group, uint32_t count)
{
    struct engine_ahead ahead = {0};
    for (uint32_t i = 0; i < count; i++) {
        engine_prefetch(f->engine, &ahead, group, count, i);
        engine_apply(f->engine, &group[i], f->events);
    }
    engine_digest(f->engine);
}

static void fold_group_timed(struct fold *f, const struct command *group, uint32_t count, struct latencies *l)
{
    struct engine_ahead ahead = {0};
    int64_t before = bench_now_ns();
    for (uint32_t i = 0; i < count; i++) {
        engine_prefetch(f->engine, &ahead, group, count, i);
        engine_apply(f->engine, &group[i], f->events);
        int64_t after = bench_now_ns();
        latencies_add(l, after - before);
        before = after;
    }
    engine_digest(f->engine);
}

/* latencies NULL: only the total. */
static int pass(const struct flow *flow, struct command *group, struct latencies *latencies, struct engine_result *out)
{
    struct fold f;
    uint32_t count;
    int error = bench_warm_engine(flow, &f);
    if (error != 0) return error;
    engine_digest(f.engine);
    for (uint64_t first = flow_warm(flow) + 1; (count = fill_group(flow, first, group)) > 0; first += count) {
        int64_t before = bench_now_ns();
        if (latencies == NULL)
            fold_group(&f, group, count);
        else
            fold_group_timed(&f, group, count, latencies);
        if (latencies == NULL) out->total_ns += bench_now_ns() - before;
    }
    out->digest = engine_digest(f.engine);
    out->bytes_used = engine_bytes_used(f.engine);
    fold_free(&f);
    return 0;
}

static int print_json(const struct bench *b, const struct engine_result *r, double rate, double ns, double bytes)
{
    char digest[DIGEST_TEXT_BYTES];
    struct flow_counts counts = flow_counts(b->flow);
    struct json *j = json_new();
    if (j == NULL) return console_fail(b->name, "no memory");
    digest_to_text(r->digest, digest);
    json_object_begin(j);
    json_key(j, "bench"), json_string(j, "engine");
    json_key(j, "instruments"), json_u64(j, b->flow_options.instruments);
    json_key(j, "open"), json_u64(j, counts.open);
    json_key(j, "commands"), json_u64(j, b->flow_options.commands);
    json_key(j, "seed"), json_u64(j, b->flow_options.seed);
    json_key(j, "placed"), json_u64(j, counts.placed);
    json_key(j, "cancelled"), json_u64(j, counts.cancelled);
    json_key(j, "modified"), json_u64(j, counts.modified);
    json_key(j, "aggressive"), json_u64(j, counts.aggressive);
    json_key(j, "refused"), json_u64(j, counts.refused);
    json_key(j, "fills"), json_u64(j, counts.fills);
    json_key(j, "events"), json_u64(j, counts.events);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_key(j, "ns_mean"), json_fraction(j, ns, 1);
    json_key(j, "ns_p50"), json_u64(j, latencies_at(&r->latencies, 500));
    json_key(j, "ns_p99"), json_u64(j, latencies_at(&r->latencies, 990));
    json_key(j, "ns_p999"), json_u64(j, latencies_at(&r->latencies, 999));
    json_key(j, "bytes_per_order"), json_fraction(j, bytes, 1);
    json_key(j, "digest"), json_string(j, digest);
    json_object_end(j);
    int code = console_json(b->name, j);
    json_free(j);
    return code;
}

static int print_result(const struct bench *b, const struct engine_result *r)
{
    char digest[DIGEST_TEXT_BYTES];
    struct flow_counts counts = flow_counts(b->flow);
    double commands = (double)b->flow_options.commands;
    double ns = (double)r->total_ns / commands, rate = commands / ((double)r->total_ns / 1e9);
    double bytes = counts.open == 0 ? 0 : (double)r->bytes_used / counts.open;
    if (b->json) return print_json(b, r, rate, ns, bytes);
    digest_to_text(r->digest, digest);
    printf("workload  %u instruments (Zipf), %u open orders, %d accounts, fees on, a digest every %d commands, seed "
           "%" PRIu64 "\n",
           b->flow_options.instruments, counts.open, FLOW_ACCOUNTS, FLOW_GROUP, b->flow_options.seed);
    printf("flow      %" PRIu64 " commands: %" PRIu64 " new limits, %" PRIu64 " cancels, %" PRIu64 " modifies, %" PRIu64
           " aggressive; %" PRIu64 " refused, %" PRIu64 " fills, %" PRIu64 " events\n",
           b->flow_options.commands, counts.placed, counts.cancelled, counts.modified, counts.aggressive,
           counts.refused, counts.fills, counts.events);
    printf("rate      %.0f commands/s, %.1f ns a command\n", rate, ns);
    printf("latency   p50 %u ns, p99 %u ns, p99.9 %u ns (one clock read included)\n", latencies_at(&r->latencies, 500),
           latencies_at(&r->latencies, 990), latencies_at(&r->latencies, 999));
    printf("state     %zu bytes in use, %.1f an open order\ndigest    %s\n", r->bytes_used, bytes, digest);
    return EXIT_GOOD;
}

int bench_engine(const struct bench *b)
{
    struct engine_result r = {0};
    struct command *group = calloc(FLOW_GROUP, sizeof *group);
    int error = group == NULL ? ERR_NO_MEMORY : latencies_init(&r.latencies, b->flow_options.commands);
    if (error == 0) error = pass(b->flow, group, NULL, &r);
    if (error == 0) error = pass(b->flow, group, &r.latencies, &r);
    latencies_sort(&r.latencies);
    int code;
    if (error != 0)
        code = console_fail(b->name, "%s", error_text(error));
    else
        code = print_result(b, &r);
    if (error == 0 && !digest_equal(r.digest, flow_digest(b->flow))) {
        console_fail(b->name, "the digest differs from the one the flow was made with");
        code = EXIT_BAD;
    }
    latencies_free(&r.latencies);
    free(group);
    return code;
}
