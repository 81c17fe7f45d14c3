/* tests/snapshots/test_whatif.c - branches of history: what they change, what they leave alone, what is no scenario. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/rejects.h"
#include "scene.h"
#include "snapshots/ledger.h"
#include "snapshots/recover.h"
#include "snapshots/whatif.h"

enum { REPORT_ALL = WHATIF_ORDERS | WHATIF_TRADES | WHATIF_POSITIONS | WHATIF_ACCOUNTS | WHATIF_BOOK };

static int set_up(void **state)
{
    struct scene *s = malloc(sizeof *s);
    if (!s) return -1;
    scene_open(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene_close(*state);
    free(*state);
    return 0;
}

static struct whatif_edit insert_at(uint64_t seq, struct command c)
{
    return (struct whatif_edit){.kind = WHATIF_INSERT, .at = {.kind = WHATIF_SEQ, .seq = seq}, .command = c};
}

static struct whatif_edit insert_at_time(int64_t ts_ns, struct command c)
{
    return (struct whatif_edit){.kind = WHATIF_INSERT, .at = {.kind = WHATIF_TIME, .ts_ns = ts_ns}, .command = c};
}

static struct whatif_edit drop_seq(uint64_t seq)
{
    return (struct whatif_edit){.kind = WHATIF_DROP_SEQ, .seq = seq};
}

static struct whatif_edit drop_order(uint64_t id)
{
    return (struct whatif_edit){.kind = WHATIF_DROP_ORDER, .order_id = id};
}

static struct whatif_edit drop_account(const char *account)
{
    return (struct whatif_edit){.kind = WHATIF_DROP_ACCOUNT, .account = name_of(account)};
}

static struct whatif_point at_seq(uint64_t seq)
{
    return (struct whatif_point){.kind = WHATIF_SEQ, .seq = seq};
}
static struct whatif_point at_time(int64_t ts_ns)
{
    return (struct whatif_point){.kind = WHATIF_TIME, .ts_ns = ts_ns};
}

static struct whatif_scenario with(const struct whatif_edit *edits, uint32_t count)
{
    return (struct whatif_scenario){.edits = edits, .edits_count = count, .report = REPORT_ALL};
}

static void run(struct scene *s, const struct whatif_scenario *scenario, struct whatif_result *out)
{
    scene_commit(s);
    int rc = whatif_run(&s->dir, scenario, out);
    if (rc) fail_msg("%s: %s", error_text(rc), out->error);
}

static int64_t time_of(uint64_t seq)
{
    return SCENE_BEGIN_NS + (int64_t)seq * SCENE_STEP_NS;
}

static uint64_t inserted_id(uint32_t nth)
{
    return (BRANCH_SEQ_FIRST + nth) << ORDER_INDEX_BITS;
}

static const struct whatif_order_diff *order_diff(const struct whatif_result *r, uint64_t id)
{
    for (size_t i = 0; i < r->orders_count; ++i)
        if ((r->orders[i].in_baseline ? r->orders[i].baseline.order_id : r->orders[i].branch.order_id) == id)
            return &r->orders[i];
    return NULL;
}

static const struct whatif_position_diff *position_diff(const struct whatif_result *r, const char *account)
{
    struct name n = name_of(account);
    for (size_t i = 0; i < r->positions_count; ++i) {
        const struct whatif_position_diff *p = &r->positions[i];
        if (name_equal(&n, p->in_baseline ? &p->baseline.account : &p->branch.account)) return p;
    }
    return NULL;
}

static void assert_no_difference(const struct whatif_result *r)
{
    assert_int_equal(r->orders_count + r->trades_count + r->positions_count + r->balances_count + r->levels_count, 0);
    assert_int_equal(r->inserted_count + r->skipped_count, 0);
    assert_true(digest_equal(r->base_digest, r->branch_digest));
}

static void assert_same_answer(const struct whatif_result *a, const struct whatif_result *b)
{
    assert_int_equal(a->base_seq, b->base_seq);
    assert_int_equal(a->until_seq, b->until_seq);
    assert_int_equal(a->commands, b->commands);
    assert_true(digest_equal(a->base_digest, b->base_digest) && digest_equal(a->branch_digest, b->branch_digest));
    assert_int_equal(a->orders_count, b->orders_count);
    if (a->orders_count) assert_memory_equal(a->orders, b->orders, a->orders_count * sizeof *a->orders);
    assert_int_equal(a->inserted_count, b->inserted_count);
    if (a->inserted_count) assert_memory_equal(a->inserted, b->inserted, a->inserted_count * sizeof *a->inserted);
    assert_int_equal(a->skipped_count, b->skipped_count);
    if (a->skipped_count) assert_memory_equal(a->skipped, b->skipped, a->skipped_count * sizeof *a->skipped);
    assert_int_equal(a->trades_count, b->trades_count);
    for (size_t i = 0; i < a->trades_count; ++i) {
        const struct whatif_trade_diff *x = &a->trades[i], *y = &b->trades[i];
        assert_true(x->in_baseline == y->in_baseline && x->in_branch == y->in_branch);
        assert_true(whatif_trade_alike(&x->baseline, &y->baseline) && whatif_trade_alike(&x->branch, &y->branch));
        assert_true(x->baseline.seq == y->baseline.seq && x->branch.seq == y->branch.seq);
    }
    assert_int_equal(a->positions_count, b->positions_count);
    assert_int_equal(a->balances_count, b->balances_count);
    assert_int_equal(a->levels_count, b->levels_count);
}

static void without_edits_nothing_differs(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 300);
    struct whatif_scenario w = with(NULL, 0);
    struct whatif_result r;
    run(s, &w, &r);
    assert_no_difference(&r);
    assert_true(digest_equal(r.base_digest, scene_digest(s)));
    assert_int_equal(r.base_seq, 0);
    assert_int_equal(r.until_seq, s->seq);
    assert_int_equal(r.until_ts_ns, s->ts_ns);
    assert_int_equal(r.commands, s->seq);
    whatif_result_free(&r);
}

static void an_empty_tape_has_nothing_to_branch(void **state)
{
    struct whatif_scenario w = with(NULL, 0);
    struct whatif_result r;
    run(*state, &w, &r);
    assert_no_difference(&r);
    assert_int_equal(r.until_seq, 0);
    whatif_result_free(&r);
}

static void an_inserted_order_takes_what_another_had_taken(void **state)
{
    /* given bob's 10 that cat buys */
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100), buy = scene_place(s, "cat", SIDE_BUY, 10, 100);
    scene_flow(s, 0);
    /* when ann had bought 4 just before cat */
    struct whatif_edit e = insert_at(buy >> ORDER_INDEX_BITS, scene_order("ann", "ACME", SIDE_BUY, 4, 100));
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    /* then her order has the first seq of the branch, the time of cat's, and is filled */
    assert_int_equal(r.inserted_count, 1);
    assert_int_equal(r.inserted[0].order_id, inserted_id(0));
    assert_int_equal(r.inserted[0].status, ORDER_STATUS_FILLED);
    assert_int_equal(r.inserted[0].created_ns, time_of(buy >> ORDER_INDEX_BITS));
    /* cat's is filled in part; bob's is sold out either way and no difference */
    assert_int_equal(r.orders_count, 2);
    assert_null(order_diff(&r, sell));
    const struct whatif_order_diff *cat = order_diff(&r, buy), *ann = order_diff(&r, inserted_id(0));
    assert_int_equal(cat->baseline.status, ORDER_STATUS_FILLED);
    assert_int_equal(cat->branch.status, ORDER_STATUS_PARTIALLY_FILLED);
    assert_int_equal(cat->branch.leaves, 4);
    assert_true(!ann->in_baseline && ann->in_branch);
    assert_true(&r.orders[1] == ann); /* sorted by id */
    /* one trade has changed, one is new */
    assert_int_equal(r.trades_count, 2);
    assert_true(r.trades[0].in_baseline && r.trades[0].in_branch);
    assert_int_equal(r.trades[0].baseline.fill.quantity, 10);
    assert_int_equal(r.trades[0].branch.fill.quantity, 6);
    assert_true(!r.trades[1].in_baseline);
    assert_int_equal(r.trades[1].branch.fill.quantity, 4);
    /* positions and cash follow; bob's and the fees' are the same */
    assert_int_equal(r.positions_count, 2);
    assert_false(position_diff(&r, "ann")->in_baseline);
    assert_int_equal(position_diff(&r, "ann")->branch.position.quantity, 4);
    assert_int_equal(position_diff(&r, "cat")->baseline.position.quantity, 10);
    assert_int_equal(position_diff(&r, "cat")->branch.position.quantity, 6);
    assert_null(position_diff(&r, "bob"));
    assert_int_equal(r.balances_count, 2);
    /* and 4 of cat rest in the book */
    assert_int_equal(r.levels_count, 1);
    assert_true(!r.levels[0].in_baseline && r.levels[0].branch.quantity == 4 && r.levels[0].side == SIDE_BUY);
    assert_false(digest_equal(r.base_digest, r.branch_digest));
    assert_true(digest_equal(r.base_digest, scene_digest(s)));
    whatif_result_free(&r);
}

