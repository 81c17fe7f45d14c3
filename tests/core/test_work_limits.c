/* tests/core/test_work_limits.c - work on a million orders at once: it goes through CONTINUE in turns of at most work_max, and where
 * it ends does not depend on how large the turns were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "core/engine.h"
#include "core/rejects.h"

#if defined(__SANITIZE_ADDRESS__) || defined(ORDERTAPE_COVERAGE)
enum { ORDERS = 20000, WORK = 1024 };
#else
enum { ORDERS = 1000000, WORK = 65536 };
#endif
enum { OTHER_WORK = WORK / 4, ACCOUNTS = 100, LEVELS = 1000, DAY_S = 86400 };

/* An exchange with one instrument, and what its commands have said since the last look. */
struct exchange {
    struct engine *engine;
    size_t bytes;
    struct event *events;
    uint64_t seq;
    int64_t now_ns;
    uint32_t counts[EVENT_KIND_NUMBER_MAX + 1];
    uint32_t reasons[CANCEL_REASON_NUMBER_MAX + 1]; /* of CANCELLED */
    uint32_t turns, swept, most;                    /* SWEPT: how many, the sum of their orders, the largest */
};

static void note(struct exchange *x, const struct event *ev)
{
    if (ev->kind == EVENT_REJECTED) fail_msg("%s", reject_name(ev->rejected.refusal.reason));
    x->counts[ev->kind]++;
    if (ev->kind == EVENT_CANCELLED) x->reasons[ev->cancelled.reason]++;
    if (ev->kind != EVENT_SWEPT) return;
    x->turns++;
    x->swept += ev->swept.orders;
    if (ev->swept.orders > x->most) x->most = ev->swept.orders;
    assert_int_equal(ev->swept.more, engine_continue_needed(x->engine, x->now_ns));
}

static void apply(struct exchange *x, struct command *c)
{
    c->seq = ++x->seq;
    c->ts_ns = x->now_ns;
    uint32_t count = engine_apply(x->engine, c, x->events);
    for (uint32_t i = 0; i < count; i++) note(x, &x->events[i]);
}

static void forget(struct exchange *x)
{
    memset(x->counts, 0, sizeof x->counts);
    memset(x->reasons, 0, sizeof x->reasons);
    x->turns = x->swept = x->most = 0;
}

static uint32_t continue_to_the_end(struct exchange *x)
{
    uint32_t turns = 0;
    for (; engine_continue_needed(x->engine, x->now_ns); turns++) apply(x, &(struct command){.kind = COMMAND_CONTINUE});
    return turns;
}

static const struct decimal absent = {0, DECIMAL_ABSENT};

static struct name account_name(unsigned n)
{
    char text[8] = {'a', (char)('0' + n / 10 % 10), (char)('0' + n % 10), 0};
    return name_of(text);
}

static void set_state(struct exchange *x, uint8_t state)
{
    apply(x, &(struct command){
                 .kind = COMMAND_SET_INSTRUMENT,
                 .set_instrument = {.symbol = name_of("ACME"), .fields = INSTRUMENT_HAS_STATE, .state = state}});
}

static void set_account(struct exchange *x, struct name account)
{
    apply(x, &(struct command){.kind = COMMAND_SET_ACCOUNT,
                               .set_account = {.account = account,
                                               .fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_ALLOW_SHORT,
                                               .type = ACCOUNT_TYPE_MARGIN,
                                               .allow_short = true}});
    apply(x, &(struct command){.kind = COMMAND_MOVE_CASH,
                               .move_cash = {.account = account,
                                             .currency = name_of("USD"),
                                             .amount = {(i128)1000000000 * 1000000000, 0}}});
}

