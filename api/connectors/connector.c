/* api/connectors/connector.c - one turn of a connector, and its line to the broker.
 *
 *   answers -> silence -> queries that are due -> submit -> events -> intents (cursor first) -> list -> submit
 *
 * The breaker:  CLOSED ── N failures in a row ──▶ OPEN (venue DOWN) ── cool-down ──▶ PROBING ── an answer ──▶ CLOSED (venue UP)
 *                                                   ▲──────────────── silence ─────────┘
 * What must stay true: while the breaker is not closed the probe is all that is sent; the venue is set UP only where the DOWN that our
 * books hold is the breaker's own. */
#include <assert.h>
#include <stdlib.h>

#include "api/connectors/connector_parts.h"
#include "core/error.h"

#define MS_NS ((int64_t)1000000)

void connector_options_default(struct connector_options *o)
{
    *o = (struct connector_options){.answer_wait_ns = 3000 * MS_NS,
                                    .settle_ns = 10000 * MS_NS,
                                    .retry_ns = 1000 * MS_NS,
                                    .audit_ns = 60000 * MS_NS,
                                    .list_ns = 1000 * MS_NS,
                                    .cool_down_ns = 10000 * MS_NS,
                                    .reconnect_ns = 500 * MS_NS,
                                    .breaker_failures = 5,
                                    .orders_max = 1048576};
}

void request_send(struct connector *c, struct tracked *t, const struct broker_order *o, int64_t now_ns)
{
    order_ask(c, t, PENDING_SEND, now_ns);
    if (c->o.broker.send(c->o.broker.ctx, t->request, o, now_ns) != 0) line_lost(c, now_ns);
}

void request_cancel(struct connector *c, struct tracked *t, int64_t now_ns)
{
    order_ask(c, t, PENDING_WITHDRAW, now_ns);
    t->cancel_tries++;
    if (c->o.broker.cancel(c->o.broker.ctx, t->request, t->order_id, now_ns) != 0) line_lost(c, now_ns);
}

void request_list(struct connector *c, int64_t now_ns)
{
    if (c->list_request != 0 || !c->connected || !c->active) return;
    c->list_request = ++c->request_last;
    c->list_sent_ns = now_ns;
    c->list_due_ns = now_ns + c->o.list_ns;
    if (c->o.broker.list(c->o.broker.ctx, c->list_request, c->cursor.executions, now_ns) != 0) line_lost(c, now_ns);
}

static void request_query(struct connector *c, struct tracked *t, int64_t now_ns)
{
    t->query = ++c->request_last;
    t->query_ns = now_ns;
    order_move(c, t, LIST_OUT, now_ns);
    if (c->o.broker.query(c->o.broker.ctx, t->query, t->order_id, now_ns) != 0) line_lost(c, now_ns);
}

static void take_silence(struct connector *c, int64_t now_ns)
{
    struct tracked *t;
    while ((t = c->lists[LIST_OUT].first) != NULL && t->due_ns <= now_ns) {
        line_fails(c, now_ns);
        if (t->query != 0)
            order_retry(c, t, now_ns);
        else
            answer_missing(c, t, "no answer", now_ns);
    }
    if (c->list_request != 0 && now_ns - c->list_sent_ns >= c->o.answer_wait_ns) {
        c->list_request = 0;
        line_fails(c, now_ns);
    }
}

static void ask_what_is_due(struct connector *c, int64_t now_ns)
{
    int room = TURN_QUERIES_MAX;
    for (unsigned k = LIST_RETRY; k < LISTS_COUNT; k++) {
        unsigned list = k == LIST_RETRY ? (unsigned)LIST_NOW : k - 1; /* what nobody has asked for yet comes first */
        struct tracked *t;
        while (line_open(c) && room > 0 && (t = c->lists[list].first) != NULL && t->due_ns <= now_ns) {
            request_query(c, t, now_ns);
            room--;
        }
    }
}

static void tend_line(struct connector *c, int64_t now_ns)
{
    if (!c->connected && now_ns >= c->connect_due_ns) {
        if (c->o.broker.connect(c->o.broker.ctx, now_ns) == 0) {
            c->connected = true;
            c->list_due_ns = now_ns;
        } else {
            c->connect_due_ns = now_ns + c->o.reconnect_ns;
            line_fails(c, now_ns);
        }
    }
    if (c->breaker == BREAKER_CLOSED) {
        if (now_ns >= c->list_due_ns) request_list(c, now_ns);
    } else if (c->breaker == BREAKER_OPEN && c->connected && now_ns >= c->cool_until_ns) {
        c->breaker = BREAKER_PROBING;
        c->list_request = 0;
        request_list(c, now_ns);
    }
}

