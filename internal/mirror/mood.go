package mirror

import (
	"maps"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// Fault is one way not to give the answer that was asked for.
type Fault uint8

// The faults; the zero value is none.
const (
	OK              Fault = iota
	Refuse                // close the connection without a word
	Hang                  // say nothing until the client leaves
	Fail500               // status 500 with a page
	HTML200               // a maintenance page with status 200
	Throttle              // status 429, with Retry-After if the mood has one
	Truncated             // announce the whole answer and send half of it
	WrongNPI              // answer with somebody else's record
	EmptyOnce             // answer a number as unknown the first time, then rightly
	SaysDeactivated       // error 15, the answer of before 2022 for a deactivated NPI
)

// Mood is how requests are treated until the next mood.
type Mood struct {
	Fault      Fault
	RetryAfter time.Duration // with Throttle, in whole seconds; 0 sends no header
	Latency    time.Duration // before any answer or fault
}

// SetMood changes the mood for every number that has none of its own. It
// holds for requests that come in later.
func (r *Recorded) SetMood(m Mood) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = m
	clear(r.emptied)
}

// SetMoodOf changes the mood for one number; the zero mood gives it back to
// the general one.
func (r *Recorded) SetMoodOf(npi record.NPI, m Mood) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.emptied, npi)
	if m == (Mood{}) {
		delete(r.moods, npi)
		return
	}
	r.moods[npi] = m
}

// Requests counts everything that came in, sound or not.
func (r *Recorded) Requests() int64 { return r.requests.Load() }

// Asked counts, for each number, the requests for it, whatever became of them.
func (r *Recorded) Asked() map[record.NPI]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.asked)
}

// meet counts a request for npi (0 if it names none) and says how to treat it.
func (r *Recorded) meet(npi record.NPI) Mood {
	r.requests.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	m, own := r.moods[npi]
	if !own {
		m = r.mood
	}
	if npi != 0 {
		r.asked[npi]++
	}
	if m.Fault == EmptyOnce {
		if npi == 0 || r.emptied[npi] {
			m.Fault = OK
		} else {
			r.emptied[npi] = true
		}
	}
	return m
}
