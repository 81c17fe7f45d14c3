/* tools/lobster_file.c - see lobster_file.h. */
#include "tools/lobster_file.h"

#include <stdbool.h>

#include "core/error.h"
#include "core/types.h"

enum { TIME_DECIMALS = 9, DAY_SECONDS = 86400 };

struct cursor {
    const char *at, *end;
};

static bool take_digits(struct cursor *c, int64_t *out, int *count)
{
    *out = 0;
    *count = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, ++*count) {
        if (__builtin_mul_overflow(*out, (int64_t)10, out)) return false;
        if (__builtin_add_overflow(*out, (int64_t)(*c->at - '0'), out)) return false;
    }
    return *count > 0;
}

static bool take_integer(struct cursor *c, int64_t *out)
{
    int count;
    bool negative = c->at < c->end && *c->at == '-';
    if (negative) c->at++;
    if (!take_digits(c, out, &count)) return false;
    if (negative) *out = -*out;
    return true;
}

static bool take_comma(struct cursor *c)
{
    if (c->at == c->end || *c->at != ',') return false;
    c->at++;
    return true;
}

/* Seconds with up to nine decimals, as an integer of nanoseconds: 34200.0426 is 34200042600000. */
static bool take_time(struct cursor *c, int64_t *since_midnight_ns)
{
    int64_t seconds, fraction = 0;
    int count, decimals = 0;
    if (!take_digits(c, &seconds, &count) || seconds > DAY_SECONDS) return false;
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        if (!take_digits(c, &fraction, &decimals) || decimals > TIME_DECIMALS) return false;
    }
    *since_midnight_ns =
        seconds * pow10_i64(TIME_DECIMALS) + fraction * pow10_i64((unsigned)(TIME_DECIMALS - decimals));
    return true;
}

int lobster_message_parse(struct lobster_message *m, const char *line, size_t len_bytes)
{
    struct cursor c = {line, line + len_bytes};
    int64_t type, order_id, direction;
    if (!take_time(&c, &m->since_midnight_ns) || !take_comma(&c) || !take_integer(&c, &type) || !take_comma(&c) ||
        !take_integer(&c, &order_id) || !take_comma(&c) || !take_integer(&c, &m->size) || !take_comma(&c) ||
        !take_integer(&c, &m->price) || !take_comma(&c) || !take_integer(&c, &direction) || c.at != c.end)
        return ERR_USAGE;
    if (type < LOBSTER_NEW || type > LOBSTER_HALT || order_id < 0 || (direction != 1 && direction != -1))
        return ERR_USAGE;
    if (type <= LOBSTER_EXECUTE && (m->size <= 0 || m->price <= 0)) return ERR_USAGE;
    m->type = (int)type;
    m->order_id = (uint64_t)order_id;
    m->side = direction == 1 ? SIDE_BUY : SIDE_SELL;
    return 0;
}

static bool take_level(struct cursor *c, struct lobster_row *row, int side)
{
    int64_t price, size;
    if (!take_integer(c, &price) || !take_comma(c) || !take_integer(c, &size) || size < 0) return false;
    if (size == 0) return true; /* +-9999999999: no such level */
    row->levels[side][row->count[side]++] = (struct lobster_level){price, size};
    return true;
}

int lobster_row_parse(struct lobster_row *row, uint32_t *depth, const char *line, size_t len_bytes)
{
    struct cursor c = {line, line + len_bytes};
    row->count[SIDE_BUY] = row->count[SIDE_SELL] = 0;
    *depth = 0;
    do {
        if (*depth == LOBSTER_LEVELS_MAX) return ERR_USAGE;
        if (!take_level(&c, row, SIDE_SELL) || !take_comma(&c) || !take_level(&c, row, SIDE_BUY)) return ERR_USAGE;
        ++*depth;
    } while (take_comma(&c));
    return c.at == c.end ? 0 : ERR_USAGE;
}
