/* core/import.c - values put together to a state again.
 * What must stay true: importing what was exported gives the same digest and the same future; nothing is believed. Each value is judged by
 * itself (..._good, which core/check.c asks of every state), beside what is there already, and engine_import_end looks at the whole. */
#include "core/desk_parts.h"

/* Far above what cash, costs and profits can become, and far below what would not fit. */
#define MONEY_BOUND ((i128)1 << 120)
static bool money_good(i128 x)
{
    return x <= MONEY_BOUND && x >= -MONEY_BOUND;
}

static bool within(int64_t x, int64_t lowest, int64_t highest)
{
    return x >= lowest && x <= highest;
}
/* A number of state whose value for "none", or for the usual case, is 0 and has its own name in commands. */
static bool zero_or_above(uint8_t x, uint8_t usual, uint8_t highest)
{
    return x == 0 || (x > usual && x <= highest);
}
static bool step_good(int64_t x, int64_t gcd, int64_t highest)
{
    return x >= 0 && x <= highest && x % gcd == 0;
}
static bool name_good(const struct name *n)
{
    struct name again;
    return name_from_text(&again, n->bytes, name_len(n)) == 0 && name_equal(&again, n);
}

static bool sweep_fields_good(const struct sweep_state *w)
{
    switch (w->kind) {
    case SWEEP_NONE:
        return w->side == 0 && w->stage == 0 && !w->all && w->account_id == 0 && w->currency_id == 0 &&
               w->instrument_id == 0 && w->next_order_id == 0 && w->end_order_id == 0;
    case SWEEP_ROUTES:
    case SWEEP_BATCH: {
        bool ids = w->kind == SWEEP_ROUTES ? w->next_order_id != 0 && w->end_order_id == 0
                                           : w->next_order_id != 0 && w->next_order_id < w->end_order_id &&
                                                 w->end_order_id - w->next_order_id <= BATCH_ORDERS_MAX;
        return ids && w->side == 0 && w->stage == 0 && !w->all && w->account_id == 0 && w->currency_id == 0 &&
               w->instrument_id == 0;
    }
    case SWEEP_MASS_CANCEL:
    case SWEEP_END_OF_DAY: {
        bool filters = w->kind == SWEEP_MASS_CANCEL || (w->side == 0 && w->account_id == 0);
        return filters && w->side <= SIDE_NUMBER_MAX && w->stage == 0 && !w->all && w->currency_id == 0 &&
               w->next_order_id != 0 && w->end_order_id == 0;
    }
    case SWEEP_AUCTION:
        return w->side != 0 && w->side <= INSTRUMENT_STATE_NUMBER_MAX && within(w->stage, 1, 4) && !w->all &&
               w->account_id == 0 && w->currency_id == 0 && w->instrument_id != 0 && w->end_order_id == 0;
    case SWEEP_MARGIN:
        return w->side == 0 && w->stage <= 2 && (w->stage != 0) == (w->currency_id != 0) && w->account_id != 0 &&
               (w->instrument_id == 0 || w->stage == 2) && w->next_order_id == 0 && w->end_order_id == 0;
    default: return false;
    }
}

int engine_import_scalars(struct engine *e, const struct engine_scalars *s)
{
    if (e->seq != 0 || memcmp(&s->limits, &e->limits, sizeof e->limits) != 0) return ERR_CORRUPT;
    if (s->priority_next == 0 || s->now_ns < 0 ||
        !zero_or_above(s->trading, ACCOUNT_STATUS_ACTIVE, ACCOUNT_STATUS_NUMBER_MAX) || !sweep_fields_good(&s->sweep))
        return ERR_CORRUPT;
    e->seq = s->seq;
    e->now_ns = s->now_ns;
    e->priority_next = s->priority_next;
    e->trading = s->trading;
    e->sweep = s->sweep;
    return 0;
}

int engine_import_currency(struct engine *e, const struct currency_state *c)
{
    if (pool_full(&e->currencies)) return ERR_FULL;
    if (c->id == 0 || !name_good(&c->currency) || c->scale > CASH_SCALE_MAX || currency_find(e, &c->currency) != 0 ||
        currency_by_id(e, c->id) != 0)
        return ERR_CORRUPT;
    currency_make(e, c->id, &c->currency, c->scale);
    e->digest += digest_currency(c);
    return 0;
}

