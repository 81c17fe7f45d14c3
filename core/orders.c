/* core/orders.c - the life of an order: accepted, stored, put to work, made smaller, ended.
 * What must stay true: after "it cannot fail" nothing is refused; open and closing sums, holds and lists agree with the orders at the end
 * of every turn. A plain order that trades at once never enters the pool; whatever waits, or has more than a price, does. */
#include "core/book.h"
#include "core/engine_parts.h"

/* On a plain order's way: inlined where this file calls them, whatever else calls them from outside. */
#define HOT inline __attribute__((always_inline))

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

/* Sums. */

HOT bool order_is_held(const struct engine *e, const struct order *o)
{
    if (LIKELY(o->extra == 0) || o->position == 0) return false;
    if (o->phase == ORDER_PHASE_WAITING) return true;
    const struct order_extra *x = order_extra_at(e, o->extra);
    return (x->link == LINK_OCO && x->member == 1) || (x->link == LINK_BRACKET && x->member == 2);
}

HOT void order_occupy(struct engine *e, const struct order *o)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    p->open[o->side - 1] += o->leaves;
    p->closing[o->side - 1] += o->closing_leaves;
    b->reserved += o->hold;
}

/* None of these sums is in the digest. */
HOT void order_release(struct engine *e, struct order *o)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    p->open[o->side - 1] -= o->leaves;
    p->closing[o->side - 1] -= o->closing_leaves;
    b->reserved -= o->hold;
}

