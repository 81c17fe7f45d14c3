/* api/connectors/connectors.h - the connectors of one process: a thread that drives them, each with a simulated broker.
 *
 *   projector ── views have folded up to seq ──▶ | thread: connector_turn each | ──▶ pipeline_submit, and waits for the answers
 *
 * What must stay true: it reads only what the views have folded; it never blocks the projector; a connector that fails is closed, and
 * begins anew from what is durable after a pause, while the others go on. A connector without its venue on the tape costs nothing. */
#ifndef ORDERTAPE_API_CONNECTORS_CONNECTORS_H
#define ORDERTAPE_API_CONNECTORS_CONNECTORS_H

#include "api/connectors/connector.h"
#include "api/pipeline.h"
#include "api/projector.h"
#include "journal/data_dir.h"
#include "journal/tape.h"

/* X(NAME, style): what can be named in the setting `connectors`. */
#define CONNECTORS(X) X(ZERODHA_SIM, BROKER_STYLE_NUMBERS) X(ALPACA_SIM, BROKER_STYLE_UUIDS)
enum { CONNECTORS_MAX = 2 };

struct connectors_options {
    const struct data_dir *dir; /* DIR/connectors/NAME.cursor, DIR/brokers/NAME.log */
    struct tape_options events_tape;
    struct views *views;
    struct projector *projector;
    struct pipeline *pipeline;
    uint32_t names;         /* bit k: the k-th of CONNECTORS */
    uint64_t seed;          /* of the simulated brokers */
    uint32_t faults_percent;
};
struct connectors;

/* names: "zerodha_sim,alpaca_sim" in any case, or "none". False: one is not known. */
bool connectors_from_text(const char *text, uint32_t *names);

/* After the pipeline has started. 0, ERR_NO_MEMORY, ERR_IO. */
int connectors_start(const struct connectors_options *o, struct connectors **out);
/* Before the pipeline is stopped: finishes the turn that is under way, joins. */
void connectors_stop(struct connectors *c);

struct connectors_status {
    struct name name;
    bool present; /* the venue exists and the connector is at work */
    int error;    /* of the last failure; 0: none */
    struct connector_status connector;
};
/* Any thread. Returns how many were written. */
uint32_t connectors_status(struct connectors *c, struct connectors_status out[CONNECTORS_MAX]);

#endif
