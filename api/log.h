/* api/log.h - what the process says to its operator: one line an event on stderr, written whole.
 *   2026-01-02T03:04:05.678Z INFO listening address=127.0.0.1 port=8080
 * The text is a constant; what varies follows as key=value (text values quoted by the caller when they may hold
 * spaces). */
#ifndef ORDERTAPE_API_LOG_H
#define ORDERTAPE_API_LOG_H

enum log_level { LOG_INFO = 1, LOG_WARN = 2, LOG_ERROR = 3 };

/* format may be NULL or "" when there is nothing to add. Any thread. */
void log_line(enum log_level level, const char *text, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
