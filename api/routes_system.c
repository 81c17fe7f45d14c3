/* api/routes_system.c - what operators and machines ask about the process itself. Answered in every phase. */
#include <string.h>

#include "api/answer.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "core/error.h"

static const char *phase_text(int phase)
{
    switch (phase) {
    case PHASE_STARTING: return "STARTING";
    case PHASE_READY: return "UP";
    case PHASE_STOPPING: return "STOPPING";
    default: return "DOWN";
    }
}

static void member_seq(struct json *j, const char *key, const metric *value)
{
    json_key(j, key);
    json_u64(j, metric_get(value));
}

static void write_components(struct json *j, const struct server *s, const char *status)
{
    const struct metrics *m = &s->metrics;
    json_key(j, "tape");
    json_object_begin(j);
    json_key(j, "status");
    json_string(j, status);
    member_seq(j, "seq", &m->seq_applied);
    member_seq(j, "durable_seq", &m->seq_durable);
    json_key(j, "sync");
    json_string(j, sync_mode_text(s->options->sync));
    json_object_end(j);
    json_key(j, "sequencer");
    json_object_begin(j);
    json_key(j, "status");
    json_string(j, status);
    member_seq(j, "answered_seq", &m->seq_answered);
    member_seq(j, "queue_depth", &m->queue_depth);
    member_seq(j, "orders_open", &m->orders_open);
    json_object_end(j);
    json_key(j, "views");
    json_object_begin(j);
    json_key(j, "status");
    json_string(j, status);
    member_seq(j, "seq", &m->seq_views);
    member_seq(j, "events_seq", &m->seq_events);
    json_object_end(j);
}

static void member_u64(struct json *j, const char *key, uint64_t value)
{
    json_key(j, key);
    json_u64(j, value);
}

static void write_connector(struct json *j, const struct connectors_status *c)
{
    static const char *const breakers[] = {"CLOSED", "OPEN", "PROBING"};
    const struct connector_status *s = &c->connector;
    json_key(j, c->name.bytes);
    json_object_begin(j);
    json_key(j, "status");
    json_string(j, !c->present ? "ABSENT" : !s->connected ? "DISCONNECTED" : "CONNECTED");
    if (c->error != 0) {
        json_key(j, "last_error");
        json_string(j, error_text(c->error));
    }
    if (c->present) {
        json_key(j, "breaker");
        json_string(j, breakers[s->breaker]);
        member_u64(j, "seq", s->seq);
        member_u64(j, "behind", s->behind);
        member_u64(j, "orders", s->orders);
        member_u64(j, "in_doubt", s->in_doubt);
        member_u64(j, "executions", s->executions);
        member_u64(j, "refused", s->refused);
    }
    json_object_end(j);
}

/* Only while READY: before, they are not there yet; after, they are on their way out. */
static void write_connectors(struct json *j, const struct server *s)
{
    struct connectors_status all[CONNECTORS_MAX];
    uint32_t count = connectors_status(s->connectors, all);
    json_key(j, "connectors");
    json_object_begin(j);
    json_key(j, "status");
    json_string(j, "UP");
    for (uint32_t i = 0; i < count; i++) write_connector(j, &all[i]);
    json_object_end(j);
}

void route_health(struct exchange *x)
{
    int phase = atomic_load(&x->server->phase);
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "status");
        json_string(j, phase_text(phase));
        json_key(j, "version");
        json_string(j, ORDERTAPE_VERSION);
        json_key(j, "components");
        json_object_begin(j);
        write_components(j, x->server, phase_text(phase));
        if (phase == PHASE_READY && x->server->connectors != NULL) write_connectors(j, x->server);
        json_object_end(j);
        json_object_end(j);
    }
    exchange_answer(x, phase == PHASE_READY ? 200 : 503);
}

static void answer_status(struct exchange *x, int status, const char *text)
{
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "status");
        json_string(j, text);
        json_object_end(j);
    }
    exchange_answer(x, status);
}

/* Alive means: restarting would not help. Starting may take as long as the tape is. */
void route_livez(struct exchange *x)
{
    bool failed = atomic_load(&x->server->phase) == PHASE_FAILED;
    answer_status(x, failed ? 503 : 200, failed ? "DOWN" : "UP");
}

void route_readyz(struct exchange *x)
{
    int phase = atomic_load(&x->server->phase);
    if (phase != PHASE_READY) x->retry_after_s = 1;
    answer_status(x, phase == PHASE_READY ? 200 : 503, phase_text(phase));
}

void route_metrics(struct exchange *x)
{
    const char *names[METRIC_ROUTES_MAX];
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    for (uint32_t i = 0; i < count && i < METRIC_ROUTES_MAX; i++) names[i] = table[i].operation_id;
    size_t len = 0;
    char *text = metrics_text(&x->server->metrics, names, count, x->server->options->sync, &len);
    if (text == NULL)
        exchange_failed(x, ERR_NO_MEMORY);
    else
        exchange_answer_text(x, 200, "text/plain; version=0.0.4; charset=utf-8", text, len);
}

void route_openapi(struct exchange *x)
{
    exchange_answer_constant(x, 200, "application/json", openapi_json, openapi_json_bytes);
}
