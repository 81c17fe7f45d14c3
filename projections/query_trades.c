/* projections/query_trades.c - trades, in the order they happened. Those of one order are the FILLED entries of its
 * history. */
#include <string.h>

#include "core/error.h"
#include "projections/page.h"

static int trade_read(const struct views_read *r, struct trade_row *row)
{
    struct key k;
    MDB_val value;
    key_begin(&k);
    key_u64(&k, row->seq);
    key_u32(&k, row->index);
    int rc = read_value(r, DB_TRADES, &k, &value);
    return rc == 0 ? trade_decode(value.mv_data, value.mv_size, row) : rc;
}

static bool trade_matches(const struct trade_filter *f, const struct trade_row *row)
{
    const struct event_filled *fill = &row->fill;
    if (!name_empty(&f->account) && !name_equal(&f->account, &fill->buy_account) &&
        !name_equal(&f->account, &fill->sell_account))
        return false;
    if (!name_empty(&f->symbol) && !name_equal(&f->symbol, &fill->symbol)) return false;
    return f->order_id == 0 || f->order_id == fill->buy_order_id || f->order_id == fill->sell_order_id;
}

static int take_trade(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct trade_row *row = out;
    memset(row, 0, sizeof *row);
    if (!key_take_u64(&rest, &row->seq) || !key_take_u32(&rest, &row->index) || rest.left_bytes != 0)
        return ERR_CORRUPT;
    if (p->db == DB_ORDER_EVENTS && (value->mv_size != 1 || *(const uint8_t *)value->mv_data != EVENT_FILLED))
        return value->mv_size != 1 ? ERR_CORRUPT : 0;
    int rc = p->db == DB_TRADES ? trade_decode(value->mv_data, value->mv_size, row)
                                : read_promised(trade_read(p->read, row));
    return rc == 0 ? trade_matches(arg, row) : rc;
}

static void trades_index(struct page *p, const struct trade_filter *f)
{
    if (f->order_id != 0) {
        p->db = DB_ORDER_EVENTS;
        key_u64(&p->prefix, f->order_id);
    } else if (!name_empty(&f->account)) {
        p->db = DB_TRADE_BY_ACCOUNT;
        key_name(&p->prefix, &f->account);
    } else if (!name_empty(&f->symbol)) {
        p->db = DB_TRADE_BY_SYMBOL;
        key_name(&p->prefix, &f->symbol);
    }
}

int64_t views_trades(struct views_read *r, const struct trade_filter *f, const char *after, uint32_t limit,
                     struct trade_row *out, char *next)
{
    struct page p;
    struct trade_filter filter = *f;
    page_begin(&p, r, DB_TRADES, "trades");
    page_filter(&p, f->account.bytes, NAME_BYTES);
    page_filter(&p, f->symbol.bytes, NAME_BYTES);
    page_filter(&p, &f->order_id, sizeof f->order_id);
    trades_index(&p, f);
    return page_fill(&p, after, limit, take_trade, &filter, out, sizeof *out, next);
}
