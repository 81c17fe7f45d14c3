/* tools/cmd_replay.c - `ordertape replay`: folds the tape and prints what came out. */
#include <inttypes.h>
#include <stdio.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"

static int print_result(bool as_json, struct fold *f, const struct recover_result *r, double seconds)
{
    char digest[DIGEST_TEXT_BYTES];
    struct digest d = f->engine == NULL ? (struct digest){0} : engine_digest(f->engine);
    uint32_t orders_open = f->engine == NULL ? 0 : engine_counts(f->engine).orders;
    double rate = seconds > 0 ? (double)r->commands / seconds : 0;
    digest_to_text(d, digest);
    if (!as_json) {
        printf("seq %" PRIu64 "\ndigest %s\ncommands %" PRIu64 "\nevents %" PRIu64 "\norders_open %u\n", r->seq, digest,
               r->commands, r->events, orders_open);
        printf("snapshot %" PRIu64 "\nseconds %.6f\ncommands_per_second %.0f\n", r->snapshot_seq, seconds, rate);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail("replay", "no memory");
    json_object_begin(j);
    json_key(j, "seq"), json_u64(j, r->seq);
    json_key(j, "digest"), json_string(j, digest);
    json_key(j, "commands"), json_u64(j, r->commands);
    json_key(j, "events"), json_u64(j, r->events);
    json_key(j, "orders_open"), json_u64(j, orders_open);
    json_key(j, "snapshot"), json_u64(j, r->snapshot_seq);
    json_key(j, "seconds"), json_fraction(j, seconds, 6);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_object_end(j);
    int code = console_json("replay", j);
    json_free(j);
    return code;
}

static int replay(const struct command_line *line, struct recover_options *o)
{
    struct data_dir dir;
    struct fold fold;
    struct recover_result result = {0};
    struct progress progress;
    int code = data_dir_open_read(&dir, "replay", line->data_dir);
    if (code != 0) return code;
    fold_init(&fold);
    progress_start(&progress, "replay", "commands");
    o->progress = progress_seq;
    o->progress_arg = &progress;
    double started = console_seconds();
    int error = recover_state(&dir, o, &fold, &result);
    double seconds = console_seconds() - started;
    progress_end(&progress);
    console_findings("replay", &result.report);
    if (error == ERR_NOT_FOUND && o->from_snapshot != 0)
        code = console_fail("replay", "there is no snapshot %" PRIu64 "; 'ordertape snapshot list' shows them",
                            o->from_snapshot);
    else if (error != 0)
        code = recover_failed("replay", error, &result);
    else
        code = print_result(line->json, &fold, &result, seconds);
    fold_free(&fold);
    return code;
}

int cmd_replay(int argc, char **argv)
{
    struct recover_options o = {.to_seq = UINT64_MAX, .to_ts_ns = INT64_MAX};
    const struct option options[] = {
        {"to-seq", OPTION_U64, &o.to_seq, NULL, "N", "stop after this command"},
        {"to-time", OPTION_TIME, &o.to_ts_ns, NULL, "T", "stop before the first command later than this"},
        {"from-snapshot", OPTION_U64, &o.from_snapshot, NULL, "S", "begin with the snapshot of this seq"},
        {"no-snapshot", OPTION_FLAG, &o.no_snapshot, NULL, NULL, "begin with the first command"},
    };
    struct command_line line = {.command = "replay",
                                .summary = "folds the tape and prints the digest of the state; changes nothing",
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape replay\n"
                                            "  ordertape replay --to-seq 1000 --json\n"
                                            "  ordertape replay --no-snapshot --to-time 2012-06-21T14:00:00Z\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (o.no_snapshot && o.from_snapshot != 0)
        return console_fail("replay", "--from-snapshot and --no-snapshot exclude each other");
    return replay(&line, &o);
}
