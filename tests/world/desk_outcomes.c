/* tests/world/desk_outcomes.c - what happened at the desk, in the words of the facts. The grammar is in world.h.
 * Invariant: as in outcomes.c: one line an event, the rest of it as details. */
#include "tests/world/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *yes_no(bool yes)
{
    return yes ? "YES" : "NO";
}

static const char *or_none(const char *text)
{
    return text[0] == '\0' ? "NONE" : text;
}

/* Up to ROUTE_CANDIDATES_MAX names with commas between. */
static const char *join_venues(const struct name *venues, char *room, size_t room_bytes)
{
    room[0] = '\0';
    for (int k = 0; k < ROUTE_CANDIDATES_MAX && venues[k].bytes[0] != '\0'; k++)
        snprintf(room + strlen(room), room_bytes - strlen(room), "%s%s", k == 0 ? "" : ",", venues[k].bytes);
    return or_none(room);
}

static void say_routed(const struct world *w, const struct event_routed *r, int64_t now_ns, struct line *line)
{
    char candidates[ROUTE_CANDIDATES_MAX * (NAME_BYTES + 1)];
    snprintf(line->text, LINE_BYTES, "ROUTED %s %s", r->account.bytes, or_none(r->chosen.bytes));
    line_detail(line, "candidates", join_venues(r->candidates, candidates, sizeof candidates));
    line_detail_number(line, "rule", r->rule, 0);
    line_detail_number(line, "attempt", r->attempt, 0);
    line_detail(line, "cause", route_cause_text(r->cause));
    line_detail(line, "asked", yes_no(r->asked));
    line_detail(line, "review", yes_no(r->manual_review));
    line_detail_number(line, "retry", r->retry_ns == 0 ? 0 : (r->retry_ns - now_ns) / 1000000000, 0);
    line_detail(line, "venue", venue_number_text(w, r->venue));
}

static void say_acked(const struct event_acked *a, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "ACKED %s %.*s", a->account.bytes, (int)a->ext_order_id_len, a->ext_order_id);
    line_detail(line, "venue", a->venue.bytes);
    line_detail(line, "state", broker_state_text(a->state));
}

static void say_executed(const struct event_executed *x, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "EXECUTED %s %.*s", x->account.bytes, x->exec_id_len == 0 ? 4 : x->exec_id_len,
             x->exec_id_len == 0 ? "NONE" : x->exec_id);
    line_detail(line, "venue", or_none(x->venue.bytes));
    line_detail(line, "kind", fill_kind_text(x->kind));
    line_detail_number(line, "excess", x->excess, x->quantity_scale);
    line_detail(line, "late", yes_no(x->late));
    line_detail(line, "simulated", yes_no(x->simulated));
}

static void say_broker_state(const struct event_broker_state *s, struct line *line)
{
    char reason[REASON_BYTES_MAX + 1] = "";
    memcpy(reason, s->reason, s->reason_len);
    snprintf(line->text, LINE_BYTES, "BROKER %s %s", s->account.bytes, broker_state_text(s->state));
    line_detail(line, "before", broker_state_text(s->before));
    line_detail(line, "report", or_none(report_text(s->report)));
    line_detail_number(line, "leaves", s->leaves, s->quantity_scale);
    line_detail_number(line, "hold", s->hold, s->currency_scale);
    line_detail_number(line, "price", s->price, s->price_scale);
    line_detail_number(line, "quantity", s->quantity, s->quantity_scale);
    line_detail_number(line, "stop", s->stop_price, s->price_scale);
    line_detail(line, "reason", or_none(reason));
    line_detail(line, "venue", or_none(s->venue.bytes));
}

static void say_busted(const struct event_busted *b, struct line *line)
{
    char quantity[DECIMAL_TEXT_BYTES_MAX], price[DECIMAL_TEXT_BYTES_MAX], exec[EXT_ID_BYTES_MAX + 1] = "";
    memcpy(exec, b->exec_id, b->exec_id_len);
    snprintf(line->text, LINE_BYTES, "BUSTED %s %s @ %s", b->account.bytes,
             number_text(b->quantity, b->quantity_scale, quantity), number_text(b->price, b->price_scale, price));
    line_detail(line, "exec", or_none(exec));
    line_detail_number(line, "fee", b->fee, b->currency_scale);
    line_detail_number(line, "hold", b->hold, b->currency_scale);
    line_detail_number(line, "leaves", b->leaves, b->quantity_scale);
    line_detail(line, "venue", or_none(b->venue.bytes));
}

