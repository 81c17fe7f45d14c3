/* api/exchange.c - see exchange.h. */
#include "api/exchange.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/as_of.h"
#include "api/clock.h"
#include "api/tape_look.h"
#include "core/error.h"

/* Keys leave one by one as they grow old: nobody knows when the next one does. */
enum { KEYS_FULL_RETRY_S = 60 };

#define CONTAINER_OF(member, pointer) ((struct exchange *)(void *)((char *)(pointer)-offsetof(struct exchange, member)))

struct exchange *exchange_new(struct server *s, struct MHD_Connection *c, const char *uri)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (x == NULL) return NULL;
    x->server = s;
    x->connection = c;
    x->url_result = url_parse(&x->url, uri);
    x->route_index = METRIC_ROUTES_MAX;
    return x;
}

void exchange_free(struct exchange *x)
{
    if (x->own_free != NULL) x->own_free(x->own);
    outcome_free(&x->pending.outcome);
    as_of_free(x->as_of);
    if (x->json != NULL) json_free(x->json);
    json_command_free(&x->parsed);
    free(x->body);
    free(x->text);
    free(x);
}

const char *exchange_param(const struct exchange *x, unsigned index)
{
    unsigned segment = 0;
    for (const char *at = x->route->pattern + 1;; segment++) {
        if (at[0] == '{' && index-- == 0) return x->url.segments[segment];
        at = strchr(at, '/');
        assert(at != NULL && "the pattern has that many parameters");
        at++;
    }
}

const char *exchange_query(const struct exchange *x, const char *name)
{
    return url_query(&x->url, name);
}

/* The connection leaves the HTTP thread's hands. Must come before anybody else learns of x. */
static void suspend(struct exchange *x, exchange_step *next)
{
    x->next = next;
    x->suspended = true;
    MHD_suspend_connection(x->connection);
}

/* Any thread; x belongs to the HTTP thread from here on. */
static void resume(struct exchange *x)
{
    MHD_resume_connection(x->connection);
}

static void pending_done(struct pending *p)
{
    resume(CONTAINER_OF(pending, p));
}
static void gate_done(struct gate_wait *w)
{
    resume(CONTAINER_OF(gate, w));
}

static void work_run(struct work *w)
{
    struct exchange *x = CONTAINER_OF(work, w);
    x->worker(x);
    resume(x);
}

static void step_busy(struct exchange *x)
{
    x->retry_after_s = 1;
    exchange_problem(x, 503, "BUSY", "as many long requests as may run are running");
}

static void step_refused(struct exchange *x)
{
    x->retry_after_s = 1;
    if (x->pending.outcome.error == ERR_FULL)
        exchange_problem(x, 503, "QUEUE_FULL", "the queue of commands is full; nothing was done");
    else if (x->pending.outcome.error == ERR_BUSY)
        exchange_problem(x, 503, "STOPPING", "the server is stopping; nothing was done");
    else
        exchange_failed(x, x->pending.outcome.error);
}

static void submit(struct exchange *x, exchange_step *then)
{
    x->pending.done = pending_done;
    suspend(x, then);
    int refused = pipeline_submit(&x->server->pipeline, &x->pending);
    if (refused == 0) return;
    x->pending.outcome.error = refused;
    x->next = step_refused;
    resume(x);
}

bool exchange_is_keyed(const struct exchange *x)
{
    const struct command *c = x->pending.command;
    return c != NULL && (c->origin.key.lo | c->origin.key.hi) != 0;
}

/* On a worker: what the first request with this key came to. */
static void load_first(struct exchange *x)
{
    tape_outcome(x->server, x->pending.command, x->pending.outcome.seq, &x->pending.outcome);
}

static void first_loaded(struct exchange *x)
{
    x->then(x);
}

/* The views have the first command, and so the event tape has it too. */
static void first_reached(struct exchange *x, struct views_read *r)
{
    (void)r;
    exchange_work(x, &x->server->reads, load_first, first_loaded);
}

static void key_reused(struct exchange *x)
{
    exchange_problem(x, 422, "IDEMPOTENCY_KEY_REUSED",
                     "this idempotency key came with another request before (seq %llu); nothing was done",
                     (unsigned long long)x->pending.outcome.seq);
}

