/* snapshots/recover.h - state at a seq: the newest good snapshot at or before it plus the tape after it.
 * What must stay true: the state does not depend on which snapshot was used, or whether any was. A snapshot that
 * cannot be read, belongs to another tape or another history is reported and passed over; the next older one, or seq
 * 1, serves. */
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
    uint64_t snapshot_seq_max; /* no snapshot above it; 0: no bound */
    bool all_bytes;    /* see tape_reader_open */
    /* Called after every command with its events; may be NULL. Not called for commands inside the snapshot. Non-zero
     * stops. */
    int (*each)(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f);
    void *each_arg;
    void (*progress)(void *arg, uint64_t seq); /* every 65,536 commands; may be NULL */
    void *progress_arg;
};
struct recover_result {
    uint64_t seq;           /* of the state; 0: no command yet */
    int64_t ts_ns;
    uint64_t snapshot_seq;  /* 0: none used */
    uint64_t commands, events; /* folded, not counting what the snapshot held */
    uint64_t tape_id;
    uint64_t chain_hash_lo, chain_hash_hi; /* of the tape up to the block of seq */
    struct tape_report report;
    /* ERR_DIFFERS: the seq after which state and digest on the tape differ; other errors: what was wrong; 0: the
     * first of the report, or empty. Snapshots passed over stand in the report, not as damage. */
    char why[512];
};
/* Everything of the tape, from the newest snapshot that serves. */
void recover_options_default(struct recover_options *o);
/* f must be empty. Digests on the tape are compared as they are met: ERR_DIFFERS stops at the first that differs.
 * What `each` returns when it is not 0 is returned, with *out filled. ERR_NOT_FOUND, ERR_CORRUPT, ERR_VERSION: of
 * from_snapshot; ERR_CORRUPT: of the tape; ERR_IO, ERR_NO_MEMORY. After an error f is whatever it was and only good
 * for fold_free. */
int recover_state(const struct data_dir *d, const struct recover_options *o, struct fold *f,
                  struct recover_result *out);

/* How a tape of a data directory is opened. */
void recover_tape_options(const struct data_dir *d, enum tape_kind kind, struct tape_options *o);
/* Adds a remark in words to a report; damage: see struct tape_finding. */
void recover_report(struct tape_report *report, const char *file, uint64_t first_seq, uint64_t last_seq, bool damage,
                    const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
