/* tools/offline.c - see offline.h. */
#include "tools/offline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools/cmd.h"
#include "tools/console.h"

/* One sync for this many commands: large enough that the disk is not what limits an import, small enough that a crash
 * loses a blink. */
enum { GROUP_MAX = 1024 };

static int64_t clock_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0) return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* An import's tape lives in its own time: "now" stands still where the file begins. */
static int64_t clock_real_ns(void *ctx)
{
    const struct offline *o = ctx;
    return o->starts_ns != 0 ? o->starts_ns : clock_ns(CLOCK_REALTIME);
}

static int64_t clock_monotonic_ns(void *ctx)
{
    const struct offline *o = ctx;
    return o->starts_ns != 0 ? 0 : clock_ns(CLOCK_MONOTONIC);
}

void tape_options_of(struct tape_options *o, const struct data_dir *d, enum tape_kind kind)
{
    *o = (struct tape_options){.storage = d->storage, .kind = kind, .rules_version = RULES_VERSION};
    data_dir_path(d, kind == TAPE_COMMANDS ? "commands" : "events", o->dir);
}

static int has_segment(void *arg, const char *name)
{
    size_t len = strlen(name);
    (void)arg;
    return len > 4 && strcmp(name + len - 4, ".seg") == 0 ? 1 : 0;
}

bool data_dir_has_tape(const struct data_dir *d)
{
    char path[DATA_PATH_BYTES_MAX];
    data_dir_path(d, "commands", path);
    return d->storage->list(d->storage->ctx, path, has_segment, NULL) == 1;
}

int data_dir_open_read(struct data_dir *d, const char *command, const char *path)
{
    if (data_dir_init(d, storage_posix(), path) != 0) return console_fail(command, "the path %s is too long", path);
    if (data_dir_has_tape(d)) return 0;
    return console_fail(command, "there is no tape in %s/commands; 'ordertape serve' or 'submit' makes one", path);
}

int recover_failed(const char *command, int error, const struct recover_result *r)
{
    bool tape_is_bad = error == ERR_CORRUPT || error == ERR_DIFFERS;
    if (r->why[0] != '\0')
        console_fail(command, "%s", r->why);
    else
        console_fail(command, "cannot fold the tape: %s", error_text(error));
    if (error == ERR_CORRUPT) console_fail(command, "run 'ordertape verify' to see every finding");
    return tape_is_bad ? EXIT_BAD : EXIT_CANNOT;
}

static int take_lock(struct offline *o, const struct offline_options *options)
{
    char holder[256] = "";
    if (data_dir_init(&o->dir, storage_posix(), options->data_dir) != 0)
        return console_fail(o->command, "the path %s is too long", options->data_dir);
    if (!options->create && !data_dir_has_tape(&o->dir))
        return console_fail(o->command, "there is no tape in %s/commands; 'ordertape serve' or 'submit' makes one",
                            options->data_dir);
    int error = data_dir_create(&o->dir);
    if (error != 0)
        return console_fail(o->command, "cannot make %s: %s (%s)", options->data_dir, error_text(error),
                            strerror(errno));
    error = data_dir_lock(&o->dir, o->command, &o->lock_fd, holder);
    if (error == ERR_BUSY)
        return console_fail(o->command, "%s is in use by %s; stop it first", options->data_dir, holder);
    if (error != 0) return console_fail(o->command, "cannot lock %s: %s", options->data_dir, error_text(error));
    return 0;
}

static int recover(struct offline *o)
{
    struct progress progress;
    progress_start(&progress, "recovering", "commands");
    int error = events_catch_up(&o->dir, &o->fold, &o->recovered, &o->events, progress_seq, &progress);
    progress_end(&progress);
    console_findings(o->command, &o->recovered.report);
    return error == 0 ? 0 : recover_failed(o->command, error, &o->recovered);
}

static int open_sequencer(struct offline *o, const struct offline_options *options)
{
    struct tape_report report = {0};
    struct limits limits = limits_default();
    struct sequencer_options s = {.sync = SYNC_ALWAYS,
                                  .accept_time_jump = options->accept_time_jump,
                                  .clock_real_ns = clock_real_ns,
                                  .clock_monotonic_ns = clock_monotonic_ns,
                                  .clock_ctx = o};
    tape_options_of(&s.tape, &o->dir, TAPE_COMMANDS);
    int error = sequencer_open(&s, &o->fold, &limits, &o->sequencer, &report);
    console_findings(o->command, &report);
    if (error == ERR_USAGE)
        return console_fail(o->command,
                            "the tape's last command is more than 7 days old; say --accept-time-jump to go on");
    if (error != 0) return console_fail(o->command, "cannot open the tape in %s: %s", s.tape.dir, error_text(error));
    return 0;
}

int offline_open(struct offline *o, const struct offline_options *options)
{
    *o = (struct offline){.command = options->command, .starts_ns = options->starts_ns, .lock_fd = -1};
    fold_init(&o->fold);
    int code = take_lock(o, options);
    if (code == 0) code = recover(o);
    if (code == 0) code = open_sequencer(o, options);
    if (code == 0 && offline_commit(o) != 0) /* a new tape's first command has events too */
        code = console_fail(o->command, "cannot write the event tape in %s/events", options->data_dir);
    if (code != 0) offline_abandon(o);
    return code;
}

int offline_commit(struct offline *o)
{
    uint32_t count;
    int error = sequencer_commit(o->sequencer);
    if (error != 0) return error;
    const struct event *events = sequencer_events(o->sequencer, &count);
    uint64_t last_seq = sequencer_last_seq(o->sequencer);
    if (last_seq <= event_writer_covered_seq(o->events)) return 0;
    o->group_count = 0;
    return event_writer_append(o->events, events, count, last_seq, sequencer_last_ts_ns(o->sequencer));
}

static int add_once(struct offline *o, struct command *c, int64_t ts_ns, const struct event **events, uint32_t *count)
{
    uint32_t first, all;
    *count = 0;
    int error = ts_ns == 0 ? sequencer_add(o->sequencer, c, &first, count)
                           : sequencer_add_at(o->sequencer, c, ts_ns, &first, count);
    if (error == 0) *events = sequencer_events(o->sequencer, &all) + first;
    return error;
}

int offline_add(struct offline *o, struct command *c, int64_t ts_ns, const struct event **events, uint32_t *count)
{
    int error = 0;
    if (o->group_count >= GROUP_MAX) error = offline_commit(o);
    if (error == 0) error = add_once(o, c, ts_ns, events, count);
    if (error == ERR_FULL) {
        error = offline_commit(o);
        if (error == 0) error = add_once(o, c, ts_ns, events, count);
    }
    if (error == 0) o->group_count++;
    return error;
}

int offline_close(struct offline *o)
{
    int error = offline_commit(o);
    if (error == 0) error = event_writer_sync(o->events);
    if (error != 0) {
        offline_abandon(o);
        return error;
    }
    error = sequencer_close(o->sequencer);
    int events_error = event_writer_close(o->events);
    o->sequencer = NULL;
    o->events = NULL;
    offline_abandon(o); /* what is left: the fold and the lock */
    return error != 0 ? error : events_error;
}

void offline_abandon(struct offline *o)
{
    if (o->sequencer != NULL) sequencer_abandon(o->sequencer);
    if (o->events != NULL) event_writer_abandon(o->events);
    fold_free(&o->fold);
    if (o->lock_fd >= 0) data_dir_unlock(o->lock_fd);
    o->sequencer = NULL;
    o->events = NULL;
    o->lock_fd = -1;
}
