package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/record"
)

// publishing is one run of publish, or of check.
type publishing struct {
	reading
	outcome
	source  string
	raw     bool
	force   bool
	wait    bool // for the results
	asJSON  bool
	inside  bool // the server is ours, and nobody asks what it stores
	timeout time.Duration

	subjects map[record.Kind]string
	input    *intake.Reader
	seen     occurrences
	sender   *sender
	vetting  *vetting // nil: nobody waits
	faults   faults
	tally    tally
	bar      *bar
}

func publishCommand(c *console) *cobra.Command {
	p := &publishing{reading: reading{console: c}}
	cmd := &cobra.Command{
		Use:   "publish FILE...",
		Short: "publish the claims and roster rows found in files",
		Long: "Publishes every record of the files, in order, one message for each, in the native form: nothing of a\n" +
			"patient is in it. Files are JSON or NDJSON, X12 837, FHIR R4, or rosters (CSV, TSV, XLSX), decided by what is\n" +
			"in them; folders and patterns stand for their files, - for standard input. What cannot be read is said on\n" +
			"standard error and is a failure (1); what is sound beside it is published.\n" +
			"Publishing a file again within the stream's duplicate window adds nothing, so what was interrupted\n" +
			"can simply be run again; the same record twice in one run is two.\n" +
			"With --wait, --out or --fail-on it follows the results of what it published, and shows what is wrong.",
		Example: "  producer publish claims.837 rosters/\n" +
			"  producer publish roster.xlsx --out checked.xlsx --fail-on error\n" +
			"  zcat claims.ndjson.gz | producer publish --kind claim --source clearinghouse -",
		Args: assembly.CheckedArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.check(args); err != nil {
				return err
			}
			cfg, b, err := p.connect()
			if err != nil {
				return err
			}
			defer b.Close()
			return p.run(cmd.Context(), cfg, b)
		},
	}
	f := cmd.Flags()
	p.flags(f)
	f.StringVar(&p.source, "source", "", "`NAME` of where they come from; becomes part of the subject")
	f.BoolVar(&p.raw, "raw", false, "publish what the files hold as it stands, patients and all: JSON documents one by one, other files whole")
	f.BoolVar(&p.force, "force", false, "publish JSON documents that are no records as they stand; needs --kind")
	f.BoolVar(&p.wait, "wait", false, "wait for the results of what was published")
	f.DurationVar(&p.timeout, "timeout", time.Minute, "how long to go on while the server stores nothing and no result comes")
	return cmd
}

func (p *publishing) flags(f *pflag.FlagSet) {
	p.reading.flags(f)
	p.outcome.flags(f)
	f.BoolVar(&p.asJSON, "json", false, "print the summary as JSON, and nothing else")
}

func (p *publishing) check(args []string) error {
	switch {
	case p.timeout <= 0:
		return assembly.Usage("--timeout %v: use more than 0", p.timeout)
	case p.force && p.kind == "":
		return assembly.Usage("--force needs --kind: what is no record does not tell its kind")
	case p.source != "":
		if err := checkToken("source", p.source); err != nil {
			return err
		}
	}
	if err := p.outcome.check(); err != nil {
		return err
	}
	p.wait = p.wait || p.path != "" || len(p.failOn) > 0
	return p.reading.check(args)
}

// run publishes the files. Whatever ends it, the summary says what is stored,
// and the report what came of it.
func (p *publishing) run(ctx context.Context, cfg config.Config, b *assembly.Broker) (err error) {
	if err := p.prepare(ctx, cfg, b); err != nil {
		return err
	}
	if err := p.begin(p.console, p.files, p.wait && !p.asJSON); err != nil {
		return err
	}
	defer p.discard()
	p.tally.began, p.faults.w = time.Now(), p.err
	p.bar = newBar(p.err, "publishing", intake.Size(p.files), true)
	err = p.publish(ctx)
	p.bar.finish()
	return errors.Join(err, p.end(), p.summarize())
}

// prepare makes what publishing needs of the server.
func (p *publishing) prepare(ctx context.Context, cfg config.Config, b *assembly.Broker) (err error) {
	t := assembly.Topology(cfg)
	if _, err := stream(ctx, b.JS, t.Records()); err != nil {
		return err
	}
	p.subjects = map[record.Kind]string{}
	for _, k := range record.Kinds {
		p.subjects[k] = t.Subject("records", string(k))
		if p.source != "" {
			p.subjects[k] += "." + p.source
		}
	}
	if p.input, err = p.reader(cfg, int(b.NC.MaxPayload())-1024); err != nil { // headers count, too
		return err
	}
	p.input.Raw, p.input.Force = p.raw, p.force
	if p.wait {
		if p.vetting, err = newVetting(ctx, b, t); err != nil {
			return err
		}
		p.vetting.timeout, p.vetting.quiet = p.timeout, "no result yet; is a worker running? `worker doctor` tells what would keep it from its work"
		p.vetting.say = p.say
	}
	p.sender, err = newSender(b.NC, p.timeout, p.settled)
	return err
}

