/* core/statement.c - what a broker says it did, as it was written.
 * What must stay true: a statement changes nothing in the state: its events are what views compare with what we have. */
#include "core/desk_parts.h"

static bool positive(struct decimal d)
{
    return d.mantissa > 0 && d.scale <= DECIMAL_SCALE_MAX;
}

static enum reject row_judge(struct turn *t, const struct statement_row *r)
{
    if (r->exec_id.len_bytes == 0 || r->exec_id.len_bytes > EXT_ID_BYTES_MAX)
        return refuse(t, REJECT_FIELD_INVALID, REFUSAL_EXEC_ID);
    if (r->ext_order_id.len_bytes > EXT_ID_BYTES_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_EXT_ORDER_ID);
    if (name_empty(&r->symbol)) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SYMBOL);
    if (r->side == 0 || r->side > SIDE_NUMBER_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_SIDE);
    if (!positive(r->price)) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_PRICE);
    if (!positive(r->quantity)) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_QUANTITY);
    bool fee = r->fee.scale == DECIMAL_ABSENT || r->fee.scale <= CASH_SCALE_MAX;
    return fee ? 0 : refuse(t, REJECT_FIELD_INVALID, REFUSAL_AMOUNT);
}

static enum reject statement_judge(struct turn *t, const struct command_statement *s)
{
    const struct engine *e = t->engine;
    bool venue = !name_empty(&s->venue), account = !name_empty(&s->account);
    if (!venue && !account) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_VENUE);
    if (venue && venue_find(e, &s->venue) == 0) return refuse(t, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    if (account && account_find(e, &s->account) == 0) return refuse(t, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (s->from_ns >= s->to_ns) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_FROM);
    if (s->rows_count > STATEMENT_ROWS_MAX) return refuse(t, REJECT_FIELD_INVALID, REFUSAL_ROWS);
    enum reject no = 0;
    for (uint32_t n = 0; no == 0 && n < s->rows_count; n++) no = row_judge(t, &s->rows[n]);
    return no;
}

static void row_event(struct turn *t, const struct statement_row *r, uint32_t number)
{
    struct event_statement_row *ev = &turn_event(t, EVENT_STATEMENT_ROW)->statement_row;
    *ev = (struct event_statement_row){.number = number,
                                       .symbol = r->symbol,
                                       .price = r->price,
                                       .quantity = r->quantity,
                                       .fee = r->fee,
                                       .side = r->side,
                                       .exec_id_len = (uint8_t)r->exec_id.len_bytes,
                                       .ext_order_id_len = (uint8_t)r->ext_order_id.len_bytes};
    memcpy(ev->exec_id, r->exec_id.bytes, r->exec_id.len_bytes);
    if (r->ext_order_id.len_bytes != 0) memcpy(ev->ext_order_id, r->ext_order_id.bytes, r->ext_order_id.len_bytes);
}

void apply_statement(struct turn *t, const struct command *c)
{
    const struct command_statement *s = &c->statement;
    if (statement_judge(t, s) != 0) {
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    turn_event(t, EVENT_STATEMENT)->statement = (struct event_statement){.statement_id = c->seq << ORDER_INDEX_BITS,
                                                                         .venue = s->venue,
                                                                         .account = s->account,
                                                                         .from_ns = s->from_ns,
                                                                         .to_ns = s->to_ns,
                                                                         .rows = s->rows_count};
    for (uint32_t n = 0; n < s->rows_count; n++) row_event(t, &s->rows[n], n + 1);
}
