/* api/json_refusal.c - why the engine said no, in words and numbers.
 * What must stay true: a refusal names its field, what was asked and what is allowed, as far as the engine's table of
 * refusals has them. */
#include <stdio.h>

#include "api/json_parts.h"
#include "core/rejects.h"

/* Limits of accounts have nine decimals and leverage two, whatever the order has: they are shown as short as they are. */
static bool limit_is_short(int reason)
{
    return reason == REJECT_ORDER_QUANTITY_LIMIT || reason == REJECT_ORDER_NOTIONAL_LIMIT ||
           reason == REJECT_POSITION_LIMIT || reason == REJECT_LEVERAGE_TOO_HIGH;
}

static const char *limit_text(const struct refusal *r, char *room)
{
    i128 limit = r->limit;
    unsigned scale = r->limit_scale;
    for (; limit_is_short(r->reason) && scale > 0 && limit % 10 == 0; scale--) limit /= 10;
    decimal_to_text(limit, scale, room);
    return room;
}

/* What the number of a refusal is: mostly what was asked. */
static const char *value_name(const struct refusal *r)
{
    switch (r->reason) {
    case REJECT_REPORT_NOT_EXPECTED:
    case REJECT_SETTLE_NOT_ALLOWED: return "state";
    case REJECT_DUPLICATE_CLIENT_ORDER_ID: return "existing_order_id";
    case REJECT_RULE_INVALID:
    case REJECT_UNKNOWN_VENUE: return "rule";
    default: return NULL;
    }
}

static const char *value_text(const struct refusal *r, char *room)
{
    if (r->reason == REJECT_INSTRUMENT_NOT_OPEN) return instrument_state_text((int)r->value);
    if (r->reason == REJECT_REPORT_NOT_EXPECTED || r->reason == REJECT_SETTLE_NOT_ALLOWED)
        return broker_state_text((int)r->value);
    decimal_to_text(r->value, r->value_scale, room);
    return room;
}

/* A refusal of no one field is about an amount that came out of several: the words come first. */
static const char *amount_text(const struct refusal *r, char *room)
{
    char value[DECIMAL_TEXT_BYTES_MAX], limit[DECIMAL_TEXT_BYTES_MAX];
    bool cash = r->reason == REJECT_CASH_SHORT, limited = r->limit_scale != DECIMAL_ABSENT;
    (void)snprintf(room, REFUSAL_TEXT_BYTES, "%s: %s%s%s%s", reject_text(r->reason), cash ? "needs " : "",
                   value_text(r, value), limited ? (cash ? ", available " : ", limit ") : "",
                   limited ? limit_text(r, limit) : "");
    return room;
}

const char *json_refusal_text(const struct refusal *r, char *room)
{
    char value[DECIMAL_TEXT_BYTES_MAX], limit[DECIMAL_TEXT_BYTES_MAX];
    bool valued = r->value_scale != DECIMAL_ABSENT, limited = r->limit_scale != DECIMAL_ABSENT;
    if (valued && r->field == 0) return amount_text(r, room);
    const char *field = r->field != 0 ? refusal_field_name(r->field) : "";
    if (valued && value_name(r) != NULL) {
        (void)snprintf(room, REFUSAL_TEXT_BYTES, "%s: %s (%s %s)", field, reject_text(r->reason), value_name(r),
                       value_text(r, value));
        return room;
    }
    const char *allowed = r->reason == REJECT_FIELD_INVALID ? refusal_field_allowed(r->field) : "";
    (void)snprintf(room, REFUSAL_TEXT_BYTES, "%s%s%s%s%s%s%s%s%s%s", field, valued ? " " : "",
                   valued ? value_text(r, value) : "", field[0] != '\0' ? ": " : "", reject_text(r->reason),
                   allowed[0] != '\0' ? ": " : "", allowed, limited ? " (limit " : "",
                   limited ? limit_text(r, limit) : "", limited ? ")" : "");
    return room;
}

void json_refusal_members(struct json *j, const struct refusal *r)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    if (r->field != 0) member_string(j, "field", refusal_field_name(r->field));
    if (r->value_scale != DECIMAL_ABSENT)
        member_string(j, value_name(r) != NULL ? value_name(r) : "value", value_text(r, room));
    if (r->limit_scale != DECIMAL_ABSENT) member_string(j, "limit", limit_text(r, room));
}
