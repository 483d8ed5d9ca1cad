// Package broker connects to NATS, embeds a server where none is configured,
// and knows the topology: which streams, consumers and buckets there are and
// how subjects are spelled.
package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// UnreachableError says the server could not be reached or refused us: not
// our fault, and worth another try later.
type UnreachableError struct {
	URL string
	Err error
}

// Error names the server and what to look at.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("connect to NATS at %s: %v (is the server running, and is nats.url right?)", e.URL, e.Err)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Access is how to reach a server.
type Access struct {
	URL                       string
	Name                      string // shown in the server's connection list
	CredsFile                 string
	CAFile, CertFile, KeyFile string
}

// Connect dials and waits until the connection stands. Afterwards the
// connection repairs itself for ever; what was in flight when it broke is
// given up, because whoever published it has to look at the ledger first.
func Connect(a Access) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name(a.Name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 250*time.Millisecond),
		// No buffering while disconnected: a publish that cannot leave now
		// must fail now, or it would be stored after somebody else's tail read.
		nats.ReconnectBufSize(-1),
		nats.WriteBufferSize(256 << 10),
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.Timeout(5 * time.Second),
		nats.DrainTimeout(5 * time.Second),
		// The library's own handler prints past every log. Whoever has a log
		// sets one; what matters is found out by who waits for an answer.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
		// A private inbox prefix, so that permissions can keep others from
		// reading our replies.
		nats.CustomInboxPrefix("_INBOX_npiflow"),
	}
	if a.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(a.CredsFile))
	}
	if a.CAFile != "" {
		opts = append(opts, nats.RootCAs(a.CAFile))
	}
	if a.CertFile != "" {
		opts = append(opts, nats.ClientCert(a.CertFile, a.KeyFile))
	}
	nc, err := nats.Connect(a.URL, opts...)
	if err != nil {
		return nil, &UnreachableError{a.URL, err}
	}
	return nc, nil
}

// Embedded is a NATS server inside this process.
type Embedded struct{ srv *server.Server }

// Embed starts a server with JetStream on file storage in dir, listening on
// addr ("127.0.0.1:4222"; port 0 picks a free one). always makes every
// confirmed message survive a power failure.
func Embed(dir, addr string, always bool) (*Embedded, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("start the embedded server: nats.listen %q is not host:port: %w", addr, err)
	}
	p, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("start the embedded server: nats.listen %q has no port number: %w", addr, err)
	}
	if p == 0 {
		p = server.RANDOM_PORT
	} else if l, err := net.Listen("tcp", addr); err != nil {
		// The server would only log it and then never be ready.
		return nil, &UnreachableError{"nats://" + addr, fmt.Errorf("the address cannot be listened on: %w; set nats.listen to a free port, or nats.url to the server that is there", err)}
	} else {
		_ = l.Close()
	}
	srv, err := server.NewServer(&server.Options{
		ServerName: "npiflow", Host: host, Port: p,
		JetStream: true, StoreDir: dir, SyncAlways: always,
		NoSigs: true, NoLog: true, MaxPayload: 8 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("start the embedded server in %s: %w", dir, err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(30 * time.Second) {
		srv.Shutdown()
		return nil, fmt.Errorf("start the embedded server in %s: not ready within 30 s (is another process using the folder?)", dir)
	}
	return &Embedded{srv}, nil
}

// URL is where clients reach the embedded server.
func (e *Embedded) URL() string { return e.srv.ClientURL() }

// Close stops the server and waits until its files are closed.
func (e *Embedded) Close() {
	e.srv.Shutdown()
	e.srv.WaitForShutdown()
}

// Gone reports whether an API error says that a stream, consumer or bucket
// does not exist.
func Gone(err error) bool {
	return errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound) ||
		errors.Is(err, jetstream.ErrBucketNotFound)
}

// MinorVersion is 15 for "2.15.2", and for what follows major version 2 a
// number above all of its minors.
func MinorVersion(version string) (int, bool) {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return 0, false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil || major < 0 || minor < 0 {
		return 0, false
	}
	return minor + 1000*(major-2), true
}

// Roundtrip asks the server for a sign of life.
func Roundtrip(ctx context.Context, nc *nats.Conn) (time.Duration, error) {
	start := time.Now()
	if err := nc.FlushWithContext(ctx); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}
