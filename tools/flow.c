/* tools/flow.c - see flow.h. A command is kept as a step of 40 bytes and becomes a struct command when it is asked for.
 *
 *   seq 1            SET_LIMITS
 *   then             one SET_INSTRUMENT an instrument, SET_ACCOUNT and MOVE_CASH an account
 *   then             steps: a warm-up of placements until `open` orders rest, then the mix */
#include "tools/flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/fold.h"

enum {
    RECENT = 64,
    LEVEL_ORDERS = 10, /* the book is about this many orders a level deep */
    NEAR_TICKS = 5,    /* mean distance of a near order */
    DEEP_TICKS_MIN = 50,
    MID_TICKS_MIN = 100000, /* mids begin between this and twice this */
    WALK_ONE_IN = 16,       /* commands of an instrument a mid step */
    LOTS_MAX = 100,
    POSITIONS_TARGET = 400000, /* (account, instrument) pairs in use */
    WARM_TRIES_MAX = 4         /* a warm-up gives up after this many placements an open order */
};
/* 2012-06-21T13:30:00Z, then a command a microsecond. */
static const int64_t FIRST_TS_NS = 1340285400000000000;
enum { STEP_NS = 1000 };

struct step {
    uint64_t order_id; /* MODIFY, CANCEL */
    int64_t price;     /* ticks of 0.01; 0: MODIFY leaves it, MARKET has none */
    int64_t quantity;  /* 0: MODIFY leaves it */
    uint32_t instrument;
    uint16_t account;
    uint8_t kind, side, type, tif;
};

/* An instrument's open orders in no order that matters, except that the latest are at the end. */
struct open_list {
    uint64_t *ids;
    uint32_t count, room;
};

struct market {
    struct name symbol;
    int64_t mid;
    struct open_list open;
};

struct flow {
    struct flow_options options;
    struct market *markets;
    uint64_t *popularity; /* cumulative weights */
    struct name *accounts;
    struct step *steps; /* steps[0] is seq setup + 1 */
    uint32_t *places;   /* by step: where its order is in its instrument's list */
    uint64_t setup, steps_count, warm_steps, steps_room;
    uint64_t random;
    uint32_t open;
    uint32_t pool; /* accounts that trade one instrument */
    int64_t deep_ticks;
    struct fold fold; /* the generator's own engine */
    struct digest digest;
    struct flow_counts counts;
    bool measuring;
};

