/* projections/query_orders.c - orders: one, by client order id, lists, histories.
 * What must stay true: every list goes by order id, which is the order of creation, whatever index it walks. */
#include <string.h>

#include "core/error.h"
#include "projections/page.h"

static int order_read(const struct views_read *r, uint64_t order_id, struct order_row *out)
{
    struct key k;
    MDB_val value;
    key_begin(&k);
    key_u64(&k, order_id);
    int rc = read_value(r, DB_ORDERS, &k, &value);
    if (rc == 0) rc = order_decode(value.mv_data, value.mv_size, out);
    out->order_id = order_id;
    return rc;
}

int views_order(struct views_read *r, uint64_t order_id, struct order_row *out)
{
    memset(out, 0, sizeof *out);
    return order_read(r, order_id, out);
}

/* The last key under a prefix that an order id follows. ERR_NOT_FOUND: none. */
static int last_order_under(MDB_cursor *cursor, const struct key *prefix, uint64_t *order_id)
{
    struct key end = *prefix;
    MDB_val value;
    key_u64(&end, UINT64_MAX);
    MDB_val key = {end.len_bytes, end.bytes};
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (rc != 0 || key.mv_size != end.len_bytes || memcmp(key.mv_data, end.bytes, end.len_bytes) != 0)
        rc = mdb_cursor_get(cursor, &key, &value, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
    if (rc != 0) return env_error(rc);
    if (key.mv_size != end.len_bytes || memcmp(key.mv_data, prefix->bytes, prefix->len_bytes) != 0)
        return ERR_NOT_FOUND;
    struct key_reader rest = {(const uint8_t *)key.mv_data + prefix->len_bytes, key.mv_size - prefix->len_bytes};
    return key_take_u64(&rest, order_id) ? 0 : ERR_CORRUPT;
}

static void client_prefix(struct key *k, const struct name *account, struct text client_order_id)
{
    key_begin(k);
    if (!name_empty(account)) key_name(k, account);
    key_client_order_id(k, client_order_id.bytes, client_order_id.len_bytes);
}

int views_order_by_client_id(struct views_read *r, const struct name *account, struct text client_order_id,
                             struct order_row *out)
{
    struct key prefix;
    MDB_cursor *cursor;
    uint64_t order_id = 0;
    memset(out, 0, sizeof *out);
    if (client_order_id.len_bytes == 0 || client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) return ERR_NOT_FOUND;
    client_prefix(&prefix, account, client_order_id);
    enum view_db db = name_empty(account) ? DB_ORDER_BY_CLIENT : DB_ORDER_BY_ACCOUNT_CLIENT;
    int rc = env_error(mdb_cursor_open(r->txn, r->views->dbi[db], &cursor));
    if (rc != 0) return rc;
    rc = last_order_under(cursor, &prefix, &order_id);
    mdb_cursor_close(cursor);
    return rc == 0 ? read_promised(order_read(r, order_id, out)) : rc;
}

/* A venue that is no broker: its number in rows; 0: it is one. */
static int venue_of_ours(const struct name *venue)
{
    static const struct name book = {"BOOK"}, quote = {"QUOTE"};
    return name_equal(venue, &book) ? VENUE_BOOK : name_equal(venue, &quote) ? VENUE_QUOTE : 0;
}

/* A refused order went nowhere. */
static bool order_at(const struct name *venue, const struct order_row *row)
{
    int ours = venue_of_ours(venue), number = row->venue == 0 ? VENUE_BOOK : row->venue;
    bool refused = row->status == ORDER_STATUS_REJECTED && row->cancel_reason == 0;
    return ours != 0 ? ours == number && !refused : name_equal(venue, &row->venue_name);
}

static bool order_matches(const struct order_filter *f, const struct order_row *row)
{
    if (!name_empty(&f->account) && !name_equal(&f->account, &row->account)) return false;
    if (!name_empty(&f->symbol) && !name_equal(&f->symbol, &row->symbol)) return false;
    if (f->status != 0 && f->status != row->status) return false;
    if (f->open_only && !order_row_is_open(row)) return false;
    if (f->manual_review && !row->manual_review) return false;
    if (!name_empty(&f->venue) && !order_at(&f->venue, row)) return false;
    return f->client_order_id.len_bytes == 0 ||
           (f->client_order_id.len_bytes == row->client_order_id_len &&
            memcmp(f->client_order_id.bytes, row->client_order_id, row->client_order_id_len) == 0);
}

static int take_order(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct order_row *row = out;
    uint64_t order_id;
    memset(row, 0, sizeof *row);
    if (!key_take_u64(&rest, &order_id) || rest.left_bytes != 0) return ERR_CORRUPT;
    int rc = p->db == DB_ORDERS ? order_decode(value->mv_data, value->mv_size, row)
                                : read_promised(order_read(p->read, order_id, row));
    if (rc != 0) return rc;
    row->order_id = order_id;
    return order_matches(arg, row);
}

static bool filter_is_open(const struct order_filter *f)
{
    struct order_row like = {.status = f->status};
    return f->open_only || f->manual_review || (f->status != 0 && order_row_is_open(&like));
}

/* Those that wait for a venue are under no name. */
static bool filter_waits(const struct order_filter *f)
{
    return f->manual_review || f->status == ORDER_STATUS_PENDING_ROUTE;
}

/* The index with the fewest rows to pass over: client order ids are nearly unique, then what is open
 * (of an account, at a broker, or waiting for one), then an account's. */
static void orders_index(struct page *p, const struct order_filter *f)
{
    bool account = !name_empty(&f->account), waits = filter_waits(f);
    bool broker = !name_empty(&f->venue) && venue_of_ours(&f->venue) == 0;
    if (f->client_order_id.len_bytes > 0) {
        p->db = account ? DB_ORDER_BY_ACCOUNT_CLIENT : DB_ORDER_BY_CLIENT;
        client_prefix(&p->prefix, &f->account, f->client_order_id);
    } else if (account) {
        p->db = filter_is_open(f) ? DB_ORDER_OPEN : DB_ORDER_BY_ACCOUNT;
        key_name(&p->prefix, &f->account);
    } else if (waits || (broker && filter_is_open(f))) {
        p->db = DB_ORDER_AT_VENUE;
        key_name(&p->prefix, waits ? &(struct name){{0}} : &f->venue);
    } else if (!name_empty(&f->symbol)) {
        p->db = DB_ORDER_BY_SYMBOL;
        key_name(&p->prefix, &f->symbol);
    }
}

int64_t views_orders(struct views_read *r, const struct order_filter *f, const char *after, uint32_t limit,
                     struct order_row *out, char *next)
{
    struct page p;
    struct order_filter filter = *f;
    if (f->client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) { /* no order has such an id */
        next[0] = 0;
        return 0;
    }
    page_begin(&p, r, DB_ORDERS, "orders");
    page_filter(&p, f->account.bytes, NAME_BYTES);
    page_filter(&p, f->symbol.bytes, NAME_BYTES);
    page_filter(&p, (uint8_t[]){f->status, f->open_only, f->manual_review}, 3);
    page_filter(&p, f->venue.bytes, NAME_BYTES);
    page_filter(&p, f->client_order_id.bytes, f->client_order_id.len_bytes);
    orders_index(&p, f);
    return page_fill(&p, after, limit, take_order, &filter, out, sizeof *out, next);
}

static int take_event_id(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct event_id *id = out;
    (void)p;
    (void)arg;
    (void)value;
    memset(id, 0, sizeof *id);
    if (!key_take_u64(&rest, &id->seq) || !key_take_u32(&rest, &id->index) || rest.left_bytes != 0) return ERR_CORRUPT;
    return 1;
}

int64_t views_order_events(struct views_read *r, uint64_t order_id, const char *after, uint32_t limit,
                           struct event_id *out, char *next)
{
    struct page p;
    page_begin(&p, r, DB_ORDER_EVENTS, "order_events");
    key_u64(&p.prefix, order_id);
    page_filter(&p, p.prefix.bytes, p.prefix.len_bytes);
    return page_fill(&p, after, limit, take_event_id, NULL, out, sizeof *out, next);
}
