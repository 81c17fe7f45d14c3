/* tests/model/run.c - the comparison of one command after another. */
#include "tests/model/run.h"

#include "tests/world/event_compare.h"
#include "tests/world/state_compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_EVERY = 64, CHECK_EVERY = 512, TWIN_EVERY = 400 };

static bool differs(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool differs(struct run *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(r->why, sizeof r->why, format, list);
    va_end(list);
    return false;
}

static struct event *room_for_events(uint32_t count)
{
    struct event *events = calloc(count, sizeof *events);
    if (events == NULL) abort();
    return events;
}

void run_begin(struct run *r, const struct limits *l, uint64_t seed, struct tally *tally)
{
    uint32_t events_max = engine_events_max(l) > model_events_max(l) ? engine_events_max(l) : model_events_max(l);
    *r = (struct run){.limits = *l, .tally = tally, .dice = {.random = seed ^ 0x74776e73u}};
    r->model = model_new(l);
    r->engine = room_engine_new(l);
    r->twin = room_engine_new(l);
    r->model_events = room_for_events(events_max);
    r->engine_events = room_for_events(events_max);
    r->twin_events = room_for_events(events_max);
}

void run_end(struct run *r)
{
    model_free(r->model);
    room_engine_free(r->engine);
    room_engine_free(r->twin);
    free(r->model_events);
    free(r->engine_events);
    free(r->twin_events);
}

/* What a broker did, and where orders at brokers stand. */
static void count_desk_event(struct tally *t, const struct event *e)
{
    if (e->kind == EVENT_ROUTED) {
        t->route_causes[e->routed.cause]++;
        t->manual_reviews += e->routed.manual_review;
    }
    if (e->kind == EVENT_EXECUTED) {
        t->late += e->executed.late;
        t->excess += !e->executed.late && e->executed.excess > 0 && e->executed.kind == FILL_NEW;
        t->simulated += e->executed.simulated;
        t->corrected += e->executed.kind == FILL_CORRECT;
    }
    if (e->kind == EVENT_SETTLED) t->settled_by_time += !e->settled.by_command;
    if (e->kind == EVENT_BATCHED) t->atomic_batches += e->batched.atomic;
}

static void count_report(struct run *r, const struct command *c)
{
    if (c->kind != COMMAND_REPORT) return;
    for (uint32_t i = 0; i < r->engine_count; i++)
        if (r->engine_events[i].kind == EVENT_REJECTED) return;
    r->tally->reports[c->report.report]++;
}

/* States come and go between two commands that are looked at, but over a run each of them is met. */
enum { STATES_EVERY = 8 };
static void count_states(struct run *r)
{
    if (r->steps % STATES_EVERY != 0) return;
    for (uint32_t k = 0; k < r->model->routes_count; k++) r->tally->broker_states[r->model->routes[k].state]++;
}

static void count_events(struct run *r)
{
    r->tally->commands++;
    for (uint32_t i = 0; i < r->engine_count; i++) {
        const struct event *e = &r->engine_events[i];
        r->tally->events[e->kind]++;
        if (e->kind == EVENT_REJECTED) {
            r->tally->rejects[e->rejected.refusal.reason % REJECT_NUMBERS]++;
            r->tally->fields[e->rejected.refusal.field]++;
        }
        if (e->kind == EVENT_CANCELLED) r->tally->cancels[e->cancelled.reason]++;
        if (e->kind == EVENT_GTT_SET) r->tally->gtts[e->gtt_set.status]++;
        if (e->kind == EVENT_SWEPT && e->swept.more) r->tally->sweeps_left[e->swept.sweep]++;
        count_desk_event(r->tally, e);
    }
}

static u128 digest_value(struct digest d)
{
    return (u128)d.hi << 64 | d.lo;
}

bool run_compare_all(struct run *r)
{
    char why[STATE_WHY_BYTES];
    if (!state_same(r->engine, r->model, why)) return differs(r, "the engine's %s", why);
    if (!state_same(r->twin, r->model, why)) return differs(r, "the twin's %s", why);
    u128 model = model_digest(r->model);
    u128 full = digest_value(engine_digest_full(r->engine));
    if (model != full) return differs(r, "the digests of the model and engine_digest_full differ");
    if (digest_value(engine_digest(r->engine)) != full)
        return differs(r, "engine_digest and engine_digest_full differ");
    if (digest_value(engine_digest(r->twin)) != full)
        return differs(r, "the digests of the engine and its twin differ");
    return true;
}

static bool compare_books(struct run *r)
{
    char why[STATE_WHY_BYTES];
    return books_same(r->engine, r->model, why) || differs(r, "the engine's %s", why);
}

static bool compare_levels(struct run *r)
{
    uint32_t levels = engine_counts(r->engine).levels;
    if (levels != model_levels(r->model))
        return differs(r, "%u levels in the engine, %u in the model", levels, model_levels(r->model));
    return true;
}

/* The model's own sums, independent of the engine's exports. */
static bool model_conserves(struct run *r)
{
    const struct model *m = r->model;
    for (uint32_t k = 0; k < m->currencies_count; k++) {
        i128 cash = 0;
        for (uint32_t i = 0; i < m->balances_count; i++)
            if (m->balances[i].currency_id == m->currencies[k].id) cash += m->balances[i].cash;
        if (cash != 0) return differs(r, "cash of %s is not conserved in the model", m->currencies[k].currency.bytes);
    }
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        i128 quantity = 0;
        for (uint32_t i = 0; i < m->positions_count; i++)
            if (m->positions[i].instrument_id == m->instruments[k].id) quantity += m->positions[i].quantity;
        if (quantity != 0) return differs(r, "%s is not conserved in the model", m->instruments[k].spec.symbol.bytes);
    }
    return true;
}

