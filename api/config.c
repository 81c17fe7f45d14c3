/* api/config.c - where serve_options come from: defaults, then a YAML file, then ORDERTAPE_* variables, then the
 * command line.
 * What must stay true: every source sets a field through serve_options_set, so a value is judged the same wherever it
 * stands; a name that is not known is refused (in the file by libcyaml, which names the line). */
#include "api/serve.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/connectors/connectors.h"
#include "core/error.h"

/* The fields that are not limits, in the order docs and messages name them. */
#define FIELDS(X)                                                                                                      \
    X(data_dir)                                                                                                        \
    X(listen)                                                                                                          \
    X(sync)                                                                                                            \
    X(accept_time_jump)                                                                                                \
    X(queue_max)                                                                                                       \
    X(connections_max)                                                                                                 \
    X(request_timeout_ms)                                                                                              \
    X(snapshot_every_commands)                                                                                         \
    X(end_of_day_utc)                                                                                                  \
    X(margin_check_seconds)                                                                                            \
    X(connectors)                                                                                                      \
    X(connector_seed)                                                                                                  \
    X(connector_faults_percent)

void serve_options_default(struct serve_options *o)
{
    *o = (struct serve_options){
        .data_dir = "data",
        .listen_address = "127.0.0.1",
        .listen_port = 8080,
        .sync = SYNC_ALWAYS,
        .queue_max = 16384,
        .connections_max = 1024,
        .request_timeout_ms = 10000,
        .end_of_day_utc = "00:00",
        .connectors = (1u << CONNECTORS_MAX) - 1,
        .connector_seed = 1,
        .limits = limits_default(),
    };
}

static int refuse(char *why, const char *name, const char *value, const char *wanted)
{
    (void)snprintf(why, SERVE_WHY_BYTES, "%s: \"%.120s\" is not %s", name, value, wanted);
    return ERR_USAGE;
}

static bool number_from_text(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    if (text[0] < '0' || text[0] > '9') return false;
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max) return false;
    *out = value;
    return true;
}

static int set_number(uint64_t *out, uint64_t min, uint64_t max, const char *name, const char *value, char *why)
{
    if (number_from_text(value, min, max, out)) return 0;
    char wanted[80];
    (void)snprintf(wanted, sizeof wanted, "a whole number from %llu to %llu", (unsigned long long)min,
                   (unsigned long long)max);
    return refuse(why, name, value, wanted);
}

static int set_u32(uint32_t *out, uint32_t min, uint32_t max, const char *name, const char *value, char *why)
{
    uint64_t number = 0;
    int failed = set_number(&number, min, max, name, value, why);
    if (failed == 0) *out = (uint32_t)number;
    return failed;
}

static int set_text(char *out, size_t room, const char *name, const char *value, char *why)
{
    if (value[0] == '\0' || strlen(value) >= room) return refuse(why, name, value, "a text of a length that fits");
    memcpy(out, value, strlen(value) + 1);
    return 0;
}

/* "127.0.0.1:8080", "[::1]:8080", ":0" (the default address). */
static int set_listen(struct serve_options *o, const char *value, char *why)
{
    const char *wanted = "ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080";
    const char *colon = strrchr(value, ':');
    uint64_t port = 0;
    if (colon == NULL || !number_from_text(colon + 1, 0, UINT16_MAX, &port))
        return refuse(why, "listen", value, wanted);
    const char *first = value;
    const char *end = colon;
    if (end > first + 1 && *first == '[' && end[-1] == ']') {
        first++;
        end--;
    }
    size_t len = (size_t)(end - first);
    if (len >= sizeof o->listen_address) return refuse(why, "listen", value, wanted);
    if (len > 0) {
        memcpy(o->listen_address, first, len);
        o->listen_address[len] = '\0';
    }
    o->listen_port = (uint16_t)port;
    return 0;
}

static int set_sync(struct serve_options *o, const char *value, char *why)
{
    uint64_t ms = 0;
    if (strcmp(value, "always") == 0) {
        o->sync = SYNC_ALWAYS;
    } else if (strcmp(value, "none") == 0) {
        o->sync = SYNC_NONE;
    } else if (strncmp(value, "interval:", 9) == 0 && number_from_text(value + 9, 1, 60000, &ms)) {
        o->sync = SYNC_INTERVAL;
        o->sync_interval_ns = (int64_t)ms * 1000000;
    } else {
        return refuse(why, "sync", value, "always, interval:MS (1 to 60000) or none");
    }
    return 0;
}

