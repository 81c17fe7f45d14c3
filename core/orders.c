/* core/orders.c - place, modify, cancel: every refusal first, then the change.
 * What must stay true: the order of the checks is docs/ENGINE.md's; after "it cannot fail" nothing is refused; open and closing sums,
 * holds and lists agree with the orders at the end of every turn. */
#include "core/book.h"
#include "core/engine_parts.h"
#include "core/money.h"
#include "core/wide.h"

enum { PPM_ONE = 1000000 };

/* An order on its way in: what the command says, in the instrument's scales. */
struct ticket {
    const struct command_place *asked;
    struct account *account;
    struct instrument *instrument;
    uint32_t account_index, instrument_index, position, balance; /* position, balance: 0 when still to be made */
    int64_t price, quantity;
    int64_t bound;   /* the worst price it may trade at */
    int64_t closing; /* the part that only closes */
    i128 hold;
};

static i128 notional_of(const struct instrument *i, int64_t price, int64_t quantity)
{
    return money_notional(price, quantity, i->price_scale, i->quantity_scale, i->currency_scale);
}

static bool notional_above(const struct instrument *i, int64_t price, int64_t quantity, i128 limit)
{
    return notional_of(i, price, quantity) > limit;
}
static i128 notional_limit(const struct instrument *i)
{
    return i->max_notional == 0 ? NOTIONAL_MAX : i->max_notional;
}

/* The best price of a side; 0: none. */
static int64_t best_price(const struct engine *e, struct instrument *i, int side)
{
    uint32_t best = book_best(e, book_side(i, side));
    return best == 0 ? 0 : level_at(e, best)->price;
}

/* The highest price an order at `price` could trade at now. */
static int64_t price_highest(const struct engine *e, struct instrument *i, int side, int64_t price)
{
    int64_t bid = side == SIDE_SELL ? best_price(e, i, SIDE_BUY) : 0;
    return bid > price ? bid : price;
}

static enum reject price_judge(const struct instrument *i, struct decimal d, int64_t *price)
{
    if (!decimal_given(d)) return REJECT_PRICE_REQUIRED;
    if (d.scale > DECIMAL_SCALE_MAX) return REJECT_FIELD_INVALID;
    if (d.mantissa <= 0) return REJECT_PRICE_REQUIRED;
    switch (scale_decimal(d, i->price_scale, PRICE_MAX, price)) {
    case SCALE_GOOD: return i->tick != 1 && *price % i->tick != 0 ? REJECT_PRICE_OFF_TICK : 0;
    case SCALE_INEXACT: return REJECT_PRICE_OFF_TICK;
    case SCALE_TOO_LARGE: return REJECT_PRICE_TOO_LARGE;
    default: return REJECT_FIELD_INVALID;
    }
}

static enum reject quantity_scale_judge(const struct instrument *i, struct decimal d, int64_t *quantity)
{
    if (!decimal_given(d)) return REJECT_QUANTITY_NOT_POSITIVE;
    if (d.scale > DECIMAL_SCALE_MAX) return REJECT_FIELD_INVALID;
    if (d.mantissa <= 0) return REJECT_QUANTITY_NOT_POSITIVE;
    switch (scale_decimal(d, i->quantity_scale, QUANTITY_MAX, quantity)) {
    case SCALE_GOOD: return 0;
    case SCALE_INEXACT: return REJECT_QUANTITY_OFF_LOT;
    case SCALE_TOO_LARGE: return REJECT_QUANTITY_TOO_LARGE;
    default: return REJECT_FIELD_INVALID;
    }
}

static enum reject quantity_bounds_judge(const struct instrument *i, int64_t quantity)
{
    if (i->lot != 1 && quantity % i->lot != 0) return REJECT_QUANTITY_OFF_LOT;
    if (quantity < i->min_quantity) return REJECT_QUANTITY_TOO_SMALL;
    if (i->max_quantity != 0 && quantity > i->max_quantity) return REJECT_QUANTITY_TOO_LARGE;
    return 0;
}

