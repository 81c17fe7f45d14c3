/* tests/projections/views_world.c - the market that the tests of views share.
 * What must stay true: rows are compared with what the engine's getters and exports say, never with another
 * computation. */
#include "tests/projections/views_world.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/money.h"

struct decimal world_decimal(const char *text)
{
    struct decimal d = {0, DECIMAL_ABSENT};
    if (text != NULL) assert_int_equal(decimal_from_text(&d, text, strlen(text)), 0);
    return d;
}

void world_path(const struct views_world *w, const char *file, char path[WORLD_PATH_BYTES])
{
    assert_true(snprintf(path, WORLD_PATH_BYTES, "%s/%s", w->dir, file) < WORLD_PATH_BYTES);
}

void world_begin(struct views_world *w, const struct limits *l)
{
    *w = (struct views_world){.ts_ns = 1700000000000000000};
    const char *base = getenv("TMPDIR");
    snprintf(w->dir, sizeof w->dir, "%.200s/ordertape-views-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(w->dir));
    size_t bytes = (engine_bytes(l) + 63) / 64 * 64;
    void *arena = aligned_alloc(64, bytes);
    assert_non_null(arena);
    memset(arena, 0, bytes);
    w->engine = engine_init(arena, l);
    w->command_events_max = engine_events_max(l);
    world_open(w);
}

void world_begin_market(struct views_world *w)
{
    struct limits l = {1000, 1000, 16, 32, 256, 64, 8, 1000, 100, 1000, 1000, 1000, 1000, 3600, 3600};
    world_begin(w, &l);
    struct command first = {.kind = COMMAND_SET_LIMITS, .set_limits = l};
    world_apply(w, &first);
    world_instrument(w, "ACME", "0.01");
    world_account(w, "ann", ACCOUNT_TYPE_MARGIN, "2");
    world_account(w, "bob", ACCOUNT_TYPE_MARGIN, "2");
    world_account(w, "cat", ACCOUNT_TYPE_CASH, NULL);
    world_cash(w, "ann", "100000.00");
    world_cash(w, "bob", "100000.00");
    world_cash(w, "cat", "100000.00");
}

void world_open(struct views_world *w)
{
    struct views_options o = {.tape_id = WORLD_TAPE_ID};
    snprintf(o.path, sizeof o.path, "%s", w->dir);
    assert_int_equal(views_open(&o, &w->views, &w->emptied, w->reason), 0);
}

void world_close(struct views_world *w)
{
    views_close(w->views);
    w->views = NULL;
}

void world_end(struct views_world *w)
{
    char path[WORLD_PATH_BYTES];
    world_close(w);
    DIR *dir = opendir(w->dir);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        world_path(w, entry->d_name, path);
        assert_int_equal(unlink(path), 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(w->dir), 0);
    free(w->engine);
    free(w->events);
}

struct views_cursor world_cursor(const struct views_world *w)
{
    return (struct views_cursor){w->seq, w->ts_ns, w->seq * 3, w->seq * 5};
}

void world_apply(struct views_world *w, struct command *c)
{
    uint32_t needed = w->events_count + w->command_events_max;
    if (needed > w->events_room) {
        w->events_room = needed * 2;
        w->events = realloc(w->events, w->events_room * sizeof *w->events);
        assert_non_null(w->events);
    }
    if (c->seq == 0) {
        c->seq = w->seq + 1;
        c->ts_ns = w->ts_ns + 1000;
    }
    w->seq = c->seq;
    w->ts_ns = c->ts_ns;
    w->events_count += engine_apply(w->engine, c, w->events + w->events_count);
}

void world_fold(struct views_world *w)
{
    assert_int_equal(views_fold(w->views, w->events, w->events_count, world_cursor(w)), 0);
    w->events_count = 0;
}

uint64_t world_hash(struct views_world *w)
{
    struct views_read *r;
    uint64_t lo, hi;
    assert_int_equal(views_read_begin(w->views, &r), 0);
    assert_int_equal(views_hash(r, &lo, &hi), 0);
    views_read_end(r);
    return lo ^ hi;
}

struct command world_order(struct order_words o)
{
    const char *id = o.client_order_id == NULL ? "" : o.client_order_id;
    struct command c = {.kind = COMMAND_PLACE};
    c.place.account = name_of(o.account);
    c.place.symbol = name_of(o.symbol == NULL ? "ACME" : o.symbol);
    c.place.client_order_id = (struct text){id, (uint32_t)strlen(id)};
    c.place.side = (uint8_t)side_from_text(o.side, strlen(o.side));
    c.place.type = o.price == NULL ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT;
    c.place.tif = (uint8_t)(o.tif == 0 ? TIF_DAY : o.tif);
    c.place.price = world_decimal(o.price);
    c.place.quantity = world_decimal(o.quantity);
    c.place.stop_price = c.place.display_quantity = c.place.leverage = world_decimal(NULL);
    c.place.quote_quantity = c.place.min_quantity = c.place.trail = world_decimal(NULL);
    return c;
}

uint64_t world_command(struct views_world *w, struct command c)
{
    world_apply(w, &c);
    while (engine_continue_needed(w->engine, w->ts_ns)) world_apply(w, &(struct command){.kind = COMMAND_CONTINUE});
    world_fold(w);
    return c.seq << ORDER_INDEX_BITS;
}

uint64_t world_place(struct views_world *w, struct order_words o)
{
    return world_command(w, world_order(o));
}

void world_modify(struct views_world *w, uint64_t order_id, const char *price, const char *quantity)
{
    struct command c = {.kind = COMMAND_MODIFY, .modify.order_id = order_id};
    c.modify.price = world_decimal(price);
    c.modify.quantity = world_decimal(quantity);
    c.modify.stop_price = c.modify.display_quantity = world_decimal(NULL);
    world_apply(w, &c);
    world_fold(w);
}

void world_cancel(struct views_world *w, uint64_t order_id)
{
    struct command c = {.kind = COMMAND_CANCEL, .cancel.order_id = order_id};
    world_apply(w, &c);
    world_fold(w);
}

void world_account(struct views_world *w, const char *account, int type, const char *leverage)
{
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    c.set_account.account = name_of(account);
    c.set_account.fields = ACCOUNT_HAS_TYPE;
    c.set_account.type = (uint8_t)type;
    if (leverage != NULL) {
        c.set_account.fields |= ACCOUNT_HAS_LEVERAGE | ACCOUNT_HAS_ALLOW_SHORT;
        c.set_account.leverage = world_decimal(leverage);
        c.set_account.allow_short = true;
    }
    world_apply(w, &c);
    world_fold(w);
}

void world_cash(struct views_world *w, const char *account, const char *amount)
{
    struct command c = {.kind = COMMAND_MOVE_CASH};
    c.move_cash.account = name_of(account);
    c.move_cash.currency = name_of("USD");
    assert_int_equal(amount_from_text(&c.move_cash.amount, amount, strlen(amount)), 0);
    world_apply(w, &c);
    world_fold(w);
}

void world_instrument(struct views_world *w, const char *symbol, const char *tick)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    struct command_set_instrument *s = &c.set_instrument;
    s->symbol = name_of(symbol);
    s->fields = INSTRUMENT_HAS_TICK_SIZE | INSTRUMENT_HAS_MAKER_FEE | INSTRUMENT_HAS_TAKER_FEE;
    s->tick_size = world_decimal(tick);
    s->maker_fee_bps = world_decimal("1");
    s->taker_fee_bps = world_decimal("2");
    s->lot_size = s->min_quantity = s->max_quantity = s->collar_percent = s->max_leverage = world_decimal(NULL);
    world_apply(w, &c);
    world_fold(w);
}

