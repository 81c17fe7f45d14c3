/* core/check.c - what must be true of a state between turns, checked the slow way.
 * Conservation is asked after every command of a build with assertions, however large the state: the cash and the quantities that the
 * command moved, added up where they change, must add to nothing in each currency and instrument. The sums over the whole state are
 * asked as often as engine_check_turn says, and so find what was changed behind that count's back.
 * engine_check stops the program at anything that is not; engine_check_turn asks as much of it as the size of the state allows. What one
 * object must be by itself is in core/import.c, which believes a snapshot no more than this does the engine. */
#include "core/desk_parts.h"

/* Not assert: whoever asks for a check wants it in every build. */
#define CHECK(truth) ((truth) ? (void)0 : __builtin_trap())

/* Conservation. Each currency and each instrument weighs its sum with a number of its own, so that one pass is enough: what does not
 * add to nothing somewhere does not add to nothing here. */
static u128 weight_of(uint32_t index)
{
    uint64_t x = (index + 1) * 0x9E3779B97F4A7C15u;
    uint64_t y = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9u;
    return ((u128)(y ^ (y >> 32)) << 64 | x) | 1;
}

bool state_conserves(const struct engine *e)
{
    u128 cash = 0, quantity = 0;
    for (uint32_t b = 1; b <= e->balances.used; b++)
        cash += (u128)balance_at(e, b)->cash * weight_of(balance_at(e, b)->currency);
    for (uint32_t p = 1; p <= e->positions.used; p++)
        if (position_at(e, p)->key != 0)
            quantity += (u128)(i128)position_at(e, p)->quantity * weight_of(position_at(e, p)->instrument);
    return cash == 0 && quantity == 0;
}

#ifndef NDEBUG
void conserve_cash(struct engine *e, uint32_t currency, i128 by)
{
    e->moved_cash += (u128)by * weight_of(currency);
}

void conserve_quantity(struct engine *e, uint32_t instrument, int64_t by)
{
    e->moved_quantity += (u128)(i128)by * weight_of(instrument);
}
#endif

/* In a sum of its position and balance. */
static bool counts(const struct engine *e, const struct order *o)
{
    return !(o->flags & PLACE_GTT) && !order_is_held(e, o);
}

/* Totals that do not need a walk per object: they hold for the whole exactly when they hold for every part of a true state. */
struct totals {
    i128 hold, reserved, cost_balances, cost_positions, margin_balances, margin_positions, leaves, open, closing_orders,
        closing_positions;
};

static void totals_of_orders(const struct engine *e, struct totals *t)
{
    for (uint32_t o = 1; o <= e->orders.used; o++) {
        const struct order *order = order_at(e, o);
        if (order->id == 0 || !counts(e, order)) continue;
        t->hold += order->hold;
        t->leaves += order->leaves;
        t->closing_orders += order->closing_leaves;
    }
}

static void totals_of_positions(const struct engine *e, struct totals *t)
{
    for (uint32_t i = 1; i <= e->positions.used; i++) {
        const struct position *p = position_at(e, i);
        if (p->key == 0) continue;
        t->open += (i128)p->open[0] + p->open[1];
        t->closing_positions += (i128)p->closing[0] + p->closing[1];
        t->cost_positions += p->cost;
        t->margin_positions +=
            money_margin(p->cost, leverage_of(account_at(e, p->account), instrument_at(e, p->instrument)));
    }
}

static bool sums_hold(const struct engine *e)
{
    struct totals t = {0};
    totals_of_orders(e, &t);
    totals_of_positions(e, &t);
    for (uint32_t i = 1; i <= e->balances.used; i++) {
        const struct balance *b = balance_at(e, i);
        t.reserved += b->reserved;
        t.cost_balances += b->cost_net;
        t.margin_balances += b->margin_used;
    }
    return t.hold == t.reserved && t.cost_balances == t.cost_positions && t.margin_balances == t.margin_positions &&
           t.leaves == t.open && t.closing_orders == t.closing_positions;
}

