/* projections/values.c - rows to bytes and back.
 * What must stay true: decode(encode(row)) == row in every field the encoder writes; bytes that are not such a row,
 * too short or too long, give ERR_CORRUPT and are never read past their end. Equal rows have equal bytes (views_hash
 * relies on it).
 *
 * Integers are little-endian, i128 is 16 bytes two's complement, "name" is a length u8 and that many bytes.
 *   state       magic u64 | format version u32 | tape id u64 | seq u64 | ts_ns u64 | chain hash 2 x u64 | event seq u64
 *               | XXH3-64 of what is before
 *   every other row begins with its version, u8, now 3:
 *   order       created_seq, updated_seq, created_ns, updated_ns, executed_ns, price, quantity, leaves, filled,
 *               expires_ns (8 each) | price_quantity, hold, fee (16 each) | cancel_reason, status, side, type, tif, flags,
 *               price_scale, quantity_scale u8 | account, symbol name | client_order_id length u8, bytes
 *               | parts u8: 1 extra, 2 refusal, 4 desk follows | extra: gtt_id, stop_price, display_quantity, shown, trail (8
 *               each), leverage u32, stp, venue, phase, link, member, activation, stop_price_scale, display_scale,
 *               trail_scale u8 | refusal: reason u16, field, value_scale, limit_scale u8, value, limit (16 each)
 *               | desk: batch_id, routed_ns, settled_ns (8 each), attempts u32, rule u16, broker_state, manual_review u8,
 *               venue_name name | ext_order_id, reason: length u8, bytes
 *   trade       ts_ns, price, quantity, buy_order_id, sell_order_id, buy_leaves, sell_leaves (8 each) | notional,
 *               buy_fee, sell_fee, buy_hold, sell_hold (16 each) | aggressor_side, venue, price_scale, quantity_scale,
 *               currency_scale u8 | symbol, buy_account, sell_account name
 *               | words u8: 1 executed, 2 busted, 4 late, 8 simulated | executed: excess u64, exec_id length u8, bytes,
 *               venue_name name
 *   account     id u64, updated_seq u64, leverage u32, type, status, stp, allow_short u8 | max_order_quantity,
 *               max_position, max_order_notional (16 each) | maker_fee_rate, taker_fee_rate, margin_call_ppm,
 *               liquidation_ppm (8 each) | max_open_orders, max_orders_per_second u32 | own_maker_fee, own_taker_fee u8
 *               | margin call: seq, ts_ns, required_ppm (8 each), equity, exposure (16 each), liquidation,
 *               currency_scale u8, currency name
 *   instrument  id, updated_seq, tick, lot, min_quantity, max_quantity, collar_ppm, maker_fee_rate, taker_fee_rate,
 *               tick_gcd, lot_gcd, last_price, bid, bid_quantity, ask, ask_quantity, market_buy, market_sell (8 each)
 *               | uncrossed: seq, ts_ns, price, quantity, imbalance (8 each) | max_notional 16 | max_leverage u32
 *               | settlement_days u16 | price_scale, quantity_scale, currency_scale, trigger, state, mark, trading,
 *               halt_on_breach, state_cause u8 | currency name
 *   currency    id u64, scale u8             balance   cash, reserved, cost_net, margin_used (16 each), scale u8
 *   position    quantity u64, cost 16, realized 16, updated_seq u64
 *   level       quantity, hidden u64, orders u32             system    updated_seq u64, trading u8
 *   candle      open, high, low, close, trades (8 each) | volume, notional (16 each)
 *   gtt         created_seq, updated_seq, created_ns, updated_ns, order_id, expires_ns (8 each) | two legs:
 *               trigger_price, price, quantity (8 each), direction u8 | reject u16 | status, side, leg, price_scale,
 *               quantity_scale u8 | account, symbol name
 * Those of the desk: projections/values_desk.c. */
#include "projections/values.h"

#include <string.h>
#include <xxhash.h>

#include "projections/candle.h"
#include "projections/value_parts.h"

/* Of an order. */
enum { PART_EXTRA = 1, PART_REFUSAL = 2, PART_DESK = 4, PARTS_MAX = 7 };
/* Of a trade. */
enum { TRADE_EXECUTED = 1, TRADE_BUSTED = 2, TRADE_LATE = 4, TRADE_SIMULATED = 8, TRADE_WORDS_MAX = 15 };
#define STATE_MAGIC ((uint64_t)0x53574549565f544f) /* "OT_VIEWS" */

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

