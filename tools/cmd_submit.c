/* tools/cmd_submit.c - `ordertape submit`: JSON-lines commands onto the tape without a server.
 * What must stay true: the whole file is parsed before its first command is stamped, so a line that cannot be read leaves
 * the tape as it was. A command the engine refuses is on the tape like any other, and is reported. A line whose idempotency key was
 * used before is not: it is reported as skipped, so that a file may be submitted twice. */
#include <inttypes.h>
#include <stdio.h>

#include "core/rejects.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/file_text.h"
#include "tools/offline.h"
#include "tools/options.h"

enum { FILE_BYTES_MAX = 1 << 30 };

struct tally {
    uint64_t commands, refused, skipped;
};

static bool line_is_empty(const char *line, size_t len_bytes)
{
    for (size_t i = 0; i < len_bytes; i++)
        if (line[i] != ' ' && line[i] != '\t') return false;
    return true;
}

static int parse_line(const char *file, uint64_t number, const char *line, size_t len_bytes, struct json_command *out)
{
    struct problem problem = {0};
    struct json_path nothing = {0};
    int error = json_command_parse(0, line, len_bytes, &nothing, out, &problem);
    if (error == 0 && out->said.idempotency_key.len_bytes == 0) return 0;
    if (error == 0) {
        json_command_free(out);
        return console_fail("submit",
                            "%s:%" PRIu64 ": field \"idempotency_key\" is for a server: nothing here would look at it",
                            file, number);
    }
    return console_fail("submit", "%s:%" PRIu64 ": %s; nothing was submitted", file, number, problem.detail);
}

static int check_lines(const char *file, const struct file_text *text)
{
    struct json_command command;
    const char *line;
    size_t at = 0, len_bytes;
    for (uint64_t number = 1; file_text_line(text, &at, &line, &len_bytes); number++) {
        if (line_is_empty(line, len_bytes)) continue;
        int code = parse_line(file, number, line, len_bytes, &command);
        if (code != 0) return code;
        json_command_free(&command);
    }
    return 0;
}

/* What is to be said of a command once it is durable. */
struct line_report {
    uint64_t line, seq;
    uint8_t kind;
    uint8_t key; /* enum sequencer_answer: not ADDED: nothing was done, and seq is that of the first with its key */
    uint32_t refusals;
    struct refusal refusal; /* the first (a BATCH can have more, each of an order of its own); reason 0: accepted */
};
/* Nothing is said before its commit: so many reports wait for one. */
enum { GROUP_REPORTS = 512 };

struct submission {
    struct offline *offline;
    const char *file;
    const struct file_text *text;
    bool as_json;
    struct tally tally;
    struct line_report reports[GROUP_REPORTS];
    uint32_t reports_count;
};

/* The first id that the command made, by the name that its documents have for it. */
static const char *id_key(int kind)
{
    switch (kind) {
    case COMMAND_PLACE: /* fallthrough */
    case COMMAND_PLACE_LINKED: return "order_id";
    case COMMAND_GTT_PLACE: return "gtt_id";
    case COMMAND_BATCH: return "batch_id";
    case COMMAND_STATEMENT: return "statement_id";
    default: return NULL;
    }
}

static const char *key_code(int key)
{
    switch (key) {
    case SEQUENCER_REPEATED: return "REPEATED";
    case SEQUENCER_KEY_CONFLICT: return "IDEMPOTENCY_KEY_REUSED";
    default: return "IDEMPOTENCY_FULL";
    }
}

static const char *key_text(int key)
{
    switch (key) {
    case SEQUENCER_REPEATED: return "its key and body came before";
    case SEQUENCER_KEY_CONFLICT: return "its key came before with another body";
    default: return "no more idempotency keys can be remembered";
    }
}

static void write_skipped(struct json *j, const struct line_report *r)
{
    if (r->key != SEQUENCER_KEYS_FULL) json_key(j, "first_seq"), json_u64(j, r->seq);
    json_key(j, "op"), json_string(j, command_kind_text(r->kind));
    json_key(j, "skipped");
    json_object_begin(j);
    json_key(j, "code"), json_string(j, key_code(r->key));
    json_key(j, "text"), json_string(j, key_text(r->key));
    json_object_end(j);
}

static void write_report(struct json *j, const struct line_report *r)
{
    const char *key = id_key(r->kind);
    json_object_begin(j);
    json_key(j, "line"), json_u64(j, r->line);
    if (r->key != SEQUENCER_ADDED) {
        write_skipped(j, r);
        json_object_end(j);
        return;
    }
    json_key(j, "seq"), json_u64(j, r->seq);
    json_key(j, "op"), json_string(j, command_kind_text(r->kind));
    if (key != NULL) json_key(j, key), json_id(j, r->seq << ORDER_INDEX_BITS);
    if (r->kind == COMMAND_BATCH) json_key(j, "orders_refused"), json_u64(j, r->refusals);
    if (r->refusal.reason != 0) {
        json_key(j, "reject");
        json_object_begin(j);
        json_key(j, "code"), json_string(j, reject_name(r->refusal.reason));
        json_key(j, "text"), json_string(j, reject_text(r->refusal.reason));
        json_refusal_members(j, &r->refusal);
        json_object_end(j);
    }
    json_object_end(j);
}

