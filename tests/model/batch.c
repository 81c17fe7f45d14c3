/* tests/model/batch.c - BATCH and CANCEL_BATCH.
 * What must stay true: an atomic batch that is refused leaves nothing behind: what its orders would add is put in while they are judged and
 * taken out again. */
#include "tests/model/internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t id_of(const struct model *m, const struct command_batch *b, uint32_t k)
{
    return model_own_id(m, b->indexes != NULL ? b->indexes[k] : k + 1);
}

static void say_batched(struct model *m, const struct command_batch *b)
{
    model_say(m, EVENT_BATCHED)->batched = (struct event_batched){
        .batch_id = model_own_id(m, 0), .account = b->account, .orders = b->orders_count, .atomic = b->atomic};
}

/* Rules 4 to 20 of an order that is well formed. */
static int judge_from_4(struct model *m, struct request *r, uint64_t order_id)
{
    int reason = model_judge_names(m, r);
    if (reason == 0) reason = model_judge_client_id(m, r);
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (reason == 0) reason = model_judge_decision(m, r);
    if (reason == 0) reason = model_judge_from_7(m, r, order_id);
    return reason;
}

static void place_each(struct model *m, const struct command_batch *b)
{
    for (uint32_t k = 0; k < b->orders_count; k++) {
        struct request r = {.asked = &b->orders[k], .batch_flag = PLACE_BATCH};
        int reason = model_judge_shape(m, r.asked);
        if (reason == 0) reason = judge_from_4(m, &r, id_of(m, b, k));
        if (reason == 0)
            model_carry_out(m, &r, 0);
        else
            model_say_rejected_order(m, r.asked, id_of(m, b, k));
        model_aftermath(m);
    }
}

/* ---- atomic ---- */

static int judge_allowed(struct model *m, const struct command_place *p)
{
    int field = 0;
    if (p->type != ORDER_TYPE_LIMIT && p->type != ORDER_TYPE_STOP && p->type != ORDER_TYPE_STOP_LIMIT)
        field = REFUSAL_TYPE;
    else if (p->tif != TIF_DAY && p->tif != TIF_GTC && p->tif != TIF_GTD)
        field = REFUSAL_TIF;
    else if (p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE | PLACE_REDUCE_ONLY))
        field = REFUSAL_FLAGS;
    else if (model_given(p->trail))
        field = REFUSAL_TRAIL;
    return field == 0 ? 0 : model_refuse_plain(m, REJECT_BATCH_NOT_ALLOWED, field);
}

/* What of the state a judged order adds to, as it was before. */
struct before {
    struct position_state *positions;
    struct balance_state *balances;
    struct account_state *accounts;
    uint32_t positions_count, balances_count, client_ids_count, orders_count;
};

static void *copy_of(const void *from, uint32_t count, size_t size_bytes)
{
    void *copy = malloc((size_t)(count + 1) * size_bytes);
    if (copy == NULL) abort();
    memcpy(copy, from, (size_t)count * size_bytes);
    return copy;
}

static struct before remember(const struct model *m)
{
    return (struct before){.positions = copy_of(m->positions, m->positions_count, sizeof *m->positions),
                           .balances = copy_of(m->balances, m->balances_count, sizeof *m->balances),
                           .accounts = copy_of(m->accounts, m->accounts_count, sizeof *m->accounts),
                           .positions_count = m->positions_count,
                           .balances_count = m->balances_count,
                           .client_ids_count = m->client_ids_count,
                           .orders_count = m->orders_count};
}

static void restore(struct model *m, const struct before *b)
{
    m->positions_count = b->positions_count;
    m->balances_count = b->balances_count;
    m->client_ids_count = b->client_ids_count;
    memcpy(m->positions, b->positions, b->positions_count * sizeof *m->positions);
    memcpy(m->balances, b->balances, b->balances_count * sizeof *m->balances);
    memcpy(m->accounts, b->accounts, m->accounts_count * sizeof *m->accounts);
}

static void release(const struct before *b)
{
    free(b->positions);
    free(b->balances);
    free(b->accounts);
}

