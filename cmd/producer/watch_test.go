package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/record"
)

var checked = time.Date(2026, 10, 26, 8, 0, 0, 0, time.UTC)

// results are one of each verdict.
func results() []record.Result {
	provider := func(npi, name string, flags ...record.Flag) record.Provider {
		p := record.Provider{Role: record.Billing, NPI: npi, Path: "/providers/0/npi", Flags: flags}
		if name != "" {
			p.Answer = &record.Answer{Found: true, Name: name}
		}
		return p
	}
	flag := func(code record.FlagCode) record.Flag {
		return record.Flag{Code: code, Severity: record.Error, Detail: "x"}
	}
	all := []record.Result{
		{ID: "c1", Kind: record.KindClaim, Verdict: record.Clean, Providers: []record.Provider{provider("1234567893", "ACME\x1b[2J CLINIC\u202e")}},
		{ID: "c2", Kind: record.KindClaim, Verdict: record.Rejected, Providers: []record.Provider{provider("1234567890", "", flag(record.FlagBadChecksum)), provider("1234567893", "ACME CLINIC")}},
		{Kind: record.KindClaim, Verdict: record.Dead, Dead: &record.DeadLetter{Subject: "npi.dead.claim", Reason: "not valid JSON"}},
		{ID: "r1", Kind: record.KindRoster, Verdict: record.Flagged, Providers: []record.Provider{provider("1881715480", "A PERSON", flag(record.FlagNotFound))}},
	}
	for i := range all {
		all[i].Rules, all[i].CheckedAt = "test", checked
		all[i].Source = record.Origin{Stream: "NPI_RECORDS", Sequence: uint64(i + 1), ReceivedAt: checked}
	}
	return all
}

func (w *world) store(r *record.Result) {
	w.t.Helper()
	_, err := w.js.Publish(w.t.Context(), fmt.Sprintf("npi.results.%s.%s", r.Kind, r.Verdict), r.AppendJSON(nil))
	require.NoError(w.t, err)
}

func TestWatchFilters(t *testing.T) {
	w := newWorld(t)
	all := results()
	for i := range all {
		w.store(&all[i])
	}
	for _, test := range []struct {
		args []string
		want []int
	}{
		{nil, []int{0, 1, 2, 3}},
		{[]string{"--verdict", "rejected,dead"}, []int{1, 2}},
		{[]string{"--verdict", "clean", "--verdict", "clean"}, []int{0}},
		{[]string{"--kind", "roster"}, []int{3}},
		{[]string{"--flag", "bad_checksum,not_found"}, []int{1, 3}},
		{[]string{"--npi", "1234567893"}, []int{0, 1}},
		{[]string{"--npi", "1234567893", "--flag", "bad_checksum"}, nil}, // the flag is another provider's
		{[]string{"--id", "c2"}, []int{1}},
	} {
		args := append([]string{"watch", "--since", "all", "--json", "--for", "300ms"}, test.args...)
		if test.want != nil {
			args = append(args, "--count", fmt.Sprint(len(test.want)), "--for", "20s")
		}
		r := w.run("", args...)
		require.Zero(t, r.code, "%v: %s", test.args, r.err)
		var want []string
		for _, i := range test.want {
			want = append(want, string(all[i].AppendJSON(nil)))
		}
		assert.ElementsMatch(t, want, strings.FieldsFunc(r.out, func(c rune) bool { return c == '\n' }), "%v: exactly as stored", test.args)
	}
}

