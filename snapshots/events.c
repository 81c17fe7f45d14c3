/* snapshots/events.c - see events.h.
 *
 *   DIR/events     [ ........ compared ........ ]|.... appended ....>
 *   DIR/commands   [ snapshot | folded again ........................ ]
 *
 * Invariant: nothing is appended behind events that the fold contradicts. What is contradicted, and what cannot be
 * opened, is set aside whole: another program may want to look at it, but the commands are the truth. */
#include "snapshots/events.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "proto/codec.h"

enum {
    APPEND_EVENTS = 8192,  /* events of many commands go into one block */
    COMPARE_EVENTS = 4096, /* pairs encoded before their bytes are compared */
    TIMES_CHECKED = 64     /* commands at the end of the event tape whose times are compared when opening */
};

struct catch_up {
    const struct data_dir *d;
    struct event_writer *writer;
    uint64_t covered_seq; /* by the event tape as it was found */
    /* Comparing: what the tape says and what the fold says, encoded alike. decode(encode(x)) == x, so equal bytes are
     * equal events. */
    struct event_reader *reader; /* NULL when nothing is (or is left) to compare */
    struct tape_report ignored;  /* the reader's: the writer has reported on the events */
    struct event_encoder *told, *folded;
    uint64_t compared_from_seq;
    bool begun; /* the first command after the snapshot was met */
    /* Appending. */
    struct event *pending;
    uint32_t pending_count;
    uint64_t pending_seq;
    int64_t pending_ts_ns;
    bool appended;
    void (*progress)(void *arg, uint64_t seq);
    void *progress_arg;
    char why[160]; /* set with ERR_DIFFERS: why the event tape is set aside */
};

static int contradicted(struct catch_up *u, uint64_t from_seq, uint64_t to_seq)
{
    snprintf(u->why, sizeof u->why, "events of commands %" PRIu64 " to %" PRIu64 " are not those the commands give",
             from_seq, to_seq);
    return ERR_DIFFERS;
}

/* Compares what was encoded and starts anew. */
static int compare_encoded(struct catch_up *u, uint64_t to_seq)
{
    const uint8_t *told, *folded;
    size_t told_bytes, folded_bytes;
    if (event_encoder_count(u->told) == 0) return 0;
    int rc = event_encoder_finish(u->told, &told, &told_bytes);
    if (rc == 0) rc = event_encoder_finish(u->folded, &folded, &folded_bytes);
    if (rc) return rc;
    bool equal = told_bytes == folded_bytes && memcmp(told, folded, told_bytes) == 0;
    return equal ? 0 : contradicted(u, u->compared_from_seq, to_seq);
}

static int compare_event(struct catch_up *u, const struct event *told, const struct event *folded)
{
    if (told->seq != folded->seq || told->index != folded->index) return contradicted(u, folded->seq, folded->seq);
    if (event_encoder_count(u->told) >= COMPARE_EVENTS) {
        int rc = compare_encoded(u, folded->seq);
        if (rc) return rc;
    }
    if (event_encoder_count(u->told) == 0) u->compared_from_seq = folded->seq;
    int rc = event_encoder_add(u->told, told);
    return rc ? rc : event_encoder_add(u->folded, folded);
}

static int compare_command(struct catch_up *u, const struct command *c, const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i) {
        const struct event *told;
        int rc = event_reader_next(u->reader, &told);
        if (rc == ERR_END || rc == ERR_CORRUPT) return contradicted(u, c->seq, u->covered_seq);
        if (rc == 0) rc = compare_event(u, told, &events[i]);
        if (rc) return rc;
    }
    return 0;
}

/* The tape must have no more events than the commands it covers gave. */
static int compare_end(struct catch_up *u)
{
    const struct event *told;
    int rc = compare_encoded(u, u->covered_seq);
    if (rc == 0) rc = event_reader_next(u->reader, &told);
    if (rc == 0 || rc == ERR_CORRUPT) return contradicted(u, u->covered_seq, u->covered_seq);
    if (rc != ERR_END) return rc;
    event_reader_close(u->reader);
    u->reader = NULL;
    return 0;
}

static int append_events(struct catch_up *u, const struct event *events, uint32_t count, uint64_t seq, int64_t ts_ns)
{
    u->appended = true;
    return event_writer_append(u->writer, events, count, seq, ts_ns);
}

