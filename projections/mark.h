/* projections/mark.h - how the environment's file was left: a small file beside it, so that it can be judged before
 * LMDB maps a page that may never have reached the disk. mark.c draws it. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_MARK_H
#define ORDERTAPE_PROJECTIONS_MARK_H

#include <stdbool.h>
#include <stdint.h>

enum { BOOT_ID_BYTES = 40 };
struct views_mark {
    char boot_id[BOOT_ID_BYTES]; /* the kernel's when the mark was written, zero-padded; empty: it has none to tell */
    bool clean;                  /* everything committed was synced, nothing was committed since */
    bool hashed;                 /* closed: the file has this size and hash */
    uint64_t data_bytes;
    uint64_t data_hash_lo, data_hash_hi;
};

/* The running kernel's boot id; empty where /proc does not tell. */
void boot_id_read(char room[BOOT_ID_BYTES]);
/* dir: where the environment is. 0, ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int mark_read(const char *dir, struct views_mark *out);
/* Durable when it returns 0; replaces the old mark whole. ERR_IO, ERR_NO_SPACE. */
int mark_write(const char *dir, const struct views_mark *m);
/* Size and XXH3-128 of dir/data.mdb, as it is on file. 0, ERR_NOT_FOUND, ERR_IO, ERR_NO_MEMORY. */
int mark_hash_data(const char *dir, struct views_mark *m);

#endif
