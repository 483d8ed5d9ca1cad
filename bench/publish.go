package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
)

const (
	formsStream  = "BENCH_FORMS"
	formsSubject = "bench.results.claim.clean"
	fenceHeader  = "Nats-Expected-Last-Sequence"
	// resultBytes is the mean size of the worker's results for these claims,
	// with the header that names the record.
	resultBytes = 1480
	// publishWindow bounds what is unconfirmed in the forms written here; the
	// ledger's writer has the same bound.
	publishWindow = 4096
)

// form stores n results in the stream formsStream and returns when all are
// known stored.
type form struct {
	name string
	run  func(nc *nats.Conn, n int) error
}

var forms = []form{
	{"PublishAsync, message id", func(nc *nats.Conn, n int) error {
		return publishAsync(nc, n, func(i int) jetstream.PublishOpt { return jetstream.WithMsgID(strconv.Itoa(i + 1)) })
	}},
	{"PublishAsync, fence", func(nc *nats.Conn, n int) error {
		return publishAsync(nc, n, func(i int) jetstream.PublishOpt { return jetstream.WithExpectLastSequence(uint64(i)) })
	}},
	{"singles, all confirmed, fence", publishEach},
	{"singles, sparse confirmations, fence: the ledger's", func(nc *nats.Conn, n int) error { return writeLedger(nc, n, false, 256) }},
	{"atomic batches of 1000, fence: the ledger's", func(nc *nats.Conn, n int) error { return writeLedger(nc, n, true, 1000) }},
	{"fast ingest, fence", fastIngest},
}

// publish is the role of one form.
func publish(ctx context.Context, args []string) error {
	f, profile := flags("publish")
	url := f.String("url", "", "")
	which := f.Int("form", 0, "")
	n := f.Int("n", 0, "")
	_ = f.Parse(args)
	end, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer end()
	nc, err := broker.Connect(broker.Access{URL: *url, Name: "bench publish"})
	if err != nil {
		return err
	}
	defer nc.Close()
	fmt.Println("publishing")
	if err := forms[*which].run(nc, *n); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

var filler = bytes.Repeat([]byte("0123456789"), resultBytes/10)

// resultMessage is a message of the size of a result.
func resultMessage(i int) ledger.Message {
	return ledger.Message{Subject: formsSubject, Data: filler, Mark: ledger.Mark{Sequence: uint64(i + 1), Part: 1, Parts: 1}}
}

// marked is the same for those who publish without the ledger's writer.
func marked(i int) *nats.Msg {
	m := resultMessage(i)
	return &nats.Msg{Subject: m.Subject, Data: m.Data, Header: nats.Header{ledger.HeaderMark: {m.Mark.String()}}}
}

func publishAsync(nc *nats.Conn, n int, opt func(i int) jetstream.PublishOpt) error {
	failed := make(chan error, 1)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, _ *nats.Msg, err error) {
		select {
		case failed <- err:
		default:
		}
	}))
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := js.PublishMsgAsync(marked(i), opt(i), jetstream.WithStallWait(time.Minute)); err != nil {
			return err
		}
	}
	<-js.PublishAsyncComplete()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// publishEach asks for a confirmation of every message, with 64 reply subjects
// used in turn.
func publishEach(nc *nats.Conn, n int) error {
	answers, inbox, err := listen(nc)
	if err != nil {
		return err
	}
	replies := make([]string, 64)
	for i := range replies {
		replies[i] = inbox + "." + strconv.Itoa(i)
	}
	confirm := func(m *nats.Msg) error {
		var a struct {
			Error *struct {
				Description string `json:"description"`
			} `json:"error"`
		}
		if err := json.Unmarshal(m.Data, &a); err != nil || a.Error != nil {
			return fmt.Errorf("publish: refused: %s", m.Data)
		}
		return nil
	}
	for i := range n {
		m := marked(i)
		m.Header[fenceHeader] = []string{strconv.Itoa(i)}
		m.Reply = replies[i%len(replies)]
		if err := nc.PublishMsg(m); err != nil {
			return err
		}
		if i >= publishWindow {
			if err := confirm(<-answers); err != nil {
				return err
			}
		}
	}
	for range min(n, publishWindow) {
		if err := confirm(<-answers); err != nil {
			return err
		}
	}
	return nil
}

func listen(nc *nats.Conn) (answers chan *nats.Msg, inbox string, err error) {
	inbox = nc.NewInbox()
	answers = make(chan *nats.Msg, 2*publishWindow)
	_, err = nc.ChanSubscribe(inbox+".>", answers)
	return answers, inbox, err
}

// writeLedger uses the ledger's writer as a lane does: what has arrived is
// sent on in bursts.
func writeLedger(nc *nats.Conn, n int, batch bool, burst int) error {
	w, err := ledger.NewWriter(nc, ledger.Tail{}, batch)
	if err != nil {
		return err
	}
	defer w.Close()
	for sent := 0; w.Stored() < uint64(n); {
		for range min(w.Room(), burst, n-sent) {
			w.Add(resultMessage(sent))
			sent++
		}
		if err := w.Send(); err != nil {
			return err
		}
		if w.Room() == 0 || sent == n {
			if err := w.Confirm(<-w.Answers()); err != nil {
				return err
			}
		}
		for waiting := true; waiting; {
			select {
			case m := <-w.Answers():
				if err := w.Confirm(m); err != nil {
					return err
				}
			default:
				waiting = false
			}
		}
	}
	return nil
}

// fastIngest is the server's batch protocol without atomicity (2.14 and
// later): everything is said in the reply subject,
// <inbox>.<id>.<flow>.<gap mode>.<sequence>.<operation>.$FI, and the server
// answers once every so many messages.
func fastIngest(nc *nats.Conn, n int) error {
	const flow, begin, add, commit = 500, 0, 1, 2
	answers, inbox, err := listen(nc)
	if err != nil {
		return err
	}
	stored := 0
	confirm := func(m *nats.Msg) error {
		var a struct {
			Type  string `json:"type"`
			To    int    `json:"seq"`
			Count int    `json:"count"`
		}
		if err := json.Unmarshal(m.Data, &a); err != nil {
			return err
		}
		if a.Type != "ack" && a.Count != n {
			return fmt.Errorf("fast ingest: refused: %s", m.Data)
		}
		stored = max(stored, a.To, a.Count)
		return nil
	}
	root := inbox + ".b." + strconv.Itoa(flow) + ".fail."
	for i := range n {
		op := add
		switch i {
		case 0:
			op = begin
		case n - 1:
			op = commit
		}
		m := marked(i)
		m.Header[fenceHeader] = []string{strconv.Itoa(i)}
		m.Reply = root + strconv.Itoa(i+1) + "." + strconv.Itoa(op) + ".$FI"
		if err := nc.PublishMsg(m); err != nil {
			return err
		}
		for i-stored >= publishWindow {
			if err := confirm(<-answers); err != nil {
				return err
			}
		}
	}
	for stored < n {
		select {
		case m := <-answers:
			if err := confirm(m); err != nil {
				return err
			}
		case <-time.After(30 * time.Second):
			return errors.New("fast ingest: the last confirmation does not come")
		}
	}
	return nil
}
