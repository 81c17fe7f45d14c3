/* tools/bench.c - see bench.h. */
#include "tools/bench.h"

#include <stdlib.h>
#include <time.h>

#include "core/error.h"

int latencies_init(struct latencies *l, size_t room)
{
    *l = (struct latencies){.ns = calloc(room, sizeof *l->ns), .room = room};
    return l->ns == NULL ? ERR_NO_MEMORY : 0;
}

void latencies_free(struct latencies *l)
{
    free(l->ns);
    l->ns = NULL;
}

void latencies_add(struct latencies *l, int64_t ns)
{
    if (l->count == l->room) return;
    l->ns[l->count++] = ns < 0 ? 0 : ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int compare_ns(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

void latencies_sort(struct latencies *l)
{
    qsort(l->ns, l->count, sizeof *l->ns, compare_ns);
}

uint32_t latencies_at(const struct latencies *l, unsigned per_mille)
{
    if (l->count == 0) return 0;
    size_t at = l->count * per_mille / 1000;
    return l->ns[at < l->count ? at : l->count - 1];
}

int64_t bench_now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int bench_warm_engine(const struct flow *flow, struct fold *f)
{
    struct command c;
    fold_init(f);
    for (uint64_t seq = 1; seq <= flow_warm(flow); seq++) {
        flow_command(flow, seq, &c);
        int64_t count = fold_apply(f, &c);
        if (count < 0) {
            fold_free(f);
            return (int)count;
        }
    }
    return 0;
}
