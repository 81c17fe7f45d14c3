/* projections/values.c - rows to bytes and back.
 * What must stay true: decode(encode(row)) == row in every field the encoder writes; bytes that are not such a row,
 * too short or too long, give ERR_CORRUPT and are never read past their end. Equal rows have equal bytes (views_hash
 * relies on it).
 *
 * Integers are little-endian, i128 is 16 bytes two's complement, "name" is a length u8 and that many bytes.
 *   state       magic u64 | format version u32 | tape id u64 | seq u64 | ts_ns u64 | chain hash 2 x u64 | event seq u64
 *               | XXH3-64 of what is before
 *   every other row begins with its version, u8, now 1:
 *   order       created_seq, updated_seq, created_ns, updated_ns, executed_ns, price, quantity, leaves, filled,
 *               expires_ns (8 each) | price_quantity, hold, fee (16 each) | reject_reason u16 | cancel_reason, status,
 *               side, type, tif, flags, price_scale, quantity_scale u8 | account, symbol name
 *               | client_order_id length u8, bytes
 *   trade       ts_ns, price, quantity, buy_order_id, sell_order_id, buy_leaves, sell_leaves (8 each) | notional,
 *               buy_fee, sell_fee, buy_hold, sell_hold (16 each) | aggressor_side, price_scale, quantity_scale,
 *               currency_scale u8 | symbol, buy_account, sell_account name
 *   account     id u64, updated_seq u64, leverage u32, type, status, allow_short u8
 *   instrument  id, updated_seq, tick, lot, min_quantity, max_quantity, collar_ppm, maker_fee_rate, taker_fee_rate,
 *               tick_gcd, lot_gcd, last_price, bid, bid_quantity, ask, ask_quantity (8 each) | max_notional 16
 *               | settlement_days u16 | price_scale, quantity_scale, currency_scale, trigger, state u8 | currency name
 *   currency    id u64, scale u8             balance   cash, reserved, cost_net, margin_used (16 each), scale u8
 *   position    quantity u64, cost 16, realized 16, updated_seq u64          level   quantity u64, orders u32 */
#include "projections/values.h"

#include <assert.h>
#include <endian.h>
#include <string.h>
#include <xxhash.h>

#include "core/error.h"

enum { ROW_VERSION = 1 };
#define STATE_MAGIC ((uint64_t)0x53574549565f544f) /* "OT_VIEWS" */

struct out {
    uint8_t *start, *at;
};

static void put_bytes(struct out *o, const void *bytes, size_t len_bytes)
{
    assert((size_t)(o->at - o->start) + len_bytes <= VALUE_BYTES_MAX);
    memcpy(o->at, bytes, len_bytes);
    o->at += len_bytes;
}

static void put_u8(struct out *o, uint8_t value)
{
    put_bytes(o, &value, 1);
}

static void put_u16(struct out *o, uint16_t value)
{
    uint16_t little = htole16(value);
    put_bytes(o, &little, sizeof little);
}

static void put_u32(struct out *o, uint32_t value)
{
    uint32_t little = htole32(value);
    put_bytes(o, &little, sizeof little);
}

static void put_u64(struct out *o, uint64_t value)
{
    uint64_t little = htole64(value);
    put_bytes(o, &little, sizeof little);
}

static void put_i64(struct out *o, int64_t value)
{
    put_u64(o, (uint64_t)value);
}

static void put_i128(struct out *o, i128 value)
{
    put_u64(o, (uint64_t)(u128)value);
    put_u64(o, (uint64_t)((u128)value >> 64));
}

static void put_counted(struct out *o, const char *bytes, size_t len_bytes)
{
    put_u8(o, (uint8_t)len_bytes);
    put_bytes(o, bytes, len_bytes);
}

static void put_name(struct out *o, const struct name *n)
{
    put_counted(o, n->bytes, name_len(n));
}

static struct out out_begin(uint8_t *room)
{
    struct out o = {room, room};
    put_u8(&o, ROW_VERSION);
    return o;
}

static size_t out_len(const struct out *o)
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

static void take_bytes(struct in *i, void *out, size_t len_bytes)
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

static uint8_t take_u8(struct in *i)
{
    uint8_t value;
    take_bytes(i, &value, 1);
    return value;
}

static uint16_t take_u16(struct in *i)
{
    uint16_t little;
    take_bytes(i, &little, sizeof little);
    return le16toh(little);
}

static uint32_t take_u32(struct in *i)
{
    uint32_t little;
    take_bytes(i, &little, sizeof little);
    return le32toh(little);
}

