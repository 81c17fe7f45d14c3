/* journal/sequencer.c - stamps, folds, groups and commits commands.
 * What must stay true: every command that was folded is in the group or on the tape, in the order it was folded; the
 * group becomes one block whose digest is the state's after its last command; a failure makes the sequencer refuse
 * everything that follows.
 *
 *   sequencer_add:  key?  [CONTINUE ...]  c  [CONTINUE ...]
 *
 * A sweep or a crowd of timers is worked off around the command; what does not fit the group is left for the next call:
 * the state remembers it. */
#include "journal/sequencer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/error.h"
#include "journal/report.h"
#include "proto/codec.h"

/* A group is one block: with 8,192 commands a sync no longer matters, and the caller waits a few milliseconds at most.
 */
enum { GROUP_COMMANDS_MAX = 8192, GROUP_EVENTS_MAX = 65536 };
#define TIME_JUMP_NS_MAX ((int64_t)7 * 24 * 3600 * 1000000000)

struct sequencer {
    struct sequencer_options options;
    struct fold *state;
    struct tape_writer *tape;
    struct command_encoder *encoder;
    struct event *events; /* of the group; room for GROUP_EVENTS_MAX and one command more */
    size_t events_bytes;
    uint32_t events_count;
    uint64_t first_seq, last_seq; /* first_seq: of the group */
    int64_t first_ts_ns, last_ts_ns;
    bool committed; /* the group is on the tape: the next command begins a new one */
    int64_t real_base_ns, monotonic_base_ns, synced_monotonic_ns;
    int failed;
};

static int fail(struct sequencer *s, int rc)
{
    if (rc < 0 && !s->failed) s->failed = rc;
    return rc;
}

static int64_t monotonic_ns(const struct sequencer *s)
{
    return s->options.clock_monotonic_ns(s->options.clock_ctx);
}

int64_t sequencer_now_ns(struct sequencer *s)
{
    int64_t now_ns = s->real_base_ns + (monotonic_ns(s) - s->monotonic_base_ns);
    return now_ns > s->last_ts_ns ? now_ns : s->last_ts_ns;
}

static uint32_t group_count(const struct sequencer *s)
{
    return command_encoder_count(s->encoder);
}

/* The first command of a tape makes the engine; every other is folded straight into the group's events. */
static int64_t fold_command(struct sequencer *s, const struct command *c)
{
    struct event *room = s->events + s->events_count;
    if (s->state->engine) return engine_apply(s->state->engine, c, room);
    int64_t count = fold_apply(s->state, c);
    if (count > 0) memcpy(room, s->state->events, (size_t)count * sizeof *room);
    return count;
}

/* Stamps c, puts it into the group and folds it. ERR_FULL: nothing happened. */
static int put_command(struct sequencer *s, struct command *c, int64_t ts_ns, uint32_t *event_count)
{
    if (s->committed) {
        s->committed = false;
        s->events_count = 0;
    }
    if (group_count(s) >= GROUP_COMMANDS_MAX || s->events_count >= GROUP_EVENTS_MAX) return ERR_FULL;
    c->seq = s->last_seq + 1;
    c->ts_ns = ts_ns;
    int rc = command_encoder_add(s->encoder, c);
    if (rc == ERR_FULL) return rc;
    if (rc) return fail(s, rc);
    int64_t count = fold_command(s, c);
    if (count < 0) return fail(s, (int)count);
    if (group_count(s) == 1) {
        s->first_seq = c->seq;
        s->first_ts_ns = ts_ns;
    }
    s->last_seq = c->seq;
    s->last_ts_ns = ts_ns;
    s->events_count += (uint32_t)count;
    *event_count = (uint32_t)count;
    return 0;
}

/* Works off what must come before any other command. ERR_FULL: there is more. */
static int put_continues(struct sequencer *s, int64_t ts_ns)
{
    int rc = 0;
    while (rc == 0 && s->state->engine && engine_continue_needed(s->state->engine, ts_ns)) {
        struct command c = {.kind = COMMAND_CONTINUE};
        uint32_t count;
        rc = put_command(s, &c, ts_ns, &count);
    }
    return rc;
}

