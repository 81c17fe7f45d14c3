/* tools/verify_fold.c - one fold of the command tape, and three witnesses beside it: the digests on the tape, the event tape
 * and the snapshots. Events are compared as the codec writes them, a batch at a time: equal bytes are equal events. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/records.h"
#include "proto/codec.h"
#include "snapshots/recover.h"
#include "snapshots/snapshot.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/verify.h"

enum { BATCH_EVENTS = 4096, SNAPSHOTS_MAX = 65536 };

struct witness {
    struct verification *v;
    struct event_reader *reader;
    uint64_t reader_last_seq; /* events after this are not on the tape yet */
    bool events_over;         /* compared to the end, or to the first difference */
    struct event_encoder *folded_encoder, *taped_encoder;
    struct event *folded, *taped; /* the batch */
    uint32_t batch_count;
    uint64_t *snapshot_seqs;
    struct digest *snapshot_digests; /* of the fold at those seqs */
    uint32_t snapshots_count, snapshots_met;
};

/* Both encoders start empty and get the same number of events, so equal events give equal bytes. */
static int events_equal(struct witness *w, const struct event *folded, const struct event *taped, uint32_t count,
                        bool *equal)
{
    const uint8_t *folded_bytes, *taped_bytes;
    size_t folded_len, taped_len;
    int error = 0;
    for (uint32_t i = 0; i < count && error == 0; i++) {
        error = event_encoder_add(w->folded_encoder, &folded[i]);
        if (error == 0) error = event_encoder_add(w->taped_encoder, &taped[i]);
    }
    if (error == 0) error = event_encoder_finish(w->folded_encoder, &folded_bytes, &folded_len);
    if (error == 0) error = event_encoder_finish(w->taped_encoder, &taped_bytes, &taped_len);
    if (error != 0) return error;
    *equal = folded_len == taped_len && memcmp(folded_bytes, taped_bytes, folded_len) == 0;
    return 0;
}

static int compare_batch(struct witness *w)
{
    bool equal = true;
    int error = events_equal(w, w->folded, w->taped, w->batch_count, &equal);
    for (uint32_t i = 0; !equal && error == 0 && i < w->batch_count; i++) {
        error = events_equal(w, &w->folded[i], &w->taped[i], 1, &equal);
        if (error != 0 || equal) {
            equal = false;
            continue;
        }
        verify_found(w->v, "events", true, w->folded[i].seq,
                     "event %" PRIu64 "-%u is not what folding the commands gives; rename DIR/events away and start "
                     "the server: it is made again",
                     w->folded[i].seq, w->folded[i].index);
        w->events_over = true;
        equal = true;
    }
    w->batch_count = 0;
    return error;
}

static int next_taped(struct witness *w, const struct event *folded)
{
    const struct event *taped;
    int error = event_reader_next(w->reader, &taped);
    if (error == ERR_END || error == ERR_CORRUPT) {
        verify_found(w->v, "events", true, folded->seq, "the event tape has no event %" PRIu64 "-%u", folded->seq,
                     folded->index);
        w->events_over = true;
        return compare_batch(w);
    }
    if (error != 0) return error;
    w->folded[w->batch_count] = *folded;
    w->taped[w->batch_count++] = *taped;
    return w->batch_count == BATCH_EVENTS ? compare_batch(w) : 0;
}

static int compare_events(struct witness *w, const struct event *events, uint32_t count)
{
    int error = 0;
    for (uint32_t i = 0; i < count && error == 0 && !w->events_over && events[i].seq <= w->reader_last_seq; i++)
        error = next_taped(w, &events[i]);
    return error;
}

static int each_command(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    struct witness *w = arg;
    w->v->seq = c->seq;
    while (w->snapshots_met < w->snapshots_count && w->snapshot_seqs[w->snapshots_met] <= c->seq) {
        if (w->snapshot_seqs[w->snapshots_met] == c->seq)
            w->snapshot_digests[w->snapshots_met] = engine_digest(f->engine);
        w->snapshots_met++;
    }
    return compare_events(w, events, count);
}

static void check_snapshot(struct witness *w, uint32_t i)
{
    struct snapshot_info info = {0};
    struct fold fold;
    char why[256] = "";
    uint64_t seq = w->snapshot_seqs[i];
    fold_init(&fold);
    int error = snapshot_load(w->v->dir, seq, &fold, &info, why);
    fold_free(&fold);
    w->v->snapshots++;
    if (error != 0)
        verify_found(w->v, "snapshots", true, seq, "cannot be loaded: %s; delete it",
                     why[0] != '\0' ? why : error_text(error));
    else if (info.tape_id != w->v->tape_id)
        verify_found(w->v, "snapshots", true, seq, "belongs to another tape; delete it");
    else if (seq > w->v->seq)
        verify_found(w->v, "snapshots", true, seq, "is ahead of the tape, which ends at %" PRIu64 "; delete it",
                     w->v->seq);
    else if (!digest_equal(info.digest, w->snapshot_digests[i]))
        verify_found(w->v, "snapshots", true, seq, "its digest differs from the fold's at that seq; delete it");
}

