/* tests/model/shrink.c - delta debugging: leave out ever smaller pieces of the list while it still fails.
 * Invariant: what is at the front of `commands` fails at every moment. */
#include "tests/model/shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* True when the child ended in any way but exit 0. */
static bool child_failed(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return false;
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Begins a child that says nothing. */
static pid_t fork_quietly(void)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0 && (freopen("/dev/null", "w", stderr) == NULL || freopen("/dev/null", "w", stdout) == NULL))
        _exit(0);
    return child;
}

static bool still_fails(const struct command *commands, uint32_t count, shrink_fails *fails, void *context)
{
    pid_t child = fork_quietly();
    if (child == 0) _exit(fails(commands, count, context) ? 1 : 0);
    return child_failed(child);
}

/* Memory that a child can leave something in; pages that are not written cost nothing. NULL: none. */
static void *shared_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* What lists and texts of one command take, on the average. */
enum { KEPT_BYTES = 1 << 14 };

struct command *shrink_record(uint32_t room, shrink_make *make, void *context, uint32_t *count, bool *failed)
{
    struct shared {
        uint32_t count;
        struct command commands[];
    } *shared = shared_memory(sizeof *shared + room * sizeof(struct command));
    struct keep keep = {.room_bytes = ((size_t)room + 64) * KEPT_BYTES};
    keep.bytes = shared_memory(keep.room_bytes);
    if (shared == NULL || keep.bytes == NULL) return NULL;
    pid_t child = fork_quietly();
    if (child == 0) _exit(make(shared->commands, &shared->count, room, &keep, context) ? 0 : 1);
    *failed = child_failed(child);
    *count = shared->count;
    return shared->commands;
}

static uint32_t without(const struct command *commands, uint32_t count, uint32_t from, uint32_t piece,
                        struct command *out)
{
    uint32_t end = from + piece < count ? from + piece : count;
    memcpy(out, commands, from * sizeof *out);
    memcpy(out + from, commands + end, (count - end) * sizeof *out);
    return count - (end - from);
}

uint32_t shrink_commands(struct command *commands, uint32_t count, shrink_fails *fails, void *context)
{
    struct command *candidate = calloc(count, sizeof *candidate);
    if (candidate == NULL) return count;
    uint32_t piece = count / 2;
    while (piece > 0) {
        bool shorter = false;
        for (uint32_t from = 0; from < count;) {
            uint32_t left = without(commands, count, from, piece, candidate);
            if (left > 0 && still_fails(candidate, left, fails, context)) {
                memcpy(commands, candidate, left * sizeof *commands);
                count = left;
                shorter = true;
            } else {
                from += piece;
            }
        }
        fprintf(stderr, "shrink: %u commands left\n", count);
        if (!shorter || piece > count) piece /= 2;
    }
    free(candidate);
    return count;
}
