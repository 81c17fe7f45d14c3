/* The operating system's storage door and the data directory's lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "journal/data_dir.h"

struct room {
    char dir[64];
    char file[96];
};

static int setup(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    assert_non_null(r);
    strcpy(r->dir, "/tmp/ordertape-storage-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(r->file, sizeof r->file, "%s/file", r->dir);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", r->dir);
    int rc = system(command);
    free(r);
    return rc;
}

static void what_is_written_is_read_and_a_read_ends_with_the_file(void **state)
{
    struct room *r = *state;
    const struct storage *s = storage_posix();
    struct storage_file *f;
    char bytes[16] = {0};
    assert_int_equal(s->open(s->ctx, r->file, STORAGE_CREATE | STORAGE_WRITE, &f), 0);
    assert_int_equal(s->write(s->ctx, f, "abcdef", 6, 2), 0);
    assert_int_equal(s->sync(s->ctx, f), 0);
    assert_int_equal(s->size(s->ctx, f), 8);
    assert_int_equal(s->read(s->ctx, f, bytes, sizeof bytes, 3), 5);
    assert_memory_equal(bytes, "bcdef", 5);
    assert_int_equal(s->read(s->ctx, f, bytes, sizeof bytes, 8), 0);
    assert_int_equal(s->resize(s->ctx, f, 3), 0);
    assert_int_equal(s->size(s->ctx, f), 3);
    s->close(s->ctx, f);
}

static void errors_say_what_the_system_said(void **state)
{
    struct room *r = *state;
    const struct storage *s = storage_posix();
    struct storage_file *f;
    assert_int_equal(s->open(s->ctx, r->file, STORAGE_READ, &f), ERR_NOT_FOUND);
    assert_int_equal(s->remove(s->ctx, r->file), ERR_NOT_FOUND);
    assert_int_equal(s->rename(s->ctx, r->file, r->dir), ERR_NOT_FOUND);
    assert_int_equal(s->sync_dir(s->ctx, r->file), ERR_NOT_FOUND);
    assert_int_equal(s->list(s->ctx, r->file, NULL, NULL), ERR_NOT_FOUND);
    assert_int_equal(s->open(s->ctx, r->file, STORAGE_CREATE, &f), 0);
    s->close(s->ctx, f);
    assert_int_equal(s->open(s->ctx, r->file, STORAGE_CREATE, &f), ERR_IO);
    assert_int_equal(s->make_dir(s->ctx, r->file), ERR_IO);
    /* Reading only means reading only. */
    assert_int_equal(s->open(s->ctx, r->file, STORAGE_READ, &f), 0);
    assert_int_equal(s->write(s->ctx, f, "x", 1, 0), ERR_IO);
    s->close(s->ctx, f);
    /* A device that is always full. */
    assert_int_equal(s->open(s->ctx, "/dev/full", STORAGE_WRITE, &f), 0);
    assert_int_equal(s->write(s->ctx, f, "x", 1, 0), ERR_NO_SPACE);
    s->close(s->ctx, f);
}

static int count_entry(void *arg, const char *name)
{
    (void)name;
    return ++*(int *)arg == 3 ? 7 : 0;
}

static void a_listing_names_every_entry_and_stops_when_told(void **state)
{
    struct room *r = *state;
    struct data_dir d;
    assert_int_equal(data_dir_init(&d, storage_posix(), r->dir), 0);
    assert_int_equal(data_dir_create(&d), 0);
    assert_int_equal(data_dir_create(&d), 0);
    int count = 0;
    assert_int_equal(d.storage->list(d.storage->ctx, r->dir, count_entry, &count), 7);
    char path[DATA_PATH_BYTES_MAX];
    data_dir_path(&d, "events", path);
    count = 0;
    assert_int_equal(d.storage->list(d.storage->ctx, path, count_entry, &count), 0);
    assert_int_equal(count, 0);
}

static void a_second_writer_is_told_who_holds_the_lock(void **state)
{
    struct room *r = *state;
    struct data_dir d;
    int fd, second;
    char holder[256], expected[64];
    assert_int_equal(data_dir_init(&d, storage_posix(), r->dir), 0);
    assert_int_equal(data_dir_lock(&d, "serve", &fd, NULL), 0);
    assert_int_equal(data_dir_lock(&d, "import", &second, holder), ERR_BUSY);
    (void)snprintf(expected, sizeof expected, "%ld serve", (long)getpid());
    assert_string_equal(holder, expected);
    data_dir_unlock(fd);
    assert_int_equal(data_dir_lock(&d, "import", &second, holder), 0);
    data_dir_unlock(second);
}

static void the_lock_ends_with_the_process_that_held_it(void **state)
{
    struct room *r = *state;
    struct data_dir d;
    assert_int_equal(data_dir_init(&d, storage_posix(), r->dir), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd;
        _exit(data_dir_lock(&d, "child", &fd, NULL) == 0 ? 0 : 1);
    }
    int status = -1, fd;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(data_dir_lock(&d, "serve", &fd, NULL), 0);
    data_dir_unlock(fd);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct data_dir d;
    char path[8192];
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = 0;
    assert_int_equal(data_dir_init(&d, storage_posix(), path), ERR_USAGE);
    assert_int_equal(data_dir_init(&d, storage_posix(), ""), ERR_USAGE);
    assert_int_equal(data_dir_init(&d, storage_posix(), "data///"), 0);
    assert_string_equal(d.path, "data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_and_a_read_ends_with_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_say_what_the_system_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_listing_names_every_entry_and_stops_when_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_writer_is_told_who_holds_the_lock, setup, teardown),
        cmocka_unit_test_setup_teardown(the_lock_ends_with_the_process_that_held_it, setup, teardown),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
