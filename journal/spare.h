/* journal/spare.h - the next segment, prepared before it is needed: DIR/spare-next.tmp, full of zeros and synced.
 * What must stay true: spare_take gives a file of exactly the asked size that holds nothing but synced zeros. The
 * maker may use a thread of its own between spare_prepare and spare_take; all functions are called by one thread, the
 * writer's.
 */
#ifndef ORDERTAPE_JOURNAL_SPARE_H
#define ORDERTAPE_JOURNAL_SPARE_H

#include "journal/tape.h"

struct spare;
/* left_over: the name of a spare found in the directory, "" for none. It is used when it is good, else made anew. */
int spare_new(const struct tape_options *o, uint64_t size_bytes, const char *left_over, struct spare **out);
/* Begins to prepare, in the background when the options say so; a no-op when prepared or under way. */
void spare_prepare(struct spare *s);
/* Waits for it, or prepares it now. *path lives as long as s. The file is the caller's: rename it. */
int spare_take(struct spare *s, const char **path);
/* Stops a preparation under way and frees s. A finished spare stays for the next writer. */
void spare_free(struct spare *s);

#endif