static void tell_venue(struct connector *c, int64_t now_ns)
{
    bool down = c->venue_state == VENUE_STATE_DOWN;
    if (c->breaker != BREAKER_CLOSED && !down && !c->down_said) {
        c->down_said = true;
        say_venue(c, VENUE_STATE_DOWN, now_ns);
    } else if (c->breaker == BREAKER_CLOSED && down && c->venue_cause == VENUE_CAUSE_BREAKER && !c->up_said) {
        c->up_said = true;
        say_venue(c, VENUE_STATE_UP, now_ns);
    }
}

int connector_turn(struct connector *c, int64_t now_ns)
{
    assert(c->error == 0);
    int more = 0;
    if (c->active) {
        tend_line(c, now_ns);
        answers_take(c, now_ns);
        take_silence(c, now_ns);
        ask_what_is_due(c, now_ns);
        tell_venue(c, now_ns);
        say_flush(c, now_ns);
    }
    if (c->error == 0) more = events_take(c, now_ns);
    say_flush(c, now_ns);
    /* Where no intent saved it, the cursor follows now and then: what it does not cover yet is looked at again after a crash. */
    if (now_ns >= c->keep_due_ns) {
        c->keep_due_ns = now_ns + c->o.list_ns;
        cursor_keep(c, now_ns);
    }
    return c->error != 0 ? c->error : more;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t connector_next_ns(const struct connector *c)
{
    if (!c->active) return INT64_MAX;
    int64_t next = c->o.broker.next_ns(c->o.broker.ctx);
    if (!c->connected)
        next = earlier(next, c->connect_due_ns);
    else if (c->breaker == BREAKER_OPEN)
        next = earlier(next, c->cool_until_ns);
    else if (c->list_request == 0)
        next = earlier(next, c->list_due_ns);
    if (c->list_request != 0) next = earlier(next, c->list_sent_ns + c->o.answer_wait_ns);
    for (unsigned k = 0; k < LISTS_COUNT; k++) {
        bool waits_for_line = k != LIST_OUT && !line_open(c);
        if (c->lists[k].first != NULL && !waits_for_line) next = earlier(next, c->lists[k].first->due_ns);
    }
    if (c->cursor.seq != c->saved.seq || c->cursor.executions != c->saved.executions)
        next = earlier(next, c->keep_due_ns);
    return next;
}

void connector_status(const struct connector *c, struct connector_status *out)
{
    uint64_t last = 0;
    *out = (struct connector_status){.active = c->active,
                                     .connected = c->connected,
                                     .breaker = c->breaker,
                                     .seq = c->cursor.seq,
                                     .orders = c->orders,
                                     .in_doubt = c->in_doubt,
                                     .executions = c->cursor.executions,
                                     .refused = c->refused,
                                     .cursor_found = c->cursor_found};
    if (c->o.doors.feed_last(c->o.doors.feed, &last) == 0 && last > c->cursor.seq) out->behind = last - c->cursor.seq;
}

/* Without a cursor nothing on the tape is sent again: everything that is open is compared instead, and what the broker does not have
 * goes back to be decided anew. */
static int begin_cursor(struct connector *c)
{
    const struct connector_doors *d = &c->o.doors;
    c->cursor_found = d->cursor_load(d->store, &c->cursor);
    if (c->cursor_found == 0) {
        c->saved = c->cursor;
        return 0;
    }
    if (c->cursor_found != ERR_NOT_FOUND && c->cursor_found != ERR_CORRUPT) return c->cursor_found;
    c->cursor = (struct connector_cursor){.index = UINT32_MAX};
    return d->feed_begin(d->feed, &c->cursor.seq);
}

static int begin(struct connector *c, int64_t now_ns)
{
    const struct connector_doors *d = &c->o.doors;
    struct event_venue_set v;
    int failed = begin_cursor(c);
    if (failed == 0) failed = orders_init(c);
    if (failed == 0) failed = d->feed_seek(d->feed, c->cursor.seq, c->cursor.index);
    if (failed != 0) return failed;
    failed = d->venue_find(d->ours, &c->o.venue, &v);
    if (failed == ERR_NOT_FOUND) return 0;
    if (failed != 0) return failed;
    c->active = true;
    c->venue_state = v.state;
    c->venue_cause = v.cause;
    if (v.state == VENUE_STATE_DOWN && v.cause == VENUE_CAUSE_BREAKER) { /* of a life before: first a probe */
        c->breaker = BREAKER_OPEN;
        c->down_said = true;
        c->cool_until_ns = now_ns;
    }
    orders_compare(c, now_ns);
    return c->error;
}

int connector_open(const struct connector_options *o, struct connector **out, int64_t now_ns)
{
    struct connector *c = calloc(1, sizeof *c);
    if (c == NULL) return ERR_NO_MEMORY;
    c->o = *o;
    c->connect_due_ns = c->list_due_ns = c->keep_due_ns = now_ns;
    int failed = begin(c, now_ns);
    if (failed != 0) {
        connector_close(c);
        return failed;
    }
    *out = c;
    return 0;
}

void connector_close(struct connector *c)
{
    orders_free(c);
    free(c);
}