static bool outside_collar(const struct instrument *i, int64_t price)
{
    if (i->collar_ppm == 0 || i->last_price == 0) return false;
    int64_t distance = price > i->last_price ? price - i->last_price : i->last_price - price;
    return (i128)distance * PPM_ONE > (i128)i->last_price * i->collar_ppm;
}

static bool would_cross(const struct engine *e, struct instrument *i, int side, int64_t price)
{
    int64_t other = best_price(e, i, side_opposite(side));
    return other != 0 && (side == SIDE_BUY ? other <= price : other >= price);
}

/* The worst price a MARKET order may trade at: the touch and the collar; without a collar, any. */
static int64_t market_bound(const struct engine *e, struct instrument *i, int side)
{
    int64_t touch = best_price(e, i, side_opposite(side));
    if (touch == 0 || i->collar_ppm == 0) return side == SIDE_BUY ? PRICE_MAX : 1;
    uint64_t rest;
    u128 reach = wide_div((u128)(uint64_t)touch * (uint64_t)i->collar_ppm, PPM_ONE, &rest);
    if (side == SIDE_BUY) return reach > (u128)(PRICE_MAX - touch) ? PRICE_MAX : touch + (int64_t)reach;
    return reach >= (u128)touch ? 1 : touch - (int64_t)reach; /* ceil(touch - x) = touch - floor(x) */
}

/* What a MARKET order could trade now. */
struct market_walk {
    int64_t quantity, highest;
    i128 notional;
};
static enum reject market_walk(const struct engine *e, struct instrument *i, const struct ticket *k,
                               struct market_walk *w)
{
    int other = side_opposite(k->asked->side);
    int64_t worst = book_key(other, k->bound);
    for (int pass = 0; pass < 2; pass++) {
        struct book_walk walk = book_walk_begin(e, book_side(i, other));
        int64_t left = k->quantity;
        for (uint32_t l; left > 0 && (l = book_walk_next(&walk)) != 0;) {
            const struct level *level = level_at(e, l);
            if (book_key(other, level->price) > worst) break;
            int64_t part = level->quantity < left ? level->quantity : left;
            left -= part;
            if (pass == 0)
                w->highest = level->price > w->highest ? level->price : w->highest;
            else
                w->notional += notional_of(i, level->price, part);
        }
        w->quantity = k->quantity - left;
        /* Bounded before it is summed. */
        if (w->highest != 0 && notional_above(i, w->highest, k->quantity, notional_limit(i)))
            return REJECT_NOTIONAL_TOO_LARGE;
    }
    return 0;
}

/* Shape: rules 1 to 3. */
static enum reject shape_judge(const struct command_place *p)
{
    if (p->side == 0 || p->side > SIDE_NUMBER_MAX || p->type == 0 || p->type > ORDER_TYPE_NUMBER_MAX || p->tif == 0 ||
        p->tif > TIF_NUMBER_MAX || p->stp > STP_NUMBER_MAX || p->client_order_id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX)
        return REJECT_FIELD_INVALID;
    if (p->type > ORDER_TYPE_MARKET || decimal_given(p->stop_price) || decimal_given(p->display_quantity) ||
        decimal_given(p->leverage) || (p->flags & PLACE_REDUCE_ONLY) || p->stp > STP_NONE)
        return REJECT_NOT_SUPPORTED;
    if (p->flags & ~(PLACE_POST_ONLY | PLACE_REDUCE_ONLY)) return REJECT_FIELD_INVALID;
    static const struct name book = {"BOOK"};
    if (p->venue.bytes[0] != 0 && !names_same(&p->venue, &book)) return REJECT_UNKNOWN_VENUE;
    return 0;
}

static bool may_rest(const struct command_place *p)
{
    return p->type == ORDER_TYPE_LIMIT && (p->tif == TIF_DAY || p->tif == TIF_GTC || p->tif == TIF_GTD);
}

