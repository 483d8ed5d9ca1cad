package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/broker"
)

const (
	aClaim  = `{"id":"c1","providers":[{"role":"billing","npi":"1234567893"}]}`
	aRoster = `{"id":"r1","npi":"1234567893"}`
)

func TestPublishingAFileTwiceAddsNothing(t *testing.T) {
	w := newWorld(t)
	file := w.file("in.ndjson", aClaim+"\n"+aRoster+"\n"+aClaim+"\n")

	first := w.run("", "publish", file)
	require.Zero(t, first.code, first.err)
	assert.Contains(t, first.out, "published 3, of them 0 already there")
	again := w.run("", "publish", file)
	require.Zero(t, again.code, again.err)
	assert.Contains(t, again.out, "published 3, of them 3 already there")

	assert.Equal(t, []string{
		"npi.records.claim " + aClaim, "npi.records.roster " + aRoster,
		"npi.records.claim " + aClaim, // equal documents at two places are two records
	}, w.bodies("NPI_RECORDS"))
	for _, m := range w.messages("NPI_RECORDS") {
		assert.Equal(t, "application/json", m.Header.Get("Content-Type"))
		assert.Len(t, m.Header.Get(nats.MsgIdHdr), 32)
	}
}

func TestPublishTakes(t *testing.T) {
	w := newWorld(t)
	laidOut := "{\n  \"id\": \"c1\",\n  \"patient\": \"SECRETDOE\",\n  \"providers\": [{\"role\":\"billing\",\"npi\":1234567893}]\n}"
	for _, test := range []struct {
		name, text string
		args       []string
		stored     []string
	}{
		{"one document on one line", aClaim, nil, []string{"npi.records.claim " + aClaim}},
		{"one document laid out for people", laidOut + "\n", nil, []string{"npi.records.claim " + aClaim}},
		{"several of them", laidOut + "\n" + aRoster, nil, []string{"npi.records.claim " + aClaim, "npi.records.roster " + aRoster}},
		{"an array", "[" + aClaim + ",\n " + laidOut + "]", nil, []string{"npi.records.claim " + aClaim, "npi.records.claim " + aClaim}},
		{"an empty array", "[]", nil, nil},
		{"nothing", "", nil, nil},
		{"lines with blank ones, CRLF and a byte order mark", "\xef\xbb\xbf" + aClaim + "\r\n\r\n" + aRoster, nil, []string{"npi.records.claim " + aClaim, "npi.records.roster " + aRoster}},
		{"a kind and a source", `{"id":"r1","npi":"1234567893"}`, []string{"--kind", "roster", "--source", "acme"}, []string{"npi.records.roster.acme " + aRoster}},
		{"a roster", "NPI,Last Name\n1234567893,ROE\n", nil, []string{`npi.records.roster {"id":"row-2","npi":"1234567893","last_name":"ROE"}`}},
		{"only one kind", "NPI,Last Name\n1234567893,ROE\n", []string{"--kind", "claim"}, nil},
		{"documents as they stand", laidOut, []string{"--raw"}, []string{"npi.records.claim " + laidOut}},
		{"a file as it stands", "NPI,Last Name\n1234567893,ROE\n", []string{"--raw"}, []string{"npi.records.roster NPI,Last Name\n1234567893,ROE\n"}},
		{"what is no record, by force", "nonsense\n[1]\n" + aClaim, []string{"--kind", "claim", "--force"}, []string{"npi.records.claim nonsense", "npi.records.claim [1]", "npi.records.claim " + aClaim}},
		{"a document cut off, by force", "{\n \"id\": \"x\",", []string{"--kind", "claim", "--force"}, []string{"npi.records.claim {\n \"id\": \"x\","}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := w.js.Stream(t.Context(), "NPI_RECORDS")
			require.NoError(t, err)
			require.NoError(t, s.Purge(t.Context()))
			r := w.run(test.text, append([]string{"publish", "-", "--source", fmt.Sprint("s", len(test.name))}, test.args...)...)
			require.Zero(t, r.code, r.err)
			var stored []string
			for _, m := range w.messages("NPI_RECORDS") {
				stored = append(stored, strings.Replace(m.Subject, fmt.Sprint(".s", len(test.name)), "", 1)+" "+string(m.Data))
			}
			assert.Equal(t, test.stored, stored)
		})
	}
}

