/* snapshots/whatif_run.c - folds a scenario: the tape as it was and the branch, in step.
 *
 *   tape      base | c c c c c c c c c c | until
 *   baseline  ====== = = = = = = = = = = |
 *   branch                 \ = i = x = s |     i inserted, x dropped, s skipped: a dropped or skipped command is a TICK
 *
 * Invariant: up to the first edit there is one history, folded once and copied then. The branch uses engine_apply
 * itself, because the seqs of inserted commands (from BRANCH_SEQ_FIRST) stand out of line; its time never decreases. */
#include "snapshots/whatif.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "snapshots/array.h"
#include "snapshots/ledger.h"
#include "snapshots/whatif_diff.h"
#include "snapshots/whatif_plan.h"

struct run {
    const struct data_dir *d;
    const struct whatif_scenario *s;
    struct whatif_result *out;
    struct whatif_plan plan;
    struct fold base; /* kept as it was at the base when there are edits: rows of untouched orders come from it */
    struct fold baseline, branch;
    struct ledger baseline_ledger, branch_ledger;
    struct id_map kept_buyers; /* see ledger_settle */
    bool branched;
    struct command_reader *reader;
    struct tape_report report;
    size_t skipped_room;
    uint64_t end_seq; /* of the tape when the request came: a server may be writing on */
};

static int64_t fold_now_ns(const struct fold *f)
{
    return f->engine ? engine_scalars(f->engine).now_ns : 0;
}

/* ERR_CORRUPT and the like, in words. */
static int fail(struct run *r, int rc, const char *what)
{
    if (!r->out->error[0]) snprintf(r->out->error, sizeof r->out->error, "%s: %s", what, error_text(rc));
    return rc;
}

static int branch_fold(struct run *r, const struct command *c)
{
    assert(c->ts_ns >= fold_now_ns(&r->branch));
    uint32_t count = engine_apply(r->branch.engine, c, r->branch.events);
    return ledger_fold(&r->branch_ledger, r->branch.engine, r->branch.events, count);
}

/* Finishes what waits for CONTINUE at this time and has none on the tape. */
static int branch_continue(struct run *r, int64_t ts_ns)
{
    int rc = 0;
    while (rc == 0 && engine_continue_needed(r->branch.engine, ts_ns)) {
        struct command c = {.seq = r->plan.next_seq++, .ts_ns = ts_ns, .kind = COMMAND_CONTINUE};
        rc = branch_fold(r, &c);
    }
    return rc;
}

/* A sweep goes on at once, timers when their time has come: what the sequencer would have done. */
static int branch_apply(struct run *r, const struct command *c)
{
    int rc = 0;
    if (c->kind != COMMAND_CONTINUE) rc = branch_continue(r, fold_now_ns(&r->branch));
    if (rc == 0 && c->kind != COMMAND_CONTINUE) rc = branch_continue(r, c->ts_ns);
    return rc ? rc : branch_fold(r, c);
}

static int report_skips(struct run *r, const struct command *c, const struct whatif_verdict *v)
{
    struct whatif_result *out = r->out;
    int rc =
        array_reserve(&out->skipped, &r->skipped_room, out->skipped_count + v->skipped_count, sizeof *out->skipped);
    for (uint32_t i = 0; rc == 0 && i < v->skipped_count; ++i) {
        struct whatif_skip *skip = &out->skipped[out->skipped_count++];
        memset(skip, 0, sizeof *skip);
        skip->seq = c->seq;
        skip->command_kind = c->kind;
        skip->order_id = v->skipped[i];
    }
    return rc;
}

/* In place of a command that does nothing in the branch: its seq and its time. */
static int branch_tick(struct run *r, const struct command *c)
{
    struct command tick = {.seq = c->seq, .ts_ns = c->ts_ns, .kind = COMMAND_TICK};
    return branch_apply(r, &tick);
}

static int branch_take(struct run *r, const struct command *c, const struct whatif_verdict *v)
{
    int rc = report_skips(r, c, v);
    if (rc) return rc;
    return v->fate == WHATIF_KEEP ? branch_apply(r, v->as) : branch_tick(r, c);
}

static int branch_insert(struct run *r, uint32_t edit, const struct command *before)
{
    const struct whatif_edit *e = &r->s->edits[edit];
    struct command c = e->command;
    struct whatif_verdict v;
    /* A key is for who asks twice, and nobody asks a branch; one of the tape would make the command a repetition. */
    c.origin.key = c.origin.body = (struct key_hash){0, 0};
    c.seq = r->plan.inserted_seqs[edit];
    c.ts_ns = e->at.kind == WHATIF_SEQ ? before->ts_ns : e->at.ts_ns;
    if (c.ts_ns < fold_now_ns(&r->branch)) c.ts_ns = fold_now_ns(&r->branch);
    whatif_plan_judge_insert(&r->plan, &c, &v);
    return branch_take(r, &c, &v);
}

