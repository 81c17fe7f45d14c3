/* api/connectors/connectors.c - see connectors.h. */
#include "api/connectors/connectors.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/clock.h"
#include "api/connectors/broker_sim.h"
#include "api/connectors/connectors_doors.h"
#include "api/log.h"
#include "core/error.h"

enum {
    PAUSE_MS = 1000, /* after a failure, before a connector begins anew */
    LOOK_MS = 1000,  /* without news: how long at most until the thread looks around */
    TURNS_MAX = 16   /* of one connector, before the next has its turn */
};

struct unit {
    struct name name;
    uint8_t style;
    struct process_doors doors;
    struct broker_sim *broker;
    struct connector *connector; /* NULL: no venue yet, or a pause */
    int64_t begin_ns;            /* not before */
    int error;
};

struct connectors {
    struct connectors_options o;
    struct unit units[CONNECTORS_MAX];
    uint32_t count;
    int64_t real_ns, monotonic_ns; /* at the start: together they make a clock with a date that never goes back */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool woken, stopping;
    _Atomic bool at_work; /* some connector is open */
    struct connectors_status status[CONNECTORS_MAX];
};

static const struct {
    const char *name;
    uint8_t style;
} known[CONNECTORS_MAX] = {
#define X(name, style) {#name, style},
    CONNECTORS(X)
#undef X
};

bool connectors_from_text(const char *text, uint32_t *names)
{
    *names = 0;
    if (text[0] == '\0' || strcasecmp(text, "none") == 0) return true;
    while (text[0] != '\0') {
        size_t len = strcspn(text, ",");
        uint32_t found = 0;
        for (uint32_t k = 0; k < CONNECTORS_MAX; k++)
            if (strlen(known[k].name) == len && strncasecmp(known[k].name, text, len) == 0) found = 1u << k;
        if (found == 0) return false;
        *names |= found;
        text += len + (text[len] == ',');
    }
    return true;
}

static int64_t now_ns(const struct connectors *c)
{
    return c->real_ns + (clock_monotonic_ns(NULL) - c->monotonic_ns);
}

/* ---- One connector. ---- */

static void unit_close(struct unit *u)
{
    if (u->connector != NULL) connector_close(u->connector);
    if (u->broker != NULL) broker_sim_close(u->broker);
    u->connector = NULL;
    u->broker = NULL;
    process_doors_close(&u->doors);
}

static int broker_begin(struct connectors *c, struct unit *u, bool *is_new)
{
    struct broker_sim_options o;
    uint64_t torn_bytes = 0;
    uint32_t cursor = 0;
    struct broker_sim_order order;
    broker_sim_options_default(&o);
    o.storage = c->o.dir->storage;
    o.seed = c->o.seed + u->style;
    o.style = u->style;
    memset(o.faults_percent, (int)c->o.faults_percent, sizeof o.faults_percent);
    (void)snprintf(o.path, sizeof o.path, "%.3900s/brokers/%s.log", c->o.dir->path, u->name.bytes);
    int failed = broker_sim_open(&o, &u->broker, &torn_bytes);
    if (failed == 0 && torn_bytes > 0)
        log_line(LOG_WARN, "a broker's log was torn", "name=%s bytes=%llu", u->name.bytes,
                 (unsigned long long)torn_bytes);
    *is_new = failed == 0 && !broker_sim_next_order(u->broker, &cursor, &order);
    return failed;
}

static int connector_begin(struct connectors *c, struct unit *u)
{
    struct connector_options o;
    struct connector_status status;
    connector_options_default(&o);
    o.venue = u->name;
    o.broker = broker_sim_door(u->broker);
    o.doors = process_doors(&u->doors);
    int failed = connector_open(&o, &u->connector, now_ns(c));
    if (failed != 0) return failed;
    connector_status(u->connector, &status);
    log_line(status.cursor_found == ERR_CORRUPT ? LOG_WARN : LOG_INFO, "connector",
             "name=%s seq=%llu orders=%u cursor=\"%s\"", u->name.bytes, (unsigned long long)status.seq, status.orders,
             status.cursor_found == 0             ? "found"
             : status.cursor_found == ERR_CORRUPT ? "damaged"
                                                  : "new");
    return 0;
}

/* Begins when the venue is there. A broker that never had an order was never sent one: then what was routed since the venue was made is
 * for this connector; otherwise, without a cursor, what is open is compared first. */
static int unit_begin(struct connectors *c, struct unit *u)
{
    struct event_venue_set venue;
    uint64_t seq = 0;
    bool is_new = false;
    int failed = process_doors_open(&u->doors, &c->o, &u->name);
    if (failed == 0) failed = process_venue(&u->doors, &u->name, &venue, &seq);
    if (failed == ERR_NOT_FOUND) return 0;
    if (failed == 0) failed = broker_begin(c, u, &is_new);
    if (failed != 0) return failed;
    u->doors.begin_seq = is_new && venue.before == 0 ? seq : 0;
    return connector_begin(c, u);
}

static void unit_fails(struct connectors *c, struct unit *u, int error)
{
    log_line(LOG_WARN, "a connector begins anew", "name=%s error=\"%s\"", u->name.bytes, error_text(error));
    unit_close(u);
    u->error = error;
    u->begin_ns = now_ns(c) + PAUSE_MS * (int64_t)NS_PER_MS;
}

