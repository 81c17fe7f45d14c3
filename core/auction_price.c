/* core/auction_price.c - the clearing price of a call auction: docs/ENGINE.md, "Price P".
 * In steps (price = step number * step size) demand D falls and supply S rises:
 *
 *      D ------.____               The volume min(D, S) rises, is flat on [first, last], and falls. On that flat part D - S falls
 *      S ____.------.____          from above zero to below it, so the smallest |D - S| stands beside the place where it
 *            ^first ^last          changes its sign, and reaches as far as that side's quantity stays the same.
 *
 * What must stay true: the answer is that of trying every step between the lowest and the highest limit price inside the collar; the
 * work is a few walks over each side's levels. */
#include "core/auction_price.h"
#include "core/wide.h"

#include <string.h>

enum { PPM_ONE = 1000000 };

struct steps {
    int64_t first, last;
};

static int64_t step_below(int64_t price, int64_t step) /* the highest step at or below the price */
{
    return price / step - (price % step < 0);
}
static int64_t step_above(int64_t price, int64_t step) /* the lowest at or above it */
{
    return -step_below(-price, step);
}

struct auction {
    struct auction_side *buy, *sell;
    const struct auction_terms *terms;
};

/* One side's levels from the best, with the quantity so far. A BUY's step is the last that it accepts, a SELL's the first. */
struct walk {
    struct auction_side *side;
    int64_t step_size, step;
    i128 quantity, before; /* of this level and better ones; of the better ones alone */
    bool buy;
};
static struct walk walk_begin(const struct auction *a, enum side side)
{
    struct auction_side *s = side == SIDE_BUY ? a->buy : a->sell;
    s->rewind(s->context);
    return (struct walk){.side = s, .step_size = a->terms->step, .quantity = s->market, .buy = side == SIDE_BUY};
}
static bool walk_next(struct walk *w)
{
    struct auction_level l;
    if (!w->side->next(w->side->context, &l)) return false;
    w->step = w->buy ? step_below(l.price, w->step_size) : step_above(l.price, w->step_size);
    w->before = w->quantity;
    w->quantity += l.quantity;
    return true;
}

/* The step of the first level at which a side's quantity so far is at least `wanted`; when its MARKET orders are enough alone, or
 * all of it is not enough, what the caller says of that. */
static int64_t step_reached(const struct auction *a, enum side side, i128 wanted, int64_t by_market, int64_t never)
{
    struct walk w = walk_begin(a, side);
    if (w.quantity >= wanted) return by_market;
    while (walk_next(&w))
        if (w.quantity >= wanted) return w.step;
    return never;
}

/* What a side accepts at a step, and the next step, towards its worse prices, at which that changes; `end` when it is beyond. */
struct accepted {
    i128 quantity;
    int64_t changes;
};
static struct accepted accepted_at(const struct auction *a, enum side side, int64_t step, int64_t end)
{
    struct walk w = walk_begin(a, side);
    struct accepted so_far = {w.quantity, end};
    while (walk_next(&w)) {
        if (w.buy ? w.step < step : w.step > step) {
            if (w.buy ? w.step > end : w.step < end) so_far.changes = w.step;
            break;
        }
        so_far.quantity = w.quantity;
    }
    return so_far;
}

/* Every step between the lowest and the highest limit price; first > last: there is none. */
static struct steps steps_of_levels(const struct auction *a)
{
    struct steps all = {INT64_MAX, INT64_MIN};
    for (enum side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        struct walk w = walk_begin(a, side);
        while (walk_next(&w)) {
            if (w.step < all.first) all.first = w.step;
            if (w.step > all.last) all.last = w.step;
        }
    }
    return all;
}

static struct steps steps_in_collar(struct steps all, const struct auction_terms *terms)
{
    if (terms->collar_ppm == 0 || terms->reference == 0) return all;
    uint64_t rest;
    i128 reach = (i128)wide_div((u128)(uint64_t)terms->reference * (uint64_t)terms->collar_ppm, PPM_ONE, &rest);
    i128 low = terms->reference - reach, high = terms->reference + reach;
    int64_t first = low <= 0 ? 0 : step_above((int64_t)low, terms->step);
    int64_t last = high > INT64_MAX ? INT64_MAX : step_below((int64_t)high, terms->step);
    return (struct steps){first > all.first ? first : all.first, last < all.last ? last : all.last};
}

