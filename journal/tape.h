/* journal/tape.h - a tape: a directory of segments of compressed blocks, chained by hash. journal/format.c draws the bytes.
 * What must stay true: what a reader returns is what a writer appended, in order, without a gap; anything else is ERR_CORRUPT with a
 * finding that names file, offset and seqs. A torn tail (bytes never known to be synced) and damage (bytes known to have been
 * synced) are told apart as follows: recovery keeps the longest valid chain; the first bad block lies above the largest
 * durable_seq seen anywhere in the segment: torn, set aside (DIR/<segment>.torn-<n>) and reported; else damage: refused.
 * The same format carries commands and events. Payloads are opaque here (proto/codec.h makes them). */
#ifndef ORDERTAPE_JOURNAL_TAPE_H
#define ORDERTAPE_JOURNAL_TAPE_H

#include <stdbool.h>

#include "core/digest.h"
#include "journal/storage.h"

enum tape_kind { TAPE_COMMANDS = 1, TAPE_EVENTS = 2 };

struct tape_options {
    const struct storage *storage;
    char dir[4096];
    enum tape_kind kind;
    uint32_t rules_version;        /* of what is written; later ones are refused */
    uint32_t rules_version_oldest; /* earlier ones are refused; 0: none is */
    uint64_t segment_bytes; /* preallocated, zero-filled size of a segment; 0: 64 MiB for commands, 16 MiB for events */
    int zstd_level;         /* 0: 1 */
    bool prepare_in_background; /* a thread of its own prepares the next segment (spare-*.tmp); else inline when needed */
};

/* What was found wrong, or worth saying, in words for a person. */
struct tape_finding {
    char file[256];
    uint64_t offset;
    uint64_t first_seq, last_seq; /* what is touched, as far as known; 0 unknown */
    bool damage;                  /* false: a torn tail or a remark, nothing acknowledged is lost */
    char text[256];
};
enum { TAPE_FINDINGS_MAX = 64 };
struct tape_report {
    uint32_t count; /* findings[0..count); more than fit are counted in `more` */
    uint32_t more;
    struct tape_finding findings[TAPE_FINDINGS_MAX];
};

/* A block as the outside sees it. `payload` is the uncompressed protobuf message. A block with count 0 is a marker. */
struct tape_block {
    uint64_t first_seq, last_seq; /* commands: the seqs in it; events: the commands it covers */
    uint32_t count;               /* records */
    int64_t first_ts_ns, last_ts_ns;
    uint64_t durable_seq;
    bool has_digest;
    bool continues;       /* events only: the records of last_seq go on in the next block, whose first_seq is last_seq again */
    struct digest digest; /* of the state after last_seq */
    const uint8_t *payload;
    size_t payload_bytes;
    /* filled by readers */
    uint64_t chain_hash_lo, chain_hash_hi; /* of the chain up to and with this block */
    uint64_t offset;                       /* in its segment */
    uint32_t stored_bytes;                 /* header and compressed payload on disk */
};

struct tape_writer;

/* Opens for appending at the end of the valid chain, creating the tape when the directory has none (it must exist).
 * Cuts and reports a torn tail. ERR_CORRUPT: damage, nothing was changed, see report. report is always filled.
 * The caller holds the data directory's lock. */
int tape_writer_open(const struct tape_options *o, struct tape_writer **out, struct tape_report *report);
/* Frames, compresses and writes one block (not durable before tape_writer_sync). first_seq must follow the last one.
 * Seals the segment and goes to the next when this one is full (which syncs it). */
int tape_writer_append(struct tape_writer *w, const struct tape_block *block);
/* Makes everything appended durable. After any error the writer only accepts tape_writer_abandon. */
int tape_writer_sync(struct tape_writer *w);
/* Appends a marker block so that the last synced block is covered by a durable_seq on disk, and syncs. No-op when covered. */
int tape_writer_mark(struct tape_writer *w);
uint64_t tape_writer_last_seq(const struct tape_writer *w);    /* appended, whole; 0: none */
/* True when the last block `continues`: records of the seq after the last whole one are on the tape already. */
bool tape_writer_continues(const struct tape_writer *w);
uint64_t tape_writer_durable_seq(const struct tape_writer *w); /* synced */
int64_t tape_writer_last_ts_ns(const struct tape_writer *w);
void tape_writer_chain_hash(const struct tape_writer *w, uint64_t *lo, uint64_t *hi);
uint64_t tape_writer_id(const struct tape_writer *w); /* random, made with the tape; both tapes of a directory differ */
uint64_t tape_writer_bytes(const struct tape_writer *w); /* written since open, headers included */
/* Syncs, seals the segment with its index, frees w. On an error the tape is as after a crash. */
int tape_writer_close(struct tape_writer *w);
/* Frees w and closes its files without writing anything: what a crash leaves. */
void tape_writer_abandon(struct tape_writer *w);

struct tape_reader;

/* Opens read-only, without the lock, also beside a running writer: then it ends at the largest durable_seq seen.
 * With all_bytes it goes to the end of the valid chain instead (recovery by the lock's owner; a closed tape has no difference). */
int tape_reader_open(const struct tape_options *o, bool all_bytes, struct tape_reader **out, struct tape_report *report);
void tape_reader_close(struct tape_reader *r);
/* Goes to the block that holds seq, or the first after it. ERR_END: seq lies after the end. Index-based in sealed segments. */
int tape_reader_seek_seq(struct tape_reader *r, uint64_t seq);
/* Goes to the first block whose last time is >= ts_ns. */
int tape_reader_seek_time(struct tape_reader *r, int64_t ts_ns);
/* The next block that has records (markers are passed). Memory belongs to the reader until the next call. 0, ERR_END,
 * ERR_CORRUPT (the report given at open has the finding), ERR_IO. After ERR_END it may be called again: it looks for more. */
int tape_reader_next(struct tape_reader *r, struct tape_block *out);
/* For whoever decodes payloads: adds a finding that the block returned last is not what its codec can read. ERR_CORRUPT. */
int tape_reader_refuse(struct tape_reader *r, const struct tape_block *b, const char *why);
uint64_t tape_reader_id(const struct tape_reader *r); /* 0: empty */
/* The last seq that is whole on the tape, up to where the reader may read; 0: none. Looks at the disk; the reading place stays. */
int tape_reader_last_seq(struct tape_reader *r, uint64_t *seq);
uint32_t tape_reader_rules_version(const struct tape_reader *r); /* of the segment of the last block */

/* Every checksum and the chain, from the first byte to the last; findings for all that is wrong. progress may be NULL: called
 * now and then with bytes done and total. 0, ERR_CORRUPT when there is damage, ERR_IO. */
int tape_verify(const struct tape_options *o, struct tape_report *report, void (*progress)(void *arg, uint64_t done, uint64_t total),
                void *arg);

#endif
