/* tests/model/keys.c - what is remembered for a while: client_order_ids and idempotency keys.
 * Invariant: both lists stand in the order in which their entries were used; an id with used_ns 0 belongs to an open order. */
#include "tests/model/internal.h"

#include <string.h>

static int64_t ttl_ns(const struct model *m)
{
    return (int64_t)m->scalars.limits.key_ttl_s * 1000000000;
}

static void remove_client_id(struct model *m, uint32_t k)
{
    m->client_ids_count--;
    memmove(&m->client_ids[k], &m->client_ids[k + 1], (m->client_ids_count - k) * sizeof *m->client_ids);
}

static void remove_key(struct model *m, uint32_t k)
{
    m->keys_count--;
    memmove(&m->keys[k], &m->keys[k + 1], (m->keys_count - k) * sizeof *m->keys);
}

void model_forget_old(struct model *m)
{
    uint32_t left = m->scalars.limits.work_max, k = 0;
    while (k < m->client_ids_count && left > 0) {
        struct client_id_state *c = &m->client_ids[k];
        bool known_by_order = c->used_ns == 0;
        if (!known_by_order && c->used_ns + ttl_ns(m) > m->scalars.now_ns) break;
        if (!known_by_order) left--;
        if (known_by_order || model_find_order(m, c->order_id) != NULL) {
            c->used_ns = 0;
            k++;
        } else {
            remove_client_id(m, k);
        }
    }
    for (left = m->scalars.limits.work_max; left > 0 && m->keys_count > 0; left--) {
        if (m->keys[0].used_ns + ttl_ns(m) > m->scalars.now_ns) return;
        remove_key(m, 0);
    }
}

static bool same_hash(const struct key_hash *a, const struct key_hash *b)
{
    return a->lo == b->lo && a->hi == b->hi;
}

static uint32_t place_of_key(const struct model *m, const struct key_hash *key)
{
    uint32_t k = 0;
    while (k < m->keys_count && !same_hash(&m->keys[k].key, key)) k++;
    return k;
}

void model_keep_key(struct model *m, const struct command *c)
{
    const struct key_hash *key = &c->origin.key;
    if (key->lo == 0 && key->hi == 0) return;
    if (place_of_key(m, key) < m->keys_count || m->keys_count >= m->scalars.limits.keys_max) return;
    m->keys[m->keys_count++] =
        (struct key_state){.key = *key, .body = c->origin.body, .seq = m->scalars.seq, .used_ns = m->scalars.now_ns};
}

int model_judge_client_id(struct model *m, const struct request *r)
{
    const struct text *id = &r->asked->client_order_id;
    if (id->len_bytes == 0) return 0;
    for (uint32_t k = 0; k < m->client_ids_count; k++) {
        const struct client_id_state *c = &m->client_ids[k];
        if (c->account_id != r->account->id || c->client_order_id_len != id->len_bytes) continue;
        if (memcmp(c->client_order_id, id->bytes, id->len_bytes) != 0) continue;
        return model_refuse(m, REJECT_DUPLICATE_CLIENT_ORDER_ID, REFUSAL_CLIENT_ORDER_ID, c->order_id, 0, 0,
                            DECIMAL_ABSENT);
    }
    uint32_t most = m->scalars.limits.client_ids_max;
    if (m->client_ids_count < most) return 0;
    return model_refuse(m, REJECT_CLIENT_IDS_FULL, 0, 0, DECIMAL_ABSENT, most, 0);
}

void model_use_client_id(struct model *m, const struct order_state *o)
{
    if (o->client_order_id_len == 0) return;
    struct client_id_state *c = &m->client_ids[m->client_ids_count++];
    *c = (struct client_id_state){.account_id = o->account_id,
                                  .order_id = o->id,
                                  .used_ns = m->scalars.now_ns,
                                  .client_order_id_len = o->client_order_id_len};
    memcpy(c->client_order_id, o->client_order_id, o->client_order_id_len);
}

void model_order_left_client_id(struct model *m, uint64_t order_id)
{
    for (uint32_t k = 0; k < m->client_ids_count; k++) {
        if (m->client_ids[k].order_id != order_id || m->client_ids[k].used_ns != 0) continue;
        remove_client_id(m, k);
        return;
    }
}

int model_apply_clear_key(struct model *m, const struct command *c)
{
    uint32_t k = place_of_key(m, &c->clear_key.key);
    if (k == m->keys_count) return model_refuse_plain(m, REJECT_KEY_UNKNOWN, REFUSAL_KEY);
    remove_key(m, k);
    model_say(m, EVENT_KEY_CLEARED)->key_cleared.key = c->clear_key.key;
    return 0;
}
