/* api/connectors/connectors_doors.c - see connectors_doors.h.
 * What must stay true: an event is given only when the views have folded it, so what the views say is never older. */
#include "api/connectors/connectors_doors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/tape_look.h"
#include "core/error.h"

enum { PAGE = 200 };

static uint64_t folded_seq(const struct process_doors *p)
{
    return metric_get(&p->o->projector->metrics->seq_views);
}

/* ---- The tape. ---- */

static int open_reader(const struct process_doors *p, struct event_reader **out)
{
    struct tape_report report = {0};
    return event_reader_open(&p->o->events_tape, true, out, &report);
}

static int feed_seek(void *feed, uint64_t seq, uint32_t index)
{
    struct process_doors *p = feed;
    p->has_next = false;
    p->skip_seq = seq;
    p->skip_index = index;
    p->end_seq = UINT64_MAX;
    if (p->reader != NULL) event_reader_close(p->reader);
    p->reader = NULL;
    return 0;
}

/* The reader stands where the connector is. Opened late: there may have been no events at all. */
static int reader_ready(struct process_doors *p)
{
    if (p->reader != NULL) return 0;
    int failed = open_reader(p, &p->reader);
    if (failed == 0) failed = event_reader_seek_seq(p->reader, p->skip_seq);
    if (failed != 0 && p->reader != NULL) {
        event_reader_close(p->reader);
        p->reader = NULL;
    }
    return failed;
}

static bool passed_over(const struct process_doors *p, const struct event *e)
{
    return e->seq < p->skip_seq || (e->seq == p->skip_seq && e->index <= p->skip_index);
}

static int read_next(struct process_doors *p)
{
    const struct event *e;
    int failed = reader_ready(p);
    while (failed == 0) {
        failed = event_reader_next(p->reader, &e);
        if (failed != 0 || !passed_over(p, e)) break;
    }
    if (failed != 0) return failed;
    p->next = *e;
    p->has_next = true;
    return 0;
}

static int feed_next(void *feed, const struct event **out)
{
    struct process_doors *p = feed;
    uint64_t folded = folded_seq(p);
    if (!p->has_next) {
        if (p->end_seq == folded) return 0;
        int failed = read_next(p);
        if (failed == ERR_END) {
            p->end_seq = folded;
            return 0;
        }
        if (failed != 0) return failed;
    }
    if (p->next.seq > folded) return 0;
    p->has_next = false;
    p->skip_seq = p->next.seq;
    p->skip_index = p->next.index;
    *out = &p->next;
    return 1;
}

static int feed_last(void *feed, uint64_t *seq)
{
    *seq = folded_seq(feed);
    return 0;
}

static int feed_begin(void *feed, uint64_t *seq)
{
    const struct process_doors *p = feed;
    *seq = p->begin_seq != 0 ? p->begin_seq : folded_seq(p);
    return 0;
}

/* ---- Our books. ---- */

static int order_find(void *ours, uint64_t order_id, struct order_row *out)
{
    struct process_doors *p = ours;
    struct views_read *r = NULL;
    int failed = views_read_begin(p->o->views, &r);
    if (failed != 0) return failed;
    failed = views_order(r, order_id, out);
    views_read_end(r);
    return failed;
}

static int64_t orders_page(struct process_doors *p, const struct name *venue, struct order_row *rows, char *cursor)
{
    struct order_filter f = {.venue = *venue, .open_only = true};
    char next[VIEWS_CURSOR_BYTES];
    struct views_read *r = NULL;
    int failed = views_read_begin(p->o->views, &r);
    if (failed != 0) return failed;
    int64_t count = views_orders(r, &f, cursor, PAGE, rows, next);
    views_read_end(r);
    if (count >= 0) memcpy(cursor, next, sizeof next);
    return count;
}

