/* projections/values_desk.c - the desk's rows to bytes and back, as projections/values.c has the others.
 *   venue       id, updated_seq, updated_ns (8 each) | state, before, cause, simulated u8 | venue name
 *   rule        account, symbol name | min_quantity, max_quantity decimal | four venues name | type, side u8
 *   decision    ts_ns, retry_ns u64 | attempt u32 | rule u16 | venue, cause, asked, manual_review u8 | account, symbol,
 *               chosen name | four candidates name
 *   batch       created_ns u64 | orders u32 | atomic u8 | account name
 *   statement   created_ns, from_ns, to_ns (8 each) | rows u32 | venue, account name
 *   line        symbol name | price, quantity decimal | fee: 16, scale u8 | side u8 | exec_id, ext_order_id: length u8, bytes
 *   execution   seq u64, index u32
 * decimal: 8, scale u8 (255: not given). */
#include "projections/value_parts.h"

static void put_decimal(struct out *o, struct decimal d)
{
    put_i64(o, d.mantissa);
    put_u8(o, d.scale);
}

static void take_decimal(struct in *i, struct decimal *out)
{
    out->mantissa = take_i64(i);
    out->scale = take_u8(i);
    if (out->scale > DECIMAL_SCALE_MAX && out->scale != DECIMAL_ABSENT) i->bad = true;
}

static void put_names(struct out *o, const struct name *names)
{
    for (int n = 0; n < ROUTE_CANDIDATES_MAX; n++) put_name(o, &names[n]);
}

static void take_names(struct in *i, struct name *out)
{
    for (int n = 0; n < ROUTE_CANDIDATES_MAX; n++) take_name(i, &out[n]);
}

size_t venue_encode(const struct venue_row *row, uint8_t *room)
{
    const struct event_venue_set *v = &row->venue;
    struct out o = out_begin(room);
    put_u64(&o, v->venue_id);
    put_u64(&o, row->updated_seq);
    put_i64(&o, row->updated_ns);
    put_u8(&o, v->state);
    put_u8(&o, v->before);
    put_u8(&o, v->cause);
    put_u8(&o, v->simulated);
    put_name(&o, &v->venue);
    return out_len(&o);
}

int venue_decode(const uint8_t *bytes, size_t len_bytes, struct venue_row *out)
{
    struct event_venue_set *v = &out->venue;
    struct in i = in_begin(bytes, len_bytes);
    v->venue_id = take_u64(&i);
    out->updated_seq = take_u64(&i);
    out->updated_ns = take_i64(&i);
    v->state = take_u8(&i);
    v->before = take_u8(&i);
    v->cause = take_u8(&i);
    v->simulated = take_bool(&i);
    take_name(&i, &v->venue);
    if (v->state == 0 || v->state > VENUE_STATE_NUMBER_MAX || name_empty(&v->venue)) return ERR_CORRUPT;
    return in_end(&i);
}

size_t rule_encode(const struct rule_row *row, uint8_t *room)
{
    const struct route_rule *r = &row->rule;
    struct out o = out_begin(room);
    put_name(&o, &r->account);
    put_name(&o, &r->symbol);
    put_decimal(&o, r->min_quantity);
    put_decimal(&o, r->max_quantity);
    put_names(&o, r->venues);
    put_u8(&o, r->type);
    put_u8(&o, r->side);
    return out_len(&o);
}

int rule_decode(const uint8_t *bytes, size_t len_bytes, struct rule_row *out)
{
    struct route_rule *r = &out->rule;
    struct in i = in_begin(bytes, len_bytes);
    take_name(&i, &r->account);
    take_name(&i, &r->symbol);
    take_decimal(&i, &r->min_quantity);
    take_decimal(&i, &r->max_quantity);
    take_names(&i, r->venues);
    r->type = take_u8(&i);
    r->side = take_u8(&i);
    if (r->type > ORDER_TYPE_NUMBER_MAX || r->side > SIDE_NUMBER_MAX) return ERR_CORRUPT;
    return in_end(&i);
}

size_t decision_encode(const struct decision_row *row, uint8_t *room)
{
    const struct event_routed *d = &row->routed;
    struct out o = out_begin(room);
    put_i64(&o, row->ts_ns);
    put_i64(&o, d->retry_ns);
    put_u32(&o, d->attempt);
    put_u16(&o, d->rule);
    put_u8(&o, d->venue);
    put_u8(&o, d->cause);
    put_u8(&o, d->asked);
    put_u8(&o, d->manual_review);
    put_name(&o, &d->account);
    put_name(&o, &d->symbol);
    put_name(&o, &d->chosen);
    put_names(&o, d->candidates);
    return out_len(&o);
}

