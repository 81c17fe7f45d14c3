/* tests/world/state_compare.c - one function an object, the fields in the order of core/state.h. */
#include "tests/world/state_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool differs(const char *object, const char *field, uint64_t id, char *why)
{
    snprintf(why, STATE_WHY_BYTES, "%s %" PRIu64 ": %s differs from the model's", object, id, field);
    return false;
}

/* They leave the function at the first difference; they expect a, b and why. */
#define SAME(object, id, field)                                                                                        \
    do {                                                                                                               \
        if (a->field != b->field) return differs(object, #field, id, why);                                             \
    } while (0)
#define SAME_BYTES(object, id, field)                                                                                  \
    do {                                                                                                               \
        if (memcmp(&a->field, &b->field, sizeof a->field) != 0) return differs(object, #field, id, why);               \
    } while (0)

static bool same_order_extra(uint64_t id, const struct order_extra_state *a, const struct order_extra_state *b,
                             char *why)
{
    SAME("order", id, stop_price);
    SAME("order", id, trail);
    SAME("order", id, display_quantity);
    SAME("order", id, shown);
    SAME("order", id, hold_price);
    SAME("order", id, due);
    SAME("order", id, follow);
    SAME("order", id, leverage);
    SAME("order", id, venue);
    SAME("order", id, phase);
    SAME("order", id, link);
    SAME("order", id, member);
    SAME("order", id, activation);
    SAME("order", id, direction);
    return true;
}

static bool same_order(const struct order_state *a, const struct order_state *b, char *why)
{
    if (b == NULL) return differs("order", "its presence", a->id, why);
    SAME("order", a->id, account_id);
    SAME("order", a->id, instrument_id);
    SAME("order", a->id, priority);
    SAME("order", a->id, price);
    SAME("order", a->id, quantity);
    SAME("order", a->id, leaves);
    SAME("order", a->id, closing_leaves);
    SAME("order", a->id, created_ns);
    SAME("order", a->id, updated_ns);
    SAME("order", a->id, expires_ns);
    SAME("order", a->id, notional_filled);
    SAME("order", a->id, fee_accrued);
    SAME("order", a->id, hold);
    SAME("order", a->id, side);
    SAME("order", a->id, type);
    SAME("order", a->id, tif);
    SAME("order", a->id, flags);
    SAME("order", a->id, stp);
    SAME("order", a->id, client_order_id_len);
    SAME_BYTES("order", a->id, client_order_id);
    return same_order_extra(a->id, &a->extra, &b->extra, why);
}

static bool same_position(const struct position_state *a, const struct position_state *b, char *why)
{
    if (b == NULL) return differs("a position of account", "its presence", a->account_id, why);
    SAME("a position of account", a->account_id, quantity);
    SAME("a position of account", a->account_id, cost);
    SAME("a position of account", a->account_id, realized);
    SAME("a position of account", a->account_id, open_buy);
    SAME("a position of account", a->account_id, open_sell);
    SAME("a position of account", a->account_id, closing_buy);
    SAME("a position of account", a->account_id, closing_sell);
    return true;
}

static bool same_balance(const struct balance_state *a, const struct balance_state *b, char *why)
{
    if (b == NULL) return differs("a balance of account", "its presence", a->account_id, why);
    SAME("a balance of account", a->account_id, cash);
    SAME("a balance of account", a->account_id, reserved);
    SAME("a balance of account", a->account_id, cost_net);
    SAME("a balance of account", a->account_id, margin_used);
    return true;
}

static bool same_account(const struct account_state *a, const struct account_state *b, char *why)
{
    SAME("account", a->id, id);
    SAME_BYTES("account", a->id, account);
    SAME("account", a->id, leverage);
    SAME("account", a->id, type);
    SAME("account", a->id, status);
    SAME("account", a->id, stp);
    SAME("account", a->id, allow_short);
    SAME("account", a->id, limits.max_order_quantity);
    SAME("account", a->id, limits.max_position);
    SAME("account", a->id, limits.max_order_notional);
    SAME("account", a->id, limits.maker_fee_rate);
    SAME("account", a->id, limits.taker_fee_rate);
    SAME("account", a->id, limits.margin_call_ppm);
    SAME("account", a->id, limits.liquidation_ppm);
    SAME("account", a->id, limits.max_open_orders);
    SAME("account", a->id, limits.max_orders_per_second);
    SAME("account", a->id, limits.own_maker_fee);
    SAME("account", a->id, limits.own_taker_fee);
    SAME("account", a->id, rate_tat_ns);
    return true;
}

static bool same_instrument(const struct instrument_state *a, const struct instrument_state *b, char *why)
{
    SAME("instrument", a->id, id);
    SAME_BYTES("instrument", a->id, spec.symbol);
    SAME_BYTES("instrument", a->id, spec.currency);
    SAME("instrument", a->id, spec.max_notional);
    SAME("instrument", a->id, spec.tick);
    SAME("instrument", a->id, spec.lot);
    SAME("instrument", a->id, spec.min_quantity);
    SAME("instrument", a->id, spec.max_quantity);
    SAME("instrument", a->id, spec.collar_ppm);
    SAME("instrument", a->id, spec.maker_fee_rate);
    SAME("instrument", a->id, spec.taker_fee_rate);
    SAME("instrument", a->id, spec.max_leverage);
    SAME("instrument", a->id, spec.settlement_days);
    SAME("instrument", a->id, spec.price_scale);
    SAME("instrument", a->id, spec.quantity_scale);
    SAME("instrument", a->id, spec.currency_scale);
    SAME("instrument", a->id, spec.trigger);
    SAME("instrument", a->id, spec.state);
    SAME("instrument", a->id, spec.mark);
    SAME("instrument", a->id, spec.trading);
    SAME("instrument", a->id, spec.halt_on_breach);
    SAME("instrument", a->id, tick_gcd);
    SAME("instrument", a->id, lot_gcd);
    SAME("instrument", a->id, last_price);
    SAME("instrument", a->id, bid);
    SAME("instrument", a->id, bid_quantity);
    SAME("instrument", a->id, ask);
    SAME("instrument", a->id, ask_quantity);
    SAME("instrument", a->id, range_low);
    SAME("instrument", a->id, range_high);
    SAME("instrument", a->id, auction_price);
    return true;
}

static bool same_currency(const struct currency_state *a, const struct currency_state *b, char *why)
{
    SAME("currency", a->id, id);
    SAME_BYTES("currency", a->id, currency);
    SAME("currency", a->id, scale);
    return true;
}

static bool same_scalars(const struct engine_scalars *a, const struct engine_scalars *b, char *why)
{
    SAME_BYTES("scalars", 0, limits);
    SAME("scalars", 0, seq);
    SAME("scalars", 0, now_ns);
    SAME("scalars", 0, priority_next);
    SAME("scalars", 0, trading);
    SAME("scalars", 0, sweep.kind);
    SAME("scalars", 0, sweep.side);
    SAME("scalars", 0, sweep.stage);
    SAME("scalars", 0, sweep.all);
    SAME("scalars", 0, sweep.account_id);
    SAME("scalars", 0, sweep.currency_id);
    SAME("scalars", 0, sweep.instrument_id);
    SAME("scalars", 0, sweep.next_order_id);
    SAME("scalars", 0, sweep.end_order_id);
    return true;
}

static bool same_counts(const struct engine *e, const struct model *m, char *why)
{
    struct engine_counts c = engine_counts(e);
    if (c.orders != m->orders_count) return differs("counts", "orders", c.orders, why);
    if (c.instruments != m->instruments_count) return differs("counts", "instruments", c.instruments, why);
    if (c.accounts != m->accounts_count) return differs("counts", "accounts", c.accounts, why);
    if (c.positions != m->positions_count) return differs("counts", "positions", c.positions, why);
    if (c.balances != m->balances_count) return differs("counts", "balances", c.balances, why);
    if (c.currencies != m->currencies_count) return differs("counts", "currencies", c.currencies, why);
    if (c.venues != m->venues_count) return differs("counts", "venues", c.venues, why);
    if (c.rules != m->rules_count) return differs("counts", "rules", c.rules, why);
    if (c.routes != m->routes_count) return differs("counts", "routes", c.routes, why);
    if (c.executions != m->executions_count) return differs("counts", "executions", c.executions, why);
    if (c.client_ids != m->client_ids_count) return differs("counts", "client ids", c.client_ids, why);
    if (c.keys != m->keys_count) return differs("counts", "keys", c.keys, why);
    return true;
}

/* Currencies, instruments and accounts come in creation order on both sides. */
static bool same_registry(const struct engine *e, const struct model *m, char *why)
{
    struct currency_state currency;
    struct instrument_state instrument;
    struct account_state account;
    uint32_t cursor = 0, k = 0;
    while (engine_export_currency(e, &cursor, &currency))
        if (!same_currency(&currency, &m->currencies[k++], why)) return false;
    for (cursor = k = 0; engine_export_instrument(e, &cursor, &instrument);)
        if (!same_instrument(&instrument, &m->instruments[k++], why)) return false;
    for (cursor = k = 0; engine_export_account(e, &cursor, &account);)
        if (!same_account(&account, &m->accounts[k++], why)) return false;
    return true;
}

/* The level of one side's limit orders that is next after a price (0: the best); false: there is none. */
static bool next_level(const struct model *m, const struct instrument_state *i, int side, int64_t after,
                       struct book_level *out)
{
    *out = (struct book_level){0};
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        if (o->instrument_id != i->id || o->side != side || o->extra.phase != 0 || o->type != ORDER_TYPE_LIMIT)
            continue;
        bool beyond = after == 0 || (side == SIDE_BUY ? o->price < after : o->price > after);
        bool better = out->orders == 0 || (side == SIDE_BUY ? o->price > out->price : o->price < out->price);
        if (!beyond || (!better && o->price != out->price)) continue;
        if (o->price != out->price) *out = (struct book_level){.price = o->price};
        int64_t shown = o->extra.display_quantity == 0 ? o->leaves : o->extra.shown;
        out->quantity += shown;
        out->hidden += o->leaves - shown;
        out->orders++;
    }
    return out->orders > 0;
}

enum { BOOK_LEVELS_MAX = 512 };
static bool same_book(const struct engine *e, const struct model *m, const struct instrument_state *i, int side,
                      char *why)
{
    static struct book_level levels[BOOK_LEVELS_MAX];
    uint32_t count = engine_book(e, &i->spec.symbol, side, levels, BOOK_LEVELS_MAX), k = 0;
    struct book_level wanted = {0};
    for (; k < count && next_level(m, i, side, k == 0 ? 0 : levels[k - 1].price, &wanted); k++)
        if (levels[k].price != wanted.price || levels[k].quantity != wanted.quantity ||
            levels[k].hidden != wanted.hidden || levels[k].orders != wanted.orders)
            return differs("the book of instrument", side_text(side), i->id, why);
    bool more = count < BOOK_LEVELS_MAX && next_level(m, i, side, count == 0 ? 0 : levels[count - 1].price, &wanted);
    return k == count && !more ? true : differs("the levels of instrument", side_text(side), i->id, why);
}

static bool same_indicative(const struct engine *e, const struct model *m, const struct instrument_state *i, char *why)
{
    struct auction_price a;
    struct model_price b;
    bool there = engine_indicative(e, &i->spec.symbol, &a);
    if (there != model_auction_price(m, i, &b)) return differs("instrument", "the presence of price P", i->id, why);
    if (!there || (a.price == b.price && a.quantity == b.quantity && a.imbalance == b.imbalance)) return true;
    return differs("instrument", "price P", i->id, why);
}

bool books_same(const struct engine *e, const struct model *m, char *why)
{
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_state *i = &m->instruments[k];
        if (!same_book(e, m, i, SIDE_BUY, why) || !same_book(e, m, i, SIDE_SELL, why)) return false;
        if (!same_indicative(e, m, i, why)) return false;
    }
    return true;
}

