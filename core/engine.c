/* core/engine.c - one turn: time, timers, the command.
 * What must stay true: seq and time never go back; every kind of command ends in exactly one place below; a kind not known is refused. */
#include "core/desk_parts.h"
#include "core/wide.h"

/* What one turn can say, at most. A timer: EXPIRED and two children that go with it. A unit of work: of all of them, a head that is
 * PREVENTED and CANCELLED with two children while its taker is REDUCED says the most. What the last step does beyond its work:
 * trailing stops, reduce-only orders of both positions, the currencies of an account. A timer may send a waiting order to trade: that is
 * work of its own. Then what lists say: a batch's order its PLACED, ROUTED and end, a fill its BROKER_STATE, BUSTED, EXECUTED, FILLED. */
enum {
    EVENTS_PER_TIMER = 3,
    EVENTS_PER_WORK = 5,
    EVENTS_PER_ORDER = 4,
    EVENTS_PER_FILL = 4 + 2 * REDUCE_ONLY_MAX,
    EVENTS_OVER = TRAILING_MAX + 2 * REDUCE_ONLY_MAX + 64,
    EVENTS_LISTS =
        EVENTS_PER_ORDER * BATCH_ORDERS_MAX + EVENTS_PER_FILL * FILLS_MAX + STATEMENT_ROWS_MAX + ROUTE_RULES_MAX
};
uint32_t engine_events_max(const struct limits *l)
{
    return (EVENTS_PER_TIMER + 2 * EVENTS_PER_WORK) * l->work_max + EVENTS_OVER + EVENTS_LISTS + l->currencies_max;
}

enum reject refuse_numbers(struct turn *t, enum reject reason, enum refusal_field field, i128 value,
                           uint8_t value_scale, i128 limit, uint8_t limit_scale)
{
    t->refusal = (struct refusal){.reason = (uint16_t)reason,
                                  .field = (uint8_t)field,
                                  .value = value,
                                  .value_scale = value_scale,
                                  .limit = limit,
                                  .limit_scale = limit_scale};
    return reason;
}

enum reject refuse(struct turn *t, enum reject reason, enum refusal_field field)
{
    return refuse_numbers(t, reason, field, 0, DECIMAL_ABSENT, 0, DECIMAL_ABSENT);
}

enum reject refuse_decimal(struct turn *t, enum reject reason, enum refusal_field field, struct decimal d, i128 limit,
                           uint8_t limit_scale)
{
    return refuse_numbers(t, reason, field, d.mantissa, d.scale, limit, limit_scale);
}

void turn_reject(struct turn *t, const struct command *c, uint64_t order_id)
{
    struct event *ev = turn_event(t, EVENT_REJECTED);
    t->refused = true;
    memset(&ev->rejected, 0, sizeof ev->rejected);
    ev->rejected.order_id = order_id;
    ev->rejected.refusal = t->refusal;
    ev->rejected.command_kind = c->kind;
}

/* A tape begins with its limits. */
static __attribute__((noinline)) void reject_limits_first(struct turn *t, const struct command *c)
{
    refuse(t, REJECT_LIMITS_FIRST, 0);
    switch (c->kind) {
    case COMMAND_PLACE: place_reject(t, c, &c->place, c->seq << ORDER_INDEX_BITS); return;
    case COMMAND_PLACE_LINKED: place_reject(t, c, &c->place_linked.entry, c->seq << ORDER_INDEX_BITS); return;
    case COMMAND_BATCH: turn_reject(t, c, c->seq << ORDER_INDEX_BITS); return;
    case COMMAND_CANCEL_BATCH: turn_reject(t, c, c->cancel_batch.batch_id); return;
    case COMMAND_ROUTE: turn_reject(t, c, c->route.order_id); return;
    case COMMAND_REPORT: turn_reject(t, c, c->report.order_id); return;
    case COMMAND_SETTLE: turn_reject(t, c, c->settle.order_id); return;
    case COMMAND_MODIFY: turn_reject(t, c, c->modify.order_id); return;
    case COMMAND_CANCEL: turn_reject(t, c, c->cancel.order_id); return;
    case COMMAND_GTT_PLACE: turn_reject(t, c, c->seq << ORDER_INDEX_BITS); return;
    case COMMAND_GTT_MODIFY: turn_reject(t, c, c->gtt_modify.gtt_id); return;
    case COMMAND_GTT_DELETE: turn_reject(t, c, c->gtt_delete.gtt_id); return;
    default: turn_reject(t, c, 0); return;
    }
}

static __attribute__((noinline)) void reject_unknown(struct turn *t, const struct command *c)
{
    refuse_numbers(t, REJECT_COMMAND_UNKNOWN, REFUSAL_KIND, c->kind, 0, 0, DECIMAL_ABSENT);
    turn_reject(t, c, 0);
}

