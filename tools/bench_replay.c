/* tools/bench_replay.c - from a tape on disk to a digest: the flow is written as the sequencer would (a block and a digest a group),
 * then read, checked and folded by recover_state, without a snapshot. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "snapshots/recover.h"
#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/temp_dir.h"

struct replay_result {
    uint64_t commands, bytes;
    int64_t total_ns;
    struct digest digest;
};

struct tape_maker {
    struct tape_writer *writer;
    struct command_encoder *encoder;
    struct fold fold; /* gives the digests */
};

static int write_block(struct tape_maker *m, const struct flow *flow, uint64_t first, uint32_t count)
{
    struct command c;
    struct tape_block block = {.first_seq = first, .last_seq = first + count - 1, .count = count, .has_digest = true};
    for (uint64_t seq = first; seq < first + count; seq++) {
        flow_command(flow, seq, &c);
        if (seq == first) block.first_ts_ns = c.ts_ns;
        block.last_ts_ns = c.ts_ns;
        int64_t events = fold_apply(&m->fold, &c);
        int error = events < 0 ? (int)events : command_encoder_add(m->encoder, &c);
        if (error != 0) return error;
    }
    block.digest = engine_digest(m->fold.engine);
    int error = command_encoder_finish(m->encoder, &block.payload, &block.payload_bytes);
    return error != 0 ? error : tape_writer_append(m->writer, &block);
}

static int write_tape(const struct data_dir *d, const struct flow *flow, uint64_t *bytes)
{
    struct tape_maker m = {0};
    struct tape_report report = {0};
    struct tape_options options = {.storage = d->storage, .kind = TAPE_COMMANDS, .rules_version = RULES_VERSION};
    data_dir_path(d, "commands", options.dir);
    fold_init(&m.fold);
    int error = tape_writer_open(&options, &m.writer, &report);
    if (error != 0) return error;
    error = command_encoder_new(&m.encoder);
    for (uint64_t seq = 1, last = flow_last(flow); seq <= last && error == 0; seq += FLOW_GROUP)
        error = write_block(&m, flow, seq, last - seq + 1 < FLOW_GROUP ? (uint32_t)(last - seq + 1) : FLOW_GROUP);
    *bytes = tape_writer_bytes(m.writer);
    if (m.encoder != NULL) command_encoder_free(m.encoder);
    fold_free(&m.fold);
    if (error == 0) return tape_writer_close(m.writer);
    tape_writer_abandon(m.writer);
    return error;
}

static int replay(const struct data_dir *d, struct replay_result *out)
{
    struct fold fold;
    struct recover_result result = {0};
    struct recover_options options = {.to_seq = UINT64_MAX, .to_ts_ns = INT64_MAX, .no_snapshot = true};
    fold_init(&fold);
    int64_t before = bench_now_ns();
    int error = recover_state(d, &options, &fold, &result);
    if (error == 0) out->digest = engine_digest(fold.engine);
    out->total_ns = bench_now_ns() - before;
    out->commands = result.commands;
    fold_free(&fold);
    return error;
}

static int print_result(const struct bench *b, const struct replay_result *r)
{
    char digest[DIGEST_TEXT_BYTES];
    double rate = (double)r->commands / ((double)r->total_ns / 1e9);
    double bytes = (double)r->bytes / (double)r->commands;
    digest_to_text(r->digest, digest);
    if (!b->json) {
        printf("workload  %" PRIu64 " commands (%" PRIu64 " of them set-up and warm-up), %u instruments, seed %" PRIu64
               "\n",
               r->commands, flow_warm(b->flow), b->flow_options.instruments, b->flow_options.seed);
        printf("replay    %.0f commands/s from the tape to a digest, %.1f ns a command\n", rate, 1e9 / rate);
        printf("tape      %.2f bytes a command\ndigest    %s\n", bytes, digest);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail(b->name, "no memory");
    json_object_begin(j);
    json_key(j, "bench"), json_string(j, "replay");
    json_key(j, "commands"), json_u64(j, r->commands);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_key(j, "ns_mean"), json_fraction(j, 1e9 / rate, 1);
    json_key(j, "bytes_per_command"), json_fraction(j, bytes, 2);
    json_key(j, "digest"), json_string(j, digest);
    json_object_end(j);
    int code = console_json(b->name, j);
    json_free(j);
    return code;
}

/* Writes the tape into a directory and replays it from there. */
static int write_and_replay(const struct bench *b, const char *path)
{
    struct replay_result r = {0};
    struct data_dir d;
    int error = data_dir_init(&d, storage_posix(), path);
    if (error == 0) error = data_dir_create(&d);
    if (error == 0) error = write_tape(&d, b->flow, &r.bytes);
    if (error == 0) error = replay(&d, &r);
    if (error != 0) return console_fail(b->name, "%s", error_text(error));
    int code = print_result(b, &r);
    if (digest_equal(r.digest, flow_digest(b->flow))) return code;
    console_fail(b->name, "the digest differs from the one the flow was made with");
    return EXIT_BAD;
}

int bench_replay(const struct bench *b)
{
    struct temp_dir temp;
    if (b->keep) {
        struct data_dir d;
        if (data_dir_init(&d, storage_posix(), b->data_dir) != 0 || data_dir_has_tape(&d))
            return console_fail(b->name, "%s has a tape already; --keep needs a --data-dir without one", b->data_dir);
        return write_and_replay(b, b->data_dir);
    }
    if (temp_dir_make(&temp, b->data_dir) != 0)
        return console_fail(b->name, "cannot make a directory in %s", b->data_dir);
    int code = write_and_replay(b, temp.path);
    if (temp_dir_remove(&temp) != 0) return console_fail(b->name, "cannot remove %s", temp.path);
    return code;
}
