/* snapshots/snapshot.h - state at a seq as a portable, checked file: DIR/snapshots/<20 digits of seq>.snap.
 * What must stay true: a file under its final name was complete and synced; loading one gives a state whose full
 * digest equals the one inside, or ERR_CORRUPT and no state. Versioned tables (the structs of core/state.h as
 * protobuf columns) in zstd, each with a checksum. */
#ifndef ORDERTAPE_SNAPSHOTS_SNAPSHOT_H
#define ORDERTAPE_SNAPSHOTS_SNAPSHOT_H

#include "core/digest.h"
#include "journal/data_dir.h"
#include "journal/fold.h"

struct snapshot_info {
    uint64_t seq;
    int64_t ts_ns;
    struct digest digest;
    uint64_t tape_id;
    uint64_t chain_hash_lo, chain_hash_hi; /* of the block that holds seq, up to and with it */
    uint32_t format_version, rules_version;
    uint64_t orders;
    uint64_t file_bytes;
};

/* Writes the state of f: temp, sync, rename, directory sync; fills in info. One that exists for that seq is replaced.
 * The command tape must hold the state's seq: tape id and chain hash are read there, from the block that holds it.
 * ERR_NOT_FOUND: it does not. ERR_USAGE: f is empty. ERR_IO, ERR_NO_SPACE, ERR_CORRUPT (of the tape), ERR_NO_MEMORY. */
int snapshot_write(const struct data_dir *d, struct fold *f, struct snapshot_info *info);
/* Loads one into an empty fold. ERR_NOT_FOUND, ERR_CORRUPT, ERR_VERSION, ERR_IO, ERR_NO_MEMORY; then f is empty again
 * and why (256 bytes, may be NULL) says what was wrong. */
int snapshot_load(const struct data_dir *d, uint64_t seq, struct fold *f, struct snapshot_info *info, char *why);
/* The header only, checked. */
int snapshot_read_info(const struct data_dir *d, uint64_t seq, struct snapshot_info *info, char *why);
/* The seqs there are, ascending; returns how many (at most max are written: the newest). */
int64_t snapshot_list(const struct data_dir *d, uint64_t *seqs, uint32_t max);

#endif
