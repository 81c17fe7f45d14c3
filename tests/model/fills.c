/* tests/model/fills.c - FILL: executions at brokers, their busts and corrections, and executions that an operator makes up.
 * Invariant: nothing is changed before every row was judged; an execution that was busted is kept, so that its exec_id is never taken
 * twice. */
#include "tests/model/internal.h"

#include <string.h>

/* A row that was judged good, and what it stands for. */
struct row {
    const struct fill_row *asked;
    uint64_t account_id, house_id, instrument_id;
    int64_t price, quantity;
    i128 notional;
    int64_t undone;               /* BUST, CORRECT: the quantity of the execution that goes */
    uint32_t ref_number;          /* and its number */
    uint32_t positions, balances; /* that it has to make */
    uint8_t side;
    bool has_route;
};

static bool same_text(const struct text *t, const char *bytes, uint32_t len_bytes)
{
    return t->len_bytes == len_bytes && (len_bytes == 0 || memcmp(t->bytes, bytes, len_bytes) == 0);
}

static bool undoes(const struct fill_row *f)
{
    return f->kind == FILL_BUST || f->kind == FILL_CORRECT;
}

static bool fills(const struct fill_row *f)
{
    return f->kind == FILL_NEW || f->kind == FILL_CORRECT;
}

/* ---- judging ---- */

/* Rule 1. */
static int judge_words(struct model *m, const struct fill_row *f, bool simulated)
{
    if (f->kind < 1 || f->kind > FILL_KIND_NUMBER_MAX || (simulated && f->kind != FILL_NEW))
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_FILLS);
    bool may_be_empty = simulated || f->kind == FILL_BUST;
    if ((f->exec_id.len_bytes == 0 && !may_be_empty) || f->exec_id.len_bytes > EXT_ID_BYTES_MAX)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_EXEC_ID);
    uint32_t ref = f->ref_exec_id.len_bytes;
    if (undoes(f) && (ref == 0 || ref > EXT_ID_BYTES_MAX))
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_REF_EXEC_ID);
    return 0;
}

/* Rules 2 and 3. */
static int judge_order(struct model *m, const struct command_fill *s, struct row *row)
{
    const struct route_state *r = model_find_route(m, row->asked->order_id);
    const struct order_state *o = model_find_order(m, row->asked->order_id);
    bool at_home =
        r == NULL && s->simulated && o != NULL && o->extra.phase != ORDER_PHASE_WAITING && !(o->flags & PLACE_GTT);
    if ((r == NULL && !at_home) || (s->simulated && o == NULL))
        return model_refuse_plain(m, REJECT_ORDER_NOT_OPEN, REFUSAL_ORDER_ID);
    uint8_t venue = r != NULL ? r->venue : o->extra.venue == 0 ? VENUE_BOOK : o->extra.venue;
    bool differs = s->venue.bytes[0] != '\0' && model_venue_number(m, &s->venue) != venue;
    if ((r != NULL && r->state == BROKER_PENDING_ROUTE) || differs)
        return model_refuse_plain(m, REJECT_VENUE_DIFFERS, REFUSAL_VENUE);
    if (s->simulated && !m->venues[venue - 1].simulated)
        return model_refuse_plain(m, REJECT_NOT_SIMULATED, REFUSAL_VENUE);
    row->has_route = r != NULL;
    row->account_id = r != NULL ? r->account_id : o->account_id;
    row->instrument_id = r != NULL ? r->instrument_id : o->instrument_id;
    row->side = r != NULL ? r->side : o->side;
    row->house_id = model_house_of(m, venue)->id;
    return 0;
}