/* Returns when it wants to be called again. */
static int64_t unit_turn(struct connectors *c, struct unit *u)
{
    int64_t now = now_ns(c);
    if (u->connector == NULL) {
        if (now < u->begin_ns) return u->begin_ns;
        int failed = unit_begin(c, u);
        if (failed != 0) unit_fails(c, u, failed);
        if (u->connector == NULL) return failed != 0 ? u->begin_ns : INT64_MAX;
    }
    int more = 1;
    for (int i = 0; i < TURNS_MAX && more > 0; i++) more = connector_turn(u->connector, now_ns(c));
    if (more < 0) {
        unit_fails(c, u, more);
        return u->begin_ns;
    }
    return more > 0 ? now : connector_next_ns(u->connector);
}

/* ---- The thread. ---- */

static void keep_status(struct connectors *c)
{
    struct connectors_status all[CONNECTORS_MAX] = {0};
    bool at_work = false;
    for (uint32_t i = 0; i < c->count; i++) {
        all[i] = (struct connectors_status){
            .name = c->units[i].name, .present = c->units[i].connector != NULL, .error = c->units[i].error};
        if (all[i].present) connector_status(c->units[i].connector, &all[i].connector);
        at_work = at_work || all[i].present;
    }
    atomic_store_explicit(&c->at_work, at_work, memory_order_relaxed);
    (void)pthread_mutex_lock(&c->lock);
    memcpy(c->status, all, sizeof all);
    (void)pthread_mutex_unlock(&c->lock);
}

/* Until somebody wakes it or due_ns. False: it should stop. */
static bool wait_for_work(struct connectors *c, int64_t due_ns)
{
    int64_t wait_ns = due_ns - now_ns(c), most_ns = LOOK_MS * (int64_t)NS_PER_MS;
    int64_t until_ns = clock_monotonic_ns(NULL) + (due_ns == INT64_MAX || wait_ns > most_ns ? most_ns : wait_ns);
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    (void)pthread_mutex_lock(&c->lock);
    int result = 0;
    while (!c->woken && !c->stopping && result == 0 && wait_ns > 0)
        result = pthread_cond_timedwait(&c->wake, &c->lock, &until);
    c->woken = false;
    bool go_on = !c->stopping;
    (void)pthread_mutex_unlock(&c->lock);
    return go_on;
}

static void *connectors_main(void *arg)
{
    struct connectors *c = arg;
    int64_t due_ns = 0;
    while (wait_for_work(c, due_ns)) {
        due_ns = INT64_MAX;
        for (uint32_t i = 0; i < c->count; i++) {
            int64_t wanted_ns = unit_turn(c, &c->units[i]);
            if (wanted_ns < due_ns) due_ns = wanted_ns;
        }
        keep_status(c);
    }
    for (uint32_t i = 0; i < c->count; i++) unit_close(&c->units[i]);
    return NULL;
}

/* True: a connector is waiting for it. The rest is read when it looks around. */
static bool is_news(const struct connectors *c, const struct event *e)
{
    if (e->kind == EVENT_VENUE_SET) return true;
    if (!atomic_load_explicit(&c->at_work, memory_order_relaxed)) return false;
    return e->kind == EVENT_QUOTED || e->kind == EVENT_ROUTED || e->kind == EVENT_BROKER_STATE ||
           e->kind == EVENT_EXECUTED;
}

/* On the projector's thread, when the views have folded more. */
static void folded(void *arg, const struct event *events, uint32_t count)
{
    struct connectors *c = arg;
    bool news = false;
    for (uint32_t i = 0; i < count && !news; i++) news = is_news(c, &events[i]);
    if (!news) return;
    (void)pthread_mutex_lock(&c->lock);
    c->woken = true;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
}

static int make_dirs(const struct data_dir *d)
{
    static const char *const parts[] = {"connectors", "brokers"};
    const struct storage *st = d->storage;
    char path[DATA_PATH_BYTES_MAX];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        data_dir_path(d, parts[i], path);
        int failed = st->make_dir(st->ctx, path);
        if (failed != 0) return failed;
    }
    return st->sync_dir(st->ctx, d->path);
}

static int init_conditions(struct connectors *c)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0) return ERR_NO_MEMORY;
    bool good = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                pthread_mutex_init(&c->lock, NULL) == 0 && pthread_cond_init(&c->wake, &monotonic) == 0;
    (void)pthread_condattr_destroy(&monotonic);
    return good ? 0 : ERR_NO_MEMORY;
}

int connectors_start(const struct connectors_options *o, struct connectors **out)
{
    struct connectors *c = calloc(1, sizeof *c);
    if (c == NULL) return ERR_NO_MEMORY;
    c->o = *o;
    c->real_ns = clock_real_ns(NULL);
    c->monotonic_ns = clock_monotonic_ns(NULL);
    for (uint32_t k = 0; k < CONNECTORS_MAX; k++) {
        if ((o->names >> k & 1) == 0) continue;
        c->units[c->count] = (struct unit){.name = name_of(known[k].name), .style = known[k].style};
        c->status[c->count].name = c->units[c->count].name;
        c->count++;
    }
    int failed = make_dirs(o->dir);
    if (failed == 0) failed = init_conditions(c);
    if (failed == 0 && pthread_create(&c->thread, NULL, connectors_main, c) != 0) failed = ERR_NO_MEMORY;
    if (failed != 0) {
        free(c);
        return failed;
    }
    projector_subscribe(o->projector, folded, c);
    *out = c;
    return 0;
}

void connectors_stop(struct connectors *c)
{
    projector_subscribe(c->o.projector, NULL, NULL);
    (void)pthread_mutex_lock(&c->lock);
    c->stopping = true;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->thread, NULL);
    (void)pthread_cond_destroy(&c->wake);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

uint32_t connectors_status(struct connectors *c, struct connectors_status out[CONNECTORS_MAX])
{
    (void)pthread_mutex_lock(&c->lock);
    memcpy(out, c->status, sizeof c->status);
    (void)pthread_mutex_unlock(&c->lock);
    return c->count;
}
