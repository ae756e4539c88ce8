/*
 * The floor that binder4j is measured against: the same system calls, and those of other transports, without a JVM.
 *
 *   binder4j-floor serve TRANSPORT ADDRESS THREADS
 *   binder4j-floor call TRANSPORT ADDRESS
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "worker.h"

int main(int argc, char **argv)
{
	/* Else whoever writes to a peer that is gone would end without saying why. */
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5 && strcmp(argv[1], "serve") == 0)
		serve_role(argv[2], argv[3], argv[4]);
	if (argc == 4 && strcmp(argv[1], "call") == 0)
		call_role(argv[2], argv[3]);
	fprintf(stderr, "usage: binder4j-floor serve TRANSPORT ADDRESS THREADS\n"
			"       binder4j-floor call TRANSPORT ADDRESS\n"
			"TRANSPORT  binder, fifo, unix, tcp, mq, shm-futex, shm-spin, gbinder\n"
			"ADDRESS    devices, a directory, a socket's path, HOST:PORT, /NAME, a file in /dev/shm (twice),\n"
			"           DEVICE#SERVICE\n");
	return 2;
}
