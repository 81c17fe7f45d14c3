/* api/http_server.h - HTTP over libmicrohttpd: sockets, deadlines, bodies; what a request means is the router's.
 * Polling mode: one internal thread with poll(). libmicrohttpd 0.9.75 with epoll stalls for seconds when exactly k *
 * 128 connections are ready (a full event array is taken for "more to come" and edge-triggered readiness is lost);
 * poll() has no such array. One thread suffices because no handler blocks: it parses, hands over and suspends.
 * What must stay true: a connection is suspended before anybody else learns of its exchange, and resumed exactly once;
 * every state of a connection but "we work on it" has a deadline, measured from its beginning, so a slow sender or
 * reader cannot hold it. */
#ifndef ORDERTAPE_API_HTTP_SERVER_H
#define ORDERTAPE_API_HTTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct MHD_Daemon;
struct server;

enum {
    CONNECTION_IDLE_MS_MAX = 60000, /* from accept or the end of an answer to the next request line */
    ANSWER_MS_MAX = 30000,          /* to take the answer */
};

/* One open connection, as the sweep sees it. */
struct watch {
    struct watch *next, *prev;
    int fd;
    _Atomic int64_t deadline_ns; /* monotonic; INT64_MAX: none */
};

struct http_server {
    struct server *server;
    struct MHD_Daemon *daemon;
    int listen_fd;
    uint16_t port;
    int64_t started_ns;          /* real time */
    _Atomic uint64_t requests;   /* that were given a request id here */
    pthread_mutex_t lock; /* of the list */
    struct watch *watches;
    _Atomic uint32_t exchanges_open; /* requests begun and not yet answered to the end */
};

/* Binds and serves. 0, or ERR_IO / ERR_USAGE with why (256 bytes). */
int http_start(struct http_server *h, struct server *server, const char *address, uint16_t port,
               uint32_t connections_max, char *why);
/* Ends connections whose deadline has passed. Call a few times a second. */
void http_sweep(struct http_server *h, int64_t now_ns);
/* No new connections from here on. */
void http_quiesce(struct http_server *h);
uint32_t http_exchanges_open(struct http_server *h);
/* Every exchange must have been resumed. */
void http_stop(struct http_server *h);

#endif
