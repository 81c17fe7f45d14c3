/* snapshots/whatif_diff.c - see whatif_diff.h. */
#include "snapshots/whatif_diff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "snapshots/array.h"

struct diff {
    const struct whatif_scenario *s;
    const struct whatif_side *baseline, *branch;
    struct whatif_result *out;
    size_t orders_room, trades_room, positions_room, balances_room, levels_room;
};

static bool listed(const struct name *names, uint32_t count, const struct name *n)
{
    for (uint32_t i = 0; i < count; ++i)
        if (name_equal(&names[i], n)) return true;
    return count == 0;
}

static bool wants_account(const struct diff *d, const struct name *n)
{
    return listed(d->s->accounts, d->s->accounts_count, n);
}
static bool wants_symbol(const struct diff *d, const struct name *n)
{
    return listed(d->s->symbols, d->s->symbols_count, n);
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}
static int compare_names(const struct name *a, const struct name *b)
{
    return memcmp(a->bytes, b->bytes, NAME_BYTES);
}

/* Orders */

static int add_order(struct diff *d, uint64_t order_id)
{
    /* Most open orders were touched alike on both sides: that is seen without copying them. */
    const struct order_row *x = ledger_find(d->baseline->ledger, order_id),
                           *y = ledger_find(d->branch->ledger, order_id);
    if (x && y && order_row_alike(x, y)) return 0;
    struct whatif_order_diff row;
    memset(&row, 0, sizeof row);
    row.in_baseline = ledger_order(d->baseline->ledger, order_id, &row.baseline);
    row.in_branch = ledger_order(d->branch->ledger, order_id, &row.branch);
    if (row.in_baseline && row.in_branch && order_row_alike(&row.baseline, &row.branch)) return 0;
    const struct order_row *any = row.in_baseline ? &row.baseline : &row.branch;
    if (!wants_account(d, &any->account) || !wants_symbol(d, &any->symbol)) return 0;
    int rc = array_reserve(&d->out->orders, &d->orders_room, d->out->orders_count + 1, sizeof row);
    if (rc == 0) d->out->orders[d->out->orders_count++] = row;
    return rc;
}

static int compare_orders(const void *a, const void *b)
{
    const struct whatif_order_diff *x = a, *y = b;
    return compare_u64(x->in_baseline ? x->baseline.order_id : x->branch.order_id,
                       y->in_baseline ? y->baseline.order_id : y->branch.order_id);
}

static int diff_orders(struct diff *d)
{
    const struct ledger *baseline = d->baseline->ledger, *branch = d->branch->ledger;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < baseline->rows_count; ++i)
        if (baseline->rows[i].order_id) rc = add_order(d, baseline->rows[i].order_id);
    for (size_t i = 0; rc == 0 && i < branch->rows_count; ++i) {
        uint64_t order_id = branch->rows[i].order_id;
        if (order_id && !id_map_get(&baseline->places, order_id, NULL)) rc = add_order(d, order_id);
    }
    if (rc == 0 && d->out->orders_count)
        qsort(d->out->orders, d->out->orders_count, sizeof *d->out->orders, compare_orders);
    return rc;
}

/* Trades */

static int compare_event_ids(const struct whatif_trade *a, const struct whatif_trade *b)
{
    int by_seq = compare_u64(a->seq, b->seq);
    return by_seq ? by_seq : compare_u64(a->index, b->index);
}

static int compare_pairs(const struct whatif_trade *a, const struct whatif_trade *b)
{
    int by_buyer = compare_u64(a->fill.buy_order_id, b->fill.buy_order_id);
    return by_buyer ? by_buyer : compare_u64(a->fill.sell_order_id, b->fill.sell_order_id);
}

/* Of pointers into one ledger's array, which is in the order in which they happened: a branch's seqs do not tell. */
static int compare_trades(const void *a, const void *b)
{
    const struct whatif_trade *x = *(const struct whatif_trade *const *)a, *y = *(const struct whatif_trade *const *)b;
    int by_pair = compare_pairs(x, y);
    return by_pair ? by_pair : (x > y) - (x < y);
}

