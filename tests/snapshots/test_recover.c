/* tests/snapshots/test_recover.c - the state does not depend on the snapshots there are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "journal/format.h"
#include "scene.h"
#include "snapshots/recover.h"

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

static struct recover_options all(void)
{
    struct recover_options o;
    recover_options_default(&o);
    o.all_bytes = true;
    return o;
}

/* Recovers, returns what recover_state said, and the digest of the state when it is 0. */
static int recover(struct scene *s, const struct recover_options *o, struct recover_result *r, struct digest *digest)
{
    struct fold f;
    fold_init(&f);
    int rc = recover_state(&s->dir, o, &f, r);
    if (rc == 0 && f.engine) {
        engine_check(f.engine);
        *digest = engine_digest_full(f.engine);
    }
    fold_free(&f);
    return rc;
}

static bool reported(const struct recover_result *r, const char *words)
{
    for (uint32_t i = 0; i < r->report.count; ++i)
        if (strstr(r->report.findings[i].text, words)) return true;
    return false;
}

static void an_empty_tape_is_no_state(void **state)
{
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    assert_int_equal(recover(*state, &o, &r, &d), 0);
    assert_int_equal(r.seq, 0);
    assert_int_equal(r.commands, 0);
}

static void any_snapshot_gives_the_state_of_the_tape(void **state)
{
    /* given a tape with snapshots, some in the middle of what became a block's neighbourhood */
    struct scene *s = *state;
    uint64_t seqs[5];
    scene_market(s, 64);
    for (int i = 0; i < 5; ++i) {
        scene_flow(s, 37);
        seqs[i] = scene_snapshot(s);
    }
    scene_flow(s, 41);
    scene_commit(s);
    /* when the state is recovered without, with the newest, and with each of them */
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    o.no_snapshot = true;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_true(digest_equal(d, scene_digest(s)));
    assert_int_equal(r.commands, s->seq);
    struct recover_result without = r;
    o = all();
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_true(digest_equal(d, scene_digest(s)));
    assert_int_equal(r.snapshot_seq, seqs[4]);
    for (int i = 0; i < 5; ++i) {
        o.from_snapshot = seqs[i];
        assert_int_equal(recover(s, &o, &r, &d), 0);
        /* then it is the same, and says so with the same seq, time, tape and chain */
        assert_true(digest_equal(d, scene_digest(s)));
        assert_int_equal(r.seq, s->seq);
        assert_int_equal(r.ts_ns, s->ts_ns);
        assert_int_equal(r.commands, s->seq - seqs[i]);
        assert_int_equal(r.tape_id, without.tape_id);
        assert_int_equal(r.chain_hash_lo, without.chain_hash_lo);
        assert_int_equal(r.chain_hash_hi, without.chain_hash_hi);
        assert_int_equal(r.report.count, 0);
    }
}

static void it_stops_where_it_is_told(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 30);
    uint64_t seq = scene_snapshot(s);
    scene_flow(s, 30);
    scene_commit(s);
    struct recover_options o = all();
    struct recover_result r;
    struct digest d, without;
    for (uint64_t to = 1; to <= s->seq; ++to) {
        /* by seq, with and without snapshots */
        o = all();
        o.to_seq = to;
        assert_int_equal(recover(s, &o, &r, &d), 0);
        assert_int_equal(r.seq, to);
        assert_int_equal(r.snapshot_seq, to >= seq ? seq : 0);
        o.no_snapshot = true;
        assert_int_equal(recover(s, &o, &r, &without), 0);
        assert_true(digest_equal(d, without));
        /* by the command's time, and just before the next one's */
        o = all();
        o.to_ts_ns = r.ts_ns + SCENE_STEP_NS - 1;
        assert_int_equal(recover(s, &o, &r, &d), 0);
        assert_int_equal(r.seq, to);
        assert_true(digest_equal(d, without));
    }
    o = all();
    o.to_seq = 0;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_int_equal(r.seq, 0);
}

static void a_damaged_snapshot_is_reported_and_an_older_one_serves(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_flow(s, 30);
    uint64_t older = scene_snapshot(s);
    scene_flow(s, 30);
    uint64_t newest = scene_snapshot(s);
    char path[512];
    size_t len;
    scene_file(s, "snapshots", ".snap", path);
    uint8_t *bytes = scene_read(path, &len);
    bytes[len / 2] ^= 1;
    scene_write(path, bytes, len);
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    /* the newest is passed over */
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_true(digest_equal(d, scene_digest(s)));
    assert_int_equal(r.snapshot_seq, older);
    assert_int_equal(r.report.count, 1);
    assert_int_equal(r.report.findings[0].first_seq, newest);
    assert_false(r.report.findings[0].damage);
    assert_true(strstr(r.why, "passed over") != NULL);
    /* asked for by name, it is refused */
    o.from_snapshot = newest;
    assert_int_equal(recover(s, &o, &r, &d), ERR_CORRUPT);
    assert_true(strstr(r.why, "does not verify") != NULL);
    o.from_snapshot = 12345;
    assert_int_equal(recover(s, &o, &r, &d), ERR_NOT_FOUND);
    free(bytes);
}

