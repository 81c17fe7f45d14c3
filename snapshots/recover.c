/* snapshots/recover.c - see recover.h.
 *
 *   DIR/snapshots   ... 400   900   1500 ?             newest first: is it of this tape, is its chain hash that of
 *   DIR/commands    [1 .. | .. 1000 | .. 1600 | ..]    the block that holds its seq? Then the fold goes on from there.
 *
 * Invariant: a snapshot only saves time. Whatever is wrong with one is a remark in the report, never a different
 * state. */
#include "snapshots/recover.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

enum { PROGRESS_EVERY = 65536, WHY_BYTES = 256 };

struct recovery {
    const struct data_dir *d;
    const struct recover_options *o;
    struct fold *f;
    struct recover_result *out;
    struct command_reader *reader;
    struct engine_ahead ahead;
};

void recover_options_default(struct recover_options *o)
{
    memset(o, 0, sizeof *o);
    o->to_seq = UINT64_MAX;
    o->to_ts_ns = INT64_MAX;
}

void recover_tape_options(const struct data_dir *d, enum tape_kind kind, struct tape_options *o)
{
    memset(o, 0, sizeof *o);
    o->storage = d->storage;
    o->kind = kind;
    o->rules_version = o->rules_version_oldest = RULES_VERSION; /* the engine folds no other */
    data_dir_path(d, kind == TAPE_COMMANDS ? "commands" : "events", o->dir);
}

void recover_report(struct tape_report *report, const char *file, uint64_t first_seq, uint64_t last_seq, bool damage,
                    const char *format, ...)
{
    if (report->count == TAPE_FINDINGS_MAX) {
        report->more++;
        return;
    }
    struct tape_finding *finding = &report->findings[report->count++];
    memset(finding, 0, sizeof *finding);
    snprintf(finding->file, sizeof finding->file, "%s", file);
    finding->first_seq = first_seq;
    finding->last_seq = last_seq;
    finding->damage = damage;
    va_list args;
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
}

/* A snapshot that does not serve, and why. */
static void pass_over(struct recovery *r, uint64_t seq, const char *why)
{
    char file[64];
    snprintf(file, sizeof file, "snapshots/%020" PRIu64 ".snap", seq);
    recover_report(&r->out->report, file, seq, seq, false, "snapshot passed over: %s", why);
}

/* Is it a state of this tape's own past? On success the reader stands after seq. ERR_DIFFERS: no, and why. */
static int check_history(struct recovery *r, const struct snapshot_info *info, char *why)
{
    const struct command *c = NULL;
    if (info->tape_id != command_reader_tape_id(r->reader)) {
        snprintf(why, WHY_BYTES, "it belongs to another tape");
        return ERR_DIFFERS;
    }
    int rc = command_reader_seek_seq(r->reader, info->seq);
    if (rc == 0) rc = command_reader_next(r->reader, &c);
    if (rc == ERR_END || (rc == 0 && c->seq != info->seq)) {
        snprintf(why, WHY_BYTES, "it lies beyond the end of the tape");
        return ERR_DIFFERS;
    }
    if (rc) return rc;
    uint64_t lo, hi;
    command_reader_chain_hash(r->reader, &lo, &hi);
    struct digest digest;
    bool other = lo != info->chain_hash_lo || hi != info->chain_hash_hi || c->ts_ns != info->ts_ns;
    if (!other && command_reader_digest(r->reader, &digest)) other = !digest_equal(digest, info->digest);
    if (!other) return 0;
    snprintf(why, WHY_BYTES, "it belongs to another history of this tape");
    return ERR_DIFFERS;
}

/* 0: the state is in f and the reader stands after it. ERR_DIFFERS and what snapshot_load says: it does not serve.
 * *fatal: the tape itself or the machine failed. */
static int use_snapshot(struct recovery *r, uint64_t seq, char *why, bool *fatal)
{
    struct snapshot_info info;
    why[0] = '\0';
    *fatal = false;
    int rc = snapshot_read_info(r->d, seq, &info, why);
    if (rc == 0 && info.ts_ns > r->o->to_ts_ns) {
        snprintf(why, WHY_BYTES, "it is later than the time asked for");
        return ERR_USAGE;
    }
    if (rc == 0) {
        rc = check_history(r, &info, why);
        *fatal = rc && rc != ERR_DIFFERS;
    }
    if (rc == 0) rc = snapshot_load(r->d, seq, r->f, &info, why);
    if (rc == ERR_NO_MEMORY) *fatal = true;
    if (rc) return rc;
    r->out->snapshot_seq = r->out->seq = info.seq;
    r->out->ts_ns = info.ts_ns;
    r->out->chain_hash_lo = info.chain_hash_lo;
    r->out->chain_hash_hi = info.chain_hash_hi;
    return 0;
}

static int list_snapshots(struct recovery *r, uint64_t **seqs, uint32_t *count)
{
    *seqs = NULL;
    int64_t n = snapshot_list(r->d, NULL, 0);
    if (n < 0) return (int)n;
    *seqs = calloc((size_t)n + 1, sizeof **seqs);
    if (!*seqs) return ERR_NO_MEMORY;
    int64_t listed = snapshot_list(r->d, *seqs, (uint32_t)n);
    if (listed < 0) return (int)listed;
    *count = (uint32_t)(listed < n ? listed : n); /* beside a running server there may be one more by now */
    return 0;
}

