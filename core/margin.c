/* core/margin.c - accounts whose equity is compared with what their positions need, and the liquidation of those that fall short.
 *
 *   account --(one of work)--> its currencies --(below liquidation_ppm)--> stage 1: its orders --> stage 2: its positions --> next currency
 *
 * What must stay true: e->sweep says at every moment what is still to be done, so the next CONTINUE can go on from it; an order that the
 * engine sends only ever reduces a position; what such an order sets off is over before the next one is sent. */
#include "core/desk_parts.h"
#include "core/position.h"
#include "core/walk.h"

enum { STAGE_LOOK = 0, STAGE_ORDERS = 1, STAGE_POSITIONS = 2 };
enum { PPM_ONE = 1000000, LIQUIDATIONS_MAX = 60000 };

struct standing {
    bool any;
    i128 equity, exposure;
};

static i128 magnitude(i128 x)
{
    return x < 0 ? -x : x;
}

static i128 position_worth(const struct instrument *i, const struct position *p)
{
    int64_t mark = position_mark_price(p->quantity, (enum trigger)i->mark, i->last_price, i->bid, i->ask);
    return position_bounded(mark != 0 ? notional_of(i, mark, p->quantity) : p->cost);
}

static struct standing standing_of(const struct engine *e, uint32_t account, uint32_t currency)
{
    struct standing s = {0};
    uint32_t balance = balance_find(e, account, currency);
    if (balance == 0) return s; /* nor a position */
    for (uint32_t n = account_more_at(e, account)->positions_first; n != 0; n = position_at(e, n)->account_next) {
        const struct position *p = position_at(e, n);
        if (p->balance != balance || p->quantity == 0) continue;
        i128 value = position_worth(instrument_at(e, p->instrument), p);
        s.any = true;
        s.equity += value;
        s.exposure += magnitude(value);
    }
    s.equity += balance_at(e, balance)->cash;
    return s;
}

/* equity < ceil(exposure * ppm / 10^6), where the product itself might not fit. */
static bool is_below(const struct standing *s, int64_t ppm)
{
    i128 whole = money_div_ceil(s->exposure - PPM_ONE + 1, PPM_ONE); /* floor */
    i128 rest = s->exposure - whole * PPM_ONE;
    return ppm != 0 && s->equity < whole * ppm + money_div_ceil(rest * ppm, PPM_ONE);
}

/* Calls, or says that the account is liquidated in this currency: true. A call is all that is done there, so it counts as work: what
 * many currencies of many accounts say stays within the turn's events. */
static bool currency_look(struct turn *t, uint32_t account, uint32_t currency)
{
    struct engine *e = t->engine;
    const struct account_limits *l = &account_rules_at(e, account_more_at(e, account)->rules)->limits;
    struct standing s = standing_of(e, account, currency);
    if (!s.any) return false;
    bool liquidation = is_below(&s, l->liquidation_ppm);
    if (!liquidation && !is_below(&s, l->margin_call_ppm)) return false;
    if (!liquidation) t->used++;
    struct event_margin_called *ev = &turn_event(t, EVENT_MARGIN_CALLED)->margin_called;
    *ev = (struct event_margin_called){.account = account_at(e, account)->account,
                                       .currency = currency_at(e, currency)->currency,
                                       .equity = s.equity,
                                       .exposure = s.exposure,
                                       .required_ppm = liquidation ? l->liquidation_ppm : l->margin_call_ppm,
                                       .liquidation = liquidation,
                                       .currency_scale = currency_at(e, currency)->scale};
    return liquidation;
}

/* Stage 1: its orders in the currency. False: work ended before the next one. */
static bool orders_end(struct turn *t, uint32_t account, uint32_t currency)
{
    struct engine *e = t->engine;
    uint32_t passed = 0; /* the last one that stays; what ends with its group is never in another currency */
    for (;;) {
        uint32_t o = passed == 0 ? account_at(e, account)->orders_first : order_at(e, passed)->account_next;
        if (o == 0) return true;
        const struct order *order = order_at(e, o);
        if (instrument_at(e, order->instrument)->currency != currency || order->phase == ORDER_PHASE_DISABLED ||
            !order_may_be_asked(e, order)) { /* what waits for its broker is not work: else it would use all of it up */
            passed = o;
            continue;
        }
        if (!turn_has_work(t)) return false;
        t->used++;
        bool at_broker = order->phase == ORDER_PHASE_AT_BROKER;
        order_cancel(t, o, EVENT_CANCELLED, CANCEL_REASON_LIQUIDATION);
        if (at_broker) passed = o; /* it stays until its broker has answered */
    }
}

