/* api/tape_look.c - see tape_look.h. */
#include "api/tape_look.h"

#include <stdlib.h>

#include "core/error.h"

int tape_open_events(const struct server *s, struct event_reader **out)
{
    struct tape_report report = {0};
    return event_reader_open(&s->events_tape, true, out, &report);
}

int tape_open_commands(const struct server *s, struct command_reader **out)
{
    struct tape_report report = {0};
    return command_reader_open(&s->commands_tape, true, out, &report);
}

int tape_find_event(struct event_reader *r, struct event_id id, const struct event **out)
{
    int failed = event_reader_seek_seq(r, id.seq);
    while (failed == 0) {
        failed = event_reader_next(r, out);
        if (failed != 0 || (*out)->seq > id.seq) break;
        if ((*out)->seq == id.seq && (*out)->index == id.index) return 0;
    }
    return failed != 0 && failed != ERR_END ? failed : ERR_CORRUPT;
}

int tape_find_command(struct command_reader *r, uint64_t seq, const struct command **out)
{
    int failed = command_reader_seek_seq(r, seq);
    if (failed == 0) failed = command_reader_next(r, out);
    if (failed == 0 && (*out)->seq != seq) failed = ERR_CORRUPT;
    return failed == ERR_END ? ERR_CORRUPT : failed;
}

/* The last of the CONTINUE commands that went on with a command's work before it was answered: behind it in its block, at its time.
 * Every block of commands ends with a digest. */
static int last_continued(const struct server *s, uint64_t seq, uint64_t *last_seq)
{
    struct command_reader *r = NULL;
    const struct command *c = NULL;
    struct digest digest;
    int failed = tape_open_commands(s, &r);
    if (failed == 0) failed = tape_find_command(r, seq, &c);
    int64_t ts_ns = failed == 0 ? c->ts_ns : 0;
    while (failed == 0 && !command_reader_digest(r, &digest)) {
        failed = command_reader_next(r, &c);
        if (failed != 0 || c->kind != COMMAND_CONTINUE || c->ts_ns != ts_ns) break;
        *last_seq = c->seq;
    }
    if (r != NULL) command_reader_close(r);
    return failed == ERR_END ? 0 : failed;
}

struct events_found {
    struct event *events;
    uint32_t count, room;
};

static int keep_event(struct events_found *f, const struct event *e)
{
    if (f->count == f->room) {
        uint32_t room = f->room == 0 ? 64 : f->room * 2;
        struct event *events = realloc(f->events, room * sizeof *events);
        if (events == NULL) return ERR_NO_MEMORY;
        f->events = events;
        f->room = room;
    }
    f->events[f->count++] = *e;
    return 0;
}

/* Those of commands first_seq to last_seq. */
static int find_events(const struct server *s, uint64_t first_seq, uint64_t last_seq, struct events_found *f)
{
    struct event_reader *r = NULL;
    const struct event *e = NULL;
    f->count = 0;
    int failed = tape_open_events(s, &r);
    if (failed == 0) failed = event_reader_seek_seq(r, first_seq);
    while (failed == 0 && (failed = event_reader_next(r, &e)) == 0 && e->seq <= last_seq) failed = keep_event(f, e);
    if (r != NULL) event_reader_close(r);
    return failed == ERR_END ? 0 : failed;
}

/* Every command that may have a key leaves an event. Its CONTINUEs matter only where the answer counts what was done. */
static int outcome_again(const struct server *s, struct command *c, struct events_found *f, struct outcome *out)
{
    uint64_t last_seq = c->seq;
    int failed = find_events(s, c->seq, c->seq, f);
    if (failed == 0 && f->count == 0) failed = ERR_CORRUPT;
    if (failed != 0) return failed;
    c->ts_ns = f->events[0].ts_ns;
    outcome_from_events(out, c, f->events, f->count);
    if (!out->swept_more) return 0;
    failed = last_continued(s, c->seq, &last_seq);
    if (failed == 0 && last_seq > c->seq) {
        failed = find_events(s, c->seq + 1, last_seq, f);
        if (failed == 0) outcome_add_continued(out, f->events, f->count);
    }
    return failed;
}

void tape_outcome(const struct server *s, const struct command *asked, uint64_t seq, struct outcome *out)
{
    struct command c = *asked;
    struct events_found found = {.count = 0};
    c.seq = seq;
    *out = (struct outcome){.error = 0};
    int failed = outcome_again(s, &c, &found, out);
    free(found.events);
    if (failed == 0) return;
    outcome_free(out);
    *out = (struct outcome){.error = failed};
}
