/* journal/report.c - what was found wrong, in words for a person: the file as "commands/<20 digits>.seg", the byte,
 * the seqs. */
#include "journal/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The last folder of the tape's path and the file: enough to find it, and short. */
static void name_file(char *room, size_t room_bytes, const char *dir, const char *file)
{
    size_t end = strlen(dir);
    while (end > 1 && dir[end - 1] == '/') end--;
    size_t begin = end;
    while (begin > 0 && dir[begin - 1] != '/') begin--;
    (void)snprintf(room, room_bytes, "%.*s%s%s", (int)(end - begin), dir + begin, file[0] ? "/" : "", file);
}

void tape_report_add(struct tape_report *r, const struct report_place *place, const char *text, ...)
{
    if (!r) return;
    if (r->count == TAPE_FINDINGS_MAX) {
        r->more++;
        return;
    }
    struct tape_finding *f = &r->findings[r->count++];
    memset(f, 0, sizeof *f);
    name_file(f->file, sizeof f->file, place->dir, place->file);
    f->offset = place->offset;
    f->first_seq = place->first_seq;
    f->last_seq = place->last_seq;
    f->damage = place->damage;
    va_list args;
    va_start(args, text);
    (void)vsnprintf(f->text, sizeof f->text, text, args);
    va_end(args);
}
