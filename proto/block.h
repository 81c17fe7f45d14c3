/* proto/block.h - what the blocks of both tapes have in common: a kind column, and a table of columns for each kind.
 * What must stay true: the rows of a kind's table are exactly the records of that kind. */
#ifndef ORDERTAPE_PROTO_BLOCK_H
#define ORDERTAPE_PROTO_BLOCK_H

#include "proto/codec.h"
#include "proto/columns.h"

enum { BLOCK_KINDS = 256 };

/* How many records of each kind a block has. */
struct block_counts {
    uint32_t of[BLOCK_KINDS];
};
/* kind is an open column (columns_open) of `count` rows. */
void block_count_kinds(const ProtobufCBinaryData *kind, uint32_t count, struct block_counts *out);

/* Closes the table of a kind for packing; NULL when it has no rows, so that the block leaves it out. */
ProtobufCMessage *block_close_table(ProtobufCMessage *m, uint32_t rows);
/* False when the table is there without rows, is missing with them, or has a column of another length. */
bool block_open_table(ProtobufCMessage *m, uint32_t rows);

#endif
