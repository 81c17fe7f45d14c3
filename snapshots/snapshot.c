/* snapshots/snapshot.c - the file of a snapshot. All numbers little-endian.
 * What must stay true: every byte is covered by a checksum, and the file ends where its last part does, so a flipped
 * byte, a cut and an addition are all seen before anything is believed. magic, header_bytes and the checksum at the
 * header's end keep their place in every version: an unknown version is told from damage.
 *
 *    0       8             12              16             20        24       32
 *    | magic | header_bytes| format_version| rules_version| parts u32| seq u64| ts_ns i64|
 *    40              56       64                  80      88
 *    | digest lo, hi | tape_id| chain hash lo, hi | orders| the directory ...
 *    for each part:  | table u32| rows u32| raw_bytes u32| packed_bytes u32| XXH3-64 of its packed bytes|
 *    then            | XXH3-64 of the header up to here| the parts, one after the other ...
 *
 * A part is a zstd frame around one message of proto/state_codec.h. Tables follow each other in the order in which an
 * engine imports them; one of more than STATE_ROWS_MAX rows takes several parts. */
#include "snapshots/snapshot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/error.h"
#include "proto/state_codec.h"
#include "snapshots/recover.h"

#define SNAPSHOT_MAGIC ((uint64_t)0x3150414E5344524F) /* "ORDSNAP1" */
enum {
    FORMAT_VERSION = 2,
    HEADER_FIXED_BYTES = 88,
    PART_ENTRY_BYTES = 24,
    CHECKSUM_BYTES = 8,
    /* The largest limits give about 7,600 parts of STATE_ROWS_MAX rows. */
    PARTS_MAX = 8192,
    HEADER_BYTES_MAX = HEADER_FIXED_BYTES + PARTS_MAX * PART_ENTRY_BYTES + CHECKSUM_BYTES,
    ZSTD_LEVEL = 1,
    WHY_BYTES = 256,
    NAME_DIGITS = 20
};

struct part {
    uint32_t table, rows, raw_bytes, packed_bytes;
    uint64_t hash;
};

struct header {
    uint32_t header_bytes, parts_count;
    struct snapshot_info info;
    struct part *parts; /* malloc'ed */
};

static uint32_t header_bytes_of(uint32_t parts)
{
    return HEADER_FIXED_BYTES + parts * PART_ENTRY_BYTES + CHECKSUM_BYTES;
}

static uint8_t *put_u32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; ++i) at[i] = (uint8_t)(v >> (8 * i));
    return at + 4;
}

static uint8_t *put_u64(uint8_t *at, uint64_t v)
{
    return put_u32(put_u32(at, (uint32_t)v), (uint32_t)(v >> 32));
}

static uint32_t take_u32(const uint8_t **at)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; ++i) v |= (uint32_t)(*at)[i] << (8 * i);
    *at += 4;
    return v;
}

static uint64_t take_u64(const uint8_t **at)
{
    uint64_t low = take_u32(at);
    return low | (uint64_t)take_u32(at) << 32;
}

static void header_encode(const struct header *h, uint8_t *bytes)
{
    uint8_t *at = put_u64(bytes, SNAPSHOT_MAGIC);
    at = put_u32(at, h->header_bytes);
    at = put_u32(at, h->info.format_version);
    at = put_u32(at, h->info.rules_version);
    at = put_u32(at, h->parts_count);
    at = put_u64(at, h->info.seq);
    at = put_u64(at, (uint64_t)h->info.ts_ns);
    at = put_u64(put_u64(at, h->info.digest.lo), h->info.digest.hi);
    at = put_u64(at, h->info.tape_id);
    at = put_u64(put_u64(at, h->info.chain_hash_lo), h->info.chain_hash_hi);
    at = put_u64(at, h->info.orders);
    for (uint32_t i = 0; i < h->parts_count; ++i) {
        const struct part *p = &h->parts[i];
        at = put_u32(put_u32(put_u32(put_u32(at, p->table), p->rows), p->raw_bytes), p->packed_bytes);
        at = put_u64(at, p->hash);
    }
    put_u64(at, XXH3_64bits(bytes, (size_t)(at - bytes)));
}

