/* api/routes_history.c - what works on the tape beside the live engine: snapshots and what-ifs, on worker threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/snapshot_job.h"
#include "core/error.h"

static void write_snapshot(struct json *j, const struct snapshot_info *i)
{
    char digest[DIGEST_TEXT_BYTES];
    digest_to_text(i->digest, digest);
    json_object_begin(j);
    json_key(j, "seq");
    json_u64(j, i->seq);
    json_key(j, "time");
    json_time(j, i->ts_ns);
    json_key(j, "digest");
    json_string(j, digest);
    json_key(j, "orders");
    json_u64(j, i->orders);
    json_key(j, "file_bytes");
    json_u64(j, i->file_bytes);
    json_key(j, "format_version");
    json_u64(j, i->format_version);
    json_key(j, "rules_version");
    json_u64(j, i->rules_version);
    json_object_end(j);
}

/* Making one: copy (sequencer) -> write (worker) -> answer. */
struct making {
    struct state_copy copy;
    struct snapshot_info info;
    int error;
};

static void making_free(void *own)
{
    struct making *m = own;
    if (m == NULL) return;
    fold_free(&m->copy.fold);
    free(m);
}

static void write_copy(struct exchange *x)
{
    struct making *m = x->own;
    m->error = snapshot_write_copy(x->server, &m->copy, &m->info);
}

static void snapshot_made(struct exchange *x)
{
    struct making *m = x->own;
    if (m->error != 0) {
        exchange_failed(x, m->error);
        return;
    }
    struct json *j = exchange_json(x);
    if (j != NULL) write_snapshot(j, &m->info);
    exchange_answer(x, 201);
}

static void state_copied(struct exchange *x)
{
    if (x->pending.outcome.error != 0)
        exchange_failed(x, x->pending.outcome.error);
    else
        exchange_work(x, &x->server->jobs, write_copy, snapshot_made);
}

void route_snapshot_create(struct exchange *x)
{
    struct making *m = calloc(1, sizeof *m);
    x->own = m;
    x->own_free = making_free;
    if (x->body_bytes != 0) {
        exchange_problem(x, 400, "MALFORMED", "a snapshot takes no body");
    } else if (m == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
    } else {
        fold_init(&m->copy.fold);
        exchange_copy_state(x, &m->copy, state_copied);
    }
}

/* Listing: files, so on a worker. The cursor is the seq listed last. */
enum { SNAPSHOTS_LISTED_MAX = 65536 };
struct listing {
    struct page page;
    uint64_t after;
    int error;
};

static int list_files(struct exchange *x, struct listing *l, uint64_t *seqs)
{
    int64_t count = snapshot_list(&x->server->dir, seqs, SNAPSHOTS_LISTED_MAX);
    struct json *j = answer_list_begin(x, count);
    if (j == NULL) return 0;
    if (count > SNAPSHOTS_LISTED_MAX) count = SNAPSHOTS_LISTED_MAX;
    uint32_t listed = 0;
    for (int64_t i = 0; i < count; i++) {
        struct snapshot_info info;
        if (seqs[i] <= l->after) continue;
        if (listed == l->page.limit) {
            (void)snprintf(l->page.next, sizeof l->page.next, "%llu", (unsigned long long)l->after);
            return 0;
        }
        l->after = seqs[i];
        /* One that is damaged is not offered; recovery passes it over too. */
        if (snapshot_read_info(&x->server->dir, seqs[i], &info, NULL) != 0) continue;
        write_snapshot(j, &info);
        listed++;
    }
    return 0;
}

static void list_snapshots(struct exchange *x)
{
    struct listing *l = x->own;
    uint64_t *seqs = malloc(SNAPSHOTS_LISTED_MAX * sizeof *seqs);
    l->error = seqs == NULL ? ERR_NO_MEMORY : list_files(x, l, seqs);
    free(seqs);
}

static void snapshots_listed(struct exchange *x)
{
    struct listing *l = x->own;
    if (l->error != 0)
        exchange_failed(x, l->error);
    else
        answer_list_end(x, &l->page);
}

void route_snapshot_list(struct exchange *x)
{
    struct listing *l = calloc(1, sizeof *l);
    x->own = l;
    x->own_free = free;
    if (l == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    if (!query_page(x, &l->page)) return;
    if (l->page.after[0] != '\0' && !order_id_parse(l->page.after, &l->after))
        exchange_problem(x, 400, "MALFORMED", "cursor: not a cursor of this list");
    else
        exchange_work(x, &x->server->reads, list_snapshots, snapshots_listed);
}

struct branching {
    struct json_scenario scenario;
    bool parsed;
    struct whatif_result result;
    int error;
};

static void branching_free(void *own)
{
    struct branching *b = own;
    if (b == NULL) return;
    if (b->parsed) json_scenario_free(&b->scenario);
    free(b);
}

static void run_whatif(struct exchange *x)
{
    struct branching *b = x->own;
    b->error = whatif_run(&x->server->dir, &b->scenario.scenario, &b->result);
    struct json *j = b->error == 0 ? exchange_json(x) : NULL;
    if (j != NULL) json_whatif(j, &b->result, b->scenario.scenario.report);
    if (b->error == ERR_USAGE) exchange_problem(x, 400, "SCENARIO_INVALID", "%s", b->result.error);
    whatif_result_free(&b->result);
}

static void whatif_done(struct exchange *x)
{
    struct branching *b = x->own;
    if (b->error != 0)
        exchange_failed(x, b->error);
    else
        exchange_answer(x, 200);
}

static void tape_marked(struct exchange *x)
{
    if (x->pending.outcome.error != 0)
        exchange_failed(x, x->pending.outcome.error);
    else
        exchange_work(x, &x->server->jobs, run_whatif, whatif_done);
}

void route_whatif(struct exchange *x)
{
    struct problem p = {0};
    struct branching *b = calloc(1, sizeof *b);
    x->own = b;
    x->own_free = branching_free;
    if (b == NULL) {
        exchange_failed(x, ERR_NO_MEMORY);
        return;
    }
    b->parsed = json_scenario_parse(x->body_bytes == 0 ? "" : x->body, x->body_bytes, &b->scenario, &p) == 0;
    if (!b->parsed)
        exchange_problem_given(x, &p);
    else
        exchange_mark(x, tape_marked);
}