static void a_snapshot_of_another_tape_is_passed_over(void **state)
{
    /* given two tapes with the same commands */
    struct scene *s = *state, other;
    scene_open(&other);
    scene_market(s, 64);
    scene_market(&other, 64);
    scene_flow(&other, 30);
    scene_flow(s, 30);
    scene_commit(s);
    /* when one gets the other's snapshot */
    scene_snapshot(&other);
    scene_take_part(s, &other, "snapshots");
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    /* then it is not used */
    assert_true(digest_equal(d, scene_digest(s)));
    assert_int_equal(r.snapshot_seq, 0);
    assert_true(reported(&r, "another tape"));
    scene_close(&other);
}

/* A tape of which the disk lost the end, or has another. */
static void a_snapshot_beyond_the_end_of_the_tape_is_passed_over(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t good = scene_snapshot(s);
    char path[512];
    size_t len;
    scene_file(s, "commands", ".seg", path);
    uint8_t *bytes = scene_read(path, &len);
    scene_flow(s, 20);
    scene_snapshot(s);
    scene_write(path, bytes, len);
    free(bytes);
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_int_equal(r.seq, good);
    assert_int_equal(r.snapshot_seq, good);
    assert_true(reported(&r, "beyond the end"));
}

static void a_snapshot_of_another_history_is_passed_over(void **state)
{
    /* given a tape whose end was lost, and which went on in another way at the same times */
    struct scene *s = *state;
    scene_market(s, 64);
    scene_commit(s);
    char path[512];
    size_t len;
    scene_file(s, "commands", ".seg", path);
    uint8_t *bytes = scene_read(path, &len);
    scene_place(s, "ann", SIDE_BUY, 1, 100);
    scene_snapshot(s);
    scene_go_back(s, path, bytes, len);
    free(bytes);
    scene_place(s, "ann", SIDE_BUY, 2, 100);
    scene_commit(s);
    /* then the snapshot of the way not taken is not used */
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_true(digest_equal(d, scene_digest(s)));
    assert_int_equal(r.snapshot_seq, 0);
    assert_true(reported(&r, "another history"));
}

static void the_first_digest_that_differs_is_named(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    scene_commit(s);
    scene_flow(s, 3);
    s->wrong_digest = true;
    scene_commit(s);
    uint64_t wrong = s->seq;
    scene_flow(s, 20);
    scene_commit(s);
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    char named[64];
    snprintf(named, sizeof named, "after seq %" PRIu64 " ", wrong);
    assert_int_equal(recover(s, &o, &r, &d), ERR_DIFFERS);
    assert_int_equal(r.seq, wrong);
    assert_true(strstr(r.why, named) != NULL);
    /* up to there all is well */
    o.to_seq = wrong - 1;
    assert_int_equal(recover(s, &o, &r, &d), 0);
}

static void a_tape_of_older_rules_is_refused_in_words(void **state)
{
    struct scene *s = *state;
    char path[512];
    size_t len;
    const char *why;
    struct segment_header h;
    scene_market(s, 64);
    scene_commit(s);
    scene_file(s, "commands", ".seg", path);
    uint8_t *bytes = scene_read(path, &len);
    assert_int_equal(segment_header_decode(bytes, &h, &why), 0);
    h.rules_version = RULES_VERSION - 1;
    segment_header_encode(&h, bytes);
    scene_write(path, bytes, len);
    free(bytes);
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    assert_int_equal(recover(s, &o, &r, &d), ERR_VERSION);
    assert_true(reported(&r, "no longer folds"));
}

struct seen {
    uint64_t first_seq, last_seq, events, stop_at;
};

static int see(void *arg, const struct command *c, const struct event *events, uint32_t count, struct fold *f)
{
    struct seen *seen = arg;
    if (!seen->first_seq) seen->first_seq = c->seq;
    seen->last_seq = c->seq;
    seen->events += count;
    if (count) assert_int_equal(events[0].seq, c->seq);
    assert_int_equal(engine_scalars(f->engine).seq, c->seq);
    return c->seq == seen->stop_at ? 42 : 0;
}

static void every_command_after_the_snapshot_is_shown(void **state)
{
    struct scene *s = *state;
    scene_market(s, 64);
    uint64_t seq = scene_snapshot(s);
    scene_flow(s, 30);
    scene_commit(s);
    struct seen seen = {0};
    struct recover_options o = all();
    struct recover_result r;
    struct digest d;
    o.each = see;
    o.each_arg = &seen;
    assert_int_equal(recover(s, &o, &r, &d), 0);
    assert_int_equal(seen.first_seq, seq + 1);
    assert_int_equal(seen.last_seq, s->seq);
    assert_int_equal(seen.events, r.events);
    /* and what it answers stops the fold */
    seen = (struct seen){.stop_at = seq + 5};
    assert_int_equal(recover(s, &o, &r, &d), 42);
    assert_int_equal(r.seq, seq + 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_tape_is_no_state),
        TEST(any_snapshot_gives_the_state_of_the_tape),
        TEST(it_stops_where_it_is_told),
        TEST(a_damaged_snapshot_is_reported_and_an_older_one_serves),
        TEST(a_snapshot_of_another_tape_is_passed_over),
        TEST(a_snapshot_beyond_the_end_of_the_tape_is_passed_over),
        TEST(a_snapshot_of_another_history_is_passed_over),
        TEST(the_first_digest_that_differs_is_named),
        TEST(a_tape_of_older_rules_is_refused_in_words),
        TEST(every_command_after_the_snapshot_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
