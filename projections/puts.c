/* projections/puts.c - collected writes.
 * What must stay true: the list is not changed by writing it, so that it can be written again. */
#include "projections/puts.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

void puts_free(struct puts *p)
{
    for (int db = 0; db < VIEW_DB_COUNT; db++) free(p->lists[db].puts);
    free(p->bytes);
    memset(p, 0, sizeof *p);
}

void puts_clear(struct puts *p)
{
    for (int db = 0; db < VIEW_DB_COUNT; db++) p->lists[db].count = 0;
    p->bytes_count = 0;
}

static bool list_reserve(struct put_list *l)
{
    if (l->count < l->room) return true;
    size_t room = l->room == 0 ? 256 : l->room * 2;
    struct put *puts = realloc(l->puts, room * sizeof *puts);
    if (puts == NULL) return false;
    l->puts = puts;
    l->room = room;
    return true;
}

static bool bytes_reserve(struct puts *p, size_t more_bytes)
{
    if (p->bytes_count + more_bytes <= p->bytes_room) return true;
    size_t room = p->bytes_room == 0 ? 65536 : p->bytes_room * 2;
    uint8_t *bytes = realloc(p->bytes, room);
    if (bytes == NULL) return false;
    p->bytes = bytes;
    p->bytes_room = room;
    return true;
}

static struct put *puts_append(struct puts *p, enum view_db db, const struct key *k, const void *value,
                               size_t value_bytes)
{
    struct put_list *l = &p->lists[db];
    assert(value_bytes <= VALUE_BYTES_MAX);
    if (!list_reserve(l) || !bytes_reserve(p, k->len_bytes + value_bytes)) return NULL;
    struct put *put = &l->puts[l->count++];
    uint64_t prefix[2] = {0, 0};
    memcpy(prefix, k->bytes, k->len_bytes < sizeof prefix ? k->len_bytes : sizeof prefix);
    *put = (struct put){
        {be64toh(prefix[0]), be64toh(prefix[1])}, p->bytes_count, (uint16_t)k->len_bytes, (uint16_t)value_bytes, false};
    memcpy(p->bytes + p->bytes_count, k->bytes, k->len_bytes);
    if (value_bytes > 0) memcpy(p->bytes + p->bytes_count + k->len_bytes, value, value_bytes);
    p->bytes_count += k->len_bytes + value_bytes;
    return put;
}

int puts_add(struct puts *p, enum view_db db, const struct key *k, const void *value, size_t value_bytes)
{
    return puts_append(p, db, k, value, value_bytes) == NULL ? ERR_NO_MEMORY : 0;
}

int puts_remove(struct puts *p, enum view_db db, const struct key *k)
{
    struct put *put = puts_append(p, db, k, NULL, 0);
    if (put == NULL) return ERR_NO_MEMORY;
    put->remove = true;
    return 0;
}

static inline bool put_before(const struct put *a, const struct put *b, const uint8_t *bytes)
{
    if (a->prefix[0] != b->prefix[0]) return a->prefix[0] < b->prefix[0];
    if (a->prefix[1] != b->prefix[1]) return a->prefix[1] < b->prefix[1];
    size_t common_bytes = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order = memcmp(bytes + a->at, bytes + b->at, common_bytes);
    return order != 0 ? order < 0 : a->key_bytes < b->key_bytes;
}

static void insertion_sort(struct put *puts, size_t count, const uint8_t *bytes)
{
    for (size_t i = 1; i < count; i++) {
        struct put moving = puts[i];
        size_t at = i;
        for (; at > 0 && put_before(&moving, &puts[at - 1], bytes); at--) puts[at] = puts[at - 1];
        puts[at] = moving;
    }
}

/* A merge sort of our own: qsort_r's calls through a pointer were a seventh of a fold. Halves that follow each other,
 * as what new orders add does, are not merged. spare has room for count / 2. */
