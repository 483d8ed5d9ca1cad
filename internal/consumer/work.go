package consumer

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// arrivals takes one arrived message and those right behind it.
func (s *session) arrivals(m *nats.Msg) error {
	s.taken = s.taken[:0]
	taken := 0
	for {
		sl, err := s.pull.take(m)
		if err != nil {
			return err
		}
		if sl != nil {
			s.admit(sl)
			s.taken = append(s.taken, sl)
			taken += sl.size
		}
		if len(s.taken) == burst || taken >= burstBytes || s.alone > 0 {
			break
		}
		select {
		case m = <-s.pull.messages:
			continue
		default:
		}
		break
	}
	return s.receive(s.taken)
}

// admit counts a delivery as in flight.
func (s *session) admit(sl *slot) {
	s.slots = append(s.slots, sl)
	s.bytes += sl.size
	if sl.Sequence == s.begun.Sequence {
		sl.part, sl.Parts = s.begun.Part, s.begun.Parts
	}
}

// receive starts the work on deliveries: at once if it needs no waiting.
func (s *session) receive(taken []*slot) error {
	if s.alone > 0 && len(taken) > 0 { // then there is one
		if err := s.suspect(taken[0]); err != nil {
			return err
		}
	}
	s.tryAll(taken)
	for _, sl := range taken {
		switch {
		case !sl.tried:
			s.queue = append(s.queue, sl)
		case len(sl.outcome.Before) == 0:
			s.worked(sl)
		default:
			s.waiting++
			s.wg.Add(1)
			go func() {
				defer s.wg.Done()
				s.storeBefore(sl)
			}()
		}
	}
	s.dispatch()
	return nil
}

// worked marks a message as worked. From here on its results count, too, in
// what bounds the lane's memory.
func (s *session) worked(sl *slot) {
	sl.worked = true
	for i := range sl.outcome.Results {
		sl.results += len(sl.outcome.Results[i].Data)
	}
	s.bytes += sl.results
}

// worthSharing is how many deliveries are enough to try some of them on another
// processor.
const worthSharing = 8

// tryAll tries each delivery, many of them on two processors: each takes the
// next one that nobody has, so that neither waits for the other longer than
// for one. Results keep their order, for they are sent in that of the slots.
func (s *session) tryAll(taken []*slot) {
	var next atomic.Int64
	each := func() {
		for i := next.Add(1) - 1; i < int64(len(taken)); i = next.Add(1) - 1 {
			sl := taken[i]
			sl.outcome, sl.tried = s.try(&sl.Delivery)
		}
	}
	var other sync.WaitGroup
	if len(taken) >= worthSharing {
		other.Go(each)
	}
	each()
	other.Wait()
}

// dispatch starts the work on queued messages while few enough wait.
func (s *session) dispatch() {
	for len(s.queue) > 0 && s.waiting < s.cfg.MaxWaiting {
		sl := s.queue[0]
		s.queue[0], s.queue = nil, s.queue[1:]
		s.waiting++
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.work(sl)
		}()
	}
}

// suspect names the message in the lease before it is touched, so that the
// next holder knows which one killed this worker.
func (s *session) suspect(sl *slot) error {
	return s.le.update(s.ctx, func(d *leaseDoc) { d.Suspect, d.Calm = sl.Sequence, false })
}

func (s *session) try(d *Delivery) (out Outcome, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			out, ok = s.panicked(d), true
		}
	}()
	if s.alone > 0 && d.Sequence == s.le.poison {
		s.log.Error().Uint64("sequence", d.Sequence).Msg("this message killed the worker that worked it alone; it becomes a dead letter")
		return s.handler.Dead(d, "workers died again and again while working this message, at last while working it alone"), true
	}
	return s.handler.Try(d)
}

// work is the waiting way of a delivery.
func (s *session) work(sl *slot) {
	out, err := s.do(&sl.Delivery)
	if err != nil {
		return // the session is over; the next one begins with this message again
	}
	sl.outcome = out
	s.storeBefore(sl)
}

func (s *session) do(d *Delivery) (out Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = s.panicked(d), nil
		}
	}()
	return s.handler.Do(s.ctx, d)
}

// panicked makes a dead letter of a message whose handling panicked: the
// handling is a function of its input, so it would panic again. The stack is
// logged, the panic's value is not: it may quote the payload.
func (s *session) panicked(d *Delivery) Outcome {
	s.m.panics.WithLabelValues(s.cfg.Lane).Inc()
	s.log.Error().Uint64("sequence", d.Sequence).Bytes("stack", debug.Stack()).Msg("handling a message panicked; it becomes a dead letter")
	return s.handler.Dead(d, "npiflow itself failed on this message (internal error); please report it")
}

// storeBefore stores the side messages of a delivery, and only then lets its
// results be sent. A crash after it stores them again under the same message
// ids, which the server or their readers recognize.
func (s *session) storeBefore(sl *slot) {
	for _, m := range sl.outcome.Before {
		for attempt := 0; ; attempt++ {
			ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
			_, err := s.js.PublishMsg(ctx, m)
			cancel()
			if err == nil {
				break
			}
			if s.ctx.Err() != nil {
				return
			}
			s.log.Warn().Err(err).Str("subject", m.Subject).Msg("cannot store a side message; trying again")
			select {
			case <-time.After(restartDelay(attempt)):
			case <-s.ctx.Done():
				return
			}
		}
	}
	s.done <- sl // has room for everything in flight
}

// finished marks a message as worked, and those right behind it.
func (s *session) finished(sl *slot) {
	for {
		s.worked(sl)
		s.waiting--
		select {
		case sl = <-s.done:
		default:
			s.dispatch()
			return
		}
	}
}
