/* core/rates.c - leverage and fee rates of an account in an instrument, where they are not simply the instrument's.
 * What must stay true: nobody else decides which of the two counts. */
#include "core/engine_parts.h"

uint32_t leverage_of_margin(const struct account *a, const struct instrument *i)
{
    if (a->type == ACCOUNT_TYPE_HOUSE) return LEVERAGE_ONE;
    return i->max_leverage != 0 && i->max_leverage < a->leverage ? i->max_leverage : a->leverage;
}

int64_t fee_rate_own(const struct engine *e, const struct account *a, const struct instrument *i, bool maker)
{
    const struct account_limits *l =
        &account_rules_at(e, more_of(e, a)->rules)->limits; /* without rules: item 0, all zero */
    if (maker) return l->own_maker_fee ? l->maker_fee_rate : i->maker_fee_rate;
    return l->own_taker_fee ? l->taker_fee_rate : i->taker_fee_rate;
}

int64_t fee_rate_worst_own(const struct engine *e, const struct account *a, const struct instrument *i)
{
    int64_t maker = fee_rate_own(e, a, i, true), taker = fee_rate_own(e, a, i, false);
    int64_t worst = maker > taker ? maker : taker;
    return worst > 0 ? worst : 0;
}
