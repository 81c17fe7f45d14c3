/* proto/command_codec.c - commands to and from the payload of a block (CommandBlock of proto/tape.proto).
 * What must stay true: a command that is refused leaves the encoder as it was, but for names that no row may come to
 * use; what is accepted always fits: the bytes of a block are bounded row by row, so packing cannot fail. The items of a
 * list are rows of a table of their own: reading believes no count of items before it is compared with its bound, and
 * with what the table holds. */
#include "proto/codec.h"

#include <assert.h>
#include <stdlib.h>

#include "core/error.h"
#include "proto/block.h"
#include "proto/state_fields.h"
#include "proto/tape.pb-c.h"

#define SET_CURRENCY_FIELDS(X)                                                                                         \
    X(NAME, currency, currency)                                                                                        \
    X(CASH_SCALE_OPTIONAL, scale, scale)

#define SET_INSTRUMENT_FIELDS(X)                                                                                       \
    X(NAME, symbol, symbol)                                                                                            \
    X(NAME, currency, currency)                                                                                        \
    X(U32, fields, fields)                                                                                             \
    X(DECIMAL, tick_size, tick_size)                                                                                   \
    X(DECIMAL, lot_size, lot_size)                                                                                     \
    X(DECIMAL, min_quantity, min_quantity)                                                                             \
    X(DECIMAL, max_quantity, max_quantity)                                                                             \
    X(AMOUNT, max_notional, max_notional)                                                                              \
    X(DECIMAL, collar_percent, collar_percent)                                                                         \
    X(DECIMAL, maker_fee_bps, maker_fee_bps)                                                                           \
    X(DECIMAL, taker_fee_bps, taker_fee_bps)                                                                           \
    X(BYTE, trigger, trigger)                                                                                          \
    X(BYTE, state, state)                                                                                              \
    X(U16, settlement_days, settlement_days)                                                                           \
    X(DECIMAL, max_leverage, max_leverage)                                                                             \
    X(BYTE, mark, mark)                                                                                                \
    X(BOOL, halt_on_breach, halt_on_breach)

#define SET_ACCOUNT_FIELDS(X)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(U32, fields, fields)                                                                                             \
    X(DECIMAL, leverage, leverage)                                                                                     \
    X(BYTE, type, type)                                                                                                \
    X(BYTE, status, status)                                                                                            \
    X(BOOL, allow_short, allow_short)                                                                                  \
    X(DECIMAL, max_order_quantity, max_order_quantity)                                                                 \
    X(DECIMAL, max_order_notional, max_order_notional)                                                                 \
    X(DECIMAL, max_position, max_position)                                                                             \
    X(DECIMAL, maker_fee_bps, maker_fee_bps)                                                                           \
    X(DECIMAL, taker_fee_bps, taker_fee_bps)                                                                           \
    X(DECIMAL, margin_call_percent, margin_call_percent)                                                               \
    X(DECIMAL, liquidation_percent, liquidation_percent)                                                               \
    X(U32, max_open_orders, max_open_orders)                                                                           \
    X(U32, max_orders_per_second, max_orders_per_second)                                                               \
    X(BYTE, stp, stp)

#define MOVE_CASH_FIELDS(X)                                                                                            \
    X(NAME, account, account)                                                                                          \
    X(NAME, currency, currency)                                                                                        \
    X(AMOUNT, amount, amount)

#define SET_QUOTE_FIELDS(X)                                                                                            \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE_DECIMAL, bid, bid)                                                                                         \
    X(DECIMAL, bid_quantity, bid_quantity)                                                                             \
    X(PRICE_DECIMAL, ask, ask)                                                                                         \
    X(DECIMAL, ask_quantity, ask_quantity)

/* path: where the struct is, with its dot, or nothing. */
#define PLACE_FIELDS_AT(X, path)                                                                                       \
    X(NAME, account, path account)                                                                                     \
    X(SYMBOL, symbol, path symbol)                                                                                     \
    X(NAME, venue, path venue)                                                                                         \
    X(TEXT, client_order_id, path client_order_id)                                                                     \
    X(TEXT, tag, path tag)                                                                                             \
    X(PRICE_DECIMAL, price, path price)                                                                                \
    X(DECIMAL, quantity, path quantity)                                                                                \
    X(DECIMAL, stop_price, path stop_price)                                                                            \
    X(DECIMAL, display_quantity, path display_quantity)                                                                \
    X(DECIMAL, leverage, path leverage)                                                                                \
    X(I64, expires_ns, path expires_ns)                                                                                \
    X(BYTE, side, path side)                                                                                           \
    X(BYTE, type, path type)                                                                                           \
    X(BYTE, tif, path tif)                                                                                             \
    X(BYTE, stp, path stp)                                                                                             \
    X(BYTE, flags, path flags)                                                                                         \
    X(DECIMAL, quote_quantity, path quote_quantity)                                                                    \
    X(DECIMAL, min_quantity, path min_quantity)                                                                        \
    X(DECIMAL, trail, path trail)
