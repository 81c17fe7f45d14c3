/* api/json_write.c - a growing JSON document.
 * What must stay true: whatever is written, the bytes are compact, valid UTF-8 and valid JSON as long as begins and
 * ends match: text that is not UTF-8 shows U+FFFD in its place. Once memory is refused nothing more is written and
 * json_bytes says so. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/utf8.h"

enum { JSON_BYTES_FIRST = 1024 };

struct json {
    char *bytes;
    size_t len_bytes, room_bytes;
    unsigned depth;
    bool comma; /* the next key or value follows another one */
    bool failed;
};

struct json *json_new(void)
{
    struct json *j = calloc(1, sizeof *j);
    if (j == NULL) return NULL;
    j->bytes = malloc(JSON_BYTES_FIRST);
    if (j->bytes == NULL) {
        free(j);
        return NULL;
    }
    j->room_bytes = JSON_BYTES_FIRST;
    return j;
}

void json_free(struct json *j)
{
    if (j == NULL) return;
    free(j->bytes);
    free(j);
}

void json_reset(struct json *j)
{
    j->len_bytes = 0;
    j->depth = 0;
    j->comma = false;
    j->failed = false;
}

const char *json_bytes(const struct json *j, size_t *len_bytes)
{
    assert(j->depth == 0 || j->failed);
    *len_bytes = j->failed ? 0 : j->len_bytes;
    return j->failed ? NULL : j->bytes;
}

static void put(struct json *j, const char *bytes, size_t len_bytes)
{
    if (j->failed) return;
    if (j->room_bytes - j->len_bytes < len_bytes) {
        size_t room = j->room_bytes * 2;
        while (room - j->len_bytes < len_bytes) room *= 2;
        char *grown = realloc(j->bytes, room);
        if (grown == NULL) {
            j->failed = true;
            return;
        }
        j->bytes = grown;
        j->room_bytes = room;
    }
    memcpy(j->bytes + j->len_bytes, bytes, len_bytes);
    j->len_bytes += len_bytes;
}

static void put_char(struct json *j, char c)
{
    put(j, &c, 1);
}

/* Called before every value and key. */
static void put_separator(struct json *j)
{
    if (j->comma) put_char(j, ',');
    j->comma = false;
}

/* Values beside each other at the top are the caller's to separate. */
static void value_written(struct json *j)
{
    j->comma = j->depth > 0;
}

static void put_begin(struct json *j, char bracket)
{
    put_separator(j);
    put_char(j, bracket);
    j->depth++;
}

static void put_end(struct json *j, char bracket)
{
    assert(j->depth > 0);
    put_char(j, bracket);
    j->depth--;
    value_written(j);
}

void json_object_begin(struct json *j)
{
    put_begin(j, '{');
}

void json_object_end(struct json *j)
{
    put_end(j, '}');
}

void json_array_begin(struct json *j)
{
    put_begin(j, '[');
}

void json_array_end(struct json *j)
{
    put_end(j, ']');
}

static void put_escaped(struct json *j, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        put(j, (char[]){'\\', (char)c}, 2);
    } else {
        put(j, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

/* Runs of bytes that need no escape are copied at once. */
static void put_quoted(struct json *j, const char *text, size_t len_bytes)
{
    size_t run = 0;
    put_char(j, '"');
    for (size_t i = 0; i < len_bytes;) {
        uint32_t code = 0;
        size_t len = utf8_char(text + i, len_bytes - i, &code);
        bool plain = len > 1 || (len == 1 && code >= 0x20 && code != '"' && code != '\\');
        if (plain) {
            i += len;
            continue;
        }
        put(j, text + run, i - run);
        if (len == 0) {
            put(j, "\xef\xbf\xbd", 3);
        } else {
            put_escaped(j, (unsigned char)code);
        }
        run = ++i;
    }
    put(j, text + run, len_bytes - run);
    put_char(j, '"');
}

static void put_value(struct json *j, const char *bytes, size_t len_bytes)
{
    put_separator(j);
    put(j, bytes, len_bytes);
    value_written(j);
}

void json_key(struct json *j, const char *key)
{
    put_separator(j);
    put_quoted(j, key, strlen(key));
    put_char(j, ':');
}

void json_text(struct json *j, const char *bytes, size_t len_bytes)
{
    put_separator(j);
    put_quoted(j, bytes, len_bytes);
    value_written(j);
}

void json_string(struct json *j, const char *nul_terminated)
{
    json_text(j, nul_terminated, strlen(nul_terminated));
}

void json_name(struct json *j, const struct name *n)
{
    json_text(j, n->bytes, name_len(n));
}

void json_u64(struct json *j, uint64_t value)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    put_value(j, room, decimal_to_text(value, 0, room));
}

void json_i64(struct json *j, int64_t value)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    put_value(j, room, decimal_to_text(value, 0, room));
}

void json_bool(struct json *j, bool value)
{
    put_value(j, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json *j)
{
    put_value(j, "null", 4);
}

void json_decimal(struct json *j, i128 value, unsigned scale)
{
    char room[DECIMAL_TEXT_BYTES_MAX];
    json_text(j, room, decimal_to_text(value, scale, room));
}

void json_id(struct json *j, uint64_t id)
{
    json_decimal(j, id, 0);
}

void json_time(struct json *j, int64_t ts_ns)
{
    char room[TIME_TEXT_BYTES];
    json_text(j, room, time_to_text(ts_ns, room));
}

void json_number_text(struct json *j, const char *number)
{
    put_value(j, number, strlen(number));
}
