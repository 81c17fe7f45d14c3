/* tests/api/connectors/contract_world.c - see contract_world.h. */
#include "tests/api/connectors/contract_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define MS_NS ((int64_t)1000000)

static void line(struct contract_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(struct contract_world *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    assert_true(w->lines_count < WORLD_LINES);
    (void)vsnprintf(w->lines[w->lines_count++], sizeof w->lines[0], format, args);
    va_end(args);
}

void then_lines(struct contract_world *w, const char *const *lines)
{
    uint32_t i = 0;
    for (; lines[i] != NULL && i < w->lines_count; i++) assert_string_equal(w->lines[i], lines[i]);
    if (lines[i] != NULL) fail_msg("expected, and did not happen: %s", lines[i]);
    if (i < w->lines_count) fail_msg("happened, and was not expected: %s", w->lines[i]);
    w->lines_count = 0;
}

/* ---- The broker. ---- */

static unsigned long long number(uint64_t n)
{
    return (unsigned long long)n;
}

static int broker_connect(void *ctx, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    return w->refuses_connections ? ERR_IO : 0;
}

static int asked(struct contract_world *w, uint64_t request, uint64_t *last)
{
    if (w->line_is_cut) return ERR_IO;
    *last = request;
    return 0;
}

static int broker_send(void *ctx, uint64_t request, const struct broker_order *o, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    line(w, "send %llu %s %s %lld @ %lld", number(o->order_id), side_text(o->side), o->symbol.bytes,
         (long long)o->quantity.mantissa, (long long)o->price.mantissa);
    return asked(w, request, &w->request_last);
}

static int broker_cancel(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    line(w, "cancel %llu", number(order_id));
    return asked(w, request, &w->request_last);
}

static int broker_replace(void *ctx, uint64_t request, const struct broker_replace *r, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    line(w, "replace %llu %lld @ %lld", number(r->order_id), (long long)r->quantity.mantissa,
         (long long)r->price.mantissa);
    return asked(w, request, &w->request_last);
}

static int broker_query(void *ctx, uint64_t request, uint64_t order_id, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    line(w, "query %llu", number(order_id));
    return asked(w, request, &w->query_last);
}

static int broker_list(void *ctx, uint64_t request, uint64_t after_number, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)after_number;
    (void)now_ns;
    return asked(w, request, &w->list_last);
}

static int broker_poll(void *ctx, struct broker_answer *out, int64_t now_ns)
{
    struct contract_world *w = ctx;
    (void)now_ns;
    if (w->answers_at == w->answers_count) return 0;
    *out = w->answers[w->answers_at++];
    return 1;
}

static int64_t broker_next_ns(void *ctx)
{
    (void)ctx;
    return INT64_MAX;
}

static struct broker_answer *answer(struct contract_world *w)
{
    assert_true(w->answers_count < WORLD_ANSWERS);
    struct broker_answer *a = &w->answers[w->answers_count++];
    *a = (struct broker_answer){0};
    return a;
}

void broker_says(struct contract_world *w, uint64_t order_id, enum answer_kind kind, enum broker_order_state state)
{
    broker_says_unasked(w, order_id, kind, state);
    w->answers[w->answers_count - 1].request = w->request_last;
}

void broker_says_unasked(struct contract_world *w, uint64_t order_id, enum answer_kind kind,
                         enum broker_order_state state)
{
    struct broker_answer *a = answer(w);
    a->kind = (uint8_t)kind;
    a->state = (uint8_t)state;
    a->order_id = order_id;
}

void broker_acks(struct contract_world *w, uint64_t order_id, const char *ext_order_id)
{
    broker_says(w, order_id, ANSWER_ACK, BROKER_ORDER_OPEN);
    (void)snprintf(w->answers[w->answers_count - 1].ext_order_id, EXT_ID_BYTES_MAX + 1, "%s", ext_order_id);
}

static struct broker_execution *execution(struct contract_world *w, uint64_t n, uint64_t order_id)
{
    struct broker_answer *a = answer(w);
    a->kind = ANSWER_EXECUTION;
    a->order_id = order_id;
    a->execution = (struct broker_execution){.number = n, .order_id = order_id};
    return &a->execution;
}

void broker_fills(struct contract_world *w, uint64_t n, uint64_t order_id, int64_t quantity, int64_t price)
{
    struct broker_execution *x = execution(w, n, order_id);
    x->kind = FILL_NEW;
    x->price = (struct decimal){price, 0};
    x->quantity = (struct decimal){quantity, 0};
    (void)snprintf(x->exec_id, sizeof x->exec_id, "E%llu", number(n));
}

void broker_busts(struct contract_world *w, uint64_t n, uint64_t order_id, uint64_t ref)
{
    struct broker_execution *x = execution(w, n, order_id);
    x->kind = FILL_BUST;
    x->price.scale = x->quantity.scale = DECIMAL_ABSENT;
    (void)snprintf(x->ref_exec_id, sizeof x->ref_exec_id, "E%llu", number(ref));
}

