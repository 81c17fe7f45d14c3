/* proto/state_codec.c - the tables of a snapshot to and from protobuf columns (StateTable of proto/state.proto).
 * What must stay true: a row is read with its whole struct zeroed first, so padding and unused bytes are 0 for
 * whoever reads. */
#include "proto/state_codec.h"

#include <assert.h>
#include <stdlib.h>

#include "core/error.h"
#include "proto/state_fields.h"

/* Minus the row before's: columns that go up by little. */
#define SIZE_STEP SIZE_I64
#define FIT_STEP(column, field)
#define PUT_STEP(column, field) m->column[i] = wrap_sub((int64_t)x->field, i > 0 ? (int64_t)x[-1].field : 0);
#define GET_STEP(column, field)                                                                                        \
    int64_t column##_last = i > 0 ? (int64_t)x[-1].field : 0;                                                          \
    x->field = (__typeof__(x->field))wrap_add(CELL(column), column##_last);

/* What is gone of the quantity: mostly nothing. */
#define SIZE_LEAVES SIZE_I64
#define FIT_LEAVES(column, field)
#define PUT_LEAVES(column, field) m->column[i] = wrap_sub(x->quantity, x->field);
#define GET_LEAVES(column, field) x->field = wrap_sub(x->quantity, CELL(column));

/* How long after its creation: mostly 0. */
#define SIZE_UPDATED SIZE_I64
#define FIT_UPDATED(column, field)
#define PUT_UPDATED(column, field) m->column[i] = wrap_sub(x->field, x->created_ns);
#define GET_UPDATED(column, field) x->field = wrap_add(CELL(column), x->created_ns);

#define BALANCE_FIELDS(X)                                                                                              \
    X(REFERENCE, account_id, account_id)                                                                               \
    X(REFERENCE, currency_id, currency_id)                                                                             \
    X(I128, cash, cash)                                                                                                \
    X(I128, reserved, reserved)                                                                                        \
    X(I128, cost_net, cost_net)                                                                                        \
    X(I128, margin_used, margin_used)

#define POSITION_FIELDS(X)                                                                                             \
    X(REFERENCE, account_id, account_id)                                                                               \
    X(REFERENCE, instrument_id, instrument_id)                                                                         \
    X(I64, quantity, quantity)                                                                                         \
    X(I128, cost, cost)                                                                                                \
    X(I128, realized, realized)                                                                                        \
    X(I64, open_buy, open_buy)                                                                                         \
    X(I64, open_sell, open_sell)                                                                                       \
    X(I64, closing_buy, closing_buy)                                                                                   \
    X(I64, closing_sell, closing_sell)

#define ORDER_FIELDS(X)                                                                                                \
    X(ID, id, id)                                                                                                      \
    X(REFERENCE, account_id, account_id)                                                                               \
    X(REFERENCE, instrument_id, instrument_id)                                                                         \
    X(STEP, priority, priority)                                                                                        \
    X(STEP, price, price)                                                                                              \
    X(I64, quantity, quantity)                                                                                         \
    X(LEAVES, leaves, leaves)                                                                                          \
    X(I64, closing_leaves, closing_leaves)                                                                             \
    X(STEP, created_ns, created_ns)                                                                                    \
    X(UPDATED, updated_ns, updated_ns)                                                                                 \
    X(I64, expires_ns, expires_ns)                                                                                     \
    X(I128, notional_filled, notional_filled)                                                                          \
    X(I128, fee_accrued, fee_accrued)                                                                                  \
    X(I128, hold, hold)                                                                                                \
    X(BYTE, side, side)                                                                                                \
    X(BYTE, type, type)                                                                                                \
    X(BYTE, tif, tif)                                                                                                  \
    X(BYTE, flags, flags)                                                                                              \
    X(BYTE, stp, stp)                                                                                                  \
    X(I64, stop_price, extra.stop_price)                                                                               \
    X(I64, trail, extra.trail)                                                                                         \
    X(I64, display_quantity, extra.display_quantity)                                                                   \
    X(I64, shown, extra.shown)                                                                                         \
    X(I64, hold_price, extra.hold_price)                                                                               \
    X(I64, due, extra.due)                                                                                             \
    X(U64, follow, extra.follow)                                                                                       \
    X(U32, leverage, extra.leverage)                                                                                   \
    X(BYTE, venue, extra.venue)                                                                                        \
    X(BYTE, phase, extra.phase)                                                                                        \
    X(BYTE, link, extra.link)                                                                                          \
    X(BYTE, member, extra.member)                                                                                      \
    X(BYTE, activation, extra.activation)                                                                              \
    X(BYTE, direction, extra.direction)                                                                                \
    X(CLIENT_ID, client_order_id, client_order_id)

#define SCALARS_FIELDS(X)                                                                                              \
    LIMITS_FIELDS_AT(X, limits.)                                                                                       \
    X(U64, seq, seq)                                                                                                   \
    X(I64, now_ns, now_ns)                                                                                             \
    X(U64, priority_next, priority_next)                                                                               \
    X(BYTE, sweep_kind, sweep.kind)                                                                                    \
    X(BYTE, sweep_side, sweep.side)                                                                                    \
    X(REFERENCE, sweep_account_id, sweep.account_id)                                                                   \
    X(REFERENCE, sweep_instrument_id, sweep.instrument_id)                                                             \
    X(REFERENCE, sweep_next_order_id, sweep.next_order_id)                                                             \
    X(BYTE, trading, trading)                                                                                          \
    X(BYTE, sweep_stage, sweep.stage)                                                                                  \
    X(BOOL, sweep_all, sweep.all)                                                                                      \
    X(REFERENCE, sweep_currency_id, sweep.currency_id)                                                                 \
    X(REFERENCE, sweep_end_order_id, sweep.end_order_id)

#define VENUE_FIELDS(X)                                                                                                \
    X(ID, id, id)                                                                                                      \
    X(NAME, venue, venue)                                                                                              \
    X(BYTE, state, state)                                                                                              \
    X(BOOL, simulated, simulated)

#define ROUTE_FIELDS(X)                                                                                                \
    X(ID, order_id, order_id)                                                                                          \
    X(REFERENCE, account_id, account_id)                                                                               \
    X(REFERENCE, instrument_id, instrument_id)                                                                         \
    X(I128, notional_filled, notional_filled)                                                                          \
    X(I128, fee_accrued, fee_accrued)                                                                                  \
    X(I64, filled, filled)                                                                                             \
    X(I64, due_ns, due_ns)                                                                                             \
    X(I64, new_price, new_price)                                                                                       \
    X(I64, new_quantity, new_quantity)                                                                                 \
    X(I64, new_stop_price, new_stop_price)                                                                             \
    X(I64, old_quantity, old_quantity)                                                                                 \
    X(U64, wait, wait)                                                                                                 \
    X(U32, attempt, attempt)                                                                                           \
    X(U32, tries, tries)                                                                                               \
    X(U32, refused, refused)                                                                                           \
    X(BYTE, venue, venue)                                                                                              \
    X(BYTE, state, state)                                                                                              \
    X(BYTE, doubt, doubt)                                                                                              \
    X(BYTE, reason, reason)                                                                                            \
    X(BYTE, side, side)                                                                                                \
    X(BOOL, open, open)                                                                                                \
    X(BYTE, asked, asked)                                                                                              \
    X(BOOL, manual_review, manual_review)                                                                              \
    X(EXT_ID, ext_order_id, ext_order_id)

#define EXECUTION_FIELDS(X)                                                                                            \
    X(ID, order_id, order_id)                                                                                          \
    X(U32, number, number)                                                                                             \
    X(I64, price, price)                                                                                               \
    X(I64, quantity, quantity)                                                                                         \
    X(I128, notional, notional)                                                                                        \
    X(I128, fee_accrues, fee_accrues)                                                                                  \
    X(BOOL, busted, busted)                                                                                            \
    X(EXT_ID, exec_id, exec_id)

#define USED_ID_FIELDS(X)                                                                                              \
    X(ID, order_id, order_id)                                                                                          \
    X(REFERENCE, account_id, account_id)                                                                               \
    X(STEP, used_ns, used_ns)                                                                                          \
    X(CLIENT_ID, client_order_id, client_order_id)

#define KEY_FIELDS(X)                                                                                                  \
    X(STEP, seq, seq)                                                                                                  \
    X(STEP, used_ns, used_ns)                                                                                          \
    X(U64, key_lo, key.lo)                                                                                             \
    X(U64, key_hi, key.hi)                                                                                             \
    X(U64, body_lo, body.lo)                                                                                           \
    X(U64, body_hi, body.hi)

/* Y(table, message, its functions' name, struct, names of a row, seq of a row's id, fields). A row's id is a step from
 * the id of the row before; rows that have none say 0. */
#define TABLES(Y)                                                                                                      \
    Y(scalars, ScalarsColumns, scalars_columns, engine_scalars, 0, 0, SCALARS_FIELDS)                                  \
    Y(currencies, CurrencyColumns, currency_columns, currency_state, 1, ID_SEQ, CURRENCY_FIELDS)                       \
    Y(instruments, InstrumentColumns, instrument_columns, instrument_state, 2, ID_SEQ, INSTRUMENT_FIELDS)              \
    Y(accounts, AccountColumns, account_columns, account_state, 1, ID_SEQ, ACCOUNT_FIELDS)                             \
    Y(balances, BalanceColumns, balance_columns, balance_state, 0, 0, BALANCE_FIELDS)                                  \
    Y(positions, PositionColumns, position_columns, position_state, 0, 0, POSITION_FIELDS)                             \
    Y(orders, OrderColumns, order_columns, order_state, 0, ID_SEQ, ORDER_FIELDS)                                       \
    Y(venues, VenueColumns, venue_columns, venue_state_row, 1, ID_SEQ, VENUE_FIELDS)                                   \
    Y(rules, RuleColumns, rule_columns, route_rule, RULE_NAMES, 0, RULE_FIELDS)                                        \
    Y(routes, RouteStateColumns, route_state_columns, route_state, 0, ORDER_SEQ, ROUTE_FIELDS)                         \
    Y(executions, ExecutionColumns, execution_columns, execution_state, 0, ORDER_SEQ, EXECUTION_FIELDS)                \
    Y(client_ids, ClientIdColumns, client_id_columns, client_id_state, 0, ORDER_SEQ, USED_ID_FIELDS)                   \
    Y(keys, KeyColumns, key_columns, key_state, 0, 0, KEY_FIELDS)
#define ID_SEQ    (x->id >> ORDER_INDEX_BITS)
#define ORDER_SEQ (x->order_id >> ORDER_INDEX_BITS)

/* What the functions below must know of a table. Rows lie one after the other: a row may look at the one before it. */
struct table_kind {
    const ProtobufCMessageDescriptor *columns;
    size_t member_offset; /* of its columns in StateTable */
    size_t row_bytes;
    uint32_t row_names; /* the most names that a row uses */
    bool (*put)(struct words_writer *w, ProtobufCMessage *m, size_t i, const void *row);
    bool (*get)(struct words_reader *w, const ProtobufCMessage *m, size_t i, void *row);
};

#define Y(table, message, lower, type, names, id_seq, FIELDS)                                                          \
    _Static_assert((0 FIELDS(SIZE)) * STATE_ROWS_MAX + COLUMNS_FRAME_BYTES_MAX <= STATE_BYTES_MAX,                     \
                   "see state_codec.h");                                                                               \
    ROW_FUNCTIONS(table, Ordertape__##message, type, FIELDS)                                                           \
    static bool put_row_of_##table(struct words_writer *w, ProtobufCMessage *m, size_t i, const void *row)             \
    {                                                                                                                  \
        const struct type *x = row;                                                                                    \
        bool ok = put_##table(w, (Ordertape__##message *)m, i, x);                                                     \
        w->seq = id_seq;                                                                                               \
        return ok;                                                                                                     \
    }                                                                                                                  \
    static bool get_row_of_##table(struct words_reader *w, const ProtobufCMessage *m, size_t i, void *row)             \
    {                                                                                                                  \
        struct type *x = row;                                                                                          \
        memset(x, 0, sizeof *x);                                                                                       \
        bool ok = get_##table(w, (const Ordertape__##message *)m, i, x);                                               \
        w->seq = id_seq;                                                                                               \
        return ok;                                                                                                     \
    }                                                                                                                  \
    static const struct table_kind kind_of_##table = {                                                                 \
        .columns = &ordertape__##lower##__descriptor,                                                                  \
        .member_offset = offsetof(Ordertape__StateTable, table),                                                       \
        .row_bytes = sizeof(struct type),                                                                              \
        .row_names = (names),                                                                                          \
        .put = put_row_of_##table,                                                                                     \
        .get = get_row_of_##table,                                                                                     \
    };
TABLES(Y)
#undef Y

static ProtobufCMessage **table_columns(const struct table_kind *kind, Ordertape__StateTable *table)
{
    return (ProtobufCMessage **)(void *)((uint8_t *)table + kind->member_offset);
}

/* No row has more text than a client order id's. */
enum { ROW_TEXT_BYTES_MAX = CLIENT_ORDER_ID_BYTES_MAX };
_Static_assert((int)EXT_ID_BYTES_MAX <= (int)ROW_TEXT_BYTES_MAX, "what a broker calls an order is no longer");

/* --- writing --- */

struct table_writer {
    struct words_writer words;
    Ordertape__StateTable table;
    Ordertape__Words table_words;
    ProtobufCMessage *columns; /* its own memory, and that of its elements behind it */
};

/* The columns' message, rounded up to where elements may begin. */
static size_t table_message_bytes(const struct table_kind *kind)
{
    return (kind->columns->sizeof_message + 63) & ~(size_t)63;
}

static int table_writer_init(struct table_writer *t, const struct table_kind *kind, size_t count)
{
    size_t columns_len = (columns_bytes(kind->columns, count) + 63) & ~(size_t)63;
    uint8_t *memory = aligned_alloc(64, table_message_bytes(kind) + columns_len);
    if (memory == NULL) return ERR_NO_MEMORY;
    if (words_writer_init(&t->words, (uint32_t)count * kind->row_names, count * ROW_TEXT_BYTES_MAX) != 0) {
        free(memory);
        return ERR_NO_MEMORY;
    }
    t->columns = (ProtobufCMessage *)(void *)memory;
    protobuf_c_message_init(kind->columns, t->columns);
    columns_attach(t->columns, count, memory + table_message_bytes(kind));
    ordertape__state_table__init(&t->table);
    ordertape__words__init(&t->table_words);
    *table_columns(kind, &t->table) = t->columns;
    return 0;
}

static void table_writer_free(struct table_writer *t)
{
    words_writer_free(&t->words);
    free(t->columns);
}

static int table_writer_put(struct table_writer *t, const struct table_kind *kind, const void *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!kind->put(&t->words, t->columns, i, (const uint8_t *)rows + i * kind->row_bytes)) return ERR_USAGE;
    return 0;
}

