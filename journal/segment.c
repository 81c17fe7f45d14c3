/* journal/segment.c - see segment.h; the bytes are drawn in format.c. */
#include "journal/segment.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/report.h"

enum { SCAN_CHUNK_BYTES = 1 << 18 };

void segment_name(uint64_t first_seq, char room[SEGMENT_NAME_BYTES])
{
    (void)snprintf(room, SEGMENT_NAME_BYTES, "%020llu.seg", (unsigned long long)first_seq);
}

void tape_path(const struct tape_options *o, const char *name, char room[TAPE_PATH_BYTES_MAX])
{
    (void)snprintf(room, TAPE_PATH_BYTES_MAX, "%s/%s", o->dir, name);
}

static int64_t segment_read(const struct segment *s, void *bytes, size_t len_bytes, uint64_t offset)
{
    return s->options->storage->read(s->options->storage->ctx, s->file, bytes, len_bytes, offset);
}

static int say(const struct segment *s, struct tape_report *report, uint64_t offset, int rc, const char *why)
{
    struct report_place place = {
        .dir = s->options->dir, .file = s->name, .offset = offset, .damage = true, .first_seq = s->header.first_seq};
    tape_report_add(report, &place, "%s; restore this file from a copy, nothing was changed", why);
    return rc;
}

static int check_header(struct segment *s, uint64_t first_seq, struct tape_report *report)
{
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    int64_t n = segment_read(s, bytes, sizeof bytes, 0);
    if (n < 0) return (int)n;
    if (n < SEGMENT_HEADER_BYTES) return say(s, report, 0, ERR_CORRUPT, "the file is shorter than a segment's header");
    const char *why;
    struct segment_header h = {0};
    int rc = segment_header_decode(bytes, &h, &why);
    if (rc) return say(s, report, 0, rc, why);
    s->header = h;
    if (h.first_seq != first_seq)
        return say(s, report, 0, ERR_CORRUPT, "the file's name and its header name different first seqs");
    if (h.kind != (uint32_t)s->options->kind)
        return say(s, report, 0, ERR_CORRUPT, "the segment is of another kind of tape");
    return 0;
}

static bool size_is_sealed(const struct segment *s)
{
    return s->size_bytes < s->header.prepared_bytes || s->size_bytes % SEGMENT_STEP_BYTES;
}

/* The index between the blocks' end and the trailer must fill that space exactly. */
static int check_seal(struct segment *s, uint64_t trailer_offset, const char **why)
{
    uint8_t bytes[SEAL_TRAILER_BYTES], head[SEAL_HEAD_BYTES];
    struct seal_trailer t;
    int64_t n = segment_read(s, bytes, sizeof bytes, trailer_offset);
    if (n < 0) return (int)n;
    *why = "the file has lost its end: it is shorter than it was made, and has no seal";
    if (n < (int64_t)sizeof bytes) return ERR_CORRUPT;
    int rc = seal_trailer_decode(bytes, s->header.tape_id, &t, why);
    if (rc) return rc;
    *why = "the index at the end of the segment is not where its seal says";
    if (t.index_offset + SEAL_HEAD_BYTES > trailer_offset || t.next_seq < s->header.first_seq) return ERR_CORRUPT;
    n = segment_read(s, head, sizeof head, t.index_offset);
    if (n < 0) return (int)n;
    if (n < (int64_t)sizeof head) return ERR_CORRUPT;
    if (seal_index_bytes(head, t.index_offset, s->size_bytes) != trailer_offset - t.index_offset) return ERR_CORRUPT;
    s->trailer = t;
    s->sealed = true;
    return 0;
}

static int check_file(struct segment *s, uint64_t first_seq, struct tape_report *report)
{
    const struct storage *storage = s->options->storage;
    int rc = check_header(s, first_seq, report);
    if (rc) return rc;
    int64_t size = storage->size(storage->ctx, s->file);
    if (size < 0) return (int)size;
    s->size_bytes = (uint64_t)size;
    if (s->size_bytes > SEGMENT_BYTES_MAX)
        return say(s, report, 0, ERR_CORRUPT, "the file is larger than a segment may be");
    if (!size_is_sealed(s)) return 0;
    const char *why = "the file has lost its end: it is shorter than it was made, and has no seal";
    uint64_t trailer_offset = s->size_bytes - SEAL_TRAILER_BYTES;
    if (s->size_bytes < SEGMENT_HEADER_BYTES + SEAL_HEAD_BYTES + SEAL_TRAILER_BYTES)
        return say(s, report, s->size_bytes, ERR_CORRUPT, why);
    rc = check_seal(s, trailer_offset, &why);
    return rc == ERR_CORRUPT ? say(s, report, trailer_offset, rc, why) : rc;
}