static void say_venue_set(const struct event_venue_set *v, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "VENUE %s %s", v->venue.bytes, venue_state_text(v->state));
    line_detail(line, "before", or_none(venue_state_text(v->before)));
    line_detail(line, "cause", venue_cause_text(v->cause));
    line_detail(line, "simulated", yes_no(v->simulated));
    line_detail_number(line, "number", v->number, 0);
}

static void say_decimal(struct line *line, const char *word, struct decimal d)
{
    line_detail_number(line, word, d.mantissa, d.scale);
}

static void say_rule(const struct event_route_rule_set *r, struct line *line)
{
    char venues[ROUTE_CANDIDATES_MAX * (NAME_BYTES + 1)];
    snprintf(line->text, LINE_BYTES, "RULE %u %s", r->number, join_venues(r->rule.venues, venues, sizeof venues));
    line_detail(line, "account", or_none(r->rule.account.bytes));
    line_detail(line, "symbol", or_none(r->rule.symbol.bytes));
    line_detail(line, "type", or_none(order_type_text(r->rule.type)));
    line_detail(line, "side", or_none(side_text(r->rule.side)));
    say_decimal(line, "min", r->rule.min_quantity);
    say_decimal(line, "max", r->rule.max_quantity);
}

static void say_batched(const struct event_batched *b, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "BATCHED %u", b->orders);
    line_detail(line, "atomic", yes_no(b->atomic));
    line_detail(line, "owner", or_none(b->account.bytes));
}

/* The word is not in the event: it is the one whose hash this is. */
static void say_key_cleared(const struct world *w, const struct event_key_cleared *k, struct line *line)
{
    for (uint32_t at = 0; at < w->commands_count; at++)
        if (w->commands[at].origin.key.lo == k->key.lo && w->commands[at].origin.key.hi == k->key.hi)
            snprintf(line->text, LINE_BYTES, "KEY_CLEARED %" PRIu64, w->commands[at].seq);
    if (line->text[0] == '\0') snprintf(line->text, LINE_BYTES, "KEY_CLEARED NONE");
}

static void say_statement(const struct event_statement *t, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "STATEMENT %u", t->rows);
    line_detail(line, "venue", or_none(t->venue.bytes));
    line_detail(line, "account", or_none(t->account.bytes));
}

static void say_statement_row(const struct event_statement_row *r, struct line *line)
{
    char ext[EXT_ID_BYTES_MAX + 1] = "";
    memcpy(ext, r->ext_order_id, r->ext_order_id_len);
    snprintf(line->text, LINE_BYTES, "STATEMENT_ROW %u %.*s", r->number, (int)r->exec_id_len, r->exec_id);
    line_detail(line, "symbol", r->symbol.bytes);
    line_detail(line, "side", side_text(r->side));
    say_decimal(line, "quantity", r->quantity);
    say_decimal(line, "price", r->price);
    line_detail(line, "ext", or_none(ext));
    line_detail_number(line, "fee", r->fee.mantissa, r->fee.scale);
}

/* What happens to orders at brokers. */
static bool say_broker_event(struct world *w, const struct event *e, struct line *line)
{
    switch (e->kind) {
    case EVENT_ROUTED: say_routed(w, &e->routed, e->ts_ns, line); return true;
    case EVENT_ACKED: say_acked(&e->acked, line); return true;
    case EVENT_EXECUTED: say_executed(&e->executed, line); return true;
    case EVENT_BROKER_STATE: say_broker_state(&e->broker_state, line); return true;
    case EVENT_BUSTED: say_busted(&e->busted, line); return true;
    case EVENT_SETTLED:
        snprintf(line->text, LINE_BYTES, "SETTLES %s", e->settled.account.bytes);
        line_detail(line, "by", e->settled.by_command ? "COMMAND" : "TIME");
        line_detail(line, "venue", e->settled.venue.bytes);
        return true;
    default: return false;
    }
}

bool desk_event_say(struct world *w, const struct event *e, struct line *line)
{
    switch (e->kind) {
    case EVENT_VENUE_SET: say_venue_set(&e->venue_set, line); return true;
    case EVENT_ROUTING_SET: snprintf(line->text, LINE_BYTES, "ROUTING %u", e->routing_set.rules); return true;
    case EVENT_ROUTE_RULE_SET: say_rule(&e->route_rule_set, line); return true;
    case EVENT_BATCHED: say_batched(&e->batched, line); return true;
    case EVENT_KEY_CLEARED: say_key_cleared(w, &e->key_cleared, line); return true;
    case EVENT_STATEMENT: say_statement(&e->statement, line); return true;
    case EVENT_STATEMENT_ROW: say_statement_row(&e->statement_row, line); return true;
    default: return say_broker_event(w, e, line);
    }
}
