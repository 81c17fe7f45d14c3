/* tests/world/outcomes.c - what happened, in the words of the facts. The grammar is in world.h.
 * Invariant: an event becomes one line, or none when no fact speaks of its kind; a line's text says what matters and its details
 * hold the rest, so that a fact may say as much of them as its reader needs. */
#include "tests/world/parts.h"

#include "core/rejects.h"

#include <stdio.h>
#include <string.h>

enum { LINES_MAX = 600 };

/* ---- lines ---- */

const char *number_text(i128 value, unsigned scale, char *room)
{
    decimal_to_text(value, scale, room);
    return room;
}

const char *price_text(int64_t price, unsigned scale, char *room)
{
    if (price <= 0 || price > PRICE_MAX) return "MARKET";
    return number_text(price, scale, room);
}

void line_detail(struct line *line, const char *word, const char *what)
{
    size_t len = strlen(line->details);
    snprintf(line->details + len, LINE_BYTES - len, " %s %s", word, what);
}

void line_detail_number(struct line *line, const char *word, i128 value, unsigned scale)
{
    char text[DECIMAL_TEXT_BYTES_MAX] = "NONE";
    if (scale != DECIMAL_ABSENT) number_text(value, scale, text);
    line_detail(line, word, text);
}

bool line_says(const struct line *line, const char *fact)
{
    size_t len = strlen(line->text);
    if (strncmp(line->text, fact, len) != 0) return false;
    char rest[LINE_BYTES], all[LINE_BYTES + 2], pair[LINE_BYTES], *words = rest;
    if (fact[len] != '\0' && fact[len] != ' ') return false;
    snprintf(rest, sizeof rest, "%s", fact + len);
    snprintf(all, sizeof all, "%s ", line->details);
    char *word = strtok_r(rest, " ", &words), *what;
    for (; word != NULL; word = strtok_r(NULL, " ", &words)) {
        what = strtok_r(NULL, " ", &words);
        snprintf(pair, sizeof pair, " %s %s ", word, what == NULL ? "" : what);
        if (strstr(all, pair) == NULL) return false;
    }
    return true;
}

const char *account_of_order(const struct world *w, uint64_t order_id)
{
    for (uint32_t k = 0; k < w->orders_count; k++)
        if (w->orders[k].id == order_id) return w->orders[k].account.bytes;
    return "";
}

/* "WORD account number" and no more. */
static void say_amount(struct line *line, const char *what, const struct name *account, int64_t value, unsigned scale)
{
    char text[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "%s %s %s", what, account->bytes, number_text(value, scale, text));
}

static void say_rejected(const struct world *w, const struct event_rejected *r, struct line *line)
{
    const char *account = r->terms.account.bytes;
    if (account[0] == '\0') account = account_of_order(w, r->order_id);
    snprintf(line->text, LINE_BYTES, "REJECT %s%s%s", account, account[0] == '\0' ? "" : " ",
             reject_name(r->refusal.reason));
    line_detail_number(line, "value", r->refusal.value, r->refusal.value_scale);
    line_detail_number(line, "limit", r->refusal.limit, r->refusal.limit_scale);
    line_detail(line, "field", r->refusal.field == 0 ? "NONE" : refusal_field_name(r->refusal.field));
}

static void say_filled(const struct world *w, const struct event_filled *f, struct line *line)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    bool buys = f->aggressor_side != SIDE_SELL;
    snprintf(line->text, LINE_BYTES, "FILL %s %s %s @ %s", buys ? f->buy_account.bytes : f->sell_account.bytes,
             buys ? f->sell_account.bytes : f->buy_account.bytes, number_text(f->quantity, f->quantity_scale, quantity),
             number_text(f->price, f->price_scale, price));
    line_detail_number(line, "fee", buys ? f->buy_fee : f->sell_fee, f->currency_scale);
    line_detail(line, "venue", venue_number_text(w, f->venue));
    line_detail(line, "simulated", f->simulated ? "YES" : "NO");
}

static bool gtt_is_of(const struct world *w, uint64_t gtt_id, const struct name *account)
{
    for (uint32_t k = 0; k < w->orders_count; k++)
        if (w->orders[k].id == gtt_id) return w->orders[k].gtt && name_equal(&w->orders[k].account, account);
    return false;
}

static void say_placed(const struct world *w, const struct event_placed *p, struct line *line)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    const struct order_terms *t = &p->terms;
    snprintf(line->text, LINE_BYTES, "PLACED %s %s @ %s", t->account.bytes,
             number_text(t->quantity, t->quantity_scale, quantity), price_text(t->price, t->price_scale, price));
    line_detail_number(line, "hold", p->hold, p->currency_scale);
    line_detail_number(line, "stop", t->stop_price, t->stop_price_scale);
    line_detail(line, "phase", t->phase == 0 ? "RESTING" : order_phase_text(t->phase));
    if (t->flags & PLACE_LIQUIDATION) line_detail(line, "by", "LIQUIDATION");
    if (t->gtt_id != 0) line_detail(line, "by", gtt_is_of(w, t->gtt_id, &t->account) ? "GTT" : "ANOTHERS_GTT");
}