/* What a unit of it is worth to its hold; 0: it holds nothing. */
static int64_t hold_unit(const struct engine *e, const struct order *o)
{
    if (o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT) return o->price;
    return o->extra == 0 ? 0 : order_extra_at(e, o->extra)->hold_price;
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

/* A taker outside the pool is in no digest. */
static void order_touch_if_stored(struct engine *e, struct order *o)
{
    if ((uintptr_t)o - (uintptr_t)e < e->bytes) order_touch(e, o);
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

uint32_t order_store(struct engine *e, const struct order *from, const struct order_extra *extra,
                     const char *client_order_id)
{
    uint32_t index = pool_take(e, &e->orders);
    struct order *o = order_at(e, index);
    *o = *from;
    o->level = o->extra = o->client_order_id = o->timer = 0;
    if (o->client_order_id_len != 0) {
        o->client_order_id = pool_take(e, &e->client_ids);
        memcpy(client_id_cell_at(e, o->client_order_id)->bytes, client_order_id, CLIENT_ORDER_ID_BYTES_MAX);
    }
    struct account *a = account_at(e, o->account);
    orders_index_add(e, index);
    account_list_add(e, a, index);
    instrument_at(e, o->instrument)->orders_count++;
    if (UNLIKELY(o->stp != 0)) a->stp_orders++;
    if (o->tif == TIF_GTD) timer_add(e, index, o->expires_ns);
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

/* Drops a position that has nothing but zeros and that no open order needs. */
static void position_release(struct engine *e, uint32_t index)
{
    struct position *p = position_at(e, index);
    if (p->key == 0) return; /* a trade with oneself: the maker has taken it along */
    if (p->quantity != 0 || p->cost != 0 || p->realized != 0 || p->open[0] != 0 || p->open[1] != 0) return;
    if (p->held != 0 || p->account == e->quote_account) return;
    assert(p->closing[0] == 0 && p->closing[1] == 0 && p->reduce_count == 0);
    position_untouch(e, p);
    positions_index_remove(e, index);
    pool_give(e, &e->positions, index);
}

static void order_extra_drop(struct engine *e, uint32_t index)
{
    struct order *o = order_at(e, index);
    struct order_extra *x = order_extra_at(e, o->extra);
    order_untrail(e, o);
    if (o->flags & PLACE_REDUCE_ONLY) reduce_list_remove(e, index);
    if (in_session_list(o)) session_list_remove(e, index);
    if (x->follow != 0) follow_remove(e, index);
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
    if (UNLIKELY(o->stp != 0)) a->stp_orders--;
    orders_index_remove(e, index);
    if (o->client_order_id != 0) pool_give(e, &e->client_ids, o->client_order_id);
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

/* Events. */

static HOT void client_order_id_copy(char room[CLIENT_ORDER_ID_BYTES_MAX], struct text id)
{
    memset(room, 0, CLIENT_ORDER_ID_BYTES_MAX);
    if (id.len_bytes != 0) memcpy(room, id.bytes, id.len_bytes);
}

/* What a PLACED and a REJECTED say alike, and nothing of what only some orders have. */
static HOT void terms_write(struct order_terms *terms, const struct command_place *p)
{
    terms->account = p->account;
    terms->symbol = p->symbol;
    terms->expires_ns = p->expires_ns;
    terms->stop_price = terms->display_quantity = terms->trail = 0;
    terms->gtt_id = 0;
    terms->leverage = 0;
    terms->stop_price_scale = terms->display_scale = terms->trail_scale = DECIMAL_ABSENT;
    terms->side = p->side;
    terms->type = p->type;
    terms->tif = p->tif;
    terms->flags = p->flags;
    terms->stp = p->stp;
    terms->venue = terms->phase = terms->link = terms->member = terms->activation = 0;
    struct text id = p->client_order_id;
    if (id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) id.len_bytes = CLIENT_ORDER_ID_BYTES_MAX; /* it is refused for that */
    terms->client_order_id_len = (uint8_t)id.len_bytes;
    client_order_id_copy(terms->client_order_id, id);
}

static void decimal_write(struct decimal d, int64_t *mantissa, uint8_t *scale)
{
    *mantissa = decimal_given(d) ? d.mantissa : 0;
    *scale = d.scale;
}

void place_reject(struct turn *t, const struct command *c, const struct command_place *asked)
{
    struct event_rejected *ev = &turn_event(t, EVENT_REJECTED)->rejected;
    t->refused = true;
    ev->order_id = c->seq << ORDER_INDEX_BITS;
    ev->refusal = t->refusal;
    ev->command_kind = c->kind;
    terms_write(&ev->terms, asked);
    decimal_write(asked->price, &ev->terms.price, &ev->terms.price_scale);
    decimal_write(asked->quantity, &ev->terms.quantity, &ev->terms.quantity_scale);
    decimal_write(asked->stop_price, &ev->terms.stop_price, &ev->terms.stop_price_scale);
    decimal_write(asked->display_quantity, &ev->terms.display_quantity, &ev->terms.display_scale);
    decimal_write(asked->trail, &ev->terms.trail, &ev->terms.trail_scale);
    if (c->kind != COMMAND_PLACE_LINKED) return;
    ev->terms.link = c->place_linked.link;
    ev->terms.activation = c->place_linked.activation;
}

static __attribute__((noinline)) void terms_extra(struct order_terms *terms, const struct instrument *i,
                                                  const struct order_extra *x)
{
    if (x->stop_price != 0) {
        terms->stop_price = x->stop_price;
        terms->stop_price_scale = i->price_scale;
    }
    if (x->display_quantity != 0) {
        terms->display_quantity = x->display_quantity;
        terms->display_scale = i->quantity_scale;
    }
    if (x->trail != 0) {
        terms->trail = x->trail;
        terms->trail_scale = terms->flags & PLACE_TRAIL_PERCENT ? 4 : i->price_scale;
    }
    terms->leverage = x->leverage;
    terms->venue = x->venue;
    terms->link = x->link;
    terms->member = x->member;
    terms->activation = x->activation;
}

HOT void placed_event(struct turn *t, const struct ticket *k, const struct order *o, uint64_t gtt_id)
{
    const struct instrument *i = k->instrument;
    struct event_placed *ev = &turn_event(t, EVENT_PLACED)->placed;
    ev->order_id = o->id;
    ev->hold = o->hold;
    struct order_terms *terms = &ev->terms;
    terms_write(terms, k->asked);
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    terms->price = limit ? o->price : 0;
    terms->price_scale = limit ? i->price_scale : DECIMAL_ABSENT;
    terms->quantity = o->quantity;
    terms->quantity_scale = i->quantity_scale;
    terms->expires_ns = o->expires_ns;
    terms->gtt_id = gtt_id;
    terms->side = o->side;
    terms->type = o->type;
    terms->tif = o->tif;
    terms->flags = o->flags;
    terms->stp = o->stp;
    terms->phase = o->phase;
    if (UNLIKELY(o->extra != 0)) terms_extra(terms, i, order_extra_at(t->engine, o->extra));
    ev->currency_scale = i->currency_scale;
}

static void cancelled_event(struct turn *t, const struct order *o, enum event_kind kind, enum cancel_reason reason,
                            enum reject reject)
{
    struct event_cancelled *ev = &turn_event(t, kind)->cancelled;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = instrument_at(t->engine, o->instrument)->symbol;
    ev->leaves = o->leaves;
    ev->reject = (uint16_t)reject;
    ev->reason = (uint8_t)reason;
    ev->side = o->side;
    ev->quantity_scale = instrument_at(t->engine, o->instrument)->quantity_scale;
}

static void reduced_event(struct turn *t, const struct order *o, enum cancel_reason reason)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_reduced *ev = &turn_event(t, EVENT_REDUCED)->reduced;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->quantity = o->quantity;
    ev->leaves = o->leaves;
    ev->hold = o->hold;
    ev->side = o->side;
    ev->reason = (uint8_t)reason;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
}

static void displayed_event(struct turn *t, const struct order *o)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_displayed *ev = &turn_event(t, EVENT_DISPLAYED)->displayed;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->shown = order_extra_at(t->engine, o->extra)->shown;
    ev->side = o->side;
    ev->quantity_scale = i->quantity_scale;
}

/* Icebergs. */

static void shown_set(struct engine *e, struct order *o, int64_t shown)
{
    struct order_extra *x = order_extra_at(e, o->extra);
    if (o->level != 0) level_at(e, o->level)->hidden += x->shown - shown;
    x->shown = shown;
}
static int64_t shown_full(const struct engine *e, const struct order *o)
{
    int64_t display = order_extra_at(e, o->extra)->display_quantity;
    return display < o->leaves ? display : o->leaves;
}

void order_show(struct turn *t, uint32_t index)
{
    struct order *o = order_at(t->engine, index);
    if (LIKELY(o->extra == 0)) return;
    const struct order_extra *x = order_extra_at(t->engine, o->extra);
    if (x->display_quantity == 0 || x->shown == shown_full(t->engine, o)) return;
    order_touch(t->engine, o);
    shown_set(t->engine, o, shown_full(t->engine, o));
    displayed_event(t, o);
}

void order_refill(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    if (UNLIKELY(e->sweep.kind != SWEEP_NONE) && e->sweep.account_id == 0) sweep_order_leaves(e, index);
    order_reprioritize(e, index);
    book_level_end(e, index);
    shown_set(e, o, shown_full(e, o));
    displayed_event(t, o);
}

/* Joins the queue of its phase; an iceberg that comes to rest in the book says what it shows. */
static void order_rest(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    bool shows = o->extra != 0 && o->phase == ORDER_PHASE_RESTING && order_extra_at(e, o->extra)->display_quantity != 0;
    if (shows) {
        order_touch(e, o);
        order_extra_at(e, o->extra)->shown = shown_full(e, o);
    }
    order_join(e, index);
    if (shows) displayed_event(t, o);
}

/* Smaller, and ended. */

void order_shrink(struct engine *e, struct order *o, int64_t by)
{
    assert(by > 0 && by < o->leaves);
    order_touch_if_stored(e, o);
    int64_t opening = o->leaves - o->closing_leaves, closing = by > opening ? by - opening : 0;
    if (!order_is_held(e, o)) {
        struct position *p = position_at(e, o->position);
        p->open[o->side - 1] -= by;
        p->closing[o->side - 1] -= closing;
    }
    if (o->level != 0) level_at(e, o->level)->quantity -= by;
    o->quantity -= by;
    o->leaves -= by;
    o->closing_leaves -= closing;
    if (UNLIKELY(o->extra != 0)) {
        struct order_extra *x = order_extra_at(e, o->extra);
        if (o->level != 0 && x->display_quantity != 0) {
            level_at(e, o->level)->hidden -= by;
            if (x->shown > o->leaves) shown_set(e, o, o->leaves);
        }
    }
    order_hold_anew(e, o);
}

void order_reduced(struct turn *t, struct order *o, int64_t by, enum cancel_reason reason)
{
    order_shrink(t->engine, o, by);
    reduced_event(t, o, reason);
    if (reason != CANCEL_REASON_SELF_TRADE || LIKELY(o->extra == 0)) return;
    uint32_t other = order_extra_at(t->engine, o->extra)->link == 0 ? 0 : links_other(t->engine, o);
    if (other != 0) order_reduce(t, other, by, CANCEL_REASON_OCO);
}

void order_reduce(struct turn *t, uint32_t index, int64_t by, enum cancel_reason reason)
{
    struct order *o = order_at(t->engine, index);
    if (reason != CANCEL_REASON_SELF_TRADE) t->used++;
    if (by == o->leaves)
        order_end(t, index, EVENT_CANCELLED, reason, 0);
    else
        order_reduced(t, o, by, reason);
}

void order_end(struct turn *t, uint32_t index, enum event_kind kind, enum cancel_reason reason, enum reject reject)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    if (UNLIKELY(o->flags & PLACE_GTT)) {
        gtt_end(t, index, kind == EVENT_EXPIRED ? GTT_STATUS_EXPIRED : GTT_STATUS_CANCELLED);
        return;
    }
    bool linked = o->extra != 0 && order_extra_at(e, o->extra)->link != 0;
    struct links_end end;
    if (UNLIKELY(linked)) end = links_ending(e, o, reason);
    cancelled_event(t, o, kind, reason, reject);
    if (!order_is_held(e, o)) order_release(e, o);
    order_remove(e, index);
    if (UNLIKELY(linked)) links_ended(t, &end);
}

void apply_cancel(struct turn *t, const struct command *c)
{
    uint32_t o = c->cancel.order_id == 0 ? 0 : order_find(t->engine, c->cancel.order_id);
    if (o == 0 || UNLIKELY(order_at(t->engine, o)->flags & PLACE_GTT)) {
        refuse(t, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
        turn_reject(t, c, c->cancel.order_id);
        return;
    }
    order_end(t, o, EVENT_CANCELLED, CANCEL_REASON_REQUESTED, 0);
}

/* At work. */

/* Why an order ends before it trades: FOK, or less than its minimum to be had. 0: it does not. */
static enum cancel_reason unfillable(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound,
                                     int64_t min_quantity)
{
    uint64_t orders;
    if (o->tif == TIF_FOK) {
        if (!match_reaches(e, i, o, bound, o->leaves, &orders)) return CANCEL_REASON_FOK_UNFILLED;
        if (orders > e->limits.work_max) return CANCEL_REASON_WORK_LIMIT;
    }
    return min_quantity == 0 || match_reaches(e, i, o, bound, min_quantity, &orders) ? 0 : CANCEL_REASON_MIN_QUANTITY;
}

/* What the leaves of an order that has just traded become: a resting order (0), or nothing with a reason. */
static enum cancel_reason leaves_judge(const struct order *o, enum match_end end)
{
    if (UNLIKELY(end != MATCH_DONE)) return match_end_reason(end);
    if (o->type == ORDER_TYPE_MARKET) return CANCEL_REASON_MARKET_REMAINDER;
    if (o->tif == TIF_FOK) return CANCEL_REASON_FOK_UNFILLED;
    return o->tif == TIF_IOC ? CANCEL_REASON_IOC_REMAINDER : 0;
}

/* An order in no queue trades at the book; the rest rests or ends. */
static void order_aggress(struct turn *t, uint32_t index, int64_t bound, int64_t most)
{
    struct order *o = order_at(t->engine, index);
    order_touch(t->engine, o);
    enum match_end end = match(t, instrument_at(t->engine, o->instrument), o, bound, most);
    if (o->leaves == 0) {
        order_remove(t->engine, index);
        return;
    }
    enum cancel_reason ends = leaves_judge(o, end);
    if (ends != 0)
        order_end(t, index, EVENT_CANCELLED, ends, 0);
    else
        order_rest(t, index);
}

void order_work(struct turn *t, uint32_t index, int64_t most)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, o->instrument);
    turn_at(t, o->instrument);
    if (i->state != INSTRUMENT_STATE_CONTINUOUS) {
        order_rest(t, index);
        return;
    }
    switch (o->phase) {
    case ORDER_PHASE_RESTING: break;
    case ORDER_PHASE_AT_QUOTE: quote_work(t, index); return;
    case ORDER_PHASE_ALL_OR_NONE: all_or_none_work(t, index); return;
    default: order_join(e, index); return;
    }
    order_aggress(t, index, o->type == ORDER_TYPE_MARKET ? market_bound(e, i, o->side) : o->price, most);
}