static int open_witnesses(struct witness *w)
{
    struct tape_options options;
    struct tape_report report = {0};
    tape_options_of(&options, w->v->dir, TAPE_EVENTS);
    w->folded = calloc(BATCH_EVENTS, sizeof *w->folded);
    w->taped = calloc(BATCH_EVENTS, sizeof *w->taped);
    w->snapshot_seqs = calloc(SNAPSHOTS_MAX, sizeof *w->snapshot_seqs);
    w->snapshot_digests = calloc(SNAPSHOTS_MAX, sizeof *w->snapshot_digests);
    if (w->folded == NULL || w->taped == NULL || w->snapshot_seqs == NULL || w->snapshot_digests == NULL)
        return ERR_NO_MEMORY;
    int64_t snapshots = snapshot_list(w->v->dir, w->snapshot_seqs, SNAPSHOTS_MAX);
    if (snapshots < 0 && snapshots != ERR_NOT_FOUND) return (int)snapshots;
    w->snapshots_count = snapshots < 0 ? 0 : snapshots > SNAPSHOTS_MAX ? SNAPSHOTS_MAX : (uint32_t)snapshots;
    int error = event_encoder_new(&w->folded_encoder);
    if (error == 0) error = event_encoder_new(&w->taped_encoder);
    if (error != 0) return error;
    error = event_reader_open(&options, false, &w->reader, &report);
    if (error == 0) error = event_reader_last_seq(w->reader, &w->reader_last_seq);
    if (error == ERR_CORRUPT || error == ERR_NOT_FOUND) { /* verify_bytes has said it, or there is none */
        w->events_over = true;
        return 0;
    }
    return error;
}

static void close_witnesses(struct witness *w)
{
    if (w->reader != NULL) event_reader_close(w->reader);
    if (w->folded_encoder != NULL) event_encoder_free(w->folded_encoder);
    if (w->taped_encoder != NULL) event_encoder_free(w->taped_encoder);
    free(w->folded);
    free(w->taped);
    free(w->snapshot_seqs);
    free(w->snapshot_digests);
}

static int finish_events(struct witness *w)
{
    const struct event *extra;
    int error = compare_batch(w);
    if (error != 0 || w->events_over) return error;
    if (w->v->server_running)
        verify_found(w->v, "events", false, w->reader_last_seq, "a server is running: compared up to seq %" PRIu64,
                     w->reader_last_seq);
    else if (w->reader_last_seq < w->v->seq)
        verify_found(w->v, "events", false, w->reader_last_seq,
                     "the event tape ends at seq %" PRIu64 ", the commands at %" PRIu64
                     ": the next start writes the rest",
                     w->reader_last_seq, w->v->seq);
    /* Beside a server both tapes grow while we read: only what lies beyond our fold could be extra, and it is not. */
    if (!w->v->server_running && event_reader_next(w->reader, &extra) == 0)
        verify_found(w->v, "events", true, extra->seq,
                     "the event tape has an event %" PRIu64 "-%u that no command makes", extra->seq, extra->index);
    return 0;
}

static int fold_with_witnesses(struct witness *w)
{
    struct fold fold;
    struct recover_result result = {0};
    struct progress progress;
    progress_start(&progress, "verify", "commands");
    struct recover_options options = {.to_seq = UINT64_MAX,
                                      .to_ts_ns = INT64_MAX,
                                      .no_snapshot = true,
                                      .each = each_command,
                                      .each_arg = w,
                                      .progress = progress_seq,
                                      .progress_arg = &progress};
    fold_init(&fold);
    int error = recover_state(w->v->dir, &options, &fold, &result);
    progress_end(&progress);
    w->v->tape_id = result.tape_id;
    w->v->seq = result.seq;
    w->v->commands = result.commands;
    w->v->events = result.events;
    if (fold.engine != NULL) w->v->digest = engine_digest(fold.engine);
    fold_free(&fold);
    if (error == ERR_DIFFERS || error == ERR_CORRUPT) {
        verify_found(w->v, "commands", true, 0, "%s", result.why[0] != '\0' ? result.why : "the tape cannot be folded");
        return compare_batch(w);
    }
    if (error == 0) error = finish_events(w);
    for (uint32_t i = 0; error == 0 && i < w->snapshots_count; i++) check_snapshot(w, i);
    return error;
}

int verify_fold(struct verification *v)
{
    struct witness w = {.v = v};
    int error = open_witnesses(&w);
    if (error == 0) error = fold_with_witnesses(&w);
    close_witnesses(&w);
    return error;
}
