/* api/json_parts.c - members that documents share. */
#include <stdio.h>

#include "api/json_parts.h"
#include "core/rejects.h"

/* 10^-8 of the notional in basis points, 10^-2 millionths in percent: both have four decimals. Limits of accounts have
 * nine, whatever instrument they meet. */
enum { RATE_DECIMALS = 4, LEVERAGE_DECIMALS = 2, LIMIT_DECIMALS = 9, EVENT_ID_BYTES = 40 };

void member_string(struct json *j, const char *key, const char *text)
{
    if (text[0] == '\0') return;
    json_key(j, key);
    json_string(j, text);
}

void member_name(struct json *j, const char *key, const struct name *n)
{
    if (name_empty(n)) return;
    json_key(j, key);
    json_name(j, n);
}

void member_text(struct json *j, const char *key, const char *bytes, size_t len_bytes)
{
    if (len_bytes == 0) return;
    json_key(j, key);
    json_text(j, bytes, len_bytes);
}

void member_u64(struct json *j, const char *key, uint64_t value)
{
    json_key(j, key);
    json_u64(j, value);
}

void member_bool(struct json *j, const char *key, bool value)
{
    json_key(j, key);
    json_bool(j, value);
}

void member_true(struct json *j, const char *key, bool value)
{
    if (value) member_bool(j, key, true);
}

void member_id(struct json *j, const char *key, uint64_t id)
{
    json_key(j, key);
    json_id(j, id);
}

void member_event_id(struct json *j, const char *key, uint64_t seq, uint32_t index)
{
    char room[EVENT_ID_BYTES];
    (void)snprintf(room, sizeof room, "%llu-%u", (unsigned long long)seq, index);
    member_string(j, key, room);
}

void member_time(struct json *j, const char *key, int64_t ts_ns)
{
    if (ts_ns == 0) return;
    json_key(j, key);
    json_time(j, ts_ns);
}

void member_decimal(struct json *j, const char *key, i128 value, unsigned scale)
{
    if (scale == DECIMAL_ABSENT) return;
    json_key(j, key);
    json_decimal(j, value, scale);
}

void member_decimal_short(struct json *j, const char *key, i128 value, unsigned scale)
{
    for (; scale > 0 && value % 10 == 0; scale--) value /= 10;
    member_decimal(j, key, value, scale);
}

void members_limits(struct json *j, const struct limits *l)
{
#define X(field, def, largest) member_u64(j, #field, l->field);
    LIMITS(X)
#undef X
}

void members_flags(struct json *j, uint8_t flags)
{
    member_true(j, "post_only", (flags & PLACE_POST_ONLY) != 0);
    member_true(j, "reduce_only", (flags & PLACE_REDUCE_ONLY) != 0);
    member_true(j, "all_or_none", (flags & PLACE_ALL_OR_NONE) != 0);
    member_true(j, "liquidation", (flags & PLACE_LIQUIDATION) != 0);
}

void member_trail(struct json *j, int64_t trail, uint8_t scale, uint8_t flags)
{
    if (trail == 0) return;
    if ((flags & PLACE_TRAIL_PERCENT) != 0)
        member_decimal_short(j, "trail_percent", trail, scale);
    else
        member_decimal(j, "trail_amount", trail, scale);
}

void member_venue(struct json *j, uint8_t venue)
{
    if (venue == VENUE_NONE) return;
    if (venue < VENUE_BROKER_FIRST)
        member_string(j, "venue", venue_text(venue == 0 ? VENUE_BOOK : venue));
    else
        member_u64(j, "venue_number", venue);
}

void member_venue_named(struct json *j, const struct name *name, uint8_t venue)
{
    if (name_empty(name))
        member_venue(j, venue);
    else
        member_name(j, "venue", name);
}

void member_key_hash(struct json *j, const char *key, struct key_hash h)
{
    char room[KEY_HASH_TEXT_BYTES];
    if (h.lo != 0 || h.hi != 0) member_string(j, key, key_hash_to_text(h, room));
}

void member_names(struct json *j, const char *key, const struct name *names, size_t count)
{
    json_key(j, key);
    json_array_begin(j);
    for (size_t i = 0; i < count && !name_empty(&names[i]); i++) json_name(j, &names[i]);
    json_array_end(j);
}

