/* api/outcome.h - what came of one command, taken from its events: all that an answer may say.
 * Invariant: a pure function of the command and the events of its seq, so it can be made again from the tape at any
 * time. */
#ifndef ORDERTAPE_API_OUTCOME_H
#define ORDERTAPE_API_OUTCOME_H

#include "core/command.h"
#include "core/event.h"
#include "core/rows.h"

struct outcome {
    int error; /* core/error.h: the command may or may not have happened; nothing else is set */
    uint64_t seq;
    int64_t ts_ns;
    uint64_t done_seq;      /* of the last CONTINUE that went on with its work, or its own */
    struct refusal refusal; /* reason 0: accepted */
    /* PLACE, PLACE_LINKED: the order after this command (REJECTED too), and the others of its group. status 0: none. */
    struct order_row order, legs[2];
    struct event subject; /* the event that is the command's point (CASH_MOVED, QUOTED, GTT_SET, ...); kind 0: none */
    /* MASS_CANCEL, END_OF_DAY, SET_TRADING with cancel: orders it ended; CHECK_MARGIN: accounts it looked at. */
    uint32_t swept_count;
    bool swept_more;
    uint32_t margin_calls, liquidations; /* CHECK_MARGIN */
};

/* events[0..count): the command's own. c is stamped. */
void outcome_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count);
/* Its work goes on in CONTINUE commands: adds what their events say. */
void outcome_add_continued(struct outcome *o, const struct event *events, uint32_t count);

#endif