/* bytes are header_bytes long and their checksum holds. */
static int header_decode(const uint8_t *bytes, struct header *h)
{
    const uint8_t *at = bytes + 8;
    h->header_bytes = take_u32(&at);
    h->info.format_version = take_u32(&at);
    h->info.rules_version = take_u32(&at);
    if (h->info.format_version != FORMAT_VERSION || h->info.rules_version != RULES_VERSION) return ERR_VERSION;
    h->parts_count = take_u32(&at);
    if (h->parts_count > PARTS_MAX || h->header_bytes != header_bytes_of(h->parts_count)) return ERR_CORRUPT;
    h->info.seq = take_u64(&at);
    h->info.ts_ns = (int64_t)take_u64(&at);
    h->info.digest.lo = take_u64(&at);
    h->info.digest.hi = take_u64(&at);
    h->info.tape_id = take_u64(&at);
    h->info.chain_hash_lo = take_u64(&at);
    h->info.chain_hash_hi = take_u64(&at);
    h->info.orders = take_u64(&at);
    h->parts = calloc((size_t)h->parts_count + 1, sizeof *h->parts);
    if (!h->parts) return ERR_NO_MEMORY;
    for (uint32_t i = 0; i < h->parts_count; ++i) {
        struct part *p = &h->parts[i];
        p->table = take_u32(&at);
        p->rows = take_u32(&at);
        p->raw_bytes = take_u32(&at);
        p->packed_bytes = take_u32(&at);
        p->hash = take_u64(&at);
    }
    return 0;
}

/* What is being written: an engine, and its orders' ids in the order of their priority. */
struct source {
    const struct engine *engine;
    struct ranked_order {
        uint64_t priority, id;
    } * orders;
    uint32_t orders_count;
};

static int compare_ranks(const void *a, const void *b)
{
    const struct ranked_order *x = a, *y = b;
    return (x->priority > y->priority) - (x->priority < y->priority);
}

/* Ids only: the orders themselves are fetched again when their turn comes, so that not all of them stand in memory
 * twice. */
static int source_open(struct source *s, const struct engine *e)
{
    s->engine = e;
    s->orders_count = 0;
    uint32_t orders_max = engine_counts(e).orders;
    s->orders = calloc((size_t)orders_max + 1, sizeof *s->orders);
    if (!s->orders) return ERR_NO_MEMORY;
    struct order_state o;
    for (uint32_t cursor = 0; engine_export_order(e, &cursor, &o);) {
        assert(s->orders_count < orders_max);
        s->orders[s->orders_count++] = (struct ranked_order){o.priority, o.id};
    }
    qsort(s->orders, s->orders_count, sizeof *s->orders, compare_ranks);
    return 0;
}

/* One table: how its rows come out of an engine, become bytes, and go into an engine. */
struct table {
    const char *name;
    size_t row_bytes;
    bool (*export_row)(const struct source *s, uint32_t *cursor, void *row);
    int (*encode)(const void *rows, size_t count, uint8_t **bytes, size_t *len_bytes);
    int (*decode)(const uint8_t *bytes, size_t len_bytes, void *rows, size_t rows_max, size_t *count);
    int (*import_row)(struct engine *e, const void *row);
};

static bool export_scalars(const struct source *s, uint32_t *cursor, void *row)
{
    if ((*cursor)++ > 0) return false;
    struct engine_scalars scalars = engine_scalars(s->engine);
    memcpy(row, &scalars, sizeof scalars);
    return true;
}

static bool export_orders(const struct source *s, uint32_t *cursor, void *row)
{
    if (*cursor == s->orders_count) return false;
    bool there = engine_get_order(s->engine, s->orders[(*cursor)++].id, row);
    assert(there);
    return there;
}

#define EXPORT(table, one)                                                                                             \
    static bool export_##table(const struct source *s, uint32_t *cursor, void *row)                                    \
    {                                                                                                                  \
        return engine_export_##one(s->engine, cursor, row);                                                            \
    }
