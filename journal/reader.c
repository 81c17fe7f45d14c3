/* journal/reader.c - reads a tape, also one that grows.
 * What must stay true: a block is returned only after it was checked whole, in its place in the chain, and, unless all
 * bytes were asked for, only when a durable_seq on disk, or a seal, says that it was synced. Where the tape ends for
 * now is found again at every call.
 *
 * In an open segment two walks run: `walk` returns blocks, `ahead` reads headers only, to learn the largest
 * durable_seq.
 *
 *   | header | block | block | block | block | marker | 0000
 *                ^walk                     ^ durable_seq    ^ahead */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/check.h"
#include "journal/directory.h"
#include "journal/report.h"

enum { WALK_CHUNK_BYTES = 1 << 18, AHEAD_CHUNK_BYTES = 1 << 16 };

/* How far an open segment is known to be synced. */
struct horizon {
    struct walk walk;
    uint64_t durable_seq, durable_offset; /* the largest seen */
};

struct tape_reader {
    struct tape_options options;
    struct tape_report *report;
    bool all_bytes;
    struct tape_directory directory; /* as it was at open: where a seek begins */
    bool open;                       /* segment is */
    struct segment segment;
    struct walk walk;
    bool in_parts; /* the block before the walk's place says that records of its last seq go on in the next */
    struct horizon ahead;
    uint64_t retried_offset; /* where bad bytes were read a second time in this call; 0 none */
    bool torn_reported;
    uint64_t tape_id;
    uint32_t rules_version;
};

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Goes on to the last header that follows. Finds out, too, when the writer has sealed the segment. */
static int horizon_advance(struct horizon *a)
{
    struct segment *s = a->walk.segment;
    struct block_header h;
    const char *why;
    walk_refresh(&a->walk);
    int rc = segment_refresh(s);
    while (rc == 0 && !s->sealed && (rc = walk_peek(&a->walk, &h, &why)) == 0) {
        a->durable_seq = max_u64(a->durable_seq, h.durable_seq);
        a->durable_offset = max_u64(a->durable_offset, h.durable_offset);
        walk_skip(&a->walk, &h);
    }
    if (rc == ERR_CORRUPT) (void)segment_seal_find(s, a->walk.at.offset);
    return rc == ERR_CORRUPT || rc == ERR_END ? 0 : rc;
}

/* What lies behind the last header that follows: a torn tail says nothing, damage shows by what intact headers claim.
 */
static int horizon_begin(struct horizon *a, struct segment *s)
{
    walk_begin(&a->walk, s, INT64_MIN);
    a->durable_seq = a->durable_offset = 0;
    int rc = horizon_advance(a);
    if (rc || s->sealed) return rc;
    struct tail t;
    rc = tail_scan(s, a->walk.at.offset, &t);
    if (rc) return rc;
    a->durable_seq = max_u64(a->durable_seq, t.durable_seq);
    a->durable_offset = max_u64(a->durable_offset, t.durable_offset);
    return 0;
}

static int enter_segment(struct tape_reader *r, uint64_t first_seq, int64_t last_ts_ns)
{
    struct segment s;
    int rc = segment_open(&s, &r->options, first_seq, STORAGE_READ, r->report);
    if (rc) return rc;
    if (r->open) segment_close(&r->segment);
    r->segment = s;
    r->open = true;
    r->tape_id = s.header.tape_id;
    r->rules_version = s.header.rules_version;
    r->retried_offset = 0;
    r->in_parts = false;
    walk_begin(&r->walk, &r->segment, last_ts_ns);
    return horizon_begin(&r->ahead, &r->segment);
}

static struct report_place place_of(const struct tape_reader *r, bool damage)
{
    return (struct report_place){.dir = r->options.dir,
                                 .file = r->segment.name,
                                 .offset = r->walk.at.offset,
                                 .first_seq = r->walk.at.next_seq,
                                 .damage = damage};
}

