/* tests/model/walk.c - what stands in the queues, found by looking at all orders each time, and how far an aggressor would
 * come. Nothing here changes anything.
 * What must stay true: a walk meets the orders of the other side in the order in which matching would. */
#include "tests/model/internal.h"

static bool stands_in(const struct model *m, const struct order_state *o, uint64_t instrument_id, enum queue queue,
                      int side)
{
    return o->instrument_id == instrument_id && o->id != m->taker_id && model_queue_of(o) == queue &&
           model_queue_side(o) == side;
}

struct order_state *model_first(struct model *m, uint64_t instrument_id, enum queue queue, int side, uint64_t except_id)
{
    struct order_state *first = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (!stands_in(m, o, instrument_id, queue, side) || o->id == except_id) continue;
        if (first == NULL || model_queue_before(o, first)) first = o;
    }
    return first;
}

struct order_state *model_next(struct model *m, const struct order_state *after)
{
    struct order_state *next = NULL;
    enum queue queue = model_queue_of(after);
    int side = model_queue_side(after);
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (!stands_in(m, o, after->instrument_id, queue, side) || !model_queue_before(after, o)) continue;
        if (next == NULL || model_queue_before(o, next)) next = o;
    }
    return next;
}

bool model_reaches(struct reach reach, int side, int64_t price)
{
    return reach.any || (model_is_buy(side) ? price <= reach.price : price >= reach.price);
}

static struct order_state *first_opposite(struct model *m, const struct order_state *taker)
{
    return model_first(m, taker->instrument_id, QUEUE_BOOK, model_other_side(taker->side), 0);
}

struct reach model_reach(struct model *m, const struct order_state *o)
{
    if (o->type != ORDER_TYPE_MARKET) return (struct reach){.price = o->price};
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    const struct order_state *touch = first_opposite(m, o);
    if (i->spec.collar_ppm == 0 || touch == NULL) return (struct reach){.any = true};
    i128 price = (i128)touch->price * 1000000, width = (i128)touch->price * i->spec.collar_ppm;
    if (model_is_buy(o->side)) return (struct reach){.price = (price + width) / 1000000};
    return (struct reach){.price = model_divide_up(price - width, 1000000)};
}

/* What becomes of an own order in a walk. */
enum own { OWN_TRADES, OWN_ENDS, OWN_PASSED_OVER, OWN_TAKES_OFF };

static enum own own_order(const struct order_state *taker, const struct order_state *o)
{
    if (taker->account_id != o->account_id || taker->stp == 0) return OWN_TRADES;
    if (taker->stp == STP_CANCEL_OLDEST) return OWN_PASSED_OVER;
    return taker->stp == STP_DECREMENT ? OWN_TAKES_OFF : OWN_ENDS;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

struct walk model_walk(struct model *m, const struct order_state *taker, int64_t wanted)
{
    struct walk w = {0};
    uint32_t room = model_work_room(m);
    const struct instrument_spec *spec = &model_instrument_by_id(m, taker->instrument_id)->spec;
    struct reach reach = model_reach(m, taker);
    const struct order_state *o = first_opposite(m, taker);
    for (; o != NULL && wanted > 0 && model_reaches(reach, taker->side, o->price); o = model_next(m, o)) {
        if (room-- == 0) break;
        enum own own = own_order(taker, o);
        if (own == OWN_ENDS) break;
        if (own == OWN_TAKES_OFF) wanted -= least(wanted, o->leaves);
        if (own != OWN_TRADES) continue;
        int64_t part = least(wanted, o->leaves);
        w.quantity += part;
        w.notional += model_notional_of(spec, o->price, part);
        if (o->price > w.highest_price) w.highest_price = o->price;
        wanted -= part;
    }
    return w;
}

int64_t model_walk_amount(struct model *m, const struct order_state *taker, i128 amount)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, taker->instrument_id)->spec;
    struct reach reach = model_reach(m, taker);
    int64_t sum = 0;
    uint32_t room = model_work_room(m);
    const struct order_state *o = first_opposite(m, taker);
    for (; o != NULL && model_reaches(reach, taker->side, o->price); o = model_next(m, o)) {
        if (room-- == 0) break;
        enum own own = own_order(taker, o);
        if (own == OWN_ENDS) break;
        if (own != OWN_TRADES) continue;
        i128 lot_costs = model_notional_of(spec, o->price, spec->lot);
        i128 lots = amount / lot_costs, lots_there = least(o->leaves, QUANTITY_MAX - sum) / spec->lot;
        if (lots > lots_there) lots = lots_there;
        sum += (int64_t)lots * spec->lot;
        amount -= lots * lot_costs;
        if (lots * spec->lot < o->leaves) break;
    }
    return sum;
}

