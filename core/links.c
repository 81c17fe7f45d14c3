/* core/links.c - groups of orders: OCO pairs, of which one cancels the other; OTO children and BRACKETs, which wait for what their
 * entry fills.
 *
 *   OCO      first (0) <---> second (1)              a pair: equal leaves, the first carries the sums of both
 *   OTO      entry (0) ----> child (1)
 *   BRACKET  entry (0) ----> take-profit (1) <---> stop-loss (2)     the two are a pair once they are active
 *
 *   a child:  WAITING --(entry fills: due > 0, follow list)--> active --(entry fills more)--> active and larger
 *                '-------(entry ends unfilled, or the judge says no)--> gone
 *
 * What must stay true: members' ids are their entry's plus their number, so a group needs no list of its own; a WAITING order and a
 * pair's second are in no sum; an order with follow != 0 is in the follow list, which is in the order of follow. */
#include "core/book.h"
#include "core/desk_parts.h"

static struct order_extra *group_of(const struct engine *e, const struct order *o)
{
    if (o->extra == 0 || (o->flags & PLACE_GTT)) return NULL;
    struct order_extra *x = order_extra_at(e, o->extra);
    return x->link == 0 ? NULL : x;
}
static uint64_t entry_id(uint64_t id, uint8_t member)
{
    return id - member;
}
/* The id of a pair's other; 0: the member is of no pair. */
static uint64_t pair_id(uint64_t id, uint8_t link, uint8_t member)
{
    uint64_t entry = entry_id(id, member);
    if (link == LINK_OCO) return entry + 1 - member;
    return link == LINK_BRACKET && member != 0 ? entry + 3 - member : 0;
}

uint32_t links_other(const struct engine *e, const struct order *o)
{
    const struct order_extra *x = group_of(e, o);
    uint64_t id = x == NULL ? 0 : pair_id(o->id, x->link, x->member);
    return id == 0 ? 0 : order_find(e, id);
}

struct order *links_carrier(const struct engine *e, struct order *o)
{
    const struct order_extra *x = group_of(e, o);
    uint64_t id = x == NULL ? 0 : pair_id(o->id, x->link, x->member);
    if (id == 0 || id > o->id) return o;
    uint32_t first = order_find(e, id);
    return first == 0 ? o : order_at(e, first);
}

/* The follow list. */

void follow_add(struct engine *e, uint32_t o)
{
    struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);
    if (x->follow != 0) return;
    order_touch(e, order_at(e, o));
    x->follow = e->priority_next++;
    x->follow_next = 0;
    x->follow_prev = e->follow_last;
    if (e->follow_last != 0)
        order_extra_at(e, order_at(e, e->follow_last)->extra)->follow_next = o;
    else
        e->follow_first = o;
    e->follow_last = o;
}

/* Not touched here: it may be on its way out. */
void follow_remove(struct engine *e, uint32_t o)
{
    struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);
    x->follow = 0;
    if (x->follow_prev != 0)
        order_extra_at(e, order_at(e, x->follow_prev)->extra)->follow_next = x->follow_next;
    else
        e->follow_first = x->follow_next;
    if (x->follow_next != 0)
        order_extra_at(e, order_at(e, x->follow_next)->extra)->follow_prev = x->follow_prev;
    else
        e->follow_last = x->follow_prev;
}

/* What fills and ends do to a group. */

static void entry_filled(struct engine *e, const struct order *o, const struct order_extra *x, int64_t quantity)
{
    uint32_t child = order_find(e, o->id + 1);
    if (child == 0) return;
    order_touch(e, order_at(e, child));
    order_extra_at(e, order_at(e, child)->extra)->due += quantity;
    if (x->activation == ACTIVATION_EACH_FILL || o->leaves == 0) follow_add(e, child);
}

