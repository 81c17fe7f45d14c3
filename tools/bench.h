/* tools/bench.h - what the benchmarks share: their options, a made flow, latencies and how results are printed. */
#ifndef ORDERTAPE_TOOLS_BENCH_H
#define ORDERTAPE_TOOLS_BENCH_H

#include <stddef.h>

#include "journal/fold.h"
#include "tools/flow.h"
#include "tools/options.h"

struct bench {
    const char *name; /* "bench engine" */
    struct flow_options flow_options;
    const char *data_dir; /* whose disk is measured; a temporary directory inside is used and removed */
    bool json;
    uint64_t seconds; /* at most so long: serve, and each group size of journal */
    bool keep; /* bench replay leaves its tape in data_dir, which must not have one */
    struct flow *flow;
};

/* Nanoseconds each, kept whole and sorted at the end. */
struct latencies {
    uint32_t *ns;
    size_t count, room;
};
int latencies_init(struct latencies *l, size_t room);
void latencies_free(struct latencies *l);
void latencies_add(struct latencies *l, int64_t ns);
void latencies_sort(struct latencies *l);
/* per_mille 500, 990, 999; sorted before. 0 when there are none. */
uint32_t latencies_at(const struct latencies *l, unsigned per_mille);

int64_t bench_now_ns(void);

/* The engine of *f after the flow's set-up and warm-up. Negative error code. */
int bench_warm_engine(const struct flow *flow, struct fold *f);

/* Each runs over b->flow, prints, and returns the exit code. */
int bench_engine(const struct bench *b);
int bench_journal(const struct bench *b);
int bench_replay(const struct bench *b);
int bench_projections(const struct bench *b);
/* Does not use the flow's commands; --url NULL: starts a server of its own. */
struct bench_serve_options {
    const char *url;
    uint64_t connections;
};
int bench_serve(const struct bench *b, const struct bench_serve_options *o);

#endif
