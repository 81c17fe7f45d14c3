/* api/json_scenario.c - a what-if's scenario from JSON.
 * What the scenario points to lies in one block: | edits | inserted | accounts | symbols |, and what an inserted command points to in
 * one of its own: inserted[] has them. */
#include <stdlib.h>
#include <string.h>

#include "api/json_command.h"
#include "core/error.h"

static int unknown_member(struct problem *p, const struct json_node *n)
{
    return json_field_problem(p, n, "is unknown");
}

/* {"seq": N} or {"time": T}, or {"snapshot": S} where that is allowed: exactly one of them. */
static int point_read(const struct json_tree *t, const struct json_node *object, bool snapshot_allowed,
                      struct whatif_point *out, struct problem *p)
{
    const struct json_node *n = object->type == JSON_OBJECT ? json_first(t, object) : NULL;
    if (n == NULL || object->children != 1) {
        return json_field_problem(p, object,
                                  snapshot_allowed ? "must be one of {\"seq\"}, {\"time\"}, {\"snapshot\"}"
                                                   : "must be one of {\"seq\"}, {\"time\"}");
    }
    if (text_equal(n->key, "time")) {
        out->kind = WHATIF_TIME;
        return json_read_time(n, &out->ts_ns, p);
    }
    if (!text_equal(n->key, "seq") && !(snapshot_allowed && text_equal(n->key, "snapshot")))
        return unknown_member(p, n);
    out->kind = text_equal(n->key, "seq") ? WHATIF_SEQ : WHATIF_SNAPSHOT;
    return json_read_u64(n, UINT64_MAX, &out->seq, p);
}

/* at_seq or at_time. Once only, so the second one is refused. */
static int insert_place_read(const struct json_node *n, struct whatif_point *at, struct problem *p)
{
    if (at->kind != WHATIF_NONE) return json_field_problem(p, n, "says again where the insert stands");
    if (text_equal(n->key, "at_seq")) {
        at->kind = WHATIF_SEQ;
        return json_read_u64(n, UINT64_MAX, &at->seq, p);
    }
    at->kind = WHATIF_TIME;
    return json_read_time(n, &at->ts_ns, p);
}

/* The command is an order when it has no "op". */
static int insert_command_read(const struct json_tree *t, const struct json_node *n, struct command *out, void **memory,
                               struct problem *p)
{
    struct json_command parsed;
    int result = json_command_read(t, n, 0, COMMAND_PLACE, NULL, &parsed, p);
    if (result != 0) return result;
    *out = parsed.command;
    *memory = parsed.memory;
    return 0;
}

static int insert_read(const struct json_tree *t, const struct json_node *object, struct whatif_edit *out,
                       void **memory, struct problem *p)
{
    out->kind = WHATIF_INSERT;
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        int result;
        if (text_equal(n->key, "insert"))
            result = insert_command_read(t, n, &out->command, memory, p);
        else if (text_equal(n->key, "at_seq") || text_equal(n->key, "at_time"))
            result = insert_place_read(n, &out->at, p);
        else
            result = unknown_member(p, n);
        if (result != 0) return result;
    }
    return out->at.kind != WHATIF_NONE ? 0 : json_malformed(p, "an insert needs \"at_seq\" or \"at_time\"");
}

static int drop_read(const struct json_tree *t, const struct json_node *drop, struct whatif_edit *out,
                     struct problem *p)
{
    const struct json_node *n = drop->type == JSON_OBJECT ? json_first(t, drop) : NULL;
    if (n == NULL || drop->children != 1) {
        return json_field_problem(p, drop, "must be one of {\"seq\"}, {\"order_id\"}, {\"account\"}");
    }
    if (text_equal(n->key, "seq")) {
        out->kind = WHATIF_DROP_SEQ;
        return json_read_u64(n, UINT64_MAX, &out->seq, p);
    }
    if (text_equal(n->key, "order_id")) {
        out->kind = WHATIF_DROP_ORDER;
        return json_read_u64(n, UINT64_MAX, &out->order_id, p);
    }
    if (!text_equal(n->key, "account")) return unknown_member(p, n);
    out->kind = WHATIF_DROP_ACCOUNT;
    return json_read_name(n, &out->account, p);
}

static int edit_read(const struct json_tree *t, const struct json_node *object, struct whatif_edit *out, void **memory,
                     struct problem *p)
{
    if (object->type != JSON_OBJECT) return json_malformed(p, "an edit must be an object");
    const struct json_node *drop = json_member(t, object, "drop");
    if (json_member(t, object, "insert") != NULL) return insert_read(t, object, out, memory, p);
    if (json_member(t, object, "replace") != NULL)
        return json_malformed(p, "\"replace\" is not supported by this version");
    if (drop == NULL) return json_malformed(p, "an edit must have \"insert\" or \"drop\"");
    if (object->children != 1) return json_malformed(p, "a drop has no other members");
    return drop_read(t, drop, out, p);
}

