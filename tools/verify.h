/* tools/verify.h - what `ordertape verify` looks at, part by part, and the list of what it found.
 * What must stay true: it reads only. A finding is `damage` when something acknowledged is lost or two things that must be equal
 * differ; everything else worth saying is a `remark`. */
#ifndef ORDERTAPE_TOOLS_VERIFY_H
#define ORDERTAPE_TOOLS_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/digest.h"
#include "journal/data_dir.h"
#include "journal/tape.h"

struct finding {
    const char *part; /* "commands", "events", "snapshots", "projections" */
    bool damage;
    struct tape_finding at; /* file, offset and seqs where known; the text */
};
enum { FINDINGS_MAX = 256 };

struct verification {
    const struct data_dir *dir;
    bool server_running;
    uint64_t tape_id;
    /* of the fold */
    uint64_t seq, commands, events;
    struct digest digest;
    uint32_t snapshots;          /* looked at */
    uint64_t projections_seq;    /* compared at; 0: not compared */
    uint32_t damaged;            /* findings that are damage, also those that no longer fit */
    uint32_t count;
    struct finding findings[FINDINGS_MAX];
};

void verify_found(struct verification *v, const char *part, bool damage, uint64_t seq, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Each returns 0, whatever it found, or a negative core/error.h code when it could not look. */
int verify_bytes(struct verification *v, enum tape_kind kind);
/* Folds the command tape: digests on it, the event tape event for event, and the snapshots at their seqs. */
int verify_fold(struct verification *v);
/* Folds the event tape into views of their own in a temporary directory and compares. */
int verify_projections(struct verification *v);

#endif
