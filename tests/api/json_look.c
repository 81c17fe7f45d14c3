/* tests/api/json_look.c - see json_look.h. */
#include "tests/api/json_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_tree.h>

static yajl_val member_of(yajl_val in, const char *name, size_t len)
{
    if (YAJL_IS_ARRAY(in)) {
        size_t index = strtoul(name, NULL, 10);
        return index < in->u.array.len ? in->u.array.values[index] : NULL;
    }
    if (!YAJL_IS_OBJECT(in)) return NULL;
    for (size_t i = 0; i < in->u.object.len; i++) {
        if (strlen(in->u.object.keys[i]) == len && memcmp(in->u.object.keys[i], name, len) == 0)
            return in->u.object.values[i];
    }
    return NULL;
}

static void write_value(yajl_val v, char *room, size_t room_bytes)
{
    if (v == NULL) return;
    if (YAJL_IS_STRING(v))
        (void)snprintf(room, room_bytes, "%s", v->u.string);
    else if (YAJL_IS_NUMBER(v))
        (void)snprintf(room, room_bytes, "%s", v->u.number.r);
    else if (YAJL_IS_TRUE(v))
        (void)snprintf(room, room_bytes, "true");
    else if (YAJL_IS_FALSE(v))
        (void)snprintf(room, room_bytes, "false");
    else if (YAJL_IS_NULL(v))
        (void)snprintf(room, room_bytes, "null");
    else if (YAJL_IS_ARRAY(v))
        (void)snprintf(room, room_bytes, "[%zu]", v->u.array.len);
    else if (YAJL_IS_OBJECT(v))
        (void)snprintf(room, room_bytes, "{%zu}", v->u.object.len);
}

const char *json_look(const char *json, const char *path, char *room, size_t room_bytes)
{
    char why[128];
    yajl_val tree = yajl_tree_parse(json, why, sizeof why);
    (void)snprintf(room, room_bytes, "%s", tree == NULL ? "?" : "");
    yajl_val at = tree;
    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        at = member_of(at, path, len);
        path += len + (path[len] == '.');
    }
    if (tree != NULL) write_value(at, room, room_bytes);
    yajl_tree_free(tree);
    return room;
}
