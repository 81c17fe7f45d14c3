/* proto/words.h - the names and texts of one block or table: each distinct name once, rows refer to it by number.
 * What must stay true: number 0 is the empty name and number k the k-th distinct name in order of first use, so the
 * numbers are a function of the rows alone; every name that comes out obeys the rule of name_from_text; no text reaches
 * beyond the heap. Per symbol it remembers the last price, which the next one is written as a difference to. One thread
 * each. */
#ifndef ORDERTAPE_PROTO_WORDS_H
#define ORDERTAPE_PROTO_WORDS_H

#include <string.h>

#include "core/types.h"
#include "proto/state.pb-c.h"

/* Names of one block: two for each of as many records as it may have. */
enum { WORDS_NAMES_MAX = 2 * 65536 };

struct words_slot {
    uint32_t epoch; /* of another block: free */
    uint32_t number;
};

struct words_writer {
    struct words_slot *slots;
    struct name *names;  /* [0] is the empty name */
    int64_t *price_last; /* by name number */
    uint8_t *name_lengths, *name_bytes, *texts;
    unsigned slots_shift; /* 64 - the bits of a slot's number; as few as blocks so far needed, to stay in the cache */
    uint32_t epoch, names_max, names_count;
    size_t name_bytes_len, texts_len;
    /* of the row at hand */
    uint32_t symbol;
    uint64_t seq;
};
/* Room for names_max < 2^21 names (see SIZE_NAME) and texts_max bytes of text. 0 or ERR_NO_MEMORY (nothing is kept). */
int words_writer_init(struct words_writer *w, uint32_t names_max, size_t texts_max);
void words_writer_free(struct words_writer *w);
void words_writer_reset(struct words_writer *w);
/* Points m at what was taken; valid until the reset. */
void words_writer_close(const struct words_writer *w, Ordertape__Words *m);
/* False when it is no name: its characters, or what follows them. The caller has seen to it that one more name fits. */
bool words_add_name(struct words_writer *w, const struct name *n, uint64_t hash, uint32_t *number);

struct words_reader {
    struct name *names; /* [0] is the empty name */
    int64_t *price_last;
    const uint8_t *texts;
    uint32_t names_max, names_count;
    size_t texts_len, texts_at;
    /* of the row at hand */
    uint32_t symbol;
    uint64_t seq;
};
int words_reader_init(struct words_reader *r, uint32_t names_max);
void words_reader_free(struct words_reader *r);
/* m may be NULL: no names, no texts. It must live as long as r is read. 0 or ERR_CORRUPT. */
int words_reader_open(struct words_reader *r, const Ordertape__Words *m);

/* A name as three words: compared and hashed in a few instructions. */
struct name_words {
    uint64_t word[3];
};
_Static_assert(sizeof(struct name_words) == sizeof(struct name), "a name is three words");

static inline struct name_words name_words(const struct name *n)
{
    struct name_words x;
    memcpy(&x, n, sizeof x);
    return x;
}

static inline bool name_words_equal(struct name_words a, struct name_words b)
{
    return ((a.word[0] ^ b.word[0]) | (a.word[1] ^ b.word[1]) | (a.word[2] ^ b.word[2])) == 0;
}

static inline uint64_t words_hash(struct name_words x)
{
    uint64_t h = x.word[0] * 0x9e3779b97f4a7c15u + x.word[1] * 0xc2b2ae3d27d4eb4fu + x.word[2] * 0x165667b19e3779f9u;
    return (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
}

/* The number of a name, which it gets here when it is new to the block. */
static inline bool words_put_name(struct words_writer *w, const struct name *n, uint32_t *number)
{
    struct name_words x = name_words(n);
    *number = 0;
    if ((x.word[0] | x.word[1] | x.word[2]) == 0) return true;
    uint64_t hash = words_hash(x);
    const struct words_slot *slot = &w->slots[hash >> w->slots_shift];
    if (slot->epoch == w->epoch && name_words_equal(x, name_words(&w->names[slot->number]))) {
        *number = slot->number;
        return true;
    }
    return words_add_name(w, n, hash, number);
}

/* The caller has seen to it that the text fits. */
static inline void words_put_text(struct words_writer *w, const char *bytes, size_t len_bytes)
{
    if (len_bytes == 0) return;
    memcpy(w->texts + w->texts_len, bytes, len_bytes);
    w->texts_len += len_bytes;
}

static inline bool words_get_name(const struct words_reader *r, uint32_t number, struct name *n)
{
    if (number > r->names_count) return false;
    *n = r->names[number];
    return true;
}

/* The next len_bytes of text, or NULL when there are not so many. */
static inline const char *words_get_text(struct words_reader *r, size_t len_bytes)
{
    if (len_bytes > r->texts_len - r->texts_at) return NULL;
    const char *text = (const char *)r->texts + r->texts_at;
    r->texts_at += len_bytes;
    return text;
}

#endif