func TestPublishNamesWhatItRefuses(t *testing.T) {
	w := newWorld(t)
	file := w.file("bad.ndjson", strings.Join([]string{
		aClaim, `{"id":"c2","prov`, `["not","an","object"]`, "", `{"id":"c3"}`, `{"id":"é` + "\xff" + `"}`, `{} {}`, aRoster, `{"id":"c4","providers":[]}`,
	}, "\n"))
	r := w.run("", "publish", file)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.out, "published 2,")
	for _, want := range []string{
		"6 records or files could not be read or published", "bad.ndjson: line 2: not valid JSON near its byte", "bad.ndjson: line 3: not a JSON object",
		"bad.ndjson: line 5: neither providers", "bad.ndjson: line 6: not valid JSON", "bad.ndjson: line 7: more than one JSON value", "bad.ndjson: line 9: /providers is missing or empty",
	} {
		assert.Contains(t, r.err, want)
	}
	assert.NotContains(t, r.err, "c2", "no payload in an error")
	assert.Len(t, w.messages("NPI_RECORDS"), 2, "the good ones are published all the same")

	many := w.run(strings.Repeat("{x}\n", 1000), "publish", "-")
	assert.Equal(t, 1, many.code)
	assert.Contains(t, many.err, "standard input: the same at 990 more places")

	none := w.run(strings.Repeat("x\n", 1000), "publish", "-")
	assert.Equal(t, 1, none.code)
	assert.Contains(t, none.err, "standard input: none of the formats that are known")

	array := w.run("[\n"+aRoster+",\n{\"id\": tru}\n]", "publish", "-")
	assert.Equal(t, 1, array.code)
	assert.Contains(t, array.err, "standard input: line 3: not valid JSON; nothing after it was read")
}

// TestPublishHugeLines: what is as large as the server takes is stored, and
// what is larger is refused before it is sent.
func TestPublishHugeLines(t *testing.T) {
	w := newWorld(t)
	most := int(w.nc.MaxPayload()) - 1024
	exact := `{"id":"big","providers":[],"x":"` + strings.Repeat("x", most-len(`{"id":"big","providers":[],"x":""}`)) + `"}`
	require.Len(t, exact, most)
	r := w.run(exact+"\n"+aRoster+"\n"+exact[:most-2]+`xx"}`, "publish", "-", "--raw", "--json")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.err, fmt.Sprintf("standard input: line 3: more than %d bytes", most))
	var sum tally
	require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
	assert.Equal(t, 2, sum.Published)
	assert.Equal(t, 1, sum.Refused)
	assert.Len(t, w.messages("NPI_RECORDS"), 2)
}

// TestPublishThroughARestart takes the server away in the middle: everything
// is stored in the end, each once.
func TestPublishThroughARestart(t *testing.T) {
	w := newWorld(t)
	in, feed := io.Pipe()
	done := w.begin(t.Context(), in, "publish", "-", "--json")
	line := func(i int) string { return fmt.Sprintf(`{"id":"c%d","providers":[{"role":"billing"}]}`, i) }
	put := func(from, to int) {
		for i := from; i < to; i++ {
			_, err := io.WriteString(feed, line(i)+"\n")
			require.NoError(t, err)
		}
	}
	put(0, 500)
	require.Eventually(t, func() bool { return w.stream("NPI_RECORDS").Msgs > 100 }, 10*time.Second, time.Millisecond)
	w.stop()
	put(500, 700) // into the void, at least the last of them
	w.restart()
	put(700, 2500)
	require.NoError(t, feed.Close())

	r := w.ends(done)
	require.Zero(t, r.code, r.err)
	var sum tally
	require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
	assert.Equal(t, 2500, sum.Published)
	require.Eventually(t, w.nc.IsConnected, 10*time.Second, time.Millisecond)
	bodies := w.bodies("NPI_RECORDS")
	require.Len(t, bodies, 2500)
	for i, b := range bodies {
		require.Equal(t, "npi.records.claim "+line(i), b, "in the order of the file")
	}
}

func TestPublishGivesUp(t *testing.T) {
	w := newWorld(t)
	in, feed := io.Pipe()
	done := w.begin(t.Context(), in, "publish", "-", "--timeout", "300ms")
	_, err := io.WriteString(feed, aClaim+"\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return w.stream("NPI_RECORDS").Msgs == 1 }, 10*time.Second, time.Millisecond)
	w.stop()
	_, err = io.WriteString(feed, aRoster+"\n")
	require.NoError(t, err)
	require.NoError(t, feed.Close())
	r := w.ends(done)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.err, "the server stored nothing for 300ms")
	assert.Contains(t, r.err, "of the last 1 messages, from standard input: line 2 on")
	w.restart() // for the cleanup
}

