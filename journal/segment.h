/* journal/segment.h - one segment file, read: its head, its seal, a walk over its blocks, and what stands behind the
 * last good one.
 * What must stay true: a walk hands out a block only after everything that can be known about it was checked: header,
 * place in the sequence, stored bytes, payload, chain. It never trusts a length beyond the file or the bounds of
 * journal/format.h.
 *
 *   walk_peek: the header at the walk's place
 *   walk_take: its bytes and payload, and on to the next
 *   walk_skip: on, unread
 *
 * One thread each. */
#ifndef ORDERTAPE_JOURNAL_SEGMENT_H
#define ORDERTAPE_JOURNAL_SEGMENT_H

#include "journal/format.h"
#include "journal/frame.h"

enum { SEGMENT_NAME_BYTES = 32, TAPE_PATH_BYTES_MAX = 4096 + 64 };

/* "<20 digits>.seg" */
void segment_name(uint64_t first_seq, char room[SEGMENT_NAME_BYTES]);
/* o->dir/name */
void tape_path(const struct tape_options *o, const char *name, char room[TAPE_PATH_BYTES_MAX]);

struct segment {
    const struct tape_options *options;
    struct storage_file *file;
    char name[SEGMENT_NAME_BYTES];
    uint64_t size_bytes;
    struct segment_header header;
    bool sealed;
    struct seal_trailer trailer; /* while sealed */
};

/* Opens the segment of that first seq and checks its head and, where its size says that it was sealed, its trailer.
 * how: storage.h's. ERR_NOT_FOUND; ERR_CORRUPT or ERR_VERSION with a finding; ERR_IO. On an error nothing is open. */
int segment_open(struct segment *s, const struct tape_options *o, uint64_t first_seq, int how,
                 struct tape_report *report);
void segment_close(struct segment *s);
/* Asks for the file's size again: an open segment may have grown, or been sealed and cut since. */
int segment_refresh(struct segment *s);
/* Looks for a whole seal whose index begins at offset: true, and s is sealed. For a file not yet cut to its sealed
 * size. */
bool segment_seal_find(struct segment *s, uint64_t offset);
/* Reads and checks the index of a sealed segment; the caller frees *index. */
int segment_index_read(const struct segment *s, uint8_t **index, size_t *len_bytes, const char **why);
/* Where the blocks end: known when sealed, else the end of the file. */
uint64_t segment_blocks_end(const struct segment *s);

/* What a block must fit to. */
struct chain_place {
    uint64_t offset;
    uint64_t next_seq;
    int64_t last_ts_ns;
    struct chain_hash chain;
    bool chain_known; /* false after damage was passed: the next block's own hash is believed */
};

struct walk {
    struct segment *segment;
    struct chain_place at;
    uint8_t *bytes; /* the file's [bytes_offset, bytes_offset + bytes_count) */
    size_t bytes_capacity, bytes_count, chunk_bytes;
    uint64_t bytes_offset;
    struct frame_unpacker *unpacker; /* NULL: payloads cannot be taken */
};

/* chunk_bytes: how much to read at once. The walk is placed by walk_begin. */
int walk_init(struct walk *w, size_t chunk_bytes, bool payloads);
void walk_free(struct walk *w);
/* To the first block of a segment. last_ts_ns: the segment before's, INT64_MIN for none. */
void walk_begin(struct walk *w, struct segment *s, int64_t last_ts_ns);
void walk_place(struct walk *w, const struct seal_entry *entry);
/* Forgets what was read ahead: the file may have grown. */
void walk_refresh(struct walk *w);
/* 0; ERR_END: the blocks end here (unsealed: zeros where a header would be); ERR_CORRUPT with why; ERR_IO. */
int walk_peek(struct walk *w, struct block_header *h, const char **why);
/* h as peeked. Checks the stored bytes only (payload NULL), or unpacks and checks the chain too. */
int walk_take(struct walk *w, const struct block_header *h, const uint8_t **payload, const char **why);
void walk_skip(struct walk *w, const struct block_header *h);

/* What stands in an unsealed segment from where its valid chain ends. */
struct tail {
    uint64_t dirty_end;   /* behind the last byte that is not zero; the chain's end when there is none */
    uint64_t durable_seq; /* the largest that intact headers behind the chain's end name; 0 none */
    uint64_t durable_offset;
    uint64_t intact_offset; /* the first intact header behind it, and its seq; 0 none */
    uint64_t intact_seq;
};
/* Reads from offset to the end of the file. */
int tail_scan(const struct segment *s, uint64_t offset, struct tail *t);
/* True when what was cut off there had been known to be synced. */
bool tail_is_damage(const struct tail *t, uint64_t offset, uint64_t next_seq);
/* True when a file holds nothing but zeros from offset on. */
int bytes_are_zero_from(const struct storage *storage, struct storage_file *file, uint64_t offset, bool *zero);

#endif
