/* api/tape_look.h - single commands and events looked up on the tapes of the server that writes them. On worker threads: it reads files.
 * What must stay true: only what the views have folded is asked for. Then it is on both tapes, though perhaps not synced on the event
 * tape yet, so all written bytes are read; anything missing is ERR_CORRUPT. */
#ifndef ORDERTAPE_API_TAPE_LOOK_H
#define ORDERTAPE_API_TAPE_LOOK_H

#include "api/outcome.h"
#include "api/server.h"
#include "journal/records.h"
#include "projections/views.h"

int tape_open_events(const struct server *s, struct event_reader **out);
int tape_open_commands(const struct server *s, struct command_reader **out);
/* The event with this id, valid until the next call. */
int tape_find_event(struct event_reader *r, struct event_id id, const struct event **out);
/* The command with this seq, valid until the next call. */
int tape_find_command(struct command_reader *r, uint64_t seq, const struct command **out);
/* What came of command seq, made again from its events: what was said of it when it had been carried out. asked: a command that asks
 * for the same. error is set instead when it cannot be. */
void tape_outcome(const struct server *s, const struct command *asked, uint64_t seq, struct outcome *out);

#endif