void links_filled(struct turn *t, struct order *o, int64_t quantity)
{
    struct engine *e = t->engine;
    const struct order_extra *x = group_of(e, o);
    if (x == NULL) return;
    uint32_t other = links_other(e, o);
    if (other != 0) order_reduce(t, other, quantity, CANCEL_REASON_OCO);
    if (x->link == LINK_OCO) return;
    uint32_t entry = x->member == 0 ? 0 : order_find(e, entry_id(o->id, x->member));
    if (x->member == 0)
        entry_filled(e, o, x, quantity);
    else if (entry != 0 && order_at(e, entry)->leaves > 0) /* it may have been filled by this very child */
        follow_add(e, entry);
}

/* Every child of an entry, the first of which is given, ends for one reason. They all wait. */
static void children_end(struct turn *t, uint32_t first, enum cancel_reason reason, enum reject reject)
{
    struct engine *e = t->engine;
    uint64_t id = order_at(e, first)->id;
    bool two = order_extra_at(e, order_at(e, first)->extra)->link == LINK_BRACKET;
    uint32_t children[2] = {first, two ? order_find(e, id + 1) : 0};
    for (int n = 0; n < 2 && children[n] != 0; n++) {
        order_extra_at(e, order_at(e, children[n])->extra)->link = 0; /* one by one: none takes the other along */
        order_end(t, children[n], EVENT_CANCELLED, reason, reject);
    }
}

static bool is_waiting(const struct engine *e, uint32_t o)
{
    return order_at(e, o)->phase == ORDER_PHASE_WAITING;
}

static void entry_ended(struct turn *t, const struct links_end *end)
{
    struct engine *e = t->engine;
    uint32_t child = order_find(e, end->id + 1);
    if (child == 0) return;
    bool swept = end->reason == CANCEL_REASON_MASS_CANCEL || end->reason == CANCEL_REASON_LIQUIDATION;
    if (is_waiting(e, child) && (swept || !end->filled_ever))
        children_end(t, child, CANCEL_REASON_PARENT_ENDED, 0);
    else if (end->activation == ACTIVATION_FULL_FILL)
        follow_add(e, child);
}

struct links_end links_ending(const struct engine *e, const struct order *o, enum cancel_reason reason)
{
    const struct order_extra *x = group_of(e, o);
    if (x == NULL) return (struct links_end){0};
    return (struct links_end){.id = o->id,
                              .leaves = o->leaves,
                              .filled_ever = o->notional_filled != 0,
                              .link = x->link,
                              .member = x->member,
                              .activation = x->activation,
                              .reason = (uint8_t)reason};
}

void links_ended(struct turn *t, const struct links_end *end)
{
    if (end->link == 0) return;
    if (end->member == 0 && end->link != LINK_OCO) {
        entry_ended(t, end);
        return;
    }
    uint64_t id = end->reason == CANCEL_REASON_OCO ? 0 : pair_id(end->id, end->link, end->member);
    uint32_t other = id == 0 ? 0 : order_find(t->engine, id);
    if (other != 0) order_end(t, other, EVENT_CANCELLED, CANCEL_REASON_OCO, 0);
}

static uint8_t phase_at_work(uint8_t type)
{
    return type == ORDER_TYPE_STOP || type == ORDER_TYPE_STOP_LIMIT ? ORDER_PHASE_PENDING_TRIGGER : ORDER_PHASE_RESTING;
}

/* Activation: what a parent filled becomes the quantity of its children, or makes it larger. */

struct growth {
    uint32_t child[2];
    unsigned children;
    int64_t more, closing; /* what they get, and the part of it that closes */
    bool waiting;
};

/* What a child is worth per unit once it is larger: a STOP takes its hold price from its stop anew. */
static int64_t child_price(const struct engine *e, const struct instrument *i, const struct order *o)
{
    if (o->type != ORDER_TYPE_STOP) return o->price;
    return stop_hold_price(i, o->side, order_extra_at(e, o->extra)->stop_price);
}