static void say_modified(const struct event_modified *m, struct line *line)
{
    char price[DECIMAL_TEXT_BYTES_MAX], leaves[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "MODIFIED %s %s @ %s %s", m->account.bytes,
             number_text(m->leaves, m->quantity_scale, leaves), price_text(m->price, m->price_scale, price),
             m->kept_priority ? "KEEPS" : "LOSES");
    line_detail_number(line, "hold", m->hold, m->currency_scale);
    line_detail_number(line, "stop", m->stop_price, m->price_scale);
}

static void say_ended(const struct event *e, struct line *line)
{
    const struct event_cancelled *c = &e->cancelled;
    if (e->kind == EVENT_EXPIRED) {
        say_amount(line, "EXPIRED", &c->account, c->leaves, c->quantity_scale);
        return;
    }
    char leaves[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "CANCELLED %s %s %s", c->account.bytes,
             number_text(c->leaves, c->quantity_scale, leaves), cancel_reason_text(c->reason));
    if (c->reject != 0) line_detail(line, "reject", reject_name(c->reject));
}

static void say_swept(const struct event_swept *s, struct line *line)
{
    static const char *const names[] = {"NONE",   "MASS_CANCEL", "END_OF_DAY", "AUCTION",
                                        "MARGIN", "CASCADE",     "ROUTES",     "BATCH"};
    snprintf(line->text, LINE_BYTES, "SWEPT %u %s", s->orders, s->more ? "MORE" : "DONE");
    line_detail(line, "sweep", s->sweep < sizeof names / sizeof names[0] ? names[s->sweep] : "?");
}

static void say_triggered(const struct event_triggered *t, struct line *line)
{
    char stop[DECIMAL_TEXT_BYTES_MAX], price[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "TRIGGERED %s %s @ %s", t->account.bytes,
             number_text(t->stop_price, t->price_scale, stop), number_text(t->price, t->price_scale, price));
}

static void say_activated(const struct event_activated *a, struct line *line)
{
    say_amount(line, "ACTIVATED", &a->account, a->leaves, a->quantity_scale);
    line_detail(line, "phase", a->phase == 0 ? "RESTING" : order_phase_text(a->phase));
    line_detail_number(line, "hold", a->hold, a->currency_scale);
}

static void say_reduced(const struct event_reduced *r, struct line *line)
{
    char leaves[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "REDUCED %s %s %s", r->account.bytes,
             number_text(r->leaves, r->quantity_scale, leaves), cancel_reason_text(r->reason));
    line_detail_number(line, "hold", r->hold, r->currency_scale);
}

static void say_prevented(const struct event_prevented *p, struct line *line)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "PREVENTED %s %s @ %s %s", p->account.bytes,
             number_text(p->quantity, p->quantity_scale, quantity), price_text(p->price, p->price_scale, price),
             stp_text(p->stp));
}

static void say_uncrossed(const struct event_uncrossed *u, struct line *line)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    snprintf(line->text, LINE_BYTES, "UNCROSSED %s @ %s", number_text(u->quantity, u->quantity_scale, quantity),
             number_text(u->price, u->price_scale, price));
    line_detail_number(line, "imbalance", u->imbalance, u->quantity_scale);
}

static void say_state(const struct event_state_set *s, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "STATE %s %s", s->symbol.bytes, instrument_state_text(s->state));
    line_detail(line, "cause", s->cause == STATE_CAUSE_COLLAR ? "COLLAR" : "COMMAND");
    line_detail(line, "before", instrument_state_text(s->before));
}

static void say_trading(const struct event_trading_set *t, struct line *line)
{
    const char *whose = t->account.bytes[0] != '\0' ? t->account.bytes : t->symbol.bytes;
    snprintf(line->text, LINE_BYTES, "TRADING %s%s%s", account_status_text(t->status), whose[0] == '\0' ? "" : " ",
             whose);
    line_detail(line, "before", account_status_text(t->before));
}

static void say_gtt(const struct event_gtt_set *g, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "GTT %s %s", g->account.bytes, gtt_status_text(g->status));
    if (g->leg != 0) line_detail_number(line, "leg", g->leg, 0);
    if (g->reject != 0) line_detail(line, "reject", reject_name(g->reject));
}

