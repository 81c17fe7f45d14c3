/* projections/query_desk.c - the desk: venues, rules, decisions, batches, statements. */
#include <string.h>

#include "core/error.h"
#include "projections/page.h"

static int take_venue(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct venue_row *row = out;
    uint32_t number;
    (void)p;
    (void)arg;
    memset(row, 0, sizeof *row);
    if (!key_take_u32(&rest, &number) || number == 0 || number > VENUES_MAX || rest.left_bytes != 0) return ERR_CORRUPT;
    int rc = venue_decode(value->mv_data, value->mv_size, row);
    row->venue.number = (uint8_t)number;
    return rc == 0 ? 1 : rc;
}

int64_t views_venues(struct views_read *r, const char *after, uint32_t limit, struct venue_row *out, char *next)
{
    struct page p;
    page_begin(&p, r, DB_VENUES, "venues");
    return page_fill(&p, after, limit, take_venue, NULL, out, sizeof *out, next);
}

/* They are few. */
int views_venue(struct views_read *r, const struct name *venue, struct venue_row *out)
{
    struct venue_row rows[VENUES_MAX];
    char next[VIEWS_CURSOR_BYTES];
    int64_t count = views_venues(r, NULL, VENUES_MAX, rows, next);
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < count; i++) {
        if (!name_equal(&rows[i].venue.venue, venue)) continue;
        *out = rows[i];
        return 0;
    }
    return count < 0 ? (int)count : ERR_NOT_FOUND;
}

static int take_rule(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct rule_row *row = out;
    (void)p;
    (void)arg;
    memset(row, 0, sizeof *row);
    if (!key_take_u32(&rest, &row->number) || rest.left_bytes != 0) return ERR_CORRUPT;
    int rc = rule_decode(value->mv_data, value->mv_size, row);
    return rc == 0 ? 1 : rc;
}

int64_t views_rules(struct views_read *r, const char *after, uint32_t limit, struct rule_row *out, char *next)
{
    struct page p;
    page_begin(&p, r, DB_RULES, "rules");
    return page_fill(&p, after, limit, take_rule, NULL, out, sizeof *out, next);
}

static int take_decision(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct decision_row *row = out;
    (void)p;
    memset(row, 0, sizeof *row);
    if (!key_take_u64(&rest, &row->seq) || !key_take_u32(&rest, &row->index) || rest.left_bytes != 0)
        return ERR_CORRUPT;
    int rc = decision_decode(value->mv_data, value->mv_size, row);
    row->routed.order_id = *(const uint64_t *)arg;
    return rc == 0 ? 1 : rc;
}

int64_t views_decisions(struct views_read *r, uint64_t order_id, const char *after, uint32_t limit,
                        struct decision_row *out, char *next)
{
    struct page p;
    page_begin(&p, r, DB_DECISIONS, "decisions");
    key_u64(&p.prefix, order_id);
    page_filter(&p, p.prefix.bytes, p.prefix.len_bytes);
    return page_fill(&p, after, limit, take_decision, &order_id, out, sizeof *out, next);
}

int views_batch(struct views_read *r, uint64_t batch_id, struct batch_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_u64(&k, batch_id);
    int rc = read_value(r, DB_BATCHES, &k, &value);
    if (rc == 0) rc = desk_batch_decode(value.mv_data, value.mv_size, out);
    out->batch_id = out->batch.batch_id = batch_id;
    return rc;
}

int views_statement(struct views_read *r, uint64_t statement_id, struct statement_header_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_u64(&k, statement_id);
    int rc = read_value(r, DB_STATEMENTS, &k, &value);
    if (rc == 0) rc = statement_decode(value.mv_data, value.mv_size, out);
    out->statement.statement_id = statement_id;
    return rc;
}

static int take_statement(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct statement_header_row *row = out;
    uint64_t statement_id;
    (void)p;
    (void)arg;
    memset(row, 0, sizeof *row);
    if (!key_take_u64(&rest, &statement_id) || rest.left_bytes != 0) return ERR_CORRUPT;
    int rc = statement_decode(value->mv_data, value->mv_size, row);
    row->statement.statement_id = statement_id;
    return rc == 0 ? 1 : rc;
}

int64_t views_statements(struct views_read *r, const char *after, uint32_t limit, struct statement_header_row *out,
                         char *next)
{
    struct page p;
    page_begin(&p, r, DB_STATEMENTS, "statements");
    return page_fill(&p, after, limit, take_statement, NULL, out, sizeof *out, next);
}
