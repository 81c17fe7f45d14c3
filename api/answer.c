/* api/answer.c - see answer.h. */
#include "api/answer.h"

#include <string.h>
#include <strings.h>

#include "core/error.h"
#include "core/rejects.h"

static void write_reject(struct json *j, const struct refusal *r)
{
    json_key(j, "reject");
    json_object_begin(j);
    json_key(j, "code");
    json_string(j, reject_name(r->reason));
    json_key(j, "text");
    json_string(j, reject_text(r->reason));
    json_refusal_members(j, r);
    json_object_end(j);
}

static bool makes_orders(int command_kind)
{
    return command_kind == COMMAND_PLACE || command_kind == COMMAND_PLACE_LINKED || command_kind == COMMAND_BATCH;
}

int refusal_status(int command_kind, int reason)
{
    switch (reason) {
    case REJECT_KEY_UNKNOWN: return 404;
    case REJECT_UNKNOWN_VENUE:
        return command_kind == COMMAND_ROUTE || command_kind == COMMAND_REPORT || command_kind == COMMAND_FILL ? 404
                                                                                                               : 422;
    case REJECT_VENUE_DOWN: return makes_orders(command_kind) ? 422 : 409;
    case REJECT_DUPLICATE_CLIENT_ORDER_ID:
    case REJECT_NOT_SIMULATED:
    case REJECT_ORDER_NOT_OPEN:
    case REJECT_REQUEST_PENDING:
    case REJECT_VENUE_DIFFERS:
    case REJECT_EXEC_ID_REPEATED:
    case REJECT_EXEC_ID_UNKNOWN:
    case REJECT_OVER_FILL:
    case REJECT_REPORT_NOT_EXPECTED:
    case REJECT_REPORT_REPEATED:
    case REJECT_EXT_ORDER_ID_DIFFERS:
    case REJECT_ROUTE_NOT_ALLOWED:
    case REJECT_SETTLE_NOT_ALLOWED: return 409;
    default: return 422;
    }
}

/* A problem's own `status` is a number, so the order with its `status` REJECTED stands in a member. */
static void write_rejected_order(struct json *j, const struct order_row *order)
{
    json_key(j, "order_id");
    json_id(j, order->order_id);
    write_reject(j, &order->refusal);
    json_key(j, "order");
    json_order(j, order);
}

void answer_refused(struct exchange *x, const struct refusal *r)
{
    char detail[REFUSAL_TEXT_BYTES];
    int status = refusal_status(x->parsed.command.kind, r->reason);
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        exchange_problem_members(x, status, reject_name(r->reason), json_refusal_text(r, detail));
        json_refusal_members(j, r);
        if (x->pending.outcome.order.status != 0) write_rejected_order(j, &x->pending.outcome.order);
        json_object_end(j);
    }
    exchange_answer(x, status);
}

bool answer_accepted(struct exchange *x)
{
    const struct outcome *o = &x->pending.outcome;
    if (o->error != 0) {
        exchange_failed(x, o->error);
        return false;
    }
    x->seq = o->seq;
    if (o->refusal.reason == 0) return true;
    answer_refused(x, &o->refusal);
    return false;
}

const struct orders_cancelled *answer_cancelled(const struct exchange *x, struct orders_cancelled *room)
{
    const struct outcome *o = &x->pending.outcome;
    const struct command *c = &x->parsed.command;
    *room = (struct orders_cancelled){.orders = o->swept_count, .more = o->swept_more};
    return c->kind == COMMAND_SET_TRADING && c->set_trading.cancel ? room : NULL;
}

