/* core/engine.h - the deterministic engine: one function folds a command into state and says what happened.
 * What must stay true: the result of engine_apply depends on the state and the command only. It reads no clock, file,
 * random number or environment, never allocates, never fails: a command is accepted whole or leaves one REJECTED event and
 * no other change (timers that were due aside). docs/ENGINE.md states every rule.
 *
 * Memory: the state is one arena that the caller provides, zeroed, engine_bytes() long, aligned to 64; it holds no pointer,
 * so it may be copied with engine_copy and thrown away by freeing it. Untouched pages of it are never written, so a lazily
 * mapped arena costs what is in use. Threads: one at a time; const functions may run together while no one applies. */
#ifndef ORDERTAPE_CORE_ENGINE_H
#define ORDERTAPE_CORE_ENGINE_H

#include "core/auction_price.h"
#include "core/command.h"
#include "core/digest.h"
#include "core/event.h"
#include "core/state.h"

/* The rules this engine folds by; a segment's header names it. */
enum { RULES_VERSION = 3 };

struct engine;

/* Bytes of the arena for these limits. limits_valid(l) must hold. */
size_t engine_bytes(const struct limits *l);
/* An empty state (seq 0) in zeroed memory. The tape's first command must be SET_LIMITS with the same limits. */
struct engine *engine_init(void *memory, const struct limits *l);
/* Copies src into zeroed memory of engine_bytes(its limits); touches only what src uses. Returns the copy. */
struct engine *engine_copy(void *memory, const struct engine *src);
/* Bytes of the arena that are in use (the high-water marks of its pools). */
size_t engine_bytes_used(const struct engine *e);

/* The most events one command can make under these limits: room for them must be given to every engine_apply. */
uint32_t engine_events_max(const struct limits *l);

/* Folds one command. c->seq and c->ts_ns are stamped; ts_ns is not below the last one (asserted).
 * Writes the events to `events` and returns their number (0 for a TICK with nothing due). */
uint32_t engine_apply(struct engine *e, const struct command *c, struct event *events);
/* commands[0..count) are known and about to be applied in order; commands[at] is next. Fetches the cache lines that those a
 * few places ahead will touch, and changes nothing. Call it before every engine_apply of the group, or never. ahead is the
 * caller's, zeroed at the start of a group (commands and at begin anew) and not looked at. */
enum { ENGINE_AHEAD = 16 };
struct engine_ahead {
    uint32_t object[ENGINE_AHEAD], second[ENGINE_AHEAD];
};
void engine_prefetch(const struct engine *e, struct engine_ahead *ahead, const struct command *commands, uint32_t count,
                     uint32_t at);

/* The digest of the state (core/digest.h). Cheap: only what changed since the last call is hashed. */
struct digest engine_digest(struct engine *e);
/* The same, hashed from nothing, walking every object: what tests and snapshots compare with. */
struct digest engine_digest_full(const struct engine *e);

/* When the next timer is due, or INT64_MAX. */
int64_t engine_next_due_ns(const struct engine *e);
/* True while a CONTINUE must be applied before any other command at ts_ns: an earlier command's work is unfinished, more timers than
 * work_max are due, or a decision where a waiting order goes is. The sequencer writes CONTINUE commands until it is false. */
bool engine_continue_needed(const struct engine *e, int64_t ts_ns);

/* What belongs to no object, counts, and single objects by name or id. The getters return false when there is none. */
struct engine_scalars engine_scalars(const struct engine *e);
struct engine_counts {
    uint32_t orders, levels, instruments, accounts, positions, balances, currencies, timers;
    uint32_t venues, rules, routes, executions, client_ids, keys;
    uint32_t waiting; /* of the routes: orders that wait for a venue */
};
struct engine_counts engine_counts(const struct engine *e);
bool engine_get_order(const struct engine *e, uint64_t order_id, struct order_state *out);
bool engine_get_instrument(const struct engine *e, const struct name *symbol, struct instrument_state *out);
bool engine_get_instrument_by_id(const struct engine *e, uint64_t id, struct instrument_state *out);
bool engine_get_account(const struct engine *e, const struct name *account, struct account_state *out);
bool engine_get_account_by_id(const struct engine *e, uint64_t id, struct account_state *out);
bool engine_get_balance(const struct engine *e, const struct name *account, const struct name *currency,
                        struct balance_state *out);
bool engine_get_position(const struct engine *e, const struct name *account, const struct name *symbol,
                         struct position_state *out);