static void say_margin_called(const struct event_margin_called *m, struct line *line)
{
    snprintf(line->text, LINE_BYTES, "MARGIN_CALLED %s %s", m->account.bytes, m->liquidation ? "LIQUIDATION" : "CALL");
    line_detail_number(line, "equity", m->equity, m->currency_scale);
    line_detail_number(line, "exposure", m->exposure, m->currency_scale);
    line_detail_number(line, "required", m->required_ppm, 4);
}

static void say_event(struct world *w, const struct event *e, struct line *line)
{
    *line = (struct line){{0}, {0}};
    switch (e->kind) {
    case EVENT_REJECTED: say_rejected(w, &e->rejected, line); break;
    case EVENT_FILLED: say_filled(w, &e->filled, line); break;
    case EVENT_CANCELLED:
    case EVENT_EXPIRED: say_ended(e, line); break;
    case EVENT_PLACED: say_placed(w, &e->placed, line); break;
    case EVENT_MODIFIED: say_modified(&e->modified, line); break;
    case EVENT_SWEPT: say_swept(&e->swept, line); break;
    case EVENT_TRIGGERED: say_triggered(&e->triggered, line); break;
    case EVENT_ACTIVATED: say_activated(&e->activated, line); break;
    case EVENT_REDUCED: say_reduced(&e->reduced, line); break;
    case EVENT_DISPLAYED:
        say_amount(line, "SHOWS", &e->displayed.account, e->displayed.shown, e->displayed.quantity_scale);
        break;
    case EVENT_TRAILED:
        say_amount(line, "TRAILS", &e->trailed.account, e->trailed.stop_price, e->trailed.price_scale);
        break;
    case EVENT_PREVENTED: say_prevented(&e->prevented, line); break;
    case EVENT_UNCROSSED: say_uncrossed(&e->uncrossed, line); break;
    case EVENT_STATE_SET: say_state(&e->state_set, line); break;
    case EVENT_TRADING_SET: say_trading(&e->trading_set, line); break;
    case EVENT_GTT_SET: say_gtt(&e->gtt_set, line); break;
    case EVENT_MARGIN_CALLED: say_margin_called(&e->margin_called, line); break;
    default: desk_event_say(w, e, line); break;
    }
}

/* ---- lines against facts ---- */

/* Kinds that must always be told, and kinds that are only looked at when a fact names one. */
static const char *const always[] = {"FILL",      "CANCELLED",     "EXPIRED", "REDUCED", "REJECT",
                                     "PREVENTED", "MARGIN_CALLED", "BUSTED",  "NOTHING"};
static const char *const optional[] = {"PLACED", "MODIFIED",  "SWEPT",       "TRIGGERED", "ACTIVATED",    "SHOWS",
                                       "TRAILS", "UNCROSSED", "STATE",       "TRADING",   "GTT",          "ROUTED",
                                       "ACKED",  "EXECUTED",  "BROKER",      "SETTLES",   "VENUE",        "ROUTING",
                                       "RULE",   "BATCHED",   "KEY_CLEARED", "STATEMENT", "STATEMENT_ROW"};
enum { ALWAYS = sizeof always / sizeof always[0], OPTIONAL = sizeof optional / sizeof optional[0] };

static bool begins(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

bool outcomes_know(const char *fact)
{
    for (int k = 0; k < ALWAYS; k++)
        if (begins(fact, always[k])) return true;
    for (int k = 0; k < OPTIONAL; k++)
        if (begins(fact, optional[k])) return true;
    return false;
}

static bool is_looked_at(const char *text, const char *const *facts)
{
    for (int k = 0; k < OPTIONAL; k++) {
        if (!begins(text, optional[k])) continue;
        for (const char *const *fact = facts; *fact != NULL; fact++)
            if (begins(*fact, optional[k])) return true;
        return false;
    }
    return text[0] != '\0';
}

static void fail_outcomes(struct world *w, const struct line *lines, uint32_t count, const char *expected)
{
    for (uint32_t k = 0; k < count; k++) print_error("  happened: %s |%s\n", lines[k].text, lines[k].details);
    world_fail(w, expected, "is not what happened at its place");
}

void outcomes_check(struct world *w, const char *const *facts)
{
    static struct line lines[LINES_MAX + 1]; /* a test that fails leaves by a jump: nothing may be held */
    uint32_t count = 0, at = 0;
    for (uint32_t i = w->when_event; i < w->events_count; i++) {
        assert_true(count < LINES_MAX);
        say_event(w, &w->events[i], &lines[count]);
        count += is_looked_at(lines[count].text, facts);
    }
    for (; *facts != NULL; facts++) {
        if (!outcomes_know(*facts) || begins(*facts, "NOTHING")) continue;
        if (at == count || !line_says(&lines[at], *facts)) fail_outcomes(w, lines, count, *facts);
        at++;
    }
    if (at != count) fail_outcomes(w, lines, count, lines[at].text);
}
