/* core/timers.c - when GTD orders and GTTs expire: a binary heap by (due, order id), each order knowing its place in it.
 * What must stay true: places are 1..timers_count; a parent is never after its children; order.timer is its place, 0 without. */
#include "core/engine_parts.h"

static struct timer *timer_at(const struct engine *e, uint32_t place)
{
    return (struct timer *)arena_at(e, e->timers_offset + (uint64_t)place * sizeof(struct timer));
}
static bool timer_before(const struct timer *a, const struct timer *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->id < b->id;
}
static void timer_put(struct engine *e, uint32_t place, struct timer t)
{
    *timer_at(e, place) = t;
    order_at(e, t.order)->timer = place;
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
    assert(e->timers_count < e->limits.timers_max);
    timer_rise(e, ++e->timers_count, (struct timer){.due_ns = due_ns, .id = order_at(e, o)->id, .order = o});
}

void timer_remove(struct engine *e, uint32_t o)
{
    uint32_t place = order_at(e, o)->timer;
    assert(place != 0 && timer_at(e, place)->order == o);
    order_at(e, o)->timer = 0;
    struct timer last = *timer_at(e, e->timers_count--);
    if (last.order == o) return;
    if (place > 1 && timer_before(&last, timer_at(e, place / 2)))
        timer_rise(e, place, last);
    else
        timer_sink(e, place, last);
}

void timers_fire(struct turn *t)
{
    struct engine *e = t->engine;
    for (uint32_t fired = 0; fired < e->limits.work_max && engine_next_due_ns(e) <= e->now_ns; fired++)
        order_end(t, timer_at(e, 1)->order, EVENT_EXPIRED, 0, 0);
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
