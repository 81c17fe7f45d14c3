/* api/process.c - the process around the engine: start, wait, stop.
 *
 *   main thread      signals and deadlines: one loop over sigtimedwait. Two signals and one periodic duty need no
 *                    event loop, and no code runs in a signal handler.
 *   starter          folds the tape and opens the parts while HTTP already answers livez and readyz; ends when READY
 *   sequencer        pipeline.c
 *   projector        projector.c
 *   connectors       connectors/connectors.c
 *   workers          worker.c
 *   HTTP             libmicrohttpd's thread, http_server.c
 *
 * What must stay true: READY only when the event tape and the views are at the command tape's end. A clean stop
 * answers what was accepted, then seals the tape, then brings event tape and views to its end. After a failure nothing
 * is sealed: the tape is as after a crash. */
#include "api/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "api/clock.h"
#include "api/log.h"
#include "api/server.h"
#include "api/snapshot_job.h"
#include "core/error.h"
#include "projections/catch_up.h"
#include "snapshots/events.h"

enum {
    LOOP_MS = 50,             /* how late a deadline or a failure may be noticed */
    STOP_WAIT_MS_MAX = 30000, /* for requests under way; what is left then only reads (a what-if) */
    IDLE_MS = 200,
    JOB_THREADS = 2,
    JOBS_WAITING_MAX = 4,
    READ_THREADS = 1,
    READS_WAITING_MAX = 256,
    EXIT_FAILED = 2
};

void server_fail(struct server *s, const char *part, int error)
{
    int none = 0;
    if (!atomic_compare_exchange_strong(&s->failure, &none, error)) return;
    atomic_store(&s->phase, PHASE_FAILED);
    log_line(LOG_ERROR, "failed", "part=%s error=\"%s\"", part, error_text(error));
}

static void pipeline_failed(void *arg, int error)
{
    server_fail(arg, "sequencer", error);
}
static void projector_failed(void *arg, int error)
{
    server_fail(arg, "projector", error);
}
static void snapshot_due(void *arg)
{
    snapshot_start(arg);
}

static void log_report(const struct tape_report *r)
{
    for (uint32_t i = 0; i < r->count && i < TAPE_FINDINGS_MAX; i++) {
        const struct tape_finding *f = &r->findings[i];
        log_line(f->damage ? LOG_ERROR : LOG_WARN, "tape finding",
                 "file=%s offset=%llu first_seq=%llu last_seq=%llu text=\"%s\"", f->file, (unsigned long long)f->offset,
                 (unsigned long long)f->first_seq, (unsigned long long)f->last_seq, f->text);
    }
}

static void log_progress(void *arg, uint64_t seq)
{
    log_line(LOG_INFO, arg, "seq=%llu", (unsigned long long)seq);
}

static struct tape_options tape_options(const struct server *s, enum tape_kind kind)
{
    struct tape_options o = {
        .storage = s->dir.storage, .kind = kind, .rules_version = RULES_VERSION, .prepare_in_background = true};
    data_dir_path(&s->dir, kind == TAPE_COMMANDS ? "commands" : "events", o.dir);
    return o;
}

static int64_t end_of_day_ns(const char *hh_mm)
{
    if (hh_mm[0] == '\0') return -1;
    int hours = (hh_mm[0] - '0') * 10 + hh_mm[1] - '0', minutes = (hh_mm[3] - '0') * 10 + hh_mm[4] - '0';
    return (hours * 60 + minutes) * 60 * NS_PER_S;
}

/* What the parts of start hand on to each other. */
struct start {
    struct server *server;
    struct sequencer *sequencer;
    struct recover_result recovered;
    bool done;
};

/* State and event tape at the end of the command tape as it was found. */
static int start_fold(struct start *t)
{
    struct server *s = t->server;
    fold_init(&s->state);
    int failed = events_catch_up(&s->dir, &s->state, &t->recovered, &s->events, log_progress,
                                 (void *)(uintptr_t) "folding the tape");
    log_report(&t->recovered.report);
    if (failed != 0)
        log_line(LOG_ERROR, "the tape cannot be folded", "error=\"%s\" why=\"%s\"", error_text(failed),
                 t->recovered.why);
    return failed;
}

static int start_sequencer(struct start *t)
{
    struct server *s = t->server;
    const struct serve_options *o = s->options;
    struct tape_report report = {0};
    struct sequencer_options so = {.tape = s->commands_tape,
                                   .sync = o->sync,
                                   .sync_interval_ns = o->sync_interval_ns,
                                   .accept_time_jump = o->accept_time_jump,
                                   .clock_real_ns = clock_real_ns,
                                   .clock_monotonic_ns = clock_monotonic_ns};
    int failed = sequencer_open(&so, &s->state, &o->limits, &t->sequencer, &report);
    log_report(&report);
    if (failed == ERR_USAGE)
        log_line(LOG_ERROR, "the clock is more than 7 days after the tape's last time",
                 "hint=\"--accept-time-jump takes it\"");
    else if (failed != 0)
        log_line(LOG_ERROR, "the command tape cannot be opened", "error=\"%s\"", error_text(failed));
    return failed;
}

