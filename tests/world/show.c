/* tests/world/show.c - one line a command, one line an event. Numbers stand as they are held: integers with their
 * scale. */
#include "tests/world/show.h"

#include "core/rejects.h"

#include <inttypes.h>
#include <string.h>

static void show_name(FILE *out, const char *label, const struct name *n)
{
    fprintf(out, " %s=%.*s", label, NAME_BYTES, n->bytes);
}

static void show_decimal(FILE *out, const char *label, struct decimal d)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    if (d.scale == DECIMAL_ABSENT) return;
    if (d.scale > CASH_SCALE_MAX)
        snprintf(text, sizeof text, "%" PRId64 "(scale %u)", d.mantissa, d.scale);
    else
        decimal_to_text(d.mantissa, d.scale, text);
    fprintf(out, " %s=%s", label, text);
}

static void show_i128(FILE *out, const char *label, i128 value, unsigned scale)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    decimal_to_text(value, scale > CASH_SCALE_MAX ? 0 : scale, text);
    fprintf(out, " %s=%s", label, text);
    if (scale > CASH_SCALE_MAX) fprintf(out, "(scale %u)", scale);
}

static void show_set_instrument(FILE *out, const struct command_set_instrument *s)
{
    show_name(out, "symbol", &s->symbol);
    fprintf(out, " fields=%x", s->fields);
    if (s->fields & INSTRUMENT_HAS_CURRENCY) show_name(out, "currency", &s->currency);
    if (s->fields & INSTRUMENT_HAS_TICK_SIZE) show_decimal(out, "tick", s->tick_size);
    if (s->fields & INSTRUMENT_HAS_LOT_SIZE) show_decimal(out, "lot", s->lot_size);
    if (s->fields & INSTRUMENT_HAS_MIN_QUANTITY) show_decimal(out, "min", s->min_quantity);
    if (s->fields & INSTRUMENT_HAS_MAX_QUANTITY) show_decimal(out, "max", s->max_quantity);
    if (s->fields & INSTRUMENT_HAS_MAX_NOTIONAL)
        show_i128(out, "max_notional", s->max_notional.mantissa, s->max_notional.scale);
    if (s->fields & INSTRUMENT_HAS_COLLAR) show_decimal(out, "collar", s->collar_percent);
    if (s->fields & INSTRUMENT_HAS_MAKER_FEE) show_decimal(out, "maker", s->maker_fee_bps);
    if (s->fields & INSTRUMENT_HAS_TAKER_FEE) show_decimal(out, "taker", s->taker_fee_bps);
    if (s->fields & INSTRUMENT_HAS_MAX_LEVERAGE) show_decimal(out, "max_leverage", s->max_leverage);
    if (s->fields & INSTRUMENT_HAS_TRIGGER) fprintf(out, " trigger=%u", s->trigger);
    if (s->fields & INSTRUMENT_HAS_MARK) fprintf(out, " mark=%u", s->mark);
    if (s->fields & INSTRUMENT_HAS_HALT_ON_BREACH) fprintf(out, " halt_on_breach=%d", s->halt_on_breach);
    if (s->fields & INSTRUMENT_HAS_STATE) fprintf(out, " state=%s", instrument_state_text(s->state));
}

static void show_set_account(FILE *out, const struct command_set_account *s)
{
    show_name(out, "account", &s->account);
    if (s->fields & ACCOUNT_HAS_TYPE) fprintf(out, " type=%s", account_type_text(s->type));
    if (s->fields & ACCOUNT_HAS_LEVERAGE) show_decimal(out, "leverage", s->leverage);
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) fprintf(out, " allow_short=%d", s->allow_short);
    if (s->fields & ACCOUNT_HAS_STATUS) fprintf(out, " status=%s", account_status_text(s->status));
    if (s->fields & ACCOUNT_HAS_STP) fprintf(out, " stp=%s", stp_text(s->stp));
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_QUANTITY) show_decimal(out, "max_order_quantity", s->max_order_quantity);
    if (s->fields & ACCOUNT_HAS_MAX_ORDER_NOTIONAL) show_decimal(out, "max_order_notional", s->max_order_notional);
    if (s->fields & ACCOUNT_HAS_MAX_POSITION) show_decimal(out, "max_position", s->max_position);
    if (s->fields & ACCOUNT_HAS_MAX_OPEN_ORDERS) fprintf(out, " max_open_orders=%u", s->max_open_orders);
    if (s->fields & ACCOUNT_HAS_MAX_ORDERS_PER_SECOND) fprintf(out, " max_per_second=%u", s->max_orders_per_second);
    if (s->fields & ACCOUNT_HAS_MAKER_FEE) show_decimal(out, "maker", s->maker_fee_bps);
    if (s->fields & ACCOUNT_HAS_TAKER_FEE) show_decimal(out, "taker", s->taker_fee_bps);
    if (s->fields & ACCOUNT_HAS_MARGIN_CALL) show_decimal(out, "margin_call", s->margin_call_percent);
    if (s->fields & ACCOUNT_HAS_LIQUIDATION) show_decimal(out, "liquidation", s->liquidation_percent);
}

