/* Whatever fails, and wherever the power goes: what was acknowledged is there afterwards, in order, and nothing is
 * called damaged. One body is repeated with the k-th operation failing, k = 1, 2, ... until it passes untouched. */
#include "tests/journal/tape_world.h"

#include <stdlib.h>

enum { BLOCKS = 60 };

/* Appends, syncs and marks in a pattern. Returns the first error; *acknowledged is the last seq a sync covered. */
static int append_blocks(const struct tape_options *o, uint64_t *acknowledged, uint64_t *appended, bool stop)
{
    struct tape_writer *t;
    struct tape_report report;
    int rc = tape_writer_open(o, &t, &report);
    if (rc) return rc;
    for (uint32_t i = 0; rc == 0 && i < BLOCKS; i++) {
        rc = world_append(t, 1 + i % 5, 20 + i * 37 % 400);
        *appended = tape_writer_last_seq(t) + (rc ? 5 : 0); /* one that failed may be there all the same */
        if (rc == 0 && i % 3 == 2) {
            rc = tape_writer_sync(t);
            if (rc == 0) *acknowledged = tape_writer_last_seq(t);
        }
        if (rc == 0 && i % 11 == 10) {
            rc = tape_writer_mark(t);
            if (rc == 0) *acknowledged = tape_writer_last_seq(t);
        }
    }
    if (rc) {
        /* A writer that failed once accepts nothing any more. */
        assert_int_equal(world_append(t, 1, 10), rc);
        assert_int_equal(tape_writer_sync(t), rc);
        assert_int_equal(tape_writer_mark(t), rc);
    }
    if (rc || !stop) {
        tape_writer_abandon(t);
        return rc;
    }
    rc = tape_writer_close(t);
    if (rc == 0) *acknowledged = *appended;
    return rc;
}

/* Everything acknowledged is there, nothing that was never appended is, and the tape goes on. */
static void then_nothing_acknowledged_is_lost(const struct tape_options *o, uint64_t acknowledged, uint64_t appended)
{
    struct tape_report report;
    struct tape_writer *t;
    assert_int_equal(tape_verify(o, &report, NULL, NULL), 0);
    uint64_t before = world_read_all(o, true);
    int rc = tape_writer_open(o, &t, &report);
    if (rc) fail_msg("refused: %s %s", report.findings[0].file, report.findings[0].text);
    uint64_t last = tape_writer_last_seq(t);
    assert_int_equal(last, before);
    if (last < acknowledged)
        fail_msg("acknowledged up to %llu, found %llu", (unsigned long long)acknowledged, (unsigned long long)last);
    assert_true(last <= appended);
    assert_int_equal(world_append(t, 2, 100), 0);
    assert_int_equal(tape_writer_close(t), 0);
    world_verify_clean(o);
    assert_int_equal(world_read_all(o, false), last + 2);
}

static void when_every_operation_fails_once(int code, bool for_ever, bool power_cut, uint64_t seed)
{
    for (uint64_t k = 1;; k++) {
        struct fake_disk *disk = fake_disk_new();
        struct tape_options o = world_options(fake_storage(disk), 4096);
        uint64_t acknowledged = 0, appended = 0;
        fake_fail_at(disk, k, code, for_ever);
        int rc = append_blocks(&o, &acknowledged, &appended, true);
        bool untouched = fake_operations(disk) < k;
        assert_int_equal(rc, untouched ? 0 : code); /* a failure is never lost on the way */
        fake_fail_at(disk, 0, 0, false);
        if (power_cut) fake_power_cut(disk, seed * 1000003 + k);
        then_nothing_acknowledged_is_lost(&o, acknowledged, appended);
        fake_disk_free(disk);
        if (untouched) return;
    }
}

static void a_failed_operation_is_reported_and_loses_nothing_acknowledged(void **state)
{
    (void)state;
    when_every_operation_fails_once(ERR_IO, false, false, 0);
    when_every_operation_fails_once(ERR_NO_SPACE, true, false, 0);
}

static void after_a_failed_operation_the_power_may_go_too(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) when_every_operation_fails_once(ERR_IO, false, true, seed);
}

static void the_power_may_go_at_any_operation(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) when_every_operation_fails_once(ERR_IO, true, true, seed);
}

/* Recovery itself is interrupted, again and again, at each of its operations. */
static void the_power_may_go_during_recovery(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fake_disk *disk = fake_disk_new();
        struct tape_options o = world_options(fake_storage(disk), 4096);
        uint64_t acknowledged = 0, appended = 0;
        fake_fail_at(disk, 40 + seed * 5, ERR_IO, true);
        (void)append_blocks(&o, &acknowledged, &appended, true);
        fake_power_cut(disk, seed);
        for (uint64_t k = 1; k <= 12; k++) {
            struct tape_report report;
            struct tape_writer *t;
            fake_fail_at(disk, k, ERR_IO, true);
            int rc = tape_writer_open(&o, &t, &report);
            if (rc == 0) tape_writer_abandon(t);
            assert_true(rc == 0 || rc == ERR_IO);
            fake_power_cut(disk, seed * 31 + k);
        }
        then_nothing_acknowledged_is_lost(&o, acknowledged, appended);
        fake_disk_free(disk);
    }
}

/* What a reader in another process was shown, and what a writer that opened again calls durable, outlives the power. */
static void what_anyone_was_told_survives_a_power_cut_that_loses_everything_else(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= 260; k++) {
        for (int reopen = 0; reopen < 2; reopen++) {
            struct fake_disk *disk = fake_disk_new();
            struct tape_options o = world_options(fake_storage(disk), 4096);
            struct tape_report report;
            struct tape_writer *t;
            uint64_t acknowledged = 0, appended = 0;
            fake_fail_at(disk, k, ERR_IO, true);
            (void)append_blocks(&o, &acknowledged, &appended, k % 2);
            fake_fail_at(disk, 0, 0, false); /* killed, not cut: unsynced bytes are there to be read */
            uint64_t told = world_read_all(&o, false);
            if (reopen) {
                assert_int_equal(tape_writer_open(&o, &t, &report), 0);
                told = tape_writer_durable_seq(t);
                assert_int_equal(told, tape_writer_last_seq(t));
                tape_writer_abandon(t);
            }
            fake_power_cut(disk, 0);
            then_nothing_acknowledged_is_lost(&o, told > acknowledged ? told : acknowledged, appended);
            fake_disk_free(disk);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_operation_is_reported_and_loses_nothing_acknowledged),
        cmocka_unit_test(after_a_failed_operation_the_power_may_go_too),
        cmocka_unit_test(the_power_may_go_at_any_operation),
        cmocka_unit_test(the_power_may_go_during_recovery),
        cmocka_unit_test(what_anyone_was_told_survives_a_power_cut_that_loses_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
