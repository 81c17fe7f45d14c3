/* api/connectors/cursor_file.c - see cursor_file.h. DIR/NAME.cursor:
 *   | magic u64 | seq u64 | index u64 | executions u64 | XXH3-64 of the 32 bytes before |     little-endian
 * What must stay true: the file is replaced whole (temporary, sync, rename, sync of the directory), never written in place. */
#include "api/connectors/cursor_file.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "core/error.h"

#define CURSOR_MAGIC ((uint64_t)0x31305253435f544f) /* "OT_CSR01" */
enum { WORDS = 5, CURSOR_PATH_BYTES = 4096 };

static void path_of(const struct cursor_file *f, const char *suffix, char *room)
{
    (void)snprintf(room, CURSOR_PATH_BYTES, "%s/%s.cursor%s", f->dir, f->name, suffix);
}

int cursor_file_load(void *file, struct connector_cursor *out)
{
    const struct cursor_file *f = file;
    const struct storage *st = f->storage;
    char path[CURSOR_PATH_BYTES];
    uint64_t words[WORDS + 1] = {0};
    struct storage_file *in = NULL;
    path_of(f, "", path);
    int failed = st->open(st->ctx, path, STORAGE_READ, &in);
    if (failed != 0) return failed;
    int64_t got = st->read(st->ctx, in, words, sizeof words, 0);
    st->close(st->ctx, in);
    if (got < 0) return (int)got;
    bool good = got == WORDS * 8 && words[0] == CURSOR_MAGIC && words[2] <= UINT32_MAX &&
                words[4] == XXH3_64bits(words, (WORDS - 1) * sizeof words[0]);
    if (!good) return ERR_CORRUPT;
    *out = (struct connector_cursor){.seq = words[1], .index = (uint32_t)words[2], .executions = words[3]};
    return 0;
}

static int write_whole(const struct storage *st, const char *path, const uint64_t *words)
{
    struct storage_file *out = NULL;
    int failed = st->remove(st->ctx, path); /* of a crash */
    if (failed != 0 && failed != ERR_NOT_FOUND) return failed;
    failed = st->open(st->ctx, path, STORAGE_CREATE | STORAGE_WRITE, &out);
    if (failed != 0) return failed;
    failed = st->write(st->ctx, out, words, WORDS * sizeof words[0], 0);
    if (failed == 0) failed = st->sync(st->ctx, out);
    st->close(st->ctx, out);
    return failed;
}

int cursor_file_save(void *file, const struct connector_cursor *cursor)
{
    const struct cursor_file *f = file;
    const struct storage *st = f->storage;
    char path[CURSOR_PATH_BYTES], temporary[CURSOR_PATH_BYTES];
    uint64_t words[WORDS] = {CURSOR_MAGIC, cursor->seq, cursor->index, cursor->executions};
    words[4] = XXH3_64bits(words, (WORDS - 1) * sizeof words[0]);
    path_of(f, "", path);
    path_of(f, ".tmp", temporary);
    int failed = write_whole(st, temporary, words);
    if (failed == 0) failed = st->rename(st->ctx, temporary, path);
    if (failed == 0) failed = st->sync_dir(st->ctx, f->dir);
    return failed;
}
