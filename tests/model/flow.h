/* tests/model/flow.h - seeded random commands that reach every rule, many of them wrong on purpose.
 * What must stay true: the same seed over the same model states gives the same commands, on any machine. Few accounts,
 * instruments and prices, so that everything happens to everything. The flow looks at the model to name orders that are
 * open and prices that trade. Texts in its commands live for ever. */
#ifndef ORDERTAPE_TESTS_MODEL_FLOW_H
#define ORDERTAPE_TESTS_MODEL_FLOW_H

#include "tests/model/model.h"

enum { FLOW_INSTRUMENTS = 8, FLOW_ACCOUNTS = 14, FLOW_CURRENCIES = 7 };

struct flow {
    uint64_t random;
    uint64_t seq;
    int64_t ts_ns;
    int64_t center[FLOW_INSTRUMENTS]; /* where each instrument trades, in its price units; 0: not chosen yet */
    uint64_t past_order_ids[16];      /* orders of some time ago; most are over */
    uint32_t setup_step;
    uint32_t whale_commands_left; /* house accounts trade the largest quantities for a while */
    bool deep; /* many orders, spread over many prices; else few of both */
};

/* Every FLOW_DEEP_EVERY-th seed makes deep books, for the sake of the structure that holds the levels. */
enum { FLOW_DEEP_EVERY = 10 };

/* Limits for a flow of this seed: small enough that every one of them is reached by some seed. */
struct limits flow_limits(uint64_t seed);
struct flow flow_new(uint64_t seed);
/* The next command, given the state it will meet. */
void flow_next(struct flow *f, const struct model *m, struct command *c);

/* A random number below n (n > 0), for those who want to be as random as the flow. */
uint64_t flow_below(struct flow *f, uint64_t n);

#endif