/* Rule 4. */
static int judge_terms(struct model *m, struct row *row)
{
    const struct instrument_state *i = model_instrument_by_id(m, row->instrument_id);
    struct instrument_spec steps = i->spec;
    steps.tick = i->tick_gcd;
    steps.lot = i->lot_gcd;
    struct decimal quantity = row->asked->quantity;
    int reason =
        model_judge_price(m, &steps, row->asked->price, REJECT_PRICE_REQUIRED, REFUSAL_FILL_PRICE, &row->price);
    if (reason == 0) reason = model_judge_quantity(m, &steps, quantity, REFUSAL_FILL_QUANTITY, &row->quantity);
    if (reason == 0 && row->quantity % steps.lot != 0)
        reason = model_refuse_decimal(m, REJECT_QUANTITY_OFF_LOT, REFUSAL_FILL_QUANTITY, quantity, steps.lot,
                                      steps.quantity_scale);
    if (reason == 0) row->notional = model_notional_of(&i->spec, row->price, row->quantity);
    return reason;
}

static bool has_execution(const struct model *m, uint64_t order_id, const struct text *exec_id)
{
    for (uint32_t k = 0; k < m->executions_count; k++) {
        const struct execution_state *x = &m->executions[k];
        if (x->order_id == order_id && same_text(exec_id, x->exec_id, x->exec_id_len)) return true;
    }
    return false;
}

static struct execution_state *find_alive(struct model *m, uint64_t order_id, const struct text *exec_id)
{
    for (uint32_t k = 0; k < m->executions_count; k++) {
        struct execution_state *x = &m->executions[k];
        if (x->order_id == order_id && !x->busted && same_text(exec_id, x->exec_id, x->exec_id_len)) return x;
    }
    return NULL;
}

/* Rule 5. */
static int judge_ids(struct model *m, const struct row *rows, struct row *row)
{
    const struct fill_row *f = row->asked;
    bool names_one = fills(f) && f->exec_id.len_bytes != 0; /* a BUST's own exec_id is nobody's */
    bool repeated = names_one && has_execution(m, f->order_id, &f->exec_id), undone = false;
    for (const struct row *before = rows; before < row; before++) {
        const struct fill_row *b = before->asked;
        if (b->order_id != f->order_id) continue;
        repeated =
            repeated || (names_one && fills(b) && same_text(&f->exec_id, b->exec_id.bytes, b->exec_id.len_bytes));
        undone = undone ||
                 (undoes(f) && undoes(b) && same_text(&f->ref_exec_id, b->ref_exec_id.bytes, b->ref_exec_id.len_bytes));
    }
    if (repeated) return model_refuse_plain(m, REJECT_EXEC_ID_REPEATED, REFUSAL_EXEC_ID);
    if (!undoes(f)) return 0;
    const struct execution_state *x = find_alive(m, f->order_id, &f->ref_exec_id);
    if (x == NULL || undone) return model_refuse_plain(m, REJECT_EXEC_ID_UNKNOWN, REFUSAL_REF_EXEC_ID);
    row->undone = x->quantity;
    row->ref_number = x->number;
    return 0;
}

/* Rules 6 and 7. */
static int judge_room(struct model *m, const struct row *rows, const struct row *row, bool simulated)
{
    const struct order_state *o = model_find_order(m, row->asked->order_id);
    int64_t left = o == NULL ? 0 : o->leaves;
    uint32_t executions = m->executions_count, executions_max = m->scalars.limits.executions_max;
    for (const struct row *before = rows; before < row; before++) {
        if (before->asked->order_id == row->asked->order_id) left -= before->quantity;
        executions += before->has_route && fills(before->asked);
    }
    unsigned scale = model_instrument_by_id(m, row->instrument_id)->spec.quantity_scale;
    if (simulated && row->quantity > left)
        return model_refuse(m, REJECT_OVER_FILL, REFUSAL_FILL_QUANTITY, row->quantity, scale, left, scale);
    if (row->has_route && fills(row->asked) && executions >= executions_max)
        return model_refuse(m, REJECT_EXECUTIONS_FULL, 0, 0, DECIMAL_ABSENT, executions_max, 0);
    return 0;
}

static i128 size_of(i128 x)
{
    return x < 0 ? -x : x;
}