static uint64_t take_u64(struct in *i)
{
    uint64_t little;
    take_bytes(i, &little, sizeof little);
    return le64toh(little);
}

static int64_t take_i64(struct in *i)
{
    return (int64_t)take_u64(i);
}

static i128 take_i128(struct in *i)
{
    u128 low = take_u64(i);
    return (i128)(low | (u128)take_u64(i) << 64);
}

/* A length and that many bytes into a zero-filled room of room_bytes. */
static uint8_t take_counted(struct in *i, char *room, size_t room_bytes, size_t len_max)
{
    uint8_t len_bytes = take_u8(i);
    memset(room, 0, room_bytes);
    if (len_bytes > len_max)
        i->bad = true;
    else
        take_bytes(i, room, len_bytes);
    return len_bytes;
}

static void take_name(struct in *i, struct name *n)
{
    uint8_t len_bytes = take_counted(i, n->bytes, NAME_BYTES, NAME_CHARS_MAX);
    if (!i->bad && strnlen(n->bytes, NAME_BYTES) != len_bytes) i->bad = true;
}

static struct in in_begin(const uint8_t *bytes, size_t len_bytes)
{
    struct in i = {bytes, len_bytes, false};
    if (take_u8(&i) != ROW_VERSION) i.bad = true;
    return i;
}

static int in_end(const struct in *i)
{
    return i->bad || i->left_bytes != 0 ? ERR_CORRUPT : 0;
}

size_t state_encode(const struct views_state *s, uint8_t *room)
{
    struct out o = {room, room};
    put_u64(&o, STATE_MAGIC);
    put_u32(&o, s->format_version);
    put_u64(&o, s->tape_id);
    put_u64(&o, s->cursor.seq);
    put_i64(&o, s->cursor.ts_ns);
    put_u64(&o, s->cursor.chain_hash_lo);
    put_u64(&o, s->cursor.chain_hash_hi);
    put_u64(&o, s->event_seq);
    put_u64(&o, XXH3_64bits(room, out_len(&o)));
    return out_len(&o);
}

int state_decode(const uint8_t *bytes, size_t len_bytes, struct views_state *out)
{
    if (len_bytes < 8 + 4 + 8) return ERR_CORRUPT;
    struct in i = {bytes, len_bytes, false};
    bool magic = take_u64(&i) == STATE_MAGIC;
    out->format_version = take_u32(&i);
    out->tape_id = take_u64(&i);
    out->cursor.seq = take_u64(&i);
    out->cursor.ts_ns = take_i64(&i);
    out->cursor.chain_hash_lo = take_u64(&i);
    out->cursor.chain_hash_hi = take_u64(&i);
    out->event_seq = take_u64(&i);
    /* The checksum is last in every format, so that a format of tomorrow is told from a damaged row of today. */
    struct in end = {bytes + len_bytes - 8, 8, false};
    if (!magic || take_u64(&end) != XXH3_64bits(bytes, len_bytes - 8)) return ERR_CORRUPT;
    if (out->format_version != VIEWS_FORMAT_VERSION) return ERR_VERSION;
    return i.bad || i.left_bytes != 8 ? ERR_CORRUPT : 0;
}

size_t order_encode(const struct order_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, row->created_seq);
    put_u64(&o, row->updated_seq);
    put_i64(&o, row->created_ns);
    put_i64(&o, row->updated_ns);
    put_i64(&o, row->executed_ns);
    put_i64(&o, row->price);
    put_i64(&o, row->quantity);
    put_i64(&o, row->leaves);
    put_i64(&o, row->filled);
    put_i64(&o, row->expires_ns);
    put_i128(&o, row->price_quantity);
    put_i128(&o, row->hold);
    put_i128(&o, row->fee);
    put_u16(&o, row->reject_reason);
    put_u8(&o, row->cancel_reason);
    put_u8(&o, row->status);
    put_u8(&o, row->side);
    put_u8(&o, row->type);
    put_u8(&o, row->tif);
    put_u8(&o, row->flags);
    put_u8(&o, row->price_scale);
    put_u8(&o, row->quantity_scale);
    put_name(&o, &row->account);
    put_name(&o, &row->symbol);
    put_counted(&o, row->client_order_id, row->client_order_id_len);
    return out_len(&o);
}

