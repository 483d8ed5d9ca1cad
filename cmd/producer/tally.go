package main

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/npiflow/npiflow/cmd/producer/report"
)

// tally is what came of a run.
type tally struct {
	Published int             `json:"published"`
	Already   int             `json:"already_there"` // of the published
	Refused   int             `json:"refused"`       // records or files that could not be read or published
	Faults    int             `json:"faults"`        // that cost no record
	Results   *report.Summary `json:"results,omitzero"`
	Seconds   float64         `json:"seconds"`

	began time.Time
}

// summarize prints what came of the run.
func (p *publishing) summarize() (err error) {
	t := &p.tally
	t.Seconds = time.Since(t.began).Seconds()
	if p.wait {
		t.Results = &p.summary
	}
	switch {
	case p.asJSON:
		var line []byte
		if line, err = json.Marshal(t, json.Deterministic(true)); err == nil {
			_, err = fmt.Fprintf(p.out, "%s\n", line)
		}
	default:
		_, err = fmt.Fprint(p.out, p.sentences())
	}
	if err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	return nil
}

// sentences are the summary for people.
func (p *publishing) sentences() string {
	t := &p.tally
	text := ""
	if !p.inside {
		text = fmt.Sprintf("published %d, of them %d already there, in %.1f s (%.0f/s)\n",
			t.Published, t.Already, t.Seconds, float64(t.Published)/max(t.Seconds, 0.001))
	}
	if p.wait {
		text += p.sentence() + "\n"
	}
	return text
}