int segment_open(struct segment *s, const struct tape_options *o, uint64_t first_seq, int how,
                 struct tape_report *report)
{
    memset(s, 0, sizeof *s);
    s->options = o;
    segment_name(first_seq, s->name);
    char path[TAPE_PATH_BYTES_MAX];
    tape_path(o, s->name, path);
    int rc = o->storage->open(o->storage->ctx, path, how, &s->file);
    if (rc) {
        s->file = NULL;
        return rc;
    }
    rc = check_file(s, first_seq, report);
    if (rc) segment_close(s);
    return rc;
}

void segment_close(struct segment *s)
{
    if (s->file) s->options->storage->close(s->options->storage->ctx, s->file);
    s->file = NULL;
}

int segment_refresh(struct segment *s)
{
    const struct storage *storage = s->options->storage;
    if (s->sealed) return 0;
    int64_t size = storage->size(storage->ctx, s->file);
    if (size < 0) return (int)size;
    s->size_bytes = (uint64_t)size;
    const char *why;
    if (!size_is_sealed(s) || s->size_bytes < SEAL_TRAILER_BYTES) return 0;
    int rc = check_seal(s, s->size_bytes - SEAL_TRAILER_BYTES, &why);
    return rc == ERR_CORRUPT ? 0 : rc;
}

bool segment_seal_find(struct segment *s, uint64_t offset)
{
    const struct storage *storage = s->options->storage;
    int64_t size = storage->size(storage->ctx, s->file);
    if (size < 0) return false;
    s->size_bytes = (uint64_t)size;
    uint8_t head[SEAL_HEAD_BYTES];
    if (segment_read(s, head, sizeof head, offset) != (int64_t)sizeof head) return false;
    size_t index_bytes = seal_index_bytes(head, offset, s->size_bytes - offset);
    const char *why;
    if (!index_bytes || check_seal(s, offset + index_bytes, &why)) return false;
    uint8_t *index;
    s->sealed = s->trailer.index_offset == offset && segment_index_read(s, &index, &index_bytes, &why) == 0;
    if (s->sealed) free(index);
    return s->sealed;
}

int segment_index_read(const struct segment *s, uint8_t **index, size_t *len_bytes, const char **why)
{
    uint8_t head[SEAL_HEAD_BYTES];
    int64_t n = segment_read(s, head, sizeof head, s->trailer.index_offset);
    if (n < 0) return (int)n;
    *why = "the index at the end of the segment is not where its seal says";
    uint64_t room = s->size_bytes > s->trailer.index_offset ? s->size_bytes - s->trailer.index_offset : 0;
    size_t bytes = n == (int64_t)sizeof head ? seal_index_bytes(head, s->trailer.index_offset, room) : 0;
    if (!bytes) return ERR_CORRUPT;
    uint8_t *room_for_it = malloc(bytes);
    if (!room_for_it) return ERR_NO_MEMORY;
    n = segment_read(s, room_for_it, bytes, s->trailer.index_offset);
    int rc = n < 0 ? (int)n : 0;
    if (rc == 0 && n < (int64_t)bytes) rc = ERR_CORRUPT;
    if (rc == 0 && seal_index_bytes(room_for_it, s->trailer.index_offset, room) != bytes) rc = ERR_CORRUPT;
    if (rc == 0) rc = seal_index_check(room_for_it, bytes, s->header.tape_id, &s->trailer, why);
    if (rc) {
        free(room_for_it);
        return rc;
    }
    *index = room_for_it;
    *len_bytes = bytes;
    return 0;
}

uint64_t segment_blocks_end(const struct segment *s)
{
    return s->sealed ? s->trailer.index_offset : s->size_bytes;
}