static const struct whatif_trade *shown_trade(const struct whatif_trade_diff *d)
{
    return d->in_baseline ? &d->baseline : &d->branch;
}

static int compare_trade_diffs(const void *a, const void *b)
{
    const struct whatif_trade_diff *x = a, *y = b;
    int by_id = compare_event_ids(shown_trade(x), shown_trade(y));
    if (by_id) return by_id;
    if (x->in_baseline != y->in_baseline) return x->in_baseline ? -1 : 1;
    return compare_pairs(shown_trade(x), shown_trade(y));
}

static int add_trade(struct diff *d, const struct whatif_trade *baseline, const struct whatif_trade *branch)
{
    if (baseline && branch && whatif_trade_alike(baseline, branch)) return 0;
    const struct event_filled *fill = baseline ? &baseline->fill : &branch->fill;
    if (!wants_account(d, &fill->buy_account) && !wants_account(d, &fill->sell_account)) return 0;
    if (!wants_symbol(d, &fill->symbol)) return 0;
    int rc = array_reserve(&d->out->trades, &d->trades_room, d->out->trades_count + 1, sizeof *d->out->trades);
    if (rc) return rc;
    struct whatif_trade_diff *row = &d->out->trades[d->out->trades_count++];
    memset(row, 0, sizeof *row);
    row->in_baseline = baseline != NULL;
    row->in_branch = branch != NULL;
    if (baseline) row->baseline = *baseline;
    if (branch) row->branch = *branch;
    return 0;
}

/* malloc'ed pointers to a ledger's trades by pair, then as they happened; NULL: no memory. */
static const struct whatif_trade **sorted_trades(const struct ledger *l)
{
    const struct whatif_trade **sorted = calloc(l->trades_count + 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < l->trades_count; ++i) sorted[i] = &l->trades[i];
    if (sorted) qsort(sorted, l->trades_count, sizeof *sorted, compare_trades);
    return sorted;
}

/* Both lists end with NULL and are sorted alike, so the n-th fill of a pair meets the n-th. */
static int meet_trades(struct diff *d, const struct whatif_trade **a, const struct whatif_trade **b)
{
    int rc = 0;
    while (rc == 0 && (*a || *b)) {
        int side = !*a ? 1 : !*b ? -1 : compare_pairs(*a, *b);
        const struct whatif_trade *x = side <= 0 ? *a++ : NULL, *y = side >= 0 ? *b++ : NULL;
        rc = add_trade(d, x, y);
    }
    return rc;
}

static int diff_trades(struct diff *d)
{
    const struct whatif_trade **a = sorted_trades(d->baseline->ledger), **b = sorted_trades(d->branch->ledger);
    int rc = a && b ? meet_trades(d, a, b) : ERR_NO_MEMORY;
    free(a);
    free(b);
    if (rc == 0 && d->out->trades_count)
        qsort(d->out->trades, d->out->trades_count, sizeof *d->out->trades, compare_trade_diffs);
    return rc;
}

/* Positions */

/* A position with open orders only shows nothing, whether or not the state keeps it. */
static bool position_shows(const struct position_state *p)
{
    return p->quantity || p->cost || p->realized;
}

static bool positions_alike(const struct position_state *a, const struct position_state *b)
{
    return a->quantity == b->quantity && a->cost == b->cost && a->realized == b->realized;
}

static void position_names(const struct engine *e, const struct position_state *p, struct whatif_position *out)
{
    struct account_state a;
    struct instrument_state i;
    bool known = engine_get_account_by_id(e, p->account_id, &a) && engine_get_instrument_by_id(e, p->instrument_id, &i);
    assert(known);
    if (!known) return;
    out->account = a.account;
    out->symbol = i.spec.symbol;
    out->currency = i.spec.currency;
    out->price_scale = i.spec.price_scale;
    out->quantity_scale = i.spec.quantity_scale;
    out->currency_scale = i.spec.currency_scale;
    out->position = *p;
}

