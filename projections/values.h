/* projections/values.h - rows as the bytes LMDB keeps: little-endian, each with a version in front. values.c draws
 * them. Encoders write to a room of VALUE_BYTES_MAX and return the length. Decoders read bytes that may be anything:
 * 0, or ERR_CORRUPT with *out undefined. What a row's key says (its id, its names) is not repeated in the value:
 * decoders leave it alone. Pure; any thread. */
#ifndef ORDERTAPE_PROJECTIONS_VALUES_H
#define ORDERTAPE_PROJECTIONS_VALUES_H

#include "projections/views.h"

/* The largest is an order with everything: some 560. */
enum { VALUE_BYTES_MAX = 768 };

/* What the environment is and how far it has come: the one row of the database "state". */
enum { VIEWS_FORMAT_VERSION = 4 };
struct views_state {
    uint32_t format_version;
    uint64_t tape_id;
    struct views_cursor cursor;
    uint64_t event_seq; /* of the last event folded: the cursor's chain hash is that of its block */
};
size_t state_encode(const struct views_state *s, uint8_t *room);
/* ERR_VERSION: a format this program does not write; only format_version is then set. */
int state_decode(const uint8_t *bytes, size_t len_bytes, struct views_state *out);

size_t order_encode(const struct order_row *row, uint8_t *room);
int order_decode(const uint8_t *bytes, size_t len_bytes, struct order_row *out);
size_t trade_encode(const struct trade_row *row, uint8_t *room);
int trade_decode(const uint8_t *bytes, size_t len_bytes, struct trade_row *out);
size_t account_encode(const struct account_row *row, uint8_t *room);
int account_decode(const uint8_t *bytes, size_t len_bytes, struct account_row *out);
size_t instrument_encode(const struct instrument_row *row, uint8_t *room);
int instrument_decode(const uint8_t *bytes, size_t len_bytes, struct instrument_row *out);
size_t currency_encode(const struct currency_state *row, uint8_t *room);
int currency_decode(const uint8_t *bytes, size_t len_bytes, struct currency_state *out);
size_t balance_encode(const struct balance_row *row, uint8_t *room);
int balance_decode(const uint8_t *bytes, size_t len_bytes, struct balance_row *out);
/* quantity, cost, realized and updated_seq; the rest of a position_row is its instrument's. */
size_t position_encode(const struct position_row *row, uint8_t *room);
int position_decode(const uint8_t *bytes, size_t len_bytes, struct position_row *out);
size_t level_encode(const struct level_row *row, uint8_t *room);
int level_decode(const uint8_t *bytes, size_t len_bytes, struct level_row *out);
/* Without the scales, which are the instrument's. */
size_t candle_encode(const struct candle_row *row, uint8_t *room);
int candle_decode(const uint8_t *bytes, size_t len_bytes, struct candle_row *out);
size_t gtt_encode(const struct gtt_row *row, uint8_t *room);
int gtt_decode(const uint8_t *bytes, size_t len_bytes, struct gtt_row *out);
size_t system_encode(const struct system_row *row, uint8_t *room);
int system_decode(const uint8_t *bytes, size_t len_bytes, struct system_row *out);

/* The desk: values_desk.c. A venue's number, a rule's and a statement line's is in the key. */
size_t venue_encode(const struct venue_row *row, uint8_t *room);
int venue_decode(const uint8_t *bytes, size_t len_bytes, struct venue_row *out);
size_t rule_encode(const struct rule_row *row, uint8_t *room);
int rule_decode(const uint8_t *bytes, size_t len_bytes, struct rule_row *out);
size_t decision_encode(const struct decision_row *row, uint8_t *room);
int decision_decode(const uint8_t *bytes, size_t len_bytes, struct decision_row *out);
size_t desk_batch_encode(const struct batch_row *row, uint8_t *room);
int desk_batch_decode(const uint8_t *bytes, size_t len_bytes, struct batch_row *out);
size_t statement_encode(const struct statement_header_row *row, uint8_t *room);
int statement_decode(const uint8_t *bytes, size_t len_bytes, struct statement_header_row *out);
size_t line_encode(const struct event_statement_row *row, uint8_t *room);
int line_decode(const uint8_t *bytes, size_t len_bytes, struct event_statement_row *out);
/* Where the trade of an execution is: its id. */
size_t execution_encode(const struct event_id *trade, uint8_t *room);
int execution_decode(const uint8_t *bytes, size_t len_bytes, struct event_id *out);

#endif
