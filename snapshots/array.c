/* snapshots/array.c - see array.h. */
#include "snapshots/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

int array_reserve(void *items, size_t *room, size_t count, size_t item_bytes)
{
    if (count <= *room) return 0;
    size_t wanted = *room < 64 ? 64 : *room * 2;
    if (wanted < count) wanted = count;
    if (wanted > SIZE_MAX / item_bytes) return ERR_NO_MEMORY;
    /* The caller's pointer has a type of its own, so it is read and written as bytes. */
    void *old, *grown;
    memcpy(&old, items, sizeof old);
    grown = realloc(old, wanted * item_bytes);
    if (!grown) return ERR_NO_MEMORY;
    memcpy(items, &grown, sizeof grown);
    *room = wanted;
    return 0;
}
