/* projections/query_trades.h - trades as query_reconcile.c reads them too. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_QUERY_TRADES_H
#define ORDERTAPE_PROJECTIONS_QUERY_TRADES_H

#include "projections/page.h"

/* The trade row->seq, row->index. 0, ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int trade_read(const struct views_read *r, struct trade_row *row);
/* Everything but the time of a filter. */
bool trade_matches(const struct trade_filter *f, const struct trade_row *row);
/* The index with the fewest trades to pass over; not by order_id: keys of it end with seq, index. */
void trades_index(struct page *p, const struct trade_filter *f);
/* A page_take of such an index; arg: the filter. */
int take_trade(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *out);
/* Where in such an index trades of from_ns or later begin: nothing with a smaller seq is. 0, ERR_CORRUPT, ERR_IO. */
int trades_seek(const struct page *p, int64_t from_ns, uint64_t *seq);

#endif
