/* snapshots/whatif_plan.h - a scenario made ready: where each edit acts, what it does to a command of the tape, which
 * seqs it takes. What must stay true: the plan depends on the scenario and the commands alone. Edits of one place act
 * in the order of the file; a command of the tape keeps its seq and time, and one that is dropped leaves a TICK in
 * its place: time passes as it did. A BATCH or FILL of which only a part is dropped is copied without it; what is left
 * of a BATCH keeps its indexes, and so the ids of its orders. */
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

/* A command that differs from the tape's, and what it names that was dropped. */
struct whatif_copy {
    struct command command;
    struct command_place *orders; /* BATCH_ORDERS_MAX, once a batch needed them */
    uint16_t *indexes;
    struct fill_row fills[FILLS_MAX];
    uint64_t skipped[FILLS_MAX];
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
    struct id_map drop_orders;  /* by the first id of their command; grows by what dropped commands placed */
    struct id_map drop_members; /* orders of batches, by their own id; grows by those of dropped accounts */
    struct id_map drop_batches; /* by seq: how many of its orders the scenario names */
    struct whatif_copy *of_tape, *of_insert;
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
/* What becomes of a command in the branch. KEEP: `as` is what the branch folds, the command itself or a copy of what is
 * left of it. SKIP: it names nothing but what was dropped. skipped: what it names of that. */
enum whatif_fate { WHATIF_KEEP = 0, WHATIF_DROP, WHATIF_SKIP };
struct whatif_verdict {
    enum whatif_fate fate;
    const struct command *as;
    const uint64_t *skipped;
    uint32_t skipped_count;
};
/* Of the next command of the tape; v is valid until the one after it. ERR_USAGE: a drop that hits what it cannot drop. */
int whatif_plan_judge(struct whatif_plan *p, const struct command *c, struct whatif_verdict *v);
/* Of an inserted command, stamped; v is valid until the next inserted one. */
void whatif_plan_judge_insert(struct whatif_plan *p, const struct command *c, struct whatif_verdict *v);

/* The tape was folded up to until_seq: no edit lies after it. */
int whatif_plan_check_end(const struct whatif_plan *p, uint64_t until_seq);

#endif
