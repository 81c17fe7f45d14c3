/* api/batch_totals.c - see batch_totals.h. Two quantities and two values are all there is to a result:
 *   bought b units for B, sold s units for S:   b <= s: S b / s - B      s < b: S - B s / b
 * so there is one division, and its remainder decides the one rounding. */
#include <assert.h>

#include "api/batch_totals.h"

/* The same number with more decimals. */
static void exact_raise(struct exact *x, unsigned scale)
{
    for (; x->scale < scale && !x->too_large; x->scale++)
        x->too_large = __builtin_mul_overflow(x->value, (i128)10, &x->value);
}

static void exact_add(struct exact *sum, struct exact more)
{
    exact_raise(sum, more.scale);
    exact_raise(&more, sum->scale);
    bool over = sum->too_large || more.too_large;
    sum->too_large = over || __builtin_add_overflow(sum->value, more.value, &sum->value);
}

/* What was bought, or sold. */
struct traded {
    struct exact quantity, value;
};

static bool has_limit_price(const struct order_row *o)
{
    bool typed = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    return typed && o->price_scale != DECIMAL_ABSENT;
}

static struct traded order_filled(const struct order_row *o)
{
    struct traded t = {{0, 0, false}, {0, 0, false}};
    if (o->filled == 0) return t;
    t.quantity = (struct exact){o->filled, o->quantity_scale, false};
    t.value = (struct exact){o->price_quantity, (uint8_t)(o->price_scale + o->quantity_scale), false};
    return t;
}

/* What it was to do, as far as it said at which price. */
static struct traded order_asked(const struct order_row *o)
{
    if (!has_limit_price(o)) return order_filled(o);
    struct traded t = {.quantity = {o->quantity, o->quantity_scale, false}};
    t.value = (struct exact){(i128)o->price * o->quantity, (uint8_t)(o->price_scale + o->quantity_scale), false};
    return t;
}

static void traded_add(struct traded *sum, struct traded more)
{
    exact_add(&sum->quantity, more.quantity);
    exact_add(&sum->value, more.value);
}

/* a * b / c for b <= c, digit by digit of b: neither the product nor the quotient leaves 128 bits. */
static u128 mul_div(u128 a, u128 b, u128 c, u128 *remainder)
{
    u128 quotient = 0, rest = 0;
    assert(b <= c && c >> 127 == 0);
    if (c == 0) {
        *remainder = 0;
        return 0; /* of nothing: b is 0 too */
    }
    for (int bit = 126; bit >= 0; bit--) {
        bool set = (b >> bit & 1) != 0;
        quotient = 2 * quotient + (set ? a / c : 0);
        rest *= 2;
        quotient += rest >= c;
        rest -= rest >= c ? c : 0;
        rest += set ? a % c : 0;
        quotient += rest >= c;
        rest -= rest >= c ? c : 0;
    }
    *remainder = rest;
    return quotient;
}

/* whole + part / of, 0 <= part < of, with so many decimals less, to the nearest, ties to even. */
static i128 round_half_even(i128 whole, u128 part, u128 of, unsigned decimals)
{
    i128 unit = 1;
    for (; decimals > 0; decimals--) unit *= 10;
    i128 floor = whole / unit, rest = whole % unit;
    if (rest < 0) rest += unit, floor--;
    bool above = unit == 1 ? part > of - part : rest > unit / 2 || (rest == unit / 2 && part > 0);
    bool tie = unit == 1 ? part == of - part : rest == unit / 2 && part == 0;
    return above || (tie && floor % 2 != 0) ? floor + 1 : floor;
}

static struct exact result_of(struct traded bought, struct traded sold, unsigned scale)
{
    struct exact none = {0, (uint8_t)scale, false};
    exact_raise(&bought.quantity, sold.quantity.scale);
    exact_raise(&sold.quantity, bought.quantity.scale);
    exact_raise(&bought.value, sold.value.scale > scale ? sold.value.scale : scale);
    exact_raise(&sold.value, bought.value.scale);
    if (bought.quantity.too_large || sold.quantity.too_large || bought.value.too_large || sold.value.too_large) {
        none.too_large = true;
        return none;
    }
    i128 b = bought.quantity.value, s = sold.quantity.value, whole;
    if (b <= 0 || s <= 0) return none;
    u128 rest;
    if (b <= s) {
        whole = (i128)mul_div((u128)sold.value.value, (u128)b, (u128)s, &rest) - bought.value.value;
    } else {
        whole = sold.value.value - (i128)mul_div((u128)bought.value.value, (u128)s, (u128)b, &rest);
        whole -= rest > 0;
        rest = rest > 0 ? (u128)b - rest : 0;
    }
    none.value = round_half_even(whole, rest, (u128)(b <= s ? s : b), bought.value.scale - scale);
    return none;
}

static void count_order(struct batch_totals *t, const struct order_row *o)
{
    t->total_orders++;
    switch (o->status) {
    case ORDER_STATUS_REJECTED: t->rejected_orders++; break;
    case ORDER_STATUS_FILLED: /* fallthrough */
    case ORDER_STATUS_SETTLED: t->filled_orders++; break;
    case ORDER_STATUS_CANCELLED: /* fallthrough */
    case ORDER_STATUS_EXPIRED: t->cancelled_orders++; break;
    default: t->pending_orders++; break;
    }
}

void batch_totals_add_up(struct batch_totals *t, const struct order_row *orders, size_t count, unsigned pnl_scale)
{
    struct traded asked[SIDE_NUMBER_MAX + 1] = {0}, filled[SIDE_NUMBER_MAX + 1] = {0};
    *t = (struct batch_totals){.total_orders = 0};
    for (size_t i = 0; i < count; i++) {
        const struct order_row *o = &orders[i];
        int side = o->side == SIDE_SELL ? SIDE_SELL : SIDE_BUY;
        count_order(t, o);
        struct traded did = order_filled(o);
        traded_add(&filled[side], did);
        exact_add(&t->filled_qty, did.quantity);
        exact_add(&t->filled_value, did.value);
        if (o->status == ORDER_STATUS_REJECTED) continue;
        struct traded was_to = order_asked(o);
        traded_add(&asked[side], was_to);
        exact_add(&t->total_qty, (struct exact){o->quantity, o->quantity_scale, false});
        exact_add(&t->total_value, was_to.value);
    }
    t->expected_pnl = result_of(asked[SIDE_BUY], asked[SIDE_SELL], pnl_scale);
    t->actual_pnl = result_of(filled[SIDE_BUY], filled[SIDE_SELL], pnl_scale);
}

const char *batch_status_text(const struct order_row *orders, size_t count)
{
    struct batch_totals t = {.total_orders = 0};
    uint32_t settled = 0, traded = 0;
    for (size_t i = 0; i < count; i++) {
        count_order(&t, &orders[i]);
        settled += orders[i].status == ORDER_STATUS_SETTLED;
        traded += orders[i].filled != 0;
    }
    if (t.rejected_orders == t.total_orders) return "REJECTED";
    if (settled == t.total_orders) return "SETTLED";
    if (t.filled_orders == t.total_orders) return "FILLED";
    if (traded != 0) return "PARTIALLY_FILLED";
    if (t.pending_orders == 0) return "CANCELLED";
    return t.rejected_orders != 0 ? "PARTIALLY_ACCEPTED" : "ACCEPTED";
}
