/* tests/model/margin.c - CHECK_MARGIN: accounts against what their positions need, and liquidation.
 * Invariant: the pending sweep says where to go on: an account that was not looked at yet has currency 0 there; in stage 1 its
 * orders in that currency go, in stage 2 its positions after instrument_id. */
#include "tests/model/internal.h"

#include <string.h>

enum { STAGE_ORDERS = 1, STAGE_POSITIONS = 2, SENT_MAX = 60000 };

static struct sweep_state *check(struct model *m)
{
    return &m->scalars.sweep;
}

static i128 size_of(i128 x)
{
    return x < 0 ? -x : x;
}

static int64_t first_of(int64_t a, int64_t b)
{
    return a != 0 ? a : b;
}

/* What a position is worth at its mark, with its sign. */
static i128 value_of(const struct instrument_state *i, const struct position_state *p)
{
    int64_t quote = p->quantity > 0 ? i->bid : i->ask;
    int64_t mark = i->spec.mark == TRIGGER_QUOTE ? first_of(quote, i->last_price) : first_of(i->last_price, quote);
    int64_t quantity = p->quantity < 0 ? -p->quantity : p->quantity;
    i128 value = mark == 0 ? size_of(p->cost) : model_notional_of(&i->spec, mark, quantity);
    if (value > POSITION_VALUE_MAX) value = POSITION_VALUE_MAX;
    return p->quantity < 0 ? -value : value;
}

static bool is_in(const struct model *m, const struct position_state *p, uint64_t account_id,
                  const struct currency_state *currency)
{
    const struct instrument_state *i = model_instrument_by_id((struct model *)(uintptr_t)m, p->instrument_id);
    return p->account_id == account_id && p->quantity != 0 &&
           memcmp(&i->spec.currency, &currency->currency, sizeof currency->currency) == 0;
}

static struct currency_state *currency_by_id(struct model *m, uint64_t id)
{
    for (uint32_t k = 0; k < m->currencies_count; k++)
        if (m->currencies[k].id == id) return &m->currencies[k];
    return NULL;
}

struct standing {
    bool any;
    i128 equity, exposure;
};

static struct standing standing_of(struct model *m, const struct account_state *a,
                                   const struct currency_state *currency)
{
    struct standing s = {0};
    for (uint32_t k = 0; k < m->positions_count; k++) {
        const struct position_state *p = &m->positions[k];
        if (!is_in(m, p, a->id, currency)) continue;
        i128 value = value_of(model_instrument_by_id(m, p->instrument_id), p);
        s.any = true;
        s.equity += value;
        s.exposure += size_of(value);
    }
    if (s.any) s.equity += model_find_balance(m, a->id, currency->id)->cash;
    return s;
}

static bool is_below(const struct standing *s, int64_t ppm)
{
    return ppm != 0 && s->equity < model_divide_up(s->exposure * ppm, 1000000);
}

/* Says a call or a liquidation where one is due. True: a liquidation. */
static bool look_at(struct model *m, const struct account_state *a, const struct currency_state *currency)
{
    struct standing s = standing_of(m, a, currency);
    if (!s.any) return false;
    bool liquidation = is_below(&s, a->limits.liquidation_ppm);
    if (!liquidation && !is_below(&s, a->limits.margin_call_ppm)) return false;
    if (!liquidation) m->work_used++;
    struct event *e = model_say(m, EVENT_MARGIN_CALLED);
    e->margin_called = (struct event_margin_called){.account = a->account,
                                                    .currency = currency->currency,
                                                    .equity = s.equity,
                                                    .exposure = s.exposure,
                                                    .required_ppm = liquidation ? a->limits.liquidation_ppm
                                                                                : a->limits.margin_call_ppm,
                                                    .liquidation = liquidation,
                                                    .currency_scale = currency->scale};
    return liquidation;
}

/* The account's first order in the currency with a priority above this one; DISABLED legs are passed over. */
static const struct order_state *next_order(struct model *m, uint64_t account_id, const struct currency_state *currency,
                                            uint64_t after_priority)
{
    const struct order_state *first = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        const struct order_state *o = &m->orders[k];
        const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
        if (o->account_id != account_id || o->extra.phase == ORDER_PHASE_DISABLED) continue;
        if (memcmp(&i->spec.currency, &currency->currency, sizeof currency->currency) != 0) continue;
        if (o->priority > after_priority && (first == NULL || o->priority < first->priority)) first = o;
    }
    return first;
}

/* Stage 1. False: work ended before the next order. One that is at a broker stays when it was asked for. */
static bool cancel_orders(struct model *m, uint64_t account_id, const struct currency_state *currency)
{
    uint64_t after_priority = 0;
    for (;;) {
        const struct order_state *first = next_order(m, account_id, currency, after_priority);
        if (first == NULL) return true;
        if (!model_can_be_asked(m, first)) {
            after_priority = first->priority;
            continue;
        }
        if (!model_work_left(m)) return false;
        m->work_used++;
        after_priority = first->priority;
        if (first->flags & PLACE_GTT)
            model_gtt_end(m, model_gtt_of(first), GTT_STATUS_CANCELLED);
        else
            model_end_or_ask(m, first->id, CANCEL_REASON_LIQUIDATION);
    }
}

