/* projections/keys.h - order-preserving keys: memcmp of two keys of one database is the order of what they name.
 * keys.c draws them. Pure; any thread. A key is built in place: key_begin, then its parts from the left. */
#ifndef ORDERTAPE_PROJECTIONS_KEYS_H
#define ORDERTAPE_PROJECTIONS_KEYS_H

#include "core/types.h"

/* The longest: account, client order id, order id. LMDB takes 511. */
enum { KEY_BYTES_MAX = NAME_BYTES + 1 + CLIENT_ORDER_ID_BYTES_MAX + 8 };
struct key {
    uint32_t len_bytes;
    uint8_t bytes[KEY_BYTES_MAX + 3];
};

void key_begin(struct key *k);
void key_u64(struct key *k, uint64_t value);
void key_u32(struct key *k, uint32_t value);
void key_name(struct key *k, const struct name *n);
void key_client_order_id(struct key *k, const char *bytes, size_t len_bytes);
void key_exec_id(struct key *k, const char *bytes, size_t len_bytes);
/* A side and a price such that better prices of one side come first. */
void key_level(struct key *k, int side, int64_t price);

/* The venue and the interval whose candles lie together; their start follows, in seconds since 1970 UTC. */
void key_candles(struct key *k, int venue, uint32_t interval_s);

/* The other way, from the left of bytes that came from disk: false when they are not such a part. */
struct key_reader {
    const uint8_t *at;
    size_t left_bytes;
};
bool key_take_u64(struct key_reader *r, uint64_t *value);
bool key_take_u32(struct key_reader *r, uint32_t *value);
bool key_take_name(struct key_reader *r, struct name *n);
bool key_take_level(struct key_reader *r, int *side, int64_t *price);

#endif
