/* api/worker.c - see worker.h. */
#include "api/worker.h"

#include <stddef.h>

#include "core/error.h"

/* The next piece, or NULL when stopping and nothing is left. */
static struct work *take(struct worker *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (w->first == NULL && !w->stopping) (void)pthread_cond_wait(&w->wake, &w->lock);
    struct work *work = w->first;
    if (work != NULL) {
        w->first = work->next;
        if (w->first == NULL) w->last = NULL;
        w->waiting--;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return work;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct work *work;
    while ((work = take(w)) != NULL) work->run(work);
    return NULL;
}

int worker_start(struct worker *w, uint32_t threads, uint32_t waiting_max)
{
    *w = (struct worker){.waiting_max = waiting_max};
    if (pthread_mutex_init(&w->lock, NULL) != 0) return ERR_NO_MEMORY;
    if (pthread_cond_init(&w->wake, NULL) != 0) {
        (void)pthread_mutex_destroy(&w->lock);
        return ERR_NO_MEMORY;
    }
    for (; w->threads_count < threads && w->threads_count < WORKER_THREADS_MAX; w->threads_count++) {
        if (pthread_create(&w->threads[w->threads_count], NULL, worker_main, w) == 0) continue;
        worker_stop(w);
        worker_free(w);
        return ERR_NO_MEMORY;
    }
    return 0;
}

bool worker_submit(struct worker *w, struct work *work)
{
    (void)pthread_mutex_lock(&w->lock);
    bool room = w->waiting < w->waiting_max && !w->stopping;
    if (room) {
        work->next = NULL;
        if (w->last != NULL)
            w->last->next = work;
        else
            w->first = work;
        w->last = work;
        w->waiting++;
        (void)pthread_cond_signal(&w->wake);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return room;
}

void worker_stop(struct worker *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_broadcast(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < w->threads_count; i++) (void)pthread_join(w->threads[i], NULL);
}

void worker_free(struct worker *w)
{
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
}
