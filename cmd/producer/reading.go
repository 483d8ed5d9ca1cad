package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/format/roster"
	"github.com/npiflow/npiflow/internal/record"
)

// reading is what commands that read files are told of them.
type reading struct {
	*console
	kind    string
	mapFile string

	roster *roster.Map
	files  []string
}

func (r *reading) flags(f *pflag.FlagSet) {
	f.StringVar(&r.kind, "kind", "", "only records of this `KIND`, claim or roster; JSON documents of our own form are taken for it (default: by their members)")
	f.StringVar(&r.mapFile, "map", "", "`FILE` (YAML) that says which column of a roster means what")
}

// check reads what is needed before the first file is.
func (r *reading) check(args []string) (err error) {
	if r.kind != "" && r.kind != string(record.KindClaim) && r.kind != string(record.KindRoster) {
		return assembly.Usage("--kind %q: choose claim or roster", r.kind)
	}
	if r.mapFile != "" {
		text, err := os.ReadFile(r.mapFile)
		if err != nil {
			return assembly.Usage("--map: %w", err)
		}
		if r.roster, err = roster.ParseMap(text); err != nil {
			return assembly.Usage("--map %s: %w", r.mapFile, err)
		}
	}
	if r.files, err = intake.Expand(args); err != nil {
		return assembly.Usage("%w", err)
	}
	return nil
}

// reader reads files as the configuration and the flags say, into messages of
// at most limit bytes.
func (r *reading) reader(cfg config.Config, limit int) (*intake.Reader, error) {
	formats, err := assembly.Formats(cfg)
	formats.Map = r.roster
	return &intake.Reader{Formats: formats, Kind: record.Kind(r.kind), Limit: limit}, err
}

// found is what the files hold next: a message or, where there is none, a
// fault.
type found struct {
	piece *intake.Piece
	fault intake.Fault
}

// readAhead reads the files beside the caller, who can then stop while a pipe
// is silent. It ends with the last file or with ctx; a read that is blocked
// then ends with the process.
func (r *reading) readAhead(ctx context.Context, in *intake.Reader, shown *bar) <-chan found {
	all := make(chan found, 16)
	hand := func(f found) error {
		select {
		case all <- f:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	open := func(name string) (io.ReadCloser, string, error) {
		if name == intake.Stdin {
			return io.NopCloser(shown.reader(r.in)), intake.StdinName, nil
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, name, err
		}
		return struct {
			io.Reader
			io.Closer
		}{shown.reader(f), f}, name, nil
	}
	go func() {
		defer close(all)
		_ = in.Read(r.files, open, intake.Sink{ // its error is ctx's
			Piece: func(p *intake.Piece) error { return hand(found{piece: p}) },
			Fault: func(x intake.Fault) { _ = hand(found{fault: x}) },
		})
	}()
	return all
}
