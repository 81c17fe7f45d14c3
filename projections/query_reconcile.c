/* projections/query_reconcile.c - a broker's statement beside our trades.
 * What must stay true: every line and every trade of the statement's venue, account and time is in exactly one row;
 * decimals are compared as what they are worth, whatever their scales; of our trades only 24 bytes each are kept while
 * lines are matched, the rest is read again when a row needs it.
 *
 *   lines in their order:  trade of that id, not taken yet ─▶ EQUAL or DIFFERS      none ─▶ MISSING_HERE
 *   then, by time:         trades that no line took ─▶ MISSING_THERE */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "projections/query_trades.h"

enum {
    /* Trades passed over to find those of the statement: a second or so. */
    RECONCILE_VISITS_MAX = 20 * RECONCILE_TRADES_MAX,
    /* An exec_id is one order's: brokers may use it again for another. Of so many trades with one id the best is found. */
    SAME_ID_TRADES_MAX = 16,
    OURS_FIRST = 256
};

/* A trade of ours: by its id until lines are matched, then by time. */
struct ours {
    uint64_t id_hash, seq;
    uint32_t index;
    bool taken;
};

struct reconcile {
    struct views_read *read;
    struct event_statement statement;
    struct trade_filter filter; /* the statement's venue and account */
    struct ours *ours;
    size_t ours_count, ours_room;
    struct reconcile_row *rows;
    size_t rows_count, rows_room;
    struct reconcile_totals totals;
    bool all;
};

/* Room for one more, doubled when it is full. */
static bool list_reserve(void **list, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room) return true;
    size_t wanted = *room == 0 ? OURS_FIRST : *room * 2;
    void *grown = realloc(*list, wanted * item_bytes);
    if (grown == NULL) return false;
    *list = grown;
    *room = wanted;
    return true;
}

/* What a statement calls our trade. Returns the length. */
enum { TRADE_ID_BYTES_MAX = EXT_ID_BYTES_MAX };
static size_t trade_id(const struct trade_row *t, char room[TRADE_ID_BYTES_MAX])
{
    if (t->exec_id_len != 0 && t->fill.venue >= VENUE_BROKER_FIRST) {
        memcpy(room, t->exec_id, t->exec_id_len);
        return t->exec_id_len;
    }
    return (size_t)snprintf(room, TRADE_ID_BYTES_MAX, "%llu-%u", (unsigned long long)t->seq, (unsigned)t->index);
}

/* Ours. */

static int ours_add(struct reconcile *x, const struct trade_row *t)
{
    char id[TRADE_ID_BYTES_MAX];
    size_t len_bytes = trade_id(t, id);
    if (x->ours_count == RECONCILE_TRADES_MAX) return ERR_FULL;
    if (!list_reserve((void **)&x->ours, x->ours_count, &x->ours_room, sizeof *x->ours)) return ERR_NO_MEMORY;
    x->ours[x->ours_count++] = (struct ours){XXH3_64bits(id, len_bytes), t->seq, t->index, false};
    return 0;
}

