/* projections/query_totals.c - counts and the hash over everything.
 * What must stay true: the hash covers keys and values of every view and nothing that depends on how they came to be
 * there: not the map, not the batches, not the state row. */
#include <xxhash.h>

#include "core/error.h"
#include "projections/env.h"

static int entries(struct views_read *r, enum view_db db, uint64_t *count)
{
    MDB_stat stat;
    int rc = mdb_stat(r->txn, r->views->dbi[db], &stat);
    *count = rc == 0 ? stat.ms_entries : 0;
    return rc;
}

int views_counts(struct views_read *r, struct views_counts *out)
{
    const struct {
        enum view_db db;
        uint64_t *count;
    } wanted[] = {{DB_ORDERS, &out->orders},         {DB_TRADES, &out->trades},     {DB_POSITIONS, &out->positions},
                  {DB_ACCOUNTS, &out->accounts},     {DB_BALANCES, &out->balances}, {DB_INSTRUMENTS, &out->instruments},
                  {DB_CURRENCIES, &out->currencies}, {DB_LEVELS, &out->levels},     {DB_GTTS, &out->gtts},
                  {DB_CANDLES, &out->candles},       {DB_VENUES, &out->venues},     {DB_RULES, &out->rules},
                  {DB_DECISIONS, &out->decisions},   {DB_BATCHES, &out->batches},   {DB_STATEMENTS, &out->statements}};
    MDB_envinfo info;
    MDB_stat stat;
    int rc = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && rc == 0; i++)
        rc = entries(r, wanted[i].db, wanted[i].count);
    if (rc == 0) rc = mdb_env_info(r->views->env, &info);
    if (rc == 0) rc = mdb_env_stat(r->views->env, &stat);
    if (rc != 0) return env_error(rc);
    out->bytes_used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    out->bytes_map = info.me_mapsize;
    return 0;
}

static bool hash_part(XXH3_state_t *hash, const MDB_val *part)
{
    uint64_t len_bytes = part->mv_size; /* so that no byte can move from a key to its value unseen */
    return XXH3_128bits_update(hash, &len_bytes, sizeof len_bytes) == XXH_OK &&
           XXH3_128bits_update(hash, part->mv_data, part->mv_size) == XXH_OK;
}

static int hash_db(struct views_read *r, enum view_db db, XXH3_state_t *hash)
{
    MDB_cursor *cursor;
    MDB_val key, value, number = {sizeof db, &db};
    int rc = mdb_cursor_open(r->txn, r->views->dbi[db], &cursor);
    if (rc != 0) return env_error(rc);
    bool hashed = hash_part(hash, &number);
    rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    for (; rc == 0 && hashed; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
        hashed = hash_part(hash, &key) && hash_part(hash, &value);
    mdb_cursor_close(cursor);
    if (!hashed) return ERR_IO;
    return rc == MDB_NOTFOUND ? 0 : env_error(rc);
}

int views_hash(struct views_read *r, uint64_t *lo, uint64_t *hi)
{
    XXH3_state_t *hash = XXH3_createState();
    if (hash == NULL) return ERR_NO_MEMORY;
    int rc = XXH3_128bits_reset(hash) == XXH_OK ? 0 : ERR_IO;
    for (int db = DB_STATE + 1; db < VIEW_DB_COUNT && rc == 0; db++) rc = hash_db(r, (enum view_db)db, hash);
    if (rc == 0) {
        XXH128_hash_t h = XXH3_128bits_digest(hash);
        *lo = h.low64;
        *hi = h.high64;
    }
    XXH3_freeState(hash);
    return rc;
}
