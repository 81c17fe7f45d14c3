/* core/batch.c - many orders in one command, each as it would be alone, or all or none of them; and the end of all of a batch.
 * What must stay true: an atomic batch is judged whole before anything is carried out. While it is, what the orders judged so far would
 * hold is in the sums, so that the next is judged beside them; when one is refused every sum is what it was. */
#include "core/desk_parts.h"

/* What judging an order of an atomic batch took along: its ticket, and what was made for it. */
struct batch_slot {
    struct ticket ticket;
    int64_t rate_tat_ns; /* of its account, before */
    uint32_t client_id;
    bool position, balance, fees, fees_made, house_position, house_balance;
};
_Static_assert(sizeof(struct batch_slot) <= BATCH_SLOT_BYTES, "the arena has room for a batch");

static struct batch_slot *slot_at(const struct engine *e, uint32_t n)
{
    return (struct batch_slot *)arena_at(e, e->batch_offset + (uint64_t)n * BATCH_SLOT_BYTES);
}

static uint64_t order_id_of(const struct engine *e, const struct command_batch *s, uint32_t n)
{
    return e->seq << ORDER_INDEX_BITS | (s->indexes != NULL ? s->indexes[n] : n + 1);
}

static void batched_event(struct turn *t, const struct command_batch *s)
{
    turn_event(t, EVENT_BATCHED)->batched = (struct event_batched){.batch_id = t->engine->seq << ORDER_INDEX_BITS,
                                                                   .account = s->account,
                                                                   .orders = s->orders_count,
                                                                   .atomic = s->atomic};
}

static void ticket_begin(struct ticket *k, const struct command_place *asked)
{
    k->asked = asked;
    k->orders = 1;
    k->other_hold_price = 0;
}

/* In turn: each sees those before. */
static void batch_in_turn(struct turn *t, const struct command *c)
{
    const struct command_batch *s = &c->batch;
    batched_event(t, s);
    for (uint32_t n = 0; n < s->orders_count; n++) {
        struct ticket k;
        ticket_begin(&k, &s->orders[n]);
        if (judge_place(t, &k) != 0) {
            place_reject(t, c, &s->orders[n], order_id_of(t->engine, s, n));
        } else {
            ticket_make_room(t->engine, &k);
            ticket_use_client_id(t->engine, &k, order_id_of(t->engine, s, n));
            place_execute(t, &k, order_id_of(t->engine, s, n), 0, PLACE_BATCH);
        }
        aftermath(t);
    }
}

/* Whole or not at all. */

static enum reject atomic_shape_judge(struct turn *t, const struct command_place *p)
{
    bool waits = p->tif == TIF_DAY || p->tif == TIF_GTC || p->tif == TIF_GTD;
    if (p->type == ORDER_TYPE_MARKET) return refuse(t, REJECT_BATCH_NOT_ALLOWED, REFUSAL_TYPE);
    if (!waits) return refuse(t, REJECT_BATCH_NOT_ALLOWED, REFUSAL_TIF);
    if (p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE | PLACE_REDUCE_ONLY))
        return refuse(t, REJECT_BATCH_NOT_ALLOWED, REFUSAL_FLAGS);
    return decimal_given(p->trail) ? refuse(t, REJECT_BATCH_NOT_ALLOWED, REFUSAL_TRAIL) : 0;
}

/* The best bid that this batch itself would bring before an order of it. */
static int64_t highest_bid_before(const struct engine *e, uint32_t n, const struct ticket *k)
{
    int64_t highest = 0;
    if (k->asked->side != SIDE_SELL) return 0;
    for (uint32_t before = 0; before < n; before++) {
        const struct ticket *other = &slot_at(e, before)->ticket;
        if (other->instrument_index == k->instrument_index && other->asked->side == SIDE_BUY && other->price > highest)
            highest = other->price;
    }
    return highest;
}

static enum reject atomic_judge(struct turn *t, uint32_t n, struct ticket *k)
{
    enum reject no = judge_shape(t, k);
    if (no == 0) no = atomic_shape_judge(t, k->asked);
    if (no == 0) no = judge_names(t, k);
    if (no == 0) no = judge_route(t, k);
    if (no != 0) return no;
    t->planned.bid = highest_bid_before(t->engine, n, k);
    return judge_from_gates(t, k);
}

/* Its place among those that the next is judged beside. */
static void slot_occupy(struct turn *t, struct batch_slot *s, uint64_t order_id)
{
    struct engine *e = t->engine;
    struct ticket *k = &s->ticket;
    uint32_t currency = k->instrument->currency, house = venue_house(e, k->venue);
    s->position = k->position == 0;
    s->balance = k->balance == 0;
    s->fees = currency_at(e, currency)->fees_balance == 0;
    s->fees_made = s->fees && k->account_index != e->fees_account && balance_find(e, e->fees_account, currency) == 0;
    s->house_position = house != 0 && house != k->account_index && position_find(e, house, k->instrument_index) == 0;
    s->house_balance = house != 0 && house != k->account_index && balance_find(e, house, currency) == 0;
    bool ruled = k->account->special && more_of(e, k->account)->rules != 0;
    s->rate_tat_ns = ruled ? account_rules_at(e, more_of(e, k->account)->rules)->rate_tat_ns : 0;
    ticket_make_room(e, k);
    ticket_use_client_id(e, k, order_id);
    struct order o = {.position = k->position, .side = k->asked->side, .leaves = k->quantity};
    o.closing_leaves = k->closing;
    o.hold = k->hold;
    order_occupy(e, &o);
    k->account->orders_count++;
    t->planned.orders++;
    t->planned.timers += k->asked->tif == TIF_GTD;
    t->planned.routes += venue_is_broker(k->venue);
}