static int report_read(const struct json_tree *t, const struct json_node *list, uint32_t *report, struct problem *p)
{
    static const struct {
        const char *word;
        enum whatif_report bit;
    } words[] = {{"orders", WHATIF_ORDERS},
                 {"trades", WHATIF_TRADES},
                 {"positions", WHATIF_POSITIONS},
                 {"accounts", WHATIF_ACCOUNTS},
                 {"book", WHATIF_BOOK}};
    enum { WORDS_COUNT = sizeof words / sizeof words[0] };
    for (const struct json_node *n = json_first(t, list); n != NULL; n = json_next(t, n)) {
        size_t i = 0;
        while (i < WORDS_COUNT && !(n->type == JSON_STRING && text_equal(n->text, words[i].word))) i++;
        if (i == WORDS_COUNT) return json_field_problem(p, list, "may hold orders, trades, positions, accounts, book");
        *report |= words[i].bit;
    }
    return 0;
}

static int names_read(const struct json_tree *t, const struct json_node *list, struct name *out, uint32_t *count,
                      struct problem *p)
{
    for (const struct json_node *n = json_first(t, list); n != NULL; n = json_next(t, n)) {
        struct problem ignored;
        if (json_read_name(n, &out[*count], &ignored) != 0)
            return json_field_problem(p, list, "must be a list of names");
        (*count)++;
    }
    return 0;
}

/* The lists of a scenario, checked to be lists; NULL: not there. */
struct scenario_lists {
    const struct json_node *edits, *accounts, *symbols;
};

static int list_take(const struct json_node *n, const struct json_node **list, struct problem *p)
{
    if (n->type != JSON_ARRAY) return json_field_problem(p, n, "must be a list");
    *list = n;
    return 0;
}

static int members_read(const struct json_tree *t, struct whatif_scenario *s, struct scenario_lists *lists,
                        struct problem *p)
{
    const struct json_node *report = NULL;
    for (const struct json_node *n = json_first(t, &t->nodes[0]); n != NULL; n = json_next(t, n)) {
        int result;
        if (n->type == JSON_NULL) continue;
        if (text_equal(n->key, "base"))
            result = point_read(t, n, true, &s->base, p);
        else if (text_equal(n->key, "until"))
            result = point_read(t, n, false, &s->until, p);
        else if (text_equal(n->key, "edits"))
            result = list_take(n, &lists->edits, p);
        else if (text_equal(n->key, "report"))
            result = list_take(n, &report, p);
        else if (text_equal(n->key, "accounts"))
            result = list_take(n, &lists->accounts, p);
        else if (text_equal(n->key, "symbols"))
            result = list_take(n, &lists->symbols, p);
        else
            result = unknown_member(p, n);
        if (result != 0) return result;
    }
    return report == NULL ? 0 : report_read(t, report, &s->report, p);
}

static size_t list_count(const struct json_node *list)
{
    return list == NULL ? 0 : list->children;
}

/* Reads the lists into one block of memory, sized by what the document holds. */
static int lists_read(const struct json_tree *t, const struct scenario_lists *lists, struct json_scenario *out,
                      struct problem *p)
{
    struct whatif_scenario *s = &out->scenario;
    size_t edits_count = list_count(lists->edits), accounts_count = list_count(lists->accounts);
    if (edits_count > WHATIF_EDITS_MAX) return json_field_problem(p, lists->edits, "has too many edits");
    size_t names_bytes = (accounts_count + list_count(lists->symbols)) * sizeof(struct name);
    size_t edits_bytes = edits_count * (sizeof(struct whatif_edit) + sizeof(void *));
    out->memory = calloc(1, edits_bytes + names_bytes + 1); /* never nothing: NULL must mean no memory */
    if (out->memory == NULL) {
        problem_set(p, 503, "NO_MEMORY", "Out of memory", "no memory to read the scenario");
        return ERR_NO_MEMORY;
    }
    struct whatif_edit *edits = out->memory;
    out->inserted = (void **)(edits + edits_count);
    out->inserted_count = (uint32_t)edits_count;
    struct name *accounts = (struct name *)(out->inserted + edits_count), *symbols = accounts + accounts_count;
    s->edits = edits;
    s->accounts = accounts;
    s->symbols = symbols;
    const struct json_node *n = lists->edits == NULL ? NULL : json_first(t, lists->edits);
    for (; n != NULL; n = json_next(t, n), s->edits_count++) {
        int result = edit_read(t, n, &edits[s->edits_count], &out->inserted[s->edits_count], p);
        if (result != 0) return result;
    }
    if (lists->accounts != NULL && names_read(t, lists->accounts, accounts, &s->accounts_count, p) != 0)
        return ERR_USAGE;
    return lists->symbols == NULL ? 0 : names_read(t, lists->symbols, symbols, &s->symbols_count, p);
}

int json_scenario_parse(const char *text, size_t len_bytes, struct json_scenario *out, struct problem *p)
{
    struct json_tree tree;
    struct scenario_lists lists = {NULL, NULL, NULL};
    memset(out, 0, sizeof *out);
    int result = json_tree_read(&tree, text, len_bytes, p);
    if (result == 0 && tree.nodes[0].type != JSON_OBJECT) result = json_malformed(p, "a scenario must be an object");
    if (result == 0) result = members_read(&tree, &out->scenario, &lists, p);
    if (result == 0) result = lists_read(&tree, &lists, out, p);
    json_tree_free(&tree);
    if (result != 0) json_scenario_free(out);
    return result;
}

void json_scenario_free(struct json_scenario *s)
{
    for (uint32_t i = 0; i < s->inserted_count; i++) free(s->inserted[i]);
    free(s->memory);
    memset(s, 0, sizeof *s);
}
