/* tests/api/test_view_gate.c - who waits for the views is told once, and rightly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/view_gate.h"

struct reader {
    struct gate_wait wait; /* first */
    int told;
};

static void tell(struct gate_wait *w)
{
    ((struct reader *)w)->told++;
}

static void wait_for(struct view_gate *g, struct reader *r, uint64_t seq, int64_t deadline_ns)
{
    *r = (struct reader){.wait = {.seq = seq, .deadline_ns = deadline_ns, .done = tell}};
    gate_wait(g, &r->wait);
}

static void a_reader_passes_when_the_views_are_there_and_not_before(void **state)
{
    struct view_gate g;
    struct reader now, soon, later;
    (void)state;
    assert_int_equal(gate_init(&g, 5), 0);
    wait_for(&g, &now, 5, 100);
    wait_for(&g, &soon, 6, 100);
    wait_for(&g, &later, 8, 100);
    assert_int_equal(now.told, 1);
    assert_false(now.wait.late);
    gate_publish(&g, 7);
    assert_int_equal(soon.told, 1);
    assert_false(soon.wait.late);
    assert_int_equal(later.told, 0);
    gate_publish(&g, 6); /* never goes back */
    assert_true(gate_reached(&g, 7));
    assert_false(gate_reached(&g, 8));
    gate_publish(&g, 8);
    assert_int_equal(later.told, 1);
    assert_int_equal(now.told + soon.told, 2);
    gate_destroy(&g);
}

static void a_reader_whose_time_is_up_is_late(void **state)
{
    struct view_gate g;
    struct reader a, b;
    (void)state;
    assert_int_equal(gate_init(&g, 1), 0);
    wait_for(&g, &a, 9, 100);
    wait_for(&g, &b, 9, 200);
    gate_expire(&g, 99);
    assert_int_equal(a.told, 0);
    gate_expire(&g, 100);
    assert_int_equal(a.told, 1);
    assert_true(a.wait.late);
    assert_int_equal(b.told, 0);
    gate_publish(&g, 9);
    gate_expire(&g, 1000);
    assert_int_equal(b.told, 1);
    assert_false(b.wait.late);
    assert_int_equal(a.told, 1);
    gate_destroy(&g);
}

static void a_closed_gate_lets_nobody_wait(void **state)
{
    struct view_gate g;
    struct reader before, after, there;
    (void)state;
    assert_int_equal(gate_init(&g, 3), 0);
    wait_for(&g, &before, 4, 100);
    gate_close(&g);
    wait_for(&g, &after, 4, 100);
    wait_for(&g, &there, 3, 100);
    assert_int_equal(before.told + after.told + there.told, 3);
    assert_true(before.wait.late && after.wait.late);
    assert_false(there.wait.late);
    gate_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_passes_when_the_views_are_there_and_not_before),
        cmocka_unit_test(a_reader_whose_time_is_up_is_late),
        cmocka_unit_test(a_closed_gate_lets_nobody_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
