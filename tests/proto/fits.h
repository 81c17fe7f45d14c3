/* tests/proto/fits.h - whether a tape can hold a command: random flows also make decimals with scales, and names, that no
 * decoder would take back. */
#ifndef ORDERTAPE_TESTS_PROTO_FITS_H
#define ORDERTAPE_TESTS_PROTO_FITS_H

#include "proto/codec.h"

/* c->seq need not be stamped. False also when there is no memory. One thread. */
static inline bool command_fits_tape(const struct command *c)
{
    static struct command_encoder *encoder; /* lives as long as the program */
    const uint8_t *bytes;
    size_t len_bytes;
    if (encoder == NULL && command_encoder_new(&encoder) != 0) return false;
    return command_encoder_add(encoder, c) == 0 && command_encoder_finish(encoder, &bytes, &len_bytes) == 0;
}

#endif
