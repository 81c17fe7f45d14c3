/* api/json_tape.c - commands as JSON lines, one object each.
 * What must stay true: a command's line, given back to json_command_parse with kind 0, is the same command again; so
 * what `cat commands` prints, `submit` takes. */
#include "api/json_parts.h"

static void member_given(struct json *j, const char *key, struct decimal d)
{
    member_decimal(j, key, d.mantissa, d.scale);
}

static void members_set_instrument(struct json *j, const struct command_set_instrument *s)
{
    member_name(j, "symbol", &s->symbol);
    if (s->fields & INSTRUMENT_HAS_CURRENCY) member_name(j, "currency", &s->currency);
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE) member_given(j, "tick_size", s->tick_size);
    if (s->fields & INSTRUMENT_HAS_LOT_SIZE) member_given(j, "lot_size", s->lot_size);
    if (s->fields & INSTRUMENT_HAS_MIN_QUANTITY) member_given(j, "min_quantity", s->min_quantity);
    if (s->fields & INSTRUMENT_HAS_MAX_QUANTITY) member_given(j, "max_quantity", s->max_quantity);
    if (s->fields & INSTRUMENT_HAS_MAX_NOTIONAL) {
        member_decimal(j, "max_notional", s->max_notional.mantissa, s->max_notional.scale);
    }
    if (s->fields & INSTRUMENT_HAS_COLLAR) member_given(j, "price_collar_percent", s->collar_percent);
    if (s->fields & INSTRUMENT_HAS_MAKER_FEE) member_given(j, "maker_fee_bps", s->maker_fee_bps);
    if (s->fields & INSTRUMENT_HAS_TAKER_FEE) member_given(j, "taker_fee_bps", s->taker_fee_bps);
    if (s->fields & INSTRUMENT_HAS_TRIGGER) member_string(j, "trigger", trigger_text(s->trigger));
    if (s->fields & INSTRUMENT_HAS_SETTLEMENT_DAYS) member_u64(j, "settlement_days", s->settlement_days);
    if (s->fields & INSTRUMENT_HAS_STATE) member_string(j, "state", instrument_state_text(s->state));
    if (s->fields & INSTRUMENT_HAS_MAX_LEVERAGE) member_given(j, "max_leverage", s->max_leverage);
    if (s->fields & INSTRUMENT_HAS_MARK) member_string(j, "mark", trigger_text(s->mark));
    if (s->fields & INSTRUMENT_HAS_HALT_ON_BREACH) member_bool(j, "halt_on_breach", s->halt_on_breach);
}

/* What a command says of an account's limits; without a word of them there is no object. */
static void members_set_limits(struct json *j, const struct command_set_account *s)
{
    const uint32_t limits = ACCOUNT_HAS_MAX_ORDER_QUANTITY | ACCOUNT_HAS_MAX_ORDER_NOTIONAL | ACCOUNT_HAS_MAX_POSITION |
                            ACCOUNT_HAS_MAX_OPEN_ORDERS | ACCOUNT_HAS_MAX_ORDERS_PER_SECOND;
    if ((s->fields & limits) == 0) return;
    json_key(j, "limits");
    json_object_begin(j);
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_QUANTITY) member_given(j, "max_order_quantity", s->max_order_quantity);
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_NOTIONAL) member_given(j, "max_order_notional", s->max_order_notional);
    if (s->fields & ACCOUNT_HAS_MAX_POSITION) member_given(j, "max_position", s->max_position);
    if (s->fields & ACCOUNT_HAS_MAX_OPEN_ORDERS) member_u64(j, "max_open_orders", s->max_open_orders);
    if (s->fields & ACCOUNT_HAS_MAX_ORDERS_PER_SECOND) {
        member_u64(j, "max_orders_per_second", s->max_orders_per_second);
    }
    json_object_end(j);
}

/* An account's own fee; null: the instrument's again. */
static void member_fee(struct json *j, const char *key, struct decimal fee)
{
    if (fee.scale != DECIMAL_ABSENT) {
        member_given(j, key, fee);
        return;
    }
    json_key(j, key);
    json_null(j);
}

