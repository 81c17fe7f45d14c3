/* snapshots/id_map.h - a set of ids, each with a slot number: open addressing, linear probing, at most half full.
 * What must stay true: no result of a what-if depends on its layout, so it is never walked. 0 is not an id. One
 * thread. */
#ifndef ORDERTAPE_SNAPSHOTS_ID_MAP_H
#define ORDERTAPE_SNAPSHOTS_ID_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct id_map {
    uint64_t *ids; /* 0: free */
    uint32_t *slots;
    uint32_t capacity_bits; /* 2^bits places once there are any */
    uint32_t count;
};

void id_map_init(struct id_map *m);
void id_map_free(struct id_map *m);
/* Puts id, or changes its slot. 0 or ERR_NO_MEMORY. */
int id_map_put(struct id_map *m, uint64_t id, uint32_t slot);
/* slot may be NULL. */
bool id_map_get(const struct id_map *m, uint64_t id, uint32_t *slot);
/* Nothing happens when it is not there. */
void id_map_remove(struct id_map *m, uint64_t id);
/* dst must be empty. */
int id_map_copy(struct id_map *dst, const struct id_map *src);

#endif
