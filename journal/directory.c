/* journal/directory.c - see directory.h.
 * Links: a segment's head names the hash its predecessor's seal ends with, and its first seq is the one the seal says
 * comes next; so no segment can be missing, foreign or of another history. */
#include "journal/directory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/report.h"

enum { SEQ_DIGITS = 20 };

struct listing {
    const struct tape_options *options;
    struct tape_directory *directory;
    struct tape_report *report;
    int first_error;
};

static int keep_first(int first, int rc)
{
    return first ? first : rc;
}

/* 20 digits that fit 63 bits (19 digits always do). */
static bool parse_seq(const char *name, uint64_t *seq)
{
    uint64_t value = 0;
    for (int i = 0; i < SEQ_DIGITS; i++) {
        if (!isdigit((unsigned char)name[i])) return false;
        if (i == 0 && name[i] != '0') return false;
        value = value * 10 + (uint64_t)(name[i] - '0');
    }
    *seq = value;
    return value != 0 && value <= (uint64_t)INT64_MAX;
}

static int add_segment(struct tape_directory *d, uint64_t first_seq)
{
    if (d->count == d->capacity) {
        uint32_t capacity = d->capacity ? d->capacity * 2 : 64;
        struct directory_segment *more = realloc(d->segments, capacity * sizeof *more);
        if (!more) return ERR_NO_MEMORY;
        d->segments = more;
        d->capacity = capacity;
    }
    d->segments[d->count++] = (struct directory_segment){.first_seq = first_seq};
    return 0;
}

static bool is_spare(const char *name)
{
    size_t len = strlen(name);
    return len >= 10 && strncmp(name, "spare-", 6) == 0 && strcmp(name + len - 4, ".tmp") == 0;
}

static int see_entry(void *arg, const char *name)
{
    struct listing *l = arg;
    uint64_t seq;
    if (parse_seq(name, &seq) && strcmp(name + SEQ_DIGITS, ".seg") == 0) return add_segment(l->directory, seq);
    if (parse_seq(name, &seq) && strncmp(name + SEQ_DIGITS, ".seg.torn-", 10) == 0) return 0;
    if (is_spare(name)) {
        if (strlen(name) < sizeof l->directory->spare) memcpy(l->directory->spare, name, strlen(name) + 1);
        return 0;
    }
    struct report_place place = {.dir = l->options->dir, .file = name, .damage = true};
    tape_report_add(l->report, &place, "this does not belong in a tape's directory; move it away");
    l->first_error = keep_first(l->first_error, ERR_CORRUPT);
    return 0;
}

static int compare_segments(const void *a, const void *b)
{
    uint64_t x = ((const struct directory_segment *)a)->first_seq, y = ((const struct directory_segment *)b)->first_seq;
    return x < y ? -1 : x > y;
}

static int read_segment(const struct listing *l, struct directory_segment *d)
{
    struct segment s;
    int rc = segment_open(&s, l->options, d->first_seq, STORAGE_READ, l->report);
    if (rc) return rc;
    d->opened = true;
    d->sealed = s.sealed;
    d->next_seq = s.trailer.next_seq;
    d->last_ts_ns = s.trailer.last_ts_ns;
    d->chain = s.trailer.chain;
    d->size_bytes = s.size_bytes;
    d->rules_version = s.header.rules_version;
    d->tape_id = s.header.tape_id;
    d->previous = s.header.previous;
    segment_close(&s);
    return 0;
}

static int link_fault(const struct listing *l, const struct directory_segment *d, uint64_t missing_from, int rc,
                      const char *why)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(missing_from ? missing_from : d->first_seq, name);
    struct report_place place = {.dir = l->options->dir,
                                 .file = name,
                                 .damage = true,
                                 .first_seq = missing_from ? missing_from : d->first_seq,
                                 .last_seq = missing_from ? d->first_seq - 1 : 0};
    tape_report_add(l->report, &place, "%s", why);
    return rc;
}

static bool chain_equal(const struct chain_hash *a, const struct chain_hash *b)
{
    return a->lo == b->lo && a->hi == b->hi;
}

/* before: NULL for the first segment. */
static int check_link(const struct listing *l, const struct directory_segment *before,
                      const struct directory_segment *d)
{
    uint32_t rules = l->options->rules_version;
    if (rules && d->rules_version > rules)
        return link_fault(l, d, 0, ERR_VERSION,
                          "the segment was written under rules this program does not know; use a newer one");
    if (d->rules_version < l->options->rules_version_oldest)
        return link_fault(
            l, d, 0, ERR_VERSION,
            "the segment was written under rules this program no longer folds; use the one that wrote it");
    if (!before) {
        if (d->first_seq != 1)
            return link_fault(l, d, 1, ERR_CORRUPT, "segments are missing at the tape's beginning; restore them");
        struct chain_hash none = {0};
        return chain_equal(&d->previous, &none)
                   ? 0
                   : link_fault(l, d, 0, ERR_CORRUPT, "the first segment names one before it");
    }
    if (d->tape_id != before->tape_id)
        return link_fault(l, d, 0, ERR_CORRUPT,
                          "the segment belongs to another tape; move it away and restore the right one");
    if (!before->sealed)
        return link_fault(l, before, 0, ERR_CORRUPT,
                          "the segment was never sealed, yet another follows it; restore it from a copy");
    if (d->first_seq > before->next_seq)
        return link_fault(l, d, before->next_seq, ERR_CORRUPT, "segments are missing here; restore them from a copy");
    if (d->first_seq < before->next_seq)
        return link_fault(l, d, 0, ERR_CORRUPT, "the segment's seqs are in the one before it already; move it away");
    if (!chain_equal(&d->previous, &before->chain))
        return link_fault(l, d, 0, ERR_CORRUPT,
                          "the segment does not continue the one before it: another history; restore the right one");
    return 0;
}

int tape_directory_read(const struct tape_options *o, struct tape_directory *d, struct tape_report *report)
{
    memset(d, 0, sizeof *d);
    struct listing l = {.options = o, .directory = d, .report = report};
    int rc = o->storage->list(o->storage->ctx, o->dir, see_entry, &l);
    if (rc) return rc;
    rc = l.first_error;
    if (d->count) qsort(d->segments, d->count, sizeof *d->segments, compare_segments);
    for (uint32_t i = 0; i < d->count; i++) {
        struct directory_segment *s = &d->segments[i];
        int opened = read_segment(&l, s);
        if (opened == ERR_IO || opened == ERR_NO_MEMORY) return opened;
        rc = keep_first(rc, opened);
        if (s->opened && (i == 0 || s[-1].opened)) rc = keep_first(rc, check_link(&l, i ? s - 1 : NULL, s));
    }
    return rc;
}

void tape_directory_free(struct tape_directory *d)
{
    free(d->segments);
    memset(d, 0, sizeof *d);
}
