package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/format"
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
		return usage("--kind %q: choose claim or roster", r.kind)
	}
	if r.mapFile != "" {
		text, err := os.ReadFile(r.mapFile)
		if err != nil {
			return usage("--map: %w", err)
		}
		if r.roster, err = roster.ParseMap(text); err != nil {
			return usage("--map %s: %w", r.mapFile, err)
		}
	}
	if r.files, err = intake.Expand(args); err != nil {
		return usage("%w", err)
	}
	return nil
}

// reader reads files as the configuration and the flags say, into messages of
// at most limit bytes.
func (r *reading) reader(_ config.Config, limit int) *intake.Reader {
	return &intake.Reader{Formats: format.Formats{Map: r.roster}, Kind: record.Kind(r.kind), Limit: limit}
}

// open gives a file and what it is called.
func (c *console) open(name string) (io.ReadCloser, string, error) {
	if name == intake.Stdin {
		return io.NopCloser(c.in), intake.StdinName, nil
	}
	f, err := os.Open(name)
	return f, name, err
}

// unreadable is the fault of a file that cannot even be opened.
func unreadable(name string, err error) intake.Fault {
	return intake.Fault{File: name, Fault: record.Fault{Reason: fmt.Sprintf("it cannot be read: %v", reasonOf(err)), Lost: true}}
}

// found is what a file holds next: a message or, where there is none, a fault.
type found struct {
	piece *intake.Piece
	fault intake.Fault
}

// readAhead reads beside the caller, who can then stop while a pipe is silent.
// It ends with the file or with ctx; a read that is blocked then ends with the
// process.
func readAhead(ctx context.Context, r *intake.Reader, name string, in io.Reader) <-chan found {
	all := make(chan found, 16)
	hand := func(f found) error {
		select {
		case all <- f:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	go func() {
		defer close(all)
		_ = r.Read(name, in, intake.Sink{ // its error is ctx's
			Piece: func(p *intake.Piece) error { return hand(found{piece: p}) },
			Fault: func(x intake.Fault) { _ = hand(found{fault: x}) },
		})
	}()
	return all
}
