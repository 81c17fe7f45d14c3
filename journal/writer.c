/* journal/writer.c - appends blocks to a tape.
 * What must stay true: a block is at its place, whole, before anything claims it durable; nothing goes into segment
 * n+1 before n is synced and sealed; a name in the directory is synced before a block under that name is; after a
 * failure nothing more is written.
 *
 *   no segment --append--> begin: spare -> header -> sync -> rename -> sync_dir --> open segment <--append, sync
 *        ^                                                                              |
 *        +------- seal: sync -> index, trailer -> sync -> cut to length -> sync <-------+  (full, close, other rules)
 *
 * A segment is begun by the first block that needs it, so a stopped tape has no empty one. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/error.h"
#include "journal/check.h"
#include "journal/directory.h"
#include "journal/report.h"
#include "journal/spare.h"

enum { BUFFER_BYTES_FIRST = 1 << 18, CHECK_CHUNK_BYTES = 1 << 18, SET_ASIDE_CHUNK_BYTES = 1 << 16 };
#define SEGMENT_BYTES_COMMANDS ((uint64_t)64 << 20)
#define SEGMENT_BYTES_EVENTS   ((uint64_t)16 << 20)

struct tape_writer {
    struct tape_options options;
    struct spare *spare;
    struct frame_packer *packer;
    uint8_t *bytes; /* one block */
    size_t bytes_capacity;
    uint64_t tape_id;
    struct chain_place at; /* where the next block goes */
    bool continues;        /* the last block's records go on in the next */
    /* The open segment; file NULL: none. */
    struct storage_file *file;
    char name[SEGMENT_NAME_BYTES];
    uint64_t first_seq, size_bytes;
    struct seal_entry *entries;
    uint32_t entries_count, entries_capacity;
    uint64_t durable_seq, durable_offset;
    bool covered; /* what was synced is covered by a durable_seq, or a seal, that was synced too */
    uint64_t written_bytes;
    int failed; /* the first error: nothing is written after it */
};

static int fail(struct tape_writer *w, int rc)
{
    if (rc && !w->failed) w->failed = rc;
    return rc;
}

static int bytes_reserve(struct tape_writer *w, size_t len_bytes)
{
    if (len_bytes <= w->bytes_capacity) return 0;
    size_t capacity = w->bytes_capacity ? w->bytes_capacity : BUFFER_BYTES_FIRST;
    while (capacity < len_bytes) capacity *= 2;
    uint8_t *bytes = realloc(w->bytes, capacity);
    if (!bytes) return ERR_NO_MEMORY;
    w->bytes = bytes;
    w->bytes_capacity = capacity;
    return 0;
}

static int write_at(struct tape_writer *w, const void *bytes, size_t len_bytes, uint64_t offset)
{
    const struct storage *s = w->options.storage;
    w->written_bytes += len_bytes;
    return s->write(s->ctx, w->file, bytes, len_bytes, offset);
}

static int sync_file(struct tape_writer *w)
{
    const struct storage *s = w->options.storage;
    return s->sync(s->ctx, w->file);
}

static void close_file(struct tape_writer *w)
{
    const struct storage *s = w->options.storage;
    if (w->file) s->close(s->ctx, w->file);
    w->file = NULL;
    w->entries_count = 0;
}

/* An entry for every INDEX_STRIDE_BYTES of blocks. */
static int index_add(struct tape_writer *w, const struct chain_place *before, int64_t first_ts_ns)
{
    if (w->entries_count && before->offset - w->entries[w->entries_count - 1].offset < INDEX_STRIDE_BYTES) return 0;
    if (w->entries_count == w->entries_capacity) {
        uint32_t capacity = w->entries_capacity ? w->entries_capacity * 2 : 256;
        struct seal_entry *more = realloc(w->entries, capacity * sizeof *more);
        if (!more) return ERR_NO_MEMORY;
        w->entries = more;
        w->entries_capacity = capacity;
    }
    w->entries[w->entries_count++] = (struct seal_entry){
        .offset = before->offset, .first_seq = before->next_seq, .first_ts_ns = first_ts_ns, .before = before->chain};
    return 0;
}

