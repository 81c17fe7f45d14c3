/* journal/format.h - the bytes of a segment: its head, the heads of its blocks, its seal. journal/format.c draws them.
 * What must stay true: the same predicate stands at the write and at the read; a decoder is given bytes that may be
 * anything, reads nothing outside them and believes no length that is out of bounds. All functions are pure: any
 * thread. */
#ifndef ORDERTAPE_JOURNAL_FORMAT_H
#define ORDERTAPE_JOURNAL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/tape.h"
#include "proto/codec.h"

enum {
    FORMAT_VERSION = 1,
    SEGMENT_HEADER_BYTES = 72,
    BLOCK_HEADER_BYTES = 120,
    SEAL_HEAD_BYTES = 16,
    SEAL_ENTRY_BYTES = 40,
    SEAL_TRAILER_BYTES = 64,
    SEAL_PAD_BYTES = 8,
    /* A prepared segment's size is a multiple of this, a sealed one's never is. */
    SEGMENT_STEP_BYTES = 4096,
    /* One index entry for this many bytes of blocks: a seek reads that much more, a 64 MiB segment has 4,096 entries.
     */
    INDEX_STRIDE_BYTES = 16384,
    /* ZSTD_COMPRESSBOUND(BLOCK_PAYLOAD_BYTES_MAX): format.c checks it. */
    STORED_BYTES_MAX = BLOCK_PAYLOAD_BYTES_MAX + (BLOCK_PAYLOAD_BYTES_MAX >> 8)
};
/* The largest file that is looked at: offsets and sums of them cannot overflow. */
#define SEGMENT_BYTES_MAX ((uint64_t)1 << 40)

/* The hash of everything on the tape up to and with a block. */
struct chain_hash {
    uint64_t lo, hi;
};

struct segment_header {
    uint32_t format_version;
    uint32_t kind; /* enum tape_kind */
    uint64_t tape_id;
    uint64_t first_seq;
    uint32_t rules_version;
    uint64_t prepared_bytes;    /* the file's size when it was made; a shorter file was sealed, or has lost its end */
    struct chain_hash previous; /* of the last block of the segment before; zero in the first */
};

struct block_header {
    uint32_t stored_bytes;    /* the zstd frame behind this header */
    uint32_t payload_bytes;   /* what it unpacks to */
    uint64_t stored_checksum; /* XXH3-64 of the frame: bits that zstd ignores are covered too */
    uint64_t durable_offset;  /* bytes of this segment known synced when this block was written */
    uint64_t first_seq, last_seq;
    uint64_t durable_seq;
    int64_t first_ts_ns, last_ts_ns;
    uint32_t count;
    bool has_digest, continues;
    struct digest digest;
    struct chain_hash chain;
};

/* A place where reading may begin: a block, and what stands before it. */
struct seal_entry {
    uint64_t offset;
    uint64_t first_seq;
    int64_t first_ts_ns;
    struct chain_hash before;
};

struct seal_trailer {
    uint64_t index_offset; /* where the blocks end */
    uint64_t next_seq;     /* the seq the next block begins with */
    int64_t last_ts_ns;
    struct chain_hash chain; /* of the last block */
    uint64_t index_checksum;
};

/* What follows from a block or a segment for the one after it. */
static inline uint64_t block_next_seq(const struct block_header *h)
{
    return h->continues ? h->last_seq : h->last_seq + 1;
}
static inline bool block_is_marker(const struct block_header *h)
{
    return h->last_seq < h->first_seq;
}

void segment_header_encode(const struct segment_header *h, uint8_t bytes[SEGMENT_HEADER_BYTES]);
/* 0; ERR_CORRUPT; ERR_VERSION: h->format_version is the only field set. why: static text. */
int segment_header_decode(const uint8_t bytes[SEGMENT_HEADER_BYTES], struct segment_header *h, const char **why);

/* NULL when a header says nothing that contradicts itself or a bound; else what is wrong (static text). */
const char *block_header_fault(const struct block_header *h, enum tape_kind kind);
/* Encodes h (but for chain), hashes the chain from `previous` over it and the payload into h->chain, finishes the
 * bytes. */
void block_header_encode(struct block_header *h, uint64_t tape_id, const struct chain_hash *previous,
                         const uint8_t *payload, uint8_t bytes[BLOCK_HEADER_BYTES]);
/* 0, or ERR_CORRUPT with *h untouched. */
int block_header_decode(const uint8_t bytes[BLOCK_HEADER_BYTES], uint64_t tape_id, enum tape_kind kind,
                        struct block_header *h, const char **why);
/* The chain's hash after the block whose encoded header and payload these are. */
struct chain_hash chain_hash_after(const struct chain_hash *previous, const uint8_t bytes[BLOCK_HEADER_BYTES],
                                   const uint8_t *payload, size_t payload_bytes);
uint64_t stored_checksum(const uint8_t *bytes, size_t len_bytes);
/* The first place in bytes where a block header could begin, or NULL. */
const uint8_t *block_magic_find(const uint8_t *bytes, size_t len_bytes);
bool seal_magic_here(const uint8_t *bytes, size_t len_bytes);

/* Bytes of a seal (index and trailer) behind blocks that end at index_offset. */
size_t seal_bytes(uint64_t index_offset, uint32_t entries_count);
/* Writes that many bytes. t->index_checksum is filled in; t->index_offset is given. */
void seal_encode(struct seal_trailer *t, const struct seal_entry *entries, uint32_t entries_count, uint64_t tape_id,
                 uint8_t *bytes);
int seal_trailer_decode(const uint8_t bytes[SEAL_TRAILER_BYTES], uint64_t tape_id, struct seal_trailer *t,
                        const char **why);
/* Bytes of the index alone, from its head at the blocks' end; 0 when the head is none, or says more than room_bytes. */
size_t seal_index_bytes(const uint8_t head[SEAL_HEAD_BYTES], uint64_t index_offset, uint64_t room_bytes);
/* Checks the index (as long as seal_index_bytes says) against the trailer. */
int seal_index_check(const uint8_t *bytes, size_t len_bytes, uint64_t tape_id, const struct seal_trailer *t,
                     const char **why);
uint32_t seal_entry_count(const uint8_t *index);
struct seal_entry seal_entry_at(const uint8_t *index, uint32_t i);

#endif
