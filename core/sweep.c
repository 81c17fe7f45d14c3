/* core/sweep.c - ends many orders in bounded turns: MASS_CANCEL, END_OF_DAY and the CONTINUE after them.
 * What must stay true: the order of the visit depends on priorities, prices and instrument ids only; while a sweep runs or is pending
 * its next_order_id is an open order that it has not visited, whatever an order's end takes along with it. While one is pending
 * nothing joins a queue, so the walk can go on from that order. */
#include "core/desk_parts.h"

/* A place in the walk over an instrument's queues: tree by tree, BUY then SELL. */
enum { PLACES = 2 * TREES };

static const struct side_tree *queue_at(const struct instrument *i, unsigned place)
{
    return place < 2 ? &i->sides[place] : &i->queues[place - 2];
}

/* The first order at or after a place of an instrument, or of a later one. 0: the walk is over. */
static uint32_t first_from(const struct engine *e, const struct sweep_state *s, uint32_t instrument, unsigned place)
{
    for (uint32_t i = instrument; i <= e->instruments.used; i++) {
        for (; place < PLACES; place++) {
            uint32_t level = book_best(e, queue_at(instrument_at(e, i), place));
            if (level != 0) return level_at(e, level)->first;
        }
        if (s->instrument_id != 0) return 0; /* this instrument only */
        place = 0;
    }
    return 0;
}

/* The order visited after o. One that waits in no queue is visited by an account's sweep only. */
static uint32_t next_of(const struct engine *e, const struct sweep_state *s, uint32_t index)
{
    const struct order *o = order_at(e, index);
    if (s->account_id != 0) return o->account_next;
    if (o->next != 0) return o->next;
    const struct level *l = level_at(e, o->level);
    unsigned place = 2u * l->tree + l->side - 1;
    uint32_t level = book_level_after(e, queue_at(instrument_at(e, o->instrument), place), l->side, l->price);
    if (level != 0) return level_at(e, level)->first;
    return first_from(e, s, o->instrument, place + 1);
}

static bool fits(const struct engine *e, const struct sweep_state *s, const struct order *o)
{
    if (o->phase == ORDER_PHASE_DISABLED) return false;
    if (s->side != 0 && o->side != s->side) return false;
    if (s->instrument_id != 0 && instrument_at(e, o->instrument)->id != s->instrument_id) return false;
    if (s->kind == SWEEP_MASS_CANCEL) return true;
    return !(o->flags & PLACE_GTT) && (o->tif == TIF_DAY || o->tif == TIF_ON_OPEN || o->tif == TIF_ON_CLOSE);
}

/* Visits from order `at` on while work is left. Returns how many it ended; e->sweep says where it stands. */
static uint32_t sweep_run(struct turn *t, struct sweep_state s, uint32_t at)
{
    struct engine *e = t->engine;
    uint32_t ended = 0;
    bool day = s.kind == SWEEP_END_OF_DAY;
    e->sweep = s;
    while (at != 0 && turn_has_work(t)) {
        t->used++;
        uint32_t next = next_of(e, &s, at);
        e->sweep.next_order_id = next == 0 ? 0 : order_at(e, next)->id;
        if (fits(e, &s, order_at(e, at))) {
            ended += order_cancel(t, at, day ? EVENT_EXPIRED : EVENT_CANCELLED, day ? 0 : CANCEL_REASON_MASS_CANCEL);
        }
        /* What went with it has moved the sweep on, if the next one was among it. */
        uint64_t id = e->sweep.next_order_id;
        at = id == 0 ? 0 : order_at(e, next)->id == id ? next : order_find(e, id);
    }
    if (at == 0)
        memset(&e->sweep, 0, sizeof e->sweep);
    else
        e->sweep.next_order_id = order_at(e, at)->id;
    return ended;
}

void swept_event(struct turn *t, enum sweep_kind kind, uint32_t orders)
{
    struct event_swept *ev = &turn_event(t, EVENT_SWEPT)->swept;
    ev->orders = orders;
    ev->more = engine_pending(t->engine);
    ev->sweep = (uint8_t)kind;
}

