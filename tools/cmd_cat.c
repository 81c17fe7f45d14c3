/* tools/cmd_cat.c - `ordertape cat`: the tape as JSON lines, one command or event each. */
#include <inttypes.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"

struct range {
    uint64_t from_seq, to_seq;
};

static int print_commands(struct command_reader *r, const struct range *range, struct json *j)
{
    const struct command *c;
    int error = command_reader_seek_seq(r, range->from_seq);
    while (error == 0 && (error = command_reader_next(r, &c)) == 0 && c->seq <= range->to_seq) {
        json_reset(j);
        json_command(j, c);
        if (console_json("cat", j) != 0) return ERR_IO;
    }
    return error;
}

static int print_events(struct event_reader *r, const struct range *range, struct json *j)
{
    const struct event *e;
    int error = event_reader_seek_seq(r, range->from_seq);
    while (error == 0 && (error = event_reader_next(r, &e)) == 0 && e->seq <= range->to_seq) {
        if (e->seq < range->from_seq) continue;
        json_reset(j);
        json_event(j, e);
        if (console_json("cat", j) != 0) return ERR_IO;
    }
    return error;
}

static int cat_commands(const struct tape_options *o, const struct range *range, struct json *j,
                        struct tape_report *report)
{
    struct command_reader *r;
    int error = command_reader_open(o, false, &r, report);
    if (error != 0) return error;
    error = print_commands(r, range, j);
    command_reader_close(r);
    return error;
}

static int cat_events(const struct tape_options *o, const struct range *range, struct json *j,
                      struct tape_report *report)
{
    struct event_reader *r;
    int error = event_reader_open(o, false, &r, report);
    if (error != 0) return error;
    error = print_events(r, range, j);
    event_reader_close(r);
    return error;
}

static int cat(const char *data_dir, enum tape_kind kind, const struct range *range)
{
    struct data_dir dir;
    struct tape_options options;
    struct tape_report report = {0};
    int code = data_dir_open_read(&dir, "cat", data_dir);
    if (code != 0) return code;
    struct json *j = json_new();
    if (j == NULL) return console_fail("cat", "no memory");
    tape_options_of(&options, &dir, kind);
    int error =
        kind == TAPE_COMMANDS ? cat_commands(&options, range, j, &report) : cat_events(&options, range, j, &report);
    json_free(j);
    uint32_t damaged = console_findings("cat", &report);
    if (error == 0 || (error == ERR_END && damaged == 0)) return EXIT_GOOD;
    console_fail("cat", "the tape cannot be read on: %s", error_text(error == ERR_END ? ERR_CORRUPT : error));
    return error == ERR_CORRUPT || error == ERR_END ? EXIT_BAD : EXIT_CANNOT;
}

int cmd_cat(int argc, char **argv)
{
    struct range range = {.from_seq = 1, .to_seq = UINT64_MAX};
    const struct option options[] = {
        {"from-seq", OPTION_U64, &range.from_seq, NULL, "N", "begin with this command's"},
        {"to-seq", OPTION_U64, &range.to_seq, NULL, "M", "end with this command's"},
    };
    struct command_line line = {.command = "cat",
                                .summary = "prints commands or events as JSON lines; runs beside a server",
                                .operands = "commands|events",
                                .operands_min = 1,
                                .operands_max = 1,
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape cat commands\n"
                                            "  ordertape cat events --from-seq 10 --to-seq 20\n"
                                            "  ordertape cat events | jq 'select(.event == \"filled\")'\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (strcmp(line.operand[0], "commands") == 0) return cat(line.data_dir, TAPE_COMMANDS, &range);
    if (strcmp(line.operand[0], "events") == 0) return cat(line.data_dir, TAPE_EVENTS, &range);
    return console_fail("cat", "it is 'cat commands' or 'cat events', not '%s'", line.operand[0]);
}