/* ---- the order desk ---- */

static bool same_venue(const struct venue_state_row *a, const struct venue_state_row *b, char *why)
{
    SAME("venue", a->id, id);
    SAME_BYTES("venue", a->id, venue);
    SAME("venue", a->id, state);
    SAME("venue", a->id, simulated);
    return true;
}

static bool same_rule(uint64_t number, const struct route_rule *a, const struct route_rule *b, char *why)
{
    SAME_BYTES("rule", number, account);
    SAME_BYTES("rule", number, symbol);
    SAME("rule", number, min_quantity.mantissa);
    SAME("rule", number, min_quantity.scale);
    SAME("rule", number, max_quantity.mantissa);
    SAME("rule", number, max_quantity.scale);
    SAME_BYTES("rule", number, venues);
    SAME("rule", number, type);
    SAME("rule", number, side);
    return true;
}

static bool same_route(const struct route_state *a, const struct route_state *b, char *why)
{
    if (b == NULL) return differs("route", "its presence", a->order_id, why);
    SAME("route", a->order_id, account_id);
    SAME("route", a->order_id, instrument_id);
    SAME("route", a->order_id, notional_filled);
    SAME("route", a->order_id, fee_accrued);
    SAME("route", a->order_id, filled);
    SAME("route", a->order_id, due_ns);
    SAME("route", a->order_id, new_price);
    SAME("route", a->order_id, new_quantity);
    SAME("route", a->order_id, new_stop_price);
    SAME("route", a->order_id, old_quantity);
    SAME("route", a->order_id, wait);
    SAME("route", a->order_id, attempt);
    SAME("route", a->order_id, tries);
    SAME("route", a->order_id, refused);
    SAME("route", a->order_id, venue);
    SAME("route", a->order_id, state);
    SAME("route", a->order_id, doubt);
    SAME("route", a->order_id, reason);
    SAME("route", a->order_id, side);
    SAME("route", a->order_id, open);
    SAME("route", a->order_id, asked);
    SAME("route", a->order_id, manual_review);
    SAME("route", a->order_id, ext_order_id_len);
    SAME_BYTES("route", a->order_id, ext_order_id);
    return true;
}