/* Whether the walk's notional check holds for a quantity at the market. */
static bool may_send(struct turn *t, uint32_t account, struct instrument *i, int side, int64_t quantity)
{
    struct engine *e = t->engine;
    int64_t highest = taker_walk_highest(
        taker_walk_begin(e, i, side, market_bound(e, i, side), account, 0, quantity, turn_work_left(t)));
    return highest == 0 || judge_notional(t, account_at(e, account), i, highest, quantity) == 0;
}

static struct command_place order_against(const struct engine *e, const struct position *p)
{
    const struct decimal none = {0, DECIMAL_ABSENT};
    return (struct command_place){.account = account_at(e, p->account)->account,
                                  .symbol = instrument_at(e, p->instrument)->symbol,
                                  .price = none,
                                  .quantity = none,
                                  .stop_price = none,
                                  .display_quantity = none,
                                  .quote_quantity = none,
                                  .min_quantity = none,
                                  .trail = none,
                                  .leverage = none,
                                  .side = p->quantity > 0 ? SIDE_SELL : SIDE_BUY,
                                  .type = ORDER_TYPE_MARKET,
                                  .tif = TIF_IOC};
}

/* Whether an order of this command, whose events begin at `from`, was cancelled because work ran out. */
static bool ended_for_work(const struct turn *t, uint32_t from, uint64_t order_id)
{
    for (uint32_t n = from; n < t->count; n++) {
        const struct event_cancelled *c = &t->events[n].cancelled;
        if (t->events[n].kind == EVENT_CANCELLED && c->order_id == order_id)
            return c->reason == CANCEL_REASON_WORK_LIMIT;
    }
    return false;
}

/* Sends a MARKET order against a position, if it may trade. False: work ran out first, and what is left wants another. What
 * fills nothing uses one of the work, so that every order uses some. */
static bool position_end(struct turn *t, uint32_t position)
{
    struct engine *e = t->engine;
    const struct position *p = position_at(e, position);
    struct instrument *i = instrument_at(e, p->instrument);
    struct command_place asked = order_against(e, p);
    int64_t quantity = p->quantity < 0 ? -p->quantity : p->quantity;
    if (quantity > QUANTITY_MAX) quantity = QUANTITY_MAX - QUANTITY_MAX % i->lot_gcd;
    if (!instrument_live(e, i) || !may_send(t, p->account, i, asked.side, quantity)) {
        t->used++;
        return true;
    }
    struct ticket k = {.asked = &asked,
                       .account = account_at(e, p->account),
                       .instrument = i,
                       .account_index = p->account,
                       .instrument_index = p->instrument,
                       .position = position,
                       .balance = p->balance,
                       .orders = 1,
                       .price = asked.side == SIDE_BUY ? MARKET_PRICE_BUY : MARKET_PRICE_SELL,
                       .quantity = quantity,
                       .bound = market_bound(e, i, asked.side)};
    uint64_t id = e->seq << ORDER_INDEX_BITS | t->liquidations++;
    uint32_t from = t->count, used = t->used;
    place_execute(t, &k, id, 0, PLACE_LIQUIDATION);
    bool over = !ended_for_work(t, from, id);
    if (t->used == used) t->used++;
    aftermath(t);
    return over;
}

/* Two of an account's lists of positions, each in the instruments' order, as one; account_prev is left to positions_sort. */
static uint32_t positions_merge(struct engine *e, uint32_t a, uint32_t b)
{
    uint32_t first = 0, *link = &first;
    while (a != 0 && b != 0) {
        uint32_t *from = position_at(e, a)->instrument < position_at(e, b)->instrument ? &a : &b;
        *link = *from;
        link = &position_at(e, *from)->account_next;
        *from = *link;
    }
    *link = a != 0 ? a : b;
    return first;
}

/* Brings the account's list into the instruments' order: its own order means nothing, so this needs no room and leaves the state what
 * it was. n log n, once for each liquidation of a currency in a command. */
static void positions_sort(struct engine *e, uint32_t account)
{
    enum { RUNS = 32 };
    uint32_t runs[RUNS] = {0}, all = 0; /* runs[k]: 2^k positions, or none */
    for (uint32_t n = account_more_at(e, account)->positions_first, next; n != 0; n = next) {
        uint32_t run = n, k = 0;
        next = position_at(e, n)->account_next;
        position_at(e, n)->account_next = 0;
        for (; runs[k] != 0; runs[k++] = 0) run = positions_merge(e, runs[k], run);
        runs[k] = run;
    }
    for (uint32_t k = 0; k < RUNS; k++) all = positions_merge(e, runs[k], all);
    account_more_at(e, account)->positions_first = all;
    for (uint32_t n = all, before = 0; n != 0; before = n, n = position_at(e, n)->account_next)
        position_at(e, n)->account_prev = before;
}

