/* projections/table.h - a hash table of rows of one kind, for as long as one fold: entries stay where they are.
 * An entry begins with struct entry_head, followed by its key of key_bytes without padding inside. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_TABLE_H
#define ORDERTAPE_PROJECTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry_head {
    uint64_t hash;
    uint32_t slot;
    bool stored; /* LMDB holds a row of it */
    bool dirty;  /* differs from that row */
};

enum { TABLE_CHUNK_ENTRIES = 512 };
struct table {
    size_t entry_bytes, key_bytes;
    uint8_t **chunks; /* of TABLE_CHUNK_ENTRIES entries each */
    uint32_t chunks_count;
    uint32_t count;
    uint32_t *slots; /* entry number + 1; 0: free */
    uint32_t slots_count; /* a power of two, at least twice count */
};

void table_init(struct table *t, size_t entry_bytes, size_t key_bytes);
void table_free(struct table *t);
/* Forgets the entries, keeps the memory. */
void table_clear(struct table *t);
/* The entry of the key, or a new one, zeroed but for head and key (*made says so). NULL: no memory. */
void *table_get(struct table *t, const void *key, bool *made);
/* The entry of the key, or NULL. */
void *table_find(const struct table *t, const void *key);
/* Entry number i < count, in the order they were made. */
void *table_at(const struct table *t, uint32_t i);
/* Takes back the entry that table_get made last. */
void table_undo(struct table *t);

#endif