/* The queues. */

static const uint8_t phase_of_tree[TREES] = {ORDER_PHASE_RESTING,  ORDER_PHASE_PENDING_TRIGGER,
                                             ORDER_PHASE_AT_QUOTE, ORDER_PHASE_ALL_OR_NONE,
                                             ORDER_PHASE_PARKED,   ORDER_PHASE_AT_BROKER};

static void check_queued(const struct engine *e, const struct order *o, const struct level *l)
{
    const struct order_extra *x = o->extra == 0 ? NULL : order_extra_at(e, o->extra);
    bool waits = l->tree == TREE_DESK && o->phase == ORDER_PHASE_PENDING_ROUTE;
    CHECK(o->instrument == l->instrument && (o->phase == phase_of_tree[l->tree] || waits) && o->leaves > 0);
    if (l->tree == TREE_DESK)
        CHECK(o->side == l->side && l->price == DESK_PRICE && x != NULL && x->route != 0);
    else if (l->tree == TREE_TRIGGER)
        CHECK(x != NULL && x->direction == l->side && x->stop_price == l->price);
    else
        CHECK(o->side == l->side && o->price == l->price);
}

static uint32_t check_level(const struct engine *e, uint32_t index)
{
    const struct level *l = level_at(e, index);
    uint32_t orders = 0, before = 0;
    i128 quantity = 0, hidden = 0;
    for (uint32_t o = l->first; o != 0; before = o, o = order_at(e, o)->next) {
        const struct order *order = order_at(e, o);
        const struct order_extra *x = order->extra == 0 ? NULL : order_extra_at(e, order->extra);
        CHECK(order->level == index && order->prev == before);
        check_queued(e, order, l);
#ifndef ORDERTAPE_TEST_LIFO
        CHECK(before == 0 || order_at(e, before)->priority < order->priority);
#endif
        quantity += order->leaves;
        if (l->tree == TREE_BOOK && x != NULL && x->display_quantity != 0) hidden += order->leaves - x->shown;
        orders++;
    }
    CHECK(orders != 0 && orders == l->orders && quantity == l->quantity && hidden == l->hidden && l->last == before);
    return orders;
}

struct found {
    uint32_t levels, orders;
};
static struct found check_queue(const struct engine *e, uint32_t instrument, int tree, int side)
{
    struct found found = {0, 0};
    int64_t before = INT64_MIN;
    const struct side_tree *queue = queue_side(instrument_at(e, instrument), tree, side);
    struct book_walk w = book_walk_begin(e, queue);
    for (uint32_t l; (l = book_walk_next(&w)) != 0; found.levels++) {
        const struct level *level = level_at(e, l);
        int64_t key = book_key(side, level->price);
        CHECK(key > before && book_level_find(e, queue, side, level->price) == l);
        CHECK(level->side == side && level->tree == tree && level->instrument == instrument);
        before = key;
        found.orders += check_level(e, l);
    }
    CHECK(found.levels == queue->levels);
    return found;
}

/* Nothing that could trade waits in a book that trades. */
static void check_uncrossed(const struct engine *e, uint32_t instrument)
{
    struct instrument *i = instrument_at(e, instrument);
    uint32_t buy = book_best(e, book_side(i, SIDE_BUY)), sell = book_best(e, book_side(i, SIDE_SELL));
    bool changes = e->sweep.kind == SWEEP_AUCTION && e->sweep.instrument_id == i->id;
    if (i->state == INSTRUMENT_STATE_CONTINUOUS && !changes && buy != 0 && sell != 0)
        CHECK(level_at(e, buy)->price < level_at(e, sell)->price);
}

