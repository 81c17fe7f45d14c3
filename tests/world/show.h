/* tests/world/show.h - commands and events in words, for people who look for the cause of a failed test. */
#ifndef ORDERTAPE_TESTS_WORLD_SHOW_H
#define ORDERTAPE_TESTS_WORLD_SHOW_H

#include "core/event.h"

#include <stdio.h>

/* One line each, with a newline. */
void show_command(FILE *out, const struct command *c);
void show_event(FILE *out, const struct event *e);
void show_events(FILE *out, const char *title, const struct event *events, uint32_t events_count);

#endif