static i128 position_of(struct model *m, uint64_t account_id, uint64_t instrument_id)
{
    const struct position_state *p = model_find_position(m, account_id, instrument_id);
    return p == NULL ? 0 : size_of(p->quantity);
}

/* At BOOK or QUOTE: what the rest of the order may still come to at its price or hold price. */
static i128 rest_notional(struct model *m, const struct order_state *o, const struct row *rows, const struct row *row)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, row->instrument_id)->spec;
    bool limit = o->type == ORDER_TYPE_LIMIT || o->type == ORDER_TYPE_STOP_LIMIT;
    int64_t left = o->leaves;
    for (const struct row *k = rows; k <= row; k++)
        if (k->asked->order_id == o->id) left -= k->quantity;
    return model_notional_of(spec, limit ? o->price : o->extra.hold_price, left);
}

static int judge_sum_of_order(struct model *m, const struct row *rows, const struct row *row)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, row->instrument_id)->spec;
    const struct order_state *o = model_find_order(m, row->asked->order_id);
    const struct route_state *r = model_find_route(m, row->asked->order_id);
    i128 quantity = o != NULL ? o->quantity : r->filled, notional = o != NULL ? o->notional_filled : r->notional_filled;
    for (const struct row *k = rows; k <= row; k++) {
        if (k->asked->order_id != row->asked->order_id || !fills(k->asked)) continue;
        quantity += k->quantity;
        notional += k->notional;
    }
    if (r == NULL) notional += rest_notional(m, o, rows, row);
    if (quantity > POSITION_MAX)
        return model_refuse(m, REJECT_QUANTITY_TOO_LARGE, REFUSAL_FILL_QUANTITY, quantity, spec->quantity_scale,
                            POSITION_MAX, spec->quantity_scale);
    if (notional <= NOTIONAL_MAX) return 0;
    return model_refuse(m, REJECT_NOTIONAL_TOO_LARGE, 0, notional, spec->currency_scale, NOTIONAL_MAX,
                        spec->currency_scale);
}

static int64_t most_open(const struct position_state *p)
{
    if (p == NULL) return 0;
    return p->open_buy > p->open_sell ? p->open_buy : p->open_sell;
}

static int judge_sum_of_position(struct model *m, const struct row *rows, const struct row *row)
{
    unsigned scale = model_instrument_by_id(m, row->instrument_id)->spec.quantity_scale;
    i128 sum = position_of(m, row->account_id, row->instrument_id) + position_of(m, row->house_id, row->instrument_id);
    sum += most_open(model_find_position(m, row->account_id, row->instrument_id));
    sum += most_open(model_find_position(m, row->house_id, row->instrument_id));
    for (const struct row *k = rows; k <= row; k++) sum += (i128)k->quantity + k->undone;
    if (sum <= POSITION_MAX) return 0;
    return model_refuse(m, REJECT_POSITION_TOO_LARGE, REFUSAL_FILL_QUANTITY, sum, scale, POSITION_MAX, scale);
}

static int judge_objects(struct model *m, const struct row *rows, struct row *row)
{
    uint64_t currency_id = model_currency_id(m, model_instrument_by_id(m, row->instrument_id));
    row->positions = model_find_position(m, row->account_id, row->instrument_id) == NULL;
    row->balances = model_find_balance(m, row->account_id, currency_id) == NULL;
    if (row->house_id != row->account_id) {
        row->positions += model_find_position(m, row->house_id, row->instrument_id) == NULL;
        row->balances += model_find_balance(m, row->house_id, currency_id) == NULL;
    }
    uint32_t positions = m->positions_count, balances = m->balances_count;
    for (const struct row *k = rows; k <= row; k++) {
        positions += k->positions;
        balances += k->balances;
    }
    const struct limits *l = &m->scalars.limits;
    if (row->positions > 0 && positions > l->positions_max)
        return model_refuse(m, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, l->positions_max, 0);
    if (row->balances > 0 && balances > l->balances_max)
        return model_refuse(m, REJECT_POSITIONS_FULL, 0, 0, DECIMAL_ABSENT, l->balances_max, 0);
    return 0;
}