void members_rule(struct json *j, const struct route_rule *r)
{
    member_name(j, "account", &r->account);
    member_name(j, "symbol", &r->symbol);
    member_string(j, "type", order_type_text(r->type));
    member_string(j, "side", side_text(r->side));
    member_decimal(j, "min_quantity", r->min_quantity.mantissa, r->min_quantity.scale);
    member_decimal(j, "max_quantity", r->max_quantity.mantissa, r->max_quantity.scale);
    member_names(j, "venues", r->venues, ROUTE_CANDIDATES_MAX);
}

void members_decision(struct json *j, const struct event_routed *r)
{
    member_u64(j, "rule", r->rule);
    member_names(j, "candidates", r->candidates, ROUTE_CANDIDATES_MAX);
    member_name(j, "chosen", &r->chosen);
    member_u64(j, "attempt", r->attempt);
    member_string(j, "cause", route_cause_text(r->cause));
    member_bool(j, "asked", r->asked);
    member_time(j, "retry_at", r->retry_ns);
    member_bool(j, "manual_review", r->manual_review);
}

void members_venue(struct json *j, const struct event_venue_set *v)
{
    member_name(j, "venue", &v->venue);
    member_string(j, "state", venue_state_text(v->state));
    member_bool(j, "simulated", v->simulated);
    member_string(j, "cause", venue_cause_text(v->cause));
}

void members_statement(struct json *j, const struct event_statement *s)
{
    member_id(j, "statement_id", s->statement_id);
    member_name(j, "venue", &s->venue);
    member_name(j, "account", &s->account);
    json_key(j, "from");
    json_time(j, s->from_ns);
    json_key(j, "to");
    json_time(j, s->to_ns);
    member_u64(j, "rows", s->rows);
}

void members_statement_line(struct json *j, const struct event_statement_row *r)
{
    member_text(j, "exec_id", r->exec_id, r->exec_id_len);
    member_text(j, "ext_order_id", r->ext_order_id, r->ext_order_id_len);
    member_name(j, "symbol", &r->symbol);
    member_string(j, "side", side_text(r->side));
    member_decimal(j, "price", r->price.mantissa, r->price.scale);
    member_decimal(j, "quantity", r->quantity.mantissa, r->quantity.scale);
    member_decimal(j, "fee", r->fee.mantissa, r->fee.scale);
}

const char *trading_text(int status)
{
    return account_status_text(status == 0 ? ACCOUNT_STATUS_ACTIVE : status);
}

void members_link(struct json *j, uint64_t order_id, uint8_t link, uint8_t member, uint8_t activation)
{
    if (link == 0) return;
    uint64_t entry_id = order_id - member;
    uint32_t members = link == LINK_BRACKET ? 3 : 2;
    member_string(j, "link", link_text(link));
    member_string(j, "activation", activation_text(activation));
    if (link != LINK_OCO && member != 0) member_id(j, "parent_order_id", entry_id);
    json_key(j, "linked_order_ids");
    json_array_begin(j);
    for (uint32_t i = 0; i < members; i++) {
        if (i != member) json_id(j, entry_id + i);
    }
    json_array_end(j);
}

static void write_gtt_leg(struct json *j, const struct event_gtt_set *g, const struct event_gtt_leg *l)
{
    json_object_begin(j);
    member_decimal(j, "trigger_price", l->trigger_price, g->price_scale);
    member_string(j, "when", l->direction == SIDE_SELL ? "AT_OR_ABOVE" : "AT_OR_BELOW");
    member_string(j, "type", order_type_text(l->price != 0 ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET));
    if (l->price != 0) member_decimal(j, "price", l->price, g->price_scale);
    member_decimal(j, "quantity", l->quantity, g->quantity_scale);
    json_object_end(j);
}

void members_gtt(struct json *j, const struct event_gtt_set *g)
{
    member_id(j, "gtt_id", g->gtt_id);
    member_name(j, "account", &g->account);
    member_name(j, "symbol", &g->symbol);
    member_string(j, "side", side_text(g->side));
    member_string(j, "status", gtt_status_text(g->status));
    json_key(j, "legs");
    json_array_begin(j);
    for (int i = 0; i < 2 && g->legs[i].quantity != 0; i++) write_gtt_leg(j, g, &g->legs[i]);
    json_array_end(j);
    member_time(j, "expires_at", g->expires_ns);
    if (g->leg != 0) member_u64(j, "triggered_leg", g->leg);
    if (g->order_id != 0 && g->status != GTT_STATUS_REJECTED) member_id(j, "order_id", g->order_id);
    if (g->reject == 0) return;
    json_key(j, "reject");
    json_object_begin(j);
    member_string(j, "code", reject_name(g->reject));
    member_string(j, "text", reject_text(g->reject));
    json_object_end(j);
}

