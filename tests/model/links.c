/* tests/model/links.c - groups: OCO pairs, OTO and brackets. How they are judged, what a member's fill or end does to the
 * others, and the follow list.
 * What must stay true: the two of an OCO pair have equal leaves whenever nothing is in the middle of a fill; a child that
 * waits is in no queue and no sum; a member is found by the entry's id and its number, never by a list. */
#include "tests/model/internal.h"

static uint64_t entry_id(const struct order_state *o)
{
    return o->id - o->extra.member;
}

static bool is_parent(const struct order_state *o)
{
    return !(o->flags & PLACE_GTT) && (o->extra.link == LINK_OTO || o->extra.link == LINK_BRACKET) &&
           o->extra.member == 0;
}

static struct order_state *child_of(struct model *m, const struct order_state *entry, unsigned member)
{
    if (member == 2 && entry->extra.link != LINK_BRACKET) return NULL;
    return model_find_order(m, entry_id(entry) + member);
}

static void join_follow_list(struct model *m, struct order_state *o)
{
    if (o->extra.follow == 0) o->extra.follow = m->scalars.priority_next++;
}

/* ---- fills and ends ---- */

/* The other of a pair goes down with it, or goes. Of a fill the closing part goes first. */
static void partner_follows(struct model *m, struct order_state *partner, int64_t less, bool filled)
{
    m->work_used++;
    if (partner->leaves <= less) {
        model_order_cancel_alone(m, partner->id, CANCEL_REASON_OCO, 0);
        return;
    }
    if (filled) {
        int64_t closed = less < partner->closing_leaves ? less : partner->closing_leaves;
        model_renumber(m, partner, partner->quantity - less, partner->leaves - less, partner->closing_leaves - closed);
    } else {
        model_shrink(m, partner, less);
    }
    model_say_reduced(m, partner, CANCEL_REASON_OCO);
}

void model_group_filled(struct model *m, uint64_t order_id, int64_t quantity)
{
    struct order_state *o = model_find_order(m, order_id);
    struct order_state *partner = model_pair_partner(m, o);
    if (partner != NULL) {
        partner_follows(m, partner, quantity, true);
        o = model_find_order(m, order_id);
    }
    if (is_parent(o)) {
        struct order_state *child = child_of(m, o, 1);
        if (child == NULL) return;
        child->extra.due += quantity;
        if (o->extra.activation == ACTIVATION_EACH_FILL || o->leaves == 0) join_follow_list(m, child);
    } else if (model_is_child(o)) {
        struct order_state *entry = model_find_order(m, entry_id(o));
        if (entry != NULL && entry->leaves > 0) join_follow_list(m, entry);
    }
}

void model_group_decremented(struct model *m, uint64_t order_id, int64_t quantity)
{
    struct order_state *partner = model_pair_partner(m, model_find_order(m, order_id));
    if (partner != NULL) partner_follows(m, partner, quantity, false);
}

static void cancel_children(struct model *m, const struct order_state *entry, enum cancel_reason reason, int reject)
{
    for (unsigned member = 1; member <= 2; member++) {
        const struct order_state *child = child_of(m, entry, member);
        if (child != NULL) model_order_cancel_alone(m, child->id, reason, reject);
    }
}

static void parent_ended(struct model *m, const struct order_state *entry, enum cancel_reason reason)
{
    struct order_state *child = child_of(m, entry, 1);
    if (child == NULL) return;
    bool all_goes = reason == CANCEL_REASON_MASS_CANCEL || reason == CANCEL_REASON_LIQUIDATION;
    bool waits = child->extra.phase == ORDER_PHASE_WAITING;
    if (waits && (all_goes || entry->leaves == entry->quantity))
        cancel_children(m, entry, CANCEL_REASON_PARENT_ENDED, 0);
    else if (entry->extra.activation == ACTIVATION_FULL_FILL)
        join_follow_list(m, child);
}

