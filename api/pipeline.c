/* api/pipeline.c - see pipeline.h. A group is what waited when the thread came by. Its members are remembered with the
 * place of their events, because events may only be told after the commit and are valid until the next add after it. */
#include "api/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "api/clock.h"
#include "core/error.h"

/* Members of one group. The sequencer may say ERR_FULL earlier; this bounds how long the first of a group waits for
 * the last. */
enum { GROUP_MAX = 4096 };
#define NS_PER_DAY ((int64_t)86400 * NS_PER_S)

struct member {
    struct pending *pending;
    uint32_t first_event, event_count;
    uint32_t continued_end;       /* events up to here belong to CONTINUE commands that went on with its work */
    enum sequencer_answer answer; /* not ADDED: it has no events */
};
_Static_assert((int)SEQUENCER_REPEATED == (int)KEY_REPEATED && (int)SEQUENCER_KEY_CONFLICT == (int)KEY_CONFLICT &&
                   (int)SEQUENCER_KEYS_FULL == (int)KEY_FULL,
               "an outcome says what the sequencer said");

struct group {
    uint32_t count;
    struct member members[GROUP_MAX];
};

int64_t end_of_day_after(int64_t after_ns, int64_t at_ns)
{
    int64_t day = after_ns / NS_PER_DAY - (after_ns % NS_PER_DAY < 0);
    int64_t at = day * NS_PER_DAY + at_ns;
    return at > after_ns ? at : at + NS_PER_DAY;
}

static void complete_all(struct pending *first, int error)
{
    while (first != NULL) {
        struct pending *next = first->next;
        first->outcome = (struct outcome){.error = error};
        first->done(first);
        first = next;
    }
}

