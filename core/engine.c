/* core/engine.c - one turn: time, timers, the command.
 * What must stay true: seq and time never go back; every kind of command ends in exactly one place below; a kind not known is refused. */
#include "core/engine_parts.h"
#include "core/wide.h"

uint32_t engine_events_max(const struct limits *l)
{
    /* Timers and fills, or a sweep, may each touch work_max orders; a handful more say what the command itself did. */
    return 2 * l->work_max + 16;
}

void turn_reject(struct turn *t, const struct command *c, enum reject reason, uint64_t order_id)
{
    struct event *ev = turn_event(t, EVENT_REJECTED);
    memset(&ev->rejected, 0, sizeof ev->rejected);
    ev->rejected.order_id = order_id;
    ev->rejected.reason = (uint16_t)reason;
    ev->rejected.command_kind = c->kind;
}

/* A tape begins with its limits. */
static void reject_limits_first(struct turn *t, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_PLACE: place_reject(t, c, REJECT_LIMITS_FIRST); return;
    case COMMAND_MODIFY: turn_reject(t, c, REJECT_LIMITS_FIRST, c->modify.order_id); return;
    case COMMAND_CANCEL: turn_reject(t, c, REJECT_LIMITS_FIRST, c->cancel.order_id); return;
    default: turn_reject(t, c, REJECT_LIMITS_FIRST, 0); return;
    }
}

static void apply(struct turn *t, const struct command *c)
{
    if (UNLIKELY((t->engine->ready != 0) == (c->kind == COMMAND_SET_LIMITS))) {
        reject_limits_first(t, c);
        return;
    }
    switch (c->kind) {
    case COMMAND_SET_LIMITS: apply_set_limits(t, c); return;
    case COMMAND_SET_CURRENCY: apply_set_currency(t, c); return;
    case COMMAND_SET_INSTRUMENT: apply_set_instrument(t, c); return;
    case COMMAND_SET_ACCOUNT: apply_set_account(t, c); return;
    case COMMAND_MOVE_CASH: apply_move_cash(t, c); return;
    case COMMAND_SET_QUOTE: apply_set_quote(t, c); return;
    case COMMAND_PLACE: apply_place(t, c); return;
    case COMMAND_MODIFY: apply_modify(t, c); return;
    case COMMAND_CANCEL: apply_cancel(t, c); return;
    case COMMAND_MASS_CANCEL: apply_mass_cancel(t, c); return;
    case COMMAND_END_OF_DAY: apply_end_of_day(t, c); return;
    case COMMAND_TICK: return;
    case COMMAND_CONTINUE: apply_continue(t); return;
    default: turn_reject(t, c, REJECT_COMMAND_UNKNOWN, 0); return;
    }
}

uint32_t engine_apply(struct engine *e, const struct command *c, struct event *events)
{
    assert(c->seq != 0 && c->ts_ns >= e->now_ns);
    struct turn t = {.engine = e, .events = events};
    dirty_make_room(e);
    e->seq = c->seq;
    e->now_ns = c->ts_ns;
    if (UNLIKELY(engine_next_due_ns(e) <= c->ts_ns)) timers_fire(&t);
    apply(&t, c);
    return t.count;
}

bool engine_continue_needed(const struct engine *e, int64_t ts_ns)
{
    if (e->sweep.kind != SWEEP_NONE) return true;
    return engine_next_due_ns(e) <= ts_ns && timers_exceed(e, ts_ns, e->limits.work_max);
}

/* Scaling. */

enum scaling scale_decimal_other(struct decimal d, unsigned scale, int64_t largest, int64_t *out)
{
    int64_t value = d.mantissa;
    if (d.scale > DECIMAL_SCALE_MAX) return SCALE_INVALID;
    if (d.scale > scale) {
        int64_t divisor = pow10_i64(d.scale - scale);
        if (value % divisor != 0) return SCALE_INEXACT;
        value /= divisor;
    } else {
        int64_t factor = pow10_i64(scale - d.scale);
        if (value > largest / factor || value < -(largest / factor)) return SCALE_TOO_LARGE;
        value *= factor;
    }
    *out = value;
    return value > largest || value < -largest ? SCALE_TOO_LARGE : SCALE_GOOD;
}

/* value / 10^exponent (at most 18), when that is exact. */
static bool divide_by_pow10(i128 *value, unsigned exponent)
{
    uint64_t rest;
    u128 quotient = wide_div(wide_magnitude(*value), (uint64_t)pow10_i64(exponent), &rest);
    if (rest != 0) return false;
    *value = wide_with_sign(quotient, *value < 0);
    return true;
}

enum scaling scale_amount(struct amount a, unsigned scale, i128 largest, i128 *out)
{
    if (a.scale > CASH_SCALE_MAX) return SCALE_INVALID;
    i128 value = a.mantissa;
    if (a.scale > scale) {
        if (!divide_by_pow10(&value, a.scale - scale)) return SCALE_INEXACT;
    } else {
        for (unsigned s = a.scale; s < scale; s++) {
            if (value > largest || value < -largest) return SCALE_TOO_LARGE;
            value *= 10;
        }
    }
    *out = value;
    return value > largest || value < -largest ? SCALE_TOO_LARGE : SCALE_GOOD;
}
