/* snapshots/whatif_diff.h - two histories side by side: what a person would see differ.
 * What must stay true: rows are found by what they mean (order id, names, price), compared by what is shown, and
 * sorted by the same, so the answer does not depend on where anything stood in memory. */
#ifndef ORDERTAPE_SNAPSHOTS_WHATIF_DIFF_H
#define ORDERTAPE_SNAPSHOTS_WHATIF_DIFF_H

#include "core/engine.h"
#include "snapshots/ledger.h"
#include "snapshots/whatif.h"

struct whatif_side {
    const struct engine *engine; /* at until; never NULL */
    const struct ledger *ledger;
};

/* Fills the lists that the scenario's report asks for. 0 or ERR_NO_MEMORY. */
int whatif_diff(const struct whatif_scenario *s, const struct whatif_side *baseline, const struct whatif_side *branch,
                struct whatif_result *out);

#endif
