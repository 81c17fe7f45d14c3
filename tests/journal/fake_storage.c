/* tests/journal/fake_storage.c - a disk in memory, and the faults that the journal promises to survive:
 *   - any one write, sync, resize, create, rename, remove or directory sync fails, with I/O error or no space; a write
 *     that fails may have written a part; a sync that fails may have written nothing;
 *   - the power goes at any such operation. Then what was not synced is lost or kept in sectors of 512 bytes, each on
 *     its own, in any order (un-synced zeros and un-synced blocks alike); an un-synced resize happened or not; of the
 *     directory operations since the last directory sync a first part happened (a journaling file system keeps their
 *     order).
 * Promised by the disk: a synced byte stays, a sector is written whole or not at all, a rename replaces atomically.
 * Not promised by the journal: to survive damage to what was synced; that it notices it, tests/journal/test_tape.c
 * shows. */
#include "tests/journal/fake_storage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { SECTOR_BYTES = 512, PATH_BYTES = 256, FILES_MAX = 256, PENDING_MAX = 256 };

struct fake_inode {
    uint8_t *now, *synced; /* as programs see it; as the disk has it */
    size_t now_bytes, synced_bytes;
    uint8_t *dirty; /* one flag a sector of `now`, up to dirty_sectors */
    size_t dirty_sectors;
    int opens;
};
struct fake_name {
    char path[PATH_BYTES];
    struct fake_inode *inode;
};
enum pending_kind { PENDING_CREATE, PENDING_RENAME, PENDING_REMOVE };
struct fake_pending {
    enum pending_kind kind;
    char path[PATH_BYTES], to[PATH_BYTES];
    struct fake_inode *inode;
};
struct fake_names {
    struct fake_name names[FILES_MAX];
    uint32_t count;
};
struct fake_disk {
    struct storage door;
    struct fake_inode *inodes[FILES_MAX];
    uint32_t inodes_count;
    struct fake_names now, synced;
    struct fake_pending pending[PENDING_MAX];
    uint32_t pending_count;
    uint64_t operations, syncs, fail_at, random;
    int fail_code;
    bool fail_for_ever, loses_all;
};
struct storage_file {
    struct fake_disk *disk;
    struct fake_inode *inode;
};

static uint64_t next_random(struct fake_disk *d)
{
    d->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = d->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Counts a changing operation; the code it must fail with, or 0. */
static int fault(struct fake_disk *d)
{
    d->operations++;
    if (d->fail_at == 0 || d->operations < d->fail_at) return 0;
    if (d->operations > d->fail_at && !d->fail_for_ever) return 0;
    return d->fail_code;
}

static struct fake_name *find(struct fake_names *n, const char *path)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (strcmp(n->names[i].path, path) == 0) return &n->names[i];
    return NULL;
}

static void link_name(struct fake_names *n, const char *path, struct fake_inode *inode)
{
    struct fake_name *name = find(n, path);
    if (!name) {
        assert(n->count < FILES_MAX);
        name = &n->names[n->count++];
        assert(strlen(path) < PATH_BYTES);
        strcpy(name->path, path);
    }
    name->inode = inode;
}

static void unlink_name(struct fake_names *n, const char *path)
{
    struct fake_name *name = find(n, path);
    if (name) *name = n->names[--n->count];
}

static void apply(struct fake_names *n, const struct fake_pending *p)
{
    if (p->kind == PENDING_CREATE) link_name(n, p->path, p->inode);
    if (p->kind == PENDING_REMOVE) unlink_name(n, p->path);
    if (p->kind == PENDING_RENAME) {
        unlink_name(n, p->path);
        link_name(n, p->to, p->inode);
    }
}

static void change_names(struct fake_disk *d, enum pending_kind kind, const char *path, const char *to,
                         struct fake_inode *inode)
{
    assert(d->pending_count < PENDING_MAX);
    struct fake_pending *p = &d->pending[d->pending_count++];
    *p = (struct fake_pending){.kind = kind, .inode = inode};
    strcpy(p->path, path);
    strcpy(p->to, to);
    apply(&d->now, p);
}

static struct fake_inode *inode_new(struct fake_disk *d)
{
    struct fake_inode *i = calloc(1, sizeof *i);
    assert(i && d->inodes_count < FILES_MAX);
    d->inodes[d->inodes_count++] = i;
    return i;
}

static void set_size(uint8_t **bytes, size_t *len_bytes, size_t size)
{
    if (*bytes && size == *len_bytes) return;
    uint8_t *more = realloc(*bytes, size ? size : 1);
    assert(more);
    if (size > *len_bytes) memset(more + *len_bytes, 0, size - *len_bytes);
    *bytes = more;
    *len_bytes = size;
}

static void mark_dirty(struct fake_inode *i, size_t from, size_t to)
{
    size_t sectors = (to + SECTOR_BYTES - 1) / SECTOR_BYTES;
    if (sectors > i->dirty_sectors) set_size(&i->dirty, &i->dirty_sectors, sectors);
    for (size_t s = from / SECTOR_BYTES; s < sectors; s++) i->dirty[s] = 1;
}

