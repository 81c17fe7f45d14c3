/* api/snapshot_job.c - see snapshot_job.h. */
#include "api/snapshot_job.h"

#include <stdlib.h>

#include "api/log.h"
#include "core/error.h"

int snapshot_write_copy(struct server *s, struct state_copy *copy, struct snapshot_info *info)
{
    int failed = projector_sync_to(&s->projector, copy->seq);
    if (failed == 0) failed = snapshot_write(&s->dir, &copy->fold, info);
    fold_free(&copy->fold);
    return failed;
}

struct background {
    struct pending pending; /* first: a pending is its job */
    struct work work;
    struct state_copy copy;
    struct server *server;
};

static void finish(struct background *b, int failed, uint64_t seq)
{
    if (failed != 0)
        log_line(LOG_WARN, "snapshot failed", "seq=%llu error=\"%s\"", (unsigned long long)seq, error_text(failed));
    else
        log_line(LOG_INFO, "snapshot written", "seq=%llu", (unsigned long long)seq);
    atomic_store(&b->server->snapshot_busy, false);
    free(b);
}

static void background_run(struct work *w)
{
    struct background *b = (struct background *)(void *)((char *)w - offsetof(struct background, work));
    struct snapshot_info info;
    uint64_t seq = b->copy.seq;
    finish(b, snapshot_write_copy(b->server, &b->copy, &info), seq);
}

static void copied(struct pending *p)
{
    struct background *b = (struct background *)(void *)p;
    if (p->outcome.error == 0 && worker_submit(&b->server->jobs, &b->work)) return;
    fold_free(&b->copy.fold);
    finish(b, p->outcome.error != 0 ? p->outcome.error : ERR_BUSY, p->outcome.seq);
}

void snapshot_start(struct server *s)
{
    if (atomic_exchange(&s->snapshot_busy, true)) return;
    struct background *b = calloc(1, sizeof *b);
    if (b == NULL) {
        atomic_store(&s->snapshot_busy, false);
        return;
    }
    b->server = s;
    b->work.run = background_run;
    b->pending.copy = &b->copy;
    b->pending.done = copied;
    fold_init(&b->copy.fold);
    int refused = pipeline_submit(&s->pipeline, &b->pending);
    if (refused != 0) finish(b, refused, 0);
}
