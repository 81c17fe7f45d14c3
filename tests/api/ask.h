/* tests/api/ask.h - one server, one connection and the last answer: what the end-to-end tests talk through. */
#ifndef ORDERTAPE_TESTS_API_ASK_H
#define ORDERTAPE_TESTS_API_ASK_H

#include "tests/api/http_client.h"
#include "tests/api/server_process.h"

struct ask {
    struct server_process server;
    struct http_client client;
    struct http_response answer;
    char room[4096];
};

/* Sends and asserts that an answer came; returns its status. A format for the path; body NULL: none. */
int ask(struct ask *a, const char *method, const char *body, const char *path_format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with headers ("Name: value\r\n" lines). */
int ask_with(struct ask *a, const char *headers, const char *method, const char *body, const char *path_format, ...)
    __attribute__((format(printf, 5, 6)));
/* A member of the last answer's body; valid until the next call. */
const char *said(struct ask *a, const char *path);
const char *said_header(struct ask *a, const char *name);
/* Asserts, with the whole answer in the message when it is not so. */
void expect_status(struct ask *a, int status);
void expect(struct ask *a, const char *path, const char *value);
/* Places a LIMIT DAY order and asserts 201; returns its id in id[24]. */
void place(struct ask *a, const char *account, const char *symbol, const char *side, const char *quantity,
           const char *price, char *id);
/* An account with cash and an instrument to trade (tick 0.01, lot 1, USD). */
void given_market(struct ask *a, const char *symbol, const char *const *accounts);
/* Setup and teardown of a group: a server of its own, with those settings or the usual ones; *state is its struct ask. ask_stop fails when
 * the server did not end cleanly. */
int ask_start(void **state);
int ask_start_with(void **state, const char *const *settings);
int ask_stop(void **state);

#endif
