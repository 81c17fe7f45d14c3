/* api/json_fields.c - see json_fields.h. Names in camelCase, a field that is unknown, missing, or given twice under two
 * names, a body that contradicts its path: the same for every object, so it stands once. */
#include <assert.h>
#include <ctype.h>
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

int read_client_order_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return json_read_text(n, out->client_order_id, sizeof out->client_order_id, at, p);
}

int read_tag(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return json_read_text(n, out->tag, sizeof out->tag, at, p);
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
    if (trail->scale != DECIMAL_ABSENT) return json_field_problem(p, n, "and \"trail_amount\" exclude each other");
    out->command.place.flags |= PLACE_TRAIL_PERCENT;
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
    int result = fields_read(t, n, f->inner, false, out, at, &seen, p);
    return result != 0 ? result : fields_complete(f->inner, NULL, at, seen, p);
}

/* A null item leaves its place as it is. */
static int list_read(const struct json_tree *t, const struct json_node *n, const struct field *f,
                     struct json_command *out, char *at, struct problem *p)
{
    if (n->type != JSON_ARRAY) return json_field_problem(p, n, "must be a list");
    if (n->children > f->items_max) return json_field_problem(p, n, "has too many items");
    for (const struct json_node *i = json_first(t, n); i != NULL; i = json_next(t, i), at += f->item_bytes) {
        if (i->type == JSON_NULL) continue;
        if (i->type != JSON_OBJECT) return json_field_problem(p, n, "must hold objects");
        int result = object_read(t, i, f, out, at, p);
        if (result != 0) return result;
    }
    out->said.items = (uint8_t)n->children;
    return 0;
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
    if (f->inner == NULL) return f->read(n, out, base + f->offset, p);
    return f->items_max == 0 ? object_read(t, n, f, out, base + f->offset, p)
                             : list_read(t, n, f, out, base + f->offset, p);
}

/* Members of a line that say what a command is, and where it stood on a tape it was printed from. */
static bool belongs_to_line(struct text key)
{
    return text_equal(key, "op") || text_equal(key, "seq") || text_equal(key, "time");
}

int fields_read(const struct json_tree *t, const struct json_node *object, const struct field_table *table, bool line,
                struct json_command *out, void *base, uint32_t *seen, struct problem *p)
{
    assert(table->count <= TABLE_FIELDS_MAX);
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (line && belongs_to_line(n->key)) continue;
        int result = field_read(t, table, n, out, base, seen, p);
        if (result != 0) return result;
    }
    return 0;
}

/* The part of the path that says a field, or NULL. */
static const void *path_value(const struct json_path *path, enum path_part part, size_t *len_bytes)
{
    const struct name *name = part == PATH_SYMBOL     ? &path->symbol
                              : part == PATH_ACCOUNT  ? &path->account
                              : part == PATH_CURRENCY ? &path->currency
                                                      : NULL;
    *len_bytes = name != NULL ? sizeof *name : sizeof path->order_id;
    if (name != NULL) return name_empty(name) ? NULL : name;
    return part == PATH_ORDER_ID && path->order_id != 0 ? &path->order_id : NULL;
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
