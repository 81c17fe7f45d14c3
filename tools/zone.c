/* tools/zone.c - see zone.h. New York is built in because LOBSTER's files are in its time and a small machine may have no zone
 * database: the United States went by "first Sunday of April to last of October" from 1987, and by "second Sunday of March to
 * first of November" from 2007. */
#include "tools/zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/error.h"

enum { NS_PER_SECOND = 1000000000, HOUR_SECONDS = 3600, DAY_SECONDS = 86400 };

/* Counts from 1 March, so that the leap day is a year's last. */
int64_t civil_days(const struct civil_date *d)
{
    int64_t year = d->month <= 2 ? d->year - 1 : d->year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool digits_to_int(const char *text, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

int civil_date_from_text(struct civil_date *d, const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return ERR_USAGE;
    if (!digits_to_int(text, 4, &d->year) || !digits_to_int(text + 5, 2, &d->month) ||
        !digits_to_int(text + 8, 2, &d->day))
        return ERR_USAGE;
    if (d->year < 1970 || d->year > 2200 || d->month < 1 || d->month > 12) return ERR_USAGE;
    return d->day >= 1 && d->day <= days_in_month(d->year, d->month) ? 0 : ERR_USAGE;
}

/* The n'th Sunday of a month, or its last when n is 0. 1970-01-01 was a Thursday. */
static int64_t sunday(int year, int month, int n)
{
    if (n == 0) {
        struct civil_date last = {year, month, days_in_month(year, month)};
        int64_t days = civil_days(&last);
        return days - (days + 4) % 7;
    }
    struct civil_date first = {year, month, 1};
    int64_t days = civil_days(&first);
    return days + (7 - (days + 4) % 7) % 7 + 7 * (n - 1);
}

/* Clocks change at 2 a.m., so the midnight of the changing day still has the offset of the day before. */
static int64_t new_york_offset_seconds(const struct civil_date *d)
{
    bool rules_of_2007 = d->year >= 2007;
    int64_t begins = rules_of_2007 ? sunday(d->year, 3, 2) : sunday(d->year, 4, 1);
    int64_t ends = rules_of_2007 ? sunday(d->year, 11, 1) : sunday(d->year, 10, 0);
    int64_t day = civil_days(d);
    return day > begins && day <= ends ? -4 * HOUR_SECONDS : -5 * HOUR_SECONDS;
}

static bool fixed_offset_seconds(const char *zone, int64_t *seconds)
{
    int hours, minutes;
    if (strcmp(zone, "UTC") == 0 || strcmp(zone, "Z") == 0) {
        *seconds = 0;
        return true;
    }
    if ((zone[0] != '+' && zone[0] != '-') || strlen(zone) != 6 || zone[3] != ':') return false;
    if (!digits_to_int(zone + 1, 2, &hours) || !digits_to_int(zone + 4, 2, &minutes)) return false;
    if (hours > 14 || minutes > 59) return false;
    *seconds = (int64_t)hours * HOUR_SECONDS + (int64_t)minutes * 60;
    if (zone[0] == '-') *seconds = -*seconds;
    return true;
}

static int system_zone_midnight(const char *zone, const struct civil_date *d, int64_t *seconds)
{
    char path[256];
    if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, "..") != NULL) return ERR_USAGE;
    if ((size_t)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone) >= sizeof path) return ERR_USAGE;
    if (access(path, R_OK) != 0) return ERR_NOT_FOUND;
    if (setenv("TZ", zone, 1) != 0) return ERR_NO_MEMORY;
    tzset();
    struct tm midnight = {.tm_year = d->year - 1900, .tm_mon = d->month - 1, .tm_mday = d->day, .tm_isdst = -1};
    *seconds = mktime(&midnight);
    return 0;
}

int zone_midnight_ns(const char *zone, const struct civil_date *d, int64_t *ts_ns)
{
    int64_t seconds, offset;
    int error = 0;
    if (fixed_offset_seconds(zone, &offset))
        seconds = civil_days(d) * DAY_SECONDS - offset;
    else if (strcmp(zone, "America/New_York") == 0 && d->year >= 1987)
        seconds = civil_days(d) * DAY_SECONDS - new_york_offset_seconds(d);
    else
        error = system_zone_midnight(zone, d, &seconds);
    if (error == 0) *ts_ns = seconds * NS_PER_SECOND;
    return error;
}
