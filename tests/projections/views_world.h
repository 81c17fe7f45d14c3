/* tests/projections/views_world.h - a directory, an engine, and views that fold what it says. The market: ACME at
 * tick 0.01 and lot 1 in USD, maker 1 bp, taker 2 bp; ann and bob, MARGIN at 2x and shorting, cat, CASH; 100,000.00
 * USD each. Functions fail the running test when something does not work. */
#ifndef ORDERTAPE_TESTS_PROJECTIONS_VIEWS_WORLD_H
#define ORDERTAPE_TESTS_PROJECTIONS_VIEWS_WORLD_H

#include "core/engine.h"
#include "projections/views.h"

enum { WORLD_TAPE_ID = 7, WORLD_PATH_BYTES = 256 };

struct views_world {
    char dir[WORLD_PATH_BYTES];
    struct views *views;
    struct engine *engine;
    struct event *events; /* of the commands since the last fold */
    uint32_t events_count, events_room;
    uint32_t command_events_max;
    uint64_t seq;
    int64_t ts_ns;
    bool emptied; /* what the last open said */
    char reason[256];
};

/* An engine without a command, a directory and views in it; or that with the market. */
void world_begin(struct views_world *w, const struct limits *l);
void world_begin_market(struct views_world *w);
void world_end(struct views_world *w);
void world_open(struct views_world *w);
void world_close(struct views_world *w);
/* What the last commands of a given seq would have as cursor. */
struct views_cursor world_cursor(const struct views_world *w);
/* Applies a command (seq 0: seq and time are given here); its events wait for the next world_fold. */
void world_apply(struct views_world *w, struct command *c);
void world_fold(struct views_world *w);
uint64_t world_hash(struct views_world *w);
void world_path(const struct views_world *w, const char *file, char path[WORLD_PATH_BYTES]);

/* Commands in words; they fold at once. Decimals as text. Returns the order's id. */
struct order_words {
    const char *account;
    const char *side; /* "BUY", "SELL" */
    const char *quantity;
    const char *price; /* NULL: MARKET */
    const char *client_order_id;
    int tif; /* 0: DAY */
    const char *symbol; /* NULL: ACME */
};
#define ORDER(account_, side_, quantity_, price_, client_)                                                             \
    ((struct order_words){.account = (account_), .side = (side_), .quantity = (quantity_), .price = (price_),          \
                          .client_order_id = (client_)})
uint64_t world_place(struct views_world *w, struct order_words o);
/* The same as a command, to say more in it, and any command: it folds at once, and so do the CONTINUEs it needs. Returns the
 * id of what it makes first. */
struct command world_order(struct order_words o);
struct decimal world_decimal(const char *text); /* NULL: absent */
uint64_t world_command(struct views_world *w, struct command c);
void world_modify(struct views_world *w, uint64_t order_id, const char *price, const char *quantity);
void world_cancel(struct views_world *w, uint64_t order_id);
void world_account(struct views_world *w, const char *account, int type, const char *leverage);
void world_cash(struct views_world *w, const char *account, const char *amount);
void world_instrument(struct views_world *w, const char *symbol, const char *tick);

/* Compares every row with the engine's state. True when all agree; else why (256) says what does not. */
bool world_agrees(struct views_world *w, char *why);

#endif
