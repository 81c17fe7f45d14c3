/* journal/fold.h - an engine in memory of its own: what folds a tape. The arena is mapped lazily, so it costs what is used.
 * Invariant: state is made by the first SET_LIMITS command and by nothing else. One thread. */
#ifndef ORDERTAPE_JOURNAL_FOLD_H
#define ORDERTAPE_JOURNAL_FOLD_H

#include "core/engine.h"

struct fold {
    struct engine *engine; /* NULL before the first command */
    size_t engine_bytes;
    struct event *events; /* of the last fold_apply; room for engine_events_max */
    size_t events_bytes;
};

/* An empty fold: no memory is taken before the first command. */
void fold_init(struct fold *f);
void fold_free(struct fold *f);
/* Makes the engine for these limits (a snapshot's), empty. ERR_NO_MEMORY. */
int fold_prepare(struct fold *f, const struct limits *l);
/* Folds one command; its events are f->events[0..return value). Negative: ERR_NO_MEMORY (only for the first command), or
 * ERR_CORRUPT: the first command is not SET_LIMITS with valid limits, or seq/time go backwards (seq must be last + 1, or
 * >= BRANCH_SEQ_FIRST: a command a branch inserted). */
int64_t fold_apply(struct fold *f, const struct command *c);
/* dst must be empty. */
int fold_copy(struct fold *dst, const struct fold *src);

#endif