int pipeline_submit(struct pipeline *p, struct pending *pending)
{
    (void)pthread_mutex_lock(&p->lock);
    int refused = p->latched ? ERR_IO : p->stopping ? ERR_BUSY : p->waiting >= p->o.queue_max ? ERR_FULL : 0;
    if (refused == 0) {
        pending->next = NULL;
        if (p->last != NULL)
            p->last->next = pending;
        else
            p->first = pending;
        p->last = pending;
        metric_set(&p->o.metrics->queue_depth, ++p->waiting);
        if (p->waiting == 1) (void)pthread_cond_signal(&p->wake);
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (refused == ERR_FULL) metric_add(&p->o.metrics->queue_refused, 1);
    return refused;
}

/* When the thread must wake although nobody came: the next timer, the end of day, the idle marker. Monotonic
 * nanoseconds from now. */
static int64_t wait_ns(struct pipeline *p)
{
    int64_t now_ns = sequencer_now_ns(p->o.sequencer);
    int64_t wait = p->idle_done ? NS_PER_DAY : p->o.idle_ns;
    int64_t due_ns = engine_next_due_ns(p->o.state->engine);
    if (p->end_of_day_next_ns < due_ns) due_ns = p->end_of_day_next_ns;
    if (p->margin_check_next_ns < due_ns) due_ns = p->margin_check_next_ns;
    if (due_ns <= now_ns) return 0;
    return due_ns - now_ns < wait ? due_ns - now_ns : wait;
}

/* Everything that waits, or NULL when the time was up or the thread should stop. */
static struct pending *take(struct pipeline *p, bool *stop)
{
    int64_t wait = wait_ns(p);
    int64_t until_ns = clock_monotonic_ns(NULL) + wait;
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    (void)pthread_mutex_lock(&p->lock);
    int result = 0;
    while (p->first == NULL && !p->stopping && wait > 0 && result == 0)
        result = pthread_cond_timedwait(&p->wake, &p->lock, &until);
    struct pending *batch = p->first;
    p->first = p->last = NULL;
    p->waiting = 0;
    metric_set(&p->o.metrics->queue_depth, 0);
    *stop = batch == NULL && p->stopping;
    (void)pthread_mutex_unlock(&p->lock);
    if (batch != NULL) p->idle_done = false;
    return batch;
}

/* From here on nothing enters; what waits gets the error. */
static int latch(struct pipeline *p, int error)
{
    (void)pthread_mutex_lock(&p->lock);
    p->latched = true;
    struct pending *waiting = p->first;
    p->first = p->last = NULL;
    p->waiting = 0;
    (void)pthread_mutex_unlock(&p->lock);
    complete_all(waiting, error);
    p->o.failed(p->o.arg, error);
    return error;
}

static void publish_gauges(struct pipeline *p, uint64_t adds)
{
    struct metrics *m = p->o.metrics;
    uint64_t last_seq = sequencer_last_seq(p->o.sequencer);
    if (last_seq - p->last_seq > adds) metric_add(&m->commands[COMMAND_CONTINUE], last_seq - p->last_seq - adds);
    p->last_seq = last_seq;
    metric_set(&m->seq_applied, last_seq);
    metric_set(&m->seq_durable, sequencer_durable_seq(p->o.sequencer));
    struct engine_counts counts = engine_counts(p->o.state->engine);
    metric_set(&m->orders_open, counts.orders);
    metric_set(&m->routes_open, counts.routes);
    metric_set(&m->orders_waiting, counts.waiting);
    metric_set(&m->keys_live, counts.keys);
    metric_set(&m->client_ids_live, counts.client_ids);
}

static void group_fail(struct group *g, int error)
{
    for (uint32_t i = 0; i < g->count; i++) {
        g->members[i].pending->outcome = (struct outcome){.error = error};
        g->members[i].pending->done(g->members[i].pending);
    }
    g->count = 0;
}

static void member_outcome(const struct member *m, const struct event *events)
{
    struct outcome *o = &m->pending->outcome;
    const struct command *c = m->pending->command;
    if (m->answer != SEQUENCER_ADDED) {
        *o = (struct outcome){.key = (uint8_t)m->answer, .seq = m->answer == SEQUENCER_KEYS_FULL ? 0 : c->seq};
        return;
    }
    uint32_t end = m->first_event + m->event_count;
    outcome_from_events(o, c, events + m->first_event, m->event_count);
    outcome_add_continued(o, events + end, m->continued_end - end);
}

static void group_release(struct group *g, const struct event *events)
{
    for (uint32_t i = 0; i < g->count; i++) {
        member_outcome(&g->members[i], events);
        g->members[i].pending->done(g->members[i].pending);
    }
    g->count = 0;
}

/* Makes the group durable, answers its members and hands its events on. `adds`: commands added whose kind was counted. */
static int commit(struct pipeline *p, struct group *g, uint64_t adds)
{
    if (sequencer_last_seq(p->o.sequencer) == p->last_seq) {
        group_release(g, NULL); /* repeats of what was committed before */
        return 0;
    }
    int64_t began_ns = clock_monotonic_ns(NULL);
    int failed = sequencer_commit(p->o.sequencer);
    if (failed != 0) {
        group_fail(g, failed);
        return failed;
    }
    metrics_group(p->o.metrics, clock_monotonic_ns(NULL) - began_ns);
    publish_gauges(p, adds);
    uint32_t count = 0;
    const struct event *events = sequencer_events(p->o.sequencer, &count);
    metric_set(&p->o.metrics->seq_answered, p->last_seq);
    group_release(g, events);
    return projector_push(p->o.projector, events, count, p->last_seq, sequencer_last_ts_ns(p->o.sequencer));
}

static int add_member(struct pipeline *p, struct group *g, struct pending *pending)
{
    struct metrics *count = p->o.metrics;
    struct member *m = &g->members[g->count];
    int answer = sequencer_add(p->o.sequencer, pending->command, &m->first_event, &m->event_count);
    if (answer < 0) return answer;
    (void)sequencer_events(p->o.sequencer, &m->continued_end);
    m->answer = (enum sequencer_answer)answer;
    m->pending = pending;
    g->count++;
    switch (m->answer) {
    case SEQUENCER_ADDED: metric_add(&count->commands[pending->command->kind], 1); break;
    case SEQUENCER_REPEATED: metric_add(&count->key_repeats, 1); break;
    case SEQUENCER_KEY_CONFLICT: metric_add(&count->key_conflicts, 1); break;
    case SEQUENCER_KEYS_FULL: metric_add(&count->keys_refused, 1); break;
    }
    return answer;
}

static int ask_engine(struct pipeline *p, struct pending *pending)
{
    pending->outcome = (struct outcome){.seq = p->last_seq};
    pending->ask(pending, p->o.state->engine);
    pending->done(pending);
    return 0;
}

static int copy_state(struct pipeline *p, struct pending *pending)
{
    struct state_copy *copy = pending->copy;
    int failed = fold_copy(&copy->fold, p->o.state);
    copy->seq = sequencer_last_seq(p->o.sequencer);
    pending->outcome = (struct outcome){.error = failed, .seq = copy->seq};
    pending->done(pending);
    return 0;
}

static int write_marker(struct pipeline *p, struct pending *pending)
{
    int failed = sequencer_idle(p->o.sequencer);
    if (failed != 0) return failed;
    publish_gauges(p, 0);
    pending->outcome = (struct outcome){.seq = p->last_seq};
    pending->done(pending);
    return 0;
}

/* What is no command. */
static int serve_other(struct pipeline *p, struct pending *pending)
{
    if (pending->ask != NULL) return ask_engine(p, pending);
    return pending->copy != NULL ? copy_state(p, pending) : write_marker(p, pending);
}

static int add_own(struct pipeline *p, enum command_kind kind)
{
    struct command c = {.kind = (uint8_t)kind};
    uint32_t first_event = 0, event_count = 0;
    int failed = sequencer_add(p->o.sequencer, &c, &first_event, &event_count);
    if (failed == 0) metric_add(&p->o.metrics->commands[kind], 1);
    return failed;
}

/* The commands whose time has come, each on its own in the group. Returns how many. A margin check that has no room behind
 * an end of day stays due. */
static int add_due(struct pipeline *p)
{
    int64_t now_ns = sequencer_now_ns(p->o.sequencer);
    int added = 0;
    if (now_ns >= p->end_of_day_next_ns) {
        int failed = add_own(p, COMMAND_END_OF_DAY);
        if (failed != 0) return failed;
        p->end_of_day_next_ns = end_of_day_after(now_ns, p->o.end_of_day_at_ns);
        added++;
    }
    if (now_ns >= p->margin_check_next_ns) {
        int failed = add_own(p, COMMAND_CHECK_MARGIN);
        if (failed == ERR_FULL && added > 0) return added;
        if (failed != 0) return failed;
        p->margin_check_next_ns = now_ns + p->o.margin_check_ns;
        added++;
    }
    return added;
}

/* Runs one batch in as few groups as it fits. On an error everyone in it who was not answered gets the error. */
static int run_batch(struct pipeline *p, struct group *g, struct pending *batch)
{
    int failed = add_due(p);
    uint64_t adds = failed > 0 ? (uint64_t)failed : 0;
    while (batch != NULL && failed >= 0) {
        struct pending *next = batch->next;
        if (batch->command == NULL) {
            failed = commit(p, g, adds);
            adds = 0;
            if (failed == 0) failed = serve_other(p, batch);
            if (failed != 0) break;
            batch = next;
            continue;
        }
        failed = g->count == GROUP_MAX ? ERR_FULL : add_member(p, g, batch);
        if (failed == ERR_FULL && (g->count > 0 || sequencer_last_seq(p->o.sequencer) != p->last_seq)) {
            failed = commit(p, g, adds);
            adds = 0;
            continue;
        }
        if (failed < 0) break;
        adds += failed == SEQUENCER_ADDED;
        batch = next;
    }
    if (failed >= 0) failed = commit(p, g, adds);
    if (failed < 0) {
        group_fail(g, failed);
        complete_all(batch, failed);
    }
    return failed;
}

/* Nobody came: what time brings. */
static int run_time(struct pipeline *p, struct group *g)
{
    int added = add_due(p);
    if (added < 0) return added;
    int ticked = sequencer_tick(p->o.sequencer);
    if (ticked < 0) return ticked;
    if (ticked > 0) metric_add(&p->o.metrics->commands[COMMAND_TICK], 1);
    int failed = commit(p, g, (uint64_t)added + (uint64_t)ticked);
    if (failed != 0 || added + ticked > 0) return failed;
    failed = sequencer_idle(p->o.sequencer);
    if (failed == 0) publish_gauges(p, 0);
    p->idle_done = true;
    return failed;
}

static void ask_for_snapshot(struct pipeline *p)
{
    if (p->o.snapshot_every_commands == 0 || p->last_seq - p->snapshot_seq < p->o.snapshot_every_commands) return;
    p->snapshot_seq = p->last_seq;
    p->o.snapshot_due(p->o.arg);
}

static void *pipeline_main(void *arg)
{
    struct pipeline *p = arg;
    struct group *g = calloc(1, sizeof *g);
    int failed = g == NULL ? ERR_NO_MEMORY : 0;
    bool stop = false;
    while (failed == 0 && !stop) {
        struct pending *batch = take(p, &stop);
        if (batch != NULL)
            failed = run_batch(p, g, batch);
        else if (!stop)
            failed = run_time(p, g);
        if (failed == 0) ask_for_snapshot(p);
    }
    free(g);
    if (failed != 0) (void)latch(p, failed);
    p->close_error = failed;
    return NULL;
}

int pipeline_start(struct pipeline *p, const struct pipeline_options *o)
{
    *p = (struct pipeline){.o = *o,
                           .last_seq = sequencer_last_seq(o->sequencer),
                           .end_of_day_next_ns = INT64_MAX,
                           .margin_check_next_ns = INT64_MAX};
    p->snapshot_seq = p->last_seq;
    if (o->margin_check_ns > 0) p->margin_check_next_ns = sequencer_now_ns(o->sequencer) + o->margin_check_ns;
    if (o->end_of_day_at_ns >= 0) {
        int64_t from_ns = o->started_ts_ns > 0 ? o->started_ts_ns : sequencer_now_ns(o->sequencer);
        p->end_of_day_next_ns = end_of_day_after(from_ns, o->end_of_day_at_ns);
    }
    publish_gauges(p, 0);
    metric_set(&o->metrics->seq_answered, p->last_seq);
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0) return ERR_NO_MEMORY;
    bool good = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                pthread_mutex_init(&p->lock, NULL) == 0 && pthread_cond_init(&p->wake, &monotonic) == 0;
    (void)pthread_condattr_destroy(&monotonic);
    if (!good) return ERR_NO_MEMORY;
    return pthread_create(&p->thread, NULL, pipeline_main, p) == 0 ? 0 : ERR_NO_MEMORY;
}

int pipeline_stop(struct pipeline *p)
{
    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    int failed = p->close_error;
    if (failed != 0)
        sequencer_abandon(p->o.sequencer);
    else
        failed = sequencer_close(p->o.sequencer);
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_mutex_destroy(&p->lock);
    return failed;
}
