/* core/routing.c - venues, the table of rules, and the decision where an order goes.
 * What must stay true: a decision depends on the order's words, the table, the states of venues and, where nothing else says, on which of
 * book and quote has somebody on the other side; it changes nothing. A rule's venues are there; venues are never removed. */
#include "core/desk_parts.h"

enum { LIMIT_SCALE = 9, SIMULATED_NO = 1, SIMULATED_YES = 2, HOUSE_NAME_CHARS_MAX = NAME_CHARS_MAX - 1 };

/* Venues. */

struct name venue_name(const struct engine *e, uint8_t number)
{
    if (number == VENUE_NONE) return (struct name){{0}};
    return e->venues[number == 0 ? VENUE_BOOK : number].venue;
}

bool is_venue_house(const struct engine *e, uint32_t account)
{
    for (uint32_t n = 1; n <= e->venues_count; n++)
        if (e->venues[n].account == account) return true;
    return false;
}

static u128 venue_element(const struct engine *e, uint8_t number)
{
    struct venue_state_row v;
    venue_value(&e->venues[number], &v);
    return digest_venue(&v, number);
}

uint32_t venue_add(struct engine *e, uint64_t id, const struct name *name)
{
    uint32_t number = ++e->venues_count;
    e->venues[number] = (struct venue_cell){.id = id, .venue = *name, .state = VENUE_STATE_UP};
    e->digest += venue_element(e, (uint8_t)number);
    return number;
}

void venue_event(struct turn *t, uint8_t number, uint8_t before, uint8_t cause)
{
    const struct venue_cell *v = &t->engine->venues[number];
    turn_event(t, EVENT_VENUE_SET)->venue_set = (struct event_venue_set){.venue_id = v->id,
                                                                         .venue = v->venue,
                                                                         .number = number,
                                                                         .state = v->state,
                                                                         .before = before,
                                                                         .cause = cause,
                                                                         .simulated = v->simulated != 0};
}

static bool name_is(const struct name *n, const char *text)
{
    struct name other = name_of(text);
    return names_same(n, &other);
}

/* A name that "@" and it is another house account's already. */
static bool house_name_taken(const struct name *n)
{
    return name_is(n, "fees") || name_is(n, "external") || name_is(n, "import");
}

/* Only BOOK is there without a house account: it needs one when fills of it are made up. */
static bool needs_house(const struct engine *e, const struct command_set_venue *s, uint8_t number)
{
    return number == 0 || (e->venues[number].account == 0 && s->simulated == SIMULATED_YES);
}

static enum reject venue_judge(struct turn *t, const struct command_set_venue *s, uint8_t number)
{
    const struct engine *e = t->engine;
    if (name_empty(&s->venue) || name_len(&s->venue) > HOUSE_NAME_CHARS_MAX)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_VENUE);
    if (s->venue.bytes[0] == '@' || house_name_taken(&s->venue)) return refuse(t, REJECT_NAME_RESERVED, REFUSAL_VENUE);
    if (s->state > VENUE_STATE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_STATE);
    if (s->simulated > SIMULATED_YES) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIMULATED);
    if (s->cause == 0 || s->cause > VENUE_CAUSE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_CAUSE);
    if (number == 0 && e->venues_count >= VENUES_MAX)
        return refuse_numbers(t, REJECT_VENUES_FULL, 0, 0, DECIMAL_ABSENT, VENUES_MAX, 0);
    if (needs_house(e, s, number) && pool_full(&e->accounts))
        return refuse_numbers(t, REJECT_ACCOUNTS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.accounts_max, 0);
    return pending_judge(t);
}

static struct name house_name(const struct name *venue)
{
    struct name n = {{'@'}};
    memcpy(n.bytes + 1, venue->bytes, HOUSE_NAME_CHARS_MAX);
    return n;
}

/* A venue is back: those that wait are decided again. */
static void venue_came_up(struct turn *t)
{
    struct engine *e = t->engine;
    uint32_t sent = routes_sweep_run(t, e->wait_first);
    aftermath(t);
    swept_event(t, SWEEP_ROUTES, sent);
}

