/* tests/world/desk_sentences.c - the sentences about venues, brokers, batches, keys and statements. The grammar is in world.h.
 * Invariant: lists and texts of a command are the world's (world_keep): they live as long as its commands do. */
#include "tests/world/parts.h"

#include <stdlib.h>
#include <string.h>

static const struct decimal absent = {0, DECIMAL_ABSENT};

/* Longer lists than any command may have. */
enum { LIST_MAX = 10001 };

static bool at_end_of_row(const struct words *s)
{
    return s->at == s->count || strcmp(s->word[s->at], ";") == 0;
}

/* A list that grows in memory of the world's. */
struct list {
    char *bytes;
    size_t one, room;
    uint32_t count;
};

static void *list_more(struct world *w, struct list *l)
{
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 8 : l->room * 2;
        char *bytes = world_keep(w, room * l->one);
        if (l->count > 0) memcpy(bytes, l->bytes, l->count * l->one);
        l->bytes = bytes;
        l->room = room;
    }
    return l->bytes + l->one * l->count++;
}

/* "TIMES n": the last row so often. */
static void take_times(struct world *w, const char *sentence, struct words *s, struct list *l)
{
    if (!words_take(s, "TIMES")) return;
    unsigned times = next_number(s);
    if (times > LIST_MAX || l->count == 0) world_fail(w, sentence, "TIMES without a row, or too often");
    for (unsigned k = 1; k < times; k++) {
        char *row = list_more(w, l);
        memcpy(row, row - l->one, l->one);
    }
}

/* ---- who asks, and with which key ---- */

/* FNV-1a, twice: tests need words that are told apart, no more. */
struct key_hash world_hash(const char *word)
{
    struct key_hash h = {0xcbf29ce484222325u, 1};
    for (; *word != '\0'; word++) h.lo = (h.lo ^ (unsigned char)*word) * 0x100000001b3u;
    h.hi = h.lo >> 7 | 1;
    return h;
}

void origin_words_take(struct world *w, struct words *s)
{
    for (;;) {
        if (words_take(s, "ACTOR"))
            w->origin.actor = world_name(words_next(s));
        else if (words_take(s, "KEY"))
            w->origin.key = w->origin.body = world_hash(words_next(s));
        else if (words_take(s, "BODY"))
            w->origin.body = world_hash(words_next(s));
        else
            return;
    }
}

static void clear_key_sentence(struct world *w, struct words *s)
{
    struct command c = {.kind = COMMAND_CLEAR_KEY};
    c.clear_key.key = world_hash(words_next(s));
    world_apply(w, &c);
}

/* ---- venues and rules ---- */

static void venue_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_VENUE};
    struct command_set_venue *v = &c.set_venue;
    v->venue = world_name(words_next(s));
    v->cause = VENUE_CAUSE_OPERATOR;
    while (s->at < s->count) {
        const char *word = words_next(s);
        int state = venue_state_from_text(word, strlen(word));
        if (state != 0)
            v->state = (uint8_t)state;
        else if (strcmp(word, "SIMULATED") == 0)
            v->simulated = 2;
        else if (strcmp(word, "NOT_SIMULATED") == 0)
            v->simulated = 1;
        else if (strcmp(word, "BREAKER") == 0)
            v->cause = VENUE_CAUSE_BREAKER;
        else if (strcmp(word, "STATE") == 0)
            v->state = (uint8_t)next_number(s);
        else if (strcmp(word, "SIMULATED_IS") == 0)
            v->simulated = (uint8_t)next_number(s);
        else if (strcmp(word, "CAUSE") == 0)
            v->cause = (uint8_t)next_number(s);
        else
            world_fail(w, sentence, word);
    }
    world_apply(w, &c);
}

static void read_rule_venues(struct world *w, const char *sentence, struct words *s, struct route_rule *r)
{
    for (int k = 0; !at_end_of_row(s) && strcmp(s->word[s->at], "TIMES") != 0; k++) {
        if (k == ROUTE_CANDIDATES_MAX) world_fail(w, sentence, "too many venues");
        r->venues[k] = world_name(words_next(s));
    }
}