static void check_queues(const struct engine *e)
{
    uint32_t levels = 0, orders = 0, in_no_queue = 0;
    for (uint32_t n = 1; n <= e->instruments.used; n++) {
        uint32_t waiting[TREES] = {0};
        for (int tree = 0; tree < TREES; tree++)
            for (int side = SIDE_BUY; side <= SIDE_SELL; side++) {
                struct found found = check_queue(e, n, tree, side);
                levels += found.levels;
                orders += found.orders;
                waiting[tree] += found.orders;
            }
        uint8_t waits = instrument_at(e, n)->waits;
        CHECK(((waits & WAITS_TRIGGER) != 0) == (waiting[TREE_TRIGGER] != 0));
        CHECK(((waits & WAITS_ALL_OR_NONE) != 0) == (waiting[TREE_ALL_OR_NONE] != 0));
        check_uncrossed(e, n);
    }
    for (uint32_t o = 1; o <= e->orders.used; o++) {
        const struct order *order = order_at(e, o);
        if (order->id == 0) continue;
        bool none = order->phase == ORDER_PHASE_WAITING || order->phase == ORDER_PHASE_DISABLED;
        CHECK(none == (order->level == 0));
        in_no_queue += none;
    }
    CHECK(levels == e->levels.live && e->nodes.live <= e->levels.live && orders + in_no_queue == e->orders.live);
}

/* Orders. */

/* What its hold is worth per unit; 0: it holds nothing. */
static int64_t hold_price_of(const struct engine *e, const struct order *o)
{
    int64_t hold_price = o->extra == 0 ? 0 : order_extra_at(e, o->extra)->hold_price;
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    return limit && o->price > hold_price ? o->price : hold_price;
}

/* The hold is the margin of the opening part (an OCO pair's: of the dearer one) and a fee of which only the rates' bounds are known: they
 * may have changed since it was computed. */
static bool hold_covers(const struct engine *e, const struct order *o)
{
    const struct account *a = account_at(e, o->account);
    const struct instrument *i = instrument_at(e, o->instrument);
    if (a->type == ACCOUNT_TYPE_HOUSE || o->leaves == o->closing_leaves) return o->hold == 0;
    uint32_t leverage = o->extra == 0 ? 0 : order_extra_at(e, o->extra)->leverage;
    uint32_t other = links_other(e, o);
    int64_t price = hold_price_of(e, o), price_other = other == 0 ? 0 : hold_price_of(e, order_at(e, other));
    if (price_other > price) price = price_other;
    i128 notional = notional_of(i, price, o->leaves - o->closing_leaves);
    i128 margin = money_margin(notional, leverage != 0 ? leverage : leverage_of(a, i));
    return o->hold >= margin && o->hold <= margin + notional + 1;
}

static void check_order(const struct engine *e, uint32_t index)
{
    const struct order *o = order_at(e, index);
    struct order_state s;
    order_value(e, o, &s);
    CHECK(order_good(e, &s) && group_good(e, o) && order_find(e, o->id) == index);
    CHECK((o->timer != 0) == (o->tif == TIF_GTD && o->expires_ns != 0) &&
          ((o->flags & PLACE_GTT) != 0) == (o->position == 0));
    if (o->extra != 0) {
        const struct order_extra *x = order_extra_at(e, o->extra);
        CHECK(x->order == index && x->key != 0);
    }
    if (counts(e, o)) CHECK(hold_covers(e, o));
    if (o->position == 0) return;
    const struct position *p = position_at(e, o->position);
    CHECK(p->account == o->account && p->instrument == o->instrument);
}

static void check_orders(const struct engine *e)
{
    uint32_t timers = 0, extras = 0, follows = 0;
    for (uint32_t o = 1; o <= e->orders.used; o++) {
        const struct order *order = order_at(e, o);
        if (order->id == 0) continue;
        check_order(e, o);
        timers += order->timer != 0;
        extras += order->extra != 0;
        follows += order->extra != 0 && order_extra_at(e, order->extra)->follow != 0;
    }
    CHECK(timers == e->timers_count - e->route_timers && extras == e->order_extras.live &&
          e->orders_by_id.count == e->orders.live);
    uint32_t before = 0;
    for (uint32_t o = e->follow_first, next; o != 0; before = o, o = next, follows--) {
        const struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);
        CHECK(x->follow != 0 && x->follow_prev == before);
        CHECK(before == 0 || order_extra_at(e, order_at(e, before)->extra)->follow < x->follow);
        next = x->follow_next;
    }
    CHECK(follows == 0 && e->follow_last == before);
}