static bool leverage_good(uint32_t leverage)
{
    return leverage >= LEVERAGE_ONE && leverage <= LEVERAGE_MAX;
}

static bool modes_good(const struct instrument_spec *s)
{
    return within(s->trigger, 1, TRIGGER_NUMBER_MAX) && within(s->mark, 1, TRIGGER_NUMBER_MAX) &&
           within(s->state, 1, INSTRUMENT_STATE_NUMBER_MAX) &&
           zero_or_above(s->trading, ACCOUNT_STATUS_ACTIVE, ACCOUNT_STATUS_NUMBER_MAX) &&
           (s->max_leverage == 0 || leverage_good(s->max_leverage));
}

static bool spec_good(const struct instrument_spec *s)
{
    return within(s->tick, 1, PRICE_MAX) && within(s->lot, 1, QUANTITY_MAX) &&
           within(s->min_quantity, 0, QUANTITY_MAX) && within(s->max_quantity, 0, QUANTITY_MAX) &&
           (s->max_quantity == 0 || s->min_quantity <= s->max_quantity) && s->max_notional >= 0 &&
           s->max_notional <= NOTIONAL_MAX && within(s->collar_ppm, 0, COLLAR_PPM_MAX) &&
           within(s->maker_fee_rate, -FEE_RATE_ONE, FEE_RATE_ONE) &&
           within(s->taker_fee_rate, -FEE_RATE_ONE, FEE_RATE_ONE) && s->maker_fee_rate + s->taker_fee_rate >= 0 &&
           s->price_scale <= DECIMAL_SCALE_MAX && s->quantity_scale <= DECIMAL_SCALE_MAX && modes_good(s);
}

/* Every price and quantity that the market left behind. */
static bool market_good(const struct instrument_state *s)
{
    return step_good(s->last_price, s->tick_gcd, PRICE_MAX) && step_good(s->bid, s->tick_gcd, PRICE_MAX) &&
           step_good(s->ask, s->tick_gcd, PRICE_MAX) && step_good(s->bid_quantity, s->lot_gcd, QUANTITY_MAX) &&
           step_good(s->ask_quantity, s->lot_gcd, QUANTITY_MAX) && (s->bid != 0 || s->bid_quantity == 0) &&
           (s->ask != 0 || s->ask_quantity == 0) && (s->bid == 0 || s->ask == 0 || s->bid <= s->ask) &&
           step_good(s->range_low, s->tick_gcd, PRICE_MAX) && step_good(s->range_high, s->tick_gcd, PRICE_MAX) &&
           step_good(s->auction_price, s->tick_gcd, PRICE_MAX);
}

bool instrument_good(const struct engine *e, const struct instrument_state *s)
{
    uint32_t currency = currency_find(e, &s->spec.currency);
    return s->id != 0 && currency != 0 && currency_at(e, currency)->scale == s->spec.currency_scale &&
           name_good(&s->spec.symbol) && s->spec.symbol.bytes[0] != '@' && spec_good(&s->spec) &&
           instrument_steps_good(s) && market_good(s);
}

int engine_import_instrument(struct engine *e, const struct instrument_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->instruments)) return ERR_FULL;
    if (!instrument_good(e, s) || instrument_find(e, &s->spec.symbol) != 0 || instrument_by_id(e, s->id) != 0)
        return ERR_CORRUPT;
    bool ranged = s->range_low != 0 || s->range_high != 0;
    struct instrument *i = instrument_at(e, instrument_make(e, s->id, &s->spec.symbol));
    instrument_set_spec(i, &s->spec);
    i->currency = currency_find(e, &s->spec.currency);
    i->state = s->spec.state;
    i->trading = s->spec.trading;
    i->tick_gcd = s->tick_gcd;
    i->lot_gcd = s->lot_gcd;
    i->last_price = s->last_price;
    i->bid = s->bid;
    i->bid_quantity = s->bid_quantity;
    i->ask = s->ask;
    i->ask_quantity = s->ask_quantity;
    i->auction_price = s->auction_price;
    instrument_touch(e, i);
    if (ranged) range_set(e, i, s->range_low, s->range_high);
    return 0;
}

