/* tests/projections/test_candles.c - candles of every interval against the plainest way to make them: going through all
 * trades. Random flow, with jumps in time so that there are seconds with many trades and days with one.
 * Usage: test_candles [--seed N] */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "projections/candle.h"
#include "projections/values.h"
#include "tests/model/flow.h"
#include "tests/projections/views_world.h"

enum { FLOWS = 4, COMMANDS = 2500, TRADES_MAX = 100000, PAGES_PER_LIST = 2, SYMBOLS_MAX = 64 };
#define SECOND_NS ((int64_t)1000000000)

static uint64_t seed_first = 1;

static const uint32_t intervals[] = {
#define X(seconds, word) seconds,
    CANDLE_INTERVALS(X)
#undef X
};

struct fills {
    uint32_t count;
    struct event *events;
};

struct run {
    struct views_world w;
    struct flow dice;
    struct fills fills;
    uint32_t compared; /* candles */
    uint32_t grown;    /* of several trades */
};

static void fills_take(struct run *r, uint32_t events_before)
{
    for (uint32_t i = events_before; i < r->w.events_count; i++) {
        if (r->w.events[i].kind != EVENT_FILLED) continue;
        assert_true(r->fills.count < TRADES_MAX);
        r->fills.events[r->fills.count++] = r->w.events[i];
    }
}

/* All trades that the filter asks for, gathered candle by candle. Returns how many candles. */
static uint32_t gather(const struct fills *all, const struct candle_filter *f, struct candle_row *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct event_filled *t = &all->events[i].filled;
        int64_t length_ns = f->interval_s * SECOND_NS, start_ns = all->events[i].ts_ns / length_ns * length_ns;
        bool at_quote = t->venue == VENUE_QUOTE;
        if (t->venue > VENUE_QUOTE || t->simulated) continue; /* no price of the market */
        if (!name_equal(&t->symbol, &f->symbol) || at_quote != (f->venue == VENUE_QUOTE)) continue;
        if (start_ns < f->from_ns || start_ns >= f->to_ns) continue;
        if (count == 0 || out[count - 1].start_ns != start_ns)
            out[count++] =
                (struct candle_row){start_ns, t->price, t->price,       t->price,          t->price,         0,
                                    0,        0,        t->price_scale, t->quantity_scale, t->currency_scale};
        struct candle_row *c = &out[count - 1];
        if (c->high < t->price) c->high = t->price;
        if (c->low > t->price) c->low = t->price;
        c->close = t->price;
        c->volume += t->quantity;
        c->notional += t->notional;
        c->trades++;
    }
    return count;
}

static bool same(const struct candle_row *a, const struct candle_row *b)
{
    return a->start_ns == b->start_ns && a->open == b->open && a->high == b->high && a->low == b->low &&
           a->close == b->close && a->volume == b->volume && a->notional == b->notional && a->trades == b->trades &&
           a->price_scale == b->price_scale && a->quantity_scale == b->quantity_scale &&
           a->currency_scale == b->currency_scale;
}

/* Every page of the list, in pages of a random length. */
static uint32_t read_all(struct run *r, struct views_read *read, const struct candle_filter *f, struct candle_row *out)
{
    char next[VIEWS_CURSOR_BYTES] = "";
    uint32_t count = 0, limit = 1 + (uint32_t)flow_below(&r->dice, flow_below(&r->dice, 2) == 0 ? 5 : VIEWS_PAGE_MAX);
    do {
        int64_t got = views_candles(read, f, next, limit, out + count, next);
        assert_true(got >= 0 && got <= limit);
        assert_true(next[0] == 0 || got == limit);
        count += (uint32_t)got;
    } while (next[0] != 0);
    return count;
}

static void compare(struct run *r, struct views_read *read, const struct candle_filter *f, struct candle_row *expected,
                    struct candle_row *got)
{
    uint32_t count = gather(&r->fills, f, expected);
    assert_int_equal(read_all(r, read, f, got), count);
    for (uint32_t i = 0; i < count; i++) {
        if (!same(&expected[i], &got[i]))
            fail_msg("%s venue %d interval %u: candle %u of %u differs", f->symbol.bytes, f->venue, f->interval_s, i,
                     count);
        r->grown += expected[i].trades > 1;
    }
    r->compared += count;
}

