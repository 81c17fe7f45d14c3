/* tests/model/keep.h - commands that own what they point to, in memory that the caller gives.
 * What must stay true: a kept command means what it meant, whatever becomes of the lists and texts it was made of. */
#ifndef ORDERTAPE_TESTS_MODEL_KEEP_H
#define ORDERTAPE_TESTS_MODEL_KEEP_H

#include "core/command.h"

struct keep {
    char *bytes; /* aligned to 16 */
    size_t used_bytes, room_bytes;
};

/* Copies the command, its lists and its texts. A list longer than a command may have is judged by its length alone: it is kept as it is,
 * and must be in memory that stays. Ends the program when there is no room. */
struct command keep_command(struct keep *k, const struct command *c);

#endif
