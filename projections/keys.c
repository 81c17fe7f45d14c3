/* projections/keys.c - the parts that keys are made of, and back.
 * What must stay true: parts compare as what they mean, and no part is a prefix of another part of its kind, so that
 * a whole key compares part by part and everything under one prefix lies together.
 *
 *   u64, u32          big-endian
 *   name              its bytes (none is 0), then one 0
 *   client order id   length u8, bytes (any): equal ids lie together, their order means nothing; an exec id likewise
 *   level             side u8 (1 BUY, 2 SELL), then u64 big-endian: ~price for BUY, price for SELL: best first
 *
 *   orders                  order id                       order_by_account         account | order id
 *   order_events            order id | seq | index u32     order_open               account | order id
 *   trades                  seq | index u32                order_by_symbol          symbol | order id
 *   trade_by_account        account | seq | index u32      order_by_client          client order id | order id
 *   trade_by_symbol         symbol | seq | index u32       order_by_account_client  account | client id | order id
 *   balances                account | currency             levels                   symbol | level
 *   positions               account | symbol               accounts_made, instruments_made, currencies_made: id
 *   gtts                    gtt id                         gtt_by_account           account | gtt id
 *   gtt_by_symbol           symbol | gtt id                system                   0, u32
 *   accounts, instruments, currencies: name        candles                  symbol | venue u8 | interval u32 | start
 *   order_at_venue          venue | order id               trade_by_venue           venue | seq | index u32
 *   executions              order id | exec id             decisions                order id | seq | index u32
 *   venues, rules           number u32                     batches                  batch id
 *   statements              statement id                   statement_lines          statement id | number u32 */
#include "projections/keys.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

void key_begin(struct key *k)
{
    k->len_bytes = 0;
}

static void key_bytes(struct key *k, const void *bytes, size_t len_bytes)
{
    assert(k->len_bytes + len_bytes <= sizeof k->bytes);
    memcpy(k->bytes + k->len_bytes, bytes, len_bytes);
    k->len_bytes += (uint32_t)len_bytes;
}

void key_u64(struct key *k, uint64_t value)
{
    uint64_t big = htobe64(value);
    key_bytes(k, &big, sizeof big);
}

void key_u32(struct key *k, uint32_t value)
{
    uint32_t big = htobe32(value);
    key_bytes(k, &big, sizeof big);
}

void key_name(struct key *k, const struct name *n)
{
    key_bytes(k, n->bytes, name_len(n) + 1);
}

void key_client_order_id(struct key *k, const char *bytes, size_t len_bytes)
{
    assert(len_bytes <= CLIENT_ORDER_ID_BYTES_MAX);
    uint8_t len = (uint8_t)len_bytes;
    key_bytes(k, &len, 1);
    key_bytes(k, bytes, len_bytes);
}

void key_exec_id(struct key *k, const char *bytes, size_t len_bytes)
{
    assert(len_bytes <= EXT_ID_BYTES_MAX);
    uint8_t len = (uint8_t)len_bytes;
    key_bytes(k, &len, 1);
    key_bytes(k, bytes, len_bytes);
}

void key_level(struct key *k, int side, int64_t price)
{
    assert((side == SIDE_BUY || side == SIDE_SELL) && price >= 0);
    uint8_t byte = (uint8_t)side;
    key_bytes(k, &byte, 1);
    key_u64(k, side == SIDE_BUY ? ~(uint64_t)price : (uint64_t)price);
}

void key_candles(struct key *k, int venue, uint32_t interval_s)
{
    uint8_t byte = (uint8_t)venue;
    key_bytes(k, &byte, 1);
    key_u32(k, interval_s);
}

static bool key_take(struct key_reader *r, void *out, size_t len_bytes)
{
    if (r->left_bytes < len_bytes) return false;
    memcpy(out, r->at, len_bytes);
    r->at += len_bytes;
    r->left_bytes -= len_bytes;
    return true;
}

bool key_take_u64(struct key_reader *r, uint64_t *value)
{
    uint64_t big;
    if (!key_take(r, &big, sizeof big)) return false;
    *value = be64toh(big);
    return true;
}

bool key_take_u32(struct key_reader *r, uint32_t *value)
{
    uint32_t big;
    if (!key_take(r, &big, sizeof big)) return false;
    *value = be32toh(big);
    return true;
}

bool key_take_name(struct key_reader *r, struct name *n)
{
    size_t len_bytes = strnlen((const char *)r->at, r->left_bytes);
    if (len_bytes == r->left_bytes || len_bytes > NAME_CHARS_MAX) return false;
    memset(n, 0, sizeof *n);
    uint8_t terminator;
    return key_take(r, n->bytes, len_bytes) && key_take(r, &terminator, 1);
}

bool key_take_level(struct key_reader *r, int *side, int64_t *price)
{
    uint8_t byte;
    uint64_t value;
    if (!key_take(r, &byte, 1) || (byte != SIDE_BUY && byte != SIDE_SELL) || !key_take_u64(r, &value)) return false;
    *side = byte;
    *price = (int64_t)(byte == SIDE_BUY ? ~value : value);
    return *price >= 0;
}