static void read_rule(struct world *w, const char *sentence, struct words *s, struct route_rule *r)
{
    r->min_quantity = r->max_quantity = absent;
    while (!at_end_of_row(s)) {
        if (words_take(s, "FOR"))
            r->account = world_name(words_next(s));
        else if (words_take(s, "OF"))
            r->symbol = world_name(words_next(s));
        else if (words_take(s, "BUY"))
            r->side = SIDE_BUY;
        else if (words_take(s, "SELL"))
            r->side = SIDE_SELL;
        else if (words_take(s, "SIDE"))
            r->side = (uint8_t)next_number(s);
        else if (words_take(s, "TYPE"))
            r->type = next_enum(s, order_type_from_text);
        else if (words_take(s, "MIN"))
            r->min_quantity = next_decimal(w, sentence, s);
        else if (words_take(s, "MAX"))
            r->max_quantity = next_decimal(w, sentence, s);
        else if (words_take(s, "TO")) {
            read_rule_venues(w, sentence, s, r);
            return;
        } else
            world_fail(w, sentence, s->word[s->at]);
    }
}

static void routes_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SET_ROUTING};
    struct list rules = {.one = sizeof(struct route_rule)};
    while (s->at < s->count) {
        read_rule(w, sentence, s, list_more(w, &rules));
        take_times(w, sentence, s, &rules);
        words_take(s, ";");
    }
    c.set_routing.rules = (const struct route_rule *)(const void *)rules.bytes;
    c.set_routing.rules_count = rules.count;
    world_apply(w, &c);
}

static void route_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_ROUTE};
    c.route.order_id = world_order_id(w, sentence, words_next(s), false);
    if (words_take(s, "TO")) c.route.venue = world_name(words_next(s));
    world_apply(w, &c);
}

/* ---- what brokers say ---- */

static void read_report_words(struct world *w, const char *sentence, struct words *s, struct command_report *r)
{
    while (s->at < s->count) {
        if (words_take(s, "EXT"))
            r->ext_order_id = next_text(w, s);
        else if (words_take(s, "EXT_LENGTH"))
            r->ext_order_id = world_long_text(next_number(s));
        else if (words_take(s, "REASON"))
            r->reason = next_text(w, s);
        else if (words_take(s, "REASON_LENGTH"))
            r->reason = world_long_text(next_number(s));
        else if (words_take(s, "BY"))
            r->venue = world_name(words_next(s));
        else
            world_fail(w, sentence, s->word[s->at]);
    }
}

static void report_sentence(struct world *w, const char *sentence, struct words *s, bool ack)
{
    struct command c = {.kind = COMMAND_REPORT};
    c.report.order_id = world_order_id(w, sentence, words_next(s), false);
    c.report.report = ack ? REPORT_ACK : next_enum(s, report_from_text);
    if (ack) c.report.ext_order_id = next_text(w, s);
    read_report_words(w, sentence, s, &c.report);
    world_apply(w, &c);
}

static void read_fill_price(struct world *w, const char *sentence, struct words *s, struct fill_row *row)
{
    if (!words_take(s, "NONE")) row->quantity = next_decimal(w, sentence, s);
    if (!words_take(s, "@")) world_fail(w, sentence, "an execution needs @ and a price");
    if (!words_take(s, "NONE")) row->price = next_decimal(w, sentence, s);
}

static void read_fill_words(struct world *w, const char *sentence, struct words *s, struct command_fill *f,
                            struct fill_row *row)
{
    while (!at_end_of_row(s) && strcmp(s->word[s->at], "TIMES") != 0) {
        if (words_take(s, "EXEC"))
            row->exec_id = next_text(w, s);
        else if (words_take(s, "EXEC_LENGTH"))
            row->exec_id = world_long_text(next_number(s));
        else if (words_take(s, "REF"))
            row->ref_exec_id = next_text(w, s);
        else if (words_take(s, "KIND"))
            row->kind = (uint8_t)next_number(s);
        else if (words_take(s, "SIMULATED"))
            f->simulated = true;
        else if (words_take(s, "BY"))
            f->venue = world_name(words_next(s));
        else
            world_fail(w, sentence, s->word[s->at]);
    }
}