static bool limits_good(const struct engine *e, const struct account_state *s)
{
    const i128 largest = (i128)INT64_MAX * 1000000000;
    enum { BUCKET_NS = 1000000000 };
    const struct account_limits *l = &s->limits;
    return l->max_order_quantity >= 0 && l->max_order_quantity <= largest && l->max_position >= 0 &&
           l->max_position <= largest && l->max_order_notional >= 0 && l->max_order_notional <= largest &&
           within(l->maker_fee_rate, 0, l->own_maker_fee ? FEE_RATE_ONE : 0) &&
           within(l->taker_fee_rate, 0, l->own_taker_fee ? FEE_RATE_ONE : 0) &&
           within(l->margin_call_ppm, 0, MARGIN_PPM_MAX) && within(l->liquidation_ppm, 0, MARGIN_PPM_MAX) &&
           l->max_orders_per_second <= ORDERS_PER_SECOND_MAX && s->rate_tat_ns >= 0 &&
           s->rate_tat_ns - BUCKET_NS <= e->now_ns && (l->max_orders_per_second != 0 || s->rate_tat_ns == 0);
}

/* place: 1 for the first account of all. The first ones are the house's; only they, and those of venues, have names with @. */
bool account_good(const struct engine *e, const struct account_state *s, uint32_t place)
{
    static const struct name house[HOUSE_ACCOUNTS] = {{"@fees"}, {"@external"}, {"@import"}, {"@QUOTE"}};
    bool of_house = place <= HOUSE_ACCOUNTS;
    return s->id != 0 && name_good(&s->account) &&
           (of_house ? name_equal(&s->account, &house[place - 1]) && s->type == ACCOUNT_TYPE_HOUSE
                     : (s->account.bytes[0] == '@') <= (s->type == ACCOUNT_TYPE_HOUSE && s->allow_short)) &&
           within(s->type, 1, ACCOUNT_TYPE_NUMBER_MAX) && within(s->status, 1, ACCOUNT_STATUS_NUMBER_MAX) &&
           leverage_good(s->leverage) && zero_or_above(s->stp, STP_NONE, STP_NUMBER_MAX) &&
           (s->type != ACCOUNT_TYPE_CASH || (s->leverage == LEVERAGE_ONE && !s->allow_short)) && limits_good(e, s);
}

int engine_import_account(struct engine *e, const struct account_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->accounts)) return ERR_FULL;
    if (!account_good(e, s, e->accounts.used + 1) || account_find(e, &s->account) != 0 || account_by_id(e, s->id) != 0)
        return ERR_CORRUPT;
    uint32_t index = account_make(e, s->id, &s->account);
    struct account *a = account_at(e, index);
    a->leverage = s->leverage;
    a->type = s->type;
    a->status = s->status;
    a->allow_short = s->allow_short;
    more_of(e, a)->stp = s->stp;
    account_set_rules(e, a, &s->limits, s->rate_tat_ns);
    e->digest += digest_account(s) - digest_account_rules(s);
    if (index == 1) e->fees_account = index; /* the house accounts are the first ones */
    if (index == 2) e->external_account = index;
    if (index == HOUSE_ACCOUNTS) e->quote_account = index;
    return 0;
}

int engine_import_balance(struct engine *e, const struct balance_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->balances)) return ERR_FULL;
    uint32_t account = account_by_id(e, s->account_id), currency = currency_by_id(e, s->currency_id);
    if (account == 0 || currency == 0 || balance_find(e, account, currency) != 0 || !money_good(s->cash))
        return ERR_CORRUPT;
    uint32_t index = balance_make(e, account, currency);
    struct balance *b = balance_at(e, index);
    b->cash = s->cash; /* the sums come with the positions and orders */
    if (account == e->fees_account) currency_at(e, currency)->fees_balance = index;
    return 0;
}

/* What is left of a cost may be rounded to nothing, but has no other sign than the quantity. */
static bool cost_good(const struct position_state *s)
{
    if (s->quantity == 0) return s->cost == 0;
    return money_good(s->cost) && (s->quantity > 0 ? s->cost >= 0 : s->cost <= 0);
}

