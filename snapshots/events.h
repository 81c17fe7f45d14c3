/* snapshots/events.h - the event tape, brought up to the command tape: what start-up does before anyone is served.
 * What must stay true: afterwards DIR/events holds exactly the events that folding DIR/commands gives, up to its last
 * seq. What it lacked (it is written behind the acknowledgement) is folded again from the newest snapshot at or
 * before its end. */
#ifndef ORDERTAPE_SNAPSHOTS_EVENTS_H
#define ORDERTAPE_SNAPSHOTS_EVENTS_H

#include "snapshots/recover.h"

/* Opens DIR/events for writing (the caller holds the lock and has opened or checked the command tape), folds
 * DIR/commands to its end into f (empty before), appends and syncs the events that are missing. On success *writer is
 * open at the end. An event tape that is damaged, foreign or ahead of the commands is set aside whole
 * (DIR/events.bad-<n>, reported) and made again: it is derived. Errors: as recover_state. progress as there. */
int events_catch_up(const struct data_dir *d, struct fold *f, struct recover_result *out, struct event_writer **writer,
                    void (*progress)(void *arg, uint64_t seq), void *progress_arg);

#endif
