/* tools/cmd_book.c - `ordertape book`: an instrument's book at any point of history, folded from the tape. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/options.h"

enum { DEPTH_DEFAULT = 10, DEPTH_MAX = 1000000 };

/* Both sides, best first. levels is engine_book's answer, rows the same as documents take it. */
struct book_side {
    struct level_row *rows;
    uint32_t count;
};

static int read_side(const struct engine *e, const struct name *symbol, int side, uint32_t depth, struct book_side *out)
{
    struct book_level *levels = calloc(depth, sizeof *levels);
    out->rows = calloc(depth, sizeof *out->rows);
    if (levels == NULL || out->rows == NULL) {
        free(levels);
        return ERR_NO_MEMORY;
    }
    out->count = engine_book(e, symbol, side, levels, depth);
    for (uint32_t i = 0; i < out->count; i++)
        out->rows[i] = (struct level_row){levels[i].price, levels[i].quantity, levels[i].hidden, levels[i].orders};
    free(levels);
    return 0;
}

static void print_side(const char *name, const struct book_side *s, const struct instrument_spec *spec)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    for (uint32_t i = 0; i < s->count; i++) {
        decimal_to_text(s->rows[i].price, spec->price_scale, price);
        decimal_to_text(s->rows[i].quantity, spec->quantity_scale, quantity);
        printf("%s %s x %s (%u)\n", name, price, quantity, s->rows[i].orders);
    }
}

static void print_indicative(const struct auction_price *a, const struct instrument_spec *spec)
{
    char price[DECIMAL_TEXT_BYTES_MAX], quantity[DECIMAL_TEXT_BYTES_MAX];
    bool collects = spec->state == INSTRUMENT_STATE_PRE_OPEN || spec->state == INSTRUMENT_STATE_AUCTION;
    if (!collects || a->quantity == 0) return;
    decimal_to_text(a->price, spec->price_scale, price);
    decimal_to_text(a->quantity, spec->quantity_scale, quantity);
    printf("indicative %s x %s\n", price, quantity);
}

static int print_book(bool as_json, const struct instrument_state *i, const struct auction_price *indicative,
                      const struct engine_scalars *at, const struct book_side *bids, const struct book_side *asks)
{
    char time[TIME_TEXT_BYTES];
    if (!as_json) {
        time_to_text(at->now_ns, time);
        printf("%s %s at seq %" PRIu64 ", %s\n", i->spec.symbol.bytes, instrument_state_text(i->spec.state), at->seq,
               time);
        print_indicative(indicative, &i->spec);
        print_side("bid", bids, &i->spec);
        print_side("ask", asks, &i->spec);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail("book", "no memory");
    json_book(j, i, indicative, at->seq, &(struct book_rows){bids->rows, bids->count},
              &(struct book_rows){asks->rows, asks->count});
    int code = console_json("book", j);
    json_free(j);
    return code;
}

static int show_book(const struct fold *f, const struct name *symbol, uint32_t depth, bool as_json)
{
    struct instrument_state instrument;
    struct book_side bids = {0}, asks = {0};
    int code;
    if (f->engine == NULL || !engine_get_instrument(f->engine, symbol, &instrument))
        return console_fail("book", "there is no instrument %s at that point of the tape", symbol->bytes);
    struct engine_scalars at = engine_scalars(f->engine);
    struct auction_price indicative = {0};
    if (!engine_indicative(f->engine, symbol, &indicative)) indicative = (struct auction_price){0};
    if (read_side(f->engine, symbol, SIDE_BUY, depth, &bids) != 0 ||
        read_side(f->engine, symbol, SIDE_SELL, depth, &asks) != 0)
        code = console_fail("book", "no memory for %u levels; ask for a smaller --depth", depth);
    else
        code = print_book(as_json, &instrument, &indicative, &at, &bids, &asks);
    free(bids.rows);
    free(asks.rows);
    return code;
}

static int fold_and_show(const struct command_line *line, const struct recover_options *options,
                         const struct name *symbol, uint32_t depth)
{
    struct data_dir dir;
    struct fold fold;
    struct recover_result result = {0};
    int code = data_dir_open_read(&dir, "book", line->data_dir);
    if (code != 0) return code;
    fold_init(&fold);
    int error = recover_state(&dir, options, &fold, &result);
    console_findings("book", &result.report);
    if (error != 0)
        code = recover_failed("book", error, &result);
    else
        code = show_book(&fold, symbol, depth, line->json);
    fold_free(&fold);
    return code;
}

int cmd_book(int argc, char **argv)
{
    struct recover_options recover = {.to_seq = UINT64_MAX, .to_ts_ns = INT64_MAX};
    uint64_t depth = DEPTH_DEFAULT;
    bool seq_given = false, time_given = false;
    struct name symbol;
    const struct option options[] = {
        {"at-seq", OPTION_U64, &recover.to_seq, &seq_given, "N", "after this command (default: the end)"},
        {"at-time", OPTION_TIME, &recover.to_ts_ns, &time_given, "T", "after the last command not later than this"},
        {"depth", OPTION_U64, &depth, NULL, "D", "levels a side (default: 10)"},
    };
    struct command_line line = {.command = "book",
                                .summary = "prints a book as it was; runs beside a server",
                                .operands = "SYMBOL",
                                .operands_min = 1,
                                .operands_max = 1,
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape book GOOG\n"
                                            "  ordertape book GOOG --at-seq 1000 --depth 5 --json\n"
                                            "  ordertape book GOOG --at-time 2012-06-21T14:00:00Z\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    if (seq_given && time_given) return console_fail("book", "--at-seq and --at-time exclude each other");
    if (depth < 1 || depth > DEPTH_MAX) return console_fail("book", "--depth is 1 to %d", DEPTH_MAX);
    if (name_from_text(&symbol, line.operand[0], strlen(line.operand[0])) != 0)
        return console_fail("book", "'%s' cannot be a symbol", line.operand[0]);
    return fold_and_show(&line, &recover, &symbol, (uint32_t)depth);
}
