/* A directory of pairs of FIFOs, N.request and N.reply. Opening one waits for who opens its other end. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pairs.h"
#include "stream.h"

static int make_fifo(const char *path)
{
	return mkfifo(path, 0600);
}

static int open_fifo(const char *path, int flags)
{
	return open(path, flags);
}

static const struct pairs fifos = { "%s/%d.%s", make_fifo, open_fifo, unlink, new_stream, close_stream };

const struct transport fifo_transport = {
	.name = "fifo",
	.serve = serve_pairs,
	.connect = connect_pair,
	.call = send_and_receive,
	.send = stream_send,
	.receive = stream_receive,
	.pairs = &fifos,
};
