/* journal/spare.c - see spare.h.
 * Zeros are written, not only allocated: overwriting written blocks needs no commit of the file system, so a sync of
 * the tape costs a write and a flush. They are synced in small steps, because the tape's syncs share the disk. */
#include "journal/spare.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/segment.h"

enum { FILL_CHUNK_BYTES = 1 << 20, FILL_CHUNKS_A_SYNC = 4 };

struct spare {
    const struct tape_options *options;
    uint64_t size_bytes;
    char path[TAPE_PATH_BYTES_MAX];
    bool left_over; /* path exists and was not looked at yet */
    bool started, has_thread;
    pthread_t thread;
    atomic_bool stop;
    int result; /* of the preparation; read after the thread was joined */
};

int spare_new(const struct tape_options *o, uint64_t size_bytes, const char *left_over, struct spare **out)
{
    struct spare *s = calloc(1, sizeof *s);
    if (!s) return ERR_NO_MEMORY;
    s->options = o;
    s->size_bytes = size_bytes;
    s->left_over = left_over[0] != 0;
    tape_path(o, s->left_over ? left_over : "spare-next.tmp", s->path);
    *out = s;
    return 0;
}

static int fill(struct spare *s, struct storage_file *file)
{
    const struct storage *storage = s->options->storage;
    uint8_t *zeros = calloc(1, FILL_CHUNK_BYTES);
    if (!zeros) return ERR_NO_MEMORY;
    int rc = 0;
    uint32_t unsynced = 0;
    for (uint64_t at = 0; rc == 0 && at < s->size_bytes; at += FILL_CHUNK_BYTES) {
        uint64_t left = s->size_bytes - at;
        rc = storage->write(storage->ctx, file, zeros, left < FILL_CHUNK_BYTES ? (size_t)left : FILL_CHUNK_BYTES, at);
        if (rc == 0 && ++unsynced == FILL_CHUNKS_A_SYNC) {
            rc = storage->sync(storage->ctx, file);
            unsynced = 0;
        }
        if (rc == 0 && atomic_load(&s->stop)) rc = ERR_END;
    }
    if (rc == 0) rc = storage->sync(storage->ctx, file);
    free(zeros);
    return rc;
}

/* A spare that a crash left may be half filled, unsynced, or have a segment's head already. Returns 1 when it is good.
 */
static int reuse_left_over(struct spare *s)
{
    const struct storage *storage = s->options->storage;
    struct storage_file *file;
    int rc = storage->open(storage->ctx, s->path, STORAGE_WRITE, &file);
    if (rc) return rc;
    int64_t size = storage->size(storage->ctx, file);
    bool zero = false;
    if (size >= 0 && (uint64_t)size == s->size_bytes) rc = bytes_are_zero_from(storage, file, 0, &zero);
    if (size < 0) rc = (int)size;
    if (rc == 0 && zero) rc = storage->sync(storage->ctx, file);
    storage->close(storage->ctx, file);
    if (rc) return rc;
    return zero ? 1 : storage->remove(storage->ctx, s->path);
}

static int prepare_now(struct spare *s)
{
    const struct storage *storage = s->options->storage;
    if (s->left_over) {
        s->left_over = false;
        int rc = reuse_left_over(s);
        if (rc) return rc == 1 ? 0 : rc;
    }
    struct storage_file *file;
    int rc = storage->open(storage->ctx, s->path, STORAGE_CREATE | STORAGE_WRITE, &file);
    if (rc) return rc;
    rc = fill(s, file);
    storage->close(storage->ctx, file);
    /* Half a spare is no use to anyone and, on a full disk, in the way. Its own failure adds nothing to rc. */
    if (rc == ERR_NO_SPACE) (void)storage->remove(storage->ctx, s->path);
    return rc;
}

static void *prepare_thread(void *arg)
{
    struct spare *s = arg;
    s->result = prepare_now(s);
    return NULL;
}

void spare_prepare(struct spare *s)
{
    if (s->started || !s->options->prepare_in_background) return;
    /* Without a thread spare_take does it. */
    s->has_thread = pthread_create(&s->thread, NULL, prepare_thread, s) == 0;
    s->started = s->has_thread;
}

static void join(struct spare *s)
{
    if (s->has_thread) (void)pthread_join(s->thread, NULL);
    s->has_thread = false;
}

int spare_take(struct spare *s, const char **path)
{
    join(s);
    int rc = s->started ? s->result : prepare_now(s);
    s->started = false;
    *path = s->path;
    return rc;
}

void spare_free(struct spare *s)
{
    if (!s) return;
    atomic_store(&s->stop, true);
    join(s);
    free(s);
}
