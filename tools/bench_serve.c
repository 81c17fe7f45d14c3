/* tools/bench_serve.c - the whole way: HTTP over loopback, a closed loop a connection (the next request follows the answer), so a
 * latency is what a caller waits for a durable order. One thread a connection, blocking: simple, and never the bottleneck
 * at the few hundred connections this is for. Without --url it starts a server of its own on a temporary data directory. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/temp_dir.h"

enum { CONNECTIONS_MAX = 1024, REQUEST_BYTES = 1024, ANSWER_BYTES = 16384, LATENCIES_MAX = 1000000, START_TRIES = 200 };

struct target {
    char host[256], port[8];
    pid_t server; /* ours; 0: somebody else's */
};

struct caller {
    const struct target *target;
    pthread_t thread;
    unsigned number;
    int64_t until_ns;
    struct latencies latencies;
    uint64_t refused;
    int error;
};

static int dial(const struct target *t)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int one = 1;
    if (getaddrinfo(t->host, t->port, &hints, &found) != 0) return -1;
    int fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The bytes of the whole answer, once its head is there and its length is known; 0: more must come. */
static size_t answer_length(const char *bytes)
{
    const char *head_end = strstr(bytes, "\r\n\r\n");
    if (head_end == NULL) return 0;
    const char *length = strcasestr(bytes, "\r\nContent-Length:");
    if (length == NULL || length > head_end) return 0;
    return (size_t)(head_end + 4 - bytes) + strtoull(length + 17, NULL, 10);
}

/* One request and its whole answer. Returns the status, or -1. */
static int ask(int fd, const char *method, const char *path, const char *body)
{
    char request[REQUEST_BYTES], answer[ANSWER_BYTES];
    int len = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: bench\r\nContent-Length: %zu\r\n\r\n%s",
                       method, path, strlen(body), body);
    if (len < 0 || (size_t)len >= sizeof request || send(fd, request, (size_t)len, MSG_NOSIGNAL) != len) return -1;
    size_t got = 0, want = 0;
    while (want == 0 || got < want) {
        ssize_t more = recv(fd, answer + got, sizeof answer - 1 - got, 0);
        if (more <= 0) return -1;
        got += (size_t)more;
        answer[got] = '\0';
        if (want == 0) want = answer_length(answer);
        if (want >= sizeof answer) return -1;
    }
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

static void *call(void *arg)
{
    struct caller *c = arg;
    char body[256];
    int fd = dial(c->target);
    if (fd < 0) c->error = ERR_IO;
    for (uint64_t i = 0; fd >= 0 && c->error == 0; i++) {
        int64_t before = bench_now_ns();
        if (before >= c->until_ns) break;
        snprintf(body, sizeof body,
                 "{\"account\":\"bench\",\"symbol\":\"BENCH\",\"side\":\"%s\",\"quantity\":1,\"price\":\"%u.%02u\","
                 "\"tif\":\"GTC\"}",
                 (i + c->number) % 2 == 0 ? "BUY" : "SELL", 100u, c->number % 100);
        int status = ask(fd, "POST", "/api/v1/orders", body);
        if (status < 0)
            c->error = ERR_IO;
        else if (status != 201)
            c->refused++;
        else
            latencies_add(&c->latencies, bench_now_ns() - before);
    }
    if (fd >= 0) close(fd);
    return NULL;
}

/* --- the server --- */

static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    int port = -1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(fd, (struct sockaddr *)&a, &len) == 0)
        port = ntohs(a.sin_port);
    close(fd);
    return port;
}

static bool answers(const struct target *t)
{
    int fd = dial(t);
    if (fd < 0) return false;
    int status = ask(fd, "GET", "/readyz", "");
    close(fd);
    return status == 200;
}

static int start_server(struct target *t, const char *data_dir)
{
    char listen_at[64];
    int port = free_port();
    if (port < 0) return ERR_IO;
    snprintf(t->host, sizeof t->host, "127.0.0.1");
    snprintf(t->port, sizeof t->port, "%u", (unsigned)(uint16_t)port);
    snprintf(listen_at, sizeof listen_at, "127.0.0.1:%s", t->port);
    t->server = fork();
    if (t->server < 0) return ERR_IO;
    if (t->server == 0) {
        execl("/proc/self/exe", "ordertape", "serve", "--data-dir", data_dir, "--listen", listen_at, (char *)NULL);
        _exit(EXIT_CANNOT);
    }
    for (int i = 0; i < START_TRIES; i++) {
        if (answers(t)) return 0;
        usleep(50000);
    }
    return ERR_IO;
}

static int stop_server(const struct target *t)
{
    int status;
    if (t->server == 0) return 0;
    if (kill(t->server, SIGTERM) != 0 || waitpid(t->server, &status, 0) != t->server) return ERR_IO;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ERR_IO;
}

static int parse_url(struct target *t, const char *url)
{
    int end = 0;
    if (sscanf(url, "http://%255[^:/]:%7[0-9]%n", t->host, t->port, &end) != 2) return ERR_USAGE;
    return url[end] == '\0' || strcmp(url + end, "/") == 0 ? 0 : ERR_USAGE;
}

