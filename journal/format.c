/* journal/format.c - the byte layout of a segment file, format version 1. All numbers are little-endian.
 * Invariant: the chain hash of a block covers the chain hash before it, so a chain that verifies up to block N proves
 * that no earlier block is missing, swapped or edited. Every byte of a sealed file is under a checksum or must be
 * zero.
 *
 *   segment   | segment header | block | block | ... | zeros up to prepared_bytes           while it is written
 *             | segment header | block | block | ... | index | trailer |                    sealed: the file ends there
 *   block     | block header | zstd frame of stored_bytes |                                 no alignment
 *
 *   segment header, 72 bytes; its checksum has seed 0, all others the tape id
 *    0       8                12     16        24          32              36  40
 *    | magic | format_version | kind | tape_id | first_seq | rules_version | 0 | prepared_bytes |
 *      u64     u32              u32    u64       u64         u32            u32  u64
 *   48         64
 *    | previous | checksum of 0..64 |
 *      lo, hi     u64
 *
 *   block header, 120 bytes
 *    0       8              12              16                24               32
 *    | magic | stored_bytes | payload_bytes | stored_checksum | durable_offset |
 *      u64     u32            u32             u64               u64
 *   32           40         48            56            64           72      76
 *    | first_seq | last_seq | durable_seq | first_ts_ns | last_ts_ns | count | flags |
 *      u64         u64        u64           i64           i64          u32     u32
 *   80       96      112
 *    | digest | chain | checksum of 0..112 |
 *      lo, hi   lo, hi  u64
 *    chain = XXH3-128(chain before, bytes 32..96, unpacked payload): what compression and place decide stays out, so
 *    a sealed segment can be packed again.
 *    flags: 1 the block has a digest; 2 the records of last_seq go on in the next block.
 *    A marker is a block with last_seq = first_seq - 1, no records and no payload: it only says durable_seq.
 *
 *   index at the end of the blocks
 *    0       8       12          16            56
 *    | magic | count | pad_bytes | entry 0     | entry 1 ... | pad (0 or 8 zero bytes: the file is no multiple of 4096)
 *      u64     u32     u32         offset u64, first_seq u64, first_ts_ns i64, chain hash before that block (16)
 *   trailer, the last 64 bytes of the file
 *    0       8              16         24           32              48               56
 *    | magic | index_offset | next_seq | last_ts_ns | chain         | index_checksum | checksum of 0..56 |
 *      u64     u64            u64        i64          lo u64, hi u64  u64              u64 */
#include "journal/format.h"

#include <assert.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* the hash state may live on the stack */
#include <xxhash.h>
#include <zstd.h>

#include "core/error.h"

_Static_assert(STORED_BYTES_MAX >= ZSTD_COMPRESSBOUND(BLOCK_PAYLOAD_BYTES_MAX), "a packed payload fits");

/* No first byte of a magic is common in text or in compressed bytes that are mostly small numbers. */
#define SEGMENT_MAGIC UINT64_C(0x3147455350544fb1) /* "\xb1OTPSEG1" */
#define BLOCK_MAGIC   UINT64_C(0x314b4c4250544fb2) /* "\xb2OTPBLK1" */
#define INDEX_MAGIC   UINT64_C(0x3158444950544fb3) /* "\xb3OTPIDX1" */
#define TRAILER_MAGIC UINT64_C(0x31444e4550544fb4) /* "\xb4OTPEND1" */

enum { FLAG_DIGEST = 1, FLAG_CONTINUES = 2 };
enum { BLOCK_MEANING_AT = 32, BLOCK_CHAIN_AT = 96, BLOCK_CHECKSUM_AT = 112 };

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) value |= (uint32_t)at[i] << (8 * i);
    return value;
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static void put_chain(uint8_t *at, const struct chain_hash *c)
{
    put_u64(at, c->lo);
    put_u64(at + 8, c->hi);
}

static struct chain_hash get_chain(const uint8_t *at)
{
    return (struct chain_hash){.lo = get_u64(at), .hi = get_u64(at + 8)};
}

void segment_header_encode(const struct segment_header *h, uint8_t bytes[SEGMENT_HEADER_BYTES])
{
    put_u64(bytes, SEGMENT_MAGIC);
    put_u32(bytes + 8, h->format_version);
    put_u32(bytes + 12, h->kind);
    put_u64(bytes + 16, h->tape_id);
    put_u64(bytes + 24, h->first_seq);
    put_u32(bytes + 32, h->rules_version);
    put_u32(bytes + 36, 0);
    put_u64(bytes + 40, h->prepared_bytes);
    put_chain(bytes + 48, &h->previous);
    put_u64(bytes + 64, XXH3_64bits(bytes, 64));
}

