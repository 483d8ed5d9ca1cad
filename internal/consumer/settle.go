package consumer

import (
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/npiflow/npiflow/internal/ledger"
)

// advance sends the results of the oldest messages that are worked.
func (s *session) advance() error {
	for s.sent < len(s.slots) && s.slots[s.sent].worked && s.send(s.slots[s.sent]) {
		s.sent++
	}
	return s.writer.Send()
}

// send adds a message's results to the writer, as many as have room, and
// reports whether that was all of them.
func (s *session) send(sl *slot) bool {
	parts := len(sl.outcome.Results)
	for ; sl.part < parts; sl.part++ {
		if s.writer.Room() == 0 {
			return false
		}
		m := sl.outcome.Results[sl.part]
		m.Mark = ledger.Mark{Sequence: sl.Sequence, Part: sl.part + 1, Parts: parts}
		sl.last = s.writer.Add(m)
	}
	sl.outcome, sl.Data, sl.Header = Outcome{}, nil, nil
	return true
}

// confirmations takes one confirmation and those right behind it.
func (s *session) confirmations(a *nats.Msg) error {
	for {
		if err := s.writer.Confirm(a); err != nil {
			return err
		}
		select {
		case a = <-s.writer.Answers():
			continue
		default:
		}
		break
	}
	return nil
}

// settle lets go of the oldest messages whose results are stored.
func (s *session) settle() error {
	stored, n, input, bytes := s.writer.Stored(), 0, 0, 0
	for n < s.sent && s.slots[n].last <= stored {
		input += s.slots[n].size
		bytes += s.slots[n].size + s.slots[n].results
		n++
	}
	if n == 0 {
		return nil
	}
	newest := s.slots[n-1]
	clear(s.slots[:n])
	s.slots, s.sent, s.bytes = s.slots[n:], s.sent-n, s.bytes-bytes
	s.unacked, s.ack = s.unacked+n, newest.ack
	s.m.stored.WithLabelValues(s.cfg.Lane).Add(float64(n))
	s.m.bytes.WithLabelValues(s.cfg.Lane).Add(float64(input))
	s.m.mark.WithLabelValues(s.cfg.Lane).Set(float64(newest.Sequence))
	if s.alone > 0 {
		if s.alone -= n; s.alone <= 0 {
			s.limit = s.cfg.MaxInFlight
			if err := s.le.update(s.ctx, func(d *leaseDoc) { d.History = History{Mark: newest.Sequence + 1} }); err != nil {
				return err
			}
		}
	}
	s.progressed(StateWorking)
	if s.unacked >= ackEvery || len(s.slots) == 0 {
		return s.acknowledge()
	}
	return nil
}

// acknowledge shows how far the lane is. A crash before it costs nothing: the
// ledger says the same and is believed first.
func (s *session) acknowledge() error {
	if s.unacked == 0 {
		return nil
	}
	if err := s.nc.Publish(s.ack, nil); err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	s.unacked = 0
	return nil
}
