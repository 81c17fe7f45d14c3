/* proto/fields.h - how a field of a struct becomes columns. A struct's fields are listed once, X(TYPE, column, field),
 * in the list of its codec, and every step expands that list:
 *   FIT_TYPE  writing: is it something that can be read back? resolves names; nothing else changes
 *   PUT_TYPE  writing: into row i of the message
 *   GET_TYPE  reading: out of row i; what is not plausible makes ok false
 *   SIZE_TYPE the most bytes that a row of it takes
 * The names around them: m the message, i the row, x the struct, w the words (writer or reader), ok.
 * What must stay true: PUT and GET of one type stand together and undo each other; what FIT lets pass, GET takes. */
#ifndef ORDERTAPE_PROTO_FIELDS_H
#define ORDERTAPE_PROTO_FIELDS_H

#include <string.h>

#include "proto/columns.h"
#include "proto/words.h"

#define FIT(type, column, field)  FIT_##type(column, field)
#define PUT(type, column, field)  PUT_##type(column, field)
#define GET(type, column, field)  GET_##type(column, field)
#define SIZE(type, column, field) +SIZE_##type

/* Row i of an open column (see columns_open). */
#define CELL(column)      (m->column[i & m->n_##column])
#define CELL_BYTE(column) (m->column.data[i & m->column.len])

