/* api/json.h - JSON in and out: bodies and lines to commands and scenarios, rows and events to documents.
 * What must stay true: a decimal goes text -> integer without passing through a double; whatever is not understood is
 * refused with the name of the field; the same row always gives the same bytes. Used by HTTP, `submit`, `cat`,
 * `whatif`. docs/API.md lists the fields. */
#ifndef ORDERTAPE_API_JSON_H
#define ORDERTAPE_API_JSON_H

#include "core/command.h"
#include "core/event.h"
#include "core/rows.h"
#include "projections/views.h"
#include "snapshots/whatif.h"

/* A batch of BATCH_ORDERS_MAX orders, or as many lines of a statement, of some 400 bytes each (two ids of a UUID's length, prices, a
 * tag) must fit into one body. */
enum { JSON_BODY_BYTES_MAX = 4 * 1024 * 1024, JSON_DEPTH_MAX = 16 };
enum { IDEMPOTENCY_KEY_BYTES_MAX = 128 };

/* Why something was refused, in RFC 9457's words. */
struct problem {
    int status;       /* HTTP */
    char code[48];    /* MALFORMED, ... or a reject's name */
    char title[96];
    char detail[256]; /* names the field and what to do */
};
void problem_set(struct problem *p, int status, const char *code, const char *title, const char *detail_format, ...)
    __attribute__((format(printf, 5, 6)));

/* What a body said beside the fields of the command. */
struct json_said {
    struct text idempotency_key; /* of the whole body, any kind: for the door; empty: none */
    /* of use to the parser alone */
    uint64_t order_id; /* FILL: of the rows that name none */
    uint32_t given;    /* bits of the fields' tables */
    uint8_t items;     /* in the list of legs */
    uint8_t trading;
    bool cancel;
};
/* A parsed command. Its texts and lists, and the key's, are in `memory`: one block, freed by json_command_free. */
struct json_command {
    struct command command; /* seq and ts_ns are 0 */
    struct json_said said;
    void *memory;
    size_t texts_at, memory_bytes; /* where the next text goes; how much there is */
};
/* What the URL says; empty or 0: nothing. A body may repeat it but not contradict it. */
struct json_path {
    struct name symbol, account, currency, venue;
    uint64_t order_id;     /* or a GTT's, or a batch's */
    uint32_t batch_orders; /* CANCEL_BATCH: how many the batch had */
    uint8_t report;        /* enum report: of a URL that stands for one */
    bool simulated;        /* FILL: of a URL that makes fills up */
};
/* Parses one JSON object of at most JSON_BODY_BYTES_MAX (longer: TOO_LARGE, status 413). kind 0: the member "op" names
 * it (command_kind_text), the names and ids that a URL would give are members ("symbol", "account", "currency", "venue",
 * "order_id"), "seq" and "time" are ignored, and "actor", "request_id", "key_hash" and "body_hash" are the command's
 * origin, so that a line of json_command comes back as the same command. What came
 * out says command.kind: a PLACE with "orders" is a BATCH, one with "link" a PLACE_LINKED, a SET_INSTRUMENT with "trading" and a
 * SET_ACCOUNT with "cancel" are a SET_TRADING. len 0
 * is taken as {}; a null is a field left out. path may be NULL. Duplicate keys, unknown or missing fields, wrong
 * types, too deep, lists that are too long: MALFORMED, status 400. Field names and aliases: docs/API.md, snake_case and camelCase.
 * Returns 0, or ERR_USAGE or ERR_NO_MEMORY (status 503), and then there is nothing to free. */
int json_command_parse(enum command_kind kind, const char *text, size_t len_bytes, const struct json_path *path,
                       struct json_command *out, struct problem *p);
/* A command that was never parsed into must be all zero. May be called twice. */
void json_command_free(struct json_command *j);
/* What a body asks, as 128 bits for an idempotency key: members in any order, white space, and the member idempotency_key
 * (idempotencyKey) make no difference; a number is the text it was written with, and so the same as that string. Nothing at all is {}.
 * Refuses what json_command_parse could not read either. 0, ERR_USAGE, ERR_NO_MEMORY. */
int json_canonical_hash(const char *text, size_t len_bytes, struct key_hash *out, struct problem *p);
/* 32 hex digits, the high half first. From text: 0, or ERR_USAGE. */
enum { KEY_HASH_TEXT_BYTES = 33 };
const char *key_hash_to_text(struct key_hash h, char room[KEY_HASH_TEXT_BYTES]);
int key_hash_from_text(struct key_hash *out, const char *text, size_t len_bytes);

struct json_scenario {
    struct whatif_scenario scenario;
    void *memory;    /* what the scenario points to, but for what inserted commands do */
    void **inserted; /* the memory of each of them, in `memory` too */
    uint32_t inserted_count;
};
/* 0, ERR_USAGE or ERR_NO_MEMORY, and then there is nothing to free. */
int json_scenario_parse(const char *text, size_t len_bytes, struct json_scenario *out, struct problem *p);
void json_scenario_free(struct json_scenario *s);

