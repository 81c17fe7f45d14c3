/* core/values.c - state as plain values, out of the arena and into it again.
 * What must stay true: importing what was exported gives the same digest and the same future; an import never believes a value
 * that the rest of the state contradicts. */
#include "core/book.h"
#include "core/engine_parts.h"
#include "core/money.h"

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
                 .settlement_days = i->settlement_days,
                 .price_scale = i->price_scale,
                 .quantity_scale = i->quantity_scale,
                 .currency_scale = i->currency_scale,
                 .trigger = i->trigger,
                 .state = i->state},
        .tick_gcd = i->tick_gcd,
        .lot_gcd = i->lot_gcd,
        .last_price = i->last_price,
        .bid = i->bid,
        .bid_quantity = i->bid_quantity,
        .ask = i->ask,
        .ask_quantity = i->ask_quantity,
    };
}

void account_value(const struct account *a, struct account_state *out)
{
    *out = (struct account_state){.id = a->id,
                                  .account = a->account,
                                  .leverage = a->leverage,
                                  .type = a->type,
                                  .status = a->status,
                                  .allow_short = a->allow_short != 0};
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
                                .client_order_id_len = o->client_order_id_len};
    if (o->client_order_id_len != 0)
        memcpy(out->client_order_id, client_id_cell_at(e, o->client_order_id)->bytes, CLIENT_ORDER_ID_BYTES_MAX);
}

/* Queries. */

struct engine_scalars engine_scalars(const struct engine *e)
{
    return (struct engine_scalars){
        .limits = e->limits, .seq = e->seq, .now_ns = e->now_ns, .priority_next = e->priority_next, .sweep = e->sweep};
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
                                  .timers = e->timers_count};
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
    static uint32_t type##_by_id(const struct engine *e, uint64_t id)                                                  \
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
    if (a != 0) account_value(account_at(e, a), out);
    return a != 0;
}

bool engine_get_account_by_id(const struct engine *e, uint64_t id, struct account_state *out)
{
    uint32_t a = account_by_id(e, id);
    if (a != 0) account_value(account_at(e, a), out);
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
    for (uint32_t l; count < levels_max && (l = book_walk_next(&w)) != 0; count++) {
        const struct level *level = level_at(e, l);
        out[count] = (struct book_level){.price = level->price, .quantity = level->quantity, .orders = level->orders};
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
EXPORT(engine_export_account, account, accounts, struct account_state, account_value(item, out))
EXPORT(engine_export_balance, balance, balances, struct balance_state, balance_value(e, item, out))
EXPORT(engine_export_position, position, positions, struct position_state, position_value_of(e, item, out))
EXPORT(engine_export_order, order, orders, struct order_state, order_value(e, item, out))

/* Import. */

int engine_import_scalars(struct engine *e, const struct engine_scalars *s)
{
    if (e->seq != 0 || memcmp(&s->limits, &e->limits, sizeof e->limits) != 0) return ERR_CORRUPT;
    if (s->sweep.kind > SWEEP_END_OF_DAY || s->sweep.side > SIDE_NUMBER_MAX || s->priority_next == 0)
        return ERR_CORRUPT;
    e->seq = s->seq;
    e->now_ns = s->now_ns;
    e->priority_next = s->priority_next;
    e->sweep = s->sweep;
    return 0;
}

int engine_import_currency(struct engine *e, const struct currency_state *c)
{
    if (pool_full(&e->currencies)) return ERR_FULL;
    if (c->id == 0 || name_empty(&c->currency) || c->scale > CASH_SCALE_MAX || currency_find(e, &c->currency) != 0 ||
        currency_by_id(e, c->id) != 0)
        return ERR_CORRUPT;
    currency_make(e, c->id, &c->currency, c->scale);
    e->digest += digest_currency(c);
    return 0;
}

static bool spec_good(const struct instrument_spec *s)
{
    return s->tick > 0 && s->tick <= PRICE_MAX && s->lot > 0 && s->lot <= QUANTITY_MAX && s->min_quantity >= 0 &&
           s->min_quantity <= QUANTITY_MAX && s->max_quantity >= 0 && s->max_quantity <= QUANTITY_MAX &&
           s->max_notional >= 0 && s->max_notional <= NOTIONAL_MAX && s->collar_ppm >= 0 &&
           s->collar_ppm <= COLLAR_PPM_MAX && s->maker_fee_rate >= -FEE_RATE_ONE && s->maker_fee_rate <= FEE_RATE_ONE &&
           s->taker_fee_rate >= -FEE_RATE_ONE && s->taker_fee_rate <= FEE_RATE_ONE &&
           s->price_scale <= DECIMAL_SCALE_MAX && s->quantity_scale <= DECIMAL_SCALE_MAX && s->trigger != 0 &&
           s->trigger <= TRIGGER_NUMBER_MAX && s->state != 0 && s->state <= INSTRUMENT_STATE_NUMBER_MAX;
}

int engine_import_instrument(struct engine *e, const struct instrument_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->instruments)) return ERR_FULL;
    uint32_t currency = currency_find(e, &s->spec.currency);
    if (s->id == 0 || currency == 0 || name_empty(&s->spec.symbol) || instrument_find(e, &s->spec.symbol) != 0 ||
        !spec_good(&s->spec) || s->tick_gcd <= 0 || s->lot_gcd <= 0 ||
        currency_at(e, currency)->scale != s->spec.currency_scale)
        return ERR_CORRUPT;
    struct instrument *i = instrument_at(e, instrument_make(e, s->id, &s->spec.symbol));
    instrument_set_spec(i, &s->spec);
    i->currency = currency;
    i->tick_gcd = s->tick_gcd;
    i->lot_gcd = s->lot_gcd;
    i->last_price = s->last_price;
    i->bid = s->bid;
    i->bid_quantity = s->bid_quantity;
    i->ask = s->ask;
    i->ask_quantity = s->ask_quantity;
    instrument_touch(e, i);
    return 0;
}

