/* api/http_server.c - see http_server.h. The life of a request, as libmicrohttpd calls it, all on its one thread:
 *   request_line (allocates the exchange) -> access (headers) -> access (body)* -> access (whole: run)
 *   -> [suspended, resumed: access]* -> response queued -> completed (frees the exchange) */
#include "api/http_server.h"

#include <errno.h>
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/clock.h"
#include "api/exchange.h"
#include "api/http_guard.h"
#include "core/error.h"

/* A chunked body does not say its length: what is above the limit is thrown away up to here, so that 413 can be said;
 * then we hang up. */
enum { BODY_DISCARD_BYTES_MAX = 8 * 1024 * 1024, BODY_ROOM_FIRST = 1024, LISTEN_BACKLOG = 1024 };

static void deadline_in(struct watch *w, int64_t ms)
{
    atomic_store_explicit(&w->deadline_ns, ms == INT64_MAX ? INT64_MAX : clock_monotonic_ns(NULL) + ms * NS_PER_MS,
                          memory_order_relaxed);
}

static struct watch *connection_watch(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void connection_opened(struct http_server *h, struct MHD_Connection *c, void **context)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct watch *w = info == NULL ? NULL : calloc(1, sizeof *w);
    *context = w;
    if (w == NULL) return; /* its requests are refused */
    w->fd = info->connect_fd;
    deadline_in(w, CONNECTION_IDLE_MS_MAX);
    (void)pthread_mutex_lock(&h->lock);
    w->next = h->watches;
    if (w->next != NULL) w->next->prev = w;
    h->watches = w;
    (void)pthread_mutex_unlock(&h->lock);
    metric_add(&h->server->metrics.connections, 1);
}

/* Comes before the socket is closed: after it the sweep cannot touch a descriptor that means something else by then. */
static void connection_closed(struct http_server *h, void **context)
{
    struct watch *w = *context;
    if (w == NULL) return;
    (void)pthread_mutex_lock(&h->lock);
    if (w->next != NULL) w->next->prev = w->prev;
    if (w->prev != NULL)
        w->prev->next = w->next;
    else
        h->watches = w->next;
    (void)pthread_mutex_unlock(&h->lock);
    free(w);
    *context = NULL;
    metric_add(&h->server->metrics.connections, UINT64_MAX);
}

static void on_connection(void *arg, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connection_opened(arg, c, context);
    else
        connection_closed(arg, context);
}

