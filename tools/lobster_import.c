/* tools/lobster_import.c - see lobster_import.h. */
#include "tools/lobster_import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/rejects.h"
#include "snapshots/id_map.h"
#include "tools/console.h"

enum {
    QUEUE_MAX = 4096, /* orders at one price */
    LEVELS_SPARE = 4, /* one message adds at most one level to a book that equalled its row */
    CENTS = 100       /* the file's 10^-4 dollars in a 0.01 tick */
};

struct flow {
    struct lobster_import *in;
    const struct engine *engine;
    struct id_map seqs; /* the file's order id -> the seq that placed it; whether it is open is asked of the engine */
    struct lobster_row *row, *before; /* row k and row k-1 */
    uint32_t depth;                   /* N */
    uint64_t *queue;
    struct book_level *levels;
    uint64_t number; /* of the message, from 1 */
    int64_t now_ns;
};

/* One order the engine holds and whether the file would name it: anonymous ones have no client_order_id. */
struct resting {
    struct order_state order;
    bool found;
};

static int fail(struct flow *f, const char *text)
{
    snprintf(f->in->why, sizeof f->in->why, "message %" PRIu64 ": %s", f->number, text);
    return ERR_USAGE;
}

static uint64_t order_id_of(uint64_t seq)
{
    return seq << ORDER_INDEX_BITS;
}

/* --- commands --- */

static int add(struct flow *f, struct command *c, const struct event **events, uint32_t *count)
{
    int error = offline_add(f->in->offline, c, f->now_ns, events, count);
    if (error != 0) return error;
    for (uint32_t i = 0; i < *count; i++) {
        if ((*events)[i].kind != EVENT_REJECTED) continue;
        return fail(f, reject_text((*events)[i].rejected.refusal.reason));
    }
    return 0;
}

/* file_id 0: anonymous. */
static int place(struct flow *f, int side, int64_t price, int64_t size, int tif, uint64_t file_id, uint64_t *order_id,
                 const struct event **events, uint32_t *count)
{
    char client[24];
    int len = file_id == 0 ? 0 : snprintf(client, sizeof client, "%" PRIu64, file_id);
    if (price % CENTS != 0) return fail(f, "its price is not on the 0.01 tick");
    struct command c = {.kind = COMMAND_PLACE};
    c.place = (struct command_place){.account = f->in->account,
                                     .symbol = f->in->symbol,
                                     .client_order_id = {client, (uint32_t)len},
                                     .price = {price / CENTS, 2},
                                     .quantity = {size, 0},
                                     .stop_price = {0, DECIMAL_ABSENT},
                                     .display_quantity = {0, DECIMAL_ABSENT},
                                     .quote_quantity = {0, DECIMAL_ABSENT},
                                     .min_quantity = {0, DECIMAL_ABSENT},
                                     .trail = {0, DECIMAL_ABSENT},
                                     .leverage = {0, DECIMAL_ABSENT},
                                     .side = (uint8_t)side,
                                     .type = ORDER_TYPE_LIMIT,
                                     .tif = (uint8_t)tif};
    int error = add(f, &c, events, count);
    *order_id = order_id_of(c.seq);
    return error;
}

static int place_anonymous(struct flow *f, int side, int64_t price, int64_t size)
{
    const struct event *events;
    uint64_t order_id;
    uint32_t count;
    return place(f, side, price, size, TIF_GTC, 0, &order_id, &events, &count);
}

static int cancel(struct flow *f, uint64_t order_id)
{
    const struct event *events;
    uint32_t count;
    struct command c = {.kind = COMMAND_CANCEL, .cancel = {order_id}};
    return add(f, &c, &events, &count);
}

/* Takes size off an order, which keeps its place; all of it is a cancel. */
static int shrink(struct flow *f, const struct order_state *o, int64_t size)
{
    const struct event *events;
    uint32_t count;
    if (size >= o->leaves) return cancel(f, o->id);
    struct command c = {.kind = COMMAND_MODIFY};
    c.modify = (struct command_modify){.order_id = o->id,
                                       .price = {0, DECIMAL_ABSENT},
                                       .quantity = {o->quantity - size, 0},
                                       .stop_price = {0, DECIMAL_ABSENT},
                                       .display_quantity = {0, DECIMAL_ABSENT}};
    return add(f, &c, &events, &count);
}