/* A time near that of some trade, on a boundary or beside it. */
static int64_t some_time(struct run *r, uint32_t interval_s)
{
    int64_t ts_ns = r->fills.events[flow_below(&r->dice, r->fills.count)].ts_ns;
    if (flow_below(&r->dice, 2) == 0) ts_ns -= ts_ns % (interval_s * SECOND_NS);
    return ts_ns + (int64_t)flow_below(&r->dice, 3) - 1;
}

static void compare_symbol(struct run *r, struct views_read *read, const struct name *symbol, struct candle_row *rows)
{
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        for (uint8_t venue = VENUE_BOOK; venue <= VENUE_QUOTE; venue++) {
            struct candle_filter f = {*symbol, venue, intervals[i], 0, INT64_MAX};
            compare(r, read, &f, rows, rows + TRADES_MAX);
            for (int page = 0; page < PAGES_PER_LIST; page++) {
                f.from_ns = some_time(r, intervals[i]);
                f.to_ns = flow_below(&r->dice, 3) == 0 ? INT64_MAX : some_time(r, intervals[i]);
                compare(r, read, &f, rows, rows + TRADES_MAX);
            }
        }
}

static void compare_all(struct run *r)
{
    struct name symbols[SYMBOLS_MAX];
    uint32_t symbols_count = 0;
    struct views_read *read;
    struct candle_row *rows = calloc(2 * TRADES_MAX, sizeof *rows);
    assert_non_null(rows);
    assert_int_equal(views_read_begin(r->w.views, &read), 0);
    for (uint32_t i = 0; i < r->fills.count; i++) {
        const struct name *symbol = &r->fills.events[i].filled.symbol;
        uint32_t at = 0;
        while (at < symbols_count && !name_equal(&symbols[at], symbol)) at++;
        if (at < symbols_count) continue;
        assert_true(symbols_count < SYMBOLS_MAX);
        symbols[symbols_count++] = *symbol;
        compare_symbol(r, read, symbol, rows);
    }
    views_read_end(read);
    free(rows);
}

/* Mostly none; else to another second, minute, hour or day. */
static int64_t time_jump(struct run *r)
{
    static const int64_t lengths_s[] = {2, 90, 5000, 100000};
    if (flow_below(&r->dice, 6) != 0) return 0;
    return (int64_t)flow_below(&r->dice, (uint64_t)lengths_s[flow_below(&r->dice, 4)]) * SECOND_NS;
}

static uint64_t run(uint64_t seed, bool one_by_one)
{
    struct run r = {.dice = flow_new(~seed, 0)};
    struct limits l = flow_limits(seed, FLOW_ALL);
    struct flow f = flow_new(seed, FLOW_ALL);
    struct model *m = model_new(&l);
    struct event *model_events = calloc(model_events_max(&l), sizeof *model_events);
    r.fills.events = calloc(TRADES_MAX, sizeof *r.fills.events);
    assert_true(model_events != NULL && r.fills.events != NULL);
    world_begin(&r.w, &l);
    for (int i = 0; i < COMMANDS; i++) {
        struct command c;
        f.ts_ns += time_jump(&r);
        flow_next(&f, m, &c);
        model_apply(m, &c, model_events);
        uint32_t before = r.w.events_count;
        world_apply(&r.w, &c);
        fills_take(&r, before);
        if (one_by_one || i % 40 == 0 || i == COMMANDS - 1) world_fold(&r.w);
    }
    if (!one_by_one) compare_all(&r);
    printf("seed %llu: %u trades, %u candles compared, %u of several trades\n", (unsigned long long)seed, r.fills.count,
           r.compared, r.grown);
    assert_true(one_by_one || (r.compared > r.fills.count && r.grown > 0));
    uint64_t hash = world_hash(&r.w);
    world_end(&r.w);
    model_free(m);
    free(model_events);
    free(r.fills.events);
    return hash;
}

