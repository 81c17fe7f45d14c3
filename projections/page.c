/* projections/page.c - pages of lists.
 *
 * A cursor is text: 16 hex digits of XXH3-64 over (list and filter, position), then the position: what follows the
 * prefix in the key of the last row seen, in hex. The hash makes a mistyped cursor, one of another list or of another
 * filter an ERR_USAGE. */
#include "projections/page.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"

enum { CHECK_DIGITS = 16, POSITION_BYTES_MAX = (VIEWS_CURSOR_BYTES - 1 - CHECK_DIGITS) / 2 };
_Static_assert(POSITION_BYTES_MAX >= 2 * NAME_BYTES, "a position is at most two names");

void page_begin(struct page *p, struct views_read *r, enum view_db db, const char *list)
{
    p->read = r;
    p->db = db;
    key_begin(&p->prefix);
    p->list_hash = XXH3_64bits(list, strlen(list));
}

void page_filter(struct page *p, const void *bytes, size_t len_bytes)
{
    p->list_hash = XXH3_64bits_withSeed(bytes, len_bytes, p->list_hash + len_bytes);
}

static uint64_t cursor_check(const struct page *p, const uint8_t *position, size_t position_bytes)
{
    return XXH3_64bits_withSeed(position, position_bytes, p->list_hash);
}

void page_cursor_write(const struct page *p, const MDB_val *key, char *next)
{
    const uint8_t *position = (const uint8_t *)key->mv_data + p->prefix.len_bytes;
    size_t position_bytes = key->mv_size - p->prefix.len_bytes;
    assert(position_bytes <= POSITION_BYTES_MAX);
    snprintf(next, CHECK_DIGITS + 1, "%016llx", (unsigned long long)cursor_check(p, position, position_bytes));
    for (size_t i = 0; i < position_bytes; i++) snprintf(next + CHECK_DIGITS + 2 * i, 3, "%02x", (unsigned)position[i]);
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the position to the prefix: the key the walk goes on after. */
int page_cursor_read(const struct page *p, const char *text, struct key *after)
{
    uint8_t bytes[VIEWS_CURSOR_BYTES / 2] = {0};
    uint64_t check = 0;
    size_t digits = strnlen(text, VIEWS_CURSOR_BYTES);
    if (digits <= CHECK_DIGITS || digits >= VIEWS_CURSOR_BYTES || digits % 2 != 0) return ERR_USAGE;
    for (size_t i = 0; i < digits / 2; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return ERR_USAGE;
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    for (size_t i = 0; i < CHECK_DIGITS / 2; i++) check = check << 8 | bytes[i];
    const uint8_t *position = bytes + CHECK_DIGITS / 2;
    size_t position_bytes = digits / 2 - CHECK_DIGITS / 2;
    if (check != cursor_check(p, position, position_bytes) ||
        p->prefix.len_bytes + position_bytes > sizeof after->bytes)
        return ERR_USAGE;
    *after = p->prefix;
    memcpy(after->bytes + after->len_bytes, position, position_bytes);
    after->len_bytes += (uint32_t)position_bytes;
    return 0;
}

bool page_has_key(const struct page *p, const MDB_val *key)
{
    return key->mv_size >= p->prefix.len_bytes && memcmp(key->mv_data, p->prefix.bytes, p->prefix.len_bytes) == 0;
}

/* Puts the cursor on the first key of the page. MDB_NOTFOUND: none. */
static int walk_begin(MDB_cursor *cursor, const struct page *p, const struct key *after, MDB_val *key, MDB_val *value)
{
    const struct key *from = after != NULL ? after : &p->prefix;
    if (from->len_bytes == 0) return mdb_cursor_get(cursor, key, value, MDB_FIRST);
    *key = (MDB_val){from->len_bytes, (void *)from->bytes};
    int rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (rc == 0 && after != NULL && key->mv_size == after->len_bytes &&
        memcmp(key->mv_data, after->bytes, after->len_bytes) == 0)
        rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    return rc;
}

/* Takes rows until one more than `limit` matches (so that a full last page has no cursor), the list ends or the
 * visits are used up. */
static int64_t walk(MDB_cursor *cursor, const struct page *p, const struct key *after, uint32_t limit, page_take take,
                    void *arg, uint8_t *rows, size_t row_bytes, char *next)
{
    MDB_val key, value;
    uint32_t count = 0, visits = 0;
    char seen[VIEWS_CURSOR_BYTES] = "";
    _Alignas(16) uint8_t spare[1024]; /* where the row beyond the page goes */
    assert(row_bytes <= sizeof spare);
    int rc = walk_begin(cursor, p, after, &key, &value);
    for (; rc == 0 && page_has_key(p, &key); rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        struct key_reader rest = {(const uint8_t *)key.mv_data + p->prefix.len_bytes,
                                  key.mv_size - p->prefix.len_bytes};
        if (rest.left_bytes > POSITION_BYTES_MAX) return ERR_CORRUPT;
        int taken = take(p, arg, rest, &value, count < limit ? rows + count * row_bytes : spare);
        if (taken < 0) return taken;
        if (taken == PAGE_TAKE_END) return count;
        if (taken == 1 && count == limit) {
            memcpy(next, seen, sizeof seen);
            return count;
        }
        count += (uint32_t)taken;
        if (taken == 1 && count == limit) page_cursor_write(p, &key, seen);
        if (++visits == PAGE_VISITS_MAX) {
            page_cursor_write(p, &key, next);
            return count;
        }
    }
    return rc == 0 || rc == MDB_NOTFOUND ? (int64_t)count : env_error(rc);
}

int64_t page_fill(struct page *p, const char *after, uint32_t limit, page_take take, void *arg, void *rows,
                  size_t row_bytes, char *next)
{
    struct key from;
    MDB_cursor *cursor;
    bool goes_on = after != NULL && after[0] != 0;
    int rc = limit == 0 || limit > VIEWS_PAGE_MAX ? ERR_USAGE : goes_on ? page_cursor_read(p, after, &from) : 0;
    next[0] = 0; /* only now: it may be where `after` is */
    if (rc != 0) return rc;
    rc = mdb_cursor_open(p->read->txn, p->read->views->dbi[p->db], &cursor);
    if (rc != 0) return env_error(rc);
    int64_t count = walk(cursor, p, goes_on ? &from : NULL, limit, take, arg, rows, row_bytes, next);
    mdb_cursor_close(cursor);
    return count;
}

int read_value(const struct views_read *r, enum view_db db, const struct key *k, MDB_val *value)
{
    MDB_val key = {k->len_bytes, (void *)k->bytes};
    return env_error(mdb_get(r->txn, r->views->dbi[db], &key, value));
}

int read_promised(int rc)
{
    return rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc;
}
