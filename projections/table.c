/* projections/table.c - open addressing over entries in chunks.
 * What must stay true: an entry never moves, so that others may point to it for the whole fold; slots hold numbers,
 * and every entry knows its slot, so that clearing costs what is in the table and not what it could hold. */
#include "projections/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SLOTS_FIRST = 1024 };

void table_init(struct table *t, size_t entry_bytes, size_t key_bytes)
{
    *t = (struct table){.entry_bytes = entry_bytes, .key_bytes = key_bytes};
}

void table_free(struct table *t)
{
    for (uint32_t i = 0; i < t->chunks_count; i++) free(t->chunks[i]);
    free(t->chunks);
    free(t->slots);
    table_init(t, t->entry_bytes, t->key_bytes);
}

void *table_at(const struct table *t, uint32_t i)
{
    assert(i < t->chunks_count * TABLE_CHUNK_ENTRIES);
    return t->chunks[i / TABLE_CHUNK_ENTRIES] + (size_t)(i % TABLE_CHUNK_ENTRIES) * t->entry_bytes;
}

static struct entry_head *head_at(const struct table *t, uint32_t i)
{
    return table_at(t, i);
}

void table_clear(struct table *t)
{
    for (uint32_t i = 0; i < t->count; i++) t->slots[head_at(t, i)->slot] = 0;
    t->count = 0;
}

void table_undo(struct table *t)
{
    /* Later entries may have been put behind its slot only after it, and there are none: the chain stays whole. */
    t->count--;
    t->slots[head_at(t, t->count)->slot] = 0;
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t slot_find(const struct table *t, const void *key, uint64_t hash)
{
    uint32_t mask = t->slots_count - 1;
    for (uint32_t slot = (uint32_t)hash & mask;; slot = (slot + 1) & mask) {
        if (t->slots[slot] == 0) return slot;
        const struct entry_head *head = head_at(t, t->slots[slot] - 1);
        if (head->hash == hash && memcmp(head + 1, key, t->key_bytes) == 0) return slot;
    }
}

static bool slots_grow(struct table *t)
{
    uint32_t slots_count = t->slots_count == 0 ? SLOTS_FIRST : t->slots_count * 2;
    uint32_t *slots = calloc(slots_count, sizeof *slots);
    if (slots == NULL) return false;
    for (uint32_t i = 0; i < t->count; i++) {
        struct entry_head *head = head_at(t, i);
        uint32_t slot = (uint32_t)head->hash & (slots_count - 1);
        while (slots[slot] != 0) slot = (slot + 1) & (slots_count - 1);
        slots[slot] = i + 1;
        head->slot = slot;
    }
    free(t->slots);
    t->slots = slots;
    t->slots_count = slots_count;
    return true;
}

static bool chunk_add(struct table *t)
{
    uint8_t **chunks = realloc(t->chunks, (t->chunks_count + 1) * sizeof *chunks);
    if (chunks == NULL) return false;
    t->chunks = chunks;
    chunks[t->chunks_count] = malloc(TABLE_CHUNK_ENTRIES * t->entry_bytes);
    if (chunks[t->chunks_count] == NULL) return false;
    t->chunks_count++;
    return true;
}

void *table_find(const struct table *t, const void *key)
{
    if (t->count == 0) return NULL;
    uint32_t slot = slot_find(t, key, XXH3_64bits(key, t->key_bytes));
    return t->slots[slot] == 0 ? NULL : table_at(t, t->slots[slot] - 1);
}

void *table_get(struct table *t, const void *key, bool *made)
{
    uint64_t hash = XXH3_64bits(key, t->key_bytes);
    if (t->count * 2 >= t->slots_count && !slots_grow(t)) return NULL;
    uint32_t slot = slot_find(t, key, hash);
    *made = t->slots[slot] == 0;
    if (!*made) return table_at(t, t->slots[slot] - 1);
    if (t->count == t->chunks_count * TABLE_CHUNK_ENTRIES && !chunk_add(t)) return NULL;
    struct entry_head *head = head_at(t, t->count);
    memset(head, 0, t->entry_bytes);
    head->hash = hash;
    head->slot = slot;
    memcpy(head + 1, key, t->key_bytes);
    t->slots[slot] = ++t->count;
    return head;
}
