/* core/margin.c - accounts whose equity is compared with what their positions need. */
#include "core/engine_parts.h"

void apply_check_margin(struct turn *t, const struct command *c)
{
    turn_reject(t, c, 0);
}

uint32_t margin_continue(struct turn *t)
{
    memset(&t->engine->sweep, 0, sizeof t->engine->sweep);
    return 0;
}
