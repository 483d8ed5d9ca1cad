package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
)

// The states of a registry.
const (
	stateUsable  = "usable"
	stateNone    = "none"    // nothing was imported
	stateDamaged = "damaged" // there is one, and it cannot be read
)

// status is how the registry stands, as --json prints it.
type status struct {
	State    string          `json:"state"`
	Dir      string          `json:"dir"`
	Problem  string          `json:"problem,omitzero"` // what is wrong, and what to do
	Verified bool            `json:"verified"`         // every provider was read
	Bytes    int64           `json:"bytes"`            // on disk, with what imports left over
	Manifest *local.Manifest `json:"manifest,omitzero"`
	Overdue  []string        `json:"overdue"` // what to import, a sentence each
}

func statusCommand(c *console) *cobra.Command {
	var asJSON, verify bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "say what was imported, as of when, and what is overdue",
		Long: "Says which files the registry was made from, how many providers it has and how large it is, and what is\n" +
			"older than it should be: than CMS and the OIG publish, and than enrich.local.max_age. With --verify it reads\n" +
			"every provider and compares checksums, which takes as long as reading the registry from the disk.\n\n" +
			"Exit codes: 0 usable; 1 damaged, or nothing was imported yet; 2 wrong usage or configuration.",
		Example: "  registry status\n  registry status --verify\n  registry status --json | jq .overdue",
		Args:    assembly.CheckedArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.status(cmd.Context(), verify, asJSON)
		},
	}
	cmd.Flags().BoolVar(&verify, "verify", false, "read every provider and compare its checksum")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as one JSON object")
	return cmd
}

func (c *console) status(ctx context.Context, verify, asJSON bool) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	s, cfg, err := c.open()
	st := &status{State: stateUsable, Dir: cfg.Dir, Overdue: []string{}}
	if err == nil {
		defer func() { _ = s.Close() }()
		if verify {
			err = s.Verify(ctx)
			st.Verified = err == nil
		}
		m := s.Manifest()
		st.Manifest, st.Overdue = &m, overdue(m, cfg.MaxAge, time.Now())
	}
	if err := st.judge(err); err != nil {
		return err
	}
	st.Bytes = onDisk(cfg.Dir)
	if asJSON {
		err = printJSON(c.out, st)
	} else {
		_, err = c.out.Write([]byte(st.String()))
	}
	if st.Problem != "" {
		return errors.New(st.Problem)
	}
	return err
}

// judge takes errors that are states of the registry, and gives back others.
func (st *status) judge(err error) error {
	var damaged *local.CorruptError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, local.ErrNone):
		st.State = stateNone
	case errors.As(err, &damaged):
		st.State = stateDamaged
	default:
		return err
	}
	st.Problem = err.Error()
	return nil
}

// overdue says what is older than it is published, and than we believe it.
func overdue(m local.Manifest, maxAge time.Duration, now time.Time) []string {
	late := append([]string{}, m.Overdue(now)...)
	if assembly.TooOld(m.Providers.AsOf, maxAge, now) {
		late = append(late, fmt.Sprintf("providers: older than enrich.local.max_age (%s); workers ask the live API first", maxAge))
	}
	return late
}

func (st *status) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "registry: %s, in %s, %s\n", st.State, st.Dir, size(st.Bytes))
	if m := st.Manifest; m != nil {
		describe(&b, m)
	}
	if st.Verified {
		b.WriteString("verified: every provider is as it was written\n")
	}
	for _, late := range st.Overdue {
		fmt.Fprintf(&b, "overdue: %s\n", late)
	}
	return b.String()
}

// describe tells what a registry was made from.
func describe(b *strings.Builder, m *local.Manifest) {
	fmt.Fprintf(b, "built: %s, %s\n", m.Built.UTC().Format(time.RFC3339), indexes(m.Search))
	if p := m.Providers; p.AsOf != 0 {
		fmt.Fprintf(b, "providers: %s as of %s: %s individuals, %s organizations, %s deactivated\n",
			count(p.Total()), p.AsOf, count(p.Individuals), count(p.Organizations), count(p.Deactivated))
	} else {
		b.WriteString("providers: no monthly file was imported\n")
	}
	for _, l := range lists(m.Deactivations, m.Exclusions, m.Taxonomies) {
		if l.At.IsZero() {
			fmt.Fprintf(b, "%s: none was imported\n", l.name)
			continue
		}
		fmt.Fprintf(b, "%s: %s\n", l.name, l)
	}
	for _, f := range m.Files {
		fmt.Fprintf(b, "file: %s, %s%s, %s rows, imported %s\n", assembly.Printable(f.Name), f.Kind, days(0, f.AsOf), count(f.Rows), f.At.UTC().Format(time.DateOnly))
	}
}

// onDisk is the size of everything in the registry's folder.
func onDisk(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