/* Terms: rules 9 to 14. */
static enum reject terms_judge(const struct engine *e, struct ticket *k)
{
    const struct command_place *p = k->asked;
    struct instrument *i = k->instrument;
    enum reject no = 0;
    if (p->type == ORDER_TYPE_LIMIT)
        no = price_judge(i, p->price, &k->price);
    else if (decimal_given(p->price))
        no = REJECT_PRICE_NOT_ALLOWED;
    if (no == 0) no = quantity_scale_judge(i, p->quantity, &k->quantity);
    if (no == 0) no = quantity_bounds_judge(i, k->quantity);
    if (no != 0) return no;
    if ((p->flags & PLACE_POST_ONLY) && !may_rest(p)) return REJECT_POST_ONLY_NEEDS_LIMIT;
    if (p->tif == TIF_GTD) {
        if (p->type == ORDER_TYPE_MARKET) return REJECT_FIELD_INVALID;
        if (p->expires_ns <= e->now_ns) return REJECT_EXPIRY_REQUIRED;
    } else if (p->expires_ns != 0) {
        return REJECT_EXPIRY_NOT_ALLOWED;
    }
    if (p->type == ORDER_TYPE_MARKET) return 0;
    if (notional_above(i, price_highest(e, i, p->side, k->price), k->quantity, notional_limit(i)))
        return REJECT_NOTIONAL_TOO_LARGE;
    return outside_collar(i, k->price) ? REJECT_PRICE_OUTSIDE_COLLAR : 0;
}

/* Room: rule 15. */
static enum reject room_judge(const struct engine *e, struct ticket *k)
{
    const struct command_place *p = k->asked;
    if (pool_full(&e->orders)) return REJECT_ORDERS_FULL;
    if (p->tif == TIF_GTD && e->timers_count >= e->limits.timers_max) return REJECT_TIMERS_FULL;
    k->position = position_find(e, k->account_index, k->instrument_index);
    uint32_t currency = k->instrument->currency;
    k->balance = k->position != 0 ? position_at(e, k->position)->balance : balance_find(e, k->account_index, currency);
    bool fees_own = k->account_index == e->fees_account; /* @fees itself trades: one balance serves both */
    uint32_t missing = (uint32_t)(k->balance == 0) +
                       (uint32_t)(currency_at(e, currency)->fees_balance == 0 && !(fees_own && k->balance == 0));
    if ((k->position == 0 && pool_full(&e->positions)) || missing > e->balances.capacity - e->balances.live)
        return REJECT_POSITIONS_FULL;
    if (may_rest(p) && pool_full(&e->levels)) return REJECT_LEVELS_FULL;
    return 0;
}

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

/* Risk: rule 17 but for what is particular to MARKET. need: what must be free. */
struct exposure {
    int64_t position, open, closing; /* of the order's side, without the order itself */
};
static enum reject exposure_judge(const struct account *a, const struct exposure *x, int side, int64_t quantity,
                                  int64_t *closing)
{
    *closing = 0;
    if ((u128)magnitude(x->position) + (u128)x->open + (u128)quantity > (u128)POSITION_MAX)
        return REJECT_POSITION_TOO_LARGE;
    if (a->type == ACCOUNT_TYPE_HOUSE) return 0;
    int64_t against = side == SIDE_SELL ? x->position : -x->position;
    int64_t cover = against > x->closing ? against - x->closing : 0;
    *closing = quantity < cover ? quantity : cover;
    if (quantity == *closing) return 0;
    if (a->status == ACCOUNT_STATUS_REDUCING) return REJECT_ACCOUNT_REDUCING;
    if (side == SIDE_SELL && !(a->type == ACCOUNT_TYPE_MARGIN && a->allow_short)) return REJECT_POSITION_SHORT;
    return 0;
}

static struct exposure exposure_of(const struct engine *e, uint32_t position, int side)
{
    if (position == 0) return (struct exposure){0, 0, 0};
    const struct position *p = position_at(e, position);
    return (struct exposure){p->quantity, p->open[side - 1], p->closing[side - 1]};
}

