/* tests/world/world.h - given, when, then: sentences in, facts out.
 *
 *     given(w, "SELL ann 10 @ 101", "SELL bob 10 @ 100");
 *     when (w, "BUY cat 15 @ 101");
 *     then (w, "FILL cat bob 10 @ 100", "FILL cat ann 5 @ 101", "RESTS ann 5 @ 101");
 *
 * What must stay true: behind every then, unasked, the model made the same events and the same digest; a fresh engine
 * that folds the same commands does too, also when its state is exported and imported after any one of them; cash and
 * quantities add to zero; engine_check is content.
 *
 * The world before the first sentence: currency USD with 2 decimals, instrument XYZ in USD with tick 1 and lot 1, small
 * limits (world_limits). An account that an order names for the first time is made rich: MARGIN, may sell short,
 * leverage 1, 1,000,000,000 in the instrument's currency.
 *
 * Sentences of given and when ([...] may be left out; the instrument is XYZ and the currency USD unless said):
 *     BUY|SELL account quantity @ price|MARKET [OF symbol] [DAY|GTC|IOC|FOK] [GTD time] [POST_ONLY] [AS word]
 *              [REDUCE_ONLY] [STOP price] [DISPLAY quantity] [LEVERAGE x] [STP number] [VENUE name] [TYPE name] [FLAGS
 * number]
 *              [EXPIRES time]   (@ NONE: no price at all. time: +10s, +5ms, -1s, counted from this command)
 *     MODIFY order [TO quantity] [@ price] [STOP price]     CANCEL order
 *              (order: an account, its latest order; a word given with AS; or =number, an id)
 *     MASS_CANCEL [account] [OF symbol] [BUY|SELL] [SIDE number]     END_OF_DAY [OF symbol]     TICK     CONTINUE
 *     DEPOSIT|WITHDRAW account amount [currency]     ACCOUNT name [CASH|MARGIN|HOUSE] [LEVERAGE x] [SHORT|NO_SHORT]
 *              [ACTIVE|REDUCING|HALTED] [TYPE number]     CURRENCY code [SCALE n]
 *     INSTRUMENT symbol [IN currency] [TICK x] [LOT x] [MIN q] [MAX q] [MAX_NOTIONAL x] [COLLAR percent] [MAKER bps]
 * [TAKER bps]
 *              [CONTINUOUS|HALTED|CLOSED|PRE_OPEN|AUCTION] [SETTLEMENT days]
 *     QUOTE symbol [BID price quantity] [ASK price quantity]     COMMAND number     SET_LIMITS
 *     WAIT time   (no command; the next one comes later)
 *     LIMITS name number ...   before anything else: other limits    UNPREPARED   before anything else: an empty tape
 *   In given a refusal fails the test. "" is an empty name.
 *
 * Facts of then. What happened, in order and complete:
 *     FILL aggressor resting quantity @ price     CANCELLED account leaves REASON     EXPIRED account leaves
 *     REJECT [account] REASON     NOTHING (none of these)
 *   and only looked at when one of the kind is named:
 *     PLACED account quantity @ price     MODIFIED account leaves @ price KEEPS|LOSES     SWEPT orders DONE|MORE
 *   What is so now:
 *     RESTS account leaves @ price     GONE account (no open order)     BIDS|ASKS quantity @ price ... | NONE
 *     QUEUE BUY|SELL price account ...     LAST price|NONE     ORDERS number
 *     CASH|FREE|RESERVED|MARGIN account amount [currency]     POSITION|COST|REALIZED account number [OF symbol]
 *     FEE account amount (paid in this when; negative is a rebate) */
#ifndef ORDERTAPE_TESTS_WORLD_WORLD_H
#define ORDERTAPE_TESTS_WORLD_WORLD_H

#include "core/engine.h"
#include "tests/model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { WORLD_COMMANDS_MAX = 2000, WORLD_EVENTS_MAX = 8000, WORLD_WORDS_MAX = 200 };

/* A word that AS gave to an order. */
struct world_alias {
    char word[24];
    uint64_t order_id;
};

struct world {
    struct limits limits;
    bool begun, unprepared;
    struct engine *engine;
    struct model *model;
    int64_t ts_ns;
    struct command *commands; /* every command so far */
    struct event *events;     /* everything the engine said so far */
    uint32_t commands_count, events_count;
    uint32_t when_event; /* where the events of the last when begin */
    uint64_t *order_ids; /* by command: the order it placed, 0 */
    struct world_alias aliases[WORLD_WORDS_MAX];
    uint32_t aliases_count;
    const char *file; /* of the sentence that runs */
    int line;
};

/* What given, when and then expand to; the list ends with NULL. */
void world_given(struct world *w, const char *file, int line, const char *const *sentences);
void world_when(struct world *w, const char *file, int line, const char *const *sentences);
void world_then(struct world *w, const char *file, int line, const char *const *facts);
#define given(w, ...) world_given(w, __FILE__, __LINE__, (const char *const[]){__VA_ARGS__, NULL})
#define when(w, ...)  world_when(w, __FILE__, __LINE__, (const char *const[]){__VA_ARGS__, NULL})
#define then(w, ...)  world_then(w, __FILE__, __LINE__, (const char *const[]){__VA_ARGS__, NULL})

/* For cmocka: *state is a struct world * inside the test. */
int world_setup(void **state);
int world_teardown(void **state);
#define in_a_world(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

struct limits world_limits(void);
/* Stamps and applies a command that no sentence can say; the events it made are of the present when. */
void world_apply(struct world *w, struct command *c);

#endif
