/* projections/env.c - opens, trusts or empties, grows and closes the LMDB environment.
 * What must stay true: data.mdb is mapped only after its mark says that all of it reached the disk or the page cache
 * of this very boot; what cannot be trusted, or is not ours, is deleted and made anew, never repaired. MDB_WRITEMAP
 * is never used: a wild store in this process must not be able to reach the file.
 *
 *   views_open -> env_judge (mark, size, hash) -> env_start (map, length) -> env_identify (databases, version, tape)
 *        any of them says no: read-only answers ERR_CORRUPT; the writer deletes the files and starts an empty one */
#include "projections/env.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "projections/batch.h"

enum { READERS_MAX = 1024, REASON_BYTES = 256, FILE_PATH_BYTES = 4096 + 16 };
/* A modest beginning, doubled up to steps of 4 GiB: address space only, the file grows with what is written. */
#define MAP_BYTES_FIRST    ((size_t)16 << 20)
#define MAP_BYTES_STEP_MAX ((size_t)4 << 30)

static const char *const view_db_names[VIEW_DB_COUNT] = {
#define X(name, text) text,
    VIEW_DBS(X)
#undef X
};

int env_error(int lmdb_code)
{
    switch (lmdb_code) {
    case 0: return 0;
    case MDB_NOTFOUND: return ERR_NOT_FOUND;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_VALSIZE: return ERR_CORRUPT;
    case MDB_VERSION_MISMATCH: return ERR_VERSION;
    case MDB_READERS_FULL: return ERR_FULL;
    case ENOMEM: return ERR_NO_MEMORY;
    case ENOSPC:
    case EDQUOT: return ERR_NO_SPACE;
    default: return ERR_IO;
    }
}

void env_exclude(struct views *v)
{
    pthread_mutex_lock(&v->lock);
    while (v->exclusive) pthread_cond_wait(&v->changed, &v->lock);
    v->exclusive = true;
    while (v->readers > 0) pthread_cond_wait(&v->changed, &v->lock);
    pthread_mutex_unlock(&v->lock);
}

void env_admit(struct views *v)
{
    pthread_mutex_lock(&v->lock);
    v->exclusive = false;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
}

int env_grow(struct views *v)
{
    MDB_envinfo info;
    env_exclude(v);
    int rc = mdb_env_info(v->env, &info);
    if (rc == 0) {
        size_t step = info.me_mapsize < MAP_BYTES_FIRST ? MAP_BYTES_FIRST : info.me_mapsize;
        rc = mdb_env_set_mapsize(v->env, info.me_mapsize + (step < MAP_BYTES_STEP_MAX ? step : MAP_BYTES_STEP_MAX));
    }
    env_admit(v);
    return env_error(rc);
}

int env_mark_unclean(struct views *v)
{
    struct views_mark m = {0};
    if (!v->mark.clean) return 0; /* it is of this boot, or env_judge had not trusted it */
    boot_id_read(m.boot_id);
    int rc = mark_write(v->options.path, &m);
    if (rc == 0) v->mark = m;
    return rc;
}

/* LMDB does not write a page at the end of its file that was taken and given back in one transaction. Such a file is
 * made as long as its meta page says, so that a shorter one is always a cut one. */
static int env_file_fill(struct views *v)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat file;
    mdb_filehandle_t fd;
    int rc = mdb_env_info(v->env, &info);
    if (rc == 0) rc = mdb_env_stat(v->env, &stat);
    if (rc != 0) return rc;
    uint64_t needed_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    if (needed_bytes <= v->file_bytes) return 0;
    rc = mdb_env_get_fd(v->env, &fd);
    if (rc != 0) return rc;
    if (fstat(fd, &file) != 0 || ((uint64_t)file.st_size < needed_bytes && ftruncate(fd, (off_t)needed_bytes) != 0))
        return errno;
    v->file_bytes = needed_bytes;
    return 0;
}

int env_commit(struct views *v, MDB_txn *txn, const struct views_state *s)
{
    uint8_t room[VALUE_BYTES_MAX];
    MDB_val key = {1, (void *)"s"}, value = {state_encode(s, room), room};
    int rc = mdb_put(txn, v->dbi[DB_STATE], &key, &value, 0);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    if (rc == 0) rc = env_file_fill(v);
    if (rc == 0) {
        pthread_mutex_lock(&v->lock);
        v->state = *s;
        pthread_mutex_unlock(&v->lock);
    }
    return rc;
}

