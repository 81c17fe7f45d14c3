/* core/gtt.c - good till triggered: prices that are waited for, and the order that is sent at the first. */
#include "core/engine_parts.h"

void apply_gtt_place(struct turn *t, const struct command *c)
{
    turn_reject(t, c, c->seq << ORDER_INDEX_BITS);
}

void apply_gtt_modify(struct turn *t, const struct command *c)
{
    turn_reject(t, c, c->gtt_modify.gtt_id);
}

void apply_gtt_delete(struct turn *t, const struct command *c)
{
    turn_reject(t, c, c->gtt_delete.gtt_id);
}

void gtt_trigger(struct turn *t, uint32_t leg)
{
    (void)t, (void)leg;
}

void gtt_end(struct turn *t, uint32_t leg, enum gtt_status status)
{
    (void)t, (void)leg, (void)status;
}
