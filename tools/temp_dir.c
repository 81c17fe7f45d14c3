/* tools/temp_dir.c - see temp_dir.h. */
#include "tools/temp_dir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

int temp_dir_make(struct temp_dir *t, const char *inside)
{
    t->made = NULL;
    if (inside != NULL) {
        if (mkdir(inside, 0777) == 0)
            t->made = inside;
        else if (errno != EEXIST)
            return ERR_IO;
    }
    if (inside == NULL) inside = getenv("TMPDIR");
    if (inside == NULL || *inside == '\0') inside = "/tmp";
    if ((size_t)snprintf(t->path, sizeof t->path, "%s/ordertape-XXXXXX", inside) >= sizeof t->path) return ERR_IO;
    return mkdtemp(t->path) == NULL ? ERR_IO : 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

int temp_dir_remove(const struct temp_dir *t)
{
    enum { DESCRIPTORS_MAX = 16 };
    if (nftw(t->path, remove_entry, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS) != 0) return ERR_IO;
    return t->made == NULL || rmdir(t->made) == 0 ? 0 : ERR_IO;
}