EXPORT(currencies, currency)
EXPORT(instruments, instrument)
EXPORT(accounts, account)
EXPORT(venues, venue)
EXPORT(rules, rule)
EXPORT(balances, balance)
EXPORT(positions, position)
EXPORT(routes, route)
EXPORT(executions, execution)
EXPORT(client_ids, client_id)
EXPORT(keys, key)

/* X(table, one of it, its struct), in the order of import. The position in this list is the number in the directory. */
#define TABLES(X)                                                                                                      \
    X(scalars, scalars, engine_scalars)                                                                                \
    X(currencies, currency, currency_state)                                                                            \
    X(instruments, instrument, instrument_state)                                                                       \
    X(accounts, account, account_state)                                                                                \
    X(venues, venue, venue_state_row)                                                                                  \
    X(rules, rule, route_rule)                                                                                         \
    X(balances, balance, balance_state)                                                                                \
    X(positions, position, position_state)                                                                             \
    X(orders, order, order_state)                                                                                      \
    X(routes, route, route_state)                                                                                      \
    X(executions, execution, execution_state)                                                                          \
    X(client_ids, client_id, client_id_state)                                                                          \
    X(keys, key, key_state)

#define X(table, one, row)                                                                                             \
    static int encode_##table(const void *rows, size_t count, uint8_t **bytes, size_t *len_bytes)                      \
    {                                                                                                                  \
        return state_##table##_encode(rows, count, bytes, len_bytes);                                                  \
    }                                                                                                                  \
    static int decode_##table(const uint8_t *bytes, size_t len_bytes, void *rows, size_t rows_max, size_t *count)      \
    {                                                                                                                  \
        return state_##table##_decode(bytes, len_bytes, rows, rows_max, count);                                        \
    }                                                                                                                  \
    static int import_##table(struct engine *e, const void *r)                                                         \
    {                                                                                                                  \
        return engine_import_##one(e, r);                                                                              \
    }
TABLES(X)
#undef X

static const struct table tables[] = {
#define X(table, one, row) {#table, sizeof(struct row), export_##table, encode_##table, decode_##table, import_##table},
    TABLES(X)
#undef X
};
enum { TABLES_COUNT = sizeof tables / sizeof tables[0], TABLE_SCALARS = 0 };

struct output {
    const struct storage *storage;
    struct storage_file *file;
    struct header header;
    size_t parts_room;
    uint64_t offset; /* where the next part goes */
    uint8_t *packed;
    size_t packed_room;
};

static int write_part(struct output *out, uint32_t table, const void *rows, size_t rows_count)
{
    uint8_t *raw = NULL;
    size_t raw_bytes = 0;
    int rc = tables[table].encode(rows, rows_count, &raw, &raw_bytes);
    if (rc) return rc;
    assert(raw_bytes <= STATE_BYTES_MAX && out->header.parts_count < out->parts_room);
    size_t packed = ZSTD_compress(out->packed, out->packed_room, raw, raw_bytes, ZSTD_LEVEL);
    free(raw);
    if (ZSTD_isError(packed)) return ERR_NO_MEMORY;
    out->header.parts[out->header.parts_count++] = (struct part){table, (uint32_t)rows_count, (uint32_t)raw_bytes,
                                                                 (uint32_t)packed, XXH3_64bits(out->packed, packed)};
    rc = out->storage->write(out->storage->ctx, out->file, out->packed, packed, out->offset);
    out->offset += packed;
    return rc;
}

static int write_table(struct output *out, uint32_t table, const struct source *s)
{
    const struct table *t = &tables[table];
    uint8_t *rows = calloc(STATE_ROWS_MAX, t->row_bytes);
    if (!rows) return ERR_NO_MEMORY;
    int rc = 0;
    uint32_t cursor = 0;
    for (bool more = true; more && rc == 0;) {
        size_t count = 0;
        while (count < STATE_ROWS_MAX && (more = t->export_row(s, &cursor, rows + count * t->row_bytes))) ++count;
        if (count) rc = write_part(out, table, rows, count);
    }
    free(rows);
    return rc;
}

static uint32_t parts_of(uint64_t rows)
{
    return (uint32_t)((rows + STATE_ROWS_MAX - 1) / STATE_ROWS_MAX);
}

