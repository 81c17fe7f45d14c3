/* api/origin.c - see origin.h. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/clock.h"
#include "api/exchange.h"
#include "api/origin.h"

#define HEADER_KEY        "Idempotency-Key"
#define HEADER_ACTOR      "X-Actor"
#define HEADER_REQUEST_ID "X-Request-Id"

/* Until callers prove who they are there is one: whoever reaches the socket. */
struct name origin_principal(const struct exchange *x)
{
    (void)x;
    return name_of("local");
}

static bool printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') return false;
    }
    return true;
}

static const char *header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* One process's requests are numbered; its start tells processes apart. */
static void request_id_make(struct exchange *x)
{
    uint64_t number = atomic_fetch_add(&x->server->http.requests, 1);
    (void)snprintf(x->origin.request_id, sizeof x->origin.request_id, "%llx-%llx",
                   (unsigned long long)x->server->http.started_ns, (unsigned long long)number);
}

bool origin_read(struct exchange *x)
{
    const char *id = header(x, HEADER_REQUEST_ID), *actor = header(x, HEADER_ACTOR);
    if (id != NULL && id[0] != '\0' && strlen(id) <= REQUEST_ID_BYTES_MAX && printable(id))
        (void)snprintf(x->origin.request_id, sizeof x->origin.request_id, "%s", id);
    else
        request_id_make(x);
    x->origin.actor = origin_principal(x);
    return actor == NULL || name_from_text(&x->origin.actor, actor, strlen(actor)) == 0;
}

/* 0, 0 means that there is no key. */
static struct key_hash key_hash_of(XXH128_hash_t h)
{
    struct key_hash k = {.lo = h.low64, .hi = h.high64};
    if ((k.lo | k.hi) == 0) k.lo = 1;
    return k;
}

struct key_hash origin_key_hash(const struct name *principal, struct text key)
{
    char room[NAME_BYTES + 1 + IDEMPOTENCY_KEY_BYTES_MAX] = {0};
    size_t len = name_len(principal);
    memcpy(room, principal->bytes, len);
    memcpy(room + len + 1, key.bytes, key.len_bytes);
    return key_hash_of(XXH3_128bits(room, len + 1 + key.len_bytes));
}

static void put_text(XXH3_state_t *state, const char *text)
{
    (void)XXH3_128bits_update(state, text, strlen(text) + 1);
}

static void put_request(XXH3_state_t *state, const struct exchange *x)
{
    put_text(state, x->route->method);
    for (unsigned i = 0; i < x->url.segments_count; i++) put_text(state, x->url.segments[i]);
    for (unsigned i = 0; i < x->url.parameters_count; i++) {
        (void)XXH3_128bits_update(state, "\1", 1);
        put_text(state, x->url.parameters[i].name);
        put_text(state, x->url.parameters[i].value);
    }
}

/* False: the body is no JSON. */
static bool body_hash(struct exchange *x, struct key_hash *out)
{
    struct key_hash canonical;
    struct problem p = {0};
    if (json_canonical_hash(x->body_bytes == 0 ? "" : x->body, x->body_bytes, &canonical, &p) != 0) {
        exchange_problem_given(x, &p);
        return false;
    }
    uint8_t bytes[16];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(canonical.lo >> (8 * i));
        bytes[8 + i] = (uint8_t)(canonical.hi >> (8 * i));
    }
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    (void)XXH3_128bits_reset(&state);
    put_request(&state, x);
    (void)XXH3_128bits_update(&state, bytes, sizeof bytes);
    *out = key_hash_of(XXH3_128bits_digest(&state));
    return true;
}

static bool key_from_quoted(const char *at, char *room, struct text *key)
{
    uint32_t len = 0;
    while (*at != '"') {
        if (*at == '\\' && *++at != '"' && *at != '\\') return false;
        if (*at == '\0' || len == IDEMPOTENCY_KEY_BYTES_MAX) return false;
        room[len++] = *at++;
    }
    *key = (struct text){room, len};
    return at[1] == '\0' && len > 0;
}

bool origin_key_parse(const char *header_value, char *room, struct text *key)
{
    if (!printable(header_value)) return false;
    if (header_value[0] == '"') return key_from_quoted(header_value + 1, room, key);
    size_t len = strlen(header_value);
    if (len == 0 || len > IDEMPOTENCY_KEY_BYTES_MAX) return false;
    *key = (struct text){header_value, (uint32_t)len};
    return true;
}

static enum MHD_Result count_keys(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    (void)value;
    *(unsigned *)arg += strcasecmp(name, HEADER_KEY) == 0;
    return MHD_YES;
}

/* The key of header and body; empty: none. False: 400 was answered. */
static bool find_key(struct exchange *x, char *room, struct text *key)
{
    unsigned headers = 0;
    struct text of_body = x->parsed.said.idempotency_key;
    *key = of_body;
    (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_keys, &headers);
    if (headers == 0) return true;
    const char *given = header(x, HEADER_KEY);
    bool good = headers == 1 && given != NULL && origin_key_parse(given, room, key);
    if (!good)
        exchange_problem(x, 400, "MALFORMED",
                         HEADER_KEY ": once, 1 to %d printable characters, bare or as a string in double quotes",
                         IDEMPOTENCY_KEY_BYTES_MAX);
    else if (of_body.len_bytes != 0 &&
             (of_body.len_bytes != key->len_bytes || memcmp(of_body.bytes, key->bytes, key->len_bytes) != 0))
        exchange_problem(x, 400, "MALFORMED", "idempotency_key: not the key that the header " HEADER_KEY " says");
    return !x->answered;
}

bool origin_fill(struct exchange *x, struct command *c)
{
    char room[IDEMPOTENCY_KEY_BYTES_MAX];
    struct text key;
    struct name principal = origin_principal(x);
    c->origin = (struct command_origin){.actor = x->origin.actor,
                                        .request_id = {x->origin.request_id, (uint32_t)strlen(x->origin.request_id)}};
    if (!find_key(x, room, &key)) return false;
    if (key.len_bytes == 0) return true;
    c->origin.key = origin_key_hash(&principal, key);
    return body_hash(x, &c->origin.body);
}
