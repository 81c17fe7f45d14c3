/* api/answer_order.c - see answer_order.h. */
#include "api/answer_order.h"

#include <stdio.h>

#include "core/error.h"
#include "core/rejects.h"

void answer_order(struct exchange *x, const struct order_row *row, int status)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_order(j, row);
    exchange_answer(x, status);
}

static bool of_a_broker(int command_kind)
{
    return command_kind == COMMAND_REPORT || command_kind == COMMAND_FILL || command_kind == COMMAND_ROUTE ||
           command_kind == COMMAND_SETTLE;
}

static void not_open(struct exchange *x, const char *id, const struct order_row *row)
{
    bool stranger = row->broker_state == 0 && of_a_broker(x->parsed.command.kind);
    exchange_problem(x, 409, "ORDER_NOT_OPEN", "order %s is %s%s", id, order_status_text(row->status),
                     stranger ? " and not at a broker" : "");
}

static void show_as_of(struct exchange *x)
{
    const struct as_of *a = x->as_of;
    char id[24];
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)a->id);
    if (a->error != 0)
        answer_not_read(x, a->error, "order", id);
    else if (x->pending.outcome.refusal.reason == REJECT_ORDER_NOT_OPEN)
        not_open(x, id, &a->order);
    else
        answer_order(x, &a->order, 200);
}

void answer_order_changed(struct exchange *x)
{
    const struct outcome *o = &x->pending.outcome;
    uint64_t id = 0;
    x->seq = o->seq;
    if (o->error == 0 && o->refusal.reason == REJECT_ORDER_NOT_OPEN)
        as_of_order(x, o->refused_id, o->seq, show_as_of);
    else if (answer_accepted(x) && param_id(x, "order", &id))
        as_of_order(x, id, o->seq, show_as_of);
}

void order_command(struct exchange *x, enum command_kind kind, struct json_path *path)
{
    if (param_id(x, "order", &path->order_id)) answer_by_command(x, kind, path, answer_order_changed);
}
