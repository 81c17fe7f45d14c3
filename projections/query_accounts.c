/* projections/query_accounts.c - accounts with their balances and positions. */
#include <string.h>

#include "core/error.h"
#include "core/money.h"
#include "core/position.h"
#include "projections/page.h"

int views_account(struct views_read *r, const struct name *account, struct account_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    key_begin(&k);
    key_name(&k, account);
    int rc = read_value(r, DB_ACCOUNTS, &k, &value);
    if (rc == 0) rc = account_decode(value.mv_data, value.mv_size, out);
    out->account.account = *account;
    return rc;
}

/* accounts_made: the value is the name. */
static int take_account(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct name account = {{0}};
    (void)arg;
    (void)rest;
    if (value->mv_size > NAME_CHARS_MAX) return ERR_CORRUPT;
    memcpy(account.bytes, value->mv_data, value->mv_size);
    int rc = read_promised(views_account(p->read, &account, out));
    return rc == 0 ? 1 : rc;
}

int64_t views_accounts(struct views_read *r, const char *after, uint32_t limit, struct account_row *out, char *next)
{
    struct page p;
    page_begin(&p, r, DB_ACCOUNTS_MADE, "accounts");
    return page_fill(&p, after, limit, take_account, NULL, out, sizeof *out, next);
}

/* A list of what belongs to one account, or to all when the name is empty. */
static void page_of_account(struct page *p, const struct name *account)
{
    page_filter(p, account->bytes, NAME_BYTES);
    if (!name_empty(account)) key_name(&p->prefix, account);
}

/* account | other name, of which the page's prefix may have taken the first. */
static bool take_names(struct key_reader *rest, const struct name *filter, struct name *account, struct name *other)
{
    *account = *filter;
    return (!name_empty(filter) || key_take_name(rest, account)) && key_take_name(rest, other) && rest->left_bytes == 0;
}

static int take_balance(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct balance_row *row = out;
    (void)p;
    memset(row, 0, sizeof *row);
    if (!take_names(&rest, arg, &row->account, &row->currency)) return ERR_CORRUPT;
    int rc = balance_decode(value->mv_data, value->mv_size, row);
    return rc == 0 ? 1 : rc;
}

int64_t views_balances(struct views_read *r, const struct name *account, const char *after, uint32_t limit,
                       struct balance_row *out, char *next)
{
    struct page p;
    struct name filter = *account;
    page_begin(&p, r, DB_BALANCES, "balances");
    page_of_account(&p, account);
    return page_fill(&p, after, limit, take_balance, &filter, out, sizeof *out, next);
}

/* As CHECK_MARGIN values it. */
static void position_value(struct position_row *row, const struct instrument_state *i)
{
    row->mark_price = position_mark_price(row->quantity, (enum trigger)i->spec.mark, i->last_price, i->bid, i->ask);
    bool marked = row->mark_price != 0;
    i128 value = marked ? money_notional(row->mark_price, row->quantity, row->price_scale, row->quantity_scale,
                                         row->currency_scale)
                        : row->cost;
    row->value = position_bounded(value);
    row->unrealized = marked ? row->value - row->cost : 0;
}

/* What a position shows of its instrument: names, scales and the mark. */
static int position_complete(struct views_read *r, struct position_row *row)
{
    struct instrument_row i;
    int rc = read_promised(views_instrument(r, &row->symbol, &i));
    if (rc != 0) return rc;
    row->currency = i.instrument.spec.currency;
    row->price_scale = i.instrument.spec.price_scale;
    row->quantity_scale = i.instrument.spec.quantity_scale;
    row->currency_scale = i.instrument.spec.currency_scale;
    position_value(row, &i.instrument);
    return 0;
}

int views_position(struct views_read *r, const struct name *account, const struct name *symbol,
                   struct position_row *out)
{
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    out->account = *account;
    out->symbol = *symbol;
    key_begin(&k);
    key_name(&k, account);
    key_name(&k, symbol);
    int rc = read_value(r, DB_POSITIONS, &k, &value);
    if (rc == 0) rc = position_decode(value.mv_data, value.mv_size, out);
    return rc == 0 ? position_complete(r, out) : rc;
}

static int take_position(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out)
{
    struct position_row *row = out;
    memset(row, 0, sizeof *row);
    if (!take_names(&rest, arg, &row->account, &row->symbol)) return ERR_CORRUPT;
    int rc = position_decode(value->mv_data, value->mv_size, row);
    if (rc == 0) rc = position_complete(p->read, row);
    return rc == 0 ? 1 : rc;
}

int64_t views_positions(struct views_read *r, const struct name *account, const char *after, uint32_t limit,
                        struct position_row *out, char *next)
{
    struct page p;
    struct name filter = *account;
    page_begin(&p, r, DB_POSITIONS, "positions");
    page_of_account(&p, account);
    return page_fill(&p, after, limit, take_position, &filter, out, sizeof *out, next);
}

static void equity_add(struct equity_row *row, const struct position_row *p)
{
    if (p->quantity == 0 || !name_equal(&p->currency, &row->currency)) return;
    row->value += p->value;
    row->exposure += p->value < 0 ? -p->value : p->value;
    row->unrealized += p->unrealized;
    row->positions++;
}

/* All positions of the account, a page at a time. */
static int equity_positions(struct views_read *r, struct equity_row *row)
{
    enum { PAGE_ROWS = 64 };
    struct position_row rows[PAGE_ROWS];
    char cursor[VIEWS_CURSOR_BYTES] = "";
    do {
        int64_t count = views_positions(r, &row->account, cursor, PAGE_ROWS, rows, cursor);
        if (count < 0) return (int)count;
        for (int64_t i = 0; i < count; i++) equity_add(row, &rows[i]);
    } while (cursor[0] != 0);
    return 0;
}

int views_equity(struct views_read *r, const struct name *account, const struct name *currency, struct equity_row *out)
{
    struct account_row a;
    struct currency_state c;
    struct balance_row b = {.cash = 0};
    struct key k;
    MDB_val value;
    memset(out, 0, sizeof *out);
    int rc = views_account(r, account, &a);
    if (rc == 0) rc = views_currency(r, currency, &c);
    if (rc != 0) return rc;
    key_begin(&k);
    key_name(&k, account);
    key_name(&k, currency);
    rc = read_value(r, DB_BALANCES, &k, &value);
    if (rc == 0) rc = balance_decode(value.mv_data, value.mv_size, &b);
    if (rc != 0 && rc != ERR_NOT_FOUND) return rc;
    out->account = *account;
    out->currency = *currency;
    out->scale = c.scale;
    out->cash = b.cash;
    rc = equity_positions(r, out);
    out->equity = out->cash + out->value;
    return rc;
}