static int print_report(const struct line_report *r, bool as_json)
{
    char text[REFUSAL_TEXT_BYTES];
    if (!as_json) {
        if (r->key != SEQUENCER_ADDED)
            printf("line %" PRIu64 ": %s skipped: %s, seq %" PRIu64 "\n", r->line, command_kind_text(r->kind),
                   key_text(r->key), r->seq);
        else if (r->refusal.reason != 0)
            printf("line %" PRIu64 ": seq %" PRIu64 " %s refused: %s, %s\n", r->line, r->seq,
                   command_kind_text(r->kind), reject_name(r->refusal.reason), json_refusal_text(&r->refusal, text));
        return 0;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail("submit", "no memory");
    write_report(j, r);
    int code = console_json("submit", j);
    json_free(j);
    return code;
}

static int commit_and_report(struct submission *s)
{
    int error = offline_commit(s->offline);
    if (error != 0) return console_fail("submit", "the tape cannot be written: %s", error_text(error));
    for (uint32_t i = 0; i < s->reports_count; i++) {
        int code = print_report(&s->reports[i], s->as_json);
        if (code != 0) return code;
    }
    s->reports_count = 0;
    return 0;
}

/* Timers that were due come first among a command's events, so all of them are looked at. */
static void look_for_refusals(const struct event *events, uint32_t count, struct line_report *r)
{
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].kind != EVENT_REJECTED) continue;
        if (r->refusals++ == 0) r->refusal = events[i].rejected.refusal;
    }
}

static int submit_line(struct submission *s, uint64_t number, const char *line, size_t len_bytes)
{
    struct json_command command;
    const struct event *events;
    uint32_t count;
    int code = parse_line(s->file, number, line, len_bytes, &command);
    if (code != 0) return code;
    int answer = offline_add(s->offline, &command.command, 0, &events, &count);
    struct line_report *r = &s->reports[s->reports_count];
    *r = (struct line_report){
        .line = number, .seq = command.command.seq, .kind = command.command.kind, .key = (uint8_t)answer};
    json_command_free(&command);
    if (answer < 0) return console_fail("submit", "the tape cannot be written: %s", error_text(answer));
    s->reports_count++;
    if (answer == SEQUENCER_ADDED) look_for_refusals(events, count, r);
    s->tally.commands += answer == SEQUENCER_ADDED;
    s->tally.skipped += answer == SEQUENCER_REPEATED;
    if (r->refusals != 0 || answer > SEQUENCER_REPEATED) s->tally.refused++;
    return s->reports_count == GROUP_REPORTS ? commit_and_report(s) : 0;
}

static int submit_lines(struct submission *s)
{
    struct progress progress;
    const char *line;
    size_t at = 0, len_bytes;
    int code = 0;
    progress_start(&progress, "submit", "commands");
    for (uint64_t number = 1; code == 0 && file_text_line(s->text, &at, &line, &len_bytes); number++) {
        if (!line_is_empty(line, len_bytes)) code = submit_line(s, number, line, len_bytes);
        progress_show(&progress, s->tally.commands, 0);
    }
    progress_end(&progress);
    return code == 0 ? commit_and_report(s) : code;
}

static int submit(const struct command_line *line, const struct file_text *text, bool accept_time_jump)
{
    struct offline o;
    struct offline_options options = {
        .command = "submit", .data_dir = line->data_dir, .create = true, .accept_time_jump = accept_time_jump};
    int code = check_lines(line->operand[0], text);
    if (code == 0) code = offline_open(&o, &options);
    if (code != 0) return code;
    struct submission s = {.offline = &o, .file = line->operand[0], .text = text, .as_json = line->json};
    code = submit_lines(&s);
    if (code != 0) {
        offline_abandon(&o);
        return code;
    }
    uint64_t seq = sequencer_last_seq(o.sequencer);
    int error = offline_close(&o);
    if (error != 0) return console_fail("submit", "the tape cannot be closed: %s", error_text(error));
    if (!line->json)
        printf("%" PRIu64 " commands, %" PRIu64 " refused, %" PRIu64 " skipped, seq %" PRIu64 "\n", s.tally.commands,
               s.tally.refused, s.tally.skipped, seq);
    return s.tally.refused == 0 ? EXIT_GOOD : EXIT_BAD;
}

int cmd_submit(int argc, char **argv)
{
    bool accept_time_jump = false;
    struct file_text text;
    const struct option options[] = {
        {"accept-time-jump", OPTION_FLAG, &accept_time_jump, NULL, NULL, "go on with a tape that ends over 7 days ago"},
    };
    struct command_line line = {.command = "submit",
                                .summary = "puts JSON-lines commands onto the tape; needs the LOCK",
                                .operands = "FILE",
                                .operands_min = 1,
                                .operands_max = 1,
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples =
                                    "  ordertape submit tools/sample/market.jsonl\n"
                                    "  echo '{\"op\":\"set_account\",\"account\":\"eve\"}' | ordertape submit -\n"
                                    "  echo '{\"op\":\"set_trading\",\"status\":\"HALTED\",\"cancel\":true}' | "
                                    "ordertape submit -\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    code = file_text_read(&text, "submit", line.operand[0], FILE_BYTES_MAX);
    if (code != 0) return code;
    code = submit(&line, &text, accept_time_jump);
    file_text_free(&text);
    return code;
}
