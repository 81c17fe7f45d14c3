/* proto/columns.c - columns of a protobuf message by its descriptor; unpacking bytes that may be anything. */
#include "proto/columns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

/* Columns that begin at the same offset of a page fight for the same few lines of the first-level cache. */
enum { COLUMN_ALIGN_BYTES = 64, COLUMN_STAGGER_BYTES = 5 * COLUMN_ALIGN_BYTES, COLUMN_LARGE_BYTES = 4096 };

/* What protobuf-c takes besides elements: message structs and its lists of scanned fields, at most 4 KiB a message, and
 * the stagger of large columns. A block has below 64 messages, below 1024 columns together. */
enum { ARENA_FRAME_BYTES_MAX = 64 * 4096 + 1024 * COLUMN_STAGGER_BYTES };
/* A varint of one byte becomes an element of at most eight. */
enum { ARENA_BYTES_PER_BYTE = 8 };

static size_t column_room(size_t element_bytes, size_t rows)
{
    if (element_bytes == 0) return 0;
    size_t bytes = (element_bytes * rows + COLUMN_ALIGN_BYTES - 1) & ~(size_t)(COLUMN_ALIGN_BYTES - 1);
    return bytes + COLUMN_STAGGER_BYTES;
}

/* The bytes of one element, 0 for a field that is no column. */
static size_t column_element_bytes(const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_BYTES) return 1;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) return 0;
    return field->type == PROTOBUF_C_TYPE_UINT32 ? sizeof(uint32_t) : sizeof(uint64_t);
}

/* Where a field's parts are in its message. */
static void *field_value(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    return (uint8_t *)m + field->offset;
}

static size_t *field_count(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    return (size_t *)(void *)((uint8_t *)m + field->quantifier_offset);
}

static protobuf_c_boolean *field_has(ProtobufCMessage *m, const ProtobufCFieldDescriptor *field)
{
    return (protobuf_c_boolean *)(void *)((uint8_t *)m + field->quantifier_offset);
}

size_t columns_bytes(const ProtobufCMessageDescriptor *kind, size_t rows)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < kind->n_fields; i++) bytes += column_room(column_element_bytes(&kind->fields[i]), rows);
    return bytes;
}

uint8_t *columns_attach(ProtobufCMessage *m, size_t rows, uint8_t *memory)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        size_t element_bytes = column_element_bytes(field);
        if (element_bytes == 0) continue;
        if (field->type == PROTOBUF_C_TYPE_BYTES)
            ((ProtobufCBinaryData *)field_value(m, field))->data = memory;
        else
            *(void **)field_value(m, field) = memory;
        memory += column_room(element_bytes, rows);
    }
    return memory;
}

/* The shortest form: how many elements say what `rows` elements say. */
static size_t column_length(const uint8_t *elements, size_t element_bytes, size_t rows)
{
    static const uint8_t zero[sizeof(uint64_t)];
    if (rows == 0) return 0;
    if (memcmp(elements, elements + element_bytes, (rows - 1) * element_bytes) != 0) return rows;
    return memcmp(elements, zero, element_bytes) == 0 ? 0 : 1;
}

void columns_close(ProtobufCMessage *m, size_t rows)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        size_t element_bytes = column_element_bytes(field);
        if (element_bytes == 0) continue;
        if (field->type == PROTOBUF_C_TYPE_BYTES) {
            ProtobufCBinaryData *column = field_value(m, field);
            column->len = column_length(column->data, 1, rows);
            *field_has(m, field) = column->len > 0;
        } else {
            *field_count(m, field) = column_length(*(uint8_t **)field_value(m, field), element_bytes, rows);
        }
    }
}

/* Turns a length into a mask, and gives an omitted column the one value that it stands for. */
static bool column_open(size_t *length, void **elements, size_t rows)
{
    static uint64_t zero; /* only ever read */
    if (*length != rows && (*length > 1 || *length > rows)) return false;
    if (*length == 0) *elements = &zero;
    *length = *length > 1 ? SIZE_MAX : 0;
    return true;
}

