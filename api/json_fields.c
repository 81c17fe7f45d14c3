/* api/json_fields.c - see json_fields.h. Names in camelCase, a field that is unknown, missing, or given twice under two
 * names, a body that contradicts its path: the same for every object, so it stands once. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/json_fields.h"
#include "core/error.h"

int read_name(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_name(n, at, p);
}

int read_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_u64(n, UINT64_MAX, at, p);
}

int read_decimal(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_decimal(n, at, p);
}

int read_amount(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_amount(n, at, p);
}

int read_bool(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_bool(n, at, p);
}

int read_u32(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, UINT32_MAX, &value, p) != 0) return ERR_USAGE;
    *(uint32_t *)at = (uint32_t)value;
    return 0;
}

int read_u16(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, UINT16_MAX, &value, p) != 0) return ERR_USAGE;
    *(uint16_t *)at = (uint16_t)value;
    return 0;
}

int read_scale(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, CASH_SCALE_MAX, &value, p) != 0) return ERR_USAGE; /* the tape holds no larger one */
    *(uint8_t *)at = (uint8_t)value;
    return 0;
}

int read_expiry(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    int64_t *expires_ns = at;
    (void)out;
    if (json_read_time(n, expires_ns, p) != 0) return ERR_USAGE;
    return *expires_ns > 0 ? 0 : json_field_problem(p, n, "must be later than 1970");
}

int read_time(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_time(n, at, p);
}

/* Keeps the text in the command's memory, which has room for every text there is. */
static int read_kept(const struct json_node *n, struct json_command *out, uint32_t max_bytes, struct text *kept,
                     struct problem *p)
{
    struct text said;
    if (json_read_text(n, max_bytes, &said, p) != 0) return ERR_USAGE;
    if (said.len_bytes == 0) return 0;
    assert(said.len_bytes <= out->memory_bytes - out->texts_at);
    char *room = (char *)out->memory + out->texts_at;
    memcpy(room, said.bytes, said.len_bytes);
    out->texts_at += said.len_bytes;
    *kept = (struct text){room, said.len_bytes};
    return 0;
}

int read_client_order_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return read_kept(n, out, CLIENT_ORDER_ID_BYTES_MAX, at, p);
}

int read_tag(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return read_kept(n, out, TAG_BYTES_MAX, at, p);
}

int read_ext_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return read_kept(n, out, EXT_ID_BYTES_MAX, at, p);
}

int read_reason(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return read_kept(n, out, REASON_BYTES_MAX, at, p);
}

int read_request_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return read_kept(n, out, REQUEST_ID_BYTES_MAX, at, p);
}

int read_idempotency_key(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    struct text *key = at;
    if (read_kept(n, out, IDEMPOTENCY_KEY_BYTES_MAX, key, p) != 0) return ERR_USAGE;
    return key->len_bytes > 0 ? 0 : json_field_problem(p, n, "must not be empty");
}

int read_key_hash(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    if (n->type == JSON_STRING && key_hash_from_text(at, n->text.bytes, n->text.len_bytes) == 0) return 0;
    return json_field_problem(p, n, "must be 32 hex digits");
}

int read_no_link(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out, (void)at;
    return json_field_problem(p, n, "belongs to an order that is sent alone, not to one of a batch");
}

/* 1 no, 2 yes: whether it was said is known to the command. */
int read_simulated(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    bool simulated;
    (void)out;
    if (json_read_bool(n, &simulated, p) != 0) return ERR_USAGE;
    *(uint8_t *)at = simulated ? 2 : 1;
    return 0;
}

static int read_flag(const struct json_node *n, uint8_t *flags, uint8_t flag, struct problem *p)
{
    bool set;
    if (json_read_bool(n, &set, p) != 0) return ERR_USAGE;
    if (set) *flags |= flag;
    return 0;
}

int read_post_only(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return read_flag(n, at, PLACE_POST_ONLY, p);
}