/* What plain orders have none of. */
static bool order_has_extra(const struct order_row *row)
{
    int64_t numbers = row->stop_price | row->display_quantity | row->shown | row->trail | (int64_t)row->gtt_id;
    int words = row->stp | row->venue | row->phase | row->link | row->member | row->activation;
    bool scales = row->stop_price_scale != DECIMAL_ABSENT || row->display_scale != DECIMAL_ABSENT ||
                  row->trail_scale != DECIMAL_ABSENT;
    return numbers != 0 || words != 0 || scales || row->leverage != 0;
}

static void put_order_extra(struct out *o, const struct order_row *row)
{
    put_u64(o, row->gtt_id);
    put_i64(o, row->stop_price);
    put_i64(o, row->display_quantity);
    put_i64(o, row->shown);
    put_i64(o, row->trail);
    put_u32(o, row->leverage);
    put_u8(o, row->stp);
    put_u8(o, row->venue);
    put_u8(o, row->phase);
    put_u8(o, row->link);
    put_u8(o, row->member);
    put_u8(o, row->activation);
    put_u8(o, row->stop_price_scale);
    put_u8(o, row->display_scale);
    put_u8(o, row->trail_scale);
}

/* there: it has them; else what an order without them says. */
static void take_order_extra(struct in *i, bool there, struct order_row *out)
{
    out->gtt_id = there ? take_u64(i) : 0;
    out->stop_price = there ? take_i64(i) : 0;
    out->display_quantity = there ? take_i64(i) : 0;
    out->shown = there ? take_i64(i) : 0;
    out->trail = there ? take_i64(i) : 0;
    out->leverage = there ? take_u32(i) : 0;
    out->stp = there ? take_u8(i) : 0;
    out->venue = there ? take_u8(i) : 0;
    out->phase = there ? take_u8(i) : 0;
    out->link = there ? take_u8(i) : 0;
    out->member = there ? take_u8(i) : 0;
    out->activation = there ? take_u8(i) : 0;
    out->stop_price_scale = there ? take_u8(i) : DECIMAL_ABSENT;
    out->display_scale = there ? take_u8(i) : DECIMAL_ABSENT;
    out->trail_scale = there ? take_u8(i) : DECIMAL_ABSENT;
}

static void put_refusal(struct out *o, const struct refusal *r)
{
    put_u16(o, r->reason);
    put_u8(o, r->field);
    put_u8(o, r->value_scale);
    put_u8(o, r->limit_scale);
    put_i128(o, r->value);
    put_i128(o, r->limit);
}

static void take_refusal(struct in *i, struct refusal *out)
{
    out->reason = take_u16(i);
    out->field = take_u8(i);
    out->value_scale = take_u8(i);
    out->limit_scale = take_u8(i);
    out->value = take_i128(i);
    out->limit = take_i128(i);
    if (out->reason == 0) i->bad = true;
}

static bool order_has_desk(const struct order_row *row)
{
    bool texts = row->ext_order_id_len != 0 || row->reason_len != 0 || !name_empty(&row->venue_name);
    bool numbers = (row->batch_id | (uint64_t)row->routed_ns | (uint64_t)row->settled_ns | row->attempts) != 0;
    return texts || numbers || row->rule != 0 || row->broker_state != 0 || row->manual_review;
}

static void put_order_desk(struct out *o, const struct order_row *row)
{
    put_u64(o, row->batch_id);
    put_i64(o, row->routed_ns);
    put_i64(o, row->settled_ns);
    put_u32(o, row->attempts);
    put_u16(o, row->rule);
    put_u8(o, row->broker_state);
    put_u8(o, row->manual_review);
    put_name(o, &row->venue_name);
    put_counted(o, row->ext_order_id, row->ext_order_id_len);
    put_counted(o, row->reason, row->reason_len);
}

static void clear_order_desk(struct order_row *out)
{
    out->batch_id = 0;
    out->routed_ns = out->settled_ns = 0;
    out->attempts = out->rule = out->broker_state = 0;
    out->manual_review = false;
    memset(&out->venue_name, 0, sizeof out->venue_name);
    out->ext_order_id_len = out->reason_len = 0;
    memset(out->ext_order_id, 0, sizeof out->ext_order_id);
    memset(out->reason, 0, sizeof out->reason);
}

