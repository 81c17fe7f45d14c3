/* api/json_parts.h - members that documents share: a key and its value at once, left out when there is nothing to say.
 * Internal to api's JSON files. */
#ifndef ORDERTAPE_API_JSON_PARTS_H
#define ORDERTAPE_API_JSON_PARTS_H

#include "api/json.h"

void member_string(struct json *j, const char *key, const char *text); /* "": left out */
void member_name(struct json *j, const char *key, const struct name *n); /* empty: left out */
void member_text(struct json *j, const char *key, const char *bytes, size_t len_bytes); /* empty: left out */
void member_u64(struct json *j, const char *key, uint64_t value);
void member_bool(struct json *j, const char *key, bool value);
void member_true(struct json *j, const char *key, bool value); /* false: left out */
void member_id(struct json *j, const char *key, uint64_t id);
void member_event_id(struct json *j, const char *key, uint64_t seq, uint32_t index); /* "seq-index" */
void member_time(struct json *j, const char *key, int64_t ts_ns);          /* 0: left out */
void member_decimal(struct json *j, const char *key, i128 value, unsigned scale); /* scale DECIMAL_ABSENT: left out */
/* Like member_decimal, without zeros behind the last digit that counts: 5.0000 is "5". */
void member_decimal_short(struct json *j, const char *key, i128 value, unsigned scale);

void members_limits(struct json *j, const struct limits *l);
/* An order's flags that are set, by their names. */
void members_flags(struct json *j, uint8_t flags);
/* trail_amount or trail_percent; 0: left out. */
void member_trail(struct json *j, int64_t trail, uint8_t scale, uint8_t flags);
/* 0 is BOOK; a broker, whose name is not known here, is its "venue_number"; VENUE_NONE is left out. */
void member_venue(struct json *j, uint8_t venue);
/* A venue by its name where it has one (a broker), else by its number. */
void member_venue_named(struct json *j, const struct name *name, uint8_t venue);
void member_key_hash(struct json *j, const char *key, struct key_hash h); /* 0, 0: left out */
/* Up to count names, to the first that is empty. */
void member_names(struct json *j, const char *key, const struct name *names, size_t count);
/* Of the order desk, without braces: a rule as PUT takes it; a decision beside its order; what a venue is; a statement's head and one of
 * its lines. */
void members_rule(struct json *j, const struct route_rule *r);
void members_decision(struct json *j, const struct event_routed *r);
void members_venue(struct json *j, const struct event_venue_set *v);
void members_statement(struct json *j, const struct event_statement *s);
void members_statement_line(struct json *j, const struct event_statement_row *r);
/* "ACTIVE" for 0, which is how state says it. */
const char *trading_text(int status);
/* What an order of a group is in it, and the ids of the others; link 0: left out. */
void members_link(struct json *j, uint64_t order_id, uint8_t link, uint8_t member, uint8_t activation);
/* Everything about a GTT, without the braces. */
void members_gtt(struct json *j, const struct event_gtt_set *g);
/* What PUT takes of an account. */
void members_account(struct json *j, const struct account_state *a);

/* The instrument's terms, as PUT takes them and GET gives them. */
void members_instrument_spec(struct json *j, const struct instrument_spec *s);
/* {"currency", "cash", "reserved", "available", "margin_used"} without the braces. */
void members_balance(struct json *j, const struct balance_row *b);

#endif
