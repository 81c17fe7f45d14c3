/* core/rejects.c - the names and texts of refusals. */
#include "core/rejects.h"

const char *reject_name(int number)
{
    switch (number) {
#define X(value, name, text)                                                                                           \
    case value: return #name;
        REJECTS(X)
#undef X
    default: return "?";
    }
}

const char *reject_text(int number)
{
    switch (number) {
#define X(value, name, text)                                                                                           \
    case value: return text;
        REJECTS(X)
#undef X
    default: return "?";
    }
}
