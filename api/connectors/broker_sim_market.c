/* api/connectors/broker_sim_market.c - what the simulated broker does: requests, quotes, and what it does unasked.
 * What must stay true: quantities that it fills are whole multiples of what divides both the order and the quote, so they fit any lot
 * that both fit; nothing is told that the books do not have. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/connectors/broker_sim_parts.h"
#include "core/error.h"

enum { UNASKED_WITHIN_MS = 10000 };

static int64_t some_time_ns(struct broker_sim *s)
{
    return (int64_t)sim_random_below(s, UNASKED_WITHIN_MS) * 1000000;
}

static void keep(struct broker_sim *s, int failed)
{
    if (failed != 0 && s->error == 0) s->error = failed;
}

static uint32_t day_of(int64_t now_ns)
{
    time_t seconds = (time_t)(now_ns / 1000000000);
    struct tm day;
    if (gmtime_r(&seconds, &day) == NULL) return 0;
    return (uint32_t)(day.tm_year % 100 * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

static struct broker_answer answer_of(const struct broker_sim *s, const struct sim_order *o, enum answer_kind kind,
                                      uint64_t request)
{
    struct broker_answer a = {.kind = (uint8_t)kind, .state = o->state, .request = request, .order_id = o->order_id};
    sim_ext_order_id(s, o, a.ext_order_id);
    return a;
}

static void tell(struct broker_sim *s, const struct sim_order *o, enum answer_kind kind, uint64_t request,
                 const char *reason, int64_t now_ns)
{
    struct broker_answer a = answer_of(s, o, kind, request);
    (void)snprintf(a.reason, sizeof a.reason, "%s", reason);
    sim_tell(s, &a, now_ns);
}

static void tell_execution(struct broker_sim *s, uint64_t number, uint64_t request, int64_t now_ns)
{
    struct broker_answer a = {.kind = ANSWER_EXECUTION, .request = request};
    if (!broker_sim_execution(s, number, &a.execution, NULL)) return;
    a.order_id = a.execution.order_id;
    sim_tell(s, &a, now_ns);
}

static void plan(struct broker_sim *s, enum action_kind kind, uint32_t order, uint32_t number, int64_t now_ns)
{
    struct message *m = sim_later(s, MESSAGE_ACTION, now_ns + some_time_ns(s));
    if (m != NULL) m->action = (struct sim_action){.kind = (uint8_t)kind, .order = order, .number = number};
}

/* ---- Fills. ---- */

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

static bool is_met(struct sim_order *o, int64_t price)
{
    bool buys = o->terms.side == SIDE_BUY;
    if (o->terms.type == ORDER_TYPE_STOP || o->terms.type == ORDER_TYPE_STOP_LIMIT) {
        int64_t stop = o->terms.stop_price.mantissa;
        o->triggered = o->triggered || (buys ? price >= stop : price <= stop);
        if (!o->triggered) return false;
    }
    if (o->terms.type == ORDER_TYPE_MARKET || o->terms.type == ORDER_TYPE_STOP) return true;
    return buys ? price <= o->terms.price.mantissa : price >= o->terms.price.mantissa;
}

static void execute(struct broker_sim *s, struct sim_order *o, int64_t price, int64_t quantity, int64_t now_ns)
{
    uint32_t order = (uint32_t)(o - s->orders);
    struct sim_execution x = {.order = order,
                              .price = price,
                              .quantity = quantity,
                              .price_scale = s->symbols[o->symbol].quote.price_scale,
                              .kind = FILL_NEW};
    keep(s, sim_execute(s, o->order_id, &x));
    if (s->error != 0) return;
    tell_execution(s, s->executions_count, 0, now_ns);
    if (sim_happens(s, FAULT_BUST)) plan(s, ACTION_BUST, order, s->executions_count, now_ns);
    if (sim_happens(s, FAULT_CORRECT)) plan(s, ACTION_CORRECT, order, s->executions_count, now_ns);
}

static void end_order(struct broker_sim *s, struct sim_order *o, uint8_t state, const char *reason, int64_t now_ns)
{
    keep(s, sim_set_state(s, o->order_id, state));
    tell(s, o, state == BROKER_ORDER_EXPIRED ? ANSWER_EXPIRED : ANSWER_CANCELLED, 0, reason, now_ns);
}