static int say_damage(struct tape_reader *r, const char *why)
{
    struct report_place place = place_of(r, true);
    tape_report_add(r->report, &place, "%s; the tape is damaged here: restore this file from a copy", why);
    return ERR_CORRUPT;
}

/* From a sealed segment whose blocks are all read to the next one. ERR_END: there is none yet. */
static int next_segment(struct tape_reader *r)
{
    const struct seal_trailer t = r->segment.trailer;
    const struct chain_place at = r->walk.at;
    if (at.next_seq != t.next_seq || at.chain.lo != t.chain.lo || at.chain.hi != t.chain.hi)
        return say_damage(r, "the seal does not match the last block");
    uint64_t tape_id = r->tape_id;
    int rc = enter_segment(r, t.next_seq, at.last_ts_ns);
    if (rc == ERR_NOT_FOUND) return ERR_END;
    if (rc) return rc;
    const struct segment_header *h = &r->segment.header;
    if (h->tape_id != tape_id) return say_damage(r, "the segment belongs to another tape");
    if (h->previous.lo != at.chain.lo || h->previous.hi != at.chain.hi)
        return say_damage(r, "the segment does not continue the one before it");
    return 0;
}

/* The walk met bad bytes, or zeros in an open segment. 0: look again; ERR_END: the tape ends here for now;
 * ERR_CORRUPT. What was read may be old, or a block that the writer is just writing: it is read a second time before
 * it is judged. */
static int settle(struct tape_reader *r, int met, const char *why)
{
    uint64_t offset = r->walk.at.offset;
    int rc = horizon_advance(&r->ahead);
    if (rc) return rc;
    bool changed = r->segment.sealed || r->ahead.walk.at.offset > offset;
    if ((changed || met == ERR_CORRUPT) && r->retried_offset != offset) {
        r->retried_offset = offset;
        walk_refresh(&r->walk);
        return 0;
    }
    r->retried_offset = 0;
    if (r->segment.sealed ||
        tail_is_damage(&(struct tail){.durable_seq = r->ahead.durable_seq, .durable_offset = r->ahead.durable_offset},
                       offset, r->walk.at.next_seq))
        return say_damage(r, why);
    if (met == ERR_CORRUPT && r->all_bytes && !r->torn_reported) {
        struct report_place place = place_of(r, false);
        tape_report_add(r->report, &place, "torn tail: what follows was never known to be synced (%s)", why);
        r->torn_reported = true;
    }
    return ERR_END;
}

static uint64_t durable_limit(const struct tape_reader *r)
{
    return r->segment.sealed ? r->segment.trailer.next_seq - 1 : r->ahead.durable_seq;
}

/* May this block be told of? A sealed segment may end in the middle of a command's events: then the next ones say. */
static int check_durable(struct tape_reader *r, const struct block_header *h)
{
    if (r->all_bytes || h->last_seq <= durable_limit(r)) return 0;
    int rc = horizon_advance(&r->ahead);
    if (rc) return rc;
    uint64_t limit = durable_limit(r);
    if (h->last_seq > limit && r->segment.sealed) rc = tape_reader_last_seq(r, &limit);
    if (rc) return rc;
    return h->last_seq <= limit ? 0 : ERR_END;
}

/* The header at the walk's place when the reader may read that block, passing from segment to segment. */
static int peek_allowed(struct tape_reader *r, struct block_header *h)
{
    for (;;) {
        const char *why = "zeros where a block was known to be";
        if (!r->open) {
            int rc = enter_segment(r, 1, INT64_MIN);
            if (rc) return rc == ERR_NOT_FOUND ? ERR_END : rc;
        }
        int rc = walk_peek(&r->walk, h, &why);
        if (rc == 0) return check_durable(r, h);
        if (rc == ERR_END && r->segment.sealed)
            rc = next_segment(r);
        else if (rc == ERR_END || rc == ERR_CORRUPT)
            rc = settle(r, rc, why);
        if (rc) return rc;
    }
}