// TestPublishIsInterrupted while it waits for a pipe on which nothing comes.
func TestPublishIsInterrupted(t *testing.T) {
	w := newWorld(t)
	in, feed := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	done := w.begin(ctx, in, "publish", "-")
	_, err := io.WriteString(feed, aClaim+"\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return w.stream("NPI_RECORDS").Msgs == 1 }, 10*time.Second, time.Millisecond)
	interrupt()
	r := w.ends(done)
	require.NoError(t, feed.Close())
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.out, "published 1,")
	assert.Contains(t, r.err, "interrupted; run the same again")
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"publsh"}, {"publish"}, {"publish", "--nonsense"}, {"publish", "/does/not/exist"}, {"publish", t.TempDir()}, {"publish", "/does/*/not"},
		{"publish", "-", "--out", "x.pdf"}, {"publish", "-", "--fail-on", "x"}, {"publish", "-", "--fail-on", "clean"}, {"publish", "-", "--map", "/does/not/exist"},
		{"check"}, {"check", "-", "--server", "nats://127.0.0.1:1"}, {"check", "-", "--kind", "x"}, {"check", "-", "--config", "/does/not/exist"},
		{"decode"}, {"decode", "/does/not/exist"}, {"decode", "-", "--kind", "x"}, {"decode", "-", "--config", "/does/not/exist"},
		{"publish", "--kind", "bill", "-"}, {"publish", "--source", "a.b", "-"}, {"publish", "--source", "a*", "-"},
		{"publish", "--force", "-"}, {"publish", "--timeout", "0", "-"}, {"publish", "-", "--server", "not a url"}, {"publish", "-", "--config", "/does/not/exist"},
		{"watch", "more"}, {"watch", "--verdict", "good"}, {"watch", "--kind", "x"}, {"watch", "--flag", "x"},
		{"watch", "--npi", "123"}, {"watch", "--since", "yesterday"}, {"watch", "--count", "-1"},
		{"replay", "more"}, {"replay", "--from", "5", "--to", "4"}, {"replay", "--from", "5", "--since", "1h"},
		{"replay", "--run", "a b"}, {"replay", "--since", "1h", "--until", "2h"}, {"replay", "--kind", "x"}, {"replay", "--timeout", "0"},
	} {
		r := command(t.Context(), strings.NewReader(""), args...)
		assert.Equal(t, 2, r.code, "%v: %s", args, r.err)
		assert.NotEmpty(t, r.err)
	}
}

func TestHelpHasAnExample(t *testing.T) {
	for _, c := range []string{"check", "decode", "publish", "watch", "replay"} {
		r := command(t.Context(), nil, c, "--help")
		assert.Zero(t, r.code)
		assert.Contains(t, r.out, "Examples:\n  ")
		assert.Contains(t, r.out, "--server URL")
	}
}

func TestNoServer(t *testing.T) {
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	url := srv.URL()
	srv.Close() // nobody listens there any more
	for _, c := range [][]string{{"publish", "-"}, {"watch"}, {"replay"}} {
		r := command(t.Context(), strings.NewReader(aClaim), append(c, "--server", url)...)
		assert.Equal(t, 3, r.code)
		assert.Contains(t, r.err, url)
		assert.Contains(t, r.err, "is the server running")
	}
	t.Setenv("NPIFLOW_NATS_LISTEN", strings.TrimPrefix(url, "nats://"))
	r := command(t.Context(), strings.NewReader(aClaim), "publish", "-")
	assert.Equal(t, 3, r.code)
	assert.Contains(t, r.err, "`worker run` starts one")
}

func TestNothingIsSetUp(t *testing.T) {
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	defer srv.Close()
	for _, c := range [][]string{{"publish", "-"}, {"watch"}, {"replay"}} {
		r := command(t.Context(), strings.NewReader(aClaim), append(c, "--server", srv.URL())...)
		assert.Equal(t, 1, r.code)
		assert.Contains(t, r.err, "start a worker, or run `worker setup`")
	}
}

func TestOccurrences(t *testing.T) {
	var one, other occurrences
	a, b := one.id("s", []byte("x")), one.id("s", []byte("x"))
	assert.NotEqual(t, a, b, "the same document twice is two")
	assert.Equal(t, a, other.id("s", []byte("x")), "the next run begins anew")
	assert.NotEqual(t, a, new(occurrences).id("t", []byte("x")), "another subject is another stream of records")
}