static enum reject risk_judge(const struct engine *e, struct ticket *k)
{
    const struct command_place *p = k->asked;
    const struct account *a = k->account;
    struct instrument *i = k->instrument;
    struct market_walk walk = {0};
    k->bound = p->type == ORDER_TYPE_MARKET ? market_bound(e, i, p->side) : k->price;
    if (p->type == ORDER_TYPE_MARKET && market_walk(e, i, k, &walk) != 0) return REJECT_NOTIONAL_TOO_LARGE;
    struct exposure x = exposure_of(e, k->position, p->side);
    enum reject no = exposure_judge(a, &x, p->side, k->quantity, &k->closing);
    if (no != 0 || a->type == ACCOUNT_TYPE_HOUSE) return no;
    int64_t opening = k->quantity - k->closing;
    if (opening == 0) return 0;
    i128 need;
    if (p->type == ORDER_TYPE_LIMIT) {
        need = k->hold = money_hold(notional_of(i, k->price, opening), a->leverage, i->fee_rate_worst, 0);
    } else {
        int64_t rate = i->taker_fee_rate > 0 ? i->taker_fee_rate : 0;
        need = money_margin(walk.notional, a->leverage) + money_div_ceil(walk.notional * rate, FEE_RATE_ONE);
    }
    i128 free = k->balance == 0 ? 0 : balance_free(balance_at(e, k->balance));
    return need > free ? REJECT_CASH_SHORT : 0;
}

static enum reject place_judge(const struct engine *e, struct ticket *k)
{
    const struct command_place *p = k->asked;
    enum reject no = shape_judge(p);
    if (no != 0) return no;
    k->account_index = account_find(e, &p->account);
    if (k->account_index == 0) return REJECT_UNKNOWN_ACCOUNT;
    k->instrument_index = instrument_find(e, &p->symbol);
    if (k->instrument_index == 0) return REJECT_UNKNOWN_INSTRUMENT;
    k->account = account_at(e, k->account_index);
    k->instrument = instrument_at(e, k->instrument_index);
    if (e->sweep.kind != SWEEP_NONE) return REJECT_SWEEP_PENDING;
    if (k->account->status == ACCOUNT_STATUS_HALTED) return REJECT_ACCOUNT_HALTED;
    if (k->instrument->state != INSTRUMENT_STATE_CONTINUOUS) return REJECT_INSTRUMENT_NOT_OPEN;
    no = terms_judge(e, k);
    if (no == 0) no = room_judge(e, k);
    if (no != 0) return no;
    if ((p->flags & PLACE_POST_ONLY) && would_cross(e, k->instrument, p->side, k->price))
        return REJECT_POST_ONLY_WOULD_CROSS;
    return risk_judge(e, k);
}

static void client_order_id_copy(char room[CLIENT_ORDER_ID_BYTES_MAX], struct text id)
{
    memset(room, 0, CLIENT_ORDER_ID_BYTES_MAX);
    if (id.len_bytes != 0) memcpy(room, id.bytes, id.len_bytes);
}

static void terms_write(struct order_terms *terms, const struct command_place *p)
{
    terms->account = p->account;
    terms->symbol = p->symbol;
    terms->expires_ns = p->expires_ns;
    terms->side = p->side;
    terms->type = p->type;
    terms->tif = p->tif;
    terms->flags = p->flags;
    struct text id = p->client_order_id;
    if (id.len_bytes > CLIENT_ORDER_ID_BYTES_MAX) id.len_bytes = CLIENT_ORDER_ID_BYTES_MAX; /* it is refused for that */
    terms->client_order_id_len = (uint8_t)id.len_bytes;
    client_order_id_copy(terms->client_order_id, id);
}

