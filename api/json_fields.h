/* api/json_fields.h - objects read by tables of the fields they have. Internal to api's JSON files.
 * What must stay true: a field is read by its table or refused by name; a field that is left out leaves what was there. */
#ifndef ORDERTAPE_API_JSON_FIELDS_H
#define ORDERTAPE_API_JSON_FIELDS_H

#include <stddef.h>

#include "api/json_read.h"

enum { FIELD_NAMES_MAX = 4, TABLE_FIELDS_MAX = 32 };

/* What a URL may say in place of the body. */
enum path_part { PATH_NOTHING = 0, PATH_SYMBOL, PATH_ACCOUNT, PATH_CURRENCY, PATH_ORDER_ID };

struct field_table;

struct field {
    const char *names[FIELD_NAMES_MAX]; /* the first is its own; camelCase of each is accepted too */
    /* at: where the value goes. */
    int (*read)(const struct json_node *n, struct json_command *out, void *at, struct problem *p);
    size_t offset;  /* of the value, in what the table describes */
    uint32_t given; /* bits to set in said.given */
    enum path_part path;
    bool required;
    bool null_says; /* null is given too, and says that there is none; else it is a field left out */
    /* In place of read: an object with fields of its own, or with items_max a list of such objects, whose number goes to
     * said.items. */
    const struct field_table *inner;
    uint8_t items_max;
    size_t item_bytes;
};
struct field_table {
    const struct field *fields;
    size_t count;
};
#define FIELD_TABLE(list)                                                                                              \
    {                                                                                                                  \
        (list), sizeof(list) / sizeof(list)[0]                                                                         \
    }

/* Reads the members of an object into `base`. line: "op", "seq" and "time" are passed over. *seen has a bit for each
 * field that was given. */
int fields_read(const struct json_tree *t, const struct json_node *object, const struct field_table *table, bool line,
                struct json_command *out, void *base, uint32_t *seen, struct problem *p);
/* Takes from the path (NULL: none) what it says, and refuses what neither it nor the body does. */
int fields_complete(const struct field_table *table, const struct json_path *path, void *base, uint32_t seen,
                    struct problem *p);

/* Readers of values. */
#define FIELD_READERS(X)                                                                                               \
    X(name) X(id) X(decimal) X(amount) X(bool) X(u32) X(u16) X(scale) X(expiry) X(client_order_id) X(tag) X(post_only) \
    X(reduce_only) X(all_or_none) X(trail_amount) X(trail_percent) X(side) X(order_type) X(tif) X(stp) X(account_type)                 \
    X(account_status) X(instrument_state) X(trigger) X(link) X(activation) X(gtt_status)
#define X(what) int read_##what(const struct json_node *n, struct json_command *out, void *at, struct problem *p);
FIELD_READERS(X)
#undef X

#endif