static void member_account_limits(struct json *j, const struct account_limits *l)
{
    bool any = l->max_order_quantity != 0 || l->max_order_notional != 0 || l->max_position != 0 ||
               l->max_open_orders != 0 || l->max_orders_per_second != 0;
    if (!any) return;
    json_key(j, "limits");
    json_object_begin(j);
    if (l->max_order_quantity != 0)
        member_decimal_short(j, "max_order_quantity", l->max_order_quantity, LIMIT_DECIMALS);
    if (l->max_order_notional != 0)
        member_decimal_short(j, "max_order_notional", l->max_order_notional, LIMIT_DECIMALS);
    if (l->max_position != 0) member_decimal_short(j, "max_position", l->max_position, LIMIT_DECIMALS);
    if (l->max_open_orders != 0) member_u64(j, "max_open_orders", l->max_open_orders);
    if (l->max_orders_per_second != 0) member_u64(j, "max_orders_per_second", l->max_orders_per_second);
    json_object_end(j);
}

static void members_account_rates(struct json *j, const struct account_limits *l)
{
    if (l->own_maker_fee) member_decimal_short(j, "maker_fee_bps", l->maker_fee_rate, RATE_DECIMALS);
    if (l->own_taker_fee) member_decimal_short(j, "taker_fee_bps", l->taker_fee_rate, RATE_DECIMALS);
    if (l->margin_call_ppm != 0) member_decimal_short(j, "margin_call_percent", l->margin_call_ppm, RATE_DECIMALS);
    if (l->liquidation_ppm != 0) member_decimal_short(j, "liquidation_percent", l->liquidation_ppm, RATE_DECIMALS);
}

void members_account(struct json *j, const struct account_state *a)
{
    member_name(j, "account", &a->account);
    member_string(j, "type", account_type_text(a->type));
    member_string(j, "status", trading_text(a->status));
    member_bool(j, "allow_short", a->allow_short);
    member_decimal_short(j, "leverage", a->leverage, LEVERAGE_DECIMALS);
    member_string(j, "stp", stp_text(a->stp == 0 ? STP_NONE : a->stp));
    member_account_limits(j, &a->limits);
    members_account_rates(j, &a->limits);
}

void members_instrument_spec(struct json *j, const struct instrument_spec *s)
{
    member_name(j, "symbol", &s->symbol);
    member_name(j, "currency", &s->currency);
    member_decimal(j, "tick_size", s->tick, s->price_scale);
    member_decimal(j, "lot_size", s->lot, s->quantity_scale);
    if (s->min_quantity != 0) member_decimal(j, "min_quantity", s->min_quantity, s->quantity_scale);
    if (s->max_quantity != 0) member_decimal(j, "max_quantity", s->max_quantity, s->quantity_scale);
    if (s->max_notional != 0) member_decimal(j, "max_notional", s->max_notional, s->currency_scale);
    if (s->collar_ppm != 0) member_decimal_short(j, "price_collar_percent", s->collar_ppm, RATE_DECIMALS);
    member_decimal_short(j, "maker_fee_bps", s->maker_fee_rate, RATE_DECIMALS);
    member_decimal_short(j, "taker_fee_bps", s->taker_fee_rate, RATE_DECIMALS);
    member_string(j, "trigger", trigger_text(s->trigger));
    member_u64(j, "settlement_days", s->settlement_days);
    if (s->max_leverage != 0) member_decimal_short(j, "max_leverage", s->max_leverage, LEVERAGE_DECIMALS);
    member_string(j, "mark", trigger_text(s->mark == 0 ? TRIGGER_LAST : s->mark));
    member_bool(j, "halt_on_breach", s->halt_on_breach);
    member_string(j, "state", instrument_state_text(s->state));
    member_string(j, "trading", trading_text(s->trading));
}

void members_balance(struct json *j, const struct balance_row *b)
{
    member_name(j, "currency", &b->currency);
    member_decimal(j, "cash", b->cash, b->scale);
    member_decimal(j, "reserved", b->reserved, b->scale);
    member_decimal(j, "available", b->cash + b->cost_net - b->margin_used - b->reserved, b->scale);
    member_decimal(j, "margin_used", b->margin_used, b->scale);
}