int walk_init(struct walk *w, size_t chunk_bytes, bool payloads)
{
    memset(w, 0, sizeof *w);
    w->chunk_bytes = chunk_bytes;
    w->bytes = malloc(chunk_bytes);
    w->bytes_capacity = chunk_bytes;
    int rc = w->bytes ? 0 : ERR_NO_MEMORY;
    if (rc == 0 && payloads) rc = frame_unpacker_new(&w->unpacker);
    if (rc) walk_free(w);
    return rc;
}

void walk_free(struct walk *w)
{
    free(w->bytes);
    frame_unpacker_free(w->unpacker);
    memset(w, 0, sizeof *w);
}

void walk_begin(struct walk *w, struct segment *s, int64_t last_ts_ns)
{
    w->segment = s;
    w->at = (struct chain_place){
        .offset = SEGMENT_HEADER_BYTES,
        .next_seq = s->header.first_seq,
        .last_ts_ns = last_ts_ns,
        .chain = s->header.previous,
        .chain_known = true,
    };
    walk_refresh(w);
}

void walk_place(struct walk *w, const struct seal_entry *entry)
{
    w->at = (struct chain_place){
        .offset = entry->offset,
        .next_seq = entry->first_seq,
        .last_ts_ns = entry->first_ts_ns,
        .chain = entry->before,
        .chain_known = true,
    };
}

void walk_refresh(struct walk *w)
{
    w->bytes_count = 0;
}

/* len_bytes of the file at offset (bounded by the caller), from what was read ahead where it has them. */
static int walk_bytes(struct walk *w, uint64_t offset, size_t len_bytes, const uint8_t **bytes)
{
    if (offset < w->bytes_offset || offset + len_bytes > w->bytes_offset + w->bytes_count) {
        if (len_bytes > w->bytes_capacity) {
            uint8_t *more = realloc(w->bytes, len_bytes);
            if (!more) return ERR_NO_MEMORY;
            w->bytes = more;
            w->bytes_capacity = len_bytes;
        }
        size_t want = len_bytes > w->chunk_bytes ? len_bytes : w->chunk_bytes;
        int64_t n = segment_read(w->segment, w->bytes, want, offset);
        w->bytes_count = n > 0 ? (size_t)n : 0;
        w->bytes_offset = offset;
        if (n < 0) return (int)n;
        if ((size_t)n < len_bytes) return ERR_CORRUPT;
    }
    *bytes = w->bytes + (offset - w->bytes_offset);
    return 0;
}

static bool is_zero(const uint8_t *bytes, size_t len_bytes)
{
    return len_bytes == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len_bytes - 1) == 0);
}

/* The same block at another place of the file, or another file's, would have an intact header: it must fit what came
 * before. */
static const char *place_fault(const struct walk *w, const struct block_header *h, uint64_t end)
{
    if (h->first_seq != w->at.next_seq) return "the block's seq does not follow the one before it";
    if (h->first_ts_ns < w->at.last_ts_ns) return "the block's time is before the one before it";
    if (h->durable_offset > w->at.offset) return "the block says bytes behind it were synced before it";
    if (h->stored_bytes > end - w->at.offset - BLOCK_HEADER_BYTES)
        return "the block is longer than the space it lies in";
    return NULL;
}

int walk_peek(struct walk *w, struct block_header *h, const char **why)
{
    uint64_t end = segment_blocks_end(w->segment);
    if (w->at.offset == end) return ERR_END;
    if (w->at.offset + BLOCK_HEADER_BYTES > end) {
        *why = "the space that is left is too small for a block";
        return w->segment->sealed ? ERR_CORRUPT : ERR_END;
    }
    const uint8_t *bytes = NULL;
    *why = "the file has lost its end";
    int rc = walk_bytes(w, w->at.offset, BLOCK_HEADER_BYTES, &bytes);
    if (rc) return rc;
    if (!w->segment->sealed && is_zero(bytes, BLOCK_HEADER_BYTES)) return ERR_END;
    struct block_header d;
    rc = block_header_decode(bytes, w->segment->header.tape_id, w->segment->options->kind, &d, why);
    if (rc) return rc;
    *why = place_fault(w, &d, end);
    if (*why) return ERR_CORRUPT;
    *h = d;
    return 0;
}

