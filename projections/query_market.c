/* projections/query_market.c - currencies, instruments and their books. */
#include <string.h>

#include "core/error.h"
#include "projections/page.h"

int views_currency(struct views_read *r, const struct name *currency, struct currency_state *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_name(&k, currency);
    int rc = read_value(r, DB_CURRENCIES, &k, &value);
    if (rc == 0) rc = currency_decode(value.mv_data, value.mv_size, out);
    out->currency = *currency;
    return rc;
}

int views_instrument(struct views_read *r, const struct name *symbol, struct instrument_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_name(&k, symbol);
    int rc = read_value(r, DB_INSTRUMENTS, &k, &value);
    if (rc == 0) rc = instrument_decode(value.mv_data, value.mv_size, out);
    out->instrument.spec.symbol = *symbol;
    return rc;
}

/* currencies_made and instruments_made: the value is the name. */
static bool made_name(const MDB_val *value, struct name *n)
{
    memset(n, 0, sizeof *n);
    if (value->mv_size > NAME_CHARS_MAX) return false;
    memcpy(n->bytes, value->mv_data, value->mv_size);
    return true;
}

static int take_currency(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct name currency;
    (void)arg;
    (void)rest;
    int rc = made_name(value, &currency) ? read_promised(views_currency(p->read, &currency, out)) : ERR_CORRUPT;
    return rc == 0 ? 1 : rc;
}

static int take_instrument(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct name symbol;
    (void)arg;
    (void)rest;
    int rc = made_name(value, &symbol) ? read_promised(views_instrument(p->read, &symbol, out)) : ERR_CORRUPT;
    return rc == 0 ? 1 : rc;
}

int64_t views_currencies(struct views_read *r, const char *after, uint32_t limit, struct currency_state *out,
                         char *next)
{
    struct page p;
    page_begin(&p, r, DB_CURRENCIES_MADE, "currencies");
    return page_fill(&p, after, limit, take_currency, NULL, out, sizeof *out, next);
}

int64_t views_instruments(struct views_read *r, const char *after, uint32_t limit, struct instrument_row *out,
                          char *next)
{
    struct page p;
    page_begin(&p, r, DB_INSTRUMENTS_MADE, "instruments");
    return page_fill(&p, after, limit, take_instrument, NULL, out, sizeof *out, next);
}

int views_system(struct views_read *r, struct system_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_u32(&k, 0);
    int rc = read_value(r, DB_SYSTEM, &k, &value);
    if (rc == ERR_NOT_FOUND) return 0; /* nothing was ever set: ACTIVE */
    return rc == 0 ? system_decode(value.mv_data, value.mv_size, out) : rc;
}

/* One side of a book, best first. */
struct side_walk {
    MDB_cursor *cursor;
    struct key from; /* symbol, and where the side begins */
    uint32_t prefix_bytes;
    int side;
    bool begun;
    int error; /* what ended the walk, besides its end */
};

static int side_open(struct views_read *r, const struct name *symbol, int side, struct side_walk *w)
{
    *w = (struct side_walk){.side = side};
    key_begin(&w->from);
    key_name(&w->from, symbol);
    w->prefix_bytes = w->from.len_bytes;
    key_level(&w->from, side, side == SIDE_BUY ? INT64_MAX : 0);
    return env_error(mdb_cursor_open(r->txn, r->views->dbi[DB_LEVELS], &w->cursor));
}

/* False: the key is not of this side. */
static bool side_take(struct side_walk *w, const MDB_val *key, const MDB_val *value, struct level_row *row)
{
    int key_side;
    if (key->mv_size < w->prefix_bytes || memcmp(key->mv_data, w->from.bytes, w->prefix_bytes) != 0) return false;
    struct key_reader rest = {(const uint8_t *)key->mv_data + w->prefix_bytes, key->mv_size - w->prefix_bytes};
    memset(row, 0, sizeof *row);
    if (!key_take_level(&rest, &key_side, &row->price) || rest.left_bytes != 0) {
        w->error = ERR_CORRUPT;
        return false;
    }
    if (key_side != w->side) return false;
    w->error = level_decode(value->mv_data, value->mv_size, row);
    return w->error == 0;
}

static bool side_next(struct side_walk *w, struct level_row *row)
{
    MDB_val key = {w->from.len_bytes, w->from.bytes}, value;
    if (w->error != 0) return false;
    int rc = mdb_cursor_get(w->cursor, &key, &value, w->begun ? MDB_NEXT : MDB_SET_RANGE);
    w->begun = true;
    if (rc == 0) return side_take(w, &key, &value, row);
    if (rc != MDB_NOTFOUND) w->error = env_error(rc);
    return false;
}

int64_t views_book(struct views_read *r, const struct name *symbol, int side, struct level_row *out,
                   uint32_t levels_max)
{
    struct side_walk w;
    uint32_t count = 0;
    if (side != SIDE_BUY && side != SIDE_SELL) return ERR_USAGE;
    int rc = side_open(r, symbol, side, &w);
    if (rc != 0) return rc;
    while (count < levels_max && side_next(&w, &out[count])) count++;
    mdb_cursor_close(w.cursor);
    return w.error != 0 ? w.error : (int64_t)count;
}

static bool auction_next(void *context, struct auction_level *out)
{
    struct level_row row;
    if (!side_next(context, &row)) return false;
    *out = (struct auction_level){row.price, row.quantity + row.hidden};
    return true;
}

static void auction_rewind(void *context)
{
    ((struct side_walk *)context)->begun = false;
}

static int indicative(struct side_walk *buy, struct side_walk *sell, const struct instrument_row *i,
                      struct auction_price *out)
{
    struct auction_side buys = {buy, auction_next, auction_rewind, i->market_buy};
    struct auction_side sells = {sell, auction_next, auction_rewind, i->market_sell};
    struct auction_terms terms = {i->instrument.tick_gcd, i->instrument.last_price, i->instrument.spec.collar_ppm};
    auction_price_find(&buys, &sells, &terms, out);
    return buy->error != 0 ? buy->error : sell->error;
}

int views_indicative(struct views_read *r, const struct name *symbol, struct auction_price *out)
{
    struct instrument_row i;
    struct side_walk buy, sell;
    memset(out, 0, sizeof *out);
    int rc = views_instrument(r, symbol, &i);
    if (rc == 0) rc = side_open(r, symbol, SIDE_BUY, &buy);
    if (rc != 0) return rc;
    rc = side_open(r, symbol, SIDE_SELL, &sell);
    if (rc == 0) {
        rc = indicative(&buy, &sell, &i, out);
        mdb_cursor_close(sell.cursor);
    }
    mdb_cursor_close(buy.cursor);
    return rc;
}