/* The state knows every key up to the last command of the group, so a repeat is seen in the group of its first too. */
static enum sequencer_answer ask_key(const struct sequencer *s, struct command *c, int64_t ts_ns)
{
    if (s->state->engine == NULL || (c->origin.key.lo | c->origin.key.hi) == 0) return SEQUENCER_ADDED;
    switch (engine_key_find(s->state->engine, &c->origin, ts_ns, &c->seq)) {
    case KEY_REPEATED: return SEQUENCER_REPEATED;
    case KEY_CONFLICT: return SEQUENCER_KEY_CONFLICT;
    case KEY_FULL: return SEQUENCER_KEYS_FULL;
    default: return SEQUENCER_ADDED;
    }
}

int sequencer_add_at(struct sequencer *s, struct command *c, int64_t ts_ns, uint32_t *first_event,
                     uint32_t *event_count)
{
    if (s->failed) return s->failed;
    if (ts_ns < s->last_ts_ns) return ERR_USAGE;
    int rc = (int)ask_key(s, c, ts_ns);
    if (rc == 0) rc = put_continues(s, ts_ns);
    if (rc) return rc;
    uint32_t first = s->committed ? 0 : s->events_count;
    rc = put_command(s, c, ts_ns, event_count);
    if (rc) return rc;
    *first_event = first;
    rc = put_continues(s, ts_ns);
    return rc == ERR_FULL ? 0 : rc;
}

int sequencer_add(struct sequencer *s, struct command *c, uint32_t *first_event, uint32_t *event_count)
{
    return sequencer_add_at(s, c, sequencer_now_ns(s), first_event, event_count);
}

int sequencer_tick(struct sequencer *s)
{
    if (s->failed) return s->failed;
    if (!s->state->engine) return 0;
    int64_t now_ns = sequencer_now_ns(s);
    uint64_t before = s->last_seq;
    int rc = put_continues(s, now_ns);
    if (rc == 0 && engine_next_due_ns(s->state->engine) <= now_ns) {
        struct command c = {.kind = COMMAND_TICK};
        uint32_t count;
        rc = put_command(s, &c, now_ns, &count);
    }
    if (rc && (rc != ERR_FULL || s->last_seq == before)) return rc;
    return s->last_seq != before;
}

static int sync_as_told(struct sequencer *s)
{
    if (s->options.sync == SYNC_NONE) return 0;
    if (s->options.sync == SYNC_INTERVAL) {
        int64_t now_ns = monotonic_ns(s);
        if (now_ns - s->synced_monotonic_ns < s->options.sync_interval_ns) return 0;
        s->synced_monotonic_ns = now_ns;
    }
    return tape_writer_sync(s->tape);
}

static int append_group(struct sequencer *s)
{
    struct tape_block b = {.first_seq = s->first_seq,
                           .last_seq = s->last_seq,
                           .count = group_count(s),
                           .first_ts_ns = s->first_ts_ns,
                           .last_ts_ns = s->last_ts_ns,
                           .has_digest = true,
                           .digest = engine_digest(s->state->engine)};
    int rc = command_encoder_finish(s->encoder, &b.payload, &b.payload_bytes);
    return rc ? rc : tape_writer_append(s->tape, &b);
}

int sequencer_commit(struct sequencer *s)
{
    if (s->failed) return s->failed;
    if (group_count(s) == 0) return 0;
    int rc = append_group(s);
    if (rc == 0) rc = sync_as_told(s);
    s->committed = true;
    return fail(s, rc);
}

int sequencer_idle(struct sequencer *s)
{
    int rc = sequencer_commit(s);
    return rc ? rc : fail(s, tape_writer_mark(s->tape));
}

const struct event *sequencer_events(const struct sequencer *s, uint32_t *count)
{
    *count = s->events_count;
    return s->events;
}

uint64_t sequencer_last_seq(const struct sequencer *s)
{
    return s->last_seq;
}

int64_t sequencer_last_ts_ns(const struct sequencer *s)
{
    return s->last_ts_ns;
}

