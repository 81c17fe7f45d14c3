/* proto/codec.h - commands and events to and from the payload of a tape block: ONE protobuf message in columns
 * (proto/tape.proto). What must stay true: decode(encode(x)) == x for every x the structs can hold; bytes that are not
 * such a payload give ERR_CORRUPT and never read outside what was given, never allocate more than the bounds below.
 * Encoders and decoders own their memory and reuse it: no allocation once they have grown. One thread each. */
#ifndef ORDERTAPE_PROTO_CODEC_H
#define ORDERTAPE_PROTO_CODEC_H

#include "core/command.h"
#include "core/event.h"

/* A block never holds more records, more items of any one kind of list (orders of batches, rules, fills, lines of
 * statements), or more payload bytes, than this. */
enum { BLOCK_RECORDS_MAX = 65536, BLOCK_PAYLOAD_BYTES_MAX = 16 * 1024 * 1024 };

struct command_encoder;
int command_encoder_new(struct command_encoder **out);
void command_encoder_free(struct command_encoder *e);
/* Adds one stamped command; its texts and lists are copied. seqs follow each other without a gap. 0, ERR_FULL (the block
 * is full: finish it first), or ERR_USAGE, nothing added: something in it that no decoder would take back, namely kind 0,
 * a name that name_from_text would not make, a BATCH with indexes of its own, a scale above its maximum that is not DECIMAL_ABSENT, a list longer than
 * core/limits.h says (BATCH_ORDERS_MAX, ROUTE_RULES_MAX, FILLS_MAX, STATEMENT_ROWS_MAX), texts longer than a block. */
int command_encoder_add(struct command_encoder *e, const struct command *c);
uint32_t command_encoder_count(const struct command_encoder *e);
/* The payload of what was added, owned by the encoder and valid until the next call; the encoder is then empty. */
int command_encoder_finish(struct command_encoder *e, const uint8_t **bytes, size_t *len_bytes);

struct command_decoder;
int command_decoder_new(struct command_decoder **out);
void command_decoder_free(struct command_decoder *d);
/* Starts on a payload whose first command has first_seq and which the block header says holds `count` commands; the
 * bytes are not looked at after it returns. 0, ERR_CORRUPT, ERR_NO_MEMORY. */
int command_decoder_start(struct command_decoder *d, const uint8_t *bytes, size_t len_bytes, uint64_t first_seq,
                          uint32_t count);
/* The next command. Its texts and lists are the decoder's: they live until the next call of command_decoder_start or
 * _free, so a whole block of commands may be held; a list without items is NULL. 0, ERR_END after the last, ERR_CORRUPT. */
int command_decoder_next(struct command_decoder *d, struct command *out);

/* The same for events. A block of events covers the commands first_seq..last_seq whole (a command without events
 * included); the events of one command may be many, so a command whose events exceed a block goes over several
 * blocks. */
struct event_encoder;
int event_encoder_new(struct event_encoder **out);
void event_encoder_free(struct event_encoder *e);
/* 0, ERR_FULL, or ERR_USAGE: a kind that is not listed, a text longer than its room, or as above. */
int event_encoder_add(struct event_encoder *e, const struct event *event);
uint32_t event_encoder_count(const struct event_encoder *e);
int event_encoder_finish(struct event_encoder *e, const uint8_t **bytes, size_t *len_bytes);

struct event_decoder;
int event_decoder_new(struct event_decoder **out);
void event_decoder_free(struct event_decoder *d);
int event_decoder_start(struct event_decoder *d, const uint8_t *bytes, size_t len_bytes, uint32_t count);
int event_decoder_next(struct event_decoder *d, struct event *out);

#endif