static void env_stop(struct views *v)
{
    if (v->env != NULL) mdb_env_close(v->env);
    v->env = NULL;
    v->file_bytes = 0;
}

void env_break(struct views *v)
{
    env_exclude(v);
    env_stop(v);
    env_admit(v);
}

/* May data.mdb be mapped? 0; ERR_NOT_FOUND: there is none; ERR_CORRUPT with why in reason; ERR_IO, ERR_NO_MEMORY. */
static int env_judge(struct views *v, char *reason)
{
    char path[FILE_PATH_BYTES], boot_id[BOOT_ID_BYTES];
    struct stat file;
    struct views_mark now = {0};
    snprintf(path, sizeof path, "%s/data.mdb", v->options.path);
    if (stat(path, &file) != 0) return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
    int rc = mark_read(v->options.path, &v->mark);
    if (rc == ERR_NOT_FOUND || rc == ERR_CORRUPT) {
        snprintf(reason, REASON_BYTES, "the mark beside data.mdb, which says how it was left, is missing or damaged");
        return ERR_CORRUPT;
    }
    if (rc != 0) return rc;
    boot_id_read(boot_id);
    if (!v->mark.clean && (boot_id[0] == 0 || memcmp(boot_id, v->mark.boot_id, BOOT_ID_BYTES) != 0)) {
        snprintf(reason, REASON_BYTES, "the machine restarted before the views were synced");
        return ERR_CORRUPT;
    }
    if (!v->mark.clean || !v->mark.hashed) return 0;
    rc = mark_hash_data(v->options.path, &now);
    if (rc != 0 || (now.data_bytes == v->mark.data_bytes && now.data_hash_lo == v->mark.data_hash_lo &&
                    now.data_hash_hi == v->mark.data_hash_hi))
        return rc;
    snprintf(reason, REASON_BYTES, "data.mdb is not the file that was closed: %llu bytes, %llu then",
             (unsigned long long)now.data_bytes, (unsigned long long)v->mark.data_bytes);
    return ERR_CORRUPT;
}

/* A server that starts beside a read-only opener takes the clean mark away while the file is being hashed: that is no
 * damage. */
static int env_judge_twice(struct views *v, char *reason)
{
    int rc = env_judge(v, reason);
    if (rc != ERR_CORRUPT || !v->options.read_only || !v->mark.clean) return rc;
    return env_judge(v, reason);
}

static int env_open_databases(struct views *v, MDB_txn *txn, unsigned flags)
{
    int rc = 0;
    for (int i = 0; i < VIEW_DB_COUNT && rc == 0; i++) rc = mdb_dbi_open(txn, view_db_names[i], flags, &v->dbi[i]);
    return rc;
}

/* The state row of an environment that has databases. ERR_CORRUPT or ERR_VERSION with why in reason. */
static int env_identify(struct views *v, MDB_txn *txn, char *reason)
{
    MDB_val key = {1, (void *)"s"}, value;
    if (env_open_databases(v, txn, 0) != 0 || mdb_get(txn, v->dbi[DB_STATE], &key, &value) != 0) {
        snprintf(reason, REASON_BYTES, "not an environment of views: its databases are others");
        return ERR_CORRUPT;
    }
    int rc = state_decode(value.mv_data, value.mv_size, &v->state);
    if (rc == ERR_VERSION)
        snprintf(reason, REASON_BYTES, "format version %u; this program writes %d", v->state.format_version,
                 VIEWS_FORMAT_VERSION);
    else if (rc != 0)
        snprintf(reason, REASON_BYTES, "the state row does not verify");
    else if (v->state.tape_id != v->options.tape_id) {
        snprintf(reason, REASON_BYTES, "folded from tape %016llx, not from %016llx",
                 (unsigned long long)v->state.tape_id, (unsigned long long)v->options.tape_id);
        rc = ERR_CORRUPT;
    }
    return rc;
}

static int env_map(struct views *v, char *reason)
{
    unsigned flags = MDB_NOSYNC | MDB_NOTLS | (v->options.read_only ? MDB_RDONLY : 0);
    int rc = mdb_env_create(&v->env);
    if (rc != 0) return env_error(rc);
    rc = mdb_env_set_maxdbs(v->env, VIEW_DB_COUNT);
    if (rc == 0) rc = mdb_env_set_maxreaders(v->env, READERS_MAX);
    if (rc == 0 && !v->options.read_only) rc = mdb_env_set_mapsize(v->env, MAP_BYTES_FIRST);
    if (rc == 0) rc = mdb_env_open(v->env, v->options.path, flags, 0644);
    if (rc != 0) snprintf(reason, REASON_BYTES, "LMDB refuses it: %s", mdb_strerror(rc));
    return env_error(rc);
}

