/* tests/model/flow.c - the random command flow: limits, the mix of commands, and what a tape begins with.
 * How it works: a command is first made so that it makes sense, then with a small chance one thing about it is spoiled.
 * The sense comes from the model's state: instruments that exist, prices near where they trade, orders that are open. */
#include "tests/model/flow_parts.h"

#include <string.h>

static bool is_deep(uint64_t seed)
{
    return seed % FLOW_DEEP_EVERY == 3;
}

static bool is_lively(uint64_t seed)
{
    return !is_deep(seed) && seed % FLOW_LIVELY_EVERY == 0;
}

struct limits flow_limits(uint64_t seed, unsigned features)
{
    if (is_lively(seed)) return flow_lively_limits(seed, features);
    if (is_deep(seed))
        return (struct limits){.routes_max = 300,
                               .executions_max = 1500,
                               .client_ids_max = 3000,
                               .keys_max = 200,
                               .key_ttl_s = 20,
                               .linger_s = 20,
                               .orders_max = 1500,
                               .levels_max = 1500,
                               .instruments_max = 2,
                               .accounts_max = 17,
                               .positions_max = 40,
                               .balances_max = 60,
                               .currencies_max = 3,
                               .timers_max = 500,
                               .work_max = 40};
    static const uint32_t orders[] = {6, 40, 80, 150, 150}, levels[] = {3, 20, 60, 200, 200},
                          instruments[] = {2, 3, 5, 9};
    static const uint32_t accounts[] = {7, 10, 13, 20}, positions[] = {10, 40, 120, 120},
                          balances[] = {14, 60, 60, 120};
    static const uint32_t currencies[] = {2, 3, 5, 9}, timers[] = {2, 30, 100, 100}, work[] = {1, 2, 3, 5, 8, 20, 200};
    struct flow f = {.random = seed ^ 0x6c696d697473u};
    struct limits l = {.orders_max = FLOW_PICK(&f, orders),
                       .levels_max = FLOW_PICK(&f, levels),
                       .instruments_max = FLOW_PICK(&f, instruments),
                       .accounts_max = FLOW_PICK(&f, accounts),
                       .positions_max = FLOW_PICK(&f, positions),
                       .balances_max = FLOW_PICK(&f, balances),
                       .currencies_max = FLOW_PICK(&f, currencies),
                       .timers_max = FLOW_PICK(&f, timers),
                       .work_max = FLOW_PICK(&f, work)};
    if (!(features & FLOW_WORK)) l.work_max = 200;
    flow_choose_desk_limits(&f, features, &l);
    return l;
}

struct flow flow_new(uint64_t seed, unsigned features)
{
    return (struct flow){.random = seed,
                         .ts_ns = 1700000000000000000,
                         .features = features,
                         .lively = is_lively(seed),
                         .deep = is_deep(seed),
                         .begins_with_whales = seed % FLOW_WHALES_EVERY == 1};
}

unsigned flow_features(uint64_t seed)
{
    struct flow f = {.random = seed ^ 0x6665617475726573u};
    if (is_deep(seed) || flow_roll(&f, 3) == 0) return FLOW_ALL;
    return flow_roll(&f, FLOW_ALL + 1);
}

static void begin_with_whales(struct flow *f)
{
    f->begins_with_whales = false;
    f->episode = EPISODE_WHALES;
    f->episode_left = 250;
}

/* Once in a deep world, when prices are there to follow. */
enum { TRAILS_AT = 1500 };
static bool is_time_for_trails(const struct flow *f)
{
    return f->deep && f->features & FLOW_STOPS && f->seq == TRAILS_AT;
}

static void begin_trails(struct flow *f)
{
    f->episode = EPISODE_TRAILS;
    f->episode_left = TRAILING_MAX + 100;
}

static void begin_episode(struct flow *f, const struct model *m)
{
    static const enum flow_episode kinds[] = {EPISODE_WHALES, EPISODE_WHALES, EPISODE_REDUCERS, EPISODE_CROWD};
    f->episode = FLOW_PICK(f, kinds);
    f->episode_left = 150;
    if (f->episode == EPISODE_REDUCERS && !(f->features & FLOW_REDUCE)) f->episode = EPISODE_WHALES;
    if (f->episode == EPISODE_CROWD && !(f->features & FLOW_AON)) f->episode = EPISODE_WHALES;
    if (m->scalars.limits.orders_max < 50) f->episode = EPISODE_WHALES;
}

/* What is seldom; roll is below 1000. */
static void make_seldom(struct flow *f, const struct model *m, struct command *c, unsigned roll)
{
    if (roll < 100)
        c->kind = (uint8_t)(flow_chance(f, 500) ? 0 : COMMAND_KIND_NUMBER_MAX + 1 + flow_roll(f, 200));
    else if (roll < 150)
        c->kind = COMMAND_SET_LIMITS, c->set_limits = m->scalars.limits;
    else if (roll < 180 && m->limits_set)
        begin_episode(f, m), flow_make_episode(f, m, c);
    else if (roll < 500)
        flow_make_set_currency(f, c);
    else if (f->features & FLOW_TRADING)
        flow_make_set_trading(f, m, c);
    else
        c->kind = COMMAND_TICK;
}