static void read_fill(struct world *w, const char *sentence, struct words *s, struct command_fill *f,
                      struct fill_row *row)
{
    row->price = row->quantity = absent;
    row->kind = FILL_NEW;
    if (words_take(s, "BUST")) row->kind = FILL_BUST;
    if (words_take(s, "CORRECT")) row->kind = FILL_CORRECT;
    row->order_id = world_order_id(w, sentence, words_next(s), false);
    if (row->kind != FILL_NEW) row->ref_exec_id = next_text(w, s);
    if (row->kind != FILL_BUST) read_fill_price(w, sentence, s, row);
    read_fill_words(w, sentence, s, f, row);
}

static void fill_sentence(struct world *w, const char *sentence, struct words *s, bool simulated)
{
    struct command c = {.kind = COMMAND_FILL};
    struct list rows = {.one = sizeof(struct fill_row)};
    c.fill.simulated = simulated;
    while (s->at < s->count) {
        read_fill(w, sentence, s, &c.fill, list_more(w, &rows));
        take_times(w, sentence, s, &rows);
        words_take(s, ";");
    }
    c.fill.fills = (const struct fill_row *)(const void *)rows.bytes;
    c.fill.fills_count = rows.count;
    world_apply(w, &c);
}

static void settle_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_SETTLE};
    c.settle.order_id = world_order_id(w, sentence, words_next(s), false);
    world_apply(w, &c);
}

/* ---- batches ---- */

enum { NAMED_ORDERS_MAX = 64 };

static void read_batch_head(struct words *s, struct command_batch *b, const char **name)
{
    for (;;) {
        if (words_take(s, "ATOMIC"))
            b->atomic = true;
        else if (words_take(s, "OWNER"))
            b->account = world_name(words_next(s));
        else if (words_take(s, "AS"))
            *name = words_next(s);
        else
            return;
    }
}

static void batch_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_BATCH};
    struct list orders = {.one = sizeof(struct command_place)};
    const char *names[NAMED_ORDERS_MAX + 1] = {NULL};
    read_batch_head(s, &c.batch, &names[0]);
    while (s->at < s->count) {
        struct command_place *p = list_more(w, &orders);
        const char *name = NULL;
        world_read_order(w, sentence, s, p, &name);
        if (orders.count <= NAMED_ORDERS_MAX) names[orders.count] = name;
        world_make_rich(w, &p->account, &p->symbol);
        take_times(w, sentence, s, &orders);
        words_take(s, ";");
    }
    c.batch.orders = (const struct command_place *)(const void *)orders.bytes;
    c.batch.orders_count = orders.count;
    world_apply(w, &c);
    for (unsigned k = 0; k <= NAMED_ORDERS_MAX; k++) world_remember_name(w, sentence, names[k], k);
}

/* How many orders the batch had, as its command said. */
static uint32_t orders_of_batch(const struct world *w, uint64_t batch_id)
{
    uint64_t seq = batch_id >> ORDER_INDEX_BITS;
    if (seq == 0 || seq > w->commands_count || w->commands[seq - 1].kind != COMMAND_BATCH) return 1;
    return w->commands[seq - 1].batch.orders_count;
}

static void cancel_batch_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_CANCEL_BATCH};
    c.cancel_batch.batch_id = world_order_id(w, sentence, words_next(s), false);
    c.cancel_batch.orders_count = orders_of_batch(w, c.cancel_batch.batch_id);
    if (words_take(s, "COUNT")) c.cancel_batch.orders_count = next_number(s);
    world_apply(w, &c);
}

/* ---- statements ---- */

static void read_statement_head(struct world *w, const char *sentence, struct words *s, struct command_statement *t)
{
    t->from_ns = w->ts_ns - (int64_t)86400 * 1000000000;
    t->to_ns = w->ts_ns;
    for (;;) {
        if (words_take(s, "VENUE"))
            t->venue = world_name(words_next(s));
        else if (words_take(s, "ACCOUNT"))
            t->account = world_name(words_next(s));
        else if (words_take(s, "FROM"))
            t->from_ns = w->ts_ns + next_time(w, sentence, s);
        else if (words_take(s, "TO"))
            t->to_ns = w->ts_ns + next_time(w, sentence, s);
        else
            return;
    }
}

