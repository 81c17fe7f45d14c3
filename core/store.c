/* core/store.c - orders in the arena: the pool, the lists and queues they are in, what they hold.
 * What must stay true: an order that is stored is in its account's list and its instrument's and account's counts, in the lists of
 * its kind (trailing, reduce-only, session), and in the queue of its phase once it has joined it; what is removed is in none. */
#include "core/desk_parts.h"

/* Lists by priority or age that run through the orders' extras. LIST(name): struct order_extra has name_next and name_prev. */
#define LIST(name)                                                                                                     \
    static void name##_unlink(struct engine *e, uint32_t *first, uint32_t *last, uint32_t o)                           \
    {                                                                                                                  \
        struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);                                              \
        if (x->name##_prev != 0)                                                                                       \
            order_extra_at(e, order_at(e, x->name##_prev)->extra)->name##_next = x->name##_next;                       \
        else                                                                                                           \
            *first = x->name##_next;                                                                                   \
        if (x->name##_next != 0)                                                                                       \
            order_extra_at(e, order_at(e, x->name##_next)->extra)->name##_prev = x->name##_prev;                       \
        else if (last != NULL)                                                                                         \
            *last = x->name##_prev;                                                                                    \
        x->name##_next = x->name##_prev = 0;                                                                           \
    }                                                                                                                  \
    static void name##_link(struct engine *e, uint32_t *first, uint32_t *last, uint32_t o, uint32_t before)            \
    {                                                                                                                  \
        struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);                                              \
        struct order_extra *left = before == 0 ? NULL : order_extra_at(e, order_at(e, before)->extra);                 \
        x->name##_prev = before;                                                                                       \
        x->name##_next = left == NULL ? *first : left->name##_next;                                                    \
        if (left != NULL)                                                                                              \
            left->name##_next = o;                                                                                     \
        else                                                                                                           \
            *first = o;                                                                                                \
        if (x->name##_next != 0)                                                                                       \
            order_extra_at(e, order_at(e, x->name##_next)->extra)->name##_prev = o;                                    \
        else if (last != NULL)                                                                                         \
            *last = o;                                                                                                 \
    }
LIST(trail)
LIST(reduce)
LIST(session)
#undef LIST

static bool in_session_list(const struct order *o)
{
    return o->tif == TIF_ON_OPEN || o->tif == TIF_ON_CLOSE;
}

static void trail_list_add(struct engine *e, uint32_t o)
{
    struct instrument *i = instrument_at(e, order_at(e, o)->instrument);
    trail_link(e, &i->trail_first, &i->trail_last, o, i->trail_last);
    i->trail_count++;
}
void order_untrail(struct engine *e, struct order *o)
{
    if (order_extra_at(e, o->extra)->trail == 0) return;
    struct instrument *i = instrument_at(e, o->instrument);
    trail_unlink(e, &i->trail_first, &i->trail_last, order_index(e, o));
    i->trail_count--;
}
static void session_list_add(struct engine *e, uint32_t o)
{
    struct instrument *i = instrument_at(e, order_at(e, o)->instrument);
    session_link(e, &i->session_first, &i->session_last, o, i->session_last);
}
static void session_list_remove(struct engine *e, uint32_t o)
{
    struct instrument *i = instrument_at(e, order_at(e, o)->instrument);
    session_unlink(e, &i->session_first, &i->session_last, o);
}
/* By acceptance, which is the order of ids; an import brings them by priority. */
static void reduce_list_add(struct engine *e, uint32_t o)
{
    struct position *p = position_at(e, order_at(e, o)->position);
    uint32_t before = 0;
    for (uint32_t at = p->reduce_first; at != 0 && order_at(e, at)->id < order_at(e, o)->id;
         at = order_extra_at(e, order_at(e, at)->extra)->reduce_next)
        before = at;
    reduce_link(e, &p->reduce_first, NULL, o, before);
    p->reduce_count++;
}
static void reduce_list_remove(struct engine *e, uint32_t o)
{
    struct position *p = position_at(e, order_at(e, o)->position);
    reduce_unlink(e, &p->reduce_first, NULL, o);
    p->reduce_count--;
}

static void account_list_add(struct engine *e, struct account *a, uint32_t index)
{
    struct order *o = order_at(e, index);
    o->account_next = 0;
    o->account_prev = a->orders_last;
    if (a->orders_last != 0)
        order_at(e, a->orders_last)->account_next = index;
    else
        a->orders_first = index;
    a->orders_last = index;
    a->orders_count++;
}
static void account_list_remove(struct engine *e, struct account *a, const struct order *o)
{
    if (o->account_prev != 0)
        order_at(e, o->account_prev)->account_next = o->account_next;
    else
        a->orders_first = o->account_next;
    if (o->account_next != 0)
        order_at(e, o->account_next)->account_prev = o->account_prev;
    else
        a->orders_last = o->account_prev;
    a->orders_count--;
}

/* Holds. */

/* What a unit of it is worth to its hold; 0: it holds nothing. */
static int64_t hold_unit(const struct engine *e, const struct order *o)
{
    bool limit = type_has_limit(o->type);
    if (LIKELY(o->extra == 0)) return limit ? o->price : 0;
    int64_t hold_price =
        order_extra_at(e, o->extra)->hold_price; /* a limit order's: while its broker may take a dearer price */
    return limit && o->price > hold_price ? o->price : hold_price;
}

/* Of an OCO pair: what the dearer of both needs; once one is a MARKET order by its trigger, nothing. */
i128 order_hold_as(const struct engine *e, const struct order *o, const struct order_as *as)
{
    const struct account *a = account_at(e, o->account);
    const struct instrument *i = instrument_at(e, o->instrument);
    if (a->type == ACCOUNT_TYPE_HOUSE || as->opening == 0) return 0;
    uint32_t leverage = 0;
    const struct order *other = NULL;
    if (UNLIKELY(o->extra != 0)) {
        const struct order_extra *x = order_extra_at(e, o->extra);
        uint32_t index = x->link == 0 ? 0 : links_other(e, o);
        if (index != 0) other = order_at(e, index);
        leverage = x->leverage;
    }
    if (other != NULL && (o->type == ORDER_TYPE_MARKET || other->type == ORDER_TYPE_MARKET)) return 0;
    if (leverage == 0) leverage = leverage_of(a, i);
    int64_t worst = fee_rate_worst(e, a, i);
    i128 hold = as->unit == 0 ? 0 : money_hold(notional_of(i, as->unit, as->opening), leverage, worst, o->fee_accrued);
    if (LIKELY(other == NULL)) return hold;
    i128 needs = money_hold(notional_of(i, hold_unit(e, other), as->opening), leverage, worst, other->fee_accrued);
    return needs > hold ? needs : hold;
}
i128 order_hold(const struct engine *e, const struct order *o)
{
    int64_t opening = o->leaves - o->closing_leaves;
    if (opening == 0 || order_is_held(e, o)) return 0;
    struct order_as as = {hold_unit(e, o), opening};
    return order_hold_as(e, o, &as);
}

void order_hold_anew(struct engine *e, struct order *o)
{
    i128 hold = order_hold(e, o);
    if (hold == o->hold) return;
    order_touch_if_stored(e, o);
    balance_at(e, position_at(e, o->position)->balance)->reserved += hold - o->hold;
    o->hold = hold;
}

/* Stored and removed. */

uint32_t order_store(struct engine *e, const struct order *from, const struct order_extra *extra)
{
    uint32_t index = pool_take(e, &e->orders);
    struct order *o = order_at(e, index);
    *o = *from;
    o->level = o->extra = o->timer = 0;
    if (o->client_order_id != 0) client_id_cell_at(e, o->client_order_id)->order = index;
    struct account *a = account_at(e, o->account);
    orders_index_add(e, index);
    account_list_add(e, a, index);
    instrument_at(e, o->instrument)->orders_count++;
    if (UNLIKELY(o->stp != 0)) more_of(e, a)->stp_orders++;
    if (o->tif == TIF_GTD && o->expires_ns != 0) timer_add(e, index, o->expires_ns);
    order_touch(e, o);
    if (LIKELY(extra == NULL)) return index;
    struct order_extra *x = order_extra_of(e, o);
    uint64_t key = x->key;
    *x = *extra;
    x->key = key;
    x->order = index;
    if (x->trail != 0 && o->phase == ORDER_PHASE_PENDING_TRIGGER) trail_list_add(e, index);
    if (o->flags & PLACE_REDUCE_ONLY) reduce_list_add(e, index);
    if (in_session_list(o)) session_list_add(e, index);
    if (order_is_held(e, o)) position_at(e, o->position)->held++;
    return index;
}

void position_release(struct engine *e, uint32_t index)
{
    struct position *p = position_at(e, index);
    if (p->key == 0) return; /* a trade with oneself: the maker has taken it along */
    if (p->quantity != 0 || p->cost != 0 || p->realized != 0 || p->open[0] != 0 || p->open[1] != 0) return;
    /* A reduce-only order that has just been filled takes it along itself. */
    if (p->held != 0 || p->reduce_count != 0 || is_venue_house(e, p->account)) return;
    assert(p->closing[0] == 0 && p->closing[1] == 0);
    position_drop(e, index);
}

static void order_extra_drop(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    struct order_extra *x = order_extra_at(e, o->extra);
    order_untrail(e, o);
    if (o->flags & PLACE_REDUCE_ONLY) reduce_list_remove(e, index);
    if (in_session_list(o)) session_list_remove(e, index);
    if (x->follow != 0) follow_remove(e, index);
    if (x->route != 0) route_order_left(e, o);
    if (order_is_held(e, o)) position_at(e, o->position)->held--;
    pool_give(e, &e->order_extras, o->extra);
    o->extra = 0;
}

void order_remove(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE)) sweep_order_leaves(e, index);
    order_untouch(e, o);
    struct instrument *i = instrument_at(e, o->instrument);
    if (o->level != 0) book_leave(e, i, index);
    i->orders_count--;
    if (o->timer != 0) timer_remove(e, index);
    struct account *a = account_at(e, o->account);
    account_list_remove(e, a, o);
    if (UNLIKELY(o->stp != 0)) more_of(e, a)->stp_orders--;
    orders_index_remove(e, index);
    if (o->client_order_id != 0) client_id_order_left(e, o->client_order_id);
    if (UNLIKELY(o->extra != 0)) order_extra_drop(e, index);
    if (o->position != 0) position_release(e, o->position);
    pool_give(e, &e->orders, index);
}

/* Queues. */

void order_join(struct engine *e, uint32_t index)
{
    const struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, o->instrument);
    switch (o->phase) {
    case ORDER_PHASE_RESTING: book_join(e, i, index); return;
    case ORDER_PHASE_PENDING_TRIGGER: {
        const struct order_extra *x = order_extra_at(e, o->extra);
        queue_join(e, i, index, TREE_TRIGGER, x->direction, x->stop_price);
        return;
    }
    case ORDER_PHASE_PARKED: queue_join(e, i, index, TREE_CLOSE, o->side, o->price); return;
    case ORDER_PHASE_AT_QUOTE: queue_join(e, i, index, TREE_QUOTE, o->side, o->price); return;
    case ORDER_PHASE_ALL_OR_NONE: queue_join(e, i, index, TREE_ALL_OR_NONE, o->side, o->price); return;
    case ORDER_PHASE_PENDING_ROUTE:
    case ORDER_PHASE_AT_BROKER: queue_join(e, i, index, TREE_DESK, o->side, DESK_PRICE); return;
    default: return; /* WAITING, DISABLED: in none */
    }
}

void order_leave(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    if (o->level == 0) return;
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE) && e->sweep.account_id == 0) sweep_order_leaves(e, index);
    book_leave(e, instrument_at(e, o->instrument), index);
}

void order_reprioritize(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    struct account *a = account_at(e, o->account);
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE) && e->sweep.account_id != 0) sweep_order_leaves(e, index);
    order_touch(e, o);
    o->priority = e->priority_next++;
    if (a->orders_last != index) {
        account_list_remove(e, a, o);
        account_list_add(e, a, index);
    }
    if (LIKELY(o->extra == 0)) return;
    if (order_extra_at(e, o->extra)->trail != 0) {
        order_untrail(e, o);
        trail_list_add(e, index);
    }
    if (in_session_list(o)) {
        session_list_remove(e, index);
        session_list_add(e, index);
    }
}
