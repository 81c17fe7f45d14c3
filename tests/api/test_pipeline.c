/* tests/api/test_pipeline.c - the way of a command on a disk that fails: whatever was answered as done is there when
 * the power comes back. One body is repeated with the k-th write failing, k = 1, 2, ... until it passes untouched. */
#include <ftw.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/pipeline.h"
#include "tests/journal/command_world.h"

enum { COMMANDS = 40 };
#define DAY_NS ((int64_t)86400 * 1000000000)

/* A whole back half: two disks (each is used by one thread), views in a directory. */
struct house {
    char dir[64];
    struct fake_disk *commands_disk, *events_disk;
    struct tape_options commands, events;
    struct fold state;
    struct views *views;
    struct event_writer *writer;
    struct view_gate gate;
    struct metrics metrics;
    struct projector projector;
    struct pipeline pipeline;
    struct pipeline_options options;
    _Atomic int failures;
    int64_t real_ns;
    pthread_mutex_t lock;
    pthread_cond_t all_done;
    int done;
    int events_close_error;
};

struct job {
    struct pending pending; /* first */
    struct command command;
    struct house *house;
    int times_done;
};

static int64_t fixed_clock(void *ctx)
{
    return *(int64_t *)ctx;
}

static void count_failure(void *arg, int error)
{
    struct house *h = arg;
    assert_true(error < 0);
    atomic_fetch_add(&h->failures, 1);
}

static void job_done(struct pending *p)
{
    struct job *j = (struct job *)p;
    struct house *h = j->house;
    (void)pthread_mutex_lock(&h->lock);
    j->times_done++;
    h->done++;
    (void)pthread_cond_signal(&h->all_done);
    (void)pthread_mutex_unlock(&h->lock);
}

static void open_sequencer(struct house *h, int64_t real_ns)
{
    struct tape_report report;
    struct limits limits = world_limits();
    h->real_ns = real_ns;
    struct sequencer_options so = {.tape = h->commands,
                                   .sync = SYNC_ALWAYS,
                                   .clock_real_ns = fixed_clock,
                                   .clock_monotonic_ns = fixed_clock,
                                   .clock_ctx = &h->real_ns};
    fold_init(&h->state);
    assert_int_equal(sequencer_open(&so, &h->state, &limits, &h->options.sequencer, &report), 0);
}

/* The events of what opening wrote go in front, as a start does. */
static void open_projector(struct house *h)
{
    struct tape_report report;
    bool emptied = false;
    char reason[256] = "";
    struct views_options vo = {.tape_id = 1};
    uint32_t count = 0;
    const struct event *events = sequencer_events(h->options.sequencer, &count);
    struct views_cursor to = {.seq = 1, .ts_ns = h->real_ns};
    (void)snprintf(vo.path, sizeof vo.path, "%s/projections", h->dir);
    assert_int_equal(event_writer_open(&h->events, &h->writer, &report), 0);
    assert_int_equal(event_writer_append(h->writer, events, count, 1, h->real_ns), 0);
    assert_int_equal(views_open(&vo, &h->views, &emptied, reason), 0);
    event_writer_chain_hash(h->writer, &to.chain_hash_lo, &to.chain_hash_hi);
    assert_int_equal(views_fold(h->views, events, count, to), 0);
    assert_int_equal(gate_init(&h->gate, 1), 0);
    assert_int_equal(projector_start(&h->projector, h->writer, h->views, &h->gate, &h->metrics, count_failure, h), 0);
}

