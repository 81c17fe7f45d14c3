/* tests/proto/random_records.h - commands, events and state with random fields: anything their structs can hold and the
 * codecs promise to carry, extremes often. Unused bytes are zero, so that two records are equal when their
 * memory is. */
#ifndef ORDERTAPE_TESTS_PROTO_RANDOM_RECORDS_H
#define ORDERTAPE_TESTS_PROTO_RANDOM_RECORDS_H

#include <string.h>

#include "core/command.h"
#include "core/event.h"
#include "tests/core/random.h"

/* Lists lie in pools that come round: those of the last RANDOM_LISTS_MAX commands are what they were. */
enum { RANDOM_TEXT_BYTES_MAX = 200, RANDOM_ITEMS_MAX = 6, RANDOM_LISTS_MAX = 1000 };

static inline uint64_t any_u64(struct random *r)
{
    return (uint64_t)random_wide(r, 64);
}
static inline uint32_t any_u32(struct random *r)
{
    return (uint32_t)random_wide(r, 32);
}
static inline uint8_t any_u8(struct random *r)
{
    return random_below(r, 2) ? (uint8_t)random_below(r, 6) : (uint8_t)random_u64(r);
}
static inline bool any_bool(struct random *r)
{
    return random_below(r, 2) != 0;
}
static inline int64_t any_i64(struct random *r)
{
    uint64_t x = any_u64(r);
    return (int64_t)(any_bool(r) ? x : ~x);
}
static inline i128 any_i128(struct random *r)
{
    u128 x = random_wide(r, 128);
    return (i128)(any_bool(r) ? x : ~x);
}
static inline uint8_t any_scale(struct random *r, unsigned scale_max)
{
    return (uint8_t)random_below(r, scale_max + 1);
}
static inline uint8_t any_scale_or_absent(struct random *r, unsigned scale_max)
{
    return random_below(r, 3) == 0 ? DECIMAL_ABSENT : any_scale(r, scale_max);
}

/* Mostly one of a few hundred that come again, sometimes the empty one. */
static inline struct name any_name(struct random *r)
{
    struct name n = {{0}};
    if (random_below(r, 8) == 0) return n;
    struct random chosen = {random_below(r, 300)};
    size_t len_bytes = 1 + random_below(&chosen, NAME_CHARS_MAX);
    for (size_t i = 0; i < len_bytes; i++) {
        char c = (char)(33 + random_below(&chosen, 94));
        n.bytes[i] = c == '"' || c == '\\' ? '@' : c;
    }
    return n;
}

static inline void any_decimal(struct random *r, struct decimal *d)
{
    d->scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    d->mantissa = d->scale == DECIMAL_ABSENT && any_bool(r) ? 0 : any_i64(r);
}
static inline void any_amount(struct random *r, struct amount *a)
{
    a->scale = any_scale_or_absent(r, CASH_SCALE_MAX);
    a->mantissa = any_i128(r);
}
/* Any bytes, out of a pool that lives as long as the program. */
static inline void any_text(struct random *r, struct text *t)
{
    static char pool[4096];
    static bool filled;
    for (size_t i = 0; !filled && i < sizeof pool; i++) pool[i] = (char)random_u64(r);
    filled = true;
    t->len_bytes = random_below(r, 3) == 0 ? 0 : (uint32_t)random_below(r, RANDOM_TEXT_BYTES_MAX);
    t->bytes = t->len_bytes == 0 ? NULL : pool + random_below(r, sizeof pool - RANDOM_TEXT_BYTES_MAX);
}
/* Into an array inside a record; its length. */
static inline uint8_t any_chars(struct random *r, char *room, unsigned room_bytes)
{
    uint8_t len_bytes = random_below(r, 3) == 0 ? 0 : (uint8_t)random_below(r, room_bytes + 1);
    for (unsigned i = 0; i < len_bytes; i++) room[i] = (char)random_u64(r);
    return len_bytes;
}
static inline uint8_t any_client_id(struct random *r, char *room)
{
    return any_chars(r, room, CLIENT_ORDER_ID_BYTES_MAX);
}
static inline void any_key_hash(struct random *r, struct key_hash *x)
{
    x->lo = any_u64(r);
    x->hi = any_u64(r);
}
static inline void any_limits(struct random *r, struct limits *l)
{
#define X(field, def, largest) l->field = any_u32(r);
    LIMITS(X)
#undef X
}