void place_reject(struct turn *t, const struct command *c, enum reject reason)
{
    struct event_rejected *ev = &turn_event(t, EVENT_REJECTED)->rejected;
    ev->order_id = c->seq << ORDER_INDEX_BITS;
    ev->reason = (uint16_t)reason;
    ev->command_kind = c->kind;
    terms_write(&ev->terms, &c->place);
    ev->terms.price = c->place.price.mantissa;
    ev->terms.price_scale = c->place.price.scale;
    ev->terms.quantity = c->place.quantity.mantissa;
    ev->terms.quantity_scale = c->place.quantity.scale;
}

static void placed_event(struct turn *t, const struct ticket *k, const struct order *o)
{
    struct event_placed *ev = &turn_event(t, EVENT_PLACED)->placed;
    ev->order_id = o->id;
    ev->hold = o->hold;
    terms_write(&ev->terms, k->asked);
    bool limit = o->type == ORDER_TYPE_LIMIT;
    ev->terms.price = o->price;
    ev->terms.price_scale = limit ? k->instrument->price_scale : DECIMAL_ABSENT;
    ev->terms.quantity = o->quantity;
    ev->terms.quantity_scale = k->instrument->quantity_scale;
    ev->currency_scale = k->instrument->currency_scale;
}

static void cancelled_event(struct turn *t, const struct order *o, enum event_kind kind, enum cancel_reason reason)
{
    struct event_cancelled *ev = &turn_event(t, kind)->cancelled;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = instrument_at(t->engine, o->instrument)->symbol;
    ev->leaves = o->leaves;
    ev->reason = (uint8_t)reason;
    ev->side = o->side;
    ev->quantity_scale = instrument_at(t->engine, o->instrument)->quantity_scale;
}

/* Gives back what the rest of an order occupies: open and closing sums, hold. None of them is in the digest. */
static void order_release(struct engine *e, struct order *o)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    p->open[o->side - 1] -= o->leaves;
    p->closing[o->side - 1] -= o->closing_leaves;
    b->reserved -= o->hold;
}