/* The largest volume of all, were there no collar: what the two sides match from their best. */
static i128 volume_crossing(const struct auction *a)
{
    struct walk buy = walk_begin(a, SIDE_BUY), sell = walk_begin(a, SIDE_SELL);
    i128 volume = 0, demand = buy.quantity, supply = sell.quantity;
    bool buy_limit = false, sell_limit = false; /* what is left of each is of a level, not of the MARKET orders */
    for (;;) {
        while (demand == 0) {
            if (!walk_next(&buy)) return volume;
            demand = buy.quantity - buy.before;
            buy_limit = true;
        }
        while (supply == 0) {
            if (!walk_next(&sell)) return volume;
            supply = sell.quantity - sell.before;
            sell_limit = true;
        }
        if (buy_limit && sell_limit && buy.step < sell.step) return volume;
        i128 part = demand < supply ? demand : supply;
        volume += part;
        demand -= part;
        supply -= part;
    }
}

static int64_t nearest(struct steps among, const struct auction_terms *terms)
{
    if (terms->reference == 0) return among.first;
    int64_t below = step_below(terms->reference, terms->step);
    if (below < among.first) return among.first;
    if (below >= among.last) return among.last;
    return terms->reference - below * terms->step <= (below + 1) * terms->step - terms->reference ? below : below + 1;
}

/* Of the steps `flat`, at all of which `volume` is executed, the one that rules 2 to 4 choose. */
static int64_t step_choose(const struct auction *a, struct steps flat, i128 volume)
{
    /* From the step `turn` on demand is the volume, and supply may exceed it; below it the other way round. */
    int64_t exceeds = step_reached(a, SIDE_BUY, volume + 1, flat.last, flat.first - 1);
    int64_t turn = exceeds < flat.first ? flat.first : exceeds + 1;
    if (turn > flat.last) return flat.last;
    struct accepted supply = accepted_at(a, SIDE_SELL, turn, flat.last + 1);
    i128 surplus = supply.quantity - volume;
    struct steps among = {turn, supply.changes - 1};
    if (turn > flat.first) {
        struct accepted demand = accepted_at(a, SIDE_BUY, turn - 1, flat.first - 1);
        i128 shortage = demand.quantity - volume;
        if (shortage < surplus) return turn - 1;
        if (shortage == surplus) {
            among.first = demand.changes + 1;
            return nearest(among, a->terms);
        }
    }
    return surplus > 0 ? turn : nearest(among, a->terms);
}

static i128 smaller(i128 x, i128 y)
{
    return x < y ? x : y;
}
static int64_t quantity_clamp(i128 q)
{
    return q > INT64_MAX ? INT64_MAX : q < -INT64_MAX ? -INT64_MAX : (int64_t)q;
}
static bool answer(struct auction_price *out, int64_t price, i128 demand, i128 supply)
{
    if (demand == 0 || supply == 0) return false;
    *out = (struct auction_price){price, quantity_clamp(smaller(demand, supply)), quantity_clamp(demand - supply)};
    return true;
}

bool auction_price_find(struct auction_side *buy, struct auction_side *sell, const struct auction_terms *terms,
                        struct auction_price *out)
{
    memset(out, 0, sizeof *out);
    struct auction a = {buy, sell, terms};
    struct steps all = steps_of_levels(&a);
    if (all.first > all.last) return terms->reference != 0 && answer(out, terms->reference, buy->market, sell->market);
    all = steps_in_collar(all, terms);
    i128 volume = volume_crossing(&a);
    if (all.first > all.last || volume == 0) return false;
    /* The volume rises to its largest and falls again: inside the collar it is largest at the step nearest to that. */
    int64_t at = step_reached(&a, SIDE_SELL, volume, all.first, all.last);
    at = at < all.first ? all.first : at > all.last ? all.last : at;
    volume = smaller(accepted_at(&a, SIDE_BUY, at, at).quantity, accepted_at(&a, SIDE_SELL, at, at).quantity);
    if (volume == 0) return false;
    struct steps flat = {step_reached(&a, SIDE_SELL, volume, all.first, all.last),
                         step_reached(&a, SIDE_BUY, volume, all.last, all.first)};
    if (flat.first < all.first) flat.first = all.first;
    if (flat.last > all.last) flat.last = all.last;
    at = step_choose(&a, flat, volume);
    return answer(out, at * terms->step, accepted_at(&a, SIDE_BUY, at, at).quantity,
                  accepted_at(&a, SIDE_SELL, at, at).quantity);
}