static void show_text(FILE *out, const char *label, struct text t)
{
    if (t.len_bytes != 0) fprintf(out, " %s='%.*s'", label, (int)t.len_bytes, t.bytes);
}

static void show_place(FILE *out, const struct command_place *p)
{
    show_name(out, "account", &p->account);
    show_name(out, "symbol", &p->symbol);
    if (p->venue.bytes[0] != '\0') show_name(out, "venue", &p->venue);
    fprintf(out, " %s %s %s", side_text(p->side), order_type_text(p->type), tif_text(p->tif));
    show_decimal(out, "price", p->price);
    show_decimal(out, "quantity", p->quantity);
    show_decimal(out, "stop_price", p->stop_price);
    show_decimal(out, "display_quantity", p->display_quantity);
    show_decimal(out, "quote_quantity", p->quote_quantity);
    show_decimal(out, "min_quantity", p->min_quantity);
    show_decimal(out, "trail", p->trail);
    show_decimal(out, "leverage", p->leverage);
    if (p->expires_ns != 0) fprintf(out, " expires_ns=%" PRId64, p->expires_ns);
    if (p->flags != 0) fprintf(out, " flags=%u", p->flags);
    if (p->stp != 0) fprintf(out, " stp=%u", p->stp);
    show_text(out, "client_order_id", p->client_order_id);
}

static void show_place_linked(FILE *out, const struct command_place_linked *s)
{
    fprintf(out, " link=%s activation=%s", link_text(s->link), activation_text(s->activation));
    show_place(out, &s->entry);
    for (int k = 0; k < 2; k++) {
        const struct command_leg *leg = &s->legs[k];
        if (leg->type == 0 && k > 0) continue;
        fprintf(out, " | %s %s %s", side_text(leg->side), order_type_text(leg->type), tif_text(leg->tif));
        show_decimal(out, "price", leg->price);
        show_decimal(out, "stop_price", leg->stop_price);
    }
}

static void show_gtt_legs(FILE *out, const struct gtt_leg *legs)
{
    for (int k = 0; k < 2; k++) {
        fprintf(out, " |");
        show_decimal(out, "trigger_price", legs[k].trigger_price);
        show_decimal(out, "price", legs[k].price);
        show_decimal(out, "quantity", legs[k].quantity);
    }
}

static void show_gtt_place(FILE *out, const struct command_gtt_place *s)
{
    show_name(out, "account", &s->account);
    show_name(out, "symbol", &s->symbol);
    fprintf(out, " %s expires_ns=%" PRId64 " legs=%u", side_text(s->side), s->expires_ns, s->legs_count);
    show_gtt_legs(out, s->legs);
}

static void show_gtt_modify(FILE *out, const struct command_gtt_modify *s)
{
    fprintf(out, " gtt=%" PRIu64 " expires_ns=%" PRId64 " status=%s", s->gtt_id, s->expires_ns,
            gtt_status_text(s->status));
    show_gtt_legs(out, s->legs);
}

static void show_set_trading(FILE *out, const struct command_set_trading *s)
{
    show_name(out, "account", &s->account);
    show_name(out, "symbol", &s->symbol);
    fprintf(out, " status=%s cancel=%d", account_status_text(s->status), s->cancel);
}

