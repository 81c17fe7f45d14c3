/* core/types.c - texts to and from the words of commands and events.
 * What must stay true: a text that is accepted means exactly the number it is turned into;
 * nothing is rounded or cut. */
#include <assert.h>
#include <string.h>

#include "core/error.h"
#include "core/match_text.h"
#include "core/types.h"
#include "core/wide.h"

#define TEXT_CASE(number, name)                                                                                        \
    case number:                                                                                                       \
        return #name;
#define WORD_MATCH(number, name)                                                                                       \
    if (text_is_word(text, len_bytes, #name)) return number;
#define DEFINE_TEXT_OF(unit, LIST)                                                                                     \
    const char *unit##_text(int number)                                                                                \
    {                                                                                                                  \
        switch (number) {                                                                                              \
        case 0: return ""; LIST(TEXT_CASE)                                                                             \
        default: return "?";                                                                                           \
        }                                                                                                              \
    }
#define DEFINE_FROM_TEXT(unit, LIST)                                                                                   \
    int unit##_from_text(const char *text, size_t len_bytes)                                                           \
    {                                                                                                                  \
        LIST(WORD_MATCH)                                                                                               \
        return 0;                                                                                                      \
    }

DEFINE_TEXT_OF(side, SIDES)
DEFINE_TEXT_OF(order_type, ORDER_TYPES)
DEFINE_TEXT_OF(tif, TIFS)
DEFINE_TEXT_OF(stp, STPS)
DEFINE_TEXT_OF(account_type, ACCOUNT_TYPES)
DEFINE_TEXT_OF(account_status, ACCOUNT_STATUSES)
DEFINE_TEXT_OF(instrument_state, INSTRUMENT_STATES)
DEFINE_TEXT_OF(trigger, TRIGGERS)
DEFINE_TEXT_OF(order_status, ORDER_STATUSES)
DEFINE_TEXT_OF(cancel_reason, CANCEL_REASONS)
DEFINE_TEXT_OF(venue, VENUES)
DEFINE_TEXT_OF(link, LINKS)
DEFINE_TEXT_OF(activation, ACTIVATIONS)
DEFINE_TEXT_OF(order_phase, ORDER_PHASES)
DEFINE_TEXT_OF(gtt_status, GTT_STATUSES)
DEFINE_TEXT_OF(venue_state, VENUE_STATES)
DEFINE_TEXT_OF(venue_cause, VENUE_CAUSES)
DEFINE_TEXT_OF(broker_state, BROKER_STATES)
DEFINE_TEXT_OF(report, REPORTS)
DEFINE_TEXT_OF(fill_kind, FILL_KINDS)
DEFINE_TEXT_OF(route_cause, ROUTE_CAUSES)

DEFINE_FROM_TEXT(side, SIDES)
DEFINE_FROM_TEXT(stp, STPS)
DEFINE_FROM_TEXT(account_type, ACCOUNT_TYPES)
DEFINE_FROM_TEXT(account_status, ACCOUNT_STATUSES)
DEFINE_FROM_TEXT(instrument_state, INSTRUMENT_STATES)
DEFINE_FROM_TEXT(trigger, TRIGGERS)
DEFINE_FROM_TEXT(order_status, ORDER_STATUSES)
DEFINE_FROM_TEXT(link, LINKS)
DEFINE_FROM_TEXT(activation, ACTIVATIONS)
DEFINE_FROM_TEXT(gtt_status, GTT_STATUSES)
DEFINE_FROM_TEXT(venue_state, VENUE_STATES)
DEFINE_FROM_TEXT(venue_cause, VENUE_CAUSES)
DEFINE_FROM_TEXT(report, REPORTS)
DEFINE_FROM_TEXT(fill_kind, FILL_KINDS)

int order_type_from_text(const char *text, size_t len_bytes)
{
    ORDER_TYPES(WORD_MATCH)
    if (text_is_word(text, len_bytes, "SL")) return ORDER_TYPE_STOP_LIMIT;
    if (text_is_word(text, len_bytes, "SL_M")) return ORDER_TYPE_STOP;
    return 0;
}

int tif_from_text(const char *text, size_t len_bytes)
{
    TIFS(WORD_MATCH)
    if (text_is_word(text, len_bytes, "OPG")) return TIF_ON_OPEN;
    if (text_is_word(text, len_bytes, "CLS")) return TIF_ON_CLOSE;
    return 0;
}

static bool name_may_hold(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
}

int name_from_text(struct name *n, const char *text, size_t len_bytes)
{
    memset(n, 0, sizeof *n);
    if (len_bytes == 0 || len_bytes > NAME_CHARS_MAX) return ERR_USAGE;
    for (size_t i = 0; i < len_bytes; i++) {
        if (!name_may_hold(text[i])) return ERR_USAGE;
    }
    memcpy(n->bytes, text, len_bytes);
    return 0;
}

bool name_equal(const struct name *a, const struct name *b)
{
    return memcmp(a->bytes, b->bytes, NAME_BYTES) == 0;
}

bool name_empty(const struct name *n)
{
    return n->bytes[0] == '\0';
}

size_t name_len(const struct name *n)
{
    size_t len = 0;
    while (len < NAME_CHARS_MAX && n->bytes[len] != '\0') len++;
    return len;
}

struct name name_of(const char *literal)
{
    struct name n;
    size_t len = 0;
    while (literal[len] != '\0') len++;
    int result = name_from_text(&n, literal, len);
    assert(result == 0);
    (void)result;
    return n;
}

/* A number as it is written: digits * 10^power, negative or not. Trailing zeros are counted in power, not in digits. */
struct written_number {
    u128 digits;
    int64_t power;
    int64_t decimals; /* digits behind the point once the exponent is applied; below 0: none */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* x * 10^count, or false when that is not below 2^127. */
static bool multiply_by_tens(u128 *x, int64_t count)
{
    const u128 largest = ~(u128)0 >> 1;
    const u128 largest_tenth = WIDE(0x0ccccccccccccccc, 0xcccccccccccccccc);
    if (*x == 0) return true;
    for (; count > 0; count--) {
        if (*x > largest_tenth) return false;
        *x *= 10;
    }
    return *x <= largest;
}

/* Zeros wait in n->power until a digit follows them, so that 1.5 with fifty zeros is just 1.5. */
static bool take_digit(struct written_number *n, char c)
{
    n->power++;
    if (c == '0') return true;
    if (!multiply_by_tens(&n->digits, n->power)) return false;
    n->power = 0;
    uint64_t digit = (uint64_t)(c - '0');
    n->digits += digit;
    return n->digits >> 127 == 0;
}

/* "e-12" and the like, from *at; changes n by it. */
static bool take_exponent(struct written_number *n, const char *text, size_t len_bytes, size_t *at)
{
    size_t i = *at + 1;
    bool negative = i < len_bytes && text[i] == '-';
    if (i < len_bytes && (text[i] == '-' || text[i] == '+')) i++;
    int64_t exponent = 0;
    size_t first = i;
    for (; i < len_bytes && is_digit(text[i]); i++) {
        exponent = exponent * 10 + (text[i] - '0');
        if (exponent > 9999) return false;
    }
    if (negative) exponent = -exponent;
    n->power += exponent;
    n->decimals -= exponent;
    *at = i;
    return i > first;
}

static bool number_read(struct written_number *n, const char *text, size_t len_bytes)
{
    *n = (struct written_number){.digits = 0};
    size_t i = 0;
    if (i < len_bytes && (text[i] == '-' || text[i] == '+')) n->negative = text[i++] == '-';
    size_t first = i;
    for (; i < len_bytes && is_digit(text[i]); i++) {
        if (!take_digit(n, text[i])) return false;
    }
    if (i == first) return false;
    if (i < len_bytes && text[i] == '.') {
        first = ++i;
        for (; i < len_bytes && is_digit(text[i]); i++) {
            if (!take_digit(n, text[i])) return false;
        }
        if (i == first) return false;
        n->decimals = (int64_t)(i - first);
        n->power -= n->decimals;
    }
    if (i < len_bytes && (text[i] == 'e' || text[i] == 'E') && !take_exponent(n, text, len_bytes, &i)) return false;
    return i == len_bytes;
}

/* The mantissa at the scale that was written, or at scale_max when what is beyond it is only zeros. */
static bool number_at_scale(const struct written_number *n, unsigned scale_max, u128 *magnitude, uint8_t *scale)
{
    int64_t wanted = n->decimals < 0 ? 0 : n->decimals > scale_max ? scale_max : n->decimals;
    *magnitude = n->digits;
    *scale = (uint8_t)wanted;
    if (n->digits == 0) return true;
    return n->power + wanted >= 0 && multiply_by_tens(magnitude, n->power + wanted);
}

int decimal_from_text(struct decimal *d, const char *text, size_t len_bytes)
{
    struct written_number n;
    u128 magnitude;
    uint8_t scale;
    *d = (struct decimal){0, DECIMAL_ABSENT};
    if (!number_read(&n, text, len_bytes) || !number_at_scale(&n, DECIMAL_SCALE_MAX, &magnitude, &scale))
        return ERR_USAGE;
    if (magnitude > (u128)INT64_MAX) return ERR_USAGE;
    *d = (struct decimal){n.negative ? -(int64_t)magnitude : (int64_t)magnitude, scale};
    return 0;
}

int amount_from_text(struct amount *a, const char *text, size_t len_bytes)
{
    struct written_number n;
    u128 magnitude;
    uint8_t scale;
    *a = (struct amount){0, DECIMAL_ABSENT};
    if (!number_read(&n, text, len_bytes) || !number_at_scale(&n, CASH_SCALE_MAX, &magnitude, &scale)) return ERR_USAGE;
    *a = (struct amount){wide_with_sign(magnitude, n.negative), scale};
    return 0;
}

size_t decimal_to_text(i128 value, unsigned scale, char *room)
{
    char backwards[DECIMAL_TEXT_BYTES_MAX];
    assert(scale + 4 < DECIMAL_TEXT_BYTES_MAX); /* sign, one digit, point, NUL */
    u128 rest = wide_magnitude(value);
    unsigned digits = 0;
    size_t len = 0, written = 0;
    while (rest != 0 || digits <= scale) {
        uint64_t digit;
        rest = wide_div(rest, 10, &digit);
        if (digits == scale && scale != 0) backwards[len++] = '.';
        backwards[len++] = (char)('0' + digit);
        digits++;
    }
    if (value < 0) backwards[len++] = '-';
    while (len > 0) room[written++] = backwards[--len];
    room[written] = '\0';
    return written;
}

int64_t pow10_i64(unsigned exponent)
{
    static const int64_t powers[] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000};
    assert(exponent <= CASH_SCALE_MAX);
    return powers[exponent];
}