static void members_set_account(struct json *j, const struct command_set_account *s)
{
    member_name(j, "account", &s->account);
    if (s->fields & ACCOUNT_HAS_TYPE) member_string(j, "type", account_type_text(s->type));
    if (s->fields & ACCOUNT_HAS_LEVERAGE) member_given(j, "leverage", s->leverage);
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) member_bool(j, "allow_short", s->allow_short);
    if (s->fields & ACCOUNT_HAS_STATUS) member_string(j, "status", account_status_text(s->status));
    if (s->fields & ACCOUNT_HAS_STP) member_string(j, "stp", stp_text(s->stp));
    members_set_limits(j, s);
    if (s->fields & ACCOUNT_HAS_MAKER_FEE) member_fee(j, "maker_fee_bps", s->maker_fee_bps);
    if (s->fields & ACCOUNT_HAS_TAKER_FEE) member_fee(j, "taker_fee_bps", s->taker_fee_bps);
    if (s->fields & ACCOUNT_HAS_MARGIN_CALL) member_given(j, "margin_call_percent", s->margin_call_percent);
    if (s->fields & ACCOUNT_HAS_LIQUIDATION) member_given(j, "liquidation_percent", s->liquidation_percent);
}

static void members_place(struct json *j, const struct command_place *p)
{
    member_name(j, "account", &p->account);
    member_name(j, "symbol", &p->symbol);
    member_string(j, "side", side_text(p->side));
    member_string(j, "type", order_type_text(p->type));
    member_string(j, "tif", tif_text(p->tif));
    member_given(j, "quantity", p->quantity);
    member_given(j, "price", p->price);
    member_given(j, "stop_price", p->stop_price);
    member_given(j, (p->flags & PLACE_TRAIL_PERCENT) != 0 ? "trail_percent" : "trail_amount", p->trail);
    member_given(j, "display_quantity", p->display_quantity);
    member_given(j, "quote_quantity", p->quote_quantity);
    member_given(j, "min_quantity", p->min_quantity);
    member_given(j, "leverage", p->leverage);
    member_time(j, "expires_at", p->expires_ns);
    member_true(j, "post_only", (p->flags & PLACE_POST_ONLY) != 0);
    member_true(j, "reduce_only", (p->flags & PLACE_REDUCE_ONLY) != 0);
    member_true(j, "all_or_none", (p->flags & PLACE_ALL_OR_NONE) != 0);
    member_string(j, "stp", stp_text(p->stp));
    member_name(j, "venue", &p->venue);
    member_text(j, "client_order_id", p->client_order_id.bytes, p->client_order_id.len_bytes);
    member_text(j, "tag", p->tag.bytes, p->tag.len_bytes);
}

static void write_leg(struct json *j, const struct command_leg *l)
{
    json_object_begin(j);
    member_string(j, "side", side_text(l->side));
    member_string(j, "type", order_type_text(l->type));
    member_string(j, "tif", tif_text(l->tif));
    member_given(j, "price", l->price);
    member_given(j, "stop_price", l->stop_price);
    json_object_end(j);
}

static void members_place_linked(struct json *j, const struct command_place_linked *l)
{
    members_place(j, &l->entry);
    json_key(j, "link");
    json_object_begin(j);
    member_string(j, "type", link_text(l->link));
    member_string(j, "activation", activation_text(l->activation));
    json_key(j, "legs");
    json_array_begin(j);
    write_leg(j, &l->legs[0]);
    if (l->link == LINK_BRACKET) write_leg(j, &l->legs[1]);
    json_array_end(j);
    json_object_end(j);
}

static bool leg_given(const struct gtt_leg *l)
{
    return l->trigger_price.scale != DECIMAL_ABSENT || l->price.scale != DECIMAL_ABSENT ||
           l->quantity.scale != DECIMAL_ABSENT;
}

/* A leg that says nothing is null. */
static void member_gtt_legs(struct json *j, const struct gtt_leg *legs, uint32_t count)
{
    if (count == 0) return;
    json_key(j, "legs");
    json_array_begin(j);
    for (uint32_t i = 0; i < count; i++) {
        if (!leg_given(&legs[i])) {
            json_null(j);
            continue;
        }
        json_object_begin(j);
        member_given(j, "trigger_price", legs[i].trigger_price);
        member_given(j, "price", legs[i].price);
        member_given(j, "quantity", legs[i].quantity);
        json_object_end(j);
    }
    json_array_end(j);
}

static void members_gtt_place(struct json *j, const struct command_gtt_place *g)
{
    member_name(j, "account", &g->account);
    member_name(j, "symbol", &g->symbol);
    member_string(j, "side", side_text(g->side));
    member_time(j, "expires_at", g->expires_ns);
    member_gtt_legs(j, g->legs, g->legs_count);
}

