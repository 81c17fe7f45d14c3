/* api/json_command.c - JSON objects to commands.
 * Each kind of command is a table of the fields it has: their names, how each is read, where it goes. Everything else
 * (names in camelCase, a field that is unknown, missing, or given twice under two names, a body that contradicts its
 * path) is the same for all of them and stands once, below the tables.
 * What must stay true: a field is read by the table or refused by name; what a command did not say is left absent. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "api/json_command.h"
#include "core/error.h"

enum { FIELD_NAMES_MAX = 4 };

/* What a URL may say in place of the body. */
enum path_part { PATH_NOTHING = 0, PATH_SYMBOL, PATH_ACCOUNT, PATH_CURRENCY, PATH_ORDER_ID };

struct field {
    const char *names[FIELD_NAMES_MAX]; /* the first is its own; camelCase of each is accepted too */
    /* at: where the value goes. NULL: known, and not supported by this version. */
    int (*read)(const struct json_node *n, struct json_command *out, void *at, struct problem *p);
    size_t offset;  /* of the value in struct json_command */
    uint32_t given; /* bit to set in the command's `fields` */
    enum path_part path;
    bool required;
};

static int read_name(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_name(n, at, p);
}

static int read_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_u64(n, UINT64_MAX, at, p);
}

static int read_decimal(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_decimal(n, at, p);
}

static int read_amount(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_amount(n, at, p);
}

static int read_bool(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return json_read_bool(n, at, p);
}

static int read_u32(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, UINT32_MAX, &value, p) != 0) return ERR_USAGE;
    *(uint32_t *)at = (uint32_t)value;
    return 0;
}

static int read_u16(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, UINT16_MAX, &value, p) != 0) return ERR_USAGE;
    *(uint16_t *)at = (uint16_t)value;
    return 0;
}

static int read_scale(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    uint64_t value;
    (void)out;
    if (json_read_u64(n, CASH_SCALE_MAX, &value, p) != 0) return ERR_USAGE; /* the tape holds no larger one */
    *(uint8_t *)at = (uint8_t)value;
    return 0;
}

static int read_expiry(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    int64_t *expires_ns = at;
    (void)out;
    if (json_read_time(n, expires_ns, p) != 0) return ERR_USAGE;
    return *expires_ns > 0 ? 0 : json_field_problem(p, n, "must be later than 1970");
}

static int read_client_order_id(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    return json_read_text(n, out->client_order_id, sizeof out->client_order_id, at, p);
}

