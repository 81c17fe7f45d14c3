/* projections/batch.c - rows in memory for one fold: read on first touch, written once.
 * What must stay true: an entry equals what LMDB would hold had every event so far been written at once. */
#include "projections/batch.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define TABLE_INIT(t, type) table_init(&(t), sizeof(struct type), sizeof(((struct type *)0)->key))
_Static_assert(sizeof(((struct level_entry *)0)->key) == 24, "a key without padding");
_Static_assert(sizeof(((struct candle_entry *)0)->key) == 24, "a key without padding");
_Static_assert(sizeof(((struct execution_entry *)0)->key) == 80, "a key without padding");

struct batch *batch_new(void)
{
    struct batch *b = calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    TABLE_INIT(b->currencies, currency_entry);
    TABLE_INIT(b->accounts, account_entry);
    TABLE_INIT(b->instruments, instrument_entry);
    TABLE_INIT(b->balances, balance_entry);
    TABLE_INIT(b->positions, position_entry);
    TABLE_INIT(b->levels, level_entry);
    TABLE_INIT(b->orders, order_entry);
    TABLE_INIT(b->gtts, gtt_entry);
    TABLE_INIT(b->candles, candle_entry);
    TABLE_INIT(b->executions, execution_entry);
    TABLE_INIT(b->venues, venue_entry);
    return b;
}

void batch_free(struct batch *b)
{
    if (b == NULL) return;
    table_free(&b->currencies);
    table_free(&b->accounts);
    table_free(&b->instruments);
    table_free(&b->balances);
    table_free(&b->positions);
    table_free(&b->levels);
    table_free(&b->orders);
    table_free(&b->gtts);
    table_free(&b->candles);
    table_free(&b->executions);
    table_free(&b->venues);
    puts_free(&b->puts);
    free(b);
}

void batch_clear(struct batch *b, struct views *v, MDB_txn *txn)
{
    b->views = v;
    b->txn = txn;
    table_clear(&b->currencies);
    table_clear(&b->accounts);
    table_clear(&b->instruments);
    table_clear(&b->balances);
    table_clear(&b->positions);
    table_clear(&b->levels);
    table_clear(&b->orders);
    table_clear(&b->gtts);
    table_clear(&b->candles);
    table_clear(&b->executions);
    table_clear(&b->venues);
    b->due = (struct batch_due){0};
    b->rules_dirty = false;
    b->system_dirty = false;
    puts_clear(&b->puts);
}

static int row_get(struct batch *b, enum view_db db, struct key *k, MDB_val *value)
{
    MDB_val key = {k->len_bytes, k->bytes};
    return env_error(mdb_get(b->txn, b->views->dbi[db], &key, value));
}

/* Whatever reading a new entry's row said: ERR_NOT_FOUND is an error only for those who need the row. */
static int entry_settle(struct table *t, struct entry_head *head, int rc, bool needed)
{
    head->stored = rc == 0;
    if (rc == 0 || (rc == ERR_NOT_FOUND && !needed)) return 0;
    table_undo(t);
    return rc;
}

static int currency_get(struct batch *b, const struct name *currency, bool needed, struct currency_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct currency_entry *e = *out = table_get(&b->currencies, currency, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_name(&k, currency);
    int rc = row_get(b, DB_CURRENCIES, &k, &value);
    if (rc == 0) rc = currency_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->currencies, &e->head, rc, needed);
}

static int account_get(struct batch *b, const struct name *account, bool needed, struct account_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct account_entry *e = *out = table_get(&b->accounts, account, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_name(&k, account);
    int rc = row_get(b, DB_ACCOUNTS, &k, &value);
    if (rc == 0) rc = account_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->accounts, &e->head, rc, needed);
}

