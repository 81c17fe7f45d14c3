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
    uint16_t reject_reason; /* enum reject; 0: accepted */
    struct order_row order; /* PLACE: the order after this command (REJECTED too) */
    struct event
        subject; /* the event that is the command's point (INSTRUMENT_SET, CASH_MOVED, QUOTED, ...); kind 0: none */
    uint32_t swept_orders; /* MASS_CANCEL, END_OF_DAY */
    bool swept_more;
};

/* events[0..count): the command's own. c is stamped. */
void outcome_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count);
/* A sweep goes on in CONTINUE commands: adds what their events say. */
void outcome_add_sweep(struct outcome *o, const struct event *events, uint32_t count);

#endif
