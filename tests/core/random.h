/* tests/core/random.h - random numbers for property tests: of every width, with the awkward ones often.
 * The seed is printed first and taken back as the program's first argument. */
#ifndef ORDERTAPE_TESTS_CORE_RANDOM_H
#define ORDERTAPE_TESTS_CORE_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/types.h"

struct random {
    uint64_t state;
};

static inline struct random random_from_arguments(int argc, char **argv)
{
    struct random r = {argc > 1 ? strtoull(argv[1], NULL, 10) : 20120621};
    printf("seed %llu\n", (unsigned long long)r.state);
    return r;
}

static inline uint64_t random_u64(struct random *r) /* splitmix64 */
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint64_t random_below(struct random *r, uint64_t bound)
{
    return random_u64(r) % bound;
}

/* 0 <= x < 2^bits_max, each bit length alike; one in eight is 2^k or next to it. */
static inline u128 random_wide(struct random *r, unsigned bits_max)
{
    unsigned bits = (unsigned)random_below(r, bits_max + 1);
    if (bits == 0) return 0;
    u128 x = ((u128)random_u64(r) << 64 | random_u64(r)) >> (128 - bits);
    u128 top = (u128)1 << (bits - 1);
    switch (random_below(r, 24)) {
    case 0: return top;
    case 1: return top - 1;
    case 2: return top | 1;
    default: return x | top;
    }
}

#endif