void model_group_ended(struct model *m, const struct order_state *ended, enum cancel_reason reason)
{
    const struct order_state *partner = model_pair_partner(m, ended);
    if (partner != NULL) model_order_cancel_alone(m, partner->id, CANCEL_REASON_OCO, 0);
    if (is_parent(ended)) parent_ended(m, ended, reason);
}

/* ---- the follow list ---- */

struct order_state *model_first_to_follow(struct model *m)
{
    struct order_state *first = NULL;
    for (uint32_t k = 0; k < m->orders_count; k++) {
        struct order_state *o = &m->orders[k];
        if (o->extra.follow != 0 && (first == NULL || o->extra.follow < first->extra.follow)) first = o;
    }
    return first;
}

/* What a child is with so much more. */
static void grow(const struct instrument_state *i, struct order_state *child, int64_t more, int64_t closing)
{
    bool waits = child->extra.phase == ORDER_PHASE_WAITING;
    child->quantity = waits ? more : child->quantity + more;
    child->leaves = waits ? more : child->leaves + more;
    child->closing_leaves = waits ? closing : child->closing_leaves + closing;
    if (child->type != ORDER_TYPE_STOP) return;
    int64_t stop = child->extra.stop_price;
    child->extra.hold_price = model_is_buy(child->side) ? model_raise(i, stop) : stop;
}

static int judge_child_notional(struct model *m, const struct account_state *a, const struct instrument_state *i,
                                const struct order_state *child)
{
    return model_judge_notional(m, a, i, model_highest_price(m, child), child->quantity);
}

/* The hold of a pair or a single child as they would be. */
static i128 hold_grown(const struct account_state *a, const struct instrument_state *i, const struct order_state *first,
                       const struct order_state *second)
{
    int64_t opening = first->leaves - first->closing_leaves;
    i128 hold = model_hold_at(a, i, first, opening);
    i128 other = second == NULL ? 0 : model_hold_at(a, i, second, opening);
    return other > hold ? other : hold;
}

static int judge_opening(struct model *m, const struct account_state *a, const struct instrument_state *i, int side,
                         int64_t opening)
{
    int reason = model_judge_halted(m, a, i);
    if (reason == 0) reason = model_judge_reducing(m, a, i, opening);
    bool may_short = a->type == ACCOUNT_TYPE_MARGIN && a->allow_short;
    if (reason == 0 && !model_is_buy(side) && !may_short) reason = REJECT_POSITION_SHORT;
    return reason;
}

/* May the first child (and the second, or NULL) get so much more? Both are copies that say what they would be then. */
static int judge_activation(struct model *m, const struct order_state *first, const struct order_state *second,
                            int64_t more, int64_t closing, i128 old_hold)
{
    const struct account_state *a = model_account_by_id(m, first->account_id);
    const struct instrument_state *i = model_instrument_by_id(m, first->instrument_id);
    const struct position_state *p = model_find_position(m, a->id, i->id);
    const struct balance_state *b = model_find_balance(m, a->id, model_currency_id(m, i));
    i128 size = p->quantity < 0 ? -(i128)p->quantity : p->quantity;
    if (size + (model_is_buy(first->side) ? p->open_buy : p->open_sell) + more > POSITION_MAX)
        return REJECT_POSITION_TOO_LARGE;
    int reason = judge_child_notional(m, a, i, first);
    if (reason == 0 && second != NULL) reason = judge_child_notional(m, a, i, second);
    bool opens = more > closing && a->type != ACCOUNT_TYPE_HOUSE;
    if (reason == 0 && opens) reason = judge_opening(m, a, i, first->side, more - closing);
    if (reason == 0 && opens && hold_grown(a, i, first, second) > model_free_of(b) + old_hold)
        reason = REJECT_CASH_SHORT;
    if (reason == 0) reason = model_judge_tables(m, 0, 0, second == NULL ? 1 : 2);
    return reason;
}