static int read_tag(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
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

static int read_post_only(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return read_flag(n, at, PLACE_POST_ONLY, p);
}

static int read_reduce_only(const struct json_node *n, struct json_command *out, void *at, struct problem *p)
{
    (void)out;
    return read_flag(n, at, PLACE_REDUCE_ONLY, p);
}

#define WORD(number, name) " " #name
#define DEFINE_READ_ENUM(unit, LIST)                                                                                   \
    static int read_##unit(const struct json_node *n, struct json_command *out, void *at, struct problem *p)           \
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

#define AT(member) .offset = offsetof(struct json_command, command.member)

static const struct field limits_fields[] = {
#define X(limit, def, largest) {{#limit}, read_u32, AT(set_limits.limit)},
    LIMITS(X)
#undef X
};

static const struct field currency_fields[] = {
    {{"currency"}, read_name, AT(set_currency.currency), .path = PATH_CURRENCY, .required = true},
    {{"scale"}, read_scale, AT(set_currency.scale)},
};

static const struct field instrument_fields[] = {
    {{"symbol"}, read_name, AT(set_instrument.symbol), .path = PATH_SYMBOL, .required = true},
    {{"currency"}, read_name, AT(set_instrument.currency), INSTRUMENT_HAS_CURRENCY},
    {{"tick_size"}, read_decimal, AT(set_instrument.tick_size), INSTRUMENT_HAS_TICK_SIZE},
    {{"lot_size"}, read_decimal, AT(set_instrument.lot_size), INSTRUMENT_HAS_LOT_SIZE},
    {{"min_quantity"}, read_decimal, AT(set_instrument.min_quantity), INSTRUMENT_HAS_MIN_QUANTITY},
    {{"max_quantity"}, read_decimal, AT(set_instrument.max_quantity), INSTRUMENT_HAS_MAX_QUANTITY},
    {{"max_notional"}, read_amount, AT(set_instrument.max_notional), INSTRUMENT_HAS_MAX_NOTIONAL},
    {{"price_collar_percent"}, read_decimal, AT(set_instrument.collar_percent), INSTRUMENT_HAS_COLLAR},
    {{"maker_fee_bps"}, read_decimal, AT(set_instrument.maker_fee_bps), INSTRUMENT_HAS_MAKER_FEE},
    {{"taker_fee_bps"}, read_decimal, AT(set_instrument.taker_fee_bps), INSTRUMENT_HAS_TAKER_FEE},
    {{"trigger"}, read_trigger, AT(set_instrument.trigger), INSTRUMENT_HAS_TRIGGER},
    {{"settlement_days"}, read_u16, AT(set_instrument.settlement_days), INSTRUMENT_HAS_SETTLEMENT_DAYS},
    {{"state"}, read_instrument_state, AT(set_instrument.state), INSTRUMENT_HAS_STATE},
};

static const struct field account_fields[] = {
    {{"account"}, read_name, AT(set_account.account), .path = PATH_ACCOUNT, .required = true},
    {{"type"}, read_account_type, AT(set_account.type), ACCOUNT_HAS_TYPE},
    {{"leverage"}, read_decimal, AT(set_account.leverage), ACCOUNT_HAS_LEVERAGE},
    {{"allow_short"}, read_bool, AT(set_account.allow_short), ACCOUNT_HAS_ALLOW_SHORT},
    {{"status"}, read_account_status, AT(set_account.status), ACCOUNT_HAS_STATUS},
    {{"limits"}, .read = NULL},
    {{"stp"}, .read = NULL},
};

static const struct field cash_fields[] = {
    {{"account"}, read_name, AT(move_cash.account), .path = PATH_ACCOUNT, .required = true},
    {{"currency"}, read_name, AT(move_cash.currency), .path = PATH_CURRENCY, .required = true},
    {{"amount"}, read_amount, AT(move_cash.amount), .required = true},
};

static const struct field quote_fields[] = {
    {{"symbol"}, read_name, AT(set_quote.symbol), .path = PATH_SYMBOL, .required = true},
    {{"bid"}, read_decimal, AT(set_quote.bid)},
    {{"bid_quantity"}, read_decimal, AT(set_quote.bid_quantity)},
    {{"ask"}, read_decimal, AT(set_quote.ask)},
    {{"ask_quantity"}, read_decimal, AT(set_quote.ask_quantity)},
};

/* orderId and orderType are what callers of old systems send; user_id and portfolio_id are accounts there. */
static const struct field place_fields[] = {
    {{"account", "user_id", "portfolio_id"}, read_name, AT(place.account), .path = PATH_ACCOUNT, .required = true},
    {{"symbol", "instrument_id"}, read_name, AT(place.symbol), .path = PATH_SYMBOL, .required = true},
    {{"side", "direction"}, read_side, AT(place.side), .required = true},
    {{"quantity", "qty"}, read_decimal, AT(place.quantity), .required = true},
    {{"type", "orderType"}, read_order_type, AT(place.type)},
    {{"price", "price_limit", "limit_price"}, read_decimal, AT(place.price)},
    {{"stop_price", "trigger_price"}, read_decimal, AT(place.stop_price)},
    {{"tif"}, read_tif, AT(place.tif)},
    {{"expires_at"}, read_expiry, AT(place.expires_ns)},
    {{"client_order_id", "orderId"}, read_client_order_id, AT(place.client_order_id)},
    {{"display_quantity"}, read_decimal, AT(place.display_quantity)},
    {{"post_only"}, read_post_only, AT(place.flags)},
    {{"reduce_only"}, read_reduce_only, AT(place.flags)},
    {{"leverage"}, read_decimal, AT(place.leverage)},
    {{"stp"}, read_stp, AT(place.stp)},
    {{"venue"}, read_name, AT(place.venue)},
    {{"tag"}, read_tag, AT(place.tag)},
};

static const struct field modify_fields[] = {
    {{"order_id"}, read_id, AT(modify.order_id), .path = PATH_ORDER_ID, .required = true},
    {{"quantity", "qty"}, read_decimal, AT(modify.quantity)},
    {{"price", "price_limit", "limit_price"}, read_decimal, AT(modify.price)},
    {{"stop_price", "trigger_price"}, read_decimal, AT(modify.stop_price)},
    {{"display_quantity"}, read_decimal, AT(modify.display_quantity)},
};

static const struct field cancel_fields[] = {
    {{"order_id"}, read_id, AT(cancel.order_id), .path = PATH_ORDER_ID, .required = true},
};

static const struct field mass_cancel_fields[] = {
    {{"account"}, read_name, AT(mass_cancel.account), .path = PATH_ACCOUNT},
    {{"symbol"}, read_name, AT(mass_cancel.symbol), .path = PATH_SYMBOL},
    {{"side"}, read_side, AT(mass_cancel.side)},
};

static const struct field end_of_day_fields[] = {
    {{"symbol"}, read_name, AT(end_of_day.symbol), .path = PATH_SYMBOL},
};

/* The table of a kind, and how many fields it has. TICK and CONTINUE have none. */
struct field_table {
    const struct field *fields;
    size_t count;
};
#define TABLE(fields)                                                                                                  \
    {                                                                                                                  \
        fields, sizeof fields / sizeof fields[0]                                                                       \
    }
static const struct field_table tables[COMMAND_KIND_NUMBER_MAX + 1] = {
    [COMMAND_SET_LIMITS] = TABLE(limits_fields),
    [COMMAND_SET_CURRENCY] = TABLE(currency_fields),
    [COMMAND_SET_INSTRUMENT] = TABLE(instrument_fields),
    [COMMAND_SET_ACCOUNT] = TABLE(account_fields),
    [COMMAND_MOVE_CASH] = TABLE(cash_fields),
    [COMMAND_SET_QUOTE] = TABLE(quote_fields),
    [COMMAND_PLACE] = TABLE(place_fields),
    [COMMAND_MODIFY] = TABLE(modify_fields),
    [COMMAND_CANCEL] = TABLE(cancel_fields),
    [COMMAND_MASS_CANCEL] = TABLE(mass_cancel_fields),
    [COMMAND_END_OF_DAY] = TABLE(end_of_day_fields),
};
_Static_assert(COMMAND_KIND_NUMBER_MAX == 13, "a new kind of command needs its table here");

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

/* Everything absent: zero, but for decimals, whose zero is a number. */
static void command_clear(struct json_command *out, enum command_kind kind)
{
    const struct decimal none = {0, DECIMAL_ABSENT};
    memset(out, 0, sizeof *out);
    struct command *c = &out->command;
    c->kind = (uint8_t)kind;
    switch (kind) {
    case COMMAND_SET_LIMITS: c->set_limits = limits_default(); break;
    case COMMAND_SET_CURRENCY: c->set_currency.scale = DECIMAL_ABSENT; break;
    case COMMAND_SET_INSTRUMENT: {
        struct command_set_instrument *s = &c->set_instrument;
        s->tick_size = s->lot_size = s->min_quantity = s->max_quantity = none;
        s->collar_percent = s->maker_fee_bps = s->taker_fee_bps = none;
        s->max_notional.scale = DECIMAL_ABSENT;
        break;
    }
    case COMMAND_SET_ACCOUNT: c->set_account.leverage = none; break;
    case COMMAND_SET_QUOTE:
        c->set_quote.bid = c->set_quote.bid_quantity = c->set_quote.ask = c->set_quote.ask_quantity = none;
        break;
    case COMMAND_PLACE:
        c->place.price = c->place.quantity = c->place.stop_price = c->place.display_quantity = c->place.leverage = none;
        break;
    case COMMAND_MODIFY:
        c->modify.price = c->modify.quantity = c->modify.stop_price = c->modify.display_quantity = none;
        break;
    default: break;
    }
}

static void field_mark_given(struct command *c, uint32_t given)
{
    if (c->kind == COMMAND_SET_INSTRUMENT) c->set_instrument.fields |= given;
    if (c->kind == COMMAND_SET_ACCOUNT) c->set_account.fields |= given;
}

/* null is the same as leaving the field out. */
static int field_read(const struct field_table *table, const struct json_node *n, struct json_command *out,
                      uint32_t *seen, struct problem *p)
{
    const struct field *f = field_find(table, n->key);
    if (f == NULL) return json_field_problem(p, n, "is unknown");
    if (n->type == JSON_NULL) return 0;
    if (f->read == NULL) return json_field_problem(p, n, "is not supported by this version");
    uint32_t bit = (uint32_t)1 << (f - table->fields);
    if ((*seen & bit) != 0) return json_field_problem(p, n, "says again what another of its names has said");
    *seen |= bit;
    field_mark_given(&out->command, f->given);
    return f->read(n, out, (char *)out + f->offset, p);
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

/* Takes from the path what it says, and refuses what neither it nor the body does. */
static int fields_complete(const struct field_table *table, const struct json_path *path, struct json_command *out,
                           uint32_t seen, struct problem *p)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *f = &table->fields[i];
        size_t len_bytes;
        bool given = (seen >> i & 1) != 0;
        char *at = (char *)out + f->offset;
        const void *value = path == NULL ? NULL : path_value(path, f->path, &len_bytes);
        if (value != NULL && given && memcmp(at, value, len_bytes) != 0) {
            return json_malformed(p, "field \"%s\" contradicts the path", f->names[0]);
        }
        if (value != NULL) memcpy(at, value, len_bytes);
        if (f->required && !given && value == NULL) return json_malformed(p, "field \"%s\" is missing", f->names[0]);
    }
    return 0;
}

