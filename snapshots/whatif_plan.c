/* snapshots/whatif_plan.c - see whatif_plan.h. */
#include "snapshots/whatif_plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

__attribute__((format(printf, 2, 3))) static int refuse(char *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error, WHATIF_ERROR_BYTES, format, args);
    va_end(args);
    return ERR_USAGE;
}

static int base_at_seq(uint64_t seq, uint64_t end_seq, struct recover_options *o, char *error)
{
    o->to_seq = seq;
    if (seq <= end_seq) return 0;
    return refuse(error, "base: seq %" PRIu64 " is beyond the end of the tape (seq %" PRIu64 ")", seq, end_seq);
}

int whatif_plan_base(const struct data_dir *d, const struct whatif_scenario *s, uint64_t end_seq,
                     struct recover_options *o, char *error)
{
    struct snapshot_info info;
    recover_options_default(o);
    o->no_snapshot = s->no_snapshot;
    switch (s->base.kind) {
    case WHATIF_NONE: return base_at_seq(0, end_seq, o, error);
    case WHATIF_SEQ: return base_at_seq(s->base.seq, end_seq, o, error);
    case WHATIF_TIME:
        o->to_seq = end_seq;
        o->to_ts_ns = s->base.ts_ns;
        return 0;
    case WHATIF_SNAPSHOT:
        /* It only names a seq: one that is damaged serves as a name still. */
        if (snapshot_read_info(d, s->base.seq, &info, NULL) == ERR_NOT_FOUND)
            return refuse(error, "base: there is no snapshot %" PRIu64, s->base.seq);
        return base_at_seq(s->base.seq, end_seq, o, error);
    }
    return refuse(error, "base: neither a seq, a time nor a snapshot");
}

static int make_until(struct whatif_plan *p, uint64_t end_seq)
{
    const struct whatif_point *until = &p->scenario->until;
    p->until_seq_max = end_seq;
    p->until_ts_ns_max = INT64_MAX;
    if (until->kind == WHATIF_SEQ || until->kind == WHATIF_SNAPSHOT) p->until_seq_max = until->seq;
    if (until->kind == WHATIF_TIME) p->until_ts_ns_max = until->ts_ns;
    if (p->until_seq_max > end_seq)
        return refuse(p->error, "until: seq %" PRIu64 " is beyond the end of the tape (seq %" PRIu64 ")", until->seq,
                      end_seq);
    if (p->until_seq_max < p->base_seq || p->until_ts_ns_max < p->base_ts_ns)
        return refuse(p->error, "until: it lies before the base (seq %" PRIu64 ")", p->base_seq);
    return 0;
}

/* Index in the file breaks ties: qsort keeps no order of its own. */
static int compare_indexes(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_by_seq(const void *a, const void *b, void *edits)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = ((const struct whatif_edit *)edits)[i].at.seq, y = ((const struct whatif_edit *)edits)[j].at.seq;
    return x != y ? (x > y) - (x < y) : compare_indexes(i, j);
}

static int compare_by_time(const void *a, const void *b, void *edits)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    int64_t x = ((const struct whatif_edit *)edits)[i].at.ts_ns, y = ((const struct whatif_edit *)edits)[j].at.ts_ns;
    return x != y ? (x > y) - (x < y) : compare_indexes(i, j);
}

static int compare_in_file(const void *a, const void *b)
{
    return compare_indexes(*(const uint32_t *)a, *(const uint32_t *)b);
}

static int compare_names(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct name));
}

/* All that one command made is dropped with it, under its first id. */
static uint64_t group_id(uint64_t order_id)
{
    return order_id >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
}

