/* tools/temp_dir.h - a directory for what verify and bench need on disk for a moment. */
#ifndef ORDERTAPE_TOOLS_TEMP_DIR_H
#define ORDERTAPE_TOOLS_TEMP_DIR_H

struct temp_dir {
    char path[3072];
    const char *made; /* the directory around it, when that was missing: it goes too */
};

/* Makes one inside `inside` (made when missing), or inside $TMPDIR or /tmp when that is NULL. 0 or ERR_IO (errno says why). */
int temp_dir_make(struct temp_dir *t, const char *inside);
/* Removes it with everything in it. 0 or ERR_IO. */
int temp_dir_remove(const struct temp_dir *t);

#endif
