/* projections/mark.c - the mark beside the environment.
 * What must stay true: a mark that says "clean" is on disk only while every commit before it is on disk too and none
 * came after it: it is taken away, durably, before the next commit. Not clean and another boot id means that pages
 * may be missing: the file is not even mapped.
 *
 *   0        8             12      13       14       16            56             64        72       80         88
 *   | magic  | version u32 | clean | hashed | 0 0    | boot id     | data bytes   | hash lo | hash hi | XXH3-64 |
 * All little-endian. */
#include "projections/mark.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/error.h"

enum { MARK_BYTES = 88, MARK_VERSION = 1, PATH_BYTES = 4096 + 16, HASH_CHUNK_BYTES = 1 << 20 };
#define MARK_MAGIC ((uint64_t)0x4b52414d5f574956) /* "VIW_MARK" */

static int error_from_errno(void)
{
    return errno == ENOENT ? ERR_NOT_FOUND : errno == ENOSPC || errno == EDQUOT ? ERR_NO_SPACE : ERR_IO;
}

void boot_id_read(char room[BOOT_ID_BYTES])
{
    memset(room, 0, BOOT_ID_BYTES);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t len_bytes = read(fd, room, BOOT_ID_BYTES - 1);
    if (len_bytes < 0) len_bytes = 0;
    room[len_bytes] = 0;
    room[strcspn(room, "\n")] = 0;
    close(fd);
}

static void store_u64(uint8_t *at, uint64_t value)
{
    uint64_t little = htole64(value);
    memcpy(at, &little, sizeof little);
}

static uint64_t load_u64(const uint8_t *at)
{
    uint64_t little;
    memcpy(&little, at, sizeof little);
    return le64toh(little);
}

static void mark_encode(const struct views_mark *m, uint8_t bytes[MARK_BYTES])
{
    uint32_t version = htole32(MARK_VERSION);
    memset(bytes, 0, MARK_BYTES);
    store_u64(bytes, MARK_MAGIC);
    memcpy(bytes + 8, &version, sizeof version);
    bytes[12] = m->clean;
    bytes[13] = m->hashed;
    memcpy(bytes + 16, m->boot_id, BOOT_ID_BYTES);
    store_u64(bytes + 56, m->data_bytes);
    store_u64(bytes + 64, m->data_hash_lo);
    store_u64(bytes + 72, m->data_hash_hi);
    store_u64(bytes + 80, XXH3_64bits(bytes, 80));
}

static int mark_decode(const uint8_t bytes[MARK_BYTES], struct views_mark *out)
{
    uint32_t version;
    memcpy(&version, bytes + 8, sizeof version);
    if (load_u64(bytes) != MARK_MAGIC || le32toh(version) != MARK_VERSION || bytes[12] > 1 || bytes[13] > 1 ||
        load_u64(bytes + 80) != XXH3_64bits(bytes, 80) || bytes[16 + BOOT_ID_BYTES - 1] != 0)
        return ERR_CORRUPT;
    out->clean = bytes[12] == 1;
    out->hashed = bytes[13] == 1;
    memcpy(out->boot_id, bytes + 16, BOOT_ID_BYTES);
    out->data_bytes = load_u64(bytes + 56);
    out->data_hash_lo = load_u64(bytes + 64);
    out->data_hash_hi = load_u64(bytes + 72);
    return 0;
}

int mark_read(const char *dir, struct views_mark *out)
{
    char path[PATH_BYTES];
    uint8_t bytes[MARK_BYTES + 1];
    snprintf(path, sizeof path, "%s/mark", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_from_errno();
    ssize_t len_bytes = read(fd, bytes, sizeof bytes);
    int rc = len_bytes < 0 ? ERR_IO : len_bytes != MARK_BYTES ? ERR_CORRUPT : mark_decode(bytes, out);
    close(fd);
    return rc;
}

static int file_write_synced(const char *path, const uint8_t *bytes, size_t len_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return error_from_errno();
    int rc = 0;
    ssize_t written = write(fd, bytes, len_bytes);
    if (written < 0)
        rc = error_from_errno();
    else if ((size_t)written != len_bytes)
        rc = ERR_NO_SPACE;
    else if (fsync(fd) != 0)
        rc = error_from_errno();
    if (close(fd) != 0 && rc == 0) rc = error_from_errno();
    return rc;
}

static int dir_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_from_errno();
    int rc = fsync(fd) == 0 ? 0 : error_from_errno();
    close(fd);
    return rc;
}

int mark_write(const char *dir, const struct views_mark *m)
{
    char path[PATH_BYTES], path_new[PATH_BYTES];
    uint8_t bytes[MARK_BYTES];
    mark_encode(m, bytes);
    snprintf(path, sizeof path, "%s/mark", dir);
    snprintf(path_new, sizeof path_new, "%s/mark.tmp", dir);
    int rc = file_write_synced(path_new, bytes, sizeof bytes);
    if (rc == 0 && rename(path_new, path) != 0) rc = error_from_errno();
    return rc == 0 ? dir_sync(dir) : rc;
}

static int fd_hash(int fd, XXH3_state_t *hash, uint8_t *chunk, uint64_t *total_bytes)
{
    *total_bytes = 0;
    for (;;) {
        ssize_t len_bytes = read(fd, chunk, HASH_CHUNK_BYTES);
        if (len_bytes < 0) return ERR_IO;
        if (len_bytes == 0) return 0;
        if (XXH3_128bits_update(hash, chunk, (size_t)len_bytes) != XXH_OK) return ERR_IO;
        *total_bytes += (uint64_t)len_bytes;
    }
}

int mark_hash_data(const char *dir, struct views_mark *m)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_from_errno();
    int rc = ERR_NO_MEMORY;
    uint8_t *chunk = malloc(HASH_CHUNK_BYTES);
    XXH3_state_t *hash = XXH3_createState();
    if (chunk != NULL && hash != NULL && XXH3_128bits_reset(hash) == XXH_OK)
        rc = fd_hash(fd, hash, chunk, &m->data_bytes);
    if (rc == 0) {
        XXH128_hash_t h = XXH3_128bits_digest(hash);
        m->data_hash_lo = h.low64;
        m->data_hash_hi = h.high64;
    }
    XXH3_freeState(hash);
    free(chunk);
    close(fd);
    return rc;
}
