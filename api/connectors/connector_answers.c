/* api/connectors/connector_answers.c - what a broker says, and what its silence means.
 *
 *   an answer to what is pending ──▶ the report, at once
 *   silence, 5xx, unreadable     ──▶ UNKNOWN, and a query; what the query tells settles it:
 *        sent:      there ▶ ACK            not there, and it had the time to arrive ▶ NOT_FOUND
 *        cancel:    gone ▶ CANCELLED       open, and it had the time ▶ sent again, at last CANCEL_REJECTED
 *        replace:   as asked ▶ REPLACED    otherwise, and it had the time ▶ REPLACE_REJECTED
 *        nothing:   gone there, open here ▶ CANCELLED, EXPIRED     open there, done here ▶ a cancel
 *
 * What must stay true: answers to anything but what is pending change nothing, but that an order has ended is true whoever asked;
 * what a query tells is only used when our books have every execution of the order that the broker had. */
#include <assert.h>
#include <string.h>

#include "api/connectors/connector_parts.h"
#include "core/error.h"

void line_works(struct connector *c, int64_t now_ns)
{
    (void)now_ns;
    c->failures = 0;
    c->breaker = BREAKER_CLOSED;
}

static void breaker_open(struct connector *c, int64_t now_ns)
{
    if (c->breaker == BREAKER_CLOSED) c->down_said = c->up_said = false;
    c->breaker = BREAKER_OPEN;
    c->cool_until_ns = now_ns + c->o.cool_down_ns;
}

void line_fails(struct connector *c, int64_t now_ns)
{
    c->failures++;
    if (c->failures >= c->o.breaker_failures || c->breaker != BREAKER_CLOSED) breaker_open(c, now_ns);
}

/* Nothing that is on its way will arrive: what was asked is in doubt at once, and every order is asked for after the reconnect. */
void line_lost(struct connector *c, int64_t now_ns)
{
    c->connected = false;
    c->connect_due_ns = now_ns + c->o.reconnect_ns;
    c->list_request = 0;
    struct tracked *t;
    while ((t = c->lists[LIST_OUT].first) != NULL) {
        if (t->query == 0)
            answer_missing(c, t, "the connection was lost", now_ns);
        else
            order_retry(c, t, now_ns);
    }
    while ((t = c->lists[LIST_AUDIT].first) != NULL) order_move(c, t, LIST_NOW, now_ns);
}

static bool says_unknown(const struct tracked *t)
{
    return t->pending != PENDING_NONE && !t->doubt && !t->ended;
}

void answer_missing(struct connector *c, struct tracked *t, const char *why, int64_t now_ns)
{
    if (t == NULL) {
        c->list_request = 0;
        return;
    }
    if (says_unknown(t)) say_report(c, t->order_id, REPORT_UNKNOWN, SAY_PLAIN, NULL, why, now_ns);
    order_set_doubt(c, t, t->pending != PENDING_NONE);
    order_retry(c, t, now_ns);
}

static void say_acked(struct connector *c, struct tracked *t, const struct broker_answer *a, int64_t now_ns)
{
    if ((t->acked && !t->unknown) || a->ext_order_id[0] == '\0') return;
    say_report(c, t->order_id, REPORT_ACK, SAY_PLAIN, a->ext_order_id, NULL, now_ns);
    t->acked = true;
    t->unknown = false;
}

/* The broker has it, and what was pending is settled: a cancel that waited goes out. */
static void settled(struct connector *c, struct tracked *t, int64_t now_ns)
{
    bool cancel = t->cancel_wanted;
    t->cancel_wanted = false;
    order_settle(c, t, now_ns);
    if (cancel) request_cancel(c, t, now_ns);
}

/* It is gone at the broker. Our books are told, and answer what they make of it. */
static void ended_there(struct connector *c, struct tracked *t, uint8_t state, const char *reason, int64_t now_ns)
{
    if (t->ended) {
        order_forget(c, t);
        return;
    }
    order_settle(c, t, now_ns);
    if (state == BROKER_ORDER_CANCELLED)
        say_report(c, t->order_id, REPORT_CANCELLED, SAY_END, NULL, reason, now_ns);
    else if (state == BROKER_ORDER_EXPIRED)
        say_report(c, t->order_id, REPORT_EXPIRED, SAY_END, NULL, reason, now_ns);
    else if (state == BROKER_ORDER_REJECTED)
        say_report(c, t->order_id, REPORT_REJECT, SAY_GIVE_BACK, NULL, reason, now_ns);
}

/* The answer may have been long on its way: what counts is when the question was asked. */
static bool arrived_or_never(const struct connector *c, const struct tracked *t)
{
    return t->query_ns - t->sent_ns >= c->o.settle_ns;
}

static bool is_value(const struct decimal *d, int64_t asked)
{
    return asked == 0 || (d->scale != DECIMAL_ABSENT && d->mantissa == asked);
}