static int make_insert(struct whatif_plan *p, uint32_t i)
{
    const struct whatif_edit *e = &p->scenario->edits[i];
    p->inserted_seqs[i] = p->next_seq++;
    if (e->at.kind == WHATIF_SEQ) {
        p->by_seq.edits[p->by_seq.count++] = i;
        return 0;
    }
    if (e->at.kind != WHATIF_TIME) return refuse(p->error, "edits[%u]: an insert needs at_seq or at_time", i);
    if (p->base_seq && e->at.ts_ns <= p->base_ts_ns)
        return refuse(p->error, "edits[%u]: at_time is at or before the base (seq %" PRIu64 ")", i, p->base_seq);
    p->by_time.edits[p->by_time.count++] = i;
    return 0;
}

/* That it is an order of a batch shows when its command comes. */
static int make_drop_member(struct whatif_plan *p, uint32_t i)
{
    uint64_t order_id = p->scenario->edits[i].order_id, seq = order_id >> ORDER_INDEX_BITS;
    uint32_t named = 0;
    if (id_map_get(&p->drop_members, order_id, NULL)) return 0; /* a second time */
    (void)id_map_get(&p->drop_batches, seq, &named);
    int rc = id_map_put(&p->drop_members, order_id, i);
    return rc ? rc : id_map_put(&p->drop_batches, seq, named + 1);
}

static int make_edit(struct whatif_plan *p, uint32_t i)
{
    const struct whatif_edit *e = &p->scenario->edits[i];
    switch (e->kind) {
    case WHATIF_INSERT: return make_insert(p, i);
    case WHATIF_DROP_SEQ:
        return e->seq ? id_map_put(&p->drop_seqs, e->seq, i) : 0; /* 0 is refused with the seqs below */
    case WHATIF_DROP_ORDER:
        if (e->order_id >> ORDER_INDEX_BITS == 0) return refuse(p->error, "edits[%u]: there is no such order", i);
        if (group_id(e->order_id) != e->order_id) return make_drop_member(p, i);
        return id_map_put(&p->drop_orders, e->order_id, i);
    case WHATIF_DROP_ACCOUNT:
        if (name_empty(&e->account)) return refuse(p->error, "edits[%u]: the account is empty", i);
        p->drop_accounts[p->drop_accounts_count++] = e->account;
        return 0;
    }
    return refuse(p->error, "edits[%u]: neither an insert nor a drop", i);
}

static int check_seq(const struct whatif_plan *p, uint32_t edit, uint64_t seq, uint64_t until_seq)
{
    if (seq <= p->base_seq)
        return refuse(p->error, "edits[%u]: seq %" PRIu64 " is at or before the base (seq %" PRIu64 ")", edit, seq,
                      p->base_seq);
    if (seq > until_seq)
        return refuse(p->error, "edits[%u]: seq %" PRIu64 " is after until (seq %" PRIu64 ")", edit, seq, until_seq);
    return 0;
}

/* Every edit that names a seq lies in (base, until_seq]. */
static int check_seqs(const struct whatif_plan *p, uint64_t until_seq)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < p->scenario->edits_count; ++i) {
        const struct whatif_edit *e = &p->scenario->edits[i];
        if (e->kind == WHATIF_DROP_SEQ) rc = check_seq(p, i, e->seq, until_seq);
        if (e->kind == WHATIF_DROP_ORDER) rc = check_seq(p, i, e->order_id >> ORDER_INDEX_BITS, until_seq);
        if (e->kind == WHATIF_INSERT && e->at.kind == WHATIF_SEQ) rc = check_seq(p, i, e->at.seq, until_seq);
    }
    return rc;
}

static int allocate(struct whatif_plan *p)
{
    size_t room = (size_t)p->scenario->edits_count + 1;
    p->by_seq.edits = calloc(room, sizeof *p->by_seq.edits);
    p->by_time.edits = calloc(room, sizeof *p->by_time.edits);
    p->due = calloc(room, sizeof *p->due);
    p->inserted_seqs = calloc(room, sizeof *p->inserted_seqs);
    p->drop_accounts = calloc(room, sizeof *p->drop_accounts);
    p->of_tape = calloc(1, sizeof *p->of_tape);
    p->of_insert = calloc(1, sizeof *p->of_insert);
    bool made = p->by_seq.edits && p->by_time.edits && p->due && p->inserted_seqs && p->drop_accounts && p->of_tape &&
                p->of_insert;
    return made ? 0 : ERR_NO_MEMORY;
}