static int set_up(const struct target *t)
{
    static const char *const requests[][3] = {
        {"PUT", "/api/v1/instruments/BENCH", "{\"currency\":\"USD\"}"},
        {"PUT", "/api/v1/accounts/bench", "{\"type\":\"MARGIN\",\"leverage\":\"10\",\"allow_short\":true}"},
        {"POST", "/api/v1/accounts/bench/cash", "{\"currency\":\"USD\",\"amount\":\"1000000000\"}"},
    };
    int fd = dial(t);
    if (fd < 0) return ERR_IO;
    int error = 0;
    for (size_t i = 0; i < OPTIONS_COUNT(requests) && error == 0; i++) {
        int status = ask(fd, requests[i][0], requests[i][1], requests[i][2]);
        if (status != 200 && status != 201) error = ERR_IO;
    }
    close(fd);
    return error;
}

/* --- the measurement --- */

static int collect(struct caller *callers, uint64_t count, struct latencies *all, uint64_t *refused)
{
    int error = latencies_init(all, LATENCIES_MAX);
    for (uint64_t i = 0; i < count; i++) {
        for (size_t k = 0; error == 0 && k < callers[i].latencies.count; k++)
            latencies_add(all, callers[i].latencies.ns[k]);
        *refused += callers[i].refused;
        if (error == 0) error = callers[i].error;
        latencies_free(&callers[i].latencies);
    }
    if (error == 0) latencies_sort(all);
    return error;
}

static int load(const struct target *t, uint64_t seconds, const struct bench_serve_options *o, struct latencies *all,
                uint64_t *refused)
{
    struct caller *callers = calloc(o->connections, sizeof *callers);
    if (callers == NULL) return ERR_NO_MEMORY;
    int64_t until_ns = bench_now_ns() + (int64_t)seconds * 1000000000;
    uint64_t started = 0;
    int error = 0;
    for (; started < o->connections && error == 0; started++) {
        struct caller *c = &callers[started];
        *c = (struct caller){.target = t, .number = (unsigned)started, .until_ns = until_ns};
        error = latencies_init(&c->latencies, LATENCIES_MAX / o->connections);
        if (error == 0 && pthread_create(&c->thread, NULL, call, c) != 0) error = ERR_NO_MEMORY;
        if (error != 0) break;
    }
    for (uint64_t i = 0; i < started; i++) pthread_join(callers[i].thread, NULL);
    int collect_error = collect(callers, started, all, refused);
    free(callers);
    return error != 0 ? error : collect_error;
}

static int print_result(const struct bench *b, const struct bench_serve_options *o, const struct latencies *l,
                        uint64_t refused)
{
    double rate = (double)l->count / (double)b->seconds;
    if (!b->json) {
        printf("workload  POST /api/v1/orders over %" PRIu64 " connections for %" PRIu64
               " s, each waits for its answer\n",
               o->connections, b->seconds);
        printf("rate      %.0f orders/s, %" PRIu64 " refused\n", rate, refused);
        printf("latency   p50 %.1f us, p99 %.1f us, p99.9 %.1f us\n", latencies_at(l, 500) / 1e3,
               latencies_at(l, 990) / 1e3, latencies_at(l, 999) / 1e3);
        return EXIT_GOOD;
    }
    struct json *j = json_new();
    if (j == NULL) return console_fail(b->name, "no memory");
    json_object_begin(j);
    json_key(j, "bench"), json_string(j, "serve");
    json_key(j, "connections"), json_u64(j, o->connections);
    json_key(j, "commands_per_second"), json_fraction(j, rate, 0);
    json_key(j, "refused"), json_u64(j, refused);
    json_key(j, "ns_p50"), json_u64(j, latencies_at(l, 500));
    json_key(j, "ns_p99"), json_u64(j, latencies_at(l, 990));
    json_key(j, "ns_p999"), json_u64(j, latencies_at(l, 999));
    json_object_end(j);
    int code = console_json(b->name, j);
    json_free(j);
    return code;
}

static int measure(const struct bench *b, const struct bench_serve_options *o, const struct target *t)
{
    struct latencies all = {0};
    uint64_t refused = 0;
    int error = set_up(t);
    if (error == 0) error = load(t, b->seconds, o, &all, &refused);
    int code = error == 0
                   ? print_result(b, o, &all, refused)
                   : console_fail(b->name, "the server at http://%s:%s did not answer as it should", t->host, t->port);
    latencies_free(&all);
    return code;
}

int bench_serve(const struct bench *b, const struct bench_serve_options *o)
{
    struct target t = {0};
    struct temp_dir temp;
    if (o->connections < 1 || o->connections > CONNECTIONS_MAX)
        return console_fail(b->name, "--connections is 1 to %d", CONNECTIONS_MAX);
    if (o->url != NULL) {
        if (parse_url(&t, o->url) != 0) return console_fail(b->name, "--url is http://HOST:PORT, not '%s'", o->url);
        return measure(b, o, &t);
    }
    if (temp_dir_make(&temp, b->data_dir) != 0)
        return console_fail(b->name, "cannot make a directory in %s", b->data_dir);
    int code = start_server(&t, temp.path) == 0 ? measure(b, o, &t) : console_fail(b->name, "the server did not start");
    if (stop_server(&t) != 0) code = console_fail(b->name, "the server did not stop cleanly");
    if (temp_dir_remove(&temp) != 0) return console_fail(b->name, "cannot remove %s", temp.path);
    return code;
}
