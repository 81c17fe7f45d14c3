/* api/routes_accounts.c - accounts, their cash, their positions. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "core/error.h"

/* An account's balances, all of them, and what it is worth in each: a page would lie about the whole. */
struct account_parts {
    struct balance_row *balances;
    struct equity_row *equities;
    size_t count;
};

static int load_balances(struct views_read *r, const struct name *account, struct account_parts *p)
{
    char after[VIEWS_CURSOR_BYTES] = "", next[VIEWS_CURSOR_BYTES] = "";
    do {
        struct balance_row *rows = realloc(p->balances, (p->count + VIEWS_PAGE_MAX) * sizeof *rows);
        if (rows == NULL) return ERR_NO_MEMORY;
        p->balances = rows;
        int64_t count = views_balances(r, account, after, VIEWS_PAGE_MAX, rows + p->count, next);
        if (count < 0) return (int)count;
        p->count += (size_t)count;
        memcpy(after, next, sizeof after);
    } while (next[0] != '\0');
    return 0;
}

static int load_equities(struct views_read *r, const struct name *account, struct account_parts *p)
{
    int failed = 0;
    p->equities = calloc(p->count + 1, sizeof *p->equities); /* never nothing: NULL must mean no memory */
    if (p->equities == NULL) return ERR_NO_MEMORY;
    for (size_t i = 0; failed == 0 && i < p->count; i++)
        failed = views_equity(r, account, &p->balances[i].currency, &p->equities[i]);
    return failed;
}

static int write_account(struct json *j, struct views_read *r, const struct account_row *row,
                         const struct orders_cancelled *cancelled)
{
    struct account_parts p = {0};
    int failed = load_balances(r, &row->account.account, &p);
    if (failed == 0) failed = load_equities(r, &row->account.account, &p);
    if (failed == 0) json_account(j, row, p.balances, p.equities, p.count, cancelled);
    free(p.balances);
    free(p.equities);
    return failed;
}

static void read_account(struct exchange *x, struct views_read *r)
{
    struct name account;
    struct account_row row;
    if (!param_name(x, 0, "account", &account)) return;
    int failed = views_account(r, &account, &row);
    if (failed != 0) {
        answer_not_read(x, failed, "account", exchange_param(x, 0));
        return;
    }
    /* After a command on it the account says that command's seq, whatever else the view has folded since. */
    if (x->seq != 0) row.updated_seq = x->seq;
    struct orders_cancelled cancelled;
    struct json *j = exchange_json(x);
    failed = j == NULL ? ERR_NO_MEMORY : write_account(j, r, &row, answer_cancelled(x, &cancelled));
    if (failed != 0)
        exchange_failed(x, failed);
    else
        exchange_answer(x, 200);
}

void route_account_get(struct exchange *x)
{
    exchange_read(x, read_account);
}

static void account_changed(struct exchange *x)
{
    if (answer_accepted(x)) exchange_read_after(x, x->pending.outcome.done_seq, read_account);
}

void route_account_put(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "account", &path.account)) answer_by_command(x, COMMAND_SET_ACCOUNT, &path, account_changed);
}

void route_account_cash(struct exchange *x)
{
    struct json_path path = {0};
    if (param_name(x, 0, "account", &path.account)) answer_by_command(x, COMMAND_MOVE_CASH, &path, account_changed);
}

static void read_accounts(struct exchange *x, struct views_read *r)
{
    struct page page;
    if (!query_page(x, &page)) return;
    struct account_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count = rows == NULL ? ERR_NO_MEMORY : views_accounts(r, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    int failed = 0;
    for (int64_t i = 0; j != NULL && failed == 0 && i < count; i++) failed = write_account(j, r, &rows[i], NULL);
    if (failed != 0)
        exchange_failed(x, failed);
    else if (j != NULL)
        answer_list_end(x, &page);
    free(rows);
}

void route_account_list(struct exchange *x)
{
    exchange_read(x, read_accounts);
}

static void read_positions(struct exchange *x, struct views_read *r)
{
    struct name account;
    struct page page;
    if (!query_name(x, "account", &account) || !query_page(x, &page)) return;
    struct position_row *rows = malloc(page.limit * sizeof *rows);
    int64_t count =
        rows == NULL ? ERR_NO_MEMORY : views_positions(r, &account, page.after, page.limit, rows, page.next);
    struct json *j = answer_list_begin(x, count);
    for (int64_t i = 0; j != NULL && i < count; i++) json_position(j, &rows[i]);
    if (j != NULL) answer_list_end(x, &page);
    free(rows);
}

void route_position_list(struct exchange *x)
{
    exchange_read(x, read_positions);
}
