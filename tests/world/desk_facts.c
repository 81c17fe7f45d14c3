/* tests/world/desk_facts.c - the facts of then about venues, brokers, executions and keys as they are now. The grammar is in world.h. */
#include "tests/world/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *venue_number_text(const struct world *w, unsigned number)
{
    static struct venue_state_row venue;
    uint32_t cursor = 0;
    if (number == VENUE_NONE) return "NONE";
    if (number == 0) return "BOOK";
    for (unsigned k = 1; engine_export_venue(w->engine, &cursor, &venue); k++)
        if (k == number) return venue.venue.bytes;
    return "?";
}

static void line_detail_seconds(struct line *line, const struct world *w, const char *word, int64_t at_ns)
{
    line_detail_number(line, word, at_ns == 0 ? 0 : (at_ns - w->ts_ns) / 1000000000, 0);
}

static void say_route(const struct world *w, const char *word, const struct route_state *r, struct line *line)
{
    struct instrument_state i;
    char ext[EXT_ID_BYTES_MAX + 1] = "";
    memcpy(ext, r->ext_order_id, r->ext_order_id_len);
    assert_true(engine_get_instrument_by_id(w->engine, r->instrument_id, &i));
    snprintf(line->text, LINE_BYTES, "ROUTE %s %s", word, broker_state_text(r->state));
    line_detail(line, "venue", r->venue == 0 ? "NONE" : venue_number_text(w, r->venue));
    if (r->doubt != 0) line_detail(line, "doubt", broker_state_text(r->doubt));
    line_detail_number(line, "attempt", r->attempt, 0);
    line_detail_number(line, "tries", r->tries, 0);
    line_detail(line, "review", r->manual_review ? "YES" : "NO");
    line_detail(line, "asked", r->asked ? "YES" : "NO");
    line_detail(line, "open", r->open ? "YES" : "NO");
    if (ext[0] != '\0') line_detail(line, "ext", ext);
    line_detail_seconds(line, w, "due", r->due_ns);
    line_detail_number(line, "filled", r->filled, i.spec.quantity_scale);
    line_detail_number(line, "price", r->new_price, i.spec.price_scale);
    line_detail_number(line, "quantity", r->new_quantity, i.spec.quantity_scale);
    line_detail_number(line, "stop", r->new_stop_price, i.spec.price_scale);
    line_detail_number(line, "old", r->old_quantity, i.spec.quantity_scale);
}

static void check_route(struct world *w, const char *fact, struct words *s)
{
    struct line line = {{0}, {0}};
    struct route_state r;
    char all[LINE_BYTES * 2 + 8];
    const char *word = words_next(s);
    if (engine_get_route(w->engine, world_order_id(w, fact, word, false), &r))
        say_route(w, word, &r, &line);
    else
        snprintf(line.text, LINE_BYTES, "ROUTE %s NONE", word);
    s->at = s->count;
    snprintf(all, sizeof all, "%s |%s", line.text, line.details);
    if (!line_says(&line, fact)) world_fail_fact(w, fact, all);
}

static void check_executions(struct world *w, const char *fact, struct words *s)
{
    struct execution_state x;
    char text[LINE_BYTES * 3] = "", expected[SENTENCE_BYTES_MAX] = "";
    uint64_t order_id = world_order_id(w, fact, words_next(s), false);
    uint32_t cursor = 0;
    while (s->at < s->count)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), " %s", words_next(s));
    while (engine_export_execution(w->engine, &cursor, &x)) {
        if (x.order_id != order_id) continue;
        snprintf(text + strlen(text), sizeof text - strlen(text), " %.*s%s", x.exec_id_len == 0 ? 1 : x.exec_id_len,
                 x.exec_id_len == 0 ? "-" : x.exec_id, x.busted ? "!" : "");
    }
    if (strcmp(expected, text[0] == '\0' ? " NONE" : text) != 0) world_fail_fact(w, fact, text);
}

static uint32_t table_count(struct world *w, const char *fact, const char *table)
{
    struct engine_counts c = engine_counts(w->engine);
    if (strcmp(table, "venues") == 0) return c.venues;
    if (strcmp(table, "rules") == 0) return c.rules;
    if (strcmp(table, "routes") == 0) return c.routes;
    if (strcmp(table, "executions") == 0) return c.executions;
    if (strcmp(table, "client_ids") == 0) return c.client_ids;
    if (strcmp(table, "keys") == 0) return c.keys;
    if (strcmp(table, "timers") == 0) return c.timers;
    world_fail(w, fact, "no such table");
}

static void check_tables(struct world *w, const char *fact, struct words *s)
{
    while (s->at < s->count) {
        char text[DECIMAL_TEXT_BYTES_MAX];
        number_text(table_count(w, fact, words_next(s)), 0, text);
        if (strcmp(text, words_next(s)) != 0) world_fail_fact(w, fact, text);
    }
}

static void check_venue(struct world *w, const char *fact, struct words *s)
{
    struct venue_state_row v;
    struct name name = world_name(words_next(s));
    if (!engine_get_venue(w->engine, &name, &v)) world_fail(w, fact, "no such venue");
    if (strcmp(words_next(s), venue_state_text(v.state)) != 0) world_fail_fact(w, fact, venue_state_text(v.state));
}

static void check_answered(struct world *w, const char *fact, struct words *s)
{
    static const char *const answers[] = {"NEW", "REPEATED", "CONFLICT", "FULL"};
    const char *answer = answers[w->key_answer & 3];
    if (strcmp(words_next(s), answer) != 0) world_fail_fact(w, fact, answer);
    if (s->at == s->count) return;
    char seq[DECIMAL_TEXT_BYTES_MAX];
    number_text((i128)w->key_seq, 0, seq);
    if (strcmp(words_next(s), seq) != 0) world_fail_fact(w, fact, seq);
}

bool desk_fact_check(struct world *w, const char *fact, const char *what, struct words *s)
{
    if (strcmp(what, "ROUTE") == 0)
        check_route(w, fact, s);
    else if (strcmp(what, "EXECUTIONS") == 0)
        check_executions(w, fact, s);
    else if (strcmp(what, "TABLES") == 0)
        check_tables(w, fact, s);
    else if (strcmp(what, "VENUE_IS") == 0)
        check_venue(w, fact, s);
    else if (strcmp(what, "ANSWERED") == 0)
        check_answered(w, fact, s);
    else
        return false;
    return true;
}