/* Accounts: their orders, and what they count of them. */

static uint32_t check_account_orders(const struct engine *e, uint32_t a)
{
    const struct account *account = account_at(e, a);
    uint32_t before = 0, count = 0, stp = 0;
    for (uint32_t o = account->orders_first; o != 0; before = o, o = order_at(e, o)->account_next, count++) {
        const struct order *order = order_at(e, o);
        CHECK(order->id != 0 && order->account == a && order->account_prev == before);
        CHECK(before == 0 || order_at(e, before)->priority < order->priority);
        stp += order->stp != 0;
    }
    CHECK(count == account->orders_count && account->orders_last == before && stp == more_of(e, account)->stp_orders);
    return count;
}

static uint32_t check_account_positions(const struct engine *e, uint32_t a)
{
    const struct account *account = account_at(e, a);
    uint32_t before = 0, open = 0;
    for (uint32_t p = more_of(e, account)->positions_first; p != 0; before = p, p = position_at(e, p)->account_next) {
        const struct position *position = position_at(e, p);
        CHECK(position->key != 0 && position->listed && position->account == a && position->account_prev == before);
        open += position->quantity != 0;
    }
    CHECK(open == account->positions_open);
    return open;
}

static void check_accounts(const struct engine *e)
{
    uint32_t orders = 0, positions = 0, rules = 0;
    for (uint32_t a = 1; a <= e->accounts.used; a++) {
        const struct account *account = account_at(e, a);
        struct account_state s;
        account_value(e, account, &s);
        CHECK(account_good(e, &s, a) && account_find(e, &account->account) == a);
        CHECK((account->special != 0) == (more_of(e, account)->rules != 0 || more_of(e, account)->stp != 0));
        if (more_of(e, account)->rules != 0) CHECK(account_rules_at(e, more_of(e, account)->rules)->account == a);
        rules += more_of(e, account)->rules != 0;
        orders += check_account_orders(e, a);
        positions += check_account_positions(e, a);
    }
    for (uint32_t p = 1; p <= e->positions.used; p++)
        positions -= position_at(e, p)->key != 0 && position_at(e, p)->quantity != 0;
    CHECK(orders == e->orders.live && positions == 0 && rules == e->account_rules.live);
}

/* Positions: the orders of one are found through the account's list. */

static bool position_sums_hold(const struct engine *e, const struct position *p)
{
    int64_t open[2] = {0, 0}, closing[2] = {0, 0};
    uint32_t held = 0, reduce = 0;
    for (uint32_t o = account_at(e, p->account)->orders_first; o != 0; o = order_at(e, o)->account_next) {
        const struct order *order = order_at(e, o);
        if (order->instrument != p->instrument || (order->flags & PLACE_GTT)) continue;
        reduce += (order->flags & PLACE_REDUCE_ONLY) != 0;
        held += !counts(e, order);
        if (!counts(e, order)) continue;
        open[order->side - 1] += order->leaves;
        closing[order->side - 1] += order->closing_leaves;
    }
    return open[0] == p->open[0] && open[1] == p->open[1] && closing[0] == p->closing[0] &&
           closing[1] == p->closing[1] && held == p->held && reduce == p->reduce_count;
}