/* What the children must hold once they are larger: the larger of what either must. */
static i128 children_hold(const struct engine *e, const struct growth *v)
{
    const struct order *first = order_at(e, v->child[0]);
    const struct account *a = account_at(e, first->account);
    const struct instrument *i = instrument_at(e, first->instrument);
    int64_t opening = (v->waiting ? 0 : first->leaves - first->closing_leaves) + v->more - v->closing;
    uint32_t leverage = order_extra_at(e, first->extra)->leverage;
    if (leverage == 0) leverage = leverage_of(a, i);
    i128 most = 0;
    for (unsigned n = 0; n < v->children; n++) {
        const struct order *o = order_at(e, v->child[n]);
        i128 notional = notional_of(i, child_price(e, i, o), opening);
        i128 hold = money_hold(notional, leverage, fee_rate_worst(e, a, i), o->fee_accrued);
        if (hold > most) most = hold;
    }
    return most;
}

static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

static enum reject children_notional_judge(struct turn *t, const struct account *a, const struct instrument *i,
                                           const struct growth *v)
{
    for (unsigned n = 0; n < v->children; n++) {
        const struct order *o = order_at(t->engine, v->child[n]);
        int64_t price = child_price(t->engine, i, o);
        if (o->type != ORDER_TYPE_STOP) price = price_highest(t->engine, i, o->side, 0, price);
        enum reject no = judge_notional(t, a, i, price, v->more + (v->waiting ? 0 : o->quantity));
        if (no != 0) return no;
    }
    return 0;
}

static enum reject opening_judge(struct turn *t, const struct account *a, const struct instrument *i,
                                 const struct growth *v)
{
    const struct order *first = order_at(t->engine, v->child[0]);
    enum reject no = judge_halted(t, a, i);
    if (no == 0) no = judge_reducing(t, a, i, v->more - v->closing);
    if (no != 0) return no;
    if (first->side == SIDE_SELL && !(a->type == ACCOUNT_TYPE_MARGIN && a->allow_short)) return REJECT_POSITION_SHORT;
    const struct balance *b = balance_at(t->engine, position_at(t->engine, first->position)->balance);
    return children_hold(t->engine, v) > balance_free(b) + first->hold ? REJECT_CASH_SHORT : 0;
}

static enum reject activation_judge(struct turn *t, struct growth *v)
{
    struct engine *e = t->engine;
    const struct order *first = order_at(e, v->child[0]);
    const struct account *a = account_at(e, first->account);
    const struct instrument *i = instrument_at(e, first->instrument);
    const struct position *p = position_at(e, first->position);
    int side = first->side;
    if ((u128)magnitude(p->quantity) + (u128)p->open[side - 1] + (u128)v->more > (u128)POSITION_MAX)
        return REJECT_POSITION_TOO_LARGE;
    enum reject no = children_notional_judge(t, a, i, v);
    if (no != 0) return no;
    if (a->type != ACCOUNT_TYPE_HOUSE) {
        int64_t cover = (side == SIDE_SELL ? p->quantity : -p->quantity) - p->closing[side - 1];
        v->closing = cover <= 0 ? 0 : cover < v->more ? cover : v->more;
        if (v->closing < v->more && (no = opening_judge(t, a, i, v)) != 0) return no;
    }
    return e->levels.live + v->children > e->limits.levels_max ? REJECT_LEVELS_FULL : 0;
}

/* A waiting child becomes an order of the pair's quantity, an active one a larger order; in no queue in either case. */
static void child_grow(struct engine *e, const struct instrument *i, uint32_t index, const struct growth *v)
{
    struct order *o = order_at(e, index);
    struct order_extra *x = order_extra_at(e, o->extra);
    order_touch(e, o);
    if (o->type == ORDER_TYPE_STOP) x->hold_price = child_price(e, i, o);
    if (!v->waiting) {
        order_leave(e, index);
        o->quantity += v->more;
        o->leaves += v->more;
        return;
    }
    o->quantity = o->leaves = v->more;
    o->phase = phase_at_work(o->type);
    if (o->phase == ORDER_PHASE_PENDING_TRIGGER) x->direction = (uint8_t)side_opposite(o->side);
}