int engine_import_position(struct engine *e, const struct position_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->positions)) return ERR_FULL;
    uint32_t account = account_by_id(e, s->account_id), instrument = instrument_by_id(e, s->instrument_id);
    if (account == 0 || instrument == 0 || position_find(e, account, instrument) != 0) return ERR_CORRUPT;
    struct instrument *i = instrument_at(e, instrument);
    struct account *a = account_at(e, account);
    uint32_t balance = balance_find(e, account, i->currency);
    if (balance == 0 || currency_at(e, i->currency)->fees_balance == 0 ||
        !within(s->quantity, -POSITION_MAX, POSITION_MAX) || s->quantity % i->lot_gcd != 0 || !cost_good(s) ||
        !money_good(s->realized))
        return ERR_CORRUPT;
    struct position *p = position_at(e, position_make(e, account, instrument, balance));
    p->quantity = s->quantity;
    p->cost = s->cost;
    p->realized = s->realized;
    struct balance *b = balance_at(e, balance);
    b->cost_net += p->cost;
    b->margin_used += money_margin(p->cost, leverage_of(a, i));
    if (p->quantity != 0) position_opened(e, p);
    return money_good(b->cost_net) && money_good(b->margin_used) ? 0 : ERR_CORRUPT;
}

/* Orders. */

static bool is_stop(const struct order_state *s)
{
    return s->type == ORDER_TYPE_STOP || s->type == ORDER_TYPE_STOP_LIMIT;
}
static bool is_session(const struct order_state *s)
{
    return s->tif == TIF_ON_OPEN || s->tif == TIF_ON_CLOSE;
}
static bool is_gtt(const struct order_state *s)
{
    return (s->flags & PLACE_GTT) != 0;
}
/* In no sum: core/links.c. */
static bool is_held(const struct order_state *s)
{
    const struct order_extra_state *x = &s->extra;
    return x->phase == ORDER_PHASE_WAITING || (x->link == LINK_OCO && x->member == 1) ||
           (x->link == LINK_BRACKET && x->member == 2);
}

/* What each place to wait asks of the orders there. */
static bool phase_good(const struct order_state *s)
{
    const struct order_extra_state *x = &s->extra;
    bool works = !is_gtt(s) && !is_stop(s), all_or_none = (s->flags & PLACE_ALL_OR_NONE) != 0;
    if (all_or_none != (x->phase == ORDER_PHASE_ALL_OR_NONE)) return false;
    switch (x->phase) {
    case ORDER_PHASE_RESTING: return works && x->venue == 0 && (s->type == ORDER_TYPE_LIMIT || is_session(s));
    case ORDER_PHASE_PENDING_TRIGGER:
        return is_gtt(s) || (is_stop(s) && x->direction == (s->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY));
    case ORDER_PHASE_WAITING:
        return !is_gtt(s) && s->type != ORDER_TYPE_MARKET && x->member != 0 && x->link > LINK_OCO && x->venue == 0;
    case ORDER_PHASE_PARKED: return works && s->tif == TIF_ON_CLOSE && x->venue == 0;
    case ORDER_PHASE_AT_QUOTE: return works && !is_session(s) && x->venue == VENUE_QUOTE;
    case ORDER_PHASE_ALL_OR_NONE: return works && s->type == ORDER_TYPE_LIMIT && x->venue == 0;
    case ORDER_PHASE_DISABLED: return is_gtt(s);
    case ORDER_PHASE_PENDING_ROUTE: return !is_gtt(s) && !is_session(s) && x->venue == VENUE_NONE;
    case ORDER_PHASE_AT_BROKER:
        return !is_gtt(s) && !is_session(s) && x->venue >= VENUE_BROKER_FIRST && x->venue != VENUE_NONE;
    default: return false;
    }
}

