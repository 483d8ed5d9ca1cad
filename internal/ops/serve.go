package ops

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// The server's bounds. Its pages are small and made at once, so a client that
// takes longer than this is stuck or means no good.
const (
	readWithin  = 5 * time.Second
	writeWithin = 15 * time.Second
	idleFor     = 60 * time.Second
	maxHeader   = 16 << 10 // bytes
	closeWithin = 2 * time.Second
)

// Server is a listening HTTP server.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
	unhook   func() bool
}

// Serve listens on addr, HOST:PORT, before it returns, and serves until Close
// or the end of ctx. Port 0 takes any free one.
func Serve(ctx context.Context, addr string, handler http.Handler) (*Server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve HTTP on %s: %w (set http.addr to a free address)", addr, err)
	}
	s := &Server{listener: l, done: make(chan struct{}), http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readWithin,
		ReadTimeout:       readWithin,
		WriteTimeout:      writeWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeader,
	}}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // ends by Close alone
	}()
	s.unhook = context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops listening, lets answers under way be finished for up to two
// seconds, and waits until nothing of the server runs. It may be called twice.
func (s *Server) Close() {
	s.unhook()
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	<-s.done
}
