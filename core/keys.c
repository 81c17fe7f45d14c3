/* core/keys.c - what is remembered so that nothing happens twice: idempotency keys, and client_order_ids that were used.
 * What must stay true: both lists are by age; what is in a table counts, however old; a client id whose order is open never leaves.
 * The digest has one element for each, taken in and out as it comes and goes: they change but once. */
#include "core/desk_parts.h"

#define SECOND_NS ((int64_t)1000000000)

static bool is_old(const struct engine *e, int64_t used_ns, int64_t now_ns)
{
    return used_ns <= now_ns - (int64_t)e->limits.key_ttl_s * SECOND_NS;
}

static void due_anew(struct engine *e)
{
    int64_t id_ns = e->client_id_oldest == 0 ? INT64_MAX : client_id_cell_at(e, e->client_id_oldest)->used_ns;
    int64_t key_ns = e->key_oldest == 0 ? INT64_MAX : key_cell_at(e, e->key_oldest)->used_ns;
    int64_t oldest_ns = id_ns < key_ns ? id_ns : key_ns, ttl_ns = (int64_t)e->limits.key_ttl_s * SECOND_NS;
    e->keys_due_ns = oldest_ns > INT64_MAX - ttl_ns ? INT64_MAX : oldest_ns + ttl_ns;
}

/* Client ids. */

static u128 client_id_element(const struct engine *e, const struct client_id_cell *c)
{
    struct client_id_state s;
    client_id_value(e, c, &s);
    return digest_used_id(&s);
}

static void client_id_append(struct engine *e, uint32_t index)
{
    struct client_id_cell *c = client_id_cell_at(e, index);
    c->newer = 0;
    c->older = e->client_id_newest;
    if (c->older != 0)
        client_id_cell_at(e, c->older)->newer = index;
    else
        e->client_id_oldest = index;
    e->client_id_newest = index;
    if (e->client_id_oldest == index) due_anew(e);
}

static void client_id_unlist(struct engine *e, struct client_id_cell *c)
{
    *(c->older != 0 ? &client_id_cell_at(e, c->older)->newer : &e->client_id_oldest) = c->newer;
    *(c->newer != 0 ? &client_id_cell_at(e, c->newer)->older : &e->client_id_newest) = c->older;
    if (c->older == 0) due_anew(e);
    c->older = c->newer = 0;
}

static void client_id_forget(struct engine *e, uint32_t index)
{
    struct client_id_cell *c = client_id_cell_at(e, index);
    e->digest -= client_id_element(e, c);
    if (c->used_ns != 0) client_id_unlist(e, c);
    client_ids_index_remove(e, index);
    pool_give(e, &e->client_ids, index);
}

uint32_t client_id_put(struct engine *e, const struct client_id_cell *from)
{
    uint32_t index = pool_take(e, &e->client_ids);
    *client_id_cell_at(e, index) = *from;
    client_ids_index_add(e, index);
    if (from->used_ns != 0) client_id_append(e, index);
    e->digest += client_id_element(e, client_id_cell_at(e, index));
    return index;
}

uint32_t client_id_use(struct engine *e, uint32_t account, uint64_t order_id, struct text text)
{
    struct client_id_cell c = {.id = order_id, .account = account, .used_ns = e->now_ns, .len_bytes = text.len_bytes};
    memcpy(c.bytes, text.bytes, text.len_bytes);
    return client_id_put(e, &c);
}

void client_id_unuse(struct engine *e, uint32_t index)
{
    client_id_forget(e, index);
}

void client_id_order_left(struct engine *e, uint32_t index)
{
    struct client_id_cell *c = client_id_cell_at(e, index);
    c->order = 0;
    if (c->used_ns == 0) client_id_forget(e, index);
}

enum reject judge_client_id(struct turn *t, const struct ticket *k)
{
    const struct engine *e = t->engine;
    struct text id = k->asked->client_order_id;
    char bytes[CLIENT_ORDER_ID_BYTES_MAX] = {0};
    memcpy(bytes, id.bytes, id.len_bytes);
    uint32_t used = client_id_find(e, k->account_index, bytes);
    if (used != 0)
        return refuse_numbers(t, REJECT_DUPLICATE_CLIENT_ORDER_ID, REFUSAL_CLIENT_ORDER_ID,
                              client_id_cell_at(e, used)->id, 0, 0, DECIMAL_ABSENT);
    if (!pool_full(&e->client_ids)) return 0;
    return refuse_numbers(t, REJECT_CLIENT_IDS_FULL, 0, 0, DECIMAL_ABSENT, e->limits.client_ids_max, 0);
}