func TestWatchPrintsRows(t *testing.T) {
	w := newWorld(t)
	all := results()
	for i := range all[:3] {
		w.store(&all[i])
	}
	r := w.run("", "watch", "--since", "10m", "--count", "3")
	require.Zero(t, r.code, r.err)
	const at = "2026-10-26T08:00:00Z\t"
	assert.Equal(t, at+"c1\tbilling\t1234567893\tACME[2J CLINIC\tclean\t-\n"+
		at+"c2\tbilling\t1234567890\t-\trejected\tbad_checksum\n"+
		at+"c2\tbilling\t1234567893\tACME CLINIC\trejected\t-\n"+
		at+"#3\t-\t-\t-\tdead\tnot valid JSON\n", r.out)

	none := w.run("", "watch", "--count", "5", "--for", "200ms", "--since", "all")
	assert.Equal(t, 1, none.code)
	assert.Contains(t, none.err, "only 3 of 5 results came in 200ms")
	assert.Zero(t, w.run("", "watch", "--since", time.Now().Add(time.Hour).Format(time.RFC3339), "--for", "50ms").code)
}

// TestWatchGoesOn follows only what is new, through a restart of the server,
// until it is stopped.
func TestWatchGoesOn(t *testing.T) {
	w := newWorld(t)
	all := results()
	w.store(&all[0]) // old by the time it watches
	ctx, stop := context.WithCancel(t.Context())
	before := w.readers()
	done := w.begin(ctx, nil, "watch", "--json", "--count", "3")
	w.awaitReaders(before)
	w.store(&all[1])
	w.stop()
	w.restart()
	require.Eventually(t, w.nc.IsConnected, 10*time.Second, time.Millisecond)
	w.store(&all[2])
	w.store(&all[3])
	r := w.ends(done)
	stop()
	require.Zero(t, r.code, r.err)
	var want []string
	for i := range all[1:] {
		want = append(want, string(all[1+i].AppendJSON(nil)))
	}
	assert.ElementsMatch(t, want, strings.Split(strings.TrimSpace(r.out), "\n"))

	ctx, stop = context.WithCancel(t.Context())
	before = w.readers()
	done = w.begin(ctx, nil, "watch")
	w.awaitReaders(before)
	stop()
	assert.Zero(t, w.ends(done).code, "to be stopped is how it ends")
}

// readers are the consumers of the results streams.
func (w *world) readers() map[string]bool {
	all := map[string]bool{}
	for _, l := range assembly.Topology(config.Default()).LaneList() {
		s, err := w.js.Stream(w.t.Context(), l.Stream)
		if err != nil {
			continue
		}
		for name := range s.ConsumerNames(w.t.Context()).Name() {
			all[l.Stream+" "+name] = true
		}
	}
	return all
}

// awaitReaders waits until every results stream has a reader that is not one
// of before.
func (w *world) awaitReaders(before map[string]bool) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		read := map[string]bool{}
		for r := range w.readers() {
			if name, _, _ := strings.Cut(r, " "); !before[r] {
				read[name] = true
			}
		}
		return len(read) == 3
	}, 10*time.Second, 5*time.Millisecond)
}

func TestTableOnATerminal(t *testing.T) {
	var b bytes.Buffer
	tab := &table{w: &b, terminal: true, colours: true, columns: resultColumns}
	require.NoError(t, tab.header())
	r := results()[1]
	r.ID = strings.Repeat("é", 30)
	require.NoError(t, tab.result(&r))
	lines := strings.Split(b.String(), "\n")
	assert.Equal(t, "TIME                  RECORD                ROLE               NPI         PROVIDER                        VERDICT     FLAGS", lines[0])
	assert.Equal(t, "2026-10-26T08:00:00Z  "+strings.Repeat("é", 19)+"…  billing            1234567890  -                               \x1b[31mrejected  \x1b[0m  bad_checksum", lines[1])
	for _, v := range record.Verdicts {
		assert.NotEmpty(t, colour(v))
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("ACME\x1b]0;title\x07")
	f.Add("\u202eevil\u2028\xff\t\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range assembly.Printable(s) {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u202e' {
				t.Fatalf("%q keeps %q", s, r)
			}
		}
	})
}

func TestResultsSurviveTheWire(t *testing.T) {
	for _, r := range results() {
		var back record.Result
		require.NoError(t, json.Unmarshal(r.AppendJSON(nil), &back))
		assert.Equal(t, rows(&r), rows(&back))
	}
}