static int fake_open(void *ctx, const char *path, int how, struct storage_file **out)
{
    struct fake_disk *d = ctx;
    struct fake_name *name = find(&d->now, path);
    if (how & STORAGE_CREATE) {
        int rc = fault(d);
        if (rc) return rc;
        if (name) return ERR_IO;
        change_names(d, PENDING_CREATE, path, "", inode_new(d));
        name = find(&d->now, path);
    }
    if (!name) return ERR_NOT_FOUND;
    struct storage_file *f = malloc(sizeof *f);
    assert(f);
    *f = (struct storage_file){.disk = d, .inode = name->inode};
    f->inode->opens++;
    *out = f;
    return 0;
}

static void fake_close(void *ctx, struct storage_file *f)
{
    (void)ctx;
    f->inode->opens--;
    free(f);
}

static int64_t fake_read(void *ctx, struct storage_file *f, void *bytes, size_t len_bytes, uint64_t offset)
{
    (void)ctx;
    const struct fake_inode *i = f->inode;
    if (offset >= i->now_bytes) return 0;
    size_t count = i->now_bytes - offset < len_bytes ? i->now_bytes - (size_t)offset : len_bytes;
    memcpy(bytes, i->now + offset, count);
    return (int64_t)count;
}

static int fake_write(void *ctx, struct storage_file *f, const void *bytes, size_t len_bytes, uint64_t offset)
{
    struct fake_disk *d = ctx;
    struct fake_inode *i = f->inode;
    int rc = fault(d);
    if (rc) len_bytes = (size_t)(next_random(d) % (len_bytes + 1));
    if (len_bytes == 0) return rc;
    size_t end = (size_t)offset + len_bytes;
    if (end > i->now_bytes) set_size(&i->now, &i->now_bytes, end);
    memcpy(i->now + offset, bytes, len_bytes);
    mark_dirty(i, (size_t)offset, end);
    return rc;
}

static int fake_sync(void *ctx, struct storage_file *f)
{
    struct fake_disk *d = ctx;
    struct fake_inode *i = f->inode;
    int rc = fault(d);
    if (rc) return rc;
    d->syncs++;
    set_size(&i->synced, &i->synced_bytes, i->now_bytes);
    for (size_t s = 0; s < i->dirty_sectors && s * SECTOR_BYTES < i->now_bytes; s++) {
        size_t at = s * SECTOR_BYTES, count = i->now_bytes - at < SECTOR_BYTES ? i->now_bytes - at : SECTOR_BYTES;
        if (i->dirty[s]) memcpy(i->synced + at, i->now + at, count);
    }
    i->dirty_sectors = 0;
    return 0;
}

static int64_t fake_size(void *ctx, struct storage_file *f)
{
    (void)ctx;
    return (int64_t)f->inode->now_bytes;
}

static int fake_resize(void *ctx, struct storage_file *f, uint64_t size_bytes)
{
    int rc = fault(ctx);
    if (rc) return rc;
    size_t before = f->inode->now_bytes;
    set_size(&f->inode->now, &f->inode->now_bytes, (size_t)size_bytes);
    if (size_bytes > before) mark_dirty(f->inode, before, (size_t)size_bytes);
    return 0;
}

static int fake_rename(void *ctx, const char *from, const char *to)
{
    struct fake_disk *d = ctx;
    int rc = fault(d);
    if (rc) return rc;
    struct fake_name *name = find(&d->now, from);
    if (!name) return ERR_NOT_FOUND;
    change_names(d, PENDING_RENAME, from, to, name->inode);
    return 0;
}

static int fake_remove(void *ctx, const char *path)
{
    struct fake_disk *d = ctx;
    int rc = fault(d);
    if (rc) return rc;
    struct fake_name *name = find(&d->now, path);
    if (!name) return ERR_NOT_FOUND;
    change_names(d, PENDING_REMOVE, path, "", name->inode);
    return 0;
}

static int fake_make_dir(void *ctx, const char *path)
{
    (void)ctx;
    (void)path; /* directories are only the beginnings of paths here */
    return 0;
}

static int fake_sync_dir(void *ctx, const char *path)
{
    struct fake_disk *d = ctx;
    int rc = fault(d);
    if (rc) return rc;
    d->syncs++;
    size_t len = strlen(path);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->pending_count; i++) {
        if (strncmp(d->pending[i].path, path, len) == 0 && d->pending[i].path[len] == '/')
            apply(&d->synced, &d->pending[i]);
        else
            d->pending[kept++] = d->pending[i];
    }
    d->pending_count = kept;
    return 0;
}

static int fake_list(void *ctx, const char *path, int (*each)(void *arg, const char *name), void *arg)
{
    struct fake_disk *d = ctx;
    size_t len = strlen(path);
    for (uint32_t i = 0; i < d->now.count; i++) {
        const char *p = d->now.names[i].path;
        if (strncmp(p, path, len) != 0 || p[len] != '/' || strchr(p + len + 1, '/')) continue;
        int rc = each(arg, p + len + 1);
        if (rc) return rc;
    }
    return 0;
}

