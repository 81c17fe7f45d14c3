/* api/json_parts.c - members that documents share. */
#include "api/json_parts.h"

/* 10^-8 of the notional in basis points, 10^-2 millionths in percent: both have four decimals. */
enum { RATE_DECIMALS = 4 };

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
    member_string(j, "state", instrument_state_text(s->state));
}

void members_balance(struct json *j, const struct balance_row *b)
{
    member_name(j, "currency", &b->currency);
    member_decimal(j, "cash", b->cash, b->scale);
    member_decimal(j, "reserved", b->reserved, b->scale);
    member_decimal(j, "available", b->cash + b->cost_net - b->margin_used - b->reserved, b->scale);
    member_decimal(j, "margin_used", b->margin_used, b->scale);
}