/* A file cut behind its meta pages would be a SIGBUS later. */
static int env_check_length(struct views *v, char *reason)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat file;
    mdb_filehandle_t fd;
    int rc = mdb_env_info(v->env, &info);
    if (rc == 0) rc = mdb_env_stat(v->env, &stat);
    if (rc == 0) rc = mdb_env_get_fd(v->env, &fd);
    if (rc == 0 && fstat(fd, &file) != 0) rc = errno;
    if (rc != 0) return env_error(rc);
    if ((uint64_t)file.st_size >= ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize) return 0;
    snprintf(reason, REASON_BYTES, "data.mdb is cut: %llu bytes, page %llu is its last",
             (unsigned long long)file.st_size, (unsigned long long)info.me_last_pgno);
    return ERR_CORRUPT;
}

/* Maps what is there and reads its state row. Errors as env_judge; env is closed again by the caller. */
static int env_start(struct views *v, char *reason)
{
    MDB_txn *txn;
    int dead;
    int rc = env_map(v, reason);
    if (rc == 0) rc = env_check_length(v, reason);
    if (rc == 0)
        rc = env_error(mdb_reader_check(v->env, &dead)); /* slots of processes that were killed inside a read */
    if (rc == 0) rc = env_error(mdb_txn_begin(v->env, NULL, MDB_RDONLY, &txn));
    if (rc != 0) return rc;
    rc = env_identify(v, txn, reason);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    return env_error(mdb_txn_commit(txn)); /* keeps the database handles */
}

/* An environment with empty databases, in a directory without one. */
static int env_make(struct views *v)
{
    MDB_txn *txn;
    char reason[REASON_BYTES];
    struct views_state s = {.format_version = VIEWS_FORMAT_VERSION, .tape_id = v->options.tape_id};
    v->mark = (struct views_mark){.clean = true};
    int rc = env_mark_unclean(v);
    if (rc == 0) rc = env_map(v, reason);
    if (rc == 0) rc = env_error(mdb_txn_begin(v->env, NULL, 0, &txn));
    if (rc != 0) return rc;
    rc = env_open_databases(v, txn, MDB_CREATE);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return env_error(rc);
    }
    return env_error(env_commit(v, txn, &s));
}

static int env_delete(struct views *v)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", "mark", "mark.tmp"};
    char path[FILE_PATH_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", v->options.path, files[i]);
        if (unlink(path) != 0 && errno != ENOENT) return ERR_IO;
    }
    return 0;
}

/* What the writer may throw away and make again; anything else (no memory, no permission) would not be cured by it. */
static bool env_is_rebuildable(int rc)
{
    return rc == ERR_CORRUPT || rc == ERR_VERSION;
}

static int env_open(struct views *v, bool *emptied, char *reason)
{
    int rc = env_judge_twice(v, reason);
    if (rc == 0) rc = env_start(v, reason);
    if (rc == 0) return 0;
    env_stop(v);
    if (v->options.read_only) return env_is_rebuildable(rc) ? ERR_CORRUPT : rc;
    if (rc != ERR_NOT_FOUND && !env_is_rebuildable(rc)) return rc;
    *emptied = rc != ERR_NOT_FOUND;
    rc = env_delete(v);
    return rc == 0 ? env_make(v) : rc;
}

static struct views *views_new(const struct views_options *o)
{
    struct views *v = calloc(1, sizeof *v);
    if (v == NULL) return NULL;
    v->options = *o;
    v->batch = o->read_only ? NULL : batch_new();
    if ((!o->read_only && v->batch == NULL) || pthread_mutex_init(&v->lock, NULL) != 0) {
        batch_free(v->batch);
        free(v);
        return NULL;
    }
    if (pthread_cond_init(&v->changed, NULL) != 0) {
        pthread_mutex_destroy(&v->lock);
        batch_free(v->batch);
        free(v);
        return NULL;
    }
    return v;
}

static void views_free(struct views *v)
{
    env_stop(v);
    batch_free(v->batch);
    pthread_cond_destroy(&v->changed);
    pthread_mutex_destroy(&v->lock);
    free(v);
}

