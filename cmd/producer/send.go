package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/cmd/producer/intake"
)

const (
	// sendWindow and sendBytes bound what is sent and not yet confirmed.
	sendWindow = 1024
	sendBytes  = 64 << 20
	// sendWithin is how long the server may take to confirm one message.
	sendWithin = 10 * time.Second
	// sendAgain is the pause before another try.
	sendAgain = 250 * time.Millisecond
)

// sent is a message on its way.
type sent struct {
	msg    *nats.Msg
	of     *intake.Piece
	tries  int
	future jetstream.PubAckFuture
	ack    *jetstream.PubAck
	err    error
}

// poll takes the answer if it is there.
func (s *sent) poll() {
	if s.future == nil || s.ack != nil || s.err != nil {
		return
	}
	select {
	case s.ack = <-s.future.Ok():
	case s.err = <-s.future.Err():
	default:
	}
}

// sender publishes messages in order and keeps each until it is known stored
// or refused. After a failure everything not known stored is sent again from
// there, in order and under the same message ids: what was stored all the
// same is recognized by the server.
type sender struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	timeout time.Duration // without any confirmation, until it gives up
	settled func(s *sent) // called once for each message; s.err tells a refused one

	window []*sent // oldest first
	bytes  int
	alive  time.Time // of the last confirmation, or since when one is awaited
}

func newSender(nc *nats.Conn, timeout time.Duration, settled func(*sent)) (*sender, error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(sendWindow), jetstream.WithPublishAsyncTimeout(min(sendWithin, timeout)))
	if err != nil {
		return nil, fmt.Errorf("prepare to publish: %w", err)
	}
	return &sender{nc: nc, js: js, timeout: timeout, settled: settled}, nil
}

// send publishes a message, after waiting for room. An error means that it and
// all that is in the window were given up.
func (s *sender) send(ctx context.Context, msg *nats.Msg, of *intake.Piece) error {
	for len(s.window) == sendWindow || len(s.window) > 0 && s.bytes+len(msg.Data) > sendBytes {
		if err := s.settleOldest(ctx); err != nil {
			return err
		}
	}
	if len(s.window) == 0 {
		s.alive = time.Now()
	}
	one := &sent{msg: msg, of: of}
	s.window, s.bytes = append(s.window, one), s.bytes+len(msg.Data)
	s.publish(one)
	return nil
}

// flush waits until nothing is unconfirmed.
func (s *sender) flush(ctx context.Context) error {
	for len(s.window) > 0 {
		if err := s.settleOldest(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *sender) publish(one *sent) {
	one.tries++
	one.ack = nil
	one.future, one.err = s.js.PublishMsgAsync(one.msg)
}

// settleOldest waits for the answer about the oldest message, however many
// tries it takes.
func (s *sender) settleOldest(ctx context.Context) error {
	oldest := s.window[0]
	for {
		if err := s.await(ctx, oldest); err != nil {
			return err
		}
		if oldest.ack != nil || refused(oldest.err) {
			break
		}
		if err := s.resend(ctx, oldest.err); err != nil {
			return err
		}
	}
	s.alive = time.Now()
	s.window[0], s.window = nil, s.window[1:]
	s.bytes -= len(oldest.msg.Data)
	s.settled(oldest)
	return nil
}

func (s *sender) await(ctx context.Context, one *sent) error {
	if one.poll(); one.ack != nil || one.err != nil {
		return nil
	}
	select {
	case one.ack = <-one.future.Ok():
	case one.err = <-one.future.Err():
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// resend publishes again what is not known stored, once the server can be
// reached.
func (s *sender) resend(ctx context.Context, cause error) error {
	for again := true; again; again = !s.nc.IsConnected() {
		if s.nc.IsClosed() {
			return fmt.Errorf("wait for confirmations: %w", nats.ErrConnectionClosed)
		}
		if time.Since(s.alive) > s.timeout {
			return fmt.Errorf("wait for confirmations: the server stored nothing for %v: %w", s.timeout, cause)
		}
		select {
		case <-time.After(min(sendAgain, s.timeout)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, one := range s.window {
		one.poll()
		if one.ack == nil && !refused(one.err) {
			s.publish(one)
		}
	}
	return nil
}

// refused reports whether sending the same again can never help.
func refused(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, nats.ErrMaxPayload) || errors.As(err, &api) && api.Code >= 400 && api.Code < 500
}
