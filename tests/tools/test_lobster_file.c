/* tests/tools/test_lobster_file.c - LOBSTER's lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/types.h"
#include "tools/lobster_file.h"

static void a_message_keeps_every_nanosecond(void **state)
{
    struct lobster_message m;
    (void)state;
    const char *line = "34200.00426064,1,16113584,18,5853200,-1";
    assert_int_equal(lobster_message_parse(&m, line, strlen(line)), 0);
    assert_int_equal(m.since_midnight_ns, 34200004260640);
    assert_int_equal(m.type, LOBSTER_NEW);
    assert_int_equal(m.order_id, 16113584);
    assert_int_equal(m.size, 18);
    assert_int_equal(m.price, 5853200);
    assert_int_equal(m.side, SIDE_SELL);
}

static void a_halt_has_price_minus_one(void **state)
{
    struct lobster_message m;
    (void)state;
    const char *line = "34200.5,7,0,0,-1,-1";
    assert_int_equal(lobster_message_parse(&m, line, strlen(line)), 0);
    assert_int_equal(m.price, -1);
}

static void what_is_no_message_is_refused(void **state)
{
    static const char *const lines[] = {"",
                                        "34200.1,1,1,1,1",
                                        "34200.1,1,1,1,1,1,1",
                                        "34200.1,8,1,1,1,1",
                                        "34200.1,1,1,1,1,0",
                                        "34200.1,1,1,0,1,1",
                                        "34200.1,1,1,1,-5,1",
                                        "34200.0000000001,1,1,1,1,1",
                                        "99999,1,1,1,1,1",
                                        "34200.1,1,99999999999999999999,1,1,1",
                                        "34200.1,1,1,1e3,1,1",
                                        "a,b,c,d,e,f"};
    struct lobster_message m;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(lobster_message_parse(&m, lines[i], strlen(lines[i])), ERR_USAGE);
}

static void a_row_leaves_out_the_levels_that_are_not_there(void **state)
{
    struct lobster_row *row = calloc(1, sizeof *row);
    uint32_t depth;
    (void)state;
    assert_non_null(row);
    const char *line = "5859400,200,5853300,18,9999999999,0,5853000,150";
    assert_int_equal(lobster_row_parse(row, &depth, line, strlen(line)), 0);
    assert_int_equal(depth, 2);
    assert_int_equal(row->count[SIDE_SELL], 1);
    assert_int_equal(row->count[SIDE_BUY], 2);
    assert_int_equal(row->levels[SIDE_SELL][0].price, 5859400);
    assert_int_equal(row->levels[SIDE_BUY][1].size, 150);
    const char *broken = "5859400,200,5853300";
    assert_int_equal(lobster_row_parse(row, &depth, broken, strlen(broken)), ERR_USAGE);
    free(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_keeps_every_nanosecond),
        cmocka_unit_test(a_halt_has_price_minus_one),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(a_row_leaves_out_the_levels_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