/* Orders of a group go to work one after the other; what one does may take the other along. */
static void work_in_turn(struct turn *t, const uint32_t *orders, unsigned count)
{
    struct engine *e = t->engine;
    uint64_t ids[2];
    for (unsigned n = 0; n < count; n++) ids[n] = order_at(e, orders[n])->id;
    for (unsigned n = 0; n < count; n++)
        if (order_at(e, orders[n])->id == ids[n]) order_work(t, orders[n], order_at(e, orders[n])->leaves);
}

static void activate(struct turn *t, const struct growth *v)
{
    struct engine *e = t->engine;
    struct order *first = order_at(e, v->child[0]);
    struct instrument *i = instrument_at(e, first->instrument);
    turn_at(t, first->instrument);
    t->used += v->children;
    if (v->waiting)
        position_at(e, first->position)->held--;
    else
        order_release(e, first);
    for (unsigned n = 0; n < v->children; n++) child_grow(e, i, v->child[n], v);
    first->closing_leaves += v->closing;
    first->hold = order_hold(e, first);
    order_occupy(e, first);
    for (unsigned n = 0; n < v->children; n++) {
        order_reprioritize(e, v->child[n]);
        activated_event(t, i, order_at(e, v->child[n]));
    }
    work_in_turn(t, v->child, v->children);
}

static void child_follow(struct turn *t, uint32_t index)
{
    struct engine *e = t->engine;
    struct order_extra *x = order_extra_at(e, order_at(e, index)->extra);
    struct growth v = {.child = {index}, .children = 1, .more = x->due, .waiting = is_waiting(e, index)};
    if (x->link == LINK_BRACKET) v.child[v.children++] = links_other(e, order_at(e, index));
    x->due = 0;
    enum reject no = activation_judge(t, &v);
    if (no == 0) {
        activate(t, &v);
        return;
    }
    t->used++;
    if (v.waiting) children_end(t, index, CANCEL_REASON_REFUSED, no);
}

void follow_step(struct turn *t)
{
    struct engine *e = t->engine;
    uint32_t o = e->follow_first;
    order_touch(e, order_at(e, o));
    follow_remove(e, o);
    if (order_extra_at(e, order_at(e, o)->extra)->member != 0) {
        child_follow(t, o);
        return;
    }
    t->used++;
    order_end(t, o, EVENT_CANCELLED, CANCEL_REASON_EXITED, 0);
}

/* PLACE_LINKED. */

/* A leg on its way in, as the command that would place it alone. */
struct leg {
    struct command_place asked;
    int64_t price, stop_price, hold_price;
};
struct group {
    const struct command_place_linked *asked;
    struct leg legs[2];
    unsigned legs_count;
};

static enum reject link_judge(struct turn *t, const struct command_place_linked *l)
{
    if (l->link == 0 || l->link > LINK_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_LINK);
    bool fits = l->link == LINK_OCO ? l->activation == 0 : l->activation != 0 && l->activation <= ACTIVATION_NUMBER_MAX;
    return fits ? 0 : refuse(t, REJECT_FIELD_INVALID, REFUSAL_ACTIVATION);
}

/* Only BOOK knows groups. */
static enum reject entry_judge(struct turn *t, const struct ticket *k, const struct command_place_linked *l)
{
    const struct command_place *p = &l->entry;
    enum refusal_field no = 0;
    if (p->tif != TIF_DAY && p->tif != TIF_GTC && p->tif != TIF_GTD)
        no = REFUSAL_TIF;
    else if (p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE | PLACE_REDUCE_ONLY))
        no = REFUSAL_FLAGS;
    else if (decimal_given(p->trail))
        no = REFUSAL_TRAIL;
    else if (decimal_given(p->display_quantity))
        no = REFUSAL_DISPLAY_QUANTITY;
    else if (decimal_given(p->quote_quantity))
        no = REFUSAL_QUOTE_QUANTITY;
    else if (decimal_given(p->min_quantity))
        no = REFUSAL_MIN_QUANTITY;
    else if (k->asked_venue > VENUE_BOOK)
        no = REFUSAL_VENUE;
    else if (p->type == ORDER_TYPE_MARKET && l->link == LINK_OCO)
        no = REFUSAL_TYPE;
    return no == 0 ? 0 : refuse(t, REJECT_LINK_NOT_ALLOWED, no);
}

