/* The sequencer with a clock that the test turns and a disk in memory. */
#include "tests/journal/command_world.h"

#include <stdlib.h>

#include "journal/sequencer.h"
#include "proto/codec.h"

#define DAY_NS  ((int64_t)24 * 3600 * 1000000000)
#define NOON_NS (20000 * DAY_NS)

struct clock {
    int64_t real_ns, monotonic_ns;
};

struct world {
    struct fake_disk *disk;
    struct clock clock;
    struct sequencer_options options;
    struct limits limits;
    struct fold state;
    struct sequencer *sequencer;
};

static int64_t real_ns(void *ctx)
{
    return ((struct clock *)ctx)->real_ns;
}

static int64_t monotonic_ns(void *ctx)
{
    return ((struct clock *)ctx)->monotonic_ns;
}

static void pass(struct world *w, int64_t ns)
{
    w->clock.real_ns += ns;
    w->clock.monotonic_ns += ns;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->disk = fake_disk_new();
    w->clock = (struct clock){.real_ns = NOON_NS, .monotonic_ns = 500};
    w->limits = world_limits();
    w->options = (struct sequencer_options){.tape = world_options(fake_storage(w->disk), 65536),
                                            .sync = SYNC_ALWAYS,
                                            .clock_real_ns = real_ns,
                                            .clock_monotonic_ns = monotonic_ns,
                                            .clock_ctx = &w->clock};
    fold_init(&w->state);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    sequencer_abandon(w->sequencer);
    fold_free(&w->state);
    fake_disk_free(w->disk);
    free(w);
    return 0;
}

/* Folds what is on the tape and goes on from there. */
static int start(struct world *w)
{
    struct tape_report report;
    world_fold(&w->options.tape, &w->state);
    int rc = sequencer_open(&w->options, &w->state, &w->limits, &w->sequencer, &report);
    if (rc) w->sequencer = NULL;
    return rc;
}

static void stop(struct world *w)
{
    assert_int_equal(sequencer_close(w->sequencer), 0);
    w->sequencer = NULL;
    fold_free(&w->state);
}

static void kill_it(struct world *w)
{
    sequencer_abandon(w->sequencer);
    w->sequencer = NULL;
    fold_free(&w->state);
}

static int add(struct world *w, struct command c)
{
    uint32_t first, count;
    return sequencer_add(w->sequencer, &c, &first, &count);
}

static void given_market(struct world *w)
{
    assert_int_equal(start(w), 0);
    assert_int_equal(add(w, world_instrument("ABC")), 0);
    assert_int_equal(add(w, world_account("ann")), 0);
    assert_int_equal(add(w, world_cash("ann")), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
}

static void a_new_tape_begins_with_its_limits_and_they_are_durable(void **state)
{
    struct world *w = *state;
    assert_int_equal(start(w), 0);
    assert_int_equal(sequencer_last_seq(w->sequencer), 1);
    assert_int_equal(sequencer_durable_seq(w->sequencer), 1);
    assert_int_equal(sequencer_last_ts_ns(w->sequencer), NOON_NS);
    assert_int_equal(engine_scalars(w->state.engine).limits.work_max, 5);
    kill_it(w);
    fake_power_cut(w->disk, 0);
    assert_int_equal(start(w), 0);
    assert_int_equal(sequencer_last_seq(w->sequencer), 1);
    w->limits.work_max = 7; /* proposed for a new tape only */
    stop(w);
    assert_int_equal(start(w), 0);
    assert_int_equal(engine_scalars(w->state.engine).limits.work_max, 5);
}

static void a_group_is_one_block_with_the_digest_and_one_sync(void **state)
{
    struct world *w = *state;
    given_market(w);
    assert_int_equal(sequencer_idle(w->sequencer), 0);
    uint64_t syncs = fake_syncs(w->disk), operations = fake_operations(w->disk);
    for (int i = 0; i < 100; i++) assert_int_equal(add(w, world_buy("ann", "ABC", 100 + i, 0)), 0);
    assert_int_equal(fake_operations(w->disk), operations); /* adding touches no disk */
    assert_int_equal(sequencer_durable_seq(w->sequencer), 4);
    uint32_t count;
    const struct event *events = sequencer_events(w->sequencer, &count);
    assert_int_equal(count, 100);
    assert_int_equal(events[99].seq, 104);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0); /* nothing in it */
    assert_int_equal(fake_syncs(w->disk), syncs + 1);
    assert_int_equal(fake_operations(w->disk), operations + 2);
    assert_int_equal(sequencer_durable_seq(w->sequencer), 104);
    struct digest live = engine_digest(w->state.engine), taped;
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    assert_int_equal(command_reader_open(&w->options.tape, true, &r, &report), 0);
    assert_int_equal(command_reader_seek_seq(r, 103), 0);
    assert_int_equal(command_reader_next(r, &c), 0);
    assert_int_equal(c->seq, 103);
    assert_false(command_reader_digest(r, &taped));
    assert_int_equal(command_reader_next(r, &c), 0);
    assert_true(command_reader_digest(r, &taped));
    assert_true(digest_equal(live, taped));
    uint64_t lo, hi, tape_lo, tape_hi;
    command_reader_chain_hash(r, &lo, &hi);
    sequencer_chain_hash(w->sequencer, &tape_lo, &tape_hi);
    assert_true(lo == tape_lo && hi == tape_hi);
    command_reader_close(r);
}

