/* tools/cmd_import.c - `ordertape import lobster`: options, files and the final tally around lobster_import.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/lobster_import.h"
#include "tools/options.h"
#include "tools/zone.h"

enum { FILE_BYTES_MAX = 2000000000 };

struct import_options {
    const char *symbol, *messages, *book, *date, *zone, *row_seqs;
};

/* NAME_2012-06-21_34200000_57600000_message_10.csv: the first _YYYY-MM-DD_ in the file's own name. */
static int date_from_file_name(const char *path, struct civil_date *d)
{
    const char *slash = strrchr(path, '/');
    char text[11] = "";
    for (const char *at = slash == NULL ? path : slash + 1; (at = strchr(at, '_')) != NULL; at++) {
        if (strlen(at) < 12 || at[11] != '_') continue;
        memcpy(text, at + 1, 10);
        if (civil_date_from_text(d, text) == 0) return 0;
    }
    return ERR_USAGE;
}

static int find_midnight(const struct import_options *o, int64_t *midnight_ns)
{
    struct civil_date date;
    if (o->date != NULL && civil_date_from_text(&date, o->date) != 0)
        return console_fail("import", "--date is YYYY-MM-DD, not '%s'", o->date);
    if (o->date == NULL && date_from_file_name(o->messages, &date) != 0)
        return console_fail("import", "there is no _YYYY-MM-DD_ in the name of %s; say --date", o->messages);
    int error = zone_midnight_ns(o->zone, &date, midnight_ns);
    if (error == ERR_NOT_FOUND)
        return console_fail(
            "import", "this system's zone database has no %s (apt-get install tzdata); or say --tz -04:00", o->zone);
    if (error != 0) return console_fail("import", "'%s' is no time zone", o->zone);
    return 0;
}

static int print_tally(bool as_json, const struct lobster_import *in, uint64_t seq, struct digest d, double seconds)
{
    const struct lobster_tally *t = &in->tally;
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {{"messages", t->messages},
                   {"rows", t->rows},
                   {"rows_equal", t->rows_equal},
                   {"clean", t->clean},
                   {"window", t->window},
                   {"exceptions", t->exceptions},
                   {"errors", t->errors},
                   {"executions", t->executions},
                   {"executions_matched", t->executions_matched},
                   {"seq", seq}};
    char digest[DIGEST_TEXT_BYTES];
    digest_to_text(d, digest);
    struct json *j = as_json ? json_new() : NULL;
    if (as_json && j == NULL) return console_fail("import", "no memory");
    if (as_json) json_object_begin(j);
    for (size_t i = 0; i < OPTIONS_COUNT(numbers); i++) {
        if (as_json)
            json_key(j, numbers[i].key), json_u64(j, numbers[i].value);
        else
            printf("%s %" PRIu64 "\n", numbers[i].key, numbers[i].value);
    }
    double rate = seconds > 0 ? (double)t->messages / seconds : 0;
    if (!as_json) {
        printf("digest %s\n%.0f rows a second\n", digest, rate);
        return 0;
    }
    json_key(j, "digest"), json_string(j, digest);
    json_key(j, "rows_per_second"), json_fraction(j, rate, 0);
    json_object_end(j);
    int code = console_json("import", j);
    json_free(j);
    return code;
}

static int run(struct lobster_import *in, const struct command_line *line)
{
    struct digest digest = {0};
    double started = console_seconds();
    int error = lobster_import_run(in);
    uint64_t seq = sequencer_last_seq(in->offline->sequencer);
    if (in->offline->fold.engine != NULL) digest = engine_digest(in->offline->fold.engine);
    int close_error = offline_close(in->offline); /* also after a bad file: what was imported is a good tape */
    double seconds = console_seconds() - started;
    if (error != 0) return console_fail("import", "%s", in->why[0] != '\0' ? in->why : error_text(error));
    if (close_error != 0) return console_fail("import", "the tape cannot be closed: %s", error_text(close_error));
    int code = print_tally(line->json, in, seq, digest, seconds);
    if (code != 0) return code;
    if (lobster_tally_good(&in->tally)) return EXIT_GOOD;
    fprintf(stderr, "ordertape import: %s\n", in->why[0] != '\0' ? in->why : "the books differ");
    return EXIT_BAD;
}