/* The desk. A route is there from an order's first decision for a broker (or for none) until it has settled and lingered. */
bool engine_get_venue(const struct engine *e, const struct name *venue, struct venue_state_row *out);
bool engine_get_route(const struct engine *e, uint64_t order_id, struct route_state *out);
/* Idempotency, asked before a command is stamped. KEY_REPEATED: the key came before, with this body, in command *seq; KEY_CONFLICT: with
 * another body. KEY_FULL: it is new and there is no room for it at ts_ns. */
enum key_answer { KEY_NEW = 0, KEY_REPEATED = 1, KEY_CONFLICT = 2, KEY_FULL = 3 };
enum key_answer engine_key_find(const struct engine *e, const struct command_origin *origin, int64_t ts_ns, uint64_t *seq);
bool engine_get_key(const struct engine *e, const struct key_hash *key, struct key_state *out);

/* The price and volume at which the instrument's book would uncross now (docs/ENGINE.md, "Price P"); false: it would not. */
bool engine_indicative(const struct engine *e, const struct name *symbol, struct auction_price *out);

/* Up to levels_max levels of one side, best first. Returns how many; 0 when the instrument is unknown. */
uint32_t engine_book(const struct engine *e, const struct name *symbol, int side, struct book_level *out,
                     uint32_t levels_max);
/* The ids of the orders that rest at one price, first to trade first; returns how many there are (may exceed ids_max). */
uint32_t engine_queue(const struct engine *e, const struct name *symbol, int side, int64_t price, uint64_t *ids,
                      uint32_t ids_max);

/* Export: call with *cursor 0 and again until false. Currencies, instruments and accounts come in creation order, the others
 * in no order that means anything; venues, rules, executions (of one order), client ids and keys come in an order that matters and are
 * imported in it. Import: into an engine fresh from engine_init, in the order scalars, currencies, instruments, accounts, venues, rules,
 * balances, positions, orders (ascending priority), routes, executions, client ids, keys. Every import checks that what it is given fits
 * what is there: 0, ERR_CORRUPT (the state is then useless), ERR_FULL. Sums (reserved, cost_net, margin_used, open and closing
 * quantities) are not believed but made again from the positions and orders. engine_import_end: 0 or ERR_CORRUPT. */
bool engine_export_currency(const struct engine *e, uint32_t *cursor, struct currency_state *out);
bool engine_export_instrument(const struct engine *e, uint32_t *cursor, struct instrument_state *out);
bool engine_export_account(const struct engine *e, uint32_t *cursor, struct account_state *out);
bool engine_export_balance(const struct engine *e, uint32_t *cursor, struct balance_state *out);
bool engine_export_position(const struct engine *e, uint32_t *cursor, struct position_state *out);
bool engine_export_order(const struct engine *e, uint32_t *cursor, struct order_state *out);
bool engine_export_venue(const struct engine *e, uint32_t *cursor, struct venue_state_row *out);
bool engine_export_rule(const struct engine *e, uint32_t *cursor, struct route_rule *out);
bool engine_export_route(const struct engine *e, uint32_t *cursor, struct route_state *out);
bool engine_export_execution(const struct engine *e, uint32_t *cursor, struct execution_state *out);
bool engine_export_client_id(const struct engine *e, uint32_t *cursor, struct client_id_state *out);
bool engine_export_key(const struct engine *e, uint32_t *cursor, struct key_state *out);
int engine_import_scalars(struct engine *e, const struct engine_scalars *s);
int engine_import_currency(struct engine *e, const struct currency_state *c);
int engine_import_instrument(struct engine *e, const struct instrument_state *i);
int engine_import_account(struct engine *e, const struct account_state *a);
int engine_import_balance(struct engine *e, const struct balance_state *b);
int engine_import_position(struct engine *e, const struct position_state *p);
int engine_import_order(struct engine *e, const struct order_state *o);
int engine_import_venue(struct engine *e, const struct venue_state_row *v);
int engine_import_rule(struct engine *e, const struct route_rule *r);
int engine_import_route(struct engine *e, const struct route_state *r);
int engine_import_execution(struct engine *e, const struct execution_state *x);
int engine_import_client_id(struct engine *e, const struct client_id_state *c);
int engine_import_key(struct engine *e, const struct key_state *k);
int engine_import_end(struct engine *e);

/* Walks everything and stops the program (a trap, in every build) at a broken invariant: lists, levels, sums, conservation. */
void engine_check(const struct engine *e);

#endif
