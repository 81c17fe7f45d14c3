/* tools/cmd_rebuild.c - `ordertape rebuild`: drops the projections and folds them again from the event tape. */
#include <inttypes.h>
#include <stdio.h>

#include "projections/catch_up.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"

struct rebuilt {
    struct views_cursor cursor;
    struct views_counts counts;
    double seconds;
};

static int fold_views(struct offline *o, struct views *views, struct rebuilt *out)
{
    struct tape_options events;
    struct progress progress;
    struct views_read *read;
    tape_options_of(&events, &o->dir, TAPE_EVENTS);
    progress_start(&progress, "rebuild", "commands");
    double started = console_seconds();
    int error = views_clear(views);
    if (error == 0) error = views_catch_up(views, &events, UINT64_MAX, progress_seq, &progress);
    if (error == 0) error = views_sync(views);
    out->seconds = console_seconds() - started;
    progress_end(&progress);
    if (error != 0) return error;
    out->cursor = views_cursor(views);
    error = views_read_begin(views, &read);
    if (error != 0) return error;
    error = views_counts(read, &out->counts);
    views_read_end(read);
    return error;
}

static int rebuild(struct offline *o, struct rebuilt *out)
{
    struct views_options options = {.tape_id = o->recovered.tape_id};
    struct views *views;
    bool emptied;
    char reason[256] = "", path[DATA_PATH_BYTES_MAX];
    data_dir_path(&o->dir, "projections", path);
    snprintf(options.path, sizeof options.path, "%s", path);
    int error = event_writer_sync(o->events);
    if (error == 0) error = views_open(&options, &views, &emptied, reason);
    if (error != 0) return error;
    error = fold_views(o, views, out);
    views_close(views);
    return error;
}

static int print_rebuilt(bool as_json, const struct rebuilt *r)
{
    double rate = r->seconds > 0 ? (double)r->cursor.seq / r->seconds : 0;
    if (!as_json) {
        printf("projections at seq %" PRIu64 ": %" PRIu64 " orders, %" PRIu64 " trades, %" PRIu64
               " positions in %.3f s, "
               "%.0f commands/s\n",
               r->cursor.seq, r->counts.orders, r->counts.trades, r->counts.positions, r->seconds, rate);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail("rebuild", "no memory");
    json_object_begin(j);
    json_key(j, "seq"), json_u64(j, r->cursor.seq);
    json_key(j, "orders"), json_u64(j, r->counts.orders);
    json_key(j, "trades"), json_u64(j, r->counts.trades);
    json_key(j, "positions"), json_u64(j, r->counts.positions);
    json_key(j, "gtts"), json_u64(j, r->counts.gtts);
    json_key(j, "seconds"), json_fraction(j, r->seconds, 6);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_object_end(j);
    int code = console_json("rebuild", j);
    json_free(j);
    return code;
}

int cmd_rebuild(int argc, char **argv)
{
    struct command_line line = {.command = "rebuild",
                                .summary = "drops the projections and folds them again; needs the LOCK",
                                .examples = "  ordertape rebuild\n  ordertape rebuild --data-dir data --json\n"};
    struct offline o;
    struct rebuilt rebuilt = {0};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    struct offline_options options = {.command = "rebuild", .data_dir = line.data_dir, .accept_time_jump = true};
    code = offline_open(&o, &options);
    if (code != 0) return code;
    int error = rebuild(&o, &rebuilt);
    int close_error = offline_close(&o);
    if (error != 0) return console_fail("rebuild", "cannot fold the projections: %s", error_text(error));
    if (close_error != 0) return console_fail("rebuild", "cannot close the tape: %s", error_text(close_error));
    return print_rebuilt(line.json, &rebuilt);
}