int read_reduce_only(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return read_flag(n, at, PLACE_REDUCE_ONLY, p);
}

int read_all_or_none(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return read_flag(n, at, PLACE_ALL_OR_NONE, p);
}

int read_trail_amount(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    struct decimal *trail = at;
    (void)out;
    if (trail->scale != DECIMAL_ABSENT) return json_field_problem(p, n, "and \"trail_percent\" exclude each other");
    return json_read_decimal(n, trail, p);
}

int read_trail_percent(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    struct decimal *trail = at;
    struct command_place *order = (struct command_place *)((char *)at - offsetof(struct command_place, trail));
    (void)out;
    if (trail->scale != DECIMAL_ABSENT) return json_field_problem(p, n, "and \"trail_amount\" exclude each other");
    order->flags |= PLACE_TRAIL_PERCENT;
    return json_read_decimal(n, trail, p);
}

#define WORD(number, name) " " #name
#define DEFINE_READ_ENUM(unit, LIST)                                                                                   \
    int read_##unit(const struct json_node *n, struct json_command *out, void *at, struct problem *p)                  \
    {                                                                                                                  \
        int number = n->type == JSON_STRING ? unit##_from_text(n->text.bytes, n->text.len_bytes) : 0;                  \
        (void)out;                                                                                                     \
        *(uint8_t *)at = (uint8_t)number;                                                                              \
        return number != 0 ? 0 : json_field_problem(p, n, "must be one of" LIST(WORD));                                \
    }
DEFINE_READ_ENUM(side, SIDES)
DEFINE_READ_ENUM(order_type, ORDER_TYPES)
DEFINE_READ_ENUM(tif, TIFS)
DEFINE_READ_ENUM(stp, STPS)
DEFINE_READ_ENUM(account_type, ACCOUNT_TYPES)
DEFINE_READ_ENUM(account_status, ACCOUNT_STATUSES)
DEFINE_READ_ENUM(instrument_state, INSTRUMENT_STATES)
DEFINE_READ_ENUM(trigger, TRIGGERS)
DEFINE_READ_ENUM(link, LINKS)
DEFINE_READ_ENUM(activation, ACTIVATIONS)
DEFINE_READ_ENUM(gtt_status, GTT_STATUSES)
DEFINE_READ_ENUM(venue_state, VENUE_STATES)
DEFINE_READ_ENUM(venue_cause, VENUE_CAUSES)
DEFINE_READ_ENUM(report, REPORTS)
DEFINE_READ_ENUM(fill_kind, FILL_KINDS)

/* True when key is the name, or the name in camelCase. */
static bool key_is(struct text key, const char *name)
{
    if (text_equal(key, name)) return true;
    uint32_t at = 0;
    for (; *name != '\0'; name++, at++) {
        bool upper = *name == '_';
        if (upper) name++;
        if (at == key.len_bytes || key.bytes[at] != (upper ? (char)toupper((unsigned char)*name) : *name)) return false;
    }
    return at == key.len_bytes;
}

static const struct field *field_find(const struct field_table *table, struct text key)
{
    for (size_t at = 0; at < table->count; at++) {
        const struct field *f = &table->fields[at];
        for (int i = 0; i < FIELD_NAMES_MAX && f->names[i] != NULL; i++) {
            if (key_is(key, f->names[i])) return f;
        }
    }
    return NULL;
}

/* An object inside: its required fields must be there too. */
static int object_read(const struct json_tree *t, const struct json_node *n, const struct field *f,
                       struct json_command *out, void *at, struct problem *p)
{
    uint32_t seen = 0;
    if (n->type != JSON_OBJECT) return json_field_problem(p, n, "must be an object");
    int result = fields_read(t, n, f->inner, FIELDS_OF_ITEM, out, at, &seen, p);
    return result != 0 ? result : fields_complete(f->inner, NULL, at, seen, p);
}

