/* tests/api/connectors/test_cursor_file.c - a cursor is whole or not there, whatever fails and whenever the power goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/connectors/cursor_file.h"
#include "core/error.h"
#include "tests/journal/fake_storage.h"

static const struct connector_cursor old_one = {.seq = 7, .index = 2, .executions = 5};
static const struct connector_cursor new_one = {.seq = 9, .index = 0, .executions = 6};

static struct cursor_file file_on(struct fake_disk *d)
{
    return (struct cursor_file){.storage = fake_storage(d), .dir = "connectors", .name = "SIM"};
}

static bool same(const struct connector_cursor *a, const struct connector_cursor *b)
{
    return a->seq == b->seq && a->index == b->index && a->executions == b->executions;
}

static void what_was_saved_is_loaded(void **state)
{
    (void)state;
    struct fake_disk *d = fake_disk_new();
    struct cursor_file f = file_on(d);
    struct connector_cursor c;
    assert_int_equal(f.storage->make_dir(f.storage->ctx, "connectors"), 0);
    assert_int_equal(cursor_file_load(&f, &c), ERR_NOT_FOUND);
    assert_int_equal(cursor_file_save(&f, &old_one), 0);
    assert_int_equal(cursor_file_save(&f, &new_one), 0);
    assert_int_equal(cursor_file_load(&f, &c), 0);
    assert_true(same(&c, &new_one));
    fake_disk_free(d);
}

static void every_damaged_byte_and_every_shorter_file_is_noticed(void **state)
{
    (void)state;
    struct fake_disk *d = fake_disk_new();
    struct cursor_file f = file_on(d);
    struct connector_cursor c;
    size_t len = 0;
    assert_int_equal(f.storage->make_dir(f.storage->ctx, "connectors"), 0);
    assert_int_equal(cursor_file_save(&f, &old_one), 0);
    uint8_t *bytes = fake_bytes(d, "connectors/SIM.cursor", &len);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 0x40;
        assert_int_equal(cursor_file_load(&f, &c), ERR_CORRUPT);
        bytes[i] ^= 0x40;
    }
    while (len-- > 0) {
        fake_truncate(d, "connectors/SIM.cursor", len);
        assert_int_equal(cursor_file_load(&f, &c), ERR_CORRUPT);
    }
    fake_disk_free(d);
}

/* The k-th operation fails for ever and then the power goes: the old cursor or the new one is there, and a save that said 0 is the new. */
static void a_save_is_whole_whatever_fails_in_it(void **state)
{
    (void)state;
    for (uint64_t k = 1;; k++) {
        for (uint64_t seed = 0; seed < 8; seed++) {
            struct fake_disk *d = fake_disk_new();
            struct cursor_file f = file_on(d);
            struct connector_cursor c;
            assert_int_equal(f.storage->make_dir(f.storage->ctx, "connectors"), 0);
            assert_int_equal(f.storage->sync_dir(f.storage->ctx, "."), 0);
            assert_int_equal(cursor_file_save(&f, &old_one), 0);
            fake_fail_at(d, k, ERR_IO, true);
            int saved = cursor_file_save(&f, &new_one);
            fake_fail_at(d, 0, 0, false);
            fake_power_cut(d, seed);
            assert_int_equal(cursor_file_load(&f, &c), 0);
            assert_true(same(&c, &new_one) || (saved != 0 && same(&c, &old_one)));
            fake_disk_free(d);
            if (saved == 0 && seed == 7) return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_is_loaded),
        cmocka_unit_test(every_damaged_byte_and_every_shorter_file_is_noticed),
        cmocka_unit_test(a_save_is_whole_whatever_fails_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
