/* api/as_of.h - an order or a GTT as it was when a command had just been carried out, whatever happened to it since.
 * What must stay true: an answer to a request with an idempotency key shows what this says, the first time and every other time, so
 * that all of them are the same bytes. Without a key nobody can ask again, and the view's row at or after that command is shown, which
 * costs no look at the event tape. */
#ifndef ORDERTAPE_API_AS_OF_H
#define ORDERTAPE_API_AS_OF_H

#include "api/exchange.h"

/* What was asked for; of the exchange. */
struct as_of {
    uint64_t id, seq;
    bool is_gtt;
    int error; /* ERR_NOT_FOUND: it was not there then */
    struct order_row order;
    struct gtt_row gtt;
    exchange_step *then;
    /* its history up to seq */
    struct event_id *ids;
    size_t ids_count, ids_room;
};

/* Waits for the views, then calls `then` with x->as_of filled. Machine errors other than ERR_NOT_FOUND are in as_of->error too. */
void as_of_order(struct exchange *x, uint64_t order_id, uint64_t seq, exchange_step *then);
void as_of_gtt(struct exchange *x, uint64_t gtt_id, uint64_t seq, exchange_step *then);
void as_of_free(struct as_of *a);

#endif