/* Room for the seal is kept free at every moment, and one byte more: a sealed file is shorter than it was prepared. */
static bool block_fits(const struct tape_writer *w, size_t len_bytes)
{
    uint64_t seal =
        SEAL_HEAD_BYTES + (w->entries_count + UINT64_C(2)) * SEAL_ENTRY_BYTES + SEAL_PAD_BYTES + SEAL_TRAILER_BYTES;
    return w->at.offset + len_bytes + seal < w->size_bytes;
}

/* For a block that does not fit an empty segment, and where a new segment would have this one's name: a command whose
 * events fill a whole segment. */
static int segment_grow(struct tape_writer *w, size_t len_bytes)
{
    const struct storage *s = w->options.storage;
    uint64_t seal =
        SEAL_HEAD_BYTES + (w->entries_count + UINT64_C(2)) * SEAL_ENTRY_BYTES + SEAL_PAD_BYTES + SEAL_TRAILER_BYTES;
    uint64_t size = (w->at.offset + len_bytes + seal) / SEGMENT_STEP_BYTES * SEGMENT_STEP_BYTES + SEGMENT_STEP_BYTES;
    int rc = s->resize(s->ctx, w->file, size);
    if (rc == 0) rc = sync_file(w);
    if (rc == 0) w->size_bytes = size;
    return rc;
}

static int segment_begin(struct tape_writer *w)
{
    const struct storage *s = w->options.storage;
    const char *spare;
    int rc = spare_take(w->spare, &spare);
    if (rc) return rc;
    rc = s->open(s->ctx, spare, STORAGE_WRITE, &w->file);
    if (rc) {
        w->file = NULL;
        return rc;
    }
    struct segment_header h = {.format_version = FORMAT_VERSION,
                               .kind = w->options.kind,
                               .tape_id = w->tape_id,
                               .first_seq = w->at.next_seq,
                               .rules_version = w->options.rules_version,
                               .prepared_bytes = w->options.segment_bytes,
                               .previous = w->at.chain};
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    segment_header_encode(&h, bytes);
    segment_name(h.first_seq, w->name);
    char path[TAPE_PATH_BYTES_MAX];
    tape_path(&w->options, w->name, path);
    rc = write_at(w, bytes, sizeof bytes, 0);
    if (rc == 0) rc = sync_file(w);
    if (rc == 0) rc = s->rename(s->ctx, spare, path);
    if (rc == 0) rc = s->sync_dir(s->ctx, w->options.dir);
    w->first_seq = h.first_seq;
    w->size_bytes = h.prepared_bytes;
    w->at.offset = w->durable_offset = SEGMENT_HEADER_BYTES;
    return rc;
}

static int sync_blocks(struct tape_writer *w)
{
    if (!w->file || w->at.offset == w->durable_offset) return 0;
    int rc = sync_file(w);
    if (rc) return rc;
    w->durable_offset = w->at.offset;
    w->durable_seq = w->at.next_seq - 1;
    return 0;
}

/* A segment without a block is not worth keeping, and its name will be needed. */
static int segment_remove(struct tape_writer *w)
{
    const struct storage *s = w->options.storage;
    char path[TAPE_PATH_BYTES_MAX];
    tape_path(&w->options, w->name, path);
    close_file(w);
    int rc = s->remove(s->ctx, path);
    return rc ? rc : s->sync_dir(s->ctx, w->options.dir);
}