static void say_activated(struct model *m, const struct order_state *o, int phase)
{
    const struct instrument_spec *spec = &model_instrument_by_id(m, o->instrument_id)->spec;
    model_say(m, EVENT_ACTIVATED)->activated =
        (struct event_activated){.order_id = o->id,
                                 .account = model_account_by_id(m, o->account_id)->account,
                                 .symbol = spec->symbol,
                                 .quantity = o->quantity,
                                 .leaves = o->leaves,
                                 .hold = o->hold,
                                 .side = o->side,
                                 .phase = (uint8_t)phase,
                                 .quantity_scale = spec->quantity_scale,
                                 .currency_scale = spec->currency_scale};
}

/* The member takes its new numbers, its place in time and, if it is the first, its sums. A second that waited goes on waiting
 * until it is put to work. */
static void activate(struct model *m, uint64_t order_id, const struct order_state *grown, bool put_to_work_at_once)
{
    struct order_state *o = model_find_order(m, order_id);
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    int phase = o->extra.phase == ORDER_PHASE_WAITING ? model_phase_at_work(o, i) : o->extra.phase;
    model_count_in_sums(m, o, -1);
    o->quantity = grown->quantity;
    o->leaves = grown->leaves;
    o->closing_leaves = grown->closing_leaves;
    o->extra.hold_price = grown->extra.hold_price;
    if (put_to_work_at_once) o->extra.phase = (uint8_t)phase;
    model_count_in_sums(m, o, 1);
    model_take_priority(m, o);
    m->work_used++;
}

static void put_to_work(struct model *m, uint64_t order_id)
{
    struct order_state *o = model_find_order(m, order_id);
    if (o == NULL) return;
    const struct instrument_state *i = model_instrument_by_id(m, o->instrument_id);
    if (o->extra.phase == ORDER_PHASE_WAITING) o->extra.phase = (uint8_t)model_phase_at_work(o, i);
    if (o->extra.phase == ORDER_PHASE_PENDING_TRIGGER) o->extra.direction = (uint8_t)model_other_side(o->side);
    model_work(m, order_id, 0);
}

static int phase_said(struct model *m, const struct order_state *o)
{
    bool waits = o->extra.phase == ORDER_PHASE_WAITING;
    return waits ? model_phase_at_work(o, model_instrument_by_id(m, o->instrument_id)) : o->extra.phase;
}

static void activate_children(struct model *m, uint64_t first_id, uint64_t second_id, const struct order_state *first,
                              const struct order_state *second)
{
    model_turn_to(m, first->instrument_id);
    activate(m, first_id, first, true);
    struct order_state *o = model_find_order(m, first_id);
    if (o->extra.phase == ORDER_PHASE_PENDING_TRIGGER) o->extra.direction = (uint8_t)model_other_side(o->side);
    if (second_id != 0) {
        /* The first's hold is the larger of both, so both must have their numbers. */
        struct order_state *s = model_find_order(m, second_id);
        s->quantity = second->quantity;
        s->leaves = second->leaves;
        s->extra.hold_price = second->extra.hold_price;
    }
    model_set_hold(m, o, model_hold_of_order(m, o));
    say_activated(m, o, o->extra.phase);
    if (second_id != 0) {
        activate(m, second_id, second, false);
        const struct order_state *s = model_find_order(m, second_id);
        say_activated(m, s, phase_said(m, s));
    }
    put_to_work(m, first_id);
    if (second_id != 0) put_to_work(m, second_id);
}

