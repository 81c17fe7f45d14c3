/* api/json_canonical.c - what a body asks, as a hash.
 * Each value is hashed as | kind u8 | length or count u32 | what it holds |, so that no two trees give the same bytes:
 *   's' text (a number too)    'o' members: each key as a text, then its value, by the keys' bytes    'a' items    't' 'f' 'n'
 * What must stay true: the tape keeps these hashes for as long as a key lives, so the same body hashes the same in every version. */
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "api/json_read.h"
#include "core/error.h"

static void add_head(XXH3_state_t *state, char kind, uint32_t count)
{
    const uint8_t head[] = {(uint8_t)kind, (uint8_t)count, (uint8_t)(count >> 8), (uint8_t)(count >> 16),
                            (uint8_t)(count >> 24)};
    (void)XXH3_128bits_update(state, head, sizeof head);
}

static void add_text(XXH3_state_t *state, struct text text)
{
    add_head(state, 's', text.len_bytes);
    if (text.len_bytes > 0) (void)XXH3_128bits_update(state, text.bytes, text.len_bytes);
}

static bool key_before(struct text a, struct text b)
{
    uint32_t shorter = a.len_bytes < b.len_bytes ? a.len_bytes : b.len_bytes;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order < 0 : a.len_bytes < b.len_bytes;
}

static void add_value(XXH3_state_t *state, const struct json_tree *t, const struct json_node *n);

/* The key is not part of what is asked with it. */
static bool is_idempotency_key(const struct json_tree *t, const struct json_node *object, const struct json_node *n)
{
    return object == &t->nodes[0] && (text_equal(n->key, "idempotency_key") || text_equal(n->key, "idempotencyKey"));
}

static void add_object(XXH3_state_t *state, const struct json_tree *t, const struct json_node *object)
{
    const struct json_node *sorted[JSON_MEMBERS_MAX];
    uint32_t count = 0;
    for (const struct json_node *n = json_first(t, object); n != NULL; n = json_next(t, n)) {
        if (is_idempotency_key(t, object, n)) continue;
        uint32_t at = count++;
        for (; at > 0 && key_before(n->key, sorted[at - 1]->key); at--) sorted[at] = sorted[at - 1];
        sorted[at] = n;
    }
    add_head(state, 'o', count);
    for (uint32_t i = 0; i < count; i++) {
        add_text(state, sorted[i]->key);
        add_value(state, t, sorted[i]);
    }
}

static void add_value(XXH3_state_t *state, const struct json_tree *t, const struct json_node *n)
{
    switch (n->type) {
    case JSON_NULL: add_head(state, 'n', 0); break;
    case JSON_TRUE: add_head(state, 't', 0); break;
    case JSON_FALSE: add_head(state, 'f', 0); break;
    case JSON_OBJECT: add_object(state, t, n); break;
    case JSON_ARRAY:
        add_head(state, 'a', n->children);
        for (const struct json_node *i = json_first(t, n); i != NULL; i = json_next(t, i)) add_value(state, t, i);
        break;
    default: add_text(state, n->text); break;
    }
}

int json_canonical_hash(const char *text, size_t len_bytes, struct key_hash *out, struct problem *p)
{
    struct json_tree tree;
    XXH3_state_t state;
    *out = (struct key_hash){0, 0};
    int result = json_tree_read(&tree, text, len_bytes, p);
    if (result == 0) {
        (void)XXH3_128bits_reset(&state);
        add_value(&state, &tree, &tree.nodes[0]);
        XXH128_hash_t hash = XXH3_128bits_digest(&state);
        *out = (struct key_hash){hash.low64, hash.high64};
    }
    json_tree_free(&tree);
    return result;
}

const char *key_hash_to_text(struct key_hash h, char room[KEY_HASH_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        room[i] = digits[h.hi >> (60 - 4 * i) & 15];
        room[16 + i] = digits[h.lo >> (60 - 4 * i) & 15];
    }
    room[KEY_HASH_TEXT_BYTES - 1] = '\0';
    return room;
}

int key_hash_from_text(struct key_hash *out, const char *text, size_t len_bytes)
{
    uint64_t halves[2] = {0, 0};
    *out = (struct key_hash){0, 0};
    if (len_bytes != KEY_HASH_TEXT_BYTES - 1) return ERR_USAGE;
    for (size_t i = 0; i < len_bytes; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return ERR_USAGE;
        halves[i / 16] = halves[i / 16] << 4 | (uint64_t)digit;
    }
    *out = (struct key_hash){.hi = halves[0], .lo = halves[1]};
    return 0;
}