static void sort_edits(struct whatif_plan *p)
{
    /* qsort_r hands the edits through as they are; they are not written. */
    void *edits = (void *)(uintptr_t)p->scenario->edits;
    qsort_r(p->by_seq.edits, p->by_seq.count, sizeof *p->by_seq.edits, compare_by_seq, edits);
    qsort_r(p->by_time.edits, p->by_time.count, sizeof *p->by_time.edits, compare_by_time, edits);
    qsort(p->drop_accounts, p->drop_accounts_count, sizeof *p->drop_accounts, compare_names);
}

int whatif_plan_make(struct whatif_plan *p, const struct whatif_scenario *s, uint64_t base_seq, int64_t base_ts_ns,
                     uint64_t end_seq, char *error)
{
    memset(p, 0, sizeof *p);
    p->scenario = s;
    p->base_seq = base_seq;
    p->base_ts_ns = base_ts_ns;
    p->next_seq = BRANCH_SEQ_FIRST;
    p->error = error;
    if (s->edits_count > WHATIF_EDITS_MAX) return refuse(error, "edits: more than %u", WHATIF_EDITS_MAX);
    int rc = allocate(p);
    for (uint32_t i = 0; rc == 0 && i < s->edits_count; ++i) rc = make_edit(p, i);
    if (rc) return rc;
    sort_edits(p);
    rc = make_until(p, end_seq);
    return rc ? rc : check_seqs(p, p->until_seq_max);
}

static void copy_free(struct whatif_copy *copy)
{
    if (!copy) return;
    free(copy->orders);
    free(copy->indexes);
    free(copy);
}

void whatif_plan_free(struct whatif_plan *p)
{
    copy_free(p->of_tape);
    copy_free(p->of_insert);
    free(p->by_seq.edits);
    free(p->by_time.edits);
    free(p->due);
    free(p->inserted_seqs);
    free(p->drop_accounts);
    id_map_free(&p->drop_seqs);
    id_map_free(&p->drop_orders);
    id_map_free(&p->drop_members);
    id_map_free(&p->drop_batches);
    memset(p, 0, sizeof *p);
}

uint32_t whatif_plan_due(struct whatif_plan *p, const struct command *c)
{
    const struct whatif_edit *edits = p->scenario->edits;
    uint32_t count = 0;
    for (struct whatif_queue *q = &p->by_seq; q->next < q->count && edits[q->edits[q->next]].at.seq <= c->seq;
         ++q->next)
        p->due[count++] = q->edits[q->next];
    for (struct whatif_queue *q = &p->by_time; q->next < q->count && edits[q->edits[q->next]].at.ts_ns <= c->ts_ns;
         ++q->next)
        p->due[count++] = q->edits[q->next];
    if (count > 1) qsort(p->due, count, sizeof *p->due, compare_in_file);
    return count;
}

/* The order, GTT or batch that a command names, 0: it names none; a FILL names many. */
static uint64_t named_id(const struct command *c)
{
    switch (c->kind) {
    case COMMAND_MODIFY: return c->modify.order_id;
    case COMMAND_CANCEL: return c->cancel.order_id;
    case COMMAND_GTT_MODIFY: return c->gtt_modify.gtt_id;
    case COMMAND_GTT_DELETE: return c->gtt_delete.gtt_id;
    case COMMAND_CANCEL_BATCH: return c->cancel_batch.batch_id;
    case COMMAND_ROUTE: return c->route.order_id;
    case COMMAND_REPORT: return c->report.order_id;
    case COMMAND_SETTLE: return c->settle.order_id;
    default: return 0;
    }
}

static bool is_dropped(const struct whatif_plan *p, uint64_t order_id)
{
    if (order_id == 0) return false;
    return id_map_get(&p->drop_orders, group_id(order_id), NULL) || id_map_get(&p->drop_members, order_id, NULL);
}