static void keys_full(struct exchange *x)
{
    x->retry_after_s = KEYS_FULL_RETRY_S;
    exchange_problem(x, 503, "IDEMPOTENCY_FULL", "no more idempotency keys can be remembered now; nothing was done");
}

static void step_submitted(struct exchange *x)
{
    switch (x->pending.outcome.error != 0 ? KEY_NEW : x->pending.outcome.key) {
    case KEY_REPEATED:
        x->replayed = true;
        exchange_read_after(x, x->pending.outcome.seq, first_reached);
        break;
    case KEY_CONFLICT: key_reused(x); break;
    case KEY_FULL: keys_full(x); break;
    default: x->then(x); break;
    }
}

void exchange_submit(struct exchange *x, struct command *c, exchange_step *then)
{
    if (!origin_fill(x, c)) return;
    x->then = then;
    x->pending.command = c;
    submit(x, step_submitted);
}

static void pending_ask(struct pending *p, const struct engine *e)
{
    struct exchange *x = CONTAINER_OF(pending, p);
    x->ask(x, e);
}

void exchange_ask(struct exchange *x, void (*ask)(struct exchange *x, const struct engine *e), exchange_step *then)
{
    x->ask = ask;
    x->pending.ask = pending_ask;
    submit(x, then);
}

void exchange_copy_state(struct exchange *x, struct state_copy *copy, exchange_step *then)
{
    x->pending.copy = copy;
    submit(x, then);
}

void exchange_mark(struct exchange *x, exchange_step *then)
{
    submit(x, then);
}

void exchange_work(struct exchange *x, struct worker *w, exchange_worker *worker, exchange_step *then)
{
    x->worker = worker;
    x->work.run = work_run;
    suspend(x, then);
    if (worker_submit(w, &x->work)) return;
    x->next = step_busy;
    resume(x);
}

/* The views are where they must be, or it is too late. */
static void step_read(struct exchange *x)
{
    if (x->gate.late) {
        x->retry_after_s = 1;
        exchange_problem(x, 503, "VIEW_BEHIND", "the views have not reached seq %llu yet; %s",
                         (unsigned long long)x->gate.seq,
                         x->seq != 0 ? "the command was carried out, read it later"
                                     : "read again later, or with consistency=eventual");
        return;
    }
    struct views_read *r = NULL;
    int failed = views_read_begin(x->server->views, &r);
    if (failed != 0) {
        exchange_failed(x, failed);
        return;
    }
    x->reader(x, r);
    views_read_end(r);
}

void exchange_read_after(struct exchange *x, uint64_t seq, exchange_reader *reader)
{
    x->reader = reader;
    x->gate = (struct gate_wait){.seq = seq, .done = gate_done};
    if (gate_reached(&x->server->gate, seq)) {
        step_read(x);
        return;
    }
    x->gate.deadline_ns = clock_monotonic_ns(NULL) + READ_WAIT_MS_MAX * (int64_t)NS_PER_MS;
    suspend(x, step_read);
    gate_wait(&x->server->gate, &x->gate);
}

/* X-Min-Seq: 0 without one; false: not a number. */
static bool min_seq(const struct exchange *x, uint64_t *seq)
{
    const char *text = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, "X-Min-Seq");
    *seq = 0;
    if (text == NULL) return true;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 19) return false;
    for (; *text >= '0' && *text <= '9'; text++) *seq = *seq * 10 + (uint64_t)(*text - '0');
    return *text == '\0';
}

void exchange_read(struct exchange *x, exchange_reader *reader)
{
    uint64_t seq = 0;
    const char *consistency = exchange_query(x, "consistency");
    bool eventual = consistency != NULL && strcmp(consistency, "eventual") == 0;
    if (consistency != NULL && !eventual && strcmp(consistency, "linearizable") != 0) {
        exchange_problem(x, 400, "MALFORMED", "consistency: not linearizable or eventual");
        return;
    }
    if (!min_seq(x, &seq)) {
        exchange_problem(x, 400, "MALFORMED", "X-Min-Seq: not a seq");
        return;
    }
    if (seq < x->answered_seq) seq = x->answered_seq;
    exchange_read_after(x, eventual ? 0 : seq, reader);
}