static struct exchange open_exchange(uint32_t work_max, uint8_t state)
{
    struct limits l = limits_default();
    l.work_max = work_max;
    l.orders_max = l.timers_max = ORDERS + 10;
    struct exchange x = {.now_ns = 1};
    x.bytes = engine_bytes(&l);
    void *memory = mmap(NULL, x.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(memory != MAP_FAILED);
    x.engine = engine_init(memory, &l);
    x.events = malloc((size_t)engine_events_max(&l) * sizeof *x.events);
    apply(&x, &(struct command){.kind = COMMAND_SET_LIMITS, .set_limits = l});
    apply(&x, &(struct command){
                  .kind = COMMAND_SET_INSTRUMENT,
                  .set_instrument = {.symbol = name_of("ACME"),
                                     .fields = INSTRUMENT_HAS_STATE | INSTRUMENT_HAS_COLLAR | INSTRUMENT_HAS_TAKER_FEE,
                                     .collar_percent = {100, 0},
                                     .taker_fee_bps = {1, 0},
                                     .state = state}});
    for (unsigned n = 0; n < ACCOUNTS; n++) set_account(&x, account_name(n));
    return x;
}

static void close_exchange(struct exchange *x)
{
    engine_check(x->engine);
    struct digest now = engine_digest(x->engine), anew = engine_digest_full(x->engine);
    assert_memory_equal(&now, &anew, sizeof now);
    munmap(x->engine, x->bytes);
    free(x->events);
}

static struct command order(unsigned n, int side, int type, int tif, int64_t price, int64_t quantity)
{
    struct command c = {.kind = COMMAND_PLACE,
                        .place = {.account = account_name(n % ACCOUNTS),
                                  .symbol = name_of("ACME"),
                                  .price = {price, 2},
                                  .quantity = {quantity, 0},
                                  .stop_price = absent,
                                  .display_quantity = absent,
                                  .quote_quantity = absent,
                                  .min_quantity = absent,
                                  .trail = absent,
                                  .leverage = absent,
                                  .side = (uint8_t)side,
                                  .type = (uint8_t)type,
                                  .tif = (uint8_t)tif}};
    if (price == 0) c.place.price = absent;
    return c;
}
static void place(struct exchange *x, struct command c)
{
    apply(x, &c);
}

/* Money and positions, which is what all the work was about. */
static void assert_same_end(const struct exchange *a, const struct exchange *b)
{
    struct instrument_state ia, ib;
    assert_true(engine_get_instrument(a->engine, &(struct name){"ACME"}, &ia));
    assert_true(engine_get_instrument(b->engine, &(struct name){"ACME"}, &ib));
    assert_true(ia.last_price == ib.last_price && ia.spec.state == ib.spec.state);
    assert_int_equal(engine_counts(a->engine).orders, engine_counts(b->engine).orders);
    assert_true(engine_scalars(a->engine).priority_next == engine_scalars(b->engine).priority_next);
    for (unsigned n = 0; n < ACCOUNTS; n++) {
        struct name account = account_name(n), usd = name_of("USD"), acme = name_of("ACME");
        struct position_state pa = {0}, pb = {0};
        struct balance_state ba = {0}, bb = {0};
        assert_int_equal(engine_get_position(a->engine, &account, &acme, &pa),
                         engine_get_position(b->engine, &account, &acme, &pb));
        assert_true(pa.quantity == pb.quantity && pa.cost == pb.cost && pa.realized == pb.realized);
        assert_true(pa.open_buy == pb.open_buy && pa.open_sell == pb.open_sell);
        assert_true(engine_get_balance(a->engine, &account, &usd, &ba) &&
                    engine_get_balance(b->engine, &account, &usd, &bb));
        assert_true(ba.cash == bb.cash && ba.reserved == bb.reserved && ba.margin_used == bb.margin_used);
    }
}

/* Each exercise leaves an exchange at its end; it is done twice, in turns of different size. */
static void twice(struct exchange (*exercise)(uint32_t work_max))
{
    struct exchange a = exercise(WORK), b = exercise(OTHER_WORK);
    assert_same_end(&a, &b);
    close_exchange(&a);
    close_exchange(&b);
}

static void place_many(struct exchange *x, int tif, int64_t expires_ns)
{
    for (unsigned n = 0; n < ORDERS; n++) {
        int side = n % 2 == 0 ? SIDE_BUY : SIDE_SELL;
        int64_t away = 1 + n % LEVELS;
        struct command c = order(n, side, ORDER_TYPE_LIMIT, tif, side == SIDE_BUY ? 10000 - away : 10000 + away, 1);
        c.place.expires_ns = expires_ns;
        place(x, c);
    }
    assert_int_equal(engine_counts(x->engine).orders, ORDERS);
    forget(x);
}

static struct exchange mass_cancel(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    place_many(&x, TIF_GTC, 0);
    apply(&x, &(struct command){.kind = COMMAND_MASS_CANCEL});
    assert_int_equal(x.swept, work_max);
    assert_int_equal(continue_to_the_end(&x), (ORDERS - 1) / work_max);
    assert_int_equal(x.swept, ORDERS);
    assert_int_equal(x.most, work_max);
    assert_int_equal(x.reasons[CANCEL_REASON_MASS_CANCEL], ORDERS);
    assert_int_equal(engine_counts(x.engine).orders, 0);
    return x;
}

static struct exchange mass_cancel_of_an_account(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    for (unsigned n = 0; n < ORDERS; n++) place(&x, order(0, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_GTC, 1 + n % LEVELS, 1));
    forget(&x);
    apply(&x, &(struct command){.kind = COMMAND_MASS_CANCEL, .mass_cancel = {.account = account_name(0)}});
    continue_to_the_end(&x);
    assert_int_equal(x.swept, ORDERS);
    assert_int_equal(x.turns, (ORDERS - 1) / work_max + 1);
    return x;
}

static struct exchange end_of_day(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    place_many(&x, TIF_DAY, 0);
    apply(&x, &(struct command){.kind = COMMAND_END_OF_DAY});
    continue_to_the_end(&x);
    assert_int_equal(x.swept, ORDERS);
    assert_int_equal(x.turns, (ORDERS - 1) / work_max + 1);
    assert_int_equal(x.counts[EVENT_EXPIRED], ORDERS);
    return x;
}

static struct exchange expiry(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    place_many(&x, TIF_GTD, (int64_t)DAY_S * 1000000000);
    x.now_ns = (int64_t)DAY_S * 1000000000;
    assert_int_equal(continue_to_the_end(&x), (ORDERS - 1) / work_max);
    assert_true(engine_counts(x.engine).orders <= work_max); /* the rest goes with whatever command comes */
    apply(&x, &(struct command){.kind = COMMAND_TICK});
    assert_int_equal(x.counts[EVENT_EXPIRED], ORDERS);
    return x;
}

/* Every stop sells one to a single large buyer, and each of these sales is a price that could elect more. */
static struct exchange stop_cascade(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    uint32_t stops = ORDERS - 10;
    place(&x, order(0, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_GTC, 9000, 1));
    place(&x, order(1, SIDE_SELL, ORDER_TYPE_LIMIT, TIF_GTC, 9000, 1));
    for (unsigned n = 0; n < stops; n++) {
        struct command c = order(n, SIDE_SELL, ORDER_TYPE_STOP, TIF_GTC, 0, 1);
        c.place.stop_price = (struct decimal){8999 - n % LEVELS, 2};
        place(&x, c);
    }
    place(&x, order(2, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_GTC, 8000, stops + 1));
    place(&x, order(2, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_GTC, 8001, 1));
    forget(&x);
    /* Two fills, and then two of work for each stop: no turn ends between a trigger and its trade. */
    place(&x, order(3, SIDE_SELL, ORDER_TYPE_LIMIT, TIF_IOC, 8000, 2));
    uint32_t turns = continue_to_the_end(&x);
    assert_int_equal(turns, 2 * stops / work_max);
    assert_int_equal(x.turns, turns);
    assert_int_equal(x.counts[EVENT_TRIGGERED], stops);
    assert_int_equal(x.counts[EVENT_FILLED], stops + 2);
    assert_int_equal(x.counts[EVENT_CANCELLED], 0);
    assert_int_equal(engine_counts(x.engine).orders, 0);
    return x;
}

/* Half of the orders want to buy at 100.00 or above, half to sell at 100.00 or below: all of them trade. */
static void place_crossed(struct exchange *x, int tif, uint32_t orders)
{
    for (unsigned n = 0; n < orders; n++) {
        int side = n % 2 == 0 ? SIDE_BUY : SIDE_SELL;
        int64_t price = 10000 + (side == SIDE_BUY ? 1 : -1) * (int64_t)(n / 2 % LEVELS);
        place(x, order(n, side, ORDER_TYPE_LIMIT, tif, price, 1));
    }
}

static struct exchange uncross(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_PRE_OPEN);
    place_crossed(&x, TIF_GTC, ORDERS);
    struct auction_price p;
    assert_true(engine_indicative(x.engine, &(struct name){"ACME"}, &p));
    assert_int_equal(p.quantity, ORDERS / 2);
    forget(&x);
    set_state(&x, INSTRUMENT_STATE_CONTINUOUS);
    continue_to_the_end(&x);
    /* Every BUY is looked at for its account's SELL orders, then they trade. */
    assert_true(x.turns >= ORDERS / work_max - 1 && x.turns <= ORDERS / work_max + 1);
    assert_int_equal(x.counts[EVENT_UNCROSSED], 1);
    assert_int_equal(x.counts[EVENT_FILLED], ORDERS / 2);
    assert_int_equal(x.counts[EVENT_STATE_SET], 1);
    return x;
}

