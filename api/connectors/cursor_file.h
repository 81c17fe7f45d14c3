/* api/connectors/cursor_file.h - a connector's cursor as a file: what is there is whole, whatever moment the power went.
 * One thread. */
#ifndef ORDERTAPE_API_CONNECTORS_CURSOR_FILE_H
#define ORDERTAPE_API_CONNECTORS_CURSOR_FILE_H

#include "api/connectors/connector.h"
#include "journal/storage.h"

struct cursor_file {
    const struct storage *storage;
    char dir[4000]; /* exists */
    char name[NAME_BYTES];
};

/* 0; ERR_NOT_FOUND; ERR_CORRUPT: it is not what was saved; ERR_IO. The signatures are those of struct connector_doors. */
int cursor_file_load(void *file, struct connector_cursor *out);
/* 0: durable. An error: the one before is still there, or the new one. */
int cursor_file_save(void *file, const struct connector_cursor *cursor);

#endif