static void an_inserted_order_may_be_refused(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100);
    struct whatif_edit e = insert_at(sell >> ORDER_INDEX_BITS, scene_order("ann", "NONE", SIDE_BUY, 4, 100));
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.inserted_count, 1);
    assert_int_equal(r.inserted[0].status, ORDER_STATUS_REJECTED);
    assert_int_equal(r.inserted[0].refusal.reason, REJECT_UNKNOWN_INSTRUMENT);
    assert_int_equal(r.orders_count, 1);
    assert_true(digest_equal(r.base_digest, r.branch_digest));
    whatif_result_free(&r);
}

static void a_dropped_order_takes_its_modify_and_cancel_with_it(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100);
    uint64_t buy = scene_place(s, "cat", SIDE_BUY, 4, 100);
    uint64_t modify = scene_modify(s, sell, 8), cancel = scene_cancel(s, sell), other = scene_cancel(s, buy);
    struct whatif_edit by_id = drop_order(sell), by_seq = drop_seq(sell >> ORDER_INDEX_BITS),
                       by_account = drop_account("bob");
    struct whatif_scenario w = with(&by_id, 1);
    struct whatif_result r, again;
    run(s, &w, &r);
    assert_int_equal(r.skipped_count, 2);
    assert_true(r.skipped[0].seq == modify && r.skipped[0].command_kind == COMMAND_MODIFY &&
                r.skipped[0].order_id == sell);
    assert_true(r.skipped[1].seq == cancel && r.skipped[1].command_kind == COMMAND_CANCEL &&
                r.skipped[1].order_id == sell);
    assert_int_equal(r.orders_count, 2);
    assert_true(order_diff(&r, sell)->in_baseline && !order_diff(&r, sell)->in_branch);
    /* cat's now rests until she cancels it */
    assert_int_equal(order_diff(&r, buy)->branch.status, ORDER_STATUS_CANCELLED);
    assert_int_equal(order_diff(&r, buy)->branch.updated_ns, time_of(other));
    assert_int_equal(r.trades_count, 1);
    assert_true(r.trades[0].in_baseline && !r.trades[0].in_branch);
    assert_int_equal(r.inserted_count, 0);
    /* by its seq, or by its account, it is the same */
    w = with(&by_seq, 1);
    run(s, &w, &again);
    assert_same_answer(&r, &again);
    whatif_result_free(&again);
    w = with(&by_account, 1);
    run(s, &w, &again);
    assert_same_answer(&r, &again);
    whatif_result_free(&again);
    whatif_result_free(&r);
}

static void a_dropped_cancel_leaves_the_order_open(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100), cancel = scene_cancel(s, sell);
    struct whatif_edit e = drop_seq(cancel);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_int_equal(r.orders[0].baseline.status, ORDER_STATUS_CANCELLED);
    assert_int_equal(r.orders[0].branch.status, ORDER_STATUS_ACKED);
    assert_int_equal(r.skipped_count, 0);
    whatif_result_free(&r);
}

static void dropping_what_was_refused_changes_no_state(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_place(s, "ann", SIDE_BUY, 1, 99);
    uint64_t refused = scene_add(s, scene_order("ann", "NONE", SIDE_BUY, 1, 1));
    struct whatif_edit e = drop_seq(refused);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_int_equal(r.orders[0].baseline.status, ORDER_STATUS_REJECTED);
    assert_true(digest_equal(r.base_digest, r.branch_digest));
    whatif_result_free(&r);
}

static void time_passes_where_a_command_was_dropped(void **state)
{
    /* given an order that expires when cat's comes */
    struct scene *s = *state;
    scene_market(s, 64);
    struct command gtd = scene_order("bob", "ACME", SIDE_SELL, 10, 100);
    gtd.place.tif = TIF_GTD;
    gtd.place.expires_ns = s->ts_ns + 2 * SCENE_STEP_NS;
    uint64_t sell = scene_add(s, gtd) << ORDER_INDEX_BITS, other = scene_place(s, "cat", SIDE_BUY, 1, 50);
    /* when cat's is dropped, then bob's expires all the same */
    struct whatif_edit e = drop_order(other);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_null(order_diff(&r, sell));
    whatif_result_free(&r);
}

static void inserts_at_one_place_act_in_the_order_of_the_file(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t first = scene_place(s, "cat", SIDE_BUY, 1, 50) >> ORDER_INDEX_BITS;
    uint64_t last = scene_place(s, "cat", SIDE_BUY, 1, 51) >> ORDER_INDEX_BITS;
    /* ann and bob both want to be first at 60; a later place stands first in the file; bob cancels what the file's
     * second made */
    struct whatif_edit edits[] = {
        insert_at(last, (struct command){.kind = COMMAND_CANCEL, .cancel = {inserted_id(1)}}),
        insert_at(first, scene_order("bob", "ACME", SIDE_BUY, 2, 60)),
        insert_at_time(time_of(first) - SCENE_STEP_NS / 2, scene_order("ann", "ACME", SIDE_BUY, 3, 60)),
        insert_at(last, scene_order("cat", "ACME", SIDE_SELL, 1, 60)),
    };
    struct whatif_scenario w = with(edits, 4);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.inserted_count, 3);
    assert_int_equal(r.inserted[0].order_id, inserted_id(1));
    assert_int_equal(r.inserted[0].status, ORDER_STATUS_CANCELLED);
    assert_int_equal(r.inserted[0].created_ns, time_of(first));
    assert_int_equal(r.inserted[0].updated_ns, time_of(last));
    /* at_time comes after at_seq in the file, so its time is not before the branch's */
    assert_int_equal(r.inserted[1].order_id, inserted_id(2));
    assert_int_equal(r.inserted[1].created_ns, time_of(first));
    assert_int_equal(r.inserted[1].status, ORDER_STATUS_PARTIALLY_FILLED);
    assert_int_equal(r.inserted[2].status, ORDER_STATUS_FILLED);
    whatif_result_free(&r);
}

static void at_time_acts_before_the_first_command_that_is_not_earlier(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100);
    scene_place(s, "cat", SIDE_BUY, 10, 100);
    for (int64_t before = 0; before < 2; ++before) {
        struct whatif_edit e = insert_at_time(time_of(sell >> ORDER_INDEX_BITS) + 1 - before,
                                              scene_order("ann", "ACME", SIDE_BUY, 10, 100));
        struct whatif_scenario w = with(&e, 1);
        struct whatif_result r;
        run(s, &w, &r);
        /* a nanosecond after bob it trades at once; at bob's own time it stands before him and rests until he comes */
        assert_int_equal(r.inserted[0].created_ns, e.at.ts_ns);
        assert_int_equal(r.inserted[0].executed_ns, before ? time_of(sell >> ORDER_INDEX_BITS) : e.at.ts_ns);
        whatif_result_free(&r);
    }
}

