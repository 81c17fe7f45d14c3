/* journal/frame.h - a payload in its zstd frame. Contexts and buffers are made once and used for every block. One
 * thread each. */
#ifndef ORDERTAPE_JOURNAL_FRAME_H
#define ORDERTAPE_JOURNAL_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct frame_packer;
int frame_packer_new(int level, struct frame_packer **out);
void frame_packer_free(struct frame_packer *p);
/* Compresses into room (at least ZSTD_COMPRESSBOUND of it). Returns the frame's bytes, or ERR_NO_MEMORY. */
int64_t frame_pack(struct frame_packer *p, const uint8_t *payload, size_t payload_bytes, uint8_t *room,
                   size_t room_bytes);

struct frame_unpacker;
int frame_unpacker_new(struct frame_unpacker **out);
void frame_unpacker_free(struct frame_unpacker *u);
/* Unpacks a frame that may be anything and must give exactly payload_bytes (<= BLOCK_PAYLOAD_BYTES_MAX). The payload
 * belongs to the unpacker until the next call. 0, ERR_CORRUPT, ERR_NO_MEMORY. */
int frame_unpack(struct frame_unpacker *u, const uint8_t *frame, size_t frame_bytes, size_t payload_bytes,
                 const uint8_t **payload);

#endif