static void show_set_quote(FILE *out, const struct command_set_quote *s)
{
    show_name(out, "symbol", &s->symbol);
    show_decimal(out, "bid", s->bid);
    show_decimal(out, "bid_quantity", s->bid_quantity);
    show_decimal(out, "ask", s->ask);
    show_decimal(out, "ask_quantity", s->ask_quantity);
}

static void show_limits(FILE *out, const struct limits *l)
{
#define X(field, def, largest) fprintf(out, " " #field "=%u", l->field);
    LIMITS(X)
#undef X
}

/* ---- the order desk's commands ---- */

/* Lists above what a command may hold are only counted: nobody looks at them. */
enum { ROWS_SHOWN_MAX = 64 };

static void show_rule(FILE *out, const struct route_rule *r)
{
    fprintf(out, " |");
    show_name(out, "account", &r->account);
    show_name(out, "symbol", &r->symbol);
    show_decimal(out, "min", r->min_quantity);
    show_decimal(out, "max", r->max_quantity);
    fprintf(out, " type=%s side=%s ->", order_type_text(r->type), side_text(r->side));
    for (int k = 0; k < ROUTE_CANDIDATES_MAX; k++) fprintf(out, " %.*s", NAME_BYTES, r->venues[k].bytes);
}

static void show_batch(FILE *out, const struct command_batch *b)
{
    show_name(out, "account", &b->account);
    fprintf(out, " atomic=%d orders=%u", b->atomic, b->orders_count);
    for (uint32_t k = 0; k < b->orders_count && b->orders_count <= ROWS_SHOWN_MAX; k++) {
        fprintf(out, " |");
        show_place(out, &b->orders[k]);
    }
}

static void show_fill(FILE *out, const struct command_fill *f)
{
    show_name(out, "venue", &f->venue);
    fprintf(out, " simulated=%d fills=%u", f->simulated, f->fills_count);
    for (uint32_t k = 0; k < f->fills_count && f->fills_count <= ROWS_SHOWN_MAX; k++) {
        const struct fill_row *row = &f->fills[k];
        fprintf(out, " | %s order=%" PRIu64, fill_kind_text(row->kind), row->order_id);
        show_decimal(out, "price", row->price);
        show_decimal(out, "quantity", row->quantity);
        show_text(out, "exec_id", row->exec_id);
        show_text(out, "ref_exec_id", row->ref_exec_id);
    }
}

static void show_statement(FILE *out, const struct command_statement *s)
{
    show_name(out, "venue", &s->venue);
    show_name(out, "account", &s->account);
    fprintf(out, " from_ns=%" PRId64 " to_ns=%" PRId64 " rows=%u", s->from_ns, s->to_ns, s->rows_count);
    for (uint32_t k = 0; k < s->rows_count && s->rows_count <= ROWS_SHOWN_MAX; k++) {
        const struct statement_row *row = &s->rows[k];
        fprintf(out, " | %s", side_text(row->side));
        show_name(out, "symbol", &row->symbol);
        show_decimal(out, "price", row->price);
        show_decimal(out, "quantity", row->quantity);
        show_text(out, "exec_id", row->exec_id);
        show_text(out, "ext_order_id", row->ext_order_id);
        if (row->fee.scale != DECIMAL_ABSENT) show_i128(out, "fee", row->fee.mantissa, row->fee.scale);
    }
}

static void show_report(FILE *out, const struct command_report *r)
{
    fprintf(out, " order=%" PRIu64 " %s", r->order_id, report_text(r->report));
    show_name(out, "venue", &r->venue);
    show_text(out, "ext_order_id", r->ext_order_id);
    show_text(out, "reason", r->reason);
}