static void house_open(struct house *h, int64_t real_ns)
{
    *h = (struct house){
        .dir = "/tmp/ordertape-pipeline-XXXXXX", .commands_disk = fake_disk_new(), .events_disk = fake_disk_new()};
    assert_non_null(mkdtemp(h->dir));
    assert_int_equal(pthread_mutex_init(&h->lock, NULL) + pthread_cond_init(&h->all_done, NULL), 0);
    h->commands = world_options(fake_storage(h->commands_disk), 65536);
    h->events = world_options(fake_storage(h->events_disk), 65536);
    h->events.kind = TAPE_EVENTS;
    strcpy(h->events.dir, "events");
    assert_int_equal(h->commands.storage->make_dir(h->commands.storage->ctx, "commands"), 0);
    assert_int_equal(h->events.storage->make_dir(h->events.storage->ctx, "events"), 0);
    open_sequencer(h, real_ns);
    open_projector(h);
    h->options.state = &h->state;
    h->options.projector = &h->projector;
    h->options.metrics = &h->metrics;
    h->options.queue_max = COMMANDS;
    h->options.idle_ns = 1000000;
    h->options.end_of_day_at_ns = -1;
    h->options.failed = count_failure;
    h->options.arg = h;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

/* Stops everything; returns what the pipeline said. */
static int house_stop(struct house *h)
{
    int failed = pipeline_stop(&h->pipeline);
    if (projector_stop(&h->projector) != 0)
        event_writer_abandon(h->writer);
    else
        h->events_close_error = event_writer_close(h->writer);
    views_close(h->views);
    gate_destroy(&h->gate);
    fold_free(&h->state);
    return failed;
}

static void house_free(struct house *h)
{
    fake_disk_free(h->commands_disk);
    fake_disk_free(h->events_disk);
    (void)pthread_mutex_destroy(&h->lock);
    (void)pthread_cond_destroy(&h->all_done);
    assert_int_equal(nftw(h->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void write_jobs(struct house *h, struct job *jobs)
{
    for (int i = 0; i < COMMANDS; i++) {
        jobs[i] = (struct job){.house = h};
        jobs[i].command = i == 0   ? world_instrument("X")
                          : i == 1 ? world_account("a")
                          : i == 2 ? world_cash("a")
                                   : world_buy("a", "X", 100 + i, 0);
        jobs[i].pending.command = &jobs[i].command;
        jobs[i].pending.done = job_done;
    }
}

/* Submits all of them in a few gulps, so that groups differ; returns how many were taken. */
static int submit_jobs(struct house *h, struct job *jobs)
{
    int taken = 0;
    for (int i = 0; i < COMMANDS; i++) {
        if (pipeline_submit(&h->pipeline, &jobs[i].pending) == 0) taken++;
        if (i % 9 == 8) (void)usleep(500);
    }
    (void)pthread_mutex_lock(&h->lock);
    while (h->done < taken) (void)pthread_cond_wait(&h->all_done, &h->lock);
    (void)pthread_mutex_unlock(&h->lock);
    return taken;
}

/* The highest seq that was answered as done; everyone who was taken was told exactly once. */
static uint64_t answered_seq(const struct job *jobs, int taken)
{
    uint64_t seq = 0;
    int told = 0;
    for (int i = 0; i < COMMANDS; i++) {
        assert_true(jobs[i].times_done <= 1);
        told += jobs[i].times_done;
        if (jobs[i].times_done == 1 && jobs[i].pending.outcome.error == 0 && jobs[i].pending.outcome.seq > seq)
            seq = jobs[i].pending.outcome.seq;
    }
    assert_int_equal(told, taken);
    return seq;
}

static uint64_t tape_after_power_cut(struct house *h)
{
    struct fold f;
    fake_fail_at(h->commands_disk, 0, 0, false);
    fake_power_cut(h->commands_disk, 0);
    uint64_t last = world_fold(&h->commands, &f);
    fold_free(&f);
    return last;
}

static void nothing_unsynced_is_answered_as_done_whichever_write_fails(void **state)
{
    (void)state;
    bool untouched = false;
    for (uint64_t k = 1; !untouched; k++) {
        struct house h;
        static struct job jobs[COMMANDS];
        house_open(&h, DAY_NS);
        fake_fail_at(h.commands_disk, k, ERR_IO, true);
        write_jobs(&h, jobs);
        assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
        int taken = submit_jobs(&h, jobs);
        int stopped = house_stop(&h);
        uint64_t answered = answered_seq(jobs, taken);
        untouched = stopped == 0;
        assert_true(tape_after_power_cut(&h) >= answered);
        if (untouched) assert_int_equal(answered, COMMANDS + 1);
        house_free(&h);
    }
}

/* The event tape is derived: its failure stops the process, but what was answered stays true and the tape is sealed. */
static void a_failing_event_tape_is_told_and_costs_no_command(void **state)
{
    (void)state;
    bool untouched = false;
    for (uint64_t k = 1; !untouched; k++) {
        struct house h;
        static struct job jobs[COMMANDS];
        house_open(&h, DAY_NS);
        fake_fail_at(h.events_disk, k, ERR_IO, true);
        write_jobs(&h, jobs);
        assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
        int taken = submit_jobs(&h, jobs);
        (void)house_stop(&h);
        untouched = atomic_load(&h.failures) == 0 && h.events_close_error == 0;
        assert_true(tape_after_power_cut(&h) >= answered_seq(jobs, taken));
        house_free(&h);
    }
}

static void what_is_accepted_before_a_stop_is_done_and_nothing_after(void **state)
{
    struct house h;
    static struct job jobs[COMMANDS];
    (void)state;
    house_open(&h, DAY_NS);
    write_jobs(&h, jobs);
    assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
    for (int i = 0; i < COMMANDS; i++) assert_int_equal(pipeline_submit(&h.pipeline, &jobs[i].pending), 0);
    assert_int_equal(house_stop(&h), 0);
    assert_int_equal(h.events_close_error, 0);
    assert_int_equal(answered_seq(jobs, COMMANDS), COMMANDS + 1);
    assert_int_equal(metric_get(&h.metrics.seq_views), COMMANDS + 1);
    assert_int_equal(metric_get(&h.metrics.orders_open), COMMANDS - 3);
    house_free(&h);
}

/* All orders ask for the same, under one key. */
static void write_repeats(struct house *h, struct job *jobs)
{
    write_jobs(h, jobs);
    for (int i = 3; i < COMMANDS; i++) {
        jobs[i].command = world_buy("a", "X", 100, 0);
        jobs[i].command.origin.key = (struct key_hash){.lo = 7};
        jobs[i].command.origin.body = (struct key_hash){.lo = 8};
    }
}

static void of_many_with_one_key_one_is_carried_out_and_all_are_told_which(void **state)
{
    struct house h;
    static struct job jobs[COMMANDS];
    int carried_out = 0;
    (void)state;
    house_open(&h, DAY_NS);
    write_repeats(&h, jobs);
    assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
    (void)submit_jobs(&h, jobs);
    for (int i = 3; i < COMMANDS; i++) {
        const struct outcome *o = &jobs[i].pending.outcome;
        assert_int_equal(o->error, 0);
        assert_int_equal(o->seq, 5);
        assert_true(o->key == KEY_NEW || o->key == KEY_REPEATED);
        carried_out += o->key == KEY_NEW;
    }
    assert_int_equal(carried_out, 1);
    assert_int_equal(metric_get(&h.metrics.key_repeats), COMMANDS - 4);
    assert_int_equal(metric_get(&h.metrics.keys_live), 1);
    jobs[0].command = jobs[3].command;
    jobs[0].command.origin.body.lo++;
    assert_int_equal(pipeline_submit(&h.pipeline, &jobs[0].pending), 0);
    assert_int_equal(house_stop(&h), 0);
    assert_int_equal(jobs[0].pending.outcome.key, KEY_CONFLICT);
    assert_int_equal(metric_get(&h.metrics.key_conflicts), 1);
    assert_int_equal(tape_after_power_cut(&h), 5);
    house_free(&h);
}

static void a_repeat_is_not_told_before_its_first_is_durable_whichever_write_fails(void **state)
{
    (void)state;
    bool untouched = false;
    for (uint64_t k = 1; !untouched; k++) {
        struct house h;
        static struct job jobs[COMMANDS];
        house_open(&h, DAY_NS);
        fake_fail_at(h.commands_disk, k, ERR_IO, true);
        write_repeats(&h, jobs);
        assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
        int taken = submit_jobs(&h, jobs);
        untouched = house_stop(&h) == 0;
        assert_true(tape_after_power_cut(&h) >= answered_seq(jobs, taken));
        house_free(&h);
    }
}

struct question {
    struct pending pending; /* first */
    struct job *job;
    uint32_t orders;
    bool key_known;
};

static void look_at_engine(struct pending *p, const struct engine *e)
{
    struct question *q = (struct question *)p;
    struct key_state key;
    q->orders = engine_counts(e).orders;
    q->key_known = engine_get_key(e, &(struct key_hash){.lo = 7}, &key);
}

static void question_done(struct pending *p)
{
    job_done(&((struct question *)p)->job->pending);
}

static void a_question_sees_everything_submitted_before_it_and_that_is_durable(void **state)
{
    struct house h;
    static struct job jobs[COMMANDS];
    struct job asker = {.house = &h};
    struct question q = {.pending = {.ask = look_at_engine, .done = question_done}, .job = &asker};
    (void)state;
    house_open(&h, DAY_NS);
    h.options.queue_max = COMMANDS + 1;
    write_repeats(&h, jobs);
    assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
    for (int i = 0; i < COMMANDS; i++) assert_int_equal(pipeline_submit(&h.pipeline, &jobs[i].pending), 0);
    assert_int_equal(pipeline_submit(&h.pipeline, &q.pending), 0);
    assert_int_equal(house_stop(&h), 0);
    assert_int_equal(asker.times_done, 1);
    assert_int_equal(q.pending.outcome.error, 0);
    assert_int_equal(q.pending.outcome.seq, 5);
    assert_int_equal(q.orders, 1);
    assert_true(q.key_known);
    house_free(&h);
}

/* The kinds of the commands on the tape, one letter each. */
static void tape_kinds(struct house *h, char *room, size_t room_bytes)
{
    struct command_reader *r;
    struct tape_report report;
    const struct command *c;
    size_t used = 0;
    assert_int_equal(command_reader_open(&h->commands, true, &r, &report), 0);
    while (command_reader_next(r, &c) == 0 && used + 1 < room_bytes) room[used++] = command_kind_text(c->kind)[0];
    room[used] = '\0';
    command_reader_close(r);
}

static void an_end_of_day_that_passed_while_the_server_was_down_is_made_up_for(void **state)
{
    static const struct {
        int64_t started_ts_ns;
        const char *kinds;
    } rows[] = {
        {3 * DAY_NS / 2, "s"}, /* the same day: nothing is due */
        {DAY_NS / 2, "se"},    /* yesterday: once, before anything else */
        {0, "s"},              /* a new tape */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct house h;
        char kinds[16];
        house_open(&h, 7 * DAY_NS / 4);
        h.options.end_of_day_at_ns = 0;
        h.options.started_ts_ns = rows[i].started_ts_ns;
        assert_int_equal(pipeline_start(&h.pipeline, &h.options), 0);
        while (strlen(rows[i].kinds) > 1 && metric_get(&h.metrics.commands[COMMAND_END_OF_DAY]) == 0)
            (void)usleep(1000);
        assert_int_equal(house_stop(&h), 0);
        tape_kinds(&h, kinds, sizeof kinds);
        assert_string_equal(kinds, rows[i].kinds);
        house_free(&h);
    }
}

static void the_end_of_a_day_is_the_next_one(void **state)
{
    static const struct {
        int64_t after_ns, at_ns, is_ns;
    } rows[] = {
        {0, 0, DAY_NS},
        {-1, 0, 0},
        {DAY_NS, 0, 2 * DAY_NS},
        {DAY_NS - 1, 0, DAY_NS},
        {0, DAY_NS / 2, DAY_NS / 2},
        {DAY_NS / 2, DAY_NS / 2, DAY_NS + DAY_NS / 2},
        {-DAY_NS, DAY_NS / 2, -DAY_NS / 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(end_of_day_after(rows[i].after_ns, rows[i].at_ns), rows[i].is_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_unsynced_is_answered_as_done_whichever_write_fails),
        cmocka_unit_test(a_failing_event_tape_is_told_and_costs_no_command),
        cmocka_unit_test(what_is_accepted_before_a_stop_is_done_and_nothing_after),
        cmocka_unit_test(of_many_with_one_key_one_is_carried_out_and_all_are_told_which),
        cmocka_unit_test(a_repeat_is_not_told_before_its_first_is_durable_whichever_write_fails),
        cmocka_unit_test(a_question_sees_everything_submitted_before_it_and_that_is_durable),
        cmocka_unit_test(an_end_of_day_that_passed_while_the_server_was_down_is_made_up_for),
        cmocka_unit_test(the_end_of_a_day_is_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