/* What the market gives it now. */
static void try_fill(struct broker_sim *s, struct sim_order *o, int64_t now_ns)
{
    struct event_quoted *q = &s->symbols[o->symbol].quote;
    bool buys = o->terms.side == SIDE_BUY;
    int64_t price = buys ? q->ask : q->bid, *size = buys ? &q->ask_quantity : &q->bid_quantity;
    if (price == 0 || *size == 0 || !is_met(o, price)) return;
    if (o->terms.tif == TIF_FOK && *size < o->leaves) return;
    int64_t quantity = o->leaves < *size ? o->leaves : *size;
    if (o->terms.tif != TIF_FOK && sim_happens(s, FAULT_PARTIAL)) {
        int64_t step = gcd(o->leaves, *size);
        quantity = step * (1 + (int64_t)sim_random_below(s, (uint64_t)(quantity / step)));
    }
    *size -= quantity;
    execute(s, o, price, quantity, now_ns);
}

void sim_do_quote(struct broker_sim *s, const struct event_quoted *q, int64_t now_ns)
{
    uint32_t symbol = sim_symbol_index(s, &q->symbol);
    if (symbol == NONE_INDEX) {
        keep(s, ERR_NO_MEMORY);
        return;
    }
    s->symbols[symbol].quote = *q;
    for (uint32_t at = s->symbols[symbol].first, next; at != NONE_INDEX && s->error == 0; at = next) {
        next = s->orders[at].after;
        try_fill(s, &s->orders[at], now_ns);
    }
}

/* ---- Requests. ---- */

static void do_send(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    struct sim_order *o = sim_find(s, r->order_id);
    if (o != NULL && o->counter != 0 && o->state != BROKER_ORDER_REJECTED) {
        s->counts.sent_twice++;
        tell(s, o, ANSWER_ACK, r->request, "", now_ns);
        return;
    }
    bool full = s->orders_count >= s->o.orders_max;
    bool rejected = full || sim_happens(s, FAULT_REJECT);
    keep(s, sim_take_order(s, &r->order, day_of(now_ns), rejected ? BROKER_ORDER_REJECTED : BROKER_ORDER_OPEN));
    if (s->error != 0) return;
    o = sim_find(s, r->order_id);
    if (rejected) {
        tell(s, o, ANSWER_REJECT, r->request, full ? "too many orders" : "rejected by risk management", now_ns);
        return;
    }
    tell(s, o, ANSWER_ACK, r->request, "", now_ns);
    if (sim_happens(s, FAULT_UNASKED_CANCEL)) plan(s, ACTION_CANCEL, (uint32_t)(o - s->orders), 0, now_ns);
    if (o->state == BROKER_ORDER_OPEN) try_fill(s, o, now_ns);
    bool at_once = o->terms.tif == TIF_IOC || o->terms.tif == TIF_FOK;
    if (at_once && o->state == BROKER_ORDER_OPEN) end_order(s, o, BROKER_ORDER_CANCELLED, "not filled at once", now_ns);
}

static void tell_no_such(struct broker_sim *s, const struct sim_request *r, enum answer_kind kind, int64_t now_ns)
{
    struct broker_answer a = {.kind = (uint8_t)kind, .request = r->request, .order_id = r->order_id};
    (void)snprintf(a.reason, sizeof a.reason, "no such order");
    sim_tell(s, &a, now_ns);
}

static struct sim_order *known(const struct broker_sim *s, uint64_t order_id)
{
    struct sim_order *o = sim_find(s, order_id);
    return o == NULL || o->symbol == NONE_INDEX ? NULL : o;
}

static void do_cancel(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    struct sim_order *o = known(s, r->order_id);
    if (o == NULL) {
        tell_no_such(s, r, ANSWER_CANCEL_REJECTED, now_ns);
    } else if (o->state != BROKER_ORDER_OPEN) {
        tell(s, o, ANSWER_CANCEL_REJECTED, r->request, "the order is not open", now_ns);
    } else if (sim_happens(s, FAULT_CANCEL_REJECT)) {
        tell(s, o, ANSWER_CANCEL_REJECTED, r->request, "too late to cancel", now_ns);
    } else {
        keep(s, sim_set_state(s, o->order_id, BROKER_ORDER_CANCELLED));
        tell(s, o, ANSWER_CANCELLED, r->request, "", now_ns);
    }
}

