/* tests/api/test_openapi.c - openapi.json and the router say the same: every route with its operation id and its
 * parameters, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <yajl/yajl_tree.h>

#include "api/openapi.h"
#include "api/router.h"
#include "core/event.h"

static const char *text_of(yajl_val v)
{
    const char *text = YAJL_GET_STRING(v);
    assert_non_null(text);
    return text == NULL ? "" : text;
}

static yajl_val member(yajl_val in, const char *name)
{
    const char *path[] = {name, NULL};
    return in == NULL ? NULL : yajl_tree_get(in, path, yajl_t_any);
}

static int parse(void **state)
{
    char why[256] = "", *text = calloc(1, openapi_json_bytes + 1);
    memcpy(text, openapi_json, openapi_json_bytes);
    *state = yajl_tree_parse(text, why, sizeof why);
    free(text);
    if (*state == NULL) print_error("%s\n", why);
    return *state == NULL;
}

static int drop(void **state)
{
    yajl_tree_free(*state);
    return 0;
}

/* A parameter, with its $ref followed. */
static yajl_val resolve(yajl_val root, yajl_val parameter)
{
    yajl_val ref = member(parameter, "$ref");
    if (ref == NULL) return parameter;
    const char *name = strrchr(text_of(ref), '/') + 1;
    const char *path[] = {"components", "parameters", name, NULL};
    return yajl_tree_get(root, path, yajl_t_object);
}

/* How many parameters of one kind ("query", "path") the operation and its path name; each is checked to be wanted. */
static int check_parameters(yajl_val root, yajl_val list, const char *in, const struct route *r)
{
    int count = 0;
    for (size_t i = 0; list != NULL && i < list->u.array.len; i++) {
        yajl_val p = resolve(root, list->u.array.values[i]);
        assert_non_null(p);
        if (strcmp(text_of(member(p, "in")), in) != 0) continue;
        char wanted[64];
        const char *name = text_of(member(p, "name"));
        bool path = strcmp(in, "path") == 0;
        (void)snprintf(wanted, sizeof wanted, path ? "{%s}" : "%s ", name);
        if (strstr(path ? r->pattern : r->query, wanted) == NULL)
            fail_msg("%s: no parameter %s", r->operation_id, name);
        count++;
    }
    return count;
}

static int count_of(const char *text, char c)
{
    int count = 0;
    for (; *text != '\0'; text++) count += *text == c;
    return count;
}

static yajl_val operation(yajl_val root, const struct route *r)
{
    char method[16];
    size_t i = 0;
    for (; r->method[i] != '\0'; i++) method[i] = (char)(r->method[i] - 'A' + 'a');
    method[i] = '\0';
    const char *path[] = {"paths", r->pattern, method, NULL};
    return yajl_tree_get(root, path, yajl_t_object);
}

static void every_route_is_described_with_its_parameters(void **state)
{
    yajl_val root = *state;
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        const struct route *r = &table[i];
        yajl_val o = operation(root, r);
        if (o == NULL) fail_msg("%s %s is not described", r->method, r->pattern);
        assert_string_equal(text_of(member(o, "operationId")), r->operation_id);
        assert_non_null(member(o, "summary"));
        assert_true(member(o, "responses")->u.object.len > 0);
        const char *item_path[] = {"paths", r->pattern, "parameters", NULL};
        yajl_val shared = yajl_tree_get(root, item_path, yajl_t_array), own = member(o, "parameters");
        int query = check_parameters(root, own, "query", r) + check_parameters(root, shared, "query", r);
        int path = check_parameters(root, own, "path", r) + check_parameters(root, shared, "path", r);
        if (query != count_of(r->query, ' ') || path != count_of(r->pattern, '{'))
            fail_msg("%s: %d query and %d path parameters are described", r->operation_id, query, path);
    }
}

static void every_described_operation_is_a_route(void **state)
{
    yajl_val paths = member(*state, "paths");
    uint32_t count = 0;
    size_t described = 0;
    (void)router_table(&count);
    for (size_t i = 0; i < paths->u.object.len; i++) {
        yajl_val item = paths->u.object.values[i];
        for (size_t k = 0; k < item->u.object.len; k++) described += strcmp(item->u.object.keys[k], "parameters") != 0;
    }
    assert_int_equal(described, count);
}

