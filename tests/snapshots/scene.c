/* tests/snapshots/scene.c - see scene.h. */
#include "scene.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <cmocka.h>

#include "core/error.h"
#include "snapshots/recover.h"

enum { RANDOM_ACCOUNTS = 3, RECENT_ORDERS = 64 };
static const char *const accounts[RANDOM_ACCOUNTS] = {"ann", "bob", "cat"};
static const char *const symbols[2] = {"ACME", "BOLT"};

static void must(int rc, const char *what)
{
    if (rc) fail_msg("%s: %s", what, error_text(rc));
}

static void open_tape(struct scene *s)
{
    struct tape_options o;
    struct tape_report report;
    recover_tape_options(&s->dir, TAPE_COMMANDS, &o);
    o.segment_bytes = 256 * 1024;
    must(tape_writer_open(&o, &s->writer, &report), "tape_writer_open");
}

static int sync_nothing(void *ctx, struct storage_file *f)
{
    (void)ctx, (void)f;
    return 0;
}

void scene_open(struct scene *s)
{
    memset(s, 0, sizeof *s);
    const char *tmp = getenv("TMPDIR");
    snprintf(s->path, sizeof s->path, "%s/ordertape-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(s->path));
    s->storage = *storage_posix();
    s->storage.sync = sync_nothing;
    must(data_dir_init(&s->dir, &s->storage, s->path), "data_dir_init");
    must(data_dir_create(&s->dir), "data_dir_create");
    open_tape(s);
    must(command_encoder_new(&s->encoder), "command_encoder_new");
    fold_init(&s->fold);
    s->ts_ns = SCENE_BEGIN_NS;
    s->block_commands_max = 7;
    s->random = 88172645463325252u;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path)
{
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void scene_seal(struct scene *s)
{
    if (!s->writer) return;
    scene_commit(s);
    must(tape_writer_close(s->writer), "tape_writer_close");
    s->writer = NULL;
}

void scene_close(struct scene *s)
{
    scene_seal(s);
    command_encoder_free(s->encoder);
    fold_free(&s->fold);
    remove_tree(s->path);
}

struct digest scene_digest(struct scene *s)
{
    return engine_digest(s->fold.engine);
}

void scene_commit(struct scene *s)
{
    uint32_t count = command_encoder_count(s->encoder);
    if (count == 0) return;
    struct tape_block b = {.first_seq = s->block_first_seq, .last_seq = s->seq, .count = count};
    b.first_ts_ns = s->block_first_ts_ns;
    b.last_ts_ns = s->ts_ns;
    b.has_digest = true;
    b.digest = scene_digest(s);
    if (s->wrong_digest) b.digest.lo ^= 1;
    s->wrong_digest = false;
    must(command_encoder_finish(s->encoder, &b.payload, &b.payload_bytes), "command_encoder_finish");
    must(tape_writer_append(s->writer, &b), "tape_writer_append");
    must(tape_writer_sync(s->writer), "tape_writer_sync");
    must(tape_writer_mark(s->writer), "tape_writer_mark");
}

void scene_take(struct scene *s, const struct command *c)
{
    assert_true(c->seq == s->seq + 1 && c->ts_ns >= s->ts_ns);
    s->seq = c->seq;
    s->ts_ns = c->ts_ns;
    if (command_encoder_count(s->encoder) == 0) {
        s->block_first_seq = c->seq;
        s->block_first_ts_ns = c->ts_ns;
    }
    assert_true(fold_apply(&s->fold, c) >= 0);
    must(command_encoder_add(s->encoder, c), "command_encoder_add");
    if (command_encoder_count(s->encoder) >= s->block_commands_max) scene_commit(s);
}

static uint64_t add_one(struct scene *s, struct command c)
{
    c.seq = s->seq + 1;
    c.ts_ns = s->ts_ns + SCENE_STEP_NS;
    scene_take(s, &c);
    return c.seq;
}

uint64_t scene_add(struct scene *s, struct command c)
{
    uint64_t seq = add_one(s, c);
    while (engine_continue_needed(s->fold.engine, s->ts_ns)) add_one(s, (struct command){.kind = COMMAND_CONTINUE});
    return seq;
}

static void add_account(struct scene *s, const char *account)
{
    struct command c = {.kind = COMMAND_SET_ACCOUNT};
    c.set_account.account = name_of(account);
    c.set_account.fields = ACCOUNT_HAS_TYPE | ACCOUNT_HAS_ALLOW_SHORT;
    c.set_account.type = ACCOUNT_TYPE_MARGIN;
    c.set_account.allow_short = true;
    scene_add(s, c);
    c = (struct command){.kind = COMMAND_MOVE_CASH};
    c.move_cash.account = name_of(account);
    c.move_cash.currency = name_of("USD");
    c.move_cash.amount = (struct amount){1000000, 0};
    scene_add(s, c);
}

static void add_instrument(struct scene *s, const char *symbol)
{
    struct command c = {.kind = COMMAND_SET_INSTRUMENT};
    c.set_instrument.symbol = name_of(symbol);
    c.set_instrument.fields = INSTRUMENT_HAS_TICK_SIZE | INSTRUMENT_HAS_MAKER_FEE | INSTRUMENT_HAS_TAKER_FEE;
    c.set_instrument.tick_size = (struct decimal){1, 0};
    c.set_instrument.maker_fee_bps = (struct decimal){1, 0};
    c.set_instrument.taker_fee_bps = (struct decimal){25, 1};
    scene_add(s, c);
}

void scene_market(struct scene *s, uint32_t work_max)
{
    struct command c = {.kind = COMMAND_SET_LIMITS};
    c.set_limits = (struct limits){.orders_max = 100000,
                                   .levels_max = 4096,
                                   .instruments_max = 16,
                                   .accounts_max = 16,
                                   .positions_max = 64,
                                   .balances_max = 64,
                                   .currencies_max = 4,
                                   .timers_max = 64,
                                   .work_max = work_max,
                                   .routes_max = 4096,
                                   .executions_max = 8192,
                                   .client_ids_max = 4096,
                                   .keys_max = 1024,
                                   .key_ttl_s = 120,
                                   .linger_s = 60};
    scene_add(s, c);
    for (int i = 0; i < RANDOM_ACCOUNTS; ++i) add_account(s, accounts[i]);
    add_instrument(s, symbols[0]);
    add_instrument(s, symbols[1]);
    assert_int_equal(s->seq, SCENE_MARKET_COMMANDS);
}

struct command scene_order(const char *account, const char *symbol, int side, int64_t quantity, int64_t price)
{
    struct command c = {.kind = COMMAND_PLACE};
    c.place.account = name_of(account);
    c.place.symbol = name_of(symbol);
    c.place.price = price ? (struct decimal){price, 0} : (struct decimal){0, DECIMAL_ABSENT};
    c.place.quantity = (struct decimal){quantity, 0};
    c.place.stop_price = c.place.display_quantity = c.place.leverage = (struct decimal){0, DECIMAL_ABSENT};
    c.place.quote_quantity = c.place.min_quantity = c.place.trail = (struct decimal){0, DECIMAL_ABSENT};
    c.place.side = (uint8_t)side;
    c.place.type = price ? ORDER_TYPE_LIMIT : ORDER_TYPE_MARKET;
    c.place.tif = TIF_GTC;
    return c;
}

uint64_t scene_place(struct scene *s, const char *account, int side, int64_t quantity, int64_t price)
{
    return scene_add(s, scene_order(account, "ACME", side, quantity, price)) << ORDER_INDEX_BITS;
}

uint64_t scene_cancel(struct scene *s, uint64_t order_id)
{
    return scene_add(s, (struct command){.kind = COMMAND_CANCEL, .cancel = {order_id}});
}

uint64_t scene_modify(struct scene *s, uint64_t order_id, int64_t quantity)
{
    struct command c = {.kind = COMMAND_MODIFY};
    c.modify.order_id = order_id;
    c.modify.quantity = (struct decimal){quantity, 0};
    c.modify.price = c.modify.stop_price = c.modify.display_quantity = (struct decimal){0, DECIMAL_ABSENT};
    return scene_add(s, c);
}

struct command scene_mass_cancel(const char *account)
{
    struct command c = {.kind = COMMAND_MASS_CANCEL};
    if (account) c.mass_cancel.account = name_of(account);
    return c;
}

static uint32_t draw(struct scene *s, uint32_t below)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (uint32_t)((s->random >> 32) % below);
}

static const struct decimal absent = {0, DECIMAL_ABSENT};

/* A stop away from where the flow trades. */
static void make_stop(struct scene *s, struct command *c)
{
    c->place.type = ORDER_TYPE_STOP;
    c->place.price = absent;
    c->place.stop_price = (struct decimal){c->place.side == SIDE_BUY ? 102 + draw(s, 6) : 98 - draw(s, 6), 0};
}

/* A pair that closes what the order opens. */
static void make_bracket(struct command *c)
{
    int up = c->place.side == SIDE_BUY ? 1 : -1;
    struct command_place entry = c->place;
    *c = (struct command){.kind = COMMAND_PLACE_LINKED, .place_linked = {.entry = entry, .link = LINK_BRACKET}};
    c->place_linked.activation = ACTIVATION_EACH_FILL;
    c->place_linked.legs[0] = (struct command_leg){{100 + 4 * up, 0}, absent, 0, ORDER_TYPE_LIMIT, TIF_GTC};
    c->place_linked.legs[1] = (struct command_leg){absent, {100 - 4 * up, 0}, 0, ORDER_TYPE_STOP, TIF_GTC};
}

static void make_gtt(struct scene *s, struct command *c)
{
    struct command_place p = c->place;
    *c = (struct command){.kind = COMMAND_GTT_PLACE,
                          .gtt_place = {.account = p.account, .symbol = p.symbol, .side = p.side, .legs_count = 1}};
    c->gtt_place.legs[0] = (struct gtt_leg){{draw(s, 2) ? 102 : 97, 0}, absent, p.quantity};
    c->gtt_place.legs[1] = (struct gtt_leg){absent, absent, absent};
}

static void make_quote(struct scene *s, struct command *c)
{
    int64_t middle = 97 + draw(s, 6);
    *c = (struct command){.kind = COMMAND_SET_QUOTE,
                          .set_quote = {c->place.symbol, {middle - 1, 0}, {30, 0}, {middle + 1, 0}, {30, 0}}};
}

static struct command any_order(struct scene *s, bool market)
{
    int side = draw(s, 2) ? SIDE_BUY : SIDE_SELL;
    int64_t price = market ? 0 : (side == SIDE_BUY ? 94 : 96) + (int64_t)draw(s, 11);
    const char *account = accounts[draw(s, RANDOM_ACCOUNTS)], *symbol = symbols[draw(s, 2)];
    struct command c = scene_order(account, symbol, side, 1 + draw(s, 20), price);
    uint32_t what = market ? 0 : draw(s, 100);
    if (what >= 96)
        make_gtt(s, &c);
    else if (what >= 92)
        make_quote(s, &c);
    else if (what >= 88)
        make_bracket(&c);
    else if (what >= 84)
        c.place.venue = name_of("QUOTE");
    else if (what >= 76)
        make_stop(s, &c);
    else if (what >= 70)
        c.place.display_quantity = (struct decimal){1, 0};
    return c;
}

void scene_flow(struct scene *s, uint32_t commands)
{
    uint64_t recent[RECENT_ORDERS] = {0};
    for (uint32_t i = 0; i < commands; ++i) {
        uint64_t *known = &recent[draw(s, RECENT_ORDERS)];
        uint32_t what = draw(s, 100);
        if (what < 25)
            scene_cancel(s, *known ? *known : 1);
        else if (what < 35)
            scene_modify(s, *known ? *known : 1, 1 + draw(s, 20));
        else
            *known = scene_add(s, any_order(s, what < 40)) << ORDER_INDEX_BITS;
    }
}

/* --- the desk --- */

struct command scene_venue(const char *venue, int venue_state)
{
    struct command c = {.kind = COMMAND_SET_VENUE};
    c.set_venue.venue = name_of(venue);
    c.set_venue.state = (uint8_t)venue_state;
    c.set_venue.cause = VENUE_CAUSE_OPERATOR;
    return c;
}

void scene_desk(struct scene *s)
{
    static const struct decimal absent_quantity = {0, DECIMAL_ABSENT};
    struct route_rule rule = {.symbol = name_of("ACME"), .venues = {name_of("ALPHA"), name_of("BETA")}};
    rule.min_quantity = rule.max_quantity = absent_quantity;
    struct command alpha = scene_venue("ALPHA", VENUE_STATE_UP);
    alpha.set_venue.simulated = 2;
    scene_add(s, alpha);
    scene_add(s, scene_venue("BETA", VENUE_STATE_UP));
    scene_add(s, (struct command){.kind = COMMAND_SET_ROUTING, .set_routing = {&rule, 1}});
}

struct command scene_report(uint64_t order_id, const char *venue, int report, const char *ext_order_id)
{
    struct command c = {.kind = COMMAND_REPORT, .report = {.order_id = order_id, .report = (uint8_t)report}};
    if (venue) c.report.venue = name_of(venue);
    if (ext_order_id) c.report.ext_order_id = (struct text){ext_order_id, (uint32_t)strlen(ext_order_id)};
    return c;
}

struct fill_row scene_fill_row(uint64_t order_id, int64_t quantity, int64_t price, const char *exec_id)
{
    struct fill_row row = {.order_id = order_id, .price = {price, 0}, .quantity = {quantity, 0}, .kind = FILL_NEW};
    row.exec_id = (struct text){exec_id, (uint32_t)strlen(exec_id)};
    return row;
}

struct command scene_fill(const char *venue, const struct fill_row *rows, uint32_t count)
{
    struct command c = {.kind = COMMAND_FILL, .fill = {.fills = rows, .fills_count = count}};
    if (venue) c.fill.venue = name_of(venue);
    return c;
}

/* Some of them out of place: the engine refuses those. */
static struct command any_report(struct scene *s, uint64_t order_id, char *text)
{
    int report = draw(s, 2) ? REPORT_ACK : 1 + (int)draw(s, REPORT_NUMBER_MAX);
    struct command c = scene_report(order_id, NULL, report, text);
    c.report.reason = (struct text){"because", 7};
    return c;
}

static struct command any_fills(struct scene *s, const uint64_t *recent, char *text, struct fill_row rows[2])
{
    uint32_t count = 1 + draw(s, 2);
    for (uint32_t i = 0; i < count; ++i) {
        rows[i] = scene_fill_row(recent[draw(s, RECENT_ORDERS)], 1 + draw(s, 4), 97 + draw(s, 6), text);
        uint32_t kind = draw(s, 10);
        if (kind < 8) continue;
        rows[i].kind = kind == 8 ? FILL_BUST : FILL_CORRECT;
        rows[i].ref_exec_id = (struct text){"once", 4};
        if (kind == 8) rows[i].price = rows[i].quantity = absent;
    }
    if (draw(s, 3) == 0) rows[0].exec_id = (struct text){"once", 4}; /* what the others refer to */
    struct command c = scene_fill(NULL, rows, count);
    c.fill.simulated = draw(s, 8) == 0;
    return c;
}

static struct command any_batch(struct scene *s, struct command_place orders[3])
{
    for (int i = 0; i < 3; ++i) {
        int side = draw(s, 2) ? SIDE_BUY : SIDE_SELL;
        const char *account = accounts[draw(s, RANDOM_ACCOUNTS)], *symbol = symbols[draw(s, 2)];
        orders[i] = scene_order(account, symbol, side, 1 + draw(s, 20), 94 + draw(s, 11)).place;
        if (draw(s, 2)) orders[i].venue = name_of(draw(s, 2) ? "ALPHA" : "BETA");
    }
    return (struct command){
        .kind = COMMAND_BATCH,
        .batch = {.account = name_of("ann"), .orders = orders, .orders_count = 3, .atomic = draw(s, 2)}};
}

static struct command any_desk_order(struct scene *s, char *text)
{
    struct command c = any_order(s, false);
    if (c.kind != COMMAND_PLACE) return c;
    const char *const venues[] = {"", "ALPHA", "BETA", "BOOK"};
    const char *venue = venues[draw(s, 4)];
    c.place.venue = *venue ? name_of(venue) : (struct name){{0}};
    c.place.client_order_id = (struct text){text, draw(s, 2) ? (uint32_t)strlen(text) : 0};
    c.origin.actor = name_of("ann");
    c.origin.request_id = (struct text){text, (uint32_t)strlen(text)};
    c.origin.key = (struct key_hash){s->seq, 7};
    c.origin.body = (struct key_hash){draw(s, 100), 8};
    return c;
}

static struct command any_rest(struct scene *s, uint64_t order_id)
{
    static const struct statement_row rows[] = {{.exec_id = {"once", 4},
                                                 .symbol = {"ACME"},
                                                 .price = {100, 0},
                                                 .quantity = {5, 0},
                                                 .fee = {7, 2},
                                                 .side = SIDE_BUY}};
    switch (draw(s, 6)) {
    case 0: return scene_venue(draw(s, 2) ? "ALPHA" : "BETA", 1 + (int)draw(s, VENUE_STATE_NUMBER_MAX));
    case 1: return (struct command){.kind = COMMAND_ROUTE, .route = {.order_id = order_id}};
    case 2: return (struct command){.kind = COMMAND_SETTLE, .settle = {order_id}};
    case 3: return (struct command){.kind = COMMAND_CANCEL_BATCH, .cancel_batch = {order_id >> 16 << 16, 3}};
    case 4: return (struct command){.kind = COMMAND_CLEAR_KEY, .clear_key = {{s->seq - draw(s, 20), 7}}};
    default:
        return (struct command){.kind = COMMAND_STATEMENT,
                                .statement = {.venue = name_of("ALPHA"), .to_ns = 1, .rows = rows, .rows_count = 1}};
    }
}

void scene_desk_flow(struct scene *s, uint32_t commands)
{
    uint64_t recent[RECENT_ORDERS] = {0};
    for (uint32_t i = 0; i < commands; ++i) {
        char text[32];
        struct fill_row rows[2];
        struct command_place orders[3];
        uint32_t at = draw(s, RECENT_ORDERS), what = draw(s, 100);
        snprintf(text, sizeof text, "t-%llu", (unsigned long long)s->seq);
        if (what < 30)
            recent[at] = scene_add(s, any_desk_order(s, text)) << ORDER_INDEX_BITS;
        else if (what < 38)
            recent[at] = (scene_add(s, any_batch(s, orders)) << ORDER_INDEX_BITS) + 1 + draw(s, 3);
        else if (what < 60)
            scene_add(s, any_report(s, recent[at], text));
        else if (what < 82)
            scene_add(s, any_fills(s, recent, text, rows));
        else if (what < 90)
            draw(s, 2) ? scene_cancel(s, recent[at]) : scene_modify(s, recent[at], 1 + draw(s, 20));
        else
            scene_add(s, any_rest(s, recent[at]));
    }
}

uint64_t scene_snapshot(struct scene *s)
{
    scene_commit(s);
    struct snapshot_info info;
    must(snapshot_write(&s->dir, &s->fold, &info), "snapshot_write");
    assert_int_equal(info.seq, s->seq);
    return info.seq;
}

void scene_file(const struct scene *s, const char *part, const char *ending, char room[512])
{
    char dir[DATA_PATH_BYTES_MAX], best[256] = "";
    data_dir_path(&s->dir, part, dir);
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t len = strlen(entry->d_name), wanted = strlen(ending);
        if (len > wanted && strcmp(entry->d_name + len - wanted, ending) == 0 && strcmp(entry->d_name, best) > 0)
            snprintf(best, sizeof best, "%s", entry->d_name);
    }
    closedir(d);
    assert_true(best[0]);
    assert_true(snprintf(room, 512, "%s/%s", dir, best) < 512);
}