static void members_gtt_modify(struct json *j, const struct command_gtt_modify *g)
{
    member_id(j, "gtt_id", g->gtt_id);
    member_string(j, "status", gtt_status_text(g->status));
    member_time(j, "expires_at", g->expires_ns);
    member_gtt_legs(j, g->legs, leg_given(&g->legs[1]) ? 2 : leg_given(&g->legs[0]) ? 1 : 0);
}

static void members_set_trading(struct json *j, const struct command_set_trading *s)
{
    member_name(j, "account", &s->account);
    member_name(j, "symbol", &s->symbol);
    member_string(j, "status", account_status_text(s->status));
    member_true(j, "cancel", s->cancel);
}

static void members_modify(struct json *j, const struct command_modify *m)
{
    member_id(j, "order_id", m->order_id);
    member_given(j, "quantity", m->quantity);
    member_given(j, "price", m->price);
    member_given(j, "stop_price", m->stop_price);
    member_given(j, "display_quantity", m->display_quantity);
}

static void members_set_quote(struct json *j, const struct command_set_quote *q)
{
    member_name(j, "symbol", &q->symbol);
    member_given(j, "bid", q->bid);
    member_given(j, "bid_quantity", q->bid_quantity);
    member_given(j, "ask", q->ask);
    member_given(j, "ask_quantity", q->ask_quantity);
}

static void members_set_venue(struct json *j, const struct command_set_venue *v)
{
    member_name(j, "venue", &v->venue);
    member_string(j, "state", venue_state_text(v->state));
    if (v->simulated != 0) member_bool(j, "simulated", v->simulated == 2);
    member_string(j, "cause", venue_cause_text(v->cause));
}

static void members_set_routing(struct json *j, const struct command_set_routing *r)
{
    json_key(j, "rules");
    json_array_begin(j);
    for (uint32_t i = 0; i < r->rules_count; i++) {
        json_object_begin(j);
        members_rule(j, &r->rules[i]);
        json_object_end(j);
    }
    json_array_end(j);
}

static void members_batch(struct json *j, const struct command_batch *b)
{
    member_name(j, "account", &b->account);
    member_true(j, "atomic", b->atomic);
    json_key(j, "orders");
    json_array_begin(j);
    for (uint32_t i = 0; i < b->orders_count; i++) {
        json_object_begin(j);
        members_place(j, &b->orders[i]);
        json_object_end(j);
    }
    json_array_end(j);
}

static void members_report(struct json *j, const struct command_report *r)
{
    member_id(j, "order_id", r->order_id);
    member_string(j, "report", report_text(r->report));
    member_name(j, "venue", &r->venue);
    member_text(j, "ext_order_id", r->ext_order_id.bytes, r->ext_order_id.len_bytes);
    member_text(j, "reason", r->reason.bytes, r->reason.len_bytes);
}