void broker_has(struct contract_world *w, uint64_t order_id, enum broker_order_state state, int64_t price,
                int64_t quantity, uint64_t last_number)
{
    struct broker_answer *a = answer(w);
    a->kind = ANSWER_ORDER;
    a->state = (uint8_t)state;
    a->request = w->query_last;
    a->order_id = order_id;
    a->last_number = last_number;
    a->price = (struct decimal){price, 0};
    a->quantity = (struct decimal){quantity, 0};
    a->stop_price.scale = DECIMAL_ABSENT;
    (void)snprintf(a->ext_order_id, sizeof a->ext_order_id, "X%llu", number(order_id));
}

void broker_never_had(struct contract_world *w, uint64_t order_id)
{
    broker_says_unasked(w, order_id, ANSWER_NOT_FOUND, BROKER_ORDER_NONE);
    w->answers[w->answers_count - 1].request = w->query_last;
}

void broker_lists_to(struct contract_world *w, uint64_t last_number)
{
    struct broker_answer *a = answer(w);
    a->kind = ANSWER_LIST_END;
    a->request = w->list_last;
    a->last_number = last_number;
}

/* ---- Our side. ---- */

static int feed_seek(void *feed, uint64_t seq, uint32_t index)
{
    struct contract_world *w = feed;
    for (w->events_at = 0; w->events_at < w->events_count; w->events_at++) {
        const struct event *e = &w->events[w->events_at];
        if (e->seq > seq || (e->seq == seq && e->index > index)) break;
    }
    return 0;
}

static int feed_next(void *feed, const struct event **out)
{
    struct contract_world *w = feed;
    if (w->events_at == w->events_count) return 0;
    *out = &w->events[w->events_at++];
    return 1;
}

static int feed_last(void *feed, uint64_t *seq)
{
    *seq = ((struct contract_world *)feed)->seq;
    return 0;
}

static int order_find(void *ours, uint64_t order_id, struct order_row *out)
{
    struct contract_world *w = ours;
    *out = w->rows[order_id];
    return out->order_id == 0 ? ERR_NOT_FOUND : 0;
}

static int orders_open(void *ours, const struct name *venue, int (*each)(void *arg, const struct order_row *row),
                       void *arg)
{
    struct contract_world *w = ours;
    int stop = 0;
    for (uint64_t i = 1; i < WORLD_ORDERS && stop == 0; i++) {
        const struct order_row *row = &w->rows[i];
        if (row->order_id != 0 && order_row_is_open(row) && name_equal(&row->venue_name, venue)) stop = each(arg, row);
    }
    return stop;
}

static int last_request(void *ours, uint64_t order_id, struct event *out)
{
    *out = ((struct contract_world *)ours)->asked[order_id];
    return out->seq == 0 ? ERR_NOT_FOUND : 0;
}

static int venue_find(void *ours, const struct name *venue, struct event_venue_set *out)
{
    struct contract_world *w = ours;
    (void)venue;
    *out = w->venue;
    return w->has_venue ? 0 : ERR_NOT_FOUND;
}

static int quote_find(void *ours, const struct name *symbol, struct event_quoted *out)
{
    (void)ours;
    (void)symbol;
    (void)out;
    return ERR_NOT_FOUND;
}

static void line_of_command(struct contract_world *w, const struct command *c)
{
    const struct fill_row *f = c->fill.fills;
    switch (c->kind) {
    case COMMAND_REPORT:
        line(w, "say %s %llu%s%.*s", report_text(c->report.report), number(c->report.order_id),
             c->report.ext_order_id.len_bytes > 0 ? " " : "", (int)c->report.ext_order_id.len_bytes,
             c->report.ext_order_id.bytes);
        break;
    case COMMAND_FILL:
        if (f->kind == FILL_BUST)
            line(w, "bust %llu %.*s", number(f->order_id), (int)f->ref_exec_id.len_bytes, f->ref_exec_id.bytes);
        else
            line(w, "fill %llu %.*s %lld @ %lld", number(f->order_id), (int)f->exec_id.len_bytes, f->exec_id.bytes,
                 (long long)f->quantity.mantissa, (long long)f->price.mantissa);
        break;
    default: line(w, "venue %s %s", venue_state_text(c->set_venue.state), venue_cause_text(c->set_venue.cause)); break;
    }
    assert_string_equal(c->origin.actor.bytes, "SIM");
}

static int submit(void *engine, struct command *commands, uint32_t count, uint16_t *reasons)
{
    struct contract_world *w = engine;
    if (w->submit_fails != 0) return w->submit_fails;
    for (uint32_t i = 0; i < count; i++) {
        line_of_command(w, &commands[i]);
        reasons[i] = w->refuse_next;
        w->refuse_next = 0;
    }
    return 0;
}

static int cursor_load(void *store, struct connector_cursor *out)
{
    struct contract_world *w = store;
    *out = w->cursor;
    return w->cursor_state;
}

static int cursor_save(void *store, const struct connector_cursor *cursor)
{
    struct contract_world *w = store;
    if (w->save_fails != 0) return w->save_fails;
    w->cursor = *cursor;
    w->cursor_state = 0;
    return 0;
}