void apply_set_venue(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_venue *s = &c->set_venue;
    uint8_t number = venue_find(e, &s->venue);
    if (venue_judge(t, s, number) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    bool house = needs_house(e, s, number), made = number == 0;
    uint64_t id = e->seq << ORDER_INDEX_BITS;
    if (made) number = (uint8_t)venue_add(e, id, &s->venue);
    struct venue_cell *v = &e->venues[number];
    uint8_t before = made ? 0 : v->state;
    e->digest -= venue_element(e, number);
    if (house) {
        struct name name = house_name(&s->venue);
        v->account = house_make(t, 1, &name);
    }
    if (s->state != 0) v->state = s->state;
    if (s->simulated != 0) v->simulated = s->simulated == SIMULATED_YES;
    e->digest += venue_element(e, number);
    venue_event(t, number, before, s->cause);
    bool up = (made || before == VENUE_STATE_DOWN) && v->state != VENUE_STATE_DOWN;
    if (up && e->wait_first != 0)
        venue_came_up(t);
    else
        aftermath(t);
}

/* The table. */

static u128 rule_element(const struct engine *e, uint32_t number)
{
    return digest_rule(route_rule_at(e, number), number);
}

void rule_put(struct engine *e, const struct route_rule *r)
{
    uint32_t number = ++e->route_rules_count;
    *route_rule_at(e, number) = *r;
    e->digest += rule_element(e, number);
}

static enum reject rule_quantity_judge(struct turn *t, struct decimal d, enum refusal_field field)
{
    if (!decimal_given(d) || (d.mantissa >= 0 && d.scale <= DECIMAL_SCALE_MAX)) return 0;
    return refuse(t, REJECT_FIELD_INVALID, field);
}

static enum reject rule_invalid(struct turn *t, enum reject reason, enum refusal_field field, uint32_t number)
{
    return refuse_numbers(t, reason, field, number, 0, 0, DECIMAL_ABSENT);
}

static enum reject rule_venues_judge(struct turn *t, const struct route_rule *r, uint32_t number)
{
    if (name_empty(&r->venues[0])) return rule_invalid(t, REJECT_RULE_INVALID, REFUSAL_VENUE, number);
    for (unsigned n = 0; n < ROUTE_CANDIDATES_MAX; n++) {
        if (name_empty(&r->venues[n])) continue;
        if (n > 0 && name_empty(&r->venues[n - 1])) return rule_invalid(t, REJECT_RULE_INVALID, REFUSAL_VENUE, number);
        for (unsigned other = 0; other < n; other++)
            if (names_same(&r->venues[n], &r->venues[other]))
                return rule_invalid(t, REJECT_RULE_INVALID, REFUSAL_VENUE, number);
    }
    for (unsigned n = 0; n < ROUTE_CANDIDATES_MAX && !name_empty(&r->venues[n]); n++)
        if (venue_find(t->engine, &r->venues[n]) == 0)
            return rule_invalid(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE, number);
    return 0;
}

static enum reject rule_judge(struct turn *t, const struct route_rule *r, uint32_t number)
{
    if (r->type > ORDER_TYPE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_TYPE);
    if (r->side > SIDE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    enum reject no = rule_quantity_judge(t, r->min_quantity, REFUSAL_MIN_QUANTITY);
    if (no == 0) no = rule_quantity_judge(t, r->max_quantity, REFUSAL_MAX_QUANTITY);
    if (no != 0) return no;
    if (decimal_given(r->min_quantity) && decimal_given(r->max_quantity) &&
        decimal_nano(r->min_quantity) > decimal_nano(r->max_quantity))
        return rule_invalid(t, REJECT_RULE_INVALID, REFUSAL_MAX_QUANTITY, number);
    return rule_venues_judge(t, r, number);
}

static enum reject routing_judge(struct turn *t, const struct command_set_routing *s)
{
    if (s->rules_count > ROUTE_RULES_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_RULES);
    for (uint32_t n = 0; n < s->rules_count; n++) {
        enum reject no = rule_judge(t, &s->rules[n], n + 1);
        if (no != 0) return no;
    }
    return pending_judge(t);
}

void apply_set_routing(struct turn *t, const struct command *c)
{
    struct engine *e = t->engine;
    const struct command_set_routing *s = &c->set_routing;
    if (routing_judge(t, s) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    for (uint32_t n = 1; n <= e->route_rules_count; n++) e->digest -= rule_element(e, n);
    e->route_rules_count = 0;
    turn_event(t, EVENT_ROUTING_SET)->routing_set.rules = s->rules_count;
    for (uint32_t n = 0; n < s->rules_count; n++) {
        rule_put(e, &s->rules[n]);
        struct event_route_rule_set *ev = &turn_event(t, EVENT_ROUTE_RULE_SET)->route_rule_set;
        ev->number = n + 1;
        ev->rule = s->rules[n];
    }
}

/* The decision. */

static bool has_rejected(const struct wants *w, uint8_t venue)
{
    assert(venue != 0);
    return (w->refused & 1u << ((venue - 1) % 32u)) != 0;
}

bool venue_takes(const struct wants *w, uint8_t venue)
{
    if (venue == VENUE_BOOK) return true;
    return !w->book_only && (venue == VENUE_QUOTE || !w->no_broker);
}

struct wants wants_of_place(const struct command_place *p, struct instrument *i, uint8_t asked)
{
    bool sized = decimal_given(p->quantity) && !decimal_given(p->quote_quantity) && p->quantity.scale <= LIMIT_SCALE;
    bool book_only = (p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE)) != 0 || decimal_given(p->display_quantity) ||
                     decimal_given(p->min_quantity) || p->tif == TIF_ON_OPEN || p->tif == TIF_ON_CLOSE;
    bool no_broker =
        book_only || (p->flags & PLACE_REDUCE_ONLY) != 0 || decimal_given(p->quote_quantity) || decimal_given(p->trail);
    return (struct wants){.account = &p->account,
                          .symbol = &p->symbol,
                          .instrument = i,
                          .quantity_nano = sized ? decimal_nano(p->quantity) : 0,
                          .type = p->type,
                          .side = p->side,
                          .asked = asked,
                          .book_only = book_only,
                          .no_broker = no_broker};
}

/* One that waits, or is at a broker: it has nothing that a broker would not take. */
struct wants wants_of_order(const struct engine *e, const struct order *o)
{
    struct instrument *i = instrument_at(e, o->instrument);
    const struct route *r = route_of(e, o);
    return (struct wants){.account = &account_at(e, o->account)->account,
                          .symbol = &i->symbol,
                          .instrument = i,
                          .quantity_nano = (i128)o->quantity * pow10_i64(LIMIT_SCALE - i->quantity_scale),
                          .refused = r->refused,
                          .type = o->type,
                          .side = o->side,
                          .asked = r->asked,
                          .later = true};
}

static bool rule_fits(const struct route_rule *r, const struct wants *w)
{
    return (name_empty(&r->account) || names_same(&r->account, w->account)) &&
           (name_empty(&r->symbol) || names_same(&r->symbol, w->symbol)) && (r->type == 0 || r->type == w->type) &&
           (r->side == 0 || r->side == w->side) &&
           (!decimal_given(r->min_quantity) || decimal_nano(r->min_quantity) <= w->quantity_nano) &&
           (!decimal_given(r->max_quantity) || w->quantity_nano <= decimal_nano(r->max_quantity));
}

/* Where nobody said: to the quote when only there somebody is on the other side, and it is not for a price of its own. */
static uint8_t default_venue(const struct engine *e, const struct wants *w)
{
    struct instrument *i = w->instrument;
    int64_t quoted = w->side == SIDE_BUY ? i->ask : i->bid;
    bool quote = w->type != ORDER_TYPE_LIMIT && quoted != 0 && venue_takes(w, VENUE_QUOTE) &&
                 book_best(e, book_side(i, side_opposite(w->side))) == 0;
    return quote ? VENUE_QUOTE : VENUE_BOOK;
}

static void candidates_fill(const struct engine *e, const struct wants *w, struct decision *d)
{
    if (w->asked != 0) {
        d->candidates[d->count++] = w->asked;
        return;
    }
    for (uint32_t n = 1; n <= e->route_rules_count; n++) {
        const struct route_rule *r = route_rule_at(e, n);
        if (!rule_fits(r, w)) continue;
        d->rule = (uint16_t)n;
        for (; d->count < ROUTE_CANDIDATES_MAX && !name_empty(&r->venues[d->count]); d->count++)
            d->candidates[d->count] = venue_find(e, &r->venues[d->count]);
        return;
    }
    d->candidates[d->count++] = default_venue(e, w);
}

bool decision_open(const struct engine *e, const struct wants *w, uint8_t venue)
{
    if (venue <= VENUE_QUOTE && !instrument_live(e, w->instrument)) return false;
    if (venue == VENUE_BOOK) return true;
    uint32_t house = e->venues[venue].account;
    bool position = position_find(e, house, instrument_index(e, w->instrument)) != 0;
    bool balance = balance_find(e, house, w->instrument->currency) != 0;
    return (position || !pool_full(&e->positions)) && (balance || !pool_full(&e->balances));
}

static uint8_t choose(const struct engine *e, const struct wants *w, const struct decision *d, uint8_t state)
{
    for (unsigned n = 0; n < d->count; n++) {
        uint8_t v = d->candidates[n];
        if (e->venues[v].state != state || !venue_takes(w, v) || has_rejected(w, v)) continue;
        if (!w->later || decision_open(e, w, v)) return v;
    }
    return 0;
}

void decide(struct engine *e, const struct wants *w, struct decision *d)
{
    *d = (struct decision){.asked = w->asked != 0};
    candidates_fill(e, w, d);
    for (unsigned n = 0; n < d->count; n++) {
        uint8_t v = d->candidates[n];
        if (!venue_takes(w, v)) continue;
        d->taken = true;
        if (!has_rejected(w, v)) d->eligible = true;
    }
    uint8_t v = choose(e, w, d, VENUE_STATE_UP);
    if (v == 0) v = choose(e, w, d, VENUE_STATE_DEGRADED);
    d->venue = v == 0 ? VENUE_NONE : v == VENUE_BOOK ? 0 : v;
}

enum reject judge_route(struct turn *t, struct ticket *k)
{
    const struct command_place *p = k->asked;
    struct wants w = wants_of_place(p, k->instrument, k->asked_venue);
    decide(t->engine, &w, &k->route);
    if (!k->route.taken) return refuse(t, REJECT_NOT_SUPPORTED, REFUSAL_VENUE);
    bool waits = !w.no_broker && (p->tif == TIF_DAY || p->tif == TIF_GTC || p->tif == TIF_GTD);
    if (k->route.venue == VENUE_NONE && !waits) return refuse(t, REJECT_VENUE_DOWN, REFUSAL_VENUE);
    k->venue = k->route.venue;
    return 0;
}
