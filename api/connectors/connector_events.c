/* api/connectors/connector_events.c - what the tape asks of the broker, and what was open when the connector began.
 * What must stay true: the cursor moves past an event only when what it asks for is remembered in an intent (or in the table), and an
 * intent is acted on only after cursor_keep. An event that cannot be taken now is held, and everything behind it waits. */
#include <assert.h>
#include <string.h>

#include "api/connectors/connector_parts.h"
#include "core/error.h"

bool line_open(const struct connector *c)
{
    return c->connected && c->breaker == BREAKER_CLOSED;
}

static struct decimal value_or_absent(int64_t mantissa, uint8_t scale)
{
    if (mantissa == 0) return (struct decimal){.scale = DECIMAL_ABSENT};
    return (struct decimal){.mantissa = mantissa, .scale = scale};
}

bool broker_order_of(const struct connector *c, const struct order_row *row, struct broker_order *out)
{
    if (!order_row_is_open(row) || !name_equal(&row->venue_name, &c->o.venue)) return false;
    bool priced = row->type == ORDER_TYPE_LIMIT || row->type == ORDER_TYPE_STOP_LIMIT;
    *out = (struct broker_order){.order_id = row->order_id,
                                 .symbol = row->symbol,
                                 .price = value_or_absent(priced ? row->price : 0, row->price_scale),
                                 .quantity = {row->quantity, row->quantity_scale},
                                 .stop_price = value_or_absent(row->stop_price, row->stop_price_scale),
                                 .expires_ns = row->expires_ns,
                                 .side = row->side,
                                 .type = row->type,
                                 .tif = row->tif};
    return true;
}

static struct intent *intent_add(struct connector *c, enum pending kind, uint64_t order_id)
{
    assert(c->intents_count < INTENTS_MAX);
    struct intent *i = &c->intents[c->intents_count++];
    *i = (struct intent){.kind = (uint8_t)kind, .order_id = order_id};
    return i;
}

/* The row of an order that an event names. False: a door failed, or the order is none of ours any more (*hold says which). */
static bool find_row(struct connector *c, uint64_t order_id, struct order_row *row)
{
    int failed = c->o.doors.order_find(c->o.doors.ours, order_id, row);
    if (failed != 0 && failed != ERR_NOT_FOUND) c->error = failed;
    return failed == 0;
}

/* The market, for a broker that trades at it: it may have begun after the last quote. */
static void show_quote(struct connector *c, const struct name *symbol, int64_t now_ns)
{
    struct event_quoted q;
    if (c->o.broker.quote == NULL) return;
    int failed = c->o.doors.quote_find(c->o.doors.ours, symbol, &q);
    if (failed == 0)
        c->o.broker.quote(c->o.broker.ctx, &q, now_ns);
    else if (failed != ERR_NOT_FOUND)
        c->error = failed;
}

/* The line is down. True: so is the venue, and the order goes back to be decided anew; else it waits. */
static bool venue_is_down(struct connector *c)
{
    struct event_venue_set v;
    int failed = c->o.doors.venue_find(c->o.doors.ours, &c->o.venue, &v);
    if (failed != 0) {
        c->error = failed == ERR_NOT_FOUND ? 0 : failed;
        return false;
    }
    return v.state == VENUE_STATE_DOWN;
}

/* Each take_ returns false when the event must come again. */
static bool take_routed_here(struct connector *c, const struct event_routed *e, int64_t now_ns)
{
    struct order_row row;
    struct broker_order o;
    struct tracked *t = order_of(c, e->order_id);
    if (t != NULL && !t->ended) { /* sent before, and in doubt; somebody decided by hand */
        t->send_again = true;
        return true;
    }
    if (!find_row(c, e->order_id, &row)) return c->error == 0;
    if (!broker_order_of(c, &row, &o)) return true;
    if (!line_open(c)) {
        if (!venue_is_down(c)) return false;
        (void)intent_add(c, PENDING_NONE, e->order_id);
        return true;
    }
    if (t != NULL) order_forget(c, t);
    if (order_track(c, e->order_id, now_ns) == NULL) return false;
    show_quote(c, &o.symbol, now_ns);
    intent_add(c, PENDING_SEND, e->order_id)->send = o;
    return c->error == 0;
}

