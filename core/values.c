/* core/values.c - state as the plain values of core/state.h, and the questions that are answered with them.
 * What must stay true: a value holds everything of its object that can change what happens later, and no index of the arena. */
#include "core/book.h"
#include "core/engine_parts.h"

void currency_value(const struct currency *c, struct currency_state *out)
{
    *out = (struct currency_state){.id = c->id, .currency = c->currency, .scale = c->scale};
}

void instrument_value(const struct engine *e, const struct instrument *i, struct instrument_state *out)
{
    *out = (struct instrument_state){
        .id = i->id,
        .spec = {.symbol = i->symbol,
                 .currency = currency_at(e, i->currency)->currency,
                 .max_notional = i->max_notional,
                 .tick = i->tick,
                 .lot = i->lot,
                 .min_quantity = i->min_quantity,
                 .max_quantity = i->max_quantity,
                 .collar_ppm = i->collar_ppm,
                 .maker_fee_rate = i->maker_fee_rate,
                 .taker_fee_rate = i->taker_fee_rate,
                 .max_leverage = i->max_leverage,
                 .settlement_days = i->settlement_days,
                 .price_scale = i->price_scale,
                 .quantity_scale = i->quantity_scale,
                 .currency_scale = i->currency_scale,
                 .trigger = i->trigger,
                 .state = i->state,
                 .mark = i->mark,
                 .trading = i->trading,
                 .halt_on_breach = i->halt_on_breach != 0},
        .tick_gcd = i->tick_gcd,
        .lot_gcd = i->lot_gcd,
        .last_price = i->last_price,
        .bid = i->bid,
        .bid_quantity = i->bid_quantity,
        .ask = i->ask,
        .ask_quantity = i->ask_quantity,
        .range_low = i->range_low,
        .range_high = i->range_high,
        .auction_price = i->auction_price,
    };
}

void account_value(const struct engine *e, const struct account *a, struct account_state *out)
{
    *out = (struct account_state){.id = a->id,
                                  .account = a->account,
                                  .leverage = a->leverage,
                                  .type = a->type,
                                  .status = a->status,
                                  .stp = more_of(e, a)->stp,
                                  .allow_short = a->allow_short != 0};
    if (more_of(e, a)->rules == 0) return;
    const struct account_rules *r = account_rules_at(e, more_of(e, a)->rules);
    out->limits = r->limits;
    out->rate_tat_ns = r->rate_tat_ns;
}

void balance_value(const struct engine *e, const struct balance *b, struct balance_state *out)
{
    *out = (struct balance_state){.account_id = account_at(e, b->account)->id,
                                  .currency_id = currency_at(e, b->currency)->id,
                                  .cash = b->cash,
                                  .reserved = b->reserved,
                                  .cost_net = b->cost_net,
                                  .margin_used = b->margin_used};
}

void position_value_of(const struct engine *e, const struct position *p, struct position_state *out)
{
    *out = (struct position_state){.account_id = account_at(e, p->account)->id,
                                   .instrument_id = instrument_at(e, p->instrument)->id,
                                   .quantity = p->quantity,
                                   .cost = p->cost,
                                   .realized = p->realized,
                                   .open_buy = p->open[SIDE_BUY - 1],
                                   .open_sell = p->open[SIDE_SELL - 1],
                                   .closing_buy = p->closing[SIDE_BUY - 1],
                                   .closing_sell = p->closing[SIDE_SELL - 1]};
}

static void order_extra_value(const struct order_extra *x, struct order_extra_state *out)
{
    out->stop_price = x->stop_price;
    out->trail = x->trail;
    out->display_quantity = x->display_quantity;
    out->shown = x->shown;
    out->hold_price = x->hold_price;
    out->due = x->due;
    out->follow = x->follow;
    out->leverage = x->leverage;
    out->venue = x->venue;
    out->link = x->link;
    out->member = x->member;
    out->activation = x->activation;
    out->direction = x->direction;
}