static void show_desk_command(FILE *out, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_SET_VENUE:
        show_name(out, "venue", &c->set_venue.venue);
        fprintf(out, " state=%s simulated=%u cause=%s", venue_state_text(c->set_venue.state), c->set_venue.simulated,
                venue_cause_text(c->set_venue.cause));
        break;
    case COMMAND_SET_ROUTING:
        fprintf(out, " rules=%u", c->set_routing.rules_count);
        for (uint32_t k = 0; k < c->set_routing.rules_count && c->set_routing.rules_count <= ROWS_SHOWN_MAX; k++)
            show_rule(out, &c->set_routing.rules[k]);
        break;
    case COMMAND_BATCH: show_batch(out, &c->batch); break;
    case COMMAND_CANCEL_BATCH:
        fprintf(out, " batch=%" PRIu64 " orders=%u", c->cancel_batch.batch_id, c->cancel_batch.orders_count);
        break;
    case COMMAND_ROUTE:
        fprintf(out, " order=%" PRIu64, c->route.order_id);
        show_name(out, "venue", &c->route.venue);
        break;
    case COMMAND_REPORT: show_report(out, &c->report); break;
    case COMMAND_FILL: show_fill(out, &c->fill); break;
    case COMMAND_SETTLE: fprintf(out, " order=%" PRIu64, c->settle.order_id); break;
    case COMMAND_CLEAR_KEY: fprintf(out, " key=%" PRIx64 ",%" PRIx64, c->clear_key.key.hi, c->clear_key.key.lo); break;
    case COMMAND_STATEMENT: show_statement(out, &c->statement); break;
    default: fprintf(out, " (kind %u)", c->kind); break;
    }
}

static void show_origin(FILE *out, const struct command_origin *o)
{
    if (o->actor.bytes[0] != '\0') show_name(out, "actor", &o->actor);
    show_text(out, "request_id", o->request_id);
    if (o->key.lo != 0 || o->key.hi != 0)
        fprintf(out, " under key=%" PRIx64 ",%" PRIx64 " body=%" PRIx64 ",%" PRIx64, o->key.hi, o->key.lo, o->body.hi,
                o->body.lo);
}

void show_command(FILE *out, const struct command *c)
{
    fprintf(out, "seq %" PRIu64 " ts %" PRId64 " %s", c->seq, c->ts_ns, command_kind_text(c->kind));
    switch (c->kind) {
    case COMMAND_SET_LIMITS: show_limits(out, &c->set_limits); break;
    case COMMAND_SET_CURRENCY:
        show_name(out, "currency", &c->set_currency.currency);
        fprintf(out, " scale=%u", c->set_currency.scale);
        break;
    case COMMAND_SET_INSTRUMENT: show_set_instrument(out, &c->set_instrument); break;
    case COMMAND_SET_ACCOUNT: show_set_account(out, &c->set_account); break;
    case COMMAND_MOVE_CASH:
        show_name(out, "account", &c->move_cash.account);
        show_name(out, "currency", &c->move_cash.currency);
        show_i128(out, "amount", c->move_cash.amount.mantissa, c->move_cash.amount.scale);
        break;
    case COMMAND_SET_QUOTE: show_set_quote(out, &c->set_quote); break;
    case COMMAND_PLACE: show_place(out, &c->place); break;
    case COMMAND_MODIFY:
        fprintf(out, " order=%" PRIu64, c->modify.order_id);
        show_decimal(out, "price", c->modify.price);
        show_decimal(out, "quantity", c->modify.quantity);
        show_decimal(out, "stop_price", c->modify.stop_price);
        show_decimal(out, "display_quantity", c->modify.display_quantity);
        break;
    case COMMAND_CANCEL: fprintf(out, " order=%" PRIu64, c->cancel.order_id); break;
    case COMMAND_MASS_CANCEL:
        show_name(out, "account", &c->mass_cancel.account);
        show_name(out, "symbol", &c->mass_cancel.symbol);
        fprintf(out, " side=%s", side_text(c->mass_cancel.side));
        break;
    case COMMAND_END_OF_DAY: show_name(out, "symbol", &c->end_of_day.symbol); break;
    case COMMAND_PLACE_LINKED: show_place_linked(out, &c->place_linked); break;
    case COMMAND_SET_TRADING: show_set_trading(out, &c->set_trading); break;
    case COMMAND_GTT_PLACE: show_gtt_place(out, &c->gtt_place); break;
    case COMMAND_GTT_MODIFY: show_gtt_modify(out, &c->gtt_modify); break;
    case COMMAND_GTT_DELETE: fprintf(out, " gtt=%" PRIu64, c->gtt_delete.gtt_id); break;
    case COMMAND_CHECK_MARGIN: show_name(out, "account", &c->check_margin.account); break;
    default: show_desk_command(out, c); break;
    }
    show_origin(out, &c->origin);
    fputc('\n', out);
}

