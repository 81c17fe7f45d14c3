/* api/json_read.c - YAJL's events, gathered into a tree.
 * YAJL checks the grammar and never converts a number (its raw number callback hands over the text). What it is lax
 * about is checked here: overlong or surrogate UTF-8, and escaped surrogates without their other half, which it would
 * turn into '?'. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "api/json_read.h"
#include "api/utf8.h"
#include "core/error.h"

enum { NAME_SHOWN_BYTES_MAX = 48 };

/* What is needed while YAJL calls back. open[] are the objects and arrays around the current place. */
struct reading {
    struct json_tree *tree;
    struct problem *problem;
    int result;
    unsigned depth;
    struct {
        uint32_t node, last_child;
    } open[JSON_DEPTH_MAX];
    struct text key; /* the key that waits for its value */
};

int json_malformed(struct problem *p, const char *format, ...)
{
    char detail[sizeof p->detail];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    problem_set(p, 400, "MALFORMED", "Malformed request", "%s", detail);
    return ERR_USAGE;
}

/* How many bytes of a key are shown in a problem: whole characters only. */
static int shown_len(struct text key)
{
    uint32_t code;
    size_t shown = 0, len;
    while (shown < key.len_bytes && (len = utf8_char(key.bytes + shown, key.len_bytes - shown, &code)) != 0) {
        if (shown + len > NAME_SHOWN_BYTES_MAX) break;
        shown += len;
    }
    return (int)shown;
}

int json_field_problem(struct problem *p, const struct json_node *n, const char *what)
{
    return json_malformed(p, "field \"%.*s\" %s", shown_len(n->key), n->key.bytes, what);
}

static int no_memory(struct reading *r)
{
    problem_set(r->problem, 503, "NO_MEMORY", "Out of memory", "no memory to read the request");
    r->result = ERR_NO_MEMORY;
    return 0;
}

static int refuse(struct reading *r, const char *what)
{
    r->result = json_malformed(r->problem, "%s", what);
    return 0;
}

/* A fresh node, or NULL when the tree is full or memory is. Nodes move when they grow: keep indexes, not pointers. */
static struct json_node *node_add(struct reading *r)
{
    struct json_tree *t = r->tree;
    if (t->nodes_count == t->nodes_room) {
        if (t->nodes_room >= JSON_NODES_MAX) {
            refuse(r, "too many values");
            return NULL;
        }
        bool inlined = t->nodes == t->nodes_inline;
        uint32_t room = t->nodes_room * 4 < JSON_NODES_MAX ? t->nodes_room * 4 : JSON_NODES_MAX;
        struct json_node *grown = realloc(inlined ? NULL : t->nodes, room * sizeof *grown);
        if (grown == NULL) {
            no_memory(r);
            return NULL;
        }
        if (inlined) memcpy(grown, t->nodes_inline, sizeof t->nodes_inline);
        t->nodes = grown;
        t->nodes_room = room;
    }
    struct json_node *n = &t->nodes[t->nodes_count++];
    *n = (struct json_node){.type = 0};
    return n;
}

/* Keeps a decoded text. There is always room: no text is longer decoded than it was written. */
static struct text text_keep(struct reading *r, const char *bytes, size_t len_bytes)
{
    struct json_tree *t = r->tree;
    struct text kept = {t->text + t->text_len_bytes, (uint32_t)len_bytes};
    memcpy(t->text + t->text_len_bytes, bytes, len_bytes);
    t->text_len_bytes += len_bytes;
    return kept;
}

static bool text_is_utf8(const char *bytes, size_t len_bytes)
{
    uint32_t code;
    for (size_t i = 0, len; i < len_bytes; i += len) {
        len = utf8_char(bytes + i, len_bytes - i, &code);
        if (len == 0) return false;
    }
    return true;
}

/* Adds a value at the current place. 0 tells YAJL to stop. */
static int value_add(struct reading *r, enum json_type type, struct text text)
{
    struct json_tree *t = r->tree;
    struct json_node *n = node_add(r);
    if (n == NULL) return 0;
    uint32_t index = t->nodes_count - 1;
    n->type = (uint8_t)type;
    n->text = text;
    if (r->depth > 0) {
        struct json_node *parent = &t->nodes[r->open[r->depth - 1].node];
        uint32_t before = r->open[r->depth - 1].last_child;
        if (parent->type == JSON_OBJECT) n->key = r->key;
        if (before == 0)
            parent->first_child = index;
        else
            t->nodes[before].next = index;
        parent->children++;
        r->open[r->depth - 1].last_child = index;
    }
    if (type != JSON_OBJECT && type != JSON_ARRAY) return 1;
    if (r->depth == JSON_DEPTH_MAX) return refuse(r, "objects and arrays are nested too deep");
    r->open[r->depth].node = index;
    r->open[r->depth].last_child = 0;
    r->depth++;
    return 1;
}

