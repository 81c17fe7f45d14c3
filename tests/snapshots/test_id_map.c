/* tests/snapshots/test_id_map.c - the set of ids under a what-if, against an array. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "snapshots/id_map.h"

enum { IDS = 4096 };

static uint64_t draw(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random >> 20;
}

static void it_holds_what_was_put_and_not_removed(void **state)
{
    (void)state;
    /* given a map and an array that says what should be in it */
    struct id_map m, copy;
    static uint32_t slots[IDS]; /* slot + 1; 0: not there */
    uint32_t count = 0;
    uint64_t random = 2463534242u;
    memset(slots, 0, sizeof slots);
    id_map_init(&m);
    /* when ids, spaced as order ids are, come and go at random */
    for (uint32_t step = 1; step < 100000; ++step) {
        uint32_t i = (uint32_t)(draw(&random) % IDS);
        uint64_t id = (uint64_t)(i + 1) << 16;
        if (draw(&random) % 2) {
            count += slots[i] == 0;
            slots[i] = step;
            assert_int_equal(id_map_put(&m, id, step - 1), 0);
        } else {
            count -= slots[i] != 0;
            slots[i] = 0;
            id_map_remove(&m, id);
        }
    }
    /* then the map, and a copy of it, say what the array says */
    assert_int_equal(m.count, count);
    assert_int_equal(id_map_copy(&copy, &m), 0);
    for (uint32_t i = 0; i < IDS; ++i) {
        uint32_t slot = 0, copied = 0;
        uint64_t id = (uint64_t)(i + 1) << 16;
        assert_int_equal(id_map_get(&m, id, &slot), slots[i] != 0);
        assert_int_equal(id_map_get(&copy, id, &copied), slots[i] != 0);
        if (slots[i]) assert_int_equal(slot, slots[i] - 1);
        assert_int_equal(copied, slot);
    }
    id_map_free(&copy);
    id_map_free(&m);
}

static void an_empty_one_holds_nothing(void **state)
{
    (void)state;
    struct id_map m, copy;
    id_map_init(&m);
    assert_false(id_map_get(&m, 1, NULL));
    id_map_remove(&m, 1);
    assert_int_equal(id_map_copy(&copy, &m), 0);
    assert_false(id_map_get(&copy, 1, NULL));
    id_map_free(&copy);
    id_map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_what_was_put_and_not_removed),
        cmocka_unit_test(an_empty_one_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
