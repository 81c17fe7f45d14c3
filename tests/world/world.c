/* tests/world/world.c - the life of a world and what is checked behind every then. */
#include "tests/world/parts.h"

#include "tests/world/event_compare.h"
#include "tests/world/room.h"
#include "tests/world/show.h"
#include "tests/world/state_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void world_fail(const struct world *w, const char *sentence, const char *what)
{
    print_error("%s:%d: \"%s\": %s\n", w->file, w->line, sentence, what);
    fail();
    abort(); /* fail does not come back, but does not say so either */
}

struct limits world_limits(void)
{
    return (struct limits){.orders_max = 200,
                           .levels_max = 200,
                           .instruments_max = 8,
                           .accounts_max = 40,
                           .positions_max = 200,
                           .balances_max = 100,
                           .currencies_max = 8,
                           .timers_max = 50,
                           .work_max = 50,
                           .routes_max = 100,
                           .executions_max = 100,
                           .client_ids_max = 50,
                           .keys_max = 50,
                           .key_ttl_s = 86400,
                           .linger_s = 86400};
}

/* A chain of everything that commands point to. */
struct world_kept {
    struct world_kept *next;
    max_align_t bytes[];
};

void *world_keep(struct world *w, size_t bytes)
{
    struct world_kept *kept = calloc(1, sizeof *kept + bytes);
    assert_non_null(kept);
    kept->next = w->kept;
    w->kept = kept;
    return kept->bytes;
}

static void free_kept(struct world *w)
{
    while (w->kept != NULL) {
        struct world_kept *next = w->kept->next;
        free(w->kept);
        w->kept = next;
    }
}

int world_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL) return -1;
    w->limits = world_limits();
    w->ts_ns = 1700000000000000000;
    w->commands = calloc(WORLD_COMMANDS_MAX, sizeof *w->commands);
    w->orders = calloc(WORLD_ORDERS_MAX, sizeof *w->orders);
    w->events = calloc(WORLD_EVENTS_MAX, sizeof *w->events);
    *state = w;
    return w->commands == NULL || w->orders == NULL || w->events == NULL ? -1 : 0;
}

int world_teardown(void **state)
{
    struct world *w = *state;
    room_engine_free(w->engine);
    model_free(w->model);
    free(w->commands);
    free(w->orders);
    free(w->events);
    free(w->said);
    free(w->said_again);
    free_kept(w);
    free(w);
    return 0;
}

static uint32_t room_for_one_command(const struct world *w)
{
    uint32_t engine = engine_events_max(&w->limits), model = model_events_max(&w->limits);
    return engine > model ? engine : model;
}

/* The model must say the same, event for event. */
static void compare_with_model(struct world *w, const struct command *c, const struct event *events, uint32_t count)
{
    char why[DIFFERENCE_BYTES];
    uint32_t said_count = model_apply(w->model, c, w->said_again);
    if (event_lists_same(events, count, w->said_again, said_count, why)) return;
    show_command(stderr, c);
    show_events(stderr, "engine", events, count);
    show_events(stderr, "model", w->said_again, said_count);
    world_fail(w, why, "the model says otherwise");
}

static void remember_order(struct world *w, uint64_t id, const struct name *account, bool gtt, bool member)
{
    assert_true(w->orders_count < WORLD_ORDERS_MAX);
    w->orders[w->orders_count++] = (struct world_order){id, *account, gtt, member};
}

static void remember_orders(struct world *w, const struct event *e)
{
    if (e->kind == EVENT_PLACED)
        remember_order(w, e->placed.order_id, &e->placed.terms.account, false, e->placed.terms.member != 0);
    if (e->kind == EVENT_GTT_SET && e->gtt_set.gtt_id == e->seq << ORDER_INDEX_BITS)
        remember_order(w, e->gtt_set.gtt_id, &e->gtt_set.account, true, false);
}

