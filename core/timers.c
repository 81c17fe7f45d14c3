/* core/timers.c - when GTD orders and GTTs expire, and what routes wait for: a binary heap by (due, order id), an order's before its route's,
 * each order and route knowing its place in it.
 * What must stay true: places are 1..timers_count; a parent is never after its children; order.timer, route.timer is its place, 0 without. */
#include "core/desk_parts.h"

static struct timer *timer_at(const struct engine *e, uint32_t place)
{
    return (struct timer *)arena_at(e, e->timers_offset + (uint64_t)place * sizeof(struct timer));
}
static bool timer_before(const struct timer *a, const struct timer *b)
{
    if (a->due_ns != b->due_ns) return a->due_ns < b->due_ns;
    return a->id != b->id ? a->id < b->id : a->route == 0 && b->route != 0;
}
static void timer_put(struct engine *e, uint32_t place, struct timer t)
{
    *timer_at(e, place) = t;
    if (LIKELY(t.route == 0))
        order_at(e, t.order)->timer = place;
    else
        route_at(e, t.route)->timer = place;
}

static void timer_rise(struct engine *e, uint32_t place, struct timer t)
{
    for (; place > 1 && timer_before(&t, timer_at(e, place / 2)); place /= 2)
        timer_put(e, place, *timer_at(e, place / 2));
    timer_put(e, place, t);
}
static void timer_sink(struct engine *e, uint32_t place, struct timer t)
{
    for (;;) {
        uint32_t child = place * 2;
        if (child > e->timers_count) break;
        if (child < e->timers_count && timer_before(timer_at(e, child + 1), timer_at(e, child))) child++;
        if (!timer_before(timer_at(e, child), &t)) break;
        timer_put(e, place, *timer_at(e, child));
        place = child;
    }
    timer_put(e, place, t);
}

int64_t engine_next_due_ns(const struct engine *e)
{
    return e->timers_count == 0 ? INT64_MAX : timer_at(e, 1)->due_ns;
}

void timer_add(struct engine *e, uint32_t o, int64_t due_ns)
{
    timer_rise(e, ++e->timers_count, (struct timer){.due_ns = due_ns, .id = order_at(e, o)->id, .order = o});
}

void timer_add_route(struct engine *e, uint32_t route, int64_t due_ns)
{
    e->route_timers++;
    timer_rise(e, ++e->timers_count, (struct timer){.due_ns = due_ns, .id = route_at(e, route)->id, .route = route});
}

static void place_remove(struct engine *e, uint32_t place)
{
    struct timer last = *timer_at(e, e->timers_count--);
    if (place == e->timers_count + 1) return;
    if (place > 1 && timer_before(&last, timer_at(e, place / 2)))
        timer_rise(e, place, last);
    else
        timer_sink(e, place, last);
}

void timer_remove(struct engine *e, uint32_t o)
{
    uint32_t place = order_at(e, o)->timer;
    assert(place != 0 && timer_at(e, place)->order == o);
    order_at(e, o)->timer = 0;
    place_remove(e, place);
}

void timer_remove_route(struct engine *e, uint32_t route)
{
    uint32_t place = route_at(e, route)->timer;
    assert(place != 0 && timer_at(e, place)->route == route);
    route_at(e, route)->timer = 0;
    e->route_timers--;
    place_remove(e, place);
}

static bool decides(const struct engine *e, const struct timer *t)
{
    return t->route != 0 && route_waits(route_at(e, t->route));
}

/* An order at a broker is not gone by its time: its end is asked for, and its expiry is over. */
static void order_expires(struct turn *t, uint32_t order)
{
    struct order *o = order_at(t->engine, order);
    if (o->phase == ORDER_PHASE_AT_BROKER) {
        timer_remove(t->engine, order);
        order_touch(t->engine, o);
        o->expires_ns = 0;
    }
    order_cancel(t, order, EVENT_EXPIRED, 0);
}

void timers_fire(struct turn *t)
{
    struct engine *e = t->engine;
    for (uint32_t fired = 0; fired < e->limits.work_max && engine_next_due_ns(e) <= e->now_ns; fired++) {
        struct timer first = *timer_at(e, 1);
        /* While a sweep is pending nothing joins a queue. */
        if (decides(e, &first) && (e->sweep.kind != SWEEP_NONE || !turn_has_work(t))) return;
        if (first.route != 0)
            route_timer(t, first.route);
        else
            order_expires(t, first.order);
    }
}

/* Whether one at `place` or below is due and decides. */
static bool decision_due(const struct engine *e, uint32_t place, int64_t ts_ns)
{
    if (place > e->timers_count || timer_at(e, place)->due_ns > ts_ns) return false;
    return decides(e, timer_at(e, place)) || decision_due(e, place * 2, ts_ns) || decision_due(e, place * 2 + 1, ts_ns);
}

bool timers_decide(const struct engine *e, int64_t ts_ns)
{
    return e->wait_first != 0 && decision_due(e, 1, ts_ns);
}

/* Heap places due by ts_ns below `place`, counted up to one more than `limit`. Depth is log2 of the timers. */
static uint32_t timers_due(const struct engine *e, uint32_t place, int64_t ts_ns, uint32_t limit)
{
    if (place > e->timers_count || timer_at(e, place)->due_ns > ts_ns) return 0;
    uint32_t count = 1;
    if (count <= limit) count += timers_due(e, place * 2, ts_ns, limit - count);
    if (count <= limit) count += timers_due(e, place * 2 + 1, ts_ns, limit - count);
    return count;
}

bool timers_exceed(const struct engine *e, int64_t ts_ns, uint32_t count)
{
    return e->timers_count > count && timers_due(e, 1, ts_ns, count) > count;
}
