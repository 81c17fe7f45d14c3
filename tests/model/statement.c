/* tests/model/statement.c - a broker's statement passes through: it is judged by its shape and said row by row.
 * Invariant: it changes nothing. */
#include "tests/model/internal.h"

#include <string.h>

static int invalid(struct model *m, int field)
{
    return model_refuse_plain(m, REJECT_FIELD_INVALID, field);
}

static bool is_positive(struct decimal d)
{
    return d.scale <= DECIMAL_SCALE_MAX && d.mantissa > 0;
}

static int judge_row(struct model *m, const struct statement_row *row)
{
    if (row->exec_id.len_bytes == 0 || row->exec_id.len_bytes > EXT_ID_BYTES_MAX) return invalid(m, REFUSAL_EXEC_ID);
    if (row->ext_order_id.len_bytes > EXT_ID_BYTES_MAX) return invalid(m, REFUSAL_EXT_ORDER_ID);
    if (row->symbol.bytes[0] == '\0') return invalid(m, REFUSAL_SYMBOL);
    if (row->side < 1 || row->side > SIDE_NUMBER_MAX) return invalid(m, REFUSAL_SIDE);
    if (!is_positive(row->price)) return invalid(m, REFUSAL_PRICE);
    if (!is_positive(row->quantity)) return invalid(m, REFUSAL_QUANTITY);
    bool fee_is_good = row->fee.scale == DECIMAL_ABSENT || row->fee.scale <= CASH_SCALE_MAX;
    return fee_is_good ? 0 : invalid(m, REFUSAL_AMOUNT);
}

static int judge_head(struct model *m, const struct command_statement *s)
{
    bool venue = s->venue.bytes[0] != '\0', account = s->account.bytes[0] != '\0';
    if (!venue && !account) return invalid(m, REFUSAL_VENUE);
    if (venue && model_venue_number(m, &s->venue) == 0)
        return model_refuse_plain(m, REJECT_UNKNOWN_VENUE, REFUSAL_VENUE);
    if (account && model_find_account(m, &s->account) == NULL)
        return model_refuse_plain(m, REJECT_UNKNOWN_ACCOUNT, REFUSAL_ACCOUNT);
    if (s->from_ns >= s->to_ns) return invalid(m, REFUSAL_FROM);
    return s->rows_count > STATEMENT_ROWS_MAX ? invalid(m, REFUSAL_ROWS) : 0;
}

static void say_row(struct model *m, const struct statement_row *row, uint32_t number)
{
    struct event_statement_row *e = &model_say(m, EVENT_STATEMENT_ROW)->statement_row;
    *e = (struct event_statement_row){.number = number,
                                      .symbol = row->symbol,
                                      .price = row->price,
                                      .quantity = row->quantity,
                                      .fee = row->fee,
                                      .side = row->side,
                                      .exec_id_len = (uint8_t)row->exec_id.len_bytes,
                                      .ext_order_id_len = (uint8_t)row->ext_order_id.len_bytes};
    memcpy(e->exec_id, row->exec_id.bytes, row->exec_id.len_bytes);
    if (row->ext_order_id.len_bytes > 0) memcpy(e->ext_order_id, row->ext_order_id.bytes, row->ext_order_id.len_bytes);
}

int model_apply_statement(struct model *m, const struct command *c)
{
    const struct command_statement *s = &c->statement;
    int reason = judge_head(m, s);
    for (uint32_t k = 0; k < s->rows_count && reason == 0; k++) reason = judge_row(m, &s->rows[k]);
    if (reason != 0) return reason;
    model_say(m, EVENT_STATEMENT)->statement = (struct event_statement){.statement_id = model_own_id(m, 0),
                                                                        .venue = s->venue,
                                                                        .account = s->account,
                                                                        .from_ns = s->from_ns,
                                                                        .to_ns = s->to_ns,
                                                                        .rows = s->rows_count};
    for (uint32_t k = 0; k < s->rows_count; k++) say_row(m, &s->rows[k], k + 1);
    return 0;
}