/* A sweep's first command: the sweep, what follows from it, and SWEPT as the last event. */
static void sweep_begin(struct turn *t, struct sweep_state s, uint32_t at)
{
    uint32_t ended = sweep_run(t, s, at);
    aftermath(t);
    swept_event(t, (enum sweep_kind)s.kind, ended);
}

void sweep_order_leaves(struct engine *e, uint32_t o)
{
    struct sweep_state *s = &e->sweep;
    if (order_at(e, o)->id != s->next_order_id || s->kind == SWEEP_ROUTES || s->kind == SWEEP_BATCH) return;
    if (s->kind == SWEEP_AUCTION) {
        session_order_leaves(e, o);
        return;
    }
    uint32_t next = next_of(e, s, o);
    if (next == 0)
        memset(s, 0, sizeof *s);
    else
        s->next_order_id = order_at(e, next)->id;
}

void mass_cancel(struct turn *t, uint32_t account, uint32_t instrument, uint8_t side)
{
    struct engine *e = t->engine;
    struct sweep_state s = {.kind = SWEEP_MASS_CANCEL,
                            .side = side,
                            .account_id = account == 0 ? 0 : account_at(e, account)->id,
                            .instrument_id = instrument == 0 ? 0 : instrument_at(e, instrument)->id};
    uint32_t first =
        account != 0 ? account_at(e, account)->orders_first : first_from(e, &s, instrument == 0 ? 1 : instrument, 0);
    sweep_begin(t, s, first);
}

void apply_mass_cancel(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_mass_cancel *m = &c->mass_cancel;
    uint32_t account = account_find(e, &m->account), instrument = instrument_find(e, &m->symbol);
    enum reject no = 0;
    if (!name_empty(&m->account) && account == 0)
        no = refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    else if (!name_empty(&m->symbol) && instrument == 0)
        no = refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    else if (m->side > SIDE_NUMBER_MAX)
        no = refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    else
        no = pending_judge(t);
    if (no != 0)
        turn_reject(t, c, 0);
    else
        mass_cancel(t, account, instrument, m->side);
}

void apply_end_of_day(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t instrument = instrument_find(e, &c->end_of_day.symbol);
    enum reject no = 0;
    if (!name_empty(&c->end_of_day.symbol) && instrument == 0)
        no = refuse(t, REJECT_UNKNOWN_INSTRUMENT, REFUSAL_SYMBOL);
    else
        no = pending_judge(t);
    if (no != 0) {
        turn_reject(t, c, 0);
        return;
    }
    struct sweep_state s = {.kind = SWEEP_END_OF_DAY,
                            .instrument_id = instrument == 0 ? 0 : instrument_at(e, instrument)->id};
    sweep_begin(t, s, first_from(e, &s, instrument == 0 ? 1 : instrument, 0));
}

/* A sweep that ends orders, or a change of session, goes on first: while it is pending nothing else may move in the queues. Then
 * the aftermath. A sweep over margins last: it begins nothing new while an aftermath is pending. */
void apply_continue(struct turn *t)
{
    struct engine *e = t->engine;
    if (!engine_pending(e)) {
        aftermath(t); /* of what its timers decided */
        return;
    }
    struct sweep_state s = e->sweep;
    uint32_t orders = 0;
    if (s.kind == SWEEP_MASS_CANCEL || s.kind == SWEEP_END_OF_DAY)
        orders = sweep_run(t, s, order_find(e, s.next_order_id));
    else if (s.kind == SWEEP_ROUTES)
        orders = routes_sweep_run(t, route_find(e, s.next_order_id));
    else if (s.kind == SWEEP_BATCH)
        orders = batch_sweep_run(t, s);
    else if (s.kind == SWEEP_AUCTION)
        session_continue(t);
    aftermath(t);
    if (s.kind == SWEEP_MARGIN) orders = margin_continue(t);
    swept_event(t, s.kind == SWEEP_NONE ? SWEEP_CASCADE : (enum sweep_kind)s.kind, orders);
}
