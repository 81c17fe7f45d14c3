/* api/answer.h - the parts that answers of many routes share: what a command's outcome means in HTTP, pages of lists,
 * names in URLs.
 * What must stay true: an answer to a command is a function of its outcome and, where a document of a view is shown,
 * of the view at or after its seq; every such answer says seq in X-Seq and in its body. */
#ifndef ORDERTAPE_API_ANSWER_H
#define ORDERTAPE_API_ANSWER_H

#include "api/exchange.h"

/* Looks at the outcome of a submitted command: true when the engine accepted it. Else the answer is made: 5xx for an
 * error, for a refusal 404, 409 or 422 with the reject's code (a PLACE carries its order). x->seq is set. */
bool answer_accepted(struct exchange *x);
/* With field, value and limit. */
void answer_refused(struct exchange *x, const struct refusal *r);
/* 404: what the path, or the word of an operator, names is not there; 409: not now, as things stand; else 422. Pure. */
int refusal_status(int command_kind, int reason);
/* How many a sweep ended: {"<what>":n,"more":…,"seq":n}. */
/* What the command of this request cancelled, when it was a change of trading state with "cancel"; NULL: it was not. */
const struct orders_cancelled *answer_cancelled(const struct exchange *x, struct orders_cancelled *room);
void answer_swept(struct exchange *x, const char *what);

/* Parses the body as a command of a kind and sends it on its way. */
void answer_by_command(struct exchange *x, enum command_kind kind, const struct json_path *path, exchange_step *then);

struct page {
    uint32_t limit;
    const char *after;
    char next[VIEWS_CURSOR_BYTES];
};
/* limit and cursor of the query; false: 400 was answered. */
bool query_page(struct exchange *x, struct page *p);
/* {"items":[ … ],"next_cursor":…} around what the caller writes. begin: false when `count` is an error, which is then
 * answered. */
struct json *answer_list_begin(struct exchange *x, int64_t count);
void answer_list_end(struct exchange *x, const struct page *p);
/* A read of one row failed: 404 naming what is unknown, or 5xx. */
void answer_not_read(struct exchange *x, int error, const char *what, const char *which);

/* A number of the query, or `none` when it is not given; false: 400 was answered. */
bool query_number(struct exchange *x, const char *name, uint64_t min, uint64_t max, uint64_t none, uint64_t *out);
/* true or false of the query, else 400; unchanged when it is not given. */
bool query_bool(struct exchange *x, const char *name, bool *out);
/* A time of the query, or `none` when it is not given; false: 400 was answered. */
bool query_time(struct exchange *x, const char *name, int64_t none, int64_t *ts_ns);
/* A name of the query (empty when not given) or of the path; false: 400 was answered. */
bool query_name(struct exchange *x, const char *name, struct name *out);
bool param_name(struct exchange *x, unsigned index, const char *what, struct name *out);
/* The {id} of the path; false: 404 was answered. what: "order", "GTT". */
bool param_id(struct exchange *x, const char *what, uint64_t *id);
bool order_id_parse(const char *text, uint64_t *id);

#endif