int engine_import_account(struct engine *e, const struct account_state *s)
{
    if (pool_full(&e->accounts)) return ERR_FULL;
    if (s->id == 0 || name_empty(&s->account) || account_find(e, &s->account) != 0 || s->type == 0 ||
        s->type > ACCOUNT_TYPE_NUMBER_MAX || s->status == 0 || s->status > ACCOUNT_STATUS_NUMBER_MAX ||
        s->leverage < LEVERAGE_ONE || s->leverage > LEVERAGE_MAX)
        return ERR_CORRUPT;
    uint32_t index = account_make(e, s->id, &s->account);
    struct account *a = account_at(e, index);
    a->leverage = s->leverage;
    a->type = s->type;
    a->status = s->status;
    a->allow_short = s->allow_short;
    e->digest += digest_account(s);
    if (index == 1) e->fees_account = index; /* the house accounts are the first three */
    if (index == 2) e->external_account = index;
    return 0;
}

int engine_import_balance(struct engine *e, const struct balance_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->balances)) return ERR_FULL;
    uint32_t account = account_by_id(e, s->account_id), currency = currency_by_id(e, s->currency_id);
    if (account == 0 || currency == 0 || balance_find(e, account, currency) != 0) return ERR_CORRUPT;
    uint32_t index = balance_make(e, account, currency);
    struct balance *b = balance_at(e, index);
    b->cash = s->cash; /* the sums come with the positions and orders */
    if (account == e->fees_account) currency_at(e, currency)->fees_balance = index;
    return 0;
}

int engine_import_position(struct engine *e, const struct position_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->positions)) return ERR_FULL;
    uint32_t account = account_by_id(e, s->account_id), instrument = instrument_by_id(e, s->instrument_id);
    if (account == 0 || instrument == 0 || position_find(e, account, instrument) != 0) return ERR_CORRUPT;
    uint32_t balance = balance_find(e, account, instrument_at(e, instrument)->currency);
    if (balance == 0) return ERR_CORRUPT;
    struct position *p = position_at(e, position_make(e, account, instrument, balance));
    p->quantity = s->quantity;
    p->cost = s->cost;
    p->realized = s->realized;
    struct balance *b = balance_at(e, balance);
    const struct account *a = account_at(e, account);
    b->cost_net += p->cost;
    b->margin_used += money_margin(p->cost, account_leverage(a));
    if (p->quantity != 0) account_at(e, account)->positions_open++;
    return 0;
}

static bool order_good(const struct engine *e, const struct order_state *s)
{
    return s->id != 0 && order_find(e, s->id) == 0 && s->price > 0 && s->price <= PRICE_MAX && s->leaves > 0 &&
           s->leaves <= s->quantity && s->quantity <= QUANTITY_MAX && s->closing_leaves >= 0 &&
           s->closing_leaves <= s->leaves && (s->side == SIDE_BUY || s->side == SIDE_SELL) &&
           s->type == ORDER_TYPE_LIMIT && (s->tif == TIF_DAY || s->tif == TIF_GTC || s->tif == TIF_GTD) &&
           s->client_order_id_len <= CLIENT_ORDER_ID_BYTES_MAX && s->priority != 0 && s->priority < e->priority_next &&
           (s->tif == TIF_GTD) == (s->expires_ns != 0);
}

int engine_import_order(struct engine *e, const struct order_state *s)
{
    dirty_make_room(e);
    uint32_t account = account_by_id(e, s->account_id), instrument = instrument_by_id(e, s->instrument_id);
    uint32_t position = account == 0 || instrument == 0 ? 0 : position_find(e, account, instrument);
    if (position == 0 || !order_good(e, s)) return ERR_CORRUPT;
    if (pool_full(&e->orders) || pool_full(&e->levels) ||
        (s->tif == TIF_GTD && e->timers_count >= e->limits.timers_max))
        return ERR_FULL;
    const struct account *a = account_at(e, account);
    if (a->orders_last != 0 && order_at(e, a->orders_last)->priority >= s->priority) return ERR_CORRUPT;
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
                      .hold = s->hold,
                      .closing_leaves = s->closing_leaves,
                      .quantity = s->quantity,
                      .created_ns = s->created_ns,
                      .updated_ns = s->updated_ns,
                      .notional_filled = s->notional_filled,
                      .fee_accrued = s->fee_accrued,
                      .expires_ns = s->expires_ns,
                      .instrument = instrument};
    order_occupy(e, &o);
    order_rest(e, &o, s->client_order_id);
    return 0;
}

int engine_import_end(struct engine *e)
{
    /* SET_LIMITS was the first to make anything, and made the house accounts; before it a tape may have been refused things. */
    e->ready = e->accounts.live != 0;
    if (!e->ready && e->currencies.live + e->instruments.live != 0) return ERR_CORRUPT;
    if (e->ready && (e->accounts.live < 3 || account_at(e, 1)->type != ACCOUNT_TYPE_HOUSE)) return ERR_CORRUPT;
    if (e->sweep.kind != SWEEP_NONE && order_find(e, e->sweep.next_order_id) == 0) return ERR_CORRUPT;
    return 0;
}
