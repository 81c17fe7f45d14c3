/* tests/core/test_auction_price.c - the clearing price of an auction is the one that trying every price would find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/auction_price.h"
#include "core/limits.h"
#include "tests/core/random.h"

enum { ROUNDS = 200000, LEVELS_MAX = 8 };

/* A side as the test keeps it: levels in the order in which they are given out, best first. */
struct levels {
    struct auction_level level[LEVELS_MAX];
    int count, at;
};
static bool levels_next(void *context, struct auction_level *out)
{
    struct levels *l = context;
    if (l->at == l->count) return false;
    *out = l->level[l->at++];
    return true;
}
static void levels_rewind(void *context)
{
    ((struct levels *)context)->at = 0;
}

struct call {
    struct levels buys, sells;
    int64_t market_buy, market_sell;
    struct auction_terms terms;
};
static bool call_find(struct call *c, struct auction_price *out)
{
    struct auction_side buy = {&c->buys, levels_next, levels_rewind, c->market_buy};
    struct auction_side sell = {&c->sells, levels_next, levels_rewind, c->market_sell};
    return auction_price_find(&buy, &sell, &c->terms, out);
}

static int64_t demand(const struct call *c, int64_t price)
{
    int64_t sum = c->market_buy;
    for (int i = 0; i < c->buys.count; i++)
        if (c->buys.level[i].price >= price) sum += (int64_t)c->buys.level[i].quantity;
    return sum;
}
static int64_t supply(const struct call *c, int64_t price)
{
    int64_t sum = c->market_sell;
    for (int i = 0; i < c->sells.count; i++)
        if (c->sells.level[i].price <= price) sum += (int64_t)c->sells.level[i].quantity;
    return sum;
}
static int64_t magnitude(int64_t x)
{
    return x < 0 ? -x : x;
}

/* The rules as docs/ENGINE.md counts them, over a list of every candidate. */
struct candidates {
    int64_t price[512];
    int count;
};
static void candidates_of(const struct call *c, struct candidates *all)
{
    all->count = 0;
    int64_t low = INT64_MAX, high = 0;
    for (int side = 0; side < 2; side++) {
        const struct levels *l = side == 0 ? &c->buys : &c->sells;
        for (int i = 0; i < l->count; i++) {
            low = l->level[i].price < low ? l->level[i].price : low;
            high = l->level[i].price > high ? l->level[i].price : high;
        }
    }
    int64_t last = c->terms.reference;
    for (int64_t p = low; p <= high; p += c->terms.step)
        if (c->terms.collar_ppm == 0 || last == 0 || magnitude(p - last) * 1000000 <= last * c->terms.collar_ppm)
            all->price[all->count++] = p;
    if (high == 0 && last != 0) all->price[all->count++] = last;
}
static int64_t executable(const struct call *c, int64_t price)
{
    return demand(c, price) < supply(c, price) ? demand(c, price) : supply(c, price);
}
static int64_t imbalance(const struct call *c, int64_t price)
{
    return demand(c, price) - supply(c, price);
}
static void keep_best(const struct call *c, struct candidates *all, int64_t (*badness)(const struct call *, int64_t))
{
    int64_t best = INT64_MAX;
    int kept = 0;
    for (int i = 0; i < all->count; i++)
        if (badness(c, all->price[i]) < best) best = badness(c, all->price[i]);
    for (int i = 0; i < all->count; i++)
        if (badness(c, all->price[i]) == best) all->price[kept++] = all->price[i];
    all->count = kept;
}
static int64_t not_executed(const struct call *c, int64_t price)
{
    return -executable(c, price);
}
static int64_t not_balanced(const struct call *c, int64_t price)
{
    return magnitude(imbalance(c, price));
}
static int64_t distance(const struct call *c, int64_t price)
{
    return c->terms.reference == 0 ? 0 : magnitude(price - c->terms.reference);
}
static bool call_try_all(const struct call *c, struct auction_price *out)
{
    struct candidates all;
    memset(out, 0, sizeof *out);
    candidates_of(c, &all);
    keep_best(c, &all, not_executed);
    if (all.count == 0 || executable(c, all.price[0]) == 0) return false;
    keep_best(c, &all, not_balanced);
    bool buys = true, sells = true;
    for (int i = 0; i < all.count; i++) {
        buys = buys && imbalance(c, all.price[i]) > 0;
        sells = sells && imbalance(c, all.price[i]) < 0;
    }
    if (!buys && !sells) keep_best(c, &all, distance);
    int64_t price = buys ? all.price[all.count - 1] : all.price[0];
    *out = (struct auction_price){price, executable(c, price), imbalance(c, price)};
    return true;
}

static void levels_random(struct random *r, struct levels *l, bool buy, int64_t step, int64_t span)
{
    bool there[512] = {false};
    int count = (int)random_below(r, LEVELS_MAX + 1);
    for (int i = 0; i < count; i++) there[random_below(r, (uint64_t)span)] = true;
    l->count = 0;
    for (int64_t i = 0; i < span; i++) {
        int64_t place = buy ? span - 1 - i : i;
        if (there[place])
            l->level[l->count++] = (struct auction_level){(place + 1) * step, 1 + (int64_t)random_below(r, 4)};
    }
}