static bool order_prices_good(const struct instrument *i, const struct order_state *s)
{
    const struct order_extra_state *x = &s->extra;
    bool waits = x->phase == ORDER_PHASE_PENDING_TRIGGER || x->phase == ORDER_PHASE_DISABLED;
    bool desk = x->phase >= ORDER_PHASE_PENDING_ROUTE;
    bool stops = waits || ((x->phase == ORDER_PHASE_WAITING || desk) && is_stop(s));
    if (s->type == ORDER_TYPE_LIMIT || s->type == ORDER_TYPE_STOP_LIMIT) {
        if (s->price == 0 || !step_good(s->price, i->tick_gcd, PRICE_MAX)) return false;
    } else if (s->type == ORDER_TYPE_STOP || is_gtt(s)) {
        if (s->price != 0) return false;
    } else if (s->price != (s->side == SIDE_BUY ? MARKET_PRICE_BUY : MARKET_PRICE_SELL)) {
        return false;
    }
    return stops == (x->stop_price != 0) && step_good(x->stop_price, i->tick_gcd, PRICE_MAX) &&
           waits == (x->direction != 0) && x->direction <= SIDE_NUMBER_MAX &&
           step_good(x->hold_price, i->tick_gcd, PRICE_MAX);
}

static bool trail_good(const struct instrument *i, const struct order_state *s)
{
    enum { PPM_ONE = 1000000 };
    const struct order_extra_state *x = &s->extra;
    bool percent = (s->flags & PLACE_TRAIL_PERCENT) != 0;
    if (x->trail == 0) return !percent;
    return s->type == ORDER_TYPE_STOP && x->phase == ORDER_PHASE_PENDING_TRIGGER &&
           (percent ? within(x->trail, 1, PPM_ONE - 1) : step_good(x->trail, i->tick_gcd, PRICE_MAX));
}

static bool iceberg_good(const struct instrument *i, const struct order_state *s)
{
    const struct order_extra_state *x = &s->extra;
    if (x->display_quantity == 0) return x->shown == 0;
    return x->phase == ORDER_PHASE_RESTING && s->type == ORDER_TYPE_LIMIT &&
           step_good(x->display_quantity, i->lot_gcd, QUANTITY_MAX) && x->shown > 0 && x->shown <= s->leaves &&
           x->shown <= x->display_quantity;
}

static bool link_good(const struct engine *e, const struct instrument *i, const struct order_state *s)
{
    static const uint8_t members[LINK_NUMBER_MAX + 1] = {0, 1, 1, 2};
    const struct order_extra_state *x = &s->extra;
    bool children = x->link == LINK_OTO || x->link == LINK_BRACKET;
    if (x->link > LINK_NUMBER_MAX || x->member > members[x->link]) return false;
    if (x->link != 0 && (s->id & (((uint64_t)1 << ORDER_INDEX_BITS) - 1)) != x->member) return false;
    if (children != (x->activation != 0) || x->activation > ACTIVATION_NUMBER_MAX) return false;
    if (x->due != 0 && !(children && x->member == 1 && step_good(x->due, i->lot_gcd, QUANTITY_MAX))) return false;
    return x->follow == 0 || (children && x->member <= 1 && x->follow < e->priority_next);
}

/* What it holds, and what it closes. How much exactly comes from rates that may have changed since. */
static bool order_sums_good(const struct account *a, const struct order_state *s)
{
    bool none = is_gtt(s) || is_held(s) || a->type == ACCOUNT_TYPE_HOUSE;
    if (s->closing_leaves < 0 || s->closing_leaves > s->leaves || s->hold < 0 || s->hold > 4 * NOTIONAL_MAX)
        return false;
    if (none && (s->closing_leaves != 0 || s->hold != 0)) return false;
    if (!none && (s->flags & PLACE_REDUCE_ONLY) && s->closing_leaves != s->leaves) return false;
    return (s->leaves != s->closing_leaves || s->hold == 0) && s->notional_filled >= 0 &&
           s->notional_filled <= NOTIONAL_MAX && s->fee_accrued <= NOTIONAL_MAX * FEE_RATE_ONE &&
           s->fee_accrued >= -NOTIONAL_MAX * FEE_RATE_ONE;
}

/* A GTD order at a broker may have outlived its time: then the end was asked for. */
static bool expiry_good(const struct order_state *s)
{
    if (s->tif != TIF_GTD) return s->expires_ns == 0;
    return s->expires_ns != 0 || s->extra.phase == ORDER_PHASE_AT_BROKER;
}

