/* core/desk_values.c - the order desk's tables as the plain values of core/state.h, and put together again.
 * What must stay true: what is exported and imported gives the same digest and the same future; nothing is believed. */
#include "core/desk_parts.h"
#include "core/error.h"

/* Values. */

void venue_value(const struct venue_cell *v, struct venue_state_row *out)
{
    *out = (struct venue_state_row){.id = v->id, .venue = v->venue, .state = v->state, .simulated = v->simulated != 0};
}

void route_value(const struct engine *e, const struct route *r, struct route_state *out)
{
    *out = (struct route_state){.order_id = r->id,
                                .account_id = account_at(e, r->account)->id,
                                .instrument_id = instrument_at(e, r->instrument)->id,
                                .notional_filled = r->notional_filled,
                                .fee_accrued = r->fee_accrued,
                                .filled = r->filled,
                                .due_ns = r->due_ns,
                                .new_price = r->new_price,
                                .new_quantity = r->new_quantity,
                                .new_stop_price = r->new_stop_price,
                                .old_quantity = r->old_quantity,
                                .wait = r->wait,
                                .attempt = r->attempt,
                                .tries = r->tries,
                                .refused = r->refused,
                                .venue = r->venue,
                                .state = r->state,
                                .doubt = r->doubt,
                                .reason = r->reason,
                                .side = r->side,
                                .open = r->order != 0,
                                .asked = r->asked,
                                .manual_review = r->manual_review != 0,
                                .ext_order_id_len = r->ext_order_id_len};
    memcpy(out->ext_order_id, r->ext_order_id, sizeof out->ext_order_id);
}

void execution_value(const struct execution *x, struct execution_state *out)
{
    *out = (struct execution_state){.order_id = x->id,
                                    .number = x->number,
                                    .price = x->price,
                                    .quantity = x->quantity,
                                    .notional = x->notional,
                                    .fee_accrues = x->fee_accrues,
                                    .busted = x->busted != 0,
                                    .exec_id_len = x->exec_id_len};
    memcpy(out->exec_id, x->exec_id, sizeof out->exec_id);
}

void client_id_value(const struct engine *e, const struct client_id_cell *c, struct client_id_state *out)
{
    *out = (struct client_id_state){.account_id = account_at(e, c->account)->id,
                                    .order_id = c->id,
                                    .used_ns = c->used_ns,
                                    .client_order_id_len = (uint8_t)c->len_bytes};
    memcpy(out->client_order_id, c->bytes, sizeof out->client_order_id);
}

void key_value(const struct key_cell *k, struct key_state *out)
{
    *out = (struct key_state){.key = k->key, .body = k->body, .seq = k->seq, .used_ns = k->used_ns};
}

bool engine_get_venue(const struct engine *e, const struct name *venue, struct venue_state_row *out)
{
    uint8_t number = venue_find(e, venue);
    if (number != 0) venue_value(&e->venues[number], out);
    return number != 0;
}

bool engine_get_route(const struct engine *e, uint64_t order_id, struct route_state *out)
{
    uint32_t index = order_id == 0 ? 0 : route_find(e, order_id);
    if (index != 0) route_value(e, route_at(e, index), out);
    return index != 0;
}

/* Export. */

bool engine_export_venue(const struct engine *e, uint32_t *cursor, struct venue_state_row *out)
{
    if (*cursor >= e->venues_count) return false;
    venue_value(&e->venues[++*cursor], out);
    return true;
}

bool engine_export_rule(const struct engine *e, uint32_t *cursor, struct route_rule *out)
{
    if (*cursor >= e->route_rules_count) return false;
    *out = *route_rule_at(e, ++*cursor);
    return true;
}

bool engine_export_route(const struct engine *e, uint32_t *cursor, struct route_state *out)
{
    while (*cursor < e->routes.used) {
        const struct route *r = route_at(e, ++*cursor);
        if (r->id == 0) continue;
        route_value(e, r, out);
        return true;
    }
    return false;
}

/* Route by route, in each by number. *cursor is the last one's index. */
bool engine_export_execution(const struct engine *e, uint32_t *cursor, struct execution_state *out)
{
    uint32_t next = *cursor == 0 ? 0 : execution_at(e, *cursor)->next;
    uint32_t route = *cursor == 0 ? 0 : execution_at(e, *cursor)->route;
    while (next == 0 && route < e->routes.used)
        if (route_at(e, ++route)->id != 0) next = route_at(e, route)->executions_first;
    if (next == 0) return false;
    execution_value(execution_at(e, next), out);
    *cursor = next;
    return true;
}

