/* journal/verify.c - the whole tape checked: every checksum, every payload, every link of the chain, and all that is
 * wrong named. It opens read-only, also beside a running writer. */
#include <string.h>

#include "core/error.h"
#include "journal/check.h"
#include "journal/directory.h"
#include "journal/report.h"

enum { VERIFY_CHUNK_BYTES = 1 << 18 };

struct progress {
    void (*call)(void *arg, uint64_t done, uint64_t total);
    void *arg;
    uint64_t base, total;
};

static void see_block(void *arg, const struct chain_place *before, const struct block_header *h)
{
    const struct progress *p = arg;
    p->call(p->arg, p->base + before->offset + BLOCK_HEADER_BYTES + h->stored_bytes, p->total);
}

/* A torn tail is no damage: nobody was told of what is in it. */
static void say_torn(const struct segment *s, const struct segment_check *c, struct tape_report *report)
{
    struct report_place place = {
        .dir = s->options->dir, .file = s->name, .offset = c->end.offset, .first_seq = c->end.next_seq};
    tape_report_add(report, &place,
                    "torn tail: %llu bytes after seq %llu were never known to be synced (%s); the next start sets them "
                    "aside",
                    (unsigned long long)(c->tail.dirty_end - c->end.offset), (unsigned long long)(c->end.next_seq - 1),
                    c->why);
}

static int verify_segment(const struct tape_options *o, const struct directory_segment *d, int64_t last_ts_ns,
                          struct walk *w, struct tape_report *report, struct progress *p)
{
    struct segment s;
    int rc = segment_open(&s, o, d->first_seq, STORAGE_READ, report);
    if (rc) return rc;
    struct segment_check c = {.report = report, .payloads = true, .each = p->call ? see_block : NULL, .each_arg = p};
    rc = segment_check(&s, w, last_ts_ns, &c);
    if (rc == 0 && c.state == SEGMENT_DAMAGED) rc = ERR_CORRUPT;
    if (rc == 0 && c.state == SEGMENT_TORN) say_torn(&s, &c, report);
    p->base += s.size_bytes;
    segment_close(&s);
    return rc;
}

int tape_verify(const struct tape_options *o, struct tape_report *report,
                void (*progress)(void *arg, uint64_t done, uint64_t total), void *arg)
{
    struct tape_report unused;
    if (!report) report = &unused;
    memset(report, 0, sizeof *report);
    struct tape_directory d;
    struct walk w = {0};
    int rc = tape_directory_read(o, &d, report);
    bool damaged = rc == ERR_CORRUPT || rc == ERR_VERSION;
    if (damaged) rc = 0;
    if (rc == 0) rc = walk_init(&w, VERIFY_CHUNK_BYTES, true);
    struct progress p = {.call = progress, .arg = arg};
    for (uint32_t i = 0; i < d.count; i++) p.total += d.segments[i].size_bytes;
    for (uint32_t i = 0; rc == 0 && i < d.count; i++) {
        if (!d.segments[i].opened) continue;
        int checked = verify_segment(o, &d.segments[i], i ? d.segments[i - 1].last_ts_ns : INT64_MIN, &w, report, &p);
        if (checked == ERR_CORRUPT || checked == ERR_VERSION)
            damaged = true;
        else
            rc = checked;
    }
    walk_free(&w);
    tape_directory_free(&d);
    return rc ? rc : damaged ? ERR_CORRUPT : 0;
}
