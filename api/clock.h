/* api/clock.h - the two clocks of the process. Read once per turn of a loop and passed down as now_ns.
 * ctx is unused: the shape is the sequencer's clock door. Any thread. */
#ifndef ORDERTAPE_API_CLOCK_H
#define ORDERTAPE_API_CLOCK_H

#include <stdint.h>

int64_t clock_real_ns(void *ctx);
int64_t clock_monotonic_ns(void *ctx);

enum { NS_PER_MS = 1000000 };
#define NS_PER_S ((int64_t)1000000000)

#endif