/* Accepted. */

static __attribute__((noinline)) void quote_make_room(struct engine *e, uint32_t instrument)
{
    uint32_t currency = instrument_at(e, instrument)->currency;
    if (position_find(e, e->quote_account, instrument) != 0) return;
    uint32_t balance = balance_find(e, e->quote_account, currency);
    if (balance == 0) balance = balance_make(e, e->quote_account, currency);
    position_make(e, e->quote_account, instrument, balance);
}

HOT void ticket_make_room(struct engine *e, struct ticket *k)
{
    uint32_t currency = k->instrument->currency;
    if (k->balance == 0) k->balance = balance_make(e, k->account_index, currency);
    struct currency *money = currency_at(e, currency);
    if (money->fees_balance == 0) {
        money->fees_balance = balance_find(e, e->fees_account, currency);
        if (money->fees_balance == 0) money->fees_balance = balance_make(e, e->fees_account, currency);
    }
    if (k->position == 0) k->position = position_make(e, k->account_index, k->instrument_index, k->balance);
    if (UNLIKELY(k->venue != 0)) quote_make_room(e, k->instrument_index);
    if (UNLIKELY(k->account->special)) rate_take(e, k->account);
}

/* Where a ticket's order will wait, if it does. */
static uint8_t phase_of(const struct ticket *k)
{
    const struct command_place *p = k->asked;
    if (p->type == ORDER_TYPE_STOP || p->type == ORDER_TYPE_STOP_LIMIT) return ORDER_PHASE_PENDING_TRIGGER;
    if (p->tif == TIF_ON_CLOSE && k->instrument->state != INSTRUMENT_STATE_AUCTION) return ORDER_PHASE_PARKED;
    if (k->venue != 0) return ORDER_PHASE_AT_QUOTE;
    return p->flags & PLACE_ALL_OR_NONE ? ORDER_PHASE_ALL_OR_NONE : ORDER_PHASE_RESTING;
}

