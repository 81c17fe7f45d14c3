/* api/routes_orders.c - orders: place, modify, cancel, mass cancel, and what the views know of them. MODIFY and CANCEL
 * show the order as the view has it once it has folded their seq. Whether ORDER_NOT_OPEN means 404 or 409 only the
 * view knows: the engine forgets an order when nothing can happen to it any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "core/error.h"
#include "core/rejects.h"

static void show_order(struct exchange *x, const struct order_row *row, int status)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_order(j, row);
    exchange_answer(x, status);
}

static void placed(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    (void)snprintf(x->location, sizeof x->location, "/api/v1/orders/%llu", (unsigned long long)o->order.order_id);
    if (o->legs[0].status == 0) {
        show_order(x, &o->order, 201);
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

/* The order of the path, after the command on it. */
static void read_changed(struct exchange *x, struct views_read *r)
{
    struct order_row row;
    uint64_t id = 0;
    if (!param_id(x, "order", &id)) return;
    int failed = views_order(r, id, &row);
    bool not_open = x->pending.outcome.refusal.reason == REJECT_ORDER_NOT_OPEN;
    if (failed != 0)
        answer_not_read(x, failed, "order", exchange_param(x, 0));
    else if (not_open)
        exchange_problem(x, 409, "ORDER_NOT_OPEN", "the order is %s", order_status_text(row.status));
    else
        show_order(x, &row, 200);
}

static void changed(struct exchange *x)
{
    const struct outcome *o = &x->pending.outcome;
    x->seq = o->seq;
    if (o->error == 0 && o->refusal.reason == REJECT_ORDER_NOT_OPEN)
        exchange_read_after(x, o->seq, read_changed);
    else if (answer_accepted(x))
        exchange_read_after(x, o->seq, read_changed);
}

static void change(struct exchange *x, enum command_kind kind)
{
    struct json_path path = {0};
    if (param_id(x, "order", &path.order_id)) answer_by_command(x, kind, &path, changed);
}

void route_order_modify(struct exchange *x)
{
    change(x, COMMAND_MODIFY);
}
void route_order_cancel(struct exchange *x)
{
    change(x, COMMAND_CANCEL);
}

static void mass_cancelled(struct exchange *x)
{
    if (answer_accepted(x)) answer_swept(x, "cancelled");
}

void route_order_mass_cancel(struct exchange *x)
{
    struct command *c = &x->parsed.command;
    const char *side = exchange_query(x, "side");
    c->kind = COMMAND_MASS_CANCEL;
    if (!query_name(x, "account", &c->mass_cancel.account) || !query_name(x, "symbol", &c->mass_cancel.symbol)) return;
    if (side != NULL) c->mass_cancel.side = (uint8_t)side_from_text(side, strlen(side));
    if (side != NULL && c->mass_cancel.side == 0)
        exchange_problem(x, 400, "MALFORMED", "side: not BUY or SELL");
    else if (x->body_bytes != 0)
        exchange_problem(x, 400, "MALFORMED", "a mass cancel has no body: its filters are in the query");
    else
        exchange_submit(x, c, mass_cancelled);
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
        show_order(x, &row, 200);
}

void route_order_get(struct exchange *x)
{
    exchange_read(x, read_order);
}

/* The alias takes what the caller called the order before what we call it. */
static void read_order_any(struct exchange *x, struct views_read *r)
{
    const char *text = exchange_param(x, 0);
    struct name any = {{0}};
    struct order_row row;
    struct text client_order_id = {.bytes = text, .len_bytes = (uint32_t)strlen(text)};
    uint64_t id = 0;
    int failed = ERR_NOT_FOUND;
    if (client_order_id.len_bytes <= CLIENT_ORDER_ID_BYTES_MAX)
        failed = views_order_by_client_id(r, &any, client_order_id, &row);
    if (failed == ERR_NOT_FOUND && order_id_parse(text, &id)) failed = views_order(r, id, &row);
    if (failed != 0)
        answer_not_read(x, failed, "order", text);
    else
        show_order(x, &row, 200);
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
    if (!query_name(x, "account", &f->account) || !query_name(x, "symbol", &f->symbol)) return false;
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

/* The next event with this id; the reader stands at or before it. */
static int find_event(struct event_reader *r, struct event_id id, const struct event **out)
{
    int failed = event_reader_seek_seq(r, id.seq);
    while (failed == 0) {
        failed = event_reader_next(r, out);
        if (failed != 0 || (*out)->seq > id.seq) break;
        if ((*out)->seq == id.seq && (*out)->index == id.index) return 0;
    }
    return failed != 0 && failed != ERR_END ? failed : ERR_CORRUPT; /* the view named an event that the tape has not */
}

static void load_history(struct exchange *x)
{
    struct history *h = x->own;
    struct tape_report report = {0};
    struct event_reader *reader = NULL;
    /* All bytes: the views may be ahead of the last sync of the event tape, never of what was written to it. */
    int failed = event_reader_open(&x->server->events_tape, true, &reader, &report);
    struct json *j = failed == 0 ? answer_list_begin(x, h->count) : NULL;
    for (int64_t i = 0; failed == 0 && j != NULL && i < h->count; i++) {
        const struct event *e = NULL;
        failed = find_event(reader, h->ids[i], &e);
        if (failed == 0) json_event(j, e);
    }
    if (reader != NULL) event_reader_close(reader);
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
