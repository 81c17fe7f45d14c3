/* api/log.c - see log.h. A line that does not fit is cut, never split: readers count on one write a line. */
#include "api/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 1024 };

static const char *level_text(enum log_level level)
{
    return level == LOG_ERROR ? "ERROR" : level == LOG_WARN ? "WARN" : "INFO";
}

/* How many bytes a *printf left in room bytes, the NUL not counted. */
static size_t kept(int printed, size_t room)
{
    if (printed < 0) return 0;
    return (size_t)printed < room ? (size_t)printed : room - 1;
}

void log_line(enum log_level level, const char *text, const char *format, ...)
{
    char line[LINE_BYTES_MAX + 1];
    struct timespec now = {0};
    struct tm utc = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(line, LINE_BYTES_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    used += kept(
        snprintf(line + used, LINE_BYTES_MAX - used, ".%03ldZ %s %s", now.tv_nsec / 1000000, level_text(level), text),
        LINE_BYTES_MAX - used);
    if (format != NULL && format[0] != '\0' && used + 2 < LINE_BYTES_MAX) {
        line[used++] = ' ';
        va_list args;
        va_start(args, format);
        used += kept(vsnprintf(line + used, LINE_BYTES_MAX - used, format, args), LINE_BYTES_MAX - used);
        va_end(args);
    }
    for (size_t i = 0; i < used; i++) {
        if ((unsigned char)line[i] < ' ') line[i] = ' ';
    }
    line[used++] = '\n';
    /* Nobody is left to tell when stderr is gone. */
    if (write(STDERR_FILENO, line, used) < 0) return;
}