static void place_complete(struct command_place *pl)
{
    bool price = pl->price.scale != DECIMAL_ABSENT, stop = pl->stop_price.scale != DECIMAL_ABSENT;
    if (pl->type == 0) {
        pl->type =
            stop ? (price ? ORDER_TYPE_STOP_LIMIT : ORDER_TYPE_STOP) : (price ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET);
    }
    if (pl->tif == 0) pl->tif = TIF_DAY;
}

static int op_read(const struct json_tree *t, const struct json_node *object, enum command_kind op_default,
                   enum command_kind *kind, struct problem *p)
{
    const struct json_node *n = json_member(t, object, "op");
    *kind = op_default;
    if (n == NULL && op_default == 0) return json_malformed(p, "field \"op\" is missing");
    if (n == NULL) return 0;
    *kind = n->type == JSON_STRING ? (enum command_kind)command_kind_from_text(n->text.bytes, n->text.len_bytes) : 0;
    return *kind != 0 ? 0 : json_field_problem(p, n, "names no command");
}

/* Members of a line that say what a command is, and where it stood on a tape it was printed from. */
static bool belongs_to_line(struct text key)
{
    return text_equal(key, "op") || text_equal(key, "seq") || text_equal(key, "time");
}

int json_command_read(const struct json_tree *t, const struct json_node *object, enum command_kind kind,
                      enum command_kind op_default, const struct json_path *path, struct json_command *out,
                      struct problem *p)
{
    bool line = kind == 0;
    uint32_t seen = 0;
    if (object->type != JSON_OBJECT) return json_malformed(p, "a command must be an object");
    if (line && op_read(t, object, op_default, &kind, p) != 0) return ERR_USAGE;
    if (kind < 1 || kind > COMMAND_KIND_NUMBER_MAX) return json_malformed(p, "no such command");
    const struct field_table *table = &tables[kind];
    command_clear(out, kind);
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (line && belongs_to_line(n->key)) continue;
        if (field_read(table, n, out, &seen, p) != 0) return ERR_USAGE;
    }
    if (fields_complete(table, path, out, seen, p) != 0) return ERR_USAGE;
    if (kind == COMMAND_PLACE) place_complete(&out->command.place);
    return 0;
}

int json_command_parse(enum command_kind kind, const char *text, size_t len_bytes, const struct json_path *path,
                       struct json_command *out, struct problem *p)
{
    struct json_tree tree;
    int result = json_tree_read(&tree, text, len_bytes, p);
    if (result == 0) result = json_command_read(&tree, &tree.nodes[0], kind, 0, path, out, p);
    json_tree_free(&tree);
    return result;
}
