/* api/outcome.h - what came of one command, taken from its events: all that an answer may say.
 * Invariant: a pure function of the command and the events of its seq, so it can be made again from the tape at any
 * time. */
#ifndef ORDERTAPE_API_OUTCOME_H
#define ORDERTAPE_API_OUTCOME_H

#include "core/command.h"
#include "core/engine.h"
#include "core/event.h"
#include "core/rows.h"

struct outcome {
    int error; /* core/error.h: the command may or may not have happened; nothing else is set */
    /* enum key_answer of its idempotency key. Not NEW: nothing was done, and nothing but seq is set: the first command's (FULL: 0). */
    uint8_t key;
    uint64_t seq;
    int64_t ts_ns;
    uint64_t done_seq;      /* of the last CONTINUE that went on with its work, or its own */
    struct refusal refusal; /* reason 0: accepted */
    uint64_t refused_id;    /* the object that the refusal names: an order, one of a batch or of a list of fills */
    /* PLACE, PLACE_LINKED: the order after this command (REJECTED too), and the others of its group; BATCH that was refused as a
     * whole: the order that was the reason. status 0: none. */
    struct order_row order, legs[2];
    /* BATCH that was accepted: its orders after this command, order k (from 1) at k - 1. malloc'd. */
    struct order_row *orders;
    uint32_t orders_count;
    struct event subject; /* the event that is the command's point (CASH_MOVED, QUOTED, GTT_SET, ...); kind 0: none */
    /* MASS_CANCEL, END_OF_DAY, CANCEL_BATCH, SET_TRADING with cancel: orders it ended or asked the end of; SET_VENUE: orders it sent;
     * CHECK_MARGIN: accounts it looked at. */
    uint32_t swept_count;
    bool swept_more;
    uint32_t margin_calls, liquidations; /* CHECK_MARGIN */
};

/* events[0..count): the command's own. c is stamped. error is ERR_NO_MEMORY when a batch's orders found no room. */
void outcome_from_events(struct outcome *o, const struct command *c, const struct event *events, uint32_t count);
/* Its work goes on in CONTINUE commands: adds what their events say. */
void outcome_add_continued(struct outcome *o, const struct event *events, uint32_t count);
/* Gives back what it holds; may be called twice. */
void outcome_free(struct outcome *o);

#endif