/* Opening the sequencer may have written commands (a new tape's limits, the rest of a sweep): the event tape is caught
 * up once more, from a state of its own, because the sequencer keeps the events of its last group only. */
static int start_events(struct start *t)
{
    struct server *s = t->server;
    if (event_writer_covered_seq(s->events) == sequencer_last_seq(t->sequencer)) return 0;
    struct fold scratch;
    struct recover_result again = {0};
    int failed = event_writer_close(s->events);
    s->events = NULL;
    if (failed != 0) return failed;
    fold_init(&scratch);
    failed = events_catch_up(&s->dir, &scratch, &again, &s->events, NULL, NULL);
    fold_free(&scratch);
    if (failed == 0 && event_writer_covered_seq(s->events) != sequencer_last_seq(t->sequencer)) failed = ERR_DIFFERS;
    if (failed != 0)
        log_line(LOG_ERROR, "the event tape cannot be caught up", "error=\"%s\" why=\"%s\"", error_text(failed),
                 again.why);
    return failed;
}

static int read_tape_id(struct server *s)
{
    struct tape_report report = {0};
    struct command_reader *r = NULL;
    int failed = command_reader_open(&s->commands_tape, true, &r, &report);
    if (failed != 0) return failed;
    s->tape_id = command_reader_tape_id(r);
    command_reader_close(r);
    return 0;
}

static int start_views(struct start *t)
{
    struct server *s = t->server;
    struct views_options vo = {.tape_id = s->tape_id};
    bool emptied = false;
    char reason[256] = "";
    data_dir_path(&s->dir, "projections", vo.path);
    int failed = views_open(&vo, &s->views, &emptied, reason);
    if (failed == 0 && emptied) log_line(LOG_WARN, "views are folded again", "why=\"%s\"", reason);
    if (failed == 0)
        failed = views_catch_up(s->views, &s->events_tape, UINT64_MAX, log_progress,
                                (void *)(uintptr_t) "folding the views");
    if (failed == 0 && views_cursor(s->views).seq != sequencer_last_seq(t->sequencer)) failed = ERR_DIFFERS;
    if (failed != 0) log_line(LOG_ERROR, "the views cannot be folded", "error=\"%s\"", error_text(failed));
    return failed;
}

static struct pipeline_options pipeline_options(struct start *t)
{
    struct server *s = t->server;
    const struct serve_options *o = s->options;
    int64_t idle_ns = IDLE_MS * (int64_t)NS_PER_MS;
    if (o->sync == SYNC_INTERVAL && o->sync_interval_ns < idle_ns) idle_ns = o->sync_interval_ns;
    return (struct pipeline_options){.sequencer = t->sequencer,
                                     .state = &s->state,
                                     .projector = &s->projector,
                                     .metrics = &s->metrics,
                                     .queue_max = o->queue_max,
                                     .idle_ns = idle_ns,
                                     .end_of_day_at_ns = end_of_day_ns(o->end_of_day_utc),
                                     .margin_check_ns = o->margin_check_seconds * (int64_t)NS_PER_S,
                                     .started_ts_ns = t->recovered.ts_ns,
                                     .snapshot_every_commands = o->snapshot_every_commands,
                                     .snapshot_due = snapshot_due,
                                     .failed = pipeline_failed,
                                     .arg = s};
}

static void stop_workers(struct server *s)
{
    worker_stop(&s->jobs);
    worker_stop(&s->reads);
}

static void free_workers(struct server *s)
{
    worker_free(&s->jobs);
    worker_free(&s->reads);
    gate_destroy(&s->gate);
}

static int start_workers(struct server *s, uint64_t seq)
{
    int failed = gate_init(&s->gate, seq);
    if (failed != 0) return failed;
    failed = worker_start(&s->jobs, JOB_THREADS, JOBS_WAITING_MAX);
    if (failed != 0) {
        gate_destroy(&s->gate);
        return failed;
    }
    failed = worker_start(&s->reads, READ_THREADS, READS_WAITING_MAX);
    if (failed == 0) return 0;
    worker_stop(&s->jobs);
    worker_free(&s->jobs);
    gate_destroy(&s->gate);
    return failed;
}