static void show_terms(FILE *out, const struct order_terms *t)
{
    show_name(out, "account", &t->account);
    show_name(out, "symbol", &t->symbol);
    fprintf(out, " %s %s %s", side_text(t->side), order_type_text(t->type), tif_text(t->tif));
    show_decimal(out, "price", (struct decimal){t->price, t->price_scale});
    show_decimal(out, "quantity", (struct decimal){t->quantity, t->quantity_scale});
    show_decimal(out, "stop_price", (struct decimal){t->stop_price, t->stop_price_scale});
    show_decimal(out, "display_quantity", (struct decimal){t->display_quantity, t->display_scale});
    show_decimal(out, "trail", (struct decimal){t->trail, t->trail_scale});
    if (t->gtt_id != 0) fprintf(out, " gtt=%" PRIu64, t->gtt_id);
    fprintf(out, " flags=%u stp=%s venue=%u phase=%s link=%s member=%u activation=%u leverage=%u", t->flags,
            stp_text(t->stp), t->venue, order_phase_text(t->phase), link_text(t->link), t->member, t->activation,
            t->leverage);
    show_text(out, "client_order_id", (struct text){t->client_order_id, t->client_order_id_len});
}

static void show_refusal(FILE *out, const struct refusal *r)
{
    fprintf(out, " %s field=%s", reject_name(r->reason), refusal_field_name(r->field));
    show_i128(out, "value", r->value, r->value_scale);
    show_i128(out, "limit", r->limit, r->limit_scale);
}

static void show_filled(FILE *out, const struct event_filled *f)
{
    show_name(out, "symbol", &f->symbol);
    fprintf(out, " price=%" PRId64 " quantity=%" PRId64, f->price, f->quantity);
    show_i128(out, "notional", f->notional, 0);
    show_name(out, "buy", &f->buy_account);
    fprintf(out, " order=%" PRIu64 " leaves=%" PRId64, f->buy_order_id, f->buy_leaves);
    show_i128(out, "fee", f->buy_fee, 0);
    show_i128(out, "hold", f->buy_hold, 0);
    show_name(out, "sell", &f->sell_account);
    fprintf(out, " order=%" PRIu64 " leaves=%" PRId64, f->sell_order_id, f->sell_leaves);
    show_i128(out, "fee", f->sell_fee, 0);
    show_i128(out, "hold", f->sell_hold, 0);
    fprintf(out, " aggressor=%s venue=%u simulated=%d", side_text(f->aggressor_side), f->venue, f->simulated);
}

static void show_instrument(FILE *out, const struct instrument_state *i)
{
    show_name(out, "symbol", &i->spec.symbol);
    show_name(out, "currency", &i->spec.currency);
    fprintf(out, " tick=%" PRId64 " lot=%" PRId64 " collar_ppm=%" PRId64 " state=%s trading=%u last=%" PRId64,
            i->spec.tick, i->spec.lot, i->spec.collar_ppm, instrument_state_text(i->spec.state), i->spec.trading,
            i->last_price);
    fprintf(out, " range=%" PRId64 "..%" PRId64 " auction_price=%" PRId64, i->range_low, i->range_high,
            i->auction_price);
}

static void show_account(FILE *out, const struct account_state *a)
{
    show_name(out, "account", &a->account);
    fprintf(out, " %s %s leverage=%u short=%d stp=%s", account_type_text(a->type), account_status_text(a->status),
            a->leverage, a->allow_short, stp_text(a->stp));
    show_i128(out, "max_order_quantity", a->limits.max_order_quantity, 9);
    show_i128(out, "max_order_notional", a->limits.max_order_notional, 9);
    show_i128(out, "max_position", a->limits.max_position, 9);
    fprintf(out, " max_open_orders=%u max_per_second=%u rate_tat_ns=%" PRId64, a->limits.max_open_orders,
            a->limits.max_orders_per_second, a->rate_tat_ns);
}

