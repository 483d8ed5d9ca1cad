// Package brokertest is a link to a real NATS server that breaks on demand,
// for tests that fail each effect twice: not done, and done but reported as
// failed.
package brokertest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Cut is when the link breaks, relative to the message it waits for.
type Cut int

// The cuts.
const (
	Before Cut = iota // the server never sees the message
	After             // the server gets it, the client never hears
)

func (c Cut) String() string {
	if c == Before {
		return "not done"
	}
	return "done but reported failed"
}

// Link forwards a NATS client's connections to a server.
type Link struct {
	addr   string
	server string

	mu     sync.Mutex
	match  string
	nth    int
	cut    Cut
	broken chan struct{}
	conns  map[net.Conn]bool
	closed bool
	wg     sync.WaitGroup
}

// NewLink listens on loopback and forwards to the server at url.
func NewLink(t testing.TB, url string) *Link {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &Link{addr: l.Addr().String(), server: strings.TrimPrefix(url, "nats://"), conns: map[net.Conn]bool{}}
	k.wg.Add(1)
	go func() {
		defer k.wg.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			k.serve(c)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		k.mu.Lock()
		k.closed = true
		k.mu.Unlock()
		k.Break()
		k.wg.Wait()
	})
	return k
}

// URL is where a client connects.
func (k *Link) URL() string { return "nats://" + k.addr }

// BreakAt makes the link break once, at the nth message (from 1) that a
// client publishes to a subject beginning with prefix. The channel is closed
// when it happens.
func (k *Link) BreakAt(prefix string, nth int, cut Cut) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.match, k.nth, k.cut, k.broken = prefix, nth, cut, make(chan struct{})
	return k.broken
}

// Break cuts every connection now.
func (k *Link) Break() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.conns {
		_ = c.Close()
	}
	clear(k.conns)
}

func (k *Link) serve(client net.Conn) {
	server, err := net.Dial("tcp", k.server)
	if err != nil {
		_ = client.Close()
		return
	}
	k.mu.Lock()
	if k.closed {
		_, _ = client.Close(), server.Close()
		k.mu.Unlock()
		return
	}
	k.conns[client], k.conns[server] = true, true
	k.mu.Unlock()
	// mute swallows what the server says from the moment the link is to
	// break, so that a message it still got goes unanswered.
	mute, silent := make(chan struct{}), make(chan struct{})
	k.wg.Add(2)
	go func() {
		defer k.wg.Done()
		k.forward(client, server, mute, silent)
		_, _ = client.Close(), server.Close()
	}()
	go func() {
		defer k.wg.Done()
		answer(client, server, mute)
		close(silent)
		_, _ = client.Close(), server.Close()
	}()
}

// answer passes on what the server says, until it has nothing more to say.
func answer(client, server net.Conn, mute <-chan struct{}) {
	b := make([]byte, 64<<10)
	for {
		n, err := server.Read(b)
		if err != nil {
			return
		}
		select {
		case <-mute:
			continue
		default:
		}
		if _, err := client.Write(b[:n]); err != nil {
			return
		}
	}
}

// forward passes the client's protocol on, operation by operation.
func (k *Link) forward(client, server net.Conn, mute chan struct{}, silent <-chan struct{}) {
	in := bufio.NewReaderSize(client, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		op := line
		subject := ""
		if fields := strings.Fields(string(line)); len(fields) >= 3 && (fields[0] == "PUB" || fields[0] == "HPUB") {
			size, err := strconv.Atoi(fields[len(fields)-1])
			if err != nil {
				return
			}
			body := make([]byte, size+2)
			if _, err := io.ReadFull(in, body); err != nil {
				return
			}
			op, subject = append(bytes.Clone(line), body...), fields[1]
		}
		breaks, cut := k.due(subject)
		if breaks {
			close(mute)
			if cut == After {
				_, _ = server.Write(op)
				// The server reads what is in its socket before it sees the end.
				_ = server.(*net.TCPConn).CloseWrite()
				<-silent
			}
			k.Break()
			k.mu.Lock()
			close(k.broken)
			k.mu.Unlock()
			return
		}
		if _, err := server.Write(op); err != nil {
			return
		}
	}
}

func (k *Link) due(subject string) (bool, Cut) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.match == "" || !strings.HasPrefix(subject, k.match) {
		return false, 0
	}
	if k.nth--; k.nth > 0 {
		return false, 0
	}
	k.match = ""
	return true, k.cut
}