static int branch_begin(struct run *r, const struct command *c)
{
    if (!r->baseline.engine) {
        snprintf(r->out->error, sizeof r->out->error,
                 "edits: nothing can act before seq %" PRIu64 ", which sets the tape's limits", c->seq);
        return ERR_USAGE;
    }
    int rc = fold_copy(&r->branch, &r->baseline);
    if (rc == 0) rc = ledger_copy(&r->branch_ledger, &r->baseline_ledger);
    r->branched = rc == 0;
    return rc;
}

static int branch_step(struct run *r, const struct command *c, uint32_t due, const struct whatif_verdict *v)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < due; ++i) rc = branch_insert(r, r->plan.due[i], c);
    return rc ? rc : branch_take(r, c, v);
}

static int baseline_step(struct run *r, const struct command *c)
{
    struct digest on_tape;
    int64_t count = fold_apply(&r->baseline, c);
    if (count < 0) return fail(r, (int)count, "the tape cannot be folded");
    r->out->until_seq = c->seq;
    r->out->until_ts_ns = c->ts_ns;
    if (command_reader_digest(r->reader, &on_tape) && !digest_equal(on_tape, engine_digest(r->baseline.engine))) {
        snprintf(r->out->error, sizeof r->out->error,
                 "after seq %" PRIu64 " the state differs from the digest on the tape", c->seq);
        return ERR_DIFFERS;
    }
    if (!r->s->edits_count) return 0;
    return ledger_fold(&r->baseline_ledger, r->baseline.engine, r->baseline.events, (uint32_t)count);
}

static int step(struct run *r, const struct command *c)
{
    struct whatif_verdict v;
    uint32_t due = whatif_plan_due(&r->plan, c);
    int rc = whatif_plan_judge(&r->plan, c, &v);
    if (rc == 0 && !r->branched && (due || v.fate != WHATIF_KEEP || v.as != c)) rc = branch_begin(r, c);
    if (rc == 0) rc = baseline_step(r, c);
    if (rc == 0 && r->branched) rc = branch_step(r, c, due, &v);
    if (rc == 0) rc = ledger_settle(&r->baseline_ledger, r->branched ? &r->branch_ledger : NULL, &r->kept_buyers);
    return rc;
}

static int fold_to_until(struct run *r)
{
    const struct command *c;
    int rc = command_reader_seek_seq(r->reader, r->out->base_seq + 1);
    while (rc == 0 && r->out->until_seq < r->plan.until_seq_max) {
        rc = command_reader_next(r->reader, &c);
        if (rc || c->ts_ns > r->plan.until_ts_ns_max) break;
        rc = step(r, c);
    }
    if (rc && rc != ERR_END) return rc;
    /* A sweep that the edits made, or made longer, ends; one that `until` cuts in the baseline too stays cut. */
    if (!r->branched || engine_continue_needed(r->baseline.engine, r->out->until_ts_ns)) return 0;
    rc = branch_continue(r, fold_now_ns(&r->branch));
    return rc ? rc : ledger_settle(&r->baseline_ledger, &r->branch_ledger, &r->kept_buyers);
}

static int find_end(struct run *r)
{
    struct tape_options tape;
    struct tape_reader *reader;
    recover_tape_options(r->d, TAPE_COMMANDS, &tape);
    int rc = tape_reader_open(&tape, false, &reader, &r->report);
    if (rc) return rc;
    rc = tape_reader_last_seq(reader, &r->end_seq);
    tape_reader_close(reader);
    return rc;
}

static int fold_base(struct run *r)
{
    struct recover_options o;
    struct recover_result *result = malloc(sizeof *result);
    if (!result) return ERR_NO_MEMORY;
    int rc = whatif_plan_base(r->d, r->s, r->end_seq, &o, r->out->error);
    if (rc == 0) {
        rc = recover_state(r->d, &o, &r->base, result);
        if (rc) snprintf(r->out->error, sizeof r->out->error, "%.*s", (int)sizeof r->out->error - 1, result->why);
    }
    if (rc == 0) {
        r->out->base_seq = r->out->until_seq = result->seq;
        r->out->base_ts_ns = r->out->until_ts_ns = result->ts_ns;
    }
    free(result);
    return rc;
}

/* With edits the base must stay as it is; without, nothing will ask for it. */
static int begin_baseline(struct run *r)
{
    if (r->base.engine && r->s->edits_count) {
        int rc = fold_copy(&r->baseline, &r->base);
        if (rc) return rc;
    } else {
        r->baseline = r->base;
        fold_init(&r->base);
    }
    ledger_init(&r->baseline_ledger, r->base.engine);
    return 0;
}

