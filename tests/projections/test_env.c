/* tests/projections/test_env.c - the life of the environment: what is trusted at open, what is emptied and why, how
 * the map grows under readers, what a full disk leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "core/rejects.h"
#include "projections/env.h"
#include "tests/projections/views_world.h"

static int begin(void **state)
{
    static struct views_world w;
    world_begin_market(&w);
    *state = &w;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static void file_write_at(const struct views_world *w, const char *file, off_t offset, const void *bytes,
                          size_t len_bytes)
{
    char path[WORLD_PATH_BYTES];
    world_path(w, file, path);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_true(fd >= 0);
    assert_true(pwrite(fd, bytes, len_bytes, offset) == (ssize_t)len_bytes);
    assert_int_equal(close(fd), 0);
}

static off_t file_bytes(const struct views_world *w, const char *file)
{
    char path[WORLD_PATH_BYTES];
    struct stat s;
    world_path(w, file, path);
    assert_int_equal(stat(path, &s), 0);
    return s.st_size;
}

static void file_cut(const struct views_world *w, const char *file, off_t len_bytes)
{
    char path[WORLD_PATH_BYTES];
    world_path(w, file, path);
    assert_int_equal(truncate(path, len_bytes), 0);
}

static void file_remove(const struct views_world *w, const char *file)
{
    char path[WORLD_PATH_BYTES];
    world_path(w, file, path);
    assert_int_equal(unlink(path), 0);
}

/* Leaves the directory as a killed process does: the views are folded and the process ends in the middle. */
static void fold_and_be_killed(struct views_world *w)
{
    world_close(w);
    pid_t child = fork();
    if (child == 0) {
        world_open(w);
        world_place(w, ORDER("ann", "BUY", "10", "99.50", NULL));
        _exit(0);
    }
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
}

static void check_emptied(struct views_world *w, const char *reason_part)
{
    world_open(w);
    assert_true(w->emptied);
    if (strstr(w->reason, reason_part) == NULL) fail_msg("reason: %s", w->reason);
    assert_true(views_cursor(w->views).seq == 0);
    /* and it is usable: all of history folds again */
    struct event e = {.seq = 1, .kind = EVENT_SWEPT};
    assert_int_equal(views_fold(w->views, &e, 1, world_cursor(w)), 0);
}

static void what_was_closed_opens_again(void **state)
{
    struct views_world *w = *state;
    uint64_t hash = world_hash(w);
    world_close(w);
    world_open(w);
    assert_false(w->emptied);
    assert_string_equal(w->reason, "");
    assert_true(world_hash(w) == hash && views_cursor(w->views).seq == w->seq);
    world_close(w); /* nothing was folded in between */
    world_open(w);
    assert_false(w->emptied);
}

static void what_a_killed_process_left_opens_again_in_the_same_boot(void **state)
{
    struct views_world *w = *state;
    fold_and_be_killed(w);
    world_open(w);
    assert_false(w->emptied);
    assert_true(views_cursor(w->views).seq == w->seq + 1);
}

static void what_a_killed_process_left_is_emptied_after_another_boot(void **state)
{
    struct views_world *w = *state;
    struct views_mark m;
    fold_and_be_killed(w);
    assert_int_equal(mark_read(w->dir, &m), 0);
    assert_false(m.clean);
    strcpy(m.boot_id, "00000000-0000-0000-0000-000000000000");
    assert_int_equal(mark_write(w->dir, &m), 0);
    check_emptied(w, "restarted");
}

static void a_synced_environment_outlives_another_boot(void **state)
{
    struct views_world *w = *state;
    struct views_mark m;
    assert_int_equal(views_sync(w->views), 0);
    assert_int_equal(views_sync(w->views), 0);
    world_close(w);
    assert_int_equal(mark_read(w->dir, &m), 0);
    assert_true(m.clean && m.hashed);
    strcpy(m.boot_id, "00000000-0000-0000-0000-000000000000");
    assert_int_equal(mark_write(w->dir, &m), 0);
    world_open(w);
    assert_false(w->emptied);
}