static void show_gtt(FILE *out, const struct event_gtt_set *g)
{
    fprintf(out, " gtt=%" PRIu64 " %s %s", g->gtt_id, gtt_status_text(g->status), side_text(g->side));
    show_name(out, "account", &g->account);
    show_name(out, "symbol", &g->symbol);
    if (g->order_id != 0) fprintf(out, " order=%" PRIu64 " leg=%u", g->order_id, g->leg);
    if (g->reject != 0) fprintf(out, " %s", reject_name(g->reject));
    for (int k = 0; k < 2; k++)
        fprintf(out, " | trigger=%" PRId64 " %s price=%" PRId64 " quantity=%" PRId64, g->legs[k].trigger_price,
                side_text(g->legs[k].direction), g->legs[k].price, g->legs[k].quantity);
    fprintf(out, " expires_ns=%" PRId64, g->expires_ns);
}

/* ---- the order desk's events ---- */

static void show_routed(FILE *out, const struct event_routed *r)
{
    fprintf(out,
            " order=%" PRIu64 " rule=%u attempt=%u cause=%s asked=%d manual_review=%d retry_ns=%" PRId64 " candidates",
            r->order_id, r->rule, r->attempt, route_cause_text(r->cause), r->asked, r->manual_review, r->retry_ns);
    for (int k = 0; k < ROUTE_CANDIDATES_MAX; k++) fprintf(out, " %.*s", NAME_BYTES, r->candidates[k].bytes);
    show_name(out, "chosen", &r->chosen);
    fprintf(out, " venue=%u", r->venue);
}

static void show_broker_state(FILE *out, const struct event_broker_state *s)
{
    fprintf(out, " order=%" PRIu64 " %s, was %s, report %s", s->order_id, broker_state_text(s->state),
            broker_state_text(s->before), report_text(s->report));
    show_name(out, "venue", &s->venue);
    fprintf(out, " price=%" PRId64 " quantity=%" PRId64 " stop_price=%" PRId64 " leaves=%" PRId64, s->price,
            s->quantity, s->stop_price, s->leaves);
    show_i128(out, "hold", s->hold, 0);
    show_text(out, "reason", (struct text){s->reason, s->reason_len});
}

static void show_busted(FILE *out, const struct event_busted *b)
{
    fprintf(out, " order=%" PRIu64 " price=%" PRId64 " quantity=%" PRId64 " leaves=%" PRId64, b->order_id, b->price,
            b->quantity, b->leaves);
    show_name(out, "venue", &b->venue);
    show_text(out, "exec_id", (struct text){b->exec_id, b->exec_id_len});
    show_i128(out, "notional", b->notional, 0);
    show_i128(out, "fee", b->fee, 0);
    show_i128(out, "hold", b->hold, 0);
}

/* What brokers do with orders. */
static void show_broker_event(FILE *out, const struct event *e)
{
    switch (e->kind) {
    case EVENT_ROUTED: show_routed(out, &e->routed); break;
    case EVENT_ACKED:
        fprintf(out, " order=%" PRIu64 " %s", e->acked.order_id, broker_state_text(e->acked.state));
        show_name(out, "venue", &e->acked.venue);
        show_text(out, "ext_order_id", (struct text){e->acked.ext_order_id, e->acked.ext_order_id_len});
        break;
    case EVENT_EXECUTED:
        fprintf(out, " order=%" PRIu64 " %s excess=%" PRId64 " late=%d simulated=%d", e->executed.order_id,
                fill_kind_text(e->executed.kind), e->executed.excess, e->executed.late, e->executed.simulated);
        show_name(out, "venue", &e->executed.venue);
        show_text(out, "exec_id", (struct text){e->executed.exec_id, e->executed.exec_id_len});
        break;
    case EVENT_BROKER_STATE: show_broker_state(out, &e->broker_state); break;
    case EVENT_BUSTED: show_busted(out, &e->busted); break;
    case EVENT_SETTLED:
        fprintf(out, " order=%" PRIu64 " by_command=%d", e->settled.order_id, e->settled.by_command);
        show_name(out, "venue", &e->settled.venue);
        break;
    default: fprintf(out, " (kind %u)", e->kind); break;
    }
}

