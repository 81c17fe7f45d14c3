/* tests/api/connectors/desk_run.c - many orders through both simulated brokers with everything going wrong, and at the end the books
 * are equal on both sides: nothing doubled, nothing lost, and the tape folds into the same state.
 *   desk_run [--orders N] [--faults-percent P] [--crash-percent P] [--seed S]
 * crash-percent: of the steps of 20 ms, those in which a connector is told to die at one of its next 200 calls of a door. The seed is printed first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/rejects.h"
#include "tests/api/connectors/desk_world.h"

enum { ACCOUNTS = 40, SYMBOLS = 16, STEP_MS = 20, ORDERS_PER_STEP = 12, MID_FIRST = 10000 };

struct run {
    struct desk desk;
    uint32_t orders, placed_wanted;
    unsigned faults_percent, crash_percent;
    uint64_t seed;
    int64_t mids[SYMBOLS];
    uint64_t did[COMMAND_KIND_NUMBER_MAX + 1];
};

static struct name name_numbered(const char *prefix, uint32_t number)
{
    struct name n;
    char text[NAME_BYTES];
    int len = snprintf(text, sizeof text, "%s%u", prefix, number);
    (void)name_from_text(&n, text, (size_t)len);
    return n;
}

static uint16_t act(struct run *r, struct command *c)
{
    r->did[c->kind]++;
    return desk_do(&r->desk, c);
}

static uint64_t below(struct run *r, uint64_t bound)
{
    return desk_random(&r->desk, bound);
}

static void make_accounts(struct run *r)
{
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        struct command c = {.kind = COMMAND_SET_ACCOUNT,
                            .set_account = {.account = name_numbered("acc", i),
                                            .fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_ALLOW_SHORT,
                                            .type = ACCOUNT_TYPE_MARGIN,
                                            .allow_short = true}};
        (void)act(r, &c);
        struct command cash = {.kind = COMMAND_MOVE_CASH,
                               .move_cash = {.account = name_numbered("acc", i),
                                             .currency = name_of("USD"),
                                             .amount = {.mantissa = 1000000000000, .scale = 0}}};
        (void)act(r, &cash);
    }
}

static void make_instruments(struct run *r)
{
    for (uint32_t i = 0; i < SYMBOLS; i++) {
        struct command c = {.kind = COMMAND_SET_INSTRUMENT,
                            .set_instrument = {.symbol = name_numbered("SYM", i),
                                               .fields = INSTRUMENT_HAS_LOT_SIZE | INSTRUMENT_HAS_TAKER_FEE,
                                               .lot_size = {5, 0},
                                               .taker_fee_bps = {25, 1}}};
        (void)act(r, &c);
        r->mids[i] = MID_FIRST;
    }
}

static void set_rule(struct run *r, struct route_rule *rule, int first, const char *symbol)
{
    *rule = (struct route_rule){.min_quantity.scale = DECIMAL_ABSENT, .max_quantity.scale = DECIMAL_ABSENT};
    if (symbol != NULL) rule->symbol = name_of(symbol);
    rule->venues[0] = r->desk.brokers[first].name;
    rule->venues[1] = r->desk.brokers[1 - first].name;
}

static void make_rules(struct run *r)
{
    struct route_rule rules[3];
    set_rule(r, &rules[0], 1, "SYM3");
    set_rule(r, &rules[1], 0, NULL);
    rules[1].max_quantity = (struct decimal){500, 0};
    set_rule(r, &rules[2], 1, NULL);
    struct command c = {.kind = COMMAND_SET_ROUTING, .set_routing = {.rules = rules, .rules_count = 3}};
    (void)act(r, &c);
}

static void move_quote(struct run *r)
{
    uint32_t i = (uint32_t)below(r, SYMBOLS);
    r->mids[i] += (int64_t)below(r, 41) - 20;
    if (r->mids[i] < 1000) r->mids[i] = 1000;
    struct command c = {.kind = COMMAND_SET_QUOTE,
                        .set_quote = {.symbol = name_numbered("SYM", i),
                                      .bid = {r->mids[i] - 2, 2},
                                      .bid_quantity = {(int64_t)below(r, 400) * 5, 0},
                                      .ask = {r->mids[i] + 2, 2},
                                      .ask_quantity = {(int64_t)below(r, 400) * 5, 0}}};
    (void)act(r, &c);
}

static struct decimal price_near(struct run *r, uint32_t symbol, int64_t width)
{
    int64_t price = r->mids[symbol] + (int64_t)below(r, (uint64_t)width * 2 + 1) - width;
    return (struct decimal){price < 1 ? 1 : price, 2};
}

static struct command_place random_order(struct run *r)
{
    static const uint8_t types[] = {ORDER_TYPE_LIMIT,  ORDER_TYPE_LIMIT, ORDER_TYPE_LIMIT,     ORDER_TYPE_LIMIT,
                                    ORDER_TYPE_MARKET, ORDER_TYPE_STOP,  ORDER_TYPE_STOP_LIMIT};
    static const uint8_t tifs[] = {TIF_DAY, TIF_DAY, TIF_GTC, TIF_GTD, TIF_IOC, TIF_FOK};
    uint32_t symbol = (uint32_t)below(r, SYMBOLS);
    struct command_place p = {.account = name_numbered("acc", (uint32_t)below(r, ACCOUNTS)),
                              .symbol = name_numbered("SYM", symbol),
                              .quantity = {(int64_t)(1 + below(r, 200)) * 5, 0},
                              .side = (uint8_t)(SIDE_BUY + below(r, 2)),
                              .type = types[below(r, sizeof types)],
                              .tif = tifs[below(r, sizeof tifs)]};
    p.price.scale = p.stop_price.scale = p.display_quantity.scale = p.quote_quantity.scale = DECIMAL_ABSENT;
    p.min_quantity.scale = p.trail.scale = p.leverage.scale = DECIMAL_ABSENT;
    bool stops = p.type == ORDER_TYPE_STOP || p.type == ORDER_TYPE_STOP_LIMIT;
    if (stops && p.tif > TIF_GTD) p.tif = TIF_DAY;
    if (p.type == ORDER_TYPE_MARKET && p.tif == TIF_GTD) p.tif = TIF_DAY;
    if (stops) p.stop_price = price_near(r, symbol, 40);
    if (p.type == ORDER_TYPE_LIMIT || p.type == ORDER_TYPE_STOP_LIMIT) p.price = price_near(r, symbol, 40);
    if (p.tif == TIF_GTD) p.expires_ns = r->desk.now_ns + (int64_t)(1 + below(r, 60)) * SECOND_NS;
    if (below(r, 4) == 0) p.venue = r->desk.brokers[below(r, 2)].name;
    return p;
}

static void place(struct run *r)
{
    struct command c = {.kind = COMMAND_PLACE, .place = random_order(r)};
    (void)act(r, &c);
    r->placed_wanted++;
}

static void place_batch(struct run *r)
{
    struct command_place orders[8];
    uint32_t count = 2 + (uint32_t)below(r, 7);
    for (uint32_t i = 0; i < count; i++) orders[i] = random_order(r);
    struct command c = {.kind = COMMAND_BATCH,
                        .batch = {.account = orders[0].account, .orders = orders, .orders_count = count}};
    (void)act(r, &c);
    r->placed_wanted += count;
    if (below(r, 4) > 0) return;
    struct command cancel = {
        .kind = COMMAND_CANCEL_BATCH,
        .cancel_batch = {.batch_id = sequencer_last_seq(r->desk.sequencer) << 16, .orders_count = count}};
    (void)act(r, &cancel);
}

/* One of the latest that is open; 0: none was found. */
static uint64_t some_open_order(struct run *r)
{
    struct desk *d = &r->desk;
    for (int tries = 0; tries < 8 && d->ids_count > 0; tries++) {
        uint64_t back = below(r, d->ids_count < 2000 ? d->ids_count : 2000);
        const struct desk_order *o = desk_order(d, d->ids[d->ids_count - 1 - back]);
        if (o->open) return o->order_id;
    }
    return 0;
}