bool columns_open(ProtobufCMessage *m, size_t rows)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        if (column_element_bytes(field) == 0) continue;
        if (field->type == PROTOBUF_C_TYPE_BYTES) {
            ProtobufCBinaryData *column = field_value(m, field);
            void *elements = column->data;
            if (!column_open(&column->len, &elements, rows)) return false;
            column->data = elements;
        } else if (!column_open(field_count(m, field), field_value(m, field), rows)) {
            return false;
        }
    }
    return true;
}

static int arena_reset(struct arena *a, size_t size_bytes)
{
    a->used_bytes = 0;
    if (size_bytes <= a->size_bytes) return 0;
    free(a->bytes);
    a->size_bytes = 0;
    size_t room_bytes = (size_bytes + size_bytes / 2) & ~(size_t)(COLUMN_ALIGN_BYTES - 1);
    a->bytes = aligned_alloc(COLUMN_ALIGN_BYTES, room_bytes);
    if (a->bytes == NULL) return ERR_NO_MEMORY;
    a->size_bytes = room_bytes;
    return 0;
}

void arena_free(struct arena *a)
{
    free(a->bytes);
    *a = (struct arena){0};
}

static void *arena_alloc(void *data, size_t size_bytes)
{
    struct arena *a = data;
    size_t room_bytes = (size_bytes + 15) & ~(size_t)15;
    if (size_bytes >= COLUMN_LARGE_BYTES) room_bytes += COLUMN_STAGGER_BYTES;
    if (size_bytes > a->size_bytes || room_bytes > a->size_bytes - a->used_bytes) return NULL;
    void *bytes = a->bytes + a->used_bytes;
    a->used_bytes += room_bytes;
    return bytes;
}

static void arena_release(void *data, void *bytes)
{
    (void)data; /* all at once, by the next arena_reset */
    (void)bytes;
}

/* A varint of at most ten bytes; its end, or NULL. */
static const uint8_t *wire_varint(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; p < end && shift < 70; shift += 7) {
        *value |= (uint64_t)(*p & 0x7f) << shift;
        if (!(*p++ & 0x80)) return p;
    }
    return NULL;
}

static bool wire_is_length_prefixed(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED || field->type == PROTOBUF_C_TYPE_BYTES ||
           field->type == PROTOBUF_C_TYPE_MESSAGE;
}

/* See columns_unpack. Recursion ends with the schema, which has two levels. */
static bool wire_valid(const uint8_t *p, const uint8_t *end, const ProtobufCMessageDescriptor *kind)
{
    uint64_t last_number = 0;
    while (p < end) {
        uint64_t tag, value;
        if ((p = wire_varint(p, end, &tag)) == NULL || tag >> 3 <= last_number || tag > UINT32_MAX) return false;
        last_number = tag >> 3;
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(kind, (unsigned)last_number);
        if (field == NULL || (p = wire_varint(p, end, &value)) == NULL) return false;
        bool length_prefixed = wire_is_length_prefixed(field);
        if ((tag & 7) != (length_prefixed ? PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED : PROTOBUF_C_WIRE_TYPE_VARINT))
            return false;
        if (!length_prefixed) continue;
        if (value > (size_t)(end - p)) return false;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && !wire_valid(p, p + value, field->descriptor)) return false;
        p += value;
    }
    return true;
}

int columns_unpack(struct arena *a, const ProtobufCMessageDescriptor *kind, const uint8_t *bytes, size_t len_bytes,
                   ProtobufCMessage **out)
{
    static const uint8_t nothing[1];
    if (bytes == NULL) bytes = nothing;
    if (!wire_valid(bytes, bytes + len_bytes, kind)) return ERR_CORRUPT;
    int result = arena_reset(a, len_bytes * ARENA_BYTES_PER_BYTE + ARENA_FRAME_BYTES_MAX);
    if (result != 0) return result;
    ProtobufCAllocator allocator = {.alloc = arena_alloc, .free = arena_release, .allocator_data = a};
    *out = protobuf_c_message_unpack(kind, &allocator, len_bytes, bytes);
    return *out != NULL ? 0 : ERR_CORRUPT;
}
