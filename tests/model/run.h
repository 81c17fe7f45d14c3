/* tests/model/run.h - one run: engine, its twin and the model fold the same commands and are compared after each.
 * What must stay true: the twin is an engine that went through export and import, or engine_copy, some commands ago; so
 * an answer that depends on the memory's layout shows as a difference between the two.
 * run_step says nothing when all is well; else it returns false and run->why is one line. */
#ifndef ORDERTAPE_TESTS_MODEL_RUN_H
#define ORDERTAPE_TESTS_MODEL_RUN_H

#include "core/rejects.h"
#include "tests/model/flow.h"
#include "tests/model/model.h"
#include "tests/world/room.h"

enum { RUN_WHY_BYTES = 512, REJECT_NUMBERS = 10000 };

/* How often something happened, over all runs. */
struct tally {
    uint64_t commands;
    uint64_t rejects[REJECT_NUMBERS]; /* by number */
    uint64_t events[EVENT_KIND_NUMBER_MAX + 1];
    uint64_t fields[REFUSAL_FIELD_NUMBER_MAX + 1]; /* that a refusal was about */
    uint64_t cancels[CANCEL_REASON_NUMBER_MAX + 1];
    uint64_t gtts[GTT_STATUS_NUMBER_MAX + 1];
    uint64_t sweeps_left[SWEEP_BATCH + 1]; /* SWEPT with more to do, by kind */
    uint64_t broker_states[BROKER_STATE_NUMBER_MAX + 1]; /* of routes, as often as they were seen */
    uint64_t reports[REPORT_NUMBER_MAX + 1];             /* that were accepted */
    uint64_t route_causes[ROUTE_CAUSE_NUMBER_MAX + 1];
    uint64_t key_answers[KEY_FULL + 1]; /* to keys that were asked for */
    uint64_t late, excess, simulated, corrected, manual_reviews, settled_by_time, atomic_batches;
    uint64_t transfers, copies;
};

struct run {
    struct limits limits;
    struct model *model;
    struct engine *engine, *twin;
    struct event *model_events, *engine_events, *twin_events;
    uint32_t model_count, engine_count;
    uint64_t steps;
    struct flow dice; /* decides when the twin is made again; has nothing to do with the commands */
    uint64_t gift_at_step; /* 0: never. Then somebody is given almost CASH_MAX */
    struct tally *tally;
    char why[RUN_WHY_BYTES];
};

/* seed decides the twin's moments. */
void run_begin(struct run *r, const struct limits *l, uint64_t seed, struct tally *tally);
void run_end(struct run *r);
bool run_step(struct run *r, const struct command *c);
/* Digests and everything that is too slow for every step. */
bool run_compare_all(struct run *r);

#endif