/* In the order in which they were accepted, and none larger than what it could close. */
static bool reduce_list_holds(const struct engine *e, uint32_t index)
{
    const struct position *p = position_at(e, index);
    uint32_t before = 0, count = 0;
    for (uint32_t o = p->reduce_first, next; o != 0; before = o, o = next, count++) {
        const struct order *order = order_at(e, o);
        const struct order_extra *x = order_extra_at(e, order->extra);
        int64_t closable = order->side == SIDE_SELL ? p->quantity : -p->quantity;
        if (order->position != index || !(order->flags & PLACE_REDUCE_ONLY) || x->reduce_prev != before ||
            order->leaves > closable)
            return false;
        if (before != 0 && order_at(e, before)->id >= order->id) return false;
        next = x->reduce_next;
    }
    return count == p->reduce_count;
}

static void check_positions(const struct engine *e)
{
    for (uint32_t n = 1; n <= e->positions.used; n++) {
        const struct position *p = position_at(e, n);
        if (p->key == 0) continue;
        CHECK(position_find(e, p->account, p->instrument) == n && position_sums_hold(e, p));
        CHECK(position_good(e, p) && reduce_list_holds(e, n));
        CHECK(balance_find(e, p->account, instrument_at(e, p->instrument)->currency) == p->balance);
        CHECK(p->quantity != 0 ? p->quantity > 0 ? p->cost >= 0 : p->cost <= 0 : p->cost == 0);
    }
    CHECK(e->positions_by_pair.count == e->positions.live);
}

/* Instruments: their lists of trailing stops and session orders, and their counters. */

static uint32_t check_trailing(const struct engine *e, uint32_t instrument)
{
    const struct instrument *i = instrument_at(e, instrument);
    uint32_t before = 0, count = 0;
    for (uint32_t o = i->trail_first, next; o != 0; before = o, o = next, count++) {
        const struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);
        CHECK(order_at(e, o)->instrument == instrument && x->trail != 0 && x->trail_prev == before);
        CHECK(before == 0 || order_at(e, before)->priority < order_at(e, o)->priority);
        next = x->trail_next;
    }
    CHECK(count == i->trail_count && i->trail_last == before && count <= TRAILING_MAX);
    return count;
}

static uint32_t check_session(const struct engine *e, uint32_t instrument)
{
    const struct instrument *i = instrument_at(e, instrument);
    uint32_t before = 0, count = 0;
    for (uint32_t o = i->session_first, next; o != 0; before = o, o = next, count++) {
        const struct order *order = order_at(e, o);
        const struct order_extra *x = order_extra_at(e, order->extra);
        CHECK(order->instrument == instrument && x->session_prev == before);
        CHECK(order->tif == TIF_ON_OPEN || order->tif == TIF_ON_CLOSE);
        CHECK(before == 0 || order_at(e, before)->priority < order->priority);
        next = x->session_next;
    }
    CHECK(i->session_last == before);
    return count;
}

static void check_instruments(const struct engine *e)
{
    uint32_t trailing = 0, session = 0, orders = 0, open = 0;
    for (uint32_t n = 1; n <= e->instruments.used; n++) {
        const struct instrument *i = instrument_at(e, n);
        struct instrument_state s;
        instrument_value(e, i, &s);
        CHECK(instrument_good(e, &s) && instrument_find(e, &i->symbol) == n);
        orders += i->orders_count;
        open += i->positions_open;
        trailing += check_trailing(e, n);
        session += check_session(e, n);
    }
    for (uint32_t o = 1; o <= e->orders.used; o++) {
        const struct order *order = order_at(e, o);
        if (order->id == 0) continue;
        orders--;
        trailing -= order->extra != 0 && order_extra_at(e, order->extra)->trail != 0;
        session -= order->tif == TIF_ON_OPEN || order->tif == TIF_ON_CLOSE;
    }
    for (uint32_t p = 1; p <= e->positions.used; p++)
        open -= position_at(e, p)->key != 0 && position_at(e, p)->quantity != 0;
    CHECK(orders == 0 && open == 0 && trailing == 0 && session == 0);
}

/* The desk: routes and their orders know each other, lists and counts agree. */