/* The header's length must be known before the parts are written after it. */
static uint32_t parts_needed(const struct engine *e)
{
    struct engine_counts n = engine_counts(e);
    return 1 + parts_of(n.currencies) + parts_of(n.instruments) + parts_of(n.accounts) + parts_of(n.venues) +
           parts_of(n.rules) + parts_of(n.balances) + parts_of(n.positions) + parts_of(n.orders) + parts_of(n.routes) +
           parts_of(n.executions) + parts_of(n.client_ids) + parts_of(n.keys);
}

static int write_header(struct output *out)
{
    uint8_t *bytes = calloc(1, out->header.header_bytes);
    if (!bytes) return ERR_NO_MEMORY;
    header_encode(&out->header, bytes);
    int rc = out->storage->write(out->storage->ctx, out->file, bytes, out->header.header_bytes, 0);
    free(bytes);
    return rc;
}

static int write_all(struct output *out, const struct engine *e)
{
    struct source source = {0};
    int rc = source_open(&source, e);
    for (uint32_t table = 0; rc == 0 && table < TABLES_COUNT; ++table) rc = write_table(out, table, &source);
    free(source.orders);
    if (rc) return rc;
    assert(out->header.parts_count == out->parts_room);
    rc = write_header(out);
    return rc ? rc : out->storage->sync(out->storage->ctx, out->file);
}

static int output_open(struct output *out, const struct storage *storage, const struct engine *e, const char *path)
{
    memset(out, 0, sizeof *out);
    out->storage = storage;
    out->parts_room = parts_needed(e);
    out->packed_room = ZSTD_compressBound(STATE_BYTES_MAX);
    out->header.header_bytes = header_bytes_of((uint32_t)out->parts_room);
    out->offset = out->header.header_bytes;
    out->header.parts = calloc(out->parts_room, sizeof *out->header.parts);
    out->packed = malloc(out->packed_room);
    if (!out->header.parts || !out->packed) return ERR_NO_MEMORY;
    int rc = storage->remove(storage->ctx, path); /* what a crash left */
    if (rc && rc != ERR_NOT_FOUND) return rc;
    return storage->open(storage->ctx, path, STORAGE_READ | STORAGE_WRITE | STORAGE_CREATE, &out->file);
}

static void output_close(struct output *out)
{
    if (out->file) out->storage->close(out->storage->ctx, out->file);
    free(out->header.parts);
    free(out->packed);
}

static void snapshot_path(const struct data_dir *d, uint64_t seq, const char *ending, char room[DATA_PATH_BYTES_MAX])
{
    data_dir_path(d, "snapshots", room);
    size_t len = strlen(room);
    snprintf(room + len, DATA_PATH_BYTES_MAX - len, "/%0*" PRIu64 "%s", NAME_DIGITS, seq, ending);
}

/* A writer's chain hash would not do: it may have gone on over markers, which readers pass. */
static int read_history(const struct data_dir *d, struct snapshot_info *info)
{
    struct tape_options tape;
    struct tape_report report;
    struct command_reader *reader;
    const struct command *c;
    recover_tape_options(d, TAPE_COMMANDS, &tape);
    int rc = command_reader_open(&tape, true, &reader, &report);
    if (rc) return rc;
    rc = command_reader_seek_seq(reader, info->seq);
    if (rc == 0) rc = command_reader_next(reader, &c);
    if (rc == ERR_END || (rc == 0 && (c->seq != info->seq || c->ts_ns != info->ts_ns))) rc = ERR_NOT_FOUND;
    if (rc == 0) command_reader_chain_hash(reader, &info->chain_hash_lo, &info->chain_hash_hi);
    info->tape_id = command_reader_tape_id(reader);
    command_reader_close(reader);
    return rc;
}

static int describe(const struct data_dir *d, struct fold *f, struct snapshot_info *info)
{
    memset(info, 0, sizeof *info);
    if (!f->engine) return ERR_USAGE; /* before the first command there is no state */
    struct engine_scalars scalars = engine_scalars(f->engine);
    info->seq = scalars.seq;
    info->ts_ns = scalars.now_ns;
    info->digest = engine_digest_full(f->engine);
    assert(digest_equal(info->digest, engine_digest(f->engine)));
    info->format_version = FORMAT_VERSION;
    info->rules_version = RULES_VERSION;
    info->orders = engine_counts(f->engine).orders;
    return read_history(d, info);
}