static bool terms_good(const struct engine *e, const struct order_state *s)
{
    uint8_t allowed = is_gtt(s)
                          ? PLACE_GTT
                          : PLACE_POST_ONLY | PLACE_REDUCE_ONLY | PLACE_ALL_OR_NONE | PLACE_TRAIL_PERCENT | PLACE_BATCH;
    bool at_once = s->extra.phase == ORDER_PHASE_AT_BROKER && (s->tif == TIF_IOC || s->tif == TIF_FOK);
    bool tif = s->tif == TIF_DAY || s->tif == TIF_GTC || s->tif == TIF_GTD || (is_session(s) && !is_stop(s)) || at_once;
    for (unsigned n = s->client_order_id_len; n < CLIENT_ORDER_ID_BYTES_MAX; n++)
        if (s->client_order_id[n] != 0) return false;
    return within(s->side, 1, SIDE_NUMBER_MAX) && within(s->type, 1, ORDER_TYPE_NUMBER_MAX) && tif &&
           (s->flags & ~allowed) == 0 && zero_or_above(s->stp, STP_NONE, STP_NUMBER_MAX) &&
           s->client_order_id_len <= CLIENT_ORDER_ID_BYTES_MAX && expiry_good(s) && s->created_ns >= 0 &&
           s->created_ns <= s->updated_ns && s->updated_ns <= e->now_ns;
}

bool order_good(const struct engine *e, const struct order_state *s)
{
    uint32_t account = account_by_id(e, s->account_id), instrument = instrument_by_id(e, s->instrument_id);
    if (account == 0 || instrument == 0) return false;
    const struct instrument *i = instrument_at(e, instrument);
    const struct order_extra_state *x = &s->extra;
    bool at_broker = x->phase >= ORDER_PHASE_PENDING_ROUTE; /* it may have been filled with more than was asked for */
    return s->id != 0 && s->priority != 0 && s->priority < e->priority_next && s->leaves > 0 &&
           s->leaves <= s->quantity && step_good(s->leaves, i->lot_gcd, QUANTITY_MAX) &&
           step_good(s->quantity, i->lot_gcd, at_broker ? POSITION_MAX : QUANTITY_MAX) && terms_good(e, s) &&
           phase_good(s) && order_prices_good(i, s) && trail_good(i, s) && iceberg_good(i, s) && link_good(e, i, s) &&
           (x->leverage == 0 || leverage_good(x->leverage)) &&
           (x->venue == 0 || x->venue == VENUE_NONE || (x->venue >= VENUE_QUOTE && x->venue <= e->venues_count)) &&
           order_sums_good(account_at(e, account), s);
}

/* Puts an order into the follow list where its number says. They come by priority, so mostly at the end. */
static bool follow_insert(struct engine *e, uint32_t o)
{
    struct order_extra *x = order_extra_at(e, order_at(e, o)->extra);
    uint32_t before = e->follow_last, after = 0;
    while (before != 0 && order_extra_at(e, order_at(e, before)->extra)->follow > x->follow) {
        after = before;
        before = order_extra_at(e, order_at(e, before)->extra)->follow_prev;
    }
    if (before != 0 && order_extra_at(e, order_at(e, before)->extra)->follow == x->follow) return false;
    x->follow_prev = before;
    x->follow_next = after;
    *(before != 0 ? &order_extra_at(e, order_at(e, before)->extra)->follow_next : &e->follow_first) = o;
    *(after != 0 ? &order_extra_at(e, order_at(e, after)->extra)->follow_prev : &e->follow_last) = o;
    return true;
}

/* Whether it has something that only some orders have, or is in a list that runs through that. */
static bool needs_extra(const struct order_state *s)
{
    const struct order_extra_state *x = &s->extra;
    return x->stop_price != 0 || x->display_quantity != 0 || x->hold_price != 0 || x->leverage != 0 || x->venue != 0 ||
           x->link != 0 || is_session(s) || (s->flags & PLACE_REDUCE_ONLY);
}

/* Used longer ago than anybody minds, until the table of used ids says when. */
static uint32_t client_id_of(struct engine *e, const struct order_state *s, uint32_t account)
{
    struct client_id_cell c = {.id = s->id, .account = account, .len_bytes = s->client_order_id_len};
    memcpy(c.bytes, s->client_order_id, sizeof c.bytes);
    return client_id_put(e, &c);
}

