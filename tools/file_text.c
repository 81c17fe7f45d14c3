/* tools/file_text.c - see file_text.h. */
#include "tools/file_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/console.h"

static int grow(struct file_text *t, size_t *room_bytes)
{
    size_t more = *room_bytes == 0 ? 64 * 1024 : *room_bytes * 2;
    char *bytes = realloc(t->bytes, more + 1);
    if (bytes == NULL) return -1;
    t->bytes = bytes;
    *room_bytes = more;
    return 0;
}

static int read_all(struct file_text *t, FILE *in, const char *command, const char *path, size_t len_bytes_max)
{
    size_t room_bytes = 0, got;
    do {
        if (t->len_bytes == room_bytes && grow(t, &room_bytes) != 0)
            return console_fail(command, "no memory for %s", path);
        got = fread(t->bytes + t->len_bytes, 1, room_bytes - t->len_bytes, in);
        t->len_bytes += got;
        if (t->len_bytes > len_bytes_max)
            return console_fail(command, "%s is longer than %zu bytes; cut it into parts", path, len_bytes_max);
    } while (got > 0);
    if (ferror(in)) return console_fail(command, "cannot read %s: %s", path, strerror(errno));
    t->bytes[t->len_bytes] = '\0';
    return 0;
}

int file_text_read(struct file_text *t, const char *command, const char *path, size_t len_bytes_max)
{
    bool standard = strcmp(path, "-") == 0;
    *t = (struct file_text){0};
    FILE *in = standard ? stdin : fopen(path, "rb");
    if (in == NULL) return console_fail(command, "cannot open %s: %s", path, strerror(errno));
    int code = read_all(t, in, command, path, len_bytes_max);
    if (!standard && fclose(in) != 0 && code == 0) code = console_fail(command, "cannot close %s", path);
    if (code != 0) file_text_free(t);
    return code;
}

void file_text_free(struct file_text *t)
{
    free(t->bytes);
    *t = (struct file_text){0};
}

bool file_text_line(const struct file_text *t, size_t *at, const char **line, size_t *len_bytes)
{
    if (*at >= t->len_bytes) return false;
    *line = t->bytes + *at;
    const char *end = memchr(*line, '\n', t->len_bytes - *at);
    *len_bytes = end == NULL ? t->len_bytes - *at : (size_t)(end - *line);
    *at += *len_bytes + 1;
    if (*len_bytes > 0 && (*line)[*len_bytes - 1] == '\r') (*len_bytes)--;
    return true;
}
