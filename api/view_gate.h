/* api/view_gate.h - where readers wait for the views. A read may pass once the views have folded everything that was
 * answered before it arrived; it waits READ_WAIT_MS_MAX at most and is then told that it is late.
 * What must stay true: every waiter's `done` is called exactly once, without the gate's lock held, after its `late`
 * was set.
 * Threads: any. */
#ifndef ORDERTAPE_API_VIEW_GATE_H
#define ORDERTAPE_API_VIEW_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { READ_WAIT_MS_MAX = 2000 };

struct gate_wait {
    struct gate_wait *next;
    uint64_t seq;        /* passes when the views have this one */
    int64_t deadline_ns; /* monotonic */
    bool late;           /* set before done: the deadline passed, or the gate closed */
    void (*done)(struct gate_wait *w);
};

struct view_gate {
    pthread_mutex_t lock;
    uint64_t seq; /* folded */
    bool closed;
    struct gate_wait *waiting;
};

int gate_init(struct view_gate *g, uint64_t seq);
void gate_destroy(struct view_gate *g);
bool gate_reached(struct view_gate *g, uint64_t seq);
/* Calls w->done when it may pass or is late; at once (from inside) when that is so already. */
void gate_wait(struct view_gate *g, struct gate_wait *w);
void gate_publish(struct view_gate *g, uint64_t seq);
void gate_expire(struct view_gate *g, int64_t now_ns);
/* Everyone who waits is late, and so is everyone who comes and would have to wait. */
void gate_close(struct view_gate *g);

#endif
