/* tests/model/test_model.c - the engine agrees with the slow model over random flow.
 *
 *   test_model [--seed S] [--commands N]    worlds of WORLD_COMMANDS commands, seeds from S (1) on, N (TOTAL_COMMANDS) together
 *   test_model --world S [--commands N]     one world with that seed and so many commands
 *   --features LIST                         only these, with commas: see FLOW_FEATURES; "plain" is none of them. Else the
 *                                           seed decides
 *   --shrink                                the shortest list that fails
 *
 * A world is one set of limits and one flow. Exit 0 when engine, twin and model agreed and, by default, every reject
 * and every kind of event happened; 1 when not, with seed, command and both lists of events; 2 for wrong arguments. */
#include "tests/model/run.h"
#include "tests/model/shrink.h"
#include "tests/world/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWED_BY_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SLOWED_BY_SANITIZER)
enum { TOTAL_COMMANDS = 200000, WORLD_COMMANDS = 4000 };
#else
enum { TOTAL_COMMANDS = 3000000, WORLD_COMMANDS = 15000 };
#endif
/* Every so many worlds somebody is given a fortune near the end. */
enum { GIFT_EVERY_WORLDS = 5 };

struct options {
    bool one_world, shrink, features_given;
    unsigned features;
    uint64_t seed, commands;
};

/* What every replay of a world needs to know besides its commands. */
struct world_plan {
    struct limits limits;
    uint64_t seed, gift_at_step;
    unsigned features;
};

static struct world_plan plan_of(uint64_t seed, uint64_t commands, unsigned features)
{
    struct world_plan plan = {.limits = flow_limits(seed, features), .seed = seed, .features = features};
    if (seed % GIFT_EVERY_WORLDS == 0) plan.gift_at_step = commands - commands / 10;
    return plan;
}

static void print_features(unsigned features)
{
#define X(bit, name, word)                                                                                             \
    if (features & 1u << (bit)) printf(" %s", word);
    FLOW_FEATURES(X)
#undef X
    printf("\n");
}

static void explain(const struct run *r, const struct command *c, const struct world_plan *plan)
{
    printf("seed %" PRIu64 ", command %" PRIu64 ": %s\nfeatures:", plan->seed, r->steps, r->why);
    print_features(plan->features);
    show_command(stdout, c);
    show_events(stdout, "engine", r->engine_events, r->engine_count);
    show_events(stdout, "model", r->model_events, r->model_count);
}

static bool replay_fails(const struct command *commands, uint32_t count, void *context)
{
    const struct world_plan *plan = context;
    static struct tally ignored;
    struct run r;
    run_begin(&r, &plan->limits, plan->seed, &ignored);
    r.gift_at_step = plan->gift_at_step;
    bool good = true;
    uint32_t i = 0;
    while (good && i < count) good = run_step(&r, &commands[i++]);
    good = good && run_compare_all(&r);
    if (!good) explain(&r, &commands[i - 1], plan);
    run_end(&r);
    return !good;
}

/* Where the commands of a world are written, if anywhere. */
struct record {
    struct command *commands;
    uint32_t *count;
    struct keep *keep;
};

/* Runs one world; with a record its commands are written there and counted, each before it is applied. */
static bool run_world(const struct world_plan *plan, uint64_t commands, struct tally *tally,
                      const struct record *record)
{
    struct run r;
    struct flow f = flow_new(plan->seed, plan->features);
    struct command c = {0};
    run_begin(&r, &plan->limits, plan->seed, tally);
    r.gift_at_step = plan->gift_at_step;
    bool good = true;
    for (uint64_t done = 0; good && done < commands; done++) {
        flow_next(&f, r.model, &c);
        if (record != NULL) record->commands[(*record->count)++] = keep_command(record->keep, &c);
        good = run_step(&r, &c);
    }
    if (good) good = run_compare_all(&r);
    if (!good) explain(&r, &c, plan);
    run_end(&r);
    return good;
}

static bool record_world(struct command *commands, uint32_t *count, uint32_t room, struct keep *keep, void *context)
{
    static struct tally ignored;
    struct record record = {commands, count, keep};
    return run_world(context, room, &ignored, &record);
}

/* Finds the shortest list of commands that fails as this world does. False when the world is good. */
static bool shrink_world(struct world_plan *plan, uint64_t commands)
{
    bool failed = false;
    uint32_t count = 0;
    plan->gift_at_step = 0; /* a step number means nothing once commands are left out */
    struct command *kept = shrink_record((uint32_t)commands, record_world, plan, &count, &failed);
    if (kept == NULL || !failed) return false;
    count = shrink_commands(kept, count, replay_fails, plan);
    printf("%u commands are enough:\n", count);
    for (uint32_t i = 0; i < count; i++) show_command(stdout, &kept[i]);
    return replay_fails(kept, count, plan);
}

/* One line of what happened; says "never" where it did not. */
static bool print_count(const char *what, const char *name, uint64_t count)
{
    printf("  %-6s %-26s %10" PRIu64 "%s\n", what, name, count, count > 0 ? "" : "  never");
    return count > 0;
}