static void fill_block(const struct block_header *h, uint64_t offset, const uint8_t *payload, struct tape_block *out)
{
    *out = (struct tape_block){
        .first_seq = h->first_seq,
        .last_seq = h->last_seq,
        .count = h->count,
        .first_ts_ns = h->first_ts_ns,
        .last_ts_ns = h->last_ts_ns,
        .durable_seq = h->durable_seq,
        .has_digest = h->has_digest,
        .continues = h->continues,
        .digest = h->digest,
        .payload = payload,
        .payload_bytes = h->payload_bytes,
        .chain_hash_lo = h->chain.lo,
        .chain_hash_hi = h->chain.hi,
        .offset = offset,
        .stored_bytes = BLOCK_HEADER_BYTES + h->stored_bytes,
    };
}

int tape_reader_next(struct tape_reader *r, struct tape_block *out)
{
    for (;;) {
        struct block_header h;
        int rc = peek_allowed(r, &h);
        if (rc) return rc;
        uint64_t offset = r->walk.at.offset;
        const uint8_t *payload;
        const char *why;
        rc = walk_take(&r->walk, &h, &payload, &why);
        if (rc == ERR_CORRUPT) rc = settle(r, rc, why);
        if (rc) return rc;
        if (offset == r->walk.at.offset || h.count == 0) continue; /* to be read again; or a marker */
        r->in_parts = h.continues;
        fill_block(&h, offset, payload, out);
        return 0;
    }
}

