package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// relay is the engine's usual relay, as one would write it from the client
// library's pages: Consume with its defaults, PublishAsync with a message id,
// and an explicit ack once the publish is confirmed. It passes messages on as
// they are. The ack handler is the quicker of the two ways to learn of
// confirmations; the other is to read a future for each message.
func relay(ctx context.Context, args []string) error {
	f, profile := flags("relay")
	url := f.String("url", "", "")
	_ = f.Parse(args)
	end, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer end()
	nc, err := nats.Connect(*url)
	if err != nil {
		return err
	}
	defer nc.Close()

	var waiting sync.Map // message id -> the input to ack
	failed := make(chan error, 1)
	fail := func(err error) {
		select {
		case failed <- err:
		default:
		}
	}
	js, err := jetstream.New(nc,
		jetstream.WithPublishAsyncAckHandler(func(_ jetstream.JetStream, m *nats.Msg, _ *jetstream.PubAck) {
			in, _ := waiting.LoadAndDelete(m.Header.Get(jetstream.MsgIDHeader))
			if err := in.(jetstream.Msg).Ack(); err != nil {
				fail(err)
			}
		}),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, _ *nats.Msg, err error) { fail(err) }))
	if err != nil {
		return err
	}
	c, err := js.Consumer(ctx, inputStream, relayConsumer)
	if err != nil {
		return err
	}
	consuming, err := c.Consume(func(in jetstream.Msg) {
		meta, err := in.Metadata()
		if err != nil {
			fail(err)
			return
		}
		id := strconv.FormatUint(meta.Sequence.Stream, 10)
		waiting.Store(id, in)
		if _, err := js.PublishAsync(relaySubject, in.Data(), jetstream.WithMsgID(id)); err != nil {
			fail(err)
		}
	})
	if err != nil {
		return err
	}
	defer consuming.Stop()
	fmt.Println("consuming")
	select {
	case err := <-failed:
		return fmt.Errorf("relay: %w", err)
	case <-ctx.Done():
		return nil
	}
}
