package main

import (
	"fmt"
	"io"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
)

const (
	// alike is how often the same is said of one file.
	alike = 10
	// reasons bounds the different ones that are counted of a file.
	reasons = 1000
)

// faults says what is wrong with files. A file of which the same is wrong at a
// thousand places does not fill the screen.
type faults struct {
	w    io.Writer
	file string         // the last one
	said map[string]int // of it, by reason
	more int            // not said
}

func (s *faults) say(f intake.Fault) {
	if f.File != s.file || s.said == nil {
		s.end()
		s.file, s.said = f.File, map[string]int{}
	}
	if len(s.said) < reasons || s.said[f.Reason] > 0 {
		s.said[f.Reason]++
	}
	if s.said[f.Reason] > alike {
		s.more++
		return
	}
	_, _ = fmt.Fprintln(s.w, assembly.Printable(f.Error()))
}

// end says how much was not said of the last file.
func (s *faults) end() {
	if s.more > 0 {
		_, _ = fmt.Fprintf(s.w, "%s: the same at %d more places\n", assembly.Printable(s.file), s.more)
	}
	s.more = 0
}
