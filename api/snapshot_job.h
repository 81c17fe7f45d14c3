/* api/snapshot_job.h - a snapshot beside the running sequencer: it copies the state between two groups, the rest is a
 * worker's.
 * What must stay true: the file is published only after the events up to its seq are synced (recovery continues the
 * event tape from it). */
#ifndef ORDERTAPE_API_SNAPSHOT_JOB_H
#define ORDERTAPE_API_SNAPSHOT_JOB_H

#include "api/server.h"
#include "snapshots/snapshot.h"

/* Writes the copied state; on a worker thread. Frees the copy's fold. 0, or core/error.h. */
int snapshot_write_copy(struct server *s, struct state_copy *copy, struct snapshot_info *info);
/* Starts one in the background, logged; does nothing when one is under way. Not blocking; any thread. */
void snapshot_start(struct server *s);

#endif
