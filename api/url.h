/* api/url.h - the request target taken apart: path segments and query parameters, percent-decoded once.
 * What must stay true: everything here came from the network and is bounded before it is used; an escape that is not
 * one, a NUL, or a parameter given twice is refused, so that two readers of one URL cannot see different things. Pure;
 * any thread. */
#ifndef ORDERTAPE_API_URL_H
#define ORDERTAPE_API_URL_H

#include <stdbool.h>
#include <stddef.h>

enum { URI_BYTES_MAX = 2048, URL_SEGMENTS_MAX = 8, URL_PARAMETERS_MAX = 16 };

struct url_parameter {
    const char *name, *value;
};
struct url {
    char room[URI_BYTES_MAX + 2]; /* decoded texts, each with its NUL */
    const char *segments[URL_SEGMENTS_MAX];
    unsigned segments_count;
    struct url_parameter parameters[URL_PARAMETERS_MAX];
    unsigned parameters_count;
};

enum url_result { URL_GOOD = 0, URL_TOO_LONG, URL_MALFORMED };

/* uri: "/path/with%20escapes?name=value&...", NUL-terminated. */
enum url_result url_parse(struct url *u, const char *uri);
/* The value of a query parameter, or NULL. */
const char *url_query(const struct url *u, const char *name);

#endif