/* First those without an age, in no order; then the others, oldest first: *cursor has its highest bit set among those. */
bool engine_export_client_id(const struct engine *e, uint32_t *cursor, struct client_id_state *out)
{
    enum { AGED = 1u << 31 };
    while (!(*cursor & AGED) && *cursor < e->client_ids.used) {
        const struct client_id_cell *c = client_id_cell_at(e, ++*cursor);
        if (c->id == 0 || c->used_ns != 0) continue;
        client_id_value(e, c, out);
        return true;
    }
    uint32_t last = *cursor & AGED ? *cursor & ~AGED : 0;
    uint32_t next = last == 0 ? e->client_id_oldest : client_id_cell_at(e, last)->newer;
    if (next == 0) return false;
    client_id_value(e, client_id_cell_at(e, next), out);
    *cursor = AGED | next;
    return true;
}

bool engine_export_key(const struct engine *e, uint32_t *cursor, struct key_state *out)
{
    uint32_t next = *cursor == 0 ? e->key_oldest : key_cell_at(e, *cursor)->newer;
    if (next == 0) return false;
    key_value(key_cell_at(e, next), out);
    *cursor = next;
    return true;
}

/* Import. */

static bool room_good(const char *bytes, size_t room_bytes, size_t len_bytes)
{
    if (len_bytes > room_bytes) return false;
    for (size_t n = len_bytes; n < room_bytes; n++)
        if (bytes[n] != 0) return false;
    return true;
}

static bool name_good(const struct name *n)
{
    struct name again;
    return name_from_text(&again, n->bytes, name_len(n)) == 0 && name_equal(&again, n);
}

/* "@" and its name. */
static uint32_t house_of(const struct engine *e, const struct name *venue)
{
    struct name house = {{'@'}};
    memcpy(house.bytes + 1, venue->bytes, NAME_BYTES - 1);
    return house.bytes[NAME_BYTES - 1] != 0 ? 0 : account_find(e, &house);
}

int engine_import_venue(struct engine *e, const struct venue_state_row *v)
{
    static const struct name first[] = {{"BOOK"}, {"QUOTE"}};
    if (e->venues_count >= VENUES_MAX) return ERR_FULL;
    if (v->id == 0 || !name_good(&v->venue) || v->venue.bytes[0] == '@' || venue_find(e, &v->venue) != 0 ||
        v->state == 0 || v->state > VENUE_STATE_NUMBER_MAX)
        return ERR_CORRUPT;
    if (e->venues_count < 2 && !name_equal(&v->venue, &first[e->venues_count])) return ERR_CORRUPT;
    for (uint32_t n = 1; n <= e->venues_count; n++)
        if (e->venues[n].id == v->id) return ERR_CORRUPT;
    uint32_t house = house_of(e, &v->venue);
    bool book = e->venues_count == 0;
    if (house == 0 ? !book || v->simulated : account_at(e, house)->type != ACCOUNT_TYPE_HOUSE) return ERR_CORRUPT;
    uint8_t number = (uint8_t)++e->venues_count;
    e->venues[number] = (struct venue_cell){
        .id = v->id, .venue = v->venue, .account = house, .state = v->state, .simulated = v->simulated};
    e->digest += digest_venue(v, number);
    return 0;
}

static bool rule_quantity_good(struct decimal d)
{
    return d.scale == DECIMAL_ABSENT || (d.scale <= DECIMAL_SCALE_MAX && d.mantissa >= 0);
}

int engine_import_rule(struct engine *e, const struct route_rule *r)
{
    if (e->route_rules_count >= ROUTE_RULES_MAX) return ERR_FULL;
    bool good = r->type <= ORDER_TYPE_NUMBER_MAX && r->side <= SIDE_NUMBER_MAX && !name_empty(&r->venues[0]) &&
                rule_quantity_good(r->min_quantity) && rule_quantity_good(r->max_quantity);
    for (unsigned n = 0; good && n < ROUTE_CANDIDATES_MAX; n++)
        good = name_empty(&r->venues[n]) ||
               (venue_find(e, &r->venues[n]) != 0 && (n == 0 || !name_empty(&r->venues[n - 1])));
    bool both = r->min_quantity.scale != DECIMAL_ABSENT && r->max_quantity.scale != DECIMAL_ABSENT;
    if (!good || (both && decimal_nano(r->min_quantity) > decimal_nano(r->max_quantity))) return ERR_CORRUPT;
    rule_put(e, r);
    return 0;
}

