/* api/openapi.h - api/openapi.json as it was when this program was built. */
#ifndef ORDERTAPE_API_OPENAPI_H
#define ORDERTAPE_API_OPENAPI_H

#include <stddef.h>

extern const unsigned char openapi_json[];
extern const size_t openapi_json_bytes;

#endif
