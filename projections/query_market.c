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

static int64_t side_walk(MDB_cursor *cursor, const struct name *symbol, int side, struct level_row *out,
                         uint32_t levels_max)
{
    struct key from;
    MDB_val value;
    uint32_t count = 0;
    key_begin(&from);
    key_name(&from, symbol);
    uint32_t prefix_bytes = from.len_bytes;
    key_level(&from, side, side == SIDE_BUY ? INT64_MAX : 0);
    MDB_val key = {from.len_bytes, from.bytes};
    int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; rc == 0 && count < levels_max; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        int key_side;
        if (key.mv_size < prefix_bytes || memcmp(key.mv_data, from.bytes, prefix_bytes) != 0) return count;
        struct key_reader rest = {(const uint8_t *)key.mv_data + prefix_bytes, key.mv_size - prefix_bytes};
        struct level_row *row = &out[count];
        memset(row, 0, sizeof *row);
        if (!key_take_level(&rest, &key_side, &row->price) || rest.left_bytes != 0) return ERR_CORRUPT;
        if (key_side != side) return count;
        int decoded = level_decode(value.mv_data, value.mv_size, row);
        if (decoded != 0) return decoded;
        count++;
    }
    return rc == 0 || rc == MDB_NOTFOUND ? (int64_t)count : env_error(rc);
}

int64_t views_book(struct views_read *r, const struct name *symbol, int side, struct level_row *out,
                   uint32_t levels_max)
{
    MDB_cursor *cursor;
    if (side != SIDE_BUY && side != SIDE_SELL) return ERR_USAGE;
    int rc = mdb_cursor_open(r->txn, r->views->dbi[DB_LEVELS], &cursor);
    if (rc != 0) return env_error(rc);
    int64_t count = side_walk(cursor, symbol, side, out, levels_max);
    mdb_cursor_close(cursor);
    return count;
}
