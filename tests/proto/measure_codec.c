/* tests/proto/measure_codec.c - what a command, an event and a row of state cost to write and read, and their size after zstd 1.
 *   measure_codec [commands a block]
 * The flow: 47 % new limit orders near a random-walk mid of 100 instruments (Zipf), 43 % cancels of one of 100,000 open orders,
 * 5 % modifies, 5 % orders that cross; 1,000 accounts. Nothing is asserted. */
#include <stdio.h>
#include <time.h>
#include <zstd.h>

#include "proto/codec.h"
#include "proto/state_codec.h"
#include "tests/core/random.h"

#include <string.h>

enum { COMMANDS = 2000000, SYMBOLS = 100, ACCOUNTS = 1000, OPEN = 100000, ROWS = STATE_ROWS_MAX };

struct flow {
    struct random random;
    struct name symbols[SYMBOLS], accounts[ACCOUNTS];
    double popularity[SYMBOLS]; /* summed */
    int64_t mid[SYMBOLS];
    uint64_t *open; /* OPEN order ids */
};

static int64_t now_ns(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0) abort();
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct name numbered(const char *prefix, int number)
{
    char text[NAME_BYTES];
    snprintf(text, sizeof text, "%s%d", prefix, number);
    return name_of(text);
}

static void flow_init(struct flow *f)
{
    double sum = 0;
    f->random.state = 1;
    for (int i = 0; i < SYMBOLS; i++) {
        f->symbols[i] = numbered("SYM", i);
        f->mid[i] = 5000 + (int64_t)random_below(&f->random, 50000);
        f->popularity[i] = sum += 1.0 / (i + 1);
    }
    for (int i = 0; i < ACCOUNTS; i++) f->accounts[i] = numbered("acct-", 100000 + i);
    f->open = calloc(OPEN, sizeof *f->open);
    if (f->open == NULL) abort();
    for (uint64_t i = 0; i < OPEN; i++) f->open[i] = (i + 1) << 16;
}

static int flow_symbol(struct flow *f)
{
    double at = (double)random_below(&f->random, 1u << 30) / (1u << 30) * f->popularity[SYMBOLS - 1];
    int i = 0;
    while (f->popularity[i] < at) i++;
    return i;
}

static void flow_place(struct flow *f, struct command *c, bool crosses)
{
    int symbol = flow_symbol(f);
    struct random *r = &f->random;
    f->mid[symbol] += (int64_t)random_below(r, 3) - 1;
    int64_t away = 1;
    while (random_below(r, 4) != 0 && away < 50) away++;
    uint8_t side = random_below(r, 2) ? SIDE_BUY : SIDE_SELL;
    int64_t sign = (side == SIDE_BUY) != crosses ? -1 : 1;
    c->kind = COMMAND_PLACE;
    c->place = (struct command_place){.account = f->accounts[random_below(r, ACCOUNTS)],
                                      .symbol = f->symbols[symbol],
                                      .price = {f->mid[symbol] + sign * away, 2},
                                      .quantity = {(int64_t)(1 + random_below(r, 10)) * 100, 0},
                                      .stop_price.scale = DECIMAL_ABSENT,
                                      .display_quantity.scale = DECIMAL_ABSENT,
                                      .leverage.scale = DECIMAL_ABSENT,
                                      .side = side,
                                      .type = ORDER_TYPE_LIMIT,
                                      .tif = crosses ? TIF_IOC : TIF_DAY};
    f->open[random_below(r, OPEN)] = c->seq << 16;
}

static void flow_next(struct flow *f, uint64_t seq, int64_t *ts_ns, struct command *c)
{
    struct random *r = &f->random;
    memset(c, 0, sizeof *c);
    c->seq = seq;
    c->ts_ns = *ts_ns += 50 + (int64_t)random_below(r, 2000);
    uint64_t dice = random_below(r, 100);
    if (dice < 52) {
        flow_place(f, c, dice >= 47);
        return;
    }
    uint64_t id = f->open[random_below(r, OPEN)];
    c->kind = dice < 95 ? COMMAND_CANCEL : COMMAND_MODIFY;
    if (c->kind == COMMAND_CANCEL) c->cancel.order_id = id;
    if (c->kind == COMMAND_MODIFY)
        c->modify = (struct command_modify){.order_id = id,
                                            .price.scale = DECIMAL_ABSENT,
                                            .quantity = {(int64_t)(1 + random_below(r, 10)) * 100, 0},
                                            .stop_price.scale = DECIMAL_ABSENT,
                                            .display_quantity.scale = DECIMAL_ABSENT};
}

static size_t packed_bytes(const uint8_t *bytes, size_t len_bytes)
{
    static uint8_t room[BLOCK_PAYLOAD_BYTES_MAX * 2];
    size_t packed = ZSTD_compress(room, sizeof room, bytes, len_bytes, 1);
    if (ZSTD_isError(packed)) abort();
    return packed;
}

