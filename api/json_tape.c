/* api/json_tape.c - commands and events as JSON lines, one flat object each.
 * What must stay true: a command's line, given back to json_command_parse with kind 0, is the same command again; so
 * what `cat commands` prints, `submit` takes. */
#include "api/json_parts.h"
#include "core/rejects.h"

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
}

static void members_set_account(struct json *j, const struct command_set_account *s)
{
    member_name(j, "account", &s->account);
    if (s->fields & ACCOUNT_HAS_TYPE) member_string(j, "type", account_type_text(s->type));
    if (s->fields & ACCOUNT_HAS_LEVERAGE) member_given(j, "leverage", s->leverage);
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) member_bool(j, "allow_short", s->allow_short);
    if (s->fields & ACCOUNT_HAS_STATUS) member_string(j, "status", account_status_text(s->status));
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
    member_given(j, "display_quantity", p->display_quantity);
    member_given(j, "leverage", p->leverage);
    member_time(j, "expires_at", p->expires_ns);
    member_true(j, "post_only", (p->flags & PLACE_POST_ONLY) != 0);
    member_true(j, "reduce_only", (p->flags & PLACE_REDUCE_ONLY) != 0);
    member_string(j, "stp", stp_text(p->stp));
    member_name(j, "venue", &p->venue);
    member_text(j, "client_order_id", p->client_order_id.bytes, p->client_order_id.len_bytes);
    member_text(j, "tag", p->tag.bytes, p->tag.len_bytes);
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

static void members_limits(struct json *j, const struct limits *l)
{
#define X(field, def, largest) member_u64(j, #field, l->field);
    LIMITS(X)
#undef X
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
    default: break; /* TICK and CONTINUE say nothing more */
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
    members_command(j, c);
    json_object_end(j);
}

static void members_terms(struct json *j, const struct order_terms *t)
{
    member_name(j, "account", &t->account);
    member_name(j, "symbol", &t->symbol);
    member_string(j, "side", side_text(t->side));
    member_string(j, "type", order_type_text(t->type));
    member_string(j, "tif", tif_text(t->tif));
    member_decimal(j, "quantity", t->quantity, t->quantity_scale);
    member_decimal(j, "price", t->price, t->price_scale);
    member_time(j, "expires_at", t->expires_ns);
    member_true(j, "post_only", (t->flags & PLACE_POST_ONLY) != 0);
    member_true(j, "reduce_only", (t->flags & PLACE_REDUCE_ONLY) != 0);
    member_text(j, "client_order_id", t->client_order_id, t->client_order_id_len);
}

static void members_rejected(struct json *j, const struct event_rejected *r)
{
    member_string(j, "op", command_kind_text(r->command_kind));
    if (r->order_id != 0) member_id(j, "order_id", r->order_id);
    member_u64(j, "reject_number", r->reason);
    member_string(j, "reject_code", reject_name(r->reason));
    member_string(j, "reject_text", reject_text(r->reason));
    if (r->command_kind == COMMAND_PLACE) members_terms(j, &r->terms);
}

static void members_filled(struct json *j, const struct event_filled *f)
{
    member_name(j, "symbol", &f->symbol);
    member_decimal(j, "price", f->price, f->price_scale);
    member_decimal(j, "quantity", f->quantity, f->quantity_scale);
    member_decimal(j, "notional", f->notional, f->currency_scale);
    member_string(j, "aggressor_side", side_text(f->aggressor_side));
    member_id(j, "buy_order_id", f->buy_order_id);
    member_name(j, "buy_account", &f->buy_account);
    member_decimal(j, "buy_leaves", f->buy_leaves, f->quantity_scale);
    member_decimal(j, "buy_fee", f->buy_fee, f->currency_scale);
    member_decimal(j, "buy_hold", f->buy_hold, f->currency_scale);
    member_id(j, "sell_order_id", f->sell_order_id);
    member_name(j, "sell_account", &f->sell_account);
    member_decimal(j, "sell_leaves", f->sell_leaves, f->quantity_scale);
    member_decimal(j, "sell_fee", f->sell_fee, f->currency_scale);
    member_decimal(j, "sell_hold", f->sell_hold, f->currency_scale);
}

static void members_ended(struct json *j, const struct event_cancelled *c)
{
    member_id(j, "order_id", c->order_id);
    member_name(j, "account", &c->account);
    member_name(j, "symbol", &c->symbol);
    member_string(j, "side", side_text(c->side));
    member_decimal(j, "leaves", c->leaves, c->quantity_scale);
    member_string(j, "reason", cancel_reason_text(c->reason));
}

