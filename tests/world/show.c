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
    if (s->fields & INSTRUMENT_HAS_TRIGGER) fprintf(out, " trigger=%u", s->trigger);
    if (s->fields & INSTRUMENT_HAS_STATE) fprintf(out, " state=%s", instrument_state_text(s->state));
}

static void show_set_account(FILE *out, const struct command_set_account *s)
{
    show_name(out, "account", &s->account);
    if (s->fields & ACCOUNT_HAS_TYPE) fprintf(out, " type=%s", account_type_text(s->type));
    if (s->fields & ACCOUNT_HAS_LEVERAGE) show_decimal(out, "leverage", s->leverage);
    if (s->fields & ACCOUNT_HAS_ALLOW_SHORT) fprintf(out, " allow_short=%d", s->allow_short);
    if (s->fields & ACCOUNT_HAS_STATUS) fprintf(out, " status=%s", account_status_text(s->status));
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
    show_decimal(out, "leverage", p->leverage);
    if (p->expires_ns != 0) fprintf(out, " expires_ns=%" PRId64, p->expires_ns);
    if (p->flags != 0) fprintf(out, " flags=%u", p->flags);
    if (p->stp != 0) fprintf(out, " stp=%u", p->stp);
    if (p->client_order_id.len_bytes != 0) fprintf(out, " client_order_id of %u bytes", p->client_order_id.len_bytes);
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
        break;
    case COMMAND_CANCEL: fprintf(out, " order=%" PRIu64, c->cancel.order_id); break;
    case COMMAND_MASS_CANCEL:
        show_name(out, "account", &c->mass_cancel.account);
        show_name(out, "symbol", &c->mass_cancel.symbol);
        fprintf(out, " side=%s", side_text(c->mass_cancel.side));
        break;
    case COMMAND_END_OF_DAY: show_name(out, "symbol", &c->end_of_day.symbol); break;
    default: fprintf(out, " (kind %u)", c->kind); break;
    }
    fputc('\n', out);
}

static void show_terms(FILE *out, const struct order_terms *t)
{
    show_name(out, "account", &t->account);
    show_name(out, "symbol", &t->symbol);
    fprintf(out, " %s %s %s", side_text(t->side), order_type_text(t->type), tif_text(t->tif));
    show_decimal(out, "price", (struct decimal){t->price, t->price_scale});
    show_decimal(out, "quantity", (struct decimal){t->quantity, t->quantity_scale});
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
    fprintf(out, " aggressor=%s", side_text(f->aggressor_side));
}

void show_event(FILE *out, const struct event *e)
{
    fprintf(out, "  (%" PRIu64 ", %u) %s", e->seq, e->index, event_kind_text(e->kind));
    switch (e->kind) {
    case EVENT_REJECTED:
        fprintf(out, " %s order=%" PRIu64, reject_name(e->rejected.reason), e->rejected.order_id);
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
        show_name(out, "account", &e->cancelled.account);
        break;
    case EVENT_MODIFIED:
        fprintf(out, " order=%" PRIu64 " price=%" PRId64 " quantity=%" PRId64 " leaves=%" PRId64 " kept_priority=%d",
                e->modified.order_id, e->modified.price, e->modified.quantity, e->modified.leaves,
                e->modified.kept_priority);
        show_i128(out, "hold", e->modified.hold, 0);
        break;
    case EVENT_LIMITS_SET: show_limits(out, &e->limits_set); break;
    case EVENT_CURRENCY_SET:
        show_name(out, "currency", &e->currency_set.currency);
        fprintf(out, " scale=%u", e->currency_set.scale);
        break;
    case EVENT_INSTRUMENT_SET: show_name(out, "symbol", &e->instrument_set.spec.symbol); break;
    case EVENT_ACCOUNT_SET: show_name(out, "account", &e->account_set.account); break;
    case EVENT_CASH_MOVED:
        show_name(out, "account", &e->cash_moved.account);
        show_name(out, "currency", &e->cash_moved.currency);
        show_i128(out, "amount", e->cash_moved.amount, e->cash_moved.scale);
        show_i128(out, "cash", e->cash_moved.cash, e->cash_moved.scale);
        break;
    case EVENT_QUOTED: show_name(out, "symbol", &e->quoted.symbol); break;
    case EVENT_SWEPT:
        fprintf(out, " orders=%u more=%d sweep=%u", e->swept.orders, e->swept.more, e->swept.sweep);
        break;
    default: break;
    }
    fputc('\n', out);
}

void show_events(FILE *out, const char *title, const struct event *events, uint32_t events_count)
{
    fprintf(out, "%s: %u events\n", title, events_count);
    for (uint32_t i = 0; i < events_count; i++) show_event(out, &events[i]);
}