static int segment_seal(struct tape_writer *w)
{
    const struct storage *s = w->options.storage;
    if (w->at.offset == SEGMENT_HEADER_BYTES) return segment_remove(w);
    /* A seal says that every block is durable, and readers beside us believe it: the blocks are synced before it is
     * written. */
    int rc = sync_blocks(w);
    if (rc) return rc;
    size_t len_bytes = seal_bytes(w->at.offset, w->entries_count);
    uint8_t *bytes = malloc(len_bytes); /* w->bytes may hold the block that needs the next segment */
    if (!bytes) return ERR_NO_MEMORY;
    struct seal_trailer t = {
        .index_offset = w->at.offset, .next_seq = w->at.next_seq, .last_ts_ns = w->at.last_ts_ns, .chain = w->at.chain};
    seal_encode(&t, w->entries, w->entries_count, w->tape_id, bytes);
    rc = write_at(w, bytes, len_bytes, w->at.offset);
    free(bytes);
    if (rc == 0) rc = sync_file(w);
    /* And the cut says that the seal is there: a file shorter than prepared without one has lost its end. */
    if (rc == 0) rc = s->resize(s->ctx, w->file, w->at.offset + len_bytes);
    if (rc == 0) rc = sync_file(w);
    if (rc) return rc;
    close_file(w);
    w->covered = true;
    return 0;
}

static int make_room(struct tape_writer *w, size_t len_bytes)
{
    int rc = 0;
    bool may_leave = w->file && w->at.next_seq != w->first_seq;
    if (w->file && !block_fits(w, len_bytes) && may_leave) rc = segment_seal(w);
    if (rc == 0 && !w->file) rc = segment_begin(w);
    if (rc == 0 && !block_fits(w, len_bytes)) rc = segment_grow(w, len_bytes);
    return rc;
}

/* The frame stands in w->bytes behind the room for the header. */
static int put_block(struct tape_writer *w, struct block_header *h, const uint8_t *payload)
{
    size_t len_bytes = BLOCK_HEADER_BYTES + (size_t)h->stored_bytes;
    int rc = make_room(w, len_bytes);
    if (rc == 0) rc = index_add(w, &w->at, h->first_ts_ns);
    if (rc) return rc;
    h->durable_seq = w->durable_seq;
    h->durable_offset = w->durable_offset;
    h->stored_checksum = stored_checksum(w->bytes + BLOCK_HEADER_BYTES, h->stored_bytes);
    block_header_encode(h, w->tape_id, &w->at.chain, payload, w->bytes);
    rc = write_at(w, w->bytes, len_bytes, w->at.offset);
    if (rc) return rc;
    w->at = (struct chain_place){.offset = w->at.offset + len_bytes,
                                 .next_seq = block_next_seq(h),
                                 .last_ts_ns = h->last_ts_ns,
                                 .chain = h->chain,
                                 .chain_known = true};
    w->continues = h->continues;
    w->covered = false;
    if (w->at.offset > w->size_bytes / 2) spare_prepare(w->spare);
    return 0;
}

int tape_writer_append(struct tape_writer *w, const struct tape_block *block)
{
    if (w->failed) return w->failed;
    if (block->payload_bytes > BLOCK_PAYLOAD_BYTES_MAX) return ERR_USAGE;
    struct block_header h = {
        .payload_bytes = (uint32_t)block->payload_bytes,
        .stored_bytes = block->payload_bytes ? 1 : 0, /* until it is packed */
        .first_seq = block->first_seq,
        .last_seq = block->last_seq,
        .durable_seq = w->durable_seq,
        .first_ts_ns = block->first_ts_ns,
        .last_ts_ns = block->last_ts_ns,
        .count = block->count,
        .has_digest = block->has_digest,
        .continues = block->continues,
    };
    if (block->has_digest) h.digest = block->digest;
    if (block_header_fault(&h, w->options.kind) || block_is_marker(&h)) return ERR_USAGE;
    if (h.first_seq != w->at.next_seq || h.first_ts_ns < w->at.last_ts_ns) return ERR_USAGE;
    int64_t stored = 0;
    if (h.payload_bytes) {
        int rc = bytes_reserve(w, BLOCK_HEADER_BYTES + (size_t)h.payload_bytes + (h.payload_bytes >> 8) + 1024);
        if (rc) return fail(w, rc);
        stored = frame_pack(w->packer, block->payload, h.payload_bytes, w->bytes + BLOCK_HEADER_BYTES,
                            w->bytes_capacity - BLOCK_HEADER_BYTES);
    }
    if (stored < 0) return fail(w, (int)stored);
    h.stored_bytes = (uint32_t)stored;
    return fail(w, put_block(w, &h, block->payload));
}

