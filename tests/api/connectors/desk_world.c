/* tests/api/connectors/desk_world.c - see desk_world.h. */
#include "tests/api/connectors/desk_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/rejects.h"
#include "core/rows.h"

static void *must_have(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

static void must(int failed, const char *what)
{
    if (failed == 0) return;
    (void)fprintf(stderr, "%s: %s\n", what, error_text(failed));
    abort();
}

uint64_t desk_random(struct desk *d, uint64_t bound)
{
    uint64_t z = d->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % bound;
}

bool desk_chance(struct desk *d, unsigned percent)
{
    return desk_random(d, 100) < percent;
}

/* ---- Our orders, from events. ---- */

static struct desk_order *slot_of(struct desk_order *orders, uint32_t room, uint64_t order_id)
{
    uint32_t at = (uint32_t)((order_id * 0x9e3779b97f4a7c15u) >> 33) & (room - 1);
    while (orders[at].order_id != 0 && orders[at].order_id != order_id) at = (at + 1) & (room - 1);
    return &orders[at];
}

struct desk_order *desk_order(struct desk *d, uint64_t order_id)
{
    if (d->orders_room == 0) return NULL;
    struct desk_order *o = slot_of(d->orders, d->orders_room, order_id);
    return o->order_id == 0 ? NULL : o;
}

static struct desk_order *order_add(struct desk *d, uint64_t order_id)
{
    if (d->orders_count * 2 >= d->orders_room) {
        uint32_t room = d->orders_room == 0 ? 4096 : d->orders_room * 2;
        struct desk_order *grown = must_have(calloc(room, sizeof *grown));
        for (uint32_t i = 0; i < d->orders_room; i++)
            if (d->orders[i].order_id != 0) *slot_of(grown, room, d->orders[i].order_id) = d->orders[i];
        free(d->orders);
        d->orders = grown;
        d->orders_room = room;
    }
    if (d->ids_count == d->ids_room) {
        d->ids_room = d->ids_room == 0 ? 4096 : d->ids_room * 2;
        d->ids = must_have(realloc(d->ids, d->ids_room * sizeof *d->ids));
    }
    struct desk_order *o = slot_of(d->orders, d->orders_room, order_id);
    *o = (struct desk_order){.order_id = order_id, .open = true};
    d->ids[d->ids_count++] = order_id;
    d->orders_count++;
    return o;
}

static void fold_asked(struct desk_order *o, const struct event *e)
{
    o->asked_seq = e->seq;
    o->asked_index = e->index;
    o->asked_kind = e->kind;
    o->asked_state = 0;
    o->asked_price = o->asked_quantity = o->asked_stop_price = 0;
    if (e->kind != EVENT_BROKER_STATE) return;
    o->asked_state = e->broker_state.state;
    o->asked_price = e->broker_state.price;
    o->asked_quantity = e->broker_state.quantity;
    o->asked_stop_price = e->broker_state.stop_price;
}

static void fold_filled(struct desk *d, uint64_t order_id, int64_t quantity, int64_t leaves)
{
    struct desk_order *o = order_id == 0 ? NULL : desk_order(d, order_id);
    if (o == NULL) return;
    o->filled += quantity;
    if (leaves == 0) o->open = false;
}

static void fold_state(struct desk *d, const struct event *e)
{
    struct desk_order *o = desk_order(d, e->broker_state.order_id);
    if (o == NULL) return;
    uint8_t state = e->broker_state.state;
    if (state == BROKER_PENDING_CANCEL || state == BROKER_PENDING_MODIFY) fold_asked(o, e);
    if (state == BROKER_FILLED) o->open = false;
}

static void fold_event(struct desk *d, const struct event *e)
{
    struct desk_order *o;
    switch (e->kind) {
    case EVENT_PLACED: (void)order_add(d, e->placed.order_id); break;
    case EVENT_ROUTED:
        if ((o = desk_order(d, e->routed.order_id)) == NULL) break;
        o->venue = e->routed.chosen;
        fold_asked(o, e);
        break;
    case EVENT_BROKER_STATE: fold_state(d, e); break;
    case EVENT_VENUE_SET:
        for (int i = 0; i < BROKERS; i++)
            if (name_equal(&d->brokers[i].name, &e->venue_set.venue)) d->brokers[i].venue_cause = e->venue_set.cause;
        break;
    case EVENT_FILLED:
        fold_filled(d, e->filled.buy_order_id, e->filled.quantity, e->filled.buy_leaves);
        fold_filled(d, e->filled.sell_order_id, e->filled.quantity, e->filled.sell_leaves);
        break;
    case EVENT_BUSTED:
        if ((o = desk_order(d, e->busted.order_id)) != NULL) o->filled -= e->busted.quantity;
        break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED:
        if ((o = desk_order(d, e->cancelled.order_id)) != NULL) o->open = false;
        break;
    default: break;
    }
}

/* ---- Events on their way to connectors. ---- */

static void feed_trim(struct desk *d)
{
    uint64_t dead = 0;
    while (dead < d->feed_count) {
        const struct event *e = &d->feed[dead];
        bool wanted = false;
        for (int i = 0; i < BROKERS; i++)
            wanted = wanted || !d->brokers[i].has_cursor || e->seq > d->brokers[i].cursor.seq ||
                     (e->seq == d->brokers[i].cursor.seq && e->index > d->brokers[i].cursor.index);
        if (wanted) break;
        dead++;
    }
    if (dead == 0) return;
    memmove(d->feed, d->feed + dead, (d->feed_count - dead) * sizeof *d->feed);
    d->feed_count -= dead;
    d->feed_first += dead;
}

static bool is_of_interest(const struct event *e)
{
    switch (e->kind) {
    case EVENT_ROUTED:
    case EVENT_BROKER_STATE:
    case EVENT_VENUE_SET:
    case EVENT_FILLED:
    case EVENT_QUOTED:
    case EVENT_EXECUTED:
    case EVENT_ACKED:
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: return true;
    default: return false;
    }
}

static void feed_add(struct desk *d, const struct event *e)
{
    if (!is_of_interest(e)) return;
    if (d->feed_count == d->feed_room) feed_trim(d);
    if (d->feed_count * 2 >= d->feed_room) {
        d->feed_room = d->feed_room == 0 ? 4096 : d->feed_room * 2;
        d->feed = must_have(realloc(d->feed, d->feed_room * sizeof *d->feed));
    }
    d->feed[d->feed_count++] = *e;
}

/* ---- Commands. ---- */

static uint16_t reason_of(const struct command *c, const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (events[i].kind == EVENT_REJECTED && events[i].rejected.command_kind == c->kind && c->kind != COMMAND_BATCH)
            return events[i].rejected.refusal.reason;
    return 0;
}

struct placed {
    uint32_t first, count;
};

static void commit(struct desk *d, struct command *commands, const struct placed *placed, uint32_t count,
                   uint16_t *reasons)
{
    must(sequencer_commit(d->sequencer), "commit");
    uint32_t events_count = 0;
    const struct event *events = sequencer_events(d->sequencer, &events_count);
    for (uint32_t i = 0; i < events_count; i++) {
        fold_event(d, &events[i]);
        feed_add(d, &events[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        reasons[i] = reason_of(&commands[i], events + placed[i].first, placed[i].count);
        if (reasons[i] < 10000) d->rejected[reasons[i]]++;
    }
    d->commands += count;
}

static void submit_all(struct desk *d, struct command *commands, uint32_t count, uint16_t *reasons)
{
    static struct placed placed[1024];
    uint32_t begun = 0;
    for (uint32_t i = 0; i < count; i++) {
        int failed = sequencer_add(d->sequencer, &commands[i], &placed[i].first, &placed[i].count);
        if (failed == ERR_FULL) {
            commit(d, commands + begun, placed + begun, i - begun, reasons + begun);
            begun = i;
            failed = sequencer_add(d->sequencer, &commands[i], &placed[i].first, &placed[i].count);
        }
        must(failed, "add");
    }
    commit(d, commands + begun, placed + begun, count - begun, reasons + begun);
}

uint16_t desk_do(struct desk *d, struct command *c)
{
    uint16_t reason = 0;
    submit_all(d, c, 1, &reason);
    return reason;
}

/* ---- Doors, each of which may be where the process dies: before the call has its effect, or after. ---- */

static bool dies(struct desk_broker *b)
{
    if (b->death_in == 0 || --b->death_in > 0) return false;
    b->dying = true;
    return true;
}

static int door_feed_seek(void *feed, uint64_t seq, uint32_t index)
{
    struct desk_broker *b = feed;
    const struct desk *d = b->desk;
    b->feed_at = d->feed_first;
    while (b->feed_at - d->feed_first < d->feed_count) {
        const struct event *e = &d->feed[b->feed_at - d->feed_first];
        if (e->seq > seq || (e->seq == seq && e->index > index)) break;
        b->feed_at++;
    }
    return 0;
}

static int door_feed_next(void *feed, const struct event **out)
{
    struct desk_broker *b = feed;
    const struct desk *d = b->desk;
    static struct event copy; /* a submit in between moves the others */
    if (dies(b)) return ERR_IO;
    if (b->feed_at < d->feed_first) b->feed_at = d->feed_first;
    if (b->feed_at - d->feed_first >= d->feed_count) return 0;
    copy = d->feed[b->feed_at++ - d->feed_first];
    *out = &copy;
    return 1;
}

static int door_feed_last(void *feed, uint64_t *seq)
{
    const struct desk_broker *b = feed;
    *seq = b->desk->sequencer == NULL ? 0 : sequencer_last_seq(b->desk->sequencer);
    return 0;
}

static int door_order_find(void *ours, uint64_t order_id, struct order_row *out)
{
    struct desk_broker *b = ours;
    struct desk *d = b->desk;
    struct order_state o;
    struct instrument_state i;
    struct account_state a;
    struct route_state r;
    if (!engine_get_order(d->state.engine, order_id, &o)) return ERR_NOT_FOUND;
    bool routed = engine_get_route(d->state.engine, order_id, &r);
    struct desk_order *ours_order = desk_order(d, order_id);
    if (!engine_get_instrument_by_id(d->state.engine, o.instrument_id, &i) ||
        !engine_get_account_by_id(d->state.engine, o.account_id, &a) || ours_order == NULL)
        return ERR_CORRUPT;
    struct name none = {{0}};
    order_row_from_state(out, &o, &i, &a, routed ? &r : NULL, routed && r.venue != 0 ? &ours_order->venue : &none);
    return 0;
}

static int door_orders_open(void *ours, const struct name *venue, int (*each)(void *arg, const struct order_row *row),
                            void *arg)
{
    struct desk_broker *b = ours;
    struct desk *d = b->desk;
    for (uint32_t i = 0; i < d->ids_count; i++) {
        struct desk_order *o = desk_order(d, d->ids[i]);
        struct order_row row;
        if (!o->open || !name_equal(&o->venue, venue) || door_order_find(ours, o->order_id, &row) != 0) continue;
        int stop = each(arg, &row);
        if (stop != 0) return stop;
    }
    return 0;
}

static int door_last_request(void *ours, uint64_t order_id, struct event *out)
{
    struct desk_broker *b = ours;
    const struct desk_order *o = desk_order(b->desk, order_id);
    if (o == NULL || o->asked_seq == 0) return ERR_NOT_FOUND;
    *out = (struct event){.seq = o->asked_seq, .index = o->asked_index, .kind = o->asked_kind};
    if (o->asked_kind == EVENT_BROKER_STATE) {
        out->broker_state.state = o->asked_state;
        out->broker_state.price = o->asked_price;
        out->broker_state.quantity = o->asked_quantity;
        out->broker_state.stop_price = o->asked_stop_price;
    }
    return 0;
}

static int door_venue_find(void *ours, const struct name *venue, struct event_venue_set *out)
{
    struct desk_broker *b = ours;
    struct venue_state_row v;
    if (!engine_get_venue(b->desk->state.engine, venue, &v)) return ERR_NOT_FOUND;
    *out = (struct event_venue_set){.venue = v.venue, .state = v.state, .cause = b->venue_cause};
    return 0;
}

static int door_quote_find(void *ours, const struct name *symbol, struct event_quoted *out)
{
    struct desk_broker *b = ours;
    struct instrument_state i;
    if (!engine_get_instrument(b->desk->state.engine, symbol, &i)) return ERR_NOT_FOUND;
    *out = (struct event_quoted){.symbol = *symbol,
                                 .bid = i.bid,
                                 .bid_quantity = i.bid_quantity,
                                 .ask = i.ask,
                                 .ask_quantity = i.ask_quantity,
                                 .price_scale = i.spec.price_scale,
                                 .quantity_scale = i.spec.quantity_scale};
    return 0;
}

static int door_submit(void *engine, struct command *commands, uint32_t count, uint16_t *reasons)
{
    struct desk_broker *b = engine;
    bool dead = dies(b), before = dead && desk_chance(b->desk, 50);
    if (!before) submit_all(b->desk, commands, count, reasons);
    return dead ? ERR_IO : 0;
}

static int door_cursor_load(void *store, struct connector_cursor *out)
{
    struct desk_broker *b = store;
    *out = b->cursor;
    return b->has_cursor ? 0 : ERR_NOT_FOUND;
}

static int door_cursor_save(void *store, const struct connector_cursor *cursor)
{
    struct desk_broker *b = store;
    bool dead = dies(b), before = dead && desk_chance(b->desk, 50);
    if (!before) {
        b->cursor = *cursor;
        b->has_cursor = true;
    }
    return dead ? ERR_IO : 0;
}

/* ---- Life and death. ---- */

static void connector_begin(struct desk_broker *b)
{
    struct connector_options o;
    connector_options_default(&o);
    o.venue = b->name;
    o.broker = broker_sim_door(b->sim);
    o.answer_wait_ns = SECOND_NS;
    o.retry_ns = 500 * MS_NS;
    o.settle_ns = 4 * SECOND_NS;
    o.audit_ns = 10 * SECOND_NS;
    o.cool_down_ns = 3 * SECOND_NS;
    o.doors = (struct connector_doors){.feed = b,
                                       .feed_seek = door_feed_seek,
                                       .feed_next = door_feed_next,
                                       .feed_last = door_feed_last,
                                       .feed_begin = door_feed_last,
                                       .ours = b,
                                       .order_find = door_order_find,
                                       .orders_open = door_orders_open,
                                       .last_request = door_last_request,
                                       .venue_find = door_venue_find,
                                       .quote_find = door_quote_find,
                                       .engine = b,
                                       .submit = door_submit,
                                       .store = b,
                                       .cursor_load = door_cursor_load,
                                       .cursor_save = door_cursor_save};
    must(connector_open(&o, &b->connector, b->desk->now_ns), "connector");
}

static void broker_begin(struct desk_broker *b)
{
    uint64_t torn = 0;
    must(broker_sim_open(&b->options, &b->sim, &torn), "broker");
}

static void broker_end(struct desk_broker *b)
{
    struct broker_sim_counts counts = broker_sim_counts(b->sim);
    for (int i = 0; i < FAULTS_COUNT; i++) b->faults[i] += counts.faults[i];
    b->sent_twice += counts.sent_twice;
    broker_sim_close(b->sim);
}

static void connector_end(struct desk_broker *b)
{
    struct connector_status status;
    connector_status(b->connector, &status);
    b->refused += status.refused;
    connector_close(b->connector);
}

static void die(struct desk_broker *b)
{
    struct desk *d = b->desk;
    d->deaths++;
    b->dying = false;
    b->death_in = 0;
    connector_end(b);
    if (desk_chance(d, 5)) { /* the books are read back from the log: long, so not always */
        broker_end(b);
        broker_begin(b);
    }
    connector_begin(b);
}

void desk_step(struct desk *d, int64_t step_ns, unsigned crash_percent)
{
    for (int i = 0; i < BROKERS; i++) {
        struct desk_broker *b = &d->brokers[i];
        if (crash_percent > 0 && desk_random(d, 100) < crash_percent) b->death_in = 1 + desk_random(d, 200);
        int more = 1;
        for (int turns = 0; more > 0 && turns < 64; turns++) more = connector_turn(b->connector, d->now_ns);
        if (more < 0 && !b->dying) must(more, "turn");
        if (more < 0) die(b);
    }
    d->now_ns += step_ns;
    int ticked = sequencer_tick(d->sequencer);
    if (ticked < 0) must(ticked, "tick");
    if (ticked > 0) commit(d, NULL, NULL, 0, NULL);
}

static int64_t clock_of(void *ctx)
{
    return ((const struct desk *)ctx)->now_ns;
}

static void tape_open(struct desk *d, const char *dir)
{
    struct tape_report report = {0};
    struct limits limits = limits_default();
    d->tape = (struct tape_options){.storage = storage_posix(), .kind = TAPE_COMMANDS, .rules_version = RULES_VERSION};
    (void)snprintf(d->tape.dir, sizeof d->tape.dir, "%s/commands", dir);
    must(storage_posix()->make_dir(storage_posix()->ctx, d->tape.dir), "tape directory");
    struct sequencer_options o = {.tape = d->tape,
                                  .sync = SYNC_NONE,
                                  .accept_time_jump = true,
                                  .clock_real_ns = clock_of,
                                  .clock_monotonic_ns = clock_of,
                                  .clock_ctx = d};
    fold_init(&d->state);
    must(sequencer_open(&o, &d->state, &limits, &d->sequencer, &report), "sequencer");
}

static void set_venue(struct desk *d, const struct name *venue, bool simulated)
{
    struct command c = {
        .kind = COMMAND_SET_VENUE,
        .set_venue = {
            .venue = *venue, .state = VENUE_STATE_UP, .simulated = simulated ? 2 : 1, .cause = VENUE_CAUSE_OPERATOR}};
    must(desk_do(d, &c), "set venue");
}

void desk_open(struct desk *d, const char *dir, uint64_t seed, unsigned faults_percent)
{
    static const char *const names[BROKERS] = {"ZERODHA_SIM", "ALPACA_SIM"};
    *d = (struct desk){.random = seed, .now_ns = 1735693200 * SECOND_NS}; /* 2025-01-01T01:00:00Z */
    tape_open(d, dir);
    for (int i = 0; i < BROKERS; i++) {
        struct desk_broker *b = &d->brokers[i];
        *b = (struct desk_broker){.desk = d, .name = name_of(names[i])};
        set_venue(d, &b->name, true);
        broker_sim_options_default(&b->options);
        b->options.seed = seed + (uint64_t)i;
        b->options.style = i == 0 ? BROKER_STYLE_NUMBERS : BROKER_STYLE_UUIDS;
        b->options.late_ns_max = 3 * SECOND_NS;
        memset(b->options.faults_percent, (int)faults_percent, sizeof b->options.faults_percent);
        (void)snprintf(b->options.path, sizeof b->options.path, "%s/%s.log", dir, names[i]);
        broker_begin(b);
        connector_begin(b);
    }
}

void desk_close(struct desk *d)
{
    for (int i = 0; i < BROKERS; i++) {
        connector_end(&d->brokers[i]);
        broker_end(&d->brokers[i]);
    }
    if (d->sequencer != NULL) sequencer_abandon(d->sequencer);
    fold_free(&d->state);
    free(d->feed);
    free(d->orders);
    free(d->ids);
}

static bool at_rest(struct desk *d)
{
    for (int i = 0; i < BROKERS; i++) {
        struct connector_status s;
        connector_status(d->brokers[i].connector, &s);
        if (!s.connected || s.breaker != BREAKER_CLOSED || s.in_doubt > 0) return false;
    }
    return true;
}

bool desk_settle(struct desk *d, int64_t within_ns)
{
    static const uint8_t none[FAULTS_COUNT];
    int64_t until_ns = d->now_ns + within_ns, rested_ns = 0;
    for (int i = 0; i < BROKERS; i++) {
        memset(d->brokers[i].options.faults_percent, 0, FAULTS_COUNT);
        broker_sim_set_faults(d->brokers[i].sim, none);
        set_venue(d, &d->brokers[i].name, true);
    }
    /* Three audits of everything without a doubt: what was lost unheard is found by asking. */
    while (rested_ns < 45 * SECOND_NS) {
        if (d->now_ns > until_ns) return false;
        desk_step(d, 100 * MS_NS, 0);
        rested_ns = at_rest(d) ? rested_ns + 100 * MS_NS : 0;
    }
    return true;
}