static bool says(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool says(char *why, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, 256, format, list);
    va_end(list);
    return false;
}

/* The name of the venue with that number. */
static struct name venue_name(const struct engine *e, uint8_t number)
{
    struct venue_state_row v = {.id = 0};
    uint32_t cursor = 0;
    for (uint8_t n = 1; n <= number; n++) assert_true(engine_export_venue(e, &cursor, &v));
    return v.venue;
}

/* What a state does not know. */
static void order_forgets(struct order_row *expected, const struct order_row *row, bool routed)
{
    expected->created_seq = row->created_seq;
    expected->updated_seq = row->updated_seq;
    expected->updated_ns = row->updated_ns;
    expected->executed_ns = row->executed_ns;
    expected->gtt_id = row->gtt_id;
    expected->routed_ns = row->routed_ns;
    expected->rule = row->rule;
    expected->reason_len = row->reason_len;
    memcpy(expected->reason, row->reason, sizeof row->reason);
    if (!routed) expected->attempts = row->attempts;
    if (expected->tif == TIF_GTD && expected->expires_ns == 0) expected->expires_ns = row->expires_ns; /* it is over */
    if (expected->type == ORDER_TYPE_MARKET || expected->type == ORDER_TYPE_LIMIT) { /* it was triggered at that */
        expected->stop_price = row->stop_price;
        expected->stop_price_scale = row->stop_price_scale;
    }
}