static void follow_child(struct model *m, struct order_state *child)
{
    const struct instrument_state *i = model_instrument_by_id(m, child->instrument_id);
    const struct account_state *a = model_account_by_id(m, child->account_id);
    const struct position_state *p = model_find_position(m, a->id, i->id);
    const struct order_state *partner = model_pair_partner(m, child);
    int64_t more = child->extra.due, cover = model_cover(p, child->side);
    int64_t closing = a->type == ACCOUNT_TYPE_HOUSE ? 0 : more < cover ? more : cover;
    child->extra.due = 0;
    child->extra.follow = 0;
    bool waits = child->extra.phase == ORDER_PHASE_WAITING;
    struct order_state first = *child, second = {0};
    grow(i, &first, more, closing);
    if (partner != NULL) {
        second = *partner;
        grow(i, &second, more, 0);
    }
    int reason = judge_activation(m, &first, partner == NULL ? NULL : &second, more, closing, child->hold);
    if (reason == 0) {
        activate_children(m, first.id, partner == NULL ? 0 : second.id, &first, &second);
        return;
    }
    m->work_used++;
    if (!waits) return;
    struct order_state entry = {.id = entry_id(&first), .extra.link = first.extra.link};
    cancel_children(m, &entry, CANCEL_REASON_REFUSED, reason);
}

void model_follow_step(struct model *m)
{
    struct order_state *o = model_first_to_follow(m);
    if (model_is_child(o)) {
        follow_child(m, o);
        return;
    }
    m->work_used++;
    model_order_cancel(m, o->id, CANCEL_REASON_EXITED);
}

/* ---- PLACE_LINKED ---- */

static int judge_link(struct model *m, const struct command_place_linked *l)
{
    if (l->link < 1 || l->link > LINK_NUMBER_MAX) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_LINK);
    bool known = l->activation >= 1 && l->activation <= ACTIVATION_NUMBER_MAX;
    if (l->link == LINK_OCO ? l->activation != 0 : !known)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_ACTIVATION);
    return 0;
}

static int judge_entry(struct model *m, const struct command_place_linked *l)
{
    const struct command_place *p = &l->entry;
    int field = 0;
    if (p->tif == TIF_IOC || p->tif == TIF_FOK || p->tif == TIF_ON_OPEN || p->tif == TIF_ON_CLOSE)
        field = REFUSAL_TIF;
    else if (p->flags & (PLACE_POST_ONLY | PLACE_ALL_OR_NONE | PLACE_REDUCE_ONLY))
        field = REFUSAL_FLAGS;
    else if (model_given(p->trail))
        field = REFUSAL_TRAIL;
    else if (model_given(p->display_quantity))
        field = REFUSAL_DISPLAY_QUANTITY;
    else if (model_given(p->quote_quantity))
        field = REFUSAL_QUOTE_QUANTITY;
    else if (model_given(p->min_quantity))
        field = REFUSAL_MIN_QUANTITY;
    else if (p->venue.bytes[0] != '\0' && model_venue_number(m, &p->venue) != VENUE_BOOK)
        field = REFUSAL_VENUE;
    else if (p->type == ORDER_TYPE_MARKET && l->link == LINK_OCO)
        field = REFUSAL_TYPE;
    return field == 0 ? 0 : model_refuse_plain(m, REJECT_LINK_NOT_ALLOWED, field);
}

static int judge_leg(struct model *m, const struct command_place_linked *l, unsigned number)
{
    const struct command_leg *leg = &l->legs[number];
    if (leg->type != ORDER_TYPE_LIMIT && leg->type != ORDER_TYPE_STOP && leg->type != ORDER_TYPE_STOP_LIMIT)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TYPE);
    if (leg->tif != TIF_DAY && leg->tif != TIF_GTC) return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_TIF);
    bool side_is_known = leg->side == SIDE_BUY || leg->side == SIDE_SELL;
    if (l->link == LINK_OTO ? !side_is_known : leg->side != 0)
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (l->link == LINK_BRACKET && (number == 0) != (leg->type == ORDER_TYPE_LIMIT))
        return model_refuse_plain(m, REJECT_FIELD_INVALID, REFUSAL_LEGS);
    if (model_given(leg->price) && leg->type == ORDER_TYPE_STOP)
        return model_refuse_plain(m, REJECT_PRICE_NOT_ALLOWED, REFUSAL_PRICE);
    if (model_given(leg->stop_price) && leg->type == ORDER_TYPE_LIMIT)
        return model_refuse_plain(m, REJECT_STOP_PRICE_NOT_ALLOWED, REFUSAL_STOP_PRICE);
    return 0;
}