int decision_decode(const uint8_t *bytes, size_t len_bytes, struct decision_row *out)
{
    struct event_routed *d = &out->routed;
    struct in i = in_begin(bytes, len_bytes);
    out->ts_ns = take_i64(&i);
    d->retry_ns = take_i64(&i);
    d->attempt = take_u32(&i);
    d->rule = take_u16(&i);
    d->venue = take_u8(&i);
    d->cause = take_u8(&i);
    d->asked = take_bool(&i);
    d->manual_review = take_bool(&i);
    take_name(&i, &d->account);
    take_name(&i, &d->symbol);
    take_name(&i, &d->chosen);
    take_names(&i, d->candidates);
    if (d->cause == 0 || d->cause > ROUTE_CAUSE_NUMBER_MAX) return ERR_CORRUPT;
    return in_end(&i);
}

size_t desk_batch_encode(const struct batch_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i64(&o, row->created_ns);
    put_u32(&o, row->batch.orders);
    put_u8(&o, row->batch.atomic);
    put_name(&o, &row->batch.account);
    return out_len(&o);
}

int desk_batch_decode(const uint8_t *bytes, size_t len_bytes, struct batch_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->created_ns = take_i64(&i);
    out->batch.orders = take_u32(&i);
    out->batch.atomic = take_bool(&i);
    take_name(&i, &out->batch.account);
    return out->batch.orders > BATCH_ORDERS_MAX ? ERR_CORRUPT : in_end(&i);
}

size_t statement_encode(const struct statement_header_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_i64(&o, row->created_ns);
    put_i64(&o, row->statement.from_ns);
    put_i64(&o, row->statement.to_ns);
    put_u32(&o, row->statement.rows);
    put_name(&o, &row->statement.venue);
    put_name(&o, &row->statement.account);
    return out_len(&o);
}

int statement_decode(const uint8_t *bytes, size_t len_bytes, struct statement_header_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->created_ns = take_i64(&i);
    out->statement.from_ns = take_i64(&i);
    out->statement.to_ns = take_i64(&i);
    out->statement.rows = take_u32(&i);
    take_name(&i, &out->statement.venue);
    take_name(&i, &out->statement.account);
    return out->statement.rows > STATEMENT_ROWS_MAX ? ERR_CORRUPT : in_end(&i);
}

size_t line_encode(const struct event_statement_row *row, uint8_t *room)
{
    struct out o = out_begin(room);
    put_name(&o, &row->symbol);
    put_decimal(&o, row->price);
    put_decimal(&o, row->quantity);
    put_i128(&o, row->fee.mantissa);
    put_u8(&o, row->fee.scale);
    put_u8(&o, row->side);
    put_counted(&o, row->exec_id, row->exec_id_len);
    put_counted(&o, row->ext_order_id, row->ext_order_id_len);
    return out_len(&o);
}

int line_decode(const uint8_t *bytes, size_t len_bytes, struct event_statement_row *out)
{
    struct in i = in_begin(bytes, len_bytes);
    take_name(&i, &out->symbol);
    take_decimal(&i, &out->price);
    take_decimal(&i, &out->quantity);
    out->fee.mantissa = take_i128(&i);
    out->fee.scale = take_u8(&i);
    out->side = take_u8(&i);
    out->exec_id_len = take_counted(&i, out->exec_id, sizeof out->exec_id, EXT_ID_BYTES_MAX);
    out->ext_order_id_len = take_counted(&i, out->ext_order_id, sizeof out->ext_order_id, EXT_ID_BYTES_MAX);
    bool fee = out->fee.scale <= CASH_SCALE_MAX || out->fee.scale == DECIMAL_ABSENT;
    bool given = out->price.scale != DECIMAL_ABSENT && out->quantity.scale != DECIMAL_ABSENT;
    return fee && given ? in_end(&i) : ERR_CORRUPT;
}

size_t execution_encode(const struct event_id *trade, uint8_t *room)
{
    struct out o = out_begin(room);
    put_u64(&o, trade->seq);
    put_u32(&o, trade->index);
    return out_len(&o);
}

int execution_decode(const uint8_t *bytes, size_t len_bytes, struct event_id *out)
{
    struct in i = in_begin(bytes, len_bytes);
    out->seq = take_u64(&i);
    out->index = take_u32(&i);
    return in_end(&i);
}