int segment_header_decode(const uint8_t bytes[SEGMENT_HEADER_BYTES], struct segment_header *h, const char **why)
{
    *why = "this is not a segment of a tape (wrong magic)";
    if (get_u64(bytes) != SEGMENT_MAGIC) return ERR_CORRUPT;
    uint32_t version = get_u32(bytes + 8);
    *why = "the segment's format version is unknown to this program, or its header is damaged";
    if (version != FORMAT_VERSION) {
        h->format_version = version;
        return ERR_VERSION;
    }
    *why = "the segment header does not match its checksum";
    if (get_u64(bytes + 64) != XXH3_64bits(bytes, 64)) return ERR_CORRUPT;
    struct segment_header d = {
        .format_version = version,
        .kind = get_u32(bytes + 12),
        .tape_id = get_u64(bytes + 16),
        .first_seq = get_u64(bytes + 24),
        .rules_version = get_u32(bytes + 32),
        .prepared_bytes = get_u64(bytes + 40),
        .previous = get_chain(bytes + 48),
    };
    *why = "the segment header says something impossible";
    if (d.kind != TAPE_COMMANDS && d.kind != TAPE_EVENTS) return ERR_CORRUPT;
    if (d.tape_id == 0 || d.first_seq == 0 || get_u32(bytes + 36) != 0) return ERR_CORRUPT;
    if (d.prepared_bytes == 0 || d.prepared_bytes % SEGMENT_STEP_BYTES || d.prepared_bytes > SEGMENT_BYTES_MAX)
        return ERR_CORRUPT;
    *h = d;
    return 0;
}

const char *block_header_fault(const struct block_header *h, enum tape_kind kind)
{
    if (h->payload_bytes > BLOCK_PAYLOAD_BYTES_MAX) return "the block says its payload is larger than any may be";
    if (h->stored_bytes > STORED_BYTES_MAX) return "the block says it is longer than any may be";
    if (h->count > BLOCK_RECORDS_MAX) return "the block says it has more records than any may have";
    if ((h->payload_bytes == 0) != (h->count == 0))
        return "the block has records without a payload, or a payload without records";
    if ((h->stored_bytes == 0) != (h->payload_bytes == 0))
        return "the block has a payload without bytes, or bytes without a payload";
    if (h->first_seq == 0 || h->last_seq < h->first_seq - 1) return "the block's seqs go backwards";
    if (h->last_seq > (uint64_t)INT64_MAX) return "the block's seq is larger than any may be";
    if (h->durable_seq >= h->first_seq) return "the block says it was synced before it was written";
    if (h->last_ts_ns < h->first_ts_ns) return "the block's times go backwards";
    if (block_is_marker(h) && (h->count || h->has_digest || h->continues))
        return "a marker block has records or a digest";
    if (h->continues && (kind != TAPE_EVENTS || h->count == 0)) return "the block says it goes on, which it cannot";
    if (!h->has_digest && (h->digest.lo || h->digest.hi)) return "the block has a digest and says it has none";
    if (kind == TAPE_COMMANDS && h->count != h->last_seq + 1 - h->first_seq)
        return "the block's count and seqs disagree";
    return NULL;
}

struct chain_hash chain_hash_after(const struct chain_hash *previous, const uint8_t bytes[BLOCK_HEADER_BYTES],
                                   const uint8_t *payload, size_t payload_bytes)
{
    uint8_t head[16 + BLOCK_CHAIN_AT - BLOCK_MEANING_AT];
    put_chain(head, previous);
    memcpy(head + 16, bytes + BLOCK_MEANING_AT, BLOCK_CHAIN_AT - BLOCK_MEANING_AT);
    XXH3_state_t state;
    /* They fail for NULL arguments only. */
    (void)XXH3_128bits_reset(&state);
    (void)XXH3_128bits_update(&state, head, sizeof head);
    if (payload_bytes) (void)XXH3_128bits_update(&state, payload, payload_bytes);
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    return (struct chain_hash){.lo = hash.low64, .hi = hash.high64};
}