uint64_t sequencer_durable_seq(const struct sequencer *s)
{
    return tape_writer_durable_seq(s->tape);
}

void sequencer_chain_hash(const struct sequencer *s, uint64_t *lo, uint64_t *hi)
{
    tape_writer_chain_hash(s->tape, lo, hi);
}

void sequencer_abandon(struct sequencer *s)
{
    if (!s) return;
    tape_writer_abandon(s->tape);
    if (s->encoder) command_encoder_free(s->encoder);
    if (s->events) (void)munmap(s->events, s->events_bytes);
    free(s);
}

int sequencer_close(struct sequencer *s)
{
    int rc = sequencer_commit(s);
    if (rc == 0) {
        rc = tape_writer_close(s->tape);
        s->tape = NULL;
    }
    sequencer_abandon(s);
    return rc;
}

static int say(const struct sequencer *s, struct tape_report *report, int rc, const char *text)
{
    struct report_place place = {.dir = s->options.tape.dir, .file = "", .last_seq = tape_writer_last_seq(s->tape)};
    tape_report_add(report, &place, "%s", text);
    return rc;
}

static int check_start(struct sequencer *s, struct tape_report *report)
{
    struct engine_scalars at = {0};
    if (s->state->engine) at = engine_scalars(s->state->engine);
    if (at.seq != tape_writer_last_seq(s->tape))
        return say(s, report, ERR_DIFFERS, "the state was not folded to the tape's last seq");
    s->last_seq = at.seq;
    s->last_ts_ns = at.now_ns;
    s->monotonic_base_ns = s->synced_monotonic_ns = monotonic_ns(s);
    s->real_base_ns = s->options.clock_real_ns(s->options.clock_ctx);
    if (at.seq && !s->options.accept_time_jump && s->real_base_ns - at.now_ns > TIME_JUMP_NS_MAX)
        return say(s, report, ERR_USAGE,
                   "the clock is more than 7 days after the tape's last time; if that is right, start once with "
                   "--accept-time-jump");
    if (s->real_base_ns < at.now_ns) s->real_base_ns = at.now_ns;
    return 0;
}

static int make_events_room(struct sequencer *s, const struct limits *limits)
{
    struct limits l = s->state->engine ? engine_scalars(s->state->engine).limits : *limits;
    if (!limits_valid(&l)) return ERR_USAGE;
    s->events_bytes = ((size_t)GROUP_EVENTS_MAX + engine_events_max(&l)) * sizeof *s->events;
    void *room =
        mmap(NULL, s->events_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) return ERR_NO_MEMORY;
    s->events = room;
    return 0;
}

/* A new tape begins with its limits; an old one may have stopped in the middle of a sweep. */
static int begin(struct sequencer *s, const struct limits *limits)
{
    int rc = 0;
    if (s->last_seq == 0) {
        struct command c = {.kind = COMMAND_SET_LIMITS, .set_limits = *limits};
        uint32_t count;
        rc = put_command(s, &c, sequencer_now_ns(s), &count);
    }
    bool more = rc == 0;
    while (rc == 0 && more) {
        rc = put_continues(s, s->last_ts_ns);
        more = rc == ERR_FULL;
        if (rc == 0 || more) rc = sequencer_commit(s);
    }
    return rc ? rc : tape_writer_sync(s->tape);
}

int sequencer_open(const struct sequencer_options *o, struct fold *state, const struct limits *limits,
                   struct sequencer **out, struct tape_report *report)
{
    struct sequencer *s = calloc(1, sizeof *s);
    if (!s) return ERR_NO_MEMORY;
    s->options = *o;
    s->state = state;
    int rc = tape_writer_open(&o->tape, &s->tape, report);
    if (rc == 0) rc = check_start(s, report);
    if (rc == 0) rc = make_events_room(s, limits);
    if (rc == 0) rc = command_encoder_new(&s->encoder);
    if (rc == 0) rc = begin(s, limits);
    if (rc) {
        sequencer_abandon(s);
        return rc;
    }
    *out = s;
    return 0;
}
