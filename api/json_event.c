/* api/json_event.c - events as JSON lines, one flat object each.
 * What must stay true: every event of the tape is written with every number it holds; what is 0 because it does not
 * apply is left out. */
#include "api/json_parts.h"
#include "core/rejects.h"

enum { LEVERAGE_DECIMALS = 2 };

static void members_order(struct json *j, uint64_t order_id, const struct name *account, const struct name *symbol,
                          uint8_t side)
{
    member_id(j, "order_id", order_id);
    member_name(j, "account", account);
    member_name(j, "symbol", symbol);
    member_string(j, "side", side_text(side));
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
    member_decimal(j, "stop_price", t->stop_price, t->stop_price_scale);
    member_trail(j, t->trail, t->trail_scale, t->flags);
    member_decimal(j, "display_quantity", t->display_quantity, t->display_scale);
    if (t->leverage != 0) member_decimal_short(j, "leverage", t->leverage, LEVERAGE_DECIMALS);
    member_time(j, "expires_at", t->expires_ns);
    members_flags(j, t->flags);
    member_string(j, "stp", stp_text(t->stp));
    if (t->gtt_id != 0) member_id(j, "gtt_id", t->gtt_id);
    member_text(j, "client_order_id", t->client_order_id, t->client_order_id_len);
}

static void members_placed(struct json *j, const struct event_placed *p)
{
    member_id(j, "order_id", p->order_id);
    members_terms(j, &p->terms);
    member_venue(j, p->terms.venue);
    member_string(j, "phase", order_phase_text(p->terms.phase));
    members_link(j, p->order_id, p->terms.link, p->terms.member, p->terms.activation);
    member_decimal(j, "hold", p->hold, p->currency_scale);
}

/* A BATCH that is refused as a whole has the batch's id and no order. */
static bool has_terms(const struct event_rejected *r)
{
    const uint64_t index_mask = ((uint64_t)1 << ORDER_INDEX_BITS) - 1;
    if (r->command_kind == COMMAND_BATCH) return (r->order_id & index_mask) != 0;
    return r->command_kind == COMMAND_PLACE || r->command_kind == COMMAND_PLACE_LINKED;
}

static void members_rejected(struct json *j, const struct event_rejected *r)
{
    member_string(j, "op", command_kind_text(r->command_kind));
    if (r->order_id != 0)
        member_id(j, r->command_kind == COMMAND_BATCH && !has_terms(r) ? "batch_id" : "order_id", r->order_id);
    member_u64(j, "reject_number", r->refusal.reason);
    member_string(j, "reject_code", reject_name(r->refusal.reason));
    member_string(j, "reject_text", reject_text(r->refusal.reason));
    json_refusal_members(j, &r->refusal);
    if (has_terms(r)) members_terms(j, &r->terms);
    member_string(j, "link", link_text(r->terms.link));
    member_string(j, "activation", activation_text(r->terms.activation));
}

static void members_filled(struct json *j, const struct event_filled *f)
{
    member_name(j, "symbol", &f->symbol);
    member_decimal(j, "price", f->price, f->price_scale);
    member_decimal(j, "quantity", f->quantity, f->quantity_scale);
    member_decimal(j, "notional", f->notional, f->currency_scale);
    member_string(j, "aggressor_side", side_text(f->aggressor_side));
    member_venue(j, f->venue);
    member_true(j, "simulated", f->simulated);
    if (f->buy_order_id != 0) member_id(j, "buy_order_id", f->buy_order_id);
    member_name(j, "buy_account", &f->buy_account);
    member_decimal(j, "buy_leaves", f->buy_leaves, f->quantity_scale);
    member_decimal(j, "buy_fee", f->buy_fee, f->currency_scale);
    member_decimal(j, "buy_hold", f->buy_hold, f->currency_scale);
    if (f->sell_order_id != 0) member_id(j, "sell_order_id", f->sell_order_id);
    member_name(j, "sell_account", &f->sell_account);
    member_decimal(j, "sell_leaves", f->sell_leaves, f->quantity_scale);
    member_decimal(j, "sell_fee", f->sell_fee, f->currency_scale);
    member_decimal(j, "sell_hold", f->sell_hold, f->currency_scale);
}