static void candles_are_what_going_through_all_trades_gives(void **state)
{
    (void)state;
    for (uint64_t seed = seed_first; seed < seed_first + FLOWS; seed++) run(seed, false);
}

static void candles_do_not_depend_on_how_trades_are_grouped_into_folds(void **state)
{
    (void)state;
    assert_true(run(seed_first + 110, false) == run(seed_first + 110, true));
}

static void a_cursor_of_another_question_is_refused(void **state)
{
    struct views_world w;
    struct views_read *read;
    struct candle_row rows[4];
    char next[VIEWS_CURSOR_BYTES], other[VIEWS_CURSOR_BYTES];
    struct candle_filter f = {name_of("ACME"), VENUE_BOOK, 1, 0, INT64_MAX};
    (void)state;
    world_begin_market(&w);
    for (int i = 0; i < 2; i++) {
        world_place(&w, ORDER("ann", "SELL", "1", "100.00", NULL));
        world_place(&w, ORDER("bob", "BUY", "1", "100.00", NULL));
        w.ts_ns += 60 * SECOND_NS;
    }
    assert_int_equal(views_read_begin(w.views, &read), 0);
    assert_int_equal(views_candles(read, &f, "", 1, rows, next), 1);
    assert_string_not_equal(next, "");
    struct candle_filter others[] = {f, f, f, f};
    others[0].interval_s = 5;
    others[1].from_ns = 1;
    others[2].to_ns = 1;
    others[3].venue = VENUE_QUOTE;
    for (int i = 0; i < 4; i++) assert_int_equal(views_candles(read, &others[i], next, 1, rows, other), ERR_USAGE);
    assert_int_equal(views_candles(read, &f, next, 4, rows, next), 1);
    assert_string_equal(next, "");
    f.interval_s = 7;
    assert_int_equal(views_candles(read, &f, "", 1, rows, next), ERR_USAGE);
    f = (struct candle_filter){name_of("NONE"), VENUE_BOOK, 1, 0, INT64_MAX};
    assert_int_equal(views_candles(read, &f, "", 1, rows, next), ERR_NOT_FOUND);
    views_read_end(read);
    world_end(&w);
}

static void a_stored_candle_that_cannot_be_is_damage(void **state)
{
    const struct candle_row good = {
        .open = 5, .high = 9, .low = 3, .close = 4, .volume = CANDLE_SUM_MAX, .notional = CANDLE_SUM_MAX, .trades = 2};
    struct candle_row bad[] = {good, good, good, good, good, good, good, good}, back;
    uint8_t room[VALUE_BYTES_MAX];
    (void)state;
    memset(&back, 0, sizeof back);
    size_t len = candle_encode(&good, room);
    assert_int_equal(candle_decode(room, len, &back), 0);
    assert_true(same(&good, &back));
    for (size_t cut = 0; cut < len; cut++) assert_int_equal(candle_decode(room, cut, &back), ERR_CORRUPT);
    assert_int_equal(candle_decode(room, len + 1, &back), ERR_CORRUPT);
    bad[0].trades = 0;
    bad[1].low = 6;
    bad[2].high = 4;
    bad[3].volume = 0;
    bad[4].volume++;
    bad[5].notional++;
    bad[6].notional = -1;
    bad[7].low = 0;
    for (int i = 0; i < 8; i++) {
        len = candle_encode(&bad[i], room);
        if (candle_decode(room, len, &back) != ERR_CORRUPT) fail_msg("candle %d was taken", i);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) seed_first = strtoull(argv[2], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candles_are_what_going_through_all_trades_gives),
        cmocka_unit_test(candles_do_not_depend_on_how_trades_are_grouped_into_folds),
        cmocka_unit_test(a_cursor_of_another_question_is_refused),
        cmocka_unit_test(a_stored_candle_that_cannot_be_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