static void each_command_is_given_its_own_events_of_the_group(void **state)
{
    struct world *w = *state;
    given_market(w);
    uint32_t first, count;
    struct command c = world_buy("ann", "ABC", 100, 0);
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), 0);
    assert_int_equal(first, 0);
    assert_int_equal(count, 1);
    c = world_mass_cancel();
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), 0);
    assert_int_equal(first, 1);
    assert_int_equal(count, 2);
    uint32_t all;
    const struct event *events = sequencer_events(w->sequencer, &all);
    assert_int_equal(all, 3);
    assert_int_equal(events[first].kind, EVENT_CANCELLED);
    assert_int_equal(events[first + 1].kind, EVENT_SWEPT);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    events = sequencer_events(w->sequencer, &all);
    assert_int_equal(all, 3); /* still there for whoever publishes them */
    assert_int_equal(events[0].kind, EVENT_PLACED);
}

/* One encoded payload says the same for equal events, whatever the padding in the structs. */
static void assert_events_equal(const struct event *a, const struct event *b, uint32_t count)
{
    struct event_encoder *x, *y;
    const uint8_t *xs, *ys;
    size_t x_len, y_len;
    if (count == 0) return;
    assert_int_equal(event_encoder_new(&x), 0);
    assert_int_equal(event_encoder_new(&y), 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(event_encoder_add(x, &a[i]), 0);
        assert_int_equal(event_encoder_add(y, &b[i]), 0);
    }
    assert_int_equal(event_encoder_finish(x, &xs, &x_len), 0);
    assert_int_equal(event_encoder_finish(y, &ys, &y_len), 0);
    assert_int_equal(x_len, y_len);
    assert_memory_equal(xs, ys, x_len);
    event_encoder_free(x);
    event_encoder_free(y);
}

static void what_was_told_while_running_is_what_the_tape_folds_into(void **state)
{
    struct world *w = *state;
    given_market(w);
    enum { EVENTS = 4000 };
    static struct event told[EVENTS], folded[EVENTS];
    uint32_t told_count = 0, folded_count = 0;
    for (int group = 0; group < 40; group++) {
        for (int i = 0; i < 20; i++) {
            assert_int_equal(add(w, world_buy("ann", i % 9 == 8 ? "XYZ" : "ABC", 100 + i * group % 50, 0)), 0);
            pass(w, 1000);
        }
        if (group % 5 == 4) assert_int_equal(add(w, world_mass_cancel()), 0);
        assert_int_equal(sequencer_commit(w->sequencer), 0);
        uint32_t count;
        const struct event *events = sequencer_events(w->sequencer, &count);
        assert_true(told_count + count <= EVENTS);
        memcpy(told + told_count, events, count * sizeof *events);
        told_count += count;
    }
    struct digest live = engine_digest(w->state.engine);
    stop(w);
    struct fold f;
    fold_init(&f);
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    assert_int_equal(command_reader_open(&w->options.tape, false, &r, &report), 0);
    while (command_reader_next(r, &c) == 0) {
        int64_t count = fold_apply(&f, c);
        assert_true(count >= 0);
        if (c->seq <= 4) continue;
        assert_true(folded_count + count <= EVENTS);
        memcpy(folded + folded_count, f.events, (size_t)count * sizeof *folded);
        folded_count += (uint32_t)count;
    }
    assert_int_equal(folded_count, told_count);
    assert_events_equal(folded, told, told_count);
    assert_true(digest_equal(live, engine_digest(f.engine)));
    assert_true(digest_equal(live, engine_digest_full(f.engine)));
    struct fold copy;
    fold_init(&copy);
    assert_int_equal(fold_copy(&copy, &f), 0);
    assert_true(digest_equal(live, engine_digest(copy.engine)));
    fold_free(&copy);
    fold_free(&f);
    command_reader_close(r);
}