int tape_writer_sync(struct tape_writer *w)
{
    return w->failed ? w->failed : fail(w, sync_blocks(w));
}

int tape_writer_mark(struct tape_writer *w)
{
    int rc = tape_writer_sync(w);
    if (rc || w->covered || !w->file) return rc;
    /* No room for a marker: the seal covers as well, and the segment is as good as full. */
    if (!block_fits(w, BLOCK_HEADER_BYTES) && w->at.next_seq != w->first_seq) return fail(w, segment_seal(w));
    rc = bytes_reserve(w, BLOCK_HEADER_BYTES);
    struct block_header h = {.first_seq = w->at.next_seq,
                             .last_seq = w->at.next_seq - 1,
                             .first_ts_ns = w->at.last_ts_ns,
                             .last_ts_ns = w->at.last_ts_ns};
    bool continues = w->continues;
    if (rc == 0) rc = put_block(w, &h, NULL);
    w->continues = continues;
    if (rc == 0) rc = sync_blocks(w);
    w->covered = rc == 0;
    return fail(w, rc);
}

uint64_t tape_writer_last_seq(const struct tape_writer *w)
{
    return w->at.next_seq - 1;
}

bool tape_writer_continues(const struct tape_writer *w)
{
    return w->continues;
}

uint64_t tape_writer_durable_seq(const struct tape_writer *w)
{
    return w->durable_seq;
}

int64_t tape_writer_last_ts_ns(const struct tape_writer *w)
{
    return w->at.last_ts_ns == INT64_MIN ? 0 : w->at.last_ts_ns;
}

void tape_writer_chain_hash(const struct tape_writer *w, uint64_t *lo, uint64_t *hi)
{
    *lo = w->at.chain.lo;
    *hi = w->at.chain.hi;
}

uint64_t tape_writer_id(const struct tape_writer *w)
{
    return w->tape_id;
}

uint64_t tape_writer_bytes(const struct tape_writer *w)
{
    return w->written_bytes;
}

void tape_writer_abandon(struct tape_writer *w)
{
    if (!w) return;
    close_file(w);
    spare_free(w->spare);
    frame_packer_free(w->packer);
    free(w->entries);
    free(w->bytes);
    free(w);
}

int tape_writer_close(struct tape_writer *w)
{
    int rc = w->failed;
    if (rc == 0 && w->file) rc = segment_seal(w);
    tape_writer_abandon(w);
    return rc;
}

/* Opening: what is there is checked, and what a crash left behind is put right. */

struct opening {
    struct tape_writer *writer;
    struct tape_report *report;
    struct walk walk;
    struct tape_directory directory;
    bool last; /* the segment being checked is the tape's last */
    int rc;
};

static void see_block(void *arg, const struct chain_place *before, const struct block_header *h)
{
    struct opening *o = arg;
    if (o->rc == 0) o->rc = index_add(o->writer, before, h->first_ts_ns);
    o->writer->continues = block_is_marker(h) ? o->writer->continues : h->continues;
}

static int copy_bytes(const struct storage *s, struct storage_file *from, struct storage_file *to, uint64_t offset,
                      uint64_t end)
{
    uint8_t bytes[SET_ASIDE_CHUNK_BYTES];
    uint64_t written = 0;
    for (uint64_t at = offset; at < end;) {
        size_t want = end - at < sizeof bytes ? (size_t)(end - at) : sizeof bytes;
        int64_t n = s->read(s->ctx, from, bytes, want, at);
        if (n <= 0) return n < 0 ? (int)n : ERR_IO;
        int rc = s->write(s->ctx, to, bytes, (size_t)n, written);
        if (rc) return rc;
        at += (uint64_t)n;
        written += (uint64_t)n;
    }
    return s->sync(s->ctx, to);
}