int snapshot_write(const struct data_dir *d, struct fold *f, struct snapshot_info *info)
{
    const struct storage *storage = d->storage;
    char temporary[DATA_PATH_BYTES_MAX], path[DATA_PATH_BYTES_MAX], dir[DATA_PATH_BYTES_MAX];
    int rc = describe(d, f, info);
    if (rc) return rc;
    snapshot_path(d, info->seq, ".tmp", temporary);
    snapshot_path(d, info->seq, ".snap", path);
    data_dir_path(d, "snapshots", dir);
    struct output out;
    rc = output_open(&out, storage, f->engine, temporary);
    out.header.info = *info;
    if (rc == 0) rc = write_all(&out, f->engine);
    info->file_bytes = out.offset;
    bool made = out.file != NULL;
    output_close(&out);
    if (rc == 0) rc = storage->rename(storage->ctx, temporary, path);
    if (rc == 0) return storage->sync_dir(storage->ctx, dir);
    if (made) (void)storage->remove(storage->ctx, temporary); /* the first error is the one to report */
    return rc;
}

/* A snapshot being read. */
struct input {
    const struct storage *storage;
    struct storage_file *file;
    uint64_t file_bytes;
    struct header header;
    char *why; /* WHY_BYTES, may be NULL */
};

__attribute__((format(printf, 3, 4))) static int refuse(struct input *in, int rc, const char *format, ...)
{
    if (!in->why) return rc;
    va_list args;
    va_start(args, format);
    vsnprintf(in->why, WHY_BYTES, format, args);
    va_end(args);
    return rc;
}

/* Exactly len_bytes, or ERR_CORRUPT: the file ends before what its header promised. */
static int read_exactly(struct input *in, void *bytes, size_t len_bytes, uint64_t offset)
{
    int64_t got = in->storage->read(in->storage->ctx, in->file, bytes, len_bytes, offset);
    if (got < 0) return refuse(in, (int)got, "cannot be read: %s", error_text((int)got));
    if ((uint64_t)got != len_bytes) return refuse(in, ERR_CORRUPT, "is cut at byte %" PRIu64, offset + (uint64_t)got);
    return 0;
}

/* The parts fill the file to its last byte, in the order of the tables, each within what a message may be. */
static int check_directory(struct input *in)
{
    uint64_t bytes = in->header.header_bytes;
    uint32_t table_least = TABLE_SCALARS;
    for (uint32_t i = 0; i < in->header.parts_count; ++i) {
        const struct part *p = &in->header.parts[i];
        if (p->table < table_least || p->table >= TABLES_COUNT || (p->table == TABLE_SCALARS) != (i == 0) ||
            p->rows == 0 || p->rows > STATE_ROWS_MAX || p->raw_bytes == 0 || p->raw_bytes > STATE_BYTES_MAX)
            return refuse(in, ERR_CORRUPT, "its directory makes no sense at part %u", i);
        table_least = p->table;
        bytes += p->packed_bytes;
    }
    if (in->header.parts_count == 0) return refuse(in, ERR_CORRUPT, "it has no parts");
    if (bytes != in->file_bytes)
        return refuse(in, ERR_CORRUPT, "it is %" PRIu64 " bytes long instead of %" PRIu64, in->file_bytes, bytes);
    return 0;
}

static int check_header(struct input *in, const uint8_t *bytes, uint64_t seq)
{
    const uint8_t *sum = bytes + in->header.header_bytes - CHECKSUM_BYTES;
    if (XXH3_64bits(bytes, in->header.header_bytes - CHECKSUM_BYTES) != take_u64(&sum))
        return refuse(in, ERR_CORRUPT, "its header does not verify");
    int rc = header_decode(bytes, &in->header);
    if (rc == ERR_VERSION)
        return refuse(in, rc, "it has format version %u and rules version %u, this program knows %u and %u",
                      in->header.info.format_version, in->header.info.rules_version, FORMAT_VERSION, RULES_VERSION);
    if (rc) return refuse(in, rc, "its header makes no sense");
    if (in->header.info.seq != seq)
        return refuse(in, ERR_CORRUPT, "it holds the state of seq %" PRIu64, in->header.info.seq);
    return check_directory(in);
}

