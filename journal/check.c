/* journal/check.c - damage and torn tails told apart.
 * The longest valid chain is kept. Behind it, every intact header in the rest of the segment says how far the tape was
 * known to be synced when it was written (durable_seq, durable_offset). When the first bad block lies within that, it
 * was acknowledged and is now damaged; when it lies above, nobody was ever told of it and it is a torn tail. In a
 * sealed segment everything had been synced.
 *
 *   | good | good | BAD | good: durable_seq covers BAD | 0000        damage
 *   | good | good | BAD | good: does not              | 0000        torn */
#include "journal/check.h"

#include <stdlib.h>

#include "core/error.h"
#include "journal/report.h"

/* After this many damaged places in one segment the rest is not searched: the finding list is full long before. */
enum { RESUMES_MAX = TAPE_FINDINGS_MAX };

struct checking {
    struct segment *segment;
    struct walk *walk;
    struct segment_check *c;
    uint32_t resumes;
    uint64_t retried_offset; /* where bad bytes were read a second time: a writer may have been in the middle of them */
};

static void say_damage(const struct checking *k, uint64_t offset, uint64_t first_seq, uint64_t last_seq,
                       const char *why)
{
    struct report_place place = {.dir = k->segment->options->dir,
                                 .file = k->segment->name,
                                 .offset = offset,
                                 .first_seq = first_seq,
                                 .last_seq = last_seq,
                                 .damage = true};
    tape_report_add(k->c->report, &place,
                    "%s; acknowledged data is damaged: restore this file from a copy, nothing was changed", why);
    k->c->state = SEGMENT_DAMAGED;
}

/* Bad bytes in a sealed segment: report them, and go on at the next intact header so that all that is wrong is named.
 * Returns 1 to go on, 0 to stop, or an error. */
static int pass_damage(struct checking *k, const char *why)
{
    struct walk *w = k->walk;
    struct tail t;
    int rc = tail_scan(k->segment, w->at.offset + 1, &t);
    if (rc) return rc;
    bool resume = t.intact_offset && t.intact_offset < segment_blocks_end(k->segment) && t.intact_seq >= w->at.next_seq;
    uint64_t behind = resume ? t.intact_seq : k->segment->trailer.next_seq;
    say_damage(k, w->at.offset, w->at.next_seq, behind > w->at.next_seq ? behind - 1 : 0, why);
    if (!resume || ++k->resumes == RESUMES_MAX) return 0;
    w->at.offset = t.intact_offset;
    w->at.next_seq = t.intact_seq;
    w->at.chain_known = false;
    return 1;
}

/* The blocks of a sealed segment are all there: do they end as the seal says, and is the rest of the file as it should
 * be? */
static int check_seal_matches(struct checking *k)
{
    struct segment *s = k->segment;
    const struct chain_place *at = &k->walk->at;
    const struct seal_trailer *t = &s->trailer;
    uint8_t *index;
    size_t index_bytes = 0;
    const char *why;
    int rc = segment_index_read(s, &index, &index_bytes, &why);
    if (rc == ERR_CORRUPT) {
        say_damage(k, t->index_offset, s->header.first_seq, t->next_seq - 1, why);
        return 0;
    }
    if (rc) return rc;
    k->c->sealed_bytes = seal_bytes(t->index_offset, seal_entry_count(index));
    k->c->sealed_bytes += t->index_offset;
    free(index);
    if (k->c->state == SEGMENT_DAMAGED) return 0;
    k->c->state = SEGMENT_SEALED;
    if (at->next_seq != t->next_seq || at->chain.lo != t->chain.lo || at->chain.hi != t->chain.hi ||
        at->last_ts_ns != t->last_ts_ns)
        say_damage(k, t->index_offset, at->next_seq, 0, "the seal does not match the last block");
    bool zero;
    rc = bytes_are_zero_from(s->options->storage, s->file, k->c->sealed_bytes, &zero);
    if (rc == 0 && !zero) say_damage(k, k->c->sealed_bytes, 0, 0, "there is something behind the segment's seal");
    return rc;
}

/* The valid chain of a segment that was not sealed ends. Returns 1 when the walk should look again. */
static int judge_tail(struct checking *k, int met, const char *why)
{
    struct segment_check *c = k->c;
    struct segment *s = k->segment;
    uint64_t offset = k->walk->at.offset;
    if (segment_seal_find(s, offset)) return 1;
    int rc = tail_scan(s, offset, &c->tail);
    if (rc) return rc;
    bool dirty = met == ERR_CORRUPT || c->tail.dirty_end > offset;
    if (dirty && k->retried_offset != offset) {
        k->retried_offset = offset;
        walk_refresh(k->walk);
        rc = segment_refresh(s);
        return rc ? rc : 1;
    }
    uint64_t next_seq = k->walk->at.next_seq;
    c->state = dirty ? SEGMENT_TORN : SEGMENT_OPEN;
    c->why = met == ERR_CORRUPT ? why : "there are bytes behind a gap";
    if (dirty && tail_is_damage(&c->tail, offset, next_seq))
        say_damage(k, offset, next_seq, c->tail.durable_seq >= next_seq ? c->tail.durable_seq : 0, c->why);
    return 0;
}

static int walk_block(struct checking *k, const char **why)
{
    struct block_header h;
    struct chain_place before = k->walk->at;
    int rc = walk_peek(k->walk, &h, why);
    if (rc) return rc;
    const uint8_t *payload;
    rc = walk_take(k->walk, &h, k->c->payloads ? &payload : NULL, why);
    if (rc) return rc;
    k->c->last = h;
    if (k->c->each) k->c->each(k->c->each_arg, &before, &h);
    return 0;
}

int segment_check(struct segment *s, struct walk *w, int64_t last_ts_ns, struct segment_check *c)
{
    struct checking k = {.segment = s, .walk = w, .c = c};
    c->state = 0;
    c->last = (struct block_header){0};
    walk_begin(w, s, last_ts_ns);
    int rc = 1;
    while (rc == 1) {
        const char *why = "";
        int met = walk_block(&k, &why);
        if (met == 0) continue;
        if (met != ERR_END && met != ERR_CORRUPT) return met;
        if (!s->sealed)
            rc = judge_tail(&k, met, why);
        else
            rc = met == ERR_CORRUPT ? pass_damage(&k, why) : 0;
    }
    c->end = w->at;
    if (rc == 0 && s->sealed) rc = check_seal_matches(&k);
    return rc;
}