static void a_base_and_an_until_bound_what_is_looked_at(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100);
    uint64_t base = s->seq;
    uint64_t buy = scene_place(s, "cat", SIDE_BUY, 4, 100);
    uint64_t until = s->seq;
    struct digest digest = scene_digest(s);
    scene_flow(s, 30);
    struct whatif_edit e = drop_order(buy);
    struct whatif_scenario by_seq = with(&e, 1), by_time = by_seq;
    by_seq.base = at_seq(base);
    by_seq.until = at_seq(until);
    by_time.base = at_time(time_of(base) + SCENE_STEP_NS - 1);
    by_time.until = at_time(time_of(until));
    struct whatif_result r, again;
    run(s, &by_seq, &r);
    assert_int_equal(r.base_seq, base);
    assert_int_equal(r.until_seq, until);
    assert_int_equal(r.commands, 1);
    assert_true(digest_equal(r.base_digest, digest));
    /* bob's order was open at the base: its row comes from the state there */
    assert_int_equal(r.orders_count, 2);
    assert_int_equal(order_diff(&r, sell)->baseline.leaves, 6);
    assert_int_equal(order_diff(&r, sell)->branch.leaves, 10);
    assert_int_equal(order_diff(&r, sell)->branch.status, ORDER_STATUS_ACKED);
    run(s, &by_time, &again);
    assert_same_answer(&r, &again);
    whatif_result_free(&again);
    whatif_result_free(&r);
    /* a base at the end leaves nothing to fold */
    struct whatif_scenario at_end = with(NULL, 0);
    at_end.base = at_seq(s->seq);
    run(s, &at_end, &r);
    assert_no_difference(&r);
    assert_int_equal(r.commands, 0);
    assert_true(digest_equal(r.base_digest, scene_digest(s)));
    whatif_result_free(&r);
}

static void a_snapshot_changes_nothing_but_the_way_there(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 50);
    uint64_t first = scene_snapshot(s);
    scene_flow(s, 50);
    uint64_t second = scene_snapshot(s);
    scene_flow(s, 100);
    struct whatif_edit edits[] = {
        insert_at(second + 20, scene_order("ann", "ACME", SIDE_BUY, 30, 105)),
        drop_account("bob"),
        insert_at_time(time_of(second + 60), scene_order("cat", "BOLT", SIDE_SELL, 30, 95)),
    };
    uint64_t bases[] = {0, first, first + 7, second, second + 3};
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; ++i) {
        struct whatif_scenario w = with(edits, 3);
        struct whatif_result r, again;
        w.base = at_seq(bases[i]);
        run(s, &w, &r);
        assert_true(r.orders_count > 3 && r.trades_count > 3 && r.positions_count && r.balances_count &&
                    r.levels_count);
        w.no_snapshot = true;
        run(s, &w, &again);
        assert_same_answer(&r, &again);
        whatif_result_free(&again);
        if (bases[i] == first) {
            w.no_snapshot = false;
            w.base = (struct whatif_point){.kind = WHATIF_SNAPSHOT, .seq = first};
            run(s, &w, &again);
            assert_same_answer(&r, &again);
            whatif_result_free(&again);
        }
        whatif_result_free(&r);
    }
}

static void a_report_and_filters_narrow_the_answer(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 200);
    struct whatif_edit e = insert_at(60, scene_order("ann", "ACME", SIDE_BUY, 50, 105));
    struct name cat = name_of("cat"), bolt = name_of("BOLT");
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result all, r;
    run(s, &w, &all);
    w.accounts = &cat;
    w.accounts_count = 1;
    run(s, &w, &r);
    assert_true(r.orders_count > 0 && r.orders_count < all.orders_count);
    for (size_t i = 0; i < r.orders_count; ++i)
        assert_true(
            name_equal(r.orders[i].in_baseline ? &r.orders[i].baseline.account : &r.orders[i].branch.account, &cat));
    assert_true(r.positions_count <= 2 && r.balances_count <= 1);
    assert_int_equal(r.inserted_count, 1);
    assert_true(digest_equal(r.branch_digest, all.branch_digest));
    whatif_result_free(&r);
    w.accounts_count = 0;
    w.symbols = &bolt;
    w.symbols_count = 1;
    run(s, &w, &r);
    for (size_t i = 0; i < r.orders_count; ++i)
        assert_true(
            name_equal(r.orders[i].in_baseline ? &r.orders[i].baseline.symbol : &r.orders[i].branch.symbol, &bolt));
    whatif_result_free(&r);
    w.symbols_count = 0;
    w.report = WHATIF_TRADES;
    run(s, &w, &r);
    assert_int_equal(r.trades_count, all.trades_count);
    assert_int_equal(r.orders_count + r.positions_count + r.balances_count + r.levels_count, 0);
    whatif_result_free(&r);
    w.report = 0;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, all.orders_count);
    assert_int_equal(r.levels_count, 0);
    whatif_result_free(&r);
    whatif_result_free(&all);
}

static void an_inserted_sweep_is_finished_by_the_branch(void **state)
{
    /* given more orders than one command may touch */
    struct scene *s = *state;
    scene_market(s, 4);
    for (int i = 0; i < 10; ++i) scene_place(s, "ann", SIDE_BUY, 1, 50 + i);
    uint64_t next = scene_place(s, "bob", SIDE_BUY, 1, 40);
    /* when they are all cancelled before bob's order comes */
    struct whatif_edit e = insert_at(next >> ORDER_INDEX_BITS, scene_mass_cancel("ann"));
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    /* then they are, and bob's is accepted as it was */
    assert_int_equal(r.orders_count, 10);
    for (size_t i = 0; i < 10; ++i) assert_int_equal(r.orders[i].branch.cancel_reason, CANCEL_REASON_MASS_CANCEL);
    assert_null(order_diff(&r, next));
    whatif_result_free(&r);
}

static void a_sweep_of_the_last_edit_is_finished_too(void **state)
{
    /* given orders that ann sweeps with the last command: one CONTINUE is enough on the tape, the branch has more
     * orders */
    struct scene *s = *state;
    scene_market(s, 4);
    for (int i = 0; i < 5; ++i) scene_place(s, "ann", SIDE_BUY, 1, 50 + i);
    uint64_t sweep = scene_add(s, scene_mass_cancel("ann"));
    assert_int_equal(s->seq, sweep + 1);
    struct whatif_edit edits[6];
    for (int i = 0; i < 6; ++i) edits[i] = insert_at(sweep, scene_order("ann", "ACME", SIDE_BUY, 1, 30 + i));
    struct whatif_scenario w = with(edits, 6);
    struct whatif_result r;
    run(s, &w, &r);
    for (size_t i = 0; i < 6; ++i) assert_int_equal(r.inserted[i].cancel_reason, CANCEL_REASON_MASS_CANCEL);
    whatif_result_free(&r);
    /* an edit between a sweep and its CONTINUE waits for the sweep */
    edits[0] = insert_at(sweep + 1, scene_order("ann", "ACME", SIDE_BUY, 1, 30));
    w = with(edits, 1);
    run(s, &w, &r);
    assert_int_equal(r.inserted[0].status, ORDER_STATUS_ACKED);
    whatif_result_free(&r);
    /* and `until` may cut one: the branch is cut like the baseline */
    edits[0] = insert_at(sweep, scene_order("ann", "BOLT", SIDE_BUY, 1, 30));
    w = with(edits, 1);
    w.until = at_seq(sweep);
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    whatif_result_free(&r);
}

