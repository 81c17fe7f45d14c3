/* api/http_guard.h - requests that two HTTP parsers could read differently (smuggling) are refused before anything is
 * done. Pure; the HTTP thread. */
#ifndef ORDERTAPE_API_HTTP_GUARD_H
#define ORDERTAPE_API_HTTP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;

/* True when the framing headers leave one reading only; *length is the Content-Length (UINT64_MAX: chunked; 0: no
 * body). False: *why says what is wrong; answer 400 and close. */
bool http_guard(struct MHD_Connection *c, const char *version, uint64_t *length, const char **why);

#endif
