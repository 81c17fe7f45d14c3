/* tests/journal/fake_storage.h - a disk in memory that fails and loses power on request. See fake_storage.c for what
 * it promises. */
#ifndef ORDERTAPE_TESTS_JOURNAL_FAKE_STORAGE_H
#define ORDERTAPE_TESTS_JOURNAL_FAKE_STORAGE_H

#include <stdbool.h>

#include "journal/storage.h"

struct fake_disk;

struct fake_disk *fake_disk_new(void);
void fake_disk_free(struct fake_disk *d);
/* The door to it; lives as long as the disk. */
const struct storage *fake_storage(struct fake_disk *d);

/* From now on the k-th operation that changes something (1 is the next one) fails with code; 0: none does.
 * for_ever: every later one fails too: the machine is off. */
void fake_fail_at(struct fake_disk *d, uint64_t k, int code, bool for_ever);
/* Operations that change something since the disk was made: writes, syncs, resizes, creates, renames, removes,
 * directory syncs. */
uint64_t fake_operations(const struct fake_disk *d);
uint64_t fake_syncs(const struct fake_disk *d);

/* The power goes and comes back. What was synced is there; of the rest, what `seed` says: 0 loses it all. No file
 * may be open. */
void fake_power_cut(struct fake_disk *d, uint64_t seed);

/* The bytes of a file as they are, to look at or to damage; NULL when there is none. */
uint8_t *fake_bytes(struct fake_disk *d, const char *path, size_t *len_bytes);
/* Makes a file of these bytes, synced; replaces one that exists. */
void fake_put(struct fake_disk *d, const char *path, const void *bytes, size_t len_bytes);
void fake_truncate(struct fake_disk *d, const char *path, size_t len_bytes);
/* Everything of src, as it is, synced. */
struct fake_disk *fake_disk_copy(struct fake_disk *src);
/* True when both hold the same files with the same bytes. */
bool fake_disk_equal(struct fake_disk *a, struct fake_disk *b);

#endif
