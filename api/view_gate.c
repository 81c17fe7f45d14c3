/* api/view_gate.c - see view_gate.h. The list is short (at most one waiter a connection) and unordered: it is walked
 * whole. */
#include "api/view_gate.h"

#include <stddef.h>

#include "core/error.h"

int gate_init(struct view_gate *g, uint64_t seq)
{
    *g = (struct view_gate){.seq = seq};
    return pthread_mutex_init(&g->lock, NULL) == 0 ? 0 : ERR_NO_MEMORY;
}

void gate_destroy(struct view_gate *g)
{
    (void)pthread_mutex_destroy(&g->lock);
}

bool gate_reached(struct view_gate *g, uint64_t seq)
{
    (void)pthread_mutex_lock(&g->lock);
    bool reached = g->seq >= seq;
    (void)pthread_mutex_unlock(&g->lock);
    return reached;
}

void gate_wait(struct view_gate *g, struct gate_wait *w)
{
    (void)pthread_mutex_lock(&g->lock);
    bool at_once = g->seq >= w->seq || g->closed;
    w->late = g->seq < w->seq;
    if (!at_once) {
        w->next = g->waiting;
        g->waiting = w;
    }
    (void)pthread_mutex_unlock(&g->lock);
    if (at_once) w->done(w);
}

/* Takes out who may go; the lock is held. now_ns 0: nobody is late but by closing. */
static struct gate_wait *take_ready(struct view_gate *g, int64_t now_ns)
{
    struct gate_wait *ready = NULL;
    struct gate_wait **link = &g->waiting;
    while (*link != NULL) {
        struct gate_wait *w = *link;
        bool reached = g->seq >= w->seq;
        if (!reached && !g->closed && w->deadline_ns > now_ns) {
            link = &w->next;
            continue;
        }
        *link = w->next;
        w->late = !reached;
        w->next = ready;
        ready = w;
    }
    return ready;
}

static void release(struct gate_wait *ready)
{
    while (ready != NULL) {
        struct gate_wait *next = ready->next; /* done() may give the waiter's memory away */
        ready->done(ready);
        ready = next;
    }
}

void gate_publish(struct view_gate *g, uint64_t seq)
{
    (void)pthread_mutex_lock(&g->lock);
    if (seq > g->seq) g->seq = seq;
    struct gate_wait *ready = take_ready(g, 0);
    (void)pthread_mutex_unlock(&g->lock);
    release(ready);
}

void gate_expire(struct view_gate *g, int64_t now_ns)
{
    (void)pthread_mutex_lock(&g->lock);
    struct gate_wait *ready = take_ready(g, now_ns);
    (void)pthread_mutex_unlock(&g->lock);
    release(ready);
}

void gate_close(struct view_gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->closed = true;
    struct gate_wait *ready = take_ready(g, 0);
    (void)pthread_mutex_unlock(&g->lock);
    release(ready);
}