/* What a leg is, as far as the command says so; its prices come later. */
static struct order_state leg_of(const struct command_place_linked *l, unsigned number)
{
    const struct command_leg *leg = &l->legs[number];
    int side = l->link == LINK_OTO ? leg->side : l->link == LINK_OCO ? l->entry.side : model_other_side(l->entry.side);
    return (struct order_state){.side = (uint8_t)side,
                                .type = leg->type,
                                .tif = leg->tif,
                                .extra.link = l->link,
                                .extra.activation = l->activation,
                                .extra.member = (uint8_t)(number + 1),
                                .extra.phase = ORDER_PHASE_WAITING};
}

static int judge_leg_price(struct model *m, struct request *r, unsigned number)
{
    const struct command_leg *leg = &r->linked->legs[number];
    struct order_state *o = &r->plan.legs[number];
    const struct instrument_state *i = r->instrument;
    int reason = 0;
    if (o->type != ORDER_TYPE_STOP)
        reason = model_judge_price(m, &i->spec, leg->price, REJECT_PRICE_REQUIRED, REFUSAL_PRICE, &o->price);
    if (reason == 0 && o->type != ORDER_TYPE_LIMIT)
        reason = model_judge_price(m, &i->spec, leg->stop_price, REJECT_STOP_PRICE_REQUIRED, REFUSAL_STOP_PRICE,
                                   &o->extra.stop_price);
    if (reason != 0 || o->type == ORDER_TYPE_LIMIT || r->linked->link != LINK_OCO) return reason;
    if (model_stop_is_met(i, o->side, o->extra.stop_price))
        return model_refuse(m, REJECT_STOP_WOULD_TRIGGER, REFUSAL_STOP_PRICE, o->extra.stop_price, i->spec.price_scale,
                            model_reference(i, o->side), i->spec.price_scale);
    if (o->type == ORDER_TYPE_STOP)
        o->extra.hold_price = model_is_buy(o->side) ? model_raise(i, o->extra.stop_price) : o->extra.stop_price;
    return 0;
}

int model_judge_leg_prices(struct model *m, struct request *r)
{
    int reason = 0;
    for (unsigned k = 0; k < r->plan.legs_count && reason == 0; k++) {
        r->plan.legs[k] = leg_of(r->linked, k);
        r->plan.legs[k].account_id = r->account->id;
        r->plan.legs[k].instrument_id = r->instrument->id;
        reason = judge_leg_price(m, r, k);
    }
    return reason;
}

int model_judge_second(struct model *m, struct request *r)
{
    const struct order_state *second = &r->plan.legs[0];
    int reason =
        model_judge_notional(m, r->account, r->instrument, model_highest_price(m, second), r->plan.order.quantity);
    if (reason == 0 && second->type == ORDER_TYPE_LIMIT) reason = model_judge_collar(m, r->instrument, second->price);
    return reason;
}

int model_apply_place_linked(struct model *m, const struct command *c)
{
    const struct command_place_linked *l = &c->place_linked;
    int reason = judge_link(m, l);
    if (reason == 0) reason = model_judge_shape(m, &l->entry);
    if (reason == 0) reason = judge_entry(m, l);
    unsigned legs = l->link == LINK_BRACKET ? 2 : 1;
    for (unsigned k = 0; k < legs && reason == 0; k++) reason = judge_leg(m, l, k);
    struct request r = {.asked = &l->entry, .linked = l, .plan.legs_count = legs};
    if (reason == 0) reason = model_judge_names(m, &r);
    if (reason == 0) reason = model_judge_client_id(m, &r);
    if (reason == 0 && model_pending(m)) reason = model_refuse_plain(m, REJECT_SWEEP_PENDING, 0);
    if (reason == 0) reason = model_judge_from_7(m, &r, model_own_id(m, 0));
    if (reason == 0) model_carry_out(m, &r, 0);
    return reason;
}