/* A broker's fills of other orders stay. */
static void judge_fill(struct whatif_plan *p, const struct command *c, struct whatif_copy *copy,
                       struct whatif_verdict *v)
{
    const struct command_fill *fill = &c->fill;
    uint32_t kept = 0, skipped = 0;
    if (fill->fills_count > FILLS_MAX) return; /* the engine will say so */
    for (uint32_t i = 0; i < fill->fills_count; ++i) {
        if (is_dropped(p, fill->fills[i].order_id))
            copy->skipped[skipped++] = fill->fills[i].order_id;
        else
            copy->fills[kept++] = fill->fills[i];
    }
    if (skipped == 0) return;
    copy->command = *c;
    copy->command.fill.fills = copy->fills;
    copy->command.fill.fills_count = kept;
    *v = (struct whatif_verdict){kept ? WHATIF_KEEP : WHATIF_SKIP, &copy->command, copy->skipped, skipped};
}

static void judge_names(struct whatif_plan *p, const struct command *c, struct whatif_copy *copy,
                        struct whatif_verdict *v)
{
    *v = (struct whatif_verdict){.fate = WHATIF_KEEP, .as = c};
    copy->skipped[0] = named_id(c);
    if (c->kind == COMMAND_FILL)
        judge_fill(p, c, copy, v);
    else if (is_dropped(p, copy->skipped[0]))
        *v = (struct whatif_verdict){WHATIF_SKIP, c, copy->skipped, 1};
}

void whatif_plan_judge_insert(struct whatif_plan *p, const struct command *c, struct whatif_verdict *v)
{
    judge_names(p, c, p->of_insert, v);
}

/* Whose order or GTT a command makes; NULL: it makes none, or a batch of them. */
static const struct name *placed_by(const struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE: return &c->place.account;
    case COMMAND_PLACE_LINKED: return &c->place_linked.entry.account;
    case COMMAND_GTT_PLACE: return &c->gtt_place.account;
    default: return NULL;
    }
}

static bool makes_orders(const struct command *c)
{
    return c->kind == COMMAND_BATCH || placed_by(c) != NULL;
}

static bool drops_account(const struct whatif_plan *p, const struct name *account)
{
    return p->drop_accounts_count &&
           bsearch(account, p->drop_accounts, p->drop_accounts_count, sizeof *p->drop_accounts, compare_names);
}

/* Every order that the scenario names in this batch is one of it. */
static int check_members(const struct whatif_plan *p, const struct command *c, uint32_t named)
{
    uint64_t batch_id = c->seq << ORDER_INDEX_BITS;
    uint32_t met = 0;
    for (uint32_t k = 1; k <= c->batch.orders_count; ++k) met += id_map_get(&p->drop_members, batch_id + k, NULL);
    for (uint32_t i = 0; met < named && i < p->scenario->edits_count; ++i) {
        const struct whatif_edit *e = &p->scenario->edits[i];
        if (e->kind == WHATIF_DROP_ORDER && e->order_id > batch_id + c->batch.orders_count &&
            group_id(e->order_id) == batch_id)
            return refuse(p->error, "edits[%u]: batch %" PRIu64 " has %u orders", i, batch_id, c->batch.orders_count);
    }
    return 0;
}

/* The first edit that drops something of this command alone; there is one. */
static uint32_t member_edit(const struct whatif_plan *p, uint64_t order_id)
{
    uint32_t i = 0;
    const struct whatif_edit *e = p->scenario->edits;
    while (e[i].kind != WHATIF_DROP_ORDER || e[i].order_id == order_id || group_id(e[i].order_id) != order_id) ++i;
    return i;
}

