package main

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
)

// arrival is a message, or why there is none for the time being.
type arrival struct {
	msg     jetstream.Msg
	trouble error
}

// inflow is what several streams bring, in the order it arrives.
type inflow struct {
	arrived chan arrival // closed when ctx has ended, or a stream can never be read
	stop    context.CancelFunc
	err     error // why; there once arrived is closed
}

// follow reads streams until ctx ends, or end is called.
func follow(ctx context.Context, b *assembly.Broker, feeds []*feed) *inflow {
	in := &inflow{arrived: make(chan arrival)}
	ctx, in.stop = context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range feeds {
		g.Go(func() error { return in.follow(ctx, b, f) })
	}
	go func() {
		in.err = g.Wait()
		close(in.arrived)
	}()
	return in
}

// end stops the reading and gives the reason why it had ended, if it had.
func (in *inflow) end() error {
	in.stop()
	for range in.arrived { // what was still to be handed over
	}
	return in.err
}

// follow reads one stream. When the server goes away it waits for it and goes
// on behind the last message.
func (in *inflow) follow(ctx context.Context, b *assembly.Broker, f *feed) error {
	hand := func(a arrival) error {
		select {
		case in.arrived <- a:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	patience, said := newPatience(0), false
	for {
		err := f.read(ctx, b.NC, b.JS, true, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
			if err := hand(arrival{msg: m}); err != nil {
				return err
			}
			f.from, said = meta.Sequence.Stream+1, false
			return nil
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !said {
			said = true
			if err := hand(arrival{trouble: err}); err != nil {
				return err
			}
		}
		if err := patience.again(ctx, b.NC, err); err != nil {
			return err
		}
	}
}