static void what_is_no_scenario_is_refused_with_a_reason(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t order = scene_place(s, "bob", SIDE_SELL, 10, 100), cancel = scene_cancel(s, order);
    scene_place(s, "bob", SIDE_SELL, 10, 100);
    scene_commit(s);
    struct command buy = scene_order("ann", "ACME", SIDE_BUY, 1, 100);
    uint64_t end = s->seq;
    struct whatif_point none = {0}, seq5 = at_seq(5), snapshot = {.kind = WHATIF_SNAPSHOT, .seq = 5};
    const struct {
        struct whatif_point base, until;
        struct whatif_edit edit;
        const char *words;
    } rows[] = {
        {seq5, none, insert_at(5, buy), "before the base"},
        {seq5, none, insert_at(0, buy), "before the base"},
        {seq5, none, drop_seq(5), "before the base"},
        {at_seq(cancel), none, drop_order(order), "before the base"},
        {seq5, none, insert_at_time(time_of(5), buy), "before the base"},
        {none, at_seq(end - 1), insert_at(end, buy), "after until"},
        {none, none, insert_at(end + 1, buy), "after until"},
        {none, none, insert_at_time(time_of(end) + 1, buy), "after until"},
        {none, at_time(time_of(end - 1)), insert_at_time(time_of(end), buy), "after until"},
        {none, none, drop_seq(end + 1), "after until"},
        {none, none, drop_order((end + 1) << ORDER_INDEX_BITS), "after until"},
        {none, none, drop_order(cancel << ORDER_INDEX_BITS), "did not place"},
        {none, none, drop_order(order + 1), "a leg of order"},
        {none, none, drop_order(7), "no such order"},
        {none, none, drop_seq(0), "before the base"},
        {none, none, drop_seq(1), "limits"},
        {none, none, insert_at(1, buy), "limits"},
        {none, none, insert_at_time(0, buy), "limits"},
        {none, none, drop_account("nobody"), "no account"},
        {at_seq(end + 1), none, drop_seq(5), "beyond the end"},
        {none, at_seq(end + 1), drop_seq(5), "beyond the end"},
        {snapshot, none, drop_seq(7), "no snapshot"},
        {at_seq(7), seq5, drop_seq(8), "before the base"},
        {at_seq(7), at_time(time_of(5)), drop_seq(8), "before the base"},
        {none, none, {.kind = WHATIF_INSERT, .command = buy}, "at_seq or at_time"},
        {none, none, {.kind = WHATIF_DROP_ACCOUNT}, "empty"},
        {none, none, {0}, "neither"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct whatif_scenario w = with(&rows[i].edit, 1);
        struct whatif_result r;
        w.base = rows[i].base;
        w.until = rows[i].until;
        int rc = whatif_run(&s->dir, &w, &r);
        if (rc != ERR_USAGE || !strstr(r.error, rows[i].words)) fail_msg("row %zu: %d, %s", i, rc, r.error);
        whatif_result_free(&r);
    }
}

/* The obvious way: both histories folded from the start, every row and every trade kept. */
enum { REFERENCE_ROWS = 4096 };
struct reference {
    struct fold fold;
    struct order_row rows[REFERENCE_ROWS];
    size_t rows_count;
    struct whatif_trade trades[REFERENCE_ROWS];
    size_t trades_count;
};

static struct order_row *reference_row(struct reference *x, uint64_t id)
{
    for (size_t i = 0; i < x->rows_count; ++i)
        if (x->rows[i].order_id == id) return &x->rows[i];
    return NULL;
}

static struct whatif_trade *reference_trade(struct reference *x, const struct event *e)
{
    struct whatif_trade *t = &x->trades[x->trades_count++];
    *t = (struct whatif_trade){.seq = e->seq, .index = e->index, .ts_ns = e->ts_ns};
    return t;
}

/* The opposite of what it undoes. */
static void reference_bust(struct reference *x, const struct event *e)
{
    struct whatif_trade *t = reference_trade(x, e);
    const struct event_busted *b = &e->busted;
    t->busted = true;
    t->fill.price = b->price;
    t->fill.quantity = b->quantity;
    t->fill.notional = b->notional;
    t->fill.venue = reference_row(x, b->order_id)->venue;
    if (b->side == SIDE_BUY) {
        t->fill.sell_order_id = b->order_id;
        t->fill.sell_fee = -b->fee;
    } else {
        t->fill.buy_order_id = b->order_id;
        t->fill.buy_fee = -b->fee;
    }
}

static void reference_apply(struct reference *x, struct command c)
{
    if (!x->fold.engine) assert_int_equal(fold_prepare(&x->fold, &c.set_limits), 0);
    uint32_t count = engine_apply(x->fold.engine, &c, x->fold.events);
    for (uint32_t i = 0; i < count; ++i) {
        const struct event *e = &x->fold.events[i];
        assert_true(x->rows_count < REFERENCE_ROWS && x->trades_count < REFERENCE_ROWS);
        if (e->kind == EVENT_PLACED) order_row_from_placed(&x->rows[x->rows_count++], e);
        if (order_row_is_rejected_by(e)) order_row_from_rejected(&x->rows[x->rows_count++], e);
        if (order_row_changed_id(e) != 0) order_row_change(reference_row(x, order_row_changed_id(e)), e);
        if (e->kind == EVENT_BUSTED) reference_bust(x, e);
        if (e->kind != EVENT_FILLED) continue;
        struct order_row *bought = reference_row(x, e->filled.buy_order_id);
        struct order_row *sold = reference_row(x, e->filled.sell_order_id);
        assert_true(bought != NULL || e->filled.buy_order_id == 0);
        assert_true(sold != NULL || e->filled.sell_order_id == 0);
        if (bought != NULL) order_row_fill(bought, e, SIDE_BUY);
        if (sold != NULL) order_row_fill(sold, e, SIDE_SELL);
        reference_trade(x, e)->fill = e->filled;
    }
}

static bool same_pair(const struct whatif_trade *a, const struct whatif_trade *b)
{
    return a->fill.buy_order_id == b->fill.buy_order_id && a->fill.sell_order_id == b->fill.sell_order_id;
}

/* The fill of x that is the n-th of its pair, as the i-th trade of y is; NULL: none. */
static const struct whatif_trade *reference_fellow(const struct reference *x, const struct reference *y, size_t i)
{
    size_t nth = 0;
    for (size_t j = 0; j < i; ++j) nth += same_pair(&y->trades[j], &y->trades[i]);
    for (size_t j = 0; j < x->trades_count; ++j)
        if (same_pair(&x->trades[j], &y->trades[i]) && nth-- == 0) return &x->trades[j];
    return NULL;
}

static void assert_like_reference(const struct whatif_result *r, struct reference *a, struct reference *b)
{
    size_t orders = 0, trades = 0;
    for (size_t i = 0; i < a->rows_count; ++i) {
        const struct order_row *x = &a->rows[i], *y = reference_row(b, x->order_id);
        if (y && order_row_alike(x, y)) continue;
        const struct whatif_order_diff *d = order_diff(r, x->order_id);
        assert_true(d && d->in_baseline && order_row_alike(&d->baseline, x) &&
                    d->baseline.created_seq == x->created_seq);
        assert_int_equal(d->in_branch, y != NULL);
        if (y) assert_true(order_row_alike(&d->branch, y));
        orders++;
    }
    for (size_t i = 0; i < b->rows_count; ++i) orders += reference_row(a, b->rows[i].order_id) == NULL;
    assert_int_equal(r->orders_count, orders);
    for (size_t i = 0; i < a->trades_count; ++i) {
        const struct whatif_trade *fellow = reference_fellow(b, a, i);
        trades += !fellow || !whatif_trade_alike(fellow, &a->trades[i]);
    }
    for (size_t i = 0; i < b->trades_count; ++i) trades += reference_fellow(a, b, i) == NULL;
    assert_int_equal(r->trades_count, trades);
    assert_true(digest_equal(r->base_digest, engine_digest_full(a->fold.engine)));
    assert_true(digest_equal(r->branch_digest, engine_digest_full(b->fold.engine)));
}

struct editing {
    struct reference *baseline, *branch;
    const struct whatif_edit *edits;
    uint32_t edits_count;
    uint64_t continue_seq; /* of the branch's next CONTINUE of its own */
};

static bool seq_dropped(const struct editing *x, uint64_t seq)
{
    for (uint32_t i = 0; i < x->edits_count; ++i)
        if (x->edits[i].kind == WHATIF_DROP_SEQ && x->edits[i].seq == seq) return true;
    return false;
}

static uint64_t named_seq(const struct command *c)
{
    switch (c->kind) {
    case COMMAND_MODIFY: return c->modify.order_id >> ORDER_INDEX_BITS;
    case COMMAND_CANCEL: return c->cancel.order_id >> ORDER_INDEX_BITS;
    case COMMAND_ROUTE: return c->route.order_id >> ORDER_INDEX_BITS;
    case COMMAND_REPORT: return c->report.order_id >> ORDER_INDEX_BITS;
    case COMMAND_SETTLE: return c->settle.order_id >> ORDER_INDEX_BITS;
    case COMMAND_CANCEL_BATCH: return c->cancel_batch.batch_id >> ORDER_INDEX_BITS;
    default: return 0;
    }
}

static void branch_goes_on(struct editing *x, int64_t ts_ns)
{
    const struct engine *e = x->branch->fold.engine;
    while (e != NULL && engine_continue_needed(e, ts_ns))
        reference_apply(x->branch,
                        (struct command){.seq = x->continue_seq++, .ts_ns = ts_ns, .kind = COMMAND_CONTINUE});
}

static void branch_applies(struct editing *x, struct command c)
{
    if (c.kind != COMMAND_CONTINUE && x->branch->fold.engine != NULL)
        branch_goes_on(x, engine_scalars(x->branch->fold.engine).now_ns);
    if (c.kind != COMMAND_CONTINUE) branch_goes_on(x, c.ts_ns);
    reference_apply(x->branch, c);
}

static int fold_both(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    (void)events, (void)count, (void)f;
    struct editing *x = arg;
    reference_apply(x->baseline, *c);
    for (uint32_t i = 0, nth = 0; i < x->edits_count; ++i) {
        const struct whatif_edit *e = &x->edits[i];
        if (e->kind == WHATIF_INSERT && e->at.seq == c->seq) {
            struct command inserted = e->command;
            inserted.seq = BRANCH_SEQ_FIRST + nth;
            inserted.ts_ns = c->ts_ns;
            branch_applies(x, inserted);
        }
        nth += e->kind == WHATIF_INSERT;
    }
    struct command tick = {.seq = c->seq, .ts_ns = c->ts_ns, .kind = COMMAND_TICK}, left = *c;
    struct fill_row rows[FILLS_MAX];
    bool dropped = seq_dropped(x, c->seq) || (named_seq(c) && seq_dropped(x, named_seq(c)));
    if (c->kind == COMMAND_FILL) {
        left.fill.fills = rows;
        left.fill.fills_count = 0;
        for (uint32_t i = 0; i < c->fill.fills_count; ++i)
            if (!seq_dropped(x, c->fill.fills[i].order_id >> ORDER_INDEX_BITS))
                rows[left.fill.fills_count++] = c->fill.fills[i];
        dropped |= left.fill.fills_count == 0;
    }
    branch_applies(x, dropped ? tick : left);
    return 0;
}

/* The histories are folded whole, one after the other, and as a what-if. */
static void edits_differ_as_two_whole_folds_do(struct scene *s, const struct whatif_edit *edits, uint32_t count)
{
    struct reference *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    assert_true(a && b);
    fold_init(&a->fold);
    fold_init(&b->fold);
    struct editing x = {a, b, edits, count, BRANCH_SEQ_FIRST};
    for (uint32_t i = 0; i < count; ++i) x.continue_seq += edits[i].kind == WHATIF_INSERT;
    struct recover_options o;
    struct recover_result recovered;
    struct fold f;
    fold_init(&f);
    recover_options_default(&o);
    o.each = fold_both;
    o.each_arg = &x;
    assert_int_equal(recover_state(&s->dir, &o, &f, &recovered), 0);
    branch_goes_on(&x, s->ts_ns);
    struct whatif_scenario w = with(edits, count);
    struct whatif_result r;
    run(s, &w, &r);
    assert_like_reference(&r, a, b);
    assert_true(r.orders_count > 3);
    whatif_result_free(&r);
    fold_free(&f);
    fold_free(&a->fold);
    fold_free(&b->fold);
    free(a);
    free(b);
}

static void random_edits_differ_as_two_whole_folds_do(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 800);
    uint64_t end = s->seq;
    scene_commit(s);
    for (uint32_t round = 0; round < 8; ++round) {
        struct whatif_edit edits[6];
        for (uint32_t i = 0; i < 6; ++i) {
            uint64_t seq = SCENE_MARKET_COMMANDS + 1 + (round * 7919 + i * 104729) % (end - SCENE_MARKET_COMMANDS);
            edits[i] = i % 2 ? drop_seq(seq)
                             : insert_at(seq, scene_order("ann", i % 4 ? "ACME" : "BOLT",
                                                          round % 2 ? SIDE_BUY : SIDE_SELL, 25, 100));
        }
        edits_differ_as_two_whole_folds_do(s, edits, 6);
    }
}

