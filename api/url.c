/* api/url.c - see url.h. The path is cut at '/' before escapes are undone, so a symbol may hold %2F. */
#include "api/url.h"

#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes text[0..len) to *out, which moves past the NUL, and returns the decoded text; NULL when malformed. Decoding
 * never grows and every text ends where a separator stood, so the room of one URI suffices. */
static const char *decode(char **out, const char *text, size_t len, bool plus_is_space)
{
    const char *begin = *out;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            if (len - i < 3) return NULL;
            int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0 || (high | low) == 0) return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *(*out)++ = c;
    }
    *(*out)++ = '\0';
    return begin;
}

static bool parse_path(struct url *u, const char *path, size_t len, char **out)
{
    if (len == 0 || path[0] != '/') return false;
    const char *end = path + len;
    for (const char *at = path + 1; at <= end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash == NULL ? end : slash;
        if (u->segments_count == URL_SEGMENTS_MAX) return false;
        const char *segment = decode(out, at, (size_t)(stop - at), false);
        if (segment == NULL) return false;
        u->segments[u->segments_count++] = segment;
        at = stop + 1;
    }
    return true;
}

static bool parse_parameter(struct url *u, const char *text, size_t len, char **out)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - text);
    if (name_len == 0 || u->parameters_count == URL_PARAMETERS_MAX) return false;
    const char *name = decode(out, text, name_len, true);
    const char *value = equals == NULL ? "" : decode(out, equals + 1, len - name_len - 1, true);
    if (name == NULL || value == NULL || url_query(u, name) != NULL) return false;
    u->parameters[u->parameters_count++] = (struct url_parameter){.name = name, .value = value};
    return true;
}

static bool parse_query(struct url *u, const char *query, char **out)
{
    const char *end = query + strlen(query);
    for (const char *at = query; at < end;) {
        const char *amp = memchr(at, '&', (size_t)(end - at));
        const char *stop = amp == NULL ? end : amp;
        if (stop > at && !parse_parameter(u, at, (size_t)(stop - at), out)) return false;
        at = stop + 1;
    }
    return true;
}

enum url_result url_parse(struct url *u, const char *uri)
{
    u->segments_count = 0;
    u->parameters_count = 0;
    size_t len = strnlen(uri, URI_BYTES_MAX + 1);
    if (len > URI_BYTES_MAX) return URL_TOO_LONG;
    const char *mark = memchr(uri, '?', len);
    char *out = u->room;
    if (!parse_path(u, uri, mark == NULL ? len : (size_t)(mark - uri), &out)) return URL_MALFORMED;
    return mark == NULL || parse_query(u, mark + 1, &out) ? URL_GOOD : URL_MALFORMED;
}

const char *url_query(const struct url *u, const char *name)
{
    for (unsigned i = 0; i < u->parameters_count; i++) {
        if (strcmp(u->parameters[i].name, name) == 0) return u->parameters[i].value;
    }
    return NULL;
}