/* A plain order has no extra. */
static bool extra_of(const struct ticket *k, struct order_extra *x)
{
    const struct command_place *p = k->asked;
    if (LIKELY((k->stop_price | k->trail | k->display_quantity | k->hold_price | k->leverage | k->venue) == 0 &&
               !(p->flags & PLACE_REDUCE_ONLY) && p->tif != TIF_ON_OPEN && p->tif != TIF_ON_CLOSE))
        return false;
    *x = (struct order_extra){.stop_price = k->stop_price,
                              .trail = k->trail,
                              .display_quantity = k->display_quantity,
                              .hold_price = k->hold_price,
                              .leverage = k->leverage,
                              .venue = k->venue};
    if (k->stop_price != 0) x->direction = p->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    return true;
}

/* An order that is not in the pool trades; what is left of it is stored or ends. */
static HOT void execute_plain(struct turn *t, struct ticket *k, struct order *o)
{
    struct engine *e = t->engine;
    enum cancel_reason ends = 0;
    if (LIKELY(k->instrument->state == INSTRUMENT_STATE_CONTINUOUS)) {
        if (UNLIKELY(o->tif == TIF_FOK || k->min_quantity != 0))
            ends = unfillable(e, k->instrument, o, k->bound, k->min_quantity);
        if (ends == 0) {
            enum match_end end = match(t, k->instrument, o, k->bound, o->leaves);
            if (o->leaves > 0) ends = leaves_judge(o, end);
        }
    }
    if (o->leaves > 0 && ends == 0) {
        char client_order_id[CLIENT_ORDER_ID_BYTES_MAX];
        if (o->client_order_id_len != 0) client_order_id_copy(client_order_id, k->asked->client_order_id);
        book_join(e, k->instrument, order_store(e, o, NULL, client_order_id));
        return;
    }
    if (o->leaves > 0) {
        cancelled_event(t, o, EVENT_CANCELLED, ends, 0);
        order_release(e, o);
    }
    position_release(e, o->position);
}

