/* tests/snapshots/test_snapshot.c - a snapshot is the state, or it is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.h"
#include "scene.h"

enum { OFFSET_VERSION = 12, OFFSET_TAPE_ID = 56, OFFSET_ORDERS = 80, CHECKSUM_BYTES = 8 };

static int set_up(void **state)
{
    struct scene *s = malloc(sizeof *s);
    if (!s) return -1;
    scene_open(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene_close(*state);
    free(*state);
    return 0;
}

/* What snapshot_load says of the scene's newest snapshot; the state is thrown away. */
static int load(struct scene *s, uint64_t seq)
{
    struct fold f;
    struct snapshot_info info;
    char why[256] = "";
    fold_init(&f);
    int rc = snapshot_load(&s->dir, seq, &f, &info, why);
    if (rc) assert_null(f.engine);
    if (rc) assert_true(why[0]);
    fold_free(&f);
    return rc;
}

static void encode_events(struct event_encoder *encoder, const struct event *events, int64_t count)
{
    for (int64_t i = 0; i < count; ++i) assert_int_equal(event_encoder_add(encoder, &events[i]), 0);
}

static void a_state_and_its_future_survive_a_snapshot(void **state)
{
    /* given a market with a history, and its snapshot */
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 400);
    uint64_t seq = scene_snapshot(s);
    /* when it is loaded */
    struct fold f;
    struct snapshot_info info;
    fold_init(&f);
    assert_int_equal(snapshot_load(&s->dir, seq, &f, &info, NULL), 0);
    engine_check(f.engine);
    /* then it is the same state, by both ways of hashing it, and the header tells of it */
    assert_true(digest_equal(engine_digest_full(f.engine), engine_digest_full(s->fold.engine)));
    assert_true(digest_equal(engine_digest(f.engine), info.digest));
    assert_int_equal(info.seq, s->seq);
    assert_int_equal(info.ts_ns, s->ts_ns);
    assert_int_equal(info.orders, engine_counts(s->fold.engine).orders);
    assert_true(info.orders > 10);
    assert_int_equal(info.tape_id, tape_writer_id(s->writer));
    /* and the same commands lead to the same events and the same digests */
    struct event_encoder *ours, *theirs;
    assert_int_equal(event_encoder_new(&ours), 0);
    assert_int_equal(event_encoder_new(&theirs), 0);
    for (int64_t i = 0; i < 300; ++i) {
        struct command c = scene_order(i % 3 ? "ann" : "bob", i % 2 ? "ACME" : "BOLT", i % 4 < 2 ? SIDE_BUY : SIDE_SELL,
                                       1 + i % 9, 96 + i % 8);
        c.seq = s->seq + 1 + (uint64_t)i;
        c.ts_ns = s->ts_ns + i;
        encode_events(ours, s->fold.events, fold_apply(&s->fold, &c));
        encode_events(theirs, f.events, fold_apply(&f, &c));
        assert_true(digest_equal(engine_digest(f.engine), engine_digest(s->fold.engine)));
    }
    const uint8_t *our_bytes, *their_bytes;
    size_t our_len, their_len;
    assert_int_equal(event_encoder_finish(ours, &our_bytes, &our_len), 0);
    assert_int_equal(event_encoder_finish(theirs, &their_bytes, &their_len), 0);
    assert_int_equal(our_len, their_len);
    assert_memory_equal(our_bytes, their_bytes, our_len);
    event_encoder_free(ours);
    event_encoder_free(theirs);
    fold_free(&f);
}

static void load_in_place(struct scene *s, uint64_t seq)
{
    struct fold loaded;
    struct snapshot_info info;
    char why[256] = "";
    fold_init(&loaded);
    if (snapshot_load(&s->dir, seq, &loaded, &info, why) != 0) fail_msg("%s", why);
    engine_check(loaded.engine);
    assert_true(digest_equal(engine_digest_full(loaded.engine), engine_digest_full(s->fold.engine)));
    fold_free(&s->fold);
    s->fold = loaded;
}

static void a_desk_and_its_future_survive_a_snapshot(void **state)
{
    /* given two desks of one history, with something in every table */
    struct scene *s = *state, twin;
    scene_open(&twin);
    scene_market(s, 64);
    scene_market(&twin, 64);
    scene_desk(s);
    scene_desk(&twin);
    scene_desk_flow(s, 700);
    scene_desk_flow(&twin, 700);
    struct engine_counts n = engine_counts(s->fold.engine);
    assert_int_equal(n.venues, 4);
    assert_int_equal(n.rules, 1);
    assert_true(n.routes > 20 && n.executions > 20 && n.client_ids > 20 && n.keys > 20);
    /* when one goes through a snapshot again and again, then both go on alike */
    for (int i = 0; i < 20; ++i) {
        load_in_place(s, scene_snapshot(s));
        scene_desk_flow(s, 20);
        scene_desk_flow(&twin, 20);
        assert_int_equal(s->seq, twin.seq);
        assert_true(digest_equal(scene_digest(s), scene_digest(&twin)));
    }
    scene_close(&twin);
}

