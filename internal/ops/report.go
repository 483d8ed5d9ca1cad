package ops

import (
	"fmt"
	"time"

	"github.com/npiflow/npiflow/internal/consumer"
)

// Line is one thing that was looked at. Name and Detail are words of our own:
// nothing of a message may stand in them.
type Line struct {
	OK     bool   `json:"ok"`
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// Report is everything that was looked at to answer one question.
type Report []Line

// OK reports whether every line is well. An empty report is.
func (r Report) OK() bool {
	for _, l := range r {
		if !l.OK {
			return false
		}
	}
	return true
}

// LaneState is what a lane says of itself.
type LaneState struct {
	Name, State string    // State is one of consumer's states
	Progress    time.Time // when it last made progress
}

// deadAfter is how long a lane may go without progress. Every wait that is
// rightly longer (for the registry, the broker, or another worker) counts as
// progress with the lane itself, so only a lane that is stuck gets here.
const deadAfter = 60 * time.Second

// LiveReport says whether every lane makes progress. A process that runs and
// gets nothing done is dead.
func LiveReport(lanes []LaneState, now time.Time) Report {
	var r Report
	for _, l := range lanes {
		idle := max(now.Sub(l.Progress), 0)
		line := Line{OK: idle <= deadAfter, Name: "lane " + l.Name, Detail: l.State + ", " + ago(idle)}
		if !line.OK {
			line.Detail += fmt.Sprintf(": no progress for more than %.0f s", deadAfter.Seconds())
		}
		r = append(r, line)
	}
	return r
}

// ReadyReport says whether records sent now would be worked, by this worker or
// by the one it stands by for. A registry that cannot be asked is no reason
// against it: the lane holds, and loses nothing.
func ReadyReport(connected, draining bool, lanes []LaneState) Report {
	r := Report{
		{connected, "broker", either(connected, "connected", "disconnected, trying again")},
		{!draining, "intake", either(draining, "draining: no more records are taken", "open")},
	}
	for _, l := range lanes {
		r = append(r, Line{OK: takes(l.State), Name: "lane " + l.Name, Detail: l.State})
	}
	return r
}

func takes(state string) bool {
	switch state {
	case consumer.StateStandby, consumer.StateWorking, consumer.StateHolding, consumer.StateAsleep:
		return true
	}
	return false
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// ago is a time gone by: tenths of a second below a minute.
func ago(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs ago", d.Seconds())
	}
	return d.Round(time.Second).String() + " ago"
}