static void it_is_what_trying_every_price_finds(void **state)
{
    struct random *r = *state;
    for (int i = 0; i < ROUNDS; i++) {
        struct call c = {.terms = {.step = 1 + (int64_t)random_below(r, 5)}};
        int64_t span = 1 + (int64_t)random_below(r, random_below(r, 4) == 0 ? 400 : 12);
        levels_random(r, &c.buys, true, c.terms.step, span);
        levels_random(r, &c.sells, false, c.terms.step, span);
        if (random_below(r, 2) == 0) c.market_buy = (int64_t)random_below(r, 6);
        if (random_below(r, 2) == 0) c.market_sell = (int64_t)random_below(r, 6);
        /* Also one that is no multiple of the step. */
        if (random_below(r, 3) != 0)
            c.terms.reference = 1 + (int64_t)random_below(r, (uint64_t)(span * c.terms.step) + 3);
        if (random_below(r, 2) == 0) c.terms.collar_ppm = 1 + (int64_t)random_below(r, 600000);
        struct auction_price expected, got;
        bool there = call_try_all(&c, &expected);
        assert_int_equal(call_find(&c, &got), there);
        assert_int_equal(got.price, expected.price);
        assert_int_equal(got.quantity, expected.quantity);
        assert_int_equal(got.imbalance, expected.imbalance);
    }
}

static void each_rule_decides_where_those_before_it_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        struct call call;
        struct auction_price expected;
    } rows[] = {
        {"the largest volume",
         {.buys = {{{103, 10}, {101, 10}}, 2, 0}, .sells = {{{100, 10}, {101, 10}}, 2, 0}, .terms = {1, 0, 0}},
         {101, 20, 0}},
        {"the smallest imbalance",
         {.buys = {{{103, 10}, {101, 5}}, 2, 0}, .sells = {{{100, 10}}, 1, 0}, .terms = {1, 100, 0}},
         {102, 10, 0}},
        {"more to buy: the highest",
         {.buys = {{{103, 15}}, 1, 0}, .sells = {{{100, 10}}, 1, 0}, .terms = {1, 100, 0}},
         {103, 10, 5}},
        {"more to sell: the lowest",
         {.buys = {{{103, 10}}, 1, 0}, .sells = {{{100, 15}}, 1, 0}, .terms = {1, 103, 0}},
         {100, 10, -5}},
        {"balanced: the nearest to the last price",
         {.buys = {{{103, 10}}, 1, 0}, .sells = {{{100, 10}}, 1, 0}, .terms = {1, 102, 0}},
         {102, 10, 0}},
        {"as much too many to buy as to sell: the nearest too",
         {.buys = {{{103, 10}, {101, 5}}, 2, 0}, .sells = {{{100, 10}, {102, 5}}, 2, 0}, .terms = {1, 101, 0}},
         {101, 10, 5}},
        {"no last price: the lowest",
         {.buys = {{{103, 10}}, 1, 0}, .sells = {{{100, 10}}, 1, 0}, .terms = {1, 0, 0}},
         {100, 10, 0}},
        {"inside the collar",
         {.buys = {{{120, 10}}, 1, 0}, .sells = {{{110, 10}}, 1, 0}, .terms = {1, 100, 110000}},
         {110, 10, 0}},
        {"MARKET orders alone: the last price", {.market_buy = 7, .market_sell = 5, .terms = {1, 99, 0}}, {99, 5, 2}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct call c = rows[i].call;
        struct auction_price got;
        print_message("%s\n", rows[i].rule);
        assert_true(call_find(&c, &got));
        assert_int_equal(got.price, rows[i].expected.price);
        assert_int_equal(got.quantity, rows[i].expected.quantity);
        assert_int_equal(got.imbalance, rows[i].expected.imbalance);
    }
}

static void without_a_crossing_or_outside_the_collar_there_is_no_price(void **state)
{
    (void)state;
    struct call apart = {.buys = {{{99, 10}}, 1, 0}, .sells = {{{100, 10}}, 1, 0}, .terms = {1, 100, 0}};
    struct call outside = {.buys = {{{120, 10}}, 1, 0}, .sells = {{{119, 10}}, 1, 0}, .terms = {1, 100, 50000}};
    struct call markets = {.market_buy = 1, .market_sell = 1, .terms = {1, 0, 0}};
    struct auction_price got;
    assert_false(call_find(&apart, &got));
    assert_false(call_find(&outside, &got));
    assert_false(call_find(&markets, &got));
    assert_int_equal(got.price, 0);
}

static void the_largest_numbers_do_not_overflow(void **state)
{
    (void)state;
    struct call c = {.buys = {{{PRICE_MAX, INT64_MAX}, {1, INT64_MAX}}, 2, 0},
                     .sells = {{{1, INT64_MAX}, {2, INT64_MAX}}, 2, 0},
                     .market_buy = INT64_MAX,
                     .terms = {1, PRICE_MAX, COLLAR_PPM_MAX}};
    struct auction_price got;
    assert_true(call_find(&c, &got));
    assert_int_equal(got.price, PRICE_MAX);    /* from 2 on both sides are equal: the nearest to the last price */
    assert_int_equal(got.quantity, INT64_MAX); /* twice that: said as the largest number */
    assert_int_equal(got.imbalance, 0);
}

int main(int argc, char **argv)
{
    struct random r = random_from_arguments(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(it_is_what_trying_every_price_finds, &r),
        cmocka_unit_test(each_rule_decides_where_those_before_it_do_not),
        cmocka_unit_test(without_a_crossing_or_outside_the_collar_there_is_no_price),
        cmocka_unit_test(the_largest_numbers_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
