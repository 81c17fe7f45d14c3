/* snapshots/ledger.h - what one side of a what-if has to tell: the rows of orders it touched, and its trades.
 * What must stay true: a row is what core/rows.h makes of the order's state at the base and of every event after it,
 * so two ledgers differ exactly where two histories do. Both sides fold in step, command by command; what ended alike
 * on both is forgotten at once, or when the desk forgets it (a broker may still send, undo or settle what is done), so
 * memory follows what is open, what lingers and what differs, not the length of the tape. One thread. */
#ifndef ORDERTAPE_SNAPSHOTS_LEDGER_H
#define ORDERTAPE_SNAPSHOTS_LEDGER_H

#include "core/engine.h"
#include "core/rows.h"
#include "snapshots/id_map.h"
#include "snapshots/whatif.h"

struct ledger {
    const struct engine *base; /* the state before anything was folded; NULL: empty */
    const struct engine *now;  /* the state after what was folded; NULL: nothing was */
    struct id_map places;      /* order id -> index in rows */
    struct order_row *rows;    /* order_id 0: a free place */
    size_t rows_count, rows_room;
    uint32_t *free_places;
    size_t free_count, free_room;
    uint64_t *ended; /* ids of orders that ended since the last ledger_settle */
    size_t ended_count, ended_room;
    uint64_t *lingering; /* of the baseline: orders that ended alike and that the desk of either side remembers */
    size_t lingering_count, lingering_room, lingering_next; /* next: looked through when there are so many */
    struct whatif_trade *trades;
    size_t trades_count, trades_room;
    size_t trades_settled; /* those before the last ledger_settle */
};

void ledger_init(struct ledger *l, const struct engine *base);
void ledger_free(struct ledger *l);
/* dst: not initialised. Memory of dst must be freed also after an error. */
int ledger_copy(struct ledger *dst, const struct ledger *src);

/* Folds the events of one command; now: the state after it. 0, ERR_NO_MEMORY, or ERR_CORRUPT: an event of an order that nobody placed. */
int ledger_fold(struct ledger *l, const struct engine *now, const struct event *events, uint32_t count);
/* The row of an order that this side touched and has not forgotten, or NULL; valid until the ledger changes. */
const struct order_row *ledger_find(const struct ledger *l, uint64_t order_id);
/* The order as this side sees it now: true, or false when it does not know it. */
bool ledger_order(const struct ledger *l, uint64_t order_id, struct order_row *out);

/* After a command was folded on both sides: forgets the orders that ended alike and the trades that were made alike.
 * branch NULL: there is one history still, which is like itself. `kept` collects buyers (a seller to the venue QUOTE) whose trades differ: from
 * then on all their trades are kept, so that the n-th fill of a pair can be found. */
int ledger_settle(struct ledger *baseline, struct ledger *branch, struct id_map *kept);

/* Equal in everything a person sees of it but the seq of the commands that made it so. */
bool order_row_alike(const struct order_row *a, const struct order_row *b);
bool whatif_trade_alike(const struct whatif_trade *a, const struct whatif_trade *b);

#endif
