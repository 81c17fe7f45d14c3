/* api/serve.h - the process: one data directory, one sequencer, its doors. `ordertape serve` calls it. */
#ifndef ORDERTAPE_API_SERVE_H
#define ORDERTAPE_API_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/limits.h"
#include "journal/sequencer.h"

struct serve_options {
    char data_dir[3072];
    char listen_address[64]; /* default 127.0.0.1 */
    uint16_t listen_port;    /* default 8080; 0: any, printed */
    enum sync_mode sync;
    int64_t sync_interval_ns;
    bool accept_time_jump;
    uint32_t queue_max; /* commands waiting for the sequencer; more: 503 with Retry-After */
    uint32_t connections_max;
    uint32_t request_timeout_ms;      /* whole request, from first byte to last */
    uint64_t snapshot_every_commands; /* 0: only by command */
    char end_of_day_utc[8];           /* "HH:MM", empty: never */
    uint32_t margin_check_seconds;    /* how often equity is compared with margin; 0: never */
    uint32_t connectors;              /* bits of CONNECTORS (api/connectors/connectors.h) */
    uint64_t connector_seed;          /* of the simulated brokers */
    uint32_t connector_faults_percent; /* of each fault they know */
    struct limits limits;             /* of a new tape */
};
enum { SERVE_WHY_BYTES = 512 };

void serve_options_default(struct serve_options *o);
/* Sets one field from text, by the name it has in the file: data_dir, listen ("ADDR:PORT"), sync ("always",
 * "interval:MS", "none"), accept_time_jump, queue_max, connections_max, request_timeout_ms, snapshot_every_commands,
 * end_of_day_utc, margin_check_seconds, connectors ("zerodha_sim,alpaca_sim", "none"), connector_seed, connector_faults_percent, and every field of LIMITS(X). 0, or ERR_USAGE with what is wrong in why[SERVE_WHY_BYTES]. The
 * command line, file and environment all end here. */
int serve_options_set(struct serve_options *o, const char *name, const char *value, char *why);
/* Reads a YAML file into o (fields it names). 0, or an error with one line (file, line, what) in why[512]. */
int serve_options_load(struct serve_options *o, const char *file, char *why);
/* Environment overrides ORDERTAPE_<FIELD>. */
int serve_options_environment(struct serve_options *o, char *why);
/* Runs until SIGTERM or SIGINT: then stops accepting, finishes what was accepted, syncs, seals, returns 0. Logs to
 * stderr. Exit code otherwise 2. */
int serve_run(const struct serve_options *o);

#endif
