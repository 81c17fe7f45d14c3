/* api/json_read.h - one JSON document, read whole and bounded, as a tree. Internal to api's JSON files.
 * What must stay true: numbers keep the text they were written with; strings are valid UTF-8; no object has a key
 * twice; depth, values and members are bounded before anything grows. */
#ifndef ORDERTAPE_API_JSON_READ_H
#define ORDERTAPE_API_JSON_READ_H

#include "api/json.h"

/* Values in one document: BATCH_ORDERS_MAX orders with every field they can have. Members of one object: more than any object of ours
 * has, and few enough to compare them all. Lists are bounded by what they are lists of. */
enum { JSON_NODES_MAX = 524288, JSON_MEMBERS_MAX = 64 };

enum json_type { JSON_NULL = 1, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

/* A value. key is empty outside of objects. Texts are not terminated. */
struct json_node {
    struct text key;
    struct text text;     /* NUMBER: as written; STRING: unescaped */
    uint32_t first_child; /* index; 0: none (0 is the root, which is nobody's child) */
    uint32_t next;        /* sibling */
    uint32_t children;
    uint8_t type;
};

/* Small documents need no memory of their own: an order's body fits in here. */
enum { JSON_NODES_INLINE = 48, JSON_TEXT_BYTES_INLINE = 2048 };
struct json_tree {
    struct json_node *nodes; /* nodes[0] is the root */
    uint32_t nodes_count, nodes_room;
    char *text;
    size_t text_len_bytes, text_room_bytes;
    struct json_node nodes_inline[JSON_NODES_INLINE];
    char text_inline[JSON_TEXT_BYTES_INLINE];
};

/* Reads text[0..len_bytes); nothing at all is read as {}. 0, or ERR_USAGE (p says what) or ERR_NO_MEMORY (p: 503).
 * The tree must not be moved; free it in every case. */
int json_tree_read(struct json_tree *t, const char *text, size_t len_bytes, struct problem *p);
void json_tree_free(struct json_tree *t);

const struct json_node *json_first(const struct json_tree *t, const struct json_node *of);
const struct json_node *json_next(const struct json_tree *t, const struct json_node *n);
/* The member of that name, or NULL. */
const struct json_node *json_member(const struct json_tree *t, const struct json_node *object, const char *key);
bool text_equal(struct text t, const char *word);

/* Values as what they should be. Each answers 0, or ERR_USAGE with p saying that field `n` is not one. */
int json_read_name(const struct json_node *n, struct name *out, struct problem *p); /* a whole number is its digits */
int json_read_u64(const struct json_node *n, uint64_t max, uint64_t *out,
                  struct problem *p); /* a number or its digits */
int json_read_decimal(const struct json_node *n, struct decimal *out, struct problem *p);
int json_read_amount(const struct json_node *n, struct amount *out, struct problem *p);
int json_read_bool(const struct json_node *n, bool *out, struct problem *p);
int json_read_time(const struct json_node *n, int64_t *out, struct problem *p);
/* A string of at most max_bytes without control characters; a whole number is its digits. It points into the tree. */
int json_read_text(const struct json_node *n, uint32_t max_bytes, struct text *out, struct problem *p);

/* Says "MALFORMED" about a field: what is the rest of the sentence after its name. Always ERR_USAGE. */
int json_field_problem(struct problem *p, const struct json_node *n, const char *what);
int json_malformed(struct problem *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
