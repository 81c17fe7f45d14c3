/* tests/model/model.h - the engine of docs/ENGINE.md said a second time, as plainly as it can be: arrays and linear
 * scans. What must stay true: it shares no line with core's engine, money, position or digest, so that an error would
 * have to be made twice to stay unseen. It is slow on purpose; a few hundred open orders are what it is for.
 *
 * The struct is open to tests: they read it, only the functions below change it. Threads: one at a time. */
#ifndef ORDERTAPE_TESTS_MODEL_MODEL_H
#define ORDERTAPE_TESTS_MODEL_MODEL_H

#include "core/command.h"
#include "core/event.h"
#include "core/limits.h"
#include "core/rejects.h"
#include "core/state.h"

struct model {
    struct engine_scalars scalars;
    bool limits_set; /* the first SET_LIMITS was there */
    /* Creation order for the first three; the others in no order. Each has the room its limit asks for, and orders
     * one more, for a liquidation. */
    struct currency_state *currencies;
    struct instrument_state *instruments;
    struct account_state *accounts;
    struct balance_state *balances;
    struct position_state *positions;
    struct order_state *orders;
    uint32_t currencies_count, instruments_count, accounts_count, balances_count, positions_count, orders_count;
    /* The desk. Venues are numbered from 1 in the order of the array, client ids and keys stand in the order in which they were used. */
    struct venue_state_row *venues;
    struct route_rule *rules;
    struct route_state *routes;
    struct execution_state *executions;
    struct client_id_state *client_ids;
    struct key_state *keys;
    uint32_t venues_count, rules_count, routes_count, executions_count, client_ids_count, keys_count;
    uint64_t *sweep_ids; /* room to list every open order in a sweep's order */
    struct event *events; /* where the command being applied writes */
    uint32_t events_count;
    /* Of the command being applied: why it is refused, how much of work_max is used, the instrument it traded in or added to
     * (0: none), how many orders the engine sent itself, and what SWEPT will say at its end. */
    struct refusal refusal;
    uint64_t refused_order_id; /* of FILL and BATCH: what it is about */
    const struct command_place *refused_order;
    uint32_t work_used;
    uint64_t touched_instrument_id;
    uint32_t sent_count;
    uint64_t taker_id; /* the order that matches now and is in no queue; 0: none */
    int64_t base;      /* the touched instrument's last price when the command turned to it */
    uint32_t checks;   /* all-or-none orders looked at */
    uint64_t checked;  /* orders of the book that these checks counted */
    /* While an atomic batch is judged: what the orders judged before add to levels and routes, and the highest price of their buys. */
    struct model_batch {
        uint32_t levels, routes;
        const struct model_batch_bid *bids;
        uint32_t bids_count;
    } batch;
    struct model_swept {
        bool say;
        uint8_t kind;
        uint32_t orders;
    } swept;
};

struct model_batch_bid {
    uint64_t instrument_id;
    int64_t price;
};

/* The caller frees it with model_free. Ends the program when there is no memory. */
struct model *model_new(const struct limits *l);
void model_free(struct model *m);

/* Room that model_apply needs for the events of one command. */
uint32_t model_events_max(const struct limits *l);
/* Folds one command and writes its events; returns how many. */
uint32_t model_apply(struct model *m, const struct command *c, struct event *events);
/* The digest of core/digest.h, hashed from nothing. */
u128 model_digest(const struct model *m);

bool model_continue_needed(const struct model *m, int64_t ts_ns);
int64_t model_next_due_ns(const struct model *m);
/* Price levels with an open order, all instruments together. */
uint32_t model_levels(const struct model *m);

/* Price P of the instrument's book as it stands; false: none, or nothing executable. */
struct model_price {
    int64_t price;
    i128 quantity, imbalance;
};
bool model_auction_price(const struct model *m, const struct instrument_state *i, struct model_price *out);

/* NULL when there is none. */
const struct order_state *model_order(const struct model *m, uint64_t order_id);
const struct instrument_state *model_instrument(const struct model *m, const struct name *symbol);
const struct account_state *model_account(const struct model *m, const struct name *account);
const struct currency_state *model_currency(const struct model *m, const struct name *currency);
const struct route_state *model_route(const struct model *m, uint64_t order_id);
const struct position_state *model_position(const struct model *m, uint64_t account_id, uint64_t instrument_id);
const struct balance_state *model_balance(const struct model *m, uint64_t account_id, uint64_t currency_id);

#endif