static bool state_fits(const struct route_state *s)
{
    bool pending_modify =
        s->state == BROKER_PENDING_MODIFY || (s->state == BROKER_UNKNOWN && s->doubt == BROKER_PENDING_MODIFY);
    bool waits = s->state == BROKER_PENDING_ROUTE, done = s->state > BROKER_PENDING_ROUTE;
    bool doubted = s->doubt == BROKER_ROUTED || s->doubt == BROKER_PENDING_CANCEL || s->doubt == BROKER_PENDING_MODIFY;
    return s->state != 0 && s->state <= BROKER_STATE_NUMBER_MAX &&
           (s->state == BROKER_UNKNOWN ? doubted : s->doubt == 0) && s->open != done && waits == (s->wait != 0) &&
           waits == (s->venue == 0) && (!waits || (s->due_ns != 0) != s->manual_review) && (!done || s->due_ns > 0) &&
           (waits || done || s->due_ns == 0) && pending_modify == (s->old_quantity != 0);
}

bool route_good(const struct engine *e, const struct route_state *s)
{
    return s->order_id != 0 && account_by_id(e, s->account_id) != 0 && instrument_by_id(e, s->instrument_id) != 0 &&
           state_fits(s) && s->wait < e->priority_next && s->attempt != 0 && s->side != 0 &&
           s->side <= SIDE_NUMBER_MAX &&
           (s->venue == 0 || (s->venue >= VENUE_BROKER_FIRST && s->venue <= e->venues_count)) &&
           s->asked <= e->venues_count && s->reason <= CANCEL_REASON_NUMBER_MAX && s->filled >= 0 &&
           s->notional_filled >= 0 && s->notional_filled <= NOTIONAL_MAX && s->new_price >= 0 &&
           s->new_price <= PRICE_MAX && s->new_stop_price >= 0 && s->new_stop_price <= PRICE_MAX &&
           s->new_quantity >= 0 && s->new_quantity <= QUANTITY_MAX && s->old_quantity >= 0 &&
           s->old_quantity <= POSITION_MAX && s->due_ns >= 0 &&
           room_good(s->ext_order_id, sizeof s->ext_order_id, s->ext_order_id_len);
}

/* The open order of a route that is imported: at the place that its state says. 0: it does not fit. */
static uint32_t route_order(const struct engine *e, const struct route_state *s)
{
    uint32_t index = order_find(e, s->order_id);
    const struct order *o = order_at(e, index);
    bool waits = s->state == BROKER_PENDING_ROUTE;
    if (index == 0 || o->phase != (waits ? ORDER_PHASE_PENDING_ROUTE : ORDER_PHASE_AT_BROKER) || o->side != s->side)
        return 0;
    const struct order_extra *x = order_extra_at(e, o->extra);
    bool fits = x->route == 0 && (waits || x->venue == s->venue) && account_at(e, o->account)->id == s->account_id &&
                instrument_at(e, o->instrument)->id == s->instrument_id;
    return fits ? index : 0;
}

int engine_import_route(struct engine *e, const struct route_state *s)
{
    dirty_make_room(e);
    if (pool_full(&e->routes)) return ERR_FULL;
    if (!route_good(e, s) || route_find(e, s->order_id) != 0) return ERR_CORRUPT;
    uint32_t order = s->open ? route_order(e, s) : 0;
    if (s->open != (order != 0) || (!s->open && order_find(e, s->order_id) != 0)) return ERR_CORRUPT;
    uint32_t index = pool_take(e, &e->routes);
    struct route *r = route_at(e, index);
    *r = (struct route){.id = s->order_id,
                        .order = order,
                        .account = account_by_id(e, s->account_id),
                        .instrument = instrument_by_id(e, s->instrument_id),
                        .venue = s->venue,
                        .state = s->state,
                        .doubt = s->doubt,
                        .reason = s->reason,
                        .side = s->side,
                        .asked = s->asked,
                        .manual_review = s->manual_review,
                        .ext_order_id_len = s->ext_order_id_len,
                        .attempt = s->attempt,
                        .tries = s->tries,
                        .refused = s->refused,
                        .wait = s->wait,
                        .due_ns = s->due_ns,
                        .new_price = s->new_price,
                        .new_quantity = s->new_quantity,
                        .new_stop_price = s->new_stop_price,
                        .old_quantity = s->old_quantity,
                        .filled = s->filled,
                        .notional_filled = s->notional_filled,
                        .fee_accrued = s->fee_accrued};
    memcpy(r->ext_order_id, s->ext_order_id, sizeof r->ext_order_id);
    if (order != 0) order_extra_at(e, order_at(e, order)->extra)->route = index;
    route_put(e, index);
    return 0;
}