static int ours_walk(struct reconcile *x, const struct page *p, MDB_cursor *cursor, uint64_t seq)
{
    struct key from = p->prefix;
    struct trade_row t;
    key_u64(&from, seq);
    MDB_val key = {from.len_bytes, from.bytes}, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (uint32_t visits = 0; rc == 0 && page_has_key(p, &key); visits++) {
        struct key_reader rest = {(const uint8_t *)key.mv_data + p->prefix.len_bytes,
                                  key.mv_size - p->prefix.len_bytes};
        int taken = visits == RECONCILE_VISITS_MAX ? ERR_FULL : take_trade(p, &x->filter, rest, &value, &t);
        if (taken == PAGE_TAKE_END) return 0;
        if (taken == 1 && !t.busted) taken = ours_add(x, &t);
        if (taken < 0) return taken;
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return rc == MDB_NOTFOUND ? 0 : env_error(rc);
}

/* A venue's trades are fewer than an account's, except at the book, whose are in no index of venues. */
static void ours_index(struct page *p, const struct trade_filter *f)
{
    struct trade_filter by = *f;
    static const struct name book = {"BOOK"};
    if (!name_empty(&f->venue) && !name_equal(&f->venue, &book)) memset(&by.account, 0, sizeof by.account);
    trades_index(p, &by);
}

static int ours_read(struct reconcile *x)
{
    struct page p;
    MDB_cursor *cursor;
    uint64_t seq;
    page_begin(&p, x->read, DB_TRADES, "reconcile");
    ours_index(&p, &x->filter);
    int rc = trades_seek(&p, x->filter.from_ns, &seq);
    if (rc == 0) rc = env_error(mdb_cursor_open(p.read->txn, p.read->views->dbi[p.db], &cursor));
    if (rc != 0) return rc;
    rc = ours_walk(x, &p, cursor, seq);
    mdb_cursor_close(cursor);
    x->totals.trades = (uint32_t)x->ours_count;
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const struct ours *x = a, *y = b;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int by_id(const void *a, const void *b)
{
    const struct ours *x = a, *y = b;
    if (x->id_hash != y->id_hash) return x->id_hash < y->id_hash ? -1 : 1;
    return by_time(a, b);
}

/* The first of that hash or a later one. */
static size_t ours_find(const struct reconcile *x, uint64_t id_hash)
{
    size_t low = 0, high = x->ours_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->ours[middle].id_hash < id_hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Rows. */

/* Which side of a trade is ours: the account's that the statement is of, else the one with an order; of two orders of the
 * book the one that the line means. */
static int side_of_ours(const struct reconcile *x, const struct trade_row *t, int line_side)
{
    const struct event_filled *f = &t->fill;
    const struct name *account = &x->statement.account;
    bool bought = !name_empty(account) ? name_equal(account, &f->buy_account) : f->buy_order_id != 0;
    bool sold = !name_empty(account) ? name_equal(account, &f->sell_account) : f->sell_order_id != 0;
    if (bought != sold) return bought ? SIDE_BUY : SIDE_SELL;
    return line_side != 0 ? line_side : f->aggressor_side == SIDE_SELL ? SIDE_SELL : SIDE_BUY;
}

/* a / 10^a_scale == b / 10^b_scale. A side that does not fit when it is brought to the other's scale is not equal to it. */
static bool same_value(i128 a, unsigned a_scale, i128 b, unsigned b_scale)
{
    if (a_scale > b_scale) return same_value(b, b_scale, a, a_scale);
    assert(b_scale - a_scale <= CASH_SCALE_MAX);
    i128 scaled;
    return !__builtin_mul_overflow(a, (i128)pow10_i64(b_scale - a_scale), &scaled) && scaled == b;
}

static uint8_t differences(const struct event_statement_row *line, const struct trade_row *t, int side, i128 fee)
{
    const struct event_filled *f = &t->fill;
    unsigned d = 0;
    if (line->side != side) d |= DIFFERS_SIDE;
    if (!name_equal(&line->symbol, &f->symbol)) d |= DIFFERS_SYMBOL;
    if (!same_value(line->price.mantissa, line->price.scale, f->price, f->price_scale)) d |= DIFFERS_PRICE;
    if (!same_value(line->quantity.mantissa, line->quantity.scale, f->quantity, f->quantity_scale))
        d |= DIFFERS_QUANTITY;
    bool given = line->fee.scale != DECIMAL_ABSENT;
    if (given && !same_value(line->fee.mantissa, line->fee.scale, fee, f->currency_scale)) d |= DIFFERS_FEE;
    return (uint8_t)d;
}

static void row_take_trade(const struct reconcile *x, struct reconcile_row *row, const struct trade_row *t)
{
    const struct event_filled *f = &t->fill;
    row->side = (uint8_t)side_of_ours(x, t, row->has_line ? row->line.side : 0);
    row->order_id = row->side == SIDE_BUY ? f->buy_order_id : f->sell_order_id;
    row->fee = row->side == SIDE_BUY ? f->buy_fee : f->sell_fee;
    row->trade = *t;
    row->has_trade = true;
    if (row->has_line) row->differs = differences(&row->line, t, row->side, row->fee);
}

static int row_add(struct reconcile *x, struct reconcile_row *row)
{
    struct reconcile_totals *t = &x->totals;
    row->kind = !row->has_trade  ? RECONCILE_MISSING_HERE
                : !row->has_line ? RECONCILE_MISSING_THERE
                : row->differs   ? RECONCILE_DIFFERS
                                 : RECONCILE_EQUAL;
    t->missing_here += row->kind == RECONCILE_MISSING_HERE;
    t->missing_there += row->kind == RECONCILE_MISSING_THERE;
    t->differing += row->kind == RECONCILE_DIFFERS;
    t->equal += row->kind == RECONCILE_EQUAL;
    if (row->kind == RECONCILE_EQUAL && !x->all) return 0;
    if (!list_reserve((void **)&x->rows, x->rows_count, &x->rows_room, sizeof *x->rows)) return ERR_NO_MEMORY;
    x->rows[x->rows_count++] = *row;
    return 0;
}

static int ours_trade(const struct reconcile *x, const struct ours *o, struct trade_row *t)
{
    memset(t, 0, sizeof *t);
    t->seq = o->seq;
    t->index = o->index;
    return read_promised(trade_read(x->read, t));
}

static bool id_is(const struct trade_row *t, const struct event_statement_row *line)
{
    char id[TRADE_ID_BYTES_MAX];
    size_t len_bytes = trade_id(t, id);
    return len_bytes == line->exec_id_len && memcmp(id, line->exec_id, len_bytes) == 0;
}

/* The trade of the line's id that differs least, taken by it; the first of those. */
static int line_match(struct reconcile *x, struct reconcile_row *row)
{
    uint64_t id_hash = XXH3_64bits(row->line.exec_id, row->line.exec_id_len);
    struct ours *best = NULL;
    int looked_at = 0;
    for (size_t at = ours_find(x, id_hash); at < x->ours_count && x->ours[at].id_hash == id_hash; at++) {
        struct reconcile_row other = {.line = row->line, .has_line = true};
        struct trade_row t;
        if (x->ours[at].taken) continue;
        int rc = ours_trade(x, &x->ours[at], &t);
        if (rc != 0) return rc;
        if (!id_is(&t, &row->line)) continue;
        row_take_trade(x, &other, &t);
        bool better = best == NULL || __builtin_popcount(other.differs) < __builtin_popcount(row->differs);
        if (better) {
            *row = other;
            best = &x->ours[at];
        }
        if (row->differs == 0 || ++looked_at == SAME_ID_TRADES_MAX) break;
    }
    if (best != NULL) best->taken = true;
    return 0;
}

static int lines_add(struct reconcile *x)
{
    for (uint32_t number = 1; number <= x->statement.rows; number++) {
        struct reconcile_row row;
        struct key k;
        MDB_val value;
        memset(&row, 0, sizeof row);
        key_begin(&k);
        key_u64(&k, x->statement.statement_id);
        key_u32(&k, number);
        int rc = read_promised(read_value(x->read, DB_STATEMENT_LINES, &k, &value));
        if (rc == 0) rc = line_decode(value.mv_data, value.mv_size, &row.line);
        if (rc != 0) return rc;
        row.line.number = number;
        row.has_line = true;
        rc = line_match(x, &row);
        if (rc == 0) rc = row_add(x, &row);
        if (rc != 0) return rc;
    }
    return 0;
}

static int left_add(struct reconcile *x)
{
    int rc = 0;
    for (size_t at = 0; at < x->ours_count && rc == 0; at++) {
        struct reconcile_row row;
        struct trade_row t;
        if (x->ours[at].taken) continue;
        memset(&row, 0, sizeof row);
        rc = ours_trade(x, &x->ours[at], &t);
        if (rc != 0) return rc;
        row_take_trade(x, &row, &t);
        rc = row_add(x, &row);
    }
    return rc;
}

static int reconcile(struct reconcile *x)
{
    int rc = ours_read(x);
    if (rc != 0) return rc;
    if (x->ours_count != 0) qsort(x->ours, x->ours_count, sizeof *x->ours, by_id);
    rc = lines_add(x);
    if (rc != 0) return rc;
    if (x->ours_count != 0) qsort(x->ours, x->ours_count, sizeof *x->ours, by_time);
    return left_add(x);
}

int views_reconcile(struct views_read *r, uint64_t statement_id, bool all, struct reconcile_row **rows, size_t *count,
                    struct reconcile_totals *totals)
{
    struct statement_header_row header;
    *rows = NULL;
    *count = 0;
    memset(totals, 0, sizeof *totals);
    int rc = views_statement(r, statement_id, &header);
    if (rc != 0) return rc;
    struct reconcile x = {.read = r, .statement = header.statement, .all = all};
    x.filter.venue = header.statement.venue;
    x.filter.account = header.statement.account;
    x.filter.from_ns = header.statement.from_ns;
    x.filter.to_ns = header.statement.to_ns;
    x.totals.lines = header.statement.rows;
    rc = reconcile(&x);
    free(x.ours);
    if (rc != 0) {
        free(x.rows);
        return rc;
    }
    *rows = x.rows;
    *count = x.rows_count;
    *totals = x.totals;
    return 0;
}
