/* tools/offline.h - a data directory opened for writing without a server: the LOCK, the state recovered, both tapes open.
 * What must stay true: the events of a group go onto the event tape after its commands are durable, so the event tape never
 * says what the command tape does not. One thread. Every function returns 0 or a negative core/error.h code; offline_open
 * says on stderr what was wrong and returns an exit code. */
#ifndef ORDERTAPE_TOOLS_OFFLINE_H
#define ORDERTAPE_TOOLS_OFFLINE_H

#include "journal/sequencer.h"
#include "snapshots/events.h"

struct offline_options {
    const char *command;  /* for messages, and in LOCK */
    const char *data_dir;
    bool create;          /* make the directory and a new tape when there is none; else that is an error */
    bool accept_time_jump;
    int64_t starts_ns;    /* import: the time a new tape's first command gets; 0: the clock */
};

struct offline {
    const char *command;
    int64_t starts_ns;
    struct data_dir dir;
    int lock_fd;
    struct fold fold;
    struct recover_result recovered;
    struct event_writer *events;
    struct sequencer *sequencer;
    uint32_t group_count; /* commands since the last commit */
};

int offline_open(struct offline *o, const struct offline_options *options);
/* Stamps and folds c; ts_ns 0 is the clock's time. Commits a full group first. *events is valid until the next call. May answer as
 * sequencer_add does when c has an idempotency key: then nothing was added, and there are no events. */
int offline_add(struct offline *o, struct command *c, int64_t ts_ns, const struct event **events, uint32_t *count);
/* Makes what was added durable and writes its events. */
int offline_commit(struct offline *o);
/* Commits, syncs and seals both tapes, gives the LOCK back. */
int offline_close(struct offline *o);
/* Gives up without writing anything more: what a crash leaves. */
void offline_abandon(struct offline *o);

/* DIR with its paths; opened for reading by everything that takes no LOCK. 0 or an exit code: the directory has no tape. */
int data_dir_open_read(struct data_dir *d, const char *command, const char *path);
/* Whether DIR/commands has a segment. */
bool data_dir_has_tape(const struct data_dir *d);
/* Options of DIR/commands or DIR/events, with this build's rules. */
void tape_options_of(struct tape_options *o, const struct data_dir *d, enum tape_kind kind);
/* Says on stderr why recover_state (or something like it) failed; returns EXIT_BAD for what is wrong with the tape, else
 * EXIT_CANNOT. */
int recover_failed(const char *command, int error, const struct recover_result *r);

#endif