/* The words of a list of the engine, in its order, against an enum of the description. */
static void expect_words(yajl_val root, const char **path, const char *const *words, size_t count)
{
    yajl_val list = yajl_tree_get(root, path, yajl_t_array);
    assert_non_null(list);
    if (list == NULL) return;
    if (list->u.array.len != count) fail_msg("%s: not the %zu words of the engine", path[2], count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < count && strcmp(text_of(list->u.array.values[k]), words[i]) != 0) k++;
        if (k == count) fail_msg("%s does not name %s", path[2], words[i]);
    }
}

static void every_list_of_words_is_the_engines(void **state)
{
#define X(number, name) #name,
    static const char *const sides[] = {SIDES(X)}, *const types[] = {ORDER_TYPES(X)}, *const tifs[] = {TIFS(X)},
                             *const stps[] = {STPS(X)}, *const statuses[] = {ORDER_STATUSES(X)},
                             *const states[] = {INSTRUMENT_STATES(X)}, *const tradings[] = {ACCOUNT_STATUSES(X)},
                             *const links[] = {LINKS(X)}, *const activations[] = {ACTIVATIONS(X)},
                             *const prices[] = {TRIGGERS(X)}, *const gtts[] = {GTT_STATUSES(X)},
                             *const cancels[] = {CANCEL_REASONS(X)}, *const venues[] = {VENUE_STATES(X)},
                             *const causes[] = {VENUE_CAUSES(X)}, *const routes[] = {ROUTE_CAUSES(X)},
                             *const reports[] = {REPORTS(X)};
#undef X
#define X(number, name, text) text,
    static const char *const events[] = {EVENT_KINDS(X)};
#undef X
#define WORDS(of, list)                                                                                                \
    expect_words(*state, (const char *[]){"components", "schemas", of, "enum", NULL}, list, sizeof list / sizeof *list)
    WORDS("Side", sides);
    WORDS("OrderType", types);
    WORDS("Tif", tifs);
    WORDS("Stp", stps);
    WORDS("OrderStatus", statuses);
    WORDS("InstrumentState", states);
    WORDS("Trading", tradings);
    WORDS("LinkType", links);
    WORDS("Activation", activations);
    WORDS("PriceSource", prices);
    WORDS("GttStatus", gtts);
    WORDS("VenueState", venues);
    WORDS("VenueCause", causes);
    WORDS("RouteCause", routes);
    WORDS("Report", reports);
#define MEMBER_WORDS(of, member, list)                                                                                 \
    expect_words(*state, (const char *[]){"components", "schemas", of, "properties", member, "enum", NULL}, list,      \
                 sizeof list / sizeof *list)
    MEMBER_WORDS("Order", "cancel_reason", cancels);
    MEMBER_WORDS("Event", "event", events);
}

static void operation_ids_are_unique(void **state)
{
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = i + 1; k < count; k++) assert_string_not_equal(table[i].operation_id, table[k].operation_id);
    }
}

static void every_reference_leads_somewhere_in(yajl_val root, yajl_val at)
{
    if (YAJL_IS_ARRAY(at)) {
        for (size_t i = 0; i < at->u.array.len; i++) every_reference_leads_somewhere_in(root, at->u.array.values[i]);
    } else if (YAJL_IS_OBJECT(at)) {
        for (size_t i = 0; i < at->u.object.len; i++) {
            if (strcmp(at->u.object.keys[i], "$ref") != 0) {
                every_reference_leads_somewhere_in(root, at->u.object.values[i]);
                continue;
            }
            char section[64], name[64];
            const char *ref = text_of(at->u.object.values[i]);
            assert_int_equal(sscanf(ref, "#/components/%63[^/]/%63s", section, name), 2);
            const char *path[] = {"components", section, name, NULL};
            if (yajl_tree_get(root, path, yajl_t_any) == NULL) fail_msg("%s leads nowhere", ref);
        }
    }
}

static void every_reference_leads_somewhere(void **state)
{
    every_reference_leads_somewhere_in(*state, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described_with_its_parameters),
        cmocka_unit_test(every_described_operation_is_a_route),
        cmocka_unit_test(every_list_of_words_is_the_engines),
        cmocka_unit_test(operation_ids_are_unique),
        cmocka_unit_test(every_reference_leads_somewhere),
    };
    return cmocka_run_group_tests(tests, parse, drop);
}