/* From the newest down to the first that serves. None: the fold begins at seq 1. */
static int use_newest_snapshot(struct recovery *r)
{
    uint64_t most = r->o->to_seq;
    if (r->o->snapshot_seq_max && r->o->snapshot_seq_max < most) most = r->o->snapshot_seq_max;
    uint64_t *seqs = NULL;
    uint32_t count = 0;
    int rc = list_snapshots(r, &seqs, &count);
    char why[WHY_BYTES];
    bool fatal = false;
    while (rc == 0 && count > 0 && r->out->snapshot_seq == 0) {
        uint64_t seq = seqs[--count];
        if (seq > most || seq == 0) continue;
        int refused = use_snapshot(r, seq, why, &fatal);
        if (refused && fatal) rc = refused;
        if (refused && !fatal && refused != ERR_USAGE) pass_over(r, seq, why[0] ? why : error_text(refused));
    }
    free(seqs);
    return rc;
}

static int use_named_snapshot(struct recovery *r)
{
    char why[WHY_BYTES];
    bool fatal;
    if (r->o->from_snapshot > r->o->to_seq) {
        snprintf(r->out->why, sizeof r->out->why, "snapshot %" PRIu64 " is later than what is asked for",
                 r->o->from_snapshot);
        return ERR_USAGE;
    }
    int rc = use_snapshot(r, r->o->from_snapshot, why, &fatal);
    if (rc)
        snprintf(r->out->why, sizeof r->out->why, "snapshot %" PRIu64 ": %s", r->o->from_snapshot,
                 why[0] ? why : error_text(rc));
    return rc;
}

static int begin(struct recovery *r)
{
    int rc = 0;
    if (r->o->from_snapshot)
        rc = use_named_snapshot(r);
    else if (!r->o->no_snapshot)
        rc = use_newest_snapshot(r);
    if (rc || r->out->snapshot_seq) return rc;
    rc = command_reader_seek_seq(r->reader, 1);
    return rc == ERR_END ? 0 : rc; /* an empty tape: the first read will say so */
}

static int compare_digest(struct recovery *r)
{
    struct digest on_tape, folded;
    if (!command_reader_digest(r->reader, &on_tape)) return 0;
    folded = engine_digest(r->f->engine);
    if (digest_equal(on_tape, folded)) return 0;
    char tape_text[DIGEST_TEXT_BYTES], folded_text[DIGEST_TEXT_BYTES];
    digest_to_text(on_tape, tape_text);
    digest_to_text(folded, folded_text);
    snprintf(r->out->why, sizeof r->out->why, "after seq %" PRIu64 " the tape names digest %s, but folding it gives %s",
             r->out->seq, tape_text, folded_text);
    return ERR_DIFFERS;
}

static void prefetch(struct recovery *r)
{
    const struct command *commands;
    uint32_t count, at;
    if (!r->f->engine) return;
    command_reader_window(r->reader, &commands, &count, &at);
    engine_prefetch(r->f->engine, &r->ahead, commands, count, at);
}

static int fold_command(struct recovery *r, const struct command *c)
{
    prefetch(r);
    int64_t count = fold_apply(r->f, c);
    if (count < 0) {
        snprintf(r->out->why, sizeof r->out->why, "seq %" PRIu64 " cannot be folded: %s", c->seq,
                 error_text((int)count));
        return (int)count;
    }
    struct recover_result *out = r->out;
    out->seq = c->seq;
    out->ts_ns = c->ts_ns;
    out->commands++;
    out->events += (uint64_t)count;
    command_reader_chain_hash(r->reader, &out->chain_hash_lo, &out->chain_hash_hi);
    int rc = compare_digest(r);
    if (rc == 0 && r->o->each) rc = r->o->each(r->o->each_arg, c, r->f->events, (uint32_t)count, r->f);
    if (r->o->progress && out->commands % PROGRESS_EVERY == 0) r->o->progress(r->o->progress_arg, c->seq);
    return rc;
}

static int fold_tape(struct recovery *r)
{
    const struct command *c;
    while (r->out->seq < r->o->to_seq) {
        int rc = command_reader_next(r->reader, &c);
        if (rc == ERR_END) return 0;
        if (rc) return rc;
        if (c->ts_ns > r->o->to_ts_ns) return 0;
        rc = fold_command(r, c);
        if (rc) return rc;
    }
    return 0;
}

/* A failure that nobody has described yet is described by the damage that was found, a success by the first remark. */
static void explain(struct recover_result *out, int rc)
{
    for (uint32_t i = 0; i < out->report.count && !out->why[0]; ++i) {
        const struct tape_finding *finding = &out->report.findings[i];
        if (rc == 0 || finding->damage) snprintf(out->why, sizeof out->why, "%s: %s", finding->file, finding->text);
    }
    if (rc && !out->why[0]) snprintf(out->why, sizeof out->why, "%s", error_text(rc));
}

int recover_state(const struct data_dir *d, const struct recover_options *o, struct fold *f, struct recover_result *out)
{
    assert(!f->engine);
    memset(out, 0, sizeof *out);
    struct recovery r = {.d = d, .o = o, .f = f, .out = out};
    struct tape_options tape;
    recover_tape_options(d, TAPE_COMMANDS, &tape);
    int rc = command_reader_open(&tape, o->all_bytes, &r.reader, &out->report);
    if (rc == 0) {
        out->tape_id = command_reader_tape_id(r.reader);
        rc = begin(&r);
        if (rc == 0) rc = fold_tape(&r);
        command_reader_close(r.reader);
    }
    explain(out, rc);
    return rc;
}