int walk_take(struct walk *w, const struct block_header *h, const uint8_t **payload, const char **why)
{
    const uint8_t *bytes = NULL, *unpacked = NULL;
    *why = "the file has lost its end";
    int rc = walk_bytes(w, w->at.offset, BLOCK_HEADER_BYTES + (size_t)h->stored_bytes, &bytes);
    if (rc) return rc;
    *why = "the block's bytes do not match their checksum";
    if (stored_checksum(bytes + BLOCK_HEADER_BYTES, h->stored_bytes) != h->stored_checksum) return ERR_CORRUPT;
    if (payload) {
        assert(w->unpacker);
        *why = "the block does not unpack to what its header says";
        if (h->stored_bytes)
            rc = frame_unpack(w->unpacker, bytes + BLOCK_HEADER_BYTES, h->stored_bytes, h->payload_bytes, &unpacked);
        if (rc) return rc;
        struct chain_hash chain = chain_hash_after(&w->at.chain, bytes, unpacked, h->payload_bytes);
        *why = "the chain is broken: the block does not follow the one before it, or its payload was changed";
        if (w->at.chain_known && (chain.lo != h->chain.lo || chain.hi != h->chain.hi)) return ERR_CORRUPT;
        *payload = unpacked;
    }
    walk_skip(w, h);
    return 0;
}

void walk_skip(struct walk *w, const struct block_header *h)
{
    w->at = (struct chain_place){
        .offset = w->at.offset + BLOCK_HEADER_BYTES + h->stored_bytes,
        .next_seq = block_next_seq(h),
        .last_ts_ns = h->last_ts_ns,
        .chain = h->chain,
        .chain_known = true,
    };
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Intact headers among bytes[0..count) that begin before `begin_max`; base is bytes' place in the file. */
static void scan_headers(const struct segment *s, const uint8_t *bytes, size_t count, uint64_t base, struct tail *t)
{
    const uint8_t *at = bytes;
    for (;;) {
        size_t left = count - (size_t)(at - bytes);
        at = block_magic_find(at, left);
        if (!at || count - (size_t)(at - bytes) < BLOCK_HEADER_BYTES) return;
        struct block_header h;
        const char *why;
        if (block_header_decode(at, s->header.tape_id, s->options->kind, &h, &why) == 0) {
            uint64_t offset = base + (uint64_t)(at - bytes);
            t->durable_seq = max_u64(t->durable_seq, h.durable_seq);
            if (h.durable_offset <= offset) t->durable_offset = max_u64(t->durable_offset, h.durable_offset);
            if (!t->intact_offset) {
                t->intact_offset = offset;
                t->intact_seq = h.first_seq;
            }
        }
        at++;
    }
}

int tail_scan(const struct segment *s, uint64_t offset, struct tail *t)
{
    *t = (struct tail){.dirty_end = offset};
    uint8_t *bytes = malloc(SCAN_CHUNK_BYTES);
    if (!bytes) return ERR_NO_MEMORY;
    int64_t n = 0;
    /* Chunks overlap by a header less one byte, so that none is cut in two; a header seen twice says the same twice. */
    for (uint64_t at = offset; at < s->size_bytes; at += SCAN_CHUNK_BYTES - (BLOCK_HEADER_BYTES - 1)) {
        n = segment_read(s, bytes, SCAN_CHUNK_BYTES, at);
        if (n <= 0) break;
        size_t count = (size_t)n;
        if (is_zero(bytes, count)) continue;
        size_t dirty = count;
        while (bytes[dirty - 1] == 0) dirty--;
        t->dirty_end = at + dirty;
        scan_headers(s, bytes, count, at, t);
    }
    free(bytes);
    return n < 0 ? (int)n : 0;
}

bool tail_is_damage(const struct tail *t, uint64_t offset, uint64_t next_seq)
{
    return t->durable_offset > offset || t->durable_seq >= next_seq;
}

int bytes_are_zero_from(const struct storage *storage, struct storage_file *file, uint64_t offset, bool *zero)
{
    uint8_t *bytes = malloc(SCAN_CHUNK_BYTES);
    if (!bytes) return ERR_NO_MEMORY;
    int64_t n = 0;
    *zero = true;
    while (*zero && (n = storage->read(storage->ctx, file, bytes, SCAN_CHUNK_BYTES, offset)) != 0) {
        if (n < 0) break;
        *zero = is_zero(bytes, (size_t)n);
        offset += (uint64_t)n;
    }
    free(bytes);
    return n < 0 ? (int)n : 0;
}
