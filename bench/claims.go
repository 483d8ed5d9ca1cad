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
	draw := pairs(n, seed)
	return func(i int) []byte {
		o, p := draw()
		return claim(i, o, p)
	}
}

// pairs draws the providers of such claims: an organization and a person.
func pairs(n int, seed uint64) func() (o, p record.NPI) {
	r := rand.New(rand.NewPCG(seed, 0))
	p := populate(r, 1000, 4000)
	organization := rand.NewZipf(r, 1.1, 1, uint64(len(p.organizations)-1))
	person := rand.NewZipf(r, 1.1, 1, uint64(len(p.people)-1))
	return func() (record.NPI, record.NPI) {
		return p.organizations[organization.Uint64()], p.people[person.Uint64()]
	}
}

// interchange makes the i-th of so many 837 professional interchanges, of so
// many claims each, which say what the native claims say.
func interchange(i, claims int, draw func() (o, p record.NPI)) []byte {
	b := fmt.Appendf(make([]byte, 0, 800*claims), "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*0900*^*00501*%09d*0*P*:~GS*HC*SENDER*RECEIVER*20260101*0900*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*%d*20260101*0900*CH~NM1*41*2*CLEARINGHOUSE*****46*12345~NM1*40*2*PAYER*****46*54321~", i, i)
	for c := range claims {
		n := i*claims + c
		organization, person := draw()
		o, p := mirror.SyntheticName(organization), mirror.SyntheticName(person)
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n%300).Format("20060102")
		b = fmt.Appendf(b, "HL*%d**20*1~NM1*85*2*%s*****XX*%s~N3*1 MAIN ST~N4*NEW YORK*NY*10001~REF*EI*123456789~HL*%d*%d*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*JANE****MI*W%08d~DMG*D8*19700101*F~NM1*PR*2*PAYER*****PI*%05d~CLM*clm-%08d*%d***11:B:1*Y*A*Y*Y~HI*ABK:E119*ABF:I10~NM1*82*1*%s*%s****XX*%s~LX*1~SV1*HC:99213*%d*UN*1***1~DTP*472*D8*%s~",
			2*c+1, o.Organization, organization, 2*c+2, 2*c+1, n, n%90000, n, 80+n%400, p.Last, p.First, person, 80+n%400, day)
	}
	segments := 5 + 16*claims // ST to SE
	return fmt.Appendf(b, "SE*%d*0001~GE*1*1~IEA*1*%09d~", segments, i)
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