static int on_null(void *context)
{
    return value_add(context, JSON_NULL, (struct text){NULL, 0});
}

static int on_boolean(void *context, int value)
{
    return value_add(context, value ? JSON_TRUE : JSON_FALSE, (struct text){NULL, 0});
}

static int on_number(void *context, const char *bytes, size_t len_bytes)
{
    return value_add(context, JSON_NUMBER, text_keep(context, bytes, len_bytes));
}

static int on_string(void *context, const unsigned char *bytes, size_t len_bytes)
{
    const char *text = (const char *)bytes;
    if (!text_is_utf8(text, len_bytes)) return refuse(context, "a string is not UTF-8");
    return value_add(context, JSON_STRING, text_keep(context, text, len_bytes));
}

static int on_key(void *context, const unsigned char *bytes, size_t len_bytes)
{
    struct reading *r = context;
    const char *text = (const char *)bytes;
    if (!text_is_utf8(text, len_bytes)) return refuse(r, "a key is not UTF-8");
    struct json_tree *t = r->tree;
    const struct json_node *object = &t->nodes[r->open[r->depth - 1].node];
    if (object->children == JSON_MEMBERS_MAX) return refuse(r, "an object has too many members");
    struct text key = text_keep(r, text, len_bytes);
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (n->key.len_bytes != key.len_bytes || memcmp(n->key.bytes, key.bytes, len_bytes) != 0) continue;
        r->result = json_field_problem(r->problem, n, "is there twice");
        return 0;
    }
    r->key = key;
    return 1;
}

static int on_object(void *context)
{
    return value_add(context, JSON_OBJECT, (struct text){NULL, 0});
}

static int on_array(void *context)
{
    return value_add(context, JSON_ARRAY, (struct text){NULL, 0});
}

static int on_end(void *context)
{
    struct reading *r = context;
    r->depth--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

/* The number behind "\u" at text[i], or -1. */
static int32_t escape_at(const char *text, size_t len_bytes, size_t i)
{
    int32_t value = 0;
    if (len_bytes - i < 6 || text[i] != '\\' || text[i + 1] != 'u') return -1;
    for (size_t k = i + 2; k < i + 6; k++) {
        char c = text[k];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* True when every escaped surrogate stands beside its other half. A backslash is only ever inside a string. */
static bool surrogates_are_paired(const char *text, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes; i++) {
        if (text[i] != '\\') continue;
        int32_t code = escape_at(text, len_bytes, i);
        if (code < 0xd800 || code > 0xdfff) {
            i++; /* what is escaped may be a backslash */
            continue;
        }
        int32_t low = escape_at(text, len_bytes, i + 6 <= len_bytes ? i + 6 : len_bytes);
        if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) return false;
        i += 11;
    }
    return true;
}

static int grammar_problem(struct reading *r, yajl_handle handle)
{
    unsigned char *message = yajl_get_error(handle, 0, NULL, 0);
    size_t at = yajl_get_bytes_consumed(handle);
    const char *said = message == NULL ? "" : (const char *)message;
    r->result = json_malformed(r->problem, "not JSON, near byte %zu: %.*s", at, (int)strcspn(said, "\n"), said);
    if (message != NULL) yajl_free_error(handle, message);
    return r->result;
}

static int parse(struct reading *r, const char *text, size_t len_bytes)
{
    yajl_handle handle = yajl_alloc(&callbacks, NULL, r);
    if (handle == NULL) {
        no_memory(r);
        return r->result;
    }
    yajl_status status = yajl_parse(handle, (const unsigned char *)text, len_bytes);
    if (status == yajl_status_ok) status = yajl_complete_parse(handle);
    if (status == yajl_status_error) grammar_problem(r, handle);
    yajl_free(handle);
    return r->result;
}

int json_tree_read(struct json_tree *t, const char *text, size_t len_bytes, struct problem *p)
{
    struct reading r = {.tree = t, .problem = p};
    t->nodes = t->nodes_inline;
    t->nodes_room = JSON_NODES_INLINE;
    t->nodes_count = 0;
    t->text = t->text_inline;
    t->text_room_bytes = JSON_TEXT_BYTES_INLINE;
    t->text_len_bytes = 0;
    if (len_bytes == 0) return parse(&r, "{}", 2);
    if (len_bytes > JSON_BODY_BYTES_MAX) {
        problem_set(p, 413, "TOO_LARGE", "Request too large", "more than %d bytes", JSON_BODY_BYTES_MAX);
        return ERR_USAGE;
    }
    if (!surrogates_are_paired(text, len_bytes)) return json_malformed(p, "a string holds half a surrogate pair");
    if (len_bytes > t->text_room_bytes) {
        char *room = malloc(len_bytes);
        if (room == NULL) {
            no_memory(&r);
            return r.result;
        }
        t->text = room;
        t->text_room_bytes = len_bytes;
    }
    return parse(&r, text, len_bytes);
}

void json_tree_free(struct json_tree *t)
{
    if (t->nodes != t->nodes_inline) free(t->nodes);
    if (t->text != t->text_inline) free(t->text);
}

const struct json_node *json_first(const struct json_tree *t, const struct json_node *of)
{
    return of->first_child == 0 ? NULL : &t->nodes[of->first_child];
}

const struct json_node *json_next(const struct json_tree *t, const struct json_node *n)
{
    return n->next == 0 ? NULL : &t->nodes[n->next];
}

bool text_equal(struct text t, const char *word)
{
    return t.len_bytes == strlen(word) && memcmp(t.bytes, word, t.len_bytes) == 0;
}

const struct json_node *json_member(const struct json_tree *t, const struct json_node *object, const char *key)
{
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (text_equal(n->key, key)) return n;
    }
    return NULL;
}

