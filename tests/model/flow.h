/* tests/model/flow.h - seeded random commands that reach every rule, many of them wrong on purpose.
 * What must stay true: the same seed and features over the same model states give the same commands, on any machine. Few
 * accounts, instruments and prices, so that everything happens to everything. The flow looks at the model to name orders that
 * are open and prices that trade. As the sequencer does, it gives no command a key that is known or has no room. Texts and lists in
 * its commands live until FLOW_LISTS_BYTES more of them were made, which is longer than any test keeps a command. */
#ifndef ORDERTAPE_TESTS_MODEL_FLOW_H
#define ORDERTAPE_TESTS_MODEL_FLOW_H

#include "tests/model/model.h"

enum { FLOW_INSTRUMENTS = 8, FLOW_ACCOUNTS = 14, FLOW_CURRENCIES = 7 };

/* X(bit, NAME, word): what a flow may use besides LIMIT and MARKET orders, quotes, cash, sweeps and settings. */
#define FLOW_FEATURES(X)                                                                        \
    X(0, STOPS, "stops")       /* STOP, STOP_LIMIT, trailing stops */                           \
    X(1, ICEBERG, "iceberg")                                                                    \
    X(2, AMOUNTS, "amounts")   /* quote_quantity, min_quantity, leverage */                     \
    X(3, REDUCE, "reduce")     /* reduce_only */                                                \
    X(4, AON, "aon")           /* all_or_none */                                                \
    X(5, STP, "stp")                                                                            \
    X(6, LINKS, "links")                                                                        \
    X(7, QUOTE, "quote")       /* the venue QUOTE */                                            \
    X(8, SESSIONS, "sessions") /* states, auctions, ON_OPEN, ON_CLOSE, halts by the collar */   \
    X(9, GTT, "gtt")                                                                            \
    X(10, LIMITS, "limits")    /* limits, own fees and rates of accounts */                     \
    X(11, TRADING, "trading")  /* SET_TRADING */                                                \
    X(12, MARGIN, "margin")    /* CHECK_MARGIN with liquidations */                             \
    X(13, WORK, "work")        /* a small work_max, so that much is left to CONTINUE */         \
    X(14, DESK, "desk")        /* venues, rules, brokers and statements */                      \
    X(15, BATCHES, "batches")                                                                   \
    X(16, KEYS, "keys")        /* idempotency keys */
enum flow_feature {
#define X(bit, name, word) FLOW_##name = 1 << (bit),
    FLOW_FEATURES(X)
#undef X
    FLOW_ALL = (1 << 17) - 1
};

enum { FLOW_LISTS_BYTES = 64 << 20 };

/* What the flow does for a while. */
enum flow_episode {
    EPISODE_NONE,
    EPISODE_WHALES,   /* house accounts trade the largest quantities */
    EPISODE_TRAILS,   /* as many trailing stops as an instrument follows */
    EPISODE_REDUCERS, /* as many reduce-only orders as a position keeps in step */
    EPISODE_CROWD     /* many all-or-none orders on one side of one book */
};

struct flow {
    uint64_t random;
    uint64_t seq;
    int64_t ts_ns;
    unsigned features;                /* of FLOW_FEATURES */
    int64_t center[FLOW_INSTRUMENTS]; /* where each instrument trades, in its price units; 0: not chosen yet */
    uint64_t past_order_ids[16];      /* orders of some time ago; most are over */
    uint32_t setup_step;
    enum flow_episode episode;
    uint32_t episode_left;
    bool lively; /* a market in which most orders trade */
    bool begins_with_whales;
    bool deep; /* many orders, spread over many prices; else few of both */
};

/* Every FLOW_LIVELY_EVERY-th seed makes a lively market. */
enum { FLOW_LIVELY_EVERY = 2 };
/* Every FLOW_DEEP_EVERY-th seed makes deep books, for the sake of the structures that hold many. */
enum { FLOW_WHALES_EVERY = 4, FLOW_DEEP_EVERY = 20 };

/* Limits for a flow of this seed: small enough that every one of them is reached by some seed. */
struct limits flow_limits(uint64_t seed, unsigned features);
struct flow flow_new(uint64_t seed, unsigned features);
/* All of them for deep books and every third seed, else each with a chance of one half. */
unsigned flow_features(uint64_t seed);
/* The next command, given the state it will meet. */
void flow_next(struct flow *f, const struct model *m, struct command *c);

/* A random number below n (n > 0), for those who want to be as random as the flow. */
uint64_t flow_below(struct flow *f, uint64_t n);

#endif