static int table_writer_pack(struct table_writer *t, size_t count, uint8_t **bytes, size_t *len_bytes)
{
    columns_close(t->columns, count);
    words_writer_close(&t->words, &t->table_words);
    if (t->words.names_count > 0 || t->words.texts_len > 0) t->table.words = &t->table_words;
    t->table.has_rows = true;
    t->table.rows = (uint32_t)count;
    size_t room_bytes = protobuf_c_message_get_packed_size(&t->table.base);
    *bytes = malloc(room_bytes);
    if (*bytes == NULL) return ERR_NO_MEMORY;
    *len_bytes = protobuf_c_message_pack(&t->table.base, *bytes);
    assert(*len_bytes == room_bytes && room_bytes <= STATE_BYTES_MAX);
    return 0;
}

static int table_encode(const struct table_kind *kind, const void *rows, size_t count, uint8_t **bytes,
                        size_t *len_bytes)
{
    struct table_writer t;
    if (count > STATE_ROWS_MAX) return ERR_USAGE;
    int result = table_writer_init(&t, kind, count);
    if (result != 0) return result;
    result = table_writer_put(&t, kind, rows, count);
    if (result == 0) result = table_writer_pack(&t, count, bytes, len_bytes);
    table_writer_free(&t);
    return result;
}

