/* api/routes_orders.c - orders: place (alone, linked, many at once), modify, cancel, mass cancel, and what the views know of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer_order.h"
#include "api/tape_look.h"
#include "core/error.h"
#include "core/rejects.h"

/* Each order says what became of it; those that were refused are REJECTED. */
static void batch_placed(struct exchange *x)
{
    const struct outcome *o = &x->pending.outcome;
    struct batch_row row = {
        .batch_id = o->subject.batched.batch_id, .created_ns = o->ts_ns, .batch = o->subject.batched};
    (void)snprintf(x->location, sizeof x->location, "/api/v1/batches/%llu", (unsigned long long)row.batch_id);
    struct json *j = exchange_json(x);
    if (j != NULL) json_batch(j, &row, o->orders, o->orders_count);
    exchange_answer(x, 201);
}

static void placed(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    if (x->parsed.command.kind == COMMAND_BATCH) {
        batch_placed(x);
        return;
    }
    (void)snprintf(x->location, sizeof x->location, "/api/v1/orders/%llu", (unsigned long long)o->order.order_id);
    if (o->legs[0].status == 0) {
        answer_order(x, &o->order, 201);
        return;
    }
    struct json *j = exchange_json(x);
    if (j != NULL) json_order_with_legs(j, &o->order, o->legs, o->legs[1].status != 0 ? 2 : 1);
    exchange_answer(x, 201);
}

void route_order_place(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_PLACE, &path, placed);
}

void route_order_modify(struct exchange *x)
{
    struct json_path path = {0};
    order_command(x, COMMAND_MODIFY, &path);
}
void route_order_cancel(struct exchange *x)
{
    struct json_path path = {0};
    order_command(x, COMMAND_CANCEL, &path);
}

static void mass_cancelled(struct exchange *x)
{
    if (answer_accepted(x)) answer_swept(x, "cancelled");
}

/* The filters are in the query; a body can only say the idempotency key. */
static bool mass_cancel_parse(struct exchange *x)
{
    struct problem p = {0};
    struct json_path path = {0};
    struct command_mass_cancel *c = &x->parsed.command.mass_cancel;
    const char *side = exchange_query(x, "side");
    if (json_command_parse(COMMAND_MASS_CANCEL, x->body_bytes == 0 ? "" : x->body, x->body_bytes, &path, &x->parsed,
                           &p) != 0) {
        exchange_problem_given(x, &p);
        return false;
    }
    if (!name_empty(&c->account) || !name_empty(&c->symbol) || c->side != 0) {
        exchange_problem(x, 400, "MALFORMED", "the filters of a mass cancel are in the query, not in a body");
        return false;
    }
    if (!query_name(x, "account", &c->account) || !query_name(x, "symbol", &c->symbol)) return false;
    if (side == NULL) return true;
    c->side = (uint8_t)side_from_text(side, strlen(side));
    if (c->side == 0) exchange_problem(x, 400, "MALFORMED", "side: not BUY or SELL");
    return c->side != 0;
}

void route_order_mass_cancel(struct exchange *x)
{
    if (mass_cancel_parse(x)) exchange_submit(x, &x->parsed.command, mass_cancelled);
}

static void read_order(struct exchange *x, struct views_read *r)
{
    struct order_row row;
    uint64_t id = 0;
    if (!param_id(x, "order", &id)) return;
    int failed = views_order(r, id, &row);
    if (failed != 0)
        answer_not_read(x, failed, "order", exchange_param(x, 0));
    else
        answer_order(x, &row, 200);
}

void route_order_get(struct exchange *x)
{
    exchange_read(x, read_order);
}

/* The newest of that client_order_id; one that was refused because another has the id stands for that other. */
static int order_by_client_id(struct views_read *r, struct text client_order_id, struct order_row *row)
{
    struct name any = {{0}};
    if (client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) return ERR_NOT_FOUND;
    int failed = views_order_by_client_id(r, &any, client_order_id, row);
    if (failed != 0 || row->refusal.reason != REJECT_DUPLICATE_CLIENT_ORDER_ID) return failed;
    return views_order(r, (uint64_t)row->refusal.value, row);
}

