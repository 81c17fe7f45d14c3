/* tests/api/server_process.h - the real program, started over a directory of its own, stopped or killed.
 * Settings go by the environment; the port is the one the program chose and printed. */
#ifndef ORDERTAPE_TESTS_API_SERVER_PROCESS_H
#define ORDERTAPE_TESTS_API_SERVER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server_process {
    char dir[256];
    char log[300]; /* what it wrote to stderr, all starts */
    pid_t pid;     /* 0: not running */
    uint16_t port;
    long log_from; /* where the log of this start begins */
};

/* A directory under $TMPDIR or /tmp; asserts that it could be made. */
void server_init(struct server_process *s);
/* settings: "NAME=value" environment entries, NULL-terminated, or NULL. Asserts that the program says it serves. */
void server_start(struct server_process *s, const char *const *settings);
/* The same, but the program is expected to give up: returns its exit code. */
int server_start_refused(struct server_process *s, const char *const *settings);
/* Sends a signal and waits. Returns the exit code (one above 0 shows what the program wrote), or -signal. */
int server_end(struct server_process *s, int signal_number);
/* Waits for it to end by itself. */
int server_wait(struct server_process *s);
/* True when the log has that text. */
bool server_logged(const struct server_process *s, const char *text);
/* Ends what runs and removes the directory. */
void server_remove(struct server_process *s);

#endif