/* Those that end with SWEPT, or make nothing that anything follows from, return: they are through. */
static void apply(struct turn *t, const struct command *c)
{
    if (UNLIKELY(!t->engine->ready) && c->kind != COMMAND_SET_LIMITS) {
        reject_limits_first(t, c);
        return;
    }
    switch (c->kind) {
    case COMMAND_PLACE: apply_place(t, c); break;
    case COMMAND_CANCEL: apply_cancel(t, c); break;
    case COMMAND_MODIFY: apply_modify(t, c); break;
    case COMMAND_PLACE_LINKED: apply_place_linked(t, c); break;
    case COMMAND_SET_LIMITS:
        if (t->engine->ready)
            reject_limits_first(t, c);
        else
            apply_set_limits(t, c);
        break;
    case COMMAND_SET_CURRENCY: apply_set_currency(t, c); break;
    case COMMAND_SET_INSTRUMENT: apply_set_instrument(t, c); break;
    case COMMAND_SET_ACCOUNT: apply_set_account(t, c); break;
    case COMMAND_MOVE_CASH: apply_move_cash(t, c); break;
    case COMMAND_SET_QUOTE: apply_set_quote(t, c); break;
    case COMMAND_GTT_PLACE: apply_gtt_place(t, c); break;
    case COMMAND_GTT_MODIFY: apply_gtt_modify(t, c); break;
    case COMMAND_GTT_DELETE: apply_gtt_delete(t, c); break;
    case COMMAND_SET_TRADING:
        apply_set_trading(t, c);
        if (c->set_trading.cancel) return;
        break;
    case COMMAND_SET_VENUE: apply_set_venue(t, c); return;
    case COMMAND_SET_ROUTING: apply_set_routing(t, c); break;
    case COMMAND_BATCH: apply_batch(t, c); return;
    case COMMAND_CANCEL_BATCH: apply_cancel_batch(t, c); return;
    case COMMAND_ROUTE: apply_route(t, c); break;
    case COMMAND_REPORT: apply_report(t, c); break;
    case COMMAND_FILL: apply_fill(t, c); break;
    case COMMAND_SETTLE: apply_settle(t, c); return;
    case COMMAND_CLEAR_KEY: apply_clear_key(t, c); return;
    case COMMAND_STATEMENT: apply_statement(t, c); return;
    case COMMAND_MASS_CANCEL: apply_mass_cancel(t, c); return;
    case COMMAND_END_OF_DAY: apply_end_of_day(t, c); return;
    case COMMAND_CHECK_MARGIN: apply_check_margin(t, c); return;
    case COMMAND_CONTINUE: apply_continue(t); return;
    case COMMAND_TICK: return;
    default: reject_unknown(t, c); return;
    }
    if (!t->refused) aftermath(t);
}

uint32_t engine_apply(struct engine *e, const struct command *c, struct event *events)
{
    assert(c->seq != 0 && c->ts_ns >= e->now_ns);
    struct turn t;
    t.engine = e;
    t.events = events;
    t.count = t.used = t.instrument = t.looks = t.liquidations = 0;
    t.looked = 0;
    t.refused = false;
    t.base = 0;
    t.planned = (struct planned){0};
    dirty_make_room(e);
    e->seq = c->seq;
    e->now_ns = c->ts_ns;
    bool keyed = (c->origin.key.lo | c->origin.key.hi) != 0;
    if (UNLIKELY((keyed || e->keys_due_ns <= c->ts_ns) && e->ready)) keys_turn(e, &c->origin);
    if (UNLIKELY(e->timers_count != 0) && engine_next_due_ns(e) <= c->ts_ns) timers_fire(&t);
    t.used = 0; /* what timers took along is theirs */
    apply(&t, c);
#ifndef NDEBUG
    assert(e->moved_cash == 0 && e->moved_quantity == 0);
    engine_check_turn(e);
#endif
    assert(t.count <= engine_events_max(&e->limits) && e->dirty_count <= dirty_room(&e->limits));
    return t.count;
}

bool engine_pending(const struct engine *e)
{
    return e->sweep.kind != SWEEP_NONE || e->follow_first != 0 ||
           (e->ranged != 0 && instrument_live(e, instrument_at(e, e->ranged)));
}

bool engine_continue_needed(const struct engine *e, int64_t ts_ns)
{
    if (engine_pending(e)) return true;
    if (LIKELY(engine_next_due_ns(e) > ts_ns)) return false;
    return timers_exceed(e, ts_ns, e->limits.work_max) || timers_decide(e, ts_ns);
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