static struct event *event(struct contract_world *w, enum event_kind kind)
{
    assert_true(w->events_count < WORLD_EVENTS);
    struct event *e = &w->events[w->events_count++];
    *e = (struct event){.seq = ++w->seq, .kind = (uint8_t)kind};
    return e;
}

void venue_is_set(struct contract_world *w, enum venue_state state, enum venue_cause cause)
{
    struct event *e = event(w, EVENT_VENUE_SET);
    w->venue = (struct event_venue_set){.venue = name_of("SIM"), .state = (uint8_t)state, .cause = (uint8_t)cause};
    w->has_venue = true;
    e->venue_set = w->venue;
}

void order_is_routed_to(struct contract_world *w, uint64_t order_id, const char *venue)
{
    struct event *e = event(w, EVENT_ROUTED);
    e->routed.order_id = order_id;
    e->routed.chosen = name_of(venue);
    w->rows[order_id] = (struct order_row){.order_id = order_id,
                                           .price = 100,
                                           .quantity = 10,
                                           .leaves = 10,
                                           .stop_price_scale = DECIMAL_ABSENT,
                                           .side = SIDE_BUY,
                                           .type = ORDER_TYPE_LIMIT,
                                           .tif = TIF_DAY,
                                           .status = ORDER_STATUS_ROUTED,
                                           .broker_state = BROKER_ROUTED,
                                           .symbol = name_of("AAPL"),
                                           .venue_name = name_of(venue)};
    w->asked[order_id] = *e;
}

void order_is_routed(struct contract_world *w, uint64_t order_id)
{
    order_is_routed_to(w, order_id, "SIM");
}

static struct event *state_event(struct contract_world *w, uint64_t order_id, enum broker_state state)
{
    struct event *e = event(w, EVENT_BROKER_STATE);
    e->broker_state = (struct event_broker_state){
        .order_id = order_id, .venue = w->rows[order_id].venue_name, .state = (uint8_t)state};
    w->rows[order_id].broker_state = (uint8_t)state;
    return e;
}

void cancel_is_asked(struct contract_world *w, uint64_t order_id)
{
    w->asked[order_id] = *state_event(w, order_id, BROKER_PENDING_CANCEL);
}

void modify_is_asked(struct contract_world *w, uint64_t order_id, int64_t price, int64_t quantity)
{
    struct event *e = state_event(w, order_id, BROKER_PENDING_MODIFY);
    e->broker_state.price = price;
    e->broker_state.quantity = quantity;
    w->asked[order_id] = *e;
}

void books_say(struct contract_world *w, uint64_t order_id, enum broker_state state)
{
    (void)state_event(w, order_id, state);
}

void order_is_done(struct contract_world *w, uint64_t order_id)
{
    event(w, EVENT_CANCELLED)->cancelled.order_id = order_id;
    w->rows[order_id].status = ORDER_STATUS_CANCELLED;
}

/* ---- Time. ---- */

void turn(struct contract_world *w)
{
    int more = 1;
    for (int i = 0; i < 100 && more > 0; i++) more = connector_turn(w->connector, w->now_ns);
    assert_int_equal(more, 0);
    w->answers_at = w->answers_count = 0;
}

void pass_ms(struct contract_world *w, int64_t ms)
{
    for (; ms > 0; ms -= 100) {
        w->now_ns += 100 * MS_NS;
        if (w->list_last != 0) broker_lists_to(w, 0);
        w->list_last = 0;
        turn(w);
        w->answers_at = w->answers_count = 0;
    }
}

void world_start(struct contract_world *w)
{
    w->answers_at = w->answers_count = 0;
    w->list_last = 0;
    assert_int_equal(connector_open(&w->options, &w->connector, w->now_ns), 0);
}

void world_crash(struct contract_world *w)
{
    connector_close(w->connector);
    w->connector = NULL;
}

struct contract_world *world_new(void)
{
    struct contract_world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->cursor_state = ERR_NOT_FOUND;
    w->now_ns = 1000000 * MS_NS;
    connector_options_default(&w->options);
    w->options.venue = name_of("SIM");
    w->options.orders_max = WORLD_ORDERS;
    w->options.broker = (struct broker){.ctx = w,
                                        .connect = broker_connect,
                                        .send = broker_send,
                                        .cancel = broker_cancel,
                                        .replace = broker_replace,
                                        .query = broker_query,
                                        .list = broker_list,
                                        .poll = broker_poll,
                                        .next_ns = broker_next_ns};
    w->options.doors = (struct connector_doors){.feed = w,
                                                .feed_seek = feed_seek,
                                                .feed_next = feed_next,
                                                .feed_last = feed_last,
                                                .feed_begin = feed_last,
                                                .ours = w,
                                                .order_find = order_find,
                                                .orders_open = orders_open,
                                                .last_request = last_request,
                                                .venue_find = venue_find,
                                                .quote_find = quote_find,
                                                .engine = w,
                                                .submit = submit,
                                                .store = w,
                                                .cursor_load = cursor_load,
                                                .cursor_save = cursor_save};
    venue_is_set(w, VENUE_STATE_UP, VENUE_CAUSE_OPERATOR);
    return w;
}

void world_free(struct contract_world *w)
{
    if (w->connector != NULL) connector_close(w->connector);
    free(w);
}