static void check_route(const struct engine *e, uint32_t index)
{
    const struct route *r = route_at(e, index);
    struct route_state s;
    route_value(e, r, &s);
    CHECK(route_good(e, &s) && route_find(e, r->id) == index && (r->timer != 0) == (r->due_ns != 0));
    if (r->order != 0) {
        const struct order *o = order_at(e, r->order);
        CHECK(o->id == r->id && at_desk(o) && order_extra_at(e, o->extra)->route == index && o->side == r->side);
        CHECK(o->account == r->account && o->instrument == r->instrument);
        CHECK((o->phase == ORDER_PHASE_PENDING_ROUTE) == route_waits(r));
    } else {
        CHECK(order_find(e, r->id) == 0);
    }
    uint32_t last = 0, count = 0;
    for (uint32_t x = r->executions_first; x != 0; last = x, x = execution_at(e, x)->next)
        CHECK(execution_at(e, x)->id == r->id && execution_at(e, x)->number == ++count);
    CHECK(count == r->executions_count && last == r->executions_last);
}

static void check_waiting(const struct engine *e, uint32_t waiting)
{
    uint32_t before = 0;
    CHECK(waiting == e->waiting);
    for (uint32_t r = e->wait_first; r != 0; before = r, r = route_at(e, r)->wait_next, waiting--) {
        CHECK(route_waits(route_at(e, r)) && route_at(e, r)->wait_prev == before);
        CHECK(before == 0 || route_at(e, before)->wait < route_at(e, r)->wait);
    }
    CHECK(waiting == 0 && e->wait_last == before);
}

static void check_client_ids(const struct engine *e)
{
    uint32_t before = 0, aged = 0;
    for (uint32_t n = 1; n <= e->client_ids.used; n++) {
        const struct client_id_cell *c = client_id_cell_at(e, n);
        if (c->id == 0) continue;
        aged += c->used_ns != 0;
        CHECK(client_id_find(e, c->account, c->bytes) == n && (c->used_ns != 0 || c->order != 0));
        if (c->order != 0) CHECK(order_at(e, c->order)->id == c->id && order_at(e, c->order)->client_order_id == n);
    }
    for (uint32_t n = e->client_id_oldest; n != 0; before = n, n = client_id_cell_at(e, n)->newer, aged--)
        CHECK(before == 0 || client_id_cell_at(e, before)->used_ns <= client_id_cell_at(e, n)->used_ns);
    CHECK(aged == 0 && e->client_id_newest == before);
}

static void check_desk(const struct engine *e)
{
    uint32_t waiting = 0, executions = 0, timers = 0, keys = 0;
    for (uint32_t r = 1; r <= e->routes.used; r++) {
        if (route_at(e, r)->id == 0) continue;
        check_route(e, r);
        waiting += route_waits(route_at(e, r));
        executions += route_at(e, r)->executions_count;
        timers += route_at(e, r)->timer != 0;
    }
    CHECK(executions == e->executions.live && timers == e->route_timers && e->routes_by_id.count == e->routes.live);
    check_waiting(e, waiting);
    check_client_ids(e);
    for (uint32_t k = e->key_oldest; k != 0; k = key_cell_at(e, k)->newer) keys++;
    CHECK(keys == e->keys.live && desk_good(e));
}

void engine_check(const struct engine *e)
{
    CHECK(state_conserves(e) && sums_hold(e) && sweep_good(e) && pending_prices_good(e));
    check_queues(e);
    check_orders(e);
    check_accounts(e);
    check_positions(e);
    check_instruments(e);
    check_desk(e);
}

/* Everything while that is little; conservation and sums while that is not much; beyond it once for so many commands. */
void engine_check_turn(const struct engine *e)
{
    enum { LITTLE = 128, MUCH = 4096 };
    uint64_t objects =
        (uint64_t)e->orders.used + e->positions.used + e->balances.used + e->accounts.used + e->routes.used;
    if (objects <= LITTLE)
        engine_check(e);
    else if (objects <= MUCH || e->seq % (objects / LITTLE) == 0)
        CHECK(state_conserves(e) && sums_hold(e));
}
