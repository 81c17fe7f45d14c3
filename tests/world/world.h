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
 *     BUY|SELL account quantity|FOR amount @ price|MARKET|NONE [option ...]
 *              option: OF symbol, AS word, DAY|GTC|GTD [time]|IOC|FOK|ON_OPEN|ON_CLOSE, EXPIRES time, STOP price, TRAIL x, TRAIL% x,
 *              DISPLAY q, POST_ONLY, REDUCE_ONLY, AON, MIN q, LEVERAGE x, VENUE name, STP NONE|CANCEL_NEWEST|...|number,
 *              TYPE name, FLAGS number, QUOTE_QUANTITY x, ID word (its client_order_id), ID_LENGTH n (one of n bytes)
 *              (FOR: a quote quantity. @ NONE: no price at all. STOP and TRAIL make LIMIT a STOP_LIMIT and MARKET a STOP unless TYPE is
 *              said. time: +10s, +5ms, -1s, +3d, counted from this command)
 *     OCO order OR leg     OTO order THEN BUY|SELL leg     BRACKET order TAKE leg LOSS leg
 *              (order: as above, also [FULL_FILL|EACH_FILL], [ACTIVATION n], [LINK n]; leg: [@ price|MARKET] [STOP price] [TYPE name]
 *              [DAY|GTC|...] [SIDE n] [AS word])
 *     MODIFY order [TO quantity] [@ price] [STOP price] [DISPLAY quantity]     CANCEL order
 *              (order: an account, its latest order, of a group the first; a word given with AS; or =number, an id)
 *     GTT BUY|SELL account TRIGGER price quantity @ price|MARKET [TRIGGER ...] [OF symbol] [EXPIRES time] [AS word] [LEGS n] [SIDE n]
 *     GTT_MODIFY gtt [LEG 1|2 [TRIGGER price] [TO quantity] [@ price]] [EXPIRES time] [ACTIVE|DISABLED|STATUS n]     GTT_DELETE gtt
 *              (gtt: as order, the latest GTT of an account)
 *     MASS_CANCEL [account] [OF symbol] [BUY|SELL] [SIDE number]     END_OF_DAY [OF symbol]     TICK     CONTINUE
 *     TRADING ACTIVE|REDUCING|HALTED [account] [OF symbol] [CANCEL] [STATUS n]     CHECK_MARGIN [account]
 *     DEPOSIT|WITHDRAW account amount [currency]     CURRENCY code [SCALE n]
 *     ACCOUNT name [CASH|MARGIN|HOUSE] [LEVERAGE x] [SHORT|NO_SHORT] [ACTIVE|REDUCING|HALTED] [TYPE number] [STP mode] [MAX_QUANTITY x]
 *              [MAX_NOTIONAL x] [MAX_POSITION x] [MAX_OPEN n] [MAX_RATE n] [MAKER bps|NONE] [TAKER bps|NONE] [MARGIN_CALL percent]
 *              [LIQUIDATION percent]
 *     INSTRUMENT symbol [IN currency] [TICK x] [LOT x] [MIN q] [MAX q] [MAX_NOTIONAL x] [COLLAR percent] [HALT_ON_BREACH|NO_HALT]
 *              [MAKER bps] [TAKER bps] [MAX_LEVERAGE x] [TRIGGER LAST|QUOTE|n] [MARK LAST|QUOTE|n] [SETTLEMENT days]
 *              [CONTINUOUS|HALTED|CLOSED|PRE_OPEN|AUCTION]
 *     STATE symbol CONTINUOUS|HALTED|CLOSED|PRE_OPEN|AUCTION (nothing but a change of session)
 *     QUOTE symbol [BID price quantity] [ASK price quantity]     COMMAND number     SET_LIMITS
 *     WAIT time   (no command; the next one comes later)     MIDNIGHT   (no command; the next one comes when the UTC day ends)
 *   of the order desk:
 *     VENUE name [UP|DEGRADED|DOWN] [SIMULATED|NOT_SIMULATED] [BREAKER] [STATE n] [SIMULATED_IS n] [CAUSE n]
 *     ROUTES [rule [; rule ...]]     (rule: [FOR account] [OF symbol] [BUY|SELL|SIDE n] [TYPE name|n] [MIN q] [MAX q] TO venue ...
 *              [TIMES n]; ROUTES alone empties the table)
 *     ROUTE order [TO venue]     SETTLE order
 *     REPORT order ACK|REJECT|CANCELLED|...|n [EXT word] [EXT_LENGTH n] [REASON word] [REASON_LENGTH n] [BY venue]
 *     ACK order word [BY venue] (REPORT order ACK EXT word)
 *     EXECUTE|SIMULATE row [; row ...] [BY venue]     BUST row     CORRECT row     (EXECUTE alone: an empty list)
 *              (row: order quantity @ price|NONE [EXEC word]; after BUST: order exec [EXEC word]; after CORRECT: order exec quantity @
 *              price EXEC word; a row after ; may begin with BUST or CORRECT; also EXEC_LENGTH n, REF word, KIND n, TIMES n, SIMULATED)
 *     BATCH [ATOMIC] [OWNER account] [AS word] [order [; order ...]] [TIMES n]     CANCEL_BATCH batch [COUNT n]
 *              (order: as BUY and SELL say it; TIMES: the order before it so often; batch: a word given with AS, or =id; COUNT: how many
 *              orders, else as many as the batch had)
 *     KEY word [BODY word] sentence   (the command comes with this idempotency key, and the hash of that body; one that is known, or finds no
 *              room, is answered without being applied)     ACTOR name sentence     CLEAR_KEY word
 *     STATEMENT [VENUE name] [ACCOUNT name] [FROM time] [TO time] [row [; row ...]]
 *              (row: ROW symbol BUY|SELL quantity @ price EXEC word [EXT word] [FEE x] [SIDE n] [EXEC_LENGTH n] [EXT_LENGTH n] [TIMES n])
 *     LIMITS name number ...   before anything else: other limits    UNPREPARED   before anything else: an empty tape
 *   In given a refusal fails the test. "" is an empty name.
 *
 * Facts of then. What happened, in order and complete:
 *     FILL aggressor resting quantity @ price (in an auction the buyer first)     CANCELLED account leaves REASON [reject REASON]
 *     EXPIRED account leaves     REDUCED account leaves REASON     PREVENTED account quantity @ price MODE
 *     REJECT [account] REASON     MARGIN_CALLED account CALL|LIQUIDATION     BUSTED account quantity @ price     NOTHING (none of these)
 *   and only looked at when one of the kind is named:
 *     PLACED account quantity @ price     MODIFIED account leaves @ price KEEPS|LOSES     SWEPT orders DONE|MORE
 *     TRIGGERED account stop @ price (that elected it)     ACTIVATED account leaves     SHOWS account shown     TRAILS account stop
 *     UNCROSSED quantity @ price     STATE symbol STATE     TRADING STATUS [account|symbol]     GTT account STATUS
 *     ROUTED account venue|NONE     ACKED account ext_order_id     EXECUTED account exec_id|NONE     BROKER account STATE
 *     SETTLES account     VENUE name STATE     ROUTING rules     RULE number venue[,venue...]     BATCHED orders     KEY_CLEARED seq
 *     STATEMENT rows     STATEMENT_ROW number exec_id
 *   Any of them may go on with details, a word and what it is: value, limit, field (REJECT), hold, stop, phase, by GTT|LIQUIDATION (PLACED),
 *     imbalance (UNCROSSED), cause (STATE), leg, reject (GTT), equity, exposure (MARGIN_CALLED), sweep (SWEPT), phase (ACTIVATED),
 *     fee (FILL: what the aggressor paid), venue, simulated (FILL).
 *   Of the desk: candidates, rule, attempt, cause, asked, review, retry (in so many seconds, 0: not by time) (ROUTED); venue, state (ACKED); kind, excess,
 *     late, simulated, venue (EXECUTED); before, report, leaves, hold, price, quantity, stop, reason, venue (BROKER); exec, fee, hold, leaves,
 *     venue (BUSTED); by COMMAND|TIME (SETTLES); before, cause, simulated, number (VENUE); account, symbol, type, side, min, max (RULE); atomic,
 *     owner (BATCHED); venue, account (STATEMENT); symbol, side, quantity, price, ext, fee (STATEMENT_ROW). yes and no are YES and NO.
 *   What is so now:
 *     RESTS account leaves @ price (in a book)     WAITS account leaves PHASE [stop x] [price x] [trigger x] (anywhere else)
 *     GONE account (no open order)     BIDS|ASKS quantity @ price ... | NONE     HIDDEN BUY|SELL price quantity
 *     QUEUE BUY|SELL price account ...     LAST price|NONE     ORDERS number     SESSION symbol STATE     PENDING|SETTLED
 *     INDICATIVE quantity @ price [imbalance x] | NONE     QUOTE_LEFT [BID price quantity] [ASK price quantity]
 *     CASH|FREE|RESERVED|MARGIN account amount [currency]     POSITION|COST|REALIZED account number [OF symbol]
 *     FEE account amount (paid in this when; negative is a rebate)
 *     ROUTE order STATE|NONE [detail ...] (venue, doubt, attempt, tries, review, asked, ext, due (seconds from now, 0: none), filled, price,
 *     quantity, stop, old, open)     EXECUTIONS order exec_id[!] ... | NONE (in their order; ! is a busted one, - one without a name)
 *     TABLES name number ... (venues, rules, routes, executions, client_ids, keys, timers)     VENUE_IS name STATE
 *     ANSWERED NEW|REPEATED|CONFLICT|FULL [seq] (what the last KEY came to) */