/* --- what our book holds --- */

static uint32_t queue_at(struct flow *f, int side, int64_t price)
{
    uint32_t count = engine_queue(f->engine, &f->in->symbol, side, price / CENTS, f->queue, QUEUE_MAX);
    return count < QUEUE_MAX ? count : QUEUE_MAX;
}

/* The order a message means: the one it names, or the anonymous one at its price. */
static struct resting find_resting(struct flow *f, const struct lobster_message *m)
{
    struct resting r = {.found = false};
    uint32_t seq;
    if (id_map_get(&f->seqs, m->order_id, &seq) && engine_get_order(f->engine, order_id_of(seq), &r.order)) {
        r.found = true;
        return r;
    }
    uint32_t count = queue_at(f, m->side, m->price);
    for (uint32_t i = 0; i < count && !r.found; i++)
        r.found = engine_get_order(f->engine, f->queue[i], &r.order) && r.order.client_order_id_len == 0;
    return r;
}

/* True when nobody stands before this order: no better price, and no older order at its own. */
static bool is_oldest_at_best(struct flow *f, const struct order_state *o)
{
    struct order_state other;
    struct book_level best;
    if (engine_book(f->engine, &f->in->symbol, o->side, &best, 1) != 1 || best.price != o->price) return false;
    uint32_t count = queue_at(f, o->side, o->price * CENTS);
    for (uint32_t i = 0; i < count; i++)
        if (engine_get_order(f->engine, f->queue[i], &other) && other.priority < o->priority) return false;
    return true;
}

/* --- messages --- */

static int apply_new(struct flow *f, const struct lobster_message *m)
{
    const struct event *events;
    uint64_t order_id;
    uint32_t count;
    int error = place(f, m->side, m->price, m->size, TIF_GTC, m->order_id, &order_id, &events, &count);
    if (error != 0 || m->order_id == 0) return error;
    return id_map_put(&f->seqs, m->order_id, (uint32_t)(order_id >> ORDER_INDEX_BITS));
}

static int apply_less(struct flow *f, const struct lobster_message *m)
{
    struct resting r = find_resting(f, m);
    if (!r.found) return 0;
    bool whole = m->type == LOBSTER_DELETE && r.order.client_order_id_len != 0;
    return whole ? cancel(f, r.order.id) : shrink(f, &r.order, m->size);
}

static bool filled_exactly(const struct event *events, uint32_t count, uint64_t resting_id, int64_t size)
{
    uint64_t fills = 0, right = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].kind != EVENT_FILLED) continue;
        const struct event_filled *e = &events[i].filled;
        uint64_t id = e->aggressor_side == SIDE_BUY ? e->sell_order_id : e->buy_order_id;
        fills++;
        if (id == resting_id && e->quantity == size) right++;
    }
    return fills == 1 && right == 1;
}

static int apply_execution(struct flow *f, const struct lobster_message *m)
{
    const struct event *events;
    uint64_t order_id;
    uint32_t count;
    struct lobster_tally *t = &f->in->tally;
    struct resting r = find_resting(f, m);
    t->executions++;
    if (!r.found || m->size > r.order.leaves || !is_oldest_at_best(f, &r.order)) {
        t->exceptions++;
        return r.found ? shrink(f, &r.order, m->size) : 0;
    }
    int other_side = m->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    int error = place(f, other_side, m->price, m->size, TIF_IOC, 0, &order_id, &events, &count);
    if (error != 0) return error;
    if (filled_exactly(events, count, r.order.id, m->size))
        t->executions_matched++;
    else if (f->in->why[0] == '\0')
        snprintf(f->in->why, sizeof f->in->why,
                 "message %" PRIu64 ": the execution did not fill the order it names (%" PRIu64 ") and it alone",
                 f->number, m->order_id);
    return 0;
}

