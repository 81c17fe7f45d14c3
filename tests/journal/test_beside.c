/* Real files and real threads: segments prepared in the background, and readers beside a writer that never see damage
 * or a gap. */
#include "tests/journal/tape_world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct world {
    struct tape_options options;
    atomic_bool done;
    atomic_ullong synced;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->options = world_options(storage_posix(), 16384);
    w->options.prepare_in_background = true;
    strcpy(w->options.dir, "/tmp/ordertape-beside-XXXXXX");
    assert_non_null(mkdtemp(w->options.dir));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    char command[8192];
    (void)snprintf(command, sizeof command, "rm -rf %s", w->options.dir);
    int rc = system(command);
    free(w);
    return rc;
}

enum { BLOCKS = 1500 };

static void *write_blocks(void *arg)
{
    struct world *w = arg;
    struct tape_report report;
    struct tape_writer *t;
    uint8_t room[512];
    int rc = tape_writer_open(&w->options, &t, &report);
    for (uint32_t i = 0; rc == 0 && i < BLOCKS; i++) {
        struct tape_block b = world_block(tape_writer_last_seq(t) + 1, 1 + i % 3, 20 + i % 400, room);
        rc = tape_writer_append(t, &b);
        if (rc == 0 && i % 8 == 0) rc = tape_writer_sync(t);
        if (rc == 0 && i % 50 == 0) rc = tape_writer_mark(t);
        if (rc == 0) atomic_store(&w->synced, tape_writer_durable_seq(t));
    }
    if (rc == 0) rc = tape_writer_close(t);
    atomic_store(&w->done, true);
    return (void *)(intptr_t)rc;
}

static void readers_beside_a_writer_see_every_block_once_and_no_damage(void **state)
{
    struct world *w = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_blocks, w), 0);
    struct tape_reader *follower;
    struct tape_report follower_report, report;
    while (tape_reader_open(&w->options, false, &follower, &follower_report)) usleep(100);
    uint64_t followed = 0;
    bool done = false;
    while (!done) {
        done = atomic_load(&w->done);
        followed = world_read_on(follower, &follower_report, followed);
        /* One that opens now sees a whole tape, too. */
        struct tape_reader *r;
        int rc = tape_reader_open(&w->options, false, &r, &report);
        if (rc) fail_msg("open: %s", report.findings[0].text);
        world_read_on(r, &report, 0);
        tape_reader_close(r);
        if (tape_verify(&w->options, &report, NULL, NULL)) fail_msg("verify: %s", report.findings[0].text);
    }
    void *rc;
    assert_int_equal(pthread_join(thread, &rc), 0);
    assert_int_equal((intptr_t)rc, 0);
    followed = world_read_on(follower, &follower_report, followed);
    assert_int_equal(followed, world_read_all(&w->options, false));
    tape_reader_close(follower);
    world_verify_clean(&w->options);
}

static void a_stop_in_the_middle_of_preparing_leaves_a_tape_that_opens(void **state)
{
    struct world *w = *state;
    w->options.segment_bytes = 4 << 20;
    uint64_t last = 0;
    for (int i = 0; i < 12; i++) {
        struct tape_writer *t = world_open(&w->options);
        assert_int_equal(tape_writer_last_seq(t), last);
        if (i % 3 == 2) usleep(2000);
        if (i % 2) {
            assert_int_equal(world_append(t, 2, 100), 0);
            last += 2;
        }
        if (i % 4 == 1)
            tape_writer_abandon(t);
        else
            assert_int_equal(tape_writer_close(t), 0);
    }
    assert_int_equal(world_read_all(&w->options, true), last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(readers_beside_a_writer_see_every_block_once_and_no_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_in_the_middle_of_preparing_leaves_a_tape_that_opens, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
