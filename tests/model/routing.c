/* tests/model/routing.c - venues, the routing table, and the decision where an order goes.
 * Invariant: a decision only looks; who asked for it carries it out. Numbers here count from 1 (BOOK); orders say 0 for BOOK. */
#include "tests/model/internal.h"

#include <string.h>

static bool same(const struct name *a, const struct name *b)
{
    return memcmp(a->bytes, b->bytes, NAME_BYTES) == 0;
}

static bool is_empty(const struct name *n)
{
    return n->bytes[0] == '\0';
}

static bool is_word(const struct name *n, const char *word)
{
    return strncmp(n->bytes, word, NAME_BYTES) == 0;
}

uint8_t model_venue_number(const struct model *m, const struct name *venue)
{
    for (uint32_t k = 0; k < m->venues_count; k++)
        if (same(&m->venues[k].venue, venue)) return (uint8_t)(k + 1);
    return 0;
}

static uint8_t number_of(uint8_t number_in_order)
{
    return number_in_order == 0 ? VENUE_BOOK : number_in_order;
}

struct name model_venue_name(const struct model *m, uint8_t number_in_order)
{
    if (number_in_order == VENUE_NONE) return (struct name){0};
    return m->venues[number_of(number_in_order) - 1].venue;
}

static struct name house_name(const struct name *venue)
{
    struct name house = {.bytes = "@"};
    memcpy(house.bytes + 1, venue->bytes, NAME_BYTES - 2);
    return house;
}

struct account_state *model_house_of(struct model *m, uint8_t number_in_order)
{
    struct name venue = model_venue_name(m, number_in_order), house = house_name(&venue);
    return model_find_account(m, &house);
}

bool model_is_house_of_a_venue(const struct model *m, uint64_t account_id)
{
    for (uint32_t k = 0; k < m->venues_count; k++) {
        struct name house = house_name(&m->venues[k].venue);
        const struct account_state *a = model_account(m, &house);
        if (a != NULL && a->id == account_id) return true;
    }
    return false;
}

bool model_is_at_desk(const struct order_state *o)
{
    return o->extra.venue >= VENUE_BROKER_FIRST;
}

/* ---- the decision ---- */

static bool takes(uint8_t number, const struct wish *w)
{
    if (number == VENUE_BOOK) return true;
    bool book_only = w->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE) || w->display || w->min_quantity ||
                     w->tif == TIF_ON_OPEN || w->tif == TIF_ON_CLOSE;
    if (number == VENUE_QUOTE || book_only) return !book_only;
    return !(w->flags & PLACE_REDUCE_ONLY) && !w->quote_quantity && !w->trail;
}

static bool waits_by_tif(int tif)
{
    return tif == TIF_DAY || tif == TIF_GTC || tif == TIF_GTD;
}

/* a <=> b, whatever their scales. */
static int compare_decimals(struct decimal a, struct decimal b)
{
    i128 x = a.mantissa, y = b.mantissa;
    for (unsigned k = a.scale; k < DECIMAL_SCALE_MAX; k++) x *= 10;
    for (unsigned k = b.scale; k < DECIMAL_SCALE_MAX; k++) y *= 10;
    return x < y ? -1 : x > y;
}

/* The venue said no to the order. */
static bool is_refused(uint32_t refused, uint8_t number)
{
    return number < 1 || number > VENUES_MAX || (refused >> (number - 1) & 1) != 0;
}

static bool rule_fits(const struct route_rule *r, const struct wish *w)
{
    if (!is_empty(&r->account) && !same(&r->account, w->account)) return false;
    if (!is_empty(&r->symbol) && !same(&r->symbol, w->symbol)) return false;
    if ((r->type != 0 && r->type != w->type) || (r->side != 0 && r->side != w->side)) return false;
    if (model_given(r->min_quantity) && compare_decimals(w->quantity, r->min_quantity) < 0) return false;
    return !model_given(r->max_quantity) || compare_decimals(w->quantity, r->max_quantity) <= 0;
}

