/* api/answer_order.h - answers that show one order: what commands on an order that is there have in common.
 * What must stay true: the order is shown as the command left it (as_of.h); whether ORDER_NOT_OPEN means 404 or 409 is what the order
 * was then: the engine forgets an order when nothing can happen to it any more. */
#ifndef ORDERTAPE_API_ANSWER_ORDER_H
#define ORDERTAPE_API_ANSWER_ORDER_H

#include "api/answer.h"
#include "api/as_of.h"

void answer_order(struct exchange *x, const struct order_row *row, int status);
/* After a command on the order of the path: 200 and the order, or what was said no to. */
void answer_order_changed(struct exchange *x);
/* Parses the body as a command of a kind on the order of the path, sends it on its way and answers. path: what else the URL says. */
void order_command(struct exchange *x, enum command_kind kind, struct json_path *path);

#endif
