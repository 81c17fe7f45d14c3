/* tools/cmd_serve.c - `ordertape serve`: options, then api/serve.h. What is said later wins: defaults, the file, the
 * environment, the command line. */
#include <stdio.h>
#include <string.h>

#include "api/serve.h"
#include "tools/cmd.h"
#include "tools/console.h"
#include "tools/options.h"

static int parse_listen(struct serve_options *o, const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    if (colon == NULL || !u64_from_text(colon + 1, &port) || port > UINT16_MAX)
        return console_fail("serve", "--listen needs ADDR:PORT, not '%s'", text);
    size_t len = (size_t)(colon - text);
    if (len == 0 || len >= sizeof o->listen_address) return console_fail("serve", "--listen has no usable address");
    memcpy(o->listen_address, text, len);
    o->listen_address[len] = '\0';
    o->listen_port = (uint16_t)port;
    return 0;
}

static int parse_sync(struct serve_options *o, const char *text)
{
    static const char interval[] = "interval:";
    uint64_t interval_ms;
    if (strcmp(text, "always") == 0) {
        o->sync = SYNC_ALWAYS;
    } else if (strcmp(text, "none") == 0) {
        o->sync = SYNC_NONE;
    } else if (strncmp(text, interval, sizeof interval - 1) == 0 &&
               u64_from_text(text + sizeof interval - 1, &interval_ms) && interval_ms >= 1 && interval_ms <= 60000) {
        o->sync = SYNC_INTERVAL;
        o->sync_interval_ns = (int64_t)interval_ms * 1000000;
    } else {
        return console_fail("serve", "--sync is always, none or interval:MS (1 to 60000), not '%s'", text);
    }
    return 0;
}

static int parse_setting(struct serve_options *o, const char *name, const char *text)
{
    char why[SERVE_WHY_BYTES] = "";
    return serve_options_set(o, name, text, why) == 0 ? 0 : console_fail("serve", "%s", why);
}

static int configure(struct serve_options *o, const char *config)
{
    char why[512] = "";
    serve_options_default(o);
    if (config != NULL && serve_options_load(o, config, why) != 0) return console_fail("serve", "%s", why);
    if (serve_options_environment(o, why) != 0) return console_fail("serve", "%s", why);
    return 0;
}

int cmd_serve(int argc, char **argv)
{
    struct serve_options o;
    const char *config = NULL, *listen = NULL, *sync = NULL, *margin_check = NULL;
    bool accept_time_jump = false;
    const struct option options[] = {
        {"config", OPTION_TEXT, &config, NULL, "FILE", "a YAML file with any of docs/API.md's settings"},
        {"listen", OPTION_TEXT, &listen, NULL, "ADDR:PORT",
         "where to answer HTTP (default: 127.0.0.1:8080; port 0: any)"},
        {"sync", OPTION_TEXT, &sync, NULL, "MODE", "always (default), interval:MS or none: when an answer is durable"},
        {"margin-check-seconds", OPTION_TEXT, &margin_check, NULL, "N",
         "compares equity with margin this often (default: 0, never)"},
        {"accept-time-jump", OPTION_FLAG, &accept_time_jump, NULL, NULL, "go on with a tape that ends over 7 days ago"},
    };
    struct command_line line = {.command = "serve",
                                .summary = "runs the order service until SIGTERM or Ctrl-C",
                                .options = options,
                                .options_count = OPTIONS_COUNT(options),
                                .examples = "  ordertape serve\n"
                                            "  ordertape serve --data-dir /var/lib/ordertape --listen 0.0.0.0:8080\n"
                                            "  ordertape serve --sync interval:5\n"};
    int code = command_line_parse(&line, argc, argv);
    if (code >= 0) return code;
    code = configure(&o, config);
    if (code == 0 && listen != NULL) code = parse_listen(&o, listen);
    if (code == 0 && sync != NULL) code = parse_sync(&o, sync);
    if (code == 0 && margin_check != NULL) code = parse_setting(&o, "margin_check_seconds", margin_check);
    if (code != 0) return code;
    if ((line.data_dir_given || o.data_dir[0] == '\0') &&
        (size_t)snprintf(o.data_dir, sizeof o.data_dir, "%s", line.data_dir) >= sizeof o.data_dir)
        return console_fail("serve", "the path %s is too long", line.data_dir);
    if (accept_time_jump) o.accept_time_jump = true;
    return serve_run(&o);
}
