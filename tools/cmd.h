/* tools/cmd.h - the commands of `ordertape`, one file each (cmd_<name>.c); main.c has the table.
 * Each gets the arguments after its name and returns the process's exit code: 0 good; 1 the answer is bad (verify found
 * damage, a comparison disagrees, a command was refused); 2 it could not run, with one line on stderr that says why. */
#ifndef ORDERTAPE_TOOLS_CMD_H
#define ORDERTAPE_TOOLS_CMD_H

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_CANNOT = 2 };

int cmd_serve(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_cat(int argc, char **argv);
int cmd_book(int argc, char **argv);
int cmd_whatif(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_submit(int argc, char **argv);
int cmd_bench(int argc, char **argv);

#endif