/* The desk without its brokers is better than no desk: a failure here is said, and the rest starts. */
static void start_connectors(struct server *s)
{
    const struct serve_options *o = s->options;
    struct connectors_options co = {.dir = &s->dir,
                                    .events_tape = s->events_tape,
                                    .views = s->views,
                                    .projector = &s->projector,
                                    .pipeline = &s->pipeline,
                                    .names = o->connectors,
                                    .seed = o->connector_seed,
                                    .faults_percent = o->connector_faults_percent};
    if (o->connectors == 0) return;
    int failed = connectors_start(&co, &s->connectors);
    if (failed != 0) log_line(LOG_ERROR, "the connectors cannot be started", "error=\"%s\"", error_text(failed));
}

static int start_threads(struct start *t)
{
    struct server *s = t->server;
    uint64_t seq = sequencer_last_seq(t->sequencer);
    metric_set(&s->metrics.seq_views, seq);
    metric_set(&s->metrics.seq_events, seq);
    int failed = start_workers(s, seq);
    if (failed != 0) return failed;
    failed = projector_start(&s->projector, s->events, s->views, &s->gate, &s->metrics, projector_failed, s);
    if (failed == 0) {
        struct pipeline_options po = pipeline_options(t);
        failed = pipeline_start(&s->pipeline, &po);
        if (failed == 0) {
            start_connectors(s);
            return 0;
        }
        (void)projector_stop(&s->projector);
    }
    stop_workers(s);
    free_workers(s);
    return failed;
}

/* A start that failed: the tape stays as a crash would leave it. */
static void undo_start(struct start *t)
{
    struct server *s = t->server;
    if (t->sequencer != NULL) sequencer_abandon(t->sequencer);
    if (s->views != NULL) views_close(s->views);
    if (s->events != NULL) event_writer_abandon(s->events);
    fold_free(&s->state);
}

static void log_ready(const struct server *s, const struct start *t)
{
    const struct serve_options *o = s->options;
    bool v6 = strchr(o->listen_address, ':') != NULL;
    log_line(LOG_INFO, "serving",
             "url=http://%s%s%s:%u data_dir=%s seq=%llu commands_folded=%llu snapshot_seq=%llu sync=%s", v6 ? "[" : "",
             o->listen_address, v6 ? "]" : "", s->http.port, o->data_dir,
             (unsigned long long)metric_get(&s->metrics.seq_applied), (unsigned long long)t->recovered.commands,
             (unsigned long long)t->recovered.snapshot_seq, sync_mode_text(o->sync));
}

static void *starter_main(void *arg)
{
    struct start *t = arg;
    struct server *s = t->server;
    int failed = start_fold(t);
    if (failed == 0) failed = start_sequencer(t);
    if (failed == 0) failed = start_events(t);
    if (failed == 0) failed = read_tape_id(s);
    if (failed == 0) failed = start_views(t);
    if (failed == 0) failed = start_threads(t);
    if (failed != 0) {
        undo_start(t);
        server_fail(s, "start", failed);
        return NULL;
    }
    t->done = true;
    int starting = PHASE_STARTING;
    if (!atomic_compare_exchange_strong(&s->phase, &starting, PHASE_READY)) return NULL; /* a part failed already */
    log_ready(s, t);
    return NULL;
}

/* Deadlines, and one look at signals. True: a signal to stop came. */
static bool turn(struct server *s, const sigset_t *signals, bool started)
{
    struct timespec wait = {.tv_nsec = LOOP_MS * NS_PER_MS};
    int signal_number = sigtimedwait(signals, NULL, &wait);
    int64_t now_ns = clock_monotonic_ns(NULL);
    http_sweep(&s->http, now_ns);
    if (started) gate_expire(&s->gate, now_ns);
    return signal_number > 0;
}

/* READY is left by a signal or a failure; a signal while starting is honoured when the start is over. */
static void wait_for_end(struct server *s, const sigset_t *signals)
{
    bool asked = false;
    for (;;) {
        int phase = atomic_load(&s->phase);
        if (phase == PHASE_FAILED || (asked && phase == PHASE_READY)) return;
        asked = turn(s, signals, phase == PHASE_READY) || asked;
    }
}

/* Waits for requests under way. False: some would not end. */
static bool drain(struct server *s, const sigset_t *signals, bool started)
{
    int64_t until_ns = clock_monotonic_ns(NULL) + STOP_WAIT_MS_MAX * (int64_t)NS_PER_MS;
    while (http_exchanges_open(&s->http) > 0) {
        if (clock_monotonic_ns(NULL) > until_ns) return false;
        (void)turn(s, signals, started);
    }
    return true;
}

