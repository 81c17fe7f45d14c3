/* core/auction.c - changes of session. */
#include "core/book.h"
#include "core/engine_parts.h"

void session_change(struct turn *t, uint32_t instrument, uint8_t state)
{
    state_set(t, instrument_at(t->engine, instrument), state, STATE_CAUSE_COMMAND);
}

void session_continue(struct turn *t)
{
    (void)t;
}

void session_order_leaves(struct engine *e, uint32_t o)
{
    (void)o;
    e->sweep.next_order_id = 0;
}

void state_set(struct turn *t, struct instrument *i, uint8_t state, enum state_cause cause)
{
    struct event_state_set *ev = &turn_event(t, EVENT_STATE_SET)->state_set;
    ev->symbol = i->symbol;
    ev->state = state;
    ev->before = i->state;
    ev->cause = (uint8_t)cause;
    instrument_touch(t->engine, i);
    i->state = state;
    if (!instrument_live(t->engine, i)) range_clear(t->engine, i);
}

bool engine_indicative(const struct engine *e, const struct name *symbol, struct auction_price *out)
{
    (void)e, (void)symbol;
    *out = (struct auction_price){0};
    return false;
}