static void random_edits_of_a_desk_differ_as_two_whole_folds_do(void **state)
{
    struct scene *s = *state;
    const uint64_t begin = SCENE_MARKET_COMMANDS + SCENE_DESK_COMMANDS;
    scene_market(s, 64);
    scene_desk(s);
    scene_desk_flow(s, 1500);
    scene_commit(s);
    for (uint32_t round = 0; round < 8; ++round) {
        struct whatif_edit edits[12];
        for (uint32_t i = 0; i < 12; ++i) {
            uint64_t seq = begin + 1 + (round * 7919 + i * 104729) % (s->seq - begin);
            edits[i] = i % 3   ? drop_seq(seq)
                       : i % 2 ? insert_at(seq, scene_venue("ALPHA", round % 2 ? VENUE_STATE_DOWN : VENUE_STATE_UP))
                               : insert_at(seq, scene_order("ann", "ACME", SIDE_BUY, 5, 101));
        }
        edits_differ_as_two_whole_folds_do(s, edits, 12);
    }
}

/* A BUY of ann's at 100, and once it is filled a SELL at 110 or a stop at 90. */
static struct command bracket_of_ann(void)
{
    struct command place = scene_order("ann", "ACME", SIDE_BUY, 10, 100);
    struct command c = {.kind = COMMAND_PLACE_LINKED, .place_linked.entry = place.place};
    const struct decimal absent = {0, DECIMAL_ABSENT};
    c.place_linked.link = LINK_BRACKET;
    c.place_linked.activation = ACTIVATION_FULL_FILL;
    c.place_linked.legs[0] = (struct command_leg){{110, 0}, absent, 0, ORDER_TYPE_LIMIT, TIF_GTC};
    c.place_linked.legs[1] = (struct command_leg){absent, {90, 0}, 0, ORDER_TYPE_STOP, TIF_GTC};
    return c;
}

static void a_dropped_group_goes_whole_and_with_it_what_named_its_children(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t entry = scene_add(s, bracket_of_ann()) << ORDER_INDEX_BITS;
    uint64_t sell = scene_place(s, "bob", SIDE_SELL, 10, 100);
    uint64_t cancel = scene_cancel(s, entry + 2); /* the pair goes */
    struct whatif_edit e = drop_order(entry);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.skipped_count, 1);
    assert_true(r.skipped[0].seq == cancel && r.skipped[0].order_id == entry + 2);
    for (uint64_t id = entry; id < entry + 3; ++id)
        assert_true(order_diff(&r, id)->in_baseline && !order_diff(&r, id)->in_branch);
    assert_int_equal(order_diff(&r, entry + 1)->baseline.cancel_reason, CANCEL_REASON_OCO);
    assert_int_equal(order_diff(&r, sell)->branch.leaves, 10);
    assert_int_equal(r.trades_count, 1);
    whatif_result_free(&r);
    e = drop_order(entry + 1); /* a child alone cannot be dropped */
    assert_int_equal(whatif_run(&s->dir, &w, &r), ERR_USAGE);
    whatif_result_free(&r);
}