/* What is done to the market and its accounts; roll is below 170. */
static void make_setting(struct flow *f, const struct model *m, struct command *c, unsigned roll)
{
    if (roll < 20)
        c->kind = COMMAND_TICK;
    else if (roll < 25)
        c->kind = COMMAND_CONTINUE;
    else if (roll < 75)
        flow_make_move_cash(f, m, c);
    else if (roll < 92)
        flow_make_set_account(f, m, c);
    else if (roll < 117)
        flow_make_set_instrument(f, m, c);
    else if (roll < 145)
        flow_make_set_quote(f, m, c);
    else if (roll < 155 && f->features & FLOW_MARGIN)
        flow_make_check_margin(f, m, c);
    else
        make_seldom(f, m, c, flow_roll(f, 1000));
}

/* What stands in the way of trading goes soon: halts, closed sessions. False: nothing does, or not yet. */
static bool make_way(struct flow *f, const struct model *m, struct command *c)
{
    bool halted = m->scalars.trading != 0, closed = false;
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        halted |= m->instruments[k].spec.trading != 0;
        closed |= m->instruments[k].spec.state != INSTRUMENT_STATE_CONTINUOUS;
    }
    if (halted && flow_uses(f, FLOW_TRADING, 40)) {
        flow_make_set_trading(f, m, c);
        return true;
    }
    if (closed && flow_chance(f, 25)) {
        flow_make_set_instrument(f, m, c);
        return true;
    }
    return false;
}

static void make_any(struct flow *f, const struct model *m, struct command *c)
{
    unsigned roll = flow_roll(f, 1000);
    if (make_way(f, m, c) || flow_make_desk(f, m, c)) return;
    if (f->deep && roll >= 600 && roll < 834 && flow_chance(f, 600)) roll = 0;
    if (m->orders_count == 0 && roll >= 600 && roll < 830 && flow_chance(f, 950)) roll = 0; /* nothing to change */
    if (roll < 470)
        flow_make_place(f, m, c);
    else if (roll < 550)
        (f->features & FLOW_LINKS ? flow_make_place_linked : flow_make_place)(f, m, c);
    else if (roll < 600)
        (f->features & FLOW_GTT ? flow_make_gtt : flow_make_place)(f, m, c);
    else if (roll < 680)
        flow_make_cancel(f, m, c);
    else if (roll < 810)
        flow_make_modify(f, m, c);
    else if (roll < (f->deep ? 815 : 825))
        flow_make_mass_cancel(f, m, c);
    else if (roll < (f->deep ? 817 : 830))
        flow_make_end_of_day(f, m, c);
    else
        make_setting(f, m, c, roll - 830 < 170 ? roll - 830 : 0);
}

/* The first commands: some before the limits, then currencies, accounts, instruments and cash to begin with. */
enum { STEPS_BEFORE_LIMITS = 4, STEPS_OF_SETUP = 60 };
static void make_setup(struct flow *f, const struct model *m, struct command *c)
{
    uint32_t step = f->setup_step++;
    if (step < STEPS_BEFORE_LIMITS) {
        make_any(f, m, c);
        if (c->kind == COMMAND_SET_LIMITS) c->kind = COMMAND_TICK;
    } else if (step == STEPS_BEFORE_LIMITS) {
        c->kind = COMMAND_SET_LIMITS;
        c->set_limits = m->scalars.limits;
    } else if (step < 10) {
        flow_make_set_currency(f, c);
    } else if (step < 20) {
        flow_make_set_instrument(f, m, c);
    } else if (step < 32) {
        flow_make_set_account(f, m, c);
    } else if (step % 2 == 0) {
        flow_make_place(f, m, c); /* before cash has taken every balance */
    } else {
        flow_make_move_cash(f, m, c);
    }
}

/* An episode ends with its orders' end. */
static void go_on_with_episode(struct flow *f, const struct model *m, struct command *c)
{
    f->episode_left--;
    if (f->episode_left > 0) {
        flow_make_episode(f, m, c);
        return;
    }
    /* The position that whales leave can be reduced by many. */
    bool reducers = f->episode == EPISODE_WHALES && flow_uses(f, FLOW_REDUCE, 1000);
    f->episode = reducers ? EPISODE_REDUCERS : EPISODE_NONE;
    f->episode_left = reducers ? 100 : 0;
    c->kind = COMMAND_MASS_CANCEL;
}

void flow_next(struct flow *f, const struct model *m, struct command *c)
{
    static const int64_t steps_ns[] = {0, 0, 1, 1000, 1000000, 1000000, 3000000, 20000000};
    memset(c, 0, sizeof *c);
    f->ts_ns += FLOW_PICK(f, steps_ns);
    if (flow_chance(f, 5)) f->ts_ns += 1000000000;
    if (flow_roll(f, 30000) == 0) f->ts_ns += (int64_t)400 * 86400 * 1000000000; /* beyond every GTT's end */
    if (flow_uses(f, FLOW_DESK, 3)) f->ts_ns += (int64_t)ROUTE_RETRY_SECONDS * 1000000000;
    if (flow_uses(f, FLOW_DESK, 1)) f->ts_ns += (int64_t)86400 * 1000000000; /* what is filled settles */
    if (is_time_for_trails(f)) begin_trails(f);
    if (f->lively) {
        flow_lively_next(f, m, c);
    } else if (f->setup_step < STEPS_OF_SETUP) {
        make_setup(f, m, c);
    } else if (model_continue_needed(m, f->ts_ns) && flow_chance(f, 700)) {
        c->kind = COMMAND_CONTINUE;
    } else if (f->begins_with_whales) {
        begin_with_whales(f);
        flow_make_episode(f, m, c);
    } else if (f->episode != EPISODE_NONE) {
        go_on_with_episode(f, m, c);
    } else {
        make_any(f, m, c);
    }
    flow_choose_origin(f, m, c);
    c->seq = ++f->seq;
    c->ts_ns = f->ts_ns;
}