static bool compare_timing(struct run *r, int64_t ts_ns)
{
    if (engine_next_due_ns(r->engine) != model_next_due_ns(r->model))
        return differs(r, "next due: engine %" PRId64 ", model %" PRId64, engine_next_due_ns(r->engine),
                       model_next_due_ns(r->model));
    if (engine_continue_needed(r->engine, ts_ns) != model_continue_needed(r->model, ts_ns))
        return differs(r, "engine_continue_needed says %d", engine_continue_needed(r->engine, ts_ns));
    return true;
}

/* What docs/ENGINE.md says of a key that a command would come with, by the model's table. */
static enum key_answer key_in_model(const struct model *m, const struct command_origin *o, int64_t ts_ns)
{
    const struct limits *l = &m->scalars.limits;
    uint32_t old = 0;
    for (uint32_t k = 0; k < m->keys_count; k++) {
        const struct key_state *key = &m->keys[k];
        if (memcmp(&key->key, &o->key, sizeof o->key) == 0)
            return memcmp(&key->body, &o->body, sizeof o->body) == 0 ? KEY_REPEATED : KEY_CONFLICT;
        old += key->used_ns + (int64_t)l->key_ttl_s * 1000000000 <= ts_ns;
    }
    uint32_t leave = old < l->work_max ? old : l->work_max;
    return m->keys_count - leave >= l->keys_max ? KEY_FULL : KEY_NEW;
}

/* Now and then the engine is asked for a key as the sequencer asks: one of the table with its body or another, or a new one. */
static bool compare_keys(struct run *r, int64_t ts_ns)
{
    const struct model *m = r->model;
    struct command_origin o = {.key = {UINT64_MAX, 1}};
    uint64_t seq = 0, expected_seq = 0;
    if (m->keys_count == 0 || flow_below(&r->dice, 16) != 0) return true;
    if (flow_below(&r->dice, 2) == 0) {
        const struct key_state *key = &m->keys[flow_below(&r->dice, m->keys_count)];
        o.key = key->key;
        o.body = key->body;
        expected_seq = key->seq;
        if (flow_below(&r->dice, 2) == 0) o.body.lo++;
    }
    enum key_answer engine = engine_key_find(r->engine, &o, ts_ns, &seq), model = key_in_model(m, &o, ts_ns);
    r->tally->key_answers[engine]++;
    if (engine != model) return differs(r, "a key: the engine answers %d, the model's table says %d", engine, model);
    if (engine == KEY_REPEATED && seq != expected_seq)
        return differs(r, "a key: the engine says it came with %" PRIu64, seq);
    return true;
}