static void an_inserted_group_tells_of_all_its_orders(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_place(s, "bob", SIDE_SELL, 10, 100);
    struct command refused = bracket_of_ann();
    refused.place_linked.entry.quantity = (struct decimal){0, 0};
    struct whatif_edit edits[] = {insert_at(s->seq, refused), insert_at(s->seq, bracket_of_ann())};
    struct whatif_scenario w = with(edits, 2);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.inserted_count, 4);
    assert_int_equal(r.inserted[0].refusal.reason, REJECT_QUANTITY_NOT_POSITIVE);
    for (unsigned i = 0; i < 3; ++i) assert_true(r.inserted[1 + i].order_id == inserted_id(1) + i);
    assert_int_equal(r.inserted[1].status, ORDER_STATUS_FILLED);
    assert_int_equal(r.inserted[2].status, ORDER_STATUS_ACKED);
    assert_int_equal(r.inserted[3].status, ORDER_STATUS_PENDING_TRIGGER);
    whatif_result_free(&r);
}

static struct command gtt_of_cat(void)
{
    const struct decimal absent = {0, DECIMAL_ABSENT};
    struct command c = {.kind = COMMAND_GTT_PLACE};
    c.gtt_place.account = name_of("cat");
    c.gtt_place.symbol = name_of("ACME");
    c.gtt_place.side = SIDE_BUY;
    c.gtt_place.legs_count = 1;
    c.gtt_place.legs[0] = (struct gtt_leg){{90, 0}, absent, {5, 0}};
    c.gtt_place.legs[1] = (struct gtt_leg){absent, absent, absent};
    return c;
}

static void a_dropped_gtt_sends_no_order(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_place(s, "ann", SIDE_SELL, 1, 100);
    scene_place(s, "bob", SIDE_BUY, 1, 100);
    uint64_t gtt = scene_add(s, gtt_of_cat()) << ORDER_INDEX_BITS;
    struct command modify = {.kind = COMMAND_GTT_MODIFY, .gtt_modify = {.gtt_id = gtt, .status = GTT_STATUS_ACTIVE}};
    const struct decimal absent = {0, DECIMAL_ABSENT};
    for (int i = 0; i < 2; ++i) modify.gtt_modify.legs[i] = (struct gtt_leg){absent, absent, absent};
    uint64_t named = scene_add(s, modify);
    uint64_t sell = scene_place(s, "ann", SIDE_SELL, 9, 90);
    scene_place(s, "bob", SIDE_BUY, 1, 90); /* cat's order follows, and takes 5 */
    struct whatif_edit e = drop_order(gtt);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_true(r.skipped_count == 1 && r.skipped[0].seq == named && r.skipped[0].order_id == gtt);
    assert_true(order_diff(&r, gtt + 2)->in_baseline && !order_diff(&r, gtt + 2)->in_branch);
    assert_true(order_diff(&r, gtt + 2)->baseline.gtt_id == gtt);
    assert_int_equal(order_diff(&r, sell)->baseline.leaves, 3);
    assert_int_equal(order_diff(&r, sell)->branch.leaves, 8);
    whatif_result_free(&r);
}

static void fills_at_the_venue_quote_are_told_too(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    const struct decimal bid = {99, 0}, ask = {101, 0}, size = {50, 0};
    struct command quote = {.kind = COMMAND_SET_QUOTE, .set_quote = {name_of("ACME"), bid, size, ask, size}};
    scene_add(s, quote);
    struct command sell = scene_order("bob", "ACME", SIDE_SELL, 7, 99);
    sell.place.venue = name_of("QUOTE");
    uint64_t sold = scene_add(s, sell) << ORDER_INDEX_BITS, after = scene_place(s, "cat", SIDE_BUY, 1, 50);
    struct command buy = scene_order("ann", "ACME", SIDE_BUY, 3, 101);
    buy.place.venue = name_of("QUOTE");
    struct whatif_edit edits[] = {drop_order(sold), insert_at(after >> ORDER_INDEX_BITS, buy)};
    struct whatif_scenario w = with(edits, 2);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.trades_count, 2);
    assert_true(r.trades[0].in_baseline && r.trades[0].baseline.fill.buy_order_id == 0);
    assert_true(r.trades[1].in_branch && r.trades[1].branch.fill.sell_order_id == 0);
    assert_int_equal(r.trades[1].branch.fill.venue, VENUE_QUOTE);
    assert_int_equal(position_diff(&r, "@QUOTE")->baseline.position.quantity, 7);
    assert_int_equal(position_diff(&r, "@QUOTE")->branch.position.quantity, -3);
    whatif_result_free(&r);
}

/* An order of ACME, which the desk's rule sends to ALPHA, its ack there and a fill of the whole. */
struct routed {
    uint64_t order_id, ack_seq, fill_seq;
};

static struct routed route_and_fill(struct scene *s, const char *account, const char *ext_order_id)
{
    struct routed x = {.order_id = scene_place(s, account, SIDE_BUY, 10, 100)};
    x.ack_seq = scene_add(s, scene_report(x.order_id, "ALPHA", REPORT_ACK, ext_order_id));
    struct fill_row row = scene_fill_row(x.order_id, 10, 99, ext_order_id);
    x.fill_seq = scene_add(s, scene_fill("ALPHA", &row, 1));
    return x;
}

static void a_venue_that_was_down_shows_which_orders_would_have_gone_elsewhere(void **state)
{
    /* given orders that all went to ALPHA, before 10:00, until 10:30 and after it */
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    struct routed before = route_and_fill(s, "ann", "a-1");
    int64_t ten = s->ts_ns + SCENE_STEP_NS / 2;
    struct routed first = route_and_fill(s, "ann", "a-2"), second = route_and_fill(s, "bob", "a-3");
    int64_t half_past_ten = s->ts_ns + SCENE_STEP_NS / 2;
    struct routed after = route_and_fill(s, "cat", "a-4");
    /* when ALPHA had been down from 10:00 to 10:30 */
    struct whatif_edit edits[] = {insert_at_time(ten, scene_venue("ALPHA", VENUE_STATE_DOWN)),
                                  insert_at_time(half_past_ten, scene_venue("ALPHA", VENUE_STATE_UP))};
    struct whatif_scenario w = with(edits, 2);
    struct whatif_result r;
    run(s, &w, &r);
    /* then the two of that half hour would have gone to BETA, which has not said anything; the others are as they were */
    assert_int_equal(r.orders_count, 2);
    assert_true(order_diff(&r, first.order_id) == &r.orders[0] && order_diff(&r, second.order_id) == &r.orders[1]);
    assert_null(order_diff(&r, before.order_id));
    assert_null(order_diff(&r, after.order_id));
    for (size_t i = 0; i < 2; ++i) {
        assert_string_equal(r.orders[i].baseline.venue_name.bytes, "ALPHA");
        assert_int_equal(r.orders[i].baseline.status, ORDER_STATUS_FILLED);
        assert_string_equal(r.orders[i].branch.venue_name.bytes, "BETA");
        assert_int_equal(r.orders[i].branch.status, ORDER_STATUS_ROUTED);
        assert_int_equal(r.orders[i].branch.filled, 0);
        assert_int_equal(r.orders[i].branch.rule, 1);
    }
    /* what ALPHA had filled is no trade there, and its house holds nothing of it */
    assert_int_equal(r.trades_count, 2);
    assert_true(r.trades[0].in_baseline && !r.trades[0].in_branch && !r.trades[1].in_branch);
    assert_int_equal(position_diff(&r, "@ALPHA")->baseline.position.quantity, -40);
    assert_int_equal(position_diff(&r, "@ALPHA")->branch.position.quantity, -20);
    assert_int_equal(r.skipped_count, 0);
    whatif_result_free(&r);
}