/* Done with us, or somewhere else. The broker may still have it. */
static void end_here(struct connector *c, struct tracked *t, int64_t now_ns)
{
    order_settle(c, t, now_ns);
    t->ended = true;
    t->cancel_wanted = false;
    order_move(c, t, LIST_NOW, now_ns);
}

/* An order of which this connector does not know yet: it came to this state while nobody looked. A query tells where it stands. */
static struct tracked *find_tracked(struct connector *c, uint64_t order_id, int64_t now_ns)
{
    struct order_row row;
    struct broker_order o;
    struct tracked *t = order_of(c, order_id);
    if (t != NULL || !find_row(c, order_id, &row) || !broker_order_of(c, &row, &o)) return t;
    t = order_track(c, order_id, now_ns);
    if (t != NULL) t->acked = row.ext_order_id_len > 0;
    return t;
}

static void pend_in_doubt(struct connector *c, struct tracked *t, enum pending pending, int64_t now_ns)
{
    t->pending = (uint8_t)pending;
    t->request = 0;
    t->query = 0;
    t->sent_ns = now_ns - c->o.settle_ns; /* nothing was sent: there is nothing to wait for */
    order_move(c, t, LIST_NOW, now_ns);
}

static bool take_cancel(struct connector *c, const struct event_broker_state *e, int64_t now_ns)
{
    struct tracked *t = find_tracked(c, e->order_id, now_ns);
    if (t == NULL || t->ended || t->pending == PENDING_WITHDRAW) return c->error == 0;
    t->cancel_tries = 0;
    if (t->pending != PENDING_NONE)
        t->cancel_wanted = true;
    else if (!line_open(c))
        pend_in_doubt(c, t, PENDING_WITHDRAW, now_ns);
    else
        (void)intent_add(c, PENDING_WITHDRAW, e->order_id);
    return true;
}

static bool take_replace(struct connector *c, const struct event_broker_state *e, int64_t now_ns)
{
    struct tracked *t = find_tracked(c, e->order_id, now_ns);
    if (t == NULL || t->ended || t->pending != PENDING_NONE) return c->error == 0;
    t->replaced = true;
    t->new_price = e->price;
    t->new_quantity = e->quantity;
    t->new_stop_price = e->stop_price;
    if (!line_open(c)) {
        pend_in_doubt(c, t, PENDING_REPLACE, now_ns);
        return true;
    }
    intent_add(c, PENDING_REPLACE, e->order_id)->replace =
        (struct broker_replace){.order_id = e->order_id,
                                .price = value_or_absent(e->price, e->price_scale),
                                .quantity = value_or_absent(e->quantity, e->quantity_scale),
                                .stop_price = value_or_absent(e->stop_price, e->price_scale)};
    return true;
}

/* Somebody answered in the broker's place. (What this connector said itself is settled before the event comes.) */
static void take_resolved(struct connector *c, struct tracked *t, const struct event_broker_state *e, int64_t now_ns)
{
    t->unknown = false;
    bool withdrawn = t->pending == PENDING_WITHDRAW && e->report == REPORT_CANCEL_REJECTED;
    bool replaced = t->pending == PENDING_REPLACE &&
                    (e->report == REPORT_REPLACED || e->report == REPORT_ACK || e->report == REPORT_REPLACE_REJECTED);
    if (withdrawn || replaced) order_settle(c, t, now_ns);
}

static bool take_broker_state(struct connector *c, const struct event_broker_state *e, int64_t now_ns)
{
    if (!name_equal(&e->venue, &c->o.venue) || e->state == e->before) return true;
    if (e->state == BROKER_PENDING_CANCEL) return take_cancel(c, e, now_ns);
    if (e->state == BROKER_PENDING_MODIFY) return take_replace(c, e, now_ns);
    struct tracked *t = order_of(c, e->order_id);
    if (t == NULL || t->ended) return true;
    if (e->state == BROKER_UNKNOWN) {
        t->unknown = true;
        if (t->list == LIST_AUDIT) order_move(c, t, LIST_RETRY, now_ns);
    } else if (e->state == BROKER_FILLED) {
        end_here(c, t, now_ns);
    } else {
        take_resolved(c, t, e, now_ns);
    }
    return true;
}