static void take_order_desk(struct in *i, struct order_row *out)
{
    out->batch_id = take_u64(i);
    out->routed_ns = take_i64(i);
    out->settled_ns = take_i64(i);
    out->attempts = take_u32(i);
    out->rule = take_u16(i);
    out->broker_state = take_u8(i);
    out->manual_review = take_bool(i);
    take_name(i, &out->venue_name);
    out->ext_order_id_len = take_counted(i, out->ext_order_id, sizeof out->ext_order_id, EXT_ID_BYTES_MAX);
    out->reason_len = take_counted(i, out->reason, sizeof out->reason, REASON_BYTES_MAX);
    if (out->broker_state > BROKER_STATE_NUMBER_MAX) i->bad = true;
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
    bool extra = order_has_extra(row), refusal = row->refusal.reason != 0, desk = order_has_desk(row);
    put_u8(&o, (uint8_t)((extra ? PART_EXTRA : 0) | (refusal ? PART_REFUSAL : 0) | (desk ? PART_DESK : 0)));
    if (extra) put_order_extra(&o, row);
    if (refusal) put_refusal(&o, &row->refusal);
    if (desk) put_order_desk(&o, row);
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
    uint8_t parts = take_u8(&i);
    take_order_extra(&i, (parts & PART_EXTRA) != 0, out);
    memset(&out->refusal, 0, sizeof out->refusal);
    if (parts & PART_REFUSAL) take_refusal(&i, &out->refusal);
    clear_order_desk(out);
    if (parts & PART_DESK) take_order_desk(&i, out);
    if (out->status == 0 || out->status > ORDER_STATUS_NUMBER_MAX || parts > PARTS_MAX) return ERR_CORRUPT;
    return in_end(&i);
}

static void put_execution(struct out *o, const struct trade_row *row)
{
    put_u8(o, (uint8_t)((row->executed ? TRADE_EXECUTED : 0) | (row->busted ? TRADE_BUSTED : 0) |
                        (row->late ? TRADE_LATE : 0) | (row->fill.simulated ? TRADE_SIMULATED : 0)));
    if (!row->executed) return;
    put_i64(o, row->excess);
    put_counted(o, row->exec_id, row->exec_id_len);
    put_name(o, &row->venue_name);
}

/* Only what was executed can be anything besides. */
static void take_execution(struct in *i, struct trade_row *out)
{
    uint8_t words = take_u8(i);
    out->executed = (words & TRADE_EXECUTED) != 0;
    out->busted = (words & TRADE_BUSTED) != 0;
    out->late = (words & TRADE_LATE) != 0;
    out->fill.simulated = (words & TRADE_SIMULATED) != 0;
    if (words > TRADE_WORDS_MAX || (words != 0 && !out->executed)) i->bad = true;
    if (!out->executed) return;
    out->excess = take_i64(i);
    out->exec_id_len = take_counted(i, out->exec_id, sizeof out->exec_id, EXT_ID_BYTES_MAX);
    take_name(i, &out->venue_name);
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
    put_u8(&o, f->venue);
    put_u8(&o, f->price_scale);
    put_u8(&o, f->quantity_scale);
    put_u8(&o, f->currency_scale);
    put_name(&o, &f->symbol);
    put_name(&o, &f->buy_account);
    put_name(&o, &f->sell_account);
    put_execution(&o, row);
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
    f->venue = take_u8(&i);
    f->price_scale = take_u8(&i);
    f->quantity_scale = take_u8(&i);
    f->currency_scale = take_u8(&i);
    take_name(&i, &f->symbol);
    take_name(&i, &f->buy_account);
    take_name(&i, &f->sell_account);
    out->excess = 0;
    out->exec_id_len = 0;
    memset(out->exec_id, 0, sizeof out->exec_id);
    memset(&out->venue_name, 0, sizeof out->venue_name);
    take_execution(&i, out);
    return in_end(&i);
}

static void put_account_limits(struct out *o, const struct account_limits *l)
{
    put_i128(o, l->max_order_quantity);
    put_i128(o, l->max_position);
    put_i128(o, l->max_order_notional);
    put_i64(o, l->maker_fee_rate);
    put_i64(o, l->taker_fee_rate);
    put_i64(o, l->margin_call_ppm);
    put_i64(o, l->liquidation_ppm);
    put_u32(o, l->max_open_orders);
    put_u32(o, l->max_orders_per_second);
    put_u8(o, l->own_maker_fee);
    put_u8(o, l->own_taker_fee);
}