/* What only brokers, batches and keys bring about. */
static bool print_desk(const struct tally *t)
{
    static const char *const answers[] = {"NEW", "REPEATED", "CONFLICT", "FULL"};
    bool complete = true;
#define X(number, name) complete = print_count("state", #name, t->broker_states[number]) && complete;
    BROKER_STATES(X)
#undef X
#define X(number, name) complete = print_count("report", #name, t->reports[number]) && complete;
    REPORTS(X)
#undef X
#define X(number, name) complete = print_count("cause", #name, t->route_causes[number]) && complete;
    ROUTE_CAUSES(X)
#undef X
    for (int answer = KEY_NEW; answer <= KEY_FULL; answer++)
        complete = print_count("key", answers[answer], t->key_answers[answer]) && complete;
    complete = print_count("desk", "an execution came late", t->late) && complete;
    complete = print_count("desk", "an execution was too large", t->excess) && complete;
    complete = print_count("desk", "a fill was made up", t->simulated) && complete;
    complete = print_count("desk", "an execution was corrected", t->corrected) && complete;
    complete = print_count("desk", "an operator is waited for", t->manual_reviews) && complete;
    complete = print_count("desk", "a day came and settled", t->settled_by_time) && complete;
    return print_count("desk", "an atomic batch", t->atomic_batches) && complete;
}

static bool print_tally(const struct tally *t)
{
    bool complete = true;
    printf("%" PRIu64 " commands, %" PRIu64 " states through export and import, %" PRIu64 " copies\n", t->commands,
           t->transfers, t->copies);
#define X(number, name, text) complete = print_count("event", #name, t->events[number]) && complete;
    EVENT_KINDS(X)
#undef X
#define X(number, name, text) complete = print_count("reject", #name, t->rejects[number]) && complete;
    REJECTS(X)
#undef X
#define X(number, name, json, allowed) complete = print_count("field", #name, t->fields[number]) && complete;
    REFUSAL_FIELDS(X)
#undef X
#define X(number, name) complete = print_count("cancel", #name, t->cancels[number]) && complete;
    CANCEL_REASONS(X)
#undef X
#define X(number, name) complete = print_count("gtt", #name, t->gtts[number]) && complete;
    GTT_STATUSES(X)
#undef X
    static const char *const sweeps[] = {"NONE",   "MASS_CANCEL", "END_OF_DAY", "AUCTION",
                                         "MARGIN", "CASCADE",     "ROUTES",     "BATCH"};
    for (int kind = SWEEP_MASS_CANCEL; kind <= SWEEP_BATCH; kind++)
        complete = print_count("more", sweeps[kind], t->sweeps_left[kind]) && complete;
    return print_desk(t) && complete;
}

static bool parse_number(const char *text, uint64_t *out)
{
    char *end;
    if (text == NULL) return false;
    *out = strtoull(text, &end, 10);
    return *text != '\0' && *end == '\0';
}

/* "stops,links": their bits; "plain" adds none. */
static bool parse_features(const char *text, unsigned *out)
{
    static const struct {
        const char *word;
        unsigned bit;
    } known[] = {{"plain", 0},
#define X(bit, name, word) {word, 1u << (bit)},
                 FLOW_FEATURES(X)
#undef X
    };
    if (text == NULL) return false;
    *out = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ","), k = 0, count = sizeof known / sizeof known[0];
        while (k < count && (strlen(known[k].word) != len || memcmp(known[k].word, text, len) != 0)) k++;
        if (k == count) return false;
        *out |= known[k].bit;
        text += len;
        if (*text == ',') text++;
    }
    return true;
}

static bool parse_options(int count, char **words, struct options *o)
{
    *o = (struct options){.seed = 1};
    for (int i = 1; i < count; i++) {
        bool good = true;
        if (strcmp(words[i], "--shrink") == 0)
            o->shrink = true;
        else if (strcmp(words[i], "--seed") == 0)
            good = parse_number(words[++i], &o->seed);
        else if (strcmp(words[i], "--world") == 0)
            o->one_world = true, good = parse_number(words[++i], &o->seed);
        else if (strcmp(words[i], "--commands") == 0)
            good = parse_number(words[++i], &o->commands) && o->commands > 0;
        else if (strcmp(words[i], "--features") == 0)
            o->features_given = true, good = parse_features(words[++i], &o->features);
        else
            good = false;
        if (!good) return false;
    }
    return true;
}

int main(int count, char **words)
{
    static struct tally tally;
    struct options o;
    if (!parse_options(count, words, &o)) {
        fprintf(stderr, "usage: test_model [--seed S | --world S] [--commands N] [--features LIST] [--shrink]\n");
        return 2;
    }
    uint64_t total = o.commands != 0 ? o.commands : o.one_world ? WORLD_COMMANDS : TOTAL_COMMANDS;
    uint64_t per_world = o.one_world || total < WORLD_COMMANDS ? total : WORLD_COMMANDS;
    uint64_t worlds = (total + per_world - 1) / per_world;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("seed %" PRIu64 ", %" PRIu64 " worlds of %" PRIu64 " commands\n", o.seed, worlds, per_world);
    for (uint64_t w = 0; w < worlds; w++) {
        uint64_t seed = o.seed + w;
        struct world_plan plan = plan_of(seed, per_world, o.features_given ? o.features : flow_features(seed));
        if (o.one_world) print_features(plan.features);
        if (o.shrink && shrink_world(&plan, per_world)) return 1;
        if (!run_world(&plan, per_world, &tally, NULL)) return 1;
    }
    bool complete = print_tally(&tally);
    if (complete || o.one_world || o.features_given || total < TOTAL_COMMANDS) return 0;
    printf("something was never reached\n");
    return 1;
}
