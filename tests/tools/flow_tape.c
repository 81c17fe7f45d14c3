/* tests/tools/flow_tape.c - flow_tape DIR SEED COMMANDS: writes a tape of the model's random flow, which uses every feature, into
 * DIR/commands. What must stay true: the model alone leads the flow, so the tape does not depend on the engine that will fold it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/engine.h"
#include "core/error.h"
#include "journal/data_dir.h"
#include "journal/tape.h"
#include "proto/codec.h"
#include "tests/model/flow.h"

enum { BLOCK = 512 };

struct maker {
    struct flow flow;
    struct model *model;
    struct event *events;
    struct command_encoder *encoder;
    struct tape_writer *writer;
};

/* The flow's next command; what it says before the tape's limits no tape begins with, and the model has not seen it. */
static void next(struct maker *m, struct command *c)
{
    do {
        if (!m->model->limits_set) m->flow.seq = 0;
        flow_next(&m->flow, m->model, c);
    } while (!m->model->limits_set && c->kind != COMMAND_SET_LIMITS);
}

static int write_block(struct maker *m, uint64_t first_seq, uint32_t count)
{
    struct command c;
    struct tape_block block = {.first_seq = first_seq, .last_seq = first_seq + count - 1, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        next(m, &c);
        int error = command_encoder_add(m->encoder, &c);
        if (error == ERR_USAGE) { /* spoiled on purpose in a way that no tape can carry: a door refuses it */
            c = (struct command){.seq = c.seq, .ts_ns = c.ts_ns, .kind = COMMAND_TICK};
            error = command_encoder_add(m->encoder, &c);
        }
        if (error != 0) return error;
        (void)model_apply(m->model, &c, m->events);
        if (i == 0) block.first_ts_ns = c.ts_ns;
        block.last_ts_ns = c.ts_ns;
    }
    int error = command_encoder_finish(m->encoder, &block.payload, &block.payload_bytes);
    return error != 0 ? error : tape_writer_append(m->writer, &block);
}

static int write_tape(struct maker *m, uint64_t commands)
{
    int error = 0;
    for (uint64_t seq = 1; seq <= commands && error == 0; seq += BLOCK)
        error = write_block(m, seq, commands - seq + 1 < BLOCK ? (uint32_t)(commands - seq + 1) : BLOCK);
    if (error == 0) return tape_writer_close(m->writer);
    tape_writer_abandon(m->writer);
    return error;
}

int main(int argc, char **argv)
{
    struct data_dir dir;
    struct tape_report report = {0};
    struct tape_options options = {.storage = storage_posix(), .kind = TAPE_COMMANDS, .rules_version = RULES_VERSION};
    if (argc != 4 || data_dir_init(&dir, storage_posix(), argv[1]) != 0 || data_dir_create(&dir) != 0) return 2;
    uint64_t seed = strtoull(argv[2], NULL, 10);
    struct limits limits = flow_limits(seed, FLOW_ALL);
    struct maker m = {.flow = flow_new(seed, FLOW_ALL), .model = model_new(&limits)};
    m.events = calloc(model_events_max(&limits), sizeof *m.events);
    data_dir_path(&dir, "commands", options.dir);
    int error = m.events == NULL ? ERR_NO_MEMORY : command_encoder_new(&m.encoder);
    if (error == 0) error = tape_writer_open(&options, &m.writer, &report);
    if (error == 0) error = write_tape(&m, strtoull(argv[3], NULL, 10));
    if (error != 0) (void)fprintf(stderr, "flow_tape: %s\n", error_text(error));
    if (m.encoder != NULL) command_encoder_free(m.encoder);
    model_free(m.model);
    free(m.events);
    return error == 0 ? 0 : 1;
}
