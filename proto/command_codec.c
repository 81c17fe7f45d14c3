/* proto/command_codec.c - commands to and from the payload of a block (CommandBlock of proto/tape.proto).
 * What must stay true: a command that is refused leaves the encoder as it was, but for names that no row may come to
 * use; what is accepted always fits: the bytes of a block are bounded row by row, so packing cannot fail. */
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
    Y(CHECK_MARGIN, check_margin, CheckMarginColumns, check_margin_columns, command_check_margin, CHECK_MARGIN_FIELDS)

#define Y(...) +1
_Static_assert(0 COMMAND_TABLES(Y) + 2 == COMMAND_KIND_NUMBER_MAX,
               "every command but TICK and CONTINUE has its columns");
#undef Y

/* No command names more things than a PLACE. */
enum { COMMAND_NAMES_MAX = 3 };
/* The kind, and the step of time. */
enum { COMMAND_SELF_BYTES_MAX = 1 + 10 };
enum { COMMAND_BLOCK_BYTES_MAX = BLOCK_PAYLOAD_BYTES_MAX - COLUMNS_FRAME_BYTES_MAX };

#define Y(KIND, member, message, lower, type, FIELDS) ROW_FUNCTIONS(member, Ordertape__##message, type, FIELDS)
COMMAND_TABLES(Y)
#undef Y

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
};

static size_t encoder_columns_bytes(void)
{
    size_t bytes = columns_bytes(&ordertape__command_block__descriptor, BLOCK_RECORDS_MAX);
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    bytes += columns_bytes(&ordertape__##lower##__descriptor, BLOCK_RECORDS_MAX);
    COMMAND_TABLES(Y)
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

/* The most that a command can take, its texts counted as they are. */
static size_t command_bytes_max(const struct command *c)
{
    static const uint16_t fields_bytes_max[BLOCK_KINDS] = {
#define Y(KIND, member, message, lower, type, FIELDS) [COMMAND_##KIND] = 0 FIELDS(SIZE),
        COMMAND_TABLES(Y)
#undef Y
    };
    size_t bytes = COMMAND_SELF_BYTES_MAX + fields_bytes_max[c->kind];
    const struct command_place *place = c->kind == COMMAND_PLACE          ? &c->place
                                        : c->kind == COMMAND_PLACE_LINKED ? &c->place_linked.entry
                                                                          : NULL;
    if (place != NULL) bytes += (size_t)place->client_order_id.len_bytes + place->tag.len_bytes;
    return bytes;
}

static bool encoder_put_fields(struct command_encoder *e, const struct command *c)
{
    size_t row = e->rows[c->kind];
    e->words.symbol = 0;
    e->words.seq = c->seq;
    switch (c->kind) {
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    case COMMAND_##KIND: return put_##member(&e->words, &e->member, row, &c->member);
        COMMAND_TABLES(Y)
#undef Y
    case 0: return false; /* what a payload of no bytes would say */
    default: return true; /* TICK, CONTINUE, and what the engine will call COMMAND_UNKNOWN */
    }
}

int command_encoder_add(struct command_encoder *e, const struct command *c)
{
    assert(e->count == 0 || c->seq == e->first_seq + e->count);
    size_t bytes_max = command_bytes_max(c);
    if (bytes_max > COMMAND_BLOCK_BYTES_MAX) return ERR_USAGE;
    if (e->count == BLOCK_RECORDS_MAX || e->bytes_max + bytes_max > COMMAND_BLOCK_BYTES_MAX) return ERR_FULL;
    if (e->words.names_count + COMMAND_NAMES_MAX > WORDS_NAMES_MAX) return ERR_FULL;
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
    e->bytes_max += bytes_max;
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
    free(d);
}

static bool decoder_open_tables(Ordertape__CommandBlock *block, uint32_t count)
{
    struct block_counts counts;
    if (!columns_open(&block->base, count)) return false;
    block_count_kinds(&block->kind, count, &counts);
    bool ok = true;
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    ok &= block_open_table((ProtobufCMessage *)block->member, counts.of[COMMAND_##KIND]);
    COMMAND_TABLES(Y)
#undef Y
    return ok;
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
    if (!decoder_open_tables(block, count)) return ERR_CORRUPT;
    result = words_reader_open(&d->words, block->words);
    if (result != 0) return result;
    d->block = block;
    d->count = count;
    d->seq = first_seq;
    d->ts_ns = block->first_ts_ns;
    memset(d->rows, 0, sizeof d->rows);
    return 0;
}

static bool decoder_get_fields(struct command_decoder *d, struct command *out)
{
    size_t row = d->rows[out->kind]++;
    d->words.symbol = 0;
    d->words.seq = out->seq;
    switch (out->kind) {
#define Y(KIND, member, message, lower, type, FIELDS)                                                                  \
    case COMMAND_##KIND: return get_##member(&d->words, d->block->member, row, &out->member);
        COMMAND_TABLES(Y)
#undef Y
    case 0: return false;
    default: return true;
    }
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