static bool order_agrees(struct views_read *r, const struct engine *e, const struct order_state *o, char *why)
{
    struct order_row row, expected;
    struct instrument_state i;
    struct account_state a;
    struct route_state route;
    struct name venue = {{0}};
    assert_true(engine_get_instrument_by_id(e, o->instrument_id, &i));
    assert_true(engine_get_account_by_id(e, o->account_id, &a));
    bool routed = engine_get_route(e, o->id, &route);
    venue = routed ? venue_name(e, route.venue) : venue;
    order_row_from_state(&expected, o, &i, &a, routed ? &route : NULL, &venue);
    if (views_order(r, o->id, &row) != 0) return says(why, "order %llu has no row", (unsigned long long)o->id);
    order_forgets(&expected, &row, routed);
    if (memcmp(&row, &expected, sizeof row) != 0) return says(why, "order %llu differs", (unsigned long long)o->id);
    return true;
}

/* Every open order has its row; as many rows are open as there are open orders. */
static bool orders_agree(struct views_read *r, const struct engine *e, char *why)
{
    static struct order_row page[VIEWS_PAGE_MAX];
    struct order_filter open = {.open_only = true};
    struct order_state o;
    char after[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES];
    uint32_t cursor = 0, rows_open = 0, orders = 0;
    while (engine_export_order(e, &cursor, &o)) {
        if (o.flags & PLACE_GTT) continue; /* a leg of a GTT is no order */
        if (!order_agrees(r, e, &o, why)) return false;
        orders++;
    }
    do {
        int64_t count = views_orders(r, &open, after, VIEWS_PAGE_MAX, page, next);
        if (count < 0) return says(why, "views_orders: %s", error_text((int)count));
        rows_open += (uint32_t)count;
        memcpy(after, next, sizeof after);
    } while (after[0] != 0);
    return rows_open == orders || says(why, "%u rows are open, %u orders", rows_open, orders);
}

static bool book_agrees(struct views_read *r, const struct engine *e, const struct name *symbol, int side, char *why)
{
    enum { LEVELS = 4096 };
    static struct level_row rows[LEVELS];
    static struct book_level levels[LEVELS];
    int64_t count = views_book(r, symbol, side, rows, LEVELS);
    uint32_t expected = engine_book(e, symbol, side, levels, LEVELS);
    if (count != expected)
        return says(why, "%s side %d: %lld levels, %u in the engine", symbol->bytes, side, (long long)count, expected);
    for (uint32_t i = 0; i < expected; i++)
        if (rows[i].price != levels[i].price || rows[i].quantity != levels[i].quantity ||
            rows[i].hidden != levels[i].hidden || rows[i].orders != levels[i].orders)
            return says(why, "%s side %d level %u differs", symbol->bytes, side, i);
    return true;
}

static bool instruments_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct instrument_state i;
    struct instrument_row row;
    uint32_t cursor = 0;
    while (engine_export_instrument(e, &cursor, &i)) {
        if (views_instrument(r, &i.spec.symbol, &row) != 0)
            return says(why, "instrument %s has no row", i.spec.symbol.bytes);
        struct instrument_state expected;
        memset(&expected, 0, sizeof expected);
        expected = i;
        expected.range_low = expected.range_high = expected.auction_price = 0; /* of work that is pending */
        if (digest_instrument(&row.instrument) != digest_instrument(&expected) ||
            digest_market(&row.instrument) != digest_market(&expected))
            return says(why, "instrument %s differs", i.spec.symbol.bytes);
        if (!book_agrees(r, e, &i.spec.symbol, SIDE_BUY, why) || !book_agrees(r, e, &i.spec.symbol, SIDE_SELL, why))
            return false;
    }
    return true;
}

