/* core/position.c - average cost. The common fills (on the position's own side, from flat, closing it whole)
 * need no division. */
#include <assert.h>

#include "core/money.h"
#include "core/position.h"

static int64_t magnitude_i64(int64_t x)
{
    return x < 0 ? -x : x;
}

static void position_open(struct position_value *p, int side, int64_t quantity, i128 notional)
{
    p->quantity += side == SIDE_BUY ? quantity : -quantity;
    p->cost += side == SIDE_BUY ? notional : -notional;
}

/* quantity <= |position|, on the other side than the position's. */
static void position_close(struct position_value *p, int side, int64_t quantity, i128 notional)
{
    i128 removed = money_mul_div_half_even(p->cost, quantity, magnitude_i64(p->quantity));
    /* Long: removed > 0 and notional comes in. Short: removed < 0 and notional goes out. */
    p->realized += side == SIDE_SELL ? notional - removed : -removed - notional;
    p->cost -= removed;
    p->quantity += side == SIDE_BUY ? quantity : -quantity;
}

void position_fill(struct position_value *p, int side, int64_t quantity, i128 notional)
{
    assert(quantity > 0 && (side == SIDE_BUY || side == SIDE_SELL));
    bool own_side = side == SIDE_BUY ? p->quantity >= 0 : p->quantity <= 0;
    if (own_side) {
        position_open(p, side, quantity, notional);
        return;
    }
    int64_t held = magnitude_i64(p->quantity);
    if (quantity <= held) {
        position_close(p, side, quantity, notional);
    } else {
        i128 closing_notional = money_mul_div_half_even(notional, held, quantity); /* exact: price * held */
        position_close(p, side, held, closing_notional);
        position_open(p, side, quantity - held, notional - closing_notional);
    }
    assert(p->quantity != 0 || p->cost == 0);
}

int64_t position_mark_price(int64_t quantity, enum trigger mark, int64_t last_price, int64_t bid, int64_t ask)
{
    if (quantity == 0) return 0;
    int64_t quoted = quantity > 0 ? bid : ask;
    if (mark == TRIGGER_QUOTE) return quoted != 0 ? quoted : last_price;
    return last_price != 0 ? last_price : quoted;
}

i128 position_bounded(i128 value)
{
    if (value > POSITION_VALUE_MAX) return POSITION_VALUE_MAX;
    return value < -POSITION_VALUE_MAX ? -POSITION_VALUE_MAX : value;
}
