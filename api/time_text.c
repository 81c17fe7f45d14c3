/* api/time_text.c - RFC 3339 times to and from nanoseconds since 1970, in UTC, by the proleptic Gregorian calendar.
 * What must stay true: time_from_text(time_to_text(t)) == t for every int64; a text that names no instant (a 30th of
 * February, a 61st second, a tenth decimal) is refused, never moved to a near one. */
#include "api/json.h"
#include "core/error.h"

enum { SECONDS_PER_DAY = 86400 };
#define NS_PER_SECOND ((int64_t)1000000000)

/* Days from 1970-01-01 to a date. Years begin in March here, so that the leap day is a year's last. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month + (march_month < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2) return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* A place in the text. Every reader below either moves it forward or says no. */
struct text_place {
    const char *at, *end;
};

static bool take_char(struct text_place *t, char c)
{
    if (t->at == t->end || *t->at != c) return false;
    t->at++;
    return true;
}

/* Exactly `digits` digits with a value from low to high. */
static bool take_number(struct text_place *t, int digits, int64_t low, int64_t high, int64_t *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, t->at++) {
        if (t->at == t->end || *t->at < '0' || *t->at > '9') return false;
        *value = *value * 10 + (*t->at - '0');
    }
    return *value >= low && *value <= high;
}

static bool take_fraction(struct text_place *t, int64_t *ns)
{
    int64_t unit = NS_PER_SECOND;
    *ns = 0;
    if (!take_char(t, '.')) return true;
    for (; t->at != t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
        unit /= 10;
        *ns += (*t->at - '0') * unit;
        if (unit == 0) return false; /* a tenth decimal */
    }
    return unit < NS_PER_SECOND;
}

static bool take_offset(struct text_place *t, int64_t *seconds)
{
    int64_t hours, minutes;
    *seconds = 0;
    if (take_char(t, 'Z') || take_char(t, 'z')) return true;
    bool west = take_char(t, '-');
    if (!west && !take_char(t, '+')) return false;
    if (!take_number(t, 2, 0, 23, &hours) || !take_char(t, ':') || !take_number(t, 2, 0, 59, &minutes)) return false;
    *seconds = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

int time_from_text(int64_t *ts_ns, const char *text, size_t len_bytes)
{
    struct text_place t = {text, text + len_bytes};
    int64_t year, month, day, hour, minute, second, ns, offset_seconds;
    *ts_ns = 0;
    if (!take_number(&t, 4, 0, 9999, &year) || !take_char(&t, '-') || !take_number(&t, 2, 1, 12, &month) ||
        !take_char(&t, '-') || !take_number(&t, 2, 1, days_in_month(year, month), &day)) {
        return ERR_USAGE;
    }
    if (!take_char(&t, 'T') && !take_char(&t, 't')) return ERR_USAGE;
    if (!take_number(&t, 2, 0, 23, &hour) || !take_char(&t, ':') || !take_number(&t, 2, 0, 59, &minute) ||
        !take_char(&t, ':') || !take_number(&t, 2, 0, 59, &second)) {
        return ERR_USAGE;
    }
    if (!take_fraction(&t, &ns) || !take_offset(&t, &offset_seconds) || t.at != t.end) return ERR_USAGE;
    int64_t seconds = days_from_date(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    i128 total = (i128)(seconds - offset_seconds) * NS_PER_SECOND + ns;
    if (total < INT64_MIN || total > INT64_MAX) return ERR_USAGE; /* before 1677 or after 2262 */
    *ts_ns = (int64_t)total;
    return 0;
}

static void put_number(char **at, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10) (*at)[i] = (char)('0' + value % 10);
    *at += digits;
}

size_t time_to_text(int64_t ts_ns, char room[TIME_TEXT_BYTES])
{
    int64_t seconds = ts_ns / NS_PER_SECOND - (ts_ns % NS_PER_SECOND < 0 ? 1 : 0);
    int64_t ns = ts_ns % NS_PER_SECOND + (ts_ns % NS_PER_SECOND < 0 ? NS_PER_SECOND : 0);
    int64_t days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0 ? 1 : 0);
    int64_t of_day = seconds - days * SECONDS_PER_DAY;
    int64_t year, month, day;
    date_from_days(days, &year, &month, &day);
    const struct {
        int64_t value;
        int digits;
        char after;
    } parts[] = {
        {year, 4, '-'},        {month, 2, '-'}, {day, 2, 'T'}, {of_day / 3600, 2, ':'}, {of_day / 60 % 60, 2, ':'},
        {of_day % 60, 2, '.'}, {ns, 9, 'Z'}};
    char *at = room;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        put_number(&at, parts[i].value, parts[i].digits);
        *at++ = parts[i].after;
    }
    *at = '\0';
    return (size_t)(at - room);
}