static int orders_open(void *ours, const struct name *venue, int (*each)(void *arg, const struct order_row *row),
                       void *arg)
{
    char cursor[VIEWS_CURSOR_BYTES] = "";
    struct order_row *rows = malloc(PAGE * sizeof *rows);
    if (rows == NULL) return ERR_NO_MEMORY;
    int failed = 0;
    do {
        int64_t count = orders_page(ours, venue, rows, cursor);
        if (count < 0) failed = (int)count;
        for (int64_t i = 0; i < count && failed == 0; i++) failed = each(arg, &rows[i]);
    } while (failed == 0 && cursor[0] != '\0');
    free(rows);
    return failed;
}

static bool asks(const struct event *e)
{
    if (e->kind == EVENT_ROUTED) return true;
    return e->kind == EVENT_BROKER_STATE && e->broker_state.state != e->broker_state.before &&
           (e->broker_state.state == BROKER_PENDING_CANCEL || e->broker_state.state == BROKER_PENDING_MODIFY);
}

/* From the latest back: what was asked last is near the end of an order's history. */
static int find_asking(struct process_doors *p, const struct event_id *ids, size_t count, struct event *out)
{
    struct event_reader *reader = NULL;
    int failed = open_reader(p, &reader);
    for (size_t i = count; i > 0 && failed == 0; i--) {
        const struct event *e;
        failed = tape_find_event(reader, ids[i - 1], &e);
        if (failed != 0 || !asks(e)) continue;
        *out = *e;
        event_reader_close(reader);
        return 0;
    }
    if (reader != NULL) event_reader_close(reader);
    return failed != 0 ? failed : ERR_NOT_FOUND;
}

static int history(struct process_doors *p, uint64_t order_id, struct event_id **ids, size_t *count)
{
    char cursor[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES];
    struct views_read *r = NULL;
    int failed = views_read_begin(p->o->views, &r);
    if (failed != 0) return failed;
    do {
        struct event_id *grown = realloc(*ids, (*count + PAGE) * sizeof *grown);
        if (grown == NULL) {
            failed = ERR_NO_MEMORY;
            break;
        }
        *ids = grown;
        int64_t got = views_order_events(r, order_id, cursor, PAGE, grown + *count, next);
        if (got < 0) failed = (int)got;
        if (got > 0) *count += (size_t)got;
        memcpy(cursor, next, sizeof cursor);
    } while (failed == 0 && cursor[0] != '\0');
    views_read_end(r);
    return failed;
}

static int last_request(void *ours, uint64_t order_id, struct event *out)
{
    struct event_id *ids = NULL;
    size_t count = 0;
    int failed = history(ours, order_id, &ids, &count);
    if (failed == 0) failed = find_asking(ours, ids, count, out);
    free(ids);
    return failed;
}

int process_venue(struct process_doors *p, const struct name *venue, struct event_venue_set *out, uint64_t *seq)
{
    struct views_read *r = NULL;
    struct venue_row row;
    int failed = views_read_begin(p->o->views, &r);
    if (failed != 0) return failed;
    failed = views_venue(r, venue, &row);
    views_read_end(r);
    if (failed != 0) return failed;
    *out = row.venue;
    *seq = row.updated_seq;
    return 0;
}

static int venue_find(void *ours, const struct name *venue, struct event_venue_set *out)
{
    uint64_t seq;
    return process_venue(ours, venue, out, &seq);
}

static int quote_find(void *ours, const struct name *symbol, struct event_quoted *out)
{
    struct process_doors *p = ours;
    struct views_read *r = NULL;
    struct instrument_row row;
    int failed = views_read_begin(p->o->views, &r);
    if (failed != 0) return failed;
    failed = views_instrument(r, symbol, &row);
    views_read_end(r);
    if (failed != 0) return failed;
    const struct instrument_state *i = &row.instrument;
    *out = (struct event_quoted){.symbol = *symbol,
                                 .bid = i->bid,
                                 .bid_quantity = i->bid_quantity,
                                 .ask = i->ask,
                                 .ask_quantity = i->ask_quantity,
                                 .price_scale = i->spec.price_scale,
                                 .quantity_scale = i->spec.quantity_scale};
    return 0;
}