static void cancel(struct run *r)
{
    struct command c = {.kind = COMMAND_CANCEL, .cancel = {.order_id = some_open_order(r)}};
    if (c.cancel.order_id != 0) (void)act(r, &c);
}

static void modify(struct run *r)
{
    uint64_t id = some_open_order(r);
    struct order_state o;
    if (id == 0 || !engine_get_order(r->desk.state.engine, id, &o)) return;
    struct command c = {.kind = COMMAND_MODIFY, .modify = {.order_id = id}};
    c.modify.price.scale = c.modify.stop_price.scale = c.modify.display_quantity.scale = DECIMAL_ABSENT;
    c.modify.quantity = (struct decimal){(int64_t)(1 + below(r, 220)) * 5, 0};
    if (below(r, 2) == 0) c.modify.quantity.scale = DECIMAL_ABSENT;
    bool priced = o.type == ORDER_TYPE_LIMIT || o.type == ORDER_TYPE_STOP_LIMIT;
    if (priced && below(r, 2) == 0) c.modify.price = (struct decimal){o.price + (int64_t)below(r, 21) - 10, 2};
    if (c.modify.price.scale == DECIMAL_ABSENT && c.modify.quantity.scale == DECIMAL_ABSENT) return;
    if (c.modify.quantity.scale == DECIMAL_ABSENT) c.modify.quantity.mantissa = 0;
    (void)act(r, &c);
}