void field_problem_at(struct problem *p, const char *list, uint32_t index)
{
    char detail[sizeof p->detail];
    (void)snprintf(detail, sizeof detail, "%s[%u]: %.*s", list, index, (int)sizeof detail - 40, p->detail);
    memcpy(p->detail, detail, sizeof detail);
}

static int list_check(const struct json_node *n, const struct field *f, struct problem *p)
{
    char too_many[48];
    if (n->type != JSON_ARRAY) return json_field_problem(p, n, "must be a list");
    if (n->children <= f->items_max) return 0;
    (void)snprintf(too_many, sizeof too_many, "has too many items: at most %u", f->items_max);
    return json_field_problem(p, n, too_many);
}

static int values_read(const struct json_tree *t, const struct json_node *n, const struct field *f,
                       struct json_command *out, char *at, struct problem *p)
{
    int result = list_check(n, f, p);
    uint32_t index = 0;
    for (const struct json_node *i = json_first(t, n); result == 0 && i != NULL; i = json_next(t, i), index++) {
        struct json_node item = *i;
        item.key = n->key; /* what a problem names */
        result = f->read(&item, out, at + index * f->item_bytes, p);
    }
    return result;
}

/* A null item leaves its place as it is, where there is one before it is said. */
static int list_read(const struct json_tree *t, const struct json_node *n, const struct field *f,
                     struct json_command *out, char *at, struct problem *p)
{
    int result = list_check(n, f, p);
    uint32_t index = 0;
    if (result != 0) return result;
    for (const struct json_node *i = json_first(t, n); i != NULL; i = json_next(t, i), at += f->item_bytes, index++) {
        if (i->type == JSON_NULL && !f->owned) continue;
        if (i->type != JSON_OBJECT) return json_field_problem(p, n, "must hold objects");
        if (f->item_clear != NULL) f->item_clear(at);
        result = object_read(t, i, f, out, at, p);
        if (result != 0) {
            field_problem_at(p, f->names[0], index);
            return result;
        }
    }
    if (!f->owned) out->said.items = (uint8_t)n->children;
    return 0;
}

/* The command's own list is what its memory begins with. */
static int owned_list_read(const struct json_tree *t, const struct json_node *n, const struct field *f,
                           struct json_command *out, struct problem *p)
{
    int result = list_read(t, n, f, out, out->memory, p);
    void *list = n->children > 0 ? out->memory : NULL;
    memcpy((char *)out + f->offset, &list, sizeof list);
    memcpy((char *)out + f->count, &n->children, sizeof n->children);
    return result;
}

static int field_read(const struct json_tree *t, const struct field_table *table, const struct json_node *n,
                      struct json_command *out, char *base, uint32_t *seen, struct problem *p)
{
    const struct field *f = field_find(table, n->key);
    if (f == NULL) return json_field_problem(p, n, "is unknown");
    if (n->type == JSON_NULL && !f->null_says) return 0;
    uint32_t bit = (uint32_t)1 << (f - table->fields);
    if ((*seen & bit) != 0) return json_field_problem(p, n, "says again what another of its names has said");
    *seen |= bit;
    out->said.given |= f->given;
    if (n->type == JSON_NULL) return 0;
    if (f->owned) return owned_list_read(t, n, f, out, p);
    if (f->inner == NULL && f->items_max != 0) return values_read(t, n, f, out, base + f->offset, p);
    if (f->inner == NULL) return f->read(n, out, base + f->offset, p);
    return f->items_max == 0 ? object_read(t, n, f, out, base + f->offset, p)
                             : list_read(t, n, f, out, base + f->offset, p);
}

static bool is_of_no_table(struct text key, enum fields_of of)
{
    static const char *const of_line[] = {"op", "seq", "time", "actor", "request_id", "key_hash", "body_hash"};
    if (of == FIELDS_OF_ITEM) return false;
    if (key_is(key, "idempotency_key")) return true;
    for (size_t i = 0; of == FIELDS_OF_LINE && i < sizeof of_line / sizeof of_line[0]; i++) {
        if (key_is(key, of_line[i])) return true;
    }
    return false;
}