int engine_import_execution(struct engine *e, const struct execution_state *s)
{
    uint32_t route = s->order_id == 0 ? 0 : route_find(e, s->order_id);
    if (pool_full(&e->executions)) return ERR_FULL;
    if (route == 0 || s->number != route_at(e, route)->executions_count + 1 || s->price <= 0 || s->price > PRICE_MAX ||
        s->quantity <= 0 || s->quantity > QUANTITY_MAX || s->notional < 0 || s->notional > NOTIONAL_MAX ||
        !room_good(s->exec_id, sizeof s->exec_id, s->exec_id_len))
        return ERR_CORRUPT;
    struct execution x = {.price = s->price,
                          .quantity = s->quantity,
                          .notional = s->notional,
                          .fee_accrues = s->fee_accrues,
                          .number = s->number,
                          .busted = s->busted,
                          .exec_id_len = s->exec_id_len};
    memcpy(x.exec_id, s->exec_id, sizeof x.exec_id);
    execution_put(e, route, &x);
    return 0;
}

/* An open order's is there already, without an age. */
int engine_import_client_id(struct engine *e, const struct client_id_state *s)
{
    uint32_t account = account_by_id(e, s->account_id);
    if (account == 0 || s->order_id == 0 || s->client_order_id_len == 0 || s->used_ns < 0 || s->used_ns > e->now_ns ||
        !room_good(s->client_order_id, sizeof s->client_order_id, s->client_order_id_len))
        return ERR_CORRUPT;
    if (s->used_ns != 0 && e->client_id_newest != 0 && client_id_cell_at(e, e->client_id_newest)->used_ns > s->used_ns)
        return ERR_CORRUPT;
    uint32_t known = client_id_find(e, account, s->client_order_id);
    if (known == 0 && pool_full(&e->client_ids)) return ERR_FULL;
    struct client_id_cell c = {
        .id = s->order_id, .used_ns = s->used_ns, .account = account, .len_bytes = s->client_order_id_len};
    memcpy(c.bytes, s->client_order_id, sizeof c.bytes);
    if (known == 0) {
        if (s->used_ns == 0) return ERR_CORRUPT;
        client_id_put(e, &c);
        return 0;
    }
    const struct client_id_cell *there = client_id_cell_at(e, known);
    if (there->id != s->order_id || there->used_ns != 0 || there->order == 0) return ERR_CORRUPT;
    if (s->used_ns == 0) return 0;
    uint32_t order = there->order;
    client_id_unuse(e, known);
    uint32_t index = client_id_put(e, &c);
    client_id_cell_at(e, index)->order = order;
    order_at(e, order)->client_order_id = index;
    return 0;
}

int engine_import_key(struct engine *e, const struct key_state *s)
{
    if (pool_full(&e->keys)) return ERR_FULL;
    bool none = (s->key.lo | s->key.hi) == 0;
    if (none || key_find(e, &s->key) != 0 || s->seq == 0 || s->seq > e->seq || s->used_ns < 0 ||
        s->used_ns > e->now_ns || (e->key_newest != 0 && key_cell_at(e, e->key_newest)->used_ns > s->used_ns))
        return ERR_CORRUPT;
    key_put(e, &(struct key_cell){.key = s->key, .body = s->body, .seq = s->seq, .used_ns = s->used_ns});
    return 0;
}

/* Every order at the desk has its route, and BOOK and QUOTE are there. */
bool desk_good(const struct engine *e)
{
    if (e->ready != (e->venues_count >= 2)) return false;
    for (uint32_t n = 1; n <= e->orders.used; n++) {
        const struct order *o = order_at(e, n);
        if (o->id != 0 && at_desk(o) && order_extra_at(e, o->extra)->route == 0) return false;
    }
    return true;
}