static void a_restart_goes_on_with_the_same_state(void **state)
{
    struct world *w = *state;
    given_market(w);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 10; i++) assert_int_equal(add(w, world_buy("ann", "ABC", 100 + i, 0)), 0);
        assert_int_equal(sequencer_commit(w->sequencer), 0);
        assert_int_equal(add(w, world_buy("ann", "ABC", 55, 0)), 0); /* not committed: nobody was told */
        uint64_t committed = sequencer_last_seq(w->sequencer) - (round % 2 ? 1 : 0);
        if (round % 2)
            kill_it(w);
        else
            stop(w);
        pass(w, DAY_NS);
        assert_int_equal(start(w), 0);
        assert_int_equal(sequencer_last_seq(w->sequencer), committed);
        assert_int_equal(sequencer_durable_seq(w->sequencer), committed);
    }
}

static void time_follows_the_monotonic_clock_and_never_goes_back(void **state)
{
    struct world *w = *state;
    assert_int_equal(start(w), 0);
    pass(w, 700);
    w->clock.real_ns -= DAY_NS; /* somebody sets the wall clock */
    assert_int_equal(sequencer_now_ns(w->sequencer), NOON_NS + 700);
    assert_int_equal(add(w, world_account("ann")), 0);
    assert_int_equal(sequencer_last_ts_ns(w->sequencer), NOON_NS + 700);
    stop(w);
    assert_int_equal(start(w), 0); /* the wall clock is a day behind the tape */
    assert_int_equal(sequencer_now_ns(w->sequencer), NOON_NS + 700);
    pass(w, 5);
    assert_int_equal(sequencer_now_ns(w->sequencer), NOON_NS + 705);
    struct command c = world_account("bob");
    uint32_t first, count;
    assert_int_equal(sequencer_add_at(w->sequencer, &c, NOON_NS + 600, &first, &count), ERR_USAGE);
    assert_int_equal(sequencer_add_at(w->sequencer, &c, NOON_NS + 9000, &first, &count), 0);
    assert_int_equal(c.ts_ns, NOON_NS + 9000);
    assert_int_equal(sequencer_now_ns(w->sequencer), NOON_NS + 9000);
}

static void a_start_more_than_seven_days_later_needs_consent(void **state)
{
    struct world *w = *state;
    assert_int_equal(start(w), 0);
    stop(w);
    pass(w, 7 * DAY_NS);
    assert_int_equal(start(w), 0);
    assert_int_equal(add(w, world_account("ann")), 0);
    stop(w);
    pass(w, 7 * DAY_NS + 1);
    struct fake_disk *before = fake_disk_copy(w->disk);
    struct tape_report report;
    world_fold(&w->options.tape, &w->state);
    assert_int_equal(sequencer_open(&w->options, &w->state, &w->limits, &w->sequencer, &report), ERR_USAGE);
    w->sequencer = NULL;
    assert_int_equal(report.count, 1);
    assert_non_null(strstr(report.findings[0].text, "--accept-time-jump"));
    assert_true(fake_disk_equal(before, w->disk));
    fake_disk_free(before);
    fold_free(&w->state);
    w->options.accept_time_jump = true;
    assert_int_equal(start(w), 0);
    assert_int_equal(sequencer_now_ns(w->sequencer), NOON_NS + 14 * DAY_NS + 1);
}

