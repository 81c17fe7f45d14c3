/* tools/console.h - what commands say to a person: one-line errors, and progress that only a terminal sees.
 * What must stay true: answers go to stdout, everything here to stderr. */
#ifndef ORDERTAPE_TOOLS_CONSOLE_H
#define ORDERTAPE_TOOLS_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/json.h"
#include "core/error.h"
#include "journal/tape.h"

/* "ordertape COMMAND: ..." on one line. Returns EXIT_CANNOT, so that a command can end with it. */
int console_fail(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Seconds of a monotonic clock, for rates. */
double console_seconds(void);

/* A line on a terminal that is rewritten at most ten times a second; nothing when stderr is no terminal. */
struct progress {
    const char *what; /* "replay" */
    const char *unit; /* "commands" */
    bool terminal, shown;
    double started, last;
};
void progress_start(struct progress *p, const char *what, const char *unit);
/* total 0: not known. */
void progress_show(struct progress *p, uint64_t done, uint64_t total);
void progress_end(struct progress *p);
/* For the callbacks of journal, snapshots and projections; arg is the struct progress. */
void progress_seq(void *arg, uint64_t seq);
void progress_bytes(void *arg, uint64_t done, uint64_t total);

/* Every finding of a report as a line on stderr; returns how many are damage. */
uint32_t console_findings(const char *command, const struct tape_report *report);

/* Prints j and a newline on stdout. 0, or EXIT_CANNOT when it failed to grow or be written. */
int console_json(const char *command, const struct json *j);
/* A number with `decimals` decimals. */
void json_fraction(struct json *j, double value, int decimals);

#endif
