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
void member_time(struct json *j, const char *key, int64_t ts_ns);          /* 0: left out */
void member_decimal(struct json *j, const char *key, i128 value, unsigned scale); /* scale DECIMAL_ABSENT: left out */
/* Like member_decimal, without zeros behind the last digit that counts: 5.0000 is "5". */
void member_decimal_short(struct json *j, const char *key, i128 value, unsigned scale);

/* The instrument's terms, as PUT takes them and GET gives them. */
void members_instrument_spec(struct json *j, const struct instrument_spec *s);
/* {"currency", "cash", "reserved", "available", "margin_used"} without the braces. */
void members_balance(struct json *j, const struct balance_row *b);

#endif