/* What the sequencer does before it stamps. False: the command was answered before, or cannot be remembered. */
static bool is_new(struct world *w, const struct command *c)
{
    if (c->origin.key.lo == 0 && c->origin.key.hi == 0) return true;
    w->key_seq = 0;
    w->key_answer = engine_key_find(w->engine, &c->origin, w->ts_ns, &w->key_seq);
    return w->key_answer == KEY_NEW;
}

void world_apply(struct world *w, struct command *c)
{
    c->origin = w->origin;
    if (!is_new(w, c)) return;
    struct event *events = w->said;
    assert_true(w->commands_count < WORLD_COMMANDS_MAX);
    c->seq = w->commands_count + 1;
    c->ts_ns = w->ts_ns;
    w->commands[w->commands_count++] = *c;
    uint32_t count = engine_apply(w->engine, c, events);
    assert_true(w->events_count + count <= WORLD_EVENTS_MAX);
    memcpy(&w->events[w->events_count], events, count * sizeof *events);
    for (uint32_t i = 0; i < count; i++) remember_orders(w, &events[i]);
    w->events_count += count;
    compare_with_model(w, c, events, count);
}

/* The first sentence that needs an engine makes it, so that LIMITS and UNPREPARED can come before. */
static void begin(struct world *w)
{
    if (w->begun) return;
    w->begun = true;
    w->engine = room_engine_new(&w->limits);
    w->model = model_new(&w->limits);
    w->said = calloc(room_for_one_command(w), sizeof *w->said);
    w->said_again = calloc(room_for_one_command(w), sizeof *w->said_again);
    assert_true(w->said != NULL && w->said_again != NULL);
    if (w->unprepared) return;
    sentence_run(w, "SET_LIMITS");
    sentence_run(w, "CURRENCY USD SCALE 2");
    sentence_run(w, "INSTRUMENT XYZ IN USD TICK 1 LOT 1");
}

