/* tests/api/test_url.c - request targets taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/router.h"
#include "api/url.h"

static void a_target_is_cut_before_it_is_decoded(void **state)
{
    struct url u;
    (void)state;
    assert_int_equal(url_parse(&u, "/a/b%2Fc/%7e?x=1&y=a%26b+c&z&&=%"), URL_MALFORMED);
    assert_int_equal(url_parse(&u, "/a/b%2Fc/%7e?x=1&y=a%26b+c&z"), URL_GOOD);
    assert_int_equal(u.segments_count, 3);
    assert_string_equal(u.segments[0], "a");
    assert_string_equal(u.segments[1], "b/c");
    assert_string_equal(u.segments[2], "~");
    assert_string_equal(url_query(&u, "x"), "1");
    assert_string_equal(url_query(&u, "y"), "a&b c");
    assert_string_equal(url_query(&u, "z"), "");
    assert_null(url_query(&u, "w"));
}

static void a_plus_is_a_space_in_a_query_only(void **state)
{
    struct url u;
    (void)state;
    assert_int_equal(url_parse(&u, "/a+b?c=d+e"), URL_GOOD);
    assert_string_equal(u.segments[0], "a+b");
    assert_string_equal(url_query(&u, "c"), "d e");
}

static void what_cannot_be_read_in_one_way_is_refused(void **state)
{
    static const char *const rows[] = {"",
                                       "a",
                                       "*",
                                       "http://x/a",
                                       "/%",
                                       "/%4",
                                       "/%4g",
                                       "/%00",
                                       "/a?x=%",
                                       "/a?=1",
                                       "/a?x=1&x=2",
                                       "/1/2/3/4/5/6/7/8/9",
                                       "/?1&2&3&4&5&6&7&8&9&a&b&c&d&e&f&g&h"};
    struct url u;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (url_parse(&u, rows[i]) != URL_MALFORMED) fail_msg("%s was taken", rows[i]);
    }
}

static void a_target_has_a_longest_length(void **state)
{
    struct url u;
    char *uri = malloc(URI_BYTES_MAX + 2);
    (void)state;
    memset(uri, 'a', URI_BYTES_MAX + 2);
    uri[0] = '/';
    uri[URI_BYTES_MAX + 1] = '\0';
    assert_int_equal(url_parse(&u, uri), URL_TOO_LONG);
    uri[URI_BYTES_MAX] = '\0';
    assert_int_equal(url_parse(&u, uri), URL_GOOD);
    assert_int_equal(strlen(u.segments[0]), URI_BYTES_MAX - 1);
    /* As many separators as there is room: every text still ends inside. */
    for (size_t i = 1; i < URI_BYTES_MAX; i++) uri[i] = i % 2 == 0 ? '&' : i == 1 ? '?' : 'b';
    assert_int_equal(url_parse(&u, uri), URL_MALFORMED);
    free(uri);
}

static void routes_are_found_by_method_and_path(void **state)
{
    static const struct {
        const char *method, *uri;
        enum route_match match;
        const char *says; /* the operation, or the methods allowed */
    } rows[] = {
        {"GET", "/api/v1/orders", ROUTE_FOUND, "listOrders"},
        {"HEAD", "/api/v1/orders", ROUTE_FOUND, "listOrders"},
        {"GET", "/api/v1/orders/7", ROUTE_FOUND, "getOrder"},
        {"GET", "/api/v1/orders/7/events", ROUTE_FOUND, "listOrderEvents"},
        {"PUT", "/api/v1/instruments/A%2FB/state", ROUTE_FOUND, "putInstrumentState"},
        {"GET", "/order/x", ROUTE_FOUND, "getOrderAlias"},
        {"PATCH", "/api/v1/orders/7", ROUTE_NO_METHOD, "GET, PUT, DELETE"},
        {"GET", "/order", ROUTE_NO_METHOD, "POST"},
        {"GET", "/", ROUTE_NO_PATH, ""},
        {"GET", "/api/v1/orders/", ROUTE_NO_PATH, ""},
        {"GET", "/api/v1/orders/7/", ROUTE_NO_PATH, ""},
        {"GET", "/api/v1", ROUTE_NO_PATH, ""},
        {"GET", "/API/v1/orders", ROUTE_NO_PATH, ""},
    };
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct url u;
        uint32_t index = 0;
        char allow[64];
        assert_int_equal(url_parse(&u, rows[i].uri), URL_GOOD);
        assert_int_equal(router_match(rows[i].method, &u, &index, allow), rows[i].match);
        assert_string_equal(rows[i].match == ROUTE_FOUND ? table[index].operation_id : allow, rows[i].says);
    }
}

static void a_query_parameter_a_route_does_not_know_is_named(void **state)
{
    struct url u;
    uint32_t index = 0;
    char allow[64];
    const char *unknown = NULL;
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    (void)state;
    assert_int_equal(url_parse(&u, "/api/v1/orders?account=a&acc=b"), URL_GOOD);
    assert_int_equal(router_match("GET", &u, &index, allow), ROUTE_FOUND);
    assert_false(router_query_known(&table[index], &u, &unknown));
    assert_string_equal(unknown, "acc");
    assert_int_equal(url_parse(&u, "/api/v1/orders?account=a&limit=1&cursor=x&consistency=eventual"), URL_GOOD);
    assert_true(router_query_known(&table[index], &u, &unknown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_cut_before_it_is_decoded),
        cmocka_unit_test(a_plus_is_a_space_in_a_query_only),
        cmocka_unit_test(what_cannot_be_read_in_one_way_is_refused),
        cmocka_unit_test(a_target_has_a_longest_length),
        cmocka_unit_test(routes_are_found_by_method_and_path),
        cmocka_unit_test(a_query_parameter_a_route_does_not_know_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
