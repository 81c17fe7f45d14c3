/* snapshots/whatif_plan.h - a scenario made ready: where each edit acts, what it does to a command of the tape, which
 * seqs it takes. What must stay true: the plan depends on the scenario and the commands alone. Edits of one place act
 * in the order of the file; a command of the tape keeps its seq and time, and one that is dropped leaves a TICK in
 * its place: time passes as it did. */
#ifndef ORDERTAPE_SNAPSHOTS_WHATIF_PLAN_H
#define ORDERTAPE_SNAPSHOTS_WHATIF_PLAN_H

#include "snapshots/id_map.h"
#include "snapshots/recover.h"
#include "snapshots/whatif.h"

enum { WHATIF_ERROR_BYTES = sizeof((struct whatif_result *)0)->error };

/* Inserted commands that act at one kind of place, and how far the tape has come. */
struct whatif_queue {
    uint32_t *edits; /* indexes, by place, then by place in the file */
    uint32_t count, next;
};

struct whatif_plan {
    const struct whatif_scenario *scenario;
    uint64_t base_seq;
    int64_t base_ts_ns;
    uint64_t until_seq_max; /* neither after `until` nor after the end of the tape */
    int64_t until_ts_ns_max;
    struct whatif_queue by_seq, by_time;
    uint32_t *due;           /* what whatif_plan_due found */
    uint64_t *inserted_seqs; /* of each edit; 0: not an INSERT */
    uint64_t next_seq;       /* for the commands that the branch itself must insert */
    struct id_map drop_seqs;
    struct id_map drop_orders; /* by the first id of their command; grows by what dropped commands placed */
    struct name *drop_accounts;
    uint32_t drop_accounts_count;
    char *error; /* WHATIF_ERROR_BYTES */
};

/* Where the fold of the base must stop; end_seq: the end of the tape at the time of the request. ERR_USAGE: there is
 * no such snapshot, no such kind of point, or it lies beyond the end. */
int whatif_plan_base(const struct data_dir *d, const struct whatif_scenario *s, uint64_t end_seq,
                     struct recover_options *o, char *error);
/* Takes the scenario apart. Free it also after an error. ERR_USAGE: error says which edit and why. */
int whatif_plan_make(struct whatif_plan *p, const struct whatif_scenario *s, uint64_t base_seq, int64_t base_ts_ns,
                     uint64_t end_seq, char *error);
void whatif_plan_free(struct whatif_plan *p);

/* Edits that act just before c, the next command of the tape: p->due[0..return value). */
uint32_t whatif_plan_due(struct whatif_plan *p, const struct command *c);
/* What becomes of c in the branch. SKIP: it names a dropped order. ERR_USAGE: a drop that hits what it cannot drop. */
enum whatif_fate { WHATIF_KEEP = 0, WHATIF_DROP, WHATIF_SKIP };
int whatif_plan_fate(struct whatif_plan *p, const struct command *c, enum whatif_fate *fate);
/* Names c a dropped order? Then order_id says which. Also for inserted commands. */
bool whatif_plan_skips(const struct whatif_plan *p, const struct command *c, uint64_t *order_id);

/* The tape was folded up to until_seq: no edit lies after it. */
int whatif_plan_check_end(const struct whatif_plan *p, uint64_t until_seq);

#endif
