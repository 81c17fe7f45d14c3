/* core/sweep.c - ends many orders in bounded turns: MASS_CANCEL, END_OF_DAY and the CONTINUE after them.
 * What must stay true: the order of the visit depends on priorities, prices and instrument ids only; while a sweep is pending its
 * next_order_id is an open order that the sweep has not visited. While one is pending nothing may join a book (PLACE and MODIFY
 * are refused), so the walk can go on from that order. */
#include "core/book.h"
#include "core/engine_parts.h"

/* The first order of a book side, or of the other side, or of a later instrument. 0: the walk is over. */
static uint32_t first_from(const struct engine *e, const struct sweep_state *s, uint32_t instrument, int side)
{
    for (uint32_t i = instrument; i <= e->instruments.used; i++) {
        struct instrument *in = instrument_at(e, i);
        for (; side <= SIDE_SELL; side++) {
            uint32_t level = book_best(e, book_side(in, side));
            if (level != 0) return level_at(e, level)->first;
        }
        if (s->instrument_id != 0) return 0; /* this instrument only */
        side = SIDE_BUY;
    }
    return 0;
}

/* The order visited after o. */
static uint32_t next_of(const struct engine *e, const struct sweep_state *s, uint32_t index)
{
    const struct order *o = order_at(e, index);
    if (s->account_id != 0) return o->account_next;
    if (o->next != 0) return o->next;
    struct instrument *i = instrument_at(e, o->instrument);
    uint32_t level = book_level_after(e, book_side(i, o->side), o->side, o->price);
    if (level != 0) return level_at(e, level)->first;
    if (o->side == SIDE_BUY) return first_from(e, s, o->instrument, SIDE_SELL);
    return s->instrument_id != 0 ? 0 : first_from(e, s, o->instrument + 1, SIDE_BUY);
}

static bool fits(const struct engine *e, const struct sweep_state *s, const struct order *o)
{
    if (s->side != 0 && o->side != s->side) return false;
    if (s->instrument_id != 0 && instrument_at(e, o->instrument)->id != s->instrument_id) return false;
    return s->kind == SWEEP_MASS_CANCEL || o->tif == TIF_DAY;
}

/* Visits from order `at` on, work_max orders at most, and says how far it came. */
static void sweep_run(struct turn *t, struct sweep_state s, uint32_t at)
{
    struct engine *e = t->engine;
    uint32_t ended = 0;
    for (uint32_t visited = 0; at != 0 && visited < e->limits.work_max; visited++) {
        uint32_t next = next_of(e, &s, at);
        if (fits(e, &s, order_at(e, at))) {
            bool day = s.kind == SWEEP_END_OF_DAY;
            order_cancel(t, at, day ? EVENT_EXPIRED : EVENT_CANCELLED, day ? 0 : CANCEL_REASON_MASS_CANCEL);
            ended++;
        }
        at = next;
    }
    struct event_swept *ev = &turn_event(t, EVENT_SWEPT)->swept;
    ev->orders = ended;
    ev->more = at != 0;
    ev->sweep = s.kind;
    if (at == 0) return;
    s.next_order_id = order_at(e, at)->id;
    e->sweep = s;
}

void sweep_order_leaves(struct engine *e, uint32_t o)
{
    if (order_at(e, o)->id != e->sweep.next_order_id) return;
    uint32_t next = next_of(e, &e->sweep, o);
    if (next == 0)
        memset(&e->sweep, 0, sizeof e->sweep);
    else
        e->sweep.next_order_id = order_at(e, next)->id;
}

void apply_mass_cancel(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_mass_cancel *m = &c->mass_cancel;
    uint32_t account = account_find(e, &m->account), instrument = instrument_find(e, &m->symbol);
    enum reject no = 0;
    if (!name_empty(&m->account) && account == 0)
        no = REJECT_UNKNOWN_ACCOUNT;
    else if (!name_empty(&m->symbol) && instrument == 0)
        no = REJECT_UNKNOWN_INSTRUMENT;
    else if (m->side > SIDE_NUMBER_MAX)
        no = REJECT_FIELD_INVALID;
    else if (e->sweep.kind != SWEEP_NONE)
        no = REJECT_SWEEP_PENDING;
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    struct sweep_state s = {.kind = SWEEP_MASS_CANCEL,
                            .side = m->side,
                            .account_id = account == 0 ? 0 : account_at(e, account)->id,
                            .instrument_id = instrument == 0 ? 0 : instrument_at(e, instrument)->id};
    uint32_t first = account != 0 ? account_at(e, account)->orders_first
                                  : first_from(e, &s, instrument == 0 ? 1 : instrument, SIDE_BUY);
    sweep_run(t, s, first);
}

void apply_end_of_day(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    uint32_t instrument = instrument_find(e, &c->end_of_day.symbol);
    enum reject no = 0;
    if (!name_empty(&c->end_of_day.symbol) && instrument == 0)
        no = REJECT_UNKNOWN_INSTRUMENT;
    else if (e->sweep.kind != SWEEP_NONE)
        no = REJECT_SWEEP_PENDING;
    if (no != 0) {
        turn_reject(t, c, no, 0);
        return;
    }
    struct sweep_state s = {.kind = SWEEP_END_OF_DAY,
                            .instrument_id = instrument == 0 ? 0 : instrument_at(e, instrument)->id};
    sweep_run(t, s, first_from(e, &s, instrument == 0 ? 1 : instrument, SIDE_BUY));
}

void apply_continue(struct turn *t)
{
    struct engine *e = t->engine;
    if (e->sweep.kind == SWEEP_NONE) return;
    struct sweep_state s = e->sweep;
    memset(&e->sweep, 0, sizeof e->sweep); /* its own cancels must not move it */
    uint32_t at = order_find(e, s.next_order_id);
    s.next_order_id = 0;
    sweep_run(t, s, at);
}