/* --- reading --- */

static int table_read_rows(const struct table_kind *kind, Ordertape__StateTable *table, struct words_reader *words,
                           void *rows)
{
    const ProtobufCMessage *columns = *table_columns(kind, table);
    int result = words_reader_open(words, table->words);
    for (size_t i = 0; i < table->rows && result == 0; i++)
        if (!kind->get(words, columns, i, (uint8_t *)rows + i * kind->row_bytes)) result = ERR_CORRUPT;
    return result == 0 && words->texts_at != words->texts_len ? ERR_CORRUPT : result;
}

/* The message is this table's, and not longer than there is room for rows. */
static bool table_open(const struct table_kind *kind, Ordertape__StateTable *table, size_t rows_max)
{
    ProtobufCMessage *columns = *table_columns(kind, table);
    return table->rows <= STATE_ROWS_MAX && table->rows <= rows_max && columns != NULL &&
           columns_open(columns, table->rows);
}

static int table_decode(const struct table_kind *kind, const uint8_t *bytes, size_t len_bytes, void *rows,
                        size_t rows_max, size_t *count)
{
    struct arena arena = {0};
    struct words_reader words = {0};
    ProtobufCMessage *message;
    if (len_bytes > STATE_BYTES_MAX) return ERR_CORRUPT;
    int result = columns_unpack(&arena, &ordertape__state_table__descriptor, bytes, len_bytes, &message);
    if (result != 0) goto done;
    Ordertape__StateTable *table = (Ordertape__StateTable *)message;
    result = table_open(kind, table, rows_max) ? words_reader_init(&words, table->rows * kind->row_names) : ERR_CORRUPT;
    if (result != 0) goto done;
    result = table_read_rows(kind, table, &words, rows);
    *count = table->rows;
done:
    words_reader_free(&words);
    arena_free(&arena);
    return result;
}

#define Y(table, message, lower, type, names, id_seq, FIELDS)                                                          \
    int state_##table##_encode(const struct type *rows, size_t count, uint8_t **bytes, size_t *len_bytes)              \
    {                                                                                                                  \
        return table_encode(&kind_of_##table, rows, count, bytes, len_bytes);                                          \
    }                                                                                                                  \
    int state_##table##_decode(const uint8_t *bytes, size_t len_bytes, struct type *rows, size_t rows_max,             \
                               size_t *count)                                                                          \
    {                                                                                                                  \
        return table_decode(&kind_of_##table, bytes, len_bytes, rows, rows_max, count);                                \
    }
TABLES(Y)
#undef Y
