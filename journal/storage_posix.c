/* journal/storage_posix.c - the operating system's files behind the storage door.
 * What must stay true: a call that was interrupted or came back short is finished here; no failure is swallowed; a
 * sync that failed is reported once and never tried again as if nothing had happened (the caller stops using the
 * file). */
#include "journal/storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

struct storage_file {
    int fd;
};

static int error_of_errno(void)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT: return ERR_NO_SPACE;
    case ENOENT: return ERR_NOT_FOUND;
    case ENOMEM: return ERR_NO_MEMORY;
    default: return ERR_IO;
    }
}

static int posix_open(void *ctx, const char *path, int how, struct storage_file **out)
{
    (void)ctx;
    int flags = O_CLOEXEC | ((how & (STORAGE_WRITE | STORAGE_CREATE)) ? O_RDWR : O_RDONLY);
    if (how & STORAGE_CREATE) flags |= O_CREAT | O_EXCL;
    struct storage_file *f = malloc(sizeof *f);
    if (!f) return ERR_NO_MEMORY;
    do f->fd = open(path, flags, 0644);
    while (f->fd < 0 && errno == EINTR);
    if (f->fd < 0) {
        int rc = error_of_errno();
        free(f);
        return rc;
    }
    *out = f;
    return 0;
}

static void posix_close(void *ctx, struct storage_file *f)
{
    (void)ctx;
    /* Everything that matters was synced before, with its result looked at: nothing is left for close to report. */
    (void)close(f->fd);
    free(f);
}

static int64_t posix_read(void *ctx, struct storage_file *f, void *bytes, size_t len_bytes, uint64_t offset)
{
    (void)ctx;
    size_t done = 0;
    while (done < len_bytes) {
        ssize_t n = pread(f->fd, (uint8_t *)bytes + done, len_bytes - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_of_errno();
        if (n == 0) break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

static int posix_write(void *ctx, struct storage_file *f, const void *bytes, size_t len_bytes, uint64_t offset)
{
    (void)ctx;
    size_t done = 0;
    while (done < len_bytes) {
        ssize_t n = pwrite(f->fd, (const uint8_t *)bytes + done, len_bytes - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_of_errno();
        if (n == 0) return ERR_IO;
        done += (size_t)n;
    }
    return 0;
}

/* fdatasync also writes a changed size: what is needed to read the data back. A failed one is not repeated, not even
 * for EINTR: the kernel may have dropped the dirty pages and would call the second one a success. */
static int posix_sync(void *ctx, struct storage_file *f)
{
    (void)ctx;
    return fdatasync(f->fd) ? error_of_errno() : 0;
}

static int64_t posix_size(void *ctx, struct storage_file *f)
{
    (void)ctx;
    struct stat st;
    if (fstat(f->fd, &st)) return error_of_errno();
    return st.st_size;
}

static int posix_resize(void *ctx, struct storage_file *f, uint64_t size_bytes)
{
    (void)ctx;
    int rc;
    do rc = ftruncate(f->fd, (off_t)size_bytes);
    while (rc && errno == EINTR);
    return rc ? error_of_errno() : 0;
}

static int posix_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    return rename(from, to) ? error_of_errno() : 0;
}

static int posix_remove(void *ctx, const char *path)
{
    (void)ctx;
    return unlink(path) ? error_of_errno() : 0;
}

static int posix_make_dir(void *ctx, const char *path)
{
    (void)ctx;
    if (mkdir(path, 0755) == 0) return 0;
    if (errno != EEXIST) return error_of_errno();
    struct stat st;
    if (stat(path, &st)) return error_of_errno();
    return S_ISDIR(st.st_mode) ? 0 : ERR_IO;
}

static int posix_sync_dir(void *ctx, const char *path)
{
    (void)ctx;
    int fd;
    do fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) return error_of_errno();
    int rc = fsync(fd) ? error_of_errno() : 0;
    (void)close(fd);
    return rc;
}

static int posix_list(void *ctx, const char *path, int (*each)(void *arg, const char *name), void *arg)
{
    (void)ctx;
    DIR *dir = opendir(path);
    if (!dir) return error_of_errno();
    int rc = 0;
    while (rc == 0) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno) rc = error_of_errno();
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        rc = each(arg, entry->d_name);
    }
    (void)closedir(dir);
    return rc;
}

const struct storage *storage_posix(void)
{
    static const struct storage posix = {
        .open = posix_open,
        .close = posix_close,
        .read = posix_read,
        .write = posix_write,
        .sync = posix_sync,
        .size = posix_size,
        .resize = posix_resize,
        .rename = posix_rename,
        .remove = posix_remove,
        .make_dir = posix_make_dir,
        .sync_dir = posix_sync_dir,
        .list = posix_list,
    };
    return &posix;
}