static bool accounts_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct account_state a;
    struct account_row row;
    uint32_t cursor = 0;
    while (engine_export_account(e, &cursor, &a)) {
        if (views_account(r, &a.account, &row) != 0) return says(why, "account %s has no row", a.account.bytes);
        a.rate_tat_ns = 0; /* no view shows it */
        if (digest_account(&row.account) != digest_account(&a)) return says(why, "account %s differs", a.account.bytes);
    }
    return true;
}

static bool currencies_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct currency_state c, row;
    uint32_t cursor = 0;
    while (engine_export_currency(e, &cursor, &c)) {
        if (views_currency(r, &c.currency, &row) != 0 || digest_currency(&row) != digest_currency(&c))
            return says(why, "currency %s differs", c.currency.bytes);
    }
    return true;
}

/* Rows against the engine, row by row, then the number of them: a balance stays once it is made, on both sides. */
static bool balances_agree(struct views_read *r, const struct engine *e, char *why)
{
    static struct balance_row page[VIEWS_PAGE_MAX];
    char after[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES];
    struct name any = {{0}};
    uint32_t rows = 0;
    do {
        int64_t count = views_balances(r, &any, after, VIEWS_PAGE_MAX, page, next);
        if (count < 0) return says(why, "views_balances: %s", error_text((int)count));
        for (int64_t i = 0; i < count; i++) {
            struct balance_state b;
            const struct balance_row *row = &page[i];
            if (!engine_get_balance(e, &row->account, &row->currency, &b))
                return says(why, "balance %s %s is unknown", row->account.bytes, row->currency.bytes);
            if (b.cash != row->cash || b.reserved != row->reserved || b.cost_net != row->cost_net ||
                b.margin_used != row->margin_used)
                return says(why, "balance %s %s differs", row->account.bytes, row->currency.bytes);
        }
        rows += (uint32_t)count;
        memcpy(after, next, sizeof after);
    } while (after[0] != 0);
    return rows == engine_counts(e).balances ||
           says(why, "%u balances, %u in the engine", rows, engine_counts(e).balances);
}

/* As docs/ENGINE.md, CHECK_MARGIN, has it. */
static int64_t mark_expected(const struct instrument_state *i, int64_t quantity)
{
    int64_t quote = quantity > 0 ? i->bid : i->ask;
    if (quantity == 0) return 0;
    if (i->spec.mark == TRIGGER_LAST) return i->last_price != 0 ? i->last_price : quote;
    return quote != 0 ? quote : i->last_price;
}

/* The engine forgets a position of zeros, and has one from the first order on: only numbers count. */
static bool positions_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct position_state p;
    struct position_row row;
    uint32_t cursor = 0;
    while (engine_export_position(e, &cursor, &p)) {
        struct account_state a;
        struct instrument_state i;
        assert_true(engine_get_account_by_id(e, p.account_id, &a));
        assert_true(engine_get_instrument_by_id(e, p.instrument_id, &i));
        int rc = views_position(r, &a.account, &i.spec.symbol, &row);
        if (rc == ERR_NOT_FOUND && p.quantity == 0 && p.cost == 0 && p.realized == 0) continue;
        if (rc != 0 || row.quantity != p.quantity || row.cost != p.cost || row.realized != p.realized ||
            row.mark_price != mark_expected(&i, p.quantity))
            return says(why, "position %s %s differs", a.account.bytes, i.spec.symbol.bytes);
    }
    return true;
}

static bool positions_known(struct views_read *r, const struct engine *e, char *why)
{
    static struct position_row page[VIEWS_PAGE_MAX];
    char after[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES];
    struct name any = {{0}};
    do {
        int64_t count = views_positions(r, &any, after, VIEWS_PAGE_MAX, page, next);
        if (count < 0) return says(why, "views_positions: %s", error_text((int)count));
        for (int64_t i = 0; i < count; i++) {
            struct position_state p;
            const struct position_row *row = &page[i];
            bool zero = row->quantity == 0 && row->cost == 0 && row->realized == 0;
            if (!zero && !engine_get_position(e, &row->account, &row->symbol, &p))
                return says(why, "position %s %s is unknown", row->account.bytes, row->symbol.bytes);
        }
        memcpy(after, next, sizeof after);
    } while (after[0] != 0);
    return true;
}

