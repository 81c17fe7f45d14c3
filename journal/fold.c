/* journal/fold.c - an engine in lazily mapped memory.
 * What must stay true: the engine exists exactly when a valid SET_LIMITS came first; seqs and times only go forward. */
#include "journal/fold.h"

#include <string.h>
#include <sys/mman.h>

#include "core/error.h"

enum { HUGE_PAGES_FROM_BYTES = 256 * 1024 * 1024 };

/* Pages cost nothing until they are touched, and are zero then: what engine_init asks for. NULL: no address space. */
static void *map_zeroed(size_t len_bytes)
{
    void *memory = mmap(NULL, len_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    /* Only a wish: fewer address translations when much of it is in use. Small arenas stay in small pages. */
    if (len_bytes >= HUGE_PAGES_FROM_BYTES) (void)madvise(memory, len_bytes, MADV_HUGEPAGE);
    return memory;
}

void fold_init(struct fold *f)
{
    memset(f, 0, sizeof *f);
}

void fold_free(struct fold *f)
{
    if (f->engine) (void)munmap(f->engine, f->engine_bytes);
    if (f->events) (void)munmap(f->events, f->events_bytes);
    fold_init(f);
}

static int map_arena(struct fold *f, const struct limits *l, void **arena)
{
    f->engine_bytes = engine_bytes(l);
    f->events_bytes = (size_t)engine_events_max(l) * sizeof *f->events;
    f->events = map_zeroed(f->events_bytes);
    *arena = f->events ? map_zeroed(f->engine_bytes) : NULL;
    if (*arena) return 0;
    fold_free(f);
    return ERR_NO_MEMORY;
}

int fold_prepare(struct fold *f, const struct limits *l)
{
    void *arena;
    int rc = map_arena(f, l, &arena);
    if (rc) return rc;
    f->engine = engine_init(arena, l);
    return 0;
}

int fold_copy(struct fold *dst, const struct fold *src)
{
    if (!src->engine) return 0;
    struct limits l = engine_scalars(src->engine).limits;
    void *arena;
    int rc = map_arena(dst, &l, &arena);
    if (rc) return rc;
    dst->engine = engine_copy(arena, src->engine);
    return 0;
}

static bool follows(const struct fold *f, const struct command *c)
{
    if (!f->engine) return c->seq == 1 || c->seq >= BRANCH_SEQ_FIRST;
    struct engine_scalars s = engine_scalars(f->engine);
    return (c->seq == s.seq + 1 || c->seq >= BRANCH_SEQ_FIRST) && c->ts_ns >= s.now_ns;
}

int64_t fold_apply(struct fold *f, const struct command *c)
{
    if (!follows(f, c)) return ERR_CORRUPT;
    if (!f->engine) {
        if (c->kind != COMMAND_SET_LIMITS || !limits_valid(&c->set_limits)) return ERR_CORRUPT;
        int rc = fold_prepare(f, &c->set_limits);
        if (rc) return rc;
    }
    return engine_apply(f->engine, c, f->events);
}