void order_value(const struct engine *e, const struct order *o, struct order_state *out)
{
    *out = (struct order_state){.id = o->id,
                                .account_id = account_at(e, o->account)->id,
                                .instrument_id = instrument_at(e, o->instrument)->id,
                                .priority = o->priority,
                                .price = o->price,
                                .quantity = o->quantity,
                                .leaves = o->leaves,
                                .closing_leaves = o->closing_leaves,
                                .created_ns = o->created_ns,
                                .updated_ns = o->updated_ns,
                                .expires_ns = o->expires_ns,
                                .notional_filled = o->notional_filled,
                                .fee_accrued = o->fee_accrued,
                                .hold = o->hold,
                                .side = o->side,
                                .type = o->type,
                                .tif = o->tif,
                                .flags = o->flags,
                                .stp = o->stp,
                                .extra = {.phase = o->phase},
                                .client_order_id_len = o->client_order_id_len};
    if (o->extra != 0) order_extra_value(order_extra_at(e, o->extra), &out->extra);
    if (o->client_order_id_len != 0)
        memcpy(out->client_order_id, client_id_cell_at(e, o->client_order_id)->bytes, CLIENT_ORDER_ID_BYTES_MAX);
}

/* Queries. */

struct engine_scalars engine_scalars(const struct engine *e)
{
    return (struct engine_scalars){.limits = e->limits,
                                   .seq = e->seq,
                                   .now_ns = e->now_ns,
                                   .priority_next = e->priority_next,
                                   .trading = e->trading,
                                   .sweep = e->sweep};
}

struct engine_counts engine_counts(const struct engine *e)
{
    return (struct engine_counts){.orders = e->orders.live,
                                  .levels = e->levels.live,
                                  .instruments = e->instruments.live,
                                  .accounts = e->accounts.live,
                                  .positions = e->positions.live,
                                  .balances = e->balances.live,
                                  .currencies = e->currencies.live,
                                  .timers = e->timers_count,
                                  .venues = e->venues_count,
                                  .rules = e->route_rules_count,
                                  .routes = e->routes.live,
                                  .executions = e->executions.live,
                                  .client_ids = e->client_ids.live,
                                  .keys = e->keys.live,
                                  .waiting = e->waiting};
}

bool engine_get_order(const struct engine *e, uint64_t order_id, struct order_state *out)
{
    uint32_t o = order_id == 0 ? 0 : order_find(e, order_id);
    if (o != 0) order_value(e, order_at(e, o), out);
    return o != 0;
}

bool engine_get_instrument(const struct engine *e, const struct name *symbol, struct instrument_state *out)
{
    uint32_t i = instrument_find(e, symbol);
    if (i != 0) instrument_value(e, instrument_at(e, i), out);
    return i != 0;
}