static int check_drop_accounts(struct run *r)
{
    struct account_state a;
    for (uint32_t i = 0; i < r->s->edits_count; ++i) {
        const struct whatif_edit *e = &r->s->edits[i];
        if (e->kind != WHATIF_DROP_ACCOUNT ||
            (r->baseline.engine && engine_get_account(r->baseline.engine, &e->account, &a)))
            continue;
        snprintf(r->out->error, sizeof r->out->error, "edits[%u]: there is no account %s", i, e->account.bytes);
        return ERR_USAGE;
    }
    return 0;
}

static int list_order(struct run *r, uint64_t order_id, bool must, size_t *room)
{
    struct whatif_result *out = r->out;
    int rc = array_reserve(&out->inserted, room, out->inserted_count + 1, sizeof *out->inserted);
    if (rc) return rc;
    bool made = ledger_order(&r->branch_ledger, order_id, &out->inserted[out->inserted_count]);
    if (made) out->inserted_count++;
    return made || !must ? 0 : ERR_CORRUPT;
}

/* The rows of one command's orders. A PLACE's and a group's first is there even if it was refused, the others when they
 * were made; of a batch those that something was said of: of an atomic one that was refused, one. */
static int list_orders(struct run *r, const struct command *c, uint64_t first_id, size_t *room)
{
    uint32_t first = c->kind == COMMAND_BATCH ? 1 : 0, last = 0;
    int rc = 0;
    if (c->kind == COMMAND_PLACE_LINKED) last = 2;
    if (c->kind == COMMAND_BATCH) last = c->batch.orders_count;
    for (uint32_t k = first; rc == 0 && k <= last; ++k) rc = list_order(r, first_id + k, k == 0, room);
    return rc;
}

static int list_inserted(struct run *r)
{
    size_t room = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < r->s->edits_count; ++i) {
        const struct whatif_edit *e = &r->s->edits[i];
        uint8_t kind = e->command.kind;
        if (e->kind != WHATIF_INSERT ||
            (kind != COMMAND_PLACE && kind != COMMAND_PLACE_LINKED && kind != COMMAND_BATCH))
            continue;
        rc = list_orders(r, &e->command, r->plan.inserted_seqs[i] << ORDER_INDEX_BITS, &room);
    }
    return rc;
}

static int finish(struct run *r)
{
    struct whatif_result *out = r->out;
    out->commands = out->until_seq - out->base_seq;
    if (r->baseline.engine) out->base_digest = engine_digest(r->baseline.engine);
    out->branch_digest = r->branched ? engine_digest(r->branch.engine) : out->base_digest;
    int rc = whatif_plan_check_end(&r->plan, out->until_seq);
    if (rc == 0) rc = check_drop_accounts(r);
    if (rc || !r->branched) return rc;
    rc = list_inserted(r);
    struct whatif_side baseline = {r->baseline.engine, &r->baseline_ledger},
                       branch = {r->branch.engine, &r->branch_ledger};
    return rc ? rc : whatif_diff(r->s, &baseline, &branch, out);
}

static int run_all(struct run *r)
{
    int rc = find_end(r);
    if (rc == 0) rc = fold_base(r);
    if (rc == 0) rc = whatif_plan_make(&r->plan, r->s, r->out->base_seq, r->out->base_ts_ns, r->end_seq, r->out->error);
    if (rc == 0) rc = begin_baseline(r);
    if (rc) return rc;
    struct tape_options tape;
    recover_tape_options(r->d, TAPE_COMMANDS, &tape);
    rc = command_reader_open(&tape, false, &r->reader, &r->report);
    if (rc == 0) rc = fold_to_until(r);
    return rc ? rc : finish(r);
}

int whatif_run(const struct data_dir *d, const struct whatif_scenario *s, struct whatif_result *out)
{
    memset(out, 0, sizeof *out);
    struct run *r = calloc(1, sizeof *r);
    if (!r) return ERR_NO_MEMORY;
    r->d = d;
    r->s = s;
    r->out = out;
    fold_init(&r->base);
    fold_init(&r->baseline);
    fold_init(&r->branch);
    int rc = run_all(r);
    if (rc) fail(r, rc, "what-if");
    if (r->reader) command_reader_close(r->reader);
    whatif_plan_free(&r->plan);
    ledger_free(&r->baseline_ledger);
    ledger_free(&r->branch_ledger);
    id_map_free(&r->kept_buyers);
    fold_free(&r->base);
    fold_free(&r->baseline);
    fold_free(&r->branch);
    free(r);
    return rc;
}

void whatif_result_free(struct whatif_result *r)
{
    free(r->orders);
    free(r->trades);
    free(r->positions);
    free(r->balances);
    free(r->levels);
    free(r->inserted);
    free(r->skipped);
    memset(r, 0, sizeof *r);
}