static void the_clean_mark_goes_before_the_next_commit(void **state)
{
    struct views_world *w = *state;
    struct views_mark m;
    assert_int_equal(views_sync(w->views), 0);
    assert_int_equal(mark_read(w->dir, &m), 0);
    assert_true(m.clean);
    world_place(w, ORDER("ann", "BUY", "10", "99.50", NULL));
    assert_int_equal(mark_read(w->dir, &m), 0);
    assert_false(m.clean);
}

static void a_missing_or_damaged_mark_empties(void **state)
{
    struct views_world *w = *state;
    world_close(w);
    file_remove(w, "mark");
    check_emptied(w, "mark");
    world_close(w);
    for (off_t at = 0; at < file_bytes(w, "mark"); at += 7) {
        file_write_at(w, "mark", at, "\xee", 1);
        check_emptied(w, "mark");
        world_close(w);
    }
    world_open(w);
}

static void any_changed_byte_of_a_closed_file_empties(void **state)
{
    struct views_world *w = *state;
    world_close(w);
    off_t bytes = file_bytes(w, "data.mdb");
    for (off_t at = 3; at < bytes; at += bytes / 5) {
        char path[WORLD_PATH_BYTES];
        uint8_t byte = 0;
        world_path(w, "data.mdb", path);
        int fd = open(path, O_RDONLY);
        assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1 && close(fd) == 0);
        byte ^= 0x40;
        file_write_at(w, "data.mdb", at, &byte, 1);
        check_emptied(w, "not the file that was closed");
        world_close(w);
        bytes = file_bytes(w, "data.mdb");
    }
    world_open(w);
}

static void a_cut_file_empties_even_when_nothing_was_closed(void **state)
{
    struct views_world *w = *state;
    fold_and_be_killed(w);
    file_cut(w, "data.mdb", file_bytes(w, "data.mdb") - 4096);
    check_emptied(w, "cut");
}

static void a_file_without_a_header_empties(void **state)
{
    struct views_world *w = *state;
    static uint8_t noise[8192];
    memset(noise, 0x5a, sizeof noise);
    fold_and_be_killed(w);
    file_write_at(w, "data.mdb", 0, noise, sizeof noise);
    check_emptied(w, "LMDB refuses");
}

static void a_file_that_ends_in_its_header_empties(void **state)
{
    struct views_world *w = *state;
    fold_and_be_killed(w);
    file_cut(w, "data.mdb", 100);
    check_emptied(w, "LMDB refuses");
}

static void another_tape_empties(void **state)
{
    struct views_world *w = *state;
    world_close(w);
    struct views_options o = {.tape_id = WORLD_TAPE_ID + 1};
    snprintf(o.path, sizeof o.path, "%s", w->dir);
    assert_int_equal(views_open(&o, &w->views, &w->emptied, w->reason), 0);
    assert_true(w->emptied);
    assert_non_null(strstr(w->reason, "folded from tape"));
    world_close(w);
    check_emptied(w, "folded from tape");
}

/* Writes the state row behind the views' back, as another program would have. */
static void state_row_replace(struct views_world *w, const struct views_state *s, const char *database)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    uint8_t bytes[VALUE_BYTES_MAX];
    MDB_val key = {1, (void *)"s"}, value = {state_encode(s, bytes), bytes};
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, VIEW_DB_COUNT), 0);
    assert_int_equal(mdb_env_open(env, w->dir, 0, 0644), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, database, MDB_CREATE, &dbi), 0);
    assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void check_format_empties(struct views_world *w, uint32_t version)
{
    struct views_state s = {version, WORLD_TAPE_ID, {9, 9, 9, 9}, 9};
    char reason[64];
    fold_and_be_killed(w);
    state_row_replace(w, &s, "state");
    snprintf(reason, sizeof reason, "format version %u", version);
    check_emptied(w, reason);
}

static void a_format_of_the_past_empties(void **state)
{
    check_format_empties(*state, VIEWS_FORMAT_VERSION - 1);
}

