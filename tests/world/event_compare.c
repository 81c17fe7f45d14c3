/* tests/world/event_compare.c - one function a kind, the fields in the order of core/event.h. */
#include "tests/world/event_compare.h"

#include "core/limits.h"

#include <stdio.h>
#include <string.h>

static bool number_differs(const char *field, i128 left, i128 right, char *why)
{
    char left_text[DECIMAL_TEXT_BYTES_MAX], right_text[DECIMAL_TEXT_BYTES_MAX];
    decimal_to_text(left, 0, left_text);
    decimal_to_text(right, 0, right_text);
    snprintf(why, DIFFERENCE_BYTES, "%s: %s and %s", field, left_text, right_text);
    return false;
}

static bool text_differs(const char *field, const char *left, const char *right, int len_bytes_max, char *why)
{
    snprintf(why, DIFFERENCE_BYTES, "%s: '%.*s' and '%.*s'", field, len_bytes_max, left, len_bytes_max, right);
    return false;
}

/* NUMBER and BYTES leave the function with false at the first difference; they expect a, b and why. */
#define NUMBER(field)                                                                                                  \
    do {                                                                                                               \
        if (a->field != b->field) return number_differs(#field, (i128)a->field, (i128)b->field, why);                  \
    } while (0)
#define BYTES(field)                                                                                                   \
    do {                                                                                                               \
        if (memcmp(&a->field, &b->field, sizeof a->field) != 0)                                                        \
            return text_differs(#field, (const char *)&a->field, (const char *)&b->field, (int)sizeof a->field, why);  \
    } while (0)

static bool same_terms(const struct order_terms *a, const struct order_terms *b, char *why)
{
    BYTES(account);
    BYTES(symbol);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(expires_ns);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(side);
    NUMBER(type);
    NUMBER(tif);
    NUMBER(flags);
    NUMBER(client_order_id_len);
    BYTES(client_order_id);
    return true;
}

static bool same_rejected(const struct event_rejected *a, const struct event_rejected *b, char *why)
{
    NUMBER(reason);
    NUMBER(command_kind);
    NUMBER(order_id);
    return same_terms(&a->terms, &b->terms, why);
}

static bool same_placed(const struct event_placed *a, const struct event_placed *b, char *why)
{
    NUMBER(order_id);
    NUMBER(hold);
    NUMBER(currency_scale);
    return same_terms(&a->terms, &b->terms, why);
}

static bool same_filled(const struct event_filled *a, const struct event_filled *b, char *why)
{
    BYTES(symbol);
    BYTES(buy_account);
    BYTES(sell_account);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(notional);
    NUMBER(buy_order_id);
    NUMBER(sell_order_id);
    NUMBER(buy_leaves);
    NUMBER(sell_leaves);
    NUMBER(buy_fee);
    NUMBER(sell_fee);
    NUMBER(buy_hold);
    NUMBER(sell_hold);
    NUMBER(aggressor_side);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_cancelled(const struct event_cancelled *a, const struct event_cancelled *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(leaves);
    NUMBER(reason);
    NUMBER(side);
    NUMBER(quantity_scale);
    return true;
}

static bool same_modified(const struct event_modified *a, const struct event_modified *b, char *why)
{
    NUMBER(order_id);
    BYTES(account);
    BYTES(symbol);
    NUMBER(price);
    NUMBER(quantity);
    NUMBER(leaves);
    NUMBER(hold);
    NUMBER(side);
    NUMBER(kept_priority);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    return true;
}

static bool same_limits(const struct limits *a, const struct limits *b, char *why)
{
#define X(field, def, largest) NUMBER(field);
    LIMITS(X)
#undef X
    return true;
}

static bool same_currency(const struct currency_state *a, const struct currency_state *b, char *why)
{
    NUMBER(id);
    BYTES(currency);
    NUMBER(scale);
    return true;
}

static bool same_spec(const struct instrument_spec *a, const struct instrument_spec *b, char *why)
{
    BYTES(symbol);
    BYTES(currency);
    NUMBER(max_notional);
    NUMBER(tick);
    NUMBER(lot);
    NUMBER(min_quantity);
    NUMBER(max_quantity);
    NUMBER(collar_ppm);
    NUMBER(maker_fee_rate);
    NUMBER(taker_fee_rate);
    NUMBER(settlement_days);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    NUMBER(currency_scale);
    NUMBER(trigger);
    NUMBER(state);
    return true;
}

static bool same_instrument(const struct instrument_state *a, const struct instrument_state *b, char *why)
{
    NUMBER(id);
    NUMBER(tick_gcd);
    NUMBER(lot_gcd);
    NUMBER(last_price);
    NUMBER(bid);
    NUMBER(bid_quantity);
    NUMBER(ask);
    NUMBER(ask_quantity);
    return same_spec(&a->spec, &b->spec, why);
}

static bool same_account(const struct account_state *a, const struct account_state *b, char *why)
{
    NUMBER(id);
    BYTES(account);
    NUMBER(leverage);
    NUMBER(type);
    NUMBER(status);
    NUMBER(allow_short);
    return true;
}

static bool same_cash_moved(const struct event_cash_moved *a, const struct event_cash_moved *b, char *why)
{
    BYTES(account);
    BYTES(currency);
    NUMBER(amount);
    NUMBER(cash);
    NUMBER(scale);
    return true;
}

static bool same_quoted(const struct event_quoted *a, const struct event_quoted *b, char *why)
{
    BYTES(symbol);
    NUMBER(bid);
    NUMBER(bid_quantity);
    NUMBER(ask);
    NUMBER(ask_quantity);
    NUMBER(price_scale);
    NUMBER(quantity_scale);
    return true;
}

static bool same_swept(const struct event_swept *a, const struct event_swept *b, char *why)
{
    NUMBER(orders);
    NUMBER(more);
    NUMBER(sweep);
    return true;
}

bool event_same(const struct event *a, const struct event *b, char *why)
{
    NUMBER(kind);
    NUMBER(seq);
    NUMBER(ts_ns);
    NUMBER(index);
    switch (a->kind) {
    case EVENT_REJECTED: return same_rejected(&a->rejected, &b->rejected, why);
    case EVENT_PLACED: return same_placed(&a->placed, &b->placed, why);
    case EVENT_FILLED: return same_filled(&a->filled, &b->filled, why);
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: return same_cancelled(&a->cancelled, &b->cancelled, why);
    case EVENT_MODIFIED: return same_modified(&a->modified, &b->modified, why);
    case EVENT_LIMITS_SET: return same_limits(&a->limits_set, &b->limits_set, why);
    case EVENT_CURRENCY_SET: return same_currency(&a->currency_set, &b->currency_set, why);
    case EVENT_INSTRUMENT_SET: return same_instrument(&a->instrument_set, &b->instrument_set, why);
    case EVENT_ACCOUNT_SET: return same_account(&a->account_set, &b->account_set, why);
    case EVENT_CASH_MOVED: return same_cash_moved(&a->cash_moved, &b->cash_moved, why);
    case EVENT_QUOTED: return same_quoted(&a->quoted, &b->quoted, why);
    case EVENT_SWEPT: return same_swept(&a->swept, &b->swept, why);
    }
    snprintf(why, DIFFERENCE_BYTES, "kind %d is no event", a->kind);
    return false;
}
_Static_assert(EVENT_KIND_NUMBER_MAX == EVENT_SWEPT, "a new kind of event needs its comparison here");

bool event_lists_same(const struct event *left, uint32_t left_count, const struct event *right, uint32_t right_count,
                      char *why)
{
    char what[DIFFERENCE_BYTES];
    for (uint32_t i = 0; i < left_count && i < right_count; i++) {
        if (event_same(&left[i], &right[i], what)) continue;
        snprintf(why, DIFFERENCE_BYTES, "event %u, %.200s", i, what);
        return false;
    }
    if (left_count == right_count) return true;
    snprintf(why, DIFFERENCE_BYTES, "%u events and %u events", left_count, right_count);
    return false;
}