static int add_position(struct diff *d, const struct whatif_position_diff *row)
{
    const struct whatif_position *any = row->in_baseline ? &row->baseline : &row->branch;
    if (!wants_account(d, &any->account) || !wants_symbol(d, &any->symbol)) return 0;
    int rc = array_reserve(&d->out->positions, &d->positions_room, d->out->positions_count + 1, sizeof *row);
    if (rc == 0) d->out->positions[d->out->positions_count++] = *row;
    return rc;
}

/* Of p, which is `here`, with its fellow over there. One that shows on both is reported from the baseline only. */
static int diff_position(struct diff *d, const struct engine *here, const struct position_state *p,
                         bool here_is_baseline)
{
    struct whatif_position_diff row;
    memset(&row, 0, sizeof row);
    struct whatif_position *mine = here_is_baseline ? &row.baseline : &row.branch;
    struct whatif_position *other = here_is_baseline ? &row.branch : &row.baseline;
    const struct engine *there = here_is_baseline ? d->branch->engine : d->baseline->engine;
    struct position_state fellow;
    if (!position_shows(p)) return 0;
    position_names(here, p, mine);
    bool met = engine_get_position(there, &mine->account, &mine->symbol, &fellow) && position_shows(&fellow);
    if (met && (!here_is_baseline || positions_alike(p, &fellow))) return 0;
    if (met) position_names(there, &fellow, other);
    row.in_baseline = here_is_baseline || met;
    row.in_branch = !here_is_baseline || met;
    return add_position(d, &row);
}

static int compare_positions(const void *a, const void *b)
{
    const struct whatif_position_diff *x = a, *y = b;
    const struct whatif_position *p = x->in_baseline ? &x->baseline : &x->branch,
                                 *q = y->in_baseline ? &y->baseline : &y->branch;
    int by_account = compare_names(&p->account, &q->account);
    return by_account ? by_account : compare_names(&p->symbol, &q->symbol);
}

static int diff_positions(struct diff *d)
{
    struct position_state p;
    int rc = 0;
    for (uint32_t cursor = 0; rc == 0 && engine_export_position(d->baseline->engine, &cursor, &p);)
        rc = diff_position(d, d->baseline->engine, &p, true);
    for (uint32_t cursor = 0; rc == 0 && engine_export_position(d->branch->engine, &cursor, &p);)
        rc = diff_position(d, d->branch->engine, &p, false);
    if (rc == 0 && d->out->positions_count)
        qsort(d->out->positions, d->out->positions_count, sizeof *d->out->positions, compare_positions);
    return rc;
}

/* Balances */

static bool balance_shows(const struct balance_state *b)
{
    return b->cash || b->reserved || b->cost_net || b->margin_used;
}

static bool balances_alike(const struct balance_state *a, const struct balance_state *b)
{
    return a->cash == b->cash && a->reserved == b->reserved && a->cost_net == b->cost_net &&
           a->margin_used == b->margin_used;
}

/* Few currencies, so a scan; an engine has no getter of a currency by id. */
static bool currency_by_id(const struct engine *e, uint64_t id, struct currency_state *out)
{
    for (uint32_t cursor = 0; engine_export_currency(e, &cursor, out);)
        if (out->id == id) return true;
    return false;
}

static void balance_names(const struct engine *e, const struct balance_state *b, struct whatif_balance *out)
{
    struct account_state a;
    struct currency_state c;
    bool known = engine_get_account_by_id(e, b->account_id, &a) && currency_by_id(e, b->currency_id, &c);
    assert(known);
    if (!known) return;
    out->account = a.account;
    out->currency = c.currency;
    out->scale = c.scale;
    out->balance = *b;
}