/* ON_CLOSE orders: parked all day, they join the auction, a third of them trades, the rest goes. */
static struct exchange closing_auction(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_CONTINUOUS);
    uint32_t third = ORDERS / 6 * 2;
    place_crossed(&x, TIF_ON_CLOSE, third);
    for (unsigned n = 0; n < ORDERS - third; n++)
        place(&x, order(n, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_ON_CLOSE, 5000 + n % LEVELS, 1));
    forget(&x);
    set_state(&x, INSTRUMENT_STATE_AUCTION);
    continue_to_the_end(&x);
    assert_int_equal(x.counts[EVENT_ACTIVATED], ORDERS);
    assert_int_equal(x.turns, (ORDERS - 1) / work_max);
    set_state(&x, INSTRUMENT_STATE_CLOSED);
    continue_to_the_end(&x);
    assert_int_equal(x.counts[EVENT_FILLED], third / 2);
    assert_int_equal(x.reasons[CANCEL_REASON_AUCTION_REMAINDER], ORDERS - third);
    assert_int_equal(engine_counts(x.engine).orders, 0);
    return x;
}

/* Everybody's orders would meet their own at the prices where both sides overlap: the newer of each two goes.
 * A stranger's cheap SELL keeps every BUY in question. */
static struct exchange prevention(uint32_t work_max)
{
    struct exchange x = open_exchange(work_max, INSTRUMENT_STATE_PRE_OPEN);
    uint32_t buys = ORDERS / 2;
    for (unsigned n = 0; n < ORDERS; n++) {
        unsigned level = n / ACCOUNTS % LEVELS;
        struct command c = n < buys ? order(n, SIDE_BUY, ORDER_TYPE_LIMIT, TIF_GTC, 10000 - level, 1)
                                    : order(n, SIDE_SELL, ORDER_TYPE_LIMIT, TIF_GTC, 9900 + level, 1);
        c.place.stp = STP_CANCEL_NEWEST;
        place(&x, c);
    }
    struct command cheap = order(0, SIDE_SELL, ORDER_TYPE_LIMIT, TIF_GTC, 1, 1);
    cheap.place.account = name_of("stranger");
    set_account(&x, cheap.place.account);
    place(&x, cheap);
    uint32_t overlap = 0; /* SELL orders at or below the best BUY, of which everybody has one */
    for (unsigned n = buys; n < ORDERS; n++) overlap += n / ACCOUNTS % LEVELS <= 100;
    forget(&x);
    set_state(&x, INSTRUMENT_STATE_CONTINUOUS);
    continue_to_the_end(&x);
    assert_int_equal(x.counts[EVENT_PREVENTED], overlap);
    assert_int_equal(x.reasons[CANCEL_REASON_SELF_TRADE], overlap);
    assert_int_equal(x.counts[EVENT_FILLED], 1);
    assert_int_equal(engine_counts(x.engine).orders, ORDERS - overlap - 1);
    return x;
}

static void a_mass_cancel_goes_on_in_turns(void **state)
{
    (void)state;
    twice(mass_cancel);
    twice(mass_cancel_of_an_account);
}
static void the_end_of_the_day_goes_on_in_turns(void **state)
{
    (void)state;
    twice(end_of_day);
}
static void orders_that_expire_together_go_in_turns(void **state)
{
    (void)state;
    twice(expiry);
}
static void a_cascade_of_stops_goes_on_in_turns(void **state)
{
    (void)state;
    twice(stop_cascade);
}
static void an_auction_goes_on_in_turns(void **state)
{
    (void)state;
    twice(uncross);
    twice(closing_auction);
    twice(prevention);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mass_cancel_goes_on_in_turns),
        cmocka_unit_test(the_end_of_the_day_goes_on_in_turns),
        cmocka_unit_test(orders_that_expire_together_go_in_turns),
        cmocka_unit_test(a_cascade_of_stops_goes_on_in_turns),
        cmocka_unit_test(an_auction_goes_on_in_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