#define PLACE_FIELDS(X) PLACE_FIELDS_AT(X, )

#define PLACE_LINKED_FIELDS(X)                                                                                         \
    PLACE_FIELDS_AT(X, entry.)                                                                                         \
    X(PRICE_DECIMAL, leg0_price, legs[0].price)                                                                        \
    X(PRICE_DECIMAL, leg0_stop_price, legs[0].stop_price)                                                              \
    X(BYTE, leg0_side, legs[0].side)                                                                                   \
    X(BYTE, leg0_type, legs[0].type)                                                                                   \
    X(BYTE, leg0_tif, legs[0].tif)                                                                                     \
    X(PRICE_DECIMAL, leg1_price, legs[1].price)                                                                        \
    X(PRICE_DECIMAL, leg1_stop_price, legs[1].stop_price)                                                              \
    X(BYTE, leg1_side, legs[1].side)                                                                                   \
    X(BYTE, leg1_type, legs[1].type)                                                                                   \
    X(BYTE, leg1_tif, legs[1].tif)                                                                                     \
    X(BYTE, link, link)                                                                                                \
    X(BYTE, activation, activation)

#define MODIFY_FIELDS(X)                                                                                               \
    X(ID, order_id, order_id)                                                                                          \
    X(PRICE_DECIMAL, price, price)                                                                                     \
    X(DECIMAL, quantity, quantity)                                                                                     \
    X(DECIMAL, stop_price, stop_price)                                                                                 \
    X(DECIMAL, display_quantity, display_quantity)

#define CANCEL_FIELDS(X) X(ID, order_id, order_id)

#define MASS_CANCEL_FIELDS(X)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(BYTE, side, side)

#define END_OF_DAY_FIELDS(X) X(NAME, symbol, symbol)

#define SET_TRADING_FIELDS(X)                                                                                          \
    X(NAME, account, account)                                                                                          \
    X(NAME, symbol, symbol)                                                                                            \
    X(BYTE, status, status)                                                                                            \
    X(BOOL, cancel, cancel)

#define GTT_PLACE_FIELDS(X)                                                                                            \
    X(NAME, account, account)                                                                                          \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE_DECIMAL, leg0_trigger_price, legs[0].trigger_price)                                                        \
    X(PRICE_DECIMAL, leg0_price, legs[0].price)                                                                        \
    X(DECIMAL, leg0_quantity, legs[0].quantity)                                                                        \
    X(PRICE_DECIMAL, leg1_trigger_price, legs[1].trigger_price)                                                        \
    X(PRICE_DECIMAL, leg1_price, legs[1].price)                                                                        \
    X(DECIMAL, leg1_quantity, legs[1].quantity)                                                                        \
    X(I64, expires_ns, expires_ns)                                                                                     \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, legs_count, legs_count)

#define GTT_MODIFY_FIELDS(X)                                                                                           \
    X(ID, gtt_id, gtt_id)                                                                                              \
    X(PRICE_DECIMAL, leg0_trigger_price, legs[0].trigger_price)                                                        \
    X(PRICE_DECIMAL, leg0_price, legs[0].price)                                                                        \
    X(DECIMAL, leg0_quantity, legs[0].quantity)                                                                        \
    X(PRICE_DECIMAL, leg1_trigger_price, legs[1].trigger_price)                                                        \
    X(PRICE_DECIMAL, leg1_price, legs[1].price)                                                                        \
    X(DECIMAL, leg1_quantity, legs[1].quantity)                                                                        \
    X(I64, expires_ns, expires_ns)                                                                                     \
    X(BYTE, status, status)

#define GTT_DELETE_FIELDS(X) X(ID, gtt_id, gtt_id)

#define CHECK_MARGIN_FIELDS(X) X(NAME, account, account)

#define SET_VENUE_FIELDS(X)                                                                                            \
    X(NAME, venue, venue)                                                                                              \
    X(BYTE, state, state)                                                                                              \
    X(BYTE, simulated, simulated)                                                                                      \
    X(BYTE, cause, cause)

#define SET_ROUTING_FIELDS(X) X(U32, rules_count, rules_count)

#define BATCH_FIELDS(X)                                                                                                \
    X(NAME, account, account)                                                                                          \
    X(BOOL, atomic, atomic)                                                                                            \
    X(U32, orders_count, orders_count)

