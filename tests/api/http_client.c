/* tests/api/http_client.c - see http_client.h. */
#include "tests/api/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

bool client_open(struct http_client *c, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval hang = {.tv_sec = CLIENT_HANG_S};
    int one = 1;
    c->port = port;
    c->used = 0;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return false;
    if (setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &hang, sizeof hang) == 0 &&
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
        connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0)
        return true;
    client_close(c);
    return false;
}

void client_close(struct http_client *c)
{
    if (c->fd >= 0) (void)close(c->fd);
    c->fd = -1;
    c->used = 0;
}

bool client_send(struct http_client *c, const char *bytes, size_t len_bytes)
{
    while (len_bytes > 0) {
        ssize_t sent = send(c->fd, bytes, len_bytes, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        len_bytes -= (size_t)sent;
    }
    return true;
}

static bool read_more(struct http_client *c)
{
    if (c->used == sizeof c->buffer) return false;
    ssize_t got = recv(c->fd, c->buffer + c->used, sizeof c->buffer - c->used, 0);
    if (got <= 0) return false;
    c->used += (size_t)got;
    return true;
}

static void consume(struct http_client *c, size_t len)
{
    c->used -= len;
    memmove(c->buffer, c->buffer + len, c->used);
}

static bool receive_headers(struct http_client *c, struct http_response *r)
{
    char *end;
    while ((end = memmem(c->buffer, c->used, "\r\n\r\n", 4)) == NULL) {
        if (!read_more(c)) return false;
    }
    size_t len = (size_t)(end - c->buffer) + 4;
    if (len >= sizeof r->headers) return false;
    memcpy(r->headers, c->buffer, len);
    r->headers[len] = '\0';
    consume(c, len);
    return sscanf(r->headers, "HTTP/1.1 %d", &r->status) == 1;
}

static bool receive_body(struct http_client *c, struct http_response *r)
{
    char number[32];
    r->body_bytes = strtoul(response_header(r, "Content-Length", number, sizeof number), NULL, 10);
    r->body = calloc(1, r->body_bytes + 1);
    if (r->body == NULL) return false;
    for (size_t have = 0; have < r->body_bytes;) {
        if (c->used == 0 && !read_more(c)) return false;
        size_t take = c->used < r->body_bytes - have ? c->used : r->body_bytes - have;
        memcpy(r->body + have, c->buffer, take);
        have += take;
        consume(c, take);
    }
    return true;
}

bool client_receive(struct http_client *c, struct http_response *r, bool head)
{
    char connection[32];
    *r = (struct http_response){.status = 0};
    do { /* 100 Continue is not the answer */
        if (!receive_headers(c, r)) {
            r->status = 0;
            client_close(c);
            return false;
        }
    } while (r->status == 100);
    bool whole = head ? (r->body = calloc(1, 1)) != NULL : receive_body(c, r);
    if (!whole) r->status = 0;
    if (!whole || strcasecmp(response_header(r, "Connection", connection, sizeof connection), "close") == 0)
        client_close(c);
    return whole;
}

bool client_request(struct http_client *c, const char *method, const char *path, const char *headers, const char *body,
                    struct http_response *r)
{
    char head[8192];
    *r = (struct http_response){.status = 0};
    if (c->fd < 0 && !client_open(c, c->port)) return false;
    size_t body_bytes = body == NULL ? 0 : strlen(body);
    int len = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s", method, path,
                       headers == NULL ? "" : headers, body == NULL ? "\r\n" : "");
    if (body != NULL)
        len += snprintf(head + len, sizeof head - (size_t)len,
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body_bytes);
    if (!client_send(c, head, (size_t)len) || !client_send(c, body, body_bytes)) {
        client_close(c);
        return false;
    }
    return client_receive(c, r, strcmp(method, "HEAD") == 0);
}

void response_free(struct http_response *r)
{
    free(r->body);
    r->body = NULL;
}

const char *response_header(const struct http_response *r, const char *name, char *room, size_t room_bytes)
{
    size_t len = strlen(name);
    room[0] = '\0';
    for (const char *line = strstr(r->headers, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':') continue;
        const char *value = line + 3 + len;
        value += strspn(value, " ");
        size_t value_len = strcspn(value, "\r");
        if (value_len >= room_bytes) value_len = room_bytes - 1;
        memcpy(room, value, value_len);
        room[value_len] = '\0';
        return room;
    }
    return room;
}