/* Makes <segment>.torn-<n> with the first free n. */
static int create_aside(const struct tape_options *o, const char *segment, char name[64], struct storage_file **file)
{
    for (uint32_t n = 1;; n++) {
        char path[TAPE_PATH_BYTES_MAX];
        struct storage_file *there;
        (void)snprintf(name, 64, "%s.torn-%u", segment, n);
        tape_path(o, name, path);
        int rc = o->storage->open(o->storage->ctx, path, STORAGE_READ, &there);
        if (rc == ERR_NOT_FOUND) return o->storage->open(o->storage->ctx, path, STORAGE_CREATE | STORAGE_WRITE, file);
        if (rc) return rc;
        o->storage->close(o->storage->ctx, there);
    }
}

static int zero_bytes(const struct storage *s, struct storage_file *file, uint64_t offset, uint64_t end)
{
    static const uint8_t zeros[SET_ASIDE_CHUNK_BYTES];
    int rc = 0;
    while (rc == 0 && offset < end) {
        size_t count = end - offset < sizeof zeros ? (size_t)(end - offset) : sizeof zeros;
        rc = s->write(s->ctx, file, zeros, count, offset);
        offset += count;
    }
    return rc;
}

/* A torn tail: its bytes are kept for whoever wants to look, and only then the segment is zeroed. adopt_open_segment
 * syncs that before anything is appended. */
static int set_aside(const struct segment *s, const struct segment_check *c, struct tape_report *report)
{
    const struct tape_options *o = s->options;
    struct storage_file *aside;
    char name[64];
    int rc = create_aside(o, s->name, name, &aside);
    if (rc) return rc;
    rc = copy_bytes(o->storage, s->file, aside, c->end.offset, c->tail.dirty_end);
    o->storage->close(o->storage->ctx, aside);
    if (rc == 0) rc = o->storage->sync_dir(o->storage->ctx, o->dir);
    if (rc == 0) rc = zero_bytes(o->storage, s->file, c->end.offset, c->tail.dirty_end);
    if (rc) return rc;
    struct report_place place = {.dir = o->dir, .file = s->name, .offset = c->end.offset, .first_seq = c->end.next_seq};
    tape_report_add(report, &place,
                    "torn tail: %llu bytes never known to be synced were cut off after seq %llu (%s); kept in %s",
                    (unsigned long long)(c->tail.dirty_end - c->end.offset), (unsigned long long)(c->end.next_seq - 1),
                    c->why, name);
    return 0;
}

/* Goes on in the last segment, which was not sealed. The file is the writer's from here on. */
static int adopt_open_segment(struct tape_writer *w, struct segment *s, const struct segment_check *c)
{
    w->file = s->file;
    s->file = NULL;
    memcpy(w->name, s->name, sizeof w->name);
    w->first_seq = s->header.first_seq;
    w->size_bytes = s->size_bytes;
    /* What a killed process wrote, marker included, may be in memory only. */
    int rc = sync_file(w);
    w->durable_offset = w->at.offset;
    w->covered = c->last.first_seq == 0 || block_is_marker(&c->last);
    if (rc == 0 && s->header.rules_version != w->options.rules_version) rc = segment_seal(w);
    return rc;
}

static int settle_last_segment(struct opening *o, struct segment *s, const struct segment_check *c)
{
    const struct storage *storage = s->options->storage;
    int rc = 0;
    if (c->state == SEGMENT_SEALED) {
        /* A crash between the seal and the cut. */
        if (s->size_bytes > c->sealed_bytes) rc = storage->resize(storage->ctx, s->file, c->sealed_bytes);
        if (rc == 0) rc = storage->sync(storage->ctx, s->file);
        o->writer->entries_count = 0;
        return rc;
    }
    if (c->state == SEGMENT_TORN) rc = set_aside(s, c, o->report);
    return rc ? rc : adopt_open_segment(o->writer, s, c);
}

