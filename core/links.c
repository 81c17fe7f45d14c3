/* core/links.c - groups of orders: pairs of which one cancels the other, children that wait for their parent. */
#include "core/book.h"
#include "core/engine_parts.h"

void apply_place_linked(struct turn *t, const struct command *c)
{
    turn_reject(t, c, c->seq << ORDER_INDEX_BITS);
}

void links_filled(struct turn *t, struct order *o, int64_t quantity)
{
    (void)t, (void)o, (void)quantity;
}

struct links_end links_ending(const struct engine *e, const struct order *o, enum cancel_reason reason)
{
    (void)e;
    return (struct links_end){.id = o->id, .leaves = o->leaves, .reason = (uint8_t)reason};
}

void links_ended(struct turn *t, const struct links_end *end)
{
    (void)t, (void)end;
}

struct order *links_carrier(const struct engine *e, struct order *o)
{
    (void)e;
    return o;
}

uint32_t links_other(const struct engine *e, const struct order *o)
{
    (void)e, (void)o;
    return 0;
}

void follow_step(struct turn *t)
{
    (void)t;
}

void follow_add(struct engine *e, uint32_t o)
{
    (void)e, (void)o;
}

void follow_remove(struct engine *e, uint32_t o)
{
    (void)e, (void)o;
}
