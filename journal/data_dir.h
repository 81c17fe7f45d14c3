/* journal/data_dir.h - where things are in a data directory, and who may write there.
 *   DIR/commands/ DIR/events/ DIR/snapshots/ DIR/projections/ DIR/LOCK */
#ifndef ORDERTAPE_JOURNAL_DATA_DIR_H
#define ORDERTAPE_JOURNAL_DATA_DIR_H

#include "journal/storage.h"

enum { DATA_PATH_BYTES_MAX = 4096 };

struct data_dir {
    const struct storage *storage;
    char path[DATA_PATH_BYTES_MAX - 64];
};

/* Takes a path (not checked to exist). ERR_USAGE when it is too long. */
int data_dir_init(struct data_dir *d, const struct storage *storage, const char *path);
/* Creates DIR and its folders where missing, and syncs them. */
int data_dir_create(const struct data_dir *d);
/* DIR/<part> into room (DATA_PATH_BYTES_MAX). part: "commands", "events", "snapshots", "projections". */
void data_dir_path(const struct data_dir *d, const char *part, char *room);

/* One writer: an flock on DIR/LOCK, whose content is the holder's "pid command". Released when the process ends, however.
 * ERR_BUSY: holder (256 bytes, may be NULL) is filled with who has it. The descriptor in *fd is kept open while locked. */
int data_dir_lock(const struct data_dir *d, const char *command, int *fd, char *holder);
void data_dir_unlock(int fd);

#endif