static void a_state_that_is_not_the_tapes_is_refused(void **state)
{
    struct world *w = *state;
    given_market(w);
    stop(w);
    struct tape_report report;
    fold_init(&w->state);
    assert_int_equal(sequencer_open(&w->options, &w->state, &w->limits, &w->sequencer, &report), ERR_DIFFERS);
    w->sequencer = NULL;
}

static void a_tick_is_written_when_a_timer_is_due_and_no_command_comes(void **state)
{
    struct world *w = *state;
    given_market(w);
    assert_int_equal(add(w, world_buy("ann", "ABC", 100, NOON_NS + 1000)), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    assert_int_equal(sequencer_tick(w->sequencer), 0);
    pass(w, 1000);
    assert_int_equal(sequencer_tick(w->sequencer), 1);
    assert_int_equal(sequencer_last_seq(w->sequencer), 6);
    assert_int_equal(sequencer_tick(w->sequencer), 0);
    uint32_t count;
    const struct event *events = sequencer_events(w->sequencer, &count);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].kind, EVENT_EXPIRED);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
}

static void work_beyond_the_limit_is_continued_around_the_command(void **state)
{
    struct world *w = *state;
    given_market(w);
    for (int i = 0; i < 23; i++) assert_int_equal(add(w, world_buy("ann", "ABC", 100 + i, 0)), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    uint64_t before = sequencer_last_seq(w->sequencer);
    uint32_t first, count;
    struct command c = world_mass_cancel();
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), 0);
    assert_int_equal(count, 6); /* five orders and SWEPT are its own */
    assert_int_equal(sequencer_last_seq(w->sequencer), before + 5);
    assert_int_equal(engine_counts(w->state.engine).orders, 0);
    for (int i = 0; i < 13; i++) assert_int_equal(add(w, world_buy("ann", "ABC", 100 + i, NOON_NS + 500)), 0);
    pass(w, 600);
    before = sequencer_last_seq(w->sequencer);
    c = world_account("bob");
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), 0);
    assert_int_equal(c.seq, before + 3); /* two CONTINUE first: three timers are left for the command itself */
    assert_int_equal(engine_counts(w->state.engine).orders, 0);
    stop(w);
    assert_int_equal(start(w), 0);
}

static void a_sweep_that_does_not_fit_the_group_goes_on_in_the_next(void **state)
{
    struct world *w = *state;
    w->limits.work_max = 1;
    given_market(w);
    for (int i = 0; i < 9000; i++) {
        int rc = add(w, world_buy("ann", "ABC", 100, 0));
        if (rc == ERR_FULL) {
            assert_int_equal(sequencer_commit(w->sequencer), 0);
            rc = add(w, world_buy("ann", "ABC", 100, 0));
        }
        assert_int_equal(rc, 0);
    }
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    assert_int_equal(engine_counts(w->state.engine).orders, 9000);
    assert_int_equal(add(w, world_mass_cancel()), 0);
    assert_true(engine_continue_needed(w->state.engine, NOON_NS));
    assert_int_equal(add(w, world_account("bob")), ERR_FULL);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    kill_it(w); /* in the middle of the sweep: opening finishes it */
    assert_int_equal(start(w), 0);
    assert_false(engine_continue_needed(w->state.engine, NOON_NS));
    assert_int_equal(engine_counts(w->state.engine).orders, 0);
    assert_int_equal(sequencer_last_seq(w->sequencer), sequencer_durable_seq(w->sequencer));
    assert_int_equal(add(w, world_account("bob")), 0);
}

static void a_full_group_takes_nothing_until_it_is_committed(void **state)
{
    struct world *w = *state;
    given_market(w);
    int rc, added = 0;
    while ((rc = add(w, world_account("ann"))) == 0) added++;
    assert_int_equal(rc, ERR_FULL);
    assert_int_equal(added, 8192);
    struct command c = world_account("ann");
    uint32_t first, count;
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), ERR_FULL);
    assert_int_equal(c.seq, 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    assert_int_equal(sequencer_add(w->sequencer, &c, &first, &count), 0);
    assert_int_equal(c.seq, 4 + 8193);
    assert_int_equal(first, 0);
}