static void an_order_that_no_venue_would_have_taken_waits_until_one_comes_up(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    struct routed x = route_and_fill(s, "ann", "a-1");
    /* when both were down at first, and ALPHA came up between the ack and the fill */
    uint64_t place_seq = x.order_id >> ORDER_INDEX_BITS;
    struct whatif_edit edits[] = {insert_at(place_seq, scene_venue("ALPHA", VENUE_STATE_DOWN)),
                                  insert_at(place_seq, scene_venue("BETA", VENUE_STATE_DOWN)),
                                  insert_at(x.fill_seq, scene_venue("ALPHA", VENUE_STATE_UP))};
    struct whatif_scenario w = with(edits, 3);
    struct whatif_result r;
    run(s, &w, &r);
    /* then the ack came to an order that was nowhere, and the fill to one that had just been sent */
    assert_int_equal(r.orders_count, 1);
    const struct order_row *a = &r.orders[0].baseline, *b = &r.orders[0].branch;
    assert_int_equal(a->ext_order_id_len, 3);
    assert_int_equal(b->ext_order_id_len, 0);
    assert_true(a->status == ORDER_STATUS_FILLED && b->status == ORDER_STATUS_FILLED);
    assert_true(a->attempts == 1 && b->attempts == 2);
    assert_int_equal(b->routed_ns, time_of(x.fill_seq));
    assert_int_equal(r.trades_count, 0); /* the same fill at the same time */
    whatif_result_free(&r);
}

static void a_fill_of_many_loses_only_what_was_dropped(void **state)
{
    /* given two orders that ALPHA fills with one command */
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    uint64_t gone = scene_place(s, "ann", SIDE_BUY, 10, 100), stays = scene_place(s, "bob", SIDE_BUY, 10, 100);
    uint64_t ack = scene_add(s, scene_report(gone, "ALPHA", REPORT_ACK, "a-1"));
    struct fill_row rows[] = {scene_fill_row(gone, 10, 99, "e-1"), scene_fill_row(stays, 10, 99, "e-2"),
                              scene_fill_row(gone, 1, 99, "e-3")};
    uint64_t both = scene_add(s, scene_fill("ALPHA", rows, 3));
    uint64_t only =
        scene_add(s, scene_fill("ALPHA", &(struct fill_row){gone, {9, 0}, {1, 0}, {"e-4", 3}, {0}, FILL_NEW}, 1));
    uint64_t settle = scene_add(s, (struct command){.kind = COMMAND_SETTLE, .settle = {gone}});
    /* when one of them had never been sent */
    struct whatif_edit e = drop_order(gone);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    /* then the other is filled as it was, and all that named the first is told */
    const struct whatif_skip skips[] = {{ack, COMMAND_REPORT, gone},
                                        {both, COMMAND_FILL, gone},
                                        {both, COMMAND_FILL, gone},
                                        {only, COMMAND_FILL, gone},
                                        {settle, COMMAND_SETTLE, gone}};
    assert_int_equal(r.skipped_count, 5);
    for (size_t i = 0; i < 5; ++i)
        assert_true(r.skipped[i].seq == skips[i].seq && r.skipped[i].command_kind == skips[i].command_kind &&
                    r.skipped[i].order_id == gone);
    assert_int_equal(r.orders_count, 1);
    assert_true(r.orders[0].baseline.order_id == gone && !r.orders[0].in_branch);
    assert_int_equal(r.trades_count, 3);
    for (size_t i = 0; i < 3; ++i)
        assert_true(!r.trades[i].in_branch && r.trades[i].baseline.fill.buy_order_id == gone);
    whatif_result_free(&r);
}

/* Three orders in the book of BOLT, of ann, bob and cat; then all that is left of them is cancelled. */
static uint64_t add_batch(struct scene *s, bool atomic, uint64_t *cancel_seq)
{
    struct command_place orders[3];
    const char *const names[3] = {"ann", "bob", "cat"};
    for (int i = 0; i < 3; ++i) orders[i] = scene_order(names[i], "BOLT", SIDE_BUY, 1 + i, 50 + i).place;
    struct command c = {.kind = COMMAND_BATCH, .batch = {.orders = orders, .orders_count = 3, .atomic = atomic}};
    uint64_t batch_id = scene_add(s, c) << ORDER_INDEX_BITS;
    scene_cancel(s, batch_id + 2);
    *cancel_seq = scene_add(s, (struct command){.kind = COMMAND_CANCEL_BATCH, .cancel_batch = {batch_id, 3}});
    return batch_id;
}

static void an_order_dropped_out_of_a_batch_leaves_the_others_their_ids(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    for (int atomic = 0; atomic < 2; ++atomic) {
        uint64_t cancel, batch_id = add_batch(s, atomic, &cancel);
        struct whatif_edit by_id[] = {drop_order(batch_id + 2), drop_order(batch_id + 2)},
                           by_account = drop_account("bob");
        struct whatif_scenario w = with(by_id, 2);
        struct whatif_result r, again;
        w.base = at_seq((batch_id >> ORDER_INDEX_BITS) - 1);
        run(s, &w, &r);
        assert_int_equal(r.orders_count, 1);
        assert_true(r.orders[0].in_baseline && !r.orders[0].in_branch);
        assert_true(r.orders[0].baseline.order_id == batch_id + 2);
        assert_int_equal(r.skipped_count, 1);
        assert_true(r.skipped[0].seq == cancel - 1 && r.skipped[0].order_id == batch_id + 2);
        w.edits = &by_account;
        w.edits_count = 1;
        run(s, &w, &again);
        assert_same_answer(&r, &again);
        whatif_result_free(&again);
        whatif_result_free(&r);
    }
}

static void a_batch_is_dropped_whole_by_its_id_by_its_seq_or_order_by_order(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t cancel, batch_id = add_batch(s, true, &cancel);
    struct whatif_edit by_id = drop_order(batch_id), by_seq = drop_seq(batch_id >> ORDER_INDEX_BITS),
                       each[] = {drop_order(batch_id + 3), drop_order(batch_id + 1), drop_order(batch_id + 2)},
                       beyond = drop_order(batch_id + 4), of_cancel = drop_order((cancel << ORDER_INDEX_BITS) + 1);
    struct whatif_scenario w = with(&by_id, 1);
    struct whatif_result r, again;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 3);
    assert_int_equal(r.skipped_count, 2); /* the cancel of one, and of the batch */
    assert_true(r.skipped[1].command_kind == COMMAND_CANCEL_BATCH && r.skipped[1].order_id == batch_id);
    w = with(&by_seq, 1);
    run(s, &w, &again);
    assert_same_answer(&r, &again);
    whatif_result_free(&again);
    w = with(each, 3);
    run(s, &w, &again);
    assert_same_answer(&r, &again);
    whatif_result_free(&again);
    whatif_result_free(&r);
    w = with(&beyond, 1);
    assert_int_equal(whatif_run(&s->dir, &w, &r), ERR_USAGE);
    assert_non_null(strstr(r.error, "has 3 orders"));
    whatif_result_free(&r);
    w = with(&of_cancel, 1);
    assert_int_equal(whatif_run(&s->dir, &w, &r), ERR_USAGE);
    assert_non_null(strstr(r.error, "did not place"));
    whatif_result_free(&r);
}