static void slot_sums_release(struct turn *t, struct batch_slot *s)
{
    struct ticket *k = &s->ticket;
    struct order o = {.position = k->position, .side = k->asked->side, .leaves = k->quantity};
    o.closing_leaves = k->closing;
    o.hold = k->hold;
    order_release(t->engine, &o);
}

/* What was made for it, the last first. */
static void slot_undo(struct turn *t, struct batch_slot *s)
{
    struct engine *e = t->engine;
    struct ticket *k = &s->ticket;
    struct currency *money = currency_at(e, k->instrument->currency);
    uint32_t house = venue_house(e, k->venue), instrument = k->instrument_index;
    slot_sums_release(t, s);
    k->account->orders_count--;
    if (k->client_id != 0) client_id_unuse(e, k->client_id);
    if (k->account->special && more_of(e, k->account)->rules != 0) {
        struct account_rules *r = account_rules_at(e, more_of(e, k->account)->rules);
        account_rules_touch(e, r);
        r->rate_tat_ns = s->rate_tat_ns;
    }
    if (s->position) position_drop(e, k->position);
    if (s->house_position) position_drop(e, position_find(e, house, instrument));
    if (s->house_balance) balance_unmake(e, balance_find(e, house, k->instrument->currency));
    if (s->fees_made) balance_unmake(e, money->fees_balance);
    if (s->fees) money->fees_balance = 0;
    if (s->balance) balance_unmake(e, k->balance);
}

static void batch_whole(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_batch *s = &c->batch;
    enum reject no = 0;
    uint32_t n = 0;
    for (; no == 0 && n < s->orders_count; n++) {
        struct batch_slot *slot = slot_at(e, n);
        memset(slot, 0, sizeof *slot);
        ticket_begin(&slot->ticket, &s->orders[n]);
        no = atomic_judge(t, n, &slot->ticket);
        if (no == 0) slot_occupy(t, slot, order_id_of(e, s, n));
    }
    t->planned = (struct planned){0};
    if (no != 0) {
        uint32_t refused = n - 1;
        for (uint32_t k = refused; k-- > 0;) slot_undo(t, slot_at(e, k));
        place_reject(t, c, &s->orders[refused], order_id_of(e, s, refused));
        return;
    }
    /* From here on it cannot fail. */
    batched_event(t, s);
    for (n = 0; n < s->orders_count; n++) slot_at(e, n)->ticket.account->orders_count--;
    for (n = 0; n < s->orders_count; n++) {
        slot_sums_release(t, slot_at(e, n));
        place_execute(t, &slot_at(e, n)->ticket, order_id_of(e, s, n), 0, PLACE_BATCH);
        aftermath(t);
    }
}

void apply_batch(struct turn *t, const struct command *c)
{
    const struct command_batch *s = &c->batch;
    uint32_t most = s->atomic ? BATCH_ATOMIC_MAX : BATCH_ORDERS_MAX;
    enum reject no = s->orders_count == 0 || s->orders_count > most ? refuse(t, REJECT_FIELD_INVALID, REFUSAL_ORDERS)
                                                                    : pending_judge(t);
    if (no != 0)
        turn_reject(t, c, c->seq << ORDER_INDEX_BITS);
    else if (s->atomic)
        batch_whole(t, c);
    else
        batch_in_turn(t, c);
}

/* The end of a batch. */

uint32_t batch_sweep_run(struct turn *t, struct sweep_state s)
{
    struct engine *e = t->engine;
    uint32_t ended = 0;
    e->sweep = s;
    uint64_t id = s.next_order_id;
    for (; id < s.end_order_id && turn_has_work(t); id++) {
        t->used++;
        uint32_t o = order_find(e, id);
        if (o == 0 || !(order_at(e, o)->flags & PLACE_BATCH)) continue;
        ended += order_cancel(t, o, EVENT_CANCELLED, CANCEL_REASON_BATCH_CANCEL);
    }
    if (id == s.end_order_id)
        memset(&e->sweep, 0, sizeof e->sweep);
    else
        e->sweep.next_order_id = id;
    return ended;
}

void apply_cancel_batch(struct turn *t, const struct command *c)
{
    const struct command_cancel_batch *s = &c->cancel_batch;
    bool is_id = s->batch_id != 0 && (s->batch_id & ((1u << ORDER_INDEX_BITS) - 1)) == 0;
    enum reject no = 0;
    if (!is_id)
        no = refuse(t, REJECT_FIELD_INVALID, REFUSAL_BATCH_ID);
    else if (s->orders_count == 0 || s->orders_count > BATCH_ORDERS_MAX)
        no = refuse(t, REJECT_FIELD_INVALID, REFUSAL_ORDERS);
    else
        no = pending_judge(t);
    if (no != 0) {
        turn_reject(t, c, s->batch_id);
        return;
    }
    /* From here on it cannot fail. */
    struct sweep_state sweep = {
        .kind = SWEEP_BATCH, .next_order_id = s->batch_id + 1, .end_order_id = s->batch_id + s->orders_count + 1};
    uint32_t ended = batch_sweep_run(t, sweep);
    aftermath(t);
    swept_event(t, SWEEP_BATCH, ended);
}