static int judge_row(struct model *m, const struct command_fill *s, const struct row *rows, struct row *row)
{
    int reason = judge_words(m, row->asked, s->simulated);
    if (reason == 0) reason = judge_order(m, s, row);
    if (reason == 0 && fills(row->asked)) reason = judge_terms(m, row);
    if (reason == 0) reason = judge_ids(m, rows, row);
    if (reason == 0) reason = judge_room(m, rows, row, s->simulated);
    if (reason == 0 && fills(row->asked)) reason = judge_sum_of_order(m, rows, row);
    if (reason == 0) reason = judge_sum_of_position(m, rows, row);
    if (reason == 0) reason = judge_objects(m, rows, row);
    return reason;
}

/* ---- doing it ---- */

/* A broker that fills an order has it. */
static void know_of_order(struct model *m, struct route_state *r)
{
    bool asked = r->state == BROKER_ROUTED || (r->state == BROKER_UNKNOWN && r->doubt == BROKER_ROUTED);
    if (!asked) return;
    int before = r->state;
    r->state = BROKER_ACKED;
    r->doubt = 0;
    model_say_broker_state(m, r, before, NULL);
}

static struct execution_state *keep_execution(struct model *m, const struct row *row)
{
    const struct fill_row *f = row->asked;
    uint32_t number = model_executions_of(m, f->order_id) + 1;
    struct execution_state *x = &m->executions[m->executions_count++];
    *x = (struct execution_state){.order_id = f->order_id,
                                  .number = number,
                                  .price = row->price,
                                  .quantity = row->quantity,
                                  .notional = row->notional,
                                  .exec_id_len = (uint8_t)f->exec_id.len_bytes};
    if (x->exec_id_len > 0) memcpy(x->exec_id, f->exec_id.bytes, x->exec_id_len);
    return x;
}

static void say_executed(struct model *m, const struct row *row, const struct at_house *f, bool late)
{
    struct event_executed *e = &model_say(m, EVENT_EXECUTED)->executed;
    const struct instrument_spec *spec = &model_instrument_by_id(m, row->instrument_id)->spec;
    *e = (struct event_executed){.order_id = f->order_id,
                                 .account = model_account_by_id(m, row->account_id)->account,
                                 .symbol = spec->symbol,
                                 .venue = model_venue_name(m, f->venue),
                                 .excess = f->excess,
                                 .kind = row->asked->kind,
                                 .late = late,
                                 .simulated = f->simulated,
                                 .quantity_scale = spec->quantity_scale,
                                 .exec_id_len = (uint8_t)row->asked->exec_id.len_bytes};
    if (e->exec_id_len > 0) memcpy(e->exec_id, row->asked->exec_id.bytes, e->exec_id_len);
}

static void fill(struct model *m, const struct command_fill *s, struct row *row)
{
    uint64_t order_id = row->asked->order_id;
    struct route_state *r = model_find_route(m, order_id);
    const struct order_state *o = model_find_order(m, order_id);
    if (s->simulated && o == NULL) return;
    if (s->simulated && row->quantity > o->leaves) row->quantity = o->leaves;
    row->notional = model_notional_of(&model_instrument_by_id(m, row->instrument_id)->spec, row->price, row->quantity);
    if (r != NULL) know_of_order(m, r);
    struct at_house f = {.order_id = order_id,
                         .house_id = row->house_id,
                         .price = row->price,
                         .quantity = row->quantity,
                         .venue = r != NULL ? r->venue : o->extra.venue,
                         .simulated = s->simulated};
    int64_t left = o == NULL ? 0 : o->leaves;
    f.excess = row->quantity > left ? row->quantity - left : 0;
    if (row->asked->kind == FILL_CORRECT) f.excess = row->quantity;
    say_executed(m, row, &f, o == NULL);
    m->work_used++;
    struct execution_state *x = r == NULL ? NULL : keep_execution(m, row);
    if (o == NULL) {
        x->fee_accrues = model_fill_late(m, &f, r);
        return;
    }
    if (x != NULL) x->fee_accrues = model_house_fee_of(m, row->account_id, row->instrument_id, row->notional);
    model_fill_at_house(m, &f);
}