static void take_filled(struct connector *c, const struct event *e, int64_t now_ns)
{
    const struct event_filled *f = &e->filled;
    uint64_t id = f->buy_order_id != 0 ? f->buy_order_id : f->sell_order_id;
    if (id == c->by_hand_order_id && c->o.broker.fill_by_hand != NULL) {
        int failed = c->o.broker.fill_by_hand(c->o.broker.ctx, id, e->seq, e->index, f->price, f->quantity);
        if (failed != 0) c->error = failed;
    }
    c->by_hand_order_id = 0;
    struct tracked *t = order_of(c, id);
    int64_t leaves = f->buy_order_id != 0 ? f->buy_leaves : f->sell_leaves;
    if (t == NULL || t->ended || leaves > 0) return;
    /* A cancel or another size may have crossed the last fill: then the broker's side is looked at once more. */
    if (t->replaced || t->pending != PENDING_NONE)
        end_here(c, t, now_ns);
    else
        order_forget(c, t);
}

static bool take_routed(struct connector *c, const struct event_routed *e, int64_t now_ns)
{
    if (name_equal(&e->chosen, &c->o.venue)) return take_routed_here(c, e, now_ns);
    struct tracked *t = order_of(c, e->order_id);
    if (t != NULL && !t->ended) end_here(c, t, now_ns);
    return true;
}

static void take_venue(struct connector *c, const struct event_venue_set *e)
{
    if (!name_equal(&e->venue, &c->o.venue)) return;
    c->active = true;
    c->venue_state = e->state;
    c->venue_cause = e->cause;
}

static bool take_event(struct connector *c, const struct event *e, int64_t now_ns)
{
    struct tracked *t;
    switch (e->kind) {
    case EVENT_ROUTED: return take_routed(c, &e->routed, now_ns);
    case EVENT_BROKER_STATE: return take_broker_state(c, &e->broker_state, now_ns);
    case EVENT_VENUE_SET: take_venue(c, &e->venue_set); break;
    case EVENT_FILLED: take_filled(c, e, now_ns); break;
    case EVENT_QUOTED:
        if (c->o.broker.quote != NULL && c->active) c->o.broker.quote(c->o.broker.ctx, &e->quoted, now_ns);
        break;
    case EVENT_EXECUTED:
        if (e->executed.simulated && name_equal(&e->executed.venue, &c->o.venue))
            c->by_hand_order_id = e->executed.order_id;
        break;
    case EVENT_ACKED:
        if ((t = order_of(c, e->acked.order_id)) != NULL && name_equal(&e->acked.venue, &c->o.venue)) {
            t->acked = true;
            t->unknown = false;
        }
        break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED:
        if ((t = order_of(c, e->cancelled.order_id)) != NULL && !t->ended) end_here(c, t, now_ns);
        break;
    default: break;
    }
    return c->error == 0;
}

static void act(struct connector *c, const struct intent *i, int64_t now_ns)
{
    struct tracked *t = order_of(c, i->order_id);
    if (i->kind == PENDING_NONE) {
        say_report(c, i->order_id, REPORT_NOT_FOUND, SAY_GIVE_BACK, NULL, "not sent: the broker cannot be reached",
                   now_ns);
    } else if (t == NULL || t->ended) {
        return;
    } else if (i->kind == PENDING_SEND) {
        request_send(c, t, &i->send, now_ns);
    } else if (t->pending != PENDING_NONE) {
        t->cancel_wanted = t->cancel_wanted || i->kind == PENDING_WITHDRAW;
    } else if (i->kind == PENDING_WITHDRAW) {
        request_cancel(c, t, now_ns);
    } else {
        order_ask(c, t, PENDING_REPLACE, now_ns);
        if (c->o.broker.replace(c->o.broker.ctx, t->request, &i->replace, now_ns) != 0) line_lost(c, now_ns);
    }
}