static bool same_execution(const struct execution_state *a, const struct execution_state *b, char *why)
{
    if (b == NULL) return differs("an execution of order", "its presence", a->order_id, why);
    SAME("an execution of order", a->order_id, price);
    SAME("an execution of order", a->order_id, quantity);
    SAME("an execution of order", a->order_id, notional);
    SAME("an execution of order", a->order_id, fee_accrues);
    SAME("an execution of order", a->order_id, busted);
    SAME("an execution of order", a->order_id, exec_id_len);
    SAME_BYTES("an execution of order", a->order_id, exec_id);
    return true;
}

static bool same_client_id(const struct client_id_state *a, const struct client_id_state *b, char *why)
{
    if (b == NULL) return differs("a client_order_id of order", "its presence", a->order_id, why);
    SAME("a client_order_id of order", a->order_id, account_id);
    SAME("a client_order_id of order", a->order_id, used_ns);
    SAME("a client_order_id of order", a->order_id, client_order_id_len);
    SAME_BYTES("a client_order_id of order", a->order_id, client_order_id);
    return true;
}

static bool same_key(const struct key_state *a, const struct key_state *b, char *why)
{
    if (b == NULL) return differs("the key of command", "its presence", a->seq, why);
    SAME("the key of command", a->seq, body.lo);
    SAME("the key of command", a->seq, body.hi);
    SAME("the key of command", a->seq, seq);
    SAME("the key of command", a->seq, used_ns);
    return true;
}