/* ---- The pipeline. ---- */

struct round {
    pthread_mutex_t lock;
    pthread_cond_t done;
    uint32_t left;
};
struct round_member {
    struct pending pending; /* first */
    struct round *round;
};

static void member_done(struct pending *p)
{
    struct round *r = ((struct round_member *)p)->round;
    (void)pthread_mutex_lock(&r->lock);
    if (--r->left == 0) (void)pthread_cond_signal(&r->done);
    (void)pthread_mutex_unlock(&r->lock);
}

/* The queue is full: others come first, for a moment. */
static int submit_one(struct pipeline *pipeline, struct pending *pending)
{
    int failed;
    while ((failed = pipeline_submit(pipeline, pending)) == ERR_FULL) {
        struct timespec wait = {.tv_nsec = 1000000};
        (void)nanosleep(&wait, NULL);
    }
    return failed;
}

static int run_round(struct process_doors *p, struct round *round, struct round_member *members,
                     struct command *commands, uint32_t count, uint16_t *reasons)
{
    int failed = 0;
    uint32_t taken = 0;
    round->left = count;
    for (; taken < count && failed == 0; taken++) {
        members[taken].round = round;
        members[taken].pending.command = &commands[taken];
        members[taken].pending.done = member_done;
        failed = submit_one(p->o->pipeline, &members[taken].pending);
        if (failed != 0) break;
    }
    (void)pthread_mutex_lock(&round->lock);
    round->left -= count - taken;
    while (round->left > 0) (void)pthread_cond_wait(&round->done, &round->lock);
    (void)pthread_mutex_unlock(&round->lock);
    for (uint32_t i = 0; i < taken; i++) {
        struct outcome *o = &members[i].pending.outcome;
        if (failed == 0) failed = o->error;
        reasons[i] = o->refusal.reason;
        outcome_free(o);
    }
    return failed;
}

static int submit(void *engine, struct command *commands, uint32_t count, uint16_t *reasons)
{
    struct round round = {.left = 0};
    struct round_member *members = calloc(count, sizeof *members);
    if (members == NULL) return ERR_NO_MEMORY;
    int failed =
        pthread_mutex_init(&round.lock, NULL) != 0 || pthread_cond_init(&round.done, NULL) != 0 ? ERR_NO_MEMORY : 0;
    if (failed == 0) {
        failed = run_round(engine, &round, members, commands, count, reasons);
        (void)pthread_cond_destroy(&round.done);
        (void)pthread_mutex_destroy(&round.lock);
    }
    free(members);
    return failed;
}

int process_doors_open(struct process_doors *p, const struct connectors_options *o, const struct name *name)
{
    *p = (struct process_doors){.o = o, .file.storage = o->dir->storage};
    int len = snprintf(p->file.dir, sizeof p->file.dir, "%.3900s/connectors", o->dir->path);
    (void)snprintf(p->file.name, sizeof p->file.name, "%s", name->bytes);
    return len > 0 && (size_t)len < sizeof p->file.dir ? 0 : ERR_USAGE;
}

void process_doors_close(struct process_doors *p)
{
    if (p->reader != NULL) event_reader_close(p->reader);
    p->reader = NULL;
}

struct connector_doors process_doors(struct process_doors *p)
{
    return (struct connector_doors){.feed = p,
                                    .feed_seek = feed_seek,
                                    .feed_next = feed_next,
                                    .feed_last = feed_last,
                                    .feed_begin = feed_begin,
                                    .ours = p,
                                    .order_find = order_find,
                                    .orders_open = orders_open,
                                    .last_request = last_request,
                                    .venue_find = venue_find,
                                    .quote_find = quote_find,
                                    .engine = p,
                                    .submit = submit,
                                    .store = &p->file,
                                    .cursor_load = cursor_file_load,
                                    .cursor_save = cursor_file_save};
}
