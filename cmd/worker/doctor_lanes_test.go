package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLaneLine(t *testing.T) {
	held := lease{Holder: "w-1", age: time.Second}
	gone := lease{Holder: "w-1", age: time.Hour}
	for name, c := range map[string]struct {
		lane  lane
		state string
		has   string
	}{
		"nothing yet":             {lane{}, stateOK, "worked by nobody now; no records yet"},
		"done":                    {lane{mark: 9, last: 9, end: 12, lease: held}, stateOK, "worked by w-1, heard of 1.0 s ago; all done, up to input 9"},
		"done, nobody there":      {lane{mark: 9, last: 9, end: 12, lease: gone}, stateOK, "last heard of 1h0m0s ago"},
		"at work":                 {lane{mark: 3, last: 9, end: 12, waiting: 4, lease: held}, stateOK, "up to 4 waiting; the ledger is at input 3, which ends at 9"},
		"waiting for a worker":    {lane{mark: 3, last: 9, end: 12, lease: gone}, stateWarn, "worked by nobody"},
		"new ledger, no worker":   {lane{last: 9, end: 12, waiting: 9}, stateWarn, "the ledger is empty, the input ends at 9"},
		"paused":                  {lane{mark: 3, last: 9, end: 12, lease: held, paused: true}, stateWarn, "paused"},
		"killing its workers":     {lane{mark: 3, last: 9, end: 12, lease: lease{Holder: "w-1", Alone: true}}, stateWarn, "died here again and again"},
		"input made anew":         {lane{mark: 20, last: 9, end: 12, lease: held}, stateFail, "would pass for done"},
		"input purged, then none": {lane{mark: 20, last: 0, end: 20}, stateOK, "all done, up to input 20"},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.lane.line()
			assert.Equal(t, c.state, l.State, "%+v", l)
			assert.Contains(t, l.Detail, c.has)
			assert.Equal(t, c.state == stateOK, l.Do == "", "%+v", l)
		})
	}
}

func FuzzDecodeLease(f *testing.F) {
	f.Add([]byte(`{"holder":"h-1-ABC","renewed":"2026-01-01T00:00:00Z","mark":3,"deaths":1,"alone":true,"suspect":9,"calm":false}`))
	f.Add([]byte(`{"holder":""}`))
	f.Add([]byte(`{"holder":7}`))
	f.Add([]byte(`{`))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		l := decodeLease(data, time.Second)
		assert.Equal(t, l.Holder != "", l.held())
		assert.Equal(t, time.Second, l.age)
		for _, r := range l.String() {
			assert.GreaterOrEqual(t, r, ' ', "nothing a terminal would obey")
		}
	})
}