static void members_modified(struct json *j, const struct event_modified *m)
{
    member_id(j, "order_id", m->order_id);
    member_name(j, "account", &m->account);
    member_name(j, "symbol", &m->symbol);
    member_string(j, "side", side_text(m->side));
    member_decimal(j, "price", m->price, m->price_scale);
    member_decimal(j, "quantity", m->quantity, m->quantity_scale);
    member_decimal(j, "leaves", m->leaves, m->quantity_scale);
    member_decimal(j, "hold", m->hold, m->currency_scale);
    member_bool(j, "kept_priority", m->kept_priority);
}

static void members_instrument_state(struct json *j, const struct instrument_state *i)
{
    member_id(j, "instrument_id", i->id);
    members_instrument_spec(j, &i->spec);
    if (i->last_price != 0) member_decimal(j, "last_price", i->last_price, i->spec.price_scale);
}

static void members_account_state(struct json *j, const struct account_state *a)
{
    member_id(j, "account_id", a->id);
    member_name(j, "account", &a->account);
    member_string(j, "type", account_type_text(a->type));
    member_string(j, "status", account_status_text(a->status));
    member_bool(j, "allow_short", a->allow_short);
    member_decimal_short(j, "leverage", a->leverage, 2);
}

static void members_quoted(struct json *j, const struct event_quoted *q)
{
    member_name(j, "symbol", &q->symbol);
    if (q->bid != 0) {
        member_decimal(j, "bid", q->bid, q->price_scale);
        member_decimal(j, "bid_quantity", q->bid_quantity, q->quantity_scale);
    }
    if (q->ask != 0) {
        member_decimal(j, "ask", q->ask, q->price_scale);
        member_decimal(j, "ask_quantity", q->ask_quantity, q->quantity_scale);
    }
}

static void members_swept(struct json *j, const struct event_swept *s)
{
    member_string(j, "sweep",
                  command_kind_text(s->sweep == SWEEP_MASS_CANCEL ? COMMAND_MASS_CANCEL : COMMAND_END_OF_DAY));
    member_u64(j, "orders", s->orders);
    member_bool(j, "more", s->more);
}

static void members_event(struct json *j, const struct event *e)
{
    switch (e->kind) {
    case EVENT_REJECTED: members_rejected(j, &e->rejected); break;
    case EVENT_PLACED:
        member_id(j, "order_id", e->placed.order_id);
        members_terms(j, &e->placed.terms);
        member_decimal(j, "hold", e->placed.hold, e->placed.currency_scale);
        break;
    case EVENT_FILLED: members_filled(j, &e->filled); break;
    case EVENT_CANCELLED: /* fallthrough */
    case EVENT_EXPIRED: members_ended(j, &e->cancelled); break;
    case EVENT_MODIFIED: members_modified(j, &e->modified); break;
    case EVENT_LIMITS_SET: members_limits(j, &e->limits_set); break;
    case EVENT_CURRENCY_SET:
        member_id(j, "currency_id", e->currency_set.id);
        member_name(j, "currency", &e->currency_set.currency);
        member_u64(j, "scale", e->currency_set.scale);
        break;
    case EVENT_INSTRUMENT_SET: members_instrument_state(j, &e->instrument_set); break;
    case EVENT_ACCOUNT_SET: members_account_state(j, &e->account_set); break;
    case EVENT_CASH_MOVED:
        member_name(j, "account", &e->cash_moved.account);
        member_name(j, "currency", &e->cash_moved.currency);
        member_decimal(j, "amount", e->cash_moved.amount, e->cash_moved.scale);
        member_decimal(j, "cash", e->cash_moved.cash, e->cash_moved.scale);
        break;
    case EVENT_QUOTED: members_quoted(j, &e->quoted); break;
    case EVENT_SWEPT: members_swept(j, &e->swept); break;
    default: break;
    }
}

void json_event(struct json *j, const struct event *e)
{
    json_object_begin(j);
    member_u64(j, "seq", e->seq);
    member_u64(j, "index", e->index);
    json_key(j, "time");
    json_time(j, e->ts_ns);
    member_string(j, "event", event_kind_text(e->kind));
    members_event(j, e);
    json_object_end(j);
}