int views_open(const struct views_options *o, struct views **out, bool *emptied, char *reason)
{
    *out = NULL;
    *emptied = false;
    reason[0] = 0;
    if (strnlen(o->path, sizeof o->path) == sizeof o->path) return ERR_USAGE;
    if (!o->read_only && mkdir(o->path, 0755) != 0 && errno != EEXIST) return ERR_IO;
    struct views *v = views_new(o);
    if (v == NULL) return ERR_NO_MEMORY;
    int rc = env_open(v, emptied, reason);
    if (rc != 0) {
        views_free(v);
        return rc;
    }
    *out = v;
    return 0;
}

void views_close(struct views *v)
{
    if (v == NULL) return;
    assert(v->readers == 0);
    bool finish = v->env != NULL && !v->options.read_only && !(v->mark.clean && v->mark.hashed);
    if (finish && views_sync(v) == 0) {
        struct views_mark m = v->mark;
        env_stop(v);
        m.hashed = mark_hash_data(v->options.path, &m) == 0;
        /* A mark that cannot be written leaves the one views_sync wrote, which is true as well. */
        if (m.hashed) (void)mark_write(v->options.path, &m);
    }
    views_free(v);
}

int views_clear(struct views *v)
{
    if (v->options.read_only) return ERR_USAGE;
    env_exclude(v);
    env_stop(v);
    int rc = env_delete(v);
    if (rc == 0) rc = env_make(v);
    if (rc != 0) env_stop(v);
    env_admit(v);
    return rc;
}

struct views_cursor views_cursor(const struct views *v)
{
    struct views *shared = (struct views *)v; /* the lock guards a copy; nothing is changed */
    pthread_mutex_lock(&shared->lock);
    struct views_cursor cursor = v->state.cursor;
    pthread_mutex_unlock(&shared->lock);
    return cursor;
}

int views_sync(struct views *v)
{
    struct views_mark m = {.clean = true};
    if (v->env == NULL) return ERR_IO;
    if (v->options.read_only) return ERR_USAGE;
    if (v->mark.clean) return 0;
    boot_id_read(m.boot_id);
    int rc = env_error(mdb_env_sync(v->env, 1));
    if (rc == 0) rc = mark_write(v->options.path, &m);
    if (rc == 0) v->mark = m;
    return rc;
}

static bool read_enter(struct views *v)
{
    pthread_mutex_lock(&v->lock);
    while (v->exclusive) pthread_cond_wait(&v->changed, &v->lock);
    bool open = v->env != NULL;
    v->readers += open;
    pthread_mutex_unlock(&v->lock);
    return open;
}

static void read_leave(struct views *v)
{
    pthread_mutex_lock(&v->lock);
    if (--v->readers == 0) pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
}

/* Begins a read; another process that made the map larger is followed. */
static int read_txn_begin(struct views *v, MDB_txn **txn)
{
    for (;;) {
        if (!read_enter(v)) return MDB_PANIC;
        int rc = mdb_txn_begin(v->env, NULL, MDB_RDONLY, txn);
        if (rc == 0) return 0;
        read_leave(v);
        if (rc != MDB_MAP_RESIZED) return rc;
        env_exclude(v);
        rc = v->env == NULL ? MDB_PANIC : mdb_env_set_mapsize(v->env, 0);
        env_admit(v);
        if (rc != 0) return rc;
    }
}

int views_read_begin(struct views *v, struct views_read **out)
{
    MDB_val key = {1, (void *)"s"}, value;
    struct views_state s;
    *out = NULL;
    struct views_read *r = malloc(sizeof *r);
    if (r == NULL) return ERR_NO_MEMORY;
    r->views = v;
    int rc = env_error(read_txn_begin(v, &r->txn));
    if (rc != 0) {
        free(r);
        return rc;
    }
    rc = env_error(mdb_get(r->txn, v->dbi[DB_STATE], &key, &value));
    if (rc == 0) rc = state_decode(value.mv_data, value.mv_size, &s);
    if (rc != 0) {
        views_read_end(r);
        return rc == ERR_IO ? ERR_IO : ERR_CORRUPT;
    }
    r->cursor = s.cursor;
    *out = r;
    return 0;
}

void views_read_end(struct views_read *r)
{
    if (r == NULL) return;
    mdb_txn_abort(r->txn);
    read_leave(r->views);
    free(r);
}

struct views_cursor views_read_cursor(const struct views_read *r)
{
    return r->cursor;
}
