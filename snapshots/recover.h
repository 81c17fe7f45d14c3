/* snapshots/recover.h - state at a seq: the newest good snapshot at or before it plus the tape after it.
 * What must stay true: the state does not depend on which snapshot was used, or whether any was. A snapshot that cannot be read, belongs to
 * another tape or another history is reported and passed over; the next older one, or seq 1, serves. */
#ifndef ORDERTAPE_SNAPSHOTS_RECOVER_H
#define ORDERTAPE_SNAPSHOTS_RECOVER_H

#include "journal/data_dir.h"
#include "journal/fold.h"
#include "journal/records.h"
#include "snapshots/snapshot.h"

struct recover_options {
    uint64_t to_seq;   /* stop after this one; UINT64_MAX: the end */
    int64_t to_ts_ns;  /* stop before the first command later than this; INT64_MAX: no bound */
    bool no_snapshot;  /* fold from seq 1 */
    uint64_t from_snapshot; /* use exactly this one; 0: the newest that serves */
    bool all_bytes;    /* see tape_reader_open */
    /* Called after every command with its events; may be NULL. Not called for commands inside the snapshot. Non-zero stops. */
    int (*each)(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f);
    void *each_arg;
    void (*progress)(void *arg, uint64_t seq); /* every 65,536 commands; may be NULL */
    void *progress_arg;
};
struct recover_result {
    uint64_t seq;           /* of the state */
    int64_t ts_ns;
    uint64_t snapshot_seq;  /* 0: none used */
    uint64_t commands, events; /* folded, not counting what the snapshot held */
    uint64_t tape_id;
    uint64_t chain_hash_lo, chain_hash_hi; /* of the tape up to the block of seq */
    struct tape_report report;
    char why[512]; /* on ERR_DIFFERS: the seq after which state and digest on the tape differ; on others: the first finding */
};
/* f must be empty. Digests on the tape are compared as they are met: ERR_DIFFERS stops at the first that differs. */
int recover_state(const struct data_dir *d, const struct recover_options *o, struct fold *f, struct recover_result *out);

#endif