static int instrument_get(struct batch *b, const struct name *symbol, bool needed, struct instrument_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct instrument_entry *e = *out = table_get(&b->instruments, symbol, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_name(&k, symbol);
    int rc = row_get(b, DB_INSTRUMENTS, &k, &value);
    if (rc == 0) rc = instrument_decode(value.mv_data, value.mv_size, &e->row);
    if (rc == 0) rc = batch_currency(b, &e->row.instrument.spec.currency, &e->currency);
    return entry_settle(&b->instruments, &e->head, rc, needed);
}

int batch_currency(struct batch *b, const struct name *currency, struct currency_entry **out)
{
    return currency_get(b, currency, true, out);
}

int batch_account(struct batch *b, const struct name *account, struct account_entry **out)
{
    return account_get(b, account, true, out);
}

int batch_instrument(struct batch *b, const struct name *symbol, struct instrument_entry **out)
{
    return instrument_get(b, symbol, true, out);
}

int batch_currency_make(struct batch *b, const struct name *currency, struct currency_entry **out)
{
    return currency_get(b, currency, false, out);
}

int batch_account_make(struct batch *b, const struct name *account, struct account_entry **out)
{
    return account_get(b, account, false, out);
}

int batch_instrument_make(struct batch *b, const struct name *symbol, struct instrument_entry **out)
{
    return instrument_get(b, symbol, false, out);
}

int batch_balance(struct batch *b, struct account_entry *account, struct currency_entry *currency,
                  struct balance_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct balance_entry *e = *out = table_get(&b->balances, (const void *[]){account, currency}, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    e->row.scale = currency->row.scale;
    key_begin(&k);
    key_name(&k, &account->key);
    key_name(&k, &currency->key);
    int rc = row_get(b, DB_BALANCES, &k, &value);
    if (rc == 0) rc = balance_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->balances, &e->head, rc, false);
}

int batch_position(struct batch *b, struct account_entry *account, struct instrument_entry *instrument,
                   struct position_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct position_entry *e = *out = table_get(&b->positions, (const void *[]){account, instrument}, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_name(&k, &account->key);
    key_name(&k, &instrument->key);
    int rc = row_get(b, DB_POSITIONS, &k, &value);
    if (rc == 0) rc = position_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->positions, &e->head, rc, false);
}

int batch_level(struct batch *b, struct instrument_entry *instrument, int side, int64_t price, struct level_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct level_row row;
    struct level_entry key = {.key = {instrument, price, (uint64_t)side}};
    struct level_entry *e = *out = table_get(&b->levels, &key.key, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_name(&k, &instrument->key);
    key_level(&k, side, price);
    int rc = row_get(b, DB_LEVELS, &k, &value);
    if (rc == 0) rc = level_decode(value.mv_data, value.mv_size, &row);
    if (rc == 0) {
        e->quantity = row.quantity;
        e->hidden = row.hidden;
        e->orders = row.orders;
    }
    return entry_settle(&b->levels, &e->head, rc, false);
}

static void candle_key(const struct candle_entry *e, struct key *k)
{
    key_begin(k);
    key_name(k, &e->key.instrument->key);
    key_candles(k, (int)e->key.venue, e->key.interval_s);
    key_u64(k, (uint64_t)e->key.start_s);
}

static int candle_get(struct batch *b, const struct candle_entry *key, struct candle_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct candle_entry *e = *out = table_get(&b->candles, &key->key, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    candle_key(e, &k);
    int rc = row_get(b, DB_CANDLES, &k, &value);
    if (rc == 0) rc = candle_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->candles, &e->head, rc, false);
}

int batch_candle(struct batch *b, struct instrument_entry *instrument, int venue, int stored, int64_t start_s,
                 struct candle_entry **out)
{
    struct candle_entry **last = &instrument->candles[venue - 1][stored];
    struct candle_entry wanted = {.key = {instrument, start_s, candle_stored_s[stored], (uint32_t)venue}};
    int rc = 0;
    if (*last == NULL || (*last)->key.start_s != start_s) rc = candle_get(b, &wanted, last);
    if (rc != 0) *last = NULL;
    *out = *last;
    return rc;
}

/* Open, and at a broker or waiting for a venue. */
static bool order_stands_at_desk(const struct order_row *row)
{
    return row->broker_state != 0 && order_row_is_open(row);
}

/* REJECTED, and not by a venue that had it: it was never an order. */
static bool order_was_refused(const struct order_row *row)
{
    return row->status == ORDER_STATUS_REJECTED && row->cancel_reason == 0;
}

static int order_read(struct batch *b, struct order_entry *e)
{
    struct key k;
    MDB_val value;
    key_begin(&k);
    key_u64(&k, e->key);
    int rc = row_get(b, DB_ORDERS, &k, &value);
    if (rc == 0) rc = order_decode(value.mv_data, value.mv_size, &e->row);
    if (rc != 0) return rc;
    e->row.order_id = e->key;
    e->open_stored = order_row_is_open(&e->row);
    e->desk_stored = order_stands_at_desk(&e->row);
    e->venue_stored = e->row.venue_name;
    if (order_was_refused(&e->row)) return 0;
    rc = batch_account(b, &e->row.account, &e->account);
    if (rc == 0) rc = batch_instrument(b, &e->row.symbol, &e->instrument);
    if (rc == 0) rc = batch_balance(b, e->account, e->instrument->currency, &e->balance);
    return rc;
}

int batch_order(struct batch *b, uint64_t order_id, struct order_entry **out)
{
    bool made;
    struct order_entry *e = *out = table_get(&b->orders, &order_id, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    return entry_settle(&b->orders, &e->head, order_read(b, e), true);
}

int batch_order_make(struct batch *b, uint64_t order_id, struct order_entry **out)
{
    bool made;
    struct order_entry *e = *out = table_get(&b->orders, &order_id, &made);
    if (e == NULL) return ERR_NO_MEMORY;
    return made ? 0 : ERR_CORRUPT;
}

bool batch_has_order(struct batch *b, uint64_t order_id)
{
    struct key k;
    MDB_val value;
    if (table_find(&b->orders, &order_id) != NULL || table_find(&b->gtts, &order_id) != NULL) return true;
    key_begin(&k);
    key_u64(&k, order_id);
    return row_get(b, DB_ORDERS, &k, &value) == 0 || row_get(b, DB_GTTS, &k, &value) == 0;
}

int batch_gtt(struct batch *b, uint64_t gtt_id, struct gtt_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct gtt_entry *e = *out = table_get(&b->gtts, &gtt_id, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    e->row.gtt_id = gtt_id;
    key_begin(&k);
    key_u64(&k, gtt_id);
    int rc = row_get(b, DB_GTTS, &k, &value);
    if (rc == 0) rc = gtt_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->gtts, &e->head, rc, false);
}

int batch_venue(struct batch *b, uint32_t number, struct venue_entry **out)
{
    bool made;
    struct key k;
    MDB_val value;
    struct venue_entry *e = *out = table_get(&b->venues, (uint64_t[]){number}, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    key_begin(&k);
    key_u32(&k, number);
    int rc = row_get(b, DB_VENUES, &k, &value);
    if (rc == 0) rc = venue_decode(value.mv_data, value.mv_size, &e->row);
    return entry_settle(&b->venues, &e->head, rc, false);
}

static void execution_key(const struct execution_entry *e, struct key *k)
{
    key_begin(k);
    key_u64(k, e->key.order_id);
    key_exec_id(k, e->key.exec_id, e->key.exec_id_len);
}

static void trade_key(const struct trade_row *row, struct key *k)
{
    key_begin(k);
    key_u64(k, row->seq);
    key_u32(k, row->index);
}

static int execution_read(struct batch *b, struct execution_entry *e)
{
    struct key k;
    MDB_val value;
    struct event_id trade;
    execution_key(e, &k);
    int rc = row_get(b, DB_EXECUTIONS, &k, &value);
    if (rc == 0) rc = execution_decode(value.mv_data, value.mv_size, &trade);
    if (rc != 0) return rc;
    e->row.seq = trade.seq;
    e->row.index = trade.index;
    trade_key(&e->row, &k);
    rc = row_get(b, DB_TRADES, &k, &value);
    if (rc == 0) rc = trade_decode(value.mv_data, value.mv_size, &e->row);
    return rc == ERR_NOT_FOUND ? ERR_CORRUPT : rc;
}

static int execution_get(struct batch *b, uint64_t order_id, const char *exec_id, size_t len_bytes, bool needed,
                         struct execution_entry **out)
{
    bool made;
    struct execution_entry wanted = {.key = {.order_id = order_id, .exec_id_len = len_bytes}};
    memcpy(wanted.key.exec_id, exec_id, len_bytes);
    struct execution_entry *e = *out = table_get(&b->executions, &wanted.key, &made);
    if (e == NULL || !made) return e == NULL ? ERR_NO_MEMORY : 0;
    return entry_settle(&b->executions, &e->head, execution_read(b, e), needed);
}

int batch_execution(struct batch *b, uint64_t order_id, const char *exec_id, size_t len_bytes,
                    struct execution_entry **out)
{
    return execution_get(b, order_id, exec_id, len_bytes, true, out);
}

int batch_execution_make(struct batch *b, uint64_t order_id, const char *exec_id, size_t len_bytes,
                         struct execution_entry **out)
{
    int rc = execution_get(b, order_id, exec_id, len_bytes, false, out);
    return rc == 0 && ((*out)->head.stored || (*out)->head.dirty) ? ERR_CORRUPT : rc;
}

static int currencies_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->currencies.count && rc == 0; i++) {
        struct currency_entry *e = table_at(&b->currencies, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_name(&k, &e->key);
        rc = puts_add(&b->puts, DB_CURRENCIES, &k, room, currency_encode(&e->row, room));
        if (rc != 0 || e->head.stored) continue;
        key_begin(&k);
        key_u64(&k, e->row.id);
        rc = puts_add(&b->puts, DB_CURRENCIES_MADE, &k, e->key.bytes, name_len(&e->key));
    }
    return rc;
}

static int accounts_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->accounts.count && rc == 0; i++) {
        struct account_entry *e = table_at(&b->accounts, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_name(&k, &e->key);
        rc = puts_add(&b->puts, DB_ACCOUNTS, &k, room, account_encode(&e->row, room));
        if (rc != 0 || e->head.stored) continue;
        key_begin(&k);
        key_u64(&k, e->row.account.id);
        rc = puts_add(&b->puts, DB_ACCOUNTS_MADE, &k, e->key.bytes, name_len(&e->key));
    }
    return rc;
}

static int instruments_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->instruments.count && rc == 0; i++) {
        struct instrument_entry *e = table_at(&b->instruments, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_name(&k, &e->key);
        rc = puts_add(&b->puts, DB_INSTRUMENTS, &k, room, instrument_encode(&e->row, room));
        if (rc != 0 || e->head.stored) continue;
        key_begin(&k);
        key_u64(&k, e->row.instrument.id);
        rc = puts_add(&b->puts, DB_INSTRUMENTS_MADE, &k, e->key.bytes, name_len(&e->key));
    }
    return rc;
}

static int balances_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->balances.count && rc == 0; i++) {
        const struct balance_entry *e = table_at(&b->balances, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_name(&k, &e->key.account->key);
        key_name(&k, &e->key.currency->key);
        rc = puts_add(&b->puts, DB_BALANCES, &k, room, balance_encode(&e->row, room));
    }
    return rc;
}

