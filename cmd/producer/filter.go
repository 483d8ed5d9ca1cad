package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/record"
)

// filter says which results are wanted. Within one list any matches, between
// lists all must; an empty list wants everything.
type filter struct {
	verdicts []string
	kinds    []string
	flags    []string
	npi      string
	id       string
}

func (f *filter) check() error {
	for _, v := range f.verdicts {
		if !slices.Contains(record.Verdicts, record.Verdict(v)) {
			return assembly.Usage("--verdict %q: choose from %s", v, list(record.Verdicts))
		}
	}
	for _, k := range f.kinds {
		if kinds := append(slices.Clip(record.Kinds), record.KindOther); !slices.Contains(kinds, record.Kind(k)) {
			return assembly.Usage("--kind %q: choose from %s", k, list(kinds))
		}
	}
	for _, c := range f.flags {
		if !slices.Contains(record.FlagCodes, record.FlagCode(c)) {
			return assembly.Usage("--flag %q: choose from %s", c, list(record.FlagCodes))
		}
	}
	if _, ok := record.ParseNPI(f.npi); !ok && f.npi != "" {
		return assembly.Usage("--npi: give ten digits")
	}
	return nil
}

func list[S ~string](of []S) string {
	words := make([]string, len(of))
	for i, w := range of {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

// lanes are those of the wanted kinds.
func (f *filter) lanes(t broker.Topology) []broker.Lane {
	return slices.DeleteFunc(t.LaneList(), func(l broker.Lane) bool {
		return len(f.kinds) > 0 && !slices.Contains(f.kinds, string(l.Kind))
	})
}

// subjects are those a lane's wanted results come on, so that the server does
// not send the others.
func (f *filter) subjects(l broker.Lane) []string {
	if len(f.verdicts) == 0 {
		return []string{l.Prefix + ".>"}
	}
	subjects := make([]string, len(f.verdicts))
	for i, v := range f.verdicts {
		subjects[i] = l.Prefix + "." + v
	}
	slices.Sort(subjects)
	return slices.Compact(subjects) // the server refuses overlapping ones
}

// mayMatch rules out by the bytes alone what decoding would show not to be
// wanted.
func (f *filter) mayMatch(data []byte) bool {
	return f.npi == "" || bytes.Contains(data, []byte(f.npi))
}

// match decides what the subject does not tell. Flags and NPI are to be found
// on the same provider: that is what one looks for.
func (f *filter) match(r *record.Result) bool {
	if f.id != "" && r.ID != f.id {
		return false
	}
	if f.npi == "" && len(f.flags) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Providers, func(p record.Provider) bool {
		return (f.npi == "" || p.NPI == f.npi) && (len(f.flags) == 0 || slices.ContainsFunc(p.Flags, func(g record.Flag) bool {
			return slices.Contains(f.flags, string(g.Code))
		}))
	})
}
