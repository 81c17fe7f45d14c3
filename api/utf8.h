/* api/utf8.h - one character of UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
 * Internal to api. What is accepted on the way in and what is written on the way out are judged by this one function.
 * */
#ifndef ORDERTAPE_API_UTF8_H
#define ORDERTAPE_API_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that begins at text[0] (1 to 4) with its number in *code, or 0 when there is none. */
static inline size_t utf8_char(const char *text, size_t len_bytes, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len_bytes == 0) return 0;
    uint8_t first = (uint8_t)text[0];
    size_t len = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    if (len == 0 || len > len_bytes) return 0;
    *code = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (((uint8_t)text[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | ((uint8_t)text[i] & 0x3fu);
    }
    bool good = *code >= smallest[len] && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff);
    return good ? len : 0;
}

static inline bool utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

#endif