static int open_segment(struct opening *o, const struct directory_segment *d, int64_t last_ts_ns)
{
    struct tape_writer *w = o->writer;
    struct segment s;
    int rc = segment_open(&s, &w->options, d->first_seq, o->last ? STORAGE_WRITE : STORAGE_READ, o->report);
    if (rc) return rc;
    w->tape_id = s.header.tape_id;
    struct segment_check c = {.report = o->report, .payloads = !s.sealed};
    if (o->last) {
        c.each = see_block;
        c.each_arg = o;
    }
    rc = segment_check(&s, &o->walk, last_ts_ns, &c);
    if (rc == 0) rc = o->rc;
    if (rc == 0 && c.state == SEGMENT_DAMAGED) rc = ERR_CORRUPT;
    if (rc == 0) {
        w->at = c.end;
        w->durable_seq = c.end.next_seq - 1;
        w->covered = true;
        if (o->last) rc = settle_last_segment(o, &s, &c);
    }
    segment_close(&s);
    return rc;
}

/* Every segment is checked, also when one is damaged: the report should name all that is wrong. */
static int open_segments(struct opening *o)
{
    int rc = tape_directory_read(&o->writer->options, &o->directory, o->report);
    const struct tape_directory *d = &o->directory;
    for (uint32_t i = 0; i < d->count; i++) {
        o->last = i + 1 == d->count && rc == 0;
        if (!d->segments[i].opened) continue;
        int checked = open_segment(o, &d->segments[i], i ? d->segments[i - 1].last_ts_ns : INT64_MIN);
        if (rc == 0) rc = checked;
    }
    return rc;
}

static int new_tape_id(uint64_t *id)
{
    *id = 0;
    while (*id == 0)
        if (getrandom(id, sizeof *id, 0) != sizeof *id) return ERR_IO;
    return 0;
}

static void set_defaults(struct tape_options *o)
{
    if (o->segment_bytes == 0)
        o->segment_bytes = o->kind == TAPE_COMMANDS ? SEGMENT_BYTES_COMMANDS : SEGMENT_BYTES_EVENTS;
    o->segment_bytes = (o->segment_bytes + SEGMENT_STEP_BYTES - 1) / SEGMENT_STEP_BYTES * SEGMENT_STEP_BYTES;
    if (o->zstd_level == 0) o->zstd_level = 1;
}

static int open_tape(struct opening *o)
{
    struct tape_writer *w = o->writer;
    int rc = walk_init(&o->walk, CHECK_CHUNK_BYTES, true);
    if (rc == 0) rc = new_tape_id(&w->tape_id);
    if (rc == 0)
        rc = bytes_reserve(w, BUFFER_BYTES_FIRST); /* a block without a payload needs room for its header too */
    if (rc == 0) rc = frame_packer_new(w->options.zstd_level, &w->packer);
    if (rc == 0) rc = open_segments(o);
    if (rc == 0) rc = spare_new(&w->options, w->options.segment_bytes, o->directory.spare, &w->spare);
    if (rc) return rc;
    if (!w->file) spare_prepare(w->spare);
    return tape_writer_mark(w);
}

int tape_writer_open(const struct tape_options *options, struct tape_writer **out, struct tape_report *report)
{
    if (report) memset(report, 0, sizeof *report);
    if (options->rules_version == 0 || options->segment_bytes > SEGMENT_BYTES_MAX) return ERR_USAGE;
    struct tape_writer *w = calloc(1, sizeof *w);
    if (!w) return ERR_NO_MEMORY;
    w->options = *options;
    set_defaults(&w->options);
    w->at = (struct chain_place){.next_seq = 1, .last_ts_ns = INT64_MIN, .chain_known = true};
    w->covered = true;
    struct opening o = {.writer = w, .report = report};
    int rc = open_tape(&o);
    walk_free(&o.walk);
    tape_directory_free(&o.directory);
    if (rc) {
        tape_writer_abandon(w);
        return rc;
    }
    *out = w;
    return 0;
}
