/* core/place.c - PLACE: an order is refused, or accepted and executed.
 * What must stay true: after "it cannot fail" nothing is refused. A plain order that trades at once never enters the pool; whatever
 * waits, or has more than a price, does. */
#include "core/desk_parts.h"
#include "core/walk.h"

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

void place_reject(struct turn *t, const struct command *c, const struct command_place *asked, uint64_t order_id)
{
    struct event_rejected *ev = &turn_event(t, EVENT_REJECTED)->rejected;
    t->refused = true;
    ev->order_id = order_id;
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
    bool limit = type_has_limit(o->type);
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

/* The FOK walk for a part of it, which may be a part of a level: order by order, as many as could trade. */
static bool min_reached(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound,
                        int64_t min_quantity)
{
    uint8_t stp = o->stp == STP_DECREMENT ? STP_CANCEL_NEWEST : o->stp;
    struct taker_walk w = taker_walk_begin(e, i, o->side, bound, o->account, stp, min_quantity, e->limits.work_max);
    int64_t price, part;
    while (taker_walk_next(&w, &price, &part)) min_quantity -= part;
    return min_quantity == 0;
}

enum cancel_reason fok_unfillable(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound,
                                  uint64_t most)
{
    uint64_t orders;
    if (match_reaches(e, i, o, bound, most, &orders)) return 0;
    return orders > most ? CANCEL_REASON_WORK_LIMIT : CANCEL_REASON_FOK_UNFILLED;
}

/* Why an order ends before it trades: FOK, or less than its minimum to be had. 0: it does not. */
static enum cancel_reason unfillable(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound,
                                     int64_t min_quantity)
{
    enum cancel_reason no = o->tif == TIF_FOK ? fok_unfillable(e, i, o, bound, e->limits.work_max) : 0;
    if (no != 0) return no;
    return min_quantity == 0 || min_reached(e, i, o, bound, min_quantity) ? 0 : CANCEL_REASON_MIN_QUANTITY;
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
    if (UNLIKELY(k->venue != 0)) house_make_room(e, venue_house(e, k->venue), k->instrument_index);
    if (UNLIKELY(k->account->special)) rate_take(e, k->account);
}

void ticket_use_client_id(struct engine *e, struct ticket *k, uint64_t order_id)
{
    k->client_id = 0;
    if (k->asked->client_order_id.len_bytes == 0) return;
    k->client_id = client_id_use(e, k->account_index, order_id, k->asked->client_order_id);
}

/* Where a ticket's order will wait, if it does. */
static uint8_t phase_of(const struct ticket *k)
{
    const struct command_place *p = k->asked;
    if (venue_is_broker(k->venue)) return k->venue == VENUE_NONE ? ORDER_PHASE_PENDING_ROUTE : ORDER_PHASE_AT_BROKER;
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
    if (k->stop_price != 0 && !venue_is_broker(k->venue)) x->direction = p->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
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
        book_join(e, k->instrument, order_store(e, o, NULL));
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
    uint32_t index = order_store(e, from, x);
    struct order *o = order_at(e, index);
    placed_event(t, k, o, gtt_id);
    if (UNLIKELY(at_desk(o))) {
        route_begin(t, index, &k->route);
        order_join(e, index);
        return;
    }
    if (UNLIKELY(k->route.rule != 0)) routed_event_plain(t, o, &k->route);
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
                          .client_order_id = k->client_id,
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
    if (UNLIKELY(k->route.rule != 0)) routed_event_plain(t, &o, &k->route);
    execute_plain(t, k, &o);
}

void apply_place(struct turn *t, const struct command *c)
{
    struct ticket k;
    k.asked = &c->place;
    k.orders = 1;
    k.other_hold_price = 0;
    if (judge_place(t, &k) != 0) {
        place_reject(t, c, &c->place, c->seq << ORDER_INDEX_BITS);
        return;
    }
    /* From here on it cannot fail. */
    uint64_t id = c->seq << ORDER_INDEX_BITS;
    ticket_make_room(t->engine, &k);
    ticket_use_client_id(t->engine, &k, id);
    place_execute(t, &k, id, 0, 0);
}