static uint8_t default_venue(struct model *m, const struct wish *w)
{
    bool may = w->type == ORDER_TYPE_MARKET || w->type == ORDER_TYPE_STOP || w->type == ORDER_TYPE_STOP_LIMIT;
    if (!may || !takes(VENUE_QUOTE, w)) return VENUE_BOOK;
    const struct instrument_state *i = model_instrument_by_id(m, w->instrument_id);
    bool empty = model_first(m, i->id, QUEUE_BOOK, model_other_side(w->side), 0) == NULL;
    return empty && model_quote_price(i, w->side) != 0 ? VENUE_QUOTE : VENUE_BOOK;
}

static void list_candidates(struct model *m, const struct wish *w, uint8_t asked, struct decision *d)
{
    d->asked = asked;
    if (asked != 0) {
        d->candidates[d->count++] = asked;
        return;
    }
    for (uint32_t k = 0; k < m->rules_count; k++) {
        const struct route_rule *r = &m->rules[k];
        if (!rule_fits(r, w)) continue;
        d->rule = (uint16_t)(k + 1);
        for (; d->count < ROUTE_CANDIDATES_MAX && !is_empty(&r->venues[d->count]); d->count++)
            d->candidates[d->count] = model_venue_number(m, &r->venues[d->count]);
        return;
    }
    d->candidates[d->count++] = default_venue(m, w);
}

/* later: NULL for a PLACE, to which every venue is open. */
static struct decision decide(struct model *m, const struct wish *w, uint8_t asked, uint32_t refused,
                              const struct order_state *later)
{
    struct decision d = {.venue = VENUE_NONE};
    list_candidates(m, w, asked, &d);
    const uint8_t preferred[] = {VENUE_STATE_UP, VENUE_STATE_DEGRADED};
    for (unsigned round = 0; round < 2; round++)
        for (uint32_t k = 0; k < d.count; k++) {
            uint8_t number = d.candidates[k];
            if (!takes(number, w) || is_refused(refused, number)) continue;
            d.eligible = true;
            if (d.chose || m->venues[number - 1].state != preferred[round]) continue;
            if (later != NULL && !model_is_open_for(m, number, later)) continue;
            d.chose = true;
            d.venue = number == VENUE_BOOK ? 0 : number;
        }
    return d;
}

bool model_is_open_for(struct model *m, uint8_t number, const struct order_state *o)
{
    struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    if (number < VENUE_BROKER_FIRST && !model_is_live(m, i)) return false;
    if (number == VENUE_BOOK) return true;
    uint64_t house_id = model_house_of(m, number)->id;
    bool position =
        model_find_position(m, house_id, i->id) != NULL || m->positions_count < m->scalars.limits.positions_max;
    bool balance = model_find_balance(m, house_id, model_currency_id(m, i)) != NULL ||
                   m->balances_count < m->scalars.limits.balances_max;
    return position && balance;
}

static struct wish wish_of_place(const struct model *m, const struct command_place *p)
{
    const struct instrument_state *i = model_instrument(m, &p->symbol);
    struct wish w = {.account = &p->account,
                     .symbol = &p->symbol,
                     .quantity = p->quantity,
                     .instrument_id = i == NULL ? 0 : i->id,
                     .side = p->side,
                     .type = p->type,
                     .tif = p->tif,
                     .flags = p->flags,
                     .display = model_given(p->display_quantity),
                     .min_quantity = model_given(p->min_quantity),
                     .quote_quantity = model_given(p->quote_quantity),
                     .trail = model_given(p->trail)};
    if (w.quote_quantity || w.quantity.scale > DECIMAL_SCALE_MAX) w.quantity = (struct decimal){0, 0};
    return w;
}

int model_judge_venue(struct model *m, const struct command_place *p)
{
    if (is_empty(&p->venue)) return 0;
    struct wish w = wish_of_place(m, p);
    return takes(model_venue_number(m, &p->venue), &w) ? 0 : model_refuse_plain(m, REJECT_NOT_SUPPORTED, REFUSAL_VENUE);
}

int model_judge_decision(struct model *m, struct request *r)
{
    struct wish w = wish_of_place(m, r->asked);
    uint8_t asked = is_empty(&r->asked->venue) ? 0 : model_venue_number(m, &r->asked->venue);
    r->decision = decide(m, &w, asked, 0, NULL);
    if (!r->decision.eligible) return model_refuse_plain(m, REJECT_NOT_SUPPORTED, REFUSAL_VENUE);
    bool can_wait = takes(VENUE_BROKER_FIRST, &w) && waits_by_tif(w.tif);
    if (r->decision.chose || can_wait) return 0;
    return model_refuse_plain(m, REJECT_VENUE_DOWN, REFUSAL_VENUE);
}