static void show_desk_event(FILE *out, const struct event *e)
{
    switch (e->kind) {
    case EVENT_VENUE_SET:
        show_name(out, "venue", &e->venue_set.venue);
        fprintf(out, " id=%" PRIu64 " number=%u %s, was %s, cause %s, simulated=%d", e->venue_set.venue_id,
                e->venue_set.number, venue_state_text(e->venue_set.state), venue_state_text(e->venue_set.before),
                venue_cause_text(e->venue_set.cause), e->venue_set.simulated);
        break;
    case EVENT_ROUTING_SET: fprintf(out, " rules=%u", e->routing_set.rules); break;
    case EVENT_ROUTE_RULE_SET:
        fprintf(out, " number=%u", e->route_rule_set.number);
        show_rule(out, &e->route_rule_set.rule);
        break;
    case EVENT_BATCHED:
        fprintf(out, " batch=%" PRIu64 " orders=%u atomic=%d", e->batched.batch_id, e->batched.orders,
                e->batched.atomic);
        show_name(out, "account", &e->batched.account);
        break;
    case EVENT_KEY_CLEARED:
        fprintf(out, " key=%" PRIx64 ",%" PRIx64, e->key_cleared.key.hi, e->key_cleared.key.lo);
        break;
    case EVENT_STATEMENT:
        fprintf(out, " statement=%" PRIu64 " rows=%u", e->statement.statement_id, e->statement.rows);
        show_name(out, "venue", &e->statement.venue);
        show_name(out, "account", &e->statement.account);
        break;
    case EVENT_STATEMENT_ROW:
        fprintf(out, " number=%u", e->statement_row.number);
        show_text(out, "exec_id", (struct text){e->statement_row.exec_id, e->statement_row.exec_id_len});
        break;
    default: show_broker_event(out, e); break;
    }
}

/* What happens to orders beside fills and their end. */
static void show_order_event(FILE *out, const struct event *e)
{
    switch (e->kind) {
    case EVENT_TRIGGERED:
        fprintf(out, " order=%" PRIu64 " stop_price=%" PRId64 " price=%" PRId64 " %s", e->triggered.order_id,
                e->triggered.stop_price, e->triggered.price, order_type_text(e->triggered.type));
        break;
    case EVENT_ACTIVATED:
        fprintf(out, " order=%" PRIu64 " quantity=%" PRId64 " leaves=%" PRId64 " phase=%s", e->activated.order_id,
                e->activated.quantity, e->activated.leaves, order_phase_text(e->activated.phase));
        show_i128(out, "hold", e->activated.hold, 0);
        break;
    case EVENT_REDUCED:
        fprintf(out, " order=%" PRIu64 " quantity=%" PRId64 " leaves=%" PRId64 " %s", e->reduced.order_id,
                e->reduced.quantity, e->reduced.leaves, cancel_reason_text(e->reduced.reason));
        show_i128(out, "hold", e->reduced.hold, 0);
        break;
    case EVENT_DISPLAYED:
        fprintf(out, " order=%" PRIu64 " shown=%" PRId64, e->displayed.order_id, e->displayed.shown);
        break;
    case EVENT_TRAILED:
        fprintf(out, " order=%" PRIu64 " stop_price=%" PRId64, e->trailed.order_id, e->trailed.stop_price);
        break;
    case EVENT_PREVENTED:
        fprintf(out, " newest=%" PRIu64 " oldest=%" PRIu64 " price=%" PRId64 " quantity=%" PRId64 " %s",
                e->prevented.newest_order_id, e->prevented.oldest_order_id, e->prevented.price, e->prevented.quantity,
                stp_text(e->prevented.stp));
        break;
    case EVENT_UNCROSSED:
        show_name(out, "symbol", &e->uncrossed.symbol);
        fprintf(out, " price=%" PRId64 " quantity=%" PRId64 " imbalance=%" PRId64, e->uncrossed.price,
                e->uncrossed.quantity, e->uncrossed.imbalance);
        break;
    case EVENT_STATE_SET:
        show_name(out, "symbol", &e->state_set.symbol);
        fprintf(out, " %s, was %s, cause %u", instrument_state_text(e->state_set.state),
                instrument_state_text(e->state_set.before), e->state_set.cause);
        break;
    default: show_desk_event(out, e); break;
    }
}