static void do_replace(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    struct sim_order *o = known(s, r->order_id);
    if (o == NULL) {
        tell_no_such(s, r, ANSWER_REPLACE_REJECTED, now_ns);
    } else if (o->state != BROKER_ORDER_OPEN || sim_happens(s, FAULT_REPLACE_REJECT)) {
        tell(s, o, ANSWER_REPLACE_REJECTED, r->request, "it cannot be modified", now_ns);
    } else {
        keep(s, sim_replace(s, &r->replace));
        tell(s, o, ANSWER_REPLACED, r->request, "", now_ns);
        if (o->state == BROKER_ORDER_OPEN) try_fill(s, o, now_ns);
    }
}

static void do_query(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    struct sim_order *o = known(s, r->order_id);
    if (o == NULL) {
        tell_no_such(s, r, ANSWER_NOT_FOUND, now_ns);
        return;
    }
    struct broker_answer a = answer_of(s, o, ANSWER_ORDER, r->request);
    a.last_number = o->last_number;
    a.price = o->terms.price;
    a.quantity = o->terms.quantity;
    a.stop_price = o->terms.stop_price;
    sim_tell(s, &a, now_ns);
}

enum { LIST_MAX = 64 };

static void do_list(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    for (uint64_t i = 1; i <= LIST_MAX && r->after_number + i <= s->executions_count; i++)
        tell_execution(s, r->after_number + i, r->request, now_ns);
    struct broker_answer a = {.kind = ANSWER_LIST_END, .request = r->request, .last_number = s->executions_count};
    sim_tell(s, &a, now_ns);
}

static void do_one(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    switch (r->kind) {
    case REQUEST_SEND: do_send(s, r, now_ns); break;
    case REQUEST_CANCEL: do_cancel(s, r, now_ns); break;
    case REQUEST_REPLACE: do_replace(s, r, now_ns); break;
    case REQUEST_QUERY: do_query(s, r, now_ns); break;
    default: do_list(s, r, now_ns); break;
    }
}

void sim_do_request(struct broker_sim *s, const struct sim_request *r, int64_t now_ns)
{
    if (r->server_error) {
        struct broker_answer a = {.kind = ANSWER_SERVER_ERROR, .request = r->request, .order_id = r->order_id};
        (void)snprintf(a.reason, sizeof a.reason, "503 service unavailable");
        sim_tell(s, &a, now_ns);
        if (sim_random_below(s, 2) == 0) return;
    }
    do_one(s, r, now_ns);
}

/* ---- Unasked. ---- */

static void do_bust(struct broker_sim *s, struct sim_order *o, uint32_t number, int64_t now_ns)
{
    struct sim_execution x = {.order = (uint32_t)(o - s->orders), .ref = number, .kind = FILL_BUST};
    keep(s, sim_execute(s, o->order_id, &x));
    if (s->error == 0) tell_execution(s, s->executions_count, 0, now_ns);
}

/* Another size at the same price: more or less of what divides the whole order. */
static void do_correct(struct broker_sim *s, struct sim_order *o, uint32_t number, int64_t now_ns)
{
    struct sim_execution x = s->executions[number - 1];
    int64_t step = gcd(x.quantity, o->terms.quantity.mantissa);
    x.quantity = step * (1 + (int64_t)sim_random_below(s, (uint64_t)(x.quantity / step)));
    x.ref = number;
    x.kind = FILL_CORRECT;
    x.busted = false;
    keep(s, sim_execute(s, o->order_id, &x));
    if (s->error == 0) tell_execution(s, s->executions_count, 0, now_ns);
}

void sim_do_action(struct broker_sim *s, const struct sim_action *a, int64_t now_ns)
{
    struct sim_order *o = &s->orders[a->order];
    if (a->kind == ACTION_CANCEL) {
        bool expires = sim_random_below(s, 3) == 0;
        if (o->state == BROKER_ORDER_OPEN)
            end_order(s, o, expires ? BROKER_ORDER_EXPIRED : BROKER_ORDER_CANCELLED, "by the exchange", now_ns);
        return;
    }
    /* An exchange reviews trades afterwards: of orders that are done. */
    if (o->state == BROKER_ORDER_OPEN || s->executions[a->number - 1].busted) return;
    if (a->kind == ACTION_BUST)
        do_bust(s, o, a->number, now_ns);
    else
        do_correct(s, o, a->number, now_ns);
}
