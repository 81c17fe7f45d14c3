/* tests/world/room.h - engines for tests: their memory, a copy that went through export and import, and conservation.
 * Every function ends the program with a message when memory is short or an import is refused: a test cannot go on
 * then. */
#ifndef ORDERTAPE_TESTS_WORLD_ROOM_H
#define ORDERTAPE_TESTS_WORLD_ROOM_H

#include "core/engine.h"

struct engine *room_engine_new(const struct limits *l);
/* A second engine with the same state, by engine_copy. */
struct engine *room_engine_copy(const struct engine *e);
/* The same by exporting every object and importing it into an empty engine, as a snapshot does. change, when not NULL,
 * may change each balance on its way: how a test gets to amounts that no number of commands would bring. */
typedef void room_change_balance(struct balance_state *b, void *context);
struct engine *room_engine_transfer(const struct engine *e, room_change_balance *change, void *context);
void room_engine_free(struct engine *e);

/* True when every currency's cash and every instrument's quantity add to zero over all accounts, the holds and costs
 * to what the balances say. Else why (ROOM_WHY_BYTES) says what does not. Uses the exports only. */
enum { ROOM_WHY_BYTES = 160 };
bool room_engine_conserves(const struct engine *e, char *why);

#endif
