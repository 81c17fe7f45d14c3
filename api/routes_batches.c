/* api/routes_batches.c - batches and what they came to, and brokers' statements beside what we have. A batch has up to thousands of
 * orders and a statement as many lines, so both are read and written out on a worker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "core/error.h"

/* On a worker, between reading and answering. */
struct reading {
    uint64_t id;
    bool all; /* a statement's lines that are equal too */
    int error;
    int (*write)(struct json *j, struct views_read *r, const struct reading *of);
    const char *what;
};

static void load(struct exchange *x)
{
    struct reading *g = x->own;
    struct views_read *r = NULL;
    g->error = views_read_begin(x->server->views, &r);
    if (g->error != 0) return;
    struct json *j = exchange_json(x);
    g->error = j == NULL ? ERR_NO_MEMORY : g->write(j, r, g);
    views_read_end(r);
}

static void loaded(struct exchange *x)
{
    const struct reading *g = x->own;
    if (g->error == 0)
        exchange_answer(x, 200);
    else if (g->error == ERR_FULL)
        exchange_problem(x, 422, "TOO_MANY_TRADES",
                         "more than %d trades in the statement's time: ask about a shorter one", RECONCILE_TRADES_MAX);
    else
        answer_not_read(x, g->error, g->what, exchange_param(x, 0));
}

static void views_reached(struct exchange *x, struct views_read *r)
{
    (void)r;
    exchange_work(x, &x->server->reads, load, loaded);
}

static void read_large(struct exchange *x, const struct reading *of)
{
    struct reading *g = malloc(sizeof *g);
    if (g == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    *g = *of;
    x->own = g;
    x->own_free = free;
    if (param_id(x, g->what, &g->id)) exchange_read(x, views_reached);
}

/* orders: malloc'd. Every order of a batch has a row, also those that were refused. */
static int load_orders(struct views_read *r, const struct batch_row *b, struct order_row **orders)
{
    *orders = malloc(((size_t)b->batch.orders + 1) * sizeof **orders);
    int failed = *orders == NULL ? ERR_NO_MEMORY : 0;
    for (uint32_t i = 0; failed == 0 && i < b->batch.orders; i++)
        failed = views_order(r, b->batch_id + i + 1, &(*orders)[i]);
    return failed == ERR_NOT_FOUND ? ERR_CORRUPT : failed;
}

static int write_batch(struct json *j, struct views_read *r, const struct reading *of)
{
    struct batch_row b;
    struct order_row *orders = NULL;
    int failed = views_batch(r, of->id, &b);
    if (failed == 0) failed = load_orders(r, &b, &orders);
    if (failed == 0) json_batch(j, &b, orders, b.batch.orders);
    free(orders);
    return failed;
}

void route_batch_get(struct exchange *x)
{
    read_large(x, &(struct reading){.write = write_batch, .what = "batch"});
}

enum { SCALE_OF_NO_CURRENCY = 2 };

/* Results are money: of the currency of the first order's instrument. An order of an unknown one was refused. */
static int currency_scale(struct views_read *r, const struct order_row *first, unsigned *scale)
{
    struct instrument_row i;
    struct currency_state c;
    *scale = SCALE_OF_NO_CURRENCY;
    if (name_empty(&first->symbol)) return 0;
    int failed = views_instrument(r, &first->symbol, &i);
    if (failed == 0) failed = views_currency(r, &i.instrument.spec.currency, &c);
    if (failed == 0) *scale = c.scale;
    return failed == ERR_NOT_FOUND ? 0 : failed;
}

static int write_reconciled(struct json *j, struct views_read *r, const struct reading *of)
{
    struct batch_row b;
    struct order_row *orders = NULL;
    unsigned scale = 0;
    int failed = views_batch(r, of->id, &b);
    if (failed == 0) failed = load_orders(r, &b, &orders);
    if (failed == 0) failed = currency_scale(r, &orders[0], &scale);
    if (failed == 0) json_reconcile_batch(j, &b, orders, b.batch.orders, scale);
    free(orders);
    return failed;
}

void route_batch_reconcile(struct exchange *x)
{
    read_large(x, &(struct reading){.write = write_reconciled, .what = "batch"});
}

static void batch_cancelled(struct exchange *x)
{
    if (answer_accepted(x)) answer_swept(x, "cancelled");
}

/* The engine keeps no batches: how many orders this one has is part of the command. A batch never changes that. */
static void batch_known(struct exchange *x, struct views_read *r)
{
    struct json_path path = {0};
    struct batch_row b;
    if (!param_id(x, "batch", &path.order_id)) return;
    int failed = views_batch(r, path.order_id, &b);
    if (failed != 0) {
        answer_not_read(x, failed, "batch", exchange_param(x, 0));
        return;
    }
    path.batch_orders = b.batch.orders;
    answer_by_command(x, COMMAND_CANCEL_BATCH, &path, batch_cancelled);
}

void route_batch_cancel(struct exchange *x)
{
    exchange_read_after(x, x->answered_seq, batch_known);
}

static void statement_posted(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    struct statement_header_row row = {.created_ns = o->ts_ns, .statement = o->subject.statement};
    (void)snprintf(x->location, sizeof x->location, "/api/v1/statements/%llu",
                   (unsigned long long)row.statement.statement_id);
    struct json *j = exchange_json(x);
    if (j != NULL) json_statement(j, &row, NULL, NULL, 0);
    exchange_answer(x, 201);
}

void route_statement_post(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_STATEMENT, &path, statement_posted);
}

static void read_statements(struct exchange *x, struct views_read *r)
{
    struct page page;
    if (!query_page(x, &page)) return;
    struct statement_header_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_statements(r, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_statement(j, &rows[i], NULL, NULL, 0);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_statement_list(struct exchange *x)
{
    exchange_read(x, read_statements);
}

static int write_statement(struct json *j, struct views_read *r, const struct reading *of)
{
    struct statement_header_row head;
    struct reconcile_row *rows = NULL;
    struct reconcile_totals totals;
    size_t count = 0;
    int failed = views_statement(r, of->id, &head);
    if (failed == 0) failed = views_reconcile(r, of->id, of->all, &rows, &count, &totals);
    if (failed == 0) json_statement(j, &head, &totals, rows, count);
    free(rows);
    return failed;
}

void route_statement_get(struct exchange *x)
{
    bool all = false;
    if (query_bool(x, "all", &all))
        read_large(x, &(struct reading){.write = write_statement, .what = "statement", .all = all});
}
