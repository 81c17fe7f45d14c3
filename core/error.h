/* core/error.h - how a machine failure is said.
 * A function that can fail returns 0 (or a count) when it succeeded and one of these negative codes when it did not.
 * A refusal by the business is never one of these: it is a positive number of core/rejects.h. */
#ifndef ORDERTAPE_CORE_ERROR_H
#define ORDERTAPE_CORE_ERROR_H

/* X(number, NAME, text) */
#define ERRORS(X)                                                            \
    X(-1, ERR_IO, "the operating system refused an I/O call")                \
    X(-2, ERR_CORRUPT, "bytes do not verify")                                \
    X(-3, ERR_NO_MEMORY, "no memory")                                        \
    X(-4, ERR_FULL, "a bounded table, queue or buffer is full")              \
    X(-5, ERR_NOT_FOUND, "not found")                                        \
    X(-6, ERR_BUSY, "another process holds the lock")                        \
    X(-7, ERR_USAGE, "the caller asked for something that makes no sense")   \
    X(-8, ERR_NO_SPACE, "no space left on the device")                       \
    X(-9, ERR_VERSION, "written by a version this program does not know")    \
    X(-10, ERR_DIFFERS, "two things that must be equal differ")              \
    X(-11, ERR_END, "there is nothing more")

enum error {
#define X(number, name, text) name = (number),
    ERRORS(X)
#undef X
};

/* The text of a code above, or "unknown error". Pure; any thread; never NULL. */
const char *error_text(int code);

#endif