static void act_on_intents(struct connector *c, int64_t now_ns)
{
    if (c->intents_count == 0) return;
    cursor_keep(c, now_ns);
    for (uint32_t i = 0; i < c->intents_count && c->error == 0; i++) act(c, &c->intents[i], now_ns);
    c->intents_count = 0;
}

static int next_event(struct connector *c, const struct event **e)
{
    if (c->held) {
        *e = &c->held_event;
        return 1;
    }
    return c->o.doors.feed_next(c->o.doors.feed, e);
}

static void hold(struct connector *c, const struct event *e)
{
    if (!c->held) c->held_event = *e;
    c->held = true;
}

int events_take(struct connector *c, int64_t now_ns)
{
    int got = 0;
    for (int i = 0; i < TURN_EVENTS_MAX && c->error == 0 && c->intents_count < INTENTS_MAX; i++) {
        const struct event *e;
        got = next_event(c, &e);
        if (got < 0) c->error = got;
        if (got <= 0) break;
        if (!take_event(c, e, now_ns)) {
            hold(c, e);
            got = 0;
            break;
        }
        /* An operator's fill is two events, and is only taken with the second. */
        if (c->by_hand_order_id == 0) {
            c->cursor.seq = e->seq;
            c->cursor.index = e->index;
        }
        c->held = false;
    }
    act_on_intents(c, now_ns);
    return got > 0;
}

static bool after_cursor(const struct connector *c, const struct event *e)
{
    return e->seq > c->cursor.seq || (e->seq == c->cursor.seq && e->index > c->cursor.index);
}

/* What was asked last of an order that is not simply there. */
static int compare_request(struct connector *c, struct tracked *t, const struct order_row *row, int64_t now_ns)
{
    struct event e;
    t->unknown = row->broker_state == BROKER_UNKNOWN;
    t->pending = t->acked ? PENDING_NONE : PENDING_SEND;
    int failed = c->o.doors.last_request(c->o.doors.ours, row->order_id, &e);
    if (failed == ERR_NOT_FOUND) return 0;
    if (failed != 0) return failed;
    if (after_cursor(c, &e)) { /* it comes from the tape; if it is the sending itself, there was nothing before */
        if (e.kind == EVENT_ROUTED) order_forget(c, t);
        return 0;
    }
    if (e.kind == EVENT_BROKER_STATE && e.broker_state.state == BROKER_PENDING_CANCEL) t->pending = PENDING_WITHDRAW;
    if (e.kind == EVENT_BROKER_STATE && e.broker_state.state == BROKER_PENDING_MODIFY) {
        t->pending = PENDING_REPLACE;
        t->new_price = e.broker_state.price;
        t->new_quantity = e.broker_state.quantity;
        t->new_stop_price = e.broker_state.stop_price;
    }
    order_set_doubt(c, t, t->unknown);
    (void)now_ns;
    return 0;
}

struct comparing {
    struct connector *c;
    int64_t now_ns;
};

static int compare_one(void *arg, const struct order_row *row)
{
    struct comparing *x = arg;
    struct tracked *t = order_track(x->c, row->order_id, x->now_ns);
    if (t == NULL) return ERR_FULL;
    t->acked = row->ext_order_id_len > 0;
    t->replaced = true; /* perhaps: nobody remembers */
    order_move(x->c, t, LIST_NOW, x->now_ns);
    show_quote(x->c, &row->symbol, x->now_ns);
    if (x->c->error != 0) return x->c->error;
    if (row->broker_state == BROKER_ACKED && t->acked) return 0;
    return compare_request(x->c, t, row, x->now_ns);
}

void orders_compare(struct connector *c, int64_t now_ns)
{
    struct comparing x = {.c = c, .now_ns = now_ns};
    int failed = c->o.doors.orders_open(c->o.doors.ours, &c->o.venue, compare_one, &x);
    if (failed != 0 && c->error == 0) c->error = failed;
}
