/* tools/cmd_whatif.c - `ordertape whatif`: a scenario file in, the difference it makes out. */
#include <string.h>

#include "snapshots/whatif.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/file_text.h"
#include "tools/offline.h"
#include "tools/options.h"

static int run(const struct data_dir *dir, const struct whatif_scenario *scenario)
{
    struct whatif_result result = {0};
    int code = EXIT_GOOD;
    int error = whatif_run(dir, scenario, &result);
    struct json *j = error == 0 ? json_new() : NULL;
    if (error == ERR_USAGE) {
        code = console_fail("whatif", "%s", result.error);
    } else if (error != 0) {
        console_fail("whatif", "%s", result.error[0] != '\0' ? result.error : error_text(error));
        code = error == ERR_CORRUPT || error == ERR_DIFFERS ? EXIT_BAD : EXIT_CANNOT;
    } else if (j == NULL) {
        code = console_fail("whatif", "no memory");
    } else {
        json_whatif(j, &result, scenario->report);
        code = console_json("whatif", j);
    }
    json_free(j);
    whatif_result_free(&result);
    return code;
}

static int parse_and_run(const char *data_dir, const char *file)
{
    struct data_dir dir;
    struct file_text text;
    struct json_scenario scenario = {0};
    struct problem problem = {0};
    int code = data_dir_open_read(&dir, "whatif", data_dir);
    if (code == 0) code = file_text_read(&text, "whatif", file, JSON_BODY_BYTES_MAX);
    if (code != 0) return code;
    if (json_scenario_parse(text.bytes, text.len_bytes, &scenario, &problem) != 0) {
        code = console_fail("whatif", "%s: %s", file, problem.detail);
    } else {
        code = run(&dir, &scenario.scenario);
        json_scenario_free(&scenario);
    }
    file_text_free(&text);
    return code;
}

int cmd_whatif(int argc, char **argv)
{
    const char *file = NULL;
    const struct option options[] = {
        {"scenario", OPTION_TEXT, &file, NULL, "FILE", "the scenario, JSON (docs/API.md); - is standard input"},
    };
    struct command_line line = {
        .command = "whatif",
        .summary = "folds the tape beside a branch with the scenario's edits and prints what differs; changes nothing",
        .options = options,
        .options_count = OPTIONS_COUNT(options),
        .examples = "  ordertape whatif --scenario scenario.json\n"
                    "  echo '{\"edits\":[{\"drop\":{\"seq\":12}}]}' | ordertape whatif --scenario -\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (file == NULL) return console_fail("whatif", "--scenario FILE is missing; see 'ordertape whatif --help'");
    return parse_and_run(line.data_dir, file);
}
