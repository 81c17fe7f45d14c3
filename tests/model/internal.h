/* tests/model/internal.h - what the model's files share. Nobody else includes this. */
#ifndef ORDERTAPE_TESTS_MODEL_INTERNAL_H
#define ORDERTAPE_TESTS_MODEL_INTERNAL_H

#include "tests/model/arithmetic.h"
#include "tests/model/model.h"

/* Index 0 of the ids that the command being applied may give. */
uint64_t model_own_id(const struct model *m, unsigned index);
/* Adds one event, zeroed but for its head. */
struct event *model_say(struct model *m, enum event_kind kind);
void model_say_rejected(struct model *m, const struct command *c, int reason);

struct order_state *model_find_order(struct model *m, uint64_t order_id);
struct instrument_state *model_find_instrument(struct model *m, const struct name *symbol);
struct instrument_state *model_instrument_by_id(struct model *m, uint64_t id);
struct account_state *model_find_account(struct model *m, const struct name *account);
struct account_state *model_account_by_id(struct model *m, uint64_t id);
struct currency_state *model_find_currency(struct model *m, const struct name *currency);
struct position_state *model_find_position(struct model *m, uint64_t account_id, uint64_t instrument_id);
struct balance_state *model_find_balance(struct model *m, uint64_t account_id, uint64_t currency_id);
struct account_state *model_fees_account(struct model *m);
struct account_state *model_external_account(struct model *m);

/* Finds it or makes an empty one; there must be room. */
struct position_state *model_open_position(struct model *m, uint64_t account_id, uint64_t instrument_id);
struct balance_state *model_open_balance(struct model *m, uint64_t account_id, uint64_t currency_id);
struct currency_state *model_make_currency(struct model *m, const struct name *currency, unsigned scale);

i128 model_free_of(const struct balance_state *b);
uint32_t model_effective_leverage(const struct account_state *a);

/* The order is over: takes its leaves and hold out of all sums and the order out of the state. */
void model_order_leaves_state(struct model *m, uint64_t order_id);
void model_order_cancel(struct model *m, uint64_t order_id, enum cancel_reason reason);
void model_order_expire(struct model *m, uint64_t order_id);
/* The pending sweep, if it waits at this order, goes on to the one after it. Called while the order is still there. */
void model_sweep_pass_over(struct model *m, uint64_t order_id);

void model_expire_due_orders(struct model *m);

/* One function a command: 0, or the reject's number with nothing changed. */
int model_apply_set_limits(struct model *m, const struct command *c);
int model_apply_set_currency(struct model *m, const struct command *c);
int model_apply_set_instrument(struct model *m, const struct command *c);
int model_apply_set_account(struct model *m, const struct command *c);
int model_apply_move_cash(struct model *m, const struct command *c);
int model_apply_set_quote(struct model *m, const struct command *c);
int model_apply_place(struct model *m, const struct command *c);
int model_apply_modify(struct model *m, const struct command *c);
int model_apply_cancel(struct model *m, const struct command *c);
int model_apply_mass_cancel(struct model *m, const struct command *c);
int model_apply_end_of_day(struct model *m, const struct command *c);
int model_apply_continue(struct model *m, const struct command *c);

#endif