/* The other way round: what order_release gave back, for the order's present numbers. */
void order_occupy(struct engine *e, const struct order *o)
{
    struct position *p = position_at(e, o->position);
    struct balance *b = balance_at(e, p->balance);
    p->open[o->side - 1] += o->leaves;
    p->closing[o->side - 1] += o->closing_leaves;
    b->reserved += o->hold;
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

uint32_t order_rest(struct engine *e, const struct order *from, const char *client_order_id)
{
    uint32_t index = pool_take(e, &e->orders);
    struct order *o = order_at(e, index);
    *o = *from;
    o->client_order_id = 0;
    if (o->client_order_id_len != 0) {
        o->client_order_id = pool_take(e, &e->client_ids);
        memcpy(client_id_cell_at(e, o->client_order_id)->bytes, client_order_id, CLIENT_ORDER_ID_BYTES_MAX);
    }
    orders_index_add(e, index);
    book_join(e, instrument_at(e, o->instrument), index);
    account_list_add(e, account_at(e, o->account), index);
    o->timer = 0;
    if (o->tif == TIF_GTD) timer_add(e, index, o->expires_ns);
    order_touch(e, o);
    return index;
}

/* FOK: whether the levels it may trade with hold enough, within the work one command may do. 0: yes. */
static enum cancel_reason fok_judge(const struct engine *e, struct instrument *i, const struct order *o, int64_t bound)
{
    int other = side_opposite(o->side);
    int64_t worst = book_key(other, bound);
    struct book_walk walk = book_walk_begin(e, book_side(i, other));
    int64_t left = o->leaves;
    uint64_t orders = 0;
    for (uint32_t l; left > 0 && (l = book_walk_next(&walk)) != 0;) {
        const struct level *level = level_at(e, l);
        if (book_key(other, level->price) > worst) break;
        left = level->quantity >= left ? 0 : left - level->quantity;
        orders += level->orders;
    }
    if (left > 0) return CANCEL_REASON_FOK_UNFILLED;
    return orders > e->limits.work_max ? CANCEL_REASON_WORK_LIMIT : 0;
}

/* What the leaves of an order that has just traded become: a resting order, or nothing with a reason. */
static enum cancel_reason leaves_judge(const struct order *o, bool worked_out)
{
    if (worked_out) return CANCEL_REASON_WORK_LIMIT;
    if (o->type == ORDER_TYPE_MARKET) return CANCEL_REASON_MARKET_REMAINDER;
    return o->tif == TIF_IOC ? CANCEL_REASON_IOC_REMAINDER : 0;
}

static void place_make_room(struct engine *e, struct ticket *k)
{
    uint32_t currency = k->instrument->currency;
    if (k->balance == 0) k->balance = balance_make(e, k->account_index, currency);
    struct currency *money = currency_at(e, currency);
    if (money->fees_balance == 0) {
        money->fees_balance = balance_find(e, e->fees_account, currency);
        if (money->fees_balance == 0) money->fees_balance = balance_make(e, e->fees_account, currency);
    }
    if (k->position == 0) k->position = position_make(e, k->account_index, k->instrument_index, k->balance);
}

void apply_place(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    struct ticket k = {.asked = &c->place};
    enum reject no = place_judge(e, &k);
    if (no != 0) {
        place_reject(t, c, no);
        return;
    }
    /* From here on it cannot fail. */
    place_make_room(e, &k);
    struct order o = {.id = c->seq << ORDER_INDEX_BITS,
                      .price = k.price,
                      .leaves = k.quantity,
                      .priority = e->priority_next++,
                      .position = k.position,
                      .account = k.account_index,
                      .side = c->place.side,
                      .type = c->place.type,
                      .tif = c->place.tif,
                      .flags = c->place.flags,
                      .client_order_id_len = (uint8_t)c->place.client_order_id.len_bytes,
                      .hold = k.hold,
                      .closing_leaves = k.closing,
                      .quantity = k.quantity,
                      .created_ns = e->now_ns,
                      .updated_ns = e->now_ns,
                      .expires_ns = c->place.expires_ns,
                      .instrument = k.instrument_index};
    order_occupy(e, &o);
    placed_event(t, &k, &o);
    enum cancel_reason ends = o.tif == TIF_FOK ? fok_judge(e, k.instrument, &o, k.bound) : 0;
    if (ends == 0) {
        bool worked_out = match(t, k.instrument, &o, k.bound);
        if (o.leaves > 0) ends = leaves_judge(&o, worked_out);
    }
    if (o.leaves > 0 && ends == 0) {
        char client_order_id[CLIENT_ORDER_ID_BYTES_MAX];
        if (o.client_order_id_len != 0) client_order_id_copy(client_order_id, c->place.client_order_id);
        order_rest(e, &o, client_order_id);
        return;
    }
    if (o.leaves > 0) {
        cancelled_event(t, &o, EVENT_CANCELLED, ends);
        order_release(e, &o);
    }
    position_release(e, o.position);
}

void order_cancel(struct turn *t, uint32_t index, enum event_kind kind, enum cancel_reason reason)
{
    struct order *o = order_at(t->engine, index);
    cancelled_event(t, o, kind, reason);
    order_release(t->engine, o);
    order_remove(t->engine, index);
}

void apply_cancel(struct turn *t, const struct command *c)
{
    uint32_t o = c->cancel.order_id == 0 ? 0 : order_find(t->engine, c->cancel.order_id);
    if (o == 0) {
        turn_reject(t, c, REJECT_ORDER_NOT_OPEN, c->cancel.order_id);
        return;
    }
    order_cancel(t, o, EVENT_CANCELLED, CANCEL_REASON_REQUESTED);
}

/* Modify. */

struct change {
    int64_t price, quantity, leaves;
    bool price_same;
    bool to_filled; /* at or below what is filled: the rest is cancelled */
    bool pure;      /* nothing but a decrease of quantity, or nothing at all */
    int64_t closing;
    i128 hold;
};

/* Rules 1 to 5. */
static enum reject change_read(const struct instrument *i, const struct order *o, const struct command_modify *m,
                               struct change *ch)
{
    ch->price = o->price;
    ch->quantity = o->quantity;
    if (!decimal_given(m->price) && !decimal_given(m->quantity)) return REJECT_FIELD_INVALID;
    int64_t filled = o->quantity - o->leaves;
    if (decimal_given(m->quantity)) {
        enum reject no = quantity_scale_judge(i, m->quantity, &ch->quantity);
        if (no != 0) return no;
        if (ch->quantity <= filled) {
            ch->to_filled = true;
            return 0;
        }
    }
    ch->leaves = ch->quantity - filled;
    int64_t same;
    ch->price_same = !decimal_given(m->price) ||
                     (scale_decimal(m->price, i->price_scale, PRICE_MAX, &same) == SCALE_GOOD && same == o->price);
    ch->pure = ch->price_same && ch->quantity <= o->quantity;
    return 0;
}

/* Rules 6 to 10. */
static enum reject change_terms_judge(const struct engine *e, const struct account *a, struct instrument *i,
                                      const struct order *o, const struct command_modify *m, struct change *ch)
{
    if (!ch->pure && a->status == ACCOUNT_STATUS_HALTED) return REJECT_ACCOUNT_HALTED;
    if (!ch->pure && i->state != INSTRUMENT_STATE_CONTINUOUS) return REJECT_INSTRUMENT_NOT_OPEN;
    if (!ch->price_same) {
        enum reject no = price_judge(i, m->price, &ch->price);
        if (no != 0) return no;
    }
    if (ch->quantity != o->quantity) {
        enum reject no = quantity_bounds_judge(i, ch->quantity);
        if (no != 0) return no;
    }
    if (ch->pure) return 0;
    int64_t highest = price_highest(e, i, o->side, ch->price);
    if (notional_above(i, highest, ch->quantity, notional_limit(i)) ||
        o->notional_filled + notional_of(i, highest, ch->leaves) > NOTIONAL_MAX)
        return REJECT_NOTIONAL_TOO_LARGE;
    return ch->price != o->price && outside_collar(i, ch->price) ? REJECT_PRICE_OUTSIDE_COLLAR : 0;
}

/* Rules 11 to 13: as if the order were out of the book. */
static enum reject change_risk_judge(const struct engine *e, const struct account *a, struct instrument *i,
                                     const struct order *o, struct change *ch)
{
    uint32_t own = level_at(e, o->level)->orders == 1;
    if (e->levels.live - own >= e->levels.capacity) return REJECT_LEVELS_FULL;
    if ((o->flags & PLACE_POST_ONLY) && would_cross(e, i, o->side, ch->price)) return REJECT_POST_ONLY_WOULD_CROSS;
    struct exposure x = exposure_of(e, o->position, o->side);
    x.open -= o->leaves;
    x.closing -= o->closing_leaves;
    enum reject no = exposure_judge(a, &x, o->side, ch->leaves, &ch->closing);
    if (no != 0 || a->type == ACCOUNT_TYPE_HOUSE) return no;
    int64_t opening = ch->leaves - ch->closing;
    if (opening == 0) return 0;
    ch->hold = money_hold(notional_of(i, ch->price, opening), a->leverage, i->fee_rate_worst, o->fee_accrued);
    const struct balance *b = balance_at(e, position_at(e, o->position)->balance);
    return ch->hold > balance_free(b) + o->hold ? REJECT_CASH_SHORT : 0;
}

static void modified_event(struct turn *t, const struct order *o, bool kept_priority)
{
    const struct instrument *i = instrument_at(t->engine, o->instrument);
    struct event_modified *ev = &turn_event(t, EVENT_MODIFIED)->modified;
    ev->order_id = o->id;
    ev->account = account_at(t->engine, o->account)->account;
    ev->symbol = i->symbol;
    ev->price = o->price;
    ev->quantity = o->quantity;
    ev->leaves = o->leaves;
    ev->hold = o->hold;
    ev->side = o->side;
    ev->kept_priority = kept_priority;
    ev->price_scale = i->price_scale;
    ev->quantity_scale = i->quantity_scale;
    ev->currency_scale = i->currency_scale;
}

/* A decrease keeps the place in the queue; the opening part goes first. */
static void order_decrease(struct turn *t, struct order *o, const struct change *ch)
{
    struct engine *e = t->engine;
    int64_t by = o->leaves - ch->leaves, opening = o->leaves - o->closing_leaves;
    order_touch(e, o);
    order_release(e, o);
    level_at(e, o->level)->quantity -= by;
    o->quantity = ch->quantity;
    o->leaves = ch->leaves;
    if (by > opening) o->closing_leaves -= by - opening;
    o->hold = order_hold(account_at(e, o->account), instrument_at(e, o->instrument), o);
    o->updated_ns = e->now_ns;
    order_occupy(e, o);
    modified_event(t, o, true);
}

static void account_list_move_last(struct engine *e, struct account *a, uint32_t index)
{
    struct order *o = order_at(e, index);
    if (a->orders_last == index) return;
    order_at(e, o->account_next)->account_prev = o->account_prev;
    if (o->account_prev != 0)
        order_at(e, o->account_prev)->account_next = o->account_next;
    else
        a->orders_first = o->account_next;
    a->orders_count--;
    account_list_add(e, a, index);
}

/* Out of the book, changed, and in again as an aggressor with the last priority. */
static void order_replace(struct turn *t, uint32_t index, const struct change *ch)
{
    struct engine *e = t->engine;
    struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, o->instrument);
    order_touch(e, o);
    order_release(e, o);
    book_leave(e, i, index);
    o->price = ch->price;
    o->quantity = ch->quantity;
    o->leaves = ch->leaves;
    o->closing_leaves = ch->closing;
    o->hold = ch->hold;
    o->priority = e->priority_next++;
    o->updated_ns = e->now_ns;
    order_occupy(e, o);
    account_list_move_last(e, account_at(e, o->account), index);
    modified_event(t, o, false);
    bool worked_out = match(t, i, o, o->price);
    book_join(e, i, index); /* also when filled: order_remove takes it out of everything at once */
    if (o->leaves == 0)
        order_remove(e, index);
    else if (worked_out)
        order_cancel(t, index, EVENT_CANCELLED, CANCEL_REASON_WORK_LIMIT);
}