/* A leg that waits is as its GTT's row says. */
static bool gtt_leg_agrees(struct views_read *r, const struct order_state *o, char *why)
{
    struct gtt_row row;
    uint64_t gtt_id = o->id >> ORDER_INDEX_BITS << ORDER_INDEX_BITS;
    const struct event_gtt_leg *leg = &row.gtt.legs[o->extra.member];
    if (views_gtt(r, gtt_id, &row) != 0) return says(why, "GTT %llu has no row", (unsigned long long)gtt_id);
    int status = o->extra.phase == ORDER_PHASE_DISABLED ? GTT_STATUS_DISABLED : GTT_STATUS_ACTIVE;
    bool same = row.gtt.status == status && leg->trigger_price == o->extra.stop_price && leg->price == o->price &&
                leg->quantity == o->quantity && leg->direction == o->extra.direction && row.gtt.side == o->side;
    if (o->extra.member == 0) same = same && row.gtt.expires_ns == o->expires_ns;
    return same || says(why, "GTT %llu differs", (unsigned long long)gtt_id);
}

static int64_t gtts_of_status(struct views_read *r, uint8_t status)
{
    static struct gtt_row page[VIEWS_PAGE_MAX];
    struct gtt_filter f = {.status = status};
    char after[VIEWS_CURSOR_BYTES] = "";
    int64_t rows = 0;
    do {
        int64_t count = views_gtts(r, &f, after, VIEWS_PAGE_MAX, page, after);
        if (count < 0) return count;
        rows += count;
    } while (after[0] != 0);
    return rows;
}

static bool gtts_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct order_state o;
    uint32_t cursor = 0;
    int64_t waiting = 0;
    while (engine_export_order(e, &cursor, &o)) {
        if (!(o.flags & PLACE_GTT)) continue;
        if (!gtt_leg_agrees(r, &o, why)) return false;
        waiting += o.extra.member == 0;
    }
    int64_t rows = gtts_of_status(r, GTT_STATUS_ACTIVE) + gtts_of_status(r, GTT_STATUS_DISABLED);
    return rows == waiting || says(why, "%lld GTTs wait, %lld in the engine", (long long)rows, (long long)waiting);
}

/* MARKET orders in the book, and the price it would uncross at. */
static bool auctions_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct instrument_state i;
    struct order_state o;
    for (uint32_t at = 0; engine_export_instrument(e, &at, &i);) {
        struct instrument_row row;
        struct auction_price price, expected;
        int64_t market[3] = {0};
        for (uint32_t cursor = 0; engine_export_order(e, &cursor, &o);)
            if (o.instrument_id == i.id && o.type == ORDER_TYPE_MARKET && o.extra.phase == ORDER_PHASE_RESTING)
                market[o.side] += o.leaves;
        assert_int_equal(views_instrument(r, &i.spec.symbol, &row), 0);
        assert_int_equal(views_indicative(r, &i.spec.symbol, &price), 0);
        engine_indicative(e, &i.spec.symbol, &expected);
        if (row.market_buy != market[SIDE_BUY] || row.market_sell != market[SIDE_SELL])
            return says(why, "%s: MARKET orders differ", i.spec.symbol.bytes);
        if (price.price != expected.price || price.quantity != expected.quantity ||
            price.imbalance != expected.imbalance)
            return says(why, "%s: the indicative price differs", i.spec.symbol.bytes);
    }
    return true;
}

static bool system_agrees(struct views_read *r, const struct engine *e, char *why)
{
    struct system_row row;
    assert_int_equal(views_system(r, &row), 0);
    return row.trading == engine_scalars(e).trading || says(why, "the system's trading state differs");
}