static void members_ended(struct json *j, const struct event_cancelled *c)
{
    members_order(j, c->order_id, &c->account, &c->symbol, c->side);
    member_decimal(j, "leaves", c->leaves, c->quantity_scale);
    member_string(j, "reason", cancel_reason_text(c->reason));
    if (c->reject != 0) member_string(j, "reject_code", reject_name(c->reject));
}

static void members_modified(struct json *j, const struct event_modified *m)
{
    members_order(j, m->order_id, &m->account, &m->symbol, m->side);
    member_decimal(j, "price", m->price, m->price_scale);
    member_decimal(j, "quantity", m->quantity, m->quantity_scale);
    member_decimal(j, "leaves", m->leaves, m->quantity_scale);
    if (m->stop_price != 0) member_decimal(j, "stop_price", m->stop_price, m->price_scale);
    if (m->display_quantity != 0) member_decimal(j, "display_quantity", m->display_quantity, m->quantity_scale);
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
    members_account(j, a);
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

static const char *sweep_text(int sweep)
{
    switch (sweep) {
    case SWEEP_MASS_CANCEL: return command_kind_text(COMMAND_MASS_CANCEL);
    case SWEEP_END_OF_DAY: return command_kind_text(COMMAND_END_OF_DAY);
    case SWEEP_MARGIN: return command_kind_text(COMMAND_CHECK_MARGIN);
    case SWEEP_AUCTION: return "auction";
    case SWEEP_ROUTES: return "routes";
    case SWEEP_BATCH: return command_kind_text(COMMAND_CANCEL_BATCH);
    default: return "cascade";
    }
}

static void members_swept(struct json *j, const struct event_swept *s)
{
    member_string(j, "sweep", sweep_text(s->sweep));
    member_u64(j, "orders", s->orders);
    member_bool(j, "more", s->more);
}

static void members_triggered(struct json *j, const struct event_triggered *t)
{
    members_order(j, t->order_id, &t->account, &t->symbol, t->side);
    member_string(j, "type", order_type_text(t->type));
    member_decimal(j, "stop_price", t->stop_price, t->price_scale);
    member_decimal(j, "price", t->price, t->price_scale);
}

static void members_activated(struct json *j, const struct event_activated *a)
{
    members_order(j, a->order_id, &a->account, &a->symbol, a->side);
    member_decimal(j, "quantity", a->quantity, a->quantity_scale);
    member_decimal(j, "leaves", a->leaves, a->quantity_scale);
    member_string(j, "phase", order_phase_text(a->phase));
    member_decimal(j, "hold", a->hold, a->currency_scale);
}

static void members_reduced(struct json *j, const struct event_reduced *r)
{
    members_order(j, r->order_id, &r->account, &r->symbol, r->side);
    member_decimal(j, "quantity", r->quantity, r->quantity_scale);
    member_decimal(j, "leaves", r->leaves, r->quantity_scale);
    member_string(j, "reason", cancel_reason_text(r->reason));
    member_decimal(j, "hold", r->hold, r->currency_scale);
}

static void members_displayed(struct json *j, const struct event_displayed *d)
{
    members_order(j, d->order_id, &d->account, &d->symbol, d->side);
    member_decimal(j, "shown", d->shown, d->quantity_scale);
}

static void members_trailed(struct json *j, const struct event_trailed *t)
{
    members_order(j, t->order_id, &t->account, &t->symbol, t->side);
    member_decimal(j, "stop_price", t->stop_price, t->price_scale);
}

static void members_prevented(struct json *j, const struct event_prevented *e)
{
    member_name(j, "account", &e->account);
    member_name(j, "symbol", &e->symbol);
    member_string(j, "stp", stp_text(e->stp));
    member_id(j, "newest_order_id", e->newest_order_id);
    member_string(j, "newest_side", side_text(e->newest_side));
    member_id(j, "oldest_order_id", e->oldest_order_id);
    if (e->price != 0) member_decimal(j, "price", e->price, e->price_scale);
    member_decimal(j, "quantity", e->quantity, e->quantity_scale);
}

static void members_uncrossed(struct json *j, const struct event_uncrossed *u)
{
    member_name(j, "symbol", &u->symbol);
    member_decimal(j, "price", u->price, u->price_scale);
    member_decimal(j, "quantity", u->quantity, u->quantity_scale);
    member_decimal(j, "imbalance", u->imbalance, u->quantity_scale);
}

static void members_state_set(struct json *j, const struct event_state_set *s)
{
    member_name(j, "symbol", &s->symbol);
    member_string(j, "state", instrument_state_text(s->state));
    member_string(j, "before", instrument_state_text(s->before));
    member_string(j, "cause", s->cause == STATE_CAUSE_COLLAR ? "COLLAR" : "COMMAND");
}

static void members_trading_set(struct json *j, const struct event_trading_set *s)
{
    member_name(j, "account", &s->account);
    member_name(j, "symbol", &s->symbol);
    member_string(j, "status", trading_text(s->status));
    member_string(j, "before", trading_text(s->before));
}

static void members_margin_called(struct json *j, const struct event_margin_called *m)
{
    member_name(j, "account", &m->account);
    member_name(j, "currency", &m->currency);
    member_decimal(j, "equity", m->equity, m->currency_scale);
    member_decimal(j, "exposure", m->exposure, m->currency_scale);
    member_decimal_short(j, "required_percent", m->required_ppm, 4);
    member_bool(j, "liquidation", m->liquidation);
}

static void members_cash_moved(struct json *j, const struct event_cash_moved *c)
{
    member_name(j, "account", &c->account);
    member_name(j, "currency", &c->currency);
    member_decimal(j, "amount", c->amount, c->scale);
    member_decimal(j, "cash", c->cash, c->scale);
}

static void members_routed(struct json *j, const struct event_routed *r)
{
    members_order(j, r->order_id, &r->account, &r->symbol, 0);
    members_decision(j, r);
}

static void members_acked(struct json *j, const struct event_acked *a)
{
    members_order(j, a->order_id, &a->account, &a->symbol, 0);
    member_name(j, "venue", &a->venue);
    member_text(j, "ext_order_id", a->ext_order_id, a->ext_order_id_len);
    member_string(j, "state", broker_state_text(a->state));
}

static void members_executed(struct json *j, const struct event_executed *x)
{
    members_order(j, x->order_id, &x->account, &x->symbol, 0);
    member_name(j, "venue", &x->venue);
    member_text(j, "exec_id", x->exec_id, x->exec_id_len);
    member_string(j, "kind", fill_kind_text(x->kind));
    if (x->excess != 0) member_decimal(j, "excess", x->excess, x->quantity_scale);
    member_true(j, "late", x->late);
    member_true(j, "simulated", x->simulated);
}

static void members_broker_state(struct json *j, const struct event_broker_state *b)
{
    members_order(j, b->order_id, &b->account, &b->symbol, b->side);
    member_name(j, "venue", &b->venue);
    member_string(j, "state", broker_state_text(b->state));
    member_string(j, "before", broker_state_text(b->before));
    member_string(j, "report", report_text(b->report));
    member_text(j, "reason", b->reason, b->reason_len);
    if (b->price != 0) member_decimal(j, "price", b->price, b->price_scale);
    if (b->quantity != 0) member_decimal(j, "quantity", b->quantity, b->quantity_scale);
    if (b->stop_price != 0) member_decimal(j, "stop_price", b->stop_price, b->price_scale);
    member_decimal(j, "leaves", b->leaves, b->quantity_scale);
    member_decimal(j, "hold", b->hold, b->currency_scale);
}

static void members_busted(struct json *j, const struct event_busted *b)
{
    members_order(j, b->order_id, &b->account, &b->symbol, b->side);
    member_name(j, "venue", &b->venue);
    member_text(j, "exec_id", b->exec_id, b->exec_id_len);
    member_decimal(j, "price", b->price, b->price_scale);
    member_decimal(j, "quantity", b->quantity, b->quantity_scale);
    member_decimal(j, "notional", b->notional, b->currency_scale);
    member_decimal(j, "fee", b->fee, b->currency_scale);
    member_decimal(j, "leaves", b->leaves, b->quantity_scale);
    member_decimal(j, "hold", b->hold, b->currency_scale);
}

static void members_settled(struct json *j, const struct event_settled *s)
{
    members_order(j, s->order_id, &s->account, &s->symbol, 0);
    member_name(j, "venue", &s->venue);
    member_bool(j, "by_command", s->by_command);
}

static void members_venue_set(struct json *j, const struct event_venue_set *v)
{
    member_id(j, "venue_id", v->venue_id);
    member_u64(j, "number", v->number);
    members_venue(j, v);
    member_string(j, "before", venue_state_text(v->before));
}

static void members_batched(struct json *j, const struct event_batched *b)
{
    member_id(j, "batch_id", b->batch_id);
    member_name(j, "account", &b->account);
    member_u64(j, "orders", b->orders);
    member_bool(j, "atomic", b->atomic);
}

static void members_statement_row(struct json *j, const struct event_statement_row *r)
{
    member_u64(j, "number", r->number);
    members_statement_line(j, r);
}

/* Kinds of the order desk. */
static void members_desk_event(struct json *j, const struct event *e)
{
    switch (e->kind) {
    case EVENT_ROUTED: members_routed(j, &e->routed); break;
    case EVENT_ACKED: members_acked(j, &e->acked); break;
    case EVENT_EXECUTED: members_executed(j, &e->executed); break;
    case EVENT_BROKER_STATE: members_broker_state(j, &e->broker_state); break;
    case EVENT_BUSTED: members_busted(j, &e->busted); break;
    case EVENT_SETTLED: members_settled(j, &e->settled); break;
    case EVENT_VENUE_SET: members_venue_set(j, &e->venue_set); break;
    case EVENT_ROUTING_SET: member_u64(j, "rules", e->routing_set.rules); break;
    case EVENT_ROUTE_RULE_SET:
        member_u64(j, "number", e->route_rule_set.number);
        members_rule(j, &e->route_rule_set.rule);
        break;
    case EVENT_BATCHED: members_batched(j, &e->batched); break;
    case EVENT_KEY_CLEARED: member_key_hash(j, "key", e->key_cleared.key); break;
    case EVENT_STATEMENT: members_statement(j, &e->statement); break;
    case EVENT_STATEMENT_ROW: members_statement_row(j, &e->statement_row); break;
    default: break;
    }
}

static void members_event(struct json *j, const struct event *e)
{
    switch (e->kind) {
    case EVENT_REJECTED: members_rejected(j, &e->rejected); break;
    case EVENT_PLACED: members_placed(j, &e->placed); break;
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
    case EVENT_CASH_MOVED: members_cash_moved(j, &e->cash_moved); break;
    case EVENT_QUOTED: members_quoted(j, &e->quoted); break;
    case EVENT_SWEPT: members_swept(j, &e->swept); break;
    case EVENT_TRIGGERED: members_triggered(j, &e->triggered); break;
    case EVENT_ACTIVATED: members_activated(j, &e->activated); break;
    case EVENT_REDUCED: members_reduced(j, &e->reduced); break;
    case EVENT_DISPLAYED: members_displayed(j, &e->displayed); break;
    case EVENT_TRAILED: members_trailed(j, &e->trailed); break;
    case EVENT_PREVENTED: members_prevented(j, &e->prevented); break;
    case EVENT_UNCROSSED: members_uncrossed(j, &e->uncrossed); break;
    case EVENT_STATE_SET: members_state_set(j, &e->state_set); break;
    case EVENT_TRADING_SET: members_trading_set(j, &e->trading_set); break;
    case EVENT_GTT_SET: members_gtt(j, &e->gtt_set); break;
    case EVENT_MARGIN_CALLED: members_margin_called(j, &e->margin_called); break;
    default: members_desk_event(j, e); break;
    }
}
_Static_assert(EVENT_KIND_NUMBER_MAX == 37, "a new kind of event needs its members here");

static void members_head(struct json *j, const struct event *e)
{
    member_u64(j, "seq", e->seq);
    member_u64(j, "index", e->index);
    json_key(j, "time");
    json_time(j, e->ts_ns);
    member_string(j, "event", event_kind_text(e->kind));
}

void json_event(struct json *j, const struct event *e)
{
    json_object_begin(j);
    members_head(j, e);
    members_event(j, e);
    json_object_end(j);
}

void json_event_asked(struct json *j, const struct event *e, const struct command *c)
{
    json_object_begin(j);
    members_head(j, e);
    member_string(j, "command", command_kind_text(c->kind));
    member_name(j, "actor", &c->origin.actor);
    member_text(j, "request_id", c->origin.request_id.bytes, c->origin.request_id.len_bytes);
    members_event(j, e);
    json_object_end(j);
}
