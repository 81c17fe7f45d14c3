/* tests/model/sweeps.c - what touches many orders: timers, MASS_CANCEL, END_OF_DAY and CONTINUE.
 * Invariant: while a sweep is pending its next_order_id is an open order; the orders before it in the sweep's order
 * have been visited. The order of visits is sorted out afresh each time somebody needs it. */
#include "tests/model/internal.h"

#include <stdlib.h>
#include <string.h>

static struct order_state *first_due(struct model *m, int64_t now_ns)
{
    struct order_state *first = NULL;
    for (uint32_t i = 0; i < m->orders_count; i++) {
        struct order_state *o = &m->orders[i];
        if (o->tif != TIF_GTD || o->expires_ns > now_ns) continue;
        if (first == NULL || o->expires_ns < first->expires_ns ||
            (o->expires_ns == first->expires_ns && o->id < first->id))
            first = o;
    }
    return first;
}

void model_expire_due_orders(struct model *m)
{
    for (uint32_t expired = 0; expired < m->scalars.limits.work_max; expired++) {
        const struct order_state *due = first_due(m, m->scalars.now_ns);
        if (due == NULL) return;
        model_order_expire(m, due->id);
    }
}

int64_t model_next_due_ns(const struct model *m)
{
    int64_t due_ns = INT64_MAX;
    for (uint32_t i = 0; i < m->orders_count; i++)
        if (m->orders[i].tif == TIF_GTD && m->orders[i].expires_ns < due_ns) due_ns = m->orders[i].expires_ns;
    return due_ns;
}

bool model_continue_needed(const struct model *m, int64_t ts_ns)
{
    uint32_t due = 0;
    for (uint32_t i = 0; i < m->orders_count; i++)
        due += m->orders[i].tif == TIF_GTD && m->orders[i].expires_ns <= ts_ns;
    return m->scalars.sweep.kind != SWEEP_NONE || due > m->scalars.limits.work_max;
}

/* What the order of visits is sorted by, ascending. */
struct visit {
    uint64_t order_id;
    uint64_t instrument_place; /* 0 in a sweep of one account, which goes by priority alone */
    int side;
    int64_t badness; /* 0 in a sweep of one account */
    uint64_t priority;
};

static int compare_visits(const void *pa, const void *pb)
{
    const struct visit *a = pa, *b = pb;
    if (a->instrument_place != b->instrument_place) return a->instrument_place < b->instrument_place ? -1 : 1;
    if (a->side != b->side) return a->side < b->side ? -1 : 1;
    if (a->badness != b->badness) return a->badness < b->badness ? -1 : 1;
    return a->priority < b->priority ? -1 : a->priority > b->priority;
}

static struct visit visit_of(const struct model *m, const struct sweep_state *sweep, const struct order_state *o)
{
    struct visit v = {.order_id = o->id, .priority = o->priority};
    if (sweep->account_id != 0) return v;
    while (m->instruments[v.instrument_place].id != o->instrument_id) v.instrument_place++;
    v.side = o->side;
    v.badness = o->side == SIDE_BUY ? -o->price : o->price;
    return v;
}

/* Writes into m->sweep_ids the orders that a sweep visits, in order; returns how many. */
static uint32_t list_visits(struct model *m, const struct sweep_state *sweep)
{
    uint32_t count = 0;
    struct visit *visits = calloc(m->orders_count + 1, sizeof *visits);
    if (visits == NULL) abort();
    for (uint32_t i = 0; i < m->orders_count; i++) {
        const struct order_state *o = &m->orders[i];
        bool visited = sweep->account_id != 0 ? o->account_id == sweep->account_id
                                              : sweep->instrument_id == 0 || o->instrument_id == sweep->instrument_id;
        if (visited) visits[count++] = visit_of(m, sweep, o);
    }
    qsort(visits, count, sizeof *visits, compare_visits);
    for (uint32_t i = 0; i < count; i++) m->sweep_ids[i] = visits[i].order_id;
    free(visits);
    return count;
}

static uint32_t place_of(const struct model *m, uint32_t count, uint64_t order_id)
{
    uint32_t place = 0;
    while (place < count && m->sweep_ids[place] != order_id) place++;
    return place;
}

