/* tools/cmd_bench.c - `ordertape bench`: options, the flow, then the benchmark named. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"

static const struct {
    const char *name, *full_name;
    int (*run)(const struct bench *b);
} BENCHES[] = {
    {"engine", "bench engine", bench_engine},
    {"journal", "bench journal", bench_journal},
    {"replay", "bench replay", bench_replay},
    {"projections", "bench projections", bench_projections},
};

static int make_flow(struct bench *b)
{
    struct progress progress;
    progress_start(&progress, "making the flow", "commands");
    int error = flow_new(&b->flow_options, &b->flow);
    progress_end(&progress);
    if (error == ERR_USAGE)
        return console_fail(b->name, "--instruments is 1 to %d, --open 1 to 16000000, --commands 1 to 1000000000",
                            FLOW_INSTRUMENTS_MAX);
    return error == 0 ? 0 : console_fail(b->name, "cannot make the flow: %s", error_text(error));
}

static int run_over_flow(struct bench *b, int (*run)(const struct bench *b))
{
    int code = make_flow(b);
    if (code != 0) return code;
    code = run(b);
    flow_free(b->flow);
    return code;
}

int cmd_bench(int argc, char **argv)
{
    bool keep = false;
    uint64_t instruments = 100, open = 100000, commands = 2000000, seed = 1, seconds = 5;
    struct bench_serve_options serve = {.connections = 64};
    const struct option options[] = {
        {"instruments", OPTION_U64, &instruments, NULL, "N", "instruments, by Zipf popularity (default: 100)"},
        {"open", OPTION_U64, &open, NULL, "N", "open orders, reached by a warm-up and then held (default: 100000)"},
        {"commands", OPTION_U64, &commands, NULL, "N", "commands after the warm-up (default: 2000000)"},
        {"seed", OPTION_U64, &seed, NULL, "S", "of the flow (default: 1)"},
        {"keep", OPTION_FLAG, &keep, NULL, NULL, "replay: leave the flow's tape in --data-dir, which must have none"},
        {"url", OPTION_TEXT, &serve.url, NULL, "URL", "serve: a running server (default: one of its own)"},
        {"connections", OPTION_U64, &serve.connections, NULL, "N",
         "serve: connections, each waits for its answer (default: 64)"},
        {"seconds", OPTION_U64, &seconds, NULL, "N",
         "serve: how long; journal: at most so long a group size (default: 5)"},
    };
    struct command_line line = {.command = "bench",
                                .summary = "measures; --data-dir says whose disk, and is left as it was",
                                .operands = "engine|journal|replay|projections|serve",
                                .operands_min = 1,
                                .operands_max = 1,
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape bench engine\n"
                                            "  ordertape bench engine --instruments 10000 --open 1000000 --json\n"
                                            "  ordertape bench journal --data-dir /var/lib/ordertape\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    struct bench b = {.data_dir = line.data_dir, .json = line.json, .keep = keep, .seconds = seconds};
    if (seconds < 1 || seconds > 3600) return console_fail("bench", "--seconds is 1 to 3600");
    if (instruments > UINT32_MAX || open > UINT32_MAX)
        return console_fail("bench", "that is more than a bench can hold");
    b.flow_options = (struct flow_options){(uint32_t)instruments, (uint32_t)open, commands, seed};
    for (size_t i = 0; i < OPTIONS_COUNT(BENCHES); i++) {
        if (strcmp(line.operand[0], BENCHES[i].name) != 0) continue;
        b.name = BENCHES[i].full_name;
        return run_over_flow(&b, BENCHES[i].run);
    }
    if (strcmp(line.operand[0], "serve") == 0) {
        b.name = "bench serve";
        return bench_serve(&b, &serve);
    }
    return console_fail("bench", "it is engine, journal, replay, projections or serve, not '%s'", line.operand[0]);
}