static bool venues_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct venue_row rows[VENUES_MAX];
    struct venue_state_row v;
    char next[VIEWS_CURSOR_BYTES];
    uint32_t cursor = 0, known = 0;
    int64_t count = views_venues(r, NULL, VENUES_MAX, rows, next);
    for (; engine_export_venue(e, &cursor, &v); known++) {
        const struct event_venue_set *row = &rows[known].venue;
        if (known >= count || row->number != known + 1 || row->venue_id != v.id || !name_equal(&row->venue, &v.venue) ||
            row->state != v.state || row->simulated != v.simulated)
            return says(why, "venue %s differs", v.venue.bytes);
    }
    return count == known || says(why, "%lld venues, %u in the engine", (long long)count, known);
}

static bool rules_agree(struct views_read *r, const struct engine *e, char *why)
{
    static struct rule_row rows[ROUTE_RULES_MAX];
    struct route_rule rule;
    char next[VIEWS_CURSOR_BYTES];
    uint32_t cursor = 0, known = 0;
    int64_t count = views_rules(r, NULL, ROUTE_RULES_MAX, rows, next);
    for (; engine_export_rule(e, &cursor, &rule); known++) {
        if (known >= count || rows[known].number != known + 1 ||
            digest_rule(&rows[known].rule, known + 1) != digest_rule(&rule, known + 1))
            return says(why, "rule %u differs", known + 1);
    }
    return count == known || says(why, "%lld rules, %u in the engine", (long long)count, known);
}

/* What a route knows of an order that has left. */
static bool routes_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct route_state route;
    struct order_row row;
    uint32_t cursor = 0;
    while (engine_export_route(e, &cursor, &route)) {
        if (views_order(r, route.order_id, &row) != 0) return says(why, "a route without an order");
        bool same = row.broker_state == route.state && row.attempts == route.attempt &&
                    row.ext_order_id_len == route.ext_order_id_len &&
                    memcmp(row.ext_order_id, route.ext_order_id, sizeof row.ext_order_id) == 0;
        if (!route.open) same = same && row.filled == route.filled && row.fee == money_fee_charged(route.fee_accrued);
        if (!same) return says(why, "the route of order %llu differs", (unsigned long long)route.order_id);
    }
    return true;
}

/* The trade of an execution, among those of its order. */
static bool execution_agrees(struct views_read *r, const struct execution_state *x, char *why)
{
    static struct trade_row page[VIEWS_PAGE_MAX];
    struct trade_filter f = {.order_id = x->order_id};
    char after[VIEWS_CURSOR_BYTES] = "";
    do {
        int64_t count = views_trades(r, &f, after, VIEWS_PAGE_MAX, page, after);
        if (count < 0) return says(why, "views_trades: %s", error_text((int)count));
        for (int64_t i = 0; i < count; i++) {
            const struct trade_row *t = &page[i];
            if (t->exec_id_len != x->exec_id_len || memcmp(t->exec_id, x->exec_id, sizeof t->exec_id) != 0) continue;
            if (t->executed && t->busted == x->busted && t->fill.price == x->price && t->fill.quantity == x->quantity &&
                t->fill.notional == x->notional)
                return true;
        }
    } while (after[0] != 0);
    return says(why, "an execution of order %llu has no trade", (unsigned long long)x->order_id);
}

static bool executions_agree(struct views_read *r, const struct engine *e, char *why)
{
    struct execution_state x;
    uint32_t cursor = 0;
    while (engine_export_execution(e, &cursor, &x))
        if (!execution_agrees(r, &x, why)) return false;
    return true;
}

bool world_agrees(struct views_world *w, char *why)
{
    struct views_read *r;
    assert_int_equal(views_read_begin(w->views, &r), 0);
    bool same =
        orders_agree(r, w->engine, why) && instruments_agree(r, w->engine, why) && accounts_agree(r, w->engine, why) &&
        currencies_agree(r, w->engine, why) && balances_agree(r, w->engine, why) &&
        positions_agree(r, w->engine, why) && positions_known(r, w->engine, why) && gtts_agree(r, w->engine, why) &&
        auctions_agree(r, w->engine, why) && system_agrees(r, w->engine, why) && venues_agree(r, w->engine, why) &&
        rules_agree(r, w->engine, why) && routes_agree(r, w->engine, why) && executions_agree(r, w->engine, why);
    views_read_end(r);
    return same;
}
