/* tests/api/json_look.h - one member of a JSON text by its path: "items.0.order_id". For tests only. */
#ifndef ORDERTAPE_TESTS_API_JSON_LOOK_H
#define ORDERTAPE_TESTS_API_JSON_LOOK_H

#include <stddef.h>

/* The member as text in room (strings without quotes, numbers as written, true/false/null; "[n]" for an array of n,
 * "{n}" for an object of n members); "" when it is not there; "?" when the text is not JSON. Returns room. */
const char *json_look(const char *json, const char *path, char *room, size_t room_bytes);

#endif
