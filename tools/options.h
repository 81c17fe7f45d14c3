/* tools/options.h - what all commands say on their command line, parsed one way.
 * What must stay true: every option a command takes is in its table, and so in its --help; whatever is not there is refused with
 * its name. `--name value` and `--name=value` mean the same; `--` ends options. Every command has --data-dir, --json, --help. */
#ifndef ORDERTAPE_TOOLS_OPTIONS_H
#define ORDERTAPE_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG, /* bool: present or not */
    OPTION_TEXT, /* const char *: points into argv */
    OPTION_U64,  /* uint64_t: decimal digits */
    OPTION_TIME  /* int64_t: RFC 3339, nanoseconds since 1970 */
};

struct option {
    const char *name; /* without the dashes */
    enum option_kind kind;
    void *value;            /* where it goes; keeps its default when not given */
    bool *given;            /* may be NULL */
    const char *value_name; /* in --help: N, FILE, ... NULL for a flag */
    const char *help;
};

struct command_line {
    const char *command;  /* "replay", "bench engine" */
    const char *summary;  /* one line */
    const char *operands; /* "SYMBOL", "commands|events"; NULL: none */
    int operands_min, operands_max;
    const struct option *options; /* the command's own */
    size_t options_count;
    const char *examples; /* lines for --help */
    /* out */
    const char *data_dir; /* default "data" */
    bool data_dir_given;
    bool json;
    const char *operand[2];
    int operands_count;
};

/* Fills the out fields and the options' values. Returns -1: go on; else the exit code (0: help was printed; 2: a usage error,
 * one line on stderr). */
int command_line_parse(struct command_line *l, int argc, char **argv);

/* Digits only, no sign, no overflow. False leaves *out alone. */
bool u64_from_text(const char *text, uint64_t *out);

#define OPTIONS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
