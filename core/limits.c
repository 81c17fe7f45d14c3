/* core/limits.c - the default limits, and which limits make sense. */
#include "core/limits.h"

struct limits limits_default(void)
{
    return (struct limits){
#define X(field, def, largest) .field = (def),
        LIMITS(X)
#undef X
    };
}

bool limits_valid(const struct limits *l)
{
#define X(field, def, largest)                                                                                         \
    if (l->field < 1 || l->field > (largest)) return false;
    LIMITS(X)
#undef X
    return l->accounts_max >= HOUSE_ACCOUNTS; /* the first command makes them */
}
