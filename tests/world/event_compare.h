/* tests/world/event_compare.h - are two events the same, and if not, what is the first thing that differs.
 * What must stay true: every field that core/event.h gives a kind is compared, and nothing that it does not give
 * (padding, the union's other members). */
#ifndef ORDERTAPE_TESTS_WORLD_EVENT_COMPARE_H
#define ORDERTAPE_TESTS_WORLD_EVENT_COMPARE_H

#include "core/event.h"

enum { DIFFERENCE_BYTES = 256 };

/* True when they are the same. Else false, and why (DIFFERENCE_BYTES) says in words which field differs. */
bool event_same(const struct event *left, const struct event *right, char *why);
/* The same for two lists; says the index of the first event that differs. */
bool event_lists_same(const struct event *left, uint32_t left_count, const struct event *right, uint32_t right_count,
                      char *why);

#endif
