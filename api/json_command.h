/* api/json_command.h - a command from a value inside a larger document. Internal to api's JSON files. */
#ifndef ORDERTAPE_API_JSON_COMMAND_H
#define ORDERTAPE_API_JSON_COMMAND_H

#include "api/json_read.h"

/* Like json_command_parse, for an object of t. kind 0: the member "op" names the kind, or it is op_default (0: "op"
 * must be there). */
int json_command_read(const struct json_tree *t, const struct json_node *object, enum command_kind kind,
                      enum command_kind op_default, const struct json_path *path, struct json_command *out,
                      struct problem *p);

#endif
