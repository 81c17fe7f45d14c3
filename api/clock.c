/* api/clock.c - see clock.h. Both clocks exist on every Linux, so a failure is a broken machine: asserted. */
#include "api/clock.h"

#include <assert.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t = {0};
    int failed = clock_gettime(id, &t);
    assert(failed == 0);
    (void)failed;
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t clock_real_ns(void *ctx)
{
    (void)ctx;
    return read_ns(CLOCK_REALTIME);
}

int64_t clock_monotonic_ns(void *ctx)
{
    (void)ctx;
    return read_ns(CLOCK_MONOTONIC);
}