static void members_fill(struct json *j, const struct command_fill *f)
{
    member_name(j, "venue", &f->venue);
    member_true(j, "simulated", f->simulated);
    json_key(j, "fills");
    json_array_begin(j);
    for (uint32_t i = 0; i < f->fills_count; i++) {
        const struct fill_row *row = &f->fills[i];
        json_object_begin(j);
        member_id(j, "order_id", row->order_id);
        member_string(j, "kind", fill_kind_text(row->kind));
        member_text(j, "exec_id", row->exec_id.bytes, row->exec_id.len_bytes);
        member_text(j, "ref_exec_id", row->ref_exec_id.bytes, row->ref_exec_id.len_bytes);
        member_given(j, "fill_price", row->price);
        member_given(j, "fill_qty", row->quantity);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_statement_row(struct json *j, const struct statement_row *r)
{
    json_object_begin(j);
    member_text(j, "exec_id", r->exec_id.bytes, r->exec_id.len_bytes);
    member_text(j, "ext_order_id", r->ext_order_id.bytes, r->ext_order_id.len_bytes);
    member_name(j, "symbol", &r->symbol);
    member_string(j, "side", side_text(r->side));
    member_given(j, "price", r->price);
    member_given(j, "quantity", r->quantity);
    member_decimal(j, "fee", r->fee.mantissa, r->fee.scale);
    json_object_end(j);
}

static void members_statement_in(struct json *j, const struct command_statement *s)
{
    member_name(j, "venue", &s->venue);
    member_name(j, "account", &s->account);
    json_key(j, "from");
    json_time(j, s->from_ns);
    json_key(j, "to");
    json_time(j, s->to_ns);
    json_key(j, "rows");
    json_array_begin(j);
    for (uint32_t i = 0; i < s->rows_count; i++) write_statement_row(j, &s->rows[i]);
    json_array_end(j);
}

/* Kinds of the order desk. */
static void members_desk_command(struct json *j, const struct command *c)
{
    char room[KEY_HASH_TEXT_BYTES];
    switch (c->kind) {
    case COMMAND_SET_VENUE: members_set_venue(j, &c->set_venue); break;
    case COMMAND_SET_ROUTING: members_set_routing(j, &c->set_routing); break;
    case COMMAND_BATCH: members_batch(j, &c->batch); break;
    case COMMAND_CANCEL_BATCH:
        member_id(j, "batch_id", c->cancel_batch.batch_id);
        member_u64(j, "orders", c->cancel_batch.orders_count);
        break;
    case COMMAND_ROUTE:
        member_id(j, "order_id", c->route.order_id);
        member_name(j, "venue", &c->route.venue);
        break;
    case COMMAND_REPORT: members_report(j, &c->report); break;
    case COMMAND_FILL: members_fill(j, &c->fill); break;
    case COMMAND_SETTLE: member_id(j, "order_id", c->settle.order_id); break;
    case COMMAND_CLEAR_KEY:
        json_key(j, "key");
        json_string(j, key_hash_to_text(c->clear_key.key, room));
        break;
    case COMMAND_STATEMENT: members_statement_in(j, &c->statement); break;
    default: break; /* TICK and CONTINUE say nothing more */
    }
}

static void members_origin(struct json *j, const struct command_origin *o)
{
    member_name(j, "actor", &o->actor);
    member_text(j, "request_id", o->request_id.bytes, o->request_id.len_bytes);
    member_key_hash(j, "key_hash", o->key);
    member_key_hash(j, "body_hash", o->body);
}

static void members_command(struct json *j, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_LIMITS: members_limits(j, &c->set_limits); break;
    case COMMAND_SET_CURRENCY:
        member_name(j, "currency", &c->set_currency.currency);
        if (c->set_currency.scale != DECIMAL_ABSENT) member_u64(j, "scale", c->set_currency.scale);
        break;
    case COMMAND_SET_INSTRUMENT: members_set_instrument(j, &c->set_instrument); break;
    case COMMAND_SET_ACCOUNT: members_set_account(j, &c->set_account); break;
    case COMMAND_MOVE_CASH:
        member_name(j, "account", &c->move_cash.account);
        member_name(j, "currency", &c->move_cash.currency);
        member_decimal(j, "amount", c->move_cash.amount.mantissa, c->move_cash.amount.scale);
        break;
    case COMMAND_SET_QUOTE: members_set_quote(j, &c->set_quote); break;
    case COMMAND_PLACE: members_place(j, &c->place); break;
    case COMMAND_MODIFY: members_modify(j, &c->modify); break;
    case COMMAND_CANCEL: member_id(j, "order_id", c->cancel.order_id); break;
    case COMMAND_MASS_CANCEL:
        member_name(j, "account", &c->mass_cancel.account);
        member_name(j, "symbol", &c->mass_cancel.symbol);
        member_string(j, "side", side_text(c->mass_cancel.side));
        break;
    case COMMAND_END_OF_DAY: member_name(j, "symbol", &c->end_of_day.symbol); break;
    case COMMAND_PLACE_LINKED: members_place_linked(j, &c->place_linked); break;
    case COMMAND_SET_TRADING: members_set_trading(j, &c->set_trading); break;
    case COMMAND_GTT_PLACE: members_gtt_place(j, &c->gtt_place); break;
    case COMMAND_GTT_MODIFY: members_gtt_modify(j, &c->gtt_modify); break;
    case COMMAND_GTT_DELETE: member_id(j, "gtt_id", c->gtt_delete.gtt_id); break;
    case COMMAND_CHECK_MARGIN: member_name(j, "account", &c->check_margin.account); break;
    default: members_desk_command(j, c); break;
    }
}

void json_command(struct json *j, const struct command *c)
{
    json_object_begin(j);
    if (c->seq != 0) {
        member_u64(j, "seq", c->seq);
        json_key(j, "time");
        json_time(j, c->ts_ns);
    }
    member_string(j, "op", command_kind_text(c->kind));
    members_origin(j, &c->origin);
    members_command(j, c);
    json_object_end(j);
}