static inline void any_set_instrument(struct random *r, struct command_set_instrument *x)
{
    x->symbol = any_name(r);
    x->currency = any_name(r);
    x->fields = any_u32(r);
    any_decimal(r, &x->tick_size);
    any_decimal(r, &x->lot_size);
    any_decimal(r, &x->min_quantity);
    any_decimal(r, &x->max_quantity);
    any_amount(r, &x->max_notional);
    any_decimal(r, &x->collar_percent);
    any_decimal(r, &x->maker_fee_bps);
    any_decimal(r, &x->taker_fee_bps);
    any_decimal(r, &x->max_leverage);
    x->trigger = any_u8(r);
    x->state = any_u8(r);
    x->mark = any_u8(r);
    x->halt_on_breach = any_bool(r);
    x->settlement_days = (uint16_t)any_u32(r);
}

static inline void any_set_account(struct random *r, struct command_set_account *x)
{
    x->account = any_name(r);
    x->fields = any_u32(r);
    any_decimal(r, &x->leverage);
    any_decimal(r, &x->max_order_quantity);
    any_decimal(r, &x->max_order_notional);
    any_decimal(r, &x->max_position);
    any_decimal(r, &x->maker_fee_bps);
    any_decimal(r, &x->taker_fee_bps);
    any_decimal(r, &x->margin_call_percent);
    any_decimal(r, &x->liquidation_percent);
    x->max_open_orders = any_u32(r);
    x->max_orders_per_second = any_u32(r);
    x->type = any_u8(r);
    x->status = any_u8(r);
    x->stp = any_u8(r);
    x->allow_short = any_bool(r);
}

static inline void any_place(struct random *r, struct command_place *x)
{
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->venue = any_name(r);
    any_text(r, &x->client_order_id);
    any_text(r, &x->tag);
    any_decimal(r, &x->price);
    any_decimal(r, &x->quantity);
    any_decimal(r, &x->stop_price);
    any_decimal(r, &x->display_quantity);
    any_decimal(r, &x->quote_quantity);
    any_decimal(r, &x->min_quantity);
    any_decimal(r, &x->trail);
    any_decimal(r, &x->leverage);
    x->expires_ns = any_i64(r);
    x->side = any_u8(r);
    x->type = any_u8(r);
    x->tif = any_u8(r);
    x->stp = any_u8(r);
    x->flags = any_u8(r);
}

static inline void any_place_linked(struct random *r, struct command_place_linked *x)
{
    any_place(r, &x->entry);
    for (int i = 0; i < 2; i++) {
        any_decimal(r, &x->legs[i].price);
        any_decimal(r, &x->legs[i].stop_price);
        x->legs[i].side = any_u8(r);
        x->legs[i].type = any_u8(r);
        x->legs[i].tif = any_u8(r);
    }
    x->link = any_u8(r);
    x->activation = any_u8(r);
}

static inline void any_gtt_legs(struct random *r, struct gtt_leg *legs)
{
    for (int i = 0; i < 2; i++) {
        any_decimal(r, &legs[i].trigger_price);
        any_decimal(r, &legs[i].price);
        any_decimal(r, &legs[i].quantity);
    }
}

static inline void any_gtt_place(struct random *r, struct command_gtt_place *x)
{
    x->account = any_name(r);
    x->symbol = any_name(r);
    any_gtt_legs(r, x->legs);
    x->expires_ns = any_i64(r);
    x->side = any_u8(r);
    x->legs_count = any_u8(r);
}

static inline void any_route_rule(struct random *r, struct route_rule *x)
{
    x->account = any_name(r);
    x->symbol = any_name(r);
    any_decimal(r, &x->min_quantity);
    any_decimal(r, &x->max_quantity);
    for (int i = 0; i < ROUTE_CANDIDATES_MAX; i++) x->venues[i] = any_name(r);
    x->type = any_u8(r);
    x->side = any_u8(r);
}

static inline void any_fill_row(struct random *r, struct fill_row *x)
{
    x->order_id = any_u64(r);
    any_decimal(r, &x->price);
    any_decimal(r, &x->quantity);
    any_text(r, &x->exec_id);
    any_text(r, &x->ref_exec_id);
    x->kind = any_u8(r);
}

static inline void any_statement_line(struct random *r, struct statement_row *x)
{
    any_text(r, &x->exec_id);
    any_text(r, &x->ext_order_id);
    x->symbol = any_name(r);
    any_decimal(r, &x->price);
    any_decimal(r, &x->quantity);
    any_amount(r, &x->fee);
    x->side = any_u8(r);
}