static int apply_message(struct flow *f, const struct lobster_message *m)
{
    switch (m->type) {
    case LOBSTER_NEW: return apply_new(f, m);
    case LOBSTER_REDUCE:
    case LOBSTER_DELETE: return apply_less(f, m);
    case LOBSTER_EXECUTE: return apply_execution(f, m);
    default: return 0;
    }
}

/* --- rows --- */

static bool better(int side, int64_t a, int64_t b)
{
    return side == SIDE_BUY ? a > b : a < b;
}

static bool visible(const struct lobster_row *row, uint32_t depth, int side, int64_t price)
{
    uint32_t count = row->count[side];
    return count < depth || !better(side, row->levels[side][count - 1].price, price);
}

static uint32_t read_levels(struct flow *f, int side)
{
    return engine_book(f->engine, &f->in->symbol, side, f->levels, f->depth + LEVELS_SPARE);
}

enum verdict { ROW_CLEAN, ROW_WINDOW, ROW_ERROR };

static enum verdict judge_price(const struct flow *f, int side, int64_t price)
{
    if (!visible(f->row, f->depth, side, price)) return ROW_CLEAN;
    return visible(f->before, f->depth, side, price) ? ROW_ERROR : ROW_WINDOW;
}

/* Walks both sides' levels together, best first; every price where they differ is judged. */
static enum verdict judge_side(struct flow *f, int side)
{
    enum verdict worst = ROW_CLEAN, here;
    const struct lobster_level *theirs = f->row->levels[side];
    uint32_t ours_count = read_levels(f, side), i = 0, k = 0;
    while (i < ours_count || k < f->row->count[side]) {
        bool only_theirs =
            i == ours_count || (k < f->row->count[side] && better(side, theirs[k].price, f->levels[i].price * CENTS));
        bool only_ours = !only_theirs && (k == f->row->count[side] || f->levels[i].price * CENTS != theirs[k].price);
        int64_t price = only_theirs ? theirs[k].price : f->levels[i].price * CENTS;
        bool equal = !only_theirs && !only_ours && f->levels[i].quantity == theirs[k].size;
        here = equal ? ROW_CLEAN : judge_price(f, side, price);
        if (here > worst) worst = here;
        if (!only_theirs) i++;
        if (!only_ours) k++;
    }
    return worst;
}

static int cancel_level(struct flow *f, int side, int64_t price)
{
    uint32_t count;
    while ((count = queue_at(f, side, price)) > 0) {
        for (uint32_t i = 0; i < count; i++) {
            int error = cancel(f, f->queue[i]);
            if (error != 0) return error;
        }
    }
    return 0;
}

static const struct lobster_level *shown_at(const struct lobster_row *row, int side, int64_t price)
{
    for (uint32_t k = 0; k < row->count[side]; k++)
        if (row->levels[side][k].price == price) return &row->levels[side][k];
    return NULL;
}

static int cancel_what_is_not_shown(struct flow *f, int side)
{
    uint32_t count = read_levels(f, side);
    for (uint32_t i = 0; i < count; i++) {
        if (shown_at(f->row, side, f->levels[i].price * CENTS) != NULL) continue;
        int error = cancel_level(f, side, f->levels[i].price * CENTS);
        if (error != 0) return error;
    }
    return 0;
}

static int64_t size_at(struct flow *f, int side, int64_t price)
{
    struct order_state o;
    int64_t size = 0;
    uint32_t count = queue_at(f, side, price);
    for (uint32_t i = 0; i < count; i++)
        if (engine_get_order(f->engine, f->queue[i], &o)) size += o.leaves;
    return size;
}

static int place_what_is_lacking(struct flow *f, int side)
{
    for (uint32_t k = 0; k < f->row->count[side]; k++) {
        const struct lobster_level *level = &f->row->levels[side][k];
        int64_t ours = size_at(f, side, level->price);
        int error = 0;
        if (ours > level->size) error = cancel_level(f, side, level->price);
        if (ours > level->size) ours = 0;
        if (error == 0 && ours < level->size) error = place_anonymous(f, side, level->price, level->size - ours);
        if (error != 0) return error;
    }
    return 0;
}

