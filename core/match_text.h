/* core/match_text.h - comparing a caller's text with one of our upper- or lower-case words. Internal to core. */
#ifndef ORDERTAPE_CORE_MATCH_TEXT_H
#define ORDERTAPE_CORE_MATCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* True when text[0..len_bytes) is the word, in any case. */
static inline bool text_is_word(const char *text, size_t len_bytes, const char *word)
{
    for (size_t i = 0; i < len_bytes; i++) {
        if (word[i] == '\0' || ascii_lower(text[i]) != ascii_lower(word[i])) return false;
    }
    return word[len_bytes] == '\0';
}

#endif
