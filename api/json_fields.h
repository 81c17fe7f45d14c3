/* api/json_fields.h - objects read by tables of the fields they have. Internal to api's JSON files.
 * What must stay true: a field is read by its table or refused by name; a field that is left out leaves what was there. */
#ifndef ORDERTAPE_API_JSON_FIELDS_H
#define ORDERTAPE_API_JSON_FIELDS_H

#include <stddef.h>

#include "api/json_read.h"

enum { FIELD_NAMES_MAX = 4, TABLE_FIELDS_MAX = 32 };

/* What a URL may say in place of the body. */
enum path_part {
    PATH_NOTHING = 0,
    PATH_SYMBOL,
    PATH_ACCOUNT,
    PATH_CURRENCY,
    PATH_VENUE,
    PATH_ORDER_ID,
    PATH_BATCH_ORDERS,
    PATH_REPORT,
    PATH_SIMULATED
};

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
    /* In place of read: an object with fields of its own. */
    const struct field_table *inner;
    /* A list of so many such objects, or of values for read; their number goes to said.items. */
    uint32_t items_max;
    size_t item_bytes;
    /* A list of the command's own memory: offset is where its address goes, count where its length, a uint32_t; item_clear makes an
     * item that says nothing. At most one in a table. */
    bool owned;
    size_t count;
    void (*item_clear)(void *item);
};
struct field_table {
    const struct field *fields;
    size_t count;
};
#define FIELD_TABLE(list)                                                                                              \
    {                                                                                                                  \
        (list), sizeof(list) / sizeof(list)[0]                                                                         \
    }

/* Members that are not of a table: of a body its idempotency key, of a line also what it is, where it stood on a tape and who asked. */
enum fields_of { FIELDS_OF_ITEM, FIELDS_OF_BODY, FIELDS_OF_LINE };
/* Reads the members of an object into `base`, passing over those that are not of a table. *seen has a bit for each field that was
 * given. */
int fields_read(const struct json_tree *t, const struct json_node *object, const struct field_table *table, enum fields_of of,
                struct json_command *out, void *base, uint32_t *seen, struct problem *p);
/* Gives a command the memory that the object's list and texts can need, whatever they turn out to be. */
int fields_memory(const struct json_tree *t, const struct json_node *object, const struct field_table *table,
                  struct json_command *out, struct problem *p);
/* The member of that name, in snake_case or in camelCase. *twice: it is there as both. NULL: it is not, or it is null. */
const struct json_node *fields_member(const struct json_tree *t, const struct json_node *object, const char *name, bool *twice);
/* Puts "orders[3]: " before what p says. */
void field_problem_at(struct problem *p, const char *list, uint32_t index);
/* Takes from the path (NULL: none) what it says, and refuses what neither it nor the body does. */
int fields_complete(const struct field_table *table, const struct json_path *path, void *base, uint32_t seen,
                    struct problem *p);

/* Readers of values. */
#define FIELD_READERS(X)                                                                                               \
    X(name) X(id) X(decimal) X(amount) X(bool) X(u32) X(u16) X(scale) X(expiry) X(client_order_id) X(tag) X(post_only) \
    X(reduce_only) X(all_or_none) X(trail_amount) X(trail_percent) X(side) X(order_type) X(tif) X(stp) X(account_type)                 \
    X(account_status) X(instrument_state) X(trigger) X(link) X(activation) X(gtt_status) X(venue_state)                \
    X(venue_cause) X(report) X(fill_kind) X(simulated) X(ext_id) X(reason) X(no_link) X(key_hash) X(request_id)        \
    X(idempotency_key) X(time)
#define X(what) int read_##what(const struct json_node *n, struct json_command *out, void *at, struct problem *p);
FIELD_READERS(X)
#undef X

#endif
