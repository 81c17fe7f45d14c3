/* core/event.c - the words for kinds of events. */
#include "core/event.h"
#include "core/match_text.h"

const char *event_kind_text(int number)
{
    switch (number) {
    case 0: return "";
#define X(value, name, text)                                                                                           \
    case value: return text;
        EVENT_KINDS(X)
#undef X
    default: return "?";
    }
}

int event_kind_from_text(const char *text, size_t len_bytes)
{
#define X(value, name, word)                                                                                           \
    if (text_is_word(text, len_bytes, word)) return value;
    EVENT_KINDS(X)
#undef X
    return 0;
}