/* A growing document. Errors (no memory) stick and are reported by json_bytes. */
struct json;
struct json *json_new(void); /* NULL: no memory */
void json_free(struct json *j);
void json_reset(struct json *j);
/* The bytes written since json_new or json_reset; NULL when it failed. Owned by j. */
const char *json_bytes(const struct json *j, size_t *len_bytes);
void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_text(struct json *j, const char *bytes, size_t len_bytes);
void json_string(struct json *j, const char *nul_terminated);
void json_name(struct json *j, const struct name *n);
void json_u64(struct json *j, uint64_t value);
void json_i64(struct json *j, int64_t value);
void json_bool(struct json *j, bool value);
void json_null(struct json *j);
void json_decimal(struct json *j, i128 value, unsigned scale); /* as a string */
void json_id(struct json *j, uint64_t id);                     /* as a string */
void json_time(struct json *j, int64_t ts_ns);                 /* RFC 3339 UTC, nanoseconds */
void json_number_text(struct json *j, const char *number);     /* an already formed JSON number */

/* Documents; each writes one value. "Absent when empty" as the contract says. */
void json_order(struct json *j, const struct order_row *o);
void json_order_with_legs(struct json *j, const struct order_row *o, const struct order_row *legs, size_t legs_count);
/* account NULL or empty: no one's side. One that stands on both sides is shown as the taker. */
void json_trade(struct json *j, const struct trade_row *t, const struct name *account);
void json_candle(struct json *j, const struct candle_row *c);
void json_position(struct json *j, const struct position_row *p);
/* After a change of trading state with "cancel": what it cancelled. NULL below: there was none. */
struct orders_cancelled {
    uint64_t orders;
    bool more;
};
/* equities[i] is what the account is worth in the currency of balances[i]. */
void json_account(struct json *j, const struct account_row *a, const struct balance_row *balances,
                  const struct equity_row *equities, size_t count, const struct orders_cancelled *cancelled);
void json_instrument(struct json *j, const struct instrument_row *i, const struct orders_cancelled *cancelled);
void json_currency(struct json *j, const struct currency_state *c);
struct book_rows {
    const struct level_row *rows; /* best first */
    size_t count;
};
void json_book(struct json *j, const struct instrument_state *i, const struct auction_price *indicative, uint64_t seq,
               const struct book_rows *bids, const struct book_rows *asks);
void json_gtt(struct json *j, const struct gtt_row *g);
void json_trading(struct json *j, const struct system_row *s);
void json_venue(struct json *j, const struct venue_row *v);
/* The whole table; what it writes, PUT takes (but for seq; 0: none is said). */
void json_routing(struct json *j, const struct rule_row *rules, size_t count, uint64_t seq);
/* One row of an order's audit. */
void json_decision(struct json *j, const struct decision_row *d);
/* A batch and its orders as they stand: orders[k] is the one with index k + 1. */
void json_batch(struct json *j, const struct batch_row *b, const struct order_row *orders, size_t count);
/* The contract's sums of a batch (api/batch_totals.h). currency_scale: that of the currency of its first order's instrument. */
void json_reconcile_batch(struct json *j, const struct batch_row *b, const struct order_row *orders, size_t count,
                          unsigned currency_scale);
/* A statement's head; with totals also how it compares, and with each line or trade of rows[0..count). */
void json_statement(struct json *j, const struct statement_header_row *s, const struct reconcile_totals *totals,
                    const struct reconcile_row *rows, size_t count);
void json_event(struct json *j, const struct event *e);
/* The same, with the command that it is part of: its kind, and who asked for it under which request. */
void json_event_asked(struct json *j, const struct event *e, const struct command *c);
void json_command(struct json *j, const struct command *c);
void json_whatif(struct json *j, const struct whatif_result *r, uint32_t report);
void json_problem(struct json *j, const struct problem *p);
/* "price 100.005: price is not a multiple of the tick (limit 0.01)"; returns room, of REFUSAL_TEXT_BYTES. */
enum { REFUSAL_TEXT_BYTES = 512 };
const char *json_refusal_text(const struct refusal *r, char *room);
/* Members of an open object: "field", "value", "limit" of a refusal, as far as it has them. */
void json_refusal_members(struct json *j, const struct refusal *r);

/* "2012-06-21T09:30:00.004241176Z" (also with an offset, 0 to 9 decimals) <-> nanoseconds since 1970 UTC. 0 or
 * ERR_USAGE. */
int time_from_text(int64_t *ts_ns, const char *text, size_t len_bytes);
enum { TIME_TEXT_BYTES = 36 };
size_t time_to_text(int64_t ts_ns, char room[TIME_TEXT_BYTES]);

#endif
