/* api/routes_desk.c - the order desk: where orders go, what brokers say of them, venues, the routing table, idempotency keys.
 * What must stay true: what an operator says here in a broker's place is the command that a connector would send. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer_order.h"
#include "core/error.h"

void route_order_route(struct exchange *x)
{
    struct json_path path = {0};
    order_command(x, COMMAND_ROUTE, &path);
}

void route_order_ack(struct exchange *x)
{
    struct json_path path = {.report = REPORT_ACK};
    order_command(x, COMMAND_REPORT, &path);
}

void route_order_report(struct exchange *x)
{
    struct json_path path = {0};
    order_command(x, COMMAND_REPORT, &path);
}

void route_order_settle(struct exchange *x)
{
    struct json_path path = {0};
    order_command(x, COMMAND_SETTLE, &path);
}

/* A fill is of the path's order or, when that is one of a batch, of another one of it. */
static bool fills_belong(struct exchange *x, uint64_t order_id)
{
    const struct command_fill *f = &x->parsed.command.fill;
    uint64_t batch_id = order_id >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
    for (uint32_t i = 0; i < f->fills_count; i++) {
        uint64_t id = f->fills[i].order_id;
        bool same_batch =
            order_id != batch_id && id > batch_id && id >> ORDER_INDEX_BITS == order_id >> ORDER_INDEX_BITS;
        if (id == order_id || same_batch) continue;
        exchange_problem(x, 400, "MALFORMED", "fills[%u]: order_id: not the path's order, nor one of the same batch",
                         i);
        return false;
    }
    return true;
}

static void fill(struct exchange *x, bool simulated)
{
    struct json_path path = {.simulated = simulated};
    struct problem p = {0};
    if (!param_id(x, "order", &path.order_id)) return;
    if (json_command_parse(COMMAND_FILL, x->body_bytes == 0 ? "" : x->body, x->body_bytes, &path, &x->parsed, &p) != 0)
        exchange_problem_given(x, &p);
    else if (x->parsed.command.fill.simulated != simulated)
        exchange_problem(x, 400, "MALFORMED", "simulated: made up fills go to simulate_fill");
    else if (fills_belong(x, path.order_id))
        exchange_submit(x, &x->parsed.command, answer_order_changed);
}

void route_order_simulate_fill(struct exchange *x)
{
    fill(x, true);
}

/* What a broker did, said by an operator in its place: executions, busts, corrections. */
void route_order_fill(struct exchange *x)
{
    fill(x, false);
}

/* The audit: every decision where an order goes. */
static void read_decisions(struct exchange *x, struct views_read *r)
{
    struct order_row order;
    struct page page;
    uint64_t id = 0;
    if (!param_id(x, "order", &id) || !query_page(x, &page)) return;
    int failed = views_order(r, id, &order);
    if (failed != 0) {
        answer_not_read(x, failed, "order", exchange_param(x, 0));
        return;
    }
    struct decision_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_decisions(r, id, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_decision(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_order_decisions(struct exchange *x)
{
    exchange_read(x, read_decisions);
}

static void show_venue(struct exchange *x, const struct venue_row *row)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_venue(j, row);
    exchange_answer(x, 200);
}

/* All that is shown is in the command's own event. */
static void venue_set(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    struct venue_row row = {.updated_seq = o->seq, .updated_ns = o->ts_ns, .venue = o->subject.venue_set};
    show_venue(x, &row);
}

void route_venue_put(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "venue", &path.venue)) answer_by_command(x, COMMAND_SET_VENUE, &path, venue_set);
}

static void read_venue(struct exchange *x, struct views_read *r)
{
    struct venue_row row;
    struct name venue;
    if (!param_name(x, 0, "venue", &venue)) return;
    int failed = views_venue(r, &venue, &row);
    if (failed != 0)
        answer_not_read(x, failed, "venue", exchange_param(x, 0));
    else
        show_venue(x, &row);
}

void route_venue_get(struct exchange *x)
{
    exchange_read(x, read_venue);
}

