/* tests/model/keep.c - deep copies of commands. */
#include "tests/model/keep.h"

#include <stdlib.h>
#include <string.h>

static void *keep_bytes(struct keep *k, const void *bytes, size_t len_bytes)
{
    size_t room = (len_bytes + 15) / 16 * 16;
    if (bytes == NULL) return NULL;
    if (k->used_bytes + room > k->room_bytes) abort();
    char *copy = k->bytes + k->used_bytes;
    if (len_bytes > 0) memcpy(copy, bytes, len_bytes);
    k->used_bytes += room;
    return copy;
}

static void keep_text(struct keep *k, struct text *t)
{
    t->bytes = keep_bytes(k, t->bytes, t->len_bytes);
}

static void keep_place(struct keep *k, struct command_place *p)
{
    keep_text(k, &p->client_order_id);
    keep_text(k, &p->tag);
}

static void keep_batch(struct keep *k, struct command_batch *b)
{
    if (b->orders_count > (b->atomic ? BATCH_ATOMIC_MAX : BATCH_ORDERS_MAX)) return;
    struct command_place *orders = keep_bytes(k, b->orders, b->orders_count * sizeof *orders);
    for (uint32_t i = 0; i < b->orders_count; i++) keep_place(k, &orders[i]);
    b->orders = orders;
}

static void keep_fill(struct keep *k, struct command_fill *f)
{
    if (f->fills_count > FILLS_MAX) return;
    struct fill_row *rows = keep_bytes(k, f->fills, f->fills_count * sizeof *rows);
    for (uint32_t i = 0; i < f->fills_count; i++) {
        keep_text(k, &rows[i].exec_id);
        keep_text(k, &rows[i].ref_exec_id);
    }
    f->fills = rows;
}

static void keep_statement(struct keep *k, struct command_statement *s)
{
    if (s->rows_count > STATEMENT_ROWS_MAX) return;
    struct statement_row *rows = keep_bytes(k, s->rows, s->rows_count * sizeof *rows);
    for (uint32_t i = 0; i < s->rows_count; i++) {
        keep_text(k, &rows[i].exec_id);
        keep_text(k, &rows[i].ext_order_id);
    }
    s->rows = rows;
}

struct command keep_command(struct keep *k, const struct command *c)
{
    struct command kept = *c;
    keep_text(k, &kept.origin.request_id);
    switch (kept.kind) {
    case COMMAND_PLACE: keep_place(k, &kept.place); break;
    case COMMAND_PLACE_LINKED: keep_place(k, &kept.place_linked.entry); break;
    case COMMAND_SET_ROUTING:
        if (kept.set_routing.rules_count > ROUTE_RULES_MAX) break;
        kept.set_routing.rules =
            keep_bytes(k, kept.set_routing.rules, kept.set_routing.rules_count * sizeof *kept.set_routing.rules);
        break;
    case COMMAND_BATCH: keep_batch(k, &kept.batch); break;
    case COMMAND_REPORT:
        keep_text(k, &kept.report.ext_order_id);
        keep_text(k, &kept.report.reason);
        break;
    case COMMAND_FILL: keep_fill(k, &kept.fill); break;
    case COMMAND_STATEMENT: keep_statement(k, &kept.statement); break;
    default: break;
    }
    return kept;
}
