/* tools/file_text.h - a whole text file in memory, and its lines. */
#ifndef ORDERTAPE_TOOLS_FILE_TEXT_H
#define ORDERTAPE_TOOLS_FILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct file_text {
    char *bytes; /* with a NUL after the end */
    size_t len_bytes;
};

/* path "-" is standard input. 0 or an exit code, having said why on stderr. Free with file_text_free. */
int file_text_read(struct file_text *t, const char *command, const char *path, size_t len_bytes_max);
void file_text_free(struct file_text *t);

/* The next line without its end ("\n" or "\r\n"); *at begins at 0. False after the last. */
bool file_text_line(const struct file_text *t, size_t *at, const char **line, size_t *len_bytes);

#endif
