/* api/routes_trading.c - who may trade at all, and who can afford what they hold: the kill switch and margin checks. */
#include "api/answer.h"

static void member_name(struct json *j, const char *key, const struct name *n)
{
    if (name_empty(n)) return;
    json_key(j, key);
    json_name(j, n);
}

static void trading_set(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    const struct event_trading_set *s = &o->subject.trading_set;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        member_name(j, "account", &s->account);
        member_name(j, "symbol", &s->symbol);
        json_key(j, "status");
        json_string(j, account_status_text(x->parsed.command.set_trading.status));
        json_key(j, "cancelled");
        json_u64(j, o->swept_count);
        json_key(j, "more");
        json_bool(j, o->swept_more);
        json_key(j, "seq");
        json_u64(j, o->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_trading_put(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_SET_TRADING, &path, trading_set);
}

static void read_trading(struct exchange *x, struct views_read *r)
{
    struct system_row row;
    int failed = views_system(r, &row);
    if (failed != 0) {
        exchange_failed(x, failed);
        return;
    }
    struct json *j = exchange_json(x);
    if (j != NULL) json_trading(j, &row);
    exchange_answer(x, 200);
}

void route_trading_get(struct exchange *x)
{
    exchange_read(x, read_trading);
}

static void margin_checked(struct exchange *x)
{
    if (!answer_accepted(x)) return;
    const struct outcome *o = &x->pending.outcome;
    struct json *j = exchange_json(x);
    if (j != NULL) {
        json_object_begin(j);
        json_key(j, "accounts");
        json_u64(j, o->swept_count);
        json_key(j, "margin_calls");
        json_u64(j, o->margin_calls);
        json_key(j, "liquidations");
        json_u64(j, o->liquidations);
        json_key(j, "more");
        json_bool(j, o->swept_more);
        json_key(j, "seq");
        json_u64(j, o->seq);
        json_object_end(j);
    }
    exchange_answer(x, 200);
}

void route_margin_check(struct exchange *x)
{
    struct json_path path = {0};
    answer_by_command(x, COMMAND_CHECK_MARGIN, &path, margin_checked);
}
