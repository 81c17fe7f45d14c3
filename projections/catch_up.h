/* projections/catch_up.h - views brought up to the event tape, in transactions of many commands. */
#ifndef ORDERTAPE_PROJECTIONS_CATCH_UP_H
#define ORDERTAPE_PROJECTIONS_CATCH_UP_H

#include "journal/records.h"
#include "projections/views.h"

/* Folds the events after the views' cursor up to and with to_seq (UINT64_MAX: the end of the event tape). A cursor
 * beyond the tape's end, or whose chain hash is not the tape's there, empties the views first. progress (may be NULL)
 * gets the seq now and then. */
int views_catch_up(struct views *v, const struct tape_options *events, uint64_t to_seq,
                   void (*progress)(void *arg, uint64_t seq), void *progress_arg);

#endif