static void every_flipped_byte_is_refused(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 10);
    scene_desk(s);
    scene_desk_flow(s, 40);
    uint64_t seq = scene_snapshot(s);
    char path[512];
    size_t len;
    scene_file(s, "snapshots", ".snap", path);
    uint8_t *bytes = scene_read(path, &len);
    for (size_t i = 0; i < len; ++i) {
        for (unsigned bit = 0; bit < 8; bit += 7) {
            bytes[i] ^= (uint8_t)(1u << bit);
            scene_write(path, bytes, len);
            if (load(s, seq) != ERR_CORRUPT) fail_msg("byte %zu, bit %u", i, bit);
            bytes[i] ^= (uint8_t)(1u << bit);
        }
    }
    scene_write(path, bytes, len);
    assert_int_equal(load(s, seq), 0);
    free(bytes);
}

static void every_cut_and_every_addition_is_refused(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 10);
    scene_desk(s);
    scene_desk_flow(s, 40);
    uint64_t seq = scene_snapshot(s);
    char path[512];
    size_t len;
    scene_file(s, "snapshots", ".snap", path);
    uint8_t *bytes = scene_read(path, &len);
    for (size_t cut = 0; cut < len; ++cut) {
        scene_write(path, bytes, cut);
        if (load(s, seq) != ERR_CORRUPT) fail_msg("cut at %zu", cut);
    }
    bytes[len] = 0; /* scene_read leaves room for one more */
    scene_write(path, bytes, len + 1);
    assert_int_equal(load(s, seq), ERR_CORRUPT);
    free(bytes);
}

static void mend_header(uint8_t *bytes)
{
    uint32_t header_bytes;
    memcpy(&header_bytes, bytes + 8, sizeof header_bytes);
    uint64_t sum = XXH3_64bits(bytes, header_bytes - CHECKSUM_BYTES);
    memcpy(bytes + header_bytes - CHECKSUM_BYTES, &sum, sizeof sum);
}

static void a_later_version_is_told_from_damage(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t seq = scene_snapshot(s);
    char path[512];
    size_t len;
    scene_file(s, "snapshots", ".snap", path);
    uint8_t *bytes = scene_read(path, &len);
    bytes[OFFSET_VERSION]++;
    mend_header(bytes);
    scene_write(path, bytes, len);
    assert_int_equal(load(s, seq), ERR_VERSION);
    free(bytes);
}

static void a_header_that_lies_is_refused_behind_a_good_checksum(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 20);
    uint64_t seq = scene_snapshot(s);
    char path[512];
    size_t len;
    uint32_t header_bytes;
    scene_file(s, "snapshots", ".snap", path);
    uint8_t *bytes = scene_read(path, &len);
    memcpy(&header_bytes, bytes + 8, sizeof header_bytes);
    for (size_t i = OFFSET_VERSION; i < header_bytes - CHECKSUM_BYTES; ++i) {
        if (i >= OFFSET_TAPE_ID && i < OFFSET_ORDERS) continue; /* tape and history are for recovery to compare */
        uint8_t was = bytes[i];
        bytes[i] ^= 0x81;
        mend_header(bytes);
        scene_write(path, bytes, len);
        int rc = load(s, seq);
        if (rc != ERR_CORRUPT && rc != ERR_VERSION) fail_msg("byte %zu: %d", i, rc);
        bytes[i] = was;
    }
    free(bytes);
}

static void a_file_under_another_seq_is_refused(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t seq = scene_snapshot(s);
    char path[512], other[600];
    scene_file(s, "snapshots", ".snap", path);
    snprintf(other, sizeof other, "%.*s%020d.snap", (int)(strrchr(path, '/') - path + 1), path, 77);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(load(s, seq), ERR_NOT_FOUND);
    assert_int_equal(load(s, 77), ERR_CORRUPT);
}

static void snapshots_are_listed_in_order_and_nothing_else_is(void **state)
{
    struct scene *s = *state;
    uint64_t seqs[8], made[3];
    assert_int_equal(snapshot_list(&s->dir, seqs, 8), 0);
    scene_market(s, 64);
    for (int i = 0; i < 3; ++i) {
        scene_flow(s, 10);
        made[i] = scene_snapshot(s);
    }
    scene_snapshot(s); /* again, for the same seq */
    char path[512];
    scene_file(s, "snapshots", ".snap", path);
    snprintf(strrchr(path, '.'), 8, ".tmp");
    scene_write(path, (const uint8_t *)"x", 1);
    assert_int_equal(snapshot_list(&s->dir, seqs, 8), 3);
    for (int i = 0; i < 3; ++i) assert_int_equal(seqs[i], made[i]);
    assert_int_equal(snapshot_list(&s->dir, seqs, 2), 3);
    assert_int_equal(seqs[0], made[1]);
    assert_int_equal(seqs[1], made[2]);
    scene_snapshot(s); /* the leftover of a crash is no obstacle */
    assert_int_equal(load(s, made[2]), 0);
}

static void before_the_first_command_there_is_nothing_to_write(void **state)
{
    struct scene *s = *state;
    struct snapshot_info info = {0};
    assert_int_equal(snapshot_write(&s->dir, &s->fold, &info), ERR_USAGE);
}