static int read_header(struct input *in, uint64_t seq)
{
    uint8_t start[12];
    int rc = read_exactly(in, start, sizeof start, 0);
    if (rc) return rc;
    const uint8_t *at = start;
    if (take_u64(&at) != SNAPSHOT_MAGIC) return refuse(in, ERR_CORRUPT, "it is not a snapshot");
    in->header.header_bytes = take_u32(&at);
    if (in->header.header_bytes < HEADER_FIXED_BYTES + CHECKSUM_BYTES || in->header.header_bytes > HEADER_BYTES_MAX ||
        in->header.header_bytes > in->file_bytes)
        return refuse(in, ERR_CORRUPT, "its header's length makes no sense");
    uint8_t *bytes = malloc(in->header.header_bytes);
    if (!bytes) return ERR_NO_MEMORY;
    rc = read_exactly(in, bytes, in->header.header_bytes, 0);
    if (rc == 0) rc = check_header(in, bytes, seq);
    free(bytes);
    in->header.info.file_bytes = in->file_bytes;
    return rc;
}

static int input_open(struct input *in, const struct data_dir *d, uint64_t seq, char *why)
{
    memset(in, 0, sizeof *in);
    in->storage = d->storage;
    in->why = why;
    char path[DATA_PATH_BYTES_MAX];
    snapshot_path(d, seq, ".snap", path);
    int rc = in->storage->open(in->storage->ctx, path, STORAGE_READ, &in->file);
    if (rc) return refuse(in, rc, "cannot be opened: %s", error_text(rc));
    int64_t size = in->storage->size(in->storage->ctx, in->file);
    if (size < 0) return refuse(in, (int)size, "cannot be read: %s", error_text((int)size));
    in->file_bytes = (uint64_t)size;
    return read_header(in, seq);
}

static void input_close(struct input *in)
{
    if (in->file) in->storage->close(in->storage->ctx, in->file);
    free(in->header.parts);
}

/* The message of a part, malloc'ed. */
static int unpack_part(struct input *in, const struct part *p, uint64_t offset, uint8_t **raw)
{
    uint8_t *packed = malloc(p->packed_bytes ? p->packed_bytes : 1);
    *raw = malloc(p->raw_bytes);
    int rc = packed && *raw ? read_exactly(in, packed, p->packed_bytes, offset) : ERR_NO_MEMORY;
    if (rc == 0 && XXH3_64bits(packed, p->packed_bytes) != p->hash)
        rc = refuse(in, ERR_CORRUPT, "its table of %s does not verify", tables[p->table].name);
    if (rc == 0 && ZSTD_decompress(*raw, p->raw_bytes, packed, p->packed_bytes) != p->raw_bytes)
        rc = refuse(in, ERR_CORRUPT, "its table of %s cannot be unpacked", tables[p->table].name);
    free(packed);
    if (rc == 0) return 0;
    free(*raw);
    *raw = NULL;
    return rc;
}

static int import_rows(struct input *in, const struct part *p, const uint8_t *rows, size_t count, struct fold *f)
{
    const struct table *t = &tables[p->table];
    if (count != p->rows)
        return refuse(in, ERR_CORRUPT, "its table of %s has %zu rows instead of %u", t->name, count, p->rows);
    int rc = 0;
    if (p->table == TABLE_SCALARS) {
        struct engine_scalars scalars;
        memcpy(&scalars, rows, sizeof scalars);
        if (count != 1 || !limits_valid(&scalars.limits)) return refuse(in, ERR_CORRUPT, "its limits make no sense");
        rc = fold_prepare(f, &scalars.limits);
    }
    for (size_t i = 0; rc == 0 && i < count; ++i) rc = t->import_row(f->engine, rows + i * t->row_bytes);
    if (rc == ERR_FULL) rc = ERR_CORRUPT; /* more objects than its own limits allow */
    return rc ? refuse(in, rc, "its table of %s does not fit: %s", t->name, error_text(rc)) : 0;
}

