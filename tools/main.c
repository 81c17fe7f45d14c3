/* tools/main.c - `ordertape COMMAND ...`: finds the command in the table and hands it the rest. */
#include <stdio.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/options.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} COMMANDS[] = {
    {"serve", cmd_serve, "run the order service"},
    {"submit", cmd_submit, "put JSON-lines commands onto the tape, offline"},
    {"import", cmd_import, "put recorded order flow onto the tape at its own times"},
    {"replay", cmd_replay, "fold the tape and print the digest"},
    {"verify", cmd_verify, "check every byte, the events, snapshots and projections"},
    {"book", cmd_book, "the book of an instrument at any point of history"},
    {"cat", cmd_cat, "the tape as JSON lines"},
    {"whatif", cmd_whatif, "branch history and print what differs"},
    {"snapshot", cmd_snapshot, "create, list or verify snapshots"},
    {"rebuild", cmd_rebuild, "drop the projections and fold them again"},
    {"bench", cmd_bench, "measure the engine, the journal, replay, projections or the service"},
};

static void print_commands(FILE *out)
{
    fputs("ordertape COMMAND [--data-dir DIR] [--json] ...\n\n", out);
    for (size_t i = 0; i < OPTIONS_COUNT(COMMANDS); i++)
        fprintf(out, "  %-9s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    fputs("\n'ordertape COMMAND --help' has each one's options and examples.\n", out);
}

/* An answer that did not reach its reader is no answer: a full disk behind stdout is exit 2. */
static int finish(const char *command, int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) return console_fail(command, "cannot write to standard output");
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr);
        return EXIT_CANNOT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_commands(stdout);
        return finish("help", EXIT_GOOD);
    }
    for (size_t i = 0; i < OPTIONS_COUNT(COMMANDS); i++)
        if (strcmp(argv[1], COMMANDS[i].name) == 0)
            return finish(COMMANDS[i].name, COMMANDS[i].run(argc - 2, argv + 2));
    fprintf(stderr, "ordertape: no command '%s'; 'ordertape --help' lists them\n", argv[1]);
    return EXIT_CANNOT;
}
