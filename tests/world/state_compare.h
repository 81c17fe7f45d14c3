/* tests/world/state_compare.h - is the engine in the state the model is in, value for value.
 * What must stay true: every field of core/state.h is compared, also what the digest leaves out because other values say it
 * (sums of holds, margins and open quantities) or because no event depends on it (times of orders). */
#ifndef ORDERTAPE_TESTS_WORLD_STATE_COMPARE_H
#define ORDERTAPE_TESTS_WORLD_STATE_COMPARE_H

#include "core/engine.h"
#include "tests/model/model.h"

enum { STATE_WHY_BYTES = 160 };

/* True when they are the same. Else false, and why (STATE_WHY_BYTES) names the object and the field. */
bool state_same(const struct engine *e, const struct model *m, char *why);
/* The same for what the engine shows of its books: every level with what is hidden, and the indicative price. */
bool books_same(const struct engine *e, const struct model *m, char *why);

#endif
