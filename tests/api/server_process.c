/* tests/api/server_process.c - see server_process.h. */
#include "tests/api/server_process.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENVIRONMENT_MAX = 64, WAIT_STEPS_MAX = 6000, WAIT_STEP_US = 10000 };

void server_init(struct server_process *s)
{
    const char *tmp = getenv("TMPDIR");
    *s = (struct server_process){.pid = 0};
    (void)snprintf(s->dir, sizeof s->dir, "%s/ordertape-api-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(s->dir));
    (void)snprintf(s->log, sizeof s->log, "%s/stderr.log", s->dir);
}

/* In the child: only what was asked for, so that a developer's own settings do not matter. */
static void run_program(const struct server_process *s, const char *const *settings)
{
    char data_dir[320];
    char *environment[ENVIRONMENT_MAX];
    int count = 0;
    /* The settings first: the first of a name counts. */
    for (; settings != NULL && *settings != NULL && count + 4 < ENVIRONMENT_MAX; settings++)
        environment[count++] = (char *)(uintptr_t)*settings;
    (void)snprintf(data_dir, sizeof data_dir, "ORDERTAPE_DATA_DIR=%s/data", s->dir);
    environment[count++] = data_dir;
    environment[count++] = (char *)(uintptr_t) "ORDERTAPE_LISTEN=127.0.0.1:0";
    environment[count++] = (char *)(uintptr_t) "ORDERTAPE_END_OF_DAY_UTC=never";
    environment[count] = NULL;
    int log = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0 || dup2(log, STDERR_FILENO) < 0) _exit(126);
    char *arguments[] = {(char *)(uintptr_t) "ordertape", (char *)(uintptr_t) "serve", NULL};
    (void)execve(ORDERTAPE_PROGRAM, arguments, environment);
    _exit(127);
}

static long log_size(const struct server_process *s)
{
    FILE *in = fopen(s->log, "re");
    if (in == NULL) return 0;
    (void)fseek(in, 0, SEEK_END);
    long size = ftell(in);
    (void)fclose(in);
    return size;
}

/* The log from an offset on, NUL-terminated; free it. */
static char *log_text(const struct server_process *s, long from)
{
    long size = log_size(s);
    char *text = calloc(1, (size_t)(size > from ? size - from : 0) + 1);
    FILE *in = fopen(s->log, "re");
    if (in != NULL) {
        (void)fseek(in, from, SEEK_SET);
        size_t got = size > from ? fread(text, 1, (size_t)(size - from), in) : 0;
        text[got] = '\0';
        (void)fclose(in);
    }
    return text;
}

static bool find_port(struct server_process *s, long from)
{
    unsigned port = 0;
    char *text = log_text(s, from);
    const char *at = strstr(text, "serving url=http://127.0.0.1:");
    bool found = at != NULL && sscanf(at, "serving url=http://127.0.0.1:%u", &port) == 1;
    s->port = (uint16_t)port;
    free(text);
    return found;
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void start(struct server_process *s, const char *const *settings)
{
    assert_int_equal(s->pid, 0);
    s->log_from = log_size(s);
    (void)fflush(NULL);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) run_program(s, settings);
}

static void show_log(const struct server_process *s, long from)
{
    char *text = log_text(s, from);
    print_error("the program wrote:\n%s\n", text);
    free(text);
}

void server_start(struct server_process *s, const char *const *settings)
{
    start(s, settings);
    long from = s->log_from;
    for (int step = 0; step < WAIT_STEPS_MAX; step++) {
        int status = 0;
        if (find_port(s, from)) return;
        if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
            s->pid = 0;
            show_log(s, from);
            fail_msg("the program ended with %d before it served", exit_code(status));
        }
        (void)usleep(WAIT_STEP_US);
    }
    show_log(s, from);
    fail_msg("the program does not serve");
}

static int wait_for_exit(struct server_process *s)
{
    int status = 0;
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    s->pid = 0;
    return exit_code(status);
}

int server_start_refused(struct server_process *s, const char *const *settings)
{
    start(s, settings);
    return wait_for_exit(s);
}

int server_end(struct server_process *s, int signal_number)
{
    assert_int_equal(kill(s->pid, signal_number), 0);
    int code = wait_for_exit(s);
    if (code > 0) show_log(s, s->log_from);
    return code;
}

int server_wait(struct server_process *s)
{
    return wait_for_exit(s);
}

bool server_logged(const struct server_process *s, const char *text)
{
    char *log = log_text(s, 0);
    bool found = strstr(log, text) != NULL;
    free(log);
    return found;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void server_remove(struct server_process *s)
{
    if (s->pid != 0) (void)server_end(s, SIGKILL);
    (void)nftw(s->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