/* An operator makes a fill up, settles, sends by hand, and switches venues. */
static void operate(struct run *r)
{
    uint64_t id = some_open_order(r);
    struct order_state o;
    struct command c = {0};
    if (id == 0 || !engine_get_order(r->desk.state.engine, id, &o)) return;
    struct fill_row row = {.order_id = id, .price = {10000, 2}, .quantity = {5, 0}, .kind = FILL_NEW};
    switch (below(r, 6)) {
    case 0:
    case 1:
        c.kind = COMMAND_FILL;
        c.fill = (struct command_fill){.fills = &row, .fills_count = 1, .simulated = true};
        break;
    case 2:
        c.kind = COMMAND_SETTLE;
        c.settle.order_id = r->desk.ids[r->desk.ids_count - 1 - below(r, r->desk.ids_count)];
        break;
    case 3: {
        struct route_state route;
        if (!engine_get_route(r->desk.state.engine, id, &route) || route.state != BROKER_PENDING_ROUTE) return;
        c.kind = COMMAND_ROUTE;
        c.route.order_id = id;
        break;
    }
    case 4:
        c.kind = COMMAND_SET_VENUE;
        c.set_venue = (struct command_set_venue){.venue = r->desk.brokers[below(r, 2)].name,
                                                 .state = (uint8_t)(1 + below(r, 3)),
                                                 .cause = VENUE_CAUSE_OPERATOR};
        break;
    default:
        c.kind = COMMAND_MASS_CANCEL;
        c.mass_cancel.account = name_numbered("acc", (uint32_t)below(r, ACCOUNTS));
        break;
    }
    (void)act(r, &c);
}

/* What an operator switched off comes up again, so that orders go on flowing. */
static void all_up(struct run *r)
{
    for (int i = 0; i < BROKERS; i++) {
        struct command c = {
            .kind = COMMAND_SET_VENUE,
            .set_venue = {.venue = r->desk.brokers[i].name, .state = VENUE_STATE_UP, .cause = VENUE_CAUSE_OPERATOR}};
        (void)act(r, &c);
    }
}

static void step(struct run *r, uint64_t number)
{
    for (int i = 0; i < 2; i++) move_quote(r);
    for (int i = 0; i < ORDERS_PER_STEP && r->placed_wanted < r->orders; i++) place(r);
    if (below(r, 10) == 0 && r->placed_wanted < r->orders) place_batch(r);
    for (int i = 0; i < 3; i++) {
        cancel(r);
        modify(r);
    }
    if (below(r, 8) == 0) operate(r);
    if (number % 250 == 0) all_up(r);
    desk_step(&r->desk, STEP_MS * MS_NS, r->crash_percent);
}