/* The first position in the currency at or after n in the account's list, and after the instrument; 0: none. */
static uint32_t position_from(const struct engine *e, uint32_t n, uint32_t currency, uint32_t instrument)
{
    for (; n != 0; n = position_at(e, n)->account_next) {
        const struct position *p = position_at(e, n);
        if (p->quantity != 0 && p->instrument > instrument && instrument_at(e, p->instrument)->currency == currency)
            break;
    }
    return n;
}

static bool aftermath_is_over(const struct engine *e)
{
    return e->follow_first == 0 && (e->ranged == 0 || !instrument_live(e, instrument_at(e, e->ranged)));
}

/* Stage 2: its positions in the currency. False: work ended before the next one or in its order, or what that set off is not over.
 * The next one is known before an order is sent: in this currency the account has no other orders any more, so that one stays in the
 * list, while positions in other currencies may come to it and go. */
static bool positions_end(struct turn *t, uint32_t account, uint32_t currency)
{
    struct engine *e = t->engine;
    uint32_t done = e->sweep.instrument_id == 0 ? 0 : instrument_by_id(e, e->sweep.instrument_id);
    positions_sort(e, account);
    uint32_t p = position_from(e, account_more_at(e, account)->positions_first, currency, done);
    while (p != 0) {
        if (!turn_has_work(t) || t->liquidations >= LIQUIDATIONS_MAX) return false;
        uint32_t instrument = position_at(e, p)->instrument;
        uint32_t next = position_from(e, position_at(e, p)->account_next, currency, instrument);
        if (!position_end(t, p)) return false;
        e->sweep.instrument_id = instrument_at(e, instrument)->id;
        if (!aftermath_is_over(e)) return false;
        p = next;
    }
    return true;
}

/* Goes on with the liquidation that e->sweep stands in. False: it is not over. */
static bool liquidate(struct turn *t, uint32_t account, uint32_t currency)
{
    struct sweep_state *s = &t->engine->sweep;
    if (s->stage == STAGE_ORDERS) {
        if (!orders_end(t, account, currency)) return false;
        s->stage = STAGE_POSITIONS;
    }
    if (!positions_end(t, account, currency)) return false;
    s->stage = STAGE_LOOK;
    s->instrument_id = 0;
    return true;
}

/* Goes on with the account at hand. False: it is not over. */
static bool account_check(struct turn *t, uint32_t account, uint32_t *looked)
{
    struct engine *e = t->engine;
    struct sweep_state *s = &e->sweep;
    const struct account *a = account_at(e, account);
    uint32_t currency = s->currency_id == 0 ? 0 : currency_by_id(e, s->currency_id);
    if (currency != 0) {
        if (!liquidate(t, account, currency)) return false;
    } else {
        if (!turn_has_work(t)) return false;
        t->used++;
        ++*looked;
    }
    if (a->type != ACCOUNT_TYPE_MARGIN || more_of(e, a)->rules == 0) return true;
    while (++currency <= e->currencies.used) {
        if (!currency_look(t, account, currency)) continue;
        s->currency_id = currency_at(e, currency)->id;
        s->stage = STAGE_ORDERS;
        if (!liquidate(t, account, currency)) return false;
    }
    return true;
}

static uint32_t accounts_check(struct turn *t)
{
    struct engine *e = t->engine;
    uint32_t looked = 0, account = account_by_id(e, e->sweep.account_id);
    if (!aftermath_is_over(e)) return 0;
    while (account_check(t, account, &looked)) {
        if (!e->sweep.all || account == e->accounts.used) {
            memset(&e->sweep, 0, sizeof e->sweep);
            return looked;
        }
        e->sweep = (struct sweep_state){.kind = SWEEP_MARGIN, .all = true, .account_id = account_at(e, ++account)->id};
    }
    return looked;
}

uint32_t margin_continue(struct turn *t)
{
    uint32_t looked = accounts_check(t);
    aftermath(t);
    return looked;
}

void apply_check_margin(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    bool all = name_empty(&c->check_margin.account);
    uint32_t account = all ? 1 : account_find(e, &c->check_margin.account);
    enum reject no = account == 0 ? refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT) : pending_judge(t);
    if (no != 0) {
        turn_reject(t, c, 0);
        return;
    }
    e->sweep = (struct sweep_state){.kind = SWEEP_MARGIN, .all = all, .account_id = account_at(e, account)->id};
    swept_event(t, SWEEP_MARGIN, margin_continue(t));
}