/* Differences wrap around, so that every value has one and comes back. */
static inline int64_t wrap_sub(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static inline int64_t wrap_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

#define SIZE_BYTE 1
#define FIT_BYTE(column, field)
#define PUT_BYTE(column, field) m->column.data[i] = (uint8_t)x->field;
#define GET_BYTE(column, field) x->field = CELL_BYTE(column);

#define SIZE_BOOL 1
#define FIT_BOOL(column, field)
#define PUT_BOOL(column, field) m->column.data[i] = x->field;
#define GET_BOOL(column, field)                                                                                        \
    ok &= CELL_BYTE(column) <= 1;                                                                                      \
    x->field = CELL_BYTE(column) != 0;

#define SIZE_U16 3
#define FIT_U16(column, field)
#define PUT_U16(column, field) m->column[i] = x->field;
#define GET_U16(column, field)                                                                                         \
    ok &= CELL(column) <= UINT16_MAX;                                                                                  \
    x->field = (uint16_t)CELL(column);

#define SIZE_U32 5
#define FIT_U32(column, field)
#define PUT_U32(column, field) m->column[i] = x->field;
#define GET_U32(column, field) x->field = CELL(column);

#define SIZE_U64 10
#define FIT_U64(column, field)
#define PUT_U64(column, field) m->column[i] = x->field;
#define GET_U64(column, field) x->field = CELL(column);

#define SIZE_I64 10
#define FIT_I64(column, field)
#define PUT_I64(column, field) m->column[i] = x->field;
#define GET_I64(column, field) x->field = CELL(column);

/* 128 bits: lo, and what lo's sign extension lacks. */
static inline int64_t wide_low(i128 value)
{
    return (int64_t)(uint64_t)value;
}
static inline int64_t wide_high(i128 value)
{
    return wrap_sub((int64_t)(value >> 64), wide_low(value) >> 63);
}
static inline i128 wide_join(int64_t lo, int64_t hi)
{
    return (i128)((u128)(i128)lo + ((u128)(uint64_t)hi << 64));
}

#define SIZE_I128 20
#define FIT_I128(column, field)
#define PUT_I128(column, field)                                                                                        \
    m->column##_lo[i] = wide_low(x->field);                                                                            \
    m->column##_hi[i] = wide_high(x->field);
#define GET_I128(column, field) x->field = wide_join(CELL(column##_lo), CELL(column##_hi));

/* Scales. One that may be absent is stored plus one, so that the usual absence is the usual 0. */
static inline bool scale_fits(unsigned scale, unsigned scale_max)
{
    return scale <= scale_max;
}
static inline bool scale_fits_or_absent(unsigned scale, unsigned scale_max)
{
    return scale <= scale_max || scale == DECIMAL_ABSENT;
}

#define SIZE_SCALE               1
#define FIT_SCALE(column, field) ok &= scale_fits(x->field, DECIMAL_SCALE_MAX);
#define PUT_SCALE(column, field) m->column.data[i] = x->field;
#define GET_SCALE(column, field)                                                                                       \
    x->field = CELL_BYTE(column);                                                                                      \
    FIT_SCALE(column, field)

#define SIZE_CASH_SCALE               1
#define FIT_CASH_SCALE(column, field) ok &= scale_fits(x->field, CASH_SCALE_MAX);
#define PUT_CASH_SCALE(column, field) m->column.data[i] = x->field;
#define GET_CASH_SCALE(column, field)                                                                                  \
    x->field = CELL_BYTE(column);                                                                                      \
    FIT_CASH_SCALE(column, field)

#define SIZE_SCALE_OPTIONAL               1
#define FIT_SCALE_OPTIONAL(column, field) ok &= scale_fits_or_absent(x->field, DECIMAL_SCALE_MAX);
#define PUT_SCALE_OPTIONAL(column, field) m->column.data[i] = (uint8_t)(x->field + 1);
#define GET_SCALE_OPTIONAL(column, field)                                                                              \
    x->field = (uint8_t)(CELL_BYTE(column) - 1);                                                                       \
    FIT_SCALE_OPTIONAL(column, field)

#define SIZE_CASH_SCALE_OPTIONAL               1
#define FIT_CASH_SCALE_OPTIONAL(column, field) ok &= scale_fits_or_absent(x->field, CASH_SCALE_MAX);
#define PUT_CASH_SCALE_OPTIONAL(column, field) m->column.data[i] = (uint8_t)(x->field + 1);
#define GET_CASH_SCALE_OPTIONAL(column, field)                                                                         \
    x->field = (uint8_t)(CELL_BYTE(column) - 1);                                                                       \
    FIT_CASH_SCALE_OPTIONAL(column, field)

#define SIZE_DECIMAL               (SIZE_I64 + SIZE_SCALE_OPTIONAL)
#define FIT_DECIMAL(column, field) FIT_SCALE_OPTIONAL(column##_scale, field.scale)
#define PUT_DECIMAL(column, field)                                                                                     \
    PUT_I64(column, field.mantissa)                                                                                    \
    PUT_SCALE_OPTIONAL(column##_scale, field.scale)
#define GET_DECIMAL(column, field)                                                                                     \
    GET_I64(column, field.mantissa)                                                                                    \
    GET_SCALE_OPTIONAL(column##_scale, field.scale)

#define SIZE_AMOUNT               (SIZE_I128 + SIZE_CASH_SCALE_OPTIONAL)
#define FIT_AMOUNT(column, field) FIT_CASH_SCALE_OPTIONAL(column##_scale, field.scale)
#define PUT_AMOUNT(column, field)                                                                                      \
    PUT_I128(column, field.mantissa)                                                                                   \
    PUT_CASH_SCALE_OPTIONAL(column##_scale, field.scale)
#define GET_AMOUNT(column, field)                                                                                      \
    GET_I128(column, field.mantissa)                                                                                   \
    GET_CASH_SCALE_OPTIONAL(column##_scale, field.scale)

/* A number of three varint bytes, and the name itself with its length at its first use. */
#define SIZE_NAME               (3 + NAME_BYTES)
#define FIT_NAME(column, field) ok &= words_put_name(w, &x->field, &m->column[i]);
#define PUT_NAME(column, field)
#define GET_NAME(column, field) ok &= words_get_name(w, CELL(column), &x->field);

/* A name whose prices follow in the list. */
#define SIZE_SYMBOL               SIZE_NAME
#define FIT_SYMBOL(column, field) FIT_NAME(column, field)
#define PUT_SYMBOL(column, field) w->symbol = m->column[i];
#define GET_SYMBOL(column, field)                                                                                      \
    GET_NAME(column, field)                                                                                            \
    w->symbol = ok ? CELL(column) : 0;

/* A price at the instrument's scale; 0 is "none" and is not remembered. */
static inline int64_t price_put(int64_t *last, int64_t price)
{
    int64_t step = wrap_sub(price, *last);
    if (price != 0) *last = price;
    return step;
}
static inline int64_t price_get(int64_t *last, int64_t step)
{
    int64_t price = wrap_add(step, *last);
    if (price != 0) *last = price;
    return price;
}

#define SIZE_PRICE SIZE_I64
#define FIT_PRICE(column, field)
#define PUT_PRICE(column, field) m->column[i] = price_put(&w->price_last[w->symbol], x->field);
#define GET_PRICE(column, field) x->field = price_get(&w->price_last[w->symbol], CELL(column));

/* A price as a command gave it; one that is absent is written whole and not remembered. */
static inline int64_t price_decimal_put(int64_t *last, struct decimal price)
{
    if (price.scale == DECIMAL_ABSENT) return price.mantissa;
    int64_t step = wrap_sub(price.mantissa, *last);
    *last = price.mantissa;
    return step;
}
static inline int64_t price_decimal_get(int64_t *last, int64_t step, uint8_t scale)
{
    if (scale == DECIMAL_ABSENT) return step;
    *last = wrap_add(step, *last);
    return *last;
}

#define SIZE_PRICE_DECIMAL               SIZE_DECIMAL
#define FIT_PRICE_DECIMAL(column, field) FIT_DECIMAL(column, field)
#define PUT_PRICE_DECIMAL(column, field)                                                                               \
    m->column[i] = price_decimal_put(&w->price_last[w->symbol], x->field);                                             \
    PUT_SCALE_OPTIONAL(column##_scale, field.scale)
#define GET_PRICE_DECIMAL(column, field)                                                                               \
    GET_SCALE_OPTIONAL(column##_scale, field.scale)                                                                    \
    x->field.mantissa = price_decimal_get(&w->price_last[w->symbol], CELL(column), x->field.scale);

/* An id near the seq of the row at hand. */
#define SIZE_ID (SIZE_I64 + 3)
#define FIT_ID(column, field)
#define PUT_ID(column, field)                                                                                          \
    m->column[i] = (int64_t)(w->seq - (x->field >> ORDER_INDEX_BITS));                                                 \
    m->column##_index[i] = (uint32_t)(x->field & ((1u << ORDER_INDEX_BITS) - 1));
#define GET_ID(column, field)                                                                                          \
    ok &= CELL(column##_index) >> ORDER_INDEX_BITS == 0;                                                               \
    x->field = (w->seq - (uint64_t)CELL(column)) << ORDER_INDEX_BITS | CELL(column##_index);

/* An id of any age. */
#define SIZE_REFERENCE (SIZE_U64 + 3)
#define FIT_REFERENCE(column, field)
#define PUT_REFERENCE(column, field)                                                                                   \
    m->column[i] = x->field >> ORDER_INDEX_BITS;                                                                       \
    m->column##_index[i] = (uint32_t)(x->field & ((1u << ORDER_INDEX_BITS) - 1));
#define GET_REFERENCE(column, field)                                                                                   \
    ok &= CELL(column##_index) >> ORDER_INDEX_BITS == 0;                                                               \
    x->field = CELL(column) << ORDER_INDEX_BITS | CELL(column##_index);

/* Text that stays where it is: in a command the caller's, after reading the message's. Its bytes are not in SIZE. */
#define SIZE_TEXT 5
#define FIT_TEXT(column, field)
#define PUT_TEXT(column, field)                                                                                        \
    m->column##_length[i] = x->field.len_bytes;                                                                        \
    words_put_text(w, x->field.bytes, x->field.len_bytes);
#define GET_TEXT(column, field)                                                                                        \
    x->field.len_bytes = CELL(column##_length);                                                                        \
    x->field.bytes = words_get_text(w, x->field.len_bytes);                                                            \
    ok &= x->field.bytes != NULL;

/* A text inside the struct, in an array of its own, zero-padded, with its length beside it in field_len. */
static inline bool chars_get(struct words_reader *w, size_t len_bytes, char *room, size_t room_bytes)
{
    memset(room, 0, room_bytes);
    if (len_bytes == 0) return true;
    if (len_bytes > room_bytes) return false;
    const char *text = words_get_text(w, len_bytes);
    if (text != NULL) memcpy(room, text, len_bytes);
    return text != NULL;
}

#define FIT_CHARS(column, field) ok &= x->field##_len <= sizeof x->field;
#define PUT_CHARS(column, field)                                                                                       \
    m->column##_length.data[i] = x->field##_len;                                                                       \
    words_put_text(w, x->field, x->field##_len);
#define GET_CHARS(column, field)                                                                                       \
    x->field##_len = CELL_BYTE(column##_length);                                                                       \
    ok &= chars_get(w, x->field##_len, x->field, sizeof x->field);

#define SIZE_CLIENT_ID               (1 + CLIENT_ORDER_ID_BYTES_MAX)
#define FIT_CLIENT_ID(column, field) FIT_CHARS(column, field)
#define PUT_CLIENT_ID(column, field) PUT_CHARS(column, field)
#define GET_CLIENT_ID(column, field) GET_CHARS(column, field)

#define SIZE_EXT_ID               (1 + EXT_ID_BYTES_MAX)
#define FIT_EXT_ID(column, field) FIT_CHARS(column, field)
#define PUT_EXT_ID(column, field) PUT_CHARS(column, field)
#define GET_EXT_ID(column, field) GET_CHARS(column, field)

#define SIZE_REASON               (1 + REASON_BYTES_MAX)
#define FIT_REASON(column, field) FIT_CHARS(column, field)
#define PUT_REASON(column, field) PUT_CHARS(column, field)
#define GET_REASON(column, field) GET_CHARS(column, field)

/* fit_name: whether x could be read back; nothing is written that counts.
 * write_name: writes x, which fits, to row i.
 * put_name: both; false, and nothing written that counts, when it does not fit.
 * get_name: reads row i into x; false when it is not plausible. */
#define ROW_FUNCTIONS(name, message, type, FIELDS)                                                                     \
    static inline bool fit_##name(struct words_writer *w, message *m, size_t i, const struct type *x)                  \
    {                                                                                                                  \
        bool ok = true;                                                                                                \
        (void)w, (void)m, (void)i, (void)x;                                                                            \
        FIELDS(FIT)                                                                                                    \
        return ok;                                                                                                     \
    }                                                                                                                  \
    static inline void write_##name(struct words_writer *w, message *m, size_t i, const struct type *x)                \
    {                                                                                                                  \
        (void)w, (void)m, (void)i, (void)x;                                                                            \
        FIELDS(PUT)                                                                                                    \
    }                                                                                                                  \
    static inline bool put_##name(struct words_writer *w, message *m, size_t i, const struct type *x)                  \
    {                                                                                                                  \
        if (!fit_##name(w, m, i, x)) return false;                                                                     \
        write_##name(w, m, i, x);                                                                                      \
        return true;                                                                                                   \
    }                                                                                                                  \
    static inline bool get_##name(struct words_reader *w, const message *m, size_t i, struct type *x)                  \
    {                                                                                                                  \
        bool ok = true;                                                                                                \
        (void)w;                                                                                                       \
        FIELDS(GET)                                                                                                    \
        return ok;                                                                                                     \
    }

#endif