static void set_limit(struct world *w, const char *sentence, const char *field, const char *number)
{
    uint32_t value = (uint32_t)strtoul(number, NULL, 10);
#define X(name, def, largest)                                                                                          \
    if (strcmp(field, #name) == 0) {                                                                                   \
        w->limits.name = value;                                                                                        \
        return;                                                                                                        \
    }
    LIMITS(X)
#undef X
    world_fail(w, sentence, "no such limit");
}

/* True when the sentence was about the world itself. */
static bool run_before_begin(struct world *w, const char *sentence)
{
    struct words s;
    words_cut(w, &s, sentence);
    if (words_take(&s, "UNPREPARED")) {
        w->unprepared = true;
        return true;
    }
    if (!words_take(&s, "LIMITS")) return false;
    while (s.at < s.count) {
        const char *field = words_next(&s);
        set_limit(w, sentence, field, words_next(&s));
    }
    if (!limits_valid(&w->limits)) world_fail(w, sentence, "limits that are not valid");
    return true;
}

static void run(struct world *w, const char *const *sentences)
{
    for (; *sentences != NULL; sentences++) {
        if (!w->begun && run_before_begin(w, *sentences)) continue;
        begin(w);
        sentence_run(w, *sentences);
    }
    begin(w);
}

void world_given(struct world *w, const char *file, int line, const char *const *sentences)
{
    w->file = file;
    w->line = line;
    uint32_t before = w->events_count;
    run(w, sentences);
    for (uint32_t i = before; i < w->events_count; i++)
        if (w->events[i].kind == EVENT_REJECTED)
            world_fail(w, reject_name(w->events[i].rejected.refusal.reason), "something given was refused");
    w->when_event = w->events_count;
}

void world_when(struct world *w, const char *file, int line, const char *const *sentences)
{
    w->file = file;
    w->line = line;
    begin(w);
    w->when_event = w->events_count;
    run(w, sentences);
}

static u128 digest_value(struct digest d)
{
    return (u128)d.hi << 64 | d.lo;
}

/* Folds every command again in a fresh engine, which after `transfer_after` commands goes through export and import. */
static void replay(struct world *w, uint32_t transfer_after)
{
    char why[DIFFERENCE_BYTES];
    struct engine *again = room_engine_new(&w->limits);
    struct event *said = w->said_again;
    const struct event *expected = w->events;
    for (uint32_t k = 0; k < w->commands_count; k++) {
        if (k == transfer_after) {
            struct engine *moved = room_engine_transfer(again, NULL, NULL);
            room_engine_free(again);
            again = moved;
        }
        uint32_t count = engine_apply(again, &w->commands[k], said), expected_count = 0;
        while (&expected[expected_count] < &w->events[w->events_count] && expected[expected_count].seq == k + 1)
            expected_count++;
        if (!event_lists_same(said, count, expected, expected_count, why))
            world_fail(w, why, "a replay says otherwise");
        expected += expected_count;
    }
    if (digest_value(engine_digest(again)) != digest_value(engine_digest_full(w->engine)))
        world_fail(w, "digest", "a replay ends in another state");
    room_engine_free(again);
}

static void check_unasked(struct world *w)
{
    char why[ROOM_WHY_BYTES];
    _Static_assert((int)STATE_WHY_BYTES <= (int)ROOM_WHY_BYTES, "one room for both");
    u128 digest = digest_value(engine_digest(w->engine));
    if (digest != digest_value(engine_digest_full(w->engine))) world_fail(w, "digest", "the kept digest is wrong");
    if (digest != model_digest(w->model)) world_fail(w, "digest", "the model is in another state");
    if (!state_same(w->engine, w->model, why)) world_fail(w, why, "the model is in another state");
    if (!room_engine_conserves(w->engine, why)) world_fail(w, why, "something was lost or made");
    engine_check(w->engine);
    enum { TRANSFERS_MAX = 40 };
    uint32_t step = w->commands_count / TRANSFERS_MAX + 1;
    for (uint32_t k = 0; k <= w->commands_count; k += step) replay(w, k);
}

void world_then(struct world *w, const char *file, int line, const char *const *facts)
{
    w->file = file;
    w->line = line;
    begin(w);
    facts_check(w, facts);
    check_unasked(w);
}

void words_cut(struct world *w, struct words *s, const char *sentence)
{
    s->count = s->at = 0;
    if (strlen(sentence) >= sizeof s->text) world_fail(w, sentence, "too long");
    strcpy(s->text, sentence);
    char *rest = s->text, *word;
    while ((word = strsep(&rest, " ")) != NULL) {
        if (*word == '\0') continue;
        if (s->count == SENTENCE_WORDS_MAX) world_fail(w, sentence, "too many words");
        s->word[s->count++] = word;
    }
}

const char *words_next(struct words *s)
{
    return s->at < s->count ? s->word[s->at++] : "";
}

struct text next_text(struct world *w, struct words *s)
{
    const char *word = words_next(s);
    size_t len = strcmp(word, "\"\"") == 0 ? 0 : strlen(word);
    char *bytes = world_keep(w, len + 1);
    memcpy(bytes, word, len);
    return (struct text){bytes, (uint32_t)len};
}

bool words_take(struct words *s, const char *word)
{
    if (s->at == s->count || strcmp(s->word[s->at], word) != 0) return false;
    s->at++;
    return true;
}

struct name world_name(const char *word)
{
    struct name n = {{0}};
    if (strcmp(word, "\"\"") == 0) return n;
    if (strlen(word) <= NAME_CHARS_MAX) memcpy(n.bytes, word, strlen(word));
    return n;
}

struct decimal world_decimal(struct world *w, const char *sentence, const char *word)
{
    struct decimal d;
    if (decimal_from_text(&d, word, strlen(word)) != 0) world_fail(w, sentence, "not a decimal");
    return d;
}

struct name words_symbol(struct words *s)
{
    return words_take(s, "OF") ? world_name(words_next(s)) : world_name("XYZ");
}