static bool side_equal(struct flow *f, int side)
{
    uint32_t count = read_levels(f, side);
    if (count != f->row->count[side]) return false;
    for (uint32_t k = 0; k < count; k++)
        if (f->levels[k].price * CENTS != f->row->levels[side][k].price ||
            f->levels[k].quantity != f->row->levels[side][k].size)
            return false;
    return true;
}

/* Both sides are emptied of what is not shown before anything is placed, so that no repair ever trades. */
static int repair(struct flow *f)
{
    int error = 0;
    for (int side = SIDE_BUY; side <= SIDE_SELL && error == 0; side++) error = cancel_what_is_not_shown(f, side);
    for (int side = SIDE_BUY; side <= SIDE_SELL && error == 0; side++) error = place_what_is_lacking(f, side);
    return error;
}

static bool book_equals_row(struct flow *f)
{
    return side_equal(f, SIDE_BUY) && side_equal(f, SIDE_SELL);
}

static int compare_row(struct flow *f)
{
    struct lobster_tally *t = &f->in->tally;
    t->rows++;
    if (book_equals_row(f)) { /* most rows: nothing to judge, nothing to repair */
        t->clean++;
        t->rows_equal++;
        return 0;
    }
    enum verdict bids = judge_side(f, SIDE_BUY), asks = judge_side(f, SIDE_SELL);
    enum verdict worst = bids > asks ? bids : asks;
    if (worst == ROW_CLEAN)
        t->clean++;
    else if (worst == ROW_WINDOW)
        t->window++;
    else
        t->errors++;
    if (worst == ROW_ERROR && f->in->why[0] == '\0')
        snprintf(f->in->why, sizeof f->in->why,
                 "row %" PRIu64 ": our book differs where the file's could be seen before", f->number);
    int error = repair(f);
    if (error == 0 && book_equals_row(f)) t->rows_equal++;
    return error;
}

/* --- the first row --- */

/* Adds size (below 0: takes it off) at a price; a level of size 0 goes. */
static int undo_at(struct flow *f, struct lobster_row *row, int side, int64_t price, int64_t size)
{
    struct lobster_level *levels = row->levels[side];
    uint32_t count = row->count[side], k = 0;
    while (k < count && better(side, levels[k].price, price)) k++;
    bool there = k < count && levels[k].price == price;
    if (!there && (size < 0 || count == LOBSTER_LEVELS_MAX))
        return fail(f, "row 1 does not show the order that message 1 placed");
    if (there) {
        levels[k].size += size;
        if (levels[k].size < 0) return fail(f, "row 1 shows less than message 1 placed");
        if (levels[k].size > 0) return 0;
        memmove(&levels[k], &levels[k + 1], (count - k - 1) * sizeof *levels);
        row->count[side]--;
        return 0;
    }
    memmove(&levels[k + 1], &levels[k], (count - k) * sizeof *levels);
    levels[k] = (struct lobster_level){price, size};
    row->count[side]++;
    return 0;
}

/* Leaves the undone row in f->before: it is row 0. */
static int seed_book(struct flow *f, const struct lobster_message *first)
{
    int error = 0;
    *f->before = *f->row;
    if (first->type <= LOBSTER_EXECUTE)
        error =
            undo_at(f, f->before, first->side, first->price, first->type == LOBSTER_NEW ? -first->size : first->size);
    for (int side = SIDE_BUY; side <= SIDE_SELL; side++)
        for (uint32_t k = 0; k < f->before->count[side] && error == 0; k++)
            error = place_anonymous(f, side, f->before->levels[side][k].price, f->before->levels[side][k].size);
    return error;
}

/* --- the whole file --- */

static int set_instrument(struct flow *f)
{
    const struct event *events;
    uint32_t count;
    struct book_level best;
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    c.set_instrument = (struct command_set_instrument){.symbol = f->in->symbol,
                                                       .currency = name_of("USD"),
                                                       .fields = INSTRUMENT_HAS_CURRENCY | INSTRUMENT_HAS_TICK_SIZE |
                                                                 INSTRUMENT_HAS_LOT_SIZE,
                                                       .tick_size = {1, 2},
                                                       .lot_size = {1, 0}};
    int error = add(f, &c, &events, &count);
    f->engine = f->in->offline->fold.engine;
    if (error != 0) return error;
    if (engine_book(f->engine, &f->in->symbol, SIDE_BUY, &best, 1) +
            engine_book(f->engine, &f->in->symbol, SIDE_SELL, &best, 1) >
        0)
        return fail(f, "the instrument has open orders on this tape; import into a fresh --data-dir");
    return 0;
}