#define CANCEL_BATCH_FIELDS(X)                                                                                         \
    X(ID, batch_id, batch_id)                                                                                          \
    X(U32, orders_count, orders_count)

#define ROUTE_FIELDS(X)                                                                                                \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, venue, venue)

#define REPORT_FIELDS(X)                                                                                               \
    X(ID, order_id, order_id)                                                                                          \
    X(NAME, venue, venue)                                                                                              \
    X(TEXT, ext_order_id, ext_order_id)                                                                                \
    X(TEXT, reason, reason)                                                                                            \
    X(BYTE, report, report)

#define FILL_FIELDS(X)                                                                                                 \
    X(NAME, venue, venue)                                                                                              \
    X(BOOL, simulated, simulated)                                                                                      \
    X(U32, fills_count, fills_count)

#define SETTLE_FIELDS(X) X(ID, order_id, order_id)

#define CLEAR_KEY_FIELDS(X)                                                                                            \
    X(U64, key_lo, key.lo)                                                                                             \
    X(U64, key_hi, key.hi)

#define STATEMENT_FIELDS(X)                                                                                            \
    X(NAME, venue, venue)                                                                                              \
    X(NAME, account, account)                                                                                          \
    X(I64, from_ns, from_ns)                                                                                           \
    X(I64, to_ns, to_ns)                                                                                               \
    X(U32, rows_count, rows_count)

/* Items of lists. */
#define FILL_ROW_FIELDS(X)                                                                                             \
    X(ID, order_id, order_id)                                                                                          \
    X(PRICE_DECIMAL, price, price)                                                                                     \
    X(DECIMAL, quantity, quantity)                                                                                     \
    X(TEXT, exec_id, exec_id)                                                                                          \
    X(TEXT, ref_exec_id, ref_exec_id)                                                                                  \
    X(BYTE, kind, kind)

#define STATEMENT_ROW_FIELDS(X)                                                                                        \
    X(SYMBOL, symbol, symbol)                                                                                          \
    X(PRICE_DECIMAL, price, price)                                                                                     \
    X(DECIMAL, quantity, quantity)                                                                                     \
    X(AMOUNT, fee, fee)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(TEXT, exec_id, exec_id)                                                                                          \
    X(TEXT, ext_order_id, ext_order_id)

/* In the block itself. */
#define ORIGIN_FIELDS(X)                                                                                               \
    X(NAME, actor, actor)                                                                                              \
    X(TEXT, request_id, request_id)                                                                                    \
    X(U64, key_lo, key.lo)                                                                                             \
    X(U64, key_hi, key.hi)                                                                                             \
    X(U64, body_lo, body.lo)                                                                                           \
    X(U64, body_hi, body.hi)

/* Y(KIND, member of struct command and of CommandBlock, message, its functions' name, struct, fields) */
#define COMMAND_TABLES(Y)                                                                                              \
    Y(SET_LIMITS, set_limits, LimitsColumns, limits_columns, limits, LIMITS_FIELDS)                                    \
    Y(SET_CURRENCY, set_currency, SetCurrencyColumns, set_currency_columns, command_set_currency, SET_CURRENCY_FIELDS) \
    Y(SET_INSTRUMENT, set_instrument, SetInstrumentColumns, set_instrument_columns, command_set_instrument,            \
      SET_INSTRUMENT_FIELDS)                                                                                           \
    Y(SET_ACCOUNT, set_account, SetAccountColumns, set_account_columns, command_set_account, SET_ACCOUNT_FIELDS)       \
    Y(MOVE_CASH, move_cash, MoveCashColumns, move_cash_columns, command_move_cash, MOVE_CASH_FIELDS)                   \
    Y(SET_QUOTE, set_quote, SetQuoteColumns, set_quote_columns, command_set_quote, SET_QUOTE_FIELDS)                   \
    Y(PLACE, place, PlaceColumns, place_columns, command_place, PLACE_FIELDS)                                          \
    Y(MODIFY, modify, ModifyColumns, modify_columns, command_modify, MODIFY_FIELDS)                                    \
    Y(CANCEL, cancel, CancelColumns, cancel_columns, command_cancel, CANCEL_FIELDS)                                    \
    Y(MASS_CANCEL, mass_cancel, MassCancelColumns, mass_cancel_columns, command_mass_cancel, MASS_CANCEL_FIELDS)       \
    Y(END_OF_DAY, end_of_day, EndOfDayColumns, end_of_day_columns, command_end_of_day, END_OF_DAY_FIELDS)              \
    Y(PLACE_LINKED, place_linked, PlaceLinkedColumns, place_linked_columns, command_place_linked, PLACE_LINKED_FIELDS) \
    Y(SET_TRADING, set_trading, SetTradingColumns, set_trading_columns, command_set_trading, SET_TRADING_FIELDS)       \
    Y(GTT_PLACE, gtt_place, GttPlaceColumns, gtt_place_columns, command_gtt_place, GTT_PLACE_FIELDS)                   \
    Y(GTT_MODIFY, gtt_modify, GttModifyColumns, gtt_modify_columns, command_gtt_modify, GTT_MODIFY_FIELDS)             \
    Y(GTT_DELETE, gtt_delete, GttDeleteColumns, gtt_delete_columns, command_gtt_delete, GTT_DELETE_FIELDS)             \
    Y(CHECK_MARGIN, check_margin, CheckMarginColumns, check_margin_columns, command_check_margin, CHECK_MARGIN_FIELDS) \
    Y(SET_VENUE, set_venue, SetVenueColumns, set_venue_columns, command_set_venue, SET_VENUE_FIELDS)                   \
    Y(SET_ROUTING, set_routing, SetRoutingColumns, set_routing_columns, command_set_routing, SET_ROUTING_FIELDS)       \
    Y(BATCH, batch, BatchColumns, batch_columns, command_batch, BATCH_FIELDS)                                          \
    Y(CANCEL_BATCH, cancel_batch, CancelBatchColumns, cancel_batch_columns, command_cancel_batch, CANCEL_BATCH_FIELDS) \
    Y(ROUTE, route, RouteColumns, route_columns, command_route, ROUTE_FIELDS)                                          \
    Y(REPORT, report, ReportColumns, report_columns, command_report, REPORT_FIELDS)                                    \
    Y(FILL, fill, FillColumns, fill_columns, command_fill, FILL_FIELDS)                                                \
    Y(SETTLE, settle, SettleColumns, settle_columns, command_settle, SETTLE_FIELDS)                                    \
    Y(CLEAR_KEY, clear_key, ClearKeyColumns, clear_key_columns, command_clear_key, CLEAR_KEY_FIELDS)                   \
    Y(STATEMENT, statement, StatementColumns, statement_columns, command_statement, STATEMENT_FIELDS)