/* The instrument, in creation order after the last one dealt with, in which the account has a position to end. */
static const struct instrument_state *next_position(struct model *m, uint64_t account_id,
                                                    const struct currency_state *currency)
{
    bool after = check(m)->instrument_id == 0;
    for (uint32_t k = 0; k < m->instruments_count; k++) {
        const struct instrument_state *i = &m->instruments[k];
        const struct position_state *p = model_find_position(m, account_id, i->id);
        if (after && p != NULL && is_in(m, p, account_id, currency)) return i;
        after = after || i->id == check(m)->instrument_id;
    }
    return NULL;
}

/* Whether an order sent in this command, whose events begin at `from`, was cancelled because work ran out. */
static bool ran_out(const struct model *m, uint32_t from, uint64_t order_id)
{
    for (uint32_t k = from; k < m->events_count; k++)
        if (m->events[k].kind == EVENT_CANCELLED && m->events[k].cancelled.order_id == order_id)
            return m->events[k].cancelled.reason == CANCEL_REASON_WORK_LIMIT;
    return false;
}

/* Stage 2. False: work ended before the next position, or an order's aftermath is not over. */
static bool end_positions(struct model *m, uint64_t account_id, const struct currency_state *currency)
{
    for (;;) {
        const struct instrument_state *i = next_position(m, account_id, currency);
        if (i == NULL) return true;
        if (!model_work_left(m) || m->sent_count >= SENT_MAX) return false;
        uint32_t from = m->events_count, used = m->work_used;
        uint64_t order_id = model_own_id(m, m->sent_count);
        bool sent = model_is_live(m, i) && model_send_liquidation(m, account_id, i->id);
        bool again = sent && ran_out(m, from, order_id);
        if (m->work_used == used) m->work_used++; /* nothing was filled */
        if (!again) check(m)->instrument_id = i->id;
        if (sent) model_aftermath(m);
        if (again || (sent && model_aftermath_pending(m))) return false;
    }
}

static bool liquidate(struct model *m, uint64_t account_id, const struct currency_state *currency)
{
    if (check(m)->stage == STAGE_ORDERS) {
        if (!cancel_orders(m, account_id, currency)) return false;
        check(m)->stage = STAGE_POSITIONS;
        check(m)->instrument_id = 0;
    }
    if (!end_positions(m, account_id, currency)) return false;
    check(m)->stage = 0;
    check(m)->instrument_id = 0;
    return true;
}

/* The account at hand from the currency at hand on. False: it is not over. */
static bool check_account(struct model *m)
{
    const struct account_state *a = model_account_by_id(m, check(m)->account_id);
    uint32_t k = 0;
    if (check(m)->currency_id == 0) {
        if (!model_work_left(m)) return false;
        m->work_used++;
        m->swept.orders++;
    } else {
        while (m->currencies[k].id != check(m)->currency_id) k++;
        if (!liquidate(m, a->id, currency_by_id(m, check(m)->currency_id))) return false;
        k++;
    }
    if (a->type != ACCOUNT_TYPE_MARGIN) return true;
    for (; k < m->currencies_count; k++) {
        if (!look_at(m, a, &m->currencies[k])) continue;
        check(m)->currency_id = m->currencies[k].id;
        check(m)->stage = STAGE_ORDERS;
        if (!liquidate(m, a->id, &m->currencies[k])) return false;
    }
    return true;
}

/* The account after the one at hand; 0: none. */
static uint64_t account_after(const struct model *m)
{
    uint32_t k = 0;
    while (m->accounts[k].id != m->scalars.sweep.account_id) k++;
    return k + 1 < m->accounts_count ? m->accounts[k + 1].id : 0;
}

void model_margin_on(struct model *m)
{
    if (model_aftermath_pending(m)) return;
    while (check_account(m)) {
        uint64_t next = check(m)->all ? account_after(m) : 0;
        struct sweep_state after = {.kind = SWEEP_MARGIN, .all = true, .account_id = next};
        if (next == 0) after = (struct sweep_state){0};
        *check(m) = after;
        if (next == 0) return;
    }
}

int model_apply_check_margin(struct model *m, const struct command *c)
{
    const struct name *account = &c->check_margin.account;
    bool all = account->bytes[0] == '\0';
    const struct account_state *a = all ? &m->accounts[0] : model_find_account(m, account);
    if (a == NULL) return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (model_pending(m)) return model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    *check(m) = (struct sweep_state){.kind = SWEEP_MARGIN, .all = all, .account_id = a->id};
    m->swept.say = true;
    m->swept.kind = SWEEP_MARGIN;
    model_margin_on(m);
    return 0;
}
