/* api/routes_gtt.c - good till triggered: prices that are waited for, and the orders they send. A GTT is shown as the command
 * left it (as_of.h). The engine forgets a GTT that is over, so whether GTT_NOT_ACTIVE means 404 or 409 is what it was then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/as_of.h"
#include "core/error.h"
#include "core/rejects.h"

static void show_gtt(struct exchange *x, const struct gtt_row *row, int status)
{
    struct json *j = exchange_json(x);
    if (j != NULL) json_gtt(j, row);
    exchange_answer(x, status);
}

/* As the command left it. */
static void show_as_of(struct exchange *x)
{
    const struct as_of *a = x->as_of;
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)a->id);
    if (a->error != 0)
        answer_not_read(x, a->error, "GTT", text);
    else if (x->pending.outcome.refusal.reason == REJECT_GTT_NOT_ACTIVE)
        exchange_problem(x, 409, "GTT_NOT_ACTIVE", "the GTT is %s", gtt_status_text(a->gtt.gtt.status));
    else
        show_gtt(x, &a->gtt, x->parsed.command.kind == COMMAND_GTT_PLACE ? 201 : 200);
}

static void placed(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    uint64_t id = x->pending.outcome.subject.gtt_set.gtt_id;
    (void)snprintf(x->location, sizeof x->location, "/api/v1/gtt/%llu", (unsigned long long)id);
    as_of_gtt(x, id, x->seq, show_as_of);
}

void route_gtt_place(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_GTT_PLACE, &path, placed);
}

static void read_gtt(struct exchange *x, struct views_read *r)
{
    struct gtt_row row;
    uint64_t id = 0;
    if (!param_id(x, "GTT", &id)) return;
    int failed = views_gtt(r, id, &row);
    if (failed != 0)
        answer_not_read(x, failed, "GTT", exchange_param(x, 0));
    else
        show_gtt(x, &row, 200);
}

void route_gtt_get(struct exchange *x)
{
    exchange_read(x, read_gtt);
}

static void changed(struct exchange *x)
{
    const struct outcome *o = &x->pending.outcome;
    uint64_t id = 0;
    x->seq = o->seq;
    bool not_active = o->error == 0 && o->refusal.reason == REJECT_GTT_NOT_ACTIVE;
    if ((not_active || answer_accepted(x)) && param_id(x, "GTT", &id)) as_of_gtt(x, id, o->seq, show_as_of);
}

static void change(struct exchange *x, enum command_kind kind)
{
    struct json_path path = {0};
    if (param_id(x, "GTT", &path.order_id)) answer_by_command(x, kind, &path, changed);
}

void route_gtt_modify(struct exchange *x)
{
    change(x, COMMAND_GTT_MODIFY);
}
void route_gtt_delete(struct exchange *x)
{
    change(x, COMMAND_GTT_DELETE);
}

static bool gtt_filter_parse(struct exchange *x, struct gtt_filter *f)
{
    const char *status = exchange_query(x, "status");
    *f = (struct gtt_filter){.status = 0};
    if (!query_name(x, "account", &f->account) || !query_name(x, "symbol", &f->symbol)) return false;
    if (status == NULL) return true;
    f->status = (uint8_t)gtt_status_from_text(status, strlen(status));
    if (f->status != 0) return true;
#define WORD(number, name) " " #name
    exchange_problem(x, 400, "MALFORMED", "status: not one of" GTT_STATUSES(WORD));
    return false;
}

static void read_gtts(struct exchange *x, struct views_read *r)
{
    struct gtt_filter filter;
    struct page page;
    if (!gtt_filter_parse(x, &filter) || !query_page(x, &page)) return;
    struct gtt_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_gtts(r, &filter, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_gtt(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_gtt_list(struct exchange *x)
{
    exchange_read(x, read_gtts);
}
