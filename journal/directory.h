/* journal/directory.h - what a tape's directory holds: its segments in order, each linked to the one before.
 * What must stay true: a directory is a tape only when every entry is known: <20 digits>.seg, <segment>.torn-<n>,
 * spare-*.tmp. One thread. */
#ifndef ORDERTAPE_JOURNAL_DIRECTORY_H
#define ORDERTAPE_JOURNAL_DIRECTORY_H

#include "journal/segment.h"

struct directory_segment {
    uint64_t first_seq;
    bool opened, sealed; /* !opened: its head or its seal is damaged, nothing else is known */
    uint64_t next_seq;   /* of a sealed one */
    int64_t last_ts_ns;
    uint64_t size_bytes;
    uint32_t rules_version;
    uint64_t tape_id;
    struct chain_hash previous, chain;
};
struct tape_directory {
    struct directory_segment *segments;
    uint32_t count, capacity;
    char spare[64]; /* the name of a spare, "" none */
};

/* Lists o->dir and checks heads, seals and links. Everything wrong is reported; the first error is returned, and d
 * then holds what could be read. Free d in every case. ERR_NOT_FOUND: no such directory. */
int tape_directory_read(const struct tape_options *o, struct tape_directory *d, struct tape_report *report);
void tape_directory_free(struct tape_directory *d);

#endif