static uint64_t judge(struct run *r, const char *when)
{
    if (!desk_settle(&r->desk, 3600 * SECOND_NS)) {
        for (int i = 0; i < BROKERS; i++) {
            struct connector_status s;
            connector_status(r->desk.brokers[i].connector, &s);
            printf("%s does not come to rest: connected %d breaker %d orders %u in doubt %u\n",
                   r->desk.brokers[i].name.bytes, s.connected, s.breaker, s.orders, s.in_doubt);
        }
        return 1;
    }
    uint64_t bad = desk_compare(&r->desk);
    printf("%s: %llu differences\n", when, (unsigned long long)bad);
    return bad;
}

static void report(struct run *r)
{
    struct desk *d = &r->desk;
    uint64_t faults[FAULTS_COUNT] = {0};
    for (int i = 0; i < BROKERS; i++) {
        struct broker_sim_counts now = broker_sim_counts(d->brokers[i].sim);
        struct connector_status s;
        connector_status(d->brokers[i].connector, &s);
        for (int f = 0; f < FAULTS_COUNT; f++) faults[f] += d->brokers[i].faults[f] + now.faults[f];
        printf("%s: %llu executions\n", d->brokers[i].name.bytes, (unsigned long long)s.executions);
    }
    printf("orders %u commands %llu deaths %llu\n", d->orders_count,
           (unsigned long long)sequencer_last_seq(d->sequencer), (unsigned long long)d->deaths);
    for (int f = 0; f < FAULTS_COUNT; f++) printf("  %s %llu\n", broker_fault_text(f), (unsigned long long)faults[f]);
    for (int k = 1; k <= COMMAND_KIND_NUMBER_MAX; k++)
        if (r->did[k] > 0) printf("  did %s %llu\n", command_kind_text(k), (unsigned long long)r->did[k]);
    for (int k = 1; k < 10000; k++)
        if (d->rejected[k] > 0) printf("  refused %s %llu\n", reject_name(k), (unsigned long long)d->rejected[k]);
}

static uint64_t run(struct run *r, const char *dir)
{
    desk_open(&r->desk, dir, r->seed, r->faults_percent);
    make_accounts(r);
    make_instruments(r);
    make_rules(r);
    for (int i = 0; i < SYMBOLS * 4; i++) move_quote(r);
    for (uint64_t number = 1; r->placed_wanted < r->orders; number++) step(r, number);
    uint64_t bad = judge(r, "with open orders");
    struct command c = {.kind = COMMAND_MASS_CANCEL};
    (void)act(r, &c);
    bad += judge(r, "after a cancel of all");
    report(r);
    bad += desk_compare_replay(&r->desk);
    desk_close(&r->desk);
    return bad;
}

static uint64_t number_of(const char *text)
{
    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    static struct run r = {.orders = 200000, .faults_percent = 5, .crash_percent = 1, .seed = 20250101};
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t value = number_of(argv[i + 1]);
        if (strcmp(argv[i], "--orders") == 0) r.orders = (uint32_t)value;
        if (strcmp(argv[i], "--faults-percent") == 0) r.faults_percent = (unsigned)value;
        if (strcmp(argv[i], "--crash-percent") == 0) r.crash_percent = (unsigned)value;
        if (strcmp(argv[i], "--seed") == 0) r.seed = value;
    }
    printf("seed %llu orders %u faults %u %% crashes %u %%\n", (unsigned long long)r.seed, r.orders, r.faults_percent,
           r.crash_percent);
    char dir[] = "/tmp/ordertape-desk-XXXXXX";
    if (mkdtemp(dir) == NULL) return 2;
    uint64_t bad = run(&r, dir);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0) return 2;
    printf("%s\n", bad == 0 ? "the books are equal" : "the books differ");
    return bad == 0 ? 0 : 1;
}