bool model_may_wait_for_venue(const struct order_state *o)
{
    return waits_by_tif(o->tif);
}

struct decision model_decide_again(struct model *m, const struct order_state *o, const struct route_state *r,
                                   uint32_t refused)
{
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    const struct account_state *a = model_account_by_id(m, o->account_id);
    struct wish w = {.account = &a->account,
                     .symbol = &i->spec.symbol,
                     .quantity = {o->quantity, i->spec.quantity_scale},
                     .instrument_id = i->id,
                     .side = o->side,
                     .type = o->type,
                     .tif = o->tif,
                     .flags = o->flags};
    return decide(m, &w, r->asked, refused, o);
}

void model_say_routed(struct model *m, const struct order_state *o, const struct decision *d, int cause, bool asked)
{
    const struct route_state *r = model_find_route(m, o->id);
    struct event_routed *e = &model_say(m, EVENT_ROUTED)->routed;
    e->order_id = o->id;
    e->account = model_account_by_id(m, o->account_id)->account;
    e->symbol = model_instrument_by_id(m, o->instrument_id)->spec.symbol;
    for (uint32_t k = 0; k < d->count; k++) e->candidates[k] = model_venue_name(m, d->candidates[k]);
    e->chosen = model_venue_name(m, d->venue);
    e->retry_ns = r == NULL ? 0 : r->due_ns;
    e->attempt = r == NULL ? 1 : r->attempt;
    e->rule = d->rule;
    e->venue = d->venue;
    e->cause = (uint8_t)cause;
    e->asked = asked;
    e->manual_review = r != NULL && r->manual_review;
}

/* ---- SET_VENUE ---- */

static int invalid(struct model *m, int field)
{
    return model_refuse_plain(m, REJECT_FIELD_INVALID, field);
}

static bool is_reserved(const struct name *n)
{
    return n->bytes[0] == '@' || is_word(n, "fees") || is_word(n, "external") || is_word(n, "import");
}

static int judge_set_venue(struct model *m, const struct command_set_venue *s, uint8_t number, bool account_is_made)
{
    if (is_empty(&s->venue) || strnlen(s->venue.bytes, NAME_BYTES) > NAME_CHARS_MAX - 1)
        return invalid(m, REFUSAL_VENUE);
    if (is_reserved(&s->venue)) return model_refuse_plain(m, REJECT_NAME_RESERVED, REFUSAL_VENUE);
    if (s->state > VENUE_STATE_NUMBER_MAX) return invalid(m, REFUSAL_STATE);
    if (s->simulated > 2) return invalid(m, REFUSAL_SIMULATED);
    if (s->cause < 1 || s->cause > VENUE_CAUSE_NUMBER_MAX) return invalid(m, REFUSAL_CAUSE);
    if (number == 0 && m->venues_count >= VENUES_MAX)
        return model_refuse(m, REJECT_VENUES_FULL, 0, 0, DECIMAL_ABSENT, VENUES_MAX, 0);
    uint32_t accounts_max = m->scalars.limits.accounts_max;
    if (account_is_made && m->accounts_count >= accounts_max)
        return model_refuse(m, REJECT_ACCOUNTS_FULL, 0, 0, DECIMAL_ABSENT, accounts_max, 0);
    return model_pending(m) ? model_refuse_plain(m, REJECT_SWEEP_PENDING, 0) : 0;
}

