/* tests/model/sweeps.c - what touches many orders: the queues, timers, MASS_CANCEL, END_OF_DAY and CONTINUE.
 * Invariant: while a sweep that names a next order is pending, that is an open order; the orders before it in the sweep's
 * order have been visited. The order of visits is sorted out afresh each time somebody needs it. */
#include "tests/model/internal.h"

#include <stdlib.h>
#include <string.h>

bool model_anybody_waits(const struct model *m, uint64_t instrument_id)
{
    for (uint32_t i = 0; i < m->orders_count; i++)
        if (m->orders[i].instrument_id == instrument_id && model_queue_of(&m->orders[i]) == QUEUE_TRIGGER) return true;
    return false;
}

/* ---- timers ---- */

/* An order's own timer or its route's. */
struct timer {
    int64_t due_ns; /* INT64_MAX: none */
    uint64_t order_id;
    bool of_route;
};

static bool has_timer(const struct order_state *o)
{
    return o->tif == TIF_GTD && o->expires_ns != 0;
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    if (a->due_ns != b->due_ns) return a->due_ns < b->due_ns;
    if (a->order_id != b->order_id) return a->order_id < b->order_id;
    return !a->of_route && b->of_route;
}

/* The first of those that are due. */
static struct timer first_due(const struct model *m, int64_t now_ns)
{
    struct timer first = {.due_ns = INT64_MAX};
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        struct timer t = {.due_ns = o->expires_ns, .order_id = o->id};
        if (has_timer(o) && t.due_ns <= now_ns && is_before(&t, &first)) first = t;
    }
    for (uint32_t i = 0; i < m->routes_count; i++) {
        const struct route_state *r = &m->routes[i];
        struct timer t = {.due_ns = r->due_ns, .order_id = r->order_id, .of_route = true};
        if (r->due_ns == 0 || r->due_ns > now_ns) continue;
        if (is_before(&t, &first)) first = t;
    }
    return first;
}

static void expire(struct model *m, struct order_state *o)
{
    if (o->flags & PLACE_GTT) {
        model_gtt_end(m, model_gtt_of(o), GTT_STATUS_EXPIRED);
        return;
    }
    if (o->extra.phase == ORDER_PHASE_AT_BROKER) o->expires_ns = 0;
    model_end_or_ask(m, o->id, 0);
}

void model_expire_due(struct model *m)
{
    for (uint32_t fired = 0; fired < m->scalars.limits.work_max; fired++) {
        struct timer due = first_due(m, m->scalars.now_ns);
        if (due.due_ns == INT64_MAX) return;
        struct route_state *r = due.of_route ? model_find_route(m, due.order_id) : NULL;
        /* A decision that there is no work for, or that meets a sweep, stays, and so do those after it. */
        bool stays = m->scalars.sweep.kind != SWEEP_NONE || !model_work_left(m);
        if (r != NULL && r->state == BROKER_PENDING_ROUTE && stays) return;
        if (r != NULL)
            model_route_timer(m, r);
        else
            expire(m, model_find_order(m, due.order_id));
    }
}

int64_t model_next_due_ns(const struct model *m)
{
    int64_t due_ns = INT64_MAX;
    for (uint32_t i = 0; i < m->orders_count; i++)
        if (has_timer(&m->orders[i]) && m->orders[i].expires_ns < due_ns) due_ns = m->orders[i].expires_ns;
    for (uint32_t i = 0; i < m->routes_count; i++)
        if (m->routes[i].due_ns != 0 && m->routes[i].due_ns < due_ns) due_ns = m->routes[i].due_ns;
    return due_ns;
}

bool model_continue_needed(const struct model *m, int64_t ts_ns)
{
    uint32_t due = 0;
    bool decision = false;
    for (uint32_t i = 0; i < m->orders_count; i++) due += has_timer(&m->orders[i]) && m->orders[i].expires_ns <= ts_ns;
    for (uint32_t i = 0; i < m->routes_count; i++) {
        const struct route_state *r = &m->routes[i];
        if (r->due_ns == 0 || r->due_ns > ts_ns) continue;
        due++;
        decision = decision || r->state == BROKER_PENDING_ROUTE;
    }
    return model_pending(m) || decision || due > m->scalars.limits.work_max;
}

/* ---- MASS_CANCEL and END_OF_DAY ---- */