static int append_pending(struct catch_up *u)
{
    if (u->pending_seq == 0) return 0;
    int rc = append_events(u, u->pending, u->pending_count, u->pending_seq, u->pending_ts_ns);
    u->pending_count = 0;
    u->pending_seq = 0;
    return rc;
}

static int append_command(struct catch_up *u, const struct command *c, const struct event *events, uint32_t count)
{
    if (count > APPEND_EVENTS - u->pending_count) {
        int rc = append_pending(u);
        if (rc) return rc;
    }
    if (count > APPEND_EVENTS) return append_events(u, events, count, c->seq, c->ts_ns);
    memcpy(u->pending + u->pending_count, events, count * sizeof *events);
    u->pending_count += count;
    u->pending_seq = c->seq;
    u->pending_ts_ns = c->ts_ns;
    return 0;
}

/* Where the events to compare begin is known when the state to start from is: at the first command after the
 * snapshot. */
static int compare_begin(struct catch_up *u, uint64_t from_seq)
{
    u->begun = true;
    if (!u->reader) return 0;
    int rc = event_reader_seek_seq(u->reader, from_seq);
    if (rc == ERR_CORRUPT) return contradicted(u, from_seq, u->covered_seq);
    return rc == ERR_END ? 0 : rc;
}

static int each_command(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    (void)f;
    struct catch_up *u = arg;
    if (!u->begun) {
        int rc = compare_begin(u, c->seq);
        if (rc) return rc;
    }
    if (c->seq <= u->covered_seq) return compare_command(u, c, events, count);
    if (u->reader) {
        int rc = compare_end(u);
        if (rc) return rc;
    }
    return append_command(u, c, events, count);
}

/* A snapshot at the very end of the event tape leaves nothing to fold and compare. The times of the last commands, in
 * nanoseconds, still tell another history. ERR_DIFFERS: they are not ours, or we have no such commands. */
static int check_times(struct catch_up *u, struct command_reader *commands)
{
    uint64_t from_seq = u->covered_seq > TIMES_CHECKED ? u->covered_seq - TIMES_CHECKED + 1 : 1;
    const struct command *c = NULL;
    const struct event *e;
    int rc = command_reader_seek_seq(commands, u->covered_seq);
    if (rc == ERR_END) {
        snprintf(u->why, sizeof u->why, "it covers command %" PRIu64 ", beyond the end of the commands",
                 u->covered_seq);
        return ERR_DIFFERS;
    }
    if (rc == 0) rc = command_reader_seek_seq(commands, from_seq);
    if (rc == 0) rc = command_reader_next(commands, &c);
    if (rc) return rc;
    rc = event_reader_seek_seq(u->reader, from_seq);
    while (rc == 0 && (rc = event_reader_next(u->reader, &e)) == 0) {
        while (rc == 0 && c->seq < e->seq) rc = command_reader_next(commands, &c);
        if (rc == ERR_END || (rc == 0 && c->ts_ns != e->ts_ns)) return contradicted(u, e->seq, e->seq);
    }
    if (rc == ERR_CORRUPT) return contradicted(u, from_seq, u->covered_seq);
    return rc == ERR_END ? 0 : rc;
}

static int compare_open(struct catch_up *u, const struct tape_options *events)
{
    struct tape_options tape;
    struct tape_report commands_report; /* recover_state will report on them */
    struct command_reader *commands = NULL;
    if (u->covered_seq == 0) return 0;
    int rc = event_encoder_new(&u->told);
    if (rc == 0) rc = event_encoder_new(&u->folded);
    if (rc == 0) rc = event_reader_open(events, true, &u->reader, &u->ignored);
    if (rc == ERR_CORRUPT) return contradicted(u, 1, u->covered_seq);
    if (rc) return rc;
    recover_tape_options(u->d, TAPE_COMMANDS, &tape);
    rc = command_reader_open(&tape, true, &commands, &commands_report);
    if (rc) return rc;
    rc = check_times(u, commands);
    command_reader_close(commands);
    return rc == ERR_CORRUPT ? 0 : rc; /* damaged commands: the fold, which comes next, says where */
}