void answer_swept(struct exchange *x, const char *what)
{
    const struct outcome *o = &x->pending.outcome;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, what);
        json_u64(j, o->swept_count);
        json_key(j, "more");
        json_bool(j, o->swept_more);
        json_key(j, "seq");
        json_u64(j, o->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void answer_by_command(struct exchange *x, enum command_kind kind, const struct json_path *path, exchange_step *then)
{
    struct problem p = {0};
    if (json_command_parse(kind, x->body_bytes == 0 ? "" : x->body, x->body_bytes, path, &x->parsed, &p) != 0)
        exchange_problem_given(x, &p);
    else
        exchange_submit(x, &x->parsed.command, then);
}

bool query_page(struct exchange *x, struct page *p)
{
    uint64_t limit = 0;
    *p = (struct page){.after = exchange_query(x, "cursor")};
    if (!query_number(x, "limit", 1, VIEWS_PAGE_MAX, 100, &limit)) return false;
    p->limit = (uint32_t)limit;
    if (p->after == NULL) p->after = "";
    return true;
}

struct json *answer_list_begin(struct exchange *x, int64_t count)
{
    if (count == ERR_USAGE)
        exchange_problem(x, 400, "MALFORMED", "cursor: not a cursor of this list");
    else if (count < 0)
        exchange_failed(x, (int)count);
    if (count < 0) return NULL;
    struct json *j = exchange_json(x);
    if (j == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return NULL;
    }
    json_object_begin(j);
    json_key(j, "items");
    json_array_begin(j);
    return j;
}

void answer_list_end(struct exchange *x, const struct page *p)
{
    struct json *j = x->json;
    json_array_end(j);
    json_key(j, "next_cursor");
    if (p->next[0] == '\0')
        json_null(j);
    else
        json_string(j, p->next);
    json_object_end(j);
    exchange_answer(x, 200);
}

void answer_not_read(struct exchange *x, int error, const char *what, const char *which)
{
    if (error == ERR_NOT_FOUND)
        exchange_problem(x, 404, "NOT_FOUND", "no %s %.80s", what, which);
    else
        exchange_failed(x, error);
}

static bool digits(const char *text, uint64_t *out)
{
    size_t len = strlen(text);
    if (len == 0 || len > 20) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

bool order_id_parse(const char *text, uint64_t *id)
{
    return digits(text, id) && *id != 0;
}

bool query_number(struct exchange *x, const char *name, uint64_t min, uint64_t max, uint64_t none, uint64_t *out)
{
    const char *text = exchange_query(x, name);
    *out = none;
    if (text == NULL || (digits(text, out) && *out >= min && *out <= max)) return true;
    exchange_problem(x, 400, "MALFORMED", "%s: not a whole number from %llu to %llu", name, (unsigned long long)min,
                     (unsigned long long)max);
    return false;
}

bool query_bool(struct exchange *x, const char *name, bool *out)
{
    const char *text = exchange_query(x, name);
    if (text == NULL) return true;
    *out = strcasecmp(text, "true") == 0;
    if (*out || strcasecmp(text, "false") == 0) return true;
    exchange_problem(x, 400, "MALFORMED", "%s: not true or false", name);
    return false;
}

bool query_time(struct exchange *x, const char *name, int64_t none, int64_t *ts_ns)
{
    const char *text = exchange_query(x, name);
    *ts_ns = none;
    if (text == NULL || time_from_text(ts_ns, text, strlen(text)) == 0) return true;
    exchange_problem(x, 400, "MALFORMED", "%s: not a time like 2012-06-21T13:30:00Z", name);
    return false;
}

static bool name_parse(struct exchange *x, const char *text, const char *what, struct name *out)
{
    if (name_from_text(out, text, strlen(text)) == 0) return true;
    exchange_problem(x, 400, "MALFORMED", "%s: not a name (1 to %d printable characters)", what, NAME_CHARS_MAX);
    return false;
}

bool query_name(struct exchange *x, const char *name, struct name *out)
{
    const char *text = exchange_query(x, name);
    *out = (struct name){{0}};
    return text == NULL || name_parse(x, text, name, out);
}

bool param_name(struct exchange *x, unsigned index, const char *what, struct name *out)
{
    return name_parse(x, exchange_param(x, index), what, out);
}

bool param_id(struct exchange *x, const char *what, uint64_t *id)
{
    if (order_id_parse(exchange_param(x, 0), id)) return true;
    exchange_problem(x, 404, "NOT_FOUND", "no %s %.80s", what, exchange_param(x, 0));
    return false;
}
