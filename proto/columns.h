/* proto/columns.h - a protobuf message as a table: every repeated or bytes field is a column, every element a row.
 * What must stay true: a column that is open has a value for every row of its table, whatever the bytes said.
 *
 *   writing   columns_attach gives every column room; a row is written to element i of each; columns_close shortens:
 *             all 0 -> left out, all the same -> one element, else one element a row
 *   reading   columns_unpack (bounded, checked, in an arena); columns_open turns each column's length (n_x, x.len)
 *             into a mask: 0 when its one value is every row's, ~0 when it has one a row; so row i is element
 *             [i & mask], without a branch */
#ifndef ORDERTAPE_PROTO_COLUMNS_H
#define ORDERTAPE_PROTO_COLUMNS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "core/types.h"

/* Memory for one unpacked message: taken in steps, given back all at once. */
struct arena {
    uint8_t *bytes;
    size_t size_bytes, used_bytes;
};
void arena_free(struct arena *a);

/* The bytes that columns_attach needs for a message of this kind with room for `rows` rows. */
size_t columns_bytes(const ProtobufCMessageDescriptor *kind, size_t rows);
/* Gives every column of m (initialised, empty) room in memory (64-byte aligned); returns where the next may begin. */
uint8_t *columns_attach(ProtobufCMessage *m, size_t rows, uint8_t *memory);
void columns_close(ProtobufCMessage *m, size_t rows);
/* The largest number of bytes that tags and lengths of a block's or table's message add to its elements. */
enum { COLUMNS_FRAME_BYTES_MAX = 16384 };

/* Unpacks a message into the arena (emptied first; valid until the next call on it). Every field must be known, of its
 * own wire type, and appear once, in ascending order, as protobuf_c_message_pack writes them: so nothing is skipped,
 * merged or nested deeper than the schema. 0, ERR_CORRUPT, ERR_NO_MEMORY. */
int columns_unpack(struct arena *a, const ProtobufCMessageDescriptor *kind, const uint8_t *bytes, size_t len_bytes,
                   ProtobufCMessage **out);
/* False when a column's length fits neither of the three forms. m may only be read by mask afterwards. */
bool columns_open(ProtobufCMessage *m, size_t rows);

#endif
