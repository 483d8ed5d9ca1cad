package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// population is the providers claims speak of, each number once.
type population struct{ organizations, people []record.NPI }

// populate draws so many of both kinds from the sound numbers.
func populate(r *rand.Rand, organizations, people int) (p population) {
	taken := map[record.NPI]bool{}
	for len(p.organizations) < organizations || len(p.people) < people {
		npi := record.NPI(1_000_000_000 + r.Uint64N(1_000_000_000))
		if !checksum.Valid(npi) || taken[npi] {
			continue
		}
		taken[npi] = true
		if mirror.SyntheticName(npi).Organization == "" {
			p.people = appendUpTo(p.people, npi, people)
		} else {
			p.organizations = appendUpTo(p.organizations, npi, organizations)
		}
	}
	return p
}

func appendUpTo(to []record.NPI, npi record.NPI, most int) []record.NPI {
	if len(to) == most {
		return to
	}
	return append(to, npi)
}

// claim makes the i-th claim: a document of about 500 bytes with what real
// ones carry besides their providers, all of it made up, and the two providers
// under the names the registry has for them.
func claim(i int, organization, person record.NPI) []byte {
	return claimOf(i, organization, person, mirror.SyntheticName(organization), mirror.SyntheticName(person))
}

func claimOf(i int, organization, person record.NPI, o, p record.Name) []byte {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i%300).Format(time.DateOnly)
	return fmt.Appendf(make([]byte, 0, 560), `{"id":"clm-%08d","type":"professional","service_from":"%s","service_to":"%s",`+
		`"payer":"%05d","charge":"%d.00","diagnoses":["E11.9","I10"],"providers":[`+
		`{"role":"billing","npi":"%s","entity":"organization","organization_name":%s},`+
		`{"role":"rendering","npi":"%s","entity":"person","first_name":%s,"last_name":%s}],`+
		`"lines":[{"number":1,"procedure":"99213","units":1,"charge":"%d.00","place":"11"}]}`,
		i, day, day, i%90000, 80+i%400, organization, quoted(o.Organization), person, quoted(p.First), quoted(p.Last), 80+i%400)
}

func quoted(s string) []byte {
	b, _ := jsontext.AppendQuote(nil, s) // invalid UTF-8 is replaced, which is all the error says
	return b
}

// zipf gives n claims whose providers come from a population of 5,000, a fifth
// of them organizations: some are everywhere and many are rare.
func zipf(n int, seed uint64) func(i int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	p := populate(r, 1000, 4000)
	organization := rand.NewZipf(r, 1.1, 1, uint64(len(p.organizations)-1))
	person := rand.NewZipf(r, 1.1, 1, uint64(len(p.people)-1))
	return func(i int) []byte {
		return claim(i, p.organizations[organization.Uint64()], p.people[person.Uint64()])
	}
}

// load puts claims made by claim(0) to claim(n-1) into a new input stream, as
// quickly as the library can.
func load(ctx context.Context, url string, n int, claim func(int) []byte) error {
	nc, err := nats.Connect(url)
	if err != nil {
		return err
	}
	defer nc.Close()
	refused := make(chan error, 1)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, _ *nats.Msg, err error) {
		select {
		case refused <- err:
		default:
		}
	}))
	if err != nil {
		return err
	}
	if _, _, err := broker.Setup(ctx, js, topology, false); err != nil {
		return err
	}
	for i := range n {
		if _, err := js.PublishAsync(inputSubject, claim(i), jetstream.WithStallWait(10*time.Second)); err != nil {
			return fmt.Errorf("publish claim %d: %w", i, err)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-refused:
		return fmt.Errorf("publish claims: %w", err)
	default:
	}
	s, err := js.Stream(ctx, inputStream)
	if err != nil {
		return err
	}
	if have := s.CachedInfo().State.Msgs; have != uint64(n) {
		return errors.New(fmt.Sprint("the input stream holds ", have, " claims, not ", n))
	}
	return nil
}