int order_decode(const uint8_t *bytes, size_t len_bytes, struct order_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->created_seq = take_u64(&i);
    out->updated_seq = take_u64(&i);
    out->created_ns = take_i64(&i);
    out->updated_ns = take_i64(&i);
    out->executed_ns = take_i64(&i);
    out->price = take_i64(&i);
    out->quantity = take_i64(&i);
    out->leaves = take_i64(&i);
    out->filled = take_i64(&i);
    out->expires_ns = take_i64(&i);
    out->price_quantity = take_i128(&i);
    out->hold = take_i128(&i);
    out->fee = take_i128(&i);
    out->reject_reason = take_u16(&i);
    out->cancel_reason = take_u8(&i);
    out->status = take_u8(&i);
    out->side = take_u8(&i);
    out->type = take_u8(&i);
    out->tif = take_u8(&i);
    out->flags = take_u8(&i);
    out->price_scale = take_u8(&i);
    out->quantity_scale = take_u8(&i);
    take_name(&i, &out->account);
    take_name(&i, &out->symbol);
    out->client_order_id_len =
        take_counted(&i, out->client_order_id, sizeof out->client_order_id, CLIENT_ORDER_ID_BYTES_MAX);
    if (out->status == 0 || out->status > ORDER_STATUS_NUMBER_MAX) return ERR_CORRUPT;
    return in_end(&i);
}

size_t trade_encode(const struct trade_row *row, uint8_t *room)
{
    const struct event_filled *f = &row->fill;
    struct out o = out_begin(room);
    put_i64(&o, row->ts_ns);
    put_i64(&o, f->price);
    put_i64(&o, f->quantity);
    put_u64(&o, f->buy_order_id);
    put_u64(&o, f->sell_order_id);
    put_i64(&o, f->buy_leaves);
    put_i64(&o, f->sell_leaves);
    put_i128(&o, f->notional);
    put_i128(&o, f->buy_fee);
    put_i128(&o, f->sell_fee);
    put_i128(&o, f->buy_hold);
    put_i128(&o, f->sell_hold);
    put_u8(&o, f->aggressor_side);
    put_u8(&o, f->price_scale);
    put_u8(&o, f->quantity_scale);
    put_u8(&o, f->currency_scale);
    put_name(&o, &f->symbol);
    put_name(&o, &f->buy_account);
    put_name(&o, &f->sell_account);
    return out_len(&o);
}

int trade_decode(const uint8_t *bytes, size_t len_bytes, struct trade_row *out)
{
    struct event_filled *f = &out->fill;
    struct in i = in_begin(bytes, len_bytes);
    out->ts_ns = take_i64(&i);
    f->price = take_i64(&i);
    f->quantity = take_i64(&i);
    f->buy_order_id = take_u64(&i);
    f->sell_order_id = take_u64(&i);
    f->buy_leaves = take_i64(&i);
    f->sell_leaves = take_i64(&i);
    f->notional = take_i128(&i);
    f->buy_fee = take_i128(&i);
    f->sell_fee = take_i128(&i);
    f->buy_hold = take_i128(&i);
    f->sell_hold = take_i128(&i);
    f->aggressor_side = take_u8(&i);
    f->price_scale = take_u8(&i);
    f->quantity_scale = take_u8(&i);
    f->currency_scale = take_u8(&i);
    take_name(&i, &f->symbol);
    take_name(&i, &f->buy_account);
    take_name(&i, &f->sell_account);
    return in_end(&i);
}

size_t account_encode(const struct account_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, row->account.id);
    put_u64(&o, row->updated_seq);
    put_u32(&o, row->account.leverage);
    put_u8(&o, row->account.type);
    put_u8(&o, row->account.status);
    put_u8(&o, row->account.allow_short);
    return out_len(&o);
}

int account_decode(const uint8_t *bytes, size_t len_bytes, struct account_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->account.id = take_u64(&i);
    out->updated_seq = take_u64(&i);
    out->account.leverage = take_u32(&i);
    out->account.type = take_u8(&i);
    out->account.status = take_u8(&i);
    uint8_t allow_short = take_u8(&i);
    out->account.allow_short = allow_short == 1;
    if (out->account.leverage < LEVERAGE_ONE || allow_short > 1) return ERR_CORRUPT;
    return in_end(&i);
}

