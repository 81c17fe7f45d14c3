/* tests/model/shrink.h - makes a failing list of commands short. */
#ifndef ORDERTAPE_TESTS_MODEL_SHRINK_H
#define ORDERTAPE_TESTS_MODEL_SHRINK_H

#include "tests/model/keep.h"

/* True when these commands still fail. Runs in a process of its own: it may crash. */
typedef bool shrink_fails(const struct command *commands, uint32_t count, void *context);

/* Leaves out commands as long as the rest fails; moves what is needed to the front and returns how many are left. */
uint32_t shrink_commands(struct command *commands, uint32_t count, shrink_fails *fails, void *context);

/* Calls `make` in a process of its own, which may crash. It writes up to `room` commands, kept in `keep`, counts each before applying
 * it, and says whether they were folded well. Returns the commands (the caller's until the end of the program; NULL: no
 * memory). */
typedef bool shrink_make(struct command *commands, uint32_t *count, uint32_t room, struct keep *keep, void *context);
struct command *shrink_record(uint32_t room, shrink_make *make, void *context, uint32_t *count, bool *failed);

#endif
