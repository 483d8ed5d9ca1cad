package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

func lookupCommand(c *console) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lookup [NPI...]",
		Short: "say what the imported files hold of an NPI",
		Long: "Looks up each NPI, in the order given: a table on a terminal, tab-separated when piped, or JSON. Without\n" +
			"arguments, or with -, they are read from standard input, separated by line ends, blanks or commas.\n\n" +
			"Exit codes: 0 every one is active; 1 any is not (deactivated, not found, wrong check digit), or there is no\n" +
			"registry; 2 wrong usage or configuration.",
		Example: "  registry lookup 1770626038 1023011053\n  cut -d, -f3 roster.csv | registry lookup --json\n  registry lookup - < npis.txt | grep -v active",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && terminal(c.in) != nil {
				return assembly.Usage("name an NPI, or - to read them from standard input; see registry lookup --help")
			}
			return c.lookUp(cmd.Context(), args, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for each NPI, of the shape of a result's providers")
	return cmd
}

func (c *console) lookUp(ctx context.Context, args []string, asJSON bool) error {
	s, cfg, err := c.open()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	out := bufio.NewWriterSize(c.out, 64<<10)
	l := &lookingUp{store: s, stale: assembly.TooOld(s.Manifest().Providers.AsOf, cfg.MaxAge, time.Now()), out: out, print: printer(out, asJSON, terminal(c.out) != nil)}
	err = l.all(ctx, args, c.in)
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if l.others > 0 {
		return fmt.Errorf("look up: %s of %s are not active", count(l.others), count(l.n))
	}
	return nil
}

// lookingUp is one run of lookup.
type lookingUp struct {
	store *local.Store
	stale bool
	out   *bufio.Writer
	print func(*answer) error

	n, others int // looked up, and of those not active
}

func (l *lookingUp) all(ctx context.Context, args []string, stdin io.Reader) error {
	if len(args) == 0 {
		args = []string{"-"}
	}
	for _, arg := range args {
		from := io.Reader(strings.NewReader(arg))
		if arg == "-" {
			from = stdin
		}
		if err := l.from(ctx, from); err != nil {
			return err
		}
	}
	if l.n == 0 {
		return assembly.Usage("no NPI was given; see registry lookup --help")
	}
	return nil
}

// from looks up what is read of r. Whoever feeds one NPI after another sees
// each answer before the next question.
func (l *lookingUp) from(ctx context.Context, r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		if in.Buffered() == 0 {
			if err := l.out.Flush(); err != nil {
				return err
			}
		}
		text, err := next(in)
		if text != "" {
			if err := l.one(text); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read NPIs: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// longestText is more than anything that is nearly an NPI.
const longestText = 64

// next reads up to the next separator. Text beyond longestText is left out:
// it is no NPI anyway.
func next(in *bufio.Reader) (string, error) {
	var text []byte
	for {
		b, err := in.ReadByte()
		switch {
		case err != nil:
			return string(text), err
		case b == ' ' || b == '\t' || b == '\r' || b == ',':
			if len(text) > 0 {
				return string(text), nil
			}
		case b == '\n':
			return string(text), nil
		case len(text) < longestText:
			text = append(text, b)
		}
	}
}

func (l *lookingUp) one(text string) error {
	l.n++
	a := &answer{Item: l.n}
	npi, mark := checksum.Mark(text)
	if _, ten := record.ParseNPI(text); ten {
		a.Item, a.NPI = 0, text
	}
	switch mark {
	case record.Sound:
		e, err := look(l.store, npi)
		if err != nil {
			return fmt.Errorf("look up: %w", err)
		}
		e.Evidence.Stale = l.stale && e.Evidence.Source == record.FromLocal
		a.Valid, a.Answer = true, e.Answer()
		if a.Answer == nil {
			a.Problem = "not known: no monthly file was imported"
		}
	case record.BadChecksum:
		a.Problem = "wrong check digit: mistyped"
	case record.BadPrefix:
		a.Problem = "begins with neither 1 nor 2"
	default:
		a.Problem = checksum.Describe(text)
	}
	if a.Answer == nil || a.Answer.Evidence.Status != record.Active {
		l.others++
	}
	return l.print(a)
}

// source is a build, or the registry that goes over from one to the next.
type source interface {
	Lookup(record.NPI) (*record.Entry, error)
	Exclusion(record.NPI) *record.Exclusion
	Manifest() local.Manifest
}

// look gives an entry in any case: absent where a full file was imported and
// does not have npi, unknown where none was.
func look(s source, npi record.NPI) (*record.Entry, error) {
	e, err := s.Lookup(npi)
	if err != nil {
		return nil, err
	}
	if e == nil {
		e = &record.Entry{NPI: npi}
		v, asOf := &e.Evidence, s.Manifest().Providers.AsOf
		v.Source, v.AsOf, v.FetchedAt = record.FromLocal, asOf, time.Now().UTC().Truncate(time.Second)
		if asOf != 0 {
			v.Status = record.Absent
		}
	}
	e.Evidence.Excluded = s.Exclusion(npi)
	return e, nil
}
