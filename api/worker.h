/* api/worker.h - a few threads for work that must not run on the HTTP thread: what-ifs, snapshots, reading the event
 * tape.
 * What must stay true: at most `waiting_max` pieces wait; every accepted piece is run once and its `done` called once,
 * also at stop. */
#ifndef ORDERTAPE_API_WORKER_H
#define ORDERTAPE_API_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct work {
    struct work *next;
    void (*run)(struct work *w); /* on a worker thread; calls whoever waits when it is done */
};

enum { WORKER_THREADS_MAX = 4 };
struct worker {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct work *first, *last;
    uint32_t waiting, waiting_max;
    uint32_t threads_count;
    bool stopping;
    pthread_t threads[WORKER_THREADS_MAX];
};

int worker_start(struct worker *w, uint32_t threads, uint32_t waiting_max);
/* False: as much waits as may. */
bool worker_submit(struct worker *w, struct work *work);
/* Runs what was accepted and joins the threads; submitting is refused from here on. */
void worker_stop(struct worker *w);
/* After worker_stop, when nobody can submit any more. */
void worker_free(struct worker *w);

#endif
