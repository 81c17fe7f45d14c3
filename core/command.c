/* core/command.c - the words for kinds of commands. */
#include "core/command.h"
#include "core/match_text.h"

const char *command_kind_text(int number)
{
    switch (number) {
    case 0: return "";
#define X(value, name, text)                                                                                           \
    case value: return text;
        COMMAND_KINDS(X)
#undef X
    default: return "?";
    }
}

int command_kind_from_text(const char *text, size_t len_bytes)
{
#define X(value, name, word)                                                                                           \
    if (text_is_word(text, len_bytes, word)) return value;
    COMMAND_KINDS(X)
#undef X
    return 0;
}
