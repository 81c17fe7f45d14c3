/* tools/bench_journal.c - durable commands: encode, append and sync groups of a size, each followed by a bare pwrite and fdatasync of
 * as many bytes into a preallocated, zero-filled file on the same disk, so that both meet the same disk at the same moment. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/tape.h"
#include "proto/codec.h"
#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/temp_dir.h"

enum { BARE_BYTES = 64 * 1024 * 1024, SYNCS_MAX = 2000 };

static const uint32_t GROUP_SIZES[] = {1, 16, 64, 256, 1024, 8192};
enum { SIZES_COUNT = sizeof GROUP_SIZES / sizeof GROUP_SIZES[0], SIZE_OF_RECORD = 4 /* 1024: the goal's */ };

struct size_result {
    uint32_t group;
    uint64_t commands, bytes, syncs;
    int64_t total_ns;
    struct latencies tape, bare;
};

struct run {
    const struct bench *b;
    struct tape_writer *writer;
    struct command_encoder *encoder;
    uint8_t *bytes; /* what the bare file gets: no zeros, so that no layer can skip them */
    int bare_fd;
    uint64_t bare_at;
};

/* Appends seqs [first, first + count) as one block. */
static int append(struct run *r, uint64_t first, uint32_t count)
{
    struct command c;
    struct tape_block block = {.first_seq = first, .last_seq = first + count - 1, .count = count};
    for (uint64_t seq = first; seq < first + count; seq++) {
        flow_command(r->b->flow, seq, &c);
        if (seq == first) block.first_ts_ns = c.ts_ns;
        block.last_ts_ns = c.ts_ns;
        int error = command_encoder_add(r->encoder, &c);
        if (error != 0) return error;
    }
    int error = command_encoder_finish(r->encoder, &block.payload, &block.payload_bytes);
    return error != 0 ? error : tape_writer_append(r->writer, &block);
}

static int write_bare(struct run *r, uint64_t len_bytes, struct latencies *l)
{
    if (len_bytes > BARE_BYTES) return ERR_FULL;
    if (r->bare_at + len_bytes > BARE_BYTES) r->bare_at = 0;
    int64_t before = bench_now_ns();
    if (pwrite(r->bare_fd, r->bytes, len_bytes, (off_t)r->bare_at) != (ssize_t)len_bytes) return ERR_IO;
    if (fdatasync(r->bare_fd) != 0) return ERR_IO;
    latencies_add(l, bench_now_ns() - before);
    r->bare_at += len_bytes;
    return 0;
}

static int one_group(struct run *r, uint64_t first, struct size_result *out)
{
    uint64_t bytes_before = tape_writer_bytes(r->writer);
    int64_t before = bench_now_ns();
    int error = append(r, first, out->group);
    if (error == 0) error = tape_writer_sync(r->writer);
    int64_t took_ns = bench_now_ns() - before;
    if (error != 0) return error;
    uint64_t bytes = tape_writer_bytes(r->writer) - bytes_before;
    latencies_add(&out->tape, took_ns);
    out->total_ns += took_ns;
    out->commands += out->group;
    out->bytes += bytes;
    out->syncs++;
    return write_bare(r, bytes, &out->bare);
}

/* The tape begins with the warm-up, unsynced and untimed: cancels then name orders as far back as they do in a running service. */
static int measure(struct run *r, const char *dir, struct size_result *out)
{
    struct tape_options options = {.storage = storage_posix(),
                                   .kind = TAPE_COMMANDS,
                                   .rules_version = RULES_VERSION,
                                   .prepare_in_background = true};
    struct tape_report report = {0};
    if (mkdir(dir, 0777) != 0) return ERR_IO;
    snprintf(options.dir, sizeof options.dir, "%s", dir);
    int error = tape_writer_open(&options, &r->writer, &report);
    if (error != 0) return error;
    uint64_t seq = 1;
    for (uint64_t warm = flow_warm(r->b->flow); seq <= warm && error == 0; seq += FLOW_GROUP)
        error = append(r, seq, warm - seq + 1 < FLOW_GROUP ? (uint32_t)(warm - seq + 1) : FLOW_GROUP);
    seq = flow_warm(r->b->flow) + 1;
    if (error == 0) error = tape_writer_sync(r->writer);
    int64_t until_ns = bench_now_ns() + (int64_t)r->b->seconds * 1000000000;
    for (; error == 0 && out->syncs < SYNCS_MAX && bench_now_ns() < until_ns &&
           seq + out->group <= flow_last(r->b->flow) + 1;
         seq += out->group)
        error = one_group(r, seq, out);
    if (error == 0)
        error = tape_writer_close(r->writer);
    else
        tape_writer_abandon(r->writer);
    latencies_sort(&out->tape);
    latencies_sort(&out->bare);
    return error;
}