static int open_and_run(struct lobster_import *in, const struct command_line *line)
{
    struct offline offline;
    int64_t first_ns;
    if (lobster_first_time(&in->messages, &first_ns) != 0)
        return console_fail("import", "the message file does not begin with a LOBSTER message");
    first_ns += in->midnight_ns;
    struct offline_options options = {.command = "import",
                                      .data_dir = line->data_dir,
                                      .create = true,
                                      .accept_time_jump = true,
                                      .starts_ns = first_ns};
    int code = offline_open(&offline, &options);
    if (code != 0) return code;
    if (sequencer_last_ts_ns(offline.sequencer) > first_ns) {
        offline_close(&offline);
        return console_fail("import", "the tape's last time is later than the file's first; use a fresh --data-dir");
    }
    in->offline = &offline;
    return run(in, line);
}

static int open_files(const struct import_options *o, struct lobster_import *in)
{
    int code = file_text_read(&in->messages, "import", o->messages, FILE_BYTES_MAX);
    if (code == 0 && o->book != NULL) code = file_text_read(&in->book, "import", o->book, FILE_BYTES_MAX);
    if (code != 0 || o->row_seqs == NULL) return code;
    in->row_seqs = fopen(o->row_seqs, "w");
    return in->row_seqs != NULL ? 0 : console_fail("import", "cannot write %s: %s", o->row_seqs, strerror(errno));
}

static int import_lobster(const struct import_options *o, const struct command_line *line)
{
    struct lobster_import in = {.account = name_of("@import")};
    if (o->symbol == NULL || name_from_text(&in.symbol, o->symbol, strlen(o->symbol)) != 0)
        return console_fail("import", "--symbol S is missing or no symbol");
    if (o->messages == NULL) return console_fail("import", "--messages FILE is missing; see 'ordertape import --help'");
    int code = find_midnight(o, &in.midnight_ns);
    if (code == 0) code = open_files(o, &in);
    if (code == 0) code = open_and_run(&in, line);
    if (in.row_seqs != NULL && fclose(in.row_seqs) != 0 && code != EXIT_CANNOT)
        code = console_fail("import", "cannot write %s", o->row_seqs);
    file_text_free(&in.messages);
    file_text_free(&in.book);
    return code;
}

int cmd_import(int argc, char **argv)
{
    struct import_options o = {.zone = "America/New_York"};
    const struct option options[] = {
        {"symbol", OPTION_TEXT, &o.symbol, NULL, "S", "the instrument; made with tick 0.01, lot 1, in USD"},
        {"messages", OPTION_TEXT, &o.messages, NULL, "FILE", "LOBSTER's message file"},
        {"book", OPTION_TEXT, &o.book, NULL, "FILE", "its orderbook file: our book is compared after every message"},
        {"date", OPTION_TEXT, &o.date, NULL, "D", "the day (default: from the file's name)"},
        {"tz", OPTION_TEXT, &o.zone, NULL, "Z", "the zone of its times (default: America/New_York)"},
        {"row-seqs", OPTION_TEXT, &o.row_seqs, NULL, "FILE", "writes row,seq: the tape's seq after each row"},
    };
    struct command_line line = {.command = "import",
                                .summary = "puts a LOBSTER sample onto the tape at its own times; needs the LOCK",
                                .operands = "lobster",
                                .operands_min = 1,
                                .operands_max = 1,
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape import lobster --symbol GOOG --data-dir goog \\\n"
                                            "    --messages GOOG_2012-06-21_34200000_57600000_message_1.csv \\\n"
                                            "    --book GOOG_2012-06-21_34200000_57600000_orderbook_1.csv --json\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (strcmp(line.operand[0], "lobster") != 0)
        return console_fail("import", "it is 'import lobster', not '%s'", line.operand[0]);
    return import_lobster(&o, &line);
}