#define Y(...) +1
_Static_assert(0 COMMAND_TABLES(Y) + 2 == COMMAND_KIND_NUMBER_MAX,
               "every command but TICK and CONTINUE has its columns");
#undef Y

/* Lists of items inside commands, each a table of its own in the block.
 * Y(KIND, member of struct command, list in it, member of CommandBlock, message, its functions' name, struct, fields,
 *   names of an item, most items) */
#define LIST_TABLES(Y)                                                                                                 \
    Y(BATCH, batch, orders, batch_orders, PlaceColumns, place_columns, command_place, PLACE_FIELDS, 3,                 \
      BATCH_ORDERS_MAX)                                                                                                \
    Y(SET_ROUTING, set_routing, rules, routing_rules, RuleColumns, rule_columns, route_rule, RULE_FIELDS, RULE_NAMES,  \
      ROUTE_RULES_MAX)                                                                                                 \
    Y(FILL, fill, fills, fill_rows, FillRowColumns, fill_row_columns, fill_row, FILL_ROW_FIELDS, 0, FILLS_MAX)         \
    Y(STATEMENT, statement, rows, statement_rows, StatementRowColumns, statement_row_columns, statement_row,           \
      STATEMENT_ROW_FIELDS, 1, STATEMENT_ROWS_MAX)

/* The actor; and of what is no item no command names more things than a PLACE. */
enum { COMMAND_NAMES_MAX = 1 + 3 };
#define Y(KIND, member, list, table, message, lower, type, FIELDS, names, items_max)                                   \
    _Static_assert(COMMAND_NAMES_MAX + (names) * (items_max) <= WORDS_NAMES_MAX &&                                     \
                       (int)(items_max) <= (int)BLOCK_RECORDS_MAX,                                                     \
                   "the longest list fits into a block");
LIST_TABLES(Y)
#undef Y
/* The kind, and the step of time. */
enum { COMMAND_SELF_BYTES_MAX = 1 + 10 };
enum { COMMAND_BLOCK_BYTES_MAX = BLOCK_PAYLOAD_BYTES_MAX - COLUMNS_FRAME_BYTES_MAX };