static int open_bare(struct run *r, const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bare", dir);
    r->bytes = calloc(1, BARE_BYTES);
    if (r->bytes == NULL) return ERR_NO_MEMORY;
    r->bare_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (r->bare_fd < 0 || pwrite(r->bare_fd, r->bytes, BARE_BYTES, 0) != BARE_BYTES || fsync(r->bare_fd) != 0)
        return ERR_IO;
    memset(r->bytes, 0xA5, BARE_BYTES);
    return 0;
}

static double rate_of(const struct size_result *s)
{
    return (double)s->commands / ((double)s->total_ns / 1e9);
}

static void json_size(struct json *j, const struct size_result *s)
{
    json_key(j, "group"), json_u64(j, s->group);
    json_key(j, "syncs"), json_u64(j, s->syncs);
    json_key(j, "commands_per_second"), json_fraction(j, rate_of(s), 0);
    json_key(j, "ns_p50"), json_u64(j, latencies_at(&s->tape, 500));
    json_key(j, "ns_p99"), json_u64(j, latencies_at(&s->tape, 990));
    json_key(j, "ns_p999"), json_u64(j, latencies_at(&s->tape, 999));
    json_key(j, "bare_ns_p50"), json_u64(j, latencies_at(&s->bare, 500));
    json_key(j, "bare_ns_p99"), json_u64(j, latencies_at(&s->bare, 990));
    json_key(j, "bytes_per_command"), json_fraction(j, (double)s->bytes / (double)s->commands, 2);
}

static int print_json(const struct bench *b, const struct size_result *sizes)
{
    struct json *j = json_new();
    if (j == NULL) return console_fail(b->name, "no memory");
    json_object_begin(j);
    json_key(j, "bench"), json_string(j, "journal");
    json_size(j, &sizes[SIZE_OF_RECORD]);
    json_key(j, "groups");
    json_array_begin(j);
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        json_object_begin(j);
        json_size(j, &sizes[i]);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
    int code = console_json(b->name, j);
    json_free(j);
    return code;
}

static int print_sizes(const struct bench *b, const struct size_result *sizes)
{
    if (b->json) return print_json(b, sizes);
    printf("%8s %8s %14s %10s %10s %10s %12s %12s %8s\n", "group", "syncs", "commands/s", "p50 us", "p99 us",
           "p99.9 us", "bare p50 us", "bare p99 us", "B/cmd");
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        const struct size_result *s = &sizes[i];
        printf("%8u %8" PRIu64 " %14.0f %10.1f %10.1f %10.1f %12.1f %12.1f %8.2f\n", s->group, s->syncs, rate_of(s),
               latencies_at(&s->tape, 500) / 1e3, latencies_at(&s->tape, 990) / 1e3, latencies_at(&s->tape, 999) / 1e3,
               latencies_at(&s->bare, 500) / 1e3, latencies_at(&s->bare, 990) / 1e3,
               (double)s->bytes / (double)s->commands);
    }
    return EXIT_GOOD;
}

static int measure_all(struct run *r, const char *dir, struct size_result *sizes)
{
    int error = open_bare(r, dir);
    if (error == 0) error = command_encoder_new(&r->encoder);
    for (size_t i = 0; i < SIZES_COUNT && error == 0; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%u", dir, GROUP_SIZES[i]);
        sizes[i].group = GROUP_SIZES[i];
        error = latencies_init(&sizes[i].tape, SYNCS_MAX);
        if (error == 0) error = latencies_init(&sizes[i].bare, SYNCS_MAX);
        if (error == 0) error = measure(r, path, &sizes[i]);
    }
    return error;
}

int bench_journal(const struct bench *b)
{
    struct run r = {.b = b, .bare_fd = -1};
    struct size_result sizes[SIZES_COUNT] = {0};
    struct temp_dir temp;
    if (b->flow_options.commands < GROUP_SIZES[SIZES_COUNT - 1])
        return console_fail(b->name, "--commands must be at least %u, the largest group", GROUP_SIZES[SIZES_COUNT - 1]);
    if (temp_dir_make(&temp, b->data_dir) != 0)
        return console_fail(b->name, "cannot make a directory in %s", b->data_dir);
    int error = measure_all(&r, temp.path, sizes);
    int code = error == 0 ? print_sizes(b, sizes) : console_fail(b->name, "%s", error_text(error));
    for (size_t i = 0; i < SIZES_COUNT; i++) {
        latencies_free(&sizes[i].tape);
        latencies_free(&sizes[i].bare);
    }
    if (r.encoder != NULL) command_encoder_free(r.encoder);
    if (r.bare_fd >= 0) close(r.bare_fd);
    free(r.bytes);
    if (temp_dir_remove(&temp) != 0) return console_fail(b->name, "cannot remove %s", temp.path);
    return code;
}