static enum reject leg_judge(struct turn *t, const struct command_place_linked *l, unsigned n)
{
    const struct command_leg *leg = &l->legs[n];
    if (leg->type != ORDER_TYPE_LIMIT && leg->type != ORDER_TYPE_STOP && leg->type != ORDER_TYPE_STOP_LIMIT)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TYPE);
    if (leg->tif != TIF_DAY && leg->tif != TIF_GTC) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TIF);
    if (l->link == LINK_OTO ? leg->side == 0 || leg->side > SIDE_NUMBER_MAX : leg->side != 0)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (l->link == LINK_BRACKET && (n == 0) != (leg->type == ORDER_TYPE_LIMIT))
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    if (leg->type == ORDER_TYPE_STOP && decimal_given(leg->price))
        return refuse(t, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
    if (leg->type == ORDER_TYPE_LIMIT && decimal_given(leg->stop_price))
        return refuse(t, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
    return 0;
}

static struct leg leg_read(const struct command_place_linked *l, unsigned n)
{
    const struct command_leg *leg = &l->legs[n];
    struct decimal absent = {0, DECIMAL_ABSENT};
    struct leg out = {.asked = l->entry};
    struct command_place *p = &out.asked;
    p->client_order_id = p->tag = (struct text){0};
    p->price = leg->price;
    p->stop_price = leg->stop_price;
    p->display_quantity = p->quote_quantity = p->min_quantity = p->trail = absent;
    p->expires_ns = 0;
    p->side = l->link == LINK_OTO       ? leg->side
              : l->link == LINK_BRACKET ? (uint8_t)side_opposite(l->entry.side)
                                        : l->entry.side;
    p->type = leg->type;
    p->tif = leg->tif;
    p->flags = 0;
    return out;
}

/* The checks up to rule 3: what can be said without looking anything up. */
static enum reject group_shape_judge(struct turn *t, struct ticket *k, struct group *g)
{
    const struct command_place_linked *l = g->asked;
    enum reject no = link_judge(t, l);
    if (no == 0) no = judge_shape(t, k);
    if (no == 0) no = entry_judge(t, k, l);
    if (no != 0) return no;
    g->legs_count = l->link == LINK_BRACKET ? 2 : 1;
    k->orders = 1 + g->legs_count;
    for (unsigned n = 0; n < g->legs_count; n++) {
        no = leg_judge(t, l, n);
        if (no != 0) return no;
        g->legs[n] = leg_read(l, n);
    }
    return 0;
}

static enum reject leg_prices_judge(struct turn *t, const struct ticket *k, const struct group *g, struct leg *leg)
{
    const struct instrument *i = k->instrument;
    const struct command_place *p = &leg->asked;
    enum reject no = 0;
    if (p->type != ORDER_TYPE_STOP) no = judge_price(t, i, p->price, REFUSAL_PRICE, REJECT_PRICE_REQUIRED, &leg->price);
    if (no != 0 || p->type == ORDER_TYPE_LIMIT) return no;
    no = judge_price(t, i, p->stop_price, REFUSAL_STOP_PRICE, REJECT_STOP_PRICE_REQUIRED, &leg->stop_price);
    if (no == 0 && g->asked->link == LINK_OCO) no = judge_stop_met(t, i, p->side, leg->stop_price);
    return no;
}

/* Rules 15 and 17 for an OCO pair's second, whose hold price is that of a STOP from now on. */
static enum reject second_judge(struct turn *t, struct ticket *k, struct leg *leg)
{
    const struct instrument *i = k->instrument;
    const struct command_place *p = &leg->asked;
    bool stop = p->type == ORDER_TYPE_STOP;
    if (stop) leg->hold_price = stop_hold_price(i, p->side, leg->stop_price);
    k->other_hold_price = stop ? leg->hold_price : leg->price;
    int64_t highest = stop ? leg->hold_price : price_highest(t->engine, i, p->side, 0, leg->price);
    enum reject no = judge_notional(t, k->account, i, highest, k->quantity);
    if (no == 0 && p->type == ORDER_TYPE_LIMIT) no = judge_collar(t, i, leg->price);
    return no;
}

static enum reject group_judge(struct turn *t, struct ticket *k, struct group *g)
{
    enum reject no = group_shape_judge(t, k, g);
    if (no == 0) no = judge_names(t, k);
    if (no == 0) no = judge_gates(t, k);
    if (no == 0) no = judge_prices(t, k);
    for (unsigned n = 0; no == 0 && n < g->legs_count; n++) no = leg_prices_judge(t, k, g, &g->legs[n]);
    if (no == 0) no = judge_quantity(t, k);
    if (no == 0 && g->asked->link == LINK_OCO) no = second_judge(t, k, &g->legs[0]);
    if (no == 0) no = judge_room(t, k);
    return no != 0 ? no : judge_risk(t, k);
}

/* Stores and announces one member; the ticket has its numbers. */
static uint32_t member_place(struct turn *t, const struct ticket *k, const struct group *g, uint64_t id, uint8_t member)
{
    struct engine *e = t->engine;
    const struct command_place *p = k->asked;
    struct order o = ticket_order(e, k, id + member);
    o.phase = k->phase;
    struct order_extra x = {.stop_price = k->stop_price,
                            .hold_price = k->hold_price,
                            .leverage = k->leverage,
                            .link = g->asked->link,
                            .member = member,
                            .activation = g->asked->activation};
    if (k->phase == ORDER_PHASE_PENDING_TRIGGER) x.direction = (uint8_t)side_opposite(p->side);
    uint32_t index = order_store(e, &o, &x);
    if (!order_is_held(e, order_at(e, index))) order_occupy(e, order_at(e, index));
    placed_event(t, k, order_at(e, index), 0);
    return index;
}

/* The ticket of a leg: what it shares with the entry, and its own. A child waits; an OCO pair's second does what its type does. */
static struct ticket leg_ticket(const struct ticket *entry, const struct group *g, const struct leg *leg)
{
    struct ticket k = *entry;
    k.asked = &leg->asked;
    k.client_id = 0;
    k.price = leg->price;
    k.stop_price = leg->stop_price;
    k.hold_price = leg->hold_price;
    k.closing = 0;
    k.hold = 0;
    k.phase = g->asked->link == LINK_OCO ? phase_at_work(leg->asked.type) : ORDER_PHASE_WAITING;
    return k;
}

void apply_place_linked(struct turn *t, const struct command *c)
{
    struct group g = {.asked = &c->place_linked};
    struct ticket k = {.asked = &c->place_linked.entry, .orders = 1};
    if (group_judge(t, &k, &g) != 0) {
        place_reject(t, c, k.asked, c->seq << ORDER_INDEX_BITS);
        return;
    }
    /* From here on it cannot fail. */
    ticket_make_room(t->engine, &k);
    ticket_use_client_id(t->engine, &k, c->seq << ORDER_INDEX_BITS);
    k.phase = phase_at_work(k.asked->type);
    turn_at(t, k.instrument_index);
    uint64_t id = c->seq << ORDER_INDEX_BITS;
    uint32_t members[3] = {member_place(t, &k, &g, id, 0)};
    for (unsigned n = 0; n < g.legs_count; n++) {
        struct ticket leg = leg_ticket(&k, &g, &g.legs[n]);
        members[1 + n] = member_place(t, &leg, &g, id, (uint8_t)(1 + n));
    }
    work_in_turn(t, members, g.asked->link == LINK_OCO ? 2 : 1);
}
