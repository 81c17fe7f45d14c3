/* tests/model/flow_parts.h - what the files of the random flow share. Nobody else includes this.
 * No expression may ask for two random numbers whose order the language leaves open. */
#ifndef ORDERTAPE_TESTS_MODEL_FLOW_PARTS_H
#define ORDERTAPE_TESTS_MODEL_FLOW_PARTS_H

#include "tests/model/flow.h"

#define FLOW_PICK(f, list) (list)[flow_roll(f, sizeof(list) / sizeof((list)[0]))]

unsigned flow_roll(struct flow *f, size_t n); /* 0 to n - 1 */
bool flow_chance(struct flow *f, unsigned per_mille);
int64_t flow_between(struct flow *f, int64_t low, int64_t high);
/* flow_chance, but never without the feature. */
bool flow_uses(struct flow *f, enum flow_feature feature, unsigned per_mille);

/* Zeroed memory for what a command points to. */
void *flow_list(struct flow *f, size_t bytes);

/* ---- words ---- */
struct name flow_word(const char *text);
struct name flow_any_currency(struct flow *f);
struct name flow_any_symbol(struct flow *f);
struct name flow_any_account(struct flow *f);
/* Mostly one that is there; an account mostly not one of the house. */
struct name flow_known_account(struct flow *f, const struct model *m);
struct name flow_known_symbol(struct flow *f, const struct model *m);
struct name flow_known_currency(struct flow *f, const struct model *m);
struct text flow_client_order_id(struct flow *f);

/* ---- numbers ---- */
extern const struct decimal flow_absent;
/* The same number, sometimes written with more or fewer decimals. */
struct decimal flow_written(struct flow *f, int64_t value, unsigned scale);
/* One thing about it is wrong: its scale, its sign, its size or its last digit. */
struct decimal flow_spoiled(struct flow *f, struct decimal d);
/* A price a few ticks around where the instrument trades, which itself wanders; in a deep flow anywhere on the side. */
int64_t flow_near_price(struct flow *f, const struct instrument_state *i);
int64_t flow_price(struct flow *f, const struct instrument_state *i, int side);
/* That many ticks above (below, when negative) a price; at least one tick. */
int64_t flow_ticks_from(const struct instrument_state *i, int64_t price, int64_t ticks);
int64_t flow_quantity(struct flow *f, const struct instrument_state *i);
const struct instrument_state *flow_instrument_of(const struct model *m, const struct order_state *o);

/* ---- commands (flow_settings.c, flow_orders.c) ---- */
void flow_make_set_currency(struct flow *f, struct command *c);
void flow_make_set_instrument(struct flow *f, const struct model *m, struct command *c);
void flow_make_set_account(struct flow *f, const struct model *m, struct command *c);
void flow_make_set_trading(struct flow *f, const struct model *m, struct command *c);
void flow_make_move_cash(struct flow *f, const struct model *m, struct command *c);
void flow_make_set_quote(struct flow *f, const struct model *m, struct command *c);

void flow_make_place(struct flow *f, const struct model *m, struct command *c);
/* What PLACE and BATCH ask for; per_mille of them with something spoiled. */
struct command_place flow_order(struct flow *f, const struct model *m, unsigned per_mille);
void flow_make_modify_of(struct flow *f, const struct model *m, uint64_t order_id, struct command *c);
void flow_make_place_linked(struct flow *f, const struct model *m, struct command *c);
void flow_make_modify(struct flow *f, const struct model *m, struct command *c);
void flow_make_cancel(struct flow *f, const struct model *m, struct command *c);
void flow_make_gtt(struct flow *f, const struct model *m, struct command *c);
void flow_make_mass_cancel(struct flow *f, const struct model *m, struct command *c);
void flow_make_end_of_day(struct flow *f, const struct model *m, struct command *c);
void flow_make_check_margin(struct flow *f, const struct model *m, struct command *c);
/* ---- the order desk (flow_desk.c) ---- */

/* One of its commands now and then; false, with nothing made, when it is not its turn. */
bool flow_make_desk(struct flow *f, const struct model *m, struct command *c);
/* Sends an order to a broker now and then. */
void flow_choose_broker(struct flow *f, const struct model *m, struct command_place *p);
/* One of the first brokers; false when there is none. */
bool flow_known_broker(struct flow *f, const struct model *m, struct name *out);
/* Who asks, and with which key. */
void flow_choose_origin(struct flow *f, const struct model *m, struct command *c);
void flow_choose_desk_limits(struct flow *f, unsigned features, struct limits *l);

/* A world that is a lively market (flow_lively.c): its limits, and its next command but for time and number. */
struct limits flow_lively_limits(uint64_t seed, unsigned features);
void flow_lively_next(struct flow *f, const struct model *m, struct command *c);
/* The order that the episode asks for. */
void flow_make_episode(struct flow *f, const struct model *m, struct command *c);

#endif