/* Storage whose k-th change of the disk fails, as do all after it: the machine stops there. */
struct failing {
    struct storage storage;
    const struct storage *inner;
    uint32_t changes_left;
};

static bool fails(struct failing *x)
{
    return x->changes_left == 0 || --x->changes_left == 0;
}

static int failing_open(void *ctx, const char *path, int how, struct storage_file **out)
{
    struct failing *x = ctx;
    if (how & STORAGE_CREATE && fails(x)) return ERR_IO;
    return x->inner->open(x->inner->ctx, path, how, out);
}

static void failing_close(void *ctx, struct storage_file *f)
{
    struct failing *x = ctx;
    x->inner->close(x->inner->ctx, f);
}

static int64_t failing_read(void *ctx, struct storage_file *f, void *bytes, size_t len_bytes, uint64_t offset)
{
    struct failing *x = ctx;
    return x->inner->read(x->inner->ctx, f, bytes, len_bytes, offset);
}

static int64_t failing_size(void *ctx, struct storage_file *f)
{
    struct failing *x = ctx;
    return x->inner->size(x->inner->ctx, f);
}

static int failing_write(void *ctx, struct storage_file *f, const void *bytes, size_t len_bytes, uint64_t offset)
{
    struct failing *x = ctx;
    return fails(x) ? ERR_NO_SPACE : x->inner->write(x->inner->ctx, f, bytes, len_bytes, offset);
}

static int failing_sync(void *ctx, struct storage_file *f)
{
    struct failing *x = ctx;
    return fails(x) ? ERR_IO : x->inner->sync(x->inner->ctx, f);
}

static int failing_rename(void *ctx, const char *from, const char *to)
{
    struct failing *x = ctx;
    return fails(x) ? ERR_IO : x->inner->rename(x->inner->ctx, from, to);
}

static int failing_remove(void *ctx, const char *path)
{
    struct failing *x = ctx;
    return fails(x) ? ERR_IO : x->inner->remove(x->inner->ctx, path);
}

static int failing_sync_dir(void *ctx, const char *path)
{
    struct failing *x = ctx;
    return fails(x) ? ERR_IO : x->inner->sync_dir(x->inner->ctx, path);
}

static int failing_list(void *ctx, const char *path, int (*each)(void *arg, const char *name), void *arg)
{
    struct failing *x = ctx;
    return x->inner->list(x->inner->ctx, path, each, arg);
}

static void a_write_that_fails_leaves_a_whole_snapshot_or_none(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 20);
    scene_commit(s);
    struct failing x = {.inner = &s->storage};
    x.storage = (struct storage){.ctx = &x,
                                 .open = failing_open,
                                 .close = failing_close,
                                 .read = failing_read,
                                 .write = failing_write,
                                 .sync = failing_sync,
                                 .size = failing_size,
                                 .rename = failing_rename,
                                 .remove = failing_remove,
                                 .sync_dir = failing_sync_dir,
                                 .list = failing_list};
    struct data_dir failing_dir = s->dir;
    failing_dir.storage = &x.storage;
    struct snapshot_info info;
    int rc = ERR_IO;
    uint32_t k = 1;
    /* when the first, the second, ... change of the disk fails, until none does */
    for (; rc; ++k) {
        x.changes_left = k;
        rc = snapshot_write(&failing_dir, &s->fold, &info);
        /* then what stands under the name is whole, and what was left behind hinders no later attempt */
        int loaded = load(s, s->seq);
        assert_true(loaded == 0 || (rc && loaded == ERR_NOT_FOUND));
    }
    assert_true(k > 8);
}

static void a_table_may_take_several_parts(void **state)
{
    /* given more open orders than one part holds, with priorities that do not follow their ids */
    struct scene *s = *state;
    s->block_commands_max = 1000;
    scene_market(s, 64);
    for (int64_t i = 0; i < 70000; ++i) scene_place(s, "ann", i % 2 ? SIDE_BUY : SIDE_SELL, 1, i % 2 ? 1 : 3);
    for (uint64_t seq = SCENE_MARKET_COMMANDS + 1; seq < 200; seq += 3) scene_modify(s, seq << ORDER_INDEX_BITS, 2);
    uint64_t seq = scene_snapshot(s);
    /* when it is loaded, then it verifies */
    assert_true(engine_counts(s->fold.engine).orders > 65536);
    assert_int_equal(load(s, seq), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_state_and_its_future_survive_a_snapshot),
        TEST(a_desk_and_its_future_survive_a_snapshot),
        TEST(every_flipped_byte_is_refused),
        TEST(every_cut_and_every_addition_is_refused),
        TEST(a_later_version_is_told_from_damage),
        TEST(a_header_that_lies_is_refused_behind_a_good_checksum),
        TEST(a_file_under_another_seq_is_refused),
        TEST(snapshots_are_listed_in_order_and_nothing_else_is),
        TEST(before_the_first_command_there_is_nothing_to_write),
        TEST(a_write_that_fails_leaves_a_whole_snapshot_or_none),
        TEST(a_table_may_take_several_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