static bool replaced_as_asked(const struct tracked *t, const struct broker_answer *a)
{
    return is_value(&a->price, t->new_price) && is_value(&a->quantity, t->new_quantity) &&
           is_value(&a->stop_price, t->new_stop_price);
}

static void resolve_cancel(struct connector *c, struct tracked *t, int64_t now_ns)
{
    if (!arrived_or_never(c, t)) {
        order_retry(c, t, now_ns);
    } else if (t->cancel_tries < CONNECTOR_CANCEL_TRIES) {
        request_cancel(c, t, now_ns);
        order_set_doubt(c, t, !t->ended); /* our books say UNKNOWN until an answer comes */
    } else {
        if (!t->ended)
            say_report(c, t->order_id, REPORT_CANCEL_REJECTED, SAY_PLAIN, NULL, "it does not arrive", now_ns);
        t->cancel_tries = 0;
        order_settle(c, t, now_ns);
    }
}

static void resolve_replace(struct connector *c, struct tracked *t, const struct broker_answer *a, int64_t now_ns)
{
    if (replaced_as_asked(t, a))
        say_report(c, t->order_id, REPORT_REPLACED, SAY_PLAIN, NULL, NULL, now_ns);
    else if (arrived_or_never(c, t) || a->state != BROKER_ORDER_OPEN)
        say_report(c, t->order_id, REPORT_REPLACE_REJECTED, SAY_PLAIN, NULL, "it did not arrive", now_ns);
    else {
        order_retry(c, t, now_ns);
        return;
    }
    t->unknown = false;
    settled(c, t, now_ns);
}

/* The broker has it open. */
static void resolve_open(struct connector *c, struct tracked *t, const struct broker_answer *a, int64_t now_ns)
{
    switch (t->pending) {
    case PENDING_SEND:
        say_acked(c, t, a, now_ns);
        settled(c, t, now_ns);
        break;
    case PENDING_WITHDRAW: resolve_cancel(c, t, now_ns); break;
    case PENDING_REPLACE: resolve_replace(c, t, a, now_ns); break;
    default:
        if (t->ended) {
            request_cancel(c, t, now_ns);
        } else {
            say_acked(c, t, a, now_ns);
            settled(c, t, now_ns);
        }
    }
}

/* Everything that the broker filled is with us (a query waits for that). Our books say FILLED with the last of it, and the event
 * makes us forget the order; if it is still here when asked for again, they think that something is left. */
static void resolve_filled(struct connector *c, struct tracked *t, int64_t now_ns)
{
    if (t->ended) {
        order_forget(c, t);
    } else if (t->filled_there) {
        order_settle(c, t, now_ns);
        say_report(c, t->order_id, REPORT_CANCELLED, SAY_END, NULL, "nothing is left of it at the broker", now_ns);
    } else {
        t->filled_there = true;
        order_settle(c, t, now_ns);
        order_move(c, t, LIST_RETRY + 1, now_ns);
    }
}

static void take_order(struct connector *c, struct tracked *t, const struct broker_answer *a, int64_t now_ns)
{
    if (a->last_number > c->cursor.executions) {
        t->query = 0;
        order_move(c, t, LIST_RETRY, now_ns);
        request_list(c, now_ns);
        return;
    }
    if (a->state == BROKER_ORDER_OPEN) {
        resolve_open(c, t, a, now_ns);
        return;
    }
    if (t->pending == PENDING_REPLACE && !t->ended) resolve_replace(c, t, a, now_ns);
    if (a->state == BROKER_ORDER_FILLED)
        resolve_filled(c, t, now_ns);
    else
        ended_there(c, t, a->state, a->reason, now_ns);
}

static void send_anew(struct connector *c, struct tracked *t, int64_t now_ns)
{
    struct order_row row;
    struct broker_order o;
    int failed = c->o.doors.order_find(c->o.doors.ours, t->order_id, &row);
    if (failed != 0) {
        c->error = failed == ERR_NOT_FOUND ? 0 : failed;
        order_forget(c, t);
    } else if (!broker_order_of(c, &row, &o)) {
        order_forget(c, t);
    } else {
        t->send_again = false;
        request_send(c, t, &o, now_ns);
    }
}

static void take_not_found(struct connector *c, struct tracked *t, int64_t now_ns)
{
    /* Acknowledged, and now unknown there: nobody can be believed but a person. It is asked for again, and counted as in doubt. */
    bool strange = t->acked && !t->ended;
    if (strange || !arrived_or_never(c, t)) {
        order_set_doubt(c, t, t->doubt || strange);
        order_retry(c, t, now_ns);
    } else if (t->ended) {
        order_forget(c, t);
    } else if (t->send_again) {
        send_anew(c, t, now_ns);
    } else {
        order_settle(c, t, now_ns);
        say_report(c, t->order_id, REPORT_NOT_FOUND, SAY_GIVE_BACK, NULL, "the broker never had it", now_ns);
    }
}