void block_header_encode(struct block_header *h, uint64_t tape_id, const struct chain_hash *previous,
                         const uint8_t *payload, uint8_t bytes[BLOCK_HEADER_BYTES])
{
    put_u64(bytes, BLOCK_MAGIC);
    put_u32(bytes + 8, h->stored_bytes);
    put_u32(bytes + 12, h->payload_bytes);
    put_u64(bytes + 16, h->stored_checksum);
    put_u64(bytes + 24, h->durable_offset);
    put_u64(bytes + 32, h->first_seq);
    put_u64(bytes + 40, h->last_seq);
    put_u64(bytes + 48, h->durable_seq);
    put_u64(bytes + 56, (uint64_t)h->first_ts_ns);
    put_u64(bytes + 64, (uint64_t)h->last_ts_ns);
    put_u32(bytes + 72, h->count);
    put_u32(bytes + 76, (h->has_digest ? FLAG_DIGEST : 0u) | (h->continues ? FLAG_CONTINUES : 0u));
    put_u64(bytes + 80, h->digest.lo);
    put_u64(bytes + 88, h->digest.hi);
    h->chain = chain_hash_after(previous, bytes, payload, h->payload_bytes);
    put_chain(bytes + BLOCK_CHAIN_AT, &h->chain);
    put_u64(bytes + BLOCK_CHECKSUM_AT, XXH3_64bits_withSeed(bytes, BLOCK_CHECKSUM_AT, tape_id));
}

int block_header_decode(const uint8_t bytes[BLOCK_HEADER_BYTES], uint64_t tape_id, enum tape_kind kind,
                        struct block_header *h, const char **why)
{
    *why = "no block begins here";
    if (get_u64(bytes) != BLOCK_MAGIC) return ERR_CORRUPT;
    *why = "the block header does not match its checksum";
    if (get_u64(bytes + BLOCK_CHECKSUM_AT) != XXH3_64bits_withSeed(bytes, BLOCK_CHECKSUM_AT, tape_id))
        return ERR_CORRUPT;
    uint32_t flags = get_u32(bytes + 76);
    struct block_header d = {
        .stored_bytes = get_u32(bytes + 8),
        .payload_bytes = get_u32(bytes + 12),
        .stored_checksum = get_u64(bytes + 16),
        .durable_offset = get_u64(bytes + 24),
        .first_seq = get_u64(bytes + 32),
        .last_seq = get_u64(bytes + 40),
        .durable_seq = get_u64(bytes + 48),
        .first_ts_ns = (int64_t)get_u64(bytes + 56),
        .last_ts_ns = (int64_t)get_u64(bytes + 64),
        .count = get_u32(bytes + 72),
        .has_digest = flags & FLAG_DIGEST,
        .continues = flags & FLAG_CONTINUES,
        .digest = {.lo = get_u64(bytes + 80), .hi = get_u64(bytes + 88)},
        .chain = get_chain(bytes + BLOCK_CHAIN_AT),
    };
    *why = "the block has flags that this program does not know";
    if (flags & ~(uint32_t)(FLAG_DIGEST | FLAG_CONTINUES)) return ERR_CORRUPT;
    *why = block_header_fault(&d, kind);
    if (*why) return ERR_CORRUPT;
    *h = d;
    return 0;
}

uint64_t stored_checksum(const uint8_t *bytes, size_t len_bytes)
{
    return len_bytes ? XXH3_64bits(bytes, len_bytes) : 0;
}

const uint8_t *block_magic_find(const uint8_t *bytes, size_t len_bytes)
{
    uint8_t magic[8];
    put_u64(magic, BLOCK_MAGIC);
    return memmem(bytes, len_bytes, magic, sizeof magic);
}

bool seal_magic_here(const uint8_t *bytes, size_t len_bytes)
{
    return len_bytes >= 8 && get_u64(bytes) == INDEX_MAGIC;
}

/* A sealed file's size must not look like a prepared one's. */
static uint32_t seal_pad_bytes(uint64_t index_offset, uint32_t entries_count)
{
    uint64_t end = index_offset + SEAL_HEAD_BYTES + (uint64_t)entries_count * SEAL_ENTRY_BYTES + SEAL_TRAILER_BYTES;
    return end % SEGMENT_STEP_BYTES == 0 ? SEAL_PAD_BYTES : 0;
}

size_t seal_bytes(uint64_t index_offset, uint32_t entries_count)
{
    return SEAL_HEAD_BYTES + (size_t)entries_count * SEAL_ENTRY_BYTES + seal_pad_bytes(index_offset, entries_count) +
           SEAL_TRAILER_BYTES;
}

