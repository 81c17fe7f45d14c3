/* journal/records.c - a tape joined with the codec: blocks on one side, single commands and events on the other.
 * What must stay true: a record is handed out only from a block that verified; its seq and time lie inside what the
 * block's header says. */
#include "journal/records.h"

#include <stdlib.h>

#include "core/error.h"
#include "proto/codec.h"

/* Commands are read out of a block a window at a time, so that whoever folds them can see what comes next. */
enum { WINDOW_COMMANDS = 128 };

struct command_reader {
    struct tape_reader *tape;
    struct command_decoder *decoder;
    struct tape_block block;
    bool in_block;
    uint64_t from_seq; /* a seek's: records before it are passed over */
    int64_t from_ts_ns;
    uint32_t window_count, window_next; /* window[window_next - 1] was returned last */
    struct command window[WINDOW_COMMANDS];
};

int command_reader_open(const struct tape_options *o, bool all_bytes, struct command_reader **out,
                        struct tape_report *report)
{
    struct command_reader *r = calloc(1, sizeof *r);
    if (!r) return ERR_NO_MEMORY;
    r->from_ts_ns = INT64_MIN;
    int rc = tape_reader_open(o, all_bytes, &r->tape, report);
    if (rc == 0) rc = command_decoder_new(&r->decoder);
    if (rc) {
        command_reader_close(r);
        return rc;
    }
    *out = r;
    return 0;
}

void command_reader_close(struct command_reader *r)
{
    if (!r) return;
    if (r->decoder) command_decoder_free(r->decoder);
    tape_reader_close(r->tape);
    free(r);
}

/* Ahead in the block at hand: no block has to be unpacked again. */
static bool command_is_ahead(const struct command_reader *r, uint64_t seq)
{
    return r->window_next > 0 && r->window[r->window_next - 1].seq < seq && seq <= r->block.last_seq;
}

int command_reader_seek_seq(struct command_reader *r, uint64_t seq)
{
    if (command_is_ahead(r, seq)) {
        r->from_seq = seq;
        r->from_ts_ns = INT64_MIN;
        return 0;
    }
    r->in_block = false;
    r->window_count = r->window_next = 0;
    r->from_seq = seq;
    r->from_ts_ns = INT64_MIN;
    return tape_reader_seek_seq(r->tape, seq);
}

int command_reader_seek_time(struct command_reader *r, int64_t ts_ns)
{
    r->in_block = false;
    r->window_count = r->window_next = 0;
    r->from_seq = 0;
    r->from_ts_ns = ts_ns;
    return tape_reader_seek_time(r->tape, ts_ns);
}

static int next_command_block(struct command_reader *r)
{
    int rc = tape_reader_next(r->tape, &r->block);
    if (rc) return rc;
    rc =
        command_decoder_start(r->decoder, r->block.payload, r->block.payload_bytes, r->block.first_seq, r->block.count);
    if (rc == ERR_CORRUPT) return tape_reader_refuse(r->tape, &r->block, "the block is no block of commands");
    r->in_block = rc == 0;
    return rc;
}

/* Fills the window from the block. ERR_END: the block has no more. */
static int fill_window(struct command_reader *r)
{
    int rc = 0;
    r->window_count = r->window_next = 0;
    while (r->window_count < WINDOW_COMMANDS) {
        struct command *c = &r->window[r->window_count];
        rc = command_decoder_next(r->decoder, c);
        if (rc == 0 && (c->ts_ns < r->block.first_ts_ns || c->ts_ns > r->block.last_ts_ns)) rc = ERR_CORRUPT;
        if (rc) break;
        r->window_count++;
    }
    if (rc == ERR_CORRUPT) return tape_reader_refuse(r->tape, &r->block, "a command of the block cannot be read");
    return r->window_count > 0 ? 0 : rc;
}

int command_reader_next(struct command_reader *r, const struct command **out)
{
    for (;;) {
        if (r->window_next < r->window_count) {
            const struct command *c = &r->window[r->window_next++];
            if (c->seq < r->from_seq || c->ts_ns < r->from_ts_ns) continue;
            *out = c;
            return 0;
        }
        int rc = r->in_block ? 0 : next_command_block(r);
        if (rc) return rc;
        rc = fill_window(r);
        if (rc == ERR_END)
            r->in_block = false;
        else if (rc)
            return rc;
    }
}