static int add_balance(struct diff *d, const struct whatif_balance_diff *row)
{
    if (!wants_account(d, row->in_baseline ? &row->baseline.account : &row->branch.account)) return 0;
    int rc = array_reserve(&d->out->balances, &d->balances_room, d->out->balances_count + 1, sizeof *row);
    if (rc == 0) d->out->balances[d->out->balances_count++] = *row;
    return rc;
}

/* As diff_position. */
static int diff_balance(struct diff *d, const struct engine *here, const struct balance_state *b, bool here_is_baseline)
{
    struct whatif_balance_diff row;
    memset(&row, 0, sizeof row);
    struct whatif_balance *mine = here_is_baseline ? &row.baseline : &row.branch;
    struct whatif_balance *other = here_is_baseline ? &row.branch : &row.baseline;
    const struct engine *there = here_is_baseline ? d->branch->engine : d->baseline->engine;
    struct balance_state fellow;
    if (!balance_shows(b)) return 0;
    balance_names(here, b, mine);
    bool met = engine_get_balance(there, &mine->account, &mine->currency, &fellow) && balance_shows(&fellow);
    if (met && (!here_is_baseline || balances_alike(b, &fellow))) return 0;
    if (met) balance_names(there, &fellow, other);
    row.in_baseline = here_is_baseline || met;
    row.in_branch = !here_is_baseline || met;
    return add_balance(d, &row);
}

static int compare_balances(const void *a, const void *b)
{
    const struct whatif_balance_diff *x = a, *y = b;
    const struct whatif_balance *p = x->in_baseline ? &x->baseline : &x->branch,
                                *q = y->in_baseline ? &y->baseline : &y->branch;
    int by_account = compare_names(&p->account, &q->account);
    return by_account ? by_account : compare_names(&p->currency, &q->currency);
}

static int diff_balances(struct diff *d)
{
    struct balance_state b;
    int rc = 0;
    for (uint32_t cursor = 0; rc == 0 && engine_export_balance(d->baseline->engine, &cursor, &b);)
        rc = diff_balance(d, d->baseline->engine, &b, true);
    for (uint32_t cursor = 0; rc == 0 && engine_export_balance(d->branch->engine, &cursor, &b);)
        rc = diff_balance(d, d->branch->engine, &b, false);
    if (rc == 0 && d->out->balances_count)
        qsort(d->out->balances, d->out->balances_count, sizeof *d->out->balances, compare_balances);
    return rc;
}

/* Book levels */

struct book_sides {
    struct book_level *baseline, *branch;
    uint32_t baseline_room, branch_room;
};

static int add_level(struct diff *d, const struct instrument_spec *spec, int side, const struct book_level *baseline,
                     const struct book_level *branch)
{
    int rc = array_reserve(&d->out->levels, &d->levels_room, d->out->levels_count + 1, sizeof *d->out->levels);
    if (rc) return rc;
    struct whatif_level_diff *row = &d->out->levels[d->out->levels_count++];
    memset(row, 0, sizeof *row);
    row->symbol = spec->symbol;
    row->side = (uint8_t)side;
    row->price_scale = spec->price_scale;
    row->quantity_scale = spec->quantity_scale;
    row->in_baseline = baseline != NULL;
    row->in_branch = branch != NULL;
    if (baseline) row->baseline = *baseline;
    if (branch) row->branch = *branch;
    return 0;
}

static bool levels_alike(const struct book_level *a, const struct book_level *b)
{
    return a->price == b->price && a->quantity == b->quantity && a->hidden == b->hidden && a->orders == b->orders;
}

/* Best first on both sides. Below 0: only the baseline has x's price, above 0: only the branch has y's. */
static int meet_levels(const struct book_level *x, const struct book_level *y, int side)
{
    if (!x || !y) return x ? -1 : 1;
    if (x->price == y->price) return 0;
    return (x->price > y->price) == (side == SIDE_BUY) ? -1 : 1;
}