int model_apply_set_venue(struct model *m, const struct command *c)
{
    const struct command_set_venue *s = &c->set_venue;
    uint8_t number = model_venue_number(m, &s->venue);
    bool book_needs_one = number == VENUE_BOOK && s->simulated == 2 && model_house_of(m, 0) == NULL;
    bool account_is_made = number == 0 || book_needs_one;
    int reason = judge_set_venue(m, s, number, account_is_made);
    if (reason != 0) return reason;

    struct name house = house_name(&s->venue);
    if (account_is_made) model_make_house_account(m, house.bytes, 1);
    uint8_t before = 0;
    if (number == 0) {
        m->venues[m->venues_count++] =
            (struct venue_state_row){.id = model_own_id(m, 0), .venue = s->venue, .state = VENUE_STATE_UP};
        number = (uint8_t)m->venues_count;
    } else {
        before = m->venues[number - 1].state;
    }
    struct venue_state_row *v = &m->venues[number - 1];
    if (s->state != 0) v->state = s->state;
    if (s->simulated != 0) v->simulated = s->simulated == 2;
    model_say_venue(m, number, before, s->cause);
    bool comes_up = (before == 0 || before == VENUE_STATE_DOWN) && v->state != VENUE_STATE_DOWN;
    if (comes_up && model_waits_after(m, 0) != 0)
        model_sweep_routes(m, (struct sweep_state){.kind = SWEEP_ROUTES, .next_order_id = model_waits_after(m, 0)});
    return 0;
}

void model_say_venue(struct model *m, uint8_t number, uint8_t before, uint8_t cause)
{
    const struct venue_state_row *v = &m->venues[number - 1];
    model_say(m, EVENT_VENUE_SET)->venue_set = (struct event_venue_set){.venue_id = v->id,
                                                                        .venue = v->venue,
                                                                        .number = number,
                                                                        .state = v->state,
                                                                        .before = before,
                                                                        .cause = cause,
                                                                        .simulated = v->simulated};
}

/* ---- SET_ROUTING ---- */

static int refuse_rule(struct model *m, enum reject reason, int field, uint32_t number)
{
    return model_refuse(m, reason, field, number, 0, 0, DECIMAL_ABSENT);
}

static bool is_bad_bound(struct decimal d)
{
    return model_given(d) && (d.mantissa < 0 || d.scale > DECIMAL_SCALE_MAX);
}

static bool names_venues_well(const struct route_rule *r)
{
    if (is_empty(&r->venues[0])) return false;
    for (unsigned k = 1; k < ROUTE_CANDIDATES_MAX; k++) {
        if (is_empty(&r->venues[k])) continue;
        if (is_empty(&r->venues[k - 1])) return false;
        for (unsigned j = 0; j < k; j++)
            if (same(&r->venues[j], &r->venues[k])) return false;
    }
    return true;
}

static int judge_rule(struct model *m, const struct route_rule *r, uint32_t number)
{
    if (r->type > ORDER_TYPE_NUMBER_MAX) return invalid(m, REFUSAL_TYPE);
    if (r->side > SIDE_NUMBER_MAX) return invalid(m, REFUSAL_SIDE);
    if (is_bad_bound(r->min_quantity)) return invalid(m, REFUSAL_MIN_QUANTITY);
    if (is_bad_bound(r->max_quantity)) return invalid(m, REFUSAL_MAX_QUANTITY);
    bool both = model_given(r->min_quantity) && model_given(r->max_quantity);
    if (both && compare_decimals(r->min_quantity, r->max_quantity) > 0)
        return refuse_rule(m, REJECT_RULE_INVALID, REFUSAL_MAX_QUANTITY, number);
    if (!names_venues_well(r)) return refuse_rule(m, REJECT_RULE_INVALID, REFUSAL_VENUE, number);
    for (unsigned k = 0; k < ROUTE_CANDIDATES_MAX && !is_empty(&r->venues[k]); k++)
        if (model_venue_number(m, &r->venues[k]) == 0)
            return refuse_rule(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE, number);
    return 0;
}

int model_apply_set_routing(struct model *m, const struct command *c)
{
    const struct command_set_routing *s = &c->set_routing;
    if (s->rules_count > ROUTE_RULES_MAX) return invalid(m, REFUSAL_RULES);
    int reason = 0;
    for (uint32_t k = 0; k < s->rules_count && reason == 0; k++) reason = judge_rule(m, &s->rules[k], k + 1);
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (reason != 0) return reason;
    m->rules_count = s->rules_count;
    model_say(m, EVENT_ROUTING_SET)->routing_set.rules = s->rules_count;
    for (uint32_t k = 0; k < s->rules_count; k++) {
        m->rules[k] = s->rules[k];
        model_say(m, EVENT_ROUTE_RULE_SET)->route_rule_set =
            (struct event_route_rule_set){.number = k + 1, .rule = s->rules[k]};
    }
    return 0;
}