static void merge_sort(struct put *puts, size_t count, struct put *spare, const uint8_t *bytes)
{
    if (count <= 8) {
        insertion_sort(puts, count, bytes);
        return;
    }
    size_t half = count / 2, left = 0, right = half, to = 0;
    merge_sort(puts, half, spare, bytes);
    merge_sort(puts + half, count - half, spare, bytes);
    if (put_before(&puts[half - 1], &puts[half], bytes)) return;
    memcpy(spare, puts, half * sizeof *puts);
    while (left < half && right < count)
        puts[to++] = put_before(&puts[right], &spare[left], bytes) ? puts[right++] : spare[left++];
    memcpy(&puts[to], &spare[left], (half - left) * sizeof *puts);
}

int puts_sort(struct puts *p)
{
    size_t count_max = 0;
    for (int db = 0; db < VIEW_DB_COUNT; db++)
        if (p->lists[db].count > count_max) count_max = p->lists[db].count;
    struct put *spare = malloc((count_max / 2 + 1) * sizeof *spare);
    if (spare == NULL) return ERR_NO_MEMORY;
    for (int db = 0; db < VIEW_DB_COUNT; db++) merge_sort(p->lists[db].puts, p->lists[db].count, spare, p->bytes);
    free(spare);
    return 0;
}

static int put_remove(MDB_cursor *cursor, MDB_val *key)
{
    MDB_val value;
    int rc = mdb_cursor_get(cursor, key, &value, MDB_SET);
    if (rc == 0) rc = mdb_cursor_del(cursor, 0);
    return rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc;
}

/* Whether the key lies behind the last one of the database: from there on MDB_APPEND neither searches nor splits
 * pages in halves. */
static int key_is_last(MDB_cursor *cursor, MDB_txn *txn, MDB_dbi dbi, const MDB_val *key, bool *last)
{
    MDB_val end, value;
    int rc = mdb_cursor_get(cursor, &end, &value, MDB_LAST);
    *last = rc == MDB_NOTFOUND || (rc == 0 && mdb_cmp(txn, dbi, key, &end) > 0);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The first put of a sorted list whose key lies behind everything in the database; count when none does. */
static int append_begin(const struct puts *p, const struct put_list *l, MDB_cursor *cursor, MDB_txn *txn, MDB_dbi dbi,
                        size_t *first)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct put *put = &l->puts[middle];
        MDB_val key = {put->key_bytes, p->bytes + put->at};
        bool last;
        int rc = key_is_last(cursor, txn, dbi, &key, &last);
        if (rc != 0) return rc;
        if (last)
            high = middle;
        else
            low = middle + 1;
    }
    *first = low;
    return 0;
}

static int list_write(const struct puts *p, const struct put_list *l, MDB_cursor *cursor, MDB_txn *txn, MDB_dbi dbi)
{
    size_t append_first;
    int rc = append_begin(p, l, cursor, txn, dbi, &append_first);
    for (size_t i = 0; i < l->count && rc == 0; i++) {
        const struct put *put = &l->puts[i];
        MDB_val key = {put->key_bytes, p->bytes + put->at};
        MDB_val value = {put->value_bytes, p->bytes + put->at + put->key_bytes};
        if (put->remove)
            rc = put_remove(cursor, &key);
        else
            rc = mdb_cursor_put(cursor, &key, &value, i >= append_first ? MDB_APPEND : 0);
    }
    return rc;
}

int puts_write(const struct puts *p, struct views *v, MDB_txn *txn)
{
    int rc = 0;
    for (int db = 0; db < VIEW_DB_COUNT && rc == 0; db++) {
        MDB_cursor *cursor;
        if (p->lists[db].count == 0) continue;
        rc = mdb_cursor_open(txn, v->dbi[db], &cursor);
        if (rc != 0) return rc;
        rc = list_write(p, &p->lists[db], cursor, txn, v->dbi[db]);
        mdb_cursor_close(cursor);
    }
    return rc;
}
