/* tools/console.c - see console.h. */
#include "tools/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tools/cmd.h"

int console_fail(const char *command, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "ordertape %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_CANNOT;
}

double console_seconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_start(struct progress *p, const char *what, const char *unit)
{
    *p = (struct progress){.what = what, .unit = unit, .terminal = isatty(STDERR_FILENO) == 1};
    p->started = p->last = console_seconds();
}

void progress_show(struct progress *p, uint64_t done, uint64_t total)
{
    enum { SHOWS_PER_SECOND = 10 };
    if (!p->terminal) return;
    double now = console_seconds();
    if (now - p->last < 1.0 / SHOWS_PER_SECOND) return;
    p->last = now;
    p->shown = true;
    double rate = (double)done / (now - p->started);
    fprintf(stderr, "\r\033[K%s: %llu", p->what, (unsigned long long)done);
    if (total > 0) fprintf(stderr, " of %llu", (unsigned long long)total);
    fprintf(stderr, " %s, %.0f/s", p->unit, rate);
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->shown) fputs("\r\033[K", stderr);
    p->shown = false;
}

void progress_seq(void *arg, uint64_t seq)
{
    progress_show(arg, seq, 0);
}

void progress_bytes(void *arg, uint64_t done, uint64_t total)
{
    progress_show(arg, done, total);
}

uint32_t console_findings(const char *command, const struct tape_report *report)
{
    uint32_t damaged = 0;
    for (uint32_t i = 0; i < report->count; i++) {
        const struct tape_finding *f = &report->findings[i];
        if (f->damage) damaged++;
        fprintf(stderr, "ordertape %s: %s at %llu: %s\n", command, f->file, (unsigned long long)f->offset, f->text);
    }
    return damaged;
}

int console_json(const char *command, const struct json *j)
{
    size_t len_bytes;
    const char *bytes = json_bytes(j, &len_bytes);
    if (bytes == NULL) return console_fail(command, "no memory for the answer");
    if (fwrite(bytes, 1, len_bytes, stdout) != len_bytes || putchar('\n') == EOF)
        return console_fail(command, "cannot write to standard output");
    return 0;
}

void json_fraction(struct json *j, double value, int decimals)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    json_number_text(j, text);
}