static int set_bool(bool *out, const char *name, const char *value, char *why)
{
    if (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0) {
        *out = true;
    } else if (strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0) {
        *out = false;
    } else {
        return refuse(why, name, value, "true or false");
    }
    return 0;
}

static int set_end_of_day(struct serve_options *o, const char *value, char *why)
{
    if (value[0] == '\0' || strcmp(value, "never") == 0) {
        o->end_of_day_utc[0] = '\0';
        return 0;
    }
    bool good = strlen(value) == 5 && value[2] == ':';
    for (int i = 0; good && i < 5; i++) good = i == 2 || (value[i] >= '0' && value[i] <= '9');
    if (!good || memcmp(value, "23", 2) > 0 || value[3] > '5')
        return refuse(why, "end_of_day_utc", value, "HH:MM or never");
    memcpy(o->end_of_day_utc, value, 6);
    return 0;
}

static int set_connectors(struct serve_options *o, const char *value, char *why)
{
    if (connectors_from_text(value, &o->connectors)) return 0;
    return refuse(why, "connectors", value, "zerodha_sim, alpaca_sim, both with a comma between them, or none");
}

int serve_options_set(struct serve_options *o, const char *name, const char *value, char *why)
{
    if (strcmp(name, "data_dir") == 0) return set_text(o->data_dir, sizeof o->data_dir, name, value, why);
    if (strcmp(name, "listen") == 0) return set_listen(o, value, why);
    if (strcmp(name, "sync") == 0) return set_sync(o, value, why);
    if (strcmp(name, "accept_time_jump") == 0) return set_bool(&o->accept_time_jump, name, value, why);
    if (strcmp(name, "queue_max") == 0) return set_u32(&o->queue_max, 1, 1048576, name, value, why);
    if (strcmp(name, "connections_max") == 0) return set_u32(&o->connections_max, 1, 65536, name, value, why);
    if (strcmp(name, "request_timeout_ms") == 0) return set_u32(&o->request_timeout_ms, 100, 600000, name, value, why);
    if (strcmp(name, "snapshot_every_commands") == 0)
        return set_number(&o->snapshot_every_commands, 0, UINT64_MAX / 2, name, value, why);
    if (strcmp(name, "end_of_day_utc") == 0) return set_end_of_day(o, value, why);
    if (strcmp(name, "margin_check_seconds") == 0) return set_u32(&o->margin_check_seconds, 0, 86400, name, value, why);
    if (strcmp(name, "connectors") == 0) return set_connectors(o, value, why);
    if (strcmp(name, "connector_seed") == 0) return set_number(&o->connector_seed, 0, UINT64_MAX, name, value, why);
    if (strcmp(name, "connector_faults_percent") == 0)
        return set_u32(&o->connector_faults_percent, 0, 100, name, value, why);
#define X(field, def, largest)                                                                                         \
    if (strcmp(name, #field) == 0) return set_u32(&o->limits.field, 1, largest, name, value, why);
    LIMITS(X)
#undef X
    (void)snprintf(why, SERVE_WHY_BYTES, "%.120s: no such setting", name);
    return ERR_USAGE;
}

/* The file's scalars as texts; NULL where the file says nothing. */
struct file_limits {
#define X(field, def, largest) char *field;
    LIMITS(X)
#undef X
};
struct file_options {
#define X(field) char *field;
    FIELDS(X)
#undef X
    struct file_limits *limits;
};

#define OPTIONAL (CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL)
static const cyaml_schema_field_t limits_schema[] = {
#define X(field, def, largest) CYAML_FIELD_STRING_PTR(#field, OPTIONAL, struct file_limits, field, 0, CYAML_UNLIMITED),
    LIMITS(X)
#undef X
        CYAML_FIELD_END,
};
static const cyaml_schema_field_t options_schema[] = {
#define X(field) CYAML_FIELD_STRING_PTR(#field, OPTIONAL, struct file_options, field, 0, CYAML_UNLIMITED),
    FIELDS(X)
#undef X
        CYAML_FIELD_MAPPING_PTR("limits", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file_options, limits,
                                limits_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file_options, options_schema),
};

struct log_capture {
    char text[SERVE_WHY_BYTES];
    size_t used;
};

/* libcyaml logs what it dislikes line by line, the reason first and where it stands after: all of it makes one line. */
static void capture_log(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    struct log_capture *c = ctx;
    if (level < CYAML_LOG_ERROR || c->used + 2 >= sizeof c->text) return;
    int printed = vsnprintf(c->text + c->used, sizeof c->text - c->used, format, args);
    if (printed < 0) return;
    c->used += (size_t)printed < sizeof c->text - c->used ? (size_t)printed : sizeof c->text - c->used - 1;
    for (size_t i = 0; i < c->used; i++) {
        if (c->text[i] == '\n') c->text[i] = ' ';
    }
}

/* The line of the file on which `name:` stands; 0 when it cannot be said. */
static unsigned line_of(const char *file, const char *name)
{
    FILE *in = fopen(file, "re");
    if (in == NULL) return 0;
    char line[1024];
    unsigned number = 0, found = 0;
    size_t len = strlen(name);
    while (found == 0 && fgets(line, sizeof line, in) != NULL) {
        number++;
        const char *first = line + strspn(line, " \t\"'");
        if (strncmp(first, name, len) == 0 && strchr(":\"'", first[len]) != NULL) found = number;
    }
    (void)fclose(in);
    return found;
}

static int set_from_file(struct serve_options *o, const char *file, const char *name, const char *value, char *why)
{
    if (value == NULL) return 0;
    char what[SERVE_WHY_BYTES];
    int failed = serve_options_set(o, name, value, what);
    if (failed != 0) (void)snprintf(why, SERVE_WHY_BYTES, "%.200s: line %u: %.280s", file, line_of(file, name), what);
    return failed;
}

static int take_file(struct serve_options *o, const char *file, const struct file_options *in, char *why)
{
    int failed = 0;
#define X(field)                                                                                                       \
    if (failed == 0) failed = set_from_file(o, file, #field, in->field, why);
    FIELDS(X)
#undef X
    if (in->limits == NULL) return failed;
#define X(field, def, largest)                                                                                         \
    if (failed == 0) failed = set_from_file(o, file, #field, in->limits->field, why);
    LIMITS(X)
#undef X
    return failed;
}

/* libcyaml gives the line of the mapping around a key that it does not know; the key itself says more. */
static void say_load_failed(const char *file, cyaml_err_t bad, const struct log_capture *log, char *why)
{
    char key[64];
    const char *at = strstr(log->text, "Unexpected key: ");
    if (at != NULL && sscanf(at, "Unexpected key: %63s", key) == 1)
        (void)snprintf(why, SERVE_WHY_BYTES, "%.200s: line %u: %s: no such setting", file, line_of(file, key), key);
    else
        (void)snprintf(why, SERVE_WHY_BYTES, "%.200s: %s; %.240s", file, cyaml_strerror(bad), log->text);
}

int serve_options_load(struct serve_options *o, const char *file, char *why)
{
    struct log_capture log = {.used = 0};
    cyaml_config_t config = {.log_fn = capture_log, .log_ctx = &log, .log_level = CYAML_LOG_ERROR, .mem_fn = cyaml_mem};
    struct file_options *in = NULL;
    cyaml_err_t bad = cyaml_load_file(file, &config, &file_schema, (cyaml_data_t **)&in, NULL);
    if (bad != CYAML_OK) {
        say_load_failed(file, bad, &log, why);
        return ERR_USAGE;
    }
    int failed = in == NULL ? 0 : take_file(o, file, in, why);
    (void)cyaml_free(&config, &file_schema, in, 0);
    return failed;
}

static int set_from_environment(struct serve_options *o, const char *variable, const char *name, char *why)
{
    char upper[64];
    size_t i = 0;
    for (; variable[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = (char)(variable[i] >= 'a' && variable[i] <= 'z' ? variable[i] - 'a' + 'A' : variable[i]);
    upper[i] = '\0';
    const char *value = getenv(upper);
    if (value == NULL) return 0;
    char what[SERVE_WHY_BYTES];
    int failed = serve_options_set(o, name, value, what);
    if (failed != 0) (void)snprintf(why, SERVE_WHY_BYTES, "%s: %.400s", upper, what);
    return failed;
}

int serve_options_environment(struct serve_options *o, char *why)
{
    int failed = 0;
#define X(field)                                                                                                       \
    if (failed == 0) failed = set_from_environment(o, "ORDERTAPE_" #field, #field, why);
    FIELDS(X)
#undef X
#define X(field, def, largest)                                                                                         \
    if (failed == 0) failed = set_from_environment(o, "ORDERTAPE_" #field, #field, why);
    LIMITS(X)
#undef X
    return failed;
}