uint8_t *scene_read(const char *path, size_t *len_bytes)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    assert_true(size >= 0);
    rewind(f);
    uint8_t *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, f), size);
    fclose(f);
    *len_bytes = (size_t)size;
    return bytes;
}

/* Not by truncating to nothing first: some file systems take that for a replacement and write it to the disk at once.
 * */
void scene_write(const char *path, const uint8_t *bytes, size_t len_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len_bytes, 0), len_bytes);
    assert_int_equal(ftruncate(fd, (off_t)len_bytes), 0);
    assert_int_equal(close(fd), 0);
}

void scene_go_back(struct scene *s, const char *path, const uint8_t *bytes, size_t len_bytes)
{
    struct recover_options o;
    struct recover_result r;
    scene_commit(s);
    tape_writer_abandon(s->writer);
    scene_write(path, bytes, len_bytes);
    open_tape(s);
    fold_free(&s->fold);
    recover_options_default(&o);
    o.all_bytes = o.no_snapshot = true;
    must(recover_state(&s->dir, &o, &s->fold, &r), r.why);
    s->seq = r.seq;
    s->ts_ns = r.ts_ns;
}

void scene_take_part(struct scene *to, const struct scene *from, const char *part)
{
    char source[DATA_PATH_BYTES_MAX], target[DATA_PATH_BYTES_MAX];
    data_dir_path(&from->dir, part, source);
    data_dir_path(&to->dir, part, target);
    remove_tree(target);
    assert_int_equal(rename(source, target), 0);
    assert_int_equal(from->dir.storage->make_dir(from->dir.storage->ctx, source), 0);
}