void command_reader_window(const struct command_reader *r, const struct command **commands, uint32_t *count,
                           uint32_t *at)
{
    *commands = r->window;
    *count = r->window_count;
    *at = r->window_next == 0 ? 0 : r->window_next - 1;
}

bool command_reader_digest(const struct command_reader *r, struct digest *out)
{
    if (!r->block.has_digest || r->window_next == 0 || r->window[r->window_next - 1].seq != r->block.last_seq)
        return false;
    *out = r->block.digest;
    return true;
}

void command_reader_chain_hash(const struct command_reader *r, uint64_t *lo, uint64_t *hi)
{
    *lo = r->block.chain_hash_lo;
    *hi = r->block.chain_hash_hi;
}

uint64_t command_reader_tape_id(const struct command_reader *r)
{
    return tape_reader_id(r->tape);
}

struct event_reader {
    struct tape_reader *tape;
    struct event_decoder *decoder;
    struct tape_block block;
    bool in_block;
    uint64_t from_seq;
    struct event event;
};

int event_reader_open(const struct tape_options *o, bool all_bytes, struct event_reader **out,
                      struct tape_report *report)
{
    struct event_reader *r = calloc(1, sizeof *r);
    if (!r) return ERR_NO_MEMORY;
    int rc = tape_reader_open(o, all_bytes, &r->tape, report);
    if (rc == 0) rc = event_decoder_new(&r->decoder);
    if (rc) {
        event_reader_close(r);
        return rc;
    }
    *out = r;
    return 0;
}

void event_reader_close(struct event_reader *r)
{
    if (!r) return;
    if (r->decoder) event_decoder_free(r->decoder);
    tape_reader_close(r->tape);
    free(r);
}

/* As command_is_ahead. */
static bool event_is_ahead(const struct event_reader *r, uint64_t seq)
{
    return r->in_block && r->event.seq >= r->block.first_seq && r->event.seq < seq && seq <= r->block.last_seq;
}

int event_reader_seek_seq(struct event_reader *r, uint64_t seq)
{
    if (event_is_ahead(r, seq)) {
        r->from_seq = seq;
        return 0;
    }
    r->in_block = false;
    r->from_seq = seq;
    return tape_reader_seek_seq(r->tape, seq);
}

static int next_event_block(struct event_reader *r)
{
    int rc = tape_reader_next(r->tape, &r->block);
    if (rc) return rc;
    rc = event_decoder_start(r->decoder, r->block.payload, r->block.payload_bytes, r->block.count);
    if (rc == ERR_CORRUPT) return tape_reader_refuse(r->tape, &r->block, "the block is no block of events");
    r->in_block = rc == 0;
    return rc;
}

int event_reader_next(struct event_reader *r, const struct event **out)
{
    for (;;) {
        if (!r->in_block) {
            int rc = next_event_block(r);
            if (rc) return rc;
        }
        int rc = event_decoder_next(r->decoder, &r->event);
        if (rc == ERR_END) {
            r->in_block = false;
            continue;
        }
        const struct event *e = &r->event;
        if (rc == 0 && (e->seq < r->block.first_seq || e->seq > r->block.last_seq)) rc = ERR_CORRUPT;
        if (rc == ERR_CORRUPT) return tape_reader_refuse(r->tape, &r->block, "an event of the block cannot be read");
        if (rc) return rc;
        if (e->seq < r->from_seq) continue;
        *out = e;
        return 0;
    }
}

int event_reader_last_seq(struct event_reader *r, uint64_t *seq)
{
    return tape_reader_last_seq(r->tape, seq);
}

void event_reader_chain_hash(const struct event_reader *r, uint64_t *lo, uint64_t *hi)
{
    *lo = r->block.chain_hash_lo;
    *hi = r->block.chain_hash_hi;
}

struct event_writer {
    struct tape_writer *tape;
    struct event_encoder *encoder;
    uint64_t next_seq;   /* the first command of the next block */
    uint64_t resume_seq; /* of this command the events below resume_index are on the tape; 0: none */
    uint32_t resume_index;
    int64_t first_ts_ns, last_ts_ns; /* of what the encoder holds */
    uint64_t last_seq;
};