/* The segment where a seek begins: the last one for which `before` is true, else the first. */
static uint32_t seek_segment(const struct tape_reader *r, bool by_time, uint64_t seq, int64_t ts_ns)
{
    const struct tape_directory *d = &r->directory;
    uint32_t low = 0, high = d->count;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        /* A segment that begins with seq may go on with what an earlier one began: strictly before. */
        bool before = by_time ? d->segments[middle - 1].last_ts_ns < ts_ns : d->segments[middle].first_seq < seq;
        if (before)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int place_by_index(struct tape_reader *r, bool by_time, uint64_t seq, int64_t ts_ns)
{
    uint8_t *index;
    size_t index_bytes;
    const char *why;
    int rc = segment_index_read(&r->segment, &index, &index_bytes, &why);
    if (rc == ERR_CORRUPT) return say_damage(r, why);
    if (rc) return rc;
    uint32_t low = 0, high = seal_entry_count(index);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct seal_entry e = seal_entry_at(index, middle);
        if (by_time ? e.first_ts_ns < ts_ns : e.first_seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0) {
        struct seal_entry e = seal_entry_at(index, low - 1);
        walk_place(&r->walk, &e);
    }
    free(index);
    return 0;
}

/* Ahead of where the reader stands in a segment that is still written, which has no index: who asks for seqs in ascending order
 * walks over each header once. A block that is behind may hold the first records of next_seq. */
static bool is_ahead(const struct tape_reader *r, uint64_t segment_first_seq, uint64_t seq)
{
    return r->open && !r->segment.sealed && r->segment.header.first_seq == segment_first_seq &&
           (r->walk.at.next_seq < seq || (r->walk.at.next_seq == seq && !r->in_parts));
}

static int seek(struct tape_reader *r, bool by_time, uint64_t seq, int64_t ts_ns)
{
    uint32_t i = seek_segment(r, by_time, seq, ts_ns);
    uint64_t first_seq = i < r->directory.count ? r->directory.segments[i].first_seq : 1;
    int rc = 0;
    if (by_time || !is_ahead(r, first_seq, seq)) {
        rc = enter_segment(r, first_seq, INT64_MIN);
        if (rc == ERR_NOT_FOUND) return ERR_END;
        if (rc == 0 && r->segment.sealed) rc = place_by_index(r, by_time, seq, ts_ns);
    }
    while (rc == 0) {
        struct block_header h;
        rc = peek_allowed(r, &h);
        if (rc == 0 && h.count && (by_time ? h.last_ts_ns >= ts_ns : h.last_seq >= seq)) return 0;
        if (rc != 0) break;
        walk_skip(&r->walk, &h);
        if (h.count) r->in_parts = h.continues;
    }
    return rc;
}

int tape_reader_seek_seq(struct tape_reader *r, uint64_t seq)
{
    return seek(r, false, seq, 0);
}

int tape_reader_seek_time(struct tape_reader *r, int64_t ts_ns)
{
    return seek(r, true, 0, ts_ns);
}

/* Where an open segment ends for a reader: the valid chain with every payload looked at, or what is known to be
 * synced. */
static int end_seq(struct segment *s, bool all_bytes, uint64_t *seq)
{
    struct horizon a = {0};
    int rc = walk_init(&a.walk, WALK_CHUNK_BYTES, all_bytes);
    if (rc) return rc;
    struct segment_check c = {.payloads = true};
    *seq = s->header.first_seq - 1;
    if (s->sealed)
        *seq = s->trailer.next_seq - 1;
    else if (all_bytes && (rc = segment_check(s, &a.walk, INT64_MIN, &c)) == 0)
        *seq = c.end.next_seq - 1;
    else if (!all_bytes && (rc = horizon_begin(&a, s)) == 0)
        *seq = s->sealed ? s->trailer.next_seq - 1 : max_u64(*seq, a.durable_seq);
    walk_free(&a.walk);
    return rc;
}

int tape_reader_last_seq(struct tape_reader *r, uint64_t *seq)
{
    struct tape_directory d;
    struct segment s;
    *seq = 0;
    int rc = tape_directory_read(&r->options, &d, NULL);
    bool any = rc == 0 && d.count;
    if (any) rc = segment_open(&s, &r->options, d.segments[d.count - 1].first_seq, STORAGE_READ, NULL);
    if (any && rc == 0) {
        rc = end_seq(&s, r->all_bytes, seq);
        segment_close(&s);
    }
    tape_directory_free(&d);
    return rc;
}

int tape_reader_refuse(struct tape_reader *r, const struct tape_block *b, const char *why)
{
    struct report_place place = {.dir = r->options.dir,
                                 .file = r->segment.name,
                                 .offset = b->offset,
                                 .first_seq = b->first_seq,
                                 .last_seq = b->last_seq,
                                 .damage = true};
    tape_report_add(r->report, &place, "%s; the bytes are as they were written: another program wrote them", why);
    return ERR_CORRUPT;
}

uint64_t tape_reader_id(const struct tape_reader *r)
{
    return r->tape_id;
}

uint32_t tape_reader_rules_version(const struct tape_reader *r)
{
    return r->rules_version;
}

void tape_reader_close(struct tape_reader *r)
{
    if (!r) return;
    if (r->open) segment_close(&r->segment);
    walk_free(&r->walk);
    walk_free(&r->ahead.walk);
    tape_directory_free(&r->directory);
    free(r);
}

int tape_reader_open(const struct tape_options *o, bool all_bytes, struct tape_reader **out, struct tape_report *report)
{
    if (report) memset(report, 0, sizeof *report);
    struct tape_reader *r = calloc(1, sizeof *r);
    if (!r) return ERR_NO_MEMORY;
    r->options = *o;
    r->report = report;
    r->all_bytes = all_bytes;
    int rc = walk_init(&r->walk, WALK_CHUNK_BYTES, true);
    if (rc == 0) rc = walk_init(&r->ahead.walk, AHEAD_CHUNK_BYTES, false);
    if (rc == 0) rc = tape_directory_read(&r->options, &r->directory, report);
    if (rc == 0 && r->directory.count) rc = enter_segment(r, r->directory.segments[0].first_seq, INT64_MIN);
    if (rc) {
        tape_reader_close(r);
        return rc;
    }
    *out = r;
    return 0;
}