/* Two changes that add to nothing: an import takes no other. */
struct gift {
    struct balance_state changes[2];
};

static void give(struct balance_state *b, void *context)
{
    const struct gift *gift = context;
    for (int k = 0; k < 2; k++) {
        const struct balance_state *change = &gift->changes[k];
        if (b->account_id == change->account_id && b->currency_id == change->currency_id) b->cash += change->cash;
    }
}

static void replace_engine(struct engine **e, struct engine *with)
{
    room_engine_free(*e);
    *e = with;
}

/* Moves almost CASH_MAX from @external to somebody, in the engine and in the model. No tape is long enough to do it. */
static void give_a_fortune(struct run *r)
{
    struct model *m = r->model;
    const struct balance_state *lucky = NULL;
    for (uint32_t i = 0; i < m->balances_count; i++) {
        bool house = false;
        for (uint32_t k = 0; k < m->accounts_count; k++)
            house |= m->balances[i].account_id == m->accounts[k].id && m->accounts[k].account.bytes[0] == '@';
        if (!house) lucky = &m->balances[i];
    }
    if (lucky == NULL) return;
    i128 cash = CASH_MAX - lucky->cash - 100000;
    struct gift gift = {{{.account_id = lucky->account_id, .currency_id = lucky->currency_id, .cash = cash},
                         {.account_id = m->accounts[1].id, .currency_id = lucky->currency_id, .cash = -cash}}};
    if (model_balance(m, gift.changes[1].account_id, gift.changes[1].currency_id) == NULL) return;
    for (uint32_t i = 0; i < m->balances_count; i++) give(&m->balances[i], &gift);
    replace_engine(&r->engine, room_engine_transfer(r->engine, give, &gift));
    replace_engine(&r->twin, room_engine_copy(r->engine));
}

static void renew_twin(struct run *r)
{
    if (flow_below(&r->dice, TWIN_EVERY) != 0) return;
    if (flow_below(&r->dice, 2) == 0) {
        r->tally->copies++;
        replace_engine(&r->twin, room_engine_copy(r->engine));
    } else {
        r->tally->transfers++;
        replace_engine(&r->twin, room_engine_transfer(r->engine, NULL, NULL));
    }
}

bool run_step(struct run *r, const struct command *c)
{
    char why[DIFFERENCE_BYTES];
    if (r->steps == r->gift_at_step && r->gift_at_step != 0) give_a_fortune(r);
    if (!compare_timing(r, c->ts_ns) || !compare_keys(r, c->ts_ns)) return false;
    r->steps++;
    r->model_count = model_apply(r->model, c, r->model_events);
    r->engine_count = engine_apply(r->engine, c, r->engine_events);
    count_events(r);
    count_report(r, c);
    count_states(r);
    if (!event_lists_same(r->engine_events, r->engine_count, r->model_events, r->model_count, why))
        return differs(r, "engine and model: %s", why);
    uint32_t twin_count = engine_apply(r->twin, c, r->twin_events);
    if (!event_lists_same(r->engine_events, r->engine_count, r->twin_events, twin_count, why))
        return differs(r, "engine and its twin: %s", why);
    if (!model_conserves(r)) return false;
    if (!room_engine_conserves(r->engine, why)) return differs(r, "%s", why);
    if (r->steps % CHECK_EVERY == 0) engine_check(r->engine);
    if (r->steps % CHECK_EVERY == 0 && !(compare_levels(r) && compare_books(r))) return false;
    if (r->steps % DIGEST_EVERY == 0 && !run_compare_all(r)) return false;
    renew_twin(r);
    return true;
}