const struct json_node *fields_member(const struct json_tree *t, const struct json_node *object, const char *name,
                                      bool *twice)
{
    const struct json_node *found = NULL;
    *twice = false;
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (n->type == JSON_NULL || !key_is(n->key, name)) continue;
        *twice = found != NULL;
        found = n;
    }
    return found;
}

static size_t texts_bytes(const struct json_tree *t, const struct json_node *of)
{
    size_t bytes = of->text.len_bytes;
    for (const struct json_node *n = json_first(t, of); n != NULL; n = json_next(t, n)) bytes += texts_bytes(t, n);
    return bytes;
}

static size_t list_bytes(const struct json_tree *t, const struct json_node *object, const struct field_table *table)
{
    size_t bytes = 0;
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        const struct field *f = field_find(table, n->key);
        if (f == NULL || !f->owned || n->type != JSON_ARRAY || n->children > f->items_max) continue;
        if (bytes < n->children * f->item_bytes) bytes = n->children * f->item_bytes; /* said twice, it is refused */
    }
    return bytes;
}

int fields_memory(const struct json_tree *t, const struct json_node *object, const struct field_table *table,
                  struct json_command *out, struct problem *p)
{
    out->texts_at = list_bytes(t, object, table);
    out->memory_bytes = out->texts_at + texts_bytes(t, object);
    out->memory = calloc(1, out->memory_bytes + 1); /* never nothing: NULL must mean no memory */
    if (out->memory != NULL) return 0;
    problem_set(p, 503, "NO_MEMORY", "Out of memory", "no memory to read the request");
    return ERR_NO_MEMORY;
}

int fields_read(const struct json_tree *t, const struct json_node *object, const struct field_table *table,
                enum fields_of of, struct json_command *out, void *base, uint32_t *seen, struct problem *p)
{
    assert(table->count <= TABLE_FIELDS_MAX);
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (is_of_no_table(n->key, of)) continue;
        int result = field_read(t, table, n, out, base, seen, p);
        if (result != 0) return result;
    }
    return 0;
}

/* The part of the path that says a field, or NULL. A part that is all zero says nothing. */
static const void *path_value(const struct json_path *path, enum path_part part, size_t *len_bytes)
{
    static const struct {
        size_t offset, len_bytes;
    } parts[] = {
#define PART(member) {offsetof(struct json_path, member), sizeof((struct json_path *)NULL)->member}
        [PATH_SYMBOL] = PART(symbol), [PATH_ACCOUNT] = PART(account),     [PATH_CURRENCY] = PART(currency),
        [PATH_VENUE] = PART(venue),   [PATH_ORDER_ID] = PART(order_id),   [PATH_BATCH_ORDERS] = PART(batch_orders),
        [PATH_REPORT] = PART(report), [PATH_SIMULATED] = PART(simulated),
#undef PART
    };
    static const char nothing[sizeof(struct name)] = "";
    const char *value = (const char *)path + parts[part].offset;
    *len_bytes = parts[part].len_bytes;
    return memcmp(value, nothing, *len_bytes) == 0 ? NULL : value;
}

int fields_complete(const struct field_table *table, const struct json_path *path, void *base, uint32_t seen,
                    struct problem *p)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *f = &table->fields[i];
        size_t len_bytes;
        bool given = (seen >> i & 1) != 0;
        char *at = (char *)base + f->offset;
        const void *value = path == NULL ? NULL : path_value(path, f->path, &len_bytes);
        if (value != NULL && given && memcmp(at, value, len_bytes) != 0) {
            return json_malformed(p, "field \"%s\" contradicts the path", f->names[0]);
        }
        if (value != NULL) memcpy(at, value, len_bytes);
        if (f->required && !given && value == NULL) return json_malformed(p, "field \"%s\" is missing", f->names[0]);
    }
    return 0;
}