static const struct route_state *route_of(const struct model *m, uint64_t order_id)
{
    for (uint32_t k = 0; k < m->routes_count; k++)
        if (m->routes[k].order_id == order_id) return &m->routes[k];
    return NULL;
}

static const struct execution_state *execution_of(const struct model *m, uint64_t order_id, uint32_t number)
{
    for (uint32_t k = 0; k < m->executions_count; k++)
        if (m->executions[k].order_id == order_id && m->executions[k].number == number) return &m->executions[k];
    return NULL;
}

static const struct client_id_state *client_id_of(const struct model *m, uint64_t order_id)
{
    for (uint32_t k = 0; k < m->client_ids_count; k++)
        if (m->client_ids[k].order_id == order_id) return &m->client_ids[k];
    return NULL;
}

static const struct key_state *key_of(const struct model *m, const struct key_hash *key)
{
    for (uint32_t k = 0; k < m->keys_count; k++)
        if (m->keys[k].key.lo == key->lo && m->keys[k].key.hi == key->hi) return &m->keys[k];
    return NULL;
}

/* Venues and rules come in their order on both sides. */
static bool same_routing(const struct engine *e, const struct model *m, char *why)
{
    struct venue_state_row venue;
    struct route_rule rule;
    uint32_t cursor = 0, k = 0;
    while (engine_export_venue(e, &cursor, &venue))
        if (!same_venue(&venue, &m->venues[k++], why)) return false;
    for (cursor = k = 0; engine_export_rule(e, &cursor, &rule); k++)
        if (!same_rule(k + 1, &rule, &m->rules[k], why)) return false;
    return true;
}

static bool same_desk(const struct engine *e, const struct model *m, char *why)
{
    struct route_state route;
    struct execution_state execution;
    struct client_id_state client_id;
    struct key_state key;
    uint32_t cursor = 0;
    while (engine_export_route(e, &cursor, &route))
        if (!same_route(&route, route_of(m, route.order_id), why)) return false;
    for (cursor = 0; engine_export_execution(e, &cursor, &execution);)
        if (!same_execution(&execution, execution_of(m, execution.order_id, execution.number), why)) return false;
    for (cursor = 0; engine_export_client_id(e, &cursor, &client_id);)
        if (!same_client_id(&client_id, client_id_of(m, client_id.order_id), why)) return false;
    for (cursor = 0; engine_export_key(e, &cursor, &key);)
        if (!same_key(&key, key_of(m, &key.key), why)) return false;
    return same_routing(e, m, why);
}

bool state_same(const struct engine *e, const struct model *m, char *why)
{
    struct engine_scalars scalars = engine_scalars(e);
    if (!same_scalars(&scalars, &m->scalars, why) || !same_counts(e, m, why) || !same_registry(e, m, why)) return false;
    struct balance_state b;
    struct position_state p;
    struct order_state o;
    uint32_t cursor = 0;
    while (engine_export_balance(e, &cursor, &b))
        if (!same_balance(&b, model_balance(m, b.account_id, b.currency_id), why)) return false;
    for (cursor = 0; engine_export_position(e, &cursor, &p);)
        if (!same_position(&p, model_position(m, p.account_id, p.instrument_id), why)) return false;
    for (cursor = 0; engine_export_order(e, &cursor, &o);)
        if (!same_order(&o, model_order(m, o.id), why)) return false;
    return same_desk(e, m, why);
}
