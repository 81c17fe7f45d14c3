/* tests/api/ask.c - see ask.h. */
#include "tests/api/ask.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/api/json_look.h"

static int send_and_receive(struct ask *a, const char *headers, const char *method, const char *body, const char *path)
{
    response_free(&a->answer);
    a->client.port = a->server.port;
    if (!client_request(&a->client, method, path, headers, body, &a->answer))
        fail_msg("%s %s: no answer", method, path);
    return a->answer.status;
}

int ask(struct ask *a, const char *method, const char *body, const char *path_format, ...)
{
    char path[4096];
    va_list args;
    va_start(args, path_format);
    (void)vsnprintf(path, sizeof path, path_format, args);
    va_end(args);
    return send_and_receive(a, NULL, method, body, path);
}

int ask_with(struct ask *a, const char *headers, const char *method, const char *body, const char *path_format, ...)
{
    char path[4096];
    va_list args;
    va_start(args, path_format);
    (void)vsnprintf(path, sizeof path, path_format, args);
    va_end(args);
    return send_and_receive(a, headers, method, body, path);
}

const char *said(struct ask *a, const char *path)
{
    return json_look(a->answer.body, path, a->room, sizeof a->room);
}
const char *said_header(struct ask *a, const char *name)
{
    return response_header(&a->answer, name, a->room, sizeof a->room);
}

void expect_status(struct ask *a, int status)
{
    if (a->answer.status != status) fail_msg("status %d, not %d: %.1000s", a->answer.status, status, a->answer.body);
}

void expect(struct ask *a, const char *path, const char *value)
{
    if (strcmp(said(a, path), value) != 0)
        fail_msg("%s is \"%s\", not \"%s\": %.1500s", path, a->room, value, a->answer.body);
}

void place(struct ask *a, const char *account, const char *symbol, const char *side, const char *quantity,
           const char *price, char *id)
{
    char body[512];
    (void)snprintf(body, sizeof body,
                   "{\"account\":\"%s\",\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":\"%s\",\"price\":\"%s\"}",
                   account, symbol, side, quantity, price);
    ask(a, "POST", body, "/api/v1/orders");
    expect_status(a, 201);
    (void)snprintf(id, 24, "%.20s", said(a, "order_id"));
}

void given_market(struct ask *a, const char *symbol, const char *const *accounts)
{
    ask(a, "PUT", "{\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":1}", "/api/v1/instruments/%s", symbol);
    expect_status(a, 200);
    for (; *accounts != NULL; accounts++) {
        ask(a, "PUT", "{\"type\":\"MARGIN\",\"allow_short\":true}", "/api/v1/accounts/%s", *accounts);
        expect_status(a, 200);
        ask(a, "POST", "{\"currency\":\"USD\",\"amount\":\"1000000.00\"}", "/api/v1/accounts/%s/cash", *accounts);
        expect_status(a, 200);
    }
}

int ask_start_with(void **state, const char *const *settings)
{
    struct ask *a = calloc(1, sizeof *a);
    a->client.fd = -1;
    server_init(&a->server);
    server_start(&a->server, settings);
    *state = a;
    return 0;
}

int ask_start(void **state)
{
    return ask_start_with(state, NULL);
}

int ask_stop(void **state)
{
    struct ask *a = *state;
    client_close(&a->client);
    response_free(&a->answer);
    int code = server_end(&a->server, SIGTERM);
    server_remove(&a->server);
    free(a);
    return code;
}
