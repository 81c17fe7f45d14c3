/* projections/catch_up.c - views brought up to the event tape.
 * What must stay true: a transaction ends between two commands, never inside one; the cursor's chain hash is that of
 * the block which holds the last event folded, so that views of another history are found out before a single event
 * is added to them. (Not that of the block which covers the cursor's command: it may have no records, and readers
 * pass over such blocks.) */
#include "projections/catch_up.h"

#include <stdlib.h>

#include "core/error.h"
#include "projections/env.h"

/* A transaction is worth its commit from some thousands of events on; beyond this it only costs memory. A command
 * with more events than that is folded whole all the same. */
enum { BATCH_EVENTS = 65536 };

struct catch_up {
    struct views *views;
    struct event_reader *reader;
    uint64_t to_seq;
    struct event *events;
    size_t count, room;
    struct views_cursor to; /* behind events[count - 1] */
    void (*progress)(void *arg, uint64_t seq);
    void *progress_arg;
};

/* Does the tape have a block with the cursor's chain hash that holds an event of the command event_seq? 1, 0, or an
 * error. */
static int event_is_on_tape(struct tape_reader *reader, const struct views_state *s)
{
    struct tape_block block;
    int rc = tape_reader_seek_seq(reader, s->event_seq);
    while (rc == 0 && (rc = tape_reader_next(reader, &block)) == 0 && block.first_seq <= s->event_seq)
        if (block.last_seq >= s->event_seq && block.chain_hash_lo == s->cursor.chain_hash_lo &&
            block.chain_hash_hi == s->cursor.chain_hash_hi)
            return 1;
    return rc == ERR_END ? 0 : rc;
}

static int state_is_on_tape(const struct tape_options *o, const struct views_state *s)
{
    struct tape_reader *reader;
    struct tape_report *report = calloc(1, sizeof *report);
    if (report == NULL) return ERR_NO_MEMORY;
    int rc = tape_reader_open(o, true, &reader, report);
    if (rc == 0) {
        rc = event_is_on_tape(reader, s);
        tape_reader_close(reader);
    }
    free(report);
    return rc;
}

/* Views that are not of this tape, or ahead of it, are emptied. */
static int views_settle(struct views *v, const struct tape_options *o, uint64_t tape_last_seq)
{
    const struct views_state *s = &v->state;
    int on_tape = s->cursor.seq <= tape_last_seq;
    if (on_tape && s->event_seq != 0) on_tape = state_is_on_tape(o, s);
    if (on_tape < 0) return on_tape;
    return on_tape ? 0 : views_clear(v);
}

static int batch_fold(struct catch_up *c, struct views_cursor to)
{
    int rc = views_fold(c->views, c->events, (uint32_t)c->count, to);
    c->count = 0;
    if (rc == 0 && c->progress != NULL) c->progress(c->progress_arg, to.seq);
    return rc;
}

static int batch_add(struct catch_up *c, const struct event *e)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? BATCH_EVENTS + 1024 : c->room * 2;
        struct event *events = realloc(c->events, room * sizeof *events);
        if (events == NULL) return ERR_NO_MEMORY;
        c->events = events;
        c->room = room;
    }
    c->events[c->count++] = *e;
    c->to.seq = e->seq;
    c->to.ts_ns = e->ts_ns;
    event_reader_chain_hash(c->reader, &c->to.chain_hash_lo, &c->to.chain_hash_hi);
    return 0;
}

/* Folds from the reader's place to c->to_seq. */
static int catch_up_fold(struct catch_up *c)
{
    const struct event *e;
    int rc;
    while ((rc = event_reader_next(c->reader, &e)) == 0 && e->seq <= c->to_seq) {
        if (c->count >= BATCH_EVENTS && e->seq != c->to.seq) rc = batch_fold(c, c->to);
        if (rc == 0) rc = batch_add(c, e);
        if (rc != 0) return rc;
    }
    if (rc != 0 && rc != ERR_END) return rc;
    c->to.seq = c->to_seq; /* the last commands may have had no events */
    return batch_fold(c, c->to);
}

static int catch_up_read(struct catch_up *c, const struct tape_options *o)
{
    uint64_t last_seq;
    int rc = event_reader_last_seq(c->reader, &last_seq);
    if (rc == 0) rc = views_settle(c->views, o, last_seq);
    if (rc != 0) return rc;
    if (c->to_seq > last_seq) c->to_seq = last_seq;
    c->to = views_cursor(c->views);
    if (c->to.seq >= c->to_seq) return 0;
    rc = event_reader_seek_seq(c->reader, c->to.seq + 1);
    if (rc != 0 && rc != ERR_END) return rc;
    return catch_up_fold(c);
}

int views_catch_up(struct views *v, const struct tape_options *events, uint64_t to_seq,
                   void (*progress)(void *arg, uint64_t seq), void *progress_arg)
{
    struct catch_up c = {.views = v, .to_seq = to_seq, .progress = progress, .progress_arg = progress_arg};
    struct tape_report *report = calloc(1, sizeof *report);
    if (report == NULL) return ERR_NO_MEMORY;
    int rc = event_reader_open(events, true, &c.reader, report);
    if (rc == 0) {
        rc = catch_up_read(&c, events);
        event_reader_close(c.reader);
    }
    free(c.events);
    free(report);
    return rc;
}