static void take_account_limits(struct in *i, struct account_limits *out)
{
    out->max_order_quantity = take_i128(i);
    out->max_position = take_i128(i);
    out->max_order_notional = take_i128(i);
    out->maker_fee_rate = take_i64(i);
    out->taker_fee_rate = take_i64(i);
    out->margin_call_ppm = take_i64(i);
    out->liquidation_ppm = take_i64(i);
    out->max_open_orders = take_u32(i);
    out->max_orders_per_second = take_u32(i);
    out->own_maker_fee = take_bool(i);
    out->own_taker_fee = take_bool(i);
}

size_t account_encode(const struct account_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, row->account.id);
    put_u64(&o, row->updated_seq);
    put_u32(&o, row->account.leverage);
    put_u8(&o, row->account.type);
    put_u8(&o, row->account.status);
    put_u8(&o, row->account.stp);
    put_u8(&o, row->account.allow_short);
    put_account_limits(&o, &row->account.limits);
    put_u64(&o, row->margin_call.seq);
    put_i64(&o, row->margin_call.ts_ns);
    put_i64(&o, row->margin_call.required_ppm);
    put_i128(&o, row->margin_call.equity);
    put_i128(&o, row->margin_call.exposure);
    put_u8(&o, row->margin_call.liquidation);
    put_u8(&o, row->margin_call.currency_scale);
    put_name(&o, &row->margin_call.currency);
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
    out->account.stp = take_u8(&i);
    out->account.allow_short = take_bool(&i);
    take_account_limits(&i, &out->account.limits);
    out->margin_call.seq = take_u64(&i);
    out->margin_call.ts_ns = take_i64(&i);
    out->margin_call.required_ppm = take_i64(&i);
    out->margin_call.equity = take_i128(&i);
    out->margin_call.exposure = take_i128(&i);
    out->margin_call.liquidation = take_bool(&i);
    out->margin_call.currency_scale = take_u8(&i);
    take_name(&i, &out->margin_call.currency);
    if (out->account.leverage < LEVERAGE_ONE || out->margin_call.currency_scale > CASH_SCALE_MAX) return ERR_CORRUPT;
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
    put_i64(&o, row->market_buy);
    put_i64(&o, row->market_sell);
    put_u64(&o, row->uncrossed.seq);
    put_i64(&o, row->uncrossed.ts_ns);
    put_i64(&o, row->uncrossed.price);
    put_i64(&o, row->uncrossed.quantity);
    put_i64(&o, row->uncrossed.imbalance);
    put_i128(&o, s->spec.max_notional);
    put_u32(&o, s->spec.max_leverage);
    put_u16(&o, s->spec.settlement_days);
    put_u8(&o, s->spec.price_scale);
    put_u8(&o, s->spec.quantity_scale);
    put_u8(&o, s->spec.currency_scale);
    put_u8(&o, s->spec.trigger);
    put_u8(&o, s->spec.state);
    put_u8(&o, s->spec.mark);
    put_u8(&o, s->spec.trading);
    put_u8(&o, s->spec.halt_on_breach);
    put_u8(&o, row->state_cause);
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
    out->market_buy = take_i64(&i);
    out->market_sell = take_i64(&i);
    out->uncrossed.seq = take_u64(&i);
    out->uncrossed.ts_ns = take_i64(&i);
    out->uncrossed.price = take_i64(&i);
    out->uncrossed.quantity = take_i64(&i);
    out->uncrossed.imbalance = take_i64(&i);
    s->spec.max_notional = take_i128(&i);
    s->spec.max_leverage = take_u32(&i);
    s->spec.settlement_days = take_u16(&i);
    s->spec.price_scale = take_u8(&i);
    s->spec.quantity_scale = take_u8(&i);
    s->spec.currency_scale = take_u8(&i);
    s->spec.trigger = take_u8(&i);
    s->spec.state = take_u8(&i);
    s->spec.mark = take_u8(&i);
    s->spec.trading = take_u8(&i);
    s->spec.halt_on_breach = take_bool(&i);
    out->state_cause = take_u8(&i);
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
    put_i128(&o, row->quantity);
    put_i128(&o, row->hidden);
    put_u32(&o, row->orders);
    return out_len(&o);
}