struct json *exchange_json(struct exchange *x)
{
    if (x->json == NULL)
        x->json = json_new();
    else
        json_reset(x->json);
    return x->json;
}

void exchange_answer(struct exchange *x, int status)
{
    assert(!x->answered);
    x->answered = true;
    x->status = x->replayed && status > 200 && status < 300 ? 200 : status;
}

void exchange_answer_constant(struct exchange *x, int status, const char *content_type, const void *bytes,
                              size_t len_bytes)
{
    x->content_type = content_type;
    x->bytes = bytes;
    x->bytes_len = len_bytes;
    exchange_answer(x, status);
}

void exchange_answer_text(struct exchange *x, int status, const char *content_type, char *text, size_t len_bytes)
{
    x->text = text;
    exchange_answer_constant(x, status, content_type, text, len_bytes);
}

static const char *status_title(int status)
{
    switch (status) {
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 422: return "Unprocessable Content";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Error";
    }
}

void exchange_problem_members(struct exchange *x, int status, const char *code, const char *detail)
{
    struct json *j = x->json;
    json_key(j, "type");
    json_string(j, "about:blank");
    json_key(j, "title");
    json_string(j, status_title(status));
    json_key(j, "status");
    json_i64(j, status);
    json_key(j, "detail");
    json_string(j, detail);
    json_key(j, "code");
    json_string(j, code);
    if (x->seq != 0) {
        json_key(j, "seq");
        json_u64(j, x->seq);
    }
    x->is_problem = true;
}

void exchange_problem(struct exchange *x, int status, const char *code, const char *detail_format, ...)
{
    char detail[256];
    va_list args;
    va_start(args, detail_format);
    (void)vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        exchange_problem_members(x, status, code, detail);
        json_object_end(j);
    }
    exchange_answer(x, status);
}

void exchange_problem_given(struct exchange *x, const struct problem *p)
{
    exchange_problem(x, p->status, p->code, "%s", p->detail);
}

void exchange_failed(struct exchange *x, int error)
{
    x->retry_after_s = 1;
    if (error == ERR_NO_MEMORY)
        exchange_problem(x, 503, "NO_MEMORY", "%s", error_text(error));
    else
        exchange_problem(x, 503, "STORAGE_FAILED", "%s; what was asked may or may not have been done",
                         error_text(error));
}

static bool phase_allows(struct exchange *x)
{
    int phase = atomic_load(&x->server->phase);
    if (phase == PHASE_READY || x->route->always) return true;
    x->retry_after_s = 1;
    if (phase == PHASE_STARTING)
        exchange_problem(x, 503, "STARTING", "the server is folding its tape; readyz says when it is ready");
    else if (phase == PHASE_STOPPING)
        exchange_problem(x, 503, "STOPPING", "the server is stopping");
    else
        exchange_problem(x, 503, "STORAGE_FAILED", "the server is stopping because storage failed; nothing was done");
    return false;
}

void exchange_dispatch(struct exchange *x)
{
    const char *unknown = NULL;
    struct server *s = x->server;
    if (x->route == NULL) {
        if (x->allow[0] != '\0')
            exchange_problem(x, 405, "METHOD_NOT_ALLOWED", "this path takes %s", x->allow);
        else
            exchange_problem(x, 404, "NO_SUCH_PATH", "no such path");
    } else if (!router_query_known(x->route, &x->url, &unknown)) {
        exchange_problem(x, 400, "MALFORMED", "%.64s: not a query parameter of this path", unknown);
    } else if (phase_allows(x)) {
        x->answered_seq = metric_get(&s->metrics.seq_answered);
        x->route->begin(x);
    }
}

bool exchange_run(struct exchange *x)
{
    x->suspended = false;
    for (;;) {
        /* First: a suspended exchange is in other hands, and nothing else of it may be looked at. */
        if (x->suspended) return false;
        if (x->answered) return true;
        exchange_step *step = x->next;
        x->next = NULL;
        assert(step != NULL && "a handler leaves an answer or a way on");
        step(x);
    }
}