void seal_encode(struct seal_trailer *t, const struct seal_entry *entries, uint32_t entries_count, uint64_t tape_id,
                 uint8_t *bytes)
{
    uint32_t pad = seal_pad_bytes(t->index_offset, entries_count);
    put_u64(bytes, INDEX_MAGIC);
    put_u32(bytes + 8, entries_count);
    put_u32(bytes + 12, pad);
    uint8_t *at = bytes + SEAL_HEAD_BYTES;
    for (uint32_t i = 0; i < entries_count; i++, at += SEAL_ENTRY_BYTES) {
        put_u64(at, entries[i].offset);
        put_u64(at + 8, entries[i].first_seq);
        put_u64(at + 16, (uint64_t)entries[i].first_ts_ns);
        put_chain(at + 24, &entries[i].before);
    }
    memset(at, 0, pad);
    at += pad;
    t->index_checksum = XXH3_64bits_withSeed(bytes, (size_t)(at - bytes), tape_id);
    put_u64(at, TRAILER_MAGIC);
    put_u64(at + 8, t->index_offset);
    put_u64(at + 16, t->next_seq);
    put_u64(at + 24, (uint64_t)t->last_ts_ns);
    put_chain(at + 32, &t->chain);
    put_u64(at + 48, t->index_checksum);
    put_u64(at + 56, XXH3_64bits_withSeed(at, 56, tape_id));
}

int seal_trailer_decode(const uint8_t bytes[SEAL_TRAILER_BYTES], uint64_t tape_id, struct seal_trailer *t,
                        const char **why)
{
    *why = "the seal at the end of the segment is not there";
    if (get_u64(bytes) != TRAILER_MAGIC) return ERR_CORRUPT;
    *why = "the seal at the end of the segment does not match its checksum";
    if (get_u64(bytes + 56) != XXH3_64bits_withSeed(bytes, 56, tape_id)) return ERR_CORRUPT;
    struct seal_trailer d = {
        .index_offset = get_u64(bytes + 8),
        .next_seq = get_u64(bytes + 16),
        .last_ts_ns = (int64_t)get_u64(bytes + 24),
        .chain = get_chain(bytes + 32),
        .index_checksum = get_u64(bytes + 48),
    };
    *why = "the seal at the end of the segment says something impossible";
    if (d.index_offset < SEGMENT_HEADER_BYTES || d.index_offset > SEGMENT_BYTES_MAX) return ERR_CORRUPT;
    if (d.next_seq == 0 || d.next_seq > (uint64_t)INT64_MAX) return ERR_CORRUPT;
    *t = d;
    return 0;
}

size_t seal_index_bytes(const uint8_t head[SEAL_HEAD_BYTES], uint64_t index_offset, uint64_t room_bytes)
{
    uint32_t count = get_u32(head + 8);
    uint32_t pad = get_u32(head + 12);
    if (get_u64(head) != INDEX_MAGIC) return 0;
    uint64_t bytes = SEAL_HEAD_BYTES + (uint64_t)count * SEAL_ENTRY_BYTES + pad;
    if (pad != seal_pad_bytes(index_offset, count) || bytes > room_bytes) return 0;
    return (size_t)bytes;
}

int seal_index_check(const uint8_t *bytes, size_t len_bytes, uint64_t tape_id, const struct seal_trailer *t,
                     const char **why)
{
    *why = "the index does not match its checksum";
    if (XXH3_64bits_withSeed(bytes, len_bytes, tape_id) != t->index_checksum) return ERR_CORRUPT;
    *why = "the index points outside the blocks";
    uint64_t offset = SEGMENT_HEADER_BYTES;
    for (uint32_t i = 0; i < seal_entry_count(bytes); i++) {
        struct seal_entry e = seal_entry_at(bytes, i);
        if (e.offset < offset || e.offset >= t->index_offset || e.first_seq == 0 || e.first_seq > t->next_seq)
            return ERR_CORRUPT;
        offset = e.offset + 1;
    }
    return 0;
}

uint32_t seal_entry_count(const uint8_t *index)
{
    return get_u32(index + 8);
}

struct seal_entry seal_entry_at(const uint8_t *index, uint32_t i)
{
    const uint8_t *at = index + SEAL_HEAD_BYTES + (size_t)i * SEAL_ENTRY_BYTES;
    return (struct seal_entry){
        .offset = get_u64(at),
        .first_seq = get_u64(at + 8),
        .first_ts_ns = (int64_t)get_u64(at + 16),
        .before = get_chain(at + 24),
    };
}