static int fold_commands(struct catch_up *u, struct fold *f, struct recover_result *out)
{
    struct recover_options o;
    recover_options_default(&o);
    o.all_bytes = true;
    o.snapshot_seq_max = u->covered_seq;
    o.no_snapshot = u->covered_seq == 0;
    o.each = each_command;
    o.each_arg = u;
    o.progress = u->progress;
    o.progress_arg = u->progress_arg;
    int rc = recover_state(u->d, &o, f, out);
    if (rc == 0 && out->seq < u->covered_seq) {
        snprintf(u->why, sizeof u->why, "it covers command %" PRIu64 ", the commands end at %" PRIu64, u->covered_seq,
                 out->seq);
        return ERR_DIFFERS;
    }
    if (rc == 0 && u->begun && u->reader) rc = compare_end(u);
    if (rc == 0) rc = append_pending(u);
    if (rc == 0 && u->appended) rc = event_writer_sync(u->writer);
    return rc;
}

static int attempt_open(struct catch_up *u, struct tape_report *report)
{
    u->pending = calloc(APPEND_EVENTS, sizeof *u->pending);
    if (!u->pending) return ERR_NO_MEMORY;
    struct tape_options events;
    recover_tape_options(u->d, TAPE_EVENTS, &events);
    int rc = event_writer_open(&events, &u->writer, report);
    if (rc == ERR_CORRUPT || rc == ERR_VERSION) {
        snprintf(u->why, sizeof u->why, "it does not verify");
        return ERR_DIFFERS;
    }
    if (rc) return rc;
    u->covered_seq = event_writer_covered_seq(u->writer);
    return compare_open(u, &events);
}

static void attempt_close(struct catch_up *u)
{
    if (u->reader) event_reader_close(u->reader);
    if (u->told) event_encoder_free(u->told);
    if (u->folded) event_encoder_free(u->folded);
    if (u->writer) event_writer_abandon(u->writer);
    free(u->pending);
}

struct aside {
    unsigned next; /* the first number that is free */
};

static int see_aside(void *arg, const char *name)
{
    struct aside *aside = arg;
    unsigned number;
    if (sscanf(name, "events.bad-%u", &number) == 1 && number >= aside->next) aside->next = number + 1;
    return 0;
}

/* DIR/events becomes DIR/events.bad-<n>; an empty DIR/events takes its place. */
static int set_aside(const struct data_dir *d, const char *why, struct tape_report *report)
{
    const struct storage *s = d->storage;
    struct aside aside = {1};
    char from[DATA_PATH_BYTES_MAX], to[DATA_PATH_BYTES_MAX + 32];
    int rc = s->list(s->ctx, d->path, see_aside, &aside);
    if (rc) return rc;
    data_dir_path(d, "events", from);
    snprintf(to, sizeof to, "%s.bad-%u", from, aside.next);
    rc = s->rename(s->ctx, from, to);
    if (rc == 0) rc = s->make_dir(s->ctx, from);
    if (rc == 0) rc = s->sync_dir(s->ctx, d->path);
    if (rc == 0)
        recover_report(report, "events", 0, 0, false, "event tape set aside as events.bad-%u and made again: %s",
                       aside.next, why);
    return rc;
}

static void report_append(struct tape_report *to, const struct tape_report *from)
{
    for (uint32_t i = 0; i < from->count; ++i) {
        if (to->count < TAPE_FINDINGS_MAX)
            to->findings[to->count++] = from->findings[i];
        else
            to->more++;
    }
    to->more += from->more;
}

static int attempt(struct catch_up *u, struct fold *f, struct recover_result *out, struct event_writer **writer,
                   struct tape_report *report)
{
    struct tape_report opened = {0};
    int rc = attempt_open(u, &opened);
    if (rc == 0) rc = fold_commands(u, f, out);
    report_append(report, &opened);
    if (rc == 0) {
        *writer = u->writer;
        u->writer = NULL;
    }
    attempt_close(u);
    return rc;
}

int events_catch_up(const struct data_dir *d, struct fold *f, struct recover_result *out, struct event_writer **writer,
                    void (*progress)(void *arg, uint64_t seq), void *progress_arg)
{
    struct tape_report report = {0};
    struct catch_up first = {.d = d, .progress = progress, .progress_arg = progress_arg}, again = first;
    *writer = NULL;
    memset(out, 0, sizeof *out);
    int rc = attempt(&first, f, out, writer, &report);
    /* ERR_DIFFERS without a reason of ours is the command tape's own digest: events made again would not mend it. */
    if (rc == ERR_DIFFERS && first.why[0]) {
        fold_free(f);
        fold_init(f);
        rc = set_aside(d, first.why, &report);
        if (rc == 0) rc = attempt(&again, f, out, writer, &report);
    }
    report_append(&out->report, &report);
    return rc;
}
