/* journal/sequencer.h - the single writer: gives every command its seq and time, folds it, puts it on the tape.
 * A passive object for one thread (a simulator can drive it): the process around it owns queues and threads.
 * What must stay true: nothing that sequencer_add returned may be told to anyone before the sequencer_commit that covers it has
 * returned 0. After any error the process must stop: the state in memory is ahead of the tape.
 *
 *   sequencer_add (stamp, fold) ... sequencer_add | sequencer_commit (one block, one sync) | answer, publish events | again */
#ifndef ORDERTAPE_JOURNAL_SEQUENCER_H
#define ORDERTAPE_JOURNAL_SEQUENCER_H

#include "journal/fold.h"
#include "journal/tape.h"

/* What sequencer_add says when it is no error. All but ADDED: nothing was written, no seq was taken, and no later command makes it
 * different while the key is remembered.
 * REPEATED: a command with this key and this body is c->seq (set here). It may be in the group at hand: that repeat too must not be told
 * before the commit. KEY_CONFLICT: command c->seq (set here) had this key with another body. KEYS_FULL: a new key, and no room for it. */
enum sequencer_answer {
    SEQUENCER_ADDED = 0,
    SEQUENCER_REPEATED = 1,
    SEQUENCER_KEY_CONFLICT = 2,
    SEQUENCER_KEYS_FULL = 3
};

enum sync_mode { SYNC_ALWAYS = 1, SYNC_INTERVAL = 2, SYNC_NONE = 3 };

struct sequencer_options {
    struct tape_options tape;    /* of the commands */
    enum sync_mode sync;
    int64_t sync_interval_ns;    /* SYNC_INTERVAL */
    bool accept_time_jump;       /* else a start more than 7 days after the tape's last time is refused: ERR_USAGE */
    int64_t (*clock_real_ns)(void *ctx);      /* read once, at open */
    int64_t (*clock_monotonic_ns)(void *ctx); /* followed while running; tape time never decreases */
    void *clock_ctx;
};

struct sequencer;

/* state: folded up to the tape's last seq (snapshots/recover.h); the sequencer uses it but does not own it.
 * A new tape begins with SET_LIMITS of `limits`, made durable before this returns. An unfinished sweep is continued. */
int sequencer_open(const struct sequencer_options *o, struct fold *state, const struct limits *limits, struct sequencer **out,
                   struct tape_report *report);
/* Asks for c's idempotency key when it has one (enum sequencer_answer), then stamps c (seq, ts_ns) and folds it, writing due CONTINUE
 * commands before and after it. Events of this group go on accumulating: *first_event and *event_count are c's own.
 * ERR_FULL: the group is full, commit first. */
int sequencer_add(struct sequencer *s, struct command *c, uint32_t *first_event, uint32_t *event_count);
/* Like sequencer_add, with the caller's own time instead of the clock's (import, submit): ts_ns >= the tape's last. */
int sequencer_add_at(struct sequencer *s, struct command *c, int64_t ts_ns, uint32_t *first_event, uint32_t *event_count);
/* Writes a TICK if a timer is due and no command came. Returns 1 if it did, 0, or an error. */
int sequencer_tick(struct sequencer *s);
/* Appends the group as one block with the state's digest and syncs it as the mode says. No-op on an empty group. */
int sequencer_commit(struct sequencer *s);
/* Syncs what SYNC_INTERVAL left, and writes a marker when idle. Call when there was nothing to do for a while. */
int sequencer_idle(struct sequencer *s);
/* The events of the group since the last commit; valid until the next sequencer_add after a commit. */
const struct event *sequencer_events(const struct sequencer *s, uint32_t *count);
uint64_t sequencer_last_seq(const struct sequencer *s);
int64_t sequencer_last_ts_ns(const struct sequencer *s);
uint64_t sequencer_durable_seq(const struct sequencer *s);
int64_t sequencer_now_ns(struct sequencer *s); /* what the next command's time would be */
void sequencer_chain_hash(const struct sequencer *s, uint64_t *lo, uint64_t *hi); /* of the command tape */
/* Commits, syncs and seals. */
int sequencer_close(struct sequencer *s);
void sequencer_abandon(struct sequencer *s);

#endif
