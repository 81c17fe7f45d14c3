/* core/error.c - the texts of machine failures. */
#include "core/error.h"

const char *error_text(int code)
{
    switch (code) {
#define X(number, name, text)                                                                                          \
    case number: return text;
        ERRORS(X)
#undef X
    default: return "unknown error";
    }
}
