/* journal/storage.h - the door to files. The tape, snapshots and the lock reach the disk through these few functions only, so
 * that a simulator can stand in for the disk. Every function says 0 (or a size) or a negative core/error.h code:
 * ERR_IO, ERR_NO_SPACE, ERR_NOT_FOUND, ERR_NO_MEMORY. After a failed write or sync the caller must not use the file again. */
#ifndef ORDERTAPE_JOURNAL_STORAGE_H
#define ORDERTAPE_JOURNAL_STORAGE_H

#include <stddef.h>
#include <stdint.h>

struct storage_file;

enum storage_open { STORAGE_READ = 1, STORAGE_WRITE = 2, STORAGE_CREATE = 4 /* fails if it exists */ };

struct storage {
    void *ctx;
    int (*open)(void *ctx, const char *path, int how, struct storage_file **out);
    void (*close)(void *ctx, struct storage_file *f);
    /* Reads up to len_bytes at offset; fewer only at the end of the file. Returns the count. */
    int64_t (*read)(void *ctx, struct storage_file *f, void *bytes, size_t len_bytes, uint64_t offset);
    /* Writes all or fails. */
    int (*write)(void *ctx, struct storage_file *f, const void *bytes, size_t len_bytes, uint64_t offset);
    int (*sync)(void *ctx, struct storage_file *f); /* data and whatever is needed to read it back */
    int64_t (*size)(void *ctx, struct storage_file *f);
    int (*resize)(void *ctx, struct storage_file *f, uint64_t size_bytes);
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*remove)(void *ctx, const char *path);
    int (*make_dir)(void *ctx, const char *path); /* 0 also when it exists */
    int (*sync_dir)(void *ctx, const char *path);
    /* Calls each(arg, name) for every entry but . and .., in any order. Stops and returns what each returned if not 0. */
    int (*list)(void *ctx, const char *path, int (*each)(void *arg, const char *name), void *arg);
};

/* The operating system's files. Static; any thread. */
const struct storage *storage_posix(void);

#endif