size_t instrument_encode(const struct instrument_row *row, uint8_t *room)
{
    const struct instrument_state *s = &row->instrument;
    struct out o = out_begin(room);
    put_u64(&o, s->id);
    put_u64(&o, row->updated_seq);
    put_i64(&o, s->spec.tick);
    put_i64(&o, s->spec.lot);
    put_i64(&o, s->spec.min_quantity);
    put_i64(&o, s->spec.max_quantity);
    put_i64(&o, s->spec.collar_ppm);
    put_i64(&o, s->spec.maker_fee_rate);
    put_i64(&o, s->spec.taker_fee_rate);
    put_i64(&o, s->tick_gcd);
    put_i64(&o, s->lot_gcd);
    put_i64(&o, s->last_price);
    put_i64(&o, s->bid);
    put_i64(&o, s->bid_quantity);
    put_i64(&o, s->ask);
    put_i64(&o, s->ask_quantity);
    put_i128(&o, s->spec.max_notional);
    put_u16(&o, s->spec.settlement_days);
    put_u8(&o, s->spec.price_scale);
    put_u8(&o, s->spec.quantity_scale);
    put_u8(&o, s->spec.currency_scale);
    put_u8(&o, s->spec.trigger);
    put_u8(&o, s->spec.state);
    put_name(&o, &s->spec.currency);
    return out_len(&o);
}

int instrument_decode(const uint8_t *bytes, size_t len_bytes, struct instrument_row *out)
{
    struct instrument_state *s = &out->instrument;
    struct in i = in_begin(bytes, len_bytes);
    s->id = take_u64(&i);
    out->updated_seq = take_u64(&i);
    s->spec.tick = take_i64(&i);
    s->spec.lot = take_i64(&i);
    s->spec.min_quantity = take_i64(&i);
    s->spec.max_quantity = take_i64(&i);
    s->spec.collar_ppm = take_i64(&i);
    s->spec.maker_fee_rate = take_i64(&i);
    s->spec.taker_fee_rate = take_i64(&i);
    s->tick_gcd = take_i64(&i);
    s->lot_gcd = take_i64(&i);
    s->last_price = take_i64(&i);
    s->bid = take_i64(&i);
    s->bid_quantity = take_i64(&i);
    s->ask = take_i64(&i);
    s->ask_quantity = take_i64(&i);
    s->spec.max_notional = take_i128(&i);
    s->spec.settlement_days = take_u16(&i);
    s->spec.price_scale = take_u8(&i);
    s->spec.quantity_scale = take_u8(&i);
    s->spec.currency_scale = take_u8(&i);
    s->spec.trigger = take_u8(&i);
    s->spec.state = take_u8(&i);
    take_name(&i, &s->spec.currency);
    if (s->spec.price_scale > DECIMAL_SCALE_MAX || s->spec.quantity_scale > DECIMAL_SCALE_MAX ||
        s->spec.currency_scale > CASH_SCALE_MAX)
        return ERR_CORRUPT;
    return in_end(&i);
}

size_t currency_encode(const struct currency_state *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, row->id);
    put_u8(&o, row->scale);
    return out_len(&o);
}

int currency_decode(const uint8_t *bytes, size_t len_bytes, struct currency_state *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->id = take_u64(&i);
    out->scale = take_u8(&i);
    return out->scale > CASH_SCALE_MAX ? ERR_CORRUPT : in_end(&i);
}

size_t balance_encode(const struct balance_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i128(&o, row->cash);
    put_i128(&o, row->reserved);
    put_i128(&o, row->cost_net);
    put_i128(&o, row->margin_used);
    put_u8(&o, row->scale);
    return out_len(&o);
}

int balance_decode(const uint8_t *bytes, size_t len_bytes, struct balance_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->cash = take_i128(&i);
    out->reserved = take_i128(&i);
    out->cost_net = take_i128(&i);
    out->margin_used = take_i128(&i);
    out->scale = take_u8(&i);
    return out->scale > CASH_SCALE_MAX ? ERR_CORRUPT : in_end(&i);
}

size_t position_encode(const struct position_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i64(&o, row->quantity);
    put_i128(&o, row->cost);
    put_i128(&o, row->realized);
    put_u64(&o, row->updated_seq);
    return out_len(&o);
}

int position_decode(const uint8_t *bytes, size_t len_bytes, struct position_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->quantity = take_i64(&i);
    out->cost = take_i128(&i);
    out->realized = take_i128(&i);
    out->updated_seq = take_u64(&i);
    return in_end(&i);
}

size_t level_encode(const struct level_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i64(&o, row->quantity);
    put_u32(&o, row->orders);
    return out_len(&o);
}

int level_decode(const uint8_t *bytes, size_t len_bytes, struct level_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->quantity = take_i64(&i);
    out->orders = take_u32(&i);
    return out->orders == 0 ? ERR_CORRUPT : in_end(&i);
}
