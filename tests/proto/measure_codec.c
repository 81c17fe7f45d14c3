/* tests/proto/measure_codec.c - what a command and a row of state cost to write and read, and their size after
 * zstd 1.
 *   measure_codec [commands a block]
 * The flow: 47 % new limit orders near a random-walk mid of 100 instruments (Zipf), 43 % cancels of one of 100,000 open
 * orders, 5 % modifies, 5 % orders that cross; 1,000 accounts. Times are those of the fastest block. Nothing is
 * asserted. */
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
                                      .quote_quantity.scale = DECIMAL_ABSENT,
                                      .min_quantity.scale = DECIMAL_ABSENT,
                                      .trail.scale = DECIMAL_ABSENT,
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

/* Nanoseconds of the steps of one block, and of the fastest so far: what the steps cost when nobody else wants the
 * machine. */
struct spent {
    int64_t add_ns, finish_ns, start_ns, next_ns;
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static struct spent spent_least(struct spent a, struct spent b)
{
    return (struct spent){least(a.add_ns, b.add_ns), least(a.finish_ns, b.finish_ns), least(a.start_ns, b.start_ns),
                          least(a.next_ns, b.next_ns)};
}

static void report(const char *what, struct spent s, double block, double bytes, double packed, double count)
{
    printf(
        "%-9s write %5.1f ns (add %.1f, finish %.1f)  read %5.1f ns (start %.1f, next %.1f)  %.2f bytes, zstd-1 %.2f\n",
        what, (double)(s.add_ns + s.finish_ns) / block, (double)s.add_ns / block, (double)s.finish_ns / block,
        (double)(s.start_ns + s.next_ns) / block, (double)s.start_ns / block, (double)s.next_ns / block, bytes / count,
        packed / count);
}

/* Commands are made and added a few at a time, so that they are in the cache as the sequencer has them. */
static int64_t add_block(struct flow *f, struct command_encoder *e, uint64_t first_seq, uint32_t count, int64_t *ts_ns)
{
    enum { STEP = 256 };
    static struct command c[STEP];
    int64_t spent_ns = 0;
    for (uint32_t at = 0; at < count; at += STEP) {
        uint32_t n = count - at < STEP ? count - at : STEP;
        for (uint32_t i = 0; i < n; i++) flow_next(f, first_seq + at + i, ts_ns, &c[i]);
        int64_t begin_ns = now_ns();
        for (uint32_t i = 0; i < n; i++)
            if (command_encoder_add(e, &c[i]) != 0) abort();
        spent_ns += now_ns() - begin_ns;
    }
    return spent_ns;
}

static void measure_commands(uint32_t block)
{
    static struct flow f;
    struct command_encoder *e;
    struct command_decoder *d;
    struct command out;
    if (command_encoder_new(&e) != 0 || command_decoder_new(&d) != 0) abort();
    flow_init(&f);
    int64_t ts_ns = 1795000000000000000;
    struct spent fastest = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    size_t bytes_sum = 0, packed_sum = 0, len_bytes;
    uint64_t check = 0;
    for (uint32_t at = 0; at + block <= COMMANDS; at += block) {
        uint64_t first_seq = at + OPEN + 1;
        const uint8_t *bytes;
        struct spent spent = {.add_ns = add_block(&f, e, first_seq, block, &ts_ns)};
        int64_t t1 = now_ns();
        if (command_encoder_finish(e, &bytes, &len_bytes) != 0) abort();
        int64_t t2 = now_ns();
        if (command_decoder_start(d, bytes, len_bytes, first_seq, block) != 0) abort();
        int64_t t3 = now_ns();
        while (command_decoder_next(d, &out) == 0) check += out.seq ^ (uint64_t)out.ts_ns;
        spent.next_ns = now_ns() - t3;
        spent.start_ns = t3 - t2;
        spent.finish_ns = t2 - t1;
        fastest = spent_least(fastest, spent);
        bytes_sum += len_bytes;
        packed_sum += packed_bytes(bytes, len_bytes);
    }
    report("command", fastest, block, (double)bytes_sum, (double)packed_sum, COMMANDS / block * block);
    printf("          %u a block, check %llx\n", block, (unsigned long long)check);
    command_encoder_free(e);
    command_decoder_free(d);
    free(f.open);
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
    struct spent fastest = {INT64_MAX, 0, INT64_MAX, 0};
    size_t len_bytes = 0, packed = 0, count;
    if (rows == NULL || out == NULL) abort();
    for (uint64_t i = 0; i < ROWS; i++) order_like(&r, i, &rows[i]);
    for (int round = 0; round < 20; round++) {
        uint8_t *bytes;
        int64_t t0 = now_ns();
        if (state_orders_encode(rows, ROWS, &bytes, &len_bytes) != 0) abort();
        int64_t t1 = now_ns();
        if (state_orders_decode(bytes, len_bytes, out, ROWS, &count) != 0) abort();
        fastest = spent_least(fastest, (struct spent){.add_ns = t1 - t0, .start_ns = now_ns() - t1});
        packed = packed_bytes(bytes, len_bytes);
        free(bytes);
    }
    report("order row", fastest, ROWS, (double)len_bytes, (double)packed, ROWS);
    printf("          %.0f MB/s of order_state written, %.0f read\n",
           (double)sizeof *rows * ROWS * 1e3 / (double)fastest.add_ns,
           (double)sizeof *rows * ROWS * 1e3 / (double)fastest.start_ns);
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