static void a_format_of_the_future_empties(void **state)
{
    check_format_empties(*state, VIEWS_FORMAT_VERSION + 1);
}

static void an_environment_of_somebody_else_empties(void **state)
{
    struct views_world *w = *state;
    struct views_state s = {VIEWS_FORMAT_VERSION, WORLD_TAPE_ID, {9, 9, 9, 9}, 9};
    fold_and_be_killed(w);
    file_remove(w, "data.mdb");
    state_row_replace(w, &s, "groceries");
    check_emptied(w, "not an environment of views");
}

static void clearing_drops_everything(void **state)
{
    struct views_world *w = *state;
    struct views_counts counts;
    struct views_read *r;
    assert_int_equal(views_clear(w->views), 0);
    assert_true(views_cursor(w->views).seq == 0);
    assert_int_equal(views_read_begin(w->views, &r), 0);
    assert_int_equal(views_counts(r, &counts), 0);
    assert_true(counts.accounts == 0 && counts.instruments == 0 && counts.balances == 0);
    views_read_end(r);
    struct event e = {.seq = 1, .kind = EVENT_SWEPT};
    assert_int_equal(views_fold(w->views, &e, 1, world_cursor(w)), 0);
}

static void read_only_opens_what_is_there_and_changes_nothing(void **state)
{
    struct views_world *w = *state;
    struct views_options o = {.tape_id = WORLD_TAPE_ID, .read_only = true};
    struct views *v;
    struct order_row row;
    struct views_read *r;
    uint64_t id = world_place(w, ORDER("ann", "BUY", "10", "99.50", NULL));
    world_close(w);
    snprintf(o.path, sizeof o.path, "%s", w->dir);
    assert_int_equal(views_open(&o, &v, &w->emptied, w->reason), 0);
    assert_int_equal(views_read_begin(v, &r), 0);
    assert_int_equal(views_order(r, id, &row), 0);
    views_read_end(r);
    assert_int_equal(views_fold(v, NULL, 0, world_cursor(w)), ERR_USAGE);
    assert_int_equal(views_clear(v), ERR_USAGE);
    views_close(v);
    o.tape_id++;
    assert_int_equal(views_open(&o, &v, &w->emptied, w->reason), ERR_CORRUPT);
    assert_false(w->emptied);
    world_open(w);
    assert_false(w->emptied);
    world_close(w);
    snprintf(o.path, sizeof o.path, "%s/none", w->dir);
    assert_int_equal(views_open(&o, &v, &w->emptied, w->reason), ERR_NOT_FOUND);
    world_open(w);
}

/* Refused orders, enough of them to need the given bytes. */
static void fold_refused(struct views_world *w, uint32_t count)
{
    struct event *events = calloc(count, sizeof *events);
    assert_non_null(events);
    for (uint32_t i = 0; i < count; i++) {
        events[i] = (struct event){.seq = ++w->seq, .kind = EVENT_REJECTED};
        events[i].rejected = (struct event_rejected){.order_id = w->seq << ORDER_INDEX_BITS,
                                                     .command_kind = COMMAND_PLACE,
                                                     .refusal.reason = REJECT_FIELD_INVALID};
        events[i].rejected.terms.account = name_of("somebody");
        events[i].rejected.terms.symbol = name_of("SOMETHING");
    }
    assert_int_equal(views_fold(w->views, events, count, world_cursor(w)), 0);
    free(events);
}

static struct views_counts counts_of(struct views_world *w)
{
    struct views_counts counts;
    struct views_read *r;
    assert_int_equal(views_read_begin(w->views, &r), 0);
    assert_int_equal(views_counts(r, &counts), 0);
    views_read_end(r);
    return counts;
}

struct reader {
    struct views *views;
    atomic_bool stop;
    atomic_uint reads, errors;
};