#ifndef ORDERTAPE_TESTS_WORLD_WORLD_H
#define ORDERTAPE_TESTS_WORLD_WORLD_H

#include "core/engine.h"
#include "tests/model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { WORLD_COMMANDS_MAX = 2000, WORLD_EVENTS_MAX = 16000, WORLD_ORDERS_MAX = 4000, WORLD_WORDS_MAX = 200 };

/* A word that AS gave to an order. */
struct world_alias {
    char word[24];
    uint64_t order_id;
};

/* Whose order it is, so that sentences can say "ann" and facts can say whose. */
struct world_order {
    uint64_t id;
    struct name account;
    bool gtt, member; /* member: of a group, but not its first */
};

struct world {
    struct limits limits;
    bool begun, unprepared;
    struct engine *engine;
    struct model *model;
    int64_t ts_ns;
    struct command *commands; /* every command so far */
    struct event *events;     /* everything the engine said so far */
    struct event *said, *said_again; /* room for one command's events: of the engine, and of who is compared with it */
    uint32_t commands_count, events_count;
    uint32_t when_event; /* where the events of the last when begin */
    struct world_order *orders; /* every order and GTT that was made, in order */
    uint32_t orders_count;
    struct world_alias aliases[WORLD_WORDS_MAX];
    uint32_t aliases_count;
    struct command_origin origin; /* of the command that the present sentence makes */
    int key_answer;               /* enum key_answer of the last key, and the seq that came with it */
    uint64_t key_seq;
    struct world_kept *kept; /* what commands point to */
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