/* What is dropped of this command can be. */
static int check_drops(const struct whatif_plan *p, const struct command *c)
{
    uint64_t order_id = c->seq << ORDER_INDEX_BITS;
    uint32_t edit, named;
    if (!makes_orders(c) && id_map_get(&p->drop_orders, order_id, &edit))
        return refuse(p->error, "edits[%u]: seq %" PRIu64 " did not place an order", edit, c->seq);
    if (c->kind == COMMAND_SET_LIMITS && c->seq == 1 && id_map_get(&p->drop_seqs, c->seq, &edit))
        return refuse(p->error, "edits[%u]: the first command sets the tape's limits and cannot be dropped", edit);
    if (!id_map_get(&p->drop_batches, c->seq, &named)) return 0;
    if (c->kind == COMMAND_BATCH) return check_members(p, c, named);
    edit = member_edit(p, order_id);
    if (!makes_orders(c)) return refuse(p->error, "edits[%u]: seq %" PRIu64 " did not place an order", edit, c->seq);
    return refuse(p->error, "edits[%u]: a leg of order %" PRIu64 ", or sent by that GTT: drop that one", edit,
                  order_id);
}

static int copy_reserve(struct whatif_copy *copy)
{
    if (!copy->orders) copy->orders = calloc(BATCH_ORDERS_MAX, sizeof *copy->orders);
    if (!copy->indexes) copy->indexes = calloc(BATCH_ORDERS_MAX, sizeof *copy->indexes);
    return copy->orders && copy->indexes ? 0 : ERR_NO_MEMORY;
}

/* What is left of a batch, each order with its index. */
static int judge_members(struct whatif_plan *p, const struct command *c, struct whatif_verdict *v)
{
    const struct command_batch *batch = &c->batch;
    struct whatif_copy *copy = p->of_tape;
    uint32_t kept = 0;
    int rc = copy_reserve(copy);
    for (uint32_t k = 0; rc == 0 && k < batch->orders_count; ++k) {
        uint64_t order_id = (c->seq << ORDER_INDEX_BITS) + k + 1;
        bool of_account = drops_account(p, &batch->orders[k].account);
        if (of_account) rc = id_map_put(&p->drop_members, order_id, 0);
        if (of_account || is_dropped(p, order_id)) continue;
        copy->orders[kept] = batch->orders[k];
        copy->indexes[kept++] = (uint16_t)(k + 1);
    }
    if (rc || kept == batch->orders_count) return rc;
    copy->command = *c;
    copy->command.batch.orders = copy->orders;
    copy->command.batch.indexes = copy->indexes;
    copy->command.batch.orders_count = kept;
    *v = (struct whatif_verdict){.fate = kept ? WHATIF_KEEP : WHATIF_DROP, .as = &copy->command};
    return 0;
}

static bool drops_whole(const struct whatif_plan *p, const struct command *c)
{
    const struct name *account = placed_by(c);
    if (id_map_get(&p->drop_seqs, c->seq, NULL)) return true;
    if (!makes_orders(c)) return false;
    return id_map_get(&p->drop_orders, c->seq << ORDER_INDEX_BITS, NULL) || (account && drops_account(p, account));
}

int whatif_plan_judge(struct whatif_plan *p, const struct command *c, struct whatif_verdict *v)
{
    int rc = check_drops(p, c);
    if (rc) return rc;
    judge_names(p, c, p->of_tape, v);
    if (drops_whole(p, c))
        *v = (struct whatif_verdict){.fate = WHATIF_DROP, .as = c};
    else if (c->kind == COMMAND_BATCH && (p->drop_accounts_count || p->drop_batches.count))
        rc = judge_members(p, c, v);
    if (rc == 0 && v->fate == WHATIF_DROP && makes_orders(c))
        rc = id_map_put(&p->drop_orders, c->seq << ORDER_INDEX_BITS, 0);
    return rc;
}

int whatif_plan_check_end(const struct whatif_plan *p, uint64_t until_seq)
{
    int rc = check_seqs(p, until_seq);
    if (rc == 0 && p->by_time.next < p->by_time.count)
        rc = refuse(p->error, "edits[%u]: at_time is after until (seq %" PRIu64 ")", p->by_time.edits[p->by_time.next],
                    until_seq);
    assert(rc || p->by_seq.next == p->by_seq.count);
    return rc;
}