static int load_part(struct input *in, const struct part *p, uint64_t offset, struct fold *f)
{
    uint8_t *raw = NULL;
    int rc = unpack_part(in, p, offset, &raw);
    if (rc) return rc;
    uint8_t *rows = calloc(p->rows, tables[p->table].row_bytes);
    size_t count = 0;
    if (!rows) rc = ERR_NO_MEMORY;
    if (rc == 0) {
        rc = tables[p->table].decode(raw, p->raw_bytes, rows, p->rows, &count);
        if (rc) refuse(in, rc, "its table of %s cannot be decoded", tables[p->table].name);
    }
    if (rc == 0) rc = import_rows(in, p, rows, count, f);
    free(rows);
    free(raw);
    return rc;
}

/* The state is the one the header speaks of. */
static int check_state(struct input *in, struct fold *f)
{
    if (engine_import_end(f->engine)) return refuse(in, ERR_CORRUPT, "its tables contradict each other");
    struct engine_scalars scalars = engine_scalars(f->engine);
    const struct snapshot_info *info = &in->header.info;
    if (scalars.seq != info->seq || scalars.now_ns != info->ts_ns || engine_counts(f->engine).orders != info->orders)
        return refuse(in, ERR_CORRUPT, "its tables are not those of its header");
    if (!digest_equal(engine_digest_full(f->engine), info->digest))
        return refuse(in, ERR_CORRUPT, "its state does not have the digest it names");
    return 0;
}

int snapshot_load(const struct data_dir *d, uint64_t seq, struct fold *f, struct snapshot_info *info, char *why)
{
    assert(!f->engine);
    struct input in;
    int rc = input_open(&in, d, seq, why);
    uint64_t offset = in.header.header_bytes;
    for (uint32_t i = 0; rc == 0 && i < in.header.parts_count; ++i) {
        rc = load_part(&in, &in.header.parts[i], offset, f);
        offset += in.header.parts[i].packed_bytes;
    }
    if (rc == 0) rc = check_state(&in, f);
    if (rc == 0) *info = in.header.info;
    if (rc == ERR_NO_MEMORY) refuse(&in, rc, "%s", error_text(rc));
    if (rc) fold_free(f);
    input_close(&in);
    return rc;
}

int snapshot_read_info(const struct data_dir *d, uint64_t seq, struct snapshot_info *info, char *why)
{
    struct input in;
    int rc = input_open(&in, d, seq, why);
    if (rc == 0) *info = in.header.info;
    input_close(&in);
    return rc;
}

struct listing {
    uint64_t *seqs;
    uint32_t max;
    uint32_t count;
};

/* Names come in any order; when there is no more room the oldest makes place. */
static void list_seq(struct listing *l, uint64_t seq)
{
    if (l->count++ < l->max) {
        l->seqs[l->count - 1] = seq;
        return;
    }
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < l->max; ++i)
        if (l->seqs[i] < l->seqs[oldest]) oldest = i;
    if (l->max && l->seqs[oldest] < seq) l->seqs[oldest] = seq;
}

static int list_name(void *arg, const char *name)
{
    struct listing *l = arg;
    size_t len = strlen(name);
    if (len != NAME_DIGITS + 5 || strcmp(name + NAME_DIGITS, ".snap") != 0) return 0;
    uint64_t seq = 0;
    for (int i = 0; i < NAME_DIGITS; ++i) {
        if (name[i] < '0' || name[i] > '9') return 0;
        seq = seq * 10 + (uint64_t)(name[i] - '0');
    }
    list_seq(l, seq);
    return 0;
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

int64_t snapshot_list(const struct data_dir *d, uint64_t *seqs, uint32_t max)
{
    char dir[DATA_PATH_BYTES_MAX];
    data_dir_path(d, "snapshots", dir);
    struct listing l = {seqs, max, 0};
    int rc = d->storage->list(d->storage->ctx, dir, list_name, &l);
    if (rc == ERR_NOT_FOUND) return 0;
    if (rc) return rc;
    if (max) qsort(seqs, l.count < max ? l.count : max, sizeof *seqs, compare_seqs);
    return l.count;
}
