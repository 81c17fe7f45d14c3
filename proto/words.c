/* proto/words.c - the dictionary and the text heap of one block or table (see words.h). */
#include "proto/words.h"

#include <assert.h>
#include <stdlib.h>

#include "core/error.h"

/* At least eight slots a name until the table is as large as it gets, then two: most names stand where their hash says,
 * and a few names touch little memory. */
enum { SLOTS_FIRST = 1024, SLOTS_A_NAME = 8 };

static size_t slots_count(const struct words_writer *w)
{
    return (size_t)1 << (64 - w->slots_shift);
}

static size_t slots_count_max(uint32_t names_max)
{
    size_t count = SLOTS_FIRST;
    while (count < 2 * (size_t)names_max) count *= 2;
    return count;
}

int words_writer_init(struct words_writer *w, uint32_t names_max, size_t texts_max)
{
    *w =
        (struct words_writer){.names_max = names_max, .slots_shift = 63, .epoch = 1}; /* slots begin with 0: all free */
    while (slots_count(w) < SLOTS_FIRST) w->slots_shift--;
    w->slots = calloc(slots_count_max(names_max), sizeof *w->slots);
    w->names = calloc((size_t)names_max + 1, sizeof *w->names);
    w->price_last = calloc((size_t)names_max + 1, sizeof *w->price_last);
    w->name_lengths = malloc((size_t)names_max + 1);
    w->name_bytes = malloc((size_t)names_max * NAME_CHARS_MAX + NAME_BYTES);
    w->texts = malloc(texts_max + 1); /* + 1: asking for nothing may give nothing */
    if (w->slots && w->names && w->price_last && w->name_lengths && w->name_bytes && w->texts) return 0;
    words_writer_free(w);
    return ERR_NO_MEMORY;
}

void words_writer_free(struct words_writer *w)
{
    free(w->slots);
    free(w->names);
    free(w->price_last);
    free(w->name_lengths);
    free(w->name_bytes);
    free(w->texts);
    *w = (struct words_writer){0};
}

/* Marks every slot free. */
static void slots_clear(struct words_writer *w)
{
    if (++w->epoch != 0) return;
    /* Once in 2^32 times, marks of long ago would look like ours. */
    memset(w->slots, 0, slots_count_max(w->names_max) * sizeof *w->slots);
    w->epoch = 1;
}

void words_writer_reset(struct words_writer *w)
{
    w->names_count = 0;
    w->name_bytes_len = 0;
    w->texts_len = 0;
    w->price_last[0] = 0;
    slots_clear(w);
}

/* The slot of a name, or the free one where it would stand. */
static struct words_slot *slot_find(struct words_writer *w, const struct name *n, uint64_t hash)
{
    size_t at = hash >> w->slots_shift;
    struct name_words x = name_words(n);
    while (w->slots[at].epoch == w->epoch && !name_words_equal(x, name_words(&w->names[w->slots[at].number])))
        at = (at + 1) & (slots_count(w) - 1);
    return &w->slots[at];
}

static void slots_grow(struct words_writer *w)
{
    w->slots_shift--;
    slots_clear(w);
    for (uint32_t number = 1; number <= w->names_count; number++) {
        uint64_t hash = words_hash(name_words(&w->names[number]));
        *slot_find(w, &w->names[number], hash) = (struct words_slot){.epoch = w->epoch, .number = number};
    }
}

void words_writer_close(const struct words_writer *w, Ordertape__Words *m)
{
    m->name_length = (ProtobufCBinaryData){.len = w->names_count, .data = w->name_lengths};
    m->names = (ProtobufCBinaryData){.len = w->name_bytes_len, .data = w->name_bytes};
    m->texts = (ProtobufCBinaryData){.len = w->texts_len, .data = w->texts};
    m->has_name_length = m->name_length.len > 0;
    m->has_names = m->names.len > 0;
    m->has_texts = m->texts.len > 0;
}

static bool name_valid(const struct name *n, size_t len_bytes)
{
    struct name again;
    return name_from_text(&again, n->bytes, len_bytes) == 0 && name_words_equal(name_words(&again), name_words(n));
}

bool words_add_name(struct words_writer *w, const struct name *n, uint64_t hash, uint32_t *number)
{
    struct words_slot *slot = slot_find(w, n, hash);
    if (slot->epoch == w->epoch) {
        *number = slot->number;
        return true;
    }
    size_t len_bytes = strnlen(n->bytes, NAME_BYTES);
    if (!name_valid(n, len_bytes)) return false;
    assert(w->names_count < w->names_max);
    *number = ++w->names_count;
    *slot = (struct words_slot){.epoch = w->epoch, .number = *number};
    w->names[*number] = *n;
    w->price_last[*number] = 0;
    w->name_lengths[*number - 1] = (uint8_t)len_bytes;
    memcpy(w->name_bytes + w->name_bytes_len, n->bytes, NAME_BYTES); /* the next one overwrites its zeros */
    w->name_bytes_len += len_bytes;
    if (w->names_count * SLOTS_A_NAME > slots_count(w) && slots_count(w) < slots_count_max(w->names_max)) slots_grow(w);
    return true;
}

int words_reader_init(struct words_reader *r, uint32_t names_max)
{
    *r = (struct words_reader){.names = calloc((size_t)names_max + 1, sizeof *r->names),
                               .price_last = calloc((size_t)names_max + 1, sizeof *r->price_last),
                               .names_max = names_max};
    if (r->names != NULL && r->price_last != NULL) return 0;
    words_reader_free(r);
    return ERR_NO_MEMORY;
}

void words_reader_free(struct words_reader *r)
{
    free(r->names);
    free(r->price_last);
    *r = (struct words_reader){0};
}

static int reader_take_names(struct words_reader *r, const Ordertape__Words *m)
{
    size_t at = 0;
    for (size_t i = 0; i < m->name_length.len; i++) {
        size_t len_bytes = m->name_length.data[i];
        if (len_bytes == 0 || len_bytes > m->names.len - at) return ERR_CORRUPT;
        if (name_from_text(&r->names[i + 1], (const char *)m->names.data + at, len_bytes) != 0) return ERR_CORRUPT;
        r->price_last[i + 1] = 0;
        at += len_bytes;
    }
    r->names_count = (uint32_t)m->name_length.len;
    return at == m->names.len ? 0 : ERR_CORRUPT;
}

int words_reader_open(struct words_reader *r, const Ordertape__Words *m)
{
    static const uint8_t nothing[1];
    r->names_count = 0;
    r->price_last[0] = 0;
    r->texts = nothing;
    r->texts_len = r->texts_at = 0;
    if (m == NULL) return 0;
    if (m->texts.len > 0) r->texts = m->texts.data;
    r->texts_len = m->texts.len;
    if (m->name_length.len > r->names_max) return ERR_CORRUPT;
    return reader_take_names(r, m);
}
