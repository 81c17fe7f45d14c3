/* api/as_of.c - see as_of.h. When nothing touched it since, the view's row is the answer: it is the same fold. Else the view says which
 * events tell of it, the event tape has them, core/rows.h folds them. */
#include "api/as_of.h"

#include <stdlib.h>
#include <string.h>

#include "api/tape_look.h"
#include "core/error.h"

void as_of_free(struct as_of *a)
{
    if (a == NULL) return;
    free(a->ids);
    free(a);
}

static void fold_gtt(struct as_of *a, const struct event *e)
{
    if (e->kind != EVENT_GTT_SET || e->gtt_set.gtt_id != a->id) return;
    struct gtt_row *row = &a->gtt;
    if (row->gtt_id == 0) {
        row->gtt_id = a->id;
        row->created_seq = e->seq;
        row->created_ns = e->ts_ns;
    }
    row->updated_seq = e->seq;
    row->updated_ns = e->ts_ns;
    row->gtt = e->gtt_set;
}

static void fold_history(struct exchange *x)
{
    struct as_of *a = x->as_of;
    struct event_reader *reader = NULL;
    memset(&a->order, 0, sizeof a->order);
    memset(&a->gtt, 0, sizeof a->gtt);
    a->order.order_id = a->id;
    int failed = tape_open_events(x->server, &reader);
    for (size_t i = 0; failed == 0 && i < a->ids_count; i++) {
        const struct event *e = NULL;
        failed = tape_find_event(reader, a->ids[i], &e);
        if (failed != 0) break;
        if (a->is_gtt)
            fold_gtt(a, e);
        else
            (void)order_row_apply(&a->order, e);
    }
    if (reader != NULL) event_reader_close(reader);
    bool there = a->is_gtt ? a->gtt.gtt_id != 0 : a->order.status != 0;
    a->error = failed != 0 ? failed : there ? 0 : ERR_NOT_FOUND;
}

static int ids_reserve(struct as_of *a)
{
    if (a->ids_room - a->ids_count >= VIEWS_PAGE_MAX) return 0;
    size_t room = a->ids_room == 0 ? VIEWS_PAGE_MAX : a->ids_room * 2;
    struct event_id *ids = realloc(a->ids, room * sizeof *ids);
    if (ids == NULL) return ERR_NO_MEMORY;
    a->ids = ids;
    a->ids_room = room;
    return 0;
}

/* Its history is in the order of the tape: what is behind seq is not wanted. */
static int load_ids(struct as_of *a, struct views_read *r)
{
    char next[VIEWS_CURSOR_BYTES] = "";
    do {
        int failed = ids_reserve(a);
        if (failed != 0) return failed;
        int64_t count = views_order_events(r, a->id, next, VIEWS_PAGE_MAX, a->ids + a->ids_count, next);
        if (count < 0) return (int)count;
        a->ids_count += (size_t)count;
        while (a->ids_count > 0 && a->ids[a->ids_count - 1].seq > a->seq) {
            a->ids_count--;
            next[0] = '\0';
        }
    } while (next[0] != '\0');
    return 0;
}

static void go_on(struct exchange *x)
{
    x->as_of->then(x);
}

static bool moved_on(const struct as_of *a)
{
    return (a->is_gtt ? a->gtt.updated_seq : a->order.updated_seq) > a->seq;
}

static void read_row(struct exchange *x, struct views_read *r)
{
    struct as_of *a = x->as_of;
    a->error = a->is_gtt ? views_gtt(r, a->id, &a->gtt) : views_order(r, a->id, &a->order);
    bool fold = a->error == 0 && exchange_is_keyed(x) && moved_on(a);
    if (fold) a->error = load_ids(a, r);
    if (fold && a->error == 0)
        exchange_work(x, &x->server->reads, fold_history, go_on);
    else
        a->then(x);
}

static void as_of(struct exchange *x, bool is_gtt, uint64_t id, uint64_t seq, exchange_step *then)
{
    as_of_free(x->as_of);
    x->as_of = calloc(1, sizeof *x->as_of);
    if (x->as_of == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    *x->as_of = (struct as_of){.id = id, .seq = seq, .is_gtt = is_gtt, .then = then};
    exchange_read_after(x, seq, read_row);
}

void as_of_order(struct exchange *x, uint64_t order_id, uint64_t seq, exchange_step *then)
{
    as_of(x, false, order_id, seq, then);
}

void as_of_gtt(struct exchange *x, uint64_t gtt_id, uint64_t seq, exchange_step *then)
{
    as_of(x, true, gtt_id, seq, then);
}