static uint64_t random_next(struct flow *f)
{
    uint64_t z = f->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t random_below(struct flow *f, uint64_t bound)
{
    return (uint64_t)(((u128)random_next(f) * bound) >> 64);
}

/* Geometric with that mean, in integers: each further tick is kept with probability mean/(mean+1). */
static int64_t random_ticks(struct flow *f, uint32_t mean)
{
    int64_t ticks = 0;
    while (ticks < 20 * (int64_t)mean && random_below(f, mean + 1) < mean) ticks++;
    return ticks;
}

static uint32_t random_instrument(struct flow *f)
{
    uint64_t at = random_below(f, f->popularity[f->options.instruments - 1]);
    uint32_t low = 0, high = f->options.instruments - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (f->popularity[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint16_t random_account(struct flow *f, uint32_t instrument)
{
    return (uint16_t)((instrument * 37u + random_below(f, f->pool)) % FLOW_ACCOUNTS);
}

static bool is_cash_account(uint16_t account)
{
    return account % 10 == 9;
}

/* --- open orders --- */

static struct step *step_of(struct flow *f, uint64_t order_id)
{
    return &f->steps[(order_id >> ORDER_INDEX_BITS) - f->setup - 1];
}

static int list_add(struct flow *f, uint32_t instrument, uint64_t order_id)
{
    struct open_list *l = &f->markets[instrument].open;
    if (l->count == l->room) {
        uint32_t room = l->room == 0 ? 16 : l->room * 2;
        uint64_t *ids = realloc(l->ids, room * sizeof *ids);
        if (ids == NULL) return ERR_NO_MEMORY;
        l->ids = ids;
        l->room = room;
    }
    f->places[(order_id >> ORDER_INDEX_BITS) - f->setup - 1] = l->count;
    l->ids[l->count++] = order_id;
    f->open++;
    return 0;
}

static void list_remove(struct flow *f, uint64_t order_id)
{
    struct open_list *l = &f->markets[step_of(f, order_id)->instrument].open;
    uint32_t at = f->places[(order_id >> ORDER_INDEX_BITS) - f->setup - 1];
    uint64_t moved = l->ids[--l->count];
    l->ids[at] = moved;
    f->places[(moved >> ORDER_INDEX_BITS) - f->setup - 1] = at;
    f->open--;
}

static uint64_t random_open(struct flow *f, uint32_t instrument)
{
    const struct open_list *l = &f->markets[instrument].open;
    if (l->count == 0) return 0;
    if (l->count > RECENT && random_below(f, 2) == 0) return l->ids[l->count - 1 - random_below(f, RECENT)];
    return l->ids[random_below(f, l->count)];
}

/* --- folding as it goes --- */

static int follow_events(struct flow *f, uint64_t seq, const struct event *events, uint32_t count)
{
    uint64_t own = seq << ORDER_INDEX_BITS;
    bool rests = false;
    for (uint32_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        if (e->kind == EVENT_PLACED) rests = true;
        if (e->kind == EVENT_REJECTED && f->measuring) f->counts.refused++;
        if (e->kind == EVENT_CANCELLED && e->cancelled.order_id == own)
            rests = false;
        else if (e->kind == EVENT_CANCELLED)
            list_remove(f, e->cancelled.order_id);
        if (e->kind != EVENT_FILLED) continue;
        if (f->measuring) f->counts.fills++;
        const uint64_t ids[2] = {e->filled.buy_order_id, e->filled.sell_order_id};
        const int64_t leaves[2] = {e->filled.buy_leaves, e->filled.sell_leaves};
        for (int side = 0; side < 2; side++) {
            if (leaves[side] != 0) continue;
            if (ids[side] == own)
                rests = false;
            else
                list_remove(f, ids[side]);
        }
    }
    if (f->measuring) f->counts.events += count;
    return rests ? list_add(f, step_of(f, own)->instrument, own) : 0;
}

static int fold_next(struct flow *f, uint64_t seq)
{
    struct command c;
    flow_command(f, seq, &c);
    int64_t count = fold_apply(&f->fold, &c);
    if (count < 0) return (int)count;
    if (seq > f->setup) {
        int error = follow_events(f, seq, f->fold.events, (uint32_t)count);
        if (error != 0) return error;
    }
    if (seq % FLOW_GROUP == 0) f->digest = engine_digest(f->fold.engine);
    return 0;
}

/* --- making steps --- */

/* The best price of a side, or 0. */
static int64_t best_price(const struct flow *f, uint32_t instrument, int side)
{
    struct book_level level;
    return engine_book(f->fold.engine, &f->markets[instrument].symbol, side, &level, 1) == 1 ? level.price : 0;
}

/* The mid walks by itself, but never through the book: passive orders must stay passive. */
static void walk_mid(struct flow *f, uint32_t instrument, int64_t bid, int64_t ask)
{
    struct market *m = &f->markets[instrument];
    if (random_below(f, WALK_ONE_IN) == 0) m->mid += random_below(f, 2) == 0 ? 1 : -1;
    if (ask != 0 && m->mid > ask) m->mid = ask;
    if (bid != 0 && m->mid < bid) m->mid = bid;
    if (m->mid < MID_TICKS_MIN / 2) m->mid = MID_TICKS_MIN / 2;
}

static int64_t passive_price(struct flow *f, uint32_t instrument, int side)
{
    int64_t bid = best_price(f, instrument, SIDE_BUY), ask = best_price(f, instrument, SIDE_SELL);
    walk_mid(f, instrument, bid, ask);
    int64_t away =
        1 + (random_below(f, 10) < 7 ? random_ticks(f, NEAR_TICKS) : (int64_t)random_below(f, (uint64_t)f->deep_ticks));
    int64_t price = side == SIDE_BUY ? f->markets[instrument].mid - away : f->markets[instrument].mid + away;
    if (side == SIDE_BUY && ask != 0 && price >= ask) price = ask - 1;
    if (side == SIDE_SELL && bid != 0 && price <= bid) price = bid + 1;
    return price > 0 ? price : 1;
}

/* A CASH account sells only what it has and has not offered yet; otherwise it buys. */
static int choose_side(struct flow *f, uint32_t instrument, uint16_t account, int64_t quantity)
{
    struct position_state p;
    if (random_below(f, 2) == 0) return SIDE_BUY;
    if (!is_cash_account(account)) return SIDE_SELL;
    if (!engine_get_position(f->fold.engine, &f->accounts[account], &f->markets[instrument].symbol, &p))
        return SIDE_BUY;
    return p.quantity - p.open_sell >= quantity ? SIDE_SELL : SIDE_BUY;
}

static struct step make_place(struct flow *f, uint32_t instrument)
{
    struct step s = {.kind = COMMAND_PLACE, .instrument = instrument, .type = ORDER_TYPE_LIMIT, .tif = TIF_GTC};
    s.account = random_account(f, instrument);
    s.quantity = 1 + (int64_t)random_below(f, LOTS_MAX);
    s.side = (uint8_t)choose_side(f, instrument, s.account, s.quantity);
    s.price = passive_price(f, instrument, s.side);
    return s;
}

static struct step make_aggressive(struct flow *f, uint32_t instrument)
{
    struct step s = {.kind = COMMAND_PLACE, .instrument = instrument, .type = ORDER_TYPE_MARKET, .tif = TIF_IOC};
    s.account = random_account(f, instrument);
    s.quantity = 1 + (int64_t)random_below(f, LOTS_MAX);
    s.side = (uint8_t)choose_side(f, instrument, s.account, s.quantity);
    int64_t touch = best_price(f, instrument, s.side == SIDE_BUY ? SIDE_SELL : SIDE_BUY);
    if (touch == 0 || random_below(f, 2) == 0) return s;
    s.type = ORDER_TYPE_LIMIT;
    s.price = s.side == SIDE_BUY ? touch + 2 : touch - 2;
    if (s.price < 1) s.price = 1;
    return s;
}

/* Half take some quantity off and keep their place, half move to another passive price. */
static struct step make_modify(struct flow *f, uint32_t instrument, uint64_t order_id)
{
    struct order_state o;
    struct step s = {.kind = COMMAND_MODIFY, .instrument = instrument, .order_id = order_id};
    bool less = random_below(f, 2) == 0;
    if (less && engine_get_order(f->fold.engine, order_id, &o) && o.leaves > 1)
        s.quantity = o.quantity - 1 - (int64_t)random_below(f, (uint64_t)o.leaves - 1);
    else
        s.price = passive_price(f, instrument, step_of(f, order_id)->side);
    return s;
}

static struct step make_step(struct flow *f)
{
    uint32_t instrument = random_instrument(f);
    uint64_t dice = random_below(f, 100);
    uint64_t order_id = random_open(f, instrument);
    uint64_t kept = f->options.open / 200; /* the target is held within half a per cent */
    bool place = dice < 47, cancel = dice >= 47 && dice < 90;
    if (place && f->open > f->options.open + kept)
        place = false, cancel = true;
    else if (cancel && f->open + kept < f->options.open)
        place = true, cancel = false;
    if ((cancel || (dice >= 90 && dice < 95)) && order_id == 0) place = true;
    if (place) {
        f->counts.placed++;
        return make_place(f, instrument);
    }
    if (cancel) {
        f->counts.cancelled++;
        return (struct step){.kind = COMMAND_CANCEL, .instrument = instrument, .order_id = order_id};
    }
    if (dice < 95) {
        f->counts.modified++;
        return make_modify(f, instrument, order_id);
    }
    f->counts.aggressive++;
    return make_aggressive(f, instrument);
}

static int add_step(struct flow *f, struct step s)
{
    if (f->steps_count == f->steps_room) {
        uint64_t room = f->steps_room == 0 ? 65536 : f->steps_room * 2;
        struct step *steps = realloc(f->steps, room * sizeof *steps);
        if (steps != NULL) f->steps = steps;
        uint32_t *places = steps == NULL ? NULL : realloc(f->places, room * sizeof *places);
        if (places == NULL) return ERR_NO_MEMORY;
        f->places = places;
        f->steps_room = room;
    }
    f->steps[f->steps_count++] = s;
    return fold_next(f, f->setup + f->steps_count);
}

/* --- set-up --- */

static void fill_set_up(const struct flow *f, uint64_t seq, struct command *c)
{
    uint64_t instruments = f->options.instruments;
    if (seq == 1) {
        c->kind = COMMAND_SET_LIMITS;
        c->set_limits = flow_limits(f);
    } else if (seq < 2 + instruments) {
        c->kind = COMMAND_SET_INSTRUMENT;
        c->set_instrument = (struct command_set_instrument){
            .symbol = f->markets[seq - 2].symbol,
            .currency = name_of("USD"),
            .fields = INSTRUMENT_HAS_CURRENCY | INSTRUMENT_HAS_TICK_SIZE | INSTRUMENT_HAS_LOT_SIZE |
                      INSTRUMENT_HAS_MAKER_FEE | INSTRUMENT_HAS_TAKER_FEE,
            .tick_size = {1, 2},
            .lot_size = {1, 0},
            .maker_fee_bps = {2, 1},
            .taker_fee_bps = {5, 1}};
    } else if (seq < 2 + instruments + FLOW_ACCOUNTS) {
        uint64_t account = seq - 2 - instruments;
        bool cash = is_cash_account((uint16_t)account);
        c->kind = COMMAND_SET_ACCOUNT;
        c->set_account =
            (struct command_set_account){.account = f->accounts[account],
                                         .fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_LEVERAGE | ACCOUNT_HAS_ALLOW_SHORT,
                                         .leverage = {cash ? 1 : 10, 0},
                                         .type = cash ? ACCOUNT_TYPE_CASH : ACCOUNT_TYPE_MARGIN,
                                         .allow_short = !cash};
    } else {
        c->kind = COMMAND_MOVE_CASH;
        c->move_cash = (struct command_move_cash){.account = f->accounts[seq - 2 - instruments - FLOW_ACCOUNTS],
                                                  .currency = name_of("USD"),
                                                  .amount = {(i128)1000000000000000, 0}};
    }
}

static void fill_step(const struct flow *f, const struct step *s, struct command *c)
{
    static const struct decimal absent = {0, DECIMAL_ABSENT};
    struct decimal price = s->price == 0 ? absent : (struct decimal){s->price, 2};
    struct decimal quantity = s->quantity == 0 ? absent : (struct decimal){s->quantity, 0};
    c->kind = s->kind;
    if (s->kind == COMMAND_CANCEL) {
        c->cancel.order_id = s->order_id;
    } else if (s->kind == COMMAND_MODIFY) {
        c->modify = (struct command_modify){.order_id = s->order_id,
                                            .price = price,
                                            .quantity = quantity,
                                            .stop_price = absent,
                                            .display_quantity = absent};
    } else {
        c->place = (struct command_place){.account = f->accounts[s->account],
                                          .symbol = f->markets[s->instrument].symbol,
                                          .price = price,
                                          .quantity = quantity,
                                          .stop_price = absent,
                                          .display_quantity = absent,
                                          .quote_quantity = absent,
                                          .min_quantity = absent,
                                          .trail = absent,
                                          .leverage = absent,
                                          .side = s->side,
                                          .type = s->type,
                                          .tif = s->tif};
    }
}

void flow_command(const struct flow *f, uint64_t seq, struct command *c)
{
    c->origin = (struct command_origin){0};
    c->seq = seq;
    c->ts_ns = FIRST_TS_NS + (int64_t)seq * STEP_NS;
    if (seq <= f->setup)
        fill_set_up(f, seq, c);
    else
        fill_step(f, &f->steps[seq - f->setup - 1], c);
}

static int prepare_markets(struct flow *f)
{
    uint64_t total = 0;
    f->markets = calloc(f->options.instruments, sizeof *f->markets);
    f->popularity = calloc(f->options.instruments, sizeof *f->popularity);
    f->accounts = calloc(FLOW_ACCOUNTS, sizeof *f->accounts);
    if (f->markets == NULL || f->popularity == NULL || f->accounts == NULL) return ERR_NO_MEMORY;
    for (uint32_t i = 0; i < f->options.instruments; i++) {
        char text[NAME_BYTES];
        snprintf(text, sizeof text, "I%u", i);
        f->markets[i].symbol = name_of(text);
        f->markets[i].mid = MID_TICKS_MIN + (int64_t)random_below(f, MID_TICKS_MIN);
        f->popularity[i] = total += ((uint64_t)1 << 40) / (i + 1); /* Zipf, exponent 1 */
    }
    for (uint32_t i = 0; i < FLOW_ACCOUNTS; i++) {
        char text[NAME_BYTES];
        snprintf(text, sizeof text, "a%u", i);
        f->accounts[i] = name_of(text);
    }
    return 0;
}

static int generate(struct flow *f)
{
    int error = 0;
    for (uint64_t seq = 1; seq <= f->setup && error == 0; seq++) error = fold_next(f, seq);
    uint64_t tries_max = (uint64_t)f->options.open * WARM_TRIES_MAX + FLOW_GROUP;
    while (error == 0 && f->open < f->options.open && f->steps_count < tries_max)
        error = add_step(f, make_place(f, random_instrument(f)));
    f->warm_steps = f->steps_count;
    f->measuring = true;
    for (uint64_t i = 0; i < f->options.commands && error == 0; i++) error = add_step(f, make_step(f));
    if (error != 0) return error;
    f->digest = engine_digest(f->fold.engine);
    f->counts.open = engine_counts(f->fold.engine).orders;
    fold_free(&f->fold); /* what is measured must not share memory with the generator */
    fold_init(&f->fold);
    return 0;
}

int flow_new(const struct flow_options *o, struct flow **out)
{
    if (o->instruments < 1 || o->instruments > FLOW_INSTRUMENTS_MAX || o->open < 1 || o->open > 16000000 ||
        o->commands < 1 || o->commands > 1000000000)
        return ERR_USAGE;
    struct flow *f = calloc(1, sizeof *f);
    if (f == NULL) return ERR_NO_MEMORY;
    f->options = *o;
    f->random = o->seed;
    f->setup = 1 + o->instruments + 2 * (uint64_t)FLOW_ACCOUNTS;
    f->pool = POSITIONS_TARGET / o->instruments;
    if (f->pool > FLOW_ACCOUNTS) f->pool = FLOW_ACCOUNTS;
    if (f->pool < 20) f->pool = 20;
    f->deep_ticks = o->open / o->instruments / (2 * LEVEL_ORDERS);
    if (f->deep_ticks < DEEP_TICKS_MIN) f->deep_ticks = DEEP_TICKS_MIN;
    fold_init(&f->fold);
    int error = prepare_markets(f);
    if (error == 0) error = generate(f);
    if (error != 0) {
        flow_free(f);
        return error;
    }
    *out = f;
    return 0;
}

void flow_free(struct flow *f)
{
    if (f == NULL) return;
    for (uint32_t i = 0; f->markets != NULL && i < f->options.instruments; i++) free(f->markets[i].open.ids);
    fold_free(&f->fold);
    free(f->markets);
    free(f->popularity);
    free(f->accounts);
    free(f->steps);
    free(f->places);
    free(f);
}

uint64_t flow_warm(const struct flow *f)
{
    return f->setup + f->warm_steps;
}

uint64_t flow_last(const struct flow *f)
{
    return f->setup + f->steps_count;
}

struct limits flow_limits(const struct flow *f)
{
    struct limits l = limits_default();
    if (f->options.open > l.orders_max / 2) l.orders_max = f->options.open * 2;
    return l;
}

struct digest flow_digest(const struct flow *f)
{
    return f->digest;
}

struct flow_counts flow_counts(const struct flow *f)
{
    return f->counts;
}
