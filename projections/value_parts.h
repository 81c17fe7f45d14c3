/* projections/value_parts.h - the pieces that rows are written and read in: little-endian integers, names, counted
 * bytes.
 * What must stay true: nothing is written past VALUE_BYTES_MAX, nothing is read past the end of what there is. */
#ifndef ORDERTAPE_PROJECTIONS_VALUE_PARTS_H
#define ORDERTAPE_PROJECTIONS_VALUE_PARTS_H

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "core/error.h"
#include "projections/values.h"

enum { ROW_VERSION = 3 };

struct out {
    uint8_t *start, *at;
};

static inline void put_bytes(struct out *o, const void *bytes, size_t len_bytes)
{
    assert((size_t)(o->at - o->start) + len_bytes <= VALUE_BYTES_MAX);
    memcpy(o->at, bytes, len_bytes);
    o->at += len_bytes;
}

static inline void put_u8(struct out *o, uint8_t value)
{
    put_bytes(o, &value, 1);
}

static inline void put_u16(struct out *o, uint16_t value)
{
    uint16_t little = htole16(value);
    put_bytes(o, &little, sizeof little);
}

static inline void put_u32(struct out *o, uint32_t value)
{
    uint32_t little = htole32(value);
    put_bytes(o, &little, sizeof little);
}

static inline void put_u64(struct out *o, uint64_t value)
{
    uint64_t little = htole64(value);
    put_bytes(o, &little, sizeof little);
}

static inline void put_i64(struct out *o, int64_t value)
{
    put_u64(o, (uint64_t)value);
}

static inline void put_i128(struct out *o, i128 value)
{
    put_u64(o, (uint64_t)(u128)value);
    put_u64(o, (uint64_t)((u128)value >> 64));
}

static inline void put_counted(struct out *o, const char *bytes, size_t len_bytes)
{
    put_u8(o, (uint8_t)len_bytes);
    put_bytes(o, bytes, len_bytes);
}

static inline void put_name(struct out *o, const struct name *n)
{
    put_counted(o, n->bytes, name_len(n));
}

static inline struct out out_begin(uint8_t *room)
{
    struct out o = {room, room};
    put_u8(&o, ROW_VERSION);
    return o;
}

static inline size_t out_len(const struct out *o)
{
    return (size_t)(o->at - o->start);
}

/* The reading side remembers that something was missing instead of saying so at every field: what is read after that
 * is 0. */
struct in {
    const uint8_t *at;
    size_t left_bytes;
    bool bad;
};

static inline void take_bytes(struct in *i, void *out, size_t len_bytes)
{
    if (i->bad || i->left_bytes < len_bytes) {
        i->bad = true;
        memset(out, 0, len_bytes);
        return;
    }
    memcpy(out, i->at, len_bytes);
    i->at += len_bytes;
    i->left_bytes -= len_bytes;
}

static inline uint8_t take_u8(struct in *i)
{
    uint8_t value;
    take_bytes(i, &value, 1);
    return value;
}

static inline uint16_t take_u16(struct in *i)
{
    uint16_t little;
    take_bytes(i, &little, sizeof little);
    return le16toh(little);
}

static inline uint32_t take_u32(struct in *i)
{
    uint32_t little;
    take_bytes(i, &little, sizeof little);
    return le32toh(little);
}

static inline uint64_t take_u64(struct in *i)
{
    uint64_t little;
    take_bytes(i, &little, sizeof little);
    return le64toh(little);
}

static inline int64_t take_i64(struct in *i)
{
    return (int64_t)take_u64(i);
}

static inline i128 take_i128(struct in *i)
{
    u128 low = take_u64(i);
    return (i128)(low | (u128)take_u64(i) << 64);
}

/* A length and that many bytes into a zero-filled room of room_bytes. */
static inline uint8_t take_counted(struct in *i, char *room, size_t room_bytes, size_t len_max)
{
    uint8_t len_bytes = take_u8(i);
    memset(room, 0, room_bytes);
    if (len_bytes > len_max)
        i->bad = true;
    else
        take_bytes(i, room, len_bytes);
    return len_bytes;
}

static inline void take_name(struct in *i, struct name *n)
{
    uint8_t len_bytes = take_counted(i, n->bytes, NAME_BYTES, NAME_CHARS_MAX);
    if (!i->bad && strnlen(n->bytes, NAME_BYTES) != len_bytes) i->bad = true;
}

static inline struct in in_begin(const uint8_t *bytes, size_t len_bytes)
{
    struct in i = {bytes, len_bytes, false};
    if (take_u8(&i) != ROW_VERSION) i.bad = true;
    return i;
}

static inline int in_end(const struct in *i)
{
    return i->bad || i->left_bytes != 0 ? ERR_CORRUPT : 0;
}

static inline bool take_bool(struct in *i)
{
    uint8_t value = take_u8(i);
    if (value > 1) i->bad = true;
    return value == 1;
}

#endif