/* A list of up to RANDOM_ITEMS_MAX items, NULL when it has none. */
#define ANY_LIST(name, type, any_item)                                                                                 \
    static inline const struct type *name(struct random *r, uint32_t *count)                                           \
    {                                                                                                                  \
        static struct type pool[RANDOM_LISTS_MAX][RANDOM_ITEMS_MAX];                                                   \
        static unsigned next;                                                                                          \
        struct type *items = pool[next++ % RANDOM_LISTS_MAX];                                                          \
        memset(items, 0, sizeof pool[0]);                                                                              \
        *count = (uint32_t)random_below(r, RANDOM_ITEMS_MAX + 1);                                                      \
        for (uint32_t i = 0; i < *count; i++) any_item(r, &items[i]);                                                  \
        return *count > 0 ? items : NULL;                                                                              \
    }
ANY_LIST(any_orders, command_place, any_place)
ANY_LIST(any_rules, route_rule, any_route_rule)
ANY_LIST(any_fills, fill_row, any_fill_row)
ANY_LIST(any_statement_lines, statement_row, any_statement_line)

static inline void any_statement(struct random *r, struct command_statement *x)
{
    x->venue = any_name(r);
    x->account = any_name(r);
    x->from_ns = any_i64(r);
    x->to_ns = any_i64(r);
    x->rows = any_statement_lines(r, &x->rows_count);
}

static inline void any_report(struct random *r, struct command_report *x)
{
    x->order_id = any_u64(r);
    x->venue = any_name(r);
    any_text(r, &x->ext_order_id);
    any_text(r, &x->reason);
    x->report = any_u8(r);
}

static inline void any_desk_command(struct random *r, struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_VENUE:
        c->set_venue.venue = any_name(r);
        c->set_venue.state = any_u8(r);
        c->set_venue.simulated = any_u8(r);
        c->set_venue.cause = any_u8(r);
        break;
    case COMMAND_SET_ROUTING: c->set_routing.rules = any_rules(r, &c->set_routing.rules_count); break;
    case COMMAND_BATCH:
        c->batch.account = any_name(r);
        c->batch.orders = any_orders(r, &c->batch.orders_count);
        c->batch.atomic = any_bool(r);
        break;
    case COMMAND_CANCEL_BATCH:
        c->cancel_batch.batch_id = any_u64(r);
        c->cancel_batch.orders_count = any_u32(r);
        break;
    case COMMAND_ROUTE:
        c->route.order_id = any_u64(r);
        c->route.venue = any_name(r);
        break;
    case COMMAND_REPORT: any_report(r, &c->report); break;
    case COMMAND_FILL:
        c->fill.venue = any_name(r);
        c->fill.fills = any_fills(r, &c->fill.fills_count);
        c->fill.simulated = any_bool(r);
        break;
    case COMMAND_SETTLE: c->settle.order_id = any_u64(r); break;
    case COMMAND_CLEAR_KEY: any_key_hash(r, &c->clear_key.key); break;
    case COMMAND_STATEMENT: any_statement(r, &c->statement); break;
    default: break;
    }
}

static inline void any_origin(struct random *r, struct command_origin *x)
{
    x->actor = any_name(r);
    any_text(r, &x->request_id);
    if (any_bool(r)) return;
    any_key_hash(r, &x->key);
    any_key_hash(r, &x->body);
}

static inline void any_command_fields(struct random *r, struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_LIMITS: any_limits(r, &c->set_limits); break;
    case COMMAND_SET_CURRENCY:
        c->set_currency.currency = any_name(r);
        c->set_currency.scale = any_scale_or_absent(r, CASH_SCALE_MAX);
        break;
    case COMMAND_SET_INSTRUMENT: any_set_instrument(r, &c->set_instrument); break;
    case COMMAND_SET_ACCOUNT: any_set_account(r, &c->set_account); break;
    case COMMAND_MOVE_CASH:
        c->move_cash.account = any_name(r);
        c->move_cash.currency = any_name(r);
        any_amount(r, &c->move_cash.amount);
        break;
    case COMMAND_SET_QUOTE:
        c->set_quote.symbol = any_name(r);
        any_decimal(r, &c->set_quote.bid);
        any_decimal(r, &c->set_quote.bid_quantity);
        any_decimal(r, &c->set_quote.ask);
        any_decimal(r, &c->set_quote.ask_quantity);
        break;
    case COMMAND_PLACE: any_place(r, &c->place); break;
    case COMMAND_MODIFY:
        c->modify.order_id = any_u64(r);
        any_decimal(r, &c->modify.price);
        any_decimal(r, &c->modify.quantity);
        any_decimal(r, &c->modify.stop_price);
        any_decimal(r, &c->modify.display_quantity);
        break;
    case COMMAND_CANCEL: c->cancel.order_id = any_u64(r); break;
    case COMMAND_MASS_CANCEL:
        c->mass_cancel.account = any_name(r);
        c->mass_cancel.symbol = any_name(r);
        c->mass_cancel.side = any_u8(r);
        break;
    case COMMAND_END_OF_DAY: c->end_of_day.symbol = any_name(r); break;
    case COMMAND_PLACE_LINKED: any_place_linked(r, &c->place_linked); break;
    case COMMAND_SET_TRADING:
        c->set_trading.account = any_name(r);
        c->set_trading.symbol = any_name(r);
        c->set_trading.status = any_u8(r);
        c->set_trading.cancel = any_bool(r);
        break;
    case COMMAND_GTT_PLACE: any_gtt_place(r, &c->gtt_place); break;
    case COMMAND_GTT_MODIFY:
        c->gtt_modify.gtt_id = any_u64(r);
        any_gtt_legs(r, c->gtt_modify.legs);
        c->gtt_modify.expires_ns = any_i64(r);
        c->gtt_modify.status = any_u8(r);
        break;
    case COMMAND_GTT_DELETE: c->gtt_delete.gtt_id = any_u64(r); break;
    case COMMAND_CHECK_MARGIN: c->check_margin.account = any_name(r); break;
    default: any_desk_command(r, c); break;
    }
}