/* What an order of the book that takes now needs for a notional. */
static i128 taker_needs(const struct account_state *a, const struct instrument_state *i, const struct order_state *o,
                        i128 notional)
{
    int64_t rate = model_taker_rate(a, i);
    uint32_t leverage = o->extra.leverage != 0 ? o->extra.leverage : model_effective_leverage(a, i);
    return model_margin_of(notional, leverage) + model_divide_up((rate > 0 ? rate : 0) * notional, FEE_RATE_ONE);
}

i128 model_taker_need(struct model *m, const struct order_state *o, i128 notional)
{
    return taker_needs(model_account_by_id(m, o->account_id), model_instrument_by_id(m, o->instrument_id), o, notional);
}

int64_t model_affordable_part(struct model *m, const struct order_state *o, i128 notional_so_far, int64_t price,
                              int64_t part, i128 budget)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    if (model_taker_need(m, o, notional_so_far + model_notional_of(spec, price, part)) <= budget) return part;
    int64_t fits = 0, beyond = part / spec->lot + 1; /* in lots */
    while (beyond - fits > 1) {
        int64_t half = fits + (beyond - fits) / 2;
        i128 notional = notional_so_far + model_notional_of(spec, price, half * spec->lot);
        if (half * spec->lot <= part && model_taker_need(m, o, notional) <= budget)
            fits = half;
        else
            beyond = half;
    }
    return fits * spec->lot;
}

int64_t model_walk_affordable(struct model *m, const struct order_state *taker, i128 budget, bool *short_of_cash)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, taker->instrument_id)->spec;
    struct reach reach = model_reach(m, taker);
    int64_t wanted = taker->leaves, sum = 0;
    uint32_t room = model_work_room(m);
    i128 notional = 0;
    *short_of_cash = false;
    const struct order_state *o = first_opposite(m, taker);
    for (; o != NULL && wanted > 0 && model_reaches(reach, taker->side, o->price); o = model_next(m, o)) {
        if (room-- == 0) break;
        enum own own = own_order(taker, o);
        if (own == OWN_ENDS) break;
        if (own == OWN_TAKES_OFF) wanted -= least(wanted, o->leaves);
        if (own != OWN_TRADES) continue;
        int64_t part = least(wanted, o->leaves);
        int64_t pays = model_affordable_part(m, taker, notional, o->price, part, budget);
        sum += pays;
        wanted -= pays;
        notional += model_notional_of(spec, o->price, pays);
        *short_of_cash = pays < part;
        if (*short_of_cash) break;
    }
    return sum;
}

static uint32_t orders_at(const struct model *m, const struct order_state *at)
{
    uint32_t orders = 0;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        orders += stands_in(m, o, at->instrument_id, QUEUE_BOOK, at->side) && o->price == at->price;
    }
    return orders;
}

bool model_walk_whole(struct model *m, const struct order_state *taker, uint64_t most, uint64_t *orders)
{
    struct reach reach = model_reach(m, taker);
    int64_t wanted = taker->leaves, level_price = -2; /* no order has this price */
    *orders = 0;
    const struct order_state *o = first_opposite(m, taker);
    for (; o != NULL && wanted > 0 && model_reaches(reach, taker->side, o->price); o = model_next(m, o)) {
        if (o->price != level_price) *orders += orders_at(m, o);
        if (*orders > most) return false;
        level_price = o->price;
        enum own own = own_order(taker, o);
        if (own == OWN_ENDS || own == OWN_TAKES_OFF) break;
        if (own == OWN_TRADES) wanted -= least(wanted, o->leaves);
    }
    return wanted == 0;
}

bool model_walk_part(struct model *m, const struct order_state *taker, int64_t wanted)
{
    struct reach reach = model_reach(m, taker);
    uint32_t met = 0;
    const struct order_state *o = first_opposite(m, taker);
    for (; o != NULL && wanted > 0 && model_reaches(reach, taker->side, o->price); o = model_next(m, o)) {
        if (++met > m->scalars.limits.work_max) break;
        enum own own = own_order(taker, o);
        if (own == OWN_ENDS || own == OWN_TAKES_OFF) break;
        if (own == OWN_TRADES) wanted -= least(wanted, o->leaves);
    }
    return wanted == 0;
}
