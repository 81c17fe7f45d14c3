/* tests/tools/replay_digest.c - replay_digest DIR: folds DIR/commands from seq 1 and prints "seq digest events_hash". The hash is over every event
 * as the codec writes it, so two builds that print the same line made the same state and the same events. */
#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

#include "core/error.h"
#include "proto/codec.h"
#include "snapshots/recover.h"

struct hasher {
    struct event_encoder *encoder;
    XXH64_hash_t hash;
};

static int flush(struct hasher *h)
{
    const uint8_t *bytes;
    size_t len_bytes;
    if (event_encoder_count(h->encoder) == 0) return 0;
    int error = event_encoder_finish(h->encoder, &bytes, &len_bytes);
    if (error == 0) h->hash = XXH3_64bits_withSeed(bytes, len_bytes, h->hash);
    return error;
}

static int each(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    enum { BATCH = 4096 };
    struct hasher *h = arg;
    (void)c, (void)f;
    for (uint32_t i = 0; i < count; i++) {
        int error = event_encoder_add(h->encoder, &events[i]);
        if (error == 0 && event_encoder_count(h->encoder) >= BATCH) error = flush(h);
        if (error != 0) return error;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct hasher hasher = {0};
    struct fold fold;
    struct data_dir dir;
    static struct recover_result result;
    char digest[DIGEST_TEXT_BYTES];
    struct recover_options options = {
        .to_seq = UINT64_MAX, .to_ts_ns = INT64_MAX, .no_snapshot = true, .each = each, .each_arg = &hasher};
    if (argc != 2 || data_dir_init(&dir, storage_posix(), argv[1]) != 0 || event_encoder_new(&hasher.encoder) != 0)
        return 2;
    fold_init(&fold);
    int error = recover_state(&dir, &options, &fold, &result);
    if (error == 0) error = flush(&hasher);
    if (error != 0 || fold.engine == NULL) {
        (void)fprintf(stderr, "replay_digest: %s %s\n", error_text(error), result.why);
        return 1;
    }
    digest_to_text(engine_digest_full(fold.engine), digest);
    printf("%" PRIu64 " %s %016" PRIx64 "\n", result.seq, digest, (uint64_t)hasher.hash);
    event_encoder_free(hasher.encoder);
    fold_free(&fold);
    return 0;
}