static int positions_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->positions.count && rc == 0; i++) {
        const struct position_entry *e = table_at(&b->positions, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_name(&k, &e->key.account->key);
        key_name(&k, &e->key.instrument->key);
        rc = puts_add(&b->puts, DB_POSITIONS, &k, room, position_encode(&e->row, room));
    }
    return rc;
}

static int level_emit(struct batch *b, const struct level_entry *e)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    key_begin(&k);
    key_name(&k, &e->key.instrument->key);
    key_level(&k, (int)e->key.side, e->key.price);
    if (e->orders == 0) return e->head.stored ? puts_remove(&b->puts, DB_LEVELS, &k) : 0;
    struct level_row row = {e->key.price, e->quantity, e->hidden, e->orders};
    return puts_add(&b->puts, DB_LEVELS, &k, room, level_encode(&row, room));
}

static int levels_emit(struct batch *b)
{
    int rc = 0;
    for (uint32_t i = 0; i < b->levels.count && rc == 0; i++) {
        const struct level_entry *e = table_at(&b->levels, i);
        rc = e->head.dirty ? level_emit(b, e) : 0;
    }
    return rc;
}

static int order_mark(struct batch *b, enum view_db db, const struct name *of, uint64_t order_id, bool there)
{
    struct key k;
    key_begin(&k);
    key_name(&k, of);
    key_u64(&k, order_id);
    return there ? puts_add(&b->puts, db, &k, NULL, 0) : puts_remove(&b->puts, db, &k);
}