/* Reads without pause: the map may only grow between two of these. */
static void *read_on(void *arg)
{
    struct reader *reader = arg;
    struct name symbol = name_of("ACME");
    while (!atomic_load(&reader->stop)) {
        struct views_read *r;
        struct instrument_row row;
        bool good = views_read_begin(reader->views, &r) == 0;
        if (good) {
            good = views_instrument(r, &symbol, &row) == 0;
            views_read_end(r);
        }
        atomic_fetch_add(good ? &reader->reads : &reader->errors, 1);
    }
    return NULL;
}

static void the_map_grows_under_readers(void **state)
{
    struct views_world *w = *state;
    struct reader reader = {.views = w->views};
    pthread_t threads[2];
    uint64_t map_bytes = counts_of(w).bytes_map;
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reader), 0);
    for (int i = 0; i < 100 && counts_of(w).bytes_map < 2 * map_bytes; i++) fold_refused(w, 10000);
    while (atomic_load(&reader.reads) == 0) sched_yield();
    atomic_store(&reader.stop, true);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(counts_of(w).bytes_map >= 2 * map_bytes);
    assert_int_equal(atomic_load(&reader.errors), 0);
    uint64_t hash = world_hash(w);
    world_close(w);
    world_open(w);
    assert_false(w->emptied);
    assert_true(world_hash(w) == hash);
}

static void one_fold_may_be_larger_than_the_map(void **state)
{
    struct views_world *w = *state;
    struct views_counts before = counts_of(w);
    fold_refused(w, 100000);
    struct views_counts after = counts_of(w);
    assert_true(after.bytes_map > before.bytes_map && after.orders == before.orders + 100000);
}

/* A file size limit stands in for a full disk. The child's exit code says what went wrong. */
static int fold_on_a_full_disk(struct views_world *w)
{
    struct rlimit limit = {(rlim_t)file_bytes(w, "data.mdb") + 65536, RLIM_INFINITY};
    struct event events[500];
    memset(events, 0, sizeof events);
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR) return 1;
    world_open(w);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    for (uint32_t i = 0; i < 500; i++) {
        events[i] = (struct event){.seq = w->seq + 1 + i, .kind = EVENT_REJECTED};
        events[i].rejected =
            (struct event_rejected){.order_id = events[i].seq << ORDER_INDEX_BITS, .command_kind = COMMAND_PLACE};
    }
    w->seq += 500;
    struct views_read *r;
    if (views_fold(w->views, events, 500, world_cursor(w)) == 0) return 3;
    if (views_fold(w->views, NULL, 0, world_cursor(w)) != ERR_IO || views_read_begin(w->views, &r) != ERR_IO) return 4;
    world_close(w);
    return 0;
}

static void a_commit_that_fails_closes_the_environment_and_loses_nothing(void **state)
{
    struct views_world *w = *state;
    uint64_t hash = world_hash(w);
    world_close(w);
    pid_t child = fork();
    if (child == 0) _exit(fold_on_a_full_disk(w));
    int status = -1;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
    world_open(w);
    assert_false(w->emptied);
    assert_true(world_hash(w) == hash && views_cursor(w->views).seq == w->seq);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(what_was_closed_opens_again),
        TEST(what_a_killed_process_left_opens_again_in_the_same_boot),
        TEST(what_a_killed_process_left_is_emptied_after_another_boot),
        TEST(a_synced_environment_outlives_another_boot),
        TEST(the_clean_mark_goes_before_the_next_commit),
        TEST(a_missing_or_damaged_mark_empties),
        TEST(any_changed_byte_of_a_closed_file_empties),
        TEST(a_cut_file_empties_even_when_nothing_was_closed),
        TEST(a_file_without_a_header_empties),
        TEST(a_file_that_ends_in_its_header_empties),
        TEST(another_tape_empties),
        TEST(a_format_of_the_past_empties),
        TEST(a_format_of_the_future_empties),
        TEST(an_environment_of_somebody_else_empties),
        TEST(clearing_drops_everything),
        TEST(read_only_opens_what_is_there_and_changes_nothing),
        TEST(the_map_grows_under_readers),
        TEST(one_fold_may_be_larger_than_the_map),
        TEST(a_commit_that_fails_closes_the_environment_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
