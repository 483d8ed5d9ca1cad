package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
)

// publishing is one run of publish.
type publishing struct {
	*console
	kind    string
	source  string
	force   bool
	asJSON  bool
	timeout time.Duration

	subjects map[record.Kind]string
	limit    int // bytes of a document
	seen     occurrences
	sender   *sender
	tally    tally
	bar      *bar
}

func publishCommand(c *console) *cobra.Command {
	p := &publishing{console: c}
	cmd := &cobra.Command{
		Use:   "publish FILE...",
		Short: "publish claims and roster rows from JSON or NDJSON files",
		Long: "Publishes every document of the files, in order; - is standard input. A file is JSON (one document,\n" +
			"several, or an array) or NDJSON (one on each line), decided by what is in it.\n" +
			"Publishing a file again within the stream's duplicate window adds nothing, so what was interrupted\n" +
			"can simply be run again; the same document twice in one run is two records.",
		Example: "  producer publish claims.ndjson rosters.json\n" +
			"  zcat claims.ndjson.gz | producer publish --kind claim --source clearinghouse -",
		Args: wrongArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := p.check(files); err != nil {
				return err
			}
			return p.run(cmd.Context(), files)
		},
	}
	f := cmd.Flags()
	f.StringVar(&p.kind, "kind", "", "`KIND` of all documents: claim or roster (default: by their members)")
	f.StringVar(&p.source, "source", "", "`NAME` of where they come from; becomes part of the subject")
	f.BoolVar(&p.force, "force", false, "publish what is not a JSON object as it stands; needs --kind")
	f.BoolVar(&p.asJSON, "json", false, "print the summary as JSON")
	f.DurationVar(&p.timeout, "timeout", time.Minute, "how long to go on trying while the server stores nothing")
	return cmd
}

func (p *publishing) check(files []string) error {
	if p.timeout <= 0 {
		return usage("--timeout %v: use more than 0", p.timeout)
	}
	if p.kind != "" && p.kind != string(record.KindClaim) && p.kind != string(record.KindRoster) {
		return usage("--kind %q: choose claim or roster", p.kind)
	}
	if p.force && p.kind == "" {
		return usage("--force needs --kind: what is not a JSON object does not tell its kind")
	}
	if p.source != "" {
		if err := checkToken("source", p.source); err != nil {
			return err
		}
	}
	for _, name := range files {
		if name == "-" {
			continue
		}
		if st, err := os.Stat(name); err != nil {
			return usage("%w", err)
		} else if st.IsDir() {
			return usage("%s is a folder; name its files", name)
		}
	}
	return nil
}

// run publishes the files. Whatever ends it, the summary says what is stored.
func (p *publishing) run(ctx context.Context, files []string) error {
	cfg, b, err := p.connect()
	if err != nil {
		return err
	}
	defer b.Close()
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
	p.limit = int(b.NC.MaxPayload()) - 1024 // headers count, too
	if p.sender, err = newSender(b.NC, p.timeout, p.settled); err != nil {
		return err
	}
	p.tally.began = time.Now()
	p.bar = newBar(p.err, "publishing", sizeOf(files), true)
	err = p.publish(ctx, files)
	p.bar.finish()
	if printed := p.tally.print(p.out, p.asJSON); printed != nil && err == nil {
		err = printed
	}
	return err
}

func (p *publishing) publish(ctx context.Context, files []string) error {
	var err error
	for i := 0; i < len(files) && err == nil; i++ {
		err = p.file(ctx, files[i])
	}
	if err == nil {
		err = p.sender.flush(ctx)
	}
	if errors.Is(err, context.Canceled) {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer stop()
		err = errors.Join(errors.New("interrupted; run the same again: what is stored is not added twice within the stream's duplicate window"), p.sender.flush(last))
	}
	if n := len(p.sender.window); n > 0 {
		err = fmt.Errorf("%w; of the last %d documents, from %s on, it is not known whether they are stored", err, n, p.sender.window[0].from)
	}
	return errors.Join(err, p.tally.refusal())
}