static void the_sync_mode_says_when_a_commit_syncs(void **state)
{
    struct world *w = *state;
    w->options.sync = SYNC_INTERVAL;
    w->options.sync_interval_ns = 1000;
    given_market(w);
    uint64_t syncs = fake_syncs(w->disk);
    for (int i = 0; i < 10; i++) {
        pass(w, 300);
        assert_int_equal(add(w, world_account("ann")), 0);
        assert_int_equal(sequencer_commit(w->sequencer), 0);
    }
    assert_int_equal(fake_syncs(w->disk), syncs + 2);
    assert_true(sequencer_durable_seq(w->sequencer) < sequencer_last_seq(w->sequencer));
    assert_int_equal(sequencer_idle(w->sequencer), 0);
    assert_int_equal(sequencer_durable_seq(w->sequencer), sequencer_last_seq(w->sequencer));
    stop(w);
    w->options.sync = SYNC_NONE;
    assert_int_equal(start(w), 0);
    syncs = fake_syncs(w->disk);
    assert_int_equal(add(w, world_account("ann")), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    uint64_t begin_syncs = fake_syncs(w->disk) - syncs; /* of the new segment, not of the block */
    assert_int_equal(add(w, world_account("ann")), 0);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    assert_int_equal(fake_syncs(w->disk), syncs + begin_syncs);
    stop(w);
    world_verify_clean(&w->options.tape);
}

static void an_idle_tape_is_readable_to_its_last_command_beside_the_writer(void **state)
{
    struct world *w = *state;
    given_market(w);
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    uint64_t seq = 0;
    assert_int_equal(command_reader_open(&w->options.tape, false, &r, &report), 0);
    while (command_reader_next(r, &c) == 0) seq = c->seq;
    assert_int_equal(seq, 1);
    assert_int_equal(sequencer_idle(w->sequencer), 0);
    while (command_reader_next(r, &c) == 0) seq = c->seq;
    assert_int_equal(seq, 4);
    command_reader_close(r);
}

/* Runs a day; returns the first error, and how far commits had succeeded. */
static int run_day(struct world *w, uint64_t *acknowledged)
{
    int rc = start(w);
    if (rc) return rc;
    *acknowledged = sequencer_last_seq(w->sequencer);
    static const char *const symbols[] = {"ABC", "XYZ"};
    for (int i = 0; rc == 0 && i < 30; i++) {
        pass(w, 100);
        rc = i < 2    ? add(w, world_instrument(symbols[i]))
             : i == 2 ? add(w, world_account("ann"))
             : i == 3 ? add(w, world_cash("ann"))
                      : add(w, world_buy("ann", symbols[i % 2], 100 + i, i % 3 ? 0 : NOON_NS + 1500));
        if (rc == 0 && i % 4 == 3) {
            rc = sequencer_commit(w->sequencer);
            if (rc == 0) *acknowledged = sequencer_last_seq(w->sequencer);
        }
        if (rc == 0 && i % 10 == 9) rc = sequencer_idle(w->sequencer);
    }
    if (rc) {
        assert_int_equal(sequencer_commit(w->sequencer), rc);
        assert_int_equal(add(w, world_account("bob")), rc);
        return rc;
    }
    *acknowledged = sequencer_last_seq(w->sequencer);
    rc = sequencer_close(w->sequencer);
    w->sequencer = NULL;
    return rc;
}

static void whatever_fails_every_acknowledged_command_is_there_after_a_restart(void **state)
{
    bool untouched = false;
    for (uint64_t k = 1; !untouched; k++) {
        void *fresh;
        assert_int_equal(setup(&fresh), 0);
        struct world *w = fresh;
        w->options.tape.segment_bytes = 4096;
        uint64_t acknowledged = 0;
        fake_fail_at(w->disk, k, ERR_IO, k % 2);
        int rc = run_day(w, &acknowledged);
        untouched = fake_operations(w->disk) < k;
        assert_int_equal(rc, untouched ? 0 : ERR_IO);
        if (w->sequencer) sequencer_abandon(w->sequencer);
        w->sequencer = NULL;
        fold_free(&w->state);
        fake_power_cut(w->disk, k);
        struct tape_report report;
        assert_int_equal(tape_verify(&w->options.tape, &report, NULL, NULL), 0);
        assert_int_equal(start(w), 0);
        assert_true(sequencer_last_seq(w->sequencer) >= acknowledged);
        assert_true(digest_equal(engine_digest(w->state.engine), engine_digest_full(w->state.engine)));
        assert_int_equal(add(w, world_account("eve")), 0);
        stop(w);
        assert_int_equal(teardown(&fresh), 0);
    }
    (void)state;
}

static struct command keyed(struct command c, uint64_t key, uint64_t body)
{
    c.origin.key = (struct key_hash){.lo = key};
    c.origin.body = (struct key_hash){.hi = body};
    return c;
}

static int ask(struct world *w, struct command *c)
{
    uint32_t first, count;
    return sequencer_add(w->sequencer, c, &first, &count);
}

static void a_repeat_takes_no_seq_and_names_the_first(void **state)
{
    struct world *w = *state;
    given_market(w);
    struct command first = keyed(world_buy("ann", "ABC", 100, 0), 7, 1), again = first, other;
    assert_int_equal(ask(w, &first), SEQUENCER_ADDED);
    uint64_t seq = sequencer_last_seq(w->sequencer);
    assert_int_equal(first.seq, seq);
    assert_int_equal(ask(w, &again), SEQUENCER_REPEATED); /* in the group of its first */
    assert_int_equal(again.seq, seq);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    pass(w, 1000);
    again = keyed(world_buy("ann", "ABC", 100, 0), 7, 1);
    assert_int_equal(ask(w, &again), SEQUENCER_REPEATED);
    assert_int_equal(again.seq, seq);
    other = keyed(world_buy("ann", "ABC", 101, 0), 7, 2);
    assert_int_equal(ask(w, &other), SEQUENCER_KEY_CONFLICT);
    assert_int_equal(other.seq, seq);
    assert_int_equal(sequencer_last_seq(w->sequencer), seq);
    assert_int_equal(engine_counts(w->state.engine).orders, 1);
    uint32_t count;
    (void)sequencer_events(w->sequencer, &count);
    assert_int_equal(count, 1); /* still those of the last group */
}

static void commands_without_a_key_are_never_repeats(void **state)
{
    struct world *w = *state;
    given_market(w);
    for (int i = 0; i < 3; i++) assert_int_equal(add(w, world_buy("ann", "ABC", 100, 0)), SEQUENCER_ADDED);
    assert_int_equal(engine_counts(w->state.engine).orders, 3);
}

static void a_refused_command_keeps_its_key(void **state)
{
    struct world *w = *state;
    given_market(w);
    struct command c = keyed(world_buy("nobody", "ABC", 100, 0), 7, 1), again = c;
    assert_int_equal(ask(w, &c), SEQUENCER_ADDED);
    assert_int_equal(ask(w, &again), SEQUENCER_REPEATED);
    assert_int_equal(again.seq, c.seq);
}

static void a_key_survives_a_crash_and_is_forgotten_when_it_is_old(void **state)
{
    struct world *w = *state;
    given_market(w);
    struct command c = keyed(world_buy("ann", "ABC", 100, 0), 7, 1), again = c;
    assert_int_equal(ask(w, &c), SEQUENCER_ADDED);
    assert_int_equal(sequencer_commit(w->sequencer), 0);
    kill_it(w);
    assert_int_equal(start(w), 0);
    assert_int_equal(ask(w, &again), SEQUENCER_REPEATED);
    assert_int_equal(again.seq, c.seq);
    pass(w, (int64_t)w->limits.key_ttl_s * 1000000000);
    assert_int_equal(add(w, world_account("bob")), SEQUENCER_ADDED); /* any command makes old keys leave */
    again = keyed(world_buy("ann", "ABC", 100, 0), 7, 1);
    assert_int_equal(ask(w, &again), SEQUENCER_ADDED);
    assert_true(again.seq > c.seq);
}

static void a_full_table_refuses_new_keys_and_never_forgets_one_early(void **state)
{
    struct world *w = *state;
    given_market(w);
    for (uint64_t key = 1; key <= w->limits.keys_max; key++)
        assert_int_equal(add(w, keyed(world_buy("ann", "ABC", 100, 0), key, 1)), SEQUENCER_ADDED);
    uint64_t seq = sequencer_last_seq(w->sequencer);
    assert_int_equal(add(w, keyed(world_buy("ann", "ABC", 100, 0), 99, 1)), SEQUENCER_KEYS_FULL);
    assert_int_equal(sequencer_last_seq(w->sequencer), seq);
    assert_int_equal(add(w, keyed(world_buy("ann", "ABC", 100, 0), 1, 1)), SEQUENCER_REPEATED);
    assert_int_equal(add(w, world_buy("ann", "ABC", 100, 0)), SEQUENCER_ADDED); /* without a key there is no limit */
    pass(w, (int64_t)w->limits.key_ttl_s * 1000000000);
    assert_int_equal(add(w, keyed(world_buy("ann", "ABC", 100, 0), 99, 1)), SEQUENCER_ADDED);
}

static void a_fold_refuses_commands_that_do_not_follow(void **state)
{
    (void)state;
    struct fold f;
    fold_init(&f);
    struct command c = world_account("ann");
    c.seq = 1;
    assert_int_equal(fold_apply(&f, &c), ERR_CORRUPT); /* before any limits */
    c = (struct command){.kind = COMMAND_SET_LIMITS, .seq = 1, .ts_ns = 5};
    assert_int_equal(fold_apply(&f, &c), ERR_CORRUPT); /* limits of nothing */
    c.set_limits = world_limits();
    c.seq = 2;
    assert_int_equal(fold_apply(&f, &c), ERR_CORRUPT);
    c.seq = 1;
    assert_true(fold_apply(&f, &c) > 0);
    c = world_account("ann");
    c.seq = 3;
    c.ts_ns = 5;
    assert_int_equal(fold_apply(&f, &c), ERR_CORRUPT); /* a gap */
    c.seq = 2;
    c.ts_ns = 4;
    assert_int_equal(fold_apply(&f, &c), ERR_CORRUPT); /* time goes back */
    c.ts_ns = 5;
    assert_int_equal(fold_apply(&f, &c), 1);
    fold_free(&f);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_tape_begins_with_its_limits_and_they_are_durable),
        TEST(a_group_is_one_block_with_the_digest_and_one_sync),
        TEST(each_command_is_given_its_own_events_of_the_group),
        TEST(what_was_told_while_running_is_what_the_tape_folds_into),
        TEST(a_restart_goes_on_with_the_same_state),
        TEST(time_follows_the_monotonic_clock_and_never_goes_back),
        TEST(a_start_more_than_seven_days_later_needs_consent),
        TEST(a_state_that_is_not_the_tapes_is_refused),
        TEST(a_tick_is_written_when_a_timer_is_due_and_no_command_comes),
        TEST(work_beyond_the_limit_is_continued_around_the_command),
        TEST(a_sweep_that_does_not_fit_the_group_goes_on_in_the_next),
        TEST(a_full_group_takes_nothing_until_it_is_committed),
        TEST(the_sync_mode_says_when_a_commit_syncs),
        TEST(an_idle_tape_is_readable_to_its_last_command_beside_the_writer),
        TEST(a_repeat_takes_no_seq_and_names_the_first),
        TEST(commands_without_a_key_are_never_repeats),
        TEST(a_refused_command_keeps_its_key),
        TEST(a_key_survives_a_crash_and_is_forgotten_when_it_is_old),
        TEST(a_full_table_refuses_new_keys_and_never_forgets_one_early),
        cmocka_unit_test(whatever_fails_every_acknowledged_command_is_there_after_a_restart),
        cmocka_unit_test(a_fold_refuses_commands_that_do_not_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