static __attribute__((noinline)) void execute_stored(struct turn *t, struct ticket *k, const struct order *from,
                                                     const struct order_extra *x, uint64_t gtt_id)
{
    struct engine *e = t->engine;
    char client_order_id[CLIENT_ORDER_ID_BYTES_MAX];
    client_order_id_copy(client_order_id, k->asked->client_order_id);
    uint32_t index = order_store(e, from, x, client_order_id);
    struct order *o = order_at(e, index);
    placed_event(t, k, o, gtt_id);
    enum cancel_reason ends = 0;
    if (o->phase == ORDER_PHASE_RESTING && k->instrument->state == INSTRUMENT_STATE_CONTINUOUS)
        ends = unfillable(e, k->instrument, o, k->bound, k->min_quantity);
    if (ends != 0)
        order_end(t, index, EVENT_CANCELLED, ends, 0);
    else
        order_work(t, index, o->leaves);
}

HOT struct order ticket_order(struct engine *e, const struct ticket *k, uint64_t id)
{
    const struct command_place *p = k->asked;
    return (struct order){.id = id,
                          .price = k->price,
                          .leaves = k->quantity,
                          .priority = e->priority_next++,
                          .position = k->position,
                          .account = k->account_index,
                          .side = p->side,
                          .type = p->type,
                          .tif = p->tif,
                          .flags = p->flags,
                          .stp = k->stp,
                          .client_order_id_len = (uint8_t)p->client_order_id.len_bytes,
                          .hold = k->hold,
                          .closing_leaves = k->closing,
                          .quantity = k->quantity,
                          .created_ns = e->now_ns,
                          .updated_ns = e->now_ns,
                          .expires_ns = p->expires_ns,
                          .instrument = k->instrument_index};
}

HOT void place_execute(struct turn *t, struct ticket *k, uint64_t id, uint64_t gtt_id, uint8_t flags)
{
    struct engine *e = t->engine;
    struct order o = ticket_order(e, k, id);
    struct order_extra x;
    turn_at(t, k->instrument_index);
    o.flags |= flags;
    o.phase = phase_of(k);
    order_occupy(e, &o);
    bool extra = extra_of(k, &x);
    if (UNLIKELY(extra || o.phase != ORDER_PHASE_RESTING)) {
        execute_stored(t, k, &o, extra ? &x : NULL, gtt_id);
        return;
    }
    placed_event(t, k, &o, gtt_id);
    execute_plain(t, k, &o);
}

void apply_place(struct turn *t, const struct command *c)
{
    struct ticket k;
    k.asked = &c->place;
    k.orders = 1;
    k.other_hold_price = 0;
    if (judge_place(t, &k) != 0) {
        place_reject(t, c, &c->place);
        return;
    }
    /* From here on it cannot fail. */
    ticket_make_room(t->engine, &k);
    place_execute(t, &k, c->seq << ORDER_INDEX_BITS, 0, 0);
}
