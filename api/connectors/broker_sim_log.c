/* api/connectors/broker_sim_log.c - the simulated broker's books on disk: every change appended, read back at the start.
 *
 *   file    | magic u64 | style u64 |  record, record, ...                                     little-endian
 *   record  | len_bytes u32 | kind u32 | payload, len_bytes | XXH3-64 of all before it in the record |
 *   payload   ORDER: struct broker_order, day u32, state u32      STATE: order_id u64, state u64
 *             REPLACE: struct broker_replace                      EXECUTION: order_id u64, struct sim_execution
 *             BY_HAND: order_id, seq, index, price, quantity, each u64
 *
 * What must stay true: a record that is whole is applied by the function that wrote it, so reading the log makes the same books. The
 * first record that is not whole is where a kill tore the file: it is cut there. Structs are written as they are in memory: the log
 * is one machine's and one build's, and ERR_CORRUPT says so by the length. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "api/connectors/broker_sim_parts.h"
#include "api/connectors/broker_sim_log.h"
#include "core/error.h"

#define LOG_MAGIC ((uint64_t)0x31304b4f5242544f) /* "OTBROK01" */
enum { HEAD_BYTES = 8, HASH_BYTES = 8, FILE_HEAD_BYTES = 16 };

int sim_log_flush(struct broker_sim *s)
{
    struct sim_log *l = &s->log;
    if (s->error != 0 || l->buffered_bytes == 0) return s->error;
    s->error = s->o.storage->write(s->o.storage->ctx, l->file, l->buffer, l->buffered_bytes, l->size_bytes);
    l->size_bytes += l->buffered_bytes;
    l->buffered_bytes = 0;
    return s->error;
}

int sim_log_append(struct broker_sim *s, uint32_t kind, const void *payload, uint32_t len_bytes)
{
    struct sim_log *l = &s->log;
    if (l->file == NULL) return 0; /* what is applied now was read from it */
    uint32_t whole = HEAD_BYTES + len_bytes + HASH_BYTES;
    assert(whole <= LOG_BUFFER_BYTES);
    if (l->buffered_bytes + whole > LOG_BUFFER_BYTES && sim_log_flush(s) != 0) return s->error;
    uint8_t *at = l->buffer + l->buffered_bytes;
    memcpy(at, &len_bytes, 4);
    memcpy(at + 4, &kind, 4);
    memcpy(at + HEAD_BYTES, payload, len_bytes);
    uint64_t hash = XXH3_64bits(at, HEAD_BYTES + len_bytes);
    memcpy(at + HEAD_BYTES + len_bytes, &hash, HASH_BYTES);
    l->buffered_bytes += whole;
    return 0;
}

static int apply_order(struct broker_sim *s, const void *payload)
{
    struct log_order r;
    memcpy(&r, payload, sizeof r);
    return sim_take_order(s, &r.terms, r.day, (uint8_t)r.state);
}

static int apply_execution(struct broker_sim *s, const void *payload)
{
    struct log_execution r;
    memcpy(&r, payload, sizeof r);
    return sim_execute(s, r.order_id, &r.execution);
}

static int apply(struct broker_sim *s, uint32_t kind, const uint8_t *payload, uint32_t len_bytes)
{
    struct log_state state;
    struct broker_replace replace;
    struct log_by_hand hand;
    switch (kind) {
    case LOG_ORDER: return len_bytes == sizeof(struct log_order) ? apply_order(s, payload) : ERR_CORRUPT;
    case LOG_EXECUTION: return len_bytes == sizeof(struct log_execution) ? apply_execution(s, payload) : ERR_CORRUPT;
    case LOG_STATE:
        if (len_bytes != sizeof state) return ERR_CORRUPT;
        memcpy(&state, payload, sizeof state);
        return sim_set_state(s, state.order_id, (uint8_t)state.state);
    case LOG_REPLACE:
        if (len_bytes != sizeof replace) return ERR_CORRUPT;
        memcpy(&replace, payload, sizeof replace);
        return sim_replace(s, &replace);
    case LOG_BY_HAND:
        if (len_bytes != sizeof hand) return ERR_CORRUPT;
        memcpy(&hand, payload, sizeof hand);
        return sim_execute_by_hand(s, hand.order_id, hand.seq, (uint32_t)hand.index, hand.price, hand.quantity);
    default: return ERR_CORRUPT;
    }
}

/* Whole records from bytes on; *used is where the first that is not begins. */
static int apply_all(struct broker_sim *s, const uint8_t *bytes, size_t len, size_t *used)
{
    size_t at = FILE_HEAD_BYTES;
    int failed = 0;
    while (failed == 0 && len - at >= HEAD_BYTES + HASH_BYTES) {
        uint32_t payload_bytes, kind;
        uint64_t hash;
        memcpy(&payload_bytes, bytes + at, 4);
        memcpy(&kind, bytes + at + 4, 4);
        if (payload_bytes > len - at - HEAD_BYTES - HASH_BYTES) break;
        memcpy(&hash, bytes + at + HEAD_BYTES + payload_bytes, HASH_BYTES);
        if (hash != XXH3_64bits(bytes + at, HEAD_BYTES + payload_bytes)) break;
        failed = apply(s, kind, bytes + at + HEAD_BYTES, payload_bytes);
        at += HEAD_BYTES + payload_bytes + HASH_BYTES;
    }
    *used = at;
    return failed;
}

static int begin_file(struct broker_sim *s, struct storage_file *f)
{
    uint64_t head[2] = {LOG_MAGIC, s->o.style};
    s->log.size_bytes = FILE_HEAD_BYTES;
    return s->o.storage->write(s->o.storage->ctx, f, head, sizeof head, 0);
}

static int read_back(struct broker_sim *s, struct storage_file *f, size_t len, uint64_t *torn_bytes)
{
    const struct storage *st = s->o.storage;
    uint64_t head[2];
    size_t used = 0;
    uint8_t *bytes = malloc(len);
    if (bytes == NULL) return ERR_NO_MEMORY;
    int64_t got = st->read(st->ctx, f, bytes, len, 0);
    int failed = got < 0 ? (int)got : (size_t)got != len ? ERR_IO : 0;
    memcpy(head, bytes, sizeof head);
    if (failed == 0 && (head[0] != LOG_MAGIC || head[1] != s->o.style)) failed = ERR_CORRUPT;
    if (failed == 0) failed = apply_all(s, bytes, len, &used);
    free(bytes);
    if (failed != 0) return failed;
    *torn_bytes = len - used;
    s->log.size_bytes = used;
    return used < len ? st->resize(st->ctx, f, used) : 0;
}

int sim_log_open(struct broker_sim *s, uint64_t *torn_bytes)
{
    const struct storage *st = s->o.storage;
    struct storage_file *f = NULL;
    *torn_bytes = 0;
    int failed = st->open(st->ctx, s->o.path, STORAGE_READ | STORAGE_WRITE, &f);
    if (failed == ERR_NOT_FOUND)
        failed = st->open(st->ctx, s->o.path, STORAGE_CREATE | STORAGE_READ | STORAGE_WRITE, &f);
    if (failed != 0) return failed;
    int64_t size = st->size(st->ctx, f);
    if (size < 0)
        failed = (int)size;
    else if (size < FILE_HEAD_BYTES)
        failed = begin_file(s, f);
    else
        failed = read_back(s, f, (size_t)size, torn_bytes);
    if (failed != 0) {
        st->close(st->ctx, f);
        return failed;
    }
    s->log.file = f;
    return 0;
}