/* No to a cancel or a replace, and where the order stands. Gone: that is what counts. */
static void take_rejected(struct connector *c, struct tracked *t, const struct broker_answer *a, enum report report,
                          int64_t now_ns)
{
    if (a->state == BROKER_ORDER_OPEN) {
        if (!t->ended) say_report(c, t->order_id, report, SAY_PLAIN, NULL, a->reason, now_ns);
        t->cancel_tries = 0;
        settled(c, t, now_ns);
    } else {
        order_move(c, t, LIST_NOW, now_ns); /* a query tells the whole of it */
    }
}

static void take_pending(struct connector *c, struct tracked *t, const struct broker_answer *a, int64_t now_ns)
{
    t->unknown = false;
    switch (a->kind) {
    case ANSWER_ACK:
        say_acked(c, t, a, now_ns);
        settled(c, t, now_ns);
        break;
    case ANSWER_REJECT: ended_there(c, t, BROKER_ORDER_REJECTED, a->reason, now_ns); break;
    case ANSWER_CANCEL_REJECTED: take_rejected(c, t, a, REPORT_CANCEL_REJECTED, now_ns); break;
    case ANSWER_REPLACE_REJECTED: take_rejected(c, t, a, REPORT_REPLACE_REJECTED, now_ns); break;
    case ANSWER_REPLACED:
        if (!t->ended) say_report(c, t->order_id, REPORT_REPLACED, SAY_PLAIN, NULL, NULL, now_ns);
        settled(c, t, now_ns);
        break;
    default: break;
    }
}

static bool answers_pending(const struct tracked *t, const struct broker_answer *a)
{
    return t->pending != PENDING_NONE && a->request != 0 && a->request == t->request;
}

static void take_of_order(struct connector *c, const struct broker_answer *a, int64_t now_ns)
{
    struct tracked *t = order_of(c, a->order_id);
    if (t == NULL) return;
    bool to_query = a->request != 0 && a->request == t->query;
    if (a->kind == ANSWER_CANCELLED)
        ended_there(c, t, BROKER_ORDER_CANCELLED, a->reason, now_ns);
    else if (a->kind == ANSWER_EXPIRED)
        ended_there(c, t, BROKER_ORDER_EXPIRED, a->reason, now_ns);
    else if (a->kind == ANSWER_SERVER_ERROR || a->kind == ANSWER_UNREADABLE) {
        if (to_query || (answers_pending(t, a) && !t->doubt))
            answer_missing(c, t, a->kind == ANSWER_UNREADABLE ? "an answer that cannot be read" : a->reason, now_ns);
    } else if (a->kind == ANSWER_ORDER || a->kind == ANSWER_NOT_FOUND) {
        if (!to_query) return;
        t->query = 0;
        if (a->kind == ANSWER_ORDER)
            take_order(c, t, a, now_ns);
        else
            take_not_found(c, t, now_ns);
    } else if (answers_pending(t, a)) {
        take_pending(c, t, a, now_ns);
    }
}

static void take_execution(struct connector *c, const struct broker_execution *x, int64_t now_ns)
{
    if (x->number == c->cursor.executions + 1)
        say_execution(c, x, now_ns);
    else if (x->number > c->cursor.executions)
        request_list(c, now_ns); /* one is missing */
}

static void take_list_end(struct connector *c, const struct broker_answer *a, int64_t now_ns)
{
    if (a->request != c->list_request) return;
    c->list_request = 0;
    c->list_due_ns = now_ns + c->o.list_ns;
    if (a->last_number > c->cursor.executions) request_list(c, now_ns);
}

static bool is_failure(uint8_t kind)
{
    return kind == ANSWER_SERVER_ERROR || kind == ANSWER_UNREADABLE || kind == ANSWER_DISCONNECTED;
}

static void take(struct connector *c, const struct broker_answer *a, int64_t now_ns)
{
    if (is_failure(a->kind))
        line_fails(c, now_ns);
    else
        line_works(c, now_ns);
    if (a->kind == ANSWER_DISCONNECTED)
        line_lost(c, now_ns);
    else if (a->kind == ANSWER_EXECUTION)
        take_execution(c, &a->execution, now_ns);
    else if (a->kind == ANSWER_LIST_END)
        take_list_end(c, a, now_ns);
    else if (a->order_id == 0)
        answer_missing(c, NULL, NULL, now_ns); /* only a list is about no order */
    else
        take_of_order(c, a, now_ns);
}

void answers_take(struct connector *c, int64_t now_ns)
{
    struct broker_answer a;
    for (int i = 0; i < TURN_ANSWERS_MAX && c->error == 0; i++) {
        int got = c->o.broker.poll(c->o.broker.ctx, &a, now_ns);
        if (got < 0) c->error = got;
        if (got <= 0) return;
        take(c, &a, now_ns);
    }
}