/* One whose order is open stays known, without an age. */
static void client_id_age(struct engine *e, uint32_t index)
{
    struct client_id_cell *c = client_id_cell_at(e, index);
    if (c->order == 0) {
        client_id_forget(e, index);
        return;
    }
    e->digest -= client_id_element(e, c);
    client_id_unlist(e, c);
    c->used_ns = 0;
    e->digest += client_id_element(e, c);
}

/* Keys. */

static u128 key_element(const struct key_cell *k)
{
    struct key_state s;
    key_value(k, &s);
    return digest_key(&s);
}

static bool key_none(const struct key_hash *k)
{
    return (k->lo | k->hi) == 0;
}

void key_put(struct engine *e, const struct key_cell *from)
{
    uint32_t index = pool_take(e, &e->keys);
    struct key_cell *k = key_cell_at(e, index);
    *k = *from;
    k->live = 1;
    k->newer = 0;
    k->older = e->key_newest;
    *(k->older != 0 ? &key_cell_at(e, k->older)->newer : &e->key_oldest) = index;
    e->key_newest = index;
    if (e->key_oldest == index) due_anew(e);
    keys_index_add(e, index);
    e->digest += key_element(k);
}

static void key_forget(struct engine *e, uint32_t index)
{
    struct key_cell *k = key_cell_at(e, index);
    e->digest -= key_element(k);
    *(k->older != 0 ? &key_cell_at(e, k->older)->newer : &e->key_oldest) = k->newer;
    *(k->newer != 0 ? &key_cell_at(e, k->newer)->older : &e->key_newest) = k->older;
    if (k->older == 0) due_anew(e);
    keys_index_remove(e, index);
    pool_give(e, &e->keys, index);
}

void keys_turn(struct engine *e, const struct command_origin *origin)
{
    uint32_t most = e->limits.work_max;
    for (uint32_t n = 0; n < most && e->client_id_oldest != 0; n++) {
        uint32_t oldest = e->client_id_oldest;
        if (!is_old(e, client_id_cell_at(e, oldest)->used_ns, e->now_ns)) break;
        client_id_age(e, oldest);
    }
    for (uint32_t n = 0; n < most && e->key_oldest != 0; n++) {
        if (!is_old(e, key_cell_at(e, e->key_oldest)->used_ns, e->now_ns)) break;
        key_forget(e, e->key_oldest);
    }
    if (LIKELY(key_none(&origin->key)) || pool_full(&e->keys) || key_find(e, &origin->key) != 0) return;
    key_put(e, &(struct key_cell){.key = origin->key, .body = origin->body, .seq = e->seq, .used_ns = e->now_ns});
}

enum key_answer engine_key_find(const struct engine *e, const struct command_origin *origin, int64_t ts_ns,
                                uint64_t *seq)
{
    if (key_none(&origin->key) || !e->ready) return KEY_NEW;
    uint32_t index = key_find(e, &origin->key);
    if (index == 0) {
        bool room = !pool_full(&e->keys) || is_old(e, key_cell_at(e, e->key_oldest)->used_ns, ts_ns);
        return room ? KEY_NEW : KEY_FULL;
    }
    const struct key_cell *k = key_cell_at(e, index);
    *seq = k->seq;
    return k->body.lo == origin->body.lo && k->body.hi == origin->body.hi ? KEY_REPEATED : KEY_CONFLICT;
}

bool engine_get_key(const struct engine *e, const struct key_hash *key, struct key_state *out)
{
    uint32_t index = key_none(key) ? 0 : key_find(e, key);
    if (index != 0) key_value(key_cell_at(e, index), out);
    return index != 0;
}

void apply_clear_key(struct turn *t, const struct command *c)
{
    const struct key_hash *key = &c->clear_key.key;
    uint32_t index = key_none(key) ? 0 : key_find(t->engine, key);
    if (index == 0) {
        refuse(t, REJECT_KEY_UNKNOWN, REFUSAL_KEY);
        turn_reject(t, c, 0);
        return;
    }
    /* From here on it cannot fail. */
    key_forget(t->engine, index);
    turn_event(t, EVENT_KEY_CLEARED)->key_cleared.key = *key;
}