#define Y(KIND, member, message, lower, type, FIELDS) ROW_FUNCTIONS(member, Ordertape__##message, type, FIELDS)
COMMAND_TABLES(Y)
#undef Y
#define Y(KIND, member, list, table, message, lower, type, FIELDS, names, items_max)                                   \
    ROW_FUNCTIONS(table, Ordertape__##message, type, FIELDS)
LIST_TABLES(Y)
#undef Y
ROW_FUNCTIONS(origin, Ordertape__CommandBlock, command_origin, ORIGIN_FIELDS)

/* --- writing --- */

struct command_encoder {
    struct words_writer words;
    uint32_t count;
    uint32_t rows[BLOCK_KINDS]; /* of each kind */
    uint64_t first_seq;
    int64_t ts_ns;
    size_t bytes_max; /* the most that what was added can take */
    uint8_t *columns, *payload;
    Ordertape__CommandBlock block;
    Ordertape__Words block_words;
#define Y(KIND, member, message, lower, type, FIELDS) Ordertape__##message member;
    COMMAND_TABLES(Y)
#undef Y
#define Y(KIND, member, list, table, message, lower, type, FIELDS, names, items_max)                                   \
    Ordertape__##message table;                                                                                        \
    uint32_t table##_count;
    LIST_TABLES(Y)
#undef Y
};

static size_t encoder_columns_bytes(void)
{
    size_t bytes = columns_bytes(&ordertape__command_block__descriptor, BLOCK_RECORDS_MAX);
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    bytes += columns_bytes(&ordertape__##lower##__descriptor, BLOCK_RECORDS_MAX);
    COMMAND_TABLES(Y)
#undef Y
#define Y(KIND, member, list, table, message, lower, ...)                                                              \
    bytes += columns_bytes(&ordertape__##lower##__descriptor, BLOCK_RECORDS_MAX);
    LIST_TABLES(Y)
#undef Y
    return bytes;
}

static void encoder_attach(struct command_encoder *e)
{
    ordertape__words__init(&e->block_words);
    ordertape__command_block__init(&e->block);
    uint8_t *memory = columns_attach(&e->block.base, BLOCK_RECORDS_MAX, e->columns);
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    ordertape__##lower##__init(&e->member);                                                                            \
    memory = columns_attach(&e->member.base, BLOCK_RECORDS_MAX, memory);
    COMMAND_TABLES(Y)
#undef Y
#define Y(KIND, member, list, table, message, lower, ...)                                                              \
    ordertape__##lower##__init(&e->table);                                                                             \
    memory = columns_attach(&e->table.base, BLOCK_RECORDS_MAX, memory);
    LIST_TABLES(Y)
#undef Y
    assert(memory == e->columns + encoder_columns_bytes());
}

/* Room for the largest block is asked for at once: pages that no block needed are never touched. */
int command_encoder_new(struct command_encoder **out)
{
    struct command_encoder *e = calloc(1, sizeof *e);
    if (e == NULL) return ERR_NO_MEMORY;
    e->columns = aligned_alloc(64, (encoder_columns_bytes() + 63) & ~(size_t)63);
    e->payload = malloc(BLOCK_PAYLOAD_BYTES_MAX);
    if (e->columns == NULL || e->payload == NULL ||
        words_writer_init(&e->words, WORDS_NAMES_MAX, COMMAND_BLOCK_BYTES_MAX) != 0) {
        command_encoder_free(e);
        return ERR_NO_MEMORY;
    }
    encoder_attach(e);
    *out = e;
    return 0;
}

void command_encoder_free(struct command_encoder *e)
{
    if (e == NULL) return;
    words_writer_free(&e->words);
    free(e->columns);
    free(e->payload);
    free(e);
}

/* What a command takes of a block, at most. */
struct command_room {
    size_t bytes;
    uint32_t names;
    uint32_t items; /* of its list */
    bool fits;      /* an empty block */
};

/* The bytes of a command's texts. */
static size_t place_texts_bytes(const struct command_place *x)
{
    return (size_t)x->client_order_id.len_bytes + x->tag.len_bytes;
}
static size_t batch_orders_texts_bytes(const struct command_place *x)
{
    return place_texts_bytes(x);
}
static size_t routing_rules_texts_bytes(const struct route_rule *x)
{
    (void)x;
    return 0;
}
static size_t fill_rows_texts_bytes(const struct fill_row *x)
{
    return (size_t)x->exec_id.len_bytes + x->ref_exec_id.len_bytes;
}
static size_t statement_rows_texts_bytes(const struct statement_row *x)
{
    return (size_t)x->exec_id.len_bytes + x->ext_order_id.len_bytes;
}
static size_t row_texts_bytes(const struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE: return place_texts_bytes(&c->place);
    case COMMAND_PLACE_LINKED: return place_texts_bytes(&c->place_linked.entry);
    case COMMAND_REPORT: return (size_t)c->report.ext_order_id.len_bytes + c->report.reason.len_bytes;
    default: return 0;
    }
}

/* What is empty or 0 is a byte, so that commands of the process itself do not fill a block sooner. */
static size_t origin_bytes_max(const struct command_origin *o)
{
    size_t bytes = SIZE_TEXT + o->request_id.len_bytes;
    bytes += name_empty(&o->actor) ? 1 : SIZE_NAME;
    bytes += (o->key.lo | o->key.hi | o->body.lo | o->body.hi) == 0 ? 4 : 4 * SIZE_U64;
    return bytes;
}

static void room_add_list(struct command_room *room, const struct command *c)
{
    switch (c->kind) {
#define Y(KIND, member, list, table, message, lower, type, FIELDS, names_each, items_max)                              \
    case COMMAND_##KIND:                                                                                               \
        room->items = c->member.list##_count;                                                                          \
        room->fits = room->items <= (items_max);                                                                       \
        room->names += (names_each)*room->items;                                                                       \
        room->bytes += (size_t)(0 FIELDS(SIZE)) * room->items;                                                         \
        for (uint32_t k = 0; room->fits && k < room->items; k++)                                                       \
            room->bytes += table##_texts_bytes(&c->member.list[k]);                                                    \
        break;
        LIST_TABLES(Y)
#undef Y
    default: break;
    }
}

static struct command_room command_room(const struct command *c)
{
    static const uint16_t fields_bytes_max[BLOCK_KINDS] = {
#define Y(KIND, member, message, lower, type, FIELDS) [COMMAND_##KIND] = 0 FIELDS(SIZE),
        COMMAND_TABLES(Y)
#undef Y
    };
    struct command_room room = {.names = COMMAND_NAMES_MAX, .fits = true};
    room.bytes = COMMAND_SELF_BYTES_MAX + origin_bytes_max(&c->origin) + fields_bytes_max[c->kind] + row_texts_bytes(c);
    room_add_list(&room, c);
    room.fits = room.fits && room.bytes <= COMMAND_BLOCK_BYTES_MAX;
    return room;
}

static uint32_t encoder_items(const struct command_encoder *e, uint8_t kind)
{
    switch (kind) {
#define Y(KIND, member, list, table, ...)                                                                              \
    case COMMAND_##KIND: return e->table##_count;
        LIST_TABLES(Y)
#undef Y
    default: return 0;
    }
}

static bool encoder_has_room(const struct command_encoder *e, const struct command *c, const struct command_room *room)
{
    return e->count < BLOCK_RECORDS_MAX && e->bytes_max + room->bytes <= COMMAND_BLOCK_BYTES_MAX &&
           e->words.names_count + room->names <= WORDS_NAMES_MAX &&
           encoder_items(e, c->kind) + room->items <= BLOCK_RECORDS_MAX;
}

/* Nothing of a command may be written before all of it is known to fit: its list is looked at first, and written last. */
static bool encoder_fit_list(struct command_encoder *e, const struct command *c)
{
    bool ok = true;
    switch (c->kind) {
#define Y(KIND, member, list, table, ...)                                                                              \
    case COMMAND_##KIND:                                                                                               \
        for (uint32_t k = 0; ok && k < c->member.list##_count; k++)                                                    \
            ok = fit_##table(&e->words, &e->table, e->table##_count + k, &c->member.list[k]);                          \
        break;
        LIST_TABLES(Y)
#undef Y
    default: break;
    }
    return ok;
}

static void encoder_write_list(struct command_encoder *e, const struct command *c)
{
    switch (c->kind) {
#define Y(KIND, member, list, table, ...)                                                                              \
    case COMMAND_##KIND:                                                                                               \
        for (uint32_t k = 0; k < c->member.list##_count; k++)                                                          \
            write_##table(&e->words, &e->table, e->table##_count++, &c->member.list[k]);                               \
        break;
        LIST_TABLES(Y)
#undef Y
    default: break;
    }
}

static bool encoder_put_row(struct command_encoder *e, const struct command *c)
{
    size_t row = e->rows[c->kind];
    switch (c->kind) {
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    case COMMAND_##KIND: return put_##member(&e->words, &e->member, row, &c->member);
        COMMAND_TABLES(Y)
#undef Y
    case 0: return false; /* what a payload of no bytes would say */
    default: return true; /* TICK, CONTINUE, and what the engine will call COMMAND_UNKNOWN */
    }
}

static bool encoder_put_fields(struct command_encoder *e, const struct command *c)
{
    if (c->kind == COMMAND_BATCH && c->batch.indexes != NULL) return false; /* of a branch */
    e->words.symbol = 0;
    e->words.seq = c->seq;
    if (!fit_origin(&e->words, &e->block, e->count, &c->origin)) return false;
    if (!encoder_fit_list(e, c) || !encoder_put_row(e, c)) return false;

    /* From here on it cannot fail. */
    encoder_write_list(e, c);
    write_origin(&e->words, &e->block, e->count, &c->origin);
    return true;
}

int command_encoder_add(struct command_encoder *e, const struct command *c)
{
    assert(e->count == 0 || c->seq == e->first_seq + e->count);
    struct command_room room = command_room(c);
    if (!room.fits) return ERR_USAGE;
    if (!encoder_has_room(e, c, &room)) return ERR_FULL;
    if (!encoder_put_fields(e, c)) return ERR_USAGE;

    /* From here on it cannot fail. */
    if (e->count == 0) {
        e->first_seq = c->seq;
        e->ts_ns = c->ts_ns;
        e->block.has_first_ts_ns = true;
        e->block.first_ts_ns = c->ts_ns;
    }
    e->block.kind.data[e->count] = c->kind;
    e->block.ts_step_ns[e->count] = wrap_sub(c->ts_ns, e->ts_ns);
    e->ts_ns = c->ts_ns;
    e->bytes_max += room.bytes;
    e->rows[c->kind]++;
    e->count++;
    return 0;
}

uint32_t command_encoder_count(const struct command_encoder *e)
{
    return e->count;
}

static void encoder_reset(struct command_encoder *e)
{
    words_writer_reset(&e->words);
    memset(e->rows, 0, sizeof e->rows);
#define Y(KIND, member, list, table, ...) e->table##_count = 0;
    LIST_TABLES(Y)
#undef Y
    e->count = 0;
    e->bytes_max = 0;
    e->block.has_first_ts_ns = false;
}

int command_encoder_finish(struct command_encoder *e, const uint8_t **bytes, size_t *len_bytes)
{
    columns_close(&e->block.base, e->count);
    words_writer_close(&e->words, &e->block_words);
    e->block.words = e->words.names_count > 0 || e->words.texts_len > 0 ? &e->block_words : NULL;
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    e->block.member = (Ordertape__##message *)block_close_table(&e->member.base, e->rows[COMMAND_##KIND]);
    COMMAND_TABLES(Y)
#undef Y
#define Y(KIND, member, list, table, message, ...)                                                                     \
    e->block.table = (Ordertape__##message *)block_close_table(&e->table.base, e->table##_count);
    LIST_TABLES(Y)
#undef Y
    *len_bytes = protobuf_c_message_pack(&e->block.base, e->payload);
    assert(*len_bytes <= e->bytes_max + COLUMNS_FRAME_BYTES_MAX);
    *bytes = e->payload;
    encoder_reset(e);
    return 0;
}

/* --- reading --- */

struct command_decoder {
    struct arena arena;
    struct words_reader words;
    uint32_t count, at;
    uint32_t rows[BLOCK_KINDS]; /* of each kind, read so far */
    uint64_t seq;
    int64_t ts_ns;
    const Ordertape__CommandBlock *block; /* in the arena, its columns open */
    /* Of each list: the items of the whole block, those that were handed out first. */
#define Y(KIND, member, list, table, message, lower, type, ...)                                                        \
    struct type *table;                                                                                                \
    uint32_t table##_count, table##_at, table##_room;
    LIST_TABLES(Y)
#undef Y
};

int command_decoder_new(struct command_decoder **out)
{
    struct command_decoder *d = calloc(1, sizeof *d);
    if (d == NULL || words_reader_init(&d->words, WORDS_NAMES_MAX) != 0) {
        free(d);
        return ERR_NO_MEMORY;
    }
    *out = d;
    return 0;
}

void command_decoder_free(struct command_decoder *d)
{
    if (d == NULL) return;
    words_reader_free(&d->words);
    arena_free(&d->arena);
#define Y(KIND, member, list, table, ...) free(d->table);
    LIST_TABLES(Y)
#undef Y
    free(d);
}

/* Adds up the items that the rows of a kind say they have. False: one more than a command may have, or all together more
 * than a block may. */
static bool items_add_up(const uint32_t *counts, size_t mask, uint32_t rows, uint32_t items_max, uint32_t *sum)
{
    *sum = 0;
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t items = counts[i & mask];
        if (items > items_max || items > BLOCK_RECORDS_MAX - *sum) return false;
        *sum += items;
    }
    return true;
}

/* The tables of the kinds are open. */
static bool decoder_open_lists(struct command_decoder *d, Ordertape__CommandBlock *block,
                               const struct block_counts *counts)
{
    bool ok = true;
#define Y(KIND, member, list, table, message, lower, type, FIELDS, names, items_max)                                   \
    uint32_t table##_rows = counts->of[COMMAND_##KIND];                                                                \
    d->table##_at = d->table##_count = 0;                                                                              \
    if (table##_rows > 0)                                                                                              \
        ok = ok && items_add_up(block->member->list##_count, block->member->n_##list##_count, table##_rows, items_max, \
                                &d->table##_count);                                                                    \
    ok = ok && block_open_table((ProtobufCMessage *)block->table, d->table##_count);
    LIST_TABLES(Y)
#undef Y
    return ok;
}

/* Room for the items of every list, which the block was found to hold. */
static int decoder_reserve_lists(struct command_decoder *d)
{
#define Y(KIND, member, list, table, message, lower, type, ...)                                                        \
    if (d->table##_count > d->table##_room) {                                                                          \
        free(d->table);                                                                                                \
        d->table = malloc(d->table##_count * sizeof *d->table);                                                        \
        d->table##_room = d->table != NULL ? d->table##_count : 0;                                                     \
        if (d->table == NULL) return ERR_NO_MEMORY;                                                                    \
    }
    LIST_TABLES(Y)
#undef Y
    return 0;
}

static bool decoder_open_tables(struct command_decoder *d, Ordertape__CommandBlock *block, uint32_t count)
{
    struct block_counts counts;
    if (!columns_open(&block->base, count)) return false;
    block_count_kinds(&block->kind, count, &counts);
    bool ok = true;
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    ok &= block_open_table((ProtobufCMessage *)block->member, counts.of[COMMAND_##KIND]);
    COMMAND_TABLES(Y)
#undef Y
    return ok && decoder_open_lists(d, block, &counts);
}

int command_decoder_start(struct command_decoder *d, const uint8_t *bytes, size_t len_bytes, uint64_t first_seq,
                          uint32_t count)
{
    ProtobufCMessage *message;
    d->count = d->at = 0;
    if (count > BLOCK_RECORDS_MAX || len_bytes > BLOCK_PAYLOAD_BYTES_MAX) return ERR_CORRUPT;
    int result = columns_unpack(&d->arena, &ordertape__command_block__descriptor, bytes, len_bytes, &message);
    if (result != 0) return result;
    Ordertape__CommandBlock *block = (Ordertape__CommandBlock *)message;
    if (!decoder_open_tables(d, block, count)) return ERR_CORRUPT;
    result = words_reader_open(&d->words, block->words);
    if (result == 0) result = decoder_reserve_lists(d);
    if (result != 0) return result;
    d->block = block;
    d->count = count;
    d->seq = first_seq;
    d->ts_ns = block->first_ts_ns;
    memset(d->rows, 0, sizeof d->rows);
    return 0;
}

static bool decoder_get_row(struct command_decoder *d, struct command *out)
{
    size_t row = d->rows[out->kind]++;
    switch (out->kind) {
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    case COMMAND_##KIND: return get_##member(&d->words, d->block->member, row, &out->member);
        COMMAND_TABLES(Y)
#undef Y
    case 0: return false;
    default: return true;
    }
}

static bool decoder_get_list(struct command_decoder *d, struct command *out)
{
    bool ok = true;
    switch (out->kind) {
#define Y(KIND, member, list, table, message, lower, type, ...)                                                        \
    case COMMAND_##KIND: {                                                                                             \
        uint32_t end = d->table##_at + out->member.list##_count;                                                       \
        out->member.list = d->table + d->table##_at;                                                                   \
        for (; ok && d->table##_at < end; d->table##_at++) {                                                           \
            memset(&d->table[d->table##_at], 0, sizeof *d->table);                                                     \
            ok = get_##table(&d->words, d->block->table, d->table##_at, &d->table[d->table##_at]);                     \
        }                                                                                                              \
        if (out->member.list##_count == 0) out->member.list = NULL;                                                    \
        break;                                                                                                         \
    }
        LIST_TABLES(Y)
#undef Y
    default: break;
    }
    return ok;
}

static bool decoder_get_fields(struct command_decoder *d, struct command *out)
{
    d->words.symbol = 0;
    d->words.seq = out->seq;
    if (out->kind == COMMAND_BATCH) out->batch.indexes = NULL;
    return decoder_get_row(d, out) && decoder_get_list(d, out) && get_origin(&d->words, d->block, d->at, &out->origin);
}

int command_decoder_next(struct command_decoder *d, struct command *out)
{
    if (d->at == d->count) return ERR_END;
    const Ordertape__CommandBlock *m = d->block;
    size_t i = d->at;
    d->ts_ns = wrap_add(d->ts_ns, CELL(ts_step_ns));
    out->seq = d->seq++;
    out->ts_ns = d->ts_ns;
    out->kind = CELL_BYTE(kind);
    bool ok = decoder_get_fields(d, out);
    if (++d->at == d->count) ok &= d->words.texts_at == d->words.texts_len;
    if (ok) return 0;
    d->count = d->at = 0; /* nothing after it can be believed */
    return ERR_CORRUPT;
}
