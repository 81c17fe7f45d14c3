/* tools/lobster_file.h - LOBSTER's two files: order messages, and the book after each.
 *   message:  seconds after midnight, type, order id, size, price (dollars x 10000), direction (1 buy, -1 sell)
 *   book row: ask price 1, ask size 1, bid price 1, bid size 1, ask price 2, ... ; a level that is not there has size 0
 * Invariant: what is returned was a whole line of whole numbers within bounds; anything else is ERR_USAGE. */
#ifndef ORDERTAPE_TOOLS_LOBSTER_FILE_H
#define ORDERTAPE_TOOLS_LOBSTER_FILE_H

#include <stddef.h>
#include <stdint.h>

enum lobster_type {
    LOBSTER_NEW = 1,
    LOBSTER_REDUCE = 2, /* a partial cancel */
    LOBSTER_DELETE = 3,
    LOBSTER_EXECUTE = 4,
    LOBSTER_EXECUTE_HIDDEN = 5,
    LOBSTER_CROSS = 6,
    LOBSTER_HALT = 7
};

struct lobster_message {
    int64_t since_midnight_ns;
    int type; /* enum lobster_type */
    uint64_t order_id;
    int64_t size;
    int64_t price; /* dollars x 10000 */
    int side;      /* SIDE_BUY or SIDE_SELL: of the resting order */
};
enum { LOBSTER_PRICE_SCALE = 4 };

struct lobster_level {
    int64_t price, size;
};
/* Sides are numbered as in core: levels[SIDE_BUY] are bids. Best first; only levels that are there. */
enum { LOBSTER_LEVELS_MAX = 1024 };
struct lobster_row {
    uint32_t count[3];
    struct lobster_level levels[3][LOBSTER_LEVELS_MAX];
};

int lobster_message_parse(struct lobster_message *m, const char *line, size_t len_bytes);
/* *depth: how many levels a side the file has room for (N of its name). */
int lobster_row_parse(struct lobster_row *row, uint32_t *depth, const char *line, size_t len_bytes);

#endif