void model_sweep_pass_over(struct model *m, uint64_t order_id)
{
    struct sweep_state *sweep = &m->scalars.sweep;
    if (sweep->kind == SWEEP_NONE || sweep->next_order_id != order_id) return;
    uint32_t count = list_visits(m, sweep);
    uint32_t after = place_of(m, count, order_id) + 1;
    if (after < count)
        sweep->next_order_id = m->sweep_ids[after];
    else
        memset(sweep, 0, sizeof *sweep);
}

static bool fits(const struct sweep_state *sweep, const struct order_state *o)
{
    if (sweep->account_id != 0 && o->account_id != sweep->account_id) return false;
    if (sweep->instrument_id != 0 && o->instrument_id != sweep->instrument_id) return false;
    if (sweep->side != 0 && o->side != sweep->side) return false;
    return sweep->kind != SWEEP_END_OF_DAY || o->tif == TIF_DAY;
}

/* One command's worth of a sweep, from next_order_id or, when that is 0, from the beginning. */
static void sweep_on(struct model *m, struct sweep_state sweep)
{
    memset(&m->scalars.sweep, 0, sizeof m->scalars.sweep);
    uint32_t count = list_visits(m, &sweep);
    uint32_t place = sweep.next_order_id == 0 ? 0 : place_of(m, count, sweep.next_order_id);
    uint32_t ended = 0;
    for (uint32_t visits = 0; place < count && visits < m->scalars.limits.work_max; visits++, place++) {
        const struct order_state *o = model_find_order(m, m->sweep_ids[place]);
        if (!fits(&sweep, o)) continue;
        ended++;
        if (sweep.kind == SWEEP_END_OF_DAY)
            model_order_expire(m, o->id);
        else
            model_order_cancel(m, o->id, CANCEL_REASON_MASS_CANCEL);
    }
    bool more = place < count;
    if (more) {
        sweep.next_order_id = m->sweep_ids[place];
        m->scalars.sweep = sweep;
    }
    struct event *e = model_say(m, EVENT_SWEPT);
    e->swept = (struct event_swept){.orders = ended, .more = more, .sweep = sweep.kind};
}

static int judge_symbol(struct model *m, const struct name *symbol, uint64_t *instrument_id)
{
    if (symbol->bytes[0] == '\0') return 0;
    const struct instrument_state *i = model_find_instrument(m, symbol);
    if (i == NULL) return REJECT_UNKNOWN_INSTRUMENT;
    *instrument_id = i->id;
    return 0;
}

int model_apply_mass_cancel(struct model *m, const struct command *c)
{
    const struct command_mass_cancel *s = &c->mass_cancel;
    struct sweep_state sweep = {.kind = SWEEP_MASS_CANCEL, .side = s->side};
    if (s->account.bytes[0] != '\0') {
        const struct account_state *a = model_find_account(m, &s->account);
        if (a == NULL) return REJECT_UNKNOWN_ACCOUNT;
        sweep.account_id = a->id;
    }
    int reason = judge_symbol(m, &s->symbol, &sweep.instrument_id);
    if (reason != 0) return reason;
    if (s->side > SIDE_NUMBER_MAX) return REJECT_FIELD_INVALID;
    if (m->scalars.sweep.kind != SWEEP_NONE) return REJECT_SWEEP_PENDING;
    sweep_on(m, sweep);
    return 0;
}

int model_apply_end_of_day(struct model *m, const struct command *c)
{
    struct sweep_state sweep = {.kind = SWEEP_END_OF_DAY};
    int reason = judge_symbol(m, &c->end_of_day.symbol, &sweep.instrument_id);
    if (reason != 0) return reason;
    if (m->scalars.sweep.kind != SWEEP_NONE) return REJECT_SWEEP_PENDING;
    sweep_on(m, sweep);
    return 0;
}

int model_apply_continue(struct model *m, const struct command *c)
{
    (void)c;
    if (m->scalars.sweep.kind != SWEEP_NONE) sweep_on(m, m->scalars.sweep);
    return 0;
}
