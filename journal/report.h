/* journal/report.h - findings collected while a tape is read. A NULL report takes and forgets them. One thread. */
#ifndef ORDERTAPE_JOURNAL_REPORT_H
#define ORDERTAPE_JOURNAL_REPORT_H

#include "journal/tape.h"

/* Where and what; `text` is printf's. file: the entry of the tape's directory, "" for the directory itself. */
struct report_place {
    const char *dir, *file;
    uint64_t offset, first_seq, last_seq;
    bool damage;
};
__attribute__((format(printf, 3, 4))) void tape_report_add(struct tape_report *r, const struct report_place *place,
                                                           const char *text, ...);

#endif
