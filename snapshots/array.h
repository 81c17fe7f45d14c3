/* snapshots/array.h - room for one more: arrays that double. */
#ifndef ORDERTAPE_SNAPSHOTS_ARRAY_H
#define ORDERTAPE_SNAPSHOTS_ARRAY_H

#include <stddef.h>

/* Makes *items (malloc'ed or NULL, *room items of item_bytes) hold at least `count`. 0, or ERR_NO_MEMORY with nothing
 * changed. */
int array_reserve(void *items, size_t *room, size_t count, size_t item_bytes);

#endif