func (p *publishing) say(text string) {
	p.bar.clear()
	_, _ = fmt.Fprintln(p.err, "npiflow: "+assembly.Printable(text))
}

// publish publishes all files, and sees to it that everything is stored and,
// where that is asked for, has its results.
func (p *publishing) publish(ctx context.Context) error {
	err := p.all(ctx)
	p.faults.end()
	if err == nil {
		err = p.collect(ctx)
	}
	if errors.Is(err, context.Canceled) {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer stop()
		err = errors.Join(errors.New("interrupted; run the same again: what is stored is not added twice within the stream's duplicate window"), p.sender.flush(last))
	}
	if n := len(p.sender.window); n > 0 {
		err = fmt.Errorf("%w; of the last %d messages, from %s on, it is not known whether they are stored", err, n, p.sender.window[0].of.At())
	}
	if n := p.tally.Refused; n > 0 {
		err = errors.Join(err, fmt.Errorf("%d records or files could not be read or published; see above", n))
	}
	return err
}

// all publishes all records of all files.
func (p *publishing) all(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := p.readAhead(ctx, p.input, p.bar)
	idle := time.NewTicker(idleFlush)
	defer idle.Stop()
	for {
		select {
		case f, more := <-all:
			switch {
			case !more:
				return ctx.Err()
			case f.piece == nil:
				err = p.fault(f.fault)
			default:
				err = p.piece(ctx, f.piece)
			}
		case <-idle.C: // the next record may be long in coming
			err = p.sender.flush(ctx)
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
}

// idleFlush is how often everything sent is waited for, so that what failed is
// sent again even if nothing follows it.
const idleFlush = time.Second

// piece publishes one message, and now and then waits for the results.
func (p *publishing) piece(ctx context.Context, one *intake.Piece) error {
	subject := p.subjects[one.Kind]
	err := p.sender.send(ctx, &nats.Msg{Subject: subject, Data: one.Data, Header: nats.Header{
		"Content-Type": {one.ContentType},
		nats.MsgIdHdr:  {p.seen.id(subject, one.Data)},
	}}, one)
	if err == nil && p.vetting != nil && len(p.vetting.order) >= chunk {
		err = p.collect(ctx)
	}
	return err
}

// collect waits until everything sent is stored and has its results.
func (p *publishing) collect(ctx context.Context) error {
	if err := p.sender.flush(ctx); err != nil || p.vetting == nil {
		return err
	}
	p.bar.clear()
	waiting := newBar(p.err, "vetting", int64(len(p.vetting.order)), false)
	p.vetting.count = func(done int) { waiting.set(int64(done)) }
	defer func() { p.vetting.count = nil }()
	once := false
	return p.vetting.collect(ctx, func(piece *intake.Piece, r *record.Result) error {
		if !once { // the rows come where the bar was
			once = true
			waiting.finish()
		}
		return p.result(piece, r)
	})
}

// settled takes what became of a message.
func (p *publishing) settled(s *sent) {
	already := s.err == nil && s.ack.Duplicate && s.tries == 1 // after a second try it may be our own first one
	switch {
	case s.err != nil:
		_ = p.fault(intake.Fault{File: s.of.File, Fault: record.Fault{Where: s.of.Where, Reason: "the server refused it: " + s.err.Error(), Lost: true}})
		return
	case already:
		p.tally.Already++
	}
	p.tally.Published++
	if p.vetting != nil {
		p.vetting.expect(s.ack.Sequence, s.of, already)
	}
}

// fault says what is wrong, and counts what is lost by it.
func (p *publishing) fault(f intake.Fault) error {
	p.bar.clear()
	p.faults.say(f)
	if !f.Lost {
		p.tally.Faults++
		return nil
	}
	p.tally.Refused++
	return p.lost(f)
}

// occurrences numbers equal messages, in memory that does not grow with the
// files: messages that fall into the same slot are counted together. That is
// as good, because the numbers of equal messages still differ, and the same
// run gives the same numbers.
type occurrences struct{ slots []uint32 }

const occurrenceSlots = 1 << 22

// id is a message's id: a digest of its subject, its bytes, and how often it
// was seen in this run.
func (o *occurrences) id(subject string, data []byte) string {
	if o.slots == nil {
		o.slots = make([]uint32, occurrenceSlots)
	}
	h := sha256.New()
	h.Write([]byte(subject))
	h.Write([]byte{0})
	h.Write(data)
	var sum [sha256.Size + 4]byte
	h.Sum(sum[:0])
	slot := &o.slots[binary.LittleEndian.Uint32(sum[:])%occurrenceSlots]
	binary.LittleEndian.PutUint32(sum[sha256.Size:], *slot)
	*slot++
	id := sha256.Sum256(sum[:])
	return hex.EncodeToString(id[:16])
}
