/* tools/cmd_verify.c - `ordertape verify`: every part in turn, one line a finding. See verify.h for what counts as damage. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"
#include "tools/verify.h"

static struct finding *new_finding(struct verification *v, const char *part, bool damage)
{
    static const struct finding none;
    if (damage) v->damaged++;
    if (v->count == FINDINGS_MAX) return NULL;
    struct finding *f = &v->findings[v->count++];
    *f = none;
    f->part = part;
    f->damage = damage;
    return f;
}

void verify_found(struct verification *v, const char *part, bool damage, uint64_t seq, const char *format, ...)
{
    va_list args;
    struct finding *f = new_finding(v, part, damage);
    if (f == NULL) return;
    f->at.first_seq = f->at.last_seq = seq;
    va_start(args, format);
    vsnprintf(f->at.text, sizeof f->at.text, format, args);
    va_end(args);
}

int verify_bytes(struct verification *v, enum tape_kind kind)
{
    struct tape_options options;
    struct tape_report report = {0};
    struct progress progress;
    const char *part = kind == TAPE_COMMANDS ? "commands" : "events";
    tape_options_of(&options, v->dir, kind);
    progress_start(&progress, part, "bytes");
    int error = tape_verify(&options, &report, progress_bytes, &progress);
    progress_end(&progress);
    for (uint32_t i = 0; i < report.count; i++) {
        struct finding *f = new_finding(v, part, report.findings[i].damage);
        if (f != NULL) f->at = report.findings[i];
    }
    if (report.more > 0) verify_found(v, part, true, 0, "and %u more", report.more);
    if (error == ERR_NOT_FOUND && kind == TAPE_EVENTS) {
        verify_found(v, part, false, 0, "there is no event tape: the next start makes it");
        return 0;
    }
    if (error == ERR_CORRUPT && v->damaged == 0) verify_found(v, part, true, 0, "the bytes do not verify");
    return error == ERR_CORRUPT ? 0 : error;
}

/* A lock that cannot be shared is a server's, or another writer's. */
static bool somebody_writes(const char *data_dir)
{
    char path[DATA_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/LOCK", data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    return taken;
}

static void print_finding(const struct finding *f)
{
    printf("%s %s", f->damage ? "damage" : "remark", f->part);
    if (f->at.file[0] != '\0') printf(" %s offset %" PRIu64, f->at.file, f->at.offset);
    if (f->at.first_seq != 0) printf(" seq %" PRIu64, f->at.first_seq);
    if (f->at.last_seq > f->at.first_seq) printf("..%" PRIu64, f->at.last_seq);
    printf(": %s\n", f->at.text);
}

static void json_finding(struct json *j, const struct finding *f)
{
    json_object_begin(j);
    json_key(j, "severity"), json_string(j, f->damage ? "damage" : "remark");
    json_key(j, "part"), json_string(j, f->part);
    if (f->at.file[0] != '\0') {
        json_key(j, "file"), json_string(j, f->at.file);
        json_key(j, "offset"), json_u64(j, f->at.offset);
    }
    if (f->at.first_seq != 0) json_key(j, "first_seq"), json_u64(j, f->at.first_seq);
    if (f->at.last_seq != 0) json_key(j, "last_seq"), json_u64(j, f->at.last_seq);
    json_key(j, "text"), json_string(j, f->at.text);
    json_object_end(j);
}

static int print_json(const struct verification *v, bool bytes_only)
{
    char digest[DIGEST_TEXT_BYTES];
    struct json *j = json_new();
    if (j == NULL) return console_fail("verify", "no memory");
    digest_to_text(v->digest, digest);
    json_object_begin(j);
    json_key(j, "ok"), json_bool(j, v->damaged == 0);
    if (!bytes_only) {
        json_key(j, "seq"), json_u64(j, v->seq);
        json_key(j, "digest"), json_string(j, digest);
        json_key(j, "commands"), json_u64(j, v->commands);
        json_key(j, "events"), json_u64(j, v->events);
        json_key(j, "snapshots"), json_u64(j, v->snapshots);
        json_key(j, "projections_seq"), json_u64(j, v->projections_seq);
    }
    json_key(j, "damaged"), json_u64(j, v->damaged);
    json_key(j, "findings");
    json_array_begin(j);
    for (uint32_t i = 0; i < v->count; i++) json_finding(j, &v->findings[i]);
    json_array_end(j);
    json_object_end(j);
    int code = console_json("verify", j);
    json_free(j);
    return code;
}

static void print_text(const struct verification *v, bool bytes_only)
{
    char digest[DIGEST_TEXT_BYTES];
    for (uint32_t i = 0; i < v->count; i++) print_finding(&v->findings[i]);
    digest_to_text(v->digest, digest);
    if (v->damaged > 0)
        printf("damaged: %u findings\n", v->damaged);
    else if (bytes_only)
        printf("ok: every checksum and the chain\n");
    else
        printf("ok: seq %" PRIu64 " digest %s, %" PRIu64 " commands, %" PRIu64
               " events, %u snapshots, projections at %" PRIu64 "\n",
               v->seq, digest, v->commands, v->events, v->snapshots, v->projections_seq);
}

static int look(struct verification *v, bool bytes_only)
{
    int error = verify_bytes(v, TAPE_COMMANDS);
    bool commands_damaged = v->damaged > 0;
    if (error == 0) error = verify_bytes(v, TAPE_EVENTS);
    if (bytes_only || error != 0 || commands_damaged) return error;
    error = verify_fold(v);
    return error == 0 && v->damaged == 0 ? verify_projections(v) : error;
}

int cmd_verify(int argc, char **argv)
{
    struct verification v;
    bool bytes_only = false;
    struct data_dir dir;
    const struct option options[] = {
        {"bytes", OPTION_FLAG, &bytes_only, NULL, NULL, "checksums and chain only"},
    };
    struct command_line line = {.command = "verify",
                                .summary = "checks everything that can be checked, one line a finding; changes nothing",
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape verify\n  ordertape verify --bytes --json\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    code = data_dir_open_read(&dir, "verify", line.data_dir);
    if (code != 0) return code;
    v = (struct verification){.dir = &dir, .server_running = somebody_writes(line.data_dir)};
    int error = look(&v, bytes_only);
    if (error != 0) return console_fail("verify", "cannot look at everything: %s", error_text(error));
    if (line.json)
        code = print_json(&v, bytes_only);
    else
        print_text(&v, bytes_only);
    if (code != 0) return code;
    return v.damaged == 0 ? EXIT_GOOD : EXIT_BAD;
}
