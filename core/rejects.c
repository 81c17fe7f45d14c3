/* core/rejects.c - the names and texts of refusals, and of the fields they are about. */
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

const char *refusal_field_name(int number)
{
    switch (number) {
    case 0: return "";
#define X(value, name, json, allowed)                                                                                  \
    case value: return json;
        REFUSAL_FIELDS(X)
#undef X
    default: return "?";
    }
}

const char *refusal_field_allowed(int number)
{
    switch (number) {
    case 0: return "";
#define X(value, name, json, allowed)                                                                                  \
    case value: return allowed;
        REFUSAL_FIELDS(X)
#undef X
    default: return "?";
    }
}