static uint32_t order_put(struct engine *e, const struct order_state *s, uint32_t account, uint32_t instrument,
                          uint32_t position)
{
    const struct order_extra_state *x = &s->extra;
    struct order o = {.id = s->id,
                      .price = s->price,
                      .leaves = s->leaves,
                      .priority = s->priority,
                      .position = position,
                      .account = account,
                      .side = s->side,
                      .type = s->type,
                      .tif = s->tif,
                      .flags = s->flags,
                      .client_order_id_len = s->client_order_id_len,
                      .phase = x->phase,
                      .stp = s->stp,
                      .hold = s->hold,
                      .closing_leaves = s->closing_leaves,
                      .quantity = s->quantity,
                      .created_ns = s->created_ns,
                      .updated_ns = s->updated_ns,
                      .notional_filled = s->notional_filled,
                      .fee_accrued = s->fee_accrued,
                      .expires_ns = s->expires_ns,
                      .instrument = instrument};
    struct order_extra extra = {.stop_price = x->stop_price,
                                .trail = x->trail,
                                .display_quantity = x->display_quantity,
                                .shown = x->shown,
                                .hold_price = x->hold_price,
                                .due = x->due,
                                .follow = x->follow,
                                .leverage = x->leverage,
                                .venue = x->venue,
                                .link = x->link,
                                .member = x->member,
                                .activation = x->activation,
                                .direction = x->direction};
    if (s->client_order_id_len != 0) o.client_order_id = client_id_of(e, s, account);
    return order_store(e, &o, needs_extra(s) ? &extra : NULL);
}

/* The sums that an order adds to, inside their bounds: what could be bought or sold never leads beyond the largest position. */
bool position_good(const struct engine *e, const struct position *p)
{
    const struct balance *b = balance_at(e, p->balance);
    return p->open[0] >= 0 && p->open[1] >= 0 && p->open[0] <= POSITION_MAX - p->quantity &&
           p->open[1] <= POSITION_MAX + p->quantity && money_good(b->reserved);
}

static int lists_room(const struct engine *e, const struct order_state *s, uint32_t account, uint32_t instrument,
                      uint32_t position)
{
    if (e->orders.live >= e->limits.orders_max || pool_full(&e->levels) ||
        (s->tif == TIF_GTD && e->timers_count - e->route_timers >= e->limits.timers_max) ||
        (s->client_order_id_len != 0 && pool_full(&e->client_ids)))
        return ERR_FULL;
    if (s->client_order_id_len != 0 && client_id_find(e, account, s->client_order_id) != 0) return ERR_CORRUPT;
    if (s->extra.trail != 0 && instrument_at(e, instrument)->trail_count >= TRAILING_MAX) return ERR_CORRUPT;
    if ((s->flags & PLACE_REDUCE_ONLY) && position_at(e, position)->reduce_count >= REDUCE_ONLY_MAX) return ERR_CORRUPT;
    return 0;
}

int engine_import_order(struct engine *e, const struct order_state *s)
{
    dirty_make_room(e);
    if (!order_good(e, s) || order_find(e, s->id) != 0) return ERR_CORRUPT;
    uint32_t account = account_by_id(e, s->account_id), instrument = instrument_by_id(e, s->instrument_id);
    uint32_t position = is_gtt(s) ? 0 : position_find(e, account, instrument);
    if (position == 0 && !is_gtt(s)) return ERR_CORRUPT;
    int code = lists_room(e, s, account, instrument, position);
    if (code != 0) return code;
    const struct account *a = account_at(e, account);
    if (a->orders_last != 0 && order_at(e, a->orders_last)->priority >= s->priority) return ERR_CORRUPT;
    uint32_t o = order_put(e, s, account, instrument, position);
    if (s->extra.phase != ORDER_PHASE_WAITING && s->extra.phase != ORDER_PHASE_DISABLED) order_join(e, o);
    if (s->extra.follow != 0 && !follow_insert(e, o)) return ERR_CORRUPT;
    if (is_gtt(s)) return 0;
    if (!is_held(s)) order_occupy(e, order_at(e, o));
    return position_good(e, position_at(e, position)) ? 0 : ERR_CORRUPT;
}

/* The whole. */