static int read_row(struct flow *f, size_t *at)
{
    const char *line;
    size_t len_bytes;
    uint32_t depth;
    struct lobster_row *spare = f->before;
    f->before = f->row;
    f->row = spare;
    if (!file_text_line(&f->in->book, at, &line, &len_bytes))
        return fail(f, "the book file has fewer rows than messages");
    if (lobster_row_parse(f->row, &depth, line, len_bytes) != 0)
        return fail(f, "its row in the book file is malformed");
    if (f->depth != 0 && f->depth != depth) return fail(f, "its row has another number of levels than the one before");
    if (f->depth == 0) f->levels = calloc(depth + LEVELS_SPARE, sizeof *f->levels);
    f->depth = depth;
    return f->levels == NULL ? ERR_NO_MEMORY : 0;
}

static int import_message(struct flow *f, const char *line, size_t len_bytes, size_t *book_at)
{
    struct lobster_message m;
    bool with_book = f->in->book.bytes != NULL;
    if (lobster_message_parse(&m, line, len_bytes) != 0) return fail(f, "the line is malformed");
    if (sequencer_last_seq(f->in->offline->sequencer) > UINT32_MAX - QUEUE_MAX) return fail(f, "the tape is too long");
    int64_t ts_ns = f->in->midnight_ns + m.since_midnight_ns;
    if (ts_ns < f->now_ns) return fail(f, "its time is before the one before");
    f->now_ns = ts_ns;
    int error = with_book ? read_row(f, book_at) : 0;
    if (error == 0 && f->number == 1) error = set_instrument(f);
    if (error == 0 && f->number == 1 && with_book) error = seed_book(f, &m);
    if (error == 0) error = apply_message(f, &m);
    if (error == 0 && with_book) error = compare_row(f);
    if (error != 0) return error;
    f->in->tally.messages++;
    if (f->in->row_seqs != NULL && fprintf(f->in->row_seqs, "%" PRIu64 ",%" PRIu64 "\n", f->number,
                                           sequencer_last_seq(f->in->offline->sequencer)) < 0)
        return ERR_IO;
    return 0;
}

static int import_all(struct flow *f)
{
    struct progress progress;
    const char *line;
    size_t at = 0, book_at = 0, len_bytes;
    int error = 0;
    progress_start(&progress, "import", "messages");
    for (f->number = 1; error == 0 && file_text_line(&f->in->messages, &at, &line, &len_bytes); f->number++) {
        error = import_message(f, line, len_bytes, &book_at);
        progress_show(&progress, f->number, 0);
    }
    progress_end(&progress);
    return error;
}

int lobster_first_time(const struct file_text *messages, int64_t *since_midnight_ns)
{
    struct lobster_message m;
    const char *line;
    size_t at = 0, len_bytes;
    if (!file_text_line(messages, &at, &line, &len_bytes)) return ERR_USAGE;
    if (lobster_message_parse(&m, line, len_bytes) != 0) return ERR_USAGE;
    *since_midnight_ns = m.since_midnight_ns;
    return 0;
}

int lobster_import_run(struct lobster_import *import)
{
    struct flow f = {.in = import};
    int error = 0;
    id_map_init(&f.seqs);
    f.row = calloc(1, sizeof *f.row);
    f.before = calloc(1, sizeof *f.before);
    f.queue = calloc(QUEUE_MAX, sizeof *f.queue);
    if (f.row == NULL || f.before == NULL || f.queue == NULL) error = ERR_NO_MEMORY;
    if (error == 0) error = import_all(&f);
    id_map_free(&f.seqs);
    free(f.row);
    free(f.before);
    free(f.queue);
    free(f.levels);
    return error;
}

bool lobster_tally_good(const struct lobster_tally *t)
{
    return t->rows_equal == t->rows && t->errors == 0 && t->executions_matched + t->exceptions == t->executions;
}
