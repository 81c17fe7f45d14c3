/* journal/data_dir.c - the folders of a data directory and its lock.
 * What must stay true: at most one process holds DIR/LOCK, and the lock ends with the process, however that ends. The
 * file is never removed: another process may already wait on it, and a new file of that name would be a second lock. */
#include "journal/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"

enum { HOLDER_BYTES = 256 };

int data_dir_init(struct data_dir *d, const struct storage *storage, const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') len--;
    if (len == 0 || len >= sizeof d->path) return ERR_USAGE;
    d->storage = storage;
    memcpy(d->path, path, len);
    d->path[len] = 0;
    return 0;
}

void data_dir_path(const struct data_dir *d, const char *part, char *room)
{
    (void)snprintf(room, DATA_PATH_BYTES_MAX, "%s/%s", d->path, part);
}

/* Where the entry of the data directory itself is kept. */
static void parent_path(const struct data_dir *d, char *room)
{
    (void)snprintf(room, DATA_PATH_BYTES_MAX, "%s", d->path);
    char *slash = strrchr(room, '/');
    if (!slash)
        (void)snprintf(room, DATA_PATH_BYTES_MAX, ".");
    else if (slash == room)
        room[1] = 0;
    else
        *slash = 0;
}

int data_dir_create(const struct data_dir *d)
{
    static const char *const parts[] = {"commands", "events", "snapshots", "projections"};
    const struct storage *s = d->storage;
    char path[DATA_PATH_BYTES_MAX];
    int rc = s->make_dir(s->ctx, d->path);
    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++) {
        data_dir_path(d, parts[i], path);
        rc = s->make_dir(s->ctx, path);
    }
    if (rc == 0) rc = s->sync_dir(s->ctx, d->path);
    parent_path(d, path);
    return rc ? rc : s->sync_dir(s->ctx, path);
}

static void read_holder(int fd, char *holder)
{
    ssize_t n = pread(fd, holder, HOLDER_BYTES - 1, 0);
    holder[n > 0 ? n : 0] = 0;
    holder[strcspn(holder, "\n")] = 0;
    if (!holder[0]) (void)snprintf(holder, HOLDER_BYTES, "a process that has not said its name");
}

static int write_holder(int fd, const char *command)
{
    char text[HOLDER_BYTES];
    (void)snprintf(text, sizeof text - 1, "%ld %s", (long)getpid(), command);
    size_t len = strlen(text);
    text[len++] = '\n';
    if (ftruncate(fd, 0)) return ERR_IO;
    ssize_t n = pwrite(fd, text, len, 0);
    if (n == (ssize_t)len) return 0;
    return n < 0 && errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
}

int data_dir_lock(const struct data_dir *d, const char *command, int *fd, char *holder)
{
    char path[DATA_PATH_BYTES_MAX];
    data_dir_path(d, "LOCK", path);
    if (holder) holder[0] = 0;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) return errno == ENOENT ? ERR_NOT_FOUND : errno == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    int rc;
    do rc = flock(lock, LOCK_EX | LOCK_NB);
    while (rc && errno == EINTR);
    if (rc)
        rc = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    else
        rc = write_holder(lock, command);
    if (rc == ERR_BUSY && holder) read_holder(lock, holder);
    if (rc)
        (void)close(lock);
    else
        *fd = lock;
    return rc;
}

void data_dir_unlock(int fd)
{
    /* Closing gives the lock up; the text stays and means nothing without the lock. */
    (void)close(fd);
}
