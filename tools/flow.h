/* tools/flow.h - realistic order flow, made before anything is timed.
 * Mix: about 47 % new limit orders near a random-walk mid, 43 % cancels, 5 % modifies, 5 % aggressive orders (half MARKET, half
 * IOC); instruments by Zipf popularity; 1,000 accounts, nine of ten MARGIN with shorting, the rest CASH, all with plenty of cash; maker
 * and taker fees. Half of the cancels and modifies take one of the instrument's latest 64 orders, half any of its open ones.
 * Passive prices: seven of ten lie a few ticks from the mid, three anywhere in a book that is some ten orders a level deep.
 * What must stay true: the same options give the same commands, on any machine (integers and splitmix64 only); an engine that
 * folds them gives flow_digest. The generator folds as it goes, so it knows which orders are open. */
#ifndef ORDERTAPE_TOOLS_FLOW_H
#define ORDERTAPE_TOOLS_FLOW_H

#include "core/command.h"
#include "core/digest.h"

struct flow_options {
    uint32_t instruments; /* 1 to FLOW_INSTRUMENTS_MAX */
    uint32_t open;        /* target of open orders: reached by a warm-up, then held */
    uint64_t commands;    /* after the warm-up */
    uint64_t seed;
};
enum { FLOW_INSTRUMENTS_MAX = 65536, FLOW_ACCOUNTS = 1000, FLOW_GROUP = 1024 /* commands to a digest */ };

struct flow;
/* 0; ERR_USAGE: options out of range; ERR_NO_MEMORY. */
int flow_new(const struct flow_options *o, struct flow **out);
void flow_free(struct flow *f);

/* Commands are numbered from 1, like seqs: 1..flow_warm are set-up and warm-up, the rest is what is measured. */
uint64_t flow_warm(const struct flow *f);
uint64_t flow_last(const struct flow *f);
/* Writes command seq (stamped) to *c. Cheap; texts: none. */
void flow_command(const struct flow *f, uint64_t seq, struct command *c);
struct limits flow_limits(const struct flow *f);
/* Of the state after the last command. */
struct digest flow_digest(const struct flow *f);

/* What the measured part is made of, as it turned out. */
struct flow_counts {
    uint64_t placed, cancelled, modified, aggressive; /* commands */
    uint64_t refused, fills, events;
    uint32_t open; /* at the end */
};
struct flow_counts flow_counts(const struct flow *f);

#endif
