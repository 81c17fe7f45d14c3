/* tools/zone.h - when a local day begins. */
#ifndef ORDERTAPE_TOOLS_ZONE_H
#define ORDERTAPE_TOOLS_ZONE_H

#include <stdint.h>

struct civil_date {
    int year, month, day; /* month and day from 1 */
};

/* Days since 1970-01-01 (negative before it), proleptic Gregorian. */
int64_t civil_days(const struct civil_date *d);
/* "2012-06-21". 0 or ERR_USAGE: not a date that exists. */
int civil_date_from_text(struct civil_date *d, const char *text);

/* Nanoseconds since 1970 UTC of local midnight. zone: "UTC", a fixed offset "-04:00", "America/New_York" (its rules since 1987
 * are built in), or any other name of the system's zone database. 0; ERR_USAGE: not a zone; ERR_NOT_FOUND: the system has no
 * such zone, or no zone database at all. Sets the process's TZ in that last case: call it from the main thread only. */
int zone_midnight_ns(const char *zone, const struct civil_date *d, int64_t *ts_ns);

#endif