/* How much is there of a command whose events a crash cut. */
static int find_resume_point(struct event_writer *w, const struct tape_options *o)
{
    if (!tape_writer_continues(w->tape)) return 0;
    struct event_reader *r;
    struct tape_report report;
    int rc = event_reader_open(o, true, &r, &report);
    if (rc) return rc;
    const struct event *e;
    rc = event_reader_seek_seq(r, w->next_seq);
    while (rc == 0 && (rc = event_reader_next(r, &e)) == 0) {
        w->resume_seq = e->seq;
        w->resume_index = e->index + 1;
    }
    event_reader_close(r);
    if (rc != ERR_END) return rc;
    return w->resume_seq == w->next_seq ? 0 : ERR_CORRUPT;
}

int event_writer_open(const struct tape_options *o, struct event_writer **out, struct tape_report *report)
{
    struct event_writer *w = calloc(1, sizeof *w);
    if (!w) return ERR_NO_MEMORY;
    int rc = tape_writer_open(o, &w->tape, report);
    if (rc == 0) rc = event_encoder_new(&w->encoder);
    if (rc == 0) w->next_seq = tape_writer_last_seq(w->tape) + 1;
    if (rc == 0) rc = find_resume_point(w, o);
    if (rc) {
        event_writer_abandon(w);
        return rc;
    }
    *out = w;
    return 0;
}

/* Writes what the encoder holds as a block that ends with last_seq. */
static int put_events(struct event_writer *w, uint64_t last_seq, bool continues, int64_t last_ts_ns)
{
    struct tape_block b = {.first_seq = w->next_seq,
                           .last_seq = last_seq,
                           .count = event_encoder_count(w->encoder),
                           .last_ts_ns = last_ts_ns,
                           .continues = continues};
    b.first_ts_ns = b.count ? w->first_ts_ns : last_ts_ns;
    int rc = b.count ? event_encoder_finish(w->encoder, &b.payload, &b.payload_bytes) : 0;
    if (rc == 0) rc = tape_writer_append(w->tape, &b);
    if (rc == 0) w->next_seq = continues ? last_seq : last_seq + 1;
    return rc;
}

static int add_event(struct event_writer *w, const struct event *e)
{
    int rc = event_encoder_add(w->encoder, e);
    if (rc == ERR_FULL) {
        bool continues = w->last_seq == e->seq;
        rc = put_events(w, continues ? e->seq : e->seq - 1, continues, w->last_ts_ns);
        if (rc == 0) rc = event_encoder_add(w->encoder, e);
    }
    if (rc) return rc;
    if (event_encoder_count(w->encoder) == 1) w->first_ts_ns = e->ts_ns;
    w->last_ts_ns = e->ts_ns;
    w->last_seq = e->seq;
    return 0;
}

int event_writer_append(struct event_writer *w, const struct event *events, uint32_t count, uint64_t covered_seq,
                        int64_t ts_ns)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        bool there = events[i].seq == w->resume_seq && events[i].index < w->resume_index;
        if (!there) rc = add_event(w, &events[i]);
    }
    if (rc == 0 && covered_seq >= w->next_seq) rc = put_events(w, covered_seq, false, ts_ns);
    return rc;
}

int event_writer_sync(struct event_writer *w)
{
    return tape_writer_sync(w->tape);
}

int event_writer_mark(struct event_writer *w)
{
    return tape_writer_mark(w->tape);
}

uint64_t event_writer_covered_seq(const struct event_writer *w)
{
    return tape_writer_last_seq(w->tape);
}

void event_writer_chain_hash(const struct event_writer *w, uint64_t *lo, uint64_t *hi)
{
    tape_writer_chain_hash(w->tape, lo, hi);
}

int event_writer_close(struct event_writer *w)
{
    int rc = tape_writer_close(w->tape);
    w->tape = NULL;
    event_writer_abandon(w);
    return rc;
}

void event_writer_abandon(struct event_writer *w)
{
    if (!w) return;
    if (w->encoder) event_encoder_free(w->encoder);
    tape_writer_abandon(w->tape);
    free(w);
}
