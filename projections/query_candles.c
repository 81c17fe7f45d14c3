/* projections/query_candles.c - candles of any interval, summed from the largest stored one that it is made of.
 * What must stay true: a candle is whole: a page ends only where another candle begins, and from and to ask where a
 * candle starts. A page reads at most 30 stored candles for each of its own, so it needs no other bound. */
#include <string.h>

#include "core/error.h"
#include "projections/candle.h"
#include "projections/page.h"

#define NS_PER_SECOND ((int64_t)1000000000)

static bool filter_holds(const struct candle_filter *f)
{
    static const uint32_t intervals[] = {
#define X(seconds, word) seconds,
        CANDLE_INTERVALS(X)
#undef X
    };
    bool known = false;
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) known = known || f->interval_s == intervals[i];
    return known && (f->venue == VENUE_BOOK || f->venue == VENUE_QUOTE);
}

static uint32_t stored_for(uint32_t interval_s)
{
    int stored = CANDLE_STORED_COUNT - 1;
    while (stored > 0 && candle_stored_s[stored] > interval_s) stored--; /* the first is one second */
    return candle_stored_s[stored];
}

/* The first second that is not before ts_ns; times before 1970 have no trades. */
static int64_t second_from(int64_t ts_ns)
{
    return ts_ns <= 0 ? 0 : ts_ns / NS_PER_SECOND + (ts_ns % NS_PER_SECOND != 0);
}

static void page_of(struct page *p, struct views_read *r, const struct candle_filter *f)
{
    page_begin(p, r, DB_CANDLES, "candles");
    page_filter(p, f->symbol.bytes, NAME_BYTES);
    page_filter(p, &f->venue, sizeof f->venue);
    page_filter(p, &f->interval_s, sizeof f->interval_s);
    page_filter(p, &f->from_ns, sizeof f->from_ns);
    page_filter(p, &f->to_ns, sizeof f->to_ns);
    key_name(&p->prefix, &f->symbol);
    key_candles(&p->prefix, f->venue, stored_for(f->interval_s));
}

/* Where the page begins: at from, or behind the candle that the cursor names. */
static int page_start(const struct page *p, const struct candle_filter *f, const char *after, int64_t *start_s)
{
    struct key last;
    uint64_t last_s;
    int64_t interval_s = f->interval_s;
    *start_s = (second_from(f->from_ns) + interval_s - 1) / interval_s * interval_s;
    if (after == NULL || after[0] == 0) return 0;
    int rc = page_cursor_read(p, after, &last);
    if (rc != 0) return rc;
    struct key_reader rest = {last.bytes + p->prefix.len_bytes, last.len_bytes - p->prefix.len_bytes};
    if (!key_take_u64(&rest, &last_s) || rest.left_bytes != 0) return ERR_USAGE;
    *start_s = (int64_t)last_s + interval_s;
    return 0;
}

static void cursor_after(const struct page *p, const struct candle_row *last, char *next)
{
    struct key k = p->prefix;
    key_u64(&k, (uint64_t)(last->start_ns / NS_PER_SECOND));
    page_cursor_write(p, &(MDB_val){k.len_bytes, k.bytes}, next);
}

static int candle_read(const struct page *p, const MDB_val *key, const MDB_val *value, struct candle_row *out)
{
    uint64_t start_s;
    struct key_reader rest = {(const uint8_t *)key->mv_data + p->prefix.len_bytes, key->mv_size - p->prefix.len_bytes};
    memset(out, 0, sizeof *out);
    if (!key_take_u64(&rest, &start_s) || rest.left_bytes != 0 || start_s > INT64_MAX / NS_PER_SECOND)
        return ERR_CORRUPT;
    out->start_ns = (int64_t)start_s * NS_PER_SECOND;
    return candle_decode(value->mv_data, value->mv_size, out);
}

static int64_t walk(const struct page *p, MDB_cursor *cursor, const struct candle_filter *f, int64_t start_s,
                    uint32_t limit, struct candle_row *out, char *next)
{
    struct key from = p->prefix;
    struct candle_row part;
    uint32_t count = 0;
    key_u64(&from, (uint64_t)start_s);
    MDB_val key = {from.len_bytes, from.bytes}, value;
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; rc == 0 && page_has_key(p, &key); rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        int failed = candle_read(p, &key, &value, &part);
        int64_t start_ns = part.start_ns - part.start_ns % (f->interval_s * NS_PER_SECOND);
        if (failed != 0) return failed;
        if (start_ns >= f->to_ns) return count;
        if (count == 0 || out[count - 1].start_ns != start_ns) {
            if (count == limit) {
                cursor_after(p, &out[count - 1], next);
                return count;
            }
            out[count++] = (struct candle_row){.start_ns = start_ns};
        }
        candle_add(&out[count - 1], &part);
    }
    return rc == 0 || rc == MDB_NOTFOUND ? (int64_t)count : env_error(rc);
}

int64_t views_candles(struct views_read *r, const struct candle_filter *f, const char *after, uint32_t limit,
                      struct candle_row *out, char *next)
{
    struct page p;
    struct instrument_row i;
    MDB_cursor *cursor;
    int64_t start_s;
    if (!filter_holds(f) || limit == 0 || limit > VIEWS_PAGE_MAX) return ERR_USAGE;
    page_of(&p, r, f);
    int rc = page_start(&p, f, after, &start_s);
    next[0] = 0; /* only now: it may be where `after` is */
    if (rc == 0) rc = views_instrument(r, &f->symbol, &i);
    if (rc == 0) rc = env_error(mdb_cursor_open(r->txn, r->views->dbi[DB_CANDLES], &cursor));
    if (rc != 0) return rc;
    int64_t count = walk(&p, cursor, f, start_s, limit, out, next);
    mdb_cursor_close(cursor);
    for (int64_t k = 0; k < count; k++) {
        out[k].price_scale = i.instrument.spec.price_scale;
        out[k].quantity_scale = i.instrument.spec.quantity_scale;
        out[k].currency_scale = i.instrument.spec.currency_scale;
    }
    return count;
}