static inline void any_command(struct random *r, uint8_t kind, uint64_t seq, struct command *c)
{
    memset(c, 0, sizeof *c);
    c->seq = seq;
    c->ts_ns = any_i64(r);
    c->kind = kind;
    if (any_bool(r)) any_origin(r, &c->origin);
    any_command_fields(r, c);
}

static inline void any_currency_state(struct random *r, struct currency_state *x)
{
    x->id = any_u64(r);
    x->currency = any_name(r);
    x->scale = any_scale(r, CASH_SCALE_MAX);
}

static inline void any_instrument_spec(struct random *r, struct instrument_spec *x)
{
    x->symbol = any_name(r);
    x->currency = any_name(r);
    x->max_notional = any_i128(r);
    x->tick = any_i64(r);
    x->lot = any_i64(r);
    x->min_quantity = any_i64(r);
    x->max_quantity = any_i64(r);
    x->collar_ppm = any_i64(r);
    x->maker_fee_rate = any_i64(r);
    x->taker_fee_rate = any_i64(r);
    x->max_leverage = any_u32(r);
    x->settlement_days = (uint16_t)any_u32(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
    x->trigger = any_u8(r);
    x->state = any_u8(r);
    x->mark = any_u8(r);
    x->trading = any_u8(r);
    x->halt_on_breach = any_bool(r);
}

static inline void any_instrument_state(struct random *r, struct instrument_state *x)
{
    x->id = any_u64(r);
    any_instrument_spec(r, &x->spec);
    x->tick_gcd = any_i64(r);
    x->lot_gcd = any_i64(r);
    x->last_price = any_i64(r);
    x->bid = any_i64(r);
    x->bid_quantity = any_i64(r);
    x->ask = any_i64(r);
    x->ask_quantity = any_i64(r);
    x->range_low = any_i64(r);
    x->range_high = any_i64(r);
    x->auction_price = any_i64(r);
}

static inline void any_account_limits(struct random *r, struct account_limits *x)
{
    x->max_order_quantity = any_i128(r);
    x->max_position = any_i128(r);
    x->max_order_notional = any_i128(r);
    x->maker_fee_rate = any_i64(r);
    x->taker_fee_rate = any_i64(r);
    x->margin_call_ppm = any_i64(r);
    x->liquidation_ppm = any_i64(r);
    x->max_open_orders = any_u32(r);
    x->max_orders_per_second = any_u32(r);
    x->own_maker_fee = any_bool(r);
    x->own_taker_fee = any_bool(r);
}

static inline void any_account_state(struct random *r, struct account_state *x)
{
    x->id = any_u64(r);
    x->account = any_name(r);
    x->leverage = any_u32(r);
    x->type = any_u8(r);
    x->status = any_u8(r);
    x->stp = any_u8(r);
    x->allow_short = any_bool(r);
    if (any_bool(r)) any_account_limits(r, &x->limits);
    x->rate_tat_ns = any_i64(r);
}

static inline void any_balance_state(struct random *r, struct balance_state *x)
{
    x->account_id = any_u64(r);
    x->currency_id = any_u64(r);
    x->cash = any_i128(r);
    x->reserved = any_i128(r);
    x->cost_net = any_i128(r);
    x->margin_used = any_i128(r);
}

static inline void any_position_state(struct random *r, struct position_state *x)
{
    x->account_id = any_u64(r);
    x->instrument_id = any_u64(r);
    x->quantity = any_i64(r);
    x->cost = any_i128(r);
    x->realized = any_i128(r);
    x->open_buy = any_i64(r);
    x->open_sell = any_i64(r);
    x->closing_buy = any_i64(r);
    x->closing_sell = any_i64(r);
}

static inline void any_order_extra(struct random *r, struct order_extra_state *x)
{
    x->stop_price = any_i64(r);
    x->trail = any_i64(r);
    x->display_quantity = any_i64(r);
    x->shown = any_i64(r);
    x->hold_price = any_i64(r);
    x->due = any_i64(r);
    x->follow = any_u64(r);
    x->leverage = any_u32(r);
    x->venue = any_u8(r);
    x->phase = any_u8(r);
    x->link = any_u8(r);
    x->member = any_u8(r);
    x->activation = any_u8(r);
    x->direction = any_u8(r);
}

static inline void any_order_state(struct random *r, struct order_state *x)
{
    x->id = any_u64(r);
    x->account_id = any_u64(r);
    x->instrument_id = any_u64(r);
    x->priority = any_u64(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->leaves = any_i64(r);
    x->closing_leaves = any_i64(r);
    x->created_ns = any_i64(r);
    x->updated_ns = any_i64(r);
    x->expires_ns = any_i64(r);
    x->notional_filled = any_i128(r);
    x->fee_accrued = any_i128(r);
    x->hold = any_i128(r);
    x->side = any_u8(r);
    x->type = any_u8(r);
    x->tif = any_u8(r);
    x->flags = any_u8(r);
    x->stp = any_u8(r);
    if (any_bool(r)) any_order_extra(r, &x->extra);
    x->client_order_id_len = any_client_id(r, x->client_order_id);
}

static inline void any_engine_scalars(struct random *r, struct engine_scalars *x)
{
    any_limits(r, &x->limits);
    x->seq = any_u64(r);
    x->now_ns = any_i64(r);
    x->priority_next = any_u64(r);
    x->trading = any_u8(r);
    x->sweep.kind = any_u8(r);
    x->sweep.side = any_u8(r);
    x->sweep.stage = any_u8(r);
    x->sweep.all = any_bool(r);
    x->sweep.account_id = any_u64(r);
    x->sweep.currency_id = any_u64(r);
    x->sweep.instrument_id = any_u64(r);
    x->sweep.next_order_id = any_u64(r);
    x->sweep.end_order_id = any_u64(r);
}

static inline void any_venue_state_row(struct random *r, struct venue_state_row *x)
{
    x->id = any_u64(r);
    x->venue = any_name(r);
    x->state = any_u8(r);
    x->simulated = any_bool(r);
}

static inline void any_route_state(struct random *r, struct route_state *x)
{
    x->order_id = any_u64(r);
    x->account_id = any_u64(r);
    x->instrument_id = any_u64(r);
    x->notional_filled = any_i128(r);
    x->fee_accrued = any_i128(r);
    x->filled = any_i64(r);
    x->due_ns = any_i64(r);
    x->new_price = any_i64(r);
    x->new_quantity = any_i64(r);
    x->new_stop_price = any_i64(r);
    x->old_quantity = any_i64(r);
    x->wait = any_u64(r);
    x->attempt = any_u32(r);
    x->tries = any_u32(r);
    x->refused = any_u32(r);
    x->venue = any_u8(r);
    x->state = any_u8(r);
    x->doubt = any_u8(r);
    x->reason = any_u8(r);
    x->side = any_u8(r);
    x->open = any_bool(r);
    x->asked = any_u8(r);
    x->manual_review = any_bool(r);
    x->ext_order_id_len = any_chars(r, x->ext_order_id, sizeof x->ext_order_id);
}

static inline void any_execution_state(struct random *r, struct execution_state *x)
{
    x->order_id = any_u64(r);
    x->number = any_u32(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->notional = any_i128(r);
    x->fee_accrues = any_i128(r);
    x->busted = any_bool(r);
    x->exec_id_len = any_chars(r, x->exec_id, sizeof x->exec_id);
}

static inline void any_client_id_state(struct random *r, struct client_id_state *x)
{
    x->account_id = any_u64(r);
    x->order_id = any_u64(r);
    x->used_ns = any_i64(r);
    x->client_order_id_len = any_client_id(r, x->client_order_id);
}

static inline void any_key_state(struct random *r, struct key_state *x)
{
    any_key_hash(r, &x->key);
    any_key_hash(r, &x->body);
    x->seq = any_u64(r);
    x->used_ns = any_i64(r);
}

static inline void any_terms(struct random *r, struct order_terms *x)
{
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->price = any_bool(r) ? 0 : any_i64(r);
    x->quantity = any_i64(r);
    x->expires_ns = any_i64(r);
    x->price_scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    x->side = any_u8(r);
    x->type = any_u8(r);
    x->tif = any_u8(r);
    x->flags = any_u8(r);
    x->stop_price = any_i64(r);
    x->display_quantity = any_i64(r);
    x->trail = any_i64(r);
    x->gtt_id = any_u64(r);
    x->leverage = any_u32(r);
    x->stop_price_scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    x->display_scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    x->trail_scale = any_scale_or_absent(r, DECIMAL_SCALE_MAX);
    x->stp = any_u8(r);
    x->venue = any_u8(r);
    x->phase = any_u8(r);
    x->link = any_u8(r);
    x->member = any_u8(r);
    x->activation = any_u8(r);
    x->client_order_id_len = any_client_id(r, x->client_order_id);
}

static inline void any_refusal(struct random *r, struct refusal *x)
{
    x->reason = (uint16_t)any_u32(r);
    x->field = any_u8(r);
    x->value_scale = any_scale_or_absent(r, CASH_SCALE_MAX);
    x->limit_scale = any_scale_or_absent(r, CASH_SCALE_MAX);
    x->value = any_i128(r);
    x->limit = any_i128(r);
}

static inline void any_filled(struct random *r, struct event_filled *x)
{
    x->symbol = any_name(r);
    x->buy_account = any_name(r);
    x->sell_account = any_name(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_bool(r) ? (uint8_t)(x->price_scale + x->quantity_scale) : any_scale(r, CASH_SCALE_MAX);
    x->notional = any_bool(r) ? (i128)x->price * x->quantity : any_i128(r);
    x->buy_order_id = any_u64(r);
    x->sell_order_id = any_u64(r);
    x->buy_leaves = any_i64(r);
    x->sell_leaves = any_i64(r);
    x->buy_fee = any_i128(r);
    x->sell_fee = any_i128(r);
    x->buy_hold = any_i128(r);
    x->sell_hold = any_i128(r);
    x->aggressor_side = any_u8(r);
    x->venue = any_u8(r);
    x->simulated = any_bool(r);
}

static inline void any_modified(struct random *r, struct event_modified *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->leaves = any_i64(r);
    x->stop_price = any_i64(r);
    x->display_quantity = any_i64(r);
    x->hold = any_i128(r);
    x->side = any_u8(r);
    x->kept_priority = any_bool(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
}

static inline void any_quoted(struct random *r, struct event_quoted *x)
{
    x->symbol = any_name(r);
    x->bid = any_i64(r);
    x->bid_quantity = any_i64(r);
    x->ask = any_i64(r);
    x->ask_quantity = any_i64(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
}

static inline void any_triggered(struct random *r, struct event_triggered *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->stop_price = any_i64(r);
    x->price = any_i64(r);
    x->side = any_u8(r);
    x->type = any_u8(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
}

static inline void any_activated(struct random *r, struct event_activated *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->quantity = any_i64(r);
    x->leaves = any_i64(r);
    x->hold = any_i128(r);
    x->side = any_u8(r);
    x->phase = any_u8(r);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
}

static inline void any_reduced(struct random *r, struct event_reduced *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->quantity = any_i64(r);
    x->leaves = any_i64(r);
    x->hold = any_i128(r);
    x->side = any_u8(r);
    x->reason = any_u8(r);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
}

static inline void any_prevented(struct random *r, struct event_prevented *x)
{
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->newest_order_id = any_u64(r);
    x->oldest_order_id = any_u64(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->stp = any_u8(r);
    x->newest_side = any_u8(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
}

static inline void any_margin_called(struct random *r, struct event_margin_called *x)
{
    x->account = any_name(r);
    x->currency = any_name(r);
    x->equity = any_i128(r);
    x->exposure = any_i128(r);
    x->required_ppm = any_i64(r);
    x->liquidation = any_bool(r);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
}

static inline void any_gtt_set(struct random *r, struct event_gtt_set *x)
{
    x->gtt_id = any_u64(r);
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    for (int i = 0; i < 2; i++) {
        x->legs[i].trigger_price = any_i64(r);
        x->legs[i].price = any_i64(r);
        x->legs[i].quantity = any_i64(r);
        x->legs[i].direction = any_u8(r);
    }
    x->expires_ns = any_i64(r);
    x->reject = (uint16_t)any_u32(r);
    x->status = any_u8(r);
    x->side = any_u8(r);
    x->leg = any_u8(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
}

static inline void any_routed(struct random *r, struct event_routed *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    for (int i = 0; i < ROUTE_CANDIDATES_MAX; i++) x->candidates[i] = any_name(r);
    x->chosen = any_name(r);
    x->retry_ns = any_i64(r);
    x->attempt = any_u32(r);
    x->rule = (uint16_t)any_u32(r);
    x->venue = any_u8(r);
    x->cause = any_u8(r);
    x->asked = any_bool(r);
    x->manual_review = any_bool(r);
}

static inline void any_acked(struct random *r, struct event_acked *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->venue = any_name(r);
    x->state = any_u8(r);
    x->ext_order_id_len = any_chars(r, x->ext_order_id, sizeof x->ext_order_id);
}

static inline void any_executed(struct random *r, struct event_executed *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->venue = any_name(r);
    x->excess = any_i64(r);
    x->kind = any_u8(r);
    x->late = any_bool(r);
    x->simulated = any_bool(r);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->exec_id_len = any_chars(r, x->exec_id, sizeof x->exec_id);
}

static inline void any_broker_state(struct random *r, struct event_broker_state *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->venue = any_name(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->stop_price = any_i64(r);
    x->leaves = any_i64(r);
    x->hold = any_i128(r);
    x->state = any_u8(r);
    x->before = any_u8(r);
    x->report = any_u8(r);
    x->side = any_u8(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
    x->reason_len = any_chars(r, x->reason, sizeof x->reason);
}

static inline void any_busted(struct random *r, struct event_busted *x)
{
    x->order_id = any_u64(r);
    x->account = any_name(r);
    x->symbol = any_name(r);
    x->venue = any_name(r);
    x->price = any_i64(r);
    x->quantity = any_i64(r);
    x->notional = any_i128(r);
    x->fee = any_i128(r);
    x->hold = any_i128(r);
    x->leaves = any_i64(r);
    x->side = any_u8(r);
    x->price_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
    x->currency_scale = any_scale(r, CASH_SCALE_MAX);
    x->exec_id_len = any_chars(r, x->exec_id, sizeof x->exec_id);
}

static inline void any_venue_set(struct random *r, struct event_venue_set *x)
{
    x->venue_id = any_u64(r);
    x->venue = any_name(r);
    x->number = any_u8(r);
    x->state = any_u8(r);
    x->before = any_u8(r);
    x->cause = any_u8(r);
    x->simulated = any_bool(r);
}

static inline void any_statement_taken(struct random *r, struct event_statement *x)
{
    x->statement_id = any_u64(r);
    x->venue = any_name(r);
    x->account = any_name(r);
    x->from_ns = any_i64(r);
    x->to_ns = any_i64(r);
    x->rows = any_u32(r);
}

static inline void any_statement_row(struct random *r, struct event_statement_row *x)
{
    x->number = any_u32(r);
    x->symbol = any_name(r);
    any_decimal(r, &x->price);
    any_decimal(r, &x->quantity);
    any_amount(r, &x->fee);
    x->side = any_u8(r);
    x->exec_id_len = any_chars(r, x->exec_id, sizeof x->exec_id);
    x->ext_order_id_len = any_chars(r, x->ext_order_id, sizeof x->ext_order_id);
}

static inline void any_desk_event(struct random *r, struct event *e)
{
    switch (e->kind) {
    case EVENT_ROUTED: any_routed(r, &e->routed); break;
    case EVENT_ACKED: any_acked(r, &e->acked); break;
    case EVENT_EXECUTED: any_executed(r, &e->executed); break;
    case EVENT_BROKER_STATE: any_broker_state(r, &e->broker_state); break;
    case EVENT_BUSTED: any_busted(r, &e->busted); break;
    case EVENT_SETTLED:
        e->settled.order_id = any_u64(r);
        e->settled.account = any_name(r);
        e->settled.symbol = any_name(r);
        e->settled.venue = any_name(r);
        e->settled.by_command = any_bool(r);
        break;
    case EVENT_VENUE_SET: any_venue_set(r, &e->venue_set); break;
    case EVENT_ROUTING_SET: e->routing_set.rules = any_u32(r); break;
    case EVENT_ROUTE_RULE_SET:
        e->route_rule_set.number = any_u32(r);
        any_route_rule(r, &e->route_rule_set.rule);
        break;
    case EVENT_BATCHED:
        e->batched.batch_id = any_u64(r);
        e->batched.account = any_name(r);
        e->batched.orders = any_u32(r);
        e->batched.atomic = any_bool(r);
        break;
    case EVENT_KEY_CLEARED: any_key_hash(r, &e->key_cleared.key); break;
    case EVENT_STATEMENT: any_statement_taken(r, &e->statement); break;
    case EVENT_STATEMENT_ROW: any_statement_row(r, &e->statement_row); break;
    default: break;
    }
}

static inline void any_event_fields(struct random *r, struct event *e)
{
    switch (e->kind) {
    case EVENT_REJECTED:
        e->rejected.order_id = any_u64(r);
        any_refusal(r, &e->rejected.refusal);
        e->rejected.command_kind = any_u8(r);
        if (any_bool(r)) any_terms(r, &e->rejected.terms);
        break;
    case EVENT_PLACED:
        e->placed.order_id = any_u64(r);
        e->placed.hold = any_i128(r);
        any_terms(r, &e->placed.terms);
        e->placed.currency_scale = any_scale(r, CASH_SCALE_MAX);
        break;
    case EVENT_FILLED: any_filled(r, &e->filled); break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED:
        e->cancelled.order_id = any_u64(r);
        e->cancelled.account = any_name(r);
        e->cancelled.symbol = any_name(r);
        e->cancelled.leaves = any_i64(r);
        e->cancelled.reject = (uint16_t)any_u32(r);
        e->cancelled.reason = any_u8(r);
        e->cancelled.side = any_u8(r);
        e->cancelled.quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
        break;
    case EVENT_MODIFIED: any_modified(r, &e->modified); break;
    case EVENT_LIMITS_SET: any_limits(r, &e->limits_set); break;
    case EVENT_CURRENCY_SET: any_currency_state(r, &e->currency_set); break;
    case EVENT_INSTRUMENT_SET: any_instrument_state(r, &e->instrument_set); break;
    case EVENT_ACCOUNT_SET: any_account_state(r, &e->account_set); break;
    case EVENT_CASH_MOVED:
        e->cash_moved.account = any_name(r);
        e->cash_moved.currency = any_name(r);
        e->cash_moved.amount = any_i128(r);
        e->cash_moved.cash = any_i128(r);
        e->cash_moved.scale = any_scale(r, CASH_SCALE_MAX);
        break;
    case EVENT_QUOTED: any_quoted(r, &e->quoted); break;
    case EVENT_SWEPT:
        e->swept.orders = any_u32(r);
        e->swept.more = any_bool(r);
        e->swept.sweep = any_u8(r);
        break;
    case EVENT_TRIGGERED: any_triggered(r, &e->triggered); break;
    case EVENT_ACTIVATED: any_activated(r, &e->activated); break;
    case EVENT_REDUCED: any_reduced(r, &e->reduced); break;
    case EVENT_DISPLAYED:
        e->displayed.order_id = any_u64(r);
        e->displayed.account = any_name(r);
        e->displayed.symbol = any_name(r);
        e->displayed.shown = any_i64(r);
        e->displayed.side = any_u8(r);
        e->displayed.quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
        break;
    case EVENT_TRAILED:
        e->trailed.order_id = any_u64(r);
        e->trailed.account = any_name(r);
        e->trailed.symbol = any_name(r);
        e->trailed.stop_price = any_i64(r);
        e->trailed.side = any_u8(r);
        e->trailed.price_scale = any_scale(r, DECIMAL_SCALE_MAX);
        break;
    case EVENT_PREVENTED: any_prevented(r, &e->prevented); break;
    case EVENT_UNCROSSED:
        e->uncrossed.symbol = any_name(r);
        e->uncrossed.price = any_i64(r);
        e->uncrossed.quantity = any_i64(r);
        e->uncrossed.imbalance = any_i64(r);
        e->uncrossed.price_scale = any_scale(r, DECIMAL_SCALE_MAX);
        e->uncrossed.quantity_scale = any_scale(r, DECIMAL_SCALE_MAX);
        break;
    case EVENT_STATE_SET:
        e->state_set.symbol = any_name(r);
        e->state_set.state = any_u8(r);
        e->state_set.before = any_u8(r);
        e->state_set.cause = any_u8(r);
        break;
    case EVENT_TRADING_SET:
        e->trading_set.account = any_name(r);
        e->trading_set.symbol = any_name(r);
        e->trading_set.status = any_u8(r);
        e->trading_set.before = any_u8(r);
        break;
    case EVENT_MARGIN_CALLED: any_margin_called(r, &e->margin_called); break;
    case EVENT_GTT_SET: any_gtt_set(r, &e->gtt_set); break;
    default: any_desk_event(r, e); break;
    }
}

static inline void any_event(struct random *r, uint8_t kind, struct event *e)
{
    memset(e, 0, sizeof *e);
    e->seq = any_u64(r);
    e->ts_ns = any_i64(r);
    e->index = any_u32(r);
    e->kind = kind;
    any_event_fields(r, e);
}

#endif