bool group_good(const struct engine *e, const struct order *o)
{
    const struct order_extra *x = o->extra == 0 ? NULL : order_extra_at(e, o->extra);
    if (x == NULL || x->link == 0) return true;
    bool pair = x->link == LINK_OCO || (x->link == LINK_BRACKET && x->member != 0);
    uint32_t entry = order_find(e, o->id - x->member);
    if (entry != 0 && (order_at(e, entry)->account != o->account || order_at(e, entry)->instrument != o->instrument ||
                       order_at(e, entry)->extra == 0 || order_extra_at(e, order_at(e, entry)->extra)->link != x->link))
        return false;
    if (!pair) return true;
    uint64_t sum = x->link == LINK_OCO ? 1 : 3; /* of the two members' numbers */
    uint32_t other = order_find(e, o->id - x->member + (sum - x->member));
    if (other == 0) return false;
    const struct order *b = order_at(e, other);
    if (b->extra == 0 || order_extra_at(e, b->extra)->link != x->link || b->account != o->account ||
        b->instrument != o->instrument || b->side != o->side || ((b->flags ^ o->flags) & PLACE_GTT))
        return false;
    bool waiting = o->phase == ORDER_PHASE_WAITING, disabled = o->phase == ORDER_PHASE_DISABLED;
    return (b->phase == ORDER_PHASE_WAITING) == waiting && (b->phase == ORDER_PHASE_DISABLED) == disabled &&
           ((o->flags & PLACE_GTT) || b->leaves == o->leaves);
}

bool sweep_good(const struct engine *e)
{
    const struct sweep_state *w = &e->sweep;
    uint32_t account = account_by_id(e, w->account_id), instrument = instrument_by_id(e, w->instrument_id);
    uint32_t next = w->next_order_id == 0 ? 0 : order_find(e, w->next_order_id);
    const struct order *o = order_at(e, next);
    if (!sweep_fields_good(w)) return false;
    if (w->kind == SWEEP_BATCH) return true;
    if (w->kind == SWEEP_ROUTES) return next != 0 && o->phase == ORDER_PHASE_PENDING_ROUTE;
    if ((w->account_id != 0 && account == 0) || (w->instrument_id != 0 && instrument == 0)) return false;
    if (w->currency_id != 0 && currency_by_id(e, w->currency_id) == 0) return false;
    if (w->next_order_id != 0 && next == 0) return false;
    if (w->kind == SWEEP_AUCTION)
        return next == 0 || (o->instrument == instrument && o->side == SIDE_BUY && o->phase == ORDER_PHASE_RESTING);
    if (w->kind != SWEEP_MASS_CANCEL && w->kind != SWEEP_END_OF_DAY) return true;
    if (account != 0) return o->account == account;
    return o->level != 0 && (instrument == 0 || o->instrument == instrument);
}

/* Prices that only pending work leaves behind. */
bool pending_prices_good(const struct engine *e)
{
    bool session = e->sweep.kind == SWEEP_AUCTION;
    uint32_t first = 0, count = 0;
    for (uint32_t n = 1; n <= e->instruments.used; n++) {
        const struct instrument *i = instrument_at(e, n);
        bool at_hand = session && i->id == e->sweep.instrument_id;
        if (i->auction_price != 0 && !at_hand) return false;
        if (i->range_low == 0 && i->range_high == 0) continue;
        if (!instrument_live(e, i) && !at_hand) return false;
        if (count++ == 0) first = n;
    }
    return e->ranged == first && e->ranged_count == count;
}

int engine_import_end(struct engine *e)
{
    /* SET_LIMITS was the first to make anything, and made the house accounts; before it a tape may have been refused things. */
    e->ready = e->accounts.live != 0;
    if (e->ready ? e->accounts.live < HOUSE_ACCOUNTS : e->currencies.live + e->instruments.live + e->trading != 0)
        return ERR_CORRUPT;
    if (!sweep_good(e) || !pending_prices_good(e) || !state_conserves(e) || !desk_good(e)) return ERR_CORRUPT;
    for (uint32_t o = 1; o <= e->orders.used; o++)
        if (order_at(e, o)->id != 0 && !group_good(e, order_at(e, o))) return ERR_CORRUPT;
    return 0;
}
