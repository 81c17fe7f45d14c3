/* journal/frame.c - zstd, with every size bounded before it is used.
 * What must stay true: no size inside a frame decides how much memory is taken; only the block header's does, and that
 * was compared with BLOCK_PAYLOAD_BYTES_MAX.
 */
#include "journal/frame.h"

#include <stdlib.h>
#include <zstd.h>

#include "core/error.h"
#include "journal/format.h"

struct frame_packer {
    ZSTD_CCtx *context;
};

struct frame_unpacker {
    ZSTD_DCtx *context;
    uint8_t *payload;
    size_t capacity_bytes;
};

int frame_packer_new(int level, struct frame_packer **out)
{
    struct frame_packer *p = calloc(1, sizeof *p);
    if (!p) return ERR_NO_MEMORY;
    p->context = ZSTD_createCCtx();
    if (!p->context || ZSTD_isError(ZSTD_CCtx_setParameter(p->context, ZSTD_c_compressionLevel, level))) {
        int rc = p->context ? ERR_USAGE : ERR_NO_MEMORY;
        frame_packer_free(p);
        return rc;
    }
    *out = p;
    return 0;
}

void frame_packer_free(struct frame_packer *p)
{
    if (!p) return;
    (void)ZSTD_freeCCtx(p->context);
    free(p);
}

int64_t frame_pack(struct frame_packer *p, const uint8_t *payload, size_t payload_bytes, uint8_t *room,
                   size_t room_bytes)
{
    size_t bytes = ZSTD_compress2(p->context, room, room_bytes, payload, payload_bytes);
    return ZSTD_isError(bytes) ? ERR_NO_MEMORY : (int64_t)bytes;
}

int frame_unpacker_new(struct frame_unpacker **out)
{
    struct frame_unpacker *u = calloc(1, sizeof *u);
    if (!u) return ERR_NO_MEMORY;
    u->context = ZSTD_createDCtx();
    if (!u->context) {
        free(u);
        return ERR_NO_MEMORY;
    }
    *out = u;
    return 0;
}

void frame_unpacker_free(struct frame_unpacker *u)
{
    if (!u) return;
    (void)ZSTD_freeDCtx(u->context);
    free(u->payload);
    free(u);
}

static int make_room(struct frame_unpacker *u, size_t payload_bytes)
{
    if (payload_bytes <= u->capacity_bytes) return 0;
    size_t capacity = 65536;
    while (capacity < payload_bytes) capacity *= 2;
    uint8_t *payload = realloc(u->payload, capacity);
    if (!payload) return ERR_NO_MEMORY;
    u->payload = payload;
    u->capacity_bytes = capacity;
    return 0;
}

int frame_unpack(struct frame_unpacker *u, const uint8_t *frame, size_t frame_bytes, size_t payload_bytes,
                 const uint8_t **payload)
{
    if (payload_bytes > BLOCK_PAYLOAD_BYTES_MAX) return ERR_CORRUPT;
    if (ZSTD_getFrameContentSize(frame, frame_bytes) != payload_bytes) return ERR_CORRUPT;
    int rc = make_room(u, payload_bytes);
    if (rc) return rc;
    size_t bytes = ZSTD_decompressDCtx(u->context, u->payload, payload_bytes, frame, frame_bytes);
    if (ZSTD_isError(bytes) || bytes != payload_bytes) return ERR_CORRUPT;
    *payload = u->payload;
    return 0;
}
