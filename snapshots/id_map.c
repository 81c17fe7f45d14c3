/* snapshots/id_map.c - see id_map.h.
 * Invariant: from the place an id hashes to up to where it stands there is no free place; removal moves later ids
 * back to keep it so. */
#include "snapshots/id_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { CAPACITY_BITS_FIRST = 8 };

void id_map_init(struct id_map *m)
{
    memset(m, 0, sizeof *m);
}

void id_map_free(struct id_map *m)
{
    free(m->ids);
    free(m->slots);
    id_map_init(m);
}

static uint64_t capacity(const struct id_map *m)
{
    return m->ids ? (uint64_t)1 << m->capacity_bits : 0;
}

/* Order ids have 16 low bits of zero: the high bits of the product are the mixed ones. */
static uint64_t home(const struct id_map *m, uint64_t id)
{
    return (id * 0x9E3779B97F4A7C15u) >> (64 - m->capacity_bits);
}

/* Where id stands, or the free place where it would. */
static uint64_t place_of(const struct id_map *m, uint64_t id)
{
    uint64_t mask = capacity(m) - 1, place = home(m, id);
    while (m->ids[place] && m->ids[place] != id) place = (place + 1) & mask;
    return place;
}

static int allocate(struct id_map *m, uint32_t bits)
{
    m->capacity_bits = bits;
    m->ids = calloc((size_t)1 << bits, sizeof *m->ids);
    m->slots = calloc((size_t)1 << bits, sizeof *m->slots);
    if (m->ids && m->slots) return 0;
    id_map_free(m);
    return ERR_NO_MEMORY;
}

static int grow(struct id_map *m)
{
    struct id_map larger;
    id_map_init(&larger);
    int rc = allocate(&larger, m->ids ? m->capacity_bits + 1 : CAPACITY_BITS_FIRST);
    if (rc) return rc;
    for (uint64_t i = 0; m->ids && i < capacity(m); ++i) {
        if (!m->ids[i]) continue;
        uint64_t place = place_of(&larger, m->ids[i]);
        larger.ids[place] = m->ids[i];
        larger.slots[place] = m->slots[i];
    }
    larger.count = m->count;
    id_map_free(m);
    *m = larger;
    return 0;
}

int id_map_put(struct id_map *m, uint64_t id, uint32_t slot)
{
    assert(id != 0);
    if (2 * ((uint64_t)m->count + 1) > capacity(m)) {
        int rc = grow(m);
        if (rc) return rc;
    }
    uint64_t place = place_of(m, id);
    if (!m->ids[place]) m->count++;
    m->ids[place] = id;
    m->slots[place] = slot;
    return 0;
}

bool id_map_get(const struct id_map *m, uint64_t id, uint32_t *slot)
{
    if (!m->count || !id) return false;
    uint64_t place = place_of(m, id);
    if (!m->ids[place]) return false;
    if (slot) *slot = m->slots[place];
    return true;
}

void id_map_remove(struct id_map *m, uint64_t id)
{
    if (!id_map_get(m, id, NULL)) return;
    uint64_t mask = capacity(m) - 1, hole = place_of(m, id);
    for (uint64_t at = (hole + 1) & mask; m->ids[at]; at = (at + 1) & mask) {
        /* It may fill the hole when its home is not between the hole and itself. */
        if (((at - home(m, m->ids[at])) & mask) < ((at - hole) & mask)) continue;
        m->ids[hole] = m->ids[at];
        m->slots[hole] = m->slots[at];
        hole = at;
    }
    m->ids[hole] = 0;
    m->count--;
}

int id_map_copy(struct id_map *dst, const struct id_map *src)
{
    id_map_init(dst);
    if (!src->ids) return 0;
    int rc = allocate(dst, src->capacity_bits);
    if (rc) return rc;
    memcpy(dst->ids, src->ids, capacity(src) * sizeof *src->ids);
    memcpy(dst->slots, src->slots, capacity(src) * sizeof *src->slots);
    dst->count = src->count;
    return 0;
}
