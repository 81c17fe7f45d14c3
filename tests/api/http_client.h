/* tests/api/http_client.h - a blocking HTTP/1.1 client of a few calls, which also sends what no honest client would.
 * One connection a client. A hang limit of CLIENT_HANG_S on every read is the only clock in these tests. */
#ifndef ORDERTAPE_TESTS_API_HTTP_CLIENT_H
#define ORDERTAPE_TESTS_API_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_HANG_S = 60 };

struct http_client {
    int fd; /* -1: closed */
    uint16_t port;
    char buffer[65536]; /* bytes that came and are not consumed */
    size_t used;
};

struct http_response {
    int status;         /* 0: the server closed without an answer */
    char headers[8192]; /* as sent, with the status line */
    char *body;         /* NUL-terminated; malloc'd */
    size_t body_bytes;
};

/* False: no connection. */
bool client_open(struct http_client *c, uint16_t port);
void client_close(struct http_client *c);
bool client_send(struct http_client *c, const char *bytes, size_t len_bytes);
/* Reads one answer. False: the connection broke before it was whole (response->status 0). Free the response in any
 * case. */
bool client_receive(struct http_client *c, struct http_response *r, bool head);
/* Sends a request (connecting first when closed) and reads its answer. headers: whole lines with \r\n, or NULL. */
bool client_request(struct http_client *c, const char *method, const char *path, const char *headers, const char *body,
                    struct http_response *r);
void response_free(struct http_response *r);
/* The value of a header into room; "" when there is none. */
const char *response_header(const struct http_response *r, const char *name, char *room, size_t room_bytes);

#endif
