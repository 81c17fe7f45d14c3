/* projections/page.h - one page of a list: a bounded walk over the keys under one prefix, and the cursor strings
 * between pages.
 * What must stay true: following the cursors from "" visits every row of the list once, in key order, whatever the
 * limits; a cursor is
 * good for exactly the list and filter it came from; a page visits at most PAGE_VISITS_MAX keys. One thread. */
#ifndef ORDERTAPE_PROJECTIONS_PAGE_H
#define ORDERTAPE_PROJECTIONS_PAGE_H

#include <xxhash.h>

#include "projections/env.h"
#include "projections/keys.h"

/* 100,000 visits of rows that do not match are some 50 ms; the page then ends early, with a cursor. */
enum { PAGE_VISITS_MAX = 100000 };

struct page {
    struct views_read *read;
    enum view_db db;    /* walked */
    struct key prefix;  /* only keys under it */
    uint64_t list_hash; /* names list and filter; cursors carry it */
};

/* Starts a page over all of db. list: the walk's name, as cursors know it. */
void page_begin(struct page *p, struct views_read *r, enum view_db db, const char *list);
/* Makes cursors belong to this filter value too. Call for every part of a filter, in a fixed order. */
void page_filter(struct page *p, const void *bytes, size_t len_bytes);
/* Makes a row of a key (what follows the prefix is `rest`) and its value: 1 taken, 0 not of this list, PAGE_TAKE_END not
 * of it and nothing behind it is, or an error. */
enum { PAGE_TAKE_END = 2 };
typedef int (*page_take)(const struct page *p, void *arg, struct key_reader rest, const MDB_val *value, void *row);
/* Fills rows of row_bytes each. As the lists of views.h: the count, next (which may be where `after` is); ERR_USAGE,
 * ERR_CORRUPT, ERR_IO. */
int64_t page_fill(struct page *p, const char *after, uint32_t limit, page_take take, void *arg, void *rows,
                  size_t row_bytes, char *next);

/* For walks that are not a row a key: the text of a position, a key of this page, and back. ERR_USAGE. */
void page_cursor_write(const struct page *p, const MDB_val *key, char *next);
int page_cursor_read(const struct page *p, const char *text, struct key *after);
bool page_has_key(const struct page *p, const MDB_val *key);

/* The value of one key. 0, ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int read_value(const struct views_read *r, enum view_db db, const struct key *k, MDB_val *value);
/* A missing row that another row promised is damage. */
int read_promised(int rc);

#endif