/* Adds an order that was judged good to everything that the next is judged by. It stands in no queue. */
static void add(struct model *m, struct request *r)
{
    struct order_state *o = &r->plan.order;
    model_open_objects(m, o);
    struct order_state *there = model_new_order(m);
    *there = *o;
    there->extra.phase = ORDER_PHASE_WAITING;
    model_count_in_sums(m, o, 1);
    model_use_client_id(m, o);
    model_count_rate(m, r->account);
    m->batch.levels++;
    m->batch.routes += model_is_at_desk(o);
    r->is_taken_already = true;
}

static int judge_all(struct model *m, const struct command_batch *b, struct request *requests,
                     struct model_batch_bid *bids)
{
    for (uint32_t k = 0; k < b->orders_count; k++) {
        struct request *r = &requests[k];
        *r = (struct request){.asked = &b->orders[k], .batch_flag = PLACE_BATCH};
        m->refused_order_id = id_of(m, b, k);
        m->refused_order = r->asked;
        int reason = model_judge_shape(m, r->asked);
        if (reason == 0) reason = judge_allowed(m, r->asked);
        if (reason == 0) reason = judge_from_4(m, r, m->refused_order_id);
        if (reason != 0) return reason;
        add(m, r);
        const struct order_state *o = &r->plan.order;
        bool bids_limit = model_is_buy(o->side) && o->type != ORDER_TYPE_STOP;
        if (bids_limit)
            bids[m->batch.bids_count++] =
                (struct model_batch_bid){.instrument_id = o->instrument_id, .price = o->price};
    }
    return 0;
}

static void execute_all(struct model *m, const struct command_batch *b, struct request *requests)
{
    say_batched(m, b);
    for (uint32_t k = 0; k < b->orders_count; k++) {
        struct request *r = &requests[k];
        model_count_in_sums(m, &r->plan.order, -1);
        model_carry_out(m, r, 0);
        model_aftermath(m);
    }
}

static int place_all(struct model *m, const struct command_batch *b)
{
    struct request *requests = calloc(b->orders_count, sizeof *requests);
    struct model_batch_bid *bids = calloc(b->orders_count, sizeof *bids);
    if (requests == NULL || bids == NULL) abort();
    struct before before = remember(m);
    m->batch.bids = bids;
    int reason = judge_all(m, b, requests, bids);
    memset(&m->batch, 0, sizeof m->batch);
    m->orders_count = before.orders_count;
    if (reason != 0)
        restore(m, &before);
    else
        execute_all(m, b, requests);
    release(&before);
    free(requests);
    free(bids);
    return reason;
}

int model_apply_batch(struct model *m, const struct command *c)
{
    const struct command_batch *b = &c->batch;
    uint32_t most = b->atomic ? BATCH_ATOMIC_MAX : BATCH_ORDERS_MAX;
    if (b->orders_count == 0 || b->orders_count > most)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_ORDERS);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (b->atomic) return place_all(m, b);
    say_batched(m, b);
    place_each(m, b);
    return 0;
}

/* ---- CANCEL_BATCH ---- */

void model_sweep_batch(struct model *m, struct sweep_state sweep)
{
    m->swept.say = true;
    m->swept.kind = SWEEP_BATCH;
    m->scalars.sweep = sweep;
    for (; sweep.next_order_id < sweep.end_order_id; sweep.next_order_id++) {
        m->scalars.sweep = sweep;
        if (!model_work_left(m)) return;
        m->work_used++;
        const struct order_state *o = model_find_order(m, sweep.next_order_id);
        if (o == NULL || !(o->flags & PLACE_BATCH)) continue;
        m->swept.orders += model_end_or_ask(m, o->id, CANCEL_REASON_BATCH_CANCEL);
    }
    memset(&m->scalars.sweep, 0, sizeof m->scalars.sweep);
}

int model_apply_cancel_batch(struct model *m, const struct command *c)
{
    const struct command_cancel_batch *s = &c->cancel_batch;
    bool has_index = s->batch_id % ((uint64_t)1 << ORDER_INDEX_BITS) != 0;
    if (s->batch_id == 0 || has_index) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_BATCH_ID);
    if (s->orders_count == 0 || s->orders_count > BATCH_ORDERS_MAX)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_ORDERS);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    model_sweep_batch(m, (struct sweep_state){.kind = SWEEP_BATCH,
                                              .next_order_id = s->batch_id + 1,
                                              .end_order_id = s->batch_id + s->orders_count + 1});
    return 0;
}
