/* api/connectors/connectors_doors.h - the doors of a connector in a process: the event tape, the views, the pipeline, files.
 * For the thread of the connectors. */
#ifndef ORDERTAPE_API_CONNECTORS_CONNECTORS_DOORS_H
#define ORDERTAPE_API_CONNECTORS_CONNECTORS_DOORS_H

#include "api/connectors/connectors.h"
#include "api/connectors/cursor_file.h"
#include "journal/records.h"

struct process_doors {
    const struct connectors_options *o;
    struct cursor_file file;
    struct event_reader *reader;
    struct event next; /* read, and not yet folded by the views */
    bool has_next;
    uint64_t skip_seq; /* events up to (skip_seq, skip_index) are passed over */
    uint32_t skip_index;
    uint64_t end_seq; /* when the views had folded so far, the tape had no more */
    uint64_t begin_seq; /* where a connector without a cursor begins; 0: at the end */
};

int process_doors_open(struct process_doors *p, const struct connectors_options *o, const struct name *name);
void process_doors_close(struct process_doors *p);
struct connector_doors process_doors(struct process_doors *p);
/* The venue as the views have it, and the seq of its last change. */
int process_venue(struct process_doors *p, const struct name *venue, struct event_venue_set *out, uint64_t *seq);

#endif
