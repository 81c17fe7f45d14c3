/* projections/query_trades.c - trades, in the order they happened. Those of one order are the FILLED entries of its
 * history.
 * What must stay true: event time never goes back with seq, so that the first trade of a time is found by halves. */
#include "projections/query_trades.h"

#include <string.h>

#include "core/error.h"

int trade_read(const struct views_read *r, struct trade_row *row)
{
    struct key k;
    MDB_val value;
    key_begin(&k);
    key_u64(&k, row->seq);
    key_u32(&k, row->index);
    int rc = read_value(r, DB_TRADES, &k, &value);
    return rc == 0 ? trade_decode(value.mv_data, value.mv_size, row) : rc;
}

int views_trade(struct views_read *r, uint64_t seq, uint32_t index, struct trade_row *out)
{
    memset(out, 0, sizeof *out);
    out->seq = seq;
    out->index = index;
    return trade_read(r, out);
}

static bool trade_at(const struct name *venue, const struct trade_row *row)
{
    static const struct name book = {"BOOK"}, quote = {"QUOTE"};
    if (name_equal(venue, &book)) return row->fill.venue == 0;
    return name_equal(venue, &quote) ? row->fill.venue == VENUE_QUOTE : name_equal(venue, &row->venue_name);
}

bool trade_matches(const struct trade_filter *f, const struct trade_row *row)
{
    const struct event_filled *fill = &row->fill;
    if (!name_empty(&f->account) && !name_equal(&f->account, &fill->buy_account) &&
        !name_equal(&f->account, &fill->sell_account))
        return false;
    if (!name_empty(&f->symbol) && !name_equal(&f->symbol, &fill->symbol)) return false;
    if (!name_empty(&f->venue) && !trade_at(&f->venue, row)) return false;
    return f->order_id == 0 || f->order_id == fill->buy_order_id || f->order_id == fill->sell_order_id;
}

static bool has_time(const struct trade_filter *f)
{
    return f->from_ns != 0 || f->to_ns != 0;
}

int take_trade(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    const struct trade_filter *f = arg;
    struct trade_row *row = out;
    memset(row, 0, sizeof *row);
    if (!key_take_u64(&rest, &row->seq) || !key_take_u32(&rest, &row->index) || rest.left_bytes != 0)
        return ERR_CORRUPT;
    if (p->db == DB_ORDER_EVENTS && (value->mv_size != 1 || *(const uint8_t *)value->mv_data != EVENT_FILLED))
        return value->mv_size != 1 ? ERR_CORRUPT : 0;
    int rc = p->db == DB_TRADES ? trade_decode(value->mv_data, value->mv_size, row)
                                : read_promised(trade_read(p->read, row));
    if (rc != 0) return rc;
    if (has_time(f) && row->ts_ns >= f->to_ns) return PAGE_TAKE_END;
    if (has_time(f) && row->ts_ns < f->from_ns) return 0;
    return trade_matches(f, row);
}

void trades_index(struct page *p, const struct trade_filter *f)
{
    static const struct name book = {"BOOK"};
    if (f->order_id != 0) {
        p->db = DB_ORDER_EVENTS;
        key_u64(&p->prefix, f->order_id);
    } else if (!name_empty(&f->account)) {
        p->db = DB_TRADE_BY_ACCOUNT;
        key_name(&p->prefix, &f->account);
    } else if (!name_empty(&f->venue) && !name_equal(&f->venue, &book)) {
        p->db = DB_TRADE_BY_VENUE;
        key_name(&p->prefix, &f->venue);
    } else if (!name_empty(&f->symbol)) {
        p->db = DB_TRADE_BY_SYMBOL;
        key_name(&p->prefix, &f->symbol);
    }
}

/* The first trade of the index with that seq or a later one. False: none, or *rc. */
static bool trade_from(const struct page *p, MDB_cursor *cursor, uint64_t seq, struct trade_row *row, int *rc)
{
    struct key from = p->prefix;
    MDB_val key, value;
    key_u64(&from, seq);
    key = (MDB_val){from.len_bytes, from.bytes};
    *rc = env_error(mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE));
    if (*rc == ERR_NOT_FOUND || (*rc == 0 && !page_has_key(p, &key))) {
        *rc = 0;
        return false;
    }
    struct key_reader rest = {(const uint8_t *)key.mv_data + p->prefix.len_bytes, key.mv_size - p->prefix.len_bytes};
    memset(row, 0, sizeof *row);
    if (*rc == 0 && (!key_take_u64(&rest, &row->seq) || !key_take_u32(&rest, &row->index))) *rc = ERR_CORRUPT;
    if (*rc == 0) *rc = read_promised(trade_read(p->read, row));
    return *rc == 0;
}

int trades_seek(const struct page *p, int64_t from_ns, uint64_t *seq)
{
    MDB_cursor *cursor;
    struct trade_row row;
    uint64_t low = 0, high = p->read->cursor.seq + 1; /* the answer is in low..high */
    int rc = env_error(mdb_cursor_open(p->read->txn, p->read->views->dbi[p->db], &cursor));
    if (rc != 0) return rc;
    while (low < high && rc == 0) {
        uint64_t middle = low + (high - low) / 2;
        bool later = !trade_from(p, cursor, middle, &row, &rc) || row.ts_ns >= from_ns;
        if (later)
            high = middle;
        else
            low = row.seq + 1;
    }
    mdb_cursor_close(cursor);
    *seq = low;
    return rc;
}

/* The cursor behind everything before that time. */
static int cursor_at_time(const struct page *p, int64_t from_ns, char *after)
{
    uint64_t seq;
    struct key k = p->prefix;
    int rc = trades_seek(p, from_ns, &seq);
    if (rc != 0 || seq == 0) return rc;
    key_u64(&k, seq - 1);
    key_u32(&k, UINT32_MAX);
    page_cursor_write(p, &(MDB_val){k.len_bytes, k.bytes}, after);
    return 0;
}

int64_t views_trades(struct views_read *r, const struct trade_filter *f, const char *after, uint32_t limit,
                     struct trade_row *out, char *next)
{
    struct page p;
    struct trade_filter filter = *f;
    char begin[VIEWS_CURSOR_BYTES] = "";
    bool goes_on = after != NULL && after[0] != 0;
    page_begin(&p, r, DB_TRADES, "trades");
    page_filter(&p, f->account.bytes, NAME_BYTES);
    page_filter(&p, f->symbol.bytes, NAME_BYTES);
    page_filter(&p, &f->order_id, sizeof f->order_id);
    page_filter(&p, f->venue.bytes, NAME_BYTES);
    page_filter(&p, (int64_t[]){f->from_ns, f->to_ns}, 2 * sizeof f->from_ns);
    trades_index(&p, f);
    if (!goes_on && f->from_ns > 0 && f->order_id == 0) {
        int rc = cursor_at_time(&p, f->from_ns, begin);
        if (rc != 0) {
            next[0] = 0;
            return rc;
        }
        after = begin;
    }
    return page_fill(&p, after, limit, take_trade, &filter, out, sizeof *out, next);
}