static int diff_book_side(struct diff *d, const struct book_sides *room, const struct instrument_spec *spec, int side)
{
    uint32_t a = engine_book(d->baseline->engine, &spec->symbol, side, room->baseline, room->baseline_room);
    uint32_t b = engine_book(d->branch->engine, &spec->symbol, side, room->branch, room->branch_room);
    int rc = 0;
    for (uint32_t i = 0, j = 0; rc == 0 && (i < a || j < b);) {
        const struct book_level *x = i < a ? &room->baseline[i] : NULL, *y = j < b ? &room->branch[j] : NULL;
        int met = meet_levels(x, y, side);
        if (met <= 0) ++i;
        if (met >= 0) ++j;
        if (met != 0 || !levels_alike(x, y)) rc = add_level(d, spec, side, met <= 0 ? x : NULL, met >= 0 ? y : NULL);
    }
    return rc;
}

static int compare_levels(const void *a, const void *b)
{
    const struct whatif_level_diff *x = a, *y = b;
    int by_symbol = compare_names(&x->symbol, &y->symbol);
    if (by_symbol) return by_symbol;
    if (x->side != y->side) return x->side < y->side ? -1 : 1;
    int64_t p = x->in_baseline ? x->baseline.price : x->branch.price,
            q = y->in_baseline ? y->baseline.price : y->branch.price;
    int ascending = (p > q) - (p < q);
    return x->side == SIDE_BUY ? -ascending : ascending;
}

static int diff_instrument(struct diff *d, const struct book_sides *room, const struct instrument_spec *spec)
{
    if (!wants_symbol(d, &spec->symbol)) return 0;
    int rc = diff_book_side(d, room, spec, SIDE_BUY);
    return rc ? rc : diff_book_side(d, room, spec, SIDE_SELL);
}

static int diff_instruments(struct diff *d, const struct book_sides *room)
{
    struct instrument_state i, fellow;
    int rc = 0;
    for (uint32_t cursor = 0; rc == 0 && engine_export_instrument(d->baseline->engine, &cursor, &i);)
        rc = diff_instrument(d, room, &i.spec);
    for (uint32_t cursor = 0; rc == 0 && engine_export_instrument(d->branch->engine, &cursor, &i);)
        if (!engine_get_instrument(d->baseline->engine, &i.spec.symbol, &fellow))
            rc = diff_instrument(d, room, &i.spec);
    return rc;
}

static int diff_levels(struct diff *d)
{
    struct book_sides room = {NULL, NULL, engine_counts(d->baseline->engine).levels,
                              engine_counts(d->branch->engine).levels};
    room.baseline = calloc((size_t)room.baseline_room + 1, sizeof *room.baseline);
    room.branch = calloc((size_t)room.branch_room + 1, sizeof *room.branch);
    int rc = room.baseline && room.branch ? diff_instruments(d, &room) : ERR_NO_MEMORY;
    free(room.baseline);
    free(room.branch);
    if (rc == 0 && d->out->levels_count)
        qsort(d->out->levels, d->out->levels_count, sizeof *d->out->levels, compare_levels);
    return rc;
}

int whatif_diff(const struct whatif_scenario *s, const struct whatif_side *baseline, const struct whatif_side *branch,
                struct whatif_result *out)
{
    struct diff d = {.s = s, .baseline = baseline, .branch = branch, .out = out};
    uint32_t report = s->report ? s->report : WHATIF_ORDERS | WHATIF_TRADES | WHATIF_POSITIONS | WHATIF_ACCOUNTS;
    int rc = 0;
    if (report & WHATIF_ORDERS) rc = diff_orders(&d);
    if (rc == 0 && report & WHATIF_TRADES) rc = diff_trades(&d);
    if (rc == 0 && report & WHATIF_POSITIONS) rc = diff_positions(&d);
    if (rc == 0 && report & WHATIF_ACCOUNTS) rc = diff_balances(&d);
    if (rc == 0 && report & WHATIF_BOOK) rc = diff_levels(&d);
    return rc;
}