static void an_inserted_batch_and_its_fills_tell_of_all_its_orders(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    scene_place(s, "cat", SIDE_BUY, 1, 50);
    struct command_place orders[] = {scene_order("ann", "ACME", SIDE_BUY, 10, 100).place,
                                     scene_order("ann", "NONE", SIDE_BUY, 10, 100).place,
                                     scene_order("bob", "BOLT", SIDE_BUY, 10, 100).place};
    struct command batch = {.kind = COMMAND_BATCH, .batch = {.orders = orders, .orders_count = 3}}, whole = batch;
    whole.batch.atomic = true;
    struct fill_row row = scene_fill_row(inserted_id(0) + 1, 4, 99, "e-1");
    struct whatif_edit edits[] = {insert_at(s->seq, batch), insert_at(s->seq, scene_fill("ALPHA", &row, 1)),
                                  insert_at(s->seq, whole)};
    struct whatif_scenario w = with(edits, 3);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.inserted_count, 4);
    for (unsigned i = 0; i < 3; ++i) assert_true(r.inserted[i].order_id == inserted_id(0) + 1 + i);
    assert_int_equal(r.inserted[0].status, ORDER_STATUS_PARTIALLY_FILLED);
    assert_int_equal(r.inserted[1].status, ORDER_STATUS_REJECTED);
    assert_int_equal(r.inserted[2].status, ORDER_STATUS_ACKED);
    assert_true(r.inserted[3].order_id == inserted_id(2) + 2); /* why none of the other three was taken */
    assert_int_equal(r.inserted[3].refusal.reason, REJECT_UNKNOWN_INSTRUMENT);
    whatif_result_free(&r);
}

static void an_inserted_command_has_no_key(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_place(s, "cat", SIDE_BUY, 1, 50);
    struct command refused = scene_order("ann", "NONE", SIDE_BUY, 1, 50);
    refused.origin.key = (struct key_hash){1, 2};
    struct whatif_edit e = insert_at(s->seq, refused);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.inserted_count, 1);
    assert_true(digest_equal(r.base_digest, r.branch_digest)); /* it would remember the key */
    whatif_result_free(&r);
}

static void a_bust_that_had_not_been_is_a_trade_the_less(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    struct routed x = route_and_fill(s, "ann", "a-1");
    struct fill_row row = {.order_id = x.order_id, .ref_exec_id = {"a-1", 3}, .kind = FILL_BUST};
    row.price = row.quantity = (struct decimal){0, DECIMAL_ABSENT};
    uint64_t bust = scene_add(s, scene_fill("ALPHA", &row, 1));
    struct whatif_edit e = drop_seq(bust);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_int_equal(r.orders[0].baseline.filled, 0);
    assert_int_equal(r.orders[0].branch.filled, 10);
    /* the trade is there either way; what took it back is there once */
    assert_int_equal(r.trades_count, 1);
    const struct whatif_trade *t = &r.trades[0].baseline;
    assert_true(!r.trades[0].in_branch && t->busted && t->seq == bust);
    assert_true(t->fill.sell_order_id == x.order_id && t->fill.buy_order_id == 0);
    assert_string_equal(t->fill.buy_account.bytes, "@ALPHA");
    assert_string_equal(t->fill.sell_account.bytes, "ann");
    assert_int_equal(t->fill.venue, VENUE_BROKER_FIRST);
    assert_true(t->fill.quantity == 10 && t->fill.price == 99 && t->fill.sell_fee < 0);
    assert_null(position_diff(&r, "bob"));
    assert_int_equal(position_diff(&r, "ann")->branch.position.quantity, 10);
    whatif_result_free(&r);
}

static void an_order_that_was_done_before_the_base_is_known_by_what_the_desk_keeps(void **state)
{
    /* given one that was filled, and settled after the base */
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    struct routed x = route_and_fill(s, "ann", "a-1");
    uint64_t base = s->seq, settle = scene_add(s, (struct command){.kind = COMMAND_SETTLE, .settle = {x.order_id}});
    struct whatif_edit e = drop_seq(settle);
    struct whatif_scenario w = with(&e, 1);
    w.base = at_seq(base);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_int_equal(r.orders[0].baseline.status, ORDER_STATUS_SETTLED);
    const struct order_row *row = &r.orders[0].branch;
    assert_int_equal(row->status, ORDER_STATUS_FILLED);
    assert_true(row->order_id == x.order_id && row->filled == 10 && row->price_quantity == 990 &&
                row->side == SIDE_BUY);
    assert_string_equal(row->venue_name.bytes, "ALPHA");
    assert_string_equal(row->account.bytes, "ann");
    assert_memory_equal(row->ext_order_id, "a-1", 3);
    whatif_result_free(&r);
}

/* They are remembered while the desk remembers them, and not for ever. */
static void many_orders_that_ended_alike_at_a_broker_are_no_difference(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_desk(s);
    s->block_commands_max = 100;
    uint64_t order = scene_place(s, "cat", SIDE_BUY, 1, 50), late = 0;
    for (int i = 0; i < 1500; ++i) {
        late = scene_place(s, "ann", SIDE_BUY, 1, 100);
        scene_add(s, scene_report(late, "ALPHA", REPORT_CANCELLED, NULL));
    }
    struct fill_row row = scene_fill_row(late, 1, 99, "late");
    scene_add(s, scene_fill("ALPHA", &row, 1));
    struct whatif_edit e = drop_order(order);
    struct whatif_scenario w = with(&e, 1);
    struct whatif_result r;
    run(s, &w, &r);
    assert_int_equal(r.orders_count, 1);
    assert_int_equal(r.trades_count, 0);
    whatif_result_free(&r);
}

static void the_tape_is_believed_only_as_far_as_its_digests(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    s->wrong_digest = true;
    scene_commit(s);
    uint64_t base = s->seq;
    scene_flow(s, 3);
    s->wrong_digest = true;
    scene_commit(s);
    struct whatif_scenario w = with(NULL, 0);
    struct whatif_result r;
    assert_int_equal(whatif_run(&s->dir, &w, &r), ERR_DIFFERS);
    assert_true(strstr(r.error, "digest") != NULL);
    whatif_result_free(&r);
    w.base = at_seq(base - 1);
    assert_int_equal(whatif_run(&s->dir, &w, &r), ERR_DIFFERS);
    whatif_result_free(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_edits_nothing_differs),
        TEST(an_empty_tape_has_nothing_to_branch),
        TEST(an_inserted_order_takes_what_another_had_taken),
        TEST(an_inserted_order_may_be_refused),
        TEST(a_dropped_order_takes_its_modify_and_cancel_with_it),
        TEST(a_dropped_cancel_leaves_the_order_open),
        TEST(dropping_what_was_refused_changes_no_state),
        TEST(time_passes_where_a_command_was_dropped),
        TEST(inserts_at_one_place_act_in_the_order_of_the_file),
        TEST(at_time_acts_before_the_first_command_that_is_not_earlier),
        TEST(a_base_and_an_until_bound_what_is_looked_at),
        TEST(a_snapshot_changes_nothing_but_the_way_there),
        TEST(a_report_and_filters_narrow_the_answer),
        TEST(an_inserted_sweep_is_finished_by_the_branch),
        TEST(a_sweep_of_the_last_edit_is_finished_too),
        TEST(what_is_no_scenario_is_refused_with_a_reason),
        TEST(random_edits_differ_as_two_whole_folds_do),
        TEST(random_edits_of_a_desk_differ_as_two_whole_folds_do),
        TEST(a_dropped_group_goes_whole_and_with_it_what_named_its_children),
        TEST(an_inserted_group_tells_of_all_its_orders),
        TEST(a_dropped_gtt_sends_no_order),
        TEST(fills_at_the_venue_quote_are_told_too),
        TEST(a_venue_that_was_down_shows_which_orders_would_have_gone_elsewhere),
        TEST(an_order_that_no_venue_would_have_taken_waits_until_one_comes_up),
        TEST(a_fill_of_many_loses_only_what_was_dropped),
        TEST(an_order_dropped_out_of_a_batch_leaves_the_others_their_ids),
        TEST(a_batch_is_dropped_whole_by_its_id_by_its_seq_or_order_by_order),
        TEST(an_inserted_batch_and_its_fills_tell_of_all_its_orders),
        TEST(an_inserted_command_has_no_key),
        TEST(a_bust_that_had_not_been_is_a_trade_the_less),
        TEST(an_order_that_was_done_before_the_base_is_known_by_what_the_desk_keeps),
        TEST(many_orders_that_ended_alike_at_a_broker_are_no_difference),
        TEST(the_tape_is_believed_only_as_far_as_its_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