void http_sweep(struct http_server *h, int64_t now_ns)
{
    (void)pthread_mutex_lock(&h->lock);
    for (struct watch *w = h->watches; w != NULL; w = w->next) {
        if (atomic_load_explicit(&w->deadline_ns, memory_order_relaxed) > now_ns) continue;
        /* The HTTP thread sees the end of the stream and cleans up; a socket that is gone already is fine. */
        (void)shutdown(w->fd, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void *on_request_line(void *arg, const char *uri, struct MHD_Connection *c)
{
    struct http_server *h = arg;
    struct watch *w = connection_watch(c);
    struct exchange *x = w == NULL ? NULL : exchange_new(h->server, c, uri);
    if (x == NULL) return NULL;
    x->watch = w;
    deadline_in(w, h->server->options->request_timeout_ms);
    atomic_fetch_add(&h->exchanges_open, 1);
    return x;
}

static void on_completed(void *arg, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode code)
{
    struct http_server *h = arg;
    struct exchange *x = *context;
    (void)c;
    (void)code;
    *context = NULL;
    if (x == NULL) return;
    deadline_in(x->watch, CONNECTION_IDLE_MS_MAX);
    if (x->answered) metrics_http(&h->server->metrics, x->route_index, x->status);
    exchange_free(x);
    atomic_fetch_sub(&h->exchanges_open, 1);
}

static void header(struct MHD_Response *r, const char *name, const char *value)
{
    /* Fails for want of memory only: an answer without a header is still true. */
    (void)MHD_add_response_header(r, name, value);
}

static void add_headers(struct exchange *x, struct MHD_Response *r)
{
    char number[24];
    const char *json_type = x->is_problem ? "application/problem+json" : "application/json";
    header(r, MHD_HTTP_HEADER_CONTENT_TYPE, x->content_type != NULL ? x->content_type : json_type);
    if (x->origin.request_id[0] != '\0') header(r, "X-Request-Id", x->origin.request_id);
    if (x->replayed && x->status < 500) header(r, "Idempotent-Replayed", "true");
    if (x->seq != 0) {
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)x->seq);
        header(r, "X-Seq", number);
    }
    if (x->retry_after_s != 0) {
        (void)snprintf(number, sizeof number, "%u", x->retry_after_s);
        header(r, MHD_HTTP_HEADER_RETRY_AFTER, number);
    }
    if (x->location[0] != '\0') header(r, MHD_HTTP_HEADER_LOCATION, x->location);
    if (x->status == 405) header(r, MHD_HTTP_HEADER_ALLOW, x->allow);
    if (x->close) header(r, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_answer(struct exchange *x)
{
    size_t len = x->bytes_len;
    const void *bytes = x->bytes;
    if (bytes == NULL && x->json != NULL) bytes = json_bytes(x->json, &len);
    if (bytes == NULL) {
        /* No memory for the document. */
        x->status = 503;
        bytes = "";
        len = 0;
    }
    /* Copied: the exchange may be freed before libmicrohttpd lets go of the response. */
    struct MHD_Response *r = MHD_create_response_from_buffer(len, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    if (r == NULL) return MHD_NO;
    add_headers(x, r);
    deadline_in(x->watch, ANSWER_MS_MAX);
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned)x->status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result refuse(struct exchange *x, int status, const char *code, const char *detail)
{
    x->close = true;
    exchange_problem(x, status, code, "%s", detail);
    return send_answer(x);
}

/* The headers are here: what can be refused without the body is refused now. */
static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
    uint64_t length = 0;
    const char *why = NULL;
    if (!http_guard(x->connection, version, &length, &why)) return refuse(x, 400, "MALFORMED", why);
    if (!origin_read(x)) return refuse(x, 400, "MALFORMED", "X-Actor: not a name (1 to 23 printable characters)");
    if (x->url_result == URL_TOO_LONG)
        return refuse(x, 414, "URI_TOO_LONG", "the request target is longer than 2048 bytes");
    if (x->url_result != URL_GOOD) return refuse(x, 400, "MALFORMED", "the request target is not one");
    if (length != UINT64_MAX && length > JSON_BODY_BYTES_MAX)
        return refuse(x, 413, "TOO_LARGE", "a body holds at most 4 MiB");
    uint32_t count = 0;
    const struct route *table = router_table(&count);
    if (router_match(method, &x->url, &x->route_index, x->allow) == ROUTE_FOUND) x->route = &table[x->route_index];
    x->next = exchange_dispatch;
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *len)
{
    size_t taken = *len;
    *len = 0;
    x->body_seen += taken;
    if (x->body_seen > JSON_BODY_BYTES_MAX) return x->body_seen > BODY_DISCARD_BYTES_MAX ? MHD_NO : MHD_YES;
    if (taken > x->body_room - x->body_bytes) {
        size_t room = x->body_room == 0 ? BODY_ROOM_FIRST : x->body_room;
        while (room < x->body_bytes + taken) room *= 2;
        char *grown = realloc(x->body, room);
        if (grown == NULL) return MHD_NO;
        x->body = grown;
        x->body_room = room;
    }
    memcpy(x->body + x->body_bytes, data, taken);
    x->body_bytes += taken;
    return MHD_YES;
}

static enum MHD_Result on_access(void *arg, struct MHD_Connection *c, const char *url, const char *method,
                                 const char *version, const char *upload_data, size_t *upload_data_size, void **context)
{
    struct exchange *x = *context;
    (void)arg;
    (void)c;
    (void)url;
    if (x == NULL) return MHD_NO; /* no memory for it */
    if (!x->begun) {
        x->begun = true;
        return begin(x, method, version);
    }
    if (*upload_data_size > 0) return take_body(x, upload_data, upload_data_size);
    if (x->body_seen > JSON_BODY_BYTES_MAX) return refuse(x, 413, "TOO_LARGE", "a body holds at most 4 MiB");
    deadline_in(x->watch, INT64_MAX);
    return exchange_run(x) ? send_answer(x) : MHD_YES;
}

/* A socket of our own rather than the library's: it says which call failed and why. */
static int listen_on(struct http_server *h, const char *address, uint16_t port, char *why)
{
    char service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    (void)snprintf(service, sizeof service, "%u", port);
    int bad = getaddrinfo(address, service, &hints, &found);
    if (bad != 0) {
        (void)snprintf(why, 256, "%.100s: %s", address, gai_strerror(bad));
        return ERR_USAGE;
    }
    int one = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0;
    freeaddrinfo(found);
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } bound = {0};
    socklen_t bound_len = sizeof bound;
    if (good) good = getsockname(fd, &bound.any, &bound_len) == 0;
    if (!good) {
        (void)snprintf(why, 256, "%.100s port %u: %s", address, port, strerror(errno));
        if (fd >= 0) (void)close(fd);
        return ERR_IO;
    }
    h->listen_fd = fd;
    h->port = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
    return 0;
}

int http_start(struct http_server *h, struct server *server, const char *address, uint16_t port,
               uint32_t connections_max, char *why)
{
    *h = (struct http_server){.server = server, .started_ns = clock_real_ns(NULL)};
    if (pthread_mutex_init(&h->lock, NULL) != 0) return ERR_NO_MEMORY;
    int failed = listen_on(h, address, port, why);
    if (failed != 0) return failed;
    h->daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, port, NULL, NULL, on_access, h,
        MHD_OPTION_LISTEN_SOCKET, h->listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)connections_max,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (h->daemon != NULL) return 0;
    (void)snprintf(why, 256, "the HTTP server could not start: %s", strerror(errno));
    (void)close(h->listen_fd);
    return ERR_IO;
}

void http_quiesce(struct http_server *h)
{
    MHD_socket fd = MHD_quiesce_daemon(h->daemon);
    if (fd != MHD_INVALID_SOCKET) (void)close(fd);
}

uint32_t http_exchanges_open(struct http_server *h)
{
    return atomic_load(&h->exchanges_open);
}

void http_stop(struct http_server *h)
{
    MHD_stop_daemon(h->daemon);
    (void)pthread_mutex_destroy(&h->lock);
}