struct fake_disk *fake_disk_new(void)
{
    struct fake_disk *d = calloc(1, sizeof *d);
    assert(d);
    d->door = (struct storage){
        .ctx = d,
        .open = fake_open,
        .close = fake_close,
        .read = fake_read,
        .write = fake_write,
        .sync = fake_sync,
        .size = fake_size,
        .resize = fake_resize,
        .rename = fake_rename,
        .remove = fake_remove,
        .make_dir = fake_make_dir,
        .sync_dir = fake_sync_dir,
        .list = fake_list,
    };
    return d;
}

void fake_disk_free(struct fake_disk *d)
{
    for (uint32_t i = 0; i < d->inodes_count; i++) {
        free(d->inodes[i]->now);
        free(d->inodes[i]->synced);
        free(d->inodes[i]->dirty);
        free(d->inodes[i]);
    }
    free(d);
}

const struct storage *fake_storage(struct fake_disk *d)
{
    return &d->door;
}

void fake_fail_at(struct fake_disk *d, uint64_t k, int code, bool for_ever)
{
    d->fail_at = k ? d->operations + k : 0;
    d->fail_code = code;
    d->fail_for_ever = for_ever;
    d->random = k;
}

uint64_t fake_operations(const struct fake_disk *d)
{
    return d->operations;
}

uint64_t fake_syncs(const struct fake_disk *d)
{
    return d->syncs;
}

static bool keeps(struct fake_disk *d)
{
    return !d->loses_all && next_random(d) % 2;
}

static void cut_inode(struct fake_disk *d, struct fake_inode *i)
{
    assert(i->opens == 0);
    if (i->now_bytes != i->synced_bytes && keeps(d)) set_size(&i->synced, &i->synced_bytes, i->now_bytes);
    for (size_t s = 0; s < i->dirty_sectors; s++) {
        size_t at = s * SECTOR_BYTES, end = at + SECTOR_BYTES;
        if (end > i->now_bytes) end = i->now_bytes;
        if (end > i->synced_bytes) end = i->synced_bytes;
        if (i->dirty[s] && at < end && keeps(d)) memcpy(i->synced + at, i->now + at, end - at);
    }
    set_size(&i->now, &i->now_bytes, i->synced_bytes);
    if (i->now_bytes) memcpy(i->now, i->synced, i->now_bytes);
    i->dirty_sectors = 0;
}

void fake_power_cut(struct fake_disk *d, uint64_t seed)
{
    d->random = seed;
    d->loses_all = seed == 0;
    uint32_t kept = d->loses_all ? 0 : (uint32_t)(next_random(d) % (d->pending_count + 1));
    for (uint32_t i = 0; i < kept; i++) apply(&d->synced, &d->pending[i]);
    d->pending_count = 0;
    d->now = d->synced;
    for (uint32_t i = 0; i < d->inodes_count; i++) cut_inode(d, d->inodes[i]);
    d->fail_at = 0;
}

uint8_t *fake_bytes(struct fake_disk *d, const char *path, size_t *len_bytes)
{
    struct fake_name *name = find(&d->now, path);
    if (!name) return NULL;
    *len_bytes = name->inode->now_bytes;
    return name->inode->now;
}

void fake_put(struct fake_disk *d, const char *path, const void *bytes, size_t len_bytes)
{
    struct fake_inode *i = inode_new(d);
    set_size(&i->now, &i->now_bytes, len_bytes);
    if (len_bytes) memcpy(i->now, bytes, len_bytes);
    set_size(&i->synced, &i->synced_bytes, len_bytes);
    if (len_bytes) memcpy(i->synced, bytes, len_bytes);
    link_name(&d->now, path, i);
    link_name(&d->synced, path, i);
}

void fake_truncate(struct fake_disk *d, const char *path, size_t len_bytes)
{
    struct fake_inode *i = find(&d->now, path)->inode;
    set_size(&i->now, &i->now_bytes, len_bytes);
    set_size(&i->synced, &i->synced_bytes, len_bytes);
}

struct fake_disk *fake_disk_copy(struct fake_disk *src)
{
    struct fake_disk *d = fake_disk_new();
    for (uint32_t i = 0; i < src->now.count; i++) {
        const struct fake_name *n = &src->now.names[i];
        fake_put(d, n->path, n->inode->now, n->inode->now_bytes);
    }
    return d;
}

bool fake_disk_equal(struct fake_disk *a, struct fake_disk *b)
{
    if (a->now.count != b->now.count) return false;
    for (uint32_t i = 0; i < a->now.count; i++) {
        const struct fake_name *n = &a->now.names[i], *m = find(&b->now, n->path);
        if (!m || m->inode->now_bytes != n->inode->now_bytes) return false;
        if (n->inode->now_bytes && memcmp(n->inode->now, m->inode->now, n->inode->now_bytes) != 0) return false;
    }
    return true;
}