/* What the order of visits is sorted by, ascending. */
struct visit {
    const struct order_state *order;
    uint64_t instrument_place; /* 0 in a sweep of one account, which goes by priority alone */
    bool by_priority;
};

static int compare_visits(const void *pa, const void *pb)
{
    const struct visit *va = pa, *vb = pb;
    const struct order_state *a = va->order, *b = vb->order;
    if (va->by_priority) return a->priority < b->priority ? -1 : a->priority > b->priority;
    if (va->instrument_place != vb->instrument_place) return va->instrument_place < vb->instrument_place ? -1 : 1;
    if (model_queue_of(a) != model_queue_of(b)) return model_queue_of(a) < model_queue_of(b) ? -1 : 1;
    if (model_queue_side(a) != model_queue_side(b)) return model_queue_side(a) < model_queue_side(b) ? -1 : 1;
    return a == b ? 0 : model_queue_before(a, b) ? -1 : 1;
}

static bool is_visited(const struct model *m, const struct sweep_state *sweep, const struct order_state *o)
{
    if (sweep->account_id != 0) return o->account_id == sweep->account_id;
    if (model_queue_of(o) == QUEUE_NONE || o->id == m->taker_id) return false;
    return sweep->instrument_id == 0 || o->instrument_id == sweep->instrument_id;
}

/* Writes into m->sweep_ids the orders that a sweep visits, in order; returns how many. */
static uint32_t list_visits(struct model *m, const struct sweep_state *sweep)
{
    struct visit *visits = calloc(m->orders_count + 1, sizeof *visits);
    if (visits == NULL) abort();
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        if (!is_visited(m, sweep, o)) continue;
        struct visit v = {.order = o, .by_priority = sweep->account_id != 0};
        while (m->instruments[v.instrument_place].id != o->instrument_id) v.instrument_place++;
        visits[count++] = v;
    }
    qsort(visits, count, sizeof *visits, compare_visits);
    for (uint32_t i = 0; i < count; i++) m->sweep_ids[i] = visits[i].order->id;
    free(visits);
    return count;
}

/* Where in m->sweep_ids this order stands; count when it is not there. */
static uint32_t place_of(const struct model *m, uint32_t count, uint64_t order_id)
{
    uint32_t place = 0;
    while (place < count && m->sweep_ids[place] != order_id) place++;
    return place;
}

void model_sweep_pass_over(struct model *m, uint64_t order_id)
{
    struct sweep_state *sweep = &m->scalars.sweep;
    if (sweep->kind == SWEEP_NONE || sweep->kind == SWEEP_BATCH || sweep->next_order_id != order_id) return;
    if (sweep->kind == SWEEP_ROUTES) {
        model_sweep_stops_waiting(m, order_id);
        return;
    }
    if (sweep->kind == SWEEP_AUCTION) {
        sweep->next_order_id = model_session_buy_after(m, order_id);
        return;
    }
    uint32_t count = list_visits(m, sweep);
    uint32_t after = place_of(m, count, order_id) + 1;
    if (after < count)
        sweep->next_order_id = m->sweep_ids[after];
    else
        memset(sweep, 0, sizeof *sweep);
}

void model_sweep_stops_waiting(struct model *m, uint64_t order_id)
{
    struct sweep_state *sweep = &m->scalars.sweep;
    if (sweep->kind != SWEEP_ROUTES || sweep->next_order_id != order_id) return;
    sweep->next_order_id = model_waits_after(m, order_id);
    if (sweep->next_order_id == 0) memset(sweep, 0, sizeof *sweep);
}

void model_sweep_leaves_queue(struct model *m, uint64_t order_id)
{
    if (m->scalars.sweep.kind == SWEEP_ROUTES) return;
    if (m->scalars.sweep.account_id == 0) model_sweep_pass_over(m, order_id);
}

void model_sweep_new_priority(struct model *m, uint64_t order_id)
{
    if (m->scalars.sweep.account_id != 0) model_sweep_pass_over(m, order_id);
}

