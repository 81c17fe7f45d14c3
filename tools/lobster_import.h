/* tools/lobster_import.h - LOBSTER's messages as commands, and our book compared with the file's after each.
 *
 * 0. Message 1 is undone from row 1, and the book seeded with one anonymous GTC order a level.
 * 1. new: place a GTC LIMIT order, client_order_id is the file's id.   2. partial cancel: modify down, its place is kept.
 * 3. delete: cancel.   4. visible execution: an IOC LIMIT order on the other side, at the message's price and size; it must
 *    fill exactly the order named. Where that order is not the oldest at its price (priority that the file cannot show), it is
 *    shrunk instead and the row is an exception.   5, 6, 7 (hidden execution, cross, halt): no command.
 * An id that is not in our book shrinks the anonymous order at that price.
 * The file is a window of N levels. A price is visible in a row if that side shows fewer than N levels or the price is not
 * beyond its worst. Row k is compared before any repair: no difference at a visible price: clean; differences only at prices
 * that row k-1 did not show: window; else an error. Then orders at prices the row does not show are cancelled and what it shows
 * and we lack is placed anonymously; now our book must equal the row.
 *
 * What must stay true: "the oldest" is decided by what the file told us in which order (priorities), not by whom the engine
 * would fill, so an engine that fills anybody else is caught. */
#ifndef ORDERTAPE_TOOLS_LOBSTER_IMPORT_H
#define ORDERTAPE_TOOLS_LOBSTER_IMPORT_H

#include <stdio.h>

#include "tools/file_text.h"
#include "tools/lobster_file.h"
#include "tools/offline.h"

struct lobster_tally {
    uint64_t messages;
    uint64_t rows, rows_equal; /* compared; equal after the repair */
    uint64_t clean, window, errors;
    uint64_t exceptions;
    uint64_t executions, executions_matched;
};

struct lobster_import {
    struct offline *offline;
    struct name symbol, account;
    int64_t midnight_ns;
    struct file_text messages, book; /* book.bytes NULL: no comparison */
    FILE *row_seqs;                  /* may be NULL */
    /* out */
    struct lobster_tally tally;
    char why[256]; /* what was wrong, when lobster_import_run fails or something did not match; empty: nothing */
};

/* The time of the first message, before a tape is opened for it. 0 or ERR_USAGE. */
int lobster_first_time(const struct file_text *messages, int64_t *since_midnight_ns);
/* Everything. 0; ERR_USAGE: the files or the tape do not fit (why says how); or what the tape said. */
int lobster_import_run(struct lobster_import *import);
/* True when everything that was compared was as it must be. */
bool lobster_tally_good(const struct lobster_tally *t);

#endif
