/* projections/puts.h - what one fold will write, collected first and written in key order: LMDB is several times
 * faster that way, and when its map is full the same list is written again after it grew. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_PUTS_H
#define ORDERTAPE_PROJECTIONS_PUTS_H

#include "projections/env.h"
#include "projections/keys.h"

struct put {
    uint64_t prefix[2]; /* of the key, as two big-endian numbers: decides nearly every comparison */
    size_t at;          /* key, then value, in `bytes` */
    uint16_t key_bytes, value_bytes;
    bool remove;
};
struct put_list {
    struct put *puts;
    size_t count, room;
};
struct puts {
    struct put_list lists[VIEW_DB_COUNT];
    uint8_t *bytes;
    size_t bytes_count, bytes_room;
};

void puts_free(struct puts *p);
void puts_clear(struct puts *p);
/* At most one a key of a database. value may be NULL when value_bytes is 0. 0, ERR_NO_MEMORY. */
int puts_add(struct puts *p, enum view_db db, const struct key *k, const void *value, size_t value_bytes);
/* The key must be there when it is written. */
int puts_remove(struct puts *p, enum view_db db, const struct key *k);
/* 0, ERR_NO_MEMORY. */
int puts_sort(struct puts *p);
/* Writes all. Returns LMDB's code; the transaction must be aborted when it is not 0. */
int puts_write(const struct puts *p, struct views *v, MDB_txn *txn);

#endif