/* The alias takes what the caller called the order before what we call it. */
static void read_order_any(struct exchange *x, struct views_read *r)
{
    const char *text = exchange_param(x, 0);
    struct order_row row;
    uint64_t id = 0;
    int failed = order_by_client_id(r, (struct text){.bytes = text, .len_bytes = (uint32_t)strlen(text)}, &row);
    if (failed == ERR_NOT_FOUND && order_id_parse(text, &id)) failed = views_order(r, id, &row);
    if (failed != 0)
        answer_not_read(x, failed, "order", text);
    else
        answer_order(x, &row, 200);
}

void route_order_get_any(struct exchange *x)
{
    exchange_read(x, read_order_any);
}

#define WORD(number, name) ", " #name

/* Filters and status names: {status: any order status, or OPEN}. */
static bool order_filter_parse(struct exchange *x, struct order_filter *f)
{
    *f = (struct order_filter){.status = 0};
    const char *status = exchange_query(x, "status");
    const char *client_order_id = exchange_query(x, "client_order_id");
    if (!query_name(x, "account", &f->account) || !query_name(x, "symbol", &f->symbol) ||
        !query_name(x, "venue", &f->venue) || !query_bool(x, "manual_review", &f->manual_review))
        return false;
    if (status != NULL) f->status = (uint8_t)order_status_from_text(status, strlen(status));
    if (status != NULL && strcasecmp(status, "OPEN") == 0)
        f->open_only = true;
    else if (status != NULL && f->status == 0) {
        exchange_problem(x, 400, "MALFORMED", "status: not OPEN" ORDER_STATUSES(WORD));
        return false;
    }
    if (client_order_id == NULL) return true;
    f->client_order_id = (struct text){.bytes = client_order_id, .len_bytes = (uint32_t)strlen(client_order_id)};
    if (f->client_order_id.len_bytes >= 1 && f->client_order_id.len_bytes <= CLIENT_ORDER_ID_BYTES_MAX) return true;
    exchange_problem(x, 400, "MALFORMED", "client_order_id: 1 to %d bytes", CLIENT_ORDER_ID_BYTES_MAX);
    return false;
}

static void read_orders(struct exchange *x, struct views_read *r)
{
    struct order_filter filter;
    struct page page;
    if (!order_filter_parse(x, &filter) || !query_page(x, &page)) return;
    struct order_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_orders(r, &filter, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_order(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_order_list(struct exchange *x)
{
    exchange_read(x, read_orders);
}

/* An order's history: the view says which events, the event tape has them. */
struct history {
    struct page page;
    int64_t count;
    int error;
    struct event_id ids[VIEWS_PAGE_MAX];
};

/* Each event with who asked for what it is part of: the command tape has that, events do not. */
static void load_history(struct exchange *x)
{
    struct history *h = x->own;
    struct event_reader *events = NULL;
    struct command_reader *commands = NULL;
    const struct event *e = NULL;
    const struct command *c = NULL;
    int failed = tape_open_events(x->server, &events);
    if (failed == 0) failed = tape_open_commands(x->server, &commands);
    struct json *j = failed == 0 ? answer_list_begin(x, h->count) : NULL;
    for (int64_t i = 0; failed == 0 && j != NULL && i < h->count; i++) {
        failed = tape_find_event(events, h->ids[i], &e);
        if (failed == 0 && (c == NULL || c->seq != e->seq)) failed = tape_find_command(commands, e->seq, &c);
        if (failed == 0) json_event_asked(j, e, c);
    }
    if (events != NULL) event_reader_close(events);
    if (commands != NULL) command_reader_close(commands);
    h->error = failed;
}

static void history_loaded(struct exchange *x)
{
    struct history *h = x->own;
    if (h->error != 0)
        exchange_failed(x, h->error);
    else
        answer_list_end(x, &h->page);
}

static void read_history(struct exchange *x, struct views_read *r)
{
    struct order_row row;
    uint64_t id = 0;
    struct history *h = calloc(1, sizeof *h);
    x->own = h;
    x->own_free = free;
    if (h == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    if (!param_id(x, "order", &id) || !query_page(x, &h->page)) return;
    int failed = views_order(r, id, &row);
    if (failed != 0) {
        answer_not_read(x, failed, "order", exchange_param(x, 0));
        return;
    }
    h->count = views_order_events(r, id, h->page.after, h->page.limit, h->ids, h->page.next);
    if (h->count < 0)
        (void)answer_list_begin(x, h->count);
    else
        exchange_work(x, &x->server->reads, load_history, history_loaded);
}

void route_order_events(struct exchange *x)
{
    exchange_read(x, read_history);
}
