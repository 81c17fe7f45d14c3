/* api/exchange.h - one request and its answer, and the ways a handler can go on without blocking.
 *
 *   route->begin --+-- exchange_read    -> (wait for the views)   -> read(x, r)   -> answer
 *                  +-- exchange_submit  -> (command is durable)   -> then(x)      -> answer, or exchange_read_after
 *                  |     a repeat of an idempotency key: its first outcome is made again from the tape, and the same then(x) runs
 *                  +-- exchange_work    -> (on a worker thread)   -> then(x)      -> answer
 *                  +-- answer at once
 * What must stay true: begin, read and then run on the HTTP thread, a worker on its own; each (but a worker with a
 * `then`) leaves an answer or one of the ways above, exactly one. A worker that answered ends the way.
 * Memory: everything lives until the answer was sent; texts of command point into the exchange. */
#ifndef ORDERTAPE_API_EXCHANGE_H
#define ORDERTAPE_API_EXCHANGE_H

#include "api/json.h"
#include "api/origin.h"
#include "api/pipeline.h"
#include "api/router.h"
#include "api/server.h"
#include "api/url.h"
#include "api/view_gate.h"
#include "api/worker.h"

struct MHD_Connection;

typedef void exchange_step(struct exchange *x);
typedef void exchange_reader(struct exchange *x, struct views_read *r);
typedef void exchange_worker(struct exchange *x);

struct exchange {
    struct server *server;
    struct MHD_Connection *connection;
    struct watch *watch;
    /* the request */
    bool begun; /* the first call of the handler has been */
    struct url url;
    enum url_result url_result;
    const struct route *route; /* NULL: none */
    uint32_t route_index;
    char *body;
    size_t body_bytes, body_room;
    uint64_t body_seen;    /* also what was thrown away */
    struct origin_said origin;
    uint64_t answered_seq; /* the highest when this request arrived */
    /* on the way */
    exchange_step *next; /* what the HTTP thread does when the connection is resumed */
    exchange_reader *reader;
    void (*ask)(struct exchange *x, const struct engine *e);
    exchange_worker *worker;
    struct json_command parsed;
    struct pending pending;
    exchange_step *then;    /* after the command */
    bool replayed;          /* the outcome is that of an earlier request with the same key */
    struct as_of *as_of;    /* as_of.h */
    struct gate_wait gate;
    struct work work;
    void *own; /* of the route's handlers; freed with own_free */
    void (*own_free)(void *own);
    /* the answer */
    bool suspended; /* this turn ended with somebody else at work */
    bool answered;
    int status;
    bool is_problem, close;
    unsigned retry_after_s; /* 0: no header */
    uint64_t seq;           /* X-Seq; 0: no header */
    char location[96];
    char allow[64];
    const char *content_type;
    char *text;        /* not JSON; malloc'd */
    const void *bytes; /* what is sent when json is not: text, or a constant */
    size_t bytes_len;
    struct json *json;
};

struct exchange *exchange_new(struct server *s, struct MHD_Connection *c, const char *uri);
void exchange_free(struct exchange *x);

/* What the URL says. */
const char *exchange_param(const struct exchange *x, unsigned index); /* the index-th {…} of the pattern */
const char *exchange_query(const struct exchange *x, const char *name);

/* Ways on. */
void exchange_read(struct exchange *x, exchange_reader *reader); /* a GET: linearizable unless asked otherwise */
void exchange_read_after(struct exchange *x, uint64_t seq, exchange_reader *reader); /* once the views have seq */
void exchange_submit(struct exchange *x, struct command *c, exchange_step *then);    /* then: x->pending.outcome */
/* Between groups, on the sequencer's thread; what it finds goes to x->own. */
void exchange_ask(struct exchange *x, void (*ask)(struct exchange *x, const struct engine *e), exchange_step *then);
bool exchange_is_keyed(const struct exchange *x); /* its command has an idempotency key */
void exchange_copy_state(struct exchange *x, struct state_copy *copy, exchange_step *then);
void exchange_mark(struct exchange *x, exchange_step *then); /* then: readers of the tape see all that was answered */
void exchange_work(struct exchange *x, struct worker *w, exchange_worker *worker, exchange_step *then);

/* Answers. The document is what was written to exchange_json(x). A replayed success is answered with 200. */
struct json *exchange_json(struct exchange *x);
void exchange_answer(struct exchange *x, int status);
void exchange_problem(struct exchange *x, int status, const char *code, const char *detail_format, ...)
    __attribute__((format(printf, 4, 5)));
/* Writes the members of a problem into an open object: for problems that carry more. */
void exchange_problem_members(struct exchange *x, int status, const char *code, const char *detail);
void exchange_problem_given(struct exchange *x, const struct problem *p);
void exchange_failed(struct exchange *x, int error); /* 5xx for a machine error */
/* Not a document: bytes of a type. text is taken over (freed), constant is not. */
void exchange_answer_text(struct exchange *x, int status, const char *content_type, char *text, size_t len_bytes);
void exchange_answer_constant(struct exchange *x, int status, const char *content_type, const void *bytes,
                              size_t len_bytes);

/* http_server.c: runs steps until there is an answer (true) or the connection is suspended (false: x is in other
 * hands). */
bool exchange_run(struct exchange *x);
/* What a whole request begins with: finds the route and calls it. */
void exchange_dispatch(struct exchange *x);

#endif
