/* api/origin.h - who asks, under which request, with which idempotency key: headers and body to the origin of a command.
 * What must stay true: the two hashes are the same for the same request for ever, because they are on the tape:
 *   key  = XXH3-128 (seed 0) of  principal 0x00 key
 *   body = XXH3-128 (seed 0) of  method 0x00 (segment 0x00)* (0x01 name 0x00 value 0x00)* canonical
 * segments and query parameters are percent-decoded, in the order given; canonical is json_canonical_hash of the body, 16 bytes, low
 * half first, little-endian. All on the HTTP thread. */
#ifndef ORDERTAPE_API_ORIGIN_H
#define ORDERTAPE_API_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "api/json.h"

struct exchange;

/* What headers say beside the request itself. */
struct origin_said {
    struct name actor; /* X-Actor, or the principal */
    char request_id[REQUEST_ID_BYTES_MAX + 1]; /* X-Request-Id, or one made here; NUL-terminated */
};

/* Whose request it is: the scope of its idempotency keys. */
struct name origin_principal(const struct exchange *x);
/* Reads X-Request-Id and X-Actor. False: X-Actor is not a name; the request id is there in any case. */
bool origin_read(struct exchange *x);
/* Fills c's origin. False: the idempotency key is not one (400 was answered). */
bool origin_fill(struct exchange *x, struct command *c);
/* Of this principal; key: 1 to IDEMPOTENCY_KEY_BYTES_MAX bytes. Never 0, 0. Pure. */
struct key_hash origin_key_hash(const struct name *principal, struct text key);
/* The value of an Idempotency-Key header: bare, or a structured field's string in quotes, whose escapes are undone into
 * room[IDEMPOTENCY_KEY_BYTES_MAX]. False: neither. Pure. */
bool origin_key_parse(const char *header, char *room, struct text *key);

#endif
