/* proto/block.c - see block.h. */
#include "proto/block.h"

#include <string.h>

void block_count_kinds(const ProtobufCBinaryData *kind, uint32_t count, struct block_counts *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < count; i++) out->of[kind->data[i & kind->len]]++;
}

ProtobufCMessage *block_close_table(ProtobufCMessage *m, uint32_t rows)
{
    if (rows == 0) return NULL;
    columns_close(m, rows);
    return m;
}

bool block_open_table(ProtobufCMessage *m, uint32_t rows)
{
    if (m == NULL || rows == 0) return m == NULL && rows == 0;
    return columns_open(m, rows);
}
