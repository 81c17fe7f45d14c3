/* projections/query_gtts.c - good-till-triggered orders: one, and lists. Their histories are those of their ids.
 * What must stay true: every list goes by id, which is the order of creation, whatever index it walks. */
#include <string.h>

#include "core/error.h"
#include "projections/page.h"

int views_gtt(struct views_read *r, uint64_t gtt_id, struct gtt_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_u64(&k, gtt_id);
    int rc = read_value(r, DB_GTTS, &k, &value);
    if (rc == 0) rc = gtt_decode(value.mv_data, value.mv_size, out);
    out->gtt_id = out->gtt.gtt_id = gtt_id;
    return rc;
}

static bool gtt_matches(const struct gtt_filter *f, const struct event_gtt_set *g)
{
    if (!name_empty(&f->account) && !name_equal(&f->account, &g->account)) return false;
    if (!name_empty(&f->symbol) && !name_equal(&f->symbol, &g->symbol)) return false;
    return f->status == 0 || f->status == g->status;
}

static int take_gtt(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct gtt_row *row = out;
    uint64_t gtt_id;
    (void)value; /* the indexes have none */
    if (!key_take_u64(&rest, &gtt_id) || rest.left_bytes != 0) return ERR_CORRUPT;
    int rc = read_promised(views_gtt(p->read, gtt_id, row));
    return rc == 0 ? gtt_matches(arg, &row->gtt) : rc;
}

int64_t views_gtts(struct views_read *r, const struct gtt_filter *f, const char *after, uint32_t limit,
                   struct gtt_row *out, char *next)
{
    struct page p;
    struct gtt_filter filter = *f;
    page_begin(&p, r, DB_GTTS, "gtts");
    page_filter(&p, f->account.bytes, NAME_BYTES);
    page_filter(&p, f->symbol.bytes, NAME_BYTES);
    page_filter(&p, &f->status, sizeof f->status);
    if (!name_empty(&f->account)) {
        p.db = DB_GTT_BY_ACCOUNT;
        key_name(&p.prefix, &f->account);
    } else if (!name_empty(&f->symbol)) {
        p.db = DB_GTT_BY_SYMBOL;
        key_name(&p.prefix, &f->symbol);
    }
    return page_fill(&p, after, limit, take_gtt, &filter, out, sizeof *out, next);
}
