/* api/server.h - what the doors of one process share. Made by process.c, handed down, never global. */
#ifndef ORDERTAPE_API_SERVER_H
#define ORDERTAPE_API_SERVER_H

#include "api/connectors/connectors.h"
#include "api/http_server.h"
#include "api/metrics.h"
#include "api/pipeline.h"
#include "api/projector.h"
#include "api/serve.h"
#include "api/view_gate.h"
#include "api/worker.h"
#include "journal/data_dir.h"

/* STARTING -> READY -> STOPPING, or FAILED from any. Only READY answers more than health. */
enum phase { PHASE_STARTING = 1, PHASE_READY = 2, PHASE_STOPPING = 3, PHASE_FAILED = 4 };

struct server {
    const struct serve_options *options;
    struct data_dir dir;
    int lock_fd;
    _Atomic int phase;
    _Atomic int failure; /* core/error.h, of the first part that failed */
    struct metrics metrics;
    struct http_server http;
    /* from READY on */
    struct fold state;
    struct views *views;
    struct event_writer *events;
    struct tape_options commands_tape, events_tape;
    uint64_t tape_id;
    struct view_gate gate;
    struct projector projector;
    struct pipeline pipeline;
    struct connectors *connectors; /* NULL: none */
    struct worker jobs;  /* what-ifs and snapshots: long */
    struct worker reads; /* reading the event tape and snapshot files: short */
    _Atomic bool snapshot_busy;
};

/* Latches the first failure and leaves PHASE_READY. Any thread. */
void server_fail(struct server *s, const char *part, int error);

#endif
