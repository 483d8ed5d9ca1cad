package mirror

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

//go:embed answers
var embedded embed.FS

// Answers are real answers of the registry, recorded from 2023 to 2026: 61
// individuals, 2 organizations, and a list of 240 deactivated NPIs.
func Answers() fs.FS {
	sub, err := fs.Sub(embedded, "answers")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return sub
}

// Recorded is a stand-in for the registry that answers lookups by number, as
// an http.Handler under /api/. It answers what it was given, and fails in any
// way it is told to. It remembers every number it was asked for, so it is for
// tests, benches and demonstrations.
type Recorded struct {
	// Synthesize makes it answer any sound NPI it does not hold with a made-up
	// provider, always the same for the same number. Set it before serving.
	Synthesize bool

	results     map[record.NPI]jsontext.Value // one element of "results" each, compact
	types       map[record.NPI]string
	deactivated map[record.NPI]bool
	requests    atomic.Int64

	mu      sync.Mutex
	mood    Mood
	moods   map[record.NPI]Mood
	emptied map[record.NPI]bool
	asked   map[record.NPI]int
}

// NewRecorded reads answers from the top folder of each file system: NPPES
// answers, each of one result or more, from *.json, and one deactivated NPI a
// line from deactivated*.txt. A number may stand in one place only.
func NewRecorded(from ...fs.FS) (*Recorded, error) {
	r := &Recorded{
		results:     map[record.NPI]jsontext.Value{},
		types:       map[record.NPI]string{},
		deactivated: map[record.NPI]bool{},
		moods:       map[record.NPI]Mood{},
		emptied:     map[record.NPI]bool{},
		asked:       map[record.NPI]int{},
	}
	for _, fsys := range from {
		if err := r.load(fsys, "*.json", r.addAnswers); err != nil {
			return nil, err
		}
		if err := r.load(fsys, "deactivated*.txt", r.addDeactivated); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Recorded) load(fsys fs.FS, pattern string, add func([]byte) error) error {
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return fmt.Errorf("list recorded answers: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read recorded answers: %w", err)
		}
		if err := add(data); err != nil {
			return fmt.Errorf("read recorded answers: %s: %w", name, err)
		}
	}
	return nil
}

func (r *Recorded) addAnswers(data []byte) error {
	var answer struct {
		Results []jsontext.Value `json:"results"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	for _, result := range answer.Results {
		var of struct {
			Number record.NPI `json:"number"`
			Type   string     `json:"enumeration_type"`
		}
		if err := json.Unmarshal(result, &of); err != nil {
			return err
		}
		if err := result.Compact(); err != nil {
			return err
		}
		if of.Number == 0 || r.holds(of.Number) {
			return errors.New("a result without a number, or one that is held already")
		}
		r.results[of.Number], r.types[of.Number] = result, of.Type
	}
	return nil
}

func (r *Recorded) addDeactivated(data []byte) error {
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		npi, ok := record.ParseNPI(line)
		if !ok || r.holds(npi) {
			return errors.New("a line that is no NPI, or one that is held already")
		}
		r.deactivated[npi] = true
	}
	return nil
}

func (r *Recorded) holds(npi record.NPI) bool {
	return r.results[npi] != nil || r.deactivated[npi]
}

// Individuals are the people it holds, in the order of their numbers.
func (r *Recorded) Individuals() []record.NPI { return r.ofType(record.NPI1) }

// Organizations are the organizations it holds, in the order of their numbers.
func (r *Recorded) Organizations() []record.NPI { return r.ofType(record.NPI2) }

func (r *Recorded) ofType(want string) (npis []record.NPI) {
	for npi, kind := range r.types {
		if kind == want {
			npis = append(npis, npi)
		}
	}
	slices.Sort(npis)
	return npis
}

// Deactivated are the NPIs it knows to be deactivated, in order. It answers
// them as the registry does today: as if they had never been issued.
func (r *Recorded) Deactivated() []record.NPI { return slices.Sorted(maps.Keys(r.deactivated)) }
