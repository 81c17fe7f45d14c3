/* api/json_whatif.c - the answer to a what-if.
 * What must stay true: the same result gives the same bytes; a diff row has both sides, null where there is nothing. */
#include "api/json_parts.h"

enum { REPORT_ALL_BUT_BOOK = WHATIF_ORDERS | WHATIF_TRADES | WHATIF_POSITIONS | WHATIF_ACCOUNTS };

static void diff_trade(struct json *j, const struct whatif_trade *t)
{
    struct trade_row row = {.seq = t->seq, .index = t->index, .ts_ns = t->ts_ns, .fill = t->fill, .busted = t->busted};
    json_trade(j, &row, NULL);
}

static void diff_position(struct json *j, const struct whatif_position *p)
{
    struct position_row row = {.account = p->account, .symbol = p->symbol, .currency = p->currency};
    row.quantity = p->position.quantity;
    row.cost = p->position.cost;
    row.realized = p->position.realized;
    row.price_scale = p->price_scale;
    row.quantity_scale = p->quantity_scale;
    row.currency_scale = p->currency_scale;
    json_position(j, &row);
}

static void diff_balance(struct json *j, const struct whatif_balance *b)
{
    struct balance_row row = {.account = b->account, .currency = b->currency, .scale = b->scale};
    row.cash = b->balance.cash;
    row.reserved = b->balance.reserved;
    row.cost_net = b->balance.cost_net;
    row.margin_used = b->balance.margin_used;
    json_object_begin(j);
    members_balance(j, &row);
    json_object_end(j);
}

static void diff_level(struct json *j, const struct whatif_level_diff *d, const struct book_level *level)
{
    json_object_begin(j);
    member_name(j, "symbol", &d->symbol);
    member_string(j, "side", side_text(d->side));
    member_decimal(j, "price", level->price, d->price_scale);
    member_decimal(j, "quantity", level->quantity, d->quantity_scale);
    member_u64(j, "orders", level->orders);
    json_object_end(j);
}

/* Opens one side of a row. False: there is nothing on that side, and null says so. */
static bool diff_side(struct json *j, const char *side, bool present)
{
    json_key(j, side);
    if (!present) json_null(j);
    return present;
}

static void member_orders(struct json *j, const struct whatif_result *r)
{
    json_key(j, "orders");
    json_array_begin(j);
    for (size_t i = 0; i < r->orders_count; i++) {
        const struct whatif_order_diff *d = &r->orders[i];
        json_object_begin(j);
        if (diff_side(j, "baseline", d->in_baseline)) json_order(j, &d->baseline);
        if (diff_side(j, "branch", d->in_branch)) json_order(j, &d->branch);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_trades(struct json *j, const struct whatif_result *r)
{
    json_key(j, "trades");
    json_array_begin(j);
    for (size_t i = 0; i < r->trades_count; i++) {
        const struct whatif_trade_diff *d = &r->trades[i];
        json_object_begin(j);
        if (diff_side(j, "baseline", d->in_baseline)) diff_trade(j, &d->baseline);
        if (diff_side(j, "branch", d->in_branch)) diff_trade(j, &d->branch);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_positions(struct json *j, const struct whatif_result *r)
{
    json_key(j, "positions");
    json_array_begin(j);
    for (size_t i = 0; i < r->positions_count; i++) {
        const struct whatif_position_diff *d = &r->positions[i];
        json_object_begin(j);
        if (diff_side(j, "baseline", d->in_baseline)) diff_position(j, &d->baseline);
        if (diff_side(j, "branch", d->in_branch)) diff_position(j, &d->branch);
        json_object_end(j);
    }
    json_array_end(j);
}

static const struct name *balance_diff_account(const struct whatif_balance_diff *d)
{
    return d->in_baseline ? &d->baseline.account : &d->branch.account;
}

/* One side of the account whose balances differ in rows[0..count): those balances, or null when it has none of them. */
static void account_side(struct json *j, const char *side, bool branch, const struct whatif_balance_diff *rows,
                         size_t count)
{
    bool present = false;
    for (size_t i = 0; i < count; i++) present = present || (branch ? rows[i].in_branch : rows[i].in_baseline);
    if (!diff_side(j, side, present)) return;
    json_object_begin(j);
    member_name(j, "account", balance_diff_account(rows));
    json_key(j, "balances");
    json_array_begin(j);
    for (size_t i = 0; i < count; i++) {
        if (branch ? rows[i].in_branch : rows[i].in_baseline)
            diff_balance(j, branch ? &rows[i].branch : &rows[i].baseline);
    }
    json_array_end(j);
    json_object_end(j);
}

/* The balances are in order of account: each account is one row. */
static void member_accounts(struct json *j, const struct whatif_result *r)
{
    json_key(j, "accounts");
    json_array_begin(j);
    for (size_t first = 0, end; first < r->balances_count; first = end) {
        const struct whatif_balance_diff *rows = &r->balances[first];
        for (end = first + 1; end < r->balances_count; end++) {
            if (!name_equal(balance_diff_account(rows), balance_diff_account(&r->balances[end]))) break;
        }
        json_object_begin(j);
        account_side(j, "baseline", false, rows, end - first);
        account_side(j, "branch", true, rows, end - first);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_book(struct json *j, const struct whatif_result *r)
{
    json_key(j, "book");
    json_array_begin(j);
    for (size_t i = 0; i < r->levels_count; i++) {
        const struct whatif_level_diff *d = &r->levels[i];
        json_object_begin(j);
        if (diff_side(j, "baseline", d->in_baseline)) diff_level(j, d, &d->baseline);
        if (diff_side(j, "branch", d->in_branch)) diff_level(j, d, &d->branch);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_digest(struct json *j, const char *key, struct digest d)
{
    char room[DIGEST_TEXT_BYTES];
    digest_to_text(d, room);
    member_string(j, key, room);
}

static void member_inserted(struct json *j, const struct whatif_result *r)
{
    json_key(j, "inserted");
    json_array_begin(j);
    for (size_t i = 0; i < r->inserted_count; i++) json_order(j, &r->inserted[i]);
    json_array_end(j);
}

static void member_skipped(struct json *j, const struct whatif_result *r)
{
    json_key(j, "skipped");
    json_array_begin(j);
    for (size_t i = 0; i < r->skipped_count; i++) {
        json_object_begin(j);
        member_u64(j, "seq", r->skipped[i].seq);
        member_string(j, "op", command_kind_text(r->skipped[i].command_kind));
        member_id(j, "order_id", r->skipped[i].order_id);
        json_object_end(j);
    }
    json_array_end(j);
}

void json_whatif(struct json *j, const struct whatif_result *r, uint32_t report)
{
    if (report == 0) report = REPORT_ALL_BUT_BOOK;
    json_object_begin(j);
    member_u64(j, "base_seq", r->base_seq);
    member_u64(j, "until_seq", r->until_seq);
    member_u64(j, "commands", r->commands);
    member_digest(j, "base_digest", r->base_digest);
    member_digest(j, "branch_digest", r->branch_digest);
    json_key(j, "diff");
    json_object_begin(j);
    if (report & WHATIF_ORDERS) member_orders(j, r);
    if (report & WHATIF_TRADES) member_trades(j, r);
    if (report & WHATIF_POSITIONS) member_positions(j, r);
    if (report & WHATIF_ACCOUNTS) member_accounts(j, r);
    if (report & WHATIF_BOOK) member_book(j, r);
    json_object_end(j);
    member_inserted(j, r);
    member_skipped(j, r);
    json_object_end(j);
}