static void read_venues(struct exchange *x, struct views_read *r)
{
    struct page page;
    if (!query_page(x, &page)) return;
    struct venue_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_venues(r, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_venue(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_venue_list(struct exchange *x)
{
    exchange_read(x, read_venues);
}

_Static_assert((int)ROUTE_RULES_MAX <= (int)VIEWS_PAGE_MAX, "the whole table is one page");

static void show_routing(struct exchange *x, const struct rule_row *rows, int64_t count)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_routing(j, rows, (size_t)count, x->seq);
    exchange_answer(x, 200);
}

/* What was accepted is the table. */
static void routing_set(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct command_set_routing *c = &x->parsed.command.set_routing;
    struct rule_row *rows =
        calloc((size_t)c->rules_count + 1, sizeof *rows); /* never nothing: NULL must mean no memory */
    if (rows == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    for (uint32_t i = 0; i < c->rules_count; i++) rows[i] = (struct rule_row){.number = i + 1, .rule = c->rules[i]};
    show_routing(x, rows, c->rules_count);
    free(rows);
}

void route_routing_put(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_SET_ROUTING, &path, routing_set);
}

static void read_routing(struct exchange *x, struct views_read *r)
{
    char next[VIEWS_CURSOR_BYTES];
    struct rule_row *rows = malloc(ROUTE_RULES_MAX * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_rules(r, "", ROUTE_RULES_MAX, rows, next);
    if (count < 0)
        exchange_failed(x, (int)count);
    else
        show_routing(x, rows, count);
    free(rows);
}

void route_routing_get(struct exchange *x)
{
    exchange_read(x, read_routing);
}

/* Idempotency keys. The engine has only hashes, so one key can be looked up but none listed. */
struct looking {
    struct key_hash hash;
    struct key_state key;
    int64_t expires_ns;
    bool found;
};

/* The key of the path, and whose it is. False: 400 was answered. */
static bool key_of_path(struct exchange *x, struct name *principal, struct key_hash *out)
{
    const char *text = exchange_param(x, 0);
    size_t len = strlen(text);
    if (!query_name(x, "actor", principal)) return false;
    if (name_empty(principal)) *principal = origin_principal(x);
    if (len > IDEMPOTENCY_KEY_BYTES_MAX) {
        exchange_problem(x, 400, "MALFORMED", "an idempotency key has 1 to %d bytes", IDEMPOTENCY_KEY_BYTES_MAX);
        return false;
    }
    *out = origin_key_hash(principal, (struct text){text, (uint32_t)len});
    return true;
}

static void look_up(struct exchange *x, const struct engine *e)
{
    struct looking *l = x->own;
    l->found = engine_get_key(e, &l->hash, &l->key);
    l->expires_ns = l->key.used_ns + (int64_t)engine_scalars(e).limits.key_ttl_s * 1000000000;
}

static void looked_up(struct exchange *x)
{
    const struct looking *l = x->own;
    if (x->pending.outcome.error != 0) {
        exchange_failed(x, x->pending.outcome.error);
        return;
    }
    if (!l->found) {
        answer_not_read(x, ERR_NOT_FOUND, "idempotency key", exchange_param(x, 0));
        return;
    }
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "key");
        json_string(j, exchange_param(x, 0));
        json_key(j, "seq");
        json_u64(j, l->key.seq);
        json_key(j, "used_at");
        json_time(j, l->key.used_ns);
        json_key(j, "expires_at");
        json_time(j, l->expires_ns);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_key_get(struct exchange *x)
{
    struct name principal;
    struct looking *l = calloc(1, sizeof *l);
    x->own = l;
    x->own_free = free;
    if (l == NULL)
        exchange_failed(x, ERR_NO_MEMORY);
    else if (key_of_path(x, &principal, &l->hash))
        exchange_ask(x, look_up, looked_up);
}

static void key_cleared(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "key");
        json_string(j, exchange_param(x, 0));
        json_key(j, "cleared");
        json_bool(j, true);
        json_key(j, "seq");
        json_u64(j, x->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_key_clear(struct exchange *x)
{
    struct name principal;
    struct command *c = &x->parsed.command;
    c->kind = COMMAND_CLEAR_KEY;
    if (!key_of_path(x, &principal, &c->clear_key.key)) return;
    if (x->body_bytes != 0)
        exchange_problem(x, 400, "MALFORMED", "the key is in the path: there is no body");
    else
        exchange_submit(x, c, key_cleared);
}
