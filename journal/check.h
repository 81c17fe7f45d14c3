/* journal/check.h - one segment checked from its first byte to its last, and what its end means: sealed, open, torn or
 * damaged. It changes nothing on disk. One thread. */
#ifndef ORDERTAPE_JOURNAL_CHECK_H
#define ORDERTAPE_JOURNAL_CHECK_H

#include "journal/segment.h"

enum segment_state {
    SEGMENT_SEALED = 1, /* whole */
    SEGMENT_OPEN = 2,   /* whole so far; zeros behind the last block */
    SEGMENT_TORN = 3,   /* bytes behind the last good block that were never known to be synced */
    SEGMENT_DAMAGED = 4 /* bytes that were known to be synced are not there: reported */
};

struct segment_check {
    struct tape_report *report;
    bool payloads; /* unpack and hash the chain too; else headers and stored bytes */
    void (*each)(void *arg, const struct chain_place *before,
                 const struct block_header *h); /* every good block; may be NULL */
    void *each_arg;
    /* Answers */
    enum segment_state state;
    struct chain_place end;   /* behind the last good block */
    struct block_header last; /* that block; first_seq 0: none */
    struct tail tail;         /* of one that is not sealed */
    const char *why;          /* TORN: what was wrong with the first bad block */
    uint64_t sealed_bytes;    /* SEALED: the length the file should have */
};

/* w is a walk made with payloads when c->payloads; last_ts_ns is the segment before's. 0 whatever the state is; ERR_IO,
 * ERR_NO_MEMORY. */
int segment_check(struct segment *s, struct walk *w, int64_t last_ts_ns, struct segment_check *c);

#endif
