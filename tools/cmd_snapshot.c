/* tools/cmd_snapshot.c - `ordertape snapshot create|list|verify`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"

/* A directory with more snapshots than this is listed in part, and says so. */
enum { SNAPSHOTS_MAX = 65536 };

/* One line or JSON object a snapshot; why is NULL for a good one. */
static int print_one(bool as_json, const struct snapshot_info *i, const char *state, const char *why)
{
    char digest[DIGEST_TEXT_BYTES], time[TIME_TEXT_BYTES];
    digest_to_text(i->digest, digest);
    time_to_text(i->ts_ns, time);
    if (!as_json) {
        if (why != NULL)
            printf("seq %" PRIu64 " %s: %s\n", i->seq, state, why);
        else
            printf("seq %" PRIu64 " %s time %s digest %s orders %" PRIu64 " bytes %" PRIu64 "\n", i->seq, state, time,
                   digest, i->orders, i->file_bytes);
        return 0;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail("snapshot", "no memory");
    json_object_begin(j);
    json_key(j, "seq"), json_u64(j, i->seq);
    json_key(j, "state"), json_string(j, state);
    if (why == NULL) {
        json_key(j, "time"), json_time(j, i->ts_ns);
        json_key(j, "digest"), json_string(j, digest);
        json_key(j, "orders"), json_u64(j, i->orders);
        json_key(j, "bytes"), json_u64(j, i->file_bytes);
    } else {
        json_key(j, "text"), json_string(j, why);
    }
    json_object_end(j);
    int code = console_json("snapshot", j);
    json_free(j);
    return code;
}

/* A snapshot is ahead of nothing: the events it stands on are synced before it gets its name. */
static int write_snapshot(struct offline *o, struct snapshot_info *info)
{
    int error = offline_commit(o);
    if (error == 0) error = event_writer_sync(o->events);
    if (error != 0) return error;
    return snapshot_write(&o->dir, &o->fold, info);
}

static int create(const struct command_line *line)
{
    struct offline o;
    struct snapshot_info info = {0};
    struct offline_options options = {
        .command = "snapshot create", .data_dir = line->data_dir, .accept_time_jump = true};
    int code = offline_open(&o, &options);
    if (code != 0) return code;
    int error = write_snapshot(&o, &info);
    int close_error = offline_close(&o);
    if (error == 0) error = close_error;
    if (error != 0) return console_fail("snapshot", "cannot write the snapshot: %s", error_text(error));
    return print_one(line->json, &info, "created", NULL);
}

/* Reads the header, or with `whole` the whole file into a state of its own, whose digest must be the one inside. */
static int inspect(const struct data_dir *dir, uint64_t seq, bool whole, struct snapshot_info *info, char *why)
{
    struct fold fold;
    if (!whole) return snapshot_read_info(dir, seq, info, why);
    fold_init(&fold);
    int error = snapshot_load(dir, seq, &fold, info, why);
    fold_free(&fold);
    return error;
}

static int print_all(const struct data_dir *dir, const uint64_t *seqs, uint32_t count, bool whole, bool as_json)
{
    int worst = EXIT_GOOD;
    for (uint32_t i = 0; i < count; i++) {
        struct snapshot_info info = {0};
        char why[256] = "";
        int error = inspect(dir, seqs[i], whole, &info, why);
        info.seq = seqs[i];
        if (error != 0) worst = EXIT_BAD;
        if (error != 0 && why[0] == '\0') snprintf(why, sizeof why, "%s", error_text(error));
        int code = print_one(as_json, &info, error != 0 ? "bad" : "good", error != 0 ? why : NULL);
        if (code != 0) return code;
    }
    return worst;
}

static int list(const struct command_line *line, bool whole)
{
    struct data_dir dir;
    int code = data_dir_open_read(&dir, "snapshot", line->data_dir);
    if (code != 0) return code;
    uint64_t *seqs = calloc(SNAPSHOTS_MAX, sizeof *seqs);
    if (seqs == NULL) return console_fail("snapshot", "no memory");
    int64_t count = snapshot_list(&dir, seqs, SNAPSHOTS_MAX);
    if (count < 0 && count != ERR_NOT_FOUND) {
        code = console_fail("snapshot", "cannot list %s/snapshots: %s", line->data_dir, error_text((int)count));
    } else {
        if (count > SNAPSHOTS_MAX)
            fprintf(stderr, "ordertape snapshot: only the first %d of %" PRId64 " are shown\n", SNAPSHOTS_MAX, count);
        uint32_t shown = count < 0 ? 0 : count > SNAPSHOTS_MAX ? SNAPSHOTS_MAX : (uint32_t)count;
        code = print_all(&dir, seqs, shown, whole, line->json);
    }
    free(seqs);
    return code;
}

int cmd_snapshot(int argc, char **argv)
{
    struct command_line line = {
        .command = "snapshot",
        .summary =
            "writes a snapshot at the tape's end (needs the LOCK), lists them, or loads each and checks its digest",
        .operands = "create|list|verify",
        .operands_min = 1,
        .operands_max = 1,
        .examples = "  ordertape snapshot create\n  ordertape snapshot list --json\n  ordertape snapshot verify\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (strcmp(line.operand[0], "create") == 0) return create(&line);
    if (strcmp(line.operand[0], "list") == 0) return list(&line, false);
    if (strcmp(line.operand[0], "verify") == 0) return list(&line, true);
    return console_fail("snapshot", "it is create, list or verify, not '%s'", line.operand[0]);
}