void apply_modify(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_modify *m = &c->modify;
    uint32_t index = m->order_id == 0 ? 0 : order_find(e, m->order_id);
    struct change ch = {0};
    enum reject no = 0;
    if (decimal_given(m->stop_price) || decimal_given(m->display_quantity))
        no = REJECT_NOT_SUPPORTED;
    else if (index == 0)
        no = REJECT_ORDER_NOT_OPEN;
    else if (e->sweep.kind != SWEEP_NONE)
        no = REJECT_SWEEP_PENDING;
    struct order *o = order_at(e, index);
    struct instrument *i = instrument_at(e, no == 0 ? o->instrument : 0);
    const struct account *a = account_at(e, no == 0 ? o->account : 0);
    if (no == 0) no = change_read(i, o, m, &ch);
    if (no == 0 && !ch.to_filled) no = change_terms_judge(e, a, i, o, m, &ch);
    if (no == 0 && !ch.to_filled && !ch.pure) no = change_risk_judge(e, a, i, o, &ch);
    if (no != 0) {
        turn_reject(t, c, no, m->order_id);
        return;
    }
    /* From here on it cannot fail. */
    if (ch.to_filled)
        order_cancel(t, index, EVENT_CANCELLED, CANCEL_REASON_REDUCED_TO_FILLED);
    else if (ch.pure)
        order_decrease(t, o, &ch);
    else
        order_replace(t, index, &ch);
}