static bool fits(const struct sweep_state *sweep, const struct order_state *o)
{
    if (o->extra.phase == ORDER_PHASE_DISABLED) return false;
    if (sweep->account_id != 0 && o->account_id != sweep->account_id) return false;
    if (sweep->instrument_id != 0 && o->instrument_id != sweep->instrument_id) return false;
    if (sweep->side != 0 && o->side != sweep->side) return false;
    if (sweep->kind != SWEEP_END_OF_DAY) return true;
    bool of_the_day = o->tif == TIF_DAY || o->tif == TIF_ON_OPEN || o->tif == TIF_ON_CLOSE;
    return of_the_day && !(o->flags & PLACE_GTT);
}

/* False: it was passed over. */
static bool end_swept(struct model *m, const struct sweep_state *sweep, const struct order_state *o)
{
    if (sweep->kind == SWEEP_END_OF_DAY) return model_end_or_ask(m, o->id, 0);
    if (!(o->flags & PLACE_GTT)) return model_end_or_ask(m, o->id, CANCEL_REASON_MASS_CANCEL);
    model_gtt_end(m, model_gtt_of(o), GTT_STATUS_CANCELLED);
    return true;
}

/* One command's worth of a sweep, from next_order_id or, when that is 0, from the beginning. */
static void sweep_on(struct model *m, struct sweep_state sweep)
{
    memset(&m->scalars.sweep, 0, sizeof m->scalars.sweep);
    m->swept.say = true;
    m->swept.kind = sweep.kind;
    uint32_t count = list_visits(m, &sweep);
    uint32_t place = sweep.next_order_id == 0 ? 0 : place_of(m, count, sweep.next_order_id);
    for (; place < count; place++) {
        const struct order_state *o = model_find_order(m, m->sweep_ids[place]);
        if (o == NULL) continue; /* it went with its group */
        if (!model_work_left(m)) {
            sweep.next_order_id = o->id;
            m->scalars.sweep = sweep;
            return;
        }
        m->work_used++;
        if (!fits(&sweep, o)) continue;
        m->swept.orders += end_swept(m, &sweep, o);
    }
}

static int judge_symbol(struct model *m, const struct name *symbol, uint64_t *instrument_id)
{
    if (symbol->bytes[0] == '\0') return 0;
    const struct instrument_state *i = model_find_instrument(m, symbol);
    if (i == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    *instrument_id = i->id;
    return 0;
}

void model_mass_cancel(struct model *m, uint64_t account_id, uint64_t instrument_id, int side)
{
    sweep_on(m, (struct sweep_state){.kind = SWEEP_MASS_CANCEL,
                                     .side = (uint8_t)side,
                                     .account_id = account_id,
                                     .instrument_id = instrument_id});
}

int model_apply_mass_cancel(struct model *m, const struct command *c)
{
    const struct command_mass_cancel *s = &c->mass_cancel;
    uint64_t account_id = 0, instrument_id = 0;
    if (s->account.bytes[0] != '\0') {
        const struct account_state *a = model_find_account(m, &s->account);
        if (a == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
        account_id = a->id;
    }
    int reason = judge_symbol(m, &s->symbol, &instrument_id);
    if (reason != 0) return reason;
    if (s->side > SIDE_NUMBER_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    model_mass_cancel(m, account_id, instrument_id, s->side);
    return 0;
}

int model_apply_end_of_day(struct model *m, const struct command *c)
{
    struct sweep_state sweep = {.kind = SWEEP_END_OF_DAY};
    int reason = judge_symbol(m, &c->end_of_day.symbol, &sweep.instrument_id);
    if (reason != 0) return reason;
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    sweep_on(m, sweep);
    return 0;
}

int model_apply_continue(struct model *m, const struct command *c)
{
    (void)c;
    if (!model_pending(m)) return 0; /* no event of its own */
    struct sweep_state sweep = m->scalars.sweep;
    m->swept.say = true;
    m->swept.kind = sweep.kind == SWEEP_NONE ? SWEEP_CASCADE : sweep.kind;
    if (sweep.kind == SWEEP_AUCTION) model_session_on(m);
    if (sweep.kind == SWEEP_MASS_CANCEL || sweep.kind == SWEEP_END_OF_DAY) sweep_on(m, sweep);
    if (sweep.kind == SWEEP_ROUTES) model_sweep_routes(m, sweep);
    if (sweep.kind == SWEEP_BATCH) model_sweep_batch(m, sweep);
    model_aftermath(m);
    if (sweep.kind == SWEEP_MARGIN) model_margin_on(m);
    return 0;
}
