/* proto/state_codec.h - arrays of core/state.h's structs to and from protobuf columns (proto/state.proto): the tables
 * of a snapshot. What must stay true: decode(encode(rows)) == rows, field for field, padding zero; bytes that are not
 * such a table give ERR_CORRUPT, are never read beyond their end, and take no memory that is not in proportion to their
 * length. One message holds at most STATE_ROWS_MAX rows: a longer table is a sequence of messages. Pure; any thread. */
#ifndef ORDERTAPE_PROTO_STATE_CODEC_H
#define ORDERTAPE_PROTO_STATE_CODEC_H

#include "core/state.h"

/* 65,536 rows keep a column (512 KiB) inside the second-level cache, and the widest table (orders, below 300 bytes a
 * row) inside what a decoder accepts. */
enum { STATE_ROWS_MAX = 65536, STATE_BYTES_MAX = 32 * 1024 * 1024 };

/* X(table, struct): state_<table>_encode and state_<table>_decode. */
#define STATE_TABLES(X)                                                                                                \
    X(scalars, engine_scalars)                                                                                         \
    X(currencies, currency_state)                                                                                      \
    X(instruments, instrument_state)                                                                                   \
    X(accounts, account_state)                                                                                         \
    X(balances, balance_state)                                                                                         \
    X(positions, position_state)                                                                                       \
    X(orders, order_state)                                                                                             \
    X(venues, venue_state_row)                                                                                         \
    X(rules, route_rule)                                                                                               \
    X(routes, route_state)                                                                                             \
    X(executions, execution_state)                                                                                     \
    X(client_ids, client_id_state)                                                                                     \
    X(keys, key_state)

/* encode: *bytes is malloc'ed and belongs to the caller. 0, ERR_NO_MEMORY, or ERR_USAGE: more rows than STATE_ROWS_MAX,
 *   or a row whose name, scale or text length no engine could have made. count 0 is a table too.
 * decode: fills rows[0..*count). 0, ERR_NO_MEMORY, or ERR_CORRUPT: not such a table, or more rows than rows_max. What a
 *   value means (ids that exist, sums that agree) is the importer's to judge. rows is undefined after an error. */
#define X(table, row)                                                                                                  \
    int state_##table##_encode(const struct row *rows, size_t count, uint8_t **bytes, size_t *len_bytes);              \
    int state_##table##_decode(const uint8_t *bytes, size_t len_bytes, struct row *rows, size_t rows_max,              \
                               size_t *count);
STATE_TABLES(X)
#undef X

#endif