/* Where it stands at the desk may change as often as it is sent somewhere. */
static int order_emit_desk(struct batch *b, const struct order_entry *e)
{
    bool desk = order_stands_at_desk(&e->row), moved = !name_equal(&e->venue_stored, &e->row.venue_name);
    int rc = 0;
    if (e->desk_stored && (!desk || moved)) rc = order_mark(b, DB_ORDER_AT_VENUE, &e->venue_stored, e->key, false);
    if (rc == 0 && desk && (!e->desk_stored || moved))
        rc = order_mark(b, DB_ORDER_AT_VENUE, &e->row.venue_name, e->key, true);
    return rc;
}

static int order_emit(struct batch *b, const struct order_entry *e)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    key_begin(&k);
    key_u64(&k, e->key);
    int rc = puts_add(&b->puts, DB_ORDERS, &k, room, order_encode(&e->row, room));
    bool open = order_row_is_open(&e->row);
    if (rc == 0 && open != e->open_stored) rc = order_mark(b, DB_ORDER_OPEN, &e->row.account, e->key, open);
    return rc == 0 ? order_emit_desk(b, e) : rc;
}

static int orders_emit(struct batch *b)
{
    int rc = 0;
    for (uint32_t i = 0; i < b->orders.count && rc == 0; i++) {
        const struct order_entry *e = table_at(&b->orders, i);
        rc = e->head.dirty ? order_emit(b, e) : 0;
    }
    return rc;
}