static bool is_digits(struct text t)
{
    for (uint32_t i = 0; i < t.len_bytes; i++) {
        if (t.bytes[i] < '0' || t.bytes[i] > '9') return false;
    }
    return t.len_bytes > 0;
}

/* A string, or a whole number, which stands for the string of its digits. */
static bool is_text(const struct json_node *n)
{
    return n->type == JSON_STRING || (n->type == JSON_NUMBER && is_digits(n->text));
}

int json_read_name(const struct json_node *n, struct name *out, struct problem *p)
{
    if (!is_text(n)) return json_field_problem(p, n, "must be a string");
    if (name_from_text(out, n->text.bytes, n->text.len_bytes) == 0) return 0;
    return json_field_problem(p, n, "must be 1 to 23 printable characters without space, quote and backslash");
}

int json_read_u64(const struct json_node *n, uint64_t max, uint64_t *out, struct problem *p)
{
    uint64_t value = 0;
    if (!is_text(n) || !is_digits(n->text)) return json_field_problem(p, n, "must be a whole number, 0 or above");
    for (uint32_t i = 0; i < n->text.len_bytes; i++) {
        bool over = __builtin_mul_overflow(value, (uint64_t)10, &value);
        over = over || __builtin_add_overflow(value, (uint64_t)(n->text.bytes[i] - '0'), &value);
        if (over || value > max) return json_field_problem(p, n, "is too large");
    }
    *out = value;
    return 0;
}

int json_read_decimal(const struct json_node *n, struct decimal *out, struct problem *p)
{
    bool typed = n->type == JSON_NUMBER || n->type == JSON_STRING;
    if (typed && decimal_from_text(out, n->text.bytes, n->text.len_bytes) == 0) return 0;
    return json_field_problem(p, n, "must be a decimal with at most 9 decimals, below 2^63 without its point");
}

int json_read_amount(const struct json_node *n, struct amount *out, struct problem *p)
{
    bool typed = n->type == JSON_NUMBER || n->type == JSON_STRING;
    if (typed && amount_from_text(out, n->text.bytes, n->text.len_bytes) == 0) return 0;
    return json_field_problem(p, n, "must be a decimal with at most 18 decimals, below 2^127 without its point");
}

int json_read_bool(const struct json_node *n, bool *out, struct problem *p)
{
    if (n->type != JSON_TRUE && n->type != JSON_FALSE) return json_field_problem(p, n, "must be true or false");
    *out = n->type == JSON_TRUE;
    return 0;
}

int json_read_time(const struct json_node *n, int64_t *out, struct problem *p)
{
    if (n->type == JSON_STRING && time_from_text(out, n->text.bytes, n->text.len_bytes) == 0) return 0;
    return json_field_problem(p, n, "must be an RFC 3339 time like \"2012-06-21T09:30:00.5Z\"");
}

int json_read_text(const struct json_node *n, uint32_t max_bytes, struct text *out, struct problem *p)
{
    char too_long[48];
    if (!is_text(n)) return json_field_problem(p, n, "must be a string");
    if (n->text.len_bytes > max_bytes) {
        (void)snprintf(too_long, sizeof too_long, "is longer than %u bytes", max_bytes);
        return json_field_problem(p, n, too_long);
    }
    for (size_t i = 0, len; i < n->text.len_bytes; i += len) {
        uint32_t code = 0;
        len = utf8_char(n->text.bytes + i, n->text.len_bytes - i, &code);
        if (len == 0 || utf8_is_control(code)) return json_field_problem(p, n, "may not hold control characters");
    }
    *out = n->text;
    return 0;
}
