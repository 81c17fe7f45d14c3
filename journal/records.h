/* journal/records.h - commands and events on their tapes, one record at a time: a tape (journal/tape.h) joined with the codec. */
#ifndef ORDERTAPE_JOURNAL_RECORDS_H
#define ORDERTAPE_JOURNAL_RECORDS_H

#include "core/command.h"
#include "core/event.h"
#include "journal/tape.h"

struct command_reader;
int command_reader_open(const struct tape_options *o, bool all_bytes, struct command_reader **out, struct tape_report *report);
void command_reader_close(struct command_reader *r);
/* Next command returned will be the first with seq >= seq (or ts_ns >= ts_ns). ERR_END: none. */
int command_reader_seek_seq(struct command_reader *r, uint64_t seq);
int command_reader_seek_time(struct command_reader *r, int64_t ts_ns);
/* 0 with *out valid until the next call; ERR_END; ERR_CORRUPT; ERR_IO. */
int command_reader_next(struct command_reader *r, const struct command **out);
/* The commands around the one returned last, which is (*commands)[*at]: those after it come next. For engine_prefetch. */
void command_reader_window(const struct command_reader *r, const struct command **commands, uint32_t *count, uint32_t *at);
/* When the command returned last was the last of its block and the block carries a digest: true, and the digest. */
bool command_reader_digest(const struct command_reader *r, struct digest *out);
/* Chain hash up to and with the block of the command returned last. */
void command_reader_chain_hash(const struct command_reader *r, uint64_t *lo, uint64_t *hi);
uint64_t command_reader_tape_id(const struct command_reader *r);

struct event_reader;
int event_reader_open(const struct tape_options *o, bool all_bytes, struct event_reader **out, struct tape_report *report);
void event_reader_close(struct event_reader *r);
int event_reader_seek_seq(struct event_reader *r, uint64_t seq);
int event_reader_next(struct event_reader *r, const struct event **out);
/* The last command whose events the tape holds whole, up to where the reader may read; 0: none. */
int event_reader_last_seq(struct event_reader *r, uint64_t *seq);
void event_reader_chain_hash(const struct event_reader *r, uint64_t *lo, uint64_t *hi);

/* Appends events in blocks. Commands without events are covered too: say how far with covered_seq.
 * After a crash the tape may end in the middle of a command's events: that command does not count as covered, its events are given
 * again from the first, and those that are on the tape already are passed over. */
struct event_writer;
int event_writer_open(const struct tape_options *o, struct event_writer **out, struct tape_report *report);
/* events[0..count) follow what was written; covered_seq >= the last one's seq. Written as blocks at once, not synced. */
int event_writer_append(struct event_writer *w, const struct event *events, uint32_t count, uint64_t covered_seq, int64_t ts_ns);
int event_writer_sync(struct event_writer *w);
/* Syncs, and makes the last block visible to readers in other processes (tape_writer_mark). No-op when it is. */
int event_writer_mark(struct event_writer *w);
uint64_t event_writer_covered_seq(const struct event_writer *w);
void event_writer_chain_hash(const struct event_writer *w, uint64_t *lo, uint64_t *hi);
int event_writer_close(struct event_writer *w);
void event_writer_abandon(struct event_writer *w);

#endif