static void read_statement_words(struct world *w, const char *sentence, struct words *s, struct statement_row *row)
{
    while (!at_end_of_row(s) && strcmp(s->word[s->at], "TIMES") != 0) {
        if (words_take(s, "EXEC"))
            row->exec_id = next_text(w, s);
        else if (words_take(s, "EXEC_LENGTH"))
            row->exec_id = world_long_text(next_number(s));
        else if (words_take(s, "EXT"))
            row->ext_order_id = next_text(w, s);
        else if (words_take(s, "EXT_LENGTH"))
            row->ext_order_id = world_long_text(next_number(s));
        else if (words_take(s, "FEE"))
            row->fee = next_amount(w, sentence, s, false);
        else if (words_take(s, "FEE_SCALE"))
            row->fee.scale = (uint8_t)next_number(s);
        else if (words_take(s, "SIDE"))
            row->side = (uint8_t)next_number(s);
        else
            world_fail(w, sentence, s->word[s->at]);
    }
}

static void read_statement_row(struct world *w, const char *sentence, struct words *s, struct statement_row *row)
{
    row->price = row->quantity = absent;
    row->fee = (struct amount){0, DECIMAL_ABSENT};
    if (!words_take(s, "ROW")) world_fail(w, sentence, "a line of a statement begins with ROW");
    row->symbol = world_name(words_next(s));
    row->side = words_take(s, "BUY") ? SIDE_BUY : SIDE_SELL;
    if (row->side == SIDE_SELL) words_take(s, "SELL");
    if (!words_take(s, "NONE")) row->quantity = next_decimal(w, sentence, s);
    if (!words_take(s, "@")) world_fail(w, sentence, "a line of a statement needs @ and a price");
    if (!words_take(s, "NONE")) row->price = next_decimal(w, sentence, s);
    read_statement_words(w, sentence, s, row);
}

static void statement_sentence(struct world *w, const char *sentence, struct words *s)
{
    struct command c = {.kind = COMMAND_STATEMENT};
    struct list rows = {.one = sizeof(struct statement_row)};
    read_statement_head(w, sentence, s, &c.statement);
    while (s->at < s->count) {
        read_statement_row(w, sentence, s, list_more(w, &rows));
        take_times(w, sentence, s, &rows);
        words_take(s, ";");
    }
    c.statement.rows = (const struct statement_row *)(const void *)rows.bytes;
    c.statement.rows_count = rows.count;
    world_apply(w, &c);
}

/* The first word of a row of fills stays: it says the row's kind. */
static bool fill_sentence_run(struct world *w, const char *sentence, struct words *s)
{
    const char *first = s->at < s->count ? s->word[s->at] : "";
    if (strcmp(first, "BUST") == 0 || strcmp(first, "CORRECT") == 0 || words_take(s, "EXECUTE"))
        fill_sentence(w, sentence, s, false);
    else if (words_take(s, "SIMULATE"))
        fill_sentence(w, sentence, s, true);
    else if (words_take(s, "REPORT"))
        report_sentence(w, sentence, s, false);
    else if (words_take(s, "ACK"))
        report_sentence(w, sentence, s, true);
    else
        return false;
    return true;
}

bool desk_sentence_run(struct world *w, const char *sentence, struct words *s)
{
    if (fill_sentence_run(w, sentence, s)) return true;
    if (words_take(s, "VENUE"))
        venue_sentence(w, sentence, s);
    else if (words_take(s, "ROUTES"))
        routes_sentence(w, sentence, s);
    else if (words_take(s, "ROUTE"))
        route_sentence(w, sentence, s);
    else if (words_take(s, "SETTLE"))
        settle_sentence(w, sentence, s);
    else if (words_take(s, "BATCH"))
        batch_sentence(w, sentence, s);
    else if (words_take(s, "CANCEL_BATCH"))
        cancel_batch_sentence(w, sentence, s);
    else if (words_take(s, "CLEAR_KEY"))
        clear_key_sentence(w, s);
    else if (words_take(s, "STATEMENT"))
        statement_sentence(w, sentence, s);
    else
        return false;
    return true;
}