static void report(const char *what, int64_t add_ns, int64_t finish_ns, int64_t start_ns, int64_t next_ns, size_t bytes, size_t packed,
                   double count)
{
    printf("%-9s write %5.1f ns (add %.1f, finish %.1f)  read %5.1f ns (start %.1f, next %.1f)  %.2f bytes, zstd-1 %.2f\n", what,
           (double)(add_ns + finish_ns) / count, (double)add_ns / count, (double)finish_ns / count,
           (double)(start_ns + next_ns) / count, (double)start_ns / count, (double)next_ns / count, (double)bytes / count,
           (double)packed / count);
}

static void measure_commands(uint32_t block)
{
    struct flow f;
    struct command_encoder *e;
    struct command_decoder *d;
    struct command *c = calloc(COMMANDS, sizeof *c), out;
    if (c == NULL || command_encoder_new(&e) != 0 || command_decoder_new(&d) != 0) abort();
    flow_init(&f);
    int64_t ts_ns = 1795000000000000000, add_ns = 0, finish_ns = 0, start_ns = 0, next_ns = 0;
    size_t bytes_sum = 0, packed_sum = 0, len_bytes;
    uint64_t check = 0;
    for (uint64_t i = 0; i < COMMANDS; i++) flow_next(&f, i + OPEN + 1, &ts_ns, &c[i]);
    for (uint32_t at = 0; at < COMMANDS; at += block) {
        uint32_t count = COMMANDS - at < block ? COMMANDS - at : block;
        const uint8_t *bytes;
        int64_t t0 = now_ns();
        for (uint32_t i = 0; i < count; i++)
            if (command_encoder_add(e, &c[at + i]) != 0) abort();
        int64_t t1 = now_ns();
        if (command_encoder_finish(e, &bytes, &len_bytes) != 0) abort();
        int64_t t2 = now_ns();
        if (command_decoder_start(d, bytes, len_bytes, c[at].seq, count) != 0) abort();
        int64_t t3 = now_ns();
        while (command_decoder_next(d, &out) == 0) check += out.seq ^ (uint64_t)out.ts_ns;
        int64_t t4 = now_ns();
        add_ns += t1 - t0;
        finish_ns += t2 - t1;
        start_ns += t3 - t2;
        next_ns += t4 - t3;
        bytes_sum += len_bytes;
        packed_sum += packed_bytes(bytes, len_bytes);
    }
    report("command", add_ns, finish_ns, start_ns, next_ns, bytes_sum, packed_sum, COMMANDS);
    printf("          %u a block, check %llx\n", block, (unsigned long long)check);
    command_encoder_free(e);
    command_decoder_free(d);
    free(f.open);
    free(c);
}

static void order_like(struct random *r, uint64_t i, struct order_state *o)
{
    memset(o, 0, sizeof *o);
    o->id = (1000 + i * 3) << 16;
    o->account_id = (4 + random_below(r, ACCOUNTS)) << 16;
    o->instrument_id = (4 + ACCOUNTS + random_below(r, SYMBOLS)) << 16;
    o->priority = 1 + i * 2;
    o->price = 10000 + (int64_t)random_below(r, 1000);
    o->quantity = o->leaves = (int64_t)(1 + random_below(r, 10)) * 100;
    o->created_ns = o->updated_ns = 1795000000000000000 + (int64_t)i * 3000;
    o->hold = (i128)o->price * o->quantity;
    o->side = (uint8_t)(1 + random_below(r, 2));
    o->type = ORDER_TYPE_LIMIT;
    o->tif = TIF_DAY;
}

static void measure_orders(void)
{
    struct random r = {1};
    struct order_state *rows = calloc(ROWS, sizeof *rows), *out = calloc(ROWS, sizeof *out);
    uint8_t *bytes;
    size_t len_bytes, count;
    if (rows == NULL || out == NULL) abort();
    for (uint64_t i = 0; i < ROWS; i++) order_like(&r, i, &rows[i]);
    for (int round = 0; round < 3; round++) {
        int64_t t0 = now_ns();
        if (state_orders_encode(rows, ROWS, &bytes, &len_bytes) != 0) abort();
        int64_t t1 = now_ns();
        if (state_orders_decode(bytes, len_bytes, out, ROWS, &count) != 0) abort();
        int64_t t2 = now_ns();
        if (round == 2) {
            report("order row", t1 - t0, 0, t2 - t1, 0, len_bytes, packed_bytes(bytes, len_bytes), ROWS);
            printf("          %.0f MB/s of order_state written, %.0f read\n", (double)sizeof *rows * ROWS * 1e3 / (double)(t1 - t0),
                   (double)sizeof *rows * ROWS * 1e3 / (double)(t2 - t1));
        }
        free(bytes);
    }
    free(rows);
    free(out);
}

int main(int argc, char **argv)
{
    unsigned long block = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
    if (block < 1 || block > BLOCK_RECORDS_MAX) return 2;
    measure_commands((uint32_t)block);
    measure_orders();
    return 0;
}