static void say_busted(struct model *m, const struct row *row, const struct execution_state *x, i128 fee)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, row->instrument_id)->spec;
    const struct order_state *o = model_find_order(m, x->order_id);
    struct event_busted *e = &model_say(m, EVENT_BUSTED)->busted;
    *e = (struct event_busted){.order_id = x->order_id,
                               .account = model_account_by_id(m, row->account_id)->account,
                               .symbol = spec->symbol,
                               .venue = model_venue_name(m, model_find_route(m, x->order_id)->venue),
                               .price = x->price,
                               .quantity = x->quantity,
                               .notional = x->notional,
                               .fee = fee,
                               .hold = o == NULL ? 0 : o->hold,
                               .leaves = o == NULL ? 0 : o->leaves,
                               .side = row->side,
                               .price_scale = spec->price_scale,
                               .quantity_scale = spec->quantity_scale,
                               .currency_scale = spec->currency_scale,
                               .exec_id_len = x->exec_id_len};
    memcpy(e->exec_id, x->exec_id, sizeof e->exec_id);
}

static void bust(struct model *m, const struct row *row)
{
    struct execution_state *x = find_alive(m, row->asked->order_id, &row->asked->ref_exec_id);
    struct order_state *o = model_find_order(m, x->order_id);
    struct route_state *r = model_find_route(m, x->order_id);
    x->busted = true;
    i128 *accrued = o != NULL ? &o->fee_accrued : &r->fee_accrued;
    i128 fee = model_fee_charged(*accrued) - model_fee_charged(*accrued - x->fee_accrues);
    *accrued -= x->fee_accrues;
    struct undo u = {.account_id = row->account_id,
                     .house_id = row->house_id,
                     .instrument_id = row->instrument_id,
                     .quantity = x->quantity,
                     .notional = x->notional,
                     .fee = fee,
                     .side = row->side};
    model_undo_fill(m, &u);
    if (o != NULL) {
        o->notional_filled -= x->notional;
        o->updated_ns = m->scalars.now_ns;
        model_renumber(m, o, o->quantity - x->quantity, o->leaves, o->closing_leaves);
    } else {
        r->notional_filled -= x->notional;
        r->filled -= x->quantity;
    }
    say_busted(m, row, x, fee);
    uint64_t first = model_is_buy(row->side) ? row->house_id : row->account_id;
    uint64_t second = first == row->house_id ? row->account_id : row->house_id;
    model_reduce_orders(m, first, row->instrument_id);
    if (second != first) model_reduce_orders(m, second, row->instrument_id);
}

static int judge_head(struct model *m, const struct command_fill *s)
{
    if (s->fills_count == 0 || s->fills_count > FILLS_MAX)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_FILLS);
    if (s->venue.bytes[0] != '\0' && model_venue_number(m, &s->venue) == 0)
        return model_refuse_plain(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    return model_pending(m) ? model_refuse_plain(m, REJECT_SWEEP_PENDING, 0) : 0;
}

int model_apply_fill(struct model *m, const struct command *c)
{
    const struct command_fill *s = &c->fill;
    struct row rows[FILLS_MAX];
    int reason = judge_head(m, s);
    for (uint32_t k = 0; reason == 0 && k < s->fills_count; k++) {
        rows[k] = (struct row){.asked = &s->fills[k]};
        m->refused_order_id = s->fills[k].order_id;
        reason = judge_row(m, s, rows, &rows[k]);
    }
    if (reason != 0) return reason;
    for (uint32_t k = 0; k < s->fills_count; k++) {
        if (undoes(rows[k].asked)) bust(m, &rows[k]);
        if (fills(rows[k].asked)) fill(m, s, &rows[k]);
    }
    return 0;
}