// file publishes all documents of a file.
func (p *publishing) file(ctx context.Context, name string) error {
	in := p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		defer f.Close()
		in = f
	} else {
		name = "standard input"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := readAhead(ctx, newDocuments(p.bar.reader(in), p.limit))
	idle := time.NewTicker(idleFlush)
	defer idle.Stop()
	for {
		select {
		case f := <-found:
			if errors.Is(f.err, io.EOF) {
				return nil
			}
			if f.err == nil {
				f.err = p.document(ctx, f.doc, fmt.Sprintf("%s:%d", name, f.doc.line))
			}
			if f.err != nil {
				return fmt.Errorf("publish %s, line %d: %w", name, f.doc.line, f.err)
			}
		case <-idle.C: // the next document may be long in coming
			if err := p.sender.flush(ctx); err != nil {
				return fmt.Errorf("publish %s: %w", name, err)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// idleFlush is how often everything sent is waited for, so that what failed is
// sent again even if nothing follows it.
const idleFlush = time.Second

// found is the next document, or why there is none.
type found struct {
	doc document
	err error
}

// readAhead reads beside the caller, who can then stop while a pipe is silent.
// It ends with the file or with ctx; a read that is blocked then ends with the
// process.
func readAhead(ctx context.Context, docs *documents) <-chan found {
	all := make(chan found)
	go func() {
		for {
			doc, err := docs.next()
			select {
			case all <- found{doc, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return all
}

// document publishes one document, or counts it as refused.
func (p *publishing) document(ctx context.Context, doc document, from string) error {
	kind, fault := p.kindOf(doc)
	if fault != "" {
		p.tally.refuse(from, fault)
		return nil
	}
	subject := p.subjects[kind]
	return p.sender.send(ctx, &nats.Msg{Subject: subject, Data: doc.data, Header: nats.Header{
		"Content-Type": {"application/json"},
		nats.MsgIdHdr:  {p.seen.id(subject, doc.data)},
	}}, from)
}

// kindOf is what kind to publish a document as, or why it cannot be.
func (p *publishing) kindOf(doc document) (record.Kind, string) {
	if doc.huge {
		return "", doc.fault
	}
	told, fault := record.Kind(""), doc.fault
	if fault == "" {
		told, fault = inspect(doc.data)
	}
	switch {
	case fault != "" && !p.force:
		return "", fault + " (--force publishes it as it stands)"
	case p.kind != "":
		return record.Kind(p.kind), ""
	case told == "":
		return "", "neither providers, as a claim has, nor npi, group_npi or taxonomies, as a roster row has: say which with --kind"
	}
	return told, ""
}

func (p *publishing) settled(s *sent) {
	switch {
	case s.err != nil:
		p.tally.refuse(s.from, "the server refused it: "+s.err.Error())
	case s.ack.Duplicate && s.tries == 1:
		p.tally.Already++ // after a second try it may be our own first one
		fallthrough
	default:
		p.tally.Published++
	}
}

// occurrences numbers equal documents, in memory that does not grow with the
// file: documents that fall into the same slot are counted together. That is
// as good, because the numbers of equal documents still differ, and the same
// run gives the same numbers.
type occurrences struct{ slots []uint32 }

const occurrenceSlots = 1 << 22

// id is a document's message id: a digest of its subject, its bytes, and how
// often it was seen in this run.
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

// tally is what came of a run.
type tally struct {
	Published int     `json:"published"`
	Already   int     `json:"already_there"` // of the published
	Refused   int     `json:"refused"`
	Seconds   float64 `json:"seconds"`

	began time.Time
	first []string // of the refused: file:line and why
}

// namedFaults is how many refused documents are named.
const namedFaults = 10

func (t *tally) refuse(from, why string) {
	t.Refused++
	if len(t.first) < namedFaults {
		t.first = append(t.first, from+": "+why)
	}
}

func (t *tally) print(w io.Writer, asJSON bool) error {
	t.Seconds = time.Since(t.began).Seconds()
	if asJSON {
		line, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("print the summary: %w", err)
		}
		_, err = fmt.Fprintf(w, "%s\n", line)
		return err
	}
	_, err := fmt.Fprintf(w, "published %d, of them %d already there, in %.1f s (%.0f/s)\n",
		t.Published, t.Already, t.Seconds, float64(t.Published)/max(t.Seconds, 0.001))
	return err
}

// refusal names the first documents that were refused.
func (t *tally) refusal() error {
	if t.Refused == 0 {
		return nil
	}
	more := ""
	if n := t.Refused - len(t.first); n > 0 {
		more = fmt.Sprintf("\n  and %d more", n)
	}
	return fmt.Errorf("%d not published:\n  %s%s", t.Refused, strings.Join(t.first, "\n  "), more)
}

// sizeOf is the size of all files in bytes, -1 if that cannot be known.
func sizeOf(files []string) (size int64) {
	for _, name := range files {
		st, err := os.Stat(filepath.Clean(name))
		if err != nil || !st.Mode().IsRegular() {
			return -1
		}
		size += st.Size()
	}
	return size
}