int level_decode(const uint8_t *bytes, size_t len_bytes, struct level_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->quantity = take_i128(&i);
    out->hidden = take_i128(&i);
    out->orders = take_u32(&i);
    return out->orders == 0 ? ERR_CORRUPT : in_end(&i);
}

size_t candle_encode(const struct candle_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i64(&o, row->open);
    put_i64(&o, row->high);
    put_i64(&o, row->low);
    put_i64(&o, row->close);
    put_u64(&o, row->trades);
    put_i128(&o, row->volume);
    put_i128(&o, row->notional);
    return out_len(&o);
}

/* Sums are also held to what candle_add may add up without a look. */
static bool candle_holds(const struct candle_row *c)
{
    return c->trades > 0 && c->low > 0 && c->low <= c->open && c->low <= c->close && c->high >= c->open &&
           c->high >= c->close && c->volume > 0 && c->volume <= CANDLE_SUM_MAX && c->notional > 0 &&
           c->notional <= CANDLE_SUM_MAX;
}

int candle_decode(const uint8_t *bytes, size_t len_bytes, struct candle_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->open = take_i64(&i);
    out->high = take_i64(&i);
    out->low = take_i64(&i);
    out->close = take_i64(&i);
    out->trades = take_u64(&i);
    out->volume = take_i128(&i);
    out->notional = take_i128(&i);
    return candle_holds(out) ? in_end(&i) : ERR_CORRUPT;
}

size_t gtt_encode(const struct gtt_row *row, uint8_t *room)
{
    const struct event_gtt_set *g = &row->gtt;
    struct out o = out_begin(room);
    put_u64(&o, row->created_seq);
    put_u64(&o, row->updated_seq);
    put_i64(&o, row->created_ns);
    put_i64(&o, row->updated_ns);
    put_u64(&o, g->order_id);
    put_i64(&o, g->expires_ns);
    for (int leg = 0; leg < 2; leg++) {
        put_i64(&o, g->legs[leg].trigger_price);
        put_i64(&o, g->legs[leg].price);
        put_i64(&o, g->legs[leg].quantity);
        put_u8(&o, g->legs[leg].direction);
    }
    put_u16(&o, g->reject);
    put_u8(&o, g->status);
    put_u8(&o, g->side);
    put_u8(&o, g->leg);
    put_u8(&o, g->price_scale);
    put_u8(&o, g->quantity_scale);
    put_name(&o, &g->account);
    put_name(&o, &g->symbol);
    return out_len(&o);
}

int gtt_decode(const uint8_t *bytes, size_t len_bytes, struct gtt_row *out)
{
    struct event_gtt_set *g = &out->gtt;
    struct in i = in_begin(bytes, len_bytes);
    out->created_seq = take_u64(&i);
    out->updated_seq = take_u64(&i);
    out->created_ns = take_i64(&i);
    out->updated_ns = take_i64(&i);
    g->order_id = take_u64(&i);
    g->expires_ns = take_i64(&i);
    for (int leg = 0; leg < 2; leg++) {
        g->legs[leg].trigger_price = take_i64(&i);
        g->legs[leg].price = take_i64(&i);
        g->legs[leg].quantity = take_i64(&i);
        g->legs[leg].direction = take_u8(&i);
    }
    g->reject = take_u16(&i);
    g->status = take_u8(&i);
    g->side = take_u8(&i);
    g->leg = take_u8(&i);
    g->price_scale = take_u8(&i);
    g->quantity_scale = take_u8(&i);
    take_name(&i, &g->account);
    take_name(&i, &g->symbol);
    if (g->status == 0 || g->status > GTT_STATUS_NUMBER_MAX) return ERR_CORRUPT;
    if (g->price_scale > DECIMAL_SCALE_MAX || g->quantity_scale > DECIMAL_SCALE_MAX) return ERR_CORRUPT;
    return in_end(&i);
}

size_t system_encode(const struct system_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, row->updated_seq);
    put_u8(&o, row->trading);
    return out_len(&o);
}

int system_decode(const uint8_t *bytes, size_t len_bytes, struct system_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->updated_seq = take_u64(&i);
    out->trading = take_u8(&i);
    return out->trading > ACCOUNT_STATUS_NUMBER_MAX ? ERR_CORRUPT : in_end(&i);
}
