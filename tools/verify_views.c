/* tools/verify_views.c - the projections against views folded from the event tape into a temporary directory.
 * The views in place are read in one LMDB transaction, which stands still even beside a running server; the others are folded
 * up to exactly that cursor, and two hashes over every key and value decide. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "projections/catch_up.h"
#include "tools/console.h"
#include "tools/offline.h"
#include "tools/temp_dir.h"
#include "tools/verify.h"

struct hash {
    uint64_t lo, hi;
};

static int hash_views(struct views *views, struct views_cursor *cursor, struct hash *hash)
{
    struct views_read *read;
    int error = views_read_begin(views, &read);
    if (error != 0) return error;
    *cursor = views_read_cursor(read);
    error = views_hash(read, &hash->lo, &hash->hi);
    views_read_end(read);
    return error;
}

static int fold_into(const struct verification *v, const char *path, uint64_t to_seq, struct hash *hash)
{
    struct views_options options = {.tape_id = v->tape_id};
    struct tape_options events;
    struct views_cursor cursor;
    struct progress progress;
    struct views *views;
    bool emptied;
    char reason[256] = "";
    tape_options_of(&events, v->dir, TAPE_EVENTS);
    snprintf(options.path, sizeof options.path, "%s", path);
    int error = views_open(&options, &views, &emptied, reason);
    if (error != 0) return error;
    progress_start(&progress, "projections", "commands");
    error = views_catch_up(views, &events, to_seq, progress_seq, &progress);
    progress_end(&progress);
    if (error == 0) error = hash_views(views, &cursor, hash);
    if (error == 0 && cursor.seq != to_seq) error = ERR_END;
    views_close(views);
    return error;
}

static int compare_with_fold(struct verification *v, struct views *in_place)
{
    struct temp_dir temp;
    struct views_cursor cursor;
    struct hash here = {0}, folded = {0};
    int error = hash_views(in_place, &cursor, &here);
    if (error != 0) return error;
    if (cursor.seq == 0) {
        verify_found(v, "projections", false, 0, "they are empty: the next start folds them");
        return 0;
    }
    if (temp_dir_make(&temp, NULL) != 0) return ERR_IO;
    error = fold_into(v, temp.path, cursor.seq, &folded);
    int remove_error = temp_dir_remove(&temp);
    if (error == ERR_END) {
        verify_found(v, "projections", true, cursor.seq, "they are ahead of the event tape; run 'ordertape rebuild'");
        return 0;
    }
    if (error != 0) return error;
    v->projections_seq = cursor.seq;
    if (here.lo != folded.lo || here.hi != folded.hi)
        verify_found(v, "projections", true, cursor.seq, "they differ from a fresh fold; run 'ordertape rebuild'");
    if (v->server_running)
        verify_found(v, "projections", false, cursor.seq,
                     "a server is running: compared at seq %" PRIu64 ", where they stood", cursor.seq);
    return remove_error;
}

int verify_projections(struct verification *v)
{
    struct views_options options = {.read_only = true, .tape_id = v->tape_id};
    struct views *views;
    bool emptied;
    char reason[256] = "", path[DATA_PATH_BYTES_MAX];
    data_dir_path(v->dir, "projections", path);
    snprintf(options.path, sizeof options.path, "%s", path);
    int error = views_open(&options, &views, &emptied, reason);
    if (error == ERR_NOT_FOUND) {
        verify_found(v, "projections", false, 0, "there are none: the next start folds them");
        return 0;
    }
    if (error == ERR_CORRUPT || error == ERR_VERSION) {
        verify_found(v, "projections", true, 0, "%s; run 'ordertape rebuild'",
                     reason[0] != '\0' ? reason : error_text(error));
        return 0;
    }
    if (error != 0) return error;
    error = compare_with_fold(v, views);
    views_close(views);
    return error;
}