/* The parts in the order of the data flow. Returns the first failure. */
static int stop_parts(struct server *s)
{
    if (s->connectors != NULL) connectors_stop(s->connectors);
    int failed = pipeline_stop(&s->pipeline);
    int late = projector_stop(&s->projector);
    if (failed == 0) failed = late;
    if (atomic_load(&s->failure) != 0) {
        event_writer_abandon(s->events);
    } else {
        late = event_writer_close(s->events);
        if (failed == 0) failed = late;
    }
    views_close(s->views);
    fold_free(&s->state);
    return failed;
}

/* Ends the process as it stands: what still runs holds memory that must not be freed under it. */
static int stop_now(struct server *s, int code)
{
    log_line(LOG_WARN, "stopped with requests under way", NULL);
    data_dir_unlock(s->lock_fd);
    _exit(code);
}

static int stop(struct server *s, const sigset_t *signals, bool started)
{
    int phase = PHASE_READY;
    (void)atomic_compare_exchange_strong(&s->phase, &phase, PHASE_STOPPING);
    log_line(LOG_INFO, "stopping", NULL);
    http_quiesce(&s->http);
    if (started && atomic_load(&s->failure) != 0) gate_close(&s->gate);
    bool drained = drain(s, signals, started);
    if (started && drained) stop_workers(s);
    int failed = started ? stop_parts(s) : 0;
    if (failed == 0) failed = atomic_load(&s->failure);
    if (failed != 0)
        log_line(LOG_ERROR, "stopped after a failure", "error=\"%s\"", error_text(failed));
    else
        log_line(LOG_INFO, "stopped", NULL);
    if (!drained) return stop_now(s, failed != 0 ? EXIT_FAILED : 0);
    http_stop(&s->http);
    if (started) free_workers(s);
    return failed != 0 ? EXIT_FAILED : 0;
}

static int run(struct server *s, const sigset_t *signals)
{
    struct start t = {.server = s};
    pthread_t starter;
    if (pthread_create(&starter, NULL, starter_main, &t) != 0) {
        server_fail(s, "starter", ERR_NO_MEMORY);
        http_stop(&s->http);
        return EXIT_FAILED;
    }
    wait_for_end(s, signals);
    (void)pthread_join(starter, NULL);
    return stop(s, signals, t.done);
}

/* A connection takes a descriptor; the tape, the views and the snapshots a few dozen. */
static void raise_descriptor_limit(uint32_t connections_max)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections_max + 128;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_line(LOG_WARN, "fewer descriptors than connections", "limit=%llu", (unsigned long long)limit.rlim_cur);
}

static int prepare(struct server *s)
{
    char holder[256] = "";
    const struct serve_options *o = s->options;
    int failed = data_dir_init(&s->dir, storage_posix(), o->data_dir);
    if (failed == 0) failed = data_dir_create(&s->dir);
    if (failed != 0) {
        log_line(LOG_ERROR, "the data directory cannot be made", "data_dir=%s error=\"%s\"", o->data_dir,
                 error_text(failed));
        return failed;
    }
    failed = data_dir_lock(&s->dir, "serve", &s->lock_fd, holder);
    if (failed != 0)
        log_line(LOG_ERROR, "the data directory is in use", "data_dir=%s holder=\"%s\" error=\"%s\"", o->data_dir,
                 holder, error_text(failed));
    s->commands_tape = tape_options(s, TAPE_COMMANDS);
    s->events_tape = tape_options(s, TAPE_EVENTS);
    return failed;
}

static int serve(struct server *s, const sigset_t *signals)
{
    char why[256] = "";
    const struct serve_options *o = s->options;
    if (prepare(s) != 0) return EXIT_FAILED;
    raise_descriptor_limit(o->connections_max);
    if (http_start(&s->http, s, o->listen_address, o->listen_port, o->connections_max, why) != 0) {
        log_line(LOG_ERROR, "cannot listen", "why=\"%s\"", why);
        data_dir_unlock(s->lock_fd);
        return EXIT_FAILED;
    }
    log_line(LOG_INFO, "listening", "address=%s port=%u", o->listen_address, s->http.port);
    int code = run(s, signals);
    data_dir_unlock(s->lock_fd);
    return code;
}

int serve_run(const struct serve_options *o)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    /* Blocked before the first thread, so that every thread inherits it and only sigtimedwait sees them. They stay
     * blocked: a second signal while the process ends must not turn a clean stop into a death by signal. */
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0) return EXIT_FAILED;
    /* Both are said by the call that failed. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct server *s = calloc(1, sizeof *s);
    int code = EXIT_FAILED;
    if (s == NULL) {
        log_line(LOG_ERROR, "no memory", NULL);
    } else {
        s->options = o;
        atomic_store(&s->phase, PHASE_STARTING);
        code = serve(s, &signals);
    }
    free(s);
    return code;
}