static int candles_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->candles.count && rc == 0; i++) {
        const struct candle_entry *e = table_at(&b->candles, i);
        if (!e->head.dirty) continue;
        candle_key(e, &k);
        rc = puts_add(&b->puts, DB_CANDLES, &k, room, candle_encode(&e->row, room));
    }
    return rc;
}

static int gtt_index(struct batch *b, enum view_db db, const struct name *of, uint64_t gtt_id)
{
    struct key k;
    key_begin(&k);
    key_name(&k, of);
    key_u64(&k, gtt_id);
    return puts_add(&b->puts, db, &k, NULL, 0);
}

static int gtts_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->gtts.count && rc == 0; i++) {
        const struct gtt_entry *e = table_at(&b->gtts, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_u64(&k, e->key);
        rc = puts_add(&b->puts, DB_GTTS, &k, room, gtt_encode(&e->row, room));
        if (rc != 0 || e->head.stored) continue;
        rc = gtt_index(b, DB_GTT_BY_ACCOUNT, &e->row.gtt.account, e->key);
        if (rc == 0) rc = gtt_index(b, DB_GTT_BY_SYMBOL, &e->row.gtt.symbol, e->key);
    }
    return rc;
}

static int system_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    if (!b->system_dirty) return 0;
    key_begin(&k);
    key_u32(&k, 0);
    return puts_add(&b->puts, DB_SYSTEM, &k, room, system_encode(&b->system, room));
}

static int execution_emit(struct batch *b, const struct execution_entry *e)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    struct event_id trade = {e->row.seq, e->row.index};
    trade_key(&e->row, &k);
    int rc = puts_add(&b->puts, DB_TRADES, &k, room, trade_encode(&e->row, room));
    if (rc != 0 || e->head.stored) return rc;
    execution_key(e, &k);
    return puts_add(&b->puts, DB_EXECUTIONS, &k, room, execution_encode(&trade, room));
}

static int executions_emit(struct batch *b)
{
    int rc = 0;
    for (uint32_t i = 0; i < b->executions.count && rc == 0; i++) {
        const struct execution_entry *e = table_at(&b->executions, i);
        rc = e->head.dirty ? execution_emit(b, e) : 0;
    }
    return rc;
}

static int venues_emit(struct batch *b)
{
    struct key k;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t i = 0; i < b->venues.count && rc == 0; i++) {
        const struct venue_entry *e = table_at(&b->venues, i);
        if (!e->head.dirty) continue;
        key_begin(&k);
        key_u32(&k, (uint32_t)e->key);
        rc = puts_add(&b->puts, DB_VENUES, &k, room, venue_encode(&e->row, room));
    }
    return rc;
}

/* The new table over the old one, and what of that was longer goes. */
static int rules_emit(struct batch *b)
{
    struct key k;
    MDB_val value;
    uint8_t room[VALUE_BYTES_MAX];
    int rc = 0;
    for (uint32_t n = 1; b->rules_dirty && n <= ROUTE_RULES_MAX && rc == 0; n++) {
        key_begin(&k);
        key_u32(&k, n);
        if (n <= b->rules_count) {
            struct rule_row row = {.number = n, .rule = b->rules[n - 1]};
            rc = puts_add(&b->puts, DB_RULES, &k, room, rule_encode(&row, room));
            continue;
        }
        rc = row_get(b, DB_RULES, &k, &value);
        if (rc == ERR_NOT_FOUND) return 0; /* they have no gaps */
        if (rc == 0) rc = puts_remove(&b->puts, DB_RULES, &k);
    }
    return rc;
}

int batch_emit(struct batch *b)
{
    int (*const emits[])(struct batch *) = {
        currencies_emit, accounts_emit, instruments_emit, balances_emit,   positions_emit, levels_emit, orders_emit,
        gtts_emit,       candles_emit,  system_emit,      executions_emit, venues_emit,    rules_emit};
    int rc = 0;
    for (size_t i = 0; i < sizeof emits / sizeof *emits && rc == 0; i++) rc = emits[i](b);
    return rc == 0 ? puts_sort(&b->puts) : rc;
}