/* Ids ascend with the index, except where a branch inserted makers: halving finds nearly all, a scan the rest. */
#define FIND_BY_ID(type, pool_field)                                                                                   \
    uint32_t type##_by_id(const struct engine *e, uint64_t id)                                                         \
    {                                                                                                                  \
        uint32_t low = 1, high = e->pool_field.used;                                                                   \
        while (low < high) {                                                                                           \
            uint32_t middle = low + (high - low) / 2;                                                                  \
            if (type##_at(e, middle)->id < id)                                                                         \
                low = middle + 1;                                                                                      \
            else                                                                                                       \
                high = middle;                                                                                         \
        }                                                                                                              \
        if (low <= e->pool_field.used && type##_at(e, low)->id == id) return low;                                      \
        for (uint32_t i = 1; i <= e->pool_field.used; i++)                                                             \
            if (type##_at(e, i)->id == id) return i;                                                                   \
        return 0;                                                                                                      \
    }
FIND_BY_ID(instrument, instruments)
FIND_BY_ID(account, accounts)
FIND_BY_ID(currency, currencies)

bool engine_get_instrument_by_id(const struct engine *e, uint64_t id, struct instrument_state *out)
{
    uint32_t i = instrument_by_id(e, id);
    if (i != 0) instrument_value(e, instrument_at(e, i), out);
    return i != 0;
}

bool engine_get_account(const struct engine *e, const struct name *account, struct account_state *out)
{
    uint32_t a = account_find(e, account);
    if (a != 0) account_value(e, account_at(e, a), out);
    return a != 0;
}

bool engine_get_account_by_id(const struct engine *e, uint64_t id, struct account_state *out)
{
    uint32_t a = account_by_id(e, id);
    if (a != 0) account_value(e, account_at(e, a), out);
    return a != 0;
}

bool engine_get_balance(const struct engine *e, const struct name *account, const struct name *currency,
                        struct balance_state *out)
{
    uint32_t a = account_find(e, account), c = currency_find(e, currency);
    uint32_t b = a == 0 || c == 0 ? 0 : balance_find(e, a, c);
    if (b != 0) balance_value(e, balance_at(e, b), out);
    return b != 0;
}

bool engine_get_position(const struct engine *e, const struct name *account, const struct name *symbol,
                         struct position_state *out)
{
    uint32_t a = account_find(e, account), i = instrument_find(e, symbol);
    uint32_t p = a == 0 || i == 0 ? 0 : position_find(e, a, i);
    if (p != 0) position_value_of(e, position_at(e, p), out);
    return p != 0;
}

uint32_t engine_book(const struct engine *e, const struct name *symbol, int side, struct book_level *out,
                     uint32_t levels_max)
{
    uint32_t i = instrument_find(e, symbol), count = 0;
    if (i == 0) return 0;
    struct book_walk w = book_walk_begin(e, book_side(instrument_at(e, i), side));
    for (uint32_t l; count < levels_max && (l = book_walk_next(&w)) != 0;) {
        const struct level *level = level_at(e, l);
        if (level->price < 0 || level->price > PRICE_MAX) continue; /* MARKET orders that wait for an auction */
        out[count++] = (struct book_level){.price = level->price,
                                           .quantity = level->quantity - level->hidden,
                                           .hidden = level->hidden,
                                           .orders = level->orders};
    }
    return count;
}

uint32_t engine_queue(const struct engine *e, const struct name *symbol, int side, int64_t price, uint64_t *ids,
                      uint32_t ids_max)
{
    uint32_t i = instrument_find(e, symbol);
    uint32_t l = i == 0 ? 0 : book_level_find(e, book_side(instrument_at(e, i), side), side, price);
    if (l == 0) return 0;
    uint32_t count = 0;
    for (uint32_t o = level_at(e, l)->first; o != 0 && count < ids_max; o = order_at(e, o)->next)
        ids[count++] = order_at(e, o)->id;
    return level_at(e, l)->orders;
}

/* Export. *cursor is the last index looked at. */
#define EXPORT(function, type, pool_field, out_type, CONVERT)                                                          \
    bool function(const struct engine *e, uint32_t *cursor, out_type *out)                                             \
    {                                                                                                                  \
        while (*cursor < e->pool_field.used) {                                                                         \
            const struct type *item = type##_at(e, ++*cursor);                                                         \
            if (((const struct pool_item *)item)->key == 0) continue;                                                  \
            CONVERT;                                                                                                   \
            return true;                                                                                               \
        }                                                                                                              \
        return false;                                                                                                  \
    }
EXPORT(engine_export_currency, currency, currencies, struct currency_state, currency_value(item, out))
EXPORT(engine_export_instrument, instrument, instruments, struct instrument_state, instrument_value(e, item, out))
EXPORT(engine_export_account, account, accounts, struct account_state, account_value(e, item, out))
EXPORT(engine_export_balance, balance, balances, struct balance_state, balance_value(e, item, out))
EXPORT(engine_export_position, position, positions, struct position_state, position_value_of(e, item, out))
EXPORT(engine_export_order, order, orders, struct order_state, order_value(e, item, out))
