/* tests/api/load_client.c - orders as fast as they are acknowledged, each acknowledgement noted durably; afterwards,
 * are they all there?
 *   load_client load PORT LOG ROUND        sends until the server goes away; LOG gets one line an acknowledged order:
 *                                          "order_id client_order_id", synced before the next order is sent
 *   load_client check PORT LOG             every line: the order exists under its id, and its client id names that
 *                                          order and no other
 * Exit 0 good, 1 something acknowledged is missing, doubled or different, 2 could not run. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/api/http_client.h"
#include "tests/api/json_look.h"

enum { CONNECTIONS = 16, EXIT_BAD = 1, EXIT_CANNOT = 2 };

static int complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return EXIT_BAD;
}

static bool request(struct http_client *c, const char *method, const char *path, const char *body, int status)
{
    struct http_response r;
    bool good = client_request(c, method, path, NULL, body, &r) && r.status == status;
    response_free(&r);
    return good;
}

static bool make_market(struct http_client *c)
{
    return request(c, "PUT", "/api/v1/instruments/KILL", "{\"currency\":\"USD\",\"tick_size\":\"0.01\",\"lot_size\":1}",
                   200) &&
           request(c, "PUT", "/api/v1/accounts/kill", "{}", 200) &&
           request(c, "POST", "/api/v1/accounts/kill/cash", "{\"currency\":\"USD\",\"amount\":\"1000000\"}", 200);
}

static bool send_order(struct http_client *c, const char *round, unsigned connection, unsigned long number)
{
    char body[256], head[512];
    int body_len = snprintf(
        body, sizeof body,
        "{\"account\":\"kill\",\"symbol\":\"KILL\",\"side\":\"BUY\",\"quantity\":1,\"price\":\"0.01\",\"tif\":\"GTC\","
        "\"client_order_id\":\"%s-%u-%lu\"}",
        round, connection, number);
    int len = snprintf(head, sizeof head, "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s",
                       body_len, body);
    return client_send(c, head, (size_t)len);
}

/* What one turn acknowledged, written at once before the next order is sent. */
struct notes {
    char text[CONNECTIONS * 128];
    size_t used;
};

/* False: the server is gone. */
static bool note_answer(struct http_client *c, struct notes *n, const char *round, unsigned connection,
                        unsigned long number, bool *bad)
{
    struct http_response r;
    char id[32];
    bool answered = client_receive(c, &r, false);
    if (answered && r.status == 201) {
        n->used += (size_t)snprintf(n->text + n->used, sizeof n->text - n->used, "%s %s-%u-%lu\n",
                                    json_look(r.body, "order_id", id, sizeof id), round, connection, number);
    } else if (answered && r.status != 503) {
        *bad = true;
        (void)complain("an order was answered %d: %s", r.status, r.body);
    }
    response_free(&r);
    return answered && !*bad;
}

static int load(uint16_t port, const char *log_path, const char *round)
{
    static struct http_client clients[CONNECTIONS];
    bool gone = false, bad = false;
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_DSYNC | O_CLOEXEC, 0644);
    if (log < 0) return EXIT_CANNOT;
    for (int i = 0; i < CONNECTIONS; i++) {
        if (!client_open(&clients[i], port)) return EXIT_CANNOT;
    }
    if (!make_market(&clients[0])) return EXIT_CANNOT;
    for (unsigned long number = 0; !gone && !bad; number++) {
        struct notes notes = {.used = 0};
        for (unsigned i = 0; i < CONNECTIONS && !gone; i++) gone = !send_order(&clients[i], round, i, number);
        for (unsigned i = 0; i < CONNECTIONS && !bad; i++) {
            if (!note_answer(&clients[i], &notes, round, i, number, &bad)) gone = true;
        }
        bad = bad || write(log, notes.text, notes.used) != (ssize_t)notes.used;
    }
    (void)close(log);
    return bad ? EXIT_BAD : 0;
}

static int check_order(struct http_client *c, const char *id, const char *client_order_id)
{
    char path[256], room[128];
    struct http_response r;
    (void)snprintf(path, sizeof path, "/api/v1/orders/%s", id);
    bool got = client_request(c, "GET", path, NULL, NULL, &r);
    if (!got || r.status != 200)
        return complain("acknowledged order %s (%s) is not there: %d", id, client_order_id, r.status);
    int bad = strcmp(json_look(r.body, "client_order_id", room, sizeof room), client_order_id) != 0
                  ? complain("%s is %s", id, room)
                  : 0;
    response_free(&r);
    (void)snprintf(path, sizeof path, "/api/v1/orders?account=kill&client_order_id=%s", client_order_id);
    if (!client_request(c, "GET", path, NULL, NULL, &r) || r.status != 200)
        return complain("%s cannot be listed", client_order_id);
    if (strcmp(json_look(r.body, "items", room, sizeof room), "[1]") != 0)
        bad = complain("%s is there %s times", client_order_id, room);
    response_free(&r);
    return bad;
}

static int check(uint16_t port, const char *log_path)
{
    struct http_client c;
    char line[256], id[32], client_order_id[96];
    unsigned long count = 0;
    int bad = 0;
    FILE *log = fopen(log_path, "re");
    if (log == NULL || !client_open(&c, port)) return EXIT_CANNOT;
    while (bad == 0 && fgets(line, sizeof line, log) != NULL) {
        if (sscanf(line, "%31s %95s", id, client_order_id) != 2) continue;
        bad = check_order(&c, id, client_order_id);
        count++;
    }
    (void)fclose(log);
    client_close(&c);
    if (bad == 0) (void)printf("%lu acknowledged orders are there, each once\n", count);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "load") == 0) return load((uint16_t)atoi(argv[2]), argv[3], argv[4]);
    if (argc == 4 && strcmp(argv[1], "check") == 0) return check((uint16_t)atoi(argv[2]), argv[3]);
    (void)fprintf(stderr, "load_client load PORT LOG ROUND | load_client check PORT LOG\n");
    return EXIT_CANNOT;
}