void show_event(FILE *out, const struct event *e)
{
    fprintf(out, "  (%" PRIu64 ", %u) %s", e->seq, e->index, event_kind_text(e->kind));
    switch (e->kind) {
    case EVENT_REJECTED:
        fprintf(out, " order=%" PRIu64, e->rejected.order_id);
        show_refusal(out, &e->rejected.refusal);
        fprintf(out, " of %s", command_kind_text(e->rejected.command_kind));
        break;
    case EVENT_PLACED:
        fprintf(out, " order=%" PRIu64, e->placed.order_id);
        show_terms(out, &e->placed.terms);
        show_i128(out, "hold", e->placed.hold, 0);
        break;
    case EVENT_FILLED: show_filled(out, &e->filled); break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED:
        fprintf(out, " order=%" PRIu64 " leaves=%" PRId64 " %s", e->cancelled.order_id, e->cancelled.leaves,
                cancel_reason_text(e->cancelled.reason));
        if (e->cancelled.reject != 0) fprintf(out, " %s", reject_name(e->cancelled.reject));
        show_name(out, "account", &e->cancelled.account);
        break;
    case EVENT_MODIFIED:
        fprintf(out, " order=%" PRIu64 " price=%" PRId64 " quantity=%" PRId64 " leaves=%" PRId64 " kept_priority=%d",
                e->modified.order_id, e->modified.price, e->modified.quantity, e->modified.leaves,
                e->modified.kept_priority);
        fprintf(out, " stop_price=%" PRId64 " display_quantity=%" PRId64, e->modified.stop_price,
                e->modified.display_quantity);
        show_i128(out, "hold", e->modified.hold, 0);
        break;
    case EVENT_LIMITS_SET: show_limits(out, &e->limits_set); break;
    case EVENT_CURRENCY_SET:
        show_name(out, "currency", &e->currency_set.currency);
        fprintf(out, " scale=%u", e->currency_set.scale);
        break;
    case EVENT_INSTRUMENT_SET: show_instrument(out, &e->instrument_set); break;
    case EVENT_ACCOUNT_SET: show_account(out, &e->account_set); break;
    case EVENT_CASH_MOVED:
        show_name(out, "account", &e->cash_moved.account);
        show_name(out, "currency", &e->cash_moved.currency);
        show_i128(out, "amount", e->cash_moved.amount, e->cash_moved.scale);
        show_i128(out, "cash", e->cash_moved.cash, e->cash_moved.scale);
        break;
    case EVENT_QUOTED:
        show_name(out, "symbol", &e->quoted.symbol);
        fprintf(out, " bid=%" PRId64 " x %" PRId64 " ask=%" PRId64 " x %" PRId64, e->quoted.bid, e->quoted.bid_quantity,
                e->quoted.ask, e->quoted.ask_quantity);
        break;
    case EVENT_SWEPT:
        fprintf(out, " orders=%u more=%d sweep=%u", e->swept.orders, e->swept.more, e->swept.sweep);
        break;
    case EVENT_TRADING_SET:
        show_name(out, "account", &e->trading_set.account);
        show_name(out, "symbol", &e->trading_set.symbol);
        fprintf(out, " %s, was %s", account_status_text(e->trading_set.status),
                account_status_text(e->trading_set.before));
        break;
    case EVENT_GTT_SET: show_gtt(out, &e->gtt_set); break;
    case EVENT_MARGIN_CALLED:
        show_name(out, "account", &e->margin_called.account);
        show_name(out, "currency", &e->margin_called.currency);
        show_i128(out, "equity", e->margin_called.equity, 0);
        show_i128(out, "exposure", e->margin_called.exposure, 0);
        fprintf(out, " required_ppm=%" PRId64 " liquidation=%d", e->margin_called.required_ppm,
                e->margin_called.liquidation);
        break;
    default: show_order_event(out, e); break;
    }
    fputc('\n', out);
}

void show_events(FILE *out, const char *title, const struct event *events, uint32_t events_count)
{
    fprintf(out, "%s: %u events\n", title, events_count);
    for (uint32_t i = 0; i < events_count; i++) show_event(out, &events[i]);
}
