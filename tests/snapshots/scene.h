/* tests/snapshots/scene.h - a data directory whose command tape is written command by command.
 * What must stay true: commands get the seqs, and after a sweep the CONTINUEs, that a sequencer would give; every
 * block ends with the digest of the state; two scenes told the same have equal commands. A call that fails ends the
 * test. */
#ifndef ORDERTAPE_TESTS_SNAPSHOTS_SCENE_H
#define ORDERTAPE_TESTS_SNAPSHOTS_SCENE_H

#include "journal/data_dir.h"
#include "journal/fold.h"
#include "journal/records.h"
#include "proto/codec.h"
#include "snapshots/snapshot.h"

#define SCENE_BEGIN_NS ((int64_t)1700000000000000000)
#define SCENE_STEP_NS ((int64_t)1000000000)

struct scene {
    /* the operating system's, but nothing waits for the disk: nothing here is about losing power */
    struct storage storage;
    struct data_dir dir;
    char path[256];
    struct tape_writer *writer; /* NULL when closed */
    struct command_encoder *encoder;
    struct fold fold; /* state after the last command */
    uint64_t seq;     /* of the last command */
    int64_t ts_ns;    /* its time; the next one's is SCENE_STEP_NS later */
    uint64_t block_first_seq;
    int64_t block_first_ts_ns;
    uint32_t block_commands_max; /* a block ends by itself after so many */
    bool wrong_digest;           /* the next block names one that is not the state's */
    uint64_t random;
};

/* An empty directory below $TMPDIR or /tmp, its tape open. */
void scene_open(struct scene *s);
/* Closes everything and removes the directory. */
void scene_close(struct scene *s);
/* Ends the block and seals the tape, as a clean stop does; reading goes on. */
void scene_seal(struct scene *s);
/* Ends the block and syncs it. */
void scene_commit(struct scene *s);

/* Gives c the next seq and time, folds it, puts it on the tape. Returns its seq. CONTINUEs that are needed follow. */
uint64_t scene_add(struct scene *s, struct command c);

/* The same with a command that is stamped, and without CONTINUEs. */
void scene_take(struct scene *s, const struct command *c);

/* Small limits, three MARGIN accounts with short selling (ann, bob, cat) with 1,000,000 USD each, instruments ACME
 * and BOLT with a tick of 1 and fees. 9 commands and a multiple of 9 seconds. work_max as given. */
void scene_market(struct scene *s, uint32_t work_max);
enum { SCENE_MARKET_COMMANDS = 9 };

/* Order ids come back. A price of 0 makes it a MARKET order. */
struct command scene_order(const char *account, const char *symbol, int side, int64_t quantity, int64_t price);
/* of ACME, GTC */
uint64_t scene_place(struct scene *s, const char *account, int side, int64_t quantity, int64_t price);
uint64_t scene_cancel(struct scene *s, uint64_t order_id);
uint64_t scene_modify(struct scene *s, uint64_t order_id, int64_t quantity);
struct command scene_mass_cancel(const char *account);
/* Seeded random flow: limit orders of all three accounts on both instruments, some MARKET, icebergs, stops, brackets, GTTs,
 * quotes and orders at the venue QUOTE, some cancels and modifies. */
void scene_flow(struct scene *s, uint32_t commands);

/* The desk: brokers ALPHA (whose fills may be simulated) and BETA, both UP, and a rule that sends ACME to the first of the two
 * that is. 3 commands. */
void scene_desk(struct scene *s);
enum { SCENE_DESK_COMMANDS = 3 };
struct command scene_venue(const char *venue, int venue_state);
/* venue NULL: an operator speaks. Texts are the caller's. */
struct command scene_report(uint64_t order_id, const char *venue, int report, const char *ext_order_id);
struct fill_row scene_fill_row(uint64_t order_id, int64_t quantity, int64_t price, const char *exec_id);
struct command scene_fill(const char *venue, const struct fill_row *rows, uint32_t count);
/* Seeded random flow of the desk after scene_desk: orders at all venues, batches, reports and fills in and out of place, busts
 * and corrections, venues that go down and come up, client order ids, keys, statements. */
void scene_desk_flow(struct scene *s, uint32_t commands);

/* Writes a snapshot of the state as it is (the block is ended first) and returns its seq. */
uint64_t scene_snapshot(struct scene *s);
struct digest scene_digest(struct scene *s);

/* Files: DIR/<part>/<name of the only or last file that ends so>. The bytes are malloc'ed. */
void scene_file(const struct scene *s, const char *part, const char *ending, char room[512]);
uint8_t *scene_read(const char *path, size_t *len_bytes);
void scene_write(const char *path, const uint8_t *bytes, size_t len_bytes);
/* The command tape's last segment is again what it was; writing goes on from there, at the times that follow it. */
void scene_go_back(struct scene *s, const char *path, const uint8_t *bytes, size_t len_bytes);
/* Puts the folder of one scene into another, in place of its own. */
void scene_take_part(struct scene *to, const struct scene *from, const char *part);

#endif
