/* api/http_guard.c - see http_guard.h. What is refused (RFC 9112, 6.1 to 6.3, taken strictly): Content-Length with
 * Transfer-Encoding; more than one of either; a length that is not plain digits; any coding but "chunked"; chunked in
 * HTTP/1.0; header names with characters that no header name has (a space before the colon hides a header from the
 * next parser); control characters in values. */
#include "api/http_guard.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

struct framing {
    unsigned lengths, encodings;
    const char *length, *encoding;
    size_t length_bytes, encoding_bytes;
    bool bad_name, bad_value;
};

static bool token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool name_is(const char *key, size_t key_size, const char *name)
{
    return key_size == strlen(name) && strncasecmp(key, name, key_size) == 0;
}

static enum MHD_Result look(void *arg, enum MHD_ValueKind kind, const char *key, size_t key_size, const char *value,
                            size_t value_size)
{
    struct framing *f = arg;
    (void)kind;
    if (key_size == 0) f->bad_name = true;
    for (size_t i = 0; i < key_size; i++) {
        if (!token_char((unsigned char)key[i])) f->bad_name = true;
    }
    for (size_t i = 0; i < value_size; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) f->bad_value = true;
    }
    if (name_is(key, key_size, MHD_HTTP_HEADER_CONTENT_LENGTH)) {
        f->lengths++;
        f->length = value;
        f->length_bytes = value_size;
    } else if (name_is(key, key_size, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
        f->encodings++;
        f->encoding = value;
        f->encoding_bytes = value_size;
    }
    return MHD_YES;
}

static bool length_parse(const struct framing *f, uint64_t *length)
{
    if (f->length == NULL || f->length_bytes == 0 || f->length_bytes > 18) return false;
    *length = 0;
    for (size_t i = 0; i < f->length_bytes; i++) {
        char c = f->length[i];
        if (c < '0' || c > '9') return false;
        *length = *length * 10 + (uint64_t)(c - '0');
    }
    return true;
}

bool http_guard(struct MHD_Connection *c, const char *version, uint64_t *length, const char **why)
{
    struct framing f = {0};
    *length = 0;
    *why = NULL;
    (void)MHD_get_connection_values_n(c, MHD_HEADER_KIND, look, &f);
    if (f.bad_name)
        *why = "a header name holds a character that none may hold";
    else if (f.bad_value)
        *why = "a header value holds a control character";
    else if (f.lengths > 0 && f.encodings > 0)
        *why = "Content-Length and Transfer-Encoding do not go together";
    else if (f.lengths > 1)
        *why = "Content-Length is given more than once";
    else if (f.encodings > 1)
        *why = "Transfer-Encoding is given more than once";
    else if (f.lengths == 1 && !length_parse(&f, length))
        *why = "Content-Length is not a number of bytes";
    else if (f.encodings == 1 && strcasecmp(version, "HTTP/1.1") != 0)
        *why = "Transfer-Encoding belongs to HTTP/1.1";
    else if (f.encodings == 1 && !(f.encoding_bytes == 7 && strncasecmp(f.encoding, "chunked", 7) == 0))
        *why = "Transfer-Encoding other than chunked is not taken";
    if (*why == NULL && f.encodings == 1) *length = UINT64_MAX;
    return *why == NULL;
}
